import { whyUnknown } from '../../analysis/setting-state.ts';
import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'plugin-volumes-allowed',
  on: 'settings',
  severity: 'high',
  confidence: 'high',
  title: 'Privileged plugins may mount volumes',
  why: 'Images on the privileged list run privileged in every repository as long as the step does not alter them. This flag lifts the condition that keeps volumes, and with them files that other steps have written, out of such a container: a pull request can then bring in its own programs, and is root on the runner host.',
  fix: 'Remove `DRONE_FLAG_ALLOW_DOCKER_PLUGIN_VOLUMES`. Privileged plugins that mount volumes then run without privileges and fail: take the volumes out of those steps. Image builds can be cached without one, with `cache_from: registry.example.com/app:cache` below `settings`.',
  refs: [
    'drone-runners/drone-runner-docker engine/compiler/compiler.go:547',
    'drone-runners/drone-runner-docker engine/compiler/util.go:143-159',
  ],
  standards: { owasp: ['CICD-SEC-5'], cwe: ['CWE-250'] },
  needsRunning: true,
  since: '0.1.0',
  effort: 'minutes',
  *judge(settings) {
    if (settings.role !== 'runner-docker') return;
    const variable = settings.variables.get('DRONE_FLAG_ALLOW_DOCKER_PLUGIN_VOLUMES');
    if (!variable) return;
    // The text is compared, not parsed: "1" and "TRUE" do nothing.
    if (variable.value === undefined) yield { at: variable.at, inconclusive: whyUnknown(settings, variable.name) };
    if (variable.value !== 'true') return;
    yield {
      at: variable.at,
      subject: variable.name,
      message: say`${settings.label} lets privileged plugins mount volumes of the pipeline`,
    };
  },
});
