import { unmatchedClones } from './drone/clones.ts';
import { projectsOf } from './drone/running.ts';
import { createdAccount } from './drone/user-create.ts';
import type { ComposeInput } from './gather.ts';
import type { Container } from './model/container.ts';
import { folderOf } from './model/file-name.ts';
import { addTo } from './model/groups.ts';
import type { Installation } from './model/installation.ts';
import { emptyReading, type Lookup, type Reading } from './model/reading.ts';
import type { Remark } from './model/remark.ts';
import { fault, type Mention, type Problem, type ReadSource } from './model/report.ts';
import { type Settings, settingsOf } from './model/settings.ts';
import { type Form, type Location, positionOf, type SecretPlace, type Source } from './model/source.ts';
import { say } from './model/text.ts';
import { readCompose } from './readers/compose/compose.ts';
import { readDaemonFile } from './readers/docker/daemon-file.ts';
import { readEngine } from './readers/docker/engine.ts';
import { readInspect } from './readers/docker/inspect.ts';
import { readLog } from './readers/docker/log.ts';
import { readDockerRun } from './readers/docker/script.ts';
import { readService } from './readers/docker/service.ts';
import { readEnvFile } from './readers/env/file.ts';
import { readHelmValues } from './readers/kubernetes/helm-values.ts';
import { readKubernetes } from './readers/kubernetes/manifests.ts';
import { unreadRest, unreadSource } from './readers/mentions.ts';
import { isOfDrone, notKnown } from './readers/not-known.ts';
import { readPipelines } from './readers/pipeline/stream.ts';
import { readScript } from './readers/script/script.ts';
import { readAccounts } from './readers/server/accounts.ts';
import { readEndpoint } from './readers/server/endpoint.ts';
import { readOrganizationSecrets } from './readers/server/organization-secrets.ts';
import { readProbe } from './readers/server/probe.ts';
import { readRepository } from './readers/server/repository.ts';
import { readSystemd } from './readers/systemd/service.ts';
import { filledInSecrets, secretsOfEnvironment } from './secrets/references.ts';

/** What all sources of one audit say together. */
export interface ReadResult {
  readonly installation: Installation;
  /** Sources that were read as one: the files of a project, what one of them names. */
  readonly together: readonly (readonly Source[])[];
  readonly sources: readonly Source[];
  readonly problems: readonly Problem[];
  /** In the order of readers, then of the first source of what they read. */
  readonly unknown: readonly (Remark & { readonly order: readonly [reader: number, source: string] })[];
  readonly secrets: readonly SecretPlace[];
  /** What each source gave, by its name. */
  readonly gave: ReadonlyMap<string, ReadSource['gave']>;
  /** Pages with more of Drone in them than was read. */
  readonly mentions: readonly Mention[];
}

/** Gives each source to the reader of its form. A file that another one names is judged with that one. */
export function read(all: readonly Source[], lookup: Lookup, compose?: ComposeInput): ReadResult {
  return joinGroups(all, readGroups(all, lookup, compose));
}

/** The same, before what the groups say is put together. */
export function readGroups(
  all: readonly Source[],
  lookup: Lookup,
  { together, envFiles, environment }: ComposeInput = { together: [], envFiles: [] },
): readonly RankedGroup[] {
  // Files of --compose-env-file replace `.env`, which is looked up otherwise.
  const compose = {
    envFiles: envFiles.length > 0 ? envFiles : undefined,
    environment,
  };
  const torn = all.flatMap((source) => conflictGroup(source) ?? []);
  const inConflict = new Set(torn.flatMap(({ own }) => own));
  const sources = torn.length === 0 ? all : all.filter((source) => !inConflict.has(source));
  const of = (form: Form) => sources.filter((source) => source.form === form);
  const inspected = each(of('docker-inspect'), readInspect);
  const apart = of('compose').filter((source) => !together.includes(source));
  const made = projectsOf(
    inspected.flatMap(({ reading }) => reading.containers),
    apart,
  );
  const inProjects = new Set([...together, ...made.flat()]);
  const groups = ranked([
    [together, ...made]
      .filter((files) => files.length > 0)
      .map((files) => watched(files, lookup, (all, lookup) => readCompose(all, { ...compose, lookup, named: true }))),
    apart
      .filter((source) => !inProjects.has(source))
      .map((source) => watched([source], lookup, (files, lookup) => readCompose(files, { ...compose, lookup }))),
    of('systemd').map((source) => watched([source], lookup, (_, lookup) => readSystemd(source, lookup))),
    of('docker-run').map((source) => watched([source], lookup, (_, lookup) => readDockerRun(source, lookup))),
    each(of('helm-values'), readHelmValues),
    [...byRepository(of('kubernetes')).values()].map((manifests) => groupOf(manifests, readKubernetes)),
    inspected,
    each(of('docker-service'), readService),
    each(of('docker-engine'), readEngine),
    each(of('docker-log'), readLog),
    each(of('docker-daemon'), readDaemonFile),
    each(of('drone-endpoint'), readEndpoint),
    each(of('drone-accounts'), readAccounts),
    each(of('drone-repository'), readRepository),
    each(of('drone-organization-secrets'), readOrganizationSecrets),
    each(of('extension-probe'), readProbe),
    each(of('drone'), readPipelines),
    each(of('starlark'), readScript),
    each(of('jsonnet'), readScript),
  ]);
  const kept = rootGroups(groups);
  const parts = new Set(kept.flatMap(({ reading }) => reading.consumed.map((part) => part.name)));
  const projectFolders = new Set([...of('compose'), ...together].map(folderOf));
  const alone = (form: Form) =>
    each(
      of(form).filter((source) => !parts.has(source.name)),
      (source) => readEnvFile(source, projectFolders.has(folderOf(source))),
    );
  const filled = [...kept, ...ranked([alone('env'), alone('docker-env')], mostReaders)].map((group) =>
    withFilledIn(group, environment),
  );
  return [...filled, ...ranked([torn], 2 * mostReaders)];
}

/** What comes behind all readers has a larger number than they can have. */
const mostReaders = 100;

function ranked(groups: readonly (readonly SourceGroup[])[], first = 0): readonly RankedGroup[] {
  return groups.flatMap((of, index) => of.map((group) => ({ ...group, rank: first + index })));
}

function byRepository(sources: readonly Source[]): ReadonlyMap<string, readonly Source[]> {
  const found = new Map<string, Source[]>();
  for (const source of sources) addTo(found, source.repository ?? '', source);
  return found;
}

/** What is said of a text in which git left a conflict: of the two versions of what it holds, neither is in use. */
function conflictGroup(source: Source): SourceGroup | undefined {
  const { name, text } = source;
  const start = /^<{7}(?: .*)?$/m.exec(text);
  const rest = start ? text.slice(start.index) : '';
  if (!start || !/^={7}\r?$/m.test(rest) || !/^>{7}(?: .*)?$/m.test(rest)) return undefined;
  const { line } = positionOf(source, start.index);
  const message = say`holds an unresolved merge conflict`;
  const problem: Problem = { kind: 'malformed', source: name, line, message, incomplete: true };
  return { own: [source], reading: { ...emptyReading, problems: [problem] } };
}

/** Sources that were read as one, and what they say. */
export interface SourceGroup {
  readonly own: readonly Source[];
  readonly reading: Reading;
}

/** A group with the number of the reader that read it: groups are told in the order of these, then of their first sources. */
export interface RankedGroup extends SourceGroup {
  readonly rank: number;
}

function each(sources: readonly Source[], reader: (source: Source) => Reading): readonly SourceGroup[] {
  return sources.map((source) => groupOf([source], () => reader(source)));
}

function groupOf(own: readonly Source[], reader: (files: readonly Source[]) => Reading): SourceGroup {
  return { own, reading: guarded(own, reader) };
}

/**
 * The same for a reader that looks files up. What a file with a component of Drone names and nobody may read, or that is no
 * text, is Drone's whatever its name.
 */
function watched(
  own: readonly Source[],
  lookup: Lookup,
  reader: (files: readonly Source[], lookup: Lookup) => Reading,
): SourceGroup {
  const refused = new Set<Problem>();
  const watching: Lookup = (from, path, form) => {
    const found = lookup(from, path, form);
    if (!('text' in found) && found.incomplete) refused.add(found);
    return found;
  };
  const { reading } = groupOf(own, (files) => reader(files, watching));
  if (refused.size === 0 || !hasComponent(reading)) return { own, reading };
  return { own, reading: { ...reading, problems: [...reading.problems, ...refused] } };
}

/** With what fills in its secrets, in its files and in the environment of Compose. */
function withFilledIn(group: RankedGroup, environment: ComposeInput['environment']): RankedGroup {
  const { own, reading } = group;
  const { names, places } = filledInSecrets([...own, ...reading.consumed]);
  const isCompose = own.some(({ form }) => form === 'compose');
  const found = [...places, ...(isCompose && environment ? secretsOfEnvironment(environment, names) : [])];
  return found.length === 0 ? group : { ...group, reading: { ...reading, secrets: [...reading.secrets, ...found] } };
}

function hasComponent({ containers, settings }: Reading): boolean {
  return [...containers, ...settings].some(({ role }) => isOfDrone(role));
}

/**
 * The one place where readers are called. They never throw; where one does all the same, it costs the files that it
 * fails on, each of which becomes a problem. Nothing is known of such a file, so all of it is hidden.
 */
function guarded(files: readonly Source[], reader: (files: readonly Source[]) => Reading): Reading {
  try {
    return reader(files);
  } catch {
    const sound = files.length > 1 ? files.filter((file) => guarded([file], reader).problems.every(isNoFault)) : [];
    // Files that only fail together are lost together.
    const rest = sound.length > 0 && sound.length < files.length ? guarded(sound, reader) : emptyReading;
    const lost = rest === emptyReading ? files : files.filter((file) => !sound.includes(file));
    return {
      ...rest,
      problems: [...rest.problems, ...lost.map(({ name }) => fault(name, say`reading`))],
      secrets: [...rest.secrets, ...lost.map(wholeOf)],
    };
  }
}

function isNoFault({ kind }: Problem): boolean {
  return kind !== 'fault';
}

function wholeOf(source: Source): SecretPlace {
  return { source, path: '', span: { start: 0, end: source.text.length }, onlyHere: true };
}

/** Leaves out files that others include, extend or override. Of files that include each other, the first stays. */
function rootGroups<Group extends SourceGroup>(groups: readonly Group[]): readonly Group[] {
  const partsOf = ({ own, reading }: SourceGroup): string[] =>
    reading.consumed.map((part) => part.name).filter((name) => !own.some((source) => source.name === name));
  const used = new Set(groups.flatMap(partsOf));
  const isPart = (names: ReadonlySet<string>, { own }: SourceGroup): boolean =>
    own.length === 1 && own.every((source) => names.has(source.name));
  const roots = groups.filter((group) => !isPart(used, group));
  const covered = new Set(roots.flatMap(partsOf));
  const inCircles: Group[] = [];
  for (const group of groups) {
    if (roots.includes(group) || isPart(covered, group)) continue;
    inCircles.push(group);
    for (const name of partsOf(group)) covered.add(name);
  }
  return [...roots, ...inCircles];
}

/** What groups say together; `sources` are those that were given to the readers, in order. */
export function joinGroups(sources: readonly Source[], groups: readonly RankedGroup[]): ReadResult {
  const readings = groups.map(({ reading }) => reading);
  const logs = new Map(readings.flatMap((reading) => [...(reading.logs ?? [])]));
  const containers = readings
    .flatMap((reading) => reading.containers)
    .map((container) => {
      const log = logs.get(container.at.source.name);
      return log ? { ...container, log } : container;
    });
  const organizationSecrets = readings.flatMap((reading) =>
    reading.organizationSecrets ? [reading.organizationSecrets] : [],
  );
  const consumed = readings.flatMap((reading) => reading.consumed);
  const seen = new Map<string, Source>();
  for (const source of [...sources, ...consumed]) if (!seen.has(source.name)) seen.set(source.name, source);
  const settings = [...containers.map(settingsOf), ...readings.flatMap((reading) => reading.settings)];
  const installation: Installation = {
    kind: 'installation',
    owner: 'installation',
    label: say`installation`,
    settings,
    containers,
    pipelines: readings.flatMap((reading) => reading.pipelines),
    streams: readings.flatMap((reading) => reading.streams),
    accounts: [...readings.flatMap((reading) => reading.accounts), ...settings.flatMap(createdAccount)],
    ingresses: readings.flatMap((reading) => reading.ingresses ?? []),
    podSecurity: readings.flatMap((reading) => reading.podSecurity ?? []),
    rights: readings.flatMap((reading) => reading.rights ?? []),
    hosts: readings.flatMap((reading) => reading.hosts ?? []),
    endpoints: readings.flatMap((reading) => reading.endpoints ?? []),
    repositories: readings.flatMap((reading) => reading.repositories ?? []),
    organizationSecrets: organizationSecrets.length > 0 ? organizationSecrets.flat() : undefined,
    probes: readings.flatMap((reading) => reading.probes ?? []),
  };
  const gave = gaveOf(installation, readings);
  const problems = readings.flatMap((reading) => reading.problems);
  const told = new Set([...problems.map(({ source }) => source), ...consumed.map(({ name }) => name)]);
  // A ConfigMap or Secret gives nothing itself, but what a pod takes from it.
  const taken = placesBySource(containers, settings);
  const silent = [...seen.values()].filter(({ name }) => !gave.has(name) && !told.has(name) && !taken.has(name));
  for (const place of readings.flatMap((reading) => reading.understood ?? [])) addTo(taken, place.source.name, place);
  const rests = [...seen.values()]
    .filter(({ name, form }) => form === 'docker-run' && gave.has(name) && !told.has(name))
    .flatMap((source) => unreadRest(source, taken.get(source.name) ?? []) ?? []);
  const unread = [...silent.flatMap((source) => unreadSource(source) ?? []), ...rests];
  return {
    installation,
    // The manifests of one folder may be those of several clusters: what one of them takes from another joins them.
    together: groups.map(({ own, reading }) =>
      own.some(({ form }) => form === 'kubernetes') ? reading.consumed : [...own, ...reading.consumed],
    ),
    sources: [...seen.values()],
    problems: [...new Set(problems), ...unread.filter((each) => 'message' in each), ...notKnown(containers, settings)],
    mentions: unread.filter((each) => 'what' in each),
    unknown: [
      ...groups.flatMap(({ rank, own: [first], reading }) =>
        reading.unknown.map((remark) => ({ ...remark, order: [rank, first?.name ?? ''] as const })),
      ),
      ...unmatchedClones(installation).map((remark) => ({ ...remark, order: [3 * mostReaders, ''] as const })),
    ],
    secrets: readings.flatMap((reading) => reading.secrets),
    gave,
  };
}

/** Where containers and settings were read from, by source. */
function placesBySource(containers: readonly Container[], settings: readonly Settings[]): Map<string, Location[]> {
  const places = new Map<string, Location[]>();
  const add = (at: Location | undefined): void => {
    if (at) addTo(places, at.source.name, at);
  };
  for (const { at, image } of containers) for (const each of [at, image?.at]) add(each);
  for (const { at, variables } of settings)
    for (const each of [at, ...[...variables.values()].map(({ at }) => at)]) add(each);
  return places;
}

/** What each source gave: the artefacts that begin in it. */
function gaveOf({ pipelines, streams, containers, ...rest }: Installation, readings: readonly Reading[]) {
  const gave = new Map<string, Record<string, number>>();
  const add = (kind: keyof ReadSource['gave'], artifacts: readonly { readonly at: Location }[]): void => {
    for (const { at } of artifacts) {
      const counts = gave.get(at.source.name) ?? {};
      counts[kind] = (counts[kind] ?? 0) + 1;
      gave.set(at.source.name, counts);
    }
  };
  add('pipelines', pipelines);
  add('documents', streams);
  add('containers', containers);
  add(
    'settings',
    readings.flatMap((reading) => reading.settings),
  );
  add('others', [
    ...rest.accounts,
    ...(rest.ingresses ?? []),
    ...(rest.podSecurity ?? []),
    ...rest.hosts,
    ...rest.endpoints,
    ...rest.repositories,
    ...(rest.organizationSecrets ?? []),
    ...rest.probes,
  ]);
  return gave;
}
