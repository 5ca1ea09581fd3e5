import { everyCommandOf } from '../../analysis/step-commands.ts';
import type { Pipeline, Step } from '../../model/pipeline.ts';
import { rule, say, type Text } from '../../model/rule.ts';
import { programOf } from '../../shell/commands.ts';
import {
  type Fault,
  hitsOfSecretSteps,
  nameUnlessWritten,
  type SecretVariables,
  secretsIn,
} from './_secret-variables.ts';

const inCommands = `Pass a build secret, which leaves nothing in the image:

\`\`\`yaml step
environment:
  NPM_TOKEN:
    from_secret: npm_token
commands:
  - docker build --secret id=npm_token,env=NPM_TOKEN .
\`\`\`

\`\`\`dockerfile
RUN --mount=type=secret,id=npm_token NPM_TOKEN=$(cat /run/secrets/npm_token) npm ci
\`\`\`

\`buildah\`, \`podman\` and \`nerdctl\` take the same option, \`kaniko\` has none. The Dockerfile has to ask for it as shown, or the build goes on without it. Replace a secret that was built into a published image.`;

export default rule({
  id: 'secret-in-build-argument',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'high',
  title: 'Secret is passed as build argument',
  why: 'Build arguments stay in the history of the image: everyone who can pull it can read them with `docker history`, even if the file that used them was deleted. Older plugins print them as well.',
  fix: `Pass a build secret, which leaves nothing in the image:

\`\`\`yaml step
environment:
  NPM_TOKEN:
    from_secret: npm_token
settings:
  secret: id=npm_token,env=NPM_TOKEN
\`\`\`

\`\`\`dockerfile
RUN --mount=type=secret,id=npm_token NPM_TOKEN=$(cat /run/secrets/npm_token) npm ci
\`\`\`

In a step with commands, where settings of a plugin do nothing: \`docker build --secret id=npm_token,env=NPM_TOKEN .\` The Dockerfile has to ask for it as shown, or the build goes on without it. Replace a secret that was built into a published image.`,
  refs: [
    'https://docs.docker.com/build/building/secrets/',
    'https://plugins.drone.io/plugins/docker',
    'drone-plugins/drone-docker cmd/drone-docker/main.go',
  ],
  standards: { owasp: ['CICD-SEC-6'], cwe: ['CWE-522'] },
  since: '0.1.0',
  *judge(pipeline) {
    yield* hitsOfSecretSteps(pipeline, function* (step, variables) {
      const fix = step.hasCommands ? inCommands : undefined;
      for (const fault of faultsOfSettings(step, variables)) yield { ...fault, fix };
      for (const fault of faultsOfCommands(pipeline, step, variables)) yield { ...fault, fix: inCommands };
    });
  },
});

const argumentSettings: ReadonlySet<string> = new Set(['build_args', 'build_args_from_env', 'build_args_new']);

function* faultsOfSettings({ name: label, settings }: Step, variables: SecretVariables): Iterable<Fault> {
  for (const { name, fromSecret, scalars } of settings) {
    if (!argumentSettings.has(name.value)) continue;
    if (fromSecret)
      yield fault(fromSecret.at, label, say`secret "${fromSecret.value}"`, { npm_token: fromSecret.value });
    for (const { value, at } of scalars) {
      const secret = secretInArgument(value, variables);
      if (secret !== undefined)
        yield {
          ...fault(at, label, say`secret ${secret}`, fillsOf(secret, variables)),
          about: nameUnlessWritten(at, secret, variables),
        };
    }
  }
}

/** `NPM_TOKEN` alone is taken from the environment; `TOKEN=$NPM_TOKEN` and `TOKEN=$${NPM_TOKEN}` name it. */
function secretInArgument(text: string, variables: SecretVariables): string | undefined {
  for (const item of text.slice(0, maxListLength).split(',')) {
    if (variables.has(item.trim())) return item.trim();
    for (const [, name = ''] of item.matchAll(/\$\$?\{?(\w{1,100})/g)) if (variables.has(name)) return name;
  }
  return undefined;
}

const maxListLength = 20_000;

const builders: ReadonlySet<string> = new Set([
  'docker',
  'docker-compose',
  'podman',
  'buildah',
  'nerdctl',
  'img',
  'executor',
  'kaniko',
  'buildctl',
]);

function* faultsOfCommands(pipeline: Pipeline, step: Step, variables: SecretVariables): Iterable<Fault> {
  for (const command of everyCommandOf(pipeline, step)) {
    const program = programOf(command);
    if (!program || !builders.has(program.name)) continue;
    for (const [index, word] of program.arguments.entries()) {
      const isAttached = /^--build-arg=/.test(word.pattern) || /^build-arg:/.test(word.pattern);
      if (!isAttached && program.arguments[index - 1]?.text !== '--build-arg') continue;
      const named = word.text?.replace(/^--build-arg=/, '');
      const secret =
        secretsIn(word.parts, variables)[0] ?? (named !== undefined && variables.has(named) ? named : undefined);
      if (secret !== undefined)
        yield {
          ...fault(word.at, step.name, say`secret ${secret}`, fillsOf(secret, variables)),
          about: nameUnlessWritten(word.at, secret, variables),
        };
    }
  }
}

function fillsOf(variable: string, variables: SecretVariables): Fault['fills'] {
  return { NPM_TOKEN: variable, npm_token: variables.get(variable)?.name ?? 'npm_token' };
}

function fault(at: Fault['at'], step: string, secret: Text, fills: Fault['fills']): Fault {
  return { at, fills, message: say`"${step}" gives ${secret} to an image build as an argument`, severity: 'medium' };
}
