import { Script } from 'node:vm';
import { build } from 'esbuild';

/**
 * Bundles modules into a few files of parts. A part is a function that evaluates some modules when they are first needed and
 * gives what they export; what several need is a part of its own, in the file of the first. esbuild divides nothing but ES modules, which
 * node:vm cannot run from compiled code, so that imports and exports of these become a function's:
 * `function ($part, $later, require, __dirname) { const {a: b} = $part("scan:1"); …; return {c: d} }`.
 *
 * @param {Readonly<Record<string, readonly string[]>>} files by name of a file, the modules that are asked for by path
 * @param {Readonly<Record<string, string>>} elsewhere ids of parts that are built otherwise, by what imports call them
 * @param {import('esbuild').BuildOptions} options
 * @returns text and inputs of each file
 */
export async function parts(files, elsewhere, options) {
  const modules = Object.entries(files).flatMap(([file, paths]) => paths.map((path) => ({ file, path })));
  const { outputFiles, metafile } = await build({
    ...options,
    ...{ entryPoints: modules.map(({ path }, index) => ({ in: path, out: `entry-${index}` })), outdir: 'parts' },
    ...{ splitting: true, write: false, metafile: true },
  });
  const nameOf = (path) => path.slice(path.lastIndexOf('/') + 1);
  const chunks = new Map(outputFiles.map(({ path, text }) => [nameOf(path.replaceAll('\\', '/')), partsOf(text)]));
  const inputsOf = new Map(Object.entries(metafile.outputs).map(([path, { inputs }]) => [nameOf(path), inputs]));
  const placed = new Map(Object.keys(files).map((file) => [file, []]));
  const ids = new Map();
  const place = (name, file, as) => {
    if (ids.has(name)) return;
    const own = placed.get(file);
    ids.set(name, `${file}:${as ?? own.length}`);
    own.push(name);
    for (const { from } of chunks.get(name).imports) if (from.startsWith('./')) place(nameOf(from), file);
  };
  const entries = new Map(Object.entries(elsewhere));
  for (const [index, { file, path }] of modules.entries()) {
    const name = `entry-${index}.js`;
    place(name, file, path.replace(/^src\/|\.ts$/g, ''));
    entries.set(path, ids.get(name));
  }
  const idOf = (path) => {
    const id = path.startsWith('./') ? ids.get(nameOf(path)) : entries.get(path.replace('late:', ''));
    if (!id) throw new Error(`${path} is in no part`);
    return JSON.stringify(id);
  };
  return [...placed].map(([file, names]) => {
    const members = names.map((name) => `${JSON.stringify(ids.get(name))}:${asFunction(chunks.get(name), idOf)}`);
    const text = `({\n${members.join(',\n')}\n})`;
    // Throws where something of a module is left.
    new Script(text, { filename: `${file}.cjs` });
    return { file, text, inputs: Object.assign({}, ...names.map((name) => inputsOf.get(name))) };
  });
}

const importStatement =
  /(?<=^|[;}\n])import ?(?:(?<all>\*as [\w$]+)|(?<whole>[\w$]+)?,?(?<named>\{[^{}"]*\})?)(?: ?from)?"(?<from>\.\/[\w.-]+|node:[\w/]+)";/g;

/** A chunk as esbuild writes it: imports, which may stand behind code, and one export at the end. */
function partsOf(text) {
  const imports = [];
  const end = /export(?:\{(?<names>[^}]*)\}| default (?<whole>[\w$]+\(\)));\n*$/.exec(text);
  const code = text.slice(0, end?.index).replace(importStatement, (...match) => {
    imports.push(match.at(-1));
    return '';
  });
  const { names, whole } = end?.groups ?? {};
  return { imports, code, exports: whole ? [`${whole} as default`] : (names?.split(',') ?? []) };
}

function asFunction({ imports, code, exports }, idOf) {
  const taken = imports.map(({ from, all, whole, named }) => {
    const module = from.startsWith('./') ? `$part(${idOf(from)})` : `require(${JSON.stringify(from)})`;
    // What Node's own modules export by default is the module.
    const name = all?.slice('*as '.length) ?? whole;
    const members = named?.replace(/([\w$]+) as ([\w$]+)/g, '$1:$2');
    return [name, members].flatMap((each) => (each ? `const ${each}=${module};` : [])).join('') || `${module};`;
  });
  const given = exports.map((name) => name.replace(/^([\w$()]+) as ?(.+)$/, '$2:$1'));
  const linked = code.replace(/(?:\bimport|(\$part))\("(late:[^"]+)"\)/g, (_, part, path) =>
    part ? `$part(${idOf(path)})` : `$later(${idOf(path)})`,
  );
  return `(function($part,$later,require,__dirname){"use strict";${taken.join('')}${linked}return{${given.join(',')}}})`;
}
