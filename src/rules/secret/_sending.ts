import { filledIn } from '../../analysis/named-values.ts';
import { headerOptions, httpClients, printers, rawSenders } from '../../facts/secret-handling.ts';
import { isAddress, urlOf } from '../../model/hosts.ts';
import type { Pipeline, Step } from '../../model/pipeline.ts';
import {
  type CommandWord,
  opensSocket,
  type Program,
  pipedFrom,
  programOf,
  type SimpleCommand,
} from '../../shell/commands.ts';
import { type SecretVariables, secretsIn } from './_secret-variables.ts';

/** A secret on its way to a host. */
export interface Sending {
  /** What sends it. */
  readonly command: SimpleCommand;
  readonly secret: string;
  /** The hosts that are named; absent where it may be any host. */
  readonly hosts?: readonly string[];
  /** For messages: `"api.example.com"`, `nc`. */
  readonly to: string;
  readonly by: 'body' | 'header' | 'query';
  /** Without TLS, or to an IP address instead of a name. */
  readonly isInClear: boolean;
}

/** A word with the variables filled in whose values the file tells. */
type Shape = (word: CommandWord) => string;

/** Where a command of a list, or one that it is piped to, sends a secret that is among its words. */
export function* sendingsOf(
  list: readonly SimpleCommand[],
  index: number,
  pipeline: Pipeline,
  step: Step,
  variables: SecretVariables,
): Iterable<Sending> {
  const command = list[index];
  const program = command && programOf(command);
  const [secret] = command?.words.flatMap(({ parts }) => secretsIn(parts, variables)) ?? [];
  if (!program || secret === undefined) return;
  const shapeIn =
    (of: SimpleCommand): Shape =>
    ({ parts }) =>
      filledIn(pipeline, step, of, parts);
  if (opensSocket(command)) yield { command, secret, to: 'a socket of the shell', by: 'body', isInClear: true };
  else if (httpClients.has(program.name)) yield* byClient(command, program, shapeIn(command), variables);
  else if (isRawSender(program)) yield byRawSender(command, program, secret, shapeIn(command));
  if (!printers.has(program.name)) return;
  // `echo "$TOKEN" | nc host 80`
  for (const next of pipedFrom(list, index)) {
    const receiver = programOf(next);
    const target = receiver && httpClients.has(receiver.name) ? targetOf(receiver, shapeIn(next)) : undefined;
    if (target) yield { command: next, secret, by: 'body', ...target };
    else if (receiver && isRawSender(receiver)) yield byRawSender(next, receiver, secret, shapeIn(next));
  }
}

function isRawSender({ name, arguments: words }: Program): boolean {
  return rawSenders.has(name) || (name === 'openssl' && words[0]?.text === 's_client');
}

function byRawSender(command: SimpleCommand, program: Program, secret: string, shape: Shape): Sending {
  return { command, secret, hosts: hostsOf(program, shape), to: program.name, by: 'body', isInClear: true };
}

/** Words that may be a host: a name with a dot or an address; for `host:port`, the host. */
function hostsOf({ arguments: words }: Program, shape: Shape): readonly string[] {
  return words.flatMap((word) => {
    const host = /^(?:@|[A-Za-z0-9-]{1,20}:)?([\u2026A-Za-z0-9_.-]{1,250})(?::\d{1,5})?(?:,.*)?$/.exec(
      shape(word),
    )?.[1];
    return host?.includes('.') && /[A-Za-z0-9]\.[A-Za-z0-9]/.test(host) ? [host.toLowerCase()] : [];
  });
}

function* byClient(
  command: SimpleCommand,
  program: Program,
  shape: Shape,
  variables: SecretVariables,
): Iterable<Sending> {
  const target = targetOf(program, shape);
  if (!target) return;
  const uses = program.arguments.flatMap((word, index) => useOf(word, program.arguments[index - 1], variables) ?? []);
  const [first] = uses.sort((a, b) => order.indexOf(a.by) - order.indexOf(b.by));
  if (first) yield { command, ...first, ...target };
}

const order: readonly Sending['by'][] = ['body', 'header', 'query'];

/** How a word gives a secret away. A URL that is itself secret, such as a webhook, goes to whoever issued it. */
function useOf(
  word: CommandWord,
  before: CommandWord | undefined,
  variables: SecretVariables,
): Pick<Sending, 'secret' | 'by'> | undefined {
  const [secret] = secretsIn(word.parts, variables);
  if (secret === undefined) return undefined;
  const isHeader =
    headerOptions.test(before?.text ?? '') ||
    /^(?:-H.|-u.|--(?:header|user|http-password|password|oauth2-bearer)=)/.test(word.pattern) ||
    // HTTPie: `Authorization:value`
    /^[A-Za-z-]{1,40}:(?!\/\/)/.test(word.pattern);
  if (isHeader) return { secret, by: 'header' };
  if (/^[a-z]{2,10}:\/\//.test(word.pattern)) {
    // Before the host it is a login, which travels in a header.
    return { secret, by: /^[a-z]{2,10}:\/\/[^/]*@/.test(word.pattern) ? 'header' : 'query' };
  }
  // A word that is nothing but a secret is data after an option, otherwise the URL.
  const mayBeAddress = before?.text === '--url' || word.pattern.startsWith('…/') || word.pattern === '…';
  const isData = /^(?:-d|--data.*|-F|--form.*|--post-data|--body-data|--json)$/.test(before?.text ?? '');
  return mayBeAddress && !isData ? undefined : { secret, by: 'body' };
}

/** The first URL of a client whose host is known: written out, or in variables that the file sets. */
function targetOf(
  { arguments: words }: Program,
  shape: Shape,
): (Pick<Sending, 'to' | 'isInClear'> & { readonly hosts: readonly string[] }) | undefined {
  for (const word of words) {
    const { scheme = '', host = '' } = urlOf(shape(word).replace(/^--url=/, '')) ?? {};
    if (!/^(?:https?|wss?|ftp)$/.test(scheme) || host.includes('\u2026')) continue;
    return { hosts: [host], to: `"${host}"`, isInClear: isAddress(host) || /^(?:http|ws|ftp)$/.test(scheme) };
  }
  return undefined;
}
