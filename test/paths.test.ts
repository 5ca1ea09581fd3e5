import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { droneAudit, temporaryFolder } from './support/cli.ts';
import { writeFiles } from './support/git.ts';

const examples = { cwd: 'examples' };

test('the careless example tells who gets what, and which changes end it', () => {
  const { status, stdout } = droneAudit(['paths', 'careless'], examples);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^\d+ ways in, and there may be others: not all is known\n/);
  expect(stdout.replace(/\s+/g, ' ')).toContain(
    'set DRONE_LIMIT_EVENTS of drone-runner to events without pull_request',
  );
  expect(stdout).toContain("whoever may open a pull request gets root on the machine of drone-runner's");
  expect(stdout).toMatch(/^\d+ changes close \d+ ways$/m);
  expect(stdout).toContain('lines to paste: drone-audit explain open-registration');
});

test('the hardened example has no way of an outsider', () => {
  for (const folder of ['hardened', 'hardened-kubernetes', 'hardened-systemd']) {
    const { stdout } = droneAudit(['paths', folder, '--format', 'json'], examples);
    const { ways, cut } = JSON.parse(stdout) as {
      ways: { from: string; if?: string }[];
      cut: { changes: unknown[]; left: unknown[] }[];
    };
    expect(
      ways.filter(
        ({ from, if: act }) => act === undefined && /^(?:network|scm-account|fork-author|neighbour)$/.test(from),
      ),
    ).toEqual([]);
    expect(cut.flatMap(({ changes, left }) => [...changes, ...left])).toEqual([]);
  }
});

test('a gate fails where a way is open, and is not passed where nothing tells', () => {
  const gate = (folder: string, way: string): [number | null, string] => {
    const { status, stderr } = droneAudit(['paths', folder, '--fail-on-path', way, '--format', 'json'], examples);
    return [status, stderr];
  };
  const opened = (way: string): string =>
    `drone-audit: --fail-on-path ${way}: fork-author gets to host:drone-runner: fork-build → runner-socket → engine-host (assumed)\n`;
  for (const way of ['fork-author:host', 'fork-author:host:drone-runner'])
    expect(gate('careless', way)).toEqual([1, opened(way)]);
  expect(gate('careless', 'fork-author:network')).toEqual([0, '']);
  expect(gate('hardened', 'scm-account:host')).toEqual([0, '']);
  const [unknown, why] = gate('hardened', 'fork-author:engine');
  expect(unknown).toBe(3);
  expect(why).toContain('whether fork-author gets to "engine" is not known');
  const [missing, reason] = gate('careless', 'fork-author:cluster');
  expect(missing).toBe(3);
  expect(reason).toContain('nothing that was read has a "cluster"');
});

test('no way in is told so that it agrees with what the table says of people with access', () => {
  const { stdout } = droneAudit(['paths', 'hardened'], examples);
  const [first] = stdout.replace(/\n(?=\S)/g, ' ').split('\n');
  expect(first).toMatch(/^no way in is known to be open to outsiders; \d+ could not be decided; /);
  expect(first).toContain(
    'outsiders get in only if a writer promotes the build; ways are open to whoever reads backups',
  );
  const table = stdout.slice(stdout.indexOf('positions and assets')).replace(/\s+/g, ' ');
  expect(table).toContain(': open to people with this access');
  expect(table).toContain(': open only if a writer promotes the build; else closed by any-runner');
  expect(table).not.toMatch(/: open [a-z]+:/);
});

test('assets have one name whichever folder the audit is started in', () => {
  const assets = (...args: [string, string]): string[] => {
    const { stdout } = droneAudit(['paths', args[1], '--format', 'json'], { cwd: args[0] });
    const { matrix } = JSON.parse(stdout) as { matrix: Record<string, Record<string, string>>[] };
    return Object.keys(matrix[0]?.['fork-author'] ?? {}).filter((asset) => asset.startsWith('host:'));
  };
  expect(assets('.', 'examples/hardened-kubernetes')).toEqual(['host:checks-runner', 'host:release-runner']);
  expect(assets('examples/hardened-kubernetes', '.')).toEqual(['host:checks-runner', 'host:release-runner']);
});

test('graphs call what somebody has as the picture does, and draw each once', () => {
  for (const format of ['mermaid', 'dot']) {
    const { stdout } = droneAudit(['paths', 'careless', '--format', format], examples);
    const boxes = stdout.split('\n').filter((line) => /^ {2}n\d+ ?\[/.test(line));
    const labels = boxes.map((line) => /"(.*)"/.exec(line)?.[1] ?? '');
    expect(labels).toContain('Fork author, opens a pull request');
    expect(labels).toContain('Root on the machine, of builds on drone-runner');
    expect(labels.filter((label) => /runner-socket|weak-rpc/.test(label))).toEqual([]);
    expect(labels.filter((label) => label === 'RPC secret')).toHaveLength(1);
    expect(stdout.match(/"weak-rpc/g)).toHaveLength(1);
  }
});

test('a cut that takes pull requests from all runners says so once', () => {
  const folder = temporaryFolder();
  const runner = (number: number): string => `  runner${number}:
    image: drone/drone-runner-docker:1.8.5
    environment: { DRONE_RPC_HOST: ci.example.com, DRONE_RPC_PROTO: https, DRONE_RUNNER_VOLUMES: "/var/run/docker.sock:/var/run/docker.sock" }
    volumes: [/var/run/docker.sock:/var/run/docker.sock]
`;
  const repository = 'kind: pipeline\ntype: docker\nname: a\nsteps:\n- {name: test, image: golang, commands: [make]}\n';
  writeFiles(folder, {
    'compose.yml': `services:\n${[1, 2, 3, 4, 5].map(runner).join('')}`,
    ...Object.fromEntries(Array.from({ length: 9 }, (_, number) => [`app${number}/.drone.yml`, repository])),
  });
  const { stdout } = droneAudit(['paths', '.', '--format', 'json'], { cwd: folder });
  const { cut } = JSON.parse(stdout) as { cut: { changes: { what: string; caution?: string }[] }[] };
  expect(cut.flatMap(({ changes }) => changes.map(({ what, caution }) => [what, caution]))).toEqual([
    [
      'set DRONE_LIMIT_EVENTS of runner1 and 4 more runners to events without pull_request',
      'then no runner builds pull requests: give them one of their own',
    ],
  ]);
});

test('what is no position, asset or way is refused with what may be meant', () => {
  for (const [given, said] of [
    [['--from', 'fork-autor'], 'there is no position "fork-autor"'],
    [['--to', 'hots:runner'], 'there is no asset "hots:runner"'],
    [['--fail-on-path', 'fork-author'], '"fork-author" is no way'],
  ] as const) {
    const { status, stderr } = droneAudit(['paths', 'careless', ...given], examples);
    expect(status).toBe(2);
    expect(stderr).toContain(said);
  }
  expect(droneAudit(['paths', 'careless', '--from', 'fork-autor'], examples).stderr).toContain(
    'did you mean "fork-author"?',
  );
});

test('a part can be asked for, and is the same as in the whole', () => {
  const waysOf = (...options: readonly string[]) =>
    (
      JSON.parse(droneAudit(['paths', 'careless', '--format', 'json', ...options], examples).stdout) as {
        ways: { from: string; to: string }[];
      }
    ).ways;
  const all = waysOf();
  const some = waysOf('--from', 'fork-author', '--to', 'secret');
  expect(some.length).toBeGreaterThan(0);
  expect(some).toEqual(all.filter(({ from, to }) => from === 'fork-author' && to.startsWith('secret:')));
});

test('it says the same twice, and shows no secret in any format', () => {
  for (const format of ['text', 'json', 'mermaid', 'dot']) {
    const run = () => droneAudit(['paths', 'careless', '--format', format], examples).stdout;
    const first = run();
    expect(run()).toBe(first);
    expect(first).not.toMatch(/changeme|correct-horse|hunter2/i);
  }
});

const hostile = (name: string): Record<string, string> => ({
  'compose.yml': `services:
  ${JSON.stringify(name)}:
    image: drone/drone-runner-docker:1.8.5
    environment:
      DRONE_RPC_HOST: ci.example.com
      DRONE_RPC_SECRET: \${SECRET:?}
      DRONE_RUNNER_VOLUMES: /var/run/docker.sock:/var/run/docker.sock
    volumes: [/var/run/docker.sock:/var/run/docker.sock]
`,
  '.drone.yml':
    'kind: pipeline\ntype: docker\nname: default\nsteps:\n- {name: test, image: golang, commands: [make]}\n',
});

test('names that would act on a terminal or a graph do not', () => {
  const folder = temporaryFolder();
  writeFiles(folder, hostile('a"]\u001b[31m;\n x-->y["b'));
  for (const format of ['text', 'json', 'mermaid', 'dot']) {
    const { status, stdout } = droneAudit(['paths', '.', '--format', format], { cwd: folder });
    expect(status).toBe(0);
    expect(stdout).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f]/);
    if (format === 'mermaid')
      for (const line of stdout.trimEnd().split('\n').slice(1))
        expect(line).toMatch(/^ {2}n\d+(?:\["[^"[\]]*"\]| -[-.] "[^"]*" -?-?\.?-> n\d+)$/);
    if (format === 'dot')
      for (const line of stdout.trimEnd().split('\n').slice(2, -1))
        expect(line).toMatch(/^ {2}n\d+(?: -> n\d+)? \[label="(?:[^"\\]|\\.)*"(?:, style=dashed)?\];$/);
  }
});

test('nothing to tell of is an incomplete answer', () => {
  const folder = temporaryFolder();
  writeFiles(folder, { 'readme.txt': 'nothing' });
  expect(droneAudit(['paths', '.'], { cwd: folder }).status).toBe(3);
});

test('pipelines alone tell little, which is said', () => {
  const folder = temporaryFolder();
  const text = 'kind: pipeline\ntype: docker\nname: default\nsteps:\n- {name: test, image: golang, commands: [make]}\n';
  writeFiles(folder, { 'app/.drone.yml': text });
  const { status, stdout } = droneAudit(['paths', '.'], { cwd: folder });
  expect(status).toBe(3);
  expect(stdout).toMatch(/^no way in is known to be open to outsiders; \d+ could not be decided\n/);
  expect(stdout).toContain('neither a server nor a runner was read with this');
});

test('ways that are open are not counted as all where something could not be read', () => {
  const cwd = temporaryFolder();
  cpSync('examples/careless', cwd, { recursive: true });
  rmSync(join(cwd, 'runner.env'));
  const { status, stdout } = droneAudit(['paths', '--from', 'network', '--to', 'rpc-secret', '.'], { cwd });
  expect(status).toBe(3);
  expect(stdout).toMatch(/^1 way in, and there may be others: not all is known\n/);
});

test('a gate on a kind of step that is not modelled ends with 3, and names it', () => {
  const { status, stdout } = droneAudit(['paths', 'hardened', '--fail-on-path', 'host-user:host'], examples);
  expect(status).toBe(3);
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain('is not known: --server or --docker may tell');
});
