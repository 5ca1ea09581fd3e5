import { platform } from 'node:os';
import { describe, expect, it } from 'vitest';
import { formats } from '../src/commands/formats.ts';
import { droneAudit, temporaryFolder } from './support/cli.ts';
import { commitFiles, git, hasGit, writeFiles } from './support/git.ts';

// Names that a terminal or the log of a build would obey, wherever a message or a report quotes them.

const hostile =
  "x\u001b[31m\n::error::INSIDE\nINSIDE\n##[group]\r##vso[task.x]##teamcity[block name='x']\u009b1m\u202e";

const pipeline =
  'kind: pipeline\nname: default\nsteps: [{ name: build, image: alpine, privileged: true, commands: [make] }]\n';
const compose = 'services: { runner: { image: "drone/drone-runner-docker:1.8.5", privileged: true } }\n';

function folder(files: Readonly<Record<string, string>> = {}): string {
  const cwd = temporaryFolder();
  writeFiles(cwd, { '.drone.yml': pipeline, 'compose.yml': compose, ...files });
  return cwd;
}

/** Both streams of a run, in which nothing acts. */
function told(args: readonly string[], cwd: string, environment: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = droneAudit(args, { cwd, env: environment });
  for (const stream of [stdout.replaceAll('\r\n', '\n'), stderr]) {
    expect(stream).not.toMatch(/[\0-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
    expect(stream).not.toMatch(/^\s*(?:INSIDE|::(?!(?:error|warning|notice) file=))/m);
    expect(stream).not.toMatch(/##(?:vso|teamcity)?\[/);
  }
  return { status, stdout, stderr };
}

describe.skipIf(platform() === 'win32')('a hostile word on the command line', () => {
  it.each([
    [[hostile]],
    [['scan', hostile]],
    [['scan', `--${hostile}`]],
    [['scan', `-${hostile}`]],
    [['scan', '--rule', hostile]],
    [['scan', '--skip', hostile]],
    [['scan', '--form', hostile]],
    [['scan', '--format', hostile]],
    [['scan', '--trust', hostile]],
    [['scan', '--fail-on', hostile]],
    [['scan', '--controls', hostile]],
    [['scan', '--config', hostile]],
    [['scan', '--policy', hostile]],
    [['scan', '--baseline', hostile]],
    [['scan', '--diff', hostile]],
    [['scan', '--targets-from', hostile]],
    [['scan', '--compose-file', hostile, '-o', 'compose.yml/report.json']],
    [['scan', '--docker', hostile]],
    [['scan', '--docker', `tcp://${hostile}`]],
    [['scan', '--server', `https://${hostile}`]],
    [['scan', '--rate', hostile]],
    [['scan', '--timestamp', hostile]],
    [['scan', '--i-own-this', hostile]],
    [['scan', '--card-template', hostile, '--format', 'card']],
    [['scan', '-o', hostile]],
    [['scan', '-o', `json:no/${hostile}`]],
    [['scan', '-o', `json:${hostile}`, '-o', `html:${hostile}`]],
    [['scan', '--save-evidence', 'compose.yml', hostile]],
    [['explain', hostile]],
    [['explain', hostile, hostile]],
    [['explain', '--effective', hostile]],
    [['explain', '--file', hostile]],
    [['help', hostile]],
    [[hostile, '--help']],
    [['rules', hostile]],
    [['rules', '--format', hostile]],
    [['init', hostile]],
    [['completion', hostile]],
    [['probe', hostile]],
    [['probe', 'secret', '--endpoint', hostile]],
    [['probe', 'secret', '--endpoint', 'http://localhost:1', '--token-env', hostile]],
    [['probe', 'secret', '--endpoint', 'http://localhost:1', '--canary', hostile]],
  ])('acts on nothing: %j', (args) => {
    const { status, stdout, stderr } = told(args, folder());
    expect(status).toBeGreaterThanOrEqual(1);
    expect(status).toBeLessThan(4);
    expect(stdout + stderr).not.toBe('');
  });

  it.each([
    [['scan', '--rule', 'a\nb'], '  drone-audit rules lists them'],
    [['scan', '--zqjx\nb'], '  drone-audit --help and drone-audit COMMAND --help list the options'],
    [['explain', 'a\nb'], '  drone-audit rules lists them'],
    [['nothing\nb'], '  drone-audit --help lists the commands'],
  ])('is quoted on one line: %j', (args, hint) => {
    const { stderr } = told(args, folder());
    expect(stderr.split('\n')).toEqual([expect.stringContaining('\\u{A}b'), hint, '']);
  });

  it('leaves a suggestion on its line', () => {
    expect(told(['probe', 'sekret'], folder()).stderr.split('\n').slice(0, 2)).toEqual([
      "drone-audit: unknown command 'sekret'",
      '  did you mean "secret"?',
    ]);
  });
});

describe.skipIf(platform() === 'win32')('a hostile name in a file', () => {
  const quoted = JSON.stringify(hostile);

  it.each([
    ['a rule that is ignored', { 'drone-audit.yml': `ignore: [{ rule: ${quoted}, reason: x }]\n` }, 2],
    ['a key', { 'drone-audit.yml': `${quoted}: 1\n` }, 2],
    ['a value', { 'drone-audit.yml': `failOn: ${quoted}\n` }, 2],
    ['a file that is extended', { 'drone-audit.yml': `extends: ${quoted}\n` }, 2],
    ['a rule with a severity', { 'drone-audit.yml': `severity: { ${quoted}: high }\n` }, 2],
    ['a day', { 'drone-audit.yml': `ignore: [{ rule: privileged-step, reason: x, until: ${quoted} }]\n` }, 2],
    [
      'a path and a reason',
      { 'drone-audit.yml': `ignore: [{ rule: privileged-step, path: ${quoted}, reason: ${quoted} }]\n` },
      1,
    ],
    ['a path left out', { 'drone-audit.yml': `exclude: [${quoted}]\n` }, 1],
    ['what is no YAML', { 'drone-audit.yml': `{ [${hostile}\n` }, 2],
    ['a comment', { '.drone.yml': `# drone-audit: ignore ${hostile.replace(/\n/g, ' ')}\n${pipeline}` }, 1],
    ['patterns of git', { '.gitignore': `${hostile}\n` }, 1],
  ])('acts on nothing: %s', (_, files, wanted) => {
    expect(told(['scan', '-v'], folder(files)).status).toBe(wanted);
  });

  it.each([
    ['what is no baseline', `${hostile}\n`],
    ['a key', `version: 1\n${quoted}: 1\n`],
    ['an entry', `version: 1\nfindings: [{ rule: ${quoted} }]\n`],
  ])('acts on nothing in a baseline: %s', (_, text) => {
    const { status, stderr } = told(['scan', '--baseline', 'b.yml'], folder({ 'b.yml': text }));
    expect([status, stderr !== '']).toEqual([2, true]);
  });

  it('acts on nothing in the settings of a step', () => {
    const cwd = folder();
    const step = { DRONE: 'true' };
    expect(told([], cwd, { ...step, [`PLUGIN_${hostile}`]: 'x' }).status).toBe(2);
    expect(told(['scan', '.'], cwd, { ...step, [`PLUGIN_${hostile}`]: 'x' }).stderr).toContain('is no setting');
    expect(told([], cwd, { ...step, PLUGIN_FAIL_ON: hostile }).status).toBe(2);
    expect(told([], cwd, { ...step, PLUGIN_PATHS: hostile }).status).toBe(3);
  });

  it.each(formats.filter((format) => !/^(?:card|controls-csv)$/.test(format)))(
    'acts on nothing as the name of files and of what is in them: %s',
    (format) => {
      const step = `kind: pipeline\nname: ${quoted}\nsteps: [{ name: ${quoted}, image: ${quoted}, privileged: true }]\n`;
      const cwd = folder({
        [`${hostile}.drone.yml`]: step,
        [`${hostile}/.drone.yml`]: '{ [\n',
        [`${hostile}/compose.yml`]: `services: { ${quoted}: { image: "drone/drone:2", privileged: true, env_file: ${quoted} } }\n`,
      });
      expect(told(['scan', '-v', '--format', format], cwd).stdout).toContain('INSIDE');
    },
  );

  it('acts on nothing in explanations and in what is written beside a report', () => {
    const cwd = folder({
      [`${hostile}.drone.yml`]: `kind: pipeline\nname: ${quoted}\nsteps: [{ name: ${quoted}, image: alpine }]\n`,
      [`${hostile}/server.env`]:
        'DRONE_SERVER_HOST=ci.example.com\nDRONE_DATABASE_DRIVER=postgres\nDRONE_DATABASE_DATASOURCE=postgres://vanderberg:vanderberg@db.example.com:5432/drone?sslmode=require\n',
    });
    expect(told(['explain', '--effective', '.'], cwd).stdout).toContain('INSIDE');
    expect(told(['explain', '--file', `${hostile}.drone.yml`], cwd).stdout).toContain('INSIDE');
    expect(told(['init', '--print'], cwd).status).toBe(0);
    expect(told(['scan', '--save-evidence', 'kept'], cwd).stderr).toContain('comes to other findings in');
    expect(told(['scan', '-v', '-o', `json:${hostile}.json`], cwd).stderr).toMatch(/^[\da-f]{64} {2}x.*INSIDE.*\n$/);
    expect(told(['scan', '--write-baseline', `${hostile}.yml`], cwd).stderr).toContain('note: x');
  });

  it.skipIf(!hasGit)('acts on nothing where commits are compared', () => {
    const cwd = folder();
    git(cwd, ['init', '-q']);
    commitFiles(cwd, { [`${hostile}.drone.yml`]: pipeline });
    for (const reference of [hostile, 'gone'])
      expect(told(['scan', '--diff', reference, hostile], cwd).status).not.toBe(0);
    expect(told(['scan', '--diff', 'HEAD', '--policy', `${hostile}.yml`], cwd).status).toBe(2);
  });
});
