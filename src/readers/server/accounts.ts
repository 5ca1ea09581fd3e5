import type { Account } from '../../model/installation.ts';
import { emptyReading, type Reading } from '../../model/reading.ts';
import type { Problem } from '../../model/report.ts';
import type { Source } from '../../model/source.ts';
import { say } from '../../model/text.ts';
import { type Entry, entriesOf, rootOf } from './answer.ts';

/** The accounts of a server, the answer of `/api/users` (harness/drone core/user.go:31-48). */
export function readAccounts(source: Source): Reading {
  const { root, problems: broken } = rootOf(source, 'seq');
  if (!root) return { ...emptyReading, problems: broken };
  const problems: Problem[] = [];
  const accounts = entriesOf(source, root.items, say`accounts`, readAccount, problems);
  return { ...emptyReading, accounts, problems };
}

function readAccount(entry: Entry): Account | undefined {
  const { value: login, at } = entry.text('login');
  if (login === '') return undefined;
  const isAsking = entry.flag('droneAudit').value;
  return {
    kind: 'account',
    owner: entry.source.name,
    label: say`account "${login}"`,
    at,
    login,
    admin: entry.flag('admin').value,
    machine: entry.flag('machine').value,
    live: true,
    listed: {
      id: entry.number('id').value,
      email: entry.text('email').value,
      active: entry.flag('active'),
      created: entry.number('created').value,
      lastLogin: entry.number('last_login'),
      ...(isAsking ? { isAsking: true } : {}),
    },
  };
}
