import type { Pipeline, Step } from './pipeline.ts';

export function allSteps({ steps, services }: Pipeline): readonly Step[] {
  return [...steps, ...services];
}

/** The subject of findings about a step, which `supersedes` compares. */
export function subjectOf({ section, name }: Step): string {
  return `${section}[${name}]`;
}
