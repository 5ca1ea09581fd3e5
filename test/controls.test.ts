import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formats } from '../src/commands/formats.ts';
import { controlResults } from '../src/controls.ts';
import { controlStandards } from '../src/facts/controls.ts';
import { evidence, evidenceOf } from '../src/facts/rule-evidence.ts';
import { standardChoices, standardNames, usualStandards } from '../src/facts/standards.ts';
import type { ControlResult, RuleRun, Violations } from '../src/model/report.ts';
import { severities } from '../src/model/severity.ts';
import { unknownSite } from '../src/model/site.ts';
import { controlsCsv } from '../src/reporters/controls-csv.ts';
import { countEvidence, type Done, ruleRuns } from '../src/rule-runs.ts';
import { allRules } from '../src/rules/all.ts';
import { report } from './reporters/sample-report.ts';
import { droneAudit, temporaryFolder } from './support/cli.ts';
import { hardenedServer } from './support/hardened-server.ts';
import { masked } from './support/text.ts';

const none = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };
const ran = (more: Partial<RuleRun> = {}): readonly RuleRun[] =>
  allRules.map(({ id }) => ({
    rule: id,
    pedantic: false,
    seen: 1,
    found: 0,
    unsure: 0,
    undecided: 0,
    unknownRelease: 0,
    unread: 0,
    ...more,
  }));
const found = (rule: string, more: Partial<Violations> = {}): Violations => ({
  ...{ rule, open: none, accepted: [], notShown: 0, unsure: 0 },
  ...more,
});
const cis = (id: string, runs: readonly RuleRun[], violations: readonly Violations[] = []): ControlResult => {
  const result = controlResults(['cis-docker'], runs, violations).find((each) => each.id === id);
  if (!result) throw new Error(`there is no ${id}`);
  return result;
};
const accepted = {
  ...({ by: 'comment', reason: masked('known'), where: 'a.yml:1' } as const),
  ...{ rule: 'host-network', file: 'a.yml', line: 2, fingerprint: '0123456789abcdef' },
};

describe('a control', () => {
  it('has nothing found where all its rules ran and were sure', () => {
    expect(cis('5.10', ran())).toMatchObject({ result: 'nothing found', reasons: [], failures: [] });
  });

  it('failed where a finding shows it, with severities and what is not shown', () => {
    const violations = [found('host-network', { open: { ...none, high: 2, low: 1 }, notShown: 1 })];
    expect(cis('5.10', ran(), violations)).toMatchObject({
      result: 'failed',
      failures: [{ rule: 'host-network', open: { ...none, high: 2, low: 1 }, accepted: 0, notShown: 1 }],
    });
    expect(cis('5.16', ran(), violations)).toMatchObject({ result: 'nothing found' });
  });

  it('failed also where all its findings are accepted, and lists them', () => {
    expect(cis('5.10', ran(), [found('host-network', { accepted: [accepted] })])).toMatchObject({
      result: 'failed',
      failures: [{ rule: 'host-network', open: none, accepted: 1 }],
      accepted: [accepted],
    });
  });

  it('failed goes before not assessed, and keeps what was not assessed', () => {
    const runs = ran().map(
      (run): RuleRun =>
        run.rule === 'host-network-step' ? { ...run, seen: 0, notRun: { kind: 'skipped', why: 'left out' } } : run,
    );
    const result = cis('5.10', runs, [found('host-network', { open: { ...none, high: 1 } })]);
    expect(result.result).toBe('failed');
    expect(result.reasons).toEqual(['1 of 2 rules (host-network-step) did not run: left out']);
  });

  it.each([
    [
      'a rule did not run',
      { notRun: { kind: 'not asked', why: 'not asked: X (--x)' } },
      [],
      /did not run: not asked: X/,
    ],
    ['nothing of the kind was seen', { notRun: { kind: 'none seen', why: 'not seen: Y' } }, [], /not seen: Y/],
    ['a rule could not decide', { undecided: 2 }, [], /undecided: .*\(2 times\)/],
    ['a place could not be read', { unread: 1 }, [], /^1 place could not be read/],
    ['what was found is unsure', {}, [found('host-network', { unsure: 1 })], /too unsure to be shown: host-network/],
    ['a release is not known', { unknownRelease: 2 }, [], /^release not known: .*\(2 containers\)/],
  ] as const)('is not assessed where %s', (_, run, violations, reason) => {
    const result = cis('5.10', ran(run), violations);
    expect(result.result).toBe('not assessed');
    expect(result.reasons).toEqual([expect.stringMatching(reason)]);
  });

  it('is not assessed where no rule looks for it, and says why', () => {
    expect(cis('5.7', ran())).toMatchObject({
      result: 'not assessed',
      reasons: ['Processes in containers are not listed.'],
    });
  });

  it('is not applicable only where there is nothing of the kind for any of its rules', () => {
    const absent = { seen: 0, notRun: { kind: 'none there', why: 'there is not a container of Drone' } } as const;
    expect(cis('5.16', ran(absent))).toMatchObject({
      result: 'not applicable',
      reasons: ['there is not a container of Drone'],
    });
    const some = ran().map((run): RuleRun => (run.rule === 'host-network' ? { ...run, ...absent } : run));
    expect(cis('5.10', some).result).toBe('nothing found');
    const unseen = ran(absent).map(
      (run): RuleRun =>
        run.rule === 'host-network' ? { ...run, notRun: { kind: 'none seen', why: 'not seen' } } : run,
    );
    expect(cis('5.10', unseen).result).toBe('not assessed');
    expect(cis('5.7', ran(absent)).result).toBe('not assessed');
  });

  it('failed only if the hit goes against it', () => {
    const violations = [found('unhardened-container', { cisDocker: ['4.6', '5.27'], open: { ...none, low: 1 } })];
    const failed = controlResults(['cis-docker'], ran(), violations).filter(({ result }) => result === 'failed');
    expect(failed.map(({ id }) => id)).toEqual(['4.6', '5.27']);
  });

  it('failed also where the finding of another rule tells of it, and names that', () => {
    const told = { toldWith: 'docker-socket-volume', sameAs: 'docker-socket-volume', open: { ...none, high: 1 } };
    const violations = [
      found('docker-socket-volume', { open: { ...none, high: 1 } }),
      found('host-volume', told),
      found('host-volume', { open: { ...none, low: 2 } }),
    ];
    expect(cis('5.6', ran(), violations).failures).toEqual([
      { rule: 'host-volume', open: { ...none, low: 2 }, accepted: 0, notShown: 0 },
      { rule: 'host-volume', toldWith: 'docker-socket-volume', open: { ...none, high: 1 }, accepted: 0, notShown: 0 },
    ]);
    const both = controlResults(['owasp'], ran(), violations).find(({ id }) => id === 'CICD-SEC-5');
    expect(both?.failures.map(({ rule, toldWith, open }) => [rule, toldWith, open.high, open.low])).toEqual([
      ['docker-socket-volume', undefined, 1, 0],
      ['host-volume', undefined, 0, 2],
    ]);
  });

  it.each([
    'privileged-container',
    'privileged-step',
    'implicitly-privileged-step',
    'broad-privileged-image',
    'extra-privileged-image',
  ])('fails for what is privileged besides: %s', (rule) => {
    const violations = [found(rule, { open: { ...none, critical: 1 } })];
    const failed = controlResults(['cis-docker'], ran(), violations).filter(({ result }) => result === 'failed');
    expect(failed.map(({ id }) => id)).toEqual(['5.2', '5.3', '5.4', '5.5', '5.22']);
  });
});

describe('a rule', () => {
  const rule = (id: string, more: Partial<Done> = {}): RuleRun | undefined =>
    ruleRuns({
      ...{ every: allRules, chosen: allRules, counts: countEvidence([], unknownSite), undecided: new Map() },
      unknownReleases: () => 0,
      ...{ violations: [], notAsked: [], unread: [], formOf: () => undefined, hasGaps: false },
      ...more,
    }).find((run) => run.rule === id);
  const unread = { kind: 'unreadable', source: 'a.yml', message: '', incomplete: true } as const;

  it('is told with what it found, whoever tells of it', () => {
    const violations = [
      found('host-network', { open: { ...none, high: 2, low: 1 }, accepted: [accepted], unsure: 4 }),
      found('host-network', { open: { ...none, info: 1 }, notShown: 1 }),
    ];
    expect(rule('host-network', { violations })).toMatchObject({ found: 5, unsure: 4 });
    expect(rule('host-device', { violations })).toMatchObject({ found: 0, unsure: 0 });
  });

  it('has nothing to judge only where all was looked at', () => {
    expect(rule('host-network')?.notRun?.kind).toBe('none there');
    expect(rule('host-network', { notAsked: ['the Docker Engine (--docker)'] })?.notRun?.kind).toBe('not asked');
    expect(rule('host-network', { hasGaps: true })?.notRun?.kind).toBe('none seen');
    expect(rule('host-network', { unread: [unread] })).toMatchObject({ unread: 1, notRun: { kind: 'none seen' } });
    // Pipelines lie in repositories that no scan sees all of.
    expect(rule('privileged-step')?.notRun?.kind).toBe('none seen');
  });

  it('that was left out did not run, and is told all the same', () => {
    const chosen = allRules.filter(({ id }) => id !== 'host-network');
    expect(rule('host-network', { chosen })).toMatchObject({ seen: 0, notRun: { kind: 'skipped' } });
  });

  it('misses what could not be read, if that may hold something for it', () => {
    const formOf = () => 'drone' as const;
    expect(rule('privileged-step', { unread: [unread], formOf })?.unread).toBe(1);
    expect(rule('host-network', { unread: [unread], formOf })?.unread).toBe(0);
  });
});

const compose = hardenedServer('network_mode: host # drone-audit: ignore[host-network] measured', 'pid: host');

interface Json {
  readonly findings: readonly {
    readonly rule: string;
    readonly severity: string;
    readonly standards: { readonly owasp: readonly string[]; readonly cisDocker: unknown };
    readonly consequences?: readonly { readonly rule: string; readonly severity: string }[];
  }[];
  readonly rules: readonly RuleRun[];
  readonly controls: {
    readonly standards: readonly { readonly key: string }[];
    readonly limits: readonly string[];
    readonly results: readonly (Omit<ControlResult, 'failures'> & {
      readonly failures: readonly Record<string, unknown>[];
    })[];
  };
}

function scanned(options: readonly string[], files: Readonly<Record<string, string>> = { 'compose.yml': compose }) {
  const cwd = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  const json: Json = JSON.parse(droneAudit(['scan', '--exit-zero', '--format', 'json', ...options], { cwd }).stdout);
  const of = (id: string) => json.controls.results.find((each) => each.id === id);
  return { json, of };
}

describe('a scan', () => {
  it('counts hygiene in the controls, and does not list it', () => {
    const { json, of } = scanned([]);
    expect(json.findings.map(({ rule }) => rule)).not.toContain('unhardened-container');
    expect(json.rules.find(({ rule }) => rule === 'unhardened-container')).toMatchObject({
      ...{ pedantic: true, seen: 1, undecided: 0, notRun: null },
    });
    expect(of('4.6')).toMatchObject({
      result: 'failed',
      failures: [{ rule: 'unhardened-container', low: 1, accepted: 0, notShown: 1 }],
    });
    expect(of('4.1')).toMatchObject({ result: 'nothing found', reasons: [] });
    expect(scanned(['--pedantic']).of('4.6')).toMatchObject({ failures: [{ low: 1, notShown: 0 }] });
  });

  it('tells accepted findings from open ones', () => {
    const { of } = scanned([]);
    expect(of('5.16')).toMatchObject({
      result: 'failed',
      failures: [{ rule: 'host-namespace', high: 1 }],
      accepted: [],
    });
    expect(of('5.10')).toMatchObject({
      result: 'failed',
      failures: [{ rule: 'host-network', high: 0, accepted: 1 }],
      accepted: [{ rule: 'host-network', file: 'compose.yml', line: 11, reason: 'measured', where: 'compose.yml:11' }],
    });
  });

  it('does not assess what it did not look at', () => {
    const { of } = scanned([]);
    expect(of('2.14')).toMatchObject({
      result: 'not assessed',
      reasons: [expect.stringContaining('not asked: the Docker Engine (--docker)')],
    });
    expect(of('5.18')).toMatchObject({
      result: 'not assessed',
      reasons: ['1 of 2 rules (host-device) did not run: not seen: a pipeline'],
    });
    const pipeline = 'kind: pipeline\ntype: docker\nname: a\nsteps:\n- name: a\n  image: alpine\n  commands: [ls]\n';
    expect(scanned([], { 'compose.yml': compose, '.drone.yml': pipeline }).of('5.18')?.result).toBe('nothing found');
    const broken = { 'compose.yml': compose, '.drone.yml': pipeline, 'other.drone.yml': `${pipeline}: [` };
    expect(scanned([], broken).of('5.18')).toMatchObject({
      result: 'not assessed',
      reasons: ['1 place could not be read or judged'],
    });
    expect(scanned([], broken).of('4.1')?.result).toBe('nothing found');
  });

  it('says of a run with less that it is no full assessment', () => {
    expect(scanned([]).json.controls.limits).toEqual([]);
    const { json, of } = scanned(['--skip', 'host-device-mount', '--min-severity', 'high']);
    expect(json.controls.limits).toEqual([
      'These rules did not run: host-device-mount (--skip).',
      'Findings below high are counted in the table of controls, and not listed (--min-severity).',
    ]);
    expect(of('5.18')?.reasons).toContain('1 of 2 rules (host-device-mount) did not run: left out by --rule or --skip');
    expect(scanned(['--rule', 'host-network']).of('5.16')).toMatchObject({ result: 'not assessed' });
  });

  it('tells of management standards where they are named', () => {
    expect(scanned([]).json.controls.standards.map(({ key }) => key)).toEqual(usualStandards);
    const { json } = scanned(['--controls', 'soc2', '--controls', 'slsa']);
    expect(json.controls.standards.map(({ key }) => key)).toEqual(['owasp', 'cis-docker', 'slsa', 'soc2']);
    expect(scanned(['--controls', 'all']).json.controls.standards.map(({ key }) => key)).toEqual(standardNames);
    const almost = droneAudit(['scan', '--controls', 'alll'], { cwd: temporaryFolder() });
    expect(almost.stderr).toContain('did you mean "all"?');
    const { status, stderr } = droneAudit(['scan', '--controls', 'soc-2'], { cwd: temporaryFolder() });
    expect(status).toBe(2);
    expect(stderr).toContain('did you mean "soc2"?');
  });
});

const pipelineOf = (step: string, more = ''): string =>
  `kind: pipeline\ntype: docker\nname: a\nsteps:\n- name: a\n  image: alpine:3.22\n  commands: [ls]\n${step}${more}`;

describe('the counts of controls', () => {
  const standsIn = 'trigger:\n  event: [push]\n';
  const socket = '  volumes: [{name: s, path: /var/run/docker.sock}]\n';
  const volumes = 'volumes: [{name: s, host: {path: /var/run/docker.sock}}]\n';
  const failuresOf = ({ of }: ReturnType<typeof scanned>, id: string) =>
    (of(id)?.failures ?? []).map(({ rule, toldWith, accepted, notShown, ...open }) => ({
      ...{ rule, toldWith, accepted, notShown },
      open: severities.flatMap((severity) => (open[severity] ? [`${open[severity]} ${severity}`] : [])).join(' '),
    }));

  it('are those of the findings of the same report, and name the finding that tells of what has none', () => {
    const scan = scanned([], {
      '.drone.yml': pipelineOf('  environment: {A: {from_secret: a}}\n  privileged: true\n'),
    });
    const { json } = scan;
    const listed = json.findings.map(({ rule, severity }) => `${rule} ${severity}`);
    expect(listed).toEqual(expect.arrayContaining(['missing-trigger critical', 'privileged-step high']));
    expect(failuresOf(scan, '5.5')).toEqual([
      { rule: 'privileged-step', toldWith: null, open: '1 high', accepted: 0, notShown: 0 },
    ]);
    expect(failuresOf(scan, 'CICD-SEC-4')).toEqual([
      { rule: 'missing-trigger', toldWith: null, open: '1 critical', accepted: 0, notShown: 0 },
      { rule: 'secret-on-pull-request', toldWith: 'missing-trigger', open: '1 low', accepted: 0, notShown: 0 },
    ]);
    // Whatever the table counts is a finding, or follows from one, with that severity.
    for (const { failures } of json.controls.results)
      for (const { rule, toldWith, notShown, critical } of failures) {
        if (notShown !== 0) continue;
        const own = json.findings.filter((each) => each.rule === (toldWith ?? rule));
        expect(own, `${rule}`).not.toEqual([]);
        if (toldWith === null)
          expect(
            own.filter(({ severity }) => severity === 'critical'),
            `${rule}`,
          ).toHaveLength(Number(critical));
      }
  });

  it('fail the control of a rule in whose place another tells of the fault', () => {
    const files = { '.drone.yml': pipelineOf(socket, volumes + standsIn) };
    const told = { rule: 'host-volume', toldWith: 'docker-socket-volume', accepted: 0, notShown: 0 };
    const scan = scanned([], files);
    const [own] = scan.json.findings.filter(({ rule }) => rule === 'docker-socket-volume');
    expect(own?.severity).toBe('high');
    expect(scan.json.findings.map(({ rule }) => rule)).not.toContain('host-volume');
    expect(scan.of('5.6')?.reasons.join()).not.toContain('told as');
    for (const id of ['5.6', 'CICD-SEC-9']) expect(failuresOf(scan, id)).toContainEqual({ ...told, open: '1 high' });
    // The rule that tells of it belongs to this one.
    expect(failuresOf(scan, 'CICD-SEC-5').map(({ rule }) => rule)).not.toContain('host-volume');
    // Looking less tells no more.
    expect(scanned(['--skip', 'docker-socket-volume'], files).of('5.6')?.result).toBe('failed');
    // What follows from a cause is told with that, and what is accepted stays accepted.
    const open = failuresOf(scanned([], { '.drone.yml': pipelineOf(socket, volumes) }), '5.6');
    expect(open).toEqual([{ ...told, open: '1 high' }]);
    const known = `${volumes.trimEnd()} # drone-audit: ignore[docker-socket-volume] measured\n`;
    expect(failuresOf(scanned([], { '.drone.yml': pipelineOf(socket, known + standsIn) }), '5.6')).toEqual([
      { ...told, open: '', accepted: 1 },
    ]);
    const high = failuresOf(scanned(['--min-severity', 'critical'], files), '5.6');
    expect(high).toEqual([{ ...told, open: '1 high', notShown: 1 }]);
  });

  it.each([
    ['drone/drone:2', 1],
    ['drone/drone', 1],
    ['drone/drone:latest', 1],
    ['drone/drone:2.28', 1],
    ['"drone/drone:${TAG}"', 1],
    [`drone/drone@sha256:${'0'.repeat(64)}`, 1],
    ['registry.example.com/ci/server:2.28.2', 1],
    ['registry.example.com/mirror/drone/drone:2.28.2', 0],
    ['drone/drone:2.28.2', 0],
  ])('say of %s whether its release is known', (image, unknown) => {
    const server = compose.replace(/drone\/drone:\S+/, image);
    const scan = scanned([], { 'compose.yml': server, '.drone.yml': pipelineOf('', standsIn) });
    expect(scan.json.rules.find(({ rule }) => rule === 'outdated-server')?.unknownRelease).toBe(unknown);
    for (const id of ['4.4', '5.28']) {
      expect(scan.of(id)?.result).toBe(unknown === 0 ? 'nothing found' : 'not assessed');
      expect(scan.of(id)?.reasons).toEqual(unknown === 0 ? [] : ['release not known: outdated-server (1 container)']);
    }
  });

  it('ask the release of runners and extensions too', () => {
    const server = compose.replace(/drone\/drone:\S+/, 'drone/drone:2.28.2');
    const more = '  runner:\n    image: drone/drone-runner-docker:1\n  secrets:\n    image: drone/vault:latest\n';
    expect(scanned([], { 'compose.yml': `${server}${more}` }).of('5.28')?.reasons).toEqual([
      'release not known: outdated-runner (1 container), outdated-extension (1 container)',
    ]);
    const known = more.replace(':1\n', ':1.8.5\n').replace('latest', '1.3.0');
    expect(scanned([], { 'compose.yml': `${server}${known}` }).of('5.28')).toMatchObject({ result: 'nothing found' });
  });

  it('say what is not judged of ports and of the socket', () => {
    const { json, of } = scanned([], {
      'compose.yml': hardenedServer('ports: ["80:80"]'),
      '.drone.yml': pipelineOf('', standsIn),
    });
    const [http] = json.findings.filter(({ rule }) => rule === 'plain-http-server');
    expect(JSON.stringify(http?.standards)).not.toContain('5.14');
    expect(of('5.14')).toMatchObject({ assessed: 'partly', about: expect.stringContaining('not judged') });
    expect(of('5.32')).toMatchObject({ assessed: 'partly', about: expect.stringContaining('is not counted') });
    // Their rules pass over what stands beside Drone's own containers.
    for (const id of ['5.4', '5.13', '5.18', '5.26', '5.27', '5.29'])
      expect(of(id), id).toMatchObject({ assessed: 'partly', about: expect.stringMatching(/steps|proxies/) });
  });
});

describe('the table of controls', () => {
  const results = controlResults(['cis-docker'], ran(), [
    found('host-network', { open: { ...none, high: 1 }, accepted: [{ ...accepted, reason: masked('=1+1, "known"') }] }),
    found('host-volume', {
      toldWith: 'docker-socket-volume',
      sameAs: 'docker-socket-volume',
      open: { ...none, high: 1 },
    }),
  ]);
  const [standard] = [controlStandards['cis-docker']];
  const matrix = {
    standards: [{ key: 'cis-docker', ...standard }],
    limits: ['Only these rules ran: host-network (--rule).'],
    results,
  };
  const rows = [...controlsCsv(report([], { controls: matrix }))];

  it('has a row for each control, after its scope', () => {
    expect(rows[0]).toMatch(/^\ufeffstandard,version,control,title,result,critical,high,/);
    expect(rows.every((row) => row.endsWith('\r\n'))).toBe(true);
    expect(rows[1]).toContain('This run is not a full assessment.');
    expect(rows[2]).toContain('Only these rules ran: host-network (--rule).');
    expect(rows[3]).toContain('Evidence, not an assessment');
    const scope = rows.filter((row) => row.startsWith(',,,,scope,'));
    expect(scope.at(-1)).toContain('Date: not in the report.');
    expect(rows.slice(1 + scope.length)).toHaveLength(standard.controls.length);
    expect([...controlsCsv(report([]))].join('')).not.toContain('not a full assessment');
  });

  it('tells a failed control with its counts, and lets no cell act', () => {
    const row = rows.find((each) => each.startsWith('CIS Docker Benchmark,1.6.0,5.10,'));
    expect(row).toMatch(/,failed,0,1,0,0,0,1,0,host-network,,/);
    expect(row).toContain('host-network a.yml:2: =1+1, ""known"" (a.yml:1)');
    expect(rows.join('')).not.toMatch(/(?:^|,)"?[=+@-][^,]/m);
    const other = rows.find((each) => each.startsWith('CIS Docker Benchmark,1.6.0,5.16,'));
    expect(other).toMatch(/,nothing found,,,,,,,,,,/);
    const told = rows.find((each) => each.startsWith('CIS Docker Benchmark,1.6.0,5.6,'));
    expect(told).toMatch(/,failed,0,1,0,0,0,0,0,host-volume,host-volume: docker-socket-volume,/);
  });
});

describe('the controls', () => {
  const all = standardNames.flatMap((name) => controlStandards[name].controls.map((control) => ({ name, ...control })));
  const known = new Set(allRules.map(({ id }) => id));

  it('name rules that there are, and no id twice', () => {
    expect(all.flatMap(({ rules }) => rules).filter((rule) => !known.has(rule))).toEqual([]);
    for (const name of standardNames) {
      const ids = controlStandards[name].controls.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
    }
    expect(all).toHaveLength(200);
  });

  it('have rules if they can be assessed, and none if not', () => {
    expect(all.filter(({ assessed, rules }) => (assessed === 'no') !== (rules.length === 0))).toEqual([]);
    expect(all.filter(({ title, why }) => title === '' || !why.endsWith('.'))).toEqual([]);
  });

  it('agree with the standards of the rules, but for what the rules have not got yet', () => {
    const owasp = new Map(controlStandards.owasp.controls.map(({ id, rules }) => [id, rules]));
    const docker = new Map(controlStandards['cis-docker'].controls.map(({ id, rules }) => [id, rules]));
    const differing = allRules.flatMap(({ id: rule, standards }) => {
      const here = (map: ReadonlyMap<string, readonly string[]>) =>
        [...map].filter(([, rules]) => rules.includes(rule)).map(([id]) => id);
      const listed = [...(standards.owasp ?? []), ...(standards.cisDocker?.ids ?? [])];
      const own = [...here(owasp), ...here(docker)];
      return [
        ...own.filter((id) => !listed.includes(id)).map((id) => `${rule} + ${id}`),
        ...listed.filter((id) => !own.includes(id)).map((id) => `${rule} - ${id}`),
      ];
    });
    expect(differing.sort()).toEqual([
      'broad-privileged-image + 5.2',
      'broad-privileged-image + 5.22',
      'broad-privileged-image + 5.3',
      'broad-privileged-image + 5.4',
      'broad-privileged-image + 5.5',
      'daemon-confinement-off + 5.22',
      'exposed-dashboard + 5.9',
      'exposed-port + 5.9',
      'extra-privileged-image + 5.2',
      'extra-privileged-image + 5.22',
      'extra-privileged-image + 5.3',
      'extra-privileged-image + 5.4',
      'extra-privileged-image + 5.5',
      'image-outside-policy + 4.2',
      'implicitly-privileged-step + 5.2',
      'implicitly-privileged-step + 5.22',
      'implicitly-privileged-step + 5.3',
      'implicitly-privileged-step + 5.4',
      'implicitly-privileged-step + 5.5',
      'known-bad-image + 4.2',
      'known-bad-image + 4.4',
      'misspelt-image + 4.2',
      'obsolete-drone-image + 4.2',
      'obsolete-drone-image + 4.4',
      'obsolete-drone-image + 5.28',
      'outdated-extension + 4.4',
      'outdated-extension + 5.28',
      'outdated-runner + 4.4',
      'outdated-runner + 5.28',
      'outdated-server + 5.28',
      'privileged-container + 5.2',
      'privileged-container + 5.22',
      'privileged-container + 5.3',
      'privileged-container + 5.4',
      'privileged-step + 5.2',
      'privileged-step + 5.22',
      'privileged-step + 5.3',
      'privileged-step + 5.4',
      'published-extension + 5.9',
      'secret-in-build-argument + 4.10',
      'unhardened-docker-daemon + 2.6',
      'unmaintained-image + 4.4',
    ]);
  });

  it('promise nothing', () => {
    // Titles of others may promise what they like.
    const words = all
      .flatMap(({ name, title, why }) => (controlStandards[name].hasTitles ? [why] : [title, why]))
      .join('\n');
    expect(words).not.toMatch(/\b(?:compliant|compliance|certified|passed|score)\b/i);
  });

  it('know what each rule about a whole installation has to be shown', () => {
    expect([...evidenceOf.keys()].filter((rule) => !known.has(rule))).toEqual([]);
    const about = allRules.filter(({ on, id }) => on === 'installation' && !evidenceOf.has(id));
    expect(about.map(({ id }) => id)).toEqual([]);
    expect(Object.keys(evidence)).toEqual(expect.arrayContaining(allRules.map(({ on }) => on)));
  });
});

describe('the page for auditors', () => {
  const page = readFileSync('docs/auditors.md', 'utf8').replace(/\s+/g, ' ');

  it('names the reports that a date stands in', () => {
    const names: Readonly<Record<string, string>> = { html: 'HTML', json: 'JSON', jsonl: 'JSONL', sarif: 'SARIF' };
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'compose.yml'), compose);
    const dated = formats.filter((format) => {
      const options = format === 'card' ? ['--card-template', 'https://ci.example.com/card.json'] : [];
      const run = ['scan', '--exit-zero', '--format', format, ...options];
      const { stdout } = droneAudit([...run, '--timestamp', '2026-01-31T12:00:00Z'], { cwd });
      return stdout !== droneAudit(run, { cwd }).stdout;
    });
    expect(dated.toSorted()).toEqual(['controls-csv', 'html', 'json', 'jsonl', 'markdown', 'sarif']);
    expect(page).toContain(`puts one into ${Object.values(names).join(', ')}, Markdown and the table of controls.`);
  });

  it('names every standard, and what stands for all', () => {
    for (const name of standardChoices.filter((each) => !usualStandards.some((usual) => usual === each)))
      expect(page).toContain(`\`${name}\``);
  });
});
