import { describe, expect, it } from 'vitest';
import { judge } from '../src/judge.ts';
import { type Site, unknownSite } from '../src/model/site.ts';
import type { Source } from '../src/model/source.ts';
import { read } from '../src/read.ts';
import { allRules } from '../src/rules/all.ts';
import { findingsIn, fixtureOf } from './support/fixtures.ts';
import { plain } from './support/text.ts';

// What rules say of a server that told only a part, and what they say of several repositories together.

const address = 'https://ci.example.com';

interface Told {
  readonly slug?: string;
  readonly facts?: object;
  readonly secrets?: readonly object[] | null;
  readonly cron?: readonly object[];
  readonly builds?: readonly object[] | null;
}

function repository({ slug = 'octocat/app', facts, secrets = [], cron = [], builds = [] }: Told): Source {
  const [namespace] = slug.split('/');
  const usual = { slug, namespace, visibility: 'public', active: true, config_path: '.drone.yml', timeout: 60 };
  return {
    name: `${address}/api/repos/${slug}`,
    form: 'drone-repository',
    text: JSON.stringify({ repository: { ...usual, ...facts }, secrets, cron, builds }),
    seenAt: '2026-11-29T12:00:00Z',
  };
}

const secretsOf = (...secrets: readonly object[]): Source => ({
  name: `${address}/api/secrets`,
  form: 'drone-organization-secrets',
  text: JSON.stringify(secrets),
});

const community: Source = {
  name: `${address}/`,
  form: 'drone-endpoint',
  text: JSON.stringify({
    address,
    role: 'server',
    answers: { '/api/secrets': { status: 501, headers: {}, body: 'json', facts: {} } },
    tls: null,
    accepted: [],
  }),
};

/** What the rules of some names say, each as `id: message`, and what they cannot decide. */
function saidBy(ids: readonly string[], sources: readonly Source[], site: Partial<Site> = {}) {
  const { installation, problems } = read(sources, () => {
    throw new Error('nothing is looked up');
  });
  const rules = allRules.filter(({ id }) => ids.includes(id));
  const { verdicts, undecided } = judge(installation, rules, { ...unknownSite, ...site });
  return {
    problems: problems.map(({ message }) => plain(message)),
    hits: verdicts.map(({ rule, hit }) => `${rule.id}: ${plain(hit.message)}`),
    undecided: undecided.map(({ rule, inconclusive }) => `${rule.id}: ${plain(inconclusive.inconclusive)}`),
  };
}

describe('where it is not known', () => {
  it('whether a repository has secrets, nothing is said of its forks', () => {
    const ids = ['fork-builds', 'unprotected-repository'];
    const unknown = saidBy(ids, [repository({ secrets: null })]);
    expect(unknown.hits).toEqual([]);
    expect(unknown.undecided).toEqual([
      'fork-builds: it is not known whether repository "octocat/app" has secrets',
      'unprotected-repository: it is not known whether repository "octocat/app" has secrets',
    ]);
    const none = saidBy(ids, [repository({ secrets: null }), community]);
    expect(none.undecided).toEqual([]);
    expect(none.hits).toEqual([
      'fork-builds: repository "octocat/app" builds pull requests from forks without approval',
    ]);
  });

  it('which stages a build had, nothing is said of who took them, nor whether one waits', () => {
    const builds = [
      { number: 3, status: 'running', created: 1, stages: null },
      { number: 2, status: 'success', created: 1, finished: 2, stages: [] },
    ];
    const ids = ['unknown-runner', 'unapproved-builds-waiting'];
    expect(saidBy(ids, [repository({ builds })], { runners: ['runner-*'] })).toEqual({
      problems: [],
      hits: [],
      undecided: [
        'unapproved-builds-waiting: it is not known whether a stage of build 3 waits',
        'unknown-runner: it is not known which runners took build 3 of repository "octocat/app"',
      ],
    });
    // Older builds are not looked at one by one, and that is known.
    const older = builds.map((build) => ({ ...build, stages: [] }));
    expect(saidBy(ids, [repository({ builds: older })], { runners: ['runner-*'] }).undecided).toEqual([]);
  });
});

it('an odd build in a list costs itself alone', () => {
  const builds = [{ number: -1 }, { number: 1e300 }, null, { number: 7, debug: true, created: 1795000000 }];
  const told = saidBy(['debug-build'], [repository({ builds: builds as readonly object[] })]);
  expect(told.problems).toEqual(['3 of 4 builds could not be understood']);
  expect(told.hits).toEqual([expect.stringMatching(/^debug-build: build 7 of repository "octocat\/app"/)]);
});

it('a cron job of a repository that is not active is one that nobody looks after', () => {
  const cron = [{ name: 'nightly', branch: 'main', disabled: false }];
  const asleep = repository({ facts: { active: false }, cron, builds: null });
  expect(saidBy(['stale-cron'], [asleep]).hits).toEqual([
    'stale-cron: cron job "nightly" is enabled, and repository "octocat/app" is not active',
  ]);
});

it('a secret of an organisation is said to reach as many repositories as build pull requests, those of forks apart', () => {
  const closed = repository({ slug: 'octocat/closed', facts: { ignore_forks: true } });
  const inside = repository({ slug: 'octocat/inside', facts: { private: true, visibility: 'private' } });
  const sources = [
    repository({}),
    inside,
    closed,
    secretsOf({ namespace: 'octocat', name: 'key', pull_request: true }),
  ];
  const { hits } = saidBy(['organization-secret-for-pull-requests', 'unprotected-repository'], sources);
  expect(hits.filter((hit) => hit.includes('pull requests from forks'))).toHaveLength(2);
  expect(hits).toContain(
    'organization-secret-for-pull-requests: secret "key" of organisation "octocat" is released to pull requests of 3 repositories, in 2 of them even from forks',
  );
});

it.each([
  ['ci/build.yml', 'the configuration of repository "octocat/app" is "ci/build.yml"; this audit has not seen it'],
  [
    '../x.star',
    'the configuration of repository "octocat/app" is "../x.star", a program that writes the pipeline and lies outside its folder; this audit has not seen it',
  ],
])('the configuration %s is described', (path, message) => {
  const { hits } = saidBy(['unusual-config-path'], [repository({ facts: { config_path: path } })]);
  expect(hits).toEqual([`unusual-config-path: ${message}`]);
});

it('a repository whose name begins with dashes is no option of a command', () => {
  const texts = new Map([
    ['app.repository.yml', repository({ slug: '--help/app', secrets: [{ name: '--key', pull_request: true }] }).text],
  ]);
  const { findings } = findingsIn(fixtureOf('repository', texts));
  expect(findings.length).toBeGreaterThan(1);
  for (const { fix } of findings) expect(fix).not.toMatch(/ --(?:help|key)\b/);
});
