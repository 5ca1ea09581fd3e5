import { isSecretName, settingsNamed } from '../facts/settings.ts';
import { settingsTable } from '../facts/settings-table.ts';
import { memoize, once } from '../model/memoize.ts';
import { nearest } from '../model/nearest.ts';
import { isPlain } from './variety.ts';

/*
 * What names say that they hold a secret, as masking takes it: rather too much than too little. Rules take the narrower
 * names of `secrets/forms.ts`, and settings those of `facts/settings.ts`.
 */

/** Source of a pattern for such a name, up to its end; it may have words before it. */
export const secretNameSource = String.raw`(?:(?<!from_|existing|existing_)(?:(?<!(?:com|by|sur|tres))pass(?!environment|ing|ive|age|enger|through|port)(?:word|wd|phrase|wort)?|passwort|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?|client[_-]?id|webhook)[a-z0-9_-]{0,40}|(?<![a-z])(?:hmac(?=[ \t]{0,4}=)|psw|pw|jwt|creds|bearer|kennwort|senha|contrase(?:n|\u00f1)a|wachtwoord|has(?:l|\u0142)o)|(?<![a-z0-9._-])(?:pin|salt)(?=\\?["']?[ \t]{0,4}=)|bind_?pw|(?:totp|otp|mfa|2fa)[_-]?seed|unity_(?:serial|licen[sc]e)|unseal|client[_-]key[_-]data|bundle_(?!build__)[a-z0-9_]{1,60}__[a-z0-9_]{1,60}|(?:ssh|auth|secret|sign(?:ing)?|encrypt(?:ion)?|deploy|master|session|licen[sc]e|hmac)[_-]?key|(?<!(?:public|site|sort|partition|cache|primary|foreign|host|object|map|config|label|field|for)[_-]?)[_-]key|basic[_-]?auth|auth[_-]config|auth[_-]header|(?:root|admin|user|db)pwd?|(?<![a-z])(?!old|init|work|cur|ch)[a-z]{2,12}pwd?(?![a-z])|(?:db|pg)pass|(?<=[a-z0-9][_.-])(?<!\benv\.)(?:pwd?|psw)|(?<=[a-z0-9][_-])(?:pin|pat|salt|hmac|creds?))`;

/** Ends of names of credentials, also in one word, as programs write them: `dbPassword`, `apiKeys`. */
export const credentialEnding =
  /(?:pass(?:word|wd|phrase)?|secret|token|api_?key|access_?key|private_?key|ssh_?key|secret_?key|credentials?)s?$/i;

/** What names hold that speak of a secret, and not the secret: `secretName`, `token_file`, `TOKEN_TTL`. */
export const aboutSecretSource =
  '(?:names?|file|path|dir|type|refs?|ttl|expiry|stdin|count|policy|class|provider|url|uri|from|endpoint)';

/** What a name ends in that says how secrets are kept or made, where its value is an ordinary word. */
export const describingSecretSource =
  '(?:izers?|[_-](?:helper|store|backend|engine|driver|manager|service|server|host|port|mode|method|algorithm|format|enabled|required|length|size|rotation|issuer|audience|version))';

/**
 * Source of a pattern for a name whose value may be a secret and is often a word: `auth: none`, `COOKIE: session=…`,
 * `HMAC`. It is one where it is not ordinary.
 */
export const maybeSecretNameSource =
  '(?<![A-Za-z0-9])(?:[a-z0-9]{1,40}[_-]){0,6}(?:auth|cookies?|unseal|session|seed|salt|pin|sk|kube_?config(?:_?(?:data|content|base64|b64))?|docker_?config(?:_?json)?)|(?<![A-Za-z0-9])sonar[._]login';

/** Source of a pattern for a name whose value is a user name, or one with its password: `REGISTRY_LOGIN: user:text`. */
export const loginNameSource = '(?<![A-Za-z0-9])(?:[a-z0-9]{1,40}[_-]){0,6}login';

const maybeNamed = new RegExp(`(?:${maybeSecretNameSource})$|(?:^|_)HMAC$`, 'i');
const loginNamed = new RegExp(`${loginNameSource}$`, 'i');
const named = new RegExp(`${secretNameSource}$`, 'i');
const describing = new RegExp(`${describingSecretSource}$`, 'i');
const aboutSecret = new RegExp(`${aboutSecretSource}$`, 'i');
/** Longer names are none (UTF-16 units). */
const maxLength = 200;

/** Whether what a variable, key, header or option of this name holds is kept out of every output. */
export const namesSecret = memoize((written) => {
  if (written.length > maxLength) return false;
  const name = written.replace(/[^A-Za-z0-9]+/g, '_');
  const variable = name.toUpperCase();
  if (isSecretName(variable) === 'yes') return true;
  // Of a setting of Drone it is known.
  if (settingsNamed(variable).some((fact) => !fact.nonexistent)) return false;
  // Within the names of bundler's variables, two underscores are a dot.
  const isNamed = named.test(name) || (written.includes('__') && named.test(written));
  return (isNamed && !aboutSecret.test(name)) || isMisspelt(variable);
});

/** Whether what a variable or setting of this name holds is kept out, if it has this value. */
export function holdsSecret(name: string, value: string): boolean {
  if (namesSecret(name)) return !(describing.test(name) && isPlain(value) && settingsNamed(name).length === 0);
  if (name.length > maxLength || settingsNamed(name).length > 0) return false;
  if (loginNamed.test(name) && isLoginWithPassword(value)) return true;
  return maybeNamed.test(name) && !isPlain(value) && !/^[./~]/.test(value);
}

/** `user:text`; not a port, an address or words. */
export function isLoginWithPassword(value: string): boolean {
  const password = /^[\w.@+-]{1,100}:(?!\/\/)(\S{4,500})$/.exec(value)?.[1];
  return password !== undefined && !isPlain(password);
}

const secretSettings = once(() => settingsTable.flatMap(({ name, secret }) => (secret === 'yes' ? [name] : [])));
/** Parts of their names of which a misspelt one has some. Few names have, and only those are compared. */
const partOfSecret = /SEC|ECR|RET|TOK|KEN|PAS|SWO|ORD|KEY/;

/** Whether a name was meant for a secret setting: `DRONE_RPC_SECRTE`. */
function isMisspelt(name: string): boolean {
  if (!name.startsWith('DRONE_') || !partOfSecret.test(name) || aboutSecret.test(name)) return false;
  return settingsNamed(name).length === 0 && nearest(name, secretSettings()) !== undefined;
}
