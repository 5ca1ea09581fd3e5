import { applyOperator, type SubstitutionRelease } from './substitution-operators.ts';

/*
 * `${…}` as Drone's runners replace it: in the raw text of the whole file, comments included, before any YAML is parsed
 * (drone/runner-go@d12a958 pipeline/runtime/runner.go:166-210). The grammar is that of drone/envsubst parse/parse.go
 * and parse/scan.go. The server replaces nothing: it sees `kind`, `name`, `type`, `trigger`, `platform`, `node`,
 * `depends_on` and `concurrency` as written.
 */

/** One `${…}` of a text, or one that is escaped by `$$`. Offsets are those in the text. */
export interface FoundSubstitution {
  readonly start: number;
  readonly end: number;
  /** As written, from `${` to `}`, with the extra `$` if escaped. Cut short if it is malformed. */
  readonly expression: string;
  /** Empty if the error comes before any name. */
  readonly name: string;
  /** `:-`, `//`, `^^`, `#` (without arguments: the length) and so on; absent for the plain value. */
  readonly operator?: string;
  /** What follows the operator, as written; a default may have several parts (1.0.3). */
  readonly arguments?: readonly string[];
  /** `$${NAME}`: reaches the shell as `${NAME}`. */
  readonly escaped: boolean;
  /** The runner refuses the whole file because of it. */
  readonly error?: 'bad substitution';
  /** Only release 1.0.2 refuses it. */
  readonly olderError?: 'bad substitution';
  /** How many others it is nested in, as part of their default or pattern. */
  readonly depth: number;
}

/** Whether an expression yields a length, `${#NAME}`; `${NAME#v}`, with the same operator, yields a value. */
export function isLength({ operator, arguments: written }: Pick<FoundSubstitution, 'operator' | 'arguments'>): boolean {
  return operator === '#' && written === undefined;
}

/** Whether an operator gives a text for a missing value; `:?` and `:+` do too (drone/envsubst). */
export function hasDefault(operator: string | undefined): boolean {
  return operator !== undefined && /^:?[-=?+]$/.test(operator);
}

type Part = string | Expression;

interface Expression {
  readonly start: number;
  end: number;
  readonly depth: number;
  name: string;
  operator: string;
  readonly parts: Part[];
  readonly written: string[];
  failed: boolean;
  needsNewer: boolean;
}

interface Scanner {
  readonly text: string;
  at: number;
  readonly found: Expression[];
  readonly escapes: { start: number; end: number; name: string }[];
}

/** How deep expressions may be nested; deeper ones count as refused. */
const maxDepth = 500;
/** A broken expression is shown up to its brace, if that is near. */
const nearBrace = 200;
const identifier = /[\p{L}\p{Nd}_]+/uy;
const opening = '${';
/** What text may end at, or has an escape of; within an expression also what ends an argument. */
const signsOfText = /[\0$\\]/g;
const signsOfArgument = /[\0$\\:/}]/g;

/** Every `${…}` of a text, including nested ones, in the order in which they begin. Takes linear time; never throws. */
export function findSubstitutions(text: string): FoundSubstitution[] {
  if (!text.includes(opening)) return [];
  const scanner: Scanner = { text, at: 0, found: [], escapes: [] };
  // After an error, which is never before its `${`, the runner stops; here the rest is read as well.
  while (parseAll(scanner, undefined) === 'failed');
  const found: FoundSubstitution[] = [
    ...scanner.found.map((expression) => describe(text, expression)),
    ...scanner.escapes.map(({ start, end, name }) => ({
      start,
      end,
      expression: text.slice(start, end),
      name,
      escaped: true,
      depth: 0,
    })),
  ];
  return found.sort((a, b) => a.start - b.start);
}

/** The text as the runner sees it, or why it refuses the file. Unknown variables are empty. Never throws. */
export function substitute(
  text: string,
  environment: ReadonlyMap<string, string> | Readonly<Record<string, string>>,
  release: SubstitutionRelease = '1.0.2',
): { readonly text: string } | { readonly error: string } {
  const values = environment instanceof Map ? environment : new Map(Object.entries(environment));
  const scanner: Scanner = { text, at: 0, found: [], escapes: [] };
  const parts: Part[] = [];
  if (parseAll(scanner, parts) === 'failed') return { error: 'bad substitution' };
  if (release === '1.0.2' && scanner.found.some(({ needsNewer }) => needsNewer)) return { error: 'bad substitution' };
  const evaluate = (part: Part): string | undefined => {
    if (typeof part === 'string') return part;
    const written: string[] = [];
    for (const inner of part.parts) {
      const value = evaluate(inner);
      if (value === undefined) return undefined;
      written.push(value);
    }
    const value = values.get(part.name) ?? '';
    return applyOperator(value.includes('\n') ? quoted(value) : value, part.operator, written, release);
  };
  const result: string[] = [];
  for (const part of parts) {
    const value = evaluate(part);
    if (value === undefined) return { error: 'runtime error: slice bounds out of range' };
    result.push(value);
  }
  return { text: result.join('') };
}

/** A text as Go's `%q` prints it, which the runner uses for values with several lines (runner.go:181). */
function quoted(text: string): string {
  let result = '"';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const short = shortEscapes.get(character);
    if (short !== undefined) result += short;
    else if (/[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(character)) result += character;
    else if (code < 0x80) result += `\\x${code.toString(16).padStart(2, '0')}`;
    else if (code < 0x10000) result += `\\u${code.toString(16).padStart(4, '0')}`;
    else result += `\\U${code.toString(16).padStart(8, '0')}`;
  }
  return `${result}"`;
}

const shortEscapes: ReadonlyMap<string, string> = new Map([
  ['\u0007', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
  ['\\', '\\\\'],
  ['"', '\\"'],
]);

function describe(text: string, expression: Expression): FoundSubstitution {
  const { start, name, operator, depth, failed, needsNewer, written } = expression;
  const end = failed ? shownEnd(text, expression) : expression.end;
  return {
    start,
    end,
    expression: text.slice(start, end),
    name,
    operator: operator === '' ? undefined : operator,
    arguments: written.length === 0 ? undefined : written,
    escaped: false,
    error: failed ? ('bad substitution' as const) : undefined,
    olderError: needsNewer && !failed ? ('bad substitution' as const) : undefined,
    depth,
  };
}

/** Where a broken expression seems to end: at its brace if that is on the line, or else where parsing failed. */
function shownEnd(text: string, { start, end }: Expression): number {
  const near = text.slice(start, start + nearBrace);
  const line = near.indexOf('\n') < 0 ? near : near.slice(0, near.indexOf('\n'));
  const brace = line.indexOf('}');
  if (brace >= 0) return start + brace + 1;
  return Math.max(start + opening.length, Math.min(end, start + line.trimEnd().length));
}

/** Parses text and expressions up to the end of the text, a NUL or an error; `parts` collects what they yield. */
function parseAll(scanner: Scanner, parts: Part[] | undefined): 'ended' | 'failed' {
  for (;;) {
    const { text } = scanner;
    if (isEnd(text, scanner.at)) return 'ended';
    if (text.startsWith(opening, scanner.at)) {
      const expression = parseExpression(scanner, 0);
      if (!expression) return 'failed';
      parts?.push(expression);
    } else {
      const plain = scanText(scanner, '', true);
      parts?.push(plain);
    }
  }
}

function isEnd(text: string, at: number): boolean {
  return at >= text.length || text.charCodeAt(at) === 0;
}

/**
 * Reads plain text up to `${`, a NUL, the end or one of the characters of `stops`. With `escapes`, `$$` stands for `$`,
 * and a backslash before a slash or backslash is dropped, even far from any expression (scan.go scanEscaped).
 */
function scanText(scanner: Scanner, stops: string, escapes: boolean): string {
  const { text } = scanner;
  const pieces: string[] = [];
  // What none of these characters is in, most of a file, is passed over at once.
  const signs = stops === '' ? signsOfText : signsOfArgument;
  let from = scanner.at;
  let at = from;
  for (; ; at++) {
    signs.lastIndex = at;
    at = signs.exec(text)?.index ?? text.length;
    if (isEnd(text, at)) break;
    const character = text[at] ?? '';
    if (character === '$' && text[at + 1] === '{') break;
    if (escapes && isEscape(text, at)) {
      pieces.push(text.slice(from, at));
      if (character === '$' && text[at + 2] === '{' && stops === '') scanner.escapes.push(escapedAt(text, at));
      from = at + 1;
      at++;
      continue;
    }
    if (stops.includes(character)) break;
  }
  pieces.push(text.slice(from, at));
  scanner.at = at;
  return pieces.join('');
}

function isEscape(text: string, at: number): boolean {
  const next = text[at + 1];
  return text[at] === '$' ? next === '$' : text[at] === '\\' && (next === '/' || next === '\\');
}

/** `$${NAME…}` up to its brace, if that is near. */
function escapedAt(text: string, start: number): { start: number; end: number; name: string } {
  const near = /^\$\$\{[^}\n]*\}?/.exec(text.slice(start, start + nearBrace))?.[0] ?? '$${';
  return { start, end: start + near.length, name: /^\$\$\{[#!]?([\p{L}\p{Nd}_]*)/u.exec(near)?.[1] ?? '' };
}

/** Parses the expression at a `${`; if it is refused, returns undefined and leaves the scanner at the error. */
function parseExpression(scanner: Scanner, depth: number): Expression | undefined {
  const expression: Expression = {
    start: scanner.at,
    end: scanner.at,
    depth,
    name: '',
    operator: '',
    parts: [],
    written: [],
    failed: false,
    needsNewer: false,
  };
  scanner.found.push(expression);
  scanner.at += opening.length;
  const isGood = depth < maxDepth && parseInside(scanner, expression);
  expression.end = scanner.at;
  expression.failed = !isGood;
  return isGood ? expression : undefined;
}

function parseInside(scanner: Scanner, expression: Expression): boolean {
  const { text } = scanner;
  if (text[scanner.at] === '#') {
    expression.operator = '#';
    scanner.at++;
    expression.name = scanName(scanner);
    return expression.name !== '' && close(scanner);
  }
  expression.name = scanName(scanner);
  if (expression.name === '') return false;
  switch (text[scanner.at]) {
    case ':':
      return '=-?+'.includes(text[scanner.at + 1] || ' ')
        ? parseDefault(scanner, expression, 2)
        : parseCut(scanner, expression);
    case '=':
      return parseDefault(scanner, expression, 1);
    case ',':
    case '^':
      takeOperator(scanner, expression, /[,^]{1,2}/y);
      return close(scanner);
    case '/':
      return parseReplacement(scanner, expression);
    case '#':
      takeOperator(scanner, expression, /#{1,2}/y);
      return parseArgument(scanner, expression, '}', false) && close(scanner);
    case '%':
      takeOperator(scanner, expression, /%{1,2}/y);
      return parseArgument(scanner, expression, '}', false) && close(scanner);
    default:
      return close(scanner);
  }
}

function scanName(scanner: Scanner): string {
  identifier.lastIndex = scanner.at;
  const name = identifier.exec(scanner.text)?.[0] ?? '';
  scanner.at += name.length;
  return name;
}

function takeOperator(scanner: Scanner, expression: Expression, operator: RegExp): void {
  operator.lastIndex = scanner.at;
  expression.operator = operator.exec(scanner.text)?.[0] ?? '';
  scanner.at += expression.operator.length;
}

function close(scanner: Scanner): boolean {
  if (scanner.text[scanner.at] !== '}') return false;
  scanner.at++;
  return true;
}

/** One argument: either another expression or text that is not empty (parse.go parseParam). */
function parseArgument(scanner: Scanner, expression: Expression, stops: string, escapes: boolean): boolean {
  const { text } = scanner;
  const start = scanner.at;
  if (isEnd(text, start)) return false;
  if (text.startsWith(opening, start)) {
    const inner = parseExpression(scanner, expression.depth + 1);
    if (!inner) return false;
    expression.parts.push(inner);
  } else {
    const plain = scanText(scanner, stops, escapes);
    if (scanner.at === start) return false;
    expression.parts.push(plain);
  }
  expression.written.push(text.slice(start, scanner.at));
  return true;
}

/** `${name=word}`, `${name:-word}` and the like. Release 1.0.2 requires exactly one argument. */
function parseDefault(scanner: Scanner, expression: Expression, length: number): boolean {
  expression.operator = scanner.text.slice(scanner.at, scanner.at + length);
  scanner.at += length;
  while (scanner.text[scanner.at] !== '}') if (!parseArgument(scanner, expression, '}', false)) return false;
  expression.needsNewer = expression.parts.length !== 1;
  return close(scanner);
}

/** `${name:position}` and `${name:position:length}`. */
function parseCut(scanner: Scanner, expression: Expression): boolean {
  // The scanner steps back by the width of the character after the colon (parse.go parseDefaultOrSubstr).
  if ((scanner.text.charCodeAt(scanner.at + 1) || 0) > 0x7f) return false;
  expression.operator = ':';
  scanner.at++;
  if (!parseArgument(scanner, expression, ':}', false)) return false;
  if (close(scanner)) return true;
  if (scanner.text[scanner.at] !== ':') return false;
  while (scanner.text[scanner.at] === ':') scanner.at++;
  return parseArgument(scanner, expression, '}', false) && close(scanner);
}

/** `${name/pattern/text}` and its variants; the pattern extends to the next slash, across braces and lines. */
function parseReplacement(scanner: Scanner, expression: Expression): boolean {
  takeOperator(scanner, expression, /\/[/#%]?/y);
  if (!parseArgument(scanner, expression, '/', true)) return false;
  if (scanner.text[scanner.at] !== '/') return false;
  while (scanner.text[scanner.at] === '/') scanner.at++;
  return close(scanner) || (parseArgument(scanner, expression, '}', true) && close(scanner));
}
