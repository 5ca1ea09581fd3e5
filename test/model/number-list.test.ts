import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NumberList } from '../../src/model/number-list.ts';

describe('a list of numbers', () => {
  it('holds what an array would, with 0 where nothing was set', () => {
    const set = fc.tuple(fc.nat(300), fc.nat(2 ** 31));
    fc.assert(
      fc.property(fc.array(set, { minLength: 1 }), (all) => {
        const list = new NumberList();
        const wanted: number[] = [];
        for (const [index, number] of all) {
          list.set(index, number);
          wanted[index] = number;
        }
        expect(Array.from({ length: list.length }, (_, index) => list.at(index))).toEqual(
          Array.from(wanted, (number) => number ?? 0),
        );
        expect(list.at(list.length)).toBe(0);
      }),
    );
  });

  it('tells where what it was given last is', () => {
    const list = new NumberList();
    for (let number = 0; number < 1000; number++) expect(list.push(number * 2)).toBe(number);
    expect([list.length, list.at(999)]).toEqual([1000, 1998]);
  });

  it('holds numbers of more than 32 bits where they are expected', () => {
    const list = new NumberList('large');
    list.push(2 ** 40 + 1);
    expect(list.at(0)).toBe(2 ** 40 + 1);
  });
});
