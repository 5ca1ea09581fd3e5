/** A text with its references replaced. */
export interface Expansion {
  readonly text: string;
  /** A reference has no value or is malformed, so the text is not what the process will see. */
  readonly unresolved: boolean;
  /** A default was used for a value that is unknown. */
  readonly fallback: boolean;
}

/** How deep defaults may be nested; deeper ones are left as they are. */
const maxDepth = 20;
/** A text that references make longer than this stays unresolved. */
const maxLength = 256 * 1024;

/**
 * Replaces `$NAME`, `${NAME}`, `${NAME:-default}` and the like as Compose does (compose-spec/compose-go
 * template/template.go); `$$` is a dollar sign.
 */
export function expandReferences(text: string, lookup: (name: string) => string | undefined): Expansion {
  if (!text.includes('$')) return { text, unresolved: false, fallback: false };
  const state: State = { text, lookup, at: 0, unresolved: false, fallback: false, malformed: false, length: 0 };
  const expanded = readUntil(state, false, 0);
  if (state.malformed || state.unresolved) return { text, unresolved: true, fallback: false };
  return { text: expanded, unresolved: false, fallback: state.fallback };
}

interface State {
  readonly text: string;
  readonly lookup: (name: string) => string | undefined;
  at: number;
  unresolved: boolean;
  fallback: boolean;
  /** Compose would refuse it, so reading stops. */
  malformed: boolean;
  /** Total length of everything that was assembled, including unused defaults. */
  length: number;
}

/** Reads to the end, or within braces up to the closing one, which is left to the caller. */
function readUntil(state: State, inBraces: boolean, depth: number): string {
  const { text } = state;
  const pieces: string[] = [];
  while (state.at < text.length && !state.malformed) {
    const c = text.charAt(state.at);
    if (inBraces && c === '}') break;
    let piece = c;
    if (c === '$') piece = readReference(state, depth);
    else state.at++;
    state.length += piece.length;
    if (state.length > maxLength + 2 * text.length) state.malformed = true;
    pieces.push(piece);
  }
  return pieces.join('');
}

const nameForm = /[_a-zA-Z][_a-zA-Z0-9]*/y;

function readName(state: State, from: number): string | undefined {
  nameForm.lastIndex = from;
  const name = nameForm.exec(state.text)?.[0];
  if (name !== undefined) state.at = from + name.length;
  return name;
}

function readReference(state: State, depth: number): string {
  const { text } = state;
  if (text[state.at + 1] === '$') {
    state.at += 2;
    return '$';
  }
  const braced = text[state.at + 1] === '{';
  const name = readName(state, state.at + (braced ? 2 : 1));
  if (name === undefined || (braced && depth >= maxDepth)) {
    state.malformed = true;
    return '';
  }
  const value = state.lookup(name);
  return braced ? readBraces(state, value, depth) : orUnresolved(state, value);
}

function orUnresolved(state: State, value: string | undefined): string {
  if (value === undefined) state.unresolved = true;
  return value ?? '';
}

function readBraces(state: State, value: string | undefined, depth: number): string {
  const { text } = state;
  if (text[state.at] === '}') {
    state.at++;
    return orUnresolved(state, value);
  }
  const emptyCounts = text[state.at] === ':';
  const operator = text.charAt(state.at + (emptyCounts ? 1 : 0));
  state.at += emptyCounts ? 2 : 1;
  const outside = { unresolved: state.unresolved, fallback: state.fallback };
  const word = readUntil(state, true, depth + 1);
  if (text[state.at] !== '}') state.malformed = true;
  state.at++;
  const given = value !== undefined && !(emptyCounts && value === '');
  const usesWord = operator === '-' ? !given : operator === '+' && given;
  // The content of an unused word does not matter.
  if (!usesWord) Object.assign(state, outside);
  switch (operator) {
    case '-':
      if (given) return value;
      state.fallback = true;
      return word;
    case '?':
      return orUnresolved(state, given ? value : undefined);
    case '+':
      if (value === undefined) state.unresolved = true;
      return given ? word : '';
    default:
      state.malformed = true;
      return '';
  }
}
