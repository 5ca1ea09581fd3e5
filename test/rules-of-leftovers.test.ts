import { describe, expect, it } from 'vitest';
import rule from '../src/rules/activity/overdue-step-container.ts';
import foreignDrone from '../src/rules/installation/foreign-drone.ts';
import { expectProportional } from './support/cost.ts';
import { type Fixture, hitsOf } from './support/fixtures.ts';
import { plain } from './support/text.ts';

// Builds may leave thousands of containers, and people have to be able to read what is said of them.

interface Leftover {
  readonly build: number;
  readonly running?: boolean;
  /** Names of its variables beside those that every step has, as the look at an engine leaves them. */
  readonly namesLeftOut?: readonly string[];
}

/** What an engine answers of containers that expired two hours before it was asked. */
function leftBy(leftovers: readonly Leftover[]): Fixture {
  const sources = leftovers.map(({ build, running = false, namesLeftOut = [] }, index) => ({
    name: `docker://drone-${index}`,
    form: 'docker-inspect' as const,
    seenAt: '2026-11-21T12:00:00Z',
    text: JSON.stringify({
      Name: `/drone-${index}`,
      State: { Status: running ? 'running' : 'exited', Running: running },
      HostConfig: {},
      Config: {
        Image: 'golang:1.23',
        Env: ['DRONE_BUILD_EVENT=push'],
        Labels: {
          'io.drone': 'true',
          'io.drone.build.number': String(build),
          'io.drone.expires': '1795255200',
          'io.drone.repo.slug': 'octocat/hello-world',
          'io.drone.stage.number': '1',
          'io.drone.system.host': 'other.example.com',
        },
      },
      droneAudit: { namesLeftOut },
    }),
  }));
  const runner = {
    name: 'docker://drone-runner',
    form: 'docker-inspect' as const,
    text: JSON.stringify({
      Name: '/drone-runner',
      State: { Status: 'running', Running: true },
      HostConfig: {},
      Config: { Image: 'drone/drone-runner-docker:1.8.5', Env: ['DRONE_RPC_HOST=ci.example.com'] },
    }),
  };
  return { name: 'leftovers', texts: new Map(), sources: [...sources, runner] };
}

const many = (count: number): Leftover[] => Array.from({ length: count }, (_, index) => ({ build: index >> 1 }));

describe('2,000 containers that 1,000 builds left', () => {
  it('are one finding that names some of the builds', () => {
    const [found, ...others] = hitsOf(rule, leftBy(many(2000)));
    expect(others).toEqual([]);
    expect(plain(found?.hit.message)).toBe('the engine still has 2000 containers of builds that are over');
    expect(found?.hit.related).toHaveLength(20);
    expect(plain(found?.hit.related?.[0]?.message)).toBe(
      '2 containers of build 0 of "octocat/hello-world": it expired on 2026-11-21',
    );
  });

  it('are one finding for each other server', () => {
    const [found, ...others] = hitsOf(foreignDrone, leftBy(many(2000)));
    expect(others).toEqual([]);
    expect(found?.hit.related).toHaveLength(1999);
  });
});

it('containers that still run are one finding for each build', () => {
  const running = [1, 1, 1, 2, 3].map((build) => ({ build, running: true }));
  const found = hitsOf(rule, leftBy([...running, ...many(4)]));
  expect(found.map(({ severity }) => severity).sort()).toEqual(['high', 'high', 'high', 'medium']);
});

it('the work grows with the containers, and no faster', () => {
  expectProportional((scale) => hitsOf(rule, leftBy(many(4000 * scale))));
});

describe('containers that were left with secrets of their build', () => {
  const named = ['GOFLAGS', 'DRONE_NETRC_PASSWORD', 'CI_NETRC_PASSWORD', 'PLUGIN_PASSWORD', 'PLUGIN_REPO', 'NPM_TOKEN'];
  const message = (leftovers: readonly Leftover[]) => plain(hitsOf(rule, leftBy(leftovers))[0]?.hit.message);

  it('are told with the number of them', () => {
    expect(message([{ build: 7, namesLeftOut: named }])).toBe(
      'the engine still has 1 container of builds that are over, with 3 secrets in their environment',
    );
    expect(message([{ build: 7, running: true, namesLeftOut: ['NPM_TOKEN'] }])).toMatch(
      /still runs: it expired on 2026-11-21, with 1 secret in its environment$/,
    );
    expect(
      message([
        { build: 2, running: true, namesLeftOut: ['NPM_TOKEN'] },
        { build: 2, namesLeftOut: named },
      ]),
    ).toMatch(/, with 4 secrets in the environment of all that is left$/);
  });

  it('are told without where nothing is named like one', () => {
    expect(message([{ build: 7, namesLeftOut: ['GOFLAGS', 'PLUGIN_REPO'] }])).toMatch(/builds that are over$/);
  });
});
