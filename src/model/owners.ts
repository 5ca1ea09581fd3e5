/** How many brackets of a path are looked at: those of the pipeline and the step, and some in their names. */
const maxBrackets = 20;

/** What a place is in, by its path, from the outside in: the pipeline, and then its step. `owners` are by their paths. */
export function ownersOf<Owner>(path: string, owners: ReadonlyMap<string, Owner>): readonly Owner[] {
  const found: Owner[] = [];
  let end = path.indexOf(']');
  for (let tried = 0; end >= 0 && tried < maxBrackets; tried++, end = path.indexOf(']', end + 1)) {
    const owner = owners.get(path.slice(0, end + 1));
    if (owner !== undefined) found.push(owner);
  }
  return found;
}
