import type { Role } from '../model/role.ts';
import type { Settings } from '../model/settings.ts';

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

/**
 * Where a dashboard, or the HTTP server of an autoscaler, listens: `:3000`, `127.0.0.1:3000`; empty where it does not.
 * Undefined where that is not known (drone/autoscaler config/config.go:100).
 */
export function dashboardBind({ role, variables }: Settings): string | undefined {
  const variable = variables.get(bindNames.get(role) ?? 'DRONE_HTTP_PORT');
  return variable ? variable.value : role === 'autoscaler' ? ':8080' : ':3000';
}

/** The port in a listen address; undefined where there is none. */
export function portOf(bind: string | undefined): string | undefined {
  return /(?<!\d)(\d+)$/.exec(bind ?? '')?.[1];
}

/** The address before the port, without brackets; empty for all addresses. */
export function addressOf(bind: string): string {
  const port = portOf(bind) ?? '';
  return bind
    .slice(0, bind.length - port.length)
    .replace(/:$/, '')
    .replace(/[[\]]/g, '');
}
