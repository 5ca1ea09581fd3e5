import type { Block } from '../../model/fix-markdown.ts';
import { memoizePer } from '../../model/memoize.ts';
import { count } from '../../model/prose.ts';
import type { MaskedLocation, MaskedSource } from '../../model/report.ts';
import { lineOf } from '../../model/source.ts';
import { cut } from '../prose.ts';
import { type Entry, outlineOf, unquoted } from './outline.ts';

/** A line of a block, as it stands to the file that was audited. */
export interface DiffLine {
  readonly kind: 'there' | 'added' | 'removed';
  readonly text: string;
}

/** So many lines of what a block replaces are shown. */
const mostRemoved = 6;
const longestLine = 120;
/** No fix has a longer line. */
const longestCompared = 2000;

/**
 * Keys that cannot stand beside another: a volume has one kind, a variable one value, a ref names its
 * branches, and a key is in the place of a password.
 */
const excluded: Readonly<Partial<Record<string, readonly string[]>>> = {
  'temp:': ['host:', 'claim:', 'config_map:', 'secret:'],
  'ref:': ['branch:'],
  'ssh_key:': ['password:'],
  'valueFrom:': ['value:'],
  'value:': ['valueFrom:'],
};

/** Keys that would spoil what is added beside them, and of which a fix may or may not mean to keep something. */
const spoiling: Readonly<Partial<Record<string, string>>> = {
  'settings:': 'commands:',
  'repo:': 'commands:',
  'ref:': 'event:',
  'runtime:': 'privileged:',
};
/** What has to go, whatever is added. */
const hostNetwork = /\b(?:network_mode|hostNetwork):/;

/** A line of a diff; undefined where the lines do not tell what has to go. */
type Line = (DiffLine & { readonly line?: number }) | undefined;

interface Ends {
  /** The line that the finding is at, from 0; -1 in another file. */
  readonly at: number;
  readonly lines: readonly string[];
}

/**
 * A block of a fix against the file that its first line names: what is there already, what is to be added, and what the block
 * stands in the place of, as far as the lines alone tell that. Undefined for a block that is no part of a file that was
 * read, or that would be added as it is at a place that is not known, and where the diff would not be the whole mend.
 */
export function diffOf(
  { language, text }: Block,
  at: MaskedLocation,
  sources: ReadonlyMap<string, MaskedSource>,
): readonly DiffLine[] | undefined {
  const [head = '', ...lines] = text.split('\n');
  const source = head.startsWith('# ') ? sources.get(head.slice(2)) : undefined;
  if (!source || (language !== 'yaml' && language !== 'ini') || lines.some((line) => line.startsWith('---')))
    return undefined;
  const isYaml = language === 'yaml';
  const [block] = outlineOf(lines, isYaml);
  if (!block) return undefined;
  const documents = (isYaml ? yamlOf : listOf)(source);
  const ends: Ends = { at: source.name === at.source.name ? lineOf(at) - 1 : -1, lines: linesOf(source) };
  const scope = scopeOf(block.children, documents, ends.at);
  if (!scope && isYaml) return undefined;
  const found: (DiffLine & { readonly line?: number })[] = [];
  for (const line of compared(block.children, scope ?? documents[0], { block: lines, ends, gone: new Set() })) {
    if (!line) return undefined;
    found.push(line);
  }
  const hasStayed = hostNetwork.test(ends.lines[ends.at]?.slice(0, longestCompared) ?? '');
  if (hasStayed && !found.some(({ line }) => line === ends.at)) return undefined;
  // A value that is to come from a secret stands somewhere.
  const isSecret = found.some(({ kind, text }) => kind === 'added' && /from_secret:|^ *secrets:/.test(text));
  if (isSecret && !found.some(({ kind }) => kind === 'removed')) return undefined;
  const isChange = found.some(({ kind }) => kind !== 'there');
  return isChange ? [{ kind: 'there', text: head }, ...inFileOrder(found)] : undefined;
}

/** What is removed at one place stands as it does in the file. */
function inFileOrder(lines: readonly (DiffLine & { readonly line?: number })[]): readonly DiffLine[] {
  const ordered: (DiffLine & { readonly line?: number })[][] = [];
  for (const line of lines) {
    const last = ordered.at(-1);
    if (line.kind === 'removed' && last?.[0]?.kind === 'removed') last.push(line);
    else ordered.push([line]);
  }
  return ordered
    .flatMap((run) => run.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)))
    .map(({ kind, text }) => ({ kind, text }));
}

const linesOf = memoizePer(({ text }: MaskedSource): readonly string[] => text.split(/\r\n|[\r\n]/));
const yamlOf = memoizePer((source: MaskedSource) => outlineOf(linesOf(source), true));
const listOf = memoizePer((source: MaskedSource) => outlineOf(linesOf(source), false));

/**
 * Of the parts around the finding the one that has most of the block, the innermost of several; without a place, the first
 * document that has any of it.
 */
function scopeOf(entries: readonly Entry[], documents: readonly Entry[], at: number): Entry | undefined {
  const own = documents.findLast(({ line }) => line <= at);
  if (!own) return documents.find((each) => alike(entries, each) > 0);
  let scope: Entry | undefined;
  let most = 0;
  for (
    let each: Entry | undefined = own;
    each;
    each = each.children.findLast((child) => child.line <= at && at < child.end)
  ) {
    // Lines within brackets tell nothing.
    if (isFlow(each)) break;
    const amount = alike(entries, each);
    if (amount > 0 && amount >= most) scope = each;
    most = Math.max(most, amount);
  }
  return scope ?? firstItemIn(own, entries[0]);
}

/** How many of some entries a part has, and of these theirs. */
function alike(entries: readonly Entry[], scope: Entry): number {
  if (!isSameKind(entries, scope)) return 0;
  let amount = 0;
  for (const entry of entries) {
    const there = scope.children.find(({ key }) => key === entry.key);
    if (there) amount += 1 + alike(entry.children, there);
  }
  return amount;
}

/** A step that the finding does not stand in is found by its name. */
function firstItemIn(document: Entry, item: Entry | undefined): Entry | undefined {
  if (!item?.isItem) return undefined;
  const lists = document.children.filter(({ value }) => value === '');
  return lists.find(({ children }) => children.some(({ key }) => key === item.key));
}

/** Another object of Kubernetes is no change of this one, nor is another pipeline. */
function isSameKind(entries: readonly Entry[], scope: Entry): boolean {
  return ['apiVersion:', 'kind:', 'name:'].every((key) => {
    const wanted = entries.find((entry) => entry.key === key);
    const there = scope.children.find((entry) => entry.key === key);
    return !wanted || !there || unquoted(wanted.value) === unquoted(there.value);
  });
}

interface Texts {
  readonly block: readonly string[];
  readonly ends: Ends;
  /** What is shown as removed already. */
  readonly gone: Set<Entry>;
}

function* compared(entries: readonly Entry[], scope: Entry | undefined, texts: Texts): Generator<Line> {
  for (const entry of entries) {
    const there = scope?.children.find(({ key }) => key === entry.key);
    if (!there) {
      if (scope) yield* goneWith(entry, entries, scope, texts);
      yield* all('added', entry, texts);
    } else if (isEqual(entry, there)) yield* all('there', entry, texts);
    else if (isContainer(entry) && isFlow(there) && !isCondition(entry)) yield undefined;
    else if (isContainer(entry) && (there.value === '' || /^&\S+$/.test(there.value))) {
      yield { kind: 'there', text: texts.block[entry.line] ?? '' };
      const inside = entry.isItem
        ? entry.children.filter(({ line, key }) => line > entry.line || key !== 'name:')
        : entry.children;
      yield* privilegeGone(inside, there, texts);
      yield* compared(inside, there, texts);
    } else if (isSameButForQuotes(entry, there)) yield* all('there', entry, texts);
    else {
      yield* removed(there, entry, texts);
      yield* all('added', entry, texts);
    }
  }
}

function* all(kind: 'there' | 'added', { line, end }: Entry, { block }: Texts): Generator<DiffLine> {
  for (const text of block.slice(line, end)) yield { kind, text };
}

/** What stands there now and cannot stay beside what is added. */
function* goneWith(entry: Entry, entries: readonly Entry[], scope: Entry, texts: Texts): Generator<Line> {
  const { at } = texts.ends;
  const isOfList = entry.isItem && (scope.key === 'ports:' || scope.key === 'volumes:') && entry.children.length === 0;
  const has = (key: string | undefined): boolean =>
    scope.children.some((each) => each.key === key) && !entries.some((each) => each.key === key);
  const isUnclear = has(spoiling[entry.key]) || (entry.isItem && scope.children.some(isFlow));
  const gone = scope.children.find(
    ({ key, line, children }) =>
      (excluded[entry.key]?.includes(key) && has(key)) || (isOfList && line === at && children.length === 0),
  );
  if (isUnclear || (isOfList && !gone)) yield undefined;
  else if (gone && !texts.gone.has(gone)) yield* removed(gone, entry, texts);
}

/** An image in the place of one that needed privileges does without. */
function* privilegeGone(entries: readonly Entry[], { children }: Entry, texts: Texts): Generator<Line> {
  const image = entries.find(({ key }) => key === 'image:');
  const gone = children.find(({ key, line }) => key === 'privileged:' && line === texts.ends.at);
  if (image && gone && !entries.some(({ key }) => key === gone.key)) yield* removed(gone, image, texts);
}

function* removed(there: Entry, { indent }: Entry, { ends, gone }: Texts): Generator<Line> {
  gone.add(there);
  const further = ends.lines.slice(there.line + 1, there.end);
  const shown = further.slice(0, mostRemoved - 1).map((each) => each.slice(Math.min(there.indent, indentOf(each))));
  const { line } = there;
  for (const each of [there.text, ...shown]) {
    const text = ' '.repeat(indent) + cut(each.slice(0, 2 * longestLine).trimEnd(), longestLine);
    yield { kind: 'removed', text, line };
  }
  const rest = further.length - shown.length;
  if (rest > 0) yield { kind: 'removed', text: `${' '.repeat(indent)}(${count(rest, 'more line')})`, line };
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

function isContainer({ value, children }: Entry): boolean {
  return value === '' && children.length > 0;
}

/** Whether a value or an item is written in brackets or elsewhere, of which lines alone do not tell what stays. */
function isFlow({ value, text, isItem }: Entry): boolean {
  return /^(?:&\S+ )?[{[*]/.test(isItem ? text.slice(1).trimStart() : value);
}

/** What stands in the place of any list of patterns. */
function isCondition({ key, children }: Entry): boolean {
  return key !== '' && children.every((child) => child.key === 'include:' || child.key === 'exclude:');
}

function isSameButForQuotes(entry: Entry, there: Entry): boolean {
  const isLine = entry.end === entry.line + 1 && there.end === there.line + 1;
  if (!isLine || there.text.length > longestCompared) return false;
  return entry.text.replace(/["']/g, '') === there.text.replace(/["']/g, '');
}

function isEqual(entry: Entry, there: Entry): boolean {
  // A comment that the block adds, too, is a change.
  if (/ #/.test(entry.text) && entry.text !== there.text) return false;
  const [wanted, own] = [valuesOf(entry), valuesOf(there)];
  return wanted !== undefined && own !== undefined && wanted.join('\n') === own.join('\n');
}

/** A value, or the items of a list of values, in whatever way it is written; undefined for what is nested further. */
function valuesOf({ value, text, key, isItem, children }: Entry): readonly string[] | undefined {
  if (text.length > longestCompared) return undefined;
  if (isItem && children.length === 0) return [unquoted(text.slice(1).trim())];
  if (value === '' && children.length === 0) return [key.endsWith('=') ? text : ''];
  if (/^\[[^[\]{}"']*\]$/.test(value))
    return value
      .slice(1, -1)
      .split(',')
      .map((each) => each.trim());
  if (value !== '') return children.length === 0 ? [unquoted(value)] : undefined;
  return children.every((child) => child.isItem && child.children.length === 0)
    ? children.map((child) => unquoted(child.text.slice(1).trim()))
    : undefined;
}
