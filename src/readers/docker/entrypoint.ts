import { componentBinaries, componentImages } from '../../facts/images.ts';
import { isComponent } from '../../facts/settings.ts';
import type { Image } from '../../model/container.ts';
import { memoize } from '../../model/memoize.ts';
import type { Role } from '../../model/role.ts';
import type { Located, Location } from '../../model/source.ts';
import { ownWords, say, type Text } from '../../model/text.ts';
import { everyCommand, parseShell, type ShellCommand, type ShellWord } from '../../shell/parse.ts';
import { type Argument, argumentOf, textOf, wordAt } from './argument.ts';
import { droneProcess, programOf } from './process.ts';

/** What a container is told to start. */
export interface ContainerStart {
  /** Absent if nothing overrides that of the image. */
  readonly entrypoint?: readonly Located<string>[];
  readonly command: readonly Located<string>[];
}

/** The program that the container is told to start; undefined if it is that of the image. */
export function startedProgram(start: ContainerStart | undefined, image: Image | undefined): string | undefined {
  return start && wordsOf(start, image)[0]?.value;
}

/**
 * Why the environment of what a container starts may hold more than the container was given, one reason each: a script
 * before the program, another program around it, a file that it reads itself.
 */
export function startGaps(start: ContainerStart, image: Image | undefined, role: Role): readonly Text[] {
  if (!isComponent(role) && !otherRoles.has(role)) return [];
  const words = wordsOf(start, image).map(argumentOf);
  const gap = words.length === 0 ? undefined : gapOf(words, role);
  return [
    ...(gap === undefined ? [] : [gap]),
    ...unreadFiles(words.length > 0 ? words : start.command.map(argumentOf)),
  ];
}

/** Roles whose settings are not in the table, but whose environment is judged too. */
const otherRoles: ReadonlySet<Role> = new Set(['agent', 'extension', 'docker', 'unknown']);

/** The program and its arguments without empty words; empty if the program is that of the image. */
function wordsOf({ entrypoint, command }: ContainerStart, image: Image | undefined): readonly Located<string>[] {
  if (entrypoint) return [...entrypoint, ...command].filter(({ value }) => value !== '');
  // In Drone's images, the command is passed to the program as arguments; for other images, this is unknown.
  const fact = image && componentImages.get(image.name.split('/').slice(-2).join('/'));
  const isDrones = fact !== undefined && fact.role !== 'docker' && fact.role !== 'proxy';
  return !isDrones && isScript(baseName(command[0]?.value ?? '')) ? command : [];
}

/** How deep `sh -c` may be nested. */
const maxDepth = 3;
/** Longer scripts are assumed to set something. */
const maxScriptLength = 10_000;

const mayDoSo = 'starts it, which may set more variables';
const script = say`a script ${ownWords(mayDoSo)}`;

function gapOf(words: readonly Argument[], role: Role): Text | undefined {
  const { program, given } = programOf(words);
  if (given.length > 0) return say`its command line sets more variables`;
  const name = nameAt(words, program);
  if (name === undefined) return say`what starts it is not known`;
  if (isOfDrone(name)) return undefined;
  if (!shells.test(name)) {
    // A program that is not Drone's is the extension itself.
    if (!isScript(name) && (role === 'extension' || role === 'docker' || role === 'unknown')) return undefined;
    return say`${/^[\w.+-]{1,80}$/.test(name) ? say`"${name}"` : say`another program`} ${ownWords(mayDoSo)}`;
  }
  const text = scriptOf(words, program);
  return text !== undefined && text.length <= maxScriptLength && isHarmless(text) ? undefined : script;
}

/** One script may start many services. */
const isHarmless = memoize((text) => setsNothing(text, 0));

/** The literal script of `sh -c`; undefined for a file, standard input and a shell that reads its profile first. */
function scriptOf(words: readonly Argument[], program: number): string | undefined {
  for (let at = program + 1; at < words.length; at++) {
    const word = textOf(words[at]?.parts ?? []);
    if (word === undefined || !/^-[a-z]+$/.test(word) || /[il]/.test(word)) return undefined;
    if (word.endsWith('c')) return textOf(words[at + 1]?.parts ?? []);
    // `sh -o pipefail -c`
    if (word.endsWith('o')) at++;
  }
  return undefined;
}

const shells = /^(?:ba|da|a|z|k|mk)?sh$/;

function isScript(name: string): boolean {
  return shells.test(name) || (!isOfDrone(name) && /\.(?:sh|bash|py|pl|rb|js)$|entrypoint/i.test(name));
}

/** Before 1.0, one binary was both server and agent (harness/drone@v0.8.10 drone/main.go). */
function isOfDrone(name: string): boolean {
  return componentBinaries.has(name) || name === 'drone';
}

function nameAt(words: readonly Argument[], index: number): string | undefined {
  const text = wordAt(words, index);
  return text === '' ? undefined : baseName(text);
}

function baseName(path: string): string {
  return path.replace(/^.*[\\/]/s, '').replace(/\.exe$/, '');
}

/**
 * Syntax that sets variables outside simple commands. The server also reads `.env` in its folder (harness/drone
 * cmd/drone-server/main.go:37-46).
 */
const unclear = /\$\{\w+:?=|\(\(|(?:^|[\s;&|])(?:for|select|coproc)\s|\.env(?![\w-])/;

/** Shell builtins that may change variables, or the folder in which `.env` is read. */
const setters: ReadonlySet<string> = new Set(
  `. source eval export declare typeset readonly local read unset getopts mapfile readarray printf let trap alias enable
    builtin cd pushd popd`.split(/\s+/),
);

/** Whether a script starts a Drone program with just the variables it received; other programs cannot change them. */
function setsNothing(text: string, depth: number): boolean {
  if (depth >= maxDepth || unclear.test(text)) return false;
  const parsed = parseShell(text);
  if (parsed.errors.length > 0) return false;
  const at: Location = { source: { name: '', form: 'docker-run', text }, path: '', span: { start: 0, end: 0 } };
  let starts = false;
  for (const command of everyCommand(parsed)) {
    if (command.assignments.length > 0 || writesFile(command)) return false;
    const words = command.words.map((word) => shellArgument(word, at));
    const { program, given } = programOf(words);
    if (given.length > 0) return false;
    // `exec > log`
    if (program >= words.length) continue;
    const name = nameAt(words, program);
    if (name === undefined || setters.has(name)) return false;
    if (shells.test(name)) {
      const inner = scriptOf(words, program);
      if (inner === undefined || !setsNothing(inner, depth + 1)) return false;
      starts = true;
    } else if (isOfDrone(name)) {
      if (unreadFiles(words).length > 0) return false;
      starts ||= droneProcess(words, program) !== undefined || componentBinaries.get(name) === 'docker';
    }
  }
  return starts;
}

function writesFile({ redirections, hereDocs }: ShellCommand): boolean {
  return (
    hereDocs.some(({ target }) => target !== undefined) ||
    redirections.some(
      ({ operator, target }) => operator.includes('>') && !/^(?:\/dev\/\w+|\d+|-)$/.test(target?.text ?? ''),
    )
  );
}

function shellArgument(word: ShellWord, at: Location): Argument {
  const { text } = word;
  const origin = text === undefined ? 'unresolved' : 'literal';
  return { parts: [{ text, at, here: at, origin }], here: at, splits: false };
}

/**
 * Files that a program adds to its environment: `--env-file` of the server (harness/drone cmd/drone-server/main.go:43-46),
 * the argument of `daemon` of the runners (drone-runner-docker command/daemon/daemon.go:45-47).
 */
function unreadFiles(args: readonly Argument[]): readonly Text[] {
  const words = args.map(({ parts }) => textOf(parts) ?? '');
  const gaps: Text[] = [];
  if (words.some((word) => /^--?env-file(?:=|$)/.test(word))) gaps.push(say`the file of "--env-file" was not read`);
  const daemon = words.indexOf('daemon');
  const afterDaemon = daemon < 0 ? undefined : words[daemon + 1];
  if (afterDaemon !== undefined && !afterDaemon.startsWith('-'))
    gaps.push(say`the file that the command "daemon" names was not read`);
  return gaps;
}
