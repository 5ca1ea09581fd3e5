import { pipelineTypes } from '../../facts/platforms.ts';
import { addTo } from '../../model/groups.ts';
import { memoizePer } from '../../model/memoize.ts';
import { runnerShape, type Shape, type StructShape } from './shapes.ts';

/** The path to a struct: the keys from the outermost one down, `''` for any key of a map. Services count as steps. */
export type Trail = readonly string[];

/**
 * Where else in a document a key is known, in words: `a step`, `"when" of a step`. The place nearest to `here`, which
 * for a wrongly indented key is the level above or below; undefined if the document has no such key.
 */
export function knownElsewhere(key: string, root: StructShape, here: Trail): string | undefined {
  let best: Trail | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const trail of trailsIn(root).get(key) ?? []) {
    const distance = distanceOf(here, trail);
    if (distance < least) [best, least] = [trail, distance];
  }
  return best && inWords(best, root);
}

/** The types of pipelines that know a key at this very place, although the type at hand does not. */
export function typesThatKnow(key: string, here: Trail): readonly string[] {
  return pipelineTypes.filter((type) => {
    const root = runnerShape('pipeline', type);
    return (
      root &&
      trailsIn(root)
        .get(key)
        ?.some((trail) => distanceOf(here, trail) === 0)
    );
  });
}

/** Follows the path of keys, with the keys of maps spelt out, through a document from its outermost struct. */
export function trailOf(root: StructShape, keys: readonly string[]): Trail {
  const trail: string[] = [];
  let shape: Shape | undefined = root;
  for (const key of keys) {
    shape = structOf(shape);
    if (shape?.is === 'struct') {
      shape = shape.fields.get(key);
      trail.push(key === 'services' ? 'steps' : key);
    } else {
      shape = shape?.is === 'map' ? shape.of : undefined;
      trail.push('');
    }
  }
  return trail;
}

/** What holds the keys of a value: the struct of an item, or of the long form of a value. */
function structOf(shape: Shape | undefined): Shape | undefined {
  if (shape?.is === 'list') return structOf(shape.of);
  return shape?.is === 'either' ? shape.or : shape;
}

/** Cached, because it is the same for every document of a type. */
const trailsIn = memoizePer((root: StructShape): ReadonlyMap<string, readonly Trail[]> => {
  const found = new Map<string, Trail[]>();
  const visit = (shape: Shape | undefined, trail: Trail): void => {
    const inner = structOf(shape);
    if (inner?.is === 'map') visit(inner.of, [...trail, '']);
    if (inner?.is !== 'struct') return;
    for (const [key, field] of inner.fields) {
      addTo(found, key, trail);
      if (key !== 'services') visit(field, [...trail, key]);
    }
  };
  visit(root, []);
  return found;
});

/** The number of steps up and down from one place to another. */
function distanceOf(from: Trail, to: Trail): number {
  let shared = 0;
  while (shared < from.length && shared < to.length && from[shared] === to[shared]) shared += 1;
  return from.length + to.length - 2 * shared;
}

function inWords(trail: Trail, root: StructShape): string {
  const last = trail.at(-1);
  if (last === undefined) return root.fields.has('steps') ? 'the pipeline' : 'the document';
  if (trail.length === 1 && last === 'steps') return 'a step';
  return `${last === '' ? 'a value' : `"${last}"`} of ${inWords(trail.slice(0, -1), root)}`;
}
