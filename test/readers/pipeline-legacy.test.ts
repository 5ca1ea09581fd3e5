import { describe, expect, it, test } from 'vitest';
import { events } from '../../src/model/pipeline.ts';
import { lineOf } from '../../src/model/source.ts';
import { plain } from '../support/text.ts';
import { pipelineOf, read, streamOf, textAt } from './pipeline-located.ts';

const web = `workspace:
  base: /go
  path: src/app

pipeline:
  build:
    image: golang:1.22
    pull: true
    environment:
      - CGO_ENABLED=0
      - EMPTY=
    commands:
      - go build
      - go test
  publish:
    image: plugins/docker
    repo: team/app
    tags: [latest, stable]
    secrets: [ { source: docker_username, target: docker_username }, { source: registry_password, target: docker_password } ]
    privileged: true
    volumes:
      - /var/run/docker.sock:/var/run/docker.sock
      - /cache:/cache:ro
    when:
      event: [push, deployment]
      branch: main
      environment: production
      local: true

services:
  db:
    image: postgres:16
    environment:
      POSTGRES_PASSWORD: not-a-real-one

branches: [main, release/*]
`;

describe('the 0.8 format', () => {
  const pipeline = pipelineOf(web);
  const [build, publish] = pipeline.steps;

  it('is read as one pipeline', () => {
    const stream = streamOf(web);
    expect(stream).toMatchObject({ legacy: true, refusals: [], unknownKeys: [] });
    expect(pipeline).toMatchObject({
      legacy: true,
      name: 'default',
      type: 'docker',
      owner: '.drone.yml#pipeline[default]',
      documentKind: { value: 'pipeline' },
      workspace: { base: { value: '/go' }, path: { value: 'src/app' } },
    });
    expect(textAt(pipeline.nameAt)).toBe('pipeline');
    expect(pipeline.steps.map(({ name }) => name)).toEqual(['build', 'publish']);
    expect(pipeline.services.map(({ name, image }) => [name, image?.value.tag])).toEqual([['db', '16']]);
  });

  it('shows every value in the legacy text', () => {
    expect(build?.image?.at.path).toBe('pipeline[default].steps[build].image');
    expect(textAt(build?.image?.at)).toBe('golang:1.22');
    expect(textAt(build?.nameAt)).toBe('build');
    expect(build?.commands.map(({ at }) => textAt(at))).toEqual(['go build', 'go test']);
    expect(textAt(publish?.privileged?.at)).toBe('true');
    expect(publish?.privileged && lineOf(publish.privileged.at)).toBe(20);
  });

  it('takes environments as lists and as mappings', () => {
    expect(build?.environment.map(({ name, text }) => [name.value, text?.value, textAt(text?.at)])).toEqual([
      ['CGO_ENABLED', '0', '0'],
      ['EMPTY', '', ''],
    ]);
    expect(pipeline.services[0]?.environment[0]).toMatchObject({
      name: { value: 'POSTGRES_PASSWORD' },
      text: { value: 'not-a-real-one' },
    });
    expect(read(web).secrets.map(textAt)).toEqual(['not-a-real-one']);
  });

  it('makes environment variables of secrets', () => {
    expect(publish?.environment.map(({ name, fromSecret }) => [name.value, fromSecret?.value])).toEqual([
      ['DOCKER_USERNAME', 'docker_username'],
      ['DOCKER_PASSWORD', 'registry_password'],
    ]);
    expect(textAt(publish?.environment[1]?.fromSecret?.at)).toBe('registry_password');
  });

  it('refuses values that are of neither of two forms', () => {
    const refusalsOf = (line: string) =>
      streamOf(`pipeline:\n  build:\n    image: golang\n    ${line}\n`).refusals.map(({ message, at, by }) => [
        plain(message),
        by,
        at.path,
      ]);
    const secrets = 'pipeline[default].steps[build].secrets';
    expect(refusalsOf('secrets: token')).toEqual([['cannot unmarshal !!str into []*yaml.Secret', 'server', secrets]]);
    expect(refusalsOf('secrets: {source: a, target: b}')).toEqual([
      ['cannot unmarshal !!map into []*yaml.Secret', 'server', secrets],
    ]);
    expect(refusalsOf('secrets: [token, {source: a, target: b}]')).toEqual([
      ['cannot unmarshal !!str into yaml.Secret', 'server', `${secrets}[0]`],
    ]);
    const environment = 'pipeline[default].steps[build].environment';
    expect(refusalsOf('environment: A=b')).toEqual([['cannot unmarshal !!str into []string', 'server', environment]]);
    expect(refusalsOf('environment: {A: {from_secret: b}}')).toEqual([
      ['cannot unmarshal !!map into []string', 'server', environment],
    ]);
    for (const key of ['command', 'commands', 'entrypoint', 'dns', 'dns_search']) {
      const at = `pipeline[default].steps[build].${key}`;
      expect(refusalsOf(`${key}: {}`)).toEqual([['cannot unmarshal !!map into []string', 'server', at]]);
      expect(refusalsOf(`${key}: [a, [b]]`)).toEqual([['cannot unmarshal !!seq into string', 'server', `${at}[1]`]]);
      for (const value of ['make', '[make]', '[]', '~']) expect(refusalsOf(`${key}: ${value}`), key).toEqual([]);
    }
    for (const line of ['secrets: [token]', 'secrets: [{source: a, target: b}]', 'secrets: ~', 'secrets: []'])
      expect(refusalsOf(line), line).toEqual([]);
    for (const line of ['environment: {A: 1}', 'environment: [A=b]', 'environment: ~'])
      expect(refusalsOf(line), line).toEqual([]);
  });

  it('keeps steps and services that are written twice', () => {
    const twice = pipelineOf(
      `clone:
  git: {image: plugins/git}
pipeline:
  build: {image: one, when: {event: pull_request}}
  build: {image: two, privileged: true}
  git: {image: three}
services:
  db: {image: four}
  db: {image: five}
`,
    );
    expect(twice.steps.map(({ name, image }) => [name, image?.value.name])).toEqual([
      ['git', 'plugins/git'],
      ['build', 'one'],
      ['build_2', 'two'],
      ['git_3', 'three'],
    ]);
    expect(twice.steps.map(({ at }) => lineOf(at))).toEqual([2, 4, 5, 6]);
    expect(twice.steps[1]?.privileged).toBeUndefined();
    expect(twice.services.map(({ name, at }) => [name, at.path])).toEqual([
      ['db', 'pipeline[default].services[db]'],
      ['db', 'pipeline[default].services[db#2]'],
    ]);
    const { refusals } = streamOf('pipeline:\n  a: {image: b, privileged: []}\n  a: {image: b}\n');
    expect(refusals.map(({ at }) => lineOf(at))).toEqual([2]);
  });

  it('numbers them before a matrix leaves some out', () => {
    const { pipelines } = streamOf(
      'pipeline:\n  a: {image: b, when: {matrix: {V: "1"}}}\n  c: {image: d}\n  c: {image: e}\nmatrix:\n  V: [1, 2]\n',
    );
    expect(pipelines.map(({ steps }) => steps.map(({ name }) => name))).toEqual([
      ['a', 'c', 'c_2'],
      ['c', 'c_2'],
    ]);
  });

  it('makes settings of all other keys', () => {
    expect(publish?.settings.map(({ name, scalars }) => [name.value, scalars.map(({ value }) => value)])).toEqual([
      ['repo', ['team/app']],
      ['tags', ['latest', 'stable']],
    ]);
    expect(publish?.settings[0]?.text?.at.path).toBe('pipeline[default].steps[publish].settings.repo');
  });

  it('makes host volumes of the volumes of steps', () => {
    expect(publish?.mounts.map(({ name, path }) => [name.value, path?.value])).toEqual([
      ['/var/run/docker.sock', '/var/run/docker.sock'],
      ['/cache', '/cache'],
    ]);
    expect(pipeline.volumes.map(({ name, hostPath }) => [name, textAt(hostPath?.at)])).toEqual([
      ['/var/run/docker.sock', '/var/run/docker.sock'],
      ['/cache', '/cache'],
    ]);
  });

  it('pulls always or if the image is not there', () => {
    expect([build?.pull?.value, publish?.pull?.value]).toEqual(['always', 'if-not-exists']);
    expect([textAt(build?.pull?.at), textAt(publish?.pull?.at)]).toEqual(['true', 'publish']);
  });

  it('renames conditions and events', () => {
    expect([...(publish?.when?.conditions.keys() ?? [])]).toEqual(['event', 'branch', 'target']);
    expect(publish?.when?.conditions.get('event')?.include.map(({ value, at }) => [value, textAt(at)])).toEqual([
      ['push', 'push'],
      ['promote', 'deployment'],
    ]);
    expect(publish?.when?.unknown.map(({ value }) => value)).toEqual(['local']);
    expect([...(publish?.reach.events ?? [])]).toEqual(['promote']);
  });

  it('lets pull requests in wherever branches are named', () => {
    expect(pipeline.trigger?.conditions.get('ref')?.include.map(({ value }) => value)).toEqual([
      'refs/pull/**',
      'refs/pull-requests/**',
      'refs/merge-requests/**',
      'refs/heads/main',
      'refs/heads/release/*',
    ]);
    expect(pipeline.reach.pullRequest).toBe(true);
    expect(pipeline.reach.events.has('tag')).toBe(false);
    expect(textAt(pipeline.reach.because)).toBe('branches');
  });

  it('lets tags in where a step asks for them', () => {
    const { reach } = pipelineOf('pipeline:\n  a:\n    image: b\n    when: {event: [tag]}\nbranches: main\n');
    expect(reach.events.has('tag')).toBe(true);
  });

  it('keeps excluded branches as branches', () => {
    const { trigger } = pipelineOf('pipeline:\n  a:\n    image: b\nbranches: {exclude: dev}\n');
    expect(trigger?.conditions.get('branch')?.exclude.map(({ value }) => value)).toEqual(['dev']);
  });

  it('refuses of it what it refuses of later formats', () => {
    expect(
      streamOf(web).trustRefusals.map(({ message }) =>
        plain(message).replace('linter: untrusted repositories cannot ', ''),
      ),
    ).toEqual(['enable privileged mode', 'mount host volumes', 'mount host volumes']);
  });

  it('runs its own clone steps first', () => {
    const { steps, clone } = pipelineOf('clone:\n  git:\n    image: plugins/git:1\npipeline:\n  a:\n    image: b\n');
    expect(steps.map(({ name }) => name)).toEqual(['git', 'a']);
    expect(clone.disable?.value).toBe(true);
    expect(textAt(clone.disable?.at)).toBe('clone');
  });

  it('takes a secret that a setting names', () => {
    const [step] = pipelineOf('pipeline:\n  a:\n    image: b\n    token: {from_secret: c}\n').steps;
    expect(step?.settings[0]?.fromSecret?.value).toBe('c');
  });

  it('makes documents of the secrets of the file', () => {
    const { secrets } = streamOf(
      'secrets:\n  token: {path: team/token}\n  other: {driver: vault, driver_opts: {path: p, key: k}}\npipeline:\n  a:\n    image: b\n',
    );
    expect(secrets).toMatchObject([
      { name: { value: 'token' }, path: { value: 'team/token' } },
      { name: { value: 'other' }, path: { value: 'p' }, externalName: { value: 'k' } },
    ]);
  });

  it('merges keys, and tells duplicates and those it ignores', () => {
    const text =
      'x: &x {image: golang}\nplatform: linux/arm\npipeline:\n  a:\n    <<: *x\n    image: b\n    image: c\n';
    const stream = streamOf(text);
    expect(stream.pipelines[0]?.steps[0]?.image?.value.name).toBe('c');
    expect(stream.duplicateKeys.map(({ at }) => lineOf(at))).toEqual([7]);
    expect(stream.unknownKeys.map(({ value }) => value)).toEqual(['platform']);
  });

  it('takes every container of a name, and every section', () => {
    const stream = streamOf(
      'pipeline:\n  a: {image: b}\n  a: {image: c}\npipeline:\n  d: {image: e}\nservices:\n  s: {image: f}\n  s: {image: g}\n',
    );
    expect(stream.pipelines[0]?.steps.map(({ name, image }) => [name, image?.value.name])).toEqual([
      ['a', 'b'],
      ['a_1', 'c'],
      ['d', 'e'],
    ]);
    expect(stream.pipelines[0]?.services).toHaveLength(2);
    expect(stream.duplicateKeys.map(({ value, taken }) => [value, taken])).toEqual([
      ['a', 'step'],
      ['pipeline', undefined],
      ['s', 'service'],
    ]);
    expect(plain(stream.refusals)).toMatchObject([{ message: 'linter: duplicate step names', by: 'runner' }]);
  });

  it('forgets the containers before a section that holds nothing', () => {
    const [pipeline] = streamOf('pipeline:\n  a: {image: b}\npipeline:\n').pipelines;
    expect(pipeline?.steps).toEqual([]);
  });

  test.each([
    ['repo: {{name}}', 'yaml: invalid map key'],
    ['tags: [{? [a] : b}]', 'yaml: invalid map key'],
    ['? {name}\n    : a', 'cannot unmarshal !!map into string'],
    ['when: {{name}}', 'cannot unmarshal !!map into string'],
    ['environment: {{name}}', 'cannot unmarshal !!map into []string'],
    ['privileged: "true"', 'cannot unmarshal !!str into bool'],
    ['devices: /dev/kvm', 'cannot unmarshal !!str into []string'],
    ['image: [a]', 'cannot unmarshal !!seq into string'],
  ])('refuses %s', (field, message) => {
    const { refusals } = streamOf(`pipeline:\n  a:\n    image: b\n    ${field}\n`);
    expect(plain(refusals[0])).toMatchObject({ message, by: 'server' });
  });

  it('is found anywhere at the first column, and only the first document counts', () => {
    const text = 'kind: pipeline\nname: a\npipeline: \r\n  b:\n    image: c\n---\nkind: pipeline\nname: d\n';
    const stream = streamOf(text);
    expect(stream.legacy).toBe(true);
    expect(stream.pipelines.map(({ steps }) => steps.map(({ name }) => name))).toEqual([['b']]);
    expect(stream.lost.map(({ why }) => why)).toEqual(['after separator']);
    expect(streamOf('kind: pipeline\nname: a\nx:\n  pipeline:\n').legacy).toBe(false);
    expect(streamOf('kind: pipeline\nname: a\npipeline: x\n').legacy).toBe(false);
  });

  it('is a problem where its YAML is broken', () => {
    const reading = read('pipeline:\n  a:\n    image: "b\n');
    expect(reading.problems[0]).toMatchObject({ kind: 'malformed', incomplete: true });
    expect(reading.pipelines).toEqual([]);
  });
});

describe('its matrix', () => {
  it('makes a pipeline of each listed row', () => {
    const reading = read(
      'matrix:\n  include:\n    - {GO: 1.21, OS: alpine}\n    - {GO: 1.22}\npipeline:\n  a:\n    image: golang:${GO}-${OS}\n    commands: ["echo $${GO}"]\n',
    );
    expect(
      reading.pipelines.map(({ name, steps }) => [name, steps[0]?.image?.value.text ?? steps[0]?.imageText?.value]),
    ).toEqual([
      ['matrix-1', 'golang:1.21-alpine'],
      ['matrix-2', 'golang:1.22-${OS}'],
    ]);
    expect(textAt(reading.pipelines[0]?.steps[0]?.image?.at)).toBe('golang:${GO}-${OS}');
  });

  it('combines lists', () => {
    const reading = read('matrix:\n  A: [1, 2]\n  B: [x, y]\npipeline:\n  a:\n    image: i:${A}-${B}\n');
    expect(reading.pipelines.map(({ steps }) => steps[0]?.image?.value.tag)).toEqual(['1-x', '1-y', '2-x', '2-y']);
  });

  it('leaves out steps that are for other rows', () => {
    const reading = read(
      'matrix:\n  A: [1, 2]\npipeline:\n  a:\n    image: i\n    when: {matrix: {A: 1}}\n  b:\n    image: i\n',
    );
    expect(reading.pipelines.map(({ steps }) => steps.map(({ name }) => name))).toEqual([['a', 'b'], ['b']]);
  });

  it('tells what is refused once for all rows', () => {
    const { refusals } = streamOf('matrix:\n  A: [1, 2, 3]\npipeline:\n  a:\n    commands: [x]\n');
    expect(refusals.map(({ message }) => plain(message))).toEqual(['linter: invalid or missing image']);
  });

  it('has bounds', () => {
    const numbers = Array.from({ length: 100 }, (_, index) => index).join(', ');
    expect(
      read(`matrix:\n  A: [${numbers}]\n  B: [${numbers}]\npipeline:\n  a:\n    image: i\n`).pipelines,
    ).toHaveLength(27);
    const rows = Array.from({ length: 100 }, (_, index) => `    - A: ${index}\n`).join('');
    expect(read(`matrix:\n  include:\n${rows}pipeline:\n  a:\n    image: i\n`).pipelines).toHaveLength(64);
  });
});

describe('older formats', () => {
  it('0.4: steps in build, publish, deploy and notify', () => {
    const stream = streamOf(
      'build:\n  image: golang\n  environment: [A=b]\n  commands: [make]\ncompose:\n  db:\n    image: postgres\npublish:\n  docker:\n    repo: team/app\n    password: $$PASSWORD\n    when: {branch: main}\ndeploy:\n  heroku: {app: web}\n',
    );
    expect(stream.refusals.map(({ message }) => plain(message))).toEqual(['yaml: missing kind attribute']);
    const [pipeline] = stream.pipelines;
    expect(pipeline).toMatchObject({ legacy: true, name: 'default' });
    expect(pipeline?.steps.map(({ name, image }) => [name, image?.value.name])).toEqual([
      ['build', 'golang'],
      ['docker', undefined],
      ['heroku', undefined],
    ]);
    expect(pipeline?.services.map(({ name }) => name)).toEqual(['db']);
    expect(pipeline?.steps[1]?.settings.map(({ name }) => name.value)).toEqual(['repo', 'password']);
    expect(pipeline?.steps[1]?.reach.pullRequest).toBe(true);
    expect(plain(pipeline?.steps[1]?.reach.reason)).toContain('base branch');
  });

  it('0.4: several builds', () => {
    const { steps } = pipelineOf('build:\n  test:\n    image: a\n  lint:\n    image: b\n');
    expect(steps.map(({ name }) => name)).toEqual(['test', 'lint']);
  });

  it('0.3: one image and its script', () => {
    const { steps, services } = pipelineOf(
      'image: golang\nenv:\n  - TOKEN=abc\nscript:\n  - make\n  - make test\nservices:\n  - redis\nnotify:\n  email: {recipients: [dev@example.com]}\n',
    );
    expect(steps.map(({ name }) => name)).toEqual(['build', 'email']);
    expect(steps[0]).toMatchObject({
      image: { value: { name: 'golang' } },
      commands: [{ value: 'make' }, { value: 'make test' }],
      environment: [{ name: { value: 'TOKEN' }, text: { value: 'abc' } }],
      settings: [],
    });
    expect(services.map(({ image }) => image?.value.name)).toEqual(['redis']);
    expect([...(steps[0]?.reach.events ?? [])]).toEqual([...events]);
  });

  it('the first drafts of 1.0: a list of mappings, of which the converter makes steps without an image', () => {
    const stream = streamOf(
      'platform: {name: linux/amd64}\npipeline:\n- test:\n    image: golang\n- publish:\n    image: plugins/docker\n',
    );
    expect(stream.pipelines[0]?.steps.map(({ name }) => name)).toEqual(['test', 'publish']);
    expect(plain(stream.refusals)).toMatchObject([
      { message: 'linter: invalid or missing image', by: 'runner', at: { path: 'pipeline[default].pipeline' } },
    ]);
  });

  it('a list of anything else, which the server refuses', () => {
    const { refusals } = streamOf('pipeline:\n- make\n- [make]\n');
    expect(plain(refusals)).toMatchObject([
      { message: 'cannot unmarshal !!str into yaml.MapItem', by: 'server' },
      { message: 'cannot unmarshal !!seq into yaml.MapItem', by: 'server' },
    ]);
  });
});
