// node bench/ways.js [--repositories 1000] [--runners 50] [--runs 3] [--root DIR]: what `paths` costs in a large installation,
// beside a scan of the same files. A third of the runners have labels that no pipeline asks for. --root is another checkout
// that is built, to compare with.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { inTurn } from './measure.js';

const { values } = parseArgs({
  options: {
    repositories: { type: 'string', default: '1000' },
    runners: { type: 'string', default: '50' },
    runs: { type: 'string', default: '3' },
    root: { type: 'string', default: fileURLToPath(new URL('../', import.meta.url)) },
  },
});

const work = mkdtempSync(join(tmpdir(), 'drone-audit-ways-'));
const write = (name, text) => {
  mkdirSync(dirname(join(work, name)), { recursive: true });
  writeFileSync(join(work, name), text);
};

write(
  'server/compose.yml',
  `services:
  drone:
    image: drone/drone:2.28.2
    ports: ["443:443"]
    environment:
      DRONE_SERVER_HOST: ci.example.com
      DRONE_SERVER_PROTO: https
      DRONE_GITHUB_CLIENT_ID: Iv1.0123456789abcdef
      DRONE_RPC_SECRET: \${DRONE_RPC_SECRET:?}
`,
);
for (let number = 0; number < Number(values.runners); number++)
  write(
    `runner${number}/compose.yml`,
    `services:
  runner${number}:
    image: drone/drone-runner-docker:1.8.5
    environment:
      DRONE_RPC_HOST: ci.example.com
      DRONE_RPC_PROTO: https
      DRONE_RPC_SECRET: \${DRONE_RPC_SECRET:?}
${number % 3 === 0 ? `      DRONE_RUNNER_LABELS: pool:p${number}\n` : ''}    volumes:
      - /var/run/docker.sock:/var/run/docker.sock
`,
  );
for (let number = 0; number < Number(values.repositories); number++)
  write(
    `app${number}/.drone.yml`,
    `kind: pipeline
type: docker
name: test
trigger: { event: [push, pull_request] }
steps:
  - name: test
    image: golang:1.23.2
    commands: [go test ./...]
---
kind: pipeline
type: docker
name: publish
trigger: { event: [push] }
steps:
  - name: publish
    image: node:22.9.0
    environment:
      NPM_TOKEN: { from_secret: npm_token${number} }
    commands: [npm publish]
`,
  );

const run = (name, ...args) => ({
  name,
  node: process.execPath,
  args: [join(resolve(values.root), 'bin/drone-audit.js'), ...args, '.', '--no-config', '--format', 'json'],
  cwd: work,
  output: join(work, 'report'),
});
try {
  const measured = await inTurn([run('scan', 'scan'), run('paths', 'paths')], Number(values.runs));
  for (const [name, { processor, memory }] of measured)
    console.log(`${name}: ${(processor / 1000).toFixed(1)} s of processor time, ${Math.round(memory)} MB`);
} finally {
  rmSync(work, { recursive: true, force: true });
}
