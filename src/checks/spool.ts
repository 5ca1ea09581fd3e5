import { mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryStore, type TextPlace, type TextStore } from '../model/text-store.ts';

/**
 * Texts that are kept outside of memory until the process ends: in a temporary file that nobody else may read and that has no
 * name once it is open. Where there is none to be had, they stay in memory.
 */
export function temporaryStore(): TextStore {
  const file = openUnnamed();
  return file === undefined ? memoryStore() : new Spool(file);
}

/** How much is kept before it is written (bytes). */
const maxPending = 256 * 1024;

/** Texts in a file, by offset and length in bytes. */
class Spool implements TextStore {
  private readonly file: number;
  private pending: Buffer[] = [];
  private pendingBytes = 0;
  private written = 0;

  constructor(file: number) {
    this.file = file;
  }

  append(text: string): TextPlace {
    const bytes = Buffer.from(text);
    const offset = this.written + this.pendingBytes;
    this.pending.push(bytes);
    this.pendingBytes += bytes.length;
    if (this.pendingBytes >= maxPending) this.flush();
    return [offset, bytes.length];
  }

  read([offset, length]: TextPlace): string {
    this.flush();
    const bytes = Buffer.allocUnsafe(length);
    let done = 0;
    while (done < length) {
      const read = readSync(this.file, bytes, done, length - done, offset + done);
      if (read === 0) throw new Error('a temporary file became shorter');
      done += read;
    }
    return bytes.toString();
  }

  private flush(): void {
    if (this.pendingBytes === 0) return;
    const bytes = Buffer.concat(this.pending);
    let done = 0;
    while (done < bytes.length) done += writeSync(this.file, bytes, done, bytes.length - done, this.written + done);
    this.written += bytes.length;
    this.pending = [];
    this.pendingBytes = 0;
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
