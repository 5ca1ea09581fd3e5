import { hostOf } from '../model/hosts.ts';
import { type Login, loginOfMysql, loginsOf } from './url.ts';

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
  const login = loginOfMysql(value);
  const rest = value.slice(login?.host ?? 0);
  const slash = rest.lastIndexOf('/', rest.includes('?') ? rest.indexOf('?') : rest.length);
  const place = slash < 0 ? rest : rest.slice(0, slash);
  const [, protocol = '', address] = /^([a-z0-9]*)(?:\((.*)\))?$/is.exec(place) ?? [];
  const options = slash < 0 ? '' : rest.slice(slash + 1);
  return {
    host: protocol === 'unix' || address === undefined ? undefined : hostOf(address),
    ...credentials(value, login),
    tls: optionOf(options.slice(options.indexOf('?') + 1), 'tls'),
  };
}

function urlSource(value: string): Datasource {
  const login = loginsOf(value).next().value ?? undefined;
  const rest = value.slice(login?.host ?? value.indexOf('://') + 3);
  const question = rest.indexOf('?');
  const options = question < 0 ? '' : rest.slice(question + 1);
  const place = question < 0 ? rest : rest.slice(0, question);
  return {
    host: hostOf(place) ?? hostOf(optionOf(options, 'host') ?? ''),
    ...credentials(value, login),
    tls: optionOf(options, 'sslmode'),
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

function credentials(value: string, login: Login | undefined): Pick<Datasource, 'user' | 'password'> {
  const user = login && value.slice(login.user.start, login.user.end);
  const password = login?.password && value.slice(login.password.start, login.password.end);
  return { user: user || undefined, password: gradeOf(user ?? '', password) };
}

function gradeOf(user: string | undefined, password: string | undefined): Datasource['password'] {
  if (!password) return 'empty';
  return password === user ? 'user' : 'other';
}
