import { purposeNames, purposesByDanger } from '../../facts/secret-purposes.ts';
import { alsoAt, rule, say } from '../../model/rule.ts';
import { type SecretValueUse, usesByValue } from './_secret-values.ts';

export default rule({
  id: 'reused-secret',
  on: 'installation',
  severity: 'medium',
  confidence: 'high',
  title: 'One value serves several purposes',
  why: 'Whoever is given a secret for a narrow purpose holds the others too: an extension that knows the RPC secret can read the secrets of every build, and anyone who knows the cookie secret can sign in as any user.',
  fix: `Give \`DRONE_COOKIE_SECRET\` a value of its own:

\`\`\`sh
openssl rand -hex 32
\`\`\`

Only the two ends of one link share a value: the RPC secret of the server and its runners, the token of an extension and its caller. Change both ends together, or runners are refused and builds go on without their secrets; a new cookie secret signs everybody out. If \`DRONE_DATABASE_SECRET\` is one of them, keep it and change the others: with another value the server cannot read the secrets it has stored.`,
  refs: [
    'https://docs.drone.io/server/reference/drone-rpc-secret/',
    'harness/drone cmd/drone-server/config/config.go:574-578',
    'harness/drone session/session.go:48-63',
  ],
  standards: { owasp: ['CICD-SEC-6'], cwe: ['CWE-522'] },
  since: '0.1.0',
  *judge(installation) {
    for (const uses of usesByValue(installation).values()) {
      const byPurpose = withoutFarEnds(uses);
      if (byPurpose.size < 2) continue;
      const [first, ...others] = [...byPurpose.values()].sort(
        (a, b) => purposesByDanger.indexOf(a.kind) - purposesByDanger.indexOf(b.kind),
      );
      if (!first) continue;
      const names = [...new Set([first, ...others].map(({ variable }) => variable.name))];
      const opensDrone = first.kind === 'rpc' || first.kind === 'cookie';
      yield {
        at: first.at,
        of: { owner: installation.owner, label: first.label },
        subject: names.join(' '),
        message: say`${names.join(', ')} have the same value`,
        severity: opensDrone ? 'high' : undefined,
        // The least dangerous to change.
        fills: {
          DRONE_COOKIE_SECRET: names.findLast((name) => name !== 'DRONE_DATABASE_SECRET') ?? first.variable.name,
        },
        related: others.map(({ kind, at, label }) =>
          alsoAt(at, say`the ${purposeNames[kind]} of ${label}`, { label, follows: true }),
        ),
      };
    }
  },
});

/** One use for each purpose. What an extension reads is the far end of its caller's token, where the caller is known. */
function withoutFarEnds(uses: readonly SecretValueUse[]): ReadonlyMap<string, SecretValueUse> {
  const byPurpose = new Map<string, SecretValueUse>();
  for (const use of uses) {
    const key = `${use.kind} ${use.purpose ?? ''}`;
    if (use.purpose !== undefined && !byPurpose.has(key)) byPurpose.set(key, use);
  }
  const farEnd = uses.find(({ purpose }) => purpose === undefined);
  const hasCaller = [...byPurpose.values()].some(({ kind }) => kind === 'extension');
  if (farEnd && !hasCaller) byPurpose.set('extension', farEnd);
  return byPurpose;
}
