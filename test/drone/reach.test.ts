import { describe, expect, it, test } from 'vitest';
import { type Condition, type DroneEvent, events } from '../../src/model/pipeline.ts';
import { pipelineOf, textAt } from '../readers/pipeline-located.ts';
import { plain } from '../support/text.ts';

const pipelineWith = (trigger: string, when = '') =>
  pipelineOf(
    `kind: pipeline\nname: web\nsteps:\n- name: build\n  image: alpine\n${when && `  when: ${when}\n`}${trigger && `trigger: ${trigger}\n`}`,
  );

const conditionOf = (trigger: string, name = 'branch'): Condition | undefined =>
  pipelineWith(trigger).trigger?.conditions.get(name);

describe('conditions', () => {
  const values = (condition: Condition | undefined) => ({
    include: condition?.include.map(({ value }) => value),
    exclude: condition?.exclude.map(({ value }) => value),
  });

  test.each([
    ['main', ['main'], []],
    ['[main, dev]', ['main', 'dev'], []],
    ['{include: [main], exclude: [dev]}', ['main'], ['dev']],
    ['{exclude: [dev]}', [], ['dev']],
    ['[1.0, true, ~]', ['1.0', 'true', ''], []],
    ['[]', [], []],
  ])('branch: %s', (text, include, exclude) => {
    const condition = conditionOf(`{branch: ${text}}`);
    expect(values(condition)).toEqual({ include, exclude });
    expect(condition?.dropped).toBeUndefined();
    for (const { value, at } of condition?.include ?? []) if (value !== '') expect(textAt(at)).toBe(value);
  });

  test.each([
    ['~', 'null', [], []],
    ['{include: main}', 'scalar include', [], []],
    ['{include: [main], exclude: dev}', 'scalar exclude', ['main'], []],
    ['{exclude: dev}', 'scalar exclude', [], []],
    ['{include: }', 'null', [], []],
    ['[{include: [main]}]', 'nested value', [], []],
    ['[main, [dev]]', 'nested value', ['main'], []],
    ['{include: {a: b}}', 'nested value', [], []],
    ['{includes: [main]}', 'unknown key', [], []],
    ['{{name}}', 'unknown key', [], []],
  ])('branch: %s drops: %s', (text, dropped, include, exclude) => {
    const condition = conditionOf(`{branch: ${text}}`);
    expect(condition?.dropped).toBe(dropped);
    expect(values(condition)).toEqual({ include, exclude });
  });

  it('gives every part its path', () => {
    const condition = conditionOf('{branch: {include: [main], exclude: [dev]}}');
    expect(condition?.include[0]?.at.path).toBe('pipeline[web].trigger.branch.include[0]');
    expect(condition?.exclude[0]?.at.path).toBe('pipeline[web].trigger.branch.exclude[0]');
    expect(textAt(condition?.keyAt)).toBe('branch');
    expect(conditionOf('{branch: main}')?.include[0]?.at.path).toBe('pipeline[web].trigger.branch');
    expect(conditionOf('{branch: [main]}')?.include[0]?.at.path).toBe('pipeline[web].trigger.branch[0]');
    expect(pipelineWith('', '{event: push}').steps[0]?.when?.conditions.get('event')?.at.path).toBe(
      'pipeline[web].steps[build].when.event',
    );
  });

  it('keeps names that are no condition apart', () => {
    const { trigger } = pipelineWith('{events: [push], branch: main, matrix: {A: b}}');
    expect(trigger?.unknown).toMatchObject([{ value: 'events', at: { path: 'pipeline[web].trigger.events' } }]);
    expect([...(trigger?.conditions.keys() ?? [])]).toEqual(['branch']);
  });

  it('keeps what a text does not replace', () => {
    const condition = pipelineOf(
      'kind: pipeline\nname: web\nsteps: []\ntrigger: {branch: {exclude: [dev]}}\ntrigger: {branch: main}\n',
    ).trigger?.conditions.get('branch');
    expect(values(condition)).toEqual({ include: ['main'], exclude: ['dev'] });
  });
});

const all = [...events];
const without = (...left: DroneEvent[]): DroneEvent[] => all.filter((event) => !left.includes(event));

describe('events that start a pipeline', () => {
  test.each<[string, DroneEvent[]]>([
    ['', all],
    ['{}', all],
    ['{event: push}', ['push']],
    ['{event: [push, tag]}', ['push', 'tag']],
    ['{event: pull_request}', ['pull_request']],
    ['{event: "pull_*"}', ['pull_request']],
    ['{event: "{push,tag}"}', ['push', 'tag']],
    ['{event: pull-request}', []],
    ['{event: Push}', []],
    ['{event: {exclude: [pull_request]}}', without('pull_request')],
    ['{event: {exclude: ["*"]}}', []],
    ['{event: {exclude: ["["]}}', all],
    ['{event: "["}', []],
    ['{event: {include: [push, tag], exclude: [tag]}}', ['push']],
    ['{event: {include: push}}', all],
    ['{event: []}', all],
    ['{event: ~}', all],
    ['{event: ""}', []],
    // The branch of a tag is empty.
    ['{branch: main}', without('tag')],
    ['{branch: "*"}', all],
    ['{branch: "**"}', all],
    ['{branch: {exclude: [dev]}}', all],
    ['{branch: {exclude: ["**"]}}', []],
    ['{branch: {include: [main], exclude: [main]}}', []],
    ['{branch: {include: [main], exclude: ["m*"]}}', []],
    ['{branch: {include: ["release/*"], exclude: ["release/**"]}}', without('tag')],
    ['{branch: "["}', []],
    ['{branch: "{main"}', []],
    ['{branch: refs/heads/main}', without('tag')],
    ['{ref: refs/heads/main}', ['push', 'promote', 'rollback', 'cron', 'custom']],
    ['{ref: "refs/heads/**"}', ['push', 'promote', 'rollback', 'cron', 'custom']],
    ['{ref: "refs/tags/*"}', ['tag', 'promote', 'rollback', 'custom']],
    ['{ref: "refs/pull/*/head"}', ['pull_request', 'promote', 'rollback', 'custom']],
    ['{ref: "refs/pull/**"}', ['pull_request', 'promote', 'rollback', 'custom']],
    ['{ref: "refs/merge-requests/**"}', ['pull_request', 'promote', 'rollback', 'custom']],
    ['{ref: "**"}', all],
    ['{ref: main}', []],
    ['{ref: {exclude: ["refs/pull/**"]}}', all],
    ['{ref: {exclude: ["refs/pull/**", "refs/merge-requests/**", "refs/pull-requests/**"]}}', without('pull_request')],
    ['{ref: {exclude: ["refs/tags/**"]}}', without('tag')],
    ['{ref: {exclude: ["refs/heads/**"]}}', without('push', 'cron')],
    // A promotion keeps the cron job and the action of the build that it promotes.
    ['{cron: nightly}', ['promote', 'rollback', 'cron']],
    ['{cron: {exclude: [nightly]}}', all],
    ['{cron: {exclude: ["**"]}}', []],
    // A name with a slash stays.
    ['{cron: {exclude: ["*"]}}', ['promote', 'rollback', 'cron']],
    ['{target: production}', ['promote', 'rollback']],
    ['{target: {exclude: [production]}}', all],
    ['{action: opened}', ['pull_request', 'promote', 'rollback', 'custom']],
    ['{action: [synchronized]}', ['pull_request', 'promote', 'rollback', 'custom']],
    // No pull request carries the constants of core/hook.go.
    ['{action: [open, sync]}', ['promote', 'rollback', 'custom']],
    ['{action: create}', ['tag', 'promote', 'rollback', 'custom']],
    ['{action: close}', ['promote', 'rollback', 'custom']],
    ['{repo: team/app}', all],
    ['{repo: app}', []],
    ['{repo: {exclude: ["*/*"]}}', []],
    // Not evaluated.
    ['{instance: ci.example.com}', all],
    ['{instance: "["}', all],
    ['{paths: [src/**]}', all],
    ['{status: failure}', all],
    ['{events: push}', all],
    ['{event: [push, pull_request], branch: main}', ['push', 'pull_request']],
    ['{event: [push, tag], ref: "refs/tags/v*"}', ['tag']],
  ])('trigger: %s', (trigger, expected) => {
    const { reach } = pipelineWith(trigger);
    expect(all.filter((event) => reach.events.has(event))).toEqual(expected);
    expect(reach.pullRequest).toBe(expected.includes('pull_request'));
    expect(plain(reach.reason)).toMatch(/^[a-z"].*[^.]$/);
  });
});

describe('events that get to a step', () => {
  test.each<[string, string, DroneEvent[]]>([
    ['', '{event: push}', ['push']],
    ['{event: [push, pull_request]}', '{event: {exclude: [pull_request]}}', ['push']],
    ['{event: push}', '{event: tag}', []],
    ['{event: push}', '', ['push']],
    ['', '{instance: ci.example.com}', all],
    ['', '{instance: "["}', []],
    ['', '{paths: x}', all],
    ['', '{branch: main}', without('tag')],
    ['{ref: "refs/tags/**"}', '{event: [push, tag]}', ['tag']],
    ['', '{status: [failure]}', all],
    // Trigger and step see the same branch, ref, target, action and cron job.
    ['{branch: main}', '{branch: dev}', []],
    ['{branch: main}', '{branch: {exclude: [main]}}', []],
    ['{branch: {exclude: [dev]}}', '{branch: dev}', []],
    ['{branch: "release/*"}', '{branch: [main, dev]}', []],
    ['{branch: [main, dev]}', '{branch: "release/*"}', []],
    ['{branch: [main, dev]}', '{branch: [dev, next]}', without('tag')],
    ['{branch: "release/*"}', '{branch: "main*"}', without('tag')],
    ['{ref: refs/heads/main}', '{ref: refs/heads/dev}', []],
    ['{cron: nightly}', '{cron: {exclude: [nightly]}}', []],
    ['{target: production}', '{target: [staging, production]}', ['promote', 'rollback']],
    // The server does not look at `instance`.
    ['{instance: one.example.com}', '{instance: two.example.com}', all],
    // The runner replaces variables in `when`; the server does not in `trigger`.
    ['{branch: main}', '{branch: "${DRONE_REPO_BRANCH}"}', without('tag')],
    ['', '{event: ["${DRONE_BUILD_EVENT}"]}', all],
    ['{event: ["${DRONE_BUILD_EVENT}"]}', '', []],
  ])('trigger: %s, when: %s', (trigger, when, expected) => {
    const [step] = pipelineWith(trigger, when).steps;
    expect(all.filter((event) => step?.reach.events.has(event))).toEqual(expected);
  });

  it('counts for services too', () => {
    const { services } = pipelineOf(
      'kind: pipeline\nname: web\nsteps: []\nservices: [{name: db, image: postgres, when: {event: tag}}]\n',
    );
    expect([...(services[0]?.reach.events ?? [])]).toEqual(['tag']);
  });
});

describe('reasons', () => {
  test.each([
    ['', '', 'no conditions, so every event gets here', undefined],
    ['{branch: main}', '', 'no event filter, and "branch" names the base branch of a pull request', 'main'],
    ['', '{branch: [main]}', 'no event filter, and "branch" names the base branch of a pull request', '[main]'],
    ['{event: [push, pull_request]}', '', '"event" of "trigger" names pull_request', 'pull_request'],
    [
      '{event: {exclude: [tag]}}',
      '',
      '"event" of "trigger" excludes other events, but not pull_request',
      '{exclude: [tag]}',
    ],
    [
      '{event: {include: push}}',
      '',
      '"event" of "trigger" holds nothing that Drone accepts as a filter',
      '{include: push}',
    ],
    ['{ref: [refs/heads/main, "refs/pull/**"]}', '', '"ref" of "trigger" admits pull requests', 'refs/pull/**'],
    ['{repo: team/app}', '', 'no condition keeps pull requests out', 'trigger'],
    ['{event: push}', '', '"event" of "trigger" keeps pull requests out', 'push'],
    ['{event: push}', '{branch: main}', '"event" of "trigger" keeps pull requests out', 'push'],
    ['', '{event: [tag]}', '"event" of "when" keeps pull requests out', '[tag]'],
    ['{ref: [refs/heads/main]}', '', '"ref" of "trigger" admits no ref of a pull request', '[refs/heads/main]'],
    ['{cron: nightly}', '', '"cron" of "trigger" names a cron job, and a pull request has none', 'nightly'],
    ['{target: prod}', '', '"target" of "trigger" names a promotion target, and a pull request has none', 'prod'],
    ['{branch: main}', '{branch: dev}', '"branch" of "when" admits nothing that "branch" of "trigger" admits', 'dev'],
    ['{event: push}', '{event: tag}', '"event" of "when" admits nothing that "event" of "trigger" admits', 'tag'],
    ['{cron: nightly}', '{event: tag}', '"event" of "when" admits no event that starts the pipeline', 'tag'],
    ['', '{event: tag, target: prod}', '"when" admits no event that starts the pipeline', 'when'],
    ['{event: pr}', '', '"event" of "trigger" keeps pull requests out, and no other event gets here either', 'pr'],
  ])('trigger: %s, when: %s: %s', (trigger, when, reason, place) => {
    const reach = pipelineWith(trigger, when).steps[0]?.reach;
    expect(plain(reach?.reason)).toBe(reason);
    expect(textAt(reach?.because)).toBe(place);
  });
});
