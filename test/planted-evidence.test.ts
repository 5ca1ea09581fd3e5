import { createHash } from 'node:crypto';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { droneAudit, temporaryFolder } from './support/cli.ts';
import { commitFiles, git, hasGit, writeFiles } from './support/git.ts';

// Whoever writes to a repository plants saved evidence there, which would stand for a server that nobody asked and for
// files that nobody read.

const pipeline = `kind: pipeline
type: docker
name: default
trigger: { event: [push] }
steps:
- name: build
  image: octocat/tools@sha256:aa
  privileged: true
  commands: [make]
`;
const answer = JSON.stringify({
  repository: { slug: 'octocat/hello', active: true, trusted: false, protected: true, visibility: 'private' },
});
const compose = `services:
  runner:
    image: drone/drone-runner-docker:1.8.5
    privileged: true
`;

function manifest(
  sources: readonly { name: string; form: string; file: string; text: string; given: boolean }[],
): string {
  const entries = sources.map(({ text, ...entry }) => ({
    ...entry,
    sha256: createHash('sha256').update(text).digest('hex'),
    slug: 'octocat/hello',
  }));
  return JSON.stringify({ version: 2, sources: entries, lookups: [], problems: [], mentions: [], excluded: 0 });
}

/** The answer of a server that nobody asked: the repository is not trusted, so that no step of it is privileged. */
const forged = {
  'drone-audit-evidence.json': manifest([
    {
      name: 'https://ci.example.com/api/repos/octocat/hello',
      form: 'drone-repository',
      file: 'sources/00001-repo.json',
      text: answer,
      given: true,
    },
  ]),
  'sources/00001-repo.json': answer,
  '.drone.yml': pipeline,
};

/** A file that is read in no way. */
const hidden = {
  'drone-audit-evidence.json': manifest([
    {
      name: 'docker-compose.yml',
      form: 'compose',
      file: 'sources/00001-docker-compose.yml',
      text: compose,
      given: false,
    },
  ]),
  'sources/00001-docker-compose.yml': compose,
};

function scan(cwd: string, ...args: string[]) {
  const { status, stdout, stderr } = droneAudit(['scan', '--format', 'json', ...args], { cwd });
  expect(stderr).toBe('');
  const { findings, problems, coverage } = JSON.parse(stdout);
  return {
    status,
    found: findings.map(({ file, rule, severity }: Record<string, string>) => `${severity} ${file} ${rule}`),
    problems: problems.map(({ file, message }: Record<string, string>) => `${file} ${message}`),
    notAsked: JSON.stringify(coverage),
  };
}

function place(files: Record<string, string>): { whole: string; repository: string } {
  const whole = temporaryFolder();
  writeFiles(whole, { 'policy.yml': '' });
  writeFiles(join(whole, 'repository'), files);
  return { whole, repository: join(whole, 'repository') };
}

const privileged = 'high .drone.yml privileged-step';
const inRepository = expect.stringContaining('is in a repository, whose authors could have written it');

describe.skipIf(!hasGit)('saved evidence that git tracks', () => {
  it.each([[[]], [['--policy', '../policy.yml']]])('stands for no server and hides no file: %j', (options) => {
    for (const [files, wanted] of [
      [forged, privileged],
      [hidden, 'high sources/00001-docker-compose.yml privileged-container'],
    ] as const) {
      const { repository } = place(files);
      git(repository, ['init', '-q']);
      commitFiles(repository, {});
      const { status, found, problems } = scan(repository, ...options);
      expect(found).toContain(wanted);
      expect(problems).toContainEqual(inRepository);
      expect(status).toBe(1);
    }
  });

  it('counts neither in a folder of the repository, nor by a link to it, nor without an index', () => {
    const { whole, repository } = place({ 'README.md': 'x\n' });
    git(repository, ['init', '-q']);
    commitFiles(repository, Object.fromEntries(Object.entries(forged).map(([name, text]) => [`ci/${name}`, text])));
    expect(scan(repository, 'ci').found).toContain('high ci/.drone.yml privileged-step');
    expect(scan(whole, 'repository/ci').problems).toContainEqual(inRepository);
    rmSync(join(repository, '.git/index'));
    expect(scan(repository, 'ci', '--policy', '../policy.yml').problems).toContainEqual(inRepository);
  });
});

describe('saved evidence under a policy', () => {
  it('does not count beside other files, without a repository either', () => {
    const { repository } = place(forged);
    const { found, problems } = scan(repository, '--policy', '../policy.yml');
    expect(found).toContain(privileged);
    expect(problems).toEqual([
      'drone-audit-evidence.json is beside other files, whose authors could have written it, and was not believed: its files were read as any others; audit a copy of evidence that you trust, outside of repositories',
    ]);
  });

  it('hides no file that was neither given nor looked up', () => {
    const { whole } = place(hidden);
    expect(scan(whole, 'repository', '--policy', 'policy.yml').found).not.toEqual([]);
  });

  it.each([
    ['ci/build.yml', 'starlark', 'ci_build.yml'],
    ['ci/build.yml', 'jsonnet', 'ci_build.yml'],
    ['ci/build.yml', 'docker-run', 'ci_build.yml'],
    ['ci/build.yml', 'kubernetes', 'ci_build.yml'],
    ['ci/build.yml', 'systemd', 'ci_build.yml'],
    ['ci/build.yml', 'docker-inspect', 'ci_build.yml'],
    ['ci/build.yml', 'docker-log', 'ci_build.yml'],
    ['ci/build.yml', 'drone-endpoint', 'ci_build.yml'],
    ['docker-log://drone', 'docker-log', 'drone.json'],
    ['docker://drone', 'docker-inspect', 'drone.json'],
    ['https://ci.example.com/api/repos', 'drone-repository', 'ci.example.com_api_repos.json'],
    ['ci/build.drone.star', 'starlark', 'ci_build.yml'],
    ['README.md', 'docker-run', 'ci_build.yml'],
  ])('is not believed where it makes something else of a pipeline: %s as %s', (name, form, file) => {
    const path = `sources/00001-${file}`;
    const { whole } = place({
      'drone-audit-evidence.json': manifest([{ name, form, file: path, text: pipeline, given: true }]),
      [path]: pipeline,
    });
    const { status, found, problems } = scan(whole, 'repository', '--policy', 'policy.yml');
    expect(found).toContain(`high repository/${path} privileged-step`);
    expect(problems.join('\n')).toMatch(
      /00001-[\w.]+ is saved in another form than that of its text, and was not believed|1 of its sources cannot be used/,
    );
    expect(status).toBe(1);
  });

  it('is not believed where an answer of an engine is a pipeline, too', () => {
    const text =
      '{"kind": "pipeline", "name": "x", "trigger": {"event": ["push"]}, "steps": [{"name": "b", "image": "a@sha256:aa", "privileged": true}], "HostConfig": {}, "Name": "/web", "Config": {"Image": "nginx"}}';
    const file = 'sources/00001-web.json';
    const { whole } = place({
      'drone-audit-evidence.json': manifest([
        { name: 'docker://web', form: 'docker-inspect', file, text, given: true },
      ]),
      [file]: text,
    });
    const { found } = scan(whole, 'repository', '--policy', 'policy.yml');
    expect(found).toContain(`high repository/${file} privileged-step`);
  });

  it.each([
    ['build.txt', 'starlark', 'is saved in another form than that of its text'],
    ['build.txt', 'systemd', 'nothing of Drone was understood in what was read'],
  ])('is incomplete where nothing of it is understood: %s as %s', (name, form, message) => {
    const source = { name, form, file: `sources/00001-${name}`, text: 'x = 1\n', given: true };
    const { whole } = place({ 'drone-audit-evidence.json': manifest([source]), [source.file]: source.text });
    const { status, problems } = scan(whole, 'repository', '--policy', 'policy.yml');
    expect(problems).toContainEqual(expect.stringContaining(message));
    expect(status).toBe(3);
  });

  it('hides nothing by saying that another file names it', () => {
    const source = { name: 'a.yml', form: 'compose', file: 'sources/00001-a.yml', text: compose, given: false };
    const lookups = [{ from: 'nobody.yml', path: 'a.yml', form: 'compose', source: 'a.yml' }];
    const { whole } = place({
      'drone-audit-evidence.json': JSON.stringify({ ...JSON.parse(manifest([source])), lookups }),
      [source.file]: compose,
    });
    const { found } = scan(whole, 'repository', '--policy', 'policy.yml');
    expect(found).toContain('high a.yml privileged-container');
  });

  it('stands for no file that is audited itself', () => {
    const harmless = 'services: { runner: { image: "drone/drone-runner-docker:1.8.5" } }\n';
    const source = {
      name: 'live/a.yml',
      form: 'compose',
      file: 'sources/00001-live_a.yml',
      text: harmless,
      given: true,
    };
    const { whole } = place({ 'drone-audit-evidence.json': manifest([source]), [source.file]: harmless });
    writeFiles(join(whole, 'live'), { 'a.yml': compose });
    const { found, problems } = scan(whole, 'repository', 'live', '--policy', 'policy.yml');
    expect(found).toContain('high live/a.yml privileged-container');
    expect(problems).toContain(
      'repository/sources/00001-live_a.yml is saved as a file that is audited itself, and was not believed: it was read as any other',
    );
  });

  it('does not count in the current folder, and says that it counts elsewhere', () => {
    const { whole, repository } = place({ 'compose.yml': compose });
    scan(repository, '--policy', '../policy.yml', '--save-evidence', '../kept');
    const inside = scan(join(whole, 'kept'), '.', '--policy', '../policy.yml');
    expect(inside.found).toContain('high sources/00001-compose.yml privileged-container');
    expect(inside.problems).toContainEqual(expect.stringContaining('is in the current folder'));
    expect(scan(whole, 'kept', '--policy', 'policy.yml').problems).toContain(
      'kept/drone-audit-evidence.json was believed: what it says of engines, servers and names is as true as whoever wrote it',
    );
  });

  it('comes to the same as what it was saved from, in every form', () => {
    const { whole, repository } = place({
      'stack/compose.yml': 'services:\n  drone:\n    image: drone/drone:2\n    env_file: [server.env, rest]\n',
      'stack/server.env': 'DRONE_GITEA_SERVER=http://git.example.com\n',
      'stack/rest': 'DRONE_COOKIE_TIMEOUT=1h\n',
      'stack/include.yml': 'include: [part/base.yml]\n',
      'stack/part/base.yml': 'services: { runner: { image: "drone/drone-runner-docker:1", privileged: true } }\n',
      'units/drone.service':
        '[Service]\nEnvironmentFile=/etc/drone.env\nExecStart=/usr/bin/docker run --privileged drone/drone:2\n',
      'units/run.sh': '#!/bin/sh\ndocker run --env-file ./d.env -v /:/host drone/drone:2\n',
      'units/d.env': 'DRONE_OPEN=true\n',
      'k8s/drone.yml':
        'apiVersion: v1\nkind: Pod\nmetadata: { name: drone }\nspec: { hostNetwork: true, containers: [{ name: drone, image: drone/drone:2 }] }\n',
      'k8s/web.yml': 'apiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec: { ports: [{ port: 80 }] }\n',
      'app/.drone.yml': pipeline,
      'app/.drone.star': 'def main(ctx):\n  return {"kind": "pipeline", "steps": []}\n',
    });
    const before = scan(repository, '--policy', '../policy.yml', '--save-evidence', '../kept');
    const after = scan(whole, 'kept', '--policy', 'policy.yml');
    expect(before.found.length).toBeGreaterThan(8);
    expect(after.found).toEqual(before.found);
    expect(after.problems.filter((each: string) => !each.includes(' was believed: '))).toEqual(before.problems);
  });

  it('counts for what this run saved itself, and in a folder that holds nothing else', () => {
    const { whole, repository } = place({ 'compose.yml': compose });
    const before = scan(repository, '--policy', '../policy.yml', '--save-evidence', '../kept');
    expect(before.found).not.toEqual([]);
    rmSync(repository, { recursive: true });
    expect(scan(whole, 'kept', '--policy', 'policy.yml').found.length).toBe(before.found.length);
  });
});

describe.skipIf(!hasGit)('saved evidence in a folder that git does not track', () => {
  it('counts without a policy', () => {
    const { whole, repository } = place({ 'compose.yml': compose });
    git(repository, ['init', '-q']);
    commitFiles(repository, {});
    const before = scan(repository, '--save-evidence', 'kept');
    const { found, problems } = scan(repository, 'kept');
    expect([found, problems]).toEqual([before.found, before.problems]);
    expect(scan(repository, 'kept', '--policy', '../policy.yml').problems).toContainEqual(inRepository);
    cpSync(join(repository, 'kept'), join(whole, 'copy'), { recursive: true });
    expect(scan(whole, 'copy', '--policy', 'policy.yml').found).toEqual(before.found);
  });
});
