import { describe, expect, it, test } from 'vitest';
import { render } from '../../src/commands/output.ts';
import type { Report } from '../../src/model/report.ts';
import { cardInOutput, cardOf } from '../../src/reporters/card.ts';
import { csvReport } from '../../src/reporters/csv.ts';
import { githubReport } from '../../src/reporters/github.ts';
import { gitlabReport } from '../../src/reporters/gitlab.ts';
import { htmlReport } from '../../src/reporters/html/page.ts';
import { jsonReport } from '../../src/reporters/json.ts';
import { jsonlReport } from '../../src/reporters/jsonl.ts';
import { junitReport } from '../../src/reporters/junit.ts';
import { markdownReport } from '../../src/reporters/markdown.ts';
import { unixReport } from '../../src/reporters/unix.ts';
import type { ListedReport } from '../support/listed-report.ts';
import { masked, whole } from '../support/text.ts';
import { hostileName, hostileReport } from './hostile.ts';
import { finding, fullReport, place, privilegedStep, report, source, weakRpcSecret } from './sample-report.ts';

const template = 'https://ci.example.com/card.json';
const writers: Readonly<Record<string, (of: Report) => Iterable<string>>> = {
  jsonl: jsonlReport,
  junit: junitReport,
  gitlab: gitlabReport,
  github: githubReport,
  markdown: (of) => [markdownReport(of)],
  html: htmlReport,
  csv: csvReport,
  unix: unixReport,
  card: (of) => [cardOf(of, template)],
};
const written = (format: string, of: Report): string => [...(writers[format]?.(of) ?? [])].join('');

const file = source('.drone.yml', 'kind: pipeline\nprivileged: true\n');
const at = place(file, 'true');
const many = (amount: number): ListedReport =>
  report(
    Array.from({ length: amount }, (_, index) => finding(privilegedStep, at, `step "s${index}" runs privileged`)),
    { exitCode: 1 },
  );

describe.each(Object.keys(writers))('%s', (format) => {
  it('is the same for the same input, with no absolute path', () => {
    expect(written(format, fullReport())).toBe(written(format, fullReport()));
    expect(written(format, fullReport())).not.toMatch(/file:\/\/|(?<![\w/-])\/(?:home|tmp|root)\//);
  });

  it('lets no name of a file act', () => {
    // The mark of a spreadsheet is ours.
    const shown = written(format, hostileReport()).replace(/^\ufeff/, '');
    expect(shown.replace(/[\r\n]/g, '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/u);
    expect(shown.length).toBeLessThan(100_000);
  });

  it('says that something could not be seen, where nothing was found', () => {
    const blind = report([], {
      problems: [
        { kind: 'unreadable', source: 'server.env', message: masked('may not be read by this user'), incomplete: true },
      ],
      exitCode: 3,
    });
    expect(written(format, blind)).not.toBe(written(format, report([])));
    expect(written(format, blind)).toMatch(/incomplete|not audited|may not be read|"notSeen":1/);
  });
});

test('jsonl has the parts of the JSON report, one a line, and ends with the summary', () => {
  const lines = written('jsonl', fullReport())
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const whole = JSON.parse([...jsonReport(fullReport())].join(''));
  const of = (type: string) => lines.filter((line) => line.type === type).map(({ type, ...rest }) => rest);
  expect(of('run')).toEqual([{ version: whole.version, tool: whole.tool, scope: whole.scope }]);
  expect(of('origin')).toEqual(whole.population.origins);
  expect(of('pipeline')).toEqual(whole.population.pipelines);
  expect(of('finding')).toEqual(whole.findings);
  expect(of('suppressed')).toEqual(whole.suppressed);
  expect(of('problem')).toEqual(whole.problems);
  expect(of('source')).toEqual(whole.sources);
  expect(of('rule')).toEqual(whole.rules);
  expect(of('control')).toEqual(whole.controls.results);
  expect(lines.at(-1)).toEqual({
    type: 'summary',
    summary: whole.summary,
    coverage: whole.coverage,
    config: whole.config,
  });
  expect(lines.every((line) => typeof line.type === 'string')).toBe(true);
});

describe('gitlab', () => {
  const entries = (of: Report) => JSON.parse(written('gitlab', of));

  it('is an empty list where nothing was found', () => {
    expect(written('gitlab', report([]))).toBe('[]\n');
  });

  it('has what its parser requires, and no fingerprint twice', () => {
    const twice = finding(privilegedStep, at, 'm', { fingerprint: 'a000000000000001' });
    const all = entries(report([twice, { ...twice }, { ...twice }]));
    expect(all).toHaveLength(3);
    expect(new Set(all.map(({ fingerprint }: { fingerprint: string }) => fingerprint)).size).toBe(3);
    expect(all[0]).toEqual({
      type: 'issue',
      check_name: 'privileged-step',
      description: 'm',
      severity: 'critical',
      fingerprint: 'a000000000000001',
      location: { path: '.drone.yml', lines: { begin: 2, end: 2 } },
    });
  });

  it.each([
    ['everything', fullReport()],
    ['hostile names', hostileReport()],
    ['a path from here', report([finding(privilegedStep, place(source('./a.yml', 'x: true\n'), 'true'), 'm')])],
  ])('has only what its schema takes, of %s', (_, of) => {
    // One entry that does not fulfil it costs all that come after it (gitlabhq json_schemas/codeclimate.json).
    for (const entry of entries(of)) {
      expect(entry).toEqual({
        type: 'issue',
        check_name: expect.stringMatching(/./),
        description: expect.stringMatching(/./),
        severity: expect.stringMatching(/^(?:info|minor|major|critical|blocker)$/),
        fingerprint: expect.stringMatching(/./),
        location: {
          path: expect.stringMatching(/^(?!\.?\/)./),
          lines: { begin: expect.any(Number), end: expect.any(Number) },
        },
      });
      expect(Number.isInteger(entry.location.lines.begin) && entry.location.lines.begin > 0).toBe(true);
    }
  });

  it('leaves out what is suppressed, and tells what could not be audited', () => {
    const told = entries(fullReport());
    expect(told.some(({ check_name }: { check_name: string }) => check_name === 'floating-tag')).toBe(false);
    expect(told).toContainEqual(
      expect.objectContaining({
        check_name: 'incomplete-malformed',
        severity: 'major',
        description: 'not audited: a mapping is not closed',
      }),
    );
  });
});

describe('gitlab, of what could not be audited', () => {
  const lost = (source: string, message: string) =>
    ({ kind: 'unreadable', source, message: masked(message), incomplete: true }) as const;
  const entriesOf = (...problems: Report['problems']) =>
    JSON.parse(written('gitlab', report([], { problems }))) as { fingerprint: string; location: { path: string } }[];

  it('knows it again by its place, whatever is said of it', () => {
    const [one] = entriesOf(lost('a.env', 'cannot be read'));
    const [same, again, other] = entriesOf(lost('a.env', 'x'), lost('a.env', 'y'), lost('b.env', 'x'));
    expect(one?.fingerprint).toMatch(/^[0-9a-f]{16}$/);
    expect([same?.fingerprint, again?.fingerprint]).toEqual([one?.fingerprint, `${one?.fingerprint}-2`]);
    expect(other?.fingerprint).not.toBe(one?.fingerprint);
  });

  it('has no path that leads out of the repository', () => {
    const paths = entriesOf(lost('../../etc/drone.env', ''), lost('./a.env', ''), lost('/b.env', ''), lost('..c', ''));
    expect(paths.map(({ location }) => location.path)).toEqual(['etc/drone.env', 'a.env', 'b.env', '..c']);
  });
});

describe('github', () => {
  it('shows ten of a kind, the worst first, and says how many more there are', () => {
    const critical = finding(weakRpcSecret, at, '50% of, a: b\nc');
    const lines = written('github', report([...many(14).findings, critical], { exitCode: 1 }))
      .trimEnd()
      .split('\n');
    const errors = lines.filter((line) => line.startsWith('::error '));
    expect(errors).toHaveLength(10);
    expect(errors[0]).toBe(
      '::error file=.drone.yml,line=2,endLine=2,col=13,endColumn=17,title=critical%3A weak-rpc-secret::50%25 of, a: b\\u{A}c',
    );
    expect(errors[9]).toMatch(/\(and 5 more of this kind\)$/);
    expect(lines.at(-1)).toBe('drone-audit: 15 findings; findings at or above high');
  });

  it('tells what could not be audited before what was found, and all of it where there is room', () => {
    const lost = { kind: 'unreadable', source: 'a.env', message: masked('cannot be read'), incomplete: true } as const;
    const errorsOf = (of: Report): readonly string[] =>
      written('github', of)
        .split('\n')
        .filter((line) => line.startsWith('::error '));
    const other = { ...lost, source: 'b.env' };
    expect(errorsOf(report(many(8).findings, { problems: [lost, other] })).slice(0, 3)).toEqual([
      '::error file=a.env,title=not audited%3A unreadable::cannot be read',
      '::error file=b.env,title=not audited%3A unreadable::cannot be read',
      expect.stringContaining('privileged-step'),
    ]);
    expect(errorsOf(report(many(8).findings, { problems: [lost, other, lost] }))[1]).toBe(
      '::error file=b.env,title=not audited%3A unreadable::cannot be read (and 1 more that could not be audited)',
    );
    const lines = written('github', report(many(12).findings, { problems: [lost, lost, lost], exitCode: 1 })).split(
      '\n',
    );
    const errors = lines.filter((line) => line.startsWith('::error '));
    expect(errors[0]).toBe(
      '::error file=a.env,title=not audited%3A unreadable::cannot be read (and 2 more that could not be audited)',
    );
    expect(errors.filter((line) => line.includes('privileged-step'))).toHaveLength(9);
  });

  it('begins no line with a command that a file wrote', () => {
    const hostile = finding(privilegedStep, at, '\n::set-output name=x::y');
    const lines = written('github', report([hostile])).split('\n');
    expect(lines.filter((line) => line.startsWith('::'))).toHaveLength(1);
    expect(lines.some((line) => line.startsWith('::set-output'))).toBe(false);
  });
});

describe('a runner that looks for commands in what a step prints', () => {
  const look = { color: false, width: 80, verbose: true, summary: false, rules: [], familyOf: new Map() };
  /** As actions/runner takes lines apart: `::name::` where one begins, `##[name]` and `##vso[` anywhere. */
  const isCommand = (line: string): boolean => /^\s*::/.test(line) || /##(?:vso)?\[/.test(line);
  const place = { ...at, source: { ...at.source, name: '::add-mask::critical/.drone.yml' } };
  const hostile = [
    finding(privilegedStep, place, '##[stop-commands]x'),
    finding(privilegedStep, at, `${'long '.repeat(14)} ::stop-commands::x ##vso[task.complete] ##[error]x`),
  ];

  it.each(['text', 'unix', 'json', 'jsonl', 'sarif', 'csv', 'markdown', 'html', 'junit', 'gitlab'] as const)(
    'finds none in %s',
    async (format) => {
      const text = whole(await render(format, report(hostile), look));
      expect(text).toContain('stop-commands');
      expect(text.split('\n').filter(isCommand)).toEqual([]);
    },
  );
});

/** A workflow command as the runner takes it apart (actions/runner ActionCommand.TryParseV2). */
function commandOf(line: string) {
  const [, kind, properties = '', text = ''] = /^\s*::(\w+)(?: (.*?))?::(.*)$/s.exec(line) ?? [];
  const plain = (escaped: string): string =>
    escaped.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%3A', ':').replaceAll('%2C', ',');
  return {
    kind,
    properties: Object.fromEntries(
      properties.split(',').map((each) => {
        const [name = '', value = ''] = each.split(/=(.*)/s);
        return [name, plain(value).replaceAll('%25', '%')];
      }),
    ),
    text: text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%'),
  };
}

test('the runner of GitHub reads of a command what was found', () => {
  const name = 'a,b=c::d%0A/100%.yml';
  const said = 'step "%0A::error::x, y=z%25" runs privileged';
  const odd = place(source(name, 'privileged: true\n'), 'true');
  const [line = ''] = written('github', report([finding(privilegedStep, odd, said)])).split('\n');
  expect(commandOf(line)).toEqual({
    kind: 'error',
    properties: {
      ...{ file: name, line: '1', endLine: '1', col: '13', endColumn: '17' },
      title: 'high: privileged-step',
    },
    text: said,
  });
});

describe('what else there is to mend', () => {
  const file = source('a.yml', 'kind: pipeline\nprivileged: true\nmount: x\nport: 1\nother: 2\n');
  const other = source('b:7.yml', 'one: 1\n');
  const found = finding(privilegedStep, place(file, 'true'), 'runs privileged', {
    severity: 'critical',
    confidence: 'medium',
    consequences: [
      {
        ...{ rule: 'docker-socket-volume', severity: 'critical', message: masked('mounts <the> socket') },
        ...{ at: place(file, 'mount'), fingerprint: 'f'.repeat(16) },
      },
    ],
    related: ['true', 'port', 'other']
      .map((key) => ({ at: place(file, key), message: masked(`${key} too`) }))
      .concat({ at: place(other, 'one'), message: masked('one too') }),
  });
  const inLine = '; opens critical docker-socket-volume (line 3); see also line 4, line 5 and 1 more';

  it.each([
    ['unix', `a.yml:2:13: critical privileged-step: runs privileged${inLine}\n`],
    ['github', `::runs privileged${inLine}\n`],
    ['gitlab', `"description": "runs privileged${inLine}"`],
    ['csv', ',critical docker-socket-volume (line 3),"line 4, line 5, b:7.yml:1"\r\n'],
  ] as const)('stands on the line of a finding: %s', (format, expected) => {
    expect(written(format, report([found]))).toContain(expected);
  });

  it('has a line each in a failure of JUnit, and is counted where it is skipped', () => {
    const lines = [
      'a.yml:3: opens critical docker-socket-volume: mounts &lt;the&gt; socket',
      'a.yml:2: also: true too',
    ];
    expect(written('junit', report([found]))).toContain(
      `\n\nruns privileged\n\n${lines.join('\n')}\na.yml:4: also: port too\n`,
    );
    expect(written('junit', report([found], { failOn: 'never' }))).toContain(`critical: runs privileged${inLine}"/>`);
  });

  it('has a line each in Markdown, beside how sure it is', () => {
    const text = written('markdown', report([found]));
    expect(text).toContain('<br>a.yml:2:13, confidence: medium</summary>\n');
    expect(text).toContain(
      '\n\n- `a.yml:3` opens critical docker-socket-volume: mounts &lt;the&gt; socket\n- `a.yml:2` also: true too\n',
    );
    const many = Array.from({ length: 30 }, () => found.related).flat();
    expect(written('markdown', report([{ ...found, related: many }]))).toContain('\n- and 111 more\n\n**Fix**');
  });
});

describe('unix', () => {
  it('is what a problem matcher takes', () => {
    const [first] = written('unix', fullReport()).split('\n');
    const matcher = /^([^:\s][^:]*):(\d+):(\d+): (critical|high|medium|low|info) ([a-z0-9-]+): (.+)$/;
    expect(matcher.exec(first ?? '')?.slice(1)).toEqual([
      ...['.drone.yml', '6', '3', 'medium', 'branch-without-event', 'trigger has "branch" and no "event"'],
    ]);
  });
});

describe('csv', () => {
  const rows = (of: Report): string[] => written('csv', of).split('\r\n');

  it('begins with the mark that spreadsheets need, and has a row for each finding and problem', () => {
    const full = fullReport();
    expect(written('csv', full)).toMatch(/^\ufeffstatus,severity,rule,/);
    expect(rows(full).filter((row) => row !== '')).toHaveLength(1 + full.findings.length + full.problems.length);
    expect(rows(full).some((row) => row.startsWith('suppressed,') && row.includes('rebuilt nightly on purpose'))).toBe(
      true,
    );
  });

  it.each(['=cmd()', '+1', '-1', '@x', '\t=x', '\n=x'])('lets %j be no formula', (name) => {
    const cells = written('csv', report([finding(privilegedStep, at, name)]));
    expect(cells).toMatch(/,"'(?:[=+@-]|\\u\{)/);
  });

  it('quotes what would break a row', () => {
    expect(written('csv', report([finding(privilegedStep, at, 'a, "b"')]))).toContain(',"a, ""b""",');
  });
});

describe('junit', () => {
  it('fails what is at or above the gate, skips the rest, and lets clean files pass', () => {
    const clean = { name: 'clean.env', form: 'env', gave: {}, sha256: '', hashOf: 'original', bytes: 0 } as const;
    const xml = written('junit', report(fullReport().findings, { ...fullReport(), sources: [clean] }));
    expect(xml).toContain('<testsuites name="drone-audit" tests="8" failures="4" errors="1">');
    expect(xml).toContain('<testcase classname="drone-audit" name="nothing found clean.env" file="clean.env"/>');
    expect(xml).toContain(
      '<skipped message="below the gate: medium: trigger has &quot;branch&quot; and no &quot;event&quot;"/>',
    );
    expect(xml).toContain('<error type="malformed" message="a mapping is not closed"/>');
  });

  it('tells of a file without open findings what is known or accepted there', () => {
    const clean = { name: '.drone.yml', form: 'drone', gave: {}, sha256: '', hashOf: 'original', bytes: 0 } as const;
    const closed = (by: 'baseline' | 'comment') =>
      finding(privilegedStep, at, 'm', { suppressed: { by, reason: masked('r'), where: 'w' } });
    const named = (findings: ListedReport['findings'], more: Partial<ListedReport> = {}): string | undefined =>
      /<testcase [^>]*name="([^"]*)"/.exec(written('junit', report(findings, { sources: [clean], ...more })))?.[1];
    expect(named([closed('baseline'), closed('baseline')])).toBe('nothing new .drone.yml (2 known)');
    expect(named([closed('comment')])).toBe('nothing open .drone.yml (1 suppressed)');
    expect(named([closed('comment'), closed('baseline')])).toBe('nothing new .drone.yml (1 known, 1 suppressed)');
    expect(named([], { hiddenBySeverity: 1 })).toBe('nothing shown .drone.yml');
  });

  it('begins no line with what the name of a file says', () => {
    const odd = place(source('a\n::error::x', 'privileged: true\n'), 'true');
    const lost = { kind: 'unreadable', source: odd.source.name, message: masked('b\nc'), incomplete: true } as const;
    const xml = written('junit', report([finding(privilegedStep, odd, 'm\nn')], { problems: [lost] }));
    expect(xml).toContain('">a\\u{A}::error::x:1\n\nm\\u{A}n\n');
    expect(xml).not.toMatch(/&#10;|\n::error/);
  });

  it('gives each case a name of its own, which stays the same beside others', () => {
    const namesOf = (of: Report): readonly string[] =>
      [...written('junit', of).matchAll(/<testcase [^>]* name="([^"]*)"/g)].map(([, name = '']) => name);
    const all = many(5);
    expect(namesOf(all)).toEqual(all.findings.map(({ fingerprint }) => `privileged-step .drone.yml:2 ${fingerprint}`));
    expect(namesOf(report(all.findings.slice(3)))).toEqual(namesOf(all).slice(3));
    const same = finding(privilegedStep, at, 'm', { fingerprint: 'a000000000000001' });
    expect(namesOf(report([same, same]))).toEqual([
      'privileged-step .drone.yml:2 a000000000000001',
      'privileged-step .drone.yml:2 a000000000000001 (2)',
    ]);
  });

  it('has the elements and attributes of junit-10.xsd, and those that say where', () => {
    const allowed: Readonly<Record<string, readonly string[]>> = {
      testsuites: ['name', 'tests', 'failures', 'errors'],
      testsuite: ['name', 'tests', 'failures', 'errors', 'skipped'],
      testcase: ['classname', 'name', 'file', 'line'],
      failure: ['type', 'message'],
      error: ['type', 'message'],
      skipped: ['message'],
    };
    for (const of of [fullReport(), hostileReport(), report([])]) {
      const tags = [...written('junit', of).matchAll(/<([a-z]+)((?: [a-z]+="[^"<]*")*)\/?>/g)];
      expect(tags.length).toBeGreaterThan(0);
      for (const [, name = '', attributes = ''] of tags)
        for (const [, attribute] of attributes.matchAll(/ ([a-z]+)="/g)) expect(allowed[name]).toContain(attribute);
    }
  });

  it('has no character that XML has not', () => {
    expect(written('junit', hostileReport())).not.toMatch(
      /[^\n\x20-\x7e\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u,
    );
  });
});

describe('markdown', () => {
  it('fits a comment of GitHub, and counts what it leaves out', () => {
    const text = markdownReport(many(2000));
    expect(text.length).toBeLessThanOrEqual(60_000);
    expect(text).toMatch(/^<!-- drone-audit -->\n### drone-audit: 2000 high\n/);
    const told = text.match(/<details/g)?.length ?? 0;
    expect(text).toContain(`${2000 - told} further findings not shown`);
    expect(text.match(/<\/details>/g)).toHaveLength(told);
  });

  it('mentions nobody, refers to nothing, and opens no HTML of a file', () => {
    const said = 'step "@octocat #12 <img src=x> | `code` https://evil.example.com www.evil.example.com" GH-7';
    const text = markdownReport(report([finding(privilegedStep, at, said, { reach: masked('@octocat') })]));
    expect(text).not.toMatch(/@octocat|#12|<img|:\/\/evil|www\.evil|GH-7/);
    expect(markdownReport(hostileReport())).not.toMatch(/<script|\]\(https:\/\/evil/);
  });

  it('tells the others where one is too long, and all that comes after', () => {
    const long = finding(weakRpcSecret, at, 'x'.repeat(70_000));
    const problems = Array.from({ length: 30 }, () => ({
      ...({ kind: 'unreadable', source: 'd/'.repeat(2000), incomplete: true } as const),
      message: masked('*'.repeat(2000)),
    }));
    const text = markdownReport(report([long, ...many(3).findings], { problems, exitCode: 1, hiddenBySeverity: 7 }));
    expect(text.length).toBeLessThanOrEqual(60_000);
    expect(text.match(/<details/g)).toHaveLength(3);
    expect(text).toContain('1 further finding not shown');
    expect(text).toContain('- and 10 more\n');
    expect(text).toContain('- 7 more with `--min-severity info`\n');
  });

  it('says of a decision what the text says of it', () => {
    const { rule, severity, message, fingerprint } = finding(weakRpcSecret, at, 'follows');
    const follows = { rule, severity, message, at, fingerprint };
    const text = markdownReport(report([finding(privilegedStep, at, 'm', { consequences: [follows] })]));
    expect(text).toContain('; removes 1 finding and 1 that follows)');
  });

  it('says what could not be audited before all else', () => {
    const text = markdownReport(fullReport());
    expect(text.indexOf('Could not be audited')).toBeGreaterThan(0);
    expect(text.indexOf('Could not be audited')).toBeLessThan(text.indexOf('Do first'));
  });
});

describe('a card', () => {
  it('is small whatever was found, and names its template', () => {
    const long = 'x'.repeat(5000);
    const findings = many(500).findings.map((each, index) => ({
      ...each,
      rule: `rule-${index}`,
      message: masked(long),
    }));
    const card = cardOf(report(findings), template);
    expect(Buffer.byteLength(card)).toBeLessThanOrEqual(8192);
    expect(JSON.parse(card)).toMatchObject({ schema: template, data: { high: 500, total: 500, exit: 1 } });
    expect(JSON.parse(card).data.first).toHaveLength(5);
  });

  it('has no link that a file wrote', () => {
    const odd = place(source('[a](https://evil.example.com).yml', 'privileged: true\n'), 'true');
    const card = cardOf(report([finding(privilegedStep, odd, 'step "[click](https://evil.example.com)"')]), template);
    expect(card).toContain('[click] (https://evil.example.com)');
    expect(card).not.toContain('](');
  });

  it('is in the output of a step what the runner takes out of it', () => {
    const card = cardOf(fullReport(), template);
    const encoded = /^\u001b\]1338;([A-Za-z0-9+/=]+)\u001b\]0m\n$/.exec(cardInOutput(card))?.[1] ?? '';
    expect(Buffer.from(encoded, 'base64').toString()).toBe(card);
  });
});

test('hostile names are shown, not lost', () => {
  expect(written('unix', hostileReport())).toContain('\\u{1B}[2J');
  expect(hostileName).toContain('\x1b');
});
