// npm run update: writes anew whatever is derived: the README's output and picture, and every file or inline snapshot that a test
// compares (rule pages, docs/cli.md, docs/forms.md, the schema, reports). Runs the tests that compare, and no others.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildIfStale, install, root, run } from './setup.js';

install();
buildIfStale();

const readme = join(root, 'README.md');
// What follows a command of ours in the README is what it prints.
writeFileSync(
  readme,
  readFileSync(readme, 'utf8').replace(
    /(\n```\n\$ drone-audit ([^\n]+)\n```\n\n```\n)[\s\S]*?(```\n)/g,
    (_, head, args, tail) => head + printed(args.split(' ')) + tail,
  ),
);

// The tests write the page of each rule; that of a rule that is gone would stay.
for (const page of filesBelow('docs/rules', '.md')) {
  const rule = page.replace(/^docs\/rules/, 'src/rules').replace(/\.md$/, '.ts');
  if (page !== 'docs/rules/README.md' && !existsSync(join(root, rule))) rmSync(join(root, page));
}

// By their text, so that a new one needs no entry anywhere.
const comparing = filesBelow('test', '.test.ts').filter((file) =>
  /\.toMatch(?:File|Inline)?Snapshot\(/.test(readFileSync(join(root, file), 'utf8')),
);
// `-u FILE` would take FILE for its value and run everything. Without isolation the rules are loaded once a worker.
run('node_modules/.bin/vitest', ['run', ...comparing, '--update=all', '--no-isolate']);

function printed(args) {
  const { stdout } = spawnSync(process.execPath, ['bin/drone-audit.js', ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { PATH: process.env.PATH },
  });
  return stdout;
}

/** Paths from the root, with forward slashes. */
function filesBelow(folder, ending) {
  return readdirSync(join(root, folder), { recursive: true })
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .filter((name) => name.endsWith(ending))
    .sort();
}
