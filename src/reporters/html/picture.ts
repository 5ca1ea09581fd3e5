import { groupedBy } from '../../model/groups.ts';
import { type Lane, lanes } from '../../model/picture.ts';
import { listed } from '../../model/prose.ts';
import type { Finding, Report } from '../../model/report.ts';
import { atLeast, bySeverity, type Severity } from '../../model/severity.ts';
import { cut } from '../prose.ts';
import { type Actor, actors, type Door, Doors } from './doors.ts';
import { escaped } from './escape.ts';
import { type Box, doorRadius, type Layout, type Line, type Mark, narrowLayout, wideLayout } from './layout.ts';
import type { Told } from './told.ts';
import { amount, many } from './words.ts';

type Node = NonNullable<Report['picture']>['nodes'][number];

/** More parts of one lane are folded into one, and more lines are left to the words. */
const mostInLane = 6;
const mostLines = 24;
/** How many decisions are drawn as doors; as many findings of each as are at hand are asked where they lie. */
export const mostDoors = 12;
const mostLinesOfDoor = 3;
const mostMarks = 2;
/** How much text has room in a box. */
const maxCharacters = 23;
const maxTitle = 19;
const mostWrapped = 3;

const laneNames: Readonly<Record<Lane, string>> = {
  outside: 'Outside',
  server: 'Server',
  runner: 'Runner',
  host: 'Host',
};

const colours: Readonly<Record<Severity | 'none', string>> = {
  critical: '#a3152f',
  high: '#ad450a',
  medium: '#7d5d07',
  low: '#3a5f8c',
  info: '#59626d',
  none: '#7a8694',
};

/** A door, and how many leads through it are known. */
interface Way {
  readonly mark: Mark;
  readonly door: Door;
}

/** What the picture shows, before it has places. */
export interface Scene {
  readonly boxes: readonly Box[];
  readonly lines: readonly Line[];
  /** Who comes in by the doors, the worst first, as a sentence names them. */
  readonly who: readonly string[];
}

/** The doors of the decisions, on what leads from part to part. */
export function sceneOf({ picture }: Report, told: readonly Told[]): Scene | undefined {
  if (!picture || picture.nodes.length + told.length < 2) return undefined;
  const doors = new Doors(picture);
  const ways = told.slice(0, mostDoors).flatMap(({ number, findings }) => waysOf(number, findings, doors));
  const lines = new Map<string, { from: string; to: string; labels: string[]; marks: Mark[] }>();
  const between = (from: string, to: string): { labels: string[]; marks: Mark[] } => {
    const there = lines.get(`${from} ${to}`) ?? lines.get(`${to} ${from}`) ?? { from, to, labels: [], marks: [] };
    lines.set(`${there.from} ${there.to}`, there);
    return there;
  };
  for (const { mark, door } of ways) {
    const { marks } = between(idOf(door.from), door.to.id);
    if (!marks.some(({ number }) => number === mark.number)) marks.push(mark);
  }
  for (const { from, to, kind, plain } of picture.edges)
    between(from, to).labels.push(
      kind === 'rpc' ? `RPC${plain ? ', http' : ''}` : plain ? `${kind}, http` : kind === 'sql' ? 'SQL' : kind,
    );
  const worst = new Map<string, Severity>();
  for (const { mark, door } of ways)
    for (const id of [door.to.id])
      if (bySeverity(mark.severity, worst.get(id) ?? 'info') < 0) worst.set(id, mark.severity);

  const present = new Set(ways.flatMap(({ door: { from } }) => (typeof from === 'string' ? [from] : [])));
  const persons = (Object.keys(actors) as Actor[]).filter((actor) => present.has(actor));
  const boxes = [
    ...persons.map((actor) => personBox(actor)),
    ...picture.nodes.map((node) => boxOf(node, worst.get(node.id) ?? 'none')),
  ];
  const named = new Map<Actor, Severity>();
  for (const { mark, door } of ways) {
    const actor = typeof door.from === 'string' ? door.from : door.who;
    if (actor && bySeverity(mark.severity, named.get(actor) ?? 'info') < 0) named.set(actor, mark.severity);
  }
  const who = [...named].sort(([, a], [, b]) => bySeverity(a, b)).map(([actor]) => actors[actor].words);
  return { ...folded(boxes, [...lines.values()]), who };
}

function waysOf(number: number, findings: readonly Finding[], doors: Doors): readonly Way[] {
  const ways = new Map<string, Way>();
  for (const finding of findings) {
    if (!atLeast(finding.severity, 'high')) continue;
    const door = doors.of(finding);
    if (!door || (typeof door.from !== 'string' && door.from.id === door.to.id)) continue;
    const key = `${idOf(door.from)} ${door.to.id}`;
    const there = ways.get(key);
    if (!there || bySeverity(finding.severity, there.mark.severity) < 0)
      ways.set(key, { mark: { number, severity: finding.severity }, door });
  }
  return [...ways.values()].slice(0, mostLinesOfDoor);
}

function idOf(from: Door['from']): string {
  return typeof from === 'string' ? `who-${from}` : from.id;
}

function personBox(actor: Actor): Box {
  const { name, line } = actors[actor];
  return { id: `who-${actor}`, lane: 'outside', title: name, lines: [line], tone: 'none', dashed: false };
}

function boxOf({ id, lane, kind, name, lines, seen }: Node, tone: Severity | 'none'): Box {
  const what =
    kind === name || kind === 'builds' || kind === 'engine' || kind === 'scm' || kind === 'database' ? [] : [kind];
  const shown = [...what, ...lines].flatMap((line) => wrapped(line)).slice(0, 6);
  return { id, lane, title: cut(name, maxTitle), lines: shown, tone, dashed: !seen };
}

/** Where the name of an image or a host can be broken: behind a slash or space, before a tag or digest; else within a name. */
const parts = /(?<=[/ ])|(?=@)|(?<!@sha256)(?=:)/;
const partsOfName = /(?<=[-_.])/;

/** A line in a few, broken between parts of a name as far as they fit. */
function wrapped(line: string): readonly string[] {
  if (line.length <= maxCharacters) return [line];
  const lines: string[] = [];
  for (const part of line
    .split(parts)
    .flatMap((part) => (part.length <= maxCharacters ? [part] : part.split(partsOfName)))) {
    const joined = (lines.at(-1) ?? '') + part;
    if (lines.length > 0 && joined.trimEnd().length <= maxCharacters) lines[lines.length - 1] = joined;
    else lines.push(part);
  }
  return [...lines.slice(0, mostWrapped - 1), lines.slice(mostWrapped - 1).join('')]
    .map((each) => cut(each.trim(), maxCharacters))
    .filter((each) => each !== '');
}

/** Lanes of a few boxes, with what is worst kept, and lines between those. */
function folded(
  boxes: readonly Box[],
  lines: readonly { from: string; to: string; labels: readonly string[]; marks: readonly Mark[] }[],
): { boxes: readonly Box[]; lines: readonly Line[] } {
  const into = new Map<string, string>();
  const shown: Box[] = [];
  const marked = new Set(lines.flatMap(({ from, to, marks }) => (marks.length > 0 ? [from, to] : [])));
  for (const lane of lanes) {
    const of = boxes.filter((box) => box.lane === lane);
    if (of.length <= mostInLane) {
      shown.push(...of);
      continue;
    }
    const ranked = of.toSorted((a, b) => Number(marked.has(b.id)) - Number(marked.has(a.id)));
    const kept = new Set(ranked.slice(0, mostInLane - 1));
    const rest = of.filter((box) => !kept.has(box));
    const withDoors = rest.filter(({ id }) => marked.has(id)).length;
    const fold: Box = {
      ...{ id: `more-${lane}`, lane, tone: 'none', dashed: false },
      title: `${many(rest.length, 'other')}`,
      lines: [withDoors === 0 ? 'none with a door' : `${withDoors} with doors`],
    };
    for (const { id } of rest) into.set(id, fold.id);
    shown.push(...of.filter((box) => kept.has(box)), fold);
  }
  const merged = new Map<string, { from: string; to: string; labels: Set<string>; marks: Mark[] }>();
  for (const line of lines) {
    const [from, to] = [into.get(line.from) ?? line.from, into.get(line.to) ?? line.to];
    if (from === to) continue;
    const key = `${from} ${to}`;
    const there = merged.get(key) ?? { from, to, labels: new Set<string>(), marks: [] };
    merged.set(key, there);
    for (const label of line.labels) there.labels.add(label);
    for (const mark of line.marks)
      if (!there.marks.some(({ number }) => number === mark.number)) there.marks.push(mark);
  }
  const all = [...merged.values()].flatMap(({ from, to, labels, marks }): Line[] => {
    const label = cut([...labels].join(', '), 12);
    const sorted = marks.toSorted((a, b) => a.number - b.number);
    if (sorted.length === 0) return [{ from, to, label, marks: [] }];
    const rows: Line[] = [];
    for (let index = 0; index < sorted.length; index += mostMarks)
      rows.push({ from, to, label, marks: sorted.slice(index, index + mostMarks) });
    return rows;
  });
  const lead = all.toSorted((a, b) => b.marks.length - a.marks.length).slice(0, mostLines);
  const kept = new Set(lead);
  const persons = (box: Box): number => {
    const to = all.find(({ from }) => from === box.id)?.to;
    return box.lane === 'outside' ? lanes.indexOf(shown.find(({ id }) => id === to)?.lane ?? 'server') : 0;
  };
  return { boxes: shown.toSorted((a, b) => persons(a) - persons(b)), lines: all.filter((line) => kept.has(line)) };
}

/** The picture as two drawings of the same, of which a style shows one, and once more in words. */
export function* pictureSection(scene: Scene, isAsked: boolean): Generator<string> {
  const doors = new Set(scene.lines.flatMap(({ marks }) => marks.map(({ number }) => number)));
  const lead =
    doors.size === 0
      ? 'Grey lines have no finding at or above high.'
      : 'Red and orange lines are ways in; the numbers are those of the list above. Grey lines have no finding at or above high.';
  yield `<section id="picture"><h2>The installation</h2><p class="lead">${lead} Dashed parts were not looked at.${isAsked ? '' : ' No engine was asked: what runs may differ from what is written.'}</p><figure>`;
  yield svg(wideLayout(scene.boxes, scene.lines), 'wide', doors.size);
  yield svg(narrowLayout(scene.boxes, scene.lines), 'narrow', doors.size);
  yield `</figure><details class="fold"><summary>The same in words</summary><ul>`;
  const titles = new Map(scene.boxes.map(({ id, title }) => [id, title]));
  const lines = scene.lines.map(
    ({ from, to, label, marks }) =>
      `${escaped(titles.get(from) ?? '')} to ${escaped(titles.get(to) ?? '')}${label === '' ? '' : ` (${escaped(label)})`}${marks.length === 0 ? '' : `: ${listed(marks.map(({ number, severity }) => `<a href="#todo${number}">door ${number}</a>, ${severity}`))}`}`,
  );
  for (const [line, { length }] of groupedBy(lines, (line) => line))
    yield `<li>${line}${length === 1 ? '' : ` (${amount(length)} times)`}</li>`;
  yield '</ul></details></section>\n';
}

const tones = ['critical', 'high', 'none'] as const;

/**
 * Colours are attributes, of a shape or of the group that it is in, and the style only changes them: a page that loses its
 * style shows no black boxes.
 */
function svg({ width, height, lanes: shown, boxes, lines }: Layout, name: 'wide' | 'narrow', doors: number): string {
  const label = `The installation: who reaches whom, with ${many(doors, 'open door')}. The same follows in words.`;
  const high = Math.round(height);
  return `<svg class="${name}" width="${width}" height="${high}" viewBox="0 0 ${width} ${high}" role="group" aria-label="${label}">${[
    `<defs>${tones.map((tone) => arrow(name, tone)).join('')}</defs>`,
    group(
      'lane',
      'fill="#f1f3f5"',
      shown.map(({ x, y, width, height }) => rect(x, y, width, height, 10)),
    ),
    group(
      'lane',
      'fill="#515b67" font-size="14"',
      shown.map(({ lane, x, y }) => text(x + 4, y - 8, laneNames[lane])),
    ),
    ...tones.map((tone) =>
      group(
        `edge ${tone}`,
        `fill="none" stroke="${colours[tone]}" stroke-width="${tone === 'none' ? 1.6 : 2.4}" marker-end="url(#${name}-${tone})"`,
        lines.filter(({ marks }) => toneOf(marks) === tone).map(({ path }) => `<path d="${path}"/>`),
      ),
    ),
    ...tones.map((tone) =>
      boxesOf(
        tone,
        boxes.filter((box) => kindOf(box) === tone),
      ),
    ),
    group(
      't',
      'fill="#1a1f26" font-size="14" font-weight="600"',
      boxes.map(({ x, y, title }) => text(x + 11, y + 21, title)),
    ),
    group(
      's',
      'fill="#515b67" font-size="12"',
      boxes.flatMap(({ x, y, lines: of }) => of.map((line, index) => text(x + 11, y + 38 + index * 16, line))),
    ),
    group(
      's',
      'fill="#515b67" font-size="11"',
      lines.flatMap(({ marks, label: words, labelAt: { x, y } }) =>
        marks.length === 0 && words !== '' ? [text(x, y, words)] : [],
      ),
    ),
    ...tones.map((tone) => doorsOf(tone, lines)),
  ].join('')}</svg>`;
}

function arrow(name: string, tone: (typeof tones)[number]): string {
  return `<marker id="${name}-${tone}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" markerUnits="userSpaceOnUse" orient="auto"><path class="head ${tone}" fill="${colours[tone]}" stroke="none" d="M0 0 8 4 0 8z"/></marker>`;
}

function boxesOf(tone: (typeof tones)[number], boxes: Layout['boxes']): string {
  return group(
    `node ${tone}`,
    `fill="#fff" stroke="${colours[tone]}" stroke-width="1.5"`,
    boxes.map(({ x, y, width, height, dashed }) =>
      rect(x, y, width, height, 8, dashed ? ' stroke-dasharray="5 4"' : ''),
    ),
  );
}

function doorsOf(tone: (typeof tones)[number], lines: Layout['lines']): string {
  const doors = lines.flatMap(({ marks, marksAt }) =>
    marks.flatMap(({ number, severity }, index) => {
      const { x, y } = marksAt[index] ?? { x: 0, y: 0 };
      return severity === tone
        ? [
            `<a href="#todo${number}" aria-label="Door ${number}, ${severity}"><circle stroke="#fff" stroke-width="2" cx="${Math.round(x)}" cy="${Math.round(y)}" r="${doorRadius}"/>${text(x, y + 5, String(number), ' fill="#fff"')}</a>`,
          ]
        : [];
    }),
  );
  return group(`door ${tone}`, `fill="${colours[tone]}" font-size="14" font-weight="700" text-anchor="middle"`, doors);
}

function group(name: string, attributes: string, parts: readonly string[]): string {
  return parts.length === 0 ? '' : `<g class="${name}" ${attributes}>${parts.join('')}</g>`;
}

function rect(x: number, y: number, width: number, height: number, radius: number, more = ''): string {
  const [left, top] = [Math.round(x), Math.round(y)];
  return `<rect x="${left}" y="${top}" width="${Math.round(width)}" height="${Math.round(height)}" rx="${radius}"${more}/>`;
}

function text(x: number, y: number, words: string, more = ''): string {
  return `<text x="${Math.round(x)}" y="${Math.round(y)}"${more}>${escaped(words)}</text>`;
}

function kindOf({ tone }: Box): (typeof tones)[number] {
  return tone === 'critical' || tone === 'high' ? tone : 'none';
}

function toneOf(marks: readonly Mark[]): 'critical' | 'high' | 'none' {
  if (marks.some(({ severity }) => severity === 'critical')) return 'critical';
  return marks.length > 0 ? 'high' : 'none';
}
