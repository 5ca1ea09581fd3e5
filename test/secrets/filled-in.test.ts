import { describe, expect, it } from 'vitest';
import type { Form, Source } from '../../src/model/source.ts';
import { say } from '../../src/model/text.ts';
import { read } from '../../src/read.ts';
import { maskFor } from '../../src/secrets/mask.ts';
import { namesInSecrets } from '../../src/secrets/references.ts';

/*
 * Secrets that are written away from where they are used: a variable fills them in. What surrounds them there says what
 * they are; where they are written, nothing does.
 */

const canary = 'Kanarie07vogel';

/** All texts that are read together, with their secrets masked. */
function shown(files: Readonly<Record<string, string>>, environment?: Readonly<Record<string, string>>): string {
  const formOf = (name: string): Form =>
    name.endsWith('.sh')
      ? 'docker-run'
      : name.endsWith('.yml')
        ? 'compose'
        : name.endsWith('.service')
          ? 'systemd'
          : 'env';
  const sources = Object.entries(files).map(([name, text]): Source => ({ name, form: formOf(name), text }));
  const { secrets } = read(
    sources,
    (_, path) =>
      sources.find(({ name }) => name === path) ?? {
        kind: 'unreadable',
        source: path,
        message: say`is not there`,
        incomplete: false,
      },
    { together: [], envFiles: [], environment: environment && new Map(Object.entries(environment)) },
  );
  const mask = maskFor(secrets);
  return sources.map((source) => mask.source(source).text).join('\n');
}

const compose = (variable: string): string =>
  `services:\n  drone:\n    image: drone/drone:2\n    environment:\n      DRONE_SERVER_HOST: \${HOST}\n      ${variable}\n`;

describe('secrets that a variable fills in', () => {
  it.each<[string, Record<string, string>]>([
    [
      'the password of a data source within the text of another reference',
      {
        'docker-compose.yml': compose('DATA: ${DSN:-postgres://u:${PG}@h/d}'),
        '.env': `PG=${canary}\n`,
      },
    ],
    [
      'a secret of Compose',
      {
        'docker-compose.yml': `${compose('A: b')}secrets: {rpc: {environment: SENV}}\n`,
        '.env': `SENV=${canary}\n`,
      },
    ],
    [
      'the password of a data source',
      { 'docker-compose.yml': compose('DRONE_DATABASE_DATASOURCE: postgres://u:${PG}@db/d'), '.env': `PG=${canary}\n` },
    ],
    [
      'the token of an account',
      { 'docker-compose.yml': compose('DRONE_USER_CREATE: username:a,token:${T}'), '.env': `T=${canary}\n` },
    ],
    ['a part of a secret', { 'docker-compose.yml': compose('DRONE_RPC_SECRET: a${RPC}'), '.env': `RPC="${canary}"\n` }],
    ['what an option is given', { 'docker-compose.yml': compose('OPTIONS: --password ${P}'), '.env': `P=${canary}\n` }],
    [
      'a reference within a fallback',
      { 'docker-compose.yml': compose('R: redis://:${A:-${B}}@r:6379'), '.env': `B=${canary}\n` },
    ],
    [
      'several steps',
      {
        'docker-compose.yml': compose('R: redis://:${A}@r:6379'),
        '.env': `C=${canary}\nB="\${C}"\nA=\${B}\n`,
      },
    ],
    [
      'a variable of the same file',
      { 'docker-compose.yml': compose(`PG: ${canary}\n      SOURCE: postgres://u:$\${PG}@db/d`) },
    ],
    [
      'a variable of a script',
      { 'start.sh': `PG=${canary}\ndocker run -e DRONE_DATABASE_DATASOURCE="postgres://u:$PG@db/d" drone/drone:2\n` },
    ],
    [
      'an account in a script',
      { 'start.sh': `export T='${canary}'\ndocker run -e DRONE_USER_CREATE=username:a,token:$T drone/drone:2\n` },
    ],
    [
      'an argument of a function',
      { 'start.sh': `go() { docker run -e S="redis://:$1@r:6379" drone/drone:2; }\ngo ${canary}\n` },
    ],
    [
      'a variable of a unit',
      {
        'drone.service': `[Service]\nEnvironment=PG=${canary}\nExecStart=/usr/bin/drone-server --url postgres://u:$PG@db/d\n`,
      },
    ],
  ])('%s', (_, files) => {
    const text = shown(files);
    expect(text).not.toContain(canary);
    expect(text).toContain('•'.repeat(canary.length));
  });

  it('shows what fills in the rest', () => {
    const text = shown({
      'docker-compose.yml': compose('DRONE_DATABASE_DATASOURCE: postgres://${USER}:${PG}@${DB}/d?sslmode=${MODE}'),
      '.env': `USER=octocat\nPG=${canary}\nDB=db.example.com\nMODE=require\nHOST=ci.example.com\n`,
    });
    expect(text).toContain('USER=octocat\nPG=••••••••••••••\nDB=db.example.com\nMODE=require\nHOST=ci.example.com');
  });

  it('shows paths and switches', () => {
    const files = {
      'docker-compose.yml': compose('OPTIONS: --token ${A} --secret ${B}'),
      '.env': 'A=/run/rpc\nB=true\n',
    };
    expect(shown(files)).toContain('A=/run/rpc\nB=true');
  });

  it('knows names where a text would be masked', () => {
    const text =
      'curl -u me:$A https://$B/${C}\nTOKEN: x-${D}\nurl: https://u:${E:-${F}}@$G\nHOST=$H $DRONE_SERVER_HOST';
    expect([...namesInSecrets(text)]).toEqual(['A', 'D', 'E', 'F']);
  });
});

describe('secrets of the environment that Compose files are filled in with', () => {
  const messageOf = (variables: string, environment: Record<string, string>, text: string): string => {
    const source: Source = { name: 'docker-compose.yml', form: 'compose', text: compose(variables) };
    const { secrets } = read(
      [source],
      () => ({ kind: 'unreadable', source: '', message: say`no`, incomplete: false }),
      {
        together: [],
        envFiles: [],
        environment: new Map(Object.entries(environment)),
      },
    );
    return maskFor(secrets).evidence(text);
  };

  it.each([
    ['A: "${X}"', `--password ${canary}`],
    ['A: "${X}"', `Bearer ${canary}`],
    ['A: "${X}"', `curl -u u:${canary} x`],
    ['A: "${X}"', `docker login -p ${canary} r`],
    ['A: postgres://u:${X}@db/d', canary],
    ['A: --password ${X}', canary],
  ])('%s is %s', (variables, X) => {
    expect(messageOf(variables, { X, Y: 'ci' }, `a ${X} ci`)).not.toContain(canary);
  });

  it('shows the others', () => {
    expect(messageOf('A: ${X}', { X: '--log-level debug', Y: 'ci' }, '--log-level debug')).toBe('--log-level debug');
  });
});
