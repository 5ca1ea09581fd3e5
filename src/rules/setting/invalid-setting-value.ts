import { valueFault } from '../../analysis/setting-state.ts';
import { protections } from '../../facts/protections.ts';
import { isComponent, isSecretName, type SettingType, settingFor } from '../../facts/settings.ts';
import type { Variable } from '../../model/environment.ts';
import { ownWords, rule, say } from '../../model/rule.ts';
import type { Settings } from '../../model/settings.ts';

const list = `The kinds of values:

- switch: \`true\`, \`false\` (not yes, on, enabled)
- duration: \`30m\`, \`720h\` (not 30)
- map: \`NAME:VALUE,NAME:VALUE\`, one colon each; no value can hold a colon or a comma
- listener: \`:8080\` (not tcp://)
- database driver: \`sqlite3\`, \`mysql\`, \`postgres\`

Docker takes the quotes of an \`--env-file\` as part of the value. Volumes of the docker and kubernetes runners are written \`/host:/container\`, without \`:ro\`.`;

export default rule({
  id: 'invalid-setting-value',
  on: 'settings',
  severity: 'low',
  confidence: 'high',
  title: 'Value cannot be parsed: the process will not start',
  why: 'The process stops with an error that repeats the value; for `DRONE_RUNNER_SECRETS` that puts a secret in the log. An empty variable counts as set: an empty text does not stop the process, but replaces the default (links such as `://ci.example.com`). Whoever removes the line to get going again loses what it was meant to protect.',
  fix: `Write the value as Go reads it, or remove an empty variable. ${list}`,
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
        fix: `${taskFor(variable, settings)} ${list}`,
        fills: { DRONE_VARIABLE: via ?? name },
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

/** What to do with one variable, in a sentence. */
function taskFor({ name, value }: Variable, { role }: Settings): string {
  const fact = isComponent(role) ? settingFor(name, role) : undefined;
  if (value === '') return 'Remove `DRONE_VARIABLE`, which is empty, or give it a value.';
  if (name === 'DRONE_RUNNER_VOLUMES')
    return 'Write `DRONE_VARIABLE` as `/host:/container`, several with a comma between.';
  const as = fact && spellings.get(fact.type);
  if (as !== undefined) return `Write \`DRONE_VARIABLE\` as ${as}.`;
  const known = fact?.type === 'enum' && fact.values ? fact.values : [];
  return known.length > 0
    ? `Set \`DRONE_VARIABLE\` to one of \`${known.join('`, `')}\`.`
    : 'Write the value of `DRONE_VARIABLE` as Go reads it.';
}

const spellings: ReadonlyMap<SettingType, string> = new Map([
  ['bool', '`true` or `false`'],
  ['int', 'a whole number, without a unit'],
  ['duration', 'a number with its unit, such as `30m` or `720h`'],
  ['map', '`NAME:VALUE`, several with a comma between'],
]);
