import type { Source } from '../model/source.ts';
import { jsonOf, textIn } from './answer-fields.ts';
import type { Network, Received } from './http.ts';
import type { TlsSeen } from './tls.ts';

/* What is kept of the answers that an address gives to anyone: enough to judge, and nothing that changes by itself. */

/** One answer, as the evidence holds it. */
export interface KeptAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: BodyKind;
  readonly facts: Readonly<Record<string, string>>;
}

export type BodyKind = 'json' | 'html' | 'metrics' | 'profiler' | 'empty' | 'text';

/** Everything that is known of an address; becomes a source of the form `drone-endpoint`. */
export interface SeenEndpoint {
  /** Scheme, host and port. */
  readonly address: string;
  readonly role: 'server' | 'runner' | 'autoscaler';
  /** The source whose settings told of the address; the name of a runner's own server is not known otherwise. */
  readonly revealedBy?: string;
  readonly network: Network;
  /** By path, with method or scheme before it where it is no GET to this address. */
  readonly answers: ReadonlyMap<string, KeptAnswer>;
  readonly tls: TlsSeen | null;
  /** What was accepted of what the documentation prints, by where it is printed. */
  readonly accepted: readonly string[];
  /** How many documented secrets or logins were tried; absent where that was not asked for. */
  readonly tried?: number;
}

/** The evidence of an address: JSON with its keys in a fixed order. */
export function endpointSource(seen: SeenEndpoint, seenAt: string | undefined): Source {
  const { address, role, revealedBy, network, answers, tls, accepted, tried } = seen;
  const evidence = {
    address,
    role,
    ...(revealedBy === undefined ? {} : { revealedBy }),
    network,
    answers: Object.fromEntries([...answers].sort(([a], [b]) => (a < b ? -1 : 1))),
    tls,
    accepted,
    ...(tried === undefined ? {} : { tried }),
  };
  return { name: `${address}/`, form: 'drone-endpoint', text: `${JSON.stringify(evidence, null, 2)}\n`, seenAt };
}

/** Headers that a rule asks about. */
const keptHeaders = [
  'access-control-allow-credentials',
  'access-control-allow-origin',
  'content-security-policy',
  'content-type',
  'location',
  'referrer-policy',
  'strict-transport-security',
  'www-authenticate',
  'x-content-type-options',
  'x-frame-options',
] as const;
const maxHeaderLength = 1000;

/** What is kept of an answer to a question without a login. */
export function keep({ status, headers, cookies, body }: Received): KeptAnswer {
  const kept: Record<string, string> = {};
  for (const name of keptHeaders) {
    const value = headers.get(name);
    if (value !== undefined) kept[name] = settled(name, value).slice(0, maxHeaderLength);
  }
  if (cookies.length > 0) kept['set-cookie'] = cookies.slice(0, 20).map(flagsOf).sort().join(', ');
  const kind = kindOf(body, headers.get('content-type') ?? '');
  return { status, headers: kept, body: kind, facts: kind === 'json' ? factsOf(jsonOf(body)) : {} };
}

/** A header without what differs from one answer to the next. */
function settled(name: (typeof keptHeaders)[number], value: string): string {
  if (name === 'location') return withoutQuery(value);
  if (name === 'content-security-policy') return value.replace(/'nonce-[^']{0,200}'/g, "'nonce-'");
  return value;
}

/** Where a redirect leads, without user information and query, which hold a state or a login. */
function withoutQuery(location: string): string {
  const [place = ''] = location.split(/[?#]/, 1);
  return place.replace(/^([a-z][a-z0-9+.-]{0,30}:)?\/\/[^/]{0,500}@/i, '$1//');
}

/** Name and attributes of a cookie, never its value. */
function flagsOf(cookie: string): string {
  const [pair = '', ...attributes] = cookie.split(';').map((part) => part.trim());
  const flags = attributes.map((attribute) => (/^expires=/i.test(attribute) ? 'Expires' : attribute));
  return [pair.split('=', 1)[0] ?? '', ...flags].join('; ').slice(0, 200);
}

function kindOf(body: string, type: string): BodyKind {
  if (body.trim() === '') return 'empty';
  if (/^# (?:HELP|TYPE) /.test(body)) return 'metrics';
  const start = body.slice(0, 4000);
  if (start.includes('/debug/pprof/') && start.includes('Types of profiles available')) return 'profiler';
  if (/^\s*[[{]/.test(body) && jsonOf(body) !== undefined) return 'json';
  return /html/i.test(type) || /^\s*<(?:!doctype|html)/i.test(start) ? 'html' : 'text';
}

/** Of /version and /varz; how much of a rate limit is left changes, and is not kept. */
function factsOf(answer: unknown): Readonly<Record<string, string>> {
  const facts = {
    version: textIn(answer, 'version'),
    'license.kind': textIn(answer, 'license', 'kind'),
    'scm.url': withoutQuery(textIn(answer, 'scm', 'url')),
  };
  return Object.fromEntries(
    Object.entries(facts).flatMap(([name, value]) => (value === '' ? [] : [[name, value.slice(0, 200)]])),
  );
}

/** The clock of an answer, by its Date header. */
export function clockIn({ headers }: Received): string | undefined {
  const time = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(time) ? undefined : new Date(time).toISOString().replace('.000Z', 'Z');
}
