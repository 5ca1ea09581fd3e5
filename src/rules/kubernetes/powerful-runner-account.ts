import type { Container } from '../../model/container.ts';
import type { Installation } from '../../model/installation.ts';
import type { ServiceAccountRights } from '../../model/kubernetes.ts';
import { given } from '../../model/registration.ts';
import { rule } from '../../model/rule.ts';
import type { Location } from '../../model/source.ts';
import { widthOf } from './rights.ts';

export default rule({
  id: 'powerful-runner-account',
  on: 'installation',
  severity: 'high',
  confidence: 'medium',
  title: 'Runner or pipeline account has wide rights',
  why: 'The token of the pipeline account is mounted into every build pod, where any command may use it. The token of the runner is one step away: whoever takes the runner has its rights, and with the secrets or pods of all namespaces he has the cluster.',
  fix: `For the runner a Role in the namespace of the builds; for the pipeline account no binding at all:

\`\`\`yaml
kind: Role
apiVersion: rbac.authorization.k8s.io/v1
metadata: { name: drone-runner, namespace: drone-builds }
rules:
  - { apiGroups: [""], resources: [secrets], verbs: [create, delete] }
  - { apiGroups: [""], resources: [pods, pods/log], verbs: [get, create, delete, list, watch, update] }
\`\`\``,
  refs: [
    'https://docs.drone.io/runner/kubernetes/installation/',
    'https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles',
    'drone-runners/drone-runner-kube engine/convert.go:15-37',
  ],
  standards: { owasp: ['CICD-SEC-5'], cwe: ['CWE-250'] },
  since: '0.1.0',
  *judge(installation) {
    const byName = rightsByName(installation);
    for (const account of accountsOf(installation)) {
      for (const rights of [...(byName.get(account.name) ?? []), ...(byName.get('*') ?? [])]) {
        if (!isIn(rights, account)) continue;
        const width = widthOf(rights);
        const { at } = rights.boundBy;
        if (width === 'unknown' && !account.isOfBuilds) {
          yield { at, inconclusive: `${rights.role.kind} "${rights.role.name}" is not among the manifests` };
          continue;
        }
        if (width === 'none' || (width !== 'wide' && !account.isOfBuilds)) continue;
        const isAdministrator = rights.role.name === 'cluster-admin' && rights.clusterWide;
        yield {
          at,
          subject: `account ${account.name} ${rights.boundBy.value}`,
          message: `${account.label} has ${width === 'wide' ? 'the wide' : 'the'} rights of ${rights.role.kind} "${rights.role.name}"${rights.clusterWide ? ' in all namespaces' : ''}`,
          ...(account.isOfBuilds && isAdministrator
            ? { severity: 'critical' as const }
            : width === 'wide'
              ? {}
              : { severity: 'medium' as const }),
          related: [
            { at: account.at, message: 'the account is named here' },
            ...rights.rules.slice(0, 3).map((each) => ({ at: each.at, message: 'a rule of this role' })),
          ],
        };
      }
    }
  },
});

interface Account {
  readonly name: string;
  readonly namespace?: string;
  readonly at: Location;
  readonly label: string;
  /** Whether pods of builds run as it. */
  readonly isOfBuilds: boolean;
}

/** The accounts of the runners, and those that they give to builds. */
function accountsOf({ containers, settings }: Installation): readonly Account[] {
  const accounts = new Map<string, Account>();
  const add = (account: Account): void => {
    const key = `${account.namespace ?? ''}/${account.name}/${account.isOfBuilds}`;
    if (!accounts.has(key)) accounts.set(key, account);
  };
  for (const runner of settings) {
    const variable = given(runner, 'DRONE_SERVICE_ACCOUNT_DEFAULT');
    if (runner.role !== 'runner-kube' || !variable?.value) continue;
    const namespace = runner.variables.get('DRONE_NAMESPACE_DEFAULT')?.value;
    add({
      name: variable.value,
      // A namespace that is made for each build has no name yet.
      ...(namespace && !namespace.endsWith('-') ? { namespace } : {}),
      at: variable.at,
      label: `the account "${variable.value}" of builds`,
      isOfBuilds: true,
    });
  }
  for (const container of containers) if (container.role === 'runner-kube') addRunner(container, add);
  return [...accounts.values()];
}

function addRunner({ serviceAccount, project, label }: Container, add: (account: Account) => void): void {
  if (!serviceAccount) return;
  const { value: name, at } = serviceAccount;
  add({
    name,
    ...(project === undefined ? {} : { namespace: project }),
    at,
    label: `the account "${name}" of ${label}`,
    isOfBuilds: false,
  });
}

function rightsByName({ rights = [] }: Installation): ReadonlyMap<string, readonly ServiceAccountRights[]> {
  const found = new Map<string, ServiceAccountRights[]>();
  for (const each of rights) {
    const same = found.get(each.account.name);
    if (same) same.push(each);
    else found.set(each.account.name, [each]);
  }
  return found;
}

/** Whether rights are those of an account's namespace; one that is not written matches any. */
function isIn({ account }: ServiceAccountRights, { namespace }: Account): boolean {
  return account.namespace === undefined || namespace === undefined || account.namespace === namespace;
}
