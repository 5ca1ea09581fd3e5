import { folderOf } from '../../model/file-name.ts';
import type { Source } from '../../model/source.ts';

/** Objects of one name. */
interface Namesakes<T> {
  readonly bySource: Map<Source, T>;
  readonly byFolder: Map<string, { readonly source: Source; readonly object: T | 'ambiguous' }>;
  readonly all: Set<Source>;
  last: T;
}

/**
 * Finds what a manifest means by a name. Of several objects the one in the same file is meant, or else the one in the
 * same folder, because overlays and other clusters often repeat a name; the last, if a file or folder repeats it.
 */
export class Nearby<T> {
  private readonly byKey = new Map<string, Namesakes<T>>();

  add(key: string, source: Source, object: T): void {
    const found = this.byKey.get(key) ?? { bySource: new Map(), byFolder: new Map(), all: new Set(), last: object };
    this.byKey.set(key, found);
    const folder = folderOf(source);
    const other = found.byFolder.get(folder);
    found.bySource.set(source, object);
    found.byFolder.set(folder, { source, object: other && other.source !== source ? 'ambiguous' : object });
    found.all.add(source);
    found.last = object;
  }

  /** Undefined if there is none. */
  find(key: string, from: Source): T | 'ambiguous' | undefined {
    const found = this.byKey.get(key);
    if (!found) return undefined;
    const near = found.bySource.get(from) ?? found.byFolder.get(folderOf(from))?.object;
    return near ?? (found.all.size === 1 ? found.last : 'ambiguous');
  }
}
