import { openPlaces } from '../../analysis/listener.ts';
import { isLoopback } from '../../model/hosts.ts';
import type { Role } from '../../model/role.ts';
import type { Settings } from '../../model/settings.ts';
import type { Location } from '../../model/source.ts';

/** The variable with the listen address of the dashboard, by role (see DRONE_HTTP_BIND and DRONE_SERVER_PORT in the settings table). */
const bindNames: ReadonlyMap<Role, string> = new Map<Role, string>([
  ['runner-docker', 'DRONE_HTTP_BIND'],
  ['runner-exec', 'DRONE_HTTP_BIND'],
  ['runner-macstadium', 'DRONE_HTTP_BIND'],
  ['runner-aws', 'DRONE_HTTP_BIND'],
  ['runner-kube', 'DRONE_SERVER_PORT'],
  ['runner-ssh', 'DRONE_SERVER_PORT'],
  ['runner-digitalocean', 'DRONE_SERVER_PORT'],
]);

/** Whether a runner of this kind has a dashboard. */
export function hasDashboard(role: Role): boolean {
  return bindNames.has(role);
}

/** The port on which a dashboard listens; undefined where that is not known. */
export function dashboardPort({ role, variables }: Settings): string | undefined {
  const variable = variables.get(bindNames.get(role) ?? 'DRONE_HTTP_PORT');
  return /(?<!\d)(\d+)$/.exec((variable ? variable.value : ':3000') ?? '')?.[1];
}

/** Where the dashboard of a component is open beyond its own host; `unknown` when its port is not known. */
export function dashboardPlaces(settings: Settings): readonly { readonly at: Location }[] | 'unknown' {
  const { container, role, variables } = settings;
  const variable = variables.get(bindNames.get(role) ?? 'DRONE_HTTP_PORT');
  const bind = variable ? variable.value : role === 'autoscaler' ? ':8080' : ':3000';
  const port = /(?<!\d)(\d+)$/.exec(bind ?? '')?.[1];
  if (!container || bind === '') return [];
  if (bind === undefined || port === undefined) return 'unknown';
  const address = bind.slice(0, -port.length).replace(/:$/, '').replace(/[[\]]/g, '');
  return address !== '' && isLoopback(address) ? [] : openPlaces(container, port);
}
