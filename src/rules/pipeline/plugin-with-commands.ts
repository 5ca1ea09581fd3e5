import { secretNames } from '../../analysis/step-assets.ts';
import { commandWrappers } from '../../facts/command-wrappers.ts';
import { subjectOf } from '../../model/pipeline.ts';
import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'plugin-with-commands',
  on: 'pipeline',
  severity: 'low',
  confidence: 'high',
  title: 'Step has settings and commands',
  why: "`commands` replace the plugin's program, so the settings only end up in the environment of the script, as `PLUGIN_...`. Secrets among them are handed to commands that a pull request can edit.",
  fix: 'Drop the commands if you meant the plugin. If you meant the script, pass it what it needs in place of `settings`, and keep secrets off pull requests:\n\n```yaml step\nenvironment:\n  TOKEN:\n    from_secret: api_token\nwhen:\n  event: [push, tag]\n```',
  refs: [
    'https://docs.drone.io/plugins/overview/',
    'drone-runners/drone-runner-docker engine/compiler/script.go:38-42',
  ],
  standards: { owasp: ['CICD-SEC-6'] },
  since: '0.1.0',
  *judge({ type, steps, services, legacy }) {
    if (legacy || (type !== 'docker' && type !== 'kubernetes')) return;
    for (const step of [...steps, ...services]) {
      const [setting] = step.settings;
      if (!setting || !step.hasCommands || commandWrappers.has(step.image?.value.name.toLowerCase() ?? '')) continue;
      const secrets = [...new Set(step.settings.flatMap(({ fromSecret }) => (fromSecret ? [fromSecret.value] : [])))];
      const held = secrets.length > 0 ? say`, with ${secretNames(secrets)} in the environment of its script` : '';
      yield {
        at: setting.name.at,
        subject: subjectOf(step),
        fills: { api_token: secrets[0] ?? '' },
        message: say`the commands of "${step.name}" replace the plugin: its settings do nothing${held}`,
        severity: secrets.length > 0 ? 'medium' : undefined,
        reach: step.reach,
      };
    }
  },
});
