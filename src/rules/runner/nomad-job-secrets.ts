import { alsoAt, rule, say } from '../../model/rule.ts';
import { setVariable } from '../../model/settings.ts';

const names = [
  'DRONE_RPC_SECRET',
  'DRONE_SECRET_PLUGIN_TOKEN',
  'DRONE_REGISTRY_PLUGIN_TOKEN',
  'DRONE_ENV_PLUGIN_TOKEN',
];

export default rule({
  id: 'nomad-job-secrets',
  on: 'settings',
  severity: 'medium',
  confidence: 'high',
  title: "Nomad jobs contain the runner's secrets",
  why: 'The nomad runner copies all of its DRONE_ variables into the specification of each job, which also mounts the Docker socket. Whoever can read Nomad jobs can read the RPC secret and, with it, the secrets of all builds.',
  fix: `Use the docker or Kubernetes runner.

Otherwise let only operators read jobs in that Nomad namespace (ACLs on, no \`read-job\` for others), and accept the finding.`,
  refs: [
    'https://developer.hashicorp.com/nomad/docs/secure/acl',
    'drone-runners/drone-runner-nomad config.go:118-140',
    'drone-runners/drone-runner-nomad poller.go:85-91',
  ],
  standards: { owasp: ['CICD-SEC-5', 'CICD-SEC-6'], cwe: ['CWE-522'] },
  since: '0.1.0',
  *judge(settings) {
    if (settings.role !== 'runner-nomad') return;
    const [first, ...others] = names.flatMap((name) => setVariable(settings, name) ?? []);
    if (!first) return;
    yield {
      at: first.at,
      subject: first.name,
      message: say`${settings.label} writes ${[first, ...others].map(({ name }) => name).join(', ')} into every job`,
      related: others.map(({ at, name }) =>
        alsoAt(at, say`${name} too`, { message: say`${settings.label} writes ${name} into every job`, follows: true }),
      ),
    };
  },
});
