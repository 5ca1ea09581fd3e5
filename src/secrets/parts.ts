import { isSecretName } from '../facts/settings.ts';
import { namesSecret } from './names.ts';
import { isNothingToJudge } from './placeholders.ts';
import { isTokenUser, loginOfMysql, loginsOf } from './url.ts';
import { isOrdinary, isWords } from './variety.ts';

/** A secret within a value: offsets into the value, end exclusive. */
export interface SecretText {
  /** `password`, `token`, the key of a map or of a field (`client_secret`). */
  readonly name: string;
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** Variables with the address of a host, which some write a login into: `DRONE_SERVER_HOST=user:password@host`. */
const namesHost = /(?:HOST|ADDR|ADDRESS|ENDPOINT|SERVER|URL|URI)$/i;

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
  const hasBareLogin = kind === 'may-contain' || namesHost.test(name);
  const parts = [...urlParts(value), ...fieldParts(value), ...(hasBareLogin ? bareParts(value) : [])];
  parts.sort((a, b) => a.start - b.start || b.end - a.end);
  const apart: SecretText[] = [];
  for (const part of parts) if (part.start >= (apart.at(-1)?.end ?? 0)) apart.push(part);
  return apart;
}

/** Whether what a key, an option or a header of this name holds is secret: `apiKey`, `X-Auth-Token`, `requirepass`. */
export function isSecretKey(key: string): boolean {
  const last = key.slice(key.lastIndexOf('.') + 1);
  if (/^(?:x-)?(?:proxy-)?(?:auth(?:orization)?|cookie)$|(?:require|store|key)pass$/i.test(last)) return true;
  return [key, last, last.replace(/([a-z0-9])([A-Z])/g, '$1_$2')].some(namesSecret);
}

/** The name of a word of a command that is an option without its value: `--api-key`, `-token`. */
export function optionName(word: string): string | undefined {
  return /^--?([A-Za-z][\w.-]{1,64})$/.exec(word)?.[1];
}

/** Whether a word of a command is an option whose value is a secret: `--password`, `-token`. */
export function isSecretOption(word: string): boolean {
  return isSecretKey(optionName(word) ?? '');
}

/** Whether a value is the text of a licence: DRONE_LICENSE is that or a path (harness/drone@3e7ecf161 cmd/drone-server/config/config.go:155). */
export function isLicenceText(value: string, name: string): boolean {
  if (name !== 'DRONE_LICENSE') return false;
  return value.length > 200 || value.includes('\n') || !(isNothingToJudge(value) || isOrdinary(value));
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

/** A text without the commas within `${NAME:?text, and more}`, which separate nothing. */
function withoutCommas(value: string): string {
  return value.replace(/\$\{[^${}]{0,500}\}/g, (reference) => reference.replaceAll(',', ' '));
}

/** What DRONE_USER_CREATE says beside the token. */
const publicFields: ReadonlySet<string> = new Set(['username', 'machine', 'admin', 'filter']);

/**
 * Items of DRONE_USER_CREATE (harness/drone@3e7ecf161 cmd/drone-server/config/config.go:630-650). What the server drops,
 * a misspelt key or a token with a colon, is secret all the same, but only what it takes is the `token`.
 */
function accountParts(value: string): SecretText[] {
  const parts: SecretText[] = [];
  for (const [start, end] of items(withoutCommas(value))) {
    const item = value.slice(start, end);
    const [whole = '', key = ''] = /^([^:=]*)[:=]/.exec(item) ?? [];
    const name = key.trim().toLowerCase();
    if (whole === '' && start > 0 && /\w/.test(item) && !isWords(item))
      parts.push(textAt(value, 'dropped item', start, end));
    if (whole === '' || publicFields.has(name) || start + whole.length >= end) continue;
    parts.push(textAt(value, /^token:[^:]*$/.test(item) ? 'token' : 'dropped item', start + whole.length, end));
  }
  return parts;
}

function* urlParts(value: string): Generator<SecretText> {
  for (const login of loginsOf(value)) {
    const { user, password } = login;
    if (isTokenUser(value, login)) yield textAt(value, 'token', user.start, user.end);
    if (password && password.start < password.end) yield textAt(value, 'password', password.start, password.end);
  }
}

/** `password=...` in connection strings and queries; a quote that no word follows closes what the text stands in. */
const field =
  /(?:^|[\s;&?])(password|passwd|pwd|pass|sslpassword|secret|access_token|private_token|client_secret|api_?key|auth|token)[ \t]{0,8}=[ \t]{0,8}(drone-audit-masked\+[A-Za-z0-9=.+-]{0,300}\+|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\s;&'"\\](?:[^\s;&'"\\]|\\(?!["'])|["'](?=\w))*)/gi;

function* fieldParts(value: string): Generator<SecretText> {
  if (!value.includes('=')) return;
  for (const match of value.matchAll(field)) {
    const [, key = '', secret = ''] = match;
    const start = match.index + match[0].length - secret.length;
    const quoted = /^["']/.test(secret) && secret.length > 1 ? 1 : 0;
    if (secret.length > 2 * quoted) {
      const name = /^(?:sslpassword|pass|passwd|pwd)$/i.test(key) ? 'password' : key.toLowerCase();
      yield textAt(value, name, start + quoted, start + secret.length - quoted);
    }
  }
}

/** Password and token of a login without a scheme: a data source of MySQL, and an address of a host, are written alike. */
function* bareParts(value: string): Generator<SecretText> {
  const login = value.includes('://') ? undefined : loginOfMysql(value);
  if (login && isTokenUser(value, { ...login, scheme: 'https' }))
    yield textAt(value, 'token', login.user.start, login.user.end);
  const password = login?.password;
  if (password && password.start < password.end) yield textAt(value, 'password', password.start, password.end);
}
