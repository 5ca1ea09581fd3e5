import { readFileSync } from 'node:fs';
import AjvDraft04 from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import { expect, test } from 'vitest';
import type { Report } from '../../src/model/report.ts';
import { lineHashes } from '../../src/reporters/line-hash.ts';
import { sarifReport } from '../../src/reporters/sarif.ts';
import { masked, whole } from '../support/text.ts';
import { hostileReport } from './hostile.ts';
import {
  branchWithoutEvent,
  finding,
  fullReport,
  latestTag,
  place,
  privilegedStep,
  report,
  rules,
  source,
  weakRpcSecret,
} from './sample-report.ts';

const schema = JSON.parse(readFileSync(new URL('../schemas/sarif-2.1.0.json', import.meta.url), 'utf8'));
const ajv = new AjvDraft04.default({ allErrors: true, strict: false, unicodeRegExp: false });
addFormats.default(ajv);
const validate = ajv.compile(schema);

function run(of: Report) {
  const sarif = JSON.parse(whole(sarifReport(of, rules)));
  validate(sarif);
  expect(validate.errors ?? []).toEqual([]);
  expect(sarif.runs).toHaveLength(1);
  return sarif.runs[0];
}

test('every report fulfils the schema', () => {
  run(fullReport());
  run(hostileReport());
  run(report([]));
});

test('the schema can refuse', () => {
  const sarif = JSON.parse(whole(sarifReport(fullReport(), rules)));
  sarif.runs[0].results[0].locations[0].physicalLocation.region.startLine = 0;
  expect(validate(sarif)).toBe(false);
});

test('all rules that ran are described, by id, and results refer to them', () => {
  const { tool, results } = run(fullReport());
  const ids = tool.driver.rules.map((rule: { id: string }) => rule.id);
  expect(ids).toEqual(['branch-without-event', 'floating-tag', 'privileged-step', 'weak-rpc-secret']);
  for (const result of results) expect(ids[result.ruleIndex]).toBe(result.ruleId);
});

test('a finding of a rule that is not in the list is described too', () => {
  const sarif = JSON.parse(whole(sarifReport(fullReport(), [branchWithoutEvent])));
  validate(sarif);
  expect(validate.errors ?? []).toEqual([]);
  const { tool, results } = sarif.runs[0];
  for (const result of results) expect(tool.driver.rules[result.ruleIndex].id).toBe(result.ruleId);
});

test('the description of a rule', () => {
  const sarif = JSON.parse(whole(sarifReport(fullReport(), rules, new Map([['privileged-step', 'privilege']]))));
  const { tool, taxonomies } = sarif.runs[0];
  const rule = tool.driver.rules[2];
  expect(rule).toMatchObject({
    id: 'privileged-step',
    name: 'PrivilegedStep',
    shortDescription: { text: 'Step runs privileged' },
    defaultConfiguration: { level: 'error' },
    properties: {
      tags: ['security', 'ci-cd', 'drone', 'privilege', 'external/cwe/cwe-250', 'external/cwe/cwe-078'],
      precision: 'very-high',
      'problem.severity': 'error',
      'security-severity': '8.0',
    },
  });
  expect(rule).not.toHaveProperty('helpUri');
  expect(tool.driver).not.toHaveProperty('informationUri');
  expect(rule.help.text).toContain(privilegedStep.why);
  expect(rule.help.markdown).toContain('```yaml');
  expect(rule.relationships).toHaveLength(4);
  for (const { target } of rule.relationships) {
    const taxonomy = taxonomies[target.toolComponent.index];
    expect(taxonomy.name).toBe(target.toolComponent.name);
    expect(taxonomy.taxa[target.index].id).toBe(target.id);
  }
});

test('a rule has the worst severity that occurred, a result its own', () => {
  const file = source('.drone.yml', 'a: 1\nb: 2\n');
  const { tool, results } = run(
    report([
      finding(branchWithoutEvent, place(file, 'a'), 'm', { severity: 'low' }),
      finding(branchWithoutEvent, place(file, 'b'), 'm', { severity: 'critical' }),
      finding(privilegedStep, place(file, 'b'), 'm', { severity: 'medium' }),
    ]),
  );
  const score = (id: string) =>
    tool.driver.rules.find((rule: { id: string }) => rule.id === id).properties['security-severity'];
  expect(score('branch-without-event')).toBe('9.5');
  expect(score('privileged-step')).toBe('5.5');
  expect(score('weak-rpc-secret')).toBe('9.5');
  expect(score('floating-tag')).toBeUndefined();
  expect(results.map((result: { level: string }) => result.level)).toEqual(['note', 'error', 'warning']);
  expect(tool.driver.rules[0].defaultConfiguration.level).toBe('warning');
});

test('a result has message, region, context, related places and both fingerprints', () => {
  const { results, columnKind } = run(fullReport());
  const result = results[1];
  expect(columnKind).toBe('utf16CodeUnits');
  expect(result.message.text).toBe(
    'Step "build" runs privileged. Open to fork pull requests. See [runs on this runner](1).',
  );
  expect(result.rank).toBe(80);
  expect(result.locations[0].physicalLocation).toMatchObject({
    artifactLocation: { uri: '.drone.yml', uriBaseId: '%SRCROOT%' },
    region: { startLine: 11, startColumn: 15, endLine: 11, endColumn: 19, snippet: { text: 'true' } },
    contextRegion: { startLine: 9, endLine: 13 },
  });
  expect(result.locations[0].physicalLocation.contextRegion.snippet.text).toMatch(/^- name: build\n[\s\S]*COMMIT_SHA/);
  expect(result.locations[0].logicalLocations).toEqual([{ fullyQualifiedName: 'steps[build].privileged' }]);
  expect(result.relatedLocations[0]).toMatchObject({ id: 1, message: { text: 'runs on this runner' } });
  const { text } = fullReport().findings[1]?.at.source ?? { text: '' };
  expect(result.partialFingerprints).toEqual({
    primaryLocationLineHash: lineHashes(text)[10],
    'droneAudit/v1': 'b000000000000002',
  });
});

test('the line hash is left out beside masked secrets', () => {
  const masked = run(fullReport()).results.find((result: { ruleId: string }) => result.ruleId === weakRpcSecret.id);
  expect(Object.keys(masked.partialFingerprints)).toEqual(['droneAudit/v1']);
});

test('a place of several lines becomes its first line, an empty one a character', () => {
  const file = source('a.yml', 'steps:\r\n- name: a\r\n  image: b\r\n');
  const { results } = run(
    report([
      finding(privilegedStep, place(file, 'name: a\r\n  image: b'), 'm'),
      finding(privilegedStep, { source: file, path: masked(''), span: { start: 0, end: 0 } }, 'm'),
      finding(privilegedStep, { source: file, path: masked(''), span: { start: 6, end: 6 } }, 'm'),
    ]),
  );
  const regions = results.map(
    (result: { locations: { physicalLocation: { region: object } }[] }) => result.locations[0]?.physicalLocation.region,
  );
  expect(regions[0]).toMatchObject({ startLine: 2, startColumn: 3, endLine: 2, endColumn: 10 });
  expect(regions[1]).toMatchObject({ startLine: 1, startColumn: 1, endLine: 1, endColumn: 2 });
  expect(regions[2]).toMatchObject({ startLine: 1, startColumn: 7, endLine: 1, endColumn: 7 });
});

test('suppressed results say so, and then all say', () => {
  const { results } = run(fullReport());
  expect(results.map((result: { suppressions: object[] }) => result.suppressions.length)).toEqual([
    0, 0, 0, 0, 1, 0, 0,
  ]);
  expect(results[4].suppressions[0]).toMatchObject({
    kind: 'inSource',
    status: 'accepted',
    justification: 'rebuilt nightly on purpose',
  });
  const file = source('.drone.yml', 'a: 1\n');
  const open = run(report([finding(privilegedStep, place(file, 'a'), 'm')]));
  expect(open.results[0]).not.toHaveProperty('suppressions');
});

test('problems and gaps are notifications', () => {
  const { invocations } = run(fullReport());
  expect(invocations).toHaveLength(1);
  expect(invocations[0].executionSuccessful).toBe(false);
  const notes = invocations[0].toolExecutionNotifications;
  expect(notes.map((note: { descriptor: { id: string }; level: string }) => [note.descriptor.id, note.level])).toEqual([
    ['malformed', 'error'],
    ['suppression', 'warning'],
    ['not-seen', 'note'],
    ['not-asked', 'note'],
    ['not-asked', 'note'],
    ['undecided', 'note'],
  ]);
  expect(notes[0].locations[0].physicalLocation).toEqual({
    artifactLocation: { uri: 'broken.yml', uriBaseId: '%SRCROOT%' },
    region: { startLine: 3 },
  });
  expect(run(report([])).invocations[0].executionSuccessful).toBe(true);
});

test('names become relative, encoded URIs', () => {
  const uris = [
    'a b/ü.yml',
    'a:b.yml',
    'docker://drone runner',
    'https://ci.example.com/api/repos',
    '-',
    '/etc/drone.env',
  ].map((name) => {
    const { results } = run(report([finding(privilegedStep, place(source(name, 'a: 1\n'), 'a'), 'm')]));
    return results[0].locations[0].physicalLocation.artifactLocation.uri;
  });
  expect(uris).toEqual([
    'a%20b/%C3%BC.yml',
    'a%3Ab.yml',
    'docker/drone%20runner.json',
    'https/ci.example.com/api/repos.json',
    '-',
    'etc/drone.env',
  ]);
});

test('of more than 5,000 results the worst stay in their order, and the rest is counted', () => {
  const file = source('.drone.yml', 'a: 1\n');
  const at = place(file, 'a');
  const many = Array.from({ length: 6000 }, (_, index) =>
    finding(index % 2 === 0 ? latestTag : privilegedStep, at, `m${index}`),
  );
  const { results, invocations } = run(report(many));
  expect(results).toHaveLength(5000);
  expect(results.filter((result: { ruleId: string }) => result.ruleId === 'privileged-step')).toHaveLength(3000);
  expect(results[0].message.text).toBe('M0.');
  expect(results[1].message.text).toBe('M1.');
  expect(invocations[0].toolExecutionNotifications[0].message.text).toBe(
    '1000 of 6000 results are left out, the least severe ones',
  );
});

test('hostile names neither act nor link, and long lines are not quoted', () => {
  const shown = whole(sarifReport(hostileReport(), rules));
  expect(shown).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
  expect(shown).not.toContain('](https://evil');
  expect(shown.length).toBeLessThan(100_000);
});

test('the same input gives the same bytes, without absolute paths', () => {
  expect(whole(sarifReport(fullReport(), rules))).toBe(whole(sarifReport(fullReport(), rules.toReversed())));
  expect(whole(sarifReport(fullReport(), rules))).toMatch(/\n\}\n$/);
  expect(whole(sarifReport(fullReport(), rules))).not.toMatch(/file:|"\/|\d{4}-\d\d-\d\dT/);
});
