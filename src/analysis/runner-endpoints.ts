import { isLoopback } from '../model/hosts.ts';
import type { Installation } from '../model/installation.ts';
import { coversPort, isOnAllAddresses } from '../model/ports.ts';
import { type Settings, setVariable } from '../model/settings.ts';
import type { Text } from '../model/text.ts';
import { addressOf, dashboardBind, hasDashboard, portOf } from './dashboard-port.ts';

/** A port behind which settings reveal the dashboard of a runner or the pages of an autoscaler. */
export interface RevealedEndpoint {
  readonly role: 'runner' | 'autoscaler';
  /** `service "runner"` */
  readonly label: Text;
  /** The address at which it is published; absent where that is any of its host, whose name no setting tells. */
  readonly host?: string;
  readonly port: string;
  /** Whether it was seen running, on the machine of an engine. */
  readonly live: boolean;
  /** The source that tells of it. */
  readonly revealedBy: string;
}

/** The endpoints of runners and autoscalers that others may reach, in the order in which they were read. */
export function revealedEndpoints({ settings }: Installation): readonly RevealedEndpoint[] {
  return settings.flatMap((each): readonly RevealedEndpoint[] => {
    const { role, label, live, at } = each;
    const isAutoscaler = role === 'autoscaler';
    // Without a password a runner has no dashboard (runner-go handler/router/router.go:30-48).
    if (!isAutoscaler && !(hasDashboard(role) && setVariable(each, 'DRONE_UI_PASSWORD'))) return [];
    const endpoint = { role: isAutoscaler ? 'autoscaler' : 'runner', label, live, revealedBy: at.source.name } as const;
    return placesOf(each).map((place) => ({ ...endpoint, ...place }));
  });
}

/** Addresses beyond the own host. A port that is published at random is not known before it runs. */
function placesOf(settings: Settings): readonly { readonly host?: string; readonly port: string }[] {
  const { container } = settings;
  const bind = dashboardBind(settings);
  const port = portOf(bind);
  if (bind === undefined || port === undefined) return [];
  const bound = addressOf(bind);
  if (isLoopback(bound)) return [];
  if (!container || container.networkMode?.value === 'host')
    return [bound === '' || bound === '0.0.0.0' || bound === '::' ? { port } : { host: bound, port }];
  return container.ports.flatMap((published) => {
    const { hostAddress, hostPort } = published;
    if (hostAddress === undefined || !/^\d{1,5}$/.test(hostPort ?? '') || !coversPort(published, Number(port)))
      return [];
    const host = hostAddress.replace(/[[\]]/g, '');
    if (isLoopback(host)) return [];
    return [isOnAllAddresses(published) ? { port: hostPort ?? '' } : { host, port: hostPort ?? '' }];
  });
}
