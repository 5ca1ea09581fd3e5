import type { AnyRule } from '../../model/rule.ts';
import buildsOnTheServer from './builds-on-the-server.ts';
import certificateWithoutKey from './certificate-without-key.ts';
import cookieOverHttp from './cookie-over-http.ts';
import httpLinksBehindTls from './http-links-behind-tls.ts';
import plainHttpServer from './plain-http-server.ts';
import publicReadAccess from './public-read-access.ts';
import responseHeadersOff from './response-headers-off.ts';
import trustedByDefault from './trusted-by-default.ts';
import weakCookieSecret from './weak-cookie-secret.ts';

export default [
  buildsOnTheServer,
  certificateWithoutKey,
  cookieOverHttp,
  httpLinksBehindTls,
  plainHttpServer,
  publicReadAccess,
  responseHeadersOff,
  trustedByDefault,
  weakCookieSecret,
] satisfies readonly AnyRule[];
