import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Io } from '../src/commands/io.ts';
import { fileLinks } from '../src/commands/links.ts';
import { temporaryFolder } from './support/cli.ts';
import { hasTerminal, onTerminal } from './support/terminal.ts';

const esc = '\u001b';
const kitty = { TERM: 'xterm-kitty' };

function io(more: Partial<Io>): Io {
  return {
    ...{ version: '0.0.0', cwd: '/', environment: {}, home: '/', today: '2026-11-21', width: 80, outIsTerminal: true },
    ...{ readStandardInput: () => Buffer.alloc(0), readPage: () => undefined, out: () => {}, error: () => {} },
    ...more,
  };
}

const isOn = (environment: Readonly<Record<string, string>>, color: 'auto' | 'always' | 'never' = 'auto'): boolean =>
  fileLinks(color, io({ environment })) !== undefined;

describe('links', () => {
  it('are made only for terminals that are known to have them', () => {
    const known: Record<string, string>[] = [
      kitty,
      { TERM: 'alacritty' },
      { TERM_PROGRAM: 'iTerm.app', TERM_PROGRAM_VERSION: '3.1.0' },
      { TERM_PROGRAM: 'iTerm.app', TERM_PROGRAM_VERSION: '3.10.2' },
      { TERM_PROGRAM: 'WezTerm', TERM_PROGRAM_VERSION: '20240203-110809-5046fc22' },
      { TERM_PROGRAM: 'vscode', TERM_PROGRAM_VERSION: '1.104.2' },
      { TERM_PROGRAM: 'vscode', TERM_PROGRAM_VERSION: '1.72.0' },
      { VTE_VERSION: '6003' },
      { WT_SESSION: '0' },
      { FORCE_HYPERLINK: '1' },
      { FORCE_HYPERLINK: '', CI: 'true' },
    ];
    expect(known.filter((each) => !isOn(each))).toEqual([]);
    const unknown: Record<string, string>[] = [
      {},
      { TERM: 'xterm-256color' },
      { TERM: 'dumb', WT_SESSION: '0' },
      { TERM_PROGRAM: 'iTerm.app', TERM_PROGRAM_VERSION: '3.0.15' },
      { TERM_PROGRAM: 'vscode', TERM_PROGRAM_VERSION: '1.71.2' },
      { TERM_PROGRAM: 'WezTerm', TERM_PROGRAM_VERSION: 'x' },
      { TERM_PROGRAM: 'constructor', TERM_PROGRAM_VERSION: '9' },
      { TERM_PROGRAM: 'Apple_Terminal', TERM_PROGRAM_VERSION: '455' },
      { VTE_VERSION: '4900' },
      { VTE_VERSION: '5000' },
      { ...kitty, CI: 'true' },
      { ...kitty, FORCE_HYPERLINK: '0' },
      { ...kitty, NO_COLOR: '1' },
    ];
    expect(unknown.filter((each) => isOn(each))).toEqual([]);
    expect(isOn(kitty, 'never')).toBe(false);
    expect(fileLinks('always', io({ environment: { FORCE_HYPERLINK: '1' }, outIsTerminal: false }))).toBe(undefined);
  });

  it('lead to files that are there, on this machine, with nothing in them that acts', () => {
    const cwd = temporaryFolder();
    for (const name of ['a b.yml', 'é#%?.yml', `x${esc}]8;;https:evil${esc}\\.yml`]) writeFileSync(join(cwd, name), '');
    const linkTo = fileLinks('auto', io({ cwd, environment: kitty, hostName: 'build-1' }));
    expect(linkTo?.('a b.yml', 17)).toBe(`file://build-1${cwd}/a%20b.yml#17`);
    expect(linkTo?.('é#%?.yml')).toBe(`file://build-1${cwd}/%C3%A9%23%25%3F.yml`);
    expect(linkTo?.(`x${esc}]8;;https:evil${esc}\\.yml`)).toBe(
      `file://build-1${cwd}/x%1B%5D8%3B%3Bhttps%3Aevil%1B%5C.yml`,
    );
    expect(linkTo?.('.')).toBe(`file://build-1${cwd}`);
    for (const none of ['-', 'docker://drone', 'https://ci.example.com/api/users', 'gone.yml'])
      expect(linkTo?.(none, 1)).toBe(undefined);
  });

  it('name no host where it would be taken for something else', () => {
    const vscode = { TERM_PROGRAM: 'vscode', TERM_PROGRAM_VERSION: '1.104.2' };
    expect(fileLinks('auto', io({ environment: vscode, hostName: 'build-1' }))?.('tmp')).toBe('file:///tmp');
    expect(fileLinks('auto', io({ environment: kitty, hostName: `a${esc}\\b` }))?.('tmp')).toBe('file:///tmp');
  });

  it.skipIf(process.platform === 'win32')('hold the bytes of a name that is not UTF-8', () => {
    const cwd = temporaryFolder();
    execFileSync('sh', ['-c', `touch "$(printf 'caf\\351.yml')"`], { cwd });
    expect(fileLinks('auto', io({ cwd, environment: kitty }))?.('caf\\xE9.yml')).toBe(`file://${cwd}/caf%E9.yml`);
  });
});

describe.skipIf(!hasTerminal)('the text report on a terminal (needs script of util-linux)', () => {
  const text = 'kind: pipeline\ntype: docker\nname: a\nsteps:\n  - name: b\n    image: alpine\n    privileged: true\n';
  const only = '--rule privileged-step --no-config';

  function folder(name: string): string {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, name), text);
    return cwd;
  }

  it('has the same text with links as without, and the links around its places', () => {
    const cwd = folder('.drone.yml');
    const plain = onTerminal(`$AUDIT scan ${only}`, cwd);
    const linked = onTerminal(`$AUDIT scan ${only}`, cwd, kitty);
    const address = `file://${/^[A-Za-z0-9.-]+$/.test(hostname()) ? hostname() : ''}${cwd}/.drone.yml`;
    const [start, end] = [`${esc}]8;;${address}`, `${esc}]8;;${esc}\\`];
    expect(plain).not.toContain(`${esc}]8`);
    expect(linked).toContain(
      `${start}${esc}\\${esc}[1m${esc}[4m.drone.yml${esc}[24m${esc}[22m${end}  pipeline "a"\r\n`,
    );
    expect(linked).toContain(`${start}#7${esc}\\.drone.yml:7:17${end}`);
    expect(linked.replaceAll(new RegExp(`${esc}\\]8;;[^${esc}]*${esc}\\\\`, 'g'), '')).toBe(plain);
  });

  it('has none in files, in pipes, or without colour', () => {
    const cwd = folder('.drone.yml');
    const env = { ...kitty, FORCE_HYPERLINK: '1' };
    const both = onTerminal(
      `$AUDIT scan ${only} -o text:report; cat report; $AUDIT scan ${only} --color always | cat`,
      cwd,
      env,
    );
    expect(both.split(`${esc}]8;;file:`).length).toBe(
      onTerminal(`$AUDIT scan ${only}`, cwd, env).split(`${esc}]8;;file:`).length,
    );
    expect(onTerminal(`$AUDIT scan ${only} --color never`, cwd, env)).not.toContain(esc);
    expect(onTerminal(`$AUDIT scan ${only} --format unix`, cwd, env)).not.toContain(esc);
  });

  it('lets no name of a file end its link', () => {
    const cwd = folder(`x${esc}]8;;https:evil${esc}\\\u0007.drone.yml`);
    const linked = onTerminal(`$AUDIT scan ${only}`, cwd, kitty);
    expect(linked).toContain('/x%1B%5D8%3B%3Bhttps%3Aevil%1B%5C%07.drone.yml#7');
    expect(linked).not.toContain(`${esc}]8;;https`);
    expect(linked).not.toContain('\u0007');
  });
});
