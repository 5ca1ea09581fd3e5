/** A word that is none of the known ones. */
export interface Misspelt {
  readonly word: string;
  readonly known: readonly string[];
}

/** A mistake by the user: printed without a stack trace, exit status 2. The hint for a misspelt word is made when it is told. */
export class UserError extends Error {
  readonly hint: string | undefined;
  readonly misspelt: Misspelt | undefined;

  constructor(message: string, hint?: string, misspelt?: Misspelt) {
    super(message);
    this.name = 'UserError';
    this.hint = hint;
    this.misspelt = misspelt;
  }
}

/** Whether an error is the user's mistake: by its name, because parts are bundled separately and differ in class. */
export function isUserError(error: unknown): error is UserError {
  return error instanceof Error && error.name === 'UserError';
}
