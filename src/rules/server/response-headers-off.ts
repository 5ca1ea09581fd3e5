import { tlsProof } from '../../analysis/listener.ts';
import { isOn, isStoppedBy } from '../../analysis/setting-state.ts';
import { proxyOf } from '../../drone/topology.ts';
import { olderThan, parseVersion } from '../../drone/version.ts';
import { parseGoBool, parseGoInt } from '../../facts/go-values.ts';
import { rule, say } from '../../model/rule.ts';
import type { Settings } from '../../model/settings.ts';

export default rule({
  id: 'response-headers-off',
  on: 'settings',
  severity: 'low',
  confidence: 'high',
  pedantic: true,
  title: 'Protective response headers are off',
  why: 'These headers keep browsers from showing the pages in a frame of another site, from falling back to http, and from guessing content types. They cover the web pages of the server, not `/api` and `/rpc`; only the frame header is on by default.',
  fix: `Switch the headers on:

\`\`\`env
DRONE_HTTP_STS_SECONDS=31536000
DRONE_HTTP_CONTENT_TYPE_NO_SNIFF=true
\`\`\`

Remove \`DRONE_HTTP_FRAME_DENY=false\`: that header is on by default. Behind a proxy the first one is sent only with \`DRONE_HTTP_SSL_PROXY_HEADERS=X-Forwarded-Proto:https\`; or let the proxy send them all. Browsers then refuse plain http to that host for a year.`,
  refs: [
    'https://docs.drone.io/server/reference/drone-http-sts-seconds/',
    'harness/drone cmd/drone-server/config/config.go:430-446',
    'harness/drone handler/web/web.go:102-103',
  ],
  standards: { owasp: ['CICD-SEC-7'], cwe: ['CWE-1021', 'CWE-319'] },
  since: '0.1.0',
  *judge(settings, context) {
    if (settings.role !== 'server' || olderThan(parseVersion(settings.version), [1])) return;
    const noSniff = 'DRONE_HTTP_CONTENT_TYPE_NO_SNIFF';
    const proxy = proxyOf(settings, context.installation, context.site);
    if (proxy?.headers) return;
    const deny = settings.variables.get('DRONE_HTTP_FRAME_DENY');
    const framed = deny?.value !== undefined && parseGoBool(deny.value) === false ? deny : undefined;
    const off = [
      ...(framed ? ['X-Frame-Options'] : []),
      ...(sendsNoSts(settings) && tlsProof(settings, context) ? ['Strict-Transport-Security'] : []),
      ...(isOn(settings, noSniff) === false && !isStoppedBy(settings, noSniff) ? ['X-Content-Type-Options'] : []),
    ];
    const at = framed?.at ?? settings.at;
    // We cannot see what a proxy with its own configuration adds, but we do see frames that are allowed on purpose.
    if (proxy && !framed) {
      if (off.length > 0) yield { at, inconclusive: say`${proxy.by} may send the headers` };
      return;
    }
    if (off.length === 0) return;
    yield {
      at,
      subject: 'response headers',
      message: say`${settings.label} does not send ${off.join(', ')}`,
      severity: framed ? 'medium' : undefined,
    };
  },
});

function sendsNoSts(settings: Settings): boolean {
  const seconds = settings.variables.get('DRONE_HTTP_STS_SECONDS');
  if (!seconds) return settings.complete;
  return seconds.value !== undefined && parseGoInt(seconds.value) === 0n;
}
