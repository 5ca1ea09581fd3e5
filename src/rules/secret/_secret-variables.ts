import { unlessWritten } from '../../analysis/named-values.ts';
import { hitOfStep, type StepHit } from '../../analysis/step-hits.ts';
import { type SecretUse, secretsOfStep } from '../../drone/secret-use.ts';
import { allSteps, type Pipeline, type Step } from '../../model/pipeline.ts';
import { type Hit, type Location, type Severity, worstFirst } from '../../model/rule.ts';
import type { CommandPart, SimpleCommand } from '../../shell/commands.ts';

/** The secrets of a step by the variables in which its commands find them. */
export type SecretVariables = ReadonlyMap<string, SecretUse>;

/** The variables among parts of a word that hold secrets; substitutions within it are not examined. */
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

/** The name of the secret in a variable, for `about`, unless the text of a place holds it: as `$TOKEN` holds `token`. */
export function nameUnlessWritten(at: Location, variable: string, variables: SecretVariables): string | undefined {
  const name = variables.get(variable)?.name;
  return name === undefined ? undefined : unlessWritten(at, name);
}

/** What is wrong at one place of a step. */
export type Fault = StepHit & { readonly severity: Severity };

/** One hit for each faulty step or service with secrets: its worst fault, with the others as related places. */
export function* hitsOfSecretSteps(
  pipeline: Pipeline,
  look: (step: Step, variables: SecretVariables) => Iterable<Fault>,
): Iterable<Hit> {
  for (const step of allSteps(pipeline)) {
    const uses = secretsOfStep(pipeline, step);
    if (uses.length === 0) continue;
    const variables = new Map(uses.map((use) => [use.variable, use]));
    const [worst, ...others] = [...look(step, variables)].sort(worstFirst);
    if (worst) yield hitOfStep(pipeline, step, worst, others);
  }
}
