import { addTo } from '../model/groups.ts';
import type { Located, Location, Span } from '../model/source.ts';
import { isSecretKey, isSecretOption, optionName } from '../secrets/parts.ts';
import { isNothingToJudge } from '../secrets/placeholders.ts';
import { holdsText, standIn, within } from '../secrets/references.ts';
import { apart, credentialSpans, optionMatches, secretOf } from '../secrets/spans.ts';
import {
  everyCommand,
  parseShell,
  type ShellCommand,
  type ShellPiece,
  type ShellScript,
  type ShellWord,
} from '../shell/parse.ts';
import { placesWithin } from './env/settings.ts';

/*
 * Credentials that stand apart from what names them: in the next item of a list, on the next line of a command, in what
 * a command prints into a variable. They are only masked.
 */

/** The users that a reverse proxy lets in: `traefik.http.middlewares.a.basicauth.users`. */
const basicAuth = /basic-?_?auth/i;
/** Behind the name of such a user. */
const userPassword = /(?<=(?:^|,)\s{0,20}[^\s:,]{1,200}:)[^\s,]+/g;

/** The secret part of a header: without the scheme before it, `Bearer`. */
export function secretOfHeader(header: Located<string>): Location {
  return placesWithin(header)(schemeLength(header.value), header.value.length);
}

function schemeLength(value: string): number {
  return /^[A-Za-z]{3,16}\s+(?=\S)/.exec(value)?.[0].length ?? 0;
}

/** Labels that are secret by their key, and the passwords of users that reverse proxies let in. */
export function secretsInLabels(labels: ReadonlyMap<string, Located<string>>): Location[] {
  return [...labels].flatMap(([key, { value, at }]) => {
    if (isNothingToJudge(value)) return [];
    const { end } = at.span;
    // In a list, the place is that of `key=value`.
    const isLast = at.source.text.endsWith(value, end);
    const label = { value, at: isLast ? { ...at, span: { start: end - value.length, end } } : at };
    // Caddy has the name of the user in the key.
    if (isSecretKey(key) || /^caddy(?:_\d{1,4})?\b.*basic_?auth\.[^.]+$/i.test(key)) return [secretOfHeader(label)];
    const placeWithin = placesWithin(label);
    const users = basicAuth.test(key) ? [...value.matchAll(userPassword)] : [];
    return users.map(({ index, 0: password }) => placeWithin(index, index + password.length));
  });
}

/** Places of credentials among the words of a command: `--token TEXT`, `-u NAME:TEXT`, `sh -c 'TOKEN=$(echo TEXT)'`. */
export function secretsInWords(words: readonly Located<string>[]): Location[] {
  // A list of variables is no command.
  if (/^[A-Z_][A-Z0-9_]*=/.test(words[0]?.value ?? '')) return [];
  return placesIn(words, spansInWords(words.map(({ value }) => value)));
}

/** Places of credentials in the lines of a script, where a single line does not tell them. */
export function secretsInScript(lines: readonly Located<string>[]): Location[] {
  return placesIn(lines, spansInText(lines.map(({ value }) => value).join('\n'), 0));
}

function placesIn(texts: readonly Located<string>[], spans: readonly Span[]): Location[] {
  const parts = partsOf(
    texts.map(({ value }) => value),
    spans,
  );
  return texts.flatMap((text, index) => {
    const placeWithin = placesWithin(text);
    return (parts[index] ?? []).map(({ start, end }) => placeWithin(start, end));
  });
}

/** What spans of a text, to which these were joined by `gap` characters each, cover of each. */
function partsOf(texts: readonly string[], spans: readonly Span[], gap = 1): readonly (readonly Span[])[] {
  let start = 0;
  let next = 0;
  return texts.map((text) => {
    const end = start + text.length;
    const parts: Span[] = [];
    for (let span = spans[next]; span && span.start < end; span = spans[next]) {
      if (span.end > start)
        parts.push({ start: Math.max(span.start, start) - start, end: Math.min(span.end, end) - start });
      // It may go on in the next text.
      if (span.end > end) break;
      next++;
    }
    start = end + gap;
    return parts;
  });
}

/** How deep a script may stand in a word of another. */
const maxScriptDepth = 3;

/** The spans of the words, joined by blanks. */
function spansInWords(words: readonly string[], depth = 0): readonly Span[] {
  const options = optionMatches(words.join(' ').slice(0, maxScriptLength));
  const spans = [...options].map(({ match }) => secretOf(match));
  const startsContainer = words.slice(0, 3).some((word) => /(?:docker|podman|nerdctl)$/.test(word));
  let start = 0;
  for (const [index, word] of words.entries()) {
    const add = (from: number, to = word.length): void => {
      if (from < to && !isNothingToJudge(word.slice(from, to))) spans.push({ start: start + from, end: start + to });
    };
    const before = words[index - 1] ?? '';
    if (!word.startsWith('-') && isSecretOption(before)) add(0);
    if (/^(?:-u|--user)$/.test(before) && !startsContainer && word.includes(':')) add(word.indexOf(':') + 1);
    const [header, name = ''] = /^(?:--header=)?([A-Za-z][\w-]{1,60}):\s{1,4}/.exec(word) ?? [];
    if (header !== undefined && isSecretKey(name)) add(header.length + schemeLength(word.slice(header.length)));
    for (const span of spansInText(word, depth + 1)) spans.push({ start: start + span.start, end: start + span.end });
    start += word.length + 1;
  }
  return apart(spans);
}

/** Longer texts are not taken apart as scripts. */
const maxScriptLength = 100_000;

function spansInText(text: string, depth: number): readonly Span[] {
  if (
    depth > maxScriptDepth ||
    text.length > maxScriptLength ||
    !/\$\(|`|<<|\\\n|\s-H|--header|\bset\s--|\bprintf\s-v|\bfor\s/.test(text)
  )
    return [];
  // Compose writes `$$` for a dollar sign.
  return secretsOfScript(parseShell(text.replaceAll('$$', '_$')), depth);
}

/**
 * Where a script writes out secrets: words of its commands, and what they print into a secret: `TOKEN=$(echo text)`,
 * `--token "$(cat <<EOF …)"`, `read -r TOKEN <<< text`, `echo text | docker secret create …`. What is filled in where a
 * secret belongs is followed to where it is written, in whatever order: `start text` before or behind `start() { … "$1" }`.
 */
export function secretsOfScript(script: ShellScript, depth = 0): readonly Span[] {
  const found: Span[] = [];
  const take = (spans: readonly Span[] = []): void => {
    for (const span of spans) found.push(span);
  };
  const commands = everyCommand(script);
  const given = givenIn(script, commands);
  const followed = new Set<string>();
  const follow = (pieces: readonly ShellPiece[]): void => {
    for (const piece of pieces) {
      if (piece.kind === 'text' && holdsText(piece.text)) take(literalIn([piece]));
      const name = piece.kind === 'variable' || piece.kind === 'other' ? piece.name : undefined;
      if (name !== undefined && !followed.has(name)) {
        followed.add(name);
        for (const each of given.get(name) ?? []) follow(each);
      }
      const operand = operandOf(piece);
      if (operand) follow(operand.pieces);
      if (piece.kind === 'substitution' && piece.script)
        for (const command of everyCommand(piece.script)) for (const each of printedBy(command)) follow(each);
    }
  };
  const look = (pieces: readonly ShellPiece[], named?: string): void => {
    let before = '';
    for (const piece of pieces) {
      if (piece.kind === 'text') before = (before + piece.text).slice(-200);
      else {
        const names = [named ?? '', nameBefore(before)];
        if (names.some((name) => isSecretKey(name) || basicAuth.test(name))) follow([piece]);
      }
    }
  };
  let piped: readonly Span[] = [];
  for (const command of commands) {
    const { assignments, words, hereDocs, operator, redirections } = command;
    for (const { name, value, elements = [] } of assignments) {
      if (value) look(value.pieces, name);
      if (isSecretKey(name)) for (const { pieces } of elements) take(literalIn(pieces));
    }
    const texts = words.map(({ text = '' }) => text);
    take(spansOfWords(command, texts, depth));
    follow(filledIn(command));
    for (const [index, { pieces }] of words.entries()) look(pieces, optionName(texts[index - 1] ?? ''));
    for (const { pieces } of hereDocs) look(pieces);
    const prints = printedBy(command).flatMap(literalIn);
    const start = texts.slice(0, 3).join(' ');
    const files = [...redirections, ...hereDocs].flatMap((to) =>
      'operator' in to && to.operator.startsWith('<') ? [] : (to.target?.text ?? []),
    );
    const isRead = /^(?:read|printf -v)\b/.test(start) && texts.slice(1).some(isSecretKey);
    if (isRead || files.some(isSecretFile)) take(prints);
    if (/^(?:docker|podman) secret create$/.test(start)) take([...piped, ...prints]);
    piped = /^\|&?$/.test(operator) ? prints : [];
  }
  return apart(found);
}

/** What a command fills in where a text would be secret: `-e SOURCE=postgres://drone:$PG@db`. */
function filledIn({ assignments, words }: ShellCommand): readonly ShellPiece[] {
  const places: { readonly piece: ShellPiece; readonly span: Span }[] = [];
  let text = '';
  const put = (pieces: readonly ShellPiece[]): void => {
    for (const piece of pieces) {
      const shown = piece.kind === 'text' ? piece.text : standIn;
      if (piece.kind !== 'text') places.push({ piece, span: { start: text.length, end: text.length + shown.length } });
      text += shown;
    }
    text += ' ';
  };
  for (const { name, value } of assignments) {
    text += `${name}=`;
    put(value?.pieces ?? []);
  }
  for (const { pieces } of words) put(pieces);
  return places.length === 0 ? [] : within(places, credentialSpans(text)).map(({ piece }) => piece);
}

/** What a script gives to its variables, by their names; the arguments of functions and of `set` are `1`, `2` and so on. */
function givenIn(
  script: ShellScript,
  commands: readonly ShellCommand[],
): ReadonlyMap<string, readonly (readonly ShellPiece[])[]> {
  const given = new Map<string, (readonly ShellPiece[])[]>();
  const give = (name: string, values: readonly (readonly ShellPiece[])[]): void => {
    for (const value of values) addTo(given, name, value);
  };
  const giveArguments = (words: readonly ShellWord[]): void => {
    for (const [index, { pieces }] of words.entries())
      for (const name of [`${index + 1}`, '@', '*']) give(name, [pieces]);
  };
  for (const { name, words } of script.loops)
    give(
      name,
      words.map(({ pieces }) => pieces),
    );
  let piped: readonly (readonly ShellPiece[])[] = [];
  for (const command of commands) {
    const { assignments, words } = command;
    for (const { name, value, elements = [] } of assignments)
      give(
        name,
        (value ? [value] : elements).map(({ pieces }) => pieces),
      );
    for (const { pieces } of words)
      for (const piece of pieces)
        if (piece.kind === 'variable' && piece.word && piece.operator?.endsWith('='))
          give(piece.name, [piece.word.pieces]);
    const [first = '', second = ''] = words.slice(0, 2).map(({ text }) => text);
    if (script.functions.has(first)) giveArguments(words.slice(1));
    else if (first === 'set' && !/^[-+]./.test(second.replace('--', '')))
      giveArguments(words.slice(second === '--' ? 2 : 1));
    else if (first === 'read')
      for (const { text = '' } of words.slice(1)) give(text, [...piped, ...printedBy(command)]);
    else if (first === 'printf' && second === '-v') give(words[2]?.text ?? '', printedBy(command));
    piped = /^\|&?$/.test(command.operator) ? printedBy(command) : [];
  }
  return given;
}

/** The secret words of a command in its script; of an escape in them, the whole. */
function spansOfWords({ words }: ShellCommand, texts: readonly string[], depth: number): readonly Span[] {
  const inWords = partsOf(texts, spansInWords(texts, depth));
  return words.flatMap(({ pieces }, index) => {
    const literal = pieces.flatMap((piece) => (piece.kind === 'text' ? [piece] : []));
    const inPieces = partsOf(
      literal.map(({ text }) => text),
      inWords[index] ?? [],
      0,
    );
    return literal.flatMap(({ text, span }, at) =>
      (inPieces[at] ?? []).map(({ start, end }) =>
        span.end - span.start === text.length ? { start: span.start + start, end: span.start + end } : span,
      ),
    );
  });
}

/** `TOKEN=`, `--token=`, `Authorization: Bearer `: the name of what is filled in behind this, in the same line. */
function nameBefore(text: string): string {
  const line = text.slice(text.lastIndexOf('\n') + 1);
  const sign = Math.max(line.lastIndexOf('='), line.lastIndexOf(': '));
  return /(?<![\w.])[A-Za-z_][\w.-]*$/.exec(line.slice(Math.max(0, sign - 80), Math.max(0, sign)))?.[0] ?? '';
}

/** A file that holds one secret: `/run/secrets/rpc`, `rpc_secret.txt`. */
function isSecretFile(path: string): boolean {
  return /\/secrets\//.test(path) || isSecretKey((path.split('/').at(-1) ?? '').replace(/\.[a-z]{1,8}$/, ''));
}

/** The word that stands in for a variable; a literal fallback is one of the variable's. */
function operandOf(piece: ShellPiece): ShellWord | undefined {
  if (piece.kind === 'variable') return piece.fallback || piece.operator?.endsWith('?') ? undefined : piece.word;
  return piece.kind === 'other' && piece.of?.kind === 'alternative' ? piece.of.word : undefined;
}

/** What a command prints as it is written: the words of echo and printf, here-documents and here-strings. */
function printedBy({ words, hereDocs, redirections }: ShellCommand): readonly (readonly ShellPiece[])[] {
  const isPrinter = /^(?:echo|printf)$/.test(words[0]?.text ?? '');
  const given = words.slice(1).filter(({ text = '' }) => isPrinter && !sayNothing.test(text));
  const strings = redirections.flatMap(({ operator, target }) => (operator === '<<<' && target ? [target] : []));
  return [...given, ...strings, ...hereDocs].map(({ pieces }) => pieces);
}

/** Options of echo and printf, and formats without a text of their own. */
const sayNothing = /^(?:-[neEv]{1,3}|(?:%[sbq]|\\n|[\s:])+)$/;

function literalIn(pieces: readonly ShellPiece[]): readonly Span[] {
  return pieces.flatMap((piece) => (piece.kind === 'text' && piece.text !== '' ? [piece.span] : []));
}
