import { isOfDrone08 } from '../../analysis/obsolete.ts';
import { isComponent } from '../../facts/settings.ts';
import { rule, say } from '../../model/rule.ts';
import { ineffectivenessOf } from './_ineffective-settings.ts';

export default rule({
  id: 'setting-without-effect',
  on: 'settings',
  severity: 'info',
  confidence: 'high',
  title: 'Setting has no effect on this component',
  why: 'The program parses this variable and never uses it, or does not read it at all, whatever the documentation says. If it was meant as a protection, that protection does not exist.',
  fix: 'Remove the variable, and use the one that the message names, if any. The dashboard of a runner is off unless `DRONE_UI_PASSWORD` is set; only `DRONE_REPOSITORY_VISIBILITY=internal` hides public repositories from visitors without a login; docker runners can keep the clone credential from steps since 1.5.0, kubernetes runners since 1.0.0-beta.9.',
  refs: [
    'drone-runners/drone-runner-docker command/daemon/config.go',
    'drone-runners/drone-runner-kube command/daemon/config.go:42-47',
    'drone/runner-go handler/router/router.go:30-48',
    'harness/drone service/repo/util.go:44-59',
  ],
  standards: { owasp: ['CICD-SEC-7'] },
  supersedes: ['unknown-setting'],
  since: '0.1.0',
  *judge(settings, context) {
    const { role, variables } = settings;
    if (!isComponent(role) || isOfDrone08(settings)) return;
    for (const variable of variables.values()) {
      const fault = ineffectivenessOf(variable, settings, role, context);
      if (!fault) continue;
      yield {
        at: fault.at ?? variable.keyAt,
        subject: variable.name,
        message: say`"${variable.via ?? variable.name}" has no effect: ${fault.because}`,
        severity: fault.isProtection ? 'medium' : undefined,
      };
    }
  },
});
