import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { AnyRule } from '../src/model/rule.ts';
import { allRules, families, familyOf } from '../src/rules/all.ts';
import { retired } from '../src/rules/retired.ts';
import { expectNone } from './support/faults.ts';
import { expectationsOf, fixturesIn, readFixture } from './support/fixtures.ts';

const fixtures = 'test/fixtures/rules';
const each = allRules.map((rule) => [rule.id, rule] as const);

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

  it('has an id of its own, which was never that of another', () => {
    expect(familyOf.size).toBe(allRules.length);
    expect(allRules.filter(({ id }) => retired.has(id)).map(({ id }) => id)).toEqual([]);
  });

  it.each(each)('%s is complete', (id, rule) => {
    expectNone(missingIn(rule, fixtureNames(id)).map((fault) => `${id}: ${fault}`));
  });
});

function fixtureNames(id: string): readonly string[] {
  const folder = join(fixtures, familyOf.get(id) ?? '', id);
  return existsSync(folder) ? fixturesIn(folder) : [];
}

function missingIn({ id, title, why, fix, refs, since }: AnyRule, names: readonly string[]): readonly string[] {
  const folder = join(fixtures, familyOf.get(id) ?? '', id);
  const shortest = (field: string, text: string, characters: number): string | false =>
    text.length <= characters && `${field} has ${text.length} characters; it takes more than ${characters} to say it`;
  return [
    !/^[a-z]+(?:-[a-z0-9]+)*$/.test(id) && 'id is not words-with-hyphens',
    title === '' && 'title is empty',
    title.endsWith('.') && 'title ends in a full stop',
    shortest('why', why, 60),
    shortest('fix', fix, 20),
    refs.length === 0 && 'refs is empty: nothing proves the claim',
    !/^\d+\.\d+\.\d+$/.test(since) && `since is not a version: "${since}"`,
    !names.some((name) => name.startsWith('bad')) && `there is no bad fixture in ${folder}`,
    !names.some((name) => name.startsWith('good')) && `there is no good fixture in ${folder}`,
  ].filter((fault) => fault !== false);
}

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

/** What code and catalogue both say of a rule. */
interface Fields {
  readonly family: unknown;
  readonly on: unknown;
  readonly severity: unknown;
  readonly confidence: unknown;
  readonly pedantic: unknown;
  readonly title: unknown;
  readonly owasp: unknown;
  readonly cisDocker: unknown;
  readonly cwe: unknown;
  readonly supersedes: unknown;
  /** Every severity that it may have: in the code, those that its fixtures show. */
  readonly severities: unknown;
}

/** The catalogue was revised first; the rules follow one by one, and each strikes its line out here. */
const aheadOfTheCode: ReadonlyMap<string, readonly (keyof Fields)[]> = new Map([
  // What a build left may be a network or volume alone, and all that is left on an engine is told at once.
  ['overdue-step-container', ['on']],
  // CIS Docker 5.14 asks for a bind address, not for TLS.
  ['plain-http-server', ['cisDocker']],
]);

/** Rules that the catalogue has and the code has not yet; likewise exact. */
const notWrittenYet: readonly string[] = [];

const catalogue = '../shared/rules/catalogue.json';

describe.skipIf(!existsSync(catalogue))(`the rule catalogue (${catalogue})`, () => {
  const entries: readonly Entry[] = existsSync(catalogue) ? JSON.parse(readFileSync(catalogue, 'utf8')) : [];
  const entryOf = new Map(entries.map((entry) => [entry.id, entry]));

  it.each(each)('agrees with %s', (id, rule) => {
    const entry = entryOf.get(id);
    if (!entry) return expect.fail(`${id}: is here and not in the catalogue`);
    const [here, there] = [fieldsOfRule(rule), fieldsOfEntry(entry)];
    const held = aheadOfTheCode.get(id) ?? [];
    const fields = Object.keys(here) as (keyof Fields)[];
    expectNone(
      fields.flatMap((field) => {
        const agrees = isDeepStrictEqual(here[field], there[field]);
        if (agrees && held.includes(field)) return `${id}: ${field} agrees now; strike it out of aheadOfTheCode`;
        if (agrees || held.includes(field)) return [];
        return `${id}: ${field} ${field === 'severities' ? 'are' : 'is'} ${show(here[field])} here and ${show(there[field])} in the catalogue`;
      }),
    );
  });

  it('has no other rules than those that are still to be written', () => {
    const ids = entries.map(({ id }) => id);
    expectNone([
      ...ids
        .filter((id) => !familyOf.has(id) && !notWrittenYet.includes(id))
        .map((id) => `${id}: is in the catalogue and not here`),
      ...notWrittenYet
        .filter((id) => familyOf.has(id))
        .map((id) => `${id}: is written now; strike it out of notWrittenYet`),
      ...notWrittenYet
        .filter((id) => !ids.includes(id))
        .map((id) => `${id}: is not in the catalogue; strike it out of notWrittenYet`),
      ...[...aheadOfTheCode.keys()]
        .filter((id) => !familyOf.has(id))
        .map((id) => `${id}: is not a rule; strike it out of aheadOfTheCode`),
    ]);
  });
});

function show(value: unknown): string {
  return value === undefined ? 'absent' : JSON.stringify(value);
}

function fieldsOfRule(rule: AnyRule): Fields {
  const { id, on, severity, confidence, pedantic, title, standards, supersedes } = rule;
  const folder = join(fixtures, familyOf.get(id) ?? '', id);
  const shown = fixtureNames(id).flatMap((name) => expectationsOf(readFixture(join(folder, name), name)));
  return {
    family: familyOf.get(id),
    on,
    severity,
    confidence,
    pedantic: pedantic === true,
    title,
    owasp: standards.owasp,
    cisDocker: standards.cisDocker,
    cwe: standards.cwe,
    supersedes: supersedes ?? [],
    severities: [...new Set(shown.map((seen) => seen.severity))].sort(),
  };
}

function fieldsOfEntry(entry: Entry): Fields {
  const { family, on, severity, severityWhen, confidence, pedantic, title, standards, supersedes } = entry;
  return {
    family,
    on,
    severity,
    confidence,
    pedantic,
    title,
    owasp: standards.owasp,
    cisDocker: standards.cisDocker,
    cwe: standards.cwe,
    supersedes,
    severities: [...new Set([severity, ...severityWhen.map((when) => when.severity)])].sort(),
  };
}
