import { type Choice, type Choices, followsOperand, outsiderFields, type Range, type Use } from './choices.ts';
import type { Token } from './tokens.ts';

/** What is still open at a place inside a statement. */
type Frame =
  | { readonly kind: 'bracket'; readonly expression: number; readonly open: number }
  | { readonly kind: 'lambda' }
  /** An `if` or `elif` that begins the statement. */
  | { readonly kind: 'statement'; readonly from: number }
  /** After the `if` of `A if C else B`, or of a comprehension. */
  | { readonly kind: 'test'; readonly expression: number; readonly from: number }
  /** After its `else`. */
  | { readonly kind: 'rest'; readonly expression: number; readonly condition: Range };

interface Block {
  readonly indentation: number;
  readonly condition: Range;
  readonly from: number;
}

/** Names that stand for `ctx.build` or for a text of it. */
type Aliases = Map<string, { readonly field?: string }>;

/** The conditions of a Starlark program, and what it reads of `ctx.build`. The tokens exclude comments. */
export function starlarkChoices(text: string, tokens: readonly Token[]): Choices {
  const context = contextName(tokens);
  const uses: Use[] = [];
  const choices: Choice[] = [];
  const blocks: Block[] = [];
  const aliases: Aliases = new Map();
  for (const line of statementsOf(tokens)) {
    const first = tokens[line.from];
    const indentation = first ? columnOf(text, first.start) : 0;
    const isNextBranch = first?.value === 'elif' || first?.value === 'else';
    for (let block = blocks.at(-1); block; block = blocks.at(-1)) {
      if (block.indentation < indentation || (block.indentation === indentation && isNextBranch)) break;
      blocks.pop();
      choices.push({ condition: block.condition, guarded: { from: block.from, to: line.from } });
    }
    // Names in one function do not exist in the next.
    if (indentation === 0) aliases.clear();
    const before = uses.length;
    for (let index = line.from; index < line.to; index++) {
      const use = useAt(tokens, index, context, aliases);
      if (use) uses.push(use);
    }
    readStatement(tokens, line, indentation, choices, blocks);
    readAssignment(tokens, line, context, aliases, uses.slice(before));
  }
  for (const { condition, from } of blocks) choices.push({ condition, guarded: { from, to: tokens.length } });
  return { uses, choices };
}

/** The name that `main` gives to the context that Drone passes; the functions it calls mostly use it too. */
function contextName(tokens: readonly Token[]): string {
  const at = tokens.findIndex(({ value }, index) => value === 'def' && tokens[index + 1]?.value === 'main');
  const parameter = at < 0 ? undefined : tokens[at + 3];
  return parameter?.kind === 'name' ? parameter.value : 'ctx';
}

function* statementsOf(tokens: readonly Token[]): Iterable<Range> {
  let from = 0;
  for (const [index, { kind }] of tokens.entries()) {
    if (kind !== 'line end') continue;
    if (index > from) yield { from, to: index };
    from = index + 1;
  }
  if (from < tokens.length) yield { from, to: tokens.length };
}

/** A tab extends to the next multiple of eight. */
function columnOf(text: string, offset: number): number {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  let column = 0;
  for (let at = lineStart; at < offset; at++) column = text[at] === '\t' ? column + 8 - (column % 8) : column + 1;
  return column;
}

/** Finds the conditions in one statement; for `if` and `elif`, the block that it opens depends on them. */
function readStatement(
  tokens: readonly Token[],
  line: Range,
  indentation: number,
  choices: Choice[],
  blocks: Block[],
): void {
  const frames: Frame[] = [];
  let expression = line.from;
  let open = line.from;
  const settle = (to: number): void => {
    for (let frame = frames.at(-1); frame?.kind === 'test' || frame?.kind === 'rest'; frame = frames.at(-1)) {
      frames.pop();
      // A test without an alternative belongs to a comprehension: everything between the brackets depends on it.
      if (frame.kind === 'test') choices.push({ condition: { from: frame.from, to }, guarded: { from: open, to } });
      else choices.push({ condition: frame.condition, guarded: { from: frame.expression, to } });
    }
  };
  for (let index = line.from; index < line.to; index++) {
    const { kind, value } = tokens[index] ?? { kind: 'line end', value: '' };
    if (kind !== 'sign' && kind !== 'name') continue;
    const top = frames.at(-1);
    if (kind === 'name') {
      if ((value === 'if' || value === 'elif') && index === line.from) {
        frames.push({ kind: 'statement', from: index + 1 });
        expression = index + 1;
      } else if (value === 'if') {
        if (top?.kind === 'test') settle(index);
        frames.push({ kind: 'test', expression, from: index + 1 });
      } else if (value === 'else' && top?.kind === 'test') {
        frames[frames.length - 1] = {
          kind: 'rest',
          expression: top.expression,
          condition: { from: top.from, to: index },
        };
        expression = index + 1;
      } else if (value === 'for') settle(index);
      else if (value === 'lambda') frames.push({ kind: 'lambda' });
      else if (value === 'return') expression = index + 1;
    } else if (/^[([{]$/.test(value)) {
      frames.push({ kind: 'bracket', expression, open });
      expression = index + 1;
      open = index;
    } else if (/^[)\]}]$/.test(value)) {
      while (frames.length > 0 && frames.at(-1)?.kind !== 'bracket' && frames.at(-1)?.kind !== 'statement') {
        settle(index);
        if (frames.at(-1)?.kind === 'lambda') frames.pop();
      }
      const bracket = frames.at(-1);
      if (bracket?.kind === 'bracket') {
        frames.pop();
        expression = bracket.expression;
        open = bracket.open;
      }
    } else if (value === ':') {
      settle(index);
      const opener = frames.at(-1);
      if (opener?.kind === 'lambda') frames.pop();
      if (opener?.kind === 'statement') {
        frames.pop();
        blocks.push({ indentation, condition: { from: opener.from, to: index }, from: index + 1 });
      }
      expression = index + 1;
    } else if (value === ',' || value === ';' || /^(?:[^=!<>]?=)$/.test(value)) {
      settle(index);
      expression = index + 1;
    }
  }
  while (frames.length > 0) {
    settle(line.to);
    frames.pop();
  }
}

/**
 * `ctx.build.message`, `getattr(ctx.build, "message")`, or a name that stands for it. A struct cannot be indexed as
 * `ctx.build["message"]`.
 */
function useAt(tokens: readonly Token[], index: number, context: string, aliases: Aliases): Use | undefined {
  const token = tokens[index];
  if (token?.kind !== 'name' || tokens[index - 1]?.value === '.') return undefined;
  const alias = aliases.get(token.value);
  // `name=` is an assignment, or a parameter of that name.
  if (alias?.field !== undefined && tokens[index + 1]?.value !== '=')
    return { from: index, to: index + 1, name: `build.${alias.field}` };
  const isGetter = token.value === 'getattr' && tokens[index + 1]?.value === '(';
  const end = endOfBuild(tokens, isGetter ? index + 2 : index, context, aliases);
  const field = end === undefined ? undefined : tokens[end + 1];
  if (end === undefined || !field || !outsiderFields.has(field.value)) return undefined;
  const isField = isGetter
    ? tokens[end]?.value === ',' && field.kind === 'string'
    : tokens[end]?.value === '.' && field.kind === 'name';
  return isField ? { from: index, to: end + 2, name: `build.${field.value}` } : undefined;
}

/** The index after `ctx.build`, or after a name that stands for it, if one begins here. */
function endOfBuild(tokens: readonly Token[], index: number, context: string, aliases: Aliases): number | undefined {
  const [first, dot, build] = [tokens[index], tokens[index + 1], tokens[index + 2]];
  if (first?.kind !== 'name') return undefined;
  const alias = aliases.get(first.value);
  if (alias && alias.field === undefined) return index + 1;
  return first.value === context && dot?.value === '.' && build?.value === 'build' ? index + 3 : undefined;
}

/** Learns what a name stands for from now on. A call may return anything, except for the text's own methods. */
function readAssignment(
  tokens: readonly Token[],
  line: Range,
  context: string,
  aliases: Aliases,
  uses: readonly Use[],
): void {
  const name = tokens[line.from];
  if (name?.kind !== 'name' || tokens[line.from + 1]?.value !== '=') return;
  aliases.delete(name.value);
  const from = line.from + 2;
  if (endOfBuild(tokens, from, context, aliases) === line.to) aliases.set(name.value, {});
  const openUses = new Map(uses.map((use) => [use.from, use]));
  const calls: boolean[] = [];
  let isInCall = 0;
  for (let index = from; index < line.to; index++) {
    const { kind, value } = tokens[index] ?? { kind: 'line end', value: '' };
    if (kind === 'name' && /^(?:if|for|lambda)$/.test(value)) return;
    const use = openUses.get(index);
    if (use && isInCall === 0) {
      aliases.set(name.value, { field: use.name.slice('build.'.length) });
      return;
    }
    if (kind !== 'sign') continue;
    if (/^[([{]$/.test(value)) {
      const isCall = value !== '(' || followsOperand(tokens, index);
      calls.push(isCall);
      if (isCall) isInCall += 1;
    } else if (/^[)\]}]$/.test(value) && calls.pop()) isInCall -= 1;
  }
}
