import type { Pipeline, Step } from './pipeline.ts';

/** Steps and services, in this order. */
export function allSteps({ steps, services }: Pipeline): readonly Step[] {
  return [...steps, ...services];
}

/** What `supersedes` compares of a step. */
export function subjectOf({ section, name }: Step): string {
  return `${section}[${name}]`;
}
