import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { merge } from '../src/commands/merge.ts';
import { ruleSet } from '../src/commands/rule-set.ts';
import { isUserError } from '../src/model/user-error.ts';
import { digestOfRecord } from '../src/reporters/json.ts';
import { termsOf } from '../src/shards.ts';
import { droneAudit, temporaryFolder } from './support/cli.ts';
import { ioIn, mergeIn, scanIn, scanPart, scanParts } from './support/shards.ts';

// What is no part of an audit, or not all of one, is refused: nothing is reported of it, and nothing fails within.

const files: Readonly<Record<string, string>> = {
  'docker-compose.yml': `services:
  server:
    image: drone/drone:2
    environment: { DRONE_RPC_SECRET: correct-horse-battery-staple, DRONE_SERVER_HOST: ci.example.com }
  runner:
    image: drone/drone-runner-docker:1.8.3
    privileged: true
    environment: { DRONE_RPC_HOST: server, DRONE_RPC_PROTO: http, DRONE_RPC_SECRET: correct-horse-battery-staple }
`,
  'a/.drone.yml': `kind: pipeline
type: docker
name: default
steps:
  - name: build
    image: node:20
    privileged: true # drone-audit: ignore[privileged-step] builds images
`,
  'b/.drone.yml': 'kind: pipeline\nname: other\nsteps:\n  - { name: build, image: node, commands: [make] }\n',
  'broken/.drone.yml': 'kind: pipeline\nsteps: [\n',
  'README.md': 'The image drone/drone:2 runs on ci.example.com.\n',
  'drone-audit.yml': `ignore:
  - { rule: privileged-step, path: nowhere, reason: not there any more }
severity:
  - { rule: privileged-container, to: low, reason: a host of its own }
accept:
  - { path: broken, problem: malformed, reason: rendered elsewhere }
`,
};

function folder(more: Readonly<Record<string, string>> = {}): string {
  const cwd = temporaryFolder();
  for (const [name, text] of Object.entries({ ...files, ...more })) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), text);
  }
  return cwd;
}

const refusal = async (cwd: string, parts: readonly string[]): Promise<string> => {
  try {
    await mergeIn(cwd, temporaryFolder(), parts, { formats: ['json'] });
  } catch (error) {
    if (isUserError(error)) return error.message.replaceAll(/"[^"]*\/([^/"]*)"/g, '"$1"');
    throw error;
  }
  return 'merged';
};

describe('merge refuses', () => {
  const parts = async (of = 2) => {
    const cwd = folder();
    return { cwd, all: await scanParts(cwd, temporaryFolder(), ['.'], of) };
  };

  it('an audit of which parts are missing', async () => {
    const { cwd, all } = await parts(3);
    expect(await refusal(cwd, all.slice(1))).toBe(
      'part 1 of 3 is missing: the report would look complete without being so',
    );
    expect(await refusal(cwd, all.slice(0, 1))).toMatch(/^parts 2, 3 of 3 are missing/);
    expect(await refusal(cwd, [])).toBe('merge needs the JSON reports of all parts');
  });

  it('a part that is given twice', async () => {
    const { cwd, all } = await parts();
    expect(await refusal(cwd, [...all, ...all.slice(0, 1)])).toMatch(/^part 1 of 2 is given twice/);
  });

  it('parts of another division', async () => {
    const { cwd, all } = await parts();
    const other = await scanPart(cwd, temporaryFolder(), ['.'], '2/3');
    expect(await refusal(cwd, [...all.slice(0, 1), other])).toBe(
      '"part-2-of-3.json" is a part of 3, and "part-1-of-2.json" one of 2',
    );
  });

  it.each([
    { minSeverity: 'info' },
    { pedantic: true },
    { failOn: 'low' },
    { exitZero: true },
    { skip: ['privileged-step'] },
    { ignore: false },
    { config: false },
    { timestamp: '2026-01-31' },
    { trust: 'untrusted' },
    { controls: ['slsa'] },
  ] as const)('a part that was scanned with %o', async (options) => {
    const { cwd, all } = await parts();
    const other = await scanPart(cwd, temporaryFolder(), ['.'], '2/2', options);
    expect(await refusal(cwd, [...all.slice(0, 1), other])).toMatch(
      /were scanned with different options, configs or files$/,
    );
  });

  it('a part that was scanned with another config', async () => {
    const { cwd, all } = await parts();
    const changed = { 'drone-audit.yml': `${files['drone-audit.yml']}  - { path: b, reason: none }\n` };
    const other = await scanPart(folder(changed), temporaryFolder(), ['.'], '2/2');
    expect(await refusal(cwd, [...all.slice(0, 1), other])).toMatch(
      /were scanned with different options, configs or files$/,
    );
  });

  it('parts between whose scans a file came or went', async () => {
    const { cwd, all } = await parts();
    const other = await scanPart(
      folder({ 'c/.drone.yml': files['b/.drone.yml'] ?? '' }),
      temporaryFolder(),
      ['.'],
      '2/2',
    );
    expect(await refusal(cwd, [...all.slice(0, 1), other])).toMatch(
      /parts of different files: something was added or removed/,
    );
  });

  it('parts of another version', async () => {
    const { cwd, all } = await parts();
    const changed = all.map((file) => rewritten(file, (part) => ({ ...part, terms: '0'.repeat(64) }), false));
    expect(await refusal(cwd, changed)).toMatch(/^"part.json" was written by another version or build of drone-audit/);
  });

  it('what is no part', async () => {
    const { cwd, all } = await parts();
    const into = temporaryFolder();
    await scanIn(cwd, into, ['.'], {}, ['json', 'sarif']);
    writeFileSync(join(into, 'empty'), '');
    writeFileSync(join(into, 'laid-out'), JSON.stringify(JSON.parse(readFileSync(all[0] ?? '', 'utf8'))));
    for (const name of ['json', 'sarif', 'empty', 'laid-out'])
      expect(await refusal(cwd, [join(into, name), ...all])).toMatch(
        / is not the JSON report of a part: scan --shard I\/N/,
      );
    for (const name of [into, join(into, 'absent')])
      expect(await refusal(cwd, [name, ...all])).toMatch(/ cannot be read$/);
    expect(await refusal(cwd, ['-', ...all])).toBe('merge reads the parts from files, and not from standard input');
  });

  it('with a message, status 2 and nothing else on the terminal', async () => {
    const { cwd, all } = await parts();
    const { status, stdout, stderr } = droneAudit(['merge', all[0] ?? '', 'no\u001b[31m\nsuch.json'], { cwd });
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^drone-audit: [^\u001b\n]+\n$/);
  });
});

/** A part in which something is changed; `valid`: as somebody would who knows of the digests. */
function rewritten(file: string, change: (part: Part) => Part, valid = true): string {
  const { shard, ...report } = JSON.parse(readFileSync(file, 'utf8'));
  const part: Part = {
    ...shard,
    whole: JSON.parse(shard.whole),
    records: shard.records.map((record: string) => JSON.parse(record.slice(record.indexOf(' ') + 1))),
  };
  const changed = change(part);
  const { head, ...others } = { head: { version: report.version, tool: report.tool, scope: report.scope }, ...report };
  const written = {
    ...head,
    shard: {
      ...changed,
      ...(valid ? { terms: termsOrNot(changed.whole) ?? changed.terms } : {}),
      whole: JSON.stringify(changed.whole),
      records: changed.records.map((record) => {
        const json = JSON.stringify(record);
        return `${digestOfRecord(json)} ${json}`;
      }),
    },
    ...others,
  };
  const path = join(temporaryFolder(), 'part.json');
  writeFileSync(path, `${JSON.stringify(written, undefined, 2)}\n`);
  return path;
}

interface Part {
  readonly index: number;
  readonly of: number;
  readonly terms: string;
  readonly division: string;
  readonly batches: number;
  readonly whole: unknown;
  readonly records: readonly unknown[];
}

function termsOrNot(whole: unknown): string | undefined {
  try {
    return termsOf(whole as Parameters<typeof termsOf>[0], ruleSet().sha256);
  } catch {
    return undefined;
  }
}

describe('a part that was damaged', () => {
  it('is refused wherever it ends', async () => {
    const cwd = folder();
    const [file = ''] = await scanParts(cwd, temporaryFolder(), ['.'], 1);
    const text = readFileSync(file, 'utf8');
    const cut = join(temporaryFolder(), 'cut.json');
    for (let step = 0; step < 150; step++) {
      writeFileSync(cut, text.slice(0, Math.floor((text.length * step) / 150)));
      expect(await refusal(cwd, [cut])).toMatch(/is damaged, or by another version|is not the JSON report of a part/);
    }
    for (const end of [2, 3, 4]) {
      writeFileSync(cut, text.slice(0, -end));
      expect(await refusal(cwd, [cut])).toMatch(/is damaged/);
    }
  });

  it('is refused wherever a sign of it changed, or means nothing there', async () => {
    const cwd = folder();
    const [file = ''] = await scanParts(cwd, temporaryFolder(), ['.'], 1);
    const whole = await mergeIn(cwd, temporaryFolder(), [file], { formats: ['json'] });
    const text = readFileSync(file, 'utf8');
    const [start, end] = [text.indexOf('"shard"'), text.indexOf('"summary": {')];
    const changed = join(temporaryFolder(), 'changed.json');
    for (let step = 0; step < 150; step++) {
      const at = start + Math.floor(((end - start) * step) / 150);
      const sign = text[at] === '0' ? '1' : '0';
      writeFileSync(changed, text.slice(0, at) + sign + text.slice(at + 1));
      const into = temporaryFolder();
      const said = await refusal(cwd, [changed]);
      if (said !== 'merged') continue;
      expect((await mergeIn(cwd, into, [changed], { formats: ['json'] })).reports.json).toBe(whole.reports.json);
    }
  });

  it('is refused where a record is gone, or there twice', async () => {
    const cwd = folder();
    const [file = ''] = await scanParts(cwd, temporaryFolder(), ['.'], 1);
    const less = rewritten(file, (part) => ({ ...part, records: part.records.slice(1) }));
    expect(await refusal(cwd, [less])).toMatch(/^the parts hold \d+ of \d+ installations?: scan all of them again$/);
    const more = rewritten(file, (part) => ({ ...part, records: [...part.records, ...part.records.slice(0, 1)] }));
    expect(await refusal(cwd, [more])).toMatch(/is damaged/);
  });

  it('comes to status 4 where the tool failed on the part', async () => {
    const cwd = folder();
    const [file = ''] = await scanParts(cwd, temporaryFolder(), ['.'], 1);
    const failed = rewritten(file, (part) => {
      const { problems, ...others } = part.whole as { problems: readonly object[] };
      const problem = { kind: 'fault', source: '.', message: 'it failed', incomplete: true };
      return { ...part, whole: { ...others, problems: [...problems, { problem, isMissing: true }] } };
    });
    expect((await mergeIn(cwd, temporaryFolder(), [failed], { formats: ['json'] })).status).toBe(4);
  });
});

/** Values that a report must not be made of where others are meant. */
const hostile: readonly unknown[] = [
  'a\u001b[31m\u0007\u202e\u2028b\r',
  '\ud800',
  '',
  '__proto__',
  'constructor',
  -1,
  1.5,
  1e308,
  2 ** 53,
  null,
  true,
  [],
  {},
  [[[]]],
  JSON.parse('{"__proto__":{"severity":"info"},"toString":1}'),
];

/** The paths of all values in a value; of the items of a list, the first two. */
function* pathsIn(value: unknown, path: readonly (string | number)[] = []): Generator<readonly (string | number)[]> {
  yield path;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value))
    if (!Array.isArray(value) || Number(key) < 2)
      yield* pathsIn(item, [...path, Array.isArray(value) ? Number(key) : key]);
}

function withAt(value: unknown, [key, ...rest]: readonly (string | number)[], put: unknown): unknown {
  if (key === undefined) return put;
  if (Array.isArray(value)) return value.map((item, index) => (index === key ? withAt(item, rest, put) : item));
  const there = value as Record<string, unknown>;
  return { ...there, [key]: withAt(there[key], rest, put) };
}

describe('a part that somebody made up', () => {
  it('breaks nothing, and acts on no terminal', async () => {
    const cwd = folder();
    const options = { verbose: true, pedantic: true, minSeverity: 'info', minConfidence: 'low' } as const;
    const file = await scanPart(cwd, temporaryFolder(), ['.'], '1/1', options);
    const { index, of, terms, division, batches } = JSON.parse(readFileSync(file, 'utf8')).shard;
    let original: Part = { index, of, terms, division, batches, whole: undefined, records: [] };
    rewritten(file, (part) => {
      original = part;
      return part;
    });
    const paths = new Map([...pathsIn(original)].map((path) => [path.join('.').replace(/\b\d+\b/g, '*'), path]));
    const acts: string[] = [];
    let merged = 0;
    let refused = 0;
    for (const [number, path] of [...paths.values()].entries())
      for (const each of [0, 5, 10].map((step) => hostile[(number + step) % hostile.length])) {
        const changed = withAt(original, path, each) as Part;
        if (!Array.isArray(changed.records)) continue;
        const made = rewritten(file, () => changed);
        const printed: string[] = [];
        const into = temporaryFolder();
        const output = (['json', 'sarif', 'html', 'junit'] as const).map((format) => `${format}:${join(into, format)}`);
        const look = { format: 'text', output, color: 'never', summary: false, quiet: false, verbose: true } as const;
        try {
          await merge([made], look, ioIn(cwd, printed));
          merged++;
        } catch (error) {
          if (!isUserError(error)) throw new Error(`${path.join('.')} as ${JSON.stringify(each)}`, { cause: error });
          expect(error.message).not.toMatch(/(?!\n)[\p{Cc}\u202e\u2028]/u);
          refused++;
        }
        if (/[\u001b\u0007\r\u202e\u2028]/.test(printed.join('')))
          acts.push(`${path.join('.')} as ${JSON.stringify(each)}`);
      }
    expect(acts).toEqual([]);
    expect(merged).toBeGreaterThan(20);
    expect(refused).toBeGreaterThan(200);
  });

  it.each([
    ['a source that is not there', [5, 0, 0, '']],
    ['a place before its text', [0, -1, 0, '']],
    ['a place behind its text', [0, 0, 1e9, '']],
    ['a place that ends before it begins', [0, 3, 1, '']],
    ['a path that acts on a terminal', [0, 0, 1, '\u001b[31m']],
  ])('is refused for %s', async (_, at) => {
    const cwd = folder();
    const [file = ''] = await scanParts(cwd, temporaryFolder(), ['.'], 1);
    const made = rewritten(file, (part) => {
      const number = part.records.findIndex((record) => findingsOf(record).length > 0);
      return withAt(part, ['records', number, 'details', 'findings', 0, 'at'], at) as Part;
    });
    expect(await refusal(cwd, [made])).toMatch(/is damaged/);
  });

  it.each([
    ['a standard very often', ['owasp'], Array(5_000).fill('CICD-SEC-5')],
    ['a standard twice', ['cwe'], ['CWE-1', 'CWE-1']],
    [
      'very many of a standard',
      ['cisDocker'],
      { version: '1.8.0', ids: Array.from({ length: 5_000 }, (_, at) => `${at}`) },
    ],
  ])('is refused where a finding names %s', async (_, [standard = ''], ids) => {
    const cwd = folder();
    const [file = ''] = await scanParts(cwd, temporaryFolder(), ['.'], 1);
    const made = rewritten(file, (part) => {
      const number = part.records.findIndex((record) => findingsOf(record).length > 0);
      return withAt(part, ['records', number, 'details', 'findings', 0, 'standards', standard], ids) as Part;
    });
    expect(await refusal(cwd, [made])).toMatch(/is damaged/);
  });

  it.each(['x', '}', '{\n}'])('is refused with a text behind its end: %j', async (more) => {
    const cwd = folder();
    const [file = ''] = await scanParts(cwd, temporaryFolder(), ['.'], 1);
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, `${text}\n`);
    expect(await refusal(cwd, [file])).toBe('merged');
    writeFileSync(file, `${text}${more}\n`);
    expect(await refusal(cwd, [file])).toMatch(/is damaged/);
  });

  it('is refused where it counts findings that it does not have', async () => {
    const cwd = folder();
    const [file = ''] = await scanParts(cwd, temporaryFolder(), ['.'], 1);
    const made = rewritten(file, (part) => {
      const number = part.records.findIndex((record) => findingsOf(record).length > 0);
      return withAt(part, ['records', number, 'details', 'findings'], []) as Part;
    });
    expect(await refusal(cwd, [made])).toMatch(/is damaged/);
  });
});

function findingsOf(record: unknown): readonly unknown[] {
  return (record as { details: { findings: readonly unknown[] } }).details.findings;
}
