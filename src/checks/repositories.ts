import { compare } from '../model/compare.ts';
import { type Problem, unreadable } from '../model/report.ts';
import { slugOfAddress } from '../model/repository-address.ts';
import type { Form, Source } from '../model/source.ts';
import { say, someNames, type Text, textKey } from '../model/text.ts';
import { field, flagIn, jsonOf, numberIn, textIn } from './answer-fields.ts';
import type { Ask, Received } from './http.ts';
import { inTurns } from './in-turns.ts';

/* What a server tells to the account of the audit. Only GET; of every answer only the fields of the model are kept. */

/** How an account asks: with its token, to this address alone. */
export interface Asking {
  readonly address: string;
  readonly ask: Ask;
  readonly isAdmin: boolean;
  /** Of the account that asks. */
  readonly login: string;
  readonly seenAt: string | undefined;
  readonly signal: AbortSignal;
  readonly progress: (done: number, of: number) => void;
  /** Names the credentials that a log holds; undefined if no logs of builds are asked for. */
  readonly formsInLog?: FormsInLog;
}

/** Tells of a text what credentials it holds, by their forms alone: `a token of GitHub`. */
export type FormsInLog = (text: string) => readonly string[];

/** What was seen, and what could not be seen. */
export interface Told {
  readonly sources: readonly Source[];
  readonly problems: readonly Problem[];
  /** Whether the server says that it was built without what only the other edition has (501). */
  readonly isCommunity: boolean;
  /** What an interrupt left out. */
  readonly left?: Text;
}

const pageLimit = 8 * 1024 * 1024;
const perPage = 100;
/** On a server with more repositories, the rest are not looked at. */
const maxRepositories = 100_000;
/** How often the list is asked for again if it moved while it was read. */
const maxPasses = 3;
/** Of more repositories that are not active, neither secrets nor cron jobs are asked for. */
const maxInactive = 1000;
/** How many builds of a repository are looked at one by one. */
const maxBuilds = 5;
/** How many steps of a repository have their logs looked at. */
const maxLogs = 100;
const logLimit = 16 * 1024 * 1024;
const inParallel = 4;
/** After so many failures one after the other, the server is left alone. */
const maxFailures = 20;
/** How many repositories of one failure are kept by name. */
const maxNamed = 20;

/** A list of an answer, or why there is none. */
type Listed = { readonly items: readonly unknown[] } | Refusal;

interface Refusal {
  readonly why: Text;
  readonly status?: number;
  /** Whether the server does not answer any more, or answers with a fault of its own. */
  readonly isFailure: boolean;
}

/** Asks for accounts, repositories with what belongs to them, secrets of organisations and templates. */
export async function lookAsAccount(asking: Asking): Promise<Told> {
  const sources: Source[] = [];
  const problems: Problem[] = [];
  const { address, isAdmin, login, seenAt, signal } = asking;
  let isCommunity = false;
  const add = (path: string, form: Form, value: unknown): void => {
    sources.push({ name: `${address}${path}`, form, text: `${JSON.stringify(value, null, 2)}\n`, seenAt });
  };
  const miss = (path: string, what: Text, { why }: Refusal): void => {
    if (!signal.aborted)
      problems.push(unreadable(`${address}${path}`, say`${what} could not be read: the server ${why}`));
  };

  if (isAdmin) {
    const users = await list(asking.ask, '/api/users', pageLimit);
    if ('why' in users) miss('/api/users', say`the accounts`, users);
    else
      add(
        '/api/users',
        'drone-accounts',
        users.items.map((item) => account(item, login)).sort((a, b) => compare(a.login, b.login)),
      );

    const secrets = await list(asking.ask, '/api/secrets', pageLimit);
    if (!('why' in secrets))
      add(
        '/api/secrets',
        'drone-organization-secrets',
        secrets.items
          .map(organizationSecret)
          .sort((a, b) => compare(a.namespace, b.namespace) || compare(a.name, b.name)),
      );
    else if (secrets.status === 501) isCommunity = true;
    else miss('/api/secrets', say`the secrets of organisations`, secrets);

    const templates = await list(asking.ask, '/api/templates', pageLimit);
    if (!('why' in templates)) for (const each of templates.items) sources.push(...templateOf(each, asking));
    else if (templates.status !== 501) miss('/api/templates', say`the templates`, templates);
  }

  const listed: Listed & { readonly problems?: readonly Text[] } = isAdmin
    ? await allRepositories(asking.ask, signal)
    : await ownRepositories(asking.ask);
  if ('why' in listed) miss(isAdmin ? '/api/repos' : '/api/user/repos', say`the list of repositories`, listed);
  for (const problem of listed.problems ?? []) problems.push(unreadable(`${address}/api/repos`, problem));
  const items = 'items' in listed ? listed.items : [];
  const repositories = items.flatMap((item) => repositoryOf(item) ?? []);
  const unnamed = items.length - repositories.length;
  if (unnamed > 0)
    problems.push(
      unreadable(
        `${address}/api/repos`,
        say`of the list of repositories ${unnamed} were not looked at, because their names are none that a repository can have`,
      ),
    );
  const seen = await lookAtEach(repositories, asking);
  for (const one of seen.sources) sources.push(one);
  for (const one of seen.problems) problems.push(one);
  const left = seen.left ?? ('why' in listed && signal.aborted ? say`repositories` : undefined);
  return { sources, problems, isCommunity: isCommunity || seen.isCommunity, left };
}

async function list(ask: Ask, path: string, limit?: number): Promise<Listed> {
  const answer = await get(ask, path, limit);
  if ('why' in answer) return answer;
  // Go writes an empty list as null.
  if (answer.value === null) return { items: [] };
  return Array.isArray(answer.value)
    ? { items: answer.value }
    : { why: say`answers with something that is no list`, isFailure: true };
}

async function get(ask: Ask, path: string, limit?: number): Promise<{ readonly value: unknown } | Refusal> {
  const answer = await ask({ path, limit });
  if ('lost' in answer) return { why: answer.lost, isFailure: answer.code !== 'TOO-LARGE' };
  const value = jsonOf(answer.body);
  if (answer.status === 200 && value !== undefined) return { value };
  return {
    why: whyNot(answer, value),
    status: answer.status,
    isFailure: (answer.status >= 500 && answer.status !== 501) || answer.status === 429,
  };
}

/** What Go's AES-GCM says of plain rows, too short or long enough for a nonce, and of another key; measured with 2.25.0. */
const undecryptable: ReadonlySet<string> = new Set(['malformed ciphertext', 'cipher: message authentication failed']);

function whyNot({ status, body, headers }: Received, value: unknown): Text {
  // With DRONE_DATABASE_SECRET over rows that were stored without it: not the same as having none.
  const message = textIn(value, 'message');
  if (undecryptable.has(message))
    return say`cannot decrypt them ("${message}"): they were stored without its DRONE_DATABASE_SECRET, or with another`;
  if (status === 501) return say`is a community build, which does not have them`;
  if (status >= 300 && status < 400) return say`redirects, which is not followed with a token`;
  const isPage = /^\s*</.test(body) || /html/i.test(headers.get('content-type') ?? '');
  if (status === 200 && isPage) return say`answers with a page where data is due`;
  if (status === 200) return say`answers with something that is no JSON`;
  if (status === 429) return say`answers that it was asked too much (status 429)`;
  return say`answers with status ${status}`;
}

/**
 * The whole list of an administrator. It has no order and no total (harness/drone store/repos/repos.go:369), so that a row may
 * move between two pages while they are read: an id that comes twice tells of another that did not come.
 */
async function allRepositories(
  ask: Ask,
  signal: AbortSignal,
): Promise<{ readonly items: readonly unknown[]; readonly problems: readonly Text[] } | Refusal> {
  const byId = new Map<number, unknown>();
  for (let pass = 1; ; pass++) {
    const ofPass = new Set<number>();
    let moved = false;
    // A proxy may cap the length of a page: how long one is, the first shows. Some know one page alone.
    let size = perPage;
    for (let page = 1; ; page++) {
      const answer = await list(ask, `/api/repos?page=${page}&per_page=${perPage}`, pageLimit);
      if ('why' in answer) {
        if (byId.size === 0) return answer;
        if (signal.aborted) return { items: [...byId.values()], problems: [] };
        const message = say`the list of repositories could not be read to its end: the server ${answer.why}`;
        return { items: [...byId.values()], problems: [message] };
      }
      const before = ofPass.size;
      if (page === 1) size = Math.min(perPage, answer.items.length);
      const isRepeated = size < perPage && answer.items.every((item) => ofPass.has(numberIn(item, 'id')));
      for (const item of answer.items) {
        const id = numberIn(item, 'id');
        if (ofPass.has(id) && !isRepeated) moved = true;
        ofPass.add(id);
        if (byId.size < maxRepositories || byId.has(id)) byId.set(id, kept(item));
      }
      // A page that only repeats earlier ones would be followed by more of them.
      if (answer.items.length < size || ofPass.size === before) break;
      if (ofPass.size >= maxRepositories) {
        const message = say`has more than ${maxRepositories} repositories; the rest were not looked at`;
        return { items: [...byId.values()], problems: [message] };
      }
    }
    if (!moved || signal.aborted) return { items: [...byId.values()], problems: [] };
    if (pass === maxPasses) {
      const message = say`the list of repositories changed while it was read, ${maxPasses} times in a row; some may be missing`;
      return { items: [...byId.values()], problems: [message] };
    }
  }
}

async function ownRepositories(ask: Ask): Promise<Listed> {
  const answer = await list(ask, '/api/user/repos', pageLimit);
  return 'why' in answer ? answer : { items: answer.items.slice(0, maxRepositories).map(kept) };
}

/** Fields by the names that the server gives them (core/repo.go:34-69). */
function kept(item: unknown) {
  return {
    id: numberIn(item, 'id'),
    user_id: numberIn(item, 'user_id'),
    namespace: textIn(item, 'namespace'),
    name: textIn(item, 'name'),
    slug: textIn(item, 'slug') || `${textIn(item, 'namespace')}/${textIn(item, 'name')}`,
    default_branch: textIn(item, 'default_branch'),
    private: flagIn(item, 'private'),
    visibility: textIn(item, 'visibility'),
    active: flagIn(item, 'active'),
    config_path: textIn(item, 'config_path'),
    trusted: flagIn(item, 'trusted'),
    protected: flagIn(item, 'protected'),
    ignore_forks: flagIn(item, 'ignore_forks'),
    ignore_pull_requests: flagIn(item, 'ignore_pull_requests'),
    timeout: numberIn(item, 'timeout'),
    throttle: numberIn(item, 'throttle'),
    archived: flagIn(item, 'archived'),
    ...cloneAddressOf(item),
  };
}

/** The address that it is cloned from, where it has another path than the slug: its SCM lies below a folder. */
function cloneAddressOf(item: unknown): { readonly git_http_url?: string } {
  const address = (textIn(item, 'git_http_url') || textIn(item, 'link')).replace(/^(https?:\/\/)[^/@]{0,500}@/i, '$1');
  const slug = slugOfAddress(address);
  return slug === undefined || slug.toLowerCase() === textIn(item, 'slug').toLowerCase()
    ? {}
    : { git_http_url: address };
}

interface Listing {
  readonly repository: ReturnType<typeof kept>;
  /** `/api/repos/octocat/hello-world` */
  readonly path: string;
  /**
   * Whether the API has this path. It takes a namespace of one part; that of a subgroup of GitLab has more, and answers 404,
   * with its slashes encoded too (harness/drone handler/api/api.go:180, go-scm scm/driver/gitlab/repo.go Namespace).
   */
  readonly isAddressable: boolean;
}

/** A repository whose name can be part of a path; one with another name cannot exist. */
function repositoryOf(item: unknown): Listing | undefined {
  const repository = kept(item);
  const parts = repository.slug.split('/');
  if (parts.length < 2 || parts.length > 30) return undefined;
  if (parts.some((part) => part === '' || /^\.+$/.test(part) || part.length > 300)) return undefined;
  return { repository, path: `/api/repos/${parts.map(encode).join('/')}`, isAddressable: parts.length === 2 };
}

function encode(part: string): string {
  return encodeURIComponent(part.replace(/[\ud800-\udfff]/gu, '\ufffd'));
}

/** A place in the log of a build that holds a credential; of the log itself nothing is kept. */
interface LogHit {
  readonly build: number;
  readonly stage: number;
  readonly step: number;
  readonly form: string;
}

interface BuildsSeen {
  readonly builds: readonly object[];
  readonly logHits?: readonly LogHit[];
}

const tooManyLogs: Refusal = {
  why: say`has more than ${maxLogs} of them for the newest builds, and the others were not asked for`,
  isFailure: false,
};
const anotherBuild: Refusal = { why: say`answers with something that is not the build`, isFailure: false };

type Part = 'secrets' | 'cron' | 'builds' | 'stages' | 'logs';
const whats: Readonly<Record<Part, Text>> = {
  secrets: say`secrets`,
  cron: say`cron jobs`,
  builds: say`builds`,
  stages: say`stages of builds`,
  logs: say`logs of builds`,
};

/** Asks for what belongs to each repository, and for the builds of active ones. After too many failures in a row the rest are named, not asked. */
async function lookAtEach(listings: readonly Listing[], asking: Asking): Promise<Told> {
  const { ask, address, seenAt, signal, progress } = asking;
  const sources: Source[] = [];
  const lost = new Map<string, { readonly what: Text; readonly why: Text; readonly of: string[]; count: number }>();
  const left = new Set<string>();
  let done = 0;
  let failures = 0;
  let isCommunity = false;
  const nested = listings.filter(({ isAddressable }) => !isAddressable);
  const active = listings.filter(({ repository, isAddressable }) => isAddressable && repository.active);
  const inactive = listings.filter(({ repository, isAddressable }) => isAddressable && !repository.active);
  const asked = [...active, ...(inactive.length <= maxInactive ? inactive : [])];
  const mayGoOn = (): boolean => failures < maxFailures && !signal.aborted;

  const count = (answer: Listed | { readonly value: unknown }): void => {
    failures = 'why' in answer && answer.isFailure ? failures + 1 : 0;
  };
  const miss = (part: Part, { why, status }: Refusal, { repository }: Listing): void => {
    if (status === 501) isCommunity = true;
    if (status === 501 || signal.aborted) return;
    const key = `${part} ${textKey(why)}`;
    const entry = lost.get(key) ?? { what: whats[part], why, of: [], count: 0 };
    entry.count++;
    if (entry.of.length < maxNamed) entry.of.push(repository.slug);
    lost.set(key, entry);
  };
  const askFor = async (listing: Listing, part: 'secrets' | 'cron' | 'builds'): Promise<readonly unknown[] | null> => {
    if (!mayGoOn()) {
      left.add(listing.repository.slug);
      return null;
    }
    const answer = await list(ask, `${listing.path}/${part}${part === 'builds' ? '?per_page=25' : ''}`);
    count(answer);
    if (!('why' in answer)) return answer.items;
    miss(part, answer, listing);
    return null;
  };
  const hitsIn = async (
    listing: Listing,
    number: number,
    build: unknown,
    logs: { left: number; refusal?: Refusal },
  ): Promise<LogHit[]> => {
    const { formsInLog } = asking;
    const hits: LogHit[] = [];
    for (const [stage, step] of formsInLog ? stepsOf(build) : []) {
      if (logs.left-- <= 0) logs.refusal ??= tooManyLogs;
      if (logs.refusal === tooManyLogs || !mayGoOn()) break;
      const log = await list(ask, `${listing.path}/builds/${number}/logs/${stage}/${step}`, logLimit);
      count(log);
      if ('items' in log)
        for (const form of formsInLog?.(log.items.map((line) => textIn(line, 'out')).join('')) ?? [])
          hits.push({ build: number, stage, step, form });
      // A step that printed nothing, and one whose log was removed, have none.
      else if (log.status !== 404) logs.refusal ??= log;
    }
    return hits;
  };
  const buildsOf = async (listing: Listing): Promise<BuildsSeen | null> => {
    const found = await askFor(listing, 'builds');
    if (found === null) return null;
    const waiting = found.filter((each) => ['blocked', 'pending'].includes(textIn(each, 'status')));
    const closer = [...new Set([...waiting, ...found])].slice(0, maxBuilds);
    const whole = new Map<unknown, unknown>();
    const logHits: LogHit[] = [];
    const logs: { left: number; refusal?: Refusal } = { left: maxLogs };
    let refusal: Refusal | undefined;
    for (const each of closer) {
      const number = numberIn(each, 'number');
      if (!Number.isSafeInteger(number) || number <= 0) continue;
      if (!mayGoOn()) {
        left.add(listing.repository.slug);
        whole.set(each, null);
        continue;
      }
      const got = await get(ask, `${listing.path}/builds/${number}`);
      count(got);
      const answer = 'why' in got || numberIn(got.value, 'number') === number ? got : anotherBuild;
      if ('why' in answer) refusal ??= answer;
      whole.set(each, 'why' in answer ? null : answer.value);
      if ('value' in answer) logHits.push(...(await hitsIn(listing, number, answer.value, logs)));
    }
    if (refusal) miss('stages', refusal, listing);
    if (logs.refusal) miss('logs', logs.refusal, listing);
    const builds = found.slice(0, 25).map((each) => {
      const known = whole.get(each);
      return known === null ? { ...buildOf(each), stages: null } : buildOf(known ?? each);
    });
    return { builds, ...(asking.formsInLog && { logHits }) };
  };
  const add = ({ repository, path }: Listing, parts: object): void => {
    const evidence = { repository, secrets: null, cron: null, builds: null, ...parts };
    sources.push({
      name: `${address}${path}`,
      form: 'drone-repository',
      text: `${JSON.stringify(evidence, null, 2)}\n`,
      seenAt,
    });
  };

  await inTurns(asked, inParallel, async (listing) => {
    const secrets = await askFor(listing, 'secrets');
    const cron = await askFor(listing, 'cron');
    const seen = listing.repository.active ? await buildsOf(listing) : null;
    add(listing, {
      secrets: secrets?.map(secret).sort((a, b) => compare(a.name, b.name)) ?? null,
      cron: cron?.map(cronJob).sort((a, b) => compare(a.name, b.name)) ?? null,
      ...seen,
    });
    if (left.size > 0) return;
    done++;
    progress(done, asked.length);
  });
  if (inactive.length > maxInactive) for (const listing of inactive) add(listing, {});
  for (const listing of nested) add(listing, {});

  const problems = [...lost.values()].map(({ what, why, of, count }) =>
    unreadable(`${address}/`, say`the ${what} of ${someNames(of, count)} could not be read: the server ${why}`),
  );
  if (nested.length > 0) {
    const slugs = nested.map(({ repository }) => repository.slug);
    problems.push(
      unreadable(
        `${address}/`,
        say`the secrets, cron jobs and builds of ${someNames(slugs)} could not be asked for: the API of Drone does not take a namespace of several parts`,
      ),
    );
  }
  const notSeen = left.size === 0 ? undefined : say`secrets, cron jobs and builds of ${someNames([...left])}`;
  if (notSeen && !signal.aborted)
    problems.push(
      unreadable(
        `${address}/`,
        say`${maxFailures} requests in a row had failed: everything seen is reported; not looked at: ${notSeen}`,
      ),
    );
  if (inactive.length > maxInactive)
    problems.push({
      ...unreadable(
        `${address}/`,
        say`of ${inactive.length} repositories that are not active, secrets and cron jobs were not asked for, because they are more than ${maxInactive}`,
      ),
      incomplete: false,
    });
  return { sources, problems, isCommunity, left: signal.aborted ? notSeen : undefined };
}

/** core/user.go:31-48 */
function account(item: unknown, asking: string) {
  return {
    id: numberIn(item, 'id'),
    login: textIn(item, 'login'),
    email: textIn(item, 'email'),
    machine: flagIn(item, 'machine'),
    admin: flagIn(item, 'admin'),
    active: flagIn(item, 'active'),
    created: numberIn(item, 'created'),
    last_login: numberIn(item, 'last_login'),
    // Not of the server: whose token the audit uses.
    ...(textIn(item, 'login') === asking ? { droneAudit: true } : {}),
  };
}

/** core/secret.go:33-42; `data` is never sent, and would not be taken. */
function secret(item: unknown) {
  return {
    name: textIn(item, 'name'),
    pull_request: flagIn(item, 'pull_request'),
    pull_request_push: flagIn(item, 'pull_request_push'),
  };
}

function organizationSecret(item: unknown) {
  return { namespace: textIn(item, 'namespace'), ...secret(item) };
}

/** core/cron.go:34-48, without the times of its runs. */
function cronJob(item: unknown) {
  return {
    name: textIn(item, 'name'),
    expr: textIn(item, 'expr'),
    branch: textIn(item, 'branch'),
    disabled: flagIn(item, 'disabled'),
  };
}

/** Titles, messages and parameters of builds are not needed, and may hold anything. */
function buildOf(item: unknown) {
  return {
    number: numberIn(item, 'number'),
    event: textIn(item, 'event'),
    status: textIn(item, 'status'),
    trigger: textIn(item, 'trigger'),
    source_repo: textIn(item, 'source_repo'),
    cron: textIn(item, 'cron'),
    debug: flagIn(item, 'debug'),
    created: numberIn(item, 'created'),
    finished: numberIn(item, 'finished'),
    stages: listIn(item, 'stages')
      .slice(0, 100)
      .map((stage: unknown) => ({
        name: textIn(stage, 'name'),
        status: textIn(stage, 'status'),
        machine: textIn(stage, 'machine'),
      })),
  };
}

/** The numbers of the stages and steps of a build that ran (harness/drone core/stage.go, core/step.go). */
function stepsOf(build: unknown): readonly (readonly [stage: number, step: number])[] {
  return listIn(build, 'stages').flatMap((stage) =>
    listIn(stage, 'steps')
      .filter((step) => !['skipped', 'pending', 'blocked'].includes(textIn(step, 'status')))
      .map((step) => [numberIn(stage, 'number'), numberIn(step, 'number')] as const)
      .filter((numbers) => numbers.every((each) => Number.isSafeInteger(each) && each > 0)),
  );
}

function listIn(item: unknown, name: string): readonly unknown[] {
  const found = field(item, name);
  return Array.isArray(found) ? found : [];
}

/** A template is a pipeline file, in the language that its ending tells (harness/drone plugin/converter/template.go). */
function templateOf(item: unknown, { address, seenAt }: Asking): readonly Source[] {
  const name = textIn(item, 'name');
  const namespace = textIn(item, 'namespace');
  const text = textIn(item, 'data');
  const ending = /\.(?:ya?ml|star|starlark|script|jsonnet)$/.exec(name)?.[0];
  if (namespace === '' || ending === undefined || text === '') return [];
  const form = ending === '.jsonnet' ? 'jsonnet' : /ya?ml$/.test(ending) ? 'drone' : 'starlark';
  return [{ name: `${address}/api/templates/${encode(namespace)}/${encode(name)}`, form, text, seenAt }];
}
