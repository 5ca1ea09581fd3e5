// npm run executable [-- FILE]: the tool and Node in one file for Linux, which runs where no Node is. It needs glibc, libstdc++,
// libgcc and libm, as every build of Node: distroless/cc has them; Alpine and distroless/static do not.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { inject } from 'postject';
import { definedBuild } from './build-digest.js';
import { lateBuiltins, withoutColorDetection } from './late-builtins.js';
import { executableVersion, nodeFolder } from './nodes.js';
import { buildIfStale, install, root } from './setup.js';
import { withoutSsh } from './without-ssh.js';

/**
 * Builds the executable, and beside it the licences of what is in it. Complete or absent: made aside and renamed. Throws.
 *
 * @param {string} file where to
 * @param {string} node folder of the Node that is to be in it, with `bin/node` and `LICENSE`
 * @returns {Promise<string>} its path
 */
export async function singleExecutable(
  file = join(root, 'executable/drone-audit'),
  node = nodeFolder(executableVersion),
) {
  mkdirSync(dirname(file), { recursive: true });
  const aside = mkdtempSync(join(dirname(file), 'new-'));
  try {
    await bundle(join(aside, 'cli.cjs'));
    // Compiled code fits only the version that compiled it, so that the Node that is to be in it makes the blob.
    writeFileSync(join(aside, 'config.json'), JSON.stringify(configIn(aside)));
    command(join(node, 'bin/node'), ['--experimental-sea-config', join(aside, 'config.json')]);
    const made = join(aside, 'drone-audit');
    copyFileSync(join(node, 'bin/node'), made);
    chmodSync(made, 0o755);
    // Only before: what is stripped with the blob in it crashes. Without strip the file is a seventh larger, and works.
    spawnSync('strip', [made]);
    await withoutWarnings(() =>
      inject(made, 'NODE_SEA_BLOB', readFileSync(join(aside, 'blob')), {
        // Of Node itself (src/node_sea.cc); its first digit turns to 1 where there is a blob.
        sentinelFuse: 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2',
      }),
    );
    writeFileSync(`${file}.licenses.txt`, licences(node));
    renameSync(made, file);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return file;
}

/** The whole tool as one file of CommonJS, which is all that a single executable can start with. */
function bundle(outfile) {
  return build({
    absWorkingDir: root,
    entryPoints: ['src/cli.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
    // There is no file to import from; what the command line reads beside itself are assets.
    supported: { 'dynamic-import': false },
    define: { ...definedBuild(), 'import.meta.dirname': '""' },
    plugins: [withoutSsh, lateBuiltins, withoutColorDetection],
  });
}

function configIn(aside) {
  return {
    main: join(aside, 'cli.cjs'),
    output: join(aside, 'blob'),
    disableExperimentalSEAWarning: true,
    useCodeCache: true,
    // Without it NODE_OPTIONS could load any code into the tool. Node 20 knows no such key, and obeys NODE_OPTIONS.
    execArgvExtension: 'none',
    assets: Object.fromEntries(pages().map((page) => [page, join(root, page)])),
  };
}

/** The pages that `explain` shows. */
function pages() {
  return readdirSync(join(root, 'docs/rules'), { recursive: true })
    .map((name) => `docs/rules/${name}`)
    .filter((name) => /\/[^/]+\/[^/]+\.md$/.test(name))
    .sort();
}

function licences(node) {
  const parts = [join(root, 'LICENSE'), join(root, 'dist/THIRD_PARTY_NOTICES.txt'), join(node, 'LICENSE')];
  return parts.map((path) => readFileSync(path, 'utf8').trim()).join(`\n\n${'='.repeat(72)}\n\n`);
}

/** The library that writes ELF files warns of sections that it does not know, once for each. */
async function withoutWarnings(work) {
  const { warn } = console;
  console.warn = () => {};
  try {
    await work();
  } finally {
    console.warn = warn;
  }
}

function command(name, args) {
  const { status, stderr, error } = spawnSync(name, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${name} ${args.join(' ')}: ${error?.message ?? stderr.trim()}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  install();
  buildIfStale();
  const file = await singleExecutable(process.argv[2] && resolve(process.argv[2]));
  console.log(`${file}: ${Math.round(statSync(file).size / 1e6)} MB, Node ${executableVersion}`);
}
