import { resolve, sep } from 'node:path';
import { mayBeThere, onDisk } from '../checks/file-system.ts';
import { isAnswer } from '../model/source.ts';
import { type Io, wantsColor } from './io.ts';

/** The address of a line of a file, for a terminal to open; undefined where the name is that of no file. */
export type LinkTo = (name: string, line?: number) => string | undefined;

/** VTE cuts off what is longer. */
const longest = 2083;

/**
 * What makes links of the places on standard output, if that is a terminal that is known to have links (OSC 8). Anything
 * else would get an absolute path, or signs without a meaning.
 */
export function fileLinks(color: 'auto' | 'always' | 'never', io: Io): LinkTo | undefined {
  if (!io.outIsTerminal || !wantsColor(color, io) || !knowsLinks(io)) return undefined;
  const host = hostFor(io);
  return (name, line) => {
    if (name === '-' || isAnswer(name)) return undefined;
    const path = resolve(io.cwd, name);
    // Saved evidence has the names of files that were somewhere else.
    if (!mayBeThere(path)) return undefined;
    // A number alone is what both kitty and VS Code take for a line, and what others leave out.
    const link = `file://${host}${encoded(path)}${line === undefined ? '' : `#${line}`}`;
    return link.length > longest ? undefined : link;
  };
}

/**
 * The host in a `file:` address tells a terminal whether the file is on its machine, and not on one that it is connected
 * to (https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda). VS Code took it for a folder
 * (https://github.com/microsoft/vscode/issues/163545), and Windows takes it for a share.
 */
function hostFor({ environment, hostName = '' }: Io): string {
  if (environment.TERM_PROGRAM === 'vscode' || sep === '\\') return '';
  return /^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$/.test(hostName) ? hostName : '';
}

/** Each byte that is not plain as `%1B`, so that nothing in a name can end the address, or act on the terminal. */
function encoded(path: string): string {
  const bytes = Buffer.from(onDisk(sep === '\\' ? `/${path.replaceAll(sep, '/')}` : path));
  return bytes
    .toString('latin1')
    .replace(/[^A-Za-z0-9/._~-]/g, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`);
}

/** Whether the terminal is known to have links; as the package supports-hyperlinks decides, with a few more by their name. */
function knowsLinks({ environment }: Io): boolean {
  const { CI, FORCE_HYPERLINK, TEAMCITY_VERSION, TERM, WT_SESSION } = environment;
  if (FORCE_HYPERLINK !== undefined) return FORCE_HYPERLINK === '' || Number.parseInt(FORCE_HYPERLINK, 10) !== 0;
  if (CI || TEAMCITY_VERSION || TERM === 'dumb') return false;
  return WT_SESSION !== undefined || names.has(TERM ?? '') || isKnownProgram(environment) || isVte(environment);
}

/** What TERM is in terminals that have links. */
const names: ReadonlySet<string> = new Set(['alacritty', 'foot', 'wezterm', 'xterm-ghostty', 'xterm-kitty']);

/** The versions of programs from which on they have links; 1.072 is 1.72. */
const programs: ReadonlyMap<string, number> = new Map([
  ['iTerm.app', 3.001],
  ['WezTerm', 20200620],
  ['vscode', 1.072],
  ['ghostty', 0],
  ['zed', 0],
]);
const version = /^(\d{1,9})(?:\.(\d{1,3})(?!\d))?/;

function isKnownProgram(environment: Io['environment']): boolean {
  const from = programs.get(environment.TERM_PROGRAM ?? '');
  const [, major = '0', minor = '0'] = version.exec(environment.TERM_PROGRAM_VERSION ?? '') ?? [];
  return from !== undefined && Number(major) + Number(minor) / 1000 >= from;
}

/** `6003` is 0.60.3. Version 0.50.0 ends when it is shown a link. */
function isVte(environment: Io['environment']): boolean {
  const numbers = environment.VTE_VERSION ?? '';
  return /^\d{4,6}$/.test(numbers) && Number(numbers) > 5000;
}
