import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allRules, families, familyOf } from '../src/rules/all.ts';
import { expectationsOf, readFixture } from './support/fixtures.ts';

const fixtures = 'test/fixtures/rules';

describe('every rule', () => {
  it('is in the list of its family, under the name of its file', () => {
    for (const [family, rules] of Object.entries(families)) {
      const files = readdirSync(join('src/rules', family)).map((file) => join('src/rules', family, file));
      const defined = files.filter((file) => readFileSync(file, 'utf8').includes('export default rule({'));
      expect(defined.map((file) => file.replace(/^.*\/|\.ts$/g, '')).sort()).toEqual(rules.map(({ id }) => id).sort());
    }
    expect(
      readdirSync('src/rules', { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name)
        .sort(),
    ).toEqual(Object.keys(families).sort());
  });

  it('has an id of its own', () => {
    expect(familyOf.size).toBe(allRules.length);
  });

  it.each(allRules.map((rule) => [rule.id, rule] as const))('%s is complete', (id, rule) => {
    expect(id).toMatch(/^[a-z]+(?:-[a-z0-9]+)*$/);
    expect(rule.title).not.toMatch(/\.$/);
    expect(rule.why.length).toBeGreaterThan(60);
    expect(rule.fix.length).toBeGreaterThan(20);
    expect(rule.refs.length).toBeGreaterThan(0);
    expect(rule.since).toMatch(/^\d+\.\d+\.\d+$/);
    const folder = join(fixtures, familyOf.get(id) ?? '', id);
    const names = existsSync(folder) ? readdirSync(folder) : [];
    expect(
      names.some((name) => name.startsWith('bad')),
      `${folder} has a bad fixture`,
    ).toBe(true);
    expect(
      names.some((name) => name.startsWith('good')),
      `${folder} has a good fixture`,
    ).toBe(true);
  });
});

interface Entry {
  readonly id: string;
  readonly family: string;
  readonly on: string;
  readonly severity: string;
  readonly severityWhen: readonly { severity: string }[];
  readonly confidence: string;
  readonly pedantic: boolean;
  readonly title: string;
  readonly standards: { owasp?: string[]; cisDocker?: unknown; cwe?: string[] };
  readonly supersedes: readonly string[];
}

const catalogue = '../shared/rules/catalogue.json';

describe.skipIf(!existsSync(catalogue))(`the rule catalogue (${catalogue})`, () => {
  const entries: readonly Entry[] = existsSync(catalogue) ? JSON.parse(readFileSync(catalogue, 'utf8')) : [];

  it.each(allRules.map((rule) => [rule.id, rule] as const))('agrees with %s', (id, rule) => {
    const entry = entries.find((each) => each.id === id);
    expect(entry, `${id} is in the catalogue`).toBeDefined();
    if (!entry) return;
    const { owasp, cisDocker, cwe } = rule.standards;
    expect({
      family: familyOf.get(id),
      on: rule.on,
      severity: rule.severity,
      confidence: rule.confidence,
      pedantic: rule.pedantic === true,
      title: rule.title,
      owasp,
      cisDocker,
      cwe,
      supersedes: rule.supersedes ?? [],
    }).toEqual({
      family: entry.family,
      on: entry.on,
      severity: entry.severity,
      confidence: entry.confidence,
      pedantic: entry.pedantic,
      title: entry.title,
      owasp: entry.standards.owasp,
      cisDocker: entry.standards.cisDocker,
      cwe: entry.standards.cwe,
      supersedes: entry.supersedes,
    });
  });

  it.each(allRules.map((rule) => [rule.id, rule] as const))('has a fixture for each severity of %s', (id) => {
    const entry = entries.find((each) => each.id === id);
    const folder = join(fixtures, familyOf.get(id) ?? '', id);
    const shown = new Set(
      readdirSync(folder).flatMap((name) =>
        expectationsOf(readFixture(join(folder, name), name)).map(({ severity }) => severity),
      ),
    );
    const wanted = new Set([entry?.severity, ...(entry?.severityWhen ?? []).map(({ severity }) => severity)]);
    expect([...shown].sort()).toEqual([...wanted].sort());
  });
});
