import { proxyOf, runnersOf, serverOf } from '../drone/topology.ts';
import { olderThan, parseVersion } from '../drone/version.ts';
import { componentImages } from '../facts/images.ts';
import { notableForRunners, notableForServers } from '../facts/notable-settings.ts';
import { defaultOf, isComponent, settingFor, settingsNamed } from '../facts/settings.ts';
import { type Component, type SettingFact, settingsTable } from '../facts/settings-table.ts';
import { binarySearch } from '../model/binary-search.ts';
import { compare } from '../model/compare.ts';
import type { Container, Mount, Port } from '../model/container.ts';
import type {
  EffectiveComponent,
  EffectiveDefault,
  EffectiveFact,
  EffectivePlace,
  EffectiveSetting,
} from '../model/effective.ts';
import type { Variable } from '../model/environment.ts';
import type { FindingLink } from '../model/finding-link.ts';
import type { Installation } from '../model/installation.ts';
import { memoize } from '../model/memoize.ts';
import type { Finding } from '../model/report.ts';
import { isRunner } from '../model/role.ts';
import type { Settings } from '../model/settings.ts';
import type { Site } from '../model/site.ts';
import { type Location, positionOf } from '../model/source.ts';
import { distinct, joinTexts, ownWords, say, type Text } from '../model/text.ts';
import type { Mask } from '../secrets/mask.ts';
import { findSecretParts, holdsSecretSettings, isLicenceText } from '../secrets/parts.ts';
import { spansWithin } from '../secrets/spans.ts';
import { lengthUnmasked } from '../secrets/traits.ts';
import { linksOf, type PlacedLink } from './findings.ts';
import { meaningOf } from './setting-meaning.ts';

/** Every component of an installation in words, with all secrets removed; `mask` decides, as in reports, what is one. */
export function explainInstallation(
  installation: Installation,
  site: Site,
  mask: Mask,
  findings: readonly Finding[] = [],
): readonly EffectiveComponent[] {
  const links = linksOf(findings);
  const named = ({ label, at }: Settings): EffectiveFact => ({ text: label, at: placeOf(at) });
  return installation.settings.map((settings) => {
    const server = isRunner(settings.role) ? serverOf(settings, installation) : undefined;
    const proxy = settings.role === 'server' ? proxyOf(settings, installation, site) : undefined;
    return {
      ...componentOf(settings, mask),
      server: server ? named(server) : undefined,
      runners: runnersOf(settings, installation).map(named),
      proxy: proxy && fact(say`${proxy.by}${proxy.tls ? say`, terminates TLS` : ''}`, proxy.at),
      findings: findingsOf(settings, links, mask),
    };
  });
}

/** The findings that name a component, in the files that it is written in. */
function findingsOf(settings: Settings, links: readonly PlacedLink[], mask: Mask): readonly FindingLink[] {
  const label = mask.text(settings.label);
  const variables = [...settings.variables.values()];
  const files = new Set([settings.at, ...variables.map(({ at }) => at)].map(({ source }) => source.name));
  return links.filter((each) => each.label === label && files.has(each.link.file)).map(({ link }) => link);
}

type Described = Omit<EffectiveComponent, 'server' | 'runners' | 'proxy' | 'findings'>;

function componentOf(settings: Settings, mask: Mask): Described {
  const { container } = settings;
  const isOfficial = runsOfficialImage(settings);
  const user = container?.user ?? settings.user;
  const image = container?.image;
  const imageText = container?.imageText;
  const imageFact = image
    ? fact(say`${image.value.text}`, image.at)
    : imageText && fact(say`${imageText.value} (not known)`, imageText.at);
  return {
    label: settings.label,
    role: settings.role,
    version: settings.version,
    live: settings.live,
    state: stateOf(container),
    at: placeOf(settings.at),
    image: imageFact,
    officialImage: isOfficial,
    settings: [...settings.variables.values()]
      .sort((a, b) => compare(a.name, b.name))
      .map((variable) => settingOf(variable, settings, mask)),
    defaults: defaultsOf(settings, isOfficial),
    ports: (container?.ports ?? []).map((port) => fact(portText(port), port.at)),
    mounts: (container?.mounts ?? []).map((mount) => fact(mountText(mount), mount.at)),
    privileges: container ? privilegesOf(container) : [],
    networks: (container?.networks ?? []).map(({ value, at }) => fact(say`${value}`, at)),
    user: user && fact(say`${user.value}`, user.at),
    gaps: distinct([...settings.gaps, ...(container?.gaps ?? [])]),
  };
}

/** The state as far as it is one of an engine: a word, and known. */
function stateOf(container: Container | undefined): string | undefined {
  const state = container?.observed?.state;
  return state !== undefined && state !== 'unknown' && /^[a-z]{1,20}$/.test(state) ? state : undefined;
}

function fact(text: Text, at: Location): EffectiveFact {
  return { text, at: placeOf(at) };
}

function placeOf({ source, span }: Location): EffectivePlace {
  return { file: source.name, ...positionOf(source, span.start) };
}

/** Whether the image is Drone's own on Docker Hub, whose variables count; a mirror or another product may differ. */
function runsOfficialImage({ role, container }: Settings): boolean {
  const image = container?.image?.value;
  if (!image || image.registry !== undefined || !image.name.startsWith('drone/')) return false;
  const known = componentImages.get(image.name);
  return known !== undefined && known.status === undefined && known.role === role;
}

function settingOf(variable: Variable, settings: Settings, mask: Mask): EffectiveSetting {
  const { name, origin, heldBy, at, keyAt, usedAt, via, secret } = variable;
  const component = isComponent(settings.role) ? settings.role : undefined;
  const standing = standingOf(name, settings, component);
  const shown = shownValue(variable, mask);
  const written = variable.value === undefined && secret === undefined && at !== keyAt ? writtenAt(at, mask) : '';
  const meaning =
    standing.fact && component && standing.status === 'read' && variable.value !== undefined
      ? meaningOf(variable.value, shown ?? '', standing.fact, component)
      : undefined;
  const length = lengthUnmasked(variable.value ?? '');
  const isTooLong = length > maxShownLength;
  const tooLong = secret || !isTooLong ? [] : [say`too long to show (${length} characters)`];
  const isHidden = shown === undefined && variable.value !== undefined && !isTooLong;
  const hidden = isHidden ? ({ length, kind: 'none' } as const) : undefined;
  const notes = [...(standing.note ? [standing.note] : []), ...tooLong];
  return {
    name: say`${name}`,
    value: shown === undefined ? undefined : say`${shown}`,
    secret: secret ? { length: secret.length, kind: secret.kind, where: secret.where } : hidden,
    written: written === '' ? undefined : say`${written}`,
    origin,
    heldBy,
    at: placeOf(at),
    usedAt: usedAt ? placeOf(usedAt) : undefined,
    via,
    understood: meaning && meaning.text.pieces.join('') !== shown ? meaning.text : undefined,
    fatal: meaning?.fatal ?? false,
    status: standing.status,
    note: notes.length === 0 ? undefined : joinTexts(notes, '; '),
  };
}

/** Longer values are not shown (characters). */
const maxShownLength = 4000;

/** The value without its secrets; undefined when all of it is secret or nothing of it is known. */
function shownValue({ value, secret, at, name }: Variable, mask: Mask): string | undefined {
  if (value === undefined || secret !== undefined || lengthUnmasked(value) > maxShownLength) return undefined;
  if (value === '') return '';
  if (isLicenceText(value, name) || holdsSecretSettings(value)) return undefined;
  const { source, span } = at;
  const isAsWritten = span.end - span.start === value.length && source.text.startsWith(value, span.start);
  const parts = findSecretParts(value, name);
  // Escapes and encodings hide where in the value a secret place lies: without known parts all of it is.
  const spans = mask.spansOf(source);
  const next = spans[binarySearch(spans, ({ end }) => end > span.start)];
  const isHidden = next !== undefined && next.start < span.end;
  if (isHidden && !isAsWritten && parts.length === 0) return undefined;
  const known = isAsWritten ? spansWithin(spans, span) : [];
  const shown = mask.evidence(value, [...known, ...parts]);
  return /^\u2022+$/.test(shown) ? undefined : shown.replace(/\u2022+/g, '••••');
}

/** Longer texts that stand for an unknown value are not shown. */
const maxWrittenLength = 200;

function writtenAt({ source, span }: Location, mask: Mask): string {
  if (span.end - span.start > maxWrittenLength) return '';
  const text = mask.source(source).text.slice(span.start, span.end).trim();
  return text.includes('•') ? '' : text;
}

/** What a name means to a component: read, without effect, unknown to every program, or not Drone's. */
function standingOf(
  name: string,
  { version }: Settings,
  component: Component | undefined,
): Pick<EffectiveSetting, 'status'> & { readonly note?: Text; readonly fact?: SettingFact } {
  if (component === undefined) return { status: 'unjudged' };
  const given = parseVersion(version);
  const own = settingFor(name, component);
  if (own) {
    const { legacy, noEffectIn, since } = own;
    if (noEffectIn?.includes(component))
      return { status: 'no-effect', note: say`the ${titleOf(component)} reads it and does nothing with it` };
    if (legacy && !legacy.works && !olderThan(given, parseVersion(legacy.since) ?? []))
      return {
        status: 'no-effect',
        note: say`not read${legacy.since ? say` since ${legacy.since}` : say` any more`}${legacy.replacedBy ? say`; now ${legacy.replacedBy}` : ''}`,
      };
    const first = since?.[component];
    const from = parseVersion(first);
    // 0.8 read some of these names too, and its own are not all in the table.
    if (from && component === 'server' && olderThan(given, [1])) return { status: 'unjudged' };
    if (from && olderThan(given, from))
      return { status: 'no-effect', note: say`read since ${first ?? ''}, but this is ${version ?? ''}` };
    return { status: 'read', fact: own };
  }
  const facts = settingsNamed(name);
  if (facts.some(({ nonexistent }) => nonexistent)) return { status: 'unknown', note: say`no Drone program reads it` };
  const readers = [...new Set(facts.filter(({ legacy }) => !legacy).flatMap(({ of }) => of))];
  if (readers.length > 0) {
    const others = readers.slice(0, 3).map(titleOf).join(', ');
    return { status: 'no-effect', note: say`a setting of the ${others}${readers.length > 3 ? say` and others` : ''}` };
  }
  const replacement = facts.find(({ legacy }) => legacy?.replacedBy)?.legacy?.replacedBy;
  if (facts.length > 0)
    return { status: 'no-effect', note: say`no longer read${replacement ? say`; now ${replacement}` : ''}` };
  // What 0.8 read is not all in the table.
  if (!name.startsWith('DRONE_') || olderThan(given, [1])) return { status: 'unjudged' };
  return { status: 'unknown', note: say`not a Drone setting` };
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
    .toSorted((a, b) => compare(a.name, b.name)),
);

function defaultsOf(settings: Settings, isOfficial: boolean): readonly EffectiveDefault[] {
  const { role, variables, version } = settings;
  if (!isComponent(role)) return [];
  const given = parseVersion(version);
  if (olderThan(given, [1])) return [];
  const notable = role === 'server' ? notableForServers : notableForRunners;
  return currentFacts(role).flatMap((each) => {
    const since = parseVersion(each.since?.[role]);
    if (variables.has(each.name) || (since && olderThan(given, since))) return [];
    const fromImage = isOfficial && each.imageDefault?.[role] !== undefined;
    return [
      {
        name: each.name,
        value: defaultOf(each, role, isOfficial),
        from: fromImage ? ('image' as const) : ('program' as const),
        notable: notable.has(each.name),
      },
    ];
  });
}

function portText({ hostAddress, hostPort, containerPort, protocol }: Port): Text {
  if (hostAddress === undefined) return say`${containerPort}/${protocol}, not published`;
  const address = hostAddress === '' ? say`all addresses` : say`${hostAddress}`;
  return say`${containerPort}/${protocol} at ${hostPort ?? say`a random port`} of ${address}`;
}

function mountText({ type, source, target, readOnly, propagation }: Mount): Text {
  const unnamed = type === 'volume' ? say`an anonymous volume` : type === 'tmpfs' ? say`memory` : say`not known`;
  const traits = say`${ownWords(type)}${readOnly ? say`, read-only` : ''}${propagation === undefined ? '' : say`, ${propagation}`}`;
  return say`${source ?? unnamed} at ${target ?? say`an unknown place`} (${traits})`;
}

function privilegesOf(container: Container): readonly EffectiveFact[] {
  const { privileged, readOnlyRoot, accountToken, serviceAccount } = container;
  const namespaces = [
    [say`network`, container.networkMode],
    [say`process`, container.pidMode],
    [say`IPC`, container.ipcMode],
    [say`UTS`, container.utsMode],
    [say`user`, container.usernsMode],
  ] as const;
  const token = accountToken?.value === false ? say`, its token not mounted` : '';
  return [
    ...(privileged?.value ? [fact(say`privileged: all rights on the host`, privileged.at)] : []),
    ...container.capAdd.map(({ value, at }) => fact(say`capability ${value} added`, at)),
    ...container.capDrop.map(({ value, at }) => fact(say`capability ${value} dropped`, at)),
    ...container.devices.map(({ value, at }) => fact(say`device ${value}`, at)),
    ...namespaces.flatMap(([name, mode]) => (mode ? [fact(say`${name} namespace ${mode.value}`, mode.at)] : [])),
    ...container.securityOpt.map(({ value, at }) => fact(say`security option ${value}`, at)),
    ...(readOnlyRoot?.value ? [fact(say`root filesystem read-only`, readOnlyRoot.at)] : []),
    ...(serviceAccount ? [fact(say`service account "${serviceAccount.value}"${token}`, serviceAccount.at)] : []),
  ];
}
