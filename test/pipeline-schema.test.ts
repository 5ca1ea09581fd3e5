import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { parseDocument } from 'yaml';
import { pipelineSchema, printed } from '../scripts/pipeline-schema.ts';
import { pipelineTypes } from '../src/facts/platforms.ts';
import { runnerShape } from '../src/readers/pipeline/shapes.ts';
import { readPipelines } from '../src/readers/pipeline/stream.ts';

/*
 * schemas/pipeline.schema.json is for editors, and made of the tables of the reader. Here it is held against the fixtures
 * and what the reader makes of them.
 */

const ajv = new Ajv2020({ allErrors: true, strictTypes: false, strictRequired: false });
const validate = ajv.compile(pipelineSchema());

/** The documents of a stream, split by Drone's rule, with anchors and merge keys resolved as YAML 1.1 does. */
function documentsOf(text: string): unknown[] {
  return (text.split(/^\.\.\./m, 1)[0] ?? '')
    .split(/^---.*$/m)
    .filter((part) => part.replace(/^\s*#.*$/gm, '').trim() !== '')
    .map((part) => parseDocument(part, { version: '1.1', merge: true }).toJS());
}

function faultsOf(text: string): string[] {
  return documentsOf(text).flatMap((document) => (validate(document) ? [] : [ajv.errorsText(validate.errors)]));
}

const fixtures = readdirSync('test/fixtures', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.drone.yml'))
  .sort()
  .map((name) => ({ name, text: readFileSync(join('test/fixtures', name), 'utf8') }))
  // Keys that only carry an anchor are known to the reader, but not to a schema.
  .filter(({ text }) => isWellFormed(text) && !/^[\w.-]+:[ \t]*&/m.test(text));

/** Whether the reader has nothing to say of the form: all is known, nothing is refused, dropped or lost. */
function isWellFormed(text: string): boolean {
  const { streams, problems, unknown } = readPipelines({ name: '.drone.yml', form: 'drone', text });
  const conditions = streams
    .flatMap(({ pipelines }) => pipelines)
    .flatMap(({ trigger, steps, services }) => [trigger, ...[...steps, ...services].map(({ when }) => when)]);
  return (
    problems.length + unknown.length === 0 &&
    streams.every(
      ({ legacy, refusals, unknownKeys, duplicateKeys, lateMergeKeys, lost, pipelines }) =>
        !legacy &&
        refusals.length + unknownKeys.length + duplicateKeys.length + lateMergeKeys.length + lost.length === 0 &&
        pipelines.every(({ documentKind, steps }) => documentKind.value === 'pipeline' && steps.length > 0),
    ) &&
    conditions.every(
      (block) =>
        !block || (block.unknown.length === 0 && [...block.conditions.values()].every(({ dropped }) => !dropped)),
    )
  );
}

/** Keys that the reader knows and editors need not: their runner decodes them only to refuse them. */
const decodedInVain = new Set(['exec step image', 'ssh step detach', 'digitalocean step detach']);

/** Every key that a schema names anywhere. */
function allKeys(schema: unknown): string[] {
  const keys = new Set<string>();
  JSON.stringify(schema, (name, value) => {
    if (name === 'properties' && typeof value === 'object') for (const key of Object.keys(value)) keys.add(key);
    return value;
  });
  return [...keys];
}

describe('schema of pipeline documents', () => {
  it('is what the tables of the reader and the notes for editors make', async () => {
    await expect(`${printed(pipelineSchema())}\n`).toMatchFileSnapshot('../schemas/pipeline.schema.json');
  });

  it('is printed as it is', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(JSON.parse(printed(JSON.parse(json)))).toEqual(JSON.parse(json));
      }),
    );
  });

  it('has fixtures to look at', () => {
    expect(fixtures.length).toBeGreaterThan(40);
  });

  it('takes what the reader has nothing to say of', () => {
    const refused = fixtures.flatMap(({ name, text }) => faultsOf(text).map((fault) => `${name}: ${fault}`));
    // Stricter than Drone: values that are none of the known ones, and services without a name.
    expect(
      refused.filter(
        (fault) => !/must be equal to one of|must match (?:pattern|a schema)|required property/.test(fault),
      ),
    ).toEqual([]);
  });

  test.each([
    ['an unknown key', 'kind: pipeline\nname: a\nsteps: [{name: b, image: c, privleged: true}]\n'],
    [
      'a condition of a wrong shape',
      'kind: pipeline\nname: a\ntrigger: {branch: {include: main}}\nsteps: [{name: b, image: c}]\n',
    ],
    ['a quoted boolean', 'kind: pipeline\nname: a\nsteps: [{name: b, image: c, privileged: "true"}]\n'],
    ['commands that are no list', 'kind: pipeline\nname: a\nsteps: [{name: b, image: c, commands: make}]\n'],
    ['an unknown kind', 'kind: pipelines\nname: a\nsteps: [{name: b, image: c}]\n'],
  ])('refuses %s', (_, text) => {
    expect(faultsOf(text)).not.toEqual([]);
  });

  describe.each(pipelineTypes.filter((type) => runnerShape('pipeline', type)))('of type %s', (type) => {
    const every = Object.fromEntries(allKeys(pipelineSchema()).map((key) => [key, null]));
    const item = { ...every, name: 'a' };

    it.each([
      ['pipeline', every],
      ['step', { steps: [item] }],
      ['platform', { platform: every }],
      ['clone', { clone: every }],
      ['volume', { volumes: [item] }],
      ['mount', { steps: [{ name: 'a', volumes: [item] }] }],
    ])('knows the keys of a %s that the reader knows', (place, fields) => {
      const document = { ...fields, kind: 'pipeline', type, name: 'a' };
      const { streams } = readPipelines({ name: '.drone.yml', form: 'drone', text: JSON.stringify(document) });
      const read = streams.flatMap(({ unknownKeys }) => unknownKeys.map(({ value }) => value));
      validate(document);
      const wrong = (validate.errors ?? []).filter(({ keyword }) => keyword === 'additionalProperties');
      const inEditors = wrong.map(({ params }) => String(params.additionalProperty));
      expect(read.length).toBeGreaterThan(0);
      expect(inEditors.filter((key) => !decodedInVain.has(`${type} ${place} ${key}`)).sort()).toEqual(read.sort());
    });
  });

  it('takes documents of all kinds and types', () => {
    const stream = `kind: pipeline
type: docker
name: all
platform: {os: linux, arch: arm64}
clone: {depth: 50, skip_verify: false}
trigger: {event: [push, tag], branch: {exclude: [wip/*]}}
steps:
- name: build
  image: alpine
  environment: {A: 1, B: {from_secret: b}}
  commands: [make]
  volumes: [{name: cache, path: /cache}]
volumes: [{name: cache, temp: {}}]
---
kind: pipeline
type: kubernetes
name: cluster
service_account_name: builder
steps: [{name: build, image: alpine, resources: {limits: {cpu: 500, memory: 1GiB}}}]
---
kind: pipeline
type: exec
name: host
steps: [{name: build, commands: [make]}]
---
kind: pipeline
type: ssh
name: remote
server: {host: build.example.com, user: build, ssh_key: {from_secret: key}}
steps: [{name: build, commands: [make]}]
---
kind: secret
name: token
get: {path: kv/data/app, name: token}
---
kind: signature
hmac: ${'0a'.repeat(32)}
`;
    expect(faultsOf(stream)).toEqual([]);
  });
});
