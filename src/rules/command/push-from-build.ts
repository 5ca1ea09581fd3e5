import { releaseToPullRequests } from '../../analysis/secret-release.ts';
import { commandsWith, hitsByStep } from '../../analysis/step-hits.ts';
import { secretsOfStep } from '../../drone/secret-use.ts';
import { rule, type Severity, say } from '../../model/rule.ts';
import { commandWrite, pluginWrite } from './_repository-writes.ts';

export default rule({
  id: 'push-from-build',
  on: 'pipeline',
  severity: 'low',
  confidence: 'medium',
  title: 'Build writes to its repository',
  why: 'The credential that pushes can change branches, even protected ones if it belongs to an administrator, and everything that runs in this step can use it. A build that merges or approves removes the second pair of eyes.',
  fix: 'Push with a deploy key or token that may write to one branch only, and keep the step off pull requests:\n\n```yaml conditions\nevent: [push]\nbranch: [main]\n```\n\nAccept what remains with `# drone-audit: ignore[push-from-build] may write to one branch only` above the line. Leave merging and approving to people.',
  refs: [
    'https://docs.drone.io/pipeline/docker/syntax/conditions/#by-event',
    'https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-01-Insufficient-Flow-Control-Mechanisms',
    'drone/runner-go@d12a958 secret/encrypted.go:47, secret/external.go:81',
  ],
  standards: { owasp: ['CICD-SEC-1', 'CICD-SEC-5'] },
  since: '0.1.0',
  *judge(pipeline, context) {
    yield* hitsByStep(pipeline, 'low', function* (step) {
      // What pull requests get: a stored one that is flagged; for one that the file itself declares, the runner checks no flag.
      const secrets = step.reach.pullRequest ? secretsOfStep(pipeline, step) : [];
      const released = secrets.find(
        (use) => use.origin !== 'stored' || releaseToPullRequests(use, pipeline, context) === 'flagged',
      );
      const writes = [
        pluginWrite(step),
        ...commandsWith(pipeline, step, [
          ['git', 'push'],
          ['gh', 'pr'],
        ]).map((command) => commandWrite(command, step)),
      ];
      for (const write of writes) {
        if (!write) continue;
        const severity: Severity = released ? 'high' : write.isMerge ? 'medium' : write.isPages ? 'info' : 'low';
        yield {
          at: write.at,
          message: say`${write.what}${released ? say`, for pull requests too, with secret "${released.name}"` : ''}`,
          severity,
        };
      }
    });
  },
});
