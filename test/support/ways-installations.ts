import type { EdgeId } from '../../src/ways/edge-ids.ts';
import type { Known } from './ways.ts';

/* For each edge an installation that opens it, and one that is a setting away, where it is closed or not there. */

export interface Case {
  /** What decides. */
  readonly what: string;
  readonly files: Readonly<Record<string, string>>;
  readonly api?: readonly Known[];
  /** How it then stands between a position and an asset, one line a pair. */
  readonly told: readonly string[];
}

const indented = (lines: readonly string[]): string => lines.map((line) => `      ${line}\n`).join('');
const under = (key: string, lines: readonly string[] = []): string =>
  lines.length === 0 ? '' : `    ${key}:\n${lines.map((line) => `      - ${line}\n`).join('')}`;

interface Parts {
  readonly image?: string;
  readonly environment?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly networks?: readonly string[];
  readonly command?: readonly string[];
  readonly more?: string;
}

function service(
  name: string,
  { image = '', environment = [], ports, volumes, networks, command, more }: Parts,
): string {
  return [
    `  ${name}:\n    image: ${image}\n    restart: always\n`,
    environment.length === 0 ? '' : `    environment:\n${indented(environment)}`,
    under('ports', ports),
    under('volumes', volumes),
    under('networks', networks),
    under('command', command),
    more ? `    ${more}\n` : '',
  ].join('');
}

const stack = (...services: readonly string[]): string =>
  `services:\n${services.join('')}volumes:\n  drone:\nnetworks:\n  control:\n    name: control\n  default:\n    name: own\n`;

/** A server that only members of an organisation may use; `open` lets everybody in. */
function server(environment: readonly string[] = [], parts: Parts = {}): string {
  return service('drone', {
    image: 'drone/drone:2.28.2',
    ports: ['"443:443"'],
    volumes: ['drone:/data', './certs:/certs:ro'],
    ...parts,
    environment: [
      'DRONE_SERVER_HOST: ci.example.com',
      'DRONE_SERVER_PROTO: https',
      'DRONE_TLS_CERT: /certs/tls.crt',
      'DRONE_TLS_KEY: /certs/tls.key',
      'DRONE_RPC_SECRET: ${DRONE_RPC_SECRET:?}',
      ...(environment.some((line) => line.startsWith('DRONE_COOKIE_SECRET'))
        ? []
        : ['DRONE_COOKIE_SECRET: ${DRONE_COOKIE_SECRET:?}']),
      ...environment,
    ],
  });
}

const github = [
  'DRONE_GITHUB_CLIENT_ID: Iv1.0123456789abcdef',
  'DRONE_GITHUB_CLIENT_SECRET: ${DRONE_GITHUB_CLIENT_SECRET:?}',
];
const key = 'DRONE_DATABASE_SECRET: ${DRONE_DATABASE_SECRET:?}';
const filtered = [...github, key, 'DRONE_USER_FILTER: octocat'];
const open = [...github, key];

const socket = '/var/run/docker.sock:/var/run/docker.sock';

function runner(environment: readonly string[] = [], parts: Parts = {}, name = 'runner'): string {
  return service(name, {
    image: 'drone/drone-runner-docker:1.8.5',
    volumes: [socket],
    ...parts,
    environment: [
      'DRONE_RPC_PROTO: https',
      'DRONE_RPC_HOST: ci.example.com',
      'DRONE_RPC_SECRET: ${DRONE_RPC_SECRET:?}',
      ...environment,
    ],
  });
}

const app = `kind: pipeline
type: docker
name: test

trigger:
  event: [push, pull_request]

steps:
  - name: test
    image: golang:1.23.2
    commands: [go test ./...]
---
kind: pipeline
type: docker
name: publish

trigger:
  event: [push]
  branch: [main]

steps:
  - name: publish
    image: node:22.9.0
    environment:
      NPM_TOKEN:
        from_secret: npm_token
    commands: [npm publish]
`;

const signed = `${app}---
kind: signature
hmac: 0000000000000000000000000000000000000000000000000000000000000000
`;

/** What a server says of the repository. */
function known(facts: Partial<Known> = {}): readonly Known[] {
  return [
    {
      ...{ file: 'app/.drone.yml', slug: 'octocat/app', active: true, visibility: 'public', private: false },
      ...{ trusted: false, protected: false, ignore_forks: false, ignore_pull_requests: false },
      secrets: [{ name: 'npm_token' }],
      ...facts,
    },
  ];
}

/** Steps that run code of the repository on pull requests with a secret, in a signed file. */
const shown = signed.replace(
  '    commands: [go test ./...]',
  '    environment:\n      PREVIEW_TOKEN:\n        from_secret: preview_token\n    commands: [go test ./...]',
);

const pasting = (text: string): string => signed.replace('go test ./...', `'echo "${text}"'`);

const withDaemon = (certificates: string, address: string, command: readonly string[] = []): string =>
  runner([`DOCKER_HOST: ${address}`], { volumes: [] }) +
  service('docker', { image: 'docker:27.3.1-dind', environment: [certificates], more: 'privileged: true', command });

/** A runner and a daemon that have the loopback address in common, since one takes its network from the other. */
const withLoopback = (ofRunner: string, ofDaemon: string): string =>
  runner(['DOCKER_HOST: tcp://localhost:2375'], { volumes: [], more: ofRunner }) +
  service('docker', {
    image: 'docker:27.3.1-dind',
    more: `privileged: true\n    ${ofDaemon}`,
    command: ['dockerd', '--host', 'tcp://localhost:2375'],
  });

/** A pod as the chart of the runner has it, and one where the daemon is in a pod of its own. */
const pod = (isOne: boolean): string => {
  const daemon = `        - name: dind
          image: docker:27.3.1-dind
          args: [dockerd, --host, "tcp://localhost:2375"]
          securityContext: { privileged: true }
`;
  const deployment = (name: string, containers: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: drone }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      containers:
${containers}`;
  const parts = `        - name: runner
          image: drone/drone-runner-docker:1.8.5
          env:
            - { name: DRONE_RPC_PROTO, value: https }
            - { name: DRONE_RPC_HOST, value: ci.example.com }
            - { name: DRONE_RPC_SECRET, valueFrom: { secretKeyRef: { name: drone, key: rpc } } }
            - { name: DOCKER_HOST, value: "tcp://localhost:2375" }
`;
  return isOne
    ? deployment('runner', daemon + parts)
    : `${deployment('runner', parts)}---\n${deployment('other', daemon)}`;
};
const inPod = (isOne: boolean, daemon = 'docker:27.3.1-dind'): Readonly<Record<string, string>> => ({
  'server/compose.yml': stack(server(filtered)),
  'cluster/runner.yml': pod(isOne).replace('docker:27.3.1-dind', daemon),
  'app/.drone.yml': app,
});

/** Server, database and runner on one machine. */
function joined(environment: readonly string[], password: string, ports: readonly string[] = []) {
  return {
    'compose.yml': stack(
      server(
        [
          ...filtered,
          'DRONE_DATABASE_DRIVER: postgres',
          `DRONE_DATABASE_DATASOURCE: "postgres://postgres:${password}@database:5432/drone?sslmode=disable"`,
        ],
        { networks: ['control'] },
      ),
      service('database', {
        image: 'postgres:17.0',
        environment: [`POSTGRES_PASSWORD: ${password}`],
        networks: ['control'],
        ports,
      }),
      runner(environment),
    ),
    'app/.drone.yml': app,
  };
}

const farEngine = ['DOCKER_HOST: tcp://builder.example.com:2376', 'DOCKER_TLS_VERIFY: "1"', 'DOCKER_CERT_PATH: /certs'];

const gitlab = [
  ...['DRONE_GITLAB_CLIENT_ID: a', 'DRONE_GITLAB_CLIENT_SECRET: ${GITLAB_SECRET:?}'],
  ...[key, 'DRONE_USER_FILTER: octocat'],
];

/** A server that is spoken to over plain http. */
const plainServer = (environment: readonly string[]): string =>
  server(environment, { ports: ['"80:80"'] })
    .replace('DRONE_SERVER_PROTO: https', 'DRONE_SERVER_PROTO: http')
    .replace(/ {6}DRONE_TLS_\w+: .*\n/g, '');

/** A pipeline that saves a cache, and one with a secret that restores it. */
const caching = (event: string, cacheKey = 'modules'): string =>
  app
    .replace(
      'steps:\n',
      `steps:
  - name: save
    image: meltwater/drone-cache:1.4.0
    environment:
      AWS_SECRET_ACCESS_KEY: { from_secret: cache_key }
    settings: { rebuild: true, cache_key: ${cacheKey}, bucket: cache, mount: [modules] }
    when: { event: [${event}] }
`,
    )
    .replace(
      '  - name: publish\n',
      `  - name: restore
    image: meltwater/drone-cache:1.4.0
    environment:
      AWS_SECRET_ACCESS_KEY: { from_secret: cache_key }
    settings: { restore: true, cache_key: modules, bucket: cache, mount: [modules] }
  - name: publish
`,
    );
const cacheSecrets = (isReleased: boolean) => ({
  secrets: [{ name: 'npm_token' }, { name: 'cache_key', pull_request: isReleased }],
});

/** A step that has a secret after one that runs code of the repository. */
const working = (secretToo: boolean): string =>
  signed.replace(
    'commands: [go test ./...]\n---',
    `commands: [go test ./...]
  - name: preview
    image: octocat/preview:1.0.0
    settings:
      ${secretToo ? 'token: { from_secret: preview_token }' : 'level: 1'}
---`,
  );

/** A runner for pull requests alone, whose engine is on another machine. */
const apart = (environment: readonly string[] = []): string =>
  runner([...farEngine, 'DRONE_LIMIT_EVENTS: pull_request', ...environment], { volumes: [] });

const rpcOf = (value: string): string => server(filtered).replace('${DRONE_RPC_SECRET:?}', value);
/** The RPC secret that the documentation prints. */
const weakServer = rpcOf('super-duper-secret');

const vaulted = ['DRONE_SECRET_PLUGIN_ENDPOINT: http://vault:3000', 'DRONE_SECRET_PLUGIN_TOKEN: ${EXTENSION_SECRET:?}'];
const vault = (...environment: readonly string[]): string =>
  service('vault', {
    image: 'drone/vault:1.3.1',
    environment: ['DRONE_SECRET: ${EXTENSION_SECRET:?}', 'VAULT_ADDR: https://vault.example.com:8200', ...environment],
  });

/** The same with a token of the documentation, and a port. */
const published = vault()
  .replace('${EXTENSION_SECRET:?}', 'bea26a2221fd8090ea38720fc445eca6')
  .replace('    restart: always\n', '    restart: always\n    ports: ["3000:3000"]\n');

const external = `${app}---
kind: secret
name: npm_token
get: { path: secret/app, name: npm_token }
`;

const encrypted = `${app}---
kind: secret
name: npm_token
data: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
`;

/** A runner that is a program of its machine. */
const onMachine = (unit: string): Readonly<Record<string, string>> => ({
  'server/compose.yml': stack(server(filtered)),
  'runner/runner.service': `[Unit]
Description=Drone runner

[Service]
ExecStart=/usr/local/bin/drone-runner-exec daemon
Environment=DRONE_RPC_PROTO=https
Environment=DRONE_RPC_HOST=ci.example.com
Environment=DRONE_RPC_SECRET=%I
${unit}`,
  'app/.drone.yml': app.replaceAll('type: docker', 'type: exec'),
});

const binding = `---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: drone, namespace: default }
rules:
  - { apiGroups: [""], resources: [pods, secrets], verbs: [get, create, delete] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: drone, namespace: default }
subjects:
  - { kind: ServiceAccount, name: default, namespace: default }
roleRef: { kind: Role, name: drone, apiGroup: rbac.authorization.k8s.io }
`;

/** A runner of Kubernetes as the documentation of Drone has it. */
const cluster = (environment: string, rights = binding): Readonly<Record<string, string>> => ({
  'server/compose.yml': stack(server(filtered)),
  'cluster/runner.yml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: drone-runner, namespace: default }
spec:
  selector: { matchLabels: { app: drone-runner } }
  template:
    metadata: { labels: { app: drone-runner } }
    spec:
      containers:
        - name: drone-runner
          image: drone/drone-runner-kube:1.0.0-rc.3
          env:
            - { name: DRONE_RPC_PROTO, value: https }
            - { name: DRONE_RPC_HOST, value: ci.example.com }
            - { name: DRONE_RPC_SECRET, valueFrom: { secretKeyRef: { name: drone, key: rpc } } }
${environment}${rights}`,
  'app/.drone.yml': app.replaceAll('type: docker', 'type: kubernetes'),
});

const signedCluster = (environment = ''): Readonly<Record<string, string>> => ({
  ...cluster(environment),
  'app/.drone.yml': signed.replaceAll('type: docker', 'type: kubernetes'),
});

/** A runner with a policy of this text, from a ConfigMap. */
const ruled = (policy: string, rights = binding): Readonly<Record<string, string>> => {
  const all = cluster('            - { name: DRONE_POLICY_FILE, value: /etc/drone/policy.yml }\n', '');
  return {
    ...all,
    'cluster/runner.yml': `${all['cluster/runner.yml']}          volumeMounts: [{ name: policy, mountPath: /etc/drone }]
      volumes: [{ name: policy, configMap: { name: policy } }]
${rights}---
apiVersion: v1
kind: ConfigMap
metadata: { name: policy, namespace: default }
data:
  policy.yml: |
${policy.replace(/^/gm, '    ')}
`,
  };
};
const pinned = 'kind: policy\nname: default\nmetadata: { namespace: builds }\nservice_account: builds';

const namespaceOf = (name: string, level: string): string => `apiVersion: v1
kind: Namespace
metadata:
  name: ${name}
  labels: { pod-security.kubernetes.io/enforce: ${level} }
`;

interface Change {
  readonly server?: string;
  readonly runner?: string;
  readonly app?: string | undefined;
  readonly more?: Readonly<Record<string, string>>;
}

/** Server and runner on machines of their own, and one repository. */
function files(change: Change = {}): Readonly<Record<string, string>> {
  return {
    'server/compose.yml': stack(change.server ?? server(filtered)),
    'runner/compose.yml': stack(change.runner ?? runner()),
    'app/.drone.yml': change.app ?? app,
    ...change.more,
  };
}

const toHost = 'auto-plugin > privileged-host';

/** A secret extension whose token, of the documentation, both ends have. */
export const publishedExtension = files({
  app: external,
  runner: (runner(vaulted) + published).replace('${EXTENSION_SECRET:?}', 'bea26a2221fd8090ea38720fc445eca6'),
});

export const cases: Partial<
  Readonly<Record<EdgeId, { readonly open?: readonly Case[]; readonly closed?: readonly Case[] }>>
> = {
  register: {
    open: [
      {
        what: 'a public SCM and no filter',
        files: files({ server: server(open) }),
        told: [`scm-account host:runner: seen register > own-repository > ${toHost}`],
      },
      {
        what: 'an SCM of its own',
        files: files({
          server: server([key, 'DRONE_GITEA_SERVER: https://git.example.com', 'DRONE_GITEA_CLIENT_ID: a']),
        }),
        told: [`scm-account host:runner: assumed register > own-repository > ${toHost}`],
      },
    ],
    closed: [
      {
        what: 'DRONE_REGISTRATION_CLOSED',
        files: files({ server: server([...open, 'DRONE_REGISTRATION_CLOSED: "true"']) }),
        told: ['scm-account host:runner: closed by register: DRONE_REGISTRATION_CLOSED'],
      },
      {
        what: 'DRONE_USER_FILTER',
        files: files(),
        told: ['scm-account host:runner: closed by register: DRONE_USER_FILTER'],
      },
      {
        what: 'an admission extension decides',
        files: files({
          server: server([
            ...open,
            'DRONE_ADMISSION_PLUGIN_ENDPOINT: https://admission.example.com',
            'DRONE_ADMISSION_PLUGIN_SECRET: ${ADMISSION_SECRET:?}',
          ]),
        }),
        told: [`scm-account host:runner: not known register > own-repository > ${toHost}`],
      },
    ],
  },
  'own-repository': {
    open: [
      {
        what: 'no DRONE_REPOSITORY_FILTER',
        files: files({ server: server(open) }),
        told: [`scm-account host:runner: seen register > own-repository > ${toHost}`],
      },
      {
        what: 'DRONE_LIMIT_TRUSTED where every repository is trusted',
        files: files({
          server: server([...open, 'DRONE_REPOSITORY_TRUSTED: "true"']),
          runner: runner(['DRONE_LIMIT_TRUSTED: "true"']),
        }),
        told: [`scm-account host:runner: seen register > own-repository > ${toHost}`],
      },
    ],
    closed: [
      {
        what: 'DRONE_REPOSITORY_FILTER',
        files: files({ server: server([...open, 'DRONE_REPOSITORY_FILTER: octocat']) }),
        told: ['scm-account host:runner: closed by own-repository: DRONE_REPOSITORY_FILTER'],
      },
      {
        what: 'DRONE_LIMIT_REPOS',
        files: files({ server: server(open), runner: runner(['DRONE_LIMIT_REPOS: octocat/*']) }),
        told: ['scm-account host:runner: closed by own-repository: DRONE_LIMIT_REPOS of the only runner'],
      },
      {
        what: 'DRONE_LIMIT_TRUSTED',
        files: files({ server: server(open), runner: runner(['DRONE_LIMIT_TRUSTED: "true"']) }),
        told: ['scm-account host:runner: closed by own-repository: DRONE_LIMIT_TRUSTED, the repository is not trusted'],
      },
    ],
  },
  'fork-build': {
    open: [
      {
        what: 'the defaults of Drone',
        files: files(),
        told: [`fork-author host:runner: assumed fork-build > own-file > ${toHost}`],
      },
      {
        what: 'as the server says',
        files: files(),
        api: known(),
        told: [`fork-author host:runner: seen fork-build > own-file > ${toHost}`],
      },
    ],
    closed: [
      {
        what: 'ignore_forks',
        files: files(),
        api: known({ ignore_forks: true }),
        told: ['fork-author host:runner: closed by fork-build: ignore_forks'],
      },
      {
        what: 'ignore_pull_requests',
        files: files(),
        api: known({ ignore_pull_requests: true }),
        told: ['fork-author host:runner: closed by fork-build: ignore_pull_requests'],
      },
      {
        what: 'a repository that is not active',
        files: files(),
        api: known({ active: false }),
        told: ['fork-author host:runner: closed by fork-build: the repository is not active'],
      },
      {
        what: 'Bitbucket Cloud',
        files: files({
          server: server([key, 'DRONE_BITBUCKET_CLIENT_ID: a', 'DRONE_BITBUCKET_CLIENT_SECRET: ${SECRET:?}']),
        }),
        told: [
          'fork-author host:runner: closed by fork-build: Bitbucket Cloud, whose pull requests Drone does not build',
        ],
      },
      {
        what: 'DRONE_LIMIT_EVENTS',
        files: files({ runner: runner(['DRONE_LIMIT_EVENTS: push,tag']) }),
        told: ['fork-author host:runner: closed by fork-build: DRONE_LIMIT_EVENTS of the only runner'],
      },
      {
        what: 'DRONE_LIMIT_EVENTS, whose items are not trimmed',
        files: files({ runner: runner(['DRONE_LIMIT_EVENTS: push, pull_request']) }),
        told: ['fork-author host:runner: closed by fork-build: DRONE_LIMIT_EVENTS of the only runner'],
      },
    ],
  },
  'own-file': {
    open: [
      {
        what: 'a repository that is not protected',
        files: files(),
        api: known(),
        told: [`fork-author host:runner: seen fork-build > own-file > ${toHost}`],
      },
    ],
    closed: [
      {
        what: 'protected, with a signature',
        files: files({ app: signed }),
        api: known({ protected: true }),
        told: [
          `fork-author host:runner: if approve fork-build > approve > own-file > ${toHost}; if promote fork-build > promote-pull-request > ${toHost}`,
        ],
      },
      {
        what: 'Gogs',
        files: files({ server: server([key, 'DRONE_GOGS_SERVER: https://git.example.com']) }),
        told: ['fork-author host:runner: closed by own-file: Gogs, where the file of the branch "master" is read'],
      },
      {
        what: 'an extension chooses the file',
        files: files({
          server: server([...filtered, 'DRONE_YAML_ENDPOINT: https://config.example.com', 'DRONE_YAML_SECRET: ${S:?}']),
        }),
        told: [`fork-author host:runner: not known fork-build > own-file > ${toHost}`],
      },
    ],
  },
  'repo-code': {
    open: [
      {
        what: 'an unchanged signed file runs code of the repository',
        files: files({ app: shown }),
        api: known({ protected: true, secrets: [{ name: 'preview_token', pull_request: true }] }),
        told: ['fork-author secret:app/preview_token: seen fork-build > repo-code > flagged-secret'],
      },
    ],
    closed: [
      {
        what: 'no signature, so that nothing runs',
        files: files({ app: shown.split('---\nkind: signature')[0] }),
        api: known({ protected: true, secrets: [{ name: 'preview_token', pull_request: true }] }),
        told: [
          'fork-author secret:app/preview_token: if approve fork-build > approve > own-file > flagged-secret; if promote fork-build > promote-pull-request',
        ],
      },
    ],
  },
  'pasted-text': {
    open: [
      {
        what: 'the title of a pull request in a signed file',
        files: files({ app: pasting('${DRONE_COMMIT_MESSAGE}') }),
        api: known({ protected: true }),
        told: [`fork-author host:runner: seen fork-build > pasted-text > ${toHost}`],
      },
    ],
    closed: [
      {
        what: 'the number of a build',
        files: files({ app: pasting('${DRONE_BUILD_NUMBER}') }),
        api: known({ protected: true }),
        told: [
          `fork-author host:runner: if approve fork-build > approve > own-file > ${toHost}; if promote fork-build > promote-pull-request > ${toHost}`,
        ],
      },
    ],
  },
  'any-runner': {
    open: [
      {
        what: 'labels',
        files: files({ runner: runner(['DRONE_RUNNER_LABELS: pool:release']) }),
        told: [`fork-author host:runner: assumed fork-build > own-file > any-runner > ${toHost}`],
      },
    ],
    closed: [
      {
        what: 'labels, and a limit',
        files: files({ runner: runner(['DRONE_RUNNER_LABELS: pool:release', 'DRONE_LIMIT_EVENTS: push']) }),
        told: ['fork-author host:runner: closed by any-runner: DRONE_LIMIT_EVENTS of the only runner'],
      },
    ],
  },
  'writer-build': {
    open: [
      {
        what: 'protected stops no writer',
        files: files({ app: signed }),
        api: known({ protected: true }),
        told: ['writer secret:app/npm_token: by design, seen writer-build'],
      },
    ],
    closed: [
      {
        what: 'a runner that takes other events alone',
        files: files({ runner: runner(['DRONE_LIMIT_EVENTS: pull_request']) }),
        api: known(),
        told: ['writer host:runner: closed by writer-build: DRONE_LIMIT_EVENTS of the only runner'],
      },
    ],
  },
  'promote-pull-request': {
    open: [
      {
        what: 'even a blocked build',
        files: files({ app: signed }),
        api: known({ protected: true }),
        told: [
          'fork-author secret:app/npm_token: if approve fork-build > approve > own-file > auto-plugin > privileged-host > engine-rpc > rpc-all; if promote fork-build > promote-pull-request',
        ],
      },
    ],
    closed: [
      {
        what: 'no pull request of a fork is built',
        files: files({ app: signed }),
        api: known({ protected: true, ignore_forks: true }),
        told: ['fork-author secret:app/npm_token: closed by fork-build: ignore_forks'],
      },
    ],
  },
  approve: {
    open: [
      {
        what: 'protected',
        files: files({ app: signed, runner: runner(['DRONE_LIMIT_EVENTS: pull_request']) }),
        api: known({ protected: true }),
        told: [`fork-author host:runner: if approve fork-build > approve > own-file > ${toHost}`],
      },
    ],
    closed: [
      {
        what: 'nothing waits for approval',
        files: files({ runner: runner(['DRONE_LIMIT_EVENTS: push']) }),
        api: known(),
        told: ['fork-author host:runner: closed by fork-build: DRONE_LIMIT_EVENTS of the only runner'],
      },
    ],
  },
  'debug-shell': {
    open: [
      {
        what: 'DRONE_TMATE_ENABLED',
        files: files({ runner: runner(['DRONE_TMATE_ENABLED: "true"']) }),
        told: ['log-reader secret:app/npm_token: if restart with debug debug-shell'],
      },
      {
        what: 'keys that the public relay is not told',
        files: files({
          runner: runner(['DRONE_TMATE_ENABLED: "true"', 'DRONE_TMATE_AUTHORIZED_KEYS: ssh-ed25519 AAAA']),
        }),
        told: ['log-reader secret:app/npm_token: if restart with debug debug-shell'],
      },
      {
        what: 'the relay of tmate, by its name',
        files: files({ runner: runner(['DRONE_TMATE_ENABLED: "true"', 'DRONE_TMATE_HOST: ssh.tmate.io']) }),
        told: ['log-reader secret:app/npm_token: if restart with debug debug-shell'],
      },
    ],
    closed: [
      { what: 'the default', files: files(), told: ['log-reader secret:app/npm_token: nothing'] },
      {
        what: 'a relay of its own',
        files: files({ runner: runner(['DRONE_TMATE_ENABLED: "true"', 'DRONE_TMATE_HOST: tmate.example.com']) }),
        told: ['log-reader secret:app/npm_token: closed by debug-shell: DRONE_TMATE_HOST'],
      },
      {
        what: 'a relay of its own, and keys',
        files: files({
          runner: runner([
            'DRONE_TMATE_ENABLED: "true"',
            'DRONE_TMATE_HOST: tmate.example.com',
            'DRONE_TMATE_AUTHORIZED_KEYS: ssh-ed25519 AAAA',
          ]),
        }),
        told: ['log-reader secret:app/npm_token: closed by debug-shell: DRONE_TMATE_HOST'],
      },
    ],
  },
  'claim-admin': {
    open: [
      {
        what: 'an administrator who never signed in',
        files: {
          ...files({ server: server([...filtered, 'DRONE_USER_CREATE: username:octocat,admin:true']) }),
          'https://ci.example.com/api/users': JSON.stringify([
            {
              id: 1,
              login: 'octocat',
              email: '',
              admin: true,
              active: true,
              machine: false,
              created: 1,
              last_login: 0,
            },
          ]),
        },
        told: ['scm-account secret:app/npm_token: assumed claim-admin > admin-all'],
      },
    ],
    closed: [
      {
        what: 'nobody asked the server whether they signed in',
        files: files({ server: server([...filtered, 'DRONE_USER_CREATE: username:octocat,admin:true']) }),
        told: ['scm-account secret:app/npm_token: not known claim-admin > admin-all'],
      },
      {
        what: 'a machine',
        files: files({ server: server([...filtered, 'DRONE_USER_CREATE: username:octocat,machine:true,admin:true']) }),
        told: ['scm-account secret:app/npm_token: closed by register: DRONE_USER_FILTER'],
      },
      {
        what: 'the SCM is not public',
        files: files({
          server: server([
            key,
            'DRONE_GITEA_SERVER: https://git.example.com',
            'DRONE_GITEA_CLIENT_ID: a',
            'DRONE_REGISTRATION_CLOSED: "true"',
            'DRONE_USER_CREATE: username:octocat,admin:true',
          ]),
        }),
        told: ['scm-account secret:app/npm_token: closed by register: DRONE_REGISTRATION_CLOSED'],
      },
    ],
  },
  'auto-plugin': {
    open: [
      {
        what: 'a runner of Docker',
        files: files(),
        told: [`fork-author host:runner: assumed fork-build > own-file > ${toHost}`],
      },
    ],
    closed: [
      {
        what: 'Windows',
        files: files({ runner: runner(['DRONE_PLATFORM_OS: windows']) }),
        api: known(),
        told: ['fork-author host:runner: closed by auto-plugin: Windows, where nothing is privileged'],
      },
      {
        what: 'an image for Windows',
        files: files({ runner: runner([], { image: 'drone/drone-runner-docker:1.8.3-windows-1809-amd64' }) }),
        api: known(),
        told: ['fork-author host:runner: closed by auto-plugin: Windows, where nothing is privileged'],
      },
      {
        what: 'the pipe of an engine of Windows',
        files: files({
          runner: runner([], { volumes: ['//./pipe/docker_engine://./pipe/docker_engine'] }),
        }),
        api: known(),
        told: ['fork-author host:runner: closed by auto-plugin: Windows, where nothing is privileged'],
      },
    ],
  },
  'trusted-file': {
    open: [
      {
        what: 'a trusted repository on Windows, whose folders it mounts',
        files: files({ runner: runner(['DRONE_PLATFORM_OS: windows']) }),
        api: known({ trusted: true }),
        told: ['fork-author host:runner: seen fork-build > own-file > trusted-file'],
      },
      {
        what: 'a server trusts new repositories, and was not asked of this one',
        files: files({
          server: server([...filtered, 'DRONE_REPOSITORY_TRUSTED: "true"']),
          runner: runner(['DRONE_PLATFORM_OS: windows']),
        }),
        told: ['fork-author host:runner: assumed fork-build > own-file > trusted-file'],
      },
      {
        what: 'a server trusts new repositories, and a stranger brings one',
        files: files({
          server: server([...open, 'DRONE_REPOSITORY_TRUSTED: "true"']),
          runner: runner(['DRONE_PLATFORM_OS: windows']),
        }),
        api: known(),
        told: [
          'scm-account host:runner: assumed register > own-repository > trusted-file',
          'fork-author host:runner: closed by auto-plugin: Windows, where nothing is privileged',
        ],
      },
      {
        what: 'a signed file that asks for privilege itself',
        files: files({ app: signed.replace('    commands: [go', '    privileged: true\n    commands: [go') }),
        api: known({ protected: true, trusted: true }),
        told: ['fork-author host:runner: seen fork-build > repo-code > trusted-file > privileged-host'],
      },
    ],
    closed: [
      {
        what: 'not trusted',
        files: files({ app: signed.replace('    commands: [go', '    privileged: true\n    commands: [go') }),
        api: known({ protected: true }),
        told: [
          `fork-author host:runner: if approve fork-build > approve > own-file > ${toHost}; if promote fork-build > promote-pull-request > ${toHost}`,
        ],
      },
    ],
  },
  'privileged-host': {
    open: [
      {
        what: 'an engine with root',
        files: files(),
        told: [`fork-author host:runner: assumed fork-build > own-file > ${toHost}`],
      },
    ],
    closed: [
      {
        what: 'an engine without root',
        files: files({ runner: runner([], { volumes: ['/run/user/1000/docker.sock:/var/run/docker.sock'] }) }),
        told: [
          'fork-author host:runner: closed by privileged-host: the engine of runner has no root',
          `fork-author engine:runner: assumed fork-build > own-file > ${toHost}`,
        ],
      },
      {
        what: 'a daemon in a container that keeps its root off the machine',
        files: files({
          runner: `${runner(['DOCKER_HOST: tcp://docker:2376'], { volumes: [] })}${service('docker', {
            image: 'docker:27.3.1-dind',
            more: 'privileged: true\n    runtime: sysbox-runc',
          })}`,
        }),
        told: [
          'fork-author host:runner: closed by privileged-host: service "docker" runs under "sysbox-runc"',
          `fork-author engine:runner: assumed fork-build > own-file > ${toHost}`,
        ],
      },
    ],
  },
  'runner-socket': {
    open: [
      {
        what: 'the socket in DRONE_RUNNER_VOLUMES',
        files: files({ runner: runner(['DRONE_RUNNER_VOLUMES: /var/run/docker.sock:/var/run/docker.sock']) }),
        told: ['fork-author host:runner: assumed fork-build > runner-socket > engine-host'],
      },
    ],
    closed: [
      {
        what: 'another file',
        files: files({ runner: runner(['DRONE_RUNNER_VOLUMES: /etc/localtime:/etc/localtime']) }),
        told: [`fork-author engine:runner: assumed fork-build > own-file > ${toHost}`],
      },
    ],
  },
  'engine-host': {
    open: [
      {
        what: 'an engine with root',
        files: files({ runner: runner(['DRONE_RUNNER_VOLUMES: /var/run/docker.sock:/var/run/docker.sock']) }),
        told: ['fork-author host:runner: assumed fork-build > runner-socket > engine-host'],
      },
    ],
    closed: [
      {
        what: 'an engine without root',
        files: files({
          runner: runner(['DRONE_RUNNER_VOLUMES: /run/user/1000/docker.sock:/var/run/docker.sock'], {
            volumes: ['/run/user/1000/docker.sock:/var/run/docker.sock'],
          }),
        }),
        told: [
          'fork-author host:runner: closed by privileged-host: the engine of runner has no root',
          'fork-author engine:runner: assumed fork-build > runner-socket',
        ],
      },
    ],
  },
  'runner-path': {
    open: [
      {
        what: 'a folder of the system',
        files: files({ runner: runner(['DRONE_RUNNER_VOLUMES: /etc:/host/etc']) }),
        told: ['fork-author host:runner: assumed fork-build > runner-path'],
      },
      {
        what: 'the data of the server on the same machine',
        files: {
          'compose.yml': stack(
            server(filtered, { volumes: ['/srv/drone:/data'] }),
            runner(['DRONE_RUNNER_VOLUMES: /srv/drone:/drone']),
          ),
          'app/.drone.yml': app,
        },
        told: ['fork-author database: assumed fork-build > runner-path'],
      },
    ],
    closed: [
      {
        what: 'a folder of certificates',
        files: files({ runner: runner(['DRONE_RUNNER_VOLUMES: /etc/ssl/certs:/etc/ssl/certs']) }),
        told: [`fork-author host:runner: assumed fork-build > own-file > ${toHost}`],
      },
      {
        what: 'an engine without root',
        files: files({
          runner: runner(['DRONE_RUNNER_VOLUMES: /etc:/host/etc'], {
            volumes: ['/run/user/1000/docker.sock:/var/run/docker.sock'],
          }),
          app: signed,
        }),
        api: known({ protected: true }),
        told: ['fork-author host:runner: closed by runner-path: the engine of runner has no root'],
      },
    ],
  },
  'open-engine': {
    open: [
      {
        what: 'a daemon in a container without TLS',
        files: files({ runner: withDaemon('DOCKER_TLS_CERTDIR: ""', 'tcp://docker:2375') }),
        told: ['fork-author engine:runner: assumed fork-build > open-engine'],
      },
      {
        what: 'a daemon of another machine without TLS',
        files: files({ runner: runner(['DOCKER_HOST: tcp://builder.example.com:2375'], { volumes: [] }) }),
        told: [
          'fork-author engine:runner: assumed fork-build > open-engine',
          'neighbour engine:runner: assumed open-engine',
        ],
      },
    ],
    closed: [
      {
        what: 'TLS with certificates of clients',
        files: files({ runner: withDaemon('DOCKER_TLS_CERTDIR: /certs', 'tcp://docker:2376') }),
        told: [`fork-author engine:runner: assumed fork-build > own-file > ${toHost}`],
      },
      {
        what: 'a daemon that listens to its own machine alone',
        files: files({
          runner: withDaemon('DOCKER_TLS_CERTDIR: ""', 'tcp://localhost:2375', [
            'dockerd',
            '--host=tcp://127.0.0.1:2375',
          ]),
        }),
        told: [`fork-author engine:runner: assumed fork-build > own-file > ${toHost}`],
      },
    ],
  },
  'joined-network': {
    open: [
      {
        what: 'the network of a database with its default password',
        files: joined(['DRONE_RUNNER_NETWORKS: control'], 'postgres'),
        told: ['fork-author database: assumed fork-build > joined-network > default-password'],
      },
    ],
    closed: [
      {
        what: 'a network of its own',
        files: joined([], 'postgres'),
        told: ['fork-author database: assumed fork-build > own-file > auto-plugin > privileged-host > engine-server'],
      },
    ],
  },
  'default-password': {
    open: [
      {
        what: 'a database that is published',
        files: joined([], 'postgres', ['"5432:5432"']),
        told: ['network database: seen default-password'],
      },
    ],
    closed: [
      {
        what: 'a password that nobody guesses',
        files: joined([], '${POSTGRES_PASSWORD:?}', ['"5432:5432"']),
        told: ['network database: closed by weak-rpc: no known value of DRONE_RPC_SECRET was seen'],
      },
      {
        what: 'a database that is reached from nowhere',
        files: joined([], 'postgres'),
        told: [
          'network database: closed by weak-rpc: no known value of DRONE_RPC_SECRET was seen',
          'neighbour database: nothing',
        ],
      },
    ],
  },
  'exec-build': {
    open: [
      {
        what: 'a unit without a user',
        files: onMachine(''),
        told: ['fork-author host:runner: assumed fork-build > exec-build'],
      },
    ],
    closed: [
      {
        what: 'a user without rights',
        files: onMachine('User=octocat\n'),
        told: ['fork-author host:runner: closed by exec-build: the runner is not root'],
      },
    ],
  },
  'exec-rpc': {
    open: [
      {
        what: 'the settings are those of the user that builds',
        files: onMachine('User=octocat\n'),
        told: ['fork-author rpc-secret: assumed fork-build > exec-build > exec-rpc'],
      },
    ],
    closed: [
      {
        what: 'a runner that takes no pull requests',
        files: onMachine('User=octocat\nEnvironment=DRONE_LIMIT_EVENTS=push\n'),
        told: ['fork-author rpc-secret: closed by fork-build: DRONE_LIMIT_EVENTS of the only runner'],
      },
    ],
  },
  'pod-account': {
    open: [
      {
        what: "Drone's own sample",
        files: cluster(''),
        told: ['fork-author cluster:default: assumed fork-build > pod-account > account-cluster'],
      },
      {
        what: 'code of the repository has the token of its own pod',
        files: signedCluster(),
        api: known({ protected: true }),
        told: ['fork-author cluster:default: seen fork-build > pod-account > account-cluster'],
      },
      ...[
        'kind: policy\nname: default\nservice_account: builds',
        'kind: policy\nname: default\nmetadata: { namespace: builds }',
      ].map((policy) => ({
        what: `a policy that does not fix all: ${policy.split('\n').slice(2).join(', ')}`,
        files: ruled(policy),
        told: ['fork-author cluster:default: assumed fork-build > own-file > pod-account > account-cluster'],
      })),
      {
        what: 'a policy for other repositories',
        files: ruled(pinned.replace('name: default', 'name: one\nmatch: { repo: [octocat/other] }')),
        told: ['fork-author cluster:default: assumed fork-build > pod-account > account-cluster'],
      },
      {
        what: 'a policy that fixes the account with the rights',
        files: ruled(
          pinned.replace('account: builds', 'account: default').replace('namespace: builds', 'namespace: default'),
        ),
        told: ['fork-author cluster:default: assumed fork-build > pod-account > account-cluster'],
      },
    ],
    closed: [
      {
        what: 'a policy that fixes account and namespace',
        files: ruled(pinned),
        told: [
          'fork-author cluster:default: closed by pod-account: the policy of drone-runner fixes service account and namespace',
        ],
      },
      {
        what: 'another account and a fixed file',
        files: signedCluster('            - { name: DRONE_SERVICE_ACCOUNT_DEFAULT, value: builds }\n'),
        api: known({ protected: true }),
        told: [
          'fork-author cluster:default: if approve fork-build > approve > own-file > pod-account > account-cluster; if promote fork-build > promote-pull-request > pod-account > account-cluster',
        ],
      },
      {
        what: 'a policy, which was not read',
        files: cluster('            - { name: DRONE_POLICY_FILE, value: /etc/drone/policy.yml }\n'),
        told: ['fork-author cluster:default: not known fork-build > pod-account > account-cluster'],
      },
      {
        what: 'a rule for the namespace of the runner',
        files: cluster(
          '            - { name: DRONE_NAMESPACE_DEFAULT, value: builds }\n            - { name: DRONE_NAMESPACE_RULES, value: "default:none/none" }\n',
        ),
        told: ['fork-author cluster:default: closed by pod-account: DRONE_NAMESPACE_RULES'],
      },
    ],
  },
  'account-cluster': {
    open: [
      {
        what: 'the account of builds may make pods beside the runner',
        files: cluster(''),
        told: ['fork-author rpc-secret: assumed fork-build > pod-account > account-cluster'],
      },
      {
        what: 'who makes pods in a namespace has the node',
        files: {
          ...cluster('            - { name: DRONE_NAMESPACE_DEFAULT, value: builds }\n'),
          'cluster/namespace.yml': namespaceOf('builds', 'baseline'),
        },
        told: ['fork-author host:drone-runner: assumed fork-build > own-file > auto-plugin > pod-node'],
      },
    ],
    closed: [
      {
        what: 'no binding was seen',
        files: cluster('', ''),
        told: ['fork-author cluster:default: not known fork-build > pod-account > account-cluster'],
      },
    ],
  },
  'pod-node': {
    open: [
      {
        what: 'pods that are privileged',
        files: cluster('', ''),
        told: ['fork-author host:drone-runner: assumed fork-build > own-file > auto-plugin > pod-node'],
      },
      {
        what: 'labels of another namespace, and of a level that demands nothing',
        files: {
          ...cluster('', ''),
          'cluster/namespace.yml': `${namespaceOf('other', 'restricted')}---\n${namespaceOf('default', 'privileged')}`,
        },
        told: ['fork-author host:drone-runner: assumed fork-build > own-file > auto-plugin > pod-node'],
      },
      {
        what: 'a label of the namespace of builds, where the author may choose another',
        files: { ...cluster('', ''), 'cluster/namespace.yml': namespaceOf('default', 'baseline') },
        told: ['fork-author host:drone-runner: assumed fork-build > own-file > auto-plugin > pod-node'],
      },
    ],
    closed: [
      {
        what: 'the label of the namespace of the policy',
        files: { ...ruled(pinned), 'cluster/namespace.yml': namespaceOf('builds', 'baseline') },
        told: [
          'fork-author host:drone-runner: closed by pod-node: pod-security.kubernetes.io/enforce of namespace "builds"',
        ],
      },
      ...['baseline', 'restricted'].map((level) => ({
        what: `a namespace that enforces ${level}`,
        files: { ...cluster(''), 'cluster/namespace.yml': namespaceOf('default', level) },
        told: [
          'fork-author host:drone-runner: closed by pod-node: pod-security.kubernetes.io/enforce of namespace "default"',
        ],
      })),
    ],
  },
  'engine-rpc': {
    open: [
      {
        what: 'the runner is on the engine that builds',
        files: files(),
        told: ['fork-author rpc-secret: assumed fork-build > own-file > auto-plugin > privileged-host > engine-rpc'],
      },
      {
        what: 'the privileged daemon is in the pod of the runner',
        files: inPod(true),
        api: known(),
        told: [
          `fork-author host:runner: seen fork-build > own-file > ${toHost}`,
          `fork-author rpc-secret: seen fork-build > own-file > ${toHost} > engine-rpc`,
        ],
      },
      {
        what: 'the daemon is in another pod than the runner, so that it is not known which one answers',
        files: inPod(false),
        api: known(),
        told: [
          `fork-author host:runner: assumed fork-build > own-file > ${toHost}`,
          `fork-author rpc-secret: assumed fork-build > own-file > ${toHost} > engine-rpc`,
        ],
      },
      {
        what: 'the runner is on the network of the daemon',
        files: files({ runner: withLoopback('network_mode: service:docker', 'init: true') }),
        api: known(),
        told: [`fork-author rpc-secret: seen fork-build > own-file > ${toHost} > engine-rpc`],
      },
      {
        what: 'the daemon is on the network of the runner',
        files: files({ runner: withLoopback('init: true', 'network_mode: service:runner') }),
        api: known(),
        told: [`fork-author rpc-secret: seen fork-build > own-file > ${toHost} > engine-rpc`],
      },
      {
        what: 'both are on the network of a third',
        files: files({
          runner:
            withLoopback('network_mode: service:network', 'network_mode: service:network') +
            service('network', { image: 'alpine:3.20.3' }),
        }),
        api: known(),
        told: [`fork-author rpc-secret: seen fork-build > own-file > ${toHost} > engine-rpc`],
      },
      {
        what: 'the daemon has a network of its own',
        files: files({ runner: withLoopback('init: true', 'init: true') }),
        api: known(),
        told: [`fork-author rpc-secret: assumed fork-build > own-file > ${toHost} > engine-rpc`],
      },
      {
        what: 'the runner is on the network of the host, whose engine listens there',
        files: files({
          runner: runner(['DOCKER_HOST: tcp://127.0.0.1:2375'], { volumes: [], more: 'network_mode: host' }),
        }),
        api: known(),
        told: [
          `fork-author engine:runner: seen fork-build > own-file > ${toHost}`,
          `fork-author rpc-secret: seen fork-build > own-file > ${toHost} > engine-rpc`,
        ],
      },
      {
        what: 'a daemon that no file shows',
        files: files({ runner: runner(['DOCKER_HOST: tcp://docker:2376'], { volumes: [] }) }),
        api: known(),
        told: [`fork-author rpc-secret: assumed fork-build > own-file > ${toHost} > engine-rpc`],
      },
    ],
    closed: [
      {
        what: 'the daemon of the pod keeps its root off the node',
        files: {
          ...inPod(true),
          'cluster/runner.yml': pod(true).replace('    spec:\n', '    spec:\n      runtimeClassName: kata\n'),
        },
        api: known(),
        told: [
          'fork-author host:runner: closed by privileged-host: container "dind" of Deployment "runner" runs under "kata"',
          'fork-author rpc-secret: closed by engine-rpc: the runner is not on the engine that builds',
        ],
      },
      {
        what: 'the engine is that of another machine',
        files: files({ runner: runner(farEngine, { volumes: [] }) }),
        told: ['fork-author rpc-secret: closed by engine-rpc: the runner is not on the engine that builds'],
      },
    ],
  },
  'rpc-all': {
    open: [
      {
        what: 'an RPC secret of the documentation',
        files: files({ server: weakServer }),
        told: ['network secret:app/npm_token: assumed weak-rpc > rpc-all'],
      },
    ],
    closed: [
      {
        what: 'a public repository, whose credential nobody gets',
        files: files({ server: weakServer }),
        api: known(),
        told: [
          'network secret:app/npm_token: seen weak-rpc > rpc-all',
          'network clone-credential:app: closed by rpc-all: the repository is public: its builds get no credential',
        ],
      },
    ],
  },
  'rpc-results': {
    open: [
      {
        what: 'a step that publishes',
        files: files({ server: weakServer }),
        told: ['network artefact:app/publish: assumed weak-rpc > rpc-results'],
      },
    ],
    closed: [
      {
        what: 'an RPC secret that nobody guesses',
        files: files(),
        told: ['network artefact:app/publish: closed by weak-rpc: no known value of DRONE_RPC_SECRET was seen'],
      },
    ],
  },
  'engine-server': {
    open: [
      {
        what: 'one file for both',
        files: { 'compose.yml': stack(server(filtered), runner()), 'app/.drone.yml': app },
        told: ['fork-author server: assumed fork-build > own-file > auto-plugin > privileged-host > engine-server'],
      },
      {
        what: 'an extension beside the runner',
        files: files({ runner: runner() + vault() }),
        told: [
          'fork-author extension:vault: assumed fork-build > own-file > auto-plugin > privileged-host > engine-server',
        ],
      },
    ],
    closed: [
      {
        what: 'nothing tells of one machine',
        files: files(),
        told: ['fork-author server: not known fork-build > own-file > auto-plugin > privileged-host > engine-server'],
      },
    ],
  },
  'engine-builds': {
    open: [
      {
        what: 'builds of others on the same runner',
        files: files(),
        told: [
          'fork-author artefact:app/publish: assumed fork-build > own-file > auto-plugin > privileged-host > engine-builds',
        ],
      },
    ],
    closed: [
      {
        what: 'pull requests alone',
        files: files({ runner: apart() }),
        told: ['fork-author artefact:app/publish: closed by engine-builds: only pull requests build there'],
      },
    ],
  },
  'server-all': {
    open: [
      {
        what: 'the configuration in a log',
        files: files({ server: server([...filtered, 'DRONE_LOGS_TRACE: "true"']) }),
        told: [
          'log-reader rpc-secret: seen log-config > server-all',
          'log-reader secret:app/npm_token: seen log-config > server-all',
        ],
      },
    ],
    closed: [{ what: 'no trace', files: files(), told: ['log-reader secret:app/npm_token: nothing'] }],
  },
  'database-all': {
    open: [
      {
        what: 'no DRONE_DATABASE_SECRET',
        files: files({ server: server([...github, 'DRONE_USER_FILTER: octocat']) }),
        told: ['backup-reader secret:app/npm_token: seen backup > database-all'],
      },
    ],
    closed: [
      {
        what: 'with it only an administrator is left',
        files: files(),
        told: ['backup-reader secret:app/npm_token: seen backup > database-all > admin-all'],
      },
      {
        what: 'DRONE_DATABASE_ENCRYPT_USER_TABLE',
        files: files({ server: server([...filtered, 'DRONE_DATABASE_ENCRYPT_USER_TABLE: "true"']) }),
        api: known({ active: true }),
        told: [
          'backup-reader clone-credential:app: closed by clone-credential: the repository is public: its builds get no credential; database-all: DRONE_DATABASE_ENCRYPT_USER_TABLE',
        ],
      },
    ],
  },
  'admin-all': {
    open: [
      {
        what: 'who has the API token of an administrator',
        files: files(),
        told: ['backup-reader secret:app/npm_token: seen backup > database-all > admin-all'],
      },
    ],
    closed: [
      {
        what: 'a server that keeps nothing outside of its container',
        files: files({ server: server(filtered, { volumes: ['./certs:/certs:ro'] }) }),
        told: ['backup-reader secret:app/npm_token: nothing'],
      },
    ],
  },
  'token-writer': {
    open: [
      {
        what: 'the credential of a private repository',
        files: files({ more: { 'web/.drone.yml': app } }),
        api: known({ private: true }),
        told: ['fork-author secret:web/npm_token: assumed fork-build > clone-credential > token-writer > writer-build'],
      },
    ],
    closed: [
      {
        what: 'a public repository',
        files: files({ runner: runner(farEngine, { volumes: [] }) }),
        api: known(),
        told: [
          'fork-author clone-credential:app: closed by clone-credential: the repository is public: its builds get no credential',
        ],
      },
    ],
  },
  'flagged-secret': {
    open: [
      {
        what: 'a secret for pull requests',
        files: files(),
        api: known({ secrets: [{ name: 'npm_token', pull_request: true }] }),
        told: ['fork-author secret:app/npm_token: seen fork-build > own-file > flagged-secret'],
      },
    ],
    closed: [
      {
        what: 'not flagged',
        files: files({ runner: apart() }),
        api: known(),
        told: [
          'fork-author secret:app/npm_token: closed by flagged-secret: not flagged; engine-builds: only pull requests build there',
        ],
      },
    ],
  },
  'encrypted-secret': {
    open: [
      {
        what: 'a private repository',
        files: files({ app: encrypted }),
        api: known({ private: true }),
        told: ['fork-author secret:app/npm_token: seen fork-build > own-file > encrypted-secret'],
      },
    ],
    closed: [
      {
        what: 'a public repository',
        files: files({ app: encrypted, runner: apart() }),
        api: known(),
        told: [
          'fork-author secret:app/npm_token: closed by encrypted-secret: withheld from pull requests of a public repository; engine-builds: only pull requests build there',
        ],
      },
    ],
  },
  'external-secret': {
    open: [
      {
        what: 'an extension whose filters are in its store',
        files: files({ app: external, runner: apart(vaulted) + vault() }),
        told: ['fork-author secret:ext/secret/app: not known fork-build > own-file > external-secret'],
      },
      {
        what: 'whoever has the extension has what it hands out',
        files: files({ app: external, runner: runner(vaulted) + published }),
        told: ['network secret:ext/secret/app: seen open-extension > external-secret'],
      },
      {
        what: 'whoever answers for the extension on the wire',
        files: files({
          app: external,
          runner: runner(vaulted).replace('http://vault:3000', 'http://secrets.example.com'),
        }),
        told: ['neighbour secret:ext/secret/app: seen http-extension > external-secret'],
      },
    ],
    closed: [
      {
        what: 'DRONE_DISALLOW_FORKS',
        files: files({ app: external, runner: apart(vaulted) + vault('DRONE_DISALLOW_FORKS: "true"') }),
        told: [
          'fork-author secret:ext/secret/app: closed by external-secret: DRONE_DISALLOW_FORKS of the extension; engine-builds: only pull requests build there',
        ],
      },
    ],
  },
  'runner-environment': {
    open: [
      {
        what: 'a token in DRONE_RUNNER_ENVIRON',
        files: files({ runner: runner(['DRONE_RUNNER_ENVIRON: NPM_TOKEN:npm_0123456789abcdefghij0123']) }),
        told: ['fork-author secret:runner/NPM_TOKEN: assumed fork-build > runner-environment'],
      },
    ],
    closed: [
      {
        what: 'no secret',
        files: files({ runner: runner(['DRONE_RUNNER_ENVIRON: LANG:C']) }),
        told: ['fork-author secret:runner/NPM_TOKEN: nothing'],
      },
    ],
  },
  'runner-secret': {
    open: [
      {
        what: 'builds of every repository',
        files: files({
          server: server(open),
          runner: runner(['DRONE_RUNNER_SECRETS: NPM_TOKEN:npm_0123456789abcdefghij0123']),
        }),
        told: ['scm-account secret:runner/NPM_TOKEN: seen register > own-repository > runner-secret'],
      },
    ],
    closed: [
      {
        what: 'never pull requests',
        files: files({
          runner: runner([...farEngine, 'DRONE_RUNNER_SECRETS: NPM_TOKEN:npm_0123456789abcdefghij0123'], {
            volumes: [],
          }),
        }),
        api: known({ ignore_forks: false }),
        told: ['fork-author secret:runner/NPM_TOKEN: if promote fork-build > promote-pull-request > runner-secret'],
      },
    ],
  },
  'clone-credential': {
    open: [
      {
        what: 'a private repository',
        files: files(),
        api: known({ private: true }),
        told: ['fork-author clone-credential:app: seen fork-build > clone-credential'],
      },
      {
        what: 'a file of their own, in spite of DRONE_NETRC_CLONE_ONLY',
        files: files({ runner: runner(['DRONE_NETRC_CLONE_ONLY: "true"']) }),
        api: known({ private: true }),
        told: ['fork-author clone-credential:app: seen fork-build > own-file > clone-credential'],
      },
      {
        what: 'another runner that takes pull requests without DRONE_NETRC_CLONE_ONLY',
        files: files({
          app: signed,
          runner:
            runner([...farEngine, 'DRONE_NETRC_CLONE_ONLY: "true"'], { volumes: [] }) +
            runner(farEngine, { volumes: [] }).replace('  runner:', '  second:'),
        }),
        api: known({ private: true, protected: true }),
        told: ['fork-author clone-credential:app: seen fork-build > clone-credential'],
      },
    ],
    closed: [
      {
        what: 'DRONE_NETRC_CLONE_ONLY of the only runner that takes pull requests, where the file is not theirs',
        files: files({
          app: signed,
          runner:
            runner([...farEngine, 'DRONE_NETRC_CLONE_ONLY: "true"'], { volumes: [] }) +
            runner([...farEngine, 'DRONE_LIMIT_EVENTS: push'], { volumes: [] }).replace('  runner:', '  second:'),
        }),
        api: known({ private: true, protected: true }),
        told: [
          'fork-author clone-credential:app: if approve fork-build > approve > own-file > clone-credential; if promote fork-build > promote-pull-request > clone-credential',
        ],
      },
      {
        what: 'DRONE_NETRC_CLONE_ONLY where the file is not theirs',
        files: files({
          app: signed,
          runner: runner([...farEngine, 'DRONE_NETRC_CLONE_ONLY: "true"'], { volumes: [] }),
        }),
        api: known({ private: true, protected: true }),
        told: [
          'fork-author clone-credential:app: if approve fork-build > approve > own-file > clone-credential; if promote fork-build > promote-pull-request > clone-credential',
        ],
      },
      {
        what: 'a public repository',
        files: files({ runner: runner(farEngine, { volumes: [] }) }),
        api: known(),
        told: [
          'fork-author clone-credential:app: closed by clone-credential: the repository is public: its builds get no credential',
        ],
      },
    ],
  },
  'registry-pull': {
    open: [
      {
        what: 'DRONE_DOCKER_CONFIG for every repository',
        files: files({ runner: runner(['DRONE_DOCKER_CONFIG: /root/.docker/config.json']) }),
        told: ['fork-author registry:runner: assumed fork-build > own-file > registry-pull'],
      },
    ],
    closed: [
      {
        what: 'for some repositories',
        files: files({
          runner: runner(['DRONE_DOCKER_CONFIG: /root/.docker/config.json', 'DRONE_LIMIT_REPOS: octocat/app']),
        }),
        told: ['fork-author registry:runner: nothing'],
      },
    ],
  },
  'build-network': {
    open: [
      {
        what: 'by design',
        files: files(),
        told: ['fork-author network:runner: by design, assumed fork-build > build-network'],
      },
    ],
    closed: [
      {
        what: 'no pull requests',
        files: files({ runner: runner(['DRONE_LIMIT_EVENTS: push']) }),
        told: ['fork-author network:runner: closed by fork-build: DRONE_LIMIT_EVENTS of the only runner'],
      },
    ],
  },
  'written-secret': {
    open: [
      {
        what: 'a token in the file',
        files: files({ app: app.replace('from_secret: npm_token', `npm_${'kQ3x9ZtV7mB2wLr8NcY4hJ6sFd1gPa5eUi0o'}`) }),
        told: ['fork-author secret:app/in the file: seen written-secret'],
      },
    ],
    closed: [{ what: 'a reference', files: files(), told: ['fork-author secret:app/in the file: nothing'] }],
  },
  'namespace-secret': {
    open: [
      {
        what: 'a secret of the organisation',
        files: {
          ...files(),
          'https://ci.example.com/api/secrets': JSON.stringify([{ namespace: 'octocat', name: 'npm_token' }]),
        },
        api: known({ secrets: [] }),
        told: ['writer secret:octocat/npm_token: by design, seen writer-build > namespace-secret'],
      },
    ],
    closed: [
      {
        what: 'one of the repository',
        files: files(),
        api: known(),
        told: ['writer secret:octocat/npm_token: nothing'],
      },
    ],
  },
  'shared-folder': {
    open: [
      {
        what: 'a folder that every step has',
        files: files({
          runner: runner([...farEngine, 'DRONE_RUNNER_VOLUMES: /srv/cache:/cache'], { volumes: [] }),
          app: signed,
        }),
        api: known({ protected: true }),
        told: ['fork-author artefact:app/publish: assumed fork-build > shared-folder'],
      },
    ],
    closed: [
      {
        what: 'a file that tells nothing',
        files: files({
          runner: runner([...farEngine, 'DRONE_RUNNER_VOLUMES: /etc/localtime:/etc/localtime'], { volumes: [] }),
          app: signed,
        }),
        api: known({ protected: true }),
        told: [
          'fork-author artefact:app/publish: if approve fork-build > approve > own-file > auto-plugin > privileged-host > engine-builds; if promote fork-build > promote-pull-request',
        ],
      },
    ],
  },
  'saved-cache': {
    open: [
      {
        what: 'a credential that is released to pull requests',
        files: files({ app: caching('pull_request, push'), runner: runner(farEngine, { volumes: [] }) }),
        api: known(cacheSecrets(true)),
        told: ['fork-author secret:app/npm_token: seen fork-build > saved-cache'],
      },
    ],
    closed: [
      {
        what: 'one that is not',
        files: files({ app: caching('pull_request, push'), runner: apart() }),
        api: known(cacheSecrets(false)),
        told: [
          'fork-author secret:app/npm_token: closed by flagged-secret: not flagged; saved-cache: "cache_key", which saving needs, is not flagged; engine-builds: only pull requests build there',
        ],
      },
      {
        what: 'a key of their own',
        files: files({ app: caching('pull_request, push', 'pulls'), runner: apart() }),
        api: known(cacheSecrets(true)),
        told: [
          'fork-author secret:app/npm_token: closed by flagged-secret: not flagged; engine-builds: only pull requests build there',
        ],
      },
    ],
  },
  workspace: {
    open: [
      {
        what: 'a later step has the secret',
        files: files({ app: working(true) }),
        api: known({ protected: true, secrets: [{ name: 'preview_token', pull_request: true }] }),
        told: ['fork-author secret:app/preview_token: assumed fork-build > repo-code > workspace'],
      },
    ],
    closed: [
      {
        what: 'no step has it',
        files: files({ app: working(false) }),
        api: known({ protected: true, secrets: [{ name: 'preview_token', pull_request: true }] }),
        told: [
          'fork-author secret:app/preview_token: if approve fork-build > approve > own-file > flagged-secret; if promote fork-build > promote-pull-request',
        ],
      },
    ],
  },
  'weak-rpc': {
    open: [
      {
        what: 'a secret of the documentation',
        files: files({ server: weakServer }),
        told: ['network rpc-secret: seen weak-rpc', 'network database: closed by no step leads there'],
      },
      {
        what: 'the same, where only a push would lead on',
        files: files({ server: weakServer }),
        api: known(),
        told: [
          'network rpc-secret: seen weak-rpc',
          'network database: closed by rpc-all: the repository is public: its builds get no credential, with which to push',
        ],
      },
      {
        what: 'a placeholder that nobody filled in',
        files: files({ server: rpcOf('CHANGE_ME_TO_SOMETHING') }),
        told: ['network rpc-secret: seen weak-rpc'],
      },
      {
        what: 'one that is guessed by trying',
        files: files({ server: rpcOf('q7x2m') }),
        told: ['network rpc-secret: assumed weak-rpc'],
      },
    ],
    closed: [
      {
        what: 'one that is not written',
        files: files(),
        told: ['network rpc-secret: closed by weak-rpc: no known value of DRONE_RPC_SECRET was seen'],
      },
      {
        what: 'one that nobody guesses',
        files: files({ server: rpcOf('0f6a1c93d7be24587ac0e1f2936b4d58') }),
        told: ['network rpc-secret: closed by weak-rpc: DRONE_RPC_SECRET is no known value'],
      },
      ...['0f6a1c93d7be24587ac0e1f293', 'f3a91c07be'].map((value) => ({
        what: `one of ${value.length} random characters`,
        files: files({ server: rpcOf(value) }),
        told: [
          `network rpc-secret: closed by weak-rpc: DRONE_RPC_SECRET has only ${value.length} characters, but it is no known value, and too long to be guessed by trying`,
        ],
      })),
    ],
  },
  'weak-cookie': {
    open: [
      {
        what: 'a key of the documentation',
        files: files({ server: server([...filtered, 'DRONE_COOKIE_SECRET: correct-horse-battery-staple']) }),
        told: ['network secret:app/npm_token: seen weak-cookie > admin-all'],
      },
    ],
    closed: [
      {
        what: 'a key that is merely short',
        files: files({ server: server([...filtered, 'DRONE_COOKIE_SECRET: 0f6a1c93d7be24587ac0e1f293']) }),
        told: ['network secret:app/npm_token: closed by weak-rpc: no known value of DRONE_RPC_SECRET was seen'],
      },
      {
        what: 'a key that nobody guesses',
        files: files(),
        told: ['network secret:app/npm_token: closed by weak-rpc: no known value of DRONE_RPC_SECRET was seen'],
      },
    ],
  },
  'weak-token': {
    open: [
      {
        what: 'the token of the documentation for an administrator',
        files: files({
          server: server([
            ...filtered,
            'DRONE_USER_CREATE: username:octocat,admin:true,token:55f24eb3d61ef6ac5e83d550178638dc',
          ]),
        }),
        told: ['network secret:app/npm_token: seen weak-token > admin-all'],
      },
    ],
    closed: [
      {
        what: 'an account without rights',
        files: files({
          server: server([
            ...filtered,
            'DRONE_USER_CREATE: username:octocat,admin:false,token:55f24eb3d61ef6ac5e83d550178638dc',
          ]),
        }),
        told: ['network secret:app/npm_token: closed by weak-rpc: no known value of DRONE_RPC_SECRET was seen'],
      },
    ],
  },
  'http-rpc': {
    open: [
      {
        what: 'plain http between machines',
        files: files({ runner: runner().replace('DRONE_RPC_PROTO: https', 'DRONE_RPC_PROTO: http') }),
        told: ['neighbour rpc-secret: seen http-rpc'],
      },
      {
        what: 'plain http on a network that builds are attached to',
        files: {
          'compose.yml': stack(
            server(filtered, { networks: ['control'] }),
            runner([...farEngine, 'DRONE_RUNNER_NETWORKS: control'], { volumes: [], networks: ['control'] })
              .replace('DRONE_RPC_PROTO: https', 'DRONE_RPC_PROTO: http')
              .replace('DRONE_RPC_HOST: ci.example.com', 'DRONE_RPC_HOST: drone'),
          ),
          'app/.drone.yml': app,
        },
        told: [
          'fork-author rpc-secret: assumed fork-build > joined-network > http-rpc',
          'neighbour rpc-secret: nothing',
        ],
      },
    ],
    closed: [{ what: 'https', files: files(), told: ['neighbour rpc-secret: nothing'] }],
  },
  'http-server': {
    open: [
      {
        what: 'a port of plain http',
        files: files({ server: plainServer(filtered) }),
        told: ['neighbour secret:app/npm_token: seen http-server > admin-all'],
      },
    ],
    closed: [{ what: 'https', files: files(), told: ['neighbour secret:app/npm_token: nothing'] }],
  },
  'http-extension': {
    open: [
      {
        what: 'a secret extension on another machine',
        files: files({ runner: runner(vaulted).replace('http://vault:3000', 'http://secrets.example.com') }),
        told: ['neighbour extension:secrets.example.com: seen http-extension'],
      },
      {
        what: 'a configuration extension is asked with the token of the owner, and answers with the pipeline',
        files: files({
          server: server([...filtered, 'DRONE_YAML_ENDPOINT: http://config.example.com', 'DRONE_YAML_SECRET: ${S:?}']),
        }),
        told: [
          'neighbour clone-credential:app: seen http-extension',
          'neighbour host:runner: assumed http-extension > token-writer > writer-build > auto-plugin > privileged-host',
        ],
      },
    ],
    closed: [
      {
        what: 'https',
        files: files({ runner: runner(vaulted).replace('http://vault:3000', 'https://secrets.example.com') }),
        told: ['neighbour extension:secrets.example.com: nothing'],
      },
      {
        what: 'one network',
        files: files({ runner: runner(vaulted) + vault() }),
        told: ['neighbour extension:vault: nothing'],
      },
    ],
  },
  'http-scm': {
    open: [
      {
        what: 'plain http to another machine',
        files: files({
          server: server([key, 'DRONE_GITEA_SERVER: http://git.example.com', 'DRONE_GITEA_CLIENT_ID: a']),
        }),
        told: ['neighbour clone-credential:app: seen http-scm'],
      },
    ],
    closed: [
      {
        what: 'an SCM of the same project',
        files: files({ server: server([key, 'DRONE_GITEA_SERVER: http://gitea:3000', 'DRONE_GITEA_CLIENT_ID: a']) }),
        told: ['neighbour clone-credential:app: nothing'],
      },
    ],
  },
  admission: {
    open: [
      {
        what: 'plain http',
        files: files({
          server: server([
            ...filtered,
            'DRONE_ADMISSION_PLUGIN_ENDPOINT: http://admission.example.com',
            'DRONE_ADMISSION_PLUGIN_SECRET: ${S:?}',
          ]),
        }),
        told: ['neighbour secret:app/npm_token: seen admission > admin-all'],
      },
    ],
    closed: [
      {
        what: 'https',
        files: files({
          server: server([
            ...filtered,
            'DRONE_ADMISSION_PLUGIN_ENDPOINT: https://admission.example.com',
            'DRONE_ADMISSION_PLUGIN_SECRET: ${S:?}',
          ]),
        }),
        told: ['neighbour secret:app/npm_token: nothing'],
      },
    ],
  },
  'forge-hook': {
    open: [
      {
        what: 'GitLab over plain http',
        files: files({ server: plainServer(gitlab) }),
        told: ['neighbour secret:app/npm_token: assumed forge-hook'],
      },
    ],
    closed: [
      {
        what: 'GitHub signs',
        files: files({ server: plainServer(filtered) }),
        told: ['neighbour secret:app/npm_token: seen http-server > admin-all'],
      },
    ],
  },
  'log-hook': {
    open: [
      {
        what: 'webhooks of GitLab',
        files: files({ server: server([...gitlab, 'DRONE_DEBUG_DUMP_HOOK: "true"']) }),
        told: ['log-reader secret:app/npm_token: assumed log-hook > forge-hook'],
      },
    ],
    closed: [
      {
        what: 'GitHub signs',
        files: files({ server: server([...filtered, 'DRONE_DEBUG_DUMP_HOOK: "true"']) }),
        told: [
          'log-reader secret:app/npm_token: closed by log-hook: the SCM signs webhooks, and does not send their secret',
        ],
      },
    ],
  },
  'open-extension': {
    open: [
      {
        what: 'a token of the documentation, and a port',
        files: files({
          runner: runner(vaulted) + published,
        }),
        told: ['network extension:vault: seen open-extension'],
      },
    ],
    closed: [
      {
        what: 'no port',
        files: files({
          runner: runner(vaulted) + vault().replace('${EXTENSION_SECRET:?}', 'bea26a2221fd8090ea38720fc445eca6'),
        }),
        told: ['network extension:vault: closed by weak-rpc: no known value of DRONE_RPC_SECRET was seen'],
      },
    ],
  },
  'log-config': {
    open: [
      {
        what: 'DRONE_LOGS_TRACE',
        files: files({ server: server([...filtered, 'DRONE_LOGS_TRACE: "true"']) }),
        told: ['log-reader server: seen log-config'],
      },
    ],
    closed: [
      {
        what: 'DRONE_LOGS_DEBUG',
        files: files({ server: server([...filtered, 'DRONE_LOGS_DEBUG: "true"']) }),
        told: ['log-reader server: nothing'],
      },
    ],
  },
  'log-rpc': {
    open: [
      {
        what: 'DRONE_RPC_DUMP_HTTP',
        files: files({ runner: runner(['DRONE_RPC_DUMP_HTTP: "true"']) }),
        told: ['log-reader rpc-secret: seen log-rpc', 'log-reader secret:app/npm_token: assumed log-rpc > rpc-all'],
      },
      {
        what: 'the bodies too',
        files: files({ runner: runner(['DRONE_RPC_DUMP_HTTP: "true"', 'DRONE_RPC_DUMP_HTTP_BODY: "true"']) }),
        api: known({ active: false }),
        told: ['log-reader artefact:app/publish: seen log-rpc'],
      },
    ],
    closed: [{ what: 'no dump', files: files(), told: ['log-reader rpc-secret: nothing'] }],
  },
  'log-token': {
    open: [
      {
        what: 'an administrator is created',
        files: files({ server: server([...filtered, 'DRONE_USER_CREATE: username:octocat,admin:true']) }),
        told: ['log-reader secret:app/npm_token: seen log-token > admin-all'],
      },
    ],
    closed: [
      {
        what: 'an account without rights',
        files: files({ server: server([...filtered, 'DRONE_USER_CREATE: username:octocat,admin:false']) }),
        told: ['log-reader secret:app/npm_token: nothing'],
      },
    ],
  },
  backup: {
    open: [{ what: 'a volume', files: files(), told: ['backup-reader database: seen backup'] }],
    closed: [
      {
        what: 'a database elsewhere',
        files: files({
          server: server([
            ...filtered,
            'DRONE_DATABASE_DRIVER: postgres',
            'DRONE_DATABASE_DATASOURCE: "postgres://drone:${P:?}@db.example.com/drone"',
          ]),
        }),
        told: ['backup-reader database: nothing'],
      },
    ],
  },
  'image-secret': {
    open: [{ what: 'a tag', files: files(), told: ['supplier secret:app/npm_token: seen image-secret'] }],
    closed: [
      {
        what: 'a digest',
        files: files({ app: app.replace('node:22.9.0', `node@sha256:${'0'.repeat(64)}`) }),
        told: ['supplier secret:app/npm_token: closed by no step leads there'],
      },
    ],
  },
  'image-deploy': {
    open: [{ what: 'a tag', files: files(), told: ['supplier artefact:app/publish: seen image-deploy'] }],
    closed: [
      {
        what: 'a digest',
        files: files({ app: app.replace('node:22.9.0', `node@sha256:${'0'.repeat(64)}`) }),
        told: ['supplier artefact:app/publish: closed by no step leads there'],
      },
    ],
  },
  'image-privileged': {
    open: [
      {
        what: 'a plugin that the runner makes privileged',
        files: files({
          app: app.replace('image: golang:1.23.2\n    commands: [go test ./...]', 'image: plugins/docker:20.18.4'),
        }),
        told: ['supplier host:runner: seen image-privileged'],
      },
      {
        what: 'a tag of the runner that moves, with the socket',
        files: files({ runner: runner([], { image: 'drone/drone-runner-docker:latest' }) }),
        told: ['supplier host:runner: seen image-privileged'],
      },
      {
        what: 'a helper beside the runner, with the socket',
        files: files({
          runner: runner() + service('portainer', { image: 'portainer/portainer-ce', volumes: [socket] }),
        }),
        told: ['supplier host:runner: seen image-privileged'],
      },
      {
        what: 'an updater that takes what is pushed for the runner',
        files: files({
          runner: runner() + service('watchtower', { image: 'containrrr/watchtower:1.7.1', volumes: [socket] }),
        }),
        told: ['supplier host:runner: seen image-privileged'],
      },
      {
        what: 'a daemon for the runner, by a tag that moves',
        files: inPod(true, 'docker:dind'),
        told: ['supplier host:runner: seen image-privileged'],
      },
    ],
    closed: [
      {
        what: 'a helper beside the runner, without the socket',
        files: files({ runner: runner() + service('portainer', { image: 'portainer/portainer-ce' }) }),
        told: ['supplier host:runner: closed by no step leads there'],
      },
      {
        what: 'a helper on another machine',
        files: files({
          server: server(filtered) + service('portainer', { image: 'portainer/portainer-ce', volumes: [socket] }),
        }),
        told: ['supplier host:runner: closed by no step leads there'],
      },
      {
        what: 'a helper by its digest, with the socket',
        files: files({
          runner:
            runner() +
            service('portainer', { image: `portainer/portainer-ce@sha256:${'0'.repeat(64)}`, volumes: [socket] }),
        }),
        told: ['supplier host:runner: closed by no step leads there'],
      },
      {
        what: 'a tag that moves, with the socket of an engine without root',
        files: files({
          runner: runner([], {
            image: 'drone/drone-runner-docker:latest',
            volumes: ['/run/user/1000/docker.sock:/var/run/docker.sock'],
          }),
        }),
        told: ['supplier host:runner: closed by image-privileged: the engine of runner has no root'],
      },
      {
        what: 'an engine without root',
        files: files({
          app: app.replace('image: golang:1.23.2\n    commands: [go test ./...]', 'image: plugins/docker:20.18.4'),
          runner: runner([], { volumes: ['/run/user/1000/docker.sock:/var/run/docker.sock'] }),
        }),
        told: ['supplier host:runner: closed by image-privileged: the engine of runner has no root'],
      },
    ],
  },
  'image-clone': {
    open: [
      {
        what: 'the default image',
        files: files(),
        api: known({ private: true }),
        told: ['supplier clone-credential:app: seen image-clone'],
      },
    ],
    closed: [
      {
        what: 'a digest',
        files: files({ runner: runner([`DRONE_RUNNER_CLONE_IMAGE: drone/git@sha256:${'0'.repeat(64)}`]) }),
        api: known({ private: true }),
        told: ['supplier clone-credential:app: closed by no step leads there'],
      },
    ],
  },
  'image-component': {
    open: [
      {
        what: 'a tag that moves',
        files: files({ server: server(filtered, { image: 'drone/drone:2' }) }),
        told: ['supplier server: seen image-component'],
      },
      {
        what: 'an updater',
        files: files({
          server: server(filtered) + service('watchtower', { image: 'containrrr/watchtower:1.7.1', volumes: [socket] }),
        }),
        told: ['supplier server: seen image-component'],
      },
    ],
    closed: [{ what: 'a release', files: files(), told: ['supplier server: closed by no step leads there'] }],
  },
};

/** An installation by the defaults of Drone, which a server was asked about. */
export const defaults = { files: files({ server: server(open) }), api: known() };

interface SingleFix {
  readonly does: string;
  /** The edge that it rules out. */
  readonly edge: EdgeId;
  readonly files: Readonly<Record<string, string>>;
  readonly api?: readonly Known[];
  /** The positions that have no way then. */
  readonly closes: readonly string[];
}

/** The changes that cuts of the defaults name, each applied alone. */
export const singleFixes: readonly SingleFix[] = [
  {
    ...{ does: 'DRONE_USER_FILTER', edge: 'register', closes: ['scm-account'] },
    files: files({ server: server(filtered) }),
  },
  {
    ...{ does: 'DRONE_REGISTRATION_CLOSED', edge: 'register', closes: ['scm-account'] },
    files: files({ server: server([...open, 'DRONE_REGISTRATION_CLOSED: "true"']) }),
  },
  {
    ...{ does: 'DRONE_REPOSITORY_FILTER', edge: 'own-repository', closes: ['scm-account'] },
    files: files({ server: server([...open, 'DRONE_REPOSITORY_FILTER: octocat']) }),
  },
  {
    ...{ does: 'DRONE_LIMIT_REPOS', edge: 'own-repository', closes: ['scm-account'] },
    files: files({ server: server(open), runner: runner(['DRONE_LIMIT_REPOS: octocat/*']) }),
  },
  {
    ...{ does: 'DRONE_LIMIT_EVENTS', edge: 'fork-build', closes: ['fork-author'] },
    files: files({ server: server(open), runner: runner(['DRONE_LIMIT_EVENTS: push,tag,promote,cron,custom']) }),
  },
  {
    ...{ does: 'ignore_forks', edge: 'fork-build', closes: ['fork-author'] },
    ...{ files: defaults.files, api: known({ ignore_forks: true }) },
  },
  {
    ...{ does: 'ignore_pull_requests', edge: 'fork-build', closes: ['fork-author'] },
    ...{ files: defaults.files, api: known({ ignore_pull_requests: true }) },
  },
  {
    ...{ does: 'protected, without a signature', edge: 'own-file', closes: ['fork-author'] },
    ...{ files: defaults.files, api: known({ protected: true }) },
  },
];
