// Builds dist/:
//   cli.js             loader.cjs, which runs the parts of the tool that lie in the other files
//   command-line.cjs   the command line
//   scan.cjs           what each scan needs
//   deployments.cjs and so on   what only some runs need; see `late`
//   dockerode.cjs      the Docker library, loaded only when an engine is asked
//   compiled/          the files as V8 compiled them: for this Node, and with --all-nodes, or when published, for each line of Node
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import './generate.js';
import { definedBuild } from './build-digest.js';
import { lateBuiltins, withoutColorDetection } from './late-builtins.js';
import { lateImport, lateModules } from './late-modules.js';
import { nodeFolder, versions } from './nodes.js';
import { parts } from './parts.js';
import { withoutSsh } from './without-ssh.js';

const root = fileURLToPath(new URL('../', import.meta.url));
/** What every scan runs; text is the usual format. */
const first = {
  'command-line': ['src/cli.ts'],
  scan: ['src/commands/scan.ts', 'src/reporters/text.ts', 'src/reporters/escape.ts', 'src/commands/unknown-word.ts'],
};
/** What a small scan of pipelines has no use for, by file: loaded when something of it is first used. The rest is what is imported so by itself. */
const late = {
  deployments:
    /^src\/(?:readers\/(?:compose|docker\/(?!image)|env\/(?!c-escapes|settings)|kubernetes|script|server|systemd)|facts\/(?:settings-table|unread-forms)\.ts)/,
  yaml: /^node_modules\/yaml\//,
  ways: /^src\/ways\//,
  config: /^src\/(?:config-entries|schema|generated\/)/,
  rest: /^src\/(?:batches|outcomes|outcome-record|equal-texts|shards|baseline-file|checks\/git\/(?!repository|pointer)|secrets\/evidence|commands\/part-shapes|facts\/controls|analysis\/(?:drift|picture))/,
};
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
};
const docker = lateImport('dockerode');
const options = {
  ...common,
  format: 'esm',
  define: { ...definedBuild(), 'import.meta.dirname': '__dirname' },
  plugins: [elsewhere(/^dockerode$/, docker), lateBuiltins, withoutColorDetection],
};

/** Leaves an import to another file of dist. */
function elsewhere(filter, path) {
  return {
    name: `elsewhere-${path}`,
    setup: (builder) =>
      builder.onResolve({ filter }, ({ kind }) => (kind === 'dynamic-import' ? { path, external: true } : undefined)),
  };
}

// Aside first: a build that fails leaves what worked.
const aside = 'dist.new';
rmSync(join(root, aside), { recursive: true, force: true });
mkdirSync(join(root, aside));
const entries = Object.values(first).flat();
const isLate = (path) => Object.values(late).some((pattern) => pattern.test(path));
const { plugin, asked } = await lateModules(root, entries, isLate, options);
const fileOf = (path) => Object.keys(late).find((name) => late[name].test(path)) ?? 'rest';
const files = { ...first };
for (const name of Object.keys(late))
  files[name] = asked.filter((path) => fileOf(path) === name && !entries.includes(path));
const dockerPart = 'dockerode:dockerode';
const made = await parts(files, { dockerode: dockerPart }, { ...options, plugins: [...options.plugins, plugin] });
const outputs = {};
for (const { file, text, inputs } of made) write(file, text, inputs);
const { outputFiles, metafile } = await build({
  ...common,
  format: 'cjs',
  stdin: { contents: "module.exports = require('dockerode');", resolveDir: root },
  banner: {
    js: `({${JSON.stringify(dockerPart)}:(function($part,$later,require,__dirname){const module={exports:{}};`,
  },
  footer: { js: 'return{default:module.exports}})})' },
  plugins: [withoutSsh],
  write: false,
  metafile: true,
});
write('dockerode', outputFiles[0].text, Object.values(metafile.outputs)[0].inputs);

function write(name, text, inputs) {
  // The loader reads the files as ASCII. esbuild escapes strings, and leaves regular expressions as they are: `\u2026` there.
  const foreign = name === 'dockerode' ? undefined : /.{0,40}[\u0080-\u{10ffff}].{0,20}/u.exec(text);
  if (foreign) throw new Error(`dist/${name}.cjs has to be ASCII: ${foreign[0]}`);
  writeFileSync(join(root, aside, `${name}.cjs`), text);
  outputs[`dist/${name}.cjs`] = { inputs };
}

copyFileSync(join(root, 'scripts/loader.cjs'), join(root, aside, 'cli.js'));
writeFileSync(join(root, aside, 'package.json'), '{ "type": "commonjs" }\n');
writeFileSync(
  join(root, aside, 'THIRD_PARTY_NOTICES.txt'),
  notices(Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs))),
);

// What these run is compiled by then, and so part of it. Without it everything works, only slower.
// The plain reader leaves it to the yaml package.
const config = join(aside, 'drone-audit.yml');
writeFileSync(join(root, config), 'failOn: !!str high\n');
const runs = [
  ['examples/careless', '--no-config'],
  ['examples/careless', '--config', config, '--format', 'json', '-o', 'sarif:/dev/null'],
];
const isForAll = process.argv.includes('--all-nodes') || process.env.npm_command === 'publish';
const nodes = isForAll ? versions.map((version) => join(nodeFolder(version), 'bin/node')) : [];
for (const node of [process.execPath, ...nodes])
  for (const run of runs)
    spawnSync(node, [`${aside}/cli.js`, 'scan', ...run], {
      cwd: root,
      stdio: 'ignore',
      env: { ...process.env, DRONE_AUDIT_COMPILE: '1' },
    });
rmSync(join(root, config));
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
