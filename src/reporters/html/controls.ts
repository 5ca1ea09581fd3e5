import type { ControlMatrix, ControlResult, Report } from '../../model/report.ts';
import { severities } from '../../model/severity.ts';
import { cut } from '../prose.ts';
import { escaped } from './escape.ts';
import { table } from './table.ts';
import { amount, many, option } from './words.ts';

const results = ['failed', 'nothing found', 'not assessed', 'not applicable'] as const;
const maxReasons = 400;

type Standard = ControlMatrix['standards'][number];

/** What the audit shows of controls of standards: counts and reasons, no score and no verdict. */
export function* controlsSection({ controls }: Report): Generator<string> {
  const { standards, results: all } = controls;
  if (all.length === 0) return;
  const of = ({ key }: Standard): readonly ControlResult[] => all.filter(({ standard }) => standard === key);
  yield `<section id="controls"><h2>Controls</h2><p class="lead">Evidence, not an assessment: <b>failed</b> means that a finding goes against a control; <b>nothing found</b>, that all its rules ran and were sure, and is not the same as fulfilled; <b>not assessed</b>, that no rule tells, or that something was not seen.</p>`;
  yield* table('Controls in numbers', ['Standard', 'Could be assessed', ...results], standards, (standard) =>
    numbers(standard, of(standard)),
  );
  for (const standard of standards) {
    yield `<details class="fold"><summary><h3>${escaped(nameOf(standard))}</h3> <span class="gives">each of ${many(of(standard).length, 'control')}</span></summary>`;
    if (!standard.hasTitles)
      yield `<p class="more">The titles of ${escaped(standard.publisher)} are not free: the words beside the numbers are ours.</p>`;
    yield* table(escaped(standard.name), ['Control', 'Result', 'What this rests on'], of(standard), row);
    yield '</details>\n';
  }
  yield '</section>\n';
}

function nameOf({ name, version }: Standard): string {
  return `${name} ${version}`;
}

function numbers(standard: Standard, of: readonly ControlResult[]): readonly string[] {
  const counts = results.map((word) => of.filter(({ result }) => result === word).length);
  const [failed = 0, nothing = 0, , absent = 0] = counts;
  const applicable = of.length - absent;
  const partly = of.filter(
    ({ result, assessed }) => assessed === 'partly' && (result === 'failed' || result === 'nothing found'),
  ).length;
  return [
    escaped(nameOf(standard)),
    `<b>${amount(failed + nothing)} of ${amount(applicable)}</b>${partly > 0 ? `, ${amount(partly)} in part` : ''}<span class="w"> could be assessed</span>`,
    ...counts.map((count, index) => `${amount(count)}<span class="w"> ${results[index]}</span>`),
  ];
}

function row(control: ControlResult): readonly (string | readonly [string, string])[] {
  const { id, title, result, isManual } = control;
  return [
    `<b>${escaped(id)}</b><br>${escaped(title)}`,
    [`r ${result.split(' ').join('-')}`, `${result}${isManual ? ' <small>(a hint: judged by hand)</small>' : ''}`],
    restsOn(control),
  ];
}

/** What was found, what is not told of the control, and what rules look at. */
function restsOn({ result, failures, accepted, reasons, about, assessed }: ControlResult): string {
  const found = severities.flatMap((severity) => {
    const open = failures.reduce((sum, failure) => sum + failure.open[severity], 0);
    return open === 0 ? [] : [`${amount(open)} ${severity}`];
  });
  const numbers = [...found, ...(accepted.length > 0 ? [`${amount(accepted.length)} accepted`] : [])].join(', ');
  const told = result === 'failed' ? 'Not assessed of it: ' : '';
  return [
    ...(result === 'failed' ? [`<b>${numbers}</b>: ${failures.map(finderOf).join(', ')}`] : []),
    ...(reasons.length > 0 ? [option(told + sentence(cut(reasons.join('; '), maxReasons)))] : []),
    ...(assessed === 'no' ? [] : [`<small>Looks at: ${escaped(about)}</small>`]),
  ].join('<br>');
}

/** A rule, and the finding to look for where that is another's. */
function finderOf({ rule, toldWith }: ControlResult['failures'][number]): string {
  return escaped(toldWith === undefined ? rule : `${rule} (told with ${toldWith})`);
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\.$/, '')}.`;
}
