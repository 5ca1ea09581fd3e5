import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostOf, isLoopback, isPublicHost } from '../../src/model/hosts.ts';

describe('the host of an address', () => {
  it.each([
    ['https://ci.example.com:8443/path?x=1', 'ci.example.com'],
    ['CI.Example.com', 'ci.example.com'],
    ['drone:80', 'drone'],
    ['http://user:secret@git.example.com', 'git.example.com'],
    ['[::1]:8080', '::1'],
    ['fe80::1', 'fe80::1'],
    ['ci.example.com.', 'ci.example.com'],
    ['http://drone', 'drone'],
  ])('%s', (address, host) => {
    expect(hostOf(address)).toBe(host);
  });

  it.each(['', '  ', '/var/run/postgresql', 'unix:///run/redis.sock', ':8080'])('%j has none', (address) => {
    expect(hostOf(address)).toBeUndefined();
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => void hostOf(text)));
  });
});

it.each([
  ['ci.example.com', true],
  ['203.0.113.7', true],
  ['10.0.0.5', false],
  ['172.31.0.1', false],
  ['172.32.0.1', true],
  ['192.168.1.1', false],
  ['git.lan', false],
  ['drone', false],
  ['localhost', false],
  ['', false],
])('%j is public: %s', (host, result) => {
  expect(isPublicHost(host)).toBe(result);
});

it.each([
  ['::1', true],
  ['0:0:0:0:0:0:0:1', true],
  ['127.0.1.1', true],
  ['::', false],
  ['0.0.0.0', false],
  ['ci.localhost', true],
  ['128.0.0.1', false],
  ['notlocalhost.example.com', false],
])('%s is the own host: %s', (host, result) => {
  expect(isLoopback(host)).toBe(result);
});
