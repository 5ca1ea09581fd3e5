import { describe, expect, it } from 'vitest';
import { endpointOf, isOnPrivateNetwork, reaches } from '../../src/drone/network.ts';
import { component, containerNamed, installationOf } from '../support/components.ts';

describe('how far a host is', () => {
  const runner = component('runner-docker', {}, containerNamed('runner', { networks: ['ci_default'] }));
  const server = component(
    'server',
    {},
    containerNamed('drone', { networks: ['ci_default'], aliases: ['ci.example.com'] }),
  );
  const alone = component('runner-docker', {});
  const installation = installationOf(runner, server, alone);

  it.each([
    ['localhost', 'local'],
    ['127.0.0.1', 'local'],
    ['::1', 'local'],
    ['0.0.0.0', 'local'],
    ['drone', 'project'],
    ['ci.example.com', 'project'],
    ['host.docker.internal', 'project'],
    ['drone.ci.svc.cluster.local', 'project'],
    ['drone.ci.svc', 'project'],
    ['git.example.com', 'remote'],
    ['10.0.0.5', 'remote'],
    ['2001:db8::1', 'remote'],
  ] as const)('%s is %s', (host, endpoint) => {
    expect(endpointOf(host, runner, installation)).toBe(endpoint);
  });

  it('does not resolve names of containers outside of containers', () => {
    expect(endpointOf('ci.example.com', alone, installation)).toBe('remote');
  });
});

describe('containers that reach each other', () => {
  const one = containerNamed('one', { networks: ['ci_default', 'bridge'] });

  it.each([
    ['on one network', containerNamed('other', { networks: ['web', 'ci_default'] }), true],
    ['on other networks', containerNamed('other', { networks: ['web'] }), false],
    ['on the network without names', containerNamed('other', { networks: ['bridge'] }), false],
    ['of which one runs and one is declared', containerNamed('other', { networks: ['ci_default'], live: true }), false],
  ])('%s: %#', (_, other, result) => {
    expect(reaches(one, other)).toBe(result);
  });

  it('goes by project where there are no networks', () => {
    const pod = containerNamed('pod', { project: 'ci' });
    expect(reaches(pod, containerNamed('other', { project: 'ci' }))).toBe(true);
    expect(reaches(pod, containerNamed('other', { project: 'web' }))).toBe(false);
    expect(reaches(pod, containerNamed('other', {}))).toBe(true);
    expect(reaches(pod, containerNamed('other', { file: 'other.yml' }))).toBe(false);
  });
});

describe('networks that a site calls private', () => {
  const runner = component('runner-docker', {}, containerNamed('runner', { networks: ['backplane'] }));

  it.each([
    ['10.20.3.4', ['10.20.0.0/16'], true],
    ['10.21.3.4', ['10.20.0.0/16'], false],
    ['10.21.3.4', ['10.20.0.0/16', '0.0.0.0/0'], true],
    ['git.lan', ['.lan'], true],
    ['git.lan', ['*.lan'], true],
    ['gitlan', ['*.lan'], false],
    ['ci.example.com', ['CI.example.com'], true],
    ['anything.example.com', ['backplane'], true],
    ['10.20.3.4', ['10.20.0.0/99', 'x/8', '/'], false],
    ['10.20.3.999', ['10.0.0.0/8'], false],
  ])('%s in %j: %s', (host, networks, result) => {
    expect(isOnPrivateNetwork(host, runner, networks)).toBe(result);
  });
});
