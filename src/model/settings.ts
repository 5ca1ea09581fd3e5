import type { Container } from './container.ts';
import type { Environment, Variable } from './environment.ts';
import { memoizePer } from './memoize.ts';
import type { Role } from './role.ts';
import type { Located, Location } from './source.ts';
import type { Text } from './text.ts';

/** The environment of one component, and what it belongs to. */
export interface Settings extends Environment {
  readonly kind: 'settings';
  /** Identity shared by all artefacts of one component, `docker-compose.yml#services[drone]`. */
  readonly owner: string;
  /** For people: `service "drone"`, `container "drone-runner"`, `server.env`. */
  readonly label: Text;
  readonly role: Role;
  /** Declared version of the component, from its image tag: `2.24.0`, `1`; absent if unknown. */
  readonly version?: string;
  /** The place that stands for the component: its service key, or the first line of an env file. */
  readonly at: Location;
  readonly live: boolean;
  /** The container it belongs to, if any. */
  readonly container?: Container;
  /** The account that a process outside containers runs as; absent if nothing says so (a system unit: root). */
  readonly user?: Located<string>;
}

/** The settings of a container: its environment under the name of the component. The same object each time. */
export const settingsOf = memoizePer((container: Container): Settings => {
  const { owner, label, role, version, at, live, environment } = container;
  return { kind: 'settings', owner, label, role, version, at, live, container, ...environment };
});

/** A variable that is set and not empty; its value may be unknown. */
export function setVariable(settings: Settings, name: string): Variable | undefined {
  const variable = settings.variables.get(name);
  return variable && variable.value !== '' ? variable : undefined;
}
