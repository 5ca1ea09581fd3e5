import { dirname, join, posix, resolve } from 'node:path';
import { disk, type FileTree } from './checks/file-tree.ts';
import { maxBytes, nameOf, readText } from './checks/files.ts';
import { matchGlob } from './drone/glob.ts';
import type { Problem } from './model/report.ts';
import { type Site, unknownSite } from './model/site.ts';
import { isAnswer, type Location, positionOf, type Source } from './model/source.ts';
import { ownWords, say } from './model/text.ts';
import { UserError } from './model/user-error.ts';
import { parseYaml } from './readers/yaml/parse.ts';
import { field, isNull, itemsOf, type Node } from './readers/yaml/tree.ts';
import { configFaults } from './schema.ts';
import { maskFor } from './secrets/mask.ts';

/** One accepted finding of a config or policy. */
export interface Ignore {
  readonly rule: string;
  readonly reason: string;
  readonly until?: string;
  readonly by: 'config' | 'policy';
  /** The file that it is written in. */
  readonly where: string;
  readonly line: number;
  matches(finding: { readonly rule: string; readonly at: Location }): boolean;
}

/** One accepted problem of a config or policy: what it names need not be seen. */
export interface Acceptance {
  readonly path: string;
  readonly reason: string;
  readonly until?: string;
  readonly where: string;
  readonly line: number;
  matches(problem: Problem): boolean;
}

/** One path of `installation` in a config. */
export interface JoinedPath {
  readonly path: string;
  readonly where: string;
  readonly line: number;
  matches(name: string): boolean;
}

export interface Config {
  /** As reports show it. */
  readonly name: string;
  readonly ignores: readonly Ignore[];
  readonly acceptances: readonly Acceptance[];
  /** Whether a file is left out of the audit, by its name. */
  readonly excludes: (name: string) => boolean;
  /** Files and folders that are one installation. */
  readonly joined: readonly JoinedPath[];
  readonly site: Site;
}

export const configName = 'drone-audit.yml';

/** The nearest drone-audit.yml from `cwd` up to the repository's root; outside a repository only that of `cwd`. */
export function findConfig(cwd: string, tree: FileTree = disk): string | undefined {
  const passed: string[] = [];
  for (let folder = cwd; ; folder = dirname(folder)) {
    passed.push(join(folder, configName));
    if (disk.isThere(join(folder, '.git'))) return passed.find(tree.isThere);
    if (dirname(folder) === folder) return passed.slice(0, 1).find(tree.isThere);
  }
}

/**
 * The config that the command line chooses: the named one, the nearest, or with `false` none. Throws as `readConfig` does.
 */
export function chosenConfig(
  config: string | boolean | undefined,
  cwd: string,
  knownRules: ReadonlySet<string>,
  tree: FileTree = disk,
): Config | undefined {
  if (config === false) return undefined;
  const path = typeof config === 'string' ? config : findConfig(cwd, tree);
  return path === undefined ? undefined : readConfig(path, cwd, 'config', knownRules, tree);
}

/** Reads a config or policy. If it is wrong, throws a UserError that names the place, so that nothing is audited. */
export function readConfig(
  path: string,
  cwd: string,
  by: Ignore['by'],
  knownRules: ReadonlySet<string>,
  tree: FileTree = disk,
): Config {
  const mask = maskFor([]);
  const full = resolve(cwd, path);
  const name = nameOf(cwd, full);
  const folder = nameOf(cwd, dirname(full));
  const result = readText(full, name, maxBytes, tree);
  if ('problem' in result) throw new UserError(mask.text(say`${ownWords(by)} "${name}" ${result.problem.message}`));
  const source: Source = { name, form: 'compose', text: result.text };
  const { documents, problems } = parseYaml(source);
  const broken = problems[0];
  if (broken) throw new UserError(mask.text(say`${name}:${broken.line ?? 1}:${broken.column ?? 1}: ${broken.message}`));
  const root = documents[0]?.root;
  const fault = configFaults(root === undefined || isNull(root) ? {} : plain(root))[0];
  if (fault) {
    const node = descend(root, fault.path);
    const key = fault.key === undefined ? undefined : field(node, fault.key)?.keyNode;
    const { line, column } = positionOf(source, (key ?? node ?? root)?.span.start ?? 0);
    throw new UserError(mask.text(say`${name}:${line}:${column}: ${fault.message}`));
  }
  const ignores = itemsOf(field(root, 'ignore')?.value).map((entry) =>
    readIgnore(entry, source, folder, by, knownRules),
  );
  const excluded = texts(root, 'exclude').map((path) => pathMatcher(path, folder));
  return {
    name,
    ignores,
    acceptances: itemsOf(field(root, 'accept')?.value).map((entry) => readAcceptance(entry, source, folder)),
    excludes: (file) => excluded.some((matches) => matches(file)),
    joined: itemsOf(field(root, 'installation')?.value).map((item): JoinedPath => {
      const path = item.kind === 'scalar' ? item.text : '';
      const { line } = positionOf(source, item.span.start);
      return { path, where: name, line, matches: pathMatcher(path, folder) };
    }),
    site: readSite(field(root, 'site')?.value),
  };
}

function readAcceptance(entry: Node, source: Source, folder: string): Acceptance {
  const path = text(entry, 'path') ?? '';
  const kind = text(entry, 'problem');
  const matchesPath = pathMatcher(path, folder);
  return {
    path,
    reason: text(entry, 'reason') ?? '',
    until: dayOf(entry, source),
    where: source.name,
    line: positionOf(source, entry.span.start).line,
    matches: (problem) => (kind === undefined || problem.kind === kind) && matchesPath(problem.source),
  };
}

/** `until`, which must be a day of the calendar: what never comes would never end. */
function dayOf(entry: Node, source: Source): string | undefined {
  const found = field(entry, 'until');
  const day = text(entry, 'until');
  if (!found || day === undefined) return undefined;
  const date = new Date(`${day}T00:00:00Z`);
  if (!Number.isNaN(date.getTime()) && date.toISOString().startsWith(day)) return day;
  const { line, column } = positionOf(source, found.value.span.start);
  throw new UserError(`${source.name}:${line}:${column}: "until" is no day of the calendar`, 'write it as 2027-06-30');
}

/** Matches names of files against a path of the config, which is relative to the folder of the config. */
function pathMatcher(path: string, folder: string): (name: string) => boolean {
  // What a running program answered lies in no folder: `docker://drone`, `https://ci.example.com/api/users`.
  const pattern = (isAnswer(path) ? path : posix.join(folder, path)).replace(/(?<=.)\/$/, '');
  if (pattern === '.') return (name) => !name.startsWith('../');
  const matches = (place: string): boolean => place === pattern || matchGlob(pattern, place) === 'match';
  // A folder stands for all that is in it.
  return (name) => {
    for (let end = name.length; end > 0; end = name.lastIndexOf('/', end - 1))
      if (matches(name.slice(0, end))) return true;
    return false;
  };
}

function readIgnore(
  entry: Node,
  source: Source,
  folder: string,
  by: Ignore['by'],
  knownRules: ReadonlySet<string>,
): Ignore {
  const rule = text(entry, 'rule') ?? '';
  const { line, column } = positionOf(source, entry.span.start);
  if (!knownRules.has(rule))
    throw new UserError(`${source.name}:${line}:${column}: "${rule}" is not a rule`, 'drone-audit rules lists them');
  const path = text(entry, 'path');
  const at = text(entry, 'at');
  const until = dayOf(entry, source);
  const matchesPath = path === undefined ? undefined : pathMatcher(path, folder);
  const atPattern = at === undefined ? undefined : wildcard(at);
  return {
    rule,
    reason: text(entry, 'reason') ?? '',
    by,
    where: source.name,
    line,
    until,
    matches: (finding) =>
      finding.rule === rule &&
      (matchesPath === undefined || matchesPath(finding.at.source.name)) &&
      (atPattern === undefined || atPattern(finding.at.path)),
  };
}

/**
 * `*` stands for any text, everything else for itself. What stands between stars is taken where it first occurs, which
 * leaves most to the rest: nothing is tried twice, whoever wrote the pattern.
 */
function wildcard(pattern: string): (path: string) => boolean {
  const [first = '', ...others] = pattern.split(/\*+/);
  const last = others.pop();
  if (last === undefined) return (path) => path === first;
  return (path) => {
    if (!path.startsWith(first)) return false;
    let at = first.length;
    for (const part of others) {
      const found = path.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return path.length - last.length >= at && path.endsWith(last);
  };
}

function readSite(node: Node | undefined): Site {
  const scm = text(node, 'scm');
  const trust = text(node, 'trust');
  return {
    ...unknownSite,
    ...(scm === 'public' || scm === 'private' ? { scm } : {}),
    ...(trust === 'trusted' || trust === 'untrusted' ? { trust } : {}),
    pipelineTypes: texts(node, 'pipelineTypes'),
    registries: texts(node, 'registries'),
    images: texts(node, 'images'),
    administrators: texts(node, 'administrators'),
    accounts: texts(node, 'accounts'),
    accountDomains: texts(node, 'accountDomains'),
    trustedRepositories: texts(node, 'trustedRepositories'),
    runners: texts(node, 'runners'),
    networks: texts(node, 'networks'),
    tlsHosts: texts(node, 'tlsHosts'),
    secretHosts: texts(node, 'secretHosts'),
    ...(text(node, 'allRunners') === 'true' ? { allRunners: true } : {}),
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
