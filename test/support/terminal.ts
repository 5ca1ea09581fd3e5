import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';

/** Whether there is a pseudo-terminal to be had: `script` of util-linux. */
export const hasTerminal =
  spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') === true;

/**
 * What a terminal of 80 columns gets of a line of a shell, in which `$AUDIT` is the built tool: standard output and standard
 * error in their order, as bytes (a terminal ends lines with CR and LF).
 */
export function onTerminal(line: string, cwd: string, env: Readonly<Record<string, string>> = {}): string {
  const { stdout } = spawnSync('script', ['-qec', `stty cols 80 rows 24; ${line}`, '/dev/null'], {
    cwd,
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH ?? '',
      HOME: cwd ?? tmpdir(),
      SHELL: '/bin/sh',
      TERM: 'xterm-256color',
      AUDIT: `${process.execPath} ${resolve('bin/drone-audit.js')}`,
      ...env,
    },
    input: '',
    timeout: 600_000,
    maxBuffer: 1 << 27,
  });
  return stdout;
}
