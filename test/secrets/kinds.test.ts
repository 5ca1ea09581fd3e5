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
    version: 2,
    sources: [{ name: 'docker://drone', form: 'docker-inspect', file: 'sources/00001-drone.json', given: true }],
  }),
  'sources/00001-drone.json': JSON.stringify(inspectAnswer({ host: { Privileged: true }, config })),
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

/** Beside a fault in the line before, so that it is quoted. */
const env = (lines: string, name = 'server.env'): Files => ({
  [name]: `DRONE_SERVER_HOST=ci.example.com\n${lines}\nDRONE_COOKIE_SECRET=secret\n`,
});

const kinds: Readonly<Record<string, Files>> = {
  'a data source in an env file that is written with a colon': {
    'server.env': `DRONE_RPC_HOST=ci.example.com\nDRONE_DATABASE_DATASOURCE: drone:${canary}@tcp(db:3306)/drone?parseTime=true\n`,
    'start.sh': 'docker run -d --privileged --env-file server.env drone/drone:2\n',
  },
  'a value that goes on in the next line': env(`DRONE_RPC_SECRET=bea4\\\n${canary}`),
  'a value that goes on in several lines': env(`export DRONE_RPC_SECRET=bea4\\\r\n  a\\\r\n  ${canary}\r`),
  'a value that goes on in a file for docker': env(`DRONE_RPC_SECRET=bea4\\\n${canary}`, 'server.docker.env'),
  'a value that goes on in a file that Compose names': {
    ...compose('    env_file: [a.txt]\n'),
    'a.txt': `DRONE_RPC_SECRET=bea4\\\n${canary}\n`,
  },
  'a value that goes on in a file that docker run names': {
    'start.sh': 'docker run --privileged --env-file a.txt drone/drone:2\n',
    'a.txt': `DRONE_RPC_SECRET=bea4\\\n${canary}\n`,
  },
  'a value that goes on behind a blank': env(`DRONE_UI_PASSWORD bea4\\ \n${canary}`),
  'a value that goes on in a comment': env(`# DRONE_UI_PASSWORD=bea4\\\n# ${canary}`),
  'a value that goes on in a unit': {
    'drone.service': `[Service]\nEnvironment=DRONE_RPC_SECRET=bea4\\\n${canary}\nExecStart=/usr/bin/docker run --privileged -e DRONE_RPC_SECRET drone/drone:2\n`,
  },
  'a data source that goes on in the next line': env(
    `DRONE_DATABASE_DATASOURCE=postgres://drone:${canary}\\\nrest@db/drone`,
  ),
  'the rest of a data source': env(`DRONE_DATABASE_DATASOURCE=postgres://drone:bea4\\\n${canary}@db/drone`),
  'a variable that a secret is made of': env(`X=${canary}\nDRONE_RPC_SECRET=\${X}`),
  'a variable that a variable of a secret is made of': env(`X=${canary}\nY=a$X\nDRONE_RPC_SECRET=$Y`),
  'a variable in a data source': env(`X=${canary}\nDRONE_DATABASE_DATASOURCE=postgres://drone:\${X}@db/drone`),
  'a variable of another file': {
    ...compose('    env_file: [a.env, b.env]\n'),
    'a.env': `X=${canary}\n`,
    'b.env': 'DRONE_RPC_SECRET=${X}\n',
  },
  'a variable of a sourced file': env(`X=${canary}\nDRONE_RPC_SECRET=$X`, 'vars.sh'),
  'a variable of a pod': {
    'drone.yaml': `apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: drone\n    image: drone/drone:2\n    securityContext: {privileged: true}\n    env:\n    - {name: X, value: ${canary}}\n    - {name: DRONE_RPC_SECRET, value: $(X)}\n`,
  },
  'a variable with a name of two letters': env(`PW=${canary}`),
  'a blank in place of a sign': env(`export DRONE_RPC_SECRET ${canary}`),
  'a blank in place of a sign, in small letters': env(`drone_rpc_secret ${canary}`),
  'a blank in place of a sign in a comment': env(`# DRONE_RPC_SECRET ${canary}`),
  'a token before a host': env(`DRONE_SERVER_HOST=${canary}@ci`),
  'an item of an account without a key': env(`DRONE_USER_CREATE=username:octocat,admin:true,${canary}`),
  'the text of a licence': env(`DRONE_LICENSE=${canary}`),
  'a login before a host': variable(`DRONE_SERVER_HOST: octocat:${canary}@ci`),
  'a login before an endpoint': env(`DRONE_S3_ENDPOINT=octocat:${canary}@storage:9000`),
  'a map in the values of a chart': {
    'values.yaml': `image: {repository: drone/drone, tag: latest}\nenv:\n  DRONE_SERVER_HOST: ci.example.com\n  DRONE_RPC_SECRET: secret\nextraSecret: {pw: ${canary}}\n`,
  },
  'a token alone in an address': pipeline(`  commands: ["git clone https://${canary}@git.example.org/app"]\n`),
  'a cookie': pipeline(`  commands: ["curl -b session=${canary} https://example.org"]\n`),
  'a value that docker takes for the image': {
    'start.sh': `docker run --privileged -e DRONE_RPC_SECRET ${canary} drone/drone:1\n`,
  },
  'a value of two words that docker takes for the image': {
    'start.sh': `docker run --privileged -e DRONE_RPC_SECRET="a" "${canary}" -e A=1 drone/drone:1\n`,
  },
  'a value behind a colon and a blank': {
    'start.sh': `docker run --privileged -e DRONE_RPC_SECRET: ${canary} drone/drone:1\n`,
  },
  'a value of two words in a unit': {
    'drone.service': `[Service]\nEnvironment=DRONE_RPC_SECRET=bea4 ${canary}\nExecStart=/usr/bin/docker run --privileged -e DRONE_RPC_SECRET drone/drone:2\n`,
  },
  'a value behind a blank too many': {
    'start.sh': `docker run --privileged -e DRONE_RPC_SECRET= ${canary} drone/drone:1\n`,
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
  'a login in base64': variable(`PROXY_LOGIN: "Basic ${canary}="`),
  'a login in base64 as a fallback': variable(`PROXY_LOGIN: "\${X:-Basic ${canary}}"`),
  'a login in base64 in the values of a chart': {
    'values.yaml': `image: {repository: drone/drone, tag: latest}\nenv:\n  DRONE_SERVER_HOST: ci.example.com\n  DRONE_RPC_SECRET: secret\n  PLAIN: Basic ${canary}\nannotations:\n  nginx.ingress.kubernetes.io/configuration-snippet: proxy_set_header Authorization "Basic ${canary}";\n`,
  },
  'an address of the bots of Telegram': pipeline(
    `  commands: ["curl https://api.telegram.org/bot123456789:AA${canary}abcdefghijklmnopqrs/sendMessage"]\n`,
  ),
  'a login of a proxy': pipeline(
    `  environment: {PROXY: "octocat:${canary}@proxy:3128"}\n  commands: ["curl -x octocat:${canary}@proxy https://example.org"]\n`,
  ),
  'a default of a template in a data source': env(
    `DRONE_DATABASE_DATASOURCE=postgres://drone:{{ p | default('${canary}') }}@db/drone`,
  ),
  'a key of a kubeconfig': variable(`CONFIG: "client-key-data: ${canary}"`),
  'a key of a kubeconfig as a variable': pipeline(`  environment: {client-key-data: ${canary}}\n`),
  'a secret in Jsonnet': {
    '.drone.jsonnet': `[{kind:'secret', name: 'a', data:'${canary}'}, {\n  kind: 'secret',\n  data: '${canary}',\n}, { kind: 'pipeline', [if std.extVar('build.message') == '' then 'a']: 1 }]\n`,
  },
  'a setting that may be a word': pipeline(
    `  settings: {auth: ${canary}}\n  environment: {REGISTRY_AUTH: ${canary}, COOKIE: session=${canary}, VAULT_UNSEAL: ${canary}}\n`,
  ),
  'a variable that may be a word': variable(`HMAC: ${canary}\n      NPM_AUTH: ${canary}\n      COOKIE: a=${canary}`),
  'quotes that are doubled': pipeline(`  commands: ['$password = ''${canary}''', 'x -Password ''${canary}''']\n`),
  'a webhook of Teams': variable(`HOOK: https://a.webhook.office.com/webhookb2/${canary}@b/IncomingWebhook/c/d`),
  'a password in a file of passwords': {
    'start.sh': `docker run -d --privileged drone/drone:2\ncat > ~/.pgpass <<EOF\ndb:5432:drone:drone:${canary}\nEOF\n`,
  },
  'a path through names with secrets in them': {
    '.drone.yml': `kind: pipeline\ntype: docker\nname: x password=A\nsteps:\n- name: "TOKEN: ${canary}"\n  image: alpine\n  privileged: true\n`,
  },
  'an encoded copy': {
    ...variable(`DRONE_RPC_SECRET: "a/${canary}+b"`),
    ...pipeline(`  commands: ["curl https://example.org/?x=a%2F${canary}%2Bb"]\n`),
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

describe('what stands beside a secret', () => {
  const effective = async (files: Files): Promise<string> =>
    (await everythingSaidOf(files)).get('explain --effective text') ?? '';

  it('is a variable, although the value before it ends in a backslash', async () => {
    const said = await effective(env('DRONE_RPC_SECRET=bea4\\\nDRONE_SERVER_PROTO=https'));
    expect(said).toMatch(/DRONE_SERVER_PROTO = https/);
  });

  it('is shown where a secret names a setting that is none', async () => {
    const said = await effective(env('DRONE_RPC_SECRET=${DRONE_SERVER_HOST}\nDRONE_LICENSE=/etc/drone/license.txt'));
    expect(said).toMatch(/DRONE_SERVER_HOST = ci\.example\.com/);
    expect(said).toMatch(/DRONE_LICENSE = \/etc\/drone\/license\.txt/);
  });

  it('is all of an account that has no secret, although its lines are joined', async () => {
    const said = await effective(variable('DRONE_USER_CREATE: "username:octocat,\\\n        admin:true"'));
    expect(said).toMatch(/DRONE_USER_CREATE = username:octocat,admin:true/);
  });

  it('is the image, not the value before it', async () => {
    const said = await effective({ 'start.sh': 'docker run -e DRONE_RPC_SECRET bea4 drone/drone:2\n' });
    expect(said).toMatch(/docker run "drone\/drone"/);
  });
});

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
