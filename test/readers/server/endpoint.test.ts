import { describe, expect, it } from 'vitest';
import type { Source } from '../../../src/model/source.ts';
import { readEndpoint } from '../../../src/readers/server/endpoint.ts';
import { plain } from '../../support/text.ts';

const sourceOf = (text: string): Source => ({ name: 'https://ci.example.com/', form: 'drone-endpoint', text });
const endpointIn = (value: unknown) => readEndpoint(sourceOf(JSON.stringify(value, null, 2))).endpoints?.[0];

describe('the answers of an address', () => {
  it('are read, each value with its place', () => {
    const answer = {
      status: 200,
      headers: { 'Content-Type': 'text/html' },
      body: 'html',
      facts: { version: '2.28.1' },
    };
    const tls = { protocol: 'TLSv1.3', distrust: null, validTo: '2027-01-01T00:00:00Z', oldProtocols: ['TLSv1'] };
    const endpoint = endpointIn({
      ...{ address: 'https://ci.example.com', role: 'autoscaler', revealedBy: 'compose.yml', network: 'private' },
      ...{ answers: { '/welcome': answer }, tls, accepted: ['a documented login'] },
    });
    expect(plain(endpoint?.label)).toBe('autoscaler "https://ci.example.com"');
    expect(endpoint?.revealedBy).toBe('compose.yml');
    expect(endpoint?.network?.value).toBe('private');
    const page = endpoint?.answers.get('/welcome');
    expect(page?.status.value).toBe(200);
    expect(page?.headers.get('content-type')?.value).toBe('text/html');
    expect(page?.facts.get('version')?.at.path).toBe('answers[/welcome].facts[version]');
    expect(endpoint?.tls?.distrust).toBeUndefined();
    expect(endpoint?.tls?.oldProtocols.map(({ value }) => value)).toEqual(['TLSv1']);
    expect(endpoint?.accepted.map(({ value }) => value)).toEqual(['a documented login']);
  });

  it('that lack something are read as far as they go', () => {
    const endpoint = endpointIn({
      address: 'http://ci.example.com',
      network: 'moon',
      answers: { '/version': { status: 'many', body: 'json' }, '/': null, '/varz': { status: 200, body: 'json' } },
    });
    expect([...(endpoint?.answers.keys() ?? [])]).toEqual(['/varz']);
    expect(endpoint?.role).toBe('server');
    expect(endpoint?.network).toBeUndefined();
    expect(endpoint?.tls).toBeUndefined();
    expect(endpoint?.accepted).toEqual([]);
  });

  it.each(['', '[]', '{}', 'null', '"text"', '{"address": 1', '{"address": {"a": []}}'])('%j are a problem', (text) => {
    const { endpoints, problems } = readEndpoint(sourceOf(text));
    expect(endpoints ?? []).toEqual([]);
    expect(problems.map(({ incomplete }) => incomplete)).toContain(true);
  });
});
