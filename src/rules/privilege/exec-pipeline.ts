import { isScmPublic } from '../../analysis/public-scm.ts';
import { opennessOf } from '../../analysis/runner-limits.ts';
import type { Pipeline } from '../../model/pipeline.ts';
import { reachOf } from '../../model/reach.ts';
import { type Context, rule } from '../../model/rule.ts';
import type { Severity } from '../../model/severity.ts';

export default rule({
  id: 'exec-pipeline',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'high',
  title: 'Pipeline runs directly on a host',
  why: "Commands run on the machine itself, as the runner's user, without a container. The exec runner does not look at the trusted flag, and cleans up nothing but the workspace: processes, caches and keys of one build are there for the next.",
  fix: 'Use `type: docker`. Where the machine is needed, limit the runner to this repository and to what is merged:\n\n```\nDRONE_LIMIT_REPOS=octocat/hello-world\nDRONE_LIMIT_EVENTS=push,tag\n```\n\nand the pipeline:\n\n```yaml\ntrigger:\n  event: [push, tag]\n```',
  refs: [
    'https://docs.drone.io/pipeline/exec/overview/',
    'drone-runners/drone-runner-exec engine/resource/linter.go',
    'drone-runners/drone-runner-exec runtime/runner.go:158-200',
  ],
  standards: { owasp: ['CICD-SEC-5'], cwe: ['CWE-250'] },
  since: '0.1.0',
  *judge(pipeline, context) {
    const { type, typeAt, reach } = pipeline;
    if (type !== 'exec' || !typeAt) return;
    const forOutsiders = runsForPullRequests(pipeline);
    const { severity, because } = gravityOf(forOutsiders, context);
    const who = forOutsiders ? ' for pull requests too' : '';
    yield {
      at: typeAt,
      subject: 'type',
      message: `${pipeline.label} runs its commands on the host of the runner${who}${because}; "trusted" is not asked`,
      severity,
      reach: reachOf(reach),
      related: forOutsiders && reach.because ? [{ at: reach.because, message: reach.reason }] : [],
    };
  },
});

/** Whether a pull request gets as far as one of its commands; without steps what counts is that it gets here. */
function runsForPullRequests({ reach, steps }: Pipeline): boolean {
  return reach.pullRequest && (steps.length === 0 || steps.some((step) => step.reach.pullRequest));
}

/** How bad it is, by what is known of the runners for it and of who may open pull requests. */
function gravityOf(forOutsiders: boolean, { installation, site }: Context): { severity: Severity; because: string } {
  const runners = installation.settings.filter(({ role }) => role === 'runner-exec');
  const states = runners.map((runner) => opennessOf(runner, ['DRONE_LIMIT_REPOS']).state);
  if (states.length > 0 && states.every((state) => state === 'limited'))
    return { severity: 'low', because: ', which takes builds of certain repositories only' };
  if (!forOutsiders) return { severity: 'medium', because: '' };
  if (states.includes('open')) return { severity: 'critical', because: ', which takes builds of all repositories' };
  return isScmPublic({ site, installation })
    ? { severity: 'critical', because: ', and anyone can open one at this SCM' }
    : { severity: 'high', because: '' };
}
