/**
 * Variables whose text is up to anyone who opens a pull request, or whose commit is merged: free text, and the name of a
 * branch in their own fork (drone/runner-go@d12a958 environ/environ.go:128-189, drone/go-scm hook parsers).
 */
export const outsiderTexts: ReadonlySet<string> = new Set([
  'DRONE_COMMIT_MESSAGE',
  'CI_COMMIT_MESSAGE',
  'DRONE_PULL_REQUEST_TITLE',
  'DRONE_SOURCE_BRANCH',
  'DRONE_COMMIT_AUTHOR_NAME',
  'CI_COMMIT_AUTHOR_NAME',
  'DRONE_COMMIT_AUTHOR_EMAIL',
  'CI_COMMIT_AUTHOR_EMAIL',
]);
