// npm run fuzz -- [--seconds 60] [--inputs N] [--seed 1] [--no-growth] : hostile inputs through the whole built tool.
//
// First growth, all of it: one piece after another is repeated in each place where a form holds text; four times the text may take four
// times as long, not sixteen. Then inputs made from the words of each form and mutated from the fixtures, led by what of
// the code they reach. None may crash, hang, end with another status than 0 to 3, or show a canary. Every fault is written
// to test/fixtures/hostile, where a test replays it.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const root = fileURLToPath(new URL('../', import.meta.url));
const kept = join(root, 'test/fixtures/hostile');
/** It looks like a token wherever it stands, so that no report may show it. */
const canary = `ghp_${'k7Qz'.repeat(9)}`;
const maxSize = 64 * 1024;

/** Files with a place for hostile text, by what reads it. */
const places = {
  pipeline: (text) => ({ '.drone.yml': text }),
  'pipeline key': (text) => ({ '.drone.yml': `kind: pipeline\ntype: docker\nname: a\n${text}` }),
  step: (text) => ({ '.drone.yml': `kind: pipeline\ntype: docker\nname: a\nsteps:\n- name: a\n  image: ${text}` }),
  commands: (text) => ({
    '.drone.yml': `kind: pipeline\ntype: docker\nname: a\nsteps:\n- {name: a, image: alpine, commands: [${JSON.stringify(text)}]}\n`,
  }),
  when: (text) => ({
    '.drone.yml': `kind: pipeline\ntype: docker\nname: a\nsteps:\n- {name: a, image: alpine, when: {branch: ${JSON.stringify(text)}, event: ${JSON.stringify(text)}}}\n`,
  }),
  starlark: (text) => ({ '.drone.star': `def main(ctx):\n  return {"kind": "pipeline"}\n${text}` }),
  jsonnet: (text) => ({ '.drone.jsonnet': `{kind: "pipeline", steps: [{name: "a"}]}\n${text}` }),
  compose: (text) => ({ 'docker-compose.yml': `services:\n  a:\n    image: drone/drone:2\n    ${text}` }),
  'compose value': (text) => ({
    'docker-compose.yml': `services:\n  a:\n    image: drone/drone-runner-docker:1\n    command: ${JSON.stringify(text)}\n    volumes: [${JSON.stringify(text)}]\n    environment: {DRONE_RPC_SECRET: ${JSON.stringify(text)}, DRONE_RUNNER_VOLUMES: ${JSON.stringify(text)}, DRONE_RPC_HOST: ${JSON.stringify(text)}}\n`,
  }),
  env: (text) => ({ 'drone.env': `DRONE_RPC_SECRET=a\nDRONE_SERVER_HOST=${text}` }),
  systemd: (text) => ({
    'drone.service': `[Service]\nEnvironment=DRONE_RPC_SECRET=a\nExecStart=/usr/bin/drone-server ${text}`,
  }),
  script: (text) => ({ 'run.sh': `docker run -e DRONE_RPC_SECRET=a drone/drone:2\n${text}` }),
  'docker run': (text) => ({ 'run.sh': `docker run ${text} drone/drone:2\n` }),
  page: (text) => ({ 'install.md': `\`\`\`sh\n${text}\ndocker run drone/drone:2\n\`\`\`\n` }),
  kubernetes: (text) => ({
    'drone.yaml': `apiVersion: v1\nkind: Pod\nmetadata: {name: drone}\nspec:\n  containers:\n  - name: drone\n    image: drone/drone:2\n    ${text}`,
  }),
  'helm values': (text) => ({
    'values.yaml': `image: {repository: ${JSON.stringify(text)}, tag: "2"}\nenv: {DRONE_RPC_SECRET: ${JSON.stringify(text)}, DRONE_SERVER_HOST: a}\n`,
  }),
  suppression: (text) => ({
    '.drone.yml': `kind: pipeline\ntype: docker\nname: a\nsteps:\n# drone-audit: ignore[privileged-step] ${text}\n- {name: a, image: alpine, privileged: true}\n`,
  }),
  config: (text) => ({
    'drone-audit.yml': `ignore:\n- {rule: privileged-step, at: ${JSON.stringify(text)}, path: ${JSON.stringify(text)}, reason: a}\n`,
    '.drone.yml': `kind: pipeline\ntype: docker\nname: a\nsteps:\n- {name: ${JSON.stringify(`${text}!`)}, image: alpine, privileged: true}\n`,
  }),
  'config text': (text) => ({ 'drone-audit.yml': text, 'drone.env': 'DRONE_RPC_SECRET=a\n' }),
  evidence: (text) => ({
    'drone-audit-evidence.json':
      '{"version":2,"sources":[{"name":"docker://a","form":"docker-inspect","file":"sources/00001-a.json","given":true}]}',
    'sources/00001-a.json': JSON.stringify([
      {
        Name: '/a',
        Config: { Image: 'drone/drone:2', Env: [`DRONE_RPC_SECRET=${text}`, text], Cmd: [text], Labels: { a: text } },
        HostConfig: { Binds: [text] },
        State: {},
      },
    ]),
  }),
  'evidence text': (text) => ({
    'drone-audit-evidence.json':
      '{"version":2,"sources":[{"name":"docker://a","form":"docker-inspect","file":"sources/00001-a.json","given":true}]}',
    'sources/00001-a.json': text,
  }),
};

/** What forms are made of, and what is known to be hard about them. */
const pieces = [
  ...'[ { ( < > ] } ) " \' ` \\ / . : ; , = @ # $ % & * + - | ! ? ~ ^ _ 0 a A \n \t \r \u2028 \u0000 é 😀'.split(' '),
  ...[
    '\n',
    ' ',
    '- ',
    '? ',
    ': ',
    '# ',
    ' #',
    'a: ',
    '{a: ',
    '[{',
    '&a ',
    '*a ',
    '<<: *a\n',
    '|\n ',
    '>-\n ',
    '---\n',
    '!!map ',
  ],
  ...[
    'a() {',
    '*a',
    'coproc ',
    'if ',
    'while a; do ',
    'case a in a) ',
    '$(',
    '${A:-',
    '${A}',
    '$A',
    '$$',
    '<<A ',
    '<<A\n',
    '&& ',
    '| ',
  ],
  ...[
    'sh -c "',
    "sh -c '",
    'echo ',
    'docker ',
    'docker run ',
    '-e A=b ',
    '--env-file a ',
    'export A=b\n',
    'eval ',
    'sudo ',
  ],
  ...[
    'http://',
    'http://a:b@',
    '://',
    'a@',
    'a/',
    '/a',
    '../',
    'a.',
    '.svc.',
    'KEY',
    'KEY-----',
    '-----BEGIN PRIVATE KEY-----\n',
  ],
  ...[
    'PASSWORD=',
    'token: ',
    'secret:a,',
    'from_secret: ',
    'username:a,admin:true,',
    '${DRONE_BRANCH}',
    '${DRONE_TAG##v}',
    '{{ a }}',
  ],
  ...[
    'drone-audit: ignore[',
    '# drone-audit: ignore[privileged-step] a\n',
    '[Service]\n',
    'Environment=',
    '|||\n',
    '"""',
    'def a():\n ',
  ],
  ...[
    'kind: pipeline\n',
    'steps:\n',
    '- name: a\n',
    'image: a\n',
    'services:\n',
    'env_file: a\n',
    'privileged: true\n',
    canary,
  ],
];

/** A small generator of numbers that are the same for the same seed. */
function randomFrom(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const below = (limit) => Math.floor(next() * limit);
  return { below, of: (list) => list[below(list.length)] };
}

/** The files of the input before, which are still there. */
const written = new Set();

/** One input through the whole tool, in this process. Gives what is wrong, or undefined. */
async function run({ scan, effective }, folder, files, everything = true) {
  for (const name of written.keys()) if (!(name in files)) rmSync(join(folder, name), { force: true });
  written.clear();
  for (const [name, text] of Object.entries(files)) {
    written.add(name);
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  let shown = '';
  const show = (text) => {
    shown += text;
  };
  const io = {
    version: '0',
    cwd: folder,
    environment: {},
    home: folder,
    today: '2026-11-21',
    width: 80,
    out: show,
    error: show,
  };
  const options = {
    composeFile: [],
    composeEnvFile: [],
    format: 'text',
    output: everything ? ['json:out.json', 'sarif:out.sarif'] : [],
    failOn: 'high',
    minSeverity: 'info',
    minConfidence: 'low',
    pedantic: true,
    rule: [],
    skip: [],
    ignore: true,
    color: 'never',
    verbose: true,
  };
  try {
    const status = await scan([], options, io);
    if (everything) await effective([], { ...options, format: 'json', config: false }, io);
    for (const name of everything ? ['out.json', 'out.sarif'] : []) shown += readFileSync(join(folder, name), 'utf8');
    if (![0, 1, 3].includes(status)) return `status ${status}`;
  } catch (error) {
    if (error?.name !== 'UserError') return `crash: ${error?.name} ${String(error?.stack).split('\n')[1]?.trim()}`;
    shown += `${error.message}\n${error.hint}`;
  }
  return shown.includes(canary) && standsAlone(files) ? 'leak' : undefined;
}

/** Whether the canary is cut off from other letters wherever it stands: only then it looks like a token. */
function standsAlone(files) {
  const parts = Object.values(files).map((text) => text.split(canary));
  return parts.every((list) =>
    list.every(
      (part, index) =>
        (index === 0 || /^[\s"',;]/.test(part) || (part === '' && index === list.length - 1)) &&
        (index === list.length - 1 || /[\s"'=,;]$/.test(part) || (part === '' && index === 0)),
    ),
  );
}

/** The same fault from less text, as far as leaving out halves, quarters and so on gets. */
async function shrunk(tool, folder, files, fault) {
  let left = 300;
  for (const name of Object.keys(files))
    for (let size = Math.ceil(files[name].length / 2); size > 1 && left > 0; size = Math.floor(size / 2))
      for (let at = 0; at < files[name].length && left-- > 0; ) {
        const less = { ...files, [name]: files[name].slice(0, at) + files[name].slice(at + size) };
        if ((await run(tool, folder, less)) === fault) files = less;
        else at += size;
      }
  return files;
}

/** The fixtures of the tests, each as the files it would be read as. */
function seeds() {
  const entries = readdirSync(join(root, 'test/fixtures'), { recursive: true, withFileTypes: true });
  const names = {
    drone: '.drone.yml',
    compose: 'docker-compose.yml',
    k8s: 'drone.yaml',
    values: 'values.yaml',
    inspect: undefined,
  };
  return entries.flatMap((entry) => {
    const [, form] = /\.(drone|compose|k8s|values|inspect)\.yml$/.exec(entry.name) ?? [];
    const name = form ? names[form] : /\.(?:env|service|sh|md|star|jsonnet)$/.test(entry.name) ? entry.name : undefined;
    const text = entry.isFile() && name ? readFileSync(join(entry.parentPath, entry.name), 'utf8') : '';
    return text && text.length < 8000 ? [{ [name]: text }] : [];
  });
}

/** Another input, made of an earlier one: pieces put in, taken out, repeated, or taken from a third. */
function mutated(random, pool) {
  const files = { ...random.of(pool) };
  for (let times = 1 + random.below(4); times > 0; times--) {
    const name = random.of(Object.keys(files));
    const text = files[name];
    const from = random.below(text.length + 1);
    const to = Math.min(text.length, from + random.below(1 + random.of([4, 40, 400])));
    const other = random.of(Object.values(random.of(pool)));
    const start = random.below(other.length + 1);
    const put = random.of([
      () => '',
      () => random.of(pieces),
      () => random.of(pieces).repeat(1 + random.below(random.of([4, 40, 2000]))),
      () => text.slice(from, to).repeat(2 + random.below(20)),
      () => other.slice(start, start + random.below(400)),
      () => `\n${random.of(['DRONE_RPC_SECRET', 'A_TOKEN', 'password'])}: ${canary}\n`,
    ])();
    files[name] = (text.slice(0, from) + put + text.slice(to)).slice(0, maxSize);
  }
  return files;
}

function generated(random) {
  const text = Array.from({ length: 1 + random.below(30) }, () =>
    random.of(pieces).repeat(1 + random.below(random.of([2, 2, 2, 200, 4000]))),
  ).join('');
  return places[random.of(Object.keys(places))](text.slice(0, maxSize / 2));
}

/** Reads how much of the tool has run since the last call: the ranges that did, as one text each. */
async function coverage() {
  const session = new Session();
  session.connect();
  const post = (method, options) =>
    new Promise((resolve, reject) =>
      session.post(method, options, (error, result) => (error ? reject(error) : resolve(result))),
    );
  await post('Profiler.enable');
  await post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  return async () => {
    const { result } = await post('Profiler.takePreciseCoverage');
    const parts = result.filter(({ url }) => /\/dist\/[a-z-]+\.cjs$/.test(url));
    return parts.flatMap(({ url, functions }) =>
      functions
        .flatMap((each) => each.ranges)
        .filter(({ count }) => count > 0)
        .map(({ startOffset, endOffset }) => `${url} ${startOffset} ${endOffset}`),
    );
  };
}

async function work() {
  const { seed, inputs, first, state, folder, growth } = workerData;
  const { default: load } = await import('../dist/cli.js');
  const tool = { ...load('scan:commands/scan'), ...load('rest:commands/effective') };
  const current = new Int32Array(state);
  const begin = (files) => {
    parentPort.postMessage({ files });
    Atomics.add(current, 0, 1);
  };
  const fail = (files, fault) => parentPort.postMessage({ files, fault });
  if (growth) {
    let fault;
    const time = async (files) => {
      const before = process.cpuUsage();
      fault = await run(tool, folder, files);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    };
    const cases = Object.entries(places).flatMap(([name, place]) => pieces.map((piece) => ({ name, place, piece })));
    for (const [index, { name, place, piece }] of cases.entries()) {
      if (index < first) continue;
      const files = (size) => place(piece.repeat(Math.ceil(size / piece.length)));
      begin(files(maxSize));
      // Once more where it grows: a compiler or a collection of garbage in between makes one measurement too long.
      for (let attempt = 0; ; attempt++) {
        const whole = await time(files(maxSize));
        if (fault) fail(files(maxSize), `${fault}, ${JSON.stringify(piece)} in ${name}`);
        if (whole < 400) break;
        const half = await time(files(maxSize / 2));
        const quarter = await time(files(maxSize / 4));
        if (whole < 10 * quarter || whole < 3 * half) break;
        if (attempt < 2) continue;
        fail(
          files(maxSize),
          `growth of ${JSON.stringify(piece)} in ${name}: ${[quarter, half, whole].map(Math.round)} ms`,
        );
        break;
      }
    }
  } else {
    const random = randomFrom(seed + first);
    const pool = seeds();
    const reached = new Set();
    const take = await coverage();
    const batch = [];
    for (let count = first; count < inputs; count++) {
      const files = count % 4 === 0 ? generated(random) : mutated(random, pool);
      begin(files);
      // The other reports say the same in other forms, and take most of the time.
      const fault = await run(tool, folder, files, count % 8 === 0);
      if (fault) fail(await shrunk(tool, folder, files, fault), fault);
      batch.push(files);
      if (batch.length < 50) continue;
      const before = reached.size;
      for (const range of await take()) reached.add(range);
      // What reached something new is mutated further.
      if (reached.size > before) pool.push(...batch);
      if (pool.length > 6000) pool.splice(1000, pool.length - 6000);
      batch.length = 0;
      parentPort.postMessage({ reached: reached.size });
    }
  }
  parentPort.postMessage({ done: true });
}

/** Runs a worker until it is done or out of time; one that hangs is ended, and the next goes on behind that input. */
async function guard(options, until) {
  const folder = mkdtempSync(join(tmpdir(), 'drone-audit-fuzz-'));
  const faults = new Map();
  let reached = 0;
  let first = 0;
  let isDone = false;
  // Seconds of processor time for all commands over one input; saving evidence audits it twice.
  const most = options.growth ? 20 : 5;
  const keep = (files, fault) => {
    const kind = fault.replace(/\d+/g, '0');
    if (faults.has(kind)) return;
    faults.set(kind, fault);
    console.error(fault);
    if (options.growth) return;
    const name = createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 12);
    mkdirSync(kept, { recursive: true });
    writeFileSync(join(kept, `${name}.json`), `${JSON.stringify(files)}\n`);
  };
  while (!isDone && Date.now() < until) {
    const state = new SharedArrayBuffer(4);
    const counter = new Int32Array(state);
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { ...options, first, state, folder } });
    let files;
    worker.on('message', (message) => {
      if (message.fault) keep(message.files, message.fault);
      else if (message.files) files = message.files;
      if (message.reached) reached = Math.max(reached, message.reached);
      isDone ||= message.done === true;
    });
    await new Promise((resolve, reject) => {
      let last = -1;
      let since = process.cpuUsage();
      const timer = setInterval(() => {
        const { user, system } = process.cpuUsage(since);
        const spent = (user + system) / 1e6;
        if (counter[0] !== last) {
          last = counter[0];
          since = process.cpuUsage();
        } else if (spent > most && last > 0) {
          keep(files, `hang: more than ${most} s`);
          worker.terminate();
        }
        if (Date.now() >= until) worker.terminate();
      }, 200);
      worker.on('error', reject);
      worker.on('exit', () => {
        clearInterval(timer);
        resolve();
      });
    });
    first += counter[0];
  }
  rmSync(folder, { recursive: true, force: true });
  return { count: first, faults: faults.size, reached };
}

if (!isMainThread) await work();
else {
  const { values } = parseArgs({
    allowNegative: true,
    options: {
      seconds: { type: 'string', default: '60' },
      inputs: { type: 'string', default: '1000000' },
      seed: { type: 'string', default: '1' },
      growth: { type: 'boolean', default: true },
    },
  });
  const none = { count: 0, faults: 0 };
  const growth = values.growth ? await guard({ growth: true }, Number.POSITIVE_INFINITY) : none;
  const fuzzed = await guard(
    { seed: Number(values.seed), inputs: Number(values.inputs) },
    Date.now() + Number(values.seconds) * 1000,
  );
  console.log(
    `${growth.count} pieces, ${growth.faults} grow; ${fuzzed.count} inputs, ${fuzzed.faults} faults, ${fuzzed.reached} ranges of code reached`,
  );
  process.exitCode = growth.faults + fuzzed.faults > 0 ? 1 : 0;
}
