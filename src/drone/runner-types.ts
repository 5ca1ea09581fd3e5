import type { Pipeline } from '../model/pipeline.ts';
import type { Role } from '../model/role.ts';
import type { Settings } from '../model/settings.ts';

const typesOf: Readonly<Partial<Record<Role, readonly string[]>>> = {
  'runner-docker': ['docker'],
  agent: ['docker'],
  'runner-kube': ['kubernetes'],
  'runner-exec': ['exec'],
  'runner-ssh': ['ssh'],
  'runner-digitalocean': ['digitalocean'],
  'runner-macstadium': ['macstadium'],
  'runner-aws': ['vm', 'aws'],
  'runner-nomad': ['docker'],
};

/** The types of pipelines that a component takes, the usual one first; none for what is no runner. */
export function typesServedBy({ role }: Pick<Settings, 'role'>): readonly string[] {
  return typesOf[role] ?? [];
}

/** Whether this kind of runner takes pipelines of this type. */
export function servesType(runner: Pick<Settings, 'role'>, { type }: Pick<Pipeline, 'type'>): boolean {
  return typesServedBy(runner).includes(type);
}
