import { headerOptions, httpClients, printers, rawSenders } from '../../facts/secret-handling.ts';
import {
  type CommandWord,
  commandsOf,
  everyCommand,
  type Program,
  pipeFrom,
  programOf,
  type SimpleCommand,
} from '../../model/commands.ts';
import { isPublicHost } from '../../model/endpoint.ts';
import type { Pipeline, Step } from '../../model/pipeline.ts';
import { reachOf } from '../../model/reach.ts';
import { rule } from '../../model/rule.ts';
import type { Site } from '../../model/site.ts';
import { type Fault, mergeFaults, type SecretVariables, secretsIn, stepsWithSecrets } from './secret-variables.ts';

export default rule({
  id: 'secret-sent-out',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'medium',
  title: 'Secret is sent to a host outside',
  why: 'A line like this is how stolen credentials leave a build. It may be meant: then the host gets the secret with every build, and over plain HTTP so does everyone on the way.',
  fix: 'Use the client of the service, with a secret for it alone. Say which hosts are meant:\n\n```yaml\n# drone-audit.yml\nsite:\n  tlsHosts: [api.example.com]\n```',
  refs: ['https://docs.drone.io/secret/', 'https://owasp.org/www-project-top-10-ci-cd-security-risks/'],
  standards: { owasp: ['CICD-SEC-6'], cwe: ['CWE-200'] },
  since: '0.1.0',
  *judge(pipeline, { site }) {
    const neighbours = new Set([...pipeline.services, ...pipeline.steps].map(({ name }) => name.toLowerCase()));
    for (const { step, variables } of stepsWithSecrets(pipeline)) {
      const found = mergeFaults([...faultsOf({ pipeline, step, variables, site, neighbours })]);
      if (found) yield { ...found, subject: `${step.section}[${step.name}]`, reach: reachOf(step.reach) };
    }
  },
});

interface View {
  readonly pipeline: Pipeline;
  readonly step: Step;
  readonly variables: SecretVariables;
  readonly site: Site;
  /** Names by which steps and services of the pipeline are reached. */
  readonly neighbours: ReadonlySet<string>;
}

function* faultsOf(view: View): Iterable<Fault> {
  for (const { commands } of commandsOf(view.pipeline, view.step)) {
    const all = [...everyCommand(commands)];
    for (const [index, command] of all.entries()) {
      const fault = faultOf(command, view) ?? faultOfPipe(pipeFrom(all.slice(index, index + longestPipe), 0), view);
      if (fault) yield fault;
    }
  }
}

/** Commands of one pipe that are followed. */
const longestPipe = 30;

/** A secret among the words of a program that sends, or in what is written to a socket of the shell. */
function faultOf(command: SimpleCommand, view: View): Fault | undefined {
  const program = programOf(command);
  const secrets = command.words.flatMap(({ parts }) => secretsIn(parts, view.variables));
  if (!program || secrets.length === 0) return undefined;
  if (command.redirections.some(({ target }) => /^\/dev\/(?:tcp|udp)\//.test(target?.shape ?? '')))
    return fault(command, view, secrets[0], 'a socket of the shell', 'high');
  if (httpClients.has(program.name)) return faultOfClient(command, program, view);
  const isRaw = rawSenders.has(program.name) || isTlsClient(program);
  if (!isRaw || hostsOf(program).every((host) => !isOutside(host, view))) return undefined;
  return fault(command, view, secrets[0], program.name, 'high');
}

/** `echo "$TOKEN" | nc host 80`. */
function faultOfPipe(pipe: readonly SimpleCommand[], view: View): Fault | undefined {
  const [first, ...rest] = pipe;
  const [secret] = first?.words.flatMap(({ parts }) => secretsIn(parts, view.variables)) ?? [];
  if (!first || secret === undefined || !printers.has(programOf(first)?.name ?? '')) return undefined;
  for (const command of rest) {
    const program = programOf(command);
    if (!program) continue;
    const isRaw = rawSenders.has(program.name) || isTlsClient(program);
    if (isRaw && hostsOf(program).some((host) => isOutside(host, view)))
      return fault(command, view, secret, program.name, 'high');
    const target = httpClients.has(program.name) ? targetOf(program, view) : undefined;
    if (target && isOutside(target.host, view))
      return fault(command, view, secret, `"${target.host}"`, isInClear(target) ? 'high' : 'medium');
  }
  return undefined;
}

function isTlsClient({ name, arguments: words }: Program): boolean {
  return name === 'openssl' && words[0]?.text === 's_client';
}

/** Words that may be a host: with a dot or as an address; of `host:port` the host. */
function hostsOf({ arguments: words }: Program): readonly string[] {
  return words.flatMap(({ shape }) => {
    const host = /^(?:@|[A-Za-z0-9-]{1,20}:)?([…A-Za-z0-9_.-]{1,250})(?::\d{1,5})?(?:,.*)?$/.exec(shape)?.[1];
    return host?.includes('.') && /[A-Za-z0-9]\.[A-Za-z0-9]/.test(host) ? [host.toLowerCase()] : [];
  });
}

interface Target {
  readonly host: string;
  readonly scheme: string;
}

function faultOfClient(command: SimpleCommand, program: Program, view: View): Fault | undefined {
  const target = targetOf(program, view);
  if (!target || !isOutside(target.host, view)) return undefined;
  const uses = program.arguments.flatMap((word, index) => useOf(word, program.arguments[index - 1], view));
  const [first] = uses.sort((a, b) => order.indexOf(a.by) - order.indexOf(b.by));
  if (!first) return undefined;
  if (isInClear(target)) return fault(command, view, first.secret, `"${target.host}"`, 'high');
  // The query is told by printed-secret.
  if (first.by === 'query') return undefined;
  return fault(command, view, first.secret, `"${target.host}"`, first.by === 'header' ? 'low' : 'medium');
}

const order: readonly ('body' | 'header' | 'query')[] = ['body', 'header', 'query'];

/** How a word gives a secret away. An address that is itself secret, as a webhook's, goes to the one who gave it. */
function useOf(
  word: CommandWord,
  before: CommandWord | undefined,
  { variables }: View,
): readonly { readonly secret: string; readonly by: 'body' | 'header' | 'query' }[] {
  const [secret] = secretsIn(word.parts, variables);
  if (secret === undefined) return [];
  const isHeader =
    headerOptions.test(before?.text ?? '') ||
    /^(?:-H.|-u.|--(?:header|user|http-password|password|oauth2-bearer)=)/.test(word.shape) ||
    // HTTPie: `Authorization:value`
    /^[A-Za-z-]{1,40}:(?!\/\/)/.test(word.shape);
  if (isHeader) return [{ secret, by: 'header' }];
  if (/^[a-z]{2,10}:\/\//.test(word.shape)) {
    // Before the host it is a login, which travels in a header.
    return [{ secret, by: /^[a-z]{2,10}:\/\/[^/]*@/.test(word.shape) ? 'header' : 'query' }];
  }
  return isAddressOption(before) || word.shape.startsWith('…/') || word.shape === '…'
    ? addressUse(before, secret)
    : [{ secret, by: 'body' }];
}

/** A word that is all secret is data after an option, else the address. */
function addressUse(
  before: CommandWord | undefined,
  secret: string,
): readonly { readonly secret: string; readonly by: 'body' }[] {
  return /^(?:-d|--data.*|-F|--form.*|--post-data|--body-data|--json)$/.test(before?.text ?? '')
    ? [{ secret, by: 'body' }]
    : [];
}

function isAddressOption(word: CommandWord | undefined): boolean {
  return word?.text === '--url';
}

/** The first address of a client whose host is known: written, or in a variable of the step. */
function targetOf({ arguments: words }: Program, view: View): Target | undefined {
  for (const word of words) {
    const text = shapeWithVariables(word, view);
    const found =
      /^(?:--url=)?(https?|wss?|ftp):\/\/(?:[^@/?#]{0,500}@)?([A-Za-z0-9._-]{1,250}|\[[0-9a-f:]{2,45}\])(?=[:/?#]|$)/i.exec(
        text,
      );
    if (found) return { scheme: (found[1] ?? '').toLowerCase(), host: (found[2] ?? '').toLowerCase() };
  }
  return undefined;
}

/** The word with literal variables of the step in it. */
function shapeWithVariables({ parts }: CommandWord, { step }: View): string {
  return parts
    .map((part) => {
      if (part.kind === 'text') return part.text;
      if (part.kind !== 'variable') return '…';
      return step.environment.find(({ name }) => name.value === part.name)?.text?.value ?? '…';
    })
    .join('');
}

/** Plain HTTP, or an address in place of a name. */
function isInClear({ scheme, host }: Target): boolean {
  return scheme === 'http' || scheme === 'ws' || scheme === 'ftp' || /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[.*)$/.test(host);
}

/** Neither of this machine, of the pipeline or of a private network, nor named in the site section. */
function isOutside(host: string, { neighbours, site }: View): boolean {
  if (!isPublicHost(host) || neighbours.has(host)) return false;
  const known = [...site.tlsHosts, ...site.registries, ...site.networks].map((each) => each.toLowerCase());
  return !known.some((each) => host === each || host.endsWith(each.replace(/^\*?\.?/, '.')));
}

function fault(
  { at }: SimpleCommand,
  { step }: View,
  secret: string | undefined,
  target: string,
  severity: Fault['severity'],
): Fault {
  return { at, message: `"${step.name}" sends secret ${secret ?? ''} to ${target}`, severity };
}
