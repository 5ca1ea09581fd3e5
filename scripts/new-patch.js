// npm run new-patch FIXTURE MENDED [WAY]: writes bad-NAME.patch (or bad-NAME.WAY.patch) beside a bad fixture: what leads
// from it to MENDED, a changed copy of the file or folder. Needs `diff`.
import { spawnSync } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const [fixture, mended, way] = process.argv.slice(2);
if (!fixture || !mended) {
  console.error('npm run new-patch FIXTURE MENDED [WAY]');
  process.exit(2);
}
const isFolder = statSync(fixture).isDirectory();
const labels = isFolder ? [] : ['--label', `a/${basename(fixture)}`, '--label', `b/${basename(fixture)}`];
const { stdout, status } = spawnSync('diff', ['-urN', ...labels, fixture, mended], { encoding: 'utf8' });
if (status !== 1) throw new Error(status === 0 ? 'nothing was changed' : 'diff failed');
const patch = stdout
  .split('\n')
  .filter((line) => !line.startsWith('diff '))
  .map((line) => {
    const [, sign, path] = /^(---|\+\+\+) ([^\t]+)/.exec(line) ?? [];
    if (!sign || !isFolder) return line;
    const root = sign === '---' ? fixture : mended;
    return `${sign} ${sign === '---' ? 'a' : 'b'}/${path.slice(root.replace(/\/$/, '').length + 1)}`;
  })
  .join('\n');
const path = join(dirname(fixture), `${basename(fixture).split('.')[0]}${way ? `.${way}` : ''}.patch`);
writeFileSync(path, patch);
console.log(path);
