import { realpathSync } from 'node:fs';
import { compare } from '../model/compare.ts';
import { type Problem, unreadable } from '../model/report.ts';
import { joinTexts, say, type Text } from '../model/text.ts';
import { field, textIn } from './answer-fields.ts';
import { type EngineCandidate, type EngineSurroundings, findCandidates } from './engine-address.ts';
import { type Connection, connect, failureOf, interruption } from './engine-connection.ts';
import { listedOf } from './engine-drone.ts';
import type { KeptLine } from './engine-log.ts';
import { type Ask, type Engine, type EngineEvidence, lookAround, notPermitted, type Wanted } from './engine-look.ts';
import { joinTasks, unseenServices } from './engine-swarm.ts';
import { safeName } from './engine-texts.ts';

/** Which engine to look at, and how. */
export interface EngineTarget extends EngineSurroundings {
  /** How long one answer may take, in milliseconds. */
  readonly timeoutMs?: number;
  /** What to keep of a line of a log; without it, no log is asked for. */
  readonly keep?: (line: string) => KeptLine | undefined;
}

const defaultTimeout = 10_000;
/** How long to wait for all answers, as a multiple of the timeout for one: an engine that hangs must not hang us. */
const maxPatience = 12;

/** Looks at one engine; see `lookAtEngines`. */
export function lookAtEngine(target: EngineTarget): Promise<EngineEvidence> {
  return lookAtEngines([target]);
}

/**
 * Asks Docker Engines (or Podman) about themselves and about Drone's containers, networks, volumes and swarm services,
 * and with `keep` for the logs of its control plane. Makes only GET requests. An engine that is named twice is asked
 * once; if there are several, the names of their sources say which (`docker://ENGINE/CONTAINER`). When `signal` is given,
 * what was seen until then is told. Never throws.
 */
export function lookAtEngines(
  targets: readonly EngineTarget[],
  signal: AbortSignal = new AbortController().signal,
): Promise<EngineEvidence> {
  return lookAtAll(
    targets.map((target) => ({
      candidates: findCandidates(target),
      timeout: target.timeoutMs ?? defaultTimeout,
      keep: target.keep,
      signal,
    })),
  );
}

/** Looks at the first of several addresses where an engine answers; `timeout` is in milliseconds, for one answer. */
export function lookAtFirst(candidates: readonly EngineCandidate[], timeout: number): Promise<EngineEvidence> {
  return lookAtAll([{ candidates, timeout, keep: undefined, signal: new AbortController().signal }]);
}

async function lookAtAll(all: readonly Wanted[]): Promise<EngineEvidence> {
  const problems: Problem[] = [];
  const engines: Engine[] = [];
  const seenPlaces = new Set<string>();
  let unanswered = 0;
  for (const found of await Promise.all(withoutRepeated(all).map(findEngine))) {
    if ('problem' in found) {
      unanswered++;
      problems.push(found.problem);
      continue;
    }
    const place = placeOf(found.candidate);
    if (seenPlaces.has(place) || (await isAmong(engines, found))) found.connection.close();
    else engines.push(found);
    seenPlaces.add(place);
  }
  const several = engines.length + unanswered > 1;
  const names = namesOf(engines);
  const looks = await Promise.all(
    engines.map(async (engine, index) => {
      const name = names[index] ?? 'engine';
      try {
        return await lookAround(engine, { name, prefix: several ? `${name}/` : '' });
      } catch {
        const problem = unreadable(several ? `docker://${name}` : 'docker://', say`its answers cannot be understood`);
        return { sources: [], problems: [problem], services: [], tasks: [] };
      } finally {
        engine.connection.close();
      }
    }),
  );
  const { tasks, services } = joinTasks(
    looks.flatMap((look) => look.tasks),
    looks.flatMap((look) => look.services),
  );
  const infos = engines.map(({ info }) => info);
  const unseen = infos.flatMap((info, index) => {
    const message = unseenServices(info, infos);
    return message ? [unreadable(several ? `docker://${names[index]}` : 'docker://', message)] : [];
  });
  return {
    sources: [...looks.flatMap((look) => look.sources.map((source) => tasks.get(source) ?? source)), ...services],
    problems: [...problems, ...looks.flatMap((look) => look.problems), ...unseen],
    others: looks.flatMap(({ others = [] }) => others),
  };
}

/**
 * Whether an engine is one of others by another address. Machines that were cloned have one id, and often one name, so what
 * runs there is compared, too; Podman makes up an id for each answer.
 */
async function isAmong(engines: readonly Engine[], { info, ask }: Engine): Promise<boolean> {
  if (textIn(info, 'ID') === '') return false;
  const namesakes = engines.filter((other) =>
    ['ID', 'Name', 'DockerRootDir'].every((key) => textIn(other.info, key) === textIn(info, key)),
  );
  if (namesakes.length === 0) return false;
  const ids = await lastingIds(ask);
  for (const other of namesakes) if ((await lastingIds(other.ask)) === ids) return true;
  return false;
}

/** The ids of all containers but those of steps, which come and go; an empty text if the engine does not list them. */
async function lastingIds(ask: Ask): Promise<string> {
  const list = await ask('containers');
  if ('failure' in list || !Array.isArray(list.answer)) return '';
  const entries: readonly unknown[] = list.answer;
  const ids = entries.flatMap((entry) => listedOf(entry) ?? []).flatMap(({ id, isStep }) => (isStep ? [] : [id]));
  return `of ${ids.sort(compare).join(' ')}`;
}

/** Without those that are looked for in the same places. */
function withoutRepeated(all: readonly Wanted[]): readonly Wanted[] {
  const byPlaces = new Map<string, Wanted>();
  for (const wanted of all) {
    const places = wanted.candidates.map(placeOf).join(' ');
    if (!byPlaces.has(places)) byPlaces.set(places, wanted);
  }
  return [...byPlaces.values()];
}

/** What tells an address from others. */
function placeOf({ way, name }: EngineCandidate): string {
  if ('refused' in way) return name;
  if (!('socketPath' in way)) return `${way.host}:${way.port}`;
  try {
    return realpathSync(way.socketPath);
  } catch {
    return way.socketPath;
  }
}

/** A name for each engine: what it calls itself, with its address where others have that name too. */
function namesOf(engines: readonly Engine[]): readonly string[] {
  const own = engines.map(({ info }) => safeName(textIn(info, 'Name')) || 'engine');
  const taken = new Set<string>();
  return own.map((name, index) => {
    const way = engines[index]?.candidate.way;
    const host = way && 'host' in way ? `-${safeName(way.host)}` : '';
    const full = own.filter((other) => other === name).length > 1 ? `${name}${host}` : name;
    let unique = full;
    for (let count = 2; taken.has(unique); count++) unique = `${full}-${count}`;
    taken.add(unique);
    return unique;
  });
}

/** The first of the addresses where one answers, with what it is. */
async function findEngine(wanted: Wanted): Promise<Engine | { readonly problem: Problem }> {
  const failures: { readonly failure: Text; readonly closed: boolean }[] = [];
  for (const candidate of wanted.candidates) {
    const outcome = await knock(candidate, wanted);
    if ('connection' in outcome) {
      // A socket that exists but is closed to this user may be the engine that was meant.
      const passed = failures.flatMap(({ failure, closed }) =>
        closed ? [(source: string) => unreadable(source, say`${failure}; "${candidate.name}" was asked instead`)] : [],
      );
      return { ...outcome, problems: [...passed, ...outcome.problems] };
    }
    failures.push({ failure: say`"${candidate.name}" (${candidate.from}) ${outcome.reason}`, closed: outcome.closed });
  }
  const reasons = joinTexts(
    failures.map(({ failure }) => failure),
    '; ',
  );
  return { problem: unreadable('docker://', say`no Docker Engine answered: ${reasons}`) };
}

async function knock(
  candidate: EngineCandidate,
  wanted: Wanted,
): Promise<Engine | { readonly reason: Text; readonly closed: boolean }> {
  const { timeout, signal } = wanted;
  if ('refused' in candidate.way) return { reason: candidate.way.refused, closed: false };
  let connection: Connection;
  try {
    connection = await connect(candidate.way, timeout, signal);
  } catch {
    // The library reads the environment on its own, even if an explicit address makes that needless.
    return { reason: say`cannot be asked: DOCKER_HOST or DOCKER_CERT_PATH in the environment is wrong`, closed: false };
  }
  const ask = askWithin(connection, wanted);
  const version = await ask('version');
  const problems: ((source: string) => Problem)[] = [];
  if ('failure' in version) {
    if (version.failure.status !== 403) {
      connection.close();
      return version.failure;
    }
    problems.push((source) => notPermitted(source, say`its version`, 'VERSION'));
  } else if (field(version.answer, 'Version') === undefined && field(version.answer, 'ApiVersion') === undefined) {
    connection.close();
    return { reason: say`does not answer like a Docker Engine`, closed: true };
  }
  const info = await ask('info');
  if ('failure' in info && !info.failure.interrupted) {
    const { status, reason } = info.failure;
    problems.push((source) =>
      status === 403
        ? notPermitted(source, say`its system information`, 'INFO')
        : unreadable(source, say`its system information: it ${reason}`),
    );
  }
  return {
    ...wanted,
    candidate,
    connection,
    ask,
    version: 'answer' in version ? version.answer : undefined,
    info: 'answer' in info ? info.answer : undefined,
    problems,
  };
}

/** Asks as long as there is time for all answers together. */
function askWithin(connection: Connection, { timeout, signal }: Pick<Wanted, 'timeout' | 'signal'>): Ask {
  const deadline = Date.now() + timeout * maxPatience;
  return async (request) => {
    if (signal.aborted) return { failure: interruption };
    if (Date.now() > deadline)
      return { failure: { reason: say`takes longer than ${(timeout * maxPatience) / 1000} s in all`, closed: true } };
    try {
      return { answer: await connection.get(request) };
    } catch (error) {
      return { failure: signal.aborted ? interruption : failureOf(error, timeout) };
    }
  };
}
