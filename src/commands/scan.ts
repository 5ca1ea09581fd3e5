import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { probedAddresses } from '../analysis/probed.ts';
import { type AuditRequest, audit } from '../audit.ts';
import { recordDiffering, writeEvidence } from '../checks/evidence.ts';
import { pathFrom } from '../checks/file-system.ts';
import { maxBytes } from '../checks/files.ts';
import { readPathBounded } from '../checks/read-bounded.ts';
import { makeFolder, writeReport } from '../checks/writing.ts';
import { auditedFolders, type Config, chosenConfig, readConfig } from '../config.ts';
import { type StandardName, standardNames, usualStandards } from '../facts/controls.ts';
import { failsAsMuch, type InForce, preferred, told, underPolicy, usual, withoutPolicy } from '../locks.ts';
import { nearest } from '../model/nearest.ts';
import { isOutputError } from '../model/output-error.ts';
import { exitStatus, type Finding, type Problem, type RuleSet } from '../model/report.ts';
import type { Confidence, Severity } from '../model/severity.ts';
import { type Site, type Trust, unknownSite } from '../model/site.ts';
import { isAnswer, lineOf, type Source } from '../model/source.ts';
import { say } from '../model/text.ts';
import { UserError } from '../model/user-error.ts';
import { visible } from '../model/visible.ts';
import { rulesJson } from '../reporters/rule-page.ts';
import { allRules, familyOf } from '../rules/all.ts';
import { retired } from '../rules/retired.ts';
import { environmentMask, evidenceMask, secretValuesOf } from '../secrets/evidence.ts';
import { askedFor, dateOf } from './asked.ts';
import { type Io, wantsColor } from './io.ts';
import {
  type Output,
  parseFormat,
  parseOutput,
  refuseCardWithoutTemplate,
  refuseSharedFiles,
  render,
  renderTo,
} from './output.ts';
import { notAskedOf, ownToken } from './server-look.ts';
import { type TargetOptions, targetsOf } from './targets.ts';

/** The options of `scan`. */
export interface ScanOptions extends TargetOptions {
  readonly saveEvidence?: string;
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
  readonly color: 'auto' | 'always' | 'never';
  readonly exitZero: boolean;
  readonly summary: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** Audits, writes the reports and returns the exit status. */
export async function scan(paths: readonly string[], options: ScanOptions, io: Io): Promise<number> {
  const format = parseFormat(options.format);
  if (options.summary && format !== 'text') throw new UserError(`--summary is a text, and cannot be ${format}`);
  const outputs = options.output.map(parseOutput);
  refuseSharedFiles(outputs, io.cwd);
  refuseCardWithoutTemplate([format, ...outputs.map((output) => output.format)], options.cardTemplate);
  const rules = chooseRules(options.rule, options.skip);
  const named = [...paths, ...targetsFrom(options, io)];
  const inForce = chooseConfig(options, named, io);
  const { config, allows } = inForce;
  const shown = { ...options, ...settled(options, config) };
  const targets = targetsOf(named, options, io);
  const date = dateOf(options, io);
  const request: AuditRequest = {
    version: io.version,
    targets: { ...targets, excludes: config?.excludes },
    asked: askedFor(targets.paths, shown, io),
    date,
    ruleSet,
    rules,
    every: allRules,
    standards: standardsOf(options.controls ?? []),
    limits: [...limitsOf(shown)],
    familyOf,
    site: siteOf(config, options.trust),
    joined: config?.joined,
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
    },
    failOn: shown.failOn,
    exitZero: options.exitZero,
    ownSecrets: [ownToken(io)].filter((token) => token !== undefined),
    config,
    remarks: [...inForce.problems, ...lowerGate(options, config)],
    notAsked: (sources) => notAsked(options, sources, io),
    probed: probedAddresses,
  };
  const { report: audited, gathered, understood, maskOf } = await audit(request);

  let report = audited;
  const faults: unknown[] = [];
  /** One output that fails costs no other. */
  const attempt = async (write: () => void | Promise<void>): Promise<void> => {
    try {
      await write();
    } catch (error) {
      if (isOutputError(error)) io.error(`drone-audit: ${visible(error.message)}\n`);
      else faults.push(error);
      if (report.exitCode === 0) report = { ...report, exitCode: 3 };
    }
  };

  const { saveEvidence } = options;
  if (saveEvidence !== undefined)
    await attempt(async () => {
      const source = evidenceMask(maskOf, understood.secrets, secretValuesOf(understood.installation.settings));
      const masks = {
        source,
        problem: (problem: Problem) => maskOf(problem.source).problem(problem),
        value: environmentMask(source, understood.secrets),
      };
      writeEvidence(resolve(io.cwd, saveEvidence), gathered.evidence(), masks, date);
      const { cwd, standardInput } = request.targets;
      const again = await audit({ ...request, targets: { cwd, standardInput, paths: [saveEvidence] } });
      const differing = filesThatDiffer(audited.findings, again.report.findings);
      if (differing.length === 0) return;
      recordDiffering(resolve(io.cwd, saveEvidence), differing);
      io.error(
        `drone-audit: note: what was saved comes to other findings in ${shownNames(differing)}: masking hid what they rest on\n`,
      );
    });
  const look = {
    color: wantsColor(options.color, io),
    width: io.width,
    verbose: options.verbose,
    summary: options.summary,
    rules,
    familyOf,
    cardTemplate: options.cardTemplate,
  };
  const inputs = [...understood.sources.map(({ name }) => name), ...(config?.files ?? []).map(({ name }) => name)]
    .filter((name) => name !== '-' && !isAnswer(name))
    .map((name) => resolve(io.cwd, name));
  const inFile = { ...look, color: false, width: 80, summary: false };
  const write = (output: Output): Promise<void> =>
    attempt(async () => {
      if (output.isFolder) makeFolder(resolve(io.cwd, output.file), output.file);
      for (const { file, text } of await renderTo(output, report, inFile)) {
        const digest = createHash('sha256');
        writeReport(resolve(io.cwd, file), file, digested(text, digest), inputs);
        if (options.verbose) io.error(`${digest.digest('hex')}  ${visible(file)}\n`);
      }
    });
  for (const output of outputs) if (output.format !== 'card') await write(output);
  const card = format === 'card' ? io.environment.DRONE_CARD_PATH : undefined;
  if (card !== undefined) outputs.push({ format: 'card', file: card });
  else if (!options.quiet || report.findings.length > 0 || report.problems.length > 0)
    await attempt(async () => io.out(await render(format, report, look)));
  // Whatever came behind a card on the same stream would be swallowed with it.
  for (const output of outputs) if (output.format === 'card') await write(output);
  if (faults.length > 0) throw faults[0];
  return exitStatus(report);
}

/** A text in its parts, whose digest is known once all are taken. */
function* digested(text: string | Iterable<string>, digest: { update(part: string): unknown }): Iterable<string> {
  for (const part of typeof text === 'string' ? [text] : text) {
    digest.update(part);
    yield part;
  }
}

/** All rules that there are. Whoever has the same tool can compute the digest again. */
function ruleSet(): RuleSet {
  const sha256 = createHash('sha256').update(rulesJson(allRules, familyOf)).digest('hex');
  return { count: allRules.length, sha256 };
}

/** The sources of which one of two audits says more than the other, or says it otherwise; places within a line do not count. */
function filesThatDiffer(first: readonly Finding[], second: readonly Finding[]): readonly string[] {
  const keyOf = ({ rule, severity, message, fingerprint, at }: Finding): string =>
    [at.source.name, rule, severity, message, fingerprint, lineOf(at)].join('\0');
  const [one, other] = [first, second].map((findings) => new Set(findings.map(keyOf)));
  const only = [...(one ?? [])].filter((key) => !other?.has(key));
  const more = [...(other ?? [])].filter((key) => !one?.has(key));
  return [...new Set([...only, ...more].map((key) => key.slice(0, key.indexOf('\0'))))].sort();
}

const maxNames = 5;

function shownNames(names: readonly string[]): string {
  const rest = names.length - maxNames;
  return `${names.slice(0, maxNames).map(visible).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

/** What runs and was not looked at, unless evidence of it was saved. */
function notAsked(options: ScanOptions, sources: readonly Source[], io: Io): readonly string[] {
  const { docker, dockerLogs, server } = options;
  const isSaved = (pattern: RegExp): boolean => sources.some(({ name }) => pattern.test(name));
  return [
    ...(docker === undefined && !isSaved(/^docker/) ? ['the Docker Engine (--docker)'] : []),
    ...((docker !== undefined || isSaved(/^docker:/)) && dockerLogs !== true && !isSaved(/^docker-log:/)
      ? ['logs of containers (--docker-logs)']
      : []),
    ...(server === undefined && isSaved(/^https?:/) ? [] : notAskedOf(options, io)),
  ];
}

function targetsFrom(options: ScanOptions, io: Io): readonly string[] {
  const from = options.targetsFrom;
  if (from === undefined) return [];
  let bytes: Buffer;
  try {
    bytes = from === '-' ? io.readStandardInput(maxBytes) : readPathBounded(resolve(io.cwd, from), maxBytes);
  } catch {
    throw new UserError(`the list of targets "${from}" cannot be read`);
  }
  if (bytes.length > maxBytes)
    throw new UserError(
      `the list of targets "${from}" is larger than ${maxBytes / 1024 / 1024} MiB`,
      'name folders in place of their files',
    );
  const lines = pathFrom(bytes)
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
  if (lines.length === 0) throw new UserError(`the list of targets "${from}" is empty`);
  return lines;
}

function chooseRules(only: readonly string[], skip: readonly string[]) {
  for (const id of [...only, ...skip]) {
    if (familyOf.has(id)) continue;
    const successor = retired.get(id);
    const meant = successor ?? nearest(id, familyOf.keys());
    throw new UserError(
      `there is no rule "${id}"`,
      meant ? `did you mean "${meant}"?` : 'drone-audit rules lists them',
    );
  }
  return allRules.filter(({ id }) => (only.length === 0 || only.includes(id)) && !skip.includes(id));
}

function standardsOf(named: readonly string[]): readonly StandardName[] {
  const wanted = new Set<string>([...usualStandards, ...named]);
  for (const name of named) {
    if (standardNames.some((known) => known === name)) continue;
    const meant = nearest(name, standardNames);
    const hint = meant === undefined ? `known: ${standardNames.join(', ')}` : `did you mean "${meant}"?`;
    throw new UserError(`there are no controls of "${name}"`, hint);
  }
  return standardNames.filter((name) => wanted.has(name));
}

/** What an auditor has to know of the options, because it makes the run less than a full assessment. */
function* limitsOf({
  rule,
  skip,
  minSeverity,
  minConfidence,
}: Pick<ScanOptions, 'rule' | 'skip'> & Settled): Iterable<string> {
  if (rule.length > 0) yield `Only these rules ran: ${rule.join(', ')} (--rule).`;
  if (skip.length > 0) yield `These rules did not run: ${skip.join(', ')} (--skip).`;
  if (minSeverity !== 'low' && minSeverity !== 'info')
    yield `Findings below ${minSeverity} are counted in the table of controls, and not listed (--min-severity).`;
  if (minConfidence === 'high') yield 'Findings of medium and low confidence are left out (--min-confidence).';
}

/**
 * What binds: a policy, under which the config of the repository counts where the policy allows it, or that config alone. A
 * config that is named, lies outside what is audited and says what it allows is a policy.
 */
function chooseConfig(options: ScanOptions, targets: readonly string[], io: Io): InForce {
  const known = new Set(familyOf.keys());
  const audited = auditedFolders(pathsOf(targets, options), io.cwd);
  const policyFrom = (path: string): Config => readConfig(path, io.cwd, 'policy', known, { audited, isFound: false });
  const own = (config: string | boolean | undefined): Config | undefined =>
    chosenConfig(config, io.cwd, known, audited);
  const { policy, config } = options;
  if (policy !== undefined) return underPolicy(policyFrom(policy), own(config));
  const chosen = own(config);
  if (typeof config === 'string' && chosen?.allows.some((each) => !each.isAudited))
    return underPolicy(policyFrom(config), own(undefined));
  return withoutPolicy(chosen);
}

/** The files and folders that are audited. */
function pathsOf(targets: readonly string[], { composeFile, docker, server }: ScanOptions): readonly string[] {
  const named = [...targets, ...composeFile];
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
