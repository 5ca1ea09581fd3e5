import { curlValues, fileCopiers, interpreters, shellPrograms, wgetValues } from '../facts/programs.ts';
import { repositoryCode } from '../facts/secret-handling.ts';
import type { Pipeline, Step } from '../model/pipeline.ts';
import type { Location } from '../model/source.ts';
import { programOf, type SimpleCommand } from '../shell/commands.ts';
import { downloadOf, writtenOf } from '../shell/downloads.ts';
import { everyCommandOf } from './step-commands.ts';

/** Code of the repository that a step runs. */
export interface Code {
  readonly at: Location;
  readonly what: string;
}

/** The first command that runs code of the repository. A file that the step itself downloaded is none. */
export function codeOf(pipeline: Pipeline, step: Step): Code | undefined {
  const downloaded = new Set<string>();
  for (const command of everyCommandOf(pipeline, step)) {
    const what = codeIn(command);
    if (what !== undefined && !downloaded.has(scriptOf(command) ?? '')) return { at: command.at, what };
    const path = downloadOf(command, { curl: curlValues, wget: wgetValues })?.path;
    if (path !== undefined) downloaded.add(relative(path));
    const program = programOf(command);
    if (!program || !fileCopiers.has(program.name)) continue;
    const [copy, ...originals] = program.arguments.map((word) => relative(writtenOf(word))).reverse();
    if (copy !== undefined && originals.some((original) => downloaded.has(original))) downloaded.add(copy);
  }
  return undefined;
}

/** The file that a command runs, by itself or as the script of a shell or an interpreter. */
function scriptOf(command: SimpleCommand): string | undefined {
  const program = programOf(command);
  if (!program) return undefined;
  const { name, arguments: words } = program;
  const isGiven = shellPrograms.has(name) || interpreters.has(name) || name === 'source' || name === '.';
  const word = isGiven
    ? words.find(({ pattern }) => !pattern.startsWith('-'))
    : command.words.find(({ at }) => at === program.at);
  return word && relative(writtenOf(word));
}

function relative(path: string): string {
  return path.replace(/^(?:\.\/)+/, '');
}

const maxCommandLength = 300;

/** Which repository code a command runs. Programs are recognised without their folder, scripts with it. */
export function codeIn({ words }: SimpleCommand): string | undefined {
  const shapes = words.map(({ pattern }) => pattern);
  let start = 0;
  while (/^(?:sudo|exec|time|env|nohup|xvfb-run|command|\w+=.*)$/.test(shapes[start] ?? '')) start++;
  const text = shapes.slice(start).join(' ').slice(0, maxCommandLength);
  const name = shapes[start] ?? '';
  // `/usr/bin/make` is a program, `./gradlew` a script of the repository, recognised by its name.
  const bare = name.startsWith('/') ? text.slice(name.lastIndexOf('/') + 1) : text;
  return repositoryCode.find(({ words: pattern }) => pattern.test(bare))?.as;
}
