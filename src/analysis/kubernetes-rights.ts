import type { AccessRule, ServiceAccountRights } from '../model/kubernetes.ts';

/** How far rights reach: the cluster or a whole namespace, less than that, nowhere; `unknown` for a role not seen. */
export type Width = 'wide' | 'narrow' | 'none' | 'unknown';

/**
 * The width of what a binding grants. Wide are the built-in administrator roles, every right on every resource, and
 * reading secrets or entering pods in all namespaces (kubernetes.io, "user-facing roles" of RBAC).
 */
export function widthOf({ role, rules, complete, clusterWide }: ServiceAccountRights): Width {
  if (role.kind === 'ClusterRole') {
    if (role.name === 'cluster-admin' || role.name === 'admin') return 'wide';
    // It can read secrets and enter pods.
    if (role.name === 'edit') return clusterWide ? 'wide' : 'narrow';
    if (role.name === 'view') return 'narrow';
  }
  if (rules.some((each) => isEverything(each, role.kind) || (clusterWide && takesOver(each)))) return 'wide';
  if (!complete) return 'unknown';
  return rules.length > 0 ? 'narrow' : 'none';
}

function isEverything({ verbs, resources, resourceNames }: AccessRule, kind: 'Role' | 'ClusterRole'): boolean {
  if (kind !== 'ClusterRole' || resourceNames.length > 0) return false;
  return resources.includes('*') && verbs.some((verb) => verb === '*' || verb === 'create' || verb === 'get');
}

/** Whether a rule allows reading secrets, or starting a program in a running pod. */
function takesOver({ verbs, resources, resourceNames }: AccessRule): boolean {
  if (resourceNames.length > 0) return false;
  const may = (...wanted: readonly string[]) => verbs.some((verb) => verb === '*' || wanted.includes(verb));
  return resources.some(
    (resource) =>
      ((resource === '*' || resource === 'secrets') && may('get', 'list', 'watch')) ||
      ((resource === '*' || resource === 'pods/exec' || resource === 'pods/*') && may('create', 'get')),
  );
}

/** Whether rights allow creating pods. */
export function makesPods({ rules, role }: ServiceAccountRights): boolean {
  if (role.kind === 'ClusterRole' && /^(?:cluster-admin|admin|edit)$/.test(role.name)) return true;
  return rules.some(
    ({ verbs, resources }) =>
      resources.some((each) => each === '*' || each === 'pods') &&
      verbs.some((verb) => verb === '*' || verb === 'create'),
  );
}

/** Whether rights allow creating pods, which may then be what the runner is, or reading secrets. */
export function takesPods(rights: ServiceAccountRights): boolean {
  return (
    makesPods(rights) ||
    rights.rules.some(
      ({ verbs, resources, resourceNames }) =>
        resourceNames.length === 0 &&
        resources.some((each) => each === '*' || each === 'secrets') &&
        verbs.some((verb) => /^(?:\*|get|list|watch)$/.test(verb)),
    )
  );
}
