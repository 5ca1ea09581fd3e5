/** The form of a text, which decides the reader. */
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
}

/** Offsets into `Source.text` in UTF-16 units, end exclusive. Reporters compute lines. */
export interface Span {
  readonly start: number;
  readonly end: number;
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
