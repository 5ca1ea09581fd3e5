import type { MarkedProblem } from '../accept-problems.ts';
import { type Evidence, evidence } from '../facts/rule-evidence.ts';
import { standardNames } from '../facts/standards.ts';
import { lanes } from '../model/picture.ts';
import type { Accepted, Finding, ReadSource, ReportedProblem, Suppression, Violations } from '../model/report.ts';
import type { Standards } from '../model/rule.ts';
import { confidences, type Severity, severities } from '../model/severity.ts';
import {
  amount,
  anyText,
  fewOf,
  fields,
  finite,
  listOf,
  oneOf,
  optional,
  type Shape,
  shownText,
  textLike,
  truth,
  tuple,
} from '../model/shape.ts';
import { forms } from '../model/source.ts';
import type { Masked } from '../model/text.ts';
import type { ToldChange, ToldStep, ToldWay, ToldWays, WayPlace } from '../model/ways.ts';
import type { PartPicture, PartWays } from '../outcome.ts';
import type { DetailsRecord, FindingRecord, SourceRecord, SummaryRecord } from '../outcome-record.ts';
import type { PlacedOrigin } from '../population.ts';
import { allRules } from '../rules/all.ts';
import { edgeIds } from '../ways/edge-ids.ts';
import { positions } from '../ways/states.ts';
import type { Whole } from '../whole.ts';

/**
 * What the report of a part may hold. Whoever wrote the file may not be who scanned: what is taken for a record has to be one, or
 * it would be found out in the middle of a report.
 */

const ruleId = oneOf(allRules.map(({ id }) => id));
const severity = oneOf(severities);
const hex = textLike(/^[0-9a-f]{16}$/);
const sha256 = textLike(/^[0-9a-f]{64}$/);
const hashOf = oneOf(['original', 'masked']);
const texts = listOf(shownText);
const names = listOf(anyText);
/** Entries of a standard: those that a rule has are ten times fewer. */
const entries = fewOf(shownText, 100);
const day = optional(textLike(/^\d{4}-\d\d-\d\d$/));

const bySeverity = fields<Record<Severity, number>>({
  critical: amount,
  high: amount,
  medium: amount,
  low: amount,
  info: amount,
});

const problem = fields<ReportedProblem>({
  kind: oneOf(['unreadable', 'malformed', 'too-large', 'binary', 'empty', 'suppression', 'unsupported', 'fault']),
  source: anyText,
  message: shownText,
  line: optional(amount),
  column: optional(amount),
  incomplete: truth,
  accepted: optional(truth),
});

const problems = listOf(fields<MarkedProblem>({ problem, isMissing: truth, entry: optional(amount) }));

const mentions = listOf(fields<Whole['mentions'][number]>({ source: anyText, line: amount, what: shownText }));

const suppression = {
  by: oneOf(['comment', 'config', 'policy', 'baseline']),
  reason: shownText,
  where: anyText,
  accepted: optional(truth),
  until: day,
} satisfies Record<keyof Suppression, Shape>;

const violations = listOf(
  fields<Violations>({
    rule: ruleId,
    toldWith: optional(ruleId),
    sameAs: optional(ruleId),
    cisDocker: optional(entries),
    open: bySeverity,
    accepted: listOf(fields<Accepted>({ ...suppression, rule: ruleId, file: anyText, line: amount, fingerprint: hex })),
    notShown: amount,
    unsure: amount,
  }),
);

const origins = listOf(
  fields<PlacedOrigin>({
    name: anyText,
    kind: oneOf(['repository', 'folder', 'answers']),
    key: anyText,
    first: anyText,
    commit: optional(shownText),
    files: amount,
    pipelines: amount,
    open: bySeverity,
    suppressed: amount,
    known: amount,
  }),
);

const counts = fields<Record<Evidence, number>>(
  Object.fromEntries(Object.keys(evidence).map((kind) => [kind, amount])) as Record<Evidence, Shape>,
);

const summaryShape = fields<SummaryRecord>({
  sources: listOf(tuple(anyText, oneOf(forms), amount)),
  counted: listOf(severity),
  hiddenBySeverity: amount,
  hiddenPedantic: amount,
  suppressedByConfig: amount,
  problems,
  hasGiven: truth,
  mentions,
  unknown: listOf(
    fields<SummaryRecord['unknown'][number]>({
      told: fields<SummaryRecord['unknown'][number]['told']>({
        source: anyText,
        line: optional(amount),
        message: shownText,
      }),
      order: tuple(amount, anyText),
    }),
  ),
  inconclusive: listOf(
    fields<SummaryRecord['inconclusive'][number]>({ rule: ruleId, source: anyText, line: amount, message: shownText }),
  ),
  pipelines: amount,
  containers: amount,
  components: amount,
  uses: listOf(tuple(amount, amount)),
  used: listOf(amount),
  refused: listOf(tuple(amount, texts)),
  undecided: listOf(tuple(ruleId, amount)),
  violations,
  counts,
  unknownReleases: listOf(tuple(ruleId, amount)),
  origins,
});

const place = tuple(amount, amount, amount, shownText);

const finding = fields<FindingRecord>({
  rule: ruleId,
  fix: shownText,
  task: shownText,
  afterwards: optional(shownText),
  standards: fields<Standards>({
    owasp: optional(entries),
    cisDocker: optional(fields<NonNullable<Standards['cisDocker']>>({ version: shownText, ids: entries })),
    cwe: optional(entries),
  }),
  severity,
  override: optional(
    fields<NonNullable<Finding['override']>>({ from: severity, to: severity, reason: shownText, where: anyText }),
  ),
  confidence: oneOf(confidences),
  message: shownText,
  label: shownText,
  reach: optional(shownText),
  fingerprint: hex,
  rank: finite,
  suppressed: optional(fields<Suppression>(suppression)),
  baselineState: optional(oneOf(['new', 'unchanged', 'updated'])),
  at: place,
  related: listOf(tuple(place, shownText)),
  consequences: listOf(
    fields<FindingRecord['consequences'][number]>({
      rule: ruleId,
      severity,
      message: shownText,
      at: place,
      fingerprint: hex,
      remains: optional(severity),
    }),
  ),
  unfilled: optional(shownText),
});

const source = fields<SourceRecord>({
  name: anyText,
  form: oneOf(forms),
  gave: fields<Required<ReadSource['gave']>>({
    pipelines: optional(amount),
    documents: optional(amount),
    containers: optional(amount),
    settings: optional(amount),
    others: optional(amount),
  }),
  sha256,
  hashOf,
  bytes: amount,
  slug: optional(anyText),
  pathInRepository: optional(anyText),
  text: optional(anyText),
  pipelines: optional(
    listOf(
      fields<NonNullable<SourceRecord['pipelines']>[number]>({
        line: amount,
        name: shownText,
        type: shownText,
        origin: anyText,
      }),
    ),
  ),
});

const nodeId = textLike(/^n\d{1,9}$/);

const picture = fields<PartPicture['picture']>({
  nodes: listOf(
    fields<PartPicture['picture']['nodes'][number]>({
      id: nodeId,
      lane: oneOf(lanes),
      kind: oneOf(['scm', 'server', 'database', 'extension', 'proxy', 'runner', 'builds', 'engine']),
      source: anyText,
      name: shownText,
      lines: texts,
      labels: texts,
      sources: names,
      seen: truth,
    }),
  ),
  edges: listOf(
    fields<PartPicture['picture']['edges'][number]>({
      from: nodeId,
      to: nodeId,
      kind: oneOf(['events', 'proxied', 'sql', 'calls', 'rpc', 'starts', 'socket', 'runs on']),
      plain: optional(oneOf([true])),
    }),
  ),
});

const edge = oneOf(edgeIds);
const ends = { from: oneOf(positions), to: shownText };
const wayPlace = optional(fields<WayPlace>({ file: anyText, line: amount }));
const certainty = oneOf(['seen', 'assumed', 'unknown']);

const ways = fields<Masked<ToldWays>>({
  ways: listOf(
    fields<Masked<ToldWay>>({
      ...{ ...ends, certainty },
      steps: listOf(
        fields<Masked<ToldStep>>({
          ...{ edge, does: shownText, why: shownText, certainty, place: wayPlace },
          fix: optional(shownText),
          rule: optional(ruleId),
          isCut: optional(oneOf([true])),
          cutBy: optional(listOf(amount)),
          gives: shownText,
        }),
      ),
      if: optional(shownText),
      group: amount,
    }),
  ),
  closed: listOf(fields<Masked<ToldWays>['closed'][number]>({ ...ends, by: shownText })),
  notKnown: listOf(fields<Masked<ToldWays>['notKnown'][number]>({ ...ends, because: shownText })),
  cut: fields<Masked<ToldWays>['cut']>({
    changes: listOf(
      fields<Masked<ToldChange>>({
        edge,
        kind: oneOf(['line', 'setting', 'repository', 'host', 'architecture']),
        what: shownText,
        place: wayPlace,
        rule: optional(ruleId),
        caution: optional(shownText),
      }),
    ),
    closes: amount,
    isSmallest: truth,
    left: listOf(fields<ToldWays['cut']['left'][number]>(ends)),
  }),
  matrix: listOf(
    fields<ToldWays['matrix'][number]>({ ...ends, is: oneOf(['open', 'by design', 'if', 'not known', 'closed']) }),
  ),
});

const detailsShape = fields<DetailsRecord>({
  sources: listOf(source),
  findings: listOf(finding),
  pictures: listOf(fields<PartPicture>({ first: anyText, picture })),
  ways: listOf(fields<PartWays>({ first: anyText, ways })),
});

/** Whether two values are a record of a batch of as many sources as it has numbers. */
export function isRecord(summary: unknown, details: unknown, sources: number): boolean {
  return (
    summaryShape(summary) && detailsShape(details) && fits(summary as SummaryRecord, details as DetailsRecord, sources)
  );
}

/** Whether a record is in agreement with itself, and each of its places lies in the text of its source. */
function fits(
  { sources: told }: SummaryRecord,
  { sources, findings, pictures }: DetailsRecord,
  amount: number,
): boolean {
  const isPlace = ([index, start, end]: FindingRecord['at']): boolean =>
    start <= end && end <= (sources[index]?.text ?? '').length && index < sources.length;
  const found = sources.map(() => 0);
  for (const { at } of findings) found[at[0]] = (found[at[0]] ?? 0) + 1;
  return (
    told.length === amount &&
    sources.length === amount &&
    sources.every(({ name, form }, index) => told[index]?.[0] === name && told[index]?.[1] === form) &&
    told.every(([, , count], index) => count === found[index]) &&
    findings.every(
      ({ at, related, consequences }) =>
        isPlace(at) && related.every(([each]) => isPlace(each)) && consequences.every((each) => isPlace(each.at)),
    ) &&
    pictures.every(({ picture: { nodes, edges } }) => {
      const ids = new Set(nodes.map(({ id }) => id));
      return ids.size === nodes.length && edges.every(({ from, to }) => ids.has(from) && ids.has(to));
    })
  );
}

type ConfigOfWhole = NonNullable<Whole['config']>;

const written = { where: anyText, line: amount, column: amount };

/** Whether a value is what an audit is besides what its installations come to. */
export const isWhole = fields<Whole>({
  version: shownText,
  asked: optional(
    fields<NonNullable<Whole['asked']>>({
      places: listOf(
        fields<NonNullable<Whole['asked']>['places'][number]>({ place: shownText, option: optional(shownText) }),
      ),
      options: texts,
    }),
  ),
  date: optional(shownText),
  failOn: oneOf([...severities, 'never']),
  exitZero: optional(truth),
  writesBaseline: optional(truth),
  rulesLeftOut: texts,
  limits: texts,
  standards: listOf(oneOf(standardNames)),
  chosen: listOf(ruleId),
  files: amount,
  excluded: amount,
  hasSources: truth,
  idleInList: amount,
  stated: names,
  notAsked: texts,
  probed: texts,
  mentions,
  passedOver: optional(
    listOf(fields<NonNullable<Whole['passedOver']>[number]>({ why: shownText, count: amount, first: names })),
  ),
  problems,
  entries: listOf(
    fields<Whole['entries'][number]>({
      ...written,
      rule: shownText,
      until: day,
      to: optional(severity),
      hasEnded: truth,
      isToldIdle: truth,
    }),
  ),
  acceptances: listOf(
    fields<Whole['acceptances'][number]>({
      ...written,
      path: anyText,
      until: day,
      hasEnded: truth,
      isToldIdle: truth,
    }),
  ),
  refusals: fields<Whole['refusals']>({ above: texts, upTo: optional(shownText) }),
  config: optional(
    fields<ConfigOfWhole>({
      name: anyText,
      files: listOf(
        // The digest of a file comes with its size.
        fields<ConfigOfWhole['files'][number] & Pick<ReadSource, 'bytes'>>({
          name: anyText,
          by: oneOf(['config', 'policy']),
          isAudited: truth,
          sha256,
          hashOf,
          bytes: amount,
        }),
      ),
      settings: listOf(
        fields<ConfigOfWhole['settings'][number]>({
          key: shownText,
          value: optional(shownText),
          by: oneOf(['config', 'policy']),
          where: anyText,
        }),
      ),
      entries: listOf(
        fields<ConfigOfWhole['entries'][number]>({
          key: oneOf(['ignore', 'severity', 'accept', 'exclude']),
          by: oneOf(['config', 'policy']),
          where: anyText,
          rule: optional(shownText),
          path: optional(shownText),
          at: optional(shownText),
          problem: optional(shownText),
          to: optional(oneOf([...severities, 'off'])),
          reason: optional(shownText),
          until: day,
          countedAs: optional(
            (value) =>
              fields<{ entry: number }>({ entry: amount })(value) ||
              fields<{ acceptance: number }>({ acceptance: amount })(value),
          ),
        }),
      ),
    }),
  ),
});
