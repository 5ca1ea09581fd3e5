import { say, type Text } from '../model/text.ts';

const unknownHost = say`cannot be found: its host name has no address`;
const unreachable = say`cannot be reached`;
const notOpened = say`may not be opened by this user`;
const closes = say`closes the connection`;
const noHttp = say`does not speak HTTP`;
const oldTls = say`speaks no TLS that is current`;

/** In our words, because messages of the libraries may quote what was sent or received. */
const reasons: Readonly<Record<string, Text>> = {
  ENOENT: say`is not there`,
  ENOTDIR: say`is not there`,
  EACCES: notOpened,
  EPERM: notOpened,
  ENOTSOCK: say`is not a socket`,
  ECONNREFUSED: say`refuses the connection`,
  ENOTFOUND: unknownHost,
  EAI_AGAIN: unknownHost,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  ETIMEDOUT: unreachable,
  ECONNRESET: closes,
  EPIPE: closes,
  EPROTO: say`does not speak TLS`,
  ERR_SSL_WRONG_VERSION_NUMBER: say`does not speak TLS`,
  ERR_SSL_UNSUPPORTED_PROTOCOL: oldTls,
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: oldTls,
  HPE_HEADER_OVERFLOW: say`sends headers without end`,
};

/** Codes that say that nothing is there to answer. */
const absent: ReadonlySet<string> = new Set(
  'ENOENT ENOTDIR ENOTSOCK ECONNREFUSED ENOTFOUND EAI_AGAIN EHOSTUNREACH ENETUNREACH'.split(' '),
);

/** Why a connection came to nothing, by the code of an error; what follows the name of what was asked. */
export function connectionFailure(code: string): Text {
  const known = reasons[code];
  if (known) return known;
  if (/CERT|SELF_SIGNED|ISSUER|_SIGNATURE|ERR_TLS|ERR_SSL|ERR_OSSL/.test(code))
    return say`cannot be trusted: its certificate or ours is not accepted (${shown(code)})`;
  if (code.startsWith('HPE_')) return noHttp;
  return say`could not be asked (${shown(code)})`;
}

/** Whether an error says that nothing is there, rather than that it gives no answer. */
export function isAbsence(code: string): boolean {
  return absent.has(code);
}

function shown(code: string): string {
  return /^\w{1,60}$/.test(code) ? code : 'unknown';
}
