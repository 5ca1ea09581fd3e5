import { groupedBy } from '../model/groups.ts';
import { memoize, once } from '../model/memoize.ts';
import type { Role } from '../model/role.ts';
import { type Component, type SettingFact, type SettingType, settingsTable } from './settings-table.ts';

export type { Component, SettingFact, SettingType } from './settings-table.ts';

/** What people call the programs whose settings are in the table. */
export const componentNames: Readonly<Record<Component, string>> = {
  server: 'the server',
  'runner-docker': 'the docker runner',
  'runner-kube': 'the kubernetes runner',
  'runner-exec': 'the exec runner',
  'runner-ssh': 'the ssh runner',
  'runner-digitalocean': 'the digitalocean runner',
  'runner-macstadium': 'the macstadium runner',
  'runner-aws': 'the aws runner',
  'runner-nomad': 'the nomad runner',
  autoscaler: 'the autoscaler',
};

const byName = once(() => groupedBy(settingsTable, ({ name }) => name));

/** What the names in the table begin with. Most names that are asked for are others, and need no table. */
const firstWord =
  /^(?:A(?:LL|MAZON|NKA|WS|ZURE)|D(?:ATABASE|IGITAL|ISTRIBUTEDMODE|LITE|OCKER|RONE)|ENV|GOOGLE|H(?:EALTH|OME|TTPS?)|NO(?:MAD)?|OS|SETUP|START|TART|XDG)(?:_|$)/;

/** Whether a role is a program whose settings are in the table. */
export function isComponent(role: Role): role is Component {
  return Object.hasOwn(componentNames, role);
}

/** All meanings of a name, none for a name outside the table. */
export function settingsNamed(name: string): readonly SettingFact[] {
  return (firstWord.test(name) && byName().get(name)) || [];
}

/** Settings whose names programs for aircraft have as well. */
const commonSettings: ReadonlySet<string> = new Set(
  'HOST HOSTNAME IMAGE DEBUG TRACE NETWORK MACHINE PLATFORM INTERVAL FILTER VOLUME USERNAME PASSWORD WWW'
    .split(' ')
    .map((name) => `DRONE_${name}`),
);

/** Whether a name is in the table and means Drone even where nothing else does: not so DRONE_HOST. */
export function isDistinctSetting(name: string): boolean {
  return settingsNamed(name).length > 0 && !commonSettings.has(name);
}

/** What a name means today; for a name that nothing reads any more, what it meant. */
export function settingOf(name: string): SettingFact | undefined {
  const facts = settingsNamed(name);
  return facts.find((fact) => !fact.legacy) ?? facts[0];
}

/** What a name means to one component (also as an older name); undefined where that component never read it. */
export function settingFor(name: string, component: Component): SettingFact | undefined {
  const facts = settingsNamed(name).filter((fact) => fact.of.includes(component));
  return facts.find((fact) => !fact.legacy) ?? facts[0];
}

/** How a component reads the text of a setting. */
export function typeOf(fact: SettingFact, component: Component): SettingType {
  return fact.typeIn?.[component] ?? fact.type;
}

/** What a component takes when the variable is absent: the official image's own value, else the default of the code. */
export function defaultOf(fact: SettingFact, component: Component, officialImage: boolean): string {
  const ofImage = officialImage ? fact.imageDefault?.[component] : undefined;
  return ofImage ?? fact.defaultIn?.[component] ?? fact.default ?? '';
}

/** The longer name that wins over this one at a component, `CLIENT_DRONE_RPC_SECRET`; undefined where there is none. */
export function qualifiedNameOf(fact: SettingFact, component: Component): string | undefined {
  const prefix = typeof fact.under === 'object' ? fact.under[component] : fact.under;
  return prefix === undefined ? undefined : `${prefix}_${fact.name}`;
}

/**
 * Whether a component takes a blank text for one blank item: the server and the exec runner, with envconfig 1.3.0
 * (kelseyhightower/envconfig envconfig.go:258). A blank list then filters by an item that nothing matches, and a blank
 * map is broken; to the others, with 1.4.0, both are empty.
 */
export function keepsBlankItem(component: Component): boolean {
  return component === 'server' || component === 'runner-exec';
}

const secretName =
  /(?:PASSWORD|PASSWD|PASSPHRASE|SECRETS?|TOKENS?|SECRT|SECERT|SERCET|PASSWROD|PASWORD|PASSWRD|TOKN|TOEKN|CREDENTIALS?|APIKEY|(?:^|_)(?:KEY|PASS|PWD|PAT)|SECRET_KEY_BASE)$/;
/** Names with a secret word that hold something else: paths, lifetimes, public halves, places to find a secret. */
const harmlessName =
  /(?:^|_)(?:PUBLIC|SITE|SORT|PARTITION|CACHE|PRIMARY|FOREIGN|HOST|LICENSE_PUBLIC)_?KEY$|(?:PASSWORD|PASS)$(?<=(?:^|_)(?:NO|ALLOW_EMPTY|RANDOM_ROOT|ALLOW)_.*(?:PASSWORD|PASS))|_SECRET_NAME$|(?:^|_)(?:KEEP|MAX|MIN|NUM|NUMBER_OF|COUNT)_TOKENS?$/;
const mayContainName =
  /(?:^|_)(?:DSN|DATASOURCE|DATABASE_URL|CONNECTION|CONNECTION_STRING|PROXY|WEBHOOK|WEBHOOK_URL|REDIS_URL|AMQP_URL|MONGO_URL|AUTH)$/i;

/**
 * Whether a variable holds a secret: by the table, and for names outside it by their last word (`POSTGRES_PASSWORD`,
 * `VAULT_TOKEN`; not `TLS_KEY_FILE`, `TOKEN_TTL`, `PUBLIC_KEY`). `may-contain`: a text that has a secret part.
 */
export const isSecretName = memoize((name): 'yes' | 'may-contain' | 'no' => {
  const facts = settingsNamed(name);
  if (facts.some((fact) => fact.secret === 'yes')) return 'yes';
  if (facts.some((fact) => fact.secret === 'may-contain')) return 'may-contain';
  if (facts.some((fact) => !fact.nonexistent)) return 'no';
  const upper = name.toUpperCase();
  if (harmlessName.test(upper)) return 'no';
  if (secretName.test(upper)) return 'yes';
  return mayContainName.test(upper) ? 'may-contain' : 'no';
});
