import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { explainInstallation } from '../../src/explain/installation.ts';
import { judge } from '../../src/judge.ts';
import { unknownSite } from '../../src/model/site.ts';
import type { Source } from '../../src/model/source.ts';
import { say } from '../../src/model/text.ts';
import { read } from '../../src/read.ts';
import { allRules } from '../../src/rules/all.ts';
import { evidenceMask, secretValuesOf } from '../../src/secrets/evidence.ts';
import { credentialForms } from '../../src/secrets/forms.ts';
import { maskFor } from '../../src/secrets/mask.ts';
import { inspectAnswer } from '../checks/inspect-answer.ts';
import { samples } from './samples.ts';

/* What was saved is judged and explained as the engine was: only places within a line are others. */

const sourceOf = (answer: unknown): Source => ({
  name: 'docker://all',
  form: 'docker-inspect',
  text: JSON.stringify(answer, null, 2),
});

function understood(source: Source) {
  const missing = { kind: 'unreadable', source: '', message: say`is not there`, incomplete: true } as const;
  const { installation, secrets } = read([source], () => missing);
  return { installation, secrets, mask: maskFor(secrets) };
}

function saved(source: Source): Source {
  const { installation, secrets, mask } = understood(source);
  return { ...source, text: evidenceMask(() => mask, secrets, secretValuesOf(installation.settings))(source) };
}

function told(source: Source) {
  const { installation, mask } = understood(source);
  const findings = judge(installation, allRules, unknownSite).verdicts.map(({ hit, rule }) =>
    [rule.id, hit.severity ?? rule.severity, mask.text(hit.message)].join(' '),
  );
  const explained: unknown = JSON.parse(
    JSON.stringify(mask.all(explainInstallation(installation, unknownSite, mask)), (key, value) =>
      key === 'column' ? undefined : value,
    ),
  );
  return { findings, explained };
}

/** A password that equals the name of its user, which evidence must not say: it shows the name. */
const toldLess: ReadonlyMap<string, string> = new Map([
  [
    'default-database-password high the password of the database is the name of its user',
    'default-database-password high the password of the database is a common word, which is guessed first',
  ],
]);

const fixtures = 'test/fixtures';
const answers = readdirSync(fixtures, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.name.endsWith('.inspect.yml') || entry.parentPath.endsWith('docker-inspect'))
  .map((entry) => join(entry.parentPath, entry.name))
  .filter((path) => /\.(?:yml|json)$/.test(path));

describe('saved evidence', () => {
  it('has fixtures', () => expect(answers.length).toBeGreaterThan(100));

  it.each(answers)('of %s says the same', (path) => {
    const source = sourceOf(parse(readFileSync(path, 'utf8'), { merge: true }));
    const { findings, explained } = told(source);
    const again = told(saved(source));
    expect(again.explained).toEqual(explained);
    expect(again.findings).toEqual(findings.map((finding) => toldLess.get(finding) ?? finding));
  });

  it('stays JSON where a secret is empty, and says which is', () => {
    const Env = ['DRONE_GITHUB_CLIENT_ID=a', 'DRONE_DATABASE_SECRET=', 'DRONE_RPC_SECRET=', 'DRONE_SERVER_HOST=ci'];
    const source = sourceOf(inspectAnswer({ config: { Image: 'drone/drone:2', Env } }));
    expect(JSON.parse(saved(source).text)).toMatchObject({ Config: { Env: [expect.anything(), ...Env.slice(1)] } });
    expect(told(saved(source))).toEqual(told(source));
  });

  it.each(credentialForms.map((form) => [form.as, form] as const))('tells %s', (as, form) => {
    const sample = samples.get(as)?.text ?? '';
    const Env = [
      'DRONE_RPC_HOST=ci.example.com',
      'DRONE_RPC_SECRET=0f1e2d3c4b5a69788796a5b4c3d2e1f0',
      `DRONE_RUNNER_ENVIRON=PLAIN:a,FIRST:${sample},SECOND:${sample},LAST:b`,
      `DRONE_RUNNER_SECRETS=first:${sample}`,
      `DRONE_UI_PASSWORD=${sample}`,
      `NOTE=--password ${sample} ${sample}`,
    ];
    const source = sourceOf(inspectAnswer({ config: { Image: 'drone/drone-runner-docker:1', Env } }));
    const evidence = saved(source);
    expect(evidence.text).not.toContain(samples.get(as)?.secret);
    const { findings, explained } = told(source);
    expect(findings.filter((finding) => finding.includes('"FIRST"')).length).toBe(form.judge ? 1 : 0);
    // A colon in the value of a map keeps the runner from starting; evidence has none of the signs of a secret.
    const isRead = (finding: string): boolean => !sample.includes(':') || !finding.startsWith('invalid-setting-value');
    const again = told(evidence);
    expect(again.findings).toEqual(findings.filter(isRead));
    // One with a blank hides what follows it from explanations, but not from evidence.
    if (/[:\s]/.test(sample)) return;
    expect(again.explained).toEqual(explained);
    expect(saved(evidence).text).toBe(evidence.text);
  });
});
