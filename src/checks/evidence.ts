import { createHash } from 'node:crypto';
import { mkdirSync, rmdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { OutputError } from '../model/output-error.ts';
import type { Problem } from '../model/report.ts';
import type { Source } from '../model/source.ts';
import { say, type Text } from '../model/text.ts';
import { listFolder, lstatSync, onDisk } from './file-system.ts';
import { readText } from './files.ts';
import { cannotWrite, moveTo, remove, writeAside } from './writing.ts';

/** The file that makes a folder an evidence folder. */
const indexName = 'drone-audit-evidence.json';
/** The names that `writeEvidence` gives its files: never a path that leaves the folder. */
const evidenceFile = /^docker\/[A-Za-z0-9_][A-Za-z0-9_.-]{0,150}\.json$/;
const sourceName = /^docker:\/\/[A-Za-z0-9_.-]{1,300}$/;

interface IndexEntry {
  readonly name: string;
  readonly file: string;
}

/**
 * Saves what an engine reported, for its owner alone: one `docker/NAME.json` per source, and finally the index that
 * makes the folder evidence. Nothing is replaced before all of it is on the disk, so a full one leaves what was there.
 * Sources that no engine gave are left out. Throws OutputError if the folder holds anything else or cannot be written;
 * files that were not written here stay as they are.
 */
export function writeEvidence(
  directory: string,
  sources: readonly Source[],
  maskedText: (source: Source) => string,
): void {
  const earlier = earlierEntries(directory);
  const own = new Set(earlier.map(({ file }) => file));
  const folder = join(directory, 'docker');
  const aside = new Map<string, string>();
  const made = missingFolders(folder);
  try {
    mkdirSync(onDisk(folder), { recursive: true, mode: 0o700 });
    if (!lstatSync(folder).isDirectory()) throw new OutputError('its folder "docker" is a link');
    const foreign = listFolder(folder)
      .map(({ name }) => name)
      .filter((file) => !own.has(`docker/${file}`));
    const taken = new Set(foreign.map((file) => file.toLowerCase()));
    const entries = sources
      .filter(({ form, name }) => form === 'docker-inspect' && sourceName.test(name))
      .map((source): IndexEntry & { source: Source } => {
        const file = fileFor(source.name, taken);
        taken.add(file.toLowerCase());
        return { source, name: source.name, file: `docker/${file}` };
      });
    const put = (file: string, text: string) =>
      aside.set(join(directory, file), writeAside(join(directory, file), text, undefined, 0o600));
    for (const { source, file } of entries) put(file, maskedText(source));
    const index = {
      version: 1,
      sources: entries.map(({ name, file }) => ({ name, form: 'docker-inspect', file })),
    };
    put(indexName, `${JSON.stringify(index, null, 2)}\n`);
    // A link in the place of a file is replaced, not followed.
    for (const [path, written] of aside) moveTo(path, written);
    const current = new Set(entries.map(({ file }) => file));
    for (const { file } of earlier) if (!current.has(file)) remove(join(directory, file));
  } catch (error) {
    for (const written of aside.values()) remove(written);
    removeEmpty(made);
    throw cannotWrite('the evidence', error);
  }
}

/** A folder and those above it that are not there, the deepest first. */
function missingFolders(folder: string): readonly string[] {
  const missing: string[] = [];
  for (let current = folder; !lstatSync(current, { throwIfNoEntry: false }); current = dirname(current))
    missing.push(current);
  return missing;
}

/** Removes folders, each within the next, as long as nothing else is in them. */
function removeEmpty(folders: readonly string[]): void {
  try {
    for (const folder of folders) rmdirSync(onDisk(folder));
  } catch {}
}

/** What an earlier save left, so that it may be replaced; a folder with anything else is refused. */
function earlierEntries(directory: string): readonly IndexEntry[] {
  let names: readonly string[];
  try {
    names = listFolder(directory).map(({ name }) => name);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw new OutputError('the evidence cannot be written: its place is not a folder that can be read');
  }
  if (names.length === 0) return [];
  const index = names.includes(indexName) ? readIndex(directory) : undefined;
  if (index && 'entries' in index && index.problems.length === 0) return index.entries;
  throw new OutputError(
    'the evidence cannot be written: the folder holds other files; name a new one, or one that --save-evidence wrote',
  );
}

/** Windows has no files of these names, whatever their extension. */
const reserved = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;
const maxNameLength = 100;

/** A name such that no two containers share a file, even where case is ignored. */
function fileFor(name: string, taken: ReadonlySet<string>): string {
  const container = name.replace(/^docker:\/\//, '');
  const safe = container.slice(0, maxNameLength).replace(/^[.-]/, '_');
  const plain = `${safe}.json`;
  if (safe === container && !reserved.test(safe) && !taken.has(plain.toLowerCase())) return plain;
  const hash = createHash('sha256').update(name).digest('hex');
  const marked = `_${safe}-${hash.slice(0, 12)}.json`;
  return taken.has(marked.toLowerCase()) ? `_${safe}-${hash.slice(12, 52)}.json` : marked;
}

/**
 * The saved sources of a folder under their original names, with the paths of all files that belong to them; undefined
 * for a folder without an index. Nothing outside the folder is read, whatever the index says.
 */
export function readEvidenceIndex(
  directory: string,
): { sources: readonly Source[]; problems: readonly Problem[]; files: readonly string[] } | undefined {
  if (lstatSync(join(directory, indexName), { throwIfNoEntry: false }) === undefined) return undefined;
  const { entries, problems: found } = readIndex(directory);
  const problems = [...found];
  const sources: Source[] = [];
  const folder = lstatSync(join(directory, 'docker'), { throwIfNoEntry: false });
  for (const { name, file } of folder?.isDirectory() ? entries : []) {
    const path = join(directory, file);
    const isFile = lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
    const result = isFile ? readText(path, name) : { problem: broken(name, say`is not in the saved evidence`) };
    if ('text' in result) sources.push({ name, form: 'docker-inspect', text: result.text });
    else problems.push(result.problem);
  }
  if (entries.length > 0 && !folder?.isDirectory())
    problems.push(broken(indexName, say`has no folder "docker" beside it`));
  return {
    sources,
    problems,
    files: [join(directory, indexName), ...entries.map(({ file }) => join(directory, file))],
  };
}

function broken(source: string, message: Text): Problem {
  return { kind: 'malformed', source, message, incomplete: true };
}

function readIndex(directory: string): { entries: readonly IndexEntry[]; problems: readonly Problem[] } {
  const none = (problem: Problem) => ({ entries: [], problems: [problem] });
  const result = readText(join(directory, indexName), indexName);
  if ('problem' in result) return none(result.problem);
  let index: unknown;
  try {
    index = JSON.parse(result.text);
  } catch {
    return none(broken(indexName, say`is not JSON`));
  }
  if (property(index, 'version') !== 1)
    return none(broken(indexName, say`is of a version that this drone-audit does not know`));
  const listed = property(index, 'sources');
  if (!Array.isArray(listed)) return none(broken(indexName, say`lists no sources`));
  const entries: IndexEntry[] = [];
  const names = new Set<string>();
  let odd = 0;
  for (const entry of listed) {
    const name = property(entry, 'name');
    const file = property(entry, 'file');
    const fits =
      typeof name === 'string' &&
      sourceName.test(name) &&
      !names.has(name) &&
      typeof file === 'string' &&
      evidenceFile.test(file) &&
      property(entry, 'form') === 'docker-inspect';
    if (fits) {
      names.add(name);
      entries.push({ name, file });
    } else odd++;
  }
  const problems = odd === 0 ? [] : [broken(indexName, say`${odd} of its sources cannot be used`)];
  return { entries, problems };
}

function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
}
