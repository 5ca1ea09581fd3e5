import { opennessOf, publicAccessPath } from '../../analysis/runner-access.ts';
import { labelKey, labelsOf } from '../../drone/runner-labels.ts';
import { admits, isNamed } from '../../drone/runner-limits.ts';
import { servesType } from '../../drone/runner-types.ts';
import { builtPipelines } from '../../drone/server-repository.ts';
import { addTo } from '../../model/groups.ts';
import type { Installation } from '../../model/installation.ts';
import type { Pipeline } from '../../model/pipeline.ts';
import { isRunner } from '../../model/role.ts';
import { alsoAt, rule, say, type Text } from '../../model/rule.ts';
import { type Settings, setVariable } from '../../model/settings.ts';

export default rule({
  id: 'runner-reachable-by-label',
  on: 'installation',
  severity: 'medium',
  confidence: 'medium',
  title: 'Any pipeline can ask for a special runner',
  why: 'Labels select a runner but do not protect it: any repository that writes the same `node:` gets this runner, and so does a pull request from a fork. Whatever makes the runner special (its network, volumes or host) is open to all of them.',
  fix: `Limit the runner to the repositories and events that it is for:

\`\`\`env
DRONE_LIMIT_REPOS=octocat/deploy,octocat/infrastructure
DRONE_LIMIT_EVENTS=push,tag,promote
\`\`\`

A stage that reaches a runner which refuses it fails instead of waiting for another, so keep the labels, which lead builds here.`,
  refs: [
    'https://docs.drone.io/runner/docker/configuration/reference/drone-limit-repos/',
    'harness/drone scheduler/queue/queue.go checkLabels',
    'drone/runner-go pipeline/runtime/runner.go:194-201',
  ],
  standards: { owasp: ['CICD-SEC-5'] },
  supersedes: ['unrestricted-runner'],
  since: '0.1.0',
  *judge(installation, context) {
    const byLabels = pipelinesByLabels(installation);
    for (const runner of installation.settings) {
      const variable = setVariable(runner, 'DRONE_RUNNER_LABELS');
      const labels = labelsOf(runner);
      if (!isRunner(runner.role) || !variable || !labels || labels.size === 0) continue;
      const special = whatIsSpecial(runner, variable.value ?? '');
      if (special === undefined) continue;
      const askers = (byLabels.get(labelKey(labels)) ?? []).filter((pipeline) => servesType(runner, pipeline));
      if (askers.length === 0) continue;
      const limits = opennessOf(runner, ['DRONE_LIMIT_REPOS', 'DRONE_LIMIT_TRUSTED']);
      if (limits.state === 'unknown') yield { at: variable.at, inconclusive: limits.because };
      if (limits.state !== 'open') continue;
      const isExec = runner.role === 'runner-exec';
      const keepsOut = admits(runner, 'DRONE_LIMIT_EVENTS', (pattern) => isNamed(pattern, 'pull_request')) === false;
      const way = publicAccessPath(runner, context);
      yield {
        at: variable.at,
        of: runner,
        message: say`${runner.label}, which ${special}, takes every build that asks for its labels, whatever the repository${keepsOut ? say`, but none of a pull request` : way ? say`, and ${way}` : ''}`,
        severity: keepsOut ? 'low' : isExec || way ? 'high' : 'medium',
        related: askers.flatMap((pipeline) => {
          const [first] = pipeline.node.values();
          return first
            ? [alsoAt(first.at, say`${pipeline.label} asks for them`, { reach: pipeline.reach, follows: true })]
            : [];
        }),
      };
    }
  },
});

/** What makes a runner worth asking for; undefined for one like all others. */
function whatIsSpecial(runner: Settings, labels: string): Text | undefined {
  if (runner.role === 'runner-exec') return say`runs builds on its host`;
  if (setVariable(runner, 'DRONE_RUNNER_PRIVILEGED_IMAGES')) return say`has privileged images`;
  if (setVariable(runner, 'DRONE_RUNNER_VOLUMES')) return say`mounts folders of its host`;
  const names = [labels, setVariable(runner, 'DRONE_RUNNER_NAME')?.value ?? '', runner.container?.name ?? ''];
  return names.some((name) => deploymentNames.test(name)) ? say`is named or labelled for deployments` : undefined;
}

const deploymentNames =
  /(?:^|[^a-z])(?:prod|production|deploy|deploys|deployment|release|releases|publish|promote)(?![a-z])/i;

/**
 * Pipelines by the labels they ask for. The server compares whole maps and checks no permission
 * (harness/drone scheduler/queue/queue.go checkLabels).
 */
function pipelinesByLabels(installation: Installation): ReadonlyMap<string, readonly Pipeline[]> {
  const found = new Map<string, Pipeline[]>();
  for (const pipeline of builtPipelines(installation)) {
    const key = labelKey([...pipeline.node].map(([name, { value }]) => [name, value] as const));
    addTo(found, key, pipeline);
  }
  return found;
}
