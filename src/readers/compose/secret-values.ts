import { type Location, nameInPath } from '../../model/source.ts';
import { secretsInLabels, secretsInWords } from '../secret-words.ts';
import { labelsOf, wordsOf } from './service.ts';
import { type Mapping, placeOf, readScalar, type Value, valueAt } from './tree.ts';

/**
 * Secrets that their place in a file tells: the text of a secret, what follows an option in a list or on the next line
 * of a command, and labels. Also in fragments, and in what another file replaces.
 */
export function secretValues(root: Mapping): readonly Location[] {
  const found: Location[] = contentsOf(root);
  const take = (secrets: readonly Location[]): void => {
    for (const secret of secrets) found.push(secret);
  };
  const seen = new Set<Value>();
  const visit = (value: Value, key: string): void => {
    if (seen.has(value)) return;
    seen.add(value);
    if (value.kind === 'list') {
      const words = value.items.flatMap((item) => (item.kind === 'scalar' ? [item] : []));
      take(secretsInWords(words.map((word) => ({ value: word.raw, at: placeOf(word, '') }))));
      for (const item of value.items) visit(item, '');
    } else if (value.kind === 'map') {
      take(secretsInLabels(labelsOf(value, '')));
      for (const field of value.fields.values()) visit(field.value, field.key);
    } else if (value.kind === 'scalar' && /^(?:command|entrypoint|test)$/.test(key))
      take(secretsInWords(wordsOf(value, '')));
  };
  visit(root, '');
  return found;
}

/** `secrets: {name: {content: text}}` */
function contentsOf(root: Mapping): Location[] {
  const secrets = valueAt(root, 'secrets');
  return [...(secrets?.kind === 'map' ? secrets.fields.values() : [])].flatMap(({ key, value }) => {
    const content = valueAt(value, 'content');
    if (content?.kind !== 'scalar') return [];
    const { text, at, fallback } = readScalar(content, `secrets[${nameInPath(key)}].content`);
    return fallback ? [fallback.at] : text === undefined ? [] : [at];
  });
}
