import { describe, expect, it } from 'vitest';
import type { Form, Source } from '../../src/model/source.ts';
import { say } from '../../src/model/text.ts';
import { read } from '../../src/read.ts';
import { maskFor } from '../../src/secrets/mask.ts';
import { inspectAnswer } from '../checks/inspect-answer.ts';

/*
 * Secrets that stand apart from what names them: only a reader that understands the place can tell them. The whole text
 * of the source is looked at, because any line of it may be quoted.
 */

/** Nothing else has them in it, and none is part of another. */
const canary = 'Kanarie07vogel';
const other = 'Adelaar38klauw';

type Text = readonly [name: string, form: Form, text: string];

const compose = (service: string, rest = ''): Text => [
  'docker-compose.yml',
  'compose',
  `services:\n  drone:\n    image: drone/drone:2\n${service}${rest}`,
];
const variable = (text: string): Text => compose(`    environment:\n      ${text}\n      DRONE_LOGS_DEBUG: "true"\n`);
/** Not YAML: no reader takes it apart. */
const broken = (text: string): Text => compose(`    environment:\n      ${text}\n      A: b\n   b: {\n`);
const script = (text: string): Text => ['start.sh', 'docker-run', `#!/bin/bash\n${text}\ndocker run drone/drone:2\n`];
const flags = (text: string): Text => script(`docker run -d -e DRONE_RPC_HOST=ci ${text} drone/drone-runner-docker:1`);
const pod = (container: string): Text => [
  'drone.yaml',
  'kubernetes',
  `apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: drone\n    image: drone/drone:2\n${container}`,
];
const unit = (text: string): Text => [
  'drone.service',
  'systemd',
  `[Service]\n${text}\nEnvironment=DRONE_RPC_HOST=ci\nExecStart=/usr/bin/drone-server\n`,
];
const pipeline = (step: string): Text => [
  '.drone.yml',
  'drone',
  `kind: pipeline\ntype: docker\nname: a\nsteps:\n- name: a\n  image: alpine\n${step}`,
];
const container = (config: object): Text => [
  'docker://drone',
  'docker-inspect',
  JSON.stringify([inspectAnswer({ config: { Image: 'drone/drone:2', ...config } })], null, 2),
];
const hereDoc = (before: string, after = '', indent = ''): string =>
  [`${before}<<EOF`, canary, 'EOF', `)${after}`].join(`\n${indent}`);

const texts: Readonly<Record<string, Text>> = {
  'the text of a secret of Compose': compose('', `secrets:\n  rpc:\n    content: ${canary}\n`),
  'the text of a secret in a block': compose(
    '',
    `secrets:\n  rpc:\n    content: |\n      a ${canary}\n\n      ${other}\n`,
  ),
  'the text of a secret in braces': compose('', `secrets: {rpc: {content: "a ${canary}"}}\n`),
  'the text of a secret behind an alias': compose('', `x-a: &a\n  rpc:\n    content: ${canary}\nsecrets: *a\n`),
  'the fallback for the text of a secret': compose('', `secrets:\n  rpc:\n    content: \${RPC:-${canary}}\n`),
  'a health check': compose(`    healthcheck:\n      test: [CMD, mysqladmin, ping, -uroot, -p${canary}]\n`),
  'a health check in lines': compose(
    `    healthcheck:\n      test:\n      - CMD\n      - app\n      - --password\n      - ${canary}\n`,
  ),
  'a login in the lines of a command': compose(`    command:\n    - curl\n    - -u\n    - admin:${canary}\n`),
  'an option in the lines of a fragment': compose('', `x-a:\n- redis-server\n- --requirepass\n- ${canary}\n`),
  'a hook of a service': compose(
    `    post_start:\n    - command:\n      - app\n      - -password\n      - ${canary}\n`,
  ),
  'users of a proxy in a folded label': compose(
    `    deploy:\n      labels:\n        traefik.http.middlewares.a.basicauth.users: >-\n          admin:${canary},\n          bob:${other}\n`,
  ),
  'a user of a proxy in the key of a label': compose(`    labels:\n      caddy.basic_auth.admin: ${canary}\n`),
  'a label by its key': compose(`    labels:\n    - homepage.widget.key=${canary}\n`),
  'a script in the lines of a command': compose(
    `    command:\n    - sh\n    - -c\n    - |\n      ${hereDoc('export TOKEN=$$(cat ', '', '      ')}\n`,
  ),
  'a default of a template': variable(`DRONE_COOKIE_SECRET: "{{ cookie | default('${canary}') }}"`),
  'a folded value in a broken file': broken(`DRONE_GITEA_CLIENT_SECRET: >-\n        ${canary}`),
  'a block in a broken file': broken(`DRONE_GITEA_CLIENT_SECRET: |\n        a\n        ${canary}`),
  'a value on the next line in a broken file': broken(`DRONE_GITEA_CLIENT_SECRET:\n        ${canary}`),
  'a value over two lines in a broken file': broken(`DRONE_GITEA_CLIENT_SECRET: "a\n        ${canary}"`),
  'a key without its end in a broken file': broken(`"DRONE_GITEA_CLIENT_SECRET: ${canary}`),
  'a key of a kubeconfig in a command': pipeline(
    `  commands:\n  - |\n    cat > config <<EOF\n    client-key-data: ${canary}\n    EOF\n`,
  ),
  'what a here-document sends': pipeline(
    `  commands:\n  - |\n    docker login -u octocat --password-stdin <<EOF\n    ${canary}\n    EOF\n`,
  ),
  'a manifest in a command': pipeline(
    `  commands:\n  - |\n    kubectl apply -f - <<EOF\n    kind: Secret\n    stringData:\n      a: ${canary}\n    EOF\n`,
  ),
  'a manifest in a script': script(
    `kubectl apply -f - <<EOF\napiVersion: v1\nkind: Secret\ndata:\n  a: ${canary}\nEOF`,
  ),
  'a printed flag': flags(`-e DRONE_RPC_SECRET=$(echo ${canary})`),
  'a flag printed by a format': flags(`--env "DRONE_RPC_SECRET=$(printf '%s' '${canary} a')"`),
  'a flag in backticks': flags(`--env=DRONE_RPC_SECRET=\`echo ${canary}\``),
  'a flag that is decoded': flags(`-e DRONE_RPC_SECRET=$(echo ${canary} | base64 -d)`),
  'a flag of a here-string': flags(`-e DRONE_RPC_SECRET=$(base64 -d <<< ${canary})`),
  'a flag of a here-document': flags(`-e ${hereDoc('DRONE_RPC_SECRET=$(cat ')}`),
  'a flag of a quoted here-document': flags(`-e "DRONE_RPC_SECRET=$(cat <<'EOF'\n${canary}\nEOF\n)"`),
  'a flag with a printed fallback': flags(`-e DRONE_RPC_SECRET=\${A:-$(echo ${canary})}`),
  'a flag with an alternative': flags(`-e DRONE_RPC_SECRET=\${A:+${canary}}`),
  'a flag of a variable that is printed': script(
    `X=$(echo ${canary})\ndocker run -e DRONE_RPC_SECRET=$X drone/drone:2`,
  ),
  'a variable that is printed': script(`export TOKEN=a$(echo $(echo ${canary}))`),
  'a file of variables that is printed': script(
    `cat > drone.env <<EOF\nDRONE_RPC_HOST=ci\nDRONE_RPC_SECRET=$(echo ${canary})\nEOF`,
  ),
  'an option that is printed': script(`app --token $(echo ${canary}) --secret="$(echo ${other})"`),
  'a label that is printed': flags(`-l "traefik.a.basicauth.users=$(echo admin:${canary})"`),
  'a header that is printed': script(`curl -H "X-Api-Key: $(echo ${canary})" https://example.com`),
  'a cookie': flags(`--health-cmd "curl -H 'Cookie: a=${canary}' localhost"`),
  'a variable that is read': script(`read -r TOKEN <<< ${canary}\nprintf -v PASSWORD %s ${other}`),
  'an argument of a function': script(
    `start() {\n  local s=$2\n  docker run -e DRONE_RPC_SECRET="$s" drone/drone:2\n}\nstart a ${canary}`,
  ),
  'an argument of the script': script(`set -- ${canary}\ndocker run -e DRONE_RPC_SECRET="$1" drone/drone:2`),
  'a word of a loop': script(`for s in ${canary}; do docker run -e DRONE_RPC_SECRET="$s" drone/drone:2; done`),
  'a variable that is read, and used later': script(
    `read -r s <<< ${canary}\nprintf -v t %s ${other}\ndocker run -e DRONE_RPC_SECRET="$s" -e TOKEN=$t drone/drone:2`,
  ),
  'all arguments of a function': script(`f() { app --token "$*"; }\nf ${canary}`),
  'a variable that is read from a pipe': script(`echo ${canary} | while read -r s; do app --token "$s"; done`),
  'a variable without its end': script(`s=${canary}.txt\napp --token "\${s%.txt}"`),
  'a variable that is set by default': script(`: \${s:=${canary}}\ndocker run -e DRONE_RPC_SECRET=$s drone/drone:2`),
  'a variable that is printed from another': script(
    `s=${canary}\ndocker run -e DRONE_RPC_SECRET=$(echo $s | base64) drone/drone:2`,
  ),
  'an array': script(`TOKENS=(${canary} ${other})`),
  'a secret of Swarm': script(`printf ${canary} | docker secret create rpc -`),
  'the file of a secret': script(`echo ${canary} > /run/secrets/rpc\ncat > rpc_secret.txt <<EOF\n${other}\nEOF`),
  'an option on the next line': script(`mysqladmin \\\n  -p${canary} \\\n  status`),
  'a variable that a sourced file prints': [
    'a.sh',
    'env',
    `#!/bin/sh\nexport DRONE_RPC_HOST=ci\n${hereDoc('export DRONE_RPC_SECRET=$(cat ')}\n`,
  ],
  'a header of a probe': pod(
    `    livenessProbe:\n      httpGet:\n        httpHeaders:\n        - name: Authorization\n          value: ${canary}\n`,
  ),
  'a header of a probe, its value first': pod(
    `    readinessProbe:\n      httpGet:\n        httpHeaders:\n        - value: a=${canary}\n          name: Cookie\n`,
  ),
  'a header of a hook': pod(
    `    lifecycle:\n      postStart:\n        httpGet:\n          httpHeaders: [{name: X-Api-Key, value: ${canary}}]\n`,
  ),
  'the command of a probe': pod(
    `    livenessProbe:\n      exec:\n        command:\n        - app\n        - --password\n        - ${canary}\n`,
  ),
  'the arguments of a pod': pod(`    args:\n    - --rpc-secret\n    - ${canary}\n    - -u\n    - a:${other}\n`),
  'a variable of an object that is not read': [
    'drone.yaml',
    'kubernetes',
    `apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: drone}\nspec:\n  template:\n    spec:\n      containers:\n      - env:\n        - value: ${canary}\n          name: DRONE_RPC_SECRET\n`,
  ],
  'a header in the values of a chart': [
    'values.yaml',
    'helm-values',
    `image: {repository: drone/drone}\nenv:\n  DRONE_SERVER_HOST: ci\nlivenessProbe:\n  httpGet:\n    httpHeaders:\n    - value: ${canary}\n      name: X-Api-Key\n`,
  ],
  'a command of a unit on the next line': unit(`ExecStop=/usr/bin/app --password \\\n  ${canary}`),
  'a login of a unit on the next line': unit(`ExecStartPost=/usr/bin/curl -u \\\n  a:${canary}`),
  'a script of a unit': unit(`ExecStartPre=/bin/sh -c 'docker run -e TOKEN=$(echo ${canary}) drone/drone:2'`),
  'a credential of a unit': unit(`SetCredential=rpc: \\\n  ${canary} \\\n  ${other}`),
  'the health check of a container': container({ Healthcheck: { Test: ['CMD', 'redis-cli', '-a', canary] } }),
  'the command of a container': container({ Cmd: ['mysqladmin', `-p${canary}`] }),
  'a script of a container': container({ Cmd: ['sh', '-c', `export TOKEN="$(cat <<EOF\n${canary}\nEOF\n)"; app`] }),
  'a label of a container': container({ Labels: { 'caddy.basic_auth.admin': canary } }),
  'a command of a step': pipeline(`  commands:\n  - X=$(echo ${canary})\n  - app --token "$X"\n`),
  'a here-document of a step': pipeline(`  commands:\n  - |\n    ${hereDoc('TOKEN=$(cat ', '', '    ')}\n`),
  'the arguments of a step': pipeline(`  command:\n  - redis-server\n  - --requirepass\n  - ${canary}\n`),
};

function maskedText([name, form, text]: Text): string {
  const source: Source = { name, form, text };
  const missing = { kind: 'unreadable', source: name, message: say`is not there`, incomplete: true } as const;
  return maskFor(read([source], () => missing).secrets).source(source).text;
}

describe('a secret apart from its name', () => {
  it.each(Object.entries(texts))('%s', (_, text) => {
    expect(text[2]).toContain(canary);
    const shown = maskedText(text).split('\n');
    expect(shown.filter((line) => line.includes(canary) || line.includes(other))).toEqual([]);
  });

  it.each<[what: string, text: Text, shown: string]>([
    ['a command that prints nothing secret', flags('-e DRONE_RPC_SECRET=$(openssl rand -hex 16)'), 'rand -hex 16'],
    ['the file of a secret', flags('-e DRONE_RPC_SECRET=$(cat /run/secrets/rpc)'), '/run/secrets/rpc'],
    ['what is printed into other variables', flags('-e DRONE_RPC_HOST=$(echo ci.example.com)'), 'ci.example.com'],
    [
      'other arguments',
      script(`start() { app --token $2; }\nstart one ${canary} three`),
      'start one ••••••••••••••• three'.replace('•', ''),
    ],
    ['other loops', script('for s in one two; do app --token $t --name $s; done'), 'one two'],
    ['a header that is not secret', pod('    a: [{name: Accept, value: text/plain}]\n'), 'text/plain'],
    ['the scheme of a header', pod(`    a: [{name: Authorization, value: Bearer ${canary}}]\n`), 'value: Bearer ••'],
    ['the name of a user', compose(`    labels: ["a.basicauth.users=admin:${canary}"]\n`), 'users=admin:••'],
    ['a reference', compose('    command:\n    - --token\n    - ${TOKEN}\n'), '- ${TOKEN}'],
    ['the user of a container', script('docker run --user www-data:www-data drone/drone:2'), 'www-data:www-data'],
    ['a variable without a value', compose('    environment:\n    - RPC_SECRET=\n    - NAME=a\n'), 'NAME=a'],
  ])('leaves %s as it is', (_, text, shown) => {
    expect(maskedText(text)).toContain(shown);
  });
});
