import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { scopeOf } from '../src/reporters/scope.ts';
import { finding, fullReport, place, privilegedStep, report, source } from './reporters/sample-report.ts';
import { auditFolder } from './support/audit-folder.ts';
import { droneAudit, temporaryFolder } from './support/cli.ts';
import { masked } from './support/text.ts';

const careless = resolve('examples/careless');

describe('the written scope', () => {
  it('begins with what makes the run less than a full assessment', () => {
    const limited = {
      ...report([]),
      controls: { standards: [], limits: ['Only these rules ran: a (--rule).'], results: [] },
    };
    expect(scopeOf(limited).slice(0, 3)).toEqual([
      'This run is not a full assessment.',
      'Only these rules ran: a (--rule).',
      'Evidence, not an assessment: what rules found, and what they could not look at.',
    ]);
    expect(scopeOf(fullReport())[0]).toBe('This run is incomplete: 1 place could not be looked at.');
  });

  it('says what was asked for, read, left out and not asked, and that nothing was sampled', () => {
    const at = place(source('.drone.yml', 'privileged: true\n'), 'true');
    const suppressed = { by: 'comment', reason: masked('known'), where: '.drone.yml:1' } as const;
    const of = report([finding(privilegedStep, at, 'm', { suppressed })], {
      asked: { places: [{ place: 'ci' }, { place: 'unix:///x', option: '--docker' }], options: ['--pedantic'] },
      config: {
        name: 'drone-audit.yml',
        suppressed: 0,
        excluded: 2,
        accepted: 0,
        files: [{ name: 'drone-audit.yml', by: 'config', isAudited: true, sha256: 'a'.repeat(64), hashOf: 'original' }],
        settings: [{ key: 'minSeverity', value: 'medium', by: 'config', where: 'drone-audit.yml:1' }],
        entries: [],
      },
      coverage: { ...report([]).coverage, files: 1, notAsked: ['the Drone server (--server)'] },
      date: '2026-11-21',
    });
    expect(scopeOf(of).slice(1)).toEqual([
      'Asked for: ci, unix:///x (--docker).',
      'Options: --pedantic.',
      'Config: drone-audit.yml (minSeverity: medium).',
      'Read: the one file that was recognised, none sampled; 3 pipelines, 2 containers and 2 components of Drone.',
      'Left out on purpose: 2 files by the config and 1 finding that somebody accepted.',
      'Not asked: the Drone server (--server).',
      'Date: 2026-11-21.',
    ]);
  });
});

test.each([
  [1, 'Not read: 1 file that only speaks of Drone.'],
  [2, 'Not read: 2 files that only speak of Drone.'],
])('%i files that only speak of Drone', (amount, sentence) => {
  const mentions = Array.from({ length: amount }, () => ({ source: 'a.md', line: 1, what: 'a pipeline' }) as const);
  expect(scopeOf(report([], { coverage: { ...report([]).coverage, mentions } }))).toContain(sentence);
});

describe('where what was judged comes from', () => {
  it('is told with totals, by repository where there is one', async () => {
    const folder = temporaryFolder();
    cpSync(careless, folder, { recursive: true });
    const commit = 'c'.repeat(40);
    mkdirSync(join(folder, 'web/.git'));
    writeFileSync(join(folder, 'web/.git/HEAD'), commit);
    writeFileSync(
      join(folder, 'web/.git/config'),
      '[remote "origin"]\n\turl = https://git.example.com/octocat/web.git\n',
    );
    const { population, findings } = await auditFolder(folder);
    expect(
      population.origins.map(({ name, kind, commit, files, pipelines }) => ({ name, kind, commit, files, pipelines })),
    ).toEqual([
      { name: 'api', kind: 'folder', commit: undefined, files: 1, pipelines: 1 },
      { name: '.', kind: 'folder', commit: undefined, files: 3, pipelines: 0 },
      { name: 'octocat/web', kind: 'repository', commit, files: 1, pipelines: 1 },
    ]);
    const all = population.origins.flatMap(({ open, suppressed }) => [...Object.values(open), suppressed]);
    expect(all.reduce((sum, each) => sum + each)).toBe(findings.length);
    expect(population.pipelines).toEqual([
      { source: 'api/.drone.yml', line: 1, name: 'release', type: 'docker', origin: 'api' },
      { source: 'web/.drone.yml', line: 1, name: 'default', type: 'docker', origin: 'octocat/web' },
    ]);
  });
});

/** All formats that tell a date, in one run. */
function reports(options: readonly string[], env: Record<string, string> = {}): ReadonlyMap<string, string> {
  const folder = temporaryFolder();
  const names = ['a.json', 'a.jsonl', 'a.html', 'a.md', 'a.sarif', 'controls-csv:a.csv'];
  const outputs = names.flatMap((name) => ['-o', name.replace(/(?=a\.)/, `${folder}/`)]);
  const { status, stderr } = droneAudit(['scan', '--exit-zero', '-q', ...outputs, ...options], { cwd: careless, env });
  expect([status, stderr]).toEqual([0, '']);
  return new Map(
    names
      .map((name) => name.replace('controls-csv:', ''))
      .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  );
}

test('a date is in a report only if the user says so, and is all that changes', () => {
  const [none, one, other] = [
    reports([]),
    reports(['--timestamp', '2026-01-31T12:00:00Z']),
    reports([], { SOURCE_DATE_EPOCH: '1800000000' }),
  ];
  for (const [name, text] of one) {
    expect(none.get(name), name).not.toMatch(/2026-01-31|2027-01-15/);
    expect(text, name).toContain('2026-01-31T12:00:00');
    const again = other.get(name)?.replaceAll('2027-01-15T08:00:00', '2026-01-31T12:00:00');
    expect(again === text, name).toBe(true);
  }
});

test('a date that is none is refused', () => {
  const { status, stderr } = droneAudit(['scan'], { cwd: careless, env: { SOURCE_DATE_EPOCH: 'yesterday' } });
  expect(status).toBe(2);
  expect(stderr).toContain('SOURCE_DATE_EPOCH is no number of seconds since 1970');
});

test('the digests of written reports are told with -v, as sha256sum checks them', () => {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, '.drone.yml'), 'kind: pipeline\nname: a\nsteps: []\n');
  const { stderr } = droneAudit(['scan', '-v', '--exit-zero', '-o', 'a.json', '-o', 'html:pages/'], { cwd });
  const digest = (name: string): string =>
    createHash('sha256')
      .update(readFileSync(join(cwd, name)))
      .digest('hex');
  expect(stderr).toBe(
    ['a.json', 'pages/report.css', 'pages/index.html'].map((name) => `${digest(name)}  ${name}\n`).join(''),
  );
  expect(readFileSync(join(cwd, 'pages/index.html'), 'utf8')).toContain('<link rel="stylesheet" href="report.css">');
  expect(droneAudit(['scan', '--exit-zero', '-o', 'b.json'], { cwd }).stderr).toBe('');
});

test('the digest of the rules is that of what the tool itself lists', () => {
  const { tool, scope } = JSON.parse(
    droneAudit(['scan', '.', '--exit-zero', '--format', 'json'], { cwd: careless }).stdout,
  );
  const listed = droneAudit(['rules', '--format', 'json']).stdout;
  expect(tool.rules).toEqual({
    count: JSON.parse(listed).length,
    sha256: createHash('sha256').update(listed).digest('hex'),
  });
  expect(scope.asked).toEqual([{ place: '.', option: null }]);
});

test('the scope names no absolute path and no credential', () => {
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, 'ci'));
  const scan = ['scan', join(cwd, 'ci'), '--server', 'http://admin:hunter2hunter2@127.0.0.1:9', '--format', 'json'];
  const { stdout } = droneAudit(scan, { cwd });
  expect(stdout === '' ? [] : JSON.parse(stdout).scope.asked.map(({ place }: { place: string }) => place)).toSatisfy(
    (places: readonly string[]) => places.every((place) => !place.includes(cwd) && !place.includes('hunter2')),
  );
});
