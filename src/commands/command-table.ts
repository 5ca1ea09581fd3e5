/** The shells that `completion` knows. */
export const shells = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof shells)[number];

/** What an option or a command takes: its name says of which kind it is, and `words` are all that it may be. */
export interface Value {
  /** As in the help: `file`, `id`, `severity`. */
  readonly name: string;
  readonly words: readonly string[];
}

/** An option of a command. */
export interface OptionEntry {
  /** `-o` and `--output`. */
  readonly names: readonly string[];
  /** Absent: the option takes none. */
  readonly value?: Value & { readonly optional: boolean };
  readonly description: string;
  /** The heading that the help has it under. */
  readonly group?: string;
}

/** A command with those below it; the table of all is that of the program itself. */
export interface CommandEntry {
  /** `probe`, `secret`; empty for the program. */
  readonly path: readonly string[];
  /** `[options] [path...]` */
  readonly usage: string;
  readonly description: string;
  readonly options: readonly OptionEntry[];
  /** What it takes besides options. */
  readonly operands: readonly Value[];
  readonly commands: readonly CommandEntry[];
}

/** A command and all that are below it. */
export function withAllBelow(command: CommandEntry): readonly CommandEntry[] {
  return [command, ...command.commands.flatMap(withAllBelow)];
}
