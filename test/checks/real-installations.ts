import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { docker, engineSocket, type RealEngine } from './real-engine.ts';

/** An installation of Drone on a real engine. What is in it starts no Drone: images only look like its own. */
export interface Installation {
  /** Texts that nothing may print. */
  readonly canaries: readonly string[];
}

const second = 1000;
const hour = 3600 * second;

/** Labels of a runner's containers, networks and volumes (drone/runner-go labels/labels.go), by the time they expire. */
function stageLabels(number: number, expires: number): readonly string[] {
  const labels = {
    'io.drone': 'true',
    'io.drone.protected': 'false',
    'io.drone.system.host': 'ci.example.com',
    'io.drone.system.proto': 'https',
    'io.drone.system.version': '2.28.2',
    'io.drone.repo.namespace': 'octocat',
    'io.drone.repo.name': 'hello-world',
    'io.drone.repo.slug': 'octocat/hello-world',
    'io.drone.build.number': String(number),
    'io.drone.stage.name': 'default',
    'io.drone.stage.number': '1',
    'io.drone.ttl': '1h0m0s',
    'io.drone.created': String(Math.floor((expires - 2 * hour) / second)),
    'io.drone.expires': String(Math.floor(expires / second)),
  };
  return Object.entries(labels).flatMap(([key, value]) => ['--label', `${key}=${value}`]);
}

const stepLabels = (name: string, number: number): readonly string[] => [
  ...['--label', `io.drone.step.name=${name}`],
  ...['--label', `io.drone.step.number=${number}`],
];

const variables = (values: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(values).flatMap(([name, value]) => ['--env', `${name}=${value}`]);

/** As guides on the web put it together: everything on one engine, with its socket, and open on all addresses. */
export function carelessInstallation(engine: RealEngine): Installation {
  const { id, labels } = engine;
  const canary = (what: string): string => `Kanarie-${what}-${id}`;
  const registry = `${id}.example.com`;
  const network = `ci-${id}`;
  const past = Date.now() - 30 * 24 * hour;
  docker('network', 'create', ...labels, network);
  for (const [name, number] of [
    ['', 7],
    ['left-', 6],
  ] as const) {
    docker('network', 'create', ...labels, ...stageLabels(number, past), `drone-${name}network-${id}`);
    docker('volume', 'create', ...labels, ...stageLabels(number, past), `drone-${name}volume-${id}`);
  }
  const data = join(engine.folder, 'data');
  mkdirSync(data);
  chmodSync(engine.folder, 0o755);
  chmodSync(data, 0o755);
  const socket = ['--volume', `${engineSocket}:/var/run/docker.sock`];
  const started = (name: string, ...words: string[]): string =>
    docker('run', '--detach', '--name', `${name}-${id}`, ...words);
  const created = (name: string, ...words: string[]): string => docker('create', '--name', `${name}-${id}`, ...words);

  const server = engine.image(`${registry}/drone/drone:latest`, {
    name: 'drone-server',
    lines: [
      JSON.stringify({ level: 'info', login: 'octocat', msg: 'bootstrap: account created', token: canary('of-a-log') }),
      canary('line'),
    ],
    changes: [
      'ENV DRONE_SERVER_PORT=:80',
      'ENV DRONE_DATADOG_ENABLED=true',
      `ENV DRONE_GITEA_CLIENT_SECRET=${canary('image')}`,
      'EXPOSE 80',
      'EXPOSE 443',
    ],
  });
  started(
    'server',
    ...['--network', network, '--publish', '80', '--restart', 'always', '--volume', `${data}:/data`, ...socket],
    ...variables({
      DRONE_SERVER_HOST: 'ci.example.com',
      DRONE_SERVER_PROTO: 'http',
      DRONE_RPC_SECRET: 'super-duper-secret',
      DRONE_GITHUB_CLIENT_ID: 'client',
      DRONE_GITHUB_CLIENT_SECRET: canary('scm'),
      DRONE_USER_CREATE: `username:octocat,admin:true,token:${canary('account')}`,
      DRONE_LOGS_TRACE: 'true',
    }),
    server,
  );

  const runner = engine.image(`${registry}/drone/drone-runner-docker:1`, {
    name: 'drone-runner-docker',
    lines: [
      'time="2026-11-21T10:00:00Z" level=error msg="cannot ping the remote server" error=Unauthorized',
      'time="2026-11-21T10:00:01Z" level=error msg="cannot ping the remote server" error="<a href=\\"https://ci.example.com/\\">Moved Permanently</a>."',
      `time="2026-11-21T10:00:02Z" level=error msg="${canary('line')}"`,
    ],
    changes: ['ENV DRONE_PLATFORM_OS=linux', 'ENV GODEBUG=netdns=go', 'EXPOSE 3000'],
  });
  started(
    'runner',
    ...['--network', network, '--publish', '3000', '--cap-add', 'SYS_ADMIN', '--security-opt', 'seccomp=unconfined'],
    ...['--mount', `type=bind,source=${engineSocket},target=/var/run/docker.sock,readonly`],
    ...variables({
      DRONE_RPC_PROTO: 'http',
      DRONE_RPC_HOST: `server-${id}`,
      DRONE_RPC_SECRET: 'super-duper-secret',
      DRONE_RUNNER_CAPACITY: '2',
      DRONE_RUNNER_NAME: 'runner',
      DRONE_RUNNER_VOLUMES: '/var/run/docker.sock:/var/run/docker.sock',
      DRONE_RUNNER_NETWORKS: network,
      DRONE_RUNNER_ENVIRON: `REGISTRY_PASSWORD:${canary('environ')}`,
      DRONE_UI_USERNAME: 'root',
      DRONE_UI_PASSWORD: 'root',
    }),
    runner,
  );

  const vault = engine.image(`${registry}/drone/vault:1.2.0`, { name: 'drone-vault', changes: ['EXPOSE 3000'] });
  started(
    'secrets',
    ...['--network', network, '--publish', '3000', '--pid', 'host', '--ipc', 'host', '--uts', 'host'],
    ...['--device', '/dev/fuse', '--volume', '/etc:/host/etc:ro'],
    ...variables({
      DRONE_SECRET: 'bea26a2221fd8090ea38720fc445eca6',
      VAULT_ADDR: 'http://vault.example.com:8200',
      VAULT_TOKEN: canary('vault'),
    }),
    vault,
  );

  const proxy = engine.image(`${registry}/tecnativa/docker-socket-proxy:latest`, { name: 'proxy' });
  started(
    'proxy',
    ...['--network', network, '--publish', '2375', ...socket],
    ...variables({ CONTAINERS: '1', POST: '1', EXEC: '1' }),
    proxy,
  );
  started(
    'watchtower',
    '--network',
    'host',
    ...socket,
    engine.image(`${registry}/containrrr/watchtower`, { name: 'watchtower' }),
  );
  started(
    'database',
    ...['--network', network, '--publish', '5432', ...variables({ POSTGRES_HOST_AUTH_METHOD: 'trust' })],
    engine.image(`${registry}/postgres:16`, { name: 'postgres', changes: ['EXPOSE 5432'] }),
  );
  // The machine may not let a privileged container start.
  created(
    'dind',
    ...['--privileged', '--network', network, '--publish', '2375:2375', ...variables({ DOCKER_TLS_CERTDIR: '' })],
    engine.image(`${registry}/docker:dind`, { name: 'dockerd' }),
    '--host=tcp://0.0.0.0:2375',
  );

  const step = engine.image(`${registry}/octocat/tools:1.0`, { name: 'build' });
  const ofBuild = (event: string): readonly string[] =>
    variables({ DRONE_BUILD_EVENT: event, DRONE_REPO: 'octocat/hello-world', PLUGIN_PASSWORD: canary('step') });
  created(
    'drone-privileged',
    '--privileged',
    ...stageLabels(8, past),
    ...stepLabels('test', 2),
    ...ofBuild('pull_request'),
    step,
  );
  started(
    'drone-running',
    ...['--network', `drone-network-${id}`, '--volume', `drone-volume-${id}:/drone/src`, ...socket],
    ...[...stageLabels(7, past), ...stepLabels('build', 2), ...ofBuild('push'), step],
  );
  docker(
    ...['run', '--name', `drone-exited-${id}`, '--entrypoint', '/bin/true', '--network', 'none'],
    ...[...stageLabels(9, past), ...stepLabels('publish', 3), ...ofBuild('push'), step],
  );
  const canaries = ['of-a-log', 'line', 'image', 'scm', 'account', 'environ', 'vault', 'step'].map(canary);
  return { canaries };
}

/** How a hardened installation names its images: by digest, if there is a registry. */
export interface Images {
  readonly registry: string;
  pinned(image: string): string;
}

const confined: readonly string[] = [
  ...['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--user', '65534:65534'],
  ...['--memory', '64m', '--cpus', '0.5', '--pids-limit', '100'],
  ...['--health-cmd', 'true', '--health-interval', '1h', '--log-opt', 'max-size=1m', '--log-opt', 'max-file=2'],
];

const ofProject = (id: string): readonly string[] => ['--label', `com.docker.compose.project=drone-${id}`];

/** A server behind TLS with a secret extension; nothing has the socket but a proxy that only lets containers be listed. */
export function hardenedServerHost(engine: RealEngine, { registry, pinned }: Images): Installation {
  const { id, labels } = engine;
  const secrets: string[] = [];
  const secret = (bytes = 32): string => {
    const made = randomBytes(bytes).toString('hex');
    secrets.push(made);
    return made;
  };
  const [edge, back, sockets] = [`edge-${id}`, `back-${id}`, `sockets-${id}`];
  docker('network', 'create', ...labels, edge);
  docker('network', 'create', ...labels, '--internal', back);
  docker('network', 'create', ...labels, '--internal', sockets);
  docker('volume', 'create', ...labels, `data-${id}`);
  const created = (name: string, ...words: string[]): string => docker('create', '--name', `${name}-${id}`, ...words);
  const server = engine.image(`${registry}/drone/drone:2.28.2`, { name: 'drone-server', changes: ['EXPOSE 80'] });
  docker(
    ...[
      'run',
      '--detach',
      '--name',
      `server-${id}`,
      ...confined,
      ...ofProject(id),
      '--network',
      edge,
      '--volume',
      `data-${id}:/data`,
    ],
    ...['--label', 'traefik.enable=true', '--label', 'traefik.http.routers.drone.rule=Host(`ci.example.com`)'],
    ...['--label', 'traefik.http.routers.drone.entrypoints=websecure'],
    ...['--label', 'traefik.http.routers.drone.tls=true'],
    ...['--label', 'traefik.http.services.drone.loadbalancer.server.port=8080'],
    ...variables({
      DRONE_SERVER_HOST: 'ci.example.com',
      DRONE_SERVER_PROTO: 'https',
      DRONE_SERVER_PORT: ':8080',
      DRONE_RPC_SECRET: secret(),
      DRONE_COOKIE_SECRET: secret(),
      DRONE_DATABASE_SECRET: secret(16),
      DRONE_DATABASE_ENCRYPT_USER_TABLE: 'true',
      DRONE_VALIDATE_PLUGIN_ENDPOINT: 'https://policy.example.com',
      DRONE_VALIDATE_PLUGIN_SECRET: secret(),
      DRONE_WEBHOOK_ENDPOINT: 'https://events.example.com',
      DRONE_WEBHOOK_SECRET: secret(),
      DRONE_COOKIE_SECURE: 'true',
      DRONE_GITHUB_CLIENT_ID: 'client',
      DRONE_GITHUB_CLIENT_SECRET: secret(20),
      DRONE_USER_FILTER: 'octocat-organization',
      DRONE_DATADOG_ENABLED: 'false',
    }),
    pinned(server),
  );
  const vault = engine.image(`${registry}/drone/vault:1.3.0`, { name: 'drone-vault', changes: ['EXPOSE 3000'] });
  created(
    'secrets',
    ...[...confined, ...ofProject(id), '--network', back],
    ...variables({
      DRONE_SECRET: secret(),
      DRONE_DISALLOW_FORKS: 'true',
      VAULT_ADDR: 'https://vault.example.com:8200',
      VAULT_AUTH_TYPE: 'kubernetes',
    }),
    pinned(vault),
  );
  const proxy = engine.image(`${registry}/tecnativa/docker-socket-proxy:0.3.0`, { name: 'proxy' });
  created(
    'proxy',
    ...['--network', sockets, '--volume', `${engineSocket}:/var/run/docker.sock:ro`],
    ...variables({ CONTAINERS: '1', POST: '0' }),
    pinned(proxy),
  );
  const traefik = engine.image(`${registry}/traefik:v3.1`, { name: 'traefik' });
  created(
    'traefik',
    ...['--network', edge, '--publish', '443:443', pinned(traefik)],
    ...['--providers.docker.endpoint=tcp://proxy:2375', '--providers.docker.exposedbydefault=false'],
    '--entrypoints.websecure.address=:443',
  );
  docker('network', 'connect', sockets, `traefik-${id}`);
  docker('network', 'connect', back, `server-${id}`);
  const promtail = engine.image(`${registry}/grafana/promtail:3.0.0`, { name: 'promtail' });
  created('promtail', ...ofProject(id), '--network', back, pinned(promtail));
  return { canaries: secrets };
}

/** A runner that uses the engine of another host by TLS, and containers of a build that goes on. */
export function hardenedBuildHost(engine: RealEngine, { registry, pinned }: Images): Installation {
  const { id } = engine;
  const rpc = randomBytes(32).toString('hex');
  const network = `builds-${id}`;
  const expires = Date.now() + 2 * hour;
  docker('network', 'create', ...engine.labels, ...stageLabels(10, expires), network);
  const runner = engine.image(`${registry}/drone/drone-runner-docker:1.8.5`, { name: 'drone-runner-docker' });
  docker(
    ...['run', '--detach', '--name', `runner-${id}`, ...confined, ...ofProject(id), '--network', 'none'],
    ...variables({
      DRONE_RPC_PROTO: 'https',
      DRONE_RPC_HOST: 'ci.example.com',
      DRONE_RPC_SECRET: rpc,
      DRONE_RUNNER_NAME: 'runner',
      DOCKER_HOST: 'tcp://engine.example.com:2376',
      DOCKER_TLS_VERIFY: '1',
      DOCKER_CERT_PATH: '/certs',
      DRONE_NETRC_CLONE_ONLY: 'true',
      DRONE_RUNNER_CLONE_IMAGE: `drone/git:1.3.1@sha256:${'1'.repeat(64)}`,
      DRONE_LIMIT_REPOS: 'octocat/hello-world',
      DRONE_CPU_QUOTA: '100000',
      DRONE_CPU_PERIOD: '100000',
      DRONE_MEMORY_LIMIT: '1073741824',
    }),
    pinned(runner),
  );
  const promtail = engine.image(`${registry}/grafana/promtail:3.0.0`, { name: 'promtail' });
  docker('create', '--name', `promtail-${id}`, ...ofProject(id), '--network', 'none', pinned(promtail));
  const step = engine.image(`${registry}/octocat/tools:1.0`, { name: 'build' });
  const password = `Kanarie-step-${id}`;
  docker(
    ...['run', '--detach', '--name', `drone-running-${id}`, '--network', network],
    ...[...stageLabels(10, expires), ...stepLabels('build', 2)],
    ...[
      ...variables({ DRONE_BUILD_EVENT: 'pull_request', DRONE_REPO: 'octocat/hello-world', PLUGIN_PASSWORD: password }),
      step,
    ],
  );
  return { canaries: [rpc, password] };
}
