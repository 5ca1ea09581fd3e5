import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { type settingName, withSettings } from '../src/commands/plugin-settings.ts';
import { droneAudit, temporaryFolder } from './support/cli.ts';

const pipeline = `kind: pipeline
type: docker
name: default
trigger:
  event: push
steps:
  - name: build
    image: alpine
    privileged: true
`;

function checkout(): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, '.drone.yml'), pipeline);
  return folder;
}

/** What a runner sets for every step besides its settings (drone/runner-go environ/environ.go). */
const ofRunner = { DRONE: 'true', CI: 'true', DRONE_CARD_PATH: '/dev/stdout', DRONE_REPO: 'octocat/hello' };

/** Runs the tool as the entrypoint of a step, with variables of its settings. */
function step(settings: Record<string, string>, args: readonly string[] = [], cwd = checkout()) {
  return droneAudit(args, { cwd, env: { ...ofRunner, ...settings } });
}

const rulesIn = (stdout: string): string[] => [
  ...new Set<string>(JSON.parse(stdout).findings.map(({ rule }: { rule: string }) => rule)),
];

describe('a step of Drone', () => {
  it('audits the workspace where it has no settings, and never prints help in its place', () => {
    const { status, stdout } = step({});
    expect(status).toBe(1);
    expect(stdout).toContain('privileged-step');
    expect(step({}, [], temporaryFolder()).status).toBe(3);
  });

  it('takes its settings as options of scan', () => {
    const settings = {
      PLUGIN_FORMAT: 'json',
      PLUGIN_SKIP: 'privileged-step,unpinned-image',
      PLUGIN_PEDANTIC: 'true',
      PLUGIN_FAIL_ON: 'medium',
      PLUGIN_MIN_SEVERITY: 'info',
      PLUGIN_IGNORE: 'false',
      PLUGIN_CONFIG: 'false',
      PLUGIN_OUTPUT: 'report.sarif,junit:report.xml',
    };
    const cwd = checkout();
    const args = ['scan', '--format', 'json', '--skip', 'privileged-step', '--skip', 'unpinned-image', '--pedantic'];
    const same = [...args, '--fail-on', 'medium', '--min-severity', 'info', '--no-ignore', '--no-config'];
    const { status, stdout, stderr } = step(settings, [], cwd);
    const direct = droneAudit([...same, '-o', 'report.sarif', '-o', 'junit:report.xml'], { cwd });
    expect({ status, stdout, stderr }).toEqual({ status: direct.status, stdout: direct.stdout, stderr: '' });
    expect(rulesIn(stdout)).not.toContain('privileged-step');
  });

  it('audits the paths of its settings', () => {
    expect(step({ PLUGIN_PATHS: 'gone,.drone.yml' }).status).toBe(1);
    expect(step({ PLUGIN_PATHS: 'gone' }).status).toBe(3);
    expect(step({ PLUGIN_PATHS: '["a,b"]', PLUGIN_FORMAT: 'json' }).stdout).toContain('"file": "a,b"');
  });

  it('lets the command line win', () => {
    expect(step({ PLUGIN_FAIL_ON: 'never' }, ['scan', '--fail-on', 'high']).status).toBe(1);
    expect(step({ PLUGIN_FAIL_ON: 'never' }, ['scan']).status).toBe(0);
    expect(step({ PLUGIN_FAIL_ON: 'never' }, ['.drone.yml']).status).toBe(0);
    expect(step({ PLUGIN_PATHS: 'gone' }, ['scan', '.drone.yml']).status).toBe(1);
    const only = step({ PLUGIN_RULE: 'weak-rpc-secret', PLUGIN_FORMAT: 'json' }, ['--rule', 'privileged-step']);
    expect(rulesIn(only.stdout)).toEqual(['privileged-step']);
  });

  test.each([
    [{ PLUGIN_FIAL_ON: 'low' }, 'there is no setting "fial_on" (PLUGIN_FIAL_ON)\n  did you mean "fail_on"?'],
    [{ PLUGIN_FAILON: 'low' }, 'did you mean "fail_on"?'],
    [{ PLUGIN_NO_IGNORE: 'true' }, 'did you mean "ignore"?'],
    [{ PLUGIN_PATH: 'a' }, 'did you mean "paths"?'],
    [{ PLUGIN_MIRROR: 'x' }, 'there is no setting "mirror"'],
    [{ PLUGIN_TOKEN: 'hunter2hunter2' }, 'is read from DRONE_TOKEN only'],
    [
      { PLUGIN_FAIL_ON: 'urgent' },
      'the setting "fail_on" cannot have this value\n  known: critical, high, medium, low, info, never',
    ],
    [{ PLUGIN_FAIL_ON: 'hgih' }, 'the setting "fail_on" cannot have this value\n  did you mean "high"?'],
    [{ PLUGIN_FAIL_ON: '' }, 'the setting "fail_on" is empty'],
    [{ PLUGIN_FAIL_ON: 'high', 'PLUGIN_FAIL-ON': 'low' }, 'the setting "fail_on" is there twice'],
    [{ PLUGIN_SKIP: ',privileged-step' }, 'the setting "skip" is empty, or has an empty item'],
    [{ PLUGIN_PEDANTIC: 'on' }, 'the setting "pedantic" is true or false'],
    [{ PLUGIN_SERVER: 'hunter2hunter2' }, 'A server address begins with https://'],
    [{ PLUGIN_OUTPUT: '{"file":"hunter2hunter2","format":"sarif"}' }, 'is a text, or a list of texts'],
    [{ PLUGIN_PATHS: '[["a"],["hunter2hunter2"]]' }, 'is a text, or a list of texts'],
    [{ 'PLUGIN_\u001b[31m': 'x' }, 'there is no setting "\\u{1B}[31m"'],
  ])('refuses %j', (settings, message) => {
    const { status, stdout, stderr } = step(settings);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('hunter2');
    expect(stderr).not.toContain('\u001b');
  });

  it.each<Record<string, string>>([
    { PLUGIN_SKIP: 'privileged-step' },
    { PLUGIN_EXIT_ZERO: 'true' },
    { PLUGIN_FAIL_ON: 'never' },
    { PLUGIN_DIFF: 'HEAD' },
    { PLUGIN_BASELINE: 'b.yml' },
    { PLUGIN_IGNORE: 'false' },
    { PLUGIN_TRUST: 'untrusted' },
    { PLUGIN_PATHS: 'docs' },
  ])('lowers no gate beside a policy of the command line: %j', (settings) => {
    for (const option of ['--policy', '--config']) {
      const { status, stderr } = step(settings, ['scan', option, '/dev/null']);
      const message = 'beside a policy or config of the command line';
      expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining(message) });
    }
  });

  it('passes over variables of other plugins beside a command line, and says so', () => {
    const { status, stderr } = step({ PLUGIN_MIRROR: 'https://mirror.example.com' }, ['scan', '.']);
    expect(status).toBe(1);
    expect(stderr).toBe('drone-audit: note: PLUGIN_MIRROR is no setting of drone-audit, and was passed over\n');
    expect(step({ PLUGIN_FIAL_ON: 'low' }, ['scan', '.']).status).toBe(2);
  });

  it('shows a card where it is given the address of a template', () => {
    const template = 'https://ci.example.com/card.json';
    const { stdout } = step({ PLUGIN_CARD_TEMPLATE: template });
    const card = /^\u001b\]1338;([\w+/=]+)\u001b\]0m\n$/m.exec(stdout);
    expect(JSON.parse(Buffer.from(card?.[1] ?? '', 'base64').toString())).toMatchObject({
      schema: template,
      data: { exit: 1 },
    });
    expect(stdout.endsWith(card?.[0] ?? '-')).toBe(true);
    expect(step({}).stdout).not.toContain('\u001b');
    const cwd = checkout();
    step({ PLUGIN_CARD_TEMPLATE: template, PLUGIN_OUTPUT: 'card:card.out' }, [], cwd);
    expect(step({ PLUGIN_CARD_TEMPLATE: template, PLUGIN_OUTPUT: 'card:card.out' }, [], cwd).stdout).not.toContain(
      '1338',
    );
  });

  it('has one setting for every option of scan', () => {
    const help = droneAudit(['help', 'scan']).stdout;
    const options = [...help.matchAll(/^ {2}(?:-\w, )?--(?:no-)?([a-z-]+)/gm)].map(([, name]) => name ?? '');
    expect(options.length).toBeGreaterThan(30);
    const wrong = options.filter((option) => {
      if (option === 'help') return false;
      // What is refused for its value is known by its name.
      const { stderr } = step({ [`PLUGIN_${option.toUpperCase().replaceAll('-', '_')}`]: '{}' });
      return stderr.includes('there is no setting');
    });
    expect(wrong).toEqual([]);
  });
});

describe('variables of plugins', () => {
  it('mean nothing outside of Drone', () => {
    const cwd = checkout();
    const env = { PLUGIN_FAIL_ON: 'never', PLUGIN_FIAL_ON: 'low' };
    expect(droneAudit(['scan'], { cwd, env }).status).toBe(1);
    expect(droneAudit([], { cwd, env }).stdout).toContain('Usage: drone-audit');
  });
});

/** An option as the command line has it. */
const option = (name: string, parts: object) => ({
  negate: false,
  required: false,
  optional: false,
  attributeName: () => name,
  ...parts,
});
const list = { required: true, defaultValue: [], parseArg: (item: string, before: string[]) => [...before, item] };

// What the encoder of drone-runner-docker 9ea626aa makes of settings (internal/encoder, with its YAML library), recorded by
// running it, and what is understood of it.
describe('settings that the runner encoded', () => {
  const options = [
    option('failOn', { required: true, defaultValue: 'high' }),
    option('pedantic', { defaultValue: false }),
    option('skip', list),
    option('docker', {
      ...list,
      required: false,
      optional: true,
      defaultValue: undefined,
      presetArg: 'default',
      parseArg: (item: string, before?: string[]) => [...(before ?? []), item === 'default' ? '' : item],
    }),
    option('server', { optional: true }),
    option('config', { required: true }),
    option('config', { negate: true }),
    option('ignore', { negate: true, defaultValue: true }),
    option('rate', { required: true, parseArg: Number }),
    option('timestamp', { required: true }),
  ].map((each) => each as Parameters<typeof settingName>[0]);
  const understood = (environment: Record<string, string>) => {
    const command = { options, getOptionValueSource: () => 'default' };
    const { paths, options: given } = withSettings([], { output: [], format: 'text' }, command, true, {
      environment,
      error: () => {},
    });
    const { output, format, ...rest } = given;
    return { ...(paths.length > 0 ? { paths } : {}), ...rest };
  };

  test.each([
    ['fail-on: low', { 'PLUGIN_FAIL-ON': 'low' }, { failOn: 'low' }],
    ['skip: [unpinned-image, b]', { PLUGIN_SKIP: 'unpinned-image,b' }, { skip: ['unpinned-image', 'b'] }],
    ['skip: [1, 2.50, true, a]', { PLUGIN_SKIP: '1,2.5,true,a' }, { skip: ['1', '2.5', 'true', 'a'] }],
    ['skip: []', { PLUGIN_SKIP: '' }, {}],
    [
      'pedantic: yes, ignore: off',
      { PLUGIN_PEDANTIC: 'true', PLUGIN_IGNORE: 'false' },
      { pedantic: true, ignore: false },
    ],
    ['pedantic: "true"', { PLUGIN_PEDANTIC: 'true' }, { pedantic: true }],
    ['ignore: true', { PLUGIN_IGNORE: 'true' }, {}],
    ['docker: false', { PLUGIN_DOCKER: 'false' }, {}],
    ['docker: true', { PLUGIN_DOCKER: 'true' }, { docker: [''] }],
    ['docker: [unix:///a, "tcp://b"]', { PLUGIN_DOCKER: 'unix:///a,tcp://b' }, { docker: ['unix:///a', 'tcp://b'] }],
    ['server: true', { PLUGIN_SERVER: 'true' }, { server: true }],
    ['config: false', { PLUGIN_CONFIG: 'false' }, { config: false }],
    ['config: a.yml', { PLUGIN_CONFIG: 'a.yml' }, { config: 'a.yml' }],
    ['rate: 1e2', { PLUGIN_RATE: '1e2' }, { rate: 100 }],
    [
      'timestamp: 2026-01-31T12:00:00Z',
      { PLUGIN_TIMESTAMP: '2026-01-31T12:00:00Z' },
      { timestamp: '2026-01-31T12:00:00Z' },
    ],
    ['paths: ["a,b", c]', { PLUGIN_PATHS: 'a,b,c' }, { paths: ['a', 'b', 'c'] }],
    [`paths: '["a,b", "c"]'`, { PLUGIN_PATHS: '["a,b", "c"]' }, { paths: ['a,b', 'c'] }],
    ['paths: [" a ", "b "]', { PLUGIN_PATHS: ' a ,b ' }, { paths: [' a ', 'b '] }],
    ['paths: "[not json"', { PLUGIN_PATHS: '[not json' }, { paths: ['[not json'] }],
    ['fail_on: (nothing)', {}, {}],
  ])('%s', (_, environment, expected) => {
    expect(understood(environment)).toEqual(expected);
  });
});
