import type { PodSettings } from '../../model/pipeline.ts';
import { type Location, rule, say } from '../../model/rule.ts';

export default rule({
  id: 'chosen-node',
  on: 'pipeline',
  severity: 'high',
  confidence: 'high',
  title: 'Pipeline asks for control plane nodes',
  why: "The build runs next to the cluster's API server, its database and its keys. The runner takes node, selector and tolerations from the pipeline, even in an untrusted repository; the toleration overrides the very taint that keeps other pods off these nodes.",
  fix: `Remove node, selector or toleration from the pipeline, and choose the nodes in the policy file of the runner (\`DRONE_POLICY_FILE\`):

\`\`\`yaml
kind: policy
name: default
node_selector:
  pool: builds
tolerations:
  - { key: pool, operator: Equal, value: builds, effect: NoSchedule }
\`\`\`

Some node must have the label, or all builds stay pending. The tolerations of the policy replace those of the pipeline, but a policy without any leaves them. No policy overrides \`node_name\`: refuse that with an admission rule of the cluster.`,
  refs: [
    'https://docs.drone.io/pipeline/kubernetes/syntax/node-selection/',
    'https://docs.drone.io/pipeline/kubernetes/syntax/tolerations/',
    'drone-runners/drone-runner-kube engine/resource/pipeline.go:120-126',
  ],
  standards: { owasp: ['CICD-SEC-5'] },
  since: '0.1.0',
  effort: 'minutes',
  *judge({ pod, reach }) {
    if (!pod) return;
    for (const { at, what } of waysToControlPlane(pod))
      yield {
        at,
        subject: at.path,
        message: say`${what}: this pod may run on control plane nodes`,
        reach,
      };
  },
});

const controlPlane = /(?:^|[-_./])(?:master|masters|control-?plane|controller|etcd)(?:$|[-_./\d])/i;

function* waysToControlPlane(pod: PodSettings): Iterable<{ at: Location; what: string }> {
  const { nodeName, nodeSelector, tolerations } = pod;
  if (nodeName && controlPlane.test(nodeName.value))
    yield { at: nodeName.at, what: `it asks for node "${nodeName.value}"` };
  for (const [key, { value, at }] of nodeSelector)
    if (value !== 'false' && (controlPlane.test(key) || controlPlane.test(value)))
      yield { at, what: `it selects nodes with "${key}"` };
  for (const { at, key, operator, value } of tolerations) {
    const isAny = (key === undefined || key.value === '') && operator?.value === 'Exists';
    if (isAny) yield { at, what: 'it tolerates every taint' };
    else if (key && (controlPlane.test(key.value) || (value && controlPlane.test(value.value))))
      yield { at, what: `it tolerates "${key.value}"` };
  }
}
