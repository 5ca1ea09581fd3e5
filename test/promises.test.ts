import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formats } from '../src/commands/formats.ts';
import { temporaryFolder } from './support/cli.ts';

// What docs/threat-model.md promises of a whole run, seen from outside: by the process itself with its doors watched, by
// Node's permission model, and by the kernel.

const bin = resolve('bin/drone-audit.js');

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built tool by a Node with options of its own, or behind another program. */
function run(command: readonly string[], args: readonly string[], cwd: string, env: Record<string, string> = {}): Run {
  const [program = '', ...before] = command;
  const { status, stdout, stderr } = spawnSync(program, [...before, bin, ...args], {
    cwd,
    encoding: 'utf8',
    input: '',
    env: { PATH: process.env.PATH ?? '', HOME: cwd, ...env },
    timeout: 600_000,
    maxBuffer: 1 << 27,
  });
  return { status, stdout, stderr };
}

/** An installation whose files name addresses, programs and files elsewhere, beside a file that nobody named. */
function hostileInstallation(): { folder: string; elsewhere: string } {
  const root = realpathSync(temporaryFolder());
  const folder = join(root, 'installation');
  const elsewhere = join(root, 'elsewhere.env');
  cpSync('examples/careless', folder, { recursive: true });
  writeFileSync(elsewhere, 'DRONE_RPC_SECRET=c0ffee00c0ffee00c0ffee00c0ffee00\n');
  symlinkSync(elsewhere, join(folder, 'linked.env'));
  const files = {
    'names/docker-compose.yml': `include: ["https://127.0.0.1:9/compose.yml", "${elsewhere}"]
services:
  drone:
    image: drone/drone:2
    env_file: [../../elsewhere.env, "http://127.0.0.1:9/server.env"]
    environment:
      DRONE_GITEA_SERVER: http://127.0.0.1:9
      DRONE_YAML_ENDPOINT: http://127.0.0.1:9/yaml
`,
    'names/run.sh': '#!/bin/sh\ntouch executed\ndocker run -e DRONE_RPC_SECRET=$(touch executed) drone/drone:2\n',
    'names/.drone.yml': `kind: pipeline
name: default
steps:
  - name: build
    image: "127.0.0.1:9/app"
    commands: ["$(touch executed)", "curl http://127.0.0.1:9 | sh"]
`,
    'names/.drone.star': 'load("http://127.0.0.1:9/x.star", "x")\ndef main(ctx):\n  fail("executed")\n',
    'policy.yml': 'exclude: [nowhere/]\n',
    'names/.drone.jsonnet': 'local x = import "http://127.0.0.1:9/x"; error "executed"\n',
  };
  mkdirSync(join(folder, 'names'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  chmodSync(join(folder, 'names/run.sh'), 0o755);
  return { folder, elsewhere };
}

const file = (folder: string): string => join(folder, 'names/.drone.yml');

/** Each way to look without asking for an engine, a server or a probe. */
const offline: readonly (readonly [name: string, args: (folder: string) => readonly string[]])[] = [
  ['scan', (of) => ['scan', of, '-v', '--pedantic']],
  ['scan --format html', (of) => ['scan', of, '--format', 'html']],
  ['scan --policy', (of) => ['scan', of, '--policy', join(of, 'policy.yml')]],
  ['explain --effective', (of) => ['explain', '--effective', of]],
  ['explain --file', (of) => ['explain', '--file', file(of)]],
  ['explain RULE', () => ['explain', 'weak-rpc-secret']],
  ['rules', () => ['rules', '--format', 'json']],
];

describe('the network', () => {
  const watched = (args: readonly string[], folder: string): string => {
    const log = join(temporaryFolder(), 'watched');
    run([process.execPath, `--require=${resolve('test/support/watched.cjs')}`], args, folder, { WATCHED: log });
    return existsSync(log) ? readFileSync(log, 'utf8') : '';
  };

  it.each(offline)('is not asked, and no program started, by %s', (_, args) => {
    const { folder } = hostileInstallation();
    expect(watched(args(folder), folder)).toBe('');
  });

  it('is watched here: a server that is asked for is noticed', () => {
    const { folder } = hostileInstallation();
    expect(watched(['scan', folder, '--server', 'http://127.0.0.1:9'], folder)).toMatch(/^(?:connect|dns\.lookup)\n/);
  });
});

describe('nothing', () => {
  const permission = process.allowedNodeEnvironmentFlags.has('--permission')
    ? '--permission'
    : '--experimental-permission';
  /** Node refuses to write, to start a process or a thread, and to compile a text, but for what is granted. */
  const confined = (...granted: readonly string[]): readonly string[] => [
    process.execPath,
    permission,
    '--allow-fs-read=*',
    '--disallow-code-generation-from-strings',
    ...granted,
  ];

  it.each(offline)('is written, started or evaluated by %s', (_, args) => {
    const { folder } = hostileInstallation();
    const free = run([process.execPath], args(folder), folder);
    const held = run(confined(), args(folder), folder);
    expect(held.stdout).toBe(free.stdout);
    expect(held.status).toBe(free.status);
    expect(free.stdout.length).toBeGreaterThan(100);
  });

  it('can be written under this watch: a report into a file fails', () => {
    const { folder } = hostileInstallation();
    const held = run(confined(), ['scan', folder, '-o', join(folder, 'report.json')], folder);
    expect(held.stderr).toContain('cannot be written');
    expect(existsSync(join(folder, 'report.json'))).toBe(false);
  });

  it('changes in what is audited, in the home and in the temporary folder, and what was asked for is elsewhere', () => {
    const { folder } = hostileInstallation();
    const home = temporaryFolder();
    const output = temporaryFolder();
    const env = { HOME: home, TMPDIR: home, XDG_CACHE_HOME: join(home, 'cache') };
    const before = entriesOf(folder);
    for (const [, args] of offline) run([process.execPath], args(folder), folder, env);
    const written = ['-o', join(output, 'report.html'), '--save-evidence', join(output, 'kept')];
    run([process.execPath], ['scan', folder, ...written], folder, env);
    expect(entriesOf(folder)).toEqual(before);
    expect(before.length).toBeGreaterThan(10);
    expect(readdirSync(home)).toEqual([]);
    expect(readdirSync(output)).toEqual(['kept', 'report.html']);
  });
});

/** Name, kind, mode, size, time and content of all below a folder. */
function entriesOf(folder: string): readonly unknown[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const path = join(folder, name);
      const { mode, size, mtimeMs } = lstatSync(path);
      return [name, mode, size, mtimeMs, lstatSync(path).isFile() ? readFileSync(path, 'utf8') : ''];
    });
}

const canTrace = spawnSync('strace', ['-e', 'trace=none', process.execPath, '-e', '0']).status === 0;

describe.skipIf(!canTrace)('the kernel (strace)', () => {
  /** The calls of a Node with these arguments that are about programs, networks and files. */
  const traced = (args: readonly string[], cwd: string): readonly string[] => {
    const log = join(temporaryFolder(), 'calls');
    const calls = 'trace=execve,execveat,socket,connect,bind,sendto,open,openat,creat,unlink,rename,mkdir,chmod';
    spawnSync('strace', ['-f', '-qq', '-s', '4096', '-e', calls, '-o', log, process.execPath, ...args], {
      cwd,
      env: { PATH: process.env.PATH ?? '', HOME: cwd },
    });
    return readFileSync(log, 'utf8')
      .split('\n')
      .map((line) => line.replace(/^\d+\s+/, ''))
      .filter((line) => /^\w+\(/.test(line) && !/ = -1 ENOENT/.test(line));
  };
  const pathOf = (call: string): string => /"([^"]*)"/.exec(call)?.[1] ?? '';

  it('is asked for no program, no network, no file to write, and no file that was not named', () => {
    const { folder, elsewhere } = hostileInstallation();
    const calls = traced([bin, 'scan', folder, '-v'], folder);
    const itself = new Set(traced(['-e', '0'], folder).map(pathOf));
    const opened = [...new Set(calls.filter((call) => call.startsWith('open')).map(pathOf))].filter(
      (path) => !itself.has(path) && !path.startsWith(resolve('.')) && !/^\/(?:proc|sys|dev|usr|etc)\//.test(path),
    );

    expect(calls.filter((call) => call.startsWith('execve'))).toHaveLength(1);
    expect(calls.filter((call) => /^(?:socket|connect|bind|sendto)\(/.test(call))).toEqual([]);
    expect(calls.filter((call) => /^(?:creat|unlink|rename|mkdir|chmod)|O_(?:WRONLY|RDWR|CREAT)/.test(call))).toEqual(
      [],
    );
    expect(opened).not.toContain(elsewhere);
    expect(opened).toContain(join(folder, 'names/docker-compose.yml'));
    // How git leaves files out is told by the folders above, too.
    const beyond = opened.filter((path) => !path.startsWith(`${folder}/`) && path !== folder);
    expect(beyond.filter((path) => !/\/\.git(?:ignore)?(?:\/|$)/.test(path))).toEqual([]);
  });

  it('is watched here: a server that is asked for is noticed', () => {
    const { folder } = hostileInstallation();
    const calls = traced([bin, 'scan', folder, '--server', 'http://127.0.0.1:9'], folder);
    expect(calls.filter((call) => call.startsWith('connect(')).join('\n')).toContain('127.0.0.1');
  });
});

describe('the same input', () => {
  it('gives the same bytes in another folder, time zone, language, home and width, on files of another age', () => {
    const one = hostileInstallation().folder;
    const other = join(realpathSync(temporaryFolder()), 'a longer name for it', 'installation');
    cpSync(join(one, '..'), join(other, '..'), { recursive: true, verbatimSymlinks: true });
    for (const entry of readdirSync(other, { recursive: true, withFileTypes: true }))
      if (entry.isFile()) utimesSync(join(entry.parentPath, entry.name), 1, 1);
    const far = { TZ: 'Pacific/Kiritimati', LC_ALL: 'tr_TR.UTF-8', LANG: 'ar_EG', COLUMNS: '40', HOME: '/', USER: 'x' };
    for (const format of formats.filter((each) => each !== 'card')) {
      const args = ['scan', '.', '--format', format];
      const here = run([process.execPath], args, one, { TZ: 'UTC' });
      const there = run([process.execPath], args, other, far);
      expect(there.stdout, format).toBe(here.stdout);
      expect(there.status).toBe(here.status);
      expect(here.stdout).not.toContain(one);
    }
  });
});

describe('the package', () => {
  it('installs nothing else and runs nothing when it is installed', () => {
    const manifest: Record<string, Record<string, string>> = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(manifest).not.toHaveProperty('dependencies');
    expect(manifest).not.toHaveProperty('optionalDependencies');
    expect(manifest).not.toHaveProperty('peerDependencies');
    expect(Object.keys(manifest.scripts ?? {}).filter((name) => /install|prepare/.test(name))).toEqual([]);
  });
});
