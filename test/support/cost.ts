import { expect } from 'vitest';

// What work costs, told by comparison within one run: a busy or slow machine slows both sides, so no test has a limit of
// its own in seconds.

/** What work gives, and the milliseconds of processor time it takes; what other programs do meanwhile does not count. */
function measured<T>(work: () => T): { readonly result: T; readonly time: number } {
  const before = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(before);
  return { result, time: (user + system) / 1000 };
}

/** Less than this is neither worth a second look nor measured well. */
const littleTime = 250;
/** A collection of garbage, or a compiler that comes in between, makes one measurement too long, and never too short. */
const attempts = 4;
/** Four times the text takes 4 times as long in proportion, and 16 times where each part looks at all others. */
const mostGrowth = 10;

/**
 * Fails when work grows faster than its input. `work` makes its input of a scale, 1 for all of it, and should be so large
 * that work in proportion takes a fraction of a second.
 */
export function expectProportional(work: (scale: number) => unknown): void {
  let whole = Number.POSITIVE_INFINITY;
  let quarter = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < attempts; attempt++) {
    whole = Math.min(whole, measured(() => work(1)).time);
    if (whole < littleTime) return;
    quarter = Math.min(quarter, measured(() => work(1 / 4)).time);
    if (whole <= mostGrowth * quarter) return;
  }
  const [all, part] = [whole, quarter].map(Math.round);
  expect.fail(`four times the input takes ${Math.round(whole / quarter)} times as long: ${all} ms after ${part} ms`);
}

/** Work that others are compared with, measured when it is first needed. */
export class Reference {
  readonly name: string;
  private readonly work: () => unknown;
  private longest = 0;

  constructor(name: string, work: () => unknown) {
    this.name = name;
    this.work = work;
  }

  /** The longest time it took so far. */
  time(): number {
    return this.longest || this.measureAgain();
  }

  measureAgain(): number {
    this.longest = Math.max(this.longest, measured(this.work).time);
    return this.longest;
  }
}

/**
 * For work with a limit of its own, which does not grow in proportion: gives what it gives, and fails when it takes more
 * than so many times what the usual work does.
 */
export function affordable<T>(work: () => T, usual: Reference, times: number): T {
  let least = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const { result, time } = measured(work);
    if (time <= Math.max(littleTime, times * usual.time())) return result;
    least = Math.min(least, time);
    usual.measureAgain();
  }
  const [spent, reference] = [least, usual.time()].map(Math.round);
  return expect.fail(`takes ${spent} ms, more than ${times} times as long as ${usual.name}: ${reference} ms`);
}
