import { resolve } from 'node:path';
import { mayBeThere } from '../checks/file-system.ts';
import { nearestBeside } from '../checks/files.ts';
import { didYouMean, nearest } from '../model/nearest.ts';
import { type Misspelt, UserError } from '../model/user-error.ts';
import { familyOf } from '../rules/all.ts';
import { retired } from '../rules/retired.ts';
import type { Io } from './io.ts';

/** What is said of a word that is none of the known ones: the one that may be meant, or else all of them. */
export function hintFor({ word, known }: Misspelt): string {
  return didYouMean(word, known, `known: ${known.join(', ')}`);
}

/** That there is no such rule, with the one that took its place or is spelt most like it. */
export function unknownRule(id: string): UserError {
  const meant = retired.get(id);
  const hint = meant ? `did you mean "${meant}"?` : didYouMean(id, familyOf.keys(), 'drone-audit rules lists them');
  return new UserError(`there is no rule "${id}"`, hint);
}

/**
 * Where no command is named, the first word is a path that exists, or else a command misspelt: to audit the rest would
 * look as if all that was asked for had been done. Throws UserError.
 */
export function refuseUnknownWord(word: string | undefined, commands: readonly string[], { cwd }: Io): void {
  if (!word || word === '-' || mayBeThere(resolve(cwd, word))) return;
  if (commands.includes(word))
    throw new UserError(`"${word}" stands behind an option`, `a command comes first: drone-audit ${word} ...`);
  const meant = nearest(word, commands) ?? nearestBeside(word, cwd);
  throw new UserError(
    `"${word}" is neither a command nor a path`,
    meant ? `did you mean "${meant}"?` : 'drone-audit --help lists the commands',
  );
}
