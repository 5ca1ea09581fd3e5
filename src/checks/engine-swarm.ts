import { compare } from '../model/compare.ts';
import type { Source } from '../model/source.ts';
import { field, textIn } from './answer-fields.ts';
import { isDrone, type Traits, traitsOfService, withCompanions } from './engine-drone.ts';
import { type EngineFacts, serviceText } from './engine-evidence.ts';
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

/** Drone's services, with those of its stacks and of these projects. */
export function servicesIn(
  services: readonly unknown[],
  projects: readonly string[],
  { prefix, facts, seenAt, networks }: Manager,
): readonly Service[] {
  const known = new Set(projects.filter((project) => project !== ''));
  const all = services.map((service) => {
    const attached = networksOf(service, networks);
    return { service, attached, traits: traitsOfService(service, [...attached.values()]) };
  });
  const isOwn = ({ traits }: { readonly traits: Traits }): boolean => isDrone(traits) || known.has(traits.project);
  return withCompanions(all, isOwn).map(({ service, attached, traits }) => {
    return {
      id: textIn(service, 'ID'),
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

/**
 * The sources of services, each once even if several managers told of it. A service of which a container was seen
 * (`tasks`, by id) is left to that: what runs says more than what is wanted.
 */
export function sourcesOfServices(services: readonly Service[], tasks: ReadonlySet<string>): readonly Source[] {
  const told = new Set(tasks);
  return services.flatMap(({ id, source }) => {
    if (id === '' || told.has(id)) return [];
    told.add(id);
    return [source];
  });
}
