import { describe, expect, it } from 'vitest';
import {
  type Baseline,
  type ComparedFinding,
  compareWith,
  distinctIds,
  findingId,
  inBoth,
  knownBy,
  updatedEntries,
} from '../src/baseline.ts';
import { baselineText, readBaseline } from '../src/baseline-file.ts';
import type { Severity } from '../src/model/severity.ts';
import { expectProportional } from './support/cost.ts';

const today = '2026-11-21';
const rule = 'some-rule';

function finding(file: string, id: string, severity: Severity = 'high', open = true): ComparedFinding {
  return { file, rule, at: 'a.b', severity, id: id.padEnd(16, '0'), open };
}

/** What a finding with these places is known by, all of one severity. */
function placed(ids: readonly string[], severity: Severity = 'high') {
  return knownBy(ids.map((id) => ({ id, severity })));
}

function baseline(
  entries: readonly (Omit<ComparedFinding, 'open'> & { accepted?: { reason: string; until?: string } })[],
  read: readonly string[],
  unknown: readonly string[] = [],
): Baseline {
  return {
    ...{ kind: 'file', name: 'b.yml', ran: new Set([rule]) },
    entries: entries.map(({ file, rule, at, severity, id, places, accepted }, index) => ({
      ...{ file, rule, at, severity, id, places, line: index + 1 },
      ...(accepted ? { accepted } : {}),
    })),
    stateOf: (file) => (read.includes(file) ? 'read' : unknown.includes(file) ? 'unknown' : 'gone'),
  };
}

/** Which findings are known, which are worse, and how many entries are fixed and untold. */
function told(before: Baseline, findings: readonly ComparedFinding[]) {
  const { known, worse, fixed, untold } = compareWith(before, findings, today);
  return {
    known: [...known.keys()].sort(),
    worse: [...worse.keys()].sort(),
    fixed: fixed.length,
    untold: untold.length,
  };
}

describe('a comparison', () => {
  it('knows the same finding in the same file, as often as it was there', () => {
    const one = finding('a', '1');
    expect(told(baseline([one], ['a']), [one])).toEqual({ known: [0], worse: [], fixed: 0, untold: 0 });
    expect(told(baseline([one], ['a']), [one, one])).toEqual({ known: [0], worse: [], fixed: 0, untold: 0 });
    expect(told(baseline([one, one], ['a']), [one])).toEqual({ known: [0], worse: [], fixed: 1, untold: 0 });
  });

  it('does not let a new fault stand for a mended one', () => {
    const before = baseline([finding('a', '1')], ['a']);
    expect(told(before, [finding('a', '2')])).toEqual({ known: [], worse: [], fixed: 1, untold: 0 });
  });

  it('finds it again in a renamed file, and not in a copy', () => {
    const before = baseline([finding('a', '1')], []);
    expect(told(before, [finding('b', '1')])).toEqual({ known: [0], worse: [], fixed: 0, untold: 0 });
    const copied = baseline([finding('a', '1')], ['a', 'b']);
    expect(told(copied, [finding('a', '1'), finding('b', '1')])).toMatchObject({ known: [0] });
    expect(told(copied, [finding('b', '1'), finding('a', '1')])).toMatchObject({ known: [1] });
  });

  it('finds what moved into a new file, and not what moved into one that it knows', () => {
    const before = baseline([finding('a', '1'), finding('c', '3')], ['a', 'b', 'c']);
    expect(told(before, [finding('b', '1'), finding('c', '3')])).toEqual({
      known: [0, 1],
      worse: [],
      fixed: 0,
      untold: 0,
    });
    expect(told(before, [finding('c', '1'), finding('c', '3')])).toEqual({
      known: [1],
      worse: [],
      fixed: 1,
      untold: 0,
    });
  });

  it('leaves what people accepted in the file where they did', () => {
    const accepted = { ...finding('a', '1'), accepted: { reason: 'ours' } };
    for (const read of [[], ['a', 'b']])
      expect(told(baseline([accepted], read), [finding('b', '1')])).toEqual({
        known: [],
        worse: [],
        fixed: 1,
        untold: 0,
      });
    expect(told(baseline([accepted], ['a']), [finding('a', '1')])).toMatchObject({ known: [0] });
  });

  it.each([
    ['all', ['1', '2'], 'high', ['1', '2'], 'high', ['1', '2'], 'high'],
    ['a further place', ['1', '2'], 'high', ['1', '3'], 'high', ['1'], 'high'],
    ['another first place', ['2', '3'], 'high', ['1', '2', '3'], 'high', ['2', '3'], 'high'],
    ['a lower severity', ['1'], 'high', ['1'], 'low', ['1'], 'low'],
    ['a higher severity', ['1'], 'low', ['1'], 'high', ['1'], 'low'],
    ['a lower severity elsewhere', ['1', '2'], 'low', ['1', '3'], 'high', ['1'], 'low'],
  ] as const)('of two states has what both know: %s', (_, one, severity, other, otherSeverity, places, least) => {
    const of = (ids: readonly string[], of: Severity) => ({ ...finding('a', '1', of), ...placed(ids, of) });
    const before = baseline([of(one, severity)], ['a']);
    const common = inBoth(compareWith(before, [of(other, otherSeverity)], today), [of(other, otherSeverity)]);
    expect(common.map((each) => [[each.id, ...(each.places ?? [])], each.severity])).toEqual([[places, least]]);
  });

  it('tells what is worse as new, whatever else is equal', () => {
    const before = baseline([finding('a', '1', 'medium'), finding('a', '1', 'high')], ['a']);
    expect(told(before, [finding('a', '1', 'high'), finding('a', '1', 'low')])).toMatchObject({
      known: [0, 1],
      worse: [],
    });
    expect(told(before, [finding('a', '1', 'high'), finding('a', '1', 'high')])).toEqual({
      ...{ known: [0], worse: [1], fixed: 0, untold: 0 },
    });
    expect(told(before, [finding('a', '1', 'critical')])).toMatchObject({ known: [], worse: [0], fixed: 1 });
  });

  it('says of nothing that it is fixed, unless it was looked for', () => {
    const entries = [finding('a', '1'), { ...finding('b', '2'), rule: 'other-rule' }, finding('c', '3')];
    expect(told(baseline(entries, ['a', 'b'], ['c']), [])).toEqual({ known: [], worse: [], fixed: 1, untold: 2 });
  });

  it('prefers what nothing else hides', () => {
    const before = baseline([finding('a', '1')], ['a']);
    expect(told(before, [finding('a', '1', 'high', false), finding('a', '1')])).toMatchObject({ known: [1] });
  });

  it.each([
    ['the same places', ['1', '2', '3'], ['1', '2', '3'], true],
    ['places in another order', ['1', '2', '3'], ['2', '3', '1'], true],
    ['a mended place', ['1', '2', '3'], ['1', '3'], true],
    ['a mended first place', ['1', '2', '3'], ['3', '2'], true],
    ['a further place', ['1', '2'], ['1', '2', '3'], false],
    ['the first further place', ['1'], ['1', '2'], false],
    ['another place', ['1', '2'], ['1', '3'], false],
    ['the same place again', ['1', '2'], ['1', '2', '2'], false],
    ['the first place again', ['1'], ['1', '1'], false],
    ['another first place', ['1', '2'], ['3', '2'], false],
    ['no place in common', ['1', '2'], ['3', '4'], undefined],
  ])('with %s', (_, before, now, isKnown) => {
    const of = ([own = '', ...others]: readonly string[]): ComparedFinding => ({
      ...finding('a', own),
      ...placed(distinctIds([own, ...others])),
    });
    const expected = isKnown ? { known: [0], worse: [] } : { known: [], worse: isKnown === false ? [0] : [] };
    expect(told(baseline([of(before)], ['a']), [of(now)])).toMatchObject(expected);
  });

  it('knows each of equal findings with places of their own', () => {
    const [one, other] = [finding('a', '1'), { ...finding('a', '1'), places: ['2'] }];
    for (const entries of [
      [one, other],
      [other, one],
    ])
      expect(told(baseline(entries, ['a']), [one, other])).toMatchObject({ known: [0, 1], worse: [], fixed: 0 });
  });

  it('takes time in proportion to what is equal', () => {
    expectProportional((scale) => {
      const many = Array.from({ length: 40_000 * scale }, (_, index) => finding(`f${index % 50}`, '1'));
      const others = many.map((each, index) => ({ ...each, file: `g${index}` }));
      expect(compareWith(baseline(many, []), others, today).known.size).toBe(many.length);
    });
  });
});

describe('the id of a finding', () => {
  it('depends on what it is, not on where it stands or how long a secret is', () => {
    const id = findingId('r', 'pipeline[a].steps[b].commands[3]', undefined, 'curl x |\r\n   sh ••••');
    expect(findingId('r', 'pipeline[a].steps[b].commands[0]', undefined, 'curl x |\n sh •')).toBe(id);
    expect(id).toMatch(/^[0-9a-f]{16}$/);
    for (const other of [
      findingId('s', 'pipeline[a].steps[b].commands[3]', undefined, 'curl x | sh •'),
      findingId('r', 'pipeline[a].steps[c].commands[3]', undefined, 'curl x | sh •'),
      findingId('r', 'pipeline[a].steps[b].commands[3]', 'x', 'curl x | sh •'),
      findingId('r', 'pipeline[a].steps[b].commands[3]', undefined, 'curl y | sh •'),
    ])
      expect(other).not.toBe(id);
  });
});

const text = (entries: Parameters<typeof baselineText>[0]): string => [...baselineText(entries)].join('');
const read = (content: string) => readBaseline({ name: 'b.yml', form: 'compose', text: content });

describe('the text of a baseline', () => {
  const entry = { ...finding('.drone.yml', 'ab'), line: 0 };

  it('is read as it was written, whatever names hold', () => {
    const files = [
      '.drone.yml',
      'a b.yml',
      'ü/"x".yml',
      'docker://drone',
      'true',
      '12',
      'a\\b',
      'x\u202ey',
      '\u{e0001}',
      'a: b',
      '#c',
    ];
    const entries = files.map((file, index) => {
      const at = index % 2 === 0 ? 'services[drone].x' : '';
      return { file, at, rule, severity: 'low' as const, id: String(index).repeat(16).slice(0, 16), line: 0 };
    });
    const accepted = entries.map((each) => ({
      ...each,
      accepted: { reason: 'because "it" is\\so', until: '2027-06-30' },
    }));
    const written = text([...entries, ...accepted]);
    expect(written).not.toMatch(/[\u0000-\u0009\u007f-\u009f\u202e]|\u{e0001}/u);
    const strip = (list: ReturnType<typeof read>) =>
      list.map(({ line, comments, ...rest }) => JSON.stringify(Object.entries(rest).sort())).sort();
    expect(strip(read(written))).toEqual(strip([...entries, ...accepted]));
    expect(strip(read(written.replaceAll('\n', '\r\n')))).toEqual(strip([...entries, ...accepted]));
    expect(text(read(written))).toBe(written);
  });

  it('holds further places in any form of YAML', () => {
    const places = ['0123456789abcdef', '1234567890123456'];
    const written = text([
      { ...entry, places },
      { ...entry, places, accepted: { reason: 'ours' } },
    ]);
    expect(written).toContain(
      `  - {file: .drone.yml, rule: some-rule, at: a.b, severity: high, id: "ab00000000000000", places: ["0123456789abcdef", "1234567890123456"]}\n`,
    );
    expect(read(written).map((each) => each.places)).toEqual([places, places]);
    expect(read(written.replaceAll(', id', ',  id')).map((each) => each.places)).toEqual([places, places]);
    expect(text(read(written))).toBe(written);
  });

  it('has a line for each entry, sorted, with nothing that changes by itself', () => {
    const other = { ...finding('a.yml', 'cd', 'low'), line: 7 };
    const accepted = { ...finding('z.yml', 'ef'), line: 9, accepted: { reason: 'ours' } };
    expect(text([accepted, other, entry]).split('\n').slice(3)).toEqual([
      'version: 1',
      'accepted:',
      '  - {file: z.yml, rule: some-rule, at: a.b, severity: high, id: "ef00000000000000", reason: "ours"}',
      'known:',
      '  - {file: .drone.yml, rule: some-rule, at: a.b, severity: high, id: "ab00000000000000"}',
      '  - {file: a.yml, rule: some-rule, at: a.b, severity: low, id: "cd00000000000000"}',
      '',
    ]);
  });

  it('keeps what people wrote, in any form of YAML', () => {
    const given = [
      'version: 1',
      'accepted:',
      '  # behind the VPN,',
      '  # says operations',
      '  - file: .drone.yml',
      '    rule: some-rule',
      '    at: a.b',
      '    severity: high',
      '    id: ab00000000000000',
      "    reason: 'it''s ours'",
      '  - {file: b, rule: some-rule, at: "", severity: low, id: "0000000000000001", reason: x, until: 2027-01-31} # ask Ada',
      'known:',
      '  - {file: c, rule: some-rule, at: a, severity: low, id: "0000000000000002"} # later',
      '',
    ].join('\n');
    expect(text(read(given)).split('\n').slice(4)).toEqual([
      'accepted:',
      '  # behind the VPN,',
      '  # says operations',
      '  - {file: .drone.yml, rule: some-rule, at: a.b, severity: high, id: "ab00000000000000", reason: "it\'s ours"}',
      '  # ask Ada',
      '  - {file: b, rule: some-rule, at: "", severity: low, id: "0000000000000001", reason: "x", until: 2027-01-31}',
      'known:',
      '  # later',
      '  - {file: c, rule: some-rule, at: a, severity: low, id: "0000000000000002"}',
      '',
    ]);
  });

  it.each([
    ['version: 1\nknwon: []\n', 'b.yml:2:1: a baseline has no key "knwon"; did you mean "known"?'],
    ['version: 2\n', 'b.yml:1:10: "version" must be 1'],
    ['known: []\n', 'b.yml:1:1: "version" must be 1'],
    ['- a\n', 'b.yml:1:1: a baseline has the keys version, accepted, known'],
    ['', 'b.yml:1:1: a baseline has the keys'],
    ['version: 1\nknown: {}\n', 'b.yml:2:8: "known" must be a list'],
    ['version: 1\nknown:\n  - x\n', 'b.yml:3:5: an entry has the keys file, rule, at, severity, id'],
    ['version: 1\nknown:\n  - {file: a}\n', 'b.yml:3:5: the entry lacks "rule"'],
    [
      'version: 1\nknown:\n  - {file: a, rule: b, at: c, severity: hihg, id: "0000000000000000"}\n',
      'b.yml:3:41: "severity" must be one of critical, high, medium, low, info; did you mean "high"?',
    ],
    [
      'version: 1\nknown:\n  - {file: a, rule: b, at: c, severity: low, id: xyz}\n',
      'b.yml:3:50: "id" has 16 hex digits',
    ],
    [
      'version: 1\naccepted:\n  - {file: a, rule: b, at: c, severity: low, id: "0000000000000000"}\n',
      'b.yml:3:5: the entry lacks "reason"',
    ],
    [
      'version: 1\nknown:\n  - {file: a, rule: b, at: c, severity: low, id: "0000000000000000", reason: x}\n',
      'b.yml:3:70: an entry of "known" has no key "reason"',
    ],
    [
      'version: 1\naccepted:\n  - {file: a, rule: b, at: c, severity: low, id: "0000000000000000", reason: x, until: 2027-02-30}\n',
      'b.yml:3:88: "until" is no day of the calendar',
    ],
    [
      'version: 1\nknown:\n  - {file: a, rule: b, at: c, severity: low, id: "0000000000000000", places: [x]}\n',
      'b.yml:3:79: a place has 16 hex digits',
    ],
    ['version: 1\nknown:\n  - {file: a\n', /^b\.yml:\d+:\d+: /],
    ['version: 1\nversion: 1\n', 'b.yml:2:1: "version" is written twice'],
    ['version: 1\n---\nversion: 1\n', 'b.yml:3:1: a baseline is one document'],
    [`version: 1\nx: &x [a]\nknown: [${'*x, '.repeat(10)}*x]\n`, /^b\.yml:2:1: a baseline has no key "x"/],
  ])('says what is wrong in %j, and where', (content, message) => {
    expect(() => read(content)).toThrow(message);
  });

  it('is read in proportion to its length, and hostile ones end', () => {
    const line = '  - {file: f.yml, rule: some-rule, at: "a[b].c", severity: low, id: "0123456789abcdef"}\n';
    expect(read(`version: 1\nknown:\n${line.repeat(100_000)}`)).toHaveLength(100_000);
    const bomb = Array.from({ length: 30 }, (_, at) => `a${at}: &a${at} [*a${at - 1}, *a${at - 1}]`).slice(1);
    expect(() => read(`version: 1\na0: &a0 [x]\n${bomb.join('\n')}\n`)).toThrow(/^b\.yml:\d+:\d+: /);
    expect(() => read(`version: 1\nknown: ${'['.repeat(100_000)}`)).toThrow(/^b\.yml:\d+:\d+: /);
    expectProportional((scale) =>
      expect(() => read(`version: 1\nknown:\n  - {file: "${'\\'.repeat(400_000 * scale)}`)).toThrow('b.yml:'),
    );
  });
});

describe('writing today into a baseline', () => {
  const written = (before: Baseline, findings: readonly ComparedFinding[]) =>
    updatedEntries(compareWith(before, findings, today), findings).map(
      ({ file, id, severity, accepted }) =>
        `${file} ${id.slice(0, 1)} ${severity}${accepted ? ` ${accepted.reason}` : ''}`,
    );
  const because = { reason: 'because' };

  it('adds what is new, and leaves out what is fixed or hidden otherwise', () => {
    const before = baseline([finding('a', '1'), finding('a', '2')], ['a']);
    expect(written(before, [finding('a', '1'), finding('a', '3', 'low'), finding('a', '4', 'low', false)])).toEqual([
      'a 1 high',
      'a 3 low',
    ]);
  });

  it('keeps what people accepted, what has ended, and what nobody looked at', () => {
    const ended = { ...finding('a', '2'), accepted: { reason: 'for a time', until: '2026-11-20' } };
    const worse = { ...finding('a', '3', 'low'), accepted: because };
    const before = baseline(
      [{ ...finding('a', '1'), accepted: because }, ended, worse, finding('u', '5')],
      ['a'],
      ['u'],
    );
    expect(written(before, [finding('a', '1'), finding('a', '2'), finding('a', '3', 'high')])).toEqual([
      'a 1 high because',
      'a 2 high for a time',
      'a 3 low because',
      'u 5 high',
    ]);
  });

  it('forgets places that were mended, also of what people accepted', () => {
    const [more, fewer] = [
      { ...finding('a', '1'), ...placed(['1', '2', '3']) },
      { ...finding('a', '3'), ...placed(['3', '2']) },
    ];
    for (const accepted of [undefined, because]) {
      const before = baseline([{ ...more, ...(accepted ? { accepted } : {}) }], ['a']);
      const [entry] = updatedEntries(compareWith(before, [fewer], today), [fewer]);
      expect(entry).toMatchObject({ id: fewer.id, places: ['2'] });
      expect(entry?.accepted).toEqual(accepted);
    }
  });

  it('follows a renamed file, and takes a new severity of what is merely old', () => {
    const before = baseline([{ ...finding('a', '1'), accepted: because }, finding('a', '2', 'low')], []);
    expect(written(before, [finding('b', '1'), finding('b', '2', 'high')])).toEqual(['b 1 high', 'b 2 high']);
  });
});
