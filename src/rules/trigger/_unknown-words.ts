import { isLiteral } from '../../drone/glob.ts';

/** Whether a word of a condition is none that Drone knows. Another spelling of one is told by other rules. */
export function isUnknownWord(value: string, words: readonly string[]): boolean {
  return isWord(value) && !words.includes(value) && !words.includes(value.toLowerCase());
}

/** Plain text that no other rule covers: `!x` is a pattern that means something else, `${X}` is never replaced. */
function isWord(value: string): boolean {
  return isLiteral(value) && !value.startsWith('!') && !value.includes('${');
}
