import { assetsOfStep, hasSecretsOrDeploys } from '../../analysis/step-assets.ts';
import { everyCommandOf } from '../../analysis/step-commands.ts';
import { hitsByStep } from '../../analysis/step-hits.ts';
import { rule, say } from '../../model/rule.ts';
import { containsWords } from '../../shell/words.ts';
import { installWords, unlockedBy } from './_unlocked-installs.ts';

export default rule({
  id: 'unlocked-dependency',
  on: 'pipeline',
  severity: 'low',
  confidence: 'medium',
  pedantic: true,
  title: 'Dependencies are not locked',
  why: 'The newest release of each package runs in this step, with its secrets. A hijacked package reaches it within minutes, before anyone has looked at the new version.',
  fix: 'Install from the lock file, and name versions:\n\n```yaml\ncommands:\n  - npm ci\n  - yarn install --immutable\n  - pip install --require-hashes -r requirements.txt\n  - go install example.com/tool@v1.4.2\n```',
  refs: [
    'https://docs.npmjs.com/cli/commands/npm-ci',
    'https://pip.pypa.io/en/stable/topics/secure-installs/',
    'https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-03-Dependency-Chain-Abuse',
  ],
  standards: { owasp: ['CICD-SEC-3'], cwe: ['CWE-829'] },
  since: '0.1.0',
  *judge(pipeline, { installation }) {
    yield* hitsByStep(pipeline, 'low', function* (step) {
      if (!containsWords(step, installWords)) return;
      const assets = assetsOfStep(pipeline, step, installation);
      if (!assets || !hasSecretsOrDeploys(assets)) return;
      for (const command of everyCommandOf(pipeline, step)) {
        const what = unlockedBy(command);
        if (what !== undefined) yield { at: command.at, message: say`${what}, in a step that ${assets.what}` };
      }
    });
  },
});
