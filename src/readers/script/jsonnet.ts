import { type Choice, type Choices, followsOperand, outsiderFields, type Range, type Use } from './choices.ts';
import type { Token } from './tokens.ts';

/** What is still open at a place. */
type Frame =
  | { readonly kind: 'bracket'; readonly open: number }
  | { readonly kind: 'local' }
  | { readonly kind: 'if'; readonly from: number }
  | { readonly kind: 'then' | 'else'; readonly condition: Range; readonly from: number };

/** In longer definitions, what a name stands for is not looked up. */
const maxValueLength = 64;

/** The conditions of a Jsonnet program, and what it reads of the build. The tokens exclude comments. */
export function jsonnetChoices(tokens: readonly Token[]): Choices {
  const uses: Use[] = [];
  const choices: Choice[] = [];
  const frames: Frame[] = [];
  const aliases = new Map<string, string>();
  /** Ends all choices inside the enclosing frame. */
  const settle = (to: number): void => {
    for (
      let frame = frames.at(-1);
      frame && frame.kind !== 'bracket' && frame.kind !== 'local';
      frame = frames.at(-1)
    ) {
      frames.pop();
      if (frame.kind !== 'if') choices.push({ condition: frame.condition, guarded: { from: frame.from, to } });
      else addFilter(frame.from, to);
    }
  };
  const opens: number[] = [];
  /** A condition without `then` belongs to a comprehension: everything between the brackets depends on it. */
  const addFilter = (from: number, to: number): void => {
    choices.push({ condition: { from, to }, guarded: { from: opens.at(-1) ?? 0, to } });
  };
  for (const [index, { kind, value }] of tokens.entries()) {
    const use = useAt(tokens, index, aliases);
    if (use) uses.push(use);
    if (kind === 'name') {
      if (value === 'if') {
        if (followsOperand(tokens, index)) settle(index);
        frames.push({ kind: 'if', from: index + 1 });
      } else if (value === 'then') openBranch(frames, choices, index);
      else if (value === 'else') openAlternative(frames, choices, index);
      else if (value === 'for') settle(index);
      else if (value === 'local') {
        frames.push({ kind: 'local' });
        readBinding(tokens, index + 1, aliases);
      }
    } else if (kind === 'sign') {
      if (/^[([{]$/.test(value)) {
        frames.push({ kind: 'bracket', open: index });
        opens.push(index);
      } else if (/^[)\]}]$/.test(value)) {
        settle(index);
        while (frames.at(-1)?.kind === 'local') {
          frames.pop();
          settle(index);
        }
        if (frames.pop()) opens.pop();
      } else if (value === ',') {
        settle(index);
        if (frames.at(-1)?.kind === 'local') readBinding(tokens, index + 1, aliases);
      } else if (value === ';') {
        settle(index);
        if (frames.at(-1)?.kind === 'local') frames.pop();
      }
    }
  }
  while (frames.length > 0) {
    settle(tokens.length);
    frames.pop();
  }
  return { uses, choices };
}

/** `then` ends the open condition, and with it the choices inside. */
function openBranch(frames: Frame[], choices: Choice[], index: number): void {
  for (let frame = frames.at(-1); frame; frame = frames.at(-1)) {
    if (frame.kind === 'bracket' || frame.kind === 'local') return;
    frames.pop();
    if (frame.kind === 'if') {
      frames.push({ kind: 'then', condition: { from: frame.from, to: index }, from: index + 1 });
      return;
    }
    choices.push({ condition: frame.condition, guarded: { from: frame.from, to: index } });
  }
}

/** `else` belongs to the nearest `then` that has none yet. */
function openAlternative(frames: Frame[], choices: Choice[], index: number): void {
  for (let frame = frames.at(-1); frame?.kind === 'else' || frame?.kind === 'then'; frame = frames.at(-1)) {
    frames.pop();
    if (frame.kind === 'then') {
      frames.push({ ...frame, kind: 'else' });
      return;
    }
    choices.push({ condition: frame.condition, guarded: { from: frame.from, to: index } });
  }
}

/** `std.extVar("build.message")`, or a name that stands for it. */
function useAt(tokens: readonly Token[], index: number, aliases: ReadonlyMap<string, string>): Use | undefined {
  const token = tokens[index];
  if (token?.kind !== 'name' || tokens[index - 1]?.value === '.') return undefined;
  const alias = aliases.get(token.value);
  // `name =` and `name:` define the name anew.
  if (alias !== undefined && !/^[:=]$/.test(tokens[index + 1]?.value ?? ''))
    return { from: index, to: index + 1, name: alias };
  const call = ['std', '.', 'extVar', '('];
  if (!call.every((part, place) => tokens[index + place]?.value === part)) return undefined;
  const variable = tokens[index + call.length];
  const [scope, field = '', ...rest] = variable?.value.split('.') ?? [];
  if (variable?.kind !== 'string' || scope !== 'build' || rest.length > 0 || !outsiderFields.has(field))
    return undefined;
  return { from: index, to: index + call.length + 2, name: variable.value };
}

/**
 * Learns what the name of a `local` stands for: a text of the build, if its value is one that is only compared or is
 * changed only by functions of the standard library.
 */
function readBinding(tokens: readonly Token[], index: number, aliases: Map<string, string>): void {
  const name = tokens[index];
  if (name?.kind !== 'name' || tokens[index + 1]?.value !== '=') return;
  aliases.delete(name.value);
  const brackets: boolean[] = [];
  let hidden = 0;
  let found: string | undefined;
  for (let at = index + 2; at < index + 2 + maxValueLength; at++) {
    const token = tokens[at];
    if (!token || (brackets.length === 0 && /^[,;}\])]$/.test(token.value) && token.kind === 'sign')) {
      if (found !== undefined) aliases.set(name.value, found);
      return;
    }
    if (token.kind === 'name' && /^(?:if|for|function|local)$/.test(token.value)) return;
    if (hidden === 0) found ??= useAt(tokens, at, aliases)?.name;
    if (token.kind !== 'sign') continue;
    if (/^[([{]$/.test(token.value)) {
      const isHidden = token.value !== '(' || (followsOperand(tokens, at) && !isOfLibrary(tokens, at));
      brackets.push(isHidden);
      if (isHidden) hidden += 1;
    } else if (/^[)\]}]$/.test(token.value) && brackets.pop()) hidden -= 1;
  }
}

/** `std.length(`, up to the bracket at this index. */
function isOfLibrary(tokens: readonly Token[], index: number): boolean {
  return tokens[index - 2]?.value === '.' && tokens[index - 3]?.value === 'std';
}
