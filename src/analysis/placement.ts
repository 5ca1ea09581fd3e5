import type { Container } from '../model/container.ts';

/**
 * Whether two services of one file never run on one host: their swarm constraints contradict each other
 * (`node.role == manager` and `node.role == worker`), or they belong to different Compose profiles.
 */
export function areKeptApart(one: Container, other: Container): boolean {
  const profiles = new Set(one.profiles);
  if (profiles.size > 0 && other.profiles && !other.profiles.some((profile) => profiles.has(profile))) return true;
  const first = (one.placement ?? []).flatMap((text) => parse(text) ?? []);
  const second = (other.placement ?? []).flatMap((text) => parse(text) ?? []);
  return first.some((a) => second.some((b) => a.key === b.key && contradict(a, b)));
}

interface Constraint {
  readonly key: string;
  readonly equal: boolean;
  readonly value: string;
}

/** `node.labels.disk == ssd`, `node.role!=manager` (moby/swarmkit manager/constraint/constraint.go Parse). */
function parse(text: string): Constraint | undefined {
  const [, key, operator, value] = /^\s*([\w.-]{1,200})\s*(==|!=)\s*(\S.*?)\s*$/.exec(text.slice(0, 500)) ?? [];
  if (key === undefined || value === undefined) return undefined;
  return { key, equal: operator === '==', value: value.toLowerCase() };
}

function contradict(a: Constraint, b: Constraint): boolean {
  if (a.equal && b.equal) return a.value !== b.value;
  return a.equal !== b.equal && a.value === b.value;
}
