import type { Verdict } from '../model/probe.ts';
import { jsonOf } from './answer-fields.ts';

/*
 * What an answer of a secret extension tells of the request it is for. Measured with drone-go 1.7.1 and f9e4fe3,
 * drone-vault 1.3.0, drone-amazon-secrets 33fad6b, drone-kubernetes-secrets e0cacbf and two verifiers written in Python.
 * The body decides, not the status: of the answers with 400, some mean that the signature was accepted.
 */

/** What an answer is, as far as it is looked at. The first three are the texts of drone-go plugin/secret/handler.go:57-79. */
export type Kind =
  | 'missing signature'
  | 'invalid signature'
  | 'invalid input'
  /** JSON with a value for a secret. */
  | 'data'
  | 'json'
  | 'empty'
  /** A web page: a proxy, another program. */
  | 'html'
  /** A router without anything at this path. */
  | 'no such page'
  /** A text that says a secret was not found, or not given. */
  | 'no such secret'
  /** A text that speaks of signatures or credentials. */
  | 'refusal'
  | 'text'
  /** More than is read, or never finished. */
  | 'endless';

/** An answer as it is remembered within a run. */
export interface Answer {
  readonly status: number;
  readonly kind: Kind;
  /** One of a few known media types, or `other`. */
  readonly type: string;
  readonly length: 'none' | 'short' | 'long' | 'endless';
  /** Equal for texts that differ in numbers alone. Holds what the extension wrote, and never leaves the run. */
  readonly mark: string;
}

/** What is worth keeping of an answer whose body came as far as `body`. */
export function answerOf(status: number, contentType: string | undefined, body: Buffer, complete: boolean): Answer {
  const type = mediaType(contentType);
  const text = body.toString('utf8');
  return {
    status,
    type,
    kind: complete ? kindOf(status, type, text) : 'endless',
    length: !complete ? 'endless' : body.length === 0 ? 'none' : body.length < 1024 ? 'short' : 'long',
    mark: text.slice(0, 2048).replace(/[0-9a-f]{4,}|\d+/gi, '#'),
  };
}

const mediaTypes: readonly string[] = ['text/plain', 'text/html', 'application/json', 'application/octet-stream'];

/** Only what is known to the letter, because an extension may write anything there. */
function mediaType(contentType: string | undefined): string {
  if (contentType === undefined) return 'none';
  const [name = ''] = contentType.toLowerCase().split(';', 1);
  return mediaTypes.find((known) => known === name.trim()) ?? 'other';
}

function kindOf(status: number, type: string, body: string): Kind {
  const text = body.trim();
  if (text === '') return 'empty';
  if (status >= 400 && status < 500) {
    if (text === 'Invalid or Missing Signature') return 'missing signature';
    if (text === 'Invalid Signature') return 'invalid signature';
    if (text === 'Invalid Input') return 'invalid input';
  }
  if (type === 'text/html' || /^<(?:!doctype|html|\?xml)/i.test(text)) return 'html';
  // Go's ServeMux, and aiohttp.
  if (/^404(?: page|:) not found$/i.test(text)) return 'no such page';
  const value = jsonOf(text);
  if (value !== undefined && status < 300) return hasData(value) ? 'data' : 'json';
  if (status === 404 && /\bsecrets?\b|\baccess denied\b/i.test(text)) return 'no such secret';
  if (/\bsignature\b|\bunauthori[sz]ed\b|\bforbidden\b|\bcredentials?\b/i.test(text)) return 'refusal';
  return value === undefined ? 'text' : 'json';
}

/** Whether an answer gives a secret, as one (`data`), or as a list of variables or registry logins. */
function hasData(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasData);
  if (typeof value !== 'object' || value === null) return false;
  return ['data', 'password'].some((key) => {
    const held: unknown = Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
    return typeof held === 'string' && held !== '';
  });
}

/** The answers that others are compared with: to the right key, if there is one, and to a random one, with one body. */
export interface Baselines {
  readonly right?: Answer;
  readonly wrong?: Answer;
}

/**
 * What an answer tells by itself. `other` is the answer to the same credentials with another body: a program that
 * answers differently has read the body, which a router does not.
 */
function ownVerdict(answer: Answer, other?: Answer): Verdict {
  const { status, kind } = answer;
  if (kind === 'data') return 'data';
  if (kind === 'missing signature' || kind === 'invalid signature') return 'refused';
  if (kind === 'invalid input') return 'accepted';
  if (kind === 'html' || kind === 'no such page' || kind === 'endless') return 'unknown';
  if (status === 401 || status === 403) return 'refused';
  // A runner takes nothing but JSON for a secret, so other text is another program's.
  if (status >= 200 && status < 300) return kind === 'json' || kind === 'empty' ? 'accepted' : 'unknown';
  if (status === 404)
    return kind === 'no such secret' || (other && other.status !== 404 && isOfProgram(other)) ? 'accepted' : 'unknown';
  return status >= 400 && status < 500 && kind === 'refusal' ? 'refused' : 'unknown';
}

/** Whether right and wrong keys get different answers, so that each other answer is like one of them. */
function isTold({ right, wrong }: Baselines): boolean {
  if (!right || !wrong || same(right, wrong, true) || !isOfProgram(right)) return false;
  const ofWrong = ownVerdict(wrong);
  return ownVerdict(right) !== 'refused' && ofWrong !== 'accepted' && ofWrong !== 'data';
}

/** Whether an answer may be that of an extension, and not of a proxy or router before it. */
function isOfProgram({ status, kind }: Answer): boolean {
  return kind !== 'html' && kind !== 'no such page' && kind !== 'endless' && !(status >= 300 && status < 400);
}

function same(one: Answer, other: Answer, exactly: boolean): boolean {
  return one.status === other.status && one.kind === other.kind && (!exactly || one.mark === other.mark);
}

/**
 * What an answer tells of its request. `mayCrash`: the request lacks what an extension may rely on, so that an error of
 * it (5xx) tells nothing, even where the right key gets one too.
 */
export function verdictOf(answer: Answer | undefined, base: Baselines, mayCrash: boolean, other?: Answer): Verdict {
  if (!answer) return 'unknown';
  const own = ownVerdict(answer, other);
  const { right, wrong } = base;
  if (own !== 'unknown' || !right || !wrong || !isTold(base)) return own;
  const exactly = same(right, wrong, false);
  if (same(answer, right, exactly)) return mayCrash && answer.status >= 500 ? 'unknown' : 'accepted';
  if (same(answer, wrong, exactly)) return mayCrash && answer.status >= 500 && answer !== wrong ? 'unknown' : 'refused';
  // The right key gets further with the same body, so this request was turned away for what it has in place of one.
  const isTurnedAway = answer.status >= 400 && answer.status < 500 && answer.status !== 404 && answer.status !== 429;
  return isTurnedAway && answer.kind !== 'html' && answer.kind !== 'endless' ? 'refused' : 'unknown';
}

/**
 * Whether the right key, a random one and none get the same refusal, in words that are not those of drone-go: whoever refuses
 * need not have looked at the signature, as a proxy that lets nobody in does not.
 */
export function isBlanket(right: Answer | undefined, wrong: Answer | undefined, unsigned: Answer | undefined): boolean {
  if (!right || !wrong || !unsigned || ownVerdict(right) !== 'refused') return false;
  const isOfLibrary = right.kind === 'missing signature' || right.kind === 'invalid signature';
  return !isOfLibrary && same(right, wrong, true) && same(right, unsigned, true);
}

/** Whether two answers are one, but for numbers in them. */
export function isSameAnswer(one: Answer | undefined, other: Answer | undefined): boolean {
  return one !== undefined && other !== undefined && same(one, other, true);
}

/** What an answer with the right key to a request for a secret tells: whether it gives one. */
export function secretVerdict(answer: Answer | undefined): Verdict {
  if (!answer) return 'unknown';
  const { status, kind } = answer;
  if (kind === 'data') return 'data';
  if (kind === 'missing signature' || kind === 'invalid signature' || status === 401) return 'refused';
  if (status >= 200 && status < 300) return kind === 'json' || kind === 'empty' ? 'accepted' : 'unknown';
  return isOfProgram(answer) && (status === 404 || status === 403) ? 'accepted' : 'unknown';
}
