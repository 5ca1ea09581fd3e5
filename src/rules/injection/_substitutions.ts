import { inStep } from '../../analysis/step-hits.ts';
import { isLength } from '../../drone/substitution.ts';
import { controlOf } from '../../facts/build-variables.ts';
import { outsiderTexts } from '../../facts/outsider-text.ts';
import { addTo } from '../../model/groups.ts';
import { memoizePer } from '../../model/memoize.ts';
import {
  allSteps,
  type DroneEvent,
  type Pipeline,
  type PipelineStream,
  type Step,
  type Substitution,
  subjectOf,
} from '../../model/pipeline.ts';
import { alsoAt, type Hit, type Location, ownWords, say, type Text } from '../../model/rule.ts';

/**
 * The `${…}` that a pipeline answers for, by the step they are in (undefined: outside steps). Those that several pipelines
 * share, or that are in none of them, belong to the first.
 */
export function substitutionsByStep(pipeline: Pipeline): BySteps {
  return byPipeline(pipeline.stream).get(pipeline) ?? new Map();
}

type BySteps = ReadonlyMap<Step | undefined, readonly Substitution[]>;

const byPipeline = memoizePer(({ pipelines, substitutions }: PipelineStream): ReadonlyMap<Pipeline, BySteps> => {
  const found = new Map<Pipeline, Map<Step | undefined, Substitution[]>>();
  for (const substitution of substitutions) {
    const owner = substitution.pipelines[0] ?? pipelines[0];
    if (!owner) continue;
    const bySteps = found.get(owner) ?? new Map<Step | undefined, Substitution[]>();
    found.set(owner, bySteps);
    const own = substitution.steps.filter((step) => stepsOf(owner).has(step));
    for (const step of own.length > 0 ? own : [substitution.steps[0]]) addTo(bySteps, step, substitution);
  }
  return found;
});

const stepsOf = memoizePer((pipeline: Pipeline): ReadonlySet<Step> => new Set(allSteps(pipeline)));

/**
 * The hit for the substitutions in one step, or outside steps: at the first, with the others as related places. `toldOf`: what is
 * said of some of them, the worst first.
 */
export function hitOf(
  pipeline: Pipeline,
  step: Step | undefined,
  found: readonly Substitution[],
  toldOf: (
    found: readonly [Substitution, ...Substitution[]],
  ) => Pick<Hit, 'message' | 'severity' | 'reach' | 'fills' | 'fix'>,
): Hit | undefined {
  const [first, ...others] = found;
  if (!first) return undefined;
  const place = ({ at }: Substitution): Location => (step ? inStep(step, at) : at);
  return {
    at: place(first),
    subject: step ? subjectOf(step) : 'text',
    reach: (step ?? pipeline).reach,
    related: others.map((other) => alsoAt(place(other), say`"${shown(other.name)}" here too`, toldOf([other]))),
    ...toldOf([first, ...others]),
  };
}

const maxNameLength = 60;

/** Names as people write them; the rest of an expression may hold anything. */
export function shown(name: string): string {
  return `\${${name.length > maxNameLength ? `${name.slice(0, maxNameLength)}…` : name}}`;
}

/** `"${A}", "${B}" and 3 more`, with the matching verb. */
export function namesOf(found: readonly Substitution[], one = '', several = ''): Text {
  const names = [...new Set(found.map(({ name }) => `"${shown(name)}"`))];
  const verb = names.length > 1 ? several : one;
  return say`${names.slice(0, 3).join(', ')}${names.length > 3 ? say` and ${names.length - 3} more` : ''}${verb === '' ? '' : say` ${verb}`}`;
}

/** Where the first of them is: `the commands of "build"`. */
export function placeOf(step: Step | undefined, [first]: readonly Substitution[]): Text {
  const place = places[first?.sink ?? 'other'];
  return step ? say`${ownWords(place)} of "${step.name}"` : ownWords(place === 'the lines' ? 'the file' : place);
}

const places = {
  command: 'the commands',
  setting: 'the settings',
  image: 'the image',
  environment: 'the environment',
  name: 'the name',
  condition: 'the conditions',
  comment: 'a comment',
  key: 'a key',
  other: 'the lines',
} as const;

/** Whether an outsider's text replaces an expression at some event of the file. The length of the text is harmless. */
export function isOutsiderText(substitution: Substitution): boolean {
  const { name, error } = substitution;
  if (error || isLength(substitution) || !outsiderTexts.has(name)) return false;
  return [...eventsOf(substitution)].some((event) => controlOf(name, event) === 'outsider text');
}

/** Events at which the text is replaced: those of every pipeline of the file, because the whole file is substituted for each. */
export function eventsOf({ pipelines, events }: Substitution): ReadonlySet<DroneEvent> {
  const stream = pipelines[0]?.stream;
  return stream ? eventsOfFile(stream) : events;
}

const eventsOfFile = memoizePer(
  ({ pipelines }: PipelineStream): ReadonlySet<DroneEvent> =>
    new Set(pipelines.flatMap(({ reach }) => [...reach.events])),
);
