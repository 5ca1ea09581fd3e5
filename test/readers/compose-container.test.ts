import { describe, expect, it } from 'vitest';
import { settingsOf } from '../../src/model/settings.ts';
import { looksLikeCompose } from '../../src/readers/compose/compose.ts';
import { plain } from '../support/text.ts';
import { container, quoted, readProject, serviceFile } from './compose-project.ts';

function drone(...lines: readonly string[]) {
  return container(readProject({ 'a.yml': serviceFile(...lines) }));
}

const values = (located: readonly { readonly value: string }[]): string[] => located.map(({ value }) => value);

describe('volumes', () => {
  it.each([
    ['a bind', '/srv/drone:/data', ['bind', '/srv/drone', '/data', false]],
    [
      'a bind that is read-only',
      '/var/run/docker.sock:/var/run/docker.sock:ro',
      ['bind', '/var/run/docker.sock', '/var/run/docker.sock', true],
    ],
    ['a relative bind', './data/:/data/', ['bind', './data', '/data', false]],
    ['the folder itself', '.:/data', ['bind', '.', '/data', false]],
    ['a folder above', '../data:/data', ['bind', '../data', '/data', false]],
    ['a path with steps back', '/a//b/../c:/data', ['bind', '/a/c', '/data', false]],
    ['the home folder', '~/data:/data', ['bind', '~/data', '/data', false]],
    ['a Windows path', 'C:\\data:/data', ['bind', 'C:\\data', '/data', false]],
    ['a named pipe', '\\\\.\\pipe\\docker_engine:/x', ['npipe', '\\\\.\\pipe\\docker_engine', '/x', false]],
    ['a volume', 'data:/data:rw', ['volume', 'data', '/data', false]],
    ['an anonymous volume', '/data', ['volume', undefined, '/data', false]],
    ['several options', './x:/x:z,ro', ['bind', './x', '/x', true]],
    ['a fallback', '${DIR:-./drone}:/data', ['bind', './drone', '/data', false]],
    ['an unknown source', '${DIR}:/data', ['other', undefined, '/data', false]],
    ['a source known in part', '/srv/${DIR}:/data', ['bind', undefined, '/data', false]],
    ['the long form', '{type: bind, source: ./x, target: /x, read_only: true}', ['bind', './x', '/x', true]],
    ['the long form of a volume', '{type: volume, source: x, target: /x}', ['volume', 'x', '/x', false]],
    ['a tmpfs', '{type: tmpfs, target: /x}', ['tmpfs', undefined, '/x', false]],
  ])('%s', (_what, item, mount) => {
    const quotedItem = item.startsWith('{') ? item : `'${item}'`;
    const { mounts, gaps } = drone('volumes:', `  - ${quotedItem}`);
    expect(mounts.map(({ type, source, target, readOnly }) => [type, source, target, readOnly])).toEqual([mount]);
    // The long form stands at its source, where it has one.
    const written = /source: ([^,}]+)/.exec(item)?.[1] ?? item;
    expect([mounts[0]?.at.path, quoted(mounts[0]?.at)]).toEqual(['services[drone].volumes[0]', `ci/a.yml: ${written}`]);
    expect(gaps).toEqual([]);
  });

  it('keeps the propagation', () => {
    const { mounts } = drone(
      'volumes: ["/:/host:rslave", {type: bind, source: /, target: /x, bind: {propagation: shared}}]',
    );
    expect(mounts.map(({ propagation }) => propagation)).toEqual(['rslave', 'shared']);
  });

  it.each(['aa::bb', ':/x', 'aa:bb:cc:dd', '${ALL}'])('does not understand %s', (item) => {
    expect(plain(drone(`volumes: ["${item}"]`))).toMatchObject({ mounts: [], gaps: ['volumes[0] is not understood'] });
  });

  it('sees through a volume that is a folder of the host', () => {
    const text = `${serviceFile('volumes: ["sock:/x"]')}volumes:\n  sock: {driver_opts: {type: none, o: bind, device: /var/run}}\n`;
    expect(container(readProject({ 'a.yml': text })).mounts).toMatchObject([
      { type: 'bind', source: '/var/run', target: '/x' },
    ]);
  });

  it('mounts secrets and configs read-only, tmpfs, and the API socket', () => {
    const text = `${serviceFile('secrets: [key]', 'configs: [{source: c, target: /etc/c}]', 'tmpfs: /tmp:ro', 'use_api_socket: true')}secrets:\n  key: {file: ./key.pem}\nconfigs:\n  c: {external: true}\n`;
    const { mounts } = container(readProject({ 'a.yml': text }));
    expect(mounts.map(({ type, source, target, readOnly }) => [type, source, target, readOnly])).toEqual([
      ['tmpfs', undefined, '/tmp', true],
      ['bind', './key.pem', '/run/secrets/key', true],
      ['other', undefined, '/etc/c', true],
      ['bind', '/var/run/docker.sock', '/var/run/docker.sock', false],
    ]);
  });

  it('inherits with volumes_from', () => {
    const text =
      'services:\n  a: {image: x, volumes: ["/a:/a"], volumes_from: [b]}\n  b: {image: x, volumes: ["/b:/b"], volumes_from: ["a:ro"]}\n';
    const reading = readProject({ 'a.yml': text });
    expect(container(reading, 'a').mounts.map(({ source, readOnly }) => [source, readOnly])).toEqual([
      ['/b', false],
      ['/a', false],
    ]);
    expect(quoted(container(reading, 'a').mounts[0]?.at)).toBe('ci/a.yml: b');
  });
});

describe('ports', () => {
  it.each([
    ['a container port', '80', [['', undefined, '80', 'tcp']]],
    ['host and container', '"8080:80"', [['', '8080', '80', 'tcp']]],
    ['an address', '127.0.0.1:8080:80', [['127.0.0.1', '8080', '80', 'tcp']]],
    ['an address of IPv6', '"[::1]:8080:80"', [['::1', '8080', '80', 'tcp']]],
    ['an address with a random port', '"127.0.0.1::80"', [['127.0.0.1', undefined, '80', 'tcp']]],
    ['a protocol', '"53:53/UDP"', [['', '53', '53', 'udp']]],
    [
      'ranges',
      '"90-91:80-81"',
      [
        ['', '90', '80', 'tcp'],
        ['', '91', '81', 'tcp'],
      ],
    ],
    ['a range of the host', '"90-99:80"', [['', '90-99', '80', 'tcp']]],
    ['a fallback', '"${PORT:-8080}:80"', [['', '8080', '80', 'tcp']]],
    ['unknown parts', '"${IP:?set it}:${PORT}:80"', [['${IP:?set it}', '${PORT}', '80', 'tcp']]],
    [
      'the long form',
      '{target: 80, published: "8080", host_ip: 127.0.0.1, protocol: udp}',
      [['127.0.0.1', '8080', '80', 'udp']],
    ],
    ['the long form with a random port', '{target: 80}', [['', undefined, '80', 'tcp']]],
  ])('%s', (_what, item, expected) => {
    const { ports, gaps } = drone('ports:', `  - ${item}`);
    expect(ports.map((port) => [port.hostAddress, port.hostPort, port.containerPort, port.protocol])).toEqual(expected);
    expect(ports[0]?.at.path).toBe('services[drone].ports[0]');
    expect(gaps).toEqual([]);
  });

  it.each(['"80:"', '"x:80"', '"1-3:80-81"', '"300.1.1.1:80:80"', '"99999:80"', '{published: 80}'])(
    'does not understand %s',
    (item) => {
      expect(plain(drone(`ports: [${item}]`))).toMatchObject({ ports: [], gaps: ['ports[0] is not understood'] });
    },
  );

  it('has no address for ports that are only exposed', () => {
    const { ports } = drone('expose: [3000, "9000/udp"]');
    expect(ports.map(({ hostAddress, containerPort, protocol }) => [hostAddress, containerPort, protocol])).toEqual([
      [undefined, '3000', 'tcp'],
      [undefined, '9000', 'udp'],
    ]);
  });
});

describe('images', () => {
  it.each([
    ['a name with tag', 'drone/drone:2', { name: 'drone/drone', tag: '2' }],
    ['a registry', 'registry.example.com:5000/ci/drone:2', { registry: 'registry.example.com:5000', name: 'ci/drone' }],
    ['a fallback', 'drone/drone:${TAG:-2.24}', { name: 'drone/drone', tag: '2.24', text: 'drone/drone:2.24' }],
    ['an unknown tag', 'drone/drone:${TAG}', { name: 'drone/drone', tag: '${TAG}' }],
    ['a tag known in part', 'drone/drone:2-${ARCH}', { name: 'drone/drone', tag: '2-${ARCH}' }],
    ['an unknown registry', '${REGISTRY}/drone/drone:2', { registry: '${REGISTRY}', name: 'drone/drone', tag: '2' }],
  ])('%s', (_what, text, image) => {
    const found = container(readProject({ 'a.yml': `services:\n  drone:\n    image: ${text}\n` }));
    expect(found.image?.value).toMatchObject(image);
    expect(found.imageText).toBeUndefined();
  });

  it.each(['${IMAGE}', '${ORG}/drone:2', '{{ image }}', 'Drone/Drone'])('%s has no known name', (text) => {
    const found = container(readProject({ 'a.yml': `services:\n  drone:\n    image: ${text}\n` }));
    expect([found.image, found.imageText?.value]).toEqual([undefined, text]);
  });

  it('takes the old server with the command of the agent for an agent', () => {
    const text = 'services:\n  drone:\n    image: drone/drone:0.7\n    command: agent\n    env_file: secret.env\n';
    expect(container(readProject({ 'a.yml': text })).role).toBe('agent');
  });
});

describe('other fields', () => {
  it.each([
    ['privileged', 'privileged: true', { privileged: { value: true } }],
    ['a boolean as text', 'privileged: "yes"', { privileged: { value: true } }],
    ['a boolean that is interpolated', 'privileged: ${P:-false}', { privileged: { value: false } }],
    ['an unknown boolean', 'privileged: ${P}', { gaps: ['privileged is not known'] }],
    ['no boolean', 'privileged: 1', { gaps: ['privileged is not understood'] }],
    ['read_only', 'read_only: true', { readOnlyRoot: { value: true } }],
    ['user', 'user: "1000:1000"', { user: { value: '1000:1000' } }],
    ['network_mode', 'network_mode: host', { networkMode: { value: 'host' }, networks: [] }],
    ['pid', 'pid: host', { pidMode: { value: 'host' } }],
    ['ipc', 'ipc: host', { ipcMode: { value: 'host' } }],
    ['uts', 'uts: host', { utsMode: { value: 'host' } }],
    ['userns_mode', 'userns_mode: host', { usernsMode: { value: 'host' } }],
    ['restart', 'restart: unless-stopped', { restart: { value: 'unless-stopped' } }],
    ['restart_policy', 'deploy: {restart_policy: {condition: any}}', { restart: { value: 'always' } }],
    ['mem_limit', 'mem_limit: 512m', { memoryLimit: { value: 536_870_912 } }],
    [
      'limits of deploy',
      'deploy: {resources: {limits: {memory: 1g, cpus: "0.5", pids: 9}}}',
      { memoryLimit: { value: 1_073_741_824 }, cpuLimit: { value: 0.5 }, pidsLimit: { value: 9 } },
    ],
    ['cpus', 'cpus: 1.5', { cpuLimit: { value: 1.5 } }],
    ['cpu_quota', 'cpu_quota: 50000', { cpuLimit: { value: 0.5 } }],
    ['pids_limit', 'pids_limit: "100"', { pidsLimit: { value: 100 } }],
    [
      'security_opt',
      'security_opt: ["no-new-privileges:true"]',
      { securityOpt: [{ value: 'no-new-privileges:true' }] },
    ],
    ['cap_drop', 'cap_drop: [ALL]', { capDrop: [{ value: 'ALL' }] }],
    [
      'devices',
      'devices: ["/dev/kvm", {source: /dev/a, target: /dev/b}]',
      { devices: [{ value: '/dev/kvm' }, { value: '/dev/a:/dev/b' }] },
    ],
    ['a health check', 'healthcheck: {test: [CMD, x]}', { healthcheck: { value: true } }],
    ['a health check that is disabled', 'healthcheck: {disable: true}', { healthcheck: { value: false } }],
    ['no health check', 'healthcheck: {test: [NONE]}', { healthcheck: { value: false } }],
    ['a log driver', 'logging: {driver: syslog}', { logDriver: { value: 'syslog' } }],
    ['profiles', 'profiles: [ci]', { profiles: ['ci'] }],
    ['a list that is a text', 'cap_add: ALL', { capAdd: [], gaps: ['cap_add is not a list'] }],
  ])('%s', (_what, line, expected) => {
    expect(plain(drone(line))).toMatchObject(expected);
  });

  it.each(['mem_limit: 0', 'pids_limit: -1', 'cpus: 0', 'mem_limit: -1'])('%s is no limit', (line) => {
    const { memoryLimit, pidsLimit, cpuLimit, gaps } = drone(line);
    expect([memoryLimit, pidsLimit, cpuLimit, gaps]).toEqual([undefined, undefined, undefined, []]);
  });

  it('splits commands, each word with its place', () => {
    const { command, entrypoint } = drone('command: agent --name "a b"', 'entrypoint: [/bin/sh, -c]');
    expect(command.map(({ value, at }) => [value, quoted(at)])).toEqual([
      ['agent', 'ci/a.yml: agent'],
      ['--name', 'ci/a.yml: --name'],
      ['a b', 'ci/a.yml: "a b"'],
    ]);
    expect(entrypoint.map(({ value, at }) => [value, at.path])).toEqual([
      ['/bin/sh', 'services[drone].entrypoint[0]'],
      ['-c', 'services[drone].entrypoint[1]'],
    ]);
  });

  it('names networks as the engine does', () => {
    const text = `${serviceFile('networks: [own, named, outside, old]')}networks:\n  named: {name: real}\n  outside: {external: true}\n  old: {external: {name: former}}\n`;
    expect(values(container(readProject({ 'a.yml': text })).networks)).toEqual(['ci_own', 'real', 'outside', 'former']);
    expect(values(drone().networks)).toEqual(['ci_default']);
  });

  it('collects the names under which others reach it', () => {
    const text =
      'services:\n  drone:\n    image: drone/drone\n    container_name: c\n    hostname: h\n    networks: {n: {aliases: [a]}}\n  r:\n    image: x\n    links: ["drone:server", drone]\n';
    expect(container(readProject({ 'a.yml': text })).aliases).toEqual(['drone', 'c', 'h', 'a', 'server']);
  });

  it('reads labels of both forms', () => {
    const read = (line: string) => [...drone(line).labels].map(([key, { value, at }]) => [key, value, at.path]);
    expect(read('labels: {a: 1, b: }')).toEqual([
      ['a', '1', 'services[drone].labels[a]'],
      ['b', '', 'services[drone].labels[b]'],
    ]);
    expect(read('labels: [a=x=y, b]')).toEqual([
      ['a', 'x=y', 'services[drone].labels[a]'],
      ['b', '', 'services[drone].labels[b]'],
    ]);
  });

  it('belongs to its settings and they to it', () => {
    const found = drone('environment: [DRONE_RPC_SECRET=x]');
    expect(settingsOf(found)).toBe(settingsOf(found));
    expect(plain(settingsOf(found).label)).toBe('service "drone"');
    expect(settingsOf(found)).toMatchObject({
      owner: found.owner,
      role: found.role,
      live: false,
      container: found,
    });
    expect([found.at.path, quoted(found.at)]).toEqual(['services[drone]', 'ci/a.yml: drone']);
  });
});

describe('secret text', () => {
  const text = [
    '# DRONE_RPC_SECRET=in-a-comment',
    'x-unused:',
    '  DRONE_GITEA_CLIENT_SECRET: in-a-fragment',
    'services:',
    '  drone:',
    '    image: drone/drone:2',
    '    environment:',
    '      - "DRONE_COOKIE_SECRET=in a list"',
    '      - DRONE_RPC_SECRET=${RPC:-in-a-fallback}',
    '      - DRONE_DATABASE_DATASOURCE=postgres://u:in-a-url@${HOST}/x',
    '      - DRONE_WEBHOOK_SECRET=${WEBHOOK}',
    '      - DRONE_SERVER_HOST=drone.example.com',
    '    command: --rpc-secret=in-an-option --token in-a-word',
    '  db:',
    '    image: postgres',
    '    environment: {POSTGRES_PASSWORD: in-another-service}',
    '    env_file: db.env',
    '',
  ].join('\n');

  it('is found wherever it stands, and nothing else is', () => {
    const reading = readProject({
      'a.yml': text,
      'db.env': 'ADMIN_PASSWORD=in-an-env-file\n',
      '.env': 'OTHER_TOKEN=in-dot-env\n',
    });
    const found = new Set(reading.secrets.map((at) => at.source.text.slice(at.span.start, at.span.end)));
    expect([...found].sort()).toEqual(
      [
        'in-a-comment',
        'in-a-fragment',
        'in a list',
        'in-a-fallback',
        'in-a-url',
        'in-an-option',
        'in-a-word',
        'in-another-service',
        'in-an-env-file',
        'in-dot-env',
      ].sort(),
    );
  });

  it('is found in a file that is broken', () => {
    const { secrets, containers } = readProject({
      'a.yml': 'services:\n  drone:\n    environment:\n      - DRONE_RPC_SECRET=abc\n   x: [\n',
    });
    expect(containers).toEqual([]);
    expect(secrets.map(quoted)).toEqual(['ci/a.yml: abc']);
  });

  it('is never in a message', () => {
    const reading = readProject({
      'a.yml': `${text}  bad: canary-${'$'}{\n  worse: [canary\n`,
      'db.env': 'canary canary=canary\n',
    });
    const told = [...reading.problems, ...reading.unknown].map(({ message }) => plain(message));
    expect(told.length).toBeGreaterThan(0);
    expect(told.join('\n')).not.toMatch(/canary|in-a/);
  });
});

describe('an image that is built', () => {
  it.each<[string, readonly string[], true | undefined]>([
    ['here', ['build: .'], true],
    ['with options', ['build: { context: ., dockerfile: Dockerfile.drone }'], true],
    ['always', ['build: .', 'pull_policy: build'], true],
    ['or pulled', ['build: .', 'pull_policy: always'], undefined],
    ['nowhere', [], undefined],
    ['no longer', ['build: !reset null'], undefined],
  ])('%s', (_what, lines, built) => {
    expect(drone(...lines).built).toBe(built);
  });
});

describe('recognising compose files', () => {
  it.each([
    ['the image of the server', 'services:\n  ci:\n    image: drone/drone:2\n'],
    [
      'variables of Drone',
      'services:\n  ci:\n    image: registry.example.com/ci\n    environment: [DRONE_RPC_SECRET]\n',
    ],
    ['the first format', 'ci:\n  image: drone/drone:0.4\n  ports: ["80:80"]\n'],
    ['an include', 'include: [drone-server.yml]\n'],
  ])('takes %s', (_what, text) => {
    expect(looksLikeCompose(text)).toBe(true);
  });

  it.each([
    ['other services', 'services:\n  web:\n    image: nginx\n'],
    ['Drone in a comment only', 'services:\n  web:\n    image: nginx # not drone\n# drone/drone\n'],
    ['a pipeline', 'kind: pipeline\nservices:\n  - name: x\n    image: drone/drone\n'],
    ['a pipeline of 0.8', 'pipeline:\n  x: {image: drone/drone}\nservices:\n  db: {image: drone/drone}\n'],
    ['a manifest', 'apiVersion: v1\nkind: Service\nmetadata: {name: drone-server}\n'],
    ['values of a chart', 'image:\n  repository: drone/drone\nenv:\n  DRONE_SERVER_HOST: x\n'],
    ['a workflow', 'on: push\njobs: {x: {services: {d: {image: drone/drone}}}}\n'],
    ['prose', 'drone/drone is an image\n'],
    ['nothing', ''],
  ])('leaves %s', (_what, text) => {
    expect(looksLikeCompose(text)).toBe(false);
  });
});
