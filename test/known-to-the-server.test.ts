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
import { plain, whole } from './support/text.ts';

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
  // Each build of what is not signed waits for a person, who may approve it; what is signed runs the scripts of the pull request.
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

describe('a clone', () => {
  const found = (slug: string, ...stored: readonly object[]): readonly string[] => {
    const texts = new Map([
      ['.drone.yml', pipeline.replace('Octocat/App', slug)],
      ...stored.map(
        (facts, index) =>
          [
            `${index}.repository.yml`,
            JSON.stringify({ repository: { ...repository, ...facts }, secrets: [] }),
          ] as const,
      ),
    ]);
    return findingsIn(fixtureOf('repository', texts)).findings.flatMap(({ rule, severity }) =>
      rule === 'privileged-step' ? [severity] : [],
    );
  };
  const below = { git_http_url: 'https://git.example.com/gitea/octocat/app.git' };

  it('of a namespace with several parts is that of its repository', () => {
    expect(found('group/sub/app', { slug: 'group/sub/app', namespace: 'group/sub' })).toEqual(['info']);
    expect(found('group/sub/app', { slug: 'sub/app', namespace: 'sub' })).toEqual(['critical']);
  });
  it('of an SCM below a folder is told by the address that the server clones from', () => {
    expect(found('gitea/octocat/app', below)).toEqual(['info']);
    expect(found('octocat/app', below)).toEqual(['info']);
    expect(found('other/octocat/app', below)).toEqual(['critical']);
    expect(found('gitea/octocat/app', {})).toEqual(['critical']);
  });
  it('is told by the slug first', () =>
    expect(
      found('gitea/octocat/app', below, { slug: 'gitea/octocat/app', namespace: 'gitea/octocat', trusted: true }),
    ).toEqual(['critical']));
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

  it('tells whether a pull request can change the file', () => {
    const pasted = pipeline.replace('./build.sh', "'echo $".concat("{DRONE_PULL_REQUEST_TITLE}'"));
    const signed = `${pasted}---\nkind: signature\nhmac: 0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9\n`;
    const severityOf = (text: string, facts: object): readonly string[] => {
      const texts = new Map([
        ['.drone.yml', text],
        ['app.repository.yml', JSON.stringify({ repository: { ...repository, ...facts } })],
      ]);
      const { findings } = findingsIn(fixtureOf('repository', texts));
      return findings.flatMap(({ rule, severity }) => (rule === 'outsider-text-substitution' ? [severity] : []));
    };
    expect(severityOf(pasted, {})).toEqual(['high']);
    expect(severityOf(pasted, { protected: true })).toEqual(['critical']);
    expect(severityOf(signed, { protected: true })).toEqual(['critical']);
    // Nobody compares this signature.
    expect(severityOf(signed, {})).toEqual(['high']);
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

describe('what is said of pull requests', () => {
  const releasing = [{ name: 'api_key', pull_request: true }];
  const withoutTrigger = pipeline.replace(/trigger:[\s\S]*/, '');
  const said = (text: string, facts: object, secrets: readonly object[] = releasing): readonly string[] => {
    const texts = new Map([
      ['.drone.yml', text],
      ['app.repository.yml', JSON.stringify({ repository: { ...repository, ...facts }, secrets })],
    ]);
    const { findings } = findingsIn(fixtureOf('repository', texts));
    return findings
      .filter(({ at }) => at.source.name === '.drone.yml')
      .flatMap((finding) => [finding, ...finding.consequences])
      .map((each) => `${each.severity} ${each.rule}${'reach' in each ? ` (${each.reach})` : ''}: ${each.message}`);
  };

  it('that are not built', () => {
    expect(said(pipeline, { ignore_pull_requests: true, trusted: true })).toMatchInlineSnapshot(`
      [
        "low unpinned-image (writers by push): image "docker:29" names only part of a version and moves with each release",
        "high privileged-step (writers by push): step "image" runs privileged",
        "medium secret-with-repository-code (writers by push): "image" holds secret "api_key" and runs a script of the repository, even for pull requests; the repository ignores pull requests for now",
        "medium secret-on-pull-request (writers by push): "image" runs on pull requests with secret "api_key": released to them; the repository ignores pull requests for now",
      ]
    `);
    expect(said(withoutTrigger, { ignore_pull_requests: true })).toMatchInlineSnapshot(`
      [
        "medium missing-trigger (writers by push, tag and custom): pipeline "default" runs on every event: "image" holds secret "api_key"; the repository ignores pull requests for now",
        "medium secret-on-pull-request: "image" runs on pull requests with secret "api_key": released to them; the repository ignores pull requests for now",
        "medium secret-with-repository-code: "image" holds secret "api_key" and runs a script of the repository, even for pull requests; the repository ignores pull requests for now",
        "low unpinned-image (writers by push, tag and custom): image "docker:29" names only part of a version and moves with each release",
        "info privileged-step (writers by push, tag and custom): step "image" runs privileged",
        "low secret-with-repository-code (writers by push, tag and custom): "image" holds secret "api_key" and runs a script of the repository",
      ]
    `);
  });

  it('from forks that are not built', () => {
    expect(said(pipeline, { ignore_forks: true, trusted: true })).toMatchInlineSnapshot(`
      [
        "low unpinned-image (writers by push and pull request): image "docker:29" names only part of a version and moves with each release",
        "high privileged-step (writers by push and pull request): step "image" runs privileged, even for pull requests; the repository ignores pull requests from forks for now",
        "medium secret-with-repository-code (writers by push and pull request): "image" holds secret "api_key" and runs a script of the repository, even for pull requests; the repository ignores pull requests from forks for now",
        "medium secret-on-pull-request (writers by push and pull request): "image" runs on pull requests with secret "api_key": released to them; the repository ignores pull requests from forks for now",
      ]
    `);
    expect(said(withoutTrigger, { ignore_forks: true })).toMatchInlineSnapshot(`
      [
        "medium missing-trigger (writers by push, tag, custom and pull request): pipeline "default" runs on every event, pull requests included: "image" holds secret "api_key"; the repository ignores pull requests from forks for now",
        "medium secret-on-pull-request: "image" runs on pull requests with secret "api_key": released to them; the repository ignores pull requests from forks for now",
        "medium secret-with-repository-code: "image" holds secret "api_key" and runs a script of the repository, even for pull requests; the repository ignores pull requests from forks for now",
        "low unpinned-image (writers by push, tag, custom and pull request): image "docker:29" names only part of a version and moves with each release",
        "info privileged-step (writers by push, tag, custom and pull request): step "image" runs privileged, even for pull requests",
        "low secret-with-repository-code (writers by push, tag and custom): "image" holds secret "api_key" and runs a script of the repository",
      ]
    `);
    expect(
      said(pipeline.replace('event: [push, pull_request]', 'branch: main'), { ignore_forks: true }),
    ).toMatchInlineSnapshot(`
      [
        "low unpinned-image (writers by push, custom and pull request): image "docker:29" names only part of a version and moves with each release",
        "info privileged-step (writers by push, custom and pull request): step "image" runs privileged, even for pull requests",
        "low secret-with-repository-code (writers by push and custom): "image" holds secret "api_key" and runs a script of the repository",
        "medium branch-without-event (writers by push, custom and pull request): "branch" of the trigger lets in pull requests: for them it is the branch they target; "image" holds secret "api_key"; the repository ignores pull requests from forks for now",
        "medium secret-on-pull-request: "image" runs on pull requests with secret "api_key": released to them; the repository ignores pull requests from forks for now",
        "medium secret-with-repository-code: "image" holds secret "api_key" and runs a script of the repository, even for pull requests; the repository ignores pull requests from forks for now",
      ]
    `);
  });

  it('of outsiders who do not see the repository', () =>
    expect(said(pipeline, { private: true, visibility: 'private' })).toMatchInlineSnapshot(`
      [
        "low unpinned-image (fork pull requests): image "docker:29" names only part of a version and moves with each release",
        "info privileged-step (fork pull requests): step "image" runs privileged, even for pull requests",
        "medium secret-with-repository-code (fork pull requests): "image" holds secret "api_key" and runs a script of the repository, even for pull requests; the repository is private, so outsiders do not see it",
        "medium secret-on-pull-request (fork pull requests): "image" runs on pull requests with secret "api_key": released to them; the repository is private, so outsiders do not see it",
      ]
    `));
});

describe('a pipeline file that Drone does not build', () => {
  const literal = `${pipeline}---
kind: pipeline
name: by-hand
steps:
  - name: upload
    image: alpine:3.22.1
    privileged: true
    commands: [./upload.sh]
    environment:
      API_TOKEN: { from_secret: api_key }
      GITHUB_TOKEN: ghp_${'x7Kq2mZp9RtVw4Ls8Ny3Bd6Hf1Jc5Ga0Te2U'.slice(0, 36)}
trigger:
  event: custom
`;
  const told = (facts: object, name = '.drone.yml'): readonly string[] => {
    const texts = new Map([
      [name, literal],
      ['app.repository.yml', JSON.stringify({ repository: { ...repository, ...facts }, secrets: [] }, null, 2)],
    ]);
    return findingsIn(fixtureOf('repository', texts))
      .findings.filter(({ at }) => at.source.name === name)
      .map(({ severity, rule, reach, message }) => `${severity} ${rule} (${reach ?? ''}): ${message}`);
  };

  it('of a repository that was never activated', () =>
    expect(told({ active: false, trusted: true })).toMatchInlineSnapshot(`
      [
        "info unpinned-image (nobody): image "docker:29" names only part of a version and moves with each release; the repository is not active in Drone",
        "info privileged-step (nobody): step "image" runs privileged, even for pull requests; the repository is not active in Drone",
        "info secret-with-repository-code (nobody): "image" holds secret "api_key" and runs a script of the repository, even for pull requests; the repository is not active in Drone",
        "info secret-on-pull-request (nobody): "image" runs on pull requests with secret "api_key": released to them if flagged so, otherwise empty; the repository is not active in Drone",
        "info unpinned-image (nobody): image "alpine:3.22.1" has no digest: its tag can be moved; the repository is not active in Drone",
        "info privileged-step (nobody): step "upload" runs privileged; the repository is not active in Drone",
        "info secret-with-repository-code (nobody): "upload" holds secret "api_key" and runs a script of the repository; the repository is not active in Drone",
        "high hardcoded-secret (): a token of GitHub is written in "GITHUB_TOKEN" of "upload"",
        "info open-event-list (nobody): "custom" lets anyone with write access start this pipeline on any commit, with variables of their choice; the repository is not active in Drone",
      ]
    `));
  it('of a repository that was deactivated, in which people still can start builds', () =>
    expect(told({ active: false, trusted: true, user_id: 1 })).toMatchInlineSnapshot(`
      [
        "info unpinned-image (nobody): image "docker:29" names only part of a version and moves with each release; the repository is not active in Drone, where its builds only start by hand",
        "info privileged-step (nobody): step "image" runs privileged, even for pull requests; the repository is not active in Drone, where its builds only start by hand",
        "info secret-with-repository-code (nobody): "image" holds secret "api_key" and runs a script of the repository, even for pull requests; the repository is not active in Drone, where its builds only start by hand",
        "info secret-on-pull-request (nobody): "image" runs on pull requests with secret "api_key": released to them if flagged so, otherwise empty; the repository is not active in Drone, where its builds only start by hand",
        "info unpinned-image (writers by custom): image "alpine:3.22.1" has no digest: its tag can be moved; the repository is not active in Drone, where its builds only start by hand",
        "medium privileged-step (writers by custom): step "upload" runs privileged; the repository is not active in Drone, where its builds only start by hand",
        "info secret-with-repository-code (writers by custom): "upload" holds secret "api_key" and runs a script of the repository; the repository is not active in Drone, where its builds only start by hand",
        "high hardcoded-secret (): a token of GitHub is written in "GITHUB_TOKEN" of "upload"",
        "info open-event-list (writers by custom): "custom" lets anyone with write access start this pipeline on any commit, with variables of their choice; the repository is not active in Drone, where its builds only start by hand",
      ]
    `));
  it('because it builds another one', () => {
    expect(told({ config_path: 'ci/build.yml' })).toMatchInlineSnapshot(`
      [
        "info unpinned-image (nobody): image "docker:29" names only part of a version and moves with each release; Drone builds this repository from "ci/build.yml", not from this file",
        "info privileged-step (nobody): step "image" runs privileged, even for pull requests; Drone builds this repository from "ci/build.yml", not from this file",
        "info secret-with-repository-code (nobody): "image" holds secret "api_key" and runs a script of the repository, even for pull requests; Drone builds this repository from "ci/build.yml", not from this file",
        "info secret-on-pull-request (nobody): "image" runs on pull requests with secret "api_key": released to them if flagged so, otherwise empty; Drone builds this repository from "ci/build.yml", not from this file",
        "info unpinned-image (nobody): image "alpine:3.22.1" has no digest: its tag can be moved; Drone builds this repository from "ci/build.yml", not from this file",
        "info privileged-step (nobody): step "upload" runs privileged; Drone builds this repository from "ci/build.yml", not from this file",
        "info secret-with-repository-code (nobody): "upload" holds secret "api_key" and runs a script of the repository; Drone builds this repository from "ci/build.yml", not from this file",
        "high hardcoded-secret (): a token of GitHub is written in "GITHUB_TOKEN" of "upload"",
        "info open-event-list (nobody): "custom" lets anyone with write access start this pipeline on any commit, with variables of their choice; Drone builds this repository from "ci/build.yml", not from this file",
      ]
    `);
    expect(told({ config_path: 'ci/../../other.star' })).toMatchInlineSnapshot(`
      [
        "info unpinned-image (nobody): image "docker:29" names only part of a version and moves with each release; Drone builds this repository from "ci/../../other.star", not from this file",
        "info privileged-step (nobody): step "image" runs privileged, even for pull requests; Drone builds this repository from "ci/../../other.star", not from this file",
        "info secret-with-repository-code (nobody): "image" holds secret "api_key" and runs a script of the repository, even for pull requests; Drone builds this repository from "ci/../../other.star", not from this file",
        "info secret-on-pull-request (nobody): "image" runs on pull requests with secret "api_key": released to them if flagged so, otherwise empty; Drone builds this repository from "ci/../../other.star", not from this file",
        "info unpinned-image (nobody): image "alpine:3.22.1" has no digest: its tag can be moved; Drone builds this repository from "ci/../../other.star", not from this file",
        "info privileged-step (nobody): step "upload" runs privileged; Drone builds this repository from "ci/../../other.star", not from this file",
        "info secret-with-repository-code (nobody): "upload" holds secret "api_key" and runs a script of the repository; Drone builds this repository from "ci/../../other.star", not from this file",
        "high hardcoded-secret (): a token of GitHub is written in "GITHUB_TOKEN" of "upload"",
        "info open-event-list (nobody): "custom" lets anyone with write access start this pipeline on any commit, with variables of their choice; Drone builds this repository from "ci/../../other.star", not from this file",
      ]
    `);
    expect(told({ config_path: 'ci/build.yml' }, 'a/ci/build.yml')).toEqual(told({}, '.drone.yml'));
    expect(told({ config_path: './ci/../.drone.yml' })).toEqual(told({}));
  });
  it('in what is said of runners', () => {
    const runner = `# site: allRunners=true
DRONE_RPC_HOST=ci.example.com
DRONE_RPC_PROTO=https
DRONE_RPC_SECRET=9f2c1e7ab4d05836c7e1f09a2b3d4c5e
`;
    const plugin = `# slug: octocat/app
kind: pipeline
name: default
type: kubernetes
steps:
  - name: tell
    image: someone/notify:latest
    settings: { to: us }
`;
    const saidOf = (facts: object): readonly string[] => {
      const texts = new Map([
        ['runner.env', runner],
        ['.drone.yml', plugin],
        ['app.repository.yml', JSON.stringify({ repository: { ...repository, ...facts } })],
      ]);
      return findingsIn(fixtureOf('repository', texts)).findings.flatMap(({ rule, severity }) =>
        /^(?:unserved-pipeline|clone-credential-in-every-step)$/.test(rule) ? [`${severity} ${rule}`] : [],
      );
    };
    expect(saidOf({})).toEqual(['low unserved-pipeline', 'high clone-credential-in-every-step']);
    expect(saidOf({ ignore_pull_requests: true })).toEqual([
      'low unserved-pipeline',
      'medium clone-credential-in-every-step',
    ]);
    expect(saidOf({ active: false })).toEqual(['low clone-credential-in-every-step']);
  });

  it('unless an extension decides what is built', () => {
    const server =
      'services:\n  drone:\n    image: drone/drone:2\n    environment:\n      DRONE_YAML_ENDPOINT: https://config.example.com\n';
    const texts = new Map([
      ['.drone.yml', pipeline],
      ['drone.compose.yml', server],
      ['app.repository.yml', JSON.stringify({ repository: { ...repository, config_path: 'ci/build.yml' } })],
    ]);
    expect(
      findingsIn(fixtureOf('repository', texts)).findings.filter(({ message }) =>
        message.includes('not from this file'),
      ),
    ).toEqual([]);
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
    // What was scanned of the clone is not what the server builds.
    expect(
      remarks(
        understood(
          { ...clone('.drone.yml', 'octocat/a'), pathInRepository: '.drone.yml' },
          stored('octocat/a', undefined, { config_path: 'ci/.drone.yml' }),
          clone('b/ci/build.yml', 'octocat/b'),
          stored('octocat/b', undefined, { config_path: 'ci/build.yml' }),
          clone('c/other.star', 'octocat/c'),
          stored('octocat/c', undefined, { config_path: 'ci/../../other.star' }),
        ),
      ),
    ).toEqual([
      'https://ci.example.com/ the pipeline files of 2 active repositories are not part of this audit: "octocat/a" ("ci/.drone.yml"), "octocat/c" ("ci/../../other.star")',
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
  expect(whole(textReport(report, { color: false, width: 200, verbose: false }))).toContain('\n nothing found\n');
});
