import { alsoAt, rule, say } from '../../model/rule.ts';

export default rule({
  id: 'public-server-details',
  on: 'endpoint',
  severity: 'info',
  confidence: 'high',
  pedantic: true,
  title: 'Version and SCM address are public',
  why: '`/version` tells anybody the exact release, and `/varz` the address of the SCM, which may be an internal one, its rate limit and the licence. No setting closes them.',
  fix: `Let the proxy refuse both paths to strangers:

\`\`\`nginx
location ~ ^/(varz|version)$ { return 404; }
\`\`\``,
  refs: ['harness/drone handler/web/varz.go', 'harness/drone handler/web/version.go'],
  standards: { owasp: ['CICD-SEC-7'], cwe: ['CWE-497'] },
  since: '0.1.0',
  *judge({ answers, label }) {
    const open = ['/version', '/varz'].flatMap((path) => {
      const answer = answers.get(path);
      return answer?.status.value === 200 && answer.body.value === 'json' ? [{ path, at: answer.status.at }] : [];
    });
    const [first, ...others] = open;
    if (!first) return;
    yield {
      at: first.at,
      subject: 'details',
      message: say`${label} tells anyone about itself at ${open.map(({ path }) => path).join(' and ')}`,
      related: others.map(({ at, path }) =>
        alsoAt(at, say`here too`, { message: say`${label} tells anyone about itself at ${path}` }),
      ),
    };
  },
});
