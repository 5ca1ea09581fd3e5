import fc from 'fast-check';
import { expect, describe as group, it, test } from 'vitest';
import {
  asksForPullRequests,
  blocksOf,
  describe,
  matches,
  type Occasion,
  occasionsFor,
  passes,
} from '../../src/drone/conditions.ts';
import type { Conditions, Pipeline } from '../../src/model/pipeline.ts';
import { readPipelines } from '../../src/readers/pipeline/stream.ts';
import { plain } from '../support/text.ts';

function pipelineOf(trigger: string): Pipeline {
  const text = `kind: pipeline\nname: web\n${trigger}\nsteps:\n- name: test\n  image: golang:1.23\n  when:\n    event: push\n`;
  const [pipeline] = readPipelines({ name: '.drone.yml', form: 'drone', text }).pipelines;
  if (!pipeline) throw new Error('no pipeline');
  return pipeline;
}

const triggerOf = (text: string): Conditions | undefined => pipelineOf(`trigger: ${text}`).trigger;
const push: Occasion = { event: 'push', branch: 'main', ref: 'refs/heads/main', action: '', cron: '', target: '' };

group('passes', () => {
  test.each([
    ['{}', true],
    ['{branch: main}', true],
    ['{branch: [develop, "ma*"]}', true],
    ['{branch: develop}', false],
    ['{branch: {exclude: [main]}}', false],
    ['{branch: {include: [main], exclude: ["**"]}}', false],
    ['{branch: {include: main}}', true],
    ['{branch: {exclude: ["[main"]}}', true],
    ['{event: {exclude: [pull_request]}}', true],
    ['{event: tag}', false],
    ['{event: push, target: production}', false],
    ['{repo: other/repository}', true],
    ['{instance: ci.example.com}', true],
  ])('%s lets a push to main through: %s', (trigger, expected) => {
    expect(passes(triggerOf(trigger), push)).toBe(expected);
  });

  it('gives the same answer again', () => {
    const branch = triggerOf('{branch: main}')?.conditions.get('branch');
    expect([matches(branch, 'main'), matches(branch, 'main'), matches(branch, 'other')]).toEqual([true, true, false]);
  });
});

group('asksForPullRequests', () => {
  test.each([
    ['{event: pull_request}', true],
    ['{event: ["pull_*"]}', true],
    ['{ref: ["refs/pull/**"]}', true],
    ['{event: [push]}', false],
    ['{event: {exclude: [push]}}', false],
    ['{branch: main}', false],
    ['{ref: [refs/heads/main]}', false],
  ])('%s: %s', (trigger, expected) => {
    expect(asksForPullRequests(triggerOf(trigger))).toBe(expected);
  });
});

group('blocksOf', () => {
  it('lists the trigger first, then the steps that have conditions', () => {
    const labels = (pipeline: Pipeline): readonly string[] => blocksOf(pipeline).map(({ label }) => plain(label));
    expect(labels(pipelineOf('trigger: {event: push}'))).toEqual(['the trigger', '"when" of "test"']);
    expect(labels(pipelineOf(''))).toEqual(['"when" of "test"']);
  });
});

group('occasionsFor', () => {
  const words = (one: string, other: string): string[] =>
    occasionsFor(triggerOf(one), triggerOf(other)).map(describe).map(plain);

  it('tries what either side names, and what neither does', () => {
    const occasions = words('{branch: [release/*]}', '{ref: [refs/tags/v1.*, refs/heads/hotfix]}');
    expect(occasions).toEqual(
      expect.arrayContaining([
        'a push to "release/x"',
        'a push to "hotfix"',
        'a push to "topic"',
        'tag "v1.x"',
        'a pull request against "main"',
        'cron job "nightly" on "main"',
        'a promotion of tag "v1.x" to "production"',
        'a rollback of "main" to "production"',
        'a custom build of "hotfix"',
      ]),
    );
  });

  it('finds the build that one trigger lets through and the other does not', () => {
    const wide = triggerOf('{event: [push, tag]}');
    const narrow = triggerOf('{event: [push], branch: [main]}');
    const only = occasionsFor(wide, narrow).filter((each) => passes(wide, each) && !passes(narrow, each));
    expect(only.map(describe).map(plain)).toEqual(['a push to "topic"', 'tag "v1.0.0"']);
  });

  it('stays small and true to the events whatever the patterns are', () => {
    const pattern = fc.string({ maxLength: 12 });
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 30 }), fc.array(pattern, { maxLength: 30 }), (branches, refs) => {
        const trigger = triggerOf(JSON.stringify({ branch: branches, ref: refs.map((ref) => `refs/heads/${ref}`) }));
        const occasions = occasionsFor(trigger, undefined);
        expect(occasions.length).toBeLessThan(1_000);
        for (const { event, ref, target } of occasions) {
          if (event === 'push') expect(ref.startsWith('refs/heads/')).toBe(true);
          if (event === 'tag') expect(ref.startsWith('refs/tags/')).toBe(true);
          expect(target !== '').toBe(event === 'promote' || event === 'rollback');
        }
      }),
      { numRuns: 50 },
    );
  });
});
