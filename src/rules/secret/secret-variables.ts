import {
  type CommandPart,
  type CommandWord,
  commandsOf,
  type SimpleCommand,
  type StepCommand,
} from '../../model/commands.ts';
import type { Pipeline, Step } from '../../model/pipeline.ts';
import type { Hit } from '../../model/rule.ts';
import { type SecretUse, secretsOfStep } from '../../model/secret-use.ts';
import { type Severity, severities } from '../../model/severity.ts';

/** The secrets of a step by the variables in which its commands find them. */
export type SecretVariables = ReadonlyMap<string, SecretUse>;

export function secretVariablesOf(pipeline: Pipeline, step: Step): SecretVariables {
  return new Map(secretsOfStep(pipeline, step).map((use) => [use.variable, use]));
}

/** Steps and services with secrets, each with its secrets. */
export function* stepsWithSecrets(
  pipeline: Pipeline,
): Generator<{ readonly step: Step; readonly variables: SecretVariables }> {
  for (const step of [...pipeline.steps, ...pipeline.services]) {
    const variables = secretVariablesOf(pipeline, step);
    if (variables.size > 0) yield { step, variables };
  }
}

/** The variables among parts of a word that hold secrets; those of substitutions within are not looked at. */
export function secretsIn(parts: readonly CommandPart[], variables: SecretVariables): readonly string[] {
  return parts.flatMap((part) => (part.kind === 'variable' && variables.has(part.name) ? [part.name] : []));
}

/** The secret variables that a command is given: in its words and assignments. */
export function secretsOfCommand({ words, assignments }: SimpleCommand, variables: SecretVariables): readonly string[] {
  return [
    ...words.flatMap(({ parts }) => secretsIn(parts, variables)),
    ...assignments.flatMap(({ value }) => (value ? secretsIn(value.parts, variables) : [])),
  ];
}

/** Whether a word is nothing but a secret, perhaps in quotes. */
export function isSecretAlone({ parts }: CommandWord, variables: SecretVariables): boolean {
  return parts.length > 0 && parts.every((part) => part.kind === 'variable' && variables.has(part.name));
}

/** The commands of a step and of the scripts that it gives to shells, by list; those of substitutions are left out. */
export function* printingListsOf(pipeline: Pipeline, step: Step): Generator<readonly SimpleCommand[]> {
  for (const each of commandsOf(pipeline, step)) {
    const lists: (readonly SimpleCommand[])[] = movesBlocks(each) ? [] : [each.commands];
    for (let list = lists.pop(); list; list = lists.pop()) {
      yield list;
      for (const { inner } of list) if (inner.length > 0) lists.push(inner);
    }
  }
}

/** Where the output of a whole block goes somewhere else, what is in it does not print. */
function movesBlocks({ text }: StepCommand): boolean {
  return /(?:[})]|\bdone|\bfi|\besac)\s{0,20}(?:1?>|\|(?!\|))/.test(text);
}

/** Whether the output of a command goes into a file, and not into the log. */
export function writesToFile({ redirections }: SimpleCommand): boolean {
  return redirections.some(({ operator, target, at }) => {
    if (!/^(?:&?>>?|>\||>&)$/.test(operator)) return false;
    // `2>`: only its errors go there; `>&2` and the devices are the log.
    const isOfErrors = /^[2-9]>/.test(at.source.text.slice(at.span.start, at.span.start + 2));
    return !isOfErrors && !/^(?:&?[12]|\/dev\/(?:stdout|stderr|tty|fd\/[12]))$/.test(target?.text ?? '');
  });
}

/** What is wrong at one place of a step. */
export interface Fault {
  readonly at: Hit['at'];
  readonly message: string;
  readonly severity: Severity;
}

/** One finding of the faults of a step: the worst, with the others as related places. */
export function mergeFaults(
  faults: readonly Fault[],
): Pick<Hit, 'at' | 'message' | 'severity' | 'related'> | undefined {
  const [worst, ...others] = [...faults].sort(
    (a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity),
  );
  if (!worst) return undefined;
  return { ...worst, related: others.slice(0, mostRelated).map(({ at, message }) => ({ at, message })) };
}

const mostRelated = 20;
