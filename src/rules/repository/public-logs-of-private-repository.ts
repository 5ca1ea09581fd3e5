import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'public-logs-of-private-repository',
  on: 'repository',
  severity: 'high',
  confidence: 'high',
  title: 'Logs of a private repository are readable',
  why: 'The SCM keeps the repository private, and Drone shows its builds and logs to others: they reveal source code, host names, and now and then a secret. A repository administrator can set this without asking an administrator of the server.',
  fix: `Show builds only to those who may read the repository:

\`\`\`sh
drone repo update --visibility=private octocat/app
\`\`\``,
  refs: ['harness/drone handler/api/repos/update.go:78-80', 'harness/drone handler/api/acl/repo.go:59-64'],
  standards: { owasp: ['CICD-SEC-5', 'CICD-SEC-6'], cwe: ['CWE-200'] },
  since: '0.1.0',
  *judge({ label, slug, private: isPrivate, visibility }) {
    if (!isPrivate.value || visibility.value === 'private') return;
    const isInternal = visibility.value === 'internal';
    yield {
      at: visibility.at,
      subject: 'visibility',
      message: say`${label} is private at the SCM, and ${isInternal ? say`every account of the server` : say`anyone who reaches the server`} can read its builds and logs`,
      severity: isInternal ? 'medium' : undefined,
      fills: { 'octocat/app': slug },
    };
  },
});
