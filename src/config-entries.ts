import { posix } from 'node:path';
import { commonImages } from './facts/known-images.ts';
import { isSwapped, lettersFrom, nearest } from './model/nearest.ts';
import { pathPattern, wildcard } from './model/pattern.ts';
import type { Problem } from './model/report.ts';
import { type Confidence, confidences, type Severity, severities } from './model/severity.ts';
import { type Site, unknownSite } from './model/site.ts';
import { isAnswer, type Location, positionOf, type Source } from './model/source.ts';
import { say, type Text } from './model/text.ts';
import { UserError } from './model/user-error.ts';
import { parseYaml } from './readers/yaml/parse.ts';
import { field, isNull, itemsOf, type Node } from './readers/yaml/tree.ts';
import { configFault } from './schema.ts';
import { maskFor } from './secrets/mask.ts';

/** Whose an entry of a config is, and where it is written. */
export interface Written {
  readonly by: 'config' | 'policy';
  /** The file that it is written in. */
  readonly where: string;
  readonly line: number;
  readonly column: number;
  /** Its file is a policy, or one that others extend, so that it may well be of no use here. */
  readonly isShared: boolean;
}

/** What says of the findings of a rule how they count. */
interface OfRule extends Written {
  readonly rule: string;
  readonly path?: string;
  /** The same from the current folder; without a path the folder that its file speaks of. */
  readonly pattern: string;
  readonly reason: string;
  readonly until?: string;
  /** Whether it is one for findings in this file. */
  isFor(file: string): boolean;
  matches(finding: { readonly rule: string; readonly at: Location }): boolean;
}

/** One accepted finding of a config or policy: an entry of `ignore`, or one of `severity` that says "off". */
export interface Ignore extends OfRule {
  readonly key: 'ignore' | 'severity';
  readonly at?: string;
}

/** One entry of `severity` that gives another. */
export interface SeverityChange extends OfRule {
  readonly key: 'severity';
  readonly to: Severity;
}

/** One accepted problem of a config or policy: what it names need not be seen. */
export interface Acceptance extends Written {
  readonly path: string;
  /** The same from the current folder. */
  readonly pattern: string;
  readonly problem?: string;
  readonly reason: string;
  readonly until?: string;
  matches(problem: Problem): boolean;
}

/** One path of `exclude` or `installation` in a config. */
export interface PathEntry extends Written {
  readonly path: string;
  /** The same from the current folder. */
  readonly pattern: string;
  matches(name: string): boolean;
}

/** One path of `installation`. */
export type JoinedPath = Pick<PathEntry, 'path' | 'pattern' | 'where' | 'line' | 'column' | 'matches'>;

/** What one file says of a key of `site`; a single value is a list of one. */
export interface SiteEntry extends Written {
  readonly key: keyof Site;
  readonly values: readonly string[];
}

/** What is shown and what fails the audit, where the command line says nothing. */
export type Preference = Written &
  (
    | { readonly key: 'failOn'; readonly value: Severity | 'never' }
    | { readonly key: 'minSeverity'; readonly value: Severity }
    | { readonly key: 'minConfidence'; readonly value: Confidence }
    | { readonly key: 'pedantic'; readonly value: boolean }
  );

/** What a policy leaves to the audited repository, as it is written. */
export interface Allow extends Written {
  readonly means: ReadonlySet<string>;
  /** Absent: all. */
  readonly rules?: ReadonlySet<string>;
  readonly upTo?: Severity;
  readonly exclude: readonly PathEntry[];
  readonly accept: readonly PathEntry[];
  readonly site: ReadonlySet<string>;
  readonly installation: boolean;
  /** Whether its file lies in what is audited. */
  readonly isAudited: boolean;
}

/** A file that was read for a config or policy. */
export interface ConfigFile {
  readonly name: string;
  readonly by: Written['by'];
  /** Whether it lies in what is audited, so that its authors decide what it says. */
  readonly isAudited: boolean;
  /** Whose text it is, for its digest. */
  readonly source: Source;
}

/** What files say, those of the nearer file first. */
export interface Entries {
  readonly files: readonly ConfigFile[];
  readonly ignores: readonly Ignore[];
  readonly severities: readonly SeverityChange[];
  readonly acceptances: readonly Acceptance[];
  readonly excluded: readonly PathEntry[];
  /** Files and folders that are one installation. */
  readonly joined: readonly PathEntry[];
  readonly siteEntries: readonly SiteEntry[];
  readonly preferences: readonly Preference[];
  readonly allows: readonly Allow[];
}

export interface Config extends Entries {
  /** As reports show it. */
  readonly name: string;
  /** Whether a file is left out of the audit, by its name. */
  readonly excludes: (name: string) => boolean;
  readonly site: Site;
}

/** The config that entries make, those of the nearer file first. */
export function configOf(name: string, layers: readonly Entries[]): Config {
  const excluded = layers.flatMap((each) => each.excluded);
  const siteEntries = layers.flatMap((each) => each.siteEntries);
  return {
    name,
    files: layers.flatMap((each) => each.files),
    ignores: layers.flatMap((each) => each.ignores),
    severities: layers.flatMap((each) => each.severities),
    acceptances: layers.flatMap((each) => each.acceptances),
    excluded,
    joined: layers.flatMap((each) => each.joined),
    siteEntries,
    preferences: layers.flatMap((each) => each.preferences),
    allows: layers.flatMap((each) => each.allows),
    excludes: (file) => excluded.some(({ matches }) => matches(file)),
    site: siteOf(siteEntries),
  };
}

export function refusal(message: Text, hint?: string): UserError {
  return new UserError(maskFor([]).text(message), hint);
}

export function refusalAt(source: Source, offset: number, message: Text, hint?: string): UserError {
  const { line, column } = positionOf(source, offset);
  return refusal(say`${source.name}:${line}:${column}: ${message}`, hint);
}

/** The root of the text of a config, which is as its schema wants it; undefined for an empty one. Throws UserError. */
export function rootOf(source: Source): Node | undefined {
  const { documents, problems } = parseYaml(source);
  const broken = problems[0];
  if (broken) throw refusal(say`${source.name}:${broken.line ?? 1}:${broken.column ?? 1}: ${broken.message}`);
  const root = documents[0]?.root;
  const [, second] = documents.filter((document) => document.root !== undefined);
  if (second) throw refusalAt(source, second.span.start, say`a config is one document, and this is a second one`);
  const again = root && keyTwice(root);
  if (again) throw refusalAt(source, again.span.start, say`"${again.text}" is written twice`);
  const fault = configFault(root === undefined || isNull(root) ? {} : plain(root));
  if (fault) {
    const node = descend(root, fault.path);
    const key = fault.key === undefined ? undefined : field(node, fault.key)?.keyNode;
    throw refusalAt(source, (key ?? node ?? root)?.span.start ?? 0, fault.message);
  }
  return root;
}

/** A key that its mapping has already: which of both counts would be anybody's guess. */
function keyTwice(node: Node): (Node & { readonly text: string }) | undefined {
  if (node.kind === 'scalar') return undefined;
  if (node.kind === 'seq') return firstOf(node.items, keyTwice);
  const seen = new Set<string>();
  return firstOf(node.entries, ({ key, keyNode, value }) =>
    seen.has(key) ? keyNode : seen.add(key) && keyTwice(value),
  );
}

function firstOf<From, To>(all: readonly From[], find: (each: From) => To | undefined): To | undefined {
  for (const each of all) {
    const found = find(each);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What is known of a file while its entries are read. */
export interface Reading {
  readonly source: Source;
  /** What its patterns are relative to. */
  readonly folder: string;
  /** The current folder from there, where it lies in it: `deploy` for `..`. */
  readonly here?: string;
  readonly by: Written['by'];
  readonly knownRules: ReadonlySet<string>;
  readonly isAudited: boolean;
  readonly isShared: boolean;
}

export function readEntries(root: Node | undefined, reading: Reading): Entries {
  const { source, by, isAudited } = reading;
  const list = <T>(key: string, make: (item: Node) => T): readonly T[] =>
    itemsOf(field(root, key)?.value).map((item) => make(item));
  const changes = list('severity', (item) => readChange(item, reading));
  const allow = field(root, 'allow')?.value;
  return {
    files: [{ name: source.name, by, isAudited, source }],
    ignores: [
      ...list('ignore', (item) => readIgnore(item, reading)),
      ...changes.flatMap(({ to, ...entry }) => (to === 'off' ? [entry] : [])),
    ],
    severities: changes.flatMap(({ to, ...entry }) => (to === 'off' ? [] : [{ ...entry, to }])),
    acceptances: list('accept', (item) => readAcceptance(item, reading)),
    excluded: list('exclude', (item) => readPath(item, reading)),
    joined: list('installation', (item) => readPath(item, reading)),
    siteEntries: [...siteEntriesOf(field(root, 'site')?.value, reading)],
    preferences: [...preferencesOf(root, reading)],
    allows: allow ? [readAllow(allow, reading)] : [],
  };
}

function written({ span }: Node, { source, by, isShared }: Reading): Written {
  return { by, where: source.name, ...positionOf(source, span.start), isShared };
}

function readPath(item: Node, reading: Reading): PathEntry {
  const path = item.kind === 'scalar' ? item.text : '';
  const pattern = fromHere(path, reading.folder);
  return { ...written(item, reading), path, pattern, matches: pathMatcher(path, reading) };
}

function readOfRule(entry: Node, reading: Reading) {
  const path = text(entry, 'path');
  const pattern = path === undefined ? reading.folder : fromHere(path, reading.folder);
  return {
    ...written(entry, reading),
    rule: knownRule(field(entry, 'rule')?.value, reading),
    path,
    pattern,
    reason: text(entry, 'reason') ?? '',
    until: dayOf(entry, reading.source),
    isFor: path === undefined ? () => true : pathMatcher(path, reading),
  };
}

function readIgnore(entry: Node, reading: Reading): Ignore {
  const own = readOfRule(entry, reading);
  const at = text(entry, 'at');
  const isAt = at === undefined ? () => true : wildcard(at);
  return {
    key: 'ignore',
    ...own,
    at,
    matches: (finding) => finding.rule === own.rule && own.isFor(finding.at.source.name) && isAt(finding.at.path),
  };
}

function readChange(entry: Node, reading: Reading): Omit<SeverityChange, 'to'> & { readonly to: Severity | 'off' } {
  const own = readOfRule(entry, reading);
  return {
    key: 'severity',
    ...own,
    to: severities.find((severity) => severity === text(entry, 'to')) ?? 'off',
    matches: (finding) => finding.rule === own.rule && own.isFor(finding.at.source.name),
  };
}

/** The id of a rule, which must exist. */
function knownRule(node: Node | undefined, { source, knownRules }: Reading): string {
  const rule = node?.kind === 'scalar' ? node.text : '';
  if (knownRules.has(rule)) return rule;
  const meant = nearest(rule, knownRules);
  const hint = meant === undefined ? 'drone-audit rules lists them' : `did you mean "${meant}"?`;
  throw refusalAt(source, node?.span.start ?? 0, say`"${rule}" is not a rule`, hint);
}

function readAcceptance(entry: Node, reading: Reading): Acceptance {
  const path = text(entry, 'path') ?? '';
  const kind = text(entry, 'problem');
  const pattern = fromHere(path, reading.folder);
  const isThere = pathMatcher(path, reading);
  return {
    ...written(entry, reading),
    path,
    pattern,
    problem: kind,
    reason: text(entry, 'reason') ?? '',
    until: dayOf(entry, reading.source),
    // What is wrong with a config, and a fault of our own, is accepted by nobody.
    matches: (problem) =>
      (kind === undefined ? problem.kind !== 'suppression' && problem.kind !== 'fault' : problem.kind === kind) &&
      isThere(problem.source),
  };
}

function* siteEntriesOf(site: Node | undefined, reading: Reading): Iterable<SiteEntry> {
  if (site?.kind !== 'map') return;
  for (const { key, keyNode, value } of site.entries) {
    const items = value.kind === 'scalar' ? [value] : itemsOf(value);
    if (key === 'plugins') for (const item of items) refuseMisspeltPlugin(item, reading);
    const values = items.map((item) => (item.kind === 'scalar' ? item.text : ''));
    // The schema knows no other keys.
    yield { ...written(keyNode, reading), key: key as keyof Site, values };
  }
}

/** Whoever owns `plugins/` on Docker Hub publishes what the table has: a name beside one of them is a slip. */
function refuseMisspeltPlugin(item: Node, { source }: Reading): void {
  const name = item.kind === 'scalar' ? item.text : '';
  if (!name.startsWith('plugins/') || commonImages.has(name)) return;
  const swapped = [...commonImages].find((known) => isSwapped(name, known));
  const meant = swapped ?? lettersFrom(name, commonImages)[0];
  if (meant !== undefined)
    throw refusalAt(source, item.span.start, say`"${name}" is no plugin that is known; did you mean "${meant}"?`);
}

const profiles = {
  brief: { minSeverity: 'medium', minConfidence: 'high', pedantic: false },
  usual: { minSeverity: 'low', minConfidence: 'medium', pedantic: false },
  strict: { minSeverity: 'info', minConfidence: 'low', pedantic: false },
  pedantic: { minSeverity: 'info', minConfidence: 'low', pedantic: true },
} as const;

function* preferencesOf(root: Node | undefined, reading: Reading): Iterable<Preference> {
  const at = (key: string): Written => written(field(root, key)?.keyNode ?? (root as Node), reading);
  const pick = <T extends string>(key: string, all: readonly T[]): T | undefined =>
    all.find((each) => each === text(root, key));
  const failOn = pick('failOn', [...severities, 'never']);
  const minSeverity = pick('minSeverity', severities);
  const minConfidence = pick('minConfidence', confidences);
  const pedantic = pick('pedantic', ['true', 'false']);
  const profile = pick('profile', ['brief', 'usual', 'strict', 'pedantic']);
  if (failOn) yield { ...at('failOn'), key: 'failOn', value: failOn };
  if (minSeverity) yield { ...at('minSeverity'), key: 'minSeverity', value: minSeverity };
  if (minConfidence) yield { ...at('minConfidence'), key: 'minConfidence', value: minConfidence };
  if (pedantic) yield { ...at('pedantic'), key: 'pedantic', value: pedantic === 'true' };
  if (!profile) return;
  const values = profiles[profile];
  yield { ...at('profile'), key: 'minSeverity', value: values.minSeverity };
  yield { ...at('profile'), key: 'minConfidence', value: values.minConfidence };
  yield { ...at('profile'), key: 'pedantic', value: values.pedantic };
}

function readAllow(node: Node, reading: Reading): Allow {
  const ignore = field(node, 'ignore')?.value;
  const rules = field(ignore, 'rules')?.value;
  const paths = (key: string): readonly PathEntry[] =>
    itemsOf(field(node, key)?.value).map((item) => readPath(item, reading));
  return {
    ...written(node, reading),
    means: new Set(texts(ignore, 'by')),
    rules: rules && new Set(itemsOf(rules).map((item) => knownRule(item, reading))),
    upTo: severities.find((severity) => severity === text(ignore, 'upTo')),
    exclude: paths('exclude'),
    accept: paths('accept'),
    site: new Set(texts(node, 'site')),
    installation: text(node, 'installation') === 'true',
    isAudited: reading.isAudited,
  };
}

/** `until`, which must be a day of the calendar: what never comes would never end. */
function dayOf(entry: Node, source: Source): string | undefined {
  const found = field(entry, 'until');
  const day = text(entry, 'until');
  if (!found || day === undefined) return undefined;
  const date = new Date(`${day}T00:00:00Z`);
  if (!Number.isNaN(date.getTime()) && date.toISOString().startsWith(day)) return day;
  throw refusalAt(source, found.value.span.start, say`"until" is no day of the calendar`, 'write it as 2027-06-30');
}

/** A path of a config, which is relative to a folder, from the current folder. */
function fromHere(path: string, folder: string): string {
  // What a running program answered lies in no folder: `docker://drone`, `https://ci.example.com/api/users`.
  return (isAnswer(path) ? path : posix.join(folder, path)).replace(/(?<=.)\/$/, '');
}

/** Matches names of files, which are relative to the current folder, against a path of a config. */
function pathMatcher(path: string, { folder, here }: Reading): (name: string) => boolean {
  if (here === undefined) return patternMatcher(fromHere(path, folder));
  const matches = patternMatcher(fromHere(path, '.'));
  return (name) => matches(isAnswer(name) ? name : posix.join(here, name));
}

/** Matches names of files against a pattern. */
function patternMatcher(pattern: string): (name: string) => boolean {
  return pattern === '.' ? (name) => !name.startsWith('../') : pathPattern(pattern);
}

/** What the files say of the site: lists together, of single values the nearest. */
function siteOf(entries: readonly SiteEntry[]): Site {
  const all = (key: keyof Site): readonly string[] => [
    ...new Set(entries.flatMap((entry) => (entry.key === key ? entry.values : []))),
  ];
  const first = (key: keyof Site): string | undefined => entries.find((entry) => entry.key === key)?.values[0];
  const [scm, trust] = [first('scm'), first('trust')];
  return {
    ...unknownSite,
    ...(scm === 'public' || scm === 'private' ? { scm } : {}),
    ...(trust === 'trusted' || trust === 'untrusted' ? { trust } : {}),
    pipelineTypes: all('pipelineTypes'),
    registries: all('registries'),
    images: all('images'),
    plugins: all('plugins'),
    administrators: all('administrators'),
    accounts: all('accounts'),
    accountDomains: all('accountDomains'),
    trustedRepositories: all('trustedRepositories'),
    runners: all('runners'),
    networks: all('networks'),
    tlsHosts: all('tlsHosts'),
    secretHosts: all('secretHosts'),
    ...(first('allRunners') === 'true' ? { allRunners: true } : {}),
  };
}

/** The texts of a list. */
function texts(node: Node | undefined, key: string): readonly string[] {
  return itemsOf(field(node, key)?.value).map((item) => (item.kind === 'scalar' ? item.text : ''));
}

function text(node: Node | undefined, key: string): string | undefined {
  const value = field(node, key)?.value;
  return value?.kind === 'scalar' ? value.text : undefined;
}

/** What the schema sees: every scalar except null is a string. */
function plain(node: Node): unknown {
  if (node.kind === 'seq') return node.items.map(plain);
  if (node.kind === 'map') return Object.fromEntries(node.entries.map((entry) => [entry.key, plain(entry.value)]));
  return isNull(node) ? null : node.text;
}

function descend(root: Node | undefined, path: readonly string[]): Node | undefined {
  let node = root;
  for (const step of path) {
    const next: Node | undefined = node?.kind === 'seq' ? node.items[Number(step)] : field(node, step)?.value;
    if (!next) break;
    node = next;
  }
  return node;
}
