import { compare } from '../model/compare.ts';
import { count } from '../model/prose.ts';
import { type Problem, unreadable } from '../model/report.ts';
import type { Source } from '../model/source.ts';
import { say, someNames, type Text } from '../model/text.ts';
import { field, textIn } from './answer-fields.ts';
import type { EngineCandidate } from './engine-address.ts';
import { type Connection, type Failure, inParallel, type Request } from './engine-connection.ts';
import { isDrone, type Listed, listedOf, type Traits, traitsOfContainer, withCompanions } from './engine-drone.ts';
import {
  boundVolumes,
  type ContainerPart,
  containerPart,
  containerText,
  engineFacts,
  engineText,
  maxResources,
  type Reached,
  resourcesOf,
} from './engine-evidence.ts';
import { type KeptLine, keptLog, maxLines } from './engine-log.ts';
import { networkNames, type Service, servicesIn, type Task } from './engine-swarm.ts';
import { safeName } from './engine-texts.ts';
import { maxBytes } from './files.ts';
import { accountNames, dataFiles, fileFacts, isThisHost } from './host-files.ts';
import { inTurns } from './in-turns.ts';

/** On a host with more containers, the rest are not inspected. */
const maxContainers = 5000;
/** How many bytes of all logs of an engine are read. */
const maxLogBytes = 32 * 1024 * 1024;

/** What was seen, and what could not be seen. */
export interface EngineEvidence {
  readonly sources: readonly Source[];
  readonly problems: readonly Problem[];
  /** The names of containers that were looked at and are not Drone's. */
  readonly others?: readonly string[];
}

/** An engine that is wanted, and where it may be. */
export interface Wanted {
  readonly candidates: readonly EngineCandidate[];
  readonly timeout: number;
  /** What to keep of a line of a log; undefined if no log is wanted. */
  readonly keep: ((line: string) => KeptLine | undefined) | undefined;
  /** Ends the look with what was seen until then. */
  readonly signal: AbortSignal;
}

/** An engine that answers. */
export interface Engine extends Wanted {
  readonly candidate: EngineCandidate;
  readonly connection: Connection;
  readonly ask: Ask;
  readonly version: unknown;
  /** Undefined if it does not tell. */
  readonly info: unknown;
  /** What was not told so far, by the name of the source that it is said of. */
  readonly problems: readonly ((source: string) => Problem)[];
}

/** Asks once, as long as there is time. */
export type Ask = (request: Request) => Promise<{ readonly answer: unknown } | { readonly failure: Failure }>;

export function notPermitted(source: string, what: Text, variable: string): Problem {
  const message = say`not permitted by the engine or its proxy (403): ${what}; a docker-socket-proxy allows it with ${variable}=1`;
  return unreadable(source, message);
}

/** What an engine and its sources are called. */
export interface Naming {
  readonly name: string;
  /** What its containers have before their names, `ENGINE/` if there are several engines. */
  readonly prefix: string;
}

/** What was seen of one engine. */
export interface Seen extends EngineEvidence {
  readonly services: readonly Service[];
  /** Those of the sources that are running tasks of a swarm. */
  readonly tasks: readonly Task[];
}

/** A container that was inspected. */
interface Inspected {
  readonly id: string;
  readonly listed: Listed;
  readonly traits: Traits;
  /** What is kept of the answer. */
  readonly part: ContainerPart;
  readonly hasTerminal: boolean;
  readonly logDriver: string;
  /** Names of the volumes that are mounted into it. */
  readonly volumes: readonly string[];
  /** Where the folder /data of the container is on the host; empty if it has none. */
  readonly data: string;
  /** The swarm service, by id, that it is a task of; empty if none. */
  readonly service: string;
  readonly isRunning: boolean;
}

/** Asks an engine about everything but its version. Never throws. */
export async function lookAround(engine: Engine, { name, prefix }: Naming): Promise<Seen> {
  const { ask, info, version } = engine;
  const whole = `docker://${prefix.slice(0, -1)}`;
  const problems: Problem[] = engine.problems.map((problem) => problem(whole));
  const seenAt = timeOf(field(info, 'SystemTime'));

  const sources: Source[] = [];
  const add = (source: Source): Source | undefined => {
    if (source.text.length <= maxBytes) {
      const seen = { ...source, seenAt };
      sources.push(seen);
      return seen;
    }
    const message = say`what the engine tells of it is larger than ${maxBytes / 1024 / 1024} MiB and was not read`;
    problems.push({ kind: 'too-large', source: source.name, message, incomplete: true });
    return undefined;
  };
  const interrupted = (): readonly Problem[] =>
    engine.signal.aborted
      ? [unreadable(whole, say`the audit was interrupted; everything seen until then is reported`)]
      : [];
  const networks = await askForList(ask, 'networks', whole, problems);
  const volumes = await askForList(ask, 'volumes', whole, problems);
  const answers = {
    version,
    info,
    networks: networks && someOf(resourcesOf(networks), 'networks', whole, problems),
    volumes: volumes && someOf(resourcesOf(volumes), 'volumes', whole, problems),
  };
  add({ name: `docker-engine://${prefix || name}`, form: 'docker-engine', text: engineText(answers, reached(engine)) });
  const listed = await listContainers(ask, whole, problems);
  if (!listed) return { sources, problems: [...problems, ...interrupted()], services: [], tasks: [] };
  const wanted = [...listed.filter(({ isStep }) => !isStep), ...listed.filter(({ isStep }) => isStep)];
  const inspected = await inspectAll(wanted.slice(0, maxContainers), listed, ask, whole, problems);
  const images = await inspectImages(inspected, ask, whole, problems);
  const isOwn = (one: Inspected): boolean => isDrone(one.traits, images.get(one.listed.imageId));
  const all = withCompanions(inspected, isOwn);
  const facts = engineFacts(info, version);
  const services =
    field(info, 'Swarm', 'ControlAvailable') === true
      ? await lookAtServices(ask, networkNames(networks ?? []), { whole, prefix, facts, seenAt }, all, problems)
      : [];
  const related = new Set(all);
  const others = inspected
    .filter((one) => !related.has(one))
    .map(({ id, traits }) => `docker://${prefix}${safeName(traits.name) || id.slice(0, 12)}`);
  const devices = boundVolumes(volumes ?? []);
  const known = new Set(services.map(({ id }) => id));
  // A swarm keeps tasks that ended; the service says how the next one will run.
  const drones = all.filter(({ service, isRunning }) => isRunning || !known.has(service));
  const accounts = isLocal(engine) ? accountNames() : undefined;
  const taken = new Set<string>();
  const logs: { readonly one: Inspected; readonly of: string }[] = [];
  const tasks: Task[] = [];
  for (const one of drones.sort((a, b) => compare(a.traits.name, b.traits.name) || compare(a.id, b.id))) {
    const of = `${prefix}${uniqueName(one, taken)}`;
    const isControl = !one.traits.isStep && isOwn(one);
    const files = isControl && accounts && one.data !== '' ? dataFiles(one.data, accounts) : [];
    const bound = one.volumes.flatMap((volume): (readonly [string, string])[] => {
      const path = devices.get(volume);
      return path === undefined ? [] : [[volume, path]];
    });
    const text = containerText(one.part, images.get(one.listed.imageId), facts, { files, bound });
    const source = add({ name: `docker://${of}`, form: 'docker-inspect', text });
    if (source && one.service !== '' && one.isRunning) tasks.push({ service: one.service, source });
    if (isControl) logs.push({ one, of });
  }
  if (engine.keep) for (const source of await lookAtLogs(logs, engine.keep, ask, whole, problems)) add(source);

  problems.push(...interrupted());
  if (drones.length === 0 && services.length === 0 && problems.length === 0) {
    const message = say`has no Drone container (${count(listed.length, 'container')} looked at)`;
    problems.push({ kind: 'empty', source: whole, message, incomplete: false });
  }
  return { sources, problems, services, tasks, others };
}

/** Undefined if the engine does not list them, which becomes a problem. */
async function listContainers(ask: Ask, whole: string, problems: Problem[]): Promise<readonly Listed[] | undefined> {
  const list = await ask('containers');
  if ('failure' in list || !Array.isArray(list.answer)) {
    const reason = 'failure' in list ? list.failure : undefined;
    problems.push(
      reason?.status === 403
        ? notPermitted(whole, say`the list of its containers`, 'CONTAINERS')
        : unreadable(whole, say`the list of containers: it ${reason?.reason ?? say`is not a list`}`),
    );
    return undefined;
  }
  const entries: readonly unknown[] = list.answer;
  const listed = entries.flatMap((entry) => listedOf(entry) ?? []);
  const lost = entries.length - listed.length;
  if (lost > 0) problems.push(unreadable(whole, say`the list of containers: ${count(lost, 'entry')} without an id`));
  if (listed.length > maxContainers) {
    const message = say`has ${listed.length} containers, but only ${maxContainers} of them were looked at; containers of builds were left out first`;
    problems.push({ kind: 'too-large', source: whole, message, incomplete: true });
  }
  return listed;
}

/** A time as the engine writes it, in the form that Source.seenAt has. */
function timeOf(time: unknown): string | undefined {
  const milliseconds = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  return Number.isNaN(milliseconds) ? undefined : new Date(milliseconds).toISOString();
}

/** Whether the engine is on this machine, so that its paths can be looked at. */
function isLocal({ candidate: { way }, info }: Engine): boolean {
  return 'socketPath' in way && isThisHost(textIn(info, 'Name'));
}

function reached(engine: Engine): Reached {
  const { way, name: address } = engine.candidate;
  if ('host' in way) return { address, transport: way.protocol, socket: null };
  if ('refused' in way) return { address, transport: 'socket', socket: null };
  // In a container, or at the end of a tunnel, the numbers are those of another machine.
  const names = isLocal(engine) ? accountNames() : { users: new Map(), groups: new Map() };
  return { address, transport: 'socket', socket: fileFacts(way.socketPath, names) ?? null };
}

const lists = {
  networks: { what: say`its networks`, variable: 'NETWORKS' },
  volumes: { what: say`its volumes`, variable: 'VOLUMES' },
  services: { what: say`its services`, variable: 'SERVICES' },
} as const;

/** Undefined if there is no answer, which becomes a problem. */
async function askForList(
  ask: Ask,
  list: keyof typeof lists,
  whole: string,
  problems: Problem[],
): Promise<readonly unknown[] | undefined> {
  const { what, variable } = lists[list];
  const result = await ask(list);
  if ('failure' in result) {
    const { status, reason } = result.failure;
    problems.push(status === 403 ? notPermitted(whole, what, variable) : unreadable(whole, say`${what}: it ${reason}`));
    return undefined;
  }
  const found = list === 'volumes' ? (field(result.answer, 'Volumes') ?? []) : result.answer;
  if (Array.isArray(found)) return found;
  problems.push(unreadable(whole, say`${what}: it does not answer like a Docker Engine`));
  return undefined;
}

/** As many as are taken; that there are more is said. */
function someOf(resources: readonly unknown[], noun: string, whole: string, problems: Problem[]): readonly unknown[] {
  if (resources.length > maxResources) {
    const message = say`has ${resources.length} ${noun} of Drone, but only ${maxResources} were looked at`;
    problems.push({ kind: 'too-large', source: whole, message, incomplete: true });
  }
  return resources.slice(0, maxResources);
}

/**
 * Inspects every container, because only its environment reveals a server in a renamed image; answers about containers
 * that are not Drone's are dropped again.
 */
async function inspectAll(
  listed: readonly Listed[],
  all: readonly Listed[],
  ask: Ask,
  whole: string,
  problems: Problem[],
): Promise<readonly Inspected[]> {
  const inspected: Inspected[] = [];
  const names = new Map(all.map(({ id, names: [name] }) => [id, name]));
  const requests = listed.map((one) => ({
    one,
    request: { container: one.id } as const,
    name: one.names[0] ?? one.id.slice(0, 12),
  }));
  await askForAll(requests, ['container', 'CONTAINERS'], ask, whole, problems, ({ one }, answer) => {
    if (!isInspection(answer)) return say`does not answer like a Docker Engine`;
    const name = textIn(answer, 'Name').replace(/^\//, '') || one.names[0] || one.id.slice(0, 12);
    const traits = traitsOfContainer(answer, one, name);
    const part = partOf(answer, traits, (id) => names.get(id));
    if (!part) return say`does not answer like a Docker Engine`;
    inspected.push({
      id: one.id,
      listed: one,
      traits,
      part,
      hasTerminal: field(answer, 'Config', 'Tty') === true,
      logDriver: textIn(answer, 'HostConfig', 'LogConfig', 'Type'),
      volumes: volumesIn(field(answer, 'Mounts')),
      data: dataFolderOf(field(answer, 'Mounts')),
      service: textIn(answer, 'Config', 'Labels', 'com.docker.swarm.service.id'),
      isRunning: field(answer, 'State', 'Running') === true,
    });
    return undefined;
  });
  return inspected;
}

/** Every engine tells how a container was configured, and what became of it. */
function isInspection(answer: unknown): answer is object {
  return (
    holdsSomething(field(answer, 'Config')) && ['HostConfig', 'State'].some((key) => holdsSomething(field(answer, key)))
  );
}

function holdsSomething(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

/** Undefined for an answer that no engine gives: nested so deeply that it cannot be written. */
function partOf(
  answer: object,
  { isStep }: Traits,
  nameOf: Parameters<typeof containerPart>[2],
): ContainerPart | undefined {
  try {
    return containerPart(answer, isStep, nameOf);
  } catch {
    return undefined;
  }
}

function volumesIn(mounts: unknown): readonly string[] {
  const all: readonly unknown[] = Array.isArray(mounts) ? mounts : [];
  return all.filter((mount) => field(mount, 'Type') === 'volume').map((mount) => textIn(mount, 'Name'));
}

function dataFolderOf(mounts: unknown): string {
  const all: readonly unknown[] = Array.isArray(mounts) ? mounts : [];
  return textIn(
    field(
      all.find((mount) => field(mount, 'Destination') === '/data'),
      'Source',
    ),
  );
}

/** Hands each answer to `take`, which says what is wrong with it, and names what was asked in vain. */
async function askForAll<T extends { readonly request: Request; readonly name: string }>(
  items: readonly T[],
  [noun, permission]: readonly [noun: string, permission: string],
  ask: Ask,
  whole: string,
  problems: Problem[],
  take: (item: T, answer: unknown) => Text | undefined,
): Promise<void> {
  const refused: string[] = [];
  const unanswered: string[] = [];
  const notAsked: string[] = [];
  let reason: Text | undefined;
  await inTurns(items, inParallel, async (item) => {
    const result = await ask(item.request);
    const { status, interrupted } = 'failure' in result ? result.failure : {};
    if (status === 403) refused.push(item.name);
    if (interrupted) notAsked.push(item.name);
    // What ended or was removed since the list was made is not missing.
    if (status === 403 || status === 404 || interrupted) return;
    const wrong = 'answer' in result ? take(item, result.answer) : result.failure.reason;
    if (wrong) unanswered.push(item.name);
    reason = wrong ?? reason;
  });
  if (refused.length > 0)
    problems.push(notPermitted(whole, say`inspecting ${count(refused.length, noun)}`, permission));
  if (notAsked.length > 0) {
    const named = say`${count(notAsked.length, noun)} ${notAsked.length === 1 ? say`was` : say`were`} not inspected any more`;
    problems.push(unreadable(whole, say`${named} (${someNames(notAsked)}): the audit was interrupted`));
  }
  if (reason) {
    const named = say`${count(unanswered.length, noun)} could not be inspected (${someNames(unanswered)})`;
    problems.push(unreadable(whole, say`${named}: the engine ${reason}`));
  }
}

/** The images, by id, of Drone's containers and of those whose image has only an id for a name. */
async function inspectImages(
  inspected: readonly Inspected[],
  ask: Ask,
  whole: string,
  problems: Problem[],
): Promise<ReadonlyMap<string, object>> {
  const images = new Map<string, object>();
  const wanted = new Set(withCompanions(inspected, ({ traits }) => isDrone(traits)));
  const names = new Map<string, string>();
  for (const one of inspected) {
    const { imageId } = one.listed;
    const name = one.traits.images[0] ?? '';
    if (/^(?:sha256:)?[0-9a-f]{64}$/.test(imageId) && (wanted.has(one) || isBareImage(name))) names.set(imageId, name);
  }
  const requests = [...names].map(([image, name]) => ({ name, request: { image } as const }));
  await askForAll(requests, ['image', 'IMAGES'], ask, whole, problems, ({ request: { image } }, answer) => {
    if (typeof answer === 'object' && answer !== null) images.set(image, answer);
    return undefined;
  });
  return images;
}

function isBareImage(name: string): boolean {
  return /^(?:sha256:)?[0-9a-f]{12,64}$/.test(name);
}

/** The newest lines of the logs of containers, one after another, so that no more than one is in memory. */
async function lookAtLogs(
  containers: readonly { readonly one: Inspected; readonly of: string }[],
  keep: (line: string) => KeptLine | undefined,
  ask: Ask,
  whole: string,
  problems: Problem[],
): Promise<readonly Source[]> {
  const sources: Source[] = [];
  const longer: string[] = [];
  let left = maxLogBytes;
  for (const { one, of } of containers) {
    const source = `docker://${of}`;
    if (left <= 0) {
      const message = say`its log was not looked at: the logs are larger than ${maxLogBytes / 1024 / 1024} MiB together`;
      problems.push({ kind: 'too-large', source, message, incomplete: true });
      continue;
    }
    // One more tells whether there are more.
    let result = await ask({ log: one.id, tail: maxLines + 1 });
    // Of very long lines fewer have to do.
    const isShort = 'failure' in result && result.failure.large === true;
    if (isShort) result = await ask({ log: one.id, tail: maxLines / 20 });
    if ('answer' in result && Buffer.isBuffer(result.answer)) {
      left -= result.answer.length;
      const { text, isLonger } = keptLog(source, result.answer, one.hasTerminal, keep);
      sources.push({ name: `docker-log://${of}`, form: 'docker-log', text });
      if (isLonger || isShort) longer.push(one.traits.name);
    } else if ('answer' in result) problems.push(unreadable(source, say`its log could not be read`));
    else problems.push(logProblem(source, one, result.failure));
  }
  if (longer.length > 0) {
    const message = say`only the newest lines of long logs were looked at, at most ${maxLines} of each (${someNames(longer)})`;
    problems.push({ kind: 'too-large', source: whole, message, incomplete: false });
  }
  return sources;
}

/** Log drivers whose logs the engine keeps itself (moby/moby daemon/logger). */
const readableDrivers: ReadonlySet<string> = new Set(['', 'json-file', 'local', 'journald', 'k8s-file']);

function logProblem(source: string, { logDriver }: Inspected, { status, reason }: Failure): Problem {
  if (status === 403) return notPermitted(source, say`its log`, 'CONTAINERS');
  const isGone = (status === 500 || status === 501) && !readableDrivers.has(logDriver);
  const message = !isGone
    ? say`its log could not be read: the engine ${reason}`
    : logDriver === 'none'
      ? say`has no log to look at: the driver "none" keeps nothing`
      : say`its log could not be read: the driver "${logDriver}" sends it elsewhere, and the engine ${reason}`;
  return { kind: 'unreadable', source, message, incomplete: !isGone };
}

/** Drone's services, and those of its stacks, whatever runs of them. */
async function lookAtServices(
  ask: Ask,
  networks: ReadonlyMap<string, string>,
  engine: Omit<Parameters<typeof servicesIn>[2], 'networks'> & { readonly whole: string },
  drones: readonly Inspected[],
  problems: Problem[],
): Promise<readonly Service[]> {
  const answer = await askForList(ask, 'services', engine.whole, problems);
  const control = drones.filter(({ traits }) => !traits.isStep);
  const projects = control.map(({ traits }) => traits.project);
  const tasks = new Set(control.map(({ service }) => service).filter((service) => service !== ''));
  return servicesIn(answer ?? [], { projects, tasks }, { ...engine, networks });
}

function uniqueName({ id, traits }: Inspected, taken: Set<string>): string {
  const plain = safeName(traits.name);
  const name = plain === '' || taken.has(plain) ? `${plain}-${id.slice(0, 12)}` : plain;
  taken.add(name);
  return name;
}
