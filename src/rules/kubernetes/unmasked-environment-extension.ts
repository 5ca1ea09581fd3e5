import { rule, say } from '../../model/rule.ts';
import { setVariable } from '../../model/settings.ts';

export default rule({
  id: 'unmasked-environment-extension',
  on: 'settings',
  severity: 'low',
  confidence: 'high',
  title: 'Environment extension values are not masked',
  why: 'An environment extension can ask for a variable to be masked. The docker runner does that; this runner puts every variable into every step as it is, and the log shows it when a step prints its environment.',
  fix: `Take the secrets out of this extension, then remove \`DRONE_ENV_PLUGIN_ENDPOINT\`: builds lose all variables that it gave them. Secrets of repositories and organisations are masked, and so is what a secret extension gives.

If it hands out no secrets, accept the finding with \`# drone-audit: ignore[unmasked-environment-extension] hands out no secrets\`.`,
  refs: [
    'https://docs.drone.io/extensions/environment/',
    'drone-runners/drone-runner-kube engine/compiler/compiler.go:293-294',
    'drone-runners/drone-runner-kube command/daemon/config.go:102',
  ],
  standards: { owasp: ['CICD-SEC-6'], cwe: ['CWE-532'] },
  since: '0.1.0',
  *judge(settings) {
    const variable = setVariable(settings, 'DRONE_ENV_PLUGIN_ENDPOINT');
    if (settings.role !== 'runner-kube' || !variable) return;
    yield {
      at: variable.at,
      subject: variable.name,
      message: say`${settings.label} puts the variables of the extension at DRONE_ENV_PLUGIN_ENDPOINT into every step, unmasked`,
    };
  },
});
