/** An output that cannot be written: told in one line, exit status 3. Its message is a whole sentence without a stop. */
export class OutputError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'OutputError';
  }
}

/** Whether an error is about an output. Decided by name, as `isUserError` is. */
export function isOutputError(error: unknown): error is OutputError {
  return error instanceof Error && error.name === 'OutputError';
}
