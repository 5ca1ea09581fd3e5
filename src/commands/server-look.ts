import { revealedEndpoints } from '../analysis/runner-endpoints.ts';
import { normalAddress } from '../checks/http.ts';
import { lookAtRunners, type RunnerAddress } from '../checks/runners.ts';
import { lookAtServer } from '../checks/server.ts';
import { documentedSecrets, type SecretUse } from '../facts/documented-secrets.ts';
import type { FurtherLook, Look } from '../gather.ts';
import type { Problem } from '../model/report.ts';
import { say } from '../model/text.ts';
import { UserError } from '../model/user-error.ts';
import { type Io, interruptible } from './io.ts';

/** The options that say what to ask of a server and of runners. */
export interface ServerOptions {
  /** Address of a Drone server; `true`: that of DRONE_SERVER. */
  readonly server?: string | true;
  /** Requests a second to a server, at most. */
  readonly rate?: number;
  readonly probeRunners?: boolean;
  readonly probeRpc?: boolean;
  /** Hosts that the user says are theirs, so that probes may address them. */
  readonly iOwnThis?: readonly string[];
  /** Whether long work says on standard error how far it has come. */
  readonly progress?: boolean;
}

/** How many requests a second a server gets, unless --rate says otherwise. */
const usualRate = 20;

/** The look at a Drone server that the command line asks for. Throws UserError. */
export function serverLook(options: ServerOptions, io: Io): Look | undefined {
  const { server, rate = usualRate, probeRpc = false, iOwnThis = [] } = options;
  if (server === undefined) {
    if (probeRpc) throw new UserError('--probe-rpc asks a server', 'name it with --server');
    return undefined;
  }
  const given = server === true ? io.environment.DRONE_SERVER : server;
  if (!given) throw new UserError('--server has no address', 'name it, or set DRONE_SERVER');
  const address = normalAddress(given);
  const progress = options.progress === false ? () => {} : io.error;
  const token = io.environment.DRONE_TOKEN?.trim() || undefined;
  const samples = documentedFor('rpc');
  return () =>
    interruptible(io, (signal) =>
      lookAtServer({ address, token, rate, probeRpc, samples, owned: iOwnThis, progress, signal }),
    );
}

/** The look at the runners that settings reveal, once they are read; without --probe-runners they are only counted. */
export function runnerLook(options: ServerOptions, io: Io): FurtherLook {
  const { probeRunners = false, rate = usualRate, iOwnThis = [] } = options;
  return async (installation) => {
    const revealed = revealedEndpoints(installation);
    if (revealed.length === 0) return { sources: [], problems: [], notAsked: [] };
    if (!probeRunners) {
      // Saved evidence has their answers.
      if (installation.endpoints.some(({ role }) => role !== 'server'))
        return { sources: [], problems: [], notAsked: [] };
      const what = revealed.length === 1 ? 'a runner or autoscaler' : `${revealed.length} runners and autoscalers`;
      return { sources: [], problems: [], notAsked: [`the web pages of ${what} (--probe-runners)`] };
    }
    const addresses: RunnerAddress[] = [];
    const problems: Problem[] = [];
    for (const { role, label, host, port, live, revealedBy } of revealed) {
      const hosts = host === undefined ? [...(live ? ['127.0.0.1'] : []), ...hostsWith(port, iOwnThis)] : [host];
      for (const each of hosts) addresses.push({ address: addressOf(each, port), role, revealedBy });
      const message = say`${label} has web pages on port ${port} of a host that the settings do not name, so they were not asked; name it with --i-own-this`;
      if (hosts.length === 0) problems.push({ kind: 'unreadable', source: revealedBy, message, incomplete: true });
    }
    const logins = documentedFor('dashboard').map(({ value, where }) => ({ name: value, password: value, where }));
    const seen = await interruptible(io, (signal) =>
      lookAtRunners({ addresses, logins, owned: iOwnThis, rate, signal }),
    );
    return { sources: seen.sources, problems: [...problems, ...seen.problems], notAsked: [] };
  };
}

/** What is printed for a use, and in which text; the passage in it is left out. */
function documentedFor(use: SecretUse): readonly { readonly value: string; readonly where: string }[] {
  return documentedSecrets
    .filter((each) => each.use.includes(use))
    .map(({ value, where }) => ({ value, where: where.split(' (', 1)[0] ?? where }));
}

/** What of a server is left out unless it is asked for. */
export function notAskedOf({ server, probeRpc }: ServerOptions, io: Io): readonly string[] {
  if (server === undefined) return ['the Drone server (--server)'];
  return [
    ...(io.environment.DRONE_TOKEN?.trim() ? [] : ['what the server tells an administrator (DRONE_TOKEN)']),
    ...(probeRpc ? [] : ['the RPC endpoint of the server (--probe-rpc)']),
  ];
}

/** Hosts that the user owns, without those that were named with another port. */
function hostsWith(port: string, owned: readonly string[]): readonly string[] {
  return owned.flatMap((each) => {
    const named = /^(.*[^:]):(\d{1,5})$/.exec(each.trim());
    if (!named || each.includes('::')) return [each.trim()];
    return named[2] === port ? [named[1] ?? ''] : [];
  });
}

function addressOf(host: string, port: string): string {
  return `http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`;
}
