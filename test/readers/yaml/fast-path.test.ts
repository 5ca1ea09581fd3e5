import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPlainYaml } from '../../../src/readers/yaml/fast-path.ts';
import { parseYamlPartFully } from '../../../src/readers/yaml/parse.ts';

/* The yaml package is the authority: what the plain reader takes, it must read without a fault and to the same tree. */

function wholeOf(text: string) {
  return { start: 0, end: text.length };
}

/** Whether the plain reader took the text; fails where the package reads it otherwise. */
function compare(text: string): boolean {
  const plain = readPlainYaml(text, wholeOf(text));
  if (!plain) return false;
  const full = parseYamlPartFully({ name: 'a.yml', form: 'drone', text }, wholeOf(text));
  expect(full.problems, JSON.stringify(text)).toEqual([]);
  expect(plain.root, JSON.stringify(text)).toEqual(full.documents[0]?.root);
  return true;
}

const texts = ['test/fixtures', 'examples'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8')),
);
/** The documents of all texts, so that streams count too. */
const documents = texts.flatMap((text) => text.split(/^---.*\n/m));

describe('plain YAML', () => {
  it('is what nearly all files are written in', () => {
    const taken = documents.filter(compare).length;
    expect(taken).toBeGreaterThan(0.9 * documents.length);
  });

  it.each([
    ['a scalar over several lines', 'a: one\n  two\n    three\nb: 4\n'],
    ['a comment in between', 'a: one\n# two\nb: three # four\n'],
    ['a list in the column of its key', 'a:\n- b\n- c: d\n  e: f\n-\n- - g\n  - h\ni:\n'],
    ['quotes', `a: "b \\" \\n # c" # d\n'e': 'f ''g'''\n"h" : ''\n`],
    ['quotes over lines', `a: "b \\" c\n  d" # e\nf: 'g''\n    h'\ni:\n  - "j\n    k"\n`],
    ['blocks that keep their ends', 'a: |+\n  b\n\n\nc: >+\n  d\n  e\n\nf: g\n'],
    ['flow collections', 'a: [b, "c, d", [e], {f: g}, ]\nh: {}\ni: { "j": k:l }\n'],
    ['literal blocks', 'a: |\n  b\n   c\n\n  d\n\n\ne: |- # f\n    g\n# h\ni: j\n'],
    ['folded blocks', 'a: >\n  b\n  c\n\n  d\n    e\n\n    f\n  g\nh: >-\n  i'],
    ['anchors and aliases', 'a: &b\n  c: d\ne: *b\nf:\n  <<: *b\ng: &h i\nj: [k]\nl:\n  &m\n  n: *h\n'],
    ['flow collections in lists', 'a:\n  - [b, c]\n  - {d: e}\n'],
    ['the beginning of a document', '# a\n---\n# b\nc: d\n'],
    ['nothing but comments', '# a\n\n  # b\n'],
  ])('has %s', (_, text) => {
    expect(compare(text)).toBe(true);
  });

  it.each([
    ['tags', 'a: !b c\n'],
    ['a byte order mark', '\uFEFFa: b\n'],
    ['carriage returns', 'a: b\r\nc: d\r\n'],
    ['complex keys', '? a\n: b\n'],
    ['an anchor of a key', '&a b: c\n'],
    ['two anchors', 'a:\n  &b\n  &c\n  d: e\n'],
    ['an alias of nothing', 'a: *b\n'],
    ['an anchor in itself', 'a: &b\n  c: *b\n'],
    ['two documents', 'a: b\n---\nc: d\n'],
    ['an end', 'a: b\n...\n'],
    ['an end at the beginning', '... a: b\n'],
    ['two beginnings', '---\n--- a: b\n'],
    ['a directive', '%YAML 1.1\n---\na: b\n'],
    ['tabs', 'a:\tb\n'],
    ['a flow collection over lines', 'a: [b,\n  c]\n'],
    ['a quoted scalar with a blank line', 'a: "b\n\n  c"\n'],
    ['a quoted scalar that is not indented', 'a:\n  b: "c\n d"\n'],
    ['a quoted key over lines', '"a\n b": c\n'],
    ['a block that keeps its end at the end', 'a: |+\n  b\n\n'],
    ['an indentation indicator', 'a: |2\n   b\n'],
    ['a scalar alone', 'a\n'],
    ['a blank line in a scalar', 'a: b\n\n  c\n'],
    ['a mapping behind a mapping', 'a: b: c\n'],
    ['what stands too far in', 'a: b\n  c: d\n'],
    ['what stands too far out', '  a: b\nc: d\n'],
  ])('leaves %s to the package', (_, text) => {
    expect(readPlainYaml(text, wholeOf(text))).toBeUndefined();
  });

  it('leaves aliases that expand without bounds to the package', () => {
    const lines = Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1}\n  - *a${i}\n  - *a${i}\n`);
    const text = `a0: &a0\n  - b\n${lines.join('')}`;
    expect(readPlainYaml(text, wholeOf(text))).toBeUndefined();
  });

  it('leaves deep texts to the package', () => {
    for (const text of ['['.repeat(5000), '- '.repeat(5000), `a:\n${'&a\n'.repeat(5000)}`])
      expect(readPlainYaml(`a: ${text}`, wholeOf(`a: ${text}`))).toBeUndefined();
  });

  it('reads part of a text, with the offsets of the whole', () => {
    const text = 'a: b\n---\nc: d\n---\ne: f\n';
    expect(readPlainYaml(text, { start: 9, end: 14 })?.root?.span).toEqual({ start: 9, end: 13 });
  });

  const pieces = [
    ...[
      ' ',
      '  ',
      '\n',
      '\n\n',
      '\n  ',
      '\n    ',
      '\n- ',
      '\n  - ',
      '- ',
      '-',
      ': ',
      ':',
      ':\n',
      '-\n',
      '#',
      ' # ',
      '"',
      "'",
    ],
    ...[
      '[',
      ']',
      '{',
      '}',
      ',',
      ', ',
      '|',
      '>',
      '|-\n',
      '|\n',
      '>-\n',
      '>\n',
      '\t',
      '\\',
      '\\n',
      '\\"',
      '&a ',
      '&a\n',
      '*a',
      '*a\n',
    ],
    ...[
      '!x ',
      '---\n',
      '...\n',
      '? ',
      '%',
      '@',
      '`',
      '\u2028',
      'a',
      'a: b',
      'a: ',
      'b:\n  ',
      '<<: *a\n',
      '""',
      "''",
      '0',
      '~',
    ],
    ...[
      '[]',
      '{}',
      '[a, b]',
      '{a: b}',
      '[a,b]',
      '{a:b}',
      '|+\n',
      '>+\n',
      '--',
      '::',
      '  \n',
      'a b',
      'é',
      '\u{1F600}',
      '\r\n',
    ],
  ];

  it('never differs from the package on any text', () => {
    const soup = fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 14 }).map((parts) => parts.join(''));
    let taken = 0;
    fc.assert(
      fc.property(soup, (text) => {
        if (compare(text)) taken++;
      }),
      { numRuns: 20_000 },
    );
    expect(taken).toBeGreaterThan(200);
  });

  it('never differs from the package on files with a slip', () => {
    const slip = fc.record({
      text: fc.constantFrom(...documents),
      from: fc.nat(),
      lines: fc.integer({ min: 2, max: 14 }),
      edits: fc.array(
        fc.record({ at: fc.nat(), cut: fc.integer({ min: 0, max: 2 }), piece: fc.constantFrom('', ...pieces) }),
        { maxLength: 4 },
      ),
    });
    let taken = 0;
    fc.assert(
      fc.property(slip, ({ text, from, lines, edits }) => {
        const all = text.split('\n');
        const start = from % all.length;
        const part = all.slice(start, start + lines);
        const indent = /^ */.exec(part[0] ?? '')?.[0].length ?? 0;
        let edited = part.map((line) => line.replace(new RegExp(`^ {${indent}}`), '')).join('\n');
        for (const { at, cut, piece } of edits) {
          const offset = at % (edited.length + 1);
          edited = edited.slice(0, offset) + piece + edited.slice(offset + cut);
        }
        if (compare(edited)) taken++;
      }),
      { numRuns: 5_000 },
    );
    expect(taken).toBeGreaterThan(500);
  });
});
