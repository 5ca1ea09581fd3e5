import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { ReportedProblem } from '../src/model/report.ts';
import type { Site } from '../src/model/site.ts';
import { lineOf } from '../src/model/source.ts';
import { auditFolder, copyAsOnHost, everything } from './support/audit-folder.ts';

// What people copy from three pages: a guide to the RPC secret, a hardening guide, and the documentation of secret
// extensions. `as-printed` holds their settings, the others what they warn of. Each bullet of a page fires its rules.

const cases: readonly (readonly [name: string, folder: string, site?: Partial<Site>])[] = [
  ...[
    'rpc-guide/as-printed',
    'rpc-guide/without-secret',
    'rpc-guide/other-secret',
    'rpc-guide/behind-a-proxy',
    'hardening-guide/as-printed',
    'hardening-guide/not-followed/server',
    'hardening-guide/not-followed/runner',
    'hardening-guide/not-followed/exec',
    'hardening-guide/not-followed/kubernetes',
    'hardening-guide/not-followed/web',
    'hardening-guide/not-followed/signed',
    'secret-extension/as-printed',
    'secret-extension/not-followed',
    'secret-extension/on-the-server',
  ].map((folder) => [folder, folder] as const),
  // Rules about images of one's own are off without a list of them.
  ['hardening-guide/own-registry', 'hardening-guide/as-printed', { registries: ['registry.example.com'] }],
];

/** Document, bullet, and findings: case, place, rule. */
const bullets: readonly (readonly [document: string, bullet: string, findings: readonly string[]])[] = [
  [
    'RPC guide',
    'Generate a strong RPC secret',
    [
      'rpc-guide/as-printed runner/docker-compose.yml:13 weak-rpc-secret',
      'rpc-guide/as-printed server/by-hand.sh:2 weak-rpc-secret',
      'rpc-guide/other-secret docker-compose.yml:10 weak-rpc-secret',
      'rpc-guide/other-secret docker-compose.yml:23 weak-rpc-secret',
    ],
  ],
  ['RPC guide', 'Server needs DRONE_RPC_SECRET', ['rpc-guide/without-secret docker-compose.yml:3 missing-rpc-secret']],
  [
    'RPC guide',
    'Runner has the exact same value',
    ['rpc-guide/other-secret docker-compose.yml:23 rpc-secret-mismatch'],
  ],
  [
    'RPC guide',
    'Placeholders YOUR_GENERATED_RPC_SECRET, YOUR_GITHUB_CLIENT_SECRET',
    [
      'rpc-guide/as-printed server/docker-compose.yml:16 sample-secret',
      'rpc-guide/as-printed runner/docker-compose.yml:13 weak-rpc-secret',
      'rpc-guide/other-secret docker-compose.yml:13 inline-secret',
      'rpc-guide/as-printed server/docker-compose.yml:18 weak-rpc-secret',
    ],
  ],
  [
    'RPC guide',
    'DRONE_SECRET as cookie secret, DRONE_GITHUB=true',
    [
      'rpc-guide/as-printed server/docker-compose.yml:14 obsolete-setting',
      'rpc-guide/as-printed server/docker-compose.yml:17 obsolete-setting',
    ],
  ],
  [
    'RPC guide',
    'DRONE_RPC_ADDR, RPC port 3000',
    ['rpc-guide/as-printed runner/docker-compose.yml:12 obsolete-setting'],
  ],
  [
    'RPC guide',
    'DRONE_RPC_PROTO http or https to match the server',
    [
      'rpc-guide/without-secret docker-compose.yml:14 plain-http-rpc',
      'rpc-guide/behind-a-proxy docker-compose.yml:7 http-links-behind-tls',
    ],
  ],
  [
    'RPC guide',
    'Ports 80:80 and 443:443, DRONE_SERVER_PROTO=https',
    [
      'rpc-guide/as-printed server/docker-compose.yml:6 plain-http-server',
      'rpc-guide/as-printed server/docker-compose.yml:3 cookie-over-http',
      'rpc-guide/other-secret docker-compose.yml:9 certificate-without-key',
    ],
  ],
  [
    'RPC guide',
    'Runner port 3000:3000',
    [
      'rpc-guide/as-printed runner/docker-compose.yml:6 exposed-port',
      'rpc-guide/other-secret docker-compose.yml:17 exposed-dashboard',
    ],
  ],
  [
    'RPC guide',
    'Runner mounts docker.sock',
    [
      'rpc-guide/as-printed runner/docker-compose.yml:8 docker-socket-mount',
      'rpc-guide/other-secret docker-compose.yml:19 server-and-runner-together',
    ],
  ],
  [
    'RPC guide',
    'Volume at /var/lib/drone',
    ['rpc-guide/as-printed server/docker-compose.yml:9 misplaced-data-directory'],
  ],
  [
    'RPC guide',
    'Images drone/drone:2.24.0, drone/runner-docker:1.10.0',
    [
      'rpc-guide/as-printed server/docker-compose.yml:4 outdated-server',
      'rpc-guide/as-printed runner/docker-compose.yml:4 obsolete-drone-image',
      'rpc-guide/as-printed server/docker-compose.yml:4 unpinned-container-image',
    ],
  ],
  [
    'RPC guide',
    'Capacity and name of the runner',
    [
      'rpc-guide/as-printed runner/docker-compose.yml:3 unlimited-build-resources',
      'rpc-guide/as-printed runner/docker-compose.yml:3 unrestricted-runner',
    ],
  ],
  [
    'Hardening guide',
    'DRONE_SERVER_PROTO=https',
    ['hardening-guide/not-followed/server docker-compose.yml:6 plain-http-server'],
  ],
  [
    'Hardening guide',
    'Generate strong RPC secret',
    [
      'hardening-guide/as-printed server.env:4 weak-rpc-secret',
      'hardening-guide/as-printed server.env:6 sample-secret',
    ],
  ],
  [
    'Hardening guide',
    'Disable open registration: DRONE_USER_CREATE=false',
    [
      'hardening-guide/as-printed server.env:1 open-registration',
      'hardening-guide/as-printed server.env:7 ineffective-user-create',
    ],
  ],
  [
    'Hardening guide',
    'OAuth integration with GitHub/GitLab/Gitea',
    [
      'hardening-guide/not-followed/server server.env:4 unverified-scm-certificate',
      'hardening-guide/not-followed/server server.env:3 plain-http-scm',
      'hardening-guide/not-followed/server server.env:5 broad-scm-scope',
    ],
  ],
  [
    'Hardening guide',
    'Admin whitelist',
    ['hardening-guide/not-followed/server docker-compose.yml:15 machine-administrator'],
  ],
  ['Hardening guide', 'Restrict repository activation', ['hardening-guide/as-printed server.env:1 open-registration']],
  ['Hardening guide', 'Disable auto-trust', ['hardening-guide/not-followed/server server.env:7 trusted-by-default']],
  ['Hardening guide', 'Organisation-level policies', ['hardening-guide/as-printed server.env:1 missing-build-policy']],
  [
    'Hardening guide',
    'DRONE_CRON_DISABLED=false',
    ['hardening-guide/not-followed/runner release/.drone.yml:60 unnamed-cron'],
  ],
  [
    'Hardening guide',
    'Block privileged mode, pipeline-level privileged: false',
    [
      'hardening-guide/not-followed/web .drone.yml:12 privileged-step',
      'hardening-guide/not-followed/web .drone.yml:23 implicitly-privileged-step',
      'hardening-guide/as-printed trusted/.drone.yml:9 unknown-field',
      'hardening-guide/not-followed/runner docker-compose.yml:24 broad-privileged-image',
    ],
  ],
  [
    'Hardening guide',
    'Require approvals for production',
    [
      'hardening-guide/as-printed plugin/.drone.yml:7 deploy-without-promotion',
      'hardening-guide/not-followed/runner release/.drone.yml:10 promotion-without-target',
      'hardening-guide/not-followed/runner release/.drone.yml:10 promotion-of-any-ref',
    ],
  ],
  [
    'Hardening guide',
    'Branch restrictions',
    [
      'hardening-guide/not-followed/runner release/.drone.yml:44 missing-trigger',
      'hardening-guide/not-followed/web .drone.yml:7 branch-without-event',
      'hardening-guide/not-followed/runner release/.drone.yml:80 dropped-condition',
      'hardening-guide/not-followed/runner release/.drone.yml:77 ignored-condition',
      'hardening-guide/not-followed/runner release/.drone.yml:78 ineffective-pattern',
    ],
  ],
  [
    'Hardening guide',
    'DRONE_RUNNER_ENV_FILE=enabled-plugins.json',
    ['hardening-guide/as-printed runner.env:4 misused-runner-env-file'],
  ],
  [
    'Hardening guide',
    'DRONE_DOCKER_NETWORK_DISABLED, DRONE_DOCKER_PRIVILEGED',
    [
      'hardening-guide/as-printed runner.env:5 unknown-setting',
      'hardening-guide/as-printed runner.env:6 unknown-setting',
    ],
  ],
  [
    'Hardening guide',
    'Dedicated runners',
    [
      'hardening-guide/not-followed/server docker-compose.yml:27 unrestricted-runner',
      'hardening-guide/not-followed/exec drone-runner-exec.service:4 unrestricted-exec-runner',
      'hardening-guide/not-followed/runner docker-compose.yml:21 runner-reachable-by-label',
      'hardening-guide/not-followed/runner docker-compose.yml:15 server-and-runner-together',
    ],
  ],
  [
    'Hardening guide',
    'Capacity limits',
    ['hardening-guide/not-followed/server docker-compose.yml:27 unlimited-build-resources'],
  ],
  [
    'Hardening guide',
    'Network isolation, segmentation',
    [
      'hardening-guide/not-followed/runner docker-compose.yml:22 control-plane-network-for-builds',
      'hardening-guide/not-followed/web .drone.yml:13 host-network-step',
      'hardening-guide/not-followed/server docker-compose.yml:29 host-network',
      'hardening-guide/not-followed/server docker-compose.yml:22 published-extension',
    ],
  ],
  [
    'Hardening guide',
    'No privileged mode',
    [
      'hardening-guide/not-followed/web .drone.yml:12 privileged-step',
      'hardening-guide/not-followed/server docker-compose.yml:10 privileged-container',
    ],
  ],
  [
    'Hardening guide',
    'Ephemeral containers',
    ['hardening-guide/not-followed/runner release/.drone.yml:89 exec-pipeline'],
  ],
  [
    'Hardening guide',
    'Resource limits',
    [
      'hardening-guide/not-followed/server docker-compose.yml:27 unlimited-build-resources',
      'hardening-guide/not-followed/server docker-compose.yml:3 unhardened-container',
    ],
  ],
  [
    'Hardening guide',
    'Read-only file systems',
    ['hardening-guide/not-followed/server docker-compose.yml:3 unhardened-container'],
  ],
  [
    'Hardening guide',
    'Drop capabilities',
    [
      'hardening-guide/not-followed/server docker-compose.yml:3 unhardened-container',
      'hardening-guide/not-followed/server docker-compose.yml:30 dangerous-capability',
    ],
  ],
  [
    'Hardening guide',
    'Kubernetes runner security context',
    [
      'hardening-guide/not-followed/kubernetes runner.yml:13 missing-kubernetes-policy',
      'hardening-guide/not-followed/kubernetes .drone.yml:5 chosen-service-account',
      'hardening-guide/not-followed/kubernetes .drone.yml:9 chosen-namespace',
      'hardening-guide/not-followed/kubernetes .drone.yml:7 chosen-node',
      'hardening-guide/not-followed/kubernetes runner.yml:29 powerful-runner-account',
    ],
  ],
  [
    'Hardening guide',
    'No host mounts',
    [
      'hardening-guide/not-followed/web .drone.yml:80 host-volume',
      'hardening-guide/not-followed/runner docker-compose.yml:23 host-path-for-builds',
      'hardening-guide/not-followed/server docker-compose.yml:9 host-path-mount',
    ],
  ],
  [
    'Hardening guide',
    'Protect the Docker socket',
    [
      'hardening-guide/not-followed/web .drone.yml:77 docker-socket-volume',
      'hardening-guide/not-followed/runner docker-compose.yml:23 docker-socket-for-builds',
      'hardening-guide/not-followed/runner docker-compose.yml:15 docker-socket-mount',
      'hardening-guide/not-followed/runner docker-compose.yml:45 permissive-socket-proxy',
    ],
  ],
  [
    'Hardening guide',
    'Runner hardening, baselines',
    ['hardening-guide/not-followed/exec drone-runner-exec.service:4 exec-runner-as-root'],
  ],
  [
    'Hardening guide',
    'Use Drone secrets, not YAML',
    [
      'hardening-guide/not-followed/web .drone.yml:27 hardcoded-secret',
      'hardening-guide/not-followed/web .drone.yml:84 plaintext-secret-document',
      'hardening-guide/not-followed/server docker-compose.yml:14 inline-secret',
      'hardening-guide/as-printed server.env:1 unencrypted-database',
    ],
  ],
  [
    'Hardening guide',
    'Scope secrets tightly',
    [
      'hardening-guide/not-followed/runner release/.drone.yml:51 secret-on-pull-request',
      'hardening-guide/not-followed/web .drone.yml:40 widely-shared-secret',
      'hardening-guide/not-followed/runner docker-compose.yml:25 global-runner-secrets',
    ],
  ],
  [
    'Hardening guide',
    'Mask secrets',
    [
      'hardening-guide/not-followed/web .drone.yml:69 printed-secret',
      'hardening-guide/not-followed/web .drone.yml:68 traced-secret',
      'hardening-guide/not-followed/server docker-compose.yml:28 outdated-runner',
    ],
  ],
  [
    'Hardening guide',
    'Pin plugins by digest or version',
    [
      'hardening-guide/as-printed kubernetes/.drone.yml:14 unpinned-image',
      'hardening-guide/not-followed/web .drone.yml:46 cached-mutable-image',
      'hardening-guide/not-followed/server docker-compose.yml:27 floating-clone-image',
    ],
  ],
  [
    'Hardening guide',
    'Trusted plugins only',
    [
      'hardening-guide/not-followed/web .drone.yml:37 misspelt-image',
      'hardening-guide/not-followed/web .drone.yml:45 unmaintained-image',
      'hardening-guide/not-followed/web .drone.yml:31 known-bad-image',
      'hardening-guide/own-registry scan/.drone.yml:11 image-outside-policy',
    ],
  ],
  [
    'Hardening guide',
    'Internal registry',
    [
      'hardening-guide/not-followed/web .drone.yml:28 plugin-tls-check-off',
      'hardening-guide/own-registry kubernetes/.drone.yml:14 image-outside-policy',
    ],
  ],
  [
    'Hardening guide',
    'OAuth tokens instead of passwords',
    [
      'hardening-guide/not-followed/runner release/.drone.yml:104 ssh-password-login',
      'hardening-guide/not-followed/server docker-compose.yml:6 plain-http-server',
    ],
  ],
  [
    'Hardening guide',
    'Scoped tokens',
    [
      'hardening-guide/not-followed/server server.env:5 broad-scm-scope',
      'hardening-guide/not-followed/server server.env:8 shared-clone-credential',
      'hardening-guide/not-followed/server docker-compose.yml:27 clone-credential-in-every-step',
      'hardening-guide/not-followed/web .drone.yml:65 drone-credential-in-step',
    ],
  ],
  [
    'Hardening guide',
    'Token rotation',
    ['hardening-guide/not-followed/server docker-compose.yml:15 logged-account-token'],
  ],
  [
    'Hardening guide',
    'Webhook secrets, signature validation',
    [
      'hardening-guide/not-followed/server server.env:10 shared-webhook-secret',
      'hardening-guide/not-followed/server server.env:11 unprotected-event-receiver',
    ],
  ],
  [
    'Hardening guide',
    'Platform arch amd664 in the sample',
    ['hardening-guide/as-printed scan/.drone.yml:7 misspelt-target'],
  ],
  [
    'Hardening guide',
    'aquasec/trivy:latest scan step',
    [
      'hardening-guide/as-printed scan/.drone.yml:11 unpinned-image',
      'hardening-guide/not-followed/web .drone.yml:31 known-bad-image',
      'hardening-guide/not-followed/web .drone.yml:32 ignored-gate',
    ],
  ],
  [
    'Hardening guide',
    'Trusted base images',
    ['hardening-guide/own-registry trusted/.drone.yml:13 image-outside-policy'],
  ],
  [
    'Hardening guide',
    'Image scanning, dependency scanning',
    [
      'hardening-guide/not-followed/runner release/.drone.yml:22 unattested-release',
      'hardening-guide/not-followed/web .drone.yml:32 ignored-gate',
    ],
  ],
  [
    'Hardening guide',
    'Signed commits, signed pipeline changes',
    ['hardening-guide/not-followed/signed .drone.yml:13 ambiguous-signed-document'],
  ],
  [
    'Hardening guide',
    'Reproducible builds',
    [
      'hardening-guide/not-followed/web .drone.yml:70 unlocked-dependency',
      'hardening-guide/as-printed kubernetes/.drone.yml:14 unpinned-image',
      'hardening-guide/not-followed/web .drone.yml:71 unverified-download',
    ],
  ],
  [
    'Hardening guide',
    'Artifact signing, SBOM',
    ['hardening-guide/not-followed/runner release/.drone.yml:22 unattested-release'],
  ],
  ['Hardening guide', 'Audit trail, audit logging', ['hardening-guide/as-printed server.env:1 missing-event-feed']],
  [
    'Hardening guide',
    'Centralised logging, retention',
    ['hardening-guide/not-followed/server docker-compose.yml:17 unkept-logs'],
  ],
  [
    'Hardening guide',
    'docker ps, docker inspect for privileged',
    ['hardening-guide/not-followed/server docker-compose.yml:10 privileged-container'],
  ],
  [
    'Hardening guide',
    'Runner health, curl :3000/healthz',
    ['hardening-guide/not-followed/server docker-compose.yml:3 unhardened-container'],
  ],
  [
    'Hardening guide',
    'Backup and recovery',
    ['hardening-guide/not-followed/server docker-compose.yml:8 misplaced-data-directory'],
  ],
  [
    'Hardening guide',
    'drone --version',
    [
      'hardening-guide/not-followed/server docker-compose.yml:4 outdated-server',
      'hardening-guide/not-followed/server docker-compose.yml:28 outdated-runner',
    ],
  ],
  [
    'Hardening guide',
    'grep DRONE_ and SECRET in /etc/drone',
    [
      'hardening-guide/not-followed/server docker-compose.yml:1 readable-secret-file',
      'hardening-guide/not-followed/server docker-compose.yml:14 inline-secret',
    ],
  ],
  [
    'Hardening guide',
    'ss -tulpn for :80, :443, :9000',
    [
      'hardening-guide/not-followed/runner docker-compose.yml:32 exposed-port',
      'hardening-guide/not-followed/server docker-compose.yml:6 plain-http-server',
    ],
  ],
  [
    'Secret extension documentation',
    'DRONE_SECRET_PLUGIN_ENDPOINT',
    [
      'secret-extension/as-printed docker-compose.yml:9 plain-http-extension',
      'secret-extension/not-followed docker-compose.yml:23 unverified-extension-certificate',
      'secret-extension/on-the-server docker-compose.yml:10 secret-extension-on-server',
      'secret-extension/not-followed docker-compose.yml:37 published-extension',
    ],
  ],
  [
    'Secret extension documentation',
    'DRONE_SECRET_PLUGIN_TOKEN',
    [
      'secret-extension/not-followed docker-compose.yml:22 missing-extension-token',
      'secret-extension/as-printed docker-compose.yml:10 weak-extension-token',
      'secret-extension/not-followed docker-compose.yml:11 reused-secret',
    ],
  ],
  [
    'Secret extension documentation',
    'Registered with runners',
    ['secret-extension/on-the-server docker-compose.yml:10 secret-extension-on-server'],
  ],
  [
    'Secret extension documentation',
    'External secret YAML (get path, name)',
    [
      'secret-extension/as-printed .drone.yml:10 external-secret-on-pull-request',
      'secret-extension/not-followed .drone.yml:18 broken-secret-document',
      'secret-extension/as-printed docker-compose.yml:9 unfiltered-secret-extension',
    ],
  ],
  [
    'Secret extension documentation',
    'Sample value correct-horse-battery-staple',
    [
      'secret-extension/not-followed docker-compose.yml:9 sample-secret',
      'secret-extension/not-followed docker-compose.yml:10 weak-cookie-secret',
    ],
  ],
];

/** What looks as if it were there, and is not. */
const silent: readonly (readonly [name: string, rule: string, because: string])[] = [
  ['rpc-guide/as-printed', 'missing-rpc-secret', 'a placeholder is a secret, though a weak one'],
  ['rpc-guide/as-printed', 'rpc-secret-mismatch', 'both ends have the same placeholder'],
  ['rpc-guide/as-printed', 'weak-cookie-secret', 'DRONE_SECRET is no cookie secret: nothing reads it'],
  ['rpc-guide/as-printed', 'plain-http-rpc', 'nothing reads DRONE_RPC_ADDR, so the runner has no server to talk to'],
  ['rpc-guide/as-printed', 'http-links-behind-tls', 'DRONE_SERVER_PROTO is https'],
  ['rpc-guide/as-printed', 'certificate-without-key', 'there is no certificate'],
  ['rpc-guide/as-printed', 'exposed-dashboard', 'without password the runner has no dashboard, only /healthz'],
  ['rpc-guide/as-printed', 'server-and-runner-together', 'two compose files may be meant for two hosts'],
  ['rpc-guide/as-printed', 'inline-secret', 'placeholders give nothing away'],
  ['hardening-guide/as-printed', 'plain-http-server', 'lone settings do not say what is published'],
  ['hardening-guide/as-printed', 'malformed-user-create', 'nothing of "false" is an item: ineffective-user-create'],
  ['hardening-guide/as-printed', 'setting-without-effect', 'DRONE_CRON_DISABLED=false is read, and the default'],
  ['hardening-guide/as-printed', 'unrestricted-runner', 'the excerpt does not tell which runner it is, nor all of it'],
  ['hardening-guide/as-printed', 'privileged-step', 'the key of the pipeline does nothing: unknown-field'],
  ['hardening-guide/as-printed', 'implicitly-privileged-step', 'plugins/kubernetes is not privileged by itself'],
  ['hardening-guide/as-printed', 'known-bad-image', '"latest" is pulled anew for each build'],
  ['hardening-guide/as-printed', 'ignored-gate', 'the scan may fail the build'],
  ['hardening-guide/as-printed', 'image-outside-policy', 'the site has no list of its own images'],
  ['hardening-guide/as-printed', 'missing-kubernetes-policy', 'a pipeline does not tell of its runner'],
  ['secret-extension/as-printed', 'missing-extension-token', 'the token is set'],
  ['secret-extension/as-printed', 'secret-extension-on-server', 'the runner asks it'],
  ['secret-extension/as-printed', 'broken-secret-document', 'path and name are all that Drone asks with'],
];

const copies = mkdtempSync(join(tmpdir(), 'drone-audit-seeds-'));
afterAll(() => rmSync(copies, { recursive: true, force: true }));

describe('the pages that people copy from', async () => {
  const found = new Map<string, readonly string[]>();
  const problems = new Map<string, readonly ReportedProblem[]>();
  for (const [name, folder, site] of cases) {
    const report = await auditFolder(
      copyAsOnHost(join('test/fixtures/seeds', folder), join(copies, name)),
      everything,
      site,
    );
    problems.set(name, report.problems);
    found.set(
      name,
      report.findings.map(({ at, rule }) => `${name} ${at.source.name}:${lineOf(at)} ${rule}`),
    );
  }

  it.each([...found.keys()])('%s is understood', (name) => {
    // The program that this one starts is an invention of the guide.
    const unread = name === 'rpc-guide/as-printed' ? [{ source: 'runner/by-hand.sh', line: 2, incomplete: true }] : [];
    expect(problems.get(name)).toMatchObject(unread);
    expect(found.get(name)?.length).toBeGreaterThan(1);
  });

  it.each(bullets)('%s: %s', (_document, _bullet, findings) => {
    for (const finding of findings) expect(found.get(finding.split(' ')[0] ?? '')).toContain(finding);
  });

  it.each(silent)('%s has no %s: %s', (name, rule) => {
    const rules = (found.get(name) ?? ['']).map((finding) => finding.split(' ').at(-1));
    expect(rules).not.toContain('');
    expect(rules).not.toContain(rule);
  });
});

const catalogue = '../shared/rules/catalogue';

describe.skipIf(!existsSync(`${catalogue}.md`))('the bullets of the catalogue (../shared/rules)', () => {
  it('are all here, with their rules about files', () => {
    const phases = phaseOfRules();
    const wanted = rowsOfCatalogue().flatMap(([document, bullet, rules]) => {
      const aboutFiles = rules.filter((rule) => phases.get(rule) === 'config' || phases.get(rule) === 'pipeline');
      return aboutFiles.length > 0 ? [[document, bullet, aboutFiles.sort()]] : [];
    });
    const here = bullets.map(([document, bullet, findings]) => {
      const rules = findings.map((finding) => finding.split(' ').at(-1) ?? '');
      return [document, bullet, [...new Set(rules)].sort()];
    });
    expect(here).toEqual(wanted);
    expect(here.length).toBeGreaterThan(60);
  });
});

function phaseOfRules(): ReadonlyMap<string, string> {
  const rules: readonly { id: string; phase: string }[] = JSON.parse(readFileSync(`${catalogue}.json`, 'utf8'));
  return new Map(rules.map(({ id, phase }) => [id, phase]));
}

function rowsOfCatalogue(): readonly (readonly [document: string, bullet: string, rules: string[]])[] {
  const section = readFileSync(`${catalogue}.md`, 'utf8').split('\n## Seed bullets\n')[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/^\| (?!---|document )(.+?) \| (.+?) \| (.*?) \|.*\|$/gm)].map(
    ([, document = '', bullet = '', rules = '']) => [
      document,
      bullet,
      [...rules.matchAll(/`([a-z-]+)`/g)].map(([, rule = '']) => rule),
    ],
  );
}
