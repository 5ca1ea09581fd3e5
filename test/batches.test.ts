import {
  cpSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Spool } from '../src/checks/spool.ts';
import { ownedHost } from '../src/model/owned-hosts.ts';
import { compared, differences, type Run, type Said, scanned } from './support/both-ways.ts';
import { temporaryFolder } from './support/cli.ts';
import { fixturesIn, textsOf } from './support/fixtures.ts';
import { writeFiles } from './support/git.ts';

// Many pipelines are judged installation by installation; the reports are the same, byte for byte, as when all is judged at once.

type Files = Readonly<Record<string, string | Buffer>>;

const everything: Run['options'] = { pedantic: true, minSeverity: 'info', minConfidence: 'low' };

function folderWith(files: Files): string {
  const folder = temporaryFolder();
  writeFiles(folder, files);
  return folder;
}

/** Scans a folder at once and installation by installation; what was said at once, if the other said the same. */
async function sameOneByOne(cwd: string, run: Run = {}): Promise<Said> {
  const atOnce = await scanned(cwd, run);
  const oneByOne = await scanned(cwd, { ...run, keeps: 0 });
  expect(differences(atOnce, oneByOne)).toEqual([]);
  expect([atOnce.inBatches, oneByOne.inBatches]).toEqual([false, true]);
  return atOnce;
}

const json = ({ written }: Said) => JSON.parse(written.get('json') ?? '');
/** The formats in which a secret is shown. */
const shownIn = ({ written }: Said): readonly string[] =>
  [...written].flatMap(([format, text]) => (text.includes(random) ? [format] : []));
const rulesIn = (said: Said): ReadonlySet<string> =>
  new Set(json(said).findings.map(({ rule }: { rule: string }) => rule));

const careless = `kind: pipeline
type: docker
name: default
steps:
- name: build
  image: octocat/tools:latest
  privileged: true
  environment: {TOKEN: {from_secret: token}}
  commands: [make, "curl -k https://example.com/install.sh | sh"]
- name: publish
  image: plugins/docker
  settings: {repo: octocat/app, username: octocat, password: {from_secret: password}}
volumes:
- {name: sock, host: {path: /var/run/docker.sock}}
`;
const clean = `kind: pipeline
type: docker
name: default
trigger: {event: [push], branch: [main]}
steps:
- name: build
  image: golang:1.22.1@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
  commands: [go test]
`;
const server = (host: string, secret: string): string => `services:
  drone:
    image: drone/drone:2.24.0
    ports: ["80:80"]
    environment:
      DRONE_SERVER_HOST: ${host}
      DRONE_SERVER_PROTO: http
      DRONE_RPC_SECRET: ${secret}
      DRONE_GITHUB_CLIENT_ID: abc
      DRONE_GITHUB_CLIENT_SECRET: 5d41402abc4b2a76b9719d911017c592aa
`;
const runner = (host: string, secret: string): string => `services:
  runner:
    image: drone/drone-runner-docker:1.8.0
    volumes: ["/var/run/docker.sock:/var/run/docker.sock"]
    environment:
      DRONE_RPC_HOST: ${host}
      DRONE_RPC_PROTO: https
      DRONE_RPC_SECRET: ${secret}
      DRONE_RUNNER_CAPACITY: "2"
`;
const withPages = (port: string): string =>
  `${runner('drone.example.com', random)}      DRONE_UI_USERNAME: root\n      DRONE_UI_PASSWORD: root\n    ports: ["${port}:3000"]\n`;
const deployment = (name: string, image: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: ${name}}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      containers:
      - name: ${name}
        image: ${image}
        env:
        - {name: DRONE_RPC_SECRET, value: correcthorse}
        - {name: DRONE_RPC_HOST, value: ${name}.example.com}
`;
const withComments = `kind: pipeline
type: docker
name: default # drone-audit: ignore[missing-trigger] everybody may build here
steps:
# drone-audit: ignore[privileged-step] a host of its own
- name: build
  image: octocat/tools:latest # drone-audit: ignore[docker-socket-volume] idle
  privileged: true
  commands: [make] # drone-audit: ignore[no-such-rule] misspelt
`;
/** Unmistakable: no word, and long. The other stands in names of files, which are shown as they are. */
const random = 'kJ8vQz3TnW5xRb7YpL2mGd9HsF4cVe6A';
const inNames = 'Zq4NtX8wBv6KsJ2yHd5RmP9cLf3TgE7U';
/** A clone without git: what is known of it stands in these files. */
function clone(folder: string, files: Files, slug?: string): Files {
  const at = (name: string): string => `${folder}/${name}`;
  return {
    [at('.git/HEAD')]: '3d5c11b1a8ca3ab1d5b3a3e0f4c0a5b6c7d8e9f0\n',
    ...(slug === undefined
      ? {}
      : { [at('.git/config')]: `[remote "origin"]\n\turl = https://git.example.com/${slug}.git\n` }),
    ...Object.fromEntries(Object.entries(files).map(([name, text]) => [at(name), text])),
  };
}

const program =
  'def main(ctx):\n  return {"kind": "pipeline", "name": "default", "steps": [{"name": "a", "image": "a", "privileged": True}]}\n';
const jsonnet =
  '{ kind: "pipeline", type: "docker", name: "default", steps: [ { name: "a", image: "a", privileged: true } ] }\n';
const quoted = 'a "quoted" & \'odd\' <b> $& $1 name';

const trees: Readonly<Record<string, Files>> = {
  'clones, with and without a remote': {
    ...clone('one', { '.drone.yml': careless }, 'octocat/one'),
    ...clone('two', { '.drone.yml': careless }, 'octocat/two'),
    ...clone('three', { '.drone.yml': careless, 'ci/.drone.yml': clean }),
    ...clone('deep/er/four', { 'a/.drone.yml': careless, 'b/.drone.yml': careless }, 'octocat/four'),
    ...clone('five', { 'a/.drone.yml': careless, 'b/.drone.yml': careless }, 'octocat/five'),
    ...clone('same-slug', { '.drone.yml': careless }, 'octocat/one'),
  },
  'the repository itself, and one within it': {
    '.git/HEAD': '3d5c11b1a8ca3ab1d5b3a3e0f4c0a5b6c7d8e9f0\n',
    '.drone.yml': careless,
    ...clone('inner', { '.drone.yml': careless }, 'octocat/inner'),
    'other/.drone.yml': careless,
  },
  'equal texts of a folder, and of a repository without a commit': {
    'folder/.drone.yml': careless,
    'repository/.git/HEAD': 'ref: refs/heads/main\n',
    'repository/.drone.yml': careless,
    'unborn/.git/config': '[core]\n',
    'unborn/.drone.yml': careless,
  },
  'equal texts in folders of different depth': {
    '.drone.yml': careless,
    'a/.drone.yml': careless,
    'a/b/.drone.yml': careless,
    'a/b/c/d/e/.drone.yml': careless,
    'b/.drone.yml': careless,
    'b/.drone.yaml': careless,
    'z/.drone.yml': careless,
    'z/x/.drone.yml': careless,
  },
  'compose, env and pipelines of one installation': {
    '.drone.yml': careless,
    'docker-compose.yml': `${server('drone.example.com', '$DRONE_RPC_SECRET')}    env_file: [server.env]\n`,
    '.env': `DRONE_RPC_SECRET=${random}\n`,
    'server.env': 'DRONE_USER_CREATE=username:octocat,admin:true\nDRONE_GITEA_SERVER=http://gitea.example.com\n',
    'runner/docker-compose.yml': runner('drone.example.com', random),
    'apps/a/.drone.yml': careless,
    'apps/b/.drone.yml': clean,
  },
  'manifests of several installations': {
    'east/drone.yaml': deployment('east', 'drone/drone:2'),
    'east/runner.yaml': deployment('east', 'drone/drone-runner-kube:latest'),
    'west/drone.yaml': deployment('west', 'drone/drone:1.10.0'),
    'both/all.yaml': `${deployment('north', 'drone/drone:2')}---\n${deployment('south', 'drone/drone-runner-kube')}`,
    'both/.drone.yml': careless,
    'apps/.drone.yml': careless,
  },
  'a runner that names the server of another repository': {
    ...clone('server', { 'docker-compose.yml': server('drone.example.com', random) }, 'ops/server'),
    ...clone(
      'runner',
      { 'docker-compose.yml': runner('drone.example.com', random), '.drone.yml': careless },
      'ops/runner',
    ),
    ...clone('elsewhere', { 'docker-compose.yml': runner('other.example.com', 'correcthorse') }, 'ops/elsewhere'),
    ...clone('app', { '.drone.yml': careless }, 'octocat/app'),
  },
  scripts: {
    'a/.drone.star': program,
    'b/.drone.star': program,
    'c/.drone.jsonnet': jsonnet,
    'd/.drone.jsonnet': jsonnet,
    'd/.drone.yml': careless,
  },
  'broken and empty pipelines': {
    'conflict/.drone.yml': `<<<<<<< HEAD\n${careless}=======\n${clean}>>>>>>> other\n`,
    'conflict-too/.drone.yml': `<<<<<<< HEAD\n${careless}=======\n${clean}>>>>>>> other\n`,
    'malformed/.drone.yml': 'kind: pipeline\nsteps: [\n',
    'malformed-too/.drone.yml': 'kind: pipeline\nsteps: [\n',
    'empty/.drone.yml': '',
    'empty-too/.drone.yml': '',
    'null/.drone.yml': 'null\n',
    'binary/.drone.yml': Buffer.from([0, 1, 2, 3, 0, 255]),
    'latin/.drone.yml': Buffer.from(`# \xe9\n${careless}`, 'latin1'),
    'alias/.drone.yml': `x: &x {a: b}\ny: *z\n${careless}`,
    'good/.drone.yml': careless,
    'good-too/.drone.yml': careless,
    'windows/.drone.yml': careless.replaceAll('\n', '\r\n'),
  },
  'comments that suppress': {
    'a/.drone.yml': withComments,
    'b/.drone.yml': withComments,
    'c/.drone.yml': careless,
    ...clone('d', { '.drone.yml': withComments }, 'octocat/d'),
  },
  'hostile names': {
    [`${quoted}/.drone.yml`]: careless,
    'b\\back\\slash/.drone.yml': careless,
    'größe-\u{1f600}-日本/.drone.yml': careless,
    'tab\tand\u0007bell/.drone.yml': careless,
    'line\nfeed/.drone.yml': careless,
    'rtl-\u202egpj/.drone.yml': careless,
    [`${'long-'.repeat(30)}/${'name-'.repeat(20)}/.drone.yml`]: careless,
    [`${'m'.repeat(178)}/.drone.yml`]: careless,
    [`${'n'.repeat(179)}/.drone.yml`]: careless,
    [`${'o'.repeat(180)}/.drone.yml`]: careless,
    [`ghp_${'Ab3dEf6hIj9kLm2nOp5q'.padEnd(36, 'X7')}/.drone.yml`]: careless,
    [`https:/user:${inNames}@example.com/.drone.yml`]: careless,
    'parent-of-equal-texts/folder-of-equal-texts/.drone.yml': careless,
    'folder-of-equal-texts/.drone.yml': careless,
    'owner-of-equal-texts/repository-of-equal-texts/.drone.yml': careless,
    'plain/.drone.yml': careless,
    'plain-of-equal-texts/.drone.yml': `# of-equal-texts\n${careless}`,
    'spelled/.drone.yml': careless.replace('name: build', 'name: "folder-of-equal-t\\u0065xts"'),
    'spelled-too/.drone.yml': careless.replace('name: build', 'name: "folder-of-equal-t\\u0065xts"'),
    'usual/.drone.yml': careless,
  },
  'names and texts that are told apart by little': {
    ...clone('a', { '.drone.yml': careless, 'x/.drone.yml': clean }, 'octocat/app'),
    ...clone('b', { '.drone.yml': careless, 'y/.drone.yml': clean }, 'octocat/app2'),
    ...clone('c', { '.drone.yml': careless.replace('octocat/app', 'octocat/other') }, 'octocat/other'),
    ...clone('default', { '.drone.yml': careless }, 'plugins/docker'),
    ...clone('build', { '.drone.yml': careless.replace('[make,', '["cd build && make",') }, 'build/build'),
  },
  'a secret that is known from a later file': {
    'a/.drone.yml': careless.replace('[make,', `["echo ${random}",`),
    'b/.drone.yml': careless.replace('name: default', `name: ${random}`),
    [`c-${inNames}/.drone.yml`]: careless,
    'd/.drone.yml': careless,
    'm/.drone.yml': careless.replace('{TOKEN: ', `{PASSWORD: ${random}, TOKEN: `),
    'n/.drone.yml': careless.replace('[make,', `["echo ${random}",`),
    'o/.drone.yml': careless.replace('{TOKEN: ', `{PASSWORD: ${inNames}, TOKEN: `),
    'z/docker-compose.yml': runner('drone.example.com', `${random}0`),
    'y/.drone.yml': careless.replace('[make,', `["echo ${random}0",`),
  },
  'a secret that is known from a later installation': {
    'a/.drone.yml': careless.replace('[make,', `["echo ${random}",`),
    'b/.drone.yml': careless.replace('name: default', `name: ${random}`),
    'c/.drone.yml': careless.replace('[make,', `["echo ${random}",`),
    [`d-${inNames}/.drone.yml`]: careless,
    'e/.drone.yml': careless,
    'm/.drone.yml': careless.replace('{TOKEN: ', `{PASSWORD: ${random}, TOKEN: `),
    'n/.drone.yml': careless.replace('[make,', `["echo ${random}",`),
    'o/.drone.yml': careless.replace('{TOKEN: ', `{PASSWORD: ${inNames}, TOKEN: `),
    [`p-${inNames}/.drone.yml`]: careless,
  },
  'a secret that equal texts hold': {
    'a/.drone.yml': careless.replace('{TOKEN: ', `{PASSWORD: ${random}, TOKEN: `),
    'b/.drone.yml': careless.replace('{TOKEN: ', `{PASSWORD: ${random}, TOKEN: `),
    'c/.drone.yml': careless.replace('[make,', `["echo ${random}",`),
    'd/.drone.yml': careless.replace('[make,', `["echo ${random}",`),
    [`e-${inNames}/.drone.yml`]: careless.replace('[make,', `["echo ${random}",`),
  },
  'words that are secrets in one installation': {
    'a/docker-compose.yml': `${server('drone.example.com', 'hunter22')}`,
    'a/.drone.yml': careless.replace('[make,', '["echo hunter22",'),
    'b/docker-compose.yml': `${server('other.example.com', 'correct-horse9')}`,
    'b/.drone.yml': careless.replace('[make,', '["echo hunter22 correct-horse9",'),
    'hunter22/.drone.yml': careless.replace('[make,', '["echo hunter22",'),
  },
};

describe('judged one by one, the same is said', () => {
  it.each(readdirSync('examples'))('of the example %s', async (name) => {
    const folder = temporaryFolder();
    cpSync(join('examples', name), folder, { recursive: true });
    expect(json(await sameOneByOne(folder, { options: everything })).sources.length).toBeGreaterThan(0);
  });

  it.each(compared)('of a deployment, where %s is all that is written', async (format) => {
    const { written } = await sameOneByOne('examples/careless', { formats: [format], options: { format } });
    if (format === 'jsonl') expect(written.get(format)).toContain('{"type":"ways",');
  });

  it.each(Object.keys(trees))('of %s', async (name) => {
    const folder = folderWith(trees[name] ?? {});
    expect(shownIn(await sameOneByOne(folder, { options: everything }))).toEqual([]);
  });

  it('of all trees together', async () => {
    const all = Object.entries(trees).flatMap(([, files], index) =>
      Object.entries(files).map(([name, text]) => [`tree-${index}/${name}`, text] as const),
    );
    expect(shownIn(await sameOneByOne(folderWith(Object.fromEntries(all)), { options: { verbose: false } }))).toEqual(
      [],
    );
  });

  it('of a fixture of each rule', async () => {
    const folder = temporaryFolder();
    for (const family of readdirSync('test/fixtures/rules'))
      for (const rule of readdirSync(join('test/fixtures/rules', family))) {
        const from = join('test/fixtures/rules', family, rule);
        const [name = ''] = fixturesIn(from);
        for (const [path, text] of textsOf(join(from, name), name)) {
          // A pipeline has this name in a folder of its own, else nothing of it would be recognised.
          const own = path.replace(/(?<=[^/])(\.drone\.(?:yml|star|jsonnet))$/, '/$1');
          writeFiles(folder, { [join(family, rule, own)]: text });
        }
      }
    expect(rulesIn(await sameOneByOne(folder, { options: everything })).size).toBeGreaterThan(100);
  });

  it('of what cannot be read, or lies elsewhere', async () => {
    const outside = folderWith({ '.drone.yml': careless });
    const folder = folderWith({ 'a/.drone.yml': careless, 'b/.drone.yml': careless });
    for (const name of ['folder/.drone.yml', 'away', 'gone', 'loop', 'large', 'within'])
      mkdirSync(join(folder, name), { recursive: true });
    symlinkSync(join(outside, '.drone.yml'), join(folder, 'away/.drone.yml'));
    symlinkSync('nowhere', join(folder, 'gone/.drone.yml'));
    symlinkSync('.drone.yml', join(folder, 'loop/.drone.yml'));
    symlinkSync('../a/.drone.yml', join(folder, 'within/.drone.yml'));
    writeFileSync(join(folder, 'large/.drone.yml'), careless.padEnd(12_000_000, '#'));
    const said = await sameOneByOne(folder, { options: everything });
    expect(json(said).problems.length).toBeGreaterThan(2);
  });

  it('of more installations than are told of or held at a time', async () => {
    const texts = [careless, clean, withComments, careless.replace('latest', '1.2')];
    const names = [...Array(50).keys()];
    const files = names.map((name) => [`team-${name % 7}/app-${name}/.drone.yml`, texts[name % 4] ?? ''] as const);
    await sameOneByOne(folderWith(Object.fromEntries(files)));
  });

  it('of nothing at all', async () => {
    expect((await sameOneByOne(folderWith({ 'README.md': 'nothing\n' }))).status).toBe(3);
  });

  const some: Files = {
    ...clone('one', { '.drone.yml': careless }, 'octocat/one'),
    ...clone('two', { '.drone.yml': careless }, 'octocat/two'),
    ...clone('three', { '.drone.yml': careless, 'ci/.drone.yml': clean }),
    ...trees['comments that suppress'],
    'docker-compose.yml': server('drone.example.com', random),
    'apps/a/.drone.yml': careless,
    'apps/b/.drone.yml': clean,
    'malformed/.drone.yml': 'kind: pipeline\nsteps: [\n',
  };

  it.each<readonly [string, Run['options']]>([
    ['--min-severity high --controls all', { minSeverity: 'high', controls: ['all'] }],
    ['--min-confidence high --summary', { minConfidence: 'high', summary: true }],
    ['--rule', { rule: ['privileged-step', 'inline-secret'] }],
    ['--skip --timestamp', { skip: ['privileged-step', 'missing-trigger'], timestamp: '2026-11-21' }],
    ['--trust untrusted', { trust: 'untrusted' }],
    ['--trust trusted --exit-zero', { trust: 'trusted', exitZero: true }],
    ['--no-ignore --fail-on never', { ignore: false, failOn: 'never' }],
  ])('with %s', async (_, options) => {
    await sameOneByOne(folderWith(some), { options });
  });

  it('with the token of the server, which stands in a pipeline', async () => {
    const folder = folderWith({ ...some, 'v/.drone.yml': careless.replace('[make,', `["echo ${random}",`) });
    const said = await sameOneByOne(folder, { environment: { DRONE_TOKEN: random } });
    expect(shownIn(said)).toEqual([]);
  });

  it('of named paths', async () => {
    await sameOneByOne(folderWith(some), { paths: ['one', 'a/.drone.yml', './apps', 'no-such-folder'] });
  });

  it('of runners that cannot be asked', async () => {
    const options = { probeRunners: true };
    const none = await sameOneByOne(folderWith({ 'a/.drone.yml': careless, 'b/.drone.yml': careless }), { options });
    expect(json(none).problems).toMatchObject([{ kind: 'empty', file: '.' }]);
    const revealing = { 'a/.drone.yml': careless, 'docker-compose.yml': withPages('3000') };
    const unnamed = await sameOneByOne(folderWith(revealing), { options });
    expect(json(unnamed).problems).toMatchObject([{ kind: 'unreadable', file: 'docker-compose.yml' }]);
    expect(json(await sameOneByOne(folderWith(revealing))).coverage.notAsked).toContainEqual(
      expect.stringContaining('--probe-runners'),
    );
  });

  it('of runners that answer, and each is asked once', async () => {
    let asked = 0;
    const runner = createServer((_, response) => {
      asked++;
      response.writeHead(401, { 'www-authenticate': 'Basic realm="MyRealm"' }).end();
    });
    await new Promise<void>((listening) => runner.listen(0, '127.0.0.1', listening));
    onTestFinished(() => void runner.close());
    const port = String((runner.address() as AddressInfo).port);
    const options = { ...everything, probeRunners: true, iOwnThis: [ownedHost(`127.0.0.1:${port}`)], rate: 1000 };
    const folder = folderWith({
      'a/.drone.yml': careless,
      'b/.drone.yml': careless,
      'docker-compose.yml': withPages(port),
    });
    const atOnce = await scanned(folder, { options });
    const before = asked;
    const later = await scanned(folder, { options, keeps: 0 });
    expect(differences(atOnce, later)).toEqual([]);
    expect([before > 0, asked]).toEqual([true, 2 * before]);
    expect(json(later).sources).toContainEqual(expect.objectContaining({ file: `http://127.0.0.1:${port}/` }));
  });

  it('of files of a stated form', async () => {
    const files = { 'x.txt': careless, 'y.txt': careless, 'z.txt': 'a: b\n' };
    await sameOneByOne(folderWith(files), { paths: ['x.txt', 'y.txt', 'z.txt'], options: { form: 'drone' } });
  });

  it.each<readonly [string, string]>([
    [
      'ignore, severity, accept and exclude',
      `failOn: medium
ignore:
- { rule: privileged-step, path: one, reason: a host of its own }
- { rule: missing-trigger, reason: ended, until: 2026-01-01 }
- { rule: missing-trigger, path: "two/**", reason: not yet ended, until: 2027-01-01 }
- { rule: docker-socket-volume, path: nowhere, reason: idle }
- { rule: privileged-step, path: three, at: "pipeline[*].steps[build].*", reason: of a place }
severity:
- { rule: unpinned-image, to: high, reason: it matters }
- { rule: weak-rpc-secret, to: "off", path: apps, reason: idle }
- { rule: remote-script, to: "off", reason: so be it }
accept:
- { path: malformed, problem: malformed, reason: as it is }
- { path: elsewhere, reason: idle }
exclude: [apps/b]
site:
  registries: [registry.example.com]
  images: [octocat/tools]
  allRunners: true
`,
    ],
    ['installation', 'installation: [one, two/.drone.yml, apps/a, nowhere]\n'],
    ['site alone', 'site: { trust: trusted, scm: private, plugins: [plugins/docker], allRunners: true }\n'],
    ['an idle accept alone', 'accept:\n- { path: nowhere, reason: idle }\n'],
  ])('with a config: %s', async (_, config) => {
    await sameOneByOne(folderWith({ ...some, 'drone-audit.yml': config }), { options: everything });
  });

  it.each<readonly [string, string]>([
    ['that allows nothing', 'failOn: low\n'],
    ['that allows comments of a rule', 'allow: { ignore: { by: [comment], rules: [privileged-step] } }\n'],
    [
      'that allows some of a config',
      'ignore:\n- { rule: missing-trigger, path: two, reason: ours }\nallow: { ignore: { by: [config, comment], upTo: medium }, exclude: [apps], accept: [one] }\n',
    ],
  ])('with a policy %s', async (_, policy) => {
    const config =
      'ignore:\n- { rule: privileged-step, reason: x }\n- { rule: unpinned-image, reason: y }\nexclude: [apps/b]\naccept:\n- { path: malformed, reason: z }\n';
    const outside = folderWith({ 'policy.yml': policy });
    const options = { ...everything, policy: join(outside, 'policy.yml') };
    await sameOneByOne(folderWith({ ...some, 'drone-audit.yml': config }), { options });
  });

  it('of generated trees', async () => {
    const name = fc.constantFrom('a', 'b', 'é', quoted, 'c.d', 'A', '-x', 'one two');
    const text = fc.constantFrom(
      careless,
      clean,
      withComments,
      'steps: [\n',
      `${careless}---\n${clean.replace('default', 'other')}`,
      careless.replace('{TOKEN: ', `{PASSWORD: ${random}, TOKEN: `),
      careless.replace('[make,', `["echo ${random}",`),
    );
    const file = fc.oneof(
      { weight: 6, arbitrary: fc.tuple(fc.constant('.drone.yml'), text) },
      { weight: 1, arbitrary: fc.constant(['.drone.star', program] as const) },
      { weight: 1, arbitrary: fc.constant(['docker-compose.yml', server('drone.example.com', random)] as const) },
      { weight: 1, arbitrary: fc.constant(['docker-compose.yml', runner('drone.example.com', random)] as const) },
      { weight: 1, arbitrary: fc.constant(['.git/HEAD', 'ref: refs/heads/main\n'] as const) },
    );
    const tree = fc.array(fc.tuple(fc.array(name, { maxLength: 3 }), file), { minLength: 2, maxLength: 14 });
    await fc.assert(
      fc.asyncProperty(tree, async (files) => {
        const folder = temporaryFolder();
        writeFiles(folder, Object.fromEntries(files.map(([path, [file, text]]) => [[...path, file].join('/'), text])));
        await sameOneByOne(folder, { options: everything });
      }),
      { numRuns: 6, seed: 20_261_121 },
    );
  });
});

describe('what changes between the two readings of a file', () => {
  /** What a scan installation by installation says where something happens once all files were found. */
  const changed = (files: Files, change: (folder: string) => void): Promise<Said> => {
    const folder = folderWith(files);
    return scanned(folder, {
      keeps: 0,
      progress: (doing) => {
        if (doing === 'understanding what was read') change(folder);
      },
    });
  };
  const files = { 'a/.drone.yml': careless, 'b/.drone.yml': careless, 'c/.drone.yml': clean };

  it.each<readonly [string, string, (path: string) => void]>([
    ['is gone', 'unreadable', (path) => rmSync(path)],
    [
      'is a folder',
      'unreadable',
      (path) => {
        rmSync(path);
        mkdirSync(path);
      },
    ],
    ['is binary', 'binary', (path) => writeFileSync(path, Buffer.from([0, 1, 2, 0]))],
    ['is malformed', 'malformed', (path) => writeFileSync(path, 'steps: [\n')],
  ])('is told with its place: it %s', async (_, kind, change) => {
    for (const name of ['a/.drone.yml', 'b/.drone.yml']) {
      const said = await changed(files, (folder) => change(join(folder, name)));
      const { problems, findings } = json(said);
      expect(problems).toMatchObject([{ kind, file: name, incomplete: true }]);
      expect(said.inBatches).toBe(true);
      const others = new Set(findings.map(({ file }: { file: string }) => file));
      expect([...others]).toEqual(['a/.drone.yml', 'b/.drone.yml'].filter((each) => each !== name));
    }
  });

  it('leaves the audit incomplete', async () => {
    const said = await changed({ 'a/.drone.yml': clean, 'b/.drone.yml': clean }, (folder) =>
      rmSync(join(folder, 'b/.drone.yml')),
    );
    expect(said.status).toBe(3);
    expect(json(said).problems).toMatchObject([{ kind: 'unreadable', file: 'b/.drone.yml' }]);
  });

  it('counts as it is at the second', async () => {
    const said = await changed(files, (folder) => writeFileSync(join(folder, 'c/.drone.yml'), careless));
    const { status, written } = await scanned(folderWith({ ...files, 'c/.drone.yml': careless }));
    expect([said.status, said.written.get('json')]).toEqual([status, written.get('json')]);
  });

  it('is accepted as any other problem, and no entry for it counts as idle', async () => {
    const config = `ignore:
- { rule: privileged-step, path: b, reason: of a file that is gone }
- { rule: privileged-step, path: nowhere, reason: idle }
accept:
- { path: b, problem: unreadable, reason: it comes and goes }
- { path: a, reason: idle }
`;
    const said = await changed({ ...files, 'drone-audit.yml': config }, (folder) =>
      rmSync(join(folder, 'b/.drone.yml')),
    );
    expect(json(said).problems).toMatchObject([
      { kind: 'unreadable', file: 'b/.drone.yml' },
      { kind: 'suppression', file: 'drone-audit.yml', line: 3 },
      { kind: 'suppression', file: 'drone-audit.yml', line: 6 },
    ]);
    expect(json(said).config.entries.map(({ count }: { count: number }) => count)).toEqual([0, 0, 1, 0]);
  });

  it('survives that all files are gone', async () => {
    const said = await changed(files, (folder) => {
      for (const name of Object.keys(files)) rmSync(join(folder, name));
    });
    expect(said.status).toBe(3);
    expect(json(said).problems).toMatchObject(Object.keys(files).map((file) => ({ kind: 'unreadable', file })));
  });
});

describe('the temporary file', () => {
  const files = { 'a/.drone.yml': careless, 'b/.drone.yml': clean };

  /** Scans installation by installation; from when all files are found, temporary files go into another folder. */
  async function scannedWith(temporary: string, folder: string, progress?: Run['progress']): Promise<Said> {
    const before = process.env.TMPDIR;
    try {
      return await scanned(folder, {
        keeps: 0,
        progress: (doing, count) => {
          if (doing === 'understanding what was read') process.env.TMPDIR = temporary;
          progress?.(doing, count);
        },
      });
    } finally {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
    }
  }

  it('has no name, neither while reports are written nor afterwards', async () => {
    const temporary = temporaryFolder();
    const steps: string[] = [];
    const seen: string[] = [];
    await scannedWith(temporary, folderWith(files), (doing) => {
      steps.push(doing);
      seen.push(...readdirSync(temporary));
    });
    expect(steps).toContain('writing json');
    expect([...seen, ...readdirSync(temporary)]).toEqual([]);
  });

  it.skipIf(!existsSync('/proc/self/fd'))('holds no secret', async () => {
    const secret = 'Zm9vYmFyLXNlY3JldC0xMjM0NTY3ODk';
    const leaking = careless.replace('{TOKEN: {from_secret: token}}', `{API_TOKEN: ${secret}}`);
    const filler = '# more than is kept before it is written\n'.repeat(200);
    const many = Object.fromEntries(
      Array.from({ length: 60 }, (_, at) => [`r${at}/.drone.yml`, `${leaking}# ${at}\n${filler}`]),
    );
    const held: string[] = [];
    await scannedWith(temporaryFolder(), folderWith(many), (doing) => {
      if (doing !== 'writing json') return;
      for (const fd of readdirSync('/proc/self/fd'))
        try {
          const path = `/proc/self/fd/${fd}`;
          if (/\/outcomes \(deleted\)$/.test(readlinkSync(path))) held.push(readFileSync(path, 'utf8'));
        } catch {
          // That of the listing itself.
        }
    });
    expect(held.join('')).toContain('API_TOKEN');
    expect(held.join('')).not.toContain(secret);
  });

  it('is not needed: without one, the same is said', async () => {
    const folder = folderWith(files);
    const usual = await scanned(folder, { keeps: 0 });
    expect(differences(usual, await scannedWith('/no/such/folder', folder))).toEqual([]);
  });

  it.skipIf(!existsSync('/proc/self/fd'))('may be read by nobody else', () => {
    const open = (): ReadonlyMap<string, string> =>
      new Map(
        readdirSync('/proc/self/fd').flatMap((fd) => {
          try {
            return [[fd, readlinkSync(`/proc/self/fd/${fd}`)]];
          } catch {
            // That of the listing itself.
            return [];
          }
        }),
      );
    const before = open();
    const spool = new Spool();
    const [file, ...others] = [...open()].filter(([fd, name]) => before.get(fd) !== name);
    expect(others).toEqual([]);
    expect(file?.[1]).toMatch(/\/outcomes \(deleted\)$/);
    const { mode, nlink } = fstatSync(Number(file?.[0]));
    expect([mode & 0o777, nlink]).toEqual([0o600, 0]);
    spool.close();
  });

  // More than is kept before it is written, with characters of several bytes.
  const texts = ['', 'a', 'ü'.repeat(100_000), '', '\u{1f600}'.repeat(50_000), 'b\n'.repeat(200_000), 'last'];

  it.each<readonly [string, () => number | undefined, boolean]>([
    ['in a file', () => openSync(join(temporaryFolder(), 'spool'), 'wx+'), true],
    ['in memory', () => undefined, true],
    ['in memory, where a file has no room', () => openSync('/dev/full', 'r+'), existsSync('/dev/full')],
  ])('gives each text back, %s', (_, open, isPossible) => {
    if (!isPossible) return;
    const spool = new Spool(open);
    const places = texts.map((text) => spool.append(text));
    const more = texts.map((text) => {
      expect(spool.read(places[2] ?? [0, 0])).toBe(texts[2]);
      return spool.append(text);
    });
    for (const all of [places, more]) expect(all.map((place) => spool.read(place))).toEqual(texts);
    spool.close();
  });
});
