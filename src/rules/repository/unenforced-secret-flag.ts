import { organizationSecretsOf } from '../../analysis/server-repository.ts';
import { type Hit, rule, say } from '../../model/rule.ts';
import type { StoredSecret } from '../../model/server.ts';
import { ofNamespace } from './_namespaces.ts';

export default rule({
  id: 'unenforced-secret-flag',
  on: 'repository',
  severity: 'info',
  confidence: 'high',
  title: 'Flag "push on pull request" does nothing',
  why: 'The server stores and shows this flag of a secret, but neither server nor runners act on it. Whoever sees it may believe that it limits what pull requests can do with the secret.',
  fix: 'Do not rely on the flag. Whether pull requests get the secret is decided by the flag "pull request" alone; `drone secret info --name api_key octocat/app` shows it.',
  refs: ['harness/drone core/secret.go:33-42', 'harness/drone operator/manager/manager.go:335-348'],
  standards: { owasp: ['CICD-SEC-6'] },
  since: '0.1.0',
  *judge(repository, { installation }) {
    for (const secret of repository.secrets ?? []) yield* hitOf(secret, repository.slug);
    // Secrets of an organisation are told once, with the first of its repositories.
    if (ofNamespace(repository.namespace, installation)[0] !== repository) return;
    for (const secret of organizationSecretsOf(repository.namespace, installation))
      yield* hitOf(secret, repository.slug);
  },
});

function* hitOf({ name, namespace, pullRequestPush, pullRequest, at }: StoredSecret, slug: string): Iterable<Hit> {
  if (!pullRequestPush) return;
  const of =
    namespace === undefined
      ? say`secret "${name}" of repository "${slug}"`
      : say`secret "${name}" of organisation "${namespace}"`;
  yield {
    at,
    subject: `secret ${name}`,
    ...(namespace === undefined
      ? {}
      : { of: { owner: `organisation ${namespace}`, label: say`organisation "${namespace}"` } }),
    message: say`${of} has the flag "push on pull request", which nothing enforces; ${pullRequest ? say`pull requests get the secret` : say`pull requests do not get the secret anyway`}`,
    fills: { api_key: name, 'octocat/app': slug },
  };
}
