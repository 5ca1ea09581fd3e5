// npm run bench: how long whole processes take, measured side by side (A B C A B C ...), as medians and ratios.
// What is compared: bare Node, --version, a scan of one small repository; and over a folder of pipelines the time in one
// warm process of parsing them with the yaml package alone against the whole audit.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const bin = join(root, 'bin/drone-audit.js');
const runs = Number(process.argv[2] ?? 15);
const folder = process.argv[3] ?? join(root, '../shared/corpus/drone-yml');

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** Milliseconds of whole processes, in turn; the first round does not count. */
function sideBySide(cases) {
  const times = new Map(cases.map(({ name }) => [name, []]));
  for (let round = 0; round <= runs; round++)
    for (const { name, args, cwd } of cases) {
      const start = process.hrtime.bigint();
      spawnSync(process.execPath, args, { cwd, stdio: 'ignore' });
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
for (const name of readdirSync(${JSON.stringify(folder)})) parseAllDocuments(readFileSync(${JSON.stringify(`${folder}/`)} + name, 'utf8'));
`,
);

console.log(`Node ${process.version}, ${cpus().length} processors, medians of ${runs}\n`);
const start = sideBySide([
  { name: 'node -e 0', args: ['-e', '0'] },
  { name: 'drone-audit --version', args: [bin, '--version'] },
  { name: 'drone-audit scan, one small repository', args: [bin, 'scan', '.'], cwd: join(work, 'small') },
]);
table(start, 'node -e 0');

if (existsSync(folder)) {
  console.log(`\n${readdirSync(folder).length} pipeline files`);
  const parsing = sideBySide([
    { name: 'parsed once by the yaml package', args: [join(work, 'parse.mjs')] },
    { name: 'drone-audit scan, JSON', args: [bin, 'scan', folder, '--format', 'json', '--no-config'] },
  ]);
  table(parsing, 'parsed once by the yaml package');
} else console.log(`\n${folder} is not there: the pipelines were not measured`);
rmSync(work, { recursive: true, force: true });
