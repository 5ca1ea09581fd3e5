import { type Evidence, evidence, evidenceOf } from './facts/rule-evidence.ts';
import type { Installation } from './model/installation.ts';
import type { Problem, RuleRun, Violations } from './model/report.ts';
import type { AnyRule } from './model/rule.ts';
import { severities } from './model/severity.ts';
import type { Site } from './model/site.ts';
import { type Form, formsOfPipelines } from './model/source.ts';

/** How many things there are of each kind that rules look at. */
export type EvidenceCounts = Readonly<Record<Evidence, number>>;

/** What an audit did, as far as it tells which rules ran, and on what. */
export interface Done {
  /** Every rule that there is, by id. */
  readonly every: readonly AnyRule[];
  readonly chosen: readonly AnyRule[];
  /** How many things of each kind were judged. */
  readonly counts: EvidenceCounts;
  /** Of how many things that a rule compares with known releases the release is not known. */
  readonly unknownReleases: (rule: string) => number;
  readonly violations: readonly Violations[];
  /** How often each rule could not decide. */
  readonly undecided: ReadonlyMap<string, number>;
  /** Places that were not asked, with the option that asks them: `the Docker Engine (--docker)`. */
  readonly notAsked: readonly string[];
  /** What could not be read, accepted or not: an artefact may be in it. */
  readonly unread: readonly Problem<unknown>[];
  readonly formOf: (source: string) => Form | undefined;
  /** Whether files were left out, or speak of Drone and were not read. */
  readonly hasGaps: boolean;
}

/** For each rule, on how many things it ran, or why it did not. Pure. */
export function ruleRuns(done: Done): readonly RuleRun[] {
  const { counts } = done;
  const chosen = new Set(done.chosen.map(({ id }) => id));
  const missing = new Map<Evidence, RuleRun['notRun']>();
  const whyMissing = (kind: Evidence): RuleRun['notRun'] => {
    if (!missing.has(kind)) missing.set(kind, reasonOf(kind, done));
    return missing.get(kind);
  };
  const unread = new Map<Evidence, number>();
  const unreadOf = (kind: Evidence): number => {
    const known = unread.get(kind) ?? done.unread.filter((problem) => mayHold(problem, kind, done)).length;
    unread.set(kind, known);
    return known;
  };
  const found = new Map<string, { found: number; unsure: number }>();
  for (const { rule, open, accepted, unsure } of done.violations) {
    const sum = found.get(rule) ?? { found: 0, unsure: 0 };
    for (const severity of severities) sum.found += open[severity];
    sum.found += accepted.length;
    sum.unsure += unsure;
    found.set(rule, sum);
  }
  return done.every.map((rule) => {
    const kind = evidenceOf.get(rule.id) ?? rule.on;
    const addresses = rule.judgeEndpoint ? counts.endpoint : 0;
    const seen = counts[kind] + addresses;
    const isChosen = chosen.has(rule.id);
    return {
      rule: rule.id,
      pedantic: rule.pedantic === true,
      seen: isChosen ? seen : 0,
      ...(found.get(rule.id) ?? { found: 0, unsure: 0 }),
      undecided: done.undecided.get(rule.id) ?? 0,
      unknownRelease: isChosen ? done.unknownReleases(rule.id) : 0,
      unread: isChosen ? unreadOf(kind) : 0,
      notRun: isChosen
        ? seen > 0
          ? undefined
          : whyMissing(kind)
        : { kind: 'skipped', why: 'left out by --rule or --skip' },
    };
  });
}

function reasonOf(kind: Evidence, { notAsked, unread, hasGaps }: Done): RuleRun['notRun'] {
  const { is, options } = evidence[kind];
  const asks = notAsked.filter((place) => options.some((option) => place.includes(`(${option})`)));
  if (asks.length > 0) return { kind: 'not asked', why: `not asked: ${asks.join(', ')}` };
  // That there is none is known of what an engine runs, and of nothing else: pipelines lie in repositories elsewhere.
  const isComplete =
    unread.length === 0 && !hasGaps && (kind === 'settings' || kind === 'container' || kind === 'host');
  if (isComplete) return { kind: 'none there', why: `there is not ${is}` };
  return { kind: 'none seen', why: `not seen: ${is}` };
}

/** What there is in installations. */
export function countEvidence(installations: readonly Installation[], site: Site): EvidenceCounts {
  const count = <T>(select: (installation: Installation) => readonly T[], test?: (item: T) => boolean): number =>
    installations.reduce(
      (sum, installation) => sum + (test ? select(installation).filter(test).length : select(installation).length),
      0,
    );
  // What does nothing for Drone is read and judged, but tells nothing of Drone.
  const settings = count(
    (each) => each.settings,
    ({ role }) => role !== 'other',
  );
  const container = count(
    (each) => each.containers,
    ({ role }) => role !== 'other',
  );
  return {
    settings,
    container,
    pipeline: count((each) => each.pipelines),
    document: count((each) => each.streams),
    account: count((each) => each.accounts),
    host: count((each) => each.hosts),
    endpoint: count((each) => each.endpoints),
    repository: count((each) => each.repositories),
    extension: count((each) => each.probes),
    installation: installations.length,
    'listed account': count(
      (each) => each.accounts,
      ({ listed }) => listed !== undefined,
    ),
    'organization secret': count((each) => each.organizationSecrets ?? []),
    engine: count(
      (each) => each.hosts,
      ({ at }) => at.source.form === 'docker-engine',
    ),
    image: count(
      (each) => each.containers,
      ({ imageEnvironment }) => imageEnvironment !== undefined,
    ),
    socket: count(
      (each) => each.hosts,
      ({ socket }) => socket !== undefined,
    ),
    log: count(
      (each) => each.containers,
      ({ log }) => log !== undefined,
    ),
    'build log': count(
      (each) => each.repositories,
      ({ logHits }) => logHits !== undefined,
    ),
    'answer to RPC': count(
      (each) => each.endpoints,
      ({ answers }) => answers.has('POST /rpc/v2/ping'),
    ),
    'runner address': count(
      (each) => each.endpoints,
      ({ role }) => role !== 'server',
    ),
    'list of images':
      site.images.length + site.plugins.length + site.registries.length > 0 ? count((each) => each.pipelines) : 0,
  };
}

/** Whether something of a kind may be in what could not be read; of a file whose form is not known, anything may. */
function mayHold({ source }: Problem<unknown>, kind: Evidence, { formOf }: Done): boolean {
  const form = formOf(source);
  if (form === undefined) return true;
  const isOfPipelines = kind === 'pipeline' || kind === 'document' || kind === 'list of images';
  return formsOfPipelines.has(form) ? isOfPipelines : !isOfPipelines;
}
