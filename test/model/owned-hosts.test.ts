import { describe, expect, it } from 'vitest';
import { isOwned, ownedAt, ownedHost } from '../../src/model/owned-hosts.ts';

describe('what --i-own-this lets be addressed', () => {
  it.each([
    ['http://127.0.0.1:8080', [], true],
    ['http://[::1]:8080', [], true],
    ['https://ci.example.com', [], false],
    ['https://ci.example.com', ['ci.example.com'], true],
    ['https://ci.example.com.', ['ci.example.com'], true],
    ['https://ci.example.com', [' CI.example.com:443 '], true],
    ['https://ci.example.com:8443', ['ci.example.com:443'], false],
    ['https://ci.example.com:8443', ['ci.example.com:443', 'ci.example.com:8443'], true],
    ['https://ci.example.com', ['https://ci.example.com/'], true],
    ['https://ci.example.com:8443', ['https://ci.example.com/'], false],
    ['http://ci.example.com', ['ci.example.com:80'], true],
    ['https://ci.example.com', ['ci.example.com:80'], false],
    ['https://ci.example.com', ['http://ci.example.com'], false],
    ['https://ci.example.com', ['example.com'], false],
    ['https://evil-ci.example.com', ['ci.example.com'], false],
    ['http://[2001:db8::7]:3000/', ['2001:db8::7'], true],
    ['http://[2001:db8::7]:3000/', ['[2001:db8::7]'], true],
    ['http://[2001:db8::7]:3000/', ['[2001:db8:0::7]:3000'], true],
    ['http://[2001:db8::7]:3000/', ['[2001:db8::7]:3001'], false],
    ['http://[::ffff:127.0.0.1]:7326', ['::ffff:127.0.0.1'], true],
    ['http://[::ffff:10.0.0.7]:7326', ['::ffff:10.0.0.7'], true],
    ['http://[::ffff:10.0.0.7]:7326', ['[::ffff:a00:7]:7326'], true],
    ['http://[::ffff:10.0.0.8]:7326', ['10.0.0.7'], false],
    ['http://vm:3000', ['vm.'], true],
    ['http://10.0.0.7:3000/', ['10.0.0.8', '10.0.0.7:3001'], false],
  ])('%s with %j: %s', (address, owned, expected) => {
    expect(isOwned(new URL(address), owned.map(ownedHost))).toBe(expected);
  });

  it('the hosts of a port are those that were named without one, or with that', () => {
    const owned = ['ci.example.com', 'a.example.com:3000', 'b.example.com:80', '[::7]:3000', 'a.example.com'];
    expect(ownedAt('3000', owned.map(ownedHost))).toEqual(['ci.example.com', 'a.example.com', '::7']);
  });

  it.each([
    '',
    ' ',
    'ci.example.com/drone',
    'user@ci.example.com',
    '*.example.com',
    'ci.example.com:99999',
    'ftp://ci',
  ])('"%s" is refused', (given) => {
    expect(() => ownedHost(given)).toThrow('is not a host');
  });
});
