import type { Source } from './source.ts';

/** The last part of a path. */
export function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The folder of a source with its slash; empty for the current one. */
export function folderOf({ name }: Pick<Source, 'name'>): string {
  return name.slice(0, name.lastIndexOf('/') + 1);
}
