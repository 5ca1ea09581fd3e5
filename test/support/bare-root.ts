import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Puts programs of this machine, and the libraries that they are linked with, where a container will have them. */
export function bareRoot(root: string, programs: Readonly<Record<string, string>>): void {
  for (const [path, program] of Object.entries(programs)) {
    copyInto(root, path, program);
    for (const [, library] of execFileSync('ldd', [program], { encoding: 'utf8' }).matchAll(/(\/\S+) \(0x/g))
      if (library) copyInto(root, library, library);
  }
}

function copyInto(root: string, path: string, file: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  copyFileSync(file, join(root, path));
}
