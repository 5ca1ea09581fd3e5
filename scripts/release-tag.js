// npm run release-tag: tags the release of the current commit, v and the version of package.json. What is tagged is not this
// commit, but one behind it that holds what the package of npm holds, dist included, so that the tag can be installed as it
// is: pre-commit installs from git, where nothing is built (npm install --global git+file://…). The branch gets a merge of it
// that leaves every file as it was, because pre-commit looks for new releases among the tags that the branch leads to.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root, run } from './setup.js';

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const tag = `v${manifest.version}`;

if (git('status', '--porcelain') !== '') refuse('there are changes that no commit has');
if (git('tag', '--list', tag) !== '') refuse(`there is a tag ${tag} already`);
run(process.execPath, ['scripts/build.js']);

const stage = mkdtempSync(join(tmpdir(), 'drone-audit-release-'));
try {
  copyTo(stage);
  const commit = commitOf(stage);
  git('tag', '--annotate', '--message', `drone-audit ${manifest.version}`, tag, commit);
  git('merge', '--quiet', '--strategy', 'ours', '--message', `release: ${tag}`, commit);
  console.log(`tagged ${tag}; now: git push origin HEAD ${tag}`);
} finally {
  rmSync(stage, { recursive: true, force: true });
}

function copyTo(folder) {
  for (const name of [...manifest.files, 'LICENSE', 'README.md', '.pre-commit-hooks.yaml']) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  // Compiled code is of this Node alone, and differs each time; the rest can be built again and compared.
  for (const name of ['compiled', 'meta.json']) rmSync(join(folder, 'dist', name), { recursive: true, force: true });
  // Where there are scripts to build with, npm installs what they need before it packs what comes from git.
  const { scripts, devDependencies, ...rest } = manifest;
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(rest, null, 2)}\n`);
}

/** A commit of what is in the folder, behind the current one and of its time. */
function commitOf(folder) {
  const index = { GIT_INDEX_FILE: `${folder}.index` };
  const time = git('log', '-1', '--format=%cI');
  try {
    gitWith(index, `--work-tree=${folder}`, 'add', '--force', '--all', ':/');
    const tree = gitWith(index, 'write-tree');
    const dates = { GIT_AUTHOR_DATE: time, GIT_COMMITTER_DATE: time };
    return gitWith(dates, 'commit-tree', '-p', 'HEAD', '-m', `release: build ${tag}`, tree);
  } finally {
    rmSync(index.GIT_INDEX_FILE, { force: true });
  }
}

function git(...args) {
  return gitWith({}, ...args);
}

function gitWith(environment, ...args) {
  const { status, stdout, stderr } = spawnSync('git', args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
  if (status !== 0) refuse(`git ${args[0]}: ${stderr.trim()}`);
  return stdout.trim();
}

function refuse(reason) {
  console.error(`release-tag: ${reason}`);
  process.exit(1);
}
