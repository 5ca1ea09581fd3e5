import { containersNamed, containersPublishing, containersSharingLoopback } from '../drone/network.ts';
import type { Container, Mount } from '../model/container.ts';
import { exposesControlSocket } from '../model/host-paths.ts';
import { hostOf, isLoopback } from '../model/hosts.ts';
import type { Installation } from '../model/installation.ts';
import type { Settings } from '../model/settings.ts';
import { originOf } from '../model/source.ts';
import { isSocketProxy } from './docker-daemons.ts';

/**
 * Whether a runner and a server are on one host: both seen on one engine, or declared in one file that describes one
 * host and does not keep them apart. Two files of one folder may be meant for two hosts, although Compose takes them for
 * one project; manifests, and commands in a text, are meant for several.
 */
export function areOnOneHost(runner: Settings, server: Settings): boolean {
  const places = placesOf(server);
  if (!placesOf(runner).some((place) => places.includes(place))) return false;
  return !server.container || !runner.container || !areKeptApart(server.container, runner.container);
}

/** What stands for the host of a component: the engine that was asked, or the file that declares or describes it. */
export function placesOf({ live, at, owner }: Settings): readonly string[] {
  if (live) return [originOf(at.source.name)];
  const { form, name } = at.source;
  if (form === 'kubernetes' || form === 'helm-values' || /\.(?:md|markdown|rst|adoc|txt)$/i.test(name)) return [];
  // Another file that it includes may describe it.
  return [`file ${name}`, `file ${owner.slice(0, owner.lastIndexOf('#'))}`];
}

/** The mount that gives a container the control socket of its host's engine. */
export function socketMountOf({ mounts }: Container): Mount | undefined {
  return mounts.find(
    ({ source, type }) => source !== undefined && type !== 'volume' && type !== 'tmpfs' && exposesControlSocket(source),
  );
}

/** How many containers of one name are looked at; Compose has one. */
const maxNamesakes = 10;

/**
 * The mount by which a runner has its builds run on its own host: its socket, or that of a proxy or other container which
 * DOCKER_HOST names, by a port of the host too.
 */
export function engineMountOf({ container, variables }: Settings, installation: Installation): Mount | undefined {
  if (!container) return undefined;
  const address = variables.get('DOCKER_HOST')?.value;
  const host = address === undefined ? undefined : hostOf(address);
  if (host === undefined) return socketMountOf(container);
  const named = [
    ...(isLoopback(host)
      ? containersSharingLoopback(container, installation).filter(isSocketProxy)
      : containersNamed(host, container, installation)),
    ...containersPublishing(address ?? '', container, installation),
  ].slice(0, maxNamesakes);
  return named.map(socketMountOf).find((mount) => mount !== undefined);
}

/**
 * Whether two services of one file never run on one host: their swarm constraints contradict each other
 * (`node.role == manager` and `node.role == worker`), or they belong to different Compose profiles.
 */
function areKeptApart(one: Container, other: Container): boolean {
  const profiles = new Set(one.profiles);
  if (profiles.size > 0 && other.profiles && !other.profiles.some((profile) => profiles.has(profile))) return true;
  const first = (one.placement ?? []).flatMap((text) => parse(text) ?? []);
  const second = (other.placement ?? []).flatMap((text) => parse(text) ?? []);
  return first.some((a) => second.some((b) => a.key === b.key && contradict(a, b)));
}

interface Constraint {
  readonly key: string;
  readonly equal: boolean;
  readonly value: string;
}

/** `node.labels.disk == ssd`, `node.role!=manager` (moby/swarmkit manager/constraint/constraint.go Parse). */
function parse(text: string): Constraint | undefined {
  const [, key, operator, value] = /^\s*([\w.-]{1,200})\s*(==|!=)\s*(\S.*?)\s*$/.exec(text.slice(0, 500)) ?? [];
  if (key === undefined || value === undefined) return undefined;
  return { key, equal: operator === '==', value: value.toLowerCase() };
}

function contradict(a: Constraint, b: Constraint): boolean {
  if (a.equal && b.equal) return a.value !== b.value;
  return a.equal !== b.equal && a.value === b.value;
}
