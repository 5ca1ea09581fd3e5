import { releaseOf, type SecretUse } from '../drone/secret-use.ts';
import type { Installation } from '../model/installation.ts';
import type { Pipeline } from '../model/pipeline.ts';
import { isRunner } from '../model/role.ts';
import type { Context } from '../model/rule.ts';
import { isScmPublic } from './public-scm.ts';
import { storedSecretsFor } from './server-repository.ts';

/**
 * Whether builds of pull requests get a secret. `flagged` and `never` are known from a server or a runner; `private`: an
 * encrypted one where the SCM is not public; `asked`: an extension decides; `unknown`: it depends on its flag, or, for an
 * encrypted one, on the repository.
 */
export type PullRequestRelease = 'flagged' | 'never' | 'private' | 'asked' | 'unknown';

/** What is known of the release of a secret to pull requests. */
export function releaseToPullRequests(use: SecretUse, pipeline: Pipeline, context: Context): PullRequestRelease {
  const { installation } = context;
  // Names of stored secrets are compared without case (harness/drone store/secret, drone/runner-go secret/static.go:47).
  const name = use.name.toLowerCase();
  const stored = storedSecretsFor(pipeline, installation).filter((secret) => secret.name.toLowerCase() === name);
  if (stored.some(({ pullRequest }) => pullRequest)) return 'flagged';
  if (stored.length > 0) return 'never';
  switch (releaseOf(use)) {
    case 'if the extension agrees':
      return 'asked';
    case 'in private repositories':
      return isScmPublic(context) === false ? 'private' : 'unknown';
    case 'if flagged':
      return isKeptFromPullRequests(use.name, pipeline, installation) ? 'never' : 'unknown';
  }
}

/**
 * Whether a secret is known to be kept from pull requests: it is one of DRONE_RUNNER_SECRETS, which runners never give to
 * them (drone/runner-go secret/static.go:53), and of no other store that this audit knows.
 */
export function isKeptFromPullRequests(name: string, pipeline: Pipeline, installation: Installation): boolean {
  if (pipeline.stream.secrets.some((secret) => secret.name?.value === name)) return false;
  return installation.settings.some(
    ({ role, variables }) =>
      isRunner(role) && variables.get('DRONE_RUNNER_SECRETS')?.parts?.some((part) => part.name === name) === true,
  );
}
