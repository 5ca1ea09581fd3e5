import { addTo } from '../../model/groups.ts';
import { listed } from '../../model/prose.ts';
import type { Report } from '../../model/report.ts';
import { lineOf } from '../../model/source.ts';
import type { Masked } from '../../model/text.ts';
import type { ToldChange, ToldStep, ToldWay, ToldWays, WayPlace } from '../../model/ways.ts';
import { Headline } from '../headline.ts';
import { cut } from '../prose.ts';
import {
  actOf,
  type CutEffect,
  effectInWords,
  grouped,
  isOutside,
  noEffect,
  openTo,
  type WayGroup,
  waysOfOutsiders,
  whatStays,
  whoGetsWhat,
  withCut,
} from '../ways.ts';
import { escaped } from './escape.ts';
import type { Division } from './findings.ts';
import { table } from './table.ts';
import { cutBadge, markOf, waysPicture } from './ways-picture.ts';
import { waysSceneOf } from './ways-scene.ts';
import { amount, codeOf, many, pathOf } from './words.ts';

type Ways = Masked<ToldWays>;
type Way = Masked<ToldWay>;

/** How many installations are told of in full; the others are counted. */
const mostInstallations = 3;
/** How many changes stand at first sight, and in all. */
const mostChanges = 8;
const mostChangesInAll = 60;
/** How many ways are told that go by the same kinds of steps, and how many of all. */
const mostAlike = 3;
const mostWays = 40;
/** How many are unfolded in print. */
const mostPrinted = 12;
/** A wider picture is printed on a page of its own, in landscape. */
const mostUpright = 760;
const mostRows = 40;
const mostNotes = 40;
const mostNamed = 3;
/** How long a text of ways is (UTF-16 units). */
const mostOfText = 400;

/** The ways of one installation, with how many changes of others are numbered before those of its cut. */
interface Installation {
  readonly told: Ways;
  readonly shift: number;
}

/** What a page tells of ways in. */
export interface WaysOnPage {
  readonly installations: readonly Installation[];
  /** In how many installations ways were looked for, and in how many more than are told of there are some. */
  readonly judged: number;
  readonly more: number;
  /** How many ways of outsiders are open. */
  readonly open: number;
  /** What outsiders get, in a line for each position. */
  readonly headline: readonly string[];
  readonly effect: CutEffect;
}

/** Undefined where there is nothing that a way could lead through. */
export function waysOnPage({ ways: all }: Report): WaysOnPage | undefined {
  const installations: Installation[] = [];
  let effect = noEffect;
  const headline = new Headline();
  let first: Ways | undefined;
  let [judged, more, open] = [0, 0, 0];
  for (const told of all ?? []) {
    judged++;
    first ??= told;
    const groups = waysOfOutsiders(told).length;
    if (groups === 0) continue;
    open += groups;
    headline.add(told);
    if (installations.length < mostInstallations) installations.push({ told, shift: effect.changes });
    else more++;
    effect = withCut(effect, told);
  }
  if (!first) return undefined;
  return {
    installations: installations.length > 0 ? installations : [{ told: first, shift: 0 }],
    judged,
    more,
    open,
    headline: headline.lines,
    effect,
  };
}

/** The findings that a page has in full, by their rule and place. */
export class FindingLinks {
  private readonly ids: ReadonlyMap<string, string>;
  private readonly root: string;

  constructor({ ids, root }: Pick<Division, 'ids' | 'root'>) {
    this.root = root;
    this.ids = new Map(
      [...ids].map(([{ rule, at }, id]) => [keyOf(rule, { file: at.source.name, line: lineOf(at) }), id]),
    );
  }

  /** A place, as a link to the finding that is there. */
  place(place: WayPlace, rule: string | undefined): string {
    const name =
      this.root !== '' && place.file.startsWith(`${this.root}/`) ? place.file.slice(this.root.length + 1) : place.file;
    const words = pathOf(`${cut(name, mostOfText)}:${place.line}`);
    const id = this.idOf(place, rule);
    return id === undefined ? words : `<a href="#${id}">${words}</a>`;
  }

  idOf(place: WayPlace | undefined, rule: string | undefined): string | undefined {
    return place && rule !== undefined ? this.ids.get(keyOf(rule, place)) : undefined;
  }
}

function keyOf(rule: string, { file, line }: WayPlace): string {
  return `${rule}\n${line}\n${file}`;
}

/** The cut, as what to do before all else. */
export function* cutList(
  { installations, headline, effect, open }: WaysOnPage,
  links: FindingLinks,
): Generator<string> {
  if (open === 0) return;
  yield `<ul class="who">${headline.map((line) => `<li>${escaped(sentence(cut(line, mostOfText)))}</li>`).join('')}</ul>`;
  yield `<h3>${sentence(effectInWords(effect) || many(open, 'way'))}</h3>`;
  if (effect.changes === 0) return;
  yield '<p class="lead">The cheapest changes after which nobody gets in who was not let in. They are numbered as in <a href="#ways">the picture of the ways</a>. Afterwards rotate the secrets and credentials that could be reached: somebody may have them.</p>';
  const changes = installations.flatMap(({ told, shift }) =>
    told.cut.changes.map((change, index) => [change, shift + index + 1] as const),
  );
  const shown = changes.slice(0, mostChangesInAll);
  yield `<ol class="todo cuts">${shown
    .slice(0, mostChanges)
    .map(([change, number]) => changeItem(change, number, links))
    .join('')}</ol>`;
  const further = shown.slice(mostChanges);
  const rest = effect.changes - shown.length;
  if (further.length > 0)
    yield `<details class="fold"><summary>${many(further.length, 'further change')}</summary><ol class="todo cuts" start="${mostChanges + 1}">${further.map(([change, number]) => changeItem(change, number, links)).join('')}</ol></details>`;
  if (rest > 0) yield `<p class="more">and ${amount(rest)} more: <code>drone-audit paths</code> lists them</p>`;
  yield '\n';
}

const kinds: Readonly<Record<ToldChange['kind'], string>> = {
  line: 'a line of a pipeline',
  setting: 'a setting',
  repository: 'a flag of the repository',
  host: 'a machine of its own',
  architecture: 'another architecture',
};

function changeItem(
  { what, caution, kind, edge, place, rule }: Masked<ToldChange>,
  number: number,
  links: FindingLinks,
): string {
  const id = links.idOf(place, rule);
  const fix =
    rule === undefined
      ? ''
      : id === undefined
        ? `lines to paste: <code>drone-audit explain ${escaped(rule)}</code>`
        : `<a href="#${id}">lines to paste</a>`;
  const where = [place ? links.place(place, rule) : '', fix].filter((each) => each !== '').join('<br>');
  const but = caution === undefined ? '' : `<p class="because">But: ${escaped(cut(caution, mostOfText))}</p>`;
  return `<li id="cut${number}">${cutBadge(number)}<div class="what"><p><b>${escaped(sentence(cut(what, mostOfText)))}</b></p>${but}</div><div class="locs"><p>${kinds[kind]}<br>rules out <code>${escaped(edge)}</code></p><p>${where}</p></div></li>`;
}

/** Who gets where: as a picture, in sentences, and for each position and asset. */
export function* waysSection(page: WaysOnPage, links: FindingLinks): Generator<string> {
  const { installations, open, more, judged } = page;
  yield '<section id="ways"><h2>Ways in</h2>';
  if (open === 0) yield `<p class="lead">${noneOpen(page)}</p>`;
  for (const [index, each] of installations.entries()) {
    if (installations.length > 1) yield `<h3>${escaped(nameOf(each.told, index))}</h3>`;
    yield* installationPart(each, index, links, page.effect.changes);
  }
  if (more > 0)
    yield `<p class="more">${many(more, 'further installation')} of ${amount(judged)} ${more === 1 ? 'has' : 'have'} ways in: <code>drone-audit paths</code> lists them.</p>`;
  yield '</section>\n';
}

/** One sentence where no way of an outsider is open. */
function noneOpen({ installations: [first] }: WaysOnPage): string {
  const unknown = first?.told.notKnown.filter(({ from }) => isOutside(from)) ?? [];
  const closed = first?.told.closed.filter(({ from, by }) => isOutside(from) && !isNoStep(by)) ?? [];
  return [
    unknown.length === 0 ? 'No way in is open to outsiders.' : 'No way in is known to be open to outsiders.',
    ...(first ? whatStays(first.told).map((each) => `${sentence(each)}.`) : []),
    ...(closed.length > 0
      ? [
          `${many(closed.length, 'pair')} of position and asset ${closed.length === 1 ? 'is' : 'are'} closed by what the notes below the table name.`,
        ]
      : []),
    ...(unknown.length > 0
      ? [
          `${amount(unknown.length)} could not be decided: <code class="o">--server</code> and <code class="o">--docker</code> answer most of them.`,
        ]
      : []),
  ].join(' ');
}

/** An installation by the first file that its ways name. */
function nameOf({ cut, ways }: Ways, index: number): string {
  const place = cut.changes.find((each) => each.place)?.place ?? ways[0]?.steps.find((each) => each.place)?.place;
  return `Installation ${index + 1}${place ? `, with ${place.file}` : ''}`;
}

function* installationPart(
  { told, shift }: Installation,
  index: number,
  links: FindingLinks,
  changes: number,
): Generator<string> {
  const scene = waysSceneOf(told);
  if (scene) {
    const dashed = told.cut.changes.length > 0 ? ' Arrows with scissors are gone after the change of that number.' : '';
    const undrawn =
      scene.undrawn > 0
        ? ` ${many(scene.undrawn, 'way')} ${scene.undrawn === 1 ? 'is' : 'are'} not drawn to the end.`
        : '';
    yield `<p class="lead">From left to right: who starts (round), what they have on the way, and what they get (heavy red). Thin arrows with a hollow head are assumed, not seen.${dashed}${undrawn}</p>`;
    const { svg, width } = waysPicture(scene, shift);
    yield `<div class="scroll map${width > mostUpright ? ' across' : ''}" tabindex="0" role="region" aria-label="The ways as a picture${shift > 0 ? ` ${index + 1}` : ''}">${svg}</div>\n`;
  }
  const ways = told.ways;
  const isOpen = ({ if: act }: Way): boolean => act === undefined;
  const list = (title: string, of: readonly Way[], isFolded: boolean): Generator<string> =>
    waysList(title, grouped(of), { shift, links, changes, isFolded });
  yield* list(
    'Each way in',
    ways.filter((way) => isOpen(way) && isOutside(way.from)),
    false,
  );
  yield* list(
    'Only if somebody acts',
    ways.filter((way) => !isOpen(way) && isOutside(way.from)),
    true,
  );
  yield* list(
    'From people with access, and from suppliers of images',
    ways.filter((way) => isOpen(way) && !isOutside(way.from)),
    true,
  );
  yield* matrix(told, index);
}

interface Telling {
  readonly shift: number;
  readonly links: FindingLinks;
  readonly changes: number;
  readonly isFolded: boolean;
}

/** Ways as sentences, each with its steps; of those that go by the same kinds of steps, the first few. */
function* waysList(title: string, groups: readonly WayGroup[], telling: Telling): Generator<string> {
  if (groups.length === 0) return;
  const heading = `<h3>${title}</h3> <span class="gives">${many(groups.length, 'way')}</span>`;
  yield telling.isFolded ? `<details class="fold"><summary>${heading}</summary>` : `<div class="head">${heading}</div>`;
  const alike = new Map<string, WayGroup[]>();
  for (const group of groups) addTo(alike, shapeOf(group), group);
  let [told, toldOf] = [0, 0];
  for (const group of alike.values()) {
    if (told >= mostWays) break;
    for (const each of group.slice(0, mostAlike)) yield wayDetail(each, telling, told++ < mostPrinted);
    toldOf += group.length;
    if (group.length > mostAlike)
      yield `<p class="more">and ${many(group.length - mostAlike, 'more way')} by the same steps${elsewhere(group.slice(mostAlike))}</p>`;
  }
  const rest = groups.length - toldOf;
  if (rest > 0) yield `<p class="more">and ${many(rest, 'more way')}: <code>drone-audit paths</code> tells them</p>`;
  yield telling.isFolded ? '</details>\n' : '\n';
}

function elsewhere(groups: readonly WayGroup[]): string {
  const assets = groups.flatMap(({ to }) => to);
  const named = assets.slice(0, mostNamed).map((asset) => codeOf(cut(asset, 80)));
  return `: ${named.join(', ')}${assets.length > mostNamed ? ` and ${amount(assets.length - mostNamed)} more` : ''}`;
}

function shapeOf({ way: { from, if: act, certainty, steps }, to: [asset = ''] }: WayGroup): string {
  return JSON.stringify([from, act, certainty, asset.split(':')[0], steps.map(({ edge }) => edge)]);
}

function wayDetail(group: WayGroup, telling: Telling, isPrinted: boolean): string {
  const { way } = group;
  const note = way.if === undefined ? (way.certainty === 'unknown' ? 'not known' : way.certainty) : actOf(way.if);
  const numbers = [...new Set(way.steps.flatMap(({ cutBy = [] }) => cutBy))].sort((a, b) => a - b);
  // No link: what opens the way is pressed as a whole.
  const cuts =
    way.if === undefined && numbers.length > 0 ? `, cut ${markOf(numbers.map((each) => each + telling.shift))}` : '';
  return `<details class="way${isPrinted ? ' pr' : ''}"><summary>${escaped(sentence(cut(whoGetsWhat(group), mostOfText)))} <span class="gives">(${escaped(note)}${cuts})</span></summary><ol>${way.steps.map((step) => stepItem(step, way, telling)).join('')}</ol></details>\n`;
}

function stepItem(
  { edge, does, why, certainty, place, rule, fix, cutBy = [] }: Masked<ToldStep>,
  way: Way,
  telling: Telling,
): string {
  const doubt =
    certainty === 'seen' || way.if !== undefined
      ? ''
      : ` <span class="doubt">${certainty === 'unknown' ? 'not known' : certainty}</span>`;
  const where = place ? `<br>${telling.links.place(place, rule)}` : '';
  const because = why === '' ? '' : `${place ? ' ' : '<br>'}${escaped(cut(why, mostOfText))}`;
  const mending =
    fix === undefined
      ? cutBy.length > 0
        ? `<br><b>${sentence(cutWords(cutBy, telling))}</b>`
        : ''
      : `<br><b>${cutBy.length > 0 ? sentence(cutWords(cutBy, telling)) : 'Fix'}:</b> ${escaped(cut(fix, mostOfText))}`;
  return `<li><code>${escaped(edge)}</code> ${escaped(does)}${doubt}${where}${because}${mending}`;
}

/** `cut 1`, `cuts 2, 3 and 49 more`; links to those that are listed. */
function cutWords(numbers: readonly number[], { shift, changes }: Telling): string {
  const shown = numbers.slice(0, mostNamed).map((number) => number + shift);
  const links = shown.map((number) =>
    number <= Math.min(changes, mostChangesInAll) ? `<a href="#cut${number}">${number}</a>` : String(number),
  );
  const rest = numbers.length - shown.length;
  return `cut ${rest > 0 ? `${links.join(', ')} and ${amount(rest)} more` : listed(links)}`;
}

/** How it stands between each position and each asset; equal rows are one. */
function* matrix(told: Ways, index: number): Generator<string> {
  const positions = [...new Set(told.matrix.map(({ from }) => from))];
  if (positions.length === 0) return;
  const notes = new Map<string, number>();
  const rows = rowsOf(told, notes);
  yield '<h3>Positions and assets</h3>';
  yield* table(
    'How each position stands to each asset',
    ['Asset', ...positions],
    rows.slice(0, mostRows),
    ({ assets, cells }) => [
      assetWords(assets),
      ...positions.map((position): string | readonly [string, string] => {
        const { is, words, note } = cells.get(position) ?? { is: 'no step', words: 'no step', note: 0 };
        const mark = note > 0 && note <= mostNotes ? ` <a href="#note${index + 1}-${note}">[${note}]</a>` : '';
        return [
          `is ${is.split(' ').join('-')}`,
          `<span class="w">${escaped(position)}: </span>${escaped(words)}${mark}`,
        ];
      }),
    ],
  );
  if (rows.length > mostRows)
    yield `<p class="more">and ${many(rows.length - mostRows, 'more row')}: JSON has all of them</p>`;
  if (notes.size > 0)
    yield `<ol class="notes">${[...notes.keys()]
      .slice(0, mostNotes)
      .map((note, place) => `<li id="note${index + 1}-${place + 1}">${escaped(cut(note, mostOfText))}`)
      .join('')}</ol>\n`;
}

interface Cell {
  readonly is: string;
  readonly words: string;
  /** The number of what is said of it below the table; 0 without. */
  readonly note: number;
}

interface Row {
  readonly assets: readonly string[];
  readonly cells: ReadonlyMap<string, Cell>;
}

function isNoStep(reason: string): boolean {
  return reason === 'no step leads there';
}

function rowsOf({ matrix, ways, closed, notKnown }: Ways, notes: Map<string, number>): readonly Row[] {
  const reasons = new Map([
    ...closed.map(({ from, to, by }) => [`${from} ${to}`, by] as const),
    ...notKnown.map(({ from, to, because }) => [`${from} ${to}`, because] as const),
  ]);
  const helped = new Map<string, string[]>();
  for (const { from, to, if: act } of ways) if (act !== undefined) addTo(helped, `${from} ${to}`, actOf(act));
  const noteOf = (text: string): number => {
    if (text === '') return 0;
    const number = notes.get(text) ?? notes.size + 1;
    notes.set(text, number);
    return number;
  };
  const byAsset = new Map<string, Map<string, Cell>>();
  for (const { from, to, is } of matrix) {
    const reason = reasons.get(`${from} ${to}`) ?? '';
    if (is === 'closed' && isNoStep(reason)) continue;
    const acts = [...new Set(helped.get(`${from} ${to}`))];
    const words = is === 'if' ? `open only ${acts.join(', or ')}` : is === 'open' ? openTo(from) : is;
    const cells = byAsset.get(to) ?? new Map<string, Cell>();
    byAsset.set(
      to,
      cells.set(from, { is: is === 'open' && !isOutside(from) ? 'access' : is, words, note: noteOf(reason) }),
    );
  }
  const alike = new Map<string, { assets: string[]; cells: Map<string, Cell> }>();
  for (const [asset, cells] of byAsset) {
    const key = JSON.stringify([asset.split(':')[0], [...cells]]);
    const row = alike.get(key);
    if (row) row.assets.push(asset);
    else alike.set(key, { assets: [asset], cells });
  }
  return [...alike.values()];
}

function assetWords(assets: readonly string[]): string {
  const named = assets.slice(0, mostNamed).map((asset) => pathOf(cut(asset, 100)));
  return `${named.join(', ')}${assets.length > mostNamed ? ` and ${amount(assets.length - mostNamed)} more` : ''}`;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
