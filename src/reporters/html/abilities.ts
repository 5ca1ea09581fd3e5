import { groupedBy } from '../../model/groups.ts';
import { listed } from '../../model/prose.ts';
import type { Finding } from '../../model/report.ts';
import type { AdviceGroup, AdviceGroups, PlannedDecision } from '../decisions.ts';
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
 * Who can do what by the critical findings and what follows from them, found while all findings go by. What several can do is
 * told of the first, in the order of the decisions and their groups, and in each the worst first.
 */
export class Abilities {
  private readonly places: ReadonlyMap<AdviceGroup | undefined, number>;
  private readonly groups: AdviceGroups;
  private readonly found = new Map<string, { readonly who: Actor; readonly order: readonly number[] }>();

  constructor(groups: AdviceGroups, plans: readonly PlannedDecision[]) {
    this.groups = groups;
    this.places = new Map(plans.flatMap((plan) => plan.groups).map((group, index) => [group, index]));
  }

  see(finding: Finding, ordinal: number): void {
    if (finding.confidence === 'low') return;
    for (const [index, { severity, rule }] of [finding, ...finding.consequences].entries()) {
      const ability = severity === 'critical' && Object.hasOwn(abilities, rule) ? abilities[rule] : undefined;
      const who = ability?.who === 'builds' ? builderOf(finding) : ability?.who;
      if (!ability || !who) continue;
      const place = this.places.get(this.groups.of(finding)) ?? 0;
      const order = [place, -finding.rank, ordinal, index];
      const there = this.found.get(ability.what);
      if (!there || byNumbers(order, there.order) < 0) this.found.set(ability.what, { who, order });
    }
  }

  /** As a sentence; undefined if no finding tells. */
  get words(): string | undefined {
    if (this.found.size === 0) return undefined;
    const inOrder = [...this.found].sort(([, a], [, b]) => byNumbers(a.order, b.order));
    const byActor = groupedBy(inOrder, ([, { who }]) => who);
    const clauses = [...byActor]
      .slice(0, mostActors)
      .map(([who, of]) => `${actors[who].words} can ${listed(of.slice(0, mostAbilities).map(([what]) => what))}`);
    return `${clauses.join('; ')}.`.replace(/^[a-z]/, (first) => first.toUpperCase());
  }
}

function byNumbers(some: readonly number[], others: readonly number[]): number {
  const differing = some.findIndex((number, index) => number !== others[index]);
  return (some[differing] ?? 0) - (others[differing] ?? 0);
}

/** Who decides what the builds of a finding do. */
function builderOf({ reach }: Finding): Actor | undefined {
  return reach === undefined ? undefined : reach === 'fork pull requests' ? 'fork' : 'writer';
}
