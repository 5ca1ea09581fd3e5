/** How long a file may be that stands for another, in bytes (git-lfs docs/spec.md; a key of git-annex is a file name). */
const maxPointer = 1024;

/**
 * Whole files, since anything else may be written behind the first line: `hawser` is what Git LFS was called before its first
 * version; git-annex may write several lines.
 */
const pointers: readonly (readonly [RegExp, Elsewhere])[] = [
  [
    /^version https:\/\/(?:git-lfs|hawser)\.github\.com\/spec\/v1\n(?:ext-\d-[\w-]{1,99} sha256:[\da-f]{64}\n)*oid sha256:[\da-f]{64}\nsize \d{1,19}\n$/,
    'Git LFS',
  ],
  [/^(?:\/annex\/objects\/[\w.%&,=+-]{1,400}\n)(?:\/annex\/\S{0,400}\n)*$/, 'git-annex'],
];

/** What may hold the content of a file in place of git. */
export type Elsewhere = 'Git LFS' | 'git-annex';

/** Where the content of a file is kept, if these bytes only say where to find it; undefined for any other file. */
export function keptElsewhere(bytes: Buffer): Elsewhere | undefined {
  if (bytes.length > maxPointer || (bytes[0] !== 0x76 && bytes[0] !== 0x2f)) return undefined;
  const text = bytes.toString('latin1').replaceAll('\r\n', '\n');
  return pointers.find(([whole]) => whole.test(text))?.[1];
}
