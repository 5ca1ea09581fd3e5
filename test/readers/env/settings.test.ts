import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Role } from '../../../src/model/role.ts';
import type { Form, Source } from '../../../src/model/source.ts';
import { say } from '../../../src/model/text.ts';
import { parseImage } from '../../../src/readers/docker/image.ts';
import { readEnvFile } from '../../../src/readers/env/file.ts';
import { type ComponentInput, type RawVariable, readSettings, roleOf } from '../../../src/readers/env/settings.ts';

const at = (source: Source, start = 0, end = 0) => ({ source, path: '', span: { start, end } });

/** Settings of `NAME=value` lines, each value located in the lines. */
function settingsOf(lines: string, more: Partial<ComponentInput> = {}) {
  const source: Source = { name: 'drone.env', form: 'env', text: lines };
  let offset = 0;
  const raw = lines.split('\n').map((line): RawVariable => {
    const start = offset;
    const sign = line.indexOf('=');
    offset += line.length + 1;
    return {
      name: { value: line.slice(0, sign), at: at(source, start, start + sign) },
      value: { value: line.slice(sign + 1), at: at(source, start + sign + 1, start + line.length) },
      origin: 'literal',
      heldBy: 'deployment',
    };
  });
  const { settings, secrets } = readSettings({
    owner: 'o',
    label: say`l`,
    at: at(source),
    raw,
    gaps: [],
    live: false,
    ...more,
  });
  return {
    settings,
    variables: settings.variables,
    secrets: secrets.map((x) => lines.slice(x.span.start, x.span.end)),
  };
}

describe('roles', () => {
  it.each<[image: string, Role]>([
    ['drone/drone:2', 'server'],
    ['drone/drone:0.8.9', 'server'],
    ['drone/drone:3.1.0', 'other'],
    ['registry.example.com/mirror/drone/drone:2', 'server'],
    ['ghcr.io/drone/drone', 'server'],
    ['drone/drone-runner-docker:1', 'runner-docker'],
    ['registry.example.com/ci/drone-runner-kube', 'runner-kube'],
    ['drone/drone-runner-aws', 'runner-aws'],
    ['drone/agent:1', 'agent'],
    ['drone/runner-docker:1.10.0', 'runner-docker'],
    ['drone/autoscaler', 'autoscaler'],
    ['drone/vault', 'extension'],
    ['meltwater/drone-convert-pathschanged:1', 'extension'],
    ['docker:27-dind', 'docker'],
    ['docker:27-cli', 'other'],
    ['tecnativa/docker-socket-proxy', 'docker'],
    ['example/my-docker-socket-proxy', 'docker'],
    ['traefik:v3', 'proxy'],
    ['jwilder/nginx-proxy', 'proxy'],
    ['example/nginx', 'proxy'],
    ['postgres:16', 'other'],
  ])('image %s is %s', (image, role) => expect(roleOf(parseImage(image), undefined, new Set())).toBe(role));

  it.each<[names: string, Role]>([
    ['DRONE_GITHUB_CLIENT_ID DRONE_RPC_SECRET', 'server'],
    ['DRONE_USER_CREATE', 'server'],
    ['DRONE_GITEA_SERVER DRONE_RPC_HOST DRONE_RPC_SECRET', 'server'],
    ['DRONE_DATABASE_DRIVER', 'server'],
    ['DRONE_OPEN DRONE_SECRET', 'server'],
    ['DRONE_RPC_HOST DRONE_RPC_SECRET', 'runner-docker'],
    ['DRONE_RPC_HOST DRONE_RPC_SECRET DRONE_RUNNER_VOLUMES', 'runner-docker'],
    ['DRONE_RPC_HOST DRONE_RPC_SECRET DRONE_NAMESPACE_DEFAULT', 'runner-kube'],
    ['DRONE_RPC_HOST DRONE_RPC_SECRET DRONE_ORKA_ENDPOINT DRONE_ORKA_TOKEN', 'runner-macstadium'],
    ['DRONE_RPC_SERVER DRONE_RPC_SECRET', 'agent'],
    ['DRONE_SERVER DRONE_SECRET', 'agent'],
    ['DRONE_SERVER_TOKEN DRONE_POOL_MIN', 'autoscaler'],
    ['DRONE_SECRET VAULT_ADDR VAULT_TOKEN', 'extension'],
    ['DRONE_RPC_HOST', 'unknown'],
    ['DRONE_SERVER DRONE_TOKEN', 'unknown'],
    ['POSTGRES_PASSWORD PATH', 'other'],
    ['', 'other'],
  ])('variables %s are those of %s', (names, role) =>
    expect(roleOf(undefined, undefined, new Set(names.split(' ').filter(Boolean)))).toBe(role),
  );

  it('asks the image first, then the binary, then the variables', () => {
    const names = new Set(['DRONE_RPC_HOST', 'DRONE_RPC_SECRET']);
    expect(roleOf(undefined, '/usr/local/bin/drone-runner-exec', names)).toBe('runner-exec');
    expect(roleOf(parseImage('example/own'), '/bin/drone-server', names)).toBe('server');
    expect(roleOf(parseImage('example/own'), '/bin/sh', names)).toBe('runner-docker');
    expect(roleOf(parseImage('drone/drone:0.5'), undefined, new Set(['DRONE_SERVER', 'DRONE_SECRET']))).toBe('agent');
  });
});

describe('the effective value', () => {
  const runner = { role: 'runner-docker' } as const;

  it('is the last one of a name', () => {
    expect(settingsOf('DRONE_UI_PASSWORD=a\nDRONE_UI_PASSWORD=b').variables.get('DRONE_UI_PASSWORD')?.value).toBe('b');
  });

  it.each<[lines: string, name: string, value: string, via: string | undefined]>([
    ['DRONE_RPC_SECRET=a', 'DRONE_RPC_SECRET', 'a', undefined],
    ['DRONE_RPC_SECRET=a\nCLIENT_DRONE_RPC_SECRET=b', 'DRONE_RPC_SECRET', 'b', 'CLIENT_DRONE_RPC_SECRET'],
    ['CLIENT_DRONE_RPC_SECRET=b\nDRONE_RPC_SECRET=a', 'DRONE_RPC_SECRET', 'b', 'CLIENT_DRONE_RPC_SECRET'],
    ['DRONE_LOGS_DEBUG=true\nDRONE_DEBUG=false', 'DRONE_DEBUG', 'true', 'DRONE_LOGS_DEBUG'],
    ['DRONE_DEBUG=false\nDRONE_LOGS_DEBUG=true', 'DRONE_DEBUG', 'true', 'DRONE_LOGS_DEBUG'],
    [
      'DRONE_SECRET_SECRET=a\nSECRET_DRONE_SECRET_PLUGIN_TOKEN=b\nDRONE_SECRET_PLUGIN_TOKEN=c',
      'DRONE_SECRET_PLUGIN_TOKEN',
      'b',
      'SECRET_DRONE_SECRET_PLUGIN_TOKEN',
    ],
    [
      'SECRET_DRONE_SECRET_PLUGIN_TOKEN=b\nDRONE_SECRET_SECRET=a',
      'DRONE_SECRET_PLUGIN_TOKEN',
      'b',
      'SECRET_DRONE_SECRET_PLUGIN_TOKEN',
    ],
  ])('%j', (lines, name, value, via) => {
    const variable = settingsOf(lines, runner).variables.get(name);
    expect(variable?.value).toBe(value);
    expect(variable?.via).toBe(via);
  });

  it('keeps names apart that only another component copies', () => {
    const { variables } = settingsOf('DRONE_LOGS_DEBUG=true\nCLIENT_DRONE_RPC_SECRET=a', { role: 'server' });
    expect([...variables.keys()]).toEqual(['DRONE_LOGS_DEBUG', 'CLIENT_DRONE_RPC_SECRET']);
  });

  it.each(['{{ drone_rpc_secret }}', '<%= drone_rpc_secret %>'])(
    'is not there for %s, unless something runs with it',
    (mark) => {
      const line = `DRONE_RPC_SECRET=${mark}`;
      expect(settingsOf(line).variables.get('DRONE_RPC_SECRET')).toMatchObject({ origin: 'unresolved' });
      expect(settingsOf(line).variables.get('DRONE_RPC_SECRET')?.value).toBeUndefined();
      expect(settingsOf(line, { live: true }).variables.get('DRONE_RPC_SECRET')).toMatchObject({
        origin: 'literal',
        secret: { kind: 'placeholder' },
      });
    },
  );

  it.each([
    ['drone/drone:2.24.0', '2.24.0'],
    ['drone/drone:2', '2'],
    ['drone/drone:v1.8-linux-amd64', '1.8'],
    ['drone/drone-runner-kube:1.0.0-rc.5', '1.0.0-rc.5'],
    ['drone/drone:latest', undefined],
    ['drone/drone', undefined],
  ])('version of %s', (text, version) => {
    const image = parseImage(text);
    expect(settingsOf('A=1', image ? { image } : {}).settings.version).toBe(version);
  });
});

describe('places of secrets', () => {
  it.each<[line: string, masked: string[]]>([
    ['DRONE_RPC_SECRET=abc', ['abc']],
    ['DRONE_RPC_SECRET=', []],
    ['POSTGRES_PASSWORD=abc', ['abc']],
    ['DRONE_SERVER_HOST=abc', []],
    ['DRONE_USER_CREATE=username:bob,machine:false,admin:true,token:abc', ['abc']],
    ['DRONE_USER_CREATE=username:bob, token:abc:d', ['abc:d']],
    ['DRONE_USER_CREATE=username:bob,token:', []],
    ['DRONE_DATABASE_DATASOURCE=postgres://drone:abc@db.example.com:5432/drone?sslmode=disable', ['abc']],
    ['DRONE_DATABASE_DATASOURCE=postgres://drone:a@b/c@db.example.com/drone', ['a@b/c']],
    ['DRONE_DATABASE_DATASOURCE=postgres://db.example.com:5432/drone', []],
    ['DRONE_DATABASE_DATASOURCE=host=db user=drone password=abc sslmode=disable', ['abc']],
    ["DRONE_DATABASE_DATASOURCE=host=db password='a b' dbname=x", ['a b']],
    ['DRONE_DATABASE_DATASOURCE=drone:abc@tcp(db:3306)/drone?parseTime=true', ['abc']],
    ['DRONE_DATABASE_DATASOURCE=drone:a/b@c@tcp(db:3306)/drone', ['a/b@c']],
    ['DRONE_DATABASE_DATASOURCE=/data/database.sqlite', []],
    ['HTTPS_PROXY=http://bob:abc@proxy.example.com:3128', ['abc']],
    ['SOME_URL=https://bob:abc@example.com/x?y=a@b', ['abc']],
    ['SOME_URL=https://example.com:8443/x@y', []],
    ['SOME_URL=https://example.com/?token=abc&x=1', ['abc']],
    ['SOME_URL=https://abcdefghijabcdefghij:x-oauth-basic@example.com', ['abcdefghijabcdefghij', 'x-oauth-basic']],
    ['REDIS_HOSTS=redis://:abc@one,redis://:def@two', ['abc', 'def']],
    ['DRONE_RUNNER_SECRETS=one:abc,two:def', ['abc', 'def']],
    ['DRONE_RUNNER_ENVIRON=A:abc,B=def,C', ['abc', 'def', 'C']],
    ['ANYTHING=ghp_0123456789012345678901234567890123456', ['ghp_0123456789012345678901234567890123456']],
    ['DRONE_RPC_SECRET=drone-audit-masked+length=3+distinct=3+bits=1.58+known=none+same=1+', []],
    ['HTTP_PROXY=http://u:drone-audit-masked+length=3+distinct=3+bits=1.58+known=none+same=1+@h', []],
    ['DB=x password=drone-audit-masked+length=3+distinct=3+bits=1.58+known=none+same=1+ y=z', []],
    ['DRONE_RUNNER_SECRETS=a:drone-audit-masked+length=3+distinct=3+bits=1.58+known=none+same=1+,b:c', ['c']],
  ])('%s', (line, masked) => expect(settingsOf(line).secrets).toEqual(masked));

  it('tells of parts what it tells of whole secrets', () => {
    const variable = (line: string) => [...settingsOf(line).variables.values()][0];
    expect(variable('DRONE_USER_CREATE=username:a,token:55f24eb3d61ef6ac5e83d550178638dc')?.parts).toMatchObject([
      { name: 'token', secret: { kind: 'sample', length: 32 } },
    ]);
    expect(variable('DRONE_DATABASE_DATASOURCE=postgres://drone:postgres@db/drone')?.parts).toMatchObject([
      { name: 'password', secret: { kind: 'word' } },
    ]);
    expect(
      variable('REMOTE_CONFIG=https://git.example.com?client_id=a&client_secret=secret&pwd=b1')?.parts,
    ).toMatchObject([
      { name: 'client_secret', secret: { kind: 'word' } },
      { name: 'password', secret: { kind: 'none' } },
    ]);
    expect(
      variable('DRONE_USER_CREATE=token:drone-audit-masked+length=3+distinct=3+bits=1.58+known=none+same=4+')?.parts,
    ).toMatchObject([{ secret: { length: 3, identity: 'same:4' } }]);
    expect(variable('DRONE_RPC_SECRET=x')?.parts).toBeUndefined();
  });

  it('has traits and no value for a masked secret', () => {
    const variable = settingsOf(
      'DRONE_RPC_SECRET=drone-audit-masked+length=25+distinct=13+bits=3.42+known=placeholder+same=1+',
    ).variables.get('DRONE_RPC_SECRET');
    expect(variable?.value).toBeUndefined();
    expect(variable?.secret).toEqual({
      length: 25,
      bytes: 25,
      distinct: 13,
      bits: 3.42,
      kind: 'placeholder',
      identity: 'same:1',
    });
  });

  it('covers a value that another one overrides, and a fallback', () => {
    expect(settingsOf('DRONE_RPC_SECRET=old\nDRONE_RPC_SECRET=new').secrets).toEqual(['old', 'new']);
    const source: Source = { name: 'c.yml', form: 'compose', text: '${S:-changeme}' };
    const { secrets, settings } = readSettings({
      owner: 'o',
      label: say`l`,
      at: at(source),
      raw: [
        {
          name: { value: 'DRONE_RPC_SECRET', at: at(source) },
          origin: 'unresolved',
          fallback: { value: 'changeme', at: at(source, 5, 13) },
          heldBy: 'deployment',
        },
      ],
      gaps: [say`x`],
      live: false,
    });
    expect(secrets).toMatchObject([{ span: { start: 5, end: 13 } }]);
    expect(settings).toMatchObject({ complete: false, gaps: [say`x`] });
    expect(settings.variables.get('DRONE_RPC_SECRET')?.fallback?.secret?.kind).toBe('word');
  });

  it('never leaves a character of a secret outside, however it is written', () => {
    const canary = 'Zq7Zq7Zq7';
    const line = fc
      .tuple(
        fc.constantFrom(
          'DRONE_RPC_SECRET=',
          'export DB_PASSWORD=',
          '#VAULT_TOKEN=',
          'DRONE_COOKIE_SECRET: ',
          ' API_KEY =',
        ),
        fc.constantFrom('', '"', "'"),
        fc.constantFrom('', 'a\\"b', ' # ', '$X', '\\', '#', 'é😀'),
        fc.constantFrom('', '"', "'", ' # note', '\r'),
      )
      .map(
        ([name, open, middle, close]) => `${name}${open}${canary}${middle}${middle === ' # ' ? '' : canary}${close}`,
      );
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 4 }),
        fc.constantFrom<Form>('env', 'docker-env'),
        (lines, form) => {
          const text = lines.join('\n');
          const { secrets, problems, settings } = readEnvFile({ name: 'x.env', form, text });
          const units = text.split('');
          for (const { span } of secrets) units.fill('*', span.start, span.end);
          expect(units.join('')).not.toContain(canary);
          expect(JSON.stringify(problems)).not.toContain(canary);
          for (const { variables } of settings) expect([...variables.keys()].join()).not.toContain(canary);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
