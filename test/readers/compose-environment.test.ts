import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCompose } from '../../src/readers/compose/compose.ts';
import { plain } from '../support/text.ts';
import {
  container,
  environmentOf,
  type Files,
  lookupIn,
  quoted,
  readProject,
  serviceFile,
  variable,
} from './compose-project.ts';

type Values = Record<string, string | null>;

describe('environment, env_file and .env', () => {
  const cases: readonly (readonly [what: string, files: Files, values: Values])[] = [
    ['a map', { 'a.yml': serviceFile('environment:', '  A: x', '  B: "y z"') }, { A: 'x', B: 'y z' }],
    [
      'scalars of a map as they are printed',
      { 'a.yml': serviceFile('environment:', '  A: True', '  B: 0777', '  C: yes', '  D: "0777"', '  E: 1.50') },
      { A: 'true', B: '511', C: 'yes', D: '0777', E: '1.5' },
    ],
    ['an empty text of a map', { 'a.yml': serviceFile('environment:', '  A: ""') }, { A: '' }],
    [
      'null of a map is passed through',
      { 'a.yml': serviceFile('environment:', '  A:', '  B: ~') },
      { A: null, B: null },
    ],
    [
      'a list',
      { 'a.yml': serviceFile('environment:', '  - A=x', '  - "B=y z"', '  - C=') },
      { A: 'x', B: 'y z', C: '' },
    ],
    [
      'a list keeps the texts of numbers and booleans',
      { 'a.yml': serviceFile('environment: [A=True, B=0777]') },
      { A: 'True', B: '0777' },
    ],
    ['an equals sign in the value of a list', { 'a.yml': serviceFile('environment:', '  - A=b=c') }, { A: 'b=c' }],
    ['quotes in an item of a list are part of it', { 'a.yml': serviceFile('environment:', '  - A="b"') }, { A: '"b"' }],
    ['a bare name of a list is passed through', { 'a.yml': serviceFile('environment:', '  - A') }, { A: null }],
    ['of equal names of a list the last', { 'a.yml': serviceFile('environment:', '  - A=1', '  - A=2') }, { A: '2' }],
    [
      'a bare name takes its value from .env',
      { 'a.yml': serviceFile('environment:', '  - A', '  - B'), '.env': 'A=1\n' },
      { A: '1', B: null },
    ],
    [
      'null of a map takes its value from .env',
      { 'a.yml': serviceFile('environment:', '  A:'), '.env': 'A=1\n' },
      { A: '1' },
    ],
    [
      'references to .env',
      { 'a.yml': serviceFile('environment:', '  A: ${X}-$X', '  B: ${Y:-d}', '  C: ${Y}'), '.env': 'X=1\n' },
      { A: '1-1', B: 'd', C: null },
    ],
    [
      'values of .env stay text',
      { 'a.yml': serviceFile('environment:', '  A: ${X}'), '.env': 'X=0777\n' },
      { A: '0777' },
    ],
    [
      'references of .env to what stands above',
      { 'a.yml': serviceFile('environment:', '  A: ${Y}'), '.env': 'X=1\nY=${X}2\n' },
      { A: '12' },
    ],
    [
      'an equals sign within a reference does not end the name',
      { 'a.yml': serviceFile('environment:', '  - A=${X:-a=b}', '  - ${N:-B=c}') },
      { A: 'a=b', B: 'c' },
    ],
    [
      'a name that is interpolated',
      { 'a.yml': serviceFile('environment:', '  - ${N}=v'), '.env': 'N=NAME\n' },
      { NAME: 'v' },
    ],
    [
      'an escaped dollar',
      { 'a.yml': serviceFile('environment:', '  - A=p$$w', '  - B=$${X}') },
      { A: 'p$w', B: '${X}' },
    ],
    [
      'a template mark makes its own value unknown',
      { 'a.yml': serviceFile('environment:', '  - A={{ host }}', '  - B=x', '  - C=a{{ x }}b') },
      { A: null, B: 'x', C: null },
    ],
    [
      'a block of lines',
      { 'a.yml': serviceFile('environment:', '  A: |', '    x ${X}', '    y'), '.env': 'X=1\n' },
      { A: 'x 1\ny\n' },
    ],
    [
      'env_file as text',
      { 'a.yml': serviceFile('env_file: e.env'), 'e.env': 'A=1\nB="q q"\nexport C=3 # why\n' },
      { A: '1', B: 'q q', C: '3' },
    ],
    [
      'of several env files the later wins',
      { 'a.yml': serviceFile('env_file: [e.env, ./f.env]'), 'e.env': 'A=1\nB=1\n', 'f.env': 'B=2\n' },
      { A: '1', B: '2' },
    ],
    [
      'environment wins over env_file',
      { 'a.yml': serviceFile('environment: {A: own}', 'env_file: e.env'), 'e.env': 'A=file\nB=2\n' },
      { A: 'own', B: '2' },
    ],
    [
      'a bare name of environment hides the value of env_file',
      { 'a.yml': serviceFile('environment: [A]', 'env_file: e.env'), 'e.env': 'A=file\n' },
      { A: null },
    ],
    [
      'env_file in the long form',
      {
        'a.yml': serviceFile('env_file:', '  - path: e.env', '    required: true', '  - f.env'),
        'e.env': 'A=1\n',
        'f.env': 'B=2\n',
      },
      { A: '1', B: '2' },
    ],
    [
      'a file that need not be there',
      { 'a.yml': serviceFile('env_file:', '  - path: none.env', '    required: false', 'environment: [A=1]') },
      { A: '1' },
    ],
    [
      'format raw takes quotes and dollars as they are',
      { 'a.yml': serviceFile('env_file:', '  - {path: e.env, format: raw}'), 'e.env': 'A="q"\nB=$X\n' },
      { A: '"q"', B: '$X' },
    ],
    [
      'references of an env file: .env wins over environment and the file itself',
      {
        'a.yml': serviceFile('env_file: e.env', 'environment: {Y: own}'),
        '.env': 'X=dot\n',
        'e.env': 'X=file\nA=$X\nB=$Y\nC=$Z\n',
      },
      { X: 'file', A: 'dot', B: 'own', C: null, Y: 'own' },
    ],
    [
      'references of an env file to an earlier one',
      { 'a.yml': serviceFile('env_file: [e.env, f.env]'), 'e.env': 'A=1\n', 'f.env': 'B=${A}2\n' },
      { A: '1', B: '12' },
    ],
    [
      'single quotes of an env file keep dollars',
      { 'a.yml': serviceFile('env_file: e.env'), 'e.env': "A='$X'\n" },
      { A: '$X' },
    ],
    ['a path that is interpolated', { 'a.yml': serviceFile('env_file: ${FILE:-e.env}'), 'e.env': 'A=1\n' }, { A: '1' }],
    [
      'an env file of a folder',
      { 'a.yml': serviceFile('env_file: ./env/../env/e.env'), 'env/e.env': 'A=1\n' },
      { A: '1' },
    ],
    [
      'lines that end as on Windows',
      { 'a.yml': serviceFile('environment:', '  - A=1').replaceAll('\n', '\r\n') },
      { A: '1' },
    ],
  ];
  it.each(cases)('%s', (_what, files, values) => {
    const reading = readProject(files);
    expect(environmentOf(reading)).toEqual(values);
    expect(reading.problems).toEqual([]);
    expect(container(reading).environment.complete).toBe(true);
  });

  it('lets the environment of the process win over .env', () => {
    const files = { 'a.yml': serviceFile('environment: ["A=${X}", B]'), '.env': 'X=dot\nB=dot\n' };
    expect(environmentOf(readProject(files, ['a.yml'], new Map([['X', 'process']])))).toEqual({
      A: 'process',
      B: 'dot',
    });
  });

  it('reads the files of --env-file instead of .env, later ones over earlier ones', () => {
    const files = { '.env': 'X=dot\nY=dot\n' };
    const envFiles = ['X=1\nY=1\n', 'Y=2${X}\n'].map((text, i) => ({
      name: `ci/${i}.env`,
      form: 'env' as const,
      text,
    }));
    const base = { name: 'ci/a.yml', form: 'compose' as const, text: serviceFile('environment: ["A=$X$Y"]') };
    expect(environmentOf(readCompose([base], { lookup: lookupIn(files), envFiles }))).toEqual({ A: '121' });
  });
});

describe('what is not known of an environment', () => {
  const cases: readonly (readonly [what: string, files: Files, gap: string])[] = [
    [
      'an env file that is missing',
      { 'a.yml': serviceFile('env_file: server.env') },
      'env_file "server.env" is not there',
    ],
    [
      'an env file outside the audited folders',
      { 'a.yml': serviceFile('env_file: ../../etc/passwd') },
      'env_file "../../etc/passwd" lies outside the audited folders',
    ],
    [
      'a device',
      { 'a.yml': serviceFile('env_file: /dev/zero') },
      'env_file "/dev/zero" lies outside the audited folders',
    ],
    [
      'an env file whose name is unknown',
      { 'a.yml': serviceFile('env_file: ${STAGE}.env') },
      'env_file "${STAGE}.env" is not known',
    ],
    [
      'an item whose name is unknown',
      { 'a.yml': serviceFile('environment: ["${LINE}"]') },
      'an item of its environment is not known',
    ],
    [
      'a name that is a template',
      { 'a.yml': serviceFile('environment:', '  "{{ key }}": x') },
      'the file is a template that is not rendered',
    ],
    [
      'an environment that is a template',
      { 'a.yml': serviceFile('environment: {{ all }}') },
      'its environment is not known',
    ],
    [
      'a base that is missing',
      { 'a.yml': serviceFile('extends: {file: base.yml, service: x}') },
      'extends "base.yml" is not there',
    ],
    [
      'a base without that service',
      { 'a.yml': serviceFile('extends: other') },
      'extends names service "other", which does not exist',
    ],
    [
      'a service without image',
      { 'a.yml': 'services:\n  drone:\n    environment: [DRONE_RPC_SECRET]\n' },
      'it has neither image nor build: the file is part of another',
    ],
  ];
  it.each(cases)('%s', (_what, files, gap) => {
    const { environment } = container(readProject(files));
    expect(plain(environment.gaps)).toContain(gap);
    expect(environment.complete).toBe(false);
  });

  it('tells where a missing env file is named', () => {
    const { unknown } = readProject({ 'a.yml': serviceFile('env_file: [server.env]') });
    expect(unknown.map(({ at, message }) => [at.path, quoted(at), plain(message)])).toEqual([
      ['services[drone].env_file[0]', 'ci/a.yml: server.env', 'env_file "server.env" is not there'],
    ]);
  });

  it('says nothing of a project that has nothing to do with Drone', () => {
    const reading = readProject({
      'a.yml': 'services:\n  web:\n    image: nginx\n    env_file: web.env\n    labels: {a: 1, a: 2}\n',
    });
    expect([reading.unknown, reading.problems]).toEqual([[], []]);
    expect(container(reading, 'web').environment.complete).toBe(false);
  });

  it('reports a malformed env file once, and its services do not know their environment', () => {
    const text = 'services:\n  a: &a\n    image: drone/drone:2\n    env_file: e.env\n  b: *a\n';
    const reading = readProject({ 'a.yml': text, 'e.env': 'A=1\nB C=2\n' });
    expect(reading.problems.map(({ source, line }) => [source, line])).toEqual([['ci/e.env', 2]]);
    expect(reading.containers.map(({ environment }) => environment.complete)).toEqual([false, false]);
  });
});

describe('places of variables', () => {
  it('is the value part of an item, and the key part for the name', () => {
    const found = variable(
      readProject({ 'a.yml': serviceFile('environment:', '  - "DRONE_RPC_SECRET=abc def"') }),
      'DRONE_RPC_SECRET',
    );
    expect(found).toMatchObject({ origin: 'literal', heldBy: 'deployment' });
    expect([quoted(found.at), quoted(found.keyAt), found.at.path]).toEqual([
      'ci/a.yml: abc def',
      'ci/a.yml: DRONE_RPC_SECRET',
      'services[drone].environment.DRONE_RPC_SECRET',
    ]);
  });

  it('is the place in .env for an interpolated value, with the place that uses it', () => {
    const files = {
      'a.yml': serviceFile('environment:', '  - DRONE_RPC_SECRET=${SECRET:-weak}'),
      '.env': '# x\nSECRET="abc"\n',
    };
    const found = variable(readProject(files), 'DRONE_RPC_SECRET');
    expect(found).toMatchObject({ value: 'abc', origin: 'interpolated', heldBy: 'env-file' });
    expect([quoted(found.at), quoted(found.usedAt), quoted(found.fallback?.at)]).toEqual([
      'ci/.env: abc',
      'ci/a.yml: ${SECRET:-weak}',
      'ci/a.yml: weak',
    ]);
  });

  it('is the compose file for a value that only part of comes from .env', () => {
    const files = { 'a.yml': serviceFile('environment:', '  - A=x${B}y'), '.env': 'B=1\n' };
    const found = variable(readProject(files), 'A');
    expect(found).toMatchObject({ value: 'x1y', origin: 'interpolated', heldBy: 'deployment' });
    expect([quoted(found.at), found.usedAt]).toEqual(['ci/a.yml: x${B}y', undefined]);
  });

  it('is the text of a fallback that is used', () => {
    const found = variable(readProject({ 'a.yml': serviceFile('environment:', '  A: "${X:-abc}"') }), 'A');
    expect(found).toMatchObject({ value: 'abc', origin: 'fallback', fallback: { value: 'abc' } });
    expect([quoted(found.at), quoted(found.fallback?.at)]).toEqual(['ci/a.yml: abc', 'ci/a.yml: abc']);
  });

  it('is the reference for a value that is not known', () => {
    const found = variable(readProject({ 'a.yml': serviceFile('environment:', '  - A=${X}') }), 'A');
    expect([found.origin, found.value, quoted(found.at)]).toEqual(['unresolved', undefined, 'ci/a.yml: ${X}']);
  });

  it('is the env file for its variables, with the place that names the file', () => {
    const files = { 'a.yml': serviceFile('env_file:', '  - path: e.env'), 'e.env': 'A=abc\n' };
    const found = variable(readProject(files), 'A');
    expect([quoted(found.at), quoted(found.usedAt), found.heldBy]).toEqual([
      'ci/e.env: abc',
      'ci/a.yml: e.env',
      'env-file',
    ]);
  });

  it('is the fragment for a value that comes through an anchor, under the path of the service', () => {
    const text =
      'x-common: &common\n  A: abc\nservices:\n  drone:\n    image: drone/drone:2\n    environment:\n      <<: *common\n';
    const found = variable(readProject({ 'a.yml': text }), 'A');
    expect([quoted(found.at), found.at.path]).toEqual(['ci/a.yml: abc', 'services[drone].environment.A']);
  });

  it('holds the value of every literal plain scalar exactly', () => {
    const name = fc.stringMatching(/^[A-Z][A-Z_]{0,8}$/);
    const value = fc.stringMatching(/^[a-z](?:[a-z0-9/=@_.+-]| [a-z]){0,20}$/);
    const style = fc.constantFrom('map', 'list', 'quoted');
    fc.assert(
      fc.property(fc.dictionary(name, value, { minKeys: 1 }), style, fc.boolean(), (values, how, windows) => {
        const lines = Object.entries(values).map(([key, text]) =>
          how === 'map' ? `  ${key}: ${text}` : how === 'list' ? `  - ${key}=${text}` : `  - '${key}=${text}' # why`,
        );
        const text = serviceFile('environment:', ...lines);
        const reading = readProject({ 'a.yml': windows ? text.replaceAll('\n', '\r\n') : text });
        for (const [key, expected] of Object.entries(values)) {
          const found = variable(reading, key);
          const written = ({ source, span }: typeof found.at) => source.text.slice(span.start, span.end);
          // A plain word may be a boolean to YAML, which Compose prints in its own way.
          if (found.value !== undefined) expect(found.value.toLowerCase()).toBe(expected.toLowerCase());
          expect([written(found.at), written(found.keyAt)]).toEqual(
            /^(?:null|true|false)$/.test(expected) ? [expect.anything(), key] : [expected, key],
          );
        }
      }),
      { numRuns: 200 },
    );
  });
});
