import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allRules, familyOf } from '../src/rules/all.ts';
import { expectationsOf, fixturesIn, hitsOf, readFixture, type Seen } from './support/fixtures.ts';
import { plain } from './support/text.ts';

// Each fixture says in comments what the one rule under test must find in it, and where: compared both ways.
const root = 'test/fixtures/rules';
const line = ({ file, line, rule, severity }: Seen): string => `${file}:${line} ${rule} ${severity}`;

for (const rule of allRules) {
  const folder = join(root, familyOf.get(rule.id) ?? '', rule.id);
  describe(rule.id, () => {
    const names = existsSync(folder) ? fixturesIn(folder) : [];
    it.each(names)('%s', (name) => {
      const fixture = readFixture(join(folder, name), name);
      expect(fixture.sources, `${name} is no form that is known`).not.toHaveLength(0);
      const wanted = expectationsOf(fixture);
      const found = hitsOf(rule, fixture);
      expect(found.map(line).sort()).toEqual(wanted.map(line).sort());
      if (name.startsWith('bad')) expect(found, 'a bad fixture has something to find').not.toHaveLength(0);
      else expect(found, 'a good fixture has nothing to find').toHaveLength(0);
      for (const { hit } of found) {
        expect(plain(hit.message), 'a message is one line').not.toMatch(/\n/);
        expect(plain(hit.message), 'a message does not end in a full stop').not.toMatch(/\.$/);
        expect(hit.at.span.start).toBeLessThanOrEqual(hit.at.span.end);
        expect(hit.at.span.end).toBeLessThanOrEqual(hit.at.source.text.length);
      }
    });
  });
}
