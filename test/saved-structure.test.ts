import { describe, expect, it } from 'vitest';
import { fixtureOf } from './support/fixtures.ts';
import { findingsOf, saved } from './support/saved.ts';

// Whatever quotes a secret stands in, and whatever it is a part of: saved evidence keeps the structure around it, so that
// it is judged as what it was saved from, also when it is saved once more, and holds nothing of it.

const canary = 'Xk29fQmZ7rTb4LwP8sVd';
const other = 'Qm7vR2xLkP9tWz4nHc6J';

const settings: readonly (readonly [name: string, value: string])[] = [
  ['DRONE_RPC_SECRET', canary],
  ['DRONE_GITHUB_CLIENT_SECRET', canary],
  ['DB_PASSWORD', canary],
  ['DRONE_DATABASE_DATASOURCE', `host=db user=drone password=${canary}`],
  ['DRONE_DATABASE_DATASOURCE', `postgres://drone:${canary}@db:5432/drone?sslmode=disable`],
  ['DRONE_DATABASE_DATASOURCE', `root:${canary}@tcp(db:3306)/drone?parseTime=true`],
  ['DRONE_WEBHOOK_ENDPOINT', `https://h.example.com/y?token=${canary}`],
  ['HOOK_URL', `https://h.example.com/y?api_key=${canary}`],
  ['DB_URL', `jdbc:mysql://h/x?user=a&password=${canary}`],
  ['DB_CONNECTION', `Server=db;Password=${canary}`],
  ['EXTRA', `X-Api-Key: ${canary}`],
  ['EXTRA', `Authorization: Bearer ${canary}`],
  ['DRONE_USER_CREATE', `username:root,machine:false,admin:true,token:${canary}`],
  ['DRONE_RUNNER_SECRETS', `npm:${canary},pypi:${other}`],
  ['DRONE_RUNNER_SECRETS', `npm:${canary},pypi:${canary}`],
  ['BUILD_OPTIONS', `-Dx.password=${canary}`],
  ['CONFIG', `{"token":"${canary}"}`],
];

const server = 'services:\n  drone:\n    image: drone/drone:2.12.0\n    ports: ["80:80"]\n    environment:\n';
const runner =
  '  runner:\n    image: drone/drone-runner-docker:1\n    volumes: [/var/run/docker.sock:/var/run/docker.sock]\n    environment:\n      DRONE_RPC_HOST: drone\n';

/** How compose files write a variable: an entry of a map or of a list, or the whole list or map in one line. */
const composeStyles: readonly ((name: string, value: string) => string | undefined)[] = [
  (name, value) => (/[:#{] |^\{/.test(value) ? undefined : `      ${name}: ${value}\n`),
  (name, value) => `      ${name}: ${JSON.stringify(value)}\n`,
  (name, value) => `      ${name}: '${value}'\n`,
  (name, value) => `      ${name}: '"${value}"'\n`,
  (name, value) => (value.includes(': ') ? undefined : `      - ${name}=${value}\n`),
  (name, value) => `      - ${JSON.stringify(`${name}=${value}`)}\n`,
  (name, value) => `      - '${name}=${value}'\n`,
  (name, value) => `      - '${name}="${value}"'\n`,
  (name, value) => `      - "${name}='${value.replaceAll('"', '\\"')}'"\n`,
  (name, value) => `      - "${name}=\\"${value.replaceAll('"', '')}\\""\n`,
  (name, value) => `      {DRONE_SERVER_HOST: a, ${name}: ${JSON.stringify(value)}, A: b}\n`,
  (name, value) => `      [DRONE_SERVER_HOST=a, ${JSON.stringify(`${name}=${value}`)}, A=b]\n`,
  (name, value) => `      ['DRONE_SERVER_HOST=a', '${name}=${value}', 'A=b']\n`,
  (name, value) =>
    value.startsWith('npm:')
      ? undefined
      : `      ["${name}='${escaped(value)}'", 'DRONE_UI_PASSWORD="${other}"', "B='c'", "D=host='db' password='${other}'"]\n`,
  (name, value) =>
    value.startsWith('npm:') ? undefined : `      ['${name}="${value}"', "DRONE_UI_PASSWORD='${other}'", 'B="c"']\n`,
];

const escaped = (value: string) => value.replaceAll('"', '\\"');
const inQuotes: readonly ((name: string, value: string) => string)[] = [
  (name, value) => `${name}="${escaped(value)}"`,
  (name, value) => `${name}='${value}'`,
  (name, value) => `"${name}=${escaped(value)}"`,
  (name, value) => `'${name}=${value}'`,
];
const joined: readonly ((name: string, value: string) => string)[] = [
  (name, value) => `${name}='${value}'"$SUFFIX"`,
  (name, value) => `${name}="${escaped(value)}"'-x'`,
  (name, value) => `${name}=$'${value}'`,
  (name, value) => `${name}=$"${escaped(value)}"`,
  (name, value) => `${name}=${value.startsWith('npm:') ? '' : '`cat /run/a`'}'${value}'`,
  (name, value) => `${name}="${escaped(value)}$X"`,
];

const commands: readonly string[] = [
  `curl "https://x.example.com/y?token=${canary}"`,
  `curl -H "X-Api-Key: ${canary}" https://x.example.com`,
  `curl -H "Authorization: Bearer ${canary}" https://x.example.com`,
  `export TOKEN="${canary}"`,
  `export TOKEN='${canary}'`,
  `curl -d "{\\"token\\":\\"${canary}\\"}" https://x.example.com`,
  `curl -d '{"token":"${canary}"}' https://x.example.com`,
  `docker login -u me -p "${canary}"`,
  `docker login -u me -p ${canary} registry.example.com`,
  `curl -u "me:${canary}" https://x.example.com`,
  `git clone https://me:${canary}@git.example.com/a/b.git`,
  `echo "https://me:${canary}@git.example.com" > ~/.git-credentials`,
  `export TOKEN='${canary}'"$X" && echo done`,
  `TOKEN=${canary}"$X" ./run`,
];
const itemStyles: readonly ((command: string) => string | undefined)[] = [
  (command) => (/: |^["'{]/.test(command) ? undefined : `  - ${command}`),
  (command) => `  - ${JSON.stringify(command)}`,
  (command) => `  - '${command.replaceAll("'", "''")}'`,
  (command) => `  - |\n    set -e\n    ${command}\n    echo ok`,
];

function inPod(name: string, value: string): readonly string[] {
  const head =
    'apiVersion: v1\nkind: Pod\nmetadata: { name: drone }\nspec:\n  containers:\n    - name: drone\n      image: drone/drone:2.12.0\n';
  return [JSON.stringify(value), `'${value}'`].flatMap((written) => [
    `${head}      env:\n        - name: DRONE_SERVER_HOST\n          value: a\n        - name: ${name}\n          value: ${written}\n`,
    `${head}      env: [{ name: DRONE_SERVER_HOST, value: a }, { name: ${name}, value: ${written} }]\n`,
  ]);
}

function every(make: (name: string, value: string) => readonly Record<string, string>[]) {
  return settings.flatMap(([name, value]) => make(name, value));
}

const forms: Readonly<Record<string, readonly Record<string, string>[]>> = {
  compose: every((name, value) =>
    composeStyles.flatMap((style) => {
      const written = style(name, value);
      const more =
        !written || /^ {6}[[{]/.test(written) ? '' : written.startsWith('      - ') ? '      - A=b\n' : '      A: b\n';
      return written === undefined ? [] : [{ 'compose.yml': server + more + written + runner }];
    }),
  ),
  'an env file': every((name, value) =>
    [value, `"${escaped(value)}"`, `'${value}'`].map((written) => ({
      'compose.yml': server.replace(/ {4}environment:\n$/, '    env_file: [server.env]\n') + runner,
      'server.env': `DRONE_SERVER_HOST=a\n${name}=${written}\nA=b\n`,
    })),
  ),
  'a script': every((name, value) =>
    [...inQuotes, ...joined].map((style) => ({
      'run.sh': `#!/bin/sh\ndocker run -d -e DRONE_SERVER_HOST=a -e ${style(name, value)} -p 80:80 drone/drone:2.12.0\ndocker run -d -v /var/run/docker.sock:/var/run/docker.sock -e DRONE_RPC_HOST=a drone/drone-runner-docker:1\n`,
    })),
  ),
  'a unit': every((name, value) =>
    inQuotes.slice(2).map((style) => ({
      'drone.service': `[Service]\nEnvironment=DRONE_GITEA_SERVER=http://g.example.com\nEnvironment=DRONE_SERVER_HOST=a ${style(name, value)} A=b\nExecStart=/usr/bin/drone-server\n`,
    })),
  ),
  'a manifest': every((name, value) => inPod(name, value).map((text) => ({ 'drone.k8s.yml': text }))),
  'a pipeline': commands.flatMap((command) =>
    itemStyles.flatMap((style) => {
      const item = style(command);
      return item === undefined
        ? []
        : [
            {
              '.drone.yml': `kind: pipeline\ntype: docker\nname: default\nsteps:\n- name: a\n  image: alpine\n  commands:\n${item}\n  - curl http://x.example.com/i.sh | sh\n- name: b\n  image: alpine:latest\n  privileged: true\n  commands: [make]\n`,
            },
          ];
    }),
  ),
};

describe('the structure of saved evidence', () => {
  it.each(Object.keys(forms))('is that of %s, in all quotes', { timeout: 300_000 }, (form) => {
    const wrong: string[] = [];
    for (const files of forms[form] ?? []) {
      const fixture = fixtureOf('a', new Map(Object.entries(files)));
      const before = findingsOf(fixture).join('\n');
      const once = saved(fixture);
      const twice = saved(once);
      const texts = [...once.texts.values(), ...once.sources.map(({ text }) => text)].join('\n');
      expect(before).not.toBe('');
      expect(texts).not.toContain(canary);
      expect(texts).not.toContain(other);
      if (findingsOf(once).join('\n') !== before || findingsOf(twice).join('\n') !== before)
        wrong.push(Object.values(files).join('\n'));
    }
    expect(wrong).toEqual([]);
  });

  it('keeps what a value is put together of', () => {
    const files = {
      'compose.yml': `${server}      DRONE_DATABASE_DATASOURCE: postgres://drone:\${PG}@db/drone\n      DRONE_COOKIE_SECRET: a\${RPC}\n      DRONE_RPC_SECRET: \${RPC}\n${runner}`,
      '.env': `RPC=${canary}\nPG=${other}\n`,
    };
    const fixture = fixtureOf('a', new Map(Object.entries(files)));
    const once = saved(fixture);
    expect(once.texts.get('compose.yml')).toContain('postgres://drone:${PG}@db/drone');
    expect(findingsOf(once)).toEqual(findingsOf(fixture));
    expect(findingsOf(saved(saved(once)))).toEqual(findingsOf(fixture));
  });

  it.each([
    'DRONE_DATABASE_DATASOURCE: postgres://drone:$PG@db/drone',
    'DRONE_USER_CREATE: username:root,admin:true,token:$ROOT',
    'DRONE_REDIS_CONNECTION: redis://:$RD@r:6379',
    'HOOK_URL: https://h.example.com/y?token=$HOOK',
    `DRONE_DATABASE_DATASOURCE: postgres://drone:\${PG:-${canary}}@db/drone`,
  ])('keeps the references of %s', (variable) => {
    const fixture = fixtureOf('a', new Map([['compose.yml', `${server}      ${variable}\n${runner}`]]));
    const once = saved(fixture);
    expect(once.texts.get('compose.yml')).toContain(variable.replace(/(?<=:-)\w+\}.*/, ''));
    expect(once.texts.get('compose.yml')).not.toContain(canary);
    expect(findingsOf(once)).toEqual(findingsOf(fixture));
    expect(findingsOf(saved(once))).toEqual(findingsOf(fixture));
  });

  it('keeps the user before a password', () => {
    const variables = `      BASIC_AUTH: admin:${canary}\n`;
    const fixture = fixtureOf('a', new Map([['compose.yml', server + variables + runner]]));
    expect(saved(fixture).texts.get('compose.yml')).toContain('BASIC_AUTH: admin:drone-audit-masked+length=20+');
    expect(findingsOf(saved(fixture))).toEqual(findingsOf(fixture));
  });

  it('keeps the reference to what a script gives further above', () => {
    const text = `#!/bin/sh\nROOT=${canary}\ndocker run -d -e DRONE_USER_CREATE=username:root,admin:true,token:$ROOT -e DRONE_RPC_SECRET="${other}$X" drone/drone:2.12.0\n`;
    const fixture = fixtureOf('a', new Map([['run.sh', text]]));
    const once = saved(fixture);
    expect(once.texts.get('run.sh')).toContain('token:$ROOT');
    expect(once.texts.get('run.sh')).not.toMatch(new RegExp(`${canary}|${other}`));
    expect(findingsOf(once)).toEqual(findingsOf(fixture));
    expect(findingsOf(saved(once))).toEqual(findingsOf(fixture));
  });

  it('hides a secret that begins with a dollar where nothing is filled in', () => {
    const fixture = fixtureOf(
      'a',
      new Map([
        [
          'compose.yml',
          server.replace(/ {4}environment:\n$/, '    env_file: [{ path: a.env, format: raw }]\n') + runner,
        ],
        [
          'run.sh',
          `docker run -d -e 'DB_PASSWORD=$${canary}' -e 'C_TOKEN=$ab${canary.slice(0, 6)}' drone/drone:2.12.0\n`,
        ],
      ]),
    );
    expect([...saved(fixture).texts.values()].join('')).not.toMatch(new RegExp(canary.slice(0, 6)));
  });
});
