import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { looksLikeCompose } from '../../src/readers/compose/compose.ts';
import { affordable, Reference } from '../support/cost.ts';
import { plain } from '../support/text.ts';
import { type Files, readProject, serviceFile } from './compose-project.ts';

const many = 10_000;

function lines(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => line(index)).join('\n');
}

/** A service that takes its environment from a file, so often. */
function sharing(count: number): string {
  return `services:\n${lines(count, (i) => `  s${i}: {image: drone/drone, env_file: e.env}`)}\n`;
}

/** A fraction of a second; limits keep all else within some of these. */
const honest = new Reference('an honest project', () =>
  readProject({ 'a.yml': `services:\n${lines(2000, (i) => `  s${i}: {image: drone/drone, environment: [A=1]}`)}\n` }, [
    'a.yml',
  ]),
);

describe('hostile projects', () => {
  const cases: readonly (readonly [what: string, files: Files, told: RegExp | undefined])[] = [
    [
      'many services',
      { 'a.yml': `services:\n${lines(many, (i) => `  s${i}: {image: drone/drone, environment: [A=1]}`)}\n` },
      undefined,
    ],
    [
      'more services than anybody has',
      { 'a.yml': `services:\n${lines(20_001, (i) => `  s${i}: {image: drone/drone}`)}\n` },
      /more than 20000 services/,
    ],
    [
      'an alias bomb',
      {
        'a.yml': `a0: &a0 [x,x,x,x,x,x,x,x,x]\n${lines(12, (i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(',')}]`)}\n${serviceFile('environment: *a12')}`,
      },
      /aliases expand/,
    ],
    [
      'merge keys that add up',
      {
        'a.yml': `${lines(700, (i) => `x-${i}: &m${i} {K${i}: 1${i > 0 ? `, <<: *m${i - 1}` : ''}}`)}\n${serviceFile('environment: *m699')}`,
      },
      /aliases expand/,
    ],
    [
      'services that extend each other in a long row',
      {
        'a.yml': `services:\n${lines(many, (i) => `  s${i}: {image: drone/drone, environment: [A${i}=1]${i > 0 ? `, extends: s${i - 1}` : ''}}`)}\n`,
      },
      /more than 2000000 steps/,
    ],
    [
      'services that extend the next one',
      {
        'a.yml': `services:\n${lines(200, (i) => `  s${i}: {image: drone/drone, extends: s${i + 1}}`)}\n  s200: {image: a}\n`,
      },
      /more than 100 services/,
    ],
    [
      'many services that extend a large one',
      {
        'a.yml': `services:\n  b:\n    image: drone/drone\n    environment:\n${lines(2000, (i) => `      - A${i}=1`)}\n${lines(many, (i) => `  s${i}: {extends: b}`)}\n`,
      },
      /too many variables/,
    ],
    [
      'a large env file of many services',
      { 'a.yml': sharing(many), 'e.env': lines(5000, (i) => `A${i}=1`) },
      /too large together/,
    ],
    [
      'the same with references',
      { 'a.yml': sharing(many), 'e.env': lines(5000, (i) => `A${i}=$X`) },
      /too large together/,
    ],
    [
      'files that include the next one twice',
      Object.fromEntries([
        ['a.yml', `include: [i0.yml, i0.yml]\n${serviceFile()}`],
        ...Array.from({ length: 40 }, (_, i) => [
          `i${i}.yml`,
          `include: [i${i + 1}.yml, i${i + 1}.yml]\nservices: {s${i}: {image: a}}\n`,
        ]),
      ]),
      /more than 500 files are included/,
    ],
    [
      'a large file that is included over and over',
      {
        'a.yml': `include:\n${lines(many, () => '  - b.yml')}\n${serviceFile()}`,
        'b.yml': `services:\n${lines(1000, (i) => `  s${i}: {image: a}`)}\n`,
      },
      /more than 500 files are included/,
    ],
    [
      'services that take volumes from all others',
      {
        'a.yml': `services:\n${lines(100, (i) => `  s${i}: {image: drone/drone, volumes: [/v${i}], volumes_from: [${Array.from({ length: 100 }, (_, j) => `s${j}`).join(', ')}]}`)}\n`,
      },
      undefined,
    ],
    [
      'values of .env that double',
      {
        'a.yml': serviceFile('environment: ["A=${V60}"]'),
        '.env': `V0=xxxxxxxx\n${lines(60, (i) => `V${i + 1}=$V${i}$V${i}`)}`,
      },
      undefined,
    ],
    [
      'a large value of .env that is used often',
      {
        'a.yml': serviceFile(
          'environment:',
          ...Array.from({ length: 2000 }, (_, i) => `  A${i}: "x${'${V}'.repeat(100)}"`),
        ),
        '.env': `V=${'y'.repeat(500_000)}\n`,
      },
      undefined,
    ],
    ['deep nesting', { 'a.yml': serviceFile(`environment: ${'['.repeat(20_000)}`) }, /nested too deeply/],
    [
      'many documents',
      { 'a.yml': '---\nservices: {drone: {image: drone/drone, environment: [A=1]}}\n'.repeat(3000) },
      /more than 2000000 steps/,
    ],
    ['a line of assignments', { 'a.yml': serviceFile(`command: ${'my_secret=/'.repeat(60_000)}`) }, undefined],
    ['a line of blanks', { 'a.yml': serviceFile(`command: x${' '.repeat(500_000)}y`) }, undefined],
    [
      'large ranges of ports',
      { 'a.yml': serviceFile('ports:', ...Array.from({ length: 500 }, () => '  - 1-256:1-256')) },
      undefined,
    ],
  ];
  it.each(cases)('bounds %s', (_what, files, told) => {
    looksLikeCompose(files['a.yml'] ?? '');
    const reading = affordable(() => readProject(files, ['a.yml']), honest, 60);
    const gaps = reading.containers.slice(-200).flatMap(({ environment }) => environment.gaps);
    const messages = [...reading.problems, ...reading.unknown]
      .map(({ message }) => message)
      .concat(gaps)
      .map(plain);
    if (told) expect(messages.join('\n')).toMatch(told);
    else expect(reading.problems).toEqual([]);
  });

  it('reads shapes that nobody writes', () => {
    const text = [
      'services:',
      '  drone:',
      '    image: [drone/drone]',
      '    environment: {A: [1], B: {c: d}, __proto__: e}',
      '    env_file: {a: b}',
      '    ports: {a: b}',
      '    volumes: x',
      '    networks: x',
      '    labels: x',
      '    command: {a: b}',
      '    healthcheck: x',
      '    deploy: x',
      '    logging: x',
      '    secrets: {a: b}',
      '    cap_add: x',
      '    extends: [x]',
      '    profiles: x',
      '    volumes_from: [drone]',
      '    links: {a: b}',
      'networks: x',
      'volumes: [y]',
      'include: {a: b}',
      'name: [x]',
      'secrets: 5',
    ].join('\n');
    const reading = readProject({ 'a.yml': text });
    expect(reading.containers.map(({ name }) => name)).toEqual(['drone']);
    expect(plain(reading.containers[0]?.gaps)).toEqual(
      expect.arrayContaining(['ports is not a list', 'volumes is not a list', 'cap_add is not a list']),
    );
  });

  it('never throws, and every place lies in its source', () => {
    const word = fc.constantFrom(
      'services:',
      'drone:',
      'image:',
      'drone/drone',
      'environment:',
      '- ',
      'A=',
      '${A:-b}',
      '${',
      '$$',
      '{{ x }}',
      '&a',
      '*a',
      '<<:',
      '!reset',
      '!override',
      'extends:',
      'include:',
      'volumes:',
      'ports:',
      '80:80',
      './x:/x',
      '[',
      ']',
      '{',
      '}',
      '"',
      "'",
      '|',
      '\n',
      '\n  ',
      '\n    ',
      '\n      ',
      '#',
      ': ',
      ',',
      '---\n',
      'é',
      '\t',
      '\r\n',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 60 }), fc.string(), (words, other) => {
        for (const text of [
          words.join(''),
          `services:\n  drone:\n    image: drone/drone\n    ${words.join('')}`,
          other,
        ]) {
          const reading = readProject({
            'docker-compose.yml': text,
            'docker-compose.override.yml': other,
            '.env': other,
          });
          looksLikeCompose(text);
          const places = reading.containers.flatMap((each) => [
            each.at,
            ...each.mounts.map(({ at }) => at),
            ...each.ports.map(({ at }) => at),
            ...each.command.map(({ at }) => at),
            ...[...each.environment.variables.values()].flatMap(({ at, keyAt }) => [at, keyAt]),
          ]);
          for (const { source, span } of [...places, ...reading.secrets]) {
            expect(span.start).toBeGreaterThanOrEqual(0);
            expect(span.end).toBeGreaterThanOrEqual(span.start);
            expect(span.end).toBeLessThanOrEqual(source.text.length);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
