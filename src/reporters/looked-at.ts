import { addTo } from '../model/groups.ts';
import { count } from '../model/prose.ts';
import { type ConfigInForce, type Finding, isOld, type ReadSource, type Report } from '../model/report.ts';
import { lineOf } from '../model/source.ts';
import { acceptedOf, reasonWithPlace } from './baseline.ts';
import { keyAndValue, writtenPlace } from './config-in-force.ts';
import { visible } from './escape.ts';
import { besidePlace, namedPlace, type View } from './places.ts';
import { hanging } from './prose.ts';

/** More of one kind are for reports that are no text for people. */
const mostListed = 500;

/** With --verbose: each place that was read and what it gave, what was met and passed over, and which rules did not run. */
export function* lookedAtLines(report: Report, view: View): Generator<string> {
  const { config, coverage, findings } = report;
  const entryOf = ({ rule, at, suppressed: by }: Finding): Entry => ({
    source: at.source.name,
    line: lineOf(at),
    text: by ? `${rule}: ${reasonWithPlace(by)}` : rule,
  });
  const unknown = coverage.unknown.map(({ source, line, message }) => ({ source, line, text: message }));
  const mentions = coverage.mentions.map(({ source, line, what }) => ({ source, line, text: what }));
  const undecided = coverage.inconclusive.map(({ rule, source, line, message }) => ({
    ...{ source, line },
    text: `${rule}: ${message}`,
  }));
  yield* readLines(report.sources, view);
  yield* passedOverLines(report, view);
  yield* placed('not read', mentions, view);
  yield* placed('not seen', unknown, view);
  yield* notRunLines(report, view);
  yield* placed('undecided', undecided, view);
  yield* placed('config', config ? [...configEntries(config)] : [], view);
  yield* placed('suppressed', acceptedOf(report).map(entryOf), view);
  yield* placed('known', findings.filter(isOld).map(entryOf), view);
}

interface Entry {
  readonly source: string;
  readonly line?: number;
  readonly text: string;
}

/** Each key and entry of a config where it is written, with what it came to. */
function* configEntries({ settings, entries }: ConfigInForce): Generator<Entry> {
  for (const setting of settings) yield { ...writtenPlace(setting.where), text: keyAndValue(setting) };
  for (const entry of entries) {
    const { key, rule, path, at, problem, to, count: amount } = entry;
    const what = [rule, path, at, problem, to && `to ${to}`].filter((each) => each !== undefined).join(' ');
    yield { ...writtenPlace(entry.where), text: `${key}: ${what}${amount === undefined ? '' : ` (${amount})`}` };
  }
}

function* placed(title: string, entries: readonly Entry[], view: View): Generator<string> {
  if (entries.length === 0) return;
  yield view.style.strong(title);
  yield '';
  for (const { source, line, text } of entries) {
    const place = line === undefined ? visible(source) : `${visible(source)}:${line}`;
    yield* besidePlace(namedPlace(place, source, line, view), visible(text), view);
  }
  yield '';
}

function readLines(sources: Report['sources'], view: View): string[] {
  if (sources.length === 0) return [];
  const lines = sources
    .slice(0, mostListed)
    .flatMap((source) =>
      besidePlace(
        namedPlace(visible(source.name), source.name, undefined, view),
        `${source.form}: ${given(source)}`,
        view,
      ),
    );
  if (sources.length > mostListed) lines.push(`and ${sources.length - mostListed} more (JSON lists them)`);
  return [view.style.strong('read'), '', ...lines, ''];
}

function given({ gave }: ReadSource): string {
  const amounts = Object.entries(gave).map(([kind, amount]) => count(amount, kind.replace(/s$/, '')));
  return amounts.length === 0 ? 'nothing of its own' : amounts.join(', ');
}

function passedOverLines({ coverage: { passedOver = [] } }: Report, { width, style }: View): string[] {
  if (passedOver.length === 0) return [];
  const lines = passedOver.flatMap(({ why, count: amount, first }) =>
    hanging('', `${why} (${amount}): ${few(first.map(visible), amount)}`, width),
  );
  return [style.strong('passed over'), '', ...lines, ''];
}

function notRunLines({ rules }: Report, { width, style }: View): string[] {
  const reasons = new Map<string, string[]>();
  for (const { rule, notRun } of rules) if (notRun) addTo(reasons, notRun.why, rule);
  if (reasons.size === 0) return [];
  const lines = [...reasons].flatMap(([why, ids]) =>
    hanging('', `${visible(why)}; ${count(ids.length, 'rule')}: ${few(ids, ids.length)}`, width),
  );
  return [style.strong('not run'), '', ...lines, ''];
}

const mostNames = 10;

function few(names: readonly string[], of: number): string {
  const shown = names.slice(0, mostNames);
  return [...shown, ...(of > shown.length ? [`${of - shown.length} more`] : [])].join(', ');
}
