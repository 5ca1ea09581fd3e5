import { productionNames } from '../../facts/deployment.ts';
import type { Installation } from '../../model/installation.ts';
import { isRunner } from '../../model/role.ts';
import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'chosen-namespace',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'high',
  title: 'Pipeline chooses its namespace',
  why: 'A pod can use the service accounts of its namespace and, through the volumes of a trusted repository, its secrets. A namespace that no rule of the runner names is open to pipelines of every repository.',
  fix: `Remove \`metadata.namespace\`, so that the runner decides. What the pipeline used there by name (services, claims, image pull secrets) has to be in the runner's namespace then.

Protect the namespace from other pipelines too, on the runner:

\`\`\`ini
DRONE_NAMESPACE_RULES=production:octocat/deploy,kube-system:none/none
\`\`\`

Or decide for all pipelines with a policy file (\`DRONE_POLICY_FILE\`), whose \`metadata.namespace\` wins over theirs.`,
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
      message: say`this pod runs in namespace "${namespace.value}"${whose ?? ', with its accounts and secrets'}`,
      severity: whose === undefined ? undefined : 'high',
      fills: { production: namespace.value === 'kube-system' ? 'production' : namespace.value },
      reach: pipeline.reach,
    };
  },
});

/** Namespaces that runners use when the pipeline names none. */
function defaultsOf({ settings }: Installation): ReadonlySet<string> {
  const names = new Set(['default']);
  for (const { role, variables } of settings)
    if (role === 'runner-kube') names.add(variables.get('DRONE_NAMESPACE_DEFAULT')?.value || 'default');
  return names;
}

/** Whose namespace it is, where that makes it worse. */
function ownerOf(namespace: string, { containers }: Installation): string | undefined {
  if (namespace === 'kube-system' || namespace === 'kube-public') return ', which belongs to the cluster itself';
  const isDrones = containers.some(
    ({ role, project }) => project === namespace && (role === 'server' || isRunner(role)),
  );
  if (isDrones) return ', where Drone itself runs';
  return productionNames.test(namespace) ? ', which is named after production' : undefined;
}
