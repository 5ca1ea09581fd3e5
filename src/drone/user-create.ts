import type { Variable } from '../model/environment.ts';
import type { Account } from '../model/installation.ts';
import { locationWithin } from '../model/location-within.ts';
import type { Settings } from '../model/settings.ts';
import type { Location } from '../model/source.ts';
import { say } from '../model/text.ts';

/** One `key:value` of DRONE_USER_CREATE, with its offsets in the text. */
export interface UserCreateItem {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Whether no reference is in it, so that it stands there as the server gets it. */
  readonly known: boolean;
  /** Absent if the item is dropped, or its key is not known. */
  readonly key?: string;
  readonly value?: string;
}

/**
 * DRONE_USER_CREATE as the server parses it (cmd/drone-server/config/config.go:630-650): split at commas, then at
 * colons; an item without exactly one colon is skipped, and nothing is trimmed. Of a value that is known in part, commas and
 * colons within references separate nothing; what they stand for is taken to hold none.
 */
export function userCreateItems({ value, partly }: Pick<Variable, 'value' | 'partly'>): readonly UserCreateItem[] {
  const whole = value ?? partly ?? '';
  const shape = value === undefined ? withoutReferences(whole) : whole;
  const items: UserCreateItem[] = [];
  let start = 0;
  for (const item of shape.split(',')) {
    const end = start + item.length;
    const [key, content, ...more] = item.split(':');
    const isPair = key !== undefined && content !== undefined && more.length === 0 && !key.includes(blank);
    const pair = isPair ? { key, value: whole.slice(start + key.length + 1, end) } : {};
    items.push({ text: whole.slice(start, end), start, end, known: !item.includes(blank), ...pair });
    start = end + 1;
  }
  return items;
}

const blank = '\0';
const brackets: readonly (readonly [open: string, close: string])[] = [
  ['${', '}'],
  ['$(', ')'],
  ['{{', '}}'],
  ['<%', '%>'],
  ['<+', '>'],
  ['#{', '}'],
];

/** A text with each reference and template mark replaced by as many blanks. */
function withoutReferences(text: string): string {
  let shape = '';
  while (shape.length < text.length) {
    const at = shape.length;
    const end = referenceEnd(text, at);
    shape += end > at ? blank.repeat(end - at) : text[at];
  }
  return shape;
}

/** Where a reference ends that begins here; the same place if none does. One that is not closed goes on to the end. */
function referenceEnd(text: string, start: number): number {
  const [open, close] = brackets.find(([mark]) => text.startsWith(mark, start)) ?? [];
  if (open === undefined || close === undefined)
    return text[start] === '$' ? start + (/^\$\w{0,200}/.exec(text.slice(start, start + 201))?.[0].length ?? 1) : start;
  let depth = 1;
  for (let at = start + open.length; at < text.length; at++) {
    if (text.startsWith(open, at)) depth++;
    else if (text.startsWith(close, at) && --depth === 0) return at + close.length;
  }
  return text.length;
}

/** What a server makes of DRONE_USER_CREATE; what is undefined is not known. */
export interface CreatedUser {
  readonly login: string;
  readonly admin: boolean | undefined;
  readonly machine: boolean | undefined;
  /** Where its login is written; of several, the last one counts. */
  readonly at: Location;
}

/** The account that the server creates or updates; undefined if the value names none, so that nothing happens, or if its login is not known. */
export function createdUser(variable: Variable): CreatedUser | undefined {
  let named: UserCreateItem | undefined;
  let admin: boolean | undefined = false;
  let machine: boolean | undefined = false;
  for (const item of userCreateItems(variable)) {
    const { key, value, known } = item;
    if (!known && key === undefined) {
      // It may be any of the keys.
      named = undefined;
      admin = undefined;
      machine = undefined;
    } else if (key === 'username') named = known ? item : undefined;
    else if (key === 'admin') admin = known ? value === 'true' : undefined;
    else if (key === 'machine') machine = known ? value === 'true' : undefined;
  }
  const login = named?.value ?? '';
  if (!named || login === '') return undefined;
  return { login, admin, machine, at: locationWithin(variable, named.start, named.end) };
}

/** The account that a server creates when it starts; none for other components, or where its login or its rights are not known. */
export function createdAccount({ role, owner, variables, live }: Settings): readonly Account[] {
  const variable = variables.get('DRONE_USER_CREATE');
  const user = (role === 'server' || role === 'unknown') && variable ? createdUser(variable) : undefined;
  if (user?.admin === undefined || user.machine === undefined) return [];
  const { login, admin, machine, at } = user;
  return [{ kind: 'account', owner, label: say`account "${login}"`, at, login, admin, machine, live }];
}
