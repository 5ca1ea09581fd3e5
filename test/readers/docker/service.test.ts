import { describe, expect, test } from 'vitest';
import type { Container } from '../../../src/model/container.ts';
import type { Located, Source } from '../../../src/model/source.ts';
import { readService } from '../../../src/readers/docker/service.ts';

/** A runner as `docker stack deploy` makes it, in the shape that dockerd 20.10 answers. */
const runner = {
  ID: 'q1w2e3r4t5y6u7i8o9p0a1s2d',
  CreatedAt: '2026-11-01T08:00:00Z',
  Spec: {
    Name: 'ci_runner',
    Labels: { 'com.docker.stack.namespace': 'ci', 'com.docker.stack.image': 'drone/drone-runner-docker:1.8.4' },
    TaskTemplate: {
      ContainerSpec: {
        Image: `drone/drone-runner-docker:1.8.4@sha256:${'ab'.repeat(32)}`,
        Args: ['daemon'],
        Env: ['DRONE_RPC_HOST=drone', 'DRONE_RPC_PROTO=http', 'DRONE_RPC_SECRET=super-duper-secret'],
        User: '1000:998',
        ReadOnly: true,
        CapabilityAdd: ['CAP_NET_ADMIN'],
        CapabilityDrop: ['ALL'],
        Labels: { 'com.example.password': 'hunter2-of-a-label' },
        Privileges: { NoNewPrivileges: true, Seccomp: { Mode: 'unconfined' }, AppArmor: { Mode: 'disabled' } },
        Healthcheck: { Test: ['CMD', 'wget', '-qO-', 'http://127.0.0.1:3000/healthz'] },
        Mounts: [
          { Type: 'bind', Source: '/var/run/docker.sock', Target: '/var/run/docker.sock', ReadOnly: true },
          { Type: 'volume', Source: 'ci_cache', Target: '/cache' },
          { Type: 'tmpfs', Target: '/tmp' },
        ],
        Secrets: [{ SecretName: 'rpc', File: { Name: 'rpc', UID: '0', GID: '0', Mode: 292 } }],
        Configs: [{ ConfigName: 'policy', File: { Name: '/etc/policy.yml' } }],
      },
      Resources: { Limits: { NanoCPUs: 1_500_000_000, MemoryBytes: 268_435_456, Pids: 200 } },
      RestartPolicy: { Condition: 'on-failure', MaxAttempts: 3 },
      Placement: { Constraints: ['node.role == worker'] },
      Networks: [{ Target: 'n1n2n3', Aliases: ['runner'] }],
      LogDriver: { Name: 'json-file', Options: { 'max-size': '10m' } },
    },
    Mode: { Replicated: { Replicas: 2 } },
    EndpointSpec: {
      Ports: [
        { Protocol: 'tcp', TargetPort: 3000, PublishedPort: 3000, PublishMode: 'ingress' },
        { Protocol: 'tcp', TargetPort: 9090, PublishMode: 'host' },
      ],
    },
  },
  droneAudit: { networks: { n1n2n3: 'ci_default' }, engine: { version: '27.1.1' } },
};

function sourceOf(answer: unknown): Source {
  const text = typeof answer === 'string' ? answer : `${JSON.stringify(answer, null, 2)}\n`;
  return { name: 'docker-service://ci_runner', form: 'docker-service', text };
}

function only(answer: unknown): Container {
  const { containers, problems } = readService(sourceOf(answer));
  expect(problems).toEqual([]);
  const [container, ...others] = containers;
  if (!container || others.length > 0) return expect.fail('not one container');
  return container;
}

/** What stands at the place of a value. */
function written({ at }: Located<unknown>): string {
  return at.source.text.slice(at.span.start, at.span.end).replace(/^"|"$/g, '');
}

describe('a swarm service', () => {
  const container = only(runner);

  test('is a container like others', () => {
    expect(container).toMatchObject({
      owner: 'docker-service://ci_runner',
      name: 'ci_runner',
      role: 'runner-docker',
      version: '1.8.4',
      live: true,
      image: { value: { name: 'drone/drone-runner-docker', tag: '1.8.4', digest: `sha256:${'ab'.repeat(32)}` } },
      command: [{ value: 'daemon' }],
      user: { value: '1000:998' },
      readOnlyRoot: { value: true },
      capAdd: [{ value: 'NET_ADMIN' }],
      capDrop: [{ value: 'ALL' }],
      securityOpt: [{ value: 'seccomp=unconfined' }, { value: 'apparmor=unconfined' }, { value: 'no-new-privileges' }],
      networks: [{ value: 'ci_default' }],
      aliases: ['ci_runner', 'tasks.ci_runner', 'runner'],
      logDriver: { value: 'json-file' },
      restart: { value: 'on-failure:3' },
      healthcheck: { value: true },
      memoryLimit: { value: 268_435_456 },
      cpuLimit: { value: 1.5 },
      pidsLimit: { value: 200 },
      project: 'ci',
      placement: ['node.role == worker'],
    });
    expect(container.logOptions.get('max-size')).toBe('10m');
  });

  test('mounts volumes, folders, secrets and configs', () => {
    expect(container.mounts).toMatchObject([
      { type: 'bind', source: '/var/run/docker.sock', target: '/var/run/docker.sock', readOnly: true },
      { type: 'volume', source: 'ci_cache', target: '/cache', readOnly: false },
      { type: 'tmpfs', target: '/tmp' },
      { type: 'other', target: '/run/secrets/rpc', readOnly: true },
      { type: 'other', target: '/etc/policy.yml', readOnly: true },
    ]);
  });

  test('publishes its ports on all addresses', () => {
    expect(container.ports).toMatchObject([
      { hostAddress: '', hostPort: '3000', containerPort: '3000', protocol: 'tcp' },
      { hostAddress: '', containerPort: '9090' },
    ]);
    expect(container.ports[1]?.hostPort).toBeUndefined();
  });

  test('tells where each value is written', () => {
    const places = [container.user, container.image, container.memoryLimit, container.restart, container.networks[0]];
    expect(places.map((value) => value && written(value))).toEqual([
      '1000:998',
      runner.Spec.TaskTemplate.ContainerSpec.Image,
      '268435456',
      'on-failure',
      'n1n2n3',
    ]);
    expect(container.ports.map((port) => written({ value: port, at: port.at }))).toEqual(['3000', '9090']);
  });

  test('has its secrets recorded', () => {
    const source = sourceOf(runner);
    const secrets = readService(source).secrets.map(({ span }) => source.text.slice(span.start, span.end));
    expect(secrets).toContain('super-duper-secret');
    expect(secrets).toContain('hunter2-of-a-label');
  });

  test('may set next to nothing', () => {
    const container = only({ Spec: { Name: 'drone', TaskTemplate: { ContainerSpec: { Image: 'drone/drone:2' } } } });
    expect(container).toMatchObject({ role: 'server', mounts: [], ports: [], networks: [], restart: undefined });
  });
});

describe('what is no service', () => {
  test.each([
    ['half an answer', '{"Spec": {"Name": "drone"', 'malformed'],
    ['a list', '[]', 'empty'],
    ['a service of a plugin', '{"Spec": {"TaskTemplate": {"PluginSpec": {}}}}', 'empty'],
    ['a text', '"drone"', 'empty'],
  ])('%s is a problem', (_, text, kind) => {
    const { containers, problems } = readService(sourceOf(text));
    expect(containers).toEqual([]);
    expect(problems).toMatchObject([{ kind, source: 'docker-service://ci_runner', incomplete: true }]);
  });

  test('odd values are passed over', () => {
    const spec = { Name: 5, TaskTemplate: { ContainerSpec: { Image: [1], Env: {}, Mounts: 'x', Secrets: [1, null] } } };
    expect(
      readService(sourceOf({ Spec: { ...spec, EndpointSpec: { Ports: [{ TargetPort: 'x' }, 1] } } })),
    ).toMatchObject({ problems: [], containers: [{ mounts: [], ports: [] }] });
  });
});
