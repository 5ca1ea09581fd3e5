import { describe, expect, it } from 'vitest';
import type { Container } from '../../src/model/container.ts';
import { settingsOf } from '../../src/model/settings.ts';
import { type Location, lineOf } from '../../src/model/source.ts';
import { looksLikeHelmValues, readHelmValues } from '../../src/readers/kubernetes/helm-values.ts';
import { readKubernetes } from '../../src/readers/kubernetes/manifests.ts';
import { recognise } from '../../src/readers/recognise.ts';
import { plain } from '../support/text.ts';

const read = (text: string, name = 'values.yaml') => readHelmValues({ name, form: 'helm-values', text });
const excerpt = (at: Location) => at.source.text.slice(at.span.start, at.span.end);
const named = (reading: { readonly containers: readonly Container[] }, name: string): Container => {
  const found = reading.containers.find((container) => container.name === name);
  if (!found) throw new Error(`no container ${name}`);
  return found;
};
const values = (container: Container) =>
  Object.fromEntries(
    [...container.environment.variables.values()].map(({ name, value, secret }) => [name, value ?? secret?.identity]),
  );

const serverValues = `image:
  tag: 2.24.0
env:
  DRONE_SERVER_HOST: ci.example.com
  DRONE_SERVER_PROTO: https
  DRONE_RPC_SECRET: correct horse battery staple
  drone_gitea_server: https://git.example.com
  DRONE_GITEA_CLIENT_ID: abc
  DRONE_LOGS_DEBUG: yes
  DRONE_CRON_DISABLED: ~
service:
  type: LoadBalancer
  port: 80
ingress:
  enabled: true
  hosts: [{ host: ci.example.com }]
  tls: [{ secretName: x, hosts: [ci.example.com] }]
persistentVolume: { existingClaim: data }
securityContext: { runAsUser: 1000, allowPrivilegeEscalation: false }
`;

describe('the chart of the server', () => {
  const reading = read(serverValues);
  const server = named(reading, 'server');

  it('gives its variables, upper case and quoted', () => {
    expect(values(server)).toMatchObject({
      DRONE_SERVER_HOST: 'ci.example.com',
      DRONE_GITEA_SERVER: 'https://git.example.com',
      DRONE_LOGS_DEBUG: 'true',
    });
    expect(server.environment.variables.has('DRONE_CRON_DISABLED')).toBe(false);
    expect(settingsOf(server)).toMatchObject({ role: 'server', complete: true, version: '2.24.0' });
  });

  it('locates them in the values', () => {
    const proto = server.environment.variables.get('DRONE_SERVER_PROTO');
    expect(proto).toMatchObject({ origin: 'literal', heldBy: 'deployment', at: { path: 'env.DRONE_SERVER_PROTO' } });
    expect(proto?.usedAt).toBeUndefined();
    expect(proto && excerpt(proto.at)).toBe('https');
    expect(server.image && excerpt(server.image.at)).toBe('2.24.0');
    expect(reading.secrets.map(excerpt)).toEqual(['correct horse battery staple']);
    expect(lineOf(server.at)).toBe(3);
  });

  it('adds what the chart adds', () => {
    expect(server).toMatchObject({
      owner: 'values.yaml#Deployment[drone].containers[server]',
      image: { value: { name: 'drone/drone', tag: '2.24.0' } },
      healthcheck: { value: true },
      accountToken: { value: false },
      serviceAccount: { value: 'drone' },
      user: { value: '1000' },
      securityOpt: [{ value: 'no-new-privileges:true' }],
      mounts: [{ type: 'volume', source: 'data', target: '/data' }],
    });
    expect(server.ports).toMatchObject([
      { containerPort: '80' },
      { hostAddress: '', hostPort: '80', containerPort: '80' },
    ]);
    expect(reading.ingresses).toMatchObject([{ host: 'ci.example.com', tls: true, service: 'drone' }]);
    expect(server.aliases).toEqual(['drone']);
  });

  it('notes which defaults are assumed', () => {
    const bare = read('env:\n  DRONE_SERVER_HOST: ci.example.com\n  DRONE_RPC_SECRET: x\n');
    expect(bare.unknown.map((one) => plain(one.message))).toEqual([
      'chart default of drone 0.6.5 assumed: env.DRONE_SERVER_PROTO, image.repository, image.tag',
    ]);
    const server = named(bare, 'server');
    expect(server.image?.value.text).toBe('docker.io/drone/drone:2.12.1');
    const proto = server.environment.variables.get('DRONE_SERVER_PROTO');
    expect(proto).toMatchObject({ value: 'http', origin: 'interpolated' });
    expect(proto && excerpt(proto.at)).toBe('env');
  });

  it('says so of the tag, at the key that holds the values', () => {
    const below = read('drone:\n  persistentVolume: {}\n  env: { DRONE_SERVER_HOST: ci.example.com }\n');
    const server = named(below, 'server');
    expect(server.tagFrom).toBe('the default of chart "drone" 0.6.5');
    expect(server.image && excerpt(server.image.at)).toBe('drone');
    const written = named(read('image: { tag: 2.24.0 }\nenv: { DRONE_SERVER_HOST: ci.example.com }\n'), 'server');
    expect(written.tagFrom).toBeUndefined();
    const repository = 'image: { repository: mirror.example.com/drone/drone }\nenv: { DRONE_SERVER_HOST: a }\n';
    expect(named(read(repository), 'server').tagFrom).toBe(server.tagFrom);
  });
});

describe('values that lack something', () => {
  it('take it from Secrets', () => {
    const text = 'extraSecretNamesForEnvFrom: [drone-keys]\nenv: { DRONE_SERVER_HOST: ci.example.com }\n';
    const reading = read(text);
    expect(plain(named(reading, 'server').environment.gaps)).toEqual([
      'envFrom: Secret "drone-keys" is not in the audit',
    ]);
    expect(reading.unknown.map((one) => excerpt(one.at))).toContain('drone-keys');
  });

  it('or from other values', () => {
    expect(plain(named(read('env: { DRONE_SERVER_HOST: ci.example.com }\n'), 'server').environment)).toMatchObject({
      complete: false,
      gaps: ['DRONE_RPC_SECRET is not among these values, so there are others elsewhere'],
    });
  });
});

describe('the chart of the docker runner', () => {
  const reading = read('dind:\n  resources: { limits: { memory: 2Gi } }\nenv:\n  DRONE_RPC_SECRET: correct horse\n');

  it('has a Docker daemon beside the runner', () => {
    expect(reading.containers.map(({ name, role }) => [name, role])).toEqual([
      ['dind', 'docker'],
      ['gc', 'other'],
      ['drone-runner-docker', 'runner-docker'],
    ]);
    const dind = named(reading, 'dind');
    expect(dind).toMatchObject({
      privileged: { value: true },
      image: { value: { name: 'docker', tag: '20-dind' } },
      entrypoint: [{ value: 'dockerd' }],
      command: [{ value: '--host' }, { value: 'tcp://localhost:2375' }],
      memoryLimit: { value: 2 ** 31 },
    });
    expect(dind.privileged && excerpt(dind.privileged.at)).toBe('dind');
    expect(excerpt(dind.at)).toBe('dind');
    expect(dind.environment.complete).toBe(true);
  });

  it('reaches it without TLS', () => {
    const runner = named(reading, 'drone-runner-docker');
    expect(values(runner)).toMatchObject({
      DOCKER_HOST: 'tcp://localhost:2375',
      DRONE_RPC_HOST: 'drone',
      DRONE_RPC_PROTO: 'http',
    });
    expect(runner.environment.variables.get('DRONE_RUNNER_NAME')?.origin).toBe('unresolved');
    expect(runner.environment.complete).toBe(true);
  });

  it('may lose its parts', () => {
    const without = read(
      'gc: { enabled: false }\ndind: { securityContext: { privileged: false } }\nenv: { DRONE_RPC_SECRET: x }\n',
    );
    expect(without.containers.map((container) => container.name)).toEqual(['dind', 'drone-runner-docker']);
    expect(named(without, 'dind').privileged?.value).toBe(false);
  });
});

describe('other charts', () => {
  it('of the kubernetes runner', () => {
    const reading = read('rbac: { buildNamespaces: [builds] }\nenv: { DRONE_RPC_SECRET: x }\n');
    expect(named(reading, 'server')).toMatchObject({ role: 'runner-kube', image: { value: { tag: '1.0.0-rc.3' } } });
    expect(values(named(reading, 'server'))).toMatchObject({ DRONE_NAMESPACE_DEFAULT: 'default' });
    expect(reading.rights).toMatchObject([
      { account: { name: 'drone-runner-kube' }, namespace: 'builds', rules: [{ resources: ['secrets'] }, {}] },
    ]);
    expect(reading.rights?.map((one) => one.complete)).toEqual([true]);
  });

  it('of the extension that reads Secrets', () => {
    const reading = read('image: { repository: drone/kubernetes-secrets }\nenv: { SECRET_KEY: correct horse }\n');
    expect(named(reading, 'server').role).toBe('extension');
    expect(reading.rights).toMatchObject([
      { namespace: 'default', rules: [{ resources: ['secrets'], resourceNames: [] }] },
    ]);
  });

  it('of the extension for Vault, told by the name of the file', () => {
    const reading = read('env: { DRONE_SECRET: correct horse }\n', 'drone-vault-secrets/values.yaml');
    expect(named(reading, 'server').image?.value.text).toBe('drone/vault:latest');
  });

  it('of Drone 1.x', () => {
    const reading = read(`sharedSecret: correct horse battery
server:
  host: ci.example.com
  env: { DRONE_GITHUB_SERVER: https://github.com }
  envSecrets: { keys: [DRONE_GITHUB_CLIENT_SECRET] }
images: { server: { repository: docker.io/drone/drone, tag: 1.6.1 } }
agent: { env: { DRONE_RUNNER_CAPACITY: 2 } }
dind: { enabled: false }
`);
    const server = named(reading, 'server');
    expect(server).toMatchObject({ role: 'server', image: { value: { name: 'drone/drone', tag: '1.6.1' } } });
    expect(server.environment.variables.get('DRONE_GITHUB_CLIENT_SECRET')?.heldBy).toBe('secret-object');
    expect(plain(server.environment.gaps)).toEqual(['the chart "stable/drone" adds variables of its own']);
    expect(reading.secrets.map(excerpt)).toContain('correct horse battery');
    expect(named(reading, 'agent')).toMatchObject({
      privileged: { value: true },
      mounts: [{ type: 'bind', source: '/var/run/docker.sock' }],
    });
  });

  it('that nobody knows', () => {
    const reading = read(
      'env: { DRONE_LOGS_DEBUG: "true" }\nimage: { repository: example.com/ci/drone-thing, tag: 1 }\n',
    );
    expect(plain(named(reading, 'server').environment.gaps)).toEqual([
      'it is not known which chart these values are for',
    ]);
  });
});

describe('values below other keys', () => {
  it('of an umbrella chart', () => {
    const text = `global: { colour: red }
ci:
  drone:
    env: { DRONE_SERVER_HOST: ci.example.com, DRONE_RPC_SECRET: one-secret }
  drone-runner-docker:
    env: { DRONE_RPC_SECRET: two-secret }
  builders:
    dind: {}
    env: { DRONE_RPC_SECRET: three-secret }
shop: { env: { COLOUR: blue } }
`;
    const reading = read(text);
    expect(reading.containers.map((container) => container.owner)).toEqual([
      'values.yaml#ci.drone.Deployment[drone].containers[server]',
      ...['dind', 'gc', 'drone-runner-docker'].map(
        (name) => `values.yaml#ci.drone-runner-docker.Deployment[drone-runner-docker].containers[${name}]`,
      ),
      ...['dind', 'gc', 'drone-runner-docker'].map(
        (name) => `values.yaml#ci.builders.Deployment[builders].containers[${name}]`,
      ),
    ]);
    const places = reading.containers.flatMap((container) => {
      const secret = container.environment.variables.get('DRONE_RPC_SECRET');
      return secret ? [[secret.at.path, excerpt(secret.at)]] : [];
    });
    expect(places).toEqual([
      ['ci.drone.env.DRONE_RPC_SECRET', 'one-secret'],
      ['ci.drone-runner-docker.env.DRONE_RPC_SECRET', 'two-secret'],
      ['ci.builders.env.DRONE_RPC_SECRET', 'three-secret'],
    ]);
  });
});

describe('templates of values', () => {
  it('are not read', () => {
    const reading = read('{{- if .Values.tls }}\nenv: { DRONE_SERVER_PROTO: https }\n{{- end }}\n');
    expect(reading.containers).toEqual([]);
    expect(reading.problems).toMatchObject([{ kind: 'unsupported', incomplete: true }]);
  });

  it('that only fill in values are', () => {
    const { environment } = named(
      read('env:\n  DRONE_SERVER_HOST: "{{ host }}"\n  DRONE_RPC_SECRET: ${SECRET}\n'),
      'server',
    );
    expect(environment.variables.get('DRONE_SERVER_HOST')?.origin).toBe('unresolved');
    expect(environment.variables.get('DRONE_RPC_SECRET')?.origin).toBe('unresolved');
    expect(environment.complete).toBe(true);
  });
});

describe('the same installation', () => {
  it('has the same settings in manifests and in values', () => {
    const manifests = readKubernetes([
      {
        name: 'drone.yaml',
        form: 'kubernetes',
        text: `apiVersion: apps/v1
kind: Deployment
metadata: { name: drone }
spec:
  template:
    metadata: { labels: { app: drone } }
    spec:
      serviceAccountName: drone
      automountServiceAccountToken: false
      containers:
      - name: server
        image: docker.io/drone/drone:2.24.0
        securityContext: { runAsUser: 1000, allowPrivilegeEscalation: false }
        envFrom: [{ configMapRef: { name: drone } }]
        ports: [{ name: http, containerPort: 80 }]
        livenessProbe: { httpGet: { path: /healthz, port: http } }
        volumeMounts: [{ name: storage-volume, mountPath: /data }]
      volumes: [{ name: storage-volume, persistentVolumeClaim: { claimName: data } }]
---
apiVersion: v1
kind: ConfigMap
metadata: { name: drone }
data:
  DRONE_SERVER_HOST: ci.example.com
  DRONE_SERVER_PROTO: https
  DRONE_RPC_SECRET: correct horse battery staple
  DRONE_GITEA_SERVER: https://git.example.com
  DRONE_GITEA_CLIENT_ID: abc
  DRONE_LOGS_DEBUG: "true"
---
apiVersion: v1
kind: Service
metadata: { name: drone }
spec: { type: LoadBalancer, selector: { app: drone }, ports: [{ port: 80, targetPort: http }] }
`,
      },
    ]);
    const declared = named(manifests, 'server');
    const rendered = named(read(serverValues), 'server');
    expect(values(rendered)).toEqual(values(declared));
    const shape = (container: Container) => ({
      role: container.role,
      version: container.version,
      complete: container.environment.complete,
      image: container.image?.value,
      ports: container.ports.map(({ at: _, ...port }) => port),
      mounts: container.mounts.map(({ at: _, ...mount }) => mount),
      user: container.user?.value,
      account: [container.serviceAccount?.value, container.accountToken?.value],
      options: container.securityOpt.map((option) => option.value),
      healthcheck: container.healthcheck?.value,
    });
    expect(shape(rendered)).toEqual(shape(declared));
  });
});

describe('recognition', () => {
  it.each([
    ['the server', serverValues, true],
    ['a repository alone', 'image:\n  repository: drone/drone-runner-docker\n', true],
    ['the chart of 1.x', 'server:\n  env:\n    DRONE_OPEN: "true"\n', true],
    ['a workflow', 'on: push\njobs:\n  x:\n    env:\n      DRONE_RPC_SECRET: x\n', false],
    ['compose', 'services:\n  drone:\n    image: drone/drone\n    env: { DRONE_RPC_SECRET: x }\n', false],
    ['a pipeline', 'kind: pipeline\nsteps:\n- env: { DRONE_RPC_SECRET: x }\n', false],
    ['a manifest', 'apiVersion: v1\nkind: Pod\nspec: { containers: [{ env: [{ name: DRONE_RPC_SECRET }] }] }\n', false],
    ['values of others', 'env:\n  DRONE_TAG: x\n', false],
    ['nothing', '', false],
  ])('%s', (_, text, expected) => {
    expect(looksLikeHelmValues(text)).toBe(expected);
  });
});

describe('what templates print', () => {
  const printed = (written: string): string | undefined =>
    named(
      read(`env:\n  DRONE_SERVER_HOST: ci.example.com\n  DRONE_X: ${written}\n`),
      'server',
    ).environment.variables.get('DRONE_X')?.value;

  it.each([
    ['12345678', '1.2345678e+07'],
    ['1000000', '1e+06'],
    ['999999', '999999'],
    ['1.10', '1.1'],
    ['0777', '511'],
    ['-0', '-0'],
    ['"12345678"', '12345678'],
    ['yes', 'true'],
    ['12345678a', '12345678a'],
  ])('%s is %s', (written, value) => expect(printed(written)).toBe(value));

  it('is also a tag', () => {
    const { image } = named(read('env: {DRONE_SERVER_HOST: ci.example.com}\nimage: {tag: 2.20}\n'), 'server');
    expect(image?.value.tag).toBe('2.2');
  });
});

describe('values of the chart of 1.x', () => {
  it('set logs and the database', () => {
    const text =
      'server:\n  env: {DRONE_OPEN: "true"}\n  logs: {trace: true}\n  database: {driver: postgres, dataSource: "postgres://a"}\n';
    const { variables } = named(read(text), 'server').environment;
    expect(variables.get('DRONE_LOGS_TRACE')?.value).toBe('true');
    expect(variables.get('DRONE_DATABASE_DRIVER')?.value).toBe('postgres');
    expect(variables.get('DRONE_DATABASE_DATASOURCE')?.value).toBe('postgres://a');
    expect(variables.has('DRONE_LOGS_DEBUG')).toBe(false);
  });
});

describe('values of an extension for secrets', () => {
  const values = 'env:\n  SECRET_KEY: abc\n  KUBERNETES_NAMESPACE: default\n';

  it.each([
    ['drone-kubernetes-secrets/values.yaml', values],
    ['values.yaml', `${values}rbac:\n  secretNamespace: builds\n`],
    ['values.yaml', `drone-kubernetes-secrets:\n${values.replace(/^/gm, '  ')}`],
  ])('in %s are those of the extension: %j', (name, text) => {
    expect(recognise(name, text)).toBe('helm-values');
    const { containers } = readHelmValues({ name, form: 'helm-values', text });
    expect(containers.map(({ role }) => role)).toEqual(['extension']);
    expect(containers[0]?.environment.variables.get('SECRET_KEY')?.secret).toMatchObject({ length: 3 });
  });

  it('are not those of anything else with such a variable', () => {
    expect(recognise('values.yaml', values)).toBeUndefined();
    expect(recognise('app/values.yaml', 'env: {SECRET_KEY: abc}\n')).toBeUndefined();
  });
});
