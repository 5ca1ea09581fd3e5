import { describe, expect, it, test } from 'vitest';
import { judge } from '../src/judge.ts';
import { unknownSite } from '../src/model/site.ts';
import { say } from '../src/model/text.ts';
import { read } from '../src/read.ts';
import unknownField from '../src/rules/pipeline/unknown-field.ts';
import droppedCondition from '../src/rules/trigger/dropped-condition.ts';
import { expectProportional } from './support/cost.ts';
import { plain } from './support/text.ts';

function messagesOf(text: string): readonly string[] {
  const source = { name: '.drone.yml', form: 'drone' as const, text };
  const { installation } = read([source], () => ({ kind: 'unreadable', source: '', message: say``, incomplete: true }));
  return judge(installation, [unknownField, droppedCondition], unknownSite).verdicts.map(({ hit }) =>
    plain(hit.message),
  );
}

const pipeline = (type: string, field: string): string =>
  `kind: pipeline\ntype: ${type}\nname: web\n${field}\nsteps: [{name: build, image: alpine, commands: [make]}]\n`;
const step = (type: string, field: string): string =>
  `kind: pipeline\ntype: ${type}\nname: web\nsteps: [{name: build, commands: [make], ${field}}]\n`;

describe('a key at a place where it is not known', () => {
  test.each([
    ['privileged: true', 'it is a key of a step'],
    ['event: [push]', 'it is a key of "trigger" of the pipeline'],
    ['base: /drone', 'it is a key of "workspace" of the pipeline'],
    ['when: {event: push}', 'did you mean "trigger"?'],
    ['triggers: {event: push}', 'did you mean "trigger"?'],
    ['pool: {use: a}', 'known to pipelines of type vm'],
    ['cache: [a]', undefined],
  ])('of the pipeline: %s', (field, hint) => {
    const key = field.replace(/:.*/, '');
    expect(messagesOf(pipeline('docker', field))).toEqual([
      `"${key}" is not a key of pipeline "web" and is ignored${hint ? ` (${hint})` : ''}`,
    ]);
  });

  test.each([
    ['docker', 'event: push', 'it is a key of "when" of a step'],
    ['docker', 'trigger: {event: push}', 'did you mean "when"?'],
    ['docker', 'from_secret: token', 'it is a key of a value of "environment" of a step'],
    ['docker', 'image_pull_secrets: [a]', 'it is a key of the pipeline'],
    ['docker', 'temp: {}', 'it is a key of "volumes" of the pipeline'],
    ['docker', 'env: {A: b}', 'did you mean "environment"?'],
    ['docker', 'needs: [test]', 'did you mean "depends_on"?'],
    ['docker', 'privledged: true', 'did you mean "privileged"?'],
    ['docker', 'resources: {}', 'known to pipelines of type kubernetes'],
    ['exec', 'privileged: true', 'known to pipelines of type docker, kubernetes'],
    ['kubernetes', 'limits: {cpu: 1}', 'it is a key of "resources" of a step'],
    ['kubernetes', 'namespace: ci', 'it is a key of "metadata" of the pipeline'],
    ['ssh', 'environments: {}', 'did you mean "environment"?'],
  ])('of a step of type %s: %s', (type, field, hint) => {
    const key = field.replace(/:.*/, '');
    const server = type === 'ssh' ? '\nserver: {host: a, user: b, password: {from_secret: c}}' : '';
    expect(messagesOf(`${step(type, field)}${server}`)).toEqual([
      `"${key}" is not a key of step "build" and is ignored (${hint})`,
    ]);
  });

  it('is told from what a plugin reads', () => {
    const plugin = (fields: string): string => `kind: pipeline\nname: web\nsteps: [{name: a, image: b, ${fields}}]\n`;
    expect(messagesOf(plugin('repo_name: c'))).toEqual([
      '"repo_name" is not a key of step "a" and is ignored (what a plugin reads stands below "settings")',
    ]);
    expect(messagesOf(plugin('repo_name: c, commands: [make]'))).toEqual([
      '"repo_name" is not a key of step "a" and is ignored',
    ]);
  });

  test.each([
    [
      'trigger: {when: {event: push}}',
      '"when" in the trigger is not a condition and is ignored (it is a key of a step)',
    ],
    ['trigger: {steps: []}', '"steps" in the trigger is not a condition and is ignored (it is a key of the pipeline)'],
    ['trigger: {events: push}', '"events" in the trigger is not a condition and is ignored (did you mean "event"?)'],
    [
      'trigger: {exclude: [push]}',
      '"exclude" in the trigger is not a condition and is ignored (it is a key of a single condition, like "branch")',
    ],
    ['trigger: {whatever: 1}', '"whatever" in the trigger is not a condition and is ignored'],
    [
      'platform: {depth: 1}',
      '"depth" is not a key of platform and is ignored (it is a key of "clone" of the pipeline)',
    ],
  ])('inside: %s', (field, message) => {
    expect(messagesOf(pipeline('docker', field))).toEqual([message]);
  });

  test.each([
    [
      'environment: {when: {event: push}}',
      '"event" is not a key of variable "when" and is ignored (it is a key of "when" of a step)',
    ],
    [
      'when: {environment: {A: b}}',
      '"environment" in "when" of "build" is not a condition and is ignored (it is a key of a step)',
    ],
    [
      'settings: {when: {event: push}}',
      '"when" of "build" is below "settings": it goes to the plugin and restricts nothing',
    ],
  ])('inside a step: %s', (field, message) => {
    expect(messagesOf(step('docker', field))).toContain(message);
  });

  test.each([
    [
      'kind: secret\nname: a\ndata: abc\npath: b\n',
      '"path" is not a key of secret and is ignored (it is a key of "get" of the document)',
    ],
    ['kind: template\nload: a.yaml\ndat: {}\n', '"dat" is not a key of template and is ignored (did you mean "data"?)'],
    [
      'kind: cron\nname: a\nschedule: "@daily"\n',
      '"schedule" is not a key of cron and is ignored (it is a key of "spec" of the document)',
    ],
  ])('of another document: %s', (text, message) => {
    expect(messagesOf(text)).toEqual([message]);
  });

  it('costs no more for many of them', () => {
    expectProportional((scale) => {
      const steps = Array.from({ length: 2_000 * scale }, (_, i) => `- {name: s${i}, event: push, a${i}: b}`);
      messagesOf(`kind: pipeline\nname: web\nsteps:\n${steps.join('\n')}\n`.repeat(3));
    });
  });
});
