import { describe, expect, it } from 'vitest';
import { parseTemplate } from '../../../src/readers/yaml/template.ts';
import type { Node } from '../../../src/readers/yaml/tree.ts';
import { expectProportional } from '../../support/cost.ts';

function read(text: string) {
  return parseTemplate({ name: 'a.yml', form: 'compose', text });
}

function plain(node: Node | undefined): unknown {
  if (!node || node.kind === 'scalar') return node?.text;
  if (node.kind === 'seq') return node.items.map(plain);
  return Object.fromEntries(node.entries.map(({ key, value }) => [key, plain(value)]));
}

function read1(text: string): unknown {
  const { documents, problems } = read(text);
  expect(problems).toEqual([]);
  return plain(documents[0]?.root);
}

describe('a template', () => {
  it.each([
    ['a: {{ x }}\n', { a: '{{ x }}' }],
    ['a: {{ x }}:{{ y | d("z: w") }}\n', { a: '{{ x }}:{{ y | d("z: w") }}' }],
    ['a: "\\"{{ x }}\\" {{ "y" }}"\nb: {{ z }}\n', { a: '"{{ x }}" {{ "y" }}', b: '{{ z }}' }],
    ["a: '{{ 'x' }}'\n", { a: "{{ 'x' }}" }],
    ['a: {b: {{ x }}, c: [{{ y }}, d]}\n', { a: { b: '{{ x }}', c: ['{{ y }}', 'd'] } }],
    ['{{ a }}: x\nb: {{ c }}\n', { '{{ a }}': 'x', b: '{{ c }}' }],
    ['a: &x {{ y }}\nb: *x\n', { a: '{{ y }}', b: '{{ y }}' }],
    ['a: {# why #} b\nc: {{ d }}\n', { a: 'b', c: '{{ d }}' }],
    ['a: |\n  b\n  {{ c }}\n  d\ne: {{ f }}\n', { a: '|\n  b\n  {{ c }}\n  d\n', e: '{{ f }}' }],
    ['{% set a = [\n  1] %}\nb: ${#c} {{ d }}\ne: <%= f ? 1 : 2 %>\n', { b: '${#c} {{ d }}', e: '<%= f ? 1 : 2 %>' }],
    ['a:\r\n{% if b %}\r\n  c: d\r\n{% endif %}\r\n', { a: { c: 'd' } }],
    ['# {{ open\na: {{ b }}\n', { a: '{{ b }}' }],
  ])('is read with its marks as they are written: %j', (text, value) => {
    expect(read1(text)).toEqual(value);
  });

  it.each([
    ['a: {{ b }}\n', [3, 5], false],
    ['a: b # {{ c }}\nd: "{{ e }}"\nf: {{ g }}\n', [31, 33], false],
    ['a: b\n{% if c %}\nd: e\n{% endif %}\n', [5, 7], true],
    ['a: b\n{{- c }}\n', [5, 7], true],
    ['{{ a }}: b\n', [0, 2], true],
    ['a-{{ b }}: c\n', [2, 4], false],
    ['{# a #}\nb: c\n', [0, 2], false],
  ])('has a first mark outside of values: %j', (text, [start, end], decides) => {
    expect(read(text)).toMatchObject({ mark: { start, end }, decides });
  });

  it.each(['a: "{{ b }}"\n', 'a: b{{ c }}\n', 'a: b # {{ c }}\n', 'a: |\n  {{ b }}\n', 'a: ${#b}\n'])(
    'is none where marks are in values and comments only: %j',
    (text) => {
      const { mark, decides } = read(text);
      expect({ mark, decides }).toEqual({ mark: undefined, decides: false });
    },
  );

  it.each(['{{', '{{ ', '{{\n', '{%', '{#', '<%', '{{ }}', 'a: {{ b }}\n', '{{ b }}\n', '# {{\n- []\n'])(
    'takes time in proportion to its length: %j',
    (part) => {
      expectProportional((scale) => read(`a: {{ b }}\n${part.repeat((300_000 * scale) / part.length)}`));
    },
  );
});
