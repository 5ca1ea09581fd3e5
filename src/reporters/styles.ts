import { Chalk } from 'chalk';
import type { Severity } from '../model/severity.ts';

export type Paint = (text: string) => string;

/** How parts of a text look; without colour, each returns the text unchanged. */
export interface Styles {
  readonly severity: Readonly<Record<Severity, Paint>>;
  /** What marks a place, which would not be seen in a block of colour. */
  readonly mark: Readonly<Record<Severity, Paint>>;
  readonly strong: Paint;
  readonly faint: Paint;
  readonly place: Paint;
  /** Lines of a diff. */
  readonly removed: Paint;
  readonly added: Paint;
}

/** How something is written for people: `width` in columns of the terminal. */
export interface TextOptions {
  readonly color: boolean;
  readonly width: number;
  readonly verbose: boolean;
  /** The address of a line of a file, where the terminal has links; undefined for what is no file. */
  readonly linkTo?: (name: string, line?: number) => string | undefined;
}

/** A text as a link (OSC 8). It takes as many columns as without. */
export function linked(text: string, address: string | undefined): string {
  return address === undefined ? text : `\u001b]8;;${address}\u001b\\${text}\u001b]8;;\u001b\\`;
}

/** The styles of everything that the tool prints for people, with or without colour. */
export function styles(color: boolean): Styles {
  const chalk = new Chalk({ level: color ? 1 : 0 });
  const mark: Styles['mark'] = {
    critical: (text) => chalk.red.bold(text),
    high: (text) => chalk.red.bold(text),
    medium: (text) => chalk.yellow.bold(text),
    low: (text) => chalk.blue.bold(text),
    info: (text) => chalk.cyan(text),
  };
  return {
    severity: { ...mark, critical: (text) => chalk.red.bold.inverse(text) },
    mark,
    strong: (text) => chalk.bold(text),
    faint: (text) => chalk.dim(text),
    place: (text) => chalk.bold.underline(text),
    removed: (text) => chalk.red(text),
    added: (text) => chalk.green(text),
  };
}
