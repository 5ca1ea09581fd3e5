import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';

/** The Node that runs the built tool: that of DRONE_AUDIT_TEST_NODE, or this one. */
export const node = process.env.DRONE_AUDIT_TEST_NODE ?? process.execPath;

/**
 * The built tool, as a command and its first arguments: that of bin, or the single executable of DRONE_AUDIT_TEST_EXECUTABLE.
 */
export const tool: readonly [string, ...string[]] = process.env.DRONE_AUDIT_TEST_EXECUTABLE
  ? [resolve(process.env.DRONE_AUDIT_TEST_EXECUTABLE)]
  : [node, resolve('bin/drone-audit.js')];

export const isExecutable = process.env.DRONE_AUDIT_TEST_EXECUTABLE !== undefined;

const [program, ...first] = tool;

/** Runs a command to its end, whatever that is. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: options.cwd,
    encoding: 'utf8',
    env: { ...process.env, ...options.env },
    timeout: 600_000,
    maxBuffer: 1 << 27,
  });
  return { status, stdout, stderr };
}

/** Runs the built command line as a user would; `input` goes to standard input. */
export function droneAudit(
  args: readonly string[],
  options: { cwd?: string; input?: string; env?: Record<string, string> } = {},
) {
  const { status, stdout, stderr } = spawnSync(program, [...first, ...args], {
    cwd: options.cwd,
    input: options.input ?? '',
    encoding: 'utf8',
    env: { PATH: process.env.PATH ?? '', HOME: options.cwd ?? tmpdir(), ...options.env },
    // Ends what hangs; nothing is measured by it.
    timeout: 600_000,
    maxBuffer: 1 << 27,
  });
  return { status, stdout, stderr };
}

/** The same, while this process goes on: where the test itself answers what the command asks. */
export function droneAuditBeside(
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string>; interruptOn?: Promise<void> } = {},
): Promise<{ status: number; stdout: string; stderr: string }> {
  return runBeside(program, [...first, ...args], options);
}

/** Runs a command to its end, while this process goes on. */
export function runBeside(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string>; interruptOn?: Promise<void> } = {},
): Promise<{ status: number; stdout: string; stderr: string }> {
  const { cwd, env, interruptOn } = options;
  return new Promise((done) => {
    const child = execFile(
      command,
      args,
      { cwd, env: { PATH: process.env.PATH ?? '', HOME: cwd ?? tmpdir(), ...env }, maxBuffer: 1 << 27 },
      (_, stdout, stderr) => done({ status: child.exitCode ?? -1, stdout, stderr }),
    );
    void interruptOn?.then(() => child.kill('SIGINT'));
  });
}

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'drone-audit-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
