import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gitIndexes } from '../../src/checks/git-index.ts';
import { gather } from '../../src/gather.ts';
import { slugOfAddress } from '../../src/model/repository-address.ts';

describe('slugOfAddress', () => {
  it.each([
    ['https://git.example.com/octocat/app.git', 'octocat/app'],
    ['https://git.example.com/octocat/app', 'octocat/app'],
    ['http://git.example.com:3000/octocat/app/', 'octocat/app'],
    ['https://alice:secret@git.example.com/octocat/app.git', 'octocat/app'],
    ['ssh://git@git.example.com:2222/octocat/app.git', 'octocat/app'],
    ['git@git.example.com:octocat/app.git', 'octocat/app'],
    ['git.example.com:octocat/app', 'octocat/app'],
    ['git@git.example.com:/octocat/app.git', 'octocat/app'],
    ['git://git.example.com/octocat/app', 'octocat/app'],
    ['git@gitlab.example.com:group/sub/app.git', 'group/sub/app'],
    ['https://gitlab.example.com/group/sub/app.git', 'group/sub/app'],
    ['https://bitbucket.example.com/scm/PRJ/app.git', 'PRJ/app'],
    ['ssh://git@bitbucket.example.com:7999/prj/app.git', 'prj/app'],
  ])('%s is %s', (address, slug) => {
    expect(slugOfAddress(address)).toBe(slug);
  });

  it.each([
    '/srv/git/octocat/app.git',
    '../app.git',
    'file:///srv/git/octocat/app.git',
    'C:/src/octocat/app',
    'https://git.example.com/app.git',
    'https://git.example.com/octo cat/app',
    'https://git.example.com',
    '',
    `https://git.example.com/${'a'.repeat(1000)}/app`,
  ])('%s is none', (address) => {
    expect(slugOfAddress(address)).toBeUndefined();
  });
});

describe('the slug of a clone', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'git-remote-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const put = (name: string, content = ''): string => {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const remote = (name: string, url: string): string => `[remote "${name}"]\n\turl = ${url}\n\tfetch = +refs/heads/*\n`;
  const slugOf = (name: string): string | undefined => gitIndexes().slugOf(join(folder, name));

  it('is that of the remote "origin", wherever the file lies', () => {
    const core = '[core]\n\tbare = false\n\turl = https://git.example.com/not/this\n';
    put(
      '.git/config',
      core + remote('fork', 'git@x.example:me/app') + remote('origin', 'git@x.example:octocat/app.git'),
    );
    expect(slugOf('.drone.yml')).toBe('octocat/app');
    put('deep/down/file');
    expect(slugOf('deep/down/.drone.yml')).toBe('octocat/app');
  });

  it('is that of the only remote without "origin", and of none of several', () => {
    put('one/.git/config', remote('upstream', 'https://x.example/octocat/app'));
    put('two/.git/config', remote('a', 'https://x.example/a/app') + remote('b', 'https://x.example/b/app'));
    put('none/.git/config', '[core]\n');
    put('empty/.git/HEAD');
    expect(slugOf('one/.drone.yml')).toBe('octocat/app');
    expect(slugOf('two/.drone.yml')).toBeUndefined();
    expect(slugOf('none/.drone.yml')).toBeUndefined();
    expect(slugOf('empty/.drone.yml')).toBeUndefined();
    expect(slugOf('.drone.yml')).toBeUndefined();
  });

  it('is known of further work trees and of submodules', () => {
    put('main/.git/config', remote('origin', 'https://x.example/octocat/app'));
    put('main/.git/worktrees/work/commondir', '../..\n');
    put('work/.git', 'gitdir: ../main/.git/worktrees/work\n');
    put('main/.git/modules/charts/config', remote('origin', 'https://x.example/octocat/charts'));
    put('main/charts/.git', 'gitdir: ../.git/modules/charts\n');
    expect(slugOf('work/.drone.yml')).toBe('octocat/app');
    expect(slugOf('main/charts/.drone.yml')).toBe('octocat/charts');
  });

  it('is not read of what is too large, or no file', () => {
    put('large/.git/config', `${remote('origin', 'https://x.example/octocat/app')}${'#'.repeat(300_000)}`);
    mkdirSync(join(folder, 'odd/.git/config'), { recursive: true });
    expect(slugOf('large/.drone.yml')).toBeUndefined();
    expect(slugOf('odd/.drone.yml')).toBeUndefined();
  });

  it('comes with the path in the repository, from wherever it is looked at', async () => {
    put('app/.git/config', remote('origin', 'https://x.example/octocat/app'));
    put('app/ci/build.yml', 'kind: pipeline\nname: default\nsteps: []\n');
    for (const [cwd, path] of [
      ['.', '.'],
      ['app/ci', 'build.yml'],
    ] as const) {
      const { sources } = await gather({ cwd: join(folder, cwd), paths: [path], standardInput: () => Buffer.alloc(0) });
      expect(sources.map(({ pathInRepository }) => pathInRepository)).toEqual(['ci/build.yml']);
    }
  });

  it('is that of pipeline files alone', async () => {
    put('.git/config', remote('origin', 'https://x.example/Octocat/App.git'));
    put('.drone.yml', 'kind: pipeline\nname: default\nsteps: []\n');
    put('docker-compose.yml', 'services: { drone: { image: drone/drone:2 } }\n');
    const { sources } = await gather({ cwd: folder, paths: ['.'], standardInput: () => Buffer.alloc(0) });
    expect(sources.map(({ name, slug }) => [name, slug])).toEqual([
      ['.drone.yml', 'Octocat/App'],
      ['docker-compose.yml', undefined],
    ]);
  });
});
