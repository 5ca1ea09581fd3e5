// Loaded into the built tool before it starts: kills it at the worst moment, when a report is written and not yet in its place.
const fs = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');

fs.renameSync = fs.promises.rename = () => process.kill(process.pid, 'SIGKILL');
syncBuiltinESMExports();
