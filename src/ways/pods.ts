import { type Account, accountsWithRights } from '../analysis/kubernetes-accounts.ts';
import { makesPods, takesPods, widthOf } from '../analysis/kubernetes-rights.ts';
import type { Installation } from '../model/installation.ts';
import type { BuildPolicy, PodSecurity, ServiceAccountRights } from '../model/kubernetes.ts';
import { setVariable } from '../model/settings.ts';
import { say } from '../model/text.ts';
import type { Runner, View } from './view.ts';

/* Where the pods of builds run, and as whom: what policies of a runner fix, and what is left to the pipeline. */

/** What a policy fixes, or nothing where builds have none. */
type Fixed = Pick<BuildPolicy, 'namespace' | 'serviceAccount'>;

/** What is fixed for the builds of a runner, one for each policy that some of them get; undefined where it was not seen. */
export function fixedBy({ settings }: Runner, { hitsOf }: View): readonly Fixed[] | undefined {
  const policies = settings.container?.buildPolicies;
  if (!policies)
    return hitsOf('missing-kubernetes-policy').some(({ owner }) => owner === settings.owner) ? [{}] : undefined;
  // The first that fits is taken, else that named "default" (drone-runner-kube engine/policy/match.go).
  const last = policies.findIndex(({ isForSome }) => !isForSome);
  if (last >= 0) return policies.slice(0, last + 1);
  return policies.some(({ isDefault }) => isDefault) ? policies : [...policies, {}];
}

/** Whether nothing is left to the pipeline: an account alone is one of each namespace, and a namespace alone has several. */
export function isAllFixed(fixed: readonly Fixed[]): boolean {
  return fixed.every(({ namespace, serviceAccount }) => namespace !== undefined && serviceAccount !== undefined);
}

/** The namespace that builds run in by default (drone-runner-kube command/daemon/config.go:77). */
export function namespaceOf({ settings }: Runner): string {
  return setVariable(settings, 'DRONE_NAMESPACE_DEFAULT')?.value ?? 'default';
}

/** Whether rights are those of the account of pods whose pipeline chooses nothing, and whose token is mounted. */
export function isOfPods({ account }: ServiceAccountRights, runner: Runner, fixed: readonly Fixed[]): boolean {
  if (account.isWithoutToken) return false;
  const variable = setVariable(runner.settings, 'DRONE_SERVICE_ACCOUNT_DEFAULT');
  const own = variable ? variable.value : 'default';
  return fixed.some(
    ({ namespace = namespaceOf(runner), serviceAccount = own }) =>
      (account.name === '*' || account.name === serviceAccount) &&
      (account.namespace === undefined || account.namespace === namespace),
  );
}

/** An account with rights that make whoever has it master of a namespace. */
export interface Power {
  readonly account: Account;
  readonly rights: ServiceAccountRights;
}

/** The powers of accounts that Drone uses on a cluster, those among them that policies give to builds; each binding once. */
export function powersOf(runner: Runner, view: View): readonly Power[] {
  const { installation } = view;
  const found = new Map<ServiceAccountRights, Power>();
  const add = (power: Power): void => {
    const { rights } = power;
    if ((widthOf(rights) === 'wide' || takesPods(rights)) && !found.has(rights)) found.set(rights, power);
  };
  for (const power of accountsWithRights(installation)) add(power);
  const fixed = fixedBy(runner, view)?.filter(({ serviceAccount }) => serviceAccount !== undefined) ?? [];
  for (const rights of fixed.length === 0 ? [] : (installation.rights ?? []))
    if (isOfPods(rights, runner, fixed)) {
      const { name, namespace, at } = rights.account;
      const account = { name, at, label: say`the account "${name}" of builds`, isOfBuilds: true };
      add({ account: namespace === undefined ? account : { ...account, namespace }, rights });
    }
  return [...found.values()];
}

/**
 * The namespaces that pods of builds may get: those that policies fix, else those that the runner itself may make pods in;
 * undefined where that may be any.
 */
export function namespacesOfPods(runner: Runner, view: View): ReadonlySet<string> | undefined {
  const fixed = fixedBy(runner, view)?.map(({ namespace }) => namespace);
  if (fixed?.every((namespace) => namespace !== undefined)) return new Set(fixed);
  const { container } = runner.settings;
  const own = [...accountsWithRights(view.installation)].filter(
    ({ account, rights }) =>
      !account.isOfBuilds &&
      account.name === container?.serviceAccount?.value &&
      account.namespace === container.project &&
      makesPods(rights),
  );
  const places = own.map(({ rights }) => (rights.clusterWide ? undefined : rights.namespace));
  if (places.length === 0 || !places.every((place) => place !== undefined)) return undefined;
  return new Set([namespaceOf(runner), ...places]);
}

/** The label of a namespace that keeps privileged pods out of it (kubernetes.io/docs/concepts/security/pod-security-standards). */
export function labelOf(namespace: string, { podSecurity = [] }: Installation): PodSecurity | undefined {
  return podSecurity.find(
    (each) => each.namespace === namespace && (each.enforce === 'baseline' || each.enforce === 'restricted'),
  );
}
