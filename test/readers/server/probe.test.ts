import { describe, expect, it } from 'vitest';
import { lineOf } from '../../../src/model/source.ts';
import { readProbe } from '../../../src/readers/server/probe.ts';

const read = (text: string) => readProbe({ name: 'https://secrets.example.com/', form: 'extension-probe', text });

const text = `${JSON.stringify(
  {
    address: 'https://secrets.example.com/',
    signed: true,
    body: 'text',
    requests: {
      unsigned: { verdict: 'refused', answer: 'missing signature', status: 400 },
      'wrong-key': { verdict: 'unknown', answer: 'none (ECONNRESET)' },
      'canary-push-1': { verdict: 'data', answer: 'data', status: 200, asked: 'a/b' },
      later: { verdict: 'something new' },
    },
  },
  null,
  2,
)}\n`;

describe('the answers of an extension', () => {
  it('are outcomes with their places', () => {
    const [probe] = read(text).probes ?? [];
    expect(probe?.address.value).toBe('https://secrets.example.com/');
    expect(probe?.isLocal).toBe(false);
    const told = [...(probe?.outcomes ?? [])].map(([name, { verdict, status, secret }]) => [
      name,
      verdict.value,
      lineOf(verdict.at),
      verdict.at.path,
      status?.value,
      secret?.value,
    ]);
    expect(told).toEqual([
      ['unsigned', 'refused', 7, 'requests[unsigned].verdict', 400, undefined],
      ['wrong-key', 'unknown', 12, 'requests[wrong-key].verdict', undefined, undefined],
      ['canary-push-1', 'data', 16, 'requests[canary-push-1].verdict', 200, 'a/b'],
    ]);
  });

  it('tell whether only this machine reaches it', () => {
    for (const [host, isLocal] of [
      ['127.0.0.1:3000', true],
      ['[::1]', true],
      ['localhost', true],
      ['10.0.0.1', false],
    ] as const)
      expect(read(text.replace('secrets.example.com', host)).probes?.[0]?.isLocal).toBe(isLocal);
  });

  it.each(['', '[]', '{"address":"https://a/"}', '{"requests":{}}', '{"address":{},"requests":{}}'])(
    'are missing in %j',
    (other) => {
      const { probes, problems } = read(other);
      expect(probes ?? []).toEqual([]);
      expect(problems.map(({ incomplete }) => incomplete)).toEqual([true]);
    },
  );

  it('are none where the text is broken', () => {
    const { probes, problems } = read('{"address":');
    expect(probes ?? []).toEqual([]);
    expect(problems).not.toEqual([]);
  });
});
