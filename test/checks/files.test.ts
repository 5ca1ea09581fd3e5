import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Entry } from '../../src/checks/file-system.ts';
import { disk, type FileTree } from '../../src/checks/file-tree.ts';
import { lookupWithin, readText, walk } from '../../src/checks/files.ts';
import { gitIndexes } from '../../src/checks/git-index.ts';

describe.skipIf(platform() === 'win32')('the permission bits of a file', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'drone-audit-'));
    writeFileSync(join(folder, 'server.env'), 'DRONE_SERVER_HOST=drone.example.com\n');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it.each([0o600, 0o640, 0o644])('come with its text (%i)', (mode) => {
    const path = join(folder, 'server.env');
    chmodSync(path, mode);
    expect(readText(path, 'server.env')).toMatchObject({ mode });
  });

  it('come with files that others name', () => {
    chmodSync(join(folder, 'server.env'), 0o604);
    const from = { name: 'docker-compose.yml', form: 'compose', text: '' } as const;
    expect(lookupWithin([folder], folder)(from, 'server.env', 'env')).toMatchObject({
      name: 'server.env',
      mode: 0o604,
    });
  });
});

describe('a tree that is too large', () => {
  const root = '/a tree/of nowhere';
  const entry = (name: string, isFolder: boolean): Entry => ({
    name,
    isFile: () => !isFolder,
    isDirectory: () => isFolder,
    isSymbolicLink: () => false,
  });
  const many = Array.from({ length: 200_000 }, (_, index) => entry(`${index}.js`, false));
  const folders: Readonly<Record<string, readonly Entry[]>> = {
    '': [entry('own', true), entry('node_modules', true)],
    '/own': [entry('.drone.yml', false)],
    '/node_modules': [entry('a', true)],
    '/node_modules/a': many,
  };
  const tree: FileTree = {
    ...disk,
    list: (folder) => folders[folder.slice(root.length)] ?? [],
    facts: () => ({ isFile: () => false, isDirectory: () => true, size: 0 }),
  };

  it('is seen without what a package manager filled first, and that is not all is said', () => {
    const { files, problems } = walk([root], root, gitIndexes(), tree);
    expect(files.map(({ name }) => name)).toContain('own/.drone.yml');
    expect(problems).toMatchObject([{ kind: 'too-large', source: '.', incomplete: true }]);
  });
});
