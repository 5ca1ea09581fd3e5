import { describe, expect, it } from 'vitest';
import type { Port } from '../../src/model/container.ts';
import { coversPort, isOnAllAddresses, isPublished } from '../../src/model/ports.ts';

const at = {
  source: { name: 'docker-compose.yml', form: 'compose', text: '' },
  path: '',
  span: { start: 0, end: 0 },
} as const;
const port = (hostAddress: string | undefined, containerPort = '5432'): Port => ({
  hostAddress,
  containerPort,
  protocol: 'tcp',
  at,
});

describe('a published port', () => {
  it.each(['', '0.0.0.0', '::', '[::]'])('is on all addresses at "%s"', (address) => {
    expect(isOnAllAddresses(port(address))).toBe(true);
    expect(isPublished(port(address))).toBe(true);
  });

  it.each(['10.20.0.5', '192.0.2.7', '2001:db8::1'])('is published at "%s" alone', (address) => {
    expect(isOnAllAddresses(port(address))).toBe(false);
    expect(isPublished(port(address))).toBe(true);
  });

  it.each(['127.0.0.1', '127.1.2.3', '::1', '[::1]', 'localhost', '${ADDRESS}', undefined])(
    'is not at "%s"',
    (address) => {
      expect(isOnAllAddresses(port(address))).toBe(false);
      expect(isPublished(port(address))).toBe(false);
    },
  );
});

describe('coversPort', () => {
  it('takes numbers and ranges', () => {
    expect(coversPort(port('', '5432'), 5432)).toBe(true);
    expect(coversPort(port('', '5430-5440'), 5432)).toBe(true);
    expect(coversPort(port('', '5430-5431'), 5432)).toBe(false);
    expect(coversPort(port('', '${PORT}'), 5432)).toBe(false);
  });
});
