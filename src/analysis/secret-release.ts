import { originOf, releaseOf, type SecretUse } from '../drone/secret-use.ts';
import { repositoryOf } from '../drone/server-repository.ts';
import type { Installation } from '../model/installation.ts';
import type { Pipeline } from '../model/pipeline.ts';
import { isRunner } from '../model/role.ts';
import type { Context } from '../model/rule.ts';
import { isScmPublic } from './public-scm.ts';
import { storedSecretsFor } from './server-repository.ts';

/**
 * Whether builds of pull requests get a secret. `flagged` and `never` are known from a server or a runner; `private`: an
 * encrypted one in a private repository, or where the SCM is not public; `asked`: an extension decides; `unknown`: it depends on its flag, or, for an
 * encrypted one, on the repository.
 */
export type PullRequestRelease = 'flagged' | 'never' | 'private' | 'asked' | 'unknown';

/** What is known of the release of a secret to pull requests: the one place where what a server tells of it counts. */
export function releaseToPullRequests(
  use: Pick<SecretUse, 'name' | 'origin'>,
  pipeline: Pipeline,
  context: Context,
): PullRequestRelease {
  const { installation } = context;
  // Names of stored secrets are compared without case (harness/drone store/secret, drone/runner-go secret/static.go:47).
  const name = use.name.toLowerCase();
  const stored = storedSecretsFor(pipeline, installation).filter((secret) => secret.name.toLowerCase() === name);
  if (stored.some(({ pullRequest }) => pullRequest)) return 'flagged';
  switch (releaseOf(use)) {
    // A stored one that is withheld leaves the one of the file to be found (drone/runner-go secret/combine.go).
    case 'if the extension agrees':
      return 'asked';
    case 'in private repositories':
      return isPrivate(pipeline, context) ? 'private' : 'unknown';
    case 'if flagged':
      return stored.length > 0 || isOfRunner(use.name, installation) ? 'never' : 'unknown';
  }
}

/** Whether a secret, by its name in a pipeline, is known to be kept from pull requests. */
export function isKeptFromPullRequests(name: string, pipeline: Pipeline, context: Context): boolean {
  return releaseToPullRequests({ name, origin: originOf(name, pipeline) }, pipeline, context) === 'never';
}

/** What the server says of the repository, else what is known of the SCM. */
function isPrivate({ stream }: Pipeline, context: Context): boolean {
  return repositoryOf(stream, context.installation)?.private.value ?? isScmPublic(context) === false;
}

/** Whether it is one of DRONE_RUNNER_SECRETS, which runners never give to pull requests (drone/runner-go secret/static.go:53). */
function isOfRunner(name: string, { settings }: Installation): boolean {
  return settings.some(
    ({ role, variables }) =>
      isRunner(role) && variables.get('DRONE_RUNNER_SECRETS')?.parts?.some((part) => part.name === name) === true,
  );
}
