import { isKeptFromPullRequests } from '../../analysis/secret-release.ts';
import { secretsOf } from '../../analysis/step-assets.ts';
import { type Deployment, deploymentsOf, isAutoTagged } from '../../drone/deployment.ts';
import { type Pipeline, type Step, subjectOf } from '../../model/pipeline.ts';
import { rule, say, type Text } from '../../model/rule.ts';
import { credentialEnding } from '../../secrets/names.ts';

export default rule({
  id: 'publish-on-pull-request',
  on: 'pipeline',
  severity: 'high',
  confidence: 'high',
  title: 'Pull requests can publish',
  why: 'If the credential is released to pull requests, a pull request can replace the image, package or release that everyone installs. If not, the step fails or does nothing useful.',
  fix: 'Publish only what is merged or tagged:\n\n```yaml conditions\nevent: [push]\nbranch: [main]\n```\n\nFor tags as well, use `ref` in place of `branch`, because a tag usually has no branch:\n\n```yaml refs\nevent: [push, tag]\nref: [refs/heads/main, refs/tags/**]\n```\n\nImage plugins can still build pull requests, in a step of their own with `dry_run: true`.',
  refs: [
    'https://docs.drone.io/pipeline/docker/syntax/conditions/#by-event',
    'https://docs.drone.io/secret/repository/',
    'drone/runner-go secret/static.go:53',
  ],
  standards: { owasp: ['CICD-SEC-1', 'CICD-SEC-9'] },
  since: '0.1.0',
  effort: 'minutes',
  *judge(pipeline, context) {
    for (const step of pipeline.steps) {
      const [publication] = deploymentsOf(step).filter(isPublication);
      if (!publication || !step.reach.pullRequest || isAutoTagged(step) || asksForTheEvent(step)) continue;
      const secrets = secretsOf(pipeline, step);
      if (secrets.length === 0 && !hasPassword(step)) continue;
      const isKept = secrets.length > 0 && secrets.every((name) => isKeptFromPullRequests(name, pipeline, context));
      yield {
        at: publication.at,
        subject: subjectOf(step),
        about: targetOf(step),
        message: say`step "${step.name}" publishes (${publication.what}) for pull requests too${whyOpen(pipeline, step)}`,
        severity: isKept ? 'low' : undefined,
        reach: step.reach,
        related: step.reach.because ? [{ at: step.reach.because, message: step.reach.reason }] : [],
      };
    }
  },
});

function isPublication({ does, by }: Deployment): boolean {
  return by !== 'name' && (does === 'image' || does === 'package' || does === 'release');
}

/** Where it publishes to, as far as the settings say so. */
function targetOf({ settings }: Step): string | undefined {
  const target = settings.flatMap(({ name, text }) =>
    text && /^(?:registry|repo|endpoint|url|server|host|bucket)$/i.test(name.value) ? [text.value] : [],
  );
  return target.length > 0 ? target.join('\n') : undefined;
}

/** A credential that is written out. */
function hasPassword({ settings, environment }: Step): boolean {
  return [...settings, ...environment].some(
    ({ name, text }) => text && text.value !== '' && credentialEnding.test(name.value),
  );
}

/** A script that looks at the event decides for itself. */
function asksForTheEvent({ commands }: Step): boolean {
  return commands.some(
    ({ value }) =>
      /\b(?:DRONE_BUILD_EVENT|CI_BUILD_EVENT|DRONE_PULL_REQUEST|DRONE_TAG)\b/.test(value) &&
      /\b(?:if|case|test)\b|\[/.test(value),
  );
}

function whyOpen(pipeline: Pipeline, step: Step): Text {
  return step.when || pipeline.trigger ? say`: ${step.reach.reason}` : say``;
}
