// Brings a fresh clone to where it can run: installs the packages and builds, each only when it is missing or stale.
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../', import.meta.url));

/** Runs a command in the project's folder; ends this process with its status when it fails. */
export function run(command, args, environment = {}) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...environment } });
  if (status !== 0) process.exit(status ?? 1);
}

function changed(path) {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function newest(folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('generated'))
    .reduce((latest, entry) => Math.max(latest, statSync(join(entry.parentPath, entry.name)).mtimeMs), 0);
}

/**
 * Installs what package-lock.json names. Says so on standard error, since it takes its time. A node_modules that is a link
 * belongs to another checkout, which npm would empty.
 */
export function install() {
  if (lstatSync(join(root, 'node_modules'), { throwIfNoEntry: false })?.isSymbolicLink()) return;
  if (changed('node_modules/.package-lock.json') >= changed('package-lock.json')) return;
  console.error('drone-audit: installing packages, once');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--ignore-scripts']);
}

/** Builds dist when a source is newer than it. */
export function buildIfStale() {
  const sources = Math.max(
    newest('src'),
    changed('package.json'),
    changed('schemas/config.schema.json'),
    changed('scripts/build.js'),
  );
  if (existsSync(join(root, 'dist/cli.js')) && changed('dist/meta.json') >= sources) return;
  console.error('drone-audit: building');
  run(process.execPath, ['scripts/build.js']);
}
