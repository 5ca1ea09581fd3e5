import { binarySearch } from '../model/binary-search.ts';
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

/**
 * What a place within the commands of a step does with: the rest of its lines in that command, and the values of the variables
 * that they name. Undefined where that is nothing, or the place is in no command.
 */
export function aroundInCommand(pipeline: Pipeline, step: Step, { source, span }: Location): string | undefined {
  const { lines, simple } = commandsIn(pipeline)(step);
  const whole = lines[binarySearch(lines, ({ at }) => at.span.end >= span.end)];
  if (!whole || whole.at.span.start > span.start) return undefined;
  const { text } = source;
  const start = Math.max(whole.at.span.start, text.lastIndexOf('\n', span.start - 1) + 1);
  const lineEnd = text.indexOf('\n', span.end);
  const end = Math.min(whole.at.span.end, lineEnd < 0 ? text.length : lineEnd);
  const values = new Set<string>();
  // The one before may go on in this line.
  for (let next = Math.max(0, binarySearch(simple, ({ at }) => at.span.start >= start) - 1); ; next++) {
    const command = simple[next];
    if (!command || command.at.span.start >= end) break;
    if (command.at.span.end > start)
      for (const value of valuesNamedBy(command, valuesIn(pipeline)(step))) values.add(value);
  }
  const rest = [text.slice(start, span.start), text.slice(span.end, end)].map((part) => part.trim());
  const about = [...rest.filter((part) => part !== ''), ...values];
  return about.length > 0 ? about.join('\n') : undefined;
}

/** The commands of a step as they are written, and each of the simple commands in them, in the order of the file. */
const commandsIn = memoizePer((pipeline: Pipeline) =>
  memoizePer((step: Step) => {
    const byPlace = (one: Located, other: Located): number => one.at.span.start - other.at.span.start;
    return { lines: step.commands.toSorted(byPlace), simple: everyCommandOf(pipeline, step).toSorted(byPlace) };
  }),
);

interface Located {
  readonly at: Location;
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
