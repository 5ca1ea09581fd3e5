import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { version } from '../src/version.ts';
import { droneAudit, temporaryFolder } from './support/cli.ts';

const privileged = `kind: pipeline
type: docker
name: default
steps:
  - name: build
    image: alpine:3.20.3@sha256:1e42bbe2508154c9126d48c2b8a75420c3544343bf86fd041fb7527e017a4b4a
    privileged: true
`;
const clean = privileged.replace('    privileged: true\n', '');

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const json = (
  stdout: string,
): {
  findings: { rule: string; file: string; line: number; severity: string }[];
  problems: { file: string; line?: number; message: string }[];
  suppressed: { rule: string }[];
  coverage: { files: number };
} => JSON.parse(stdout);

describe('exit status', () => {
  it('is 0 without findings', () => {
    expect(droneAudit(['scan', '.'], { cwd: folderWith({ '.drone.yml': clean }) }).status).toBe(0);
  });

  it('is 1 with findings at or above --fail-on, whatever the format', () => {
    const cwd = folderWith({ '.drone.yml': privileged });
    for (const format of ['text', 'json', 'sarif'])
      expect(droneAudit(['scan', '--format', format], { cwd }).status).toBe(1);
    expect(droneAudit(['scan', '--fail-on', 'never'], { cwd }).status).toBe(0);
    expect(droneAudit(['scan', '--exit-zero'], { cwd }).status).toBe(0);
    expect(droneAudit(['scan', '--trust', 'untrusted', '--rule', 'privileged-step'], { cwd }).status).toBe(0);
  });

  it('counts findings that --min-severity does not show', () => {
    const cwd = folderWith({ '.drone.yml': privileged.replace('steps:', 'trigger:\n  event: push\nsteps:') });
    const result = droneAudit(['scan', '--min-severity', 'critical', '--format', 'json'], { cwd });
    expect(json(result.stdout).findings).toEqual([]);
    expect(result.status).toBe(1);
  });

  it('is 2 for mistakes on the command line, with a hint', () => {
    const cwd = folderWith({});
    expect(droneAudit(['scan', '--fail-onn', 'high'], { cwd })).toMatchObject({ status: 2, stdout: '' });
    expect(droneAudit(['scan', '--fail-on', 'urgent'], { cwd }).status).toBe(2);
    expect(droneAudit(['scan', '--rule', 'privileged-stp'], { cwd }).stderr).toContain(
      'did you mean "privileged-step"?',
    );
    expect(droneAudit(['scan', '--format', 'jsn'], { cwd }).stderr).toContain('did you mean "json"?');
    expect(droneAudit(['explain', 'weak-rpc-secrt'], { cwd })).toMatchObject({ status: 2, stdout: '' });
    expect(droneAudit(['scan', '-o', 'report'], { cwd }).status).toBe(2);
    expect(droneAudit(['scan', ''], { cwd })).toMatchObject({ status: 2, stdout: '' });
    expect(droneAudit(['explain', '--effective', ''], { cwd })).toMatchObject({ status: 2, stdout: '' });
  });

  it('is 3 when something named is not there, or nothing is there to audit', () => {
    const cwd = folderWith({ 'notes.txt': 'nothing of interest' });
    expect(droneAudit(['scan', 'gone.yml'], { cwd }).status).toBe(3);
    expect(droneAudit(['scan'], { cwd }).status).toBe(3);
    expect(droneAudit(['scan', 'notes.txt'], { cwd }).stdout).toContain('--form');
  });

  it('is 1 rather than 3 when both hold', () => {
    const cwd = folderWith({ '.drone.yml': privileged, 'b/.drone.yml': 'kind: pipeline\nsteps: [\n' });
    expect(droneAudit(['scan'], { cwd }).status).toBe(1);
  });

  it('is never a crash for a folder without rights, a pipe or a link in a circle', () => {
    const cwd = folderWith({ '.drone.yml': clean });
    execFileSync('mkfifo', [join(cwd, 'pipe.drone.yml')]);
    symlinkSync('loop.drone.yml', join(cwd, 'loop.drone.yml'));
    const result = droneAudit(['scan', '.', 'pipe.drone.yml', 'loop.drone.yml'], { cwd });
    expect(result).toMatchObject({ status: 3, stderr: '' });
    expect(result.stdout).toContain('is not a regular file');
    expect(result.stdout).toContain('leads in a circle');
  });
});

describe('problems', () => {
  it('name the line of a YAML error, and the rest is still audited', () => {
    const cwd = folderWith({ '.drone.yml': `${privileged}\n---\nkind: pipeline\nname: x\nsteps: [\n` });
    const report = json(droneAudit(['scan', '--format', 'json'], { cwd }).stdout);
    expect(report.findings.map(({ rule }) => rule)).toContain('privileged-step');
    expect(report.problems).toMatchObject([{ file: '.drone.yml' }]);
    expect(report.problems[0]?.line).toBeGreaterThan(9);
  });

  it('name binary and oversized files of a known kind', () => {
    const cwd = folderWith({ 'a/.drone.yml': 'kind: pipeline\0', 'b/.drone.yml': '#'.repeat(3 * 1024 * 1024) });
    const report = json(droneAudit(['scan', '--format', 'json'], { cwd }).stdout);
    expect(report.problems.map(({ file, message }) => [file, message.slice(0, 20)])).toEqual([
      ['a/.drone.yml', 'has NUL characters i'],
      ['b/.drone.yml', 'is larger than 2 MiB'],
    ]);
  });
});

describe('an empty value of an option', () => {
  it.each([
    '--policy',
    '--config',
    '--baseline',
    '--write-baseline',
    '--diff',
    '--targets-from',
    '--git',
    '--compose-file',
    '--compose-env-file',
    '--save-evidence',
    '--output',
    '--card-template',
    '--timestamp',
    '--server',
    '--docker',
    '--i-own-this',
    '--rule',
    '--controls',
    '--form',
    '--fail-on',
  ])('%s is refused as that of a variable that is unset', (option) => {
    const told = `drone-audit: the value of ${option} is empty\n  is a variable unset?\n`;
    expect(droneAudit(['scan', `${option}=`])).toMatchObject({ status: 2, stdout: '', stderr: told });
  });

  it('is refused by every command, and as a word of its own', () => {
    for (const args of [
      ['explain', '--effective', '--config', ''],
      ['probe', 'secret', '--endpoint', ''],
      ['scan', '-o', ''],
    ]) {
      const { status, stderr } = droneAudit(args);
      expect([status, stderr]).toEqual([2, expect.stringMatching(/the value of --[\w-]+ is empty/)]);
    }
  });
});

describe('targets', () => {
  it.each([
    ['scan', '-'],
    ['scan', '-', '--form', 'env'],
    ['explain', '--file', '-'],
    ['explain', '--effective', '-'],
  ])('are incomplete where standard input is empty: %s %s %s %s', (...args) => {
    const { status, stdout } = droneAudit([...args, '--format', 'json'], { input: '' });
    expect(status).toBe(3);
    expect(json(stdout).problems).toMatchObject([{ kind: 'empty', incomplete: true }]);
  });

  it('come from standard input', () => {
    const result = droneAudit(['scan', '-', '--form', 'drone', '--format', 'json', '--rule', 'privileged-step'], {
      input: privileged,
    });
    expect(json(result.stdout).findings).toMatchObject([{ rule: 'privileged-step', file: '-', line: 7 }]);
  });

  it('come from a list', () => {
    const cwd = folderWith({ 'a/.drone.yml': privileged, 'b/.drone.yml': privileged, 'list.txt': 'a\n' });
    const report = json(
      droneAudit(['scan', '--targets-from', 'list.txt', '--format', 'json', '--rule', 'privileged-step'], { cwd })
        .stdout,
    );
    expect(report.findings.map(({ file }) => file)).toEqual(['a/.drone.yml']);
  });

  it('leave out what git ignores, but read what is named', () => {
    const files = { '.gitignore': 'build/\n', 'build/.drone.yml': privileged, '.drone.yml': clean };
    const cwd = folderWith(files);
    execFileSync('git', ['init', '-q'], { cwd });
    execFileSync('git', ['add', '.gitignore'], { cwd });
    expect(
      json(droneAudit(['scan', '--format', 'json', '--rule', 'privileged-step'], { cwd }).stdout).findings,
    ).toEqual([]);
    expect(
      json(droneAudit(['scan', 'build', '--format', 'json', '--rule', 'privileged-step'], { cwd }).stdout).findings,
    ).toHaveLength(1);
    expect(
      json(droneAudit(['scan', 'build/.drone.yml', '--format', 'json', '--rule', 'privileged-step'], { cwd }).stdout)
        .findings,
    ).toHaveLength(1);
  });

  it('do not lead out of the audited folder', () => {
    const cwd = folderWith({
      'site/docker-compose.yml':
        'services:\n  drone:\n    image: drone/drone:2.28.2\n    env_file: [../outside.env, link.env, /dev/zero]\n',
      'outside.env': 'DRONE_RPC_SECRET=changeme\n',
    });
    symlinkSync('../outside.env', join(cwd, 'site/link.env'));
    const result = droneAudit(['scan', 'site', '--format', 'json', '-v'], { cwd });
    expect(json(result.stdout).findings.map(({ rule }) => rule)).not.toContain('weak-rpc-secret');
    expect(result.stdout).toContain('is outside the audited folders');
  });
});

describe('compose projects', () => {
  const files = {
    'base.yml':
      'services:\n  drone:\n    image: drone/drone:2.28.2\n    environment:\n      DRONE_RPC_SECRET: ${RPC}\n',
    'prod.yml': 'services:\n  drone:\n    privileged: true\n',
    'prod.env': 'RPC=changeme\n',
  };
  const rules = ['--rule', 'weak-rpc-secret', '--rule', 'privileged-container'];
  const found = (args: readonly string[], env: Record<string, string> = {}) =>
    json(
      droneAudit(['scan', '--format', 'json', ...rules, ...args], { cwd: folderWith(files), env }).stdout,
    ).findings.map(({ rule, file, line }) => `${rule} ${file}:${line}`);

  it('are put together and filled in as the command line says', () => {
    const together = ['--compose-file', 'base.yml', '--compose-file', 'prod.yml'];
    expect(found(together)).toEqual(['privileged-container prod.yml:3']);
    expect(found([...together, '--compose-env-file', 'prod.env'])).toEqual([
      'weak-rpc-secret prod.env:1',
      'privileged-container prod.yml:3',
    ]);
  });

  it('are filled in from the environment only when that is asked for', () => {
    expect(found(['base.yml'], { RPC: 'changeme' })).toEqual([]);
    expect(found(['base.yml', '--with-environment'], { RPC: 'changeme' })).toEqual(['weak-rpc-secret base.yml:5']);
  });

  it('name files that are not there', () => {
    const result = droneAudit(['scan', '--compose-file', 'gone.yml', '--compose-env-file', 'gone.env'], {
      cwd: folderWith({}),
    });
    expect(result.status).toBe(3);
    expect(result.stdout).toContain('gone.yml');
    expect(result.stdout).toContain('gone.env');
  });
});

describe('suppression', () => {
  const suppressed = (text: string, files: Readonly<Record<string, string>> = {}, args: readonly string[] = []) => {
    const cwd = folderWith({ '.drone.yml': text, ...files });
    const result = droneAudit(['scan', '--format', 'json', '--rule', 'privileged-step', ...args], { cwd });
    return { ...json(result.stdout), status: result.status };
  };
  const comment = '# drone-audit: ignore[privileged-step] own runner without secrets';

  it('works on the line, above it, on the step and on the document', () => {
    for (const text of [
      privileged.replace('privileged: true', `privileged: true ${comment}`),
      privileged.replace('    privileged', `    ${comment}\n    privileged`),
      privileged.replace('- name: build', `- name: build ${comment}`),
      privileged.replace('  - name: build', `  ${comment}\n  - name: build`),
      `${comment}\n${privileged}`,
    ]) {
      const report = suppressed(text);
      expect(report.findings, text).toEqual([]);
      expect(report.suppressed, text).toHaveLength(1);
      expect(report.status).toBe(0);
    }
  });

  it('does not reach another step', () => {
    const other = `${privileged.replace('- name: build', `- name: build ${comment}`)}  - name: other\n    image: alpine\n    privileged: true\n`;
    expect(suppressed(other).findings).toHaveLength(1);
  });

  it('needs a reason and a rule that exists, and says when it is idle', () => {
    expect(
      suppressed(privileged.replace('privileged: true', 'privileged: true # drone-audit: ignore[privileged-step]')),
    ).toMatchObject({
      findings: [{ rule: 'privileged-step' }],
      problems: [
        {
          message: 'suppression has no reason and does not count: write "ignore[privileged-step] why this is meant"',
        },
      ],
    });
    expect(
      suppressed(privileged.replace('privileged: true', 'privileged: true # drone-audit: ignore[no-such-rule] x'))
        .problems,
    ).toHaveLength(1);
    expect(suppressed(clean.replace('name: build', `name: build ${comment}`)).problems[0]?.message).toContain(
      'has no effect',
    );
  });

  it('is overruled by --no-ignore and by a policy', () => {
    const text = privileged.replace('privileged: true', `privileged: true ${comment}`);
    expect(suppressed(text, {}, ['--no-ignore']).findings).toHaveLength(1);
    expect(
      suppressed(text, { 'policy.yml': 'site: {scm: private}\n' }, ['--policy', 'policy.yml']).findings,
    ).toHaveLength(1);
  });

  it('works in the config, with all attributes, until its day', () => {
    const config = (entry: string) => ({ 'drone-audit.yml': `ignore:\n  - ${entry}\n` });
    expect(suppressed(privileged, config('{rule: privileged-step, reason: own runner}')).suppressed).toHaveLength(1);
    expect(
      suppressed(
        privileged,
        config('{rule: privileged-step, path: .drone.yml, at: "*steps[build]*", reason: own runner}'),
      ).suppressed,
    ).toHaveLength(1);
    expect(
      suppressed(privileged, config('{rule: privileged-step, path: other.yml, reason: own runner}')).suppressed,
    ).toHaveLength(0);
    const ended = suppressed(privileged, config('{rule: privileged-step, reason: own runner, until: 2020-01-01}'));
    expect(ended.findings).toHaveLength(1);
    expect(ended.problems[0]?.message).toContain('ended on 2020-01-01');
    expect(
      suppressed(privileged, config('{rule: privileged-step, reason: own runner}'), ['--no-config']).findings,
    ).toHaveLength(1);
  });

  it('refuses a wrong config with its place', () => {
    for (const [text, message] of [
      ['ignore:\n  - {rule: privileged-step}\n', 'drone-audit.yml:2:5: entry 1 of "ignore" lacks "reason"'],
      ['ignroe: []\n', 'drone-audit.yml:1:1: the file has no key "ignroe"'],
      [
        'ignore:\n  - {rule: nope, reason: x}\n',
        'drone-audit.yml:2:12: "nope" is not a rule\n  drone-audit rules lists them\n',
      ],
      [
        'ignore:\n  - {rule: privileged-step, reason: x, until: 2027-13-45}\n',
        'drone-audit.yml:2:47: "until" is no day of the calendar',
      ],
      ['accept:\n  - {path: a, reason: x, until: 2027-02-30}\n', '"until" is no day of the calendar'],
      ['site: [\n', 'YAML'],
    ] as const) {
      const result = droneAudit(['scan'], { cwd: folderWith({ '.drone.yml': clean, 'drone-audit.yml': text }) });
      expect(result).toMatchObject({ status: 2, stdout: '' });
      expect(result.stderr).toContain(message);
    }
  });
});

describe('reports', () => {
  it('are the same bytes twice, and complete files', () => {
    const cwd = folderWith({ '.drone.yml': privileged, 'api/.drone.yml': privileged });
    const first = droneAudit(['scan', '-o', 'a.json', '-o', 'a.sarif', '-o', 'text:a.log'], { cwd });
    droneAudit(['scan', '-o', 'b.json', '-o', 'b.sarif'], { cwd });
    for (const ending of ['json', 'sarif'])
      expect(readFileSync(join(cwd, `a.${ending}`), 'utf8')).toBe(readFileSync(join(cwd, `b.${ending}`), 'utf8'));
    expect(readFileSync(join(cwd, 'a.log'), 'utf8')).toBe(first.stdout);
    expect(readdirSync(cwd).filter((name) => name.startsWith('.drone-audit'))).toEqual([]);
    expect(readFileSync(join(cwd, 'a.json'), 'utf8')).not.toContain(cwd);
  });

  it('have colour only where it is wanted', () => {
    const cwd = folderWith({ '.drone.yml': privileged });
    const esc = String.fromCharCode(27);
    expect(droneAudit(['scan'], { cwd }).stdout).not.toContain(esc);
    expect(droneAudit(['scan', '--color', 'always'], { cwd }).stdout).toContain(esc);
    expect(droneAudit(['scan'], { cwd, env: { FORCE_COLOR: '1' } }).stdout).toContain(esc);
    expect(droneAudit(['scan', '--color', 'never'], { cwd, env: { FORCE_COLOR: '1' } }).stdout).not.toContain(esc);
  });
});

describe('without a command', () => {
  it('help is shown', () => {
    expect(droneAudit([])).toEqual(droneAudit(['--help']));
    expect(droneAudit([])).toMatchObject({ status: 0, stderr: '' });
  });

  it('a path is audited, before options and behind them', () => {
    const cwd = folderWith({ 'a/.drone.yml': privileged });
    const wanted = droneAudit(['scan', 'a', '--format', 'json'], { cwd });
    expect(wanted.status).toBe(1);
    expect(droneAudit(['a', '--format', 'json'], { cwd })).toEqual(wanted);
    expect(droneAudit(['--format', 'json', 'a'], { cwd })).toEqual(wanted);
    const { stdout } = droneAudit(['--format', 'json'], { cwd });
    expect(JSON.parse(stdout).findings).toEqual(JSON.parse(wanted.stdout).findings);
  });

  it('a path wins over the command that it resembles, and a command over a path of its name', () => {
    const cwd = folderWith({ 'scna/.drone.yml': clean, 'rules/.drone.yml': clean });
    expect(droneAudit(['scna'], { cwd })).toMatchObject({ status: 0, stderr: '' });
    expect(droneAudit(['rules'], { cwd }).stdout).toContain('weak-rpc-secret');
  });

  it('so is standard input, and a link that leads nowhere is not taken for a command', () => {
    const cwd = folderWith({});
    symlinkSync('gone', join(cwd, 'scna'));
    expect(droneAudit(['-', '--form', 'drone'], { cwd, input: clean })).toMatchObject({ status: 0, stderr: '' });
    expect(droneAudit(['scna'], { cwd })).toMatchObject({ status: 3, stderr: '' });
  });

  it.each([
    [['scna'], '"scna" is neither a command nor a path\n  did you mean "scan"?'],
    [['exlpain', 'weak-rpc-secret'], '"exlpain" is neither a command nor a path\n  did you mean "explain"?'],
    [['deploy/'], '"deploy/" is neither a command nor a path\n  drone-audit --help lists the commands'],
    [['--color', 'never', 'scna', '.'], '"scna" is neither a command nor a path\n  did you mean "scan"?'],
    [['-v', 'scan', '.'], '"scan" stands behind an option\n  a command comes first: drone-audit scan ...'],
  ])('%j is a mistake', (args, said) => {
    expect(droneAudit(args, { cwd: folderWith({ '.drone.yml': clean }) })).toEqual({
      status: 2,
      stdout: '',
      stderr: `drone-audit: ${said}\n`,
    });
  });

  it('what is named behind scan is a path, and its absence is in the report', () => {
    expect(droneAudit(['scan', 'scna'], { cwd: folderWith({}) })).toMatchObject({ status: 3, stderr: '' });
  });
});

describe('scan --summary', () => {
  it('prints the end of the report alone, with the same exit status', () => {
    const cwd = folderWith({ '.drone.yml': privileged });
    const whole = droneAudit(['scan'], { cwd });
    const { status, stdout } = droneAudit(['scan', '--summary', '-o', 'whole.txt'], { cwd });
    const [head = '', ...end] = stdout.split('\n\n');
    expect(end[0]).toBe('do first');
    expect(whole.stdout.startsWith(`${head}\n`)).toBe(true);
    expect(whole.stdout.endsWith(end.join('\n\n'))).toBe(true);
    expect(status).toBe(whole.status);
    expect(readFileSync(join(cwd, 'whole.txt'), 'utf8')).toBe(whole.stdout);
  });

  it('is refused for another format, in one line', () => {
    expect(droneAudit(['scan', '--summary', '--format', 'json'], { cwd: folderWith({}) })).toEqual({
      status: 2,
      stdout: '',
      stderr: 'drone-audit: --summary is a text, and cannot be json\n',
    });
  });
});

describe('other commands', () => {
  it('tell the version and help', () => {
    expect(droneAudit(['--version'])).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' });
    expect(droneAudit(['--help']).stdout).toContain('explain');
    expect(droneAudit(['help', 'scan']).stdout).toContain('--fail-on');
  });

  it('explain every rule offline, within the width', () => {
    const list: { id: string }[] = JSON.parse(droneAudit(['rules', '--format', 'json']).stdout);
    expect(list.length).toBeGreaterThan(10);
    const page = droneAudit(['explain', list[0]?.id ?? '']);
    expect(page.status).toBe(0);
    expect(page.stdout.split('\n').filter((line) => line.length > 80 && !line.includes('http'))).toEqual([]);
  });

  it('explain a rule by what it finds, the same mended, and the difference', () => {
    const { stdout } = droneAudit(['explain', 'branch-without-event']);
    expect(stdout.match(/^[A-Z]\w+(?: \w+)?$/gm)).toEqual(
      expect.arrayContaining(['Found', 'Mended', 'Difference', 'Not found']),
    );
    expect(stdout).toContain('\n       branch: main\n    +  event: [push]\n');
    expect(stdout).not.toContain('expect:');
  });
});
