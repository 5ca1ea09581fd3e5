import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { maxBytes, maxSearched } from '../src/checks/files.ts';
import { textReport } from '../src/reporters/text.ts';
import { auditFolder, auditWhole, everything } from './support/audit-folder.ts';
import { temporaryFolder } from './support/cli.ts';
import { writeFiles } from './support/git.ts';
import { whole } from './support/text.ts';

/*
 * Silence is a statement too: beside a clean pipeline, what speaks of Drone and is not read is named.
 */

const clean = `kind: pipeline
type: docker
name: default
trigger:
  event: [push]
  branch: [main]
steps:
  - name: test
    image: golang:1.22.1@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    commands: [go test ./...]
`;

function folderWith(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = temporaryFolder();
  writeFiles(folder, files);
  return folder;
}

/** What is said of one file beside a clean pipeline. */
async function saidOf(name: string, text: string | Buffer) {
  const { problems, coverage, exitCode, findings } = await auditFolder(
    folderWith({ '.drone.yml': clean, [name]: text }),
    everything,
  );
  return {
    problems: problems.filter(({ source }) => source === name),
    mentions: coverage.mentions.filter(({ source }) => source === name),
    findings: findings.filter(({ at }) => at.source.name === name),
    exitCode,
  };
}

const run = 'docker run -d -e DRONE_RPC_SECRET=correcthorse drone/drone-runner-docker:1';
const task = `- name: runner
  community.docker.docker_container:
    name: runner
    image: drone/drone-runner-docker:1
    env:
      DRONE_RPC_SECRET: correcthorse
`;

/** Forms of deployment without a reader. */
const deployments: readonly (readonly [name: string, text: string])[] = [
  ['roles/ci/tasks/main.yml', task],
  ['playbook.yml', `- hosts: ci\n  tasks:\n${task.replace(/^/gm, '    ')}`],
  ['group_vars/all.yml', 'drone_image: drone/drone:2\ndrone_env:\n  DRONE_RPC_SECRET: correcthorse\n'],
  [
    'roles/ci/templates/server.env.j2',
    'DRONE_RPC_SECRET={{ secret }}\n{% if tls %}\nDRONE_TLS_AUTOCERT=true\n{% endif %}\n',
  ],
  ['user-data.yml', `#cloud-config\nruncmd:\n  - ${run}\n`],
  [
    'app.yaml',
    'apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: drone}\nspec:\n  source:\n    chart: drone\n    repoURL: https://charts.drone.io\n',
  ],
  [
    'release.yaml',
    'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: drone}\nspec:\n  chart: {spec: {chart: drone}}\n  valuesFrom: [{kind: ConfigMap, name: drone-values}]\n',
  ],
  [
    'kustomization.yaml',
    'helmCharts:\n  - name: drone\n    repo: https://charts.drone.io\n    valuesInline:\n      env: {DRONE_SERVER_HOST: ci.example.org}\n',
  ],
  [
    'prod/env.yaml',
    '- op: add\n  path: /spec/template/spec/containers/0/env/-\n  value: {name: DRONE_RPC_SECRET, value: correcthorse}\n',
  ],
  [
    'helmfile.yaml',
    'repositories: [{name: drone, url: https://charts.drone.io}]\nreleases: [{name: ci, chart: drone/drone}]\n',
  ],
  ['Dockerfile', 'FROM drone/drone:2\nENV DRONE_RPC_SECRET correcthorse\n'],
  ['Makefile', 'run:\n\tdocker start drone && echo drone/drone:2\nexport DRONE_RPC_SECRET := correcthorse\n'],
  ['Vagrantfile', `config.vm.provision "shell", inline: "${run}"\n`],
  ['Jenkinsfile', `node { sh '${run}' }\n`],
  ['.gitlab-ci.yml', `deploy:\n  script:\n    - ${run}\n`],
  [
    'main.tf',
    'resource "docker_container" "drone" {\n  image = "drone/drone:2"\n  env = ["DRONE_RPC_SECRET=correcthorse"]\n}\n',
  ],
  ['chart.tf', 'resource "helm_release" "ci" {\n  repository = "https://charts.drone.io"\n  chart = "drone"\n}\n'],
  ['drone.nomad', 'job "drone" {\n  group "ci" { task "server" { config { image = "drone/drone:2" } } }\n}\n'],
  ['hosts/ci.nix', '{ virtualisation.oci-containers.containers.drone = { image = "drone/drone:2"; }; }\n'],
  [
    'task.json',
    '{"containerDefinitions": [{"image": "drone/drone:2", "environment": [{"name": "DRONE_RPC_SECRET", "value": "correcthorse"}]}]}\n',
  ],
  [
    'stack.json',
    '{"Resources": {"A": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"Image": "drone/drone:2"}}}}\n',
  ],
  ['server.container', '[Container]\nImage=docker.io/drone/drone:2\nEnvironment=DRONE_RPC_SECRET=correcthorse\n'],
  ['init.d/drone', '#!/sbin/openrc-run\nexport DRONE_RPC_SECRET=correcthorse\ncommand=/usr/bin/drone-server\n'],
  ['supervisord.ini', '[program:drone]\nenvironment=DRONE_RPC_SECRET="correcthorse"\n'],
  ['setup.ps1', '$env:DRONE_RPC_SECRET = "correcthorse"\n'],
  ['setup.sh', '#!/bin/sh\ncat > docker-compose.yml <<EOF\nservices:\n  drone:\n    image: drone/drone:2\nEOF\n'],
  ['install.sh', '#!/bin/sh\nhelm upgrade --install drone drone/drone --set env.DRONE_RPC_SECRET=correcthorse\n'],
  ['state.sls', 'drone:\n  docker_container.running:\n    - image: drone/drone:2\n'],
  ['site.pp', "docker::run { 'drone': image => 'drone/drone:2' }\n"],
  ['captain-definition', '{"schemaVersion": 2, "imageName": "drone/drone:2", "image": "drone/drone:2"}\n'],
  ['mirror.tf', 'image = "harbor.example/ci/drone-runner-docker:1"\n'],
  ['mirror.nomad', 'job "ci" { config { image = "mirror/drone/drone:2" } }\n'],
  ['pull.mk', 'pull:\n\tdocker pull registry.example:5000/drone/drone\n'],
  ['up.ps1', 'docker run -d `\n  -p 80:80 `\n  drone/drone\n'],
  ['exec.sh', '#!/bin/sh\ncurl -L https://github.com/drone-runners/drone-runner-exec/releases/latest/x | tar zx\n'],
  ['exec.tf', 'user_data = "drone-runner-exec service install"\n'],
  ['exec.plist', '<array><string>/usr/local/bin/drone-runner-exec</string></array>\n'],
  ['server.plist', '<key>DRONE_RPC_SECRET</key><string>correcthorse</string>\n'],
  ['sv/ci/run', '#!/bin/execlineb -P\nexport DRONE_RPC_SECRET correcthorse\nci\n'],
  ['sv/ci/env/DRONE_RPC_SECRET', 'correcthorse\n'],
  ['host_vars/ci.yml', 'drone_rpc_secret: correcthorse\n'],
  ['site.yml', '- hosts: ci\n  roles: [{role: appleboy.drone}]\n'],
  ['files/drone.env', '$ANSIBLE_VAULT;1.1;AES256\n3665313030\n'],
  ['config.ign', '{"ignition": {"version": "3.3.0"}, "contents": "docker run drone/drone:2"}\n'],
  ['image.json', '{"provisioners": [{"inline": ["docker pull drone/drone:2"]}]}\n'],
  [
    'user-data.txt',
    'Content-Type: multipart/mixed\n\nContent-Type: text/cloud-config\n\nrun: docker run drone/drone:2\n',
  ],
  ['secrets.json', '{"DRONE_RPC_SECRET": "ENC[AES256_GCM,data:AAAA,iv:B=,tag:C==,type:str]", "sops": {}}\n'],
  ['mise.toml', '[env]\nDRONE_RPC_SECRET = "correcthorse"\n'],
  ['monitrc', 'check process ci\n  start program = "/usr/bin/docker run drone/drone:2"\n'],
  [
    'flux.yaml',
    'apiVersion: helm.fluxcd.io/v1\nkind: HelmRelease\nspec:\n  chart:\n    repository: https://charts.example/\n    name: drone\n',
  ],
  [
    'oci.yaml',
    'apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nspec:\n  url: oci://ghcr.io/corp/charts/drone\n',
  ],
  ['app.toml', '[deploy]\nimage = "drone/drone:2"\n'],
  [
    'chart/templates/drone.yaml',
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ include "x" . }}\nspec:\n  template:\n    spec:\n      containers:\n        - image: drone/drone:2\n',
  ],
];

describe('a deployment that is not read', () => {
  it.each(deployments)('is named: %s', async (name, text) => {
    const { problems, exitCode } = await saidOf(name, text);
    expect(problems.map(({ incomplete }) => incomplete)).toContain(true);
    expect([1, 3]).toContain(exitCode);
    expect(JSON.stringify(problems)).not.toContain('correcthorse');
  });
});

/** What projects for aircraft have, and users of Drone who deploy none. */
const ordinary: readonly (readonly [name: string, text: string])[] = [
  [
    'Dockerfile',
    'FROM python:3\nCOPY src/drone/server.py /app/\nCOPY drone/drone /usr/bin/\nENV DRONE_HOST=192.168.1.1\n',
  ],
  ['clone/Dockerfile', 'FROM drone/git:1\n'],
  ['Makefile', 'all:\n\tgo build -o bin/drone/drone ./cmd/drone/drone\n\tdrone sign org/repo --save\n'],
  ['.github/workflows/ci.yml', 'on: {push: {paths: ["drone/drone/**"]}}\nenv: {A: b}\n'],
  ['.gitlab-ci.yml', 'x:\n  image: drone/cli:1\n  script: [cd drone/drone, drone lint]\n'],
  ['build.sh', '#!/bin/sh\ncd ~/ws/src/drone/drone && catkin build\nexport DRONE_HOST=1.2.3.4\n'],
  ['main.tf', 'module "drone" { source = "./modules/drone/drone" }\npath = "drone/server"\nimage = "x"\n'],
  ['playbook.yml', '- hosts: x\n  tasks:\n    - command: /usr/share/drone/drone\n'],
  ['docker-compose.yml', 'services:\n  sim:\n    image: acme/ardrone:1\n    environment: {DRONE_HOST: 192.168.1.1}\n'],
  ['compose.yml', 'services:\n  ground:\n    image: acme/drone-server:1\n    environment: {MAVLINK: x}\n'],
  ['fly.sh', '#!/bin/sh\ncd $HOME/drone/drone\ndocker run -v $PWD/drone/drone:/data ros:humble && cd drone/drone\n'],
  ['train.yaml', 'image_path: drone/agent\nimage_dir: data/drone/agent\nenv: x\n'],
  ['index.js', "import x from 'drone/server';\n"],
  ['tello.env', 'DRONE_HOST=192.168.10.1\nDRONE_PORT=8889\n'],
  ['mosquitto.conf', 'topic drone/server out 0\n'],
  ['nginx.conf', 'location /drone/server { proxy_pass http://drone-server:8000; }\n'],
  ['CMakeLists.txt', 'add_executable(drone src/drone/drone.cpp)\ninstall(DESTINATION share/drone-controller)\n'],
  ['config/drone.yaml', 'drone:\n  image: a.png\n  server: x\n'],
  ['.gitmodules', '[submodule "drone/drone"]\n\turl = https://github.com/drone/drone.git\n'],
  ['go.mod', 'module x\nrequire github.com/drone/drone-go v1.7.1\n'],
  ['renovate.json', '{"packageRules": [{"matchPackageNames": ["drone/drone"]}]}\n'],
  ['README.md', '[![Build](https://cloud.drone.io/api/badges/a/b/status.svg)](https://cloud.drone.io/a/b)\n'],
  ['group_vars/db.yml', '$ANSIBLE_VAULT;1.1;AES256\n3665313030\n'],
];

describe('a file that has a word in common with Drone', () => {
  it.each(ordinary)('is nothing: %s', async (name, text) => {
    expect(await saidOf(name, text)).toMatchObject({ problems: [], mentions: [], exitCode: 0 });
  });

  it.each([
    ['main.tf', 'image = "acme/drone-server:1"\n'],
    ['Dockerfile', 'FROM debian\nCOPY drone-server /usr/local/bin/drone-server\n'],
    ['kustomization.yaml', 'secretGenerator:\n  - name: ci\n    envs: [drone.env]\n'],
  ])('is counted where the word may well be the name of Drone: %s', async (name, text) => {
    expect(await saidOf(name, text)).toMatchObject({
      problems: [],
      mentions: [{ what: 'a name that Drone has' }],
      exitCode: 0,
    });
  });

  it('is more than that beside a setting of Drone', async () => {
    const text = 'image = "acme/drone-server:1"\nenv = ["DRONE_RPC_SECRET=correcthorse"]\n';
    expect(await saidOf('main.tf', text)).toMatchObject({ problems: [{ incomplete: true }], exitCode: 3 });
  });
});

describe('a compose file that is a template', () => {
  const template = `services:
  runner:
    image: drone/drone-runner-docker:{{ version }}
    environment:
      DRONE_RPC_HOST: {{ host }}
      DRONE_RPC_SECRET: {{ secret }}
      DRONE_RPC_PROTO: https
      DRONE_UI_USERNAME: <%= user %>
      DRONE_UI_PASSWORD: changeme
`;

  it('is judged in what it says, and named', async () => {
    const { problems, findings, exitCode } = await saidOf('docker-compose.yml', template);
    expect(problems).toMatchObject([{ line: 5, column: 23, incomplete: true }]);
    expect(exitCode).not.toBe(0);
    const rules = findings.map(({ rule }) => rule);
    expect(rules).toContain('weak-dashboard-password');
    expect(rules).not.toContain('weak-rpc-secret');
    expect(rules).not.toContain('missing-rpc-secret');
  });
});

describe('a script that handles images', () => {
  const part = 'has an image of Drone in a part that was not understood';

  it.each([
    'docker pull drone/drone-runner-docker:1',
    'docker pull drone/drone-runner-docker:0.9',
    'docker pull drone/drone-runner-docker',
    'sudo -E docker --context ci -D image pull -q --platform linux/amd64 docker.io/drone/drone-runner-docker:1',
    'podman pull docker.io/drone/drone:2 \\\n  docker.io/drone/drone-runner-docker:1',
    'if ! docker pull drone/drone:2 >/dev/null; then exit 1; fi',
    "ssh ci 'docker pull drone/drone:2'",
    'docker compose pull drone-runner-docker',
    'docker tag drone/drone:2 drone/drone:old; docker push ci.example/drone/drone:2; docker rmi drone/drone:1',
    'docker save drone/drone:2 | gzip >drone.tar.gz',
    'IMAGE=drone/drone:2\ndocker pull $IMAGE',
  ])('is understood where it starts one: %s', async (command) => {
    expect(await saidOf('start.sh', `#!/bin/sh\n${command}\n${run}\n`)).toMatchObject({ problems: [], mentions: [] });
  });

  it.each([
    ['an assigned image', 'IMAGE=drone/drone-runner-docker:1\ndocker run -d -e DRONE_RPC_SECRET=correcthorse $IMAGE\n'],
    ['a secret from elsewhere', `DRONE_RPC_SECRET=$(cat s)\n${run.replace('correcthorse', '$DRONE_RPC_SECRET')}\n`],
    ['one that is passed on', `export DRONE_RPC_SECRET=$(cat s)\n${run.replace('=correcthorse', '')}\n`],
  ])('is understood where it starts %s', async (_, commands) => {
    expect(await saidOf('start.sh', `#!/bin/sh\n${commands}`)).toMatchObject({ problems: [], mentions: [] });
  });

  it.each([
    ['docker pull drone/drone:2; launch drone/drone:2', 2],
    ['docker pull drone/drone:2 && nomad run drone/drone:2', 2],
    ["ansible ci -m shell -a 'docker --debug run $(docker pull -q drone/drone:2) drone/drone:2'", 2],
    ['docker pull drone/drone:2\nIMAGE=drone/drone:2\nlaunch $IMAGE', 3],
  ])('is not understood where something else has one: %s', async (command, line) => {
    const { problems } = await saidOf('start.sh', `#!/bin/sh\n${command}\n${run}\n`);
    expect(problems.map(({ line, message }) => ({ line, message: whole(message) }))).toEqual([{ line, message: part }]);
  });

  it.each(['pull.sh', 'pull'])('has a mention where it starts none: %s', async (name) => {
    const { problems, mentions, exitCode } = await saidOf(name, '#!/bin/sh\n\tdocker pull drone/drone:2\n');
    expect({ problems, mentions, exitCode }).toEqual({
      problems: [],
      mentions: [{ source: name, line: 2, what: 'an image of Drone' }],
      exitCode: 0,
    });
  });

  it('is named by what starts one where no reader knows it', async () => {
    const text = `pull:\n\tdocker pull drone/drone:2\nstart:\n\t${run}\n`;
    expect(await saidOf('Makefile', text)).toMatchObject({ problems: [{ line: 4, incomplete: true }], exitCode: 3 });
  });
});

describe('a mention', () => {
  it.each([
    ['docs/setup.md', '```yaml\nservices:\n  drone:\n    image: drone/drone:2\n```\n'],
    ['docs/setup.rst', 'Run::\n\n    docker run drone/drone:2\n'],
    ['docs/pipeline.adoc', '----\nkind: pipeline\nname: x\nsteps:\n- name: a\n----\n'],
    ['src/start.go', 'cmd := "docker run drone/drone:2"\n'],
    ['src/env.py', 'os.environ["A"] = 1\nENV = {"DRONE_RPC_SECRET": secret}\n'],
  ])('is counted: %s', async (name, text) => {
    const { problems, mentions, exitCode } = await saidOf(name, text);
    expect({ problems, mentions: mentions.length, exitCode }).toEqual({ problems: [], mentions: 1, exitCode: 0 });
  });

  it('is in the verdict', async () => {
    const report = await auditFolder(
      folderWith({ '.drone.yml': clean, 'a.txt': 'drone/drone:2', 'b.txt': 'drone/drone:2' }),
    );
    const options = { color: false, width: 100, verbose: false, rules: [], familyOf: new Map() };
    expect(whole(textReport(report, options))).toContain(
      'nothing found in what was read; 2 files mention Drone and were not read',
    );
  });

  it.each([
    ['a clone address', 'git clone https://github.com/drone/drone\n'],
    ['a variable of builds', 'echo $DRONE_COMMIT ${DRONE_TAG:-none}\nDRONE_COMMIT=x\n'],
    ['the client', 'export DRONE_SERVER=https://ci.example.org\nexport DRONE_TOKEN=x\n'],
    ['another drone', 'drone: a bee\nimage: parrot/drone-sdk\n'],
  ])('is not %s', async (_, text) => {
    expect(await saidOf('notes.txt', text)).toMatchObject({ problems: [], mentions: [], exitCode: 0 });
  });
});

describe('a file named drone.yml', () => {
  it.each([
    ['of Ansible Vault', '$ANSIBLE_VAULT;1.1;AES256\n3665313030\n'],
    ['of a role', 'drone_rpc_host: ci.example.org\ndrone_version: "2.12.1"\n'],
    ['of Traefik', 'http:\n  routers:\n    drone: {rule: Host(`ci.example.org`), service: drone}\n'],
    ['of Prometheus', 'scrape_configs:\n  - job_name: drone\n    static_configs: [{targets: [drone:80]}]\n'],
    ['of ROS', 'drone:\n  ros__parameters: {max_speed: 3.5}\n'],
    ['with variables', 'drone_version: "2.12.1"\n'],
  ])('%s is no pipeline', async (_, text) => {
    expect(await saidOf('config/drone.yml', text)).toMatchObject({
      problems: [],
      mentions: [],
      findings: [],
      exitCode: 0,
    });
  });

  it('of Drone is one', async () => {
    const { findings } = await saidOf('ci/drone.yml', clean.replace('commands', 'privileged: true\n    commands'));
    expect(findings.length).toBeGreaterThan(0);
  });
});

describe('what cannot be read', () => {
  it('is named where its content is of Drone: bytes that are no text', async () => {
    const latin1 = Buffer.from('DRONE_RPC_SECRET=caf\xe9\nDRONE_RPC_HOST=x\n', 'latin1');
    expect(await saidOf('stack', latin1)).toMatchObject({
      problems: [{ kind: 'binary', incomplete: true }],
      exitCode: 3,
    });
    const program = Buffer.concat([
      Buffer.from('\x7fELF\x02\0'),
      Buffer.from('image: drone/drone:2\nDRONE_RPC_SECRET=x\n'),
    ]);
    expect(await saidOf('tool', program)).toMatchObject({ problems: [], exitCode: 0 });
  });

  it('is named where its content is of Drone: too large', async () => {
    const text = `image: drone/drone:2\nDRONE_RPC_SECRET: x\n${'# x\n'.repeat(600_000)}`;
    expect(await saidOf('stack.toml', text)).toMatchObject({ problems: [{ kind: 'too-large' }], exitCode: 3 });
    expect(await saidOf('data.toml', '# x\n'.repeat(600_000))).toMatchObject({ problems: [], exitCode: 0 });
  });

  it('is searched beyond the size that is read', async () => {
    const filler = '# x\n'.repeat(600_000);
    const later = `${filler}image = "drone/drone:2"\n`;
    expect(await saidOf('main.tf', later)).toMatchObject({ problems: [{ kind: 'too-large' }], exitCode: 3 });
    expect(await saidOf('notes.txt', later)).toMatchObject({
      problems: [],
      mentions: [{ line: 600_001 }],
      exitCode: 0,
    });
    const wide = Buffer.from(`\ufeff${later}`, 'utf16le');
    expect(await saidOf('main.tf', wide)).toMatchObject({ problems: [{ kind: 'too-large' }], exitCode: 3 });
    const poses = '- {x: 1.0, y: 2.0}\n'.repeat(160_000);
    expect(await saidOf('drone.yaml', poses)).toMatchObject({ problems: [], exitCode: 0 });
  });

  it('is said where it goes on beyond what is searched', async () => {
    const long = Buffer.alloc(maxSearched + 2 * maxBytes, 'of a drone\n');
    expect(await saidOf('flight.csv', long)).toMatchObject({
      problems: [{ kind: 'too-large', message: 'is searched only in its first 64 MiB', incomplete: false }],
      exitCode: 0,
    });
    expect(await saidOf('drone.env', long)).toMatchObject({ problems: [{ kind: 'too-large' }], exitCode: 3 });
  });

  it.each([
    ['UTF-16', [0xff, 0xfe], 2],
    ['UTF-32', [0xff, 0xfe, 0, 0], 4],
  ] as const)('is searched in %s', async (_, mark, width) => {
    const wide = (text: string) =>
      Buffer.concat([Buffer.from(mark), ...[...text].map((c) => Buffer.from(c.padEnd(width, '\0'), 'latin1'))]);
    for (const [name, text] of [
      ['up.ps1', 'docker run drone/drone:2'],
      ['main.tf', 'image = "drone/drone:2"'],
      ['server.env', 'DRONE_RPC_SECRET=correcthorse'],
    ] as const)
      expect(await saidOf(name, wide(text))).toMatchObject({ problems: [{ incomplete: true }], exitCode: 3 });
    expect(await saidOf('a.tf', wide('image = "alpine"'))).toMatchObject({ problems: [], exitCode: 0 });
  });

  it('is named where an archive is called like a file of Drone, and counted where it only has the word', async () => {
    const packed = Buffer.from([0x1f, 0x8b, 8, 0]);
    for (const name of ['docker-compose.yml.gz', 'charts/drone-0.6.5.tgz'])
      expect(await saidOf(name, packed)).toMatchObject({ problems: [{ kind: 'binary' }], exitCode: 3 });
    expect(await saidOf('drone-deploy.tgz', packed)).toMatchObject({
      problems: [],
      mentions: [{ what: 'a name of Drone' }],
      exitCode: 0,
    });
    expect(await saidOf('mesh/drone.yaml.stl', Buffer.from([0, 1, 200]))).toMatchObject({ problems: [], exitCode: 0 });
  });

  it('is named where a link with a name of Drone leads out, and counted once for all other links', async () => {
    const outside = folderWith({ 'docker-compose.yml': 'x' });
    const folder = folderWith({ '.drone.yml': clean, 'inside/a.txt': 'x' });
    for (const name of ['deploy', 'result', 'drone']) symlinkSync(outside, join(folder, name));
    symlinkSync('inside', join(folder, 'drone-inside'));
    symlinkSync('nowhere', join(folder, 'drone-host'));
    const { problems, exitCode } = await auditFolder(folder);
    expect(problems.map(({ source, message, incomplete }) => `${source} ${message}, ${incomplete}`)).toEqual([
      "deploy is a link that leads out of the audited folder, and was not followed; 1 more do, none of them named as Drone's files are, false",
      'drone is a link that leads out of the audited folder, true',
      'drone-host is a link to a file that is not there, true',
    ]);
    expect(exitCode).toBe(3);
  });

  it('is named where its name is of Drone: links that lead out or nowhere', async () => {
    const outside = folderWith({ 'server.env': 'DRONE_RPC_SECRET=x\n' });
    const folder = folderWith({ '.drone.yml': clean });
    symlinkSync(join(outside, 'server.env'), join(folder, 'server.env'));
    symlinkSync('nowhere', join(folder, 'docker-compose.yml'));
    symlinkSync('nowhere', join(folder, 'picture.png'));
    const { problems, exitCode } = await auditFolder(folder);
    expect(problems.map(({ source, message }) => `${source} ${message}`)).toEqual([
      'docker-compose.yml is a link to a file that is not there',
      'server.env is a link that leads out of the audited folder',
    ]);
    expect(exitCode).toBe(3);
  });

  it('is named once where git has a conflict in it', async () => {
    const text = `<<<<<<< HEAD\n${clean}=======\nkind: pipeline\n>>>>>>> other\n`;
    const { problems, findings } = await auditFolder(folderWith({ '.drone.yml': text }), everything);
    expect(problems).toMatchObject([{ kind: 'malformed', line: 1, message: 'holds an unresolved merge conflict' }]);
    expect(findings).toEqual([]);
  });

  it('is said of values that SOPS has encrypted', async () => {
    const value = 'ENC[AES256_GCM,data:AAAA,iv:BBBB=,tag:CCCC==,type:str]';
    const text = `DRONE_SERVER_HOST=${value}\nDRONE_DATABASE_SECRET=${value}\nDRONE_LOGS_TRACE=${value}\nsops_version=3.7.3\n`;
    const { problems, findings } = await saidOf('server.env', text);
    expect(problems).toMatchObject([{ incomplete: true }]);
    expect(findings.map(({ rule }) => rule)).not.toContain('weak-database-secret');
    expect(findings.map(({ rule }) => rule)).not.toContain('invalid-setting-value');
  });
});

/** Files of a known form that say nothing themselves. */
const elsewhere: readonly (readonly [name: string, text: string])[] = [
  ['drone.env.j2', 'DRONE_RPC_SECRET={{ drone_rpc_secret }}\n'],
  ['drone.epp', 'DRONE_RPC_SECRET=<%= $secret %>\n'],
  ['drone.service', '[Service]\nEnvironmentFile=/etc/drone/server.env\nExecStart=/usr/bin/drone-server\n'],
  ['up.sh', `#!/bin/sh\ndocker run --env-file /etc/drone/server.env drone/drone@sha256:${'9f86d081'.repeat(8)}\n`],
  ['docker-compose.yml', 'services:\n  ci:\n    image: drone/drone:2\n    env_file: [ci.env]\n'],
  ['roles/ci/templates/drone.service.j2', '[Service]\nExecStart=/usr/bin/docker run {{ args }} {{ drone_image }}\n'],
  ['compose.yml', 'include:\n  - oci://docker.io/corp/drone:latest\n'],
  ['compose.yaml', 'services:\n  ci:\n    extends: {file: ../common/drone.yml, service: drone}\n'],
  [
    'secret.yaml',
    'apiVersion: v1\nkind: Secret\nmetadata: {name: drone}\nstringData:\n  DRONE_RPC_SECRET: ENC[AES256_GCM,data:AAAA,iv:B=,tag:C==,type:str]\nsops: {version: 3}\n',
  ],
  [
    'encoded.yaml',
    `apiVersion: v1\nkind: Secret\nmetadata: {name: ci}\ndata:\n  server.env: ${Buffer.from('A=b\nDRONE_RPC_SECRET=x\n').toString('base64')}\n`,
  ],
  [
    'sealed.yaml',
    'apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: drone}\nspec: {encryptedData: {DRONE_RPC_SECRET: AgBy3i4OJSWK}}\n',
  ],
  [
    'external.yaml',
    'apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: drone}\nspec: {data: [{secretKey: DRONE_RPC_SECRET, remoteRef: {key: x}}]}\n',
  ],
];

describe('what says that everything is elsewhere', () => {
  it.each(elsewhere)('is incomplete: %s', async (name, text) => {
    const { problems, exitCode } = await saidOf(name, text);
    expect(problems.map(({ incomplete }) => incomplete)).toContain(true);
    expect(exitCode).toBe(3);
  });

  it.each([
    [
      'docker-compose.yml',
      'services:\n  ci:\n    image: drone/drone:2\n    env_file: [ci.env]\n    environment: {DRONE_SERVER_HOST: ci.example}\n',
    ],
    ['compose.yaml', 'services:\n  web:\n    extends: {file: ../common/web.yml, service: web}\n'],
    ['web.service', '[Unit]\nDescription=beside drone\n[Service]\nExecStart=/usr/bin/docker run {{ image }}\n'],
  ])('is not where something is known, or nothing is of Drone: %s', async (name, text) => {
    expect(await saidOf(name, text)).toMatchObject({ problems: [] });
  });
});

describe('a file that a component of Drone uses', () => {
  const users: readonly (readonly [name: string, text: string])[] = [
    ['docker-compose.yml', 'services:\n  ci:\n    image: drone/drone:2\n    env_file: [variables]\n'],
    ['compose.yml', 'include: [variables]\nservices:\n  ci:\n    image: drone/drone:2\n'],
    ['ci.service', '[Service]\nEnvironmentFile=variables\nExecStart=/usr/bin/drone-server\n'],
    ['up.sh', '#!/bin/sh\ndocker run --env-file variables -e DRONE_SERVER_HOST=x drone/drone:2\n'],
  ];
  const compose = (image: string) => `services:\n  ci:\n    image: ${image}\n    env_file: [variables]\n`;

  it.each(users)('is named where it is no text: %s', async (name, text) => {
    const folder = folderWith({ '.drone.yml': clean, [name]: text, variables: Buffer.from([0xc3, 0x28, 0]) });
    const { problems } = await auditFolder(folder, everything);
    expect(problems).toContainEqual(expect.objectContaining({ source: 'variables', incomplete: true }));
  });

  it.skipIf(process.getuid?.() === 0 || process.platform === 'win32')('is named where it may not be read', async () => {
    const folder = folderWith({
      '.drone.yml': clean,
      'docker-compose.yml': compose('drone/drone:2'),
      variables: 'A=x',
    });
    chmodSync(join(folder, 'variables'), 0);
    const { problems } = await auditFolder(folder, everything);
    expect(problems).toContainEqual(expect.objectContaining({ source: 'variables', incomplete: true }));
    writeFileSync(join(folder, 'docker-compose.yml'), compose('nginx:1'));
    const report = await auditFolder(folder);
    expect(report).toMatchObject({ problems: [{ source: 'variables', incomplete: false }], exitCode: 0 });
    const options = { color: false, width: 100, verbose: false, rules: [], familyOf: new Map() };
    expect(whole(textReport(report, options))).toContain('nothing found in what was read');
  });

  it('is nothing where the component is none of Drone', async () => {
    const files = { 'docker-compose.yml': compose('nginx:1'), variables: Buffer.from([0xc3, 0x28, 0]) };
    const { problems, exitCode } = await auditFolder(folderWith({ '.drone.yml': clean, ...files }), everything);
    expect({ problems, exitCode }).toEqual({ problems: [], exitCode: 0 });
  });
});

it('says once what the walk and the component that uses it both meet', async () => {
  const compose =
    'services:\n  ci:\n    image: drone/drone:2\n    env_file: [server.env]\n    environment: {DRONE_OPEN: x}\n';
  const { problems } = await saidOf('server.env', Buffer.from([0xc3, 0x28, 0]));
  expect(problems).toHaveLength(1);
  const files = { 'docker-compose.yml': compose, 'server.env': Buffer.from([0xc3, 0x28, 0]) };
  const both = await auditFolder(folderWith({ '.drone.yml': clean, ...files }));
  expect(both.problems.map(({ source }) => source)).toEqual(['server.env']);
});

it('follows no link that leads out, even where a component uses it', async () => {
  const outside = folderWith({ variables: 'DRONE_RPC_SECRET=x\n' });
  const compose = 'services:\n  ci:\n    image: drone/drone:2\n    env_file: [variables]\n';
  const folder = folderWith({ '.drone.yml': clean, 'docker-compose.yml': compose });
  symlinkSync(join(outside, 'variables'), join(folder, 'variables'));
  const { problems } = await auditFolder(folder, everything);
  expect(problems.filter(({ incomplete }) => incomplete).map(({ source }) => source)).toContain('variables');
});

describe('git', () => {
  it('does not hide what it tracks, though it ignores it', async () => {
    const folder = folderWith({
      '.gitignore': '.*\nci/\n',
      '.drone.yml': clean,
      'ci/docker-compose.yml': 'services:\n  drone:\n    image: drone/drone:2\n',
      'ci/other.yml': clean,
    });
    const git = (...words: string[]) => execFileSync('git', ['-C', folder, ...words]);
    git('init', '-q');
    git('add', '-f', '.gitignore', '.drone.yml', 'ci/docker-compose.yml');
    const { sources } = await auditFolder(folder);
    expect(sources.map(({ name }) => name).sort()).toEqual(['.drone.yml', 'ci/docker-compose.yml']);
  });
});

describe('what .gitignore matches', () => {
  const compose = 'services:\n  drone:\n    image: drone/drone:2\n';
  const files = {
    '.gitignore': 'ci/\n*.env\n',
    '.drone.yml': clean,
    'ci/docker-compose.yml': compose,
    'server.env': 'DRONE_SERVER_HOST=ci.example.com\nDRONE_RPC_SECRET=x\n',
    'node_modules/a/docker-compose.yml': compose,
  };
  const namesOf = async (folder: string) => (await auditFolder(folder)).sources.map(({ name }) => name).sort();
  const everything = ['.drone.yml', 'ci/docker-compose.yml', 'node_modules/a/docker-compose.yml', 'server.env'];
  const run = (folder: string, ...words: string[]) =>
    void execFileSync('git', ['-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@example.com', ...words]);

  it('is read where there is no repository, so that nobody knows what is tracked', async () => {
    expect(await namesOf(folderWith(files))).toEqual(everything);
  });

  it('is hidden where git tracks the .gitignore and not what it matches', async () => {
    const folder = folderWith(files);
    run(folder, 'init', '-q');
    run(folder, 'add', '-f', '.gitignore');
    expect(await namesOf(folder)).toEqual(['.drone.yml']);
  });

  it.each<[string, (folder: string) => void]>([
    ['a git folder has nothing but HEAD', (folder) => writeFiles(folder, { '.git/HEAD': 'ref: refs/heads/main\n' })],
    ['nothing was added yet', (folder) => run(folder, 'init', '-q')],
    [
      'the index is empty',
      (folder) => {
        run(folder, 'init', '-q');
        run(folder, 'add', '-f', '.drone.yml');
        run(folder, 'rm', '-q', '--cached', '.drone.yml');
      },
    ],
  ])('is read where %s', async (_, prepare) => {
    const folder = folderWith(files);
    prepare(folder);
    expect(await namesOf(folder)).toEqual(everything);
    expect((await auditFolder(folder)).problems).toEqual([]);
  });

  it.each([
    { outer: '', seen: 'from there' },
    { outer: '', seen: 'from the outer one' },
    { outer: 'unpacked/\n*.env\n', seen: 'from there' },
  ])('is read where it was unpacked into another repository: $outer $seen', async ({ outer, seen }) => {
    const folder = folderWith({ 'README.md': '', '.gitignore': outer });
    writeFiles(join(folder, 'unpacked'), { ...files, '.gitignore': '*\n' });
    run(folder, 'init', '-q');
    run(folder, 'add', 'README.md', '.gitignore');
    const names =
      seen === 'from there'
        ? await namesOf(join(folder, 'unpacked'))
        : (await namesOf(folder)).map((name) => name.replace('unpacked/', ''));
    expect(names).toEqual(everything);
  });

  it.each([
    ['is not tracked', (folder: string) => writeFiles(folder, { '.gitignore': '*\n' })],
    ['is a link, which git does not follow', (folder: string) => symlinkSync('patterns', join(folder, '.gitignore'))],
  ])('is read where the .gitignore %s', async (why, place) => {
    const folder = folderWith({ '.drone.yml': clean, 'ci/docker-compose.yml': compose, patterns: '*\n' });
    place(folder);
    run(folder, 'init', '-q');
    run(folder, 'add', '-f', 'patterns', ...(why === 'is not tracked' ? [] : ['.gitignore']));
    expect(await namesOf(folder)).toEqual(['.drone.yml', 'ci/docker-compose.yml']);
  });

  it('is a link that git tracks, though what it leads to is hidden', async () => {
    const folder = folderWith({ '.gitignore': '.drone.yml\nout/\n', 'out/pipeline': clean });
    symlinkSync('out/pipeline', join(folder, '.drone.yml'));
    run(folder, 'init', '-q');
    run(folder, 'add', '-f', '.gitignore', '.drone.yml');
    expect(await namesOf(folder)).toEqual(['.drone.yml']);
  });

  it('is a link to nothing, and no reason to call the index damaged', async () => {
    const folder = folderWith({ '.drone.yml': clean, '.gitignore': 'out\n' });
    symlinkSync('/nothing/there', join(folder, 'out'));
    run(folder, 'init', '-q');
    run(folder, 'add', '.');
    expect((await auditFolder(folder)).problems).toEqual([]);
  });

  it.each<[string, (git: (...words: string[]) => void, folder: string) => void]>([
    ['split', (git) => git('update-index', '--split-index')],
    ['damaged', (_, folder) => writeFileSync(join(folder, '.git/index'), 'junk')],
    ['lost', (_, folder) => rmSync(join(folder, '.git/index'))],
    [
      'no file',
      (_, folder) => {
        rmSync(join(folder, '.git/index'));
        mkdirSync(join(folder, '.git/index'));
      },
    ],
  ])('is read where the index is %s, and that is said', async (_, spoil) => {
    const folder = folderWith(files);
    const git = (...words: string[]) => run(folder, ...words);
    git('init', '-q');
    git('add', '-f', '-A');
    git('commit', '-q', '-m', 'x');
    spoil(git, folder);
    expect(await namesOf(folder)).toEqual(everything);
    const { problems } = await auditFolder(folder);
    expect(problems.map(({ message }) => String(message))).toContainEqual(
      expect.stringContaining('is in a repository whose index is not understood'),
    );
  });

  it('is read where it is a submodule', async () => {
    const folder = folderWith({ '.drone.yml': clean, '.gitignore': 'ci/\n' });
    run(folder, 'init', '-q');
    mkdirSync(join(folder, 'ci'));
    writeFileSync(join(folder, 'ci/docker-compose.yml'), compose);
    run(join(folder, 'ci'), 'init', '-q');
    run(join(folder, 'ci'), 'add', '-A');
    run(join(folder, 'ci'), 'commit', '-q', '-m', 'x');
    run(folder, '-c', 'advice.addEmbeddedRepo=false', 'add', '-f', '-A');
    expect(await namesOf(folder)).toEqual(['.drone.yml', 'ci/docker-compose.yml']);
  });
});

it.each(['node_modules', '.hg', '.svn'])(
  'looks at what git tracks of %s, and at nothing else in it',
  async (inside) => {
    const compose = 'services:\n  drone:\n    image: drone/drone:2\n';
    const folder = folderWith({
      '.drone.yml': clean,
      [`${inside}/docker-compose.yml`]: compose,
      [`${inside}/other/docker-compose.yml`]: compose,
    });
    const git = (...words: string[]) => execFileSync('git', ['-C', folder, ...words]);
    git('init', '-q');
    git('add', '-f', '.drone.yml', `${inside}/docker-compose.yml`);
    const { sources } = await auditFolder(folder);
    expect(sources.map(({ name }) => name).sort()).toEqual(['.drone.yml', `${inside}/docker-compose.yml`].sort());
  },
);

describe('every source', () => {
  it('is listed with what it gave, and a hash that tells no secret', async () => {
    const folder = folderWith({
      '.drone.yml': clean,
      'runner.env': 'DRONE_RPC_HOST=ci\nDRONE_RPC_SECRET=correcthorse\n',
    });
    const { sources } = await auditFolder(folder);
    expect(sources).toMatchObject([
      { name: '.drone.yml', form: 'drone', gave: { pipelines: 1 }, hashOf: 'original' },
      { name: 'runner.env', form: 'env', gave: { settings: 1 }, hashOf: 'masked' },
    ]);
  });
});

describe('manifests of one folder', () => {
  const server = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ci
  namespace: ci
spec:
  template:
    metadata:
      labels: {app: ci}
    spec:
      containers:
      - name: ci
        image: drone/drone:2.28.2
        envFrom: [{secretRef: {name: settings}}]
`;
  const settings = `apiVersion: v1
kind: Secret
metadata:
  name: settings
  namespace: ci
stringData:
  DRONE_SERVER_HOST: ci.example.com
  DRONE_RPC_SECRET: 9f2c1e7ab4d05836c7e1f09a2b3d4c5e
`;
  const service = `apiVersion: v1
kind: Service
metadata:
  name: ci
  namespace: ci
spec:
  type: LoadBalancer
  selector: {app: ci}
  ports: [{port: 80}]
`;

  it('are read together, also those without a word of Drone', async () => {
    const files = { 'server.yaml': server, 'settings.yaml': settings, 'service.yaml': service };
    const { findings, problems } = await auditFolder(folderWith(files), everything);
    expect(problems).toEqual([]);
    expect(findings.filter(({ rule }) => rule === 'plain-http-server').map(({ at }) => at.source.name)).toEqual([
      'service.yaml',
    ]);
  });

  it('are left alone without a part of Drone', async () => {
    const files = { '.drone.yml': clean, 'service.yaml': service };
    const { report } = await auditWhole(folderWith(files), everything);
    expect(report.sources.map(({ name }) => name)).toEqual(['.drone.yml']);
  });
});

describe('what others fill in', () => {
  it.each([
    [
      'docker-compose.yml',
      'services:\n  drone:\n    image: drone/drone:2\n    environment:\n      DRONE_RPC_SECRET: "#{RpcSecret}#"\n',
    ],
    [
      'docker-compose.yml',
      'services:\n  drone:\n    image: drone/drone:2\n    environment:\n      DRONE_RPC_SECRET: $$cap_secret\n',
    ],
    [
      'server.env',
      'DRONE_SERVER_HOST=ci.example.com\nDRONE_GITEA_SERVER=https://git.example.com\nDRONE_RPC_SECRET=<%= @secret %>\n',
    ],
  ])('is no weak secret in %s', async (name, text) => {
    const { findings } = await saidOf(name, text);
    expect(findings.filter(({ rule }) => rule === 'weak-rpc-secret')).toEqual([]);
  });

  it.each([
    ['drone.yml', 'captainVersion: 4\nservices:\n  $$cap_appname:\n    image: drone/drone:2\n'],
    ['drone.service.j2', `[Service]\n{% if a %}\nEnvironment=A=b\n{% endif %}\nExecStart=/usr/bin/${run}\n`],
    [
      'server.env.j2',
      'DRONE_SERVER_HOST=ci.example.com\nDRONE_GITEA_SERVER=https://git.example.com\nDRONE_RPC_SECRET={{ a }}\n',
    ],
  ])('makes the audit incomplete in %s', async (name, text) => {
    const { problems, exitCode } = await saidOf(name, text);
    expect(problems.some(({ incomplete }) => incomplete)).toBe(true);
    expect(exitCode === 3 || exitCode === 1).toBe(true);
  });
});
