// Runs commands.cjs, compiled beforehand where commands.cache fits this Node: that is half of the time to start. The
// cache lies beside the code, so whoever could change it could change the code.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';

const pathOf = (name) => fileURLToPath(new URL(name, import.meta.url));

function cached() {
  try {
    return readFileSync(pathOf('commands.cache'));
  } catch {
    return undefined;
  }
}

// V8 11 (Node 20) optimises functions so early that a scan spends a third of its time on code that hardly runs again;
// later versions have a cheap compiler in between. See docs/decisions/0005-node-20-optimises-later.md.
if (process.versions.v8.startsWith('11.')) setFlagsFromString('--interrupt-budget=800000');

// The bundle is ASCII: esbuild escapes the rest.
const text = `(function (exports, require, module) {${readFileSync(pathOf('commands.cjs'), 'latin1')}\n})`;
const cachedData = cached();
const script = new Script(text, { filename: pathOf('commands.cjs'), ...(cachedData && { cachedData }) });
const module = { exports: {} };
script.runInThisContext()(module.exports, createRequire(import.meta.url), module);
// biome-ignore lint/correctness/noUnusedVariables: the build adds the line that exports its members.
const commands = module.exports;

// Only the build asks for this, after it removed the old cache.
if (process.env.DRONE_AUDIT_WRITE_CODE_CACHE && !cachedData)
  process.on('exit', () => writeFileSync(pathOf('commands.cache'), script.createCachedData()));
