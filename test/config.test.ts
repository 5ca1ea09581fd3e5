import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '../src/config.ts';
import type { Config } from '../src/config-entries.ts';
import { preferred } from '../src/locks.ts';
import type { Location } from '../src/model/source.ts';
import { familyOf } from '../src/rules/all.ts';

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
    ['registry', 'did you mean "registries"'],
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

describe('docs/configuration.md', () => {
  const page = readFileSync('docs/configuration.md', 'utf8');
  const blocks = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, block = '']) => block);

  it.each(blocks.map((block) => [block]))('shows a config that is right: %j', (block) => {
    const folder = mkdtempSync(join(tmpdir(), 'config-'));
    try {
      mkdirSync(join(folder, 'a/ci'), { recursive: true });
      for (const name of ['base', 'team']) writeFileSync(join(folder, `a/ci/drone-audit.${name}.yml`), 'failOn: low\n');
      writeFileSync(join(folder, 'a/drone-audit.yml'), block);
      const config = readConfig('a/drone-audit.yml', folder, 'config', new Set(familyOf.keys()));
      const { ignores, severities, acceptances, excluded, joined, siteEntries, preferences, allows } = config;
      const all = [ignores, severities, acceptances, excluded, joined, siteEntries, preferences, allows].flat();
      expect(all.length > 0).toBe(!block.startsWith('# yaml-language-server'));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('explains every key of the schema, with an example', () => {
    const schema: Keys = JSON.parse(readFileSync('schemas/config.schema.json', 'utf8'));
    interface Keys {
      readonly properties?: Record<string, Keys>;
      readonly items?: Keys;
    }
    const keysOf = ({ properties = {}, items }: Keys): readonly string[] => [
      ...Object.entries(properties).flatMap(([key, value]) => [key, ...keysOf(value)]),
      ...(items ? keysOf(items) : []),
    ];
    const keys = keysOf(schema);
    expect(keys).toEqual(expect.arrayContaining(['extends', 'secretHosts', 'upTo', 'until']));
    const examples = blocks.join('\n');
    expect(keys.filter((key) => !new RegExp(`(?:^|[ {])${key}:`, 'm').test(examples))).toEqual([]);
  });
});

describe('mistakes', () => {
  it.each([
    ['fialOn: low\n', '1:1: the file has no key "fialOn"; did you mean "failOn"?'],
    ['failOn: hihg\n', '1:9: "failOn" must be one of critical, high, medium, low, info, never; did you mean "high"?'],
    ['profile: strikt\n', '1:10: "profile" must be one of brief, usual, strict, pedantic; did you mean "strict"?'],
    ['ignore:\n- { rule: privileged-stp, reason: x }\n', '2:11: "privileged-stp" is not a rule'],
    [
      'severity:\n- { rule: privileged-step, to: lo, reason: x }\n',
      '2:32: "to" of entry 1 of "severity" must be one of critical, high, medium, low, info, off; did you mean "low"?',
    ],
    ['severity:\n- { rule: privileged-step, to: low }\n', '2:3: entry 1 of "severity" lacks "reason"'],
    [
      'ignore:\n- { rule: privileged-step, reson: x }\n',
      '2:28: entry 1 of "ignore" has no key "reson"; did you mean "reason"?',
    ],
    ['pedantic: yes\n', '1:11: "pedantic" must be true or false; did you mean "true"?'],
    ['pedantic: Off\n', '1:11: "pedantic" must be true or false; did you mean "false"?'],
    ['pedantic: maybe\n', '1:11: "pedantic" must be true or false'],
    ['ignore: [\n', '2:1: YAML: a list is not closed with "]", or a line of it is not indented'],
    ['site: {scm: public\n', '2:1: YAML: a mapping is not closed with "}", or a line of it is not indented'],
    ['failOn: "high\n', '2:1: YAML: a quotation mark is not closed'],
    [
      'severity:\n- { rule: privileged-step, to: low, reason: " " }\n',
      '2:46: "reason" of entry 1 of "severity" is empty',
    ],
    ['accept:\n- { path: a, problem: malformd, reason: x }\n', 'did you mean "malformed"?'],
    [
      'ignore:\n- { rule: privileged-step, reason: x, until: tomorrow }\n',
      '2:46: "until" of entry 1 of "ignore" is no day, such as 2027-06-30',
    ],
    ['site:\n  scm: privat\n', '2:8: "scm" of "site" must be one of public, private; did you mean "private"?'],
    ['site:\n  images: alpine\n', '2:11: "images" of "site" has to be a list'],
    [
      'site:\n  plugins: [plugins/dockr]\n',
      '2:13: "plugins/dockr" is no plugin that is known; did you mean "plugins/docker"?',
    ],
    [
      'site:\n  plugins: [a, plugins/dokcer]\n',
      '2:16: "plugins/dokcer" is no plugin that is known; did you mean "plugins/docker"?',
    ],
    ['failOn: low\0\n', 'has NUL characters in it, which no text has'],
    ['allow: { ignore: { by: [coment] } }\n', 'did you mean "comment"?'],
    ['allow: { site: [plugin] }\n', 'did you mean "plugins"?'],
    ['allow: { ignore: { by: [], rules: [privileged-stp] } }\n', '1:36: "privileged-stp" is not a rule'],
    ['extends: { a: b }\n', '1:10: "extends" has to be a text or a list'],
  ])('%j', (text, message) => {
    const folder = mkdtempSync(join(tmpdir(), 'config-'));
    try {
      writeFileSync(join(folder, 'drone-audit.yml'), text);
      expect(() => readConfig('drone-audit.yml', folder, 'config', new Set(familyOf.keys()))).toThrow(message);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('what a config extends', () => {
  it('is joined, with the nearer file first', () => {
    const folder = mkdtempSync(join(tmpdir(), 'config-'));
    try {
      const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
      mkdirSync(join(folder, 'org'));
      write('org/base.yml', 'failOn: low\nprofile: strict\nsite: { scm: public, images: [a] }\nexclude: [x]\n');
      write('org/team.yml', 'extends: base.yml\nfailOn: medium\nsite: { images: [b], plugins: [p] }\n');
      write(
        'drone-audit.yml',
        'extends: [org/base.yml, org/team.yml]\nminSeverity: medium\nsite: { images: [a, c] }\nexclude: [y]\n',
      );
      const config = readConfig('drone-audit.yml', folder, 'config', new Set());
      expect(config.files.map(({ name }) => name)).toEqual(['drone-audit.yml', 'org/team.yml', 'org/base.yml']);
      expect(config.site).toMatchObject({ scm: 'public', images: ['a', 'c', 'b'], plugins: ['p'] });
      expect(['y/1', 'org/x/1', 'x/1'].map(config.excludes)).toEqual([true, true, false]);
      expect(preferred(config.preferences, 'failOn')?.value).toBe('medium');
      expect(preferred(config.preferences, 'minSeverity')?.value).toBe('medium');
      expect(preferred(config.preferences, 'minConfidence')?.value).toBe('low');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
