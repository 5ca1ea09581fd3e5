import type { Location } from '../model/source.ts';

/*
 * The commands of steps, parsed as a POSIX shell would. Drone's own `${NAME}`, which becomes text before any shell sees
 * it, is a part of its own kind (`substituted`). Nothing is resolved or run. A step is parsed once, when a rule first
 * asks.
 */

/** A part of a word, unquoted. */
export type CommandPart =
  | { readonly kind: 'text'; readonly text: string; readonly quoted: boolean; readonly at: Location }
  /** `$NAME` and other variables of the shell, including `$${NAME}` in the file. */
  | {
      readonly kind: 'variable';
      readonly name: string;
      /** The literal text that stands in for a missing variable. */
      readonly fallback?: string;
      readonly quoted: boolean;
      readonly at: Location;
    }
  /** `${NAME}` of Drone: its value becomes part of the script, regardless of quotes around it. */
  | {
      readonly kind: 'substituted';
      readonly name: string;
      readonly expression: string;
      readonly quoted: boolean;
      readonly at: Location;
    }
  /** `$(commands)`, backticks, `<(commands)`. */
  | {
      readonly kind: 'output';
      readonly commands: readonly SimpleCommand[];
      readonly quoted: boolean;
      readonly at: Location;
    }
  /** Anything else that only a shell knows: arithmetic, `$${NAME%.*}`. */
  | { readonly kind: 'other'; readonly quoted: boolean; readonly at: Location };

export interface CommandWord {
  readonly at: Location;
  readonly parts: readonly CommandPart[];
  /** The whole text, if all of it is literal. */
  readonly text?: string;
  /** The text with `…` in place of each part that is known only at run time. */
  readonly pattern: string;
}

/** `NAME=value` before a command, or in `export` and the like. */
export interface CommandAssignment {
  readonly name: string;
  readonly nameAt: Location;
  /** Absent for arrays. */
  readonly value?: CommandWord;
}

export interface CommandRedirection {
  /** `>`, `>>`, `<`, `<<<`, `&>` and so on. */
  readonly operator: string;
  readonly target?: CommandWord;
  readonly at: Location;
}

/** The text of a `<<` document, and the file that it is written to. */
export interface CommandDocument {
  readonly parts: readonly CommandPart[];
  readonly target?: CommandWord;
  readonly at: Location;
}

/** One simple command. */
export interface SimpleCommand {
  readonly at: Location;
  readonly assignments: readonly CommandAssignment[];
  /** The name and its arguments. */
  readonly words: readonly CommandWord[];
  readonly redirections: readonly CommandRedirection[];
  readonly documents: readonly CommandDocument[];
  /** What joins it to the next command in the list: `|`, `|&`, `&&`, `||`, `&`, `;` (also for a new line). */
  readonly operator: string;
  /** Numbers of the branches, loops, functions and subshells that contain it, outermost first; unique in its script. */
  readonly within: readonly number[];
  /** The commands of a literal script that it passes to a shell: `sh -c '…'`. */
  readonly inner: readonly SimpleCommand[];
  /** The words outside simple commands in that script, like `otherWords` of a step's command. */
  readonly innerWords?: readonly CommandWord[];
}

/** One item of `commands`, or the script that `entrypoint` and `command` pass to a shell. */
export interface StepCommand {
  readonly at: Location;
  /** As written in the file. */
  readonly text: string;
  readonly field: 'commands' | 'entrypoint' | 'command';
  /** Only `posix` is parsed; for the others there is only the text. */
  readonly language: 'posix' | 'powershell' | 'cmd';
  /** In the order of the text, including those of compound commands; those of substitutions are in their words. */
  readonly commands: readonly SimpleCommand[];
  /** Words outside simple commands: what `for` loops over, what `case` and `[[ ]]` test. */
  readonly otherWords: readonly CommandWord[];
  /** Whether some of it is not shell syntax and was left out. */
  readonly malformed: boolean;
}

/** The commands of a list, each followed by those inside it. */
export function everyCommand(commands: readonly SimpleCommand[]): readonly SimpleCommand[] {
  const found: SimpleCommand[] = [];
  addEvery(commands, found);
  return found;
}

function addEvery(commands: readonly SimpleCommand[], found: SimpleCommand[]): void {
  for (const command of commands) {
    found.push(command);
    for (const { value } of command.assignments) if (value) addOfParts(value.parts, found);
    for (const { parts } of command.words) addOfParts(parts, found);
    for (const { target } of command.redirections) if (target) addOfParts(target.parts, found);
    for (const { parts } of command.documents) addOfParts(parts, found);
    addEvery(command.inner, found);
    for (const { parts } of command.innerWords ?? []) addOfParts(parts, found);
  }
}

/** The commands inside the parts of a word. */
export function commandsOfParts(parts: readonly CommandPart[]): readonly SimpleCommand[] {
  const found: SimpleCommand[] = [];
  addOfParts(parts, found);
  return found;
}

function addOfParts(parts: readonly CommandPart[], found: SimpleCommand[]): void {
  for (const part of parts) if (part.kind === 'output') addEvery(part.commands, found);
}

/** The command and those that its output is piped to, in order: three commands for `curl … | tee log | sh`. */
export function pipeFrom(commands: readonly SimpleCommand[], index: number): readonly SimpleCommand[] {
  const pipe: SimpleCommand[] = [];
  for (let at = index; at < commands.length; at++) {
    const command = commands[at];
    if (!command) break;
    pipe.push(command);
    if (command.operator !== '|' && command.operator !== '|&') break;
  }
  return pipe;
}

/** The commands that the output of one is piped to, as far as they stand near. */
export function pipedFrom(commands: readonly SimpleCommand[], index: number): readonly SimpleCommand[] {
  return pipeFrom(commands.slice(index, index + maxPipeLength), 0).slice(1);
}

const maxPipeLength = 50;

/** Whether a command opens a connection through the shell itself: `> /dev/tcp/host/port`. */
export function opensSocket({ redirections }: SimpleCommand): boolean {
  return redirections.some(({ target }) => /^\/dev\/(?:tcp|udp)\//.test(target?.pattern ?? ''));
}

/** A program that a command runs, without wrappers (`sudo`, `env A=b`, `exec`, `time`, `nohup`). */
export interface Program {
  /** Without its folder: `curl` for `/usr/bin/curl`. */
  readonly name: string;
  readonly at: Location;
  readonly arguments: readonly CommandWord[];
}

/** Wrappers, with those of their options that take a separate word. */
const wrappers: ReadonlyMap<string, RegExp> = new Map([
  ['sudo', /^-[ugpCThRrt]$|^--(?:user|group|prompt|chdir|host|role|type)$/],
  ['doas', /^-[uC]$/],
  ['env', /^-[uSC]$|^--(?:unset|chdir|split-string)$/],
  ['exec', /^-a$/],
  ['command', /^$/],
  ['builtin', /^$/],
  ['nohup', /^$/],
  ['time', /^-[fo]$/],
  ['timeout', /^-[ks]$/],
  ['nice', /^-n$/],
  ['retry', /^$/],
]);

/** The program of a command; undefined if there is none, or its name is known only at run time. */
export function programOf({ words }: SimpleCommand): Program | undefined {
  let at = 0;
  for (;;) {
    const word = words[at];
    if (word?.text === undefined) return undefined;
    const name = baseName(word.text);
    const takesWord = wrappers.get(name);
    if (!takesWord || words.length === at + 1) return { name, at: word.at, arguments: words.slice(at + 1) };
    at++;
    // After the options of `timeout` comes its duration.
    let operands = name === 'timeout' ? 1 : 0;
    for (let next = words[at]?.text; next !== undefined; next = words[at]?.text) {
      if (takesWord.test(next)) at += 2;
      else if (next.startsWith('-') || (name === 'env' && /^\w+=/.test(next))) at++;
      else if (operands-- > 0) at++;
      else break;
    }
  }
}

/** The words that are neither options nor values of options that take a separate word. */
export function operandsOf(words: readonly CommandWord[], takesValue: RegExp): readonly CommandWord[] {
  const operands: CommandWord[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at];
    if (word && takesValue.test(word.pattern)) at++;
    else if (word && !word.pattern.startsWith('-')) operands.push(word);
  }
  return operands;
}

/** Without folders, in the notation of any system. */
function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

/** Whether a command prints the whole environment: `env`, `printenv`, `set`, `export -p` without anything else. */
export function dumpsEnvironment({ words, assignments }: SimpleCommand): boolean {
  const [name, ...options] = words.map(({ text }) => text ?? '…');
  if (assignments.length > 0) return false;
  switch (name?.replace(/^.*\//s, '')) {
    case 'env':
    case 'printenv':
      return options.every((option) => /^(?:-0|--null)$/.test(option));
    case 'set':
      return options.length === 0;
    case 'export':
    case 'declare':
    case 'typeset':
      return options.every((option) => /^-[px]+$/.test(option)) && (name === 'export' || options.length > 0);
    default:
      return false;
  }
}
