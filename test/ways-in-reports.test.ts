import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { differences, scanned } from './support/both-ways.ts';
import { droneAudit, temporaryFolder } from './support/cli.ts';
import { mergeIn, scanIn, scanParts } from './support/shards.ts';

// What reports tell of the ways in; which ones there are is tested by test/ways-scenarios.test.ts.

const token = 'ghp_k2Jq8vXz3mN7bR5tY9wL1pD4sF6hG0aQxE2c';

/** Anyone at GitHub may register, and gets the engine of the runner; one secret has a hostile name, one that is a token. */
const files: Readonly<Record<string, string>> = {
  'ci/docker-compose.yml': `services:
  server:
    image: drone/drone:2
    environment:
      DRONE_GITHUB_CLIENT_ID: c1
      DRONE_GITHUB_CLIENT_SECRET: f6a8b0c2d4e6f8a0b2c4d6e8f0a2b4c6d8e0f2a4
      DRONE_RPC_SECRET: b7d1f0a3c58e2964d07f6a1be3c9582d
      DRONE_SERVER_HOST: ci.example.com
      DRONE_SERVER_PROTO: https
  runner:
    image: drone/drone-runner-docker:1
    volumes: [/var/run/docker.sock:/var/run/docker.sock]
    environment:
      DRONE_RPC_HOST: server
      DRONE_RPC_SECRET: b7d1f0a3c58e2964d07f6a1be3c9582d
      DRONE_RUNNER_VOLUMES: /var/run/docker.sock:/var/run/docker.sock
`,
  'app/.drone.yml': `kind: pipeline
type: docker
name: default
steps:
  - name: build
    image: node:20
    environment:
      ONE: { from_secret: "</script><script>alert(1)</script>\\e[2J" }
      TWO: { from_secret: ${token} }
    commands: [make]
`,
};

function folder(written: Readonly<Record<string, string>> = files): string {
  const cwd = temporaryFolder();
  for (const [name, text] of Object.entries(written)) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), text);
  }
  return cwd;
}

/** The section of a text. */
function section(text = ''): string {
  return /^ways in\n[\s\S]*?(?=^do first)/m.exec(text)?.[0] ?? '';
}

/** The same with the changes. */
function short(text = ''): string {
  return /^ways in\n[\s\S]*?(?=^then, by findings)/m.exec(text)?.[0] ?? '';
}

describe('the last screen', () => {
  it('tells who gets what and which changes keep them out, before what to do first', async () => {
    const { written } = await scanned(folder(), { options: { verbose: false } });
    expect(short(written.get('stdout'))).toMatchInlineSnapshot(`
      "ways in

      - whoever has an account at the SCM gets root on the machine of runner's builds, the RPC secret, the
        server, the database and 4 more: register → own-repository → auto-plugin → privileged-host
      - whoever may open a pull request gets root on the machine of runner's builds, the RPC secret, the
        server, the database and 4 more: fork-build → runner-socket → engine-host (assumed)
      12 ways in all (drone-audit paths lists them)

      do first

      2 changes close 12 ways

      ci/docker-compose.yml:2  set DRONE_USER_FILTER to your organisations, or
          DRONE_REGISTRATION_CLOSED=true
      app/.drone.yml:1  have app ignore pull requests from forks (drone repo update --ignore-forks=true)

      "
    `);
  });

  it('has a line for each position, that with the most to get first', async () => {
    const { stdout } = droneAudit(['scan', 'careless'], { cwd: 'examples' });
    const lines = section(stdout)
      .replace(/\n {2}/g, ' ')
      .split('\n')
      .filter((line) => line.startsWith('- '));
    expect(lines.map((line) => line.replace(/ gets .*/, ''))).toEqual([
      '- whoever has an account at the SCM',
      '- whoever is on the wire',
      '- whoever may open a pull request',
      '- whoever reaches a port',
    ]);
    expect(lines[2]).toMatch(/^- whoever may open a pull request gets root on the machine of drone-runner's builds, /);
  });

  it('tells nothing twice: what a change of the cut mends is not among what findings are about', async () => {
    const { stdout } = droneAudit(['scan', 'careless'], { cwd: 'examples' });
    const [, first = ''] = /^do first\n([\s\S]*?)^ \d+ critical/m.exec(stdout) ?? [];
    const [cut = '', then = ''] = first.split('then, by findings');
    expect(cut).toContain('replace DRONE_RPC_SECRET');
    expect(then).toContain('missing-trigger');
    expect(then).not.toMatch(/weak-rpc-secret|open-registration/);
    expect(then.match(/^ {2}why /gm)).toHaveLength(5);
  });

  it('tells of many runners in one line', async () => {
    const compose = files['ci/docker-compose.yml'] ?? '';
    const runner = compose.slice(compose.indexOf('  runner:'));
    const more = [2, 3].map((number) => runner.replace('  runner:', `  runner${number}:`));
    const { written } = await scanned(folder({ ...files, 'ci/docker-compose.yml': [compose, ...more].join('') }));
    expect(section(written.get('stdout')).replace(/\n {2}/g, ' ')).toContain(
      'gets root on the machines of the builds of runner and 2 more, ',
    );
  });

  it('does so whichever rules were chosen', async () => {
    const cwd = folder();
    const [all, some] = [await scanned(cwd), await scanned(cwd, { options: { rule: ['docker-socket-for-builds'] } })];
    expect(section(some.written.get('stdout'))).toBe(section(all.written.get('stdout')));
    expect(section(some.written.get('stdout'))).toContain('own-repository');
  });

  it('tells nothing where no outsider gets in, and of pipelines alone', async () => {
    const { 'app/.drone.yml': pipeline = '', 'ci/docker-compose.yml': compose = '' } = files;
    const alone = await scanned(folder({ 'app/.drone.yml': pipeline }));
    expect(alone.written.get('stdout')).not.toContain('ways in');
    const server = compose
      .slice(0, compose.indexOf('  runner:'))
      .replace('    environment:', '    environment:\n      DRONE_REGISTRATION_CLOSED: true');
    const closed = await scanned(folder({ 'ci/docker-compose.yml': server }));
    expect(closed.written.get('stdout')).not.toContain('ways in');
  });
});

it('JSON has what `paths` prints, as its schema says, and nothing of pipelines alone', async () => {
  const cwd = folder();
  const json = JSON.parse((await scanned(cwd)).written.get('json') ?? '');
  const schema = JSON.parse(readFileSync(new URL('../schemas/report.schema.json', import.meta.url), 'utf8'));
  const validate = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false }).compile(schema);
  validate(json);
  expect(validate.errors).toBeNull();
  const { tool: _, ...printed } = JSON.parse(droneAudit(['paths', '.', '--format', 'json'], { cwd }).stdout);
  expect(json.ways).toEqual(printed);
  const lines = droneAudit(['scan', '.', '--format', 'jsonl'], { cwd }).stdout.trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line)).filter(({ type }) => type === 'ways')).toEqual([
    { type: 'ways', ...printed },
  ]);
  const alone = await scanned(folder({ 'app/.drone.yml': files['app/.drone.yml'] ?? '' }));
  expect(JSON.parse(alone.written.get('json') ?? '')).not.toHaveProperty('ways');
});

it('SARIF has the steps of ways with the results that are part of them', async () => {
  const { written } = await scanned(folder());
  const [{ results }] = JSON.parse(written.get('sarif') ?? '').runs;
  const flowsOf = (rule: string) =>
    results.find(({ ruleId }: { ruleId: string }) => ruleId === rule)?.codeFlows?.[0].threadFlows[0].locations;
  const told = flowsOf('docker-socket-for-builds').map(
    ({
      location: { message, physicalLocation },
    }: {
      location: { message: { text: string }; physicalLocation: object };
    }) => [message.text, physicalLocation],
  );
  expect(told).toMatchInlineSnapshot(`
    [
      [
        "Drone builds pull requests from forks unless the repository ignores them; the server was not asked",
        {
          "artifactLocation": {
            "uri": "app/.drone.yml",
            "uriBaseId": "%SRCROOT%",
          },
          "region": {
            "startLine": 1,
          },
        },
      ],
      [
        "DRONE_RUNNER_VOLUMES of runner mounts "/var/run/docker.sock" into every step",
        {
          "artifactLocation": {
            "uri": "ci/docker-compose.yml",
            "uriBaseId": "%SRCROOT%",
          },
          "region": {
            "startLine": 16,
          },
        },
      ],
      [
        "the engine of runner has root",
        {
          "artifactLocation": {
            "uri": "ci/docker-compose.yml",
            "uriBaseId": "%SRCROOT%",
          },
          "region": {
            "startLine": 12,
          },
        },
      ],
    ]
  `);
  expect(flowsOf('unpinned-image')).toBeUndefined();
  const alone = await scanned(folder({ 'app/.drone.yml': files['app/.drone.yml'] ?? '' }));
  expect(alone.written.get('sarif')).not.toContain('codeFlows');
});

describe('names of assets', () => {
  it('are masked and harmless in every format', async () => {
    const { written } = await scanned(folder());
    for (const [format, text] of written) {
      expect(text, format).not.toContain(token);
      expect(text, format).not.toContain('\u001b[2J');
      if (format === 'html') expect(text).not.toContain('<script>alert');
    }
  });
});

it('ways are the same at once, one by one and of parts that are merged', async () => {
  const cwd = folder({ ...files, 'other/.drone.yml': files['app/.drone.yml'] ?? '' });
  const outside = temporaryFolder();
  const parts = await scanParts(cwd, outside, ['.'], 2);
  const merged = await mergeIn(cwd, temporaryFolder(), parts);
  const alone = await scanIn(cwd, outside, ['.']);
  expect(merged).toEqual(alone);
  expect(section(alone.reports.text)).not.toBe('');
  expect(differences(await scanned(cwd), await scanned(cwd, { keeps: 0 }))).toEqual([]);
});
