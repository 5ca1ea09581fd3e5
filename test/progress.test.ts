import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { progressLine } from '../src/commands/progress-line.ts';
import { droneAudit, temporaryFolder } from './support/cli.ts';
import { hasTerminal, onTerminal } from './support/terminal.ts';

const wiped = '\r\u001b[K';
const line = (text: string): string => `\r${text}\u001b[K`;

describe('the line of progress', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  function begin(columns = 80) {
    vi.useFakeTimers();
    const written: string[] = [];
    return {
      written,
      ...progressLine(
        (text) => written.push(text),
        () => columns,
      ),
    };
  }

  it('is silent for what is done soon', () => {
    const { written, tell, wipe } = begin();
    tell('reading files', { done: 0, of: 3 });
    vi.advanceTimersByTime(300);
    tell('judging');
    vi.advanceTimersByTime(100);
    wipe();
    vi.advanceTimersByTime(60_000);
    expect(written).toEqual([]);
  });

  it('tells of a wait, in which nothing else is told, after a second', () => {
    const { written, tell, wipe } = begin();
    tell('asking the engine');
    vi.advanceTimersByTime(999);
    expect(written).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(written).toEqual([line('drone-audit: asking the engine')]);
    wipe();
    expect(written).toEqual([line('drone-audit: asking the engine'), wiped]);
  });

  it('tells at once what begins later, and counts not faster than they can be read', () => {
    const { written, tell, wipe } = begin();
    vi.advanceTimersByTime(600);
    tell('judging');
    expect(written.splice(0)).toEqual([line('drone-audit: judging')]);
    tell('reading files', { done: 1, of: 4000 });
    vi.advanceTimersByTime(50);
    tell('reading files', { done: 2, of: 4000 });
    expect(written).toEqual([]);
    vi.advanceTimersByTime(50);
    tell('asking the server', { done: 1200, of: 4000, what: 'repositories' });
    expect(written.splice(0)).toEqual([line('drone-audit: asking the server: 1,200 of 4,000 repositories')]);
    wipe();
    wipe();
    expect(written).toEqual([wiped]);
  });

  it('is never wider than the terminal', () => {
    const { written, tell } = begin(20);
    vi.advanceTimersByTime(1000);
    tell('understanding what was read');
    expect(written).toEqual([line('drone-audit: unders')]);
  });
});

describe.skipIf(!hasTerminal)('progress (needs script of util-linux)', () => {
  const text = 'kind: pipeline\ntype: docker\nname: a\nsteps:\n  - name: b\n    image: alpine\n    privileged: true\n';
  const options = '- .drone.yml --form drone --no-config --rule privileged-step';
  // Standard input is read first, so that all that follows begins late.
  const slowly = (more = ''): string => `(sleep 1; cat .drone.yml) | $AUDIT scan ${options} ${more}`;

  function folder(): string {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, '.drone.yml'), text);
    return cwd;
  }

  it('is shown on a terminal, phase by phase, and gone at the end', () => {
    const cwd = folder();
    const shown = onTerminal(`${slowly('-o json:r.json')} > report`, cwd);
    const phases = [
      'reading files: 0 of 1',
      'understanding what was read',
      'judging',
      'sorting findings',
      'writing json',
      'writing the report',
    ];
    const seen = [...shown.matchAll(/\rdrone-audit: ([^\u001b]+)\u001b\[K/g)].map(([, phase]) => phase);
    // A count may be left out, because it follows too soon.
    expect(phases.filter((phase) => !seen.includes(phase) && !/ of /.test(phase))).toEqual([]);
    expect(seen[0]).toBe('reading files: 0 of 1');
    expect(seen.filter((phase) => !phases.includes(phase ?? ''))).toEqual([]);
    expect(shown.endsWith(wiped)).toBe(true);
    const { stdout } = droneAudit(['scan', ...options.split(' ')], { cwd, input: text });
    expect(readFileSync(join(cwd, 'report'), 'utf8')).toBe(stdout);
  });

  it('is wiped before the report, and before an error', () => {
    const cwd = folder();
    const shown = onTerminal(slowly('-o json:gone/r.json --color never'), cwd);
    expect(shown).toContain(`writing json\u001b[K${wiped}drone-audit: the report "gone/r.json" cannot be written`);
    expect(shown).toContain(`writing the report\u001b[K${wiped}drone-audit 0.1.0 `);
    expect(shown.lastIndexOf(wiped)).toBeLessThan(shown.indexOf('drone-audit 0.1.0 '));
  });

  it.each([
    ['--no-progress', slowly('--no-progress > report'), {}],
    ['-q', slowly('-q > report'), {}],
    ['CI', slowly('> report'), { CI: 'true' }],
    ['a step of Drone', slowly('> report'), { DRONE: 'true' }],
    ['a terminal that cannot', slowly('> report'), { TERM: 'dumb' }],
    ['standard error elsewhere', slowly('--color never 2> errors'), {}],
  ])('is not shown: %s', (_, command, env) => {
    const cwd = folder();
    const shown = onTerminal(`${command}; test -e errors && cat errors`, cwd, env);
    expect(shown).not.toContain('\u001b');
    expect(shown).not.toContain('reading');
  });
});
