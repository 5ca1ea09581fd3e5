import { serverOf } from '../../drone/topology.ts';
import type { Installation } from '../../model/installation.ts';
import { rule, type Severity, say } from '../../model/rule.ts';
import { type Settings, setVariable } from '../../model/settings.ts';
import { arrangement, arrangementFills } from './_arrangement.ts';

const onlyRules = `Protect the namespaces that are not for builds:

\`\`\`env
DRONE_NAMESPACE_RULES=drone-system:none/none,kube-system:none/none,default:none/none
\`\`\`

A name before the colon, and after it the repositories that may use it (\`octocat/deploy\`). Rules protect only the namespaces that they name; a policy file (\`DRONE_POLICY_FILE\`) decides for all pipelines.`;

export default rule({
  id: 'shared-kubernetes-namespace',
  on: 'settings',
  severity: 'medium',
  confidence: 'high',
  title: 'Builds share a namespace',
  why: 'Build pods can reach the services of their namespace and, with a service account, its secrets and pods. In a shared namespace a build can read or replace what belongs to others. Any pipeline of any repository can name a namespace that no rule covers.',
  fix: `Create a namespace that holds nothing but builds, with an account for them that has no rights:

${arrangement}

Then name both to the runner, and protect the other namespaces:

\`\`\`env
DRONE_NAMESPACE_DEFAULT=drone-builds
DRONE_SERVICE_ACCOUNT_DEFAULT=drone-build
DRONE_NAMESPACE_RULES=drone-system:none/none,kube-system:none/none,default:none/none
\`\`\`

Rules protect only the namespaces that they name; a policy file (\`DRONE_POLICY_FILE\`) decides for all pipelines. For a new namespace for each build (\`DRONE_NAMESPACE_DEFAULT=drone-\`) the runner needs these rights in all namespaces, and \`namespaces\` with \`create\` and \`delete\`: builds then share nothing, but who takes the runner has the cluster.`,
  refs: [
    'https://docs.drone.io/runner/kubernetes/configuration/reference/drone-namespace-default/',
    'drone-runners/drone-runner-kube command/daemon/config.go:134-136',
    'drone-runners/drone-runner-kube engine/linter/linter.go:207-224',
  ],
  standards: { owasp: ['CICD-SEC-5'] },
  since: '0.1.0',
  *judge(settings, { installation }) {
    if (settings.role !== 'runner-kube') return;
    const { complete, gaps, at, label } = settings;
    const variable = settings.variables.get('DRONE_NAMESPACE_DEFAULT');
    if (!complete) {
      yield { at: variable?.at ?? at, inconclusive: gaps[0] ?? say`the environment is not wholly known` };
      return;
    }
    const policy = setVariable(settings, 'DRONE_POLICY_FILE');
    // An empty variable does not get the default: envconfig takes it as it is, and the client then asks for `default`.
    const namespace = variable ? variable.value : 'default';
    const fault = namespace === undefined ? undefined : faultOf(namespace || 'default', settings, installation);
    if (fault && policy) {
      yield { at: policy.at, inconclusive: say`the policy file, which was not read, may name another namespace` };
    } else if (fault) {
      yield {
        at: variable?.at ?? at,
        subject: 'namespace',
        message: say`${label} runs builds in namespace "${namespace || 'default'}"${variable ? '' : say`, because no other is named`}${fault.why}`,
        severity: fault.severity,
        fills: arrangementFills(settings),
      };
    } else if (
      !policy &&
      !setVariable(settings, 'DRONE_NAMESPACE_RULES') &&
      !setVariable(settings, 'DRONE_NAMESPACE_RULES_FILE')
    ) {
      yield {
        at: variable?.at ?? at,
        subject: 'namespace',
        message: say`no rule of ${label} keeps a pipeline from naming another namespace`,
        severity: 'low',
        fix: onlyRules,
        fills: arrangementFills(settings),
      };
    }
  },
});

/** What is wrong with a namespace for builds; `drone-` stands for a new one for each build. */
function faultOf(
  namespace: string,
  runner: Settings,
  installation: Installation,
): { readonly why: string; readonly severity: Severity } | undefined {
  if (namespace === 'kube-system') return { why: ', which belongs to the cluster itself', severity: 'high' };
  const server = serverOf(runner, installation);
  if (namespace === server?.container?.project) return { why: ', where the server runs', severity: 'high' };
  if (namespace === runner.container?.project) return { why: ', where it runs itself', severity: 'medium' };
  return namespace === 'default' ? { why: '', severity: 'medium' } : undefined;
}
