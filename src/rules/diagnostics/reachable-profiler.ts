import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'reachable-profiler',
  on: 'endpoint',
  severity: 'medium',
  confidence: 'high',
  title: 'Profiler answers to anyone',
  why: 'Anybody can make the server profile itself, which costs it time, and read its stacks, counters and command line without a login. Contents of its memory are not shown.',
  fix: `Set \`DRONE_PPROF_ENABLED=false\`, or remove the variable, and restart the server. While you need it, let the proxy refuse the path to others:

\`\`\`nginx
location /debug/ { return 404; }
\`\`\``,
  refs: ['harness/drone cmd/drone-server/inject_server.go:107-115'],
  standards: { owasp: ['CICD-SEC-7'], cwe: ['CWE-306', 'CWE-489'] },
  since: '0.1.0',
  *judge({ answers, label }) {
    const answer = answers.get('/debug/pprof/');
    if (answer?.status.value !== 200 || answer.body.value !== 'profiler') return;
    yield {
      at: answer.body.at,
      subject: 'profiler',
      message: say`${label} lets anyone profile it and read its stacks under "/debug/pprof/"`,
    };
  },
});
