import { everyCommandOf } from '../../analysis/step-commands.ts';
import { allSteps, type Pipeline, type Step, subjectOf } from '../../model/pipeline.ts';
import { alsoAt, type Location, rule, say, type Text } from '../../model/rule.ts';
import { programOf } from '../../shell/commands.ts';

export default rule({
  id: 'forwarded-clone-credential',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'high',
  title: 'Clone credential is used in a step',
  why: 'It is the SCM token of the person who activated the repository in Drone, and can do whatever that person can: reach other repositories, often administer an organisation. Pull requests get it too. Scripts that rely on it stop working when that person leaves.',
  fix: `Use a deploy key for the one repository that is needed, stored as a secret:

\`\`\`yaml step
environment:
  DEPLOY_KEY:
    from_secret: deploy_key
commands:
  - KEY=$(mktemp)
  - printf '%s\\n' "$DEPLOY_KEY" > "$KEY"
  - export GIT_SSH_COMMAND="ssh -i $KEY -o UserKnownHostsFile=.ci/known_hosts"
  - git push git@git.example.com:octocat/website.git HEAD:pages
\`\`\`

\`.ci/known_hosts\` is a file of your repository with the public key of the Git server. For the repository itself, remove the step and \`clone: disable\`: Drone's own clone step has the credential.

When no step uses it any more, keep it from all of them, on docker runners from 1.5.0 and kubernetes runners from 1.0.0-beta.9 on. Steps that still rely on it fail then.

\`\`\`ini
DRONE_NETRC_CLONE_ONLY=true
\`\`\``,
  refs: [
    'https://docs.drone.io/runner/docker/configuration/reference/drone-netrc-clone-only/',
    'harness/drone operator/manager/manager.go:454',
    'drone/runner-go environ/environ.go:215-229',
  ],
  standards: { owasp: ['CICD-SEC-6'], cwe: ['CWE-522'] },
  since: '0.1.0',
  *judge(pipeline) {
    for (const step of allSteps(pipeline)) {
      const [first, ...others] = mentionsOf(step);
      if (!first) continue;
      const clones = isClone(pipeline, step);
      const messageOf = (name: string): Text =>
        say`"${step.name}" uses ${name}${clones ? say` to clone by itself` : ''}`;
      yield {
        at: first.at,
        subject: subjectOf(step),
        message: messageOf(first.name),
        severity: clones ? 'low' : undefined,
        reach: step.reach,
        related: others.map(({ at, name }) => alsoAt(at, say`${name}`, { message: messageOf(name) })),
      };
    }
  },
});

const credential = /\b(?:DRONE|CI)_NETRC_(?:USERNAME|PASSWORD|FILE)\b/;

function mentionsOf({ commands, environment, settings }: Step): readonly { name: string; at: Location }[] {
  const values = [...environment, ...settings];
  return [...values.map(({ name }) => name), ...values.flatMap(({ scalars }) => scalars), ...commands].flatMap(
    ({ value, at }) => {
      const name = credential.exec(value)?.[0];
      return name === undefined ? [] : [{ name, at }];
    },
  );
}

/** A step that fetches the source in place of Drone, or fetches more of it. */
function isClone(pipeline: Pipeline, step: Step): boolean {
  if (/(?:^|\/)(?:drone-)?git$/.test(step.image?.value.name ?? '') && !step.hasCommands) return true;
  for (const command of everyCommandOf(pipeline, step)) {
    const program = programOf(command);
    if (
      program?.name === 'git' &&
      program.arguments.some(({ text }) => /^(?:clone|fetch|pull|submodule)$/.test(text ?? ''))
    )
      return true;
  }
  return false;
}
