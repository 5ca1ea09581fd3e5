import { endpointOf, isOnPrivateNetwork } from '../../drone/network.ts';
import { hostOf } from '../../model/hosts.ts';
import { rule, say } from '../../model/rule.ts';

const providers = ['GITHUB', 'GITLAB', 'GITEA', 'GITEE', 'GOGS', 'STASH'] as const;

export default rule({
  id: 'plain-http-scm',
  on: 'settings',
  severity: 'high',
  confidence: 'high',
  title: 'SCM is addressed over plain http',
  why: 'OAuth codes, tokens with write access to repositories, and clone credentials cross the network in clear text. A neighbour on the network can read them and push code in the name of your users.',
  fix: `Let the SCM serve https, and address it so:

\`\`\`env
DRONE_GITEA_SERVER=https://git.example.com
\`\`\`

Then have users sign in again, and revoke the tokens that were sent in clear text. The SCM itself names the address to clone from: that must be https too (in Gitea \`ROOT_URL\`), before \`drone repo repair\` takes it over.`,
  refs: [
    'https://docs.drone.io/server/reference/drone-gitea-server/',
    'harness/drone cmd/drone-server/inject_client.go:51-69',
  ],
  standards: { owasp: ['CICD-SEC-7'], cwe: ['CWE-319'] },
  needsRunning: true,
  since: '0.1.0',
  effort: 'hours',
  *judge(settings, { installation, site }) {
    if (settings.role !== 'server') return;
    for (const provider of providers) {
      const variable = settings.variables.get(`DRONE_${provider}_SERVER`);
      if (!variable?.value || !/^http:\/\//i.test(variable.value)) continue;
      const host = hostOf(variable.value);
      const endpoint = host === undefined ? 'local' : endpointOf(host, settings, installation);
      if (host === undefined || endpoint === 'local') continue;
      const isNear = endpoint === 'project' || isOnPrivateNetwork(host, settings, site.networks);
      yield {
        at: variable.at,
        subject: variable.name,
        fills: {
          DRONE_GITEA_SERVER: variable.name,
          'https://git.example.com': variable.value.replace(/^http:/i, 'https:'),
        },
        message: say`the SCM at "${host}" is addressed over plain http${isNear ? say`, within a private network` : ''}`,
        severity: isNear ? 'info' : undefined,
      };
    }
  },
});
