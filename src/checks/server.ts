import type { Problem } from '../model/report.ts';
import type { Source } from '../model/source.ts';

/** Which server to ask, and how. */
export interface ServerTarget {
  /** Scheme, host and port, as the user gave it. */
  readonly address: string;
  /** The token of the account to ask with; without one, only what is public is asked. */
  readonly token?: string;
  /** How many requests a second at most. */
  readonly rate: number;
  /** How long one answer may take, in milliseconds. */
  readonly timeoutMs?: number;
  /** Whether to ask if the RPC endpoint answers, and accepts a documented secret. */
  readonly probeRpc: boolean;
  /** Hosts that the user says are theirs; loopback always is. */
  readonly owned: readonly string[];
  /** Says how far long work has come, on standard error. */
  readonly progress: (text: string) => void;
}

/** What was seen of a server, and what could not be seen. */
export interface ServerEvidence {
  readonly sources: readonly Source[];
  readonly problems: readonly Problem[];
}

/** Asks a Drone server what it tells to anyone, and with a token what it tells to its account. Never throws. */
export async function lookAtServer(_target: ServerTarget): Promise<ServerEvidence> {
  return { sources: [], problems: [] };
}
