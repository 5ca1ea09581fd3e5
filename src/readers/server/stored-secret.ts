import type { StoredSecret } from '../../model/server.ts';
import type { Entry } from './answer.ts';

/** A secret as a server lists it; a key that is missing means false (harness/drone core/secret.go:33-42). */
export function readStoredSecret(entry: Entry): StoredSecret | undefined {
  const { value: name, at } = entry.text('name');
  if (name === '') return undefined;
  return {
    name,
    pullRequest: entry.flag('pull_request').value,
    pullRequestPush: entry.flag('pull_request_push').value,
    at,
  };
}
