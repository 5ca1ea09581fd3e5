import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { droneAuditBeside, temporaryFolder } from '../support/cli.ts';
import { type Answer, fakeEngine } from './fake-engine.ts';
import { idOf, inspectAnswer } from './inspect-answer.ts';

// The built command line, over a real socket: what the user runs.

const canaries = ['Kanarie-eins', 'Kanarie-zwei-lang-genug-fuer-zweiunddreissig'];

const containers = [
  inspectAnswer({
    id: idOf(1),
    name: 'drone',
    config: {
      Image: 'drone/drone:latest',
      Env: [`DRONE_RPC_SECRET=${canaries[0]}`, `DRONE_GITHUB_CLIENT_SECRET=${canaries[1]}`, 'DRONE_GITHUB_CLIENT_ID=x'],
      Labels: {},
    },
    mounts: [{ Type: 'bind', Source: '/var/run/docker.sock', Destination: '/var/run/docker.sock', RW: true }],
  }),
  inspectAnswer({
    id: idOf(2),
    name: 'runner',
    path: '/bin/drone-runner-docker',
    config: {
      Image: 'drone/drone-runner-docker:1.8.5',
      Env: [`DRONE_RPC_SECRET=${canaries[0]}`, 'DRONE_RPC_HOST=drone', 'DRONE_RUNNER_VOLUMES=/var/run/docker.sock:/s'],
      Labels: {},
    },
    host: { Privileged: true },
  }),
];

async function engine(more: Readonly<Record<string, Answer>> = {}) {
  const listed = containers.map(({ Id, Name, Config, Image }) => ({
    Id,
    Names: [Name],
    Image: Config.Image,
    ImageID: Image,
    Labels: Config.Labels,
  }));
  const fake = await fakeEngine({
    '/version': { Version: '27.1.1', ApiVersion: '1.46' },
    '/info': { Name: 'build-1', SecurityOptions: ['name=seccomp,profile=builtin'] },
    '/networks': [],
    '/volumes': { Volumes: [] },
    '/containers/json': listed,
    ...Object.fromEntries(containers.map((container) => [`/containers/${container.Id}/json`, container])),
    ...more,
  });
  onTestFinished(() => fake.close());
  return fake;
}

const run = (args: readonly string[], cwd: string, interruptOn?: Promise<void>) =>
  droneAuditBeside(args, { cwd, interruptOn });

interface Found {
  readonly rule: string;
  readonly severity: string;
  readonly file: string;
  readonly line: number;
  readonly fingerprint: string;
}

const findings = (stdout: string): Found[] =>
  (JSON.parse(stdout) as { findings: Found[] }).findings.map(({ rule, severity, file, line, fingerprint }) => ({
    rule,
    severity,
    file,
    line,
    fingerprint,
  }));

describe('scan --docker', () => {
  it('audits an engine, saves what it saw, and says the same of what it saved', async () => {
    const fake = await engine();
    const cwd = temporaryFolder();
    const live = await run(
      ['scan', '--docker', `unix://${fake.socket}`, '--format', 'json', '--save-evidence', 'seen'],
      cwd,
    );
    expect(live.stderr).toBe('');
    expect(live.status).toBe(1);
    const seen = findings(live.stdout);
    const rules = new Set(seen.map(({ rule }) => rule));
    for (const rule of [
      'weak-rpc-secret',
      'docker-socket-mount',
      'docker-socket-for-builds',
      'privileged-container',
      'open-registration',
    ])
      expect(rules).toContain(rule);
    expect(new Set(seen.map(({ file }) => file))).toEqual(new Set(['docker://drone', 'docker://runner']));
    expect(fake.requests.every((request) => request.startsWith('GET '))).toBe(true);

    const again = await run(['scan', 'seen', '--format', 'json'], cwd);
    expect(findings(again.stdout)).toEqual(seen);
    const unasked = ({ stdout }: { stdout: string }): string[] => JSON.parse(stdout).coverage.notAsked;
    expect(unasked(live)).toContain('logs of containers (--docker-logs)');
    expect(unasked(again)).toEqual(unasked(live));

    const written = readdirSync(join(cwd, 'seen'), { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    expect(written).toHaveLength(4);
    const texts = [
      live.stdout,
      again.stdout,
      ...written.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')),
    ];
    for (const text of texts) for (const canary of canaries) expect(text).not.toContain(canary);
  });

  it('ends with what it saw when it is interrupted, and begins nothing more', async () => {
    let tell = (): void => {};
    const reached = new Promise<void>((done) => {
      tell = done;
    });
    // The answer about the runner never comes.
    const fake = await engine({ [`/containers/${idOf(2)}/json`]: () => tell() });
    const args = ['--docker', `unix://${fake.socket}`, '--server', 'http://127.0.0.1:9', '--format', 'json'];
    const { status, stdout } = await run(args, temporaryFolder(), reached);
    const { problems, sources } = JSON.parse(stdout);
    expect(status).toBe(1);
    expect(sources.map(({ file }: { file: string }) => file)).toEqual(['docker-engine://build-1', 'docker://drone']);
    expect(problems).toContainEqual(
      expect.objectContaining({
        message: 'the audit was interrupted; everything seen until then is reported',
        incomplete: true,
      }),
    );
    expect(JSON.stringify(problems)).not.toContain('refuses the connection');
  });

  it('looks at several engines, and tells them apart', async () => {
    const one = await engine();
    const two = await engine({ '/info': { Name: 'build-2' } });
    const sockets = [one, two, one].flatMap(({ socket }) => ['--docker', `unix://${socket}`]);
    const result = await run(['scan', ...sockets, '--format', 'json', '--rule', 'weak-rpc-secret'], temporaryFolder());
    expect(result.stderr).toBe('');
    expect(findings(result.stdout).map(({ file }) => file)).toEqual([
      'docker://build-1/drone',
      'docker://build-1/runner',
      'docker://build-2/drone',
      'docker://build-2/runner',
    ]);
    const effective = await run(['explain', '--effective', ...sockets], temporaryFolder());
    expect(effective.stdout).toContain('docker://build-2/drone');
  });

  it('looks at logs only if asked, shows nothing of them, and says when it did not', async () => {
    const lines =
      '{"level":"info","login":"octocat","msg":"bootstrap: account created","token":"Kanarie-eins-token"}\nKanarie-eins\n';
    const logs = Object.fromEntries(
      containers.map(({ Id }): [string, Answer] => [
        `/containers/${Id}/logs`,
        (_, response) => void response.writeHead(200).end(lines),
      ]),
    );
    const fake = await engine(logs);
    const cwd = temporaryFolder();
    const args = ['scan', '--docker', `unix://${fake.socket}`, '--format', 'json'];
    const without = await run(args, cwd);
    expect(without.stdout).toContain('logs of containers (--docker-logs)');
    expect(fake.requests.join(' ')).not.toContain('/logs');
    const result = await run([...args, '--docker-logs'], cwd);
    expect(result.stdout).not.toContain('logs of containers (--docker-logs)');
    expect(result.stdout).toContain('docker-log://drone');
    expect(fake.requests.filter((request) => request.includes('/logs'))).toHaveLength(2);
    expect(result.stdout).not.toContain(canaries[0]);
  });

  it('reports what it saw of an engine that dies, names the rest, and says that this is not all', async () => {
    const [, second] = containers;
    const fake = await engine({ [`/containers/${second?.Id}/json`]: (_, response) => response.destroy() });
    const args = ['scan', '--docker', `unix://${fake.socket}`, '--format', 'json', '--fail-on', 'never'];
    const result = await run(args, temporaryFolder());
    expect(result.status).toBe(3);
    expect(findings(result.stdout).map(({ file }) => file)).toContain('docker://drone');
    expect(result.stdout).toContain('could not be inspected (\\"runner\\")');
  });

  it('says what it tried when nothing answers, and that the audit is incomplete', async () => {
    const cwd = temporaryFolder();
    const result = await run(['scan', '--docker', 'unix:///nowhere/docker.sock'], cwd);
    expect(result.status).toBe(3);
    expect(result.stdout).toContain('unix:///nowhere/docker.sock');
    const refused = await run(['scan', '--docker', 'ssh://host'], cwd);
    expect(refused.status).toBe(3);
    expect(refused.stdout).toContain('ssh -L');
  });
});
