/*
 * What secrets of an installation are for. A value belongs to one purpose; the two ends of a link have the same purpose
 * (the RPC secret of server and runner, the token of an extension and its caller).
 */

export type SecretPurpose =
  | 'rpc'
  | 'cookie'
  | 'database'
  | 'client'
  | 'extension'
  | 'dashboard'
  | 'account'
  | 'webhook';

/** Names of variables by purpose; the first match counts. DRONE_SECRET belongs to 0.8 or an extension, depending on its reader. */
export const secretPurposes: readonly (readonly [RegExp, SecretPurpose])[] = [
  [/^DRONE_(?:RPC|AGENT)_SECRET$|^DRONE_AGENT_TOKEN$/, 'rpc'],
  [/^DRONE_COOKIE_SECRET$/, 'cookie'],
  [/^DRONE_DATABASE_(?:SECRET|DATASOURCE)$|^DATABASE_CONFIG$|^DRONE_DISTRIBUTED_DATASOURCE$/, 'database'],
  [/^DRONE_[A-Z]+_(?:CLIENT_SECRET|SECRET_KEY)$|^DRONE_(?:GITHUB|GITLAB|BITBUCKET|CODING)_SECRET$/, 'client'],
  [/^DRONE_USER_CREATE$|^DRONE_SERVER_TOKEN$|^DRONE_TOKEN$/, 'account'],
  [/^DRONE_UI_PASSWORD$/, 'dashboard'],
  [/^DRONE_WEBHOOK_SECRET$/, 'webhook'],
  [
    /^DRONE_(?:SECRET|REGISTRY|ENV|CONVERT|VALIDATE|ADMISSION)_PLUGIN_(?:SECRET|TOKEN)$|^DRONE_(?:YAML|SECRET|REGISTRY)_SECRET$/,
    'extension',
  ],
];

/** What people call the purposes. */
export const purposeNames: Readonly<Record<SecretPurpose, string>> = {
  rpc: 'RPC secret',
  cookie: 'cookie secret',
  database: 'database secret',
  client: 'client secret',
  extension: 'extension token',
  dashboard: 'dashboard password',
  account: 'account token',
  webhook: 'webhook secret',
};

/** The purposes, the one whose secret opens most first. */
export const purposesByDanger: readonly SecretPurpose[] = [
  'rpc',
  'cookie',
  'account',
  'database',
  'client',
  'extension',
  'webhook',
  'dashboard',
];
