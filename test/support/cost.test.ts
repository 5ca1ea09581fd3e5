import { describe, expect, it } from 'vitest';
import { affordable, expectProportional, Reference } from './cost.ts';

/** Takes a while for each step, whatever the compiler makes of it. */
function work(steps: number): number {
  let sum = 0;
  for (let i = 0; i < steps; i++) sum = (sum * 31 + i) % 1_000_003;
  return sum;
}

/** Steps that take so long, on whatever machine, that their growth is looked at. */
function manySteps(): number {
  for (let steps = 1_000_000; ; steps *= 2) {
    const before = process.cpuUsage();
    work(steps);
    const { user, system } = process.cpuUsage(before);
    if (user + system > 400_000) return steps;
  }
}

describe('the cost of work', () => {
  const many = manySteps();

  it('may grow in proportion to the input', () => {
    expectProportional((scale) => work(many * scale));
  });

  it('may be anything when it is little', () => {
    expectProportional((scale) => (scale === 1 ? work(10_000) : undefined));
  });

  it('is too much when each part of the input looks at all others', () => {
    expect(() => expectProportional((scale) => work(many * scale ** 2))).toThrow(
      /^four times the input takes \d+ times as long: \d+ ms after \d+ ms$/,
    );
  });

  it('may be some times that of the usual, and no more', () => {
    const usual = new Reference('the usual', () => work(many / 20));
    expect(affordable(() => 'done', usual, 5)).toBe('done');
    expect(() => affordable(() => work(many), usual, 5)).toThrow(
      /^takes \d+ ms, more than 5 times as long as the usual: \d+ ms$/,
    );
  });
});
