import { memoizePer } from '../../model/memoize.ts';
import { field, type SequenceNode } from '../yaml/tree.ts';

/** How long a name in paths and labels may be: a path is repeated for every value below it. */
const maxNameLength = 80;

/**
 * A name in the form that a path, label or message can hold: one line, not too long, without characters that move the
 * cursor.
 */
export function inPath(name: string): string {
  const cut = name.length > maxNameLength ? `${name.slice(0, maxNameLength)}…` : name;
  return cut.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g, '?');
}

/** Makes names unique: the second `build` becomes `build#2`. */
export function namer(): (name: string) => string {
  const seen = new Map<string, number>();
  return (name) => {
    const short = inPath(name);
    const count = (seen.get(short) ?? 0) + 1;
    seen.set(short, count);
    return count === 1 ? short : `${short}#${count}`;
  };
}

/** The names of a list's items in paths: their `name` if they have one, otherwise their position from 0. */
export const itemNames = memoizePer((list: SequenceNode): readonly string[] => {
  const unique = namer();
  return list.items.map((item, index) => {
    const name = field(item, 'name')?.value;
    return name?.kind === 'scalar' && name.text !== '' ? unique(name.text) : String(index);
  });
});
