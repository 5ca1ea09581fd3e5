// Deployments of Drone as teams keep them in their repositories: compose projects, Kubernetes manifests, systemd units, scripts.
// Values that stand for secrets say that they are made up.
import { choices } from './random.js';
import { styleOf, yamlOf } from './yaml.js';

const socket = '/var/run/docker.sock:/var/run/docker.sock';
const serverImages = ['drone/drone:2', 'drone/drone:2.25.0', 'drone/drone:latest', 'drone/drone:1', 'drone/drone:2.12'];
const runnerImages = [
  'drone/drone-runner-docker:1',
  'drone/drone-runner-docker:latest',
  'drone/drone-runner-docker:1.8.4',
];

/** Images of other software beside Drone, each with what its container needs. */
const neighbours = {
  gitea: { image: 'gitea/gitea:1.21', ports: ['3000:3000', '2222:22'], volumes: ['gitea:/data'] },
  database: {
    image: 'postgres:15',
    environment: { POSTGRES_PASSWORD: '${DB_PASSWORD}' },
    volumes: ['database:/var/lib/postgresql/data'],
  },
  proxy: {
    image: 'traefik:v2.11',
    command: ['--providers.docker=true'],
    ports: ['80:80', '443:443'],
    volumes: [`${socket}:ro`],
  },
  cache: { image: 'redis:7', command: 'redis-server --save 60 1' },
  registry: { image: 'registry:2', ports: ['5000:5000'], volumes: ['registry:/var/lib/registry'] },
  metrics: { image: 'prom/prometheus:v2.48.0', volumes: ['./prometheus.yml:/etc/prometheus/prometheus.yml'] },
  updater: { image: 'containrrr/watchtower', volumes: [socket] },
};

function settingsOfServer(choose, index) {
  const scm = choose.pick(['GITEA', 'GITHUB', 'GITLAB']);
  return {
    DRONE_SERVER_HOST: `drone-${index}.example.com`,
    DRONE_SERVER_PROTO: choose.pick(['https', 'https', 'http']),
    [`DRONE_${scm}_CLIENT_ID`]: `made-up-client-${index}`,
    [`DRONE_${scm}_CLIENT_SECRET`]: choose.chance(0.6) ? '${SCM_SECRET}' : `made-up-client-secret-${choose.hex(8)}`,
    ...(scm === 'GITHUB' ? {} : { [`DRONE_${scm}_SERVER`]: `https://git-${index}.example.com` }),
    DRONE_RPC_SECRET: rpcSecret(choose, index),
    DRONE_USER_CREATE: choose.chance(0.6) ? 'username:octocat,admin:true' : undefined,
    DRONE_USER_FILTER: choose.chance(0.3) ? 'octo-team' : undefined,
    DRONE_DATABASE_DRIVER: choose.chance(0.3) ? 'postgres' : undefined,
    DRONE_DATABASE_DATASOURCE: choose.chance(0.3)
      ? 'postgres://drone:${DB_PASSWORD}@database:5432/drone?sslmode=disable'
      : undefined,
    DRONE_DATABASE_SECRET: choose.chance(0.2) ? '${DATABASE_SECRET}' : undefined,
    DRONE_LOGS_DEBUG: choose.chance(0.3) ? 'true' : undefined,
    DRONE_LOGS_TRACE: choose.chance(0.1) ? 'true' : undefined,
    DRONE_REGISTRATION_CLOSED: choose.chance(0.2) ? 'true' : undefined,
    DRONE_OPEN: choose.chance(0.1) ? 'true' : undefined,
    DRONE_CONVERT_PLUGIN_ENDPOINT: choose.chance(0.1) ? 'http://convert:3000' : undefined,
    DRONE_TLS_AUTOCERT: choose.chance(0.1) ? 'true' : undefined,
  };
}

const rpcSecret = (choose, index) => (choose.chance(0.5) ? '${RPC_SECRET}' : `made-up-rpc-secret-${index}`);

function settingsOfRunner(choose, index, number) {
  return {
    DRONE_RPC_HOST: choose.pick(['drone', 'drone:80', `drone-${index}.example.com`]),
    DRONE_RPC_PROTO: choose.pick(['http', 'https']),
    DRONE_RPC_SECRET: rpcSecret(choose, index),
    DRONE_RUNNER_CAPACITY: `${1 + choose.below(8)}`,
    DRONE_RUNNER_NAME: `runner-${index}-${number}`,
    DRONE_RUNNER_LABELS: choose.chance(0.3) ? `pool:${choose.pick(['large', 'gpu', 'eu'])}` : undefined,
    DRONE_RUNNER_VOLUMES: choose.chance(0.15) ? socket : undefined,
    DRONE_RUNNER_PRIVILEGED_IMAGES: choose.chance(0.15) ? 'plugins/docker,docker:dind' : undefined,
    DRONE_LIMIT_REPOS: choose.chance(0.2) ? 'octo-team/*' : undefined,
    DRONE_UI_USERNAME: choose.chance(0.15) ? 'admin' : undefined,
    DRONE_UI_PASSWORD: choose.chance(0.15) ? `made-up-${index}` : undefined,
    DRONE_DEBUG: choose.chance(0.2) ? 'true' : undefined,
  };
}

const set = (settings) => Object.entries(settings).filter(([, value]) => value !== undefined);
const envFile = (settings) =>
  set(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
const asList = (settings) => set(settings).map(([name, value]) => `${name}=${value}`);

/** A compose project: the files by their paths. */
export function composeFiles(seed, index) {
  const choose = choices(seed, 'compose', index);
  const files = {};
  /** As a list, a map or an env file beside it, as people have it. */
  const environmentOf = (name, settings) => {
    const way = choose.weighted({ list: 40, map: 30, file: 30 });
    if (way === 'map') return { environment: settings };
    if (way === 'list') return { environment: asList(settings) };
    files[`${name}.env`] = envFile(settings);
    return { env_file: choose.chance(0.5) ? `${name}.env` : [`./${name}.env`] };
  };
  const others = choose.some(Object.keys(neighbours), choose.below(4));
  const runners = Array.from({ length: Number(choose.weighted({ 1: 70, 2: 20, 4: 10 })) }, (_, n) => `runner-${n + 1}`);
  const project = {
    version: choose.chance(0.4) ? '3.8' : undefined,
    services: {
      drone: {
        image: choose.pick(serverImages),
        container_name: choose.chance(0.5) ? 'drone' : undefined,
        ports: choose.chance(0.7)
          ? [`${8000 + (index % 1000)}:80`, '443:443'].slice(0, 1 + choose.below(2))
          : undefined,
        volumes: ['drone:/data', ...(choose.chance(0.2) ? [socket] : [])],
        ...environmentOf('server', settingsOfServer(choose, index)),
        restart: 'always',
        depends_on: others.includes('database') ? ['database'] : undefined,
      },
      ...Object.fromEntries(
        runners.map((name, number) => [
          name,
          {
            image: choose.pick(runnerImages),
            volumes: [socket],
            privileged: choose.chance(0.06) ? true : undefined,
            network_mode: choose.chance(0.06) ? 'host' : undefined,
            ports: choose.chance(0.2) ? [`${3000 + number}:3000`] : undefined,
            ...environmentOf(name, settingsOfRunner(choose, index, number)),
            restart: 'unless-stopped',
            depends_on: ['drone'],
          },
        ]),
      ),
      ...Object.fromEntries(others.map((name) => [name, structuredClone(neighbours[name])])),
    },
    volumes: Object.fromEntries(
      ['drone', ...others.filter((name) => /gitea|database|registry/.test(name))].map((name) => [name, {}]),
    ),
  };
  const name = choose.pick(['docker-compose.yml', 'docker-compose.yml', 'compose.yaml']);
  files[name] = yamlOf(project, styleOf(choose));
  if (choose.chance(0.6)) files['.env'] = envFile(valuesOf(choose));
  return files;
}

function valuesOf(choose) {
  return {
    RPC_SECRET: `made-up-rpc-secret-${choose.hex(16)}`,
    SCM_SECRET: `made-up-client-secret-${choose.hex(8)}`,
    DB_PASSWORD: `made-up-${choose.hex(4)}`,
    DATABASE_SECRET: `made-up-${choose.hex(24)}`,
  };
}

/** Manifests of a server and its runner. */
export function kubernetesFiles(seed, index) {
  const choose = choices(seed, 'kubernetes', index);
  const style = styleOf(choose);
  const namespace = choose.pick(['drone', 'ci', 'build']);
  // What a compose project has in its .env is in a secret of the cluster.
  const variables = (settings) =>
    set(settings).map(([name, value]) =>
      value.startsWith('${')
        ? { name, valueFrom: { secretKeyRef: { name: 'drone', key: value.slice(2, -1) } } }
        : { name, value },
    );
  const workload = (name, image, env, more = {}) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels: { app: name } },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name, image, env, ...more }] } },
    },
  });
  const server = workload('drone', choose.pick(serverImages), variables(settingsOfServer(choose, index)), {
    ports: [{ containerPort: 80 }],
  });
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'drone', namespace },
    spec: {
      type: choose.pick(['ClusterIP', 'LoadBalancer', 'NodePort']),
      selector: { app: 'drone' },
      ports: [{ port: 80 }],
    },
  };
  const runner = workload(
    'drone-runner',
    choose.pick(['drone/drone-runner-kube:latest', 'drone/drone-runner-kube:1.0.0-rc.3']),
    variables({ ...settingsOfRunner(choose, index, 1), DRONE_NAMESPACE_DEFAULT: namespace }),
  );
  const role = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'drone', namespace },
    rules: [
      { apiGroups: [''], resources: ['secrets'], verbs: choose.chance(0.3) ? ['*'] : ['create', 'delete'] },
      {
        apiGroups: [''],
        resources: ['pods', 'pods/log'],
        verbs: ['get', 'create', 'delete', 'list', 'watch', 'update'],
      },
    ],
  };
  const binding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'drone', namespace },
    subjects: [{ kind: 'ServiceAccount', name: 'default', namespace }],
    roleRef: { kind: 'Role', name: 'drone', apiGroup: 'rbac.authorization.k8s.io' },
  };
  const text = (...documents) => documents.map((each) => yamlOf(each, style)).join('---\n');
  return { 'deploy/server.yaml': text(server, service), 'deploy/runner.yaml': text(role, binding, runner) };
}

/** With values in place of the variables that nothing fills in. */
const written = (text, choose) => text.replace(/\$\{[A-Z_]+\}/g, () => `made-up-${choose.hex(16)}`);

/** A unit of systemd that starts a container, with its env file. */
export function unitFiles(seed, index) {
  const choose = choices(seed, 'unit', index);
  const isServer = choose.chance(0.4);
  const name = isServer ? 'drone' : 'drone-runner';
  const options = isServer ? '--publish 80:80 --volume /srv/drone:/data' : `--volume ${socket}`;
  const image = choose.pick(isServer ? serverImages : runnerImages);
  return {
    [`${name}.service`]: `[Unit]
Description=${name}
After=docker.service
Requires=docker.service

[Service]
ExecStart=/usr/bin/docker run --rm --name ${name} ${options} --env-file ${name}.env ${image}
ExecStop=/usr/bin/docker stop ${name}
Restart=always

[Install]
WantedBy=multi-user.target
`,
    [`${name}.env`]: written(
      envFile(isServer ? settingsOfServer(choose, index) : settingsOfRunner(choose, index, 1)),
      choose,
    ),
  };
}

/** A script that somebody ran once. */
export function scriptFiles(seed, index) {
  const choose = choices(seed, 'script', index);
  const settings = set(settingsOfRunner(choose, index, 1)).map(([name, value]) => `  --env ${name}=${value} \\\n`);
  return {
    'start-runner.sh': `#!/bin/sh
set -e
docker pull ${runnerImages[0]}
docker rm --force drone-runner || true
docker run --detach --name drone-runner --restart always \\
  --volume ${socket} \\
${settings.join('')}  ${choose.pick(runnerImages)}
`,
  };
}
