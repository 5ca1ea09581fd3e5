import { closeSync, openSync, readSync } from 'node:fs';
import { type Entry, listFolder, lstatSync, onDisk, readFileSync, realpathSync, statSync } from './file-system.ts';

/** What is said of a file or folder. */
export interface EntryFacts {
  isFile(): boolean;
  isDirectory(): boolean;
  readonly size: number;
  /** With permission bits; absent where there are none. */
  readonly mode?: number;
}

/** Reads bytes at a place of an open file into a buffer; returns how many there were. */
export type ReadAt = (into: Buffer, position: number) => number;

/**
 * Files below absolute paths: those of the disk, or of a commit as if it were checked out. Errors are those of the file
 * system, with its codes.
 */
export interface FileTree {
  list(folder: string): readonly Entry[];
  /** Of what a path leads to; links are followed. */
  facts(path: string): EntryFacts;
  /** Whether a path has something, a link that leads nowhere included. */
  isThere(path: string): boolean;
  /** The path with all links resolved. */
  real(path: string): string;
  bytes(path: string): Buffer;
  /** Opens a file, and closes it when `use` has returned. */
  withFile<T>(path: string, use: (read: ReadAt) => T): T;
}

/** What is known of the files of a tree besides what they hold. */
export interface KnownFiles {
  /** Whether nothing was found in the same content before; `isCloser`: it is one of the files that are searched for more. */
  isIdle(path: string, isCloser: boolean): boolean;
  /** Says that nothing was found in it. */
  setIdle(path: string, isCloser: boolean): void;
  /** Whether it is not for want of rights that a file could not be read. */
  isLost(path: string): boolean;
}

/** The files of this machine. */
export const disk: FileTree = {
  list: listFolder,
  facts: (path) => statSync(path),
  isThere: (path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined,
  real: realpathSync,
  bytes: (path) => readFileSync(path),
  withFile(path, use) {
    const file = openSync(onDisk(path), 'r');
    try {
      return use((into, position) => readSync(file, into, 0, into.length, position));
    } finally {
      closeSync(file);
    }
  },
};
