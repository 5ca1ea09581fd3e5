import { expect, test } from 'vitest';
import { installationsOf } from '../src/installations.ts';
import { unknownSite } from '../src/model/site.ts';
import type { Source } from '../src/model/source.ts';
import { say } from '../src/model/text.ts';
import { read } from '../src/read.ts';
import { waysJson, waysText } from '../src/reporters/ways.ts';
import { maskFor } from '../src/secrets/mask.ts';
import { told } from '../src/ways/told.ts';
import { viewOf } from '../src/ways/view.ts';
import { stepsOf, type Ways, waysOf } from '../src/ways/ways.ts';

/** A server, runners of a pool, and repositories whose builds go to that pool or to none of them. */
function installation(amount: number, pool: string, runners = amount) {
  const services = Array.from(
    { length: runners },
    (_, index) => `  runner${index}:
    image: drone/drone-runner-docker:1
    environment:
      DRONE_RPC_HOST: ci.example.com
      DRONE_RUNNER_LABELS: pool:large
    volumes: ["/var/run/docker.sock:/var/run/docker.sock"]
`,
  );
  const compose = `services:
  server:
    image: drone/drone:2
    environment:
      DRONE_GITHUB_CLIENT_ID: abc
      DRONE_SERVER_HOST: ci.example.com
${services.join('')}`;
  const pipeline = (index: number) => `kind: pipeline
type: docker
name: test
node: { pool: ${pool} }
steps:
  - name: test
    image: golang
    environment: { TOKEN: { from_secret: token${index} } }
    commands: [go test]
`;
  const sources: readonly Source[] = [
    { name: 'ci/compose.yml', form: 'compose', text: compose },
    ...Array.from(
      { length: amount },
      (_, index): Source => ({ name: `app${index}/.drone.yml`, form: 'drone', text: pipeline(index) }),
    ),
  ];
  const understood = read(sources, ({ name }) => ({
    ...{ kind: 'unreadable', source: name, message: say`is not there`, incomplete: true },
  }));
  const [part] = installationsOf(understood);
  if (!part) throw new Error('no installation');
  return { site: unknownSite, installation: part.installation };
}

const noHits = () => [];

const stepsFor = (amount: number, pool: string): number => stepsOf(viewOf(installation(amount, pool), noHits)).length;

test.each(['none', 'large'])('grows with repositories and runners, not with their product (pool %s)', (pool) => {
  const [small, large] = [stepsFor(20, pool), stepsFor(40, pool)];
  expect(large).toBeGreaterThan(small);
  expect(large).toBeLessThanOrEqual(2 * small);
});

test('finds a cut of many repositories and runners that is known to be the smallest, and the same twice', () => {
  const [ways, again] = [installation(30, 'large', 10), installation(30, 'large', 10)].map((context) => cutOf(context));
  expect(ways?.isSmallest).toBe(true);
  expect(ways?.left).toEqual([]);
  expect(ways?.changes.filter(({ key }) => key.startsWith('limit events'))).toHaveLength(10);
  expect(again?.changes.map(({ key }) => key)).toEqual(ways?.changes.map(({ key }) => key));
});

function cutOf(context: Parameters<typeof waysOf>[0]): Ways['cut'] {
  return waysOf(context, noHits, { from: ['fork-author'] }).cut;
}

test('tells one change for many repositories that the same is to be done for', () => {
  const context = installation(25, 'large', 60);
  const mask = maskFor([]);
  const { changes } = told(waysOf(context, noHits, { from: ['fork-author'] }), '', () => mask).cut;
  expect(changes.map(({ what }) => `${what}`)).toContainEqual(expect.stringContaining('for 24 more like it'));
  expect(changes.length).toBeLessThan(4);
});

test('tells many ways that are alike once, with all assets that they lead to', () => {
  const mask = maskFor([]);
  const ways = told(waysOf(installation(25, 'large', 2), noHits), '', () => mask);
  const json = JSON.parse(waysJson([ways], { name: 'drone-audit', version: '0' }));
  const assetsOf = (list: readonly { from: string; to: string; more?: readonly string[] }[]): readonly string[] =>
    list.flatMap(({ from, to, more = [] }) => [to, ...more].map((asset) => `${from} ${asset}`)).toSorted();
  expect(json.ways.length).toBeLessThan(ways.ways.length / 3);
  for (const list of ['ways', 'closed', 'notKnown'] as const)
    expect(assetsOf(json[list])).toEqual(assetsOf(ways[list]));
  const few = told(waysOf(installation(20, 'large', 2), noHits), '', () => mask);
  expect(JSON.parse(waysJson([few], { name: 'drone-audit', version: '0' })).ways).toHaveLength(few.ways.length);
  const text = waysText([told(waysOf(installation(25, 'large', 60), noHits), '', () => mask)], {
    color: false,
    width: 90,
    verbose: false,
  });
  expect(text).toContain('  and 59 more like it');
});
