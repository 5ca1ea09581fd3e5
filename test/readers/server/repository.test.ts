import { describe, expect, it } from 'vitest';
import { lineOf } from '../../../src/model/source.ts';
import { readRepository } from '../../../src/readers/server/repository.ts';
import { plain } from '../../support/text.ts';
import { answer, recordings } from './answers.ts';

const name = 'https://ci.example.com/api/repos/octocat/app';
const form = 'drone-repository';

const repository = {
  id: 1,
  user_id: 2,
  namespace: 'octocat',
  slug: 'octocat/app',
  default_branch: 'main',
  private: false,
  visibility: 'public',
  active: true,
  config_path: '.drone.yml',
  trusted: true,
  protected: false,
  ignore_forks: false,
  ignore_pull_requests: false,
  timeout: 60,
  archived: false,
};
const build = {
  number: 9,
  event: 'pull_request',
  status: 'success',
  trigger: '@hook',
  source_repo: 'mallory/app',
  created: 1795813600,
  finished: 1795813660,
  stages: [
    { name: 'default', status: 'success', machine: 'runner-1' },
    { name: 'deploy', status: 'blocked' },
  ],
};
const read = (body: unknown) => readRepository(answer(name, form, body));

describe('readRepository', () => {
  it('reads the repository with what belongs to it, each with its place', () => {
    const { repositories, problems } = read({
      repository,
      secrets: [{ name: 'api_key', pull_request: true }, { name: 'plain' }],
      cron: [{ name: 'nightly', branch: 'main', disabled: true }],
      builds: [build],
      logHits: [{ build: 9, form: 'a GitHub token' }],
    });
    expect(problems).toEqual([]);
    expect(repositories).toHaveLength(1);
    const [only] = repositories ?? [];
    expect(only).toMatchObject({
      kind: 'repository',
      owner: name,
      id: 1,
      slug: 'octocat/app',
      namespace: 'octocat',
      userId: { value: 2 },
      active: { value: true },
      trusted: { value: true, at: { path: 'repository.trusted' } },
      protected: { value: false },
      visibility: { value: 'public' },
      configPath: { value: '.drone.yml' },
      defaultBranch: { value: 'main' },
      timeout: { value: 60 },
      throttle: { value: 0, at: { path: 'repository.throttle' } },
      archived: { value: false },
      secrets: [
        { name: 'api_key', pullRequest: true, pullRequestPush: false, at: { path: 'secrets[api_key].name' } },
        { name: 'plain', pullRequest: false },
      ],
      crons: [{ name: 'nightly', branch: { value: 'main', at: { path: 'cron[nightly].branch' } }, disabled: true }],
      builds: [
        {
          number: 9,
          event: 'pull_request',
          trigger: '@hook',
          sourceRepo: 'mallory/app',
          cron: '',
          debug: false,
          stages: [
            { name: 'default', machine: { value: 'runner-1', at: { path: 'builds[9].stages[default].machine' } } },
            { name: 'deploy', status: 'blocked' },
          ],
        },
      ],
      logHits: [{ build: 9, form: 'a GitHub token' }],
    });
    expect(only && lineOf(only.trusted.at)).toBe(12);
    // What is absent is told where the repository has its name.
    expect(only && lineOf(only.throttle.at)).toBe(6);
    expect(only?.builds?.[0]?.stages?.[1]).not.toHaveProperty('machine');
  });

  it('tells what could not be asked from what is empty', () => {
    const [asked] = read({ repository, secrets: [], cron: [], builds: [] }).repositories ?? [];
    expect(asked).toMatchObject({ secrets: [], crons: [], builds: [], logHits: undefined });
    const [not] = read({ repository, secrets: null, cron: null }).repositories ?? [];
    expect(not).toMatchObject({ secrets: undefined, crons: undefined, builds: undefined });
  });

  it('takes what was never activated for private, as the server does', () => {
    const { repositories, problems } = read({
      repository: { ...repository, active: false, visibility: '', config_path: '', timeout: 0 },
    });
    expect(problems).toEqual([]);
    expect(repositories).toMatchObject([{ visibility: { value: 'private' }, timeout: { value: 0 } }]);
  });

  it('knows a namespace of several parts, and finds it in the slug where it is missing', () => {
    const { namespace: _, ...rest } = repository;
    expect(read({ repository: { ...rest, slug: 'group/sub/app' } }).repositories).toMatchObject([
      { namespace: 'group/sub', slug: 'group/sub/app' },
    ]);
  });

  it.each([
    ['nothing', {}],
    ['null', { repository: null }],
    ['a text', { repository: 'octocat/app' }],
    ['no slug', { repository: { ...repository, slug: undefined } }],
    ['a slug without namespace', { repository: { ...repository, slug: 'app' } }],
    ['a slug without name', { repository: { ...repository, slug: 'octocat/' } }],
    ['a flag that is a text', { repository: { ...repository, trusted: 'perhaps' } }],
    ['a number that is a list', { repository: { ...repository, timeout: [60] } }],
    ['another visibility', { repository: { ...repository, visibility: 'secret' } }],
  ])('is no repository with %s', (_, body) => {
    const { repositories, problems } = read(body);
    expect(repositories).toBeUndefined();
    expect(problems).toMatchObject([{ kind: 'malformed', source: name, incomplete: true }]);
  });

  it('reads the rest of a repository with entries that it does not understand', () => {
    const { repositories, problems } = read({
      repository,
      secrets: 'none',
      cron: [{ branch: 'main' }, { name: 'nightly' }],
      builds: [
        { ...build, number: '9' },
        { ...build, number: -1 },
        { ...build, stages: {} },
        { ...build, stages: [1] },
        null,
      ],
    });
    expect(repositories).toMatchObject([
      { secrets: undefined, crons: [{ name: 'nightly' }], builds: [{ number: 9 }, { number: 9, stages: [] }] },
    ]);
    expect(problems.map(({ message }) => plain(message))).toEqual([
      '1 of 2 cron jobs could not be understood',
      '1 of 1 stages of a build could not be understood',
      '3 of 5 builds could not be understood',
      'holds no list under "secrets"',
    ]);
  });

  it.each(['', '[]', '{', '{"repository": {"slug": "octocat/app"'])('has a problem with %j', (text) => {
    const { repositories, problems } = readRepository({ name, form, text });
    expect(repositories).toBeUndefined();
    expect(problems).toMatchObject([{ source: name, incomplete: true }]);
  });

  it.skipIf(!recordings.exist)('reads what a real server answered (needs the recordings)', () => {
    const { repositories, problems } = read({
      repository: recordings.body('admin-repo'),
      secrets: recordings.body('admin-repo-secrets'),
      cron: recordings.body('admin-repo-cron'),
      builds: [recordings.body('admin-repo-build')],
    });
    expect(problems).toEqual([]);
    expect(repositories).toMatchObject([
      {
        slug: 'acme/web',
        secrets: [{ name: 'both', pullRequestPush: true }, { name: 'plain' }, { name: 'pr_open' }, { name: 'pr_push' }],
        crons: [{ name: 'nightly' }, { name: 'side', branch: { value: 'experiment' } }],
        builds: [{ number: 2, sourceRepo: 'mallory/web', stages: [{ machine: { value: 'runner-1' } }] }],
      },
    ]);
    const all = recordings.body('admin-repos-all');
    expect(Array.isArray(all) && all.map((each: unknown) => read({ repository: each }).problems)).toEqual(
      Array.isArray(all) && all.map(() => []),
    );
  });
});
