import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import type { Report } from '../../src/model/report.ts';
import { jsonReport } from '../../src/reporters/json.ts';
import { masked } from '../support/text.ts';
import { hostileName, hostileReport } from './hostile.ts';
import { finding, fullReport, place, privilegedStep, report, source } from './sample-report.ts';

const schema = JSON.parse(readFileSync(new URL('../../schemas/report.schema.json', import.meta.url), 'utf8'));
const validate = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true, strictRequired: false }).compile(
  schema,
);

function parsed(of: Report) {
  const json = JSON.parse([...jsonReport(of)].join(''));
  validate(json);
  expect(validate.errors ?? []).toEqual([]);
  return json;
}

test('every report fulfils the schema', () => {
  parsed(fullReport());
  parsed(hostileReport());
  parsed(report([]));
});

test('the schema refuses what is more, less or other than promised', () => {
  const good = parsed(fullReport());
  const [first] = good.findings;
  expect(validate({ ...good, more: 1 })).toBe(false);
  expect(validate({ ...good, version: 2 })).toBe(false);
  expect(validate({ ...good, findings: [{ ...first, more: 1 }] })).toBe(false);
  expect(validate({ ...good, findings: [{ ...first, line: 0 }] })).toBe(false);
  const { reach: _, ...less } = first;
  expect(validate({ ...good, findings: [less] })).toBe(false);
  expect(validate({ ...good, suppressed: [first] })).toBe(false);
  expect(validate({ ...good, findings: good.suppressed })).toBe(false);
});

test('a finding whose severity a config changes says which it had, and why', () => {
  const override = { from: 'high', to: 'low', reason: masked('own machine'), where: 'drone-audit.yml:3' } as const;
  const at = place(source('.drone.yml', 'privileged: true\n'), 'true', 'steps[a].privileged');
  const json = parsed(report([finding(privilegedStep, at, 'a', { severity: 'low', override })]));
  expect(json.findings).toMatchObject([{ severity: 'low', override }]);
});

test('a finding has these keys in this order', () => {
  expect(Object.keys(parsed(fullReport()).findings[0])).toEqual([
    'rule',
    'severity',
    'override',
    'confidence',
    'title',
    'message',
    'why',
    'fix',
    'file',
    'line',
    'column',
    'endLine',
    'endColumn',
    'path',
    'reach',
    'related',
    'standards',
    'fingerprint',
    'group',
    'consequences',
    'rank',
  ]);
});

test('the report has these keys in this order', () => {
  expect(Object.keys(parsed(fullReport()))).toEqual([
    'version',
    'tool',
    'scope',
    'summary',
    'findings',
    'problems',
    'coverage',
    'config',
    'population',
    'sources',
    'suppressed',
    'rules',
    'controls',
  ]);
});

test('positions count from 1, in UTF-16 units, ends exclusive', () => {
  const file = source('a.yml', 'x\r\n🚀: |\r\n  value\r\n');
  const [found] = parsed(report([finding(privilegedStep, place(file, '|\r\n  val', 'x'), 'm')])).findings;
  expect(found).toMatchObject({ file: 'a.yml', line: 2, column: 5, endLine: 3, endColumn: 6, path: 'x' });
});

test('findings keep their order; suppressed ones stand apart with their reason', () => {
  const json = parsed(fullReport());
  expect(json.findings.map((each: { fingerprint: string }) => each.fingerprint)).toEqual([
    'b000000000000001',
    'b000000000000002',
    'b000000000000003',
    'b000000000000004',
    'b000000000000006',
    'a000000000000001',
  ]);
  expect(json.suppressed).toHaveLength(1);
  expect(json.suppressed[0].suppression).toEqual({
    by: 'comment',
    reason: 'rebuilt nightly on purpose',
    where: '.drone.yml:19',
    until: null,
  });
  expect(json.summary).toMatchObject({ critical: 1, high: 3, medium: 2, low: 0, info: 0, suppressed: 1, exitCode: 1 });
});

test('hostile names stay data, and lone surrogates become replacement characters', () => {
  const shown = [...jsonReport(hostileReport())].join('');
  expect(shown).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
  expect(JSON.parse(shown).findings[0].file).toBe(hostileName.replace('\ud800', '\ufffd'));
});

test('ends with a newline and is the same for the same input', () => {
  expect([...jsonReport(fullReport())].join('')).toMatch(/^\{\n {2}"version": 1,\n[\s\S]*\n\}\n$/);
  expect([...jsonReport(fullReport())].join('')).toBe([...jsonReport(fullReport())].join(''));
});
