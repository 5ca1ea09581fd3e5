import { assetsOfStep, hasSecretsOrDeploys, type StepAssets } from '../../analysis/step-assets.ts';
import { everyCommandOf } from '../../analysis/step-commands.ts';
import { hitsByStep } from '../../analysis/step-hits.ts';
import { imageName, isPlugin } from '../../drone/deployment.ts';
import { notificationNames } from '../../facts/deployment.ts';
import type { Pipeline, Step } from '../../model/pipeline.ts';
import { type Context, rule, say } from '../../model/rule.ts';
import { containsWords } from '../../shell/words.ts';
import { installWords, unlockedBy } from './_unlocked-installs.ts';

export default rule({
  id: 'unlocked-dependency',
  on: 'pipeline',
  severity: 'low',
  confidence: 'medium',
  pedantic: true,
  title: 'Dependencies are not locked',
  why: 'The newest release of each package runs in this step, with its secrets. A hijacked package reaches it with the next build, before anyone has looked at the new version.',
  fix: 'Install from the lock file, or name versions. That is `npm ci`, `yarn install --immutable` (`--frozen-lockfile` before Yarn 2), `pip install --require-hashes -r requirements.txt` or `pip install twine==6.2.0`, `go install example.com/tool@v1.4.2`, `npx some-tool@1.4.2`. `npm ci`, `--immutable` and `--require-hashes` fail where the lock file is not committed.',
  refs: [
    'https://docs.npmjs.com/cli/commands/npm-ci',
    'https://pip.pypa.io/en/stable/topics/secure-installs/',
    'https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-03-Dependency-Chain-Abuse',
  ],
  standards: { owasp: ['CICD-SEC-3'], cwe: ['CWE-829'] },
  since: '0.1.0',
  *judge(pipeline, context) {
    yield* hitsByStep(pipeline, 'low', function* (step) {
      if (!containsWords(step, installWords)) return;
      const own = assetsOfStep(pipeline, step, context);
      const assets = own && hasSecretsOrDeploys(own) ? own : laterAssets(pipeline, step, context);
      if (!assets) return;
      const where =
        assets.step === step
          ? say`in a step that ${assets.what}`
          : say`in the workspace that "${assets.step.name}" takes over, which ${assets.what}`;
      for (const command of everyCommandOf(pipeline, step)) {
        const what = unlockedBy(command);
        if (what !== undefined) yield { at: command.at, message: say`${what}, ${where}` };
      }
    });
  },
});

/** A later step of the same builds that works in the workspace and has something at stake; one that only tells people does not. */
function laterAssets(pipeline: Pipeline, step: Step, context: Context): StepAssets | undefined {
  const at = pipeline.steps.indexOf(step);
  if (at < 0) return undefined;
  return pipeline.steps
    .slice(at + 1)
    .filter((later) => [...later.reach.events].some((event) => step.reach.events.has(event)))
    .filter((later) => !isPlugin(later) || !notificationNames.test(`${later.name} ${imageName(later) ?? ''}`))
    .flatMap((later) => assetsOfStep(pipeline, later, context) ?? [])
    .find(hasSecretsOrDeploys);
}
