import { createHash } from 'node:crypto';
import { type MarkedProblem, markAccepted } from './accept-problems.ts';
import { unknownReleases } from './analysis/known-release.ts';
import { pictureOf } from './analysis/picture.ts';
import { applyPolicy, type EntryUse, type Policy, type PolicyResult } from './apply-policy.ts';
import type { InstallationPart } from './installations.ts';
import { type Judgement, judge, type Verdict } from './judge.ts';
import type { Installation } from './model/installation.ts';
import { once } from './model/memoize.ts';
import type { Picture } from './model/picture.ts';
import { type Progress, silently } from './model/progress.ts';
import {
  type Coverage,
  distinctProblems,
  type Finding,
  type FindingHead,
  type Mention,
  type Problem,
  type ReadSource,
  type Violations,
} from './model/report.ts';
import { isRunner } from './model/role.ts';
import type { AnyRule } from './model/rule.ts';
import type { Settings } from './model/settings.ts';
import type { Severity } from './model/severity.ts';
import type { Site } from './model/site.ts';
import { type Form, type Location, positionOf, type Source } from './model/source.ts';
import type { Masked, MaskedText } from './model/text.ts';
import type { ToldWays } from './model/ways.ts';
import { type PlacedPopulation, populationOf } from './population.ts';
import type { ReadResult } from './read.ts';
import { countEvidence, type EvidenceCounts } from './rule-runs.ts';
import type { Mask } from './secrets/mask.ts';
import { told } from './ways/told.ts';
import { askedByEdges, hasParts, waysIn } from './ways-in.ts';

/** By which rules installations are judged, and under which policy. */
export interface Terms {
  readonly rules: readonly AnyRule[];
  /** Every rule that there is: what ways rest on does not depend on which were chosen. */
  readonly every: readonly AnyRule[];
  readonly familyOf: ReadonlyMap<string, string>;
  readonly site: Site;
  readonly policy: Policy;
  /** Whether any installation of the audit has a runner. */
  readonly hasRunners: boolean;
  readonly maskOf: (source: string) => Mask;
}

/** What the rules say of installations, under a policy. */
export interface Judged {
  readonly faults: readonly Problem[];
  /** How often each rule could not decide. */
  readonly undecided: ReadonlyMap<string, number>;
  readonly applied: PolicyResult;
  /** What ways may rest on, of each installation. */
  readonly verdicts: readonly (readonly Verdict[])[];
}

/**
 * What an audit of some installations comes to, before anything is said of the whole. All of it may leave the process: its
 * secrets are masked. What is a function is worked out when it is asked for, because not every report tells it.
 */
export interface Outcome {
  /** By file, then by place. */
  readonly findings: Iterable<Finding>;
  /** The same, as far as counting takes them, where that is known without making all of them. */
  readonly heads?: Iterable<FindingHead>;
  /** The open ones as lines of JSON lines, in texts of any number of them, where that is known without making all of them. */
  readonly lines?: Iterable<string>;
  /** The severities that count for the exit status. */
  readonly counted: ReadonlySet<Severity>;
  readonly hiddenBySeverity: number;
  readonly hiddenPedantic: number;
  /** How many of the findings a config or policy suppresses. */
  readonly suppressedByConfig: number;
  readonly problems: readonly MarkedProblem[];
  /** In the order in which they were given. */
  readonly sources: Iterable<ReadSource>;
  /** Whether any of them gave anything to judge. */
  readonly hasGiven: boolean;
  readonly mentions: readonly Mention[];
  readonly unknown: readonly UnknownThing[];
  readonly inconclusive: Coverage['inconclusive'];
  readonly pipelines: number;
  readonly containers: number;
  readonly components: number;
  /** How many findings each entry of a config suppressed or changed, by its number. */
  readonly uses: ReadonlyMap<number, number>;
  readonly entries: EntryUse;
  readonly undecided: ReadonlyMap<string, number>;
  readonly violations: () => readonly Violations[];
  readonly formOf: (source: string) => Form | undefined;
  readonly counts: () => EvidenceCounts;
  readonly unknownReleases: (rule: string) => number;
  readonly population: () => PlacedPopulation;
  /** For each installation, with the name of its first source. */
  readonly pictures: () => readonly PartPicture[];
  /** Through each installation that has any. */
  readonly ways: () => Iterable<PartWays>;
}

/** Something that is not known, and where it is told among all: by its reader, then by the first source that was read with it. */
export interface UnknownThing {
  readonly told: Coverage['unknown'][number];
  readonly order: ReadResult['unknown'][number]['order'];
}

/** An installation as a picture. */
export interface PartPicture {
  readonly first: string;
  readonly picture: Masked<Picture>;
}

/** The ways through an installation. */
export interface PartWays {
  readonly first: string;
  readonly ways: Masked<ToldWays>;
}

/** Judges installations and applies the policy. */
export function judgeParts(
  parts: readonly InstallationPart[],
  understood: Pick<ReadResult, 'sources'>,
  { rules, familyOf, site, policy, hasRunners, maskOf }: Terms,
  progress: Progress = silently,
): Judged {
  const judgements = parts.map(({ installation }, done): Judgement => {
    progress('judging', parts.length === 1 ? undefined : { done, of: parts.length, what: 'installations' });
    return judge(installation, rules, siteOf(installation, site, hasRunners));
  });
  progress('sorting findings');
  const applied = applyPolicy(
    judgements.flatMap(({ verdicts }) => verdicts),
    judgements.flatMap(({ undecided }) => undecided),
    understood.sources,
    familyOf,
    policy,
    maskOf,
  );
  const undecided = new Map<string, number>();
  for (const { rule } of judgements.flatMap((each) => each.undecided))
    undecided.set(rule.id, (undecided.get(rule.id) ?? 0) + 1);
  return {
    ...{ faults: judgements.flatMap(({ faults }) => faults), undecided, applied },
    verdicts: judgements.map(({ verdicts }, index) =>
      parts[index] && hasParts(parts[index].installation) ? askedByEdges(verdicts) : [],
    ),
  };
}

/** What is besides the installations themselves. */
export interface Around {
  /** Problems of gathering that are about their sources. */
  readonly problems: readonly Problem[];
  readonly repositoryAt: (root: string) => { readonly folder: string; readonly commit?: string };
}

/** What judged installations come to. */
export function outcomeOf(
  parts: readonly InstallationPart[],
  understood: ReadResult,
  { faults, undecided, applied, verdicts }: Judged,
  { rules, every, policy, site, hasRunners, maskOf }: Terms,
  { problems, repositoryAt }: Around,
): Outcome {
  const { installation, sources, gave } = understood;
  const installations = parts.map((part) => part.installation);
  const forms = once(() => new Map(sources.map(({ name, form }) => [name, form])));
  const found = distinctProblems([...problems, ...understood.problems, ...faults, ...applied.problems]);
  return {
    findings: applied.findings,
    counted: new Set(applied.counted),
    hiddenBySeverity: applied.hiddenBySeverity,
    hiddenPedantic: applied.hiddenPedantic,
    suppressedByConfig: applied.findings.filter(({ suppressed }) => /^(?:config|policy)$/.test(suppressed?.by ?? ''))
      .length,
    problems: markAccepted(found, policy, maskOf),
    sources: sources.map((source) => readSource(source, gave.get(source.name) ?? {}, maskOf(source.name))),
    hasGiven: gave.size > 0,
    mentions: understood.mentions,
    unknown: understood.unknown.map(({ at, message, whole, order }) => {
      const shown = maskOf(at.source.name).text(message);
      return { told: whole === undefined ? unknownAt(at, shown) : { source: whole, message: shown }, order };
    }),
    inconclusive: applied.inconclusive,
    pipelines: installation.pipelines.filter(({ script }) => !script).length,
    containers: installation.containers.length,
    components: installation.settings.filter(({ role }) => role !== 'other').length,
    uses: applied.uses,
    entries: applied.entries,
    undecided,
    violations: applied.violations,
    formOf: (name) => forms().get(name),
    counts: once(() => countEvidence(installations, site)),
    unknownReleases: (rule) => unknownReleases(rule, installations),
    population: once(() =>
      populationOf({ sources, pipelines: installation.pipelines, findings: applied.findings, maskOf, repositoryAt }),
    ),
    pictures: once(() =>
      parts.map((part) => ({
        first: part.sources[0]?.name ?? '',
        picture: maskedPicture(pictureOf(part.installation), maskOf),
      })),
    ),
    ways: once(() =>
      parts.flatMap(({ installation, sources: [{ name: first } = { name: '' }] }, index): readonly PartWays[] => {
        if (!hasParts(installation)) return [];
        const context = { site: siteOf(installation, site, hasRunners), installation };
        const ways = waysIn(context, every, {}, { rules, verdicts: verdicts[index] ?? [] });
        return ways.relations.length === 0 ? [] : [{ first, ways: told(ways, first, maskOf) }];
      }),
    ),
  };
}

/** The picture is made when a report shows it, with the secrets of each part masked as its source has them. */
function maskedPicture({ nodes, edges }: Picture, maskOf: (source: string) => Mask): Masked<Picture> {
  return { nodes: nodes.map((node) => maskOf(node.source).all(node)), edges };
}

/** That an audit has all runners says nothing of an installation whose runners may be those of another. */
function siteOf(installation: Installation, site: Site, hasRunners: boolean): Site {
  return !hasRunners || installation.settings.some(isOfRunner) ? site : { ...site, allRunners: undefined };
}

/** Whether settings are those of a runner. */
export function isOfRunner({ role }: Settings): boolean {
  return isRunner(role);
}

/** The hash is made when a report shows it: to know whether a source has a secret, all of it is searched. */
function readSource(source: Source, gave: ReadSource['gave'], mask: Mask): ReadSource {
  const digest = once(() => digestOf(source, mask));
  return {
    name: source.name,
    form: source.form,
    gave,
    get sha256() {
      return digest().sha256;
    },
    get hashOf() {
      return digest().hashOf;
    },
    get bytes() {
      return digest().bytes;
    },
  };
}

/** The digest of a text that may be shown: of its masked copy where it holds secrets, which a hash would let be guessed. */
export function digestOf(source: Source, mask: Mask): Pick<ReadSource, 'sha256' | 'hashOf' | 'bytes'> {
  const isMasked = source.masked || mask.spansOf(source).length > 0;
  const { text } = isMasked ? mask.source(source) : source;
  return {
    sha256: createHash('sha256').update(text).digest('hex'),
    hashOf: isMasked ? 'masked' : 'original',
    bytes: Buffer.byteLength(text),
  };
}

function unknownAt(at: Location, message: MaskedText): Coverage['unknown'][number] {
  return { source: at.source.name, line: positionOf(at.source, at.span.start).line, message };
}
