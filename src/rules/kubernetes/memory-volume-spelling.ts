import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'memory-volume-spelling',
  on: 'pipeline',
  severity: 'low',
  confidence: 'high',
  title: 'Memory volume escapes the trust check',
  why: "In untrusted repositories the runner's linter refuses only the exact text `memory`; the engine accepts any spelling. On Kubernetes an untrusted repository can therefore fill the memory of the node. The docker runner puts a volume with any other spelling on disk.",
  fix: `Spell the medium \`memory\`, with a limit:

\`\`\`yaml pipeline
volumes:
  - name: cache
    temp:
      medium: memory
      size_limit: 512MiB
\`\`\`

The runner then refuses the pipeline unless the repository is trusted. In an untrusted one write \`temp: {}\`, which is on disk.`,
  refs: [
    'https://docs.drone.io/pipeline/kubernetes/syntax/volumes/temporary/',
    'drone-runners/drone-runner-kube engine/convert.go:92',
    'drone-runners/drone-runner-kube engine/linter/linter.go:201',
  ],
  standards: { owasp: ['CICD-SEC-5'], cwe: ['CWE-770'] },
  since: '0.1.0',
  *judge({ type, volumes, reach }) {
    for (const { temp, name } of volumes) {
      const medium = temp?.medium;
      if (!medium || medium.value === 'memory' || medium.value.toLowerCase() !== 'memory') continue;
      yield {
        at: medium.at,
        subject: `volume ${name}`,
        message:
          type === 'kubernetes'
            ? say`"${medium.value}" is memory to the engine, but not to the check that asks for a trusted repository`
            : say`"${medium.value}" is not "memory": the docker runner puts volume "${name}" on disk`,
        fills: { cache: name },
        reach,
      };
    }
  },
});
