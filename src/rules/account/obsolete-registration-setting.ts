import { isOfDrone08 } from '../../analysis/obsolete.ts';
import { registrationOf } from '../../analysis/registration.ts';
import { parseGoBool } from '../../facts/go-values.ts';
import type { Variable } from '../../model/environment.ts';
import { rule, say, type Text } from '../../model/rule.ts';
import type { Settings } from '../../model/settings.ts';

export default rule({
  id: 'obsolete-registration-setting',
  on: 'settings',
  severity: 'low',
  confidence: 'high',
  title: 'Registration setting of Drone 0.8',
  why: 'Nothing has read DRONE_OPEN, DRONE_ORGS or DRONE_ADMIN since Drone 1.0. `DRONE_OPEN=false` closed registration in 0.8; after the upgrade the server is open to every user of the SCM, and DRONE_ADMIN makes nobody an administrator.',
  fix: `Replace \`DRONE_OPEN\` by the current settings, and review the existing accounts:

\`\`\`env
DRONE_USER_FILTER=your-organisation
DRONE_USER_CREATE=username:octocat,admin:true
\`\`\`

\`DRONE_USER_FILTER\` limits registration, as \`DRONE_ORGS\` did; \`DRONE_REGISTRATION_CLOSED=true\` closes it. \`DRONE_USER_CREATE\` is needed only as long as nobody is an administrator; the server writes the token of an account that it creates to its log.`,
  refs: [
    'https://docs.drone.io/server/user/registration/',
    'https://docs.drone.io/server/user/admins/',
    'harness/drone v0.8.10 cmd/drone-server/server.go:96-106',
    'harness/drone plugin/admission/open.go:38-49',
  ],
  standards: { owasp: ['CICD-SEC-2'] },
  supersedes: ['obsolete-setting', 'unknown-setting'],
  since: '0.1.0',
  *judge(settings) {
    if (settings.role !== 'server' || isOfDrone08(settings)) return;
    const { variables } = settings;
    const isOpen = registrationOf(settings).state === 'open';
    for (const name of ['DRONE_OPEN', 'DRONE_ORGS', 'DRONE_ADMIN']) {
      const variable = variables.get(name);
      if (!variable) continue;
      yield {
        at: variable.at,
        subject: name,
        message: say`${name} has been ignored since Drone 1.0${consequenceOf(variable, isOpen)}`,
        severity: isOpen ? 'medium' : undefined,
        fix: fixFor(settings),
        fills: {
          DRONE_OPEN: name,
          'your-organisation': variables.get('DRONE_ORGS')?.value ?? '',
          octocat: variables.get('DRONE_ADMIN')?.value ?? '',
        },
      };
    }
  },
});

/** What is missing of the current settings: one that is there already is not to be written a second time. */
function fixFor(settings: Settings): string {
  const { variables } = settings;
  const lacksLimit = registrationOf(settings).state !== 'closed';
  const lacksAdministrator = variables.has('DRONE_ADMIN') && !variables.has('DRONE_USER_CREATE');
  const lines = [
    ...(lacksLimit ? ['DRONE_USER_FILTER=your-organisation'] : []),
    ...(lacksAdministrator ? ['DRONE_USER_CREATE=username:octocat,admin:true'] : []),
  ];
  const review = 'Review the existing accounts: these settings look only at new ones.';
  if (lines.length === 0) return `Remove \`DRONE_OPEN\`: the current settings are there already. ${review}`;
  return [
    'Replace `DRONE_OPEN` by the current settings:',
    ['```env', ...lines, '```'].join('\n'),
    ...(lacksLimit ? ['`DRONE_REGISTRATION_CLOSED=true` in place of the filter closes registration altogether.'] : []),
    ...(lacksAdministrator
      ? [
          '`DRONE_USER_CREATE` is needed only as long as nobody is an administrator; the server writes the token of an account that it creates to its log.',
        ]
      : []),
    review,
  ].join('\n\n');
}

function consequenceOf({ name, value }: Variable, isOpen: boolean): Text {
  if (name === 'DRONE_ADMIN') return say`: it makes nobody an administrator`;
  if (!isOpen) return say``;
  if (name === 'DRONE_ORGS') return say`: registration is open to every user of the SCM`;
  return parseGoBool(value ?? '') === false
    ? say`: it does not close registration, which is open`
    : say`, and registration is open`;
}
