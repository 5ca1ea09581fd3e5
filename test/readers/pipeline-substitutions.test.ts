import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildVariables, controlOf } from '../../src/facts/build-variables.ts';
import type { Substitution } from '../../src/model/pipeline.ts';
import type { Source } from '../../src/model/source.ts';
import { readPipelines } from '../../src/readers/pipeline/stream.ts';
import { expectProportional } from '../support/cost.ts';

function read(text: string) {
  const source: Source = { name: '.drone.yml', form: 'drone', text };
  return readPipelines(source);
}

function substitutionsOf(text: string): readonly Substitution[] {
  return read(text).streams.flatMap(({ substitutions }) => substitutions);
}

const file = `# built from \${DRONE_COMMIT_MESSAGE}
kind: pipeline
type: docker
name: release-\${DRONE_REPO_NAME}
trigger:
  branch: \${DRONE_REPO_BRANCH}
x-image: &image registry.example.com/tools:\${TOOLS}
steps:
- name: build-\${DRONE_BUILD_NUMBER}
  image: *image
  environment:
    VERSION: \${DRONE_TAG##v}
  commands:
  # not \${DRONE_SOURCE_BRANCH}
  - echo "$\${NOT}" $NOR "\${DRONE_COMMIT_AUTHOR_NAME}"
  when:
    ref: ["refs/tags/\${PREFIX}*"]
- name: publish
  image: *image
  settings:
    tags: ["\${DRONE_TAG}"]
    \${KEY}: value
  when:
    event: push
...
lost \${LOST}
`;

describe('substitutions of a stream', () => {
  const found = substitutionsOf(file);
  const of = (name: string): Substitution | undefined => found.find((each) => each.name === name);

  it('stand where the text has them', () => {
    for (const { at, expression } of found) expect(file.slice(at.span.start, at.span.end)).toBe(expression);
    expect(found.map(({ name, sink }) => `${sink} ${name}`)).toEqual([
      'comment DRONE_COMMIT_MESSAGE',
      'name DRONE_REPO_NAME',
      'condition DRONE_REPO_BRANCH',
      'image TOOLS',
      'name DRONE_BUILD_NUMBER',
      'environment DRONE_TAG',
      'comment DRONE_SOURCE_BRANCH',
      'command DRONE_COMMIT_AUTHOR_NAME',
      'condition PREFIX',
      'setting DRONE_TAG',
      'key KEY',
      'comment LOST',
    ]);
  });

  it('know their steps, also through aliases', () => {
    expect(of('TOOLS')?.steps.map(({ name }) => name)).toEqual(['build-${DRONE_BUILD_NUMBER}', 'publish']);
    expect(of('DRONE_COMMIT_AUTHOR_NAME')?.steps).toHaveLength(1);
    expect(of('DRONE_SOURCE_BRANCH')?.steps).toHaveLength(1);
    expect(of('DRONE_REPO_BRANCH')?.steps).toEqual([]);
    expect(of('DRONE_COMMIT_MESSAGE')?.pipelines).toEqual([]);
  });

  it('have the path of the value', () => {
    expect(of('DRONE_COMMIT_AUTHOR_NAME')?.at.path).toBe(
      'pipeline[release-${DRONE_REPO_NAME}].steps[build-${DRONE_BUILD_NUMBER}].commands[0]',
    );
    expect(of('KEY')?.at.path).toContain('steps[publish].settings.${KEY}');
  });

  it('know which the server sees as written', () => {
    expect(found.filter(({ literalToServer }) => literalToServer).map(({ name }) => name)).toEqual([
      'DRONE_REPO_NAME',
      'DRONE_REPO_BRANCH',
    ]);
  });

  it('know the events of their step', () => {
    const [, , , , , , , , , setting] = found;
    expect([...(setting?.events ?? [])]).toEqual(['push']);
    expect(of('DRONE_COMMIT_MESSAGE')?.events.has('push')).toBe(true);
  });
});

describe('substitutions of a legacy file', () => {
  const text = `pipeline:
  # \${COMMENT}
  publish:
    image: plugins/docker:\${GO:-1.20}
    repo: example/app
    tags: \${DRONE_TAG}
    commands: [ "echo \${DRONE_BRANCH}" ]
matrix:
  GO: ["1.20", "1.21"]
`;

  it('belong to the steps of all rows, without comments', () => {
    const found = substitutionsOf(text);
    expect(found.map(({ name, sink, steps }) => `${sink} ${name} ${steps.length}`)).toEqual([
      'image GO 2',
      'setting DRONE_TAG 2',
      'command DRONE_BRANCH 2',
    ]);
    expect(found[1]?.at.path).toBe('pipeline[matrix-1].steps[publish].settings.tags');
  });

  it('are gone where the converter puts values of the matrix', () => {
    const found = substitutionsOf(`workspace: { base: "/\${GO}" }
pipeline:
  # \${GO}
  publish:
    image: plugins/docker:\${GO}
    tags: ["\${GO:-x}", "\${GO^^}", "\${DRONE_TAG}"]
    \${GO}: key
branches: "\${GO}"
secrets: { token: { path: "team/\${GO}" } }
matrix:
  GO: ["1.20", "1.21"]
`);
    expect(found.map(({ expression }) => expression)).toEqual(['${GO:-x}', '${GO^^}', '${DRONE_TAG}', '${GO}']);
    expect(found.at(-1)?.at.path).toContain('secrets.token.path');
  });

  it('stay for the runner where a row of the matrix has no value', () => {
    const found = substitutionsOf(`pipeline:
  build: { image: "golang:\${GO}-\${OS}" }
matrix:
  include:
  - { GO: 1, OS: alpine }
  - { OS: bookworm }
`);
    expect(found.map(({ name }) => name)).toEqual(['GO']);
  });
});

describe('hostile texts', () => {
  it('never make it throw, and every place holds its expression', () => {
    const piece = fc.constantFrom(
      '${A}',
      '${',
      '}',
      '- ',
      '\n',
      '  ',
      'kind: pipeline\n',
      'steps:\n',
      'name: ',
      '&a ',
      '*a',
      '# ',
      '"',
      "'",
      '|\n',
      '---\n',
      ': ',
      '...\n',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join('');
        for (const { at, expression } of substitutionsOf(text))
          expect(text.slice(at.span.start, at.span.end)).toBe(expression);
      }),
      { numRuns: 1000 },
    );
  });

  it.each<[string, (scale: number) => string]>([
    ['comments', (scale) => `kind: pipeline\nsteps:\n- name: a\n${'# ${A}\n'.repeat(50_000 * scale)}`],
    ['one broken line', (scale) => `kind: pipeline\nname: [\n${'${A} # '.repeat(9000 * scale)}\n`],
    [
      'shared values',
      (scale) =>
        `kind: pipeline\nx: &x "${'${A}'.repeat(4000 * scale)}"\nsteps:\n${'- {name: b, image: *x, commands: [*x]}\n'.repeat(4000)}`,
    ],
    [
      'a value that is shared again and again',
      (scale) =>
        `kind: pipeline\nx: &x "${'${A}'.repeat(4000)}"\nsteps:\n${'- {name: b, image: *x, commands: [*x]}\n'.repeat(4000 * scale)}`,
    ],
  ])('take time in proportion: %s', (_, text) => {
    expectProportional((scale) => expect(substitutionsOf(text(scale)).length).toBeGreaterThan(250));
  });
});

describe('build variables', () => {
  it('are written by whom the event says', () => {
    expect(controlOf('DRONE_COMMIT_MESSAGE', 'push')).toBe('outsider text');
    expect(controlOf('DRONE_BRANCH', 'pull_request')).toBe('fixed');
    expect(controlOf('DRONE_BRANCH', 'push')).toBe('ref name');
    expect(controlOf('DRONE_SOURCE_BRANCH', 'pull_request')).toBe('outsider text');
    expect(controlOf('DRONE_SOURCE_BRANCH', 'push')).toBe('ref name');
    expect(controlOf('DRONE_TAG', 'push')).toBeUndefined();
    expect(controlOf('DRONE_TAG', 'tag')).toBe('ref name');
    expect(controlOf('DRONE_PULL_REQUEST_TITLE', 'promote')).toBeUndefined();
    expect(controlOf('DRONE_DEPLOY_TO', 'promote')).toBe('parameter');
    expect(controlOf('VERSION', 'promote')).toBe('parameter');
    expect(controlOf('VERSION', 'push')).toBeUndefined();
  });

  it('are each listed once, with a source', () => {
    expect(buildVariables.size).toBeGreaterThan(120);
    for (const [name, variable] of buildVariables) {
      expect(name).toMatch(/^[A-Z][A-Z0-9_]*$/);
      expect(variable.source).toMatch(/\.go/);
    }
    expect(buildVariables.get('DRONE_WORKSPACE')?.known).toBe('step');
    expect(buildVariables.get('DRONE_NETRC_PASSWORD')).toMatchObject({ known: 'step', control: 'credential' });
  });
});
