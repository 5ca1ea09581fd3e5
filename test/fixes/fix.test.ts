import { describe, expect, it } from 'vitest';
import { fixOf } from '../../src/fixes/fix.ts';
import { allSteps } from '../../src/model/pipeline.ts';
import { say } from '../../src/model/rule.ts';
import { read } from '../../src/read.ts';
import { fixtureOf, lookupAmong } from '../support/fixtures.ts';

// A fix is written with the names of the finding, in the form of its file, so that it can be pasted.

const modelsOf = (name: string, text: string) => {
  const fixture = fixtureOf(name, new Map([[name, text]]));
  return read(fixture.sources, lookupAmong(fixture)).installation;
};
const clean = (name: string): string => name;

/** The fix of a finding at the component of a file. */
function fixAt(name: string, text: string, fix: string): string {
  const installation = modelsOf(name, text);
  const [artifact] = installation.settings;
  if (!artifact) throw new Error('no component');
  return fixOf({ fix, hit: { at: artifact.at, message: say`x` }, artifact, installation, clean }).fix;
}

const settingsFix = `On the server:

\`\`\`env
DRONE_COOKIE_SECURE=true
DRONE_RPC_SECRET=<output of: openssl rand -hex 32>
\`\`\`

Restart it.`;

describe('settings are written as their file writes them', () => {
  it.each([
    [
      'compose with a list',
      'a.compose.yml',
      'services:\n  web:\n    image: drone/drone:2.28.2\n    environment:\n      - DRONE_SERVER_HOST=ci.example.com\n',
      `On the server:

\`\`\`yaml
# a.compose.yml
services:
  web:
    environment:
      - DRONE_COOKIE_SECURE=true
      - DRONE_RPC_SECRET=\${DRONE_RPC_SECRET:?set it in .env}
\`\`\`

\`\`\`ini
# .env, beside it, and not in git
DRONE_RPC_SECRET=<output of: openssl rand -hex 32>
\`\`\`

Restart it.`,
    ],
    [
      'compose with a mapping',
      'a.compose.yml',
      'services:\n  web:\n    image: drone/drone:2.28.2\n    environment:\n      DRONE_SERVER_HOST: ci.example.com\n',
      `On the server:

\`\`\`yaml
# a.compose.yml
services:
  web:
    environment:
      DRONE_COOKIE_SECURE: "true"
      DRONE_RPC_SECRET: \${DRONE_RPC_SECRET:?set it in .env}
\`\`\`

\`\`\`ini
# .env, beside it, and not in git
DRONE_RPC_SECRET=<output of: openssl rand -hex 32>
\`\`\`

Restart it.`,
    ],
    [
      'an env file',
      'server.env',
      'DRONE_GITEA_SERVER=https://git.example.com\n',
      `On the server:

\`\`\`ini
# server.env
DRONE_COOKIE_SECURE=true
DRONE_RPC_SECRET=<output of: openssl rand -hex 32>
\`\`\`

Restart it.`,
    ],
    [
      'a unit',
      'drone.service',
      '[Service]\nExecStart=/usr/bin/drone-server\nEnvironment=DRONE_GITEA_SERVER=https://git.example.com\n',
      `On the server:

\`\`\`ini
# drone.service
[Service]
Environment=DRONE_COOKIE_SECURE=true
EnvironmentFile=/etc/drone/secrets.env
\`\`\`

\`\`\`ini
# /etc/drone/secrets.env, of mode 600
DRONE_RPC_SECRET=<output of: openssl rand -hex 32>
\`\`\`

Restart it.`,
    ],
    [
      'a script',
      'run.sh',
      'docker run -d --name drone -e DRONE_GITEA_SERVER=https://git.example.com drone/drone:2.28.2\n',
      `On the server:

\`\`\`sh
# run.sh
docker run --env-file=/etc/drone/secrets.env -e DRONE_COOKIE_SECURE=true ...
\`\`\`

\`\`\`ini
# /etc/drone/secrets.env, of mode 600
DRONE_RPC_SECRET=<output of: openssl rand -hex 32>
\`\`\`

Restart it.`,
    ],
    [
      'a manifest',
      'a.k8s.yml',
      'apiVersion: v1\nkind: Pod\nmetadata: {name: drone}\nspec:\n  containers:\n    - name: server\n      image: drone/drone:2.28.2\n      env: [{name: DRONE_SERVER_HOST, value: ci.example.com}]\n',
      `On the server:

\`\`\`yaml
# a.k8s.yml
- name: server
  env:
    - name: DRONE_COOKIE_SECURE
      value: "true"
    - name: DRONE_RPC_SECRET
      valueFrom: { secretKeyRef: { name: drone-rpc-secret, key: DRONE_RPC_SECRET } }
\`\`\`

\`\`\`sh
kubectl create secret generic drone-rpc-secret \\
  --from-literal=DRONE_RPC_SECRET="$(openssl rand -hex 32)"
\`\`\`

Restart it.`,
    ],
  ])('%s', (_, name, text, fix) => {
    expect(fixAt(name, text, settingsFix)).toBe(fix);
  });

  it('and a reader finds there what the fix says', () => {
    const compose = 'services:\n  web:\n    image: drone/drone:2.28.2\n    environment:\n      X: y\n';
    for (const value of [
      'true',
      '1',
      '30m',
      'a: b',
      'x #y',
      '[a]',
      '- z',
      'username:octocat,admin:true',
      '*',
      "it's",
      '"q"',
      '0x1F',
      '~',
      'null',
      '1:2',
      'a\\b',
      '@x',
      '%y',
      '{z}',
    ]) {
      const fix = fixAt('a.compose.yml', compose, `\`\`\`env\nDRONE_X=${value}\n\`\`\``);
      const pasted = fix.replace(/^```.*$/gm, '');
      expect(modelsOf('a.compose.yml', pasted).settings[0]?.variables.get('DRONE_X')?.value).toBe(value);
      const list = fixAt('a.compose.yml', compose.replace('X: y', '- X=y'), `\`\`\`env\nDRONE_X=${value}\n\`\`\``);
      const items = list.replace(/^```.*$/gm, '');
      expect(modelsOf('a.compose.yml', items).settings[0]?.variables.get('DRONE_X')?.value).toBe(value);
    }
  });

  it('but a name that is hidden is not shown', () => {
    const compose = 'services:\n  web:\n    image: drone/drone:2.28.2\n    environment: {X: y}\n';
    const installation = modelsOf('a.compose.yml', compose);
    const [artifact] = installation.settings;
    if (!artifact) throw new Error('no component');
    const hit = { at: artifact.at, message: say`x` };
    const { fix } = fixOf({ fix: settingsFix, hit, artifact, installation, clean: () => undefined });
    expect(fix).not.toMatch(/web|a\.compose\.yml/);
    expect(fix).toContain('environment:\n  DRONE_COOKIE_SECURE: "true"\n');
  });
});

/** The fix of a finding at a step, or at the pipeline. */
function fixOfStep(text: string, fix: string, step?: string): string {
  const installation = modelsOf('x.drone.yml', text);
  const [pipeline] = installation.pipelines;
  const at =
    step === undefined ? pipeline?.nameAt : pipeline && allSteps(pipeline).find(({ name }) => name === step)?.nameAt;
  if (!pipeline || !at) throw new Error('no pipeline');
  return fixOf({ fix, hit: { at, message: say`x` }, artifact: pipeline, installation, clean }).fix;
}

const block = (use: string, text: string): string => `\`\`\`yaml ${use}\n${text}\n\`\`\``;
const yaml = (text: string): string => `\`\`\`yaml\n# x.drone.yml\n${text}\n\`\`\``;

describe('conditions are shown with those that stand there', () => {
  const head = 'kind: pipeline\ntype: docker\nname: release\n';
  const events = block('conditions', 'event: [push, tag]');
  it.each([
    ['none', '', 'event: [push, tag]'],
    ['a branch, which tags have not', 'branch: main', 'event: [push]\n  branch: [main]'],
    [
      'a ref, which tags have',
      'ref: [refs/heads/*, refs/tags/**]',
      'event: [push, tag]\n  ref: [refs/heads/*, refs/tags/**]',
    ],
    ['patterns with a comma', 'branch: ["{a,b}"]', 'event: [push]\n  branch: ["{a,b}"]'],
    ['events of the author', 'event: [pull_request, cron]', 'event: [cron]'],
    ['pull requests alone', 'event: pull_request', 'event: [push, tag]'],
    ['events that are left out', 'event: {exclude: [promote]}', 'event: [push, tag]'],
    [
      'what excludes',
      'repo: {include: [a/b], exclude: [a/c]}',
      'event: [push, tag]\n  repo:\n    include: [a/b]\n    exclude: [a/c]',
    ],
  ])('%s', (_, trigger, merged) => {
    const text = `${head}${trigger && `trigger:\n  ${trigger}\n`}steps: [{name: build, image: alpine}]\n`;
    expect(fixOfStep(text, events)).toBe(yaml(`kind: pipeline\ntype: docker\nname: release\ntrigger:\n  ${merged}`));
    const when = `${head}steps:\n- name: build\n  image: alpine\n${trigger && `  when:\n    ${trigger}\n`}`;
    expect(fixOfStep(when, events, 'build')).toBe(
      yaml(`- name: build\n  when:\n    ${merged.replaceAll('\n', '\n  ')}`),
    );
  });

  it('keeps values of the author where those of the fix are examples', () => {
    const text = `${head}trigger: {target: [staging], event: promote}\nsteps: [{name: build, image: alpine}]\n`;
    const fix = fixOfStep(text, block('conditions', 'event: [promote]\ntarget: [production]'));
    expect(fix).toBe(
      yaml('kind: pipeline\ntype: docker\nname: release\ntrigger:\n  event: [promote]\n  target: [staging]'),
    );
  });

  it('leaves out events that do not get to the step', () => {
    const trigger = 'trigger: {branch: [main], event: {exclude: [promote]}}\n';
    const text = `${head}${trigger}steps: [{name: build, image: alpine, privileged: true}]\n`;
    const when = 'privileged: true # why\nwhen:\n  event: [push, tag]';
    expect(fixOfStep(text, block('step', when), 'build')).toBe(
      yaml('- name: build\n  privileged: true # why\n  when:\n    event: [push]'),
    );
  });

  it('names the step, quoted where it has to be', () => {
    const text = `${head}steps: [{name: "a: b", image: alpine}]\n`;
    expect(fixOfStep(text, block('step', 'pull: always'), 'a: b')).toBe(yaml('- name: "a: b"\n  pull: always'));
  });
});

describe('of a fix in several forms', () => {
  const forms = [
    'Publish it on the host alone:',
    block('compose', 'ports:\n  - "127.0.0.1:80:80"'),
    'With `docker run`:',
    '```sh docker-run\ndocker run -p 127.0.0.1:80:80 ...\n```',
    'Then restart it.',
  ].join('\n\n');
  it('only the one of the file is shown, with what leads up to it', () => {
    expect(fixAt('run.sh', 'docker run -e DRONE_GITEA_SERVER=https://g.example.com drone/drone:2.28.2\n', forms)).toBe(
      'Publish it on the host alone:\n\n```sh\n# run.sh\ndocker run -p 127.0.0.1:80:80 ...\n```\n\nThen restart it.',
    );
    const compose = 'services:\n  web:\n    image: drone/drone:2.28.2\n    environment: [DRONE_X=y]\n';
    expect(fixAt('a.compose.yml', compose, forms)).toBe(
      'Publish it on the host alone:\n\n```yaml\n# a.compose.yml\nservices:\n  web:\n    ports:\n      - "127.0.0.1:80:80"\n```\n\nThen restart it.',
    );
  });

  it('and that of Compose where the file has none', () => {
    expect(fixAt('server.env', 'DRONE_GITEA_SERVER=https://g.example.com\n', forms)).toBe(
      'Publish it on the host alone:\n\n```yaml\nports:\n  - "127.0.0.1:80:80"\n```\n\nThen restart it.',
    );
  });

  it('and none where there is one for others alone', () => {
    const unit = ['Close it.', 'In a unit:', '```ini systemd\n[Service]\nUser=drone\n```', 'Restart it.'].join('\n\n');
    const compose = 'services:\n  web:\n    image: drone/drone:2.28.2\n    environment: [DRONE_X=y]\n';
    expect(fixAt('a.compose.yml', compose, unit)).toBe('Close it.\n\nRestart it.');
    const exec = 'DRONE_RPC_HOST=ci.example.com\nDRONE_RPC_SECRET=x\nDRONE_RUNNER_ROOT=/x\n';
    expect(fixAt('runner.env', exec, unit)).toContain('User=drone');
  });
});

describe('in a file of a format before 1.0', () => {
  const legacy = `branches: daily
pipeline:
  build:
    image: golang:1.25
    commands: [make]
    when: {branch: daily}
  "deploy: it":
    image: alpine
    commands: [./deploy]
`;

  it('conditions stand below the steps, whose keys are their names', () => {
    expect(fixOfStep(legacy, block('conditions', 'event: [push, tag]'))).toBe(
      yaml(`pipeline:
  build:
    when:
      event: [push]
      branch: [daily]
  "deploy: it":
    when:
      event: [push]`),
    );
  });

  it('conditions stand below every step, those that cannot be named by their lines', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'x'.repeat(100)];
    const steps = names.map((name) => `  ${name}:\n    image: alpine\n`).join('');
    expect(fixOfStep(`pipeline:\n${steps}`, block('conditions', 'event: [push]'))).toBe(
      yaml(
        `pipeline:\n${names
          .slice(0, 7)
          .map((name) => `  ${name}:\n    when:\n      event: [push]\n`)
          .join('')}  # and the same below the steps in these lines: 16`,
      ),
    );
  });

  it('a step is shown below its name', () => {
    expect(fixOfStep(legacy, block('step', 'pull: true'), 'build')).toBe(yaml('pipeline:\n  build:\n    pull: true'));
  });

  it('a condition of the file is not overridden by an example', () => {
    expect(fixOfStep(legacy, block('conditions', 'event: [push]\nbranch: [main]'), 'deploy: it')).toBe(
      yaml('pipeline:\n  "deploy: it":\n    when:\n      event: [push]'),
    );
  });
});

describe('what a fix must not stop', () => {
  const head = 'kind: pipeline\ntype: docker\nname: release\n';
  const events = block('conditions', 'event: [push, tag]');

  it('events that steps name', () => {
    const steps =
      'steps:\n- {name: a, image: alpine, when: {event: [cron, pull_request]}}\n- {name: b, image: alpine}\n';
    expect(fixOfStep(head + steps, events)).toContain('trigger:\n  event: [push, tag, cron]\n');
  });

  it('builds of tags, where the refs are those of tags', () => {
    const trigger = 'trigger: {ref: [refs/pull/**, "refs/tags/v*"], event: [push, pull_request, tag]}\n';
    const fix = fixOfStep(`${head}${trigger}steps: [{name: a, image: alpine}]\n`, events);
    expect(fix).toContain('trigger:\n  event: [tag]\n  ref: [refs/tags/v*]\n');
  });

  it('builds of tags that a file before 1.0 matches as branches', () => {
    const steps = 'pipeline:\n  a: {image: alpine, when: {branch: [releases/*, refs/tags/*]}}\n';
    expect(fixOfStep(steps, events, 'a')).toContain('event: [push, tag]\n      branch: [releases/*, refs/tags/*]');
    const tags = 'pipeline:\n  a: {image: alpine, when: {branch: [refs/tags/*]}}\n';
    expect(fixOfStep(tags, events, 'a')).toContain('event: [tag]\n      branch: [refs/tags/*]');
  });

  it('pushes to the branch that the file speaks of', () => {
    const steps = 'steps:\n- {name: a, image: alpine}\n- {name: b, image: alpine, when: {branch: master}}\n';
    const fix = fixOfStep(head + steps, block('conditions', 'event: [push]\nref: [refs/heads/main, refs/tags/**]'));
    expect(fix).toContain('ref: [refs/heads/master, refs/tags/**]');
  });

  it('commands of the author: those of a fix are an example without a name', () => {
    const steps = 'steps: [{name: a, image: alpine, commands: [make]}]\n';
    expect(fixOfStep(head + steps, block('step', 'commands:\n  - ./deploy.sh'), 'a')).toBe(
      '```yaml\ncommands:\n  - ./deploy.sh\n```',
    );
  });
});

describe('secrets that are replaced', () => {
  it.each([
    [
      'run.sh',
      'docker run -e DRONE_GITEA_SERVER=https://g.example.com -e DRONE_RPC_SECRET=x drone/drone:2\n',
      '# without -e DRONE_RPC_SECRET\n',
    ],
    [
      'x.service',
      '[Service]\nExecStart=/usr/bin/drone-server\nEnvironment=DRONE_GITEA_SERVER=https://g.example.com DRONE_RPC_SECRET=x\n',
      '# without Environment=DRONE_RPC_SECRET\n',
    ],
  ])('do not stay where they were: %s', (name, text, words) => {
    expect(fixAt(name, text, settingsFix)).toContain(words);
  });
});

describe('settings that components share', () => {
  it('are shown without the name of one of them', () => {
    const compose = `x-env: &env
  DRONE_RPC_HOST: ci.example.com
  DRONE_RPC_SECRET: x
services:
  a:
    image: drone/drone-runner-docker:1.8.5
    environment: *env
  b:
    image: drone/drone-runner-docker:1.8.5
    environment: *env
`;
    expect(fixAt('a.compose.yml', compose, '```env\nDRONE_RPC_PROTO=https\n```')).toBe(
      '```yaml\n# a.compose.yml\nenvironment:\n  DRONE_RPC_PROTO: https\n```',
    );
  });

  it('stand in the file that holds them, not in the one that names it', () => {
    const unit =
      '[Service]\nExecStart=/usr/bin/docker run --env-file=/etc/drone/server.env -e DRONE_X=y drone/drone:2.28.2\n';
    expect(fixAt('drone.service', unit, '```env\nDRONE_Y=z\n```')).toBe(
      '```sh\n# drone.service\ndocker run -e DRONE_Y=z ...\n```',
    );
  });

  it('keep the comments above them', () => {
    const fix = '```env\n# drone-audit: ignore[mixed-encryption] for now\nDRONE_Y=true\n```';
    const compose = 'services:\n  web:\n    image: drone/drone:2.28.2\n    environment: [DRONE_X=y]\n';
    expect(fixAt('a.compose.yml', compose, fix)).toContain(
      '      # drone-audit: ignore[mixed-encryption] for now\n      - DRONE_Y=true',
    );
    expect(fixAt('server.env', 'DRONE_GITEA_SERVER=https://g.example.com\n', fix)).toContain('now\nDRONE_Y=true');
  });
});
