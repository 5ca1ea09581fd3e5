import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Config, readConfig } from '../src/config.ts';
import type { Location } from '../src/model/source.ts';

describe('the site section', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'config-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const site = (text: string): Config['site'] => {
    writeFileSync(join(folder, 'drone-audit.yml'), text);
    return readConfig('drone-audit.yml', folder, 'config', new Set()).site;
  };

  it('names accounts, repositories and runners', () => {
    const text = [
      'site:',
      '  accounts: [alice, bob]',
      '  accountDomains: [example.com]',
      '  trustedRepositories: [octocat/images, acme/*]',
      '  runners: [runner-1, agent-*]',
      '',
    ].join('\n');
    expect(site(text)).toMatchObject({
      accounts: ['alice', 'bob'],
      accountDomains: ['example.com'],
      trustedRepositories: ['octocat/images', 'acme/*'],
      runners: ['runner-1', 'agent-*'],
    });
  });

  it('names none of them by default', () => {
    expect(site('site: {}\n')).toMatchObject({
      accounts: [],
      accountDomains: [],
      trustedRepositories: [],
      runners: [],
    });
  });

  it.each([
    ['acounts', 'did you mean "accounts"'],
    ['accountDomain', 'did you mean "accountDomains"'],
    ['trustedRepository', 'did you mean "trustedRepositories"'],
    ['runner', 'did you mean "runners"'],
  ])('knows what is meant by %s', (key, message) => {
    expect(() => site(`site:\n  ${key}: [a]\n`)).toThrow(message);
  });
});

describe('an accepted finding', () => {
  const at = (name: string, path: string): Location => ({
    source: { name, form: 'drone-accounts', text: '' },
    path,
    span: { start: 0, end: 0 },
  });

  it.each([
    ['https://ci.example.com/api/users', 'https://ci.example.com/api/users', true],
    ['https://ci.example.com', 'https://ci.example.com/api/users', true],
    ['https://ci.example.com/', 'https://ci.example.com/', true],
    ['https://ci.example.com/api/repos/octocat/*', 'https://ci.example.com/api/repos/octocat/app', true],
    ['https://ci.example.com', 'https://ci.example.com.evil.example/api/users', false],
    ['docker://drone', 'docker://drone', true],
    ['docker://drone', 'docker://drone-runner', false],
    ['users', 'https://ci.example.com/api/users', false],
  ])('of path %s is one in %s: %s', (path, name, matches) => {
    const folder = mkdtempSync(join(tmpdir(), 'config-'));
    try {
      mkdirSync(join(folder, 'ci'));
      writeFileSync(
        join(folder, 'ci/drone-audit.yml'),
        `ignore:\n  - { rule: x, path: '${path}', at: '[carol]*', reason: rotated }\n`,
      );
      const [ignore] = readConfig('ci/drone-audit.yml', folder, 'config', new Set(['x'])).ignores;
      expect(ignore?.matches({ rule: 'x', at: at(name, '[carol].login') })).toBe(matches);
      expect(ignore?.matches({ rule: 'x', at: at(name, '[alice].login') })).toBe(false);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
