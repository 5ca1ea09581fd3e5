import { unwrittenIn } from '../../analysis/named-values.ts';
import { secretsOf } from '../../analysis/step-assets.ts';
import { commandsOf } from '../../analysis/step-commands.ts';
import { hitsByStep } from '../../analysis/step-hits.ts';
import { anyHostKey } from '../../facts/tls-switches.ts';
import { rule, say } from '../../model/rule.ts';
import {
  type CommandPart,
  type CommandWord,
  commandsOfParts,
  everyCommand,
  pipedFrom,
  programOf,
  type SimpleCommand,
} from '../../shell/commands.ts';
import { writtenOf } from '../../shell/downloads.ts';
import { containsWords, matchesCommands } from '../../shell/words.ts';

export default rule({
  id: 'scanned-host-key',
  on: 'pipeline',
  severity: 'low',
  confidence: 'medium',
  title: 'Host key is accepted as it comes',
  why: '`ssh-keyscan` asks whoever answers for the host key. Somebody in between when the build runs gives their own, and is then the host: the check that follows always succeeds.',
  fix: 'Keep the host key in a secret or in the repository:\n\n```yaml step\nenvironment:\n  HOST_KEY: { from_secret: app_host_key }\ncommands:\n  - mkdir -p ~/.ssh\n  - echo "$HOST_KEY" >> ~/.ssh/known_hosts\n```\n\nThe secret holds the line that `ssh-keyscan -t ed25519 app.example.com` prints, compared once with the host\'s own key (`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub`). In the repository it is a file, `known_hosts`, and the command is `cp known_hosts ~/.ssh/known_hosts`.',
  refs: [
    'https://man.openbsd.org/ssh-keyscan#SECURITY',
    'https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/githubs-ssh-key-fingerprints',
  ],
  standards: { owasp: ['CICD-SEC-7'], cwe: ['CWE-322'] },
  since: '0.1.0',
  *judge(pipeline) {
    yield* hitsByStep(pipeline, 'low', function* (step) {
      // tls-check-off tells of steps that accept any key at all.
      if (!containsWords(step, [['ssh', 'keyscan']]) || matchesCommands(step, anyHostKey)) return;
      const lists = commandsOf(pipeline, step).map(({ commands }) => commands);
      const all = lists.flatMap(everyCommand);
      if (all.some(compares)) return;
      const hasSecret = secretsOf(pipeline, step).length > 0;
      for (const { scan, name } of acceptedKeys(lists, all))
        yield {
          at: scan.at,
          message: say`step "${step.name}" accepts the host key that ${name === undefined ? say`a host` : say`"${name}"`} sends`,
          severity: hasSecret ? 'medium' : 'low',
          fills: { 'app.example.com': name ?? '' },
          about: unwrittenIn(pipeline, step, scan),
        };
    });
  },
});

/** Scans whose answer becomes a file of known hosts, at once or by way of a variable or another file. */
function acceptedKeys(
  lists: readonly (readonly SimpleCommand[])[],
  all: readonly SimpleCommand[],
): readonly { readonly scan: SimpleCommand; readonly name?: string }[] {
  const found: { scan: SimpleCommand; name?: string }[] = [];
  /** Variables and files that hold an answer, with the scan. */
  const held = new Map<string, SimpleCommand>();
  const keep = (scan: SimpleCommand, target: CommandWord | undefined): void => {
    if (!target) return;
    const path = writtenOf(target);
    if (/known_?hosts/i.test(path)) found.push({ scan, name: hostOf(scan) });
    else held.set(path, scan);
  };
  for (const command of all)
    for (const { name, value } of command.assignments) {
      const scan = value && scanIn(value.parts);
      if (scan) held.set(`$${name}`, scan);
    }
  for (const list of [...lists, ...all.map(({ inner }) => inner)])
    for (const [index, command] of list.entries()) {
      const scan = isScan(command)
        ? command
        : (scanIn(command.words.flatMap(({ parts }) => parts)) ?? heldBy(command, held));
      if (!scan) continue;
      for (const next of [command, ...pipedFrom(list, index)]) for (const target of targetsOf(next)) keep(scan, target);
    }
  return [...new Map(found.map((each) => [each.scan.at, each])).values()];
}

function isScan(command: SimpleCommand): boolean {
  return programOf(command)?.name === 'ssh-keyscan';
}

function scanIn(parts: readonly CommandPart[]): SimpleCommand | undefined {
  for (const command of commandsOfParts(parts)) if (isScan(command)) return command;
  return undefined;
}

/** A scan whose answer a command prints, copies or moves. */
function heldBy(command: SimpleCommand, held: ReadonlyMap<string, SimpleCommand>): SimpleCommand | undefined {
  if (held.size === 0 || !/^(?:echo|printf|cat|cp|mv|install)$/.test(programOf(command)?.name ?? '')) return undefined;
  for (const word of command.words.slice(1)) {
    const scan = held.get(writtenOf(word));
    if (scan) return scan;
  }
  return undefined;
}

/** The files that get what a command prints, copies or moves. */
function targetsOf(command: SimpleCommand): readonly CommandWord[] {
  const redirected = command.redirections.flatMap(({ operator, target }) =>
    target && /^(?:&?>>?|>\|)$/.test(operator) ? [target] : [],
  );
  const program = programOf(command);
  const operands = program?.arguments.filter(({ pattern }) => !pattern.startsWith('-')) ?? [];
  if (program?.name === 'tee') return [...redirected, ...operands];
  const last = operands.at(-1);
  return /^(?:cp|mv|install)$/.test(program?.name ?? '') && last ? [...redirected, last] : redirected;
}

/** Whether a command compares the answer, or its fingerprint, with something. */
function compares(command: SimpleCommand): boolean {
  const program = programOf(command);
  const words = program?.arguments.map((word) => writtenOf(word)) ?? [];
  switch (program?.name) {
    case 'ssh-keygen':
      return words.some((word) => /^-[a-zA-Z]*l/.test(word));
    case 'grep':
    case 'egrep':
    case 'fgrep':
      return words.some((word) => /SHA256:|AAAA[A-Za-z0-9+/]|\$\w*(?:KEY|FINGERPRINT|FP)/i.test(word));
    case 'sha256sum':
    case 'sha512sum':
      return words.some((word) => word === '-c' || word === '--check');
    case 'diff':
    case 'cmp':
      return words.some((word) => /known_?hosts|key/i.test(word));
    default:
      return false;
  }
}

/** The first host that a scan asks. */
function hostOf(scan: SimpleCommand): string | undefined {
  const words = programOf(scan)?.arguments ?? [];
  const host = words.find(
    ({ pattern }, at) => !pattern.startsWith('-') && !/^-[a-zA-Z]*[fptT]$/.test(words[at - 1]?.pattern ?? ''),
  )?.text;
  return host !== undefined && host.length < 100 ? host : undefined;
}
