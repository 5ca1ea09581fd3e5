import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { controlResults } from '../src/controls.ts';
import { controlStandards, standardNames, usualStandards } from '../src/facts/controls.ts';
import { evidence, evidenceOf } from '../src/facts/rule-evidence.ts';
import type { ControlResult, RuleRun, Violations } from '../src/model/report.ts';
import { unknownSite } from '../src/model/site.ts';
import { controlsCsv } from '../src/reporters/controls-csv.ts';
import { type Done, ruleRuns } from '../src/rule-runs.ts';
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
    unread: 0,
    ...more,
  }));
const found = (rule: string, more: Partial<Violations> = {}): Violations => ({
  ...{ rule, open: none, accepted: [], notShown: 0, unsure: 0, superseded: 0 },
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
    ['another rule tells of it', {}, [found('host-network', { superseded: 1 })], /told as those of another rule/],
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

  it('fails for what a privileged container has besides', () => {
    const violations = [found('privileged-container', { open: { ...none, critical: 1 } })];
    const failed = controlResults(['cis-docker'], ran(), violations).filter(({ result }) => result === 'failed');
    expect(failed.map(({ id }) => id)).toEqual(['5.2', '5.3', '5.4', '5.5', '5.22']);
  });
});

describe('a rule', () => {
  const rule = (id: string, more: Partial<Done> = {}): RuleRun | undefined =>
    ruleRuns({
      ...{ every: allRules, chosen: allRules, installations: [], site: unknownSite, undecided: new Map() },
      ...{ violations: [], notAsked: [], unread: [], formOf: new Map(), hasGaps: false },
      ...more,
    }).find((run) => run.rule === id);
  const unread = { kind: 'unreadable', source: 'a.yml', message: '', incomplete: true } as const;

  it('is told with what it found, whoever tells of it', () => {
    const violations = [
      found('host-network', { open: { ...none, high: 2, low: 1 }, superseded: 1, unsure: 4 }),
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
    const formOf = new Map([['a.yml', 'drone']] as const);
    expect(rule('privileged-step', { unread: [unread], formOf })?.unread).toBe(1);
    expect(rule('host-network', { unread: [unread], formOf })?.unread).toBe(0);
  });
});

const compose = hardenedServer('network_mode: host # drone-audit: ignore[host-network] measured', 'pid: host');

interface Json {
  readonly findings: readonly { readonly rule: string }[];
  readonly rules: readonly RuleRun[];
  readonly controls: {
    readonly standards: readonly { readonly key: string }[];
    readonly limits: readonly string[];
    readonly results: readonly (ControlResult & { readonly failures: readonly Record<string, number>[] })[];
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
    const { status, stderr } = droneAudit(['scan', '--controls', 'soc-2'], { cwd: temporaryFolder() });
    expect(status).toBe(2);
    expect(stderr).toContain('did you mean "soc2"?');
  });
});

describe('the table of controls', () => {
  const results = controlResults(['cis-docker'], ran(), [
    found('host-network', { open: { ...none, high: 1 }, accepted: [{ ...accepted, reason: masked('=1+1, "known"') }] }),
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
    expect(row).toMatch(/,failed,0,1,0,0,0,1,0,host-network,/);
    expect(row).toContain('host-network a.yml:2: =1+1, ""known"" (a.yml:1)');
    expect(rows.join('')).not.toMatch(/(?:^|,)"?[=+@-][^,]/m);
    const other = rows.find((each) => each.startsWith('CIS Docker Benchmark,1.6.0,5.16,'));
    expect(other).toMatch(/,nothing found,,,,,,,,,/);
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
      'broad-privileged-image + 5.5',
      'daemon-confinement-off + 5.22',
      'exposed-dashboard + 5.9',
      'exposed-port + 5.9',
      'extra-privileged-image + 5.5',
      'image-outside-policy + 4.2',
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
      // A bind address, not TLS.
      'plain-http-server - 5.14',
      'privileged-container + 5.2',
      'privileged-container + 5.22',
      'privileged-container + 5.3',
      'privileged-container + 5.4',
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
