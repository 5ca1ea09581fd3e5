import type { Finding, ReadSource, Report, ReportedProblem } from '../../model/report.ts';
import type { AnyRule } from '../../model/rule.ts';
import { acceptedOf } from '../baseline.ts';
import { cut, escaped } from './escape.ts';
import { option, type Summary } from './head.ts';
import { amount, chip, codeOf, many, placeIn } from './words.ts';

/** How many rows a table of evidence has; JSON has all of them. */
const mostRows = 1000;
const mostListed = 200;

/** Findings that somebody accepted, with who did so and why. */
export function* suppressedSection(report: Report): Generator<string> {
  const suppressed = acceptedOf(report);
  if (suppressed.length === 0) return;
  yield `<section id="suppressed"><h2>Suppressed</h2><p class="lead">${many(suppressed.length, 'finding')} that somebody accepted. They do not count at the gate.</p>`;
  yield '<div class="scroll" tabindex="0" role="region" aria-label="Suppressed findings"><table><thead><tr><th scope="col">Severity</th><th scope="col">Finding</th><th scope="col">Place</th><th scope="col">Reason</th><th scope="col">Written at</th></tr></thead><tbody>';
  for (const finding of suppressed.slice(0, mostRows)) yield suppressedRow(finding);
  yield rest(suppressed.length, 5);
  yield '</tbody></table></div></section>\n';
}

function suppressedRow(finding: Finding): string {
  const { severity, rule, message, suppressed } = finding;
  return `<tr><td>${chip(severity)}</td><td>${escaped(cut(message, 300))}<br>${codeOf(rule)}</td><td>${codeOf(placeIn('', finding))}</td><td>${escaped(suppressed?.reason ?? '')}</td><td>${suppressed?.by ?? ''}: ${codeOf(suppressed?.where ?? '')}</td></tr>\n`;
}

function rest(all: number, columns: number): string {
  return all > mostRows
    ? `<tr><td colspan="${columns}">and ${amount(all - mostRows)} more: JSON has all of them</td></tr>`
    : '';
}

/** What the report rests on, and what it does not. */
export function* evidenceSection({ report }: Summary, rules: readonly AnyRule[]): Generator<string> {
  const { sources, coverage, problems, config, tool, failOn, hiddenPedantic, findings } = report;
  yield `<section id="evidence"><h2>Scope and evidence</h2><p class="lead">This report is about what is listed here, as it was when it was read. It says nothing about files elsewhere and about other hosts. The same input, version and options give the same report, byte for byte.</p>`;
  yield* sourcesTable(sources, findings);
  yield* listOf(
    'problems',
    'Problems',
    problems.toSorted((a, b) => Number(b.incomplete) - Number(a.incomplete)),
    problemItem,
  );
  yield* listOf('not-asked', 'Not asked', coverage.notAsked, option);
  yield* listOf('unknown', 'Referred to, and not seen', coverage.unknown, placed);
  yield* listOf(
    'mentions',
    'Files that speak of Drone and were not read',
    coverage.mentions,
    ({ source, line, what }) => placed({ source, line, message: what }),
  );
  yield* listOf(
    'undecided',
    'Undecided, because something was not seen',
    coverage.inconclusive,
    ({ rule, ...each }) => `${codeOf(rule)} ${placed(each)}`,
  );
  yield* listOf('probed', 'What probes came to', coverage.probed, escaped);
  const suppressed = (by: string): number => findings.filter((finding) => finding.suppressed?.by === by).length;
  const facts: readonly (readonly [string, string])[] = [
    ['Tool', `drone-audit ${escaped(tool.version)}${rules.length > 0 ? `, ${many(rules.length, 'rule')}` : ''}`],
    ['Gate', failOn === 'never' ? 'findings never fail the audit' : `findings at or above ${failOn} fail the audit`],
    [
      'Config',
      config
        ? `${codeOf(config.name)}: ${many(config.suppressed, 'finding')} suppressed, ${many(config.excluded, 'file')} left out, ${many(config.accepted, 'problem')} accepted`
        : 'none',
    ],
    [
      'Suppressed',
      (['comment', 'config', 'policy', 'baseline'] as const)
        .map((by) => `${amount(suppressed(by))} by ${by}`)
        .join(', '),
    ],
    ['Hygiene', `${many(hiddenPedantic, 'more finding')} with <code>--pedantic</code>`],
    ['Date', 'not in the report, so that it can be compared: sign and date the print'],
  ];
  yield `<dl class="scope">${facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('')}</dl>`;
  yield '<div class="sign"><p>Prepared by<span></span>Date<span></span></p><p>Reviewed by<span></span>Date<span></span></p></div></section>\n';
}

function* sourcesTable(sources: readonly ReadSource[], findings: readonly Finding[]): Generator<string> {
  if (sources.length === 0) {
    yield '<p>Nothing was read.</p>';
    return;
  }
  const counts = new Map<string, number>();
  for (const { at, suppressed } of findings)
    if (!suppressed) counts.set(at.source.name, (counts.get(at.source.name) ?? 0) + 1);
  yield '<div class="scroll" tabindex="0" role="region" aria-label="What was read"><table><thead><tr><th scope="col">Read</th><th scope="col">Form</th><th scope="col">What it gave</th><th scope="col">Findings</th><th scope="col">SHA-256</th></tr></thead><tbody>';
  for (const source of sources.slice(0, mostRows)) {
    const { name, form, gave, sha256, hashOf } = source;
    const given = Object.entries(gave).map(
      ([kind, number]) => `${amount(number)} ${number === 1 ? kind.replace(/s$/, '') : kind}`,
    );
    yield `<tr><th scope="row">${codeOf(name)}</th><td>${form}</td><td>${given.length > 0 ? given.join(', ') : 'nothing of its own'}</td><td>${amount(counts.get(name) ?? 0)}</td><td class="sha"><code>${escaped(sha256)}</code>${hashOf === 'masked' ? ' <span class="sub">of the text without its secrets</span>' : ''}</td></tr>\n`;
  }
  yield rest(sources.length, 5);
  yield '</tbody></table></div>\n';
}

function* listOf<T>(id: string, title: string, items: readonly T[], show: (item: T) => string): Generator<string> {
  if (items.length === 0) {
    if (id === 'problems') yield '<h3>Problems</h3><p class="more">none</p>';
    return;
  }
  const isLong = items.length > 10;
  const shown = items.slice(0, mostListed);
  yield isLong
    ? `<details class="fold" id="${id}"><summary><h3>${title}</h3> <span class="gives">${amount(items.length)}</span></summary><ul>`
    : `<h3 id="${id}">${title}</h3><ul>`;
  for (const item of shown) yield `<li>${show(item)}</li>`;
  if (items.length > shown.length)
    yield `<li>and ${amount(items.length - shown.length)} more: JSON has all of them</li>`;
  yield isLong ? '</ul></details>\n' : '</ul>\n';
}

function problemItem({ source, line, message, incomplete, accepted }: ReportedProblem): string {
  const word = incomplete ? '<b>not audited</b>' : accepted ? 'accepted' : 'note';
  return `${word}: ${placed({ source, line, message })}`;
}

function placed({ source, line, message }: { source: string; line?: number; message: string }): string {
  return `${codeOf(line === undefined ? source : `${source}:${line}`)} ${escaped(message)}`;
}
