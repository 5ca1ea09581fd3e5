import type { Token } from './tokens.ts';

/** Tokens by their index, end exclusive. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** A condition, and the range that depends on it. */
export interface Choice {
  readonly condition: Range;
  readonly guarded: Range;
}

/** A place that reads text of the build. */
export interface Use extends Range {
  readonly name: string;
}

/** What a program asks about the build, and where it chooses; both in the order of the text. */
export interface Choices {
  readonly uses: readonly Use[];
  readonly choices: readonly Choice[];
}

/** A use inside a condition. */
export interface Decision {
  readonly name: string;
  /** Offsets in the text. */
  readonly start: number;
  readonly end: number;
  readonly withSecrets: boolean;
}

/**
 * What Drone passes to a program about a build and outsiders write: `ctx.build.message` in Starlark,
 * `std.extVar("build.message")` in Jsonnet (harness/drone@3e7ecf1 plugin/converter/starlark/args.go:122-147,
 * plugin/converter/jsonnet/jsonnet.go:155-177). The author's login is that of the commit, not of whoever sent it.
 */
export const outsiderFields: ReadonlySet<string> = new Set([
  'title',
  'message',
  'source',
  'author_login',
  'author_name',
  'author_email',
  'author_avatar',
]);

/** The uses inside conditions. */
export function decisionsOf(tokens: readonly Token[], { uses, choices }: Choices): readonly Decision[] {
  // Nested conditions cover the same tokens again and again, so each is counted where it begins and where it ends.
  const secrets = countOf(
    tokens,
    ({ kind, value }) => value === 'from_secret' && (kind === 'string' || kind === 'name'),
  );
  const depth = new Int32Array(tokens.length + 1);
  const depthWithSecrets = new Int32Array(tokens.length + 1);
  for (const { condition, guarded } of choices) {
    mark(depth, condition);
    if ((secrets[guarded.to] ?? 0) > (secrets[guarded.from] ?? 0)) mark(depthWithSecrets, condition);
  }
  addUp(depth);
  addUp(depthWithSecrets);
  return uses.flatMap(({ from, to, name }) => {
    const first = tokens[from];
    const last = tokens[to - 1];
    if (!first || !last || !depth[from]) return [];
    return [{ name, start: first.start, end: last.end, withSecrets: (depthWithSecrets[from] ?? 0) > 0 }];
  });
}

/** For each index, how many tokens before it pass the test. */
function countOf(tokens: readonly Token[], isMeant: (token: Token) => boolean): Int32Array {
  const counts = new Int32Array(tokens.length + 1);
  for (const [index, token] of tokens.entries()) counts[index + 1] = (counts[index] ?? 0) + (isMeant(token) ? 1 : 0);
  return counts;
}

function mark(changes: Int32Array, { from, to }: Range): void {
  if (from >= to) return;
  changes[from] = (changes[from] ?? 0) + 1;
  changes[to] = (changes[to] ?? 0) - 1;
}

function addUp(changes: Int32Array): void {
  for (let index = 1; index < changes.length; index++)
    changes[index] = (changes[index] ?? 0) + (changes[index - 1] ?? 0);
}

/** Whether a bracket at this index calls or indexes what precedes it, rather than only grouping. */
export function followsOperand(tokens: readonly Token[], index: number): boolean {
  const before = tokens[index - 1];
  if (!before) return false;
  if (before.kind === 'name') return !words.has(before.value);
  return before.kind === 'string' || before.kind === 'number' || /^[)\]}]$/.test(before.value);
}

/** Words of either language after which an expression may follow. */
const words: ReadonlySet<string> = new Set([
  'and',
  'assert',
  'elif',
  'else',
  'error',
  'for',
  'if',
  'in',
  'local',
  'not',
  'or',
  'return',
  'then',
]);
