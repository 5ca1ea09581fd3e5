import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { droneAudit, temporaryFolder } from './support/cli.ts';
import { commitFiles, git, hasGit, writeFiles } from './support/git.ts';

const pipeline = (steps: readonly string[], name = 'default'): string =>
  `kind: pipeline\ntype: docker\nname: ${name}\n\ntrigger:\n  event: [push]\n\nsteps:\n${steps.join('')}`;
const build = '  - name: build\n    image: golang:latest\n    commands: [make]\n';
const privileged = '  - name: image\n    image: plugins/kaniko:1.2.3\n    privileged: true\n';
const script = '  - name: get\n    image: alpine@sha256:aa\n    commands:\n      - curl http://x.example/a.sh | sh\n';

interface Told {
  readonly status: number | null;
  readonly stderr: string;
  readonly findings: readonly string[];
  readonly known: number;
  readonly fixed: number;
  readonly problems: readonly string[];
  readonly json: {
    summary: { baseline?: { known: number; fixed: number }; exitCode: number; suppressed: number };
    findings: { rule: string; file: string; severity: string; baselineState?: string; message: string }[];
    suppressed: { rule: string; baselineState?: string; suppression: { by: string; reason: string; where: string } }[];
    problems: { file: string; message: string }[];
    controls: { limits: string[] };
  };
}

function scan(cwd: string, ...args: string[]): Told {
  const { status, stdout, stderr } = droneAudit(['scan', '--format', 'json', ...args], { cwd });
  const json = JSON.parse(stdout || '{"findings":[],"problems":[],"suppressed":[],"summary":{}}') as Told['json'];
  return {
    ...{ status, stderr, json },
    findings: json.findings.map(({ rule, file }) => `${file} ${rule}`),
    known: json.summary.baseline?.known ?? -1,
    fixed: json.summary.baseline?.fixed ?? -1,
    problems: json.problems.map(({ file, message }) => `${file}: ${message}`),
  };
}

/** A folder with a pipeline whose findings a baseline knows. */
function estate(files: Record<string, string> = { '.drone.yml': pipeline([build, privileged, script]) }): string {
  const folder = temporaryFolder();
  writeFiles(folder, files);
  const written = scan(folder, '--write-baseline', 'baseline.yml');
  expect(written.status).toBe(0);
  return folder;
}

describe('a baseline', () => {
  it('hides what it knows, and counts it', () => {
    const folder = estate();
    const again = scan(folder, '--baseline', 'baseline.yml');
    expect([again.status, again.findings, again.known, again.fixed]).toEqual([0, [], 3, 0]);
    expect(scan(folder).status).toBe(1);
    expect(again.json.suppressed.map(({ suppression, baselineState }) => [suppression.by, baselineState])).toEqual(
      again.json.suppressed.map(() => ['baseline', 'unchanged']),
    );
    expect(again.json.controls.limits).toContain('Findings that the baseline knows count as accepted (--baseline).');
    const { stdout } = droneAudit(['scan', '--baseline', 'baseline.yml'], { cwd: folder });
    expect(stdout).toContain('nothing new        3 known from the baseline');
  });

  it.each([
    ['lines move', (text: string) => `# one\n\n# two\n${text.replace('steps:', '\nsteps:\n')}`],
    ['steps are reordered', () => pipeline([script, privileged, build])],
    ['lines end as on Windows', (text: string) => text.replaceAll('\n', '\r\n')],
    ['commands are put before', (text: string) => text.replace('commands:\n', 'commands:\n      - make\n')],
  ])('knows them when %s', (_, change) => {
    const folder = estate();
    const path = join(folder, '.drone.yml');
    writeFileSync(path, change(readFileSync(path, 'utf8')));
    const { status, findings, known, fixed } = scan(folder, '--baseline', 'baseline.yml');
    expect([status, findings, known, fixed]).toEqual([0, [], 3, 0]);
  });

  it('knows them in a renamed file, and in one that was split', () => {
    const folder = estate();
    mkdirSync(join(folder, 'ci'));
    renameSync(join(folder, '.drone.yml'), join(folder, 'ci/.drone.yml'));
    expect(scan(folder, '--baseline', 'baseline.yml')).toMatchObject({ status: 0, findings: [], known: 3, fixed: 0 });
    const env = temporaryFolder();
    writeFiles(env, {
      'a/server.env': `DRONE_SERVER_HOST=ci.example.com\nDRONE_RPC_SECRET=${'8d2f60b7c1a94e35'.repeat(3)}9a\n`,
    });
    chmodSync(join(env, 'a/server.env'), 0o644);
    const all = ['--pedantic', '--min-confidence', 'low'];
    scan(env, '--write-baseline', 'baseline.yml', ...all);
    expect(readFileSync(join(env, 'baseline.yml'), 'utf8')).toContain('readable-secret-file');
    renameSync(join(env, 'a'), join(env, 'b'));
    expect(scan(env, '--baseline', 'baseline.yml', ...all)).toMatchObject({ findings: [], fixed: 0 });
    const both = estate({ '.drone.yml': `${pipeline([build, script], 'a')}---\n${pipeline([privileged], 'b')}` });
    writeFiles(both, { '.drone.yml': pipeline([build, script], 'a'), 'b/.drone.yml': pipeline([privileged], 'b') });
    expect(scan(both, '--baseline', 'baseline.yml')).toMatchObject({ status: 0, findings: [], fixed: 0 });
  });

  it('tells the same fault again in a copy, and a second one beside the first', () => {
    const folder = estate();
    writeFiles(folder, { 'copy/.drone.yml': pipeline([privileged]) });
    expect(scan(folder, '--baseline', 'baseline.yml').findings).toContain('copy/.drone.yml privileged-step');
    const twice = estate();
    writeFiles(twice, { '.drone.yml': pipeline([build, privileged, privileged.replace('image\n', 'more\n'), script]) });
    expect(scan(twice, '--baseline', 'baseline.yml')).toMatchObject({ status: 1, fixed: 0, known: 3 });
  });

  it('does not let a new fault hide behind a mended one', () => {
    const folder = estate();
    writeFiles(folder, { '.drone.yml': pipeline([build, privileged, script.replace('a.sh', 'b.sh')]) });
    const { findings, fixed, known } = scan(folder, '--baseline', 'baseline.yml');
    expect([findings, fixed, known]).toEqual([['.drone.yml remote-script'], 1, 2]);
  });

  it('tells what became worse', () => {
    const folder = estate({ '.drone.yml': pipeline([build]) });
    writeFiles(folder, { '.drone.yml': pipeline([`${build}    privileged: true\n`]) });
    const { json } = scan(folder, '--baseline', 'baseline.yml', '--rule', 'unpinned-image');
    expect(json.findings.map(({ severity, baselineState }) => [severity, baselineState])).toEqual([
      ['high', 'updated'],
    ]);
    expect(json.findings[0]?.message).toMatch(/\(low before\)$/);
  });

  it('counts what is fixed, and forgets it when it is written again', () => {
    const folder = estate();
    writeFiles(folder, { '.drone.yml': pipeline([privileged, script]) });
    expect(scan(folder, '--baseline', 'baseline.yml')).toMatchObject({ status: 0, fixed: 1, known: 2 });
    const { stdout } = droneAudit(['scan', '--baseline', 'baseline.yml'], { cwd: folder });
    expect(stdout).toContain('1 of the baseline is fixed');
    scan(folder, '--write-baseline', 'baseline.yml');
    expect(scan(folder, '--baseline', 'baseline.yml')).toMatchObject({ status: 0, fixed: 0, known: 2 });
    expect(readFileSync(join(folder, 'baseline.yml'), 'utf8')).not.toContain('unpinned-image');
  });

  it('says of nothing that it is fixed where it was not looked for', () => {
    const folder = estate({ 'a/.drone.yml': pipeline([build]), 'b/.drone.yml': pipeline([script]) });
    const before = readFileSync(join(folder, 'baseline.yml'), 'utf8');
    expect(scan(folder, '--baseline', 'baseline.yml', 'a')).toMatchObject({ status: 0, fixed: 0, findings: [] });
    expect(scan(folder, '--baseline', 'baseline.yml', '--rule', 'unpinned-image')).toMatchObject({ fixed: 0 });
    scan(folder, '--write-baseline', 'baseline.yml', 'a');
    scan(folder, '--write-baseline', 'baseline.yml', '--rule', 'unpinned-image');
    writeFiles(folder, { 'b/.drone.yml': 'kind: pipeline\n  broken: [\n' });
    expect(scan(folder, '--write-baseline', 'baseline.yml')).toMatchObject({ status: 3, fixed: 0 });
    expect(readFileSync(join(folder, 'baseline.yml'), 'utf8')).toBe(before);
  });

  it('keeps what people accepted, until its day', () => {
    const folder = estate({ '.drone.yml': pipeline([privileged]) });
    const path = join(folder, 'baseline.yml');
    const lines = readFileSync(path, 'utf8').split('\n');
    const line = lines.find((each) => each.includes('privileged-step')) ?? '';
    const accept = (until: string): void => {
      const accepted = line.replace('}', `, reason: "until the move", until: ${until}}`);
      const others = lines.filter((each) => each !== line && each !== 'accepted: []');
      writeFileSync(path, others.join('\n').replace('known:', `accepted:\n  # ask Ada\n${accepted}\nknown:`));
    };
    accept('2099-01-01');
    const held = scan(folder, '--baseline', 'baseline.yml');
    expect(held).toMatchObject({ status: 0, findings: [] });
    expect(held.json.suppressed.map(({ suppression }) => suppression.reason)).toContain('until the move');
    // What was accepted is not counted among what is merely known.
    const old = held.json.suppressed.filter(({ suppression }) => suppression.reason === 'known from the baseline');
    expect([held.json.summary.suppressed, held.known]).toEqual([1, old.length]);
    scan(folder, '--write-baseline', 'baseline.yml');
    expect(readFileSync(path, 'utf8')).toContain(
      'accepted:\n  # ask Ada\n  - {file: .drone.yml, rule: privileged-step,',
    );
    accept('2020-01-01');
    const ended = scan(folder, '--baseline', 'baseline.yml');
    expect(ended).toMatchObject({ status: 1, findings: ['.drone.yml privileged-step'] });
    expect(ended.problems.join()).toContain('what the baseline accepts of "privileged-step" ended on 2020-01-01');
    scan(folder, '--write-baseline', 'baseline.yml');
    expect(scan(folder, '--baseline', 'baseline.yml').status).toBe(1);
  });

  it('is itself neither audited nor counted', () => {
    const folder = estate();
    const config = 'DRONE_RPC_SECRET';
    writeFiles(folder, {
      '.drone.yml': pipeline([
        build,
        `  - name: x\n    image: a@sha256:aa\n    environment:\n      ${config}: bea26a2221fd8090ea38720fc445eca6\n`,
      ]),
    });
    scan(folder, '--write-baseline', 'baseline.yml');
    const { json, problems } = scan(folder, '--baseline', 'baseline.yml');
    const said = JSON.stringify({ ...json, suppressed: [] });
    expect(said).not.toContain('"file":"baseline.yml"');
    expect(problems).toEqual([]);
    expect(readFileSync(join(folder, 'baseline.yml'), 'utf8')).not.toContain('bea26a22');
  });

  it('does not count under a policy if it lies in what is audited', () => {
    const folder = estate();
    const outside = temporaryFolder();
    writeFiles(outside, {
      'policy.yml': 'ignore: []\n',
      'ours.yml': readFileSync(join(folder, 'baseline.yml'), 'utf8'),
    });
    const policy = join(outside, 'policy.yml');
    const inside = scan(folder, '--baseline', 'baseline.yml', '--policy', policy);
    expect(inside.status).toBe(1);
    expect(inside.problems).toContain(
      'baseline.yml: does not count: it lies in what is audited, and the policy does not allow that',
    );
    expect(scan(folder, '--baseline', join(outside, 'ours.yml'), '--policy', policy).status).toBe(0);
  });

  it.skipIf(!hasGit)('does not count under a policy if it lies in another work tree of the repository', () => {
    const folder = estate();
    const outside = temporaryFolder();
    const [further, policy] = [join(outside, 'further'), join(outside, 'policy.yml')];
    writeFileSync(policy, 'ignore: []\n');
    git(folder, ['init', '-q']);
    commitFiles(folder, {});
    git(folder, ['worktree', 'add', '-q', '--detach', further]);
    writeFileSync(join(further, 'own.yml'), readFileSync(join(folder, 'baseline.yml')));
    for (const [cwd, baseline] of [
      [folder, join(further, 'own.yml')],
      [further, join(folder, 'baseline.yml')],
    ] as const) {
      const { status, problems } = scan(cwd, '--baseline', baseline, '--policy', policy);
      expect(status).toBe(1);
      expect(problems.join('\n')).toContain('does not count: it lies in what is audited');
    }
  });

  it.each([
    ['a link beside it', ['.', '--baseline', '../link.yml']],
    ['a folder that is a link', ['.', '--baseline', '../same/own.yml']],
    ['a file alone', ['.drone.yml', '--baseline', 'own.yml']],
    ['a file beside the folder', ['../all', '--baseline', '../around.yml']],
    ['compose files', ['--compose-file', 'docker-compose.yml', '--baseline', 'own.yml']],
    ['env files of compose', ['../far/docker-compose.yml', '--compose-env-file', 'x.env', '--baseline', 'own.yml']],
    ['standard input', ['-', '--form', 'drone', '--baseline', 'own.yml']],
  ])('does not count under a policy either, without git, by %s', (_, args) => {
    const estates = estate();
    const around = temporaryFolder();
    const own = readFileSync(join(estates, 'baseline.yml'), 'utf8');
    const pipeline = readFileSync(join(estates, '.drone.yml'), 'utf8');
    const compose = 'services: {drone: {image: "drone/drone:2"}}\n';
    writeFiles(around, {
      ...{ 'all/.drone.yml': pipeline, 'all/own.yml': own, 'around.yml': own, 'all/x.env': 'A=b\n' },
      ...{ 'all/docker-compose.yml': compose, 'far/docker-compose.yml': compose },
    });
    symlinkSync('all/own.yml', join(around, 'link.yml'));
    symlinkSync('all', join(around, 'same'));
    const policy = join(temporaryFolder(), 'policy.yml');
    writeFileSync(policy, 'ignore: []\n');
    const run = droneAudit(['scan', '--format', 'json', '--policy', policy, ...args], {
      cwd: join(around, 'all'),
      input: pipeline,
    });
    expect(run.stdout).toContain('does not count: it lies in what is audited');
  });

  it('says which rules of it there are not', () => {
    const folder = estate();
    const file = join(folder, 'baseline.yml');
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('rule: privileged-step', 'rule: priviledged-step'));
    const { status, problems, findings } = scan(folder, '--baseline', 'baseline.yml');
    expect([status, findings]).toEqual([1, ['.drone.yml privileged-step']]);
    expect(problems).toEqual([
      'baseline.yml: "priviledged-step" is not a rule, so that what is known of it does not count; did you mean "privileged-step"?',
    ]);
  });

  it('refuses what is contradictory or wrong, and then audits nothing', () => {
    const folder = estate();
    writeFiles(folder, { 'wrong.yml': 'version: 1\nknwon: []\n' });
    for (const [args, words] of [
      [['--baseline', 'nothing.yml'], 'the baseline "nothing.yml" is not there'],
      [['--baseline', 'wrong.yml'], 'wrong.yml:2:1: a baseline has no key "knwon"; did you mean "known"?'],
      [['--write-baseline', 'wrong.yml'], 'wrong.yml:2:1'],
      [['--baseline', 'baseline.yml', '--write-baseline', 'other.yml'], 'name different files'],
      [['--baseline', 'baseline.yml', '--no-ignore'], '--no-ignore shows everything'],
      [['--baseline', ''], 'is empty'],
    ] as const) {
      const { status, stdout, stderr } = droneAudit(['scan', ...args], { cwd: folder });
      expect([status, stdout], words).toEqual([2, '']);
      expect(stderr).toContain(words);
    }
    expect(existsSync(join(folder, 'other.yml'))).toBe(false);
  });

  it('counts as suppressed what somebody accepted, and what is merely known apart, in each report', () => {
    const folder = estate({
      '.drone.yml': pipeline([build, privileged.replace('true', 'true # drone-audit: ignore[privileged-step] ours')]),
    });
    const run = (format: string, ...more: readonly string[]): string =>
      droneAudit(['scan', '--baseline', 'baseline.yml', '--format', format, ...more], { cwd: folder }).stdout;
    const json = JSON.parse(run('json'));
    const { known } = json.summary.baseline;
    expect(known).toBeGreaterThan(0);
    expect(json.summary.suppressed + known).toBe(json.suppressed.length);
    const [origin] = json.population.origins;
    expect([origin.suppressed, origin.known]).toEqual([json.summary.suppressed, known]);
    const card = JSON.parse(run('card', '--card-template', 'https://ci.example.com/card.json')).data;
    expect([card.suppressed, card.known]).toEqual([json.summary.suppressed, known]);
    const html = run('html');
    expect(html).toContain(`<td>1 suppressed, ${known} known\n`);
    expect(html).toContain(`${known} known from the baseline`);
    expect(html).not.toContain('by baseline');
    const text = run('text', '-v');
    expect(text.match(/known from the baseline \(baseline\.yml:/g)).toHaveLength(known);
  });

  it('says of an incomplete audit that nothing new is in what was read', () => {
    const folder = estate();
    writeFiles(folder, { 'b/.drone.yml': 'kind: pipeline\n  broken: [\n' });
    const { status, stdout } = droneAudit(['scan', '--baseline', 'baseline.yml'], { cwd: folder });
    expect(status).toBe(3);
    expect(stdout).toMatch(/^ nothing new in what was read\s+3 known from the baseline /m);
  });

  it('gives SARIF its states, CSV its status, and leaves known ones out of what people read', () => {
    const folder = estate();
    writeFiles(folder, { '.drone.yml': pipeline([privileged, script, build.replace('build', 'more')]) });
    const run = (format: string): string =>
      droneAudit(['scan', '--baseline', 'baseline.yml', '--format', format], { cwd: folder }).stdout;
    const [sarif] = JSON.parse(run('sarif')).runs;
    const states = sarif.results.map(
      (each: { ruleId: string; baselineState: string }) => `${each.ruleId} ${each.baselineState}`,
    );
    expect(states).toEqual(['unpinned-image new']);
    expect(sarif.results.every((each: object) => !('suppressions' in each))).toBe(true);
    expect(sarif.properties.baseline).toEqual({ kind: 'file', name: 'baseline.yml', known: 2, fixed: 1 });
    expect(run('csv').match(/^known,/gm)).toHaveLength(2);
    writeFiles(folder, { '.drone.yml': pipeline([privileged, script]) });
    expect(JSON.parse(run('sarif')).runs[0].results).toEqual([]);
    expect(run('junit')).toContain('name="nothing new .drone.yml (2 known)"');
    for (const format of ['markdown', 'html']) expect(run(format)).toContain('2 known from the baseline');
    for (const format of ['github', 'gitlab', 'junit', 'unix', 'markdown', 'text'])
      expect(run(format), format).not.toMatch(/privileged-step|remote-script/);
  });

  it('tells a new cause of a known consequence, and a new consequence of a known cause', () => {
    const socket = 'volumes:\n  - name: docker\n    host: {path: /var/run/docker.sock}\n';
    const use = `${build.replace('latest', '1.22@sha256:aa')}    volumes: [{name: docker, path: /var/run/docker.sock}]\n`;
    const open = (text: string): string => text.replace('trigger:\n  event: [push]\n', '');
    const folder = estate({ '.drone.yml': pipeline([use]) + socket });
    writeFiles(folder, { '.drone.yml': open(pipeline([use]) + socket) });
    const cause = scan(folder, '--baseline', 'baseline.yml');
    expect(cause).toMatchObject({ status: 1, fixed: 0, findings: ['.drone.yml missing-trigger'] });
    const later = estate({ '.drone.yml': open(pipeline([build.replace('latest', '1.22@sha256:aa')])) });
    writeFiles(later, { '.drone.yml': open(pipeline([use]) + socket) });
    const consequence = scan(later, '--baseline', 'baseline.yml');
    expect(consequence.findings).toContain('.drone.yml docker-socket-volume');
  });

  it('writes the same bytes again, and is quiet about 300 findings', () => {
    const folder = temporaryFolder();
    const files = Object.fromEntries(
      Array.from({ length: 100 }, (_, at) => [`r${at}/.drone.yml`, pipeline([build, privileged, script], `p${at}`)]),
    );
    writeFiles(folder, files);
    const first = scan(folder, '--write-baseline', 'b.yml');
    expect(first.findings).toHaveLength(300);
    const text = readFileSync(join(folder, 'b.yml'), 'utf8');
    scan(folder, '--write-baseline', 'b.yml');
    expect(readFileSync(join(folder, 'b.yml'), 'utf8')).toBe(text);
    expect(text.split('\n').filter((line) => line.startsWith('  - {'))).toHaveLength(300);
    expect(scan(folder, '--baseline', 'b.yml')).toMatchObject({ status: 0, known: 300, findings: [] });
  });
});
