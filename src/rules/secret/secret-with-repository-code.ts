import { type Code, codeOf } from '../../analysis/repository-code.ts';
import { releaseToPullRequests } from '../../analysis/secret-release.ts';
import { secretNames } from '../../analysis/step-assets.ts';
import { imageName, isPlugin, pluginNames } from '../../drone/deployment.ts';
import { type SecretUse, secretsOfStep } from '../../drone/secret-use.ts';
import { deploymentPlugins } from '../../facts/deployment.ts';
import { type Pipeline, type Step, subjectOf } from '../../model/pipeline.ts';
import { alsoAt, type Context, type Hit, rule, say } from '../../model/rule.ts';

const apart = `Build without the secret, and give it to a step that runs nothing of the repository:

\`\`\`yaml
steps:
  - name: build
    image: node:22.20.0@sha256:...
    commands: [npm ci, npm run build]
  - name: publish
    image: registry.example.com/publisher:1.4.2@sha256:...
    settings:
      token: { from_secret: npm_token }
    when:
      event: tag
\`\`\``;

/** Where no pull request gets to the step, its events are chosen already. */
const ofClosed = apart.replace('\n    when:\n      event: tag', '');

export default rule({
  id: 'secret-with-repository-code',
  on: 'pipeline',
  severity: 'low',
  confidence: 'medium',
  title: 'Secret is near code from the repository',
  why: 'Everything that the step starts can read its environment: build files, tests, lifecycle scripts of packages, and what earlier steps left in the workspace. Whoever gets a line into one of them gets the secret; on a pull request that is its author.',
  fix: `${apart}

Keep the step with the secret off pull requests, above all a plugin that builds the workspace: the steps before it can have changed the Dockerfile.

\`\`\`yaml conditions
event: [push, tag]
\`\`\`

A tag has no branch: beside \`branch\`, write \`event: push\`.`,
  refs: ['https://docs.drone.io/secret/', 'https://docs.npmjs.com/cli/using-npm/scripts#life-cycle-scripts'],
  standards: { owasp: ['CICD-SEC-4', 'CICD-SEC-6'], cwe: ['CWE-522'] },
  since: '0.1.0',
  *judge(pipeline, context) {
    for (const [index, step] of pipeline.steps.entries()) {
      const uses = secretsOfStep(pipeline, step);
      const held = isPlugin(step) ? uses : uses.filter(({ by }) => by === 'environment');
      // Commands are parsed only where there is something to lose.
      if (held.length === 0) continue;
      const code = isPlugin(step) ? plantedFiles(pipeline, step, index) : codeOf(pipeline, step);
      if (code) yield hitOf(pipeline, context, step, held, code);
    }
  },
});

function hitOf(pipeline: Pipeline, context: Context, step: Step, uses: readonly SecretUse[], { at, what }: Code): Hit {
  const toldOf = (some: readonly SecretUse[]) => {
    const names = [...new Set(some.map(({ name }) => name))];
    const release = some.map((use) => releaseToPullRequests(use, pipeline, context));
    const isOpen = step.reach.pullRequest && release.some((each) => each !== 'never');
    const isReleased = isOpen && release.some((each) => each === 'flagged' || each === 'private');
    return {
      message: say`"${step.name}" holds ${secretNames(names)} and runs ${what}${isOpen ? say`, even for pull requests` : ''}`,
      severity: isReleased ? 'high' : isOpen ? 'medium' : 'low',
      fills: { npm_token: names[0] ?? 'npm_token' },
    } as const;
  };
  return {
    at,
    subject: subjectOf(step),
    ...toldOf(uses),
    reach: step.reach,
    ...(step.reach.pullRequest ? {} : { fix: ofClosed }),
    related: uses.map((use) => alsoAt(use.at, say`secret "${use.name}"`, { ...toldOf([use]), follows: true })),
  };
}

/** A plugin that builds an image from the workspace after commands of the same pull request ran in it. */
function plantedFiles(pipeline: Pipeline, step: Step, index: number): Code | undefined {
  if (!step.reach.pullRequest || !step.image) return undefined;
  // It builds even with `dry_run`; plugins/manifest only combines existing images.
  const builds = pluginNames(step).some((name) => deploymentPlugins.get(name) === 'image');
  if (!builds || imageName(step)?.endsWith('/manifest')) return undefined;
  // The first step that runs code of a pull request: from then on the workspace may hold anything.
  const planter = pipeline.steps
    .slice(0, index)
    .find((earlier) => earlier.reach.pullRequest && codeOf(pipeline, earlier) !== undefined);
  if (!planter) return undefined;
  return { at: step.image.at, what: `a build of the workspace that "${planter.name}" could change` };
}
