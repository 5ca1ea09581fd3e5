import type { Location, Source } from '../../model/source.ts';
import { isSecretKey } from '../../secrets/parts.ts';
import { isNothingToMask } from '../../secrets/placeholders.ts';
import { secretOfHeader, secretsInWords } from '../secret-words.ts';
import { isNull, type Node, place } from '../yaml/tree.ts';
import { isReference } from './marks.ts';
import { below, textOf } from './tree.ts';

/**
 * Secrets anywhere below a node, in kinds of objects too that are not read: the values of variables and of HTTP headers
 * by the name beside them, and words of commands that follow an option.
 */
export function secretsBelow(source: Source, root: Node, path: string): readonly Location[] {
  const found: Location[] = [];
  const seen = new Set<Node>();
  const visit = (node: Node): void => {
    if (node.kind === 'scalar' || seen.has(node)) return;
    seen.add(node);
    if (node.kind === 'seq') {
      const words = node.items.flatMap((item) =>
        item.kind === 'scalar' && !isNull(item) ? [{ value: item.text, at: place(source, path, item) }] : [],
      );
      for (const secret of secretsInWords(words)) found.push(secret);
      node.items.forEach(visit);
      return;
    }
    const name = textOf(below(node, 'name'));
    const value = below(node, 'value');
    const text = textOf(value);
    if (value && name && text && isSecretKey(name) && !isReference(text) && !isNothingToMask(text))
      found.push(secretOfHeader({ value: text, at: place(source, path, value) }));
    for (const entry of node.entries) visit(entry.value);
  };
  visit(root);
  return found;
}
