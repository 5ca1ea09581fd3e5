import { commandsOf, everyCommandOf } from '../../analysis/step-commands.ts';
import { isOfTheBuild } from '../../analysis/step-hits.ts';
import { curlValues } from '../../facts/programs.ts';
import { anyHostKey, tlsOptions, tlsSwitchText, tlsSwitchWords, tlsVariables } from '../../facts/tls-switches.ts';
import { hostOf } from '../../model/hosts.ts';
import type { Pipeline, Step } from '../../model/pipeline.ts';
import type { Location } from '../../model/source.ts';
import { type CommandWord, type Program, programOf, type SimpleCommand } from '../../shell/commands.ts';
import { optionsOf } from '../../shell/downloads.ts';
import { containsWords, matchesCommands } from '../../shell/words.ts';

/** Something that switches a check off: a variable, or an option of a program. */
export interface TlsSwitch {
  readonly at: Location;
  /** As people write it: `curl --insecure`. */
  readonly what: string;
  /** The program that it is given to: its place is the option alone. */
  readonly of?: { readonly command: SimpleCommand; readonly hosts: readonly string[] };
}

/** Switches in the environment and the commands of a step. */
export function* tlsSwitchesOf(pipeline: Pipeline, step: Step): Iterable<TlsSwitch> {
  for (const { name, text } of step.environment) {
    if (text && isTlsOff(name.value, text.value)) yield { at: text.at, what: name.value };
    else if (text && anyHostKey.test(text.value)) yield { at: text.at, what: 'StrictHostKeyChecking=no' };
  }
  if (!containsWords(step, tlsSwitchWords) || !matchesCommands(step, tlsSwitchText)) return;
  for (const command of everyCommandOf(pipeline, step)) yield* inCommand(command, pipeline);
  for (const { language, text, at } of commandsOf(pipeline, step))
    if (language !== 'posix' && /\bcurl(?:\.exe)?\b[^\n|]{0,300}\s(?:-k|--insecure)(?:\s|$)/.test(text))
      yield { at, what: 'curl --insecure' };
}

/** Whether a variable with this value switches a check off. */
export function isTlsOff(name: string, value: string): boolean {
  return tlsVariables.some((variable) => variable.name === name.toUpperCase() && variable.off.test(value));
}

function* inCommand(command: SimpleCommand, pipeline: Pipeline): Iterable<TlsSwitch> {
  for (const { name, nameAt, value } of command.assignments)
    if (value?.text !== undefined && isTlsOff(name, value.text)) yield { at: nameAt, what: name };
    else if (value && anyHostKey.test(value.pattern)) yield { at: value.at, what: 'StrictHostKeyChecking=no' };
  const program = programOf(command);
  if (!program || isTowardsTheBuild(program, pipeline)) return;
  const { name, arguments: words } = program;
  const of = { command, hosts: [...hostsNamedBy(program), ...machinesNamedBy(program)] };
  const insecure = name === 'curl' ? insecureWord(words) : undefined;
  if (insecure) yield { at: insecure.at, what: 'curl --insecure', of };
  for (const { programs, words: patterns, as } of tlsOptions) {
    if (!programs.test(name)) continue;
    const found = patterns.map((wanted) => words.find(({ pattern }) => wanted.test(pattern)));
    const last = found.at(-1);
    if (last && found.every((word) => word !== undefined)) yield { at: last.at, what: `${name} ${as}`, of };
  }
  const hostKey = words.find(({ pattern }) => anyHostKey.test(pattern));
  const written = command.documents.find(({ parts }) =>
    parts.some((part) => part.kind === 'text' && anyHostKey.test(part.text)),
  );
  const place = hostKey?.at ?? written?.at;
  if (place) yield { at: place, what: 'StrictHostKeyChecking=no', of };
}

function insecureWord(words: readonly CommandWord[]): CommandWord | undefined {
  const { flags } = optionsOf(words, curlValues);
  if (!flags.has('k') && !flags.has('--insecure')) return undefined;
  return words.find(({ pattern }) => pattern === '--insecure' || /^-[a-zA-Z#]*k/.test(pattern));
}

function hostsNamedBy({ arguments: words }: Program): readonly string[] {
  return words.flatMap(({ pattern }) => {
    if (/^https?:\/\//i.test(pattern)) return hostOf(pattern) ?? [];
    return /^(?:localhost|127(?:\.\d+){3})(?:[:/]|$)/.test(pattern) ? 'localhost' : [];
  });
}

/** Where `ssh` and its like log in: `deploy@app.example.com:/srv`. */
function machinesNamedBy({ arguments: words }: Program): readonly string[] {
  return words.flatMap(({ pattern }) => /^[\w.-]{1,100}@([\w.-]{1,250})/.exec(pattern)?.[1] ?? []);
}

/** Whether all hosts that a command names belong to the build itself. */
function isTowardsTheBuild(program: Program, pipeline: Pipeline): boolean {
  const hosts = hostsNamedBy(program);
  return hosts.length > 0 && hosts.every((host) => isOfTheBuild(host, pipeline));
}
