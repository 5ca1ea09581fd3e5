import { describe, expect, it } from 'vitest';
import { inspectAnswer } from '../checks/inspect-answer.ts';
import { everythingSaidOf, type Files } from '../support/commands.ts';

/*
 * Secrets that neither a form nor the option of a program tells, but their place: a label, a data source, the variable
 * that a password is read from.
 */

/** Nothing else has it in it. */
const canary = 'Kanarie07vogel';

const compose = (lines: string): Files => ({
  'docker-compose.yml': `services:\n  drone:\n    image: drone/drone:2\n    privileged: true\n${lines}    command: x\n`,
});
const variable = (text: string): Files =>
  compose(`    environment:\n      DRONE_RPC_SECRET: secret\n      ${text}\n      DRONE_LOGS_DEBUG: "true"\n`);
const container = (config: object): Files => ({
  'drone-audit-evidence.json': JSON.stringify({
    version: 1,
    sources: [{ name: 'docker://drone', form: 'docker-inspect', file: 'docker/drone.json' }],
  }),
  'docker/drone.json': JSON.stringify(inspectAnswer({ host: { Privileged: true }, config })),
});
const step = (...Env: readonly string[]): Files =>
  container({ Image: 'golang:1.22', Labels: { 'io.drone': 'true' }, Env });
const pipeline = (lines: string): Files => ({
  '.drone.yml': `kind: pipeline\ntype: docker\nname: default\nsteps:\n- name: a\n  image: alpine\n  privileged: true\n${lines}`,
});

const key = (indent: string, end = '\n'): string =>
  [
    '-----BEGIN OPENSSH PRIVATE KEY-----',
    `b3BlbnNzaC1rZXktdjEA${canary}AAAABG5vbmU`,
    `${canary}AAAA`,
    '-----END OPENSSH PRIVATE KEY-----',
  ]
    .map((line) => `${indent}${line}`)
    .join(end);

const kinds: Readonly<Record<string, Files>> = {
  'a data source in an env file that is written with a colon': {
    'server.env': `DRONE_RPC_HOST=ci.example.com\nDRONE_DATABASE_DATASOURCE: drone:${canary}@tcp(db:3306)/drone?parseTime=true\n`,
    'start.sh': 'docker run -d --privileged --env-file server.env drone/drone:2\n',
  },
  'a data source': variable(`DRONE_DATABASE_DATASOURCE: postgres://drone:${canary}@db/drone?sslmode=disable`),
  'a data source with a sign of the query in its password': variable(
    `DRONE_DATABASE_DATASOURCE: postgres://drone:a#${canary}@db/drone?sslmode=disable`,
  ),
  'a URL with a question mark in its password': variable(
    `HTTPS_PROXY: http://octocat:a?${canary}@proxy.example.com:3128`,
  ),
  'a URL with a slash in its password': variable(`MIRROR: https://octocat:a/${canary}@mirror.example.com/`),
  'a URL with an angle bracket in its password': variable(
    `DRONE_DATABASE_DATASOURCE: postgres://drone:a>${canary}@db/drone`,
  ),
  'a data source of MySQL': variable(`DATABASE: drone:a/b${canary}@tcp(db:3306)/drone`),
  'a data source of MySQL with signs in its password': variable(`DATABASE: drone:a,${canary}=b(c;@tcp(db:3306)/drone`),
  'a data source in words': variable(`DATABASE: host=db user=drone password='a ${canary}' dbname=drone`),
  'the address of a notification service': variable(`WATCHTOWER_NOTIFICATION_URL: slack://${canary}@channel`),
  'a folded value': variable(`DRONE_COOKIE_SECRET: >-\n        ${canary}`),
  'a value in several words': variable(`DRONE_COOKIE_SECRET: "several words ${canary}"`),
  'a value with an escape': variable(`DRONE_COOKIE_SECRET: "\\x4b${canary}"`),
  'a fallback': variable(`DRONE_COOKIE_SECRET: "\${COOKIE:-${canary}}"`),
  'a private key in a block': compose(`    environment:\n      TLS: |\n${key('        ')}\n`),
  'a private key in one line': variable(`TLS: "${key('', '\\n')}"`),
  'users of a reverse proxy': compose(
    `    labels:\n      - "traefik.http.middlewares.auth.basicauth.users=octocat:$$apr1$$x$$${canary}"\n`,
  ),
  'JSON in a label': compose(`    labels:\n      checks: '[{"password": "${canary}"}]'\n`),
  'the environment of a container': container({
    Image: 'containrrr/watchtower:1',
    Env: [
      `WATCHTOWER_NOTIFICATION_URL=slack://${canary}@channel`,
      `OPTIONS=--password ${canary} --verbose`,
      `REGISTRY_JSON={"auth": "${canary}"}`,
      `SETTINGS={"a": {"client_secret": "${canary}"}}`,
      `TLS=${key('')}`,
    ],
  }),
  'labels of a container': container({
    Image: 'containrrr/watchtower:1',
    Labels: {
      'traefik.http.middlewares.a.basicauth.users': `octocat:$apr1$x$${canary}`,
      'com.example.checks': `[{"password":"${canary}"}]`,
      'com.example.token': canary,
    },
  }),
  'what a step is told': step(
    `DRONE_SCRIPT=\ncurl -H 'Authorization: token ${canary}' https://api.example.com\nmake\n`,
    `DRONE_COMMIT_MESSAGE=password: ${canary}`,
    `ANY_NAME=${canary}`,
    `PLUGIN_SETTINGS={"a":"${canary}"}`,
  ),
  'a secret of a step that is also written elsewhere': {
    ...step(`ANY_NAME=${canary}`),
    ...pipeline(`  commands: ["deploy ${canary}"]\n`),
  },
  'a variable that is used as a password in Starlark': {
    '.drone.star': `X = "${canary}"\ndef main(ctx):\n  if ctx.build.message: pass\n  return {"kind": "pipeline", "steps": [{"name": "a", "settings": {"password": X}}]}\n`,
  },
  'a variable that is used as a password in Jsonnet': {
    '.drone.jsonnet': `local pw = "${canary}";\n{ kind: 'pipeline', [if std.extVar('build.message') == '' then 'a']: 1, steps: [{ settings: { password: pw } }] }\n`,
  },
  'a setting by its name': pipeline(`  settings: {webhook_token: ${canary}}\n`),
  'a list below the name of a secret': pipeline(`  settings:\n    passwords:\n    - ${canary}\n`),
  'a comment': pipeline(`  # the token: ${canary}\n`),
  'a reason to suppress': pipeline(`  network_mode: host # drone-audit: ignore[host-network-step] token=${canary}\n`),
  'a secret that is not encrypted': {
    '.drone.yml': `kind: secret\nname: a\ndata: ${canary}\n---\n${pipeline('')['.drone.yml']}`,
  },
  'a key of a mapping': pipeline(`  "token=${canary}": 1\n`),
  'the name of a step': pipeline(`- name: token=${canary}\n  image: alpine\n  privileged: true\n`),
  'an image': pipeline(`- name: b\n  image: https://octocat:${canary}@registry.example.com/a\n`),
  'a volume': compose(`    volumes: ["/srv/token=${canary}:/data", "/var/run/docker.sock:/var/run/docker.sock"]\n`),
  'variables of all builds': {
    'docker-compose.yml': `services:\n  runner:\n    image: drone/drone-runner-docker:1\n    privileged: true\n    environment:\n      - DRONE_RPC_SECRET=secret\n      - DRONE_RUNNER_ENVIRON=A:${canary},B:${canary}x\n      - DRONE_RUNNER_SECRETS=a:${canary}\n`,
  },
};

describe('a secret that only its place tells', () => {
  it.each(Object.entries(kinds))('%s', async (_, files) => {
    expect(Object.values(files).some((text) => text.includes(canary))).toBe(true);
    const said = await everythingSaidOf(files);
    const shown = [...said].flatMap(([output, text]) =>
      text.split('\n').flatMap((line) => (line.includes(canary) ? [`${output}: ${line.slice(0, 300)}`] : [])),
    );
    expect(shown).toEqual([]);
  });
});
