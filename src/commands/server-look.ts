import { revealedEndpoints } from '../analysis/runner-endpoints.ts';
import type { RunnerAddress } from '../checks/runners.ts';
import { normalAddress } from '../checks/server-address.ts';
import { printedIn, probedLogins, probedSecrets } from '../facts/documented-secrets.ts';
import type { FurtherLook, Look } from '../gather.ts';
import { isLoopback } from '../model/hosts.ts';
import { type OwnedHost, ownedAt } from '../model/owned-hosts.ts';
import type { Problem } from '../model/report.ts';
import { say } from '../model/text.ts';
import { UserError } from '../model/user-error.ts';
import { formsInLog } from '../secrets/in-logs.ts';
import { type Io, interruptible, progressOf } from './io.ts';

/** The options that say what to ask of a server and of runners. */
export interface ServerOptions {
  /** Address of a Drone server; `true`: that of DRONE_SERVER. */
  readonly server?: string | true;
  /** Requests a second to a server, at most. */
  readonly rate?: number;
  /** Whether to look for credentials in the logs of recent builds, too. */
  readonly buildLogs?: boolean;
  readonly probeRunners?: boolean;
  readonly probeRpc?: boolean;
  /** Hosts that the user says are theirs, so that probes may address them. */
  readonly iOwnThis?: readonly OwnedHost[];
  /** Whether a terminal shows what is being done. */
  readonly progress?: boolean;
  readonly quiet?: boolean;
}

/** How many requests a second a server gets, unless --rate says otherwise. */
const usualRate = 20;

/** The look at a Drone server that the command line asks for. Throws UserError. */
export function serverLook(options: ServerOptions, io: Io): Look | undefined {
  const { server, rate = usualRate, probeRpc = false, buildLogs = false, iOwnThis = [] } = options;
  if (server === undefined) {
    if (probeRpc) throw new UserError('--probe-rpc asks a server', 'name it with --server');
    if (buildLogs) throw new UserError('--build-logs asks a server', 'name it with --server');
    return undefined;
  }
  const given = server === true ? io.environment.DRONE_SERVER : server;
  if (!given) throw new UserError('--server has no address', 'name it, or set DRONE_SERVER');
  const address = normalAddress(given);
  const progress = progressOf(options, io);
  const token = ownToken(io);
  const samples = probedSecrets.rpc.map((value) => ({ value, where: printedIn(value) }));
  return () => {
    progress('asking the server');
    const told = (done: number, of: number): void => progress('asking the server', { done, of, what: 'repositories' });
    return interruptible(io, async (signal) => {
      const { lookAtServer } = await import('../checks/server.ts');
      return lookAtServer({
        ...{ address, token, rate, probeRpc, samples, owned: iOwnThis, progress: told, signal },
        formsInLog: buildLogs ? formsInLog : undefined,
      });
    });
  };
}

/** The token that a server is asked with; undefined where there is none. */
export function ownToken({ environment }: Io): string | undefined {
  return environment.DRONE_TOKEN?.trim() || undefined;
}

/** The look at the runners that settings reveal, once they are read; without --probe-runners they are only counted. */
export function runnerLook(options: ServerOptions, io: Io): FurtherLook {
  const { probeRunners = false, rate = usualRate, iOwnThis = [] } = options;
  return async (installation) => {
    const revealed = revealedEndpoints(installation);
    if (!probeRunners) {
      // Saved evidence has their answers. Who is not told of /healthz, or of what stays on its host, misses nothing.
      const isSaved = installation.endpoints.some(({ role }) => role !== 'server');
      const open = isSaved ? [] : revealed.filter(({ pages, host }) => pages && !isLoopback(host ?? ''));
      const what = open.length === 1 ? 'a runner or autoscaler' : `${open.length} runners and autoscalers`;
      const notAsked = open.length === 0 ? [] : [`the web pages of ${what} (--probe-runners)`];
      return { sources: [], problems: [], notAsked };
    }
    if (revealed.length === 0) {
      const message = say`--probe-runners asked nothing: no settings reveal a port of a runner or autoscaler`;
      return {
        sources: [],
        problems: [{ kind: 'empty', source: '.', message, incomplete: false }],
        notAsked: [],
      };
    }
    const addresses: RunnerAddress[] = [];
    const problems: Problem[] = [];
    for (const { role, label, host, port, pages, live, revealedBy } of revealed) {
      const hosts = host === undefined ? [...(live ? ['127.0.0.1'] : []), ...ownedAt(port, iOwnThis)] : [host];
      for (const each of hosts) addresses.push({ address: addressOf(each, port), role, revealedBy });
      const what = pages ? say`has web pages on` : say`answers health checks on`;
      const message = say`${label} ${what} port ${port} of a host that the settings do not name, so it was not asked; name it with --i-own-this`;
      if (hosts.length === 0) problems.push({ kind: 'unreadable', source: revealedBy, message, incomplete: pages });
    }
    const logins = probedLogins.map((login) => ({ ...login, where: printedIn(login.password) }));
    progressOf(options, io)('asking runners');
    const { lookAtRunners } = await import('../checks/runners.ts');
    const seen = await interruptible(io, (signal) =>
      lookAtRunners({ addresses, logins, owned: iOwnThis, rate, signal }),
    );
    return { sources: seen.sources, problems: [...problems, ...seen.problems], notAsked: [] };
  };
}

/** What of a server is left out unless it is asked for. */
export function notAskedOf({ server, probeRpc, buildLogs }: ServerOptions, io: Io): readonly string[] {
  if (server === undefined) return ['the Drone server (--server)'];
  const token = ownToken(io);
  return [
    ...(token ? [] : ['what the server tells an administrator (DRONE_TOKEN)']),
    ...(token && !buildLogs ? ['logs of builds (--build-logs)'] : []),
    ...(probeRpc ? [] : ['the RPC endpoint of the server (--probe-rpc)']),
  ];
}

function addressOf(host: string, port: string): string {
  return `http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`;
}
