import { describe, expect, it } from 'vitest';
import { formsInLog } from '../../src/secrets/in-logs.ts';

const token = `ghp_${'a1B2c3D4e5'.repeat(3)}F6g7H8`;

describe('credentials in a log', () => {
  it.each([
    ['alone', token],
    ['in a colour', `\u001b[32m${token}\u001b[0m`],
    ['behind a line break of a text within', `{"out":"a\\n${token}\\n"}`],
    ['behind its name', `+ export TOKEN=${token}\r\n`],
  ])('are found %s', (_, text) => {
    expect(formsInLog(text)).toEqual(['a token of GitHub']);
  });

  it.each([
    ['a sample of documentation', 'AKIAIOSFODNN7EXAMPLE'],
    ['made up', `ghp_${'x'.repeat(36)}`],
    ['masked by the runner', 'TOKEN=******'],
    [
      'signed for a time',
      'https://store.example.com/a?X-Amz-Signature=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
    ],
  ])('that are %s are none', (_, text) => {
    expect(formsInLog(text)).toEqual([]);
  });
});
