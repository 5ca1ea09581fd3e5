import { stepNames } from '../../analysis/step-assets.ts';
import { describe, type Occasion, occasionsFor, passes, runsIn } from '../../drone/conditions.ts';
import { deploymentsOf, imageName } from '../../drone/deployment.ts';
import { gateNames, notificationNames } from '../../facts/deployment.ts';
import type { DroneEvent, Pipeline, Step } from '../../model/pipeline.ts';
import { alsoAt, type Location, rule, type Severity, say } from '../../model/rule.ts';

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
    if (pipeline.index >= maxPipelines || onlyNotify(pipeline.steps)) return;
    const dependencies = dependenciesOf(pipeline);
    const skipped = dependencies.flatMap(({ gate, at }) => {
      const without = startsWithout(pipeline, gate).filter(
        // A dependency that is not named like a gate counts as one if the pipeline waits for nothing else.
        ({ build, deploying }) =>
          isGate(gate) || (deploying.length > 0 && !dependencies.some((other) => passes(other.gate.trigger, build))),
      );
      const [worst] = without.sort((a, b) => rank(a) - rank(b));
      return worst ? [{ gate, without: worst, at }] : [];
    });
    const [first, ...others] = skipped.sort((a, b) => rank(a.without) - rank(b.without));
    if (!first) return;
    const isAlternative = dependencies.length > 1 && alwaysRunsOne(pipeline, dependencies);
    const toldOf = ({ gate, without }: typeof first) => {
      const { build, deploying } = without;
      const effect = deploying.length > 0 ? say`: ${stepNames(deploying)} deploys or publishes` : '';
      return {
        message: say`on ${describe(build)} "${gate.name}" does not run and "${pipeline.name}" starts without it${effect}`,
        severity: isAlternative ? 'low' : severityFor(without),
        fills: { 'unit-tests': gate.name, rollout: pipeline.name },
      } as const;
    };
    yield {
      at: first.at,
      subject: 'depends_on',
      ...toldOf(first),
      reach: pipeline.reach,
      related: [
        ...others.map((other) =>
          alsoAt(
            other.at,
            say`on ${describe(other.without.build)} "${other.gate.name}" does not run either`,
            toldOf(other),
          ),
        ),
        ...(first.gate.trigger
          ? [{ at: first.gate.trigger.keyAt, message: say`the trigger of "${first.gate.name}"` }]
          : []),
      ],
    };
  },
});

/** A build that runs the pipeline and not the dependency. */
interface Start {
  readonly build: Occasion;
  /** What deploys or publishes in it. */
  readonly deploying: readonly Step[];
}

/** Builds by who can start them: the weakest first. */
const ranks: readonly (readonly DroneEvent[])[] = [['pull_request', 'push'], ['tag']];

function starterOf({ event }: Occasion): number {
  const at = ranks.findIndex((events) => events.includes(event));
  return at < 0 ? ranks.length : at;
}

/** The worst first: what others than writers can start, then what deploys. */
function rank({ build, deploying }: Start): number {
  const starter = starterOf(build);
  return (starter === ranks.length ? 10 : 0) + (deploying.length > 0 ? 0 : 5) + starter;
}

/** What a build without the gate is worth to whoever starts it; promotions, custom builds and cron jobs are for writers. */
function severityFor({ build, deploying }: Start): Severity {
  const starter = starterOf(build);
  if (starter === ranks.length) return 'low';
  return deploying.length > 0 && starter === 0 ? 'high' : 'medium';
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

/** At most this many pairs of a step and a dependency are compared; beyond, every step counts as one that runs. */
const maxPairs = 400;

/** The builds in which the pipeline starts without the other one, and does more than to tell people. */
function startsWithout(pipeline: Pipeline, other: Pipeline): readonly Start[] {
  if (!other.trigger) return [];
  const isSmall = pipeline.steps.length * pipeline.dependsOn.length <= maxPairs;
  const conditional = isSmall ? pipeline.steps.map(({ when }) => when) : [];
  return occasionsFor(pipeline.trigger, other.trigger, ...conditional).flatMap((build) => {
    if (!passes(pipeline.trigger, build) || passes(other.trigger, build)) return [];
    const running = pipeline.steps.filter((step) => !isSmall || runsIn(step, build));
    if (pipeline.steps.length > 0 && running.every(notifies)) return [];
    return [{ build, deploying: running.filter((step) => deploymentsOf(step).length > 0) }];
  });
}

/** Whether a pipeline tests, lints, scans or approves, by its name and those of its steps. */
function isGate({ name, steps }: Pipeline): boolean {
  return gateNames.test(name) || steps.some((step) => gateNames.test(step.name));
}

function onlyNotify(steps: readonly Step[]): boolean {
  return steps.length > 0 && steps.every(notifies);
}

/** Whether a step only tells people. */
function notifies(step: Step): boolean {
  const isNotification = notificationNames.test(step.name) || notificationNames.test(imageName(step) ?? '');
  return isNotification && deploymentsOf(step).length === 0;
}
