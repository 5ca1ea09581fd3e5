import { gateOf, namedGate, programsWithTeeth, provenGate, toothlessOption } from '../../analysis/gates.ts';
import { commandsOf } from '../../analysis/step-commands.ts';
import { hitsByStep, type StepHit } from '../../analysis/step-hits.ts';
import { type GateKind, weakeningWords } from '../../facts/gates.ts';
import type { Pipeline, Step } from '../../model/pipeline.ts';
import { rule, type Severity, say } from '../../model/rule.ts';
import { everyCommand, programOf, type SimpleCommand } from '../../shell/commands.ts';
import { containsWords, matchesCommands } from '../../shell/words.ts';

export default rule({
  id: 'ignored-gate',
  on: 'pipeline',
  severity: 'low',
  confidence: 'high',
  title: 'Failure of a check is ignored',
  why: 'What the check finds never stops a build, so nobody looks at it. `exit 78` goes further: the runner skips every later step and reports success.',
  fix: "Let the check fail. Remove `failure: ignore`, `detach: true`, `|| true` or the option that hides its result. Put known and accepted findings on the tool's own list of exceptions, for example `.trivyignore`. In place of `exit 78`, give later steps a `when`, or let each of them decide in its own commands.",
  refs: [
    'https://docs.drone.io/pipeline/docker/syntax/steps/#failure',
    'drone/runner-go@d12a958 pipeline/runtime/execer.go (exit code 78)',
    'https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-01-Insufficient-Flow-Control-Mechanisms',
  ],
  standards: { owasp: ['CICD-SEC-1'] },
  since: '0.1.0',
  *judge(pipeline) {
    yield* hitsByStep(pipeline, 'low', function* (step) {
      if (step.section === 'services') return;
      yield* ofStep(pipeline, step);
      if (matchesCommands(step, /\|\|/) || containsWords(step, weakeningWords)) yield* ofCommands(pipeline, step);
    });
  },
});

/** Fields of a step that keep its failure from counting. */
function* ofStep(pipeline: Pipeline, step: Step): Iterable<StepHit> {
  const { failure, detach, when, name } = step;
  const status = when?.conditions.get('status');
  const onlyAfterFailure =
    status !== undefined && status.include.length > 0 && status.include.every(({ value }) => value === 'failure');
  if (failure?.value !== 'ignore' && !detach?.value && !onlyAfterFailure) return;
  const proven = provenGate(pipeline, step);
  const kind = proven ?? namedGate(step);
  if (kind && failure?.value === 'ignore')
    yield { at: failure.at, message: say`the failure of "${name}" is ignored`, ...severityOf(kind) };
  // A detached test server, or a step that reports failed tests, can have such a name too.
  else if (proven && detach?.value)
    yield {
      at: detach.at,
      message: say`"${name}" is detached: the build does not wait for its result`,
      ...severityOf(proven),
    };
  else if (proven && onlyAfterFailure && status)
    yield { at: status.at, message: say`"${name}" runs only after the build has failed`, ...severityOf(proven) };
}

function severityOf(kind: GateKind): { severity?: Severity } {
  return kind === 'security' ? { severity: 'medium' } : {};
}

function* ofCommands(pipeline: Pipeline, step: Step): Iterable<StepHit> {
  const lists = commandsOf(pipeline, step).map(({ commands }) => commands);
  const every = lists.flatMap(everyCommand);
  const withTeeth = programsWithTeeth(every);
  for (const command of every) {
    const program = programOf(command);
    if (program?.name === 'exit' && program.arguments[0]?.text === '78')
      yield { at: command.at, message: say`"exit 78" skips every later step, and the build counts as a success` };
    const kind = gateOf(command);
    const option = kind && toothlessOption(command);
    if (program && kind && option !== undefined && !withTeeth.has(program.name))
      yield {
        at: command.at,
        message: say`"${program.name}" never fails, whatever it finds ("${option}")`,
        ...severityOf(kind),
      };
  }
  for (const list of lists)
    for (const [index, command] of list.entries()) {
      const kind = command.operator === '||' ? gateOf(command) : undefined;
      const next = list[index + 1];
      if (kind && next && isSuccess(next))
        yield {
          at: command.at,
          message: say`the failure of "${programOf(command)?.name ?? ''}" is turned into success`,
          ...severityOf(kind),
        };
    }
}

/** `true`, `:`, `exit 0`. */
function isSuccess(command: SimpleCommand): boolean {
  const program = programOf(command);
  if (program?.name === 'exit') return program.arguments[0]?.text === '0';
  return program?.name === 'true' || program?.name === ':';
}
