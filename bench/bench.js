// npm run bench [-- ROUNDS FOLDER]: how long whole processes take, measured side by side (A B C A B C ...), as medians and ratios.
// What is compared, on each line of Node: bare Node, --version, a scan of one small repository; and over a folder of pipelines, and 1,000 made-up
// compose projects, a process that only parses them once with the yaml package against the whole audit with all rules.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeFolder, versions } from '../scripts/nodes.js';

const root = fileURLToPath(new URL('../', import.meta.url));
const bin = join(root, 'bin/drone-audit.js');
const runs = Number(process.argv[2] ?? 15);
const folder = process.argv[3] ?? join(root, '../shared/corpus/drone-yml');

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** Milliseconds of whole processes, in turn; the first round does not count. */
function sideBySide(cases) {
  const times = new Map(cases.map(({ name }) => [name, []]));
  for (let round = 0; round <= runs; round++)
    for (const { name, args, cwd, node = process.execPath } of cases) {
      const start = process.hrtime.bigint();
      spawnSync(node, args, { cwd, stdio: ['ignore', 'pipe', 'ignore'] });
      if (round > 0) times.get(name).push(Number(process.hrtime.bigint() - start) / 1e6);
    }
  return new Map([...times].map(([name, list]) => [name, median(list)]));
}

function table(medians, base) {
  for (const [name, ms] of medians)
    console.log(
      `${name.padEnd(44)} ${ms.toFixed(0).padStart(6)} ms  ${(ms / medians.get(base)).toFixed(2).padStart(6)} x`,
    );
}

const work = mkdtempSync(join(tmpdir(), 'drone-audit-bench-'));
mkdirSync(join(work, 'small/src'), { recursive: true });
writeFileSync(join(work, 'small/src/main.go'), 'package main\n');
writeFileSync(join(work, 'small/.drone.yml'), readFileSync(join(root, 'examples/careless/web/.drone.yml'), 'utf8'));
writeFileSync(
  join(work, 'parse.mjs'),
  `import { readdirSync, readFileSync } from 'node:fs';
import { parseAllDocuments } from ${JSON.stringify(join(root, 'node_modules/yaml/dist/index.js'))};
const folder = process.argv[2];
for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
  if (entry.isFile()) parseAllDocuments(readFileSync(entry.path + '/' + entry.name, 'utf8'));
`,
);

/** A server and a runner in one file, as many people have it; no two alike. */
const project = (n) => `services:
  drone:
    image: drone/drone:2.25
    ports: ["${8000 + n}:80"]
    volumes:
      - drone${n}:/data
    environment:
      - DRONE_SERVER_HOST=drone${n}.example.com
      - DRONE_SERVER_PROTO=https
      - DRONE_GITEA_SERVER=https://git${n}.example.com
      - DRONE_GITEA_CLIENT_ID=id${n}
      - DRONE_GITEA_CLIENT_SECRET=\${GITEA_SECRET:?set it}
      - DRONE_RPC_SECRET=\${RPC_SECRET:-secret${n}}
      - DRONE_USER_CREATE=username:admin${n},admin:true
    restart: always
  runner:
    image: drone/drone-runner-docker:1
    volumes:
      - /var/run/docker.sock:/var/run/docker.sock
    environment:
      DRONE_RPC_HOST: drone
      DRONE_RPC_PROTO: http
      DRONE_RPC_SECRET: \${RPC_SECRET:-secret${n}}
      DRONE_RUNNER_CAPACITY: 2
      DRONE_RUNNER_NAME: runner${n}
    depends_on: [drone]
volumes:
  drone${n}:
`;
const projects = join(work, 'projects');
for (let n = 0; n < 1000; n++) {
  mkdirSync(join(projects, `p${n}`), { recursive: true });
  writeFileSync(join(projects, `p${n}/docker-compose.yml`), project(n));
}

console.log(`${cpus().length} processors, medians of ${runs}`);
// Each has what its V8 compiled beforehand.
spawnSync(process.execPath, [join(root, 'scripts/build.js'), '--all-nodes'], { cwd: root, stdio: 'inherit' });
for (const version of versions) {
  console.log(`\nNode ${version}`);
  const node = join(nodeFolder(version), 'bin/node');
  const start = sideBySide([
    { node, name: 'node -e 0', args: ['-e', '0'] },
    { node, name: 'drone-audit --version', args: [bin, '--version'] },
    { node, name: 'drone-audit scan, one small repository', args: [bin, 'scan', '.'], cwd: join(work, 'small') },
  ]);
  table(start, 'node -e 0');
}
console.log(`\nNode ${process.version}`);

/** The whole audit of a folder beside parsing its files once. */
function besideParsing(title, path) {
  console.log(`\n${title}`);
  const parsing = sideBySide([
    { name: 'parsed once by the yaml package', args: [join(work, 'parse.mjs'), path] },
    { name: 'drone-audit scan, JSON, all rules', args: [bin, 'scan', path, '--format', 'json', '--no-config'] },
  ]);
  table(parsing, 'parsed once by the yaml package');
}

if (existsSync(folder)) besideParsing(`${readdirSync(folder).length} pipeline files`, folder);
else console.log(`\n${folder} is not there: the pipelines were not measured`);
besideParsing('1000 compose projects of two services', projects);
rmSync(work, { recursive: true, force: true });
