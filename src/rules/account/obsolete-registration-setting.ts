import { isOfDrone08 } from '../../analysis/obsolete.ts';
import { registrationOf } from '../../analysis/registration.ts';
import { parseGoBool } from '../../facts/go-values.ts';
import type { Variable } from '../../model/environment.ts';
import { rule, say, type Text } from '../../model/rule.ts';

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
        fills: {
          DRONE_OPEN: name,
          'your-organisation': variables.get('DRONE_ORGS')?.value ?? '',
          octocat: variables.get('DRONE_ADMIN')?.value ?? '',
        },
      };
    }
  },
});

function consequenceOf({ name, value }: Variable, isOpen: boolean): Text {
  if (name === 'DRONE_ADMIN') return say`: it makes nobody an administrator`;
  if (!isOpen) return say``;
  if (name === 'DRONE_ORGS') return say`: registration is open to every user of the SCM`;
  return parseGoBool(value ?? '') === false
    ? say`: it does not close registration, which is open`
    : say`, and registration is open`;
}
