import { everyCommandOf } from '../../analysis/step-commands.ts';
import type { Pipeline, Step } from '../../model/pipeline.ts';
import { rule, say, type Text } from '../../model/rule.ts';
import { programOf, type SimpleCommand } from '../../shell/commands.ts';
import { type Fault, hitsOfSecretSteps, type SecretVariables, secretsOfCommand } from './_secret-variables.ts';
import { holdsIn, isTracedScript, isTracedShell, traceChange } from './_shell-trace.ts';

export default rule({
  id: 'traced-secret',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'high',
  title: 'Shell trace is on next to secrets',
  why: 'A shell with a trace prints every command as it runs, with values in place of the variables. Drone masks exact values only, and the shell quotes and splits them, so that parts of them stay readable in the log.',
  fix: `Remove the trace (\`set -x\`, \`bash -x\`, \`clone: trace\`), or turn it off before the secret is used:

\`\`\`yaml step
commands:
  - set +x
  - echo "$REGISTRY_PASSWORD" | docker login -u octocat --password-stdin registry.example.com
\`\`\`

Drone prints the commands anyway, without the values. Replace a secret that the logs of past builds show.`,
  refs: [
    'https://docs.drone.io/secret/',
    'drone/runner-go pipeline/runtime/replacer.go',
    'drone/runner-go clone/environ.go',
  ],
  standards: { owasp: ['CICD-SEC-6'], cwe: ['CWE-532'] },
  since: '0.1.0',
  *judge(pipeline) {
    yield* hitsOfSecretSteps(pipeline, (step, variables) => faultsOf(pipeline, step, variables));
  },
});

function* faultsOf(pipeline: Pipeline, step: Step, variables: SecretVariables): Iterable<Fault> {
  /** The command that turned a trace on, until it is reported or turned off. */
  let trace: SimpleCommand | undefined;
  let git: SimpleCommand | undefined;
  for (const command of everyCommandOf(pipeline, step)) {
    const program = programOf(command);
    const [secret] = secretsOfCommand(command, variables);
    const words = program?.arguments.map(({ text }) => text ?? '') ?? [];
    if (program?.name === 'set') {
      const change = traceChange(words);
      if (change === 'on') trace = command;
      else if (change === 'off') trace = undefined;
    } else if (secret !== undefined && trace && holdsIn(trace, command)) {
      yield fault(trace, say`"${step.name}" traces its commands, and ${secret} is among them`, secret);
      trace = undefined;
    } else if (program && isTracedScript(program.name, words) && command.inner.length === 0)
      yield fault(command, say`"${step.name}" traces a script that has ${[...variables.keys()][0] ?? 'secrets'}`);
    else if (isTracedShell(program?.name, words)) {
      const [inner] = command.inner.flatMap((each) => secretsOfCommand(each, variables));
      if (inner !== undefined)
        yield fault(command, say`"${step.name}" traces its commands, and ${inner} is among them`, inner);
    }
    if (program?.name === 'git' && secret !== undefined) git ??= command;
  }
  const cloneTrace = pipeline.clone.trace;
  if (git && cloneTrace?.value)
    yield {
      at: cloneTrace.at,
      message: say`git is traced in all steps, and "${step.name}" gives it a secret`,
      severity: 'medium',
    };
}

function fault({ at }: SimpleCommand, message: Text, secret = 'REGISTRY_PASSWORD'): Fault {
  return { at, message, severity: 'medium', fills: { REGISTRY_PASSWORD: secret } };
}
