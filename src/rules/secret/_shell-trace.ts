import type { SimpleCommand } from '../../shell/commands.ts';

/** What the words after `set` do to the trace: `-ex`, `-o xtrace`, `+x`. */
export function traceChange(words: readonly string[]): 'on' | 'off' | undefined {
  for (const [index, word] of words.entries()) {
    const isTrace = /^[-+][a-zA-Z]*x/.test(word) || (/^[-+][a-zA-Z]*o$/.test(word) && words[index + 1] === 'xtrace');
    if (isTrace) return word.startsWith('-') ? 'on' : 'off';
  }
  return undefined;
}

/** Whether a trace is on for a command: it holds in its own branch and in those nested in it. */
export function holdsIn(trace: SimpleCommand, command: SimpleCommand): boolean {
  return trace.within.every((branch, index) => command.within[index] === branch);
}

const shells = /^(?:ba|da|a|z|k)?sh$/;

/** Whether a shell is started with a trace. */
export function isTracedShell(name: string | undefined, words: readonly string[]): boolean {
  if (name === undefined || !shells.test(name)) return false;
  const end = words.findIndex((word) => !word.startsWith('-'));
  const options = end > 0 ? words.slice(0, end) : words;
  return options.some(
    (option, index) => /^-[a-zA-Z]*x/.test(option) || (option === '-o' && words[index + 1] === 'xtrace'),
  );
}

/** Whether a shell is started with a trace and a file to run. */
export function isTracedScript(name: string, words: readonly string[]): boolean {
  return isTracedShell(name, words) && words.some((word) => !word.startsWith('-') && word !== 'xtrace');
}
