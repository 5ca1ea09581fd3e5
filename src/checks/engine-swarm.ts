import { compare } from '../model/compare.ts';
import type { Source } from '../model/source.ts';
import { say, type Text } from '../model/text.ts';
import { field, textIn } from './answer-fields.ts';
import { isDrone, type Traits, traitsOfService, withCompanions } from './engine-drone.ts';
import { type EngineFacts, serviceText, taskText } from './engine-evidence.ts';
import { safeName } from './engine-texts.ts';

/** A swarm service that is Drone's or goes with it. */
export interface Service {
  readonly id: string;
  readonly source: Source;
}

/** The engine that told of the services, and the networks of the swarm by their ids. */
export interface Manager {
  /** What the names of its sources have before them. */
  readonly prefix: string;
  readonly facts: EngineFacts;
  readonly seenAt: string | undefined;
  readonly networks: ReadonlyMap<string, string>;
}

/** The names of networks by their ids, which services name them by. */
export function networkNames(networks: readonly unknown[]): ReadonlyMap<string, string> {
  return new Map(networks.map((network) => [textIn(network, 'Id'), textIn(network, 'Name')]));
}

/** Drone's services, with those of its stacks and of these projects, and those, by id, whose tasks are Drone's. */
export function servicesIn(
  services: readonly unknown[],
  { projects, tasks }: { readonly projects: readonly string[]; readonly tasks: ReadonlySet<string> },
  { prefix, facts, seenAt, networks }: Manager,
): readonly Service[] {
  const known = new Set(projects.filter((project) => project !== ''));
  const all = services.map((service) => {
    const attached = networksOf(service, networks);
    return { id: textIn(service, 'ID'), service, attached, traits: traitsOfService(service, [...attached.values()]) };
  });
  const isOwn = ({ id, traits }: { readonly id: string; readonly traits: Traits }): boolean =>
    isDrone(traits) || known.has(traits.project) || tasks.has(id);
  return withCompanions(all, isOwn).map(({ id, service, attached, traits }) => {
    return {
      id,
      source: {
        name: `docker-service://${prefix}${safeName(traits.name)}`,
        form: 'docker-service',
        text: serviceText(service, attached, facts),
        seenAt,
      },
    };
  });
}

function networksOf(service: unknown, names: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const lists = [field(service, 'Spec', 'TaskTemplate', 'Networks'), field(service, 'Spec', 'Networks')];
  const targets = lists
    .flatMap((list): readonly unknown[] => (Array.isArray(list) ? list : []))
    .map((network) => textIn(network, 'Target'));
  return new Map([...new Set(targets)].sort(compare).map((target) => [target, names.get(target) ?? target]));
}

/** The source of a running container that is a task of a swarm service. */
export interface Task {
  /** The id of the service. */
  readonly service: string;
  readonly source: Source;
}

/**
 * The sources of tasks with what their services add, whichever manager told of it, and the sources of the other services,
 * each once. Of a service with a task the rest is left to that: what runs says more than what is wanted.
 */
export function joinTasks(
  tasks: readonly Task[],
  services: readonly Service[],
): { readonly tasks: ReadonlyMap<Source, Source>; readonly services: readonly Source[] } {
  const byId = new Map<string, Source>();
  for (const { id, source } of services) if (id !== '' && !byId.has(id)) byId.set(id, source);
  const joined = new Map<Source, Source>();
  for (const { service, source } of tasks) {
    const told = byId.get(service);
    if (told) joined.set(source, { ...source, text: taskText(source.text, told.text) });
  }
  for (const { service } of tasks) byId.delete(service);
  return { tasks: joined, services: [...byId.values()] };
}

/**
 * That services were not seen, because the engine is no manager of its swarm and none of these was asked either: a worker
 * knows nothing of them (moby/moby daemon/cluster/services.go GetServices), and the ports that a swarm publishes are theirs.
 */
export function unseenServices(info: unknown, asked: readonly unknown[]): Text | undefined {
  const state = textIn(info, 'Swarm', 'LocalNodeState');
  if (!/^(?:active|pending|locked|error)$/.test(state) || field(info, 'Swarm', 'ControlAvailable') === true)
    return undefined;
  const managers = field(info, 'Swarm', 'RemoteManagers');
  const known = new Set(Array.isArray(managers) ? managers.map((manager) => textIn(manager, 'NodeID')) : []);
  const isAsked = asked.some(
    (other) => field(other, 'Swarm', 'ControlAvailable') === true && known.has(textIn(other, 'Swarm', 'NodeID')),
  );
  if (isAsked) return undefined;
  return state === 'active'
    ? say`the services of its swarm, and the ports that these publish, were not seen: this node is a worker; ask a manager, too`
    : say`the services of its swarm, and the ports that these publish, were not seen: the swarm is in the state "${state}" here; ask another manager`;
}
