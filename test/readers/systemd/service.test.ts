import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Lookup, Reading } from '../../../src/model/reading.ts';
import type { Location, Source } from '../../../src/model/source.ts';
import { say } from '../../../src/model/text.ts';
import { looksLikeSystemd, readSystemd } from '../../../src/readers/systemd/service.ts';
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

function read(text: string, files: Readonly<Record<string, string>> = {}, name = 'etc/drone-server.service'): Reading {
  const source: Source = { name, form: 'systemd', text };
  return readSystemd(source, lookupIn(files));
}

function quoted(at: Location | undefined): string | undefined {
  return at?.source.text.slice(at.span.start, at.span.end);
}

function values(reading: Reading): Record<string, string | undefined> {
  return Object.fromEntries([...(reading.settings[0]?.variables ?? [])].map(([name, { value }]) => [name, value]));
}

const server = '[Service]\nExecStart=/usr/bin/drone-server\n';

describe('recognition', () => {
  it.each([
    '[Unit]\nDescription=Drone\n[Service]\nExecStart=/usr/bin/drone-server\n',
    '# comment\r\n; comment\r\n\r\n[Service]\r\nEnvironment=DRONE_RPC_HOST=a\r\n',
  ])('of %j', (text) => {
    expect(looksLikeSystemd(text)).toBe(true);
  });

  it.each([
    '[Service]\nExecStart=/usr/bin/nginx\n',
    '[Unit]\nDescription=Drone\n[Timer]\nOnCalendar=daily\n',
    'cat > drone.service <<EOF\n[Service]\nExecStart=/usr/bin/drone-server\nEOF\n',
    '# drone\n'.repeat(20_000),
    '# drone\r\n'.repeat(20_000),
  ])('not of %j', (text) => {
    expect(looksLikeSystemd(text)).toBe(false);
  });
});

describe('Environment=', () => {
  it.each<[string, Record<string, string | undefined>]>([
    ['A=b', { A: 'b' }],
    ['A=b C=d', { A: 'b', C: 'd' }],
    ['"A=b c" \'D=e f\'', { A: 'b c', D: 'e f' }],
    ['A="b c"d', { A: 'b cd' }],
    ['A=', { A: '' }],
    ['A=b=c', { A: 'b=c' }],
    ['A=\\x41\\tb\\sc\\"', { A: 'A\tb c"' }],
    ['A=\\q', { A: '\\q' }],
    ['A=$B ${C}', { A: '$B' }],
    ['A=100%%', { A: '100%' }],
    ['A=%i-x', { A: undefined }],
    ['A=b \\\n  C=d \\\n# comment\n  E=f', { A: 'b', C: 'd', E: 'f' }],
    ['A=b\nEnvironment=A=c D=e', { A: 'c', D: 'e' }],
    ['A=b\nEnvironment=\nEnvironment=C=d', { C: 'd' }],
    ['A=b C=d\nUnsetEnvironment=A', { C: 'd' }],
    ['A=b\nPassEnvironment=A HOME', { HOME: undefined, A: 'b' }],
    ['A=b\r', { A: 'b' }],
  ])('%j', (text, expected) => {
    const reading = read(`${server}Environment=${text}\n`);
    expect(values(reading)).toEqual(expected);
    expect(reading.settings[0]?.complete).toBe(true);
  });

  it('is located', () => {
    const reading = read(`${server}  Environment = "A=b c" \\\n  DRONE_RPC_SECRET=3f9c1d7e5b2a4806\n`);
    for (const { name, keyAt, value, at } of reading.settings[0]?.variables.values() ?? []) {
      expect([quoted(keyAt), quoted(at)]).toEqual([name, value ?? '3f9c1d7e5b2a4806']);
    }
    expect(new Set(reading.secrets.map(quoted))).toEqual(new Set(['3f9c1d7e5b2a4806']));
  });

  it('may be broken', () => {
    const reading = read(`${server}Environment="A=canary\nEnvironment=B=c canary\n`);
    expect(values(reading)).toEqual({ B: 'c' });
    expect(reading.problems.map(({ line, message }) => [line, plain(message)])).toEqual([
      [3, '"Environment": a quote is not closed; systemd ignores the line'],
      [4, '"Environment": a word has no "="; systemd ignores it'],
    ]);
  });

  it('counts in [Service] alone', () => {
    expect(
      values(read(`[Unit]\nEnvironment=A=b\n${server}Environment=DRONE_C=d\n[Install]\nEnvironment=E=f\n`)),
    ).toEqual({
      DRONE_C: 'd',
    });
  });
});

describe('EnvironmentFile=', () => {
  it('wins over Environment=', () => {
    const reading = read(`${server}EnvironmentFile=-/etc/drone/server.env\nEnvironment=A=unit B=unit\n`, {
      '/etc/drone/server.env': 'A="file"\nDRONE_RPC_SECRET=3f9c1d7e5b2a4806\n',
    });
    expect(values(reading)).toMatchObject({ A: 'file', B: 'unit' });
    expect(reading.settings[0]?.variables.get('A')?.at.source.name).toBe('/etc/drone/server.env');
    expect(quoted(reading.settings[0]?.variables.get('A')?.usedAt)).toBe('-/etc/drone/server.env');
    expect(reading.consumed.map(({ name }) => name)).toEqual(['/etc/drone/server.env']);
    expect(reading.settings[0]?.complete).toBe(true);
  });

  it.each<[string, string[]]>([
    ['EnvironmentFile=/etc/drone/server.env', ['EnvironmentFile "/etc/drone/server.env" is not there']],
    ['EnvironmentFile=-/etc/drone/server.env', ['EnvironmentFile "/etc/drone/server.env" is not there']],
    ['EnvironmentFile=/etc/drone/%i.env', ['EnvironmentFile "/etc/drone/%i.env" is not known']],
    ['EnvironmentFile=/etc/drone/*.env', ['EnvironmentFile "/etc/drone/*.env" is not known']],
    ['EnvironmentFile=/etc/drone/server.env\nEnvironmentFile=', []],
  ])('%s', (text, gaps) => {
    const [settings] = read(`${server}${text}\n`).settings;
    expect(plain(settings?.gaps)).toEqual(gaps);
    expect(settings?.complete).toBe(gaps.length === 0);
  });
});

describe('ExecStart=', () => {
  it.each<[string, string | undefined]>([
    ['/usr/bin/drone-server', 'server'],
    ['-@/usr/bin/drone-server drone --debug', 'server'],
    ['!!/usr/local/bin/drone-runner-docker', 'runner-docker'],
    ['"/usr/local/bin/drone-runner-exec"', 'runner-exec'],
    ['/usr/bin/env DRONE_X=1 /usr/local/bin/drone-runner-ssh daemon', 'runner-ssh'],
    ['/usr/bin/drone-autoscaler', 'autoscaler'],
    ['/usr/bin/drone agent', 'agent'],
    ['/usr/bin/drone-runner-exec service install', 'unknown'],
    ['/opt/start.sh', 'unknown'],
  ])('%s', (command, role) => {
    const { settings } = read(`[Service]\nEnvironment=DRONE_DEBUG=true\nExecStart=${command}\n`);
    expect(settings.map((found) => found.role)).toEqual([role]);
    expect(plain(settings[0])).toMatchObject({
      owner: 'etc/drone-server.service#service',
      label: 'unit "drone-server.service"',
    });
    expect(quoted(settings[0]?.at)).toBe('[Service]');
  });

  it('of another program without settings is none of our business', () => {
    expect(read('[Service]\nExecStart=/usr/bin/nginx -g drone\n').settings).toEqual([]);
  });

  it('names what was not read', () => {
    const { settings } = read('[Service]\nEnvironment=DRONE_DEBUG=true\nExecStart=/opt/start.sh\n');
    expect(plain(settings[0]?.gaps)).toEqual(['what "/opt/start.sh" sets was not read']);
  });

  it.each<[string, boolean]>([
    ['/usr/bin/drone-server --env-file=/etc/drone.env', true],
    ['/usr/bin/drone-server --env-file /etc/drone.env', true],
    ['/usr/bin/drone-runner-docker daemon ${FILE}', true],
    ['/usr/bin/drone-runner-docker daemon $FILE', true],
    ['/usr/local/bin/drone-runner-exec "service" "run" "--config" "/etc/drone.env"', true],
    ['/usr/bin/drone-runner-docker daemon /etc/%i.env', false],
    ['/usr/bin/drone-runner-docker daemon /etc/other.env', false],
    ['/usr/local/bin/drone-runner-exec service run', false],
  ])('%s', (command, known) => {
    const reading = read(`[Service]\nEnvironment=FILE=/etc/drone.env DRONE_TRACE=unit\nExecStart=${command}\n`, {
      '/etc/drone.env': 'DRONE_RPC_HOST=ci.example.com\nDRONE_TRACE=file\n',
    });
    expect(reading.settings[0]?.complete).toBe(known);
    expect(reading.settings[0]?.variables.get('DRONE_RPC_HOST')?.value).toBe(known ? 'ci.example.com' : undefined);
    expect(reading.settings[0]?.variables.get('DRONE_TRACE')?.value).toBe('unit');
    expect(reading.unknown).toHaveLength(known ? 0 : 1);
  });

  it('finds the configuration of the exec runner where root has it', () => {
    const files = { '/etc/drone-runner-exec/config': 'DRONE_RPC_HOST=ci.example.com\n' };
    const start = '[Service]\nExecStart=/usr/local/bin/drone-runner-exec service run\n';
    expect(values(read(start, files))).toEqual({ DRONE_RPC_HOST: 'ci.example.com' });
    expect(plain(read(`${start}User=ci\n`, files).settings[0]?.gaps)).toEqual([
      'the configuration in the home of its user was not read',
    ]);
  });

  it('may run a container', () => {
    const text = `[Service]
Environment="DRONE_GITHUB_CLIENT_ID=a b" IMAGE=drone/drone:2 "FLAGS=--privileged -p 80:80"
EnvironmentFile=/etc/drone.env
ExecStartPre=-/usr/bin/docker rm -f %n
ExecStart=/usr/bin/docker run --rm --name %N $FLAGS \\
  -e DRONE_RPC_SECRET \\
  -e DRONE_GITHUB_CLIENT_ID=\${DRONE_GITHUB_CLIENT_ID} -e 'DRONE_SERVER_HOST=ci.example.com' -e PRICE=$$1 \\
  -v /var/run/docker.sock:/var/run/docker.sock $IMAGE
`;
    const reading = read(text, { '/etc/drone.env': 'DRONE_RPC_SECRET=3f9c1d7e5b2a4806\n' });
    expect(reading.settings).toEqual([]);
    const [container] = reading.containers;
    expect(plain(container)).toMatchObject({
      owner: 'etc/drone-server.service#run[drone-server]',
      name: 'drone-server',
      role: 'server',
      privileged: { value: true },
      image: { value: { name: 'drone/drone', tag: '2' } },
      mounts: [{ source: '/var/run/docker.sock' }],
      ports: [{ hostPort: '80' }],
      gaps: [],
    });
    const variables = container?.environment.variables;
    expect(variables?.get('DRONE_RPC_SECRET')).toMatchObject({ origin: 'interpolated', secret: { length: 16 } });
    expect(variables?.get('DRONE_RPC_SECRET')?.at.source.name).toBe('/etc/drone.env');
    expect(variables?.get('DRONE_GITHUB_CLIENT_ID')?.value).toBe('a b');
    expect(quoted(variables?.get('DRONE_GITHUB_CLIENT_ID')?.usedAt)).toBe('${DRONE_GITHUB_CLIENT_ID}');
    expect(quoted(variables?.get('DRONE_SERVER_HOST')?.at)).toBe('ci.example.com');
    expect(variables?.get('PRICE')?.value).toBe('$1');
    expect(new Set(reading.secrets.map(quoted))).toEqual(new Set(['3f9c1d7e5b2a4806']));
  });

  it('may run a shell', () => {
    const reading = read(
      "[Service]\nEnvironment=RPC=3f9c1d7e5b2a4806\nExecStart=/bin/sh -c 'docker run -e DRONE_RPC_SECRET=${RPC} drone/drone:2 > /dev/null'\n",
    );
    const variable = reading.containers[0]?.environment.variables.get('DRONE_RPC_SECRET');
    expect(variable?.value).toBe('3f9c1d7e5b2a4806');
    expect(quoted(variable?.at)).toBe('3f9c1d7e5b2a4806');
    const process = read("[Service]\nEnvironment=DRONE_A=b\nExecStart=/bin/sh -c 'exec drone-server'\n");
    expect(process.settings[0]).toMatchObject({ role: 'server', complete: true });
  });

  it.each<[string, readonly string[]]>([
    ["ExecStart=/bin/sh -c 'export DRONE_C=d; exec drone-server'", []],
    ["ExecStart=/bin/sh -c '. /etc/drone.env; exec drone-server'", ['what "/etc/drone.env" sets was not read']],
    ["ExecStart=/bin/sh -c '. /etc/functions; exec drone-server'", ['what "/etc/functions" sets was not read']],
    ['ExecStart=/bin/sh -c \'eval "$(cat /a)"; exec drone-server\'', ['what "eval" sets was not read']],
    ["ExecStart=/bin/sh -c 'export $(cat /a); exec drone-server'", ['what "export" sets was not read']],
    [
      "ExecStart=/bin/sh -c 'if [ -f /a ]; then export DRONE_C=d; fi; exec drone-server'",
      ['DRONE_C is set in another branch of its script'],
    ],
    ["EnvironmentFile=/a.env\nExecStart=/bin/sh -c 'exec drone-server'", ['EnvironmentFile "/a.env" is not there']],
  ])('knows what its shell does not tell: %s', (text, gaps) => {
    expect(plain(read(`[Service]\nEnvironment=DRONE_A=b\n${text}\n`).settings)).toMatchObject([
      { role: 'server', gaps },
    ]);
  });

  it('reads variables of the command line', () => {
    const reading = read(
      '[Service]\nEnvironment=DRONE_A=b\nExecStart=/usr/bin/env DRONE_A=c DRONE_RPC_SECRET=3f9c1d7e5b2a4806 drone-server\n',
    );
    expect(values(reading)).toEqual({ DRONE_A: 'c', DRONE_RPC_SECRET: '3f9c1d7e5b2a4806' });
    expect(reading.settings[0]).toMatchObject({ role: 'server', complete: true });
    expect(reading.secrets.map(quoted)).toContain('3f9c1d7e5b2a4806');
  });
});

describe('User=', () => {
  it.each<[string, string | undefined]>([
    ['', undefined],
    ['User=root', 'root'],
    ['User = drone ', 'drone'],
    ['User=drone\nUser=', undefined],
    ['DynamicUser=yes', 'drone-server'],
    ['DynamicUser=no', undefined],
    ['DynamicUser=true\nUser=ci', 'ci'],
  ])('%j', (text, user) => {
    const [settings] = read(`${server}${text}\n`).settings;
    expect(settings?.user?.value).toBe(user);
    if (text.startsWith('User') && user) expect(quoted(settings?.user?.at)).toBe(user);
  });
});

describe('drop-ins', () => {
  const name = 'etc/drone-server.service.d/override.conf';
  const dropIn = '[Service]\nEnvironment=DRONE_RPC_SECRET=3f9c1d7e5b2a4806\nUser=drone\n';

  it('are read on top of their unit', () => {
    const unit = '[Service]\nUser=root\nEnvironment=DRONE_RPC_HOST=ci.example.com\nExecStart=/usr/bin/drone-server\n';
    const reading = read(dropIn, { '../drone-server.service': unit }, name);
    expect(reading.settings).toHaveLength(1);
    expect(plain(reading.settings[0])).toMatchObject({
      role: 'server',
      complete: true,
      label: 'unit "drone-server.service"',
      user: { value: 'drone' },
    });
    expect([...(reading.settings[0]?.variables.keys() ?? [])]).toEqual(['DRONE_RPC_HOST', 'DRONE_RPC_SECRET']);
    expect(reading.consumed).toHaveLength(1);
    const reset = read(
      '[Service]\nExecStart=\nExecStart=/usr/bin/drone-agent\n',
      { '../drone-server.service': unit },
      name,
    );
    expect(reset.settings.map(({ role }) => role)).toEqual(['agent']);
  });

  it('say when their unit is missing', () => {
    const [settings] = read(dropIn, {}, name).settings;
    expect(settings).toMatchObject({ complete: false, owner: `${name}#service` });
    expect(plain(settings?.gaps)).toEqual(['the unit "drone-server.service" that this belongs to was not read']);
  });
});

describe('hostile text', () => {
  it.each<[string, (scale: number) => string]>([
    ['a long continued line', (scale) => `[Service]\nEnvironment=${'DRONE_A=b \\\n'.repeat(15_000 * scale)}`],
    ['many words', (scale) => `[Service]\nExecStart=/bin/docker run ${'"a" '.repeat(30_000 * scale)}drone`],
    ['many specifiers', (scale) => `[Service]\nExecStart=drone ${'%i$$'.repeat(30_000 * scale)}`],
    [
      'many commands',
      (scale) => `[Service]\n${'Environment=DRONE_A=b\nExecStart=docker run $DRONE_A drone\n'.repeat(3_000 * scale)}`,
    ],
    [
      'nested substitutions',
      (scale) => `[Service]\nExecStart=/bin/sh -c 'docker run drone ${'$('.repeat(3000 * scale)}'`,
    ],
    ['a line of a megabyte', (scale) => `[Service]\nEnvironment=DRONE_A=${'b'.repeat(1_000_000 * scale)}`],
    ['an open quote', (scale) => `[Service]\nEnvironment="${"'".repeat(200_000 * scale)}`],
  ])('%s', (_, text) => {
    expectProportional((scale) => [looksLikeSystemd(text(scale)), read(text(scale))]);
  });

  it('never makes the reader throw, and plain values stand where they are said to', () => {
    const piece = fc.constantFrom(
      '[Service]\n',
      'Environment=',
      'ExecStart=',
      'EnvironmentFile=',
      'User=',
      'DRONE_A=',
      'b',
      '"',
      "'",
      ' ',
      '\\',
      '\n',
      '\\\n',
      '%i',
      '%%',
      '$A',
      '${DRONE_A}',
      'docker run ',
      'drone-server ',
      '# x\n',
      '-',
      '\r\n',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const reading = read(`[Service]\n${pieces.join('')}`, { b: 'DRONE_A=c\n' });
        for (const { variables } of [
          ...reading.settings,
          ...reading.containers.map(({ environment }) => environment),
        ]) {
          for (const { at, value } of variables.values()) {
            expect(at.span.end).toBeLessThanOrEqual(at.source.text.length);
            if (value && /^\w+$/.test(value) && at.span.end - at.span.start === value.length)
              expect(quoted(at)).toBe(value);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('templates', () => {
  it('have unknown values, which are told', () => {
    const text = [
      '[Service]',
      'Environment=DRONE_RPC_HOST={{ drone_host }} DRONE_RPC_SECRET="{{ secret }}" DRONE_RPC_PROTO={% if tls %}https{% endif %}',
      'Environment=DRONE_CAPACITY=2',
      'ExecStart=/usr/bin/drone-runner-exec daemon',
      '',
    ].join('\n');
    const reading = read(text);
    const variables = reading.settings[0]?.variables;
    expect([...(variables ?? [])].map(([name, { value, secret }]) => [name, value, secret])).toEqual([
      ['DRONE_RPC_HOST', undefined, undefined],
      ['DRONE_RPC_SECRET', undefined, undefined],
      ['DRONE_RPC_PROTO', undefined, undefined],
      ['DRONE_CAPACITY', '2', undefined],
    ]);
    expect(reading.problems).toMatchObject([{ kind: 'unsupported', line: 2, incomplete: true }]);
  });

  it('are not the formats of docker', () => {
    const unit = "[Service]\nExecStart=/usr/bin/docker run --log-opt tag='{{.Name}}' -e DRONE_A=b drone/drone:2\n";
    const reading = read(unit);
    expect(reading.containers[0]?.logOptions.get('tag')).toBe('{{.Name}}');
    expect(reading.unknown).toEqual([]);
  });

  it('leave a brace that nothing closes', () => {
    const reading = read('[Service]\nEnvironment=DRONE_A={{b\nExecStart=/usr/bin/drone-runner-exec\n');
    expect(reading.settings[0]?.variables.get('DRONE_A')?.value).toBe('{{b');
  });
});
