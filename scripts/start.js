// npm start: audits examples/careless and shows the report; npm start -- ARGUMENTS runs drone-audit with them.
import { spawnSync } from 'node:child_process';
import { buildIfStale, install, root } from './setup.js';

install();
buildIfStale();
const args = process.argv.slice(2);
const isExample = args.length === 0;
const { status } = spawnSync(
  process.execPath,
  [`${root}bin/drone-audit.js`, ...(isExample ? ['scan', 'examples/careless'] : args)],
  {
    stdio: 'inherit',
    // Arguments name files as the user sees them from where he called npm.
    cwd: isExample ? root : (process.env.INIT_CWD ?? root),
  },
);
// The careless example has findings: showing them is success.
process.exitCode = isExample && status === 1 ? 0 : (status ?? 1);
