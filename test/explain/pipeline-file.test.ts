import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { explainFile } from '../../src/commands/explain-file.ts';
import type { Io } from '../../src/commands/io.ts';
import type { PipelineExplanation } from '../../src/model/pipeline-explanation.ts';
import { displayWidth } from '../../src/reporters/display-width.ts';
import { auditFolder } from '../support/audit-folder.ts';
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
  format: 'text' | 'json',
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
    readPage: () => undefined,
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
      secrets: [{ name: 'registry', variable: 'image_pull_secrets', origin: 'stored', onPullRequest: 'if flagged' }],
      clone: 'by the runner, before all steps',
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
      '"events" in the trigger of pipeline "release" is not a condition and is ignored (did you mean "event"?)',
      '"privleged" is not a key of step "clean" and is ignored (did you mean "privileged"?)',
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

  it('tells when a step runs after a failure', async () => {
    const notesOf = async (status: string) => {
      const text = `kind: pipeline\nname: a\nsteps:\n- {name: b, image: c, when: {status: ${status}}}\n`;
      return (await explain(text)).files[0]?.pipelines[0]?.steps[0]?.notes;
    };
    expect(await notesOf('[success, failure]')).toEqual(['runs after a failure too']);
    expect(await notesOf('"*"')).toEqual(['runs after a failure too']);
    expect(await notesOf('failure')).toEqual(['runs only after a failure']);
    expect(await notesOf('{exclude: [success]}')).toEqual(['runs only after a failure']);
    expect(await notesOf('success')).toEqual([]);
    expect(await notesOf('[]')).toEqual([]);
    expect(await notesOf('changed')).toEqual(['its status is neither success nor failure: runs only after success']);
  });

  it('tells events that are named in vain, and why a step never runs', async () => {
    const text = `kind: pipeline
name: build
trigger:
  branch: main
  event: [push, tag]
steps:
- {name: tagged, image: a, when: {event: [push, tag]}}
- {name: other, image: a, when: {branch: dev}}
- {name: all, image: a}
`;
    const [pipeline] = (await explain(text)).files[0]?.pipelines ?? [];
    expect(pipeline?.reach.events).toEqual(['push']);
    expect(pipeline?.notes).toEqual(['tag is named (line 5), but "branch" of "trigger" keeps it out']);
    expect(pipeline?.steps.map(({ notes }) => notes)).toEqual([
      ['tag is named (line 7), but "branch" of "trigger" keeps it out'],
      [],
      [],
    ]);
    expect(pipeline?.steps[1]?.reach).toMatchObject({
      events: [],
      openTo: 'nobody',
      reason: '"branch" of "when" admits nothing that "branch" of "trigger" admits',
      reasonLine: 8,
    });
  });

  it('gives no reason for what a step leaves out but its own', async () => {
    const text = `kind: pipeline
name: build
trigger: {cron: nightly}
steps:
- {name: ship, image: a, when: {target: production}}
`;
    expect((await run({ '.drone.yml': text }, '.drone.yml', 'text')).text).toContain(
      '\n    runs on promote, rollback\n',
    );
  });

  it('tells of conditions that nothing looks at', async () => {
    const text = `kind: pipeline
name: build
trigger: {paths: [src/**], instance: ci.example.com}
steps:
- {name: a, image: a, when: {paths: [src/**], instance: ci.example.com, branches: [main]}}
`;
    expect((await explain(text)).files[0]?.ignored).toEqual([
      { line: 3, message: '"paths" of the trigger of pipeline "build" is never evaluated' },
      { line: 3, message: '"instance" of the trigger of pipeline "build" is never evaluated' },
      { line: 5, message: '"branches" in "when" of "a" is not a condition and is ignored (did you mean "branch"?)' },
      { line: 5, message: '"paths" of "when" of "a" is never evaluated' },
    ]);
  });

  it('tells of ignored keys what the rules tell', async () => {
    const text = `kind: pipeline
name: build
image: a
steps:
- {name: a, image: a, secrets: [b], target: prod, tags: c}
- {name: b, image: a, commands: [c], needs: [a]}
`;
    expect((await explain(text)).files[0]?.ignored.map(({ message }) => message)).toEqual([
      '"image" is not a key of pipeline "build" and is ignored (it is a key of a step)',
      '"secrets" of the old format is ignored in step "a": it gets none of these secrets',
      '"target" is not a key of step "a" and is ignored (it is a key of "when" of a step)',
      '"tags" is not a key of step "a" and is ignored (what a plugin reads stands below "settings")',
      '"needs" is not a key of step "b" and is ignored (did you mean "depends_on"?)',
    ]);
  });

  it('tells how the repository gets in', async () => {
    const cloneOf = async (clone: string) =>
      (await explain(`kind: pipeline\nname: a\nsteps: []\n${clone}`)).files[0]?.pipelines[0]?.clone;
    expect(await cloneOf('')).toBe('by the runner, before all steps');
    expect(await cloneOf('clone: {disable: false, depth: 5, skip_verify: true}')).toBe(
      'by the runner, before all steps, depth 5, no step verifies the certificate of the server (line 4)',
    );
    expect(await cloneOf('clone: {disable: true}')).toBe('left out (line 4)');
    const [legacy] = (await explain('clone:\n  git: {image: plugins/git}\npipeline:\n  a: {image: b}\n')).files;
    expect(legacy?.pipelines[0]?.clone).toBe('by steps of its own (line 1)');
  });

  it('tells what a pod asks of its cluster', async () => {
    const text = `kind: pipeline
type: kubernetes
name: pod
service_account_name: deployer
node_selector: {disk: fast}
metadata: {namespace: builds}
host_aliases: [{ip: 192.0.2.1, hostnames: [git.example.com]}]
steps: []
`;
    expect((await explain(text)).files[0]?.pipelines[0]?.notes).toEqual([
      'asks of its cluster, trusted or not: service account "deployer" (line 4), namespace "builds" (line 6), nodes with disk=fast (line 5), git.example.com at 192.0.2.1 (line 7)',
    ]);
  });

  it('tells what a pipeline does not wait for', async () => {
    const text = `kind: pipeline
name: scan
trigger: {event: push}
steps: []
---
kind: pipeline
name: ship
depends_on: [scan, gone]
trigger: {event: [push, tag]}
steps: []
`;
    const [, ship] = (await explain(text)).files[0]?.pipelines ?? [];
    expect(ship?.notes).toEqual(['does not wait for "scan" (line 8) on tag, which does not start then']);
  });

  it('tells of pipelines that no runner takes', async () => {
    const text = 'kind: pipelines\nname: a\nsteps: []\n---\nkind: pipeline\ntype: nosuch\nname: b\nsteps: []\n';
    const { pipelines } = (await explain(text)).files[0] ?? {};
    expect(pipelines?.map(({ unserved, trust }) => [unserved, trust.side])).toEqual([
      ['no runner takes kind "pipelines", so it stays pending', 'not checked'],
      ['no runner of type "nosuch" is known; without one it stays pending', 'not checked'],
    ]);
    expect((await run({ '.drone.yml': text }, '.drone.yml', 'text')).text).not.toContain('trusted');
  });

  it('tells all of the privilege, and of what is mounted or resolved in vain', async () => {
    const text = `kind: pipeline
name: a
steps:
- name: b
  image: c
  privileged: true
  volumes: [{name: socket, path: /s}, {name: cache, path: /c}, {name: gone, path: /g}]
  settings: {list: [{from_secret: inner}]}
volumes:
- {name: socket, host: {path: /var/run/docker.sock}}
- {name: cache, host: {path: /srv/cache}}
`;
    const [step] = (await explain(text)).files[0]?.pipelines[0]?.steps ?? [];
    expect(step?.privilege).toEqual({
      level: 'privileged',
      why: 'privileged, as it asks; mounts the socket of the engine; mounts "/srv/cache" of the host',
    });
    expect(step?.notes).toEqual([
      '"from_secret: inner" (line 8) is in a list or mapping, where it is not resolved',
      'mounts nothing for "gone" (line 7), which is not a volume of the pipeline',
    ]);
    expect((await run({ '.drone.yml': text }, '.drone.yml', 'text', 200)).text).toContain(
      'it would enable privileged mode (line 6), mount host volumes (lines 10, 11)',
    );
  });

  it('does not take a secret of the same name as its key for one that pulls images', async () => {
    const text =
      'kind: pipeline\ntype: ssh\nname: a\nserver: {host: {from_secret: host}, user: b, password: {from_secret: p}}\nsteps: []\n';
    const { text: shown } = await run({ '.drone.yml': text }, '.drone.yml', 'text', 120);
    expect(shown).toContain('"host" (stored) as host, given to pull requests if flagged for them');
    expect(shown).not.toContain('to pull images');
  });

  it('reads the 0.8 format as the server converts it', async () => {
    const text = `pipeline:
  build:
    image: golang
    group: test
    commands: [make]
    when: {event: pull_request, local: false}
  build:
    image: golang
    commands: [make]
matrix:
  GO: [1, 2]
`;
    const [file] = (await explain(text)).files;
    expect(file?.pipelines[1]?.steps.map(({ name, line, notes }) => [name, line, notes])).toEqual([
      ['build', 2, ['"group" is not a key of a step, only settings for its commands']],
      ['build_1', 7, []],
    ]);
    expect(file?.ignored).toEqual([
      { line: 6, message: '"local" in "when" of "build" is not a condition and is ignored' },
      { line: 7, message: 'step "build" is written twice, and both run' },
    ]);
    const { text: shown } = await run({ '.drone.yml': text }, '.drone.yml', 'text');
    expect(shown).toContain('pipelines "matrix-1" to "matrix-2"  docker on');
    expect(shown.split('open to  ')).toHaveLength(3);
    expect(shown).not.toContain('refused by the server');
    const refused = await run({ '.drone.yml': text.replace('image: golang', 'image: []') }, '.drone.yml', 'text', 120);
    expect(refused.text.split('\n')[0]).toBe(
      '.drone.yml · 2 pipelines · 4 steps · in a format before 1.0 · refused by the server',
    );
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
    for (const format of ['text', 'json'] as const) {
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
  });
});

describe('the findings of an audit', () => {
  const text = `kind: pipeline
type: docker
name: release
steps:
- name: build
  image: alpine:3.20.3
  privileged: true
  commands: [make]
- name: test
  image: alpine:3.20.3
  commands: [make test]
  when: {event: [push]}
`;
  const links = (found: PipelineExplanation['files'][number]['findings'] | undefined): readonly string[] =>
    (found ?? []).map(({ severity, rule, line }) => `${line} ${severity} ${rule}`);

  it('stand with the step or the pipeline that they are of', async () => {
    const [pipeline] = (await explain(text)).files[0]?.pipelines ?? [];
    expect(links(pipeline?.findings)).toEqual(['3 critical missing-trigger']);
    expect(
      pipeline?.steps.map(({ findings }) => links(findings).filter((each) => each.includes('privileged'))),
    ).toEqual([['7 high privileged-step'], []]);
  });

  it('are those of a scan, by their fingerprints', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, '.drone.yml'), text);
    const { findings } = await auditFolder(folder);
    const all = new Set(findings.flatMap((each) => [each, ...each.consequences]).map(({ fingerprint }) => fingerprint));
    const [file] = (await explain(text)).files;
    const linked = [file, ...(file?.pipelines ?? []), ...(file?.pipelines ?? []).flatMap(({ steps }) => steps)];
    const fingerprints = linked.flatMap((each) => each?.findings ?? []).map(({ fingerprint }) => fingerprint);
    expect(fingerprints).toHaveLength(all.size);
    expect(new Set(fingerprints)).toEqual(all);
  });

  it('are left out where a comment accepts them', async () => {
    const accepted = text.replace('privileged: true', 'privileged: true # drone-audit: ignore[privileged-step] meant');
    const [pipeline] = (await explain(accepted)).files[0]?.pipelines ?? [];
    expect(links(pipeline?.steps[0]?.findings).filter((each) => each.includes('privileged'))).toEqual([]);
  });

  it('are shown with their lines', async () => {
    const { text: shown } = await run({ '.drone.yml': text }, '.drone.yml', 'text');
    expect(shown).toMatch(/^ {4}! high privileged-step +line 7$/m);
    expect(shown).toMatch(/^ {2}! critical missing-trigger +line 3$/m);
  });
});
