import { httpClients, loginPrograms } from '../../facts/secret-handling.ts';
import { isPublicHost } from '../../model/hosts.ts';
import type { Location } from '../../model/source.ts';
import { type CommandWord, programOf, type SimpleCommand, type StepCommand } from '../../shell/commands.ts';
import { writesToFile } from './_printing.ts';
import { type SecretVariables, secretsIn } from './_secret-variables.ts';

interface Exposure {
  readonly at: Location;
  readonly what: string;
  /** The variable of the secret. */
  readonly secret: string;
}

/** Secrets that printenv is asked for by name, in a command that prints to the log. */
export function* printedByName(command: SimpleCommand, variables: SecretVariables): Iterable<Exposure> {
  const program = programOf(command);
  if (program?.name !== 'printenv' || writesToFile(command) || command.operator === '|') return;
  for (const { text, at } of program.arguments)
    if (text !== undefined && variables.has(text)) yield { at, what: `prints secret ${text}`, secret: text };
}

/** Secrets among the arguments of a login or in the query of a URL, wherever the command's output goes. */
export function* exposedArguments(command: SimpleCommand, variables: SecretVariables): Iterable<Exposure> {
  const program = programOf(command);
  if (!program) return;
  const { name, arguments: words } = program;
  if (loginPrograms.has(name) && words.some(({ text }) => text === 'login'))
    for (const [index, { at, parts }] of words.entries()) {
      const [secret] = isPassword(words, index) ? secretsIn(parts, variables) : [];
      if (secret !== undefined) yield { at, what: `gives secret ${secret} to ${name} login as an argument`, secret };
    }
  if (httpClients.has(name))
    for (const word of words) {
      const secret = secretInQuery(word, variables);
      if (secret !== undefined) yield { at: word.at, what: `puts secret ${secret} into the query of a URL`, secret };
    }
}

/** What commands in the languages of Windows print of secrets, or give to a login as an argument. */
export function* exposedOnWindows({ text, at, language }: StepCommand, variables: SecretVariables): Iterable<Exposure> {
  if (language === 'posix' || text.length > maxWindowsText) return;
  const use = language === 'powershell' ? /\$env:(\w{1,200})/gi : /%(\w{1,200})%/g;
  for (const line of text.split(/[\n;]/))
    for (const { 1: written = '', index } of line.matchAll(use)) {
      // Windows does not tell capitals apart.
      const secret = [...variables.keys()].find((name) => name.toLowerCase() === written.toLowerCase());
      if (secret === undefined) continue;
      const before = line.slice(Math.max(0, index - maxBefore), index);
      const program = /\b(docker|podman|buildah|helm|skopeo|crane)(?:\.exe)?"?\s/i.exec(before)?.[1];
      if (program !== undefined && /\slogin\s/i.test(before) && /\s(?:-p|--password)[\s=]["']?$/.test(before))
        yield { at, what: `gives secret ${secret} to ${program.toLowerCase()} login as an argument`, secret };
      else if (/^\s*(?:echo|Write-Host|Write-Output)\s/i.test(before) && !/[|>]/.test(line))
        yield { at, what: `prints secret ${secret}`, secret };
    }
}

/** No command is longer; a name within the last of these columns has its program before it. */
const maxWindowsText = 10_000;
const maxBefore = 300;

function isPassword(words: readonly CommandWord[], index: number): boolean {
  const before = words[index - 1]?.text ?? '';
  return /^(?:-p|--password)$/.test(before) || /^(?:-p=?|--password=)\u2026/.test(words[index]?.pattern ?? '');
}

/** The secret in the query of a URL; secret-sent-out reports what goes out over plain HTTP. */
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
  return /=$(?<=:\/\/[^?]*\?.*)/s.test(before) && !(clear && isPublicHost((clear[1] ?? '').toLowerCase()));
}
