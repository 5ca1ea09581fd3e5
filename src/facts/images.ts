import type { Role } from '../model/role.ts';

/*
 * Which images are which component, by familiar name (no registry, tag or digest). Drone's own names are those of the
 * manifest templates and CI files of its repositories (drone/drone docker/manifest.tmpl and so on).
 */

/** What an image is in a Drone installation. */
export interface ImageFact {
  readonly role: Role;
  /** `ended`: a product that is no longer made; `invented`: never published by Drone, only guides name it; `fork`: a product made from Drone's source. */
  readonly status?: 'ended' | 'invented' | 'fork';
  /** What replaces it. */
  readonly successor?: string;
  readonly source: string;
}

const manifest = 'manifest template of its repository';
const invented = 'no repository of Drone publishes it';

export const componentImages: ReadonlyMap<string, ImageFact> = new Map<string, ImageFact>([
  ['drone/drone', { role: 'server', source: manifest }],
  ['drone/drone-runner-docker', { role: 'runner-docker', source: manifest }],
  ['drone/drone-runner-kube', { role: 'runner-kube', source: manifest }],
  ['drone/drone-runner-ssh', { role: 'runner-ssh', source: manifest }],
  ['drone/drone-runner-digitalocean', { role: 'runner-digitalocean', source: manifest }],
  ['drone/drone-runner-macstadium', { role: 'runner-macstadium', source: manifest }],
  ['drone/drone-runner-nomad', { role: 'runner-nomad', source: manifest }],
  ['drone/drone-runner-aws', { role: 'runner-aws', source: manifest }],
  [
    'drone/drone-runner-vm',
    {
      role: 'runner-aws',
      status: 'ended',
      successor: 'drone/drone-runner-aws',
      source: 'name of drone-runner-aws in Harness pages',
    },
  ],
  [
    'drone/agent',
    {
      role: 'agent',
      status: 'ended',
      successor: 'drone/drone-runner-docker',
      source: 'harness/drone CHANGELOG.md 2.0.0 (agent removed)',
    },
  ],
  [
    'drone/controller',
    {
      role: 'agent',
      status: 'ended',
      successor: 'drone/drone-runner-kube',
      source: 'harness/drone CHANGELOG.md 2.0.0 (kubernetes scheduler removed)',
    },
  ],
  [
    'drone/drone-runner-exec',
    { role: 'runner-exec', status: 'invented', source: 'the exec runner is a binary only; it has no image' },
  ],
  [
    'drone/runner-docker',
    { role: 'runner-docker', status: 'invented', successor: 'drone/drone-runner-docker', source: invented },
  ],
  [
    'drone/runner-kube',
    { role: 'runner-kube', status: 'invented', successor: 'drone/drone-runner-kube', source: invented },
  ],
  [
    'drone/runner',
    { role: 'runner-docker', status: 'invented', successor: 'drone/drone-runner-docker', source: invented },
  ],
  [
    'drone/drone-runner',
    { role: 'runner-docker', status: 'invented', successor: 'drone/drone-runner-docker', source: invented },
  ],
  [
    'drone/drone-agent',
    { role: 'agent', status: 'invented', successor: 'drone/drone-runner-docker', source: invented },
  ],
  ['drone/drone-server', { role: 'server', status: 'invented', successor: 'drone/drone', source: invented }],
  ['drone/server', { role: 'server', status: 'invented', successor: 'drone/drone', source: invented }],
  [
    'laszlocloud/drone-oss-08-server',
    { role: 'server', status: 'fork', successor: 'drone/drone', source: 'fork of 0.8 in public compose files' },
  ],
  [
    'laszlocloud/drone-oss-08-agent',
    {
      role: 'agent',
      status: 'fork',
      successor: 'drone/drone-runner-docker',
      source: 'fork of 0.8 in public compose files',
    },
  ],
  ['drone/autoscaler', { role: 'autoscaler', source: manifest }],
  ['drone/gc', { role: 'other', source: manifest }],
  ['drone/git', { role: 'other', source: 'clone image, drone-runner-docker@9ea626a engine/compiler/clone.go:21-28' }],
  ['drone/placeholder', { role: 'other', source: 'drone-runner-kube@018c416 command/daemon/config.go:112' }],
  ['drone/vault', { role: 'extension', source: manifest }],
  ['drone/amazon-secrets', { role: 'extension', source: manifest }],
  ['drone/kubernetes-secrets', { role: 'extension', source: manifest }],
  ['drone/google-secrets', { role: 'extension', source: 'secret extension of the drone organisation' }],
  ['drone/registry-plugin', { role: 'extension', source: 'registry extension of the drone organisation' }],
  ['bitsbeats/drone-tree-config', { role: 'extension', source: 'configuration extension in public installations' }],
  [
    'meltwater/drone-convert-pathschanged',
    { role: 'extension', source: 'conversion extension in public installations' },
  ],
  ['microadam/drone-config-plugin', { role: 'extension', source: 'configuration extension in public installations' }],
  ['docker', { role: 'docker', source: 'official image: the tags with dind run a daemon, the others the client' }],
  ['tecnativa/docker-socket-proxy', { role: 'docker', source: 'socket proxy' }],
  ['linuxserver/socket-proxy', { role: 'docker', source: 'socket proxy' }],
  ['wollomatic/socket-proxy', { role: 'docker', source: 'socket proxy' }],
  ['11notes/socket-proxy', { role: 'docker', source: 'socket proxy' }],
  ['traefik', { role: 'proxy', source: 'reverse proxy' }],
  ['nginx', { role: 'proxy', source: 'reverse proxy' }],
  ['nginxinc/nginx-unprivileged', { role: 'proxy', source: 'reverse proxy' }],
  ['openresty/openresty', { role: 'proxy', source: 'reverse proxy' }],
  ['caddy', { role: 'proxy', source: 'reverse proxy' }],
  ['abiosoft/caddy', { role: 'proxy', source: 'reverse proxy' }],
  ['lucaslorentz/caddy-docker-proxy', { role: 'proxy', source: 'reverse proxy' }],
  ['haproxy', { role: 'proxy', source: 'reverse proxy' }],
  ['httpd', { role: 'proxy', source: 'web server, often a reverse proxy' }],
  ['envoyproxy/envoy', { role: 'proxy', source: 'reverse proxy' }],
  ['jwilder/nginx-proxy', { role: 'proxy', source: 'reverse proxy' }],
  ['nginxproxy/nginx-proxy', { role: 'proxy', source: 'reverse proxy' }],
  ['jc21/nginx-proxy-manager', { role: 'proxy', source: 'reverse proxy' }],
  ['linuxserver/swag', { role: 'proxy', source: 'reverse proxy' }],
  ['steveltn/https-portal', { role: 'proxy', source: 'reverse proxy' }],
  ['cloudflare/cloudflared', { role: 'proxy', source: 'tunnel that terminates TLS' }],
]);

/** Other products under Drone's former names: the rules do not describe them. `drone/drone` with tag 3 is one of them too. */
export const otherProductImages: ReadonlySet<string> = new Set([
  'harness/gitness',
  'harness/harness',
  'woodpeckerci/woodpecker-server',
  'woodpeckerci/woodpecker-agent',
]);

/** Binaries of Drone, the last part of an entrypoint. */
export const componentBinaries: ReadonlyMap<string, Role> = new Map<string, Role>([
  ['drone-server', 'server'],
  ['drone-runner-docker', 'runner-docker'],
  ['drone-runner-kube', 'runner-kube'],
  ['drone-runner-exec', 'runner-exec'],
  ['drone-runner-ssh', 'runner-ssh'],
  ['drone-runner-digitalocean', 'runner-digitalocean'],
  ['drone-runner-macstadium', 'runner-macstadium'],
  ['drone-runner-nomad', 'runner-nomad'],
  ['drone-runner-aws', 'runner-aws'],
  ['drone-agent', 'agent'],
  ['drone-controller', 'agent'],
  ['drone-autoscaler', 'autoscaler'],
  ['drone-vault', 'extension'],
  ['drone-amazon-secrets', 'extension'],
  ['drone-kubernetes-secrets', 'extension'],
  ['drone-tree-config', 'extension'],
  ['drone-convert-pathschanged', 'extension'],
  ['dockerd', 'docker'],
  ['dockerd-entrypoint.sh', 'docker'],
]);

/**
 * Names of Drone's programs that others have as well: `acme/drone-server` may steer an aircraft. They say something of
 * Drone only beside one of its settings.
 */
export const commonNames: ReadonlySet<string> = new Set(['drone-server', 'drone-agent', 'drone-controller']);

/** Names that the copies of images in other registries keep, whatever stands before them. */
export const mirroredNames: readonly string[] = [...componentBinaries.keys()].filter((name) =>
  name.startsWith('drone-'),
);

/** An image that runs privileged without being asked, and the runners that do so. */
export interface PrivilegedImage {
  readonly name: string;
  readonly runners: readonly ('runner-docker' | 'runner-kube')[];
  /** First release of the docker runner that does so, where not all do. */
  readonly since?: string;
}

/**
 * Plugins that run privileged in every repository, trusted or not
 * (drone-runner-docker@9ea626a engine/compiler/compiler.go:39-46, drone-runner-kube@018c416 engine/compiler/compiler.go:42-48).
 * Names are compared whole, without tag and digest (internal/docker/image/image.go:15-62).
 */
export const privilegedImages: readonly PrivilegedImage[] = [
  { name: 'plugins/docker', runners: ['runner-docker', 'runner-kube'] },
  { name: 'plugins/acr', runners: ['runner-docker', 'runner-kube'] },
  { name: 'plugins/ecr', runners: ['runner-docker', 'runner-kube'] },
  { name: 'plugins/gcr', runners: ['runner-docker', 'runner-kube'] },
  { name: 'plugins/heroku', runners: ['runner-docker', 'runner-kube'] },
  { name: 'plugins/gar', runners: ['runner-docker'], since: '1.8.4' },
];

/**
 * Environment that keeps an automatically privileged image from running privileged; so do `commands`, `command`,
 * `entrypoint` and (docker: unless DRONE_FLAG_ALLOW_DOCKER_PLUGIN_VOLUMES) `volumes`
 * (drone-runner-docker@9ea626a engine/compiler/compiler.go:549-595, util.go:143-159).
 */
export const restrictedVariables: ReadonlySet<string> = new Set([
  'XDG_RUNTIME_DIR',
  'DOCKER_OPTS',
  'DOCKER_HOST',
  'PATH',
  'HOME',
]);
