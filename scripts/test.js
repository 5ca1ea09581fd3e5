// npm test: sets up what is missing, then every check: format, types, regular expressions, tests. npm test -- ARGUMENTS goes to vitest.
import { buildIfStale, install, run } from './setup.js';

install();
run(process.execPath, ['scripts/generate.js']);
run('node_modules/.bin/biome', ['ci', '.', '--error-on-warnings']);
run('node_modules/.bin/tsc', []);
run(process.execPath, ['scripts/regular-expressions.js']);
buildIfStale();
run('node_modules/.bin/vitest', ['run', ...process.argv.slice(2)]);
