import { memoizePer } from '../model/memoize.ts';
import type { Pipeline, Script, Step, StepValue } from '../model/pipeline.ts';
import type { Located, Location } from '../model/source.ts';
import { allSteps } from '../model/steps.ts';

/** A form by which a credential is known wherever it stands. */
export interface TokenForm {
  /** For messages: `a token of GitHub`. */
  readonly as: string;
  /** Source of a pattern for what it has in it at least: most texts have no mark of any form. */
  readonly mark: string;
  /** Global; its group `secret` is the credential, else the whole. */
  readonly pattern: RegExp;
  /** What it opens; Drone itself counts as SCM. */
  readonly opens: 'cloud' | 'scm' | 'other';
}

/** What credentials look like. */
export interface SecretVocabulary {
  readonly forms: readonly TokenForm[];
  /** Names of variables, settings and keys whose values are credentials. */
  readonly names: RegExp;
  /** Values that are none, whatever their name: references, paths, words. */
  readonly noSecret: RegExp;
  /** Options and assignments of commands that give a credential; group `name` is what it is called, `secret` the value. */
  readonly options: readonly { readonly mark: string; readonly pattern: RegExp }[];
}

/** A credential that is written out. */
export interface LiteralSecret {
  /** `token`: known by its form; `url`: password of a URL; `named`: a value by its name. */
  readonly kind: 'token' | 'url' | 'named';
  /** For messages, never the value: `a token of GitHub`, `the password in a URL`, `PASSWORD`. */
  readonly what: string;
  readonly opens?: TokenForm['opens'];
  /** Host of a URL, in lower case. */
  readonly host?: string;
  readonly value: string;
  readonly at: Location;
  /** The variable, setting or list of commands that it stands in; of a program the key, else `string` or `comment`. */
  readonly owner: string;
  /** It stands in a string or comment of a program that has no key. */
  readonly unnamed?: true;
  readonly step?: Step;
  /** It is what logs in to a build host, or opens the account that makes them. */
  readonly opensHost?: true;
}

/** Longer texts are searched up to here only. */
const maxTextLength = 100_000;
/** Characters of one pipeline that are searched; aliases can repeat the same text without end. */
const maxText = 4_000_000;
const maxNameLength = 200;

/** The credentials that a pipeline writes out, in the order of its parts. */
export function literalSecrets(pipeline: Pipeline, vocabulary: SecretVocabulary): readonly LiteralSecret[] {
  return literalSecretsBy(vocabulary)(pipeline);
}

/** The reader masks what it finds, and a rule judges it: the same for both. */
const literalSecretsBy = memoizePer((vocabulary: SecretVocabulary) =>
  memoizePer((pipeline: Pipeline) => findLiteralSecrets(pipeline, vocabulary)),
);

function findLiteralSecrets(pipeline: Pipeline, vocabulary: SecretVocabulary): readonly LiteralSecret[] {
  const found: LiteralSecret[] = [];
  const isLeft = searchedUpTo(maxText);
  if (pipeline.script) return secretsOfScript(pipeline.script, isLeft, vocabulary);
  const look = (values: readonly StepValue[], step?: Step): void => {
    for (const value of values)
      for (const scalar of value.scalars)
        if (isLeft(scalar))
          for (const each of secretsOfValue(innerName(value, scalar), scalar, value.name.value, vocabulary, step))
            found.push(each);
  };
  for (const step of allSteps(pipeline)) {
    look(step.environment, step);
    look(step.settings, step);
    for (const command of [...step.commands, ...step.command, ...step.entrypoint])
      if (isLeft(command)) for (const each of secretsOfCommand(command, vocabulary, step)) found.push(each);
  }
  look(pipeline.environment);
  for (const value of pipeline.token ? [...pipeline.server, pipeline.token] : pipeline.server)
    found.push(...secretsOfHost(value, value === pipeline.token, vocabulary));
  if (pipeline.stream.pipelines[0] === pipeline) for (const { data } of pipeline.stream.registries) look(data);
  return found;
}

/** Whether a text may still be searched, when it is asked for one after the other. */
function searchedUpTo(most: number): (text: Located<string>) => boolean {
  let left = most;
  return ({ value }) => {
    left -= Math.min(value.length, maxTextLength);
    return left >= 0;
  };
}

/** Credentials in the strings and comments of a program; whether a string is a command is not known. */
function secretsOfScript(
  { texts }: Script,
  isLeft: (text: Located<string>) => boolean,
  vocabulary: SecretVocabulary,
): readonly LiteralSecret[] {
  return texts.filter(isLeft).flatMap((text) => {
    const { kind, key } = text;
    const found: readonly LiteralSecret[] =
      key === undefined || key === 'from_secret'
        ? secretsOfText(text, kind, vocabulary, undefined).map((secret) => ({ ...secret, unnamed: true }))
        : secretsOfValue(key, text, key, vocabulary, undefined);
    return found.filter(({ kind, value }) => kind === 'token' || !filledIn.test(value));
  });
}

/** Places of a string that the program fills in: `%s`, `%(name)s`, `{}`, `{name}`. */
const filledIn = /%(?:[srq(]|d(?![0-9a-f]))|\{\w{0,80}\}/i;

/** The name of what a scalar of a value holds: the key of a map within it; items of lists are named by their list. */
export function innerName(value: StepValue, scalar: Located<string>): string {
  if (scalar.at.path.length === value.name.at.path.length) return value.name.value;
  const inner = scalar.at.path.slice(value.name.at.path.length);
  return /\.([^.[\]]*)(?:\[[0-9]+\])*$/.exec(inner)?.[1] ?? value.name.value;
}

function secretsOfValue(
  name: string,
  scalar: Located<string>,
  owner: string,
  vocabulary: SecretVocabulary,
  step: Step | undefined,
): readonly LiteralSecret[] {
  const inside = secretsOfText(scalar, owner, vocabulary, step);
  const isNamed =
    name.length <= maxNameLength && vocabulary.names.test(name) && !vocabulary.noSecret.test(scalar.value);
  if (inside.length > 0 || !isNamed) return inside;
  return [{ kind: 'named', what: name, value: scalar.value, at: scalar.at, owner, step }];
}

function secretsOfCommand(
  command: Located<string>,
  vocabulary: SecretVocabulary,
  step: Step,
): readonly LiteralSecret[] {
  const inside = secretsOfText(command, 'commands', vocabulary, step);
  const text = command.value.slice(0, maxTextLength);
  const options = vocabulary.options.filter(({ mark }) => text.includes(mark));
  const given = options.flatMap(({ pattern }) =>
    [...text.matchAll(pattern)].flatMap((match) => {
      if (!givesSecret(match, vocabulary)) return [];
      const { name, secret: value = '' } = match.groups ?? {};
      const start = match.index + match[0].lastIndexOf(value);
      const what = name ?? 'a password';
      return [{ kind: 'named' as const, what, value, at: partOf(command, start, value), owner: 'commands', step }];
    }),
  );
  if (given.length === 0) return inside;
  const taken = new Set(inside.map(({ at }) => at.span.start));
  return [...inside, ...given.filter(({ at, value }) => !taken.has(at.span.start) && !isWithin(value, inside))];
}

/** Whether a match of one of the `options` gives a credential: by its value, and by its name where it has one. */
export function givesSecret({ groups }: RegExpExecArray, { names, noSecret }: SecretVocabulary): boolean {
  const { name, secret = '' } = groups ?? {};
  return secret !== '' && !noSecret.test(secret) && (name === undefined || names.test(name));
}

function isWithin(value: string, found: readonly LiteralSecret[]): boolean {
  return found.some((other) => value.includes(other.value));
}

/** Password, key and token with which a runner enters its build hosts. */
function secretsOfHost(value: StepValue, isToken: boolean, vocabulary: SecretVocabulary): readonly LiteralSecret[] {
  const { name, text } = value;
  const isSecret = isToken || name.value === 'password' || name.value === 'ssh_key';
  if (!isSecret || !text || text.value === '' || vocabulary.noSecret.test(text.value)) return [];
  return [
    {
      kind: 'named',
      what: isToken ? 'token' : `server.${name.value}`,
      value: text.value,
      at: text.at,
      owner: name.value,
      opensHost: true,
    },
  ];
}

/** Credentials in any text: tokens by their form, passwords of URLs. */
function secretsOfText(
  located: Located<string>,
  owner: string,
  vocabulary: SecretVocabulary,
  step: Step | undefined,
): readonly LiteralSecret[] {
  const { forms, noSecret } = vocabulary;
  const found: LiteralSecret[] = [];
  const text = located.value.slice(0, maxTextLength);
  const hasUrl = text.includes('://');
  const hasToken = markOf(vocabulary).test(text);
  if (!hasUrl && !hasToken) return found;
  const rest = { owner, step };
  for (const { as, pattern, opens } of hasToken ? forms : [])
    for (const match of text.matchAll(pattern)) {
      const { secret: value = match[0] } = match.groups ?? {};
      const start = match.index + match[0].indexOf(value);
      found.push({ kind: 'token', what: as, opens, value, at: partOf(located, start, value), ...rest });
    }
  for (const match of hasUrl ? text.matchAll(urlPassword) : []) {
    const { secret: value = '', host = '' } = match.groups ?? {};
    if (noSecret.test(value) || isWithin(value, found)) continue;
    const start = match.index + match[0].indexOf(`:${value}@`) + 1;
    found.push({
      kind: 'url',
      what: 'the password in a URL',
      host: host.toLowerCase(),
      value,
      at: partOf(located, start, value),
      ...rest,
    });
  }
  return found;
}

/** What some form of a credential begins with or has in it. */
const markOf = memoizePer(({ forms }: SecretVocabulary) => new RegExp(forms.map(({ mark }) => mark).join('|')));

/** The password and host of `scheme://user:password@host`. */
const urlPassword =
  /\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s:/@'"`<>$]{0,200}:(?<secret>[^\s/@'"`<>]{1,500})@(?<host>[A-Za-z0-9._-]{1,200})/gi;

/** Where a part of a value stands, when it is written as it reads; else the whole value stands for it. */
function partOf({ value, at }: Located<string>, start: number, part: string): Location {
  const { source, span } = at;
  if (span.end - span.start === value.length)
    return { ...at, span: { start: span.start + start, end: span.start + start + part.length } };
  const found = source.text.slice(span.start, span.end).indexOf(part);
  if (found < 0) return at;
  return { ...at, span: { start: span.start + found, end: span.start + found + part.length } };
}

/** Bits of entropy per character. */
export function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  const length = [...counts.values()].reduce((sum, count) => sum + count, 0);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / length) * Math.log2(count / length);
  return bits;
}
