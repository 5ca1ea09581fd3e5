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
