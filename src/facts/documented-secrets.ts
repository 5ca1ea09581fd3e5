/*
 * Values that documentation and guides print, as of 2026-11. A secret that equals one of them is not secret. `unverified`
 * ones are general knowledge, not found in a text.
 */

/** What a secret is for. `any` covers all uses. */
export type SecretUse =
  | 'rpc'
  | 'cookie'
  | 'database'
  | 'extension'
  | 'webhook'
  | 'account-token'
  | 'scm'
  | 'dashboard'
  | 'dashboard-realm'
  | 'vm'
  | 'vault-token'
  | 'pipeline'
  | 'any';

/** A value printed somewhere, and where. */
export interface DocumentedSecret {
  readonly value: string;
  readonly use: readonly SecretUse[];
  readonly where: string;
  readonly unverified?: true;
}

/** Samples, compared exactly after trimming. The order is part of saved evidence: append only. */
export const documentedSecrets: readonly DocumentedSecret[] = [
  {
    value: 'super-duper-secret',
    use: ['rpc'],
    where: 'Drone documentation, drone/docs d89a395 (runner and server installation pages, about 40 times)',
  },
  {
    value: 'bea26a2221fd8090ea38720fc445eca6',
    use: ['rpc', 'cookie', 'extension', 'webhook'],
    where:
      'Drone documentation, drone/docs d89a395 (RPC secret, cookie secret, tokens of all extensions, webhook secret); copied into many public compose files',
  },
  {
    value: 'correct-horse-battery-staple',
    use: ['cookie', 'rpc', 'extension', 'account-token', 'database'],
    where: 'Drone documentation, drone/docs d89a395 (cookie secret, sample secret values)',
  },
  {
    value: 'correct-horse-batter-staple',
    use: ['cookie', 'rpc', 'extension'],
    where: 'Drone documentation, drone/docs d89a395 (misspelt there)',
  },
  {
    value: '7c229228a77d2cbddaa61ddc78d45e',
    use: ['database', 'scm'],
    where: 'Drone documentation, drone/docs d89a395 (database secret; has 30 characters, so a server refuses it)',
  },
  {
    value: '0c549fd39ae397333761d2cb0c53c219',
    use: ['rpc', 'extension', 'cookie'],
    where: 'Drone documentation, drone/docs d89a395',
  },
  {
    value: 'e8206356c843d81e05ab6735e7ebf075',
    use: ['cookie', 'rpc', 'extension'],
    where: 'Drone documentation, drone/docs d89a395; found as cookie secret in public compose files',
  },
  {
    value: 'fe8c402a51e6629aa1f43a4234afee81',
    use: ['account-token'],
    where: 'Drone documentation, drone/docs d89a395 (token of a machine account)',
  },
  {
    value: '55f24eb3d61ef6ac5e83d550178638dc',
    use: ['account-token'],
    where: 'Drone documentation, drone/docs d89a395 (DRONE_USER_CREATE)',
  },
  {
    value: 'root',
    use: ['dashboard'],
    where: 'Drone documentation, drone/docs d89a395 (DRONE_UI_USERNAME and DRONE_UI_PASSWORD)',
  },
  {
    value: 'MyRealm',
    use: ['dashboard-realm'],
    where: 'Drone documentation, drone/docs d89a395 (DRONE_UI_REALM, harmless, but shows that the sample was copied)',
  },
  {
    value: 'a1b2c3d4e5f67890a1b2c3d4e5f67890a1b2c3d4e5f67890a1b2c3d4e5f67890',
    use: ['rpc'],
    where: 'a guide on the RPC secret, sample output of openssl',
  },
  { value: 'password123', use: ['any'], where: 'a guide on the RPC secret, as the value not to use' },
  {
    value: 'admin',
    use: ['dashboard', 'vm', 'database'],
    where: 'runner source, drone-runner-macstadium command/config.go:60-73 and drone-runner-aws (defaults)',
  },
  { value: 'root', use: ['vault-token'], where: 'development mode of Vault, general knowledge', unverified: true },
  {
    value: 'dev-only-token',
    use: ['vault-token'],
    where: 'development samples of Vault, general knowledge',
    unverified: true,
  },
  {
    value: 'AKIAIOSFODNN7EXAMPLE',
    use: ['pipeline'],
    where: 'AWS documentation, access key id; a sample, not a credential',
  },
  {
    value: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    use: ['pipeline'],
    where: 'AWS documentation, secret access key; a sample, not a credential',
  },
];

/** What a probe tries of the values above, the likeliest first; the last two are the commonest default words. */
export const probedSecrets: Readonly<Record<'rpc' | 'extension', readonly string[]>> = {
  rpc: [
    'super-duper-secret',
    'bea26a2221fd8090ea38720fc445eca6',
    'correct-horse-battery-staple',
    '0c549fd39ae397333761d2cb0c53c219',
    'e8206356c843d81e05ab6735e7ebf075',
    'secret',
    'changeme',
  ],
  extension: [
    'bea26a2221fd8090ea38720fc445eca6',
    'super-duper-secret',
    'correct-horse-battery-staple',
    '0c549fd39ae397333761d2cb0c53c219',
    'e8206356c843d81e05ab6735e7ebf075',
    'secret',
    'changeme',
  ],
};

/** The logins that a probe tries on a dashboard. */
export const probedLogins: readonly { readonly name: string; readonly password: string }[] = [
  { name: 'root', password: 'root' },
  { name: 'admin', password: 'admin' },
];

/** Which text prints a value that a probe tries, without the passage in it. */
export function printedIn(value: string): string {
  const found = documentedSecrets.find((each) => each.value === value);
  return found ? (found.where.split(' (', 1)[0] ?? found.where) : 'a common default word';
}

/** Common default words, compared after trimming, without regard to case. */
export const defaultWords: ReadonlySet<string> = new Set([
  'secret',
  'secrets',
  'password',
  'passwd',
  'changeme',
  'change-me',
  'change_me',
  'changeit',
  'replaceme',
  'replace-me',
  'drone',
  'drone-secret',
  'drone_secret',
  'drone_rpc_secret',
  'drone-rpc-secret',
  'rpcsecret',
  'rpc_secret',
  'mysecret',
  'my-secret',
  'thisissecret',
  'thisisasecret',
  'supersecret',
  'super-secret',
  'topsecret',
  'example',
  'sample',
  'test',
  'testing',
  'demo',
  'default',
  'admin',
  'root',
  'postgres',
  'mysql',
  'token',
  'mytoken',
  '123456',
  '12345678',
  '1234567890',
  'qwerty',
  'letmein',
  'abc123',
  'foobar',
  'todo',
  'none',
  'null',
  'undefined',
]);

/** Texts that mark where a secret should be filled in, compared after trimming. */
export const placeholders: readonly { readonly pattern: RegExp; readonly example: string; readonly where: string }[] = [
  {
    pattern: /^<[^<>]*>$/,
    example: '<generate-with-openssl-rand-base64-32>',
    where: 'a hardening guide; public samples',
  },
  { pattern: /^\{\{.*\}\}$/s, example: '{{ drone_rpc_secret }}', where: 'unexpanded template (Ansible, Helm)' },
  { pattern: /^\{[A-Za-z_][A-Za-z0-9_ -]*\}$/, example: '{INSERT_SECRET_KEY}', where: 'public samples' },
  {
    pattern: /^(?:YOUR|MY|INSERT|ENTER|SET|PUT|ADD|FILL|CHANGE|REPLACE|SUBSTITUTE)[_ -].+$/i,
    example: 'YOUR_GENERATED_RPC_SECRET',
    where:
      'a guide on the RPC secret (YOUR_GENERATED_RPC_SECRET, YOUR_LONG_RANDOM_SECRET_FOR_SERVER_COOKIE, YOUR_GITHUB_CLIENT_SECRET, YOUR_GITHUB_CLIENT_ID)',
  },
  {
    pattern: /^(?:.*[_-])?(?:change|replace)[_-]?(?:me|this|it)(?:[_-].*)?$/i,
    example: 'changeme',
    where: 'public samples',
  },
  { pattern: /^(?:x{3,}|\*{3,}|\.{3,}|0{6,}|-{3,})$/i, example: 'xxxxxxxxxxxxxxxx', where: 'public samples' },
  { pattern: /^your[_ -].+$/i, example: 'your-secret-here', where: 'public samples' },
  { pattern: /^.*[_-](?:here|goes[_-]here)$/i, example: 'secret-goes-here', where: 'public samples' },
  {
    pattern: /^(?:github|gitlab|gitea|bitbucket|gogs|oauth|scm)[_-]client[_-](?:id|secret)$/i,
    example: 'github-client-secret',
    where: 'a hardening guide (<oauth-client-secret>); public samples',
  },
  {
    pattern: /^DRONE_[A-Z0-9_]+$/,
    example: 'DRONE_RPC_SECRET',
    where: 'public samples: the name of the variable as its value',
  },
  { pattern: /^#/, example: '#secret', where: 'public samples: a comment that became the value' },
  { pattern: /^openssl rand .+$/, example: 'openssl rand -hex 16', where: 'the command instead of its output' },
  {
    pattern: /^\$\((?:openssl|head|pwgen|uuidgen).*\)$/,
    example: '$(openssl rand -hex 16)',
    where: 'shell text in a file that no shell reads',
  },
];
