import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where a text lies in a spool: offset and length in bytes. */
export type SpoolPlace = readonly [offset: number, length: number];

/** How much is kept before it is written (bytes). */
const maxPending = 256 * 1024;

/**
 * Texts that are kept outside of memory until the process ends: in a temporary file that nobody else may read and that has no
 * name once it is open. Where there is none to be had, they stay in memory.
 */
export class Spool {
  private readonly file: number | undefined;
  private pending: Buffer[] = [];
  private pendingBytes = 0;
  /** What is written, and in memory before it where there is no file. */
  private written = 0;
  private readonly kept: Buffer[] = [];
  private readonly keptAt: number[] = [];

  constructor() {
    this.file = openUnnamed();
  }

  append(text: string): SpoolPlace {
    const bytes = Buffer.from(text);
    const offset = this.written + this.pendingBytes;
    if (this.file === undefined) {
      this.kept.push(bytes);
      this.keptAt.push(offset);
      this.written += bytes.length;
      return [offset, bytes.length];
    }
    this.pending.push(bytes);
    this.pendingBytes += bytes.length;
    if (this.pendingBytes >= maxPending) this.flush();
    return [offset, bytes.length];
  }

  read([offset, length]: SpoolPlace): string {
    if (this.file === undefined) return this.kept[this.keptAt.indexOf(offset)]?.toString() ?? '';
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

  close(): void {
    if (this.file !== undefined) closeSync(this.file);
  }

  private flush(): void {
    if (this.file === undefined || this.pendingBytes === 0) return;
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
