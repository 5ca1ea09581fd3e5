import { memoizePer } from '../model/memoize.ts';
import { allSteps, type Pipeline, type Script, type Step, type StepValue } from '../model/pipeline.ts';
import type { Located, Location } from '../model/source.ts';
import { type CredentialForm, credentialName } from './forms.ts';
import { isNothingToJudge } from './placeholders.ts';
import { judgedForms, optionMatches, secretOf } from './spans.ts';
import { loginsOf } from './url.ts';

/** A credential that is written out. */
export interface LiteralSecret {
  /** `token`: known by its form; `url`: password of a URL; `named`: a value by its name. */
  readonly kind: 'token' | 'url' | 'named';
  /** For messages, never the value: `a token of GitHub`, `the password in a URL`, `PASSWORD`. */
  readonly what: string;
  readonly opens?: CredentialForm['opens'];
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

/** The credentials that a pipeline writes out, in the order of its parts. The reader masks them, and a rule judges them. */
export const literalSecrets = memoizePer(findLiteralSecrets);

function findLiteralSecrets(pipeline: Pipeline): readonly LiteralSecret[] {
  const found: LiteralSecret[] = [];
  const isLeft = searchedUpTo(maxText);
  if (pipeline.script) return secretsOfScript(pipeline.script, isLeft);
  const look = (values: readonly StepValue[], step?: Step): void => {
    for (const value of values)
      for (const scalar of value.scalars)
        if (isLeft(scalar))
          for (const each of secretsOfValue(innerName(value, scalar), scalar, value.name.value, step)) found.push(each);
  };
  for (const step of allSteps(pipeline)) {
    look(step.environment, step);
    look(step.settings, step);
    for (const command of [...step.commands, ...step.command, ...step.entrypoint])
      if (isLeft(command)) for (const each of secretsOfCommand(command, step)) found.push(each);
  }
  look(pipeline.environment);
  for (const value of pipeline.token ? [...pipeline.server, pipeline.token] : pipeline.server)
    found.push(...secretsOfHost(value, value === pipeline.token));
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
function secretsOfScript({ texts }: Script, isLeft: (text: Located<string>) => boolean): readonly LiteralSecret[] {
  return texts.filter(isLeft).flatMap((text) => {
    const { kind, key } = text;
    const found: readonly LiteralSecret[] =
      key === undefined || key === 'from_secret'
        ? secretsOfText(text, kind, undefined).map((secret) => ({ ...secret, unnamed: true }))
        : secretsOfValue(key, text, key, undefined);
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
  step: Step | undefined,
): readonly LiteralSecret[] {
  const inside = secretsOfText(scalar, owner, step);
  const isNamed = name.length <= maxNameLength && credentialName.test(name) && !isNothingToJudge(scalar.value);
  if (inside.length > 0 || !isNamed) return inside;
  return [{ kind: 'named', what: name, value: scalar.value, at: scalar.at, owner, step }];
}

function secretsOfCommand(command: Located<string>, step: Step): readonly LiteralSecret[] {
  const inside = secretsOfText(command, 'commands', step);
  const text = command.value.slice(0, maxTextLength);
  const given = [...optionMatches(text)].map(({ match }) => {
    const { start, end } = secretOf(match);
    const value = text.slice(start, end);
    const what = match.groups?.name ?? 'a password';
    return { kind: 'named' as const, what, value, at: partOf(command, start, value), owner: 'commands', step };
  });
  if (given.length === 0) return inside;
  const taken = new Set(inside.map(({ at }) => at.span.start));
  return [...inside, ...given.filter(({ at, value }) => !taken.has(at.span.start) && !isWithin(value, inside))];
}

function isWithin(value: string, found: readonly LiteralSecret[]): boolean {
  return found.some((other) => value.includes(other.value));
}

/** Password, key and token with which a runner enters its build hosts. */
function secretsOfHost(value: StepValue, isToken: boolean): readonly LiteralSecret[] {
  const { name, text } = value;
  const isSecret = isToken || name.value === 'password' || name.value === 'ssh_key';
  if (!isSecret || !text || text.value === '' || isNothingToJudge(text.value)) return [];
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
function secretsOfText(located: Located<string>, owner: string, step: Step | undefined): readonly LiteralSecret[] {
  const text = located.value.slice(0, maxTextLength);
  const rest = { owner, step };
  const found: LiteralSecret[] = judgedForms(text).map(({ form, start, end }) => {
    const value = text.slice(start, end);
    return { kind: 'token', what: form.as, opens: form.opens, value, at: partOf(located, start, value), ...rest };
  });
  for (const { user, password, host: from, end } of loginsOf(text)) {
    const value = password && text.slice(password.start, password.end);
    const host = /^[A-Za-z0-9._-]{1,200}/.exec(text.slice(from, end))?.[0];
    if (!password || !value || host === undefined || /[`$]/.test(text.slice(user.start, user.end))) continue;
    if (isNothingToJudge(value) || isWithin(value, found)) continue;
    found.push({
      kind: 'url',
      what: 'the password in a URL',
      host: host.toLowerCase(),
      value,
      at: partOf(located, password.start, value),
      ...rest,
    });
  }
  return found;
}

/** Where a part of a value stands, when it is written as it reads; else the whole value stands for it. */
function partOf({ value, at }: Located<string>, start: number, part: string): Location {
  const { source, span } = at;
  if (span.end - span.start === value.length)
    return { ...at, span: { start: span.start + start, end: span.start + start + part.length } };
  const found = source.text.slice(span.start, span.end).indexOf(part);
  if (found < 0) return at;
  return { ...at, span: { start: span.start + found, end: span.start + found + part.length } };
}
