import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { inflated } from '../../src/checks/git/bytes.ts';
import { applyDelta } from '../../src/checks/git/delta.ts';
import { mergeBases } from '../../src/checks/git/history.ts';
import { isRefName } from '../../src/checks/git/refs.ts';
import { findRepository, type GitRepository, openRepository } from '../../src/checks/git/repository.ts';
import { parseTree } from '../../src/checks/git/tree.ts';
import { temporaryFolder } from '../support/cli.ts';
import { commitFiles, git, hasGit, writeFiles } from '../support/git.ts';

const limit = 64 * 1024 * 1024;

function open(folder: string): GitRepository {
  const found = findRepository(folder);
  if (!found) throw new Error('no repository');
  return found;
}

/** A repository with some history: files that change a little, a tag, a branch that was merged. */
function historyIn(folder: string, format = 'sha1'): string {
  git(folder, ['init', '-q', `--object-format=${format}`]);
  const lines = Array.from({ length: 400 }, (_, line) => `line ${line} of a longer file`);
  for (let version = 0; version < 12; version++) {
    lines[version * 30] = `changed in version ${version}`;
    commitFiles(
      folder,
      { 'long.txt': lines.join('\n'), [`a/b/${version}.txt`]: `${version}\n` },
      1_700_000_000 + version,
    );
    if (version === 4) git(folder, ['branch', 'side']);
    if (version === 6) git(folder, ['tag', '-a', '-m', 'six', 'v6']);
  }
  git(folder, ['checkout', '-q', 'side']);
  commitFiles(folder, { 'side.txt': 'side\n', 'empty.txt': '', 'é ü.yml': 'x: 1\n' }, 1_700_000_050);
  git(folder, ['checkout', '-q', 'main']);
  git(folder, ['merge', '-q', '--no-ff', '-m', 'merged', 'side'], { time: 1_700_000_060 });
  git(folder, ['tag', 'light']);
  return git(folder, ['rev-parse', 'HEAD']);
}

/** All objects that git has, with type and size. */
function objectsOf(folder: string): { id: string; type: string; size: number }[] {
  return git(folder, ['cat-file', '--batch-all-objects', '--batch-check'])
    .split('\n')
    .map((line) => line.split(' '))
    .map(([id = '', type = '', size = '']) => ({ id, type, size: Number(size) }));
}

/** Compares everything that git has with what is read: sizes, bytes of blobs, entries of trees, parents of commits. */
function expectAsGit(folder: string): void {
  const repository = open(folder);
  const objects = objectsOf(folder);
  expect(objects.length).toBeGreaterThan(30);
  for (const { id, type, size } of objects) {
    if (type === 'blob') {
      expect(repository.size(id)).toBe(size);
      const bytes = repository.blob(id, limit);
      expect(bytes.length).toBe(size);
      const idOf = createHash(id.length === 40 ? 'sha1' : 'sha256')
        .update(`blob ${size}\0`)
        .update(bytes);
      expect(idOf.digest('hex')).toBe(id);
    } else if (type === 'tree') {
      const told = git(folder, ['ls-tree', '-z', id]).split('\0').filter(Boolean);
      const entries = repository.tree(id).map(({ name, mode, id: of, kind }) => {
        const as = { file: 'blob', link: 'blob', folder: 'tree', submodule: 'commit', nameless: '' }[kind];
        return `${mode.toString(8).padStart(6, '0')} ${as} ${of}\t${name}`;
      });
      expect(entries).toEqual(told);
    } else if (type === 'commit') {
      const { tree, parents, time } = repository.commit(id);
      expect(`${tree}|${parents.join(' ')}|${time}`).toBe(git(folder, ['log', '-1', '--format=%T|%P|%ct', id]));
    }
  }
  repository.close();
}

describe.skipIf(!hasGit)('a repository, compared with git', () => {
  it('is read from loose objects, from a pack, and from one of long chains', { timeout: 120_000 }, () => {
    const folder = temporaryFolder();
    historyIn(folder);
    expectAsGit(folder);
    git(folder, ['gc', '-q']);
    expect(readdirSync(join(folder, '.git/objects/pack')).filter((name) => name.endsWith('.pack'))).toHaveLength(1);
    expectAsGit(folder);
    git(folder, ['repack', '-q', '-adf', '--depth=50', '--window=50']);
    expectAsGit(folder);
    git(folder, ['-c', 'pack.indexVersion=1', '-c', 'repack.useDeltaBaseOffset=false', 'repack', '-q', '-adf']);
    expectAsGit(folder);
  });

  it('is read with ids of SHA-256', { timeout: 60_000 }, () => {
    const folder = temporaryFolder();
    historyIn(folder, 'sha256');
    expectAsGit(folder);
    git(folder, ['gc', '-q']);
    expectAsGit(folder);
    expect(open(folder).resolve('v6~2^{commit}')).toBe(git(folder, ['rev-parse', 'v6~2^{commit}']));
  });

  it('is read as a bare repository, a shared clone, a further work tree and a submodule', { timeout: 60_000 }, () => {
    const folder = temporaryFolder();
    const [origin, shared, bare, further, above] = ['o', 's', 'b.git', 'w', 'p'].map((name) => join(folder, name));
    if (!origin || !shared || !bare || !further || !above) throw new Error('no names');
    mkdirSync(origin);
    mkdirSync(above);
    const head = historyIn(origin);
    git(folder, ['clone', '-q', '--shared', origin, shared]);
    expectAsGit(shared);
    expect(readdirSync(join(shared, '.git/objects')).filter((name) => name.length === 2)).toEqual([]);
    git(folder, ['clone', '-q', '--bare', origin, bare]);
    expectAsGit(bare);
    expect(open(bare).workTree).toBeUndefined();
    git(origin, ['worktree', 'add', '-q', further, 'side']);
    expect(open(further).resolve('HEAD')).toBe(git(origin, ['rev-parse', 'side']));
    expect(open(further).resolve('main')).toBe(head);
    expect(open(further).workTree).toBe(further);
    git(above, ['init', '-q']);
    git(above, ['submodule', '--quiet', 'add', origin, 'sub']);
    expect(open(join(above, 'sub', 'a')).resolve('HEAD')).toBe(head);
    commitFiles(above, {});
    const top = open(above);
    const { tree } = top.commit(top.resolve('HEAD'));
    expect(top.find(tree, ['sub'])).toEqual({ name: 'sub', kind: 'submodule', mode: 0o160000, id: head });
  });

  it('resolves names as git does', { timeout: 60_000 }, () => {
    const folder = temporaryFolder();
    const [origin, clone] = [join(folder, 'o'), join(folder, 'c')];
    mkdirSync(origin);
    const head = historyIn(origin);
    git(folder, ['clone', '-q', origin, clone]);
    const same = ['HEAD', '@', 'main', 'origin/main', 'origin', 'origin/side', 'refs/tags/v6', 'tags/v6', 'v6', 'v6^{}']
      .concat([
        'light',
        'HEAD^',
        'HEAD^2',
        'HEAD~3',
        'HEAD^2~1',
        'HEAD^^',
        'HEAD~2^1',
        'v6^{commit}',
        'HEAD^0',
        'HEAD~0',
      ])
      .concat([
        head,
        head.slice(0, 12),
        head.slice(0, 7).toUpperCase(),
        `${head.slice(0, 9)}~2`,
        'refs/remotes/origin/side',
      ]);
    const read = open(clone);
    expect(same.map((name) => [name, read.resolve(name)])).toEqual(
      same.map((name) => [name, git(clone, ['rev-parse', '--verify', `${name}^{commit}`])]),
    );
    const before = ['main', 'v6', 'origin/side'].map((name) => read.resolve(name));
    git(clone, ['pack-refs', '--all']);
    const packed = open(clone);
    expect(['main', 'v6', 'origin/side'].map((name) => packed.resolve(name))).toEqual(before);
    expect([...packed.branches().keys()]).toEqual(['refs/heads/main']);
    expect([...packed.branches('refs/remotes/').keys()]).toEqual(
      git(clone, ['for-each-ref', '--format=%(refname)', 'refs/remotes']).split('\n'),
    );
    for (const name of ['nothing', 'main..side', '../../etc/passwd', 'config', '', '@{u}', ':/x', 'v6:a'])
      expect(() => packed.resolve(name), name).toThrow(/no such commit/);
    expect(() => packed.resolve('HEAD~99')).toThrow(/is the first of its history/);
    expect(() => packed.resolve('HEAD^3')).toThrow(/has no parent number 3/);
  });

  it('finds the merge base that git finds', { timeout: 120_000 }, () => {
    const folder = temporaryFolder();
    git(folder, ['init', '-q']);
    // Every way to join four lines of history, criss-cross ones among them.
    const tips: string[] = [commitFiles(folder, { f: '0' })];
    let state = 12345;
    const next = (below: number): number => {
      state = (state * 1103515245 + 12345) & 0x7fffffff;
      return (state >> 8) % below;
    };
    const tree = git(folder, ['rev-parse', 'HEAD^{tree}']);
    for (let number = 1; number < 60; number++) {
      const parents = new Set([tips[next(tips.length)], ...(next(3) === 0 ? [tips[next(tips.length)]] : [])]);
      const named = [...parents].flatMap((parent) => ['-p', parent ?? '']);
      tips.push(
        git(folder, ['commit-tree', tree, ...named, '-m', String(number)], { time: 1_700_000_000 + number * 7 }),
      );
    }
    const read = open(folder);
    let several = 0;
    for (let pair = 0; pair < 120; pair++) {
      const [one = '', other = ''] = [tips[next(tips.length)], tips[next(tips.length)]];
      const all = git(folder, ['merge-base', '--all', one, other]).split('\n');
      if (all.length > 1) several++;
      expect(
        mergeBases(one, other, (id) => read.commit(id)),
        `${one} ${other}`,
      ).toEqual(all);
      expect(read.mergeBases(one, other)[0]).toBe(git(folder, ['merge-base', one, other]));
    }
    expect(several).toBeGreaterThan(2);
  });

  it('knows where history was cut off, and what a partial clone lacks', { timeout: 60_000 }, () => {
    const folder = temporaryFolder();
    const [origin, shallow, partial] = ['o', 's', 'p'].map((name) => join(folder, name));
    if (!origin || !shallow || !partial) throw new Error('no names');
    mkdirSync(origin);
    const head = historyIn(origin);
    git(origin, ['config', 'uploadpack.allowFilter', 'true']);
    git(folder, ['clone', '-q', '--depth=1', `file://${origin}`, shallow]);
    const cut = open(shallow);
    expect(cut.isShallow).toBe(true);
    expect(cut.commit(head).parents).toEqual([]);
    expect(() => cut.resolve('HEAD^')).toThrow(/no such commit/);
    git(folder, ['clone', '-q', '--filter=blob:none', '--no-checkout', `file://${origin}`, partial]);
    const some = open(partial);
    expect([some.isPartial, some.isShallow]).toEqual([true, false]);
    const blob = some.find(some.commit(head).tree, ['long.txt'])?.id ?? '';
    expect(() => some.blob(blob, limit)).toThrow(/object [0-9a-f]{40} is not there/);
  });

  it('refuses forms of repositories that it does not read', () => {
    const folder = temporaryFolder();
    git(folder, ['init', '-q']);
    const config = join(folder, '.git/config');
    for (const [text, words] of [
      ['[core]\n\trepositoryformatversion = 1\n[extensions]\n\trefStorage = reftable\n', 'in another form than files'],
      ['[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectFormat = md5\n', 'ids of a kind'],
      [
        '[core]\n\trepositoryformatversion = 1\n[extensions]\n\tsomethingNew = true\n',
        'an extension that is not known',
      ],
      ['[core]\n\trepositoryformatversion = 7\n', 'of a version that is not read'],
    ] as const) {
      writeFileSync(config, text);
      expect(() => findRepository(folder)).toThrow(words);
    }
  });

  it('says what is damaged, and where', () => {
    const folder = temporaryFolder();
    historyIn(folder);
    git(folder, ['gc', '-q']);
    const packs = join(folder, '.git/objects/pack');
    const [name = ''] = readdirSync(packs).filter((file) => file.endsWith('.pack'));
    const copy = join(folder, 'copy');
    const blob = git(folder, ['rev-parse', 'HEAD:long.txt']);
    for (const { ending, at } of [
      { ending: 'pack', at: 0 },
      { ending: 'pack', at: 0.2 },
      { ending: 'pack', at: 0.5 },
      { ending: 'idx', at: 4 },
      { ending: 'idx', at: 12 },
      { ending: 'idx', at: 0.7 },
    ]) {
      rmSync(copy, { recursive: true, force: true });
      cpSync(join(folder, '.git'), copy, { recursive: true });
      const path = join(copy, 'objects/pack', name.replace(/pack$/, ending));
      const bytes = readFileSync(path);
      const from = at < 1 ? Math.floor(bytes.length * at) : at;
      bytes.fill(0xa5, from, from + 400);
      rmSync(path, { force: true });
      writeFileSync(path, bytes);
      const repository = openRepository(copy, undefined);
      const told = new Set<string>();
      for (const { id, type } of objectsOf(folder)) {
        try {
          if (type === 'blob') repository.blob(id, limit);
          else if (type === 'tree') repository.tree(id);
          else if (type === 'commit') repository.commit(id);
        } catch (error) {
          expect(error).toHaveProperty('name', 'GitError');
          told.add((error as Error).message);
        }
      }
      expect([...told].join('\n'), `${ending} ${at}`).toMatch(
        /(?:pack-[0-9a-f]+\.(?:pack|idx)|object [0-9a-f]{40}|tree [0-9a-f]{40}).*(?:damaged|not there|is not a pack|version)/,
      );
      repository.close();
    }
    expect(blob).toHaveLength(40);
  });

  it('reads what is in its own repository as git has it', { timeout: 300_000 }, () => {
    const own = findRepository(process.cwd());
    if (!own) return;
    const { tree } = own.commit(own.resolve('HEAD'));
    const told = git(process.cwd(), ['ls-tree', '-r', '-z', tree]).split('\0').filter(Boolean);
    const read: string[] = [];
    const pending = [{ id: tree, path: '' }];
    for (let next = pending.pop(); next; next = pending.pop())
      for (const { kind, mode, id, name } of own.tree(next.id)) {
        if (kind === 'folder') pending.push({ id, path: `${next.path}${name}/` });
        else read.push(`${mode.toString(8)} blob ${id}\t${next.path}${name}`);
        if (kind === 'file') own.blob(id, limit);
      }
    expect(read.sort()).toEqual(told.sort());
  });
});

/** Writes a pack of one kind of entry with its index, as far as a reader looks at it. */
function packWith(folder: string, entries: readonly { id: string; bytes: Buffer }[]): void {
  mkdirSync(join(folder, 'objects/pack'), { recursive: true });
  mkdirSync(join(folder, 'refs'), { recursive: true });
  writeFileSync(join(folder, 'HEAD'), 'ref: refs/heads/main\n');
  const sorted = entries.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const parts: Buffer[] = [Buffer.from('PACK'), Buffer.from([0, 0, 0, 2]), Buffer.from([0, 0, 0, entries.length])];
  let at = 12;
  const offsets = sorted.map(({ bytes }) => {
    parts.push(bytes);
    at += bytes.length;
    return at - bytes.length;
  });
  writeFileSync(join(folder, 'objects/pack/pack-aa.pack'), Buffer.concat([...parts, Buffer.alloc(20)]));
  const fanOut = Buffer.alloc(1024);
  for (let byte = 0; byte < 256; byte++)
    fanOut.writeUInt32BE(sorted.filter(({ id }) => Number.parseInt(id.slice(0, 2), 16) <= byte).length, byte * 4);
  const table = Buffer.alloc(offsets.length * 4);
  for (const [index, offset] of offsets.entries()) table.writeUInt32BE(offset, index * 4);
  const ids = Buffer.concat(sorted.map(({ id }) => Buffer.from(id, 'hex')));
  const head = Buffer.from('ff744f6300000002', 'hex');
  const sums = Buffer.alloc(sorted.length * 4);
  writeFileSync(
    join(folder, 'objects/pack/pack-aa.idx'),
    Buffer.concat([head, fanOut, ids, sums, table, Buffer.alloc(40)]),
  );
}

function entryHeader(type: number, size: number): Buffer {
  const bytes = [(type << 4) | (size & 15)];
  let rest = Math.floor(size / 16);
  while (rest > 0) {
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) | 128;
    bytes.push(rest & 127);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from(bytes);
}

describe('a hostile repository', () => {
  const one = '1'.repeat(40);
  const other = '2'.repeat(40);

  it('cannot make more of a stream than was said, or than is allowed', () => {
    const bomb = deflateSync(Buffer.alloc(50_000_000));
    expect(bomb.length).toBeLessThan(60_000);
    expect(inflated(bomb, 1000)).toBe('damaged');
    const folder = temporaryFolder();
    packWith(folder, [
      { id: one, bytes: Buffer.concat([entryHeader(3, 50_000_000), bomb]) },
      { id: other, bytes: Buffer.concat([entryHeader(3, 2 ** 40), bomb]) },
    ]);
    const repository = openRepository(folder, undefined);
    expect(repository.size(one)).toBe(50_000_000);
    expect(() => repository.blob(one, 1_000_000)).toThrow('holds 50000000 bytes, more than 1000000');
    expect(() => repository.blob(other, limit)).toThrow('objects/pack/pack-aa.pack at byte');
    expect(() => repository.blob(one, limit)).toThrow(`object ${one} is damaged: its bytes are others`);
  });

  it('cannot lead deltas in a circle', () => {
    const folder = temporaryFolder();
    const delta = deflateSync(Buffer.from([1, 1, 1, 65]));
    const onto = (id: string): Buffer => Buffer.concat([entryHeader(7, 4), Buffer.from(id, 'hex'), delta]);
    packWith(folder, [
      { id: one, bytes: onto(other) },
      { id: other, bytes: onto(one) },
    ]);
    const repository = openRepository(folder, undefined);
    expect(() => repository.blob(one, limit)).toThrow('more than 4096 deltas');
    expect(() => repository.size(other)).toThrow('more than 4096 deltas');
  });

  it('cannot make a delta reach out of its base or its result', () => {
    const base = Buffer.from('0123456789');
    const apply = (...bytes: number[]): string => applyDelta(base, Buffer.from(bytes), 100, 'here').toString();
    expect(apply(10, 3, 0x91, 4, 3)).toBe('456');
    expect(apply(10, 5, 2, 65, 66, 0x90, 3)).toBe('AB012');
    for (const wrong of [
      [9, 3, 0x91, 4, 3],
      [10, 3, 0x91, 8, 3],
      [10, 2, 0x91, 4, 3],
      [10, 4, 0x91, 4, 3],
      [10, 3, 0],
      [10, 3, 3, 65],
      [10],
      [10, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1],
    ])
      expect(() => apply(...wrong), String(wrong)).toThrow('here is damaged');
    expect(() => applyDelta(base, Buffer.from([10, 0x80, 0x80, 4]), 100, 'here')).toThrow('more than 100 bytes');
  });

  it('cannot name what leads out of a tree, or out of the folder of refs', () => {
    const entry = (name: string, mode = '100644'): Buffer =>
      Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.alloc(20, 7)]);
    expect(parseTree(entry('a'), 20, one)).toEqual([{ name: 'a', kind: 'file', mode: 0o100644, id: '07'.repeat(20) }]);
    for (const name of ['..', '.', 'a/b', ''])
      expect(parseTree(Buffer.concat([entry(name), entry('b')]), 20, one)).toMatchObject([
        { kind: 'nameless' },
        { kind: 'file', name: 'b' },
      ]);
    for (const wrong of [entry('a', '1'), entry('a', '777777'), entry('a').subarray(1, 9)])
      expect(() => parseTree(wrong, 20, one)).toThrow(`tree ${one} is damaged`);
    for (const name of [
      '../x',
      'a/../b',
      '/etc',
      'a//b',
      '.git',
      'a/.b',
      'x.lock',
      'a b',
      '-x',
      'a\n',
      'a.',
      'a@{1}',
      'a\\b',
    ])
      expect(isRefName(name), name).toBe(false);
    for (const name of ['main', 'feature/a.b', 'v1.0', 'é', '@']) expect(isRefName(name), name).toBe(true);
  });

  it('cannot lead names or alternates in a circle', () => {
    const folder = temporaryFolder();
    writeFiles(folder, {
      HEAD: 'ref: refs/heads/a\n',
      'refs/heads/a': 'ref: refs/heads/b\n',
      'refs/heads/b': 'ref: refs/heads/a\n',
      'refs/heads/c': 'ref: ../../../etc/passwd\n',
      'refs/heads/d': 'root:x:0:0\n',
      'objects/info/alternates': '../objects\n../../nowhere\n',
    });
    const repository = openRepository(folder, undefined);
    expect(() => repository.resolve('HEAD')).toThrow('a ref leads to itself');
    expect(() => repository.resolve('c')).toThrow('no such commit');
    expect(() => repository.resolve('d')).toThrow('holds no object id');
    expect(() => repository.resolve(one)).toThrow(`object ${one} is not there`);
  });
});
