import { isOfDrone, purposeOf } from '../../analysis/purpose.ts';
import { serverOf, shareHost } from '../../drone/topology.ts';
import { extensionFacts } from '../../facts/extensions.ts';
import type { SecretPurpose } from '../../facts/secret-purposes.ts';
import type { SecretTraits, Variable } from '../../model/environment.ts';
import { addTo } from '../../model/groups.ts';
import type { Installation } from '../../model/installation.ts';
import { isRunner } from '../../model/role.ts';
import type { Settings } from '../../model/settings.ts';
import type { Location } from '../../model/source.ts';
import type { Text } from '../../model/text.ts';

/** What a secret of an installation is used for. */
export interface SecretValueUse {
  readonly kind: SecretPurpose;
  /** What distinguishes uses of one kind: which client, which extension. Absent at the far end of a link. */
  readonly purpose?: string;
  readonly variable: Variable;
  readonly at: Location;
  readonly label: Text;
}

/** Shorter values may be equal by chance; they are weak anyway. */
const shortest = 8;

/** The uses of secrets by value; those of different servers are kept apart. */
export function usesByValue(installation: Installation): ReadonlyMap<string, readonly SecretValueUse[]> {
  const groups = new Map<string, SecretValueUse[]>();
  for (const settings of installation.settings) {
    if (!isOfDrone(settings)) continue;
    const root = rootOf(settings, installation).owner;
    for (const variable of settings.variables.values()) {
      const kind = purposeOf(variable, settings.role);
      const found = kind && secretOf(variable);
      // Known values are reported by the rule for each of them: a value of its own fixes both faults.
      if (!kind || !found || found.secret.length < shortest || found.secret.kind !== 'none') continue;
      const purpose = distinctionOf(kind, variable, settings);
      addTo(groups, `${root}\n${found.secret.identity}`, {
        kind,
        purpose,
        variable,
        at: found.at,
        label: settings.label,
      });
    }
  }
  return groups;
}

/** The component that stands for an installation, so that unrelated ones in one audit are not compared. */
function rootOf(settings: Settings, installation: Installation): Settings {
  if (settings.role === 'server') return settings;
  if (isRunner(settings.role)) return serverOf(settings, installation) ?? settings;
  return installation.settings.find((other) => other.role === 'server' && shareHost(other, settings)) ?? settings;
}

function secretOf({ secret, parts, at }: Variable): { secret: SecretTraits; at: Location } | undefined {
  return parts?.[0] ?? (secret && { secret, at });
}

function distinctionOf(kind: SecretPurpose, { name }: Variable, settings: Settings): string | undefined {
  if (kind === 'client' || kind === 'database') return name;
  if (kind !== 'extension') return kind;
  const fact = extensionFacts.find(({ token }) => token === name);
  const endpoint = fact && settings.variables.get(fact.endpoint)?.value;
  return fact && (/^\w{1,10}:\/\/([^/]{1,300})/.exec(endpoint ?? '')?.[1] ?? fact.kind);
}
