import { isOrdinary, looksGenerated } from './variety.ts';

/** Who logs in where, in an address: offsets into the text, ends exclusive. */
export interface Login {
  /** `https`, `postgres`; empty for a MySQL data source. */
  readonly scheme: string;
  readonly user: { readonly start: number; readonly end: number };
  /** Absent where there is none; `start` equals `end` for an empty one. */
  readonly password?: { readonly start: number; readonly end: number };
  /** Where the host begins. */
  readonly host: number;
  /** End of the address, options included. */
  readonly end: number;
}

const schemeBefore = /[a-z][a-z0-9+.-]{0,30}$/i;
/** Services whose address seldom has an `@` in its path: what looks like a port before it is a password. */
const withoutPaths = /^(?:postgres(?:ql)?|mysql|mariadb|mongodb|rediss?|amqps?|smtps?|ldaps?)(?:\+\w+)?$/i;

/** A user name and what follows its colon, where that is neither a reference nor a port. */
const userAndPassword = /^[^:[/?#<>]{0,200}:(?![$<{]|\d*[/?#<>'])/;

/** A user name this long is a token (UTF-16 units). */
const minTokenLength = 20;

/** In an address of HTTP, what stands alone before the host is more likely a token: shorter ones are known by their look. */
const ofHttp = /^(?:[a-z]{1,10}\+)?https?$/i;
const minLoneTokenLength = 10;

/**
 * Whether the user name is a token: so long, with what GitHub takes in place of a password, or without a password and
 * not like a name.
 */
export function isTokenUser(text: string, { scheme, user, password }: Login): boolean {
  const name = text.slice(user.start, user.end);
  const other = password ? text.slice(password.start, password.end) : '';
  if (name.length >= minTokenLength || other === 'x-oauth-basic') return true;
  return other === '' && ofHttp.test(scheme) && isLoneToken(name);
}

/** Whether what stands alone before the host of an address of HTTP is a token. */
export function isLoneToken(name: string): boolean {
  if (!/^[\w.~-]+$/.test(name)) return false;
  return looksGenerated(name) || (name.length >= minLoneTokenLength && !isOrdinary(name));
}

/** Where the `@` behind who logs in stands in an address without its scheme; -1 for none. */
function endOfLogin(address: string): number {
  const query = address.search(/[?#]/);
  const at = address.lastIndexOf('@', query < 0 ? address.length : query);
  const hasEnded = at > 0 && (query < 0 || !/^[^/?#]*[?#][^/]*@/.test(address.slice(at)));
  if (hasEnded || query < 0 || !userAndPassword.test(address)) return at;
  // Then the sign is no query's but one of the password.
  const first = address.indexOf('@', query);
  const rest = first < 0 ? -1 : address.slice(first).search(/[/?#]/);
  return address.lastIndexOf('@', rest < 0 ? address.length : first + rest);
}

/**
 * The addresses of a text that have a user name or a password, `scheme://user:password@host`. A password may hold an
 * unescaped slash, or a sign that begins a query: all up to the last `@` before the query is taken for it (net/url of Go
 * would refuse it; drivers of databases do not).
 */
export function* loginsOf(text: string): Generator<Login> {
  let from = 0;
  for (;;) {
    const mark = text.indexOf('://', from);
    if (mark < 0) return;
    const start = mark + 3;
    // The next address is looked for first, so that no part of a long text is searched twice.
    const next = text.indexOf('://', start);
    const rest = text.slice(start, next < 0 ? undefined : next);
    let address = rest.slice(0, rest.search(/[\s"'<>]|$/));
    let at = endOfLogin(address);
    if (at <= 0 && /[<>']/.test(rest[address.length] ?? '')) {
      // These end an address in prose, and may be part of a password; a placeholder and a port are none.
      const whole = rest.slice(0, rest.search(/[\s"]|$/));
      if (userAndPassword.test(whole)) {
        address = whole;
        at = endOfLogin(whole);
      }
    }
    from = start + address.length;
    if (at <= 0) continue;
    const colon = address.indexOf(':');
    const path = address.indexOf('/');
    const scheme = schemeBefore.exec(text.slice(Math.max(0, mark - 31), mark))?.[0] ?? '';
    const isPort = !withoutPaths.test(scheme) && /^\d*$/.test(address.slice(colon + 1, path));
    if (path >= 0 && path < at && (colon < 0 || colon > path || isPort)) continue;
    const hasPassword = colon >= 0 && colon < at;
    yield {
      scheme,
      user: { start, end: start + (hasPassword ? colon : at) },
      password: hasPassword ? { start: start + colon + 1, end: start + at } : undefined,
      host: start + at + 1,
      end: from,
    };
  }
}

/**
 * The login of a data source of MySQL, `user:password@tcp(host:port)/name?options`: the password runs to the last `@`
 * before the last slash (go-sql-driver/mysql dsn.go ParseDSN). Undefined where there is no `@`.
 */
export function loginOfMysql(text: string): Login | undefined {
  const question = text.lastIndexOf('?');
  const slash = text.lastIndexOf('/', question < 0 ? text.length : question);
  const at = text.lastIndexOf('@', slash < 0 ? text.length : slash);
  if (at < 0) return undefined;
  const colon = text.indexOf(':');
  const hasPassword = colon >= 0 && colon < at;
  return {
    scheme: '',
    user: { start: 0, end: hasPassword ? colon : at },
    password: hasPassword ? { start: colon + 1, end: at } : undefined,
    host: at + 1,
    end: text.length,
  };
}

const mysqlHost = /@(?:tcp|unix)\(/g;
/** What a data source does not hold before its host; all other signs may be part of its password. */
const mysqlEdge = /[\s"'`<>]/;
const maxLoginLength = 600;

/** The logins of MySQL data sources within a longer text, told by `@tcp(` and `@unix(`. */
export function* mysqlLoginsIn(text: string): Generator<Login> {
  let done = 0;
  for (const { index } of text.matchAll(mysqlHost)) {
    let start = index;
    while (start > Math.max(done, index - maxLoginLength) && !mysqlEdge.test(text[start - 1] ?? '')) start--;
    done = index;
    const colon = text.slice(start, index).indexOf(':');
    if (colon < 0) continue;
    // All of it up to the host: here a slash is part of the password.
    const password = { start: start + colon + 1, end: index };
    yield { scheme: '', user: { start, end: start + colon }, password, host: index + 1, end: index + 1 };
  }
}
