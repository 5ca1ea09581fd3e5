import { hasDashboard } from '../../analysis/dashboard-port.ts';
import { rule, say } from '../../model/rule.ts';
import { isExpectedPlaceholder, weaknessOf } from '../../secrets/weakness.ts';
import { dashboardPlaces } from './_dashboard.ts';

/** Fewest characters of a password that can be guessed only over the network. */
const least = 12;

export default rule({
  id: 'weak-dashboard-password',
  on: 'settings',
  severity: 'medium',
  confidence: 'high',
  title: 'Dashboard password is weak',
  why: 'The dashboard does not limit guesses, and the documentation prints root/root. Anyone who guesses the password can read the log of this runner and the history of all its builds.',
  fix: `Set a random password:

\`\`\`env
DRONE_UI_PASSWORD=<output of: openssl rand -hex 16>
\`\`\`

Or remove the variable: without it there is no dashboard.`,
  refs: [
    'https://docs.drone.io/runner/docker/configuration/dashboard/',
    'drone/runner-go handler/router/router.go:30-48',
  ],
  standards: { owasp: ['CICD-SEC-6'], cwe: ['CWE-521', 'CWE-1392'] },
  supersedes: ['sample-secret'],
  since: '0.1.0',
  *judge(settings) {
    if (!hasDashboard(settings.role) && settings.role !== 'autoscaler') return;
    const variable = settings.variables.get('DRONE_UI_PASSWORD');
    const secret = variable?.secret;
    if (!variable || !secret || isExpectedPlaceholder(variable)) return;
    // That the fallback is used is the fault, which secret-fallback reports.
    if (variable.origin === 'fallback') return;
    const isUserName =
      variable.value !== undefined && variable.value === settings.variables.get('DRONE_UI_USERNAME')?.value;
    const isWeak = secret.length < least || secret.kind !== 'none';
    if (!isWeak && !isUserName) return;
    const open = dashboardPlaces(settings);
    const isPublished = open !== 'unknown' && open.length > 0;
    yield {
      at: variable.at,
      subject: variable.name,
      message: say`the dashboard password of ${settings.label} ${isWeak ? weaknessOf(secret, least) : say`is the user name`}${isPublished ? say`, and the dashboard is published` : ''}`,
      severity: isPublished ? 'high' : undefined,
    };
  },
});
