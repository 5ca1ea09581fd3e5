import { fileName } from '../../model/file-name.ts';
import { wildcard } from '../../model/pattern.ts';

/*
 * Which files git rewrites when it checks them out (gitattributes). A pattern is taken for more than it matches rather than
 * for less: whoever asks compares the checkout with what git holds, so that it costs a comparison.
 */

/** A file of attributes: that of a folder of the repository, or `info/attributes` of the git folder. */
export interface AttributesFile {
  /** The folder that its patterns speak of, from the root; `` for the root. */
  readonly folder: string;
  /** As it is shown. */
  readonly name: string;
  /** Undefined for one that is not read: it could say that of every file. */
  readonly text: string | undefined;
}

/** What makes git rewrite a file. */
export interface Rewriting {
  readonly by: 'ident' | 'filter' | 'working-tree-encoding';
  /** The line that says so, `.gitattributes:3`. */
  readonly where: string;
  /** Whether it is the filter of Git LFS, which keeps pictures and archives elsewhere. */
  readonly isLfs: boolean;
}

/** How many lines about rewriting count, and macros; with more of them, any file may be rewritten. */
const mostLines = 500;
const mostMacros = 100;

interface Line {
  /** Takes the path from the folder of its file. */
  matches(path: string): boolean;
  readonly sets: readonly Rewriting[];
  /** What it takes back, if its pattern is one whose meaning is known exactly. */
  readonly unsets: ReadonlySet<string>;
}

interface RawLine {
  readonly pattern: string;
  readonly tokens: readonly string[];
  readonly where: string;
}

/**
 * Answers by the path from the root what makes git rewrite a file; undefined where nothing makes it rewrite any. `files` in
 * the order in which git takes them, the last one winning.
 */
export function rewritings(files: readonly AttributesFile[]): ((path: string) => readonly Rewriting[]) | undefined {
  const raw = files.map((file) => ({ ...file, lines: linesOf(file) }));
  const macros = raw.flatMap(({ lines }) => lines.filter(({ pattern }) => pattern.startsWith('[attr]')));
  const meanings = meaningsOf(macros.slice(0, mostMacros));
  const read = raw.map(({ folder, lines }) => ({
    prefix: folder === '' ? '' : `${folder}/`,
    lines: lines.flatMap((line) => lineOf(line, meanings) ?? []),
  }));
  const count = read.reduce((sum, { lines }) => sum + lines.length, 0);
  if (!read.some(({ lines }) => lines.some(({ sets }) => sets.length > 0))) return undefined;
  if (count > mostLines || macros.length > mostMacros) {
    const [first] = read.flatMap(({ lines }) => lines.flatMap(({ sets }) => sets));
    const any: readonly Rewriting[] = first ? [{ ...first, by: 'filter', isLfs: false }] : [];
    return () => any;
  }
  return (path) => {
    const found = new Map<string, Rewriting>();
    for (const { prefix, lines } of read) {
      if (lines.length === 0 || !path.startsWith(prefix)) continue;
      const own = path.slice(prefix.length);
      for (const { matches, sets, unsets } of lines) {
        if (!matches(own)) continue;
        for (const by of unsets) found.delete(by);
        for (const each of sets) found.set(each.by, each);
      }
    }
    return [...found.values()];
  };
}

function linesOf({ name, text }: AttributesFile): readonly RawLine[] {
  if (text === undefined) return [{ pattern: '*', tokens: ['filter=any'], where: name }];
  const lines: RawLine[] = [];
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    const content = line.trim();
    if (content === '' || content.startsWith('#') || content.startsWith('!')) continue;
    const quoted = /^"((?:[^"\\]|\\.)*)"(?=\s)/.exec(content);
    const pattern = quoted?.[1] ?? content.split(/\s/, 1)[0] ?? '';
    const rest = content.slice(quoted?.[0].length ?? pattern.length);
    lines.push({ pattern, tokens: rest.split(/\s+/).filter((each) => each !== ''), where: `${name}:${index + 1}` });
  }
  return lines;
}

type Setting = Omit<Rewriting, 'where'>;

/** What each macro sets, those that it names included. */
function meaningsOf(macros: readonly RawLine[]): ReadonlyMap<string, readonly Setting[]> {
  const meanings = new Map<string, readonly Setting[]>();
  // Each round knows what one more macro on the way to an attribute means.
  for (let rounds = 0, isNew = true; isNew && rounds <= macros.length; rounds++) {
    isNew = false;
    for (const { pattern, tokens } of macros) {
      const name = pattern.slice('[attr]'.length);
      const known = meanings.get(name) ?? [];
      const found = distinctSettings([...known, ...tokens.flatMap((token) => settingsOf(token, meanings))]);
      isNew ||= found.length > known.length;
      meanings.set(name, found);
    }
  }
  return meanings;
}

/** Of each attribute one; of filters, one that is not that of Git LFS before one that is. */
function distinctSettings(all: readonly Setting[]): readonly Setting[] {
  const found = new Map<string, Setting>();
  for (const each of all) if (!found.has(each.by) || !each.isLfs) found.set(each.by, each);
  return [...found.values()];
}

function settingsOf(token: string, macros: ReadonlyMap<string, readonly Setting[]>): readonly Setting[] {
  if (token === 'ident') return [{ by: 'ident', isLfs: false }];
  const [, name, value = ''] = /^(filter|working-tree-encoding)=(.+)$/s.exec(token) ?? [];
  if (name === 'filter') return [{ by: 'filter', isLfs: value === 'lfs' }];
  if (name === 'working-tree-encoding') return /^utf-?8$/i.test(value) ? [] : [{ by: name, isLfs: false }];
  return macros.get(token) ?? [];
}

/** A line that says something of rewriting. */
function lineOf(
  { pattern, tokens, where }: RawLine,
  macros: ReadonlyMap<string, readonly Setting[]>,
): Line | undefined {
  // What a folder itself is given has no effect on the files in it.
  if (pattern.startsWith('[attr]') || pattern.endsWith('/')) return undefined;
  const sets = distinctSettings(tokens.flatMap((token) => settingsOf(token, macros))).map((each) => ({
    ...each,
    where,
  }));
  const given = new Set(sets.map(({ by }): string => by));
  const unsets = new Set(
    tokens.flatMap((token) => {
      const by = /^[-!](ident|filter|working-tree-encoding)$/.exec(token)?.[1];
      return by === undefined || given.has(by) ? [] : [by];
    }),
  );
  const exact = sets.length === 0 ? exactly(pattern) : undefined;
  if (sets.length > 0) return { matches: atLeast(pattern), sets, unsets: new Set() };
  return unsets.size > 0 && exact ? { matches: exact, sets, unsets } : undefined;
}

/** Matches all that a pattern does, and more where it has other signs than stars, or the system tells no cases apart. */
function atLeast(pattern: string): (path: string) => boolean {
  const plain = widened(pattern.toLowerCase()).replace(/(^|\/)\*\*\//g, '*');
  const matches = wildcard(plain.replace(/^\//, ''));
  // A pattern without a slash is one of names.
  return plain.includes('/') || pattern.includes('/')
    ? (path) => matches(path.toLowerCase())
    : (path) => matches(fileName(path).toLowerCase());
}

/** A pattern with a star for everything that is neither a star nor a sign of its own. */
function widened(pattern: string): string {
  let wide = '';
  for (let at = 0; at < pattern.length; at++) {
    const sign = pattern.charAt(at);
    if (sign === '\\') {
      wide += '*';
      at += /^[0-7]{3}/.test(pattern.slice(at + 1, at + 4)) ? 3 : 1;
    } else if (sign === '[') {
      // `[pP]` is one letter here; of any other list, the end is not looked for.
      const isLetter = pattern.charAt(at + 3) === ']' && pattern.charAt(at + 1) === pattern.charAt(at + 2);
      const last = pattern.lastIndexOf(']');
      wide += isLetter ? pattern.charAt(at + 1) : '*';
      at = isLetter ? at + 3 : last > at ? last : pattern.length;
    } else wide += sign === '?' ? '*' : sign;
  }
  return wide;
}

/** Matches what a pattern does; undefined for one that says more than stars in a name, or one path. */
function exactly(pattern: string): ((path: string) => boolean) | undefined {
  if (/[[\\?]/.test(pattern)) return undefined;
  const matches = wildcard(pattern.replace(/^\//, ''));
  if (pattern.includes('/')) return pattern.includes('*') ? undefined : matches;
  return (path) => matches(fileName(path));
}

/** Whether a text has what `ident` fills in: `$Id$`, or what it was filled in with before (git convert.c). */
export function hasIdent(bytes: Buffer): boolean {
  return /\$Id(?::[^$\n]*)?\$/.test(bytes.toString('latin1'));
}
