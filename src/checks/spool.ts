import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeptTexts } from '../model/record-cache.ts';
import type { TextPlace, TextStore } from '../model/text-store.ts';

/** How much is kept before it is written (bytes). */
const maxPending = 256 * 1024;

/**
 * Texts that are kept outside of memory until the process ends: in a temporary file that nobody else may read and that has no
 * name once it is open. Where there is none to be had, or no more room in it, they stay in memory.
 */
export class Spool implements TextStore {
  private readonly file: number | undefined;
  private isFull = false;
  /** What is in the file, and what is given out (bytes). */
  private written = 0;
  private size = 0;
  /** What is not in the file, by its offset. */
  private readonly kept = new Map<number, Buffer>();

  /** `open` gives the file, or undefined. */
  constructor(open: () => number | undefined = openUnnamed) {
    this.file = open();
  }

  append(text: string): TextPlace {
    const place = this.add(Buffer.from(text));
    if (this.size - this.written >= maxPending) this.flush();
    return place;
  }

  appendAll({ bytes, lengths }: KeptTexts): readonly TextPlace[] {
    let end = 0;
    const places = lengths.map((length) => {
      const begin = end;
      end += length;
      return this.add(bytes.subarray(begin, end));
    });
    if (this.size - this.written >= maxPending) this.flush();
    return places;
  }

  read([offset, length]: TextPlace): string {
    if (length === 0) return '';
    const there = this.kept.get(offset);
    if (there) return there.toString();
    if (this.file === undefined) throw new Error('there is no such text');
    const bytes = Buffer.allocUnsafe(length);
    let done = 0;
    while (done < length) {
      const read = readSync(this.file, bytes, done, length - done, offset + done);
      if (read === 0) throw new Error('a temporary file became shorter');
      done += read;
    }
    return bytes.toString();
  }

  private add(bytes: Buffer): TextPlace {
    const offset = this.size;
    if (bytes.length > 0) this.kept.set(offset, bytes);
    this.size += bytes.length;
    return [offset, bytes.length];
  }

  close(): void {
    if (this.file !== undefined) closeSync(this.file);
  }

  private flush(): void {
    if (this.file === undefined || this.isFull) return;
    const bytes = Buffer.concat([...this.kept.values()]);
    try {
      let done = 0;
      while (done < bytes.length) done += writeSync(this.file, bytes, done, bytes.length - done, this.written + done);
    } catch {
      // Of what is kept, nothing is lost.
      this.isFull = true;
      return;
    }
    this.written = this.size;
    this.kept.clear();
  }
}

/** A new file that is gone when it is closed; undefined where none may be made. */
function openUnnamed(): number | undefined {
  try {
    const folder = mkdtempSync(join(tmpdir(), 'drone-audit-'));
    try {
      return openSync(join(folder, 'outcomes'), 'wx+', 0o600);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  } catch {
    return undefined;
  }
}
