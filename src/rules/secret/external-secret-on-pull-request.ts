import { isScmPublic } from '../../analysis/public-scm.ts';
import { releaseToPullRequests } from '../../analysis/secret-release.ts';
import { isOn } from '../../analysis/setting-state.ts';
import { secretNames } from '../../analysis/step-assets.ts';
import { type SecretUse, secretsOfStep } from '../../drone/secret-use.ts';
import type { Installation } from '../../model/installation.ts';
import { memoizePer } from '../../model/memoize.ts';
import { allSteps } from '../../model/pipeline.ts';
import { alsoAt, rule, say } from '../../model/rule.ts';
import { externalSecretsOf } from './_external-secrets.ts';

export default rule({
  id: 'external-secret-on-pull-request',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'medium',
  title: 'External secret can be asked for by a pull request',
  why: 'The runner asks the extension for whatever the file names, and the author of a pull request writes the file: a different path gets a different secret. No Drone flag stands in the way; only the extension can refuse.',
  fix: `Keep the step off pull requests:

\`\`\`yaml conditions
event: [push, tag]
\`\`\`

A tag has no branch: beside \`branch\`, write \`event: push\`. An edited pipeline can drop the condition, so say in the store whom each secret is for; in Vault (KV version 2):

\`\`\`sh
vault kv patch secret/app X-Drone-Repos=octocat/app X-Drone-Events=push,tag
\`\`\`

drone/vault then refuses all other repositories and events, promotions and crons too. Set this on it as well:

\`\`\`ini
DRONE_DISALLOW_FORKS=true
\`\`\``,
  refs: [
    'https://docs.drone.io/secret/external/vault/',
    'drone/runner-go secret/external.go:59-85',
    'drone/drone-vault plugin/plugin.go:113-118',
  ],
  standards: { owasp: ['CICD-SEC-4', 'CICD-SEC-6'], cwe: ['CWE-862'] },
  supersedes: ['secret-on-pull-request'],
  since: '0.1.0',
  *judge(pipeline, context) {
    const { site, installation } = context;
    const isGuarded = refusesForks(installation);
    const isPublic = isScmPublic({ site, installation }) === true;
    for (const step of allSteps(pipeline)) {
      if (!step.reach.pullRequest) continue;
      const [first, ...others] = secretsOfStep(pipeline, step).filter(
        (use) => releaseToPullRequests(use, pipeline, context) === 'asked',
      );
      if (!first) continue;
      const toldOf = (uses: readonly SecretUse[]) => ({
        message: say`"${step.name}" asks an extension for ${secretNames([...new Set(uses.map(({ name }) => name))])} on pull requests${isGuarded ? say`; it refuses those of forks` : ''}`,
        fills: { 'secret/app': uses[0]?.documents[0]?.path?.value.replace('/data/', '/') ?? 'secret/app' },
        // What is asked for stands in a document of its own.
        about: uses
          .slice(0, 1)
          .flatMap(({ documents }) => documents.slice(0, 1))
          .map(({ path, externalName }) => `${path?.value ?? ''} ${externalName?.value ?? ''}`)[0],
      });
      const documents = new Set([first, ...others].flatMap((use) => use.documents.slice(0, 1)));
      yield {
        at: first.at,
        subject: externalSecretsOf(step),
        ...toldOf([first, ...others]),
        ...(isGuarded ? { severity: 'info' } : isPublic ? { severity: 'high' } : {}),
        reach: step.reach,
        related: [
          ...others.map((use) => alsoAt(use.at, say`secret "${use.name}"`, toldOf([use]))),
          ...[...documents].map(({ at }) => ({ at, message: say`the document that says what to ask for` })),
          ...(step.reach.because ? [{ at: step.reach.because, message: step.reach.reason }] : []),
        ],
      };
    }
  },
});

/** Whether every secret extension of this audit refuses forks, and there is one. */
const refusesForks = memoizePer(({ settings }: Installation) => {
  const extensions = settings.filter(
    ({ role, variables }) => role === 'extension' && variables.has('DRONE_DISALLOW_FORKS'),
  );
  return extensions.length > 0 && extensions.every((extension) => isOn(extension, 'DRONE_DISALLOW_FORKS') === true);
});
