/** How long a file may be that stands for another, in bytes (git-lfs docs/spec.md; a key of git-annex is a file name). */
const maxPointer = 1024;

const beginnings: readonly (readonly [string, Elsewhere])[] = [
  ['version https://git-lfs.github.com/spec/', 'Git LFS'],
  // What Git LFS was called before its first version.
  ['version https://hawser.github.com/spec/', 'Git LFS'],
  ['/annex/objects/', 'git-annex'],
];

/** What may hold the content of a file in place of git. */
export type Elsewhere = 'Git LFS' | 'git-annex';

/** Where the content of a file is kept, if these bytes only say where to find it; undefined for any other file. */
export function keptElsewhere(bytes: Buffer): Elsewhere | undefined {
  if (bytes.length > maxPointer) return undefined;
  return beginnings.find(([beginning]) => bytes.toString('latin1', 0, beginning.length) === beginning)?.[1];
}
