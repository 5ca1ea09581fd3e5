import type { JoinedPath } from './config-entries.ts';
import { servicesOfRunning } from './drone/running.ts';
import { slugsOf } from './drone/server-repository.ts';
import { hostNamedBy, namesOfServer, serverHost } from './drone/topology.ts';
import type { Container } from './model/container.ts';
import type { Host } from './model/engine.ts';
import { folderOf } from './model/file-name.ts';
import { addTo } from './model/groups.ts';
import { hostOf, isLoopback, isOwnHost } from './model/hosts.ts';
import type { Account, Installation } from './model/installation.ts';
import type { Ingress, PodSecurity, ServiceAccountRights } from './model/kubernetes.ts';
import { memoizePer } from './model/memoize.ts';
import type { Pipeline, PipelineStream } from './model/pipeline.ts';
import type { ExtensionProbe } from './model/probe.ts';
import { isRunner } from './model/role.ts';
import type { Endpoint, Repository, StoredSecret } from './model/server.ts';
import type { Settings } from './model/settings.ts';
import { isAnswer, originOf, type SecretPlace, type Source } from './model/source.ts';
import type { ReadResult } from './read.ts';
import { type Mask, maskFor, unmistakable, type ValueIndex } from './secrets/mask.ts';

/** What is judged and masked together. */
export interface InstallationPart {
  readonly installation: Installation;
  readonly sources: readonly Source[];
}

/**
 * Divides what was read into installations (docs/glossary.md). Sources belong together if one names the other, if the
 * config joins them (`joined`), if they were seen on one host or told by one server, if they hold pipelines of one repository,
 * or if that repository is one of the server.
 * What has no server goes to the one that it names, or to the nearest of its repository, unless several are equally
 * near or the addresses contradict that; without a server in sight, to the nearest runner, else to an extension, else to
 * what was seen running.
 */
export function installationsOf(
  understood: ReadResult,
  joined: readonly JoinedPath[] = [],
  bonds: Bonds = bondsOf(understood, joined),
): readonly InstallationPart[] {
  return divided(understood.installation, understood.sources, bonds);
}

/** What tells which sources belong together. Of pipelines, no more than that a source has some. */
export interface Ties extends Pick<ReadResult, 'sources' | 'together'> {
  readonly installation: Pick<Installation, 'settings' | 'containers' | 'endpoints' | 'repositories'> & {
    readonly streams: readonly { readonly at: { readonly source: Source } }[];
  };
}

/** The sources that belong together, as `installationsOf` says. */
export function bondsOf({ installation, sources, together }: Ties, joined: readonly JoinedPath[] = []): Bonds {
  const bonds = new Bonds();
  for (const group of together) bonds.join(group);
  for (const { at, variables } of installation.settings)
    for (const { at: value, keyAt } of variables.values()) bonds.join([at.source, value.source, keyAt.source]);
  bonds.join(sources.filter(({ name }) => joined.some(({ matches }) => matches(name))));
  for (const answers of byOrigin(sources).values()) bonds.join(answers);
  const checkouts = new Map<string, Source[]>();
  for (const { at } of installation.streams)
    addTo(checkouts, at.source.repository ?? `outside of one: ${folderOf(at.source)}`, at.source);
  for (const checkout of checkouts.values()) bonds.join(checkout);
  joinClonesWithServers(bonds, installation);

  for (const [running, declared] of servicesOfRunning(installation.containers))
    bonds.join([running.at.source, declared.at.source]);

  const { settings } = installation;
  const servers = settings.filter(({ role }) => role === 'server');
  const runners = settings.filter(({ role }) => isRunner(role));
  const extensions = settings.filter(({ role }) => role === 'extension');
  const running = settings.filter(({ at }) => isSeenOnHost(at.source));
  joinDeclaredWithRunning(bonds, servers);
  const asked = joinAsked(bonds, sources, servers, installation.endpoints);
  // An address that was asked belongs to the server that has it, or to none.
  const all: Everything = { sources: sources.filter((source) => !asked.has(source)), runners };
  joinWithNearest(bonds, all, servers, []);
  joinCallersOfOneServer(bonds, runners, servers);
  joinWithNearest(bonds, all, runners, servers);
  joinWithNearest(bonds, all, extensions, [...servers, ...runners]);
  joinWithNearest(bonds, all, running, [...servers, ...runners, ...extensions]);
  return bonds;
}

/**
 * The mask for each source, by its name: a word that is a secret in one installation hides nothing of another. What no
 * word could be is hidden everywhere: `elsewhere` has such secrets of more than these, where there are more.
 */
export function masksOf(
  parts: readonly InstallationPart[],
  secrets: readonly SecretPlace[],
  elsewhere?: ValueIndex,
): (source: string) => Mask {
  const [only] = parts;
  const all = memoizePer((everything: readonly SecretPlace[]) => maskFor(everything, elsewhere));
  if (!only || parts.length === 1) return () => all(secrets);
  const partOf = new Map(parts.flatMap((part) => part.sources.map(({ name }) => [name, part] as const)));
  const secretsOf = new Map<InstallationPart, SecretPlace[]>();
  for (const secret of secrets) {
    const part = partOf.get(secret.source.name);
    if (part) addTo(secretsOf, part, secret);
  }
  const everywhere = elsewhere ?? unmistakable(secrets);
  const maskOfPart = memoizePer((part: InstallationPart) => maskFor(secretsOf.get(part) ?? [], everywhere));
  // What is told of no source that was read is masked with everything that is known.
  return (source) => {
    const part = partOf.get(source);
    return part ? maskOfPart(part) : all(secrets);
  };
}

/** Sources that were found to belong together: disjoint sets. */
export class Bonds {
  private readonly parents = new Map<string, string>();

  /** The name of the source that stands for all that belong together with one. */
  of({ name }: Pick<Source, 'name'>): string {
    let root = name;
    for (let next = this.parents.get(root); next !== undefined; next = this.parents.get(root)) root = next;
    for (let at = name; at !== root; ) {
      const next = this.parents.get(at) ?? root;
      this.parents.set(at, root);
      at = next;
    }
    return root;
  }

  join([first, ...others]: readonly Pick<Source, 'name'>[]): void {
    if (!first) return;
    for (const other of others) {
      const [root, part] = [this.of(first), this.of(other)];
      if (root !== part) this.parents.set(part, root);
    }
  }
}

/** What engines and servers answered, by the engine or server. */
function byOrigin(sources: readonly Source[]): ReadonlyMap<string, readonly Source[]> {
  const found = new Map<string, Source[]>();
  for (const source of sources) if (isSeenOnHost(source)) addTo(found, originOf(source.name), source);
  return found;
}

/** Whether a source tells what runs. */
function isSeenOnHost({ name }: Source): boolean {
  return isAnswer(name);
}

/** A clone of a repository belongs to the server that has the repository, unless several have one of that name. */
function joinClonesWithServers(bonds: Bonds, { repositories, streams }: Ties['installation']): void {
  const bySlug = new Map<string, Source[]>();
  for (const each of repositories) for (const slug of slugsOf(each)) addTo(bySlug, slug, each.at.source);
  for (const { at } of streams) {
    const stored = bySlug.get(at.source.slug?.toLowerCase() ?? '') ?? [];
    const servers = new Set(stored.map((source) => bonds.of(source)));
    if (servers.size === 1) bonds.join([...stored.slice(0, 1), at.source]);
  }
}

/** The host of the server that a runner names, if it tells more than where the server is seen from: a full name. */
function hostsNamedBy(runner: Settings): readonly string[] {
  const host = hostNamedBy(runner);
  return host?.includes('.') && !isOwnHost(host) ? [host] : [];
}

/** What runs is the same installation as what is written for it: by project, by address, or because there is no other. */
function joinDeclaredWithRunning(bonds: Bonds, servers: readonly Settings[]): void {
  const running = servers.find(({ at }) => isSeenOnHost(at.source));
  if (!running) return;
  const declared = servers.filter(({ at }) => !isSeenOnHost(at.source));
  const host = serverHost(running);
  const project = projectOf(running.container);
  const alike =
    onlyOne(declared.filter((each) => project !== undefined && projectOf(each.container) === project)) ??
    onlyOne(declared.filter((each) => host !== undefined && serverHost(each) === host)) ??
    onlyOne(declared.filter((each) => host === undefined || serverHost(each) === undefined));
  if (alike) bonds.join([running.at.source, alike.at.source]);
}

/**
 * Joins the answers of an address with the server whose public address it is, else with the only server in sight, if that does
 * not name another address, or if the address is one of the machine that asked, behind which any may be. What a runner
 * answers belongs to the settings that told of it. Returns the sources that were asked by an address.
 */
function joinAsked(
  bonds: Bonds,
  sources: readonly Source[],
  servers: readonly Settings[],
  endpoints: readonly Endpoint[],
): ReadonlySet<Source> {
  // Templates have the form of pipelines, but the origin of the rest.
  const known = new Set(sources.flatMap(({ name, form }) => (form.startsWith('drone-') ? [originOf(name)] : [])));
  const asked = sources.filter(({ name }) => isAnswer(name) && known.has(originOf(name)));
  if (asked.length === 0) return new Set();
  const byName = new Map(sources.map((source) => [source.name, source]));
  const revealed = new Set<string>();
  for (const { at, revealedBy } of endpoints) {
    const teller = revealedBy === undefined ? undefined : byName.get(revealedBy);
    if (revealedBy !== undefined) revealed.add(originOf(at.source.name));
    if (teller) bonds.join([teller, at.source]);
  }
  const origins = new Map<string, Source>();
  for (const source of asked) {
    const origin = originOf(source.name);
    if (!revealed.has(origin) && !origins.has(origin)) origins.set(origin, source);
  }
  for (const [origin, source] of origins) {
    const host = hostOf(origin) ?? '';
    const named = servers.filter((server) => serverHost(server) === host);
    const mayBe = servers.filter((server) => serverHost(server) === undefined || isLoopback(host));
    const party = (all: readonly Settings[]) => new Set(all.map(({ at }) => bonds.of(at.source)));
    const [server] = named.length > 0 ? named : party(servers).size === 1 ? mayBe : [];
    if (server && (named.length === 0 || party(named).size === 1)) bonds.join([server.at.source, source]);
  }
  return new Set(asked);
}

function projectOf(container: Container | undefined): string | undefined {
  return container?.project === '' ? undefined : container?.project;
}

function onlyOne<T>(items: readonly T[]): T | undefined {
  return items.length === 1 ? items[0] : undefined;
}

/** Runners of a server that the audit does not see belong together, too. */
function joinCallersOfOneServer(bonds: Bonds, runners: readonly Settings[], servers: readonly Settings[]): void {
  const served = new Set(servers.map(({ at }) => bonds.of(at.source)));
  const callers = new Map<string, Source[]>();
  for (const runner of runners)
    if (!served.has(bonds.of(runner.at.source)))
      for (const host of hostsNamedBy(runner)) addTo(callers, host, runner.at.source);
  for (const group of callers.values()) bonds.join(group);
}

interface Everything {
  readonly sources: readonly Source[];
  readonly runners: readonly Settings[];
}

/**
 * Joins what has no anchor (a server, say) with the only one that it names, or the only one that is nearest. What has
 * something of `settled` is left where it is.
 */
function joinWithNearest(
  bonds: Bonds,
  { sources, runners }: Everything,
  anchors: readonly Settings[],
  settled: readonly Settings[],
): void {
  const partyOf = ({ at }: Settings): string => bonds.of(at.source);
  const anchored = new Set([...anchors, ...settled].map(partyOf));
  const parties = new Map<string, Source>();
  for (const source of sources) {
    const party = bonds.of(source);
    if (!anchored.has(party) && !parties.has(party)) parties.set(party, source);
  }
  const namedBy = new Map<string, string[]>();
  for (const runner of runners) for (const host of hostsNamedBy(runner)) addTo(namedBy, partyOf(runner), host);
  const byName = new Map<string, Settings[]>();
  const byFolder = new Map<string, Settings[]>();
  for (const anchor of anchors) {
    for (const name of namesOfServer(anchor)) addTo(byName, name, anchor);
    for (const folder of foldersAround(anchor.at.source)) addTo(byFolder, folder, anchor);
  }
  const running = anchors.filter(({ at }) => isSeenOnHost(at.source));

  for (const [party, source] of parties) {
    const hosts = namedBy.get(party) ?? [];
    const named = new Set(hosts.flatMap((host) => byName.get(host) ?? []));
    const mayBeIts = (anchor: Settings): boolean =>
      named.size > 0 ? named.has(anchor) : hosts.length === 0 || serverHost(anchor) === undefined;
    const places = isSeenOnHost(source)
      ? [anchors]
      : [...foldersAround(source).map((folder) => byFolder.get(folder) ?? []), running, [...named]];
    for (const place of places) {
      const first = place.find(mayBeIts);
      if (!first) continue;
      const isAmbiguous = place.some((anchor) => partyOf(anchor) !== partyOf(first) && mayBeIts(anchor));
      if (!isAmbiguous) bonds.join([first.at.source, source]);
      break;
    }
  }
}

/** The folder of a file and all above it, as far as its repository goes; the nearest first. */
function foldersAround(source: Source): readonly string[] {
  if (isSeenOnHost(source)) return [];
  const folders: string[] = [];
  const place = `${source.repository ?? ''}\n`;
  const folder = folderOf(source);
  for (let slash = folder.lastIndexOf('/'); slash > 0; slash = folder.lastIndexOf('/', slash - 1))
    folders.push(place + folder.slice(0, slash + 1));
  return [...folders, place];
}

interface Division {
  readonly sources: Source[];
  readonly settings: Settings[];
  readonly containers: Container[];
  readonly pipelines: Pipeline[];
  readonly streams: PipelineStream[];
  readonly accounts: Account[];
  readonly ingresses: Ingress[];
  readonly podSecurity: PodSecurity[];
  readonly rights: ServiceAccountRights[];
  readonly hosts: Host[];
  readonly endpoints: Endpoint[];
  readonly repositories: Repository[];
  readonly organizationSecrets: StoredSecret[];
  readonly probes: ExtensionProbe[];
}

/** Sources and artefacts of an audit by what belongs together, in the order in which they were read. */
function divided(all: Installation, sources: readonly Source[], bonds: Bonds): readonly InstallationPart[] {
  const parts = new Map<string, Division>();
  const partOf = (source: Source): Division => {
    const root = bonds.of(source);
    const part = parts.get(root) ?? {
      sources: [],
      settings: [],
      containers: [],
      pipelines: [],
      streams: [],
      accounts: [],
      ingresses: [],
      podSecurity: [],
      rights: [],
      hosts: [],
      endpoints: [],
      repositories: [],
      organizationSecrets: [],
      probes: [],
    };
    parts.set(root, part);
    return part;
  };
  for (const source of sources) partOf(source).sources.push(source);
  for (const each of all.settings) partOf(each.at.source).settings.push(each);
  for (const each of all.containers) partOf(each.at.source).containers.push(each);
  for (const each of all.pipelines) partOf(each.at.source).pipelines.push(each);
  for (const each of all.streams) partOf(each.at.source).streams.push(each);
  for (const each of all.accounts) partOf(each.at.source).accounts.push(each);
  for (const each of all.ingresses ?? []) partOf(each.at.source).ingresses.push(each);
  for (const each of all.podSecurity ?? []) partOf(each.at.source).podSecurity.push(each);
  for (const each of all.rights ?? []) partOf(each.boundBy.at.source).rights.push(each);
  for (const each of all.hosts) partOf(each.at.source).hosts.push(each);
  for (const each of all.endpoints) partOf(each.at.source).endpoints.push(each);
  for (const each of all.repositories) partOf(each.at.source).repositories.push(each);
  for (const each of all.organizationSecrets ?? []) partOf(each.at.source).organizationSecrets.push(each);
  for (const each of all.probes) partOf(each.at.source).probes.push(each);
  return [...parts.values()].map(({ sources, ...artefacts }, index) => ({
    sources,
    installation: {
      ...all,
      owner: `${all.owner} ${index}`,
      ...artefacts,
      organizationSecrets: all.organizationSecrets && artefacts.organizationSecrets,
    },
  }));
}
