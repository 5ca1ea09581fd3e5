import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { droneAudit, temporaryFolder } from '../support/cli.ts';

/** Short enough to be weak, so that rules speak of them, and unlike anything else in the texts. */
const canary = (n: number): string => `Kanarie${String(n).padStart(2, '0')}vogel`;

let used = 0;
const next = (): string => canary(used++);

/** Varied enough to be taken for a key, with a canary within. */
const random = (): string => `q8Zt${next()}W3nRv5Kx`;
/** A token of GitHub by its form. */
const token = (): string => `ghp_Kq7RzW2mVx9TnB4cLd${next()}Hj3P`;

const files: Readonly<Record<string, string>> = {
  'server.env': `# DRONE_RPC_SECRET=${next()}
DRONE_RPC_SECRET=${next()}
DRONE_GITHUB_CLIENT_ID=abc
DRONE_GITHUB_CLIENT_SECRET="${next()}"
DRONE_DATABASE_DATASOURCE=postgres://drone:${next()}@db:5432/drone?sslmode=disable
DRONE_USER_CREATE=username:octocat,token:${next()},admin:true
DRONE_COOKIE_SECRET='${next()}'
DRONE_UNKNOWN_PASSWORD=${next()}
HTTPS_PROXY=http://proxy:${next()}@proxy.example.com:3128
`,
  'docker-compose.yml': `services:
  drone:
    image: drone/drone:latest
    env_file: server.env
    environment:
      DRONE_DATABASE_SECRET: \${DB_SECRET:-${next()}}
      DRONE_S3_SECRET: "${next()}"
      DRONE_GITEA_CLIENT_SECRET: >-
        ${next()}
    command: ["--token=${next()}"]
    labels:
      - "traefik.http.middlewares.auth.basicauth.users=admin:${next()}"
    volumes: ["/var/run/docker.sock:/var/run/docker.sock"]
  runner:
    image: drone/drone-runner-docker
    environment:
      - DRONE_RPC_HOST=drone
      - DRONE_RPC_SECRET=${next()}
      - DRONE_UI_PASSWORD=${next()}
      - DRONE_RUNNER_SECRETS=a:${next()},b:${next()}
      - "DRONE_RUNNER_ENVIRON=TOKEN:${next()}"
  db:
    image: postgres
    environment: {POSTGRES_PASSWORD: ${next()}}
`,
  '.env': `DB_SECRET=${next()}\n`,
  'app/.drone.yml': `kind: pipeline
type: docker
name: default
steps:
  - name: build
    image: alpine
    privileged: true
    environment:
      PASSWORD: ${next()}
      API_TOKEN: "${next()}" # token: ${next()}
      DATABASE_URL: mysql://root:${next()}@db/app
    commands:
      - curl -u admin:x --password ${next()} https://ci:${next()}@example.com
      - export SECRET=${next()}
  - name: publish
    image: plugins/docker
    settings:
      username: octocat
      password: ${next()}
      build_args: [ "NPM_TOKEN=${next()}" ]
`,
  'written/.drone.yml': `kind: pipeline
type: docker
name: default
environment:
  SIGNING_KEY: ${random()}
services:
  - name: database
    image: postgres
    environment: {POSTGRES_PASSWORD: ${random()}}
steps:
  - name: deploy
    image: alpine
    environment:
      SETTINGS: '{"key": "${token()}", "url": "https://ci:${next()}@git.example.org/x"}'
      NOTE: >-
        a token ${token()}
        in folded text
    settings:
      targets:
        - name: production
          pwd: ${random()}
      webhook: https://hooks.slack.com/services/T04KD82QP/B07RW19ZM/${random()}
    commands:
      - docker login -u octocat -p ${random()} registry.example.org
      - curl -u octocat:${random()} https://api.example.org
      - sshpass -p ${random()} ssh host
      - "deploy --api-key '${random()}' --pat=${random()}"
      - |
        export X=1
        echo "${token()}" | gh auth login
---
kind: pipeline
type: ssh
name: host
server:
  host: build.example.org
  user: root
  password: ${random()}
  ssh_key: ${random()}
steps:
  - {name: a, commands: [make]}
---
kind: secret
name: plain
data: ${random()}
---
kind: registry
name: login
data:
  login: '{"auths": {"registry.example.org": {"auth": "${random()}"}}}'
`,
  'legacy/.drone.yml': `pipeline:
  deploy:
    image: plugins/ssh
    privileged: true
    password: ${next()}
    volumes:
      - /var/run/docker.sock:/var/run/docker.sock
`,
  'broken/.drone.yml': `kind: pipeline
steps:
  - name: a
    environment: {PASSWORD: ${next()}
  TOKEN: "${next()}
`,
  'broken/docker-compose.yml': `services:
  drone:
    image: drone/drone
    environment:
      - DRONE_RPC_SECRET=${next()}
     - DRONE_COOKIE_SECRET=${next()}
`,
  'run.sh': `#!/bin/sh
export DRONE_RPC_SECRET=${next()}
docker run -d --privileged -e DRONE_RPC_HOST=drone -e DRONE_RPC_SECRET=${next()} -e "DRONE_UI_PASSWORD=${next()}" -v /var/run/docker.sock:/var/run/docker.sock drone/drone-runner-docker
`,
  'drone.service': `[Service]
Environment="DRONE_RPC_SECRET=${next()}" DRONE_COOKIE_SECRET=${next()}
ExecStart=/usr/bin/docker run --privileged -e DRONE_RPC_SECRET=${next()} -v /:/host drone/drone:latest
`,
  'forms/.drone.yml': `# hf_${next()}AAAAAAAAAAAAAAAAAAAAAAAA
kind: pipeline
type: docker
name: default
steps:
  - name: glpat-${random()}
    image: alpine:latest
    privileged: true
    depends_on: ["sk-ant-api03-${next()}${'j'.repeat(80)}"]
    environment:
      PASSWORD: "\${X:-${next()}}"
      # TOKEN: p;${next()}
      # TOKEN: "several words ${next()}"
    settings:
      password: [{a: ${next()}}]
    commands:
      - curl -H 'Authorization: Bearer ${next()}' example.com
      - echo ${next()} | docker login --password-stdin
---
kind: secret
name: misread
data: {value: ${next()}}
---
kind: secret
name: misnamed
value: ${next()}
`,
  'program/.drone.star': `PASSWORD = "a" "${next()}"
def main(ctx):
  # token: p,${next()}
  return {"kind": "pipeline", "steps": [{
    "commands": ["docker login -u x -p ${next()}", "curl -u u:${next()} x"],
    "privileged": True,
    "settings": {"api_key": "a" + "${next()}"},
    "environment": {"TOKEN": ("%s" % "${next()}")},
  }]} if "x" in ctx.build.message else []
`,
  'program/.drone.jsonnet': `local password = 'a' + '${next()}';
{ kind: 'pipeline', token: if std.extVar('build.message') == 'a' then '${next()}' else '${next()}', ['api_key']: '${next()}' }
`,
  'config-map.yaml': `apiVersion: v1
kind: ConfigMap
metadata: {name: drone}
data:
  drone.env: |
    DRONE_RPC_SECRET=${next()}
    DRONE_USER_CREATE=username:octocat,token:${next()}
---
apiVersion: v1
kind: Pod
metadata: {name: drone}
spec:
  containers:
    - name: drone
      image: drone/drone:latest
      envFrom: [{configMapRef: {name: drone}}]
`,
  'misspelt.env': `DRONE_SERVER_HOST=drone.example.com
DRONE_RPC_SECRT=${next()}
DRONE_USER_CREATE=username:octocat,tokn:${next()}
# DRONE_DATABASE_DATASOURCE=drone:${next()}@tcp(db:3306)/drone
FOO=ntn_${next()}${'h'.repeat(30)}
`,
  'k8s.yaml': `apiVersion: v1
kind: Secret
metadata: {name: drone}
stringData:
  DRONE_RPC_SECRET: ${next()}
data:
  DRONE_COOKIE_SECRET: ${Buffer.from(next()).toString('base64')}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: drone}
spec:
  template:
    spec:
      containers:
        - name: drone
          image: drone/drone
          securityContext: {privileged: true}
          envFrom: [{secretRef: {name: drone}}]
          env:
            - {name: DRONE_GITHUB_CLIENT_SECRET, value: ${next()}}
`,
  'values.yaml': `image: {repository: drone/drone, tag: latest}
env:
  DRONE_SERVER_HOST: drone.example.com
  DRONE_RPC_SECRET: ${next()}
`,
  'inspect/drone.json': JSON.stringify([
    {
      Id: 'f'.repeat(64),
      Name: '/drone',
      Config: {
        Image: 'drone/drone:latest',
        Env: [`DRONE_RPC_SECRET=${next()}`, `DRONE_GITHUB_CLIENT_SECRET=a"${next()}`],
        Labels: {},
      },
      HostConfig: { Privileged: true, Binds: ['/var/run/docker.sock:/var/run/docker.sock'] },
      Mounts: [{ Type: 'bind', Source: '/var/run/docker.sock', Destination: '/var/run/docker.sock', RW: true }],
      State: { Status: 'running' },
    },
  ]),
};

describe('no secret leaves the process', () => {
  const folder = (): string => {
    const root = temporaryFolder();
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(root, name, '..'), { recursive: true });
      writeFileSync(join(root, name), text);
    }
    return root;
  };
  const leaks = (text: string): string[] => {
    const found = new Set<string>();
    for (let n = 0; n < used; n++) {
      const value = canary(n);
      if (text.includes(value) || text.includes(Buffer.from(value).toString('base64').replace(/=+$/, '')))
        found.add(value);
    }
    return [...found];
  };

  it.each(['text', 'json', 'sarif'])('as %s, with everything shown', (format) => {
    const args = [
      'scan',
      '.',
      '--format',
      format,
      '--pedantic',
      '--min-severity',
      'info',
      '--min-confidence',
      'low',
      '-v',
      '--no-ignore',
    ];
    const { stdout, stderr, status } = droneAudit(args, { cwd: folder() });
    expect(status).toBe(1);
    expect(stdout.length).toBeGreaterThan(2000);
    expect(leaks(stdout)).toEqual([]);
    expect(leaks(stderr)).toEqual([]);
  });

  it.each(['text', 'json'])('as %s, of what is in effect', (format) => {
    const { stdout, stderr } = droneAudit(['explain', '--effective', '.', '--format', format], { cwd: folder() });
    expect(stdout.length).toBeGreaterThan(2000);
    expect(leaks(stdout + stderr)).toEqual([]);
  });

  it('in a config that is proposed', () => {
    const { stdout, stderr } = droneAudit(['init', '--print'], { cwd: folder() });
    expect(stdout).toMatch(/ # found\n/);
    expect(leaks(stdout + stderr)).toEqual([]);
  });

  it('in messages about mistakes', () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'drone-audit.yml'), `ignore: [{rule: ${canary(0)}x, reason: "password=${canary(1)}"\n`);
    const { stdout, stderr, status } = droneAudit(['scan'], { cwd });
    expect(status).toBe(2);
    expect(leaks(stdout + stderr)).toEqual([]);
  });
});
