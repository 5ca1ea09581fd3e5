import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { explainInstallation } from '../../src/explain/installation.ts';
import { notableForRunners, notableForServers } from '../../src/facts/notable-settings.ts';
import { settingFor } from '../../src/facts/settings.ts';
import type { EffectiveComponent, EffectiveSetting, EffectiveView } from '../../src/model/effective.ts';
import { unknownSite } from '../../src/model/site.ts';
import type { Form } from '../../src/model/source.ts';
import { type Masked, say } from '../../src/model/text.ts';
import { read } from '../../src/read.ts';
import { displayWidth } from '../../src/reporters/display-width.ts';
import { effectiveJson, effectiveText } from '../../src/reporters/effective.ts';
import { maskFor } from '../../src/secrets/mask.ts';
import { droneAudit, temporaryFolder } from '../support/cli.ts';

const validate = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true, strictRequired: false }).compile(
  JSON.parse(readFileSync('schemas/effective.schema.json', 'utf8')),
);

/** The view of texts by name; files that one names are found among them. */
function viewOf(files: Readonly<Record<string, { form: Form; text: string }>>): Masked<EffectiveView> {
  const sources = Object.entries(files).map(([name, { form, text }]) => ({ name, form, text }));
  const understanding = read(sources, (from, path) => {
    const found = sources.find(({ name }) => name === path.replace(/^\.\//, ''));
    return found ?? { kind: 'unreadable', source: from.name, message: say`"${path}" is not there`, incomplete: false };
  });
  const mask = maskFor(understanding.secrets);
  return {
    tool: { name: 'drone-audit', version: '0.0.0' },
    components: mask.all(explainInstallation(understanding.installation, unknownSite, mask)),
    problems: understanding.problems.map(mask.problem),
  };
}

const look = { color: false, width: 80, verbose: false };

const composeOf = (text: string): Masked<EffectiveView> => viewOf({ 'docker-compose.yml': { form: 'compose', text } });

function settings(
  component: Masked<EffectiveComponent> | undefined,
): Readonly<Record<string, Masked<EffectiveSetting>>> {
  return Object.fromEntries((component?.settings ?? []).map((setting) => [setting.name, setting]));
}

const installation = viewOf({
  'docker-compose.yml': {
    form: 'compose',
    text: `services:
  drone:
    image: drone/drone:2.24.0
    user: "1000:1000"
    env_file: server.env
    environment:
      - DRONE_SERVER_HOST=ci.example.com
      - DRONE_SERVER_PROTO=\${PROTO:-https}
      - DRONE_USER_CREATE=username:octocat,admin:true,token:Kanarie-und-Zeisig
      - DRONE_USER_FILTER=octocat, example-org
      - DRONE_COOKIE_TIMEOUT=30
      - DRONE_LOGS_DEBUG=yes
      - DRONE_OPEN=false
      - DRONE_RUNNER_VOLUMES=/a:/b
      - DRONE_UI_DISABLED=true
      - DRONE_SEVER_HOST=ci.example.com
      - DRONE_GITEA_CLIENT_SECRET=\${GITEA_SECRET}
      - DRONE_SECRET_SECRET
      - TZ=Europe/Zurich
    ports: ["127.0.0.1:8080:80"]
    expose: [9000]
    volumes: ["/srv/drone:/data", "/etc/ssl:/etc/ssl:ro"]
    cap_drop: [ALL]
  runner:
    image: drone/drone-runner-docker:1.8.3
    privileged: true
    environment:
      DRONE_RPC_HOST: drone
      CLIENT_DRONE_RPC_SECRET: Kanarie-im-Bergwerk
      DRONE_RPC_SECRET: Zeisig-im-Bergwerk
      DRONE_RUNNER_ENVIRON: A:Kanarie-A,B:Kanarie-B
    volumes: ["/var/run/docker.sock:/var/run/docker.sock"]
  db:
    image: postgres:16
    environment: {POSTGRES_PASSWORD: Kanarie-der-Datenbank}
`,
  },
  'server.env': {
    form: 'env',
    text: 'DRONE_RPC_SECRET=Kanarie-im-Bergwerk\nDRONE_DATABASE_DRIVER=postgres\nDRONE_DATABASE_DATASOURCE=postgres://drone:Kanarie-Passwort@db/drone\nDRONE_COOKIE_SECRET=changeme\n',
  },
});
const [server, runner, database] = installation.components;

describe('the view of an installation', () => {
  it('has every component with its place, role and version', () => {
    expect(server).toMatchObject({
      label: 'service "drone"',
      role: 'server',
      version: '2.24.0',
      live: false,
      at: { file: 'docker-compose.yml', line: 2 },
      image: { text: 'drone/drone:2.24.0', at: { line: 3 } },
      officialImage: true,
      user: { text: '1000:1000' },
    });
    expect(runner).toMatchObject({ role: 'runner-docker', version: '1.8.3' });
    expect(database).toMatchObject({ role: 'other', officialImage: false });
  });

  it('tells what belongs together', () => {
    expect(runner?.server).toMatchObject({ text: 'service "drone"', at: { line: 2 } });
    expect(server?.runners).toMatchObject([{ text: 'service "runner"' }]);
  });

  it('tells what the container may do', () => {
    expect(server?.ports.map(({ text }) => text)).toEqual(['80/tcp at 8080 of 127.0.0.1', '9000/tcp, not published']);
    expect(server?.mounts.map(({ text }) => text)).toEqual([
      '/srv/drone at /data (bind)',
      '/etc/ssl at /etc/ssl (bind, read-only)',
    ]);
    expect(server?.privileges.map(({ text }) => text)).toEqual(['capability ALL dropped']);
    expect(runner?.privileges.map(({ text }) => text)).toEqual(['privileged: all rights on the host']);
  });

  it('tells where a value comes from', () => {
    const of = settings(server);
    expect(of.DRONE_SERVER_HOST).toMatchObject({ value: 'ci.example.com', origin: 'literal', at: { line: 7 } });
    expect(of.DRONE_SERVER_PROTO).toMatchObject({ value: 'https', origin: 'fallback' });
    expect(of.DRONE_DATABASE_DRIVER).toMatchObject({
      value: 'postgres',
      at: { file: 'server.env', line: 2 },
      usedAt: { file: 'docker-compose.yml', line: 5 },
    });
    expect(of.DRONE_GITEA_CLIENT_SECRET).toMatchObject({ origin: 'unresolved', written: '${GITEA_SECRET}' });
    expect(of.DRONE_SECRET_SECRET).toMatchObject({ origin: 'unresolved' });
    expect(of.DRONE_SECRET_SECRET?.value).toBeUndefined();
    expect(of.DRONE_SECRET_SECRET?.written).toBeUndefined();
    expect(settings(runner).DRONE_RPC_SECRET).toMatchObject({ via: 'CLIENT_DRONE_RPC_SECRET', secret: { length: 19 } });
  });

  it('tells how a text is understood', () => {
    const of = settings(server);
    expect(of.DRONE_USER_FILTER).toMatchObject({ understood: '2 items: "octocat", " example-org"', fatal: false });
    expect(of.DRONE_COOKIE_TIMEOUT).toMatchObject({
      understood: 'not a duration: the process will not start',
      fatal: true,
    });
    expect(of.DRONE_LOGS_DEBUG).toMatchObject({ understood: 'not a boolean: the process will not start', fatal: true });
    expect(settings(runner).DRONE_RUNNER_ENVIRON).toMatchObject({
      value: 'A:••••,B:••••',
      understood: '2 pairs: "A", "B"',
    });
  });

  it('tells what has no effect', () => {
    const of = settings(server);
    expect(of.DRONE_OPEN).toMatchObject({ status: 'no-effect', note: expect.stringContaining('not read since 1.0.0') });
    expect(of.DRONE_RUNNER_VOLUMES).toMatchObject({ status: 'read' });
    expect(of.DRONE_UI_DISABLED).toMatchObject({ status: 'unknown', note: 'no Drone program reads it' });
    expect(of.DRONE_SEVER_HOST).toMatchObject({ status: 'unknown', note: 'not a Drone setting' });
    expect(of.TZ).toMatchObject({ status: 'unjudged' });
    expect(
      settings(
        composeOf('services:\n  r:\n    image: drone/drone-runner-docker\n    environment: {DRONE_USER_FILTER: a}\n')
          .components[0],
      ).DRONE_USER_FILTER,
    ).toMatchObject({
      status: 'no-effect',
      note: 'a setting of the server',
    });
    expect(
      settings(
        composeOf(
          'services:\n  s:\n    image: drone/drone:1.0.0\n    environment: {DRONE_DATABASE_ENCRYPT_USER_TABLE: "true"}\n',
        ).components[0],
      ).DRONE_DATABASE_ENCRYPT_USER_TABLE,
    ).toMatchObject({
      status: 'no-effect',
      note: 'read since 2.0.0, but this is 1.0.0',
    });
    // 0.8 read this name too (cmd/drone-server/server.go:161).
    expect(
      settings(
        composeOf('services:\n  s:\n    image: drone/drone:0.8.5\n    environment: {DRONE_DATABASE_DRIVER: mysql}\n')
          .components[0],
      ).DRONE_DATABASE_DRIVER,
    ).toMatchObject({ status: 'unjudged' });
  });

  it("calls no other product's image Drone's own", () => {
    const text =
      'services:\n  web:\n    image: nginx:1.27.2\n  s:\n    image: drone/drone:2\n    environment: {DRONE_RPC_SECRET: x}\n';
    const official = composeOf(text).components.map(({ label, officialImage }) => [label, officialImage]);
    expect(Object.fromEntries(official)).toMatchObject({ 'service "web"': false, 'service "s"': true });
  });

  it('has the defaults of what is not set, those of the official image where it runs', () => {
    const of = (component: Masked<EffectiveComponent> | undefined) =>
      Object.fromEntries((component?.defaults ?? []).map((each) => [each.name, each]));
    expect(of(server).DRONE_REGISTRATION_CLOSED).toMatchObject({ value: 'false', from: 'program', notable: true });
    expect(of(server)).not.toHaveProperty('DRONE_SERVER_HOST');
    expect(of(server).DRONE_SERVER_PORT).toMatchObject({ from: 'image' });
    const [mirrored] = composeOf(
      'services:\n  s:\n    image: registry.example.com/drone/drone:2\n    environment: {DRONE_RPC_SECRET: x}\n',
    ).components;
    expect(of(mirrored).DRONE_SERVER_PORT).toMatchObject({ from: 'program', value: ':8080' });
    expect(database?.defaults).toEqual([]);
  });

  it('knows every notable setting', () => {
    expect([...notableForServers].filter((name) => !settingFor(name, 'server'))).toEqual([]);
    expect([...notableForRunners].filter((name) => !settingFor(name, 'runner-docker'))).toEqual([]);
  });
});

describe('secrets in the view', () => {
  const secrets = ['Kanarie', 'Zeisig', 'changeme'];
  const leaks = (text: string): string[] => secrets.filter((secret) => text.includes(secret));

  it('are masked, with what may be told', () => {
    expect(settings(server).DRONE_COOKIE_SECRET).toMatchObject({ secret: { length: 8 } });
    expect(settings(server).DRONE_COOKIE_SECRET?.secret?.kind).not.toBe('none');
    expect(settings(server).DRONE_USER_CREATE).toMatchObject({ value: 'username:octocat,admin:true,token:••••' });
    expect(settings(server).DRONE_DATABASE_DATASOURCE).toMatchObject({ value: 'postgres://drone:••••@db/drone' });
    expect(leaks(effectiveText(installation, { ...look, verbose: true }))).toEqual([]);
    expect(leaks(effectiveJson(installation))).toEqual([]);
  });

  it.each<[string, Form, string]>([
    [
      'escapes',
      'compose',
      'services:\n  s:\n    image: drone/drone\n    environment:\n      DRONE_DATABASE_DATASOURCE: "postgres://a:\\u004banarie-eins@db/x\\t"\n      DRONE_X_PASSWORD: "Kana\\\n        rie"\n',
    ],
    [
      'base64',
      'kubernetes',
      `apiVersion: v1\nkind: Secret\nmetadata: {name: drone}\ndata:\n  DRONE_SERVER_HOST: ${Buffer.from('Kanarie.example.com').toString('base64')}\n`,
    ],
    [
      'steps',
      'docker-inspect',
      JSON.stringify([
        {
          Id: 'a'.repeat(64),
          Name: '/drone-abc',
          Config: {
            Image: 'alpine',
            Env: ['DEPLOY_AS=Kanarie-Vogel', 'DRONE_BRANCH=main'],
            Labels: { 'io.drone': 'true' },
          },
          HostConfig: {},
          State: { Status: 'exited' },
        },
      ]),
    ],
    [
      'free text',
      'compose',
      'services:\n  s:\n    image: drone/drone\n    environment:\n      DRONE_X: "curl --password=Kanarie-drei"\n      DRONE_Y: ghp_KanarieKanarieKanarieKanarieKanarie12\n',
    ],
  ])('stay hidden in %s', (_, form, text) => {
    const view = viewOf({ 'a.txt': { form, text } });
    expect(view.components).not.toEqual([]);
    expect(leaks(effectiveText(view, { ...look, verbose: true }))).toEqual([]);
    expect(leaks(effectiveJson(view))).toEqual([]);
  });

  it('are not told by a value that is too long to show', () => {
    const view = composeOf(
      `services:\n  s:\n    image: drone/drone\n    environment:\n      DRONE_SERVER_HOST: "${'x'.repeat(5000)}"\n`,
    );
    expect(settings(view.components[0]).DRONE_SERVER_HOST).toMatchObject({
      note: 'too long to show (5000 characters)',
    });
    expect(settings(view.components[0]).DRONE_SERVER_HOST?.value).toBeUndefined();
  });
});

describe('the text', () => {
  it('is pleasant at 80 columns', async () => {
    const text = effectiveText(installation, look);
    expect(text.split('\n').filter((line) => displayWidth(line) > 80)).toEqual([]);
    await expect(text).toMatchFileSnapshot('effective-text.txt');
  });

  it.each([40, 57, 120])('keeps within %d columns', (width) => {
    const text = effectiveText(installation, { ...look, width, verbose: true });
    expect(text.split('\n').filter((line) => displayWidth(line) > width)).toEqual([]);
  });

  it('lists everything when asked', () => {
    const brief = effectiveText(installation, look);
    const whole = effectiveText(installation, { ...look, verbose: true });
    expect(brief).toContain('also found: service "db" (postgres:16)');
    expect(whole).toContain('POSTGRES_PASSWORD = ••••');
    expect(whole).toContain('DRONE_CLEANUP_INTERVAL');
    expect(brief).not.toContain('DRONE_CLEANUP_INTERVAL');
  });

  it('shows all blanks of a value and hides nothing that acts on a terminal', () => {
    const view = composeOf(
      'services:\n  "s\\u001b[2J":\n    image: drone/drone\n    environment:\n      DRONE_SERVER_HOST: " two  blanks\\u202e\\u001b]0;x\\a\\n"\n',
    );
    const text = effectiveText(view, look);
    expect(text).toContain('" two  blanks\\u{202E}\\u{1B}]0;x\\u{7}\\u{A}"');
    expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
  });
});

describe('containers of an engine', () => {
  const inspected = (name: string, Image: string, Status: string) => ({
    Name: `/${name}`,
    State: { Status, Running: Status === 'running' },
    HostConfig: {},
    Config: { Image, Env: [] },
  });
  const view = viewOf({
    'docker://': {
      form: 'docker-inspect',
      text: JSON.stringify([
        inspected('drone', 'drone/drone:2.28.2', 'running'),
        inspected('runner', 'drone/drone-runner-docker:1.8.5', 'exited'),
        inspected('new', 'drone/drone-runner-docker:1.8.5', 'created'),
        inspected('frozen', 'drone/drone-runner-docker:1.8.5', 'paused'),
        inspected('db', 'postgres:16', 'exited'),
        inspected('odd', 'drone/drone-runner-docker:1.8.5', 'No such state'),
      ]),
    },
  });

  it('are told with their state', () => {
    const text = effectiveText(view, look);
    expect(text).toContain('server 2.28.2 · as it runs (running)');
    expect(text).toContain('runner-docker 1.8.5 · as it was made (exited)');
    expect(text).toContain('runner-docker 1.8.5 · as it was made (created)');
    expect(text).toContain('runner-docker 1.8.5 · as it runs (paused)');
    expect(text).toContain('also found: container "db" (postgres:16, exited)');
    expect(text).not.toContain('No such');
    const json = JSON.parse(effectiveJson(view));
    validate(json);
    expect(validate.errors ?? []).toEqual([]);
    expect(json.components.map(({ state }: { state: string | null }) => state)).toEqual([
      ...['running', 'exited', 'created', 'paused', 'exited', null],
    ]);
  });
});

describe('the JSON', () => {
  it('fulfils its schema', () => {
    const hostile = composeOf(
      'services:\n  "s\\u001b":\n    image: ${IMAGE}\n    environment: [A, "B=\\ud800", DRONE_RPC_SECRET=]\n',
    );
    for (const view of [installation, hostile, composeOf('services: {a: 1}'), composeOf('[')]) {
      validate(JSON.parse(effectiveJson(view)));
      expect(validate.errors ?? []).toEqual([]);
    }
    const good = JSON.parse(effectiveJson(installation));
    expect(validate({ ...good, more: 1 })).toBe(false);
    expect(validate({ ...good, components: [{ ...good.components[0], live: 'no' }] })).toBe(false);
  });

  it('is the same for the same input', () => {
    expect(effectiveJson(installation)).toBe(effectiveJson(installation));
  });
});

describe('drone-audit explain --effective', () => {
  const folder = (): string => {
    const cwd = temporaryFolder();
    writeFileSync(
      join(cwd, 'docker-compose.yml'),
      'services:\n  drone:\n    image: drone/drone:2\n    environment: {DRONE_SERVER_HOST: ci.example.com}\n',
    );
    return cwd;
  };

  it('takes files, folders and standard input', () => {
    const cwd = folder();
    for (const paths of [[], ['.'], ['docker-compose.yml']]) {
      const { status, stdout, stderr } = droneAudit(['explain', '--effective', ...paths], { cwd });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toContain('DRONE_SERVER_HOST = ci.example.com');
    }
    const env = droneAudit(['explain', '--effective', '--form', 'env', '--format', 'json', '-'], {
      cwd,
      input: 'DRONE_RPC_SECRET=Kanarie-vier\nDRONE_GITEA_SERVER=https://git.example.com\n',
    });
    expect(env.status).toBe(0);
    expect(env.stdout).not.toContain('Kanarie');
    expect(JSON.parse(env.stdout)).toMatchObject({ version: 1, components: [{ role: 'server', file: '-' }] });
  });

  it('says what it could not look at', () => {
    const cwd = folder();
    const { status, stdout } = droneAudit(['explain', '--effective', 'nowhere.env'], { cwd });
    expect(status).toBe(3);
    expect(stdout).toContain('ERROR');
    expect(droneAudit(['explain', '--effective'], { cwd: temporaryFolder() }).status).toBe(3);
  });

  it('refuses what it does not know', () => {
    const cwd = folder();
    expect(droneAudit(['explain', '--effective', '--format', 'jsn'], { cwd })).toMatchObject({ status: 2, stdout: '' });
    expect(droneAudit(['explain', '--effective', '--config', 'nowhere.yml'], { cwd })).toMatchObject({
      status: 2,
      stdout: '',
    });
    expect(droneAudit(['explain'], { cwd })).toMatchObject({ status: 2, stdout: '' });
    expect(droneAudit(['explain', 'weak-rpc-secret', 'more'], { cwd })).toMatchObject({ status: 2, stdout: '' });
    expect(droneAudit(['explain', 'weak-rpc-secret'], { cwd }).status).toBe(0);
  });

  it('shows the findings of an audit at the places that they are of', () => {
    const folder = temporaryFolder();
    const text = [
      'services:',
      '  drone:',
      '    image: drone/drone:2.28.2',
      '    ports: ["80:80"]',
      '    environment:',
      '      DRONE_GITEA_SERVER: https://git.example.com',
      '      DRONE_RPC_SECRET: secret',
    ].join('\n');
    writeFileSync(join(folder, 'docker-compose.yml'), text);
    const { stdout } = droneAudit(['explain', '--effective'], { cwd: folder });
    expect(stdout).toMatch(/DRONE_RPC_SECRET = .*line 7\n {8}! critical weak-rpc-secret\n/);
    expect(stdout).toMatch(/ports .*line 4\n {8}! high plain-http-server\n/);
    expect(stdout).toMatch(/other findings\n(?: {4}! .*line 2\n)* {4}! \w+ open-registration +line 2\n/);
  });
});
