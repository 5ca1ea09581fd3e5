import { addTo } from '../model/groups.ts';
import { firstOf, where } from '../model/iterables.ts';
import { count } from '../model/prose.ts';
import { type ConfigInForce, type Finding, isOld, type ReadSource, type Report } from '../model/report.ts';
import { lineOf } from '../model/source.ts';
import { reasonWithPlace } from './baseline.ts';
import { keyAndValue, writtenPlace } from './config-in-force.ts';
import { visible } from './escape.ts';
import { besidePlace, namedPlace, type View } from './places.ts';
import { hanging } from './prose.ts';
import { isOpen, tallyOf } from './tally.ts';

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
  const { accepted, known } = tallyOf(report);
  yield* readLines(report.sources, view);
  yield* passedOverLines(report, view);
  yield* placed('not read', coverage.mentions, ({ what, ...place }) => ({ ...place, text: what }), view);
  yield* placed('not seen', coverage.unknown, ({ message, ...place }) => ({ ...place, text: message }), view);
  yield* notRunLines(report, view);
  yield* placed(
    'undecided',
    coverage.inconclusive,
    ({ rule, message, ...place }) => ({ ...place, text: `${rule}: ${message}` }),
    view,
  );
  yield* placed('config', config ? configEntries(config) : [], (entry) => entry, view);
  // Each list is a pass over all findings.
  const closed = where(findings, (finding) => !isOpen(finding));
  if (accepted > 0)
    yield* placed(
      'suppressed',
      where(closed, (finding) => !isOld(finding)),
      entryOf,
      view,
    );
  if (known > 0) yield* placed('known', where(closed, isOld), entryOf, view);
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

/** Items under their title, or nothing where there are none. */
function* placed<T>(title: string, items: Iterable<T>, entryOf: (item: T) => Entry, view: View): Generator<string> {
  let isFirst = true;
  for (const item of items) {
    if (isFirst) {
      yield view.style.strong(title);
      yield '';
      isFirst = false;
    }
    const { source, line, text } = entryOf(item);
    const place = line === undefined ? visible(source) : `${visible(source)}:${line}`;
    yield* besidePlace(namedPlace(place, source, line, view), visible(text), view);
  }
  if (!isFirst) yield '';
}

function readLines(sources: Report['sources'], view: View): string[] {
  const { first, more } = firstOf(sources, mostListed);
  if (first.length === 0) return [];
  const lines = first.flatMap((source) =>
    besidePlace(
      namedPlace(visible(source.name), source.name, undefined, view),
      `${source.form}: ${given(source)}`,
      view,
    ),
  );
  if (more > 0) lines.push(`and ${more} more (JSON lists them)`);
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
