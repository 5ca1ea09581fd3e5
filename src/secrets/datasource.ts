import { hostOf } from '../model/hosts.ts';

/** What a data source of PostgreSQL or MySQL says about the way to the database. */
export interface Datasource {
  /** Absent for a unix socket and where none is named (the driver takes the own host). */
  readonly host?: string;
  readonly user?: string;
  /** `empty`: none is given; `user`: the name of the user; `other`: any other text. */
  readonly password: 'empty' | 'user' | 'other';
  /** `sslmode` of PostgreSQL, `tls` of MySQL, as written. */
  readonly tls?: string;
}

/**
 * Takes DRONE_DATABASE_DATASOURCE apart as the drivers do: a URL or `key=value` words (lib/pq conn.go, url.go), or
 * `user:password@tcp(host:port)/name?options` (go-sql-driver/mysql dsn.go ParseDSN).
 */
export function readDatasource(text: string, driver: 'postgres' | 'mysql'): Datasource {
  const value = text.trim();
  if (driver === 'mysql') return mysqlSource(value);
  return /^postgres(?:ql)?:\/\//i.test(value) ? urlSource(value) : wordSource(value);
}

function mysqlSource(value: string): Datasource {
  const slash = value.lastIndexOf('/', value.includes('?') ? value.indexOf('?') : value.length);
  const at = value.lastIndexOf('@', slash < 0 ? value.length : slash);
  const place = value.slice(at + 1, slash < 0 ? value.length : slash);
  const [, protocol = '', address] = /^([a-z0-9]*)(?:\((.*)\))?$/is.exec(place) ?? [];
  const options = slash < 0 ? '' : value.slice(slash + 1);
  const host = protocol === 'unix' || address === undefined ? undefined : hostOf(address);
  const tls = optionOf(options.slice(options.indexOf('?') + 1), 'tls');
  return {
    host,
    ...credentials(at < 0 ? '' : value.slice(0, at)),
    tls,
  };
}

function urlSource(value: string): Datasource {
  const text = value.slice(value.indexOf('://') + 3);
  const question = text.indexOf('?');
  const options = question < 0 ? '' : text.slice(question + 1);
  const before = question < 0 ? text : text.slice(0, question);
  const at = before.lastIndexOf('@');
  const host = hostOf(before.slice(at + 1)) ?? hostOf(optionOf(options, 'host') ?? '');
  const tls = optionOf(options, 'sslmode');
  return {
    host,
    ...credentials(at < 0 ? '' : before.slice(0, at)),
    tls,
  };
}

function wordSource(value: string): Datasource {
  const words = new Map<string, string>();
  for (const [, key = '', quoted, plain = ''] of value.matchAll(/(\w{1,40})\s{0,8}=\s{0,8}(?:'([^']*)'|([^\s']*))/g))
    words.set(key, quoted ?? plain);
  const host = hostOf(words.get('host') ?? '');
  const user = words.get('user');
  const tls = words.get('sslmode');
  return {
    host,
    user: user || undefined,
    password: gradeOf(user, words.get('password')),
    tls,
  };
}

function optionOf(options: string, name: string): string | undefined {
  for (const option of options.split('&')) {
    const equals = option.indexOf('=');
    if (equals > 0 && option.slice(0, equals) === name) return option.slice(equals + 1);
  }
  return undefined;
}

function credentials(text: string): Pick<Datasource, 'user' | 'password'> {
  const colon = text.indexOf(':');
  const user = colon < 0 ? text : text.slice(0, colon);
  return { user: user || undefined, password: gradeOf(user, colon < 0 ? undefined : text.slice(colon + 1)) };
}

function gradeOf(user: string | undefined, password: string | undefined): Datasource['password'] {
  if (!password) return 'empty';
  return password === user ? 'user' : 'other';
}
