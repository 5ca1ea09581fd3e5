import { interpreters, shellPrograms } from '../facts/programs.ts';
import { groupedBy } from '../model/groups.ts';
import { isLoopback } from '../model/hosts.ts';
import { memoizePer } from '../model/memoize.ts';
import { allSteps, type Pipeline, type Step, subjectOf } from '../model/pipeline.ts';
import { alsoAt, type Hit, type Location, say, type Text } from '../model/rule.ts';
import { bySeverity, type Severity, worstFirst } from '../model/severity.ts';
import { type Program, pipedFrom, programOf, type SimpleCommand } from '../shell/commands.ts';
import { runsItsInput } from '../shell/downloads.ts';
import { containsWords } from '../shell/words.ts';
import { aroundInCommand } from './named-values.ts';
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
 * through an alias is one hit.
 */
export function hitsByStep(
  pipeline: Pipeline,
  normal: Severity,
  look: (step: Step) => Iterable<StepHit>,
): Iterable<Hit> {
  const severe = (hit: StepHit) => ({ ...hit, severity: hit.severity ?? normal });
  const hits: { readonly step: Step; readonly hit: Hit }[] = [];
  for (const step of allSteps(pipeline)) {
    const found = [...look(step)];
    if (found.length === 0) continue;
    const seen = distinctPlaces(found).map(severe);
    const [worst] = seen.toSorted((a, b) => worstFirst(a, b) || a.at.span.start - b.at.span.start);
    if (!worst) continue;
    const others = seen.filter((hit) => hit !== worst);
    hits.push({ step, hit: hitOfStep(pipeline, step, worst, others) });
  }
  return hits.length === 0 ? [] : sharedHits(hits, normal);
}

function distinctPlaces(hits: readonly StepHit[]): readonly StepHit[] {
  return [...new Map([...hits].reverse().map((hit) => [placeOf(hit), hit])).values()].reverse();
}

function placeOf({ at: { span } }: Pick<StepHit, 'at'>): string {
  return `${span.start}-${span.end}`;
}

/** Of hits of several steps at one place, which an alias makes of one text, the worst; each of the others is a place of its own in it. */
export function* sharedHits(
  hits: readonly { readonly step: Step | undefined; readonly hit: Hit }[],
  normal: Severity,
): Iterable<Hit> {
  for (const same of groupedBy(hits, ({ hit }) => placeOf(hit)).values()) {
    const [worst, ...others] = same.toSorted(({ hit: a }, { hit: b }) =>
      bySeverity(a.severity ?? normal, b.severity ?? normal),
    );
    if (!worst) continue;
    if (others.length === 0) {
      yield worst.hit;
      continue;
    }
    const related = [...(worst.hit.related ?? [])];
    const told = new Set([worst.hit, ...related].map(placeOf));
    for (const { step, hit } of others) {
      const { message, severity = normal, fills, fix, reach, about, subject } = hit;
      const first = alsoAt(hit.at, message, { message, severity, fills, fix, reach, about, subject });
      const further = (hit.related ?? []).flatMap((place) =>
        place.again ? [{ ...place, again: { ...place.again, subject } }] : [],
      );
      for (const place of [first, ...further])
        related.push(step && told.has(placeOf(place)) ? { ...place, message: say`the same in "${step.name}"` } : place);
    }
    yield { ...worst.hit, related };
  }
}

/** The worst of what is seen in a step as the hit, with the others as related places. */
export function hitOfStep(pipeline: Pipeline, step: Step, worst: StepHit, others: readonly StepHit[]): Hit {
  const { message, severity, fills, fix } = worst;
  // A command does what it does by what stands around it, and by its variables.
  const aboutOf = (hit: StepHit): string | undefined => {
    const parts = [hit.about, aroundInCommand(pipeline, step, hit.at)].filter((part) => part !== undefined);
    return parts.length > 0 ? parts.join('\n') : undefined;
  };
  const { reach } = step;
  const related = others.map(({ at, ...alone }) =>
    alsoAt(inStep(step, at), alone.message, { ...alone, about: aboutOf({ at, ...alone }), reach }),
  );
  const at = inStep(step, worst.at);
  return { at, subject: subjectOf(step), message, severity, fills, fix, about: aboutOf(worst), reach, related };
}

/** A place in a step by its path in that step: what it shares through an alias has the path of the step that was first. */
export function inStep(step: Step, at: Location): Location {
  if (at.path.startsWith(`${step.at.path}.`)) return at;
  const start = at.path.search(/\.(?:steps|services)\[/);
  const rest = start < 0 ? undefined : stepInPath.exec(at.path.slice(start))?.[1];
  return rest === undefined ? at : { ...at, path: `${step.at.path}${rest}` };
}

/** Brackets within a name have a backslash before them. */
const stepInPath = /^\.\w+\[(?:[^\]\\]|\\.)*\](.*)$/s;

/** The commands of a step, those inside of others too, when it mentions one of the alternatives; most steps are never taken apart. */
export function commandsWith(
  pipeline: Pipeline,
  step: Step,
  alternatives: readonly (string | readonly string[])[],
): readonly SimpleCommand[] {
  return containsWords(step, alternatives) ? everyCommandOf(pipeline, step) : [];
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
