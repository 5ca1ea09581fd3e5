import { describe, expect, it } from 'vitest';
import { credentialSpans } from '../../src/secrets/spans.ts';

/*
 * What is masked in any text, whatever it belongs to. The part between the marks is hidden to the last character, and
 * nothing else of the line is.
 */

const hidden: readonly string[] = [
  // names
  'ADMIN_PW=«hunter2x»',
  'DB_PWD: «hunter2x»',
  'GH_PAT=«hunter2x»',
  'TS_AUTHKEY=«hunter2x»',
  'AUTH_KEY: "«two words»"',
  'HMAC=«hunter2x»',
  'WEBHOOK_HMAC=«hunter2x»',
  'LOGIN_PIN=«483920»',
  'SESSION_SALT=«hunter2x»',
  'BASIC_AUTH=«octocat:hunter2x»',
  'SSH_KEY: «hunter2x»',
  'signing_key=«hunter2x»',
  'DB_PSW=«hunter2x»',
  'NEXUS_CREDS=«octocat:hunter2x»',
  'STRIPE_KEY=«hunter2x»',
  'AUTH_HEADER: "«Basic aHVudGVyMng=»"',
  "os.environ['API_TOKEN'] = '«hunter2x»'",
  "define('DB_PASSWORD', '«hunter2x»')",
  'setx DB_PASSWORD «hunter2x»',
  'password «hunter2x»',
  '<password>«hunter2x»</password>',
  "CREATE USER a IDENTIFIED BY '«hunter2x»'",
  'PASSWORD=${A:-«hunter2x»}',
  'PASSWORD=${A:-${B:-«hunter2x»}}',
  'PW=«hunter2x»',
  // lists and maps in one line
  'extraSecret: {pw: «hunter2x»}',
  'secret: {a: «hunter2x», "b": "«two words»", c: {d: \'«it»\'}} # as before',
  'tokens: [«hunter2x», «@hunter3x»]',
  'password: {a: ${A:-«hunter2x»}, b: ${B}}',
  '{"secret":{"a":"«hunter2x»","b":1}}',
  'secrets: {rpc: {content: "«hunter2x»"}}',
  'secret: {path: /etc/drone, b: «hunter2x»}',
  'PASSWORDS={"a":"«hunter2x»"}',
  // options
  'curl -su octocat:«hunter2x» https://api.example.org',
  'app -password «hunter2x» run',
  'app --db_password «hunter2x» run',
  'drone secret add --name a --value «hunter2x» octocat/app',
  // values that begin as a reference does, and are none
  'PASSWORD=«@hunter2x»',
  'PASSWORD=«(hunter2x»',
  'PASSWORD=«{hunter2x»',
  'PASSWORD=«<hunter2x»',
  'PASSWORD=«$hunter2x!y»',
  'PASSWORD=«%hunter2x»',
  'mysql -uroot -p«%hunter2x» db',
  'mysql -uroot -p«@hunter2x» db',
  'sshpass -p «{hunter2x» ssh host.example.org',
  // the rest of a quoted argument
  'curl -u "octocat:«two words»" https://api.example.org',
  "docker login -u octocat -p '«two words»' registry.example.org",
  'curl --cookie session=«hunter2x» https://example.org',
  'curl -sb "session=«hunter2x; a=b»" https://example.org',
  // headers
  'curl -H "Authorization: Bearer «hunter2x»" https://api.example.org',
  'curl -H "X-Api-Key: «hunter2x»" https://api.example.org',
  "curl -H 'PRIVATE-TOKEN: «hunter2x»' https://api.example.org",
  // addresses
  "postgres://octocat:«it's»@db/app",
  'url: "postgres://octocat:«it\'s»@db/app"',
  'postgres://octocat:«123/abc»@db/app',
  'postgres://octocat:«a@b#c»@db/app',
  'https://s3.example.org/a?X-Amz-Expires=60&X-Amz-Signature=«0123456789abcdef»&x=1',
  'https://a.blob.core.example.org/b?sv=2024&sig=«hunter2x%3D»&se=2027',
  'https://storage.example.org/a?X-Goog-Signature=«0123456789abcdef»',
  'image: octocat:«hunter2x»@registry.example.org/app:1',
  'docker pull octocat:«hunter2x»@registry.example.org:5000/app',
  'git clone https://«hunter2x9y»@git.example.org/app',
  'git remote add x https://«q8ZtWnRvKxPdLmBs»@git.example.org/app',
  'git+https://«9f86d081884c»:@git.example.org/app',
  // prose
  '# the old password was «hunter2x»',
  '# token is «hunter2x», do not share',
  '# «hunter2x» is the rpc secret',
];

/** References, and what only looks like a secret: none of it is hidden. */
const shown: readonly string[] = [
  'PASSWORD=$DB_PASSWORD',
  'PASSWORD=${DB_PASSWORD}',
  'PASSWORD=${DB_PASSWORD:?set it}',
  'PASSWORD=$${DB_PASSWORD}',
  'PASSWORD=$(cat /run/secrets/db)',
  'PASSWORD="$(cat /run/secrets/db)"',
  'PASSWORD=%s',
  'PASSWORD=%DB_PASSWORD%',
  'PASSWORD={{ vault_password }}',
  'PASSWORD=<your password>',
  'PASSWORD=<token>',
  'PASSWORD=@/run/secrets/db',
  'PASSWORD=@token.txt',
  'token: (optional)',
  'PIN: true',
  'image: octocat/app:1.2@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  'image: registry.example.org:5000/app@sha256:9f86d081884c7d659a2feaa0c55ad015',
  'git clone git@git.example.org:octocat/app',
  'http://registry.example.org:4873/@scope/package',
  'git clone https://git@git.example.org/app',
  'git clone https://jane.doe2@git.example.org/app',
  'git clone https://gitlab-ci-token@git.example.org/app',
  'git clone ssh://ec2deploy2user@git.example.org/app',
  'mailto:octocat@example.org',
  'author: octocat@example.org',
  '# the password is required',
  '# the token was revoked.',
  '# secret is masked',
  '# the address is the secret, and whoever knows it has a token',
  'secretKeyRef: {name: drone, key: rpc}',
  'secret: {secretName: drone, items: [{key: rpc, path: rpc.txt}]}',
  'token: {from_secret: docker_token}',
  '"SSH_KEY": {"from_secret": "deploy_key_9f3Kx7Qz2RwTn5Lm8Yd4"},',
  'secrets: {source: rpc, target: rpc_secret}',
  'imagePullSecrets: [{name: registry}]',
  'extraSecretNamesForEnvFrom: [drone-keys]',
  'token: {{ .Values.token }}',
  'curl -b session=$SESSION https://example.org',
  'curl -b "session=$SESSION" https://example.org',
  'curl -b cookies.txt https://example.org',
  'PWD=/drone/src',
  'sort_key: name',
  'docker build --secret id=npm,src=.npmrc .',
  'token_url: https://auth.example.org/oauth',
  'password_from: vault',
  'hmac: 2f1d8c0a9e7b6c5d4f3e2a1b0c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a3b2c1d',
  'cache_key: sources',
];

function marked(line: string): string {
  let text = '';
  let done = 0;
  for (const { start, end } of credentialSpans(line)) {
    text += `${line.slice(done, start)}«${line.slice(start, end)}»`;
    done = end;
  }
  return text + line.slice(done);
}

/** The same over several lines. */
const blocks: readonly string[] = [
  'extraSecret:\n  pw: «hunter2x»\n  b: "«q8ZtWnRv»"\nother:\n  a: hunter2x',
  'secret: {\n  a: «hunter2x»,\n  b: {from_secret: rpc2x}\n}',
  'secret:\n  secretName: drone\n  items:\n    - {key: rpc.txt, path: rpc.txt}\n  defaultMode: 0440',
  'token:\n  from_secret: docker_token2x\n  type: Opaque',
];

describe('what is masked in any text', () => {
  it.each(blocks)('hides the secrets of %j', (text) => {
    expect(marked(text.replace(/[«»]/g, ''))).toBe(text);
  });

  it.each(hidden)('hides the secret of %s', (line) => {
    expect(marked(line.replace(/[«»]/g, ''))).toBe(line);
  });

  it.each(shown)('shows all of %s', (line) => {
    expect(marked(line)).toBe(line);
  });
});
