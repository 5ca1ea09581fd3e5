// npm run corpus: audits every file of a folder of real files, one by one and all together; fails on a crash, a hang or
// an unstable report, and prints counts per rule. Default: ../shared/corpus, skipped with a word when it is not there.
// --markdown FILE also writes the counts between the marks of FILE (docs/corpus.md).
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildIfStale, install, root } from './setup.js';

install();
buildIfStale();
const { values: options, positionals } = parseArgs({
  options: { markdown: { type: 'string' } },
  allowPositionals: true,
});
const folder = positionals[0] ?? fileURLToPath(new URL('../shared/corpus/', new URL(root, 'file:')));
if (!existsSync(folder)) {
  console.log(`corpus: ${relative(process.cwd(), folder)} is not there, skipped`);
  process.exit(0);
}

const audit = (paths) => {
  const result = spawnSync(
    process.execPath,
    [join(root, 'bin/drone-audit.js'), 'scan', ...paths, '--format', 'json', '--no-config', '--min-severity', 'info'],
    { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28, timeout: 300_000 },
  );
  const report = [0, 1, 3].includes(result.status) ? JSON.parse(result.stdout) : undefined;
  return { ...result, report };
};

const severities = ['critical', 'high', 'medium', 'low', 'info'];
/** Of each folder of the corpus: what was audited. */
const folders = [];
/** Findings of each rule by severity. */
const ofRules = new Map();

let failed = 0;
let passed = 0;
const check = (name, ok, why) => {
  if (ok) passed += 1;
  else {
    failed += 1;
    console.log(`corpus: ${name}: ${why}`);
  }
};

for (const kind of readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
  const path = join(folder, kind.name);
  const files = readdirSync(path).map((name) => relative(root, join(path, name)).split('\\').join('/'));
  const first = audit([path]);
  const second = audit([path]);
  check(
    kind.name,
    first.report !== undefined && first.stderr === '',
    `exit ${first.status}, ${first.stderr.slice(0, 400)}`,
  );
  check(kind.name, first.stdout === second.stdout, 'two audits differ');
  if (!first.report) continue;
  const { findings, problems, coverage } = first.report;
  const counts = new Map();
  for (const { rule, severity } of findings)
    counts.set(`${rule} ${severity}`, (counts.get(`${rule} ${severity}`) ?? 0) + 1);
  for (const { rule, severity } of findings) {
    const row = ofRules.get(rule) ?? {};
    ofRules.set(rule, { ...row, [severity]: (row[severity] ?? 0) + 1 });
  }
  folders.push([kind.name, files.length, coverage.files, coverage.pipelines, coverage.components, findings.length]);
  const touched = new Set([
    ...findings.map(({ file }) => file),
    ...problems.map(({ file }) => file),
    ...coverage.unknown.map(({ file }) => file),
  ]);
  console.log(
    `\n${kind.name}: ${files.length} files, ${coverage.files} audited, ${coverage.pipelines} pipelines, ${coverage.components} components, ${findings.length} findings in ${touched.size} files, ${problems.length} problems`,
  );
  for (const [name, count] of [...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
    console.log(`  ${String(count).padStart(5)}  ${name}`);
  for (const { file, line, message } of problems) console.log(`  problem: ${file}${line ? `:${line}` : ''} ${message}`);
  // Named files are never passed over in silence.
  const named = audit(files);
  check(kind.name, named.report !== undefined, `named one by one: exit ${named.status}, ${named.stderr.slice(0, 400)}`);
  if (!named.report) continue;
  const silent = named.report.coverage.files + new Set(named.report.problems.map(({ file }) => file)).size;
  check(kind.name, silent >= files.length, `${files.length - silent} named files were neither audited nor a problem`);
}

if (options.markdown !== undefined) {
  const row = (cells) => `| ${cells.join(' | ')} |`;
  const table = [
    row(['folder', 'files', 'audited', 'pipelines', 'components', 'findings']),
    row(['---', ...Array(5).fill('---:')]),
    ...folders.map(row),
    '',
    row(['rule', ...severities, 'all']),
    row(['---', ...Array(severities.length + 1).fill('---:')]),
    ...[...ofRules]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([rule, counts]) => {
        const numbers = severities.map((severity) => counts[severity] ?? 0);
        const all = numbers.reduce((sum, number) => sum + number, 0);
        return row([`\`${rule}\``, ...numbers.map((number) => number || ''), all]);
      }),
  ].join('\n');
  const text = readFileSync(options.markdown, 'utf8');
  const marked = /(<!-- counts -->\n)[\s\S]*?(<!-- \/counts -->)/;
  check(options.markdown, marked.test(text), 'has no marks "<!-- counts -->" and "<!-- /counts -->"');
  writeFileSync(
    options.markdown,
    text.replace(marked, (_, start, end) => `${start}\n${table}\n\n${end}`),
  );
}
console.log(`\ncorpus: ${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
