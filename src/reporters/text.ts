import { compare } from '../model/compare.ts';
import { count } from '../model/prose.ts';
import type { Finding, Report } from '../model/report.ts';
import { atLeast, totalOf } from '../model/severity.ts';
import type { AdviceGroup, AdviceGroups } from './decisions.ts';
import { displayWidth, wrap } from './display-width.ts';
import { visible } from './escape.ts';
import { findingLines, mostFurther, type Told } from './finding-lines.ts';
import { LastFindings, lastScreen } from './last-screen.ts';
import { FileCount, Kept, numbered } from './passes.ts';
import type { View } from './places.ts';
import { sourcesInAll } from './read-sources.ts';
import { linked, styles, type TextOptions } from './styles.ts';
import { isOpen, tallyOf } from './tally.ts';

/** More findings than these do not fit a few screens, and are told by rule unless --verbose. */
const mostByArtefact = 40;

/** More findings than these are not put in order, and are told file after file. */
const mostSorted = 10_000;

/**
 * The report for people: what was found, the worst first, and at the end, where the eye is, what to do about it. Line by
 * line, made while it is written. Beside the first pass, which counts, the findings go by once.
 */
export function* textReport(report: Report, options: TextOptions): Generator<string> {
  const view = viewOf(options);
  const last = new LastFindings(report);
  for (const line of head(report, view)) yield `${line}\n`;
  yield '\n';
  for (const line of findingsOf(report, last, view)) yield `${line}\n`;
  for (const line of lastScreen(report, last, view)) yield `${line}\n`;
}

/** The end of the report alone, below what was audited. */
export function* textSummary(report: Report, options: TextOptions): Generator<string> {
  const view = viewOf(options);
  const last = new LastFindings(report);
  for (const line of head(report, view)) yield `${line}\n`;
  yield '\n';
  for (const _ of passing(report, last));
  for (const line of lastScreen(report, last, view)) yield `${line}\n`;
}

/** The open findings with their ordinals, while what the end of the report tells is taken out of all. */
function* passing({ findings }: Report, last: LastFindings): Generator<readonly [ordinal: number, finding: Finding]> {
  for (const [ordinal, finding] of numbered(findings)) {
    last.see(finding, ordinal);
    if (isOpen(finding)) yield [ordinal, finding];
  }
}

function* findingsOf(report: Report, last: LastFindings, view: View): Generator<string> {
  const { shown, groups } = tallyOf(report);
  const open = passing(report, last);
  if (shown > mostByArtefact && !view.verbose) yield* byRule(open, groups, view);
  else if (shown > mostSorted) yield* byFile(open, view);
  else
    yield* byArtefact(
      Array.from(open, ([, finding]) => finding),
      new Set(),
      view,
    );
}

function viewOf(options: TextOptions): View {
  return { ...options, width: Math.max(options.width, 40), style: styles(options.color) };
}

function head(report: Report, view: View): string[] {
  const { files, pipelines, containers, components } = report.coverage;
  const { probes } = sourcesInAll(report);
  const parts = [`${report.tool.name} ${report.tool.version}`];
  if (files > 0 || probes === 0) parts.push(count(files, 'file'));
  if (probes > 0) parts.push(count(probes, 'probed extension'));
  if (pipelines > 0) parts.push(count(pipelines, 'pipeline'));
  if (containers > 0) parts.push(count(containers, 'container'));
  else if (components > 0) parts.push(count(components, 'component'));
  return wrap(parts.join(' · '), view.width).map(view.style.strong);
}

/** Findings by file and component: first the one with the worst finding, and in each the worst first. `explained`: advice that was told. */
function* byArtefact(findings: readonly Finding[], explained: Set<string>, view: View): Generator<string> {
  const told = groupBy(findings.toSorted(byRank), ({ toldWith }) => toldWith);
  const artefacts = groupBy(told, ([{ at, label }]) => `${at.source.name}\n${label}`);
  for (const artefact of artefacts.sort(worstFirst)) {
    yield* headingLines(artefact[0][0], view);
    yield '';
    for (const [first, ...more] of artefact) {
      const telling = explained.has(first.advice) ? 'again' : 'full';
      explained.add(first.advice);
      yield* findingLines(limited(first, more, mostFurther(telling, view)), telling, view);
      yield '';
    }
  }
}

/** Findings of the same file stand together, so that each file can be told by itself. */
function* byFile(open: Iterable<readonly [number, Finding]>, view: View): Generator<string> {
  const explained = new Set<string>();
  let ofFile: Finding[] = [];
  for (const [, finding] of open) {
    const [before] = ofFile;
    if (before && (before.at.source.name !== finding.at.source.name || ofFile.length === mostSorted)) {
      yield* byArtefact(ofFile, explained, view);
      ofFile = [];
    }
    ofFile.push(finding);
  }
  yield* byArtefact(ofFile, explained, view);
}

/** Each rule once for each of its fixes, by its worst finding and a few of its further places; only what is severe with all its reasons. */
function* byRule(open: Iterable<readonly [number, Finding]>, groups: AdviceGroups, view: View): Generator<string> {
  const folded = groups.ranked.map((group) => {
    const telling = atLeast(group.worst.severity, 'high') ? 'folded' : 'brief';
    const ordinals = group.ordinals.slice(0, 1 + mostFurther(telling, view));
    return { group, telling, ordinals, files: new FileCount() } as const;
  });
  const kept = new Kept<Finding>(folded.flatMap(({ ordinals }) => ordinals));
  const restOf = new Map<AdviceGroup | undefined, FileCount>(folded.map(({ group, files }) => [group, files]));
  for (const [ordinal, finding] of open) {
    if (kept.wants(ordinal)) kept.see(finding, ordinal);
    else restOf.get(groups.of(finding))?.see(finding.at.source.name);
  }
  for (const { group, telling, ordinals, files } of folded) {
    const [first, ...more] = kept.of(ordinals);
    if (!first) continue;
    const rest = { amount: totalOf(group.counts) - ordinals.length, files: files.amount };
    yield* findingLines({ first, more, rest }, telling, view);
    yield '';
  }
}

/** Findings with at most so many further places; the rest is counted. */
function limited(first: Finding, more: readonly Finding[], most: number): Told {
  const rest = more.slice(most);
  const files = new Set(rest.map(({ at }) => at.source.name)).size;
  return { first, more: more.slice(0, most), rest: { amount: rest.length, files } };
}

/** Where equal, findings stay in the order of their places. */
function byRank(a: Finding, b: Finding): number {
  return b.rank - a.rank;
}

type Artefact = NonEmpty<NonEmpty<Finding>>;

function worstFirst([[a]]: Artefact, [[b]]: Artefact): number {
  return byRank(a, b) || compare(a.at.source.name, b.at.source.name);
}

function headingLines({ at, label }: Finding, { width, style, linkTo }: View): string[] {
  const name = visible(at.source.name);
  const address = linkTo?.(at.source.name);
  const component = label === at.source.name ? '' : visible(label);
  if (displayWidth(name) + 2 + displayWidth(component) <= width)
    return [`${linked(style.place(name), address)}  ${component}`.trimEnd()];
  return [
    ...wrap(name, width).map((line) => linked(style.place(line), address)),
    ...wrap(component, width - 2).map((line) => `  ${line}`),
  ];
}

type NonEmpty<T> = readonly [T, ...(readonly T[])];

/** Groups items by key, in the order in which the keys first occur. */
function groupBy<T>(items: readonly T[], key: (item: T) => string): NonEmpty<T>[] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return [...groups.values()];
}
