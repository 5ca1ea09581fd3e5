import { characterWidth } from '../display-width.ts';
import { cut } from '../prose.ts';
import { asShown, escaped } from './escape.ts';
import { type Arrow, columnsOf, type Layered, layered } from './layered.ts';
import type { WayArrow, WayBox, WaysScene } from './ways-scene.ts';
import { amount, many } from './words.ts';

/** The width of a page, which the picture keeps to where that leaves its boxes wide enough. */
const pageWidth = 1100;
const widestBox = 178;
const narrowestBox = 126;
/** A wider picture is made smaller by as much as its words bear, and then scrolled. */
const widest = 1260;
const leastScale = 0.85;
const room = 46;
const padding = 9;
const titleSize = 13;
const size = 12;
const lineHeight = 15.5;
const mostTitleLines = 4;
const mostNameLines = 3;
const mostNames = 2;
const mostStepLines = 3;
/** How much of the names of a box its tooltip has (UTF-16 units). */
const mostOfTooltip = 300;

const colours = {
  text: '#1a1f26',
  muted: '#515b67',
  asset: '#a3152f',
  cut: '#0a55b3',
  between: '#7a8694',
  panel: '#f1f3f5',
} as const;

/** A box with its words in lines. */
interface WrittenBox {
  readonly box: WayBox;
  readonly title: readonly string[];
  readonly names: readonly string[];
  readonly steps: readonly string[];
}

/** The ways of a scene as a drawing; `shift`: how many changes of other cuts are numbered before its own. */
export function waysPicture(scene: WaysScene, shift: number): { readonly svg: string; readonly width: number } {
  const { boxes, arrows, ways } = scene;
  const columns = columnsOf(boxes.length, arrows);
  const amountOfColumns = Math.max(...columns) + 1;
  const fitting = Math.floor((pageWidth - (amountOfColumns - 1) * room) / amountOfColumns);
  const boxWidth = Math.min(widestBox, Math.max(narrowestBox, fitting));
  const written = boxes.map((box, index) => writtenBox(box, stepsTo(index, arrows), boxWidth - 2 * padding));
  const marks = arrows.map(({ cutBy }) => markOf(cutBy.map((number) => number + shift)));
  const sized = arrows.map(({ from, to }, index): Arrow => ({ from, to, mark: roomOf(marks[index] ?? '') }));
  const layout = layered({ columns, boxWidth, heights: written.map(heightOf) }, sized);
  const [width, height] = [Math.round(layout.width), Math.round(layout.height)];
  const cuts = arrows.filter(({ cutBy }) => cutBy.length > 0).length;
  const scale = width > widest ? leastScale : 1;
  const svg = [
    `<svg class="ways${scale < 1 ? ' broad' : ''}" width="${Math.round(width * scale)}" height="${Math.round(height * scale)}" viewBox="0 0 ${width} ${height}" role="img"><title>${titleOf(scene)}</title><desc>${descriptionOf(scene, cuts)}</desc>`,
    arrowsOf('arrow', colours.muted, scene, layout, ({ isCut }) => !isCut),
    arrowsOf('arrow cut', colours.cut, scene, layout, ({ isCut }) => isCut),
    ...(['position', 'between', 'asset'] as const).map((kind) => boxesOf(kind, written, layout, boxWidth, ways)),
    marksOf(marks, layout),
    '</svg>',
  ].join('');
  return { svg, width };
}

function titleOf({ boxes, ways }: WaysScene): string {
  const assets = boxes.filter(({ is }) => is === 'asset');
  return escaped(
    `${many(ways, 'way')} in, from ${listOf(boxes, 'position')} to ${many(assets.length, 'kind')} of assets`,
  );
}

function listOf(boxes: readonly WayBox[], kind: WayBox['is']): string {
  return boxes.flatMap(({ is, title }) => (is === kind ? [title] : [])).join(', ');
}

function descriptionOf({ boxes }: WaysScene, cuts: number): string {
  const cut =
    cuts === 0
      ? ''
      : ` ${many(cuts, 'arrow')} ${cuts === 1 ? 'has' : 'have'} the numbers of the changes that cut them.`;
  return escaped(`Leads to: ${cutList(listOf(boxes, 'asset'))}.${cut} The same follows in words.`);
}

function cutList(text: string): string {
  return cut(text, 400);
}

/** The steps that lead into a box. */
function stepsTo(box: number, arrows: readonly WayArrow[]): readonly string[] {
  return [...new Set(arrows.flatMap(({ to, edges }) => (to === box ? edges : [])))];
}

function writtenBox(box: WayBox, steps: readonly string[], width: number): WrittenBox {
  const names = box.names
    .slice(0, mostNames)
    .flatMap((name, index) => inLines(index === 0 ? box.before + name : name, width, size, mostNameLines));
  const more = box.names.length - mostNames;
  return {
    box,
    title: inLines(box.title, width, titleSize * boldness, mostTitleLines),
    names: more > 0 ? [...names, `and ${amount(more)} more`] : names,
    steps: steps.length === 0 ? [] : inLines(`by\u00a0${steps.join(', ')}`, width, size, mostStepLines),
  };
}

function heightOf({ title, names, steps }: WrittenBox): number {
  return Math.ceil((title.length + names.length + steps.length) * lineHeight + 11);
}

/** How much wider a bold letter is. */
const boldness = 1.12;

/** Widths of letters in the widest font that a browser is likely to take, in parts of its size. */
function widthOf(text: string, fontSize: number): number {
  let width = 0;
  for (const each of text) {
    if (characterWidth(each) === 0) continue;
    if (characterWidth(each) > 1) width += 1.05;
    else if (/[ijlI.,:;'|!]/.test(each)) width += 0.34;
    else if (/[frt\u00a0 \-()[\]{}/]/.test(each)) width += 0.42;
    else if (/[mwMW@%\u2026]/.test(each)) width += 1;
    else if (/[A-Z#]/.test(each)) width += 0.72;
    else if (/[a-z0-9]/.test(each)) width += 0.62;
    else width += 1.05;
  }
  return width * fontSize;
}

/** Where a name can be broken: behind a space or slash, or before a tag or digest. */
const breaks = /(?<=[/ ])|(?=@)|(?<!@sha256)(?=:)/;
const breaksOfName = /(?<=[-_.])/;

/** More marks on one letter than any language has would stand over other lines. */
const stackedMarks = /(\p{M}{2})\p{M}+/gu;

/** A text in a few lines of a width; what does not fit is left out of the end. */
function inLines(text: string, width: number, fontSize: number, most: number): readonly string[] {
  const fits = (line: string): boolean => widthOf(line.trimEnd(), fontSize) <= width;
  const lines: string[] = [];
  const parts = asShown(cut(text, 400))
    .replace(stackedMarks, '$1')
    .split(breaks)
    .flatMap((part) => (fits(part) ? [part] : part.split(breaksOfName)));
  for (const part of parts) {
    const joined = (lines.at(-1) ?? '') + part;
    if (lines.length > 0 && fits(joined)) lines[lines.length - 1] = joined;
    else lines.push(part);
  }
  const shown = lines.slice(0, most);
  const isCut = lines.length > most;
  return shown
    .map((line, index) => fitted(line.trim(), isCut && index === most - 1, fits))
    .filter((line) => line !== '');
}

/** A line without its end, if that has no room or more would follow. */
function fitted(line: string, isCut: boolean, fits: (line: string) => boolean): string {
  if (!isCut && fits(line)) return line;
  const characters = [...line];
  while (characters.length > 0 && !fits(`${characters.join('')}…`)) characters.pop();
  return `${characters.join('').trimEnd()}…`;
}

function boxesOf(
  kind: WayBox['is'],
  written: readonly WrittenBox[],
  { boxes }: Layered,
  width: number,
  ways: number,
): string {
  const [fill, stroke, thickness, radius] =
    kind === 'position'
      ? [colours.panel, colours.text, 1.2, 18]
      : kind === 'asset'
        ? ['#fff', colours.asset, 2.6, 4]
        : ['#fff', colours.between, 1.2, 4];
  const drawn = written.flatMap(({ box, title, names, steps }, index) => {
    const at = boxes[index];
    if (!at || box.is !== kind) return [];
    const [x, y] = [Math.round(at.x), Math.round(at.y)];
    const lines = [
      ...title.map((line) => [line, 'b'] as const),
      ...names.map((line) => [line, 'n'] as const),
      ...steps.map((line) => [line, 's'] as const),
    ];
    const top = y + (at.height - lines.length * lineHeight) / 2 + 11.5;
    const texts = lines.map(([line, style], row) => textOf(x + padding, top + row * lineHeight, line, style));
    return [
      `<g><title>${escaped(tooltipOf(box, ways))}</title><rect x="${x}" y="${y}" width="${width}" height="${Math.round(at.height)}" rx="${radius}" fill="${fill}" stroke="${stroke}" stroke-width="${thickness}"/>${texts.join('')}</g>`,
    ];
  });
  return drawn.length === 0 ? '' : `<g class="box ${kind}" font-size="${size}">${drawn.join('')}</g>`;
}

function tooltipOf({ title, before, names, ways: own }: WayBox, ways: number): string {
  return cut(
    `${[title, names.length === 0 ? '' : before + names.join(', ')].filter(Boolean).join(' ')} (${amount(own)} of ${many(ways, 'way')})`,
    mostOfTooltip,
  );
}

function textOf(x: number, y: number, line: string, style: 'b' | 'n' | 's'): string {
  const attributes =
    style === 'b'
      ? `fill="${colours.text}" font-size="${titleSize}" font-weight="700"`
      : `fill="${style === 'n' ? colours.text : colours.muted}"`;
  return `<text class="${style === 's' ? 's' : 't'}" x="${x}" y="${y.toFixed(1)}" ${attributes}>${escaped(line)}</text>`;
}

function arrowsOf(
  name: string,
  colour: string,
  { arrows }: WaysScene,
  layout: Layered,
  isMeant: (arrow: WayArrow) => boolean,
): string {
  const lines: string[] = [];
  const heads: string[] = [];
  for (const [index, arrow] of arrows.entries()) {
    const drawn = layout.arrows[index];
    if (!drawn || !isMeant(arrow)) continue;
    const { x, y } = drawn.end;
    const width = arrow.isSeen ? 2 : 1.3;
    lines.push(`<path d="${drawn.path}" stroke-width="${width}"/>`);
    heads.push(
      `<path d="M${Math.round(x) - 8} ${Math.round(y) - 4}l8 4l-8 4z" fill="${arrow.isSeen ? colour : '#fff'}"${arrow.isSeen ? '' : ' class="hollow"'}/>`,
    );
  }
  if (lines.length === 0) return '';
  const dash = name === 'arrow' ? '' : ' stroke-dasharray="7 4"';
  return `<g class="${name}" fill="none" stroke="${colour}"${dash}>${lines.join('')}</g><g class="${name} heads" stroke="${colour}">${heads.join('')}</g>`;
}

/** `3`, `2, 5`, `2–51`, or the first of many; empty without any. */
export function markOf(numbers: readonly number[]): string {
  const [first, second] = numbers;
  if (first === undefined) return '';
  const last = numbers.at(-1) ?? first;
  if (numbers.length === 1) return String(first);
  if (numbers.length > 2 && last - first === numbers.length - 1) return `${first}–${last}`;
  return numbers.length === 2 ? `${first}, ${second}` : `${first} +${numbers.length - 1}`;
}

const scissorsWidth = 14;

function badgeWidth(mark: string): number {
  return mark === '' ? 0 : scissorsWidth + Math.ceil(widthOf(mark, size * boldness)) + 8;
}

function roomOf(mark: string): number {
  return mark === '' ? 0 : badgeWidth(mark) + 10;
}

function marksOf(marks: readonly string[], { arrows }: Layered): string {
  const drawn = marks.flatMap((mark, index) => {
    const at = arrows[index]?.markAt;
    return mark === '' || !at ? [] : [badge(Math.round(at.x) + 5, Math.round(at.y) - 9, mark)];
  });
  return drawn.length === 0 ? '' : `<g class="badge" font-size="${size}" font-weight="700">${drawn.join('')}</g>`;
}

/** Scissors and a number. */
function badge(x: number, y: number, mark: string): string {
  return `<rect x="${x}" y="${y}" width="${badgeWidth(mark)}" height="18" rx="4" fill="${colours.cut}"/><path d="M${x + 6} ${y + 6}l8 6M${x + 6} ${y + 12}l8-6" fill="none" stroke="#fff" stroke-width="1.3"/><circle cx="${x + 5}" cy="${y + 5}" r="1.9" fill="none" stroke="#fff" stroke-width="1.2"/><circle cx="${x + 5}" cy="${y + 13}" r="1.9" fill="none" stroke="#fff" stroke-width="1.2"/><text x="${x + scissorsWidth + 3}" y="${y + 13.3}" fill="#fff">${mark}</text>`;
}

/** The same mark beside words. */
export function cutBadge(number: number): string {
  const mark = String(number);
  const width = badgeWidth(mark);
  return `<svg class="snip" width="${width + 2}" height="20" viewBox="0 0 ${width + 2} 20" aria-hidden="true"><g class="badge" font-size="${size}" font-weight="700">${badge(1, 1, mark)}</g></svg>`;
}
