import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Whether git is on this machine: what is compared with it is skipped elsewhere. */
export const hasGit = spawnSync('git', ['--version']).status === 0;

/** Runs git as nobody's configuration would have it; returns its output without the last line feed. Throws where it fails. */
export function git(folder: string, args: readonly string[], options: { time?: number; input?: string } = {}): string {
  const date = `${options.time ?? 1_700_000_000} +0000`;
  const { status, stdout, stderr, error } = spawnSync(
    'git',
    [
      '-c',
      'init.defaultBranch=main',
      '-c',
      'protocol.file.allow=always',
      '-c',
      'gc.auto=0',
      '-c',
      'commit.gpgsign=false',
      ...args,
    ],
    {
      cwd: folder,
      input: options.input ?? '',
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      env: {
        PATH: process.env.PATH ?? '',
        HOME: folder,
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_AUTHOR_NAME: 'a',
        GIT_AUTHOR_EMAIL: 'a@example.com',
        GIT_COMMITTER_NAME: 'a',
        GIT_COMMITTER_EMAIL: 'a@example.com',
        GIT_AUTHOR_DATE: date,
        GIT_COMMITTER_DATE: date,
      },
    },
  );
  if (error || status !== 0) throw new Error(`git ${args.join(' ')}: ${error?.message ?? stderr}`);
  return stdout.replace(/\n$/, '');
}

/** Writes files below a folder, by their paths. */
export function writeFiles(folder: string, files: Readonly<Record<string, string | Buffer>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** Writes files and commits everything; returns the id of the commit. */
export function commitFiles(
  folder: string,
  files: Readonly<Record<string, string | Buffer>>,
  time = 1_700_000_000,
  message = 'change',
): string {
  writeFiles(folder, files);
  git(folder, ['add', '-A', '-f']);
  git(folder, ['commit', '-q', '--allow-empty', '-m', message], { time });
  return git(folder, ['rev-parse', 'HEAD']);
}
