import { join } from 'node:path';
import { expect, it } from 'vitest';
import { familyOf } from '../../src/rules/all.ts';
import { findingsIn, readFixture } from '../support/fixtures.ts';

/** The fixes of a rule's findings in a fixture, in the order of their places. */
function fixesOf(rule: string, fixture: string): readonly string[] {
  const path = join('test/fixtures/rules', familyOf.get(rule) ?? '', rule, fixture);
  const { findings } = findingsIn(readFixture(path, fixture));
  return findings.filter((finding) => finding.rule === rule).map(({ fix }) => fix);
}

// Where what there is to do differs between the findings of a rule: what the fix of each has, and what it has not.
it.each<[rule: string, fixture: string, has: readonly string[], hasNot: readonly string[]]>([
  [
    'obsolete-drone-image',
    'bad-agent-of-the-server-image.compose.yml',
    ['anew with the current image, `drone/drone:2.28.2`', 'Use the current image, `drone/drone-runner-docker:1.8.5`'],
    ['docker.sock', 'drone/drone:2'],
  ],
  [
    'outdated-server',
    'bad-builds-by-itself.compose.yml',
    ['      DRONE_RPC_SECRET: ${DRONE_RPC_SECRET:?set it in .env}\n```\n\nThe runner (`drone/drone-runner-docker`)'],
    ['ci.example.com'],
  ],
  ['outdated-server', 'bad-starts-pods.compose.yml', ['Set up a Kubernetes runner first'], ['runner-docker']],
  ['open-registration', 'bad-opened-in-0.8.compose.yml', ['Remove `DRONE_OPEN`'], ['=true']],
  ['open-registration', 'bad-default-on-gitea.compose.yml', ['Limit who may register'], ['DRONE_OPEN']],
  ['outdated-server', 'bad-1.10.compose.yml', ['Use the newest release'], ['Set up a']],
])('the fixes of %s in %s', (rule, fixture, has, hasNot) => {
  const fixes = fixesOf(rule, fixture);
  expect(fixes).toHaveLength(has.length);
  for (const [index, fix] of fixes.entries()) expect(fix).toContain(has[index]);
  for (const [index, words] of hasNot.entries()) expect(fixes[index]).not.toContain(words);
});
