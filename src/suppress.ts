import { binarySearch } from './model/binary-search.ts';
import { meantAmong } from './model/nearest.ts';
import type { Problem } from './model/report.ts';
import { type Form, lineStarts, type Source } from './model/source.ts';
import { say, type Text } from './model/text.ts';

/** One `# drone-audit: ignore[rule-id] reason`. Lines start at 1. */
export interface Comment {
  readonly source: Source;
  readonly line: number;
  readonly column: number;
  readonly rules: readonly string[];
  readonly reason: string;
  /** It applies to findings that begin in these lines. */
  readonly first: number;
  readonly last: number;
}

const form = /#[ \t]*drone-audit:[ \t]*ignore\[([^\]\n]*)\](.*)/s;
/** Jsonnet also has `//` comments. */
const formOfJsonnet = /(?:#|\/\/)[ \t]*drone-audit:[ \t]*ignore\[([^\]\n]*)\](.*)/s;
/** Forms that have `#` comments. In a docker env file, only whole lines are comments. */
const commented: ReadonlySet<Form> = new Set<Form>([
  'drone',
  'compose',
  'env',
  'docker-env',
  'systemd',
  'kubernetes',
  'helm-values',
  'docker-run',
  'starlark',
  'jsonnet',
]);
const nested: ReadonlySet<Form> = new Set<Form>(['drone', 'compose', 'kubernetes', 'helm-values']);
/** Forms in which a backslash at the end of a line continues it; no comment has room within such a command. */
const continued: ReadonlySet<Form> = new Set<Form>(['docker-run', 'systemd']);

/** How many misspelt names of a text are compared with all rules. */
const maxHints = 20;

/** The suppressing comments of a text, and what is wrong with the rest. */
export function readComments(
  source: Source,
  knownRules: ReadonlySet<string>,
): { readonly comments: readonly Comment[]; readonly problems: readonly Problem[] } {
  if (!commented.has(source.form) || !source.text.includes('drone-audit:')) return { comments: [], problems: [] };
  const all = [...knownRules];
  const lines = linesOf(source);
  const layout = layoutOf(lines, source.form === 'jsonnet' ? /^\s*(?:#|\/\/|$)/ : /^\s*(?:#|$)/);
  const ends = new Map<number, number>();
  const comments: Comment[] = [];
  const problems: Problem[] = [];
  for (const [index, line] of lines.entries()) {
    const found = (source.form === 'jsonnet' ? formOfJsonnet : form).exec(line);
    if (!found) continue;
    const before = line.slice(0, found.index);
    const alone = before.trim() === '';
    if (!alone && (source.form === 'docker-env' || !/\s$/.test(before))) continue;
    const rules = [...new Set((found[1] ?? '').split(',').map((id) => id.trim()))];
    const reason = (found[2] ?? '').trim();
    const column = found.index + 1;
    const wrong = rules.filter((id) => !knownRules.has(id));
    const complain = (message: Text): void => {
      problems.push({ kind: 'suppression', source: source.name, message, line: index + 1, column, incomplete: false });
    };
    for (const id of wrong) {
      const meant = problems.length < maxHints ? meantAmong(id, all) : undefined;
      const hint = meant === undefined ? say`` : say`; did you mean "${meant}"?`;
      complain(say`suppression names "${id}", which is not a rule${hint}`);
    }
    if (reason === '')
      complain(
        say`suppression has no reason and does not count: write "ignore[${rules.join(', ')}] why this is meant"`,
      );
    else if (wrong.length < rules.length) {
      const target = alone ? (layout.next[index + 1] ?? index) : index;
      const last = ends.get(target) ?? lastLineOf(source.form, lines, layout, target);
      ends.set(target, last);
      const first = alone ? index : target;
      comments.push({ source, line: index + 1, column, rules, reason, first: first + 1, last: last + 1 });
    }
  }
  return { comments, problems };
}

function linesOf(source: Source): string[] {
  const starts = lineStarts(source);
  return starts.map((start, i) =>
    source.text.slice(start, starts[i + 1] ?? source.text.length).replace(/(?<![\r\n])[\r\n]+$/, ''),
  );
}

/** Looks up which comment of a text, given in order, applies to a rule in a line; of several, the first. */
export function commentFinder(comments: readonly Comment[]): (rule: string, line: number) => Comment | undefined {
  const parts = new Map<string, { readonly first: number; readonly last: number; readonly comment: Comment }[]>();
  for (const comment of comments)
    for (const rule of comment.rules) {
      const known = parts.get(rule) ?? [];
      parts.set(rule, known);
      // Lines that an earlier comment covers stay its own.
      const first = Math.max(comment.first, (known.at(-1)?.last ?? 0) + 1);
      if (first <= comment.last) known.push({ first, last: comment.last, comment });
    }
  return (rule, line) => {
    const known = parts.get(rule) ?? [];
    const found = known[binarySearch(known, ({ last }) => last >= line)];
    return found && found.first <= line ? found.comment : undefined;
  };
}

/** The structure of a text's lines, found in one pass. */
interface Layout {
  /** For each line, the index of the first line from it on that is neither blank nor a comment. */
  readonly next: readonly (number | undefined)[];
  /** For each line, the index of the last line with content in its document. */
  readonly documentEnd: readonly number[];
  /** For each line, the index of the line at which what it continues ends. */
  readonly commandEnd: readonly number[];
}

function layoutOf(lines: readonly string[], empty: RegExp): Layout {
  const next: (number | undefined)[] = new Array(lines.length);
  const documentEnd: number[] = new Array(lines.length);
  const commandEnd: number[] = new Array(lines.length);
  let content: number | undefined;
  let end = -1;
  for (let index = lines.length - 1; index >= 0; index--) {
    const line = lines[index] ?? '';
    const isEmpty = empty.test(line);
    if (!isEmpty) content = index;
    next[index] = content;
    if (!isEmpty && end < 0) end = index;
    documentEnd[index] = Math.max(end, index);
    if (line.startsWith('---')) end = -1;
    commandEnd[index] = line.endsWith('\\') ? (commandEnd[index + 1] ?? index) : index;
  }
  return { next, documentEnd, commandEnd };
}

/** Index of the last line of what a line begins. */
function lastLineOf(form: Form, lines: readonly string[], layout: Layout, target: number): number {
  if (nested.has(form)) return blockEnd(lines, layout, target);
  return continued.has(form) ? (layout.commandEnd[target] ?? target) : target;
}

/**
 * Index of the last line of the block that a line begins: everything that is indented deeper, for a step or a service.
 * At the top of a document (`---`, `kind:`), the block is the whole document.
 */
function blockEnd(lines: readonly string[], { documentEnd }: Layout, target: number): number {
  const head = lines[target] ?? '';
  if (/^(?:---|kind:)/.test(head)) return documentEnd[target] ?? target;
  const depth = indentation(head);
  /** The items of a list may be indented no deeper than its key. */
  const mayHaveItems = !/^\s*-(?:\s|$)/.test(head) && endsWithKey(head);
  let end = target;
  for (let i = target + 1; i < lines.length; i++) {
    const line = lines[i] ?? '';
    if (line.startsWith('---')) break;
    if (/^\s*(?:#|$)/.test(line)) continue;
    const indent = indentation(line);
    if (indent < depth || (indent === depth && !(mayHaveItems && /^\s*-(?:\s|$)/.test(line)))) break;
    end = i;
  }
  return end;
}

/** Whether nothing stands behind the key of a line but its anchor, its tag and a comment: `commands: &make !!seq # x`. */
function endsWithKey(line: string): boolean {
  // A key in quotes may hold what looks like a comment.
  const ends = [line.length, line.search(/\s#/), line.lastIndexOf(' #')];
  return ends.some((end) => {
    const words = line.slice(0, Math.max(0, end)).trim().split(/\s+/);
    const last = words.findLast((word) => !/^[&!]/.test(word));
    return last?.endsWith(':') === true;
  });
}

function indentation(line: string): number {
  return line.length - line.trimStart().length;
}
