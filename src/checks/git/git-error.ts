/**
 * Why something of a repository cannot be read, in words of ours: nothing of the repository is quoted but ids and places in
 * its git folder. `unknown`: no such name; `no-parent`: `^2` or `~3` behind a name leads to no commit, however much is fetched;
 * `ambiguous`: a name of several commits; `missing`: an object that should be there is not; `damaged`: what is there is not
 * what git writes; `too-large`: beyond a limit; `unsupported`: a form of repository that is not read.
 */
export class GitError extends Error {
  readonly kind: 'unknown' | 'no-parent' | 'ambiguous' | 'missing' | 'damaged' | 'too-large' | 'unsupported';

  constructor(kind: GitError['kind'], message: string) {
    super(message);
    this.name = 'GitError';
    this.kind = kind;
  }
}

export function isGitError(error: unknown): error is GitError {
  return error instanceof GitError;
}
