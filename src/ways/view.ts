import { isDaemon } from '../analysis/docker-daemons.ts';
import { hasEmbeddedRunner, isBuilder } from '../analysis/embedded-runner.ts';
import { isScmPublic } from '../analysis/public-scm.ts';
import { codeOf } from '../analysis/repository-code.ts';
import { areOnOneHost, engineMountOf } from '../analysis/same-host.ts';
import { containersNamed, containersPublishing, containersSharingLoopback, endpointOf } from '../drone/network.ts';
import { labelsOf } from '../drone/runner-labels.ts';
import { repositoryOf } from '../drone/server-repository.ts';
import { serversOf } from '../drone/topology.ts';
import type { Container } from '../model/container.ts';
import { isEnginePipe } from '../model/host-paths.ts';
import { hostOf, isBridgeGateway, isLoopback, isOwnHost } from '../model/hosts.ts';
import type { Installation } from '../model/installation.ts';
import type { Pipeline, PipelineStream, Step } from '../model/pipeline.ts';
import { isRunner } from '../model/role.ts';
import type { Context } from '../model/rule.ts';
import type { Repository } from '../model/server.ts';
import { type Settings, setVariable } from '../model/settings.ts';
import { type Location, originOf } from '../model/source.ts';
import type { Text } from '../model/text.ts';

/* What the edges look at: an installation as those see it who look for a way through it. */

/** A runner, or a server that builds by itself. */
export interface Runner {
  /** As assets name it: the name of its service, or of its file. */
  readonly name: string;
  readonly settings: Settings;
  /** What its builds run in or on; nothing is known of how those of `other` runners get out. */
  readonly kind: 'docker' | 'kube' | 'exec' | 'other';
  /** Whether plugins of a list run privileged on it: docker and kube, not on Windows. */
  readonly makesPrivileged: boolean;
  readonly labels: ReadonlyMap<string, string> | undefined;
  readonly engine: Engine;
}

/** The engine that a runner has its builds run on. */
export interface Engine {
  /**
   * `own`: that of the host that the runner is on; `dind`: a daemon in a container of that host; `remote`: one on another
   * machine; `none`: no containers; `unknown`: nothing tells.
   */
  readonly place: 'own' | 'dind' | 'remote' | 'none' | 'unknown';
  /** Whether it is without root on its host; undefined where it was not seen. */
  readonly rootless: boolean | undefined;
  /** Whether root of its containers is another user on the host, so that it starts none that is privileged. */
  readonly mapsUsers?: boolean;
  /** Where it is written. */
  readonly at: Location;
  /** The container of `dind`. */
  readonly container?: Container;
}

/** A repository, by its pipeline file, or as a server alone has it. */
export interface SeenRepository {
  /** As assets name it: the folder of its pipeline file. */
  readonly name: string;
  readonly at: Location;
  readonly streams: readonly PipelineStream[];
  readonly pipelines: readonly Pipeline[];
  /** What a server knows of it. */
  readonly known?: Repository;
  /** It stands for the repositories of an installation none of which was read. */
  readonly isUnseen?: true;
}

/** A place where a rule found what an edge is about. */
export interface RuleHit {
  readonly rule: string;
  readonly at: Location;
  readonly message: Text;
  /** The component that it is about. */
  readonly owner: string;
  /** What it is about inside of that. */
  readonly subject?: string;
}

export interface View {
  readonly context: Context;
  readonly installation: Installation;
  readonly servers: readonly Settings[];
  readonly runners: readonly Runner[];
  readonly repositories: readonly SeenRepository[];
  /** Whether anyone in the world may sign in at the SCM; undefined where nothing says so. */
  readonly isScmPublic: boolean | undefined;
  /** What a rule finds in this installation, whether or not it is asked for in this audit. */
  readonly hitsOf: (rule: string) => readonly RuleHit[];
  /** The servers of a runner that are known to be on the host that it builds on. */
  readonly serversBeside: (runner: Runner) => readonly Settings[];
}

export function viewOf(context: Context, hitsOf: View['hitsOf']): View {
  const { installation } = context;
  const runners = runnersOf(installation);
  const servers = installation.settings.filter(({ role }) => role === 'server');
  const repositories = repositoriesOf(installation);
  return {
    context,
    installation,
    servers,
    runners,
    repositories: repositories.length > 0 ? repositories : unseenRepository(servers, runners),
    isScmPublic: isScmPublic(context),
    hitsOf,
    serversBeside: ({ settings }) =>
      serversOf(settings, installation).filter((server) => server === settings || areOnOneHost(settings, server)),
  };
}

function runnersOf(installation: Installation): readonly Runner[] {
  const found = installation.settings.filter(
    (each) => isRunner(each.role) || (each.role === 'server' && hasEmbeddedRunner(each) && isBuilder(each)),
  );
  const names = uniqueNames(
    found.map((each) => nameOf(each)),
    found.map(({ at }) => at.source.name),
  );
  return found.map((settings, index) => {
    const kind = kindOf(settings);
    return {
      name: names[index] ?? '',
      settings,
      kind,
      makesPrivileged: (kind === 'docker' || kind === 'kube') && !isOnWindows(settings),
      labels: labelsOf(settings),
      engine: engineOf(settings, kind, installation),
    };
  });
}

/** Whether a runner is on Windows: as it is told, by its image, or by the engine's pipe that it is given. */
function isOnWindows({ variables, container }: Settings): boolean {
  const os = variables.get('DRONE_PLATFORM_OS')?.value;
  if (os) return os.toLowerCase() === 'windows';
  return (
    /(?:^|-)windows(?:-|$)/i.test(container?.image?.value.tag ?? '') ||
    container?.mounts.some(({ source, type }) => type === 'npipe' || isEnginePipe(source ?? '')) === true
  );
}

function kindOf({ role }: Settings): Runner['kind'] {
  switch (role) {
    case 'runner-docker':
    case 'agent':
    case 'server':
      return 'docker';
    case 'runner-kube':
      return 'kube';
    case 'runner-exec':
      return 'exec';
    default:
      return 'other';
  }
}

/** The socket of an engine without root lies in the folder of its user (docs.docker.com/engine/security/rootless). */
const rootlessSocket = /^(?:\/var)?\/run\/user\/\d+\//;

function engineOf(runner: Settings, kind: Runner['kind'], installation: Installation): Engine {
  const { at, container, live } = runner;
  if (kind !== 'docker') return { place: kind === 'exec' ? 'own' : 'none', rootless: undefined, at };
  const host = installation.hosts.find((each) => live && originOf(each.at.source.name) === originOf(at.source.name));
  const mapsUsers = host?.securityOptions?.some(({ value }) => /(?:^|,)name=userns(?:,|$)/.test(value)) === true;
  const mount = engineMountOf(runner, installation);
  if (mount) {
    const rootless = host?.rootless ?? rootlessSocket.test(mount.source ?? '');
    return { place: 'own', rootless, mapsUsers, at: mount.at };
  }
  const address = setVariable(runner, 'DOCKER_HOST');
  if (!address) {
    // A process outside of containers has the engine's usual socket (drone-runner-docker engine/engine.go NewEnv).
    return { place: container ? 'unknown' : 'own', rootless: host?.rootless, mapsUsers, at };
  }
  const name = address.value === undefined ? undefined : hostOf(address.value);
  if (address.value !== undefined && name === undefined)
    return { place: 'own', rootless: rootlessSocket.test(address.value.replace(/^unix:\/\//, '')), at: address.at };
  if (name === undefined) return { place: 'unknown', rootless: undefined, at: address.at };
  const daemon = container && daemonsAt(address.value ?? '', container, installation).find(isDaemon);
  if (daemon) {
    const isRootless = daemon.image?.value.tag?.includes('rootless') === true;
    return { place: 'dind', rootless: isRootless, at: address.at, container: daemon };
  }
  const isOnHost = isLoopback(name)
    ? !container || container.networkMode?.value === 'host'
    : isOwnHost(name) || isBridgeGateway(name);
  if (isOnHost) return { place: 'own', rootless: host?.rootless, mapsUsers, at: address.at };
  // Another container answers, of which nothing tells whether it is a daemon of its own.
  const isNear = endpointOf(name, runner, installation) !== 'remote';
  return { place: isNear ? 'unknown' : 'remote', rootless: undefined, at: address.at };
}

/** The containers that an address leads to, by a name, their own loopback or a port of the host. */
function daemonsAt(address: string, from: Container, installation: Installation): readonly Container[] {
  const name = hostOf(address) ?? '';
  return [
    ...(isLoopback(name) ? containersSharingLoopback(from, installation) : containersNamed(name, from, installation)),
    ...containersPublishing(address, from, installation),
  ];
}

/** Nobody runs Drone without a repository: where none was read, there is one of which nothing is known. */
function unseenRepository(servers: readonly Settings[], runners: readonly Runner[]): readonly SeenRepository[] {
  const at = servers[0]?.at ?? runners[0]?.settings.at;
  return at ? [{ name: 'unseen-repository', at, streams: [], pipelines: [], isUnseen: true }] : [];
}

/** Repositories by the slug that a server knows, else by the folder of their pipeline files. */
function repositoriesOf(installation: Installation): readonly SeenRepository[] {
  const groups = new Map<string, { streams: PipelineStream[]; known?: Repository }>();
  for (const stream of installation.streams) {
    const known = repositoryOf(stream, installation);
    const key = known ? `known ${known.slug}` : `folder ${stream.at.source.slug ?? ''} ${folderOf(stream)}`;
    const group = groups.get(key) ?? { streams: [], ...(known ? { known } : {}) };
    group.streams.push(stream);
    groups.set(key, group);
  }
  for (const known of installation.repositories)
    if (!groups.has(`known ${known.slug}`)) groups.set(`known ${known.slug}`, { streams: [], known });
  const found = [...groups.values()];
  const names = uniqueNames(
    found.map(
      ({ streams: [first], known }) => (first ? folderNameOf(first) : undefined) ?? known?.slug ?? 'repository',
    ),
    found.map(({ streams: [first], known }) => `${first ? folderOf(first) : (known?.slug ?? '')}`),
  );
  return found.flatMap(({ streams, known }, index) => {
    const at = streams[0]?.at ?? known?.at;
    const pipelines = streams.flatMap((stream) => stream.pipelines);
    return at ? [{ name: names[index] ?? '', at, streams, pipelines, ...(known ? { known } : {}) }] : [];
  });
}

function folderOf({ at }: PipelineStream): string {
  return at.source.name.slice(0, Math.max(0, at.source.name.lastIndexOf('/')));
}

/** The last part of the folder that a pipeline file lies in, or of the slug where it lies in the current one. */
function folderNameOf(stream: PipelineStream): string | undefined {
  const { slug, folder } = stream.at.source;
  const name = folderOf(stream).split('/').at(-1);
  return [name, folder, slug?.split('/').at(-1)].find((each) => each !== undefined && !/^\.{0,2}$/.test(each));
}

/**
 * Names, each once: where several are the same, the folders of their files tell them apart, then the files, then all of their
 * paths, and at last numbers.
 */
function uniqueNames(names: readonly string[], paths: readonly string[]): readonly string[] {
  let told = names;
  const choices = [
    (path: string) => path.split('/').at(-2),
    // Before a longer part of the path, which is not the same wherever the audit is started.
    (path: string) => (/(?:^|\/)\./.test(path) ? undefined : withoutExtension(path)),
    (path: string, name: string) => [path.split('/').at(-2), name].filter(Boolean).join('/'),
    (path: string) => path,
  ];
  for (const choose of choices) {
    const amounts = new Map<string, number>();
    for (const name of told) amounts.set(name, (amounts.get(name) ?? 0) + 1);
    const isTwice = (name: string): boolean => (amounts.get(name) ?? 0) > 1;
    if (![...amounts.keys()].some(isTwice)) return told;
    told = told.map((name, index) => (isTwice(name) && choose(paths[index] ?? '', names[index] ?? '')) || name);
  }
  const taken = new Map<string, number>();
  return told.map((name) => {
    const number = (taken.get(name) ?? 0) + 1;
    taken.set(name, number);
    return number === 1 ? name : `${name} (${number})`;
  });
}

/** The name of the service or container of a component, or of the file that its settings are in. */
export function nameOf({ container, at, label }: Settings): string {
  // One that is called by its file would be called otherwise where the audit was started in another folder.
  if (container && !container.name.includes('/') && container.name !== at.source.name) return container.name;
  const file = withoutExtension(at.source.name);
  return file === '' ? label.toString() : file;
}

function withoutExtension(path: string): string {
  return (path.split('/').at(-1) ?? '').replace(/\.(?:env|service|ya?ml|conf|txt|sh)$/, '');
}

/** Whether a step of a pipeline runs what is in the repository, which is the author's. */
export function runsRepositoryCode(pipeline: Pipeline, step: Step): boolean {
  return codeOf(pipeline, step) !== undefined;
}
