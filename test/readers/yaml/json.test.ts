import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readJson } from '../../../src/readers/yaml/json.ts';
import { parseYamlPartFully } from '../../../src/readers/yaml/parse.ts';
import type { Node } from '../../../src/readers/yaml/tree.ts';

/* What this reader takes, JSON.parse takes too, and the yaml package makes the same tree of it. */

function wholeOf(text: string) {
  return { start: 0, end: text.length };
}

/** The value that a tree stands for, as JSON.parse makes it. */
function asJson(node: Node): unknown {
  if (node.kind === 'map') return Object.fromEntries(node.entries.map(({ key, value }) => [key, asJson(value)]));
  if (node.kind === 'seq') return node.items.map(asJson);
  return node.style === 'double' ? node.text : JSON.parse(node.text);
}

describe('JSON', () => {
  it('is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue())), (value) => {
        for (const text of [JSON.stringify(value), ` ${JSON.stringify(value, null, 2)}\n`]) {
          // A tree has no prototype to set.
          fc.pre(!text.includes('__proto__'));
          const node = readJson(text, wholeOf(text));
          expect(node && asJson(node)).toEqual(JSON.parse(text));
        }
      }),
    );
  });

  it.each([
    '{"a": 1, "b": [true, null, "c"], "d": {}, "e": []}',
    '{\n  "a": "with \\"quotes\\" and \\u00e9",\n  "b": [\n    {\n      "c": -1.5e3\n    }\n  ]\n}\n',
    '["a", "b: c", " d "]',
  ])('makes the tree of the yaml package of %j', (text) => {
    const full = parseYamlPartFully({ name: 'a.json', form: 'docker-inspect', text }, wholeOf(text));
    expect(full.problems).toEqual([]);
    expect(readJson(text, wholeOf(text))).toEqual(full.documents[0]?.root);
  });

  it.each([
    '',
    'a',
    '"a"',
    '{',
    '{"a"',
    '{"a":}',
    '{"a":1,}',
    '{"a":1}}',
    '{a: 1}',
    "{'a': 1}",
    '{"a": 01}',
    '{"a": .5}',
    '{"a": nul}',
    '{"a": "b\nc"}',
    '{"a": "\\x41"}',
    '{"a": "b',
    '{"a": "b\\',
    '{"a": 1, "a": 2}',
    '[1 2]',
    '[1] # comment',
    `${'['.repeat(200)}${']'.repeat(200)}`,
  ])('leaves %j to the readers of YAML', (text) => {
    expect(readJson(text, wholeOf(text))).toBeUndefined();
  });
});
