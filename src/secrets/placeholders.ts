import { documentedSecrets, placeholders } from '../facts/documented-secrets.ts';

/*
 * What stands where a secret could, and is none. Rules leave out more of it than masking does: a rule that speaks of a
 * placeholder is wrong, and a mask that covers one only costs a word.
 */

/**
 * Whole references, templates, switches, indicators of YAML: nothing of their own to hide. What is masked already among
 * them. A value that only begins like a reference (`@x`, `<x`, `{x`) is one that a person chose.
 */
const nothingToMask =
  /^(?:\$(?:[({].*|[?@*#!$-].*|\$?\w+(?:[/:.,;)"'\]}|&>\\-].*)?)?|%(?:[a-z](?:\\[nt])?|\w+%)|\{\{[^}]*(?:\}\}\W*)?|<[^<>]*>.*|<|<<.*|\([^()]*\).*|\(|@(?:-|["']?[$~./\\].*|[\w.-]*\/.*|[\w-]{1,100}\.[a-z]{2,6})?|true|false|yes|no|on|off|null|none|nil|undefined|~|from_secret:?|\{\s*["']?(?:from_secret.*|name["']?:?.*)?|\[|\||>|[|>][-+0-9]*|always|never|[0-9]{1,5}|:\?.*|id=.*|drone-audit-masked\(.*)$/is;

/** Whether the text of a value has nothing to mask: a reference to something else, a switch, a small number. */
export function isNothingToMask(value: string): boolean {
  return nothingToMask.test(value);
}

/**
 * References and templates, secrets of BuildKit by their id, switches, paths, addresses without a password, files, and
 * what is masked already: its parenthesis may be cut off, as the end of a word of a command.
 */
const nothingToJudge =
  /^(?:\s*|["']?[$<{@%].*|.*(?:\$\{|\$\(|\{\{).*|id=.*|true|false|yes|no|on|off|null|none|~|[0-9]{1,5}|\.{0,2}\/.*|~\/.*|[a-z][a-z0-9+.-]{0,20}:\/\/[^@]*|[\w./-]{1,200}\.(?:pem|key|json|ya?ml|txt|asc|gpg|pub|crt|p12|pfx|jks|env|enc|pass)|drone-audit-masked(?:\(.*)?)$/is;

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
  return text.length <= maxPlaceholderLength && placeholders.some(({ pattern }) => pattern.test(text));
}

/** Whether a literal of a pipeline is printed in documentation, a placeholder, or says that it is made up. */
export function isSample(value: string): boolean {
  const text = value.trim();
  const isDocumented = documentedSecrets.some(
    (sample) => sample.value === text && sample.use.some((use) => use === 'pipeline' || use === 'any'),
  );
  return isDocumented || isPlaceholder(text) || madeUp.test(text);
}
