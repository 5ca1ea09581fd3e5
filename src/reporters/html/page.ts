import { createHash } from 'node:crypto';
import type { Finding, Report } from '../../model/report.ts';
import type { AnyRule } from '../../model/rule.ts';
import { visible } from '../../model/visible.ts';
import { byConfig } from '../config-in-force.ts';
import { DecisionFindings, mostOrdinals, type PlannedDecision, planned } from '../decisions.ts';
import { wellFormed } from '../escape.ts';
import { MendedByCut } from '../mended.ts';
import { numbered } from '../passes.ts';
import { cut } from '../prose.ts';
import { sourcesInAll } from '../read-sources.ts';
import { isOpen, tallyOf } from '../tally.ts';
import { Abilities } from './abilities.ts';
import { controlsSection } from './controls.ts';
import { escaped } from './escape.ts';
import { EvidenceFindings, evidenceSection } from './evidence.ts';
import { Dividing, findingsSection } from './findings.ts';
import { countsIn, firstSection, header, mostDecisions, mostPlaces, type Summary, subjectOf } from './head.ts';
import { mostDoors, pictureSection, sceneOf } from './picture.ts';
import { script } from './script.ts';
import { stylesFor } from './styles.ts';
import { AcceptedRows, suppressedSection } from './suppressed.ts';
import { toldOf } from './told.ts';
import { FindingLinks, type WaysOnPage, waysOnPage, waysSection } from './ways.ts';
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

/** Takes out of the findings of a report that go by all that its page tells of them. */
class PageFindings {
  readonly decisions: DecisionFindings;
  readonly dividing: Dividing;
  readonly abilities: Abilities;
  readonly evidence: EvidenceFindings;
  readonly accepted = new AcceptedRows();

  constructor(report: Report, plans: readonly PlannedDecision[]) {
    const { groups, ranked } = tallyOf(report);
    this.decisions = new DecisionFindings(groups, plans.slice(0, mostDecisions), (index) =>
      index < mostDoors ? mostOrdinals : mostPlaces,
    );
    this.dividing = new Dividing(ranked, sourcesInAll(report).root);
    this.abilities = new Abilities(groups, plans);
    this.evidence = new EvidenceFindings(report);
  }

  see(finding: Finding, ordinal: number): void {
    this.evidence.see(finding);
    this.accepted.see(finding);
    if (!isOpen(finding)) return;
    this.decisions.see(finding, ordinal);
    this.dividing.see(finding, ordinal);
    this.abilities.see(finding, ordinal);
  }
}

/**
 * The report as one page that needs nothing else: no request, no clock, and without script and style still all words. It
 * is made in two passes over the findings: one counts and ranks them, one takes out what the page shows.
 */
export function* htmlReport(
  report: Report,
  rules: readonly AnyRule[] = [],
  { isStyleBeside = false }: Serving = {},
): Generator<string> {
  const { open, shown, accepted, groups } = tallyOf(report);
  const plans = planned(groups.ranked);
  const findings = new PageFindings(report, plans);
  for (const [ordinal, finding] of numbered(report.findings)) findings.see(finding, ordinal);
  const told = toldOf(findings.decisions.decisions, rules, new MendedByCut(report));
  const summary: Summary = {
    report,
    shown,
    counts: open,
    decisions: plans.length,
    told,
    abilities: findings.abilities.words,
    subject: subjectOf(report),
    isIncomplete: report.exitCode === 4 || report.problems.some(({ incomplete }) => incomplete),
  };
  const { division } = findings.dividing;
  const scene = sceneOf(report, told);
  const ways = waysOnPage(report);
  const links = new FindingLinks(ways ? division : { ids: new Map(), root: division.root });

  yield head(summary, isStyleBeside);
  yield '<body><a class="skip" href="#findings">Skip to the findings</a>\n';
  yield* header(summary, scene);
  yield navigation(summary, scene !== undefined, ways);
  yield '<main class="wrap">\n';
  yield* firstSection(summary, division, ways, links);
  if (ways) yield* waysSection(ways, links);
  if (scene) yield* pictureSection(scene, sourcesInAll(report).isEngineAsked);
  yield* findingsSection(open, division, rules, hintsOf(report));
  yield* suppressedSection(findings.accepted, accepted);
  yield* controlsSection(report);
  yield* evidenceSection(report, findings.evidence);
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

function navigation({ told, shown, report }: Summary, hasPicture: boolean, ways: WaysOnPage | undefined): string {
  const links = [
    ...(told.length > 0 || (ways && ways.open > 0) ? ['<a href="#first">Do first</a>'] : []),
    ...(ways ? [`<a href="#ways">Ways in${ways.open > 0 ? ` <b>${amount(ways.open)}</b>` : ''}</a>`] : []),
    ...(hasPicture ? ['<a href="#picture">Picture</a>'] : []),
    `<a href="#findings">Findings <b>${amount(shown)}</b></a>`,
    ...(tallyOf(report).accepted > 0 ? ['<a href="#suppressed">Suppressed</a>'] : []),
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
