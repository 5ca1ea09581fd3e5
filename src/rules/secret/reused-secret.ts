import { extensionFacts } from '../../facts/extensions.ts';
import { purposeNames, type SecretPurpose } from '../../facts/secret-purposes.ts';
import type { Installation } from '../../model/installation.ts';
import { serverOf, shareHost } from '../../model/join.ts';
import { rule } from '../../model/rule.ts';
import { isRunner, type SecretTraits, type Settings, type Variable } from '../../model/settings.ts';
import type { Location } from '../../model/source.ts';
import { isOfDrone, purposeOf } from './purpose.ts';

export default rule({
  id: 'reused-secret',
  on: 'installation',
  severity: 'medium',
  confidence: 'high',
  title: 'One value serves several purposes',
  why: 'Whoever is given a secret for a narrow purpose holds the others too: an extension that knows the RPC secret can read the secrets of every build, and who knows the cookie secret can sign in as anybody.',
  fix: 'Give each purpose a value of its own, from `openssl rand -hex 32`. Only the two ends of one link share a value: the RPC secret of the server and its runners, the token of an extension and its caller.',
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
      const [first, ...others] = [...byPurpose.values()].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
      if (!first) continue;
      const names = [...new Set([first, ...others].map(({ variable }) => variable.name))];
      const opensDrone = first.kind === 'rpc' || first.kind === 'cookie';
      yield {
        at: first.at,
        of: { owner: installation.owner, label: first.label },
        subject: names.join(' '),
        message: `${names.join(', ')} have the same value`,
        ...(opensDrone ? { severity: 'high' } : {}),
        related: others.map(({ kind, at, label }) => ({ at, message: `the ${purposeNames[kind]} of ${label}` })),
      };
    }
  },
});

/** The most dangerous ones first: the finding is told at the first. */
const order: readonly SecretPurpose[] = [
  'rpc',
  'cookie',
  'account',
  'database',
  'client',
  'extension',
  'webhook',
  'dashboard',
];

/** Shorter values are equal by chance; they are weak anyway. */
const shortest = 8;

interface Use {
  readonly kind: SecretPurpose;
  /** What is told apart within a kind: which client, which extension. Absent at the far end of a link. */
  readonly purpose?: string;
  readonly variable: Variable;
  readonly at: Location;
  readonly label: string;
}

function usesByValue(installation: Installation): ReadonlyMap<string, readonly Use[]> {
  const groups = new Map<string, Use[]>();
  for (const settings of installation.settings) {
    if (!isOfDrone(settings)) continue;
    const root = rootOf(settings, installation).owner;
    for (const variable of settings.variables.values()) {
      const kind = purposeOf(variable, settings.role);
      const found = kind && secretOf(variable);
      // What is known is told by the rule for each of them: a value of its own mends both faults.
      if (!kind || !found || found.secret.length < shortest || found.secret.known !== 'none') continue;
      const purpose = distinctionOf(kind, variable, settings);
      const use: Use = {
        kind,
        ...(purpose === undefined ? {} : { purpose }),
        variable,
        at: found.at,
        label: settings.label,
      };
      const key = `${root}\n${found.secret.identity}`;
      const same = groups.get(key);
      if (same) same.push(use);
      else groups.set(key, [use]);
    }
  }
  return groups;
}

/** The component that stands for an installation, so that unrelated ones in one audit are not compared. */
function rootOf(settings: Settings, installation: Installation): Settings {
  if (settings.role === 'server') return settings;
  if (isRunner(settings.role)) return serverOf(settings, installation) ?? settings;
  return installation.settings.find((other) => other.role === 'server' && shareHost(other, settings)) ?? settings;
}

function secretOf({ secret, parts, at }: Variable): { secret: SecretTraits; at: Location } | undefined {
  return parts?.[0] ?? (secret && { secret, at });
}

function distinctionOf(kind: SecretPurpose, { name }: Variable, settings: Settings): string | undefined {
  if (kind === 'client' || kind === 'database') return name;
  if (kind !== 'extension') return kind;
  const fact = extensionFacts.find(({ token }) => token === name);
  const endpoint = fact && settings.variables.get(fact.endpoint)?.value;
  return fact && (/^\w{1,10}:\/\/([^/]{1,300})/.exec(endpoint ?? '')?.[1] ?? fact.kind);
}

/** One use a purpose. What an extension reads is the far end of its caller's token where that is there. */
function withoutFarEnds(uses: readonly Use[]): ReadonlyMap<string, Use> {
  const byPurpose = new Map<string, Use>();
  for (const use of uses) {
    const key = `${use.kind} ${use.purpose ?? ''}`;
    if (use.purpose !== undefined && !byPurpose.has(key)) byPurpose.set(key, use);
  }
  const farEnd = uses.find(({ purpose }) => purpose === undefined);
  const hasCaller = [...byPurpose.values()].some(({ kind }) => kind === 'extension');
  if (farEnd && !hasCaller) byPurpose.set('extension', farEnd);
  return byPurpose;
}
