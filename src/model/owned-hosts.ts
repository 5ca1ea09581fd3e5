import { bareHost, isLoopback } from './hosts.ts';
import { UserError } from './user-error.ts';

/** A host that the user says is theirs: all its ports, or the one that was named with it. */
export interface OwnedHost {
  /** As a URL has it, an address of IPv6 without its brackets. */
  readonly host: string;
  readonly port?: string;
}

/**
 * What `--i-own-this` names: `ci.example.com`, `ci.example.com:8443`, `10.0.0.7`, `[::1]:3000`, or a whole URL, which
 * stands for its port alone. Throws UserError.
 */
export function ownedHost(text: string): OwnedHost {
  const given = text.trim();
  const hasScheme = /^https?:\/\//i.test(given);
  const isBareIpv6 = !hasScheme && !given.startsWith('[') && given.split(':').length > 2;
  const written = hasScheme ? given : `http://${isBareIpv6 ? `[${given}]` : given}`;
  const url = URL.canParse(written) ? new URL(written) : undefined;
  if (!url?.hostname || /[*\s]/.test(given) || (!hasScheme && /[/?#@]/.test(given)))
    throw new UserError(
      'what --i-own-this names is not a host',
      'such as ci.example.com, ci.example.com:8443 or [::1]:3000',
    );
  // The scheme that was only added makes the URL drop a port of 80 that was written.
  const port = hasScheme ? portOf(url) : /:(\d{1,5})$/.exec(isBareIpv6 ? '' : given)?.[1];
  return { host: hostIn(url), ...(port !== undefined && { port: String(Number(port)) }) };
}

/** Whether a probe may address a URL: one of this machine, or one of a host that is the user's. */
export function isOwned(url: URL, owned: readonly OwnedHost[]): boolean {
  const host = hostIn(url);
  return isLoopback(host) || owned.some((each) => each.host === host && (each.port ?? portOf(url)) === portOf(url));
}

/** The hosts of which a port is the user's. */
export function ownedAt(port: string, owned: readonly OwnedHost[]): readonly string[] {
  return [...new Set(owned.filter((each) => (each.port ?? port) === port).map(({ host }) => host))];
}

function hostIn(url: URL): string {
  return bareHost(url).toLowerCase().replace(/\.$/, '');
}

function portOf({ port, protocol }: URL): string {
  return port || (protocol === 'https:' ? '443' : '80');
}
