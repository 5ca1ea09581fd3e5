import { type Finding, isOld } from '../../model/report.ts';
import { cut } from '../prose.ts';
import { escaped } from './escape.ts';
import { mostRows, table } from './table.ts';
import { chip, many, pathOf, placeIn } from './words.ts';

/** The rows of findings that somebody accepted, made while all findings go by. */
export class AcceptedRows {
  readonly rows: (readonly string[])[] = [];

  see(finding: Finding): void {
    if (finding.suppressed && !isOld(finding) && this.rows.length < mostRows) this.rows.push(row(finding));
  }
}

/** Findings that somebody accepted, with who did so, why and until when; `amount`: how many there are. */
export function* suppressedSection({ rows }: AcceptedRows, amount: number): Generator<string> {
  if (amount === 0) return;
  yield `<section id="suppressed"><h2>Suppressed</h2><p class="lead">${many(amount, 'finding')} that somebody accepted: not counted at the gate.</p>`;
  const headings = ['Finding', 'Place', 'Reason', 'Accepted by', 'Until'];
  yield* table('Suppressed findings', headings, rows, (cells) => cells, amount);
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
