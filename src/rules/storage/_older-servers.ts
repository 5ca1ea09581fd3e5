import { olderThan, parseVersion } from '../../drone/version.ts';
import type { Settings } from '../../model/settings.ts';

/**
 * The fix of a database, for the release of its server: mixed mode and the encryption of accounts came with 2.0.0
 * (harness/drone CHANGELOG.md). Undefined where the fix fits as it is.
 */
export function fixFor({ version }: Settings, fix: string): string | undefined {
  if (!olderThan(parseVersion(version), [2])) return undefined;
  return `Bring the server to the newest release first: before 2.0.0 it has no mixed mode, and could not read what it has stored. Then do the rest.\n\n${fix}`;
}
