import { documentedSecrets, placeholders } from '../facts/documented-secrets.ts';
import { maskedStart } from './masked-start.ts';
import { looksGenerated } from './variety.ts';

/*
 * What stands where a secret could, and is none. Rules leave out more of it than masking does: a rule that speaks of a
 * placeholder is wrong, and a mask that covers one only costs a word.
 */

/**
 * Whole references, templates, switches, indicators of YAML: nothing of their own to hide. What is masked already among
 * them. A value that only begins like a reference (`@x`, `<x`, `{x`) is one that a person chose.
 */
const nothingToMask =
  /^(?:\$(?:[({].*|[?@*#!$-].*|\$?\w+(?:[/:.,;)"'\]}|&>\\-].*)?)?|%(?:[a-z](?:\\[nt])?|[a-z]+(?:_\w*)?%)|\{\{[^}]*(?:\}\}\W*)?|<[^<>]*>[^\w<]*(?:<[^<>]*>[^\w<]*)*|<|<\([a-z]+|<<.*|\([^()]*\).*|\(|@(?:-|["']?[$~./\\].*|[\w.-]*\/.*|[\w-]{1,100}\.(?:txt|pem|key|json|ya?ml|env|pass(?:wd|word)?|secret|token|enc|crt|cert|conf|cfg|ini|gpg|asc|pub|p12|pfx|jks))?|true|false|yes|no|on|off|null|none|nil|undefined|~|from_secret:?|\{\s*["']?(?:from_secret.*|name["']?:?.*)?|\[|\||>|[|>][-+0-9]*|always|never|[0-9]{1,5}|:\?.*|\\+|id=[\w.-]+(?:,[a-z]+=[^\s,]*)*|drone-audit-masked\+.*)$/is;

/** Whether the text of a value has nothing to mask: a reference to something else, a switch, a small number. */
export function isNothingToMask(value: string): boolean {
  return nothingToMask.test(value) && startOfOwnText(value) === undefined && !isSecretWithDollar(value);
}

/** Whether a value that looks like `$NAME` is a secret that begins so: names of variables are not made by machines. */
export function isSecretWithDollar(value: string): boolean {
  return /^\$\w{8,200}$/.test(value) && !/^\$[A-Z_][A-Z0-9_]*$/.test(value) && looksGenerated(value.slice(1));
}

/** A reference or template, whole: what it stands for is written elsewhere. */
const reference =
  /\{\{[^{}]{0,500}\}\}|\$\{[^{}]{0,500}\}|\$\([^()]{0,500}\)|\$(?:env:)?(?:[A-Za-z_]\w{0,100}|[0-9?@*#!$-])/gi;
/** So deep are references within others. */
const maxDepth = 4;
/** What ends a value in a command, and paths. */
const endOfValue = /^[;)\]}|&>\\"'\s\x60/.[(]/;
/** A part of a name, a version, a number. */
const namePart = /^(?:[a-z]*|v?\d*|\d+[a-z]{1,2}|v\d[\da-z]*)$/i;

/**
 * Where the text of its own begins in a value that begins with a reference, `${ENV}-text`; undefined where there is none,
 * or only names and numbers.
 */
export function startOfOwnText(value: string): number | undefined {
  if (!/^(?:\$|\{\{)/.test(value) || value.length > maxOwnLength) return undefined;
  let text = value;
  for (let depth = 0; depth < maxDepth; depth++) text = text.replace(reference, (whole) => '\0'.repeat(whole.length));
  const start = text.lastIndexOf('\0') + 1;
  const rest = text.slice(start);
  // What is left open was cut off: its end is not known.
  if (start === 0 || /[$({]/.test(text) || endOfValue.test(rest)) return undefined;
  const lead = /^[:@,=_-]*/.exec(rest)?.[0].length ?? 0;
  const own = rest.slice(lead);
  if (/[\s;|&<>]/.test(own) || own.length < minOwnLength) return undefined;
  const isNamed = own.split(/[@:/?&=,._-]/).every((part) => namePart.test(part));
  return isNamed && !/^[a-z]{4,}\d{1,4}$/i.test(own) ? undefined : start + lead;
}

/** Longer values are programs, and shorter texts signs of them (UTF-16 units). */
const maxOwnLength = 2000;
const minOwnLength = 4;

/**
 * References and templates, secrets of BuildKit by their id, switches, paths, addresses without a password, files, and
 * what is masked and was one of them.
 */
const nothingToJudge =
  /^(?:\s*|["']?[$<{@%].*|.*(?:\$\{|\$\(|\{\{).*|id=.*|true|false|yes|no|on|off|null|none|~|[0-9]{1,5}|\.{0,2}\/.*|~\/.*|[a-z][a-z0-9+.-]{0,20}:\/\/[^@]*|[\w./-]{1,200}\.(?:pem|key|json|ya?ml|txt|asc|gpg|pub|crt|p12|pfx|jks|env|enc|pass)|drone-audit-masked(?:\+[a-z0-9=.+-]*\+look=i.*)?)$/is;

/** Whether the text of a value is no credential for a rule to speak of, whatever it is called. */
export function isNothingToJudge(value: string): boolean {
  return nothingToJudge.test(value);
}

/** Texts that say themselves that they are no credential. */
const madeUp = /^your|example|sample|dummy|fake|placeholder|redacted|censored|x{5,}|\*{3,}|0{8,}|123456|abcdef/i;
/** Longer texts are no placeholders, and patterns are not tried on them (UTF-16 units). */
const maxPlaceholderLength = 200;

/** Whether a text stands where a secret should have been filled in. */
export function isPlaceholder(value: string): boolean {
  const text = value.trim();
  if (text.startsWith(maskedStart)) return text.includes('+known=placeholder+');
  return text.length <= maxPlaceholderLength && placeholders.some(({ pattern }) => pattern.test(text));
}

/** `${NAME}`, `${NAME:?text}`, `"$NAME"` in quotes, expressions of templates: whole, and with no text of their own for what is not there. */
const wholeReference =
  /^(?:\$\{\w+(?::?\?[^{}]{0,500}|:?-)?\}|<%=[^%\n"']{0,200}%>|\{\{[^{}"']{0,200}\}\}|<\+[^<>\n]{1,200}>|<path:[^<>\s]{1,300}>|ENC\[AES256_GCM,[^\]]{1,10000}\]|\\?["'](?:\\?["'])?\$\{?\w+\}?(?:\\?["']){1,2})$/;

/** Whether a value says where the secret is, and nothing of it. */
export function isReference(value: string): boolean {
  return wholeReference.test(value);
}

/** Whether a literal of a pipeline is printed in documentation, a placeholder, or says that it is made up. */
export function isSample(value: string): boolean {
  const text = value.trim();
  if (text.startsWith(maskedStart)) return /\+look=[iog]*sj?\+/.test(text);
  const isDocumented = documentedSecrets.some(
    (sample) => sample.value === text && sample.use.some((use) => use === 'pipeline' || use === 'any'),
  );
  return isDocumented || isPlaceholder(text) || madeUp.test(text);
}
