import type { Account } from '../model/installation.ts';
import { locationWithin } from '../model/location-within.ts';
import type { Settings } from '../model/settings.ts';
import { say } from '../model/text.ts';

/** One `key:value` of DRONE_USER_CREATE, with its offsets in the value. */
export interface UserCreateItem {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly key?: string;
  readonly value?: string;
}

/**
 * DRONE_USER_CREATE as the server parses it (cmd/drone-server/config/config.go:630-650): split at commas, then at
 * colons; an item without exactly one colon is skipped, and nothing is trimmed.
 */
export function userCreateItems(value: string): readonly UserCreateItem[] {
  const items: UserCreateItem[] = [];
  let start = 0;
  for (const text of value.split(',')) {
    const parts = text.split(':');
    const [key, content] = parts;
    const pair = parts.length === 2 && key !== undefined && content !== undefined ? { key, value: content } : {};
    items.push({ text, start, end: start + text.length, ...pair });
    start += text.length + 1;
  }
  return items;
}

/** The login that the server creates or updates; undefined if the value names none, so that nothing happens. */
export function createdUser(
  value: string,
): { login: string; admin: boolean; machine: boolean; hasToken: boolean } | undefined {
  let login = '';
  let admin = false;
  let machine = false;
  let hasToken = false;
  for (const { key, value: content } of userCreateItems(value)) {
    if (key === 'username') login = content ?? '';
    else if (key === 'admin') admin = content === 'true';
    else if (key === 'machine') machine = content === 'true';
    else if (key === 'token') hasToken = content !== '';
  }
  return login === '' ? undefined : { login, admin, machine, hasToken };
}

/** The account that a server creates when it starts; none for other components, or if its login is unknown. */
export function createdAccount({ role, owner, variables, live }: Settings): readonly Account[] {
  const variable = variables.get('DRONE_USER_CREATE');
  if ((role !== 'server' && role !== 'unknown') || variable?.value === undefined) return [];
  const user = createdUser(variable.value);
  // Of several items with a username, the last one counts.
  const named = userCreateItems(variable.value).findLast(({ key }) => key === 'username');
  if (!user || !named) return [];
  const { login, admin, machine } = user;
  const at = locationWithin(variable, named.start, named.end);
  return [{ kind: 'account', owner, label: say`account "${login}"`, at, login, admin, machine, live }];
}
