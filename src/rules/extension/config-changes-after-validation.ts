import { rule, say } from '../../model/rule.ts';
import { setVariable } from '../../model/settings.ts';

export default rule({
  id: 'config-changes-after-validation',
  on: 'settings',
  severity: 'low',
  confidence: 'medium',
  pedantic: true,
  title: 'Executed text may differ from the validated text',
  why: 'When a stage starts, the server fetches and converts the configuration once more but does not validate it again. If an extension answers differently the second time, or the SCM does not pin commits (Gogs), text runs that the validation never saw.',
  fix: 'Make the extension answer the same for each commit (`build.after` in the request): no moving branches, no clock, no external state. Gogs itself cannot be asked for a commit. Then accept the finding with `# drone-audit: ignore[config-changes-after-validation] answers by commit alone`.',
  refs: [
    'https://docs.drone.io/extensions/validation/',
    'harness/drone trigger/trigger.go:238',
    'harness/drone operator/manager/manager.go:289-313',
  ],
  standards: { owasp: ['CICD-SEC-1'], cwe: ['CWE-367'] },
  since: '0.1.0',
  *judge(settings) {
    const validation = settings.role === 'server' ? setVariable(settings, 'DRONE_VALIDATE_PLUGIN_ENDPOINT') : undefined;
    if (!validation) return;
    const [first, ...others] = ['DRONE_YAML_ENDPOINT', 'DRONE_CONVERT_PLUGIN_ENDPOINT', 'DRONE_GOGS_SERVER'].flatMap(
      (name) => setVariable(settings, name) ?? [],
    );
    if (!first) return;
    yield {
      at: first.at,
      subject: first.name,
      message: say`${first.name} may answer differently after ${settings.label} has validated a build`,
      related: [
        { at: validation.at, message: say`validated only once` },
        ...others.map(({ at, name }) => ({ at, message: say`${name} may too` })),
      ],
    };
  },
});
