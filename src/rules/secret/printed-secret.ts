import { httpClients, inPlace, loginPrograms, printers, readers, transformers } from '../../facts/secret-handling.ts';
import { type CommandPart, type CommandWord, pipeFrom, programOf, type SimpleCommand } from '../../model/commands.ts';
import { isPublicHost } from '../../model/endpoint.ts';
import type { Pipeline, Step } from '../../model/pipeline.ts';
import { reachOf } from '../../model/reach.ts';
import { rule } from '../../model/rule.ts';
import { isPublicScm } from '../stakes.ts';
import {
  type Fault,
  mergeFaults,
  printingListsOf,
  type SecretVariables,
  secretsIn,
  stepsWithSecrets,
  writesToFile,
} from './secret-variables.ts';

export default rule({
  id: 'printed-secret',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'medium',
  title: 'Command prints or transforms a secret',
  why: 'Drone takes secrets out of the log by their exact text, line by line. What is encoded, cut or reversed passes, and so do lines of a secret that are too short. What stands among the arguments of a process or in an address is also seen by others: on the machine, in the logs of proxies and servers.',
  fix: 'Give it to programs through standard input or a file:\n\n```yaml\ncommands:\n  - echo "$REGISTRY_PASSWORD" | docker login -u octocat --password-stdin registry.example.com\n  - echo "$SSH_KEY" > ~/.ssh/id_ed25519\n```\n\nTo see whether a secret is there, print its length: `echo $${#API_KEY}`.',
  refs: [
    'https://docs.drone.io/secret/',
    'drone/runner-go pipeline/runtime/replacer.go',
    'https://docs.docker.com/reference/cli/docker/login/#password-stdin',
  ],
  standards: { owasp: ['CICD-SEC-6'], cwe: ['CWE-532', 'CWE-214'] },
  since: '0.1.0',
  *judge(pipeline, { site, installation }) {
    const isPublic = isPublicScm(site, installation) === true;
    for (const { step, variables } of stepsWithSecrets(pipeline)) {
      const found = mergeFaults([...faultsOf(pipeline, step, variables, isPublic)]);
      if (found) yield { ...found, subject: `${step.section}[${step.name}]`, reach: reachOf(step.reach) };
    }
  },
});

function* faultsOf(pipeline: Pipeline, step: Step, variables: SecretVariables, isPublic: boolean): Iterable<Fault> {
  for (const list of printingListsOf(pipeline, step)) {
    for (let index = 0; index < list.length; ) {
      const pipe = pipeFrom(list, index);
      index += Math.max(pipe.length, 1);
      yield* printedBy(pipe.slice(0, longestPipe), step, variables, isPublic);
    }
    for (const command of list) yield* argumentsOf(command, step, variables);
  }
}

/** Commands of one pipe that are followed. */
const longestPipe = 30;

/** What a pipe of commands prints. */
function* printedBy(
  pipe: readonly SimpleCommand[],
  step: Step,
  variables: SecretVariables,
  isPublic: boolean,
): Iterable<Fault> {
  for (const [index, command] of pipe.entries()) {
    const rest = pipe.slice(index + 1);
    const isShown = [command, ...rest].every((each) => !writesToFile(each)) && rest.every(passesOn);
    if (!isShown) continue;
    if (dumpsAll(command) && rest.every((each) => !isTransformer(each)))
      yield {
        at: command.at,
        message: `"${step.name}" prints its whole environment, secrets and all`,
        severity: 'high',
      };
    const [name] = printedNames(command, variables);
    if (name === undefined) continue;
    const isEncoded = [command, ...rest].some(isTransformer) || hasInnerTransformer(command, variables);
    yield {
      at: command.at,
      message: isEncoded
        ? `"${step.name}" prints secret ${name} in another form, which is not masked`
        : `"${step.name}" prints secret ${name}`,
      severity: isEncoded && isPublic ? 'high' : 'medium',
    };
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

/** `base64 -d` gives a file or a key that was stored encoded. */
function isDecoding({ words }: SimpleCommand): boolean {
  return words.some(
    ({ text }) => /^(?:-[a-zA-Z]*[dD]|--decode|-r)$/.test(text ?? '') && /base|xxd/.test(words[0]?.text ?? ''),
  );
}

/** The secrets that a command prints: among its words, in a document for it, or printed by what is within its words. */
function printedNames(command: SimpleCommand, variables: SecretVariables): readonly string[] {
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

/** `env`, `printenv`, `set`, `export -p` without anything else. */
function dumpsAll({ words, assignments }: SimpleCommand): boolean {
  const [name, ...options] = words.map(({ text }) => text ?? '…');
  if (assignments.length > 0) return false;
  switch (name?.replace(/^.*\//s, '')) {
    case 'env':
    case 'printenv':
      return options.every((option) => /^(?:-0|--null)$/.test(option));
    case 'set':
      return options.length === 0;
    case 'export':
    case 'declare':
    case 'typeset':
      return options.every((option) => /^-[px]+$/.test(option)) && (name === 'export' || options.length > 0);
    default:
      return false;
  }
}

/** Secrets among the arguments of a login, in the query of an address, or by their name as an argument of printenv. */
function* argumentsOf(command: SimpleCommand, step: Step, variables: SecretVariables): Iterable<Fault> {
  const program = programOf(command);
  if (!program) return;
  const { name, arguments: words } = program;
  if (name === 'printenv' && !writesToFile(command) && command.operator !== '|')
    for (const { text, at } of words)
      if (text !== undefined && variables.has(text))
        yield { at, message: `"${step.name}" prints secret ${text}`, severity: 'medium' };
  if (loginPrograms.has(name) && words.some(({ text }) => text === 'login'))
    for (const [index, word] of words.entries()) {
      const [secret] = isPassword(words, index) ? secretsIn(word.parts, variables) : [];
      if (secret !== undefined)
        yield {
          at: word.at,
          message: `"${step.name}" gives secret ${secret} to ${name} login as an argument`,
          severity: 'medium',
        };
    }
  if (httpClients.has(name))
    for (const word of words) {
      const secret = secretInQuery(word, variables);
      if (secret !== undefined)
        yield {
          at: word.at,
          message: `"${step.name}" puts secret ${secret} into the query of an address`,
          severity: 'medium',
        };
    }
}

function isPassword(words: readonly CommandWord[], index: number): boolean {
  const before = words[index - 1]?.text ?? '';
  return /^(?:-p|--password)$/.test(before) || /^(?:-p|--password=)…/.test(words[index]?.shape ?? '');
}

/** In the query of an address; what goes out over plain HTTP is told by secret-sent-out. */
function secretInQuery({ parts }: CommandWord, variables: SecretVariables): string | undefined {
  let before = '';
  for (const part of parts) {
    if (part.kind === 'text') before += part.text;
    else if (part.kind === 'variable' && variables.has(part.name) && isQuery(before)) return part.name;
    else before += '…';
  }
  return undefined;
}

function isQuery(before: string): boolean {
  const clear = /^http:\/\/([^/:?#]{1,250})/i.exec(before);
  return /:\/\/[^?]*\?.*=$/s.test(before) && !(clear && isPublicHost((clear[1] ?? '').toLowerCase()));
}
