import { everyCommandOf } from '../../analysis/step-commands.ts';
import { sharedHits } from '../../analysis/step-hits.ts';
import { hasDefault, isLength } from '../../drone/substitution.ts';
import { buildVariables, parameterEvents } from '../../facts/build-variables.ts';
import type { Pipeline, Step, Substitution } from '../../model/pipeline.ts';
import { type Hit, ownWords, rule, say } from '../../model/rule.ts';
import { type CommandWord, programOf } from '../../shell/commands.ts';
import { environmentOfRunners } from './_known-names.ts';
import { hitOf, namesOf, placeOf, substitutionsByStep } from './_substitutions.ts';

export default rule({
  id: 'undefined-variable',
  on: 'pipeline',
  severity: 'low',
  confidence: 'high',
  title: '${...} of an unknown variable becomes nothing',
  why: 'Drone replaces `${NAME}` before any step runs. It knows the variables of the build, but not those of a step, its script or the workspace: the text vanishes, and `rm -rf ${DIR}/*` becomes `rm -rf /*`.',
  fix: 'Leave the variable to the shell, without braces or escaped:\n\n```yaml step\ncommands:\n  - cp app "$DIR/"\n  - cp app "$${DIR}/"\n```',
  refs: [
    'https://docs.drone.io/pipeline/environment/substitution/',
    'drone/runner-go@d12a958 pipeline/runtime/runner.go:166-213',
  ],
  standards: {},
  since: '0.1.0',
  *judge(pipeline, { installation }) {
    const ofRunners = environmentOfRunners(installation);
    if (ofRunners === undefined) return;
    const hits: { readonly step: Step | undefined; readonly hit: Hit }[] = [];
    for (const [step, all] of substitutionsByStep(pipeline)) {
      const found = all.filter((each) => isUndefined(each) && !ofRunners.has(each.name));
      const harm = step ? harmOf(pipeline, step, found) : undefined;
      const worst = harm === undefined ? undefined : found.find(({ at }) => at.span.start === harm.start);
      const sorted = worst ? [worst, ...found.filter((each) => each !== worst)] : found;
      const hit = hitOf(pipeline, step, sorted, (some) => {
        const loss = harm && (!worst || some.includes(worst)) ? harm : undefined;
        return {
          message: say`${namesOf(some)} in ${placeOf(step, some)}: ${ownWords(isOne(some) ? 'not a variable of the build, so it becomes empty' : 'not variables of the build, so they become empty')}${loss ? say`, in a path of "${loss.program}"` : ''}`,
          severity: loss ? 'high' : 'low',
          fills: { DIR: some[0].name },
        };
      });
      if (hit) hits.push({ step, hit });
    }
    yield* sharedHits(hits, 'low');
  },
});

function isOne(found: readonly Substitution[]): boolean {
  return new Set(found.map(({ name }) => name)).size === 1;
}

/** Whether an expression is replaced by nothing whenever its step runs. In comments nobody misses it; the server reads conditions as written. */
function isUndefined(substitution: Substitution): boolean {
  const { name, operator, error, sink, literalToServer, events } = substitution;
  if (error || name === '' || isLength(substitution) || hasDefault(operator)) return false;
  if (sink === 'comment' || sink === 'condition' || literalToServer) return false;
  if (buildVariables.get(name)?.known === 'file') return false;
  return events.size > 0 && !parameterEvents.some((event) => events.has(event));
}

/** A command that works on a whole tree and loses part of its path. */
function harmOf(
  pipeline: Pipeline,
  step: Step,
  found: readonly Substitution[],
): { program: string; start: number } | undefined {
  if (!found.some(({ sink }) => sink === 'command')) return undefined;
  const names = new Set(found.map(({ name }) => name));
  for (const command of everyCommandOf(pipeline, step)) {
    const program = programOf(command);
    const isDeep = program && treeOptions.get(program.name);
    if (!program || !isDeep || !program.arguments.some(({ pattern }) => isDeep.test(pattern))) continue;
    for (const word of program.arguments) {
      const start = lostPart(word, names);
      if (start !== undefined) return { program: program.name, start };
    }
  }
  return undefined;
}

const treeOptions: ReadonlyMap<string, RegExp> = new Map([
  ['rm', /^-[a-zA-Z]*[rR]|^--recursive$/],
  ['chown', /^-[a-zA-Z]*R|^--recursive$/],
  ['chmod', /^-[a-zA-Z]*R|^--recursive$/],
  ['rsync', /^--del(?:ete(?:-\w+)?)?$/],
]);

/** Where a word loses one part and keeps others; a word that vanishes entirely no longer names a path. */
function lostPart({ parts, pattern }: CommandWord, names: ReadonlySet<string>): number | undefined {
  const lost = parts.find((part) => part.kind === 'substituted' && names.has(part.name));
  return lost && pattern !== '…' ? lost.at.span.start : undefined;
}
