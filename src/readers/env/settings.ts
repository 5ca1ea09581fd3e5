import { commonNames, componentBinaries, componentImages, otherProductImages } from '../../facts/images.ts';
import {
  type Component,
  isComponent,
  isDistinctSetting,
  isSecretName,
  qualifiedNameOf,
  settingsNamed,
} from '../../facts/settings.ts';
import { settingsTable } from '../../facts/settings-table.ts';
import type { Image } from '../../model/container.ts';
import type { Environment, Origin, SecretPart, SecretTraits, Variable } from '../../model/environment.ts';
import { addTo } from '../../model/groups.ts';
import { memoize, once } from '../../model/memoize.ts';
import type { Role } from '../../model/role.ts';
import type { Settings } from '../../model/settings.ts';
import type { Located, Location, SecretPlace } from '../../model/source.ts';
import type { Text } from '../../model/text.ts';
import { holdsSecret, namesSecret } from '../../secrets/names.ts';
import { findSecretParts, holdsSecretSettings, isLicenceText } from '../../secrets/parts.ts';
import { isNothingToMask, isReference, isSecretWithDollar } from '../../secrets/placeholders.ts';
import { isJoined, parseMasked, traitsOf } from '../../secrets/traits.ts';
import { looksGenerated } from '../../secrets/variety.ts';
import { type ContainerStart, startedProgram, startGaps } from '../docker/entrypoint.ts';

/** One variable as a reader found it, before it is known which component reads it. */
export interface RawVariable {
  readonly name: Located<string>;
  /** Absent for a name that is passed through, and for values that are elsewhere. */
  readonly value?: Located<string>;
  readonly origin: Origin;
  readonly fallback?: Located<string>;
  readonly usedAt?: Location;
  readonly heldBy: Variable['heldBy'];
  /** Set if its text is no template, whatever it looks like. */
  readonly verbatim?: true;
}

/** What a reader knows about one component. */
export interface ComponentInput {
  /** In the order in which they apply: of equal names, the last one wins. */
  readonly raw: readonly RawVariable[];
  /** Why the environment is not completely known, one reason each. */
  readonly gaps: readonly Text[];
  readonly image?: Image;
  /** What its container is told to start. */
  readonly start?: ContainerStart;
  /** Set if the reader knows better (the label `io.drone=true` means a step). */
  readonly role?: Role;
  readonly live: boolean;
}

/** Reads the settings of a component without a container. */
export function readSettings({
  owner,
  label,
  at,
  ...input
}: ComponentInput & Pick<Settings, 'owner' | 'label' | 'at'>): { settings: Settings; secrets: readonly Location[] } {
  const { role, version, environment, secrets } = readComponent(input);
  return { settings: { kind: 'settings', owner, label, role, version, at, live: input.live, ...environment }, secrets };
}

/** What the variables say about a component, and the places that hold secret text. */
export function readComponent(input: ComponentInput) {
  const written = new Map<string, RawVariable>();
  const secrets: Location[] = [];
  for (const raw of input.raw) {
    written.delete(raw.name.value);
    written.set(raw.name.value, raw);
  }
  const names = new Set(written.keys());
  const role =
    input.role ?? roleOf(input.image, startedProgram(input.start, input.image), names, input.gaps.length === 0);
  const gaps = input.start ? [...input.gaps, ...startGaps(input.start, input.image, role)] : input.gaps;
  const component = isComponent(role) ? role : undefined;
  // Every occurrence is masked, even one that another overrides.
  for (const raw of input.raw)
    for (const place of secretPlaces(raw, canonicalName(raw.name.value, component))) secrets.push(place);
  for (const { at } of valuesInSecrets(input.raw)) secrets.push(at);

  const variables = new Map<string, Variable>();
  for (const [name, raw] of written) {
    const canonical = canonicalName(name, component);
    const rival = written.get(canonical);
    if (canonical === name && variables.get(name)?.via !== undefined) continue;
    if (canonical !== name && rank(name, component) < rank(variables.get(canonical)?.via, component)) continue;
    if (canonical !== name && rival) variables.delete(canonical);
    variables.set(canonical, variableOf(raw, canonical, canonical === name ? undefined : name, input.live));
  }
  const version = eraOf(input.image, role, names) ?? versionOf(input.image);
  const environment: Environment = { variables, complete: gaps.length === 0, gaps };
  return { role, version, environment, secrets };
}

/** Names that stand for another one: legacy names are copied over it, and the qualified name is looked up first. */
interface Names {
  readonly qualified: ReadonlyMap<string, string>;
  readonly legacy: ReadonlyMap<string, string>;
}

const otherNames = memoize((component: Component): Names => {
  const qualified = new Map<string, string>();
  const legacy = new Map<string, string>();
  for (const fact of settingsTable) {
    if (!fact.of.includes(component)) continue;
    const longer = qualifiedNameOf(fact, component);
    if (longer !== undefined) qualified.set(longer, fact.name);
    if (fact.legacy?.works && fact.legacy.replacedBy) legacy.set(fact.name, fact.legacy.replacedBy);
  }
  return { qualified, legacy };
});

function canonicalName(name: string, component: Component | undefined): string {
  if (component === undefined) return name;
  const { qualified, legacy } = otherNames(component);
  return qualified.get(name) ?? legacy.get(name) ?? name;
}

/**
 * Which of several names wins: qualified, then legacy, then plain (envconfig.go Process; drone-runner-docker@9ea626a
 * command/daemon/config.go:123-156).
 */
function rank(name: string | undefined, component: Component | undefined): number {
  if (name === undefined || component === undefined) return 0;
  return otherNames(component).qualified.has(name) ? 2 : 1;
}

/** A text that a template engine or an installer would replace (`#{Name}#`, `$$cap_name`), and one that SOPS has encrypted. */
const templateMark =
  /\{\{[^{}]{0,200}\}\}|<%[^%\n]{0,200}%>|<\+[^<>\n]{1,200}>|#\{[\w.-]{1,100}\}|^\$\$?cap_\w|^ENC\[AES256_GCM,[^\]]{1,10000}\]$/;

function variableOf(raw: RawVariable, name: string, via: string | undefined, live: boolean): Variable {
  const { value } = raw;
  const origin =
    value && !live && !raw.verbatim && raw.origin === 'literal' && templateMark.test(value.value)
      ? 'unresolved'
      : value && isJoined(value.value) && parseMasked(value.value)
        ? 'interpolated'
        : raw.origin;
  const masked = value && parseMasked(value.value);
  const secretName = isSecretName(name);
  const known = origin === 'unresolved' ? undefined : value;
  const partly = name === 'DRONE_USER_CREATE' && !known && !masked ? value : undefined;
  const parts = known && !masked ? partsOf(known, name) : partly ? partsOf(partly, name, isLiteral) : [];
  const secret =
    (secretName === 'no' ? undefined : masked) ??
    (known && isWholeSecret(secretName, known.value) ? traitsOf(known.value, name) : undefined);
  return {
    name,
    // A name that is no secret's is judged by what its value looks like.
    value: masked && secretName !== 'no' ? undefined : known?.value,
    ...(partly ? { partly: partly.value } : {}),
    origin,
    at: value?.at ?? raw.name.at,
    keyAt: raw.name.at,
    secret,
    parts: parts.length > 0 ? parts : undefined,
    fallback: raw.fallback && fallbackOf(raw.fallback, name),
    usedAt: raw.usedAt,
    via,
    heldBy: raw.heldBy,
  };
}

function fallbackOf(fallback: Located<string>, name: string): NonNullable<Variable['fallback']> {
  const secret: SecretTraits | undefined =
    parseMasked(fallback.value) ??
    (isWholeSecret(isSecretName(name), fallback.value) ? traitsOf(fallback.value, name) : undefined);
  return { value: fallback.value, secret, at: fallback.at };
}

function isWholeSecret(secretName: ReturnType<typeof isSecretName>, value: string): boolean {
  return secretName === 'yes' && value !== '';
}

/** Whether a part of a value that is known in part is known. */
function isLiteral(text: string): boolean {
  return !/[$<#{]/.test(text);
}

function partsOf(value: Located<string>, name: string, isKnown: (text: string) => boolean = () => true): SecretPart[] {
  const placeWithin = placesWithin(value);
  const found = findSecretParts(value.value, name).filter((part) => isKnown(part.value));
  return found.map((part) => ({
    name: part.name,
    secret: parseMasked(part.value) ?? traitsOf(part.value, name === 'DRONE_RUNNER_SECRETS' ? part.name : name),
    at: placeWithin(part.start, part.end),
  }));
}

/** Places pieces of a value: exactly if it is written there unchanged or as in JSON, otherwise by the whole value. */
export function placesWithin({ value, at }: Located<string>): (start: number, end: number) => Location {
  const { source, span, path } = at;
  let offsets: readonly number[] | 'as-written' | undefined;
  return (start, end) => {
    offsets ??=
      source.text.startsWith(value, span.start) && span.end - span.start === value.length
        ? 'as-written'
        : escapedOffsets(source.text.slice(span.start, span.end), value);
    if (offsets.length === 0) return placeOfText(value.slice(start, end), at) ?? at;
    const offsetOf = (index: number): number =>
      span.start + (offsets === 'as-written' ? index : (offsets?.[index] ?? 0));
    return { source, path, span: { start: offsetOf(start), end: offsetOf(end) } };
  };
}

/** Where a text first stands within a place, as in an indented block; undefined where it is written otherwise. */
function placeOfText(text: string, { source, path, span }: Location): Location | undefined {
  const start = text.length < 4 ? -1 : source.text.indexOf(text, span.start);
  return start < 0 || start + text.length > span.end
    ? undefined
    : { source, path, span: { start, end: start + text.length } };
}

/** Where each unit of a value begins in a text that writes it as a string of JSON, and where the last one ends. */
function escapedOffsets(written: string, value: string): readonly number[] {
  if (!written.includes('\\')) return [];
  const quoted = written.startsWith('"') ? written : `"${written}"`;
  try {
    if (JSON.parse(quoted) !== value) return [];
  } catch {
    return [];
  }
  const offsets = [written.startsWith('"') ? 1 : 0];
  for (let index = 0, at = offsets[0] ?? 0; index < value.length; index++) {
    at += written[at] !== '\\' ? 1 : written[at + 1] === 'u' ? 6 : 2;
    offsets.push(at);
  }
  return offsets;
}

function secretPlaces(raw: RawVariable, name: string): SecretPlace[] {
  const places: SecretPlace[] = [];
  // A name ends at a blank; what is behind it was meant for its value: `DRONE_RPC_SECRET text`.
  const [, first = '', rest = ''] = /^(\S+)\s+(\S.*)$/s.exec(raw.name.value) ?? [];
  if (rest !== '' && namesSecret(first))
    places.push(placesWithin(raw.name)(raw.name.value.length - rest.length, raw.name.value.length));
  for (const text of [raw.value, raw.fallback]) {
    if (!text || text.value === '' || parseMasked(text.value)) continue;
    const saysWhere = (written: string): boolean =>
      raw.origin === 'unresolved' &&
      text === raw.value &&
      (isReference(written) || (/^\$\w+$/.test(written) && !isSecretWithDollar(written)));
    if (saysWhere(text.value)) continue;
    const parts = findSecretParts(text.value, name);
    if (holdsSecretSettings(text.value)) places.push(text.at);
    else if (parts.length > 0) {
      const placeWithin = placesWithin(text);
      for (const part of parts)
        if (!parseMasked(part.value) && !saysWhere(part.value)) places.push(placeWithin(part.start, part.end));
    } else if (isSecretName(name) === 'yes' || isLicenceText(text.value, name)) places.push(text.at);
    // It goes on in the next line, so that the end of its secret part is not in it.
    else if (isSecretName(name) === 'may-contain' && text.value.endsWith('\\')) places.push(text.at);
    else if (holdsSecret(name, text.value) && !isNothingToMask(text.value)) places.push(text.at);
    // Nobody knows what it is for, and only machines make such values.
    else if (settingsNamed(name).length === 0 && looksGenerated(text.value))
      places.push({ ...text.at, onlyHere: true });
  }
  return places;
}

/** `${NAME}` and `$NAME`; in Kubernetes `$(NAME)`. */
const reference = /\$[{(]?([A-Za-z_]\w{0,200})/g;

/** The values that secrets are made of: that of X where `DRONE_RPC_SECRET=${X}` is written, and what X is made of. */
function valuesInSecrets(all: readonly RawVariable[]): readonly Located<string>[] {
  const writtenIn = ({ value }: RawVariable): string =>
    value ? value.at.source.text.slice(value.at.span.start, value.at.span.end) : '';
  const byName = new Map<string, RawVariable[]>();
  const pending: string[] = [];
  for (const raw of all) {
    const name = raw.name.value;
    addTo(byName, name, raw);
    const text = writtenIn(raw);
    if (!text.includes('$')) continue;
    if (namesSecret(name)) pending.push(text);
    else for (const part of findSecretParts(text, name)) pending.push(part.value);
  }
  const found: Located<string>[] = [];
  for (let text = pending.pop(); text !== undefined; text = pending.pop())
    for (const [, name = ''] of text.matchAll(reference)) {
      // What a setting of Drone holds is known: `https://${DRONE_SERVER_HOST}` makes no secret of the host.
      const variables = isSecretName(name) === 'no' && settingsNamed(name).length > 0 ? [] : (byName.get(name) ?? []);
      byName.delete(name);
      for (const raw of variables) {
        pending.push(writtenIn(raw));
        if (raw.value?.value && !isNothingToMask(raw.value.value)) found.push(raw.value);
      }
    }
  return found;
}

/**
 * Products derived from 0.8 read what 0.8 read, whatever their tags say. Without an image, names that only 0.8 knows
 * can only be meant for it: a later server does not start with them.
 */
function eraOf(image: Image | undefined, role: Role, names: ReadonlySet<string>): string | undefined {
  if (image && componentImages.get(image.name)?.status === 'fork') return '0.8';
  // The name of an image that nobody here knows tells nothing of what is in it.
  const isUnknown = image === undefined || componentImages.get(image.name) === undefined;
  const isOld = role === 'server' && isUnknown && some(names, oldServerName) && !some(names, serverName);
  return isOld && !names.has('DRONE_RPC_SECRET') ? '0.8' : undefined;
}

function versionOf(image: Image | undefined): string | undefined {
  const match = /^v?(\d+(?:\.\d+){0,2}(?:-(?:alpha|beta|rc)[.-]?\d*)?)(?:-.*)?$/.exec(image?.tag ?? '');
  return match?.[1];
}

/**
 * What a component is, according to its image, its binary and the names of its variables, in this order. `isWhole`:
 * there are no other variables.
 */
export function roleOf(
  image: Image | undefined,
  entrypoint: string | undefined,
  names: ReadonlySet<string>,
  isWhole = false,
): Role {
  return (
    (image && roleOfImage(image, names, isWhole)) ??
    (entrypoint === undefined ? undefined : componentBinaries.get(entrypoint.split(/[\\/]/).at(-1) ?? '')) ??
    roleOfNames(names)
  );
}

function roleOfImage(image: Image, names: ReadonlySet<string>, isWhole: boolean): Role | undefined {
  const steps = image.name.split('/');
  const last = steps.at(-1) ?? '';
  const fact = componentImages.get(image.name) ?? componentImages.get(steps.slice(-2).join('/'));
  if (otherProductImages.has(image.name)) return 'other';
  if (last === 'docker' && fact?.role === 'docker') return image.tag?.includes('dind') ? 'docker' : undefined;
  // Gitness and Harness Open Source were published under Drone's name with these tags.
  if (fact?.role === 'server' && /^v?3(?:\.|$)/.test(image.tag ?? '')) return 'other';
  // Before 0.8, server and agent were one image with two commands.
  if (fact?.role === 'server' && isOldAgent(names)) return 'agent';
  if (fact) return fact.role;
  // No component of Drone starts without its settings, so what has none is a namesake.
  if (commonNames.has(last) && isWhole && ![...names].some(isDistinctSetting)) return undefined;
  if (last.startsWith('drone-')) return componentBinaries.get(last);
  if (last.includes('socket-proxy')) return 'docker';
  return componentImages.get(last)?.role === 'proxy' ? 'proxy' : undefined;
}

const serverName =
  /^DRONE_(?:[A-Z]+_CLIENT_ID|GITEA_SERVER|GOGS_SERVER|DATABASE_[A-Z_]+|USER_CREATE|STASH_CONSUMER_KEY)$/;
/** Names of the server of 0.8 (harness/drone@v0.8.10 cmd/drone-server/server.go). */
const oldServerName =
  /^DRONE_(?:OPEN|ADMIN|ORGS|GITHUB|GITLAB|GITEA|GOGS|BITBUCKET|STASH|CODING|GITHUB_CLIENT|GITLAB_CLIENT|BITBUCKET_CLIENT)$/;
/** Names that extensions read besides DRONE_SECRET (drone-vault, drone-amazon-secrets, drone-tree-config, …). */
const extensionName =
  /^(?:DRONE_BIND|PLUGIN_[A-Z_]+|SECRET_KEY|VAULT_[A-Z_]+|AWS_[A-Z_]+|KUBERNETES_[A-Z_]+|GITHUB_TOKEN|GITHUB_SERVER|GITLAB_TOKEN|GITLAB_SERVER|GITEA_TOKEN|BITBUCKET_[A-Z_]+)$/;

function isOldAgent(names: ReadonlySet<string>): boolean {
  return names.has('DRONE_SERVER') && names.has('DRONE_SECRET') && !some(names, serverName, oldServerName);
}

function some(names: ReadonlySet<string>, ...patterns: readonly RegExp[]): boolean {
  for (const name of names) if (patterns.some((pattern) => pattern.test(name))) return true;
  return false;
}

function roleOfNames(names: ReadonlySet<string>): Role {
  const hasSecret = names.has('DRONE_RPC_SECRET');
  const runner = hasSecret && (names.has('DRONE_RPC_HOST') || names.has('DRONE_RPC_ADDR'));
  const kind = runnerKind(names);
  if (names.has('DRONE_SERVER_TOKEN') && some(names, /^DRONE_(?:POOL|AGENT)_/)) return 'autoscaler';
  if (runner && kind === 'runner-aws' && !some(names, /_CLIENT_ID$|^DRONE_USER_CREATE$/)) return kind;
  if (some(names, serverName)) return 'server';
  if (runner) return kind ?? 'runner-docker';
  if (hasSecret && names.has('DRONE_RPC_SERVER')) return 'agent';
  if (isOldAgent(names)) return 'agent';
  if (some(names, oldServerName)) return 'server';
  if ((names.has('DRONE_SECRET') || names.has('PLUGIN_SECRET')) && some(names, extensionName)) return 'extension';
  return [...names].some((name) => name.startsWith('DRONE_') && name !== 'DRONE_HOST') ? 'unknown' : 'other';
}

/** Names that a single kind of runner reads, or heeds. */
const readByOneRunner = once(
  (): ReadonlyMap<string, Role> =>
    new Map(
      settingsTable.flatMap(({ name, of, noEffectIn = [], legacy }) => {
        const heeding = of.filter((role) => !noEffectIn.includes(role));
        const [only, ...more] = heeding.length > 0 ? heeding : of;
        return only?.startsWith('runner-') && more.length === 0 && !legacy && name.startsWith('DRONE_')
          ? [[name, only] as const]
          : [];
      }),
    ),
);

/** The runner with the most names that only it reads; undefined if there are none. */
function runnerKind(names: ReadonlySet<string>): Role | undefined {
  const counts = new Map<Role, number>();
  for (const name of names) {
    const kind = readByOneRunner().get(name);
    if (kind) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  let best: Role | undefined;
  for (const [kind, count] of counts) if (count > (best ? (counts.get(best) ?? 0) : 0)) best = kind;
  return best;
}
