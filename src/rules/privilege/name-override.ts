import { trustOf } from '../../drone/server-repository.ts';
import { allSteps, subjectOf } from '../../model/pipeline.ts';
import { alsoAt, type Hit, rule, say, trustSeverity, worstFirst } from '../../model/rule.ts';
import { type NameOverride, overridesOfPod, overridesOfStep } from './_name-overrides.ts';

export default rule({
  id: 'name-override',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'medium',
  title: 'Step or pod overrides host names',
  why: 'Whoever answers for a name decides what a build downloads and where it sends its credentials. Anyone who can change the pipeline can change the names that are set in it; on Kubernetes the repository need not even be trusted.',
  fix: "Remove the override, and configure names where the operator of the runner does: the host's DNS, `dns` in the `daemon.json` of Docker, or the cluster's DNS. A pipeline finds its own services by name without it.",
  refs: [
    'https://docs.drone.io/pipeline/docker/syntax/steps/',
    'drone-runners/drone-runner-docker engine/linter/linter.go:100-179',
    'drone-runners/drone-runner-kube engine/resource/pipeline.go:26-227',
  ],
  standards: { owasp: ['CICD-SEC-5'] },
  since: '0.1.0',
  *judge(pipeline, context) {
    const trust = trustOf(pipeline, context);
    for (const step of allSteps(pipeline)) {
      const overrides = overridesOfStep(step).map((each) => ({
        ...each,
        severity: trustSeverity(trust, each.severity),
      }));
      const hit = hitOf(overrides, `"${step.name}"`);
      if (hit) yield { ...hit, subject: subjectOf(step), reach: step.reach };
    }
    const hit = hitOf(overridesOfPod(pipeline), 'the pod');
    if (hit) yield { ...hit, subject: 'pod', reach: pipeline.reach };
  },
});

/** One hit for all overrides of a step or pod, at the worst of them. */
function hitOf(overrides: readonly NameOverride[], owner: string): Hit | undefined {
  const [worst, ...others] = [...overrides].sort(worstFirst);
  if (!worst) return undefined;
  return {
    at: worst.at,
    message: say`${owner} ${worst.what}`,
    severity: worst.severity,
    related: others.map(({ at, what, severity }) =>
      alsoAt(at, say`it ${what}`, { message: say`${owner} ${what}`, severity }),
    ),
  };
}
