import { publicAccessPath } from '../../analysis/runner-access.ts';
import { isUnset, whyUnknown } from '../../analysis/setting-state.ts';
import { rule, say } from '../../model/rule.ts';
import { arrangement, arrangementFills } from './_arrangement.ts';

export default rule({
  id: 'missing-kubernetes-policy',
  on: 'settings',
  severity: 'medium',
  confidence: 'high',
  title: 'Pipelines shape their pods freely',
  why: 'Namespace, service account, node, tolerations, annotations and user of a build pod come from the pipeline, even in untrusted repositories and in pull requests from forks. A pull request can run on control plane nodes, or with a service account that can read other secrets.',
  fix: `Create the namespace and the account that the policy is going to name:

${arrangement}

Then write the policy as \`policy.yml\`, and put it beside the runner:

\`\`\`yaml
kind: policy
name: default
metadata:
  namespace: drone-builds
service_account: drone-build
node_selector:
  pool: builds
\`\`\`

\`\`\`sh
kubectl label node NODE pool=builds # each node that is for builds
kubectl create configmap drone-policy --namespace drone-system --from-file=policy.yml
\`\`\`

At last name it to the runner, which does not start without the file:

\`\`\`env
DRONE_POLICY_FILE=/etc/drone/policy.yml
\`\`\`

\`\`\`yaml kubernetes
spec:
  template:
    spec:
      containers:
        - name: runner
          volumeMounts:
            - { name: policy, mountPath: /etc/drone }
      volumes:
        - name: policy
          configMap: { name: drone-policy }
\`\`\`

\`\`\`yaml helm
extraVolumes:
  - name: policy
    configMap: { name: drone-policy }
extraVolumeMounts:
  - { name: policy, mountPath: /etc/drone }
\`\`\`

The policy is applied last and wins over the pipeline; the \`DRONE_*_DEFAULT\` variables do not. No policy overrides \`node_name\` and the user of a step.`,
  refs: [
    'https://docs.drone.io/runner/kubernetes/configuration/reference/drone-policy-file/',
    'drone-runners/drone-runner-kube engine/compiler/compiler.go:212-284',
    'drone-runners/drone-runner-kube engine/policy/policy.go:131-198',
  ],
  standards: { owasp: ['CICD-SEC-5'], cwe: ['CWE-250'] },
  since: '0.1.0',
  *judge(settings, context) {
    const { role, label, at, variables } = settings;
    if (role !== 'runner-kube') return;
    const isMissing = isUnset(settings, 'DRONE_POLICY_FILE');
    if (isMissing === undefined) yield { at, inconclusive: whyUnknown(settings, 'DRONE_POLICY_FILE') };
    if (!isMissing) return;
    const way = publicAccessPath(settings, context);
    yield {
      at: variables.get('DRONE_POLICY_FILE')?.at ?? at,
      subject: 'DRONE_POLICY_FILE',
      message: say`${label} has no policy: each pipeline chooses namespace, service account and nodes of its pod${way === undefined ? '' : say`, and ${way}`}`,
      severity: way === undefined ? undefined : 'high',
      fills: arrangementFills(settings),
    };
  },
});
