import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { probedAddresses } from '../analysis/probed.ts';
import { audit } from '../audit.ts';
import type { AuditRequest } from '../audit-request.ts';
import { recordDiffering, writeEvidence } from '../checks/evidence.ts';
import { disk } from '../checks/file-tree.ts';
import { Spool } from '../checks/spool.ts';
import { auditedFolders, chosenConfig, findConfig, readConfig, type TreeOf } from '../config.ts';
import type { Config, Written } from '../config-entries.ts';
import { type StandardName, standardChoices, standardNames, usualStandards } from '../facts/standards.ts';
import {
  everythingAllowed,
  failsAsMuch,
  type InForce,
  preferred,
  told,
  underPolicy,
  usual,
  withoutPolicy,
} from '../locks.ts';
import { type ConfigSetting, exitStatus, type Finding, type Problem } from '../model/report.ts';
import type { Confidence, Severity } from '../model/severity.ts';
import { type Site, type Trust, unknownSite } from '../model/site.ts';
import { isAnswer, lineOf, type Source } from '../model/source.ts';
import { say } from '../model/text.ts';
import { UserError } from '../model/user-error.ts';
import { allRules, familyOf } from '../rules/all.ts';
import { environmentMask, evidenceMask, secretValuesOf } from '../secrets/evidence.ts';
import { askedFor, dateOf } from './asked.ts';
import { type BaselineOptions, chooseBaseline, writeBaselineTo } from './baseline.ts';
import { cacheTerms, isResumed, openCache, refuseResume } from './cache.ts';
import {
  auditDiff,
  changedConfig,
  type Diff,
  isInRepository,
  openDiff,
  pathInRepository,
  readingBoth,
  refuseNewConfig,
  refuseWithDiff,
  shownReference,
} from './diff.ts';
import { bareAmong, fleetOf, type GitOptions } from './git-targets.ts';
import { type Io, progressOf } from './io.ts';
import {
  fileOf,
  type Output,
  parseFormat,
  parseOutput,
  refuseCardWithoutTemplate,
  refuseSharedFiles,
} from './output.ts';
import { ruleSet } from './rule-set.ts';
import { notAskedOf, ownToken } from './server-look.ts';
import { parseShard, refuseWithShard } from './shard.ts';
import { coverageOf, type TargetOptions, targetsFrom, targetsOf } from './targets.ts';
import { hintFor, unknownRule } from './unknown-word.ts';
import { writeReports } from './write-reports.ts';

/** The options of `scan`. */
export interface ScanOptions extends TargetOptions, BaselineOptions, GitOptions {
  readonly saveEvidence?: string;
  readonly shard?: string;
  readonly cache?: string;
  readonly resume?: string;
  /** A date for reports and saved evidence, as the user wrote it. */
  readonly timestamp?: string;
  readonly format: string;
  readonly output: readonly string[];
  /** Address of the template of a card. */
  readonly cardTemplate?: string;
  /** Undefined: what the config says, or else the usual; so too the next three. */
  readonly failOn?: Severity | 'never';
  readonly minSeverity?: Severity;
  readonly minConfidence?: Confidence;
  readonly pedantic?: boolean;
  readonly rule: readonly string[];
  readonly skip: readonly string[];
  /** Standards besides the usual ones whose controls are told. */
  readonly controls?: readonly string[];
  readonly trust?: Trust;
  readonly policy?: string;
  readonly config?: string | boolean;
  readonly ignore: boolean;
  readonly targetsFrom?: string;
  /** What to compare with. */
  readonly diff?: string;
  readonly color: 'auto' | 'always' | 'never';
  readonly exitZero: boolean;
  readonly summary: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** The formats that tell the ways in. */
const waysFormats: ReadonlySet<string> = new Set(['text', 'json', 'jsonl', 'sarif', 'html']);

/** Audits, writes the reports and returns the exit status. */
export async function scan(paths: readonly string[], options: ScanOptions, io: Io): Promise<number> {
  const format = parseFormat(options.format);
  if (options.summary && format !== 'text') throw new UserError(`--summary is a text, and cannot be ${format}`);
  const outputs = options.output.map(parseOutput);
  refuseSharedFiles(outputs, io.cwd);
  refuseResume(options, outputs, io);
  const wanted = [format, ...outputs.map((output) => output.format)];
  refuseCardWithoutTemplate(wanted, options.cardTemplate);
  const rules = chooseRules(options.rule, options.skip);
  const listed = targetsFrom(options.targetsFrom, io);
  const named = targetsOf([...paths, ...listed], options, io);
  const compared = [...named.paths, ...(named.composeFiles ?? []), ...(named.envFiles ?? [])];
  const fleet = fleetOf(options, compared, io);
  const targets = { ...named, listed, fleet };
  if (options.diff !== undefined) refuseWithDiff(options, compared);
  const shard = options.shard === undefined ? undefined : parseShard(options.shard, io.environment);
  if (shard) refuseWithShard(options);
  const diff = options.diff === undefined ? undefined : openDiff(options.diff, compared, io);
  const given = diff ? namedIn(diff, options, io) : options;
  await readingBoth(diff, () => {
    refuseNewConfig(diff, '--config', given.config, io);
    refuseNewConfig(diff, '--policy', given.policy, io);
  });
  const inForce = await readingBoth(diff, () => chooseConfig(given, [...paths, ...listed], diff, io));
  const { config, allows } = inForce;
  const shown = { ...options, ...settled(options, config) };
  const settings = settingsThatCount(options, config);
  const bounds = baselineBounds([...paths, ...listed], options, io);
  const run = {
    ...{ paths: targets.paths, fleet, audited: bounds, rules },
    ...{ excludes: config?.excludes, allowed: allows.baseline },
  };
  const { baseline, problems, isOwn } = chooseBaseline(options, run, io);
  const changed = await readingBoth(diff, () => (diff ? changedConfig(diff, nearestConfig(given, io), io) : []));
  const bare = diff ? [] : bareAmong(targets.paths, io);
  const date = dateOf(options, io);
  const roots = fleet?.repositories.map(({ root }) => root) ?? [];
  const cache = openCache(options, [...bounds, ...roots], io);
  const { findingLines } = wanted.includes('jsonl') ? await import('../reporters/jsonl.ts') : {};
  const request: AuditRequest = {
    version: io.version,
    targets: {
      ...targets,
      keeps: io.keeps ?? mostKept,
      beforeMany: io.saveMemory,
      atManyFiles: () => {
        io.limitNew?.();
        io.saveMemory?.();
      },
      excludes: config?.excludes,
      isOwn,
      outputs: new Set(outputs.map((output) => resolve(io.cwd, fileOf(output)))),
      evidence: allows === everythingAllowed ? 'any' : 'under a policy',
    },
    writesBaseline: options.writeBaseline !== undefined,
    asked: askedFor(targets.paths, options, io),
    date,
    ruleSet,
    rules,
    every: allRules,
    standards: standardsOf(options.controls ?? []),
    limits: [...limitsOf(shown, settings)],
    rulesLeftOut: [...rulesLeftOut(options)],
    familyOf,
    site: siteOf(config, options.trust),
    joined: config?.joined,
    store: () => new Spool(),
    linesOf: findingLines,
    tellsWays: shard !== undefined || wanted.some((each) => waysFormats.has(each)),
    beforeMany: io.saveMemory,
    beforeSeveral: io.optimiseLater,
    inBatches: io.keeps === 0 || cache !== undefined,
    cache: cache && {
      ...{ records: cache, terms: cacheTerms(inForce, shown, rules, io) },
      isEarly: options.resume !== undefined,
    },
    shard,
    isWhole: options.saveEvidence !== undefined || options.writeBaseline !== undefined || diff !== undefined,
    policy: {
      pedantic: shown.pedantic,
      minSeverity: shown.minSeverity,
      minConfidence: shown.minConfidence,
      ignores: options.ignore ? (config?.ignores ?? []) : [],
      severities: options.ignore ? (config?.severities ?? []) : [],
      acceptances: options.ignore ? (config?.acceptances ?? []) : [],
      comments: options.ignore,
      allows,
      today: io.today,
      baseline,
      looked: { ran: new Set(rules.map(({ id }) => id)), covers: coverageOf(targets) },
    },
    failOn: shown.failOn,
    exitZero: options.exitZero,
    verbose: options.verbose,
    ownSecrets: [ownToken(io)].filter((token) => token !== undefined),
    config,
    settings,
    remarks: () => [...inForce.problems, ...lowerGate(options, config), ...problems, ...changed, ...bare],
    notAsked: (sources) => notAsked(options, sources, io),
    probed: probedAddresses,
  };
  const whole = await readingBoth(diff, () => (diff ? auditDiff(diff, request, run, io) : audit(request)));
  const { report, gathered, understood, maskOf } = whole;

  const baselines = [options.baseline, options.writeBaseline].filter((path) => path !== undefined);
  // Made each time that they are gone through: most reports replace no file.
  const inputsAnd = (others: readonly string[]): Iterable<string> => ({
    *[Symbol.iterator]() {
      const named = [...compared, ...(options.targetsFrom === undefined ? [] : [options.targetsFrom])];
      for (const sources of [understood.sources, config?.files ?? []])
        for (const { name } of sources) if (!isAnswer(name) && name !== '-') yield resolve(io.cwd, name);
      for (const name of named) if (name !== '-') yield resolve(io.cwd, name);
      for (const name of others) yield resolve(io.cwd, name);
    },
  });
  const { saveEvidence, writeBaseline } = options;
  const before: (() => void | Promise<void>)[] = [];
  if (saveEvidence !== undefined)
    before.push(async () => {
      progressOf(options, io)('saving evidence');
      const source = evidenceMask(maskOf, understood.secrets, secretValuesOf(understood.installation.settings));
      const masks = {
        source,
        problem: (problem: Problem) => maskOf(problem.source).problem(problem),
        value: environmentMask(source, understood.secrets),
      };
      writeEvidence(resolve(io.cwd, saveEvidence), gathered.evidence(), masks, date);
      const { cwd, standardInput } = request.targets;
      const again = await audit({
        ...request,
        targets: { cwd, standardInput, paths: [saveEvidence], evidence: 'own' },
      });
      const differing = filesThatDiffer(report.findings, again.report.findings);
      if (differing.length === 0) return;
      recordDiffering(resolve(io.cwd, saveEvidence), differing);
      io.error(
        `drone-audit: note: what was saved comes to other findings in ${shownNames(differing)}: masking hid what they rest on`,
      );
    });
  if (writeBaseline !== undefined)
    before.push(() => {
      const written = writeBaselineTo(writeBaseline, whole, inputsAnd([]), io);
      if (!options.quiet) io.error(`drone-audit: note: ${writeBaseline} has ${written}`);
    });
  // A report beside it would be the last word.
  const kept = inputsAnd(baselines);
  // Until its report is there, what --resume kept may be needed again.
  const whenWritten = (output: Output): void => {
    if (isResumed(output, options, io)) cache?.remove();
  };
  const written = await writeReports(report, { format, outputs, rules, kept, before, whenWritten }, options, io);
  return exitStatus(written);
}

/** How much text of pipelines is kept until all is judged (UTF-16 units): some 600 files. */
const mostKept = 2_000_000;

/** The sources of which one of two audits says more than the other, or says it otherwise; places within a line do not count. */
function filesThatDiffer(first: Iterable<Finding>, second: Iterable<Finding>): readonly string[] {
  const [one, other] = [digestsByFile(first), digestsByFile(second)];
  const files = new Set([...one.keys(), ...other.keys()]);
  return [...files].filter((file) => one.get(file) !== other.get(file)).sort();
}

/** A digest of what is found in each file; findings come file by file, so that no more than those of one are kept. */
function digestsByFile(findings: Iterable<Finding>): ReadonlyMap<string, string> {
  const digests = new Map<string, string>();
  const keys = new Set<string>();
  let file: string | undefined;
  const close = (): void => {
    if (file === undefined) return;
    const hash = createHash('sha256').update(`${digests.get(file) ?? ''}${JSON.stringify([...keys].sort())}`);
    digests.set(file, hash.digest('base64'));
    keys.clear();
  };
  for (const { rule, severity, message, fingerprint, at } of findings) {
    if (at.source.name !== file) close();
    file = at.source.name;
    keys.add([rule, severity, message, fingerprint, lineOf(at)].join('\0'));
  }
  close();
  return digests;
}

const maxNames = 5;

function shownNames(names: readonly string[]): string {
  const rest = names.length - maxNames;
  return `${names.slice(0, maxNames).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

/** What runs and was not looked at, unless evidence of it was saved. */
function notAsked(options: ScanOptions, sources: readonly Source[], io: Io): readonly string[] {
  const { docker, dockerLogs, server } = options;
  const isSaved = (pattern: RegExp): boolean => sources.some(({ name }) => pattern.test(name));
  return [
    ...(docker === undefined && !isSaved(/^docker[a-z-]*:\/\//) ? ['the Docker Engine (--docker)'] : []),
    ...((docker !== undefined || isSaved(/^docker:/)) && dockerLogs !== true && !isSaved(/^docker-log:/)
      ? ['logs of containers (--docker-logs)']
      : []),
    ...(server === undefined && isSaved(/^https?:/) ? [] : notAskedOf(options, io)),
  ];
}

function chooseRules(only: readonly string[], skip: readonly string[]) {
  for (const id of [...only, ...skip]) if (!familyOf.has(id)) throw unknownRule(id);
  return allRules.filter(({ id }) => (only.length === 0 || only.includes(id)) && !skip.includes(id));
}

function standardsOf(named: readonly string[]): readonly StandardName[] {
  const wanted = new Set<string>([...usualStandards, ...named]);
  for (const name of named) {
    if (standardChoices.some((known) => known === name)) continue;
    throw new UserError(`there are no controls of "${name}"`, hintFor({ word: name, known: standardChoices }));
  }
  return standardNames.filter((name) => wanted.has(name) || wanted.has('all'));
}

/** What an auditor has to know of the options, because it makes the run less than a full assessment. */
function* limitsOf(
  options: Omit<ScanOptions, keyof Settled> & Settled,
  settings: readonly ConfigSetting[],
): Iterable<string> {
  const { minSeverity, minConfidence, diff, git = [], allBranches, baseline, writeBaseline } = options;
  const saidBy = (key: keyof Settled, option: string): string => {
    const setting = settings.find((each) => each.key === key);
    return setting ? `${key} in ${setting.where}` : option;
  };
  if (diff !== undefined)
    yield `Only what is new since ${shownReference(diff)} counts, in files that git tracks (--diff).`;
  if (git.length > 0 && !allBranches) yield 'Of git repositories only the commit at HEAD was read (--git).';
  if (baseline !== undefined || writeBaseline !== undefined)
    yield 'Findings that the baseline knows count as accepted (--baseline).';
  if (minSeverity !== 'low' && minSeverity !== 'info')
    yield `Findings below ${minSeverity} are counted in the table of controls, and not listed (${saidBy('minSeverity', '--min-severity')}).`;
  if (minConfidence === 'high')
    yield `Findings of medium and low confidence are left out (${saidBy('minConfidence', '--min-confidence')}).`;
}

/** Which rules did not run, so that silence about them means nothing. */
function* rulesLeftOut({ rule, skip }: ScanOptions): Iterable<string> {
  if (rule.length > 0) yield `Only these rules ran: ${rule.join(', ')} (--rule).`;
  if (skip.length > 0) yield `These rules did not run: ${skip.join(', ')} (--skip).`;
}

/**
 * What binds: a policy, under which the config of the repository counts where the policy allows it, or that config alone. A
 * config that is named, lies outside what is audited and says what it allows is a policy.
 */
function chooseConfig(options: ScanOptions, targets: readonly string[], diff: Diff | undefined, io: Io): InForce {
  const known = new Set(familyOf.keys());
  const audited = auditedFolders(pathsOf(targets, options), io.cwd);
  // What a change says of itself does not count.
  const treeOf: TreeOf = (path) => (diff && isInRepository(diff, path) ? diff.target.tree : disk);
  const policyFrom = (path: string): Config =>
    readConfig(path, io.cwd, 'policy', known, { audited, isFound: false, treeOf });
  const own = (config: string | boolean | undefined): Config | undefined =>
    chosenConfig(config, io.cwd, known, { audited, treeOf });
  const { policy, config } = options;
  if (policy !== undefined) return underPolicy(policyFrom(policy), own(config));
  const chosen = own(config);
  if (typeof config === 'string' && chosen?.allows.some((each) => !each.isAudited))
    return underPolicy(policyFrom(config), own(undefined));
  return withoutPolicy(chosen);
}

/** The options with the files of the repository that is compared by their own paths, where links name them. */
function namedIn(diff: Diff, options: ScanOptions, io: Io): ScanOptions {
  const { policy, config } = options;
  const own = (path: string): string => pathInRepository(diff, resolve(io.cwd, path)) ?? path;
  return {
    ...options,
    ...(policy === undefined ? {} : { policy: own(policy) }),
    ...(typeof config === 'string' ? { config: own(config) } : {}),
  };
}

/** The folders whose authors must not write the baseline of a policy. Whoever gives standard input stands in one. */
function baselineBounds(targets: readonly string[], options: ScanOptions, io: Io): readonly string[] {
  const piped = targets.includes('-') ? ['.'] : [];
  return auditedFolders([...pathsOf(targets, options), ...options.composeEnvFile, ...piped], io.cwd);
}

/** The file that would be the config of a comparison's present state. */
function nearestConfig({ policy, config }: ScanOptions, io: Io): string | undefined {
  if (policy !== undefined) return policy;
  return config === false ? undefined : typeof config === 'string' ? config : findConfig(io.cwd);
}

/** The files and folders that are audited. */
function pathsOf(
  targets: readonly string[],
  { composeFile, git = [], docker, server }: ScanOptions,
): readonly string[] {
  const named = [...targets, ...composeFile, ...git];
  const isOther = docker !== undefined || server !== undefined;
  return (named.length === 0 && !isOther ? ['.'] : named).filter((path) => path !== '-');
}

/** What is shown and what fails the audit: as the command line says, or else the config. */
interface Settled {
  readonly failOn: Severity | 'never';
  readonly minSeverity: Severity;
  readonly minConfidence: Confidence;
  readonly pedantic: boolean;
}

function settled(options: Partial<Settled>, config: Config | undefined): Settled {
  const preferences = config?.preferences ?? [];
  return {
    failOn: options.failOn ?? preferred(preferences, 'failOn')?.value ?? usual.failOn,
    minSeverity: options.minSeverity ?? preferred(preferences, 'minSeverity')?.value ?? usual.minSeverity,
    minConfidence: options.minConfidence ?? preferred(preferences, 'minConfidence')?.value ?? usual.minConfidence,
    pedantic: options.pedantic ?? preferred(preferences, 'pedantic')?.value ?? usual.pedantic,
  };
}

/** The keys of a config that decide something, because the command line does not. */
function settingsThatCount(options: ScanOptions, config: Config | undefined): readonly ConfigSetting[] {
  if (!config) return [];
  const { preferences, siteEntries, joined } = config;
  const at = ({ by, where, line }: Written) => ({ by, where: `${where}:${line}` });
  const keys = ['failOn', 'minSeverity', 'minConfidence', 'pedantic'] as const;
  return [
    ...keys.flatMap((key) => {
      const found = options[key] === undefined ? preferred(preferences, key) : undefined;
      return found ? [{ key, value: String(found.value), ...at(found) }] : [];
    }),
    ...siteEntries
      .filter(({ key }) => key !== 'trust' || options.trust === undefined)
      .map((entry) => ({ key: `site.${entry.key}`, ...at(entry) })),
    ...joined.map((entry) => ({ key: 'installation', ...at(entry) })),
  ];
}

/** Whoever writes the command line has the last word, and the report says where it differs from a policy. */
function lowerGate({ failOn }: ScanOptions, config: Config | undefined): readonly Problem[] {
  const wanted = config?.preferences.find(({ key, by }) => key === 'failOn' && by === 'policy');
  if (failOn === undefined || wanted?.key !== 'failOn' || failsAsMuch(failOn, wanted.value)) return [];
  return [
    told(wanted, say`the policy fails from ${wanted.value} on; the command line says --fail-on ${failOn}, and counts`),
  ];
}

function siteOf(config: Config | undefined, trust: Trust | undefined): Site {
  const site = config?.site ?? unknownSite;
  return trust === undefined ? site : { ...site, trust };
}
