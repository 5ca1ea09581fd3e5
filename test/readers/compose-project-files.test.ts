import { describe, expect, it } from 'vitest';
import { mayUseOthers, readCompose, usesDrone } from '../../src/readers/compose/compose.ts';
import { plain } from '../support/text.ts';
import { container, environmentOf, type Files, lookupIn, readProject, serviceFile } from './compose-project.ts';

const base = serviceFile('environment: {A: base}');
const over = (value: string): string => `services: {drone: {environment: {A: ${value}, B: ${value}}}}\n`;

describe('the files of a project', () => {
  it('are those of COMPOSE_FILE in .env', () => {
    const files = {
      'docker-compose.yml': base,
      'prod.yml': over('prod'),
      '.env': 'COMPOSE_FILE=docker-compose.yml:prod.yml\n',
    };
    const reading = readProject(files);
    expect(environmentOf(reading)).toEqual({ A: 'prod', B: 'prod' });
    expect(reading.consumed.map(({ name }) => name)).toEqual(['ci/.env', 'ci/prod.yml']);
    expect(environmentOf(readProject(files, ['prod.yml']))).toEqual({ A: 'prod', B: 'prod' });
  });

  it('are split as COMPOSE_PATH_SEPARATOR says', () => {
    const files = {
      'a.yml': base,
      'b.yml': over('b'),
      '.env': 'COMPOSE_PATH_SEPARATOR=,\nCOMPOSE_FILE=a.yml,b.yml\n',
    };
    expect(environmentOf(readProject(files))).toEqual({ A: 'b', B: 'b' });
  });

  it('leave out the override, and files that COMPOSE_FILE does not list', () => {
    const files = {
      'docker-compose.yml': base,
      'docker-compose.override.yml': over('override'),
      'other.yml': over('other'),
      '.env': 'COMPOSE_FILE=docker-compose.yml\n',
    };
    expect(environmentOf(readProject(files))).toEqual({ A: 'base' });
    expect(environmentOf(readProject({ ...files, '.env': 'COMPOSE_FILE=other.yml\n' }))).toEqual({ A: 'base' });
  });

  it('come from the environment before .env', () => {
    const files = { 'a.yml': base, 'b.yml': over('b'), 'c.yml': over('c'), '.env': 'COMPOSE_FILE=a.yml:b.yml\n' };
    const environment = new Map([['COMPOSE_FILE', 'a.yml:c.yml']]);
    expect(environmentOf(readProject(files, ['a.yml'], environment))).toEqual({ A: 'c', B: 'c' });
  });

  it('are the named ones alone, if they are named', () => {
    const files: Files = {
      'docker-compose.yml': base,
      'docker-compose.override.yml': over('override'),
      '.env': 'COMPOSE_FILE=docker-compose.yml:docker-compose.override.yml\n',
    };
    const source = { name: 'ci/docker-compose.yml', form: 'compose', text: base } as const;
    const reading = readCompose([source], { lookup: lookupIn(files), named: true });
    expect(environmentOf(reading)).toEqual({ A: 'base' });
    expect(environmentOf(readCompose([source], { lookup: lookupIn(files) }))).toEqual({ A: 'override', B: 'override' });
  });

  it('have the env files that the environment names', () => {
    const files = { 'a.yml': serviceFile("environment: ['A=${A-none}']"), '.env': 'A=dot\n', 'x.env': 'A=x\n' };
    const valueWith = (name: string, value: string) =>
      environmentOf(readProject(files, ['a.yml'], new Map([[name, value]]))).A;
    expect(valueWith('COMPOSE_ENV_FILES', 'x.env')).toBe('x');
    expect(valueWith('COMPOSE_DISABLE_ENV_FILE', 'true')).toBe('none');
    expect(valueWith('COMPOSE_DISABLE_ENV_FILE', '0')).toBe('dot');
  });
});

describe('a file without a word of Drone', () => {
  const server = 'services: {s: {image: "drone/drone:2", environment: {A: b}}}\n';

  it.each<[string, Files]>([
    ['include', { 'docker-compose.yml': 'include: [drone/a.yml]\n', 'drone/a.yml': server }],
    ['extends', { 'a.yml': 'services: {x: {extends: {file: b.yml, service: s}}}\n', 'b.yml': server }],
    ['an image of .env', { 'a.yml': 'services: {x: {image: "${IMAGE}"}}\n', '.env': 'IMAGE=drone/drone:2\n' }],
    [
      'an image of its override',
      {
        'compose.yml': 'services: {x: {restart: always}}\n',
        'compose.override.yml': 'services: {x: {image: "drone/drone:2"}}\n',
      },
    ],
  ])('is of Drone by %s', (_, files) => {
    const [name = '', text = ''] = Object.entries(files)[0] ?? [];
    expect(mayUseOthers(name, text)).toBe(true);
    expect(usesDrone({ name: `ci/${name}`, form: 'compose', text }, lookupIn(files))).toBe(true);
  });

  it.each([
    ['docker-compose.yml', 'services: {db: {image: postgres}}\n'],
    ['a.yml', 'include: [missing.yml]\n'],
    ['a.yml', 'services: {x: {image: "${IMAGE:-nginx}"}}\n'],
  ])('is not, in %s, with %j', (name, text) => {
    expect(usesDrone({ name: `ci/${name}`, form: 'compose', text }, lookupIn({}))).toBe(false);
  });

  it.each([
    ['a.yml', 'services: {db: {image: postgres}}\n'],
    ['docker-compose.yml', 'kind: pipeline\nservices: [{image: "${X}"}]\n'],
    ['values.yml', 'image: ${IMAGE}\n'],
  ])('is not even looked at, in %s, with %j', (name, text) => expect(mayUseOthers(name, text)).toBe(false));
});

describe('variables', () => {
  const file = serviceFile('environment:', '  V: "${X}"');
  const valueIn = (reference: string, env: string | undefined, environment?: ReadonlyMap<string, string>) => {
    const files = { 'a.yml': file.replace('${X}', reference), ...(env === undefined ? {} : { '.env': env }) };
    return environmentOf(readProject(files, ['a.yml'], environment)).V;
  };

  it.each([
    ['$1', '$1'],
    ['$', '$'],
    ['a$', 'a$'],
    ['$(id)', '$(id)'],
    ['"pa$1word"', 'pa$1word'],
    ["'$A'", '$A'],
    ['$A-', 'one-'],
  ])('in .env: %s is %s', (written, value) => expect(valueIn('${X}', `A=one\nX=${written}\n`)).toBe(value));

  it.each([['${'], ['"${A"']])('in .env: %s is refused', (written) => {
    const { problems } = readProject({ 'a.yml': file, '.env': `A=one\nX=${written}\n` });
    expect(problems.map(({ message }) => plain(message))).toEqual([
      'invalid reference: a literal "$" before a brace is written "$$"',
    ]);
  });

  it('that nothing sets are unknown, or empty if the environment is known', () => {
    const none = new Map<string, string>();
    for (const reference of ['${X}', '$X', '${X:+c}']) {
      expect(valueIn(reference, undefined), reference).toBeNull();
      expect(valueIn(reference, undefined, none), reference).toBe('');
    }
    expect(valueIn('${X-d}', undefined, none)).toBe('d');
    expect(valueIn('${Y}', 'Y=$X.\n', none)).toBe('.');
  });

  it('that are required and not set are told', () => {
    const told = (reference: string, env: string, environment?: ReadonlyMap<string, string>) =>
      readProject({ 'a.yml': file.replace('${X}', reference), '.env': env }, ['a.yml'], environment).problems.map(
        ({ message }) => plain(message),
      );
    const missing = ['Compose requires the variable "X", which is not set'];
    expect(told('${X:?no}', 'X=\n')).toEqual(missing);
    expect(told('a${X:?no}b', 'X=\n')).toEqual(missing);
    expect(told('${X?no}', 'X=\n')).toEqual([]);
    expect(told('${X?no}', '')).toEqual([]);
    expect(told('${X?no}', '', new Map())).toEqual(missing);
  });

  it('of an earlier env file come after those of the same file', () => {
    const files = {
      'a.yml': serviceFile('env_file: [a.env, b.env]'),
      'a.env': 'X=a\nZ=a\n',
      'b.env': 'X=b\nY=$X$Z\n',
    };
    expect(environmentOf(readProject(files))).toMatchObject({ Y: 'ba' });
  });

  it('without a value in an env file are left out if they are certainly not set', () => {
    const files = { 'a.yml': serviceFile('env_file: a.env'), 'a.env': 'X\nY=1\n' };
    expect(environmentOf(readProject(files))).toEqual({ X: null, Y: '1' });
    expect(environmentOf(readProject(files, ['a.yml'], new Map()))).toEqual({ Y: '1' });
  });
});

describe('!reset', () => {
  const read = (below: readonly string[], above: string) =>
    readProject({
      'docker-compose.yml': serviceFile(...below),
      'docker-compose.override.yml': `services:\n  drone:\n    ${above}\n`,
    });

  it('removes one key of a mapping', () => {
    const reading = read(['environment: {A: 1, B: 2}', 'labels: {a: x, b: y}'], 'environment: {A: !reset null}');
    expect(environmentOf(reading)).toEqual({ B: '2' });
    expect([...container(reading).labels.keys()]).toEqual(['a', 'b']);
    expect([...container(read(['labels: {a: x, b: y}'], 'labels: {a: !reset null}')).labels.keys()]).toEqual(['b']);
  });

  it('finds nothing in a list of variables', () => {
    expect(environmentOf(read(['environment: [A=1, B=2]'], 'environment: {A: !reset null}'))).toEqual({
      A: '1',
      B: '2',
    });
  });

  it('removes a network, however it is written', () => {
    const left = (written: string) =>
      container(read([`networks: ${written}`], 'networks: {a: !reset null}')).networks.map(({ value }) => value);
    expect(left('{a: {}, b: {}}')).toEqual(['ci_b']);
    expect(left('[a, b]')).toEqual(['ci_b']);
  });
});

describe('scalars', () => {
  it.each([
    ['-0', '-0'],
    ['-0.0', '-0'],
    ['2020-1-02', '2020-01-02 00:00:00 +0000 UTC'],
    ['2020-01-02 3:04:05.10', '2020-01-02 03:04:05.1 +0000 UTC'],
    ['2020-01-02T03:04:05Z', '2020-01-02 03:04:05 +0000 UTC'],
    ['2020-01-02T03:04:05+02:00', '2020-01-02 03:04:05 +0200 +0200'],
    ['2020-02-30', '2020-02-30'],
    ['2020-01-02T03:04:05', '2020-01-02T03:04:05'],
    ['"2020-01-02"', '2020-01-02'],
    ['!!binary aGk=', 'hi'],
  ])('%s is %s', (written, value) => {
    expect(environmentOf(readProject({ 'a.yml': serviceFile('environment:', `  V: ${written}`) }))).toEqual({
      V: value,
    });
  });
});

describe('label_file', () => {
  const labelsOf = (reading: ReturnType<typeof readProject>) =>
    Object.fromEntries([...container(reading).labels].map(([key, { value }]) => [key, value]));

  it('gives labels that those of the service replace', () => {
    const files = {
      'a.yml': serviceFile('label_file: [l.env, m.env]', 'labels: {b: own}'),
      'l.env': 'a=1\nb=2\nc=$a$X\n',
      'm.env': 'd=$a\na=3\n',
      '.env': 'X=5\n',
    };
    const reading = readProject(files);
    expect(labelsOf(reading)).toEqual({ a: '3', b: 'own', c: '1', d: '1' });
    expect(reading.consumed.map(({ name }) => name)).toContain('ci/m.env');
  });

  it('is a gap if it is not there', () => {
    const { gaps } = container(readProject({ 'a.yml': serviceFile('label_file: l.env') }));
    expect(gaps.map(plain)).toEqual(['label_file "l.env" is not there']);
  });
});

describe('what Compose refuses', () => {
  const told = (text: string, more: Files = {}): string[] =>
    readProject({ 'docker-compose.yml': text, ...more }).problems.map(
      ({ message, line, incomplete }) => `${line}: ${plain(message)}${incomplete ? ' (incomplete)' : ''}`,
    );

  it.each<[string, string]>([
    ['environment:', '4: Compose refuses environment: it is empty'],
    ['privileged:', '4: Compose refuses privileged: it is empty'],
    ['privileged: 1', '4: Compose refuses privileged: it is a number'],
    ['privileged: t', '4: Compose refuses "t" for privileged: it is not a boolean'],
    ['cap_add: ALL', '4: Compose refuses cap_add: it is a text'],
    ['user: 1000', '4: Compose refuses user: it is a number'],
    ['command: [sleep, 10]', '4: Compose refuses this item of command: it is a number'],
    ['environment: [5]', '4: Compose refuses this item of environment: it is a number'],
    ['environment: [{A: b}]', '4: Compose refuses this item of environment: it is a mapping'],
    ['environment: {A: .inf}', '4: Compose refuses "A" in environment: it is a number without end'],
    ['environment: {A: [b]}', '4: Compose refuses "A" in environment: it is a list'],
    ['environment: {true: a}', '4: Compose refuses a name in environment that is not a text'],
    ['environment: ["G = h"]', '4: Compose refuses a variable whose name ends with a blank'],
    ['security_opt: [a, a]', '4: Compose refuses "a" twice in security_opt'],
    ['ports: ["99999:80"]', '4: Compose refuses "99999:80" as a port'],
    ['imagee: x', '4: Compose refuses the key "imagee", which services do not have'],
    ['volumes: ["data:/data"]', '4: Compose refuses service "drone": nothing defines "data" of its volumes'],
    ['secrets: [x]', '4: Compose refuses service "drone": nothing defines "x" of its secrets'],
    ['networks: [n]', '4: Compose refuses service "drone": nothing defines "n" of its networks'],
    ['depends_on: [db]', '4: Compose refuses service "drone": nothing defines "db" of its services'],
  ])('%s', (line, problem) => expect(told(serviceFile(line))).toEqual([problem]));

  it('is told of the whole file', () => {
    expect(told(`version: 3\n${serviceFile()}`)).toEqual(['1: Compose refuses version: it is a number']);
    expect(told(`${serviceFile()}wrong: {}\n`)).toEqual([
      '4: Compose refuses the key "wrong", which compose files do not have',
    ]);
    expect(told(`${serviceFile()}  db:\n`)).toEqual(['4: Compose refuses service "db": it is empty']);
  });

  it('is told of files that are merged', () => {
    const below = `${serviceFile('networks: [n]')}networks: {n: {}}\n`;
    expect(told(below, { 'docker-compose.override.yml': 'services: {drone: {network_mode: host}}\n' })).toEqual([
      '4: Compose refuses service "drone": it has both network_mode and networks',
    ]);
  });

  it.each([
    ['environment: {A: null, B: 1, C: true, D: 2020-01-01}'],
    ['command:'],
    ['privileged: "yes"'],
    ['privileged: ${X}'],
    ['user: "1000"'],
    ['restart: no'],
    ['volumes: ["/a:/b", "${DATA}:/c", /d]'],
    ['networks: [default]'],
    ['x-more: {a: 1}'],
  ])('is not %s', (line) => expect(told(serviceFile(line))).toEqual([]));

  it('is not what another file may define', () => {
    expect(told('services: {drone: {environment: null, privileged: null}, "drone-agent": null}\n')).toEqual([]);
    expect(told('services: {drone: {volumes: ["data:/data"], environment: {DRONE_A: b}}}\n')).toEqual([]);
    expect(told(`include: [x.yml]\n${serviceFile('networks: [n]')}`)).toEqual([]);
    expect(told(serviceFile('networks: [n]', 'profiles: [p]'))).toEqual([]);
  });

  it('is not the first format', () => {
    expect(told('drone:\n  image: drone/drone:2\n  net: host\n  ports: ["80:80"]\n')).toEqual([]);
  });
});

describe('ports', () => {
  it('are of TCP if nothing follows the slash', () => {
    const [port] = container(readProject({ 'a.yml': serviceFile('ports: ["80:80/"]') })).ports;
    expect(port).toMatchObject({ hostPort: '80', containerPort: '80', protocol: 'tcp' });
  });
});
