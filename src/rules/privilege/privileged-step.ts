import { type EngineUse, engineUseOf } from '../../analysis/engine-use.ts';
import { isPrivileged } from '../../analysis/step-privilege.ts';
import { trustOf } from '../../drone/server-repository.ts';
import { daemonImage } from '../../facts/general-images.ts';
import { allSteps, type Pipeline, type Step, subjectOf } from '../../model/pipeline.ts';
import { ownWords, rule, say, trustSeverity } from '../../model/rule.ts';

const keep =
  '```yaml step\nprivileged: true # drone-audit: ignore[privileged-step] builds merged code only\nwhen:\n  event: [push, tag]\n```';

/** Before 1.0 a service has no volume to share its certificates through. */
const withTls = ', with TLS between them (`drone-audit explain dind-without-tls` shows how)';

/** A daemon that becomes a builder leaves the steps that use it without one. */
const ofDaemon = `Keep the service and the steps that use it off pull requests${withTls}, and accept what remains, best on a runner of its own:

${keep}

Or replace the service and the step that builds with it by one step that needs no privileges: \`plugins/kaniko\`.`;

const ofService = `Remove \`privileged\`, or take an image that does without. If the service must stay as it is, give these builds a runner of their own, keep it off pull requests together with the steps that use it, and accept the finding:

${keep}`;

const kaniko =
  'Build images with kaniko, which needs no privileges:\n\n```yaml step\nimage: plugins/kaniko:1.13.9@sha256:...\nsettings:\n  repo: registry.example.com/app\n```';

const mustStay = `If the step must stay, give these builds a runner of their own, keep the step off pull requests and accept the finding:

${keep}`;

const fixes: Readonly<Record<EngineUse, string>> = {
  'builds images': `${kaniko}\n\n${mustStay}`,
  'not told': `Remove \`privileged\`, if nothing that the step runs needs it. ${kaniko}\n\n${mustStay}`,
  none: `Remove \`privileged\`: no command of the step builds an image or needs an engine. ${mustStay}`,
};

export default rule({
  id: 'privileged-step',
  on: 'pipeline',
  severity: 'high',
  confidence: 'high',
  title: 'Step runs privileged',
  why: 'A privileged container is root on the runner, with all builds and secrets that pass through it. In an untrusted repository the runner refuses the build; in a trusted one a pull request from a fork is trusted too.',
  fix: fixes['builds images'],
  refs: [
    'https://docs.drone.io/pipeline/docker/syntax/steps/#privileged-mode',
    'drone-runners/drone-runner-docker engine/linter/linter.go:100-179',
  ],
  standards: { owasp: ['CICD-SEC-5'], cisDocker: { version: '1.6.0', ids: ['5.5'] }, cwe: ['CWE-250'] },
  since: '0.1.0',
  effort: 'hours',
  *judge(pipeline, context) {
    for (const step of allSteps(pipeline)) {
      if (!step.privileged || !isPrivileged(pipeline, step)) continue;
      const what = step.section === 'services' ? 'service' : 'step';
      yield {
        at: step.privileged.at,
        subject: subjectOf(step),
        message: say`${ownWords(what)} "${step.name}" runs privileged${step.reach.pullRequest ? say`, even for pull requests` : ''}`,
        severity: trustSeverity(trustOf(pipeline, context), step.reach.pullRequest ? 'critical' : 'high'),
        fix: fixFor(pipeline, step),
        reach: step.reach,
        related:
          step.reach.pullRequest && step.reach.because ? [{ at: step.reach.because, message: step.reach.reason }] : [],
      };
    }
  },
});

function fixFor(pipeline: Pipeline, step: Step): string {
  if (step.section !== 'services') return fixes[engineUseOf(pipeline, step)];
  if (!isDaemon(step)) return ofService;
  return pipeline.legacy ? ofDaemon.replace(withTls, '') : ofDaemon;
}

function isDaemon({ image }: Step): boolean {
  const { name = '', tag = '' } = image?.value ?? {};
  const last = name.slice(name.lastIndexOf('/') + 1);
  return daemonImage.test(last) || (last === 'docker' && tag.includes('dind'));
}
