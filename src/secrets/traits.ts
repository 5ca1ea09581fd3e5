import { createHmac, randomBytes } from 'node:crypto';
import { defaultWords, documentedSecrets, type SecretUse } from '../facts/documented-secrets.ts';
import type { SecretTraits } from '../model/environment.ts';
import { groupedBy } from '../model/groups.ts';
import { memoize, once } from '../model/memoize.ts';
import { maskedStart } from './masked-start.ts';
import { isNothingToJudge, isPlaceholder, isSample } from './placeholders.ts';
import { judgedForms } from './spans.ts';
import { bytesOfBase64, isOrdinary, looksGenerated, varietyOf } from './variety.ts';

const encoder = new TextEncoder();

const keyOfThisProcess = once(() => randomBytes(32));

/** Equal for equal values within this process; the key is random and never leaves it. */
const identityOf = memoize((value) =>
  createHmac('sha256', keyOfThisProcess()).update(value).digest('hex').slice(0, 16),
);

const useOfName: readonly (readonly [RegExp, SecretUse])[] = [
  [/RPC_SECRET$|^DRONE_SECRET$|^DRONE_AGENT_SECRET$/, 'rpc'],
  [/COOKIE_SECRET$/, 'cookie'],
  [/DATABASE_SECRET$|DATASOURCE$|DATABASE_URL$|^(?:POSTGRES|PG|MYSQL|MARIADB)_?(?:ROOT_)?PASSWORD$/, 'database'],
  [/WEBHOOK_SECRET$|SERVER_PROXY_SECRET$/, 'webhook'],
  [/PLUGIN_(?:SECRET|TOKEN)$|^DRONE_(?:SECRET|REGISTRY|YAML)_SECRET$|^PLUGIN_SECRET$|^SECRET_KEY$/, 'extension'],
  [/^DRONE_USER_CREATE$/, 'account-token'],
  [/CLIENT_SECRET$|CONSUMER_(?:SECRET|RSA_STRING)$|GIT_PASSWORD$/, 'scm'],
  [/UI_PASSWORD$/, 'dashboard'],
  [/UI_REALM$/, 'dashboard-realm'],
  [/VM_PASSWORD$|MACHINE_PASSWORD$/, 'vm'],
  [/VAULT_TOKEN$/, 'vault-token'],
];

/** Documented values from this length on are not chosen by chance: they count whatever the secret is for. */
const unmistakable = 12;
const documented = groupedBy(documentedSecrets, ({ value }) => value);

function sampleOf(value: string, use: string | undefined): (typeof documentedSecrets)[number] | undefined {
  return documented
    .get(value)
    ?.find((sample) => value.length >= unmistakable || sample.use.some((fit) => fit === 'any' || fit === use));
}

function kindOf(value: string, use: string | undefined): Pick<SecretTraits, 'kind' | 'where'> {
  const trimmed = value.trim();
  if (trimmed === '') return { kind: 'none' };
  const sample = sampleOf(trimmed, use);
  if (sample) return { kind: 'sample', where: sample.where };
  if (defaultWords.has(trimmed.toLowerCase())) return { kind: 'word' };
  return { kind: isPlaceholder(trimmed) ? 'placeholder' : 'none' };
}

/**
 * What may be told of a secret. `name` is its variable, which tells what it is for; `use` tells it outright (a name of
 * `SecretUse`). Words and placeholders count for every use, short documented values only for their own.
 */
export function traitsOf(value: string, name: string, use?: string): SecretTraits {
  const { distinct, bits } = varietyOf(value);
  return {
    length: lengthUnmasked(value),
    bytes: bytesUnmasked(value),
    distinct,
    bits: Math.round(bits * 100) / 100,
    ...kindOf(value, use ?? useOfName.find(([pattern]) => pattern.test(name))?.[1]),
    form: judgedForms(value)[0]?.form.as,
    identity: identityOf(value),
  };
}

/** What rules ask of a text besides its traits, so that they ask it of its masked form, too. */
export interface Look {
  /** Rules leave it alone: `isNothingToJudge`. */
  readonly idle?: boolean;
  /** `isOrdinary` */
  readonly ordinary?: boolean;
  /** `looksGenerated` */
  readonly generated?: boolean;
  /** `isSample` */
  readonly sample?: boolean;
  /** It is made of references and text, so that it is not written out where it stands. */
  readonly joined?: boolean;
  /** The bytes that it is in base64; absent if it is not base64. */
  readonly decoded?: number;
}

export function lookOf(value: string): Look {
  return {
    idle: isNothingToJudge(value),
    ordinary: isOrdinary(value),
    generated: looksGenerated(value),
    sample: isSample(value),
    decoded: bytesOfBase64(value),
  };
}

/**
 * The text that stands for a secret in saved evidence. `same` is a number that equal secrets of one folder share. It
 * has no sign that YAML, a shell or a unit knows, and no comma, colon or slash, so that it may stand within lists, maps,
 * commands and URLs.
 */
export function maskedForm(traits: SecretTraits, same: number, look: Look = {}): string {
  const looks = [look.idle && 'i', look.ordinary && 'o', look.generated && 'g', look.sample && 's', look.joined && 'j']
    .filter((each) => each)
    .join('');
  const where = documentedSecrets.findIndex((sample) => sample.where === traits.where);
  const fields = [
    `length=${traits.length}`,
    ...(traits.bytes === traits.length ? [] : [`bytes=${traits.bytes}`]),
    `distinct=${traits.distinct}`,
    `bits=${traits.bits.toFixed(2)}`,
    `known=${traits.kind}`,
    ...(traits.kind === 'sample' && where >= 0 ? [`where=${where}`] : []),
    ...(traits.form === undefined ? [] : [`form=${traits.form.replaceAll(' ', '-')}`]),
    ...(looks === '' ? [] : [`look=${looks}`]),
    ...(look.decoded === undefined ? [] : [`decoded=${look.decoded}`]),
    `same=${same}`,
  ];
  return `${maskedStart}${fields.join('+')}+`;
}

/** A masked form with another number of those equal to it. */
export function withNumber(form: string, same: number): string {
  return form.replace(/\+same=\d+\+$/, `+same=${same}+`);
}

/** Whether a masked form stands for a text that is made of references. */
export function isJoined(form: string): boolean {
  return /\+look=i?o?g?s?j\+/.test(form);
}

/** The masked forms of a text. */
export const maskedForms = /drone-audit-masked\+(?:[a-z]{1,10}=[A-Za-z0-9.-]{1,60}\+){5,10}/g;

/** The length of a text before its secrets were masked. */
export function lengthUnmasked(text: string): number {
  let { length } = text;
  for (const [form] of text.matchAll(maskedForms)) length += (parseMasked(form)?.length ?? form.length) - form.length;
  return length;
}

function bytesUnmasked(text: string): number {
  let { length } = encoder.encode(text);
  for (const [form] of text.matchAll(maskedForms)) length += (parseMasked(form)?.bytes ?? form.length) - form.length;
  return length;
}

const masked =
  /^drone-audit-masked\+length=(\d{1,9})\+(?:bytes=(\d{1,9})\+)?distinct=(\d{1,9})\+bits=(\d{1,2}\.\d\d)\+known=(sample|word|placeholder|none)\+(?:where=(\d{1,4})\+)?(?:form=([A-Za-z-]{1,60})\+)?(?:look=i?o?g?s?j?\+)?(?:decoded=\d{1,9}\+)?same=(\d{1,9})\+$/;

function isKind(text: string | undefined): text is SecretTraits['kind'] {
  return text === 'sample' || text === 'word' || text === 'placeholder' || text === 'none';
}

/** Reads what `maskedForm` wrote; undefined for any other text. Its identity holds within one saved folder. */
export function parseMasked(text: string): SecretTraits | undefined {
  const match = text.startsWith(maskedStart) ? masked.exec(text) : null;
  if (!match) return undefined;
  const [, length, bytes, distinct, bits, kind, index, form, same] = match;
  if (!isKind(kind)) return undefined;
  const where = index === undefined ? undefined : documentedSecrets[Number(index)]?.where;
  return {
    length: Number(length),
    bytes: Number(bytes ?? length),
    distinct: Number(distinct),
    bits: Number(bits),
    kind,
    where,
    form: form?.replaceAll('-', ' '),
    identity: `same:${same}`,
  };
}
