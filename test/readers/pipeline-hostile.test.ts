import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { looksLikeDrone, readPipelines } from '../../src/readers/pipeline/stream.ts';
import { affordable, Reference } from '../support/cost.ts';
import { plain } from '../support/text.ts';
import { locatedTexts, read } from './pipeline-located.ts';

const head = 'kind: pipeline\nname: web\n';

function lines(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => line(index)).join('');
}

const hostile: Readonly<Record<string, () => string>> = {
  'many keys': () => head + lines(20_000, (index) => `key${index}: v\n`),
  'one key many times': () => head + lines(20_000, () => 'key: v\n'),
  'steps many times': () => head + lines(5_000, () => 'steps: [{name: a, image: b}]\n'),
  'many merges': () =>
    `${head}x: &a {p: 1}\nsteps:\n- name: a\n${lines(10_000, (index) => `  k${index}: 1\n  <<: *a\n`)}`,
  'deep lists': () => `${head}x: ${'['.repeat(5_000)}${']'.repeat(5_000)}\n`,
  'deep mappings': () => head + lines(2_000, (index) => `${' '.repeat(index)}a:\n`),
  'an alias bomb': () =>
    `a0: &a0 [x, x, x, x, x, x, x, x, x]\n${lines(9, (index) => `a${index + 1}: &a${index + 1} [${Array(9).fill(`*a${index}`).join(', ')}]\n`)}${head}`,
  'an anchor in itself': () => `${head}x: &x [*x]\n`,
  'a chain of merges': () =>
    `a0: &a0 {k: v}\n${lines(300, (index) => `a${index + 1}: &a${index + 1} {<<: *a${index}, k${index}: v}\n`)}${head}steps:\n- <<: *a300\n`,
  'many documents': () => '---\n'.repeat(260_000),
  'many steps': () =>
    `${head}steps:\n${lines(5_000, (index) => `- {name: s${index}, image: a, depends_on: [s${index - 1}]}\n`)}`,
  'steps of one name': () => `${head}steps:\n${lines(10_000, () => '- {name: s, image: a}\n')}`,
  'long names': () =>
    `kind: pipeline\nname: ${'n'.repeat(60_000)}\nsteps:\n${lines(5_000, (index) => `- {name: s${index}, image: a}\n`)}`,
  'the same step by alias': () =>
    `${head}x: &s {name: a, image: b, environment: {A: 1}}\nsteps:\n${'- *s\n'.repeat(10_000)}`,
  'many patterns': () =>
    `${head}trigger:\n  branch:\n    include:\n${lines(10_000, (index) => `    - b${index}\n`)}    exclude:\n${lines(10_000, (index) => `    - "*${index}*a*"\n`)}steps: []\n`,
  'slow patterns': () =>
    `${head}trigger:\n  ref:\n    include:\n${lines(1_000, () => `    - "${'{a,aa}'.repeat(30)}"\n`)}    exclude:\n${lines(1_000, () => `    - "${'*a'.repeat(80)}b"\n`)}steps:\n${lines(200, (index) => `- {name: s${index}, image: a, when: {event: push}}\n`)}`,
  'nothing in lists': () => `${head}steps:\n- {name: a, image: b}\n${'-\n'.repeat(30_000)}`,
  'a large legacy file': () => `pipeline:\n${lines(5_000, (index) => `  s${index}:\n    image: a\n`)}`,
  'a large matrix': () =>
    `matrix:\n${lines(500, (index) => `  A${index}: [${Array.from({ length: 30 }, (_, value) => value).join(', ')}]\n`)}pipeline:\n  s:\n    image: a:\${A1}\n`,
  'a matrix that grows': () =>
    `matrix:\n  A: ["${'x'.repeat(20_000)}"]\npipeline:\n  s:\n    image: a\n    commands: ["${'${A}'.repeat(10_000)}"]\n`,
  'unusual line breaks': () => `${head}${'\u2028a: "\u2028"\n'.repeat(5_000)}`,
  'carriage returns': () => '\r'.repeat(500_000),
  quotes: () => `${head}"${'"\n'.repeat(100_000)}`,
  'white space': () => `pipeline:${' '.repeat(500_000)}x`,
  'no text': () => String.fromCharCode(...Array.from({ length: 60_000 }, (_, index) => (index * 7919) % 65_536)),
};

/** A fraction of a second; everything else costs at most some of these. */
const honest = new Reference('an honest pipeline', () => {
  const text = `${head}steps:\n${lines(2_000, (index) => `- {name: s${index}, image: a, commands: [make]}\n`)}`;
  return readPipelines({ name: '.drone.yml', form: 'drone', text });
});

describe('hostile texts', () => {
  test.each(Object.keys(hostile))('%s', (name) => {
    const text = hostile[name]?.() ?? '';
    looksLikeDrone(text);
    const reading = affordable(() => readPipelines({ name: '.drone.yml', form: 'drone', text }), honest, 15);
    for (const { path } of reading.streams.flatMap((stream) => stream.refusals.map(({ at }) => at)))
      expect(path.length).toBeLessThan(1_000);
  });

  it('says what is too much', () => {
    const messages = (name: string): string[] =>
      read(hostile[name]?.() ?? '').problems.map(({ message }) => plain(message));
    expect(messages('an alias bomb')).toEqual(['YAML: its aliases expand to more than 200000 values']);
    expect(messages('an anchor in itself')).toEqual(['YAML: an anchor contains itself']);
    expect(messages('many documents')).toEqual(['more than 5000 documents; those from here on are not read']);
    expect(messages('deep lists')).toHaveLength(1);
  });

  it('never throws, and keeps places inside the text', () => {
    const token = fc.constantFrom(
      'kind: pipeline',
      'kind: secret',
      'kind: [a]',
      'name: a',
      'type: ssh',
      'steps:',
      'pipeline:',
      '- name: a',
      '  image: b',
      '  when: {event: [',
      'trigger:',
      '  branch: {include: ',
      '---',
      '...',
      '\n',
      '\n',
      '\n',
      ' ',
      '\t',
      '"',
      "'",
      '&x ',
      '*x',
      '<<: ',
      '{',
      '}',
      '[',
      ']',
      ': ',
      '- ',
      '|',
      '#',
      '!!bool ',
      '~',
      '\r',
      '\u2028',
      '\uFEFF',
      'environment: {A: {from_secret: b}}',
      'matrix: {A: [1]}',
      'branches: ',
      'volumes: [~]',
    );
    fc.assert(
      fc.property(
        fc.array(token, { maxLength: 40 }).map((tokens) => tokens.join('')),
        (text) => {
          const reading = read(text);
          looksLikeDrone(text);
          for (const { at } of locatedTexts([reading.pipelines, reading.streams])) {
            expect(at.span.start).toBeGreaterThanOrEqual(0);
            expect(at.span.end).toBeGreaterThanOrEqual(at.span.start);
            expect(at.span.end).toBeLessThanOrEqual(text.length);
          }
          for (const problem of reading.problems) expect(problem.line ?? 1).toBeGreaterThanOrEqual(1);
        },
      ),
      { numRuns: 1500 },
    );
  });

  it('never throws on any text at all', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(read(text).pipelines.length).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 500 },
    );
  });
});
