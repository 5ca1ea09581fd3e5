import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gitIndexes, parseIndex } from '../../src/checks/git-index.ts';
import { gather } from '../../src/gather.ts';

interface Entry {
  readonly path: string;
  readonly folder?: boolean;
  /** Flags of version 3 on: has a second word of them. */
  readonly extended?: boolean;
}

/** An index as git writes it, without its checksum. */
function index(
  version: number,
  entries: readonly Entry[],
  options: { idBytes?: number; extensions?: readonly string[] } = {},
): Buffer {
  const idBytes = options.idBytes ?? 20;
  const head = Buffer.alloc(12);
  head.write('DIRC');
  head.writeUInt32BE(version, 4);
  head.writeUInt32BE(entries.length, 8);
  const parts: Buffer[] = [head];
  let previous = Buffer.alloc(0);
  for (const { path, folder, extended } of entries) {
    const fixed = Buffer.alloc(40 + idBytes + 2 + (extended ? 2 : 0), 1);
    fixed.writeUInt32BE(folder ? 0o040000 : 0o100644, 24);
    fixed.writeUInt16BE(extended ? 0x4000 : 0, 40 + idBytes);
    const name = Buffer.from(path);
    if (version === 4) {
      let same = 0;
      while (same < previous.length && same < name.length && previous[same] === name[same]) same++;
      parts.push(fixed, offset(previous.length - same), name.subarray(same), Buffer.alloc(1));
    } else {
      const length = fixed.length + name.length;
      parts.push(fixed, name, Buffer.alloc(8 - (length % 8)));
    }
    previous = name;
  }
  for (const name of options.extensions ?? []) {
    const extension = Buffer.alloc(8 + 5, 7);
    extension.write(name, 'latin1');
    extension.writeUInt32BE(5, 4);
    parts.push(extension);
  }
  return Buffer.concat([...parts, Buffer.alloc(idBytes, 9)]);
}

function offset(value: number): Buffer {
  const bytes = [value & 127];
  for (let rest = value >> 7; rest > 0; rest = (rest - 1) >> 7) {
    rest -= 1;
    bytes.unshift(128 | (rest & 127));
    rest += 1;
  }
  return Buffer.from(bytes);
}

const paths = [
  '.env',
  'deploy/docker-compose.yml',
  'deploy/server.env',
  'naïve/prod.env',
  `${'long/'.repeat(60)}runner.env`,
];

describe('parseIndex', () => {
  it.each([2, 3, 4])('reads version %i', (version) => {
    const read = parseIndex(
      index(
        version,
        paths.map((path) => ({ path })),
      ),
    );
    expect([...(read?.files ?? [])]).toEqual(paths);
  });

  it.each([2, 3, 4])('reads version %i with object ids of SHA-256', (version) => {
    const read = parseIndex(
      index(
        version,
        paths.map((path) => ({ path })),
        { idBytes: 32 },
      ),
    );
    expect([...(read?.files ?? [])]).toEqual(paths);
  });

  it('reads entries with a second word of flags, and extensions that may be ignored', () => {
    const read = parseIndex(
      index(3, [{ path: 'a.env', extended: true }, { path: 'b.env' }], { extensions: ['TREE', 'FSMN'] }),
    );
    expect([...(read?.files ?? [])]).toEqual(['a.env', 'b.env']);
  });

  it('keeps the folders of a sparse index apart', () => {
    const read = parseIndex(index(2, [{ path: 'a.env' }, { path: 'charts/', folder: true }], { extensions: ['sdir'] }));
    expect([...(read?.files ?? [])]).toEqual(['a.env']);
    expect([...(read?.folders ?? [])]).toEqual(['charts']);
  });

  it('does not guess: other versions, split indexes, broken texts', () => {
    const good = index(2, [{ path: 'a.env' }]);
    expect(parseIndex(good)).toBeDefined();
    expect(parseIndex(index(5, [{ path: 'a.env' }]))).toBeUndefined();
    expect(parseIndex(index(2, [{ path: 'a.env' }], { extensions: ['link'] }))).toBeUndefined();
    expect(parseIndex(Buffer.concat([good, Buffer.alloc(3)]))).toBeUndefined();
    expect(parseIndex(good.subarray(0, good.length - 21))).toBeUndefined();
    expect(parseIndex(Buffer.from('DIRC'))).toBeUndefined();
    const many = Buffer.from(good);
    many.writeUInt32BE(0xffffffff, 8);
    expect(parseIndex(many)).toBeUndefined();
  });

  it('stops at paths that grow without end', () => {
    const entries = Array.from({ length: 60_000 }, (_, i) => ({ path: 'a'.repeat(Math.min(i + 1, 4000)) }));
    expect(parseIndex(index(4, entries))).toBeUndefined();
  });

  it('never throws', () => {
    const good = index(
      4,
      paths.map((path) => ({ path })),
      { extensions: ['TREE'] },
    );
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length), (at, byte, length) => {
        const broken = Buffer.from(good);
        broken[at] = byte;
        parseIndex(broken);
        parseIndex(broken.subarray(0, length));
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        parseIndex(Buffer.concat([Buffer.from('DIRC\0\0\0\x04'), bytes]));
      }),
    );
  });
});

function hasGit(): boolean {
  try {
    execFileSync('git', ['--version']);
    return true;
  } catch {
    return false;
  }
}

describe('gitIndexes', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'git-index-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const put = (name: string, content: string | Buffer = ''): string => {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };

  it('knows nothing outside a repository', () => {
    expect(gitIndexes().isTracked(put('server.env'))).toBeUndefined();
  });

  it('tells tracked from untracked files, in folders below too', () => {
    put('.git/HEAD', 'ref: refs/heads/main\n');
    put('.git/index', index(2, [{ path: 'compose.yml' }, { path: 'deploy/server.env' }]));
    const ask = gitIndexes().isTracked;
    expect(ask(put('compose.yml'))).toBe(true);
    expect(ask(put('deploy/server.env'))).toBe(true);
    expect(ask(put('server.env'))).toBe(false);
    expect(ask(join(folder, 'not-there.env'))).toBeUndefined();
  });

  it('follows links to where the file is', () => {
    put('.git/index', index(2, [{ path: 'real/server.env' }]));
    put('real/server.env');
    symlinkSync('real', join(folder, 'linked'));
    expect(gitIndexes().isTracked(join(folder, 'linked/server.env'))).toBe(true);
  });

  it('tells of a link whether it is tracked itself', () => {
    put('.git/index', index(2, [{ path: 'real.env' }, { path: 'ci/link.env' }]));
    put('real.env');
    put('ci/secret.env');
    const { tracksName } = gitIndexes();
    const linked = (name: string, to: string): string => {
      symlinkSync(to, join(folder, name));
      return join(folder, name);
    };
    expect(tracksName(linked('ci/link.env', 'secret.env'))).toBe(true);
    expect(tracksName(linked('link.env', 'real.env'))).toBe(false);
    expect(tracksName(linked('nowhere', '/nothing/there'))).toBe(false);
    expect(tracksName(join(linked('folder', 'ci'), 'link.env'))).toBe(true);
  });

  it('tells of a folder whether anything in it is tracked, the root as well', () => {
    put('.git/HEAD', 'ref: refs/heads/main\n');
    put('ci/.env');
    expect(gitIndexes().holdsTracked(folder)).toBe(false);
    put('.git/index', index(2, [{ path: 'server.env' }]));
    const { holdsTracked } = gitIndexes();
    expect([holdsTracked(folder), holdsTracked(join(folder, 'ci'))]).toEqual([true, false]);
  });

  it('knows a repository without any commit, and a folder that is none', () => {
    put('fresh/.git/HEAD', 'ref: refs/heads/main\n');
    put('none/.git/description');
    const ask = gitIndexes().isTracked;
    expect(ask(put('fresh/.env'))).toBe(false);
    expect(ask(put('none/.env'))).toBeUndefined();
  });

  it('finds the index of a work tree by its gitfile', () => {
    put('work/.git', 'gitdir: ../main/.git/worktrees/work\n');
    put('main/.git/worktrees/work/index', index(2, [{ path: '.env' }]));
    expect(gitIndexes().isTracked(put('work/.env'))).toBe(true);
    put('broken/.git', 'gitdir: \n');
    expect(gitIndexes().isTracked(put('broken/.env'))).toBeUndefined();
  });

  it('does not say what a sparse or broken index leaves open', () => {
    put('.git/index', index(2, [{ path: 'charts/', folder: true }], { extensions: ['sdir'] }));
    expect(gitIndexes().isTracked(put('charts/drone/values.yml'))).toBeUndefined();
    expect(gitIndexes().isTracked(put('other.yml'))).toBe(false);
    put('.git/index', 'DIRC and no more');
    expect(gitIndexes().isTracked(put('other.yml'))).toBeUndefined();
  });

  it.skipIf(!hasGit())('agrees with git itself in every version (needs git)', () => {
    const git = (...args: readonly string[]): string =>
      execFileSync('git', args, {
        cwd: folder,
        encoding: 'utf8',
        env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' },
      });
    git('init', '--quiet');
    for (const name of ['compose.yml', 'deploy/server.env', 'deploy/übung.env', 'deploy/server.env.example'])
      put(name, name);
    const untracked = put('deploy/other.env');
    git('add', 'compose.yml', 'deploy/server.env', 'deploy/übung.env', 'deploy/server.env.example');
    for (const version of ['2', '3', '4']) {
      git('update-index', '--index-version', version);
      const listed = git('ls-files', '-z')
        .split('\0')
        .filter((name) => name !== '');
      expect([...(parseIndex(readFileSync(join(folder, '.git/index')))?.files ?? [])].sort()).toEqual(listed.sort());
      const ask = gitIndexes().isTracked;
      expect(ask(join(folder, 'deploy/übung.env'))).toBe(true);
      expect(ask(untracked)).toBe(false);
    }
  });

  it('is asked for files that hold settings, those that others name included', async () => {
    put('.git/index', index(2, [{ path: 'docker-compose.yml' }, { path: '.drone.yml' }]));
    put('docker-compose.yml', 'services:\n  drone:\n    image: drone/drone:2\n    env_file: server.conf\n');
    put('.drone.yml', 'kind: pipeline\n');
    put('server.conf', 'DRONE_RPC_SECRET=x\n');
    const { sources, lookup } = await gather({ cwd: folder, paths: ['.'], standardInput: () => Buffer.alloc(0) });
    expect(sources.map(({ name, tracked }) => [name, tracked])).toEqual([
      ['.drone.yml', undefined],
      ['docker-compose.yml', true],
      ['server.conf', false],
    ]);
    const [, compose] = sources;
    expect(compose && lookup(compose, 'server.conf', 'env')).toMatchObject({ name: 'server.conf', tracked: false });
  });
});
