import { listed } from '../../model/prose.ts';
import type { Finding } from '../../model/report.ts';
import { type Actor, actors } from './doors.ts';

/** What somebody can do; `builds` are those whose builds have the fault. */
interface Ability {
  readonly who: Actor | 'builds';
  readonly what: string;
}

const rootOnRunner = 'become root on the host of a runner';
const allSecrets = 'read the secrets of every build';
const rootOnHost = 'become root on a host';
const extensionSecrets = 'read the secrets behind an extension';

/**
 * What rules say in `why` of their worst case, for those of which it holds whenever they are critical: others, such as a mount
 * that only its container reaches, are open to nobody who could be named.
 */
const abilities: Readonly<Record<string, Ability>> = {
  'accepted-sample-extension-token': { who: 'neighbour', what: extensionSecrets },
  'accepted-sample-rpc-secret': { who: 'neighbour', what: allSecrets },
  'broad-privileged-image': { who: 'writer', what: rootOnRunner },
  'docker-socket-for-builds': { who: 'writer', what: rootOnRunner },
  'docker-socket-volume': { who: 'builds', what: rootOnRunner },
  'exposed-docker-daemon': { who: 'neighbour', what: rootOnHost },
  'open-registration': { who: 'account', what: 'run builds here' },
  'privileged-step': { who: 'builds', what: rootOnRunner },
  'trusted-repository-open-to-forks': { who: 'fork', what: rootOnRunner },
  'unauthenticated-extension': { who: 'neighbour', what: extensionSecrets },
  'weak-cookie-secret': { who: 'neighbour', what: 'sign in as an administrator' },
  'weak-rpc-secret': { who: 'neighbour', what: allSecrets },
};

const mostActors = 3;
const mostAbilities = 2;

/**
 * Who can do what by the critical findings and what follows from them, as a sentence; undefined if none of them tells. What
 * several can do is told of the first; `findings` are in the order in which to act.
 */
export function abilitiesOf(findings: readonly Finding[]): string | undefined {
  const found = new Map<Actor, string[]>();
  const told = new Set<string>();
  for (const finding of findings) {
    if (finding.confidence === 'low') continue;
    for (const { severity, rule } of [finding, ...finding.consequences]) {
      const ability = severity === 'critical' && Object.hasOwn(abilities, rule) ? abilities[rule] : undefined;
      if (!ability || told.has(ability.what)) continue;
      const who = ability.who === 'builds' ? builderOf(finding) : ability.who;
      if (!who) continue;
      told.add(ability.what);
      found.set(who, [...(found.get(who) ?? []), ability.what]);
    }
  }
  if (found.size === 0) return undefined;
  const clauses = [...found]
    .slice(0, mostActors)
    .map(([who, what]) => `${actors[who].words} can ${listed(what.slice(0, mostAbilities))}`);
  return `${clauses.join('; ')}.`.replace(/^[a-z]/, (first) => first.toUpperCase());
}

/** Who decides what the builds of a finding do. */
function builderOf({ reach }: Finding): Actor | undefined {
  return reach === undefined ? undefined : reach === 'fork pull requests' ? 'fork' : 'writer';
}
