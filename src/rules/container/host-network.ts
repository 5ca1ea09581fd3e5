import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'host-network',
  on: 'container',
  severity: 'medium',
  confidence: 'high',
  title: 'Container shares the host network',
  why: "The container reaches everything that listens on the host's localhost, such as databases and agents without a password, and the cloud's metadata service with the machine's credentials. Its own ports are open on all addresses of the host.",
  fix: `Remove \`network_mode: host\` (\`--network=host\`, \`hostNetwork: true\`), and publish a port only where somebody calls it from outside:

\`\`\`yaml compose
ports:
  - "127.0.0.1:3000:3000"
\`\`\`

\`\`\`sh docker-run
--publish=127.0.0.1:3000:3000
\`\`\`

\`localhost\` then means the container itself: name server, database and engine by their service names (\`DRONE_RPC_HOST\`, \`DRONE_DATABASE_DATASOURCE\`, \`DOCKER_HOST\`).`,
  refs: ['https://docs.docker.com/engine/network/drivers/host/'],
  standards: { owasp: ['CICD-SEC-5'], cisDocker: { version: '1.6.0', ids: ['5.10'] }, cwe: ['CWE-250'] },
  needsRunning: true,
  since: '0.1.0',
  *judge({ networkMode, role, label }) {
    if (networkMode?.value !== 'host') return;
    yield {
      at: networkMode.at,
      subject: 'network',
      message: say`${label} shares the network of its host`,
      severity: role === 'step' || role === 'docker' || role === 'extension' ? 'high' : undefined,
    };
  },
});
