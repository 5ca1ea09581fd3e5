import { expect, test } from 'vitest';
import { taskOf } from '../../src/fixes/task.ts';
import replayable from '../../src/rules/extension/replayable-extension-requests.ts';

test.each([
  ['one sentence is taken without its full stop', 'Remove the variable.', 'Remove the variable'],
  ['of several the first', 'Remove it. Then restart the server.', 'Remove it'],
  [
    'a command that it leads up to is part of it',
    'Generate a new one:\n\n```sh\nopenssl rand -hex 32\n```\n\nSet it on the server.',
    'Generate a new one: `openssl rand -hex 32`',
  ],
  [
    'so is a value',
    'Remove the key, or write\n\n```yaml\npull: always\n```',
    'Remove the key, or write `pull: always`',
  ],
  [
    'a snippet of several lines is not',
    'Name the event beside the branch:\n\n```yaml\nbranch: main\nevent: push\n```',
    'Name the event beside the branch',
  ],
  [
    'unless nothing is said without it',
    'On the runner:\n\n```\nDRONE_LIMIT_REPOS=octocat/*\nDRONE_LIMIT_EVENTS=push\n```',
    'On the runner: `DRONE_LIMIT_REPOS=octocat/*` …',
  ],
  [
    'a snippet after further sentences is not',
    'Remove the mount. Or write:\n\n```yaml\nread_only: true\n```',
    'Remove the mount',
  ],
  ['of a list the first item', '- Server: remove\n  the mount.\n- Runner: a proxy.', 'Server: remove the mount'],
  [
    'a table is not',
    'Write the value as Go reads it:\n\n| kind | examples |\n| --- | --- |',
    'Write the value as Go reads it',
  ],
  ['the words of a link stay, with its address', 'Read [this](https://a.example).', 'Read this (https://a.example)'],
])('%s', (_, fix, said) => {
  expect(taskOf(fix)).toBe(said);
});

test('of a fix that begins with two measures, both are a sentence, without a piece of YAML at its end', () => {
  expect(taskOf(replayable.fix)).toBe(
    'Put TLS before the extension, keep it on a network that only the runners are on, and then accept the finding, which TLS does not remove',
  );
});
