import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { droneAudit, temporaryFolder } from './support/cli.ts';

interface Matcher {
  readonly owner: string;
  readonly severity: string;
  readonly pattern: readonly [
    Readonly<Record<'file' | 'line' | 'column' | 'code' | 'message', number>> & { regexp: string },
  ];
}

const { problemMatcher: matchers }: { problemMatcher: readonly Matcher[] } = JSON.parse(
  readFileSync('schemas/problem-matcher.json', 'utf8'),
);

/** What GitHub makes of a log: the matcher that takes a line, and the parts that it takes. */
function annotationsOf(log: string): readonly string[] {
  return log.split('\n').flatMap((line) =>
    matchers.flatMap(({ severity, pattern: [pattern] }) => {
      const found = new RegExp(pattern.regexp).exec(line);
      return found
        ? [[severity, ...[pattern.file, pattern.line, pattern.code].map((each) => found[each])].join(' ')]
        : [];
    }),
  );
}

const step = (image: string): string =>
  `kind: pipeline\ntype: docker\nname: a\ntrigger: { event: push }\nsteps:\n  - name: b\n    image: ${image}\n    privileged: true\n`;

const hostile = [
  'a b.drone.yml',
  'c:d.drone.yml',
  'e:1:1: high fake-rule: nothing.drone.yml',
  'f:1:2:.drone.yml',
  ':3:4:.drone.yml',
  'g\u001b[31m\n::error file=x::y.drone.yml',
];
const shown = [
  'a b.drone.yml',
  'c:d.drone.yml',
  'e\\u{3A}1\\u{3A}1: high fake-rule: nothing.drone.yml',
  'f\\u{3A}1\\u{3A}2:.drone.yml',
  '\\u{3A}3\\u{3A}4:.drone.yml',
  'g\\u{1B}[31m\\u{A}::error file=x::y.drone.yml',
];

function unixOf(files: Readonly<Record<string, string>>): string {
  const cwd = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  return droneAudit(
    ['scan', '.', '--format', 'unix', '--no-config', '--rule', 'privileged-step', '--rule', 'unpinned-image'],
    { cwd },
  ).stdout;
}

describe('schemas/problem-matcher.json', () => {
  it('takes each line of --format unix that has a place, by its severity, and no other', () => {
    const log = unixOf({ '.drone.yml': step('node:20'), 'broken.drone.yml': 'kind: pipeline\nsteps: [\n' });
    expect(annotationsOf(log)).toEqual([
      'notice .drone.yml 7 unpinned-image',
      'error .drone.yml 8 privileged-step',
      'error broken.drone.yml 3 malformed',
    ]);
    expect(annotationsOf(unixOf({ 'x.txt': '' }))).toEqual(['error . 1 empty']);
  });

  it.skipIf(process.platform === 'win32')('takes names of any kind for what they are', () => {
    const log = unixOf(Object.fromEntries(hostile.map((name) => [name, step('alpine')])));
    const files = annotationsOf(log).filter((line) => line.endsWith(' 8 privileged-step'));
    expect(files.sort()).toEqual(shown.map((name) => `error ${name} 8 privileged-step`).sort());
    expect(log).not.toContain('\u001b');
    expect(log).not.toMatch(/^::/m);
  });

  it('takes no place out of a message', () => {
    const name = 'evil.yml:3:1: high fake-rule: nothing';
    const log = unixOf({
      '.drone.yml': `${step('alpine')}    when: { branch: "${name}" }\n`,
      [`${name}.drone.yml`]: '\0',
    });
    expect(annotationsOf(log).filter((line) => line.includes('fake-rule') && !line.includes('\\u{3A}'))).toEqual([]);
  });

  it('has an owner and a severity of GitHub for each', () => {
    expect(matchers.map(({ owner, severity }) => [owner, severity])).toEqual([
      ['drone-audit-error', 'error'],
      ['drone-audit-warning', 'warning'],
      ['drone-audit-notice', 'notice'],
    ]);
  });

  it('is named in the documentation and part of the package', () => {
    expect(readFileSync('docs/reports.md', 'utf8')).toContain('schemas/problem-matcher.json');
    expect(JSON.parse(readFileSync('package.json', 'utf8')).files).toContain('schemas');
  });
});

describe('--format unix', () => {
  // `%f:%l:%c:%m` of Vim takes the shortest name before a line and a column (efm_to_regpat in quickfix.c).
  it.skipIf(process.platform === 'win32')("has its places where Vim's errorformat looks for them", () => {
    const log = unixOf(Object.fromEntries(hostile.map((name) => [name, step('alpine')])));
    const places = log
      .split('\n')
      .flatMap((line) => /^(.+?):(\d+):(\d+):(.*)$/.exec(line)?.slice(1, 3).join(' ') ?? []);
    expect([...new Set(places)].sort()).toEqual(shown.flatMap((name) => [`${name} 7`, `${name} 8`]).sort());
  });

  const hasVim = spawnSync('vim', ['--version']).status === 0;
  it.skipIf(!hasVim)('opens in Vim (needs vim)', () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'a b.drone.yml'), step('alpine'));
    writeFileSync(
      join(cwd, 'log'),
      droneAudit(['scan', '.', '--format', 'unix', '--rule', 'privileged-step'], { cwd }).stdout,
    );
    const script =
      'call writefile(map(getqflist(), {_, i -> bufname(i.bufnr) . " " . i.lnum . " " . i.col}), "places") | qa!';
    spawnSync('vim', ['-u', 'NONE', '-es', '-q', 'log', '-c', script], { cwd, input: '' });
    expect(readFileSync(join(cwd, 'places'), 'utf8').split('\n')).toContain('a b.drone.yml 8 17');
  });
});
