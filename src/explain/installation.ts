import { proxyOf, runnersOf, serverOf } from '../drone/topology.ts';
import { olderThan, parseVersion } from '../drone/version.ts';
import { componentImages } from '../facts/images.ts';
import { notableForRunners, notableForServers } from '../facts/notable-settings.ts';
import { defaultOf, isComponent, settingFor, settingsNamed } from '../facts/settings.ts';
import { type Component, type SettingFact, settingsTable } from '../facts/settings-table.ts';
import { binarySearch } from '../model/binary-search.ts';
import type { Container, Mount, Port } from '../model/container.ts';
import type {
  EffectiveComponent,
  EffectiveDefault,
  EffectiveFact,
  EffectivePlace,
  EffectiveSetting,
} from '../model/effective.ts';
import type { Variable } from '../model/environment.ts';
import { addTo } from '../model/groups.ts';
import type { Installation } from '../model/installation.ts';
import { memoize } from '../model/memoize.ts';
import { positionOf } from '../model/position.ts';
import { isRunner } from '../model/role.ts';
import type { Settings } from '../model/settings.ts';
import type { Site } from '../model/site.ts';
import type { Located, Location, Source, Span } from '../model/source.ts';
import type { Mask } from '../secrets/mask.ts';
import { findSecretParts, hasSecretForm, holdsSecretSettings } from '../secrets/parts.ts';
import { meaningOf } from './setting-meaning.ts';

/**
 * Every component of an installation in words, with all secrets removed. As in reports, `mask` and the places in
 * `secrets` decide what is a secret.
 */
export function explainInstallation(
  installation: Installation,
  secrets: readonly Location[],
  site: Site,
  mask: Mask,
): readonly EffectiveComponent[] {
  const describer: Describer = { mask, hidden: hiddenIn(secrets) };
  const named = ({ label, at }: Settings): EffectiveFact => ({ text: mask.text(label), at: placeOf(at) });
  return installation.settings.map((settings) => {
    const server = isRunner(settings.role) ? serverOf(settings, installation) : undefined;
    const proxy = settings.role === 'server' ? proxyOf(settings, installation, site) : undefined;
    return {
      ...componentOf(settings, describer),
      server: server ? named(server) : undefined,
      runners: runnersOf(settings, installation).map(named),
      proxy: proxy
        ? { text: mask.text(`${proxy.by}${proxy.tls ? ', ends TLS' : ''}`), at: placeOf(proxy.at) }
        : undefined,
    };
  });
}

interface Describer {
  readonly mask: Mask;
  /** Whether a place overlaps secret text. */
  readonly hidden: (at: Location) => boolean;
}

type Described = Omit<EffectiveComponent, 'server' | 'runners' | 'proxy'>;

function componentOf(settings: Settings, describer: Describer): Described {
  const { mask } = describer;
  const { container } = settings;
  const isOfficial = runsOfficialImage(settings);
  const user = container?.user ?? settings.user;
  const image = container?.image;
  const imageText = container?.imageText;
  const imageFact = image
    ? fact(image.value.text, image.at, mask)
    : imageText && fact(`${imageText.value} (not known)`, imageText.at, mask);
  return {
    label: mask.text(settings.label),
    role: settings.role,
    version: settings.version,
    live: settings.live,
    at: placeOf(settings.at),
    image: imageFact,
    officialImage: isOfficial,
    settings: [...settings.variables.values()]
      .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
      .map((variable) => settingOf(variable, settings, describer)),
    defaults: defaultsOf(settings, isOfficial),
    ports: (container?.ports ?? []).map((port) => fact(portText(port), port.at, mask)),
    mounts: (container?.mounts ?? []).map((mount) => fact(mountText(mount), mount.at, mask)),
    privileges: container ? privilegesOf(container).map(({ value, at }) => fact(value, at, mask)) : [],
    networks: (container?.networks ?? []).map(({ value, at }) => fact(value, at, mask)),
    user: user ? fact(user.value, user.at, mask) : undefined,
    gaps: [...new Set([...settings.gaps, ...(container?.gaps ?? [])])].map((gap) => mask.text(gap)),
  };
}

function fact(text: string, at: Location, mask: Mask): EffectiveFact {
  return { text: mask.text(text), at: placeOf(at) };
}

function placeOf({ source, span }: Location): EffectivePlace {
  return { file: source.name, ...positionOf(source, span.start) };
}

/**
 * Whether the image is Drone's own on Docker Hub, whose own variables count; a mirror or another vendor's product may
 * differ.
 */
function runsOfficialImage({ role, container }: Settings): boolean {
  const image = container?.image?.value;
  if (!image || image.registry !== undefined || !image.name.startsWith('drone/')) return false;
  const known = componentImages.get(image.name);
  return known !== undefined && known.status === undefined && known.role === role;
}

function settingOf(variable: Variable, settings: Settings, describer: Describer): EffectiveSetting {
  const { name, origin, heldBy, at, keyAt, usedAt, via, secret } = variable;
  const component = isComponent(settings.role) ? settings.role : undefined;
  const standing = standingOf(name, settings, component);
  const shown = shownValue(variable, describer);
  const written = variable.value === undefined && secret === undefined && at !== keyAt ? writtenAt(at, describer) : '';
  const meaning =
    standing.fact && component && standing.status === 'read' && variable.value !== undefined
      ? meaningOf(variable.value, shown ?? '', standing.fact, component)
      : undefined;
  const length = variable.value?.length ?? 0;
  const isTooLong = length > maxShownLength;
  const note = [standing.note, secret || !isTooLong ? undefined : `too long to show (${length} characters)`]
    .filter((text) => text !== undefined)
    .join('; ');
  return {
    name,
    value: shown,
    ...(secret
      ? {
          secret: {
            length: secret.length,
            known: secret.known,
            where: secret.where,
          },
        }
      : shown === undefined && variable.value !== undefined && !isTooLong
        ? { secret: { length, known: 'none' } }
        : {}),
    written: written === '' ? undefined : written,
    origin,
    heldBy,
    at: placeOf(at),
    usedAt: usedAt ? placeOf(usedAt) : undefined,
    via,
    understood: meaning && meaning.text !== shown ? meaning.text : undefined,
    fatal: meaning?.fatal ?? false,
    status: standing.status,
    note: note === '' ? undefined : note,
  };
}

/** Longer values are not shown (characters). */
const maxShownLength = 4000;

/** The value without its secrets; undefined if all of it is secret or unknown. */
function shownValue(variable: Variable, { mask, hidden }: Describer): string | undefined {
  const { value, secret, at, name } = variable;
  if (value === undefined || secret !== undefined || value.length > maxShownLength) return undefined;
  if (value === '') return '';
  if (hasSecretForm(value, name) || holdsSecretSettings(value)) return undefined;
  const { source, span } = at;
  const isAsWritten = span.end - span.start === value.length && source.text.startsWith(value, span.start);
  const isHidden = hidden(at);
  const parts = findSecretParts(value, name);
  // Escapes and encodings hide where in the value a secret is: unless its parts are known, all of it counts as secret.
  if (isHidden && !isAsWritten && parts.length === 0) return undefined;
  const masked = isAsWritten ? mask.source(source).text.slice(span.start, span.end) : value;
  const shown = mask.text(cutOut(masked, parts));
  return /^\u2022+$/.test(shown) ? undefined : shown.replace(/\u2022+/g, '••••');
}

/** The text with some of its parts replaced by bullets; its length stays the same. */
function cutOut(text: string, parts: readonly Span[]): string {
  let result = '';
  let done = 0;
  for (const { start, end } of parts) {
    result += text.slice(done, start) + '•'.repeat(end - start);
    done = end;
  }
  return result + text.slice(done);
}

/** Longer texts that stand in for an unknown value are not shown. */
const maxWrittenLength = 200;

function writtenAt({ source, span }: Location, { mask }: Describer): string {
  if (span.end - span.start > maxWrittenLength) return '';
  const text = mask.text(mask.source(source).text.slice(span.start, span.end)).trim();
  return text.includes('•') ? '' : text;
}

interface Standing {
  readonly status: EffectiveSetting['status'];
  readonly note?: string;
  readonly fact?: SettingFact;
}

/** What a name means to a component: read, without effect, unknown to every program, or not Drone's. */
function standingOf(name: string, { version }: Settings, component: Component | undefined): Standing {
  if (component === undefined) return { status: 'unjudged' };
  const given = parseVersion(version);
  const own = settingFor(name, component);
  if (own) {
    const { legacy, noEffectIn, since } = own;
    if (noEffectIn?.includes(component))
      return { status: 'no-effect', note: `the ${titleOf(component)} reads it and does nothing with it` };
    if (legacy && !legacy.works && !olderThan(given, parseVersion(legacy.since) ?? []))
      return {
        status: 'no-effect',
        note: `not read${legacy.since ? ` since ${legacy.since}` : ' any more'}${legacy.replacedBy ? `; now ${legacy.replacedBy}` : ''}`,
      };
    const first = since?.[component];
    const from = parseVersion(first);
    // 0.8 read some of these names too, and its own are not all in the table.
    if (from && component === 'server' && olderThan(given, [1])) return { status: 'unjudged' };
    if (from && olderThan(given, from))
      return { status: 'no-effect', note: `read since ${first}, and this is ${version}` };
    return { status: 'read', fact: own };
  }
  const facts = settingsNamed(name);
  if (facts.some(({ nonexistent }) => nonexistent)) return { status: 'unknown', note: 'no program of Drone reads it' };
  const readers = [...new Set(facts.filter(({ legacy }) => !legacy).flatMap(({ of }) => of))];
  if (readers.length > 0) {
    const others = readers.slice(0, 3).map(titleOf).join(', ');
    return { status: 'no-effect', note: `a setting of the ${others}${readers.length > 3 ? ' and others' : ''}` };
  }
  const replacement = facts.find(({ legacy }) => legacy?.replacedBy)?.legacy?.replacedBy;
  if (facts.length > 0)
    return { status: 'no-effect', note: `not read any more${replacement ? `; now ${replacement}` : ''}` };
  // What 0.8 read is not all in the table.
  if (!name.startsWith('DRONE_') || olderThan(given, [1])) return { status: 'unjudged' };
  return { status: 'unknown', note: 'no setting of Drone' };
}

function titleOf(component: Component): string {
  return component.startsWith('runner-') ? `${component.slice('runner-'.length)} runner` : component;
}

/** The settings that the component reads in current releases, sorted. */
const currentFacts = memoize((component: Component) =>
  settingsTable
    .filter(
      ({ of, legacy, nonexistent, noEffectIn }) =>
        of.includes(component) && !legacy && !nonexistent && !noEffectIn?.includes(component),
    )
    .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
);

function defaultsOf(settings: Settings, isOfficial: boolean): readonly EffectiveDefault[] {
  const { role, variables, version } = settings;
  if (!isComponent(role)) return [];
  const given = parseVersion(version);
  if (olderThan(given, [1])) return [];
  const telling = role === 'server' ? notableForServers : notableForRunners;
  return currentFacts(role).flatMap((each) => {
    const since = parseVersion(each.since?.[role]);
    if (variables.has(each.name) || (since && olderThan(given, since))) return [];
    const fromImage = isOfficial && each.imageDefault?.[role] !== undefined;
    return [
      {
        name: each.name,
        value: defaultOf(each, role, isOfficial),
        from: fromImage ? ('image' as const) : ('program' as const),
        telling: telling.has(each.name),
      },
    ];
  });
}

function portText({ hostAddress, hostPort, containerPort, protocol }: Port): string {
  if (hostAddress === undefined) return `${containerPort}/${protocol}, not published`;
  const address = hostAddress === '' ? 'all addresses' : hostAddress;
  return `${containerPort}/${protocol} at ${hostPort ?? 'a random port'} of ${address}`;
}

function mountText({ type, source, target, readOnly, propagation }: Mount): string {
  const from = source ?? (type === 'volume' ? 'an unnamed volume' : type === 'tmpfs' ? 'memory' : 'not known');
  const traits = [type, ...(readOnly ? ['read-only'] : []), ...(propagation === undefined ? [] : [propagation])];
  return `${from} at ${target ?? 'a place not known'} (${traits.join(', ')})`;
}

function privilegesOf(container: Container): readonly Located<string>[] {
  const told: Located<string>[] = [];
  const say = (value: string, at: Location): void => {
    told.push({ value, at });
  };
  const { privileged, readOnlyRoot, accountToken, serviceAccount } = container;
  if (privileged?.value) say('privileged: all rights of the host', privileged.at);
  for (const { value, at } of container.capAdd) say(`capability ${value} added`, at);
  for (const { value, at } of container.capDrop) say(`capability ${value} dropped`, at);
  for (const { value, at } of container.devices) say(`device ${value}`, at);
  for (const [name, mode] of [
    ['network', container.networkMode],
    ['process', container.pidMode],
    ['IPC', container.ipcMode],
    ['UTS', container.utsMode],
    ['user', container.usernsMode],
  ] as const)
    if (mode) say(`${name} namespace ${mode.value}`, mode.at);
  for (const { value, at } of container.securityOpt) say(`security option ${value}`, at);
  if (readOnlyRoot?.value) say('its own files read-only', readOnlyRoot.at);
  if (serviceAccount) {
    const token = accountToken?.value === false ? ', its token not mounted' : '';
    say(`service account "${serviceAccount.value}"${token}`, serviceAccount.at);
  }
  return told;
}

/** Makes a test whether a place overlaps a secret one. */
function hiddenIn(secrets: readonly Location[]): (at: Location) => boolean {
  const bySource = new Map<Source, Span[]>();
  for (const { source, span } of secrets) {
    addTo(bySource, source, span);
  }
  const merged = new Map<Source, Span[]>();
  for (const [source, spans] of bySource) {
    const apart: Span[] = [];
    for (const span of spans.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
      const last = apart.at(-1);
      if (last && span.start <= last.end)
        apart[apart.length - 1] = { start: last.start, end: Math.max(last.end, span.end) };
      else apart.push(span);
    }
    merged.set(source, apart);
  }
  return ({ source, span }) => {
    const spans = merged.get(source) ?? [];
    const first = spans[binarySearch(spans, ({ end }) => end > span.start)];
    return first !== undefined && first.start < span.end;
  };
}
