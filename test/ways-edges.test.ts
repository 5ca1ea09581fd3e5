import { describe, expect, test } from 'vitest';
import { type EdgeId, edgeIds } from '../src/ways/edge-ids.ts';
import { escapeOf } from '../src/ways/edges/privilege.ts';
import type { Ways } from '../src/ways/ways.ts';
import { lineOf, waysThrough } from './support/ways.ts';
import { type Case, cases, defaults, publishedExtension, singleFixes } from './support/ways-installations.ts';

/**
 * Edges of which the fixtures do not show that they open, or that something closes them; the list only gets shorter. An extra
 * image leads where the plugins lead that are privileged by themselves, which are told.
 */
const missing: readonly string[] = ['extra-image open', 'extra-image closed'];

function told({ files, api, told: expected }: Case): readonly string[] {
  const { relations } = waysThrough(files, api);
  return expected.map((line) => {
    const [, from, to] = /^(\S+) (.*?): /.exec(line) ?? [];
    const relation = relations.find((each) => each.from === from && each.to === to);
    return relation ? lineOf(relation) : `${from} ${to}: nothing`;
  });
}

describe.each(Object.entries(cases))('%s', (_, { open, closed }) => {
  test.each((open ?? []).map((each) => [each.what, each] as const))('is open: %s', (_, each) => {
    expect(told(each)).toEqual(each.told);
  });

  test.each((closed ?? []).map((each) => [each.what, each] as const))('is closed: %s', (_, each) => {
    expect(told(each)).toEqual(each.told);
  });
});

test('no edge is without a fixture that opens it and one that closes it', () => {
  const isTold = (edge: EdgeId, list: readonly Case[] = []): boolean =>
    list.some(({ told: lines }) => lines.some((line) => line.includes(edge)));
  const lacking = edgeIds.flatMap((edge) => [
    ...(isTold(edge, cases[edge]?.open) ? [] : [`${edge} open`]),
    ...(cases[edge]?.closed?.length ? [] : [`${edge} closed`]),
  ]);
  expect(lacking).toEqual(missing);
});

describe('each change that a cut names', () => {
  /** A change to one line of the defaults, by what the cut says of it, and the pairs that it closes: those, and no others. */
  test.each(singleFixes.map((each) => [each.does, each] as const))('%s', (_, { edge, files, api, closes }) => {
    const before = waysThrough(defaults.files, defaults.api);
    const after = waysThrough(files, api ?? defaults.api);
    const openOf = ({ relations }: Ways): readonly string[] =>
      relations.flatMap(({ from, to, is }) => (is === 'open' && from !== 'supplier' ? [`${from} ${to}`] : []));
    const closed = openOf(before).filter((pair) => !openOf(after).includes(pair));
    expect([...new Set(closed.map((pair) => pair.split(' ')[0]))]).toEqual(closes);
    // All that these had is gone, each by the edge that the change is for.
    const left = after.relations.filter(({ from }) => closes.includes(from));
    expect(left.filter(({ is }) => is === 'open')).toEqual([]);
    for (const { from, to, by } of left)
      if (closed.includes(`${from} ${to}`)) expect(by?.pieces.join('')).toMatch(new RegExp(`^${edge}: `));
    expect(openOf(after).filter((pair) => !openOf(before).includes(pair))).toEqual([]);
  });
});

test.each([
  { mapsUsers: false, by: 'privileged', certainty: 'seen' },
  { mapsUsers: true, by: 'privileged', certainty: 'closed' },
  // Whoever has the engine asks it for the users of the host.
  { mapsUsers: true, by: 'engine', certainty: 'seen' },
] as const)('an engine that maps users starts nothing privileged: $mapsUsers, $by', ({ mapsUsers, by, certainty }) => {
  const source = { name: 'compose.yml', form: 'compose', text: '' } as const;
  const engine = {
    place: 'own',
    rootless: false,
    mapsUsers,
    at: { source, path: '', span: { start: 0, end: 0 } },
  } as const;
  expect(escapeOf({ name: 'runner', engine }, by).certainty).toBe(certainty);
});

test('the token of an extension is one with that of its callers, and changed once', () => {
  const { cut } = waysThrough(publishedExtension, [], { from: ['network'] });
  const changes = cut.changes.filter(({ edge }) => edge === 'open-extension');
  expect(changes.map(({ what }) => what.pieces.join(''))).toEqual([
    'give the extension a random token, and do not publish it',
  ]);
});
