// Builds dist/:
//   cli.js         the command line (ESM); loads the rest when a command needs it
//   commands.js    loader.js with the names of the commands: runs commands.cjs from V8's code cache
//   commands.cjs   everything else in one file, commands.cache the compiled form of it for this Node
//   dockerode.cjs  the Docker library, loaded only when an engine is asked
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import './generate.js';
import { withoutSsh } from './without-ssh.js';

const root = fileURLToPath(new URL('../', import.meta.url));
const commands = readdirSync(join(root, 'src/commands')).filter((file) =>
  /^export (?:async )?function/m.test(readFileSync(join(root, 'src/commands', file), 'utf8')),
);
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  minify: true,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
};

/** Leaves an import to another file of dist. */
const elsewhere = (filter, path) => ({
  name: `elsewhere-${path}`,
  setup: (builder) =>
    builder.onResolve({ filter }, ({ kind }) => (kind === 'dynamic-import' ? { path, external: true } : undefined)),
});

// Aside first: a build that fails leaves what worked.
const aside = 'dist.new';
rmSync(join(root, aside), { recursive: true, force: true });
const built = await Promise.all([
  build({
    ...common,
    entryPoints: ['src/cli.ts'],
    outfile: `${aside}/cli.js`,
    format: 'esm',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    plugins: [elsewhere(/^\.\/commands\//, './commands.js')],
  }),
  build({
    ...common,
    stdin: { contents: commands.map((file) => `export * from './src/commands/${file}';`).join('\n'), resolveDir: root },
    outfile: `${aside}/commands.cjs`,
    format: 'cjs',
    // node:vm knows no import(): what is loaded later is required.
    supported: { 'dynamic-import': false },
    plugins: [elsewhere(/^dockerode$/, './dockerode.cjs')],
  }),
  build({
    ...common,
    stdin: { contents: "module.exports = require('dockerode');", resolveDir: root },
    outfile: `${aside}/dockerode.cjs`,
    format: 'cjs',
    plugins: [withoutSsh],
  }),
]);

// The loader reads the bundle as ASCII. esbuild escapes strings, and leaves regular expressions as they are: `\u2026` there.
const foreign = /.{0,40}[\u0080-\u{10ffff}].{0,20}/u.exec(readFileSync(join(root, aside, 'commands.cjs'), 'utf8'));
if (foreign) throw new Error(`dist/commands.cjs has to be ASCII: ${foreign[0]}`);

const outputs = Object.fromEntries(
  built.flatMap(({ metafile }) =>
    Object.entries(metafile.outputs).map(([name, output]) => [name.replace(aside, 'dist'), output]),
  ),
);
const loader = readFileSync(join(root, 'scripts/loader.js'), 'utf8');
const names = commands.flatMap((file) =>
  [...readFileSync(join(root, 'src/commands', file), 'utf8').matchAll(/^export (?:async )?function (\w+)/gm)].map(
    (found) => found[1],
  ),
);
writeFileSync(join(root, aside, 'commands.js'), `${loader}\nexport const { ${names.join(', ')} } = commands;\n`);
writeFileSync(
  join(root, aside, 'THIRD_PARTY_NOTICES.txt'),
  notices(Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs))),
);

// What a scan runs is compiled by then, and so part of the cache. Without it everything works, only slower.
spawnSync(process.execPath, [`${aside}/cli.js`, 'scan', 'examples/careless', '--no-config'], {
  cwd: root,
  stdio: 'ignore',
  env: { ...process.env, DRONE_AUDIT_WRITE_CODE_CACHE: '1' },
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
