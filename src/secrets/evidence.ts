import type { SecretTraits } from '../model/environment.ts';
import { addTo } from '../model/groups.ts';
import type { Location, Source, Span } from '../model/source.ts';
import { maskedForm, parseMasked, traitsOf } from './traits.ts';

/**
 * What masks the sources of one save: each secret place becomes the masked form of what stands there, so that the text
 * keeps its format and reads as the same traits. Equal secrets get equal numbers in all texts masked by the one result.
 */
export function evidenceMask(secrets: readonly Location[]): (source: Source) => string {
  const numbers: EqualityNumbers = new Map();
  const bySource = new Map<Source, Location[]>();
  for (const at of secrets) {
    addTo(bySource, at.source, at);
  }
  return (source) => maskForEvidence(source, bySource.get(source) ?? [], numbers);
}

/** Numbers that equal secrets of one saved folder share, by the identity of their traits. Starts empty for each save. */
export type EqualityNumbers = Map<string, number>;

/** The text of one source as it may be saved. `secrets` are places in it; `numbers` grows. */
export function maskForEvidence(source: Source, secrets: readonly Location[], numbers: EqualityNumbers): string {
  const { text } = source;
  const parts: string[] = [];
  let done = 0;
  for (const { span, name } of outermost(text, secrets)) {
    parts.push(renumbered(text.slice(done, span.start), numbers));
    parts.push(maskOf(text.slice(span.start, span.end), name, numbers));
    done = span.end;
  }
  parts.push(renumbered(text.slice(done), numbers));
  return parts.join('');
}

interface SecretSpan {
  readonly span: Span;
  /** Variable or key that holds it, by which documented values are told. */
  readonly name: string;
}

/** The places in order of the text, without quotes, those that overlap joined. */
function outermost(text: string, secrets: readonly Location[]): readonly SecretSpan[] {
  const spans = secrets
    .map((at) => {
      const span = withoutQuotes(text, at.span);
      return { span, name: nameOf(text, span, at.path) };
    })
    .filter(({ span }) => span.start < span.end && span.end <= text.length)
    .sort((a, b) => a.span.start - b.span.start || b.span.end - a.span.end);
  const joined: SecretSpan[] = [];
  for (const next of spans) {
    const last = joined.at(-1);
    if (!last || next.span.start >= last.span.end) joined.push(next);
    else if (next.span.end > last.span.end)
      joined[joined.length - 1] = { span: { start: last.span.start, end: next.span.end }, name: last.name };
  }
  return joined;
}

function withoutQuotes(text: string, { start, end }: Span): Span {
  const quoted = text[start] === '"' && text[end - 1] === '"' && end - start >= 2;
  return quoted ? { start: start + 1, end: end - 1 } : { start, end };
}

/** `Config.Env[DRONE_RPC_SECRET]` names its variable; in the map of the runner's secrets each has a name of its own. */
function nameOf(text: string, span: Span, path: string): string {
  const name = /\[([^[\]]*)\]$/.exec(path)?.[1] ?? path.slice(path.lastIndexOf('.') + 1);
  if (name !== 'DRONE_RUNNER_SECRETS') return name;
  return /([\w.-]{1,200})[:=]$/.exec(text.slice(Math.max(0, span.start - 201), span.start))?.[1] ?? name;
}

function maskOf(written: string, name: string, numbers: EqualityNumbers): string {
  const value = unescaped(written);
  return numbered(parseMasked(value) ?? traitsOf(value, name), numbers);
}

/** Evidence of an earlier save has its own numbers, which must not meet those of this one. */
function renumbered(text: string, numbers: EqualityNumbers): string {
  return text.replace(/drone-audit-masked\([a-z0-9=;.]{1,120}\)/g, (form) => {
    const traits = parseMasked(form);
    return traits ? numbered(traits, numbers) : form;
  });
}

function numbered(traits: SecretTraits, numbers: EqualityNumbers): string {
  let same = numbers.get(traits.identity);
  if (same === undefined) {
    same = numbers.size + 1;
    numbers.set(traits.identity, same);
  }
  return maskedForm(traits, same);
}

/** The value behind the escapes of JSON, or the text as it is where it has none. */
function unescaped(written: string): string {
  if (!written.includes('\\')) return written;
  try {
    const value: unknown = JSON.parse(`"${written}"`);
    return typeof value === 'string' ? value : written;
  } catch {
    return written;
  }
}
