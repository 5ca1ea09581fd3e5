import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  defaultWords,
  documentedSecrets,
  placeholders,
  probedLogins,
  probedSecrets,
} from '../../src/facts/documented-secrets.ts';

describe('documented secrets', () => {
  it('have words in lower case and samples once a use', () => {
    for (const word of defaultWords) expect(word).toBe(word.trim().toLowerCase());
    const keys = documentedSecrets.flatMap(({ value, use }) => use.map((fit) => `${fit} ${value}`));
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('are known to the rules, where probes try them, eight at most', () => {
    const known = new Set([...documentedSecrets.map(({ value }) => value), ...defaultWords]);
    for (const list of Object.values(probedSecrets)) {
      expect(list.filter((value) => !known.has(value))).toEqual([]);
      expect(new Set(list).size).toBe(list.length);
      expect(list.length).toBeLessThanOrEqual(8);
    }
  });

  it.each(placeholders)('pattern of "$example" matches it and no random text', ({ pattern, example }) => {
    expect(pattern.test(example)).toBe(true);
    expect(pattern.test('4f1c9a7be0d35c2286b1e94d70aa3c58')).toBe(false);
    expect(pattern.global || pattern.sticky).toBe(false);
  });
});

const oracle = '../shared/rules/documented-secrets.json';

describe.skipIf(!existsSync(oracle))('agreement with the list of documented secrets (absent here: skipped)', () => {
  it('holds the same values, words and patterns', () => {
    const list = JSON.parse(readFileSync(oracle, 'utf8'));
    expect(documentedSecrets.map(({ value, use }) => ({ value, use }))).toEqual(
      list.values.map(({ value, use }: { value: string; use: string[] }) => ({ value, use })),
    );
    expect([...defaultWords]).toEqual(list.words);
    const dashboard = probedLogins.map(({ name, password }) => [name, password]);
    expect({ ...probedSecrets, dashboard }).toEqual(list.probe);
    expect(placeholders.map(({ pattern }) => [pattern.source, pattern.flags])).toEqual(
      list.placeholders.map(({ pattern, flags }: { pattern: string; flags: string }) => [pattern, flags]),
    );
  });
});
