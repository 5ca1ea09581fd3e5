import { isOfDrone08 } from '../../analysis/obsolete.ts';
import { rule, say } from '../../model/rule.ts';
import { setVariable } from '../../model/settings.ts';
import { isTemplateFile } from '../../secrets/weakness.ts';

export default rule({
  id: 'missing-scm',
  on: 'settings',
  severity: 'low',
  confidence: 'high',
  title: 'Server has no SCM',
  why: 'A server without an SCM ends with "source code management system not configured". If it runs all the same, its settings come from another place, and what is reported here is not what protects it.',
  fix: `Set the provider, and say who of its users may register, for example:

\`\`\`env
DRONE_GITEA_SERVER=https://git.example.com
DRONE_USER_FILTER=your-organisation
DRONE_SERVER_PRIVATE_MODE=true
\`\`\`

Add the id and the secret of the OAuth application that is registered there: \`DRONE_GITEA_CLIENT_ID\`, \`DRONE_GITEA_CLIENT_SECRET\`. If another file sets the provider, audit that file too.`,
  refs: ['https://docs.drone.io/server/overview/', 'harness/drone cmd/drone-server/inject_client.go:51-69'],
  standards: { owasp: ['CICD-SEC-7'] },
  supersedes: ['open-registration', 'public-read-access'],
  since: '0.1.0',
  *judge(settings) {
    const { role, variables, label } = settings;
    if (role !== 'server' || isOfDrone08(settings)) return;
    const names = [...variables.keys()];
    if (names.some((name) => scmSetting.test(name) && setVariable(settings, name))) return;
    const empty = names.find((name) => scmSetting.test(name));
    const at = (empty === undefined ? undefined : variables.get(empty)?.at) ?? settings.at;
    if (empty !== undefined && isTemplateFile(at.source.name)) return;
    if (!settings.complete) {
      yield { at: settings.at, inconclusive: settings.gaps[0] ?? say`the environment is not wholly known` };
      return;
    }
    yield {
      at,
      fills: { DRONE_GITEA: /^DRONE_(?:GITHUB|GITLAB)(?=_)/.exec(empty ?? '')?.[0] ?? '' },
      message:
        empty === undefined
          ? say`${label} sets no SCM: it does not start`
          : say`${label} sets no SCM, since ${empty} is empty: it does not start`,
    };
  },
});

/** What makes Drone take a provider, or shows which one is meant. */
const scmSetting =
  /^DRONE_(?:(?:GITHUB|GITLAB|GITEA|BITBUCKET|GITEE)_CLIENT_ID|(?:GITEA|GOGS)_SERVER|(?:STASH|GITLAB)_\w+)$/;
