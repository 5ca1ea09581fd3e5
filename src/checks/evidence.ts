import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { codeOf } from '../model/error-code.ts';
import { OutputError } from '../model/output-error.ts';
import type { Lookup } from '../model/reading.ts';
import type { Mention, Problem } from '../model/report.ts';
import { type Form, forms, isAnswer, type Source } from '../model/source.ts';
import { say, type Text } from '../model/text.ts';
import { listFolder, lstatSync, realpathSync } from './file-system.ts';
import { isBelow, maxBytes, readText } from './files.ts';
import type { Git } from './git-index.ts';
import { cannotWrite, makeFolders, moveTo, refuseStrangers, remove, removeFolders, writeAside } from './writing.ts';

/** The file that makes a folder an evidence folder: it lists everything that was seen. */
export const manifestName = 'drone-audit-evidence.json';
const manifestVersion = 2;
/** The folder of the texts. */
const textFolder = 'sources';
/** The names that `writeEvidence` gives its files: never a path that leaves the folder. */
const evidenceFile = /^sources\/\d{5,7}-[A-Za-z0-9_][A-Za-z0-9_.-]{0,110}$/;

/** Everything that an audit saw, and what it asked for and did not get: what it needs to come to the same again. */
export interface Evidence {
  /** What was given to the readers, in that order. */
  readonly sources: readonly Source[];
  /** Files that readers asked for, because another one names them. */
  readonly lookups: readonly LookedUp[];
  readonly problems: readonly Problem[];
  readonly mentions: readonly Mention[];
  readonly excluded: number;
  /** Names of the sources that are one Compose project, and of its env files. */
  readonly together: readonly string[];
  readonly envFiles: readonly string[];
  /** Variables that Compose files were filled in with; absent if that was not asked for. */
  readonly environment?: ReadonlyMap<string, string>;
}

/** A file that another one names, and what was found there. */
export interface LookedUp {
  readonly from: string;
  readonly path: string;
  readonly form: Form;
  readonly found: Source | Problem;
}

/** What hides the secrets of what is saved. */
export interface EvidenceMasks {
  readonly source: (source: Source) => string;
  readonly problem: (problem: Problem) => Problem<string>;
  readonly value: (name: string, value: string) => string;
}

interface ManifestEntry {
  readonly name: string;
  readonly form: Form;
  readonly file: string;
}

/**
 * Saves what an audit saw, for its owner alone: the text of each source, masked, and finally the manifest that makes the
 * folder evidence. `timestamp` is when, if the user says so. Nothing is replaced before all of it is on the disk, so a
 * full one leaves what was there. Throws OutputError if the folder holds anything else or cannot be written; files that
 * were not written here stay as they are.
 */
export function writeEvidence(directory: string, evidence: Evidence, masks: EvidenceMasks, timestamp?: string): void {
  const earlier = earlierFiles(directory);
  const folder = join(directory, textFolder);
  const aside = new Map<string, string>();
  let made: readonly string[] = [];
  try {
    const present = lstatSync(directory, { throwIfNoEntry: false });
    if (present) refuseStrangers(directory, present);
    made = makeFolders(folder, 0o700);
    if (!lstatSync(folder).isDirectory()) throw new OutputError(`its folder "${textFolder}" is a link`);
    const taken = new Set(listFolder(folder).map(({ name }) => `${textFolder}/${name.toLowerCase()}`));
    for (const file of earlier) taken.delete(file.toLowerCase());
    const put = (file: string, text: string): void => {
      aside.set(join(directory, file), writeAside(join(directory, file), text, undefined, 0o600));
    };

    const given = new Set(evidence.sources);
    const found = evidence.lookups.flatMap(({ found }) => ('text' in found ? [found] : []));
    // A file that was given and looked up, too, is saved as it was given.
    const byName = new Map([...evidence.sources, ...found, ...evidence.sources].map((source) => [source.name, source]));
    const repositories = new Map<string, string>();
    const current = new Set<string>();
    const listed = [...byName.values()].map((source, index) => {
      const file = fileFor(source.name, index, taken);
      const text = masks.source(source);
      put(file, text);
      current.add(file);
      return entryOf(source, file, text, given.has(source), repositories);
    });
    const manifest = {
      version: manifestVersion,
      ...(timestamp === undefined ? {} : { timestamp }),
      sources: listed,
      lookups: evidence.lookups.map(({ from, path, form, found }) => ({
        from,
        path,
        form,
        ...('text' in found ? { source: found.name } : { problem: masks.problem(found) }),
      })),
      problems: evidence.problems.map(masks.problem),
      mentions: evidence.mentions,
      excluded: evidence.excluded,
      together: evidence.together,
      envFiles: evidence.envFiles,
      ...(evidence.environment === undefined
        ? {}
        : {
            environment: Object.fromEntries(
              [...evidence.environment].map(([name, value]) => [name, masks.value(name, value)]),
            ),
          }),
    };
    put(manifestName, `${JSON.stringify(manifest, null, 2)}\n`);
    // A link in the place of a file is replaced, not followed.
    for (const [path, written] of aside) moveTo(path, written);
    for (const file of earlier) if (!current.has(file)) remove(join(directory, file));
  } catch (error) {
    for (const written of aside.values()) remove(written);
    removeFolders(made);
    throw cannotWrite('the evidence', error);
  }
}

/**
 * Records in a folder that was just written which of its sources come to other findings than what they were saved from:
 * who audits it later has only them. Throws OutputError if the manifest cannot be replaced.
 */
export function recordDiffering(directory: string, names: readonly string[]): void {
  const { manifest } = readManifest(directory);
  const differing = new Set(names);
  const sources = itemsOf(property(manifest, 'sources')).map((entry) =>
    differing.has(String(property(entry, 'name'))) ? { ...Object(entry), differs: true } : entry,
  );
  const path = join(directory, manifestName);
  try {
    const text = `${JSON.stringify({ ...Object(manifest), sources }, null, 2)}\n`;
    moveTo(path, writeAside(path, text, undefined, 0o600));
  } catch (error) {
    throw cannotWrite('the evidence', error);
  }
}

/** A source in the manifest. `sha256` is that of the saved text, which is the original's only where nothing was masked. */
function entryOf(source: Source, file: string, text: string, given: boolean, repositories: Map<string, string>) {
  const { name, form, mode, tracked, repository, folder, slug, pathInRepository, seenAt } = source;
  if (repository !== undefined && !repositories.has(repository))
    repositories.set(repository, `repository ${repositories.size + 1}`);
  return {
    name,
    form,
    origin: originOf(name, form),
    file,
    sha256: createHash('sha256').update(text).digest('hex'),
    hashOf: text === source.text ? 'original' : 'masked',
    // Absent keys are left out of JSON.
    given,
    seenAt,
    mode: mode?.toString(8),
    tracked,
    repository: repository === undefined ? undefined : repositories.get(repository),
    folder,
    slug,
    pathInRepository,
  };
}

function originOf(name: string, form: Form): 'file' | 'standard input' | 'engine' | 'server' | 'probe' {
  if (name === '-') return 'standard input';
  if (!isAnswer(name)) return 'file';
  if (form === 'extension-probe') return 'probe';
  return name.startsWith('docker') ? 'engine' : 'server';
}

/** The files of an earlier save, which may be replaced; a folder with anything else is refused. */
function earlierFiles(directory: string): readonly string[] {
  let names: readonly string[];
  try {
    names = listFolder(directory).map(({ name }) => name);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw new OutputError('the evidence cannot be written: its place is not a folder that can be read');
  }
  if (names.length === 0) return [];
  const manifest = names.includes(manifestName) ? readManifest(directory) : undefined;
  if (manifest && 'entries' in manifest && manifest.problems.length === 0)
    return manifest.entries.map(({ file }) => file);
  throw new OutputError(
    'the evidence cannot be written: the folder holds other files; name a new one, or one that --save-evidence wrote',
  );
}

const maxNameLength = 60;

/** A name that no other source and no foreign file has, even where case is ignored; it tells what is in it. */
function fileFor(name: string, index: number, taken: ReadonlySet<string>): string {
  for (let number = index + 1; ; number += 10_000) {
    const file = `${textFolder}/${String(number).padStart(5, '0')}-${fileNameOf(name)}`;
    if (!taken.has(file.toLowerCase())) return file;
  }
}

/** What the file of a source is called behind its number. */
function fileNameOf(name: string): string {
  const safe = name
    .replace(/^[a-z-]+:\/\//, '')
    .replace(/[^A-Za-z0-9_.-]+/g, '_')
    .replace(/^[.-]/, '_')
    .slice(-maxNameLength)
    .replace(/^[.-]/, '_');
  return `${safe === '' ? '_' : safe}${isAnswer(name) ? '.json' : ''}`;
}

/** What a folder saved, and the paths of all files that belong to it. */
export interface SavedEvidence extends Evidence {
  readonly files: readonly string[];
}

/** Why a text is not believed to be what a manifest says; undefined where it is. Takes its path, too. */
export type Doubt = (source: Source, path: string) => Problem | undefined;

/**
 * What an audit saw and saved in a folder; undefined for a folder without a manifest. Nothing outside the folder is read,
 * whatever the manifest says. With `doubt`, what is not believed is a file as any other, and everything else is given to
 * the readers: that another file names it could be made up.
 */
export function readEvidence(directory: string, doubt?: Doubt): SavedEvidence | undefined {
  if (lstatSync(join(directory, manifestName), { throwIfNoEntry: false }) === undefined) return undefined;
  const { entries, problems: found, manifest } = readManifest(directory);
  const problems = [...found];
  const byName = new Map<string, Source>();
  const given: Source[] = [];
  const folder = lstatSync(join(directory, textFolder), { throwIfNoEntry: false });
  for (const { name, form, file, entry } of folder?.isDirectory() ? entries : []) {
    const path = join(directory, file);
    const isFile = lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
    const result = isFile
      ? readText(path, name, maxSavedBytes)
      : { problem: broken(name, say`is not in the saved evidence`) };
    if ('problem' in result) {
      problems.push(result.problem);
      continue;
    }
    const { text } = result;
    const source = { ...sourceOf(entry, directory), name, form, text };
    const doubtful = doubt?.(source, path);
    if (doubtful) {
      problems.push(doubtful);
      continue;
    }
    if (createHash('sha256').update(text).digest('hex') !== property(entry, 'sha256'))
      problems.push(broken(name, say`is not what was saved: the saved evidence was changed`));
    if (property(entry, 'differs') === true)
      problems.push({
        kind: 'unsupported',
        source: name,
        message: say`comes to other findings than what it was saved from: masking hid what they rest on`,
        incomplete: true,
      });
    byName.set(name, source);
    if (doubt || property(entry, 'given') === true) given.push(source);
  }
  if (entries.length > 0 && !folder?.isDirectory())
    problems.push(broken(manifestName, say`has no folder "${textFolder}" beside it`));
  const wanted = new Set(itemsOf(property(manifest, 'lookups')).map((item) => property(item, 'source')));
  return {
    sources: given,
    lookups: itemsOf(property(manifest, 'lookups')).flatMap((item) => lookedUp(item, byName) ?? []),
    problems: [...itemsOf(property(manifest, 'problems')).flatMap((item) => problemOf(item) ?? []), ...problems],
    mentions: itemsOf(property(manifest, 'mentions')).flatMap((item) => mentionOf(item) ?? []),
    excluded: countOf(property(manifest, 'excluded')),
    together: namesOf(property(manifest, 'together')),
    envFiles: namesOf(property(manifest, 'envFiles')),
    environment: environmentOf(property(manifest, 'environment')),
    // A file that is neither given nor looked up is nothing of the evidence, whatever the manifest says.
    files: [
      join(directory, manifestName),
      ...entries
        .filter(({ name, entry }) => (doubt ? byName.has(name) : property(entry, 'given') === true || wanted.has(name)))
        .map(({ file }) => join(directory, file)),
    ],
  };
}

/**
 * Why the saved evidence of a folder does not count: those who write to the repository that is audited could have made it,
 * and it would stand for servers that nobody asked and for files that nobody read. Undefined where it counts, and where
 * there is none. What git tracks never counts. Under a policy only a folder counts that is in no repository, holds
 * nothing else and is not the current one, where a gate audits what it is given.
 */
export function whyNotBelieved(directory: string, cwd: string, git: Git, isUnderPolicy: boolean): Text | undefined {
  if (lstatSync(join(directory, manifestName), { throwIfNoEntry: false }) === undefined) return undefined;
  const elsewhere = say`its files were read as any others; audit a copy of evidence that you trust, outside of repositories`;
  const folder = realpathSync(directory);
  const manifest = join(folder, manifestName);
  const root = git.rootOf(manifest);
  if (
    root !== undefined &&
    (isUnderPolicy || root === folder || git.holdsTracked(folder) || git.isTracked(manifest) !== false)
  )
    return say`is in a repository, whose authors could have written it, and was not believed: ${elsewhere}`;
  if (!isUnderPolicy) return undefined;
  if (listFolder(folder).some(({ name }) => name !== manifestName && name !== textFolder))
    return say`is beside other files, whose authors could have written it, and was not believed: ${elsewhere}`;
  return isBelow(realpathSync(cwd), folder)
    ? say`is in the current folder, which is what is audited, and was not believed: ${elsewhere}, and name its folder`
    : undefined;
}

/** Finds again what was found when it was saved; undefined for what was never looked for. */
export function lookupIn({ lookups }: Evidence): (...asked: Parameters<Lookup>) => Source | Problem | undefined {
  const found = new Map(lookups.map(({ from, path, form, found }) => [[from, path, form].join('\0'), found]));
  return (from, path, form) => found.get([from.name, path, form].join('\0'));
}

function broken(source: string, message: Text): Problem {
  return { kind: 'malformed', source, message, incomplete: true };
}

interface Manifest {
  readonly entries: readonly (ManifestEntry & { readonly entry: unknown })[];
  readonly problems: readonly Problem[];
  readonly manifest?: unknown;
}

function readManifest(directory: string): Manifest {
  const none = (problem: Problem): Manifest => ({ entries: [], problems: [problem] });
  const result = readText(join(directory, manifestName), manifestName, maxManifest);
  if ('problem' in result) return none(result.problem);
  let manifest: unknown;
  try {
    manifest = JSON.parse(result.text);
  } catch {
    return none(broken(manifestName, say`is not JSON`));
  }
  if (property(manifest, 'version') !== manifestVersion)
    return none(broken(manifestName, say`is of a version that this drone-audit does not know`));
  const listed = property(manifest, 'sources');
  if (!Array.isArray(listed)) return none(broken(manifestName, say`lists no sources`));
  const names = new Set<string>();
  const files = new Set<string>();
  const entries = listed.flatMap((entry: unknown) => {
    const name = property(entry, 'name');
    const file = property(entry, 'file');
    const form = forms.find((each) => each === property(entry, 'form'));
    if (typeof name !== 'string' || name.length > maxSourceName || names.has(name)) return [];
    if (form === undefined || typeof file !== 'string' || !evidenceFile.test(file) || files.has(file)) return [];
    // The name of a file tells what it is to whoever looks for it: to a server, a pipeline or a program that makes one.
    if (file.slice(file.indexOf('-') + 1) !== fileNameOf(name) || !formsOf(name).has(form)) return [];
    if (typeof property(entry, 'given') !== 'boolean') return [];
    files.add(file);
    names.add(name);
    return [{ name, form, file, entry }];
  });
  const odd = listed.length - entries.length;
  const problems = odd === 0 ? [] : [broken(manifestName, say`${odd} of its sources cannot be used`)];
  return { entries, problems, manifest };
}

/** What only a program answers. */
const answered: ReadonlySet<Form> = new Set<Form>([
  'docker-service',
  'docker-engine',
  'docker-log',
  'drone-endpoint',
  'drone-accounts',
  'drone-repository',
  'drone-organization-secrets',
  'extension-probe',
]);
const answers: ReadonlySet<Form> = new Set<Form>([...answered, 'docker-inspect', 'docker-daemon']);
const written: ReadonlySet<Form> = new Set(forms.filter((form) => !answered.has(form)));

/** The forms that a source of this name can have. */
function formsOf(name: string): ReadonlySet<Form> {
  return isAnswer(name) ? answers : written;
}

/** Bytes: what is masked is longer than what was read. */
const maxSavedBytes = 4 * maxBytes;
/** Bytes: as many entries as a large installation has repositories. */
const maxManifest = 256 * 1024 * 1024;
const maxSourceName = 4096;

/** What a manifest says of a source besides its text. */
function sourceOf(entry: unknown, directory: string): Partial<Source> {
  const text = (key: string): string | undefined => {
    const value = property(entry, key);
    return typeof value === 'string' && value.length <= maxSourceName ? value : undefined;
  };
  const mode = text('mode');
  const tracked = property(entry, 'tracked');
  const repository = text('repository');
  return {
    mode: mode !== undefined && /^[0-7]{1,4}$/.test(mode) ? Number.parseInt(mode, 8) : undefined,
    tracked: typeof tracked === 'boolean' ? tracked : undefined,
    // Each save counts its own.
    repository: repository === undefined ? undefined : `${directory}\n${repository}`,
    folder: text('folder'),
    slug: text('slug'),
    pathInRepository: text('pathInRepository'),
    seenAt: text('seenAt'),
    masked: property(entry, 'hashOf') === 'masked' ? true : undefined,
  };
}

function lookedUp(item: unknown, byName: ReadonlyMap<string, Source>): LookedUp | undefined {
  const from = property(item, 'from');
  const path = property(item, 'path');
  const form = forms.find((each) => each === property(item, 'form'));
  const name = property(item, 'source');
  const source = typeof name === 'string' ? byName.get(name) : undefined;
  const found = source ? { ...source, form: form ?? source.form } : problemOf(property(item, 'problem'));
  if (typeof from !== 'string' || typeof path !== 'string' || !form || !found) return undefined;
  return { from, path, form, found };
}

const kinds = [
  'unreadable',
  'malformed',
  'too-large',
  'binary',
  'empty',
  'suppression',
  'unsupported',
  'fault',
] as const;

function problemOf(item: unknown): Problem | undefined {
  const kind = kinds.find((each) => each === property(item, 'kind'));
  const source = property(item, 'source');
  const message = property(item, 'message');
  const line = property(item, 'line');
  const column = property(item, 'column');
  if (!kind || typeof source !== 'string' || typeof message !== 'string') return undefined;
  return {
    kind,
    source,
    message: say`${message}`,
    line: typeof line === 'number' ? line : undefined,
    column: typeof column === 'number' ? column : undefined,
    incomplete: property(item, 'incomplete') !== false,
  };
}

const mentioned: readonly Mention['what'][] = [
  'an image of Drone',
  'a chart of Drone',
  'a program of Drone',
  'a role for Drone',
  'a setting of Drone',
  'a pipeline',
  'a name that Drone has',
  'a name of Drone',
];

function mentionOf(item: unknown): Mention | undefined {
  const source = property(item, 'source');
  const what = mentioned.find((each) => each === property(item, 'what'));
  return typeof source === 'string' && what ? { source, what, line: countOf(property(item, 'line')) || 1 } : undefined;
}

function environmentOf(value: unknown): ReadonlyMap<string, string> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return new Map(Object.entries(value).flatMap(([name, text]) => (typeof text === 'string' ? [[name, text]] : [])));
}

function namesOf(value: unknown): readonly string[] {
  return itemsOf(value).filter((item) => typeof item === 'string');
}

function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function countOf(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}

function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
}
