import { repositoryCode } from '../facts/secret-handling.ts';
import type { Pipeline, Step } from '../model/pipeline.ts';
import type { Location } from '../model/source.ts';
import type { SimpleCommand } from '../shell/commands.ts';
import { everyCommandOf } from './step-commands.ts';

/** Code of the repository that a step runs. */
export interface Code {
  readonly at: Location;
  readonly what: string;
}

/** The first command that runs code of the repository. */
export function codeOf(pipeline: Pipeline, step: Step): Code | undefined {
  for (const command of everyCommandOf(pipeline, step)) {
    const what = codeIn(command);
    if (what !== undefined) return { at: command.at, what };
  }
  return undefined;
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
