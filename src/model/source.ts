/** What a text is written in, and so which reader understands it. */
export type Form =
  | 'drone'
  | 'compose'
  | 'env'
  | 'docker-env'
  | 'systemd'
  | 'kubernetes'
  | 'helm-values'
  | 'docker-run'
  | 'docker-inspect'
  | 'starlark'
  | 'jsonnet';

/** One text that was looked at. Live evidence is text too: `docker://NAME` holds the JSON the engine sent. */
export interface Source {
  /** Relative to the current folder with forward slashes, or `-`, or a `docker://` name. Never absolute. */
  readonly name: string;
  readonly form: Form;
  readonly text: string;
  /** Permission bits of the file, `0o644`; absent for what is no file and where the system has none (Windows). */
  readonly mode?: number;
  /** Whether git tracks the file; absent where that is not known. A checkout has no modes of its own. */
  readonly tracked?: boolean;
}

/** Offsets into `Source.say` in UTF-16 units, end exclusive. Lines are computed by reporters. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A place in a source. `path` names things by name (`steps[build].privileged`), so it survives edits. */
export interface Location {
  readonly source: Source;
  readonly path: string;
  readonly span: Span;
}

/** A value that remembers where it was written. */
export interface Located<T> {
  readonly value: T;
  readonly at: Location;
}
