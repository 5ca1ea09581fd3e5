import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { allRules } from '../src/rules/all.ts';
import { edgeIds } from '../src/ways/edge-ids.ts';
import { edges } from '../src/ways/edges/index.ts';
import { positions } from '../src/ways/states.ts';

const page = readFileSync('docs/ways-in.md', 'utf8');

test('every kind of step has one row in the table, and what it says is true', () => {
  const rows = page.split('\n').filter((line) => /^\| `[a-z-]+` \|.*\|.*\|.*\|$/.test(line));
  const told = edges.map(
    ({ id, does, rules, source }) =>
      `| \`${id}\` | ${does} | ${rules.map((rule) => `\`${rule}\``).join(', ') || '–'} | ${source} |`,
  );
  expect(rows).toEqual(told);
});

test('every id is that of one edge', () => {
  expect(edges.map(({ id }) => id).toSorted()).toEqual(edgeIds.toSorted());
});

test('every rule that an edge names is there', () => {
  const known = new Set(allRules.map(({ id }) => id));
  expect(edges.flatMap(({ rules }) => rules.filter((rule) => !known.has(rule)))).toEqual([]);
});

test('every position is explained', () => {
  expect(positions.filter((position) => !page.includes(`\`${position}\``))).toEqual([]);
});
