import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { lineOf } from '../../src/model/source.ts';
import { plain } from '../support/text.ts';
import { locatedTexts, pipelineOf, read, streamOf, textAt } from './pipeline-located.ts';

const head = 'kind: pipeline\ntype: docker\nname: web\n';
const withStep = (fields: string, more = ''): string =>
  `${head}steps:\n- name: build\n  image: alpine:3.20\n${fields}${more}`;
const stepOf = (fields: string) => {
  const [step] = pipelineOf(withStep(fields)).steps;
  if (!step) throw new Error('no step');
  return step;
};
const refusalsOf = (text: string): string[] => streamOf(text).refusals.map(({ message }) => plain(message));

describe('scalars', () => {
  test.each(['true', 'True', 'TRUE', 'y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON', '!!bool yes', '!!bool "true"'])(
    'privileged: %s is true',
    (text) => {
      expect(stepOf(`  privileged: ${text}\n`).privileged?.value).toBe(true);
      expect(refusalsOf(withStep(`  privileged: ${text}\n`))).toEqual([]);
    },
  );

  test.each(['false', 'n', 'no', 'off', 'Off'])('privileged: %s is false', (text) => {
    expect(stepOf(`  privileged: ${text}\n`).privileged?.value).toBe(false);
  });

  test.each([
    ['"true"', 'cannot unmarshal !!str into bool'],
    ['1', 'cannot unmarshal !!int into bool'],
    ['1.5', 'cannot unmarshal !!float into bool'],
    ['yEs', 'cannot unmarshal !!str into bool'],
    ['2024-01-31', 'cannot unmarshal !!timestamp into bool'],
    ['[true]', 'cannot unmarshal !!seq into bool'],
    ['{}', 'cannot unmarshal !!map into bool'],
    ['!!bool "maybe"', 'cannot decode !!str as a !!bool'],
  ])('privileged: %s is refused', (text, message) => {
    const source = withStep(`  privileged: ${text}\n`);
    const [refusal, ...others] = streamOf(source).refusals;
    expect(others).toEqual([]);
    expect(plain(refusal)).toMatchObject({ message, by: 'server', alsoBy: 'runner' });
    expect(refusal?.at.path).toBe('pipeline[web].steps[build].privileged');
    expect(refusal && lineOf(refusal.at)).toBe(7);
    expect(stepOf(`  privileged: ${text}\n`).privileged).toBeUndefined();
  });

  test.each([
    ['1.50', '1.50'],
    ['0o17', '0o17'],
    ['yes', 'yes'],
    ['2024-01-31', '2024-01-31'],
    ['!!binary aGVsbG8=', 'hello'],
    ["'it''s'", "it's"],
    ['"a\\tb"', 'a\tb'],
  ])('user: %s keeps its text', (written, value) => {
    expect(stepOf(`  user: ${written}\n`).user?.value).toBe(value);
    expect(refusalsOf(withStep(`  user: ${written}\n`))).toEqual([]);
  });

  test.each(['', '~', 'null', 'Null', '!!null x'])('user: %s is nothing', (text) => {
    const step = stepOf(`  user: ${text}\n`);
    expect(step.user?.value ?? '').toBe('');
  });

  it('takes numbers for sizes, and texts that name one', () => {
    for (const size of ['1073741824', '1g', '1GiB', '512 MB', '-1'])
      expect(refusalsOf(withStep(`  shm_size: ${size}\n`))).toEqual([]);
    expect(refusalsOf(withStep('  shm_size: much\n'))).toEqual(['invalid size']);
  });

  it('never shows a refused value', () => {
    const source = withStep('  environment:\n    TOKEN: [hunter2]\n  commands: hunter2\n  volumes: [hunter2]\n');
    const { refusals } = streamOf(source);
    expect(refusals.length).toBe(3);
    expect(JSON.stringify(refusals.map(({ message }) => plain(message)))).not.toContain('hunter2');
  });
});

describe('mappings', () => {
  it('lets the later of two keys win, and tells the earlier', () => {
    const source = withStep('  image: busybox\n');
    expect(pipelineOf(source).steps[0]?.image?.value.name).toBe('busybox');
    const { duplicateKeys } = streamOf(source);
    expect(duplicateKeys).toMatchObject([{ value: 'image', at: { path: 'pipeline[web].steps[build].image' } }]);
    expect(duplicateKeys.map(({ at }) => lineOf(at))).toEqual([7]);
  });

  it('merges a struct that is written twice field by field, and a map too', () => {
    const pipeline = pipelineOf(
      withStep('', 'trigger:\n  branch: main\nnode: {a: x}\ntrigger:\n  event: push\nnode: {b: y}\n'),
    );
    expect([...(pipeline.trigger?.conditions.keys() ?? [])]).toEqual(['branch', 'event']);
    expect([...pipeline.node].map(([key, { value }]) => [key, value])).toEqual([
      ['a', 'x'],
      ['b', 'y'],
    ]);
  });

  it('forgets what was written before nothing', () => {
    expect(pipelineOf(withStep('', 'trigger: {event: push}\ntrigger: ~\n')).trigger).toBeUndefined();
  });

  it('merges where `<<` stands', () => {
    const early = stepOf('  <<: {user: root, shell: sh}\n  user: nobody\n');
    expect([early.user?.value, early.shell?.value]).toEqual(['nobody', 'sh']);
    const late = withStep('  user: nobody\n  <<: {user: root, shell: sh}\n');
    expect(pipelineOf(late).steps[0]?.user?.value).toBe('root');
    expect(streamOf(late).lateMergeKeys).toMatchObject([
      { value: '<<', overrides: ['user'], at: { path: 'pipeline[web].steps[build].<<' } },
    ]);
    expect(streamOf(withStep('  <<: {user: root}\n  user: nobody\n')).lateMergeKeys).toEqual([]);
  });

  it('merges lists of mappings, the first first', () => {
    const source = `x: &x {user: a, shell: sh}\ny: &y {user: b, pull: always}\n${withStep('  <<: [*x, *y]\n')}`;
    const [step] = pipelineOf(source).steps;
    expect([step?.user?.value, step?.shell?.value, step?.pull?.value]).toEqual(['a', 'sh', 'always']);
    expect(textAt(step?.user?.at)).toBe('a');
    expect(step?.user?.at.path).toBe('pipeline[web].steps[build].user');
  });

  it('takes a quoted `<<` for a key', () => {
    expect(stepOf('  "<<": {user: root}\n').user).toBeUndefined();
  });

  it('refuses to merge anything else', () => {
    expect(refusalsOf(withStep('  <<: x\n'))).toEqual(['map merge requires map or sequence of maps as the value']);
  });

  it.each([
    ['  settings: {repo: {{name}}}', 'yaml: invalid map key', '{name}'],
    ['  settings: {tags: [a, {? [b] : c}]}', 'yaml: invalid map key', '[b]'],
    ['  settings: {repo: {from_secret: a, {b}: c}}', 'yaml: invalid map key', '{b}'],
    ['  settings: {<<: {repo: {{name}}}}', 'yaml: invalid map key', '{name}'],
    ['  settings: {repo: {<<: a}}', 'map merge requires map or sequence of maps as the value', 'a'],
    ['  settings: {{name}}', 'cannot unmarshal !!map into string', '{name}'],
    ['  environment: {TOKEN: {{name}}}', 'cannot unmarshal !!map into string', '{name}'],
    ['  user: {{name}}', 'cannot unmarshal !!map into string', '{{name}}'],
    ['  ? [image]\n  : golang', 'cannot unmarshal !!seq into string', '[image]'],
  ])('refuses a key that is no text: %s', (field, message, place) => {
    const [first, ...others] = streamOf(withStep(`${field}\n`)).refusals;
    expect(others).toEqual([]);
    expect(plain(first)).toMatchObject({ message, by: 'server', alsoBy: 'runner' });
    expect(textAt(first?.at)).toBe(place);
  });

  it.each([
    '  settings: {repo: {from_secret: a, other: {{name}}}}',
    '  settings: {repo: {? 1 : a, ? ~ : b}}',
    '  settings: {repo: "{{name}}"}',
    '  when: {branch: {{name}}}',
    '  unheard: {{name}}',
  ])('takes keys that nothing decodes, or that are texts: %s', (field) => {
    expect(refusalsOf(withStep(`${field}\n`))).toEqual([]);
  });

  it('refuses keys of other documents too', () => {
    expect(refusalsOf('kind: registry\ndata: {{name}}\n')).toEqual(['cannot unmarshal !!map into string']);
    expect(refusalsOf('kind: secret\nname: a\n{b}: c\n')).toEqual(['cannot unmarshal !!map into string']);
  });

  it('tells keys that Drone ignores, with those it knows', () => {
    const source = withStep(
      '  privledged: true\n  Image: x\n',
      'platform: {cpu: 4}\nimage: x\nx-own: 1\n.anchor: 2\nbase: &b {}\n',
    );
    const { unknownKeys } = streamOf(source);
    expect(unknownKeys.map(({ value, parent }) => [value, plain(parent)])).toEqual([
      ['privledged', 'step "build"'],
      ['Image', 'step "build"'],
      ['cpu', 'platform'],
      ['image', 'pipeline "web"'],
    ]);
    expect(unknownKeys[0]?.candidates).toContain('privileged');
    expect(unknownKeys[2]?.candidates).toEqual(['os', 'arch', 'variant', 'version']);
    expect(unknownKeys[3]?.candidates).toContain('depends_on');
    expect(unknownKeys.map(({ at }) => textAt(at))).toEqual(['privledged', 'Image', 'cpu', 'image']);
  });

  it.each([
    ['docker', 'ports: [80]', ['ports']],
    ['docker', 'network_mode: host', []],
    ['kubernetes', 'network_mode: host', ['network_mode']],
    ['kubernetes', 'resources: {limits: {cpu: 100}}', []],
    ['exec', 'settings: {a: b}', ['settings']],
    ['vm', 'privileged: true', ['privileged']],
    ['vm', 'port_bindings: {"80": "80"}', []],
    ['macstadium', 'image: a', ['image']],
    ['unheard', 'whatever: 1', []],
  ])('knows what the runner of type %s does with %s', (type, field, unknown) => {
    const stream = streamOf(`kind: pipeline\ntype: ${type}\nname: web\nsteps:\n- name: build\n  ${field}\n`);
    expect(stream.unknownKeys.map(({ value }) => value)).toEqual(unknown);
  });
});

describe('types', () => {
  it('takes docker, linux and amd64 for granted, and shows where they belong', () => {
    const pipeline = pipelineOf('kind: pipeline\nname: web\nsteps: []\n');
    expect([pipeline.type, pipeline.typeAt, pipeline.os.value, pipeline.arch.value]).toEqual([
      'docker',
      undefined,
      'linux',
      'amd64',
    ]);
    expect(textAt(pipeline.os.at)).toBe('web');
    expect(textAt(pipelineOf('kind: pipeline\nsteps: []\n').os.at)).toBe('pipeline');
    const written = pipelineOf(`${head}platform: {os: windows, arch: arm}\n`);
    expect([textAt(written.os.at), textAt(written.arch.at)]).toEqual(['windows', 'arm']);
  });

  it.each([
    ['os: plan9', 'linter: unsupported os: plan9'],
    ['arch: i386', 'linter: unsupported architecture: i386'],
  ])('docker does not run on %s', (platform, message) => {
    expect(refusalsOf(`${head}platform: {${platform}}\n`)).toEqual([message]);
    expect(refusalsOf(`${head.replace('docker', 'exec')}platform: {${platform}}\n`)).toEqual([]);
  });

  it('reads what a pod is given', () => {
    const { pod } = pipelineOf(
      [
        'kind: pipeline\ntype: kubernetes\nname: web',
        'service_account_name: deployer\nnode_name: node-1\nnode_selector: {role: build}',
        'metadata: {namespace: ci, labels: {a: b}, annotations: {c: d}}',
        'tolerations: [{key: dedicated, operator: Equal, value: ci, effect: NoSchedule}]',
        'host_aliases: [{ip: 192.0.2.1, hostnames: [git.example.com]}]',
        'dns_config: {nameservers: [192.0.2.53], searches: [example.com]}',
        'steps: [{name: build, image: alpine, user: 1000, group: 0, volumes: [{name: v, path: /v, sub_path: x}]}]\n',
      ].join('\n'),
    );
    expect(pod).toMatchObject({
      serviceAccountName: { value: 'deployer', at: { path: 'pipeline[web].service_account_name' } },
      nodeName: { value: 'node-1' },
      namespace: { value: 'ci' },
      tolerations: [{ key: { value: 'dedicated' }, effect: { value: 'NoSchedule' } }],
      hostAliases: [{ ip: { value: '192.0.2.1' }, hostnames: [{ value: 'git.example.com' }] }],
      nameservers: [{ value: '192.0.2.53' }],
    });
    expect(pod?.nodeSelector.get('role')?.value).toBe('build');
    expect(textAt(pod?.dnsConfigAt)).toBe('dns_config');
  });

  it('reads where ssh and digitalocean pipelines log in, and keeps the literals secret', () => {
    const ssh = read(
      'kind: pipeline\ntype: ssh\nname: web\nserver:\n  host: host.example.com\n  user: root\n  password: correct-horse\nsteps: []\n',
    );
    expect(ssh.pipelines[0]?.server.map(({ name, text }) => [name.value, text?.value])).toEqual([
      ['host', 'host.example.com'],
      ['user', 'root'],
      ['password', 'correct-horse'],
    ]);
    expect(ssh.secrets.map(textAt)).toEqual(['correct-horse']);
    const cloud = read('kind: pipeline\ntype: digitalocean\nname: web\ntoken: abcdef0123456789\nsteps: []\n');
    expect(cloud.pipelines[0]?.token?.text?.value).toBe('abcdef0123456789');
    expect(cloud.secrets.map(textAt)).toEqual(['abcdef0123456789']);
    const named = read('kind: pipeline\ntype: digitalocean\nname: web\ntoken: {from_secret: do}\nsteps: []\n');
    expect(named.pipelines[0]?.token?.fromSecret?.value).toBe('do');
    expect(named.secrets).toEqual([]);
  });

  it.each([
    ['ssh', 'Linter: invalid or missing server host'],
    ['digitalocean', 'Linter: invalid or missing API token'],
  ])('%s needs to know where to go', (type, message) => {
    expect(refusalsOf(`kind: pipeline\ntype: ${type}\nname: web\nsteps: []\n`)).toEqual([message]);
  });

  it('leaves out what the runner of the type does not read', () => {
    const pipeline = pipelineOf(
      'kind: pipeline\ntype: exec\nname: web\nservices: [{name: db, image: postgres}]\nvolumes: [{name: v, host: {path: /}}]\nsteps: [{name: build, privileged: true, commands: [make]}]\n',
    );
    expect([pipeline.services, pipeline.volumes, pipeline.steps[0]?.privileged]).toEqual([[], [], undefined]);
    const unheard = pipelineOf('kind: pipeline\ntype: unheard\nname: web\nsteps: [{name: build, privileged: true}]\n');
    expect(unheard.steps[0]?.privileged?.value).toBe(true);
  });
});

describe('steps', () => {
  it('reads everything, each value with its path', () => {
    const source = [
      `${head}clone: {disable: true, skip_verify: on, depth: 50, retries: 3, trace: yes}`,
      'workspace: {base: /drone, path: src}\nconcurrency: {limit: 2}\nimage_pull_secrets: [registry]\nnode: {pool: big}',
      'services:\n- {name: db, image: "postgres:16"}',
      'volumes:\n- {name: sock, host: {path: /var/run/docker.sock}}\n- {name: tmp, temp: {medium: memory}}\n- {name: none, temp: }',
      `steps:\n- name: build\n  image: registry.example.com/team/go:1.22@sha256:${'ab'.repeat(32)}`,
      '  pull: never\n  privileged: true\n  commands: [make, "make test"]\n  command: [-c]\n  entrypoint: [/bin/sh]',
      '  volumes: [{name: sock, path: /var/run/docker.sock}]\n  devices: [{name: kvm, path: /dev/kvm}]',
      '  network_mode: host\n  dns: [192.0.2.1]\n  dns_search: [example.com]\n  extra_hosts: ["a:192.0.2.1"]',
      '  shm_size: 1g\n  mem_limit: 2g\n  memswap_limit: 3g\n  user: root\n  shell: bash\n  working_dir: /src\n  failure: ignore\n  detach: true\n  depends_on: [clone]\n',
    ].join('\n');
    const pipeline = pipelineOf(source);
    const path = 'pipeline[web].steps[build]';
    expect(pipeline).toMatchObject({
      clone: {
        disable: { value: true },
        skipVerify: { value: true, at: { path: 'pipeline[web].clone.skip_verify' } },
        depth: { value: '50' },
        retries: { value: '3' },
        trace: { value: true },
      },
      workspace: { base: { value: '/drone' }, path: { value: 'src' } },
      concurrencyLimit: { value: '2' },
      imagePullSecrets: [{ value: 'registry', at: { path: 'pipeline[web].image_pull_secrets[0]' } }],
      services: [{ name: 'db', section: 'services', image: { at: { path: 'pipeline[web].services[db].image' } } }],
      volumes: [
        {
          name: 'sock',
          hostPath: { value: '/var/run/docker.sock', at: { path: 'pipeline[web].volumes[sock].host.path' } },
        },
        { name: 'tmp', temp: { medium: { value: 'memory' } } },
        { name: 'none' },
      ],
    });
    expect(pipeline.volumes[2]?.temp).toBeUndefined();
    const [step] = pipeline.steps;
    expect(step).toMatchObject({
      name: 'build',
      section: 'steps',
      image: {
        value: { registry: 'registry.example.com', name: 'team/go', tag: '1.22' },
        at: { path: `${path}.image` },
      },
      pull: { value: 'never' },
      privileged: { value: true, at: { path: `${path}.privileged` } },
      hasCommands: true,
      commands: [{ value: 'make', at: { path: `${path}.commands[0]` } }, { value: 'make test' }],
      command: [{ value: '-c' }],
      entrypoint: [{ value: '/bin/sh' }],
      mounts: [
        {
          name: { value: 'sock' },
          path: { value: '/var/run/docker.sock', at: { path: `${path}.volumes[sock].path` } },
        },
      ],
      devices: [{ value: '/dev/kvm', at: { path: `${path}.devices[kvm].path` } }],
      networkMode: { value: 'host' },
      dns: [{ value: '192.0.2.1' }],
      dnsSearch: [{ value: 'example.com' }],
      extraHosts: [{ value: 'a:192.0.2.1' }],
      shmSize: { value: '1g' },
      memoryLimit: { value: '2g' },
      swapLimit: { value: '3g' },
      user: { value: 'root' },
      shell: { value: 'bash' },
      workingDirectory: { value: '/src' },
      failure: { value: 'ignore' },
      detach: { value: true },
      dependsOn: [{ value: 'clone' }],
    });
    expect(textAt(step?.nameAt)).toBe('build');
    expect(textAt(step?.commands[1]?.at)).toBe('make test');
    expect(
      streamOf(source).trustRefusals.map(({ message }) =>
        plain(message).replace('linter: untrusted repositories cannot ', ''),
      ),
    ).toEqual([
      'enable privileged mode',
      'mount devices',
      'configure dns',
      'configure dns_search',
      'configure extra_hosts',
      'configure network_mode',
      'configure shm_size',
      'mount host volumes',
      'mount in-memory volumes',
    ]);
  });

  it('keeps an image without a known name as text', () => {
    expect(pipelineOf(`${head}steps: [{name: a, image: "alpine:\${TAG}"}]\n`).steps[0]).toMatchObject({
      imageText: { value: 'alpine:${TAG}' },
    });
    const [empty] = pipelineOf(`${head}steps: [{name: a, image: }]\n`).steps;
    expect([empty?.image, empty?.imageText]).toEqual([undefined, undefined]);
  });

  it('names steps by their names, or by where they stand', () => {
    const { steps } = pipelineOf(`${head}steps: [{name: a}, {name: a}, {image: b}, ~, {name: "x]\\e[2J"}]\n`);
    expect(steps.map(({ at }) => at.path)).toEqual([
      'pipeline[web].steps[a]',
      'pipeline[web].steps[a#2]',
      'pipeline[web].steps[2]',
      'pipeline[web].steps[x\\]?\\[2J]',
    ]);
    expect(steps[2]?.name).toBe('');
  });

  it.each([
    ['{image: a}', 'Linter: invalid or missing step name'],
    ['{name: b, image: }', 'linter: invalid or missing image'],
    [`{name: ${'n'.repeat(101)}, image: a}`, 'Linter: step name cannot exceed 100 characters'],
    ['{name: build, image: a}', 'Linter: duplicate step name'],
    ['{name: clone, image: a}', 'linter: duplicate step names'],
    ['~', 'Linter: detected nil step'],
    ['{name: b, image: a, volumes: [~]}', 'runtime error: invalid memory address or nil pointer dereference'],
    ['{name: b, image: a, volumes: [{name: _workspace, path: /x}]}', 'linter: invalid volume name: _workspace'],
    [
      '{name: b, image: a, volumes: [{name: x, path: /run/../run/drone/a}]}',
      'linter: cannot mount volume at /run/drone',
    ],
    ['{name: b, image: a, depends_on: [c]}', 'linter: unknown step dependency detected: b references c'],
    ['{name: b, image: a, depends_on: [b]}', 'linter: cyclical step dependency detected: b'],
    ['just text', 'cannot unmarshal !!str into yaml.Container'],
  ])('refuses %s', (item, message) => {
    expect(refusalsOf(withStep('', `- ${item}\n`))).toEqual([message]);
  });

  it('reads a bare text as the list that was meant, although it is refused', () => {
    const source = withStep('  commands: make\n');
    expect(pipelineOf(source).steps[0]?.commands.map(({ value }) => value)).toEqual(['make']);
    expect(refusalsOf(source)).toEqual(['cannot unmarshal !!str into []string']);
  });
});

describe('values', () => {
  const source = withStep(
    [
      '  environment:\n    PLAIN: a\n    NUMBER: 1.50\n    NONE: ~\n    TOKEN: {from_secret: token}\n    BOTH: {from_secret: x, value: y}\n',
      '  settings:\n    repo: team/app\n    tags: [a, b]\n    password: {from_secret: password}\n    deep: {auth: {from_secret: inner}, list: [{from_secret: other}]}\n    none:\n    mixed: {from_secret: m, other: z}\n',
    ].join(''),
    'environment:\n  A: b\n  S: {from_secret: lost}\n',
  );
  const pipeline = pipelineOf(source);
  const [step] = pipeline.steps;
  const named = (name: string) =>
    [...(step?.environment ?? []), ...(step?.settings ?? [])].find((value) => value.name.value === name);

  it('reads literals with their text', () => {
    expect(named('PLAIN')).toMatchObject({
      text: { value: 'a', at: { path: 'pipeline[web].steps[build].environment.PLAIN' } },
    });
    expect(named('NUMBER')?.text?.value).toBe('1.50');
    expect(textAt(named('PLAIN')?.name.at)).toBe('PLAIN');
  });

  it('leaves out what is nothing', () => {
    expect(named('NONE')).toBeUndefined();
    expect(named('none')).toBeUndefined();
  });

  it('tells resolved secrets from nested ones', () => {
    expect(named('TOKEN')).toMatchObject({ fromSecret: { value: 'token' }, nestedSecrets: [], scalars: [] });
    expect(named('password')).toMatchObject({
      fromSecret: { value: 'password', at: { path: 'pipeline[web].steps[build].settings.password.from_secret' } },
    });
    const deep = named('deep');
    expect(deep?.fromSecret).toBeUndefined();
    expect(deep?.nestedSecrets.map(({ value, at }) => [value, at.path])).toEqual([
      ['inner', 'pipeline[web].steps[build].settings.deep.auth.from_secret'],
      ['other', 'pipeline[web].steps[build].settings.deep.list[0].from_secret'],
    ]);
  });

  it('shows what stands next to a secret', () => {
    expect(named('BOTH')).toMatchObject({ fromSecret: { value: 'x' }, scalars: [{ value: 'y' }] });
    expect(named('mixed')?.scalars.map(({ value }) => value)).toEqual(['z']);
  });

  it('finds every scalar of a list or mapping', () => {
    expect(named('tags')?.scalars.map(({ value, at }) => [value, at.path])).toEqual([
      ['a', 'pipeline[web].steps[build].settings.tags[0]'],
      ['b', 'pipeline[web].steps[build].settings.tags[1]'],
    ]);
    expect(named('tags')?.text).toBeUndefined();
  });

  it('resolves no secret in the environment of a pipeline, which the runner refuses', () => {
    expect(
      pipeline.environment.map(({ name, fromSecret, nestedSecrets }) => [name.value, fromSecret, nestedSecrets.length]),
    ).toEqual([
      ['A', undefined, 0],
      ['S', undefined, 1],
    ]);
    expect(plain(streamOf(source).refusals)).toMatchObject([
      { message: 'cannot unmarshal !!map into string', by: 'runner', at: { path: 'pipeline[web].environment.S' } },
    ]);
  });

  it('marks literals under names of secrets, so that they are masked', () => {
    const reading = read(
      withStep(
        '  environment:\n    DB_PASSWORD: hunter2hunter2\n    TOKEN_FILE: /run/token\n    API_TOKEN: $TOKEN\n    REGISTRY_AUTH: "true"\n    SSH_KEY: {from_secret: key}\n  settings:\n    webhook: https://chat.example.com/hook\n    deep: {api_key: abcdefgh, other: plain}\n    tokens: [one-token]\n',
      ),
    );
    expect(reading.secrets.map(textAt)).toEqual([
      'hunter2hunter2',
      'https://chat.example.com/hook',
      'abcdefgh',
      'one-token',
    ]);
  });
});

describe('places', () => {
  const word = fc.stringMatching(/^[a-z][a-z0-9_-]{0,8}$/);
  const plain = fc.oneof(word, fc.constantFrom('yes', '1.50', '0x10', 'a b', 'x: y', "it's", '{a}', '# no', '- x'));
  const quoted = plain.map((text) => (/^[a-z0-9][a-z0-9_.' -]*$/i.test(text) ? text : `'${text}'`));
  const environment = fc.dictionary(word, quoted, { maxKeys: 4, noNullPrototype: true });
  const step = fc.record({
    name: word,
    image: word,
    user: quoted,
    commands: fc.array(quoted, { maxLength: 3 }),
    environment,
  });

  it('hold the very text of the value', () => {
    fc.assert(
      fc.property(word, fc.array(step, { maxLength: 3 }), environment, (name, steps, node) => {
        const lines = [
          `kind: pipeline`,
          `name: ${name}`,
          'platform: {os: linux, arch: arm}',
          'trigger:',
          '  branch: [main, dev]',
        ];
        for (const [key, value] of Object.entries(node))
          lines.push(lines.includes('node:') ? '' : 'node:', `  ${key}: ${value}`);
        lines.push('steps:');
        for (const { name: own, image, user, commands, environment: values } of steps) {
          lines.push(
            `- name: ${own}`,
            `  image: ${image}`,
            `  user: ${user}`,
            `  commands: [${commands.join(', ')}]`,
            '  environment:',
          );
          for (const [key, value] of Object.entries(values)) lines.push(`    ${key}: ${value}`);
        }
        const text = lines.filter((line) => line !== '').join('\n');
        const reading = read(text);
        expect(reading.problems).toEqual([]);
        const texts = locatedTexts(reading.pipelines);
        expect(texts.length).toBeGreaterThan(3);
        for (const { value, at } of texts) expect(textAt(at)).toBe(value);
      }),
      { numRuns: 200 },
    );
  });
});
