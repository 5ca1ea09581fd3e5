import { codeOf } from '../../analysis/repository-code.ts';
import { stepNames } from '../../analysis/step-assets.ts';
import { isThirdParty } from '../../analysis/third-party.ts';
import { secretsOfStep } from '../../drone/secret-use.ts';
import { type Pipeline, type Step, subjectOf } from '../../model/pipeline.ts';
import { alsoAt, rule, say, type Text } from '../../model/rule.ts';
import { nameUnlessWritten } from './_secret-variables.ts';
import { type SecretFile, secretFilesOf } from './_workspace-files.ts';

export default rule({
  id: 'secret-left-in-workspace',
  on: 'pipeline',
  severity: 'low',
  confidence: 'medium',
  title: 'Secret stays in the workspace for later steps',
  why: 'All steps of a pipeline share the workspace. Every later step, plugins included, can read the file, although it was not given the secret, and a step that uploads or packs the folder takes it along.',
  fix: `Write the file outside the workspace, where it ends with the step:

\`\`\`yaml step
commands:
  - KEY_FILE=$(mktemp)
  - printf '%s\\n' "$SSH_KEY" > "$KEY_FILE"
\`\`\`

Or remove it in the same step, even if the step fails:

\`\`\`yaml step
commands:
  - trap 'rm -f deploy.key' EXIT
  - printf '%s\\n' "$SSH_KEY" > deploy.key
\`\`\`

If a later step needs the secret, give it to that step too.`,
  refs: [
    'https://docs.drone.io/pipeline/docker/syntax/workspace/',
    'drone-runners/drone-runner-docker engine/compiler/workspace.go',
  ],
  standards: { owasp: ['CICD-SEC-6'], cwe: ['CWE-522'] },
  since: '0.1.0',
  *judge(pipeline, { site }) {
    for (const step of pipeline.steps) {
      const variables = new Map(secretsOfStep(pipeline, step).map((use) => [use.variable, use]));
      // Commands are taken apart only where there is something to lose.
      if (variables.size === 0 || step.commands.length + step.command.length === 0) continue;
      const [first, ...others] = secretFilesOf(pipeline, step, variables);
      const later = first ? laterSteps(pipeline, step) : [];
      if (!first || later.length === 0) continue;
      const reader = later.find((each) => each.image && isThirdParty(each.image.value, site));
      const stranger = reader ?? later.find((each) => runsPullRequest(pipeline, step, each));
      const alone = (file: typeof first) => ({
        about: nameUnlessWritten(file.at, file.secret ?? '', variables),
        message: say`step "${step.name}" leaves ${contentOf(file, pipeline, step)} in "${file.path}" of the workspace, where ${
          stranger ? nameOf(stranger, stranger === reader) : stepNames(later)
        } can read it`,
        fills: { SSH_KEY: file.secret ?? 'SSH_KEY', 'deploy.key': file.path },
      });
      yield {
        at: first.at,
        subject: subjectOf(step),
        ...alone(first),
        severity: stranger ? 'medium' : 'low',
        reach: step.reach,
        related: others.map((file) =>
          alsoAt(file.at, say`${contentOf(file, pipeline, step)} stays in "${file.path}"`, alone(file)),
        ),
      };
    }
  },
});

function contentOf({ secret }: SecretFile, pipeline: Pipeline, step: Step): Text {
  if (secret === undefined) return say`its whole environment, secrets and all,`;
  const use = secretsOfStep(pipeline, step).find(({ variable }) => variable === secret);
  return say`secret "${use?.name ?? secret}"`;
}

function nameOf({ name, image }: Step, isReader: boolean): Text {
  return isReader
    ? say`"${name}" (${image?.value.text ?? ''}, a third-party image)`
    : say`code of a pull request in "${name}"`;
}

/** Steps that may run in the same build when a step has ended, or beside it. */
function laterSteps({ steps }: Pipeline, step: Step): readonly Step[] {
  const isGraph = steps.some(({ dependsOn }) => dependsOn.length > 0);
  const before = isGraph ? ancestorsOf(steps, step) : new Set(steps.slice(0, steps.indexOf(step)));
  return steps.filter(
    (other) =>
      other !== step && !before.has(other) && [...other.reach.events].some((event) => step.reach.events.has(event)),
  );
}

/** The steps that have ended when a step begins. */
function ancestorsOf(steps: readonly Step[], step: Step): ReadonlySet<Step> {
  const byName = new Map(steps.map((each) => [each.name, each]));
  const found = new Set<Step>();
  const open = [step];
  for (let each = open.pop(); each; each = open.pop())
    for (const { value } of each.dependsOn) {
      const other = byName.get(value);
      if (!other || found.has(other)) continue;
      found.add(other);
      open.push(other);
    }
  return found;
}

/** Whether a later step runs code of the pull request whose build has the file. */
function runsPullRequest(pipeline: Pipeline, step: Step, later: Step): boolean {
  return step.reach.pullRequest && later.reach.pullRequest && codeOf(pipeline, later) !== undefined;
}
