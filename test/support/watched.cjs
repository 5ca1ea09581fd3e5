// Loaded into the built tool before it starts: notes in the file WATCHED what asks a network or starts a program, and
// lets it fail.
const { appendFileSync } = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');

function refuse(name) {
  return () => {
    appendFileSync(process.env.WATCHED, `${name}\n`);
    throw new Error(`refused: ${name}`);
  };
}

const dns = require('node:dns');
for (const module of [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype])
  for (const name of Object.getOwnPropertyNames(module))
    if (/^(?:lookup|resolve|reverse)/.test(name)) module[name] = refuse(`dns.${name}`);
require('node:net').Socket.prototype.connect = refuse('connect');
require('node:net').Server.prototype.listen = refuse('listen');
require('node:dgram').createSocket = refuse('dgram');
globalThis.fetch = refuse('fetch');

const programs = require('node:child_process');
for (const name of ['exec', 'execFile', 'execFileSync', 'execSync', 'fork', 'spawn', 'spawnSync'])
  programs[name] = refuse(name);
programs.ChildProcess.prototype.spawn = refuse('ChildProcess.spawn');
require('node:worker_threads').Worker = refuse('Worker');
syncBuiltinESMExports();
