import { firstOf } from '../../model/iterables.ts';
import {
  type Finding,
  isOld,
  type Origin,
  type ReadSource,
  type Report,
  type ReportedProblem,
  type Suppression,
} from '../../model/report.ts';
import { severities } from '../../model/severity.ts';
import { configInWords } from '../config-in-force.ts';
import { cut } from '../prose.ts';
import { folderName, scopeOf } from '../scope.ts';
import { neverFails, thresholdOf } from '../verdict.ts';
import { configPart } from './config.ts';
import { escaped } from './escape.ts';
import { list, part, placed } from './lists.ts';
import { rulesPart } from './rules.ts';
import { mostRows, table } from './table.ts';
import { amount, codeOf, many, option, pathOf } from './words.ts';

/** What the evidence tells of findings, counted while all go by. */
export class EvidenceFindings {
  readonly read: ReturnType<typeof firstOf<ReadSource>>;
  /** Open findings of each source that is listed. */
  readonly bySource: Map<string, number>;
  readonly acceptedBy: Record<Suppression['by'], number> = { comment: 0, config: 0, policy: 0, baseline: 0 };

  constructor({ sources }: Report) {
    this.read = firstOf(sources, mostRows);
    this.bySource = new Map(this.read.first.map(({ name }) => [name, 0]));
  }

  see(finding: Finding): void {
    const { at, suppressed } = finding;
    const { name } = at.source;
    const count = this.bySource.get(name);
    if (suppressed && !isOld(finding)) this.acceptedBy[suppressed.by]++;
    else if (!suppressed && count !== undefined) this.bySource.set(name, count + 1);
  }
}

/** What the report is about and rests on, and what it does not: what an auditor keeps. `findings` has seen all. */
export function* evidenceSection(report: Report, findings: EvidenceFindings): Generator<string> {
  const { coverage, problems, rules } = report;
  yield '<section id="evidence"><h2>Scope and evidence</h2><ul class="statement">';
  for (const sentence of scopeOf(report)) yield `<li>${option(sentence)}`;
  yield '</ul>\n';
  yield* population(report);
  yield* sources(findings);
  const worstFirst = problems.toSorted((a, b) => Number(b.incomplete) - Number(a.incomplete));
  yield* list('problems', 'Problems', worstFirst, problemItem);
  yield* list('not-asked', 'Not asked', coverage.notAsked, option);
  yield* list('unknown', 'Referred to, and not seen', coverage.unknown, placed);
  yield* list('mentions', 'Files that speak of Drone and were not read', coverage.mentions, ({ source, line, what }) =>
    placed({ source, line, message: what }),
  );
  yield* list(
    'undecided',
    'Undecided, because something was not seen',
    coverage.inconclusive,
    ({ rule, ...each }) => `${codeOf(rule)} ${placed(each)}`,
  );
  yield* list('probed', 'What probes came to', coverage.probed, escaped);
  yield* rulesPart(rules);
  yield* configPart(report.config);
  const facts = factsOf(report, findings).map(([name, value]) => `<div><dt>${name}<dd>${value}</div>`);
  yield `<h3>Made by</h3><dl class="scope">${facts.join('')}</dl>`;
  yield '<div class="sign"><p>Prepared by<span></span>Date<span></span></p><p>Reviewed by<span></span>Date<span></span></p></div></section>\n';
}

function* population({ population: { origins, pipelines } }: Report): Generator<string> {
  yield* part(
    'origins',
    'Where it comes from',
    origins.length,
    table(
      'Repositories, folders and answers',
      ['Name', 'Of', 'Holds', 'Findings'],
      firstOf(origins, mostRows).first,
      originCells,
      origins.length,
    ),
  );
  const { first, more } = firstOf(pipelines, mostRows);
  yield* part(
    'pipelines',
    'Pipelines',
    first.length + more,
    table(
      'Pipelines',
      ['Pipeline', 'Type', 'Written at', 'From'],
      first,
      ({ name, type, source, line, origin }) => [
        escaped(cut(name, 100)),
        escaped(cut(type, 40)),
        pathOf(`${source}:${line}`),
        pathOf(folderName(origin)),
      ],
      first.length + more,
    ),
  );
}

function originCells({ name, kind, commit, files, pipelines, open, suppressed, known }: Origin): readonly string[] {
  const counts = severities.flatMap((severity) =>
    open[severity] > 0 ? [`${amount(open[severity])} ${severity}`] : [],
  );
  const words = [
    ...counts,
    ...(suppressed > 0 ? [`${amount(suppressed)} suppressed`] : []),
    ...(known > 0 ? [`${amount(known)} known`] : []),
  ];
  return [
    pathOf(folderName(name)),
    commit === undefined ? kind : `${kind} at commit <code>${escaped(commit.slice(0, 12))}</code>`,
    [many(files, kind === 'answers' ? 'answer' : 'file'), ...(pipelines > 0 ? [many(pipelines, 'pipeline')] : [])].join(
      ', ',
    ),
    words.length === 0 ? 'no findings' : words.join(', '),
  ];
}

function* sources({ read: { first, more }, bySource }: EvidenceFindings): Generator<string> {
  const amount = first.length + more;
  if (amount === 0) yield '<p>Nothing was read.</p>';
  const headings = ['File or answer', 'Form', 'What it gave', 'Findings', 'Size', 'SHA-256'];
  const cells = (source: ReadSource) => {
    const { name, form, gave, sha256, hashOf, bytes } = source;
    const given = Object.entries(gave).map(([kind, number]) => many(number, kind.replace(/s$/, '')));
    const note = hashOf === 'masked' ? ' <span class="sub">of the text without its secrets</span>' : '';
    return [
      pathOf(name),
      form,
      given.length > 0 ? given.join(', ') : 'nothing of its own',
      many(bySource.get(name) ?? 0, 'finding'),
      many(bytes, 'byte'),
      ['sha', `<code>${escaped(sha256)}</code>${note}`],
    ] as const;
  };
  yield* part('sources', 'What was read', amount, table('What was read', headings, first, cells, amount));
}

function problemItem({ source, line, message, incomplete, accepted }: ReportedProblem): string {
  const word = incomplete ? '<b>not audited</b>' : accepted ? 'accepted' : 'note';
  return `${word}: ${placed({ source, line, message })}`;
}

/** What the report was made by and under: versions, digests, config. */
function factsOf(report: Report, { acceptedBy }: EvidenceFindings): readonly (readonly [string, string])[] {
  const { tool, hiddenPedantic, controls, date } = report;
  const suppressed = (['comment', 'config', 'policy', 'baseline'] as const).flatMap((by) => {
    const number = acceptedBy[by];
    return number > 0 ? [`${amount(number)} by ${by}`] : [];
  });
  const { ruleSet, facts } = tool;
  return [
    ['Tool', `drone-audit ${escaped(tool.version)}, report format 1`],
    ...(ruleSet
      ? [
          [
            'Rules',
            `${amount(ruleSet.count)}, SHA-256 <code>${ruleSet.sha256}</code> of <code class="o">drone-audit rules --format json</code>`,
          ] as const,
        ]
      : []),
    ['Facts', `of Drone ${escaped(facts.drone)}, source code at ${codeOf(facts.commit)}`],
    [
      'Standards',
      controls.standards.map(({ name, version }) => `${escaped(name)} ${escaped(version)}`).join(', ') || 'none',
    ],
    ['Gate', option(neverFails(report) ?? `findings at or above ${thresholdOf(report)} fail the audit`)],
    ['Config', escaped(configInWords(report) ?? 'none')],
    ['Suppressed', suppressed.join(', ') || 'none'],
    ['Hygiene', `${many(hiddenPedantic, 'more finding')} with <code>--pedantic</code>`],
    [
      'Date',
      date === undefined
        ? 'not in the report, so that equal reports are equal bytes: sign and date the print'
        : escaped(date),
    ],
  ];
}
