/** What was asked for cannot be looked at, so that there is no report at all: told without a stack trace, exit status 3. */
export class IncompleteError extends Error {
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.name = 'IncompleteError';
    this.hint = hint;
  }
}

/** Decided by name, as `isUserError` is. */
export function isIncompleteError(error: unknown): error is IncompleteError {
  return error instanceof Error && error.name === 'IncompleteError';
}
