import { createHash } from 'node:crypto';
import type { Report } from '../../model/report.ts';
import type { AnyRule } from '../../model/rule.ts';
import type { Severity } from '../../model/severity.ts';
import { visible } from '../../model/visible.ts';
import { acceptedOf } from '../baseline.ts';
import { byConfig } from '../config-in-force.ts';
import { wellFormed } from '../escape.ts';
import { cut } from '../prose.ts';
import { controlsSection } from './controls.ts';
import { escaped } from './escape.ts';
import { evidenceSection } from './evidence.ts';
import { divide, findingsSection } from './findings.ts';
import { countsIn, firstSection, header, rootOf, type Summary, subjectOf } from './head.ts';
import { pictureSection, sceneOf } from './picture.ts';
import { script } from './script.ts';
import { stylesFor } from './styles.ts';
import { suppressedSection } from './suppressed.ts';
import { toldOf } from './told.ts';
import { amount } from './words.ts';

/** The name of the style where it lies beside the page. */
export const styleFile = 'report.css';

/** How a page is to be served. */
export interface Serving {
  /**
   * The style is a file beside the page, and there is no script: some servers of CI allow nothing that stands within a page
   * (Jenkins: `default-src 'none'; img-src 'self'; style-src 'self'`).
   */
  readonly isStyleBeside?: boolean;
}

/** The style of a report, for the file beside its page. */
export function styleOf(report: Report): string {
  return stylesFor(visible(wellFormed(cut(subjectOf(report), 80))));
}

/**
 * The report as one page that needs nothing else: no request, no clock, and without script and style still all words. It
 * is made in two passes over the findings: one counts and divides them, one writes.
 */
export function* htmlReport(
  report: Report,
  rules: readonly AnyRule[] = [],
  { isStyleBeside = false }: Serving = {},
): Generator<string> {
  const ranked = report.findings.filter(({ suppressed }) => !suppressed).toSorted((a, b) => b.rank - a.rank);
  const counts = new Map<Severity, number>();
  for (const { severity } of ranked) counts.set(severity, (counts.get(severity) ?? 0) + 1);
  const told = toldOf(ranked, rules);
  const summary: Summary = {
    report,
    ranked,
    counts,
    told,
    subject: subjectOf(report),
    isIncomplete: report.exitCode === 4 || report.problems.some(({ incomplete }) => incomplete),
  };
  const division = divide(ranked, rootOf(report));
  const scene = sceneOf(report, told);

  yield head(summary, isStyleBeside);
  yield '<body><a class="skip" href="#findings">Skip to the findings</a>\n';
  yield* header(summary, scene);
  yield navigation(summary, scene !== undefined);
  yield '<main class="wrap">\n';
  yield* firstSection(summary, division);
  if (scene)
    yield* pictureSection(
      scene,
      report.sources.some(({ form }) => form === 'docker-engine' || form === 'docker-inspect'),
    );
  yield* findingsSection(ranked, division, rules, hintsOf(report));
  yield* suppressedSection(report);
  yield* controlsSection(report);
  yield* evidenceSection(report);
  yield '</main><footer class="wrap"><p>Values of secrets are never part of a report. Programs read <code>--format json</code>.</p></footer>\n';
  yield isStyleBeside ? '</body></html>\n' : `<script>${script}</script></body></html>\n`;
}

function head(summary: Summary, isStyleBeside: boolean): string {
  const styles = styleOf(summary.report);
  const policy = isStyleBeside
    ? policyOf(["style-src 'self'"])
    : policyOf([`style-src '${hashOf(styles)}'`, `script-src '${hashOf(script)}'`]);
  const style = isStyleBeside ? `<link rel="stylesheet" href="${styleFile}">` : `<style>${styles}</style>`;
  const title = `${countsIn(summary)}: ${summary.subject} (drone-audit)`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer"><meta name="robots" content="noindex"><title>${escaped(title)}</title>${style}</head>
`;
}

/** Nothing is loaded, and nothing runs but the two constants of this page. */
function policyOf(allowed: readonly string[]): string {
  return ["default-src 'none'", ...allowed, "base-uri 'none'", "form-action 'none'"].join('; ');
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

function navigation({ told, ranked, report }: Summary, hasPicture: boolean): string {
  const links = [
    ...(told.length > 0 ? ['<a href="#first">Do first</a>'] : []),
    ...(hasPicture ? ['<a href="#picture">Picture</a>'] : []),
    `<a href="#findings">Findings <b>${amount(ranked.length)}</b></a>`,
    ...(acceptedOf(report).length > 0 ? ['<a href="#suppressed">Suppressed</a>'] : []),
    ...(report.controls.results.length > 0 ? ['<a href="#controls">Controls</a>'] : []),
    '<a href="#evidence">Evidence</a>',
  ];
  return `<nav class="nav" aria-label="Report"><div class="wrap">${links.join(' ')}</div></nav>\n`;
}

function hintsOf(report: Report): readonly string[] {
  const { hiddenBySeverity, hiddenPedantic } = report;
  return [
    ...(hiddenBySeverity > 0
      ? [
          `${amount(hiddenBySeverity)} more with <code class="o">--min-severity info</code>${escaped(cut(byConfig(report, 'minSeverity'), 300))}.`,
        ]
      : []),
    ...(hiddenPedantic > 0 ? [`${amount(hiddenPedantic)} more of hygiene with <code>--pedantic</code>.`] : []),
  ];
}
