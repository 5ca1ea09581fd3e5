import { oneLine } from '../model/one-line.ts';
import type { Count, Progress } from '../model/progress.ts';

/** What takes less than this needs no word: half a second before it would be missed, because some stages let nothing between. */
const quietFor = 500;
/** A wait, in which nothing else is told, is told of after this. */
const patience = 1000;
/** Counts change faster than anybody reads. */
const betweenCounts = 100;

/** A line on a terminal that is written over by the next, and wiped before anything else is written. */
export interface ProgressLine {
  readonly tell: Progress;
  readonly wipe: () => void;
}

/** Makes a line at most as wide as the terminal. `write` writes to it at once; the timer keeps no process alive. */
export function progressLine(write: (text: string) => void, width: () => number): ProgressLine {
  const begun = Date.now();
  let isShown = false;
  let next = begun + quietFor;
  let waiting: NodeJS.Timeout | undefined;

  function show(text: string): void {
    write(`\r${oneLine(text).slice(0, Math.max(0, width() - 1))}\u001b[K`);
    isShown = true;
    next = Date.now() + betweenCounts;
  }
  return {
    tell: (doing, count) => {
      clearTimeout(waiting);
      const text = `drone-audit: ${doing}${count === undefined ? '' : counted(count)}`;
      const now = Date.now();
      if (now >= (count === undefined ? begun + quietFor : next)) show(text);
      else waiting = setTimeout(show, Math.max(begun + patience - now, betweenCounts), text).unref();
    },
    wipe: () => {
      clearTimeout(waiting);
      if (isShown) write('\r\u001b[K');
      isShown = false;
    },
  };
}

function counted({ done, of, what }: Count): string {
  return `: ${done.toLocaleString('en')} of ${of.toLocaleString('en')}${what === undefined ? '' : ` ${what}`}`;
}
