import { describe, expect, it, test } from 'vitest';
import { lineOf } from '../../src/model/source.ts';
import { splitStream } from '../../src/readers/pipeline/split.ts';
import { plain } from '../support/text.ts';
import { pipelineOf, read, streamOf, textAt } from './pipeline-located.ts';

const step = 'steps:\n- name: build\n  image: alpine:3.20\n';
const pipeline = (name: string): string => `kind: pipeline\ntype: docker\nname: ${name}\n${step}`;

describe('splitStream', () => {
  const parts = (text: string): string[] =>
    splitStream(text).chunks.map(({ span }) => text.slice(span.start, span.end));

  test.each([
    ['one document', 'a: 1\n', ['a: 1\n']],
    ['a separator first', '---\na: 1\n', ['a: 1\n']],
    ['two documents', 'a: 1\n---\nb: 2\n', ['a: 1\n', 'b: 2\n']],
    ['a separator last', 'a: 1\n---\n', ['a: 1\n', '']],
    ['longer dashes', 'a: 1\n-----\nb: 2\n', ['a: 1\n', 'b: 2\n']],
    ['an indented separator', 'a: |\n  x\n  ---\n  y\n', ['a: |\n  x\n  ---\n  y\n']],
    ['a terminator', 'a: 1\n...\nb: 2\n', ['a: 1\n']],
    ['a terminator first', '...\nb: 2\n', ['']],
    ['CRLF', 'a: 1\r\n---\r\nb: 2\r\n', ['a: 1\r\n', 'b: 2\r\n']],
    ['nothing', '', []],
  ])('%s', (_, text, expected) => {
    expect(parts(text)).toEqual(expected);
  });

  it('ends at a line that does not fit in 64 KiB with its line end', () => {
    const fits = `a: ${'x'.repeat(64 * 1024 - 4)}\nb: 1\n`;
    const long = `a: ${'x'.repeat(64 * 1024 - 3)}\nb: 1\n`;
    expect(splitStream(fits).lost).toEqual([]);
    expect(splitStream(long).lost).toEqual([{ span: { start: 0, end: long.length }, why: 'long line' }]);
  });

  it('counts the bytes of a line, not its characters', () => {
    const text = `a: ${'ü'.repeat(33 * 1024)}\n`;
    expect(splitStream(text).lost.map(({ why }) => why)).toEqual(['long line']);
  });

  it('tells what is lost behind separators and after the end', () => {
    const text = '--- {kind: pipeline}\na: 1\n--- # remark\nb: 2\n...\nkind: pipeline\n\n';
    const lost = splitStream(text).lost.map(({ span, why }) => [why, text.slice(span.start, span.end)]);
    expect(lost).toEqual([
      ['after separator', '{kind: pipeline}'],
      ['after terminator', 'kind: pipeline'],
    ]);
  });
});

describe('a stream', () => {
  it('keeps documents apart: anchors do not cross', () => {
    const reading = read(
      `${pipeline('one')}x: &x [1]\n---\nkind: pipeline\nname: two\ny: *x\n---\n${pipeline('three')}`,
    );
    expect(reading.pipelines.map(({ name }) => name)).toEqual(['one', 'three']);
    expect(reading.problems).toMatchObject([{ kind: 'malformed', line: 11, incomplete: true }]);
  });

  it('tells the line of a broken document in the whole file', () => {
    const reading = read(`${pipeline('one')}---\nkind: pipeline\nname: [a\n`);
    expect(reading.pipelines.map(({ name }) => name)).toEqual(['one']);
    expect(reading.problems[0]).toMatchObject({ kind: 'malformed', incomplete: true });
    expect(reading.problems[0]?.line).toBeGreaterThanOrEqual(9);
  });

  it.each([
    ['behind the last separator', `${pipeline('a')}---\n`, '---'],
    ['between separators', `---\n---\n${pipeline('a')}`, '---'],
    ['of comments before the first separator', `# remark\n---\n${pipeline('a')}`, '# remark'],
  ])('refuses an empty document %s', (_, text, at) => {
    const stream = streamOf(text);
    expect(plain(stream.refusals)).toMatchObject([{ message: 'yaml: missing kind attribute', by: 'server' }]);
    expect(textAt(stream.refusals[0]?.at)).toBe(at);
    expect(stream.pipelines).toHaveLength(1);
  });

  it('reads documents of every kind', () => {
    const reading = read(
      [
        pipeline('a'),
        'kind: secret\nname: token\nget: {path: team/ci, name: token}\n',
        'kind: secret\nname: other\ndata: c2VjcmV0\n',
        'kind: signature\nhmac: 0f3a\n',
        'kind: template\nload: go.yaml\ndata: {a: b}\n',
        'kind: cron\nname: nightly\nspec: {schedule: "@daily", branch: main, deployment: {target: stage}}\n',
        'kind: registry\ndata: {registry.example.com: abc}\n',
      ].join('---\n'),
    );
    const [stream] = reading.streams;
    expect(stream?.pipelines.map(({ name }) => name)).toEqual(['a']);
    expect(stream?.secrets).toMatchObject([
      { name: { value: 'token' }, path: { value: 'team/ci' }, externalName: { value: 'token' } },
      { name: { value: 'other' }, data: { value: 'c2VjcmV0', at: { path: 'secret[other].data' } } },
    ]);
    expect(stream?.signatures).toMatchObject([{ hmac: { value: '0f3a' } }]);
    expect(stream?.templates).toMatchObject([{ load: { value: 'go.yaml' } }]);
    expect(stream?.crons).toMatchObject([{ schedule: { value: '@daily' }, target: { value: 'stage' } }]);
    expect(stream?.registries).toMatchObject([{ data: [{ name: { value: 'registry.example.com' } }] }]);
    expect(stream?.refusals).toEqual([]);
    expect(stream?.unknownKeys).toEqual([]);
    expect(plain(reading.unknown)).toMatchObject([{ message: 'template "go.yaml" is not evaluated' }]);
    expect(reading.secrets.map(textAt)).toEqual(['c2VjcmV0', 'abc']);
  });

  it('makes a stage of any other kind', () => {
    const read = pipelineOf(pipeline('a').replace('kind: pipeline', 'kind: pipelines'));
    expect(read.documentKind).toMatchObject({ value: 'pipelines', at: { path: 'pipelines[a].kind' } });
  });

  it('gives each pipeline a path of its own', () => {
    const reading = read([pipeline('a'), pipeline('a'), `kind: pipeline\n${step}`, pipeline('default')].join('---\n'));
    expect(reading.pipelines.map(({ owner }) => owner)).toEqual([
      '.drone.yml#pipeline[a]',
      '.drone.yml#pipeline[a#2]',
      '.drone.yml#pipeline[default]',
      '.drone.yml#pipeline[default#2]',
    ]);
    expect(reading.pipelines.map(({ label, index }) => [plain(label), index])).toEqual([
      ['pipeline "a"', 0],
      ['pipeline "a#2"', 1],
      ['pipeline "default"', 2],
      ['pipeline "default#2"', 3],
    ]);
    expect(reading.pipelines[0]?.stream.pipelines).toHaveLength(4);
    // No name and `default` are not the same for the linter.
    expect(plain(reading.streams[0]?.refusals)).toMatchObject([
      { message: 'linter: duplicate pipeline names', by: 'server', at: { path: 'pipeline[a#2].name' } },
    ]);
  });

  it('reads a pipeline that has no kind, although the server refuses it', () => {
    const stream = streamOf(`name: a\ntrigger: {event: push}\n${step}`);
    expect(stream.pipelines.map(({ name }) => name)).toEqual(['a']);
    expect(stream.refusals.map(({ message }) => plain(message))).toEqual(['yaml: missing kind attribute']);
  });

  it('ends lines where Drone does, also at U+2028', () => {
    const text = `${pipeline('a')}  user: nobody\u2028  privileged: true\r  shell: "a\u2028b"\n`;
    const [build] = pipelineOf(text).steps;
    expect(build?.user?.value).toBe('nobody');
    expect(build?.privileged?.value).toBe(true);
    expect(build?.shell?.value).toBe('a\u2028b');
    expect(textAt(build?.privileged?.at)).toBe('true');
  });

  it('tells the lines of problems as editors count them', () => {
    const reading = read(`kind: pipeline\u2028name: a\u2028\nx: "\n`);
    expect(reading.problems.map(({ line }) => line)).toContain(3);
  });

  it('names the pipelines on which one depends, and what is wrong with that', () => {
    const stream = streamOf([pipeline('a'), `${pipeline('b')}depends_on: [a, c, b]\n`, pipeline('c')].join('---\n'));
    expect(stream.pipelines[1]?.dependsOn.map(({ value }) => value)).toEqual(['a', 'c', 'b']);
    expect(stream.refusals.map(({ message, at }) => [plain(message), textAt(at)])).toEqual([
      ['linter: invalid or unknown pipeline dependency', 'c'],
      ['linter: pipeline cannot have a dependency on itself', 'b'],
    ]);
  });

  it('says that an empty file holds nothing', () => {
    expect(read('\n \n').problems).toMatchObject([{ kind: 'empty', incomplete: false }]);
    expect(read('# only a remark\n').streams[0]?.refusals).toHaveLength(1);
  });

  it('tells where a document begins', () => {
    const reading = read(`${pipeline('a')}---\n${pipeline('b')}`);
    expect(reading.pipelines.map(({ at }) => lineOf(at))).toEqual([1, 8]);
  });
});

describe('quoted texts that go on in the first column', () => {
  it.each([
    ['a stream', `---\n${pipeline('a')}  environment: {TEXT: "one\ntwo"}\n---\n${pipeline('b')}`, ['a', 'b']],
    [
      'the 0.8 format',
      'pipeline:\n  build:\n    image: alpine:3.20\n    environment:\n      TEXT: "one\ntwo"\n',
      ['default'],
    ],
  ])('are read as Drone reads them: %s', (_, text, names) => {
    const { problems, pipelines, streams } = read(text);
    expect(problems).toEqual([]);
    expect(pipelines.map(({ name }) => name)).toEqual(names);
    expect(streams[0]?.refusals).toEqual([]);
    const [value] = pipelines[0]?.steps[0]?.environment ?? [];
    expect(value?.text?.value).toBe('one two');
    expect(textAt(value?.text?.at)).toBe('one\ntwo');
  });
});

describe('files of others', () => {
  test.each([
    ['a Woodpecker pipeline', 'when:\n  - event: push\nsteps:\n  - name: a\n    image: b\n'],
    ['a Woodpecker pipeline', 'steps:\n  build:\n    image: golang\n'],
    ['a Woodpecker pipeline', 'clone:\n  git:\n    image: woodpeckerci/plugin-git\nsteps:\n  - name: a\n'],
    ['a Woodpecker pipeline', 'pipeline:\n  - name: a\n    image: b\n'],
    ['a Harness pipeline', 'kind: pipeline\nspec:\n  stages:\n  - type: ci\n'],
    ['a Harness pipeline', 'version: 1\nkind: pipeline\nspec: {stages: []}\n'],
    ['a Harness pipeline', 'pipeline:\n  name: a\n  identifier: a\n  stages:\n    - stage: {}\n'],
    ['a Harness pipeline', 'version: 1\nstages: [{}]\n'],
    ['a Kubernetes manifest', 'apiVersion: v1\nkind: Secret\n'],
  ])('%s is not judged', (owner, text) => {
    const reading = read(text);
    expect(plain(reading.problems)).toMatchObject([
      { kind: 'unsupported', message: `looks like ${owner}, not Drone's`, line: 1, incomplete: false },
    ]);
    expect(reading.pipelines).toEqual([]);
    expect(reading.streams).toEqual([]);
  });

  it('leaves the documents of Drone beside them', () => {
    const reading = read(`${pipeline('a')}---\nkind: pipeline\nspec: {stages: []}\n`);
    expect(reading.pipelines).toHaveLength(1);
    expect(reading.problems).toHaveLength(1);
  });
});
