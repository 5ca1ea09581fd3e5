import type { Pipeline, Step, Substitution } from '../../model/pipeline.ts';
import { reachOf } from '../../model/reach.ts';
import type { Hit } from '../../model/rule.ts';
import { subjectOf } from '../command/sights.ts';

/**
 * The `${…}` that a pipeline answers for, by the step in which they stand (undefined: outside of steps). What several
 * pipelines share, and what stands in none of them, belongs to the first.
 */
export function substitutionsByStep(pipeline: Pipeline): ReadonlyMap<Step | undefined, readonly Substitution[]> {
  const found = new Map<Step | undefined, Substitution[]>();
  for (const substitution of pipeline.stream.substitutions) {
    const { pipelines, steps } = substitution;
    if ((pipelines[0] ?? pipeline.stream.pipelines[0]) !== pipeline) continue;
    const [step] = steps;
    const same = found.get(step);
    if (same) same.push(substitution);
    else found.set(step, [substitution]);
  }
  return found;
}

/** The hit for what stands in one step, or outside of steps: the first place, the others related. */
export function hitOf(
  pipeline: Pipeline,
  step: Step | undefined,
  found: readonly Substitution[],
  hit: Pick<Hit, 'message' | 'severity'>,
): Hit | undefined {
  const [first, ...others] = found;
  if (!first) return undefined;
  return {
    at: first.at,
    subject: step ? subjectOf(step) : 'text',
    reach: reachOf((step ?? pipeline).reach),
    related: others.slice(0, mostRelated).map(({ at, name }) => ({ at, message: `"${shown(name)}" here too` })),
    ...hit,
  };
}

const mostRelated = 20;

/** Names as people write them; the rest of an expression may hold anything. */
export function shown(name: string): string {
  return `\${${name}}`;
}

/** `"${A}", "${B}" and 3 more`. */
export function namesOf(found: readonly Substitution[]): string {
  const names = [...new Set(found.map(({ name }) => `"${shown(name)}"`))];
  return `${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`;
}

/** Where most of them stand: `the commands of "build"`. */
export function placeOf(step: Step | undefined, [first]: readonly Substitution[]): string {
  const place = places[first?.sink ?? 'other'];
  return step ? `${place} of "${step.name}"` : place === 'the lines' ? 'the file' : place;
}

const places: Readonly<Record<Substitution['sink'], string>> = {
  command: 'the commands',
  setting: 'the settings',
  image: 'the image',
  environment: 'the environment',
  name: 'the name',
  condition: 'the conditions',
  comment: 'a comment',
  key: 'a key',
  other: 'the lines',
};
