import type { Container } from '../model/container.ts';
import { addTo } from '../model/groups.ts';
import type { Installation } from '../model/installation.ts';
import type { ServiceAccountRights } from '../model/kubernetes.ts';
import { setVariable } from '../model/settings.ts';
import type { Location } from '../model/source.ts';
import { say, type Text } from '../model/text.ts';

/** A service account that Drone uses. */
export interface Account {
  readonly name: string;
  readonly namespace?: string;
  readonly at: Location;
  readonly label: Text;
  /** Whether pods of builds run as it. */
  readonly isOfBuilds: boolean;
}

/** The accounts of the runners and those they give to builds, each with the rights that bindings grant it. */
export function* accountsWithRights(
  installation: Installation,
): Iterable<{ readonly account: Account; readonly rights: ServiceAccountRights }> {
  const byName = new Map<string, ServiceAccountRights[]>();
  for (const rights of installation.rights ?? []) addTo(byName, rights.account.name, rights);
  for (const account of accountsOf(installation))
    for (const rights of [...(byName.get(account.name) ?? []), ...(byName.get('*') ?? [])])
      if (isIn(rights, account)) yield { account, rights };
}

function accountsOf({ containers, settings }: Installation): readonly Account[] {
  const accounts = new Map<string, Account>();
  const add = (account: Account): void => {
    const key = `${account.namespace ?? ''}/${account.name}/${account.isOfBuilds}`;
    if (!accounts.has(key)) accounts.set(key, account);
  };
  for (const runner of settings) {
    if (runner.role !== 'runner-kube') continue;
    const variable = setVariable(runner, 'DRONE_SERVICE_ACCOUNT_DEFAULT');
    const place = runner.variables.get('DRONE_NAMESPACE_DEFAULT');
    if (variable ? !variable.value : !runner.complete) continue;
    const namespace = place ? place.value || undefined : 'default';
    const isMade = namespace?.endsWith('-') === true;
    // Nothing can be bound to the account "default" of a namespace that is made for one build.
    if (!variable && (isMade || namespace === undefined)) continue;
    // Without the variable Kubernetes takes "default" (drone-runner-kube engine/compiler/compiler.go:257-259).
    const name = variable?.value ?? 'default';
    add({
      name,
      namespace: isMade ? undefined : namespace,
      at: variable?.at ?? place?.at ?? runner.at,
      label: say`the account "${name}" of builds`,
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
    namespace: project,
    at,
    label: say`the account "${name}" of ${label}`,
    isOfBuilds: false,
  });
}

/** Whether rights apply in an account's namespace; an unnamed namespace matches any. */
function isIn({ account }: ServiceAccountRights, { namespace }: Account): boolean {
  return account.namespace === undefined || namespace === undefined || account.namespace === namespace;
}
