import { describe, expect, it } from 'vitest';
import { droneAudit, temporaryFolder } from './support/cli.ts';
import { commitFiles, git, hasGit } from './support/git.ts';

// What a place comes to that is known in each of several commits where a change began.

const [a, b, c] = ['a', 'b', 'c'].map((name) => `curl https://x.example/${name} | sh`) as [string, string, string];

/** A pipeline with one step. */
function pipelineOf(event: string, ...lines: readonly string[]): string {
  const step = ['  - name: get', '    image: alpine@sha256:aa', ...lines.map((line) => `    ${line}`), ''].join('\n');
  return `kind: pipeline\ntype: docker\nname: default\n\ntrigger:\n  event: [${event}]\n\nsteps:\n${step}`;
}

const pipeline = (commands: readonly string[]): string =>
  pipelineOf('push', `commands: [${commands.map((one) => `"${one}"`).join(', ')}]`);
/** A finding that is critical where pull requests run it, else high. */
const privileged = (event: string): string => pipelineOf(event, 'privileged: true', 'commands: [make]');

/** What is new in a pipeline since two commits that were merged crosswise, the second the newer one. */
function newSince(one: string, other: string, now: string): readonly string[] {
  const folder = temporaryFolder();
  const commit = (text: string, time: number): string => commitFiles(folder, { '.drone.yml': text }, time);
  git(folder, ['init', '-q']);
  commit(pipeline(['make']), 1_700_000_100);
  git(folder, ['checkout', '-q', '-b', 'change']);
  const second = commit(other, 1_700_000_300);
  git(folder, ['checkout', '-q', 'main']);
  const first = commit(one, 1_700_000_200);
  git(folder, ['merge', '-q', '--no-edit', '-s', 'ours', second], { time: 1_700_000_400 });
  git(folder, ['checkout', '-q', 'change']);
  git(folder, ['merge', '-q', '--no-edit', '-s', 'ours', first], { time: 1_700_000_400 });
  commit(now, 1_700_000_500);
  expect(git(folder, ['merge-base', '--all', 'HEAD', 'main']).split('\n').sort()).toEqual([first, second].sort());
  const { stdout } = droneAudit(['scan', '--format', 'json', '--diff', 'main'], { cwd: folder });
  return JSON.parse(stdout).findings.map(({ rule, severity }: Record<string, string>) => `${rule} ${severity}`);
}

describe.skipIf(!hasGit)('a place of a finding that is known in every commit where a change began', () => {
  it('is known where each has the same', () => {
    expect(newSince(pipeline([a, b]), pipeline([a, b]), pipeline([a]))).toEqual([]);
  });

  it('and one that only some of them have is new', () => {
    expect(newSince(pipeline([a]), pipeline([b]), pipeline([b]))).toEqual(['remote-script medium']);
    expect(newSince(pipeline([a, b]), pipeline([a, c]), pipeline([a, c]))).toEqual(['remote-script medium']);
  });

  it.each([
    ['the newer one has a further one', [a], [a, c]],
    ['another one stands before it in the newer', [a], [c, a]],
  ])('is known where %s', (_, one, other) => {
    expect(newSince(pipeline(one), pipeline(other), pipeline([a]))).toEqual([]);
  });

  it('is known as the least severe it was, where it was more severe in the newer', () => {
    expect(newSince(privileged('push'), privileged('pull_request'), privileged('push'))).toEqual([]);
  });

  it.each(['push', 'pull_request'])('is new where it is more severe than in one of them: %s', (event) => {
    const [one, other] = [privileged(event), privileged(event === 'push' ? 'pull_request' : 'push')];
    expect(newSince(one, other, privileged('pull_request'))).toEqual(['privileged-step critical']);
  });

  // What one commit knows is kept whole or not at all yet: the places, and the severity, that both have are lost with the rest.
  it.each([
    ['each has a further one', pipeline([a, b]), pipeline([a, c]), pipeline([a])],
    ['the older one has a further one', pipeline([a, b]), pipeline([a]), pipeline([a])],
    ['another one stands before it in the older', pipeline([c, a]), pipeline([a]), pipeline([a])],
    ['another one stands before it in each', pipeline([b, a]), pipeline([c, a]), pipeline([a])],
    ['it was more severe in the older', privileged('pull_request'), privileged('push'), privileged('push')],
  ])('is not known yet where %s', (_, one, other, now) => {
    expect(newSince(one, other, now)).toEqual([]);
  });
});
