import { firstSentence } from '../model/prose.ts';
import type { Finding } from '../model/report.ts';
import { atLeast } from '../model/severity.ts';
import { lineOf } from '../model/source.ts';
import { displayWidth, wrap, wrapCode } from './display-width.ts';
import { visible } from './escape.ts';
import { type FrameLine, frame } from './frame.ts';
import { andMore, besidePlace, listed, placeIn, placeOf, type View } from './places.ts';
import { hanging, proseLines } from './prose.ts';
import type { Paint } from './styles.ts';

const bar = '  │ ';
/** How many further places of a finding that is told briefly are listed. */
const listedBriefly = 2;

/** Findings that are told together: the worst of them, others as further places, and those that are merely counted. */
export interface Told {
  readonly first: Finding;
  readonly more: readonly Finding[];
  readonly rest: { readonly amount: number; readonly files: number };
}

/**
 * How much is told: `full`; `again`, where the report has explained the rule already; and where there are too many
 * findings, `folded`, a line for each further place, or `brief`, without the reasons.
 */
export type Telling = 'full' | 'again' | 'folded' | 'brief';

/** How many further places of a finding are listed. */
export function mostFurther(telling: Telling, { verbose }: View): number {
  return verbose ? Number.POSITIVE_INFINITY : telling === 'brief' ? listedBriefly : listed;
}

/** One finding with what follows from it, what belongs to it, and where else the same is. */
export function* findingLines(told: Told, telling: Telling, view: View): Generator<string> {
  const { first } = told;
  const { faint } = view.style;
  yield* headerLines(first, view);
  for (const text of bodyLines(first, telling, view)) yield text === '' ? faint(bar.trimEnd()) : faint(bar) + text;
  if (!isFolded(telling)) {
    yield* consequenceLines(first, view);
    yield* relatedLines(first, view);
  }
  yield* moreLines(told, telling, view);
}

/** Place, severity and rule, and at the right whom it is open to. */
export function headerLines(finding: Finding, view: View): string[] {
  const { width, style } = view;
  const { severity, rule } = finding;
  const place = placeIn(finding.at, view).shown;
  const painted = `${style.severity[severity](severity.toUpperCase())}  ${style.strong(rule)}`;
  const used = leftOf(finding);
  if (used > width) return [style.strong(place), `  ${painted}`];
  const reach = reachBeside(finding, width);
  const gap = ' '.repeat(Math.max(0, width - used - displayWidth(reach)));
  return [`${style.strong(place)}  ${painted}${reach && gap + reach}`];
}

/** Columns of a header without what stands at its right. */
function leftOf({ at, severity, rule }: Finding): number {
  return displayWidth(placeOf(at)) + severity.length + rule.length + 4;
}

/** Whom a finding is open to, if it fits beside its header. */
function reachBeside(finding: Finding, width: number): string {
  const reach = openTo(finding);
  return leftOf(finding) + displayWidth(reach) + 4 <= width ? reach : '';
}

/** Whom a finding is open to, if its header has no room for that. */
export function reachBelow(finding: Finding, width: number): string {
  return reachBeside(finding, width) === '' ? openTo(finding) : '';
}

function openTo({ reach }: Finding): string {
  return reach === undefined ? '' : `open to ${visible(reach)}`;
}

function isFolded(telling: Telling): boolean {
  return telling === 'folded' || telling === 'brief';
}

function bodyLines(finding: Finding, telling: Telling, view: View): string[] {
  const room = view.width - bar.length;
  const doubt = finding.confidence === 'high' ? '' : ` (confidence: ${finding.confidence})`;
  const message = visible(finding.message) + doubt;
  const reach = reachBelow(finding, view.width);
  const reachLines = reach === '' ? [] : wrap(reach, room);
  if (telling === 'brief')
    return [
      ...wrap(message, room),
      ...reachLines,
      ...hanging('Fix: ', visible(finding.task), room, wrapCode),
      ...foldedConsequences(finding, room),
    ];
  // What is less severe is told more tightly.
  const hasContext = telling === 'full' && atLeast(finding.severity, 'high');
  return [
    ...wrap(message, room),
    ...reachLines,
    ...frameLines(frame(finding.at, room - besideCode(finding), hasContext), view.style.mark[finding.severity], view),
    ...(hasContext ? [''] : []),
    ...(telling === 'again' ? [] : explanation(finding, room, view)),
    ...(isFolded(telling) ? foldedConsequences(finding, room) : []),
  ];
}

function explanation({ why, fix }: Finding, room: number, { verbose }: View): string[] {
  return [...proseLines(verbose ? why : firstSentence(why), room), ...fixLines(fix, room)];
}

/** Columns that the number of a line takes beside it. */
function besideCode({ at }: Finding): number {
  return digitsOf(lineOf(at) + 1) + 3;
}

function digitsOf(line: number): number {
  return Math.max(3, String(line).length);
}

function frameLines(lines: readonly FrameLine[], paint: Paint, { style }: View): string[] {
  const digits = Math.max(...lines.map(({ line }) => digitsOf(line)));
  return lines.flatMap(({ line, text, mark }) => {
    const quoted = `${style.faint(`${String(line).padStart(digits)} │`)} ${text}`;
    if (!mark) return [quoted];
    const carets = paint('^'.repeat(mark.to - mark.from));
    return [quoted, `${' '.repeat(digits)} ${style.faint('│')} ${' '.repeat(mark.from)}${carets}`];
  });
}

function fixLines(fix: string, room: number): string[] {
  const lines = proseLines(fix, room - 5);
  if (fix.trimStart().startsWith('```')) return ['Fix:', ...lines];
  return lines.map((line, index) => (index === 0 ? `Fix: ${line}` : `     ${line}`));
}

/** What the same condition opens: its fix removes it, or leaves a finding that is less severe. */
function consequenceLines({ consequences }: Finding, view: View): string[] {
  const entries = consequences.map(({ at, severity, rule, message }) =>
    besidePlace(placeIn(at, view), `opens ${severity} ${rule}: ${visible(message)}`, view),
  );
  return fewOf(entries, view);
}

/** The worst of what a finding opens, where there is no room to list it all. */
function foldedConsequences({ consequences: [worst, ...others] }: Finding, room: number): string[] {
  if (!worst) return [];
  const more = others.length > 0 ? `; ${andMore(others.length)}` : '';
  return wrap(`Opens ${worst.severity} ${worst.rule}: ${visible(worst.message)}${more}`, room);
}

function relatedLines({ related }: Finding, view: View): string[] {
  const entries = related.map(({ at, message }) => besidePlace(placeIn(at, view), `also: ${visible(message)}`, view));
  return fewOf(entries, view);
}

/** Entries of one or more lines each; only a few of them unless --verbose. */
function fewOf(entries: readonly (readonly string[])[], { verbose, style }: View): string[] {
  if (verbose || entries.length <= listed) return entries.flat();
  return [...entries.slice(0, listed).flat(), style.faint(andMore(entries.length - listed))];
}

/** Where the same is once more; what it shares with the first place is not repeated. */
function* moreLines({ first, more, rest }: Told, telling: Telling, view: View): Generator<string> {
  for (const finding of more) {
    if (isFolded(telling)) yield* furtherInBrief(finding, first, view);
    else yield* furtherPlace(finding, first, view);
    if (!view.verbose) continue;
    yield* consequenceLines(finding, view);
    yield* relatedLines(finding, view);
  }
  if (rest.amount > 0) yield view.style.faint(andMore(rest.amount, rest.files));
}

function furtherPlace(finding: Finding, first: Finding, view: View): string[] {
  const { at, label, message, reach, consequences } = finding;
  const isOther = label !== first.label && at.source.name === first.at.source.name && !message.includes(label);
  const component = isOther ? ` (${visible(label)})` : '';
  const whom = reach === undefined || reach === first.reach ? '' : `, open to ${visible(reach)}`;
  const opens = consequences.length === 0 ? '' : `, opens ${consequences.map(({ rule }) => rule).join(', ')}`;
  return besidePlace(placeIn(at, view), `${visible(message)}${component}${whom}${opens}`, view);
}

function furtherInBrief({ at, severity, message }: Finding, first: Finding, view: View): string[] {
  const words = message === first.message ? '' : visible(message);
  const behind = severity === first.severity ? [words] : [severity, words];
  return besidePlace(placeIn(at, view), behind.filter(Boolean).join(': '), view);
}
