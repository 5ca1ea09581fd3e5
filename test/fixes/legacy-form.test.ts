import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { legacyForm } from '../../src/fixes/legacy-form.ts';
import { partsOf } from '../../src/model/fix-markdown.ts';
import { allRules, familyOf } from '../../src/rules/all.ts';
import { findingsIn, fixtureOf, fixturesIn, textsOf } from '../support/fixtures.ts';
import { inLegacyForm, isTree } from '../support/legacy-form.ts';

// A fix for a file in the format before 1.0 is in that format: the bad fixtures of all rules, written in it.
const root = 'test/fixtures/rules';
const isLegacy = (text: string): boolean => /^pipeline:\s*$/m.test(text);

describe('the fixes for the format before 1.0 are in that format:', () => {
  for (const { id } of allRules) {
    const folder = join(root, familyOf.get(id) ?? '', id);
    const fixtures = fixturesIn(folder)
      .filter((name) => name.startsWith('bad'))
      .map((name) => [name, legacyTexts(folder, name)] as const)
      .filter(([, texts]) => [...texts.values()].some(isLegacy));
    if (fixtures.length === 0) continue;
    it(id, () => {
      const faults = new Set<string>();
      // Its block is about the file once it is converted.
      for (const [name, texts] of fixtures)
        for (const { rule, fix, at } of findingsIn(fixtureOf(name, texts)).findings)
          if (isLegacy(at.source.text) && rule !== 'legacy-pipeline')
            for (const fault of faultsOf(fix)) faults.add(`${rule}: ${fault} (${name})`);
      expect([...faults]).toEqual([]);
    });
  }
});

/** The files of a fixture, with pipelines as they would have been before 1.0. */
function legacyTexts(folder: string, name: string): ReadonlyMap<string, string> {
  const texts = [...textsOf(join(folder, name), name)];
  return new Map(texts.map(([file, text]) => [file, (file.endsWith('.drone.yml') && inLegacyForm(text)) || text]));
}

const ofCurrentFormat: ReadonlySet<string> = new Set(
  'steps settings from_secret trigger depends_on image_pull_secrets kind type name platform node temp host'.split(' '),
);
/** What the converter knows below `when`. */
const conditions: ReadonlySet<string> = new Set('ref repo instance environment event branch status'.split(' '));

function faultsOf(fix: string): readonly string[] {
  return partsOf(fix).flatMap((part) => {
    if (part.kind === 'prose') return /`(?:from_secret|trigger|image_pull_secrets)/.test(part.text) ? [part.text] : [];
    if (part.language !== 'yaml' || part.text.startsWith('# drone-audit.yml')) return [];
    return [...faultsBelow(parse(part.text), [])];
  });
}

function* faultsBelow(value: unknown, path: readonly string[]): Iterable<string> {
  if (Array.isArray(value)) for (const item of value) yield* faultsBelow(item, path);
  if (!isTree(value)) return;
  const isOfAuthor = path.length === 1 && (path[0] === 'pipeline' || path[0] === 'services');
  for (const [key, below] of Object.entries(value)) {
    const isWrong = path.at(-1) === 'when' ? !conditions.has(key) : ofCurrentFormat.has(key);
    if (isWrong && !isOfAuthor) yield `${[...path, key].join('.')}`;
    yield* faultsBelow(below, [...path, key]);
  }
}

describe('the form before 1.0', () => {
  it.each([
    ['settings', 'settings:\n  repo: a/b\n  tags:\n    - 1', 'repo: a/b\ntags:\n  - 1'],
    ['a secret of the same name', 'environment:\n  API_KEY:\n    from_secret: api_key', 'secrets: [api_key]'],
    [
      'secrets of other names',
      'environment:\n  A: { from_secret: b }\n  C: d\nsettings:\n  password:\n    from_secret: e',
      'environment:\n  C: d\nsecrets:\n  - source: b\n    target: a\n  - source: e\n    target: plugin_password',
    ],
    [
      'steps, services and conditions',
      'steps:\n  - image: a\n    name: build\n    when:\n      event: [promote]\n      target: [x]\nservices:\n  - name: db\n    image: b',
      'pipeline:\n  build:\n    image: a\n    when:\n      event: [deployment]\n      environment: [x]\nservices:\n  db:\n    image: b',
    ],
    ['what is its own form', 'pipeline:\n  settings:\n    image: a', 'pipeline:\n  settings:\n    image: a'],
    ['a config', '# drone-audit.yml\nsite:\n  images: [a]', '# drone-audit.yml\nsite:\n  images: [a]'],
  ])('of %s', (_, text, legacy) => {
    expect(legacyForm(text)).toBe(legacy);
  });

  it('keeps the secrets that a step lists already', () => {
    const own = [
      { source: 'a', target: 'A' },
      { source: 'old', target: 'B' },
    ];
    const text = 'environment:\n  B:\n    from_secret: b';
    expect(legacyForm(text, own)).toBe('secrets: [a, b]');
    expect(legacyForm('image: x', own)).toBe('image: x');
  });
});
