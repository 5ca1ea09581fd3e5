import { say, type Text } from '../model/text.ts';

/*
 * The defaults of Drone's Helm charts: drone/charts@5a2ed94 (drone 0.6.5, drone-runner-docker 0.7.0,
 * drone-kubernetes-secrets 0.1.4), drone/charts@cf5be2f^ (drone-runner-kube 0.1.10, since removed), drone/charts@194fa01
 * (drone-vault-secrets 0.1.0) and helm/charts@001d4ad (stable/drone, the chart of Drone 1.x). The templates, of the same
 * commits, are those that readers/kubernetes/charts.ts renders.
 */

export type ChartValue = string | readonly ChartValue[] | { readonly [key: string]: ChartValue };

export interface ChartFact {
  readonly name: string;
  readonly version: string;
  readonly defaults: { readonly [key: string]: ChartValue };
  /** Why the environment is only partly known, if the chart takes variables from other values. */
  readonly gap?: Text;
  /** A variable without which the component does not start: if it is missing, more values are given elsewhere. */
  readonly required?: string;
}

const emptyIngress: ChartValue = { enabled: 'false', hosts: [{ host: 'chart-example.local' }] };

export const droneChart: ChartFact = {
  name: 'drone',
  version: '0.6.5',
  required: 'DRONE_RPC_SECRET',
  defaults: {
    image: { registry: 'docker.io', repository: 'drone/drone', tag: '2.12.1', pullPolicy: 'IfNotPresent' },
    serviceAccount: { create: 'true', name: '' },
    automountServiceAccountToken: 'false',
    service: { type: 'ClusterIP', port: '8080' },
    ingress: emptyIngress,
    persistentVolume: { enabled: 'true', existingClaim: '', mountPath: '/data' },
    env: { DRONE_SERVER_HOST: '', DRONE_SERVER_PROTO: 'http' },
  },
};

export const runnerDockerChart: ChartFact = {
  name: 'drone-runner-docker',
  version: '0.7.0',
  required: 'DRONE_RPC_SECRET',
  defaults: {
    image: { registry: 'docker.io', repository: 'drone/drone-runner-docker', tag: '1.8.1', pullPolicy: 'IfNotPresent' },
    extraVolumes: [{ name: 'storage', emptyDir: {} }],
    dind: {
      registry: 'docker.io',
      repository: 'docker',
      tag: '20-dind',
      pullPolicy: 'IfNotPresent',
      command: ['dockerd'],
      commandArgs: ['--host', 'tcp://localhost:2375'],
      securityContext: { privileged: 'true' },
      extraVolumeMounts: [{ name: 'storage', mountPath: '/var/lib/docker', subPath: 'docker' }],
    },
    gc: { enabled: 'true', registry: 'docker.io', repository: 'drone/gc', tag: '1.0.0', pullPolicy: 'IfNotPresent' },
    serviceAccount: { create: 'true', name: '' },
    service: { type: 'ClusterIP', port: '80' },
    ingress: emptyIngress,
    env: { DOCKER_HOST: 'tcp://localhost:2375', DRONE_RPC_HOST: 'drone', DRONE_RPC_PROTO: 'http' },
  },
};

export const runnerKubeChart: ChartFact = {
  name: 'drone-runner-kube',
  version: '0.1.10',
  required: 'DRONE_RPC_SECRET',
  defaults: {
    image: { repository: 'drone/drone-runner-kube', tag: '1.0.0-rc.3', pullPolicy: 'IfNotPresent' },
    service: { type: 'ClusterIP', port: '3000' },
    ingress: emptyIngress,
    rbac: { buildNamespaces: ['default'] },
    env: { DRONE_RPC_HOST: 'drone', DRONE_RPC_PROTO: 'http', DRONE_NAMESPACE_DEFAULT: 'default' },
  },
};

/** What the charts of the extensions for secrets have in common. */
const extensionDefaults = {
  service: { type: 'ClusterIP', port: '3000' },
  rbac: { enabled: 'true', secretNamespace: 'default' },
  env: { KUBERNETES_NAMESPACE: 'default' },
};

export const kubernetesSecretsChart: ChartFact = {
  name: 'drone-kubernetes-secrets',
  version: '0.1.4',
  required: 'SECRET_KEY',
  defaults: {
    image: { tag: 'latest', pullPolicy: 'IfNotPresent', registry: 'docker.io', repository: 'drone/kubernetes-secrets' },
    ...extensionDefaults,
  },
};

export const vaultSecretsChart: ChartFact = {
  name: 'drone-vault-secrets',
  version: '0.1.0',
  required: 'DRONE_SECRET',
  defaults: {
    image: { tag: 'latest', pullPolicy: 'IfNotPresent', repository: 'drone/vault' },
    ...extensionDefaults,
  },
};

/** The chart of Drone 0.8 and 1.x, with values below `server`, `agent` and `dind`. Its versions differ. */
export const stableDroneChart: ChartFact = {
  name: 'stable/drone',
  version: '2.7',
  gap: say`the chart "stable/drone" adds variables of its own`,
  defaults: { service: { type: 'ClusterIP', httpPort: '80' }, dind: { enabled: 'true' } },
};
