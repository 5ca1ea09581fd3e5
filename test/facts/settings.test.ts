import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  defaultOf,
  isSecretName,
  qualifiedNameOf,
  settingFor,
  settingOf,
  settingsNamed,
  typeOf,
} from '../../src/facts/settings.ts';
import { settingsTable, sourceRepositories } from '../../src/facts/settings-table.ts';

describe('the table', () => {
  it('finds each setting of the table by its name', () => {
    for (const fact of settingsTable) expect(settingsNamed(fact.name), fact.name).toContain(fact);
    for (const name of ['TOKEN', 'DRONE', 'NODE_ENV', 'DRONE_', 'drone_rpc_secret'])
      expect(settingsNamed(name)).toEqual([]);
  });

  it('has each name once a component', () => {
    const seen = new Set<string>();
    for (const fact of settingsTable)
      for (const component of fact.of) {
        const key = `${fact.name} ${component} ${fact.legacy ? 'legacy' : ''}`;
        expect(seen, key).not.toContain(key);
        seen.add(key);
      }
  });

  it('cites a known repository for each name that something reads', () => {
    for (const { name, source, nonexistent } of settingsTable)
      if (!nonexistent && name !== 'OS_PASSWORD')
        expect(
          Object.keys(sourceRepositories).some((key) => source.startsWith(`${key} `)) || /@/.test(source),
          name,
        ).toBe(true);
  });

  it('names a successor that is in the table for each older name that still works', () => {
    for (const { name, legacy, of } of settingsTable)
      if (legacy?.works)
        for (const component of of)
          expect(settingFor(legacy.replacedBy ?? '', component)?.aliases, name).toContain(name);
  });

  it('has every older name listed as an alias', () => {
    for (const { aliases = [] } of settingsTable)
      for (const alias of aliases)
        expect(
          settingsNamed(alias).some((fact) => fact.legacy?.works),
          alias,
        ).toBe(true);
  });
});

describe('lookups', () => {
  it('prefers what a name means today', () => {
    expect(settingOf('DRONE_LOGS_DEBUG')?.legacy).toBeUndefined();
    expect(settingFor('DRONE_LOGS_DEBUG', 'runner-docker')?.legacy).toMatchObject({ works: true });
    expect(settingFor('DRONE_LOGS_DEBUG', 'runner-kube')).toBeUndefined();
    expect(settingOf('DRONE_RPC_ADDR')?.nonexistent).toBe(true);
    expect(settingOf('DRONE_NO_SUCH_THING')).toBeUndefined();
    expect(settingOf('constructor')).toBeUndefined();
  });

  it('tells types, defaults and qualified names by component', () => {
    const volumes = settingOf('DRONE_RUNNER_VOLUMES');
    const port = settingOf('DRONE_SERVER_PORT');
    const secret = settingOf('DRONE_RPC_SECRET');
    if (!volumes || !port || !secret) throw new Error('missing facts');
    expect(typeOf(volumes, 'runner-docker')).toBe('map');
    expect(typeOf(volumes, 'server')).toBe('list');
    expect(defaultOf(port, 'server', true)).toBe(':80');
    expect(defaultOf(port, 'server', false)).not.toBe(':80');
    expect(qualifiedNameOf(secret, 'server')).toBe('RPC_DRONE_RPC_SECRET');
    expect(qualifiedNameOf(secret, 'runner-docker')).toBe('CLIENT_DRONE_RPC_SECRET');
    expect(qualifiedNameOf(secret, 'autoscaler')).toBeUndefined();
  });
});

describe('names of secrets', () => {
  it.each([
    'DRONE_RPC_SECRET',
    'DRONE_UI_PASSWORD',
    'POSTGRES_PASSWORD',
    'MYSQL_ROOT_PASSWORD',
    'VAULT_TOKEN',
    'SECRET_KEY',
    'SECRET_KEY_BASE',
    'GITHUB_TOKEN',
    'API_KEY',
    'APIKEY',
    'AWS_SECRET_ACCESS_KEY',
    'DB_PASS',
    'REDIS_PWD',
    'npm_token',
    'GOOGLE_CREDENTIALS',
    'DRONE_MADE_UP_SECRET',
  ])('%s is one', (name) => expect(isSecretName(name)).toBe('yes'));

  it.each(['DRONE_USER_CREATE', 'DRONE_DATABASE_DATASOURCE', 'HTTPS_PROXY', 'https_proxy', 'DATABASE_URL', 'MY_DSN'])(
    '%s may contain one',
    (name) => expect(isSecretName(name)).toBe('may-contain'),
  );

  it.each([
    'DRONE_TLS_KEY',
    'DRONE_STASH_PRIVATE_KEY',
    'DRONE_RPC_HOST',
    'AWS_ACCESS_KEY_ID',
    'SSL_KEY_FILE',
    'PASSWORD_FILE',
    'SECRET_PATH',
    'TOKEN_TTL',
    'PUBLIC_KEY',
    'CACHE_KEY',
    'MONKEY',
    'COMPASS',
    'ALLOW_EMPTY_PASSWORD',
    'DRONE_RPC_SECRET_FILE',
    'PATH',
    '',
  ])('%s is none', (name) => expect(isSecretName(name)).toBe('no'));
});

const oracle = '../shared/facts/settings.json';

describe.skipIf(!existsSync(oracle))('agreement with the facts about settings (absent here: skipped)', () => {
  it('holds every variable with its secrecy, type and effect', () => {
    const facts: { name: string; components: string[]; type: string; secret?: boolean; prefixFamily?: boolean }[] =
      JSON.parse(readFileSync(oracle, 'utf8'));
    const wanted = facts.filter((fact) => !fact.prefixFamily);
    expect(settingsTable.map(({ name, of, type, secret }) => [name, of, type, secret !== undefined])).toEqual(
      wanted.map(({ name, components, type, secret }) => [name, components, type, secret === true]),
    );
  });
});
