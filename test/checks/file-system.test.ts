import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { platform } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listFolder, onDisk, pathFrom, realpathSync } from '../../src/checks/file-system.ts';
import { gitIndexes } from '../../src/checks/git-index.ts';
import { droneAudit, temporaryFolder, tool } from '../support/cli.ts';

const isWindows = platform() === 'win32';
/** Other systems refuse such names, or encode them anew. */
const isLinux = platform() === 'linux';

const pipeline = `kind: pipeline
type: docker
name: default
steps:
  - name: build
    image: alpine:3.20.3
    privileged: true
`;
const rule = ['--rule', 'privileged-step'];

/** A path below a folder; each character of `name` is a byte. */
const at = (folder: string, name: string): Buffer =>
  Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name, 'latin1')]);

/** Writes a file, and the folder that it is in. */
function put(folder: string, name: string, text: string): void {
  mkdirSync(at(folder, name.slice(0, name.lastIndexOf('/') + 1)), { recursive: true });
  writeFileSync(at(folder, name), text);
}

/** Runs a line of a shell in which `$AUDIT` is the tool; `\xE9` of printf makes any byte. */
function shell(line: string, cwd: string) {
  const { status, stdout, stderr } = spawnSync('bash', ['-c', line], {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env.PATH ?? '', HOME: cwd, AUDIT: tool.join(' ') },
  });
  return { status, stdout, stderr };
}

const filesOf = (text: string): string[] => JSON.parse(text).findings.map(({ file }: { file: string }) => file);

describe.skipIf(isWindows)('a path of any bytes', () => {
  it.each([
    ['plain/.drone.yml', 'plain/.drone.yml'],
    ['caf\xe9/.drone.yml', 'caf\\xE9/.drone.yml'],
    ['caf\xc3\xa9', 'café'],
    ['\xc3\xa9\xe9\xf0\x9f\x98\x80\xf0\x9f', 'é\\xE9😀\\xF0\\x9F'],
    ['\xef\xbf\xbd', '\uFFFD'],
    ['\xed\xa0\x80\xc0\x80', '\\xED\\xA0\\x80\\xC0\\x80'],
    ['caf\\xE9', 'caf\\x5CxE9'],
    ['caf\\xe9 \\x', 'caf\\xe9 \\x'],
  ])('%j is %s', (bytes, path) => {
    expect(pathFrom(Buffer.from(bytes, 'latin1'))).toBe(path);
    expect(Buffer.from(onDisk(path)).toString('latin1')).toBe(bytes);
  });

  it('leads back to the same bytes', () => {
    const byte = fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(...Buffer.from('\\xE95Cé')));
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 12 }), (bytes) => {
        const path = pathFrom(Buffer.from(bytes));
        expect([...Buffer.from(onDisk(path))]).toEqual(bytes);
        expect(path).not.toMatch(/\p{Cs}/u);
      }),
    );
  });
});

describe.skipIf(!isLinux)('names that are not UTF-8 (Linux)', () => {
  const files = ['a\xe8/.drone.yml', 'a\xe9/.drone.yml', 'a\\xE9/.drone.yml', 'b/x\xe9.drone.yml'];
  const shown = ['a\\x5CxE9/.drone.yml', 'a\\xE8/.drone.yml', 'a\\xE9/.drone.yml', 'b/x\\xE9.drone.yml'];

  function tree(): string {
    const cwd = temporaryFolder();
    for (const name of files) put(cwd, name, pipeline);
    return cwd;
  }

  it('are read, each under a name of its own', () => {
    const cwd = tree();
    const { stdout, status } = droneAudit(['scan', '--format', 'json', ...rule], { cwd });
    expect(status).toBe(1);
    expect(JSON.parse(stdout).problems).toEqual([]);
    expect(filesOf(stdout)).toEqual(shown);
    const prints = JSON.parse(stdout).findings.map(({ fingerprint }: { fingerprint: string }) => fingerprint);
    expect(new Set(prints).size).toBe(files.length);
    const text = droneAudit(['scan', ...rule], { cwd }).stdout;
    for (const name of shown) expect(text).toContain(name);
  });

  it('are the same bytes in the URIs of SARIF', () => {
    const { stdout } = droneAudit(['scan', '--format', 'sarif', ...rule], { cwd: tree() });
    const uris = JSON.parse(stdout).runs[0].results.map(
      ({ locations: [place] }: { locations: { physicalLocation: { artifactLocation: { uri: string } } }[] }) =>
        place?.physicalLocation.artifactLocation.uri,
    );
    expect(uris.sort()).toEqual(['a%5CxE9/.drone.yml', 'a%E8/.drone.yml', 'a%E9/.drone.yml', 'b/x%E9.drone.yml']);
  });

  it('can be named as they are and as they are shown', () => {
    const cwd = tree();
    const line = `$AUDIT scan ${rule.join(' ')} --format json`;
    expect(filesOf(shell(`${line} "$(printf 'a\\xe9')"`, cwd).stdout)).toEqual(['a\\xE9/.drone.yml']);
    expect(filesOf(shell(`${line} 'a\\xE8/.drone.yml'`, cwd).stdout)).toEqual(['a\\xE8/.drone.yml']);
    expect(filesOf(shell(`printf 'a\\xe8\\nb/x\\xe9.drone.yml\\n' | ${line} --targets-from -`, cwd).stdout)).toEqual([
      'a\\xE8/.drone.yml',
      'b/x\\xE9.drone.yml',
    ]);
  });

  it('may be those of the current folder, its config and reports', () => {
    const cwd = tree();
    put(cwd, 'a\xe9/drone-audit.yml', 'ignore: [{rule: privileged-step, reason: own runner}]\n');
    const { stdout } = shell(
      `cd "$(printf 'a\\xe9')" && $AUDIT scan ${rule.join(' ')} --format json -o a.json -o "json:$(printf 'b\\xe8')" --save-evidence seen`,
      cwd,
    );
    expect(JSON.parse(stdout)).toMatchObject({ problems: [], suppressed: [{ file: '.drone.yml' }] });
    expect(readFileSync(at(cwd, 'a\xe9/a.json'), 'utf8')).toBe(stdout);
    expect(readFileSync(at(cwd, 'a\xe9/b\xe8'), 'utf8')).toBe(stdout);
    expect(existsSync(at(cwd, 'a\xe9/seen/drone-audit-evidence.json'))).toBe(true);
    expect(readdirSync(at(cwd, 'a\xe9')).sort()).toHaveLength(5);
  });

  it('do not keep from the files that they name, nor let links lead out', () => {
    const cwd = temporaryFolder();
    const compose = 'services:\n  drone:\n    image: drone/drone:2.28.2\n    env_file: [server.env, link.env]\n';
    put(cwd, 'in/s\xe9/compose.yml', compose);
    put(cwd, 'in/s\xe9/server.env', 'DRONE_RPC_SECRET=changeme\n');
    put(cwd, 'out.env', 'DRONE_RPC_SECRET=drone\n');
    symlinkSync('../../out.env', at(cwd, 'in/s\xe9/link.env'));
    const { stdout } = droneAudit(['scan', 'in', '--format', 'json', '--rule', 'weak-rpc-secret'], { cwd });
    expect(filesOf(stdout)).toEqual(['in/s\\xE9/server.env']);
    expect(stdout).toContain('is a link that leads out of the audited folder');
  });

  it('are found in the index of git', () => {
    const cwd = temporaryFolder();
    for (const name of ['s\xe8', 's\xe9']) put(cwd, `${name}/server.env`, '');
    execFileSync('git', ['init', '-q'], { cwd });
    shell("git add -- $(printf 's\\xe9')", cwd);
    const isTracked = gitIndexes().isTracked;
    expect(isTracked(join(cwd, 's\\xE9/server.env'))).toBe(true);
    expect(isTracked(join(cwd, 's\\xE8/server.env'))).toBe(false);
  });

  it('are kept by listings and links', () => {
    const cwd = tree();
    expect(
      listFolder(cwd)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['a\\x5CxE9', 'a\\xE8', 'a\\xE9', 'b']);
    symlinkSync(at(cwd, 'a\xe9'), join(cwd, 'link'));
    expect(realpathSync(join(cwd, 'link'))).toBe(`${realpathSync(cwd)}/a\\xE9`);
  });
});
