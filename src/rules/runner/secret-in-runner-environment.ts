import { takesRunnerSettings } from '../../analysis/embedded-runner.ts';
import { rule, say } from '../../model/rule.ts';

const secretName = /TOKEN|SECRET|PASSWORD|PASSWD|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIAL/i;
/** Names with such a word that hold a location, a name or a number. */
const harmlessName = /_(?:ID|URL|URI|ENDPOINT|HOST|FILE|PATH|DIR|NAME|TTL|EXPIRY|ENABLED)$/i;

export default rule({
  id: 'secret-in-runner-environment',
  on: 'settings',
  severity: 'high',
  confidence: 'medium',
  title: 'Every build gets a secret as plain variable',
  why: 'The variables in DRONE_RUNNER_ENVIRON reach every step of every repository, even for pull requests from forks, and are not masked in logs. Whoever can open a pull request can print them.',
  fix: `Remove \`NAME\` from \`DRONE_RUNNER_ENVIRON\` and replace the secret, because every build has had it.

Store the new one as a secret of the organisation, and refer to it with \`from_secret\`:

\`\`\`sh
read -rs VALUE # paste it; nothing is shown
printf %s "$VALUE" | drone orgsecret add your-organisation NAME @/dev/stdin
\`\`\`

Or put it into \`DRONE_RUNNER_SECRETS\` on a runner with \`DRONE_LIMIT_REPOS\`.`,
  refs: [
    'https://docs.drone.io/runner/docker/configuration/reference/drone-runner-environ/',
    'drone-runners/drone-runner-docker engine/compiler/compiler.go:204-231',
    'drone/runner-go environ/provider/util.go:17-26',
  ],
  standards: { owasp: ['CICD-SEC-6'], cwe: ['CWE-522'] },
  since: '0.1.0',
  *judge(settings) {
    const variable = settings.variables.get('DRONE_RUNNER_ENVIRON');
    if (!variable || !takesRunnerSettings(settings)) return;
    for (const { name, secret, at } of variable.parts ?? []) {
      const isSecret = (secretName.test(name) && !harmlessName.test(name)) || secret.form !== undefined;
      if (!isSecret || secret.kind === 'placeholder') continue;
      yield {
        at,
        subject: `variable ${name}`,
        fills: { NAME: name },
        message: say`${settings.label} gives "${name}" to every step of every build, unmasked`,
      };
    }
  },
});
