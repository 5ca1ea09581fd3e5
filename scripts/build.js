// Builds dist/: one entry, chunks that are loaded when used, and the licences of what is bundled.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import './generate.js';

const root = fileURLToPath(new URL('../', import.meta.url));

/**
 * The engine check needs neither ssh:// (refused), nor BuildKit sessions. Without these the Docker library is a tenth of
 * its size and has no native part.
 */
const withoutSsh = {
  name: 'without-ssh',
  setup(builder) {
    const filter = /^(?:ssh2|cpu-features|@grpc\/grpc-js|@grpc\/proto-loader|protobufjs)$/;
    builder.onResolve({ filter }, ({ path }) => ({ path, namespace: 'absent' }));
    builder.onLoad({ filter: /.*/, namespace: 'absent' }, () => ({ contents: 'module.exports = {};' }));
  },
};

const banner = `import { createRequire as __createRequire } from 'node:module';
import { fileURLToPath as __fileURLToPath } from 'node:url';
const require = __createRequire(import.meta.url);
const __filename = __fileURLToPath(import.meta.url);
const __dirname = __fileURLToPath(new URL('.', import.meta.url));`;

rmSync(join(root, 'dist'), { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: ['src/cli.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minify: true,
  keepNames: false,
  legalComments: 'none',
  chunkNames: 'chunks/[name]-[hash]',
  banner: { js: banner },
  plugins: [withoutSsh],
  metafile: true,
  logLevel: 'warning',
});
writeFileSync(join(root, 'dist/meta.json'), JSON.stringify(metafile));
writeFileSync(join(root, 'dist/THIRD_PARTY_NOTICES.txt'), notices(Object.keys(metafile.inputs)));

/** Names, versions and licence texts of the packages that ended up in the bundle. */
function notices(inputs) {
  const packages = new Map();
  for (const input of inputs) {
    if (!input.startsWith('node_modules/')) continue;
    let folder = dirname(join(root, input));
    while (!existsSync(join(folder, 'package.json')) || !JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).name)
      folder = dirname(folder);
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
    const text = file ? readFileSync(join(folder, file), 'utf8').trim() : '';
    packages.set(name, `${name} ${version}, ${license}\n\n${text}\n`);
  }
  return [...packages.keys()].sort().map((name) => packages.get(name)).join(`\n${'-'.repeat(72)}\n\n`);
}
