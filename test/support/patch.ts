/** A file that a patch changes: its hunks, each with the lines before and after. */
interface FilePatch {
  readonly name: string;
  readonly hunks: readonly Hunk[];
}

interface Hunk {
  /** The first line that it is about, from 1. */
  readonly start: number;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/**
 * Applies a unified diff to texts by name and gives all of them, mended. Every hunk has to fit where it says, to the
 * letter, and every file has to be there: a patch beside a fixture that has changed meanwhile throws.
 */
export function applyPatch(patch: string, texts: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const mended = new Map(texts);
  const files = filesOf(patch);
  if (files.length === 0) throw new Error('the patch changes no file');
  for (const { name, hunks } of files) {
    const text = texts.get(name) ?? (hunks.every(({ before }) => before.length === 0) ? '' : undefined);
    if (text === undefined) throw new Error(`the patch is about "${name}", which is not there`);
    mended.set(name, patched(name, text, hunks));
  }
  return mended;
}

function patched(name: string, text: string, hunks: readonly Hunk[]): string {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  let shift = 0;
  for (const { start, before, after } of hunks) {
    const from = before.length === 0 ? start + shift : start - 1 + shift;
    const there = lines.slice(from, from + before.length);
    if (there.join('\n') !== before.join('\n'))
      throw new Error(`${name}:${start}: the patch does not fit:\n${before.join('\n')}\nis not\n${there.join('\n')}`);
    lines.splice(from, before.length, ...after);
    shift += after.length - before.length;
  }
  return `${lines.join('\n')}\n`;
}

function filesOf(patch: string): readonly FilePatch[] {
  const files: { name: string; hunks: { start: number; before: string[]; after: string[] }[] }[] = [];
  for (const line of patch.replace(/\n$/, '').split('\n')) {
    const hunk = files.at(-1)?.hunks.at(-1);
    const header = /^\+\+\+ (?:b\/)?([^\t]+)/.exec(line);
    const place = /^@@ -(\d+)(?:,\d+)? \+\d+(?:,\d+)? @@/.exec(line);
    if (line.startsWith('--- ') || line.startsWith('\\')) continue;
    if (header) files.push({ name: header[1] ?? '', hunks: [] });
    else if (place) files.at(-1)?.hunks.push({ start: Number(place[1]), before: [], after: [] });
    else if (hunk) {
      if (!line.startsWith('+')) hunk.before.push(line.slice(1));
      if (!line.startsWith('-')) hunk.after.push(line.slice(1));
    }
  }
  return files;
}
