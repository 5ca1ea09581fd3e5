import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';

const require = createRequire(import.meta.url);

/** What stands for an import in a part until scripts/parts.js knows where the module is. */
export const lateImport = (path) => `late:${path}`;

/**
 * Lets modules be loaded when something of theirs is first used, although they are imported as usual: `read` stays a plain
 * function, and loads the reader of a form with the first file of that form. Modules that are late together import each other as usual.
 *
 * @param {string} root
 * @param {readonly string[]} entries modules that are asked for by path
 * @param {(path: string) => boolean} isLate
 * @param {import('esbuild').BuildOptions} options
 * @returns the plugin, and the modules that are asked for by path because of it or of import()
 */
export async function lateModules(root, entries, isLate, options) {
  const graph = await build({ ...options, entryPoints: entries, outdir: 'graph', write: false, metafile: true });
  const asked = new Set();
  for (const [importer, { imports }] of Object.entries(graph.metafile.inputs))
    for (const { path, external, kind } of imports)
      if (!external && (kind === 'dynamic-import' || (isLate(path) && !isLate(importer)))) asked.add(path);
  const nameOf = (path) => path.slice(root.length).replaceAll('\\', '/');
  const plugin = {
    name: 'late-modules',
    setup(builder) {
      builder.onResolve({ filter: /^[.a-z@]/ }, async (given) => {
        const { path, kind, namespace, pluginData, ...rest } = given;
        if (pluginData === nameOf || kind === 'entry-point' || namespace !== 'file' || path.startsWith('node:'))
          return undefined;
        const found = await builder.resolve(path, { ...rest, kind, namespace, pluginData: nameOf });
        if (found.errors.length > 0 || found.external || found.namespace !== 'file') return found;
        const target = nameOf(found.path);
        if (kind === 'dynamic-import') return { path: lateImport(target), external: true };
        return isLate(target) && !isLate(nameOf(rest.importer)) ? { path: target, namespace: 'late-module' } : found;
      });
      builder.onLoad({ filter: /.*/, namespace: 'late-module' }, async ({ path }) => ({
        contents: path.startsWith('node_modules/')
          ? standInOfPackage(path, Object.keys(require(join(root, path))))
          : standIn(path, readFileSync(join(root, path), 'utf8'), await exportsOf(join(root, path))),
      }));
    },
  };
  return { plugin, asked: [...asked].sort() };
}

/** What is imported in place of a module: its functions, which load it when they are called, and the rest as getters. */
function standIn(path, text, names) {
  const isFunction = (name) => new RegExp(`^export (?:async )?function\\*? ${name}\\b`, 'm').test(text);
  const call = (name) => `(...given) => all().${name}(...given)`;
  if (names.every(isFunction))
    return `${keeping(path)}\n${names.map((name) => `export const ${name} = ${call(name)};`).join('\n')}`;
  const members = names.map((name) =>
    isFunction(name) ? `${name}: ${call(name)}` : `get ${JSON.stringify(name)}() { return all().${name}; }`,
  );
  return `${keeping(path)}\nmodule.exports = { __esModule: true, ${members.join(', ')} };`;
}

/** Asks the loader once. */
function keeping(path) {
  return `let kept;\nconst all = () => (kept ??= $part(${JSON.stringify(lateImport(path))}));`;
}

/** The same for a package in CommonJS, of which a part exports the whole. */
function standInOfPackage(path, names) {
  const getters = names.map((name) => `get ${name}() { return all().default.${name}; }`);
  return `${keeping(path)}\nmodule.exports = { ${getters.join(', ')} };`;
}

async function exportsOf(file) {
  const { metafile } = await build({
    ...{ entryPoints: [file], bundle: true, packages: 'external', platform: 'node', format: 'esm' },
    ...{ outdir: 'names', write: false, metafile: true },
  });
  return Object.values(metafile.outputs).flatMap((output) => output.exports);
}
