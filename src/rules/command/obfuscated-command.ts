import { commandsOf } from '../../analysis/step-commands.ts';
import { hitsByStep, runnerOf, type StepHit } from '../../analysis/step-hits.ts';
import { shellPrograms } from '../../facts/programs.ts';
import type { Pipeline, Step } from '../../model/pipeline.ts';
import { rule, say } from '../../model/rule.ts';
import { type CommandPart, everyCommand, programOf, type SimpleCommand } from '../../shell/commands.ts';
import { containsWords, matchesCommands } from '../../shell/words.ts';

export default rule({
  id: 'obfuscated-command',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'medium',
  title: 'Command hides what it runs',
  why: 'Reviewers of the file cannot see what runs: the command is decoded, or assembled, only in the build. That is how attackers bring in code that should go unnoticed.',
  fix: 'Write the script in plain text, in this file or in one of the repository:\n\n```yaml step\ncommands:\n  - sh scripts/release.sh\n```\n\nWrite the name of a program or image out. Decode a secret that was encoded to preserve its line breaks into a file, not into a shell.',
  refs: [
    'https://owasp.org/www-project-top-10-ci-cd-security-risks/',
    'https://docs.drone.io/pipeline/docker/syntax/steps/#commands',
  ],
  standards: { owasp: ['CICD-SEC-4'] },
  since: '0.1.0',
  *judge(pipeline) {
    yield* hitsByStep(pipeline, 'medium', function* (step) {
      yield* hiddenImage(step);
      if (!containsWords(step, decoders) && !matchesCommands(step, joined)) return;
      for (const list of listsOf(pipeline, step))
        for (const [index, command] of list.entries()) {
          const what = hiddenBy(list, index) ?? hiddenIn(command);
          if (what !== undefined) yield { at: command.at, message: say`${what} in step "${step.name}"` };
        }
    });
  },
});

const decoders = ['base64', 'base32', 'gbase64', 'xxd', 'openssl'];
/** Adjacent variables, and character escapes. */
const joined = /\$\{?\w{1,100}\}?\$|\\x[0-9a-fA-F]{2}/;

/** An image whose name is assembled from adjacent variables. */
function* hiddenImage({ imageText, name }: Step): Iterable<StepHit> {
  if (imageText && /\$\{[^{}]{1,100}\}\$\{[^{}]{1,100}\}/.test(imageText.value))
    yield { at: imageText.at, message: say`the image of "${name}" is assembled from several variables` };
}

function* listsOf(pipeline: Pipeline, step: Step): Iterable<readonly SimpleCommand[]> {
  for (const { commands } of commandsOf(pipeline, step)) {
    yield commands;
    for (const { inner } of everyCommand(commands)) if (inner.length > 0) yield inner;
  }
}

/** `… | base64 -d | sh`. */
function hiddenBy(list: readonly SimpleCommand[], index: number): string | undefined {
  const command = list[index];
  const decoder = command && decoderOf(command);
  if (decoder === undefined) return undefined;
  const runner = runnerOf(list, index);
  return runner ? `"${runner.name}" runs what "${decoder}" decodes` : undefined;
}

/** `eval "$(… | base64 -d)"`, `sh -c "$(…)"`, and program names made of variables. */
function hiddenIn(command: SimpleCommand): string | undefined {
  const [first] = command.words;
  if (first && isJoined(first.parts)) return 'the name of a program is assembled from several variables';
  const program = programOf(command);
  const evaluates = program && (program.name === 'eval' || shellPrograms.has(program.name));
  if (!program || !evaluates) return undefined;
  for (const { parts } of program.arguments)
    for (const part of parts)
      if (part.kind === 'output')
        for (const inner of part.commands) {
          const decoder = decoderOf(inner);
          if (decoder !== undefined) return `"${program.name}" runs what "${decoder}" decodes`;
        }
  return undefined;
}

/** Several variables with nothing between or around them. */
function isJoined(parts: readonly CommandPart[]): boolean {
  return parts.length > 1 && parts.every(({ kind }) => kind === 'variable' || kind === 'substituted');
}

/** The name of a program when it decodes text: `base64`, `xxd`, `openssl`, or a `printf` of escapes. */
function decoderOf(command: SimpleCommand): string | undefined {
  const program = programOf(command);
  if (!program) return undefined;
  const words = program.arguments.map(({ pattern }) => pattern);
  const has = (pattern: RegExp): boolean => words.some((word) => pattern.test(word));
  const decodes =
    (/^g?base(?:32|64)$/.test(program.name) && has(/^-[a-z]*[dD]$|^--decode$/)) ||
    (program.name === 'xxd' && has(/^-[a-z]*r/)) ||
    (program.name === 'openssl' && has(/^(?:enc|base64)$/) && has(/^-d$/)) ||
    (/^(?:printf|echo)$/.test(program.name) && has(/(?:\\x[0-9a-fA-F]{2}){4}/));
  return decodes ? program.name : undefined;
}
