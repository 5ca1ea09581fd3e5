// node bench/peers.js COMPOSE PIPELINES [RUNS]: processor time of drone-audit beside that of tools for the same kinds of files, where
// they are on the PATH: compose-lint for a folder of compose files, pipeline-check for one of .drone.yml files. Runs are in turn;
// printed are the medians for one file (the one of middle size) and for all, in seconds of the processor and of the wall.
// The shell measures, so that all are measured alike: bash has to be there.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median } from './measure.js';

const bin = fileURLToPath(new URL('../bin/drone-audit.js', import.meta.url));
const [compose, pipelines, runs = '7'] = process.argv.slice(2);
if (pipelines === undefined) throw new Error('give a folder of compose files and one of pipelines');

const audit = [process.execPath, bin, 'scan', '--no-config', '--format', 'json'];
const kinds = [
  {
    ...{ title: 'compose files', from: compose, name: 'docker-compose.yml', peer: 'compose-lint' },
    command: (files) => ['compose-lint', 'check', '--format', 'json', ...files],
  },
  {
    ...{ title: 'pipelines', from: pipelines, name: '.drone.yml', peer: 'pipeline-check' },
    command: (_, folder) => ['pipeline-check', '--pipeline', 'drone', '--drone-path', folder, '--output', 'json'],
  },
];

/** Seconds of the processor and of the wall; a finding is no failure, and what failed by itself is said. */
function timed(command, cwd) {
  const script = 'TIMEFORMAT="%U %S %R"; time "$@" >/dev/null 2>errors; echo "status $?" >&2';
  const { stderr } = spawnSync('bash', ['-c', script, 'bash', ...command], { cwd, encoding: 'utf8' });
  const [user, system, wall] = stderr.split('\n')[0].split(' ').map(Number);
  return { processor: user + system, wall, status: /status (\d+)/.exec(stderr)?.[1] };
}

function compare(title, cwd, commands) {
  const measured = new Map(Object.keys(commands).map((name) => [name, []]));
  for (let run = 0; run < Number(runs); run++)
    for (const [name, command] of Object.entries(commands)) measured.get(name).push(timed(command, cwd));
  console.log(title);
  for (const [name, list] of measured) {
    const of = (key) => median(list.map((each) => each[key])).toFixed(2);
    console.log(`  ${name.padEnd(16)} ${of('processor')} s processor, ${of('wall')} s wall, status ${list[0].status}`);
  }
}

const work = mkdtempSync(join(tmpdir(), 'drone-audit-peers-'));
try {
  for (const { title, from, name, peer, command } of kinds) {
    const version = spawnSync(peer, ['--version'], { encoding: 'utf8' });
    if (version.error) {
      console.log(`${peer} is not on the PATH: ${title} were not measured`);
      continue;
    }
    console.log(version.stdout.trim());
    const folder = join(work, peer);
    const bySize = readdirSync(from).sort((a, b) => statSync(join(from, a)).size - statSync(join(from, b)).size);
    // Under the name that all look for, each in a folder of its own.
    const files = bySize.map((file, index) => {
      mkdirSync(join(folder, `${index}`), { recursive: true });
      cpSync(join(from, file), join(folder, `${index}`, name));
      return join(folder, `${index}`, name);
    });
    const [one] = files.slice(Math.floor(files.length / 2));
    compare(`one of the ${title}`, work, { 'drone-audit': [...audit, one], [peer]: command([one], one) });
    compare(`${files.length} ${title}`, work, { 'drone-audit': [...audit, folder], [peer]: command(files, folder) });
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
