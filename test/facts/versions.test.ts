import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isOlderRelease } from '../../src/drone/release.ts';
import {
  asOf,
  endedImages,
  extensions,
  gitnessImages,
  type Product,
  runners,
  server,
} from '../../src/facts/versions.ts';

const products: readonly Product[] = [server, ...runners, ...extensions];

describe.each(products.map((product) => [product.images.join(', '), product] as const))('%s', (_, product) => {
  it('has floors from the lowest up, none above the newest release', () => {
    const floors = product.floors.map(({ below }) => below);
    for (const [i, below] of floors.entries()) {
      expect(isOlderRelease(product.newest.version, below), below).toBe(false);
      const next = floors[i + 1];
      if (next !== undefined) expect(isOlderRelease(below, next), `${below} before ${next}`).toBe(true);
    }
  });

  it('has dates in the order of its releases', () => {
    const dates = [...(product.releases?.values() ?? [])];
    expect(dates).toEqual([...dates].sort());
    for (const date of [...dates, product.newest.date]) expect(date).toMatch(/^\d{4}-\d\d-\d\d$/);
  });
});

const truth = '../shared/rules/versions.json';

interface Entry {
  readonly images: readonly string[];
  readonly newest: { version: string; date: string; verified: boolean } | null;
  readonly releases?: readonly { version: string; date: string }[];
  readonly floors: readonly { below: string; severity: string; verified: boolean; feature?: string }[];
}

describe.skipIf(!existsSync(truth))(`the list of releases (${truth})`, () => {
  const list: {
    asOf: string;
    server: Entry;
    runners: readonly Entry[];
    extensions: readonly Entry[];
    obsoleteImages: readonly { match: string }[];
    otherProduct: readonly { match: string }[];
  } = existsSync(truth) ? JSON.parse(readFileSync(truth, 'utf8')) : undefined;

  it('says the same of every product with a release', () => {
    const brief = (newest: NonNullable<Entry['newest']>, floors: Entry['floors']) => ({
      newest: [newest.version, newest.date, newest.verified],
      floors: floors.map(({ below, severity, verified }) => [below, severity, verified].join(' ')).sort(),
    });
    const entries = [list.server, ...list.runners, ...list.extensions];
    const wanted = entries.flatMap(({ images, newest, floors, releases }) =>
      images.length > 0 && newest
        ? [
            {
              images,
              releases: releases?.map(({ version, date }) => [version, date]),
              ...brief(
                newest,
                floors.filter(({ feature }) => feature === undefined),
              ),
            },
          ]
        : [],
    );
    const found = products.map((product) => ({
      images: product.images,
      releases: product.releases && [...product.releases],
      ...brief(product.newest, product.floors),
    }));
    expect(found).toEqual(wanted);
    expect(asOf).toBe(list.asOf);
  });

  it('names the same images that ended or are another product', () => {
    const ended = list.obsoleteImages.map(({ match }) => match);
    for (const image of endedImages) expect(ended).toContain(image);
    const others = list.otherProduct.map(({ match }) => match);
    for (const image of gitnessImages) expect(others).toContain(image);
  });
});
