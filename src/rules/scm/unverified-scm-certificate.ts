import { isOn } from '../../analysis/setting-state.ts';
import { ownWords, rule, say } from '../../model/rule.ts';

/** A unit reads the files of its host, and needs no mount. */
const ofUnit = `Remove \`DRONE_GITEA_SKIP_VERIFY\`, and let the server trust the private CA, if there is one:

\`\`\`env
SSL_CERT_FILE=/etc/drone/ca.pem
\`\`\`

If the unit starts a container, mount that file there: \`--volume=/etc/drone/ca.pem:/etc/drone/ca.pem:ro\`. Where the certificate is of a private CA, nobody can sign in without it.`;

const providers = ['BITBUCKET', 'GITEA', 'GITEE', 'GITHUB', 'GITLAB', 'GOGS', 'STASH'] as const;

export default rule({
  id: 'unverified-scm-certificate',
  on: 'settings',
  severity: 'high',
  confidence: 'high',
  title: 'Server does not check the SCM certificate',
  why: 'Anyone between server and SCM can pose as the SCM. They receive OAuth tokens with write access to repositories, and decide who signs in as whom. For Bitbucket only the refresh of tokens is affected.',
  fix: `Remove \`DRONE_GITEA_SKIP_VERIFY\`, and let the server trust the private CA, if there is one:

\`\`\`env
SSL_CERT_FILE=/etc/drone/ca.pem
\`\`\`

\`\`\`yaml compose
volumes:
  - ./ca.pem:/etc/drone/ca.pem:ro
\`\`\`

\`\`\`yaml kubernetes
spec:
  template:
    spec:
      containers:
        - name: drone
          volumeMounts:
            - { name: ca, mountPath: /etc/drone }
      volumes:
        - name: ca
          configMap: { name: drone-ca } # made of ca.pem
\`\`\`

\`\`\`yaml helm
extraVolumes:
  - name: ca
    configMap: { name: drone-ca } # made of ca.pem
extraVolumeMounts:
  - { name: ca, mountPath: /etc/drone }
\`\`\`

\`\`\`sh docker-run
--volume=/etc/drone/ca.pem:/etc/drone/ca.pem:ro
\`\`\`

Where the certificate is of a private CA, nobody can sign in without it.`,
  refs: [
    'https://docs.drone.io/server/reference/drone-gitea-skip-verify/',
    'harness/drone cmd/drone-server/inject_client.go:75-90',
    'harness/drone cmd/drone-server/inject_login.go:188-195',
  ],
  standards: { owasp: ['CICD-SEC-7'], cwe: ['CWE-295'] },
  needsRunning: true,
  since: '0.1.0',
  effort: 'hours',
  *judge(settings) {
    if (settings.role !== 'server') return;
    for (const provider of providers) {
      const variable = settings.variables.get(`DRONE_${provider}_SKIP_VERIFY`);
      if (!variable || !isOn(settings, variable.name)) continue;
      const scope = provider === 'BITBUCKET' ? ' when it refreshes tokens' : '';
      yield {
        at: variable.at,
        subject: variable.name,
        about: settings.variables.get(`DRONE_${provider}_SERVER`)?.value,
        fix: variable.at.source.form === 'systemd' ? ofUnit : undefined,
        fills: { DRONE_GITEA_SKIP_VERIFY: variable.name },
        message: say`${settings.label} accepts any certificate as that of the SCM${ownWords(scope)}`,
      };
    }
  },
});
