import {
  type ArithmeticExpression,
  type Assignment,
  type CaseItem,
  type Command,
  type DoubleQuotedChild,
  type ParsedScript,
  parse,
  type Redirection,
  type SyntaxNode,
  type TestExpression,
  type Word,
  type WordPart,
} from 'unbash';
import { binarySearch } from '../model/binary-search.ts';
import type { Span } from '../model/source.ts';

/*
 * The only door to the unbash package. It turns a script into its simple commands, in the order of the text, and parses
 * everything that a shell does to a word, so that readers see what is literal and what is not. Nothing is executed or
 * resolved here. All offsets are those in the given text (plus `offset`).
 */

/** A part of a word, after unquoting. */
export type ShellPiece =
  /** Literal text. If the span is as long as the text, it is written exactly so. */
  | { readonly kind: 'text'; readonly text: string; readonly span: Span; readonly quoted: boolean }
  /** `$NAME`, `${NAME}`, `${NAME:-fallback}`. */
  | {
      readonly kind: 'variable';
      readonly name: string;
      readonly span: Span;
      readonly quoted: boolean;
      /** The text that stands in for a missing variable; absent if it is not literal, too. */
      readonly fallback?: { readonly text: string; readonly span: Span };
      /** What follows the name in braces, and the word after it: `:-`, `=`, `?`. */
      readonly operator?: string;
      readonly word?: ShellWord;
    }
  /** `$(commands)`, backticks, `<(commands)`; the commands are absent if they could not be parsed. */
  | { readonly kind: 'substitution'; readonly span: Span; readonly quoted: boolean; readonly script?: ShellScript }
  /** Anything else that only a shell knows: arithmetic, `${NAME%.*}`. */
  | {
      readonly kind: 'other';
      readonly span: Span;
      readonly quoted: boolean;
      /** The variable that it is made of, if it is one. */
      readonly name?: string;
      readonly of?: ShellExpansion;
    };

/** An expansion of a variable that can be understood if the variable is known. */
export type ShellExpansion =
  /** `${NAME:+word}` */
  | { readonly kind: 'alternative'; readonly name: string; readonly operator: string; readonly word: ShellWord }
  /** `${NAME:1:2}` with literal numbers. */
  | { readonly kind: 'slice'; readonly name: string; readonly from: number; readonly length?: number }
  /** `${NAME[@]}`, or `${NAME[*]}`. */
  | { readonly kind: 'elements'; readonly name: string; readonly joined: boolean };

export interface ShellWord {
  readonly span: Span;
  readonly pieces: readonly ShellPiece[];
  /** The whole text, if all of it is literal. */
  readonly text?: string;
  /** Whether some of it is known only at run time. */
  readonly dynamic: boolean;
}

export interface ShellAssignment {
  readonly name: string;
  readonly nameSpan: Span;
  /** Absent for arrays. */
  readonly value?: ShellWord;
  /** The words of an array: `NAME=(a b)`. */
  readonly elements?: readonly ShellWord[];
  /** `NAME+=text`, `NAME+=(a b)` */
  readonly appends?: true;
  /** `NAME+=text` or `NAME[1]=text`: only part of the value is assigned. */
  readonly partial: boolean;
}

export interface ShellRedirection {
  /** `>`, `>>`, `<`, `<<<`, `&>` and so on. */
  readonly operator: string;
  readonly target?: ShellWord;
  readonly span: Span;
}

export interface ShellHereDoc {
  /** Of the body, without the delimiters. */
  readonly span: Span;
  /** The content of the body; a single literal piece if the delimiter was quoted. */
  readonly pieces: readonly ShellPiece[];
  /** The file that the body is written to, by `>` or `tee`, in the same command or later in its pipe. */
  readonly target?: ShellWord;
}

/** A simple command: assignments, name and arguments, redirections. */
export interface ShellCommand {
  readonly span: Span;
  /** `NAME=value` before the name, and the assignments that `export` and the like take. */
  readonly assignments: readonly ShellAssignment[];
  /** The name and its arguments. */
  readonly words: readonly ShellWord[];
  readonly redirections: readonly ShellRedirection[];
  readonly hereDocs: readonly ShellHereDoc[];
  /** What joins it to the next command in the text: `|`, `|&`, `&&`, `||`, `&`, `;` (also for a new line). */
  readonly operator: string;
  /** Numbers of the branches, loops, functions and subshells around it, outermost first; unique in this script. */
  readonly within: readonly number[];
  /**
   * Whether what it does to variables counts for the commands after it: not in a subshell, a pipe, the background, a
   * function that nothing calls, or below a condition that never holds; perhaps in a branch. Absent if it does.
   */
  readonly lasts?: 'no' | 'perhaps';
}

export interface ShellScript {
  /** In the order of the text, including those of compound commands, but not those of substitutions. */
  readonly commands: readonly ShellCommand[];
  /** Words outside simple commands: what `for` loops over, what `case` and `[[ ]]` test, files of `done < file`. */
  readonly otherWords: readonly ShellWord[];
  /** The variables of `for` loops, with the words that each goes through. */
  readonly loops: readonly { readonly name: string; readonly words: readonly ShellWord[] }[];
  /** The names of its functions. */
  readonly functions: ReadonlySet<string>;
  /** Offsets at which the text is not shell syntax. */
  readonly errors: readonly number[];
  /** It is nested more deeply than anything that people write, and nothing of it was taken apart. */
  readonly tooDeep?: true;
}

export interface ShellOptions {
  /** Added to all offsets: where the text begins in its source. */
  readonly offset?: number;
  /**
   * The text was copied from a guide: `<placeholder>` and `{{ template }}` are plain text, although a shell would see
   * redirections or several words, and a backslash continues the line even if blanks or a comment follow it.
   */
  readonly pasted?: boolean;
}

/** How deep substitutions may be nested to be parsed; each level is parsed again. */
const maxSubstitutionDepth = 8;
/** How deep arithmetic may be nested to be calculated. */
const maxArithmeticDepth = 30;
/** How many here-documents one line may have; the package takes time that grows with their square. */
const maxHereDocsOfLine = 100;
/** How deep compound commands may be nested, in nodes of the package: four or five for each function or loop. */
const maxDepth = 500;
/** How many parentheses may be open at one place; the package spends memory on each, whatever it makes of them. */
const maxOpenParentheses = 10_000;
/** Thrown, without the cost of a stack trace, where a script is nested more deeply. */
const tooDeep = Symbol('tooDeep');

/** Parses a script. Never throws; broken parts are left out and listed in `errors`. */
export function parseShell(text: string, options: ShellOptions = {}): ShellScript {
  const plain = withoutCarriageReturns(text);
  const masked = withoutManyHereDocs(options.pasted ? withoutPasteMarks(plain.text) : plain.text);
  const offset = options.offset ?? 0;
  const span = (start: number, end: number): Span => {
    // A here-document that ends in a lone backslash is reported to end one character after the text.
    const first = Math.min(plain.original(start), text.length);
    const last = end > start ? Math.min(plain.original(end - 1) + 1, text.length) : first;
    return { start: offset + first, end: offset + last };
  };
  try {
    if (opensTooMany(masked)) throw tooDeep;
    return takeApart(parse(masked), { plain: plain.text, masked, span, depth: 0 });
  } catch (error) {
    // The package has no limit of its own: it runs out of stack, far beyond ours.
    if (error === tooDeep || error instanceof RangeError)
      return {
        commands: [],
        otherWords: [],
        loops: [],
        functions: new Set(),
        errors: [span(0, 0).start],
        tooDeep: true,
      };
    throw error;
  }
}

/** All commands of a script; those of substitutions directly follow the command that contains them. */
export function everyCommand(script: ShellScript): readonly ShellCommand[] {
  const found: ShellCommand[] = [];
  addEvery(script, found);
  return found;
}

function addEvery(script: ShellScript, found: ShellCommand[]): void {
  for (const command of script.commands) {
    found.push(command);
    for (const { value, elements = [] } of command.assignments)
      for (const { pieces } of value ? [value] : elements) addOfPieces(pieces, found);
    for (const { pieces } of command.words) addOfPieces(pieces, found);
    for (const { target } of command.redirections) if (target) addOfPieces(target.pieces, found);
    for (const { pieces } of command.hereDocs) addOfPieces(pieces, found);
  }
  for (const { pieces } of script.otherWords) addOfPieces(pieces, found);
}

function addOfPieces(pieces: readonly ShellPiece[], found: ShellCommand[]): void {
  for (const piece of pieces) if (piece.kind === 'substitution' && piece.script) addEvery(piece.script, found);
}

/** Bash treats a carriage return as part of a word, but files with CRLF are meant to be read without it. */
function withoutCarriageReturns(text: string): { text: string; original: (offset: number) => number } {
  if (!text.includes('\r\n')) return { text, original: (offset) => offset };
  const removed: number[] = [];
  for (let at = text.indexOf('\r\n'); at >= 0; at = text.indexOf('\r\n', at + 2)) removed.push(at - removed.length);
  const original = (offset: number): number => offset + binarySearch(removed, (at) => at > offset);
  return { text: text.replaceAll('\r\n', '\n'), original };
}

function opensTooMany(text: string): boolean {
  let open = 0;
  for (const [parenthesis] of text.matchAll(/[()]/g)) {
    if (parenthesis === '(') open++;
    else if (open > 0) open--;
    if (open > maxOpenParentheses) return true;
  }
  return false;
}

const placeholder =
  /(?<=^|[\s=:@/,"'.{-])<[^\s<>&(=!"'`$;|\\#-](?:[^<>\n"'`$;&\\]|(?<=\w)'(?=\w)){0,100}(?<!\s)>(?=$|[\s\\:/@,"'.}-])/gm;
const template = /\$?\{\{[^{}\n]{1,200}\}\}/g;
const brokenContinuation = /\\[ \t]{1,200}(?:#[^\n]{0,300})?(?=\n)/g;

/** The same text, with marks that only people understand replaced by as many plain characters. */
function withoutPasteMarks(text: string): string {
  return text
    .replace(template, (mark) => 'x'.repeat(mark.length))
    .replace(placeholder, (mark) => 'x'.repeat(mark.length))
    .replace(brokenContinuation, (mark, offset: number, whole: string) => {
      const line = whole.slice(whole.lastIndexOf('\n', offset) + 1, offset);
      return endsQuoted(line) ? mark : `${' '.repeat(mark.length - 1)}\\`;
    });
}

/** Whether a quote that begins in a line is still open at its end. */
function endsQuoted(line: string): boolean {
  let quote = '';
  for (let at = 0; at < line.length; at++) {
    const character = line[at] ?? '';
    if (character === '\\' && quote !== "'") at++;
    else if (quote === '' ? character === '"' || character === "'" : character === quote)
      quote = quote === '' ? character : '';
  }
  return quote !== '';
}

function withoutManyHereDocs(text: string): string {
  let line = 0;
  let found = 0;
  const cuts: number[] = [];
  for (let at = text.indexOf('<<'); at >= 0; at = text.indexOf('<<', at + 2)) {
    const start = text.lastIndexOf('\n', at) + 1;
    found = start === line ? found + 1 : 1;
    line = start;
    if (found > maxHereDocsOfLine) cuts.push(at);
    if (cuts.length > maxHereDocsOfLine) return `${text.slice(0, cuts[0])}${'x'.repeat(text.length - (cuts[0] ?? 0))}`;
  }
  return text;
}

interface Text {
  readonly plain: string;
  readonly masked: string;
  readonly span: (start: number, end: number) => Span;
  readonly depth: number;
}

function takeApart(script: ParsedScript, text: Text): ShellScript {
  const commands: ShellCommand[] = [];
  const otherWords: ShellWord[] = [];
  const loops: { readonly name: string; readonly words: readonly ShellWord[] }[] = [];
  const functions: { readonly name: string; readonly from: number; readonly to: number }[] = [];
  let branches = 0;
  const inner = (within: readonly number[]): readonly number[] => [...within, ++branches];
  const other = (found: Word | undefined): readonly ShellWord[] => {
    const words = found ? [wordOf(found, text)] : [];
    for (const word of words) otherWords.push(word);
    return words;
  };
  const visitAll = (nodes: readonly SyntaxNode[], within: readonly number[], operator: string, lasts: Lasts): void => {
    nodes.forEach((node, index) => {
      visit(node, within, index === nodes.length - 1 ? operator : ';', lasts);
    });
  };

  let depth = 0;
  const visit = (node: SyntaxNode, within: readonly number[], operator: string, lasts: Lasts): void => {
    if (++depth > maxDepth) throw tooDeep;
    visitNode(node, within, operator, lasts);
    depth--;
  };
  const visitNode = (node: SyntaxNode, within: readonly number[], operator: string, lasts: Lasts): void => {
    switch (node.type) {
      case 'Script':
      case 'CompoundList':
        visitAll(node.commands, within, operator, lasts);
        return;
      case 'Statement':
        visit(node.command, within, node.background ? '&' : operator, node.background ? 'no' : lasts);
        return;
      case 'Pipeline': {
        // Every command of a pipe runs in a subshell.
        const isPipe = node.commands.length > 1;
        const scope = isPipe ? inner(within) : within;
        node.commands.forEach((command, index) => {
          visit(command, scope, node.operators[index] ?? operator, isPipe ? 'no' : lasts);
        });
        return;
      }
      case 'AndOr': {
        const first = node.commands[0];
        // `cd here && NAME=value` is read as if it succeeds; `[ -z "$NAME" ] && NAME=value` is a condition.
        const asks =
          node.operators.includes('||') ||
          first?.type === 'TestCommand' ||
          (first?.type === 'Command' && /^(?:\[|test)$/.test(first.name?.text ?? ''));
        const scope = asks ? inner(within) : within;
        let holds = first && constant(first);
        node.commands.forEach((command, index) => {
          const joint = node.operators[index - 1];
          const runs = joint === undefined ? true : holds === undefined ? undefined : holds === (joint === '&&');
          const own = runs === undefined ? (asks ? worse(lasts, 'perhaps') : lasts) : runs ? lasts : 'no';
          visit(command, index === 0 ? within : scope, node.operators[index] ?? operator, own);
          if (index > 0 && runs !== false) holds = runs ? constant(command) : undefined;
        });
        return;
      }
      case 'Command': {
        const command = commandOf(node, text, within, operator);
        commands.push(lasts ? { ...command, lasts } : command);
        return;
      }
      case 'If': {
        visit(node.clause, within, ';', lasts);
        let open: boolean | undefined = true;
        const take = (clause: SyntaxNode, then: SyntaxNode): void => {
          const holds = constant(clause);
          const runs = open === false || holds === false ? false : open && holds;
          visit(then, inner(within), ';', runs === false ? 'no' : runs ? lasts : worse(lasts, 'perhaps'));
          if (open !== false && holds !== false) open = holds ? false : undefined;
        };
        take(node.clause, node.then);
        for (const branch of node.elif) {
          visit(branch.clause, inner(within), ';', worse(lasts, 'perhaps'));
          take(branch.clause, branch.then);
        }
        const rest = open ? lasts : open === false ? 'no' : worse(lasts, 'perhaps');
        if (node.else) visit(node.else, inner(within), operator, rest);
        return;
      }
      case 'For':
      case 'Select':
        loops.push({ name: node.name.text, words: (node.wordlist ?? []).flatMap(other) });
        visit(node.body, inner(within), operator, worse(lasts, 'perhaps'));
        return;
      case 'ArithmeticFor':
        visit(node.body, inner(within), operator, worse(lasts, 'perhaps'));
        return;
      case 'While': {
        const scope = inner(within);
        const runs = constant(node.clause) === (node.kind === 'until') ? 'no' : worse(lasts, 'perhaps');
        visit(node.clause, scope, ';', lasts);
        visit(node.body, scope, operator, runs);
        return;
      }
      case 'Case': {
        other(node.word);
        const chosen = choice(node.word, node.items, text);
        for (const item of node.items) {
          const runs = chosen === undefined ? worse(lasts, 'perhaps') : item === chosen ? lasts : 'no';
          visit(item.body, inner(within), operator, runs);
        }
        return;
      }
      case 'Function': {
        const from = commands.length;
        visit(node.body, inner(within), operator, 'no');
        functions.push({ name: node.name.text, from, to: commands.length });
        return;
      }
      case 'Coproc':
      case 'Subshell':
        visit(node.body, inner(within), operator, 'no');
        return;
      case 'BraceGroup':
        visit(node.body, within, operator, lasts);
        return;
      case 'Redirected':
        visit(node.command, within, operator, lasts);
        for (const redirection of node.redirects) if (redirection.type !== 'HereDoc') other(redirection.target);
        return;
      case 'TestCommand':
        for (const operand of operandsOf(node.expression)) other(operand);
        return;
      default:
        return;
    }
  };
  visit(script, [], ';', undefined);
  callFunctions(commands, functions);
  return {
    commands: commands.map((command, index) => withHereDocTargets(command, commands, index)),
    otherWords,
    loops,
    functions: new Set(functions.map(({ name }) => name)),
    errors: (script.errors ?? []).map((error) => text.span(error.pos, error.pos).start),
  };
}

type Lasts = ShellCommand['lasts'];

function worse(one: Lasts, other: Lasts): Lasts {
  return one === 'no' || other === 'no' ? 'no' : (one ?? other);
}

/** Whether a command certainly succeeds or fails; undefined if only the shell knows. */
function constant(node: SyntaxNode): boolean | undefined {
  if (node.type === 'CompoundList' || node.type === 'Statement') {
    const only = node.type === 'Statement' ? node.command : node.commands.length === 1 ? node.commands[0] : undefined;
    return only && constant(only);
  }
  if (node.type !== 'Command') return undefined;
  if (!node.name) return true;
  return /^(?:true|:)$/.test(node.name.text) ? true : node.name.text === 'false' ? false : undefined;
}

/** The branch that a literal word of `case` takes; undefined if a pattern decides. */
function choice(word: Word, items: readonly CaseItem[], text: Text): CaseItem | undefined {
  const wanted = wordOf(word, text).text;
  if (wanted === undefined) return undefined;
  for (const item of items)
    for (const each of item.pattern) {
      if (each.text === '*') return item;
      const pattern = wordOf(each, text);
      if (pattern.text === undefined || /[*?[]/.test(each.text)) return undefined;
      if (pattern.text === wanted) return item;
    }
  return undefined;
}

/** Commands of a function count where it is called, if they count at all. */
function callFunctions(
  commands: ShellCommand[],
  functions: readonly { readonly name: string; readonly from: number; readonly to: number }[],
): void {
  if (functions.length === 0) return;
  const called = new Set(commands.map(({ words }) => words[0]?.text));
  for (const { name, from, to } of functions)
    if (called.has(name))
      for (let at = from; at < to; at++) {
        const command = commands[at];
        if (command) commands[at] = { ...command, lasts: 'perhaps' };
      }
}

function operandsOf(expression: TestExpression): readonly Word[] {
  switch (expression.type) {
    case 'TestUnary':
      return [expression.operand];
    case 'TestBinary':
      return [expression.left, expression.right];
    case 'TestLogical':
      return expression.operands.flatMap(operandsOf);
    case 'TestNot':
      return operandsOf(expression.operand);
    case 'TestGroup':
      return operandsOf(expression.expression);
  }
}

function commandOf(node: Command, text: Text, within: readonly number[], operator: string): ShellCommand {
  const assignments: ShellAssignment[] = [];
  const words: ShellWord[] = node.name ? [wordOf(node.name, text)] : [];
  const redirections: ShellRedirection[] = [];
  const hereDocs: ShellHereDoc[] = [];
  for (const part of [...node.prefix, ...node.suffix]) {
    if (part.type === 'Word') words.push(wordOf(part, text));
    else if (part.type === 'Assignment') assignments.push(assignmentOf(part, text));
    else if (part.type === 'HereDoc') {
      const { pos, end, parts } = part.body;
      const literal = part.delimiter?.quoted || !parts;
      const span = text.span(pos, end);
      hereDocs.push({
        span,
        pieces: literal
          ? [{ kind: 'text', text: text.plain.slice(pos, end), span, quoted: true }]
          : parts.flatMap((piece) => piecesOf(piece, text, 'here')),
      });
    } else redirections.push(redirectionOf(part, text));
  }
  return { span: text.span(node.pos, node.end), assignments, words, redirections, hereDocs, operator, within };
}

function redirectionOf(node: Exclude<Redirection, { type: 'HereDoc' }>, text: Text): ShellRedirection {
  return {
    operator: node.operator,
    span: text.span(node.pos, node.end),
    target: node.target ? wordOf(node.target, text) : undefined,
  };
}

function assignmentOf(node: Assignment, text: Text): ShellAssignment {
  const { name, value } = node;
  return {
    name,
    nameSpan: text.span(node.pos, node.pos + name.length),
    partial: Boolean(node.append || node.index || value.type === 'ArrayValue'),
    value: value.type === 'Word' ? wordOf(value, text) : undefined,
    ...(value.type === 'ArrayValue' ? { elements: value.elements.map((element) => wordOf(element, text)) } : {}),
    ...(node.append && !node.index ? { appends: true } : {}),
  };
}

/** Finds the file that here-documents are written to: `cat > file <<EOF`, `tee file <<EOF`, `cat <<EOF | tee file`. */
function withHereDocTargets(command: ShellCommand, commands: readonly ShellCommand[], index: number): ShellCommand {
  if (command.hereDocs.length === 0) return command;
  let target: ShellWord | undefined;
  for (let at = index; !target && at < index + 8; at++) {
    const candidate = commands[at];
    if (!candidate) break;
    target =
      fileOfTee(candidate) ?? candidate.redirections.find(({ operator }) => /^(?:&?>>?|>\|)$/.test(operator))?.target;
    if (!candidate.operator.startsWith('|') || candidate.operator === '||') break;
  }
  return target ? { ...command, hereDocs: command.hereDocs.map((hereDoc) => ({ ...hereDoc, target })) } : command;
}

function fileOfTee(command: ShellCommand): ShellWord | undefined {
  const tee = command.words.findIndex(({ text }) => text !== undefined && /(?:^|\/)tee$/.test(text));
  if (tee < 0 || tee > 3) return undefined;
  return command.words.slice(tee + 1).find(({ text }) => !text?.startsWith('-'));
}

function wordOf(word: Word, text: Text): ShellWord {
  const pieces = word.parts
    ? word.parts.flatMap((part) => piecesOf(part, text, 'bare'))
    : literalPieces(word.pos, word.end, text, 'bare');
  const span = text.span(word.pos, word.end);
  let literal = '';
  for (const piece of pieces) {
    if (piece.kind !== 'text') return { span, pieces, dynamic: true };
    literal += piece.text;
  }
  return { span, pieces, text: literal, dynamic: false };
}

/** How a text is quoted, which decides which backslashes are special. */
type Quoting = 'bare' | 'double' | 'here';

function piecesOf(part: WordPart | DoubleQuotedChild, text: Text, quoting: Quoting): readonly ShellPiece[] {
  const { pos, end } = part;
  const span = text.span(pos, end);
  const quoted = quoting !== 'bare';
  switch (part.type) {
    case 'Literal':
    case 'Glob':
      return literalPieces(pos, end, text, quoting);
    case 'BraceExpansion':
    case 'ExtendedGlob':
      return /[$`]/.test(text.masked.slice(pos, end))
        ? [{ kind: 'other', span, quoted }]
        : literalPieces(pos, end, text, quoting);
    case 'SingleQuoted':
      return verbatim(pos + 1, closed(pos + 1, end, "'", text), text, true);
    case 'DoubleQuoted':
    case 'LocaleString': {
      const inner = part.parts.flatMap((child) => piecesOf(child, text, 'double'));
      const at = part.type === 'DoubleQuoted' ? pos + 1 : pos + 2;
      return inner.length > 0 ? inner : [{ kind: 'text', text: '', span: text.span(at, at), quoted: true }];
    }
    case 'AnsiCQuoted': {
      const inner = closed(pos + 2, end, "'", text);
      if (!text.masked.slice(pos + 2, inner).includes('\\')) return verbatim(pos + 2, inner, text, true);
      return [{ kind: 'text', text: part.value, span: text.span(pos + 2, inner), quoted: true }];
    }
    case 'SimpleExpansion':
      return [{ kind: 'variable', name: text.plain.slice(pos + 1, end), span, quoted }];
    case 'ParameterExpansion': {
      const { operation } = part;
      const name = text.plain.slice(part.parameterPos, part.parameterEnd);
      const other = (of?: ShellExpansion): readonly ShellPiece[] => [
        { kind: 'other', span, quoted, name, ...(of && { of }) },
      ];
      if (part.index && !part.prefix && !operation && /^[@*]$/.test(part.index.text))
        return other({ kind: 'elements', name, joined: quoted && part.index.text === '*' });
      if (part.prefix || part.index) return other();
      if (!operation) return [{ kind: 'variable', name, span, quoted }];
      if (operation.type === 'Slice') {
        const from = numberOf(operation.offset);
        const length = operation.length && numberOf(operation.length);
        if (from === undefined || (operation.length && length === undefined)) return other();
        return other({ kind: 'slice', name, from, ...(length === undefined ? {} : { length }) });
      }
      if (operation.type !== 'Default') return other();
      const { operator } = operation;
      const word = wordOf(operation.operand, text);
      if (operator.endsWith('+')) return other({ kind: 'alternative', name, operator, word });
      if (operator.endsWith('?')) return [{ kind: 'variable', name, span, quoted, operator, word }];
      const fallback = word.text === undefined ? {} : { fallback: { text: word.text, span: contentSpan(word) } };
      return [{ kind: 'variable', name, span, quoted, ...fallback, operator, word }];
    }
    case 'CommandExpansion':
    case 'ProcessSubstitution': {
      if (text.depth >= maxSubstitutionDepth) return [{ kind: 'substitution', span, quoted }];
      const script = part.script;
      if (!script) return [{ kind: 'substitution', span, quoted }];
      // Backticks with escapes are parsed from a decoded copy, whose offsets differ: the place is the whole
      // substitution.
      const inside: Text =
        script.source === undefined
          ? { ...text, depth: text.depth + 1 }
          : { plain: script.source, masked: script.source, span: () => span, depth: text.depth + 1 };
      return [{ kind: 'substitution', span, quoted, script: takeApart(script, inside) }];
    }
    case 'ArithmeticExpansion': {
      const result = part.expression && calculated(part.expression);
      if (result === undefined) return [{ kind: 'other', span, quoted }];
      return [{ kind: 'text', text: result.toString(), span, quoted }];
    }
  }
}

function numberOf(word: Word): number | undefined {
  return /^ *\d{1,9}$/.test(word.text) ? Number(word.text) : undefined;
}

/** The result of an expression of numbers, signed and of 64 bits as in a shell. */
function calculated(expression: ArithmeticExpression, depth = 0): bigint | undefined {
  if (depth > maxArithmeticDepth) return undefined;
  if (expression.type === 'ArithmeticGroup') return calculated(expression.expression, depth + 1);
  if (expression.type === 'ArithmeticWord')
    return /^(?:0|[1-9]\d{0,17})$/.test(expression.value) ? BigInt(expression.value) : undefined;
  if (expression.type !== 'ArithmeticBinary') return undefined;
  const left = calculated(expression.left, depth + 1);
  const right = calculated(expression.right, depth + 1);
  if (left === undefined || right === undefined) return undefined;
  switch (expression.operator) {
    case '+':
      return BigInt.asIntN(64, left + right);
    case '-':
      return BigInt.asIntN(64, left - right);
    case '*':
      return BigInt.asIntN(64, left * right);
    case '/':
      return right === 0n ? undefined : left / right;
    case '%':
      return right === 0n ? undefined : left % right;
    default:
      return undefined;
  }
}

/** The place of the text in a literal word, without the quotes around it. */
export function contentSpan(word: ShellWord): Span {
  const first = word.pieces[0];
  const last = word.pieces.at(-1);
  return first && last ? { start: first.span.start, end: last.span.end } : word.span;
}

function closed(start: number, end: number, quote: string, text: Text): number {
  return end > start && text.masked[end - 1] === quote ? end - 1 : Math.max(start, end);
}

function verbatim(start: number, end: number, text: Text, quoted: boolean): readonly ShellPiece[] {
  return [{ kind: 'text', text: text.plain.slice(start, end), span: text.span(start, end), quoted }];
}

/** Unescapes literal text. Every escape becomes a piece of its own, so that the others read as written. */
function literalPieces(start: number, end: number, text: Text, quoting: Quoting): readonly ShellPiece[] {
  const quoted = quoting !== 'bare';
  const pieces: ShellPiece[] = [];
  const raw = text.masked.slice(start, end);
  let from = 0;
  const take = (upTo: number): void => {
    if (upTo > from) pieces.push(...verbatim(start + from, start + upTo, text, quoted));
  };
  for (let at = raw.indexOf('\\'); at >= 0; at = raw.indexOf('\\', at + 2)) {
    const next = raw[at + 1];
    if (next === undefined) break;
    if (quoting === 'double' && !'$`"\\\n'.includes(next)) continue;
    if (quoting === 'here' && !'$`\\\n'.includes(next)) continue;
    take(at);
    const escaped = start + at;
    // A backslash at the end of a line joins the lines and leaves nothing behind.
    if (next !== '\n') {
      const character = text.plain.slice(escaped + 1, escaped + 2);
      pieces.push({ kind: 'text', text: character, span: text.span(escaped, escaped + 2), quoted });
    }
    from = at + 2;
  }
  take(raw.length);
  return pieces.length > 0 ? pieces : verbatim(start, start, text, quoted);
}
