import { unwrittenIn } from '../../analysis/named-values.ts';
import { credentialsSent } from '../../analysis/sent-credentials.ts';
import { hitsByStep } from '../../analysis/step-hits.ts';
import { secretsOfStep } from '../../drone/secret-use.ts';
import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'credentials-sent-out',
  on: 'pipeline',
  severity: 'high',
  confidence: 'medium',
  title: "Build's credentials are sent to another host",
  why: "The environment of a step holds its secrets and, in most installations, the credential that clones the repository. A credential file or the answer of a cloud's metadata service opens even more. Whoever runs the other host can use all of it, and over plain HTTP so can everyone on the way.",
  fix: `Remove the command. If it has run, replace every secret that the step could read, the clone credential included, and look for their use in the meantime.

If the host is yours and is meant to get this, name it:

\`\`\`yaml
# drone-audit.yml
site:
  secretHosts: [collector.example.com]
\`\`\``,
  refs: [
    'drone-runners/drone-runner-docker engine/compiler/compiler.go:260-292',
    'https://docs.drone.io/pipeline/environment/reference/drone-netrc-password/',
    'https://owasp.org/www-project-top-10-ci-cd-security-risks/',
  ],
  standards: { owasp: ['CICD-SEC-6'], cwe: ['CWE-200', 'CWE-522'] },
  since: '0.1.0',
  *judge(pipeline, { site }) {
    yield* hitsByStep(pipeline, 'high', function* (step) {
      const hasSecrets = secretsOfStep(pipeline, step).length > 0;
      for (const { command, what, host, isExposed } of credentialsSent(pipeline, step, site))
        yield {
          at: command.at,
          message: say`step "${step.name}" sends ${what} to "${host}"`,
          fills: { 'collector.example.com': host },
          about: unwrittenIn(pipeline, step, command, [host]),
          severity: hasSecrets || isExposed ? 'critical' : 'high',
        };
    });
  },
});
