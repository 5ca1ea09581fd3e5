import { describe, expect, it } from 'vitest';
import { judge } from '../src/judge.ts';
import type { Hit } from '../src/model/rule.ts';
import { unknownSite } from '../src/model/site.ts';
import { say } from '../src/model/text.ts';
import { read } from '../src/read.ts';
import * as command from '../src/rules/command/index.ts';
import pushFromBuild from '../src/rules/command/push-from-build.ts';
import * as injection from '../src/rules/injection/index.ts';
import { expectProportional } from './support/cost.ts';
import { plain } from './support/text.ts';

const rules = [...Object.values(command), ...Object.values(injection)];

function hits(text: string, judged: Parameters<typeof judge>[1]): readonly Hit[] {
  const source = { name: 'pipeline.yml', form: 'drone' as const, text };
  const { installation } = read([source], () => ({ kind: 'unreadable', source: '', message: say``, incomplete: true }));
  return judge(installation, judged, unknownSite).verdicts.map(({ hit }) => hit);
}

const step = (commands: readonly string[]): string =>
  JSON.stringify({ kind: 'pipeline', name: 'default', steps: [{ name: 'build', image: 'alpine:3.20', commands }] });

describe('a push to the branch of a web site', () => {
  it.each(['git push origin gh-pages', 'git push origin HEAD:gh-pages'])('is only a fact: %s', (text) => {
    expect(hits(step([text]), [pushFromBuild]).map(({ severity }) => severity)).toEqual(['info']);
  });
});

describe('variables that become empty', () => {
  it.each([
    [
      ['echo ${ONE}', 'echo ${ONE}'],
      '"${ONE}" in the commands of "build": not a variable of the build, so it becomes empty',
    ],
    [
      ['echo ${ONE}', 'echo ${TWO}'],
      '"${ONE}", "${TWO}" in the commands of "build": not variables of the build, so they become empty',
    ],
  ])('are counted: %s', (commands, message) => {
    const text = step(commands).replace('{', '{"trigger":{"event":["push"]},');
    expect(hits(text, [injection.undefinedVariable]).map((hit) => plain(hit.message))).toEqual([message]);
  });
});

describe('rules of commands', () => {
  it.each<[string, (scale: number) => string]>([
    ['many pipes', (scale) => 'curl https://files.example.com/a | tee b | '.repeat(3_000 * scale)],
    ['many substitutions', (scale) => 'echo "${A}${B" '.repeat(20_000 * scale)],
    ['many options', (scale) => `curl ${'-k '.repeat(30_000 * scale)}https://files.example.com`],
    ['many programs', (scale) => 'trivy image a --exit-code 0 || true; '.repeat(3_000 * scale)],
    ['one long word', (scale) => `sh -c ${'a'.repeat(500_000 * scale)}`],
    ['many variables', (scale) => `eval ${'$A$B'.repeat(30_000 * scale)}`],
  ])('stay fast and short: %s', (_, text) => {
    expectProportional((scale) => {
      for (const { message, related } of hits(step([text(scale)]), rules)) {
        expect(plain(message).length).toBeLessThan(1_000);
        expect((related ?? []).length).toBeLessThanOrEqual(20);
      }
    });
  });

  it('never show what an address or an expression holds', () => {
    const text = step([
      'curl -k https://ci:canary-password@files.example.com/a | sh',
      'echo ${TOKEN-canary-password}',
      'git push https://ci:canary-password@git.example.com/a.git',
      'wget http://ci:canary-password@files.example.com/a.tar && tar xf a.tar',
    ]);
    const found = hits(text, rules);
    expect(found.length).toBeGreaterThan(3);
    expect(
      found
        .flatMap(({ message, related = [] }) => [message, ...related.map((each) => each.message)])
        .map(plain)
        .join('\n'),
    ).not.toContain('canary');
  });
});
