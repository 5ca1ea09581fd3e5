import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { droneAuditBeside } from '../support/cli.ts';
import { docker, isEngineAsked, type RealEngine, realEngine, type Window, windowOnto } from './real-engine.ts';
import {
  carelessInstallation,
  hardenedBuildHost,
  hardenedServerHost,
  type Installation,
} from './real-installations.ts';
import { hasRegistry, type Registry, realRegistry } from './real-registry.ts';

// Whole audits of containers that a real engine made, by the built command line.

const pedantic = ['--pedantic', '--min-severity', 'info'];

/** What a window records of a request without a body. */
const onlyGet = /^GET \/\S+$/;

interface Report {
  readonly findings: readonly {
    readonly rule: string;
    readonly severity: string;
    readonly file: string;
    readonly line: number;
    readonly fingerprint: string;
  }[];
}

/** What makes findings the same; columns are those of masked text in what was saved. */
function fingerprintsIn(stdout: string): readonly string[] {
  const { findings }: Report = JSON.parse(stdout);
  return findings.map(({ rule, severity, file, line, fingerprint }) =>
    [rule, severity, file, line, fingerprint].join(' '),
  );
}

/** The findings of a report, a line each: `RULE SEVERITY PLACE`; names as they would be without the id of this test. */
function findingsIn(stdout: string, id: string): readonly string[] {
  const { findings }: Report = JSON.parse(stdout);
  return findings
    .map(({ rule, severity, file }) => `${rule} ${severity} ${file.replace(`-${id}`, '')}`)
    .filter((line) => !line.includes(' docker-engine://'))
    .sort();
}

/** What is said of the engine itself: `RULE SEVERITY`. */
function findingsOfHost(stdout: string): readonly string[] {
  const { findings }: Report = JSON.parse(stdout);
  return findings
    .filter(({ file }) => file.startsWith('docker-engine://'))
    .map(({ rule, severity }) => `${rule} ${severity}`)
    .sort();
}

/** The daemon of scripts/start-engine.sh is Debian's, as it comes. */
const ofDebian = ['outdated-docker-engine info', 'unhardened-docker-daemon low', 'vulnerable-runtime info'];

function isDebian12(): boolean {
  return docker('version', '--format', '{{.Server.Version}}').startsWith('20.10.24+dfsg1');
}

describe.skipIf(!isEngineAsked)('a careless installation on a real engine (DRONE_AUDIT_TEST_DOCKER=1)', () => {
  let engine: RealEngine;
  let window: Window;
  let installation: Installation;
  let folder = '';

  const scan = (...args: string[]) =>
    droneAuditBeside(['scan', '--docker', `unix://${window.socket}`, '--docker-logs', ...args], { cwd: folder });

  beforeAll(async () => {
    engine = realEngine();
    installation = carelessInstallation(engine);
    window = await windowOnto(engine);
    folder = mkdtempSync(join(engine.folder, 'audit-'));
    for (const name of ['server', 'runner'])
      await vi.waitFor(() => expect(docker('logs', `${name}-${engine.id}`)).toContain('Kanarie-line'), {
        timeout: 30_000,
      });
  });

  afterAll(async () => {
    await window?.close();
    engine?.remove();
  });

  test('is one whose engine gives every secret away', () => {
    const containers = docker('ps', '--all', '--quiet', '--filter', `label=drone-audit.test=${engine.id}`).split('\n');
    const inspected = docker('inspect', ...containers.filter(Boolean));
    const logs = docker('logs', `server-${engine.id}`) + docker('logs', `runner-${engine.id}`);
    for (const canary of installation.canaries) expect(inspected + logs).toContain(canary);
  });

  test('has exactly these findings', async () => {
    const { status, stdout, stderr } = await scan('--format', 'json', ...pedantic);
    expect(stderr).toBe('');
    expect(status).toBe(1);
    expect(findingsIn(stdout, engine.id)).toEqual([
      'automatic-image-updates medium docker://watchtower',
      'clone-credential-in-every-step low docker://runner',
      'control-plane-network-for-builds critical docker://runner',
      'dangerous-capability high docker://runner',
      'docker-socket-for-builds critical docker://runner',
      'docker-socket-mount critical docker://drone-running',
      'docker-socket-mount critical docker://server',
      'docker-socket-mount high docker://watchtower',
      'docker-socket-mount info docker://runner',
      'exposed-dashboard medium docker://runner',
      'exposed-port high docker://database',
      'floating-clone-image low docker://runner',
      'host-device-mount medium docker://secrets',
      'host-namespace high docker://secrets',
      'host-network medium docker://watchtower',
      'host-path-mount medium docker://secrets',
      'logged-account-token low docker://server',
      'missing-build-policy info docker://server',
      'missing-event-feed info docker://server',
      'open-registration critical docker://server',
      'outdated-extension medium docker://secrets',
      'overdue-step-container high docker://drone-privileged',
      'overdue-step-container high docker://drone-running',
      'permissive-socket-proxy critical docker://proxy',
      'plain-docker-daemon high docker://dind',
      'plain-http-rpc info docker://runner',
      'plain-http-server high docker://server',
      'privileged-container critical docker://drone-privileged',
      'privileged-container low docker://dind',
      'published-extension medium docker://secrets',
      'readable-data-directory medium docker://server',
      'rejected-runner low docker-log://runner',
      'response-headers-off low docker://server',
      'rpc-secret-sent-in-clear high docker-log://runner',
      'secret-in-image medium docker://server',
      'secret-in-runner-environment high docker://runner',
      'security-profile-off high docker://runner',
      'server-and-runner-together medium docker://runner',
      'static-vault-token medium docker://secrets',
      'token-in-log high docker-log://server',
      'trace-logging high docker://server',
      'unencrypted-database medium docker://server',
      'unhardened-container low docker://runner',
      'unhardened-container low docker://secrets',
      'unhardened-container low docker://server',
      'unkept-logs info docker://runner',
      'unkept-logs info docker://server',
      'unlimited-build-resources low docker://runner',
      'unpinned-container-image info docker://secrets',
      'unpinned-container-image low docker://runner',
      'unpinned-container-image medium docker://server',
      'unrestricted-runner low docker://runner',
      'unverified-extension-certificate high docker://secrets',
      'usage-statistics info docker://server',
      'weak-account-token high docker://server',
      'weak-dashboard-password high docker://runner',
      'weak-extension-token high docker://secrets',
      'weak-rpc-secret critical docker://runner',
      'weak-rpc-secret critical docker://server',
    ]);
    const ofHost = findingsOfHost(stdout);
    expect(ofHost).toContain('overdue-step-container medium');
    expect(stdout).toContain('still has 1 container, 1 network and 1 volume of builds that are over');
    if (isDebian12()) expect(ofHost).toEqual([...ofDebian, 'overdue-step-container medium'].sort());
  });

  test('is asked nothing but GET', async () => {
    await scan('--format', 'json');
    expect(window.requests.length).toBeGreaterThan(20);
    for (const request of window.requests) expect(request).toMatch(onlyGet);
  });

  test.each(['json', 'sarif', 'text'])('gives the same bytes twice: %s', async (format) => {
    const first = await scan('--format', format, ...pedantic);
    const second = await scan('--format', format, ...pedantic);
    expect(second).toEqual(first);
    for (const canary of installation.canaries) expect(first.stdout).not.toContain(canary);
  });

  test('shows its secrets nowhere, and the same findings from what was saved', async () => {
    const live = await scan('--format', 'json', '--save-evidence', 'seen', ...pedantic);
    const again = await droneAuditBeside(['scan', 'seen', '--format', 'json', ...pedantic], { cwd: folder });
    expect(fingerprintsIn(again.stdout)).toEqual(fingerprintsIn(live.stdout));
    const effective = await droneAuditBeside(['explain', '--effective', '--docker', `unix://${window.socket}`], {
      cwd: folder,
    });
    const saved = readdirSync(join(folder, 'seen'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
    expect(saved.length).toBeGreaterThan(10);
    for (const text of [live, again, effective].flatMap(({ stdout, stderr }) => [stdout, stderr]).concat(saved))
      for (const canary of installation.canaries) expect(text).not.toContain(canary);
  });
});

describe.skipIf(!isEngineAsked).each([
  ['a hardened server host', hardenedServerHost],
  ['a hardened build host', hardenedBuildHost],
] as const)('%s on a real engine (DRONE_AUDIT_TEST_DOCKER=1)', (_, make) => {
  let engine: RealEngine;
  let window: Window;
  let registry: Registry | undefined;
  let installation: Installation;

  beforeAll(async () => {
    engine = realEngine();
    registry = hasRegistry ? await realRegistry(engine) : undefined;
    installation = make(engine, {
      registry: registry?.address ?? `${engine.id}.example.com`,
      pinned: (image) => registry?.pinned(image) ?? image,
    });
    window = await windowOnto(engine);
  });

  afterAll(async () => {
    await window?.close();
    await registry?.close();
    engine?.remove();
  });

  test(`has no findings but those of the engine${hasRegistry ? '' : ' (images without digest, as docker-registry is not installed)'}`, async () => {
    const args = ['scan', '--docker', `unix://${window.socket}`, '--docker-logs', '--format', 'json', ...pedantic];
    const { status, stdout, stderr } = await droneAuditBeside(args, { cwd: engine.folder });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const found = findingsIn(stdout, engine.id);
    expect(hasRegistry ? found : found.filter((line) => !line.startsWith('unpinned-container-image info '))).toEqual(
      [],
    );
    if (isDebian12()) expect(findingsOfHost(stdout)).toEqual(ofDebian);
    for (const request of window.requests) expect(request).toMatch(onlyGet);
    for (const canary of installation.canaries) expect(stdout).not.toContain(canary);
  });
});
