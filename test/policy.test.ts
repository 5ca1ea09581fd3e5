import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { droneAudit, temporaryFolder } from './support/cli.ts';
import { commitFiles, git, hasGit } from './support/git.ts';

// Whoever controls a repository tries to weaken the policy of an organisation, by every means that the tool knows.

const pipeline = `kind: pipeline
type: docker
name: default
steps:
- name: build
  image: octocat/tools:latest
  privileged: true
  commands: [make]
`;

type Files = Readonly<Record<string, string>>;

/** A repository with a pipeline and these files, beside a folder of the organisation. */
function place(files: Files, organisation: Files = {}): { repository: string; outside: string } {
  const whole = temporaryFolder();
  const [repository, outside] = [join(whole, 'repository'), join(whole, 'organisation')];
  const write = (folder: string, all: Files): void => {
    for (const [name, text] of Object.entries(all)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
  };
  mkdirSync(join(repository, '.git'), { recursive: true });
  write(repository, { '.drone.yml': pipeline, ...files });
  write(outside, { 'policy.yml': '', ...organisation });
  return { repository, outside };
}

interface Json {
  readonly summary: { readonly failOn: string; readonly exitCode: number; readonly hiddenBySeverity: number };
  readonly findings: readonly {
    readonly rule: string;
    readonly severity: string;
    readonly file: string;
    readonly override: unknown;
  }[];
  readonly suppressed: readonly { readonly rule: string; readonly suppression: { readonly by: string } }[];
  readonly problems: readonly {
    readonly kind: string;
    readonly file: string;
    readonly line: number | null;
    readonly column: number | null;
    readonly message: string;
    readonly incomplete: boolean;
  }[];
  readonly config: {
    readonly files: readonly { readonly file: string; readonly by: string; readonly audited: boolean }[];
    readonly entries: readonly Readonly<Record<string, unknown>>[];
  } | null;
}

function scan(cwd: string, ...args: string[]): { status: number | null; stderr: string; report: Json } {
  const { status, stdout, stderr } = droneAudit(['scan', '--format', 'json', ...args], { cwd });
  return { status, stderr, report: status === 2 ? (undefined as never) : JSON.parse(stdout) };
}

/** What is said of a repository under a policy, as `RULE severity` and `FILE:LINE message`. */
function under(policy: string, files: Files, ...args: string[]) {
  const { repository } = place(files, { 'policy.yml': policy });
  const { status, report } = scan(repository, '--policy', '../organisation/policy.yml', ...args);
  return {
    status,
    report,
    found: report.findings.map(({ rule, severity }) => `${rule} ${severity}`),
    said: report.problems
      .filter(({ kind }) => kind === 'suppression')
      .map(({ file, line, message }) => `${file}:${line} ${message}`),
  };
}

const privileged = 'privileged-step high';
const strict = 'failOn: high\n';

describe('without a policy, the config of a repository counts', () => {
  it('and reports say what it hid', () => {
    const { repository } = place({
      'drone-audit.yml':
        'severity:\n- { rule: unpinned-image, to: info, reason: our registry keeps tags }\nignore:\n- { rule: privileged-step, reason: a runner of its own }\n',
    });
    const { report } = scan(repository);
    expect(report.findings.map(({ rule }) => rule)).not.toContain('privileged-step');
    expect(report.suppressed).toMatchObject([{ rule: 'privileged-step', suppression: { by: 'config' } }]);
    expect(report.config).toMatchObject({
      files: [{ file: 'drone-audit.yml', by: 'config', audited: true }],
      entries: [
        { key: 'ignore', where: 'drone-audit.yml:4', rule: 'privileged-step', count: 1 },
        { key: 'severity', where: 'drone-audit.yml:2', rule: 'unpinned-image', to: 'info', count: 1 },
      ],
    });
  });
});

describe('a policy that ignores a place', () => {
  it('does not mean a name that looks like that place', () => {
    const ignore = 'ignore:\n- { rule: privileged-step, at: "pipeline[default].steps[build].*", reason: ours }\n';
    const named = (name: string): Files => ({ '.drone.yml': pipeline.replace('name: build', `name: '${name}'`) });
    expect(under(ignore, named('build')).found).not.toContain(privileged);
    for (const name of ['build].y[z', 'build\\].y[z', 'build].'])
      expect(under(ignore, named(name)).found).toContain(privileged);
    const document = pipeline.replace('name: default', "name: 'default].steps[build].x'");
    expect(under(ignore, { '.drone.yml': document }).found).toContain(privileged);
  });
});

describe('under a policy that allows nothing', () => {
  it.each<[string, Files, string[]]>([
    [
      'ignore',
      { 'drone-audit.yml': 'ignore:\n- { rule: privileged-step, reason: x }\n' },
      ['drone-audit.yml:2 the policy does not allow "privileged-step" to be ignored by a config'],
    ],
    [
      'severity off',
      { 'drone-audit.yml': 'severity:\n- { rule: privileged-step, to: off, reason: x }\n' },
      ['drone-audit.yml:2 the policy does not allow "privileged-step" to be switched off by a config'],
    ],
    [
      'a lower severity',
      { 'drone-audit.yml': 'severity:\n- { rule: privileged-step, to: info, reason: x }\n' },
      ['drone-audit.yml:2 the policy does not allow "privileged-step" to be lowered to info'],
    ],
    [
      'exclude',
      { 'drone-audit.yml': "exclude: ['**', .drone.yml]\n" },
      [
        'drone-audit.yml:1 the policy does not allow "**" to be excluded',
        'drone-audit.yml:1 the policy does not allow ".drone.yml" to be excluded',
      ],
    ],
    [
      'site',
      { 'drone-audit.yml': "site:\n  images: ['*', octocat/tools]\n  trust: untrusted\n" },
      [
        'drone-audit.yml:2 the policy does not allow "site.images" to be set by a config',
        'drone-audit.yml:3 the policy does not allow "site.trust" to be set by a config',
      ],
    ],
    [
      'a lower gate and less to see',
      { 'drone-audit.yml': 'failOn: never\nminSeverity: critical\nminConfidence: high\n' },
      [
        'drone-audit.yml:1 the policy does not allow "failOn" to be never, which is less strict',
        'drone-audit.yml:2 the policy does not allow "minSeverity" to be critical, which is less strict',
        'drone-audit.yml:3 the policy does not allow "minConfidence" to be high, which is less strict',
      ],
    ],
    [
      'a profile',
      { 'drone-audit.yml': 'profile: brief\n' },
      [
        'drone-audit.yml:1 the policy does not allow "minConfidence" to be high, which is less strict',
        'drone-audit.yml:1 the policy does not allow "minSeverity" to be medium, which is less strict',
      ],
    ],
    [
      'installation',
      { 'drone-audit.yml': 'installation: [.drone.yml]\n' },
      ['drone-audit.yml:1 the policy does not allow ".drone.yml" to be joined by "installation"'],
    ],
    [
      'allow',
      {
        'drone-audit.yml':
          'allow: { ignore: { by: [config] } }\nignore:\n- { rule: privileged-step, reason: x, until: 2999-01-01 }\n',
      },
      [
        'drone-audit.yml:1 the policy does not allow "allow" to be set by a config',
        'drone-audit.yml:3 the policy does not allow "privileged-step" to be ignored by a config',
      ],
    ],
    [
      'extends',
      {
        'drone-audit.yml': 'extends: ci/more.yml\n',
        'ci/more.yml': 'allow: { ignore: { by: [config] } }\nignore:\n- { rule: privileged-step, reason: x }\n',
      },
      [
        'ci/more.yml:1 the policy does not allow "allow" to be set by a config',
        'ci/more.yml:3 the policy does not allow "privileged-step" to be ignored by a config',
      ],
    ],
    [
      'a comment',
      { '.drone.yml': pipeline.replace('true', 'true # drone-audit: ignore[privileged-step] x') },
      ['.drone.yml:7 the policy does not allow this comment to suppress "privileged-step"'],
    ],
    ['a config in a folder', { 'deploy/drone-audit.yml': 'exclude: [..]\n', 'deploy/.drone.yml': pipeline }, []],
  ])('%s has no effect, and is told', (_, files, said) => {
    const result = under(strict, files);
    expect(result.found).toContain(privileged);
    expect(result.said).toEqual(said);
    expect(result.status).toBe(1);
  });

  it('accept has no effect, not even on what is said of it', () => {
    const result = under('', {
      'drone-audit.yml': "accept:\n- { path: '**', reason: x }\n- { path: broken, problem: malformed, reason: y }\n",
      '.drone.yml': pipeline.replace('  privileged: true\n', ''),
      'broken/.drone.yml': 'kind: pipeline\nsteps: [\n',
    });
    expect(result.status).toBe(3);
    expect(result.said).toEqual([
      'drone-audit.yml:2 the policy does not allow problems of "**" to be accepted',
      'drone-audit.yml:3 the policy does not allow problems of "broken" to be accepted',
    ]);
  });

  it('what is told is never incomplete', () => {
    const { report } = under(strict, { 'drone-audit.yml': "exclude: ['**']\n" });
    expect(report.problems).toMatchObject([{ kind: 'suppression', incomplete: false }]);
  });

  it('the gate of the policy is that of the audit', () => {
    const { report, status } = under('failOn: medium\n', { 'drone-audit.yml': 'failOn: critical\n' });
    expect([report.summary.failOn, status]).toEqual(['medium', 1]);
  });

  it('a repository may be stricter', () => {
    const { report, found, said } = under('failOn: critical\nminConfidence: high\n', {
      'drone-audit.yml':
        'failOn: low\nprofile: pedantic\nseverity:\n- { rule: privileged-step, to: critical, reason: here }\n',
    });
    expect(said).toEqual([]);
    expect(found).toContain('privileged-step critical');
    expect(report.summary.failOn).toBe('low');
    expect(report.config?.files.map(({ file, by }) => `${file} ${by}`)).toEqual([
      'drone-audit.yml config',
      '../organisation/policy.yml policy',
    ]);
  });

  it('the command line has the last word, and the report says so', () => {
    const { repository } = place({}, { 'policy.yml': 'failOn: high\n' });
    const { status, report } = scan(repository, '--policy', '../organisation/policy.yml', '--fail-on', 'never');
    expect(status).toBe(0);
    expect(report.problems).toMatchObject([
      {
        file: '../organisation/policy.yml',
        line: 1,
        message: 'the policy fails from high on; the command line says --fail-on never, and counts',
      },
    ]);
  });

  it.each(['DRONE_AUDIT_CONFIG', 'DRONE_AUDIT_POLICY', 'DRONE_AUDIT_IGNORE', 'NODE_ENV'])(
    'the variable %s changes nothing',
    (name) => {
      const { repository } = place({ 'weak.yml': 'ignore: [{ rule: privileged-step, reason: x }]\n' });
      const args = ['scan', '--format', 'json', '--policy', '../organisation/policy.yml'];
      const usual = droneAudit(args, { cwd: repository });
      expect(droneAudit(args, { cwd: repository, env: { [name]: 'weak.yml' } })).toEqual(usual);
      expect(usual.status).toBe(1);
    },
  );

  it('what git ignores and tracks is audited', () => {
    const { repository } = place({ '.gitignore': '*\n' });
    execFileSync('git', ['init', '-q'], { cwd: repository });
    execFileSync('git', ['add', '-f', '.drone.yml'], { cwd: repository });
    const { report } = scan(repository, '--policy', '../organisation/policy.yml');
    expect(report.findings.map(({ rule }) => rule)).toContain('privileged-step');
  });

  it('evidence that is planted takes the place of no file', () => {
    const entry = { name: '.drone.yml', form: 'drone', file: '.drone.yml', given: true, sha256: '' };
    const manifest = JSON.stringify({ version: 1, sources: [entry], excluded: 0 });
    expect(under(strict, { 'drone-audit-evidence.json': manifest, 'sources/a': '' }).found).toContain(privileged);
  });

  it('a config that is named counts no more than one that is found', () => {
    const weak = 'ignore:\n- { rule: privileged-step, reason: x }\n';
    const { repository } = place({ 'ci/weak.yml': weak }, { 'weak.yml': weak });
    for (const config of ['ci/weak.yml', '../organisation/weak.yml']) {
      const { report } = scan(repository, '--policy', '../organisation/policy.yml', '--config', config);
      expect(report.findings.map(({ rule }) => rule)).toContain('privileged-step');
      expect(report.problems).toMatchObject([{ file: config, line: 2 }]);
    }
  });
});

describe('a policy that allows something', () => {
  const ignoring = (rule: string): Files => ({ 'drone-audit.yml': `ignore:\n- { rule: ${rule}, reason: x }\n` });

  it('lets a config ignore the rules that it names, up to a severity', () => {
    const allow = 'allow: { ignore: { by: [config], rules: [privileged-step, unpinned-image], upTo: high } }\n';
    expect(under(allow, ignoring('unpinned-image')).report.suppressed).toMatchObject([{ rule: 'unpinned-image' }]);
    const high = under(allow, ignoring('privileged-step'));
    expect(high.found).toContain(privileged);
    expect(high.said).toEqual([
      'drone-audit.yml:2 the policy does not allow "privileged-step" above high to be ignored here',
    ]);
    expect(under(allow, ignoring('missing-trigger')).said).toEqual([
      'drone-audit.yml:2 the policy does not allow "missing-trigger" to be ignored by a config',
    ]);
  });

  it('is not got round by a lower severity before', () => {
    const result = under('allow: { ignore: { by: [config], upTo: medium } }\n', {
      'drone-audit.yml':
        'severity:\n- { rule: privileged-step, to: low, reason: x }\nignore:\n- { rule: privileged-step, reason: x }\n',
    });
    expect(result.found).toContain(privileged);
    expect(result.said).toEqual([
      'drone-audit.yml:2 the policy does not allow "privileged-step" above medium to be lowered to low',
      'drone-audit.yml:4 the policy does not allow "privileged-step" above medium to be ignored here',
    ]);
  });

  it('compares the severity that the policy itself gives', () => {
    const policy =
      'severity:\n- { rule: privileged-step, to: medium, reason: own runners }\nallow: { ignore: { by: [config], upTo: medium } }\n';
    expect(under(policy, ignoring('privileged-step')).report.suppressed).toMatchObject([{ rule: 'privileged-step' }]);
  });

  it('lets comments suppress, where it says so', () => {
    const files = { '.drone.yml': pipeline.replace('true', 'true # drone-audit: ignore[privileged-step] x') };
    expect(under('allow: { ignore: { by: [comment] } }\n', files).report.suppressed).toMatchObject([
      { rule: 'privileged-step', suppression: { by: 'comment' } },
    ]);
    expect(under('allow: { ignore: { by: [config] } }\n', files).found).toContain(privileged);
    expect(under('allow: { ignore: { by: [comment], upTo: low } }\n', files).found).toContain(privileged);
  });

  it('lets paths be excluded within those that it names', () => {
    const files = (exclude: string): Files => ({
      'drone-audit.yml': `exclude: ['${exclude}']\n`,
      'docs/a/.drone.yml': pipeline,
    });
    const places = ({ report }: ReturnType<typeof under>) => [...new Set(report.findings.map(({ file }) => file))];
    const allow = 'allow: { exclude: [docs] }\n';
    expect(places(under(allow, files('docs/a')))).toEqual(['.drone.yml']);
    expect(places(under(allow, files('docs/**')))).toEqual(['.drone.yml']);
    for (const wide of ['**', 'docs/../**', './', '*/a', 'doc*'])
      expect(under(allow, files(wide)), wide).toMatchObject({
        report: { findings: expect.arrayContaining([expect.objectContaining({ file: 'docs/a/.drone.yml' })]) },
        said: [expect.stringContaining('to be excluded')],
      });
    expect(places(under("allow: { exclude: ['docs/*'] }\n", files('docs/**')))).toEqual(['.drone.yml']);
    expect(places(under("allow: { exclude: ['docs/*/x'] }\n", files('docs/**/x')))).toEqual([
      '.drone.yml',
      'docs/a/.drone.yml',
    ]);
  });

  it('lets problems be accepted, keys of the site be said and files be one installation', () => {
    const result = under('allow: { accept: [broken], site: [scm], installation: true }\n', {
      'drone-audit.yml':
        'accept:\n- { path: broken, reason: x }\nsite: { scm: private, images: [a] }\ninstallation: [.drone.yml]\n',
      'broken/.drone.yml': 'kind: pipeline\nsteps: [\n',
      '.drone.yml': pipeline.replace('  privileged: true\n', ''),
    });
    expect(result.said).toEqual(['drone-audit.yml:3 the policy does not allow "site.images" to be set by a config']);
    expect(result.status).toBe(0);
  });
});

describe('an entry that is of no use', () => {
  const idle =
    'ignore: [{ rule: weak-rpc-secret, reason: x }]\nseverity: [{ rule: weak-rpc-secret, to: low, reason: x }]\n';

  it('is told of the config of a repository, and not of what serves many', () => {
    const { repository } = place({ 'drone-audit.yml': idle });
    expect(scan(repository).report.problems.map(({ line, message }) => `${line} ${message}`)).toEqual([
      '1 suppression of "weak-rpc-secret" has no effect: nothing to suppress here',
      '2 severity of "weak-rpc-secret" has no effect: no such finding',
    ]);
    expect(under(`${idle}accept: [{ path: gone, reason: x }]\n`, {}).said).toEqual([]);
    const shared = place({ 'drone-audit.yml': 'extends: base.yml\n', 'base.yml': idle });
    expect(scan(shared.repository).report.problems).toEqual([]);
  });

  it('is told once it has ended, whoever it serves', () => {
    expect(under('ignore: [{ rule: weak-rpc-secret, reason: x, until: 2020-01-01 }]\n', {}).said).toEqual([
      '../organisation/policy.yml:1 suppression of "weak-rpc-secret" ended on 2020-01-01',
    ]);
  });
});

describe('paths of a policy that lies elsewhere', () => {
  it('are those of what is audited', () => {
    const files = { 'docs/.drone.yml': pipeline };
    const { report } = under('ignore: [{ rule: privileged-step, path: docs, reason: x }]\n', files);
    expect(report.suppressed).toMatchObject([{ rule: 'privileged-step', file: 'docs/.drone.yml' }]);
    expect(under('exclude: [.drone.yml]\n', files).report.findings.map(({ file }) => file)).not.toContain('.drone.yml');
  });

  it('are no wider for what the policy is called', () => {
    const { repository } = place({}, { 'policy.yml': 'failOn: low\n' });
    writeFileSync(join(repository, 'drone-audit.yml'), 'allow: {}\nfailOn: medium\n');
    const { report, status } = scan(repository, '--policy', 'drone-audit.yml');
    expect([report.summary.failOn, report.config?.files.length, status]).toEqual(['medium', 1, 1]);
  });
});

describe('what binds', () => {
  const ignored = 'ignore:\n- { rule: privileged-step, reason: x }\n';

  it('is a config outside what is audited that says what it allows, also where another extends it', () => {
    const { repository } = place(
      { 'drone-audit.yml': ignored },
      { 'org.yml': 'allow: {}\n', 'team.yml': 'extends: org.yml\n', 'plain.yml': 'failOn: low\n' },
    );
    for (const config of ['../organisation/org.yml', '../organisation/team.yml']) {
      const { report } = scan(repository, '--config', config);
      expect(report.findings.map(({ rule }) => rule)).toContain('privileged-step');
      expect(report.problems).toMatchObject([{ file: 'drone-audit.yml', line: 2 }]);
    }
    expect(scan(repository, '--config', '../organisation/plain.yml').report.problems).toEqual([]);
  });

  it('is no config within, found or named or behind a link', () => {
    const { repository } = place({ 'drone-audit.yml': `allow: {}\n${ignored}`, 'ci/org.yml': `allow: {}\n${ignored}` });
    for (const args of [[], ['--config', 'ci/org.yml'], ['deploy', '.drone.yml', '--config', 'ci/org.yml']]) {
      const { report } = scan(repository, ...args);
      expect(report.suppressed).toMatchObject([{ rule: 'privileged-step' }]);
      expect(report.problems.map(({ message }) => message)).toContain(
        '"allow" has no effect here: it binds in a policy, which --policy names, or --config from outside what is audited',
      );
    }
  });

  it.skipIf(!hasGit)('is no config of another work tree of the repository, and a policy there is told', () => {
    const { repository } = place({ 'drone-audit.yml': `allow: {}\n${ignored}`, 'policy.yml': ignored });
    rmSync(join(repository, '.git'), { recursive: true });
    git(repository, ['init', '-q']);
    commitFiles(repository, {});
    git(repository, ['worktree', 'add', '-q', '--detach', '../further']);
    const further = join(repository, '../further');
    const bare = join(repository, '../bare.git');
    git(repository, ['clone', '-q', '--bare', repository, bare]);
    git(bare, ['worktree', 'add', '-q', '--detach', '../third']);
    const link = join(repository, '../organisation/link.yml');
    symlinkSync('../further/policy.yml', link);
    const third = join(repository, '../third');
    for (const [cwd, other] of [
      [repository, '../further'],
      [further, '../repository'],
      [bare, '../third'],
    ] as const) {
      const args = cwd === bare ? ['--diff', 'main'] : [];
      const { report } = scan(cwd, '--config', `${other}/drone-audit.yml`, ...args);
      expect(report.suppressed.map(({ rule, suppression }) => `${rule} ${suppression.by}`)).toContain(
        'privileged-step config',
      );
      expect(report.config?.files).toMatchObject([{ audited: true }]);
      const { problems } = scan(cwd, '--policy', `${other}/policy.yml`, ...args).report;
      expect(problems.map(({ file, message }) => `${file}: ${message}`)).toContain(
        `${other}/policy.yml: lies in what is audited: its authors decide what this policy says`,
      );
    }
    expect(scan(repository, '--no-config', '--policy', link).report.config?.files).toMatchObject([{ audited: true }]);
    const { report } = scan(repository, '--no-config', '--policy', join(third, 'policy.yml'));
    expect(report.config?.files).toMatchObject([{ audited: false }]);
  });

  it('is a policy within what is audited, which is told', () => {
    const { repository } = place({ 'policy.yml': ignored });
    symlinkSync('../repository/policy.yml', join(repository, '../organisation/link.yml'));
    for (const policy of ['policy.yml', '../organisation/link.yml']) {
      const { report } = scan(repository, '--policy', policy);
      expect(report.problems).toMatchObject([
        {
          file: policy,
          message: 'lies in what is audited: its authors decide what this policy says',
          incomplete: false,
        },
      ]);
      expect(report.config?.files).toMatchObject([{ file: policy, by: 'policy', audited: true }]);
    }
  });

  it('is not what a policy extends within what is audited', () => {
    const { repository } = place(
      { 'ci/part.yml': 'allow: { ignore: { by: [config] } }\n', 'drone-audit.yml': ignored },
      { 'policy.yml': 'extends: ../repository/ci/part.yml\n' },
    );
    const { report } = scan(repository, '--policy', '../organisation/policy.yml');
    expect(report.findings.map(({ rule }) => rule)).toContain('privileged-step');
    expect(report.problems.map(({ file }) => file)).toEqual(['ci/part.yml', 'drone-audit.yml']);
  });
});

describe('a config that is found', () => {
  it.each([
    [
      'extends: ../organisation/policy.yml\n',
      'drone-audit.yml:1:10: "../organisation/policy.yml" leads out of the repository',
    ],
    ['extends: [/dev/zero]\n', 'drone-audit.yml:1:11: "/dev/zero" leads out of the repository'],
    ['extends: link.yml\n', 'drone-audit.yml:1:10: "link.yml" leads out of the repository'],
    [
      'extends: 5\n',
      'drone-audit.yml:1:10: "5" is not there\n  "extends" names config files, relative to the folder of this one\n',
    ],
    ['extends: gone.yml\n', 'drone-audit.yml:1:10: "gone.yml" is not there'],
    ['extends: https://example.com/a.yml\n', 'drone-audit.yml:1:10: "https://example.com/a.yml" is an address'],
    ['extends: drone-audit.yml\n', 'drone-audit.yml:1:10: "drone-audit.yml" extends itself, in a circle'],
    ['extends: a/b.yml\n', 'a/b.yml:1:10: "../drone-audit.yml" extends itself, in a circle'],
    ['extends: deep/1.yml\n', 'deep/5.yml:1:10: "6.yml" is extended over more than 5 files'],
    ['extends: deep\n', 'drone-audit.yml:1:10: "deep" is not a regular file'],
  ])('reaches nothing else: %j', (text, message) => {
    const deep = Object.fromEntries([1, 2, 3, 4, 5, 6].map((n) => [`deep/${n}.yml`, `extends: ${n + 1}.yml\n`]));
    const { repository } = place({ 'drone-audit.yml': text, 'a/b.yml': 'extends: ../drone-audit.yml\n', ...deep });
    symlinkSync('../organisation/policy.yml', join(repository, 'link.yml'));
    const { status, stderr } = scan(repository);
    expect(stderr).toContain(`drone-audit: ${message}`);
    expect(status).toBe(2);
  });

  it('is told of at the place of each of its paths', () => {
    const { repository } = place({ 'drone-audit.yml': 'installation: [a, b]\nsite: { images: [a] }\n' });
    expect(scan(repository).report.problems.map(({ line, column, message }) => [line, column, message])).toEqual([
      [1, 16, '"a" of "installation" has no effect: nothing that was read lies there'],
      [1, 19, '"b" of "installation" has no effect: nothing that was read lies there'],
    ]);
  });

  it('is no link out of the repository', () => {
    const { repository } = place({}, { 'secret.yml': 'password: hunter2\n' });
    symlinkSync('../organisation/secret.yml', join(repository, 'drone-audit.yml'));
    expect(scan(repository)).toMatchObject({
      status: 2,
      stderr: 'drone-audit: drone-audit.yml is a link that leads out of the repository\n',
    });
  });

  it.each([
    [
      'aliases that multiply',
      `x0: &x0 [a, a, a, a, a, a, a, a, a]\n${Array.from({ length: 9 }, (_, n) => `x${n + 1}: &x${n + 1} [${Array(9).fill(`*x${n}`).join(', ')}]\n`).join('')}`,
      'its aliases expand to more than',
    ],
    [
      'a key that is written twice',
      'exclude: [a]\nsite: { images: [a], images: [b] }\n',
      '2:22: "images" is written twice',
    ],
    ['a second document', 'exclude: [a]\n---\nexclude: [b]\n', 'this is a second one'],
    ['depth', `exclude: ${'['.repeat(5000)}`, 'nested'],
    ['many patterns', `exclude: [${'a, '.repeat(2000)}]\n`, '"exclude" has more than 1000 entries'],
    [
      'a long name',
      `ignore: [{ rule: ${'privileged-step'.repeat(100_000)}, reason: x }]\n`,
      '"rule" of entry 1 of "ignore" is longer',
    ],
    ['many keys', Array.from({ length: 50_000 }, (_, n) => `key${n}: 1\n`).join(''), 'has no key "key0"'],
    ['a long pattern', `exclude: ["${'*a'.repeat(2000)}"]\n`, 'entry 1 of "exclude" is longer than 1000 characters'],
  ])('is refused for %s', (_, text, message) => {
    const { repository } = place({ 'drone-audit.yml': text });
    const { status, stderr } = scan(repository);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^drone-audit: drone-audit\.yml:\d+:\d+: /);
    expect(stderr).toContain(message);
  });
});
