import { compare } from '../model/compare.ts';
import { isOwned, type OwnedHost } from '../model/owned-hosts.ts';
import { type Problem, unreadable } from '../model/report.ts';
import type { Source } from '../model/source.ts';
import { ownWords, say } from '../model/text.ts';
import { clockIn, endpointSource, type KeptAnswer, keep } from './endpoint.ts';
import { type Ask, connectionTo, type Network, type Pace, paceOf } from './http.ts';
import { notOwned, type ServerEvidence } from './server.ts';

/** Where the HTTP server of a runner or an autoscaler may be. */
export interface RunnerAddress {
  /** Scheme, host and port. */
  readonly address: string;
  readonly role: 'runner' | 'autoscaler';
  /** The source whose settings tell of it. */
  readonly revealedBy: string;
}

export interface RunnerTarget {
  readonly addresses: readonly RunnerAddress[];
  /** What documentation prints as login, and where. */
  readonly logins: readonly { readonly name: string; readonly password: string; readonly where: string }[];
  readonly owned: readonly OwnedHost[];
  /** How many requests a second at most. */
  readonly rate: number;
  /** How long one answer may take, in milliseconds. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

const defaultTimeout = 10_000;
/** Of more addresses, the rest are not asked. */
const maxAddresses = 200;
const maxLogins = 2;
const pathsOf = { runner: ['/healthz', '/'], autoscaler: ['/healthz', '/ui', '/metrics', '/version'] } as const;

/** Asks runners and autoscalers what they show to anyone, and tries documented logins on a dashboard. GET only; never throws. */
export async function lookAtRunners(target: RunnerTarget): Promise<ServerEvidence> {
  const signal = target.signal ?? new AbortController().signal;
  const pace = paceOf(target.rate, signal);
  const sources: Source[] = [];
  const problems: Problem[] = [];
  const distinct = new Map(target.addresses.map((each) => [each.address, each]));
  for (const each of [...distinct.values()].slice(0, maxAddresses)) {
    if (signal.aborted) break;
    const seen = await lookAtOne(each, target, pace, signal);
    sources.push(...seen.sources);
    problems.push(...seen.problems);
  }
  if (distinct.size > maxAddresses) {
    const message = say`the settings reveal ${distinct.size} addresses of runners, but only ${maxAddresses} were asked`;
    problems.push({ kind: 'too-large', source: '.', message, incomplete: true });
  }
  if (signal.aborted) {
    const message = say`the audit was interrupted: not all addresses of runners and autoscalers were asked`;
    problems.push(unreadable('.', message));
  }
  return { sources: sources.sort((a, b) => compare(a.name, b.name)), problems };
}

async function lookAtOne(
  { address, role, revealedBy }: RunnerAddress,
  target: RunnerTarget,
  pace: Pace,
  signal: AbortSignal,
): Promise<ServerEvidence> {
  const source = `${address}/`;
  // A file may name what no URL can: an address of IPv6 with its interface (`fe80::1%eth0`).
  if (!URL.canParse(address)) {
    const message = say`a ${ownWords(role)} has its pages at "${address}", which is no address that can be asked`;
    return { sources: [], problems: [unreadable(revealedBy, message)] };
  }
  if (!isOwned(new URL(address), target.owned)) {
    const message = notOwned('--probe-runners', address);
    return { sources: [], problems: [unreadable(source, message)] };
  }
  const timeoutMs = target.timeoutMs ?? defaultTimeout;
  const { ask, close } = connectionTo({ address, pace, timeoutMs, verify: true, signal });
  try {
    const answers = new Map<string, KeptAnswer>();
    let network: Network = 'public';
    let seenAt: string | undefined;
    for (const path of pathsOf[role]) {
      const answer = await ask({ path });
      if ('lost' in answer) {
        if (answers.size > 0) continue;
        if (answer.code === 'INTERRUPTED') return { sources: [], problems: [] };
        // That nothing answers is what is wanted of a runner.
        const message = say`no ${ownWords(role)} was seen here: the address ${answer.lost}`;
        return { sources: [], problems: [{ kind: 'unreadable', source, message, incomplete: false }] };
      }
      network = answer.network;
      seenAt ??= clockIn(answer);
      answers.set(path, keep(answer));
    }
    const outcome = await loginsTried(ask, answers, target.logins);
    const seen = { address, role, revealedBy, network, answers, tls: null, ...outcome };
    return { sources: [endpointSource(seen, seenAt)], problems: [] };
  } finally {
    close();
  }
}

/** Where the first login is printed that a dashboard accepts, and how many were tried. */
async function loginsTried(
  ask: Ask,
  answers: ReadonlyMap<string, KeptAnswer>,
  logins: RunnerTarget['logins'],
): Promise<{ readonly accepted: readonly string[]; readonly tried: number }> {
  const path = ['/', '/ui'].find((each) => /^basic\b/i.test(answers.get(each)?.headers['www-authenticate'] ?? ''));
  let tried = 0;
  for (const { name, password, where } of path === undefined ? [] : logins.slice(0, maxLogins)) {
    const login = Buffer.from(`${name}:${password}`).toString('base64');
    const answer = await ask({ path: path ?? '/', headers: { Authorization: `Basic ${login}` } });
    if ('lost' in answer || (answer.status !== 200 && answer.status !== 401 && answer.status !== 403)) break;
    tried++;
    if (answer.status === 200) return { accepted: [`a documented login (${where})`], tried };
  }
  return { accepted: [], tried };
}
