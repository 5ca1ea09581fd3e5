import { emptyReading, type Reading } from '../../model/reading.ts';
import type { Problem } from '../../model/report.ts';
import type { StoredSecret } from '../../model/server.ts';
import type { Source } from '../../model/source.ts';
import { say } from '../../model/text.ts';
import { type Entry, entriesOf, rootOf } from './answer.ts';
import { readStoredSecret } from './stored-secret.ts';

/** The secrets of whole organisations without their values, the answer of `/api/secrets`. */
export function readOrganizationSecrets(source: Source): Reading {
  const { root, problems: broken } = rootOf(source, 'seq');
  if (!root) return { ...emptyReading, problems: broken };
  const problems: Problem[] = [];
  const organizationSecrets = entriesOf(source, root.items, say`organisation secrets`, readSecret, problems);
  return { ...emptyReading, organizationSecrets, problems };
}

function readSecret(entry: Entry): StoredSecret | undefined {
  const namespace = entry.text('namespace').value;
  const secret = readStoredSecret(entry);
  return namespace === '' ? undefined : secret && { ...secret, namespace };
}
