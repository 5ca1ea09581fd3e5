import { binarySearch } from '../model/binary-search.ts';
import { memoize, memoizePer } from '../model/memoize.ts';
import type { Span } from '../model/source.ts';
import { blockSpans, putsSecret } from './blocks.ts';
import {
  type CredentialForm,
  type CredentialOption,
  credentialForms,
  credentialName,
  credentialOptions,
} from './forms.ts';
import { maskedOptions, secretPath, setOption } from './masked-options.ts';
import { maskedStart } from './masked-start.ts';
import {
  aboutSecretSource,
  describingSecretSource,
  isLoginWithPassword,
  loginNameSource,
  maybeSecretNameSource,
  secretNameSource,
} from './names.ts';
import { isNothingToJudge, isNothingToMask, startOfOwnText } from './placeholders.ts';
import { isLoneToken, isTokenUser, loginsOf, mysqlLoginsIn } from './url.ts';
import { isOrdinary, isPlain, looksGenerated } from './variety.ts';

/*
 * Where credentials stand in any text, told by their look: what is masked wherever it is met. Rather too much than too
 * little.
 */

/** Lines longer than this are searched in parts of this length (UTF-16 units). */
const maxLineLength = 20_000;
/** What two parts have in common, so that what lies across their border is found in one of them. */
const overlap = 2_000;
/** How often one text is written within another: the variable of a step, in JSON, in the string of a file. */
const maxNesting = 3;

/** The spans of a text that look like credentials, sorted and apart. */
export function credentialSpans(text: string, nesting = 0): readonly Span[] {
  const spans: Span[] = [];
  let inKey = false;
  let inList = false;
  let optionOfList = '';
  /** How far the key is indented whose map is read; -1 for none. */
  let mapIndent = -1;
  /** The same of an entry of it whose value stands in the lines below. */
  let scalarIndent = -1;
  for (let start = 0; start <= text.length; ) {
    const feed = text.indexOf('\n', start);
    const end = feed < 0 ? text.length : feed;
    const line = text.slice(start, end);
    if (inKey || keyStart.test(line)) {
      for (const span of keySpans(line, inKey)) spans.push(moved(span, start));
      inKey = !line.includes('-----END') && (!inKey || keyLine.test(line));
    }
    if (line.length <= maxKeptLength) for (const span of spansOfShortLine(line)) spans.push(moved(span, start));
    else
      for (let from = 0; from < line.length; from += maxLineLength - overlap)
        for (const span of spansOfLine(line.slice(from, from + maxLineLength))) spans.push(moved(span, start + from));
    if (nesting < maxNesting)
      for (const signs of [escapes, line.length <= maxLineLength && doubledQuotes.test(line) ? twoQuotes : undefined])
        if (signs?.test(line)) for (const span of escapedSpans(line, signs, nesting)) spans.push(moved(span, start));
    const indent = line.search(/\S/);
    // A list may stand as far left as its key.
    const isInMap = mapIndent >= 0 && (indent > mapIndent || (indent === mapIndent && /^\s*-(?:\s|$)/.test(line)));
    if (isInMap && scalarIndent >= 0 && indent > scalarIndent) spans.push(...scalarLine(line, start, indent));
    else if (isInMap) {
      scalarIndent = opensScalar.test(line) ? indent : -1;
      for (const span of entrySpans(line)) spans.push(moved(span, start));
    } else if (flowMap.test(line) && line.length <= maxLineLength)
      for (const span of flowOfSecrets(line, flowMap.exec(line)?.[0].length ?? 0)) spans.push(moved(span, start));
    else if (indent >= 0) {
      mapIndent = opensList.test(line) || opensMap.test(line) ? indent : -1;
      scalarIndent = -1;
    }
    inList = opensList.test(line) || (inList && listItem.test(line));
    const given = optionOfList !== '' && line.length <= maxKeyLine ? listedValue.exec(line) : null;
    if (given && isGiven(given.groups?.secret ?? '', optionOfList)) spans.push(moved(secretOf(given), start));
    optionOfList = (line.length <= maxKeyLine && listedName.exec(line)?.groups?.option) || '';
    const item = inList ? listItem.exec(line) : null;
    if (item && !isNothingToMask(item.groups?.secret ?? '')) spans.push(moved(secretOf(item), start));
    start = end + 1;
  }
  for (const span of [...continuedSpans(text), ...blockSpans(text)]) spans.push(span);
  return apart(spans);
}

/** Ends of lines at which a command goes on: behind a backslash, and beside a pipe that is no indicator of YAML. */
const lineBreak = /\\\r?\n|(?<![:-][ \t]{0,4}|\|)\|[ \t]{0,20}\r?\n|\r?\n(?=[ \t]{0,200}\|[^|])/g;

/** A text whose commands are on one line each, as long as before. */
function withoutBreaks(text: string): string {
  return text.includes('\n') ? text.replace(lineBreak, (end) => end.replace(/[\\\r\n]/g, ' ')) : text;
}

/** The spans of commands that go on in further lines. */
function continuedSpans(text: string): readonly Span[] {
  const joined = withoutBreaks(text);
  if (joined === text) return [];
  const spans: Span[] = [];
  for (let start = 0; start < joined.length; ) {
    const feed = joined.indexOf('\n', start);
    const end = feed < 0 ? joined.length : feed;
    if (text.slice(start, end).includes('\n'))
      for (let from = start; from < end; from += maxLineLength - overlap)
        for (const span of spansOfLine(joined.slice(from, Math.min(end, from + maxLineLength))))
          spans.push(moved(span, from));
    start = end + 1;
  }
  return spans;
}

/** The escapes of strings in JSON, YAML and programs. */
const escapes = /\\(?:["\\/nrt]|u[0-9a-f]{4})/i;
/** A string within quotes of YAML, in which each of its own is doubled: `'x = ''text'''`; not two empty ones. */
const doubledQuotes = /'[^']{0,2000}''[^'\s,;)\]}][^']{0,2000}''/;
const twoQuotes = /''/;
const meant: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/** The spans of a line that holds another text in a string: within it, a command begins behind `\n`. */
function escapedSpans(line: string, signs: RegExp, nesting: number): readonly Span[] {
  let text = '';
  const places: number[] = [];
  for (let at = 0; at < line.length; ) {
    const found = line[at] === '\\' || line[at] === "'" ? signs.exec(line.slice(at, at + 6)) : null;
    const length = found?.index === 0 ? found[0].length : 1;
    const sign = line[at + 1] ?? '';
    if (length === 6) text += String.fromCharCode(Number.parseInt(line.slice(at + 2, at + 6), 16));
    else text += length === 2 ? (meant[sign] ?? sign) : line[at];
    places.push(at);
    at += length;
  }
  places.push(line.length);
  return credentialSpans(text, nesting + 1).map(({ start, end }) => ({
    start: places[start] ?? line.length,
    end: places[end] ?? line.length,
  }));
}

/** An assignment, an option, the scheme of a header, a word for a credential in prose. */
const saysMore =
  /=|:\s|[A-Z]:\S|(?<![^\s"'])--?[A-Za-z]|\b(?:[Bb]earer|[Bb]asic|[Tt]oken|[Ss]ecret|[Pp]ass(?:word|wd|phrase)?|[Pp]wd?)\s/;

/**
 * The spans of what is told of a text: a name, a path, an image, a value. Only one with an assignment in it is searched
 * for values by their names: `drone/kubernetes-secrets:latest` is an image, `DRONE_UI_PASSWORD:text` is not.
 */
export function credentialSpansOfEvidence(read: string): readonly Span[] {
  return saysMore.test(read) ? credentialSpans(read) : apart([...formSpans(read), ...loginSpans(read)]);
}

/** The parts of sorted spans within another, by its start. */
export function spansWithin(spans: readonly Span[], { start, end }: Span): readonly Span[] {
  const parts: Span[] = [];
  for (let at = binarySearch(spans, (span) => span.end > start); at < spans.length; at++) {
    const span = spans[at];
    if (!span || span.start >= end) break;
    parts.push({ start: Math.max(span.start, start) - start, end: Math.min(span.end, end) - start });
  }
  return parts;
}

/** The spans sorted, those that touch or overlap joined. */
export function apart(spans: readonly Span[]): readonly Span[] {
  if (spans.length < 2) return spans;
  const joined: { start: number; end: number }[] = [];
  for (const { start, end } of [...spans].sort((a, b) => a.start - b.start || a.end - b.end)) {
    const last = joined.at(-1);
    if (last && start <= last.end) last.end = Math.max(last.end, end);
    else joined.push({ start, end });
  }
  return joined;
}

function moved({ start, end }: Span, by: number): Span {
  return { start: start + by, end: end + by };
}

const keyStart = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----/;
/** A line of a key, and a header of one: `Proc-Type: 4,ENCRYPTED`. */
const keyLine = /^[\s#>"'\\|A-Za-z0-9+/=-]*$|^[\s#>"']*(?:Proc-Type|DEK-Info|Version|Comment|Hash|Charset):/;

function keySpans(line: string, inside: boolean): readonly Span[] {
  if (inside && !keyStart.test(line)) return matchSpans(line.replace(/-----END.*$/s, ''), /[A-Za-z0-9+/=]{4,}/g);
  return matchSpans(line, /-----(?<=KEY[A-Z ]*-----)(?<secret>[^"'-]+)/g);
}

/** A key with the values of a secret in lines below it: `DB_PASSWORD:`. What `secrets:` lists are names. */
const opensList = /(?:pass(?:word|wd|phrase)|token|secret|api_?key|access_?key)["']?[ \t]{0,4}:[ \t]{0,4}\{?\s{0,4}$/i;
const listItem = /^[ \t]{0,200}- {1,20}["']?(?<secret>[^\s"':{[][^"':]{0,500})/;

/** A key of a chart's values with variables that a Secret is made of: `secretEnv:`, `extraSecrets:`. */
const mapOfSecrets =
  '["\']?(?:secrets|(?:extra|additional)_?secrets|secret_?(?:env\\w{0,20}|data|values|files)|string_?data|\\w{0,20}env_?secrets?)["\']?[ \\t]{0,4}:';
const opensMap = new RegExp(String.raw`^\s{0,200}${mapOfSecrets}\s{0,4}$`, 'i');
const flowMap = new RegExp(String.raw`^\s{0,200}${mapOfSecrets}[ \t]{1,8}(?=\{|\[\s{0,8}\{)`, 'i');
/** What refers to a secret is none, nor what a service of that name has. */
const describes =
  '(?:from_secret|name|file|environment|external|source|target|driver|image|command|entrypoint|build|hostname|container_name|key|type|kind|namespace|secret_?name|secret_?key|existing_?secret\\w{0,20}|path|mount_?path)';
const describesEntry = new RegExp(`^${describes}$`, 'i');
/** An entry of a map below such a key: what looks like a name or a number in it is one. */
const mapEntry = new RegExp(
  String.raw`^\s{0,200}(?:- {1,8})?["']?(?!${describes}["']?:)[\w.-]{1,100}["']?:[ \t]{1,8}(?:[&!][^\s"'{}[\],]{0,100}[ \t]{1,8}){0,2}["']?(?<secret>[^\s"'#&!*{}[\]|>][^\s"'#,}]{0,500})`,
  'i',
);
const opensFlow = /^\s{0,200}(?:- {1,8})?(?:["']?[\w.-]{1,100}["']?:[ \t]{1,8})?(?=[{[])/;
/** An entry whose value is a block of lines. */
const opensScalar = /:[ \t]{1,8}(?:[&!]\S{1,100}[ \t]{1,4}){0,2}[|>][-+0-9]{0,3}\s{0,8}(?:#.{0,500})?$/;

/** A line of such a block. */
function scalarLine(line: string, start: number, indent: number): readonly Span[] {
  const written = line.trim();
  if (isPlain(written) || isNothingToMask(written)) return [];
  return [{ start: start + indent, end: start + indent + written.length }];
}

function entrySpans(line: string): readonly Span[] {
  const flow = line.length <= maxKeyLine ? opensFlow.exec(line)?.[0].length : undefined;
  if (flow !== undefined) return flowOfSecrets(line, flow);
  const match = mapEntry.exec(line);
  const secret = match?.groups?.secret ?? '';
  return match && !isPlain(secret) && !isNothingToMask(secret) ? [secretOf(match)] : [];
}

/** The same in one line: `secretEnv: {RPC: text}`, `secrets: [{name: rpc, value: text}]`. */
function flowOfSecrets(line: string, from: number): readonly Span[] {
  return flowAt(line, from, describesEntry).scalars.filter(({ start, end }) => !isPlain(line.slice(start, end)));
}

/**
 * A value up to its closing quote, which is doubled within quotes of YAML; without quotes up to a blank, or to a sign that
 * no word follows.
 */
const value = String.raw`(?:\\?"(?!\s)((?:[^"\\]|\\.)+)|''(?![\s',;)\]}])([^'\n]+)''|\\?'(?!\s)((?:[^']|'')+)|(?<plain>(?:[^\s"',;#]|["',;#](?=\w))+))`;
/** `PASSWORD=…`, `token: …`, `api-key …`, also in comments. The name behind `from_secret` is none. */
const namedValue = new RegExp(
  String.raw`${secretNameSource}\\?["']?\]?(?:[ \t]{0,4}(?:=>(?=[ \t]{0,4}["'])|\+?={1,3}(?!=)|:(?!\?)=?)|[ \t]--?data[ \t=]|[ \t](?=["'])|(?<=["']),[ \t]{0,4}(?=["']))[ \t]{0,4}${value}`,
  'gi',
);
/** `PASSWORD="$PREFIX"VALUE`, `PASSWORD: {{ prefix }}-VALUE`. */
const behindReference = new RegExp(
  String.raw`${secretNameSource}(?:=(?:"\$[^"\s]{1,100}"|'\$[^'\s]{1,100}')|[=:][ \t]{0,4}["']?\{\{[^{}]{1,200}\}\})(?<secret>[^\s"'\x60,;|&<>()\]}\\]{1,500})`,
  'gi',
);
const someReference = '${x}';
/** `--password VALUE`, `--registry-token=VALUE` on command lines. */
const optionValue = new RegExp(
  String.raw`(?<![\w-])(?<!\bconfig\s{1,4}set\s{1,4})--?(?:[a-z_.-]{0,40}(?:password|passwd|passphrase|token|secret|api[._-]?key|access[._-]?key|account-key|proxy-user)[a-z.-]{0,20}|(?:[a-z]{1,20}-)?pw)[ \t=]{1,20}${value}`,
  'gi',
);
/** `Authorization: Bearer VALUE`. */
const authorization = new RegExp(
  String.raw`(?:authorization["']?[ \t]{0,4}[:=][ \t]{0,4}(?:["']?[A-Za-z]{3,16}[ \t]{1,4})?|\bbearer[ \t]{1,4})${value}`,
  'gi',
);
/** `auth: VALUE`, `COOKIE: session=VALUE`. */
const maybeValue = new RegExp(
  String.raw`(?:${maybeSecretNameSource}|${loginNameSource})\\?["']?(?:[ \t]{0,4}=|:(?=[ \t]))[ \t]{0,4}${value}`,
  'gi',
);
/** `"Basic VALUE"`, whatever it is called: in base64 it has capitals behind letters, digits or signs of equality. */
const basicValue =
  /(?:[:=]|[=:]-|\\?["'])[ \t]{0,4}[Bb]asic[ \t]{1,4}(?<secret>(?=[\w+/-]{0,500}(?:\d|[a-z][A-Z]|=))[\w+/-]{6,2000}={0,2})(?=\\?["'}]|[,;]|[ \t]*(?:#|$|[|&>)]))/g;
/** `basicauth.users=name:hash` in labels of reverse proxies. */
const basicUsers =
  /basicauth[a-z0-9_.-]{0,60}["']?[ \t]{0,4}[=:][ \t]{0,4}["']?[^\s:"']{1,200}:(?<secret>[^\s"']{1,2000})/gi;

/** `old password was VALUE`: in prose only what no word is, with a digit or a sign in it, or with capitals behind letters. */
const toldValue =
  /\b(?:[Pp]ass(?:word|phrase)?|PASSWORD|[Ss]ecret|SECRET|[Tt]oken|TOKEN|[Pp]wd?|PW)s?[ \t]{1,4}(?:is|are|was|were)[ \t]{0,4}:?[ \t]{1,4}["'`]?(?<secret>(?=\S{0,60}(?:\d|[a-z][A-Z]|[a-z][!#$%&*+/=?@^_~]))[^\s"'`<({$,;][^\s"'`,;]{2,200})/g;

/** The same the other way round: `# VALUE is the rpc secret`. */
const valueTold =
  /(?<![^\s"'`(])(?<secret>(?=\S{0,60}(?:\d|[a-z][A-Z]|[a-z][!#$%&*+/=?@^_~]))[^\s"'`<({$,;#][^\s"'`,;]{3,200})["'`]?[ \t]{1,4}(?:is|was)[ \t]{1,4}(?:the|our|my|your|a)[ \t]{1,4}(?:[\w-]{1,30}[ \t]{1,4}){0,3}(?:[Pp]ass(?:word|phrase)|PASSWORD|[Ss]ecret|SECRET|[Tt]oken|TOKEN)\b/g;

/** `name:password@host.example/path`, `name:password@host:3128`, an address without a scheme; not the digest of an image, nor an address of mail. */
const bareLogin =
  /(?<![\w/.:@-])(?!mailto:)[\w.-]{1,60}:(?<secret>[^\s:@/"'<>{}$,;]{3,200})@(?!sha\d)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,9}(?:(?:\.[a-z]{2,20})(?::\d{1,5})?\/|:\d{2,5}(?![\w.:@-]))/gi;

/** Passwords in SQL, XML and .netrc, by what stands around them; `setx NAME text`. */
const around =
  /\bidentified\s{1,4}(?:with\s{1,4}\S{1,60}\s{1,4})?(?:by|as)\s{1,4}(?:password\s{1,4})?["'](?<secret>[^"']{1,200})|\bpassword\s{0,4}\(\s{0,4}["'](?<called>[^"']{1,200})|(?<!\w)pwd\\?["']?\s{0,4}:\s{0,4}\\?["'](?<pwd>[^"'\\/.$][^"'\\]{0,200})|<(?:\w{0,20}password|\w{0,20}token|\w{0,20}passphrase|private_?key|secret|apikey)>(?<xml>[^<>]{1,200})<|^\s{0,40}password\s{1,4}(?<netrc>[^\s:=]\S{2,200})$|\bset[xe]?n?v?(?:\s[-/]\w{1,3})?\s\w{0,60}(?:PASSWORD|TOKEN|SECRET|API_?KEY)\s{1,4}(?<set>(?!-|for\s)[^\s$=]\S{1,200})/gi;

/** What a secret was before, in a comment behind it: `TOKEN=text # was text`. */
const formerValue = new RegExp(
  String.raw`${secretNameSource}[^#\n]{0,300}#[ \t]{0,4}(?:was|old|before|previously|formerly|until)[^\s\w]{0,2}[ \t]{1,4}["'\x60]?(?<secret>(?=\S{0,60}(?:\d|[a-z][A-Z]))[^\s"'\x60<({$,;][^\s"'\x60,;]{2,200})`,
  'gi',
);

/** Before the text of `${NAME:-text}`, which is as secret as what it stands for. */
const fallback = /^(?:\$\{\w{1,100}:?[-=]){1,9}(?=[^}$])/;
/** `curl --cookie session=text`, `-b "a=text; b=text"`; without a sign of equality it is a file. */
const cookie =
  /\bcurl\s(?:[^\n;|&]{0,300}\s)?(?:-[a-zA-Z]{0,5}b|--cookie)[ =]?(?:["'][^\s="'$]{1,100}=(?<quoted>[^"'\n]{1,2000})["']|[^\s="'$]{1,100}=(?<secret>[^\s"';|&<>()$][^\s"';|&<>()]{0,500}))/g;
/** The names of a `secrets: [a, b]` of Drone 0.8 and of Compose. */
const namesOfSecrets = /\bsecrets["']?[ \t]{0,4}:[ \t]{0,4}["']?\[/i;

/** An address that was taken for a path: of the slashes of its scheme only one is left. */
const loginOfPath =
  /\b[a-z][a-z0-9+.-]{1,20}:\/(?!\/)(?:(?<user>[^\s:@/"'<>]{1,200})@|[^\s:@/"'<>]{0,200}:(?<secret>[^\s@/"'<>${][^\s@/"'<>]{0,300})@)[a-z0-9]/gi;

/** Passwords in addresses and data sources, and user names that are tokens. */
function loginSpans(text: string): readonly Span[] {
  if (!text.includes('@')) return [];
  const spans: Span[] = [];
  for (const login of loginsOf(text)) {
    const { user, password } = login;
    const sign = text[password?.start ?? 0] ?? '';
    if (password && sign === '$') spans.push(...textOfValue(text.slice(password.start, password.end), password.start));
    else if (password && password.start < password.end && !/[<{]/.test(sign)) spans.push(password);
    if (isTokenUser(text, login) && !/[$<>{}]/.test(text.slice(user.start, user.end))) spans.push(user);
  }
  spans.push(...matchSpans(text, bareLogin));
  for (const match of text.matchAll(loginOfPath)) {
    const { user = '', secret } = match.groups ?? {};
    if (secret !== undefined) spans.push(secretOf(match));
    else if (isLoneToken(user)) spans.push(placeIn(match, user));
  }
  for (const { password } of mysqlLoginsIn(text)) if (password && password.start < password.end) spans.push(password);
  return spans;
}

function spansOfLine(line: string): readonly Span[] {
  const spans: Span[] = [...formSpans(line), ...loginSpans(line)];
  if (/basic[ \t]/i.test(line)) spans.push(...matchSpans(line, basicValue));
  if (line.includes('{{')) spans.push(...templateSpans(line));
  if (/:(?:\d{4,5}|\*):/.test(line)) spans.push(...matchSpans(line, pgpass));
  if (/data\\?["']?\s{0,4}:/i.test(line)) spans.push(...dataSpans(line));
  if (/basicauth/i.test(line)) spans.push(...matchSpans(line, basicUsers));
  if (/=["']\$|\}\}/.test(line))
    for (const match of line.matchAll(behindReference)) {
      const own = startOfOwnText(`${someReference}${match.groups?.secret ?? ''}`);
      const { start, end } = secretOf(match);
      if (own !== undefined) spans.push({ start: start + own - someReference.length, end });
    }
  let flowEnd = 0;
  for (const pattern of [optionValue, authorization, namedValue])
    for (const match of matchesIn(line, pattern)) {
      const flow = flowStart(match);
      if (flow === undefined) {
        const given = spansOfValue(match, line);
        spans.push(...given);
        const [last] = given;
        if (last && /=\\?(?:''|["'])$/.test(line.slice(match.index, last.start))) spans.push(...restOfWord(line, last));
      } else if (flow >= flowEnd) {
        const { end, scalars } = flowAt(line, flow);
        spans.push(...scalars);
        flowEnd = end;
      }
    }
  for (const match of /auth|cookie|unseal|session|seed|salt|(?<![a-z0-9])(?:pin|sk)(?![a-z0-9_])|(?:kube|docker)_?config|login/i.test(
    line,
  )
    ? line.matchAll(maybeValue)
    : []) {
    const [span] = spansOfValue(match, line);
    if (!span || span.end - span.start <= 3 || isPath(line, span)) continue;
    const text = line.slice(span.start, span.end);
    const isLogin = /(?<!sonar[._])login/i.test(line.slice(match.index, span.start));
    if (isLogin ? isLoginWithPassword(text) : !isPlain(text)) spans.push(span);
  }
  for (const { match } of optionMatches(line, masking)) spans.push(quoted(match, line));
  for (const { match } of optionMatches(line, masking, maskedOptions)) spans.push(quoted(match, line));
  if (line.includes('--set')) spans.push(...setSpans(line));
  if (/value/i.test(line)) spans.push(...besideName(line));
  if (line.includes(',')) spans.push(...matchSpans(line, listedOption));
  if (line.includes('-p'))
    for (const match of line.matchAll(shortOption))
      if (isGiven(match.groups?.secret ?? '', '-p')) spans.push(secretOf(match));
  for (const pattern of line.includes('curl') ? [around, cookie] : [around])
    for (const match of matches(line, pattern)) {
      const secret = Object.values(match.groups ?? {}).find((group) => group !== undefined) ?? '';
      if (!isNothingToMask(secret)) spans.push(placeIn(match, secret));
    }
  if (/#[ \t]{0,4}(?:was|old|before|previously|formerly|until)/i.test(line))
    spans.push(...matchSpans(line, formerValue));
  if (/[?&]/.test(line))
    for (const span of matchSpans(line, queryValue)) if (!isPlain(line.slice(span.start, span.end))) spans.push(span);
  if (/\s(?:is|are|was|were)\b/i.test(line)) spans.push(...matchSpans(line, toldValue), ...matchSpans(line, valueTold));
  return spans;
}

/** `{name: RPC_SECRET, value: text}` and `{"path": "/data/token", "value": "text"}`, in either order. */
const namedBeside =
  /\b(?:name|path)\\?["']?\s{0,4}:\s{0,4}\\?["']?(?<name>[\w./-]{1,200})\\?["']?\s{0,4},\s{0,4}\\?["']?value\\?["']?\s{0,4}:\s{0,4}\\?["']?(?<secret>[^\s"',}\\]{1,500})/dg;
const besideNamed =
  /\bvalue\\?["']?\s{0,4}:\s{0,4}\\?["']?(?<secret>[^\s"',}\\]{1,500})\\?["']?\s{0,4},\s{0,4}\\?["']?(?:name|path)\\?["']?\s{0,4}:\s{0,4}\\?["']?(?<name>[\w./-]{1,200})/dg;

function besideName(line: string): readonly Span[] {
  return [namedBeside, besideNamed].flatMap((pattern) =>
    [...line.matchAll(pattern)].flatMap((match) => {
      const { name = '', secret = '' } = match.groups ?? {};
      const [start, end] = match.indices?.groups?.secret ?? [0, 0];
      return putsSecret(name) && !isNothingToMask(secret) ? [{ start, end }] : [];
    }),
  );
}

/** What `--set` gives to paths with a secret in them. */
function setSpans(line: string): readonly Span[] {
  const spans: Span[] = [];
  for (const match of line.matchAll(setOption)) {
    const { list = '' } = match.groups ?? {};
    let start = match.index + match[0].length - list.length;
    for (const item of list.split(',')) {
      const sign = item.indexOf('=');
      const quotes = /^["']?/.exec(item.slice(sign + 1))?.[0].length ?? 0;
      const given = item.slice(sign + 1 + quotes).replace(/["']{1,2}$/, '');
      const from = start + sign + 1 + quotes;
      if (sign > 0 && secretPath.test(item.slice(0, sign)) && isWorthMasking(given) && !isPlain(given))
        spans.push({ start: from, end: from + given.length });
      start += item.length + 1;
    }
  }
  return spans;
}

/** `?key=VALUE`, `&sig=VALUE` of an address, whose names are too short to say so elsewhere. */
const queryValue =
  /[?&](?:amp;)?(?:key|auth|sig|signature|sign|code|pass|pwd|hash|hmac|appid|app_?key|subscription-key|X-Amz-(?:Signature|Credential))=(?<secret>[^\s"'`&#;,<>|$(){}\\]{4,1000})/gi;

function isPath(line: string, { start }: Span): boolean {
  return /[./~]/.test(line[start] ?? '');
}

/** What a shell adds to a value in quotes: `PASSWORD='text'text"text"`. Within quotes of YAML, its own are doubled. */
function restOfWord(line: string, { start, end }: Span): readonly Span[] {
  const spans: Span[] = [];
  const quote = line[start - 1] ?? '';
  let at = end + (line.startsWith(quote + quote, end) && line.startsWith(quote + quote, start - 2) ? 2 : 1);
  if (line[end] !== quote) return [];
  for (; spans.length < maxParts; ) {
    wordPart.lastIndex = at;
    const match = wordPart.exec(line);
    if (!match) break;
    const secret = Object.values(match.groups ?? {}).find((group) => group !== undefined) ?? '';
    const from = match.index + match[0].indexOf(secret);
    if (secret !== '' && !isNothingToMask(secret)) spans.push({ start: from, end: from + secret.length });
    at = wordPart.lastIndex;
  }
  return spans;
}

const wordPart =
  /''(?<doubled>\w[^'\n]{0,500})''|"(?<double>[^"\\\s]{1,500})"|'(?<single>\w[^'\s]{0,500})'(?!')|(?<plain>[\w!%+./=@^~-]{1,500})/y;
const maxParts = 20;

/** The end of a name, which may have begun within the value before. */
const maxNameLength = 80;

/** The matches of a pattern for values; where one ends in the sign of the next, that one too: `pw=[a].token: text`. */
function* matchesIn(line: string, pattern: RegExp): Generator<RegExpExecArray> {
  pattern.lastIndex = 0;
  for (let match = pattern.exec(line); match; match = pattern.exec(line)) {
    const end = pattern.lastIndex;
    yield match;
    const { plain = '' } = match.groups ?? {};
    // A list or map in one line is read to its end.
    const again = /^[^[{].*[:=]$/.test(plain);
    pattern.lastIndex = again ? Math.max(end - plain.length + 1, end - maxNameLength) : end;
  }
}

/** A text that stands in for a variable of a template: `{{ name | default('text') }}`, `{{ default "text" .name }}`. */
const templateDefault =
  /\b(?:default|or)[ \t]{0,4}\(?[ \t]{0,4}\\?(?<quote>["'])(?<secret>(?:(?!\k<quote>)[^\\\n}]){1,500})/g;
/** A text that a template makes something of: `{{ 'text' | password_hash }}`. */
const templateText = /^\s{0,4}\\?(?<quote>["'])(?<secret>(?:(?!\k<quote>)[^\\\n}]){1,500})\\?\k<quote>\s{0,4}\|/g;
/** Before the template of a secret: its name, or the user name of an address. */
const beforeTemplate = new RegExp(
  String.raw`(?:${secretNameSource}\\?["']?[ \t]{0,4}[:=][ \t]{0,4}\\?["']?|:\/\/[^\s/@]{0,200}:)$`,
  'i',
);
const secretVariable = new RegExp(String.raw`${secretNameSource}(?=[\s|),}]|$)`, 'i');
const quotedText = /"[^"]*"|'[^']*'/g;

function templateSpans(line: string): readonly Span[] {
  const spans: Span[] = [];
  for (let from = line.indexOf('{{'); from >= 0; ) {
    const close = line.indexOf('}}', from);
    const end = close < 0 ? line.length : close;
    const template = line.slice(from + 2, end);
    const before = line.slice(Math.max(0, from - 300), from);
    if (
      /\b(?:default|or)\b/.test(template) &&
      (beforeTemplate.test(before) ||
        line.startsWith('}}@', end) ||
        secretVariable.test(template.replace(quotedText, '')))
    )
      for (const span of matchSpans(template, templateDefault)) spans.push(moved(span, from + 2));
    if (template.includes('|') && beforeTemplate.test(before))
      for (const span of matchSpans(template, templateText)) spans.push(moved(span, from + 2));
    from = line.indexOf('{{', end);
  }
  return spans;
}

/** A line of `.pgpass`, `host:5432:database:user:text`; not the groups of an address of IPv6. */
const pgpass =
  /(?<![^\s"'])(?:[\w.*-]{1,100}):(?:\d{4,5}|\*):[\w.*-]{1,63}:[\w.*-]{1,63}:(?![0-9a-f]{1,4}(?:[:/\s"']|$))(?<secret>[^\s:"']{3,200})/g;

/** Where the map of a Secret begins in one line: `{"stringData": {"a": "text"}}`, `{kind: 'secret', data: 'text'}`. */
const dataStart = /\b(?<key>stringData|data)\\?["']?\s{0,4}:\s{0,4}(?:(?=\{)|\\?["'](?<secret>[^"'\\]{1,2000}))/gi;
const saysSecret = /\bsecrets?[\s/]|\bkind\\?["']?\s{0,4}:\s{0,4}\\?["']?secret\b/i;

function dataSpans(line: string): readonly Span[] {
  const ofSecret = saysSecret.test(line);
  const spans: Span[] = [];
  let end = 0;
  for (const match of line.matchAll(dataStart)) {
    const { key, secret } = match.groups ?? {};
    if (match.index < end || !(ofSecret || key === 'stringData')) continue;
    if (secret !== undefined) {
      if (!isNothingToMask(secret)) spans.push(secretOf(match));
      continue;
    }
    const flow = flowAt(line, match.index + match[0].length);
    spans.push(...flow.scalars);
    ({ end } = flow);
  }
  return spans;
}

/** Most short lines of YAML stand in many files: what was found in them is kept. */
const spansOfShortLine = memoize(spansOfLine);
const maxKeptLength = 120;

/** `["--password", "text"]`, `["-u", "user:text"]`: arguments in a list, also within JSON in a text. */
const listedOption =
  /(?:(?<![\w-])--?[a-z-]{0,40}(?:password|passwd|passphrase|requirepass|token|secret|api-?key|access-?key)\\?["']?\s{0,8},\s{0,8}\\?["']?|(?:-u|--user)\\?["']?\s{0,8},\s{0,8}\\?["']?(?:\$\{[^{}"']{0,100}\}|[^\s:"',\\{}]){0,100}:)(?<secret>[^\s"',\]\\$-][^\s"',\]\\]{0,500})/gi;

/** The same over two lines, as an item of YAML or of JSON: an option, and its value. Of `-p` only what no word is. */
const listedName =
  /^\s{0,200}(?:- {1,8})?["']?(?<option>-p|--?(?:[a-z]{1,30}-){0,4}(?:password|passwd|passphrase|requirepass|token|secret|api-?key|access-?key))["']?,?\s{0,8}$/i;
const listedValue = /^\s{0,200}(?:- {1,8})?["']?(?<secret>[^\s"',\]\\$#-][^\s"',\]\\]{0,500})["']?,?\s{0,8}$/;
const shortOption =
  /(?:^|[[,]\s{0,8})\\?["']?-p\\?["']?\s{0,8},\s{0,8}\\?["']?(?<secret>[^\s"',\]\\$-][^\s"',\]\\]{0,500})/g;
/** Longer lines hold more than an item. */
const maxKeyLine = 1000;

function isGiven(value: string, option: string): boolean {
  return !isNothingToMask(value) && (option !== '-p' || (!isPlain(value) && !/[/:]/.test(value)));
}

/** The secret of a match; one that begins within quotes goes on to their end. */
function quoted(match: RegExpExecArray, line: string): Span {
  const { start, end } = secretOf(match);
  const before = line.slice(match.index, start);
  const quote = /["'](?=[^"']*$)/.exec(before)?.[0] ?? '';
  const isOpen = quote !== '' && before.split(quote).length % 2 === 0;
  const own = startOfOwnText(line.slice(start, end)) ?? 0;
  return { start: start + own, end: Math.max(end, isOpen ? line.indexOf(quote, start) : -1) };
}

/** What names hold that speak of a secret, and not the secret: `secretName`, `--password-stdin`, `token_file`. */
const aboutSecret = new RegExp(String.raw`${aboutSecretSource}\\?["']?[ \t]{0,4}[:= \t]`, 'i');

/** What names say of a secret where the value is a word: `SECRET_BACKEND: vault`, `TOKENIZER: fast`. */
const describesSecret = new RegExp(String.raw`${describingSecretSource}\\?["']?[ \t]{0,4}[:=]`, 'i');

/** `<your password>`, `(see below)`: a value ends at the first blank of it. */
const openPlaceholder = /^[<(]/;
const wholePlaceholder = /^(?:<[^<>]{1,100}>(?!\w)|\([^()]{1,100}\))/;

/** The secret part of what a name gives: the value without its quotes; of a fallback its text alone. */
function spansOfValue(match: RegExpExecArray, line: string): readonly Span[] {
  const [whole, ...values] = match;
  const written = values.find((each) => each !== undefined) ?? '';
  if (namesOfSecrets.test(line.slice(match.index, match.index + whole.length))) return [];
  if (openPlaceholder.test(written) && wholePlaceholder.test(line.slice(match.index + whole.lastIndexOf(written))))
    return [];
  // What stands between is an opening quote, and a closing one behind it.
  const start = match.index + whole.lastIndexOf(written);
  const name = line.slice(match.index, start);
  if (aboutSecret.test(name) || (name.startsWith('--') && /^--?[a-z]/.test(written))) return [];
  // The name of an image, with its tag: `drone/kubernetes-secrets:latest`.
  if (name.endsWith(':') && /[\w.-]\/[\w.-]{0,100}$/.test(line.slice(Math.max(0, match.index - 200), match.index)))
    return [];
  // What a quote and a colon follow is a key: `"path": "/data/token", "value": "text"`.
  if (
    /,\s{0,4}["']$/.test(name) &&
    /^["']\s{0,4}:/.test(line.slice(start + written.length, start + written.length + 8))
  )
    return [];
  return describesSecret.test(name) && isPlain(written) ? [] : textOfValue(written, start);
}

/** What is secret of a value that begins at an offset: all of it, the text of a fallback, or nothing. */
export function textOfValue(written: string, start: number): readonly Span[] {
  const before = fallback.exec(written)?.[0].length ?? 0;
  if (before === 0) {
    if (isNothingToMask(written)) return [];
    const own = startOfOwnText(written);
    return [{ start: start + (own ?? 0), end: start + written.length }];
  }
  const braces = /\}{0,9}$/.exec(written)?.[0].length ?? 0;
  return [{ start: start + before, end: start + written.length - braces }];
}

/** Where a list or map in one line begins that a key of a secret holds: `secret: {a: text, b: text}`; not `secrets: [a, b]`. */
function flowStart(match: RegExpExecArray): number | undefined {
  const [whole] = match;
  const written = match.groups?.plain;
  if (written === undefined || !/^[[{]./.test(written) || /^\{\{|^\[[*@\d]/.test(written)) return undefined;
  const name = whole.slice(0, whole.length - written.length);
  if (!/:\s*$/.test(name) && !/^\{["']/.test(written)) return undefined;
  return aboutSecret.test(name) || namesOfSecrets.test(whole) ? undefined : match.index + name.length;
}

/** A bracket, or a scalar with the colon behind it, if it is a key. */
const flowToken =
  /[[\]{}]|(?:"(?<double>(?:[^"\\]|\\.)*)"\s{0,8}|'(?<single>(?:[^']|'')*)'\s{0,8}|(?<plain>(?:\$\{[^{}]*\}|\{\{[^{}]*\}\}|[^\s,[\]{}"':#])(?:\$\{[^{}]*\}|\{\{[^{}]*\}\}|[^,[\]{}:#]|[:#](?=\S))*))(?<colon>:(?=\s|$)|(?<=["']\s{0,8}):)?/g;
/** Keys of a map that refers to a secret, or describes it: what looks like a name in it is one. */
const refersToSecret = /^(?:from_secret|name|environment|secret_?name|key_?ref|path|file|source|external)$/i;

/** The scalars of a list or map in one line that are values, up to its end, and where that is. */
function flowAt(
  line: string,
  from: number,
  about = refersToSecret,
): { readonly end: number; readonly scalars: readonly Span[] } {
  const scalars: Span[] = [];
  let depth = 0;
  let refers = false;
  let key = '';
  flowToken.lastIndex = from;
  for (let match = flowToken.exec(line); match; match = flowToken.exec(line)) {
    const { double, single, plain, colon } = match.groups ?? {};
    const text = (double ?? single ?? plain ?? '').trimEnd();
    if (/^[[{]$/.test(match[0])) depth++;
    else if (/^[\]}]$/.test(match[0])) depth--;
    else if (colon !== undefined) {
      key = text;
      refers ||= about.test(key);
    } else if (text !== '' && !about.test(key)) scalars.push(...textOfValue(text, placeIn(match, text).start));
    if (depth <= 0) break;
  }
  const isSecret = ({ start, end }: Span): boolean => !refers || !isPlain(line.slice(start, end));
  return { end: depth > 0 ? line.length : flowToken.lastIndex, scalars: scalars.filter(isSecret) };
}

/** What some form has in it at least. */
const anyMark = new RegExp(credentialForms.map(({ mark }) => mark).join('|'));
const marks: ReadonlyMap<CredentialForm, RegExp> = new Map(
  credentialForms.map((form) => [form, new RegExp(form.mark)]),
);

/** The forms of the table that a text may hold, in its order. */
function formsIn(text: string): readonly CredentialForm[] {
  return anyMark.test(text) ? credentialForms.filter((form) => marks.get(form)?.test(text)) : [];
}

/** The spans of the forms of the table, as they are masked. */
function formSpans(text: string): Span[] {
  return formsIn(text).flatMap(({ mask, judge }) =>
    [mask, judge].flatMap((pattern) => (pattern ? matchSpans(text, pattern) : [])),
  );
}

/** The credentials of a text that rules may speak of, by the forms of the table, in its order. */
export function judgedForms(text: string): readonly (Span & { readonly form: CredentialForm })[] {
  const found = formsIn(text).flatMap((form) =>
    form.judge ? matchSpans(text, form.judge).map((span) => ({ ...span, form })) : [],
  );
  if (!text.includes(maskedStart)) return found;
  for (const { index, 0: whole, groups } of text.matchAll(maskedWithForm)) {
    const form = formByName.get(groups?.form ?? '');
    if (form) found.push({ start: index, end: index + whole.length, form });
  }
  return found;
}

/** The masked form of what has a form of the table (secrets/traits.ts). */
const maskedWithForm =
  /drone-audit-masked\+(?:[a-z]{1,10}=[A-Za-z0-9.-]{1,60}\+){3,7}?form=(?<form>[A-Za-z-]{1,60})\+(?:[a-z]{1,10}=[a-z0-9]{1,10}\+){1,3}/g;
const formByName: ReadonlyMap<string, CredentialForm> = new Map(
  credentialForms.map((form) => [form.as.replaceAll(' ', '-'), form]),
);

/** What rules leave alone is shown; but what only begins like a reference is hidden. */
function isWorthMasking(value: string): boolean {
  return !isNothingToMask(value) && (/^[$<{@%]/.test(value) || !isNothingToJudge(value));
}

/** What is taken for a credential, and what of it is left as an ordinary word where an option takes others as well. */
interface Taking {
  readonly isCredential: (value: string) => boolean;
  readonly isLeft: (value: string) => boolean;
}

const judging: Taking = { isCredential: (value) => !isNothingToJudge(value), isLeft: isOrdinary };
const masking: Taking = { isCredential: isWorthMasking, isLeft: isPlain };

/** What a name ends in that is one of a credential; what follows it in a text is no letter. */
const endsLikeCredential = /(?:pass(?:word|wd|phrase)?|pwd?|secret|token|key|credentials?|pat)(?![a-z])/i;

/** Options with their marks, of which most lines have none. */
interface MarkedOptions {
  readonly options: readonly CredentialOption[];
  readonly marks: readonly string[];
  readonly anyMark: RegExp;
}

function marked(options: readonly CredentialOption[]): MarkedOptions {
  const marks = [...new Set(options.map(({ mark }) => mark))];
  const anyMark = new RegExp(marks.map((mark) => mark.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'));
  return { options, marks, anyMark };
}

/** All options, and those that take a value whatever its name is: the marks of the others are in many lines. */
const markedOptions = memoizePer((options: readonly CredentialOption[]) => ({
  all: marked(options),
  unnamed: marked(options.filter(({ pattern }) => !pattern.source.includes('(?<name>'))),
}));

/** The matches of the options that give a text a credential, the table's order first: by value, and by name if any. */
export function* optionMatches(
  text: string,
  { isCredential, isLeft } = judging,
  options: readonly CredentialOption[] = credentialOptions,
): Generator<{ readonly option: CredentialOption; readonly match: RegExpExecArray }> {
  const joined = withoutBreaks(text);
  const { all, unnamed } = markedOptions(options);
  const possible = endsLikeCredential.test(joined) ? all : unnamed;
  if (!possible.anyMark.test(joined)) return;
  const there = new Set(possible.marks.filter((mark) => joined.includes(mark)));
  for (const option of possible.options) {
    if (!there.has(option.mark)) continue;
    for (const match of matches(joined, option.pattern)) {
      const { name, secret = '' } = match.groups ?? {};
      if (secret === '' || !isCredential(secret) || !isOnly(option, match, isLeft)) continue;
      if (name === undefined || credentialName.test(name)) yield { option, match };
    }
  }
}

function isOnly({ only }: CredentialOption, { groups }: RegExpExecArray, isLeft: Taking['isLeft']): boolean {
  const { user = '', secret = '' } = groups ?? {};
  if (only === 'generated') return looksGenerated(secret);
  return only === undefined || !isLeft(secret) || (only === 'a login' && isPasswordOf(user, secret));
}

/** Users and groups of systems, and what else stands behind a user name and a colon. */
const group =
  /^(?:root|wheel|docker|daemon|nobody|nogroup|node|nginx|staff|users?|adm|sudo|git|bin|sys|tty|disk|mail|games?|postgres|mysql|redis|mongodb|www(?:-data)?|http|apache|app|app-?(?:user|group)|jenkins|drone|gitea|guest|default|none|latest|main|master|stable)$/i;
const oneWord = /^(?:[a-z]{4,40}(?:[-_][a-z]{1,40}){0,6}\d{0,4}|\d{8,40})$/i;

/** Whether a word or a number behind a user name may be a password: a group, a user and a path are none. */
function isPasswordOf(user: string, secret: string): boolean {
  return oneWord.test(secret) && secret !== user && !group.test(secret) && !/^head$/i.test(user);
}

function matchSpans(text: string, pattern: RegExp): Span[] {
  return [...matches(text, pattern)].map(secretOf);
}

/** All matches of a pattern. Most texts have none, and to look for all makes a copy of the pattern first. */
function matches(text: string, pattern: RegExp): Iterable<RegExpExecArray> {
  return text.search(pattern) < 0 ? [] : text.matchAll(pattern);
}

/** The group `secret` of a match, else the whole. */
export function secretOf(match: RegExpExecArray): Span {
  return placeIn(match, match.groups?.secret ?? match[0]);
}

function placeIn(match: RegExpExecArray, secret: string): Span {
  const start = match.index + match[0].lastIndexOf(secret);
  return { start, end: start + secret.length };
}
