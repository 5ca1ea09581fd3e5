import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { atLeast, type Severity } from '../src/model/severity.ts';
import { allRules, familyOf } from '../src/rules/all.ts';
import { findingsIn, fixtureOf, fixturesIn, textsOf } from './support/fixtures.ts';
import { applyPatch } from './support/patch.ts';
import { plain } from './support/text.ts';

// Doing what the fix says is a patch beside the bad fixture: `bad-NAME.patch`, and `bad-NAME.OTHER.patch` where the fix
// offers another way. Mended by it, the fixture is audited again with all rules.
const root = 'test/fixtures/rules';

/** What is open, each finding and consequence as `severity rule`. */
function openIn({ findings }: ReturnType<typeof findingsIn>): readonly { rule: string; severity: Severity }[] {
  return findings.filter(({ suppressed }) => !suppressed).flatMap((finding) => [finding, ...finding.consequences]);
}

function patchesIn(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.patch'));
}

/** The file that a patch names, or the folder that it lies beside. */
function fixtureOfPatch(folder: string, patch: string): string {
  const [stem = ''] = patch.split('.');
  const file = /^\+\+\+ (?:b\/)?([^\t\n]+)/m.exec(readFileSync(join(folder, patch), 'utf8'))?.[1] ?? '';
  const names = fixturesIn(folder);
  if (names.includes(stem)) return stem;
  if (!file.startsWith(`${stem}.`)) throw new Error(`${patch} is about ${file}`);
  return file;
}

for (const rule of allRules) {
  const folder = join(root, familyOf.get(rule.id) ?? '', rule.id);
  const patches = patchesIn(folder);
  if (patches.length === 0) continue;
  describe(rule.id, () => {
    it.each(patches)('%s', (patch) => {
      const name = fixtureOfPatch(folder, patch);
      const texts = textsOf(join(folder, name), name);
      const before = openIn(findingsIn(fixtureOf(name, texts)));
      const mended = findingsIn(fixtureOf(name, applyPatch(readFileSync(join(folder, patch), 'utf8'), texts)));
      const after = openIn(mended);

      const severities = before.filter((each) => each.rule === rule.id).map(({ severity }) => severity);
      expect(severities, 'the fixture has something to mend').not.toHaveLength(0);
      expect(
        after.filter((each) => each.rule === rule.id),
        'the finding is gone',
      ).toEqual([]);
      const left = before.map(({ rule, severity }) => `${severity} ${rule}`);
      const isNew = ({ rule, severity }: (typeof after)[number]): boolean => {
        const at = left.indexOf(`${severity} ${rule}`);
        if (at >= 0) left.splice(at, 1);
        return at < 0 && severities.some((least) => atLeast(severity, least));
      };
      expect(after.filter(isNew), 'nothing as severe is new').toEqual([]);
      const known = new Set(findingsIn(fixtureOf(name, texts)).problems.map(({ message }) => plain(message)));
      expect(mended.problems.map(({ message }) => plain(message)).filter((message) => !known.has(message))).toEqual([]);
    });
  });
}

/** What people write by hand; a daemon's answer, a page and a program are nothing that a patch mends. */
const mendable = ['.drone.yml', '.compose.yml', '.docker.env', '.env', '.service', '.k8s.yml', '.values.yml', '.sh'];

/** Forms in which a rule is mended by no patch, with the reason: `rule .ending`. */
const notByPatch: ReadonlyMap<string, string> = new Map([
  ['readable-secret-file .compose.yml', 'its mode is changed, not its text'],
  ['readable-secret-file .env', 'its mode is changed, not its text'],
  ['readable-secret-file .sh', 'its mode is changed, not its text'],
]);

/** Whether a folder has a file that a patch could mend: not if all are answers of what runs. */
function isMendable(folder: string, name: string): boolean {
  if (name.includes('.')) return false;
  return [...textsOf(join(folder, name), name).keys()].some((file) => mendable.some((ending) => file.endsWith(ending)));
}

describe('each rule on settings, containers, pipelines and the installation', () => {
  it('has a patch for each form of its bad fixtures', () => {
    const judged = new Set(['settings', 'container', 'pipeline', 'installation']);
    const missing = allRules
      .filter(({ on }) => judged.has(on))
      .flatMap(({ id }) => {
        const folder = join(root, familyOf.get(id) ?? '', id);
        const tried = new Set(patchesIn(folder).map((patch) => fixtureOfPatch(folder, patch)));
        const forms = new Map<string, boolean>();
        for (const name of fixturesIn(folder).filter((each) => each.startsWith('bad'))) {
          const form =
            mendable.find((ending) => name.endsWith(ending)) ?? (isMendable(folder, name) ? 'folder' : undefined);
          if (form) forms.set(form, forms.get(form) || tried.has(name));
        }
        if (forms.size > 1) forms.delete('folder');
        return [...forms].filter(([, isTried]) => !isTried).map(([form]) => `${id} ${form}`);
      });
    expect(missing.sort()).toEqual([...notByPatch.keys()].sort());
  });
});
