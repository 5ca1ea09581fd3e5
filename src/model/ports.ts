import type { Container, Port } from './container.ts';
import type { Location } from './source.ts';

/** Whether a port is published on all addresses of its host, which is Docker's default. */
export function isOnAllAddresses({ hostAddress }: Port): boolean {
  return hostAddress !== undefined && /^(?:|0\.0\.0\.0|\[?::\]?)$/.test(hostAddress);
}

/** Whether a port is published on an address that other hosts can reach. An unknown address does not count. */
export function isPublished(port: Port): boolean {
  if (isOnAllAddresses(port)) return true;
  const { hostAddress } = port;
  return hostAddress !== undefined && !/^(?:127\.|\[?::1\]?$|localhost$|.*[${])/.test(hostAddress);
}

/** Whether a TCP port or range (`5432-5440`) of the container includes a number. */
export function coversPort({ containerPort, protocol }: Port, wanted: number): boolean {
  if (protocol === 'udp') return false;
  const [first = '', last = first] = containerPort.split('-');
  return Number(first) <= wanted && wanted <= Number(last);
}

/** The port of a place, published on the host itself only: `127.0.0.1:8080:80`. A proxy needs 80 and 443 for itself. */
export function onOwnHost({ ports }: Container, at: Location): string | undefined {
  const port = ports.find((each) => each.at === at);
  const hostPort = port?.hostPort ?? port?.containerPort;
  return port && `127.0.0.1:${hostPort === '80' || hostPort === '443' ? '8080' : hostPort}:${port.containerPort}`;
}
