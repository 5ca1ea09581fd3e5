import { commandsOf } from '../../analysis/step-commands.ts';
import { inPlace, printers, readers, transformers } from '../../facts/secret-handling.ts';
import type { Pipeline, Step } from '../../model/pipeline.ts';
import type { Location } from '../../model/source.ts';
import {
  type CommandPart,
  dumpsEnvironment,
  pipeFrom,
  programOf,
  type SimpleCommand,
  type StepCommand,
} from '../../shell/commands.ts';
import { type SecretVariables, secretsIn } from './_secret-variables.ts';

/** The command lists of a step and of the scripts it passes to shells; command substitutions are left out. */
export function* printingListsOf(pipeline: Pipeline, step: Step): Generator<readonly SimpleCommand[]> {
  for (const each of commandsOf(pipeline, step)) {
    const lists: (readonly SimpleCommand[])[] = movesBlocks(each) ? [] : [each.commands];
    for (let list = lists.pop(); list; list = lists.pop()) {
      yield list;
      for (const { inner } of list) if (inner.length > 0) lists.push(inner);
    }
  }
}

/** Whether the output of a whole block is redirected, so that nothing in it reaches the log. */
function movesBlocks({ text }: StepCommand): boolean {
  return /(?:[})]|\bdone|\bfi|\besac)\s{0,20}(?:1?>|\|(?!\|))/.test(text);
}

/** Whether the output of a command goes to a file instead of the log. */
export function writesToFile({ redirections }: SimpleCommand): boolean {
  return redirections.some(({ operator, target, at }) => {
    if (!/^(?:&?>>?|>\||>&)$/.test(operator)) return false;
    // `2>` redirects errors only; `>&2` and the devices are the log.
    const isOfErrors = /^[2-9]>/.test(at.source.text.slice(at.span.start, at.span.start + 2));
    return !isOfErrors && !/^(?:&?[12]|\/dev\/(?:stdout|stderr|tty|fd\/[12]))$/.test(target?.text ?? '');
  });
}

/** What a command, or one that it is piped to, prints. */
export interface Print {
  readonly at: Location;
  /** The variable of the secret; absent for the whole environment. */
  readonly secret?: string;
  /** Whether it is in a form that Drone's masking does not recognise. */
  readonly isEncoded: boolean;
}

/** The secrets that the commands of a list print to the log. */
export function* printsOf(list: readonly SimpleCommand[], variables: SecretVariables): Iterable<Print> {
  for (let index = 0; index < list.length; ) {
    const pipe = pipeFrom(list, index);
    index += Math.max(pipe.length, 1);
    yield* printsOfPipe(pipe.slice(0, maxPipeLength), variables);
  }
}

/** How many commands of one pipe are followed. */
const maxPipeLength = 30;

function* printsOfPipe(pipe: readonly SimpleCommand[], variables: SecretVariables): Iterable<Print> {
  for (const [index, command] of pipe.entries()) {
    const { at } = command;
    const rest = pipe.slice(index + 1);
    if ([command, ...rest].some(writesToFile) || !rest.every(passesOn)) continue;
    if (dumpsEnvironment(command) && !rest.some(isTransformer)) yield { at, isEncoded: false };
    const [secret] = printedNames(command, variables);
    if (secret === undefined) continue;
    yield { at, secret, isEncoded: [command, ...rest].some(isTransformer) || hasInnerTransformer(command, variables) };
  }
}

function nameOf(command: SimpleCommand): string {
  return programOf(command)?.name ?? command.words[0]?.text ?? '';
}

function isTransformer(command: SimpleCommand): boolean {
  return transformers.has(nameOf(command));
}

/** Whether what a command reads comes out of it, whole or changed. */
function passesOn(command: SimpleCommand): boolean {
  const name = nameOf(command);
  return (transformers.has(name) || readers.has(name)) && !isDecoding(command);
}

/** Whether what a command reads comes out of it, decoded too. */
export function passesOnAll(command: SimpleCommand): boolean {
  const name = nameOf(command);
  return transformers.has(name) || readers.has(name);
}

/** `base64 -d` restores a file or key that was stored encoded. */
function isDecoding({ words }: SimpleCommand): boolean {
  return words.some(
    ({ text }) => /^(?:-[a-zA-Z]*[dD]|--decode|-r)$/.test(text ?? '') && /base|xxd/.test(words[0]?.text ?? ''),
  );
}

/** The secrets that a command prints: from its words, from a here-document, or from commands within its words. */
export function printedNames(command: SimpleCommand, variables: SecretVariables): readonly string[] {
  const name = nameOf(command);
  if (!printers.has(name) && !readers.has(name) && !transformers.has(name)) return [];
  if (name === 'sed' || name === 'yq') if (command.words.some(({ text }) => inPlace.test(text ?? ''))) return [];
  const fed = [
    ...command.documents.filter(({ target }) => !target).flatMap(({ parts }) => parts),
    ...command.redirections.flatMap(({ operator, target }) => (operator === '<<<' && target ? target.parts : [])),
  ];
  // `cat "$FILE"` prints a file; `jq`, `sed` and the like print what they are given.
  const words = readers.has(name) ? [] : command.words.slice(1);
  return [...words, { parts: fed }].flatMap(({ parts }) => [
    ...secretsIn(parts, variables),
    ...innerCommands(parts).flatMap((inner) => printedNames(inner, variables)),
  ]);
}

function innerCommands(parts: readonly CommandPart[]): readonly SimpleCommand[] {
  return parts.flatMap((part) => (part.kind === 'output' ? part.commands : []));
}

/** `echo "$(echo $TOKEN | base64)"`. */
function hasInnerTransformer({ words }: SimpleCommand, variables: SecretVariables): boolean {
  const inner = words.flatMap(({ parts }) => innerCommands(parts));
  return inner.some(isTransformer) && inner.some((command) => printedNames(command, variables).length > 0);
}
