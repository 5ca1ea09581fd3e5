// npm run test:nodes: the tests that use the built tool as people do, on every line of Node that is supported but the one at
// hand, and the single executable (Linux, x64).
import { join } from 'node:path';
import { nodeFolder, versions } from './nodes.js';
import { buildIfStale, install, run } from './setup.js';
import { singleExecutable } from './single-executable.js';

/** Whatever depends on Node itself: arguments, streams, files, addresses, the environment. */
const tests = [
  'test/cli.test.ts',
  'test/outputs.test.ts',
  'test/plugin-settings.test.ts',
  'test/whole-runs.test.ts',
  'test/checks/file-system.test.ts',
  'test/checks/server-cli.test.ts',
];

install();
buildIfStale();
const line = (version) => version.split('.')[0];
for (const version of versions) {
  if (line(version) === line(process.versions.node)) continue;
  console.log(`the built tool on Node ${version}`);
  test({ DRONE_AUDIT_TEST_NODE: join(nodeFolder(version), 'bin/node') });
}
console.log('the single executable');
test({ DRONE_AUDIT_TEST_EXECUTABLE: await singleExecutable() }, ['test/executable.test.ts']);

function test(environment, more = []) {
  run('node_modules/.bin/vitest', ['run', '--reporter=dot', ...tests, ...more], environment);
}
