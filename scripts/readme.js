// Writes the output that README.md shows; part of npm run update.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setup.js';

const { stdout } = spawnSync(process.execPath, ['bin/drone-audit.js', 'scan', 'examples/careless/web'], {
  cwd: root,
  encoding: 'utf8',
  env: { PATH: process.env.PATH },
});
const file = join(root, 'README.md');
const text = readFileSync(file, 'utf8');
writeFileSync(
  file,
  text.replace(
    /(\$ drone-audit scan examples\/careless\/web\n```\n\n```\n)[\s\S]*?(```\n)/,
    (_, head, tail) => head + stdout + tail,
  ),
);

// Its test writes it anew.
rmSync(join(root, 'docs/forms.md'), { force: true });
