import { parseGoBool, parseGoDuration, parseGoInt, parseMap } from '../../facts/go-values.ts';
import { protections } from '../../facts/protections.ts';
import { defaultOf, isComponent, isSecretName, settingFor, typeOf } from '../../facts/settings.ts';
import type { Component, SettingFact } from '../../facts/settings-table.ts';
import { rule } from '../../model/rule.ts';
import { isTemplateFile } from '../../model/secrets.ts';
import { isOfDrone08 } from './obsolete.ts';

export default rule({
  id: 'invalid-setting-value',
  on: 'settings',
  severity: 'low',
  confidence: 'high',
  title: 'Value cannot be parsed: the process will not start',
  why: 'The process stops with an error that repeats the value; for `DRONE_RUNNER_SECRETS` that puts a secret in the log. A variable that is set but empty counts as set. Whoever then removes the line to get going loses what it was meant to protect.',
  fix: `Write the value as Go reads it:

| kind | examples |
| --- | --- |
| switch | \`true\`, \`false\` (not yes, on, enabled) |
| duration | \`30m\`, \`720h\` (not 30) |
| map | \`NAME:VALUE,NAME:VALUE\`, one colon each |
| listener | \`:8080\` (not tcp://) |

A volume of the docker and kubernetes runners is \`/host:/container\` without \`:ro\`.`,
  refs: [
    'kelseyhightower/envconfig envconfig.go (processField)',
    'harness/drone cmd/drone-server/main.go:47-51',
    'harness/drone cmd/drone-server/config/config.go:591-596',
  ],
  standards: { owasp: ['CICD-SEC-7'] },
  since: '0.1.0',
  *judge(settings) {
    const { role, variables, label } = settings;
    if (!isComponent(role) || isOfDrone08(settings)) return;
    for (const variable of variables.values()) {
      const { name, value, via, at } = variable;
      const fact = settingFor(name, role);
      if (value === undefined || !fact || (fact.legacy && !fact.legacy.works)) continue;
      if (isTemplateFile(at.source.name) && (value === '' || /^[<{[].*[>}\]]$/.test(value))) continue;
      const fault = faultOf(value, fact, role);
      if (fault === undefined) continue;
      yield {
        at,
        subject: name,
        message: `${label} does not start: "${via ?? name}" ${shown(name, value)}${fault}`,
        ...(protections.has(name) ? { severity: 'medium' } : {}),
      };
    }
  },
});

/** Programs with version 1.3.0 of envconfig, which takes an empty map for a broken one. */
const refusesEmptyMap: ReadonlySet<Component> = new Set(['server', 'runner-exec']);

/** What is wrong with a value, without the value. */
function faultOf(value: string, fact: SettingFact, component: Component): string | undefined {
  const { name, format } = fact;
  if (component === 'server' && name === 'DRONE_SERVER_PORT' && value.startsWith('tcp://'))
    return 'is an address and no port';
  if (format === 'kvlist' || format === 'bytes') return undefined;
  if (format === 'float') return value.trim() === '' || Number.isNaN(Number(value)) ? 'is no number' : undefined;
  switch (typeOf(fact, component)) {
    case 'bool':
      return parseGoBool(value) === undefined ? 'is neither true nor false' : undefined;
    case 'int':
      return parseGoInt(value) === undefined ? 'is no whole number' : undefined;
    case 'duration':
      return parseGoDuration(value) === undefined ? 'is no duration with a unit' : undefined;
    case 'map':
      return mapFault(value, fact, component);
    case 'enum':
      return value === '' && defaultOf(fact, component, true) !== '' ? 'is empty, which is no default' : undefined;
    default:
      return undefined;
  }
}

function mapFault(value: string, { name }: SettingFact, component: Component): string | undefined {
  if (value.trim() === '') return refusesEmptyMap.has(component) ? 'is empty, which is no map' : undefined;
  if (parseMap(value).invalid.length === 0) return undefined;
  return name === 'DRONE_RUNNER_VOLUMES'
    ? 'has an item that is not "/host:/container"'
    : 'has an item that is not "NAME:VALUE"';
}

/** The value for messages, where it is short and cannot be a secret. */
function shown(name: string, value: string): string {
  return isSecretName(name) === 'no' && /^[\x20-\x21\x23-\x7e]{1,40}$/.test(value) ? `("${value}") ` : '';
}
