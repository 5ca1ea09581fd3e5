import { binarySearch } from './binary-search.ts';
import { memoizePer } from './memoize.ts';

/** The forms of texts. */
export const forms = [
  'drone',
  'compose',
  'env',
  'docker-env',
  'systemd',
  'kubernetes',
  'helm-values',
  'docker-run',
  'docker-inspect',
  'docker-service',
  'docker-engine',
  'docker-log',
  'docker-daemon',
  'drone-endpoint',
  'drone-accounts',
  'drone-repository',
  'drone-organization-secrets',
  'extension-probe',
  'starlark',
  'jsonnet',
] as const;

/** The form of a text, which decides the reader. */
export type Form = (typeof forms)[number];

/** Forms that Drone fetches from the SCM. Their variables are filled in by the runner, when there is a build. */
export const formsOfPipelines: ReadonlySet<Form> = new Set<Form>(['drone', 'starlark', 'jsonnet']);

/** One text that was looked at. Live evidence is text too: `docker://NAME` holds the JSON that the engine sent. */
export interface Source {
  /** Relative to the current folder with forward slashes, or `-`, or a `docker://` name. Never absolute. */
  readonly name: string;
  readonly form: Form;
  readonly text: string;
  /** Offsets at which its lines begin, where they are known without the text: a masked copy has those of the original. */
  readonly lineStarts?: readonly number[];
  /** Permission bits of the file, `0o644`; absent if it is not a file or the system has none (Windows). */
  readonly mode?: number;
  /** Whether git tracks the file; absent if unknown. A checkout has no modes of its own. */
  readonly tracked?: boolean;
  /** The root of the repository that the file lies in; absent outside repositories, and for what is no file. */
  readonly repository?: string;
  /** The name of the folder that a compose file lies in, which `name` does not tell in the current folder. */
  readonly folder?: string;
  /** What the SCM calls that repository, `octocat/hello-world`, by the address that it was cloned from. */
  readonly slug?: string;
  /** Its path in that repository, with forward slashes; told where the slug is. */
  readonly pathInRepository?: string;
  /** The clock of what answered when it was asked, RFC 3339. Not in the text, so that equal answers are equal texts. */
  readonly seenAt?: string;
  /** Its secrets were masked when it was saved as evidence. */
  readonly masked?: true;
}

/** The clock of what answered when it was asked, in milliseconds since 1970; undefined where nothing tells it. */
export function clockOf({ seenAt }: Source): number | undefined {
  const time = seenAt === undefined ? Number.NaN : Date.parse(seenAt);
  return Number.isNaN(time) ? undefined : time;
}

/** Whether a source is what a running program answered, and no file; by its name, `docker://drone`. */
export function isAnswer(name: string): boolean {
  return /^[a-z][a-z-]*:\/\//.test(name);
}

/**
 * What answered, by the name of its answer: one engine for `docker://drone`, `docker-log://drone` and
 * `docker-engine://drone`, or that of a name for `docker://NAME/drone`; the address of a server.
 */
export function originOf(name: string): string {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/s.exec(name) ?? [];
  const slash = rest.indexOf('/');
  if (/^docker(?:-|$)/.test(scheme)) return slash < 0 ? 'docker://' : `docker://${rest.slice(0, slash)}`;
  return `${scheme}://${slash < 0 ? rest : rest.slice(0, slash)}`;
}

/** Offsets into `Source.text` in UTF-16 units, end exclusive. Reporters compute lines. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A name between the brackets of a path, or a key behind its dot: none looks like the path itself. */
export function nameInPath(name: string): string {
  return name.replace(/[[\]\\]/g, '\\$&');
}

/** A place in a source. `path` uses names (`steps[build].privileged`), so it survives edits. */
export interface Location {
  readonly source: Source;
  readonly path: string;
  readonly span: Span;
}

/** A place that holds secret text. */
export interface SecretPlace extends Location {
  /** What stands here may be an ordinary value: it is hidden here, but not where the same text occurs elsewhere. */
  readonly onlyHere?: true;
}

/** A value with the place where it is written. */
export interface Located<T> {
  readonly value: T;
  readonly at: Location;
}

/** Offsets at which the lines of a text begin; LF, CRLF and CR end a line. */
export function lineStarts(source: Source): readonly number[] {
  return source.lineStarts ?? startsOf(source);
}

const startsOf = memoizePer(({ text }: Source): readonly number[] => {
  const found = [0];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 10 || (unit === 13 && text.charCodeAt(i + 1) !== 10)) found.push(i + 1);
  }
  return found;
});

/** Line and column of an offset, both from 1; columns in UTF-16 units. */
export function positionOf(source: Source, offset: number): { line: number; column: number } {
  const lines = lineStarts(source);
  const line = Math.max(
    1,
    binarySearch(lines, (start) => start > offset),
  );
  return { line, column: offset - (lines[line - 1] ?? 0) + 1 };
}

/** Line of the start of a place, from 1. */
export function lineOf(at: Location): number {
  return positionOf(at.source, at.span.start).line;
}

/** The end of the line that an offset is in: its line feed, or the end of the text. */
export function lineEndOf(text: string, from: number): number {
  const feed = text.indexOf('\n', from);
  return feed < 0 ? text.length : feed;
}
