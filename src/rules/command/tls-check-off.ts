import { curlValues } from '../../facts/programs.ts';
import { anyHostKey, tlsOptions, tlsVariables } from '../../facts/tls-switches.ts';
import {
  type CommandWord,
  commandsOf,
  everyCommandOf,
  type Program,
  programOf,
  type SimpleCommand,
} from '../../model/commands.ts';
import { hostOf } from '../../model/endpoint.ts';
import { optionsOf } from '../../model/fetching.ts';
import { matchesCommands, mentions } from '../../model/mentions.ts';
import type { Pipeline, Step } from '../../model/pipeline.ts';
import { reachOf } from '../../model/reach.ts';
import { rule } from '../../model/rule.ts';
import { secretNames, secretsOf } from '../stakes.ts';
import { hitsByStep, isOfTheBuild, type Sight } from './sights.ts';

export default rule({
  id: 'tls-check-off',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'high',
  title: 'Certificate checks are switched off in commands',
  why: 'Without the check anyone on the way can answer in the place of the host: he reads the credential that is sent, and decides what is downloaded.',
  fix: 'Give the image what it needs to check, and remove the switch:\n\n```yaml\ncommands:\n  - curl --cacert ca.pem https://ci.example.com/\n  - mkdir -p ~/.ssh && cp known_hosts ~/.ssh/known_hosts   # kept in the repository, from ssh-keyscan\n```',
  refs: [
    'https://curl.se/docs/sslcerts.html',
    'https://man.openbsd.org/ssh_config#StrictHostKeyChecking',
    'https://git-scm.com/docs/git-config#Documentation/git-config.txt-httpsslVerify',
  ],
  standards: { owasp: ['CICD-SEC-3', 'CICD-SEC-7'], cwe: ['CWE-295'] },
  since: '0.1.0',
  *judge(pipeline) {
    for (const { name, text } of pipeline.environment)
      if (text && isOff(name.value, text.value))
        yield {
          at: text.at,
          subject: 'environment',
          message: messageOf(name.value, []),
          reach: reachOf(pipeline.reach),
        };
    yield* hitsByStep(pipeline, 'medium', function* (step) {
      const secrets = secretsOf(pipeline, step);
      for (const { at, what } of switchesOf(pipeline, step))
        yield {
          at,
          message: messageOf(what, secrets),
          ...(secrets.length > 0 ? { severity: 'high' } : {}),
        };
    });
  },
});

function messageOf(what: string, secrets: readonly string[]): string {
  const checked = /key/i.test(what) ? 'host keys' : what === 'GONOSUMDB' ? 'checksums of modules' : 'certificates';
  const held = secrets.length > 0 ? ` in a step that holds ${secretNames(secrets)}` : '';
  return `"${what}" switches the check of ${checked} off${held}`;
}

interface Switch {
  readonly at: Sight['at'];
  readonly what: string;
}

/** Words of which every switch has one. */
const switchWords = [
  'curl',
  'insecure',
  'certificate',
  'sslverify',
  'tlsverify',
  'verify',
  'trusted',
  'pip_trusted_host',
  'strict',
  'npm_config_strict_ssl',
  'git_ssl_no_verify',
  'node_tls_reject_unauthorized',
  'pythonhttpsverify',
  'ansible_host_key_checking',
  'stricthostkeychecking',
  'ostricthostkeychecking',
  'goinsecure',
  'gonosumdb',
  'unauthenticated',
] as const;
const cheap =
  /\bcurl\b[^\n]{0,300}\s(?:-\w{0,20}k|--insecure)|no-check-certificate|sslverify|ssl_no_verify|tls_reject|httpsverify|trusted-host|trusted_host|strict-ssl|strict_ssl|tls-verify|tlsverify|stricthostkey|host_key_checking|goinsecure|gonosum|-insecure|allow-unauthenticated/i;

function* switchesOf(pipeline: Pipeline, step: Step): Iterable<Switch> {
  for (const { name, text } of step.environment) {
    if (text && isOff(name.value, text.value)) yield { at: text.at, what: name.value };
    else if (text && anyHostKey.test(text.value)) yield { at: text.at, what: 'StrictHostKeyChecking=no' };
  }
  if (!mentions(step, switchWords) || !matchesCommands(step, cheap)) return;
  for (const command of everyCommandOf(pipeline, step)) yield* inCommand(command, pipeline);
  for (const { language, text, at } of commandsOf(pipeline, step))
    if (language !== 'posix' && /\bcurl(?:\.exe)?\b[^\n|]{0,300}\s(?:-k|--insecure)(?:\s|$)/.test(text))
      yield { at, what: 'curl --insecure' };
}

function isOff(name: string, value: string): boolean {
  return tlsVariables.some((variable) => variable.name === name.toUpperCase() && variable.off.test(value));
}

function* inCommand(command: SimpleCommand, pipeline: Pipeline): Iterable<Switch> {
  for (const { name, nameAt, value } of command.assignments)
    if (value?.text !== undefined && isOff(name, value.text)) yield { at: nameAt, what: name };
    else if (value && anyHostKey.test(value.shape)) yield { at: value.at, what: 'StrictHostKeyChecking=no' };
  const program = programOf(command);
  if (!program || isTowardsTheBuild(program, pipeline)) return;
  const { name, arguments: words } = program;
  const insecure = name === 'curl' ? insecureWord(words) : undefined;
  if (insecure) yield { at: insecure.at, what: 'curl --insecure' };
  for (const { programs, words: patterns, as } of tlsOptions) {
    if (!programs.test(name)) continue;
    const found = patterns.map((pattern) => words.find(({ shape }) => pattern.test(shape)));
    const last = found.at(-1);
    if (last && found.every((word) => word !== undefined)) yield { at: last.at, what: `${name} ${as}` };
  }
  const hostKey = words.find(({ shape }) => anyHostKey.test(shape));
  const written = command.documents.find(({ parts }) =>
    parts.some((part) => part.kind === 'text' && anyHostKey.test(part.text)),
  );
  const place = hostKey?.at ?? written?.at;
  if (place) yield { at: place, what: 'StrictHostKeyChecking=no' };
}

function insecureWord(words: readonly CommandWord[]): CommandWord | undefined {
  const { flags } = optionsOf(words, curlValues);
  if (!flags.has('k') && !flags.has('--insecure')) return undefined;
  return words.find(({ shape }) => shape === '--insecure' || /^-[a-zA-Z#]*k/.test(shape));
}

/** Whether all hosts that a command names are those of the build itself. */
function isTowardsTheBuild({ arguments: words }: Program, pipeline: Pipeline): boolean {
  const hosts = words.flatMap(({ shape }) => {
    if (/^https?:\/\//i.test(shape)) return hostOf(shape) ?? [];
    return /^(?:localhost|127(?:\.\d+){3})(?:[:/]|$)/.test(shape) ? 'localhost' : [];
  });
  return hosts.length > 0 && hosts.every((host) => isOfTheBuild(host, pipeline));
}
