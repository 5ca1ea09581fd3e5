import { stepNames } from '../../analysis/step-assets.ts';
import { describe, type Occasion, occasionsFor, passes } from '../../drone/conditions.ts';
import { deploymentsOf, imageName } from '../../drone/deployment.ts';
import { gateNames, notificationNames } from '../../facts/deployment.ts';
import type { DroneEvent, Pipeline } from '../../model/pipeline.ts';
import { type Location, rule, type Severity, say } from '../../model/rule.ts';

export default rule({
  id: 'skipped-gate',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'high',
  title: 'Dependency does not run when this does',
  why: 'Drone drops a dependency whose trigger does not match, and starts the pipeline at once. If the tests have a narrower trigger than the deployment, some builds deploy without tests.',
  fix: 'Give the dependency at least the trigger of what depends on it:\n\n```yaml\nkind: pipeline\ntype: docker\nname: unit-tests\ntrigger:\n  event: [push, pull_request, tag]\n---\nkind: pipeline\ntype: docker\nname: rollout\ndepends_on: [unit-tests]\ntrigger:\n  event: [tag]\n```\n\nPromotions, cron jobs and custom builds mostly repeat a commit that was tested when it was pushed. If they are all that is left, accept it with `# drone-audit: ignore[skipped-gate] tested as a push` on the line.',
  refs: [
    'https://docs.drone.io/pipeline/configuration/#graph-execution',
    'harness/drone trigger/trigger.go:427-440',
    'harness/drone trigger/dag/dag.go',
  ],
  standards: { owasp: ['CICD-SEC-1'] },
  since: '0.1.0',
  *judge(pipeline) {
    const deploying = pipeline.steps.filter((step) => deploymentsOf(step).length > 0);
    if (pipeline.index >= maxPipelines || (deploying.length === 0 && onlyNotifies(pipeline))) return;
    const dependencies = dependenciesOf(pipeline);
    const skipped = dependencies.flatMap(({ gate, at }) => {
      const without = occasionsWithout(pipeline, gate).filter(
        // A dependency that is not named like a gate counts as one if the pipeline waits for nothing else.
        (build) =>
          isGate(gate) || (deploying.length > 0 && !dependencies.some((other) => passes(other.gate.trigger, build))),
      );
      const [worst] = without.sort((a, b) => rank(a) - rank(b));
      return worst ? [{ gate, without: worst, at }] : [];
    });
    const [first, ...others] = skipped.sort((a, b) => rank(a.without) - rank(b.without));
    if (!first) return;
    const effect = deploying.length > 0 ? say`: ${stepNames(deploying)} deploys or publishes` : '';
    const isAlternative = dependencies.length > 1 && alwaysRunsOne(pipeline, dependencies);
    yield {
      at: first.at,
      subject: 'depends_on',
      fills: { 'unit-tests': first.gate.name, rollout: pipeline.name },
      message: say`on ${describe(first.without)} "${first.gate.name}" does not run and "${pipeline.name}" starts without it${effect}`,
      severity: isAlternative ? 'low' : severityFor(first.without, deploying.length > 0),
      reach: pipeline.reach,
      related: [
        ...others.map(({ gate, without, at }) => ({
          at,
          message: say`on ${describe(without)} "${gate.name}" does not run either`,
        })),
        ...(first.gate.trigger
          ? [{ at: first.gate.trigger.keyAt, message: say`the trigger of "${first.gate.name}"` }]
          : []),
      ],
    };
  },
});

/** Builds by who can start them: the weakest first. */
const ranks: readonly (readonly DroneEvent[])[] = [['pull_request', 'push'], ['tag']];

function rank({ event }: Occasion): number {
  const at = ranks.findIndex((events) => events.includes(event));
  return at < 0 ? ranks.length : at;
}

/** What a build without the gate is worth to whoever starts it; promotions, custom builds and cron jobs are for writers. */
function severityFor(build: Occasion, deploys: boolean): Severity {
  if (rank(build) === ranks.length) return 'low';
  return deploys && rank(build) === 0 ? 'high' : 'medium';
}

/** Whether the dependencies are alternatives: at every build of the pipeline one of them runs. */
function alwaysRunsOne(pipeline: Pipeline, dependencies: readonly { gate: Pipeline }[]): boolean {
  const builds = dependencies.flatMap(({ gate }) => occasionsFor(pipeline.trigger, gate.trigger));
  return builds
    .filter((build) => passes(pipeline.trigger, build))
    .every((build) => dependencies.some(({ gate }) => passes(gate.trigger, build)));
}

/** More than people write; keeps the work small. */
const maxDependencies = 20;
const maxPipelines = 500;

function dependenciesOf(pipeline: Pipeline): readonly { gate: Pipeline; at: Location }[] {
  return pipeline.dependsOn.slice(0, maxDependencies).flatMap(({ value, at }) => {
    const gate = pipeline.stream.pipelines.find((other) => other !== pipeline && other.name === value);
    return gate ? [{ gate, at }] : [];
  });
}

/** Builds that run the pipeline and not the other one. */
function occasionsWithout(pipeline: Pipeline, other: Pipeline): readonly Occasion[] {
  if (!other.trigger) return [];
  return occasionsFor(pipeline.trigger, other.trigger).filter(
    (occasion) => passes(pipeline.trigger, occasion) && !passes(other.trigger, occasion),
  );
}

/** Whether a pipeline tests, lints, scans or approves, by its name and those of its steps. */
function isGate({ name, steps }: Pipeline): boolean {
  return gateNames.test(name) || steps.some((step) => gateNames.test(step.name));
}

/** Whether a pipeline only notifies people. */
function onlyNotifies({ steps }: Pipeline): boolean {
  return (
    steps.length > 0 &&
    steps.every((step) => notificationNames.test(step.name) || notificationNames.test(imageName(step) ?? ''))
  );
}
