import { proxyOf } from '../drone/topology.ts';
import { olderThan, parseVersion } from '../drone/version.ts';
import type { Container } from '../model/container.ts';
import { isLoopback } from '../model/hosts.ts';
import { coversPort } from '../model/ports.ts';
import { type Context, type Location, say, type Text } from '../model/rule.ts';
import { type Settings, setVariable } from '../model/settings.ts';
import { isOn } from './setting-state.ts';

/**
 * The port on which a server listens: 443 with any TLS variable (cmd/drone-server/config/config.go:531-538), else
 * DRONE_SERVER_PORT, else 80 in the official image and 8000 in 0.x. Undefined when its value is not known.
 */
export function listenerPort(settings: Settings): string | undefined {
  const hasTls = setVariable(settings, 'DRONE_TLS_KEY') ?? setVariable(settings, 'DRONE_TLS_CERT');
  if (hasTls || isOn(settings, 'DRONE_TLS_AUTOCERT')) return '443';
  if (olderThan(parseVersion(settings.version), [1])) return '8000';
  const variable = setVariable(settings, 'DRONE_SERVER_PORT');
  if (!variable) return '80';
  return /(?<!\d)(\d+)$/.exec(variable.value ?? '')?.[1];
}

/** Where a port of a container is open beyond its own host: mapped ports, and the host's network. */
export function openPlaces(container: Container, port: string): readonly { at: Location; address: string }[] {
  const { networkMode } = container;
  if (networkMode?.value === 'host') return [{ at: networkMode.at, address: '' }];
  return container.ports.flatMap((each) => {
    const { hostAddress, at } = each;
    if (hostAddress === undefined || isLoopback(hostAddress.replace(/[[\]]/g, ''))) return [];
    return coversPort(each, Number(port)) ? [{ at, address: hostAddress }] : [];
  });
}

/** What shows that a server is reached over TLS, with the place of the proof; undefined when nothing does. */
export function tlsProof(
  settings: Settings,
  { installation, site }: Context,
): { readonly at: Location; readonly because: Text } | undefined {
  const proto = settings.variables.get('DRONE_SERVER_PROTO');
  if (proto?.value === 'https') return { at: proto.at, because: say`DRONE_SERVER_PROTO is https` };
  const key = setVariable(settings, 'DRONE_TLS_KEY');
  if (key) return { at: key.at, because: say`the server has a TLS key` };
  const acme = settings.variables.get('DRONE_TLS_AUTOCERT');
  if (acme && isOn(settings, acme.name)) return { at: acme.at, because: say`DRONE_TLS_AUTOCERT is true` };
  const proxy = proxyOf(settings, installation, site);
  return proxy?.tls && proxy.leadsHere ? { at: proxy.at, because: say`${proxy.by} terminates TLS` } : undefined;
}
