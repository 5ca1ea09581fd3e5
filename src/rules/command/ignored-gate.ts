import {
  type GateKind,
  gateAfterNames,
  gateCommands,
  gateImages,
  gateStepNames,
  toothlessOptions,
} from '../../facts/gates.ts';
import { commandsOf, everyCommand, programOf, type SimpleCommand } from '../../model/commands.ts';
import { imageName, isPlugin } from '../../model/deployment.ts';
import { matchesCommands, mentions } from '../../model/mentions.ts';
import type { Pipeline, Step } from '../../model/pipeline.ts';
import { rule } from '../../model/rule.ts';
import type { Severity } from '../../model/severity.ts';
import { hitsByStep, type Sight } from './sights.ts';

export default rule({
  id: 'ignored-gate',
  on: 'pipeline',
  severity: 'low',
  confidence: 'high',
  title: 'Failure of a check is ignored',
  why: 'What the check finds never stops a build, so nobody looks. `exit 78` goes further: the runner skips every later step and reports success.',
  fix: 'Let it fail: remove `failure: ignore`, `|| true` or the option. What is known and accepted belongs in the list of exceptions of the tool, for example `.trivyignore`. To skip the rest of a build use `when`, not `exit 78`.',
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
      if (matchesCommands(step, /\|\|/) || mentions(step, weakenings)) yield* ofCommands(pipeline, step);
    });
  },
});

const weakenings = [
  ['exit', '78'],
  ['exit', 'code'],
  ['no', 'fail'],
  ['exit', 'zero'],
  ['soft', 'fail'],
  ['checkov', 's'],
  ['gosec', 'no'],
];

/** Fields of a step by which its failure does not count. */
function* ofStep(pipeline: Pipeline, step: Step): Iterable<Sight> {
  const { failure, detach, when, name } = step;
  const status = when?.conditions.get('status');
  const onlyAfterFailure =
    status !== undefined && status.include.length > 0 && status.include.every(({ value }) => value === 'failure');
  if (failure?.value !== 'ignore' && !detach?.value && !onlyAfterFailure) return;
  const proven = provenGate(pipeline, step);
  const kind = proven ?? namedGate(step);
  if (kind && failure?.value === 'ignore')
    yield { at: failure.at, message: `the failure of "${name}" is ignored`, ...severityOf(kind) };
  // A detached server for tests, or a message about their failure, has such a name too.
  else if (proven && detach?.value)
    yield {
      at: detach.at,
      message: `"${name}" is detached: the build does not wait for what it finds`,
      ...severityOf(proven),
    };
  else if (proven && onlyAfterFailure && status)
    yield { at: status.at, message: `"${name}" runs only when the build has failed already`, ...severityOf(proven) };
}

function severityOf(kind: GateKind): { severity?: Severity } {
  return kind === 'security' ? { severity: 'medium' } : {};
}

/** The kind of check that the image or the commands of a step make. */
function provenGate(pipeline: Pipeline, step: Step): GateKind | undefined {
  const image = imageName(step) ?? '';
  const byImage = isPlugin(step) ? gateImages.find((gate) => gate.name.test(image))?.kind : undefined;
  const kinds = commandsOf(pipeline, step).flatMap(({ commands }) =>
    [...everyCommand(commands)].flatMap((command) => gateOf(command) ?? []),
  );
  return byImage ?? (kinds.includes('security') ? 'security' : kinds[0]);
}

function namedGate({ name }: Step): GateKind | undefined {
  return gateAfterNames.test(name) ? undefined : gateStepNames.find((gate) => gate.name.test(name))?.kind;
}

/** No tool is named further behind. */
const longestCommand = 300;

function gateOf(command: SimpleCommand): GateKind | undefined {
  const program = programOf(command);
  if (!program) return undefined;
  const words = [program.name, ...program.arguments.map(({ shape }) => shape)].join(' ').slice(0, longestCommand);
  return gateCommands.find((gate) => gate.words.test(words))?.kind;
}

function* ofCommands(pipeline: Pipeline, step: Step): Iterable<Sight> {
  const lists = commandsOf(pipeline, step).map(({ commands }) => commands);
  const every = lists.flatMap((list) => [...everyCommand(list)]);
  const withTeeth = programsWithTeeth(every);
  for (const command of every) {
    const program = programOf(command);
    if (program?.name === 'exit' && program.arguments[0]?.text === '78')
      yield { at: command.at, message: '"exit 78" skips every later step, and the build counts as a success' };
    const kind = gateOf(command);
    const option = kind && toothlessOption(command);
    if (program && kind && option !== undefined && !withTeeth.has(program.name))
      yield {
        at: command.at,
        message: `"${program.name}" does not fail, whatever it finds ("${option}")`,
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
          message: `the failure of "${programOf(command)?.name}" is turned into success`,
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

function toothlessOption(command: SimpleCommand): string | undefined {
  const program = programOf(command);
  if (!program) return undefined;
  for (const { program: name, option, value } of toothlessOptions) {
    if (!name.test(program.name)) continue;
    const at = program.arguments.findIndex(({ shape }) => option.test(shape));
    const next = program.arguments[at + 1]?.shape ?? '';
    if (at >= 0 && (!value || value.test(next)))
      return value ? `${program.arguments[at]?.shape} ${next}` : program.arguments[at]?.shape;
  }
  return undefined;
}

/**
 * Programs that some command lets fail: a first run that only prints everything, before a second one that fails, is as it
 * should be. Trivy fails only when it is asked to.
 */
function programsWithTeeth(commands: readonly SimpleCommand[]): ReadonlySet<string> {
  return new Set(
    commands.flatMap((command) => {
      const program = programOf(command);
      if (!program || gateOf(command) === undefined || toothlessOption(command) !== undefined) return [];
      const isAsked = program.arguments.some(({ shape }) => shape.startsWith('--exit-code'));
      return program.name !== 'trivy' || isAsked ? [program.name] : [];
    }),
  );
}
