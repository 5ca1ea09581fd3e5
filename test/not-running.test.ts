import { describe, expect, it } from 'vitest';
import { findingsIn, fixtureOf } from './support/fixtures.ts';

// What is said of a container that an engine has and that does not run.

const dind = (State: object) => ({
  Name: '/dind',
  State,
  HostConfig: { Privileged: true, PortBindings: { '2375/tcp': [{ HostIp: '', HostPort: '2375' }] } },
  Config: {
    Image: 'docker:28.1.1-dind',
    Env: ['DOCKER_TLS_CERTDIR='],
    Cmd: ['dockerd', '--host=tcp://0.0.0.0:2375'],
  },
  NetworkSettings: { Ports: { '2375/tcp': [{ HostIp: '0.0.0.0', HostPort: '2375' }] } },
});

const runner = (State: object) => ({
  Name: '/runner',
  State,
  HostConfig: {},
  Mounts: [{ Type: 'bind', Source: '/var/run/docker.sock', Destination: '/var/run/docker.sock', RW: true }],
  Config: {
    Image: 'drone/drone-runner-docker:1.8.5',
    Env: [
      'DRONE_RPC_HOST=ci.example.com',
      'DRONE_RPC_PROTO=https',
      'DRONE_RPC_SECRET=correcthorse',
      'DRONE_RUNNER_VOLUMES=/var/run/docker.sock:/var/run/docker.sock',
    ],
  },
});

const running = { Status: 'running', Running: true, StartedAt: '2026-11-20T08:00:00Z' };
const exited = { Status: 'exited', Running: false, StartedAt: '2026-11-20T08:00:00Z' };
const created = { Status: 'created', Running: false, StartedAt: '0001-01-01T00:00:00Z' };

function told(
  ...containers: readonly object[]
): Readonly<Record<string, readonly [severity: string, message: string]>> {
  const fixture = fixtureOf('engine', new Map([['engine.inspect.yml', JSON.stringify(containers)]]));
  return Object.fromEntries(
    findingsIn(fixture).findings.map(({ rule, severity, message }) => [rule, [severity, `${message}`]]),
  );
}

describe('a container that does not run', () => {
  it('exposes less than one that does, and says what it takes', () => {
    const now = told(dind(running));
    const then = told(dind(exited));
    expect(now['plain-docker-daemon']?.[0]).toBe('critical');
    expect(then['plain-docker-daemon']?.[0]).toBe('high');
    expect(then['plain-docker-daemon']?.[1]).toBe(
      `${now['plain-docker-daemon']?.[1]}, once it is started again (its state is "exited")`,
    );
    expect(told(dind(created))['plain-docker-daemon']?.[1]).toMatch(/, once it is started \(its state is "created"\)$/);
  });

  it('that runs builds for others does so once it is started', () => {
    const [severity, message] = told(runner(exited))['docker-socket-for-builds'] ?? [];
    expect(severity).toBe('high');
    expect(message).toMatch(/, once container "runner" is started again \(its state is "exited"\)$/);
  });

  it('holds its secrets all the same', () => {
    expect(told(runner(exited))['weak-rpc-secret']).toEqual(told(runner(running))['weak-rpc-secret']);
  });

  it.each(['paused', 'restarting', 'unknown'])('is not one that is %s', (Status) => {
    expect(told(dind({ ...exited, Status }))['plain-docker-daemon']).toEqual(
      told(dind(running))['plain-docker-daemon'],
    );
  });

  it('and was a step shows what builds are like', () => {
    const step = (State: object) => ({
      Name: '/drone-Qw3rTy7UiOpAsDfGhJkL',
      State,
      HostConfig: { Privileged: true },
      Config: { Image: 'golang:1.24.2', Env: ['DRONE_BUILD_EVENT=push'], Labels: { 'io.drone': 'true' } },
    });
    expect(told(step(exited))['privileged-container']).toEqual(told(step(running))['privileged-container']);
  });
});
