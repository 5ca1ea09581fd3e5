import { isLoopback } from '../model/hosts.ts';
import type { Installation } from '../model/installation.ts';
import { coversPort, isOnAllAddresses } from '../model/ports.ts';
import { type Settings, setVariable } from '../model/settings.ts';
import type { Text } from '../model/text.ts';
import { addressOf, dashboardBind, hasDashboard, portOf } from './dashboard-port.ts';

/** A port behind which settings reveal the HTTP server of a runner or an autoscaler. */
export interface RevealedEndpoint {
  readonly role: 'runner' | 'autoscaler';
  /** `service "runner"` */
  readonly label: Text;
  /** The address at which it is published; absent where that is any of its host, whose name no setting tells. */
  readonly host?: string;
  readonly port: string;
  /** Whether there is more than `/healthz`: a dashboard, or the pages of an autoscaler. */
  readonly pages: boolean;
  /** Whether it was seen running, on the machine of an engine. */
  readonly live: boolean;
  /** The source that tells of it. */
  readonly revealedBy: string;
}

/** The endpoints of runners and autoscalers that others may reach, or this machine, in the order in which they were read. */
export function revealedEndpoints({ settings }: Installation): readonly RevealedEndpoint[] {
  return settings.flatMap((each): readonly RevealedEndpoint[] => {
    const { role, label, live, at } = each;
    const isAutoscaler = role === 'autoscaler';
    if (!isAutoscaler && !hasDashboard(role)) return [];
    // Without a password a runner has /healthz alone (runner-go handler/router/router.go:30-48).
    const pages = isAutoscaler || setVariable(each, 'DRONE_UI_PASSWORD') !== undefined;
    const kind = isAutoscaler ? 'autoscaler' : 'runner';
    const endpoint = { role: kind, label, pages, live, revealedBy: at.source.name } as const;
    return placesOf(each).map((place) => ({ ...endpoint, ...place }));
  });
}

/** Addresses outside its container. A port that is published at random is not known before it runs. */
function placesOf(settings: Settings): readonly { readonly host?: string; readonly port: string }[] {
  const { container } = settings;
  const bind = dashboardBind(settings);
  const port = portOf(bind);
  if (bind === undefined || port === undefined || !isPort(port)) return [];
  const bound = addressOf(bind);
  if (!container || container.networkMode?.value === 'host')
    return [bound === '' || bound === '0.0.0.0' || bound === '::' || isOpen(bound) ? { port } : { host: bound, port }];
  if (isLoopback(bound)) return [];
  return container.ports.flatMap((published) => {
    const { hostAddress, hostPort = '' } = published;
    if (hostAddress === undefined || !isPort(hostPort) || !coversPort(published, Number(port))) return [];
    const host = hostAddress.replace(/[[\]]/g, '');
    return [isOnAllAddresses(published) || isOpen(host) ? { port: hostPort } : { host, port: hostPort }];
  });
}

/** A port of 0 is one that is chosen when the container starts. */
function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}

/** Whether an address has a variable in it that nothing fills in: `${IP}`. */
function isOpen(address: string): boolean {
  return /[${}]/.test(address);
}
