import { type KnownError, knownDumps, knownLines } from '../../facts/log-lines.ts';
import type { ContainerLog, LogLine } from '../../model/engine.ts';
import { emptyReading, type Reading } from '../../model/reading.ts';
import { type Located, nameInPath, type Source } from '../../model/source.ts';
import { say } from '../../model/text.ts';
import { credentialSpansOfEvidence } from '../../secrets/spans.ts';
import { looksGenerated } from '../../secrets/variety.ts';
import { type Cursor, entriesOf, locate, numberOf, text, textOf, under } from '../yaml/cursor.ts';
import { parseYaml } from '../yaml/parse.ts';
import { itemsOf, type Node } from '../yaml/tree.ts';

/** What is kept of a line that tells something: no words but known ones, and no secret. */
export interface KeptLine {
  readonly message: string;
  readonly fields: Readonly<Record<string, string>>;
  /** Whether it is a further line of what a line before it may have begun. */
  readonly follows?: true;
}

/** More of a line is not looked at: no line that is known comes near. */
const maxLine = 16_384;

/**
 * What to keep of one line of a log, as a server (JSON, or text with DRONE_LOGS_TEXT) or a runner (text) writes it;
 * undefined for every line that `facts/log-lines.ts` does not know. Of a field only a known kind of error, or the name of
 * an account, repository or build, is kept; of a credential only that it is there.
 */
export function keptLine(line: string): KeptLine | undefined {
  const text = plain(line.slice(0, maxLine));
  const record = recordOf(text);
  for (const { message, field, says, follows } of knownDumps) {
    if (says.test(field === undefined ? text : (record?.get(field) ?? ''))) return { message, fields: {} };
    if (follows?.test(text)) return { message, fields: {}, follows: true };
  }
  const said = record?.get('msg');
  if (!record || said === undefined) return undefined;
  for (const { message, errors, names, credential } of knownLines) {
    if (!said.startsWith(message)) continue;
    const fields: Record<string, string> = {};
    const error = errorOf(errors, record.get('error') ?? '') ?? errorOf(errors, said.slice(message.length + 2));
    if (error !== undefined) fields.error = error;
    for (const name of names) {
      const value = record.get(name);
      if (value !== undefined && isName(value)) fields[name] = value;
    }
    if (credential !== undefined) {
      if (!record.get(credential)) return undefined;
      fields[credential] = 'present';
    }
    return { message, fields };
  }
  return undefined;
}

function errorOf(errors: readonly KnownError[], said: string): string | undefined {
  return errors.find(({ says }) => says.test(said))?.kept;
}

/** Whether a value is the name of an account or repository, or a number; one that could be a credential is none. */
function isName(value: string): boolean {
  return (
    /^[\w.@+-]{1,64}$/.test(value) &&
    !/^[0-9a-f]{16,}$/i.test(value) &&
    !looksGenerated(value) &&
    credentialSpansOfEvidence(value).length === 0
  );
}

/** Without the colours of a terminal, and the line end. */
function plain(line: string): string {
  return line.replace(/\u001b\[[0-9;]{0,16}m/g, '').trimEnd();
}

/** The fields of a line; of one for a terminal (`ERRO[0001] message  key=value`) the message with all behind it. */
function recordOf(line: string): ReadonlyMap<string, string> | undefined {
  if (line.startsWith('{')) return jsonRecord(line);
  const terminal = /^[A-Z]{4,5}\[[^\]]{1,40}\] ?/.exec(line);
  if (!terminal) return textRecord(line);
  const rest = line.slice(terminal[0].length);
  return new Map([...textRecord(rest), ['msg', rest]]);
}

function jsonRecord(line: string): ReadonlyMap<string, string> | undefined {
  let read: unknown;
  try {
    read = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof read !== 'object' || read === null) return undefined;
  return new Map(
    Object.entries(read).flatMap(([name, value]: [string, unknown]): [string, string][] =>
      typeof value === 'string' || typeof value === 'number' ? [[name, String(value)]] : [],
    ),
  );
}

/** `key=value key="value with \" and \n"` (sirupsen/logrus text_formatter.go appendValue); of equal keys the first. */
function textRecord(line: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [, name = '', quoted, bare = ''] of line.matchAll(
    /(?<![^\s])([A-Za-z][\w.]{0,40})=(?:"((?:[^"\\]|\\.)*)"|([^\s"]*))/g,
  ))
    if (!found.has(name)) found.set(name, quoted === undefined ? bare : quoted.replace(/\\(.)/g, '$1'));
  return found;
}

/** What is kept of the log of a container, the text of a `docker-log://` source. */
export function readLog(source: Source): Reading {
  const { documents, problems } = parseYaml(source);
  const root = documents[0]?.root;
  const container = textOf(under(root, 'container'));
  if (problems.length > 0) return { ...emptyReading, problems };
  if (root?.kind !== 'map' || container === undefined) {
    const message = say`does not name the container of the log`;
    return { ...emptyReading, problems: [{ kind: 'unsupported', source: source.name, message, incomplete: true }] };
  }
  const cursor: Cursor = { source, prefix: '' };
  const log: ContainerLog = {
    at: locate(cursor, 'kept', under(root, 'kept') ?? root),
    looked: numberOf(under(root, 'lines')) ?? 0,
    lines: itemsOf(under(root, 'kept')).flatMap((node, index) => lineOf(cursor, node, `kept[${index}]`) ?? []),
  };
  return { ...emptyReading, logs: new Map([[container, log]]) };
}

function lineOf(cursor: Cursor, node: Node, path: string): LogLine | undefined {
  const message = text(cursor, node, `${path}.message`, 'message');
  if (!message) return undefined;
  const fields = new Map<string, Located<string>>();
  for (const { key, value } of entriesOf(under(node, 'fields')))
    if (value.kind === 'scalar')
      fields.set(key, { value: value.text, at: locate(cursor, `${path}.fields[${nameInPath(key)}]`, value) });
  return { message, fields, count: numberOf(under(node, 'count')) ?? 1 };
}
