import { isGate } from '../../analysis/gates.ts';
import { blocksOf, type ConditionBlock } from '../../drone/conditions.ts';
import { isBalanced, isLiteral, matchGlob, mayMatch } from '../../drone/glob.ts';
import { refusing } from '../../drone/reach.ts';
import { gateNames } from '../../facts/deployment.ts';
import { type Condition, type DroneEvent, events, type Pipeline } from '../../model/pipeline.ts';
import { alsoAt, joinTexts, type Located, rule, say, type Text } from '../../model/rule.ts';
import { branchFills, placeFills } from './_fills.ts';

export default rule({
  id: 'unreachable-event',
  on: 'pipeline',
  severity: 'low',
  confidence: 'high',
  title: 'Named event can never happen here',
  why: 'All conditions of a block must match the same build. An event that is named beside a condition that it can never meet, such as `tag` beside `branch`, does not start anything: a release, a scan or a clean-up that somebody counts on is missing.',
  fix: 'Give that event a pipeline or step of its own without the other condition. For pushes to a branch and tags together, use `ref` in place of `branch`:\n\n```yaml\ntrigger:\n  event: [push, tag]\n  ref: [refs/heads/main, refs/tags/**]\n```\n\nOr take the event out of the list, if it was not meant.',
  refs: [
    'https://docs.drone.io/pipeline/docker/syntax/trigger/',
    'harness/drone service/hook/parser/parse.go:138',
    'harness/drone trigger/trigger.go:303-323',
    'drone-runners/drone-runner-docker engine/compiler/compiler.go:266-275',
  ],
  standards: { owasp: ['CICD-SEC-1'] },
  since: '0.1.0',
  *judge(pipeline) {
    for (const block of blocksOf(pipeline)) {
      const lost = events.flatMap((event) => lostEvent(block, event) ?? []);
      const [first, ...others] = lost.sort((a, b) => a.named.at.span.start - b.named.at.span.start);
      if (!first) continue;
      yield {
        at: first.named.at,
        subject: `event of ${block.subject}`,
        fills: { ...branchFills(block.conditions), ...placeFills(block) },
        message: say`event ${joinTexts(
          lost.map(({ event }) => say`"${event}"`),
          ' and ',
        )} of ${block.label} can never happen: ${first.why}`,
        severity: checks(pipeline, block) ? 'medium' : 'low',
        related: [
          { at: first.by.at, message: say`"${first.by.name}" keeps it out` },
          ...others.map(({ event, named, why }) =>
            alsoAt(named.at, why, { message: say`event "${event}" of ${block.label} can never happen: ${why}` }),
          ),
        ],
      };
    }
  },
});

interface LostEvent {
  readonly event: DroneEvent;
  /** Where the event is named. */
  readonly named: Located<string>;
  /** The condition that it can never meet. */
  readonly by: Condition;
  readonly why: Text;
}

/** An event that a block names, and another condition of the block keeps out. */
function lostEvent({ kind, conditions }: ConditionBlock, event: DroneEvent): LostEvent | undefined {
  const condition = conditions.conditions.get('event');
  const named = condition?.include.find(({ value }) => value === event);
  if (!condition || !named || condition.exclude.some(({ value }) => matchGlob(value, event) === 'match'))
    return undefined;
  const by = refusing({ kind, conditions }, event);
  if (!by || by.name === 'event' || by.name === 'repo' || by.name === 'instance' || isToldElsewhere(by))
    return undefined;
  const isForTagsOnly = condition.include.every(({ value }) => value === 'tag');
  // ineffective-pattern tells of pipelines that never run at all.
  if (kind === 'trigger' && by.name === 'branch' && isForTagsOnly) return undefined;
  return { event, named, by, why: reasonOf(by, event) };
}

/** Whether the condition itself has a fault: what follows from it is no fault of the event. */
function isToldElsewhere({ name, include, exclude }: Condition): boolean {
  return [...include, ...exclude].some(
    ({ value }) =>
      value.includes('${') ||
      value.startsWith('!') ||
      !isBalanced(value) ||
      (name === 'branch' && value.startsWith('refs/')) ||
      (name === 'ref' && !mayMatch(value, ['refs', '**'])) ||
      (name === 'action' && isLiteral(value) && !knownActions.has(value)),
  );
}

const knownActions: ReadonlySet<string> = new Set(['opened', 'synchronized', 'create']);

function reasonOf({ name }: Condition, event: DroneEvent): Text {
  const builds = buildsOf[event];
  switch (name) {
    case 'branch':
      return say`with most SCMs ${builds} has no branch, and "branch" asks for one`;
    case 'ref':
      return say`"ref" admits no ref of ${builds}`;
    case 'cron':
      return say`"cron" asks for a cron job, and ${builds} has none`;
    case 'target':
      return say`"target" asks for a promotion target, and ${builds} has none`;
    default:
      return say`"${name}" admits no ${name} of ${builds}`;
  }
}

const buildsOf: Readonly<Record<DroneEvent, Text>> = {
  push: say`a push`,
  pull_request: say`a pull request`,
  tag: say`a tag`,
  promote: say`a promotion`,
  rollback: say`a rollback`,
  cron: say`a cron build`,
  custom: say`a custom build`,
};

/** Whether what does not run would have tested, scanned, signed or approved something. */
function checks(pipeline: Pipeline, { step }: ConditionBlock): boolean {
  if (step) return isGate(pipeline, step);
  return gateNames.test(pipeline.name) || pipeline.steps.some((each) => isGate(pipeline, each));
}
