import { isScmPublic } from '../../analysis/public-scm.ts';
import { commandsOf, everyCommandOf } from '../../analysis/step-commands.ts';
import type { Step } from '../../model/pipeline.ts';
import { rule, say } from '../../model/rule.ts';
import { exposedArguments, exposedOnWindows, printedByName } from './_exposed-arguments.ts';
import { type Print, printingListsOf, printsOf } from './_printing.ts';
import { type Fault, hitsOfSecretSteps, nameUnlessWritten, type SecretVariables } from './_secret-variables.ts';

export default rule({
  id: 'printed-secret',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'medium',
  title: 'Command prints or transforms a secret',
  why: 'Drone masks secrets in the log by their exact text, line by line. Anything encoded, cut or reversed gets through, and so do very short lines of a secret. Arguments of a process and URLs are also visible to others: on the machine, and in the logs of proxies and servers.',
  fix: `Give the secret to programs through standard input or a file, and remove commands that only print it:

\`\`\`yaml step
commands:
  - echo "$REGISTRY_PASSWORD" | docker login -u octocat --password-stdin registry.example.com
  - mkdir -p ~/.ssh
  - echo "$SSH_KEY" > ~/.ssh/id_ed25519
  - chmod 600 ~/.ssh/id_ed25519
\`\`\`

To see whether it is there, print its length: \`echo $\${#API_KEY}\`. Replace a secret that the logs of past builds show.`,
  refs: [
    'https://docs.drone.io/secret/',
    'drone/runner-go pipeline/runtime/replacer.go',
    'https://docs.docker.com/reference/cli/docker/login/#password-stdin',
  ],
  standards: { owasp: ['CICD-SEC-6'], cwe: ['CWE-532', 'CWE-214'] },
  since: '0.1.0',
  *judge(pipeline, { site, installation }) {
    const isPublic = isScmPublic({ site, installation }) === true;
    yield* hitsOfSecretSteps(pipeline, (step, variables) => {
      const lists = [...printingListsOf(pipeline, step)];
      const prints = lists.flatMap((list) => [...printsOf(list, variables)]);
      const exposures = [
        ...lists.flat().flatMap((command) => [...printedByName(command, variables)]),
        ...everyCommandOf(pipeline, step).flatMap((command) => [...exposedArguments(command, variables)]),
      ];
      const onWindows = commandsOf(pipeline, step).flatMap((command) => [...exposedOnWindows(command, variables)]);
      const faults = [
        ...prints.map((print) => faultOf(print, step, isPublic, variables)),
        ...exposures.map(
          ({ at, what, secret }): Fault => ({
            at,
            message: say`"${step.name}" ${what}`,
            severity: 'medium',
            fills: fillsOf(secret),
            about: nameUnlessWritten(at, secret, variables),
          }),
        ),
        ...onWindows.map(
          ({ at, what, secret }): Fault => ({
            at,
            message: say`"${step.name}" ${what}`,
            severity: 'medium',
            fills: fillsOf(secret),
            about: nameUnlessWritten(at, secret, variables),
            fix: windowsFix,
          }),
        ),
      ];
      return faults.sort((a, b) => a.at.span.start - b.at.span.start);
    });
  },
});

const windowsFix = `Give the secret to programs through standard input, and remove commands that only print it:

\`\`\`yaml step
commands:
  - $env:REGISTRY_PASSWORD | docker login -u octocat --password-stdin registry.example.com
\`\`\`

Replace a secret that the logs of past builds show.`;

function faultOf(
  { at, secret, isEncoded }: Print,
  { name }: Step,
  isPublic: boolean,
  variables: SecretVariables,
): Fault {
  if (secret === undefined)
    return { at, message: say`"${name}" prints its whole environment, secrets and all`, severity: 'high' };
  return {
    at,
    message: say`"${name}" prints secret ${secret}${isEncoded ? say` in another form, which is not masked` : ''}`,
    severity: isEncoded && isPublic ? 'high' : 'medium',
    fills: fillsOf(secret),
    about: nameUnlessWritten(at, secret, variables),
  };
}

function fillsOf(variable: string): Record<string, string> {
  return { REGISTRY_PASSWORD: variable, SSH_KEY: variable, API_KEY: variable };
}
