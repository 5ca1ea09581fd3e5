// node bench/scale.js [CASE…] [--sizes 1000,10000] [--runs 3] [--node FILE] [--root DIR] [--keep DIR]: what an audit of many files
// costs, beside what the yaml package alone needs to parse the same files in one thread: medians of runs in turn, as rows of a
// table in Markdown. Processor time is what to look at on a machine with other work.
//   pipelines   `scan --format jsonl` over pipelines, 30 % of them exact repetitions
//   mix         the same over 90 % pipelines, and deployments
//   formats     each format of report at 10,000 pipelines
//   html        a page with 100,000 findings
//   containers  `scan --docker` on a host with 1,000 step containers (bench/engine.js)
// Without a case all of them; 100,000 pipelines only where --sizes says so. Inputs are made by bench/inputs.js, in DIR if --keep
// names it, where they are used again. --root is another checkout that is built, to compare with.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeInputs } from './inputs.js';
import { inTurn } from './measure.js';

const here = fileURLToPath(new URL('./', import.meta.url));
const all = ['pipelines', 'mix', 'formats', 'html', 'containers'];
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sizes: { type: 'string', default: '1000,10000' },
    runs: { type: 'string', default: '3' },
    node: { type: 'string', default: process.execPath },
    root: { type: 'string', default: join(here, '..') },
    keep: { type: 'string' },
  },
});
const { node } = values;
const runs = Number(values.runs);
const root = resolve(values.root);
const sizes = values.sizes.split(',').map(Number);
const chosen = positionals.length > 0 ? positionals : all;
const unknown = chosen.find((name) => !all.includes(name));
if (unknown !== undefined) throw new Error(`${unknown} is none of ${all.join(', ')}`);

const work = mkdtempSync(join(tmpdir(), 'drone-audit-scale-'));
const parser = join(work, 'parse.mjs');
writeFileSync(
  parser,
  `import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from ${JSON.stringify(join(here, '../node_modules/yaml/dist/index.js'))};
for (const name of readdirSync(process.argv[2], { recursive: true }))
  if (/\\.ya?ml$/.test(name)) parseAllDocuments(readFileSync(join(process.argv[2], name), 'utf8'));
`,
);

/** The folder of inputs of a kind, made unless it is there. */
function inputs(kind, count) {
  const folder = join(values.keep === undefined ? work : resolve(values.keep), `${kind}-${count}`);
  if (existsSync(folder)) return folder;
  // Aside first: half of them would be used again as if it were all.
  rmSync(`${folder}.part`, { recursive: true, force: true });
  writeInputs(kind, count, `${folder}.part`, { duplicates: kind === 'findings' ? 0 : 0.3 });
  renameSync(`${folder}.part`, folder);
  return folder;
}

const report = join(work, 'report');

const scan = (folder, format) => ({
  name: format,
  node,
  args: [join(root, 'bin/drone-audit.js'), 'scan', '.', '--no-config', '--exit-zero', '--format', format],
  cwd: folder,
  output: report,
});

const seconds = (ms) => (ms === undefined ? '-' : (ms / 1000).toFixed(1));
const megabytes = (size) => (size === undefined ? '-' : `${Math.round(size)}`);

function row(title, { wall, processor, memory, status }, parsing, more = '') {
  const ended = status === 0 ? seconds(wall) : `${status} after ${seconds(wall)}`;
  const ratio = parsing && status === 0 ? (processor / parsing.processor).toFixed(1) : '-';
  console.log(
    `| ${title} | ${ended} | ${seconds(processor)} | ${megabytes(memory)} | ${seconds(parsing?.processor)} | ${ratio} | ${more} |`,
  );
}

const sizeOfReport = () => (existsSync(report) ? `report of ${(statSync(report).size / 1e6).toFixed(1)} MB` : '');

/** The audit of a folder beside parsing it. */
async function besideParsing(title, kind, count) {
  const folder = inputs(kind, count);
  const measured = await inTurn([{ name: 'parse', node, args: [parser, folder] }, scan(folder, 'jsonl')], runs);
  row(title, measured.get('jsonl'), measured.get('parse'), sizeOfReport());
}

const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
console.log(`Node ${version}, ${cpus().length} processors, medians of ${runs}\n`);
console.log('| what | wall s | processor s | memory MB | yaml alone, processor s | ratio | |');
console.log('| --- | --- | --- | --- | --- | --- | --- |');
try {
  for (const count of sizes) {
    if (chosen.includes('pipelines')) await besideParsing(`${count} pipelines, jsonl`, 'pipelines', count);
    if (chosen.includes('mix') && count <= 10_000) await besideParsing(`${count} mixed folders, jsonl`, 'mix', count);
  }
  if (chosen.includes('formats')) {
    const folder = inputs('pipelines', 10_000);
    for (const format of ['json', 'sarif', 'text', 'html']) {
      const measured = await inTurn([scan(folder, format)], runs);
      row(`10000 pipelines, ${format}`, measured.get(format), undefined, sizeOfReport());
    }
  }
  if (chosen.includes('html')) {
    const measured = await inTurn([scan(inputs('findings', 100_000), 'html')], runs);
    row('100000 findings, html', measured.get('html'), undefined, sizeOfReport());
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
if (chosen.includes('containers'))
  spawnSync(node, [join(here, 'engine.js'), '1000', `${runs}`, root], { stdio: 'inherit' });
