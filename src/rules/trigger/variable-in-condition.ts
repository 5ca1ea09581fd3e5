import { patternsOf } from '../../drone/conditions.ts';
import type { Pipeline } from '../../model/pipeline.ts';
import { type Located, rule, type Severity, say } from '../../model/rule.ts';

export default rule({
  id: 'variable-in-condition',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'high',
  title: '${...} where Drone does not substitute',
  why: 'The server reads trigger, name, platform, node and dependencies as they are written; only the runner replaces `${...}`, later. A condition with it never matches, an exclusion with it excludes nothing, and a runner cannot find a pipeline whose name contains it.',
  fix: 'Write the value itself in place of `${...}`, such as `branch: [main]`. Where one file serves several repositories, compute it in Starlark or Jsonnet, which know the repository and the build.',
  refs: [
    'https://docs.drone.io/pipeline/environment/substitution/',
    'drone/runner-go pipeline/runtime/runner.go:203-213',
    'harness/drone trigger/trigger.go:199-262',
  ],
  standards: { owasp: ['CICD-SEC-1'] },
  since: '0.1.0',
  *judge(pipeline) {
    for (const { what, text, effect, severity } of serverTexts(pipeline))
      if (text.value.includes('${'))
        yield {
          at: text.at,
          subject: what,
          message: say`"\${...}" in ${what} is not replaced: ${effect}`,
          severity: severity || undefined,
          reach: pipeline.reach,
        };
  },
});

interface ServerText {
  readonly what: string;
  readonly text: Located<string>;
  readonly effect: string;
  readonly severity?: Severity;
}

/** What the server reads of a pipeline, and what happens when a text in it is not replaced. */
function* serverTexts(pipeline: Pipeline): Iterable<ServerText> {
  const { documentKind, type, typeAt, name, nameAt, os, arch, node, dependsOn, concurrencyLimit, trigger } = pipeline;
  const unserved = 'no runner takes the pipeline';
  yield { what: '"kind"', text: documentKind, effect: unserved };
  if (typeAt) yield { what: '"type"', text: { value: type, at: typeAt }, effect: unserved };
  yield {
    what: '"name"',
    text: { value: name, at: nameAt },
    effect: 'the runner cannot find the pipeline',
    severity: 'low',
  };
  yield { what: '"platform.os"', text: os, effect: unserved };
  yield { what: '"platform.arch"', text: arch, effect: unserved };
  for (const [label, text] of node) yield { what: `"node.${label}"`, text, effect: unserved };
  for (const text of dependsOn)
    yield { what: '"depends_on"', text, effect: 'no pipeline has this name', severity: 'low' };
  if (concurrencyLimit) yield { what: '"concurrency"', text: concurrencyLimit, effect: 'the file is refused' };
  for (const condition of trigger?.conditions.values() ?? [])
    for (const text of patternsOf(condition)) {
      const isExcluded = condition.exclude.includes(text);
      yield {
        what: `"${condition.name}" of the trigger`,
        text,
        effect: isExcluded ? 'nothing is excluded' : 'it never matches',
        severity: isExcluded ? 'high' : undefined,
      };
    }
}
