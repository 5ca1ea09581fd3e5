import { everyCommandOf } from '../../analysis/step-commands.ts';
import { hitsByStep } from '../../analysis/step-hits.ts';
import { buildVariables, controlOf, type VariableControl } from '../../facts/build-variables.ts';
import { outsiderTexts } from '../../facts/outsider-text.ts';
import { commandRunners, shellPrograms, shellVariables } from '../../facts/programs.ts';
import type { Step } from '../../model/pipeline.ts';
import { rule, type Severity, say } from '../../model/rule.ts';
import { type CommandPart, type CommandWord, programOf, type SimpleCommand } from '../../shell/commands.ts';
import { containsWords, matchesCommands } from '../../shell/words.ts';
import { isPinned } from './_pinned-names.ts';

export default rule({
  id: 'evaluated-variable',
  on: 'pipeline',
  severity: 'low',
  confidence: 'medium',
  title: 'Shell evaluates a variable as code',
  why: 'The first shell inserts the value into a text, and the second one runs that text: quotes, `$(...)` and `;` in the value are code, however the variable is quoted.',
  fix: 'Call the program itself, or pass the value as an argument:\n\n```yaml step\ncommands:\n  - ./deploy.sh "$DRONE_TAG"\n  - sh -c \'./deploy.sh "$1"\' _ "$DRONE_TAG"\n```',
  refs: [
    'https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#eval',
    'https://docs.drone.io/pipeline/environment/reference/',
  ],
  standards: { owasp: ['CICD-SEC-4'], cwe: ['CWE-78', 'CWE-95'] },
  since: '0.1.0',
  *judge(pipeline) {
    yield* hitsByStep(pipeline, 'low', function* (step) {
      if (!containsWords(step, ['eval', 'sh', 'bash', 'ash', 'dash', 'zsh', 'ksh', 'fish'])) return;
      if (!matchesCommands(step, /\beval\s|sh\s{1,20}(?:-\w+\s{1,20}){0,5}-[a-z]{0,20}c\b/)) return;
      const commands = everyCommandOf(pipeline, step);
      const harmless = literalsOf(step, commands);
      for (const command of commands) {
        const evaluated = evaluatedBy(command);
        if (!evaluated) continue;
        for (const part of evaluated.words.flatMap(({ parts }) => parts)) {
          const isFixed = part.kind === 'variable' && isPinned(part.name, pipeline, step);
          const severity = isFixed ? undefined : severityOf(part, step, harmless);
          if (severity && part.kind === 'variable')
            yield {
              at: part.at,
              message: say`"${evaluated.by}" runs the value of "$${part.name}" as code`,
              severity,
              fills: { DRONE_TAG: part.name },
            };
        }
      }
    });
  },
});

/** The words of a command that a shell runs as a script. */
function evaluatedBy(
  command: SimpleCommand,
): { readonly by: string; readonly words: readonly CommandWord[] } | undefined {
  const program = programOf(command);
  if (!program) return undefined;
  if (program.name === 'eval') return { by: 'eval', words: program.arguments };
  const words = [{ text: program.name }, ...program.arguments];
  for (const [index, word] of words.entries()) {
    const name = word.text?.slice(word.text.lastIndexOf('/') + 1) ?? '';
    const options = index === 0 || commandRunners.has(program.name) ? program.arguments.slice(index) : [];
    if (!shellPrograms.has(name)) continue;
    const flag = options.findIndex(({ text }) => text !== undefined && /^-[a-z]*c$/.test(text));
    const script = options[flag + 1];
    if (flag >= 0 && script) return { by: `${name} -c`, words: [script] };
  }
  return undefined;
}

/** Variables of a step that only ever hold a literal text, and those of the shell itself. */
function literalsOf({ environment }: Step, commands: readonly SimpleCommand[]): ReadonlySet<string> {
  const known = new Set(shellVariables);
  for (const { name, text } of environment) if (text && !text.value.includes('${')) known.add(name.value);
  for (const { assignments } of commands)
    for (const { name, value } of assignments) if (value?.text !== undefined) known.add(name);
  for (const { assignments } of commands)
    for (const { name, value } of assignments) if (value?.text === undefined) known.delete(name);
  return known;
}

function severityOf(part: CommandPart, { reach }: Step, harmless: ReadonlySet<string>): Severity | undefined {
  if (part.kind !== 'variable' || !/^[A-Za-z_]\w*$/.test(part.name) || harmless.has(part.name)) return undefined;
  if (!buildVariables.has(part.name)) return 'low';
  const controls = new Set<VariableControl>([...reach.events].flatMap((event) => controlOf(part.name, event) ?? []));
  if (controls.has('outsider text')) return 'high';
  if (controls.has('ref name') || controls.has('parameter')) return 'medium';
  return outsiderTexts.has(part.name) || controls.has('credential') ? 'low' : undefined;
}
