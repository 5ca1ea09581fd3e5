// Builds dist/:
//   cli.js             loader.cjs, which runs the bundles, and begins with the command line
//   command-line.cjs   the command line; loads the rest when a command needs it
//   commands.cjs       everything else in one file
//   dockerode.cjs      the Docker library, loaded only when an engine is asked
//   compiled/          the bundles as V8 compiled them: for this Node, and with --all-nodes, or when published, for each line of Node
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import './generate.js';
import { definedBuild } from './build-digest.js';
import { lateBuiltins, withoutColorDetection } from './late-builtins.js';
import { nodeFolder, versions } from './nodes.js';
import { withoutSsh } from './without-ssh.js';

const root = fileURLToPath(new URL('../', import.meta.url));
const commands = readdirSync(join(root, 'src/commands')).filter((file) =>
  /^export (?:async )?function/m.test(readFileSync(join(root, 'src/commands', file), 'utf8')),
);
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  // node:vm knows no import(): what is loaded later is required.
  supported: { 'dynamic-import': false },
  minify: true,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
};

const defined = definedBuild();

/** Leaves an import to another bundle of dist. */
const elsewhere = (filter, path) => ({
  name: `elsewhere-${path}`,
  setup: (builder) =>
    builder.onResolve({ filter }, ({ kind }) => (kind === 'dynamic-import' ? { path, external: true } : undefined)),
});

// Aside first: a build that fails leaves what worked.
const aside = 'dist.new';
rmSync(join(root, aside), { recursive: true, force: true });
const built = await Promise.all([
  bundle('command-line', {
    entryPoints: ['src/cli.ts'],
    define: { 'import.meta.dirname': '__dirname' },
    plugins: [elsewhere(/^\.\/commands\//, './commands.cjs'), lateBuiltins],
  }),
  bundle('commands', {
    stdin: { contents: commands.map((file) => `export * from './src/commands/${file}';`).join('\n'), resolveDir: root },
    plugins: [elsewhere(/^dockerode$/, './dockerode.cjs'), lateBuiltins, withoutColorDetection],
  }),
  bundle('dockerode', {
    stdin: { contents: "module.exports = require('dockerode');", resolveDir: root },
    plugins: [withoutSsh],
  }),
]);

function bundle(name, { define, ...options }) {
  return build({ ...common, ...options, define: { ...defined, ...define }, outfile: `${aside}/${name}.cjs` });
}

// The loader reads the bundles as ASCII. esbuild escapes strings, and leaves regular expressions as they are: `\u2026` there.
for (const name of ['command-line', 'commands']) {
  const foreign = /.{0,40}[\u0080-\u{10ffff}].{0,20}/u.exec(readFileSync(join(root, aside, `${name}.cjs`), 'utf8'));
  if (foreign) throw new Error(`dist/${name}.cjs has to be ASCII: ${foreign[0]}`);
}

const outputs = Object.fromEntries(
  built.flatMap(({ metafile }) =>
    Object.entries(metafile.outputs).map(([name, output]) => [name.replace(aside, 'dist'), output]),
  ),
);
copyFileSync(join(root, 'scripts/loader.cjs'), join(root, aside, 'cli.js'));
writeFileSync(join(root, aside, 'package.json'), '{ "type": "commonjs" }\n');
writeFileSync(
  join(root, aside, 'THIRD_PARTY_NOTICES.txt'),
  notices(Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs))),
);

// What a scan runs is compiled by then, and so part of it. Without it everything works, only slower.
const isForAll = process.argv.includes('--all-nodes') || process.env.npm_command === 'publish';
const nodes = isForAll ? versions.map((version) => join(nodeFolder(version), 'bin/node')) : [];
for (const node of [process.execPath, ...nodes])
  spawnSync(node, [`${aside}/cli.js`, 'scan', 'examples/careless', '--no-config'], {
    cwd: root,
    stdio: 'ignore',
    env: { ...process.env, DRONE_AUDIT_COMPILE: '1' },
  });
// Last: its time says that all of it is there.
writeFileSync(join(root, aside, 'meta.json'), JSON.stringify({ outputs }));

rmSync(join(root, 'dist'), { recursive: true, force: true });
renameSync(join(root, aside), join(root, 'dist'));

/** Names, versions and licence texts of the packages that ended up in the bundle. */
function notices(inputs) {
  const packages = new Map();
  for (const input of inputs) {
    if (!input.startsWith('node_modules/')) continue;
    let folder = dirname(join(root, input));
    while (
      !existsSync(join(folder, 'package.json')) ||
      !JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).name
    )
      folder = dirname(folder);
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
    const text = file ? readFileSync(join(folder, file), 'utf8').trim() : '';
    packages.set(name, `${name} ${version}, ${license}\n\n${text}\n`);
  }
  return [...packages.keys()]
    .sort()
    .map((name) => packages.get(name))
    .join(`\n${'-'.repeat(72)}\n\n`);
}
