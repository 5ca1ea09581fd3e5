import { isSecretName } from '../../facts/settings.ts';
import { memoizePer } from '../../model/memoize.ts';
import { emptyReading, type Lookup, type Reading } from '../../model/reading.ts';
import {
  type Located,
  type Location,
  lineEndOf,
  nameInPath,
  positionOf,
  type Source,
  type Span,
} from '../../model/source.ts';
import { say, type Text, textKey } from '../../model/text.ts';
import { uniqueName } from '../../model/unique-name.ts';
import {
  contentSpan,
  parseShell,
  type ShellCommand,
  type ShellExpansion,
  type ShellPiece,
  type ShellScript,
  type ShellWord,
} from '../../shell/parse.ts';
import { type EnvEntry, parseEnv, rawOf } from '../env/file.ts';
import {
  emptyGathered,
  type Gathered,
  isLastUnknown,
  loadEnvFile,
  tooManyVariables,
  withinBudget,
} from '../env/referenced.ts';
import { type RawVariable, readSettings } from '../env/settings.ts';
import { readShellEnv } from '../env/shell.ts';
import { secretsOfScript } from '../secret-words.ts';
import {
  type Argument,
  literalPrefix,
  locate,
  type Part,
  type Place,
  type ResolvedText,
  shownOf,
  split,
  textOf,
  wordAt,
} from './argument.ts';
import {
  type CommandContext,
  isEngineClient,
  limitReached,
  namesImage,
  readRun,
  resolveWith,
  secretArguments,
  secretParts,
  startOfRun,
} from './command.ts';
import { parseImage } from './image.ts';
import { type DroneProcess, droneProcess, programOf } from './process.ts';

const globalFlags = String.raw`(?:-\S{1,80}[ \t]{1,9}(?:[^-\s]\S{0,200}[ \t]{1,9})?){0,6}`;
const startsContainer = new RegExp(
  String.raw`(?:^|[\s;&|(\x60'"/$)])(?:docker|podman|nerdctl)[ \t]{1,9}${globalFlags}(?:(?:container[ \t]{1,9})?(?:run|create)|service[ \t]{1,9}create)(?=\s|\\|$)`,
  'gm',
);
const startsDrone =
  /(?:^|[\s;&|(`'"/])(?:drone-server|drone-agent|drone-autoscaler|drone-runner-[a-z]{2,20}|drone[ \t]{1,9}(?:server|agent))(?=\s|['"\\;&|]|$)/m;
const assignsDrone = /^[ \t]*(?:export[ \t]+)?(?:CLIENT_)?DRONE_[A-Z0-9_]{1,100}=/m;
/** A here-document that is written to a file. */
const hereDoc =
  /(?:>|\btee\b)[^\n]{0,300}<<-?[ \t]{0,9}['"\\]?[A-Za-z_]|<<-?[ \t]{0,9}['"\\]?[A-Za-z_][^\n]{0,300}(?:>|\btee\b)/;

/**
 * Whether a text is a script, or a page with commands, that starts containers or programs of a Drone installation, or
 * writes their files of variables.
 */
export function looksLikeDockerRun(text: string): boolean {
  if (!/drone/i.test(text)) return false;
  if (hasCommand(text)) return true;
  return assignsDrone.test(text) && (startsDrone.test(text) || hereDoc.test(text));
}

/** How many mentions in comments are skipped. */
const maxComments = 100;

function hasCommand(text: string): boolean {
  let comments = 0;
  for (const match of text.matchAll(startsContainer)) {
    const line = text.lastIndexOf('\n', match.index + (match[0].startsWith('\n') ? 1 : 0) - 1) + 1;
    if (!/^\s*#/.test(text.slice(line, line + 200))) return true;
    if (++comments >= maxComments) return false;
  }
  return false;
}

/** Reads the containers and processes that a shell script, or the commands in a Markdown page, start. */
export function readDockerRun(source: Source, lookup: Lookup): Reading {
  const gathered = emptyGathered();
  const walk = startWalk({ source, lookup, gathered, owners: new Map() });
  for (const { text, start } of blocksOf(source)) walkScript(walk, text, start);
  readWrittenFiles(walk);
  return { ...emptyReading, ...gathered, understood: [...walk.understood].map((at) => locate(at, 'script')) };
}

/** The context in which a script is read. */
export interface ScriptSetting {
  readonly source: Source;
  readonly lookup: Lookup;
  readonly gathered: Gathered;
  /** How often each owner was used. */
  readonly owners: Map<string, number>;
  /** The complete environment that it starts with; absent if that is its caller's. */
  readonly environment?: ReadonlyMap<string, RawVariable>;
  /** Why the environment is not completely known. */
  readonly gaps?: readonly Text[];
}

/** Reads a script that begins at this offset in another text (`sh -c 'docker run ...'`). */
export function readInnerScript(setting: ScriptSetting, text: string, start: number): void {
  const walk = startWalk(setting);
  walkScript(walk, text, start);
  readWrittenFiles(walk);
}

interface Block {
  readonly text: string;
  readonly start: number;
}

const fence = /^[ \t]{0,40}(`{3,}|~{3,})[ \t]*([^\s`]*)/;
const shellFence =
  /^\{?\.?(?:|sh|bash|shell|zsh|ash|dash|console|shell-session|shellsession|terminal|text|txt|plain|plaintext|docker|cmd|powershell|pwsh|ps1|none)\}?$/i;
/** A command that PowerShell continues on the next line. */
const continuedByBacktick = /^[^\S\n]{0,200}(?:docker|podman|nerdctl)[ \t][^`\n]*`[ \t]{0,40}\r?$/m;

/** Whether a text is a page with commands in it, rather than a script. */
const isPage = memoizePer(
  ({ text, name }: Source): boolean =>
    /\.(?:md|markdown|mdx)(?:[@~.].*)?$/i.test(name) || (!/^#!/.test(text) && /^[ \t]{0,8}```/m.test(text)),
);

/** The parts of a text that are commands: the whole of a script; the fenced blocks of a page, without prompts. */
function blocksOf(source: Source): readonly Block[] {
  const { text } = source;
  if (!isPage(source)) return [{ text, start: 0 }];
  const blocks: Block[] = [];
  let open: { mark: string; start: number; isShell: boolean } | undefined;
  for (let start = 0; start <= text.length; ) {
    const end = lineEndOf(text, start);
    const match = end - start < 1000 ? fence.exec(text.slice(start, end).trimEnd()) : null;
    const mark = match?.[1] ?? '';
    if (match && !open) open = { mark, start: end + 1, isShell: shellFence.test(match[2] ?? '') };
    else if (match && open && mark.startsWith(open.mark) && !match[2]) {
      if (open.isShell) blocks.push(block(text, open.start, start));
      open = undefined;
    }
    start = end + 1;
  }
  if (open?.isShell && open.start < text.length) blocks.push(block(text, open.start, text.length));
  return blocks;
}

/**
 * The commands of a block, with blanks for prompts and backslashes for the backticks by which PowerShell continues a line,
 * so that offsets do not change.
 */
function block(text: string, start: number, end: number): Block {
  const commands = text
    .slice(start, end)
    .replace(/^[ \t]*(?:[\w.-]{1,60}@[\w.-]{1,60}[:~/\w.-]{0,100})?[$%][ \t]/gm, (prompt) => ' '.repeat(prompt.length))
    .replace(/(?<=\\[ \t]{0,20}\r?\n)[ \t]{0,40}>[ \t]/g, (prompt) => ' '.repeat(prompt.length));
  if (!continuedByBacktick.test(commands)) return { text: commands, start };
  return { text: commands.replace(/`(?=[ \t]{0,40}\r?$)/gm, '\\'), start };
}

/** What is known about a variable of the script. */
interface Variable {
  /** Absent if it was set to something that is known only when the script runs. */
  readonly text?: string;
  /** The words of an array. */
  readonly elements?: readonly Argument[];
  readonly at: Place;
  readonly exported: boolean;
  /** Number of the script, and the branches in which it applies. */
  readonly script: number;
  readonly within: readonly number[];
}

/** A file of variables that the script writes. */
interface Written {
  readonly span: Span;
  readonly parts: readonly Part[];
  readonly at: Place;
  used: boolean;
}

/** A command with the branches that contain it, including those around its substitution. */
interface Placed {
  readonly command: ShellCommand;
  readonly within: readonly number[];
  /** How deep it is nested in substitutions. */
  readonly depth: number;
}

interface Walk extends ScriptSetting {
  /** Including gaps in what the script itself sets. */
  readonly gaps: Text[];
  readonly variables: Map<string, Variable>;
  readonly written: Map<string, Written>;
  /** Where variables were set that commands of an engine use. */
  readonly understood: Set<Place>;
  script: number;
  /** Counts substitutions downwards from zero. */
  substitutions: number;
  /** `set -a` */
  exportsAll: boolean;
  /** How deep `eval` is nested. */
  evals: number;
  /** How many elements of arrays became arguments. */
  elements: number;
  /** How deep it is nested in `sh -c`, and the script around it. */
  readonly shells: number;
  readonly outer?: { readonly walk: Walk; readonly within: readonly number[] };
}

/** Longer values count as unknown, so that `a=$a$a` stays small. */
const maxValueLength = 65_536;
/** How many commands after a broken one may still be its rest. */
const maxRestCommands = 200;
/** How deep `sh -c 'sh -c ...'` may be nested. */
const maxShellDepth = 3;

function startWalk(setting: ScriptSetting, outer?: { readonly walk: Walk; readonly within: readonly number[] }): Walk {
  return {
    ...setting,
    gaps: [...(setting.gaps ?? [])],
    variables: new Map(),
    written: outer?.walk.written ?? new Map(),
    understood: outer?.walk.understood ?? new Set(),
    script: 0,
    substitutions: 0,
    exportsAll: outer?.walk.exportsAll ?? false,
    evals: 0,
    elements: outer?.walk.elements ?? 0,
    shells: outer ? outer.walk.shells + 1 : 0,
    outer,
  };
}

function walkScript(walk: Walk, text: string, start: number): void {
  const script = parseShell(text, { offset: start, pasted: true });
  walk.script++;
  const commands: Placed[] = [];
  placeCommands(walk, script, [], 0, commands);
  for (const span of secretsOfScript(script)) walk.gathered.secrets.push({ source: walk.source, path: 'script', span });
  const done = new Set<number>();
  for (let index = 0; index < commands.length; index++) {
    if (!done.has(index)) walkCommand(walk, commands, index, done);
  }
  if (script.tooDeep) {
    const message = say`the commands are nested too deeply and were not read`;
    walk.gathered.problems.push({
      kind: 'malformed',
      source: walk.source.name,
      message,
      ...positionOf(walk.source, start),
      incomplete: true,
    });
    return;
  }
  const error = script.errors[0];
  if (error !== undefined && hasCommand(text)) {
    const at: Location = { source: walk.source, path: 'script', span: { start: error, end: error } };
    walk.gathered.unknown.push({ at, message: say`the commands cannot be understood from here on` });
  }
}

/** Lists all commands, those in substitutions before the command that contains them. */
function placeCommands(
  walk: Walk,
  script: ShellScript,
  around: readonly number[],
  depth: number,
  list: Placed[],
): void {
  const inner = (pieces: readonly ShellPiece[], within: readonly number[]): void => {
    for (const piece of pieces) {
      if (piece.kind !== 'substitution' || !piece.script) continue;
      placeCommands(walk, piece.script, [...within, --walk.substitutions], depth + 1, list);
    }
  };
  for (const command of script.commands) {
    const within = around.length === 0 ? command.within : [...around, ...command.within];
    for (const { value } of command.assignments) if (value) inner(value.pieces, within);
    for (const { pieces } of command.words) inner(pieces, within);
    list.push({ command, within, depth });
  }
  for (const { pieces } of script.otherWords) inner(pieces, around);
}

function walkCommand(walk: Walk, commands: readonly Placed[], index: number, done: Set<number>): void {
  const placed = commands[index];
  if (!placed) return;
  const { command, within } = placed;
  noteHereDocs(walk, placed);
  const words = argumentsOf(walk, command.words, within);
  noteSecrets(walk, words, command);
  const own = assignmentsOf(walk, placed);
  // `$SUDO docker run`
  const args = words.slice(words.length > 1 && literalPrefix(words[0]?.parts ?? []) === '' ? 1 : 0);
  if (assigns(walk, placed, own, args)) return;

  if (limitReached(walk.gathered, { source: walk.source, path: 'script', span: command.span })) return;
  const { program, given } = programOf(args);
  const temporary = new Map([...own, ...givenTo(given)]);
  if (isEngineClient(args, program))
    for (const { pieces } of command.words)
      for (const piece of pieces) if (piece.kind === 'variable') noteUse(walk, piece.name, within);
  const start = startOfRun(args, program);
  if (start !== undefined) {
    const whole = withRest(walk, commands, index, args, start, done);
    readRun(whole, program, start, contextOf(walk, within, temporary), walk.gathered);
    return;
  }
  const process = droneProcess(args, program);
  if (process) readProcess(walk, placed, process, temporary, args[program]);
  else readShellArgument(walk, args, program, within);
}

/** Pasted commands lose backslashes or gain comments: a line that starts with a dash continues the command. */
function withRest(
  walk: Walk,
  commands: readonly Placed[],
  index: number,
  args: readonly Argument[],
  start: number,
  done: Set<number>,
): readonly Argument[] {
  const depth = commands[index]?.depth;
  const whole = [...args];
  for (let at = index + 1, found = 0; at < commands.length && found < maxRestCommands; at++) {
    const next = commands[at];
    if (!next || next.depth < (depth ?? 0)) break;
    if (next.depth !== depth) continue;
    if (namesImage(whole.slice(start))) break;
    const rest = argumentsOf(walk, next.command.words, next.within);
    const first = wordAt(rest, 0);
    const isImage = /drone/i.test(first) && first.includes('/') && parseImage(first) !== undefined;
    if (!first.startsWith('-') && !isImage) break;
    for (const argument of rest) whole.push(argument);
    done.add(at);
    found++;
  }
  return whole;
}

function contextOf(
  walk: Walk,
  within: readonly number[],
  temporary: ReadonlyMap<string, ResolvedText>,
): CommandContext {
  return {
    source: walk.source,
    lookup: walk.lookup,
    owners: walk.owners,
    isScript: !isPage(walk.source) && !/\.(?:tpl|tmpl|j2|erb|gotmpl)$/.test(walk.source.name),
    variable(name) {
      noteUse(walk, name, within);
      return temporary.get(name) ?? environmentSays(walk, name, within, true);
    },
    written: (path, usedAt) => useWritten(walk, path, 'docker', usedAt),
  };
}

/** What a variable holds; `exported`: as programs see it, which get exported variables only. */
function environmentSays(
  walk: Walk,
  name: string,
  within: readonly number[],
  exported: boolean,
): ResolvedText | undefined {
  const variable = variableOf(walk, name, within);
  if (!variable) return inherited(walk, name, exported);
  if (variable.text === undefined || (exported && !variable.exported)) return { origin: 'unresolved' };
  return { value: { value: variable.text, at: locate(variable.at, name) }, origin: 'interpolated' };
}

function inherited(walk: Walk, name: string, exported = false): ResolvedText | undefined {
  if (walk.outer) return environmentSays(walk.outer.walk, name, walk.outer.within, exported);
  const raw = walk.environment?.get(name);
  return raw?.value && raw.origin !== 'unresolved' ? { value: raw.value, origin: 'interpolated' } : undefined;
}

function variableOf(walk: Walk, name: string, within: readonly number[]): Variable | undefined {
  const variable = walk.variables.get(name);
  if (!variable) return undefined;
  if (variable.script !== walk.script) return variable.within.length === 0 ? variable : undefined;
  return variable.within.every((branch, index) => within[index] === branch) ? variable : undefined;
}

/** A command that is understood uses a variable: so where that was set is understood as well, whatever it holds. */
function noteUse(walk: Walk, name: string, within: readonly number[]): void {
  const variable = variableOf(walk, name, within);
  if (variable) walk.understood.add(variable.at);
  else if (walk.outer) noteUse(walk.outer.walk, name, walk.outer.within);
}

function argumentsOf(walk: Walk, words: readonly ShellWord[], within: readonly number[]): Argument[] {
  return words.flatMap((word) => {
    const here: Place = { source: walk.source, span: word.span };
    const [only] = word.pieces;
    const isOne = word.pieces.length === 1;
    if (isOne && only?.kind === 'other' && only.of?.kind === 'elements' && !only.of.joined) {
      const { elements } = variableOf(walk, only.of.name, within) ?? {};
      walk.elements += elements?.length ?? 0;
      if (elements && walk.elements <= maxAllElements)
        return only.quoted
          ? elements
          : elements.flatMap(({ parts, here: at }) => fieldsOf(parts, parts.map(hasBlank), at));
      return [{ parts: [partOf(walk, only, within)], here, splits: true }];
    }
    const parts = word.pieces.map((piece) => partOf(walk, piece, within));
    // Without quotes, the text of `$OPTIONS` becomes as many arguments as it has words.
    const splits = parts.map((part, index) => {
      const piece = word.pieces[index];
      return piece?.kind !== 'text' && piece?.quoted === false && hasBlank(part);
    });
    if (splits.includes(true)) return fieldsOf(parts, splits, here);
    const bare = isOne && only && only.kind !== 'text' && !only.quoted;
    return [{ parts, here, splits: bare === true && parts[0]?.text === undefined }];
  });
}

function hasBlank({ text }: Part): boolean {
  return text !== undefined && /^$|[ \t\n]/.test(text);
}

/** The arguments that a word becomes whose parts split at blanks. */
function fieldsOf(parts: readonly Part[], splits: readonly boolean[], here: Place): Argument[] {
  const fields: Part[][] = [];
  let isOpen = false;
  const add = (pieces: readonly Part[]): void => {
    const last = fields.at(-1);
    if (isOpen && last) last.push(...pieces);
    else fields.push([...pieces]);
    isOpen = true;
  };
  for (const [index, part] of parts.entries()) {
    const { text } = part;
    if (!splits[index] || text === undefined) {
      add([part]);
      continue;
    }
    if (/^[ \t\n]/.test(text)) isOpen = false;
    for (const [at, field] of pieceWords([part], here).entries()) {
      if (at > 0) isOpen = false;
      add(field.parts);
    }
    if (/[ \t\n]$/.test(text)) isOpen = false;
  }
  return fields.map((field) => ({ parts: field, here, splits: false }));
}

function pieceWords(parts: readonly Part[], here: Place): Argument[] {
  const blank = parts.map((part) =>
    part.text === undefined ? part : { ...part, text: part.text.replace(/\s/g, ' ') },
  );
  return split(blank, ' ')
    .filter((word) => textOf(word) !== '')
    .map((word) => ({ parts: word, here, splits: false }));
}

function partOf(walk: Walk, piece: ShellPiece, within: readonly number[]): Part {
  const here: Place = { source: walk.source, span: piece.span };
  if (piece.kind === 'text') return { text: piece.text, at: here, here, origin: 'literal' };
  if (piece.kind === 'other' && piece.of) {
    const text = expansionOf(walk, piece.of, within);
    if (text !== undefined) return { text, at: here, here, origin: 'interpolated' };
  }
  if (piece.kind !== 'variable') return { at: here, here, origin: 'unresolved' };
  const variable = variableOf(walk, piece.name, within);
  const resolved = variable ? undefined : inherited(walk, piece.name);
  if (resolved?.value) return { text: resolved.value.value, at: resolved.value.at, here, origin: 'interpolated' };
  if (variable?.text !== undefined && (variable.text !== '' || !piece.fallback)) {
    return { text: variable.text, at: variable.at, here, origin: 'interpolated' };
  }
  if (piece.fallback && !resolved && !walk.variables.has(piece.name)) {
    const at: Place = { source: walk.source, span: piece.fallback.span };
    return { text: piece.fallback.text, at, here, origin: 'fallback' };
  }
  return { at: here, here, origin: 'unresolved' };
}

/** `${NAME:+word}`, `${NAME:1:2}` and `"${NAME[*]}"` of a known variable. */
function expansionOf(walk: Walk, of: ShellExpansion, within: readonly number[]): string | undefined {
  const variable = variableOf(walk, of.name, within);
  if (of.kind === 'elements') {
    const texts = variable?.elements?.map(({ parts }) => textOf(parts));
    return texts?.every((text) => text !== undefined) ? texts.join(' ') : undefined;
  }
  if (variable?.text === undefined) return undefined;
  if (of.kind === 'alternative') return variable.text === '' && of.operator === ':+' ? '' : of.word.text;
  return variable.text.slice(of.from, of.length === undefined ? undefined : of.from + of.length);
}

/** The values that a command assigns; those of arrays, and of text appended to something unknown, are unknown. */
function assignmentsOf(walk: Walk, { command, within }: Placed): Map<string, ResolvedText> {
  const found = new Map<string, ResolvedText>();
  for (const assignment of command.assignments) {
    const { name, value, appends } = assignment;
    const before = appends ? variableOf(walk, name, within) : undefined;
    const partial = assignment.partial && before?.text === undefined;
    const parts = value?.pieces.map((piece) => partOf(walk, piece, within)) ?? [];
    noteAssignedSecrets(walk, name, parts);
    const otherwise: Place = { source: walk.source, span: value ? contentSpan(value) : assignment.nameSpan };
    const beginning: Part[] = before?.text ? [partOfVariable(before, otherwise)] : [];
    const resolved =
      partial || !value ? { origin: 'unresolved' as const } : resolveWith([...beginning, ...parts], name, otherwise);
    found.set(name, resolved);
  }
  return found;
}

function partOfVariable({ text, at }: Variable, here: Place): Part {
  return { text: text ?? '', at, here, origin: 'interpolated' };
}

/** The arrays that a command assigns. */
function arraysOf(walk: Walk, { command, within }: Placed): ReadonlyMap<string, readonly Argument[]> {
  const found = new Map<string, readonly Argument[]>();
  for (const { name, elements, appends } of command.assignments) {
    const before = appends ? variableOf(walk, name, within)?.elements : [];
    if (!elements || !before) continue;
    const added = argumentsOf(walk, elements, within);
    noteSecrets(walk, added, command);
    if (before.length + added.length <= maxElements) found.set(name, [...before, ...added]);
  }
  return found;
}

/** How many words an array may have; the options of real scripts are far fewer. */
const maxElements = 1000;
/** How many elements may become arguments in one script: a small one can name an array many times. */
const maxAllElements = 100_000;

function givenTo(args: readonly Argument[]): [string, ResolvedText][] {
  return args.map(({ parts, here }) => {
    const [name = [], value = []] = split(parts, '=', 2);
    const variable = textOf(name) ?? '';
    return [variable, resolveWith(value, variable, here)];
  });
}

/** Records what a command does to the variables; false if it starts a program with them instead. */
function assigns(
  walk: Walk,
  placed: Placed,
  own: ReadonlyMap<string, ResolvedText>,
  args: readonly Argument[],
): boolean {
  const name = wordAt(args, 0);
  const declares = /^(?:export|declare|typeset|readonly|local)$/.test(name);
  if (args.length > 0 && !declares) {
    if (name === 'set') walk.exportsAll = setsExport(args) ?? walk.exportsAll;
    else if (name === 'unset' || name === 'read')
      for (const arg of args.slice(1)) setVariable(walk, placed, textOf(arg.parts) ?? '', { origin: 'unresolved' });
    else if (name === '.' || name === 'source') sourceFile(walk, placed, args[1]);
    else if (name === 'eval') evaluate(walk, placed, args);
    else return false;
    return true;
  }
  const exported = name === 'export' || args.some(({ parts }) => /^-[a-z]*x/.test(textOf(parts) ?? ''));
  const arrays = arraysOf(walk, placed);
  for (const [variable, resolved] of own) setVariable(walk, placed, variable, resolved, exported);
  for (const [variable, elements] of arrays) {
    const set = walk.variables.get(variable);
    if (set) walk.variables.set(variable, { ...set, elements });
  }
  if (!exported) return true;
  for (const { parts } of args.slice(1)) {
    // `export $(cat file)`
    if (textOf(parts) === undefined) noteGap(walk, name);
    const variable = walk.variables.get(textOf(parts) ?? '');
    if (variable) walk.variables.set(textOf(parts) ?? '', { ...variable, exported });
  }
  return true;
}

function setsExport(args: readonly Argument[]): boolean | undefined {
  const flags = args.map(({ parts }) => textOf(parts) ?? '').join(' ');
  if (/(?:^| )(?:-[a-z]*a|-o allexport)/.test(flags)) return true;
  return /(?:^| )(?:\+[a-z]*a|\+o allexport)/.test(flags) ? false : undefined;
}

function setVariable(walk: Walk, placed: Placed, name: string, resolved: ResolvedText, exported = false): void {
  if (name === '') return;
  const text = resolved.origin === 'unresolved' ? undefined : resolved.value?.value;
  const at: Place = resolved.value?.at ?? { source: walk.source, span: placed.command.span };
  walk.variables.set(name, {
    text: text === undefined || text.length > maxValueLength ? undefined : text,
    at,
    exported:
      exported || walk.exportsAll || (walk.variables.get(name)?.exported ?? walk.environment?.has(name) ?? false),
    script: walk.script,
    within: placed.within,
  });
}

/** `. ./drone.env`: from here on, its variables are the script's. The file is also judged on its own. */
function sourceFile(walk: Walk, placed: Placed, file: Argument | undefined): void {
  const path = file && textOf(file.parts);
  const isOfVariables = path && /$(?<=(?:env|conf|secret|drone|vars?)[^/]*)/i.test(path);
  const found = isOfVariables ? walk.lookup(walk.source, path, 'env') : undefined;
  if (!found || !('text' in found)) {
    noteGap(walk, file ? shownOf(file.parts) : '.');
    return;
  }
  const outer = (name: string): string | undefined => environmentSays(walk, name, placed.within, false)?.value?.value;
  const entries: EnvEntry[] = [];
  readShellEnv({ source: found, entries, problems: [] }, { exportsAll: walk.exportsAll, outer });
  for (const entry of entries) {
    const resolved: ResolvedText =
      entry.value && !entry.dynamic ? { value: entry.value, origin: 'interpolated' } : { origin: 'unresolved' };
    setVariable(walk, placed, entry.name.value, resolved, entry.exported !== false);
  }
}

/** `sh -c 'commands'`, if the commands are written literally in the text (variables of the outer script included). */
function readShellArgument(walk: Walk, args: readonly Argument[], program: number, within: readonly number[]): void {
  if (!/(?:^|\/)(?:ba|da|a|z)?sh$/.test(wordAt(args, program)) || walk.shells >= maxShellDepth) return;
  const flag = args.findIndex(({ parts }, index) => index > program && /^-[a-z]*c$/.test(textOf(parts) ?? ''));
  const script = flag < 0 ? undefined : writtenScript(args[flag + 1]);
  if (script)
    walkScript(startWalk(walk, { walk, within }), walk.source.text.slice(script.start, script.end), script.start);
}

/** `eval 'commands'`, which this shell runs itself. */
function evaluate(walk: Walk, placed: Placed, args: readonly Argument[]): void {
  const [, only, ...others] = args;
  const isKnown = only && others.length === 0 && textOf(only.parts) !== undefined;
  const script = isKnown && placed.within.length === 0 ? writtenScript(only) : undefined;
  if (!script || walk.evals >= maxShellDepth) {
    noteGap(walk, 'eval');
    return;
  }
  walk.evals++;
  walkScript(walk, walk.source.text.slice(script.start, script.end), script.start);
  walk.evals--;
}

/** The place of an argument that is a script written as it is, apart from variables in it. */
function writtenScript(argument: Argument | undefined): Span | undefined {
  const parts = argument?.parts ?? [];
  const asWritten = parts.every(
    ({ text, origin, here }) => origin !== 'literal' || here.span.end - here.span.start === text?.length,
  );
  const start = parts[0]?.here.span.start;
  const end = parts.at(-1)?.here.span.end;
  return start === undefined || end === undefined || !asWritten ? undefined : { start, end };
}

/** How many gaps of one script are kept; more would say nothing new. */
const maxGaps = 20;

function noteGap(walk: Walk, what: string): void {
  const gap = say`what "${what}" sets was not read`;
  if (walk.gaps.length < maxGaps && !walk.gaps.some((one) => textKey(one) === textKey(gap))) walk.gaps.push(gap);
}

const inheritsVariables = say`the script inherits variables from its caller`;

function readProcess(
  walk: Walk,
  placed: Placed,
  process: DroneProcess,
  temporary: ReadonlyMap<string, ResolvedText>,
  program: Argument | undefined,
): void {
  const id = uniqueName(walk.owners, process.program);
  const path = `process[${nameInPath(id)}]`;
  const at = locate(program?.here ?? { source: walk.source, span: placed.command.span }, path);
  const raw: RawVariable[] = [];
  const gaps = walk.environment ? [...walk.gaps] : [inheritsVariables];
  if (process.file) {
    const file = textOf(process.file.parts);
    const written = file === undefined ? undefined : useWritten(walk, file, 'godotenv', at);
    const read = written
      ? withinBudget(written.length, walk.gathered)
        ? { raw: written }
        : { gap: tooManyVariables }
      : file === undefined
        ? { gap: say`the file of "${process.file.named}" is not known` }
        : loadEnvFile(
            { ...walk, from: walk.source, path: file, named: process.file.named, usedAt: at, dialect: 'godotenv' },
            walk.gathered,
          );
    if ('gap' in read) gaps.push(read.gap);
    else for (const variable of read.raw) raw.push(variable);
  }
  const isAffordable = withinBudget((walk.environment?.size ?? 0) + walk.variables.size, walk.gathered);
  if (!isAffordable) {
    gaps.push(tooManyVariables);
    if (!isLastUnknown(walk.gathered, tooManyVariables)) walk.gathered.unknown.push({ at, message: tooManyVariables });
  }
  for (const variable of (isAffordable && walk.environment?.values()) || []) raw.push(variable);
  for (const [name, variable] of isAffordable ? walk.variables : []) {
    if (!variable.exported) continue;
    const known = variableOf(walk, name, placed.within);
    if (!known) {
      if (walk.environment && gaps.length < maxGaps) gaps.push(say`${name} is set in another branch of its script`);
      continue;
    }
    const named: Located<string> = { value: name, at: locate(known.at, `${path}.env[${nameInPath(name)}]`) };
    const value = known.text === undefined ? undefined : { value: known.text, at: named.at };
    raw.push({ name: named, value, origin: value ? 'literal' : 'unresolved', heldBy: 'deployment' });
  }
  for (const [name, resolved] of temporary) {
    raw.push({ name: { value: name, at: resolved.value?.at ?? at }, ...resolved, heldBy: 'deployment' });
  }
  // Pages and scripts mention Drone's programs for many reasons other than starting them.
  if (!raw.some(({ name }) => /^(?:CLIENT_)?DRONE_/.test(name.value))) return;
  const read = readSettings({
    owner: `${walk.source.name}#${path}`,
    label: say`process "${id}"`,
    at,
    raw,
    gaps,
    role: process.role,
    live: false,
  });
  for (const secret of read.secrets) walk.gathered.secrets.push(secret);
  walk.gathered.settings.push(read.settings);
}

function noteHereDocs(walk: Walk, { command, within }: Placed): void {
  for (const { target, span, pieces } of command.hereDocs) {
    const parts = target?.pieces.map((piece) => partOf(walk, piece, within));
    if (!target || !parts || !assignsDrone.test(walk.source.text.slice(span.start, span.end))) continue;
    const path = textOf(parts) ?? walk.source.text.slice(target.span.start, target.span.end);
    walk.written.set(path, {
      span,
      parts: pieces.map((piece) => partOf(walk, piece, within)),
      at: { source: walk.source, span: target.span },
      used: false,
    });
  }
}

type Dialect = Parameters<typeof parseEnv>[1];

/** The variables of a file that the script has written, for the component that reads it. */
function useWritten(walk: Walk, path: string, dialect: Dialect, usedAt?: Location): readonly RawVariable[] | undefined {
  const written = walk.written.get(path);
  if (!written) return undefined;
  written.used = true;
  if (walk.gathered.variablesLeft < 0) return [];
  const { start, end } = written.span;
  const body: Source = { name: walk.source.name, form: 'env', text: walk.source.text.slice(start, end) };
  const here = (at: Location): Place => ({
    source: walk.source,
    span: { start: at.span.start + start, end: at.span.end + start },
  });
  let first = 0;
  return parseEnv(body, dialect).entries.map((entry) => {
    const name = {
      value: entry.name.value,
      at: locate(here(entry.name.at), `file[${nameInPath(path)}].${entry.name.value}`),
    };
    const raw = { ...rawOf(entry, usedAt ?? name.at), name, heldBy: 'deployment' as const };
    if (!entry.value) return raw;
    const value = here(entry.value.at);
    while ((written.parts[first]?.here.span.end ?? Number.POSITIVE_INFINITY) <= value.span.start) first++;
    const parts = partsWithin(written.parts, first, value.span);
    const [only] = parts;
    const plain = parts.length <= 1 && (!only || (only.origin === 'literal' && only.text !== undefined));
    if (plain)
      return {
        ...raw,
        origin: 'literal' as const,
        value: { value: entry.value.value, at: locate(value, name.at.path) },
      };
    const { value: _, ...rest } = raw;
    return { ...rest, ...resolveWith(parts, name.at.path, value) };
  });
}

/** The parts of a here-document between two offsets. */
function partsWithin(parts: readonly Part[], from: number, span: Span): readonly Part[] {
  const found: Part[] = [];
  for (let index = from; index < parts.length; index++) {
    const part = parts[index];
    if (!part || part.here.span.start >= span.end) break;
    const { start, end } = part.here.span;
    if (part.text === undefined || part.origin !== 'literal' || end - start !== part.text.length) {
      found.push(part);
      continue;
    }
    const cut = { start: Math.max(start, span.start), end: Math.min(end, span.end) };
    const here: Place = { source: part.here.source, span: cut };
    found.push({ ...part, text: part.text.slice(cut.start - start, cut.end - start), at: here, here });
  }
  return found;
}

/** Files of variables that nothing in the script reads: settings for whoever will. */
function readWrittenFiles(walk: Walk): void {
  for (const [path, { at, used, span }] of walk.written) {
    if (used) continue;
    const isExecConfig = /drone-runner-exec\/config$/.test(path);
    const body = walk.source.text.slice(span.start, span.end);
    const dialect = isExecConfig ? 'godotenv' : /^[ \t]*export[ \t]/m.test(body) ? 'shell' : 'compose';
    const raw = (useWritten(walk, path, dialect) ?? []).map(({ usedAt: _, ...variable }) => variable);
    const id = uniqueName(walk.owners, path);
    const read = readSettings({
      owner: `${walk.source.name}#file[${nameInPath(id)}]`,
      label: say`file "${id}"`,
      at: locate(at, `file[${nameInPath(id)}]`),
      raw,
      gaps: [],
      role: isExecConfig ? ('runner-exec' as const) : undefined,
      live: false,
    });
    for (const secret of read.secrets) walk.gathered.secrets.push(secret);
    walk.gathered.settings.push(read.settings);
  }
}

function noteAssignedSecrets(walk: Walk, name: string, parts: readonly Part[]): void {
  const whole = isSecretName(name) === 'yes';
  for (const { text, at, origin } of parts) {
    if (!text || origin === 'interpolated') continue;
    if (whole) walk.gathered.secrets.push(locate(at, name));
    else for (const part of secretParts(text, at, name, name)) walk.gathered.secrets.push(part);
  }
}

/** Secrets on command lines: `--token=TEXT`, `docker login -p TEXT`, `curl -u NAME:TEXT`, `https://NAME:TEXT@host`. */
function noteSecrets(walk: Walk, args: readonly Argument[], command: ShellCommand): void {
  const path = 'script';
  for (const secret of secretArguments(args, path)) walk.gathered.secrets.push(secret);
  const login = args.findIndex(({ parts }) => textOf(parts) === 'login');
  args.forEach(({ parts }, index) => {
    for (const { text, at, origin } of parts) {
      if (text?.includes('://') && origin !== 'interpolated')
        for (const part of secretParts(text, at, path)) walk.gathered.secrets.push(part);
    }
    const flag = textOf(parts);
    const value = args[index + 1]?.parts ?? [];
    if (login > 0 && login < 6 && flag === '-p')
      for (const part of value) if (part.text) walk.gathered.secrets.push(locate(part.at, path));
    if (flag === '-u' && /^(?:curl|wget)$/.test(command.words[0]?.text ?? '')) {
      for (const part of split(value, ':', 2)[1] ?? [])
        if (part.text) walk.gathered.secrets.push(locate(part.at, path));
    }
  });
}
