import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { headOf } from '../../src/checks/git-head.ts';
import { gitIndexes } from '../../src/checks/git-index.ts';
import { temporaryFolder } from '../support/cli.ts';

const id = '3e7ecf161'.padEnd(40, '0');

/** A git folder with these files. */
function gitFolder(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

describe('the commit that HEAD leads to', () => {
  it.each([
    ['detached', { HEAD: `${id}\n` }, id],
    ['with a loose ref', { HEAD: 'ref: refs/heads/main\n', 'refs/heads/main': `${id}\n` }, id],
    [
      'with a packed ref',
      {
        HEAD: 'ref: refs/heads/main\n',
        'packed-refs': `# pack-refs\n${'1'.repeat(40)} refs/heads/mai\n${id} refs/heads/main\n`,
      },
      id,
    ],
    ['of SHA-256', { HEAD: 'a'.repeat(64) }, 'a'.repeat(64)],
    ['before the first commit', { HEAD: 'ref: refs/heads/main\n' }, undefined],
    ['of refs kept otherwise', { HEAD: 'ref: refs/heads/.invalid\n' }, undefined],
    ['that leads out of the folder', { HEAD: 'ref: refs/../../secret\n', '../secret': `${id}\n` }, undefined],
    ['that is no HEAD', { HEAD: 'password=hunter2\n' }, undefined],
    ['whose ref is no id', { HEAD: 'ref: refs/heads/main\n', 'refs/heads/main': 'password=hunter2\n' }, undefined],
    ['that is not there', {}, undefined],
  ])('%s', (_, files, commit) => expect(headOf(gitFolder(files))).toBe(commit));

  it('is that of git, in a clone and in a further work tree', () => {
    const cwd = temporaryFolder();
    const git = (...args: string[]): string =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], { cwd, encoding: 'utf8' });
    git('init', '--quiet');
    git('commit', '--quiet', '--allow-empty', '-m', 'one');
    git('worktree', 'add', '--quiet', '-b', 'other', 'further');
    const { commitOf } = gitIndexes();
    const head = git('rev-parse', 'HEAD').trim();
    expect([commitOf(cwd), commitOf(join(cwd, 'further'))]).toEqual([head, head]);
    git('pack-refs', '--all');
    expect([commitOf(cwd), commitOf(join(cwd, 'further'))]).toEqual([head, head]);
  });
});
