/*
 * Paths as a compose file writes them: forward slashes, relative to its project folder. Never resolved against a disk.
 */

/** Whether a path starts at a root, a home folder or a Windows drive, and therefore not in the project's folder. */
export function isAbsolute(path: string): boolean {
  return /^(?:[/\\~]|[A-Za-z]:)/.test(path);
}

/** `./b` in folder `a` is `a/b`; empty for the folder itself. Steps up stay in front. */
export function joinPath(folder: string, path: string): string {
  if (isAbsolute(path)) return path;
  const steps: string[] = [];
  if (isAbsolute(folder)) return `${folder.replace(/(?<![/\\])[/\\]+$/, '')}/${path}`;
  for (const step of `${folder}/${path}`.split('/')) {
    if (step === '' || step === '.') continue;
    if (step === '..' && steps.length > 0 && steps.at(-1) !== '..') steps.pop();
    else steps.push(step);
  }
  return steps.join('/');
}

/** The folder of a path; empty if it has none. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash) || '/';
}

/** A bind source in canonical spelling: `./data/` is `./data`, `/srv//drone/` is `/srv/drone`; `~` and drives stay. */
export function bindSource(folder: string, path: string): string {
  if (/^[~\\]|^[A-Za-z]:/.test(path)) return path;
  if (path.startsWith('/')) return `/${joinPath('', path.replace(/^\/+/, '')).replace(/^(?:\.\.\/?)+/, '')}`;
  const joined = joinPath(folder, path);
  if (joined === '') return '.';
  return joined.startsWith('..') || joined.startsWith('/') ? joined : `./${joined}`;
}
