import { gateNames } from '../../facts/deployment.ts';
import { describe, type Occasion, occasionsFor, passes } from '../../model/conditions.ts';

import type { Pipeline } from '../../model/pipeline.ts';
import { reachOf } from '../../model/reach.ts';
import { rule } from '../../model/rule.ts';
import { stakesOf, stepNames } from '../stakes.ts';

export default rule({
  id: 'skipped-gate',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'high',
  title: 'Dependency does not run when this does',
  why: 'Drone removes a dependency whose trigger does not match, and starts the pipeline at once. Where the tests have a narrower trigger than the deployment, there are builds that deploy without tests.',
  fix: 'Give the dependency at least the trigger of what depends on it:\n\n```yaml\nkind: pipeline\nname: test\ntrigger:\n  event: [push, pull_request, tag]\n---\nkind: pipeline\nname: deploy\ndepends_on: [test]\ntrigger:\n  event: [tag]\n```',
  refs: [
    'https://docs.drone.io/pipeline/configuration/#graph-execution',
    'harness/drone trigger/trigger.go:427-440',
    'harness/drone trigger/dag/dag.go',
  ],
  standards: { owasp: ['CICD-SEC-1'] },
  since: '0.1.0',
  *judge(pipeline, { installation }) {
    const deploying = stakesOf(pipeline, installation).filter(({ deployments }) => deployments.length > 0);
    const skipped = pipeline.dependsOn.slice(0, mostDependencies).flatMap((name) => {
      const gate = pipeline.stream.pipelines.find((other) => other !== pipeline && other.name === name.value);
      const without = gate && (deploying.length > 0 || isGate(gate)) ? occasionWithout(pipeline, gate) : undefined;
      return gate && without ? [{ gate, without, at: name.at }] : [];
    });
    const [first, ...others] = skipped;
    if (!first) return;
    yield {
      at: first.at,
      subject: 'depends_on',
      message: `on ${describe(first.without)} "${first.gate.name}" does not run and "${pipeline.name}" starts without it${deploying.length > 0 ? `: ${stepNames(deploying.map(({ step }) => step))} deploys or publishes` : ''}`,
      ...(deploying.length > 0 ? { severity: 'high' } : {}),
      reach: reachOf(pipeline.reach),
      related: [
        ...others.map(({ gate, without, at }) => ({
          at,
          message: `on ${describe(without)} "${gate.name}" does not run either`,
        })),
        ...(first.gate.trigger
          ? [{ at: first.gate.trigger.keyAt, message: `the trigger of "${first.gate.name}"` }]
          : []),
      ],
    };
  },
});

/** More than people write; keeps the work small. */
const mostDependencies = 50;

/** A build that runs the pipeline and not the other one. */
function occasionWithout(pipeline: Pipeline, other: Pipeline): Occasion | undefined {
  if (!other.trigger) return undefined;
  return occasionsFor(pipeline.trigger, other.trigger).find(
    (occasion) => passes(pipeline.trigger, occasion) && !passes(other.trigger, occasion),
  );
}

/** Whether a pipeline tests, lints, scans or approves, by its name and those of its steps. */
function isGate({ name, steps }: Pipeline): boolean {
  return gateNames.test(name) || steps.some((step) => gateNames.test(step.name));
}
