import { commandsOf } from '../../analysis/step-commands.ts';
import { commandsWith, runnerOf } from '../../analysis/step-hits.ts';
import { interpreters, shellPrograms, verifiers } from '../../facts/programs.ts';
import type { Pipeline, Step } from '../../model/pipeline.ts';
import type { Location } from '../../model/source.ts';
import {
  type CommandPart,
  type CommandWord,
  everyCommand,
  type Program,
  programOf,
  type SimpleCommand,
} from '../../shell/commands.ts';
import type { Download } from '../../shell/downloads.ts';
import { downloadOf } from './_downloads.ts';

/** A download that runs at once. */
export interface FetchedScript {
  readonly at: Location;
  /** The command that downloads it. */
  readonly command: SimpleCommand;
  readonly download: Download;
  /** The program that runs it. */
  readonly by: string;
}

/** Downloads that a shell or interpreter runs, except those addressed by commit in a step that verifies a checksum. */
export function* fetchedScripts(pipeline: Pipeline, step: Step): Iterable<FetchedScript> {
  const commands = commandsWith(pipeline, step, ['curl', 'wget']);
  const compares = commands.some((command) => verifiers.has(programOf(command)?.name ?? ''));
  const isFixed = ({ addresses }: Download): boolean =>
    compares && addresses.some(({ pattern }) => commit.test(pattern));
  for (const list of listsOf(pipeline, step))
    for (const [index, command] of list.entries())
      for (const script of [...piped(list, index), ...given(command)]) if (!isFixed(script.download)) yield script;
}

/** The hash of a commit within an address. */
const commit = /(?:^|[^0-9a-f])[0-9a-f]{40}(?:[^0-9a-f]|$)/;

/** The lists of commands that are searched for pipes, including those inside substitutions and `sh -c`. */
function* listsOf(pipeline: Pipeline, step: Step): Iterable<readonly SimpleCommand[]> {
  for (const { commands, otherWords } of commandsOf(pipeline, step)) {
    yield* listsIn(commands);
    for (const list of outputsIn(otherWords)) yield* listsIn(list);
  }
}

function* listsIn(commands: readonly SimpleCommand[]): Iterable<readonly SimpleCommand[]> {
  yield commands;
  for (const { inner, innerWords = [], words, assignments } of everyCommand(commands)) {
    if (inner.length > 0) yield inner;
    yield* outputsIn([...words, ...innerWords, ...assignments.flatMap(({ value }) => value ?? [])]);
  }
}

function* outputsIn(words: readonly CommandWord[]): Iterable<readonly SimpleCommand[]> {
  for (const { parts } of words) for (const part of parts) if (part.kind === 'output') yield part.commands;
}

/** `curl … | sh`. */
function* piped(list: readonly SimpleCommand[], index: number): Iterable<FetchedScript> {
  const command = list[index];
  const download = command && downloadOf(command);
  if (!download || download.file !== undefined) return;
  const runner = runnerOf(list, index);
  if (runner) yield { at: command.at, command, download, by: runner.name };
}

/** `sh -c "$(curl …)"`, `eval "$(curl …)"`, `source <(curl …)`, `bash <(curl …)`. */
function* given(command: SimpleCommand): Iterable<FetchedScript> {
  const program = programOf(command);
  if (!program) return;
  for (const { parts } of scriptWords(program)) {
    const [found] = parts.flatMap(downloadsIn);
    if (found) yield { at: command.at, ...found, by: program.name };
  }
}

/** The words whose text a program runs, or reads as a script. */
function scriptWords({ name, arguments: words }: Program): readonly CommandWord[] {
  if (name === 'eval') return words;
  if (name === 'source' || name === '.') return words.slice(0, 1);
  const isShell = shellPrograms.has(name);
  if (!isShell && !interpreters.has(name)) return [];
  const option = isShell ? words.findIndex(({ text }) => text !== undefined && /^-[a-z]*c$/.test(text)) : -1;
  if (option >= 0) return words.slice(option + 1, option + 2);
  return words.filter(({ pattern }) => !pattern.startsWith('-')).slice(0, 1);
}

function downloadsIn(part: CommandPart): readonly Pick<FetchedScript, 'command' | 'download'>[] {
  if (part.kind !== 'output') return [];
  return part.commands.flatMap((command) => {
    const download = downloadOf(command);
    return download ? [{ command, download }] : [];
  });
}
