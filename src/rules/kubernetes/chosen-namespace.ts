import { productionNames } from '../../facts/deployment.ts';
import type { Installation } from '../../model/installation.ts';
import { reachOf } from '../../model/reach.ts';
import { isRunner } from '../../model/role.ts';
import { rule } from '../../model/rule.ts';

export default rule({
  id: 'chosen-namespace',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'high',
  title: 'Pipeline chooses its namespace',
  why: 'A pod in a namespace can use its service accounts, and through volumes of a trusted repository its secrets. A namespace that no rule of the runner names is open to the pipelines of every repository.',
  fix: 'Let the runner decide: a policy file (`DRONE_POLICY_FILE`), or rules for the namespaces that are not for everybody:\n\n```\nDRONE_NAMESPACE_RULES=production:octocat/deploy,kube-system:none/none\n```',
  refs: [
    'https://docs.drone.io/pipeline/kubernetes/syntax/metadata/',
    'drone-runners/drone-runner-kube engine/linter/linter.go:207-224',
    'drone-runners/drone-runner-kube command/daemon/config.go:134-136',
  ],
  standards: { owasp: ['CICD-SEC-5'], cwe: ['CWE-250'] },
  since: '0.1.0',
  *judge(pipeline, { installation }) {
    const namespace = pipeline.pod?.namespace;
    if (!namespace || namespace.value === '' || defaultsOf(installation).has(namespace.value)) return;
    const whose = ownerOf(namespace.value, installation);
    yield {
      at: namespace.at,
      subject: 'namespace',
      message: `this pod runs in namespace "${namespace.value}"${whose ?? ', with the accounts and secrets that are there'}`,
      severity: whose === undefined ? undefined : 'high',
      reach: reachOf(pipeline.reach),
    };
  },
});

/** Namespaces that runners take when the pipeline names none. */
function defaultsOf({ settings }: Installation): ReadonlySet<string> {
  const names = new Set(['default']);
  for (const { role, variables } of settings)
    if (role === 'runner-kube') names.add(variables.get('DRONE_NAMESPACE_DEFAULT')?.value || 'default');
  return names;
}

/** Whose namespace it is, where that makes it worse. */
function ownerOf(namespace: string, { containers }: Installation): string | undefined {
  if (namespace === 'kube-system' || namespace === 'kube-public') return ', that of the cluster itself';
  const isDrones = containers.some(
    ({ role, project }) => project === namespace && (role === 'server' || isRunner(role)),
  );
  if (isDrones) return ', that of Drone itself';
  return productionNames.test(namespace) ? ', which is named after production' : undefined;
}
