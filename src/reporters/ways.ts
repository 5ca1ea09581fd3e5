import { addTo, groupedBy } from '../model/groups.ts';
import { count, listed } from '../model/prose.ts';
import type { Masked } from '../model/text.ts';
import { kindOfAsset, outsiders, type ToldChange, type ToldWay, type ToldWays } from '../model/ways.ts';
import { wrap } from './display-width.ts';
import { Each, safeJson, visible } from './escape.ts';
import { hanging } from './prose.ts';
import { type Styles, styles, type TextOptions } from './styles.ts';
import { positionNamed, stateNamed } from './way-words.ts';

type Ways = Masked<ToldWays>;
type Way = Masked<ToldWay>;
type Change = Masked<ToldChange>;

const who: Readonly<Record<string, string>> = {
  network: 'whoever reaches a port',
  'scm-account': 'whoever has an account at the SCM',
  'fork-author': 'whoever may open a pull request',
  neighbour: 'whoever is on the wire',
  supplier: 'whoever publishes an image that is used',
  'log-reader': 'whoever reads logs',
  'backup-reader': 'whoever reads backups',
  'host-user': 'whoever may log in on the machine',
  writer: 'whoever may push',
  'repo-admin': 'whoever administers the repository',
};

/** A position for people. */
export function whoIs(position: string): string {
  return who[position] ?? position;
}

/** An asset for people: `root on the machine of runner`. */
export function whatIs(asset: string): string {
  const [kind = '', ...rest] = asset.split(':');
  const name = rest.join(':');
  switch (kind) {
    case 'host':
      return `root on the machine of ${name}'s builds`;
    case 'engine':
      return `the engine of ${name}'s builds`;
    case 'server':
      return 'the server';
    case 'database':
      return 'the database';
    case 'rpc-secret':
      return 'the RPC secret';
    case 'secret':
      return `secret ${name}`;
    case 'clone-credential':
      return `the clone credential of ${name}`;
    case 'deploy':
      return `what ${name} deploys`;
    case 'artefact':
      return `what ${name} publishes`;
    case 'extension':
      return `what ${name} holds`;
    case 'registry':
      return `images of ${name}'s registries`;
    case 'cluster':
      return `the namespace ${name} of the cluster`;
    default:
      return `the network of ${name}'s builds`;
  }
}

/** Ways that are one for whoever closes them, with all that they lead to. */
export interface WayGroup {
  readonly way: Way;
  readonly to: readonly string[];
}

export function grouped(ways: readonly Way[]): readonly WayGroup[] {
  const groups = new Map<string, { readonly way: Way; readonly to: string[] }>();
  for (const way of ways) {
    const key = `${way.group} ${way.if ?? ''}`;
    const group = groups.get(key);
    if (group) group.to.push(way.to);
    else groups.set(key, { way, to: [way.to] });
  }
  return [...groups.values()];
}

/** How many assets of one way are named. */
const mostNamed = 3;

/** A way in a line: who gets what, and by which steps. */
export function wayInALine(group: WayGroup): string {
  return `${whoGetsWhat(group)}: ${stepsInALine(group.way)}`;
}

/** `fork-build → runner-socket → engine-host`. */
export function stepsInALine({ steps }: Way): string {
  return steps.map(({ edge }) => edge).join(' → ');
}

/** `whoever may open a pull request gets the RPC secret`. */
export function whoGetsWhat({ way, to }: WayGroup): string {
  const named = to.slice(0, mostNamed).map(whatIs);
  const more = to.length > mostNamed ? [`${to.length - mostNamed} more`] : [];
  return `${whoIs(way.from)} gets ${listed([...named, ...more])}`;
}

/** `2 changes close 14 ways`, or what else is to be said of the cut; empty where there is nothing to close. */
export function cutInWords(ways: Ways): string {
  return effectInWords(withCut(noEffect, ways));
}

/** What a cut comes to, or those of several installations. */
export interface CutEffect {
  readonly changes: number;
  readonly closes: number;
  readonly isSmallest: boolean;
  readonly left: number;
}

export const noEffect: CutEffect = { changes: 0, closes: 0, isSmallest: true, left: 0 };

/** What cuts come to together with one more. */
export function withCut({ changes, closes, isSmallest, left }: CutEffect, { cut }: Ways): CutEffect {
  return {
    changes: changes + cut.changes.length,
    closes: closes + cut.closes,
    isSmallest: isSmallest && cut.isSmallest,
    left: left + cut.left.length,
  };
}

export function effectInWords({ changes, closes, isSmallest, left }: CutEffect): string {
  if (changes === 0) return left === 0 ? '' : `no change that is known here closes ${count(left, 'way')}`;
  const verb = changes === 1 ? 'closes' : 'close';
  const all = left === 0 ? '' : `, and ${left} stay open`;
  const words = isSmallest ? '' : ' (a cheaper set may exist: not all were tried)';
  return `${count(changes, 'change')} ${verb} ${count(closes, 'way')}${all}${words}`;
}

/** All of it, for people; of what could not be all read it says so first. */
export function waysText(all: readonly Ways[], options: TextOptions, isIncomplete = false): string {
  const width = Math.max(options.width, 40);
  const style = styles(options.color);
  const lines: string[] = [];
  for (const ways of all)
    for (const line of [...waysLines(ways, width, style, options.verbose, isIncomplete), '']) lines.push(line);
  return `${lines.join('\n').trimEnd()}\n`;
}

/** Whether it is known of all outsiders what they get. */
export function isKnown({ notKnown }: Ways): boolean {
  return !notKnown.some(({ from }) => isOutside(from));
}

function* waysLines(
  ways: Ways,
  width: number,
  style: Styles,
  verbose: boolean,
  isIncomplete: boolean,
): Generator<string> {
  const open = grouped(ways.ways.filter((way) => way.if === undefined));
  const [outside, inside] = [open.filter(isOfOutsider), open.filter((group) => !isOfOutsider(group))];
  const helped = grouped(ways.ways.filter((way) => way.if !== undefined && isOutside(way.from)));
  const isSure = isKnown(ways) && !isIncomplete;
  const found = outside.length === 0 ? noneOpen(ways, isSure) : `${count(outside.length, 'way')} in`;
  yield* wrap(
    isSure || outside.length === 0 ? found : `${found}, and there may be others: not all is known`,
    width,
  ).map(style.strong);
  yield '';
  yield* groupLines(outside, (group) => [...wayLines(group, width, style), ''], style);
  const shortly = (group: WayGroup): readonly string[] =>
    verbose ? [...wayLines(group, width, style), ''] : briefly(group, width);
  const headline = cutInWords(ways);
  if (headline !== '') {
    yield style.strong(headline);
    yield '';
    for (const change of ways.cut.changes) yield* [...changeLines(change, width, style), ''];
  }
  if (helped.length > 0) {
    yield style.strong('only if somebody acts');
    yield '';
    yield* groupLines(helped, shortly, style);
    if (!verbose) yield '';
  }
  if (inside.length > 0) {
    yield style.strong('from people with access, and from suppliers of images');
    yield '';
    yield* groupLines(inside, shortly, style);
    if (!verbose) yield '';
  }
  yield style.strong('positions and assets');
  yield '';
  yield* matrixLines(ways, width, style, verbose);
}

/** Where no way of an outsider is open: that, and what stands open nevertheless. */
function noneOpen(ways: Ways, isSure: boolean): string {
  const unknown = ways.notKnown.filter(({ from }) => isOutside(from)).length;
  const sure = isSure ? 'no way in is open to outsiders' : 'no way in is known to be open to outsiders';
  const rest = unknown > 0 ? [`${unknown} could not be decided`] : isSure ? [] : ['not all is known'];
  return [sure, ...rest, ...whatStays(ways)].join('; ');
}

/** `a pull request gets in if a writer promotes the build`, `open to whoever reads backups`: what no outsider can do alone. */
export function whatStays({ ways }: Ways): readonly string[] {
  const outside = ways.filter(({ from }) => isOutside(from));
  const acts = new Set(outside.flatMap(({ if: act }) => (act === undefined ? [] : [actOf(act)])));
  const people = new Set(ways.flatMap(({ from, if: act }) => (act === undefined && !isOutside(from) ? [from] : [])));
  return [
    ...(acts.size > 0 ? [`outsiders get in only ${[...acts].join(', or ')}`] : []),
    ...(people.size > 0 ? [`ways are open to ${listed([...people].map(whoIs))}`] : []),
  ];
}

const actsInWords: Readonly<Record<string, string>> = {
  approve: 'an administrator of the repository approves the build',
  promote: 'a writer promotes the build',
  'restart with debug': 'a writer restarts the build for debugging',
};

/** An act of somebody else, as a condition. */
export function actOf(act: string): string {
  return `if ${actsInWords[act] ?? act}`;
}

/** What a cell says of a position: an outsider finds it open, others need the access that they were given. */
export function openTo(position: string): string {
  return isOutside(position) ? 'open' : 'open to people with this access';
}

function* groupLines(
  groups: readonly WayGroup[],
  linesOf: (group: WayGroup) => readonly string[],
  style: Styles,
): Generator<string> {
  for (const { first, others } of alike(groups, ({ way }) => kindOf(way))) {
    yield* linesOf(first);
    if (others.length > 0) yield* [style.faint(`  and ${others.length} more like it`), ''];
  }
}

/** The ways of those whom nobody let in, as far as nobody has to help them. */
export function waysOfOutsiders(ways: Ways): readonly WayGroup[] {
  return grouped(outsidersWays(ways));
}

/** The same, one for each asset. */
export function outsidersWays({ ways }: Ways): readonly Way[] {
  return ways.filter((way) => way.if === undefined && isOutside(way.from));
}

export function isOutside(position: string): boolean {
  return outsiders.some((each) => each === position);
}

function isOfOutsider({ way }: WayGroup): boolean {
  return isOutside(way.from);
}

function briefly(group: WayGroup, width: number): readonly string[] {
  const { way } = group;
  const note = way.if === undefined ? '' : ` (${actOf(way.if)})`;
  return hanging('- ', visible(`${wayInALine(group)}${note}`), width);
}

function* wayLines(group: WayGroup, width: number, style: Styles): Generator<string> {
  const { way } = group;
  const note = way.if === undefined ? way.certainty : actOf(way.if);
  yield* wrap(visible(`${whoGetsWhat(group)} (${note})`), width).map(style.strong);
  for (const { edge, does, why, place, certainty, fix, isCut } of way.steps) {
    yield* hanging(
      '  ',
      `${edge}: ${does}${certainty === 'seen' || way.if !== undefined ? '' : ` (${certainty})`}`,
      width,
    );
    if (place) yield `    ${style.place(visible(`${place.file}:${place.line}`))}`;
    if (why !== '') yield* hanging('    ', visible(why), width);
    if (fix !== undefined) yield* hanging(isCut ? '    the cut: ' : '    fix: ', visible(fix), width);
  }
}

function* changeLines({ what, place, rule, caution }: Change, width: number, style: Styles): Generator<string> {
  yield* hanging('- ', visible(what), width);
  if (place) yield `  ${style.place(visible(`${place.file}:${place.line}`))}`;
  if (caution) yield* hanging('  but: ', visible(caution), width);
  if (rule) yield* hanging('  lines to paste: ', `drone-audit explain ${rule}`, width);
}

function* matrixLines(
  { matrix, ways, closed, notKnown }: Ways,
  width: number,
  style: Styles,
  verbose: boolean,
): Generator<string> {
  const reasons = new Map([
    ...closed.map(({ from, to, by }) => [`${from} ${to}`, by] as const),
    ...notKnown.map(({ from, to, because }) => [`${from} ${to}`, because] as const),
  ]);
  const acts = new Map<string, string[]>();
  for (const { from, to, if: act } of ways)
    if (act !== undefined && !acts.get(`${from} ${to}`)?.includes(actOf(act))) addTo(acts, `${from} ${to}`, actOf(act));
  const byPosition = new Map<string, Map<string, string[]>>();
  for (const { from, to, is } of matrix) {
    const reason = reasons.get(`${from} ${to}`) ?? '';
    if (reason === 'no step leads there' && !verbose) continue;
    const rows = byPosition.get(from) ?? new Map<string, string[]>();
    byPosition.set(from, rows);
    const key =
      is === 'closed'
        ? `closed by ${reason}`
        : is === 'not known'
          ? `not known: ${reason}`
          : is === 'if'
            ? `open only ${acts.get(`${from} ${to}`)?.join(', or ')}; else closed by ${reason}`
            : is === 'open'
              ? openTo(from)
              : is;
    addTo(rows, key, to);
  }
  for (const [from, rows] of byPosition) {
    yield style.strong(from);
    for (const [key, assets] of rows) {
      const shown = verbose ? assets : assets.slice(0, 8);
      const more = assets.length > shown.length ? ` and ${assets.length - shown.length} more` : '';
      yield* hanging('  ', visible(`${shown.join(', ')}${more}: ${key}`), width);
    }
  }
}

/** All of it as JSON. */
export function waysJson(all: readonly Ways[], tool: { readonly name: string; readonly version: string }): string {
  return safeJson({ tool, ...jsonWays(all) });
}

/** The same within another report; each list is a pass over all installations, which may be made anew for it. */
export function jsonWays(all: Iterable<Ways>) {
  return {
    ways: Each.of(
      flat(all, ({ ways }) => alike(ways, kindOf)),
      ({ first, others }) => ({ ...jsonWay(first), ...moreOf(others) }),
    ),
    closed: Each.of(
      flat(all, ({ closed }) => alike(closed, ({ from, to, by }) => JSON.stringify([from, kindOfAsset(to), by]))),
      ({ first, others }) => ({ ...first, ...moreOf(others) }),
    ),
    notKnown: Each.of(
      flat(all, ({ notKnown }) =>
        alike(notKnown, ({ from, to, because }) => JSON.stringify([from, kindOfAsset(to), because])),
      ),
      ({ first, others }) => ({ ...first, ...moreOf(others) }),
    ),
    cut: Each.of(all, ({ cut }) => ({
      changes: cut.changes.map(({ place, ...change }) => ({ ...change, ...(place ?? {}) })),
      ...{ closes: cut.closes, smallest: cut.isSmallest, left: cut.left },
    })),
    matrix: Each.of(all, ({ matrix }) => matrixOf(matrix)),
  };
}

/** How many that are alike are told one by one; of more, the first stands for all. */
const mostAlike = 20;

/** What is told once, and what else is alike. */
interface Alike<Item> {
  readonly first: Item;
  readonly others: readonly Item[];
}

/** Items in their order; those of a kind once, where they are many. */
function alike<Item>(items: readonly Item[], kindOf: (item: Item) => string): readonly Alike<Item>[] {
  if (items.length <= mostAlike) return items.map((first) => ({ first, others: [] }));
  const kinds = groupedBy(items, kindOf);
  return items.flatMap((first) => {
    const all = kinds.get(kindOf(first)) ?? [];
    if (all.length <= mostAlike) return [{ first, others: [] }];
    return first === all[0] ? [{ first, others: all.slice(1) }] : [];
  });
}

/** What ways are alike in: who goes by which steps to an asset of which kind. */
function kindOf({ from, to, certainty, steps, if: act }: Way): string {
  return [from, kindOfAsset(to), certainty, act, ...steps.map(({ edge }) => edge)].join();
}

/** The assets of what else is alike. */
function moreOf(others: readonly { readonly to: string }[]): { readonly more?: readonly string[] } {
  return others.length === 0 ? {} : { more: others.map(({ to }) => to) };
}

function jsonWay({ from, to, certainty, steps, if: act }: Way) {
  return {
    ...{ from, to, certainty },
    steps: steps.map(({ edge, place, why, certainty, fix }) => ({
      ...{ edge, ...place, why, certainty },
      ...(fix === undefined ? {} : { fix }),
    })),
    ...(act === undefined ? {} : { if: act }),
  };
}

function flat<Item>(all: Iterable<Ways>, listOf: (ways: Ways) => readonly Item[]): Iterable<Item> {
  return {
    *[Symbol.iterator]() {
      for (const ways of all) yield* listOf(ways);
    },
  };
}

/** By position, then by asset. */
function matrixOf(cells: Ways['matrix']): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const rows = groupedBy(cells, ({ from }) => from);
  return Object.fromEntries(
    [...rows].map(([from, row]) => [from, Object.fromEntries(row.map(({ to, is }) => [to, is]))]),
  );
}

/** A step from one thing to another that somebody has. */
interface Arrow {
  /** A position, a state between or an asset, each by its name. */
  readonly from: string;
  readonly to: string;
  readonly edge: string;
  isCut: boolean;
}

/** Parts of the picture: each step once. */
function drawn(all: readonly Ways[]): readonly Arrow[] {
  const arrows = new Map<string, Arrow>();
  for (const { ways } of all)
    for (const { from, steps, if: act } of ways) {
      if (act !== undefined) continue;
      let at = `position ${from}`;
      for (const { edge, gives, cutBy } of steps) {
        const key = JSON.stringify([at, gives, edge]);
        const arrow = arrows.get(key) ?? { from: at, to: gives, edge, isCut: true };
        arrow.isCut &&= cutBy !== undefined;
        arrows.set(key, arrow);
        at = gives;
      }
    }
  return [...arrows.values()];
}

/** The open ways as a flowchart of Mermaid; what the cut closes is dashed. */
export function waysMermaid(all: readonly Ways[]): string {
  const { ids, arrows } = numbered(all);
  const label = (text: string): string => visible(text).replace(/[^\w .,:/'-]/g, '_');
  return [
    'flowchart LR',
    ...[...ids].map(([name, id]) => `  ${id}["${label(nodeLabel(name))}"]`),
    ...arrows.map(
      ({ from, to, edge, isCut }) =>
        `  ${ids.get(from)} ${isCut ? '-. ' : '-- '}"${label(edge)}${isCut ? ', cut' : ''}"${isCut ? ' .-> ' : ' --> '}${ids.get(to)}`,
    ),
    '',
  ].join('\n');
}

/** The same for Graphviz. */
export function waysDot(all: readonly Ways[]): string {
  const { ids, arrows } = numbered(all);
  const quoted = (text: string): string => `"${visible(text).replace(/[\\"]/g, '\\$&')}"`;
  return [
    'digraph ways {',
    '  rankdir=LR;',
    ...[...ids].map(([name, id]) => `  ${id} [label=${quoted(nodeLabel(name))}];`),
    ...arrows.map(
      ({ from, to, edge, isCut }) =>
        `  ${ids.get(from)} -> ${ids.get(to)} [label=${quoted(isCut ? `${edge}, cut` : edge)}${isCut ? ', style=dashed' : ''}];`,
    ),
    '}',
    '',
  ].join('\n');
}

function numbered(all: readonly Ways[]) {
  const arrows = drawn(all);
  const ids = new Map<string, string>();
  for (const { from, to } of arrows) for (const name of [from, to]) if (!ids.has(name)) ids.set(name, `n${ids.size}`);
  return { ids, arrows };
}

/** What the picture of the HTML report calls it. */
function nodeLabel(name: string): string {
  const position = /^position (.*)$/s.exec(name)?.[1];
  const named = position === undefined ? stateNamed(name) : positionNamed(position);
  return [named.title, `${named.before}${named.name}`].filter((each) => each.trim() !== '').join(', ');
}
