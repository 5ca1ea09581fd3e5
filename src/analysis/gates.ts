import { imageName, isPlugin } from '../drone/deployment.ts';
import { gateNames } from '../facts/deployment.ts';
import {
  type GateKind,
  gateAfterNames,
  gateCommands,
  gateImages,
  gateStepNames,
  toothlessOptions,
} from '../facts/gates.ts';
import type { Pipeline, Step } from '../model/pipeline.ts';
import { everyCommand, programOf, type SimpleCommand } from '../shell/commands.ts';
import { commandsOf } from './step-commands.ts';

/** The kind of check that a step's image or commands perform. */
export function provenGate(pipeline: Pipeline, step: Step): GateKind | undefined {
  const image = imageName(step) ?? '';
  const byImage = isPlugin(step) ? gateImages.find((gate) => gate.name.test(image))?.kind : undefined;
  const kinds = commandsOf(pipeline, step).flatMap(({ commands }) =>
    everyCommand(commands).flatMap((command) => gateOf(command) ?? []),
  );
  return byImage ?? (kinds.includes('security') ? 'security' : kinds[0]);
}

/** The kind of check that the name of a step promises. */
export function namedGate({ name }: Step): GateKind | undefined {
  return gateAfterNames.test(name) ? undefined : gateStepNames.find((gate) => gate.name.test(name))?.kind;
}

/** Whether a step tests, scans, signs or approves, by its name, image or commands. */
export function isGate(pipeline: Pipeline, step: Step): boolean {
  return namedGate(step) !== undefined || gateNames.test(step.name) || provenGate(pipeline, step) !== undefined;
}

/** Beyond this length no command names its tool. */
const maxCommandLength = 300;

/** The kind of check that a command performs; undefined if it is not a check. */
export function gateOf(command: SimpleCommand): GateKind | undefined {
  const program = programOf(command);
  if (!program) return undefined;
  const words = [program.name, ...program.arguments.map(({ pattern }) => pattern)].join(' ').slice(0, maxCommandLength);
  return gateCommands.find((gate) => gate.words.test(words))?.kind;
}

/** The option that keeps a check from failing, whatever it finds. */
export function toothlessOption(command: SimpleCommand): string | undefined {
  const program = programOf(command);
  if (!program) return undefined;
  for (const { program: name, option, value } of toothlessOptions) {
    if (!name.test(program.name)) continue;
    const at = program.arguments.findIndex(({ pattern }) => option.test(pattern));
    const next = program.arguments[at + 1]?.pattern ?? '';
    if (at >= 0 && (!value || value.test(next)))
      return value ? `${program.arguments[at]?.pattern} ${next}` : program.arguments[at]?.pattern;
  }
  return undefined;
}

/**
 * Programs that at least one command lets fail: a first run that only prints, followed by one that fails, is fine. Trivy
 * fails only when asked to.
 */
export function programsWithTeeth(commands: readonly SimpleCommand[]): ReadonlySet<string> {
  return new Set(
    commands.flatMap((command) => {
      const program = programOf(command);
      if (!program || gateOf(command) === undefined || toothlessOption(command) !== undefined) return [];
      const isAsked = program.arguments.some(({ pattern }) => pattern.startsWith('--exit-code'));
      return program.name !== 'trivy' || isAsked ? [program.name] : [];
    }),
  );
}
