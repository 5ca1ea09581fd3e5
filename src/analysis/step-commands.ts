import { findSubstitutions } from '../drone/substitution.ts';
import { binarySearch } from '../model/binary-search.ts';
import { memoizePer } from '../model/memoize.ts';
import type { Pipeline, Step } from '../model/pipeline.ts';
import type { Located, Location, Source, Span } from '../model/source.ts';
import {
  type CommandDocument,
  type CommandPart,
  type CommandRedirection,
  type CommandWord,
  commandsOfParts,
  everyCommand,
  type SimpleCommand,
  type StepCommand,
} from '../shell/commands.ts';
import { parseShell, type ShellCommand, type ShellPiece, type ShellScript, type ShellWord } from '../shell/parse.ts';
import { scalarMap } from './scalar-map.ts';

/** Shells of shells that are still followed. */
const maxShellDepth = 3;
/** Takes the place of `${NAME}` in what is given to the shell's parser: no shell gives it a meaning. */
const mark = '\ue000';
const shells = /^(?:.*\/)?(?:sh|bash|ash|dash|zsh|ksh)$/;

/** A text as a shell gets it, with the way back to where it is written. */
interface Script {
  readonly text: string;
  /** Place of a part of the text. */
  readonly place: (span: Span) => Location;
  /** Drone's own expressions, which stand as marks in the text, in order. */
  readonly substituted: readonly Substituted[];
}

interface Substituted {
  readonly start: number;
  readonly end: number;
  readonly name: string;
  readonly expression: string;
}

type Parsed = Pick<StepCommand, 'commands' | 'otherWords' | 'malformed'>;

/** What was already parsed of a file, by place and text, and how many characters may still be handed out. */
interface Budget {
  readonly parsed: Map<string, Parsed>;
  left: number;
}

/** More than a file can hold without aliases; they could repeat a long command without end. */
const maxCharacters = 6_000_000;
const budgetOf = memoizePer((_: Source): Budget => ({ parsed: new Map(), left: maxCharacters }));

/** The commands of a step, parsed at the first call; those of windows and of other shells are only recognised. */
export function commandsOf(pipeline: Pipeline, step: Step): readonly StepCommand[] {
  return commandsIn(pipeline)(step);
}

const commandsIn = memoizePer((pipeline: Pipeline) => memoizePer((step: Step) => readCommands(pipeline, step)));

/** All simple commands of a step in order; those inside substitutions and `sh -c` follow the one that contains them. */
export function everyCommandOf(pipeline: Pipeline, step: Step): readonly SimpleCommand[] {
  return everyCommandIn(pipeline)(step);
}

const everyCommandIn = memoizePer((pipeline: Pipeline) =>
  memoizePer((step: Step): readonly SimpleCommand[] =>
    commandsOf(pipeline, step).flatMap(({ commands, otherWords }) => [
      ...everyCommand(commands),
      ...otherWords.flatMap(({ parts }) => commandsOfParts(parts)),
    ]),
  ),
);

function readCommands(pipeline: Pipeline, step: Step): readonly StepCommand[] {
  const language = languageOf(pipeline, step);
  const budget = budgetOf(pipeline.source);
  if (step.commands.length > 0)
    return step.commands.map((command) => readCommand(command, 'commands', language, budget));
  return readArguments(pipeline, step, language, budget);
}

/**
 * Runners write a script for PowerShell where the platform is windows, else one for /bin/sh, whatever `shell` says
 * (drone-runner-docker engine/compiler/script.go:16-27, drone/runner-go shell/shell_windows.go). Where `shell` names another
 * one, the commands are meant for it.
 */
function languageOf(pipeline: Pipeline, step: Step): StepCommand['language'] {
  const shell = (step.shell?.value ?? '').toLowerCase();
  if (/(?:^|[\\/])cmd(?:\.exe)?$/.test(shell)) return 'cmd';
  if (/(?:powershell|pwsh)(?:\.exe)?$/.test(shell)) return 'powershell';
  return pipeline.os.value.toLowerCase() === 'windows' ? 'powershell' : 'posix';
}

function readCommand(
  located: Located<string>,
  field: StepCommand['field'],
  language: StepCommand['language'],
  budget: Budget,
): StepCommand {
  const { value: text, at } = located;
  return { at, text, field, language, ...(language === 'posix' ? parsedOf(located, budget) : notParsed) };
}

const notParsed: Parsed = { commands: [], otherWords: [], malformed: false };

/** A command that several steps share is taken apart once; its parts have the place of the first. */
function parsedOf(located: Located<string>, budget: Budget): Parsed {
  budget.left -= located.value.length;
  if (budget.left < 0) return { ...notParsed, malformed: true };
  const { start, end } = located.at.span;
  // The values of a matrix make different commands of one text.
  const key = `${start}-${end} ${located.value}`;
  const cached = budget.parsed.get(key);
  if (cached) return cached;
  const script = scriptOf(located);
  const parsed = parseShell(script.text);
  const result: Parsed = {
    commands: simpleCommandsOf(parsed, script, 0),
    otherWords: parsed.otherWords.map((word) => wordOf(word, script, 0)),
    malformed: parsed.errors.length > 0,
  };
  budget.parsed.set(key, result);
  return result;
}

/**
 * A script in `entrypoint` and `command`: what follows `sh -c`. The kubernetes runner joins both with blanks to a script
 * (drone-runner-kube@018c416 engine/compiler/script.go:28-40), so there each word is one.
 */
function readArguments(
  pipeline: Pipeline,
  step: Step,
  language: StepCommand['language'],
  budget: Budget,
): readonly StepCommand[] {
  const words = [
    ...step.entrypoint.map((word) => ({ word, field: 'entrypoint' as const })),
    ...step.command.map((word) => ({ word, field: 'command' as const })),
  ];
  if (pipeline.type === 'kubernetes' && step.entrypoint.length > 0)
    return words.map(({ word, field }) => readCommand(word, field, language, budget));
  const flag = words.findIndex(
    ({ word }, index) => index > 0 && /^-[a-z]*c$/.test(word.value) && shells.test(words[index - 1]?.word.value ?? ''),
  );
  const script = flag < 0 ? undefined : words[flag + 1];
  return script ? [readCommand(script.word, script.field, language, budget)] : [];
}

/**
 * What the shell gets of a command: Drone's expressions as marks, `$$` as `$`, and without the backslashes that Drone's
 * substitution takes away (parse/scan.go scanEscaped).
 */
function scriptOf(located: Located<string>): Script {
  const { value, at } = located;
  const map = scalarMap(value, at);
  const substituted: Substituted[] = [];
  const pieces: string[] = [];
  /** Offsets of the value where the pieces begin, and of the script. */
  const origins: { readonly start: number; readonly value: number }[] = [];
  let length = 0;
  const add = (piece: string, origin: number): void => {
    if (piece === '') return;
    origins.push({ start: length, value: origin });
    pieces.push(piece);
    length += piece.length;
  };
  const plain = (from: number, to: number): void => {
    let start = from;
    for (const found of value.slice(from, to).matchAll(map?.escaped ? /\$\$/g : /\$\$|\\[\\/]/g)) {
      const index = from + found.index;
      add(withoutMarks(value.slice(start, index)), start);
      // The first of the two goes.
      start = index + 1;
      if (found[0] === '\\\\' || found[0] === '$$') {
        add(found[0][1] ?? '', start);
        start++;
      }
    }
    add(withoutMarks(value.slice(start, to)), start);
  };
  let done = 0;
  for (const found of findSubstitutions(value)) {
    // An expression that is refused, or escaped, stays as it is.
    if (found.escaped || found.error || found.depth > 0 || found.start < done) continue;
    // What escapes of YAML make of other text comes after Drone has looked for it.
    if (map && !at.source.text.startsWith('${', map.start(found.start))) continue;
    plain(done, found.start);
    substituted.push({
      start: length,
      end: length + found.expression.length,
      name: found.name,
      expression: found.expression,
    });
    add(mark.repeat(found.expression.length), found.start);
    done = found.end;
  }
  plain(done, value.length);
  const valueOffset = (offset: number): number => {
    const origin = origins[lastUpTo(origins, offset)];
    return origin ? origin.value + offset - origin.start : offset;
  };
  const place = ({ start, end }: Span): Location => {
    if (!map) return at;
    const from = map.start(valueOffset(start));
    const to = end > start ? map.end(valueOffset(end - 1)) : from;
    return { ...at, span: { start: from, end: Math.max(from, to) } };
  };
  return { text: pieces.join(''), place, substituted: substituted };
}

/** The mark in a text of others is no mark. */
function withoutMarks(text: string): string {
  return text.includes(mark) ? text.replaceAll(mark, '?') : text;
}

function simpleCommandsOf(parsed: ShellScript, script: Script, depth: number): readonly SimpleCommand[] {
  return parsed.commands.map((command) => commandOf(command, script, depth));
}

function commandOf(command: ShellCommand, script: Script, depth: number): SimpleCommand {
  const words = command.words.map((word) => wordOf(word, script, depth));
  return {
    at: script.place(command.span),
    assignments: command.assignments.map(({ name, nameSpan, value }) => ({
      name,
      nameAt: script.place(nameSpan),
      value: value ? wordOf(value, script, depth) : undefined,
    })),
    words,
    redirections: command.redirections.map(
      ({ operator, target, span }): CommandRedirection => ({
        operator,
        at: script.place(span),
        target: target ? wordOf(target, script, depth) : undefined,
      }),
    ),
    documents: command.hereDocs.map(
      ({ pieces, span, target }): CommandDocument => ({
        at: script.place(span),
        parts: pieces.flatMap((piece) => partsOf(piece, script, depth)),
        target: target ? wordOf(target, script, depth) : undefined,
      }),
    ),
    operator: command.operator,
    within: command.within,
    ...(depth < maxShellDepth ? innerOf(words, depth) : { inner: [] }),
  };
}

/** The commands of `sh -c '…'`, when the script is literal but for what Drone pastes. */
function innerOf(words: readonly CommandWord[], depth: number): Pick<SimpleCommand, 'inner' | 'innerWords'> {
  const flag = words.findIndex(
    ({ text }, index) => index > 0 && /^-[a-z]*c$/.test(text ?? '') && shells.test(words[index - 1]?.text ?? ''),
  );
  const word = flag < 0 ? undefined : words[flag + 1];
  if (!word || word.parts.some(({ kind }) => kind !== 'text' && kind !== 'substituted')) return { inner: [] };
  const script = innerScript(word);
  const parsed = parseShell(script.text);
  const others = parsed.otherWords.map((each) => wordOf(each, script, depth + 1));
  return {
    inner: simpleCommandsOf(parsed, script, depth + 1),
    innerWords: others.length > 0 ? others : undefined,
  };
}

/** The text of a word as a script of its own. */
function innerScript(word: CommandWord): Script {
  const substituted: Substituted[] = [];
  const origins: { readonly start: number; readonly end: number; readonly at: Location }[] = [];
  let text = '';
  for (const part of word.parts) {
    const start = text.length;
    if (part.kind === 'text') text += part.text;
    if (part.kind === 'substituted') {
      text += mark.repeat(part.expression.length);
      substituted.push({ start, end: text.length, name: part.name, expression: part.expression });
    }
    if (text.length > start) origins.push({ start, end: text.length, at: part.at });
  }
  /** Where a unit of the text begins, or ends. */
  const offset = (index: number, side: 'start' | 'end'): number => {
    const origin = origins[lastUpTo(origins, index)];
    if (!origin) return word.at.span[side];
    const { start, end } = origin.at.span;
    // Where it is written otherwise than it reads, the whole part stands for it.
    if (end - start !== origin.end - origin.start) return origin.at.span[side];
    return start + index - origin.start + (side === 'end' ? 1 : 0);
  };
  const place = ({ start, end }: Span): Location => {
    const from = offset(start, 'start');
    return { ...word.at, span: { start: from, end: end > start ? Math.max(from, offset(end - 1, 'end')) : from } };
  };
  return { text, place, substituted: substituted };
}

function wordOf(word: ShellWord, script: Script, depth: number): CommandWord {
  const parts = withoutRepetition(word.pieces.flatMap((piece) => partsOf(piece, script, depth)));
  let pattern = '';
  let isLiteral = true;
  for (const part of parts) {
    if (part.kind !== 'text') isLiteral = false;
    pattern += part.kind === 'text' ? part.text : '…';
  }
  return { at: script.place(word.span), parts, pattern, text: isLiteral ? pattern : undefined };
}

/** A backslash before an expression takes its first character apart from the others. */
function withoutRepetition(parts: readonly CommandPart[]): readonly CommandPart[] {
  return parts.filter((part, index) => {
    const before = parts[index - 1];
    return part.kind !== 'substituted' || before?.kind !== 'substituted' || before.at.span.start !== part.at.span.start;
  });
}

function partsOf(piece: ShellPiece, script: Script, depth: number): readonly CommandPart[] {
  const { quoted } = piece;
  const at = script.place(piece.span);
  switch (piece.kind) {
    case 'text':
      return piece.text.includes(mark)
        ? unmarked(piece.text, piece.span, quoted, script)
        : [{ kind: 'text', text: piece.text, quoted, at }];
    case 'variable':
      return [{ kind: 'variable', name: piece.name, fallback: piece.fallback?.text, quoted, at }];
    case 'substitution':
      return [
        { kind: 'output', commands: piece.script ? simpleCommandsOf(piece.script, script, depth) : [], quoted, at },
      ];
    case 'other':
      return [{ kind: 'other', quoted, at }];
  }
}

/** Text with marks as text and Drone's expressions, in turn. */
function unmarked(text: string, span: Span, quoted: boolean, script: Script): readonly CommandPart[] {
  const exact = span.end - span.start === text.length;
  const parts: CommandPart[] = [];
  for (let at = 0; at < text.length; ) {
    const isMark = text[at] === mark;
    const offset = exact ? span.start + at : span.end - 1;
    const substituted = isMark ? script.substituted[lastUpTo(script.substituted, offset)] : undefined;
    const last = substituted && exact ? at + substituted.end - offset : text.length;
    let end = at;
    while (end < Math.min(last, text.length) && (text[end] === mark) === isMark) end++;
    if (substituted) {
      const { name, expression } = substituted;
      parts.push({ kind: 'substituted', name, expression, quoted, at: script.place(substituted) });
    } else {
      const place = script.place(exact ? { start: span.start + at, end: span.start + end } : span);
      parts.push({ kind: 'text', text: text.slice(at, end), quoted, at: place });
    }
    at = Math.max(end, at + 1);
  }
  return parts;
}

/** The last of the sorted items that begins at or before an offset; the first where none does. */
function lastUpTo(items: readonly { readonly start: number }[], offset: number): number {
  return Math.max(0, binarySearch(items, ({ start }) => start > offset) - 1);
}
