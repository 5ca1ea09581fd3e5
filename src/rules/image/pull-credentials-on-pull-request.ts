import { releaseToPullRequests } from '../../analysis/secret-release.ts';
import { secretsOfPipeline } from '../../drone/secret-use.ts';
import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'pull-credentials-on-pull-request',
  on: 'pipeline',
  severity: 'low',
  confidence: 'medium',
  title: 'Registry credentials serve pull requests',
  why: 'The runner uses these credentials for every image of the registry that a step names. If the secret is released to pull requests, anyone who opens one can run any private image of that registry and read what is in it.',
  fix: 'Keep this pipeline off pull requests:\n\n```yaml conditions\nevent: [push]\n```\n\nList the other events that it is used for as well. Where pull requests need a private image, use an account that can pull only that, and accept the finding with `# drone-audit: ignore[pull-credentials-on-pull-request] can pull one image only` above the line.',
  refs: [
    'https://docs.drone.io/pipeline/docker/syntax/images/#pulling-private-images',
    'drone-runners/drone-runner-docker engine/compiler/compiler.go:436',
  ],
  standards: { owasp: ['CICD-SEC-6'] },
  since: '0.1.0',
  *judge(pipeline, context) {
    if (!pipeline.reach.pullRequest || (pipeline.type !== 'docker' && pipeline.type !== 'kubernetes')) return;
    for (const use of secretsOfPipeline(pipeline)) {
      if (use.by !== 'image_pull_secrets') continue;
      const release = releaseToPullRequests(use, pipeline, context);
      if (release === 'never') continue;
      yield {
        at: use.at,
        subject: `image_pull_secrets ${use.name}`,
        message: say`registry credentials "${use.name}" ${release === 'flagged' ? say`are released` : say`may be released`} to pull requests`,
        severity: release === 'flagged' ? 'medium' : undefined,
        reach: pipeline.reach,
        related: pipeline.reach.because ? [{ at: pipeline.reach.because, message: pipeline.reach.reason }] : [],
      };
    }
  },
});
