import { interpreters, shellPrograms } from '../facts/programs.ts';
import { isLoopback } from '../model/hosts.ts';
import { memoizePer } from '../model/memoize.ts';
import { allSteps, type Pipeline, type Step, subjectOf } from '../model/pipeline.ts';
import { alsoAt, type Hit, type Location, type Text } from '../model/rule.ts';
import { type Severity, severities } from '../model/severity.ts';
import { type Program, pipedFrom, programOf, type SimpleCommand } from '../shell/commands.ts';
import { runsItsInput } from '../shell/downloads.ts';
import { containsWords } from '../shell/words.ts';
import { everyCommandOf } from './step-commands.ts';

/** One thing that a rule sees in a step. */
export interface StepHit {
  readonly at: Location;
  /** What stands there, for the message; never a whole command, which may hold a secret. */
  readonly message: Text;
  readonly severity?: Severity;
  readonly fills?: Hit['fills'];
  readonly fix?: Hit['fix'];
  readonly about?: Hit['about'];
}

/**
 * One hit for each step in which something is seen: the worst, with the others as related places. What several steps share
 * through an alias is reported once.
 */
export function* hitsByStep(
  pipeline: Pipeline,
  normal: Severity,
  look: (step: Step) => Iterable<StepHit>,
): Iterable<Hit> {
  const reported = new Set<string>();
  const rank = ({ severity }: StepHit): number => severities.indexOf(severity ?? normal);
  for (const step of allSteps(pipeline)) {
    const seen: StepHit[] = [];
    for (const hit of look(step)) {
      const place = `${hit.at.span.start}-${hit.at.span.end}`;
      if (!reported.has(place)) seen.push(hit);
      reported.add(place);
    }
    const [worst] = [...seen].sort((a, b) => rank(a) - rank(b) || a.at.span.start - b.at.span.start);
    if (worst)
      yield hitOfStep(
        step,
        worst,
        seen.flatMap((hit) => (hit === worst ? [] : [{ ...hit, severity: hit.severity ?? normal }])),
      );
  }
}

/** The worst of what is seen in a step as the hit, with the others as related places. */
export function hitOfStep(
  step: Step,
  { at, message, severity, fills, fix, about }: StepHit,
  others: readonly StepHit[],
): Hit {
  const related = others.map(({ at, ...alone }) => alsoAt(at, alone.message, alone));
  return { at, subject: subjectOf(step), message, severity, fills, fix, about, reach: step.reach, related };
}

/** The commands of a step, those inside of others too, when it mentions one of the alternatives; most steps are never taken apart. */
export function commandsWith(
  pipeline: Pipeline,
  step: Step,
  alternatives: readonly (string | readonly string[])[],
): readonly SimpleCommand[] {
  return containsWords(step, alternatives) ? [...everyCommandOf(pipeline, step)] : [];
}

/** The shell or interpreter that runs what a command prints: `… | sh`. */
export function runnerOf(commands: readonly SimpleCommand[], index: number): Program | undefined {
  return pipedFrom(commands, index)
    .map(programOf)
    .find((program) => program && runsItsInput(program, shellPrograms, interpreters));
}

/** Whether a host is the step's own, or reached within the build: a name without a dot, a service or step of the pipeline. */
export function isOfTheBuild(host: string, pipeline: Pipeline): boolean {
  return isLoopback(host) || hostsOfBuild(pipeline).has(host) || /^[a-z0-9_-]+$/.test(host) || host === '0.0.0.0';
}

const hostsOfBuild = memoizePer(
  (pipeline: Pipeline): ReadonlySet<string> => new Set(allSteps(pipeline).map(({ name }) => name.toLowerCase())),
);
