import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'accepted-sample-rpc-secret',
  on: 'endpoint',
  severity: 'critical',
  confidence: 'high',
  title: 'Server accepts a documented RPC secret',
  why: 'The server took an RPC secret that its documentation prints. With it anyone who reaches the server fetches builds like a runner: their secrets in clear text, the SCM token of the owner of the repository, and the key for signatures.',
  fix: `Set a new RPC secret on the server and all its runners now, and restart them together:

\`\`\`sh
openssl rand -hex 32 # the new DRONE_RPC_SECRET
\`\`\`

Then replace every secret that builds have used, and the SCM tokens of the owners of repositories: nothing tells who fetched them.`,
  refs: [
    'https://docs.drone.io/server/reference/drone-rpc-secret/',
    'harness/drone operator/manager/rpc2/server.go:27-59',
    'harness/drone operator/manager/rpc2/handler.go:119-144',
  ],
  standards: { owasp: ['CICD-SEC-2', 'CICD-SEC-6'], cwe: ['CWE-1392'] },
  since: '0.1.0',
  effort: 'minutes',
  *judge(endpoint) {
    const [accepted] = endpoint.accepted;
    if (endpoint.role !== 'server' || !accepted) return;
    yield { at: accepted.at, subject: 'rpc', message: say`${endpoint.label} accepts ${accepted.value}` };
  },
});
