import { isSecretName } from '../facts/settings.ts';

/** A secret within a value: offsets into the value, end exclusive. */
export interface SecretText {
  /** `password`, `token`, the key of a map or of a field (`client_secret`). */
  readonly name: string;
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** Maps whose every value is kept from outputs (drone-runner-docker@9ea626a command/daemon/config.go:46-50). */
const secretMaps: ReadonlySet<string> = new Set([
  'DRONE_RUNNER_SECRETS',
  'DRONE_RUNNER_ENVIRON',
  'DRONE_AGENT_ENVIRON',
]);

/**
 * Finds the secret parts of the value of a variable: the token of DRONE_USER_CREATE, the values of a map of secrets,
 * passwords in URLs and connection strings. Nothing for a variable that is a secret as a whole. Sorted, not overlapping.
 */
export function findSecretParts(value: string, name: string): readonly SecretText[] {
  if (secretMaps.has(name)) return mapParts(value);
  if (name === 'DRONE_USER_CREATE') return accountParts(value);
  const kind = isSecretName(name);
  if (kind === 'yes' || !/[=@]/.test(value)) return [];
  const parts = [...urlParts(value), ...fieldParts(value), ...(kind === 'may-contain' ? mysqlParts(value) : [])];
  parts.sort((a, b) => a.start - b.start || b.end - a.end);
  const apart: SecretText[] = [];
  for (const part of parts) if (part.start >= (apart.at(-1)?.end ?? 0)) apart.push(part);
  return apart;
}

const tokenForm =
  /gh[pousr]_[A-Za-z0-9]{30}|github_pat_\w{30}|gl(?:pat|ptt|dt|rt|oas)-[\w-]{20}|xox[abeprs]-[\w-]{10}|hvs\.[\w-]{20}|dop_v1_[0-9a-f]{40}|-----BEGIN [A-Z ]{0,20}PRIVATE KEY/;

/** Whether a value is secret for its own look: a token of a known make, a private key, the text of a licence. */
export function hasSecretForm(value: string, name: string): boolean {
  if (tokenForm.test(value)) return true;
  // DRONE_LICENSE is a path or the licence itself (harness/drone@3e7ecf161 cmd/drone-server/config/config.go:155).
  return name === 'DRONE_LICENSE' && (value.length > 200 || value.includes('\n'));
}

/** Longer values are taken to be secret where they might hold settings. */
const maxFileLength = 100_000;
const settingLine = /^[ \t]*(?:export[ \t]+)?["']?([A-Za-z_]\w{1,100})["']?[ \t]*[=:][ \t]*[^\s|>]/gm;

/** Whether a value is a whole file with a secret in it: `NAME=value` on lines of their own, as in the env file of a ConfigMap. */
export function holdsSecretSettings(value: string): boolean {
  if (!value.includes('\n')) return false;
  if (value.length > maxFileLength) return true;
  for (const [, name = ''] of value.matchAll(settingLine)) if (isSecretName(name) !== 'no') return true;
  return false;
}

function textAt(value: string, name: string, start: number, end: number): SecretText {
  return { name, value: value.slice(start, end), start, end };
}

/** The pieces between commas, with their offsets. */
function* items(value: string): Generator<readonly [start: number, end: number]> {
  let start = 0;
  while (start <= value.length) {
    const comma = value.indexOf(',', start);
    const end = comma < 0 ? value.length : comma;
    yield [start, end];
    start = end + 1;
  }
}

function mapParts(value: string): SecretText[] {
  const parts: SecretText[] = [];
  for (const [start, end] of items(value)) {
    const item = value.slice(start, end);
    const separator = item.search(/[:=]/);
    const from = start + separator + 1;
    if (from < end) parts.push(textAt(value, separator < 0 ? '' : item.slice(0, separator), from, end));
  }
  return parts;
}

/** What DRONE_USER_CREATE says beside the token. */
const publicFields: ReadonlySet<string> = new Set(['username', 'machine', 'admin', 'filter']);

/** Items of DRONE_USER_CREATE (harness/drone@3e7ecf161 cmd/drone-server/config/config.go:630-650); misspelt tokens too. */
function accountParts(value: string): SecretText[] {
  const parts: SecretText[] = [];
  for (const [start, end] of items(value)) {
    const [whole = '', key = ''] = /^([^:=]*)[:=]/.exec(value.slice(start, end)) ?? [];
    const name = key.trim().toLowerCase();
    if (whole === '' || publicFields.has(name) || start + whole.length >= end) continue;
    parts.push(textAt(value, name, start + whole.length, end));
  }
  return parts;
}

/** A user name this long in a URL is a token. */
const maxUserLength = 20;

function* urlParts(value: string): Generator<SecretText> {
  let from = 0;
  for (;;) {
    const scheme = value.indexOf('://', from);
    if (scheme < 0) return;
    const start = scheme + 3;
    // The next address is looked for first, so that no part of a long text is searched twice.
    const next = value.indexOf('://', start);
    const rest = value.slice(start, next < 0 ? undefined : next);
    const text = rest.slice(0, rest.search(/[\s"'<>]|$/));
    from = start + text.length;
    // A password may hold an unescaped slash: everything up to the last @ before the query is taken for it.
    const query = text.search(/[?#]/);
    const at = text.lastIndexOf('@', query < 0 ? text.length : query);
    if (at <= 0) continue;
    const colon = text.indexOf(':');
    const path = text.indexOf('/');
    if (path >= 0 && path < at && (colon < 0 || colon > path || /^\d*$/.test(text.slice(colon + 1, path)))) continue;
    const userEnd = colon >= 0 && colon < at ? colon : at;
    if (userEnd >= maxUserLength || text.slice(userEnd + 1, at) === 'x-oauth-basic')
      yield textAt(value, 'token', start, start + userEnd);
    if (userEnd + 1 < at) yield textAt(value, 'password', start + userEnd + 1, start + at);
  }
}

/** `password=...` in connection strings and queries. */
const field =
  /(?:^|[\s;&?])(password|passwd|pwd|pass|sslpassword|secret|access_token|private_token|client_secret|api_?key|auth|token)[ \t]{0,8}=[ \t]{0,8}(drone-audit-masked\([^()]{0,200}\)|'(?:[^'\\]|\\.)*'|[^\s;&'][^\s;&]*)/gi;

function* fieldParts(value: string): Generator<SecretText> {
  if (!value.includes('=')) return;
  for (const match of value.matchAll(field)) {
    const [, key = '', secret = ''] = match;
    const start = match.index + match[0].length - secret.length;
    const quoted = secret.startsWith("'") && secret.length > 1 ? 1 : 0;
    if (secret.length > 2 * quoted) {
      const name = /^(?:sslpassword|pass|passwd|pwd)$/i.test(key) ? 'password' : key.toLowerCase();
      yield textAt(value, name, start + quoted, start + secret.length - quoted);
    }
  }
}

/** `user:password@tcp(host)/name`: the password runs to the last @ before the last slash (go-sql-driver/mysql dsn.go ParseDSN). */
function* mysqlParts(value: string): Generator<SecretText> {
  if (value.includes('://')) return;
  const slash = value.lastIndexOf('/');
  const at = value.lastIndexOf('@', slash < 0 ? value.length : slash);
  const colon = value.indexOf(':');
  if (colon >= 0 && colon + 1 < at) yield textAt(value, 'password', colon + 1, at);
}
