import { groupedBy } from '../../model/groups.ts';
import type { RuleRun } from '../../model/report.ts';
import { escaped } from './escape.ts';
import { amount, many } from './words.ts';

/** What each rule did: what it found, that it found nothing, that it could not decide, or why it did not run. */
export function* rulesPart(runs: readonly RuleRun[]): Generator<string> {
  if (runs.length === 0) return;
  const ran = runs.filter(({ notRun }) => notRun === undefined);
  const found = ran.filter((run) => run.found > 0);
  const undecided = ran.filter((run) => run.undecided > 0);
  const nothing = ran.filter(
    (run) => run.found === 0 && run.unsure === 0 && run.undecided === 0 && run.unknownRelease === 0,
  );
  const unknown = ran.filter((run) => run.unknownRelease > 0);
  const unsure = ran.filter((run) => run.found === 0 && run.unsure > 0);
  yield `<h3 id="rules">Rules</h3><p class="more">Rules of hygiene ran as well, for the table of controls.</p>`;
  yield group('found something', found, ({ found }) => amount(found));
  yield group('found nothing', nothing);
  yield group('found only what is too unsure to be shown (<code class="o">--min-confidence</code>)', unsure);
  yield group('could not always decide', undecided, ({ undecided }) => amount(undecided));
  yield group('saw images whose release is not known', unknown, (run) => amount(run.unknownRelease));
  for (const [why, of] of groupedBy(
    runs.filter(({ notRun }) => notRun),
    ({ notRun }) => notRun?.why ?? '',
  ))
    yield group(`did not run: ${escaped(why)}`, of);
}

function group(what: string, runs: readonly RuleRun[], number?: (run: RuleRun) => string): string {
  if (runs.length === 0) return '';
  const ids = runs.map((run) => escaped(run.rule) + (number ? ` (${number(run)})` : ''));
  return `<details class="fold"><summary>${many(runs.length, 'rule')} ${what}</summary><p class="ids">${ids.join(', ')}</p></details>\n`;
}
