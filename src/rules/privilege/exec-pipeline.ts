import { isScmPublic } from '../../analysis/public-scm.ts';
import { opennessOf } from '../../analysis/runner-access.ts';
import type { Pipeline } from '../../model/pipeline.ts';
import { type Context, ownWords, rule, type Severity, say } from '../../model/rule.ts';

export default rule({
  id: 'exec-pipeline',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'high',
  title: 'Pipeline runs directly on a host',
  why: "Commands run on the machine itself, as the runner's user, without a container. The exec runner ignores the trusted flag and cleans up only the workspace: processes, caches and keys of one build are still there for the next.",
  fix: 'Use `type: docker`, with an image for each step. If the build needs the machine itself, limit its runner to this repository and to merged code:\n\n```ini\nDRONE_LIMIT_REPOS=octocat/hello-world\nDRONE_LIMIT_EVENTS=push,tag\nDRONE_RUNNER_LABELS=machine:build01\n```\n\nA limited runner fails what it does not allow. The label keeps all other pipelines from it; they need another exec runner. This pipeline names the label, and accepts what remains:\n\n```yaml pipeline\ntype: exec # drone-audit: ignore[exec-pipeline] merged code, on a runner of its own\nnode:\n  machine: build01\ntrigger:\n  event: [push, tag]\n```',
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
      message: say`${pipeline.label} runs its commands on the host of the runner${ownWords(who)}${because}; the trusted flag is not checked`,
      severity,
      reach,
      related: forOutsiders && reach.because ? [{ at: reach.because, message: reach.reason }] : [],
    };
  },
});

/** Whether a pull request reaches one of its commands or, if there are no steps, the pipeline itself. */
function runsForPullRequests({ reach, steps }: Pipeline): boolean {
  return reach.pullRequest && (steps.length === 0 || steps.some((step) => step.reach.pullRequest));
}

/** How bad it is, given what is known about its runners and about who may open pull requests. */
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
