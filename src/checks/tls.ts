import { isIP } from 'node:net';
import tls from 'node:tls';
import { codeOf } from '../model/error-code.ts';
import { bareHost } from '../model/hosts.ts';
import { type Network, networkOf } from './http.ts';

/** Whether an address speaks nothing that a current client does. */
export function isOnlyOld({ protocol }: TlsSeen): boolean {
  return oldVersions.some((version) => version === protocol);
}

/** What the TLS of an address shows to somebody who connects. */
export interface TlsSeen {
  /** `TLSv1.3` */
  readonly protocol: string;
  /** Why the certificate is not trusted, by the code of the library: `CERT_HAS_EXPIRED`; null if it is. */
  readonly distrust: string | null;
  /** RFC 3339; null where the certificate does not tell. */
  readonly validTo: string | null;
  /** Those of TLSv1 and TLSv1.1 that the address accepts. */
  readonly oldProtocols: readonly string[];
}

type Version = 'TLSv1' | 'TLSv1.1';
const oldVersions: readonly Version[] = ['TLSv1', 'TLSv1.1'];

/**
 * Connects to an address and looks at its certificate; then tries protocols that nothing should speak any more. `unasked`:
 * those that the library of this Node cannot offer. An address that speaks nothing newer is seen by these. Undefined where no TLS came about. Nothing is sent beyond the handshake.
 */
export async function lookAtTls(
  address: string,
  timeoutMs: number,
): Promise<{ readonly seen: TlsSeen; readonly network: Network; readonly unasked: readonly string[] } | undefined> {
  const now = await shakeHands(address, timeoutMs, {});
  if ('code' in now && cannotSpeak.has(now.code)) return undefined;
  const old = await Promise.all(
    oldVersions.map(async (version) => {
      // Below this level of security OpenSSL 3 offers no protocol before TLS 1.2.
      const options = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' } as const;
      return { version, outcome: await shakeHands(address, timeoutMs, options) };
    }),
  );
  const spoken = [now, ...old.toReversed().map(({ outcome }) => outcome)].find(
    (outcome): outcome is Spoken => !('code' in outcome),
  );
  if (!spoken) return undefined;
  const { protocol, distrust, validTo, network } = spoken;
  return {
    network,
    seen: {
      protocol,
      distrust,
      validTo,
      oldProtocols: old.flatMap(({ version, outcome }) => ('code' in outcome ? [] : [version])),
    },
    unasked: old.flatMap(({ version, outcome }) =>
      'code' in outcome && cannotOffer.has(outcome.code) ? [version] : [],
    ),
  };
}

/** Where nothing listens, or something that speaks no TLS at all. */
const cannotSpeak: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'TIMEOUT',
  'ERR_SSL_WRONG_VERSION_NUMBER',
]);

/** Errors of our own side, before anything was sent. */
const cannotOffer: ReadonlySet<string> = new Set([
  'ERR_SSL_NO_PROTOCOLS_AVAILABLE',
  'ERR_SSL_NO_CIPHERS_AVAILABLE',
  'ERR_SSL_NO_CIPHER_MATCH',
  'ERR_SSL_LIBRARY_HAS_NO_CIPHERS',
  'ERR_TLS_INVALID_PROTOCOL_VERSION',
  'ERR_TLS_PROTOCOL_VERSION_CONFLICT',
]);

type Spoken = Pick<TlsSeen, 'protocol' | 'distrust' | 'validTo'> & { readonly network: Network };
type Handshake = Spoken | { readonly code: string };

function shakeHands(address: string, timeoutMs: number, options: tls.ConnectionOptions): Promise<Handshake> {
  const url = new URL(address);
  const host = bareHost(url);
  return new Promise((resolve) => {
    let socket: tls.TLSSocket;
    const timer = setTimeout(() => end({ code: 'TIMEOUT' }), timeoutMs);
    const end = (outcome: Handshake): void => {
      clearTimeout(timer);
      resolve(outcome);
      socket?.destroy();
    };
    try {
      socket = tls.connect({
        host,
        port: Number(url.port || 443),
        servername: isIP(host) === 0 ? host : undefined,
        rejectUnauthorized: false,
        ...options,
      });
    } catch (error) {
      clearTimeout(timer);
      resolve({ code: codeOf(error) });
      return;
    }
    socket.on('error', (error) => end({ code: codeOf(error) }));
    socket.on('close', () => end({ code: 'ECONNRESET' }));
    socket.on('secureConnect', () => end(seenBy(socket)));
  });
}

function seenBy(socket: tls.TLSSocket): Spoken {
  const why: unknown = socket.authorizationError;
  const code = why instanceof Error ? codeOf(why) || 'UNKNOWN' : String(why ?? 'UNKNOWN');
  const until = Date.parse(socket.getPeerCertificate().valid_to ?? '');
  return {
    network: networkOf(socket.remoteAddress ?? ''),
    protocol: socket.getProtocol() ?? 'unknown',
    distrust: socket.authorized ? null : /^\w{1,60}$/.test(code) ? code : 'UNKNOWN',
    validTo: Number.isNaN(until) ? null : new Date(until).toISOString().replace('.000Z', 'Z'),
  };
}
