// The entry of the built tool: runs the parts beside it, compiled beforehand where there is compiled code for this V8: that is
// half of the time to start. It lies beside the code, so whoever could change it could change the code. V8 refuses what another
// version, or other flags, compiled, and compiles as usual.
'use strict';
const { readFileSync, mkdirSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { Script } = require('node:vm');

const v8 = /^\d+(?:\.\d+)*/.exec(process.versions.v8)[0];
const folder = join(__dirname, 'compiled', `${process.platform}-${process.arch}-${v8}`);

// What libraries in the bundle use that Node will drop is nothing that a user could mend.
process.noDeprecation = true;

// V8 11 (Node 20) optimises functions so early that a scan spends a third of its time on code that hardly runs again; later versions
// do so in scans of several files (cli.ts). See docs/decisions/0005-functions-are-optimised-later.md.
if (v8.startsWith('11.')) require('node:v8').setFlagsFromString('--interrupt-budget=800000');

const files = new Map();
const evaluated = new Map();

/** What a part exports; `scan:commands/scan` is in scan.cjs. Parts that it imports are evaluated first, in the same way. */
function part(id) {
  const known = evaluated.get(id);
  if (known) return known;
  const file = id.slice(0, id.indexOf(':'));
  if (!files.has(file)) files.set(file, load(file));
  const exported = files.get(file)[id](part, later, require, __dirname);
  evaluated.set(id, exported);
  return exported;
}

/** import(), which node:vm does not know. */
async function later(id) {
  return part(id);
}

/** The parts in a file, as functions. */
function load(name) {
  const file = join(__dirname, `${name}.cjs`);
  // Files are ASCII: esbuild escapes the rest.
  const text = readFileSync(file, 'latin1');
  const cachedData = compiled(name);
  const script = new Script(text, { filename: file, cachedData });
  // Only the build asks for this, after it removed what was there.
  if (process.env.DRONE_AUDIT_COMPILE && !cachedData) process.on('exit', () => keep(name, script));
  return script.runInThisContext();
}

function compiled(name) {
  try {
    return readFileSync(join(folder, `${name}.bin`));
  } catch {
    return undefined;
  }
}

function keep(name, script) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.bin`), script.createCachedData());
}

module.exports = part;
if (require.main === module) part('command-line:cli');
