import { resolve } from 'node:path';
import { mayBeThere } from '../checks/file-system.ts';
import { nearest } from '../model/nearest.ts';
import { UserError } from '../model/user-error.ts';
import type { Io } from './io.ts';

/**
 * Where no command is named, the first word is a path that exists, or else a command misspelt: to audit the rest would
 * look as if all that was asked for had been done. Throws UserError.
 */
export function refuseUnknownWord(word: string | undefined, commands: readonly string[], { cwd }: Io): void {
  if (!word || word === '-' || mayBeThere(resolve(cwd, word))) return;
  if (commands.includes(word))
    throw new UserError(`"${word}" stands behind an option`, `a command comes first: drone-audit ${word} ...`);
  const meant = nearest(word, commands);
  throw new UserError(
    `"${word}" is neither a command nor a path`,
    meant ? `did you mean "${meant}"?` : 'drone-audit --help lists the commands',
  );
}
