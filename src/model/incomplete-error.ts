/** What was asked for cannot be looked at, so that there is no report at all: told without a stack trace, exit status 3. */
export class IncompleteError extends Error {
  /** What helps, in lines. */
  readonly hint: readonly string[];

  constructor(message: string, ...hint: readonly string[]) {
    super(message);
    this.name = 'IncompleteError';
    this.hint = hint;
  }
}

/** Decided by name, as `isUserError` is. */
export function isIncompleteError(error: unknown): error is IncompleteError {
  return error instanceof Error && error.name === 'IncompleteError';
}
