import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Container } from '../../../src/model/container.ts';
import type { Lookup, Reading } from '../../../src/model/reading.ts';
import type { Location, Source } from '../../../src/model/source.ts';
import { say } from '../../../src/model/text.ts';
import { looksLikeDockerRun, readDockerRun } from '../../../src/readers/docker/script.ts';
import { expectProportional } from '../../support/cost.ts';
import { plain } from '../../support/text.ts';

function lookupIn(files: Readonly<Record<string, string>>): Lookup {
  return (_, path, form) => {
    const text = files[path];
    return text === undefined
      ? { kind: 'unreadable', source: path, message: say`is not there`, incomplete: false }
      : { name: path, form, text };
  };
}

function read(text: string, name = 'start.sh', files: Readonly<Record<string, string>> = {}): Reading {
  const source: Source = { name, form: 'docker-run', text };
  return readDockerRun(source, lookupIn(files));
}

function one(text: string, files?: Readonly<Record<string, string>>): Container {
  const [container, ...more] = read(text, 'start.sh', files).containers;
  if (!container || more.length > 0) throw new Error(`${more.length} more containers`);
  return container;
}

function quoted(at: Location | undefined): string | undefined {
  return at?.source.text.slice(at.span.start, at.span.end);
}

function values(container: Container | undefined): Record<string, string | undefined> {
  return Object.fromEntries([...(container?.environment.variables ?? [])].map(([name, { value }]) => [name, value]));
}

describe('recognition', () => {
  it.each([
    'docker run drone/drone:2',
    '  sudo docker run \\\n -d drone/drone:2',
    '# Drone\n```\n$ podman run drone/drone\n```\n',
    'docker -H tcp://10.0.0.1:2376 container create drone/drone',
    'docker service create --name drone drone/drone:2',
    'ID=$(docker run -d drone/drone:2)',
    'export DRONE_RPC_HOST=ci.example.com\ndrone-runner-exec\n',
    'cat > /etc/drone-runner-exec/config <<EOF\nDRONE_RPC_HOST=ci.example.com\nEOF\n',
  ])('of %j', (text) => {
    expect(looksLikeDockerRun(text)).toBe(true);
  });

  it.each([
    'docker run nginx',
    'drone is a CI server',
    'docker compose run drone',
    'docker-compose run --rm drone sh',
    '# docker run --env-file drone.env drone/drone:2\nDRONE_RPC_HOST=ci.example.com\n',
    'DRONE_RPC_HOST=ci.example.com\nDRONE_RPC_PROTO=https\n',
    'DRONE_RPC_HOST=ci.example.com\ncat <<EOF\nDRONE_RPC_PROTO=http\nEOF\n',
  ])('not of %j', (text) => {
    expect(looksLikeDockerRun(text)).toBe(false);
  });
});

describe('flags', () => {
  it('are read into a container', () => {
    const container = one(`docker run \\
  --volume=/var/lib/drone:/data -v /var/run/docker.sock:/var/run/docker.sock:ro,rslave -v cache:/cache -v /anonymous \\
  --mount type=bind,source=/etc,target=/host,readonly --tmpfs /run:size=1m \\
  -p 80:80 --publish 127.0.0.1:443:443/tcp -p [::1]:9000:9000/udp -p 3000 --expose 22 \\
  --privileged --cap-add SYS_ADMIN --cap-add=NET_ADMIN --cap-drop ALL --security-opt no-new-privileges \\
  --device /dev/kvm --network ci --network-alias drone-ci --pid=host --ipc host --uts=host --userns=host -u 1000:1000 \\
  --read-only -m 512m --cpus=1.5 --pids-limit 100 --restart=always --log-driver syslog --log-opt tag=drone \\
  -l a=b --label=c --no-healthcheck --entrypoint /bin/drone-server -itd --init --name drone \\
  drone/drone:2.24 --env-file /data/.env`);
    expect(plain(container)).toMatchObject({
      owner: 'start.sh#run[drone]',
      label: 'docker run "drone"',
      name: 'drone',
      role: 'server',
      live: false,
      image: { value: { name: 'drone/drone', tag: '2.24' } },
      version: '2.24',
      environment: { gaps: ['the file of "--env-file" was not read'] },
      privileged: { value: true },
      capAdd: [{ value: 'SYS_ADMIN' }, { value: 'NET_ADMIN' }],
      capDrop: [{ value: 'ALL' }],
      securityOpt: [{ value: 'no-new-privileges' }],
      devices: [{ value: '/dev/kvm' }],
      networks: [{ value: 'ci' }],
      aliases: ['drone', 'drone-ci'],
      pidMode: { value: 'host' },
      ipcMode: { value: 'host' },
      utsMode: { value: 'host' },
      usernsMode: { value: 'host' },
      user: { value: '1000:1000' },
      readOnlyRoot: { value: true },
      memoryLimit: { value: 512 * 1024 * 1024 },
      cpuLimit: { value: 1.5 },
      pidsLimit: { value: 100 },
      restart: { value: 'always' },
      logDriver: { value: 'syslog' },
      healthcheck: { value: false },
      entrypoint: [{ value: '/bin/drone-server' }],
      command: [{ value: '--env-file' }, { value: '/data/.env' }],
      gaps: [],
    });
    expect(container.networkMode).toBeUndefined();
    expect([...container.labels].map(([key, { value }]) => [key, value])).toEqual([
      ['a', 'b'],
      ['c', ''],
    ]);
    expect([...container.logOptions]).toEqual([['tag', 'drone']]);
    expect(container.mounts.map(({ at, ...mount }) => mount)).toEqual([
      { type: 'bind', source: '/var/lib/drone', target: '/data', readOnly: false },
      {
        type: 'bind',
        source: '/var/run/docker.sock',
        target: '/var/run/docker.sock',
        readOnly: true,
        propagation: 'rslave',
      },
      { type: 'volume', source: 'cache', target: '/cache', readOnly: false },
      { type: 'volume', target: '/anonymous', readOnly: false },
      { type: 'bind', source: '/etc', target: '/host', readOnly: true },
      { type: 'tmpfs', target: '/run', readOnly: false },
    ]);
    expect(container.ports.map(({ at, ...port }) => port)).toEqual([
      { hostAddress: '', hostPort: '80', containerPort: '80', protocol: 'tcp' },
      { hostAddress: '127.0.0.1', hostPort: '443', containerPort: '443', protocol: 'tcp' },
      { hostAddress: '::1', hostPort: '9000', containerPort: '9000', protocol: 'udp' },
      { hostAddress: '', containerPort: '3000', protocol: 'tcp' },
      { containerPort: '22', protocol: 'tcp' },
    ]);
  });

  it.each<[string, string | undefined]>([
    ['-e A=b', 'b'],
    ['-eA=b', 'b'],
    ['-e=A=b', 'b'],
    ['--env A=b', 'b'],
    ['--env=A=b', 'b'],
    ['-dite A=b', 'b'],
    ['-diteA=b=c', 'b=c'],
    ['--env "A=b c"', 'b c'],
    ["--env 'A=$b'", '$b'],
    ['--env A="b c"', 'b c'],
    ['-e A=', ''],
    ['-e A=old -e A=b', 'b'],
    ['-e A', undefined],
    ['-e A=$UNKNOWN', undefined],
    ['-e A=$(pass drone)', undefined],
  ])('%s', (flags, value) => {
    const container = one(`docker run ${flags} drone/drone:2`);
    expect([...container.environment.variables.keys()]).toEqual(['A']);
    expect(values(container)).toEqual({ A: value });
    expect(container.image?.value.name).toBe('drone/drone');
  });

  it.each<[string, boolean | undefined]>([
    ['--privileged', true],
    ['--privileged=true', true],
    ['--privileged=false', false],
    ['--privileged --privileged=0', false],
    ['--privileged=$P', undefined],
    ['', undefined],
  ])('%j', (flags, privileged) => {
    expect(one(`docker run ${flags} drone/drone:2`).privileged?.value).toBe(privileged);
  });

  it.each<[string, string, readonly string[]]>([
    ['--net=host', 'host', []],
    ['--network container:drone', 'container:drone', []],
    ['--net ci', '', ['ci']],
    ['--network name=ci,alias=server', '', ['ci']],
  ])('%s', (flags, mode, networks) => {
    const container = one(`docker run ${flags} drone/drone:2`);
    expect(container.networkMode?.value ?? '').toBe(mode);
    expect(container.networks.map(({ value }) => value)).toEqual(networks);
  });

  it.each<[string, Record<string, unknown>]>([
    ['$(pwd)/data:/data', { type: 'bind', source: '$(pwd)/data', target: '/data' }],
    ['$PWD:/data:ro', { type: 'bind', target: '/data', readOnly: true }],
    ['$VOLUME:/data', { type: 'other', target: '/data' }],
    ['${SOCKET:-/var/run/docker.sock}:/var/run/docker.sock', { type: 'bind', source: '/var/run/docker.sock' }],
    ["'C:\\drone:/data'", { type: 'bind', source: 'C:\\drone', target: '/data' }],
    ["'C:\\drone:D:\\data:ro'", { type: 'bind', source: 'C:\\drone', target: 'D:\\data', readOnly: true }],
    ['./data:/data', { type: 'bind', source: './data' }],
    ['~/data:/data', { type: 'bind', source: '~/data' }],
  ])('-v %s', (volume, expected) => {
    const [mount] = one(`docker run -v ${volume} drone/drone:2`).mounts;
    expect(mount).toMatchObject(expected);
    expect(mount?.source !== undefined).toBe('source' in expected);
  });

  it('of services', () => {
    const container = one(
      'docker service create --name drone --replicas 2 --publish published=8080,target=80 --constraint node.role==manager --limit-memory 1g --container-label a=b --secret rpc drone/drone:2',
    );
    expect(plain(container)).toMatchObject({ name: 'drone', memoryLimit: { value: 1024 ** 3 }, gaps: [] });
    expect(container.ports[0]).toMatchObject({ hostAddress: '', hostPort: '8080', containerPort: '80' });
  });

  it.each([
    'sudo -E docker run -e A=b drone/drone:2',
    '$SUDO docker run -e A=b drone/drone:2',
    '/usr/bin/docker --host tcp://10.0.0.1:2376 -D run -e A=b drone/drone:2',
    'docker container create -e A=b drone/drone:2',
    'DOCKER_HOST=ssh://ci nohup podman run -e A=b drone/drone:2 &',
    'nerdctl -n drone run -e A=b drone/drone:2',
    'ID=$(docker run -e A=b drone/drone:2)',
    'if true; then docker run -e A=b drone/drone:2 | cat; fi',
    "bash -c 'docker run -e A=b drone/drone:2'",
    'docker run -- drone/drone:2; true "docker run x"; docker compose run drone; docker exec drone sh',
  ])('are found in %j', (text) => {
    expect(one(text).image?.value.text).toBe('drone/drone:2');
  });

  it('that nobody knows are told', () => {
    const container = one('docker run --new-flag x --other -Z -e A=b drone/drone:2');
    expect(container.image?.value.name).toBe('drone/drone');
    expect(container.environment.complete).toBe(false);
    expect(plain(container.gaps)).toEqual([
      'the flag "--new-flag" is not known',
      'the flag "--other" is not known',
      'the flag "-Z" is not known',
    ]);
    expect(one('docker run -d --new-switch drone/drone:2').image?.value.name).toBe('drone/drone');
  });

  it('may be hidden in a variable', () => {
    expect(plain(one('docker run $OPTIONS -d drone/drone:2'))).toMatchObject({
      image: { value: { text: 'drone/drone:2' } },
      gaps: ['the arguments "$OPTIONS" are not known'],
    });
    const known = one('OPTIONS="-e A=b --privileged"\ndocker run $OPTIONS drone/drone:2');
    expect(plain(known)).toMatchObject({ gaps: [], privileged: { value: true } });
    expect(quoted(known.environment.variables.get('A')?.at)).toBe('b');
  });

  it.each([
    ['docker run -d $IMAGE', '$IMAGE'],
    ['docker run -d drone/drone:$TAG', 'drone/drone:$TAG'],
    ['docker run -d <image>', '<image>'],
  ])('image of %j', (text, imageText) => {
    const container = one(text);
    expect(container.image).toBeUndefined();
    expect(container.imageText?.value).toBe(imageText);
    expect(quoted(container.imageText?.at)).toBe(imageText);
  });
});

describe('variables of the script', () => {
  it('give their values, located where they are set', () => {
    const reading = read(
      'RPC=3f9c1d7e5b2a48069f1e2d3c4b5a6978\nexport HOST=ci.example.com\ndocker run -e DRONE_RPC_SECRET=$RPC -e DRONE_SERVER_HOST=${HOST} -e DRONE_RPC_HOST=rpc.$HOST:80 -e HOST drone/drone:2',
    );
    const variables = reading.containers[0]?.environment.variables;
    expect(variables?.get('DRONE_RPC_SECRET')).toMatchObject({ origin: 'interpolated', secret: { length: 32 } });
    expect(quoted(variables?.get('DRONE_RPC_SECRET')?.at)).toBe('3f9c1d7e5b2a48069f1e2d3c4b5a6978');
    expect(quoted(variables?.get('DRONE_RPC_SECRET')?.usedAt)).toBe('$RPC');
    expect(variables?.get('DRONE_RPC_HOST')?.value).toBe('rpc.ci.example.com:80');
    expect(quoted(variables?.get('DRONE_RPC_HOST')?.at)).toBe('rpc.$HOST:80');
    expect(variables?.get('HOST')).toMatchObject({ value: 'ci.example.com', origin: 'interpolated' });
    expect(reading.secrets.map(quoted)).toContain('3f9c1d7e5b2a48069f1e2d3c4b5a6978');
  });

  it.each([
    ['if x; then A=b; fi\ndocker run -e A=$A drone/drone:2', undefined],
    ['[ -z "$A" ] && A=b\ndocker run -e A=$A drone/drone:2', undefined],
    ['A=b; A=$(date)\ndocker run -e A=$A drone/drone:2', undefined],
    ['(A=b)\ndocker run -e A=$A drone/drone:2', undefined],
    ['docker run -e A=$A drone/drone:2\nA=b', undefined],
    ['A=b; read A\ndocker run -e A=$A drone/drone:2', undefined],
    ['if x; then A=b; docker run -e A=$A drone/drone:2; fi', 'b'],
    ['A=b && docker run -e A=$A drone/drone:2', 'b'],
    ['A=b docker run -e A drone/drone:2', 'b'],
    ['env A=b docker run -e A drone/drone:2', 'b'],
    ["A=b\nsh -c 'docker run -e A=$A drone/drone:2'", 'b'],
    ['A=b\nsh -c "docker run -e A=$A drone/drone:2"', 'b'],
    ['B=b; A=$B$B\ndocker run -e A=$A drone/drone:2', 'bb'],
  ])('hold where they are set: %j', (text, value) => {
    expect(values(one(text))).toEqual({ A: value });
  });

  it('fall back', () => {
    const container = one('docker run -e DRONE_RPC_SECRET=${RPC:-hunter2hunter2} drone/drone:2');
    const variable = container.environment.variables.get('DRONE_RPC_SECRET');
    expect(variable).toMatchObject({
      origin: 'fallback',
      value: 'hunter2hunter2',
      fallback: { value: 'hunter2hunter2' },
    });
    expect(quoted(variable?.at)).toBe('hunter2hunter2');
  });

  it('come from files that are sourced', () => {
    const container = one('. ./drone.env\ndocker run -e DRONE_RPC_SECRET=$RPC drone/drone:2', {
      './drone.env': 'export RPC=3f9c1d7e5b2a4806\n',
    });
    const variable = container.environment.variables.get('DRONE_RPC_SECRET');
    expect([variable?.at.source.name, quoted(variable?.at)]).toEqual(['./drone.env', '3f9c1d7e5b2a4806']);
  });
});

describe('files of variables', () => {
  it('are read before the flags', () => {
    const reading = read('docker run --env-file server.env -e A=flag drone/drone:2', 'start.sh', {
      'server.env': 'A=file\nDRONE_RPC_SECRET=3f9c1d7e5b2a4806\n',
    });
    expect(values(reading.containers[0])).toMatchObject({ A: 'flag', DRONE_RPC_SECRET: '3f9c1d7e5b2a4806' });
    expect(reading.containers[0]?.environment.variables.get('DRONE_RPC_SECRET')).toMatchObject({ heldBy: 'env-file' });
    expect(reading.consumed.map(({ name, form }) => [name, form])).toEqual([['server.env', 'docker-env']]);
    expect(reading.secrets.map((at) => [at.source.name, quoted(at)])).toEqual([['server.env', '3f9c1d7e5b2a4806']]);
  });

  it('may be missing', () => {
    const reading = read('docker run --env-file=server.env drone/drone:2');
    expect(plain(reading.containers[0]?.environment)).toMatchObject({
      complete: false,
      gaps: ['--env-file "server.env" is not there'],
    });
    expect(reading.unknown.map(({ message }) => plain(message))).toEqual(['--env-file "server.env" is not there']);
  });

  it('that the script writes are read where they stand', () => {
    const text = `RPC=3f9c1d7e5b2a4806
cat <<EOF | sudo tee /etc/drone.env >/dev/null
DRONE_RPC_SECRET=$RPC
DRONE_SERVER_HOST=ci.example.com
DRONE_COOKIE_SECRET=$(openssl rand -hex 32)
EOF
docker run --env-file /etc/drone.env drone/drone:2`;
    const { containers, settings, secrets } = read(text);
    expect(settings).toEqual([]);
    expect(values(containers[0])).toEqual({
      DRONE_RPC_SECRET: '3f9c1d7e5b2a4806',
      DRONE_SERVER_HOST: 'ci.example.com',
      DRONE_COOKIE_SECRET: undefined,
    });
    expect(quoted(containers[0]?.environment.variables.get('DRONE_SERVER_HOST')?.at)).toBe('ci.example.com');
    expect(new Set(secrets.map(quoted))).toEqual(new Set(['3f9c1d7e5b2a4806']));
  });

  it('that nobody in the script reads are settings of their own', () => {
    const { settings } = read(
      "mkdir -p ~/.drone-runner-exec\ncat > ~/.drone-runner-exec/config <<'EOF'\nDRONE_RPC_HOST=ci.example.com\nDRONE_RPC_SECRET=3f9c1d7e5b2a4806\nEOF\n",
    );
    expect(settings).toHaveLength(1);
    expect(settings[0]).toMatchObject({
      owner: 'start.sh#file[~/.drone-runner-exec/config]',
      role: 'runner-exec',
      complete: true,
    });
    expect(quoted(settings[0]?.variables.get('DRONE_RPC_SECRET')?.at)).toBe('3f9c1d7e5b2a4806');
  });
});

describe('programs of Drone', () => {
  it('have what the script exports', () => {
    const { settings, secrets } = read(
      'export DRONE_RPC_HOST=ci.example.com\nDRONE_UNEXPORTED=1\nset -a\nDRONE_RPC_PROTO=https\nset +a\nDRONE_RPC_SECRET=3f9c1d7e5b2a4806 exec /usr/local/bin/drone-runner-docker daemon\n',
    );
    expect(settings).toHaveLength(1);
    expect(plain(settings[0])).toMatchObject({
      owner: 'start.sh#process[drone-runner-docker]',
      label: 'process "drone-runner-docker"',
      role: 'runner-docker',
      complete: false,
    });
    expect([...(settings[0]?.variables ?? [])].map(([name, { value }]) => [name, value])).toEqual([
      ['DRONE_RPC_HOST', 'ci.example.com'],
      ['DRONE_RPC_PROTO', 'https'],
      ['DRONE_RPC_SECRET', '3f9c1d7e5b2a4806'],
    ]);
    expect(secrets.map(quoted)).toContain('3f9c1d7e5b2a4806');
  });

  it.each<[string, string]>([
    ['drone-server --env-file=/etc/drone.env', 'server'],
    ['drone-runner-exec service run --config /etc/drone.env', 'runner-exec'],
    ['drone-runner-ssh daemon /etc/drone.env', 'runner-ssh'],
    ['sudo -u drone drone-runner-kube daemon /etc/drone.env &', 'runner-kube'],
  ])('read files: %s', (text, role) => {
    const { settings } = read(`export DRONE_TRACE=false\n${text}`, 'start.sh', {
      '/etc/drone.env': 'DRONE_RPC_HOST=ci.example.com\nDRONE_TRACE=true\n',
    });
    expect(settings.map((found) => found.role)).toEqual([role]);
    expect(settings[0]?.variables.get('DRONE_RPC_HOST')?.value).toBe('ci.example.com');
    expect(settings[0]?.variables.get('DRONE_TRACE')?.value).toBe('false');
  });

  it.each(['drone-server --help', 'drone-runner-exec service install', 'drone-runner-docker exec', 'drone server ls'])(
    'are not started by %s',
    (text) => {
      expect(read(`export DRONE_RPC_HOST=ci.example.com\n${text}`).settings).toEqual([]);
    },
  );
});

describe('pasted commands', () => {
  it.each([
    'docker run \\\n  -e A=b \\ \n  -e B=c \\\n  --name drone \\\n  drone/drone:2',
    'docker run \\\n  -e A=b \\\n  # a comment\n  -e B=c \\\n  --name drone \\\n  drone/drone:2',
    'docker run \\\n  -e A=b \\ # a comment\n  -e B=c \\\n  --name drone drone/drone:2',
    'docker run\n  -e A=b\n  -e B=c\n  --name drone\n  drone/drone:2',
    'docker run \\\n\n  -e A=b \\\n\n  -e B=c --name drone \\\n\n  drone/drone:2',
    'docker run \\\r\n\t-e A=b \\\r\n\t-e B=c\\\r\n\t--name drone \\\r\n\tdrone/drone:2\r\n',
    'docker run [OPTIONS] -e A=b -e B=c --name drone drone/drone:2 ...',
  ])('%j', (text) => {
    const container = one(`${text}\necho done`);
    expect(container).toMatchObject({ name: 'drone', image: { value: { name: 'drone/drone' } } });
    expect(values(container)).toEqual({ A: 'b', B: 'c' });
    for (const [, { at, value }] of container.environment.variables) expect(quoted(at)).toBe(value);
  });

  it.each(["'A=\\ #'", '"A=\\\\ #"'])('take no quoted backslash for the end of a line: %s', (argument) => {
    const container = one(`docker run -e B=c \\\n  -e ${argument} \\\n  drone/drone:2`);
    expect(values(container)).toEqual({ A: '\\ #', B: 'c' });
  });

  it('keep placeholders whole', () => {
    const reading = read(
      'docker run --env=DRONE_RPC_SECRET=<a long secret> --env=DRONE_GITHUB_CLIENT_SECRET={{DRONE_GITHUB_CLIENT_SECRET}} --env=DRONE_SERVER_HOST={{ host }} --name <name> drone/drone:2',
    );
    const variables = reading.containers[0]?.environment.variables;
    expect(variables?.get('DRONE_RPC_SECRET')).toMatchObject({
      value: '<a long secret>',
      secret: { kind: 'placeholder' },
    });
    expect(quoted(variables?.get('DRONE_GITHUB_CLIENT_SECRET')?.at)).toBe('{{DRONE_GITHUB_CLIENT_SECRET}}');
    expect(quoted(variables?.get('DRONE_SERVER_HOST')?.at)).toBe('{{ host }}');
    expect(reading.containers[0]?.name).toBe('<name>');
  });

  it('without an image are still told', () => {
    const container = one('docker run -d -e DRONE_RPC_SECRET=3f9c1d7e5b2a4806\necho done');
    expect(plain(container.gaps)).toEqual(['the command names no image']);
    expect(container.owner).toBe('start.sh#run[#1]');
  });

  it('of one name get owners of their own', () => {
    const { containers } = read(
      'docker run --name drone drone/drone:1\ndocker run --name drone drone/drone:2\ndocker run redis\n',
    );
    expect(containers.map(({ owner }) => owner)).toEqual([
      'start.sh#run[drone]',
      'start.sh#run[drone#2]',
      'start.sh#run[redis]',
    ]);
  });
});

describe('Markdown', () => {
  const page = `# Drone

Do not use docker run -e DRONE_RPC_SECRET=prose drone/drone.

\`\`\`yaml
run: docker run drone/drone:0
\`\`\`

1. Start the server

   \`\`\`console
   $ export RPC=3f9c1d7e5b2a4806
   $ docker run \\
   >   -e DRONE_RPC_SECRET=$RPC \\
   >   -e DRONE_SERVER_HOST=ci.example.com \\
   >   drone/drone:2
   2f1c9d
   \`\`\`

~~~
root@ci:~$ docker run -e DRONE_RPC_SECRET="3f9c1d7e5b2a4807" drone/drone-runner-docker:1
~~~

\`\`\`sh
docker run -e DRONE_UNCLOSED=yes drone/drone-runner-ssh
`;

  it('holds commands in its fences', () => {
    const { containers, secrets } = read(page, 'docs/README.md');
    expect(containers.map(({ image }) => image?.value.text)).toEqual([
      'drone/drone:2',
      'drone/drone-runner-docker:1',
      'drone/drone-runner-ssh',
    ]);
    expect(values(containers[0])).toEqual({
      DRONE_RPC_SECRET: '3f9c1d7e5b2a4806',
      DRONE_SERVER_HOST: 'ci.example.com',
    });
    for (const container of containers) {
      expect(quoted(container.at)).toBe('docker run');
      expect(quoted(container.image?.at)).toBe(container.image?.value.text);
      for (const { at, value, keyAt, name } of container.environment.variables.values()) {
        expect([quoted(at), quoted(keyAt)]).toEqual([value, name]);
      }
    }
    expect(new Set(secrets.map(quoted))).toEqual(new Set(['3f9c1d7e5b2a4806', '3f9c1d7e5b2a4807']));
  });

  it('may have CRLF', () => {
    const { containers } = read(page.replaceAll('\n', '\r\n'), 'docs/README.md');
    expect(containers).toHaveLength(3);
    for (const container of containers) {
      for (const { at, value } of container.environment.variables.values()) expect(quoted(at)).toBe(value);
    }
  });
});

describe('secrets', () => {
  it.each([
    ['docker run drone/drone:2 --token=canary0canary0', 'canary0canary0'],
    ['docker run drone/agent --secret canary0canary0', 'canary0canary0'],
    ['docker run -e DRONE_RPC_SECRET=canary0canary0 -e DRONE_RPC_SECRET=other drone/drone', 'canary0canary0'],
    ['docker run -e DRONE_USER_CREATE=username:ann,admin:true,token:canary0canary0 drone/drone', 'canary0canary0'],
    ['docker run -e DRONE_DATABASE_DATASOURCE=postgres://drone:canary0canary0@db/drone drone/drone', 'canary0canary0'],
    ['docker login -u ann -p canary0canary0\ndocker run drone/drone', 'canary0canary0'],
    ['DRONE_RPC_SECRET=canary0canary0\ndocker run drone/drone', 'canary0canary0'],
    ['export POSTGRES_PASSWORD="canary0canary0"', 'canary0canary0'],
    ['curl -u ann:canary0canary0 https://ci.example.com', 'canary0canary0'],
    ['git clone https://ann:canary0canary0@git.example.com/a.git', 'canary0canary0'],
    ['drone --token canary0canary0 info', 'canary0canary0'],
    ['docker run --log-opt splunk-token=canary0canary0 drone/drone', 'canary0canary0'],
    ['docker run -e DRONE_RPC_SECRET= canary0canary0 -d drone/drone', 'canary0canary0'],
  ])('of %j are noted', (text, secret) => {
    expect(read(`# drone\n${text}\n`).secrets.map(quoted)).toContain(secret);
  });

  it('are in no message and no path', () => {
    const { containers, settings, secrets, unknown } = read(
      'docker run -e DRONE_RPC_SECRET= canary0canary0 drone/drone\ndocker run --$X=canary0canary0 --mount type=volume,volume-opt=password=canary0canary0,target=/data -e DRONE_RPC_SECRET=canary0canary0 --oops canary0 -e $X=canary0canary0 drone/drone:2 --token=canary0canary0',
    );
    const told = [
      ...unknown.flatMap(({ message, at }) => [plain(message), at.path]),
      ...secrets.map(({ path }) => path),
      ...[...containers, ...settings].flatMap(({ owner, label, gaps }) => [owner, label, ...gaps]),
    ];
    expect(told.join('\n')).not.toContain('canary0canary0');
  });
});

describe('hostile text', () => {
  it.each<[string, (scale: number) => string]>([
    ['nested substitutions', (scale) => `docker run ${'$('.repeat(3000 * scale)}`],
    ['a line of a megabyte', (scale) => `docker run ${'-e DRONE_A=b '.repeat(80_000 * scale)} drone/drone`],
    ['many broken commands', (scale) => 'docker run -e DRONE_A=b\n-x\n'.repeat(5_000 * scale)],
    ['values that double', (scale) => `a=drone;${'a=$a$a;'.repeat(5_000 * scale)}docker run -e DRONE_A=$a drone/drone`],
    ['many fences', (scale) => '```\ndocker run drone/drone\n'.repeat(5_000 * scale)],
    ['many unknown flags', (scale) => `drone docker ${'-x run '.repeat(20_000 * scale)}`],
    ['many shells', (scale) => "sh -c 'docker run drone';".repeat(5_000 * scale)],
    [
      'many processes',
      (scale) => Array.from({ length: 1500 * scale }, (_, n) => `export DRONE_A${n}=1;drone-server`).join('\n'),
    ],
    [
      'a long file of variables',
      (scale) => `cat > f <<E\n${'DRONE_A=${b}c$d\n'.repeat(8_000 * scale)}E\ndocker run --env-file f drone/drone\n`,
    ],
    ['colons', (scale) => `docker run -v ${':'.repeat(200_000 * scale)} drone/drone`],
    ['quotes', (scale) => `docker run --mount '${'"'.repeat(200_001 * scale)}' drone/drone`],
  ])('%s', (_, text) => {
    expectProportional((scale) => [looksLikeDockerRun(text(scale)), read(text(scale)), read(text(scale), 'README.md')]);
  });

  it('never makes the reader throw, and values stand where they are said to', () => {
    const piece = fc.constantFrom(
      'docker run ',
      '-e ',
      'A=',
      'b',
      '$A',
      '"',
      "'",
      '\\\n',
      '\n',
      ' ',
      '-v ',
      'x:',
      '/y',
      'drone/drone ',
      '--env-file ',
      '$(',
      ')',
      '<',
      '>',
      '{{',
      '}}',
      '<<E\n',
      'E\n',
      'DRONE_X=',
      '```\n',
      '-p ',
      '1:2',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.constantFrom('a.sh', 'a.md'), (pieces, name) => {
        const text = pieces.join('');
        const reading = read(text, name, { x: 'A=b\n' });
        for (const { environment } of reading.containers) {
          for (const { at } of environment.variables.values())
            expect(at.span.end).toBeLessThanOrEqual(at.source.text.length);
        }
        for (const at of reading.secrets) expect(at.span.start).toBeLessThanOrEqual(at.span.end);
      }),
      { numRuns: 300 },
    );
  });

  it('plain values are found again by their places', () => {
    const value = fc.stringMatching(/^[A-Za-z0-9_.:/,@%+-]{1,30}$/);
    fc.assert(
      fc.property(value, fc.constantFrom('-e A=', '--env=A=', '-eA=', '--env "A=', "-e 'A="), (text, flag) => {
        const quote = /["']/.exec(flag)?.[0] ?? '';
        const found = one(`docker run \\\n\t${flag}${text}${quote} \\\n  drone/drone:2`).environment.variables.get('A');
        expect(found?.value).toBe(text);
        expect(quoted(found?.at)).toBe(text);
      }),
    );
  });
});

describe('what a shell makes of a command', () => {
  const image = 'drone/drone-runner-docker:1';

  it('takes the options of an array', () => {
    const container = one(
      `ARGS=(-e A=1 --privileged)\nARGS+=(-v "/a b:/c" -e "B=$X")\nX=2\ndocker run -d "\${ARGS[@]}" ${image} \${ARGS[*]}\n`,
    );
    expect(values(container)).toEqual({ A: '1', B: undefined });
    expect(container.privileged?.value).toBe(true);
    expect(container.mounts).toMatchObject([{ source: '/a b', target: '/c' }]);
    expect(container.image?.value.text).toBe(image);
    expect(quoted(container.mounts[0]?.at)).toBe('/a b:/c');
    expect(container.command).toHaveLength(8);
  });

  it('knows no options of an array that it does not know', () => {
    const container = one(`docker run "\${ARGS[@]}" -e A=1 ${image}\n`);
    expect(values(container)).toEqual({ A: '1' });
    expect(plain(container.gaps)).toEqual(['the arguments "${ARGS[@]}" are not known']);
    expect(container.image?.value.text).toBe(image);
  });

  it('splits unquoted variables, and only these', () => {
    expect(values(one(`X="a b"\ndocker run -e "A=$X" ${image}\n`))).toEqual({ A: 'a b' });
    const container = one(`X="a b"\ndocker run -e A=$X ${image}\n`);
    expect(values(container)).toEqual({ A: 'a' });
    expect(container.image?.value.text).toBe('b');
  });

  it('appends text to a variable', () => {
    const container = one(`O="-e A=1"\nO+=" --privileged"\ndocker run $O ${image}\n`);
    expect(values(container)).toEqual({ A: '1' });
    expect(container.privileged?.value).toBe(true);
  });

  it.each([
    ['${X:0:3}', 'abc'],
    ['${X:2}', 'cdef'],
    ['${X:+set}', 'set'],
    ['$((2+3))', '5'],
  ])('calculates %s', (reference, value) => {
    expect(values(one(`X=abcdef\ndocker run -e A=${reference} ${image}\n`))).toEqual({ A: value });
  });

  it('runs what eval is given', () => {
    expect(values(one(`X=1\neval "docker run -e A=$X ${image}"\n`))).toEqual({ A: '1' });
    expect(values(one(`eval 'X=1'\ndocker run -e A=$X ${image}\n`))).toEqual({ A: '1' });
  });

  it('passes on exported variables only', () => {
    const passed = (lines: string, files?: Readonly<Record<string, string>>) =>
      values(one(`${lines}\ndocker run -e A ${image}\n`, files));
    expect(passed('A=1')).toEqual({ A: undefined });
    expect(passed('export A=1')).toEqual({ A: '1' });
    expect(passed('A=1\nexport A')).toEqual({ A: '1' });
    expect(passed('set -a\nA=1')).toEqual({ A: '1' });
    expect(passed('. ./my.env', { './my.env': 'A=1\n' })).toEqual({ A: undefined });
    expect(passed('. ./my.env', { './my.env': 'export A=1\n' })).toEqual({ A: '1' });
    expect(passed('set -a; . ./my.env', { './my.env': 'A=1\n' })).toEqual({ A: '1' });
    expect(passed('B=2; set -a; . ./my.env', { './my.env': 'A=$B\n' })).toEqual({ A: '2' });
  });

  it('takes braces for plain text, but not in a page or a template', () => {
    const command = `docker run -e A={{b}} -e B={{ c }} ${image}\n`;
    expect(values(one(command))).toEqual({ A: '{{b}}', B: undefined });
    expect(values(read(`\`\`\`\n${command}\`\`\`\n`, 'README.md').containers[0])).toEqual({
      A: undefined,
      B: undefined,
    });
    expect(values(read(command, 'start.sh.j2').containers[0])).toEqual({ A: undefined, B: undefined });
  });

  it('continues lines as PowerShell does', () => {
    const text = `\`\`\`\ndocker run \`\n  -e A=1 \`\n  --privileged \`\n  ${image}\n\`\`\`\n`;
    const [container] = read(text, 'README.md').containers;
    expect(values(container)).toEqual({ A: '1' });
    expect(container?.privileged?.value).toBe(true);
    expect(container?.image?.value.text).toBe(image);
  });
});

describe('mounts', () => {
  it('have keys in any case', () => {
    const { mounts } = one('docker run --mount TYPE=BIND,Source=/a,TARGET=/b,ReadOnly drone/drone:2');
    expect(mounts).toMatchObject([{ type: 'bind', source: '/a', target: '/b', readOnly: true }]);
  });

  it('include the socket of --use-api-socket', () => {
    const { mounts } = one('docker run --use-api-socket drone/drone:2');
    expect(mounts).toMatchObject([{ type: 'bind', source: '/var/run/docker.sock', target: '/var/run/docker.sock' }]);
    expect(quoted(mounts[0]?.at)).toBe('--use-api-socket');
    expect(one('docker run --use-api-socket=false drone/drone:2').mounts).toEqual([]);
  });
});
