import { isSecretName, settingsNamed } from '../facts/settings.ts';
import { addTo } from '../model/groups.ts';
import type { Form, Location, Source, Span } from '../model/source.ts';
import { valueSpan } from './assignments.ts';
import { credentialSpans, textOfValue } from './spans.ts';
import { isPlain } from './variety.ts';

/*
 * Secrets that are written away from where they are used: what a variable holds that is filled in where a secret belongs,
 * `postgres://drone:${PG}@db` here and `PG=text` there.
 */

/** Forms of files that give values to variables, and use them. */
const formsWithVariables: ReadonlySet<Form> = new Set<Form>([
  'compose',
  'env',
  'docker-env',
  'systemd',
  'docker-run',
  'drone',
]);

/** What stands in for a reference: of a kind that no pattern takes for a word, or for what may be shown. */
export const standIn = 'Zq7xK2mW9pT4vB6nR8';

const nameOfReference = /\$\{?([A-Za-z_]\w{0,200})/g;
const plainReference = /\$[A-Za-z_]\w{0,200}/y;
/** Longer ones are none (UTF-16 units). */
const maxReference = 600;

/** The end of a `$NAME` or `${NAME:-text}` that begins at an offset, the references within it included. */
function endOfReference(text: string, from: number): number | undefined {
  if (text[from + 1] !== '{') {
    plainReference.lastIndex = from;
    return plainReference.test(text) ? plainReference.lastIndex : undefined;
  }
  let open = 0;
  for (let at = from + 1; at < Math.min(text.length, from + maxReference); at++) {
    if (text[at] === '{') open++;
    else if (text[at] === '}' && --open === 0) return at + 1;
  }
  return undefined;
}

/** The names of variables in the parts of a text that would be masked if they were written out there. */
export function namesInSecrets(text: string): ReadonlySet<string> {
  const names = new Set<string>();
  if (!text.includes('$')) return names;
  for (const line of text.split('\n')) if (line.includes('$')) for (const name of namesInLine(line)) names.add(name);
  return names;
}

function namesInLine(line: string): readonly string[] {
  const filled: { readonly text: string; readonly span: Span }[] = [];
  const inner: string[] = [];
  let shown = '';
  let done = 0;
  for (let at = line.indexOf('$'); at >= 0; at = line.indexOf('$', Math.max(at + 1, done))) {
    const end = endOfReference(line, at);
    // Before a slash, it is a folder or a host.
    if (end === undefined || line[end] === '/') continue;
    const [start = ''] = withText.exec(line.slice(at, end)) ?? [];
    const text = start === '' ? '' : line.slice(at + start.length, end - 1);
    if (text.includes('$')) inner.push(...namesInLine(text));
    shown += line.slice(done, at);
    filled.push({ text: line.slice(at, end), span: { start: shown.length, end: shown.length + standIn.length } });
    shown += standIn;
    done = end;
  }
  if (filled.length === 0) return [];
  return [...within(filled, credentialSpans(shown + line.slice(done))).flatMap(namesOf), ...inner];
}

/** A reference with a text that may have others in it: `${NAME:-postgres://drone:${PG}@db}`. */
const withText = /^\$\{\w{1,200}:?[-=+]/;

/** What fills in a secret of Compose: `secrets: {rpc: {environment: RPC}}`. Of services, a map or a list stands there. */
const environmentOfSecret = /\benvironment["']?:[ \t]{1,8}["']?([A-Za-z_]\w{0,200})["']?[ \t\r]{0,8}(?=[,}#\n]|$)/g;

/** Those whose place is in one of the spans; both sorted. */
export function within<T extends { readonly span: Span }>(places: readonly T[], spans: readonly Span[]): readonly T[] {
  let next = 0;
  return places.filter(({ span }) => {
    while ((spans[next]?.end ?? Number.POSITIVE_INFINITY) <= span.start) next++;
    return (spans[next]?.start ?? Number.POSITIVE_INFINITY) < span.end;
  });
}

function namesOf({ text }: { readonly text: string }): readonly string[] {
  return [...text.matchAll(nameOfReference)].flatMap(([, name = '']) =>
    // What a setting of Drone holds is known: `https://${DRONE_SERVER_HOST}` makes no secret of the host.
    isSecretName(name) === 'no' && settingsNamed(name).length > 0 ? [] : [name],
  );
}

/** Where files that are read as one write out what fills in their secrets, and which variables do. */
export function filledInSecrets(sources: readonly Source[]): {
  readonly names: ReadonlySet<string>;
  readonly places: readonly Location[];
} {
  const read = [...new Set(sources)].filter(({ form }) => formsWithVariables.has(form));
  const names = new Set<string>();
  for (const { text, form } of read) {
    for (const name of namesInSecrets(text)) names.add(name);
    for (const [, name = ''] of form === 'compose' ? text.matchAll(environmentOfSecret) : []) names.add(name);
  }
  if (names.size === 0) return { names, places: [] };
  const given = new Map<string, Location[]>();
  for (const source of read)
    for (const { name, span } of givenIn(source)) addTo(given, name, { source, path: name, span });
  // What is added while it is gone through is gone through, too.
  const places = [...names].flatMap((name) => given.get(name) ?? []);
  for (const { source, span } of places)
    for (const name of namesOf({ text: source.text.slice(span.start, span.end) })) {
      if (names.has(name)) continue;
      names.add(name);
      for (const place of given.get(name) ?? []) places.push(place);
    }
  return {
    names,
    places: places.flatMap(({ source, path, span: { start, end } }) =>
      textOfValue(source.text.slice(start, end), start)
        .filter((span) => {
          const value = source.text.slice(span.start, span.end);
          // Most variables of builds hold words, which fill in folders and branches as well.
          return holdsText(value) && (source.form !== 'drone' || !isPlain(value));
        })
        .map((span) => ({ source, path, span })),
    ),
  };
}

/**
 * What is secret of the variables that Compose files are filled in with: all of those that fill in a secret, of others what
 * a file of variables would hide. No file holds them, so their places are in texts of their own.
 */
export function secretsOfEnvironment(
  environment: ReadonlyMap<string, string>,
  names: ReadonlySet<string>,
): readonly Location[] {
  return [...environment].flatMap(([name, value]) => {
    const text = `${name}=${value}`;
    const source: Source = { name: `environment://${name}`, form: 'env', text };
    const start = name.length + 1;
    const spans = names.has(name) ? textOfValue(value, start) : credentialSpans(text);
    return spans.flatMap((span) =>
      span.end > start ? [{ source, path: name, span: { start: Math.max(span.start, start), end: span.end } }] : [],
    );
  });
}

/** Paths of words tell nothing. */
export function holdsText(value: string): boolean {
  return value !== '' && !(/^(?:\.{0,2}|~)\//.test(value) && isPlain(value));
}

/** `NAME=text`, `export NAME=text`, `NAME: text`; the name may be quoted. */
const giving = /(?<![\w$.{-])([A-Za-z_]\w{0,200})["']?(?:\+?=|[ \t]{0,20}:[ \t]{1,20})(?=\S)/g;

/** The values that a text gives to names, without what is said in comments. */
function* givenIn({ text, form }: Source): Generator<{ readonly name: string; readonly span: Span }> {
  let start = 0;
  for (const line of text.split('\n')) {
    giving.lastIndex = 0;
    const isComment = /^\s*[#;]/.test(line);
    for (let match = isComment ? null : giving.exec(line); match; match = giving.exec(line)) {
      const leads = match.index <= line.search(/[^\s\-"'?]|export\b/);
      const value = valueSpan(line, giving.lastIndex, leads && form !== 'docker-run');
      yield { name: match[1] ?? '', span: { start: start + value.start, end: start + value.end } };
      // In units, variables stand within it.
      giving.lastIndex = match[1] === 'Environment' ? value.start : Math.max(giving.lastIndex, value.end);
    }
    start += line.length + 1;
  }
}
