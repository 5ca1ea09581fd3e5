import { isSecretName } from '../../facts/settings.ts';
import { emptyReading, type Lookup, type Reading } from '../../model/reading.ts';
import { type Located, type Location, nameInPath, positionOf, type Source, type Span } from '../../model/source.ts';
import { say, type Text } from '../../model/text.ts';
import { continuedSecrets } from '../../secrets/assignments.ts';
import {
  type Argument,
  after,
  literalPrefix,
  locate,
  type Part,
  type Place,
  placeOf,
  shownOf,
  split,
  splitIntoWords,
  textOf,
  wordAt,
} from '../docker/argument.ts';
import { limitReached, readRun, resolveWith, secretArguments, startOfRun } from '../docker/command.ts';
import { type DroneProcess, droneProcess, programOf } from '../docker/process.ts';
import { readInnerScript, type ScriptSetting } from '../docker/script.ts';
import { cEscapes } from '../env/c-escapes.ts';
import { linesOf } from '../env/findings.ts';
import { emptyGathered, type Gathered, loadEnvFile, tooManyVariables, withinBudget } from '../env/referenced.ts';
import { type RawVariable, readSettings } from '../env/settings.ts';
import { secretsInWords } from '../secret-words.ts';

/** Whether a text is a systemd service, or a drop-in for one, that concerns Drone. */
export function looksLikeSystemd(text: string): boolean {
  // A script that writes a unit begins differently.
  if (!/^\uFEFF?(?:[ \t\r]*(?:[#;][^\n]*)?\n)*[ \t]*\[[A-Za-z][\w-]*\]/.test(text)) return false;
  return (
    /^[ \t]*\[Service\]/m.test(text) &&
    /^[ \t]*(?:Exec\w{1,20}|(?:Pass)?Environment|EnvironmentFile|User)[ \t]*=/m.test(text) &&
    /drone/i.test(text)
  );
}

/** A setting whose value a template engine writes. In commands, braces are often arguments for docker. */
const lineOfValues = /^[ \t]*(?:Environment|EnvironmentFile|PassEnvironment|User|Group)[ \t]*=.*$/gm;
const lineOfTags = /^[ \t]*(?:\{%|<%)/m;
const expression = /\{\{[^{}\n]{0,200}\}\}|\{%[^%\n]{0,200}%\}/;

/** Where a text has what a template engine fills in or decides; undefined if it is no template. */
function markOfTemplate(text: string): number | undefined {
  for (const { 0: line, index } of text.matchAll(lineOfValues)) if (expression.test(line)) return index;
  const tags = text.search(lineOfTags);
  return tags < 0 ? undefined : tags;
}

/**
 * Reads a service unit or a drop-in: the settings of the Drone program that it starts, or the container. A drop-in is
 * read on top of its unit, if that can be found.
 */
export function readSystemd(source: Source, lookup: Lookup): Reading {
  const gathered = emptyGathered();
  const dropIn = /(?:^|\/)([^/]+\.service)\.d\/[^/]+$/.exec(source.name)?.[1];
  const gaps: Text[] = [];
  const texts = [source];
  if (dropIn !== undefined) {
    const unit = lookup(source, `../${dropIn}`, 'systemd');
    if ('text' in unit) {
      texts.unshift(unit);
      gathered.consumed.push(unit);
    } else gaps.push(say`the unit "${dropIn}" that this belongs to was not read`);
  }
  const mark = markOfTemplate(source.text);
  if (mark !== undefined) {
    const { line } = positionOf(source, mark);
    const message = say`the unit is a template; render it first`;
    gathered.problems.push({ kind: 'unsupported', source: source.name, line, message, incomplete: true });
  }
  const name = dropIn ?? source.name.slice(source.name.lastIndexOf('/') + 1);
  readUnit({ name, owner: source, lookup, gaps }, texts, gathered);
  return { ...emptyReading, ...gathered };
}

/** `KEY=value`, without the comments and line ends between its parts. */
interface Entry {
  readonly key: string;
  /** Name of the unit. */
  readonly unit: string;
  readonly source: Source;
  readonly keySpan: Span;
  readonly text: string;
  /** Where the pieces of the text come from: the index in the text, and the offset in the source. */
  readonly pieces: readonly { readonly index: number; readonly start: number }[];
}

/** The entries of `[Service]` in order, and the place of its heading. */
function serviceEntries(source: Source, unit: string): { entries: Entry[]; heading?: Span } {
  const entries: Entry[] = [];
  let heading: Span | undefined;
  let inService = false;
  let open:
    | { key: string; keySpan: Span; text: string[]; length: number; pieces: { index: number; start: number }[] }
    | undefined;
  const close = (): void => {
    if (open && inService) entries.push({ ...open, unit, source, text: open.text.join('') });
    open = undefined;
  };
  const add = (start: number, end: number): void => {
    if (!open) return;
    open.pieces.push({ index: open.length, start });
    open.text.push(source.text.slice(start, end));
    open.length += end - start;
  };
  for (const { text: line, start, end } of linesOf(source.text)) {
    if (/^[ \t]*[#;]/.test(line)) continue;
    const continued = line.endsWith('\\');
    const stop = continued ? end - 1 : end;
    if (open) add(start, stop);
    else {
      const section = /^[ \t]*\[([^\]\n]*)\]/.exec(line);
      const assignment = /^([ \t]*)([A-Za-z][\w-]*)[ \t]*=[ \t]*/.exec(line);
      if (section) {
        inService = section[1] === 'Service';
        const at = start + line.indexOf('[');
        if (inService) heading ??= { start: at, end: at + 'Service'.length + 2 };
      } else if (assignment) {
        const [whole, indent = '', key = ''] = assignment;
        const keyStart = start + indent.length;
        open = { key, keySpan: { start: keyStart, end: keyStart + key.length }, text: [], length: 0, pieces: [] };
        add(Math.min(start + whole.length, stop), stop);
      }
    }
    if (!continued) close();
    else if (open) {
      // A backslash at the end of a line becomes a blank (man systemd.syntax).
      open.pieces.push({ index: open.length, start: stop });
      open.text.push(' ');
      open.length++;
    }
  }
  close();
  return { entries, heading };
}

/** Turns indexes of an entry's text, which must not decrease between calls, into places. */
function placesOf(entry: Entry): (from: number, to: number) => Place {
  let at = 0;
  return (from, to) => {
    while ((entry.pieces[at + 1]?.index ?? Number.POSITIVE_INFINITY) <= from) at++;
    const piece = entry.pieces[at] ?? { index: 0, start: entry.keySpan.end };
    const start = piece.start + from - piece.index;
    return { source: entry.source, span: { start, end: start + to - from } };
  };
}

/** The words of a value; undefined if a quote is not closed (systemd src/basic/extract-word.c). */
function wordsOf(entry: Entry): Argument[] | undefined {
  const { text } = entry;
  const place = placesOf(entry);
  const borders = new Set(entry.pieces.map(({ index }) => index));
  const words: Argument[] = [];
  let at = 0;
  while (at < text.length) {
    if (isBlank(text[at])) {
      at++;
      continue;
    }
    const parts: Part[] = [];
    let quote = '';
    let run = at;
    const flush = (): void => {
      if (at > run) parts.push(literal(text.slice(run, at), place(run, at)));
    };
    for (; at < text.length; at++) {
      const character = text[at] ?? '';
      if (borders.has(at) && at > run) {
        flush();
        run = at;
      }
      const mark = templateMarkAt(text, at);
      if (mark > 0) {
        flush();
        const here = place(at, at + mark);
        parts.push({ at: here, here, origin: 'unresolved' });
        at += mark - 1;
        run = at + 1;
        continue;
      }
      if (character === '\\' && at + 1 < text.length) {
        flush();
        const { length, value } = unescaped(text, at);
        parts.push(literal(value, place(at, at + length)));
        at += length - 1;
        run = at + 1;
      } else if (quote ? character === quote : character === '"' || character === "'") {
        flush();
        quote = quote ? '' : character;
        run = at + 1;
      } else if (!quote && isBlank(character)) break;
    }
    if (quote) return undefined;
    flush();
    if (parts.length === 0) parts.push(literal('', place(at, at)));
    const here = placeOf(parts, place(at, at));
    words.push({ parts: parts.flatMap((part) => specifiersIn(part, entry.unit)), here, splits: false });
  }
  return words;
}

/** The length of the `{{ ... }}` or `{% ... %}` that begins here, whose text only its renderer knows; 0 if none does. */
function templateMarkAt(text: string, at: number): number {
  const close = text.startsWith('{{', at) ? '}}' : text.startsWith('{%', at) ? '%}' : undefined;
  if (close === undefined) return 0;
  const end = text.slice(at, at + maxMarkLength).indexOf(close, 2);
  return end < 0 ? 0 : end + close.length;
}

/** How long an expression of a template may be; a search for longer ones would be repeated at every brace. */
const maxMarkLength = 500;

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t' || character === '\n' || character === '\r';
}

function literal(text: string, here: Place): Part {
  return { text, at: here, here, origin: 'literal' };
}

const escapes: Readonly<Record<string, string>> = {
  ...cEscapes,
  s: ' ',
  "'": "'",
};

/** An escape (systemd src/basic/escape.c cunescape_one); if it is not one, it stays as it is. */
function unescaped(text: string, at: number): { length: number; value: string } {
  const simple = escapes[text[at + 1] ?? ''];
  if (simple !== undefined) return { length: 2, value: simple };
  const coded = /^\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|([0-3][0-7]{2}))/.exec(text.slice(at, at + 6));
  if (!coded) return { length: 2, value: text.slice(at, at + 2) };
  const [whole, hex, unicode, octal] = coded;
  return {
    length: whole.length,
    value: String.fromCharCode(octal ? parseInt(octal, 8) : parseInt(hex ?? unicode ?? '0', 16)),
  };
}

/** `%n` is the name of the unit, `%%` a percent sign; the others are known only to systemd (man systemd.unit). */
function specifiersIn(part: Part, unit: string): readonly Part[] {
  const stem = unit.replace(/\.service$/, '');
  const names: Readonly<Record<string, string>> = unit.includes('@') ? {} : { '%n': unit, '%N': stem, '%p': stem };
  return cutAt(part, /%(?:%|[A-Za-z])/g, (mark, here) => {
    const text = mark === '%%' ? '%' : names[mark];
    return text === undefined ? { at: here, here, origin: 'unresolved' } : literal(text, here);
  });
}

/** Replaces matches in a part that the source contains unchanged. */
function cutAt(part: Part, pattern: RegExp, replace: (match: string, here: Place) => Part): readonly Part[] {
  const { text, here } = part;
  if (text === undefined || part.origin !== 'literal' || here.span.end - here.span.start !== text.length) return [part];
  const found: Part[] = [];
  let from = 0;
  const place = (start: number, end: number): Place => ({
    source: here.source,
    span: { start: here.span.start + start, end: here.span.start + end },
  });
  for (const match of text.matchAll(pattern)) {
    const end = match.index + match[0].length;
    if (match.index > from) found.push(literal(text.slice(from, match.index), place(from, match.index)));
    found.push(replace(match[0], place(match.index, end)));
    from = end;
  }
  if (from < text.length || found.length === 0) found.push(literal(text.slice(from), place(from, text.length)));
  return found;
}

interface Unit {
  /** `drone-server.service` */
  readonly name: string;
  /** The file that owns what is found. */
  readonly owner: Source;
  readonly lookup: Lookup;
  readonly gaps: readonly Text[];
}

/** The combined entries of a unit and its drop-ins. */
interface Service {
  readonly passed: Map<string, RawVariable>;
  readonly environment: Map<string, RawVariable>;
  files: { readonly parts: readonly Part[]; readonly at: Place }[];
  unset: string[];
  start: Entry[];
  startPre: Entry[];
  user?: Located<string>;
  dynamicUser?: Located<boolean>;
}

function readUnit(unit: Unit, texts: readonly Source[], gathered: Gathered): void {
  const service: Service = { passed: new Map(), environment: new Map(), files: [], unset: [], start: [], startPre: [] };
  let heading: Place | undefined;
  for (const text of texts) {
    const read = serviceEntries(text, unit.name);
    if (read.heading) heading ??= { source: text, span: read.heading };
    for (const secret of continuedSecrets(text)) gathered.secrets.push(secret);
    for (const entry of read.entries) {
      apply(service, entry, gathered);
      for (const secret of secretsOf(entry)) gathered.secrets.push(secret);
    }
  }
  const at = locate(heading ?? { source: unit.owner, span: { start: 0, end: 0 } }, 'service');
  const gaps = [...unit.gaps];
  const raw = rawEnvironment(service, unit, gathered, gaps);
  for (const secret of readSettings({ owner: '', label: say``, at, raw, gaps, live: false }).secrets)
    gathered.secrets.push(secret);
  const environment = new Map(raw.map((variable) => [variable.name.value, variable]));

  const owners = new Map<string, number>();
  const before = gathered.containers.length + gathered.settings.length;
  let script: string | undefined;
  for (const entry of [...service.startPre, ...service.start]) {
    for (const args of commandsOf(entry, environment, gathered)) {
      for (const secret of secretArguments(args, 'service')) gathered.secrets.push(secret);
      if (limitReached(gathered, at)) return;
      const { program, given } = programOf(args);
      const start = startOfRun(args, program);
      if (start !== undefined) {
        const variable = (name: string) => {
          const found = environment.get(name);
          return found?.value && found.origin !== 'unresolved' ? found : undefined;
        };
        readRun(args, program, start, { source: unit.owner, lookup: unit.lookup, variable, owners }, gathered);
        continue;
      }
      if (readShell(args, program, entry, unit, { environment, gaps, owners, gathered })) continue;
      const process = entry.key === 'ExecStart' ? droneProcess(args, program) : undefined;
      if (process) pushSettings(unit, service, process, [...raw, ...rawGiven(given)], gaps, at, gathered);
      else if (entry.key === 'ExecStart') script = shownOf(args[program]?.parts ?? []);
    }
  }
  if (gathered.containers.length + gathered.settings.length > before) return;
  if (![...environment.keys()].some((name) => /^(?:CLIENT_)?DRONE_/.test(name))) return;
  const reason = script === undefined ? [] : [say`what \"${script}\" sets was not read`];
  pushSettings(unit, service, undefined, raw, [...gaps, ...reason], at, gathered);
}

/** Words that belong to the secret before them, although a blank ends it: `Environment=DRONE_RPC_SECRET=one two`. */
function restsOfValues(entry: Entry): readonly Location[] {
  const found: Location[] = [];
  let isSecret = false;
  for (const { parts, here } of wordsOf(entry) ?? []) {
    const [name = '', ...values] = shownOf(parts).split('=');
    if (values.length > 0 || !isSecret) isSecret = isSecretName(name) === 'yes';
    else found.push(locate(placeOf(parts, here), `service.${entry.key}`));
  }
  return found;
}

/** What a command of the unit is given, whenever it runs, and the text of a credential. */
function secretsOf(entry: Entry): readonly Location[] {
  const { key, text, pieces, source } = entry;
  if (key.startsWith('Exec'))
    return secretsInWords(
      (wordsOf(entry) ?? []).map(({ parts, here }) => ({
        value: shownOf(parts),
        at: locate(placeOf(parts, here), `service.${key}`),
      })),
    );
  if (key === 'Environment') return restsOfValues(entry);
  const colon = text.indexOf(':') + 1;
  const last = pieces.at(-1);
  if (!/^SetCredential(?:Encrypted)?$/.test(key) || colon === 0 || !last) return [];
  const { start } = placesOf(entry)(colon, colon).span;
  return [{ source, path: `service.${key}`, span: { start, end: last.start + text.length - last.index } }];
}

function apply(service: Service, entry: Entry, gathered: Gathered): void {
  const empty = entry.text.trim() === '';
  switch (entry.key) {
    case 'Environment':
    case 'PassEnvironment':
    case 'UnsetEnvironment': {
      if (empty) {
        if (entry.key === 'Environment') service.environment.clear();
        else if (entry.key === 'PassEnvironment') service.passed.clear();
        else service.unset = [];
        return;
      }
      const words = wordsOf(entry);
      if (!words) complain(entry, say`a quote is not closed; systemd ignores the line`, gathered);
      for (const word of words ?? []) applyVariable(service, entry, word, gathered);
      return;
    }
    case 'EnvironmentFile': {
      if (empty) service.files = [];
      const start = entry.text.search(/\S/);
      const end = entry.text.trimEnd().length;
      // The whole value is one path (systemd src/core/load-fragment.c config_parse_unit_env_file).
      const here = placesOf(entry)(start, end);
      if (!empty)
        service.files.push({ parts: specifiersIn(literal(entry.text.slice(start, end), here), entry.unit), at: here });
      return;
    }
    case 'ExecStart':
    case 'ExecStartPre': {
      const key = entry.key === 'ExecStart' ? 'start' : 'startPre';
      if (empty) service[key] = [];
      else service[key].push(entry);
      return;
    }
    case 'User':
    case 'DynamicUser': {
      const value = entry.text.trimEnd();
      const at = locate(placesOf(entry)(0, value.length), `service.${entry.key}`);
      if (entry.key === 'User') service.user = empty ? undefined : { value, at };
      else service.dynamicUser = { value: /^(?:1|yes|y|true|t|on)$/i.test(value), at };
    }
  }
}

function complain(entry: Entry, message: Text, gathered: Gathered): void {
  gathered.problems.push({
    kind: 'malformed',
    source: entry.source.name,
    message: say`"${entry.key}": ${message}`,
    line: positionOf(entry.source, entry.keySpan.start).line,
    incomplete: false,
  });
}

function applyVariable(service: Service, entry: Entry, word: Argument, gathered: Gathered): void {
  const [key = [], rest] = split(word.parts, '=', 2);
  const name = textOf(key);
  if (name === undefined || !/^[A-Za-z_]\w*$/.test(name)) {
    complain(entry, say`a word is not a variable; systemd ignores it`, gathered);
    return;
  }
  if (entry.key === 'UnsetEnvironment') {
    service.unset.push(name);
    return;
  }
  const path = `service.${entry.key}[${nameInPath(name)}]`;
  const named = { value: name, at: locate(placeOf(key, word.here), path) };
  if (entry.key === 'PassEnvironment') {
    service.passed.set(name, { name: named, origin: 'unresolved', heldBy: 'deployment' });
    return;
  }
  if (!rest) {
    // Not even the name is quoted: it may be the rest of a value with a missing quote.
    complain(entry, say`a word has no "="; systemd ignores it`, gathered);
    return;
  }
  service.environment.set(name, { name: named, heldBy: 'deployment', ...resolveWith(rest, path, word.here) });
}

/** In order of precedence, the last winning: passed on, written in the unit, from files (man systemd.exec). */
function rawEnvironment(service: Service, unit: Unit, gathered: Gathered, gaps: Text[]): RawVariable[] {
  const raw = [...service.passed.values(), ...service.environment.values()];
  for (const { parts, at } of service.files) {
    const text = textOf(parts);
    const path = text?.replace(/^-/, '');
    const usedAt = locate(at, 'service.EnvironmentFile');
    const read =
      path === undefined || /[*?[]/.test(path)
        ? { gap: say`EnvironmentFile "${shownOf(parts)}" is not known` }
        : loadEnvFile(
            { from: at.source, lookup: unit.lookup, path, named: 'EnvironmentFile', usedAt, dialect: 'systemd' },
            gathered,
          );
    if ('gap' in read) {
      gaps.push(read.gap);
      gathered.unknown.push({ at: usedAt, message: read.gap });
    } else for (const variable of read.raw) raw.push(variable);
  }
  const unset = new Set(service.unset);
  return raw.filter(({ name }) => !unset.has(name.value));
}

/** The commands of an entry with the unit's variables filled in (man systemd.service, "Command lines"). */
function commandsOf(entry: Entry, environment: ReadonlyMap<string, RawVariable>, gathered: Gathered): Argument[][] {
  const words = wordsOf(entry);
  if (!words) {
    complain(entry, say`a quote is not closed; systemd refuses the line`, gathered);
    return [];
  }
  const commands: Argument[][] = [[]];
  for (const word of words) {
    if (textOf(word.parts) === ';') commands.push([]);
    else commands.at(-1)?.push(word);
  }
  return commands.filter((command) => command.length > 0).map((command) => withVariables(command, environment));
}

function withVariables(words: readonly Argument[], environment: ReadonlyMap<string, RawVariable>): Argument[] {
  const [first, ...rest] = words;
  if (!first) return [];
  const prefix = /^[@\-:+!|]*/.exec(literalPrefix(first.parts))?.[0] ?? '';
  const program = prefix === '' ? first : { ...first, parts: after(first.parts, prefix.length) };
  const args = prefix.includes('@') ? rest.slice(1) : rest;
  if (prefix.includes(':')) return [program, ...args];
  return [program, ...args.flatMap((word) => expand(word, environment))];
}

/** `${NAME}` is filled in anywhere; `$NAME` as a word of its own becomes as many arguments as its value has words. */
function expand(word: Argument, environment: ReadonlyMap<string, RawVariable>): readonly Argument[] {
  const whole = /^\$([A-Za-z_]\w*)$/.exec(textOf(word.parts) ?? '')?.[1];
  if (whole !== undefined) {
    const part = partOfVariable(whole, word.here, environment);
    if (part.text === undefined) return [{ ...word, parts: [part], splits: true }];
    return splitIntoWords([part], word.here);
  }
  const parts = word.parts.flatMap((part) =>
    cutAt(part, /\$(?:\$|\{[A-Za-z_]\w*\})/g, (mark, here) =>
      mark === '$$' ? literal('$', here) : partOfVariable(mark.slice(2, -1), here, environment),
    ),
  );
  return [{ ...word, parts }];
}

function partOfVariable(name: string, here: Place, environment: ReadonlyMap<string, RawVariable>): Part {
  const raw = environment.get(name);
  if (!raw?.value || raw.origin === 'unresolved') return { at: here, here, origin: 'unresolved' };
  return { text: raw.value.value, at: raw.value.at, here, origin: 'interpolated' };
}

/** `/usr/bin/env NAME=value program` */
function rawGiven(given: readonly Argument[]): RawVariable[] {
  return given.flatMap(({ parts, here }) => {
    const [key = [], value = []] = split(parts, '=', 2);
    const name = textOf(key);
    if (name === undefined) return [];
    const path = `service.ExecStart[${nameInPath(name)}]`;
    const named = { value: name, at: locate(placeOf(key, here), path) };
    return [{ name: named, heldBy: 'deployment' as const, ...resolveWith(value, path, here) }];
  });
}

/** `/bin/sh -c 'docker run ...'`; returns whether the command was one. */
function readShell(
  args: readonly Argument[],
  program: number,
  entry: Entry,
  unit: Unit,
  around: Pick<ScriptSetting, 'environment' | 'gaps' | 'owners' | 'gathered'>,
): boolean {
  if (!/(?:^|\/)(?:ba|da|a)?sh$/.test(wordAt(args, program))) return false;
  const flag = args.findIndex(({ parts }, index) => index > program && /^-[a-z]*c$/.test(textOf(parts) ?? ''));
  const parts = flag < 0 ? [] : (args[flag + 1]?.parts ?? []);
  const start = parts[0]?.here.span.start;
  const end = parts.at(-1)?.here.span.end;
  if (start === undefined || end === undefined) return false;
  const { containers, settings } = around.gathered;
  const found = containers.length + settings.length;
  const setting = { ...around, source: entry.source, lookup: unit.lookup };
  readInnerScript(setting, entry.source.text.slice(start, end), start);
  return containers.length + settings.length > found;
}

function pushSettings(
  unit: Unit,
  service: Service,
  process: DroneProcess | undefined,
  raw: readonly RawVariable[],
  gaps: readonly Text[],
  at: Location,
  gathered: Gathered,
): void {
  const user = userOf(unit, service);
  const file = process ? readFileOf(process, unit, user, at, gathered) : { raw: [], gaps: [] };
  const isAffordable = withinBudget(file.raw.length + raw.length, gathered);
  const read = readSettings({
    owner: `${unit.owner.name}#service`,
    label: say`unit "${unit.name}"`,
    at,
    // Variables that are set take precedence over those of the file (joho/godotenv Load).
    raw: isAffordable ? [...file.raw, ...raw] : [],
    gaps: [...gaps, ...file.gaps, ...(isAffordable ? [] : [tooManyVariables])],
    role: process?.role,
    live: false,
  });
  for (const secret of read.secrets) gathered.secrets.push(secret);
  gathered.settings.push({ ...read.settings, user });
}

function userOf(unit: Unit, service: Service): Located<string> | undefined {
  if (service.user || !service.dynamicUser?.value) return service.user;
  // Without User=, the name is derived from that of the unit (man systemd.exec).
  return { value: unit.name.replace(/\.service$/, ''), at: service.dynamicUser.at };
}

/** The file of variables that the program itself reads. */
function readFileOf(
  process: DroneProcess,
  unit: Unit,
  user: Located<string> | undefined,
  at: Location,
  gathered: Gathered,
): { raw: readonly RawVariable[]; gaps: readonly Text[] } {
  const { file, defaultFile } = process;
  if (!file && !defaultFile) return { raw: [], gaps: [] };
  const usedAt = file ? locate(placeOf(file.parts, at), at.path) : at;
  const isRoot = user === undefined || user.value === 'root';
  const path = file ? textOf(file.parts) : isRoot ? defaultFile : undefined;
  const named = file?.named ?? '--config';
  const read =
    path === undefined
      ? {
          gap: file
            ? say`${named} "${shownOf(file.parts)}" is not known`
            : say`the configuration in the home of its user was not read`,
        }
      : loadEnvFile({ from: unit.owner, lookup: unit.lookup, path, named, usedAt, dialect: 'godotenv' }, gathered);
  if (!('gap' in read)) return { raw: read.raw, gaps: [] };
  gathered.unknown.push({ at: usedAt, message: read.gap });
  return { raw: [], gaps: [read.gap] };
}
