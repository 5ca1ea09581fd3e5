import { valueFault } from '../../analysis/setting-state.ts';
import { protections } from '../../facts/protections.ts';
import { isSecretName } from '../../facts/settings.ts';
import { ownWords, rule, say } from '../../model/rule.ts';

export default rule({
  id: 'invalid-setting-value',
  on: 'settings',
  severity: 'low',
  confidence: 'high',
  title: 'Value cannot be parsed: the process will not start',
  why: 'The process stops with an error that repeats the value; for `DRONE_RUNNER_SECRETS` that puts a secret in the log. An empty variable counts as set: an empty text does not stop the process, but replaces the default (links such as `://ci.example.com`). Whoever removes the line to get going again loses what it was meant to protect.',
  fix: `Write the value as Go reads it, or remove an empty variable:

| kind | examples |
| --- | --- |
| switch | \`true\`, \`false\` (not yes, on, enabled) |
| duration | \`30m\`, \`720h\` (not 30) |
| map | \`NAME:VALUE,NAME:VALUE\`, one colon each; no value can hold a colon or a comma |
| listener | \`:8080\` (not tcp://) |
| database driver | \`sqlite3\`, \`mysql\`, \`postgres\` |

Docker takes the quotes of an \`--env-file\` as part of the value. Volumes of the docker and kubernetes runners are written \`/host:/container\`, without \`:ro\`.`,
  refs: [
    'kelseyhightower/envconfig envconfig.go (processField)',
    'harness/drone cmd/drone-server/main.go:47-51',
    'harness/drone cmd/drone-server/config/config.go:591-596',
    'harness/drone store/shared/db/conn.go:22-23',
  ],
  standards: { owasp: ['CICD-SEC-7'] },
  since: '0.1.0',
  *judge(settings) {
    for (const variable of settings.variables.values()) {
      const { name, value = '', via, at } = variable;
      const fault = valueFault(settings, variable);
      if (!fault) continue;
      const consequence = fault.stops ? 'does not start' : 'runs without the default';
      yield {
        at,
        subject: name,
        message: say`${settings.label} ${ownWords(consequence)}: "${via ?? name}" ${shown(name, value)}${fault.because}`,
        severity: protections.has(name) ? 'medium' : undefined,
      };
    }
  },
});

/** The value for messages, where it is short and cannot be a secret. */
function shown(name: string, value: string): string {
  return isSecretName(name) === 'no' && /^[\x20-\x21\x23-\x7e]{1,40}$/.test(value) ? `("${value}") ` : '';
}
