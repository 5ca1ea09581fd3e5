import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { droneAudit, runCommand, temporaryFolder } from './support/cli.ts';
import { writeFiles } from './support/git.ts';

// What one build wrote, another build of the same version does not take for its own: its rules may judge otherwise.

const { stdout: own } = runCommand(process.execPath, [
  ...['--input-type=module', '-e'],
  "import { definedBuild } from './scripts/build-digest.js'; process.stdout.write(JSON.parse(definedBuild().builtFrom));",
]);

/** Runs a copy of the tool that was built of something else. */
function otherBuild(): (args: readonly string[], cwd: string) => ReturnType<typeof droneAudit> {
  const folder = temporaryFolder();
  cpSync('package.json', join(folder, 'package.json'));
  cpSync('dist', join(folder, 'dist'), { recursive: true });
  rmSync(join(folder, 'dist/compiled'), { recursive: true, force: true });
  expect(own).toMatch(/^[0-9a-f]{64}$/);
  const another = own.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
  const files = readdirSync(join(folder, 'dist'))
    .filter((name) => name.endsWith('.cjs'))
    .map((name) => join(folder, 'dist', name));
  const built = files.filter((file) => readFileSync(file, 'utf8').includes(own));
  expect(built.length).toBeGreaterThan(0);
  for (const file of built) writeFileSync(file, readFileSync(file, 'utf8').replaceAll(own, another));
  return (args, cwd) => spawnSync(process.execPath, [join(folder, 'dist/cli.js'), ...args], { cwd, encoding: 'utf8' });
}

const pipeline =
  'kind: pipeline\ntype: docker\nname: default\nsteps:\n- {name: build, image: golang, privileged: true, commands: [make]}\n';

function folderWithPipelines(): string {
  const folder = temporaryFolder();
  writeFiles(folder, { 'a/.drone.yml': pipeline, 'b/.drone.yml': pipeline.replace('golang', 'node') });
  return folder;
}

it('what another build kept is not used', () => {
  const folder = folderWithPipelines();
  const kept = (): readonly string[] =>
    readdirSync(join(folder, 'kept'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.records'),
    );
  const scan = ['scan', 'a', 'b', '--cache', 'kept', '--format', 'json'];
  const { stdout } = droneAudit(scan, { cwd: folder });
  const before = kept();
  expect(before.length).toBe(1);
  expect(droneAudit(scan, { cwd: folder }).stdout).toBe(stdout);
  expect(kept()).toEqual(before);
  expect(otherBuild()(scan, folder).stdout).toBe(stdout);
  expect(kept().length).toBe(2);
});

it('parts of two builds are not merged', () => {
  const folder = folderWithPipelines();
  const other = otherBuild();
  const part = (shard: string): string[] => [
    'scan',
    'a',
    'b',
    '--shard',
    shard,
    '-o',
    `json:${shard.slice(0, 1)}.json`,
  ];
  droneAudit(part('1/2'), { cwd: folder });
  other(part('2/2'), folder);
  const merge = ['merge', '1.json', '2.json', '--format', 'json'];
  for (const { status, stdout, stderr } of [droneAudit(merge, { cwd: folder }), other(merge, folder)]) {
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('was written by another version or build of drone-audit');
  }
});

it('what is built tells its version alone', () => {
  const { version }: { version: string } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(otherBuild()(['--version'], temporaryFolder()).stdout).toBe(`${version}\n`);
});
