import { accountsWithRights } from '../../analysis/kubernetes-accounts.ts';
import { takesPods, widthOf } from '../../analysis/kubernetes-rights.ts';
import type { Installation } from '../../model/installation.ts';
import type { ServiceAccountRights } from '../../model/kubernetes.ts';
import { type Inconclusive, ownWords, rule, say } from '../../model/rule.ts';
import { arrangement, arrangementFills, kubernetesRunner } from './_arrangement.ts';

export default rule({
  id: 'powerful-runner-account',
  on: 'installation',
  severity: 'high',
  confidence: 'medium',
  title: 'Runner or pipeline account has wide rights',
  why: "The token of the pipeline account is mounted into every build pod, where any command can use it. The runner's token is one step away: whoever takes over the runner has its rights, and with the secrets or pods of all namespaces they own the cluster.",
  fix: `Give builds a namespace of their own, and an account without any rights:

${arrangement}

Then set \`DRONE_NAMESPACE_DEFAULT=drone-builds\` and \`DRONE_SERVICE_ACCOUNT_DEFAULT=drone-build\` on the runner, and delete the old binding last. Runner and builds never share an account, and deployments get a token of their own, as a secret. With a namespace for each build (\`DRONE_NAMESPACE_DEFAULT=drone-\`) the runner needs these rules as a ClusterRole, and \`namespaces\` with \`create\` and \`delete\`.`,
  refs: [
    'https://docs.drone.io/runner/kubernetes/installation/',
    'https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles',
    'drone-runners/drone-runner-kube engine/convert.go:15-37',
  ],
  standards: { owasp: ['CICD-SEC-5'], cwe: ['CWE-250'] },
  since: '0.1.0',
  *judge(installation) {
    yield* accountsWithoutRunner(installation);
    /** Bindings that are told for builds: that the runner has the same account adds nothing. */
    const told = new Set<ServiceAccountRights>();
    for (const { account, rights } of accountsWithRights(installation)) {
      const width = widthOf(rights);
      const { at } = rights.boundBy;
      if (width === 'unknown' && !account.isOfBuilds) {
        yield { at, inconclusive: say`${ownWords(rights.role.kind)} "${rights.role.name}" is not among the manifests` };
        continue;
      }
      if (told.has(rights)) continue;
      if (width === 'none' || (width !== 'wide' && !account.isOfBuilds)) continue;
      if (account.isOfBuilds) told.add(rights);
      const isAdministrator = rights.role.name === 'cluster-admin' && rights.clusterWide;
      yield {
        at,
        subject: `account ${account.name} ${rights.boundBy.value}`,
        message: say`${account.label} has ${width === 'wide' ? say`the broad` : say`the`} rights of ${ownWords(rights.role.kind)} "${rights.role.name}"${rights.clusterWide ? say` in all namespaces` : ''}`,
        ...(account.isOfBuilds && isAdministrator
          ? { severity: 'critical' as const }
          : width === 'wide' || (account.isOfBuilds && isWithRunner(rights, installation) && takesPods(rights))
            ? {}
            : { severity: 'medium' as const }),
        fills: arrangementFills(kubernetesRunner(installation)),
        related: [
          { at: account.at, message: say`the account is named here` },
          ...rights.rules.slice(0, 3).map((each) => ({ at: each.at, message: say`a rule of this role` })),
        ],
      };
    }
  },
});

/** Accounts that are called after a runner and have wide rights, where no runner of Kubernetes is to be seen. */
function* accountsWithoutRunner({ rights = [], settings }: Installation): Iterable<Inconclusive> {
  if (settings.some(({ role }) => role === 'runner-kube')) return;
  for (const each of rights)
    if (/^drone-runner(?:-|$)/.test(each.account.name) && widthOf(each) === 'wide')
      yield {
        at: each.boundBy.at,
        inconclusive: say`the account "${each.account.name}" has broad rights, and no runner was seen that has it`,
      };
}

/** Whether rights apply in a namespace where a runner is. */
function isWithRunner({ clusterWide, namespace }: ServiceAccountRights, { containers }: Installation): boolean {
  return containers.some(
    ({ role, project }) => role === 'runner-kube' && project !== undefined && (clusterWide || project === namespace),
  );
}
