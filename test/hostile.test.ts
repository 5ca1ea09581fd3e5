import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyPolicy, usualPolicy } from '../src/apply-policy.ts';
import { explainInstallation } from '../src/explain/installation.ts';
import { judge } from '../src/judge.ts';
import type { Report, ReportedProblem } from '../src/model/report.ts';
import { unknownSite } from '../src/model/site.ts';
import type { Form, Source } from '../src/model/source.ts';
import { say } from '../src/model/text.ts';
import { read } from '../src/read.ts';
import { recognise } from '../src/readers/recognise.ts';
import { effectiveJson, effectiveText } from '../src/reporters/effective.ts';
import { jsonReport } from '../src/reporters/json.ts';
import { sarifReport } from '../src/reporters/sarif.ts';
import { textReport } from '../src/reporters/text.ts';
import { allRules, familyOf } from '../src/rules/all.ts';
import { maskFor } from '../src/secrets/mask.ts';
import { droneAudit, temporaryFolder } from './support/cli.ts';
import { affordable, expectProportional, Reference } from './support/cost.ts';
import { whole } from './support/text.ts';

// Texts made to cost time, memory or the process itself. Whatever they are, the audit ends soon and says what is wrong.

type Files = Readonly<Record<string, readonly [form: Form, text: string]>>;

const repeat = (times: number, text: (index: number) => string): string =>
  Array.from({ length: times }, (_, index) => text(index)).join('');

interface Audited {
  readonly problems: readonly ReportedProblem[];
  readonly messages: readonly string[];
  readonly components: number;
  readonly findings: number;
}

/** Two thousand services: a fraction of a second. Limits are there to keep everything else within a few of these. */
const honest = new Reference('an honest file', () =>
  everything(compose(`${server}${repeat(2000, (i) => `  s${i}: {image: "alpine:3", environment: {A: b}}\n`)}`)),
);

/** For files whose cost is held down by a limit. */
function audited(files: Files): Audited {
  return affordable(() => everything(files), honest, 20);
}

/** For files that may be as long as they like: twice the text, twice the time. Gives what is said of all of it. */
function auditedInProportion(files: (scale: number) => Files): Audited {
  let whole: Audited | undefined;
  expectProportional((scale) => {
    const found = everything(files(scale));
    if (scale === 1) whole = found;
  });
  return whole ?? expect.fail('nothing was audited');
}

/** Everything that happens to texts between disk and screen, in every format. */
function everything(files: Files): Audited {
  const sources: Source[] = Object.entries(files).map(([name, [form, text]]) => ({ name, form, text }));
  const byName = new Map(sources.map((source) => [source.name, source]));
  const understanding = read(sources, (_, path) => {
    const name = path.replace(/^\.\//, '');
    return byName.get(name) ?? { kind: 'unreadable', source: name, message: say`is not there`, incomplete: true };
  });
  const mask = maskFor(understanding.secrets);
  const { verdicts, undecided } = judge(understanding.installation, allRules, unknownSite);
  const shown = { pedantic: true, minSeverity: 'info', minConfidence: 'low' } as const;
  const policy = { ...usualPolicy('2026-11-21'), ...shown };
  const settled = applyPolicy(verdicts, undecided, understanding.sources, familyOf, policy, () => mask);
  const problems = [...understanding.problems, ...settled.problems].map(mask.problem);
  const unknown = understanding.unknown.map(({ at, message }) => ({
    source: at.source.name,
    message: mask.text(message),
  }));
  const report: Report = {
    tool: { name: 'drone-audit', version: '0.0.0', facts: { drone: '2.25.0', commit: '3e7ecf161' } },
    population: { origins: [], repositories: 0, pipelines: [] },
    findings: settled.findings,
    problems,
    sources: [],
    coverage: {
      files: 1,
      pipelines: 1,
      containers: 1,
      components: 1,
      mentions: [],
      notAsked: [],
      probed: [],
      unknown,
      inconclusive: settled.inconclusive,
    },
    rulesLeftOut: [],
    failOn: 'high',
    exitCode: 1,
    hiddenBySeverity: 0,
    hiddenPedantic: 0,
    rules: [],
    controls: { standards: [], limits: [], results: [] },
  };
  whole(textReport(report, { color: false, width: 80, verbose: true }));
  whole(jsonReport(report));
  whole(sarifReport(report, allRules, familyOf));
  const components = mask.all(explainInstallation(understanding.installation, unknownSite, mask));
  const view = { tool: report.tool, components, problems };
  effectiveText(view, { color: false, width: 80, verbose: false });
  effectiveJson(view);
  const messages = [...problems, ...unknown].map(({ message }) => message);
  return {
    problems,
    components: components.length,
    findings: settled.findings.length,
    messages: [...messages, ...components.flatMap(({ gaps }) => gaps)],
  };
}

const compose = (text: string): Files => ({ 'docker-compose.yml': ['compose', text] });
const pipeline = (text: string): Files => ({ '.drone.yml': ['drone', text] });
const runner = 'services:\n  a:\n    image: drone/drone-runner-docker:1\n';
const server = 'services:\n  a:\n    image: drone/drone:2\n';
const steps = 'kind: pipeline\ntype: docker\nname: default\nsteps:\n';

/** One component with these variables, in each form that holds variables. */
function inEveryForm(variables: readonly (readonly [name: string, value: string])[]): ReadonlyMap<string, () => Files> {
  const lines = (text: (name: string, value: string) => string): string =>
    variables.map(([name, value]) => text(name, value)).join('');
  const env = (): string => lines((name, value) => `${name}=${value}\n`);
  const pod = (fields: string): string =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: drone}\nspec:\n  containers:\n  - name: drone\n    image: drone/drone-runner-docker:1\n${fields}`;
  const inspected = () => ({
    Name: '/drone',
    Config: { Image: 'drone/drone-runner-docker:1', Env: variables.map(([name, value]) => `${name}=${value}`) },
    HostConfig: {},
    State: { Running: true },
  });
  return new Map<string, () => Files>([
    ['compose', () => compose(`${runner}    environment:\n${lines((name, value) => `      ${name}: "${value}"\n`)}`)],
    [
      'compose list',
      () => compose(`${runner}    environment:\n${lines((name, value) => `    - "${name}=${value}"\n`)}`),
    ],
    ['compose env_file', () => ({ ...compose(`${runner}    env_file: a.env\n`), 'a.env': ['env', env()] })],
    ['env', () => ({ 'a.env': ['env', env()] })],
    ['docker-env', () => ({ 'a.env': ['docker-env', env()] })],
    [
      'docker run',
      () => ({
        'run.sh': [
          'docker-run',
          `docker run ${lines((name, value) => `-e '${name}=${value}' `)} drone/drone-runner-docker:1\n`,
        ],
      }),
    ],
    [
      'docker run env-file',
      () => ({
        'run.sh': ['docker-run', 'docker run --env-file a.env drone/drone-runner-docker:1\n'],
        'a.env': ['docker-env', env()],
      }),
    ],
    [
      'systemd',
      () => ({
        'drone.service': [
          'systemd',
          `[Service]\n${lines((name, value) => `Environment="${name}=${value}"\n`)}ExecStart=/usr/bin/drone-runner-docker\n`,
        ],
      }),
    ],
    [
      'kubernetes',
      () => ({
        'drone.yaml': [
          'kubernetes',
          pod(`    env:\n${lines((name, value) => `    - {name: ${name}, value: "${value}"}\n`)}`),
        ],
      }),
    ],
    [
      'kubernetes ConfigMap',
      () => ({
        'drone.yaml': [
          'kubernetes',
          `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: env}\ndata:\n${lines((name, value) => `  ${name}: "${value}"\n`)}---\n${pod('    envFrom: [{configMapRef: {name: env}}]\n')}`,
        ],
      }),
    ],
    [
      'helm values',
      () => ({
        'values.yaml': [
          'helm-values',
          `image: {repository: drone/drone-runner-docker, tag: "1"}\nenv:\n${lines((name, value) => `  ${name}: "${value}"\n`)}`,
        ],
      }),
    ],
    ['docker inspect', () => ({ 'docker://drone': ['docker-inspect', JSON.stringify([inspected()])] })],
  ]);
}

const formNames = [...inEveryForm([]).keys()];

function inForm(form: string, variables: Parameters<typeof inEveryForm>[0]): Files {
  return inEveryForm(variables).get(form)?.() ?? expect.fail(`there is no form "${form}"`);
}

describe('aliases', () => {
  const bomb = (levels: number, open: string, close: string): string =>
    `x0: &x0 ${open}k: lol${close}\n${repeat(levels, (i) => `x${i + 1}: &x${i + 1} ${open}${repeat(9, (j) => `k${j}: *x${i}, `)}${close}\n`)}`;

  it.each([
    ['mappings in a compose file', compose(`${bomb(9, '{', '}')}${server}    environment: *x9\n`)],
    [
      'merges in a compose file',
      compose(
        `x0: &x0 {a0: b}\n${repeat(2000, (i) => `x${i + 1}: &x${i + 1} {<<: *x${i}, a${i + 1}: b}\n`)}${server}    environment: *x2000\n`,
      ),
    ],
    [
      'lists in a compose file',
      compose(
        `x0: &x0 [a]\n${repeat(9, (i) => `x${i + 1}: &x${i + 1} [${`*x${i}, `.repeat(9)}]\n`)}${server}    command: *x9\n`,
      ),
    ],
    [
      'a pipeline',
      pipeline(`${steps}- name: a\n  image: alpine\n  environment: *x9\n`.replace('kind', `${bomb(9, '{', '}')}kind`)),
    ],
    [
      'lists in a pipeline',
      pipeline(
        `x0: &x0 [a]\n${repeat(9, (i) => `x${i + 1}: &x${i + 1} [${`*x${i}, `.repeat(9)}]\n`)}${steps}- {name: a, image: alpine, commands: *x9}\n`,
      ),
    ],
  ])('that multiply: %s', (_, files) => {
    const { problems } = audited(files);
    expect(problems).not.toEqual([]);
  });

  it('that lead in a circle', () => {
    for (const files of [compose('services: &s\n  a: *s\n'), pipeline('kind: pipeline\nsteps: &s\n- *s\n')])
      audited(files);
  });
});

describe('files that name each other', () => {
  it('extend each other in a circle', () => {
    const { messages } = audited(compose('services:\n  a: {image: drone/drone, extends: b}\n  b: {extends: a}\n'));
    expect(messages.join('\n')).toMatch(/circle|cycle|itself/);
    audited({
      'a.yml': ['compose', 'services: {a: {image: drone/drone, extends: {file: b.yml, service: b}}}\n'],
      'b.yml': ['compose', 'services: {b: {extends: {file: a.yml, service: a}}}\n'],
    });
    audited(compose(`${server}${repeat(5000, (i) => `  s${i}: {image: alpine, extends: s${(i + 1) % 5000}}\n`)}`));
  });

  it('include each other in a circle', () => {
    const { components } = audited({
      'a.yml': ['compose', `include: [b.yml]\n${server}`],
      'b.yml': ['compose', 'include: [a.yml, b.yml]\nservices: {c: {image: drone/drone}}\n'],
    });
    expect(components).toBeGreaterThan(0);
  });

  it('take volumes from each other in long rows', () => {
    const { messages } = audited(
      compose(
        `services:\n${repeat(10_000, (i) => `  s${i}: {image: alpine, volumes: ["/a${i}:/b${i}"], volumes_from: [s${i + 1}]}\n`)}`,
      ),
    );
    expect(messages.join('\n')).toContain('too many mounts are inherited');
  });

  const large = repeat(20_000, (i) => `DRONE_VARIABLE_${i}=a\n`);
  it.each<[string, Files]>([
    [
      'docker run',
      {
        'run.sh': ['docker-run', 'docker run --env-file a.env drone/drone:2\n'.repeat(400)],
        'a.env': ['docker-env', large],
      },
    ],
    [
      'one docker run',
      {
        'run.sh': ['docker-run', `docker run ${'--env-file a.env '.repeat(400)} drone/drone:2\n`],
        'a.env': ['docker-env', large],
      },
    ],
    [
      'a script that writes them',
      {
        'run.sh': [
          'docker-run',
          `cat > a.env <<EOF\n${large}EOF\n${'docker run --env-file a.env drone/drone:2\n'.repeat(400)}`,
        ],
      },
    ],
    [
      'a unit',
      {
        'drone.service': [
          'systemd',
          `[Service]\n${'EnvironmentFile=a.env\n'.repeat(400)}ExecStart=/usr/bin/drone-server\n`,
        ],
        'a.env': ['env', large],
      },
    ],
    [
      'compose',
      {
        ...compose(`services:\n${repeat(400, (i) => `  s${i}: {image: drone/drone, env_file: a.env}\n`)}`),
        'a.env': ['env', large],
      },
    ],
  ])('name one large file again and again: %s', (_, files) => {
    expect(audited(files).messages.join('\n')).toMatch(/more than|too large/);
  });

  it('export many variables to many processes', () => {
    const { messages } = audited({
      'run.sh': [
        'docker-run',
        `${repeat(20_000, (i) => `export DRONE_VARIABLE_${i}=a\n`)}${'drone-server\n'.repeat(400)}`,
      ],
    });
    expect(messages.join('\n')).toContain('more than 50000');
  });
});

describe('files that are none', () => {
  /** What the command line says of a compose file whose env_file is something else. */
  const scanned = (path: string, prepare: (cwd: string) => void): string => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'docker-compose.yml'), `${server}    env_file: ${path}\n`);
    prepare(cwd);
    const { status, stdout, stderr } = droneAudit(['scan', '-v', '--exit-zero'], { cwd });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return stdout.replace(/\s+/g, ' ');
  };

  it('as env_file', () => {
    expect(scanned('/dev/zero', () => {})).toContain('outside the audited folders');
    expect(scanned('pipe', (cwd) => void execFileSync('mkfifo', [join(cwd, 'pipe')]))).toContain(
      'is not a regular file',
    );
    expect(scanned('zero', (cwd) => symlinkSync('/dev/zero', join(cwd, 'zero')))).toContain(
      'leads out of the audited folder',
    );
    expect(scanned('../../../../../../etc/passwd', () => {})).toContain('outside the audited folders');
    expect(scanned('folder', (cwd) => void execFileSync('mkdir', [join(cwd, 'folder')]))).toContain(
      'is not a regular file',
    );
    expect(scanned('itself', (cwd) => symlinkSync('itself', join(cwd, 'itself')))).toContain('leads in a circle');
    expect(scanned('a.env', (cwd) => writeFileSync(join(cwd, 'a.env'), Buffer.alloc(3 << 20, 'A=b\n')))).toContain(
      'larger than 2 MiB',
    );
  });

  it.each(['/dev/zero', 'pipe'])('as argument: %s', (name) => {
    const cwd = temporaryFolder();
    execFileSync('mkfifo', [join(cwd, 'pipe')]);
    const { status, stdout } = droneAudit(['scan', name], { cwd });
    expect(status).toBe(3);
    expect(stdout).toContain('is not a regular file');
  });
});

describe('.gitignore', () => {
  /** The names that the audit of a repository reads, of pipelines in its folders. */
  const readOf = (gitignore: string, folders: readonly string[]): readonly string[] => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, '.gitignore'), gitignore);
    execFileSync('git', ['init', '-q'], { cwd });
    execFileSync('git', ['add', '.gitignore'], { cwd });
    for (const folder of folders) {
      mkdirSync(join(cwd, folder), { recursive: true });
      writeFileSync(join(cwd, folder, '.drone.yml'), 'kind: pipeline\nname: default\nsteps: []\n');
    }
    const { stdout } = droneAudit(['scan', '--format', 'json', '--exit-zero'], { cwd });
    const { sources }: { sources: { file: string }[] } = JSON.parse(stdout);
    return sources.map(({ file }) => file);
  };
  const deep = 'a/'.repeat(60);

  it('costs no more than it is worth: loops in loops, and very many patterns', () => {
    expect(readOf(`a${'/**/a'.repeat(12)}/b\n${'**/a/'.repeat(9)}b\n`, [deep])).toEqual([`${deep}.drone.yml`]);
    const many = Array.from({ length: 200_000 }, (_, index) => `x${index}\n`).join('');
    const folders = Array.from({ length: 300 }, (_, index) => `f${index}`);
    expect(readOf(many, folders)).toHaveLength(300);
  });

  it('hides what patterns of the usual kinds say, and nothing by those that cost too much', () => {
    expect(readOf('/out\n**/dist\na/**/b\n\n# c\n!/out/kept\n', ['out', 'x/dist', 'a/x/y/b', 'c', 'd'])).toEqual([
      'c/.drone.yml',
      'd/.drone.yml',
    ]);
    expect(readOf('d/**/d/**/d/**/d\n', ['d/d/d/d'])).toEqual(['d/d/d/d/.drone.yml']);
  });
});

describe('many', () => {
  it('services', () => {
    const { components, findings } = auditedInProportion((scale) =>
      compose(`${server}${repeat(10_000 * scale, (i) => `  s${i}: {image: "alpine:3", environment: {A: b}}\n`)}`),
    );
    expect(components).toBe(10_001);
    expect(findings).toBeGreaterThan(0);
  });

  it('servers and runners', () => {
    const pair = (i: number): string =>
      `  s${i}: {image: "drone/drone:2", environment: {DRONE_SERVER_HOST: s${i}.example.com, DRONE_RPC_SECRET: canary${i}}}\n  r${i}: {image: "drone/drone-runner-docker:1", environment: {DRONE_RPC_HOST: s${i}, DRONE_RPC_SECRET: canary${i}}}\n`;
    const { components } = auditedInProportion((scale) => compose(`services:\n${repeat(1500 * scale, pair)}`));
    expect(components).toBe(3000);
  });

  it('containers of the engine', () => {
    const record = (_: unknown, i: number) => ({
      Name: `/a${i}`,
      Config: { Image: 'drone/drone:2', Env: [`DRONE_RPC_SECRET=canary${i}`] },
      HostConfig: {},
      State: {},
    });
    const { components } = auditedInProportion((scale) => ({
      'docker://a': ['docker-inspect', JSON.stringify(Array.from({ length: 2000 * scale }, record))],
    }));
    expect(components).toBe(2000);
  });

  const variables = (count: number, of: (i: number) => readonly [string, string]) =>
    Array.from({ length: count }, (_, i) => of(i));

  it.each(formNames)('keys: %s', (form) => {
    const key = (i: number) => [`DRONE_VARIABLE_${i}`, `value-${i}`] as const;
    const { components } = auditedInProportion((scale) => inForm(form, variables(20_000 * scale, key)));
    expect(components).toBeGreaterThan(0);
  });

  it.each(formNames)('secrets: %s', (form) => {
    const secret = (i: number) => [`DRONE_${i}_SECRET`, `canary-${i}`] as const;
    const { components } = auditedInProportion((scale) => inForm(form, variables(5000 * scale, secret)));
    expect(components).toBeGreaterThan(0);
  });

  it.each(formNames)('secrets in one value: %s', (form) => {
    auditedInProportion((scale) =>
      inForm(form, [
        ['DRONE_RPC_HOST', 'a'],
        ['DRONE_RUNNER_ENVIRON', 'a:b,'.repeat(140_000 * scale)],
      ]),
    );
  });

  it('steps with findings and secrets', () => {
    const step = (i: number): string =>
      `- {name: s${i}, image: alpine, privileged: true, environment: {TOKEN: canary${i}}, commands: [make]}\n`;
    const { findings } = auditedInProportion((scale) => pipeline(`${steps}${repeat(5000 * scale, step)}`));
    expect(findings).toBeGreaterThan(5000);
  });

  const comment = (i: number): string => `# drone-audit: ignore[privileged-step] reason ${i}\n`;
  const step = (i: number): string => `- {name: s${i}, image: alpine, privileged: true}\n`;
  it.each<[string, (scale: number) => Files]>([
    ['for each step', (scale) => pipeline(`${steps}${repeat(5000 * scale, (i) => comment(i) + step(i))}`)],
    ['for the file', (scale) => pipeline(`${repeat(10_000 * scale, comment)}${steps}${repeat(5000 * scale, step)}`)],
    [
      'in the text',
      (scale) =>
        pipeline(
          `${repeat(10_000 * scale, (i) => `kind: pipeline ${comment(i)}`)}${steps}${repeat(1000 * scale, step)}`,
        ),
    ],
    [
      'of many rules',
      (scale) =>
        pipeline(`${steps}# drone-audit: ignore[${'privileged-step,'.repeat(50_000 * scale)}] reason\n${step(0)}`),
    ],
  ])('suppressions %s', (_, files) => {
    auditedInProportion(files);
  });

  it.each<[string, (scale: number) => Files]>([
    [
      'items of lists',
      (scale) => {
        const items = 'a,'.repeat(200_000 * scale);
        return compose(`${server}    cap_add: [${items}]\n    command: [${items}]\n`);
      },
    ],
    [
      'commands',
      (scale) => pipeline(`${steps}- {name: a, image: alpine, commands: [${'a,'.repeat(200_000 * scale)}]}\n`),
    ],
    [
      'unknown keys',
      (scale) => pipeline(`${repeat(100_000 * scale, (i) => `k${i}: v\n`)}${steps}- {name: a, image: alpine}\n`),
    ],
    [
      'keys written twice',
      (scale) => pipeline(`${'name: a\n'.repeat(100_000 * scale)}${steps}- {name: a, image: alpine}\n`),
    ],
    [
      'broken lines of variables',
      (scale) => ({ 'a.env': ['env', `DRONE_RPC_SECRET=a\n${'a b\n'.repeat(200_000 * scale)}`] }),
    ],
    ['documents', (scale) => pipeline(`${steps}- {name: a, image: alpine}\n---\n`.repeat(10_000 * scale))],
    ['merges', (scale) => compose(`${server}    environment: {<<: [${'{a: b}, '.repeat(30_000 * scale)}]}\n`)],
  ])('%s', (_, files) => {
    auditedInProportion(files);
  });
});

describe('depth', () => {
  const levels = 5000;
  it.each<[string, Files]>([
    ['compose', compose(`${server}    x: ${'['.repeat(levels)}${']'.repeat(levels)}\n`)],
    ['compose mappings', compose(`${server}    x: ${'{a: '.repeat(levels)}${'}'.repeat(levels)}\n`)],
    ['an open compose', compose(`${server}    x: ${'['.repeat(levels)}`)],
    ['a pipeline', pipeline(`kind: pipeline\nsteps: ${'[{steps: '.repeat(levels)}${'}]'.repeat(levels)}\n`)],
    ['a pipeline by indentation', pipeline(`kind: pipeline\n${repeat(1500, (i) => `${' '.repeat(i)}a:\n`)}`)],
    [
      'a manifest',
      {
        'a.yaml': [
          'kubernetes',
          `apiVersion: v1\nkind: Pod\nmetadata: {name: drone}\nspec: ${'{a: '.repeat(levels)}${'}'.repeat(levels)}\n`,
        ],
      },
    ],
    [
      'chart values',
      { 'values.yaml': ['helm-values', `env: {DRONE_RPC_SECRET: a}\nx: ${'['.repeat(levels)}${']'.repeat(levels)}\n`] },
    ],
    [
      'an inspection',
      {
        'docker://a': [
          'docker-inspect',
          `[{"Config":{"Env":${'['.repeat(levels)}${']'.repeat(levels)}},"HostConfig":{},"State":{}}]`,
        ],
      },
    ],
  ])('%s', (_, files) => {
    const { messages } = audited(files);
    expect(messages.join('\n')).toMatch(/nest|deep|level|structure|malformed|YAML|JSON/i);
  });

  it.each<[string, Files]>([
    [
      'references in compose',
      compose(`${server}    environment:\n      A: ${'${A:-'.repeat(levels)}x${'}'.repeat(levels)}\n`),
    ],
    ['open references in compose', compose(`${server}    environment:\n      A: "${'${A:-'.repeat(200_000)}"\n`)],
    ['open references in an env file', { 'a.env': ['env', `DRONE_RPC_SECRET=a\nA=${'${A:-'.repeat(200_000)}\n`] }],
    [
      'values that double',
      {
        'a.env': ['env', `DRONE_RPC_SECRET=a\nA0=aaaaaaaaaa\n${repeat(5000, (i) => `A${i + 1}=\${A${i}}\${A${i}}\n`)}`],
      },
    ],
    [
      'substitutions of a shell',
      { 'run.sh': ['docker-run', `docker run -e A=${'$(echo '.repeat(levels)}${')'.repeat(levels)} drone/drone\n`] },
    ],
    ['shells in shells', { 'run.sh': ['docker-run', `${'sh -c "'.repeat(levels)}docker run drone/drone\n`] }],
  ])('%s', (_, files) => {
    audited(files);
  });
});

describe('two mebibytes of one level after another', () => {
  const size = 2 << 20;
  it.each(['[', '{a: ', '- ', '? ', 'a: ', '- - [', '[- '])('%j', (piece) => {
    const deep = piece.repeat(Math.floor((size - 100) / piece.length));
    for (const files of [
      compose(`services:\n  a: ${deep}`),
      pipeline(`kind: pipeline\nsteps: ${deep}`),
      { 'a.yaml': ['kubernetes', deep] } as const satisfies Files,
      { 'values.yaml': ['helm-values', `env: {DRONE_RPC_SECRET: a}\nx: ${deep}`] } as const satisfies Files,
      { 'docker://a': ['docker-inspect', deep] } as const satisfies Files,
    ]) {
      const { problems, findings } = audited(files);
      // What Drone itself refuses is a finding.
      expect(problems.length + findings).toBeGreaterThan(0);
    }
  });

  it('but not brackets in texts', () => {
    const { components } = audited(compose(`${server}    command: |\n${'      echo "[1m{"\n'.repeat(2000)}`));
    expect(components).toBe(1);
  });

  it.each(['a() {', 'coproc ', '{ ', 'if ', 'while a; do ', 'case a in a) ', '(', '$(', '${A:-', '[[ ! ', '"$('])(
    '%j in a script',
    (piece) => {
      const deep = piece.repeat(40_000);
      const { messages } = audited({ 'run.sh': ['docker-run', `docker run drone/drone:2\n${deep}`] });
      if (/^(?:a|c|\{|i|w)/.test(piece)) expect(messages.join('\n')).toContain('nested too deeply');
      audited(pipeline(`${steps}- name: a\n  image: alpine\n  commands:\n  - ${JSON.stringify(deep)}\n`));
    },
  );
});

describe('one piece, again and again', () => {
  const script = (text: string): Files => ({ 'run.sh': ['docker-run', `docker run drone/drone:2\n${text}\n`] });
  const ignore = '# drone-audit: ignore[privileged-step] reason\n';
  it.each<[string, (count: number) => Files]>([
    [
      'dots in the repository of an image',
      (count) => ({
        'values.yaml': [
          'helm-values',
          `image: {repository: "${'.'.repeat(count)}", tag: "1"}\nenv: {DRONE_RPC_SECRET: a}\n`,
        ],
      }),
    ],
    ['here-documents in a shell of a shell', (count) => script(`sh -c '${'<<A '.repeat(count / 4)}'`)],
    ['a program with a long path', (count) => script(`DRONE_RPC_SECRET=a ${'a'.repeat(count)}/`)],
    ['words that begin the line of a key', (count) => compose(`${server}# ${'KEY'.repeat(count / 3)}\n`)],
    [
      'lines that are indented as a suppressed one',
      (count) =>
        pipeline(`${steps}${ignore}- name: a # ${':#'.repeat(count / 40)}\u2028\n${'- name: b\n'.repeat(count / 100)}`),
    ],
    ['words for files of variables', (count) => script(`. ./${'env'.repeat(count / 3)}/`)],
    ['slashes behind a folder', (count) => compose(`${server}    volumes: ["/a:/data${'/'.repeat(count)}a"]\n`)],
  ])('%s', (_, files) => {
    auditedInProportion((scale) => files(1_000_000 * scale));
  });

  it('stars in a config', () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, '.drone.yml'), `${steps}- {name: ${'a'.repeat(5000)}, image: alpine, privileged: true}\n`);
    const stars = (end: string): string =>
      `ignore:\n- {rule: privileged-step, at: "*${'a*'.repeat(40)}${end}", reason: a}\n`;
    writeFileSync(join(cwd, 'drone-audit.yml'), stars('!'));
    expect(droneAudit(['scan', '-v'], { cwd }).stdout).toContain('has no effect');
    writeFileSync(join(cwd, 'drone-audit.yml'), stars('].privileged'));
    expect(droneAudit(['scan', '-v'], { cwd }).stdout).not.toContain('has no effect');
  });
});

describe('lines of a mebibyte', () => {
  const mebibyte = 1 << 20;
  const fill = (text: string, scale = 1): string => text.repeat(Math.ceil((mebibyte * scale) / text.length));
  it.each([
    'http://a:b@',
    "password='a ",
    '--password ',
    '/a:/b,',
    'token:abcdefg,',
    '${A',
    '\\',
    'A_TOKEN=${ ',
    ' ',
    'é',
  ])('%j as a value', (piece) => {
    auditedInProportion((scale) => {
      const value = JSON.stringify(fill(piece, scale));
      return compose(
        `${server}    environment:\n      DRONE_DATABASE_DATASOURCE: ${value}\n      DRONE_X: ${value.slice(0, 1000)}"\n`,
      );
    });
    auditedInProportion((scale) => ({
      'a.env': ['env', `DRONE_RPC_SECRET=a\nDRONE_USER_CREATE=${fill(piece, scale)}\n`],
    }));
    auditedInProportion((scale) => ({
      'a.env': ['docker-env', `DRONE_RPC_SECRET=a\nDRONE_SERVER_HOST=${fill(piece, scale)}\n`],
    }));
    auditedInProportion((scale) => ({
      'drone.service': [
        'systemd',
        `[Service]\nEnvironment="DRONE_SERVER_HOST=${fill(piece, scale)}"\nExecStart=/usr/bin/drone-server\n`,
      ],
    }));
    auditedInProportion((scale) => {
      const value = fill(piece, scale);
      const Config = {
        Image: 'drone/drone',
        Cmd: [value],
        Env: [`DRONE_SERVER_HOST=${value.slice(0, 500_000 * scale)}`],
        Labels: { a: value.slice(0, 300_000 * scale) },
      };
      return { 'docker://a': ['docker-inspect', JSON.stringify([{ Name: '/a', Config, HostConfig: {}, State: {} }])] };
    });
  });

  it.each(['echo ', '-e A=b ', '$(', '`', '"', '\\', '${A:-', '<<EOF ', '| ', '((', 'docker run '])(
    '%j as a command',
    (piece) => {
      const text = (scale: number): string => fill(piece, scale / 2);
      auditedInProportion((scale) => ({ 'run.sh': ['docker-run', `docker run ${text(scale)} drone/drone\n`] }));
      auditedInProportion((scale) => ({
        'drone.service': [
          'systemd',
          `[Service]\nEnvironment=DRONE_RPC_SECRET=a\nExecStart=/usr/bin/docker run ${text(scale)} drone/drone\n`,
        ],
      }));
      auditedInProportion((scale) =>
        pipeline(`${steps}- name: a\n  image: alpine\n  commands:\n  - ${JSON.stringify(text(scale))}\n`),
      );
    },
  );

  it.each<[string, (scale: number) => Files]>([
    ['a comment', (scale) => compose(`${server}# ${fill('A_TOKEN=${ ', scale)}\n`)],
    [
      'blanks before assignments',
      (scale) => compose(`${server}#${' '.repeat((mebibyte / 2) * scale)}${fill('a_token=b ', scale / 2)}\n`),
    ],
    [
      'an image',
      (scale) => compose(`services:\n  a:\n    image: ${fill('a/', scale)}\n    environment: {DRONE_RPC_SECRET: a}\n`),
    ],
    ['a port', (scale) => compose(`${server}    ports: ["${fill('1:', scale)}"]\n`)],
    ['a volume', (scale) => compose(`${server}    volumes: ["${fill('/a:', scale)}"]\n`)],
    ['a key', (scale) => compose(`${server}    environment: {? ${fill('a', scale)} : b}\n`)],
    ['a label', (scale) => compose(`${server}    labels: ["traefik.http.routers.${fill('a.', scale)}=b"]\n`)],
    ['an image of a step', (scale) => pipeline(`${steps}- {name: a, image: ${fill('a/', scale)}}\n`)],
    ['a branch', (scale) => pipeline(`${steps}- {name: a, image: alpine, when: {branch: "${fill('*a', scale)}"}}\n`)],
    ['a matrix', (scale) => pipeline(`pipeline:\n  a: {image: "${fill('${A}', scale)}"}\nmatrix: {A: [a, b]}\n`)],
    [
      'a unit',
      (scale) => ({
        'drone.service': [
          'systemd',
          `[Service]\n${fill('Environment=A=b\\\n', scale)}\nExecStart=/usr/bin/drone-server\n`,
        ],
      }),
    ],
    [
      'a page',
      (scale) => ({
        'README.md': ['docker-run', `${fill('```\ndocker\n', scale)}\n\`\`\`sh\ndocker run drone/drone\n`],
      }),
    ],
  ])('%s', (_, files) => {
    auditedInProportion(files);
  });
});

describe('one thing, again and again', () => {
  it.each<[string, (scale: number) => Files]>([
    [
      'options with secrets on one command line',
      (scale) => ({ 'run.sh': ['docker-run', `docker run drone/drone:1\n${'--password '.repeat(180_000 * scale)}`] }),
    ],
    [
      'faults that the package makes an error of',
      (scale) => pipeline(`${steps}- name: a\n  image: alpine\n${'\\\n'.repeat(600_000 * scale)}`),
    ],
    [
      'logins without a password',
      (scale) =>
        pipeline(
          `${steps}- name: a\n  image: alpine\n  commands:\n  - ${'docker login '.repeat(140_000 * scale)} -p\n`,
        ),
    ],
  ])('%s', (_, files) => {
    auditedInProportion(files);
  });
});

describe('1.9 megabytes', () => {
  it.each(['http://', 'http://a:b@'].flatMap((piece) => formNames.map((form) => [piece, form] as const)))(
    'of %s in one value: %s',
    (piece, form) => {
      auditedInProportion((scale) =>
        inForm(form, [
          ['DRONE_RPC_HOST', 'a'],
          ['DRONE_SERVER_HOST', piece.repeat(Math.floor((1_900_000 * scale) / piece.length))],
        ]),
      );
    },
  );
});

describe('pieces of real files', () => {
  const files = readdirSync('test/fixtures', { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const texts = files.flatMap((path) => {
    const text = readFileSync(path, 'utf8');
    const form = /\.inspect\.yml$/.test(path) ? 'docker-inspect' : recognise(basename(path), text);
    return form ? [{ form, text }] : [];
  });

  it('there are some', () => {
    expect(new Set(texts.map(({ form }) => form)).size).toBeGreaterThan(5);
  });

  it('are read to the end, whatever is cut off, joined or taken for something else', () => {
    const piece = fc.tuple(
      fc.constantFrom(...texts),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
    );
    const forms = [...new Set(texts.map(({ form }) => form))];
    fc.assert(
      fc.property(piece, piece, fc.constantFrom('own', ...forms), ([one, from, to], [other, start, end], form) => {
        const cut = (text: string, a: number, b: number): string =>
          text.slice(Math.floor(Math.min(a, b) * text.length), Math.ceil(Math.max(a, b) * text.length));
        const text = cut(one.text, from, to) + cut(other.text, start, end);
        const { problems } = audited({ 'docker-compose.yml': [form === 'own' ? one.form : form, text] });
        const lines = text.split(/\r\n|\r|\n/).length;
        for (const { message, line } of problems) {
          expect(message).not.toBe('');
          expect(line ?? 1).toBeLessThanOrEqual(lines);
        }
      }),
      { numRuns: 300 },
    );
  });
});
