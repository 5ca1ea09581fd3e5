// What a whole process costs: wall time, processor time and the largest resident memory. The process itself says so when it
// ends, by a file that is required first: not every system has /usr/bin/time, and Node tells nothing of its children.
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const fd = 3;
const hook = `const { isMainThread } = require('node:worker_threads');
if (isMainThread) process.on('exit', () => require('node:fs').writeSync(${fd}, JSON.stringify(process.resourceUsage())));
`;

/**
 * Runs a script with a Node and gives `{ wall, processor, memory, status }`: milliseconds, and megabytes. A process that was
 * killed, as one that ran out of memory is, has no `processor` and no `memory`; its `status` is the name of the signal. What
 * it starts itself is not counted. `output` is a file for its standard output, which otherwise nobody reads.
 */
export async function measure({ node = process.execPath, args, cwd, env, output }) {
  const folder = mkdtempSync(join(tmpdir(), 'drone-audit-measure-'));
  const required = join(folder, 'usage.cjs');
  writeFileSync(required, hook);
  const written = output === undefined ? 'ignore' : openSync(output, 'w');
  try {
    const start = process.hrtime.bigint();
    const child = spawn(node, ['--require', required, ...args], {
      cwd,
      env,
      stdio: ['ignore', written, 'pipe', 'pipe'],
    });
    const texts = { usage: '', errors: '' };
    child.stdio[fd].on('data', (chunk) => {
      texts.usage += chunk;
    });
    child.stderr.on('data', (chunk) => {
      texts.errors = `${texts.errors}${chunk}`.slice(-2000);
    });
    const [status, signal] = await new Promise((done, failed) => {
      child.on('error', failed);
      child.on('close', (...ended) => done(ended));
    });
    const wall = Number(process.hrtime.bigint() - start) / 1e6;
    if (texts.usage === '') return { wall, status: signal ?? status, errors: texts.errors };
    const { userCPUTime, systemCPUTime, maxRSS } = JSON.parse(texts.usage);
    return {
      ...{ wall, processor: (userCPUTime + systemCPUTime) / 1e3, memory: maxRSS / 1024 },
      ...{ status: signal ?? status, errors: texts.errors },
    };
  } finally {
    if (written !== 'ignore') closeSync(written);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The middle one. */
export const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/**
 * Measures cases in turn (A B A B …), so that what else the machine does falls on all of them, and gives the medians of each by
 * its name. A case that fails is not run again.
 */
export async function inTurn(cases, runs) {
  const all = new Map(cases.map(({ name }) => [name, []]));
  for (let run = 0; run < runs; run++)
    for (const { name, ...one } of cases) {
      const before = all.get(name);
      if (before.some(({ status }) => status !== 0)) continue;
      before.push(await measure(one));
    }
  return new Map(
    [...all].map(([name, list]) => {
      const failed = list.find(({ status }) => status !== 0);
      if (failed) return [name, failed];
      const of = (key) => median(list.map((each) => each[key]));
      return [name, { wall: of('wall'), processor: of('processor'), memory: of('memory'), status: list[0].status }];
    }),
  );
}
