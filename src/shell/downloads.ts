import { fileName } from '../model/file-name.ts';
import { hostOf } from '../model/hosts.ts';
import { type CommandWord, type Program, programOf, type SimpleCommand } from './commands.ts';

/** Options of a program that take a value: letters of short ones, names of long ones. */
export interface OptionValues {
  readonly short: string;
  readonly long: RegExp;
}

/** What `curl` or `wget` downloads, and into which file. */
export interface Download {
  readonly program: Program;
  /** The addresses; `…` stands for what is known only at run time. */
  readonly addresses: readonly CommandWord[];
  /** Of the first address; absent if it is known only at run time. */
  readonly host?: string;
  /** Whether it uses http://, without TLS. */
  readonly isPlain: boolean;
  /** Name of the file without its folder; absent if the text goes to standard output. */
  readonly file?: string;
  /** The same with its folder, as far as it is written. */
  readonly path?: string;
}

/** Reads a command as a download by `curl` or `wget`; undefined for anything else. */
export function downloadOf(
  command: SimpleCommand,
  options: { readonly curl: OptionValues; readonly wget: OptionValues },
): Download | undefined {
  const program = programOf(command);
  if (program?.name !== 'curl' && program?.name !== 'wget') return undefined;
  const isCurl = program.name === 'curl';
  const { operands, values, flags } = optionsOf(program.arguments, isCurl ? options.curl : options.wget);
  const addresses = [...operands, ...(values.get('--url') ?? [])];
  const [first] = addresses;
  if (!first) return undefined;
  const host = hostOf(first.pattern.slice(0, maxAddressLength));
  const redirected = command.redirections.find(({ operator }) => /^(?:1|&)?>{1,2}\|?$/.test(operator))?.target;
  const named = isCurl
    ? (values.get('o') ?? values.get('--output'))?.[0]
    : (values.get('O') ?? values.get('--output-document'))?.[0];
  const isAlias = isCurl ? flags.has('O') || flags.has('J') || flags.has('--remote-name') : !named;
  const target = named ?? redirected;
  const path = target ? writtenOf(target) : isAlias ? fileName(pathOf(writtenOf(first))) : undefined;
  const file =
    path === '-' || path === '/dev/null' || path === '/dev/stdout'
      ? undefined
      : path && fileName(path).slice(0, maxNameLength);
  return {
    program,
    addresses,
    isPlain: addresses.some(({ pattern }) => /^http:\/\//i.test(pattern)),
    host: host === undefined || host.includes('…') ? undefined : host,
    file: file || undefined,
    path: file ? path?.slice(0, maxAddressLength) : undefined,
  };
}

/** Longer addresses are cut. */
const maxAddressLength = 500;
const maxNameLength = 100;

/** Options and operands of a command line. */
export interface Options {
  readonly operands: readonly CommandWord[];
  /** Letters and long names (`--insecure`) of options without a value. */
  readonly flags: ReadonlySet<string>;
  /** Values by letter or long name. */
  readonly values: ReadonlyMap<string, readonly CommandWord[]>;
}

/** Parses the words after the name of a program. */
export function optionsOf(words: readonly CommandWord[], takesValue: OptionValues): Options {
  const operands: CommandWord[] = [];
  const flags = new Set<string>();
  const values = new Map<string, CommandWord[]>();
  const add = (name: string, value: CommandWord | undefined): void => {
    if (value) values.set(name, [...(values.get(name) ?? []), value]);
  };
  const part = (word: CommandWord, text: string): CommandWord => ({ at: word.at, parts: [], pattern: text, text });
  for (let at = 0; at < words.length; at++) {
    const word = words[at];
    if (!word) break;
    const { pattern } = word;
    if (!pattern.startsWith('-') || pattern === '-') operands.push(word);
    else if (pattern.startsWith('--')) {
      const equals = pattern.indexOf('=');
      if (equals > 0) add(pattern.slice(0, equals), part(word, pattern.slice(equals + 1)));
      else if (takesValue.long.test(pattern) || pattern === '--url') add(pattern, words[++at]);
      else flags.add(pattern);
    } else
      for (let letter = 1; letter < pattern.length; letter++) {
        const name = pattern[letter] ?? '';
        if (!takesValue.short.includes(name)) flags.add(name);
        else {
          if (letter + 1 < pattern.length) add(name, part(word, pattern.slice(letter + 1)));
          else add(name, words[++at]);
          break;
        }
      }
  }
  return { operands, flags, values };
}

/** A word with the names of its variables, so that the same text means the same file: `/tmp/$NAME`. */
export function writtenOf({ parts, pattern }: CommandWord): string {
  if (parts.length === 0) return pattern;
  return parts
    .map((part) =>
      part.kind === 'text'
        ? part.text
        : part.kind === 'variable' || part.kind === 'substituted'
          ? `$${part.name}`
          : '…',
    )
    .join('');
}

/** The path of an address without its query. */
function pathOf(address: string): string {
  return address.replace(/[?#].*/s, '').replace(/^[a-z]+:\/\/[^/]*\/?/i, '');
}

/** Whether a program runs the text that another one pipes to it. */
export function runsItsInput(
  { name, arguments: words }: Program,
  shells: ReadonlySet<string>,
  interpreters: ReadonlyMap<string, RegExp>,
): boolean {
  const isShell = shells.has(name);
  const elsewhere = isShell ? /^-[a-z]*c/ : interpreters.get(name);
  if (!elsewhere) return false;
  for (const { pattern } of words) {
    if (elsewhere.test(pattern)) return false;
    if (pattern === '-' || pattern === '/dev/stdin' || (isShell && /^-[a-z]*s$/.test(pattern))) return true;
    if (!pattern.startsWith('-')) return false;
  }
  return true;
}
