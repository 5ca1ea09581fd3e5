import { misnamedRpcHost } from '../../analysis/rpc-host.ts';
import { secretOfFile } from '../../analysis/secret-file.ts';
import { componentImages } from '../../facts/images.ts';
import { foreignSettings, meantSettings } from '../../facts/misnamed-settings.ts';
import { isComponent, settingsNamed } from '../../facts/settings.ts';
import { type Component, settingsTable } from '../../facts/settings-table.ts';
import { memoize } from '../../model/memoize.ts';
import { nearest } from '../../model/nearest.ts';
import { rule, say } from '../../model/rule.ts';
import type { Settings } from '../../model/settings.ts';

export default rule({
  id: 'unknown-setting',
  on: 'settings',
  severity: 'low',
  confidence: 'medium',
  title: 'Variable is unknown to Drone',
  why: 'Drone silently ignores variables that it does not know: a misspelt restriction does not exist, and a misspelt secret is empty.',
  fix: 'Correct the name, or remove the variable. The reference at https://docs.drone.io lists what each component reads. A restriction that was misspelt takes effect now. Give a variable that only your deployment uses a name that does not begin with `DRONE_`.',
  refs: [
    'https://docs.drone.io/server/reference/',
    'https://docs.drone.io/runner/docker/configuration/reference/',
    'kelseyhightower/envconfig envconfig.go (Process)',
  ],
  standards: { owasp: ['CICD-SEC-7'] },
  since: '0.1.0',
  *judge(settings) {
    const { role, variables, label } = settings;
    if ((role !== 'unknown' && !isComponent(role)) || hasNamesOfItsOwn(settings)) return;
    let suggestions = 0;
    const host = misnamedRpcHost(settings)?.name;
    for (const { name, keyAt } of variables.values()) {
      // missing-rpc-host tells of it.
      if (name === host) continue;
      if (!name.startsWith('DRONE_') || isKnown(name, role)) continue;
      // Nobody misspells this many, and each search for the nearest name takes time.
      const meant = suggestions++ < 20 ? (meantSettings.get(name) ?? nearestSetting(name, role)) : undefined;
      yield {
        at: keyAt,
        subject: name,
        message: say`${label} sets "${name}", which Drone does not know${meant === undefined ? '' : say`; "${meant}" may be meant`}`,
        severity: looksLikeControl.test(name) ? 'medium' : undefined,
      };
    }
  },
});

/** Compose fills in its files from `.env`, where the operator chooses the names; forks know other names. */
function hasNamesOfItsOwn({ container, at }: Settings): boolean {
  if (container) return componentImages.get(container.image?.value.name ?? '')?.status === 'fork';
  return /(?:^|\/)\.env(?:[.@][^/]*)?$/.test(at.source.name);
}

const looksLikeControl = /^DRONE_LIMIT_|PRIVILEGED|SECRET|TOKEN|TLS|FILTER|CLOSED|DISABLED$|VERIFY/;

/** Names that some Drone program reads or once read, and those that other rules say more about. */
function isKnown(name: string, component: Component | 'unknown'): boolean {
  if (foreignSettings.test(name) || name === 'DRONE_RPC_ADDR' || name === 'DRONE_UI_DISABLED') return true;
  const facts = settingsNamed(name);
  // In an excerpt of an unknown component only names that guides made up are reported: nothing reads them.
  if (component === 'unknown') return !facts.some(({ nonexistent }) => nonexistent);
  return secretOfFile(name, component) !== undefined || facts.some(({ nonexistent }) => !nonexistent);
}

const maxNameLength = 60;

/** The nearest name that a component reads, without `DRONE_`, which would make all of them alike. */
function nearestSetting(name: string, component: Component | 'unknown'): string | undefined {
  if (component === 'unknown' || name.length > maxNameLength) return undefined;
  const found = nearest(name.slice('DRONE_'.length), namesOf(component));
  return found === undefined ? undefined : `DRONE_${found}`;
}

const namesOf = memoize((component: Component): readonly string[] =>
  settingsTable
    .filter(({ name, of, legacy }) => of.includes(component) && !legacy && name.startsWith('DRONE_'))
    .map(({ name }) => name.slice('DRONE_'.length)),
);
