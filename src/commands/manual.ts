import { environmentVariables, examples, exitStatuses, files } from './about.ts';
import { type CommandEntry, type OptionEntry, withAllBelow } from './command-table.ts';
import type { Io } from './io.ts';

/** Prints the manual page, in the macros of man(7). It bears no date: it is the same for the same version. */
export function manual(program: CommandEntry, io: Io): number {
  io.out(page(program, io.version));
  return 0;
}

function page(program: CommandEntry, version: string): string {
  const commands = withAllBelow(program)
    .slice(1)
    .filter(({ commands: below }) => below.length === 0);
  const ownOptions = commands.filter(({ options }) => options.some(({ names }) => !isHelp(names)));
  return `${[
    `.TH DRONE\\-AUDIT 1 "" "drone\\-audit ${version}" "User Commands"`,
    '.SH NAME',
    `drone\\-audit \\- audits the security of Drone CI installations`,
    '.SH SYNOPSIS',
    synopsis(commands).join('\n.br\n'),
    '.SH DESCRIPTION',
    text(
      `${program.description} It reads files and folders, and with options asks a Docker Engine and a Drone server. It changes nothing, and asks no network that was not asked for.`,
    ),
    '.P',
    text('A path alone is audited: drone-audit PATH is drone-audit scan PATH.'),
    '.SH COMMANDS',
    ...commands.flatMap((each) => tagged(bold(each.path.join(' ')), each.description)),
    '.SH OPTIONS',
    ...program.options.flatMap(option),
    ...ownOptions.flatMap((command) => [`.SS "Options of ${roff(command.path.join(' '))}"`, ...optionsOf(command)]),
    '.SH "EXIT STATUS"',
    ...exitStatuses.flatMap(({ status, when }) => tagged(bold(String(status)), when)),
    '.P',
    text('1 wins over 3, and 4 over both. It is the same for every format.'),
    '.SH ENVIRONMENT',
    ...environmentVariables.flatMap(({ names, what }) => tagged(names.map(bold).join(', '), what)),
    '.SH FILES',
    ...files.flatMap(({ name, what }) => tagged(`\\fI${roff(name)}\\fR`, what)),
    '.SH EXAMPLES',
    ...examples.flatMap(({ line, what }) => tagged(bold(line), what)),
    '.SH "SEE ALSO"',
    `${['docker', 'git'].map((name) => `\\fB${name}\\fR(1)`).join(',\n')}`,
    '.P',
    text('Each rule has a page of its own: drone-audit explain RULE prints it'),
  ].join('\n')}\n`;
}

function synopsis(commands: readonly CommandEntry[]): string[] {
  return commands.map(({ path, usage }) => `${bold(['drone-audit', ...path].join(' '))} \\fI${roff(usage)}\\fR`);
}

/** The options of a command, by their groups; its help is told once for all. */
function optionsOf({ options }: CommandEntry): string[] {
  const lines: string[] = [];
  let group: string | undefined;
  for (const each of options) {
    if (isHelp(each.names)) continue;
    if (each.group !== group && each.group !== undefined)
      lines.push(...(lines.length > 0 ? ['.P'] : []), `\\fI${roff(each.group)}\\fR`);
    group = each.group;
    lines.push(...option(each));
  }
  return lines;
}

function isHelp(names: readonly string[]): boolean {
  return names.includes('--help');
}

function option({ names, value, description }: OptionEntry): string[] {
  const shown =
    value === undefined ? '' : value.optional ? ` [\\fI${roff(value.name)}\\fR]` : ` \\fI${roff(value.name)}\\fR`;
  return tagged(`${names.map(bold).join(', ')}${shown}`, description);
}

function tagged(head: string, description: string): string[] {
  return ['.TP', head, text(description)];
}

function bold(words: string): string {
  return `\\fB${roff(words)}\\fR`;
}

/** Words as a sentence, on a line of its own. */
function text(words: string): string {
  return roff(words.charAt(0).toUpperCase() + words.slice(1)) + (words.endsWith('.') ? '' : '.');
}

/** Signs that mean something to roff; a line that begins with a dot or an apostrophe would be a request. */
function roff(words: string): string {
  return words.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll("'", '\\(aq').replace(/^\./, '\\&.');
}
