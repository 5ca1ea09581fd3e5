import { say } from '../../model/text.ts';
import { contentSpan, parseShell, type ShellAssignment, type ShellCommand, type ShellWord } from '../../shell/parse.ts';
import { addEntry, addProblem, byteOrderMark, type EnvEntry, type Findings, type Piece } from './findings.ts';

/** Names whose fate is worth a note. */
const ofDrone = /^(?:CLIENT_)?DRONE_/;
const variableName = /^[A-Za-z_]\w*$/;
const declaring: ReadonlySet<string> = new Set(['export', 'declare', 'readonly', 'typeset']);
/** How long all values together may grow by references to each other. */
const maxExpanded = 4_000_000;
/** How deep `eval` may be nested. */
const maxDepth = 3;

/** How a file is sourced. */
export interface Sourcing {
  /** Whether every variable is exported (`set -a`), as for a file that is meant to hold an environment. */
  readonly exportsAll: boolean;
  /** A variable of the shell that sources it; undefined if it is not known. */
  readonly outer?: (name: string) => string | undefined;
}

/** A variable at the end of a file. */
interface Variable {
  readonly name: Piece;
  /** Absent for a name that is only exported. */
  readonly value?: Piece;
  readonly quality: Pick<EnvEntry, 'quoted' | 'dynamic' | 'fallback'>;
  readonly exported: boolean;
}

interface Shell {
  readonly found: Findings;
  readonly sourcing: Sourcing;
  /** Removed ones are undefined. */
  readonly variables: Map<string, Variable | undefined>;
  exportsAll: boolean;
  budget: number;
  ended: boolean;
}

/**
 * A file that a shell sources: what its variables are at its end. Commands are not run; what only some of them decide
 * (`if`, `$(command)`) is dynamic, and what does not last (a subshell, `NAME=value command`) is left out. Nothing is
 * read after a syntax error.
 */
export function readShellEnv(found: Findings, sourcing: Sourcing = { exportsAll: true }): void {
  const variables = new Map<string, Variable | undefined>();
  const shell: Shell = {
    found,
    sourcing,
    variables,
    exportsAll: sourcing.exportsAll,
    budget: maxExpanded,
    ended: false,
  };
  const { text } = found.source;
  const start = text.startsWith(byteOrderMark) ? 1 : 0;
  runAll(shell, text.slice(start), start, 0);
  for (const variable of variables.values())
    if (variable?.exported || (variable && !sourcing.exportsAll))
      addEntry(found, variable.name, variable.value, {
        ...variable.quality,
        ...(variable.exported ? {} : { exported: false }),
      });
}

function runAll(shell: Shell, text: string, offset: number, depth: number): void {
  const script = parseShell(text, { offset });
  const { source } = shell.found;
  const [error] = script.errors;
  // The line with the error is not run, nor is a command that goes on there.
  const end = error === undefined ? Number.POSITIVE_INFINITY : source.text.lastIndexOf('\n', error - 1) + 1;
  if (error !== undefined) addProblem(shell.found, error, say`the shell stops at a syntax error here`);
  for (const command of script.commands) {
    if (command.span.start >= end || command.span.end > (error ?? Number.POSITIVE_INFINITY) || shell.ended) return;
    if (command.lasts !== 'no') run(shell, command, depth);
  }
}

function run(shell: Shell, command: ShellCommand, depth: number): void {
  const [first, ...rest] = command.words;
  const name = first?.text;
  const perhaps = command.lasts === 'perhaps';
  for (const word of command.words) assignDefaults(shell, word, perhaps);
  if (first === undefined || declaring.has(name ?? '')) {
    const flags = rest.flatMap(({ text }) => (text?.startsWith('-') ? [text] : [])).join('');
    const exported = flags.includes('n') ? false : name === 'export' || flags.includes('x') || undefined;
    for (const assignment of command.assignments) assign(shell, assignment, perhaps, exported);
    if (exported !== undefined) for (const word of rest) exportName(shell, word, exported, perhaps);
    return;
  }
  for (const assignment of command.assignments)
    if (ofDrone.test(assignment.name))
      addProblem(
        shell.found,
        assignment.nameSpan.start,
        say`the variable is set for the command after it alone`,
        false,
      );
  switch (name) {
    case 'unset':
      for (const { text } of rest)
        if (text !== undefined && variableName.test(text)) forget(shell, text, perhaps ? 'unknown' : 'unset');
      return;
    case 'read':
      for (const { text } of rest) if (text !== undefined && variableName.test(text)) forget(shell, text, 'unknown');
      return;
    case 'set': {
      const flags = rest.map(({ text }) => text ?? '').join(' ');
      if (/(?:^| )(?:-[a-z]*a|-o allexport)/.test(flags)) shell.exportsAll = true;
      else if (/(?:^| )(?:\+[a-z]*a|\+o allexport)/.test(flags)) shell.exportsAll = false;
      return;
    }
    case 'eval': {
      const { text, span } = literal(rest);
      if (text !== undefined && !perhaps && depth < maxDepth) runAll(shell, text, span.start, depth + 1);
      return;
    }
    case 'exit':
    case 'return':
      shell.ended = !perhaps;
      return;
    default:
      return;
  }
}

/** The text of arguments, if it is one that stands in the source as it is. */
function literal(words: readonly ShellWord[]): { text?: string; span: { start: number; end: number } } {
  const [only, ...others] = words;
  const span = only ? contentSpan(only) : { start: 0, end: 0 };
  const text = others.length === 0 ? only?.text : undefined;
  return text !== undefined && text.length === span.end - span.start ? { text, span } : { span };
}

function assign(shell: Shell, assignment: ShellAssignment, perhaps: boolean, exported: boolean | undefined): void {
  const { name, nameSpan, value, partial, appends } = assignment;
  const before = shell.variables.get(name);
  // An array is no part of an environment.
  if (!value || (partial && !appends)) {
    forget(shell, name, 'array');
    return;
  }
  const span = contentSpan(value);
  const { text: source } = shell.found.source;
  const expanded = expand(shell, value);
  const beginning = appends ? textOf(before) : '';
  const text = expanded.text === undefined || beginning === undefined ? undefined : beginning + expanded.text;
  const isKnown = text !== undefined && !perhaps;
  const [piece] = value.pieces;
  const sign = source[span.start - 1];
  const isQuoted = value.pieces.length === 1 && piece?.quoted && (sign === '"' || sign === "'");
  if (perhaps && ofDrone.test(name))
    addProblem(shell.found, nameSpan.start, say`a condition decides whether the variable is set`, false);
  shell.variables.delete(name);
  shell.variables.set(name, {
    name: { text: name, ...nameSpan },
    value: { text: isKnown ? text : source.slice(span.start, span.end), ...span },
    quality: {
      ...(isQuoted ? { quoted: sign === '"' ? 'double' : 'single' } : {}),
      ...(isKnown ? {} : { dynamic: true }),
      ...(isKnown && expanded.fallback ? { fallback: true } : {}),
    },
    exported: exported ?? (shell.exportsAll || before?.exported === true),
  });
}

/** `export NAME`, `export -n NAME` */
function exportName(shell: Shell, { text, span }: ShellWord, exported: boolean, perhaps: boolean): void {
  if (text === undefined || !variableName.test(text) || perhaps) return;
  const variable = shell.variables.get(text);
  if (variable) shell.variables.set(text, { ...variable, exported });
  else if (exported && !shell.variables.has(text))
    shell.variables.set(text, { name: { text, start: span.start, end: span.end }, quality: {}, exported });
}

function forget(shell: Shell, name: string, why: 'unset' | 'unknown' | 'array'): void {
  const variable = shell.variables.get(name);
  if (why !== 'unknown' || !variable?.value) shell.variables.set(name, undefined);
  else shell.variables.set(name, { ...variable, quality: { dynamic: true } });
}

function textOf(variable: Variable | undefined): string | undefined {
  return variable?.quality.dynamic ? undefined : variable?.value?.text;
}

interface Expanded {
  /** Absent if only the shell knows it. */
  readonly text?: string;
  readonly fallback: boolean;
}

/** `${NAME:=word}` sets the variable, wherever it stands. */
function assignDefaults(shell: Shell, { pieces }: ShellWord, perhaps: boolean): void {
  for (const piece of pieces) {
    if (piece.kind !== 'variable' || !piece.word || !piece.operator?.endsWith('=')) continue;
    const { name, operator, word, span } = piece;
    const now = knownText(shell, name);
    if (now !== undefined && !(operator === ':=' && now === '')) continue;
    if (now === undefined && shell.variables.get(name)) continue;
    const start = span.start + 2;
    const nameSpan = { start, end: start + name.length };
    assign(shell, { name, nameSpan, value: word, partial: false }, perhaps, undefined);
    const variable = shell.variables.get(name);
    if (variable && now === undefined)
      shell.variables.set(name, { ...variable, quality: { ...variable.quality, fallback: true } });
  }
}

/** What is known of a variable. */
function knownText({ variables, sourcing }: Shell, name: string): string | undefined {
  return variables.has(name) ? textOf(variables.get(name)) : sourcing.outer?.(name);
}

function expand(shell: Shell, { pieces }: ShellWord): Expanded {
  let text = '';
  let fallback = false;
  for (const piece of pieces) {
    let part: Expanded = { fallback: false };
    if (piece.kind === 'text') part = { text: piece.text, fallback: false };
    else if (piece.kind === 'variable') part = expandVariable(shell, piece.name, piece.operator ?? '', piece.word);
    else if (piece.kind === 'other' && piece.of) {
      const { of } = piece;
      const value = knownText(shell, of.name);
      if (value === undefined || of.kind === 'elements') return { fallback: false };
      if (of.kind === 'slice')
        part = { text: value.slice(of.from, of.length === undefined ? undefined : of.from + of.length), fallback };
      else if (value === '' && of.operator === ':+') part = { text: '', fallback };
      else part = expand(shell, of.word);
    }
    shell.budget -= part.text?.length ?? 0;
    if (part.text === undefined || shell.budget < 0) return { fallback: false };
    text += part.text;
    fallback ||= part.fallback;
  }
  return { text, fallback };
}

function expandVariable(shell: Shell, name: string, operator: string, word: ShellWord | undefined): Expanded {
  const value = knownText(shell, name);
  const isUnset = value === undefined && shell.variables.get(name) === undefined;
  if (word && /[-=]$/.test(operator) && (isUnset || (value === '' && operator.startsWith(':')))) {
    const inner = expand(shell, word);
    return { ...inner, fallback: inner.fallback || (isUnset && !shell.variables.has(name)) };
  }
  if (value === '' && operator === ':?') return { fallback: false };
  return value === undefined ? { fallback: false } : { text: value, fallback: false };
}
