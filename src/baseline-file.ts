import { type BaselineEntry, byFileAndRule } from './baseline.ts';
import { nearest } from './model/nearest.ts';
import { type Severity, severities } from './model/severity.ts';
import { lineEndOf, positionOf, type Source } from './model/source.ts';
import { say, type Text } from './model/text.ts';
import { UserError } from './model/user-error.ts';
import { parseYaml } from './readers/yaml/parse.ts';
import { field, isNull, type Node } from './readers/yaml/tree.ts';
import { maskFor } from './secrets/mask.ts';

/*
 * The text of a baseline: YAML that people review and merge, an entry a line. Nothing in it is secret: what a finding quotes
 * is in `id` alone, a hash of the masked text.
 */

const head = `# Findings that are known, written by drone-audit --write-baseline.
# To accept one for good, move its line to "accepted" and say why there, and until when if it has an end:
#   - {file: .drone.yml, …, reason: "behind the VPN until the move", until: 2027-06-30}
`;

const keys = ['file', 'rule', 'at', 'severity', 'id'] as const;
const ofKnown = [...keys, 'places'] as const;
const ofAccepted = [...ofKnown, 'reason', 'until'] as const;
const lists = ['version', 'accepted', 'known'] as const;

/** The text of a baseline, in the order of files, rules and paths of keys. */
export function* baselineText(entries: readonly BaselineEntry[]): Iterable<string> {
  const sorted = entries.toSorted(byFileAndRule);
  yield `${head}version: 1\n`;
  yield* listText(
    'accepted',
    sorted.filter(({ accepted }) => accepted),
  );
  yield* listText(
    'known',
    sorted.filter(({ accepted }) => !accepted),
  );
}

function* listText(name: string, entries: readonly BaselineEntry[]): Iterable<string> {
  yield entries.length === 0 ? `${name}: []\n` : `${name}:\n`;
  for (const { file, rule, at, severity, id, places, accepted, comments = [] } of entries) {
    const more = accepted
      ? [`reason: ${quoted(accepted.reason)}`, ...(accepted.until === undefined ? [] : [`until: ${accepted.until}`])]
      : [];
    const fields = [
      `file: ${scalar(file)}`,
      `rule: ${rule}`,
      `at: ${scalar(at)}`,
      `severity: ${severity}`,
      `id: "${id}"`,
      ...(places ? [`places: [${places.map((place) => `"${place}"`).join(', ')}]`] : []),
    ];
    for (const comment of comments) yield `  ${comment}\n`;
    yield `  - {${[...fields, ...more].join(', ')}}\n`;
  }
}

/** As it is where every program reads it as that text, else in quotes. */
function scalar(text: string): string {
  return /^[A-Za-z_./][\w./-]*$/.test(text) && !/^(?:true|false|yes|no|on|off|null|y|n)$|^\.(?:inf|nan)$/i.test(text)
    ? text
    : quoted(text);
}

/** As JSON, and YAML in double quotes, without a character that is not seen or that turns text around. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\u009f\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** A line as it is written for what is merely old: of these there may be very many. */
const plainLine =
  /^ {2}- \{file: ([A-Za-z_./][\w./-]*|"(?:[^"\\\n]|\\["\\])*"), rule: ([a-z0-9-]+), at: ([A-Za-z_./][\w./-]*|"(?:[^"\\\n]|\\["\\])*"), severity: ([a-z]+), id: "([0-9a-f]{16})"(?:, places: \[("[0-9a-f]{16}(?: [a-z]{3,8})?"(?:, "[0-9a-f]{16}(?: [a-z]{3,8})?")*)\])?\}\r?$/;

/** Reads the text of a baseline. Throws UserError with the place of what is wrong. */
export function readBaseline(source: Source): readonly BaselineEntry[] {
  const { entries: plain, rest } = withoutPlainLines(source);
  const { documents, problems } = parseYaml(rest);
  const [broken] = problems;
  if (broken)
    throw new UserError(masked(say`${source.name}:${broken.line ?? 1}:${broken.column ?? 1}: ${broken.message}`));
  if (documents.length > 1) fail(source, documents[1]?.root, say`a baseline is one document`);
  const root = documents[0]?.root;
  if (root?.kind !== 'map') return fail(source, root, say`a baseline has the keys ${lists.join(', ')}`);
  refuseOtherKeys(source, root, lists, 'a baseline');
  const version = field(root, 'version')?.value;
  if (version?.kind !== 'scalar' || version.text !== '1')
    fail(source, version ?? root, say`"version" must be 1: another version of drone-audit may have written this file`);
  const found = (['accepted', 'known'] as const).flatMap((name) => {
    const list = field(root, name)?.value;
    if (!list || isNull(list)) return [];
    if (list.kind !== 'seq') return fail(source, list, say`"${name}" must be a list`);
    return list.items.map((item) => entryOf(source, item, name === 'accepted'));
  });
  return [...found, ...plain];
}

/** The entries of lines as they are written, and the text with these lines empty, so that places stay what they are. */
function withoutPlainLines(source: Source): { entries: readonly BaselineEntry[]; rest: Source } {
  const entries: BaselineEntry[] = [];
  const { text } = source;
  const start = /^known:[ \t]*\r?\n/m.exec(text);
  if (!start) return { entries, rest: source };
  const from = start.index + start[0].length;
  let line = positionOf(source, from).line;
  let at = from;
  while (at < text.length) {
    const feed = text.indexOf('\n', at);
    const end = feed < 0 ? text.length : feed;
    const [, file = '', rule = '', path = '', severity = '', id = '', list] = plainLine.exec(text.slice(at, end)) ?? [];
    const known = severities.find((each) => each === severity);
    if (!known) break;
    const places = list?.split(', ').map(unquoted);
    if (places && !places.every(isPlace)) break;
    entries.push({
      file: unquoted(file),
      rule,
      at: unquoted(path),
      severity: known,
      id,
      ...(places ? { places } : {}),
      line,
    });
    line++;
    at = end + 1;
  }
  const blank = text.slice(from, at).replace(/[^\r\n]/g, ' ');
  return { entries, rest: { ...source, text: text.slice(0, from) + blank + text.slice(at) } };
}

function unquoted(text: string): string {
  return text.startsWith('"') ? text.slice(1, -1).replace(/\\(.)/g, '$1') : text;
}

function entryOf(source: Source, node: Node, isAccepted: boolean): BaselineEntry {
  if (node.kind !== 'map') return fail(source, node, say`an entry has the keys ${keys.join(', ')}`);
  refuseOtherKeys(
    source,
    node,
    isAccepted ? ofAccepted : ofKnown,
    isAccepted ? 'an accepted entry' : 'an entry of "known"',
  );
  const text = (key: (typeof ofAccepted)[number]): string => {
    const value = field(node, key)?.value;
    if (value?.kind === 'scalar' && value.text.trim() !== '') return value.text;
    return fail(source, value ?? node, say`the entry lacks "${key}"`);
  };
  const { line } = positionOf(source, node.span.start);
  const [file, rule] = [text('file'), text('rule')];
  // The path is empty for what is said of a whole file.
  const path = field(node, 'at')?.value;
  const at = path?.kind === 'scalar' ? path.text : text('at');
  const given = text('severity');
  const severity = severities.find((each) => each === given) ?? unknownSeverity(source, node, given);
  const id = text('id');
  if (!isId(id)) fail(source, field(node, 'id')?.value, say`"id" has 16 hex digits`);
  const places = placesOf(source, node);
  const entry = {
    file,
    rule,
    at,
    severity,
    id,
    ...(places ? { places } : {}),
    line,
    comments: commentsOf(source, node),
  };
  if (!isAccepted) return entry;
  const until =
    field(node, 'until') && !isNull(field(node, 'until')?.value ?? node) ? day(source, node, text('until')) : undefined;
  return { ...entry, accepted: { reason: text('reason'), ...(until === undefined ? {} : { until }) } };
}

function isId(text: string): boolean {
  return /^[0-9a-f]{16}$/.test(text);
}

function isPlace(text: string): boolean {
  const [id = '', severity, ...others] = text.split(' ');
  return isId(id) && others.length === 0 && (severity === undefined || severities.some((each) => each === severity));
}

function placesOf(source: Source, node: Node): readonly string[] | undefined {
  const list = field(node, 'places')?.value;
  if (!list || isNull(list)) return undefined;
  if (list.kind !== 'seq') return fail(source, list, say`"places" must be a list`);
  return list.items.map((item) =>
    item.kind === 'scalar' && isPlace(item.text)
      ? item.text
      : fail(source, item, say`a place has 16 hex digits, and its severity where that is another`),
  );
}

function unknownSeverity(source: Source, node: Node, given: string): Severity {
  const meant = nearest(given, severities);
  const hint = meant === undefined ? say`` : say`; did you mean "${meant}"?`;
  return fail(source, field(node, 'severity')?.value, say`"severity" must be one of ${severities.join(', ')}${hint}`);
}

/** A day that never comes would never end. */
function day(source: Source, node: Node, text: string): string {
  const date = /^\d{4}-\d\d-\d\d$/.test(text) ? new Date(`${text}T00:00:00Z`) : undefined;
  if (date && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)) return text;
  return fail(source, field(node, 'until')?.value, say`"until" is no day of the calendar: write it as 2027-06-30`);
}

function refuseOtherKeys(source: Source, node: Node, known: readonly string[], what: string): void {
  if (node.kind !== 'map') return;
  const seen = new Set<string>();
  for (const { key, keyNode } of node.entries) {
    if (seen.has(key)) fail(source, keyNode, say`"${key}" is written twice`);
    seen.add(key);
    if (known.includes(key)) continue;
    const meant = nearest(key, known);
    const hint = meant === undefined ? say`; it has ${known.join(', ')}` : say`; did you mean "${meant}"?`;
    fail(source, keyNode, say`${what} has no key "${key}"${hint}`);
  }
}

/** How much of what people wrote about one entry is kept. */
const maxComments = 20;

/** What people wrote above an entry and at its end. */
function commentsOf({ text }: Source, { span }: Node): readonly string[] | undefined {
  const found: string[] = [];
  let start = text.lastIndexOf('\n', span.start - 1) + 1;
  while (start > 0 && found.length < maxComments) {
    const before = text.lastIndexOf('\n', start - 2) + 1;
    const line = text.slice(before, start).trim();
    if (!line.startsWith('#')) break;
    found.unshift(line);
    start = before;
  }
  const beside = text.slice(span.end, lineEndOf(text, span.end)).trim();
  if (beside.startsWith('#')) found.push(beside);
  return found.length > 0 ? found : undefined;
}

function fail(source: Source, node: Node | undefined, message: Text): never {
  const { line, column } = positionOf(source, node?.span.start ?? 0);
  throw new UserError(masked(say`${source.name}:${line}:${column}: ${message}`));
}

function masked(message: Text): string {
  return maskFor([]).text(message);
}
