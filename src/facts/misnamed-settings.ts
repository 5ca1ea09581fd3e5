import type { Component } from './settings-table.ts';

/** Names that guides made up, with the setting that does what they promise. */
export const meantSettings: ReadonlyMap<string, string> = new Map([
  ['DRONE_LIMIT_ORG', 'DRONE_LIMIT_REPOS'],
  ['DRONE_SECRET_PLUGIN_SECRET', 'DRONE_SECRET_PLUGIN_TOKEN'],
  ['DRONE_KUBERNETES_SERVICE_ACCOUNT_DEFAULT', 'DRONE_SERVICE_ACCOUNT_DEFAULT'],
  ['DRONE_DOCKER_PRIVILEGED', 'DRONE_RUNNER_PRIVILEGED_IMAGES'],
]);

/** What a component reads instead of a name that it is said to read but does not. */
export interface Instead {
  readonly name: string;
  readonly of: readonly Component[];
  readonly use: string;
  readonly source: string;
}

/** Official pages list these names for components that do not read them. */
export const insteadOf: readonly Instead[] = [
  {
    name: 'DRONE_HTTP_BIND',
    of: ['runner-kube', 'runner-ssh', 'runner-digitalocean'],
    use: 'DRONE_SERVER_PORT',
    source: 'drone-runner-kube@018c416 command/daemon/config.go:42-47',
  },
  {
    name: 'DRONE_RUNNER_CLONE_IMAGE',
    of: ['runner-kube'],
    use: 'DRONE_IMAGE_CLONE',
    source: 'drone-runner-kube@018c416 command/daemon/config.go:112',
  },
  {
    name: 'DRONE_SECRET_ENDPOINT',
    of: ['runner-kube', 'runner-exec'],
    use: 'DRONE_SECRET_PLUGIN_ENDPOINT',
    source:
      'drone-runner-docker@9ea626a command/daemon/config.go:133 (an older name that only the docker runner knows)',
  },
  {
    name: 'DRONE_SECRET_SECRET',
    of: ['runner-kube', 'runner-exec'],
    use: 'DRONE_SECRET_PLUGIN_TOKEN',
    source: 'drone-runner-docker@9ea626a command/daemon/config.go:134',
  },
];

/**
 * Names that other programs of Drone read: extensions (DRONE_BIND, DRONE_SECRET, DRONE_DISALLOW_FORKS), the command line
 * (drone-cli@662f6f4 drone/main.go), and the variables of a build, which plugins read.
 */
export const foreignSettings =
  /^DRONE_(?:BIND|SECRET|DISALLOW_FORKS|TOKEN|SERVER|AUTOSCALER|(?:REPO|COMMIT|BUILD|STAGE|STEP|CARD|DEPLOY|PULL_REQUEST|NETRC|SYSTEM|SEMVER|CALVER|FAILED|GIT_HTTP|GIT_SSH)(?:_[A-Z_]+)?|BRANCH|TAG|SOURCE_BRANCH|TARGET_BRANCH|REMOTE_URL|WORKSPACE)$/;
