import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { describe, expect, it, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { version } from '../src/version.ts';
import { droneAudit, droneAuditBeside, node, runBeside, runCommand, temporaryFolder } from './support/cli.ts';

// examples/gate is what people copy: as far as a machine without those services can, it is run.

const gate = resolve('examples/gate');
const text = (name: string): string => readFileSync(join(gate, name), 'utf8');
// biome-ignore lint/suspicious/noExplicitAny: what a YAML file holds.
const yaml = (name: string): any => parse(text(name));

/** A checkout of the careless or the hardened example, and commands in it with the tool on the path. */
function checkout(example: 'careless' | 'hardened') {
  const folder = temporaryFolder();
  cpSync(join('examples', example), join(folder, 'checkout'), { recursive: true });
  mkdirSync(join(folder, 'bin'));
  symlinkSync(resolve('bin/drone-audit.js'), join(folder, 'bin/drone-audit'));
  symlinkSync(node, join(folder, 'bin/node'));
  const policy = join(folder, 'policy.yml');
  writeFileSync(policy, 'ignore: []\n');
  const cwd = join(folder, 'checkout');
  const shell = (line: string) =>
    runCommand('sh', ['-ec', line.replaceAll('/policy.yml', policy)], {
      cwd,
      env: { PATH: `${join(folder, 'bin')}:${process.env.PATH}` },
    });
  return { cwd, policy, shell };
}

describe('examples/gate', () => {
  it('is tested here as a whole', () => {
    expect(
      readdirSync(gate, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => name)
        .sort(),
    ).toEqual([
      '.drone.yml',
      '.drone.yml',
      '.gitlab-ci.yml',
      '.pre-commit-config.yaml',
      'README.md',
      'comment.js',
      'drone-audit.yml',
    ]);
  });

  it('has nothing that the tool could find, however small or unsure', () => {
    const all = ['--no-config', '--pedantic', '--min-severity', 'info', '--min-confidence', 'low', '--fail-on', 'info'];
    const { status, stdout } = droneAudit(['scan', gate, ...all, '--format', 'json']);
    const { findings, problems, coverage } = JSON.parse(stdout);
    expect({ findings, problems, pipelines: coverage.pipelines, status }).toEqual({
      findings: [],
      problems: [],
      pipelines: 2,
      status: 0,
    });
  });

  it('names no host but examples and the forges themselves', () => {
    const hosts = readdirSync(gate, { recursive: true }).flatMap((name) => {
      const path = join(gate, String(name));
      return /\.\w+$/.test(path)
        ? [...readFileSync(path, 'utf8').matchAll(/https?:\/\/([\w.-]+)/g)].map(([, host]) => host ?? '')
        : [];
    });
    expect([...new Set(hosts)].sort()).toEqual(['api.github.com', 'ci.example.com', 'git.example.com']);
  });

  it('is of this version', () => {
    const versions = [
      'drone/.drone.yml',
      'drone-commands/.drone.yml',
      'gitlab/.gitlab-ci.yml',
      'pre-commit/.pre-commit-config.yaml',
      'github/drone-audit.yml',
    ].flatMap((name) =>
      [...text(name).matchAll(/(?:drone-audit(?:-shell)?:|rev: v|\.git#v)(\d+\.\d+\.\d+)/g)].map(([, found]) => found),
    );
    expect(versions).toEqual(versions.map(() => version));
    expect(versions).toHaveLength(5);
  });

  const checker = runCommand('check-jsonschema', ['--version']).status === 0;
  test.skipIf(!checker).each([
    ['drone-ci', 'drone/.drone.yml'],
    ['drone-ci', 'drone-commands/.drone.yml'],
    ['github-workflows', 'github/drone-audit.yml'],
    ['gitlab-ci', 'gitlab/.gitlab-ci.yml'],
  ])('passes the schema %s: %s (check-jsonschema)', (schema, name) => {
    expect(runCommand('check-jsonschema', ['--builtin-schema', `vendor.${schema}`, join(gate, name)])).toMatchObject({
      status: 0,
    });
  });
});

describe('the Drone step', () => {
  test.each([
    ['careless', 1],
    ['hardened', 0],
  ] as const)('as a plugin ends the %s installation with %i', (example, expected) => {
    const { cwd, policy } = checkout(example);
    const { settings } = yaml('drone/.drone.yml').steps[0];
    // As the runner encodes them: lists of scalars are joined by commas.
    const variables = Object.entries({ ...settings, policy }).map(([name, value]) => [
      `PLUGIN_${name.toUpperCase()}`,
      String(value),
    ]);
    const { status, stdout, stderr } = droneAudit([], {
      cwd,
      env: { DRONE: 'true', DRONE_CARD_PATH: '/dev/stdout', ...Object.fromEntries(variables) },
    });
    expect({ status, stderr }).toEqual({ status: expected, stderr: '' });
    expect(stdout).toMatch(/^\u001b\]1338;[\w+/=]+\u001b\]0m\n$/m);
  });

  test.each([
    ['careless', 1],
    ['hardened', 0],
  ] as const)('with commands ends the %s installation with %i, with its reports', (example, expected) => {
    const { cwd, shell } = checkout(example);
    const { commands } = yaml('drone-commands/.drone.yml').steps[0];
    expect(shell(commands.join('\n'))).toMatchObject({ status: expected, stderr: '' });
    expect(JSON.parse(readFileSync(join(cwd, 'report.sarif'), 'utf8')).version).toBe('2.1.0');
    expect(readFileSync(join(cwd, 'report.md'), 'utf8')).toMatch(/^<!-- drone-audit -->\n/);
  });
});

describe('the GitHub workflow', () => {
  const { steps } = yaml('github/drone-audit.yml').jobs.audit;

  it('uploads what was found where the gate has failed the job', () => {
    const [audit, upload] = steps.slice(-2);
    const { cwd, shell } = checkout('careless');
    const { status, stdout } = shell(audit.run);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^::error file=/m);
    expect(upload).toMatchObject({ if: 'always()', with: { sarif_file: 'report.sarif' } });
    expect(existsSync(join(cwd, upload.with.sarif_file))).toBe(true);
  });

  it('names actions by commit, and leaves no credential to the commands', () => {
    const actions = [...text('github/drone-audit.yml').matchAll(/uses: (.*)/g)].map(([, action]) => action);
    expect(actions.filter((action) => !/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action ?? ''))).toEqual([]);
    expect(steps[0].with).toEqual({ 'persist-credentials': false });
  });
});

describe('the GitLab job', () => {
  it.each([
    ['careless', 1],
    ['hardened', 0],
  ] as const)('ends the %s installation with %i, and writes both reports', (example, expected) => {
    const job = yaml('gitlab/.gitlab-ci.yml')['drone-audit'];
    const { cwd, shell } = checkout(example);
    expect(shell(job.script.join('\n'))).toMatchObject({ status: expected });
    const { codequality, junit } = job.artifacts.reports;
    expect(Array.isArray(JSON.parse(readFileSync(join(cwd, codequality), 'utf8')))).toBe(true);
    expect(readFileSync(join(cwd, junit), 'utf8')).toContain('<testsuite');
    expect(job.artifacts.when).toBe('always');
  });

  it('is allowed to fail where the audit is incomplete', () => {
    const { cwd, shell } = checkout('hardened');
    writeFileSync(join(cwd, 'web/.drone.yml'), 'kind: pipeline\nsteps: [\n');
    const job = yaml('gitlab/.gitlab-ci.yml')['drone-audit'];
    expect(job.allow_failure.exit_codes).toContain(shell(job.script.join('\n')).status);
  });
});

describe('the pre-commit configuration', () => {
  it('names hooks that there are', () => {
    const offered = parse(readFileSync('.pre-commit-hooks.yaml', 'utf8')).map(({ id }: { id: string }) => id);
    const [{ hooks }] = yaml('pre-commit/.pre-commit-config.yaml').repos;
    expect(hooks.map(({ id }: { id: string }) => id)).toEqual(offered);
  });
});

interface Comment {
  readonly id: number;
  body: string;
  readonly user: { login: string };
}

/** The comments of a pull request, as GitHub and Gitea answer for them. */
async function forge(comments: Comment[]) {
  const asked: string[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    asked.push(`${request.method} ${pathname} ${request.headers.authorization}`);
    const content = (await request.toArray()).join('');
    const page = Number(searchParams.get('page'));
    const size = Number(searchParams.get('per_page'));
    if (request.method === 'POST') comments.push({ id: 900, user: { login: 'audit-bot' }, ...JSON.parse(content) });
    const changed = comments.find(({ id }) => pathname === `/repos/octocat/hello/issues/comments/${id}`);
    if (request.method === 'PATCH' && changed) changed.body = JSON.parse(content).body;
    response.end(JSON.stringify(request.method === 'GET' ? comments.slice((page - 1) * size, page * size) : {}));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { asked, api: `http://127.0.0.1:${port}/repos/octocat/hello/issues/12` };
}

describe('the comment', () => {
  const marker = '<!-- drone-audit -->\n';
  const by = (login: string, id: number, body: string): Comment => ({ id, body, user: { login } });

  async function comment(comments: Comment[], environment: Record<string, string> = {}) {
    const { asked, api } = await forge(comments);
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, '.drone.yml'), 'kind: pipeline\nname: x\nsteps: []\n');
    await droneAuditBeside(['scan', '-o', 'report.md'], { cwd });
    const env = { COMMENT_API: api, COMMENT_USER: 'audit-bot', COMMENT_TOKEN: 'hunter2hunter2', ...environment };
    const result = await runBeside(node, [join(gate, 'comment/comment.js'), 'report.md'], { cwd, env });
    return { ...result, asked, report: readFileSync(join(cwd, 'report.md'), 'utf8') };
  }

  it('is left where there is none', async () => {
    const comments = [by('reviewer', 1, 'looks good'), by('reviewer', 2, `${marker}planted`)];
    const { status, stdout, report, asked } = await comment(comments);
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'commented\n' });
    expect(comments.map(({ body }) => body)).toEqual(['looks good', `${marker}planted`, report]);
    expect(asked.every((each) => each.endsWith(' token hunter2hunter2'))).toBe(true);
  });

  it('replaces its own from before, on whatever page', async () => {
    const many = Array.from({ length: 70 }, (_, index) => by('reviewer', index + 1, 'a word'));
    const comments = [...many, by('audit-bot', 71, `${marker}old`), by('audit-bot', 72, 'another word')];
    const { stdout, report } = await comment(comments);
    expect(stdout).toBe('replaced the comment\n');
    expect(comments).toHaveLength(72);
    expect(comments[70]?.body).toBe(report);
    expect(comments[71]?.body).toBe('another word');
  });

  it.each([
    [{ COMMENT_TOKEN: '' }, 'COMMENT_TOKEN is not set'],
    [{ COMMENT_API: 'http://git.example.com/api/v1/repos/a/b/issues/1' }, 'COMMENT_API has to begin with https://'],
    [{ COMMENT_API: 'https://git.example.com/api/v1/repos/a/b' }, 'COMMENT_API has to end in /issues/NUMBER'],
  ])('is refused for %j', async (environment, message) => {
    const { status, stderr, asked } = await comment([], environment);
    expect({ status, stderr, asked }).toEqual({ status: 1, stderr: `comment: ${message}\n`, asked: [] });
  });
});

describe('docs/gate.md', () => {
  const page = readFileSync('docs/gate.md', 'utf8');

  it('shows the Drone step and the hooks as the examples have them', () => {
    const shown = /```yaml\n([\s\S]*?)```/.exec(page)?.[1]?.replace('sha256:...', `sha256:${'0'.repeat(64)}`) ?? '-';
    expect(text('drone/.drone.yml')).toContain(shown);
  });

  const help = droneAudit(['help', 'scan']).stdout;
  const isBaselineThere = /--write-baseline\b/.test(help) && /--diff\b/.test(help);

  it.skipIf(!isBaselineThere)('leads from zero to a gate as it says', () => {
    const { cwd, shell } = checkout('careless');
    estateIn(cwd, shell);
    const steps = [...page.matchAll(/```console\n([\s\S]*?)```/g)].flatMap(([, block = '']) =>
      block.split(/^\$ /m).slice(1),
    );
    expect(steps).toHaveLength(9);
    for (const step of steps) {
      const [command = '', ...expected] = step.trimEnd().split('\n');
      const { stdout, stderr } = shell(`set +e; ${command}`);
      expect(expected, command).toEqual(expect.arrayContaining(stderr.split('\n').filter((line) => line !== '')));
      expect([...stdout.split('\n'), ...stderr.split('\n')], command).toEqual(expect.arrayContaining(expected));
    }
  });
});

/** Thirty repositories whose pipelines guides could have printed, and the files of a careless installation. */
function estateIn(cwd: string, shell: (line: string) => unknown): void {
  shell('rm -r ./* && mkdir deploy');
  for (const name of ['docker-compose.yml', 'server.env', 'runner.env'])
    cpSync(join('examples/careless', name), join(cwd, 'deploy', name));
  for (const product of ['billing', 'catalogue', 'search', 'mail', 'orders'])
    for (const part of ['api', 'web', 'worker', 'jobs', 'admin', 'docs']) {
      mkdirSync(join(cwd, `${product}-${part}`));
      writeFileSync(join(cwd, `${product}-${part}`, '.drone.yml'), estatePipeline(`${product}-${part}`));
    }
  shell(
    'git init --quiet --initial-branch main . && git config user.name Test && git config user.email test@example.com',
  );
  shell('git add --all && git commit --quiet --message estate');
}

const estatePipeline = (name: string): string => `kind: pipeline
type: docker
name: default

steps:
  - name: test
    image: golang
    commands:
      - go test ./...

  - name: publish
    image: plugins/docker
    settings:
      repo: registry.example.com/team/${name}
      username: ci
      password:
        from_secret: registry_password

  - name: deploy
    image: alpine
    environment:
      DEPLOY_KEY:
        from_secret: deploy_key
    commands:
      - apk add openssh-client
      - ssh -o StrictHostKeyChecking=no deploy@app.example.com restart ${name}
`;
