import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import type { ScanOptions } from '../src/commands/scan.ts';
import { parseShard } from '../src/commands/shard.ts';
import { sharesOf } from '../src/shards.ts';
import { droneAudit, temporaryFolder, tool } from './support/cli.ts';
import { git, hasGit } from './support/git.ts';
import { mergeIn, scanIn, scanPart, scanParts } from './support/shards.ts';

// Several processes share an audit, and what they come to is what one process comes to, to the byte.

/** Something to audit: where, what of it, and how. */
interface Tree {
  readonly cwd: string;
  readonly paths?: readonly string[];
  readonly options?: Partial<ScanOptions>;
}

type Files = Readonly<Record<string, string>>;

function folderWith(files: Files): string {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const pipeline = (image: string, more = ''): string =>
  `kind: pipeline\ntype: docker\nname: default\n\nsteps:\n  - name: build\n    image: ${image}\n${more}`;

/** Repositories beside each other, some of them equal. */
const repositories: Files = Object.fromEntries(
  Array.from({ length: 9 }, (_, number) => [
    `team/repository-${number}/.drone.yml`,
    pipeline(`node:${number % 4}`, number % 3 === 0 ? '    privileged: true\n' : ''),
  ]),
);

const compose = `services:
  server:
    image: drone/drone:2.20.0
    env_file: server.env
    ports: ["80:80"]
  runner:
    image: drone/drone-runner-docker:1.8.3
    privileged: true
    environment:
      DRONE_RPC_HOST: server
      DRONE_RPC_PROTO: http
      DRONE_RPC_SECRET: 0123456789abcdef0123456789abcdef
`;

const serverEnv = `DRONE_RPC_SECRET=0123456789abcdef0123456789abcdef
DRONE_GITHUB_CLIENT_SECRET=f6a8b0c2d4e6f8a0b2c4d6e8f0a2b4c6d8e0f2a4
DRONE_USER_CREATE=username:octocat,admin:true
`;

const manifest = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: drone-runner
spec:
  template:
    spec:
      containers:
        - name: runner
          image: drone/drone-runner-kube:latest
          env:
            - { name: DRONE_RPC_HOST, value: drone.example.com }
            - { name: DRONE_RPC_PROTO, value: http }
            - { name: DRONE_RPC_SECRET, value: correct-horse-battery-staple }
`;

const mixed: Files = {
  ...repositories,
  'server/docker-compose.yml': compose,
  'server/server.env': serverEnv,
  'cluster/runner.yml': manifest,
  // What the settings make known is hidden in other parts, too.
  'leak/.drone.yml': pipeline('alpine:3.20', '    commands: [echo 0123456789abcdef0123456789abcdef]\n'),
  'broken/.drone.yml': 'kind: pipeline\nsteps: [\n',
  'notes/README.md': 'The image drone/drone:2 runs on ci.example.com.\n',
};

const suppressing = `ignore:
  - { rule: privileged-step, path: team/repository-3/.drone.yml, reason: builds images }
  - { rule: privileged-step, path: nowhere/.drone.yml, reason: not there any more }
  - { rule: weak-rpc-secret, path: team, reason: has none }
severity:
  - { rule: privileged-container, to: low, reason: a host of its own }
accept:
  - { path: broken, problem: malformed, reason: rendered elsewhere }
  - { path: team, problem: malformed, reason: none of them is }
`;

const trees: Readonly<Record<string, () => Tree>> = {
  'of fixtures of rules, each of another kind': () => ({
    cwd: resolve('test/fixtures'),
    paths: ['rules/rpc', 'rules/trigger', 'installations', 'parity/compose', 'parity/kubernetes'],
    options: { pedantic: true, minSeverity: 'info', minConfidence: 'low' },
  }),
  'of examples': () => ({ cwd: resolve('examples') }),
  'of compose files, env files, manifests and pipelines': () => ({ cwd: folderWith(mixed) }),
  'told with all that there is': () => ({
    cwd: folderWith(mixed),
    options: { verbose: true, pedantic: true, minSeverity: 'info', minConfidence: 'low', controls: ['all'] },
  }),
  'in which a config and comments suppress': () => ({
    cwd: folderWith({
      ...mixed,
      'drone-audit.yml': suppressing,
      'commented/.drone.yml': pipeline(
        'node:20',
        '    privileged: true # drone-audit: ignore[privileged-step] so be it\n',
      ),
      'idle/.drone.yml': pipeline('node:20', '    pull: always # drone-audit: ignore[privileged-step] not so\n'),
    }),
  }),
  'under a policy that allows little': () => {
    const policy = join(
      folderWith({ 'policy.yml': 'failOn: critical\nallow:\n  ignore: { by: [comment], upTo: low }\n' }),
      'policy.yml',
    );
    return { cwd: folderWith({ ...mixed, 'drone-audit.yml': suppressing }), options: { policy } };
  },
  'whose form is stated': () => ({
    cwd: folderWith({ 'one.txt': pipeline('node:20'), 'two.txt': pipeline('node:latest'), 'three.txt': 'a: 1\n' }),
    paths: ['one.txt', 'two.txt', 'three.txt'],
    options: { form: 'drone' },
  }),
  'that a config joins to one installation': () => ({
    cwd: folderWith({ ...mixed, 'drone-audit.yml': 'installation: [server, cluster, leak]\n' }),
  }),
  'without anything': () => ({ cwd: folderWith({}) }),
  'of one file': () => ({ cwd: folderWith({ '.drone.yml': pipeline('node:20') }) }),
  'that is clean': () => ({ cwd: resolve('examples/hardened') }),
  'whose gate is off': () => ({ cwd: folderWith(mixed), options: { exitZero: true } }),
  'that nothing fails': () => ({ cwd: folderWith(repositories), options: { failOn: 'never' } }),
  'with names that act on a terminal': () => ({
    cwd: folderWith({
      'a\u001b[31m/.drone.yml': pipeline('node:20'),
      'b\u202e##[x]/.drone.yml': pipeline('node:latest'),
    }),
  }),
  'of a secret that only one of them has, under any name': () => ({
    cwd: folderWith({ 'drone.env': serverEnv, 'a/.drone.yml': pipeline('alpine:3', '    commands: [echo octocat]\n') }),
  }),
};

if (hasGit)
  Object.assign(trees, {
    'of clones': () => {
      const cwd = folderWith(repositories);
      for (const number of [0, 1, 2, 5]) {
        const clone = join(cwd, `team/repository-${number}`);
        git(clone, ['init', '-q']);
        git(clone, ['remote', 'add', 'origin', `https://github.com/octocat/repository-${number}.git`]);
        git(clone, ['add', '.']);
        git(clone, ['commit', '-q', '-m', 'all']);
      }
      return { cwd };
    },
    'of repositories without a checkout, in all their branches': () => {
      const [cwd, clone] = [folderWith({}), folderWith({ '.drone.yml': pipeline('node:latest') })];
      git(clone, ['init', '-q']);
      git(clone, ['add', '.']);
      git(clone, ['commit', '-q', '-m', 'all']);
      git(clone, ['checkout', '-q', '-b', 'feature/x']);
      writeFileSync(join(clone, '.drone.yml'), pipeline('node:20', '    privileged: true\n'));
      git(clone, ['commit', '-q', '-a', '-m', 'more']);
      for (const name of ['one', 'two', 'three']) git(cwd, ['clone', '-q', '--mirror', clone, `mirrors/${name}.git`]);
      return { cwd, paths: [], options: { git: ['mirrors'], allBranches: true } };
    },
  } satisfies typeof trees);

describe.each(Object.entries(trees))('a tree %s', (_, make) => {
  it('has one report, however many processes share it', async () => {
    const { cwd, paths = ['.'], options } = make();
    const whole = await scanIn(cwd, temporaryFolder(), paths, options);
    for (const of of [1, 2, 3, 7]) {
      const parts = await scanParts(cwd, temporaryFolder(), paths, of, options);
      const ordered = of % 2 === 0 ? parts.toReversed() : [...parts.slice(1), ...parts.slice(0, 1)];
      const merged = await mergeIn(cwd, temporaryFolder(), ordered, { verbose: options?.verbose });
      expect([of, merged.status]).toEqual([of, whole.status]);
      for (const [format, report] of Object.entries(whole.reports))
        if (merged.reports[format] !== report) expect(merged.reports[format], `${format} of ${of}`).toBe(report);
    }
  });
});

/** What the report of a part holds. */
function partOf(file: string) {
  const { shard, ...rest } = JSON.parse(readFileSync(file, 'utf8'));
  const records = shard.records.map((record: string) => JSON.parse(record.slice(record.indexOf(' ') + 1)));
  return { ...rest, shard, records };
}

describe('exit statuses', () => {
  const statusesOf = async (files: Files, options: Partial<ScanOptions> = {}) => {
    const cwd = folderWith(files);
    const whole = await scanIn(cwd, temporaryFolder(), ['.'], options, ['json']);
    const parts = await scanParts(cwd, temporaryFolder(), ['.'], 2, options);
    const merged = await mergeIn(cwd, temporaryFolder(), parts, { formats: ['json'] });
    expect(merged.reports.json).toBe(whole.reports.json);
    return [whole.status, merged.status];
  };

  it('are those of one process', async () => {
    expect(await statusesOf({ 'a/.drone.yml': pipeline('node:20.1.0') }, { failOn: 'critical' })).toEqual([0, 0]);
    expect(await statusesOf(mixed)).toEqual([1, 1]);
    expect(await statusesOf(mixed, { exitZero: true })).toEqual([0, 0]);
    expect(await statusesOf(mixed, { failOn: 'never' })).toEqual([3, 3]);
    expect(await statusesOf({})).toEqual([3, 3]);
  });
});

describe('parts', () => {
  it('are reports by the schema, and begin with what every report begins with', async () => {
    const schema = JSON.parse(readFileSync('schemas/report.schema.json', 'utf8'));
    const validate = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false }).compile(schema);
    const cwd = folderWith(mixed);
    for (const part of await scanParts(cwd, temporaryFolder(), ['.'], 2)) {
      const report = JSON.parse(readFileSync(part, 'utf8'));
      validate(report);
      expect(validate.errors ?? []).toEqual([]);
      expect(Object.keys(report).slice(0, 5)).toEqual(['version', 'tool', 'scope', 'shard', 'summary']);
    }
  });

  it('hold all installations, each once and whole', async () => {
    const cwd = folderWith(mixed);
    const parts = await scanParts(cwd, temporaryFolder(), ['.'], 3);
    const filesOf = parts.map((part) =>
      partOf(part).records.flatMap((record: { details: { sources: { name: string }[] } }) =>
        record.details.sources.map(({ name }) => name),
      ),
    );
    const whole = await scanIn(cwd, temporaryFolder(), ['.'], {}, ['json']);
    const all = JSON.parse(whole.reports.json ?? '').sources.map(({ file }: { file: string }) => file);
    expect(filesOf.flat().sort()).toEqual(all.sort());
    const holder = filesOf.filter((files) => files.includes('server/docker-compose.yml'));
    expect(holder).toHaveLength(1);
    expect(holder[0]).toContain('server/server.env');
  });

  it.each([2, 3, 7])('are about equal where there are %i of them', (of) => {
    const batches = Array.from({ length: 400 }, (_, number) => ({
      sources: Array.from({ length: 1 + (number % 4) }, (_, file) => ({ name: `${number}/${file}` })),
    }));
    const files = Array.from({ length: of }, () => 0);
    for (const [batch, share] of sharesOf(batches, of).entries())
      files[share - 1] = (files[share - 1] ?? 0) + (batches[batch]?.sources.length ?? 0);
    expect(Math.max(...files) / Math.min(...files)).toBeLessThan(1.5);
  });

  it('are the same each time, and in whichever order the files come', async () => {
    const cwd = folderWith(mixed);
    const twice = [temporaryFolder(), temporaryFolder()];
    const [one, other] = await Promise.all(twice.map((into) => scanPart(cwd, into, ['.'], '2/3')));
    expect(readFileSync(one ?? '', 'utf8')).toBe(readFileSync(other ?? '', 'utf8'));
    const batches = Array.from({ length: 50 }, (_, number) => ({ sources: [{ name: `${number % 7}/${number}` }] }));
    const byName = (all: typeof batches) =>
      new Map(sharesOf(all, 4).map((share, batch) => [all[batch]?.sources[0]?.name, share]));
    expect([...byName(batches.toReversed())].sort()).toEqual([...byName(batches)].sort());
  });

  it('may lie in what is audited, as any report may', async () => {
    const cwd = folderWith(mixed);
    const whole = await scanIn(cwd, temporaryFolder(), ['.'], {}, ['json']);
    const parts = await scanParts(cwd, cwd, ['.'], 3);
    expect((await mergeIn(cwd, temporaryFolder(), parts, { formats: ['json'] })).reports.json).toBe(whole.reports.json);
  });

  it('hide a secret that the settings of another part make known', async () => {
    const cwd = folderWith(mixed);
    for (const part of await scanParts(cwd, temporaryFolder(), ['.'], 3))
      expect(readFileSync(part, 'utf8')).not.toMatch(/0123456789abcdef0123456789abcdef|f6a8b0c2d4e6/);
  });

  it('of a process that is killed leave no half a report, and are scanned again', async () => {
    const files: Record<string, string> = {};
    for (let number = 0; number < 600; number++)
      files[`team/repository-${number}/.drone.yml`] = pipeline(`node:${number}`, '    privileged: true\n');
    const cwd = folderWith(files);
    const into = temporaryFolder();
    const args = (shard: string) => ['scan', '--shard', shard, '-o', `json:${join(into, `${shard[0]}.json`)}`, '-q'];
    const [program, ...first] = tool;
    const child = spawn(program, [...first, ...args('1/2')], { cwd, stdio: ['ignore', 'ignore', 'ignore'] });
    const ended = new Promise((done) => child.once('exit', (_, how) => done(how)));
    // Half a report is there then, aside.
    while (child.exitCode === null && readdirSync(into).length === 0) await new Promise((done) => setTimeout(done, 1));
    child.kill('SIGKILL');
    expect(await ended).toBe('SIGKILL');
    expect(readdirSync(into).filter((name) => name.endsWith('.json'))).toEqual([]);
    for (const shard of ['1/2', '2/2']) expect(droneAudit(args(shard), { cwd }).status).toBe(1);
    const whole = droneAudit(['scan', '--format', 'jsonl'], { cwd });
    const merged = droneAudit(['merge', join(into, '1.json'), join(into, '2.json'), '--format', 'jsonl'], { cwd });
    expect([merged.status, merged.stdout === whole.stdout]).toEqual([whole.status, true]);
  });
});

describe('the number of a part', () => {
  it('is given, or that of a pod of a Job', () => {
    expect(parseShard('2/3', {})).toEqual({ index: 2, of: 3 });
    expect(parseShard('auto/3', { JOB_COMPLETION_INDEX: '0' })).toEqual({ index: 1, of: 3 });
    expect(parseShard('auto/3', { JOB_COMPLETION_INDEX: '2' })).toEqual({ index: 3, of: 3 });
  });

  it.each([
    ['auto/3', undefined, /JOB_COMPLETION_INDEX, which is not set/],
    ['auto/3', '', /JOB_COMPLETION_INDEX, which is not set/],
    ['auto/3', '3', /JOB_COMPLETION_INDEX is 3, and --shard auto\/3 counts to 2/],
    ['auto/3', '-1', /and no number/],
    ['auto/3', '1e0', /and no number/],
    ['0/3', undefined, /counted from 1 to 3/],
    ['4/3', undefined, /counted from 1 to 3/],
    ['1/0', undefined, /N from 1 to 1000/],
    ['1/1001', undefined, /N from 1 to 1000/],
    ['1/999999999999', undefined, /--shard takes I\/N/],
    ['1', undefined, /--shard takes I\/N/],
    ['a/b', undefined, /--shard takes I\/N/],
    ['-1/3', undefined, /--shard takes I\/N/],
    ['1.5/3', undefined, /--shard takes I\/N/],
  ])('%s with the index %s is refused', (text, index, message) => {
    expect(() => parseShard(text, { JOB_COMPLETION_INDEX: index })).toThrow(message);
  });

  it('is refused with what is about everything at once', async () => {
    const cwd = folderWith({ '.drone.yml': pipeline('node:20') });
    const refused: readonly (readonly [Partial<ScanOptions>, string])[] = [
      [{ docker: [''] }, '--docker'],
      [{ diff: 'HEAD' }, '--diff'],
      [{ server: 'https://ci.example.com' }, '--server'],
      [{ baseline: 'b.json' }, '--baseline'],
      [{ writeBaseline: 'b.json' }, '--write-baseline'],
      [{ saveEvidence: 'evidence' }, '--save-evidence'],
      [{ composeFile: ['c.yml'] }, '--compose-file'],
      [{ probeRunners: true }, '--probe-runners'],
    ];
    for (const [options, name] of refused)
      await expect(scanPart(cwd, cwd, ['.'], '1/2', options)).rejects.toThrow(
        `${name} cannot be divided: leave out --shard`,
      );
    expect(readdirSync(cwd)).toEqual(['.drone.yml']);
  });
});
