import { interpreters, shellPrograms } from '../facts/programs.ts';
import { isLoopback } from '../model/hosts.ts';
import { memoizePer } from '../model/memoize.ts';
import type { Pipeline, Step } from '../model/pipeline.ts';
import { reachOf } from '../model/reach.ts';
import type { Hit } from '../model/rule.ts';
import { type Severity, severities } from '../model/severity.ts';
import type { Location } from '../model/source.ts';
import { allSteps, subjectOf } from '../model/steps.ts';
import type { Text } from '../model/text.ts';
import { type Program, pipeFrom, programOf, type SimpleCommand } from '../shell/commands.ts';
import { runsItsInput } from '../shell/downloads.ts';
import { containsWords } from '../shell/words.ts';
import { everyCommandOf } from './step-commands.ts';

/** One thing that a rule sees in a step. */
export interface StepHit {
  readonly at: Location;
  /** What stands there, for the message; never a whole command, which may hold a secret. */
  readonly message: Text;
  readonly severity?: Severity;
}

/**
 * One hit for each step in which something is seen: the worst sight, with the others as related places. What several
 * steps share through an alias is told once.
 */
export function* hitsByStep(
  pipeline: Pipeline,
  normal: Severity,
  look: (step: Step) => Iterable<StepHit>,
): Iterable<Hit> {
  const told = new Set<string>();
  const rank = ({ severity }: StepHit): number => severities.indexOf(severity ?? normal);
  for (const step of allSteps(pipeline)) {
    const sights: StepHit[] = [];
    for (const sight of look(step)) {
      const place = `${sight.at.span.start}-${sight.at.span.end}`;
      if (!told.has(place)) sights.push(sight);
      told.add(place);
    }
    if (sights.length === 0) continue;
    const [worst] = [...sights].sort((a, b) => rank(a) - rank(b) || a.at.span.start - b.at.span.start);
    if (!worst) continue;
    yield {
      at: worst.at,
      subject: subjectOf(step),
      message: worst.message,
      severity: worst.severity,
      reach: reachOf(step.reach),
      related: sights
        .filter((sight) => sight !== worst)
        .slice(0, maxRelated)
        .map(({ at, message }) => ({ at, message })),
    };
  }
}

/** The commands of a step, those inside of others too, when it mentions one of the alternatives; most steps are never taken apart. */
export function commandsWith(
  pipeline: Pipeline,
  step: Step,
  alternatives: readonly (string | readonly string[])[],
): readonly SimpleCommand[] {
  return containsWords(step, alternatives) ? [...everyCommandOf(pipeline, step)] : [];
}

/** The commands that the output of one is piped to, as far as they stand near. */
export function pipedFrom(commands: readonly SimpleCommand[], index: number): readonly SimpleCommand[] {
  return pipeFrom(commands.slice(index, index + maxPipeLength), 0).slice(1);
}

const maxPipeLength = 50;

/** The shell or interpreter that runs what a command prints: `… | sh`. */
export function runnerOf(commands: readonly SimpleCommand[], index: number): Program | undefined {
  return pipedFrom(commands, index)
    .map(programOf)
    .find((program) => program && runsItsInput(program, shellPrograms, interpreters));
}

/** Whether a host is the step's own, or reached within the build: a name without a dot, a service or step of the pipeline. */
export function isOfTheBuild(host: string, pipeline: Pipeline): boolean {
  return isLoopback(host) || stepNames(pipeline).has(host) || /^[a-z0-9_-]+$/.test(host) || host === '0.0.0.0';
}

const maxRelated = 20;
const stepNames = memoizePer(
  (pipeline: Pipeline): ReadonlySet<string> => new Set(allSteps(pipeline).map(({ name }) => name.toLowerCase())),
);
