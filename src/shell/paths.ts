/** The folders and the name of a path, without `.` and `..`; undefined for one that leads above where it begins. */
export function partsOf(path: string): readonly string[] | undefined {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts;
}
