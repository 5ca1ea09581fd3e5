import { registrationOf } from '../../analysis/registration.ts';
import { scmOf } from '../../drone/scm.ts';
import { rule, say } from '../../model/rule.ts';
import { setVariable } from '../../model/settings.ts';

/** For 0.8 and older, which know neither variable (harness/drone v0.8.10 cmd/drone-server/server.go:96-106). */
const fixBefore1 = `Remove \`DRONE_OPEN\`, then review the existing accounts: it only admits new users. Administrators add further accounts with \`drone user add\`.

Or let members of your organisations register, and nobody else:

\`\`\`env
DRONE_ORGS=your-organisation
\`\`\`

Drone 1.0 and newer read neither: they are open unless \`DRONE_USER_FILTER\` or \`DRONE_REGISTRATION_CLOSED\` is set.`;

export default rule({
  id: 'open-registration',
  on: 'settings',
  severity: 'medium',
  confidence: 'high',
  title: 'Anyone known to the SCM can get an account',
  why: 'By default Drone admits every user who can sign in to the SCM; on github.com, gitlab.com or bitbucket.org that is anyone. An account can activate its own repositories, run builds on your runners and read repositories with visibility "internal".',
  fix: `Limit who may register, then review the existing accounts: the limit applies to new users only.

\`\`\`env
DRONE_USER_FILTER=your-organisation
\`\`\`

Or, once everybody has an account, close it:

\`\`\`env
DRONE_REGISTRATION_CLOSED=true
\`\`\`

\`DRONE_REPOSITORY_FILTER\` limits which namespaces can be activated; \`DRONE_USER_CREATE=false\` does nothing. Servers built with the tag \`oss\` ignore the filter.`,
  refs: [
    'https://docs.drone.io/server/user/registration/',
    'harness/drone plugin/admission/open.go:38-49',
    'harness/drone plugin/admission/account.go:45-49',
  ],
  standards: { owasp: ['CICD-SEC-2'], cwe: ['CWE-1188'] },
  needsRunning: true,
  since: '0.1.0',
  effort: 'minutes',
  *judge(settings, { site }) {
    if (settings.role !== 'server') return;
    const registration = registrationOf(settings);
    if (registration.state === 'undecided') yield { at: settings.at, inconclusive: registration.because };
    if (registration.state !== 'open') return;
    const scm = scmOf(settings);
    const isPublic = site.scm === undefined ? scm?.isPublic === true : site.scm === 'public';
    const isOld = settings.version?.startsWith('0.') === true;
    const name = isOld ? 'DRONE_OPEN' : 'DRONE_REGISTRATION_CLOSED';
    const written = setVariable(settings, name);
    const whom = isPublic
      ? `anyone with an account at ${scm ? publicNames[scm.provider] : 'the SCM'}`
      : 'every user of the SCM';
    yield {
      at: written?.at ?? settings.at,
      message: say`registration is open: ${whom} can get an account here`,
      subject: 'registration',
      severity: isPublic ? 'critical' : undefined,
      ...(isOld ? { fix: fixBefore1 } : {}),
    };
  },
});

const publicNames = {
  bitbucket: 'bitbucket.org',
  github: 'github.com',
  gitee: 'gitee.com',
  gitlab: 'gitlab.com',
  gitea: 'your Gitea',
  gogs: 'your Gogs',
  stash: 'your Bitbucket Server',
} as const;
