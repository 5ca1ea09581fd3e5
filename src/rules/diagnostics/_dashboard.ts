import { addressOf, dashboardBind, portOf } from '../../analysis/dashboard-port.ts';
import { openPlaces } from '../../analysis/listener.ts';
import { isLoopback } from '../../model/hosts.ts';
import type { Settings } from '../../model/settings.ts';
import type { Location } from '../../model/source.ts';

/** Where the dashboard of a component is open beyond its own host; `unknown` when its port is not known. */
export function dashboardPlaces(settings: Settings): readonly { readonly at: Location }[] | 'unknown' {
  const { container } = settings;
  const bind = dashboardBind(settings);
  const port = portOf(bind);
  if (!container || bind === '') return [];
  if (bind === undefined || port === undefined) return 'unknown';
  const address = addressOf(bind);
  return address !== '' && isLoopback(address) ? [] : openPlaces(container, port);
}
