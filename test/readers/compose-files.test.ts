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

/** A file with services by name, each in flow style. */
function file(services: Record<string, string>, rest = ''): string {
  const lines = Object.entries(services).map(([name, body]) => `  ${name}: ${body}`);
  return `${rest}services:\n${lines.join('\n')}\n`;
}

function portsOf(files: Files, main: readonly string[]): string[] {
  return container(readProject(files, main)).ports.map((port) => `${port.hostPort}:${port.containerPort}`);
}

describe('merge keys', () => {
  const cases: readonly (readonly [what: string, text: string, values: Record<string, string>])[] = [
    [
      'an explicit key wins over << above it',
      'x-e: &e {A: 1, B: 2}\nservices:\n  drone:\n    image: a\n    environment:\n      <<: *e\n      A: own\n',
      { A: 'own', B: '2' },
    ],
    [
      'an explicit key wins over << below it',
      'x-e: &e {A: 1, B: 2}\nservices:\n  drone:\n    image: a\n    environment:\n      A: own\n      <<: *e\n',
      { A: 'own', B: '2' },
    ],
    [
      'of a list of mappings the earlier wins',
      'x-e: &e {A: 1}\nx-f: &f {A: 2, B: 2}\nservices:\n  drone:\n    image: a\n    environment:\n      <<: [*e, *f]\n',
      { A: '1', B: '2' },
    ],
    [
      'a merged mapping may merge another',
      'x-e: &e {A: 1}\nx-f: &f\n  <<: *e\n  B: 2\nservices:\n  drone:\n    image: a\n    environment: {<<: *f}\n',
      { A: '1', B: '2' },
    ],
    ['a whole service', 'x-s: &s\n  image: a\n  environment: [A=1]\nservices:\n  drone:\n    << : *s\n', { A: '1' }],
    [
      'environment is replaced as a whole by an explicit one',
      'x-s: &s\n  environment: [A=1]\nservices:\n  drone:\n    <<: *s\n    image: a\n    environment: [B=2]\n',
      { B: '2' },
    ],
    [
      'an alias in place of a mapping',
      'x-e: &e {A: 1}\nservices:\n  drone:\n    image: a\n    environment: *e\n',
      { A: '1' },
    ],
    [
      'an anchor means the last one above',
      'x-e: &e {A: 1}\nx-f: &e {A: 2}\nservices:\n  drone:\n    image: a\n    environment: *e\n',
      { A: '2' },
    ],
  ];
  it.each(cases)('%s', (_what, text, values) => {
    const reading = readProject({ 'a.yml': text });
    expect(environmentOf(reading)).toEqual(values);
    expect(reading.problems).toEqual([]);
  });

  it('takes the last of two equal keys and tells the line', () => {
    const reading = readProject({ 'a.yml': serviceFile('environment:', '  A: 1', '  A: 2') });
    expect(environmentOf(reading)).toEqual({ A: '2' });
    expect(reading.problems.map(({ line, message, incomplete }) => [line, plain(message), incomplete])).toEqual([
      [6, 'a key is written twice', false],
    ]);
  });
});

describe('several files', () => {
  const cases: readonly (readonly [what: string, files: Files, values: Record<string, string | null>])[] = [
    [
      'environment is merged by name, map over list',
      {
        'a.yml': file({ drone: '{image: a, environment: [A=1, B=1]}' }),
        'b.yml': file({ drone: '{environment: {B: 2, C: 3}}' }),
      },
      { A: '1', B: '2', C: '3' },
    ],
    [
      'environment is merged by name, list over map',
      {
        'a.yml': file({ drone: '{image: a, environment: {A: 1, B: 1}}' }),
        'b.yml': file({ drone: '{environment: [B=2]}' }),
      },
      { A: '1', B: '2' },
    ],
    [
      'null above keeps what is below',
      { 'a.yml': file({ drone: '{image: a, environment: {A: 1}}' }), 'b.yml': file({ drone: '{environment: null}' }) },
      { A: '1' },
    ],
    [
      'a variable that is null above is passed through',
      { 'a.yml': file({ drone: '{image: a, environment: {A: 1}}' }), 'b.yml': file({ drone: '{environment: {A: }}' }) },
      { A: null },
    ],
    [
      '!reset removes',
      {
        'a.yml': file({ drone: '{image: a, environment: {A: 1}}' }),
        'b.yml': file({ drone: '{environment: !reset {}}' }),
      },
      {},
    ],
    [
      '!override replaces',
      {
        'a.yml': file({ drone: '{image: a, environment: {A: 1}}' }),
        'b.yml': file({ drone: '{environment: !override {B: 2}}' }),
      },
      { B: '2' },
    ],
    [
      '!reset of one variable',
      {
        'a.yml': file({ drone: '{image: a, environment: {A: 1, B: 1}}' }),
        'b.yml': file({ drone: '{environment: {C: !reset null}}' }),
      },
      { A: '1', B: '1' },
    ],
    [
      'env files add up, and environment of the base wins over them',
      {
        'a.yml': file({ drone: '{image: a, env_file: a.env, environment: [C=own]}' }),
        'b.yml': file({ drone: '{env_file: [b.env]}' }),
        'a.env': 'A=1\nB=1\n',
        'b.env': 'B=2\nC=2\n',
      },
      { A: '1', B: '2', C: 'own' },
    ],
    [
      'paths of the second file start at the folder of the first',
      {
        'a.yml': file({ drone: '{image: a}' }),
        'deep/b.yml': file({ drone: '{env_file: x.env}' }),
        'x.env': 'A=1\n',
        'deep/x.env': 'A=2\n',
      },
      { A: '1' },
    ],
    [
      'three files',
      {
        'a.yml': file({ drone: '{image: a, environment: [A=1]}' }),
        'b.yml': file({ drone: '{environment: [A=2]}' }),
        'c.yml': file({ drone: '{environment: [A=3]}' }),
      },
      { A: '3' },
    ],
  ];
  it.each(cases)('%s', (_what, files, values) => {
    const main = Object.keys(files).filter((name) => name.endsWith('.yml'));
    const reading = readProject(files, main);
    expect(environmentOf(reading)).toEqual(values);
    expect([reading.problems, reading.unknown]).toEqual([[], []]);
  });

  const main = ['a.yml', 'b.yml'];

  it('keeps services of both files', () => {
    const files = { 'a.yml': file({ drone: '{image: a}' }), 'b.yml': file({ runner: '{image: b}' }) };
    expect(readProject(files, main).containers.map(({ name }) => name)).toEqual(['drone', 'runner']);
  });

  it('locates each value in its own file', () => {
    const files = {
      'a.yml': file({ drone: '{image: a, environment: [A=1, B=1]}' }),
      'b.yml': file({ drone: '{environment: [B=2]}' }),
    };
    const reading = readProject(files, main);
    expect(['A', 'B'].map((name) => quoted(variable(reading, name).at))).toEqual(['ci/a.yml: 1', 'ci/b.yml: 2']);
    expect(container(reading).owner).toBe('ci/a.yml#services[drone]');
  });

  it('replaces command and entrypoint', () => {
    const files = {
      'a.yml': file({ drone: '{image: a, command: [x, y], entrypoint: e f}' }),
      'b.yml': file({ drone: '{command: z, entrypoint: [g]}' }),
    };
    const { command, entrypoint } = container(readProject(files, main));
    expect([command, entrypoint].map((words) => words.map(({ value }) => value))).toEqual([['z'], ['g']]);
  });

  it('replaces a volume with the same target, in whatever spelling', () => {
    const files = {
      'a.yml': file({ drone: '{image: a, volumes: ["./a:/a", "./b:/b"]}' }),
      'b.yml': file({ drone: '{volumes: [{type: bind, source: ./c, target: /b/}, "./d:/d"]}' }),
    };
    const mounts = container(readProject(files, main)).mounts;
    expect(mounts.map(({ source, target }) => `${source}:${target}`)).toEqual(['./a:/a', './c:/b', './d:/d']);
  });

  it('adds ports, and takes equal ones once', () => {
    const files = {
      'a.yml': file({ drone: '{image: a, ports: ["80:80", "81:81"]}' }),
      'b.yml': file({ drone: '{ports: ["80:80", "82:80"]}' }),
    };
    expect(portsOf(files, main)).toEqual(['80:80', '81:81', '82:80']);
  });

  it('removes ports with !reset and replaces them with !override', () => {
    const base = file({ drone: '{image: a, ports: ["80:80"], privileged: true}' });
    const reset = { 'a.yml': base, 'b.yml': file({ drone: '{ports: !reset [], privileged: !reset null}' }) };
    expect(portsOf(reset, main)).toEqual([]);
    expect(container(readProject(reset, main)).privileged).toBeUndefined();
    expect(portsOf({ 'a.yml': base, 'b.yml': file({ drone: '{ports: !override ["90:80"]}' }) }, main)).toEqual([
      '90:80',
    ]);
  });

  it('merges labels, networks and capabilities', () => {
    const files = {
      'a.yml': file({ drone: '{image: a, labels: {x: 1, y: 1}, networks: [n], cap_add: [A]}' }),
      'b.yml': file({ drone: '{labels: [y=2], networks: {m: {aliases: [ci]}}, cap_add: [A, B]}' }),
    };
    const found = container(readProject(files, main));
    expect([...found.labels].map(([key, { value }]) => `${key}=${value}`)).toEqual(['x=1', 'y=2']);
    expect(found.networks.map(({ value }) => value)).toEqual(['ci_n', 'ci_m']);
    expect(found.aliases).toContain('ci');
    expect(found.capAdd.map(({ value }) => value)).toEqual(['A', 'B']);
  });

  it('merges options of one log driver, and forgets those of another', () => {
    const base = file({ drone: '{image: a, logging: {driver: json-file, options: {max-size: 1m}}}' });
    const options = (over: string) =>
      [...container(readProject({ 'a.yml': base, 'b.yml': file({ drone: over }) }, main)).logOptions].join(' ');
    expect(options('{logging: {options: {max-file: "3"}}}')).toBe('max-size,1m max-file,3');
    expect(options('{logging: {driver: syslog, options: {tag: x}}}')).toBe('tag,x');
  });

  it('takes further documents of a file as files over it', () => {
    const text = `${file({ drone: '{image: a, environment: [A=1, B=1]}' })}---\n${file({ drone: '{environment: [B=2]}' })}`;
    expect(environmentOf(readProject({ 'a.yml': text }))).toEqual({ A: '1', B: '2' });
  });
});

describe('the override file', () => {
  const override = file({ drone: '{environment: [B=2]}' });
  const base = file({ drone: '{image: a, environment: [A=1]}' });

  it.each([
    ['docker-compose.yml', 'docker-compose.override.yml'],
    ['docker-compose.yaml', 'compose.override.yaml'],
    ['compose.yaml', 'compose.override.yml'],
  ])('of %s is %s', (name, over) => {
    const reading = readProject({ [name]: base, [over]: override });
    expect(environmentOf(reading)).toEqual({ A: '1', B: '2' });
    expect(reading.consumed.map((source) => source.name)).toEqual([`ci/${over}`]);
  });

  it('is not looked for beside a file of another name, nor when files are named', () => {
    const files = { 'drone.yml': base, 'docker-compose.yml': base, 'docker-compose.override.yml': override };
    expect(environmentOf(readProject(files, ['drone.yml']))).toEqual({ A: '1' });
    expect(environmentOf(readProject(files, ['docker-compose.yml', 'drone.yml']))).toEqual({ A: '1' });
  });

  it('may be missing, like .env', () => {
    const reading = readProject({ 'docker-compose.yml': file({ drone: '{image: drone/drone}' }) });
    expect([reading.unknown, reading.problems]).toEqual([[], []]);
  });

  it('is the first found of several', () => {
    const other = file({ drone: '{environment: [B=3]}' });
    const files = { 'compose.yaml': base, 'compose.override.yml': override, 'docker-compose.override.yml': other };
    const reading = readProject(files);
    expect(environmentOf(reading)).toEqual({ A: '1', B: '2' });
    expect(reading.consumed.map((source) => source.name)).toEqual(['ci/compose.override.yml']);
  });
});

describe('extends', () => {
  const cases: readonly (readonly [what: string, files: Files, values: Record<string, string | null>])[] = [
    [
      'a service of the same file, in the short form',
      {
        'a.yml': file({ base: '{image: b, environment: {A: 1, B: 1}}', drone: '{extends: base, environment: [B=2]}' }),
      },
      { A: '1', B: '2' },
    ],
    [
      'a service below it, in the long form',
      { 'a.yml': file({ drone: '{extends: {service: base}}', base: '{image: b, environment: {A: 1}}' }) },
      { A: '1' },
    ],
    [
      'a chain',
      {
        'a.yml': file({
          a: '{image: a, environment: {A: 1, B: 1}}',
          b: '{extends: a, environment: {B: 2, C: 2}}',
          drone: '{extends: b, environment: {C: 3}}',
        }),
      },
      { A: '1', B: '2', C: '3' },
    ],
    [
      'a service of another file, whose paths start there and whose variables come from .env of the project',
      {
        'a.yml': file({ drone: '{extends: {file: common/b.yml, service: web}, environment: {C: "${X}"}}' }),
        'common/b.yml': file({ web: '{image: b, env_file: e.env, environment: {B: "${X}"}}' }),
        'common/e.env': 'A=1\n',
        '.env': 'X=dot\n',
        'common/.env': 'X=other\n',
      },
      { A: '1', B: 'dot', C: 'dot' },
    ],
    [
      'a service of another file that extends a third',
      {
        'a.yml': file({ drone: '{extends: {file: b/b.yml, service: web}}' }),
        'b/b.yml': file({ web: '{extends: {file: ../c/c.yml, service: base}, environment: {B: 2}}' }),
        'c/c.yml': file({ base: '{image: b, env_file: e.env}' }),
        'c/e.env': 'A=1\n',
      },
      { A: '1', B: '2' },
    ],
    [
      'with !reset and !override',
      {
        'a.yml': file({
          base: '{image: b, environment: {A: 1}}',
          drone: '{extends: base, environment: !override {B: 2}}',
        }),
      },
      { B: '2' },
    ],
    [
      'a service that is included',
      {
        'a.yml': file({ drone: '{extends: base}' }, 'include: [i.yml]\n'),
        'i.yml': file({ base: '{image: b, environment: {A: 1}}' }),
      },
      { A: '1' },
    ],
  ];
  it.each(cases)('%s', (_what, files, values) => {
    const reading = readProject(files);
    expect(environmentOf(reading)).toEqual(values);
    expect(container(reading).environment.complete).toBe(true);
    expect([reading.problems, reading.unknown]).toEqual([[], []]);
  });

  it('moves relative volumes of another file', () => {
    const files = {
      'a.yml': file({ drone: '{extends: {file: common/b.yml, service: web}}' }),
      'common/b.yml': file({ web: '{image: b, volumes: ["./data:/data", "../up:/up", "~/x:/x", "/y:/y"]}' }),
    };
    expect(container(readProject(files)).mounts.map(({ source }) => source)).toEqual([
      './common/data',
      './up',
      '~/x',
      '/y',
    ]);
  });

  it.each([
    ['itself', { 'a.yml': file({ drone: '{image: drone/drone, extends: drone}' }) }, '"drone" -> "drone"'],
    [
      'each other',
      { 'a.yml': file({ drone: '{image: drone/drone, extends: b}', b: '{extends: drone}' }) },
      '"drone" -> "b" -> "drone"',
    ],
    [
      'each other in two files',
      {
        'a.yml': file({ drone: '{image: drone/drone, extends: {file: b.yml, service: b}}' }),
        'b.yml': file({ b: '{extends: {file: a.yml, service: drone}}' }),
      },
      '"drone" -> "b" -> "drone"',
    ],
  ])('names the circle of services that extend %s', (_what, files, circle) => {
    const reading = readProject(files, ['a.yml']);
    expect(reading.problems.map(({ message }) => plain(message))).toEqual([
      `service "drone" extends itself: ${circle}`,
    ]);
    expect(container(reading).environment.complete).toBe(false);
  });

  it('does not consume a file with services of Drone that nothing here extends', () => {
    const files = {
      'prod.yml': file({ runner: '{extends: {file: base.yml, service: runner}}' }),
      'base.yml': file({ drone: '{image: drone/drone}', runner: '{image: drone/drone-runner-docker}' }),
    };
    expect(readProject(files).consumed).toEqual([]);
    const alone = { ...files, 'base.yml': file({ runner: '{image: drone/drone-runner-docker}' }) };
    expect(readProject(alone).consumed.map((source) => source.name)).toEqual(['ci/base.yml']);
  });
});

describe('include', () => {
  const cases: readonly (readonly [what: string, files: Files, values: Record<string, string | null>])[] = [
    [
      'a file, with its own folder and .env',
      {
        'a.yml': file({ web: '{image: w}' }, 'include: [inc/i.yml]\n'),
        'inc/i.yml': file({ drone: '{image: drone/drone, env_file: e.env, environment: {A: "${X}"}}' }),
        'inc/e.env': 'B=2\n',
        'inc/.env': 'X=inner\n',
      },
      { A: 'inner', B: '2' },
    ],
    [
      'the .env of the project wins over that of the included file',
      {
        'a.yml': 'include:\n  - inc/i.yml\n',
        'inc/i.yml': file({ drone: '{image: drone/drone, environment: {A: "${X}"}}' }),
        '.env': 'X=outer\n',
        'inc/.env': 'X=inner\n',
      },
      { A: 'outer' },
    ],
    [
      'a list of files with a project folder and an env file',
      {
        'a.yml': 'include:\n  - path: [inc/i.yml, inc/over.yml]\n    project_directory: pd\n    env_file: my.env\n',
        'inc/i.yml': file({ drone: '{image: drone/drone, env_file: e.env, environment: {A: "${X}"}}' }),
        'inc/over.yml': file({ drone: '{environment: {B: 2}}' }),
        'my.env': 'X=my\n',
        'pd/e.env': 'C=3\n',
      },
      { A: 'my', B: '2', C: '3' },
    ],
    [
      'what the file itself says wins',
      {
        'a.yml': file({ drone: '{environment: {A: own}}' }, 'include: [i.yml]\n'),
        'i.yml': file({ drone: '{image: drone/drone, environment: {A: inc, B: inc}}' }),
      },
      { A: 'own', B: 'inc' },
    ],
    [
      'a file that includes another',
      {
        'a.yml': 'include: [b/b.yml]\n',
        'b/b.yml': 'include: [c/c.yml]\n',
        'b/c/c.yml': file({ drone: '{image: drone/drone, environment: {A: 1}}' }),
      },
      { A: '1' },
    ],
  ];
  it.each(cases)('%s', (_what, files, values) => {
    const reading = readProject(files);
    expect(environmentOf(reading)).toEqual(values);
    expect([reading.problems, reading.unknown]).toEqual([[], []]);
  });

  it('names the circle', () => {
    const files = {
      'a.yml': file({ drone: '{image: drone/drone}' }, 'include: [b.yml]\n'),
      'b.yml': 'include: [a.yml]\n',
    };
    const { problems, containers } = readProject(files);
    expect(problems.map(({ source, line, message }) => [source, line, plain(message)])).toEqual([
      ['ci/b.yml', 1, '"ci/a.yml" includes itself: "ci/a.yml" -> "ci/b.yml" -> "ci/a.yml"'],
    ]);
    expect(containers.map(({ name }) => name)).toEqual(['drone']);
  });

  it('notes a file that is not there', () => {
    const { unknown } = readProject({ 'a.yml': file({ drone: '{image: drone/drone}' }, 'include: [b.yml]\n') });
    expect(unknown.map(({ at, message }) => [quoted(at), plain(message)])).toEqual([
      ['ci/a.yml: b.yml', 'include "b.yml" is not there'],
    ]);
  });
});

describe('formats of the file', () => {
  it.each([
    ['the specification', 'services:\n  drone: {image: drone/drone}\n'],
    ['version 3', 'version: "3.8"\nservices:\n  drone: {image: drone/drone}\n'],
    ['version 2', "version: '2'\nservices:\n  drone: {image: drone/drone}\n"],
    ['version 1', 'drone:\n  image: drone/drone\n'],
    ['a JSON text', '{"services": {"drone": {"image": "drone/drone"}}}'],
  ])('reads %s', (_what, text) => {
    const reading = readProject({ 'a.yml': text });
    expect(plain(container(reading))).toMatchObject({
      owner: 'ci/a.yml#services[drone]',
      label: 'service "drone"',
      role: 'server',
    });
    expect(reading.problems).toEqual([]);
  });

  it.each([
    ['its name', { 'x.yml': 'name: My-CI\nservices: {drone: {image: a}}\n' }, 'my-ci'],
    [
      'COMPOSE_PROJECT_NAME in .env',
      { 'x.yml': 'name: other\nservices: {drone: {image: a}}\n', '.env': 'COMPOSE_PROJECT_NAME=viaenv\n' },
      'viaenv',
    ],
    ['the folder', { 'x.yml': 'services: {drone: {image: a}}\n' }, 'ci'],
  ])('takes the name of the project from %s', (_what, files, name) => {
    expect(container(readProject(files, ['x.yml'])).project).toBe(name);
  });

  it('calls the project of the current folder by a dot, and its networks by their keys', () => {
    const source = { name: 'compose.yml', form: 'compose' as const, text: serviceFile('networks: [ci]') };
    const found = container(readCompose([source], { lookup: lookupIn({}) }));
    expect([found.project, found.networks.map(({ value }) => value)]).toEqual(['.', ['ci']]);
  });

  it('interpolates the name of the project', () => {
    const reading = readProject({ 'a.yml': `name: p\n${serviceFile('environment: ["A=${COMPOSE_PROJECT_NAME}"]')}` });
    expect(environmentOf(reading)).toEqual({ A: 'p' });
  });
});

describe('templates', () => {
  const problem = 'the file is a template; render it first';
  const gap = 'the file is a template that is not rendered';
  const told = ({ problems }: ReturnType<typeof readProject>) =>
    problems.map(({ line, column, message, incomplete }) => [line, column, plain(message), incomplete]);

  it.each([
    ['A: {{ host }}', 8],
    ['A: {{ sub }}.example.com', 8],
    ['A: {{ a }}{{ b }}', 8],
    ['A: "{{ lookup("env", "A") }}"', 9],
    ['A: {% if tls %}https{% else %}http{% endif %}', 8],
    ['A: <%= tls ? "https" : "http" %>', 8],
  ])('an expression costs its own value: %s', (line, column) => {
    const reading = readProject({
      'a.yml': serviceFile('environment:', line, 'B: x', 'C: "{{ quoted }}"').replace(/^ {4}(?=[ABC]:)/gm, '     '),
    });
    expect(environmentOf(reading)).toEqual({ A: null, B: 'x', C: null });
    expect(quoted(variable(reading, 'A').at)).toBe(`ci/a.yml: ${line.slice(3).replace(/^"|"$/g, '')}`);
    expect(quoted(variable(reading, 'B').at)).toBe('ci/a.yml: x');
    expect(container(reading).environment.complete).toBe(true);
    expect(told(reading)).toEqual([[5, column + 1, problem, true]]);
  });

  it('expressions stand in lists, images, ports and names', () => {
    const text =
      'services:\n  {{ name }}-server:\n    image: {{ registry }}/drone/drone:{{ version }}\n    ports: [{{ port }}:80, "{{ tls }}:443"]\n    environment:\n      - A={{ x: "y" }}\n      - {{ more }}\n      - B=x\n';
    const reading = readProject({ 'a.yml': text });
    const server = container(reading, '{{ name }}-server');
    expect(server.image?.value).toMatchObject({
      registry: '{{ registry }}',
      name: 'drone/drone',
      tag: '{{ version }}',
    });
    expect(server.ports.map((port) => `${port.hostPort} ${port.containerPort}`)).toEqual([
      '{{ port }} 80',
      '{{ tls }} 443',
    ]);
    expect(environmentOf(reading, '{{ name }}-server')).toEqual({ A: null, B: 'x' });
    expect(server.environment.gaps.map(plain)).toContain('an item of its environment is not known');
  });

  it('a file with expressions in texts only is plain', () => {
    const lines = ['environment:', '  - A={{ host }}', '# {{ none }}', 'labels: {caddy: "{{upstreams 80}}"}'];
    const reading = readProject({ 'a.yml': serviceFile(...lines) });
    expect(told(reading)).toEqual([]);
    expect(container(reading).environment.complete).toBe(true);
  });

  it.each([
    ['{% if tls %}', '{% else %}', '{% endif %}'],
    ['{{- if .Values.tls }}', '{{- else }}', '{{- end }}'],
    ['<% if tls %>', '<% else %>', '<% end %>'],
  ])('lines between %s and its end may be there or not', (start, otherwise, end) => {
    const lines = ['environment:', '  A: x', start, '  B: y', otherwise, '  B: z', end, '  C: v'];
    const reading = readProject({ 'a.yml': `{# written for\n   the host #}\n${serviceFile(...lines)}` });
    expect(environmentOf(reading)).toEqual({ A: 'x', B: 'z', C: 'v' });
    expect(quoted(variable(reading, 'C').at)).toBe('ci/a.yml: v');
    expect(container(reading).environment.gaps.map(plain)).toEqual([gap]);
    expect(told(reading)).toEqual([[1, 1, problem, true]]);
  });

  it('keys that are expressions may be any', () => {
    const reading = readProject({ 'a.yml': serviceFile('environment:', '  A: b', '"{{ more }}": x') });
    expect(container(reading).environment.gaps.map(plain)).toEqual([gap]);
    expect(told(reading)).toEqual([[6, 6, problem, true]]);
  });

  it('of which no tree comes are read above the place', () => {
    const text =
      'services:\n  a:\n    image: drone/drone\n  b:\n    image: drone/drone\n{% if tls %}\n    ports: ["443:443"]\n{% endif %}\n  - x: {{ y }}\n';
    const reading = readProject({ 'a.yml': text });
    expect(told(reading)).toEqual([[6, 1, problem, true]]);
    expect(reading.containers.map(({ name }) => name)).toEqual(['a']);
  });
});

describe('texts that are broken', () => {
  it('tells the line, and reads the services that end above it', () => {
    const text =
      'services:\n  a:\n    image: drone/drone:1\n  b:\n    image: drone/drone:2\n   c:\n    image: drone/drone:3\n  d:\n    image: x\n';
    const { problems, containers } = readProject({ 'a.yml': text });
    expect(problems.map(({ line, kind, incomplete }) => [line, kind, incomplete])).toEqual([[6, 'malformed', true]]);
    expect(containers.map(({ name }) => name)).toEqual(['a']);
  });

  it('tells the line of an invalid interpolation, and leaves its value unknown', () => {
    const reading = readProject({ 'a.yml': serviceFile('environment:', '  A: x', '  B: a${}', '  C: y') });
    expect(reading.problems.map(({ line, column, message }) => [line, column, plain(message)])).toEqual([
      [6, 11, 'invalid interpolation: a literal "$" is written "$$"'],
    ]);
    expect(environmentOf(reading)).toEqual({ A: 'x', B: null, C: 'y' });
  });

  it.each([
    ['services that are a list', 'services: [drone/drone]\n', 'services is not a mapping'],
    ['a service that is a text', 'services:\n  drone: x\n', 'service "drone" is not a mapping'],
    ['a list at the top', '- drone/drone\n', 'a compose file must be a mapping'],
    [
      'a merge key with a text',
      'services:\n  drone:\n    <<: x\n    image: drone/drone\n',
      'the merge key "<<" needs a mapping',
    ],
  ])('refuses %s', (_what, text, message) => {
    expect(readProject({ 'a.yml': text }).problems.map((problem) => plain(problem.message))).toEqual([message]);
  });

  it('knows a service without content', () => {
    expect(container(readProject({ 'a.yml': 'services:\n  drone:\n' })).environment.complete).toBe(false);
  });
});
