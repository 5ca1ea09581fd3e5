import type { AccessRule, PodSecurity, ServiceAccountRights } from '../../model/kubernetes.ts';
import { memoizePer } from '../../model/memoize.ts';
import { itemsOf } from '../yaml/tree.ts';
import { Nearby } from './nearby.ts';
import { below, flagOf, inBrackets, type Manifest, placeIn, textOf, textsOf } from './tree.ts';

/**
 * What service accounts may do: one entry for each account and binding (rbac.authorization.k8s.io). Roles that are not
 * among the manifests are listed without rules.
 */
export function readRights(manifests: readonly Manifest[]): readonly ServiceAccountRights[] {
  const roles = new Nearby<Manifest>();
  for (const manifest of manifests)
    if (manifest.kind === 'Role' || manifest.kind === 'ClusterRole')
      roles.add(roleKey(manifest.kind, manifest.name, manifest.namespace), manifest.source, manifest);
  const rulesOf = memoizePer(accessRules);
  const tokens = tokenDefaults(manifests);
  const isWithoutToken = ({ name, namespace }: ServiceAccountRights['account'], { source }: Manifest): boolean => {
    const found = tokens.find(`${namespace ?? ''}/${name}`, source);
    return found !== undefined && found !== 'ambiguous' && flagOf(below(found.node, tokenKey)) === false;
  };
  return manifests.flatMap((binding) => {
    const clusterWide = binding.kind === 'ClusterRoleBinding';
    if (!clusterWide && binding.kind !== 'RoleBinding') return [];
    const reference = below(binding.node, 'roleRef');
    const nameNode = below(reference, 'name');
    const name = textOf(nameNode);
    if (!nameNode || name === undefined) return [];
    const kind = textOf(below(reference, 'kind')) === 'Role' ? 'Role' : 'ClusterRole';
    const found =
      roles.find(roleKey(kind, name, binding.namespace), binding.source) ??
      (kind === 'Role' ? roles.find(roleKey(kind, name), binding.source) : undefined);
    const role = found === 'ambiguous' ? undefined : found;
    const complete = role !== undefined && !below(role.node, 'aggregationRule');
    return subjects(binding).map((account) => ({
      account: isWithoutToken(account, binding) ? { ...account, isWithoutToken: true } : account,
      role: { kind, name },
      rules: role ? rulesOf(role) : [],
      complete,
      clusterWide,
      namespace: clusterWide ? undefined : binding.namespace,
      boundBy: { value: binding.name, at: placeIn(binding, nameNode, `${binding.path}.roleRef`) },
    }));
  });
}

function roleKey(kind: string, name: string, namespace?: string): string {
  return kind === 'Role' ? `Role/${namespace ?? ''}/${name}` : `ClusterRole/${name}`;
}

function accessRules(role: Manifest): readonly AccessRule[] {
  return itemsOf(below(role.node, 'rules')).map((rule, index) => ({
    verbs: textsOf(below(rule, 'verbs')),
    apiGroups: textsOf(below(rule, 'apiGroups')),
    resources: textsOf(below(rule, 'resources')),
    resourceNames: textsOf(below(rule, 'resourceNames')),
    at: placeIn(role, rule, inBrackets(`${role.path}.rules`, String(index))),
  }));
}

/** The accounts of a binding, including those bound by a group or by their user name. */
function subjects(binding: Manifest): readonly ServiceAccountRights['account'][] {
  return itemsOf(below(binding.node, 'subjects')).flatMap((subject) => {
    const nameNode = below(subject, 'name');
    const name = textOf(nameNode);
    if (!nameNode || name === undefined) return [];
    const at = placeIn(binding, nameNode, inBrackets(`${binding.path}.subjects`, name));
    const kind = textOf(below(subject, 'kind'));
    if (kind === 'ServiceAccount') {
      const namespace = textOf(below(subject, 'namespace')) ?? binding.namespace;
      return [{ name, namespace, at }];
    }
    // kubernetes pkg/apis/serviceaccount/util.go and staging authentication/user: the names of accounts as users and
    // groups.
    const [, userNamespace, user] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name) ?? [];
    if (kind === 'User' && userNamespace !== undefined && user !== undefined)
      return [{ name: user, namespace: userNamespace, at }];
    if (kind !== 'Group') return [];
    if (name === 'system:serviceaccounts' || name === 'system:authenticated') return [{ name: '*', at }];
    const [, group] = /^system:serviceaccounts:([^:]+)$/.exec(name) ?? [];
    return group === undefined ? [] : [{ name: '*', namespace: group, at }];
  });
}

const tokenKey = 'automountServiceAccountToken';

/** Service accounts that state whether their token is mounted into pods, by `namespace/name`. */
export function tokenDefaults(manifests: readonly Manifest[]): Nearby<Manifest> {
  const found = new Nearby<Manifest>();
  for (const manifest of manifests)
    if (manifest.kind === 'ServiceAccount' && below(manifest.node, tokenKey))
      found.add(`${manifest.namespace ?? ''}/${manifest.name}`, manifest.source, manifest);
  return found;
}

const enforced = 'pod-security.kubernetes.io/enforce';

/** What a namespace demands of its pods; none for other kinds, and where it demands nothing. */
export function readPodSecurity(manifest: Manifest): readonly PodSecurity[] {
  if (manifest.kind !== 'Namespace') return [];
  const label = below(manifest.node, 'metadata', 'labels', enforced);
  const enforce = textOf(label);
  if (label === undefined || enforce === undefined) return [];
  return [
    {
      namespace: manifest.name,
      enforce,
      at: placeIn(manifest, label, inBrackets(`${manifest.path}.metadata.labels`, enforced)),
    },
  ];
}
