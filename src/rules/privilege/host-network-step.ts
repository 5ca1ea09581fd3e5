import { trustOf } from '../../drone/server-repository.ts';
import { allSteps, subjectOf } from '../../model/pipeline.ts';
import { rule, say, trustSeverity } from '../../model/rule.ts';

export default rule({
  id: 'host-network-step',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'high',
  title: 'Step leaves the pipeline network',
  why: "On the host network a step can reach everything that listens on the host's localhost (the Docker API, databases) and the metadata service of the cloud. On a named network it can reach whatever else is attached to it.",
  fix: "Remove `network_mode`. What listens on the host's own localhost is then out of reach. Steps reach services of their pipeline by name, here `database:5432`:\n\n```yaml pipeline\nservices:\n  - name: database\n    image: postgres:17.6@sha256:...\n```",
  refs: [
    'https://docs.drone.io/pipeline/docker/syntax/steps/',
    'drone-runners/drone-runner-docker engine/linter/linter.go:100-179',
  ],
  standards: { owasp: ['CICD-SEC-5'], cisDocker: { version: '1.6.0', ids: ['5.10'] }, cwe: ['CWE-250'] },
  since: '0.1.0',
  *judge(pipeline, context) {
    if (pipeline.type !== 'docker') return;
    for (const step of allSteps(pipeline)) {
      const mode = step.networkMode;
      if (!mode || mode.value === '' || mode.value === 'none') continue;
      const isHost = mode.value === 'host';
      const where = isHost
        ? 'the network of the host'
        : mode.value.startsWith('container:')
          ? 'the network of another container'
          : `network "${mode.value}"`;
      yield {
        at: mode.at,
        subject: subjectOf(step),
        message: say`"${step.name}" runs in ${where}${step.reach.pullRequest ? say`, even for pull requests` : ''}`,
        severity: trustSeverity(
          trustOf(pipeline, context),
          isHost || mode.value.startsWith('container:') ? 'high' : 'medium',
        ),
        reach: step.reach,
      };
    }
  },
});
