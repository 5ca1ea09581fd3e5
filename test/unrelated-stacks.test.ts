import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lineOf } from '../src/model/source.ts';
import { auditFolder, auditPaths, everything } from './support/audit-folder.ts';
import { temporaryFolder } from './support/cli.ts';

// Stacks that have nothing to do with each other are judged alike whether they lie in one scan or not.

const stacks: Readonly<Record<string, string | Readonly<Record<string, string>>>> = {
  compose: 'test/fixtures/parity/compose',
  'docker run': 'test/fixtures/parity/docker-run',
  kubernetes: 'test/fixtures/parity/kubernetes',
  systemd: 'test/fixtures/parity/systemd',
  careless: 'test/fixtures/installations/careless',
  hardened: 'test/fixtures/installations/hardened',
  'behind a proxy': {
    'docker-compose.yml': `services:
  drone:
    image: drone/drone:2.28.2
    ports: ["3000:80"]
    environment: {DRONE_SERVER_HOST: ci.example.org, DRONE_SERVER_PROTO: https, DRONE_RPC_SECRET: 0f1e2d3c4b5a69788796a5b4c3d2e1f0}
    labels: {traefik.enable: "true", traefik.http.routers.drone.tls: "true"}
`,
    '.drone.yml': `kind: pipeline
type: docker
name: default
steps:
- name: dind
  image: plugins/docker:20
  privileged: true
  commands: ["echo 0f1e2d3c4b5a69788796a5b4c3d2e1f0"]
`,
  },
  'a cluster': {
    'server.yml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: drone}
spec:
  template:
    metadata: {labels: {app: drone}}
    spec:
      containers:
      - {name: server, image: "drone/drone:2.28.2", envFrom: [{configMapRef: {name: drone}}], ports: [{containerPort: 80}]}
`,
    'more.yml': `apiVersion: v1
kind: ConfigMap
metadata: {name: drone}
data: {DRONE_SERVER_HOST: ci.example.net, DRONE_RPC_SECRET: 00112233445566778899aabbccddeeff, DRONE_OPEN: "true"}
---
apiVersion: v1
kind: Service
metadata: {name: drone}
spec: {type: NodePort, selector: {app: drone}, ports: [{port: 80, targetPort: 80, nodePort: 30080}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: drone}
spec:
  tls: [{hosts: [ci.example.net]}]
  rules: [{host: ci.example.net, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: drone, port: {number: 80}}}}]}}]
`,
  },
  'files of a host': {
    'server.env':
      'DRONE_SERVER_HOST=ci.example.edu\nDRONE_RPC_SECRET=short\nDRONE_GITEA_SERVER=http://git.example.edu\n',
    'runner.env': 'DRONE_RPC_HOST=ci.example.edu\nDRONE_RPC_SECRET=other\nDRONE_RPC_PROTO=http\n',
  },
};

/** Writes a stack into a folder. */
function put(name: string, folder: string): void {
  const stack = stacks[name] ?? {};
  if (typeof stack === 'string') cpSync(stack, folder, { recursive: true });
  else
    for (const [file, text] of Object.entries(stack)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    }
}

async function findingsIn(folder: string, ...paths: readonly string[]): Promise<readonly string[]> {
  const { findings } = await auditPaths(folder, paths, everything);
  return findings.map(
    ({ at, rule, severity, message, related }) =>
      `${at.source.name}:${lineOf(at)} ${rule} ${severity} ${message} ${related.map((other) => other.message).join('; ')}`,
  );
}

const names = Object.keys(stacks);

describe.each(names)('%s', (name) => {
  it('has something to be found', async () => {
    const folder = temporaryFolder();
    put(name, join(folder, 'a'));
    expect((await findingsIn(folder, 'a')).length).toBeGreaterThan(name === 'hardened' ? -1 : 1);
  });

  it.each(names.slice(names.indexOf(name)))('beside %s', async (other) => {
    const folder = temporaryFolder();
    put(name, join(folder, 'a'));
    put(other, join(folder, 'b'));
    const alone = [...(await findingsIn(folder, 'a')), ...(await findingsIn(folder, 'b'))];
    expect([...(await findingsIn(folder, '.'))].sort()).toEqual([...alone].sort());
  });
});

describe('pipelines of which nothing tells whose runners serve them', () => {
  const runner = (host: string) =>
    `services:\n  runner:\n    image: drone/drone-runner-docker:1.8.5\n    environment: {DRONE_RPC_HOST: ${host}, DRONE_RPC_SECRET: "${'{'}A:?}"}\n`;

  it('are not told to wait for ever, although the audit has all runners', async () => {
    const folder = temporaryFolder();
    for (const [name, text] of [
      ['prod/docker-compose.yml', runner('ci.example.com')],
      ['stage/docker-compose.yml', runner('ci.example.org')],
      ['.drone.yml', 'kind: pipeline\ntype: docker\nname: a\nsteps:\n- {name: a, image: alpine, commands: [ls]}\n'],
    ] as const) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const { findings } = await auditFolder(folder, everything, { allRunners: true });
    expect(findings.filter(({ rule }) => rule === 'unserved-pipeline')).toEqual([]);
  });
});
