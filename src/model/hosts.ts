/**
 * The host of an address as settings write it (`https://ci.example.com:8443/path`, `drone:80`, `[::1]:80`), in lower
 * case; undefined for paths, unix sockets, placeholders and empty texts.
 */
export function hostOf(address: string): string | undefined {
  const text = address.trim();
  if (text === '' || text.startsWith('/') || /^unix:/i.test(text)) return undefined;
  const [authority = ''] = text.replace(/^[a-z][a-z0-9+.-]{0,30}:\/\//i, '').split(/[/?#]/, 1);
  const place = authority.slice(authority.lastIndexOf('@') + 1);
  const bracketed = /^\[([^\]]*)\]/.exec(place)?.[1];
  const host = bracketed ?? (place.split(':').length > 2 ? place : place.replace(/:.*/s, ''));
  // A blank that a guide leaves to be filled in (`<ip address>`) is not a host.
  return /[<>\s]/.test(host) ? undefined : host.toLowerCase().replace(/\.$/, '') || undefined;
}

/**
 * Scheme and host of a URL, in lower case, and what is behind them; who logs in is left out. A host may have `\u2026` in
 * it, for what is not known.
 */
export function urlOf(
  text: string,
): { readonly scheme: string; readonly host: string; readonly rest: string } | undefined {
  const found =
    /^([a-z][a-z0-9+.-]{0,30}):\/\/(?:[^@/?#]{0,500}@)?([\u2026\w.-]{1,250}|\[[0-9a-f:]{2,45}\])(?=[:/?#]|$)/i.exec(
      text,
    );
  if (!found) return undefined;
  const [whole, scheme = '', host = ''] = found;
  return { scheme: scheme.toLowerCase(), host: host.toLowerCase(), rest: text.slice(whole.length) };
}

/** The host of a URL as a connection takes it: an address of IPv6 without its brackets. */
export function bareHost({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

/** Whether a host of a URL is an address, for which no certificate is given: `10.0.0.1`, `[::1]`. */
export function isAddress(host: string): boolean {
  return /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[.*)$/.test(host);
}

/** Whether an address can be reached only from its own host: localhost, 127.0.0.0/8, ::1. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|.*\.localhost|127(?:\.\d{1,3}){3}|::1|(?:0{1,4}:){7}0{0,3}1)$/i.test(host);
}

/** Names by which a container reaches its own host. */
const ownHost = /^(?:host\.docker\.internal|gateway\.docker\.internal|host\.containers\.internal|172\.17\.0\.1)$/;

/** Whether a name stands for the host that a container runs on, so that what it reaches there is a published port. */
export function isOwnHost(host: string): boolean {
  return ownHost.test(host) || host === '0.0.0.0' || isLoopback(host);
}

/** Whether an address is one that engines give to themselves on bridges that they make (moby/moby libnetwork/ipamutils). */
export function isBridgeGateway(host: string): boolean {
  return /^172\.(?:1[7-9]|2\d|3[01])\.0\.1$/.test(host);
}

/** The port that an address names: `tcp://172.17.0.1:2375/`. */
export function portOf(address: string): string | undefined {
  return /^(?:[a-z][a-z0-9+.-]{0,30}:\/\/)?[^/?#]*:(\d{1,5})(?:[/?#]|$)/i.exec(address.trim())?.[1];
}

/** Whether anyone in the world may resolve and reach a host: a domain name or address that is not private. */
export function isPublicHost(host: string): boolean {
  if (isLoopback(host) || !host.includes('.')) return false;
  if (/\.(?:local|localdomain|lan|home|internal|intranet|corp|test|invalid|home\.arpa|svc)$/.test(host)) return false;
  const privateRanges = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', '100.64.0.0/10'];
  return !privateRanges.some((range) => isInRange(host, range));
}

/** Whether an address lies in a range: `10.0.0.0/8`. */
export function isInRange(host: string, range: string): boolean {
  const [base = '', bits = ''] = range.split('/');
  const address = addressOf(host);
  const start = addressOf(base);
  const length = Number(bits);
  if (address === undefined || start === undefined || !/^\d{1,2}$/.test(bits) || length > 32) return false;
  const size = 2 ** (32 - length);
  return Math.floor(address / size) === Math.floor(start / size);
}

function addressOf(text: string): number | undefined {
  if (!/^\d{1,3}(?:\.\d{1,3}){3}$/.test(text)) return undefined;
  const parts = text.split('.').map(Number);
  return parts.some((part) => part > 255) ? undefined : parts.reduce((sum, part) => sum * 256 + part, 0);
}
