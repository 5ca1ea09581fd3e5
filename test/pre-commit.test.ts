import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { version } from '../src/version.ts';
import { runCommand } from './support/cli.ts';

// pre-commit installs from git, where nothing is built: what is tagged has to carry dist.

const folder = mkdtempSync(join(tmpdir(), 'drone-audit-pre-commit-'));
const project = join(folder, 'project');
const work = join(folder, 'work');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const isThere = runCommand('pre-commit', ['--version']).status === 0;
const environment = {
  PRE_COMMIT_HOME: join(folder, 'cache'),
  GIT_CONFIG_GLOBAL: join(folder, 'gitconfig'),
  npm_config_cache: join(folder, 'npm'),
};
const tag = `v${version}`;

function run(cwd: string, command: string, ...args: string[]) {
  return runCommand(command, args, { cwd, env: environment });
}

function git(cwd: string, ...args: string[]): string {
  const { status, stdout, stderr } = run(cwd, 'git', ...args);
  if (status !== 0) throw new Error(stderr);
  return stdout.trim();
}

const privileged = `kind: pipeline
type: docker
name: default
trigger:
  event: push
steps:
  - name: build
    image: alpine:3.22.1@sha256:4bcff63911fcb4448bd4fdacec207030997caf25e9bea4045fa6c8c44de311d1
    privileged: true
`;

beforeAll(() => {
  writeFileSync(
    environment.GIT_CONFIG_GLOBAL,
    '[user]\nname = Test\nemail = test@example.com\n[init]\ndefaultBranch = main\n',
  );
  // The project as it stands, committed.
  mkdirSync(project);
  for (const name of [
    '.gitignore',
    '.pre-commit-hooks.yaml',
    'LICENSE',
    'README.md',
    'bin',
    'docs',
    'examples',
    'man',
    'package.json',
    'package-lock.json',
    'schemas',
    'scripts',
    'src',
    'tsconfig.json',
  ])
    cpSync(name, join(project, name), { recursive: true });
  git(folder, 'init', '--quiet', 'project');
  writeFileSync(join(project, '.git/info/exclude'), 'node_modules\n');
  symlinkSync(resolve('node_modules'), join(project, 'node_modules'));
  git(project, 'add', '--all');
  git(project, 'commit', '--quiet', '--message', 'project: begin');
  const tagged = run(project, process.execPath, 'scripts/release-tag.js');
  expect(tagged).toMatchObject({ status: 0, stderr: '' });

  git(folder, 'init', '--quiet', 'work');
  writeFileSync(join(work, '.drone.yml'), privileged);
  writeFileSync(join(work, 'notes.md'), 'notes\n');
  git(work, 'add', '--all');
});

describe('scripts/release-tag.js', () => {
  it('tags what the package of npm holds, with dist', () => {
    const files = git(project, 'ls-tree', '-r', '--name-only', tag).split('\n');
    expect([...new Set(files.map((file) => file.split('/')[0]))].sort()).toEqual(
      [
        '.pre-commit-hooks.yaml',
        'LICENSE',
        'README.md',
        'bin',
        'dist',
        'docs',
        'man',
        'package.json',
        'schemas',
      ].sort(),
    );
    expect(files).toContain('dist/cli.js');
    expect(files.filter((file) => file.startsWith('dist/compiled/'))).toEqual([]);
    expect(git(project, 'show', `${tag}:package.json`)).not.toMatch(/"(?:scripts|devDependencies)"/);
  });

  it('leaves the files of the branch as they were, and the tag among its ancestors', () => {
    expect(git(project, 'diff', '--stat', 'HEAD', 'HEAD^')).toBe('');
    expect(git(project, 'describe', '--tags', '--abbrev=0')).toBe(tag);
    expect(git(project, 'status', '--porcelain')).toBe('');
  });

  it('refuses a tag that exists, and changes that no commit has', () => {
    const again = run(project, process.execPath, 'scripts/release-tag.js');
    expect(again).toMatchObject({ status: 1, stderr: `release-tag: there is a tag ${tag} already\n` });
    writeFileSync(join(project, 'LICENSE'), 'changed');
    const dirty = run(project, process.execPath, 'scripts/release-tag.js');
    expect(dirty).toMatchObject({ status: 1, stderr: 'release-tag: there are changes that no commit has\n' });
    git(project, 'checkout', '--quiet', 'LICENSE');
  });

  it('makes a tag that npm installs and that runs', () => {
    const to = join(folder, 'installed');
    const from = `git+file://${project}#${tag}`;
    const args = ['install', '--global', '--prefix', to, '--install-links', '--no-audit', '--no-fund', from];
    expect(run(folder, 'npm', ...args)).toMatchObject({ status: 0 });
    expect(run(work, join(to, 'bin/drone-audit'), '--version').stdout).toBe(`${version}\n`);
    const once = ['--yes', '--package', from, 'drone-audit', '--version'];
    expect(run(work, 'npx', ...once).stdout).toBe(`${version}\n`);
    expect(run(work, join(to, 'bin/drone-audit'), 'explain', 'weak-rpc-secret').stdout).toContain('\nFound\n');
  });
});

describe.skipIf(!isThere)('hooks of pre-commit (pre-commit)', () => {
  const configure = (rev: string, ...hooks: string[]): void => {
    writeFileSync(
      join(work, '.pre-commit-config.yaml'),
      `repos:\n  - repo: file://${project}\n    rev: ${rev}\n    hooks:\n${hooks.map((hook) => `      - ${hook}\n`).join('')}`,
    );
    git(work, 'add', '--all');
  };

  it('are in a manifest and an example that pre-commit takes', () => {
    expect(run(project, 'pre-commit', 'validate-manifest', '.pre-commit-hooks.yaml')).toMatchObject({ status: 0 });
    const example = resolve('examples/gate/pre-commit/.pre-commit-config.yaml');
    expect(run(project, 'pre-commit', 'validate-config', example)).toMatchObject({ status: 0 });
  });

  it('report findings in what is committed, and fail', () => {
    configure(tag, 'id: drone-audit', 'id: drone-audit-all');
    const { status, stdout } = run(work, 'pre-commit', 'run');
    expect(status).toBe(1);
    expect(stdout.match(/exit code: 1/g)).toHaveLength(2);
    expect(stdout.match(/privileged-step/g)?.length).toBeGreaterThanOrEqual(2);
  });

  it('pass where there is nothing to find', () => {
    writeFileSync(join(work, '.drone.yml'), privileged.replace('    privileged: true\n', ''));
    git(work, 'add', '--all');
    expect(run(work, 'pre-commit', 'run')).toMatchObject({ status: 0 });
    writeFileSync(join(work, '.drone.yml'), privileged);
    git(work, 'add', '--all');
  });

  it('run on pipelines only where one is changed, and on the whole in any case', () => {
    const { stdout } = run(work, 'pre-commit', 'run', '--files', 'notes.md');
    expect(stdout).toMatch(/changed pipelines\)\.+\(no files to check\)Skipped/);
    expect(stdout).toMatch(/whole installation\)\.+Failed/);
  });

  it('take options', () => {
    configure(tag, '{ id: drone-audit, args: [--fail-on, never] }');
    expect(run(work, 'pre-commit', 'run')).toMatchObject({ status: 0 });
  });

  it('are found by autoupdate and tried by try-repo', () => {
    configure(git(project, 'rev-list', '--max-parents=0', 'HEAD'), 'id: drone-audit');
    expect(run(work, 'pre-commit', 'autoupdate')).toMatchObject({ status: 0 });
    expect(readFileSync(join(work, '.pre-commit-config.yaml'), 'utf8')).toContain(`rev: ${tag}\n`);
    const tried = run(work, 'pre-commit', 'try-repo', project, 'drone-audit-all', '--ref', tag);
    expect(tried.status).toBe(1);
    expect(tried.stdout).toContain('privileged-step');
  });
});
