import { createHash } from 'node:crypto';
import { shortHash } from './baseline.ts';
import type { Source } from './model/source.ts';
import { type MadeText, mapped, type RecordPart, recordParts } from './outcomes.ts';

/**
 * What files of one folder are called while they are judged, if others may have the same texts: what is said of them is then said
 * of the others by putting their names in.
 */
interface Names {
  readonly folder: string;
  /** The last part of it, where that is told alone. */
  readonly base: string;
  readonly slug: string;
  readonly commit: string;
}

/**
 * Names that stand in for those of texts with a key. No text can hold them, nor any secret of those that `salt` is a digest of: they
 * come from digests of both. They are letters alone, so that they look like no secret.
 */
function standInsFor(key: string, salt: string): Names {
  const digest = createHash('sha512')
    .update(JSON.stringify([key, salt]))
    .digest('hex');
  const letters = digest.replace(/\d/g, (digit) => String.fromCharCode('g'.charCodeAt(0) + Number(digit)));
  const [parent, base, owner, repository, commit] = [0, 1, 2, 3, 4].map((part) =>
    letters.slice(part * standInLength, (part + 1) * standInLength),
  );
  return { folder: `${parent}/${base}`, base: `${base}`, slug: `${owner}/${repository}`, commit: `${commit}` };
}

/** Enough that nobody makes a text with a given one, and of one length with names as people have them. */
const standInLength = 24;

/** Longer names may be cut in what is said, where shorter ones are not (UTF-16 units). */
const maxName = 190;

/** Files of one folder that may be judged under other names. */
export interface Anonymous {
  /** Equal for equal texts at equal paths in the folder. */
  readonly key: string;
  readonly names: Names;
  /** The files under names that no secret holds of which `salt` is a digest. */
  readonly renamed: (salt: string) => Renamed;
}

/** Files under the names that stand in for theirs. */
export interface Renamed {
  readonly sources: readonly Source[];
  readonly standIns: Names;
  readonly repositoryAt: (root: string) => {
    readonly folder: string;
    readonly commit?: string;
    readonly branch?: string;
  };
}

/**
 * Files that may go by other names; undefined where their names may matter for what is said of them: none is, unless they lie in one
 * folder.
 */
export function anonymous(
  sources: readonly Source[],
  repositoryAt: Renamed['repositoryAt'],
  isShown: (name: string) => boolean,
): Anonymous | undefined {
  const [first] = sources;
  if (!first) return undefined;
  const { repository, slug } = first;
  // The name of a branch is part of what a report calls its origin.
  if (repository !== undefined && repositoryAt(repository).branch !== undefined) return undefined;
  const folder = repository === undefined ? commonFolder(sources) : repositoryAt(repository).folder;
  const commit = repository === undefined ? undefined : repositoryAt(repository).commit;
  const isFit = ({ name, text, repository: own, slug: called }: Source): boolean =>
    own === repository &&
    called === slug &&
    name.startsWith(`${folder}/`) &&
    name.length <= maxName &&
    isShown(name) &&
    // A command of a runner, perhaps, which reports write in another way.
    !name.includes('##') &&
    !text.includes('drone-audit');
  if (folder === '' || !sources.every(isFit) || (slug !== undefined && (!isShown(slug) || slug.includes('##'))))
    return undefined;
  const hash = createHash('sha256');
  for (const { name, text, repository: _, slug: __, ...rest } of sources) {
    hash.update(
      JSON.stringify([
        name.slice(folder.length),
        text.length,
        rest,
        ...[repository, slug, commit].map((each) => each === undefined),
      ]),
    );
    hash.update(text);
  }
  const key = hash.digest('base64');
  return {
    key,
    names: { folder, base: folder.slice(folder.lastIndexOf('/') + 1), slug: slug ?? '', commit: commit ?? '' },
    renamed: (salt) => {
      const standIns = standInsFor(key, salt);
      return {
        sources: sources.map(({ name, repository: _, slug: __, ...rest }) => ({
          ...{ ...rest, name: standIns.folder + name.slice(folder.length) },
          ...(repository === undefined ? {} : { repository: standIns.folder }),
          ...(slug === undefined ? {} : { slug: standIns.slug }),
        })),
        standIns,
        repositoryAt: () => ({ folder: standIns.folder, ...(commit === undefined ? {} : { commit: standIns.commit }) }),
      };
    },
  };
}

function commonFolder(sources: readonly Source[]): string {
  const folders = sources.map(({ name }) => name.slice(0, Math.max(0, name.lastIndexOf('/'))));
  return folders.reduce((common, folder) => {
    let shared = common;
    while (shared !== '' && shared !== folder && !folder.startsWith(`${shared}/`))
      shared = shared.slice(0, Math.max(0, shared.lastIndexOf('/')));
    return shared;
  });
}

/** Where a name is put in: one of these, or the short hash of an identity, in whose gaps the folder stands. */
type Slot = keyof Names | { readonly identity: readonly string[] };

type Parts = readonly (string | { readonly slot: Slot })[];

/** A record with places for names. */
export interface RecordTemplate {
  readonly parts: Readonly<Record<RecordPart, Parts>>;
  readonly unwritten: Parts;
  /** How much memory it takes, about (UTF-16 units). */
  readonly size: number;
}

/** The template of a record that was made under stand-in names; `identities` has what fingerprints and groups are made of. */
export function templateOf(record: MadeText, standIns: Names, identities: ReadonlyMap<string, string>): RecordTemplate {
  const standIn = new RegExp(`${standIns.folder}|${standIns.base}|${standIns.slug}|${standIns.commit}`, 'g');
  const standInOrHash = new RegExp(`${standIn.source}|(?<="(?:fingerprint|group)":")[0-9a-f]{16}`, 'g');
  const partsOf = (text: string, slots = standInOrHash): Parts => {
    const parts: (string | { readonly slot: Slot })[] = [];
    let done = 0;
    for (const { 0: found, index } of text.matchAll(slots)) {
      parts.push(text.slice(done, index), { slot: slotOf(found, standIns, identities) });
      done = index + found.length;
    }
    parts.push(text.slice(done));
    return parts;
  };
  const size = recordParts.reduce((sum, part) => sum + record[part].length, record.unwritten.length);
  return { parts: mapped(record, (text) => partsOf(text)), unwritten: partsOf(record.unwritten, standIn), size };
}

function slotOf(found: string, standIns: Names, identities: ReadonlyMap<string, string>): Slot {
  if (found === standIns.folder) return 'folder';
  if (found === standIns.base) return 'base';
  if (found === standIns.slug) return 'slug';
  if (found === standIns.commit) return 'commit';
  const identity = identities.get(found);
  if (identity === undefined) throw new Error('a fingerprint is not known');
  return { identity: identity.split(standIns.folder) };
}

/** The record of other files with the same texts. */
export function filledTemplate({ parts: all, unwritten }: RecordTemplate, names: Names): MadeText {
  const { folder, base, slug, commit } = names;
  const escaped: Names = { folder: inJson(folder), base: inJson(base), slug: inJson(slug), commit: inJson(commit) };
  const filled = (parts: Parts, put = escaped): string =>
    parts
      .map((part) => {
        if (typeof part === 'string') return part;
        if (typeof part.slot === 'string') return put[part.slot];
        return shortHash(part.slot.identity.join(folder));
      })
      .join('');
  return { ...mapped(all, (parts) => filled(parts)), unwritten: filled(unwritten, names) };
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
