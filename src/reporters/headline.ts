import { listed } from '../model/prose.ts';
import type { Masked } from '../model/text.ts';
import { kindOfAsset, outsiders, placeByWorth, type ToldWay, type ToldWays } from '../model/ways.ts';
import { outsidersWays, stepsInALine, whatIs, whoIs } from './ways.ts';

/** How many kinds of assets are named. */
const mostKinds = 4;

/** Assets of one kind: the first by name, and how many there are. */
interface OfAKind {
  readonly first: string;
  amount: number;
}

/** All that somebody gets, whichever installation it is in. */
interface Gains {
  /** The way to what is worth the most. */
  best: Masked<ToldWay>;
  readonly kinds: Map<string, OfAKind>;
  installations: number;
}

/**
 * What outsiders get, in a line for each position, that with the most to get first: each has its best way, and what the others lead
 * to besides. There are no more lines than positions, however many installations there are.
 */
export class Headline {
  private readonly byPosition = new Map<string, Gains>();

  add(ways: Masked<ToldWays>): void {
    const seen = new Map<string, Set<string>>();
    for (const way of outsidersWays(ways)) {
      const gains = this.byPosition.get(way.from) ?? { best: way, kinds: new Map(), installations: 0 };
      this.byPosition.set(way.from, gains);
      if (rankOf(way) < rankOf(gains.best)) gains.best = way;
      const assets = seen.get(way.from);
      if (!assets) gains.installations++;
      if (assets?.has(way.to)) continue;
      seen.set(way.from, (assets ?? new Set()).add(way.to));
      const kind = kindOfAsset(way.to);
      const there = gains.kinds.get(kind);
      if (there) there.amount++;
      else gains.kinds.set(kind, { first: way.to, amount: 1 });
    }
  }

  get lines(): readonly string[] {
    return [...this.byPosition.values()].sort((a, b) => rankOf(a.best) - rankOf(b.best)).map(inALine);
  }
}

/** By what a way leads to, how sure it is, and how little it needs; the smaller, the worse. */
function rankOf({ from, to, certainty, steps }: Masked<ToldWay>): number {
  const who = (outsiders as readonly string[]).indexOf(from);
  const asset = placeByWorth(to) * 2 + (certainty === 'seen' ? 0 : 1);
  return asset * 10_000 + who * 100 + Math.min(steps.length, 99);
}

function inALine({ best, kinds, installations }: Gains): string {
  const sorted = [...kinds.values()].sort((a, b) => placeByWorth(a.first) - placeByWorth(b.first));
  // The name of the first is that of the way that is told.
  const named = sorted
    .slice(0, mostKinds)
    .map((each, index) => inWords(index === 0 ? { ...each, first: best.to } : each, installations));
  const rest = sorted.slice(mostKinds).reduce((sum, { amount }) => sum + amount, 0);
  const gets = rest > 0 ? `${named.join(', ')} and ${rest} more` : listed(named);
  const times = installations > 1 ? `, in ${installations} installations` : '';
  const doubt = best.certainty === 'seen' ? '' : ' (assumed)';
  return `${whoIs(best.from)} gets ${gets}${times}: ${stepsInALine(best)}${doubt}`;
}

/** `secret api/key (and 3 more)`; that of which an installation has one is not counted. */
function inWords({ first, amount }: OfAKind, installations: number): string {
  if (!first.includes(':') || amount === 1) return whatIs(first);
  if (installations > 1) return `${whatIs(first)} (and ${amount - 1} more)`;
  const [kind, name = ''] = [kindOfAsset(first), first.slice(first.indexOf(':') + 1)];
  return kind === 'host'
    ? `root on the machines of the builds of ${name} and ${amount - 1} more`
    : `${whatIs(first)} (and ${amount - 1} more)`;
}
