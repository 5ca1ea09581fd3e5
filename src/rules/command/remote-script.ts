import { curlValues, interpreters, shellPrograms, verifiers, wgetValues } from '../../facts/programs.ts';
import {
  type CommandPart,
  type CommandWord,
  commandsOf,
  everyCommand,
  programOf,
  type SimpleCommand,
} from '../../model/commands.ts';
import { type Fetching, fetchingOf, runsItsInput } from '../../model/fetching.ts';
import { mentions } from '../../model/mentions.ts';
import type { Pipeline, Step } from '../../model/pipeline.ts';
import { rule } from '../../model/rule.ts';
import { stakeOf } from '../stakes.ts';
import { commandsWith, hitsByStep, isOfTheBuild, pipedFrom, type Sight } from './sights.ts';

export default rule({
  id: 'remote-script',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'high',
  title: 'Script from the network runs at once',
  why: 'Whoever controls the address, or the way to it, decides what runs in the build, today or in a year: with the secrets of the step, and in what the build makes. Nothing is kept that could be read afterwards.',
  fix: 'Fetch one version, compare it, then run it:\n\n```yaml\ncommands:\n  - curl -fsSLo install.sh https://example.com/v1.4.2/install.sh\n  - echo "<sha256>  install.sh" | sha256sum -c\n  - sh install.sh\n```\n\nor use an image that has the tool already.',
  refs: [
    'https://docs.drone.io/pipeline/docker/syntax/steps/#commands',
    'https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-03-Dependency-Chain-Abuse',
  ],
  standards: { owasp: ['CICD-SEC-3'], cwe: ['CWE-494'] },
  since: '0.1.0',
  *judge(pipeline, { installation }) {
    yield* hitsByStep(pipeline, 'medium', function* (step) {
      if (!mentions(step, ['curl', 'wget', 'iwr', 'irm', 'webrequest', 'restmethod', 'downloadstring'])) return;
      const stake = stakeOf(pipeline, step, installation);
      const isHeavy =
        pipeline.type === 'exec' ||
        (stake !== undefined && (stake.secrets.length > 0 || stake.deployments.some(({ does }) => does === 'deploy')));
      for (const { fetching, by, at } of [...runs(pipeline, step)]) {
        if (fetching.host !== undefined && isOfTheBuild(fetching.host, pipeline)) continue;
        const from = fetching.host === undefined ? 'the network' : `"${fetching.host}"`;
        yield {
          at,
          message: `"${by}" runs what "${fetching.program.name}" fetches from ${from}${fetching.isPlain ? ' over http' : ''}, unseen`,
          ...(isHeavy || fetching.isPlain ? { severity: 'high' } : {}),
        };
      }
      for (const { at, text, language } of commandsOf(pipeline, step))
        if (language !== 'posix' && fetchedExpression.test(text))
          yield {
            at,
            message: 'PowerShell runs what it fetches from the network, unseen',
            ...(isHeavy ? { severity: 'high' } : {}),
          } satisfies Sight;
    });
  },
});

const fetchedExpression =
  /\b(?:iwr|irm|curl|wget|Invoke-WebRequest|Invoke-RestMethod)\b[^|\n]{1,500}\|\s*(?:iex|Invoke-Expression)\b|\b(?:iex|Invoke-Expression)\b[^\n]{1,200}\.DownloadString\(/i;

interface Run {
  readonly fetching: Fetching;
  /** The program that runs it. */
  readonly by: string;
  readonly at: Sight['at'];
}

/** Downloads that a shell or interpreter runs, unless the step compares a checksum of one commit. */
function* runs(pipeline: Pipeline, step: Step): Iterable<Run> {
  const commands = commandsWith(pipeline, step, ['curl', 'wget']);
  const compares = commands.some((command) => verifiers.has(programOf(command)?.name ?? ''));
  const isFixed = ({ addresses }: Fetching): boolean => compares && addresses.some(({ shape }) => commit.test(shape));
  const lists = [...listsOf(pipeline, step)];
  for (const list of lists)
    for (const [index, command] of list.entries())
      for (const run of [...piped(list, index), ...given(command)]) if (!isFixed(run.fetching)) yield run;
}

/** A commit, or the part of it that addresses have. */
const commit = /(?:^|[^0-9a-f])[0-9a-f]{40}(?:[^0-9a-f]|$)/;

/** The lists of commands that pipes are looked for in, those inside of substitutions and `sh -c` too. */
function* listsOf(pipeline: Pipeline, step: Step): Iterable<readonly SimpleCommand[]> {
  for (const { commands } of commandsOf(pipeline, step)) {
    yield commands;
    for (const { inner, words } of everyCommand(commands)) {
      if (inner.length > 0) yield inner;
      for (const { parts } of words) for (const part of parts) if (part.kind === 'output') yield part.commands;
    }
  }
}

/** `curl … | sh`. */
function* piped(list: readonly SimpleCommand[], index: number): Iterable<Run> {
  const command = list[index];
  const fetching = command && fetchOf(command);
  if (!command || !fetching || fetching.file !== undefined) return;
  for (const next of pipedFrom(list, index)) {
    const program = programOf(next);
    if (!program || !runsItsInput(program, shellPrograms, interpreters)) continue;
    yield { fetching, by: program.name, at: command.at };
    return;
  }
}

/** `sh -c "$(curl …)"`, `eval "$(curl …)"`, `source <(curl …)`, `bash <(curl …)`. */
function* given(command: SimpleCommand): Iterable<Run> {
  const program = programOf(command);
  if (!program) return;
  const { name, arguments: words } = program;
  const isShell = shellPrograms.has(name);
  const script = words.findIndex(({ text }) => text !== undefined && /^-[a-z]*c$/.test(text));
  const looked: readonly CommandWord[] =
    name === 'eval'
      ? words
      : name === 'source' || name === '.'
        ? words.slice(0, 1)
        : isShell && script >= 0
          ? words.slice(script + 1, script + 2)
          : isShell || interpreters.has(name)
            ? words.filter(({ shape }) => !shape.startsWith('-')).slice(0, 1)
            : [];
  for (const { parts } of looked) {
    const fetching = parts.flatMap(fetchesIn)[0];
    if (fetching) yield { fetching, by: name, at: command.at };
  }
}

function fetchesIn(part: CommandPart): readonly Fetching[] {
  return part.kind === 'output' ? part.commands.flatMap((command) => fetchOf(command) ?? []) : [];
}

function fetchOf(command: SimpleCommand): Fetching | undefined {
  return fetchingOf(command, { curl: curlValues, wget: wgetValues });
}
