import type { Installation } from '../../model/installation.ts';
import type { Settings } from '../../model/settings.ts';

/*
 * One arrangement in all fixes about it, so that what people paste of several fits together: a namespace that holds
 * nothing but builds, which run there as an account without rights, and the runner with an account that has only there
 * what it needs (drone-runner-kube engine/engine_impl.go: it creates and deletes pods and secrets, and watches pods; the
 * rights are those of the chart, drone/charts@cf5be2f^ charts/drone-runner-kube/templates/rbac.yaml).
 */

/** What has to exist before the runner is told of it, in this order. */
export const arrangement = `\`\`\`sh
kubectl create namespace drone-builds
kubectl create serviceaccount drone-build --namespace drone-builds
\`\`\`

Then give the runner, which lives in the namespace \`drone-system\` here, an account of its own with rights there alone.

\`\`\`yaml kubernetes
apiVersion: v1
kind: ServiceAccount
metadata: { name: drone-runner-kube, namespace: drone-system }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: drone-runner, namespace: drone-builds }
rules:
  - { apiGroups: [""], resources: [secrets], verbs: [create, delete] }
  - { apiGroups: [""], resources: [pods, pods/log], verbs: [get, create, delete, list, watch, update] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: drone-runner, namespace: drone-builds }
subjects:
  - { kind: ServiceAccount, name: drone-runner-kube, namespace: drone-system }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: drone-runner }
\`\`\`

\`\`\`yaml kubernetes
spec:
  template:
    spec:
      serviceAccountName: drone-runner-kube
\`\`\`

\`\`\`yaml helm
rbac:
  buildNamespaces: [drone-builds]
\`\`\``;

/** The names of the runner and of its builds in place of those of the arrangement. */
export function arrangementFills(runner: Settings | undefined): Readonly<Record<string, string>> {
  const { serviceAccount, project } = runner?.container ?? {};
  // Every pod without an account of its own has `default`.
  const account = serviceAccount?.value === 'default' ? undefined : serviceAccount?.value;
  return {
    'drone-runner-kube': account ?? 'drone-runner-kube',
    'drone-system': project ?? 'drone-system',
    'drone-builds': ownNamespace(runner) ?? 'drone-builds',
  };
}

/** The namespace of builds, if it is one of their own; a new one for each build is none that has accounts. */
function ownNamespace(runner: Settings | undefined): string | undefined {
  const namespace = runner?.variables.get('DRONE_NAMESPACE_DEFAULT')?.value;
  if (!namespace || namespace.endsWith('-')) return undefined;
  return /^(?:default|kube-.*)$/.test(namespace) || namespace === runner?.container?.project ? undefined : namespace;
}

export function kubernetesRunner({ settings }: Installation): Settings | undefined {
  return settings.find(({ role }) => role === 'runner-kube');
}
