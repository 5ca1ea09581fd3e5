import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allRules, familyOf } from '../src/rules/all.ts';
import { droneAudit, temporaryFolder } from './support/cli.ts';
import { fixtureOf, fixturesIn, readFixture } from './support/fixtures.ts';
import { findingsOf, saved } from './support/saved.ts';

// What was saved as evidence, in any form, is judged as what it was saved from: the same findings with the same words,
// lines and fingerprints.

const root = 'test/fixtures/rules';

/** What evidence tells less of, or otherwise, with the reason. */
const toldOtherwise: ReadonlyMap<string, string> = new Map([
  [
    'secret/credentials-sent-out/bad-roundabout.drone.yml',
    'an address that a step puts together is masked as a value of it',
  ],
  [
    'storage/default-database-password/bad-remote-with-the-name-of-the-user.env',
    'that a password is the name of its user would tell it',
  ],
  ['secret/hardcoded-secret/bad-private-key-in-a-program.drone.jsonnet', 'a key on one line, with escapes'],
  ['secret/hardcoded-secret/bad-strings-of-a-program.drone.jsonnet', 'a value that goes over the end of its string'],
  [
    'secret/hardcoded-secret/good-strings-of-a-program.drone.jsonnet',
    'words of an address that only together are an example',
  ],
  [
    'secret/hardcoded-secret/good-strings-of-a-program.drone.star',
    'words of an address that only together are an example',
  ],
  ['secret/hardcoded-secret/good-throw-away-database.drone.yml', 'a name that is a password elsewhere'],
  ['secret/hardcoded-secret/good-words.drone.yml', 'the word "production" in a value of a secret'],
  ['setting/invalid-setting-value/bad-volume-read-only.env', 'a secret without a name'],
  ['account/logged-account-token/bad-generated-for-a-dropped-one.env', 'a colon in a token'],
  ['account/malformed-user-create/bad-token-with-colon.env', 'a colon in a token'],
  ['secret/printed-secret/good-captured.drone.yml', 'an address that is masked for a command in it'],
  ['account/weak-account-token/bad-beside-a-dropped-one.env', 'a colon in a token'],
  ['account/weak-account-token/good-dropped-for-its-colon.env', 'a colon in a token'],
  [
    'diagnostics/weak-dashboard-password/bad-name-of-the-user.env',
    'that a password is the name of its user would tell it',
  ],
]);

describe('saved evidence', () => {
  const fixtures = allRules
    .map(({ id }) => join(familyOf.get(id) ?? '', id))
    .filter((path) => existsSync(join(root, path)))
    .flatMap((path) => fixturesIn(join(root, path)).map((name) => join(path, name)));

  it('says the same of every fixture, but for those that are told otherwise', { timeout: 600_000 }, () => {
    const differing = fixtures.filter((path) => {
      const fixture = readFixture(join(root, path), path.replace(/^.*\//, ''));
      return findingsOf(saved(fixture)).join('\n') !== findingsOf(fixture).join('\n');
    });
    expect(differing).toEqual([...toldOtherwise.keys()]);
  });

  it.each([
    ['in double quotes with escapes', '"Kan\\"arie-7f3c\\u0041-zes"', 'Kan"arie-7f3cA-zes'],
    ['in single quotes', "'Kan''arie-7f3cA-zes'", "Kan'arie-7f3cA-zes"],
    ['in a folded block', '>-\n        Kanarie-7f3cA-zes', 'Kanarie-7f3cA-zes'],
    ['in a literal block', '|-\n        Kanarie-7f3cA-zes', 'Kanarie-7f3cA-zes'],
    ['behind an anchor', '&secret Kanarie-7f3cA-zes', 'Kanarie-7f3cA-zes'],
    ['with a doubled dollar', 'Kanarie$$7f3cA-zes', 'Kanarie$7f3cA-zes'],
    ['around a reference', 'pre-${CS}-post', 'pre-Kanarie-7f3cA-zes-post'],
    ['by a reference', '${CS}', 'Kanarie-7f3cA-zes'],
  ])('of a secret that is written %s equals that of the container with it', (_, written, value) => {
    const fixture = fixtureOf(
      'a',
      new Map([
        ['.env', 'CS=Kanarie-7f3cA-zes\n'],
        [
          'compose.yml',
          `services:\n  drone:\n    image: drone/drone:2.28.2\n    environment:\n      DRONE_GITEA_SERVER: https://git.example.com\n      DRONE_GITEA_CLIENT_SECRET: ${written}\n`,
        ],
        [
          'drone.inspect.yml',
          `# name: docker://drone\nName: /drone\nState: { Running: true, Status: running }\nConfig:\n  Image: drone/drone:2.28.2\n  Labels: { com.docker.compose.service: drone, com.docker.compose.project.config_files: /srv/compose.yml }\n  Env:\n    - DRONE_GITEA_SERVER=https://git.example.com\n    - ${JSON.stringify(`DRONE_GITEA_CLIENT_SECRET=${value}`)}\nHostConfig: {}\nNetworkSettings: {}\n`,
        ],
      ]),
    );
    const before = findingsOf(fixture);
    expect(before.filter((each) => each.includes('running-differs'))).toEqual([]);
    const after = saved(fixture);
    if (process.env.SHOW) console.log(after.sources.map(({ text }) => text).join(''));
    expect(findingsOf(after)).toEqual(before);
    for (const { name, text } of after.sources) if (name !== '.env') expect(text).not.toMatch(/anarie|7f3c/);
  });

  it('of a folder is audited elsewhere, without the files', () => {
    const secrets = ['Kanarie-eins-lang-genoeg-voor-elk', 'kanarie2', 'Kanarie-drie-9f8e7d6c5b4a'];
    const host = folderOf({
      'stack/compose.yml': `services:
  drone:
    image: drone/drone:\${TAG:-2}
    env_file: [./server.env, ./missing.env]
    ports: ["80:80"]
    labels: { description: text }
  runner:
    image: drone/drone-runner-docker:1.8.5
    volumes: [/var/run/docker.sock:/var/run/docker.sock]
    environment:
      DRONE_RPC_HOST: drone
      DRONE_RPC_SECRET: \${RPC}
`,
      'stack/.env': `RPC=${secrets[1]}\n`,
      'stack/server.env': `DRONE_RPC_SECRET=${secrets[1]}\nDRONE_GITEA_SERVER=https://git.example.com\nDRONE_COOKIE_SECRET=${secrets[0]}\n`,
      'app/.drone.yml': `kind: pipeline
type: docker
name: default
steps:
  - name: publish
    image: alpine
    environment:
      API_TOKEN: ${secrets[2]}
    commands: [./publish.sh]
`,
      'app/broken.drone.yml': 'kind: pipeline\n  type: docker\n',
      'README.md': 'docker run drone/drone:2\n',
    });
    const elsewhere = temporaryFolder();
    const at = join(elsewhere, 'seen');
    const first = droneAudit(['scan', '.', '--format', 'json', '--save-evidence', at, '--timestamp', '2026-11-21'], {
      cwd: host,
    });
    const again = droneAudit(['scan', 'seen', '--format', 'json'], { cwd: elsewhere });
    expect(again.status).toBe(first.status);
    const [before, after] = [first.stdout, again.stdout].map(told);
    expect(before?.findings.length).toBeGreaterThan(5);
    expect(after).toEqual(before);

    const files = readdirSync(at, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const texts = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
    for (const text of [first.stdout, again.stdout, ...texts])
      for (const secret of secrets) expect(text).not.toContain(secret);
    expect(texts.join('\n')).not.toContain(host);
    // Saved once more from what was saved, it is the same but for the numbers of equal secrets.
    droneAudit(['scan', 'seen', '--save-evidence', 'twice', '--format', 'json'], { cwd: elsewhere });
    expect(told(droneAudit(['scan', 'twice', '--format', 'json'], { cwd: elsewhere }).stdout)).toEqual(before);
  });

  it('that tells less than what it was saved from says so whenever it is audited', () => {
    const cwd = folderOf({
      'server.env':
        'DRONE_SERVER_HOST=ci.example.com\nDRONE_DATABASE_DRIVER=postgres\nDRONE_DATABASE_DATASOURCE=postgres://vanderberg:vanderberg@db.example.com:5432/drone?sslmode=require\n',
    });
    const first = droneAudit(['scan', 'server.env', '--save-evidence', 'seen', '--fail-on', 'never'], { cwd });
    expect(first.status).toBe(0);
    expect(first.stderr).toContain('comes to other findings in server.env');
    const manifest = JSON.parse(readFileSync(join(cwd, 'seen/drone-audit-evidence.json'), 'utf8')) as {
      sources: { name: string; differs?: boolean }[];
    };
    expect(manifest.sources.map(({ name, differs }) => [name, differs])).toEqual([['server.env', true]]);
    for (const [folder, next] of [
      ['seen', 'twice'],
      ['twice', 'thrice'],
    ] as const) {
      const again = droneAudit(['scan', folder, '--save-evidence', next, '--fail-on', 'never'], { cwd });
      expect(again.status).toBe(3);
      expect(`${again.stdout}${again.stderr}`).toContain('comes to other findings than what it was saved from');
    }
  });
});

/** Makes files in a folder that is gone after the test. */
function folderOf(files: Readonly<Record<string, string>>): string {
  const root = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

/** A report without columns, which masks move, hashes of the texts, and what was asked for and when. */
function told(report: string) {
  const {
    sources: _,
    scope: __,
    ...rest
  } = JSON.parse(report, (key, value) => (/^(?:end)?[cC]olumn$/.test(key) ? undefined : value)) as {
    sources: unknown;
    scope: unknown;
    findings: unknown[];
  };
  return rest;
}
