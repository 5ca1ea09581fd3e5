import { isPrivileged } from '../../analysis/step-privilege.ts';
import { allSteps, subjectOf } from '../../model/pipeline.ts';
import { ownWords, rule, say, trustSeverity } from '../../model/rule.ts';

export default rule({
  id: 'privileged-step',
  on: 'pipeline',
  severity: 'high',
  confidence: 'high',
  title: 'Step runs privileged',
  why: 'A privileged container is root on the runner, with all builds and secrets that pass through it. In an untrusted repository the runner refuses the build; in a trusted one a pull request from a fork is trusted too.',
  fix: 'Build images with kaniko, which needs no privileges:\n\n```yaml step\nimage: plugins/kaniko:1.13.9@sha256:...\nsettings:\n  repo: registry.example.com/app\n```\n\nIf the step must stay, give these builds a runner of their own, keep the step off pull requests and accept the finding:\n\n```yaml step\nprivileged: true # drone-audit: ignore[privileged-step] builds merged code only\nwhen:\n  event: [push, tag]\n```',
  refs: [
    'https://docs.drone.io/pipeline/docker/syntax/steps/#privileged-mode',
    'drone-runners/drone-runner-docker engine/linter/linter.go:100-179',
  ],
  standards: { owasp: ['CICD-SEC-5'], cisDocker: { version: '1.6.0', ids: ['5.5'] }, cwe: ['CWE-250'] },
  since: '0.1.0',
  *judge(pipeline, { site }) {
    for (const step of allSteps(pipeline)) {
      if (!step.privileged || !isPrivileged(pipeline, step)) continue;
      const what = step.section === 'services' ? 'service' : 'step';
      yield {
        at: step.privileged.at,
        subject: subjectOf(step),
        message: say`${ownWords(what)} "${step.name}" runs privileged${step.reach.pullRequest ? say`, even for pull requests` : ''}`,
        severity: trustSeverity(site.trust, step.reach.pullRequest ? 'critical' : 'high'),
        reach: step.reach,
        related:
          step.reach.pullRequest && step.reach.because ? [{ at: step.reach.because, message: step.reach.reason }] : [],
      };
    }
  },
});
