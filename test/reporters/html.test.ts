import { createHash } from 'node:crypto';
import { describe, expect, it, test } from 'vitest';
import type { Picture } from '../../src/model/picture.ts';
import type { Finding, Origin, Report } from '../../src/model/report.ts';
import type { Severity } from '../../src/model/severity.ts';
import type { Masked } from '../../src/model/text.ts';
import { decisionsOf } from '../../src/reporters/decisions.ts';
import { escaped, inline, prose } from '../../src/reporters/html/escape.ts';
import { narrowLayout, wideLayout } from '../../src/reporters/html/layout.ts';
import { htmlReport } from '../../src/reporters/html/page.ts';
import { script } from '../../src/reporters/html/script.ts';
import { stylesFor } from '../../src/reporters/html/styles.ts';
import { auditFolder } from '../support/audit-folder.ts';
import type { ListedReport } from '../support/listed-report.ts';
import { masked } from '../support/text.ts';
import { hostileName, hostileReport } from './hostile.ts';
import {
  branchWithoutEvent,
  finding,
  fullReport,
  place,
  privilegedStep,
  report,
  rules,
  source,
  weakRpcSecret,
} from './sample-report.ts';

const written = (of: Report): string => [...htmlReport(of, rules)].join('');
const careless = (): Promise<ListedReport> => auditFolder('examples/careless');

const file = source('.drone.yml', 'kind: pipeline\nprivileged: true\n');
const at = place(file, 'true');
const many = (amount: number, severity: Severity = 'high'): readonly Finding[] =>
  Array.from({ length: amount }, (_, index) =>
    finding(privilegedStep, at, `step "s${index}" runs privileged`, { severity }),
  );
const times = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length;

/** The tags of a page, without what stands between them. */
const tagsOf = (page: string): readonly string[] => {
  const body = page.replace(/<(style|script)>[\s\S]*?<\/\1>/g, '');
  return [...body.matchAll(/<[^>]*>/g)].map(([tag]) => tag);
};

const pages: readonly (readonly [name: string, of: () => Report | Promise<Report>])[] = [
  ['a full report', fullReport],
  ['a hostile one', hostileReport],
  ['an empty one', () => report([])],
  ['an audit', careless],
  ['many findings', () => report(many(1200))],
];

describe.each(pages)('the page of %s', (_, of) => {
  it('allows by its policy its own style and script and nothing else', async () => {
    const page = written(await of());
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? '';
    const hashes = [...page.matchAll(/<(style|script)>([\s\S]*?)<\/\1>/g)].map(
      ([, tag, text]) =>
        `${tag}-src 'sha256-${createHash('sha256')
          .update(text ?? '')
          .digest('base64')}'`,
    );
    expect(hashes).toHaveLength(2);
    expect(policy.split('; ')).toEqual(["default-src 'none'", ...hashes, "base-uri 'none'", "form-action 'none'"]);
    expect(page.indexOf('Content-Security-Policy')).toBeLessThan(page.indexOf('<style>'));
  });

  it('has nothing in its tags that a strict policy drops, or that would load or run something', async () => {
    for (const tag of tagsOf(written(await of()))) {
      expect(tag).not.toMatch(/\s(?:style|on\w+|src|srcset|action|formaction|background|poster)\s*=/i);
      expect(tag).not.toMatch(/^<(?:img|link|iframe|object|embed|base|foreignObject|image|use|video|audio)\b/i);
      const address = /\shref="([^"]*)"/.exec(tag)?.[1];
      if (address !== undefined) expect(address).toMatch(/^(?:#[\w-]+|https:\/\/[^\s"<>]+)$/);
      if (address?.startsWith('https:')) expect(tag).toContain('rel="noreferrer"');
    }
  });

  it('has each id once, and leads to none that is not there', async () => {
    const page = tagsOf(written(await of())).join('');
    const ids = [...page.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const targets = [...page.matchAll(/(?:href="#|url\(#)([^")]*)/g)].map(([, id]) => id);
    expect(targets.filter((id) => !ids.includes(id))).toEqual([]);
  });

  it('is the same for the same report, with no clock and no absolute path', async () => {
    const one = await of();
    expect(written(one)).toBe(written(one));
    expect(written(one)).not.toMatch(/file:\/\/|(?<![\w/.-])\/(?:home|tmp|root|work)\/|20\d\d-\d\d-\d\dT/);
  });

  it('colours each shape by an attribute, so that without a style nothing is black', async () => {
    // A shape has the colour of its group, where it has none of its own.
    let inherited = false;
    const shapes = tagsOf(written(await of())).filter((tag) => {
      if (/^<\/?g\b/.test(tag)) inherited = /\sfill="/.test(tag);
      return /^<(?:rect|circle|path|text)\b/.test(tag) && !inherited;
    });
    expect(shapes.filter((tag) => !/\sfill="/.test(tag))).toEqual([]);
  });
});

describe('text that was read', () => {
  it('is never markup', () => {
    const name = '"><script>alert(1)</script>';
    const evil = source(name, `kind: pipeline\nname: ${name}\nx: <img src=x onerror=alert(1)>\n`);
    const page = written(
      report(
        [
          finding(privilegedStep, place(evil, 'x: <img'), `step "${name}" runs privileged`, {
            label: masked(name),
            reach: masked(name),
            fingerprint: name,
            related: [{ at: place(evil, name, name), message: masked(name) }],
          }),
          finding(weakRpcSecret, place(evil, name, name), name, {
            suppressed: { by: 'comment', reason: masked(name), where: name },
          }),
        ],
        {
          sources: [{ name, form: 'drone', gave: { pipelines: 1 }, sha256: 'ab', hashOf: 'original', bytes: 1234 }],
          problems: [{ kind: 'unreadable', source: name, message: masked(name), incomplete: true }],
          config: { name, suppressed: 1, excluded: 0, accepted: 0, files: [], settings: [], entries: [] },
          picture: {
            nodes: [
              {
                ...{ id: 'n0', lane: 'server', kind: 'server', source: name, sources: [], seen: true },
                ...{ name: masked(name), labels: [masked(name)], lines: [masked(name)] },
              },
            ],
            edges: [],
          },
        },
      ),
    );
    expect(page).toContain('&quot;&gt;&lt;script&gt;');
    expect(times(page, /<script/g)).toBe(1);
    expect(times(page, /<img/g)).toBe(0);
    expect(tagsOf(page).filter((tag) => tag.includes('alert('))).toEqual([]);
  });

  it('shows what could act or hide something by its code point', () => {
    const page = written(hostileReport());
    expect(page.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    expect(page).toContain('U+202E');
    expect(page).not.toContain(hostileName);
    expect(page).not.toContain('href="https://evil.example.com');
    expect(page.length).toBeLessThan(100_000);
  });

  test.each([
    ['a<b & "c" \'d\'', 'a&lt;b &amp; &quot;c&quot; &#39;d&#39;'],
    ['\u202egpj\x1b[2J', 'U+202EgpjU+001B[2J'],
    ['\\u{202E} of a message', 'U+202E of a message'],
    ['\\u{41} \\u{FFFFFF}', '\\u{41} \\u{FFFFFF}'],
    ['\ud800', '\ufffd'],
  ])('%j is %j', (text, html) => expect(escaped(text)).toBe(html));

  it('keeps the marks of rules, and makes links of documentation alone', () => {
    expect(inline('`a<b` **c** [d](https://docs.drone.io/x) [e](javascript:alert)')).toBe(
      '<code>a&lt;b</code> <b>c</b> <a href="https://docs.drone.io/x" rel="noreferrer">d</a> [e](javascript:alert)',
    );
    expect(prose('Do:\n\n- one\n- two\n  more\n\n```sh\na <b\nc\n```')).toBe(
      '<p>Do:</p><ul><li>one</li><li>two more</li></ul><pre tabindex="0"><code>a &lt;b\nc</code></pre>',
    );
    const lines = (['there', 'removed', 'added'] as const).map((kind) => ({ kind, text: `<${kind}` }));
    expect(prose('```yaml\n# .drone.yml\na: b\n```', () => lines)).toBe(
      '<pre tabindex="0"><code>  &lt;there\n<del>- &lt;removed\n</del><ins>+ &lt;added\n</ins></code></pre>',
    );
  });
});

it('shows a fix as what changes in the lines that were read', async () => {
  const page = written(await careless());
  expect(page).toContain('<del>-   image: alpine/helm\n</del><ins>+   image: alpine/helm@sha256:...\n</ins>');
  expect(page).toContain('    ports:\n<del>-       - &quot;80:80&quot;\n'.replace('    ports', '      ports'));
  expect(page).toContain('  trigger:\n<ins>+   event: [push]\n</ins>');
});

it('takes no more than 2 KB for a finding with all that is known of it', async () => {
  const bodies = [...written(await careless()).matchAll(/<details class="f [\s\S]*?<\/details>/g)];
  const bytes = bodies.reduce((sum, [body]) => sum + Buffer.byteLength(body), 0);
  expect(bytes / bodies.length).toBeLessThan(2000);
});

describe('the first screen', () => {
  const verdictOf = (of: Report): string =>
    (/<p class="verdict[^>]*>(.*?)<\/p>/.exec(written(of))?.[1] ?? '').replace(/<[^>]*>/g, '').trim();
  const unreadable = {
    kind: 'unreadable',
    source: 'server.env',
    message: masked('may not be read'),
    incomplete: true,
  } as const;

  test.each([
    ['nothing found', report([]), 'Nothing found at or above high in what was seen.'],
    [
      'only less severe',
      report(many(2, 'low')),
      'Nothing found at or above high in what was seen. 2 findings below that.',
    ],
    ['severe', report(many(3)), '3 findings are high. One change closes all 3 high findings.'],
    ['one severe', report(many(1, 'critical')), '1 finding is critical. One change closes the one critical finding.'],
    [
      'incomplete',
      report([], { problems: [unreadable], exitCode: 3 }),
      'Incomplete: 1 place could not be audited. Nothing found at or above high in what was seen.',
    ],
    [
      'a fault',
      report([], { problems: [{ ...unreadable, kind: 'fault' }], exitCode: 4 }),
      'Incomplete: drone-audit itself failed. Nothing found at or above high in what was seen.',
    ],
    ['hidden', report([], { hiddenBySeverity: 3 }), 'Nothing shown.'],
    [
      'nothing read',
      report([], { coverage: { ...report([]).coverage, files: 0, pipelines: 0, containers: 0, components: 0 } }),
      'Nothing was audited.',
    ],
  ])('gives the verdict in a sentence: %s', (_, of, sentence) => expect(verdictOf(of)).toBe(sentence));

  it('says of an audit who can do what', async () => {
    expect(verdictOf(await careless())).toMatch(
      /^Authors of fork pull requests can become root on the host of a runner; anyone on the network can read the secrets of every build; anyone with an account at the SCM can run builds here\. Five changes close \d+ of the \d+ critical and high findings\.$/,
    );
  });

  it('says who has ways in where no critical finding tells what for', async () => {
    const of = await careless();
    const high = of.findings.map((each) => ({ ...each, severity: 'high' as const, consequences: [] }));
    expect(verdictOf({ ...of, findings: high })).toMatch(/^Ways in are open to .* and .*\. Five changes close /);
  });

  it('says of writers alone what no fork reaches, and nothing of what is hardly sure', () => {
    const file = source('docker-compose.yml', 'x: y\n');
    const told = (more: Partial<Finding>) =>
      verdictOf(report([finding(privilegedStep, place(file, 'x'), 'm', { severity: 'critical', ...more })]));
    expect(told({ reach: masked('writers by push') })).toMatch(
      /^Whoever may push can become root on the host of a runner\. /,
    );
    expect(told({ reach: masked('fork pull requests') })).toMatch(/^Authors of fork pull requests can become root /);
    expect(told({ confidence: 'low' })).toMatch(/^1 finding is critical\. /);
  });

  it('tells what was not seen beside what was', () => {
    const page = written(fullReport());
    const seen = page.indexOf('<h2>Seen</h2>');
    expect(page.indexOf('<h2>Not seen</h2>')).toBeGreaterThan(seen);
    const header = page.slice(0, page.indexOf('</header>'));
    for (const words of [
      '1 place',
      'the Docker Engine (<code class="o">--docker</code>)',
      '1 thing',
      '1 rule',
      'Gate: <b>failed</b>',
    ])
      expect(header).toContain(words);
    expect(page).toContain('<title>incomplete, 1 critical, 3 high, 2 medium: ');
  });
});

test('a page of the current folder is named as the SCM names its repository, where that is known', () => {
  const read = (name: string) =>
    ({ name, form: 'drone', gave: {}, sha256: '', hashOf: 'original', bytes: 1234 }) as const;
  const origin = (name: string, kind: 'repository' | 'answers' = 'repository') =>
    ({
      name,
      kind,
      files: 1,
      pipelines: 0,
      suppressed: 0,
      known: 0,
      open: { critical: 0, high: 0, medium: 0, low: 0, info: 0 },
    }) as const;
  const headOf = (...origins: readonly Origin[]): string | undefined =>
    /<h1>(.*?)<\/h1>/.exec(
      written(
        report([], {
          sources: [read('.drone.yml'), read('a/server.env')],
          population: { origins, repositories: 0, pipelines: [] },
        }),
      ),
    )?.[1];
  expect(headOf(origin('octocat/hello-world'), origin('docker://', 'answers'))).toBe('octocat/hello-world');
  expect(headOf(origin('.'))).toBe('Drone installation');
  expect(headOf(origin('../..'))).toBe('Drone installation');
  expect(headOf(origin('octocat/hello-world'), origin('octocat/other'))).toBe('Drone installation');
  expect(written(report([], { sources: [read('.drone.yml')] }))).toContain('<td>1,234 bytes');
});

describe('the order', () => {
  it('is verdict, what to do first, findings by file, suppressed ones, evidence', () => {
    const page = written(fullReport());
    const places = [
      'class="verdict',
      'id="first"',
      'id="findings"',
      'id="suppressed"',
      'id="evidence"',
      'Prepared by',
    ].map((part) => page.indexOf(part));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places[0]).toBeGreaterThan(0);
  });

  it('has of equally urgent decisions those about other things first', () => {
    const like = (id: string, of: typeof privilegedStep) =>
      finding({ ...of, id, severity: 'high', confidence: 'high' }, at, 'm');
    const equal = [
      like('a', privilegedStep),
      like('b', privilegedStep),
      like('c', weakRpcSecret),
      like('d', branchWithoutEvent),
    ];
    const rulesOf = (findings: readonly Finding[]) => decisionsOf(findings).map(({ first }) => first.rule);
    expect(rulesOf(equal)).toEqual(['a', 'c', 'd', 'b']);
    expect(rulesOf(equal.toReversed())).toEqual(['a', 'c', 'd', 'b']);
    const worse = finding({ ...privilegedStep, id: 'x' }, at, 'm', { severity: 'critical' });
    expect(rulesOf([...equal, worse])).toEqual(['x', 'c', 'd', 'a', 'b']);
  });

  it('has the worst decision first, five at most, and what it closes', () => {
    const page = written(fullReport());
    const first = page.slice(page.indexOf('id="first"'), page.indexOf('id="findings"'));
    expect(
      [...first.matchAll(/<li id="todo(\d+)" class="(\w+)"/g)].map(([, number, severity]) => `${number} ${severity}`),
    ).toEqual(['1 critical', '2 high', '3 medium']);
    expect(first).toContain('closes <b>3 high</b> and <b>1 medium</b>');
  });

  it('shows a finding with its line, why, fix, what belongs to it, standards and fingerprint', () => {
    const page = written(fullReport());
    const start = page.indexOf('id="f-a000000000000001"');
    const shown = page.slice(start, page.indexOf('</details>', start));
    for (const part of [
      'RPC secret is a placeholder',
      '<span class="hit">',
      '<mark>DRONE_RPC_SECRET',
      'Why it matters',
      'What to do',
      'server &quot;drone&quot; has the same',
      'CICD-SEC-2',
      'CWE-521',
      'a000000000000001',
      'https://docs.drone.io/server/reference/drone-rpc-secret/',
    ])
      expect(shown).toContain(part);
  });
});

describe('what an auditor needs', () => {
  const page = written(fullReport());
  const section = (id: string): string => {
    const start = page.indexOf(`id="${id}"`);
    return page.slice(start, page.indexOf('</table>', start));
  };

  it('begins with the scope, and has repositories with totals, pipelines, config and its entries', () => {
    const evidence = page.slice(page.indexOf('id="evidence"'));
    expect(evidence.indexOf('This run is incomplete')).toBeLessThan(evidence.indexOf('Evidence, not an assessment'));
    expect(section('origins')).toContain('1 critical, 3 high, 2 medium, 1 suppressed');
    expect(section('origins')).toContain('commit <code>c0ffee000000</code>');
    expect(section('pipelines')).toContain('.drone.yml:1');
    expect(section('config')).toContain('a'.repeat(64));
    expect(section('entries')).toContain('<b>severity</b> <code>host-volume</code> <code>deploy</code> to off');
    expect(evidence).toContain('Date<dd>2026-11-21');
  });

  it('has each accepted finding with its rule, place, reason and by whom', () => {
    for (const words of ['<span class="sub">', '.drone.yml', 'comment: ', 'no end'])
      expect(section('suppressed')).toContain(words);
  });

  it('says what each rule did', async () => {
    const rulesOf = (of: Report): string => written(of).split('id="rules"')[1] ?? '';
    const run = {
      rule: 'a',
      pedantic: false,
      seen: 1,
      found: 0,
      unsure: 0,
      undecided: 0,
      unknownRelease: 0,
      unread: 0,
    };
    const told = rulesOf(
      report([], {
        rules: [
          { ...run, rule: 'one', found: 3 },
          { ...run, rule: 'two' },
          { ...run, rule: 'three', undecided: 2 },
          { ...run, rule: 'four', unsure: 1 },
          { ...run, rule: 'six', unknownRelease: 4 },
          { ...run, rule: 'five', seen: 0, notRun: { kind: 'skipped', why: 'left out by --rule or --skip' } },
        ],
      }),
    );
    for (const words of [
      'one (3)',
      '>two<',
      'six (4)',
      'three (2)',
      '>four<',
      'did not run: left out by --rule or --skip</summary><p class="ids">five<',
    ])
      expect(told).toContain(words);
  });

  it('has a row for each control with its result in words, and counts without a score', async () => {
    const of = await careless();
    const controls = written(of).split('id="controls"')[1]?.split('id="evidence"')[0] ?? '';
    expect(times(controls, /<td class="r /g)).toBe(of.controls.results.length);
    expect(controls).toMatch(/<b>\d+ of 64<\/b>/);
    expect(controls).not.toMatch(/compliant|passed|score|%/i);
    expect(controls.length).toBeLessThan(23 * 1024);
  });
});

describe('many findings', () => {
  const page = written(report([...many(6000), finding(branchWithoutEvent, at, 'worst', { severity: 'critical' })]));

  it('have bodies for the worst 1,000, rows to 5,000, and the rest by rule and place', () => {
    expect(times(page, /<details class="f /g)).toBe(1000);
    expect(times(page, /<tr class="f /g)).toBe(4000);
    expect(page.indexOf('>worst<')).toBeGreaterThan(0);
    expect(page).toContain('<tr><td><code>privileged-step</code><td><code>.</code><td>1,001<td>1');
    expect(page).toContain('Findings <b>6,001</b>');
  });

  it('are explained once', () => {
    expect(times(page, /Whoever controls its commands/g)).toBeLessThan(4);
    expect(page).toContain('<a href="#advice-1">');
  });

  it('are written in parts', () => {
    const longest = Math.max(...[...htmlReport(report(many(3000)))].map((part) => part.length));
    expect(longest).toBeLessThan(30_000);
  });
});

describe('the picture', () => {
  it('has a part for each that was read, and the doors of the decisions', async () => {
    const page = written(await careless());
    const wide = /<svg class="wide"[\s\S]*?<\/svg>/.exec(page)?.[0] ?? '';
    for (const name of ['drone', 'drone-runner', 'database', 'GitHub', 'builds (docker)', 'Container engine'])
      expect(wide).toContain(`>${name}</text>`);
    const doors = new Set([...wide.matchAll(/href="#todo(\d+)"/g)].map(([, number]) => number));
    expect(doors.size).toBeGreaterThan(5);
    for (const number of doors) expect(page).toContain(`id="todo${number}"`);
  });

  it('knows what leads where', async () => {
    const { picture } = await careless();
    const nameOf = new Map(picture?.nodes.map(({ id, name }) => [id, name]));
    expect(picture?.edges.map(({ from, to, kind }) => `${nameOf.get(from)} ${kind} ${nameOf.get(to)}`)).toEqual(
      expect.arrayContaining([
        'GitHub events drone',
        'drone sql database',
        'drone-runner rpc drone',
        'drone-runner starts builds (docker)',
        'builds (docker) runs on Container engine',
        'drone socket Container engine',
      ]),
    );
  });

  it('folds what is too much for a lane', () => {
    const nodes = Array.from({ length: 40 }, (_, index): Masked<Picture>['nodes'][number] => ({
      ...{ id: `n${index}`, lane: 'runner', kind: 'runner', source: 'x', sources: [], seen: true },
      ...{ name: masked(`runner-${index}`), labels: [], lines: [] },
    }));
    expect(written(report([], { picture: { nodes, edges: [] } }))).toContain('>35 others</text>');
  });

  it('is inside its frame, with no box over another', () => {
    const boxes = ['a', 'b', 'c', 'd', 'e'].map((id, index) => ({
      ...({ id, title: id, lines: ['x'], tone: 'none', dashed: false } as const),
      lane: (['outside', 'outside', 'server', 'runner', 'host'] as const)[index] ?? 'host',
    }));
    const pairs = [
      ['a', 'c'],
      ['b', 'd'],
      ['b', 'e'],
      ['d', 'c'],
      ['d', 'e'],
      ['a', 'e'],
      ['c', 'e'],
      ['a', 'b'],
    ] as const;
    const lines = pairs.map(([from, to], index) => ({
      from,
      to,
      label: 'RPC',
      marks: [{ number: index + 1, severity: 'high' as const }],
    }));
    for (const layout of [wideLayout(boxes, lines), narrowLayout(boxes, lines)]) {
      for (const { path, marksAt } of layout.lines) {
        const numbers = [...path.matchAll(/([MHV])([\d.-]+)(?: ([\d.-]+))?/g)];
        const xs = numbers.flatMap(([, kind, x]) => (kind === 'V' ? [] : [Number(x)]));
        const ys = numbers.flatMap(([, kind, one, two]) =>
          kind === 'V' ? [Number(one)] : two === undefined ? [] : [Number(two)],
        );
        expect(Math.min(...xs, ...ys)).toBeGreaterThan(0);
        expect(Math.max(...xs)).toBeLessThan(layout.width);
        expect(Math.max(...ys)).toBeLessThan(layout.height);
        for (const mark of marksAt)
          for (const box of layout.boxes) {
            const isInside =
              mark.x + 13 > box.x &&
              mark.x - 13 < box.x + box.width &&
              mark.y + 13 > box.y &&
              mark.y - 13 < box.y + box.height;
            expect(isInside, `${box.id} ${path}`).toBe(false);
          }
      }
      const marks = layout.lines.flatMap(({ marksAt }) => marksAt);
      for (const [index, one] of marks.entries())
        for (const other of marks.slice(index + 1))
          expect(Math.hypot(one.x - other.x, one.y - other.y)).toBeGreaterThan(27);
    }
  });
});

it('lets no name act in its style', () => {
  const foot = stylesFor('a"}</style>\\\n').split('@bottom-left').at(-1);
  expect(foot).toBe('{content:"drone-audit: a\\22 \\7d \\3c \\2f style\\3e \\5c \\a ";font-size:9pt}}}\n');
});

it('has a small script', () => expect(Buffer.byteLength(script)).toBeLessThanOrEqual(2048));
