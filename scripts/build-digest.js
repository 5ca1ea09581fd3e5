import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));

/**
 * What bundles define for src/version.ts: a digest of everything that the tool is built from, the same on every machine, and another
 * one as soon as the tool is.
 */
export function definedBuild() {
  const sources = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(root.length).replaceAll('\\', '/'));
  const hash = createHash('sha256');
  for (const path of ['package.json', 'package-lock.json', ...sources].sort()) {
    const text = readFileSync(join(root, path));
    hash.update(JSON.stringify([path, text.length])).update(text);
  }
  return { builtFrom: JSON.stringify(hash.digest('hex')) };
}
