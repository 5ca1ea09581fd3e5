import { secretNames, secretsOf } from '../../analysis/step-assets.ts';
import { commandsOf } from '../../analysis/step-commands.ts';
import { sharedHits } from '../../analysis/step-hits.ts';
import { hasDefault, isLength } from '../../drone/substitution.ts';
import { buildVariables, controlOf } from '../../facts/build-variables.ts';
import type { DroneEvent, Pipeline, Step, Substitution } from '../../model/pipeline.ts';
import { type Hit, rule, say } from '../../model/rule.ts';
import { environmentOfRunners } from './_known-names.ts';
import { isPinned } from './_pinned-names.ts';
import { hitOf, isOutsiderText, namesOf, substitutionsByStep } from './_substitutions.ts';

const shellFix =
  'Let the shell expand the variable, in quotes, without braces or with a second dollar sign:\n\n```yaml step\ncommands:\n  - ./release.sh "$DRONE_TAG"\n  - ./release.sh "$${DRONE_TAG##v}"\n```';

const tagFix = `${shellFix}\n\nThen say which names you expect, in the \`when\` of the step: \`ref: [refs/tags/v*]\`.`;

export default rule({
  id: 'ref-name-substitution',
  on: 'pipeline',
  severity: 'low',
  confidence: 'medium',
  title: 'Names of tags, branches or parameters are pasted into commands',
  why: 'Git allows `$`, `(`, `)`, `;`, `&`, `|` and quotes in names, and parameters can hold anything. Drone pastes the text into the script before a shell sees it: anyone who can push a tag or start a promotion can run commands in this step.',
  fix: `${shellFix}\n\nIf the step runs for tags alone, say in its \`when\` which names you expect: \`ref: [refs/tags/v*]\`. Other events would no longer reach it.`,
  refs: [
    'https://docs.drone.io/pipeline/environment/substitution/',
    'https://git-scm.com/docs/git-check-ref-format',
    'drone/runner-go@d12a958 pipeline/runtime/runner.go:166-213',
  ],
  standards: { owasp: ['CICD-SEC-4'], cwe: ['CWE-78'] },
  since: '0.1.0',
  *judge(pipeline, { installation }) {
    const ofRunners = environmentOfRunners(installation);
    const hits: { readonly step: Step | undefined; readonly hit: Hit }[] = [];
    for (const [step, all] of substitutionsByStep(pipeline)) {
      if (!step) continue;
      const found = all.filter(
        (each) =>
          isChosenText(each, ofRunners) && !isPinned(each.name, pipeline, step) && isInScript(pipeline, step, each),
      );
      const secrets = found.length > 0 ? secretsOf(pipeline, step) : [];
      const isForeign = ({ name }: Substitution): boolean => !buildVariables.has(name);
      const hit = hitOf(pipeline, step, found, (some) => ({
        message: say`${namesOf(some, 'is', 'are')} pasted into the commands of "${step.name}"${some.every(isForeign) ? say`: empty, or what whoever starts the build passes as a parameter` : ''}${secrets.length > 0 ? say`, which holds ${secretNames(secrets)}` : ''}`,
        reach: { events: new Set(some.flatMap(choosingEvents)), pullRequest: false },
        severity: secrets.length > 0 ? 'medium' : undefined,
        fills: { DRONE_TAG: some[0].name },
        fix: isForTagsAlone(step) ? tagFix : shellFix,
      }));
      if (hit) hits.push({ step, hit });
    }
    yield* sharedHits(hits, 'low');
  },
});

function isForTagsAlone({ reach: { events } }: Step): boolean {
  return events.size === 1 && events.has('tag');
}

/** Whether somebody chooses the text at an event that reaches the step. Text from outsiders has a rule of its own. */
function isChosenText(substitution: Substitution, ofRunners: ReadonlySet<string> | undefined): boolean {
  const { name, sink, operator, error } = substitution;
  if (sink !== 'command' || error || isLength(substitution) || name === '' || isOutsiderText(substitution))
    return false;
  if (buildVariables.has(name)) return choosingEvents(substitution).length > 0;
  // An operator other than a default belongs to a variable that is known to exist.
  if (ofRunners === undefined || ofRunners.has(name)) return false;
  return (hasDefault(operator) || operator === undefined) && choosingEvents(substitution).length > 0;
}

/** Events that reach the step at which somebody chooses the text. */
function choosingEvents({ name, events }: Substitution): readonly DroneEvent[] {
  return [...events].filter((event) => /^(?:ref name|parameter)$/.test(controlOf(name, event) ?? ''));
}

/** Whether it is in a script; arguments of `command` and `entrypoint` are not code. */
function isInScript(pipeline: Pipeline, step: Step, { at }: Substitution): boolean {
  return (
    step.commands.some(({ at: { span } }) => span.start <= at.span.start && at.span.end <= span.end) ||
    commandsOf(pipeline, step).some(({ at: { span } }) => span.start <= at.span.start && at.span.end <= span.end)
  );
}
