import { describe, expect, it } from 'vitest';
import { proxyOf, runnersOf, serverOf, shareHost, sharersOf } from '../../src/drone/topology.ts';
import type { Settings } from '../../src/model/settings.ts';
import { unknownSite } from '../../src/model/site.ts';
import { type ContainerTraits, component, containerNamed, installationOf, placeIn } from '../support/components.ts';
import { plain } from '../support/text.ts';

const serverIn = (name: string, traits: ContainerTraits, host?: string): Settings =>
  component('server', host === undefined ? {} : { DRONE_SERVER_HOST: host }, containerNamed(name, traits));
const runnerIn = (traits: ContainerTraits, host?: string): Settings =>
  component('runner-docker', host === undefined ? {} : { DRONE_RPC_HOST: host }, containerNamed('runner', traits));

describe('the server of a runner', () => {
  it('is the one whose container DRONE_RPC_HOST names on a common network', () => {
    const one = serverIn('one', { networks: ['a'], file: 'a.yml' });
    const two = serverIn('two', { networks: ['b'], file: 'b.yml', aliases: ['drone'] });
    const runner = runnerIn({ networks: ['b'], file: 'c.yml' }, 'http://drone:80');
    expect(serverOf(runner, installationOf(one, two, runner))).toBe(two);
  });

  it('is not one of that name on another network', () => {
    const one = serverIn('drone', { networks: ['a'], file: 'a.yml' });
    const two = serverIn('drone', { networks: ['b'], file: 'b.yml' });
    const runner = runnerIn({ networks: ['c'], file: 'c.yml' }, 'drone');
    expect(serverOf(runner, installationOf(one, two, runner))).toBeUndefined();
  });

  it('is the one whose DRONE_SERVER_HOST it is, whatever scheme and port say', () => {
    const one = component('server', { DRONE_SERVER_HOST: 'https://CI.example.com' }, undefined, 'one.env');
    const two = component('server', { DRONE_SERVER_HOST: 'ci.example.org' }, undefined, 'two.env');
    const runner = component('runner-exec', { DRONE_RPC_HOST: 'ci.example.com:443' });
    expect(serverOf(runner, installationOf(one, two, runner))).toBe(one);
  });

  it('is the one of the same project, also under an address that tells nothing', () => {
    const mine = serverIn('drone', { project: 'ci', file: 'a.yml' }, 'ci.example.com');
    const other = serverIn('drone', { project: 'web', file: 'b.yml' }, 'ci.example.org');
    const runner = runnerIn({ project: 'ci', file: 'c.yml' }, '192.0.2.7');
    expect(serverOf(runner, installationOf(mine, other, runner))).toBe(mine);
  });

  it('is the one of the same file, where a folder holds several installations', () => {
    const [mine, other] = ['docker-compose.yml', 'docker-compose.dev.yml'].map((file) =>
      serverIn('drone', { project: 'ci', networks: ['ci_default'], file }),
    );
    const runner = runnerIn({ project: 'ci', networks: ['ci_default'], file: 'docker-compose.yml' }, 'drone');
    if (!mine || !other) throw new Error('there are two servers');
    expect(serverOf(runner, installationOf(other, mine, runner))).toBe(mine);
  });

  it('is the only one of the audit', () => {
    const server = component('server', { DRONE_SERVER_HOST: 'ci.example.com' });
    for (const host of [undefined, 'localhost', 'drone-server']) {
      const runner = component('runner-docker', { DRONE_RPC_HOST: host });
      expect(serverOf(runner, installationOf(server, runner))).toBe(server);
    }
  });

  it('is not the only one of the audit when that has another address', () => {
    const server = component('server', { DRONE_SERVER_HOST: 'ci.example.com' });
    const runner = component('runner-docker', { DRONE_RPC_HOST: 'ci.example.org' });
    expect(serverOf(runner, installationOf(server, runner))).toBeUndefined();
  });

  it('runs where the runner runs, and is declared where it is declared', () => {
    const declared = serverIn('drone', { networks: ['ci_default'] });
    const running = serverIn('drone', { networks: ['ci_default'], live: true, file: 'docker://drone' });
    const runner = runnerIn({ networks: ['ci_default'], live: true, file: 'docker://runner' }, 'drone');
    const twin = runnerIn({ networks: ['ci_default'] }, 'drone');
    const installation = installationOf(declared, running, runner, twin);
    expect(serverOf(runner, installation)).toBe(running);
    expect(serverOf(twin, installation)).toBe(declared);
    expect(runnersOf(declared, installation)).toEqual([twin]);
    expect(shareHost(runner, running)).toBe(true);
    expect(shareHost(runner, declared)).toBe(false);
  });

  it('is nobody where there is none, or two', () => {
    const runner = component('runner-docker', {});
    expect(serverOf(runner, installationOf(runner))).toBeUndefined();
    const servers = ['one.env', 'two.env'].map((file) => component('server', {}, undefined, file));
    expect(serverOf(runner, installationOf(runner, ...servers))).toBeUndefined();
  });
});

describe('the proxy before a server', () => {
  const proxy = (labels: Readonly<Record<string, string>>) => {
    const server = serverIn('drone', { networks: ['web'], labels });
    return proxyOf(server, installationOf(server), unknownSite);
  };

  it.each([
    [{ 'traefik.http.routers.drone.tls': 'true' }, true],
    [{ 'traefik.http.routers.drone.tls.certresolver': 'le' }, true],
    [{ 'traefik.http.routers.drone.entrypoints': 'websecure' }, true],
    [{ 'traefik.http.routers.drone.entryPoints': 'web' }, false],
    [{ 'traefik.http.routers.drone.tls': 'false' }, false],
    [{ 'traefik.frontend.entryPoints': 'http,https' }, true],
    [{ 'traefik.frontend.rule': 'Host:ci.example.com' }, false],
    [{ caddy: 'ci.example.com' }, true],
    [{ caddy_0: 'http://ci.example.com' }, false],
    [{ caddy: ':80' }, false],
  ])('%j terminates TLS: %s', (labels, tls) => {
    expect(proxy(labels)?.tls).toBe(tls);
  });

  it('is not there when Traefik is told to look away', () => {
    expect(proxy({ 'traefik.enable': 'false', 'traefik.http.routers.drone.tls': 'true' })).toBeUndefined();
    expect(proxy({ 'org.example.purpose': 'ci' })).toBeUndefined();
  });

  it('is known to set headers where its labels say so', () => {
    expect(proxy({ 'traefik.http.middlewares.m.headers.stsSeconds': '1' })?.headers).toBe(true);
    expect(proxy({ caddy: 'ci.example.com', 'caddy.header.X-Frame-Options': 'DENY' })?.headers).toBe(true);
    expect(proxy({ caddy: 'ci.example.com' })?.headers).toBeUndefined();
  });

  it('is nginx-proxy by VIRTUAL_HOST, with TLS when it gets a certificate', () => {
    const plain = component('server', { VIRTUAL_HOST: 'ci.example.com' }, containerNamed('drone', {}));
    const secure = component(
      'server',
      { VIRTUAL_HOST: 'ci.example.com', LETSENCRYPT_HOST: 'ci.example.com' },
      containerNamed('drone', {}),
    );
    expect(proxyOf(plain, installationOf(plain), unknownSite)?.tls).toBe(false);
    expect(proxyOf(secure, installationOf(secure), unknownSite)?.tls).toBe(true);
  });

  it('is a proxy container on a common network, with TLS when it listens for https', () => {
    const server = serverIn('drone', { networks: ['web'] });
    const nginx = (ports: ContainerTraits['ports'], networks: readonly string[]) =>
      component('proxy', {}, containerNamed('nginx', { networks, ports }));
    const found = (other: Settings) => proxyOf(server, installationOf(server, other), unknownSite);
    const proxy = found(nginx([['443', '443']], ['web']));
    expect([proxy && plain(proxy.by), proxy?.tls]).toEqual(['service "nginx"', true]);
    expect(found(nginx([['80', '80']], ['web']))?.tls).toBe(false);
    expect(found(nginx([['443', '443']], ['other']))).toBeUndefined();
  });

  it('is the Ingress of its Service, in its namespace', () => {
    const traits = { aliases: ['drone-http'], project: 'ci' };
    const pod = serverIn('drone', { ...traits, form: 'kubernetes' });
    const ingress = { host: 'ci.example.com', tls: true, service: 'drone-http', at: placeIn('ingress.yml') };
    const proxyBefore = (server: Settings, namespace: string) =>
      proxyOf(server, { ...installationOf(server), ingresses: [{ ...ingress, namespace }] }, unknownSite);
    expect(proxyBefore(pod, 'ci')?.tls).toBe(true);
    expect(proxyBefore(pod, 'web')).toBeUndefined();
    // A compose service of that name is in no cluster.
    expect(proxyBefore(serverIn('drone', traits), 'ci')).toBeUndefined();
  });

  it('is named by the site', () => {
    const server = component('server', { DRONE_SERVER_HOST: 'ci.example.com' });
    const installation = installationOf(server);
    expect(proxyOf(server, installation, { ...unknownSite, tlsHosts: ['https://CI.example.com'] })?.tls).toBe(true);
    expect(proxyOf(server, installation, { ...unknownSite, tlsHosts: ['ci.example.org'] })).toBeUndefined();
  });
});

it('finds the components that take a variable from one place', () => {
  const server = component('server', { DRONE_COOKIE_SECRET: 'a' }, undefined, 'drone.env');
  const runner = component('runner-docker', { DRONE_COOKIE_SECRET: 'a' }, undefined, 'drone.env');
  const other = component('runner-docker', { DRONE_COOKIE_SECRET: 'a' }, undefined, 'runner.env');
  const [variable] = server.variables.values();
  if (!variable) throw new Error('the server has one variable');
  expect(sharersOf(variable, installationOf(server, runner, other))).toEqual([server, runner]);
});
