import { isOn } from '../../analysis/setting-state.ts';
import type { Variable } from '../../model/environment.ts';
import { type Located, rule, say } from '../../model/rule.ts';
import type { Answer, Endpoint } from '../../model/server.ts';
import { type Settings, setVariable } from '../../model/settings.ts';

export default rule({
  id: 'community-build-limits',
  on: 'endpoint',
  severity: 'medium',
  confidence: 'high',
  title: 'Controls that this build does not have',
  why: 'A community build reads these settings and does nothing with them: everybody with an account on the SCM can register, no extension is asked, and no repository is filtered out. There are no stored secrets to encrypt either: it has none. Nothing in its log says so.',
  fix: `Close the registration, which works in every build; \`DRONE_USER_CREATE\` and administrators still add accounts:

\`\`\`sh
DRONE_REGISTRATION_CLOSED=true # on the server
\`\`\`

See who has registered already. For the other settings, use the official image (\`drone/drone\`) within its licence, or restrict at the SCM what they were meant to restrict.`,
  refs: [
    'https://docs.drone.io/server/reference/drone-registration-closed/',
    'harness/drone plugin/admission/account_oss.go',
    'harness/drone plugin/validator/remote_oss.go',
    'harness/drone handler/api/secrets/none.go',
  ],
  standards: { owasp: ['CICD-SEC-2', 'CICD-SEC-7'] },
  since: '0.1.0',
  *judge(endpoint, { installation }) {
    const proof = communityProof(endpoint);
    if (!proof) return;
    for (const server of installation.settings) {
      if (server.role !== 'server') continue;
      const idle = idleIn(server);
      const [first] = idle;
      if (!first) continue;
      const isOpen = opensRegistration(server);
      yield {
        at: proof.at,
        subject: `community build ${server.owner}`,
        message: say`${endpoint.label} is a community build, in which ${idle.map(({ name }) => name).join(', ')} ${idle.length === 1 ? say`has` : say`have`} no effect${isOpen ? say`, so that registration is open` : ''}`,
        severity: isOpen ? 'high' : undefined,
        related: idle.map(({ at }) => ({ at, message: say`set here` })),
      };
    }
  },
});

/** What shows that a build lacks what only the other edition has (handler/api/secrets/none.go, handler/web/varz.go). */
function communityProof({ role, answers }: Endpoint): Located<unknown> | undefined {
  if (role !== 'server') return undefined;
  const secrets: Answer | undefined = answers.get('/api/secrets');
  if (secrets?.status.value === 501) return secrets.status;
  const kind = answers.get('/varz')?.facts.get('license.kind');
  return kind?.value === 'foss' ? kind : undefined;
}

const names = [
  'DRONE_USER_FILTER',
  'DRONE_MIN_AGE',
  'DRONE_ADMISSION_PLUGIN_ENDPOINT',
  'DRONE_VALIDATE_PLUGIN_ENDPOINT',
  'DRONE_REPOSITORY_FILTER',
  'DRONE_DATABASE_SECRET',
] as const;

function idleIn(server: Settings): readonly Variable[] {
  return names.flatMap((name) => setVariable(server, name) ?? []);
}

/** Whether the filter was all that kept strangers from registering: an admission extension is not asked either. */
function opensRegistration(server: Settings): boolean {
  return setVariable(server, 'DRONE_USER_FILTER') !== undefined && isOn(server, 'DRONE_REGISTRATION_CLOSED') === false;
}
