import type {
  ArtifactLocation,
  Invocation,
  Notification,
  PhysicalLocation,
  ReportingDescriptorReference as Reference,
  Region,
  ReportingDescriptor,
  ReportingDescriptorRelationship,
  Result,
  Run,
  Suppression as SarifSuppression,
  ToolComponent,
} from 'sarif';
import { compare } from '../model/compare.ts';
import { where } from '../model/iterables.ts';
import { exitStatus, type Finding, isOld, type Report, type Suppression } from '../model/report.ts';
import type { AnyRule, Standards } from '../model/rule.ts';
import { atLeast, type Severity, severities } from '../model/severity.ts';
import { isAnswer, type Location, lineStarts, positionOf, type Source } from '../model/source.ts';
import { byNumbers } from '../model/standard-ids.ts';
import { CodeFlows } from './code-flows.ts';
import { Each, safeJsonChunks, visible, wellFormed, withoutLinks } from './escape.ts';
import { rulePageUrl } from './home.ts';
import { lineHashes } from './line-hash.ts';
import { knownStandards } from './standards.ts';
import { neverFails } from './verdict.ts';

/** GitHub keeps at most 5,000 results of a run. */
const maxResults = 5000;
const maxRelated = 20;
const maxNotifications = 500;
/** In UTF-16 units; a longer excerpt is left out, because SARIF has no shortened ones. */
const maxSnippetLength = 2000;
/**
 * In all: GitHub refuses a file of more than 10 MB (gzip) as a whole. What is audited must not be able to make it so large, and
 * pages show the file itself.
 */
const maxQuoted = 4_000_000;
/** GitHub's limit for descriptions. */
const maxDescriptionLength = 1024;

/** What SARIF records about a rule. */
type Descriptor = Pick<AnyRule, 'id' | 'title' | 'why' | 'fix' | 'refs' | 'standards' | 'severity' | 'confidence'> & {
  readonly family: string;
};

/** Indexes of everything that results refer to. */
interface Indexes {
  /** The standards of the run. */
  readonly standards: readonly ToolComponent[];
  /** Those of each rule. */
  readonly standardsOf: ReadonlyMap<string, Standards>;
  readonly ruleIndex: ReadonlyMap<string, number>;
  /** How many UTF-16 units may still be quoted. */
  readonly quotes: { left: number };
  /** Whether any result is suppressed: SARIF then requires all of them to say so. */
  readonly suppresses: boolean;
  readonly flows: CodeFlows;
  hashes(source: Source): readonly (string | undefined)[];
}

/** Line hashes of sources; results come file by file, but each may bring a source of its own. */
function hashesByFile(): Indexes['hashes'] {
  let last: { readonly text: string; readonly hashes: ReturnType<typeof lineHashes> } | undefined;
  return ({ text }) => {
    if (last?.text !== text) last = { text, hashes: lineHashes(text) };
    return last.hashes;
  };
}

type Level = Extract<Result.level, 'error' | 'warning' | 'note'>;

const levels: Readonly<Record<Severity, Level>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  info: 'note',
};
/** Scores from which code-scanning pages derive the severity of a rule; information has none. */
const scores: Readonly<Record<Severity, number | undefined>> = {
  critical: 9.5,
  high: 8,
  medium: 5.5,
  low: 2.5,
  info: undefined,
};

/**
 * The report as SARIF 2.1.0. `rules` are those that ran; `familyOf` gives the family of a rule by its id. Findings keep
 * their order; of more than 5,000, the most severe stay. `homepage` is where the project is found; without one, rules
 * bring their pages with them and link to none. Made while it is written.
 */
export function* sarifReport(
  report: Report,
  rules: readonly AnyRule[],
  familyOf: ReadonlyMap<string, string> = new Map(),
  homepage = '',
): Generator<string> {
  // Pages that know no states of a baseline would open what is merely known: it is only counted.
  const told = where(report.findings, (finding) => !isOld(finding));
  const seen = survey(told);
  const quotas = quotasOf(seen.amounts, maxResults);
  const descriptors = describe(seen.described, rules, familyOf);
  const standards = taxonomies([
    ...descriptors,
    ...seen.standards.filter(({ group, nth }) => nth < (quotas[group] ?? 0)),
  ]);
  const indexes: Indexes = {
    ruleIndex: new Map(descriptors.map(({ id }, index) => [id, index])),
    quotes: { left: maxQuoted },
    suppresses: sum(quotas.slice(severities.length)) > 0,
    standards,
    standardsOf: new Map(descriptors.map((descriptor) => [descriptor.id, descriptor.standards])),
    hashes: hashesByFile(),
    flows: new CodeFlows(report, uriOf),
  };
  const incomplete = report.exitCode >= 3 || report.problems.some((problem) => problem.incomplete);
  const run: WrittenRun = {
    tool: {
      driver: {
        name: report.tool.name,
        fullName: `${report.tool.name} ${report.tool.version}`,
        version: report.tool.version,
        semanticVersion: report.tool.version,
        informationUri: homepage || undefined,
        supportedTaxonomies: standards.map(({ name }, index) => ({ name, index })),
        rules: Each.of(descriptors, (descriptor) =>
          ruleEntry(descriptor, seen.occurred.get(descriptor.id) ?? descriptor.severity, standards, homepage),
        ),
      },
    },
    automationDetails: { id: 'drone-audit/' },
    columnKind: 'utf16CodeUnits',
    newlineSequences: ['\r\n', '\n', '\r'],
    invocations: [
      {
        executionSuccessful: !incomplete,
        exitCode: exitStatus(report),
        exitCodeDescription: gateOf(report),
        endTimeUtc: timeOf(report),
        toolExecutionNotifications: new Each(notifications(report, sum(seen.amounts), sum(quotas), indexes)),
      },
    ],
    taxonomies: standards,
    results: Each.of(worst(told, quotas), (finding) => result(finding, indexes)),
    // What is fixed is only counted, too.
    properties: report.baseline ? { baseline: { ...report.baseline } } : undefined,
  };
  yield* safeJsonChunks({
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [run],
  });
}

/** A run whose long lists are made while they are written. */
type WrittenRun = Omit<Run, 'tool' | 'invocations' | 'results'> & {
  readonly tool: { readonly driver: Omit<ToolComponent, 'rules'> & { readonly rules: Each<ReportingDescriptor> } };
  readonly invocations: readonly (Omit<Invocation, 'toolExecutionNotifications'> & {
    readonly toolExecutionNotifications: Each<Notification>;
  })[];
  readonly results: Each<Result>;
};

/** The date of a report, where it has a time; SARIF takes no day alone. */
function timeOf({ date }: Report): string | undefined {
  return date?.includes('T') ? new Date(date).toISOString() : undefined;
}

/** What keeps findings from failing the audit; undefined if nothing does. */
function gateOf(report: Report): string | undefined {
  if (report.exitZero) return 'the gate is off (--exit-zero): 0 in place of 1 and 3';
  const never = neverFails(report);
  return never && withoutLinks(never);
}

/** Where there are too many findings, those of the first groups stay: open ones before suppressed ones, the worst first. */
function groupOf({ severity, suppressed }: Finding): number {
  return severities.indexOf(severity) + (suppressed === undefined ? 0 : severities.length);
}

/** What results refer to, of all findings, in one pass. */
interface Survey {
  /** How many findings each group has. */
  readonly amounts: readonly number[];
  /** What the last finding of each rule says of it. */
  readonly described: ReadonlyMap<string, Descriptor>;
  /** The worst severity among each rule's findings, because code-scanning pages read only the severity of the rule. */
  readonly occurred: ReadonlyMap<string, Severity>;
  /** The standards that findings name, each with the first finding of a group that does: the how manieth of it. */
  readonly standards: readonly { readonly standards: Standards; readonly group: number; readonly nth: number }[];
}

function survey(findings: Iterable<Finding>): Survey {
  const amounts = Array.from({ length: 2 * severities.length }, () => 0);
  const described = new Map<string, Descriptor>();
  const occurred = new Map<string, Severity>();
  const standards = new Map<string, Survey['standards'][number]>();
  for (const finding of findings) {
    const { rule, severity } = finding;
    const group = groupOf(finding);
    const nth = amounts[group] ?? 0;
    amounts[group] = nth + 1;
    described.set(rule, descriptorOf(finding));
    const known = occurred.get(rule);
    if (known === undefined || atLeast(severity, known)) occurred.set(rule, severity);
    if (nth >= maxResults) continue;
    const key = `${group} ${JSON.stringify(finding.standards)}`;
    if (!standards.has(key)) standards.set(key, { standards: finding.standards, group, nth });
  }
  return { amounts, described, occurred, standards: [...standards.values()] };
}

function descriptorOf({ rule: id, family, title, why, fix, standards, severity, confidence }: Finding): Descriptor {
  return { id, family, title, why, fix, standards, severity, confidence, refs: [] };
}

/** How many findings of each group stay of so many. */
function quotasOf(amounts: readonly number[], most: number): readonly number[] {
  let left = most;
  return amounts.map((amount) => {
    const kept = Math.min(amount, left);
    left -= kept;
    return kept;
  });
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((all, amount) => all + amount, 0);
}

/** In their order, as many findings of each group as its quota says, the first of it. */
function* worst(findings: Iterable<Finding>, quotas: readonly number[]): Generator<Finding> {
  const left = [...quotas];
  for (const finding of findings) {
    const group = groupOf(finding);
    const quota = left[group] ?? 0;
    left[group] = quota - 1;
    if (quota > 0) yield finding;
  }
}

/** The rules that ran and those that findings name, by id. */
function describe(
  described: ReadonlyMap<string, Descriptor>,
  rules: readonly AnyRule[],
  familyOf: ReadonlyMap<string, string>,
): Descriptor[] {
  const known = new Map(described);
  for (const rule of rules)
    known.set(rule.id, { ...rule, family: familyOf.get(rule.id) ?? known.get(rule.id)?.family ?? '' });
  return [...known.values()].sort((a, b) => compare(a.id, b.id));
}

function ruleEntry(
  descriptor: Descriptor,
  occurred: Severity,
  standards: readonly ToolComponent[],
  homepage: string,
): ReportingDescriptor {
  const { id, family, title, why, fix, refs, severity, confidence } = descriptor;
  const level = levels[occurred];
  const score = scores[occurred];
  const cwe = (descriptor.standards.cwe ?? []).map(
    (weakness) => `external/cwe/cwe-${weakness.replace('CWE-', '').padStart(3, '0')}`,
  );
  const markdown = [`# ${title}`, why, '## Fix', fix];
  if (refs.length > 0)
    markdown.push(
      '## References',
      refs.map((ref) => (/^https?:\/\/\S+$/.test(ref) ? `- <${ref}>` : `- \`${ref}\``)).join('\n'),
    );
  return {
    id,
    name: id.replace(/(?:^|-)([a-z0-9])/g, (_, first: string) => first.toUpperCase()),
    shortDescription: { text: title },
    fullDescription: { text: why.length > maxDescriptionLength ? `${why.slice(0, maxDescriptionLength - 1)}…` : why },
    help: {
      text: [why, `Fix: ${fix}`, ...(refs.length > 0 ? [refs.join('\n')] : [])].join('\n\n'),
      markdown: markdown.join('\n\n'),
    },
    helpUri: homepage === '' || family === '' ? undefined : rulePageUrl(homepage, family, id),
    defaultConfiguration: { level: levels[severity] },
    relationships: relationships(descriptor, standards),
    properties: {
      tags: [
        ...(score === undefined ? [] : ['security']),
        'ci-cd',
        'drone',
        ...(family === '' ? [] : [family]),
        ...cwe,
      ],
      precision: confidence === 'high' ? 'very-high' : confidence,
      'problem.severity': level === 'note' ? 'recommendation' : level,
      'security-severity': score === undefined ? undefined : score.toFixed(1),
    },
  };
}

/** The standards that these rules and findings refer to, each with the entries concerned. */
function taxonomies(all: readonly Pick<Descriptor, 'standards'>[]): ToolComponent[] {
  return knownStandards.flatMap((standard) => {
    const ids = [...new Set(all.flatMap(({ standards }) => standard.ids(standards)))].sort(byNumbers);
    if (ids.length === 0) return [];
    return [
      {
        name: standard.name,
        version: standard.version,
        organization: standard.organization,
        informationUri: standard.url,
        shortDescription: { text: standard.summary },
        isComprehensive: false,
        taxa: ids.map((id) => {
          const title = standard.title(id);
          return {
            id,
            shortDescription: title === undefined ? undefined : { text: title },
            helpUri: standard.page(id),
          };
        }),
      },
    ];
  });
}

function relationships({ standards }: Descriptor, all: readonly ToolComponent[]): ReportingDescriptorRelationship[] {
  return references(standards, all).map((target) => ({ target, kinds: ['relevant'] }));
}

/** The standards that a result goes against, where they are not all those of its rule. */
function taxaOf({ rule, standards }: Finding, { standardsOf, standards: all }: Indexes): Reference[] | undefined {
  const own = references(standards, all);
  const general = references(standardsOf.get(rule) ?? standards, all);
  const isSame = own.length === general.length && own.every(({ id }) => general.some((each) => each.id === id));
  return isSame ? undefined : own;
}

function references(standards: Standards, all: readonly ToolComponent[]): Reference[] {
  return knownStandards.flatMap((standard) => {
    const index = all.findIndex(({ name }) => name === standard.name);
    const taxa = all[index]?.taxa ?? [];
    return standard.ids(standards).map((id) => ({
      id,
      index: taxa.findIndex((taxon) => taxon.id === id),
      toolComponent: { name: standard.name, index },
    }));
  });
}

function result(finding: Finding, indexes: Indexes): Result {
  const { at, severity, confidence, suppressed } = finding;
  const score = scores[severity] ?? 0;
  const doubt = { high: 0, medium: 10, low: 20 }[confidence];
  const opened = finding.consequences.map(({ at, message }) => ({ at, message }));
  const related = [...opened, ...finding.related].slice(0, maxRelated);
  const hash = indexes.hashes(at.source)[positionOf(at.source, at.span.start).line - 1];
  return {
    ruleId: finding.rule,
    ruleIndex: indexes.ruleIndex.get(finding.rule),
    kind: 'fail',
    level: levels[severity],
    rank: Math.max(0, score * 10 - doubt),
    message: { text: messageText(finding, related) },
    locations: [
      {
        physicalLocation: physicalLocation(at, indexes, true),
        logicalLocations: at.path === '' ? undefined : [{ fullyQualifiedName: at.path }],
      },
    ],
    relatedLocations:
      related.length === 0
        ? undefined
        : related.map((place, index) => ({
            id: index + 1,
            message: { text: withoutLinks(place.message) },
            physicalLocation: physicalLocation(place.at, indexes, false),
          })),
    codeFlows: indexes.flows.of(finding),
    partialFingerprints: {
      ...(hash === undefined || isAnswer(at.source.name) ? {} : { primaryLocationLineHash: hash }),
      'droneAudit/v1': finding.fingerprint,
    },
    taxa: taxaOf(finding, indexes),
    suppressions: indexes.suppresses ? (suppressed ? [suppression(suppressed)] : []) : undefined,
    baselineState: finding.baselineState,
    properties: {
      severity,
      override: finding.override,
      confidence,
      label: visible(finding.label),
      reach: finding.reach === undefined ? undefined : visible(finding.reach),
    },
  };
}

function suppression({ by, reason, where }: Suppression): SarifSuppression {
  return {
    kind: by === 'comment' ? 'inSource' : 'external',
    status: 'accepted',
    justification: reason,
    properties: { by, where },
  };
}

/** Sentences, the first of which pages show as the title, followed by links to the related places. */
function messageText({ message, reach }: Finding, related: Finding['related']): string {
  const sentences = [`${withoutLinks(message).replace(/^[a-z]/, (first) => first.toUpperCase())}.`];
  if (reach !== undefined) sentences.push(`Open to ${withoutLinks(reach)}.`);
  if (related.length > 0)
    sentences.push(`See ${related.map((place, index) => `[${linkText(place.message)}](${index + 1})`).join(', ')}.`);
  return sentences.join(' ');
}

function linkText(message: string): string {
  return withoutLinks(message).replace(/[[\]\\]/g, '\\$&');
}

function physicalLocation(at: Location, indexes: Indexes, context: boolean): PhysicalLocation {
  return {
    artifactLocation: artifactLocation(uriOf(at.source.name)),
    region: region(at, indexes),
    ...(context ? contextRegion(at, indexes) : {}),
  };
}

/** The first line of a place: pages annotate a change only if it has all lines of a region. Not empty, if possible. */
function region({ source, span }: Location, indexes: Indexes): Region {
  const start = Math.min(span.start, source.text.length);
  const { line, column } = positionOf(source, start);
  const end = Math.max(start, Math.min(Math.max(span.end, start + 1), contentEnd(source, line)));
  return {
    startLine: line,
    startColumn: column,
    endLine: line,
    endColumn: column + end - start,
    ...snippet(source, start, end, indexes),
  };
}

/** Includes two whole lines on both sides. */
function contextRegion({ source, span }: Location, indexes: Indexes): Pick<PhysicalLocation, 'contextRegion'> {
  const { line } = positionOf(source, Math.min(span.start, source.text.length));
  const startLine = Math.max(1, line - 2);
  const endLine = Math.min(lineStarts(source).length, line + 2);
  const start = lineStarts(source)[startLine - 1] ?? 0;
  const excerpt = snippet(source, start, contentEnd(source, endLine), indexes);
  return 'snippet' in excerpt ? { contextRegion: { startLine, endLine, ...excerpt } } : {};
}

function snippet(source: Source, start: number, end: number, { quotes }: Indexes): Pick<Region, 'snippet'> {
  const length = end - start;
  if (length > Math.min(maxSnippetLength, quotes.left)) return {};
  quotes.left -= length;
  return { snippet: { text: wellFormed(source.text.slice(start, end)) } };
}

/** The offset after the last character of a line, without its line end. */
function contentEnd(source: Source, line: number): number {
  const next = lineStarts(source)[line];
  if (next === undefined) return source.text.length;
  return source.text.charCodeAt(next - 1) === 10 && source.text.charCodeAt(next - 2) === 13 ? next - 2 : next - 1;
}

function artifactLocation(uri: string): ArtifactLocation {
  return { uri, uriBaseId: '%SRCROOT%' };
}

/** A relative, encoded URI: `docker://name` becomes `docker/name.json`, because pages know only files. */
function uriOf(name: string): string {
  const path = isAnswer(name) ? `${name.replace('://', '/')}.json` : name.replace(/^\/+/, '');
  const uri = wellFormed(path).split('/').map(encodeURIComponent).join('/');
  // A byte of a name that is not UTF-8 is `\xE9` in ours, and one of its own in a URI.
  return uri.replace(/%5Cx([0-9A-F]{2})/g, '%$1');
}

const leastSevere = 'results are left out, the least severe ones';

/** What could not be done, seen or decided, and what is left out here. */
function* notifications(report: Report, all: number, kept: number, indexes: Indexes): Generator<Notification> {
  let left = 0;
  let room = maxNotifications;
  for (const make of allNotifications(report, all, kept, indexes))
    if (room-- > 0) yield make();
    else left++;
  if (left > 0) yield notification('left-out', 'note', `${left} notifications are left out`);
}

/** The same without a limit: most of very many are only counted, so that they are made by who wants them. */
function* allNotifications(
  { problems, coverage }: Report,
  all: number,
  kept: number,
  { ruleIndex }: Indexes,
): Generator<() => Notification> {
  const left = all - kept;
  if (left > 0) yield () => notification('left-out', 'warning', `${left} of ${all} ${leastSevere}`);
  for (const { kind, incomplete, message, ...place } of problems)
    yield () => notification(kind, incomplete ? 'error' : 'warning', message, place);
  for (const { message, ...place } of coverage.unknown) yield () => notification('not-seen', 'note', message, place);
  for (const { what, ...place } of coverage.mentions)
    yield () => notification('not-read', 'note', `${what} is mentioned in a file that was not read`, place);
  for (const place of coverage.notAsked) yield () => notification('not-asked', 'note', `not asked: ${place}`);
  for (const message of coverage.probed) yield () => notification('probed', 'note', message);
  for (const { rule, message, ...place } of coverage.inconclusive)
    yield () => ({
      ...notification('undecided', 'note', `${rule}: ${message}`, place),
      associatedRule: { id: rule, index: ruleIndex.get(rule) },
    });
}

function notification(
  id: string,
  level: Level,
  message: string,
  place?: { readonly source: string; readonly line?: number },
): Notification {
  return {
    descriptor: { id },
    level,
    message: { text: withoutLinks(message) },
    locations: place && [
      {
        physicalLocation: {
          artifactLocation: artifactLocation(uriOf(place.source)),
          region: place.line === undefined ? undefined : { startLine: place.line },
        },
      },
    ],
  };
}
