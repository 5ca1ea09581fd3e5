import { namedEvent } from '../../drone/conditions.ts';
import { hasDefault } from '../../drone/substitution.ts';
import { buildVariables, controlOf, parameterEvents, type VariableControl } from '../../facts/build-variables.ts';
import { addTo } from '../../model/groups.ts';
import { memoizePer } from '../../model/memoize.ts';
import {
  allSteps,
  type Pipeline,
  type PipelineStream,
  type Step,
  type Substitution,
  subjectOf,
} from '../../model/pipeline.ts';
import { alsoAt, rule, type Severity, say, worstFirst } from '../../model/rule.ts';

export default rule({
  id: 'image-from-variable',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'high',
  title: 'Image is chosen by a variable',
  why: 'Whoever sets the variable chooses the program that gets the workspace and the secrets of the step. The runner inserts the value before it parses the file, so no review of the file shows which program that was.',
  fix: 'Write the image out:\n\n```yaml step\nimage: registry.example.com/tools:1.4.2@sha256:...\n```\n\nAn image that the build itself made is named by its commit, which nobody chooses; accept that:\n\n```yaml step\n# drone-audit: ignore[image-from-variable] made by this build\nimage: registry.example.com/app:${DRONE_COMMIT_SHA}\n```',
  refs: [
    'https://docs.drone.io/pipeline/environment/substitution/',
    'drone/runner-go pipeline/runtime/runner.go:166-174',
  ],
  standards: { owasp: ['CICD-SEC-3', 'CICD-SEC-4'], cwe: ['CWE-829'] },
  since: '0.1.0',
  *judge(pipeline) {
    for (const step of allSteps(pipeline)) {
      // An image that already has a name got it from the matrix of a legacy file.
      const found = step.image ? undefined : substitutionsByStep(pipeline.stream).get(step);
      const judged = (found ?? [])
        .map((substitution) => ({ substitution, ...whoChooses(pipeline, step, substitution) }))
        .sort(worstFirst);
      const [worst, ...others] = judged;
      if (!worst) continue;
      yield {
        at: worst.substitution.at,
        subject: `image of ${subjectOf(step)}`,
        message: say`the image of "${step.name}" is chosen by ${worst.substitution.name}: ${worst.who}`,
        severity: worst.severity,
        reach: step.reach,
        related: others.map(({ substitution, who, severity }) =>
          alsoAt(substitution.at, say`${substitution.name}: ${who}`, {
            message: say`the image of "${step.name}" is chosen by ${substitution.name}: ${who}`,
            severity,
          }),
        ),
      };
    }
  },
});

/** The substitutions that the runner makes in images, by step. */
const substitutionsByStep = memoizePer((stream: PipelineStream): ReadonlyMap<Step, readonly Substitution[]> => {
  const byStep = new Map<Step, Substitution[]>();
  for (const substitution of stream.substitutions) {
    if (substitution.sink !== 'image' || substitution.error || substitution.name === '') continue;
    for (const step of substitution.steps) addTo(byStep, step, substitution);
  }
  return byStep;
});

/** Nobody chooses these values freely: an image named by one is what the build made or the file says. */
const chosenByNobody: ReadonlySet<VariableControl> = new Set<VariableControl>(['fixed', 'number', 'file']);

function whoChooses(
  pipeline: Pipeline,
  step: Step,
  { name, operator }: Substitution,
): { readonly who: string; readonly severity: Severity } {
  if (!buildVariables.has(name)) {
    const isParameter = parameterEvents.some((event) => asksFor(pipeline, step, event));
    if (isParameter) return { who: 'whoever starts such a build can pass it as a parameter', severity: 'high' };
    return hasDefault(operator)
      ? { who: 'the runner may set it; otherwise its default applies', severity: 'low' }
      : { who: 'the runner has to set it', severity: 'medium' };
  }
  const controls = [...step.reach.events].flatMap((event) => controlOf(name, event) ?? []);
  if (controls.includes('outsider text')) return { who: 'outsiders write this text', severity: 'high' };
  if (controls.includes('parameter')) return { who: 'whoever starts the build writes it', severity: 'high' };
  if (controls.includes('ref name')) return { who: 'whoever names a branch or tag writes it', severity: 'high' };
  if (controls.length > 0 && controls.every((control) => chosenByNobody.has(control)))
    return { who: 'nobody chooses its value freely', severity: 'low' };
  return { who: 'its value is not in this file', severity: 'medium' };
}

/** Whether the file provides for builds that people start with parameters of their own. */
function asksFor({ trigger }: Pipeline, { when, reach }: Step, event: (typeof parameterEvents)[number]): boolean {
  return reach.events.has(event) && (namedEvent(trigger, event) ?? namedEvent(when, event)) !== undefined;
}
