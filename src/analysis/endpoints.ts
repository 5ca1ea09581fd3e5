import { hostOf, isLoopback, isPublicHost } from '../model/hosts.ts';
import type { Answer, Endpoint } from '../model/server.ts';

/** Whether anyone in the world may reach an address: by its name, and by where the name led to if that is known. */
export function isPublicEndpoint({ address, network }: Endpoint): boolean {
  return isPublicHost(hostOf(address.value) ?? '') && (network === undefined || network.value === 'public');
}

/** Whether an address is one of the machine that asked. */
export function isLocalEndpoint({ address, network }: Endpoint): boolean {
  return network?.value === 'loopback' || isLoopback(hostOf(address.value) ?? '');
}

/** Whether everything that is sent to an address can be read on the way. */
export function isPlainHttp({ address }: Endpoint): boolean {
  return address.value.startsWith('http://');
}

/** The host of an address, to put into a fix; empty for one of the machine that asked, which others know by another name. */
export function hostOfEndpoint({ address }: Endpoint): string {
  const host = hostOf(address.value) ?? '';
  return isLoopback(host) ? '' : host;
}

/** The port of an address, by its scheme where it names none. */
export function portOfEndpoint({ address }: Endpoint): string {
  return /:(\d{1,5})\/?$/.exec(address.value)?.[1] ?? (address.value.startsWith('http://') ? '80' : '443');
}

/** A header of an answer, in lower case; empty where it was not sent. */
export function headerOf({ headers }: Answer, name: string): string {
  return headers.get(name)?.value.toLowerCase() ?? '';
}

/** Whether an answer asks for a login of its own, by which a browser opens a window. */
export function asksForLogin(answer: Answer): boolean {
  return answer.status.value === 401 && headerOf(answer, 'www-authenticate').startsWith('basic');
}
