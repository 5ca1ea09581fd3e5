import { describe, expect, it } from 'vitest';
import { usualPolicy } from '../src/apply-policy.ts';
import { audit } from '../src/audit.ts';
import { explainPipelineFiles } from '../src/explain/pipeline-file.ts';
import { installationsOf } from '../src/installations.ts';
import { unknownSite } from '../src/model/site.ts';
import type { Source } from '../src/model/source.ts';
import { say } from '../src/model/text.ts';
import { read } from '../src/read.ts';
import { textReport } from '../src/reporters/text.ts';
import { allRules, familyOf } from '../src/rules/all.ts';
import { maskFor } from '../src/secrets/mask.ts';
import { findingsIn, fixtureOf } from './support/fixtures.ts';
import { plain } from './support/text.ts';

// The same pipeline file, judged without and with what its server knows of the repository.

const pipeline = `# slug: Octocat/App
kind: pipeline
name: default

steps:
  - name: image
    image: docker:29
    privileged: true
    commands: [./build.sh]
    environment:
      TOKEN: { from_secret: api_key }

trigger:
  event: [push, pull_request]
`;

const repository = {
  slug: 'octocat/app',
  namespace: 'octocat',
  default_branch: 'main',
  visibility: 'public',
  active: true,
  config_path: '.drone.yml',
  timeout: 60,
};

/** The findings in the pipeline file, each as `severity rule`; with those who can make it happen. */
function judged(facts?: object, secrets: readonly object[] | null = []): readonly string[] {
  return findingsOf(facts, secrets).map(
    ({ severity, rule, reach }) => `${severity} ${rule}${reach ? `, ${reach}` : ''}`,
  );
}

function findingsOf(facts?: object, secrets: readonly object[] | null = []) {
  const texts = new Map([['.drone.yml', pipeline]]);
  if (facts)
    texts.set('app.repository.yml', JSON.stringify({ repository: { ...repository, ...facts }, secrets }, null, 2));
  return findingsIn(fixtureOf('repository', texts)).findings.filter(({ at }) => at.source.name === '.drone.yml');
}

describe('a pipeline file', () => {
  it('without a server', () =>
    expect(judged()).toMatchInlineSnapshot(`
    [
      "low unpinned-image, fork pull requests",
      "critical privileged-step, fork pull requests",
      "medium secret-with-repository-code, fork pull requests",
      "low secret-on-pull-request, fork pull requests",
    ]
  `));
  it('of a repository that is not trusted', () =>
    expect(judged({})).toMatchInlineSnapshot(`
    [
      "low unpinned-image, fork pull requests",
      "info privileged-step, fork pull requests",
      "medium secret-with-repository-code, fork pull requests",
      "low secret-on-pull-request, fork pull requests",
    ]
  `));
  it('of a trusted repository', () =>
    expect(judged({ trusted: true })).toMatchInlineSnapshot(`
    [
      "low unpinned-image, fork pull requests",
      "critical privileged-step, fork pull requests",
      "medium secret-with-repository-code, fork pull requests",
      "low secret-on-pull-request, fork pull requests",
    ]
  `));
  it('of a trusted repository without builds of forks', () =>
    expect(judged({ trusted: true, ignore_forks: true })).toMatchInlineSnapshot(`
      [
        "low unpinned-image, writers by push and pull request",
        "high privileged-step, writers by push and pull request",
        "low secret-with-repository-code, writers by push and pull request",
        "info secret-on-pull-request, writers by push and pull request",
      ]
    `));
  it('of a trusted repository without builds of pull requests', () =>
    expect(judged({ trusted: true, ignore_pull_requests: true })).toMatchInlineSnapshot(`
      [
        "low unpinned-image, writers by push",
        "high privileged-step, writers by push",
        "low secret-with-repository-code, writers by push",
        "info secret-on-pull-request, writers by push",
      ]
    `));
  it('of a trusted repository that is private', () =>
    expect(judged({ trusted: true, private: true, visibility: 'private' })).toMatchInlineSnapshot(`
      [
        "low unpinned-image, fork pull requests",
        "high privileged-step, fork pull requests",
        "low secret-with-repository-code, fork pull requests",
        "info secret-on-pull-request, fork pull requests",
      ]
    `));
  it('of a trusted repository that is protected', () =>
    expect(judged({ trusted: true, protected: true })).toMatchInlineSnapshot(`
      [
        "medium missing-signature",
        "low unpinned-image, fork pull requests",
        "critical privileged-step, fork pull requests",
        "medium secret-with-repository-code, fork pull requests",
        "low secret-on-pull-request, fork pull requests",
      ]
    `));
  it('of a repository that releases the secret', () =>
    expect(judged({}, [{ name: 'api_key', pull_request: true }])).toMatchInlineSnapshot(`
      [
        "low unpinned-image, fork pull requests",
        "info privileged-step, fork pull requests",
        "high secret-with-repository-code, fork pull requests",
        "high secret-on-pull-request, fork pull requests",
      ]
    `));
  it('of a repository that releases the secret to no fork', () =>
    expect(judged({ ignore_forks: true }, [{ name: 'api_key', pull_request: true }])).toMatchInlineSnapshot(`
      [
        "low unpinned-image, writers by push and pull request",
        "info privileged-step, writers by push and pull request",
        "medium secret-with-repository-code, writers by push and pull request",
        "medium secret-on-pull-request, writers by push and pull request",
      ]
    `));
  it('of another repository', () =>
    expect(judged({ slug: 'octocat/other' })).toMatchInlineSnapshot(`
    [
      "low unpinned-image, fork pull requests",
      "critical privileged-step, fork pull requests",
      "medium secret-with-repository-code, fork pull requests",
      "low secret-on-pull-request, fork pull requests",
    ]
  `));
});

describe('what a server knows', () => {
  const withoutTrigger = pipeline.replace(/trigger:[\s\S]*/, '');

  it('is named where it lowers a severity', () => {
    const [finding] = findingsOf({ trusted: true, ignore_forks: true }).filter(
      ({ rule }) => rule === 'privileged-step',
    );
    expect(finding?.related.map(({ at, message }) => [at.source.name, at.path, plain(message)])).toContainEqual([
      'app.repository.yml',
      'repository.ignore_forks',
      'the server builds no pull requests from forks of repository "octocat/app"',
    ]);
  });

  it('lowers a condition at fault for pull requests alone, and what follows from it', () => {
    const findings = (facts: object): readonly string[] => {
      const texts = new Map([
        ['.drone.yml', withoutTrigger],
        ['app.repository.yml', JSON.stringify({ repository: { ...repository, ...facts } })],
      ]);
      return findingsIn(fixtureOf('repository', texts)).findings.flatMap(({ rule, severity, consequences }) =>
        rule === 'missing-trigger' ? [severity, ...consequences.map((each) => `${each.severity} ${each.rule}`)] : [],
      );
    };
    expect(findings({ trusted: true })).toMatchInlineSnapshot(`
      [
        "critical",
        "critical privileged-step",
        "medium secret-with-repository-code",
        "low secret-on-pull-request",
      ]
    `);
    expect(findings({ trusted: true, ignore_pull_requests: true })).toMatchInlineSnapshot(`
      [
        "medium",
        "info secret-on-pull-request",
      ]
    `);
  });

  it('is more than what the site says of all repositories', () => {
    const severityOf = (trusted: boolean): readonly string[] => {
      const texts = new Map([
        ['.drone.yml', `# site: trust=${trusted ? 'untrusted' : 'trusted'}\n${pipeline}`],
        ['app.repository.yml', JSON.stringify({ repository: { ...repository, trusted } })],
      ]);
      const { findings } = findingsIn(fixtureOf('repository', texts));
      return findings.flatMap(({ rule, severity }) => (rule === 'privileged-step' ? [severity] : []));
    };
    expect([severityOf(true), severityOf(false)]).toEqual([['critical'], ['info']]);
  });
});

describe('clones and repositories of a server', () => {
  const clone = (name: string, slug: string): Source => ({
    name,
    form: 'drone',
    text: pipeline,
    repository: `/w/${slug}`,
    slug,
  });
  const stored = (slug: string, server = 'https://ci.example.com', facts: object = {}): Source => ({
    name: `${server}/api/repos/${slug}`,
    form: 'drone-repository',
    text: JSON.stringify({ repository: { ...repository, namespace: '', slug, ...facts } }),
  });
  const understood = (...sources: readonly Source[]) =>
    read(sources, ({ name: source }) => ({ kind: 'unreadable', source, message: say`is not there`, incomplete: true }));
  const parts = (...sources: readonly Source[]): readonly (readonly string[])[] =>
    installationsOf(understood(...sources)).map((part) => part.sources.map(({ name }) => name));

  it('are one installation, without regard to case', () => {
    const sources = [clone('a/.drone.yml', 'Octocat/A'), clone('b/.drone.yml', 'me/b'), stored('octocat/a')];
    expect(parts(...sources)).toEqual([
      ['a/.drone.yml', 'https://ci.example.com/api/repos/octocat/a'],
      ['b/.drone.yml'],
    ]);
  });

  it('are left apart where two servers have a repository of that name', () => {
    const sources = [
      clone('a/.drone.yml', 'octocat/a'),
      stored('octocat/a'),
      stored('octocat/a', 'https://other.example'),
    ];
    expect(parts(...sources)).toHaveLength(3);
  });

  it('are named where one has no counterpart', () => {
    const remarks = ({ unknown }: ReturnType<typeof understood>): readonly string[] =>
      unknown.map(({ at, message, whole }) => `${whole ?? at.source.name} ${plain(message)}`);
    expect(remarks(understood(clone('a/.drone.yml', 'octocat/a')))).toEqual([]);
    expect(remarks(understood(clone('a/.drone.yml', 'octocat/a'), stored('octocat/a')))).toEqual([]);
    expect(
      remarks(
        understood(
          clone('a/.drone.yml', 'octocat/a'),
          stored('octocat/b'),
          stored('octocat/c', undefined, { active: false }),
        ),
      ),
    ).toEqual([
      'https://ci.example.com/api/repos/octocat/b the pipeline file of active repository "octocat/b" is not part of this audit',
      'a/.drone.yml the server does not list the repository of this clone, "octocat/a", or does not show it to this account',
    ]);
    const many = Array.from({ length: 23 }, (_, index) => stored(`octocat/r${index}`));
    const [remark] = remarks(understood(...many));
    expect(remark).toMatch(
      /^https:\/\/ci\.example\.com\/ the pipeline files of 23 active repositories are not part of this audit: "octocat\/r0", .* and 3 more$/,
    );
    expect(remark?.match(/"octocat/g)).toHaveLength(20);
  });

  it('tell whether a file is the one that the server builds', () => {
    const message = (name: string): readonly string[] => {
      const { findings } = findingsIn({
        name: '',
        texts: new Map(),
        sources: [clone(name, 'octocat/a'), stored('octocat/a', undefined, { config_path: 'ci/build.yml' })],
      });
      return findings.flatMap(({ rule, message }) => (rule === 'unusual-config-path' ? [message] : []));
    };
    expect(message('a/ci/build.yml')).toEqual(['the configuration of repository "octocat/a" is "ci/build.yml"']);
    expect(message('a/.drone.yml')).toEqual([
      'the configuration of repository "octocat/a" is "ci/build.yml"; this audit has not seen it',
    ]);
  });

  it('have templates, which are read as the pipelines that they write', () => {
    const template: Source = {
      name: 'https://ci.example.com/api/templates/octocat/build.yaml',
      form: 'drone',
      text: 'kind: pipeline\nname: default\nsteps:\n  - name: build\n    image: {{ .input.image }}\n    commands: [make]\n',
    };
    const { findings, problems } = findingsIn({ name: '', texts: new Map(), sources: [template, stored('octocat/a')] });
    expect(problems.filter(({ kind }) => kind === 'fault')).toEqual([]);
    expect(
      findings.filter(({ at }) => at.source.name === template.name).map(({ rule }) => rule),
    ).toMatchInlineSnapshot(`
      [
        "unescaped-template-text",
      ]
    `);
    const { installation, secrets } = understood(template, stored('octocat/a'));
    expect(explainPipelineFiles(installation, maskFor(secrets)).map(({ file }) => file)).toEqual([template.name]);
  });
});

it('an audit of a server alone is one, with nothing to find in it', async () => {
  const sources: readonly Source[] = [
    {
      name: 'https://ci.example.com/api/repos/octocat/a',
      form: 'drone-repository',
      text: JSON.stringify({ repository: { ...repository, ignore_forks: true }, secrets: [], cron: [], builds: [] }),
    },
  ];
  const { report } = await audit({
    version: '0.0.0',
    targets: {
      cwd: '.',
      paths: [],
      standardInput: () => Buffer.alloc(0),
      live: [async () => ({ sources, problems: [] })],
    },
    rules: allRules,
    familyOf,
    site: unknownSite,
    policy: usualPolicy('2026-11-29'),
    failOn: 'high',
    notAsked: () => [],
  });
  expect(report.findings).toEqual([]);
  expect(textReport(report, { color: false, width: 200, verbose: false })).toContain('\n nothing found\n');
});
