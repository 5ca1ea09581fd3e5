import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseYaml, parseYamlPart } from '../../../src/readers/yaml/parse.ts';
import type { Node } from '../../../src/readers/yaml/tree.ts';
import { expectProportional } from '../../support/cost.ts';

function read(text: string) {
  return parseYaml({ name: 'a.yml', form: 'drone', text });
}

/** A tree as plain values. */
function plain(node: Node | undefined): unknown {
  if (!node || node.kind === 'scalar') return node?.text;
  if (node.kind === 'seq') return node.items.map(plain);
  return Object.fromEntries(node.entries.map(({ key, value }) => [key, plain(value)]));
}

/** All scalars, keys too. */
function scalars(node: Node): readonly Node[] {
  if (node.kind === 'scalar') return [node];
  if (node.kind === 'seq') return node.items.flatMap(scalars);
  return node.entries.flatMap(({ keyNode, value }) => [keyNode, ...scalars(value)]);
}

describe('quoted texts that go on too far left', () => {
  // What buildkite/yaml v2.1.0 makes of them.
  it.each([
    ['a: 1\nb: "x\ny"\nc: 2\n', { a: '1', b: 'x y', c: '2' }],
    ['b: "x\ny\nz: w"\nc: 2\n', { b: 'x y z: w', c: '2' }],
    ["b: 'x\ny ''z\n'\nc: 2\n", { b: "x y 'z ", c: '2' }],
    ['a:\n- b: "x\n\n\ny \\\nq"\n  c: 3\nd: 1\n', { a: [{ b: 'x\n\ny q', c: '3' }], d: '1' }],
    ['b: "x\n# y \\" "\nc: "z\ny"\n', { b: 'x # y " ', c: 'z y' }],
    ['a: {x: "q\nr"}\n', { a: { x: 'q r' } }],
    ['a: "x\r\ny"\r\nb: 1\r\n', { a: 'x y', b: '1' }],
  ])('are read: %j', (text, value) => {
    const { documents, problems } = read(text);
    expect(problems).toEqual([]);
    expect(plain(documents[0]?.root)).toEqual(value);
  });

  it('leave every place where it is', () => {
    const before = 'kind: other\n---\n';
    const text = `${before}a: "x\ny"\nb: 'z\nw'\nlist:\n- c\n- {d: e}\n`;
    const source = { name: 'a.yml', form: 'drone' as const, text };
    const { root } = parseYamlPart(source, { start: before.length, end: text.length }).documents[0] ?? {};
    expect(root && text.slice(root.span.start, root.span.end)).toBe(text.slice(before.length).trimEnd());
    expect(root && scalars(root).map(({ span }) => text.slice(span.start, span.end))).toEqual([
      'a',
      'x\ny',
      'b',
      'z\nw',
      'list',
      'c',
      'd',
      'e',
    ]);
  });

  it.each([
    ['a: 1\nb: "x\nc: 2\n', 4],
    ['a: "x\nb: "y"\n', 1],
    ['a: "x\ny"\nb: [\n', 1],
    ['a: "x\n---\ny"\n', 1],
  ])('are told where YAML breaks off as long as anything else is wrong: %j', (text, line) => {
    const { problems } = read(text);
    expect(problems[0]).toMatchObject({ kind: 'malformed', line });
  });

  it.each<[string, (scale: number) => string]>([
    ['values of two lines', (scale) => 'a: "x\ny"\n'.repeat(10_000 * scale)],
    ['a value of many lines', (scale) => `a: "${'x\n'.repeat(50_000 * scale)}"\n`],
    ['quotes that open and close', (scale) => 'a: "x\n'.repeat(20_000 * scale)],
  ])('take time in proportion: %s', (_, text) => {
    expectProportional((scale) => read(text(scale)));
  });

  it('never make it throw', () => {
    const piece = fc.constantFrom('a', ': ', '"', "'", '\n', ' ', '\\', '- ', '{', '}', '[', ']', ',', '---\n', '\r');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join('');
        for (const { root } of read(text).documents)
          for (const { span } of root ? scalars(root) : []) {
            expect(span.start).toBeLessThanOrEqual(span.end);
            expect(span.end).toBeLessThanOrEqual(text.length);
          }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('complex keys', () => {
  it('are no entries, but are told', () => {
    const { documents } = read('a: {{b}}\n? [c]\n: d\ne: f\n');
    const root = documents[0]?.root;
    expect(plain(root)).toEqual({ a: {}, e: 'f' });
    expect(root).toMatchObject({ complexKeys: [{ kind: 'seq' }] });
    expect(root?.kind === 'map' && root.entries[0]?.value).toMatchObject({ complexKeys: [{ kind: 'map' }] });
  });
});
