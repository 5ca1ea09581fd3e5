import { compare } from '../model/compare.ts';
import { count } from '../model/prose.ts';
import type { Finding, Report } from '../model/report.ts';
import { atLeast } from '../model/severity.ts';
import { displayWidth, wrap } from './display-width.ts';
import { visible } from './escape.ts';
import { findingLines } from './finding-lines.ts';
import { lastScreen } from './last-screen.ts';
import type { View } from './places.ts';
import { linked, styles, type TextOptions } from './styles.ts';

/** More findings than these do not fit a few screens, and are told by rule unless --verbose. */
const mostByArtefact = 40;

/**
 * The report for people: what was found, the worst first, and at the end, where the eye is, what to do about it. Line by
 * line, made while it is written.
 */
export function* textReport(report: Report, options: TextOptions): Generator<string> {
  const view = viewOf(options);
  const shown = report.findings.filter(({ suppressed }) => !suppressed);
  const isFolded = shown.length > mostByArtefact && !view.verbose;
  for (const line of head(report, view)) yield `${line}\n`;
  yield '\n';
  for (const line of isFolded ? byRule(shown, view) : byArtefact(shown, view)) yield `${line}\n`;
  for (const line of lastScreen(report, view)) yield `${line}\n`;
}

/** The end of the report alone, below what was audited. */
export function* textSummary(report: Report, options: TextOptions): Generator<string> {
  const view = viewOf(options);
  for (const line of head(report, view)) yield `${line}\n`;
  yield '\n';
  for (const line of lastScreen(report, view)) yield `${line}\n`;
}

function viewOf(options: TextOptions): View {
  return { ...options, width: Math.max(options.width, 40), style: styles(options.color) };
}

function head(report: Report, view: View): string[] {
  const { files, pipelines, containers, components } = report.coverage;
  const probes = report.sources.filter(({ form }) => form === 'extension-probe').length;
  const parts = [`${report.tool.name} ${report.tool.version}`];
  if (files > 0 || probes === 0) parts.push(count(files, 'file'));
  if (probes > 0) parts.push(count(probes, 'probed extension'));
  if (pipelines > 0) parts.push(count(pipelines, 'pipeline'));
  if (containers > 0) parts.push(count(containers, 'container'));
  else if (components > 0) parts.push(count(components, 'component'));
  return wrap(parts.join(' · '), view.width).map(view.style.strong);
}

/** All findings by file and component: first the one with the worst finding, and in each the worst first. */
function* byArtefact(findings: readonly Finding[], view: View): Generator<string> {
  const explained = new Set<string>();
  const told = groupBy(findings.toSorted(byRank), ({ toldWith }) => toldWith);
  const artefacts = groupBy(told, ([{ at, label }]) => `${at.source.name}\n${label}`);
  for (const artefact of artefacts.sort(worstFirst)) {
    yield* headingLines(artefact[0][0], view);
    yield '';
    for (const [first, ...more] of artefact) {
      const telling = explained.has(first.advice) ? 'again' : 'full';
      explained.add(first.advice);
      yield* findingLines({ first, more }, telling, view);
      yield '';
    }
  }
}

/** Each rule once for each of its fixes, by its worst finding and a few of its further places; only what is severe with all its reasons. */
function* byRule(findings: readonly Finding[], view: View): Generator<string> {
  for (const [first, ...more] of groupBy(findings.toSorted(byRank), ({ advice }) => advice)) {
    yield* findingLines({ first, more }, atLeast(first.severity, 'high') ? 'folded' : 'brief', view);
    yield '';
  }
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
