import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'ssh-password-login',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'high',
  title: 'Build host is entered as root or by password',
  why: 'These runners do not verify the host. Whoever answers in its place learns the password, which opens the real host too; a key would tell them nothing. As root, the steps of every build own the host.',
  fix: `Log in with a key, as an ordinary user:

\`\`\`yaml pipeline
server:
  host: build.example.com
  user: drone
  ssh_key:
    from_secret: ssh_key
\`\`\`

The user must exist on the host, with the public key in its \`authorized_keys\`; commands that need root fail then. A droplet (\`type: digitalocean\`) is made for one build and starts with root alone: accept the finding with \`# drone-audit: ignore[ssh-password-login] a droplet for each build\`.`,
  refs: [
    'https://docs.drone.io/pipeline/ssh/syntax/server/',
    'drone-runners/drone-runner-ssh engine/engine_impl.go:235-246',
  ],
  standards: { owasp: ['CICD-SEC-6'], cwe: ['CWE-250'] },
  since: '0.1.0',
  *judge({ type, server, reach }) {
    if (type !== 'ssh' && type !== 'digitalocean') return;
    const user = server.find(({ name }) => name.value === 'user');
    const password = server.find(({ name }) => name.value === 'password');
    const root = user?.text?.value === 'root' ? user : undefined;
    const hasPassword = password && (password.fromSecret !== undefined || (password.text?.value ?? '') !== '');
    const at = hasPassword ? password.name.at : root?.text?.at;
    if (!at) return;
    yield {
      at,
      subject: 'server',
      message: hasPassword
        ? say`the runner logs in to the build host with a password${root ? say` as root` : ''}`
        : say`the runner logs in to the build host as root`,
      fills: {
        'build.example.com': server.find(({ name }) => name.value === 'host')?.text?.value ?? 'build.example.com',
      },
      reach,
      related: hasPassword && root?.text ? [{ at: root.text.at, message: say`as root` }] : [],
    };
  },
});
