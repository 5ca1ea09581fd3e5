import { isDryRun } from '../../model/deployment.ts';
import type { Pipeline, Step } from '../../model/pipeline.ts';
import { reachOf } from '../../model/reach.ts';
import type { Hit } from '../../model/rule.ts';
import { rule } from '../../model/rule.ts';
import { isPrivilegedByItself } from './step-privilege.ts';

export default rule({
  id: 'implicitly-privileged-step',
  on: 'pipeline',
  severity: 'low',
  confidence: 'high',
  title: 'Plugin runs privileged by itself',
  why: 'The runner gives these plugins the whole host, in every repository, trusted or not, whatever tag is written; the list that is built in cannot be switched off. On pull requests the author chooses the Dockerfile that this container builds, and may add such a step himself where the file is not protected.',
  fix: 'Keep the step off pull requests and pin the plugin:\n\n```yaml\nimage: plugins/docker:20.18.4@sha256:…\nwhen:\n  event: [push, tag]\n```\n\nor build without privileges: `plugins/kaniko`, buildah.',
  refs: [
    'https://docs.drone.io/runner/docker/configuration/reference/drone-runner-privileged-images/',
    'drone-runners/drone-runner-docker engine/compiler/compiler.go:39-46',
    'drone-runners/drone-runner-docker engine/compiler/compiler.go:549-595',
    'drone-runners/drone-runner-aws engine/compiler/compiler.go:336',
  ],
  standards: { owasp: ['CICD-SEC-5'], cwe: ['CWE-250'] },
  since: '0.1.0',
  *judge(pipeline, { installation }) {
    for (const step of [...pipeline.steps, ...pipeline.services]) {
      if (pipeline.type === 'vm' ? step.image : isPrivilegedByItself(pipeline, step, installation))
        yield hitOf(pipeline, step);
    }
  },
});

function hitOf(pipeline: Pipeline, step: Step): Hit {
  const { image, reach, section, name, nameAt } = step;
  const at = image?.at ?? nameAt;
  const common = { at, subject: `${section}[${name}]`, reach: reachOf(reach) };
  if (pipeline.type === 'vm')
    return {
      ...common,
      message: `"${name}" runs privileged on the machine of this build, as all steps with an image do`,
      severity: 'info',
    };
  const message = `"${image?.value.name ?? ''}" of "${name}" runs privileged without being asked`;
  if (!reach.pullRequest) return { ...common, message };
  const rehearsal = isDryRun(step) ? ', "dry_run" or not' : '';
  return {
    ...common,
    message: `${message}, also for pull requests${rehearsal}`,
    severity: 'medium',
    related: reach.because ? [{ at: reach.because, message: reach.reason }] : [],
  };
}
