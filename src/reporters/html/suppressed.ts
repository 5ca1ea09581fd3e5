import type { Finding, Report } from '../../model/report.ts';
import { acceptedOf } from '../baseline.ts';
import { cut } from '../prose.ts';
import { escaped } from './escape.ts';
import { table } from './table.ts';
import { chip, many, pathOf, placeIn } from './words.ts';

/** Findings that somebody accepted, with who did so, why and until when. */
export function* suppressedSection(report: Report): Generator<string> {
  const suppressed = acceptedOf(report);
  if (suppressed.length === 0) return;
  yield `<section id="suppressed"><h2>Suppressed</h2><p class="lead">${many(suppressed.length, 'finding')} that somebody accepted: not counted at the gate.</p>`;
  yield* table('Suppressed findings', ['Finding', 'Place', 'Reason', 'Accepted by', 'Until'], suppressed, row);
  yield '</section>\n';
}

function row(finding: Finding): readonly string[] {
  const { severity, rule, message, suppressed } = finding;
  return [
    `${chip(severity)} ${escaped(cut(message, 300))} <span class="sub">${escaped(rule)}</span>`,
    pathOf(placeIn('', finding)),
    escaped(suppressed?.reason ?? ''),
    `${suppressed?.by ?? ''}: ${pathOf(suppressed?.where ?? '')}`,
    suppressed?.until === undefined ? 'no end' : `until ${escaped(suppressed.until)}`,
  ];
}
