import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { explainFile } from '../../src/commands/explain-file.ts';
import type { Io } from '../../src/commands/io.ts';
import type { PipelineExplanation } from '../../src/model/pipeline-explanation.ts';
import { displayWidth } from '../../src/reporters/display-width.ts';
import { temporaryFolder } from '../support/cli.ts';

const ajv = new Ajv2020({ allErrors: true, strict: true });
const validate = ajv.compile<PipelineExplanation>(
  JSON.parse(readFileSync('schemas/pipeline-explanation.schema.json', 'utf8')),
);

interface Outcome {
  readonly status: number;
  readonly text: string;
}

async function run(
  files: Readonly<Record<string, string>>,
  file: string,
  format: string,
  width = 80,
): Promise<Outcome> {
  const cwd = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(cwd, name, '..'), { recursive: true });
    writeFileSync(join(cwd, name), text);
  }
  let text = '';
  const io: Io = {
    version: '0.1.0',
    cwd,
    environment: {},
    home: cwd,
    today: '2026-01-01',
    width,
    outIsTerminal: false,
    readStandardInput: () => Buffer.from(files['-'] ?? ''),
    out: (piece) => {
      text += piece;
    },
    error: () => {},
  };
  const status = await explainFile(file, { format, color: 'never' }, io);
  return { status, text };
}

async function explain(text: string, name = '.drone.yml'): Promise<PipelineExplanation> {
  const { text: json } = await run({ [name]: text }, name, 'json');
  const explanation: unknown = JSON.parse(json);
  if (!validate(explanation)) throw new Error(ajv.errorsText(validate.errors));
  return explanation;
}

const canary = 'hunter2-canary-value';
const release = `kind: pipeline
type: docker
name: release
trigger:
  branch: main
  events: push
image_pull_secrets: [registry]
steps:
- name: test
  image: golang:1.23
  environment:
    API_PASSWORD: ${canary}
    TOKEN:
      from_secret: token
  commands:
  - echo "\${DRONE_COMMIT_MESSAGE}"
- name: publish
  image: plugins/docker@sha256:1e42bbe2508154c9126d48c2b8a75420c3544343bf86fd041fb7527e017a4b4a
  settings:
    password: {from_secret: password}
    repo: example/app
  when:
    event: [tag, promote]
    branch: ["", main]
- name: clean
  image: docker:27.3.1
  privleged: true
  volumes:
  - {name: socket, path: /var/run/docker.sock}
  commands: [docker system prune -f]
services:
- name: daemon
  image: docker:dind
  privileged: true
volumes:
- name: socket
  host: {path: /var/run/docker.sock}
---
kind: secret
name: password
data: bm90LXJlYWxseS1lbmNyeXB0ZWQ=
...
kind: pipeline
`;

describe('explain --file', () => {
  it('tells who reaches each step and what it holds', async () => {
    const [file] = (await explain(release)).files;
    const [pipeline] = file?.pipelines ?? [];
    expect(pipeline).toMatchObject({
      name: 'release',
      line: 1,
      platform: 'linux/amd64',
      trust: {
        side: 'needs trust',
        needs: [{ what: 'enable privileged mode', line: 34 }, { what: 'mount host volumes' }],
      },
      secrets: [{ name: 'registry', variable: 'registry', origin: 'stored', onPullRequest: 'if flagged' }],
    });
    expect(pipeline?.reach).toMatchObject({ openTo: 'fork pull requests', reasonLine: 5 });
    expect(
      pipeline?.steps.map(({ name, runs, image, privilege, reach }) => [
        name,
        runs,
        image?.pinning,
        privilege.level,
        reach.events.includes('pull_request'),
      ]),
    ).toEqual([
      ['test', 'commands', 'part of a version', 'ordinary', true],
      ['publish', 'plugin', 'digest', 'privileged', false],
      ['clean', 'commands', 'whole version', 'engine', true],
      ['daemon', 'image', 'floating', 'privileged', true],
    ]);
    expect(pipeline?.steps[0]?.secrets).toMatchObject([
      { name: 'token', variable: 'TOKEN', onPullRequest: 'if flagged' },
    ]);
    expect(pipeline?.steps[1]?.secrets).toMatchObject([
      { name: 'password', variable: 'PLUGIN_PASSWORD', origin: 'encrypted' },
    ]);
    expect(pipeline?.steps[1]?.secrets[0]).not.toHaveProperty('onPullRequest');
    expect(pipeline?.steps[2]?.trustNeeds).toMatchObject([{ what: 'mount host volumes' }]);
  });

  it('tells what Drone refuses, ignores, loses and replaces', async () => {
    const [file] = (await explain(release)).files;
    expect(file?.ignored.map(({ message }) => message)).toEqual([
      'key "privleged" of step "clean" is ignored; "privileged" is known',
      'what follows the line with "..." is lost',
    ]);
    expect(file?.secrets).toEqual([{ name: 'password', line: 39, origin: 'encrypted', usedBy: ['step "publish"'] }]);
    expect(file?.substitutions).toEqual([
      {
        line: 16,
        expression: '${DRONE_COMMIT_MESSAGE}',
        where: 'command of step "test"',
        control: 'text that anybody can write',
      },
    ]);
    expect(file?.refusals.map(({ by }) => by)).toContain('runner of an untrusted repository');
  });

  it('is one table for each pipeline, within the width', async () => {
    for (const width of [80, 60, 120]) {
      const { status, text } = await run({ '.drone.yml': release }, '.drone.yml', 'text', width);
      expect(status).toBe(0);
      for (const line of text.split('\n')) expect(displayWidth(line), line).toBeLessThanOrEqual(width);
    }
    const { text } = await run({ '.drone.yml': release }, '.drone.yml', 'text');
    expect(text).toContain(`
  step              open to             runs as     secrets  image
  test              fork pull requests  ordinary    1        partial
  publish           promotions          PRIVILEGED  1        digest
  clean             fork pull requests  ENGINE      -        version
  daemon (service)  fork pull requests  PRIVILEGED  -        floating
`);
  });

  it('never shows a secret', async () => {
    for (const format of ['text', 'json']) {
      const text = release.replace('name: clean', `name: clean ${canary}`);
      expect((await run({ '.drone.yml': text }, '.drone.yml', format)).text).not.toContain(canary);
    }
  });

  it('shows nothing that acts on a terminal', async () => {
    const text =
      'kind: pipeline\nname: "a\\e[31m\\u202eb"\nsteps:\n- name: "\\ex"\n  image: "i\\e[0m"\n  commands: [ x ]\n';
    const { text: shown } = await run({ '.drone.yml': text }, '.drone.yml', 'text');
    expect(shown).not.toMatch(/[\u001b\u202e]/);
  });

  it('knows the other types and formats', async () => {
    const levelOf = async (text: string) => {
      const [file] = (await explain(text)).files;
      const [pipeline] = file?.pipelines ?? [];
      return [pipeline?.trust.side, ...(pipeline?.steps.map(({ privilege }) => privilege.level) ?? [])];
    };
    expect(await levelOf('kind: pipeline\ntype: exec\nname: a\nsteps:\n- {name: b, commands: [x]}\n')).toEqual([
      'not checked',
      'host',
    ]);
    expect(await levelOf('kind: pipeline\ntype: vm\nname: a\nsteps:\n- {name: b, image: c}\n- {name: d}\n')).toEqual([
      'not checked',
      'privileged',
      'host',
    ]);
    expect(
      await levelOf(
        'kind: pipeline\ntype: kubernetes\nname: a\nsteps: [{name: b, image: c}]\nvolumes: [{name: v, claim: {name: x}}]\n',
      ),
    ).toEqual(['needs trust', 'ordinary']);
    const legacy = await explain(
      'pipeline:\n  build:\n    image: golang\n    secrets: [token]\n    commands: [make]\n',
    );
    expect(legacy.files[0]).toMatchObject({
      legacy: true,
      pipelines: [{ steps: [{ secrets: [{ name: 'token', variable: 'TOKEN' }] }] }],
    });
  });

  it('reads standard input, and any name', async () => {
    const text = 'kind: pipeline\nname: a\nsteps: [{name: b, image: c}]\n';
    expect((await run({ '-': text }, '-', 'json')).status).toBe(0);
    expect((await run({ 'pipeline.txt': text }, 'pipeline.txt', 'json')).status).toBe(0);
  });

  it('is incomplete for what cannot be read or understood', async () => {
    expect(await run({}, 'gone.yml', 'text')).toMatchObject({ status: 3, text: expect.stringContaining('gone.yml') });
    expect((await run({ '.drone.yml': 'kind: pipeline\nsteps: [\n' }, '.drone.yml', 'text')).status).toBe(3);
    expect((await run({ '.drone.star': 'def main(ctx): pass\n' }, '.drone.star', 'text')).text).toContain(
      'starlark is not evaluated',
    );
    await expect(run({}, 'x', 'sarif')).rejects.toThrow('unknown format "sarif"');
  });
});
