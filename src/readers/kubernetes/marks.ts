import type { Reading } from '../../model/reading.ts';
import type { Source } from '../../model/source.ts';
import { say, type Text } from '../../model/text.ts';
import { isSecretWithDollar } from '../../secrets/placeholders.ts';
import { isCertain, mentionIn } from '../mentions.ts';
import type { Yaml } from '../yaml/parse.ts';
import { parseTemplate, templateMark } from '../yaml/template.ts';

/*
 * Marks that something else replaces before Kubernetes sees the text. Helm and Jinja write `{{ }}` and `{% %}`: where
 * the structure itself depends on them, nothing can be said; inside a value, only that value is unknown.
 */

/** The documents of a text, none if it is a template whose structure is not known; `command` renders it. */
export function parseManifests(
  source: Source,
  command: Text,
): Pick<Yaml, 'documents'> & Pick<Reading, 'problems' | 'unknown'> {
  const { documents, problems, mark, decides } = parseTemplate(source);
  if (!mark) return { documents, problems, unknown: [] };
  const message = say`is a template; render it first (${command})`;
  const place = mentionIn(source.text);
  const incomplete = place !== undefined && isCertain(place);
  return {
    documents: decides || problems.length > 0 ? [] : documents,
    problems: [{ kind: 'unsupported', source: source.name, message, incomplete }],
    unknown: [{ at: { source, path: '', span: mark }, message }],
  };
}

const references: readonly RegExp[] = [
  templateMark,
  // envsubst, Flux and Terraform
  /\$\{[A-Za-z_]/,
  /^\$[A-Za-z_][A-Za-z0-9_]*$/,
  // Argo CD vault plugin, SOPS, bank-vaults, vals, 1Password
  /<path:/,
  /^ENC\[/,
  /^vault:[^#]*#/,
  /^ref\+/,
  /^op:\/\//,
  // Harness
  /<\+[\w.]/,
];

/** Whether a value only says where the real one is: a template mark, `${NAME}`, the reference of a secret tool. */
export function isReference(text: string): boolean {
  return !isSecretWithDollar(text) && references.some((reference) => reference.test(text));
}
