/** Rule ids that are no longer used, and their successors; an id never gets another meaning. */
export const retired: ReadonlyMap<string, string> = new Map();
