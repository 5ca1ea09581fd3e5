import { whyUnknown } from '../../analysis/setting-state.ts';
import { scmOf } from '../../drone/scm.ts';
import { olderThan, parseVersion } from '../../drone/version.ts';
import { parseGoBool } from '../../facts/go-values.ts';
import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'public-read-access',
  on: 'settings',
  severity: 'low',
  confidence: 'medium',
  title: 'Public repositories are readable without login',
  why: 'Repositories that are public at your SCM, their builds and logs, and the logins of their collaborators are open to anyone who can reach the server, even if your SCM itself asks for a login. Private mode closes that, but only with the exact text `true`.',
  fix: `Switch private mode on:

\`\`\`env
DRONE_SERVER_PRIVATE_MODE=true
DRONE_REPOSITORY_VISIBILITY=internal
\`\`\`

The second line applies to repositories added from now on. Status badges and \`/varz\` stay open.`,
  refs: [
    'harness/drone handler/api/api.go:173-178',
    'harness/drone service/repo/util.go:44-59',
    'harness/drone CHANGELOG.md (1.8.0)',
  ],
  standards: { owasp: ['CICD-SEC-5', 'CICD-SEC-7'], cwe: ['CWE-306'] },
  needsRunning: true,
  since: '0.1.0',
  effort: 'minutes',
  *judge(settings, { site }) {
    if (settings.role !== 'server' || olderThan(parseVersion(settings.version), [1, 8])) return;
    const scm = scmOf(settings);
    const isPublic = site.scm === undefined ? scm?.isPublic : site.scm === 'public';
    if (!scm || isPublic !== false) return;
    const variable = settings.variables.get('DRONE_SERVER_PRIVATE_MODE');
    if (variable?.value === 'true') return;
    const at = variable?.at ?? settings.at;
    if (variable ? variable.value === undefined : !settings.complete) {
      yield { at, inconclusive: whyUnknown(settings, 'DRONE_SERVER_PRIVATE_MODE') };
      return;
    }
    const isMeant = parseGoBool(variable?.value ?? '') === true;
    yield {
      at,
      subject: 'DRONE_SERVER_PRIVATE_MODE',
      message: isMeant
        ? say`DRONE_SERVER_PRIVATE_MODE works only as the exact text "true": public repositories can be read without login`
        : say`${settings.label} shows public repositories and their logs without login`,
    };
  },
});
