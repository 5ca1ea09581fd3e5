import { isOfDrone08 } from '../../analysis/obsolete.ts';
import { isOn } from '../../analysis/setting-state.ts';
import { scmOf } from '../../drone/scm.ts';
import { proxyOf } from '../../drone/topology.ts';
import { rule, say } from '../../model/rule.ts';
import { setVariable } from '../../model/settings.ts';

/** Providers that send the webhook secret itself, not a signature: X-Gitlab-Token and `?secret=` (drone/go-scm v1.28.0). */
const sendsSecret: ReadonlySet<string> = new Set(['gitlab', 'bitbucket']);

export default rule({
  id: 'http-links-behind-tls',
  on: 'installation',
  severity: 'low',
  confidence: 'medium',
  title: 'Links say http although a proxy terminates TLS',
  why: 'OAuth codes and webhook secrets cross the network in clear text before the proxy can redirect; GitLab and Bitbucket send the webhook secret itself. The server builds webhook targets, redirects and status links from DRONE_SERVER_PROTO, which is http by default.',
  fix: `Let the server write https links:

\`\`\`env
DRONE_SERVER_PROTO=https
\`\`\`

Enter the https address as callback at the SCM too, or sign-in can fail. Then repair the webhooks of repositories that are already active:

\`\`\`sh
drone repo repair NAMESPACE/NAME
\`\`\``,
  refs: [
    'https://docs.drone.io/server/reference/drone-server-proto/',
    'harness/drone cmd/drone-server/config/config.go:531-538',
  ],
  standards: { owasp: ['CICD-SEC-7'], cwe: ['CWE-319'] },
  since: '0.1.0',
  *judge(installation, { site }) {
    for (const server of installation.settings) {
      // 0.8 makes its links from DRONE_HOST.
      if (server.role !== 'server' || isOfDrone08(server)) continue;
      const proto = server.variables.get('DRONE_SERVER_PROTO');
      if (proto && proto.value !== 'http') continue;
      if (setVariable(server, 'DRONE_TLS_KEY') ?? setVariable(server, 'DRONE_TLS_CERT')) continue;
      if (isOn(server, 'DRONE_TLS_AUTOCERT')) continue;
      const proxy = proxyOf(server, installation, site);
      if (!proxy?.tls) continue;
      const at = proto?.at ?? server.at;
      if (!proto && !server.complete) {
        yield { at, inconclusive: server.gaps[0] ?? say`the environment is not wholly known` };
        continue;
      }
      const scm = scmOf(server);
      yield {
        at,
        of: server,
        message: say`${server.label} makes http links${proto ? '' : say`, the default without DRONE_SERVER_PROTO`}, and ${proxy.by} terminates TLS in front of it`,
        related: [{ at: proxy.at, message: say`${proxy.by} terminates TLS` }],
        severity: scm && sendsSecret.has(scm.provider) ? 'medium' : undefined,
      };
    }
  },
});
