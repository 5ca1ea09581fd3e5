import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { platform } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { droneAudit, isExecutable, node, temporaryFolder, tool } from './support/cli.ts';
import { writeFiles } from './support/git.ts';

const isWindows = platform() === 'win32';
const isLinux = platform() === 'linux';
const isRoot = process.getuid?.() === 0;

const pipeline = (name: string) => `kind: pipeline
type: docker
name: ${name}
steps:
  - name: build
    image: alpine:3.20.3@sha256:1e42bbe2508154c9126d48c2b8a75420c3544343bf86fd041fb7527e017a4b4a
    privileged: true
`;
const rule = ['--rule', 'privileged-step'];
/** Without findings. */
const clean = pipeline('default').replace('    privileged: true\n', '');

function folderWith(text: string): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, '.drone.yml'), text);
  return folder;
}

/** Runs a line of a shell in which `$AUDIT` is the tool. */
function shell(line: string, cwd: string) {
  const { status, stdout, stderr } = spawnSync('bash', ['-c', line], {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env.PATH ?? '', HOME: cwd, AUDIT: tool.join(' ') },
    maxBuffer: 1 << 27,
    timeout: 600_000,
  });
  return { status, stdout, stderr };
}

const findingsOf = (text: string): number => JSON.parse(text).findings.length;

describe('--quiet', () => {
  const quiet = (text: string, ...more: readonly string[]) =>
    droneAudit(['scan', '-q', '--no-config', ...rule, ...more], { cwd: folderWith(text) });

  it.each(['text', 'unix', 'github', 'markdown'])('says nothing as %s where there is nothing to report', (format) => {
    expect(quiet(clean, '--format', format)).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(quiet(pipeline('default'), '--format', format).stdout).toContain('privileged-step');
  });

  it('says nothing of what somebody accepted', () => {
    const accepted = pipeline('default').replace(
      'true',
      'true # drone-audit: ignore[privileged-step] a host of its own',
    );
    expect(droneAudit(['scan', ...rule], { cwd: folderWith(accepted) }).stdout).toContain('1 suppressed');
    expect(quiet(accepted)).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('says that an audit fails, also where nothing is shown', () => {
    const floating = clean.replace(/alpine:.*/, 'alpine:latest');
    const options = ['--rule', 'unpinned-image', '--fail-on', 'low', '--min-severity', 'critical'];
    const { status, stdout } = quiet(floating, ...options);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^ nothing shown\b[\s\S]*^ exit 1: /m);
  });

  it('leaves what programs read whole', () => {
    const shown = (format: string): string =>
      quiet(clean, '--format', format, '--card-template', 'https://ci.example.com/card.json').stdout;
    expect(JSON.parse(shown('json')).findings).toEqual([]);
    expect(JSON.parse(shown('sarif')).runs[0].results).toEqual([]);
    expect(shown('gitlab')).toBe('[]\n');
    expect(shown('jsonl')).toMatch(/\n\{"type":"summary",.*\}\n$/);
    expect(shown('junit')).toMatch(/ tests="1" failures="0" [\s\S]*<\/testsuites>\n$/);
    expect(shown('csv')).toMatch(/^\ufeffstatus,severity,[^\n]*\r\n$/);
    expect(shown('html')).toMatch(/<\/html>\n$/);
    expect(JSON.parse(shown('card')).data.total).toBe(0);
  });
});

describe('a report file', () => {
  it('is complete, with nothing left beside it', () => {
    const cwd = folderWith(pipeline('default'));
    droneAudit(['scan', '-o', 'a.json', ...rule], { cwd });
    expect(findingsOf(readFileSync(join(cwd, 'a.json'), 'utf8'))).toBe(1);
    expect(readdirSync(cwd).sort()).toEqual(['.drone.yml', 'a.json']);
  });

  it.skipIf(isWindows)('keeps the mode of the file that it replaces', () => {
    const cwd = folderWith(pipeline('default'));
    for (const mode of [0o600, 0o640, 0o666]) {
      const file = join(cwd, 'a.json');
      writeFileSync(file, 'old');
      chmodSync(file, mode);
      droneAudit(['scan', '-o', 'a.json', ...rule], { cwd });
      expect(statSync(file).mode & 0o777).toBe(mode);
      expect(findingsOf(readFileSync(file, 'utf8'))).toBe(1);
    }
  });

  it.skipIf(!isRoot)('keeps its owner (as root)', () => {
    const cwd = folderWith(pipeline('default'));
    execFileSync('install', ['-m', '640', '-o', '1234', '-g', '2345', '/dev/null', join(cwd, 'a.json')]);
    droneAudit(['scan', '-o', 'a.json', ...rule], { cwd });
    expect(statSync(join(cwd, 'a.json'))).toMatchObject({ uid: 1234, gid: 2345 });
    expect(statSync(join(cwd, 'a.json')).mode & 0o777).toBe(0o640);
  });

  it.skipIf(isWindows)('behind a link is replaced or made, and the link stays', () => {
    const cwd = folderWith(pipeline('default'));
    mkdirSync(join(cwd, 'kept'));
    writeFileSync(join(cwd, 'kept/there.json'), 'old');
    symlinkSync('kept/there.json', join(cwd, 'a.json'));
    symlinkSync('kept', join(cwd, 'way'));
    symlinkSync('../way/new.json', join(cwd, 'kept/b.json'));
    droneAudit(['scan', '-o', 'a.json', '-o', 'kept/b.json', ...rule], { cwd });
    expect(readlinkSync(join(cwd, 'a.json'))).toBe('kept/there.json');
    expect(readlinkSync(join(cwd, 'kept/b.json'))).toBe('../way/new.json');
    for (const name of ['kept/there.json', 'kept/new.json']) {
      expect(lstatSync(join(cwd, name)).isFile()).toBe(true);
      expect(findingsOf(readFileSync(join(cwd, name), 'utf8'))).toBe(1);
    }
  });

  it('that cannot be written is said in one line and costs nothing else', () => {
    const cwd = folderWith(clean);
    mkdirSync(join(cwd, 'folder'));
    const result = droneAudit(
      [
        'scan',
        '-o',
        'nowhere/a.json',
        '-o',
        'json:folder',
        '-o',
        'b.json',
        '-o',
        'b.sarif',
        '--format',
        'json',
        ...rule,
      ],
      { cwd },
    );
    expect(result.stderr).toBe(
      'drone-audit: the report "nowhere/a.json" cannot be written: there is no such folder\n' +
        'drone-audit: the report "folder" cannot be written: it is a folder\n',
    );
    expect(result.status).toBe(3);
    expect(JSON.parse(result.stdout).summary.exitCode).toBe(3);
    expect(findingsOf(readFileSync(join(cwd, 'b.json'), 'utf8'))).toBe(0);
    expect(readdirSync(cwd).sort()).toEqual(['.drone.yml', 'b.json', 'b.sarif', 'folder']);
    expect(existsSync(join(cwd, 'nowhere'))).toBe(false);
    expect(droneAudit(['scan', '-o', 'nowhere/a.json', ...rule], { cwd }).stdout).toContain(
      'exit 3: the audit is complete, but an output could not be written',
    );
  });

  it('that cannot be written does not hide findings', () => {
    const cwd = folderWith(pipeline('default'));
    expect(droneAudit(['scan', '-o', 'nowhere/a.json', ...rule], { cwd }).status).toBe(1);
    expect(droneAudit(['scan', '-o', 'nowhere/a.json', '--exit-zero', ...rule], { cwd }).status).toBe(0);
  });

  it.skipIf(isWindows || isRoot)('that is protected stays as it is, and so does a folder (not as root)', () => {
    const cwd = folderWith(clean);
    mkdirSync(join(cwd, 'closed'));
    chmodSync(join(cwd, 'closed'), 0o555);
    writeFileSync(join(cwd, 'a.json'), 'mine', { mode: 0o444 });
    const result = droneAudit(['scan', '-o', 'a.json', '-o', 'closed/b.json', ...rule], { cwd });
    expect(result.status).toBe(3);
    expect(result.stderr.match(/this user may not write there\n/g)).toHaveLength(2);
    expect(readFileSync(join(cwd, 'a.json'), 'utf8')).toBe('mine');
  });

  it.skipIf(!isLinux)('is absent, or what it was, where there is no room for it (Linux)', () => {
    const cwd = folderWith(clean);
    writeFileSync(join(cwd, 'old.sarif'), 'old');
    const result = shell('ulimit -f 1; $AUDIT scan -q -o old.sarif -o new.sarif -o a.csv --rule privileged-step', cwd);
    expect(result).toEqual({
      status: 3,
      stdout: '',
      stderr: ['old', 'new']
        .map(
          (name) => `drone-audit: the report "${name}.sarif" cannot be written: it is larger than files may be here\n`,
        )
        .join(''),
    });
    expect(readFileSync(join(cwd, 'old.sarif'), 'utf8')).toBe('old');
    expect(readdirSync(cwd).sort()).toEqual(['.drone.yml', 'a.csv', 'old.sarif']);
  });

  it('never replaces a file that is audited', () => {
    const cwd = folderWith(clean);
    writeFileSync(join(cwd, 'drone-audit.yml'), 'site: {scm: private}\n');
    for (const args of [
      ['.', '-o', 'json:.drone.yml'],
      ['.drone.yml', '-o', 'json:.drone.yml'],
      ['.', '-o', 'text:drone-audit.yml'],
    ]) {
      const result = droneAudit(['scan', ...args, ...rule], { cwd });
      expect(result.status).toBe(3);
      expect(result.stderr).toContain('cannot be written: the audit reads that file');
    }
    expect(readFileSync(join(cwd, '.drone.yml'), 'utf8')).toBe(clean);
  });

  it('never replaces a baseline, a config, a policy, a list or another file that it was given', () => {
    const cwd = folderWith(clean);
    droneAudit(['scan', '.', '--write-baseline', 'base.json', ...rule], { cwd });
    linkSync(join(cwd, 'base.json'), join(cwd, 'again.json'));
    const files = {
      'drone-audit.yml': 'extends: more.yml\n',
      'more.yml': 'site: {scm: private}\n',
      'policy.yml': 'failOn: high\n',
      'list.txt': '.drone.yml\n',
      'notes.txt': '\0',
      'base.json': readFileSync(join(cwd, 'base.json'), 'utf8'),
    };
    writeFiles(cwd, files);
    for (const [args, output] of [
      [['.', '--baseline', 'base.json'], 'base.json'],
      [['.', '--baseline', 'base.json'], 'again.json'],
      [['.', '--write-baseline', 'base.json'], 'base.json'],
      [['.', '--write-baseline', 'new.json'], 'new.json'],
      [['.', '--policy', 'policy.yml', '--baseline', 'base.json'], 'base.json'],
      [['.', '--policy', 'policy.yml'], 'policy.yml'],
      [['.', '--config', 'drone-audit.yml'], 'more.yml'],
      [['--targets-from', 'list.txt'], 'list.txt'],
      [['.drone.yml', 'notes.txt'], 'notes.txt'],
    ] as const) {
      const settings = { DRONE: 'true', PLUGIN_OUTPUT: `json:${output}` };
      for (const [more, env] of [
        [['-o', `json:${output}`], {}],
        [[], settings],
      ] as const) {
        const result = droneAudit(['scan', ...args, ...more, ...rule], { cwd, env });
        expect(result).toMatchObject({
          status: 3,
          stderr: expect.stringContaining(`the report "${output}" cannot be written: the audit reads that file`),
        });
      }
    }
    for (const [name, text] of Object.entries(files)) expect(readFileSync(join(cwd, name), 'utf8')).toBe(text);
    expect(readFileSync(join(cwd, 'new.json'), 'utf8')).toBe(files['base.json']);
  });

  it.skipIf(!isRoot || !isLinux)(
    'follows and replaces nothing that another user has put into a folder for all (as root)',
    () => {
      const cwd = folderWith(clean);
      const folder = join(cwd, 'for-all');
      const precious = join(cwd, 'precious');
      writeFileSync(precious, 'precious');
      mkdirSync(folder);
      chmodSync(folder, 0o1777);
      symlinkSync(precious, join(folder, 'link.json'));
      lchownSync(join(folder, 'link.json'), 65534, 65534);
      writeFileSync(join(folder, 'file.json'), 'theirs');
      chownSync(join(folder, 'file.json'), 65534, 65534);
      writeFileSync(join(folder, 'own.json'), 'own');
      const outputs = ['link', 'file', 'own', 'new'].flatMap((name) => ['-o', `for-all/${name}.json`]);
      const result = droneAudit(['scan', ...outputs, ...rule], { cwd });
      expect(result).toMatchObject({
        status: 3,
        stderr: ['link', 'file']
          .map(
            (name) =>
              `drone-audit: the report "for-all/${name}.json" cannot be written: another user has put it into a folder that everybody may write to\n`,
          )
          .join(''),
      });
      expect(readFileSync(precious, 'utf8')).toBe('precious');
      expect(readFileSync(join(folder, 'file.json'), 'utf8')).toBe('theirs');
      expect(findingsOf(readFileSync(join(folder, 'own.json'), 'utf8'))).toBe(0);
      expect(findingsOf(readFileSync(join(folder, 'new.json'), 'utf8'))).toBe(0);

      mkdirSync(join(folder, 'kept'));
      chownSync(join(folder, 'kept'), 65534, 65534);
      const evidence = droneAudit(['scan', '--save-evidence', 'for-all/kept', ...rule], { cwd });
      expect(evidence).toMatchObject({
        status: 3,
        stderr:
          'drone-audit: the evidence cannot be written: another user has put it into a folder that everybody may write to\n',
      });
      expect(readdirSync(join(folder, 'kept'))).toEqual([]);
    },
  );

  it('is not shared by two formats', () => {
    const cwd = folderWith(clean);
    writeFileSync(join(cwd, 'a.json'), 'old');
    const result = droneAudit(['scan', '-o', 'a.json', '-o', 'sarif:./a.json'], { cwd });
    expect(result).toMatchObject({ status: 2, stdout: '' });
    expect(result.stderr).toContain('two reports go to the same file');
    expect(readFileSync(join(cwd, 'a.json'), 'utf8')).toBe('old');
    expect(droneAudit(['scan', '-o', 'new.json', '-o', 'text:x/../new.json'], { cwd }).status).toBe(2);
    expect(droneAudit(['scan', '-o', 'a.json', '-o', './a.json', ...rule], { cwd }).status).toBe(0);
  });

  it.skipIf(isWindows)('is not the one that standard output goes to', () => {
    const cwd = folderWith(clean);
    const result = shell('$AUDIT scan -o json:both > both', cwd);
    expect(result).toMatchObject({ status: 3 });
    expect(result.stderr).toContain('standard output goes there');
    expect(readFileSync(join(cwd, 'both'), 'utf8')).toContain(
      'exit 3: the audit is complete, but an output could not be written',
    );
  });
});

describe('evidence', () => {
  it('that cannot be saved is said in one line and costs no report', () => {
    const cwd = folderWith(clean);
    const result = droneAudit(['scan', '.drone.yml', '--save-evidence', '.', '-o', 'a.json', ...rule], { cwd });
    expect(result.status).toBe(3);
    expect(result.stderr).toMatch(/^drone-audit: the evidence cannot be written: the folder holds other files; .+\n$/);
    expect(result.stdout).toContain('exit 3: the audit is complete, but an output could not be written');
    expect(findingsOf(readFileSync(join(cwd, 'a.json'), 'utf8'))).toBe(0);
  });
});

describe.skipIf(!isLinux)('a folder that the system does not let anybody make', () => {
  it.each([
    ['-o', 'html:/proc/none/', 'the report "/proc/none/"'],
    ['-o', 'html:/proc/none/deeper/', 'the report "/proc/none/deeper/"'],
    ['--save-evidence', '/proc/none', 'the evidence'],
    ['--save-evidence', '/proc/none/deeper', 'the evidence'],
  ])('is said in one line (%s %s)', (option, place, what) => {
    const { status, stderr } = droneAudit(['scan', option, place, ...rule], { cwd: folderWith(clean) });
    expect(stderr).toBe(`drone-audit: ${what} cannot be written: there is no such folder\n`);
    expect(status).toBe(3);
  });

  it('leaves none of those above it', () => {
    const cwd = folderWith(clean);
    const name = 'x'.repeat(300);
    const { stderr } = droneAudit(['scan', '--save-evidence', `a/b/${name}`, ...rule], { cwd });
    expect(stderr).toMatch(/^drone-audit: the evidence cannot be written: .+\n$/);
    expect(readdirSync(cwd)).toEqual(['.drone.yml']);
  });
});

describe.skipIf(isWindows)('a report for something that is no file', () => {
  it('goes through a named pipe, which stays one', () => {
    const cwd = folderWith(pipeline('default'));
    execFileSync('mkfifo', [join(cwd, 'pipe')]);
    const { stdout } = shell(
      'cat pipe > taken & $AUDIT scan -q -o json:pipe > /dev/null --rule privileged-step; wait',
      cwd,
    );
    expect(stdout).toBe('');
    expect(findingsOf(readFileSync(join(cwd, 'taken'), 'utf8'))).toBe(1);
    expect(lstatSync(join(cwd, 'pipe')).isFIFO()).toBe(true);
  });

  it.skipIf(!isRoot)('goes to a device, which stays one (as root)', () => {
    const cwd = folderWith(clean);
    execFileSync('mknod', [join(cwd, 'null'), 'c', '1', '3']);
    symlinkSync('null', join(cwd, 'link'));
    expect(droneAudit(['scan', '-o', 'json:null', '-o', 'sarif:link', ...rule], { cwd }).status).toBe(0);
    expect(lstatSync(join(cwd, 'null')).isCharacterDevice()).toBe(true);
    expect(lstatSync(join(cwd, 'link')).isSymbolicLink()).toBe(true);
  });

  it.each(['/dev/stdout', '/dev/fd/1', ...(isLinux ? ['/proc/self/fd/1'] : [])])(
    'goes to %s, whatever that is',
    (name) => {
      const cwd = folderWith(clean);
      const line = `$AUDIT scan -o json:${name} --format sarif`;
      const piped = shell(`${line} | cat`, cwd).stdout;
      expect(piped).toMatch(/^\{\n {2}"version": 1,[\s\S]*\n\}\n\{\n {2}"\$schema"/);
      expect(shell(line, cwd).stdout).toBe(piped);
      shell(`echo before > file; ${line} >> file; echo after >> file`, cwd);
      expect(readFileSync(join(cwd, 'file'), 'utf8')).toBe(`before\n${piped}after\n`);
    },
  );

  it('goes to a descriptor that the shell opened', () => {
    const cwd = folderWith(pipeline('default'));
    shell('$AUDIT scan --rule privileged-step -o json:/dev/fd/3 3> three > /dev/null', cwd);
    expect(findingsOf(readFileSync(join(cwd, 'three'), 'utf8'))).toBe(1);
    shell(
      '$AUDIT scan --rule privileged-step -o json:>(cat > four; echo > done) > /dev/null; until [ -e done ]; do :; done',
      cwd,
    );
    expect(findingsOf(readFileSync(join(cwd, 'four'), 'utf8'))).toBe(1);
    const closed = shell('$AUDIT scan -o json:/dev/fd/77 -q', folderWith(clean));
    expect(closed.status).toBe(3);
    expect(closed.stderr).toMatch(/^drone-audit: the report "\/dev\/fd\/77" cannot be written: .+\n$/);
  });

  it.skipIf(!isLinux)('says that a full device is full (Linux)', () => {
    const cwd = folderWith(clean);
    const result = droneAudit(['scan', '-o', 'json:/dev/full', '-o', 'b.json', ...rule], { cwd });
    expect(result).toMatchObject({
      status: 3,
      stderr: 'drone-audit: the report "/dev/full" cannot be written: no space is left\n',
    });
    expect(findingsOf(readFileSync(join(cwd, 'b.json'), 'utf8'))).toBe(0);
  });
});

describe.skipIf(isWindows)('standard output', () => {
  it.skipIf(!isLinux)('that is full is said in one line, by every command (Linux)', () => {
    const cwd = folderWith(clean);
    for (const command of [
      'scan --rule privileged-step',
      'scan --format json --rule privileged-step',
      'rules',
      'explain privileged-step',
      'explain --file .drone.yml',
      'explain --effective .',
      '--help',
      '--version',
    ])
      expect(shell(`$AUDIT ${command} > /dev/full`, cwd), command).toEqual({
        status: 3,
        stdout: '',
        stderr: 'drone-audit: standard output cannot be written: no space is left\n',
      });
    expect(shell('$AUDIT scan > /dev/full', folderWith(pipeline('default'))).status).toBe(1);
  });

  it.skipIf(!isLinux)('that takes only the beginning is not taken for written (Linux)', () => {
    const cwd = folderWith(clean);
    expect(shell('ulimit -f 1; $AUDIT rules > list', cwd)).toEqual({
      status: 3,
      stdout: '',
      stderr: 'drone-audit: standard output cannot be written: it is larger than files may be here\n',
    });
  });

  it('may be closed, as may be standard error', () => {
    const cwd = folderWith(pipeline('default'));
    expect(shell('$AUDIT scan >&-', cwd)).toEqual({ status: 1, stdout: '', stderr: '' });
    expect(shell('$AUDIT scan --no-such-option 2>&-', cwd)).toEqual({ status: 2, stdout: '', stderr: '' });
    if (isLinux) expect(shell('$AUDIT scan --no-such-option 2>/dev/full', cwd).status).toBe(2);
    expect(shell('$AUDIT scan -o a.json >&- 2>&- <&-', cwd).status).toBe(1);
    expect(JSON.parse(readFileSync(join(cwd, 'a.json'), 'utf8')).summary.exitCode).toBe(1);
  });

  const many = Array.from({ length: 800 }, (_, i) => pipeline(`p${i}`)).join('---\n');

  it('may have a reader that has seen enough, and the status stays', () => {
    const cwd = folderWith(many);
    for (const format of ['text', 'json'])
      expect(
        shell(`$AUDIT scan --format ${format} -o a.json 2> err | head -1 > head; echo \${PIPESTATUS[0]}; cat err`, cwd)
          .stdout,
      ).toBe('1\n');
    expect(findingsOf(readFileSync(join(cwd, 'a.json'), 'utf8'))).toBeGreaterThan(800);
  });

  it('gives all of a large report to a slow reader', () => {
    const cwd = folderWith(many);
    const direct = droneAudit(['scan', '--format', 'json', ...rule], { cwd }).stdout;
    expect(direct.length).toBeGreaterThan(1_000_000);
    const line = '$AUDIT scan --format json --rule privileged-step';
    // The reader takes a page at a time, with a program to start in between.
    const slow = 'until dd bs=4096 count=16 2> log; grep -q "^0+0" log; do :; done';
    expect(shell(`${line} | (${slow})`, cwd).stdout === direct).toBe(true);
    // A pipe that another process has made non-blocking.
    const nonBlocking = `${node} -e 'process.stdout.write("")'`;
    expect(shell(`(${nonBlocking}; ${line}; ${nonBlocking}) | (${slow})`, cwd).stdout === direct).toBe(true);
  });
});

describe.skipIf(isWindows)('a card of Drone', () => {
  const template = 'https://ci.example.com/card.json';

  it('comes last on the output of a step, whatever else is printed', () => {
    const cwd = folderWith(pipeline('default'));
    const card = `-o card:/dev/stdout --card-template ${template} --rule privileged-step`;
    const { status, stdout } = shell(`$AUDIT scan . ${card}`, cwd);
    expect(status).toBe(1);
    const [, text, encoded] = /^([\s\S]*)\u001b\]1338;([A-Za-z0-9+/=]+)\u001b\]0m\n$/.exec(stdout) ?? [];
    expect(text).toContain('privileged-step');
    expect(JSON.parse(Buffer.from(encoded ?? '', 'base64').toString())).toMatchObject({
      schema: template,
      data: { total: 1 },
    });
  });

  it('alone goes where Drone wants it, as plain JSON into a file', () => {
    const cwd = folderWith(pipeline('default'));
    const run = `DRONE_CARD_PATH=card.json $AUDIT scan . --format card --card-template ${template} --rule privileged-step`;
    expect(shell(run, cwd)).toMatchObject({ status: 1, stdout: '' });
    expect(JSON.parse(readFileSync(join(cwd, 'card.json'), 'utf8'))).toMatchObject({ schema: template });
  });

  it('needs an address that a browser may load', () => {
    const cwd = folderWith(clean);
    expect(droneAudit(['scan', '.', '--format', 'card'], { cwd })).toMatchObject({ status: 2, stdout: '' });
    const plain = droneAudit(['scan', '.', '-o', 'card:c.json', '--card-template', 'http://ci.example.com/c'], { cwd });
    expect(plain.status).toBe(2);
    expect(plain.stderr).toContain('https://');
  });
});

describe('a gate that is off', () => {
  const summary = (args: readonly string[], cwd: string) =>
    JSON.parse(droneAudit(['scan', '--format', 'json', ...rule, ...args], { cwd }).stdout).summary;

  it('is said by --exit-zero, which gives 0 in place of 1 and 3', () => {
    const bad = folderWith(pipeline('default'));
    const text = droneAudit(['scan', '--exit-zero', ...rule], { cwd: bad });
    expect(text.status).toBe(0);
    expect(text.stdout).toContain(' exit 0 (--exit-zero): the gate is off; findings at or above high');
    expect(summary(['--exit-zero'], bad)).toMatchObject({ exitCode: 0, exitZero: true, failOn: 'high' });
    expect(summary([], bad)).not.toHaveProperty('exitZero');
    const sarif = JSON.parse(droneAudit(['scan', '--exit-zero', '--format', 'sarif', ...rule], { cwd: bad }).stdout);
    expect(sarif.runs[0].invocations[0]).toMatchObject({
      exitCode: 0,
      exitCodeDescription: 'the gate is off (--exit-zero): 0 in place of 1 and 3',
    });

    const incomplete = droneAudit(['scan', 'gone.yml', '--exit-zero'], { cwd: bad });
    expect(incomplete.status).toBe(0);
    expect(incomplete.stdout).toContain(' exit 0 (--exit-zero): the gate is off; incomplete: see the problems above');
    expect(droneAudit(['scan', '--exit-zero', '--rule', 'no-such-rule'], { cwd: bad }).status).toBe(2);
  });

  it('is said by --fail-on never, which leaves 3', () => {
    const bad = folderWith(pipeline('default'));
    const never = 'findings do not fail this audit (--fail-on never)';
    const text = droneAudit(['scan', '--fail-on', 'never', ...rule], { cwd: bad });
    expect(text.status).toBe(0);
    expect(text.stdout).toContain(` exit 0: ${never}`);
    expect(summary(['--fail-on', 'never'], bad)).toMatchObject({ exitCode: 0, failOn: 'never' });
    const sarif = droneAudit(['scan', '--fail-on', 'never', '--format', 'sarif', ...rule], { cwd: bad }).stdout;
    expect(JSON.parse(sarif).runs[0].invocations[0].exitCodeDescription).toBe(never);
    const incomplete = droneAudit(['scan', '.', 'gone.yml', '--fail-on', 'never', ...rule], { cwd: bad });
    expect(incomplete.status).toBe(3);
    expect(incomplete.stdout.replace(/\n /g, ' ')).toContain(`exit 3: incomplete: see the problems above; ${never}`);
  });
});

// The executable obeys no NODE_OPTIONS, which break it here.
describe.skipIf(isExecutable)('a fault of the tool', () => {
  /** Runs with a program that breaks something first. */
  const broken = (code: string, args: readonly string[], cwd: string) => {
    writeFileSync(join(cwd, 'break.cjs'), code);
    return droneAudit(args, { cwd, env: { NODE_OPTIONS: `--require=${join(cwd, 'break.cjs')}` } });
  };
  const line = (kind: string) =>
    `drone-audit: a fault of drone-audit itself (${kind}); please report it with the command line\n`;

  it('is one line that quotes nothing, and status 4', () => {
    const cwd = folderWith(clean);
    const fails = 'JSON.stringify = () => { throw new TypeError("hunter2") };';
    expect(broken(fails, ['scan', '--format', 'json', ...rule], cwd)).toEqual({
      status: 4,
      stdout: '',
      stderr: line('TypeError'),
    });
    const outside =
      'process.on("newListener", (name) => { if (name === "uncaughtException") setImmediate(() => { throw new Error("hunter2") }) });';
    expect(broken(outside, ['rules'], cwd)).toMatchObject({ status: 4, stderr: line('Error') });
    expect(broken(outside, ['scan', '--exit-zero'], cwd).status).toBe(4);
  });

  it('in one report costs no other', () => {
    const cwd = folderWith(pipeline('default'));
    const fails = 'JSON.stringify = () => { throw new TypeError("hunter2") };';
    const result = broken(fails, ['scan', '-o', 'a.json', '-o', 'text:a.txt', ...rule], cwd);
    expect(result.status).toBe(4);
    expect(result.stdout).toContain('privileged-step');
    expect(readFileSync(join(cwd, 'a.txt'), 'utf8')).toBe(result.stdout);
    expect(existsSync(join(cwd, 'a.json'))).toBe(false);
  });
});

describe.skipIf(isWindows)('surroundings that lack something', () => {
  it('are no fault of the tool', () => {
    const cwd = folderWith(clean);
    expect(shell('mkdir gone && cd gone && rmdir ../gone && $AUDIT scan', cwd)).toMatchObject({
      status: 2,
      stderr: 'drone-audit: the current folder is not there any more\n',
    });
    const input = shell('$AUDIT scan - --form drone < .', cwd);
    expect(input).toMatchObject({ status: 3, stderr: '' });
    expect(input.stdout).toContain('-  ERROR: cannot be read');
  });

  it.skipIf(!isRoot || !isLinux)('such as a home folder (as root on Linux)', () => {
    const bin = resolve('bin/drone-audit.js');
    const { status, stderr } = spawnSync(
      node,
      [
        '-e',
        `
      process.setgid(54321); process.setuid(54321); delete process.env.HOME;
      process.argv = [process.execPath, ${JSON.stringify(bin)}, '--version'];
      import(${JSON.stringify(bin)});`,
      ],
      { cwd: '/', encoding: 'utf8' },
    );
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });
});

it.skipIf(isWindows)('tells with -v the digest of each file, and none of a device', () => {
  const cwd = folderWith(clean);
  const { stderr } = droneAudit(['scan', '-v', '--no-config', ...rule, '-o', 'json:/dev/null', '-o', 'a.json'], {
    cwd,
  });
  expect(stderr.match(/^[0-9a-f]{64} .*$/gm)).toEqual([expect.stringMatching(/^[0-9a-f]{64} {2}a\.json$/)]);
});
