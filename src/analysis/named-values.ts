import { memoizePer } from '../model/memoize.ts';
import type { Pipeline, Step } from '../model/pipeline.ts';
import type { Location } from '../model/source.ts';
import type { CommandPart, SimpleCommand } from '../shell/commands.ts';
import { everyCommandOf } from './step-commands.ts';

/** More variables than an address is made of, and a longer text than one has. */
const maxNames = 10;
const maxValueLength = 300;
/** More parts than an address has, those of its variables included; variables may name each other in a circle. */
const maxParts = 100;

/**
 * What a finding about a command is about that does not stand in the command: the values of the variables that it names, as far
 * as the file gives them, and any of the names (a host, a secret) that is not written there. Undefined where all is written.
 * `at`: the place of the finding, if it is not the whole command.
 */
export function unwrittenIn(
  pipeline: Pipeline,
  step: Step,
  command: SimpleCommand,
  names: readonly (string | undefined)[] = [],
  at: Location = command.at,
): string | undefined {
  const values = valuesNamedBy(command, valuesIn(pipeline)(step));
  const about = [...values, ...names.filter((name) => name !== undefined && unlessWritten(at, name))];
  return about.length > 0 ? about.join('\n') : undefined;
}

/** A name, unless the text of a place holds it. */
export function unlessWritten({ source, span }: Location, name: string): string | undefined {
  return source.text.slice(span.start, span.end).toLowerCase().includes(name.toLowerCase()) ? undefined : name;
}

/**
 * Parts of a command's word as a text, with the variables that the file sets to something known filled in: with what was
 * set last before the command, and `…` for all else.
 */
export function filledIn(
  pipeline: Pipeline,
  step: Step,
  command: SimpleCommand,
  parts: readonly CommandPart[],
): string {
  const known = valuesIn(pipeline)(step);
  const isBefore = ({ start }: Value): boolean => start < command.at.span.start;
  let left = maxParts;
  const fill = (some: readonly CommandPart[]): string => {
    let text = '';
    for (const part of some) {
      if (left-- <= 0) return `${text}…`;
      const values = part.kind === 'variable' ? (known.get(part.name) ?? []) : [];
      const value = values.findLast(isBefore) ?? values.at(-1);
      text += part.kind === 'text' ? part.text : value ? fill(value.parts) : '…';
    }
    return text;
  };
  return fill(parts);
}

/** What a variable is set to: its text, what this is made of, and where it stands; the environment before all commands. */
interface Value {
  readonly text: string;
  readonly parts: readonly CommandPart[];
  readonly start: number;
}

/** What the file sets for a step: in the environment, and by its commands. */
const valuesIn = memoizePer((pipeline: Pipeline) =>
  memoizePer((step: Step): ReadonlyMap<string, readonly Value[]> => {
    const found = new Map<string, Value[]>();
    const add = (name: string, text: string, parts: Value['parts'], start: number): void => {
      const values = found.get(name) ?? [];
      found.set(name, values);
      if (values.length < maxNames) values.push({ text: text.slice(0, maxValueLength), parts, start });
    };
    // A step's own comes last and takes precedence.
    const environment = new Map([...pipeline.environment, ...step.environment].map((each) => [each.name.value, each]));
    for (const [name, { text }] of environment)
      if (text) add(name, text.value, [{ kind: 'text', text: text.value, quoted: true, at: text.at }], -1);
    for (const { assignments } of everyCommandOf(pipeline, step))
      for (const { name, value } of assignments) {
        if (!value) continue;
        const { source, span } = value.at;
        add(name, source.text.slice(span.start, span.end), value.parts, span.start);
      }
    return found;
  }),
);

/** `NAME=value` of each variable that a command names, and of those that it is made of. */
function valuesNamedBy(command: SimpleCommand, known: ReadonlyMap<string, readonly Value[]>): readonly string[] {
  const names = new Set<string>();
  const found: string[] = [];
  const follow = (parts: readonly CommandPart[]): void => {
    for (const part of parts) {
      if (part.kind !== 'variable' || names.has(part.name) || names.size >= maxNames) continue;
      const values = known.get(part.name);
      if (!values) continue;
      names.add(part.name);
      for (const { text } of values) found.push(`${part.name}=${text}`);
      for (const value of values) follow(value.parts);
    }
  };
  for (const { parts } of command.words) follow(parts);
  for (const { target } of command.redirections) follow(target?.parts ?? []);
  for (const { parts } of command.documents) follow(parts);
  return found;
}
