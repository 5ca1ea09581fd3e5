import { expect, it } from 'vitest';
import { droneAudit, temporaryFolder } from '../support/cli.ts';
import { commitFiles, git, hasGit, writeFiles } from '../support/git.ts';

// A place that came to a known finding is told alone: its fix is one for that place, and doing what it shows leaves nothing.
const head = 'kind: pipeline\ntype: docker\nname: web\n';
const step = (name: string, when = ''): string =>
  `- name: ${name}\n  image: alpine@sha256:aa\n  commands: [./${name}.sh]\n  environment: {TOKEN: {from_secret: token}}\n${when}`;
const legacyStep = (name: string, when = ''): string =>
  `  ${name}:\n    image: alpine\n    commands: [./${name}.sh]\n    secrets: [token]\n${when}`;

interface Told {
  readonly line: number;
  readonly fix: string;
}

function open(folder: string, rule: string, ...args: readonly string[]): readonly Told[] {
  const { stdout } = droneAudit(['scan', '--format', 'json', '--rule', rule, ...args], { cwd: folder });
  return (JSON.parse(stdout) as { readonly findings: readonly Told[] }).findings;
}

it.each([
  ['missing-trigger', head, '', 'Or say in a `trigger`'],
  ['branch-without-event', head, 'trigger: {branch: [main]}\n', 'Or name the event in the trigger'],
])('%s at a new step', (rule, start, trigger, other) => {
  const folder = temporaryFolder();
  const file = `${start}${trigger}steps:\n${step('a')}`;
  writeFiles(folder, { '.drone.yml': file });
  open(folder, rule, '--write-baseline', 'baseline.yml');
  writeFiles(folder, { '.drone.yml': file + step('b') });
  const [told, ...others] = open(folder, rule, '--baseline', 'baseline.yml');
  expect(others).toEqual([]);
  const shown = rule === 'missing-trigger' ? '[push, tag]' : '[push]';
  expect(told?.fix).toContain(
    `- name: b\n  when:\n    event: ${shown}\n\`\`\`\n\nCron jobs, promotions and custom builds`,
  );
  expect(told?.fix).toContain(other);
  expect(told?.fix).toMatch(/^Keep the step off pull requests/);
  expect(told?.fix).not.toContain('trigger:');
  writeFiles(folder, { '.drone.yml': file + step('b', `  when:\n    event: ${shown}\n`) });
  expect(open(folder, rule, '--baseline', 'baseline.yml')).toEqual([]);
});

it('a file before 1.0 has no trigger to say it in', () => {
  const folder = temporaryFolder();
  const file = `pipeline:\n${legacyStep('a')}`;
  writeFiles(folder, { '.drone.yml': file });
  open(folder, 'missing-trigger', '--write-baseline', 'baseline.yml');
  writeFiles(folder, { '.drone.yml': file + legacyStep('b') });
  const [told] = open(folder, 'missing-trigger', '--baseline', 'baseline.yml');
  expect(told?.fix).toContain('pipeline:\n  b:\n    when:\n      event: [push, tag]\n');
  expect(told?.fix).not.toContain('trigger');
});

it.skipIf(!hasGit)('of a change, no comment accepts it yet', () => {
  const socket =
    'volumes:\n# drone-audit: ignore[docker-socket-volume] builds merged code only\n- name: socket\n  host: {path: /var/run/docker.sock}\n';
  const mounting = (name: string): string =>
    `- name: ${name}\n  image: alpine@sha256:aa\n  volumes: [{name: socket, path: /var/run/docker.sock}]\n`;
  const start = `${head}trigger: {event: [push]}\nsteps:\n${mounting('a')}`;
  const folder = temporaryFolder();
  git(folder, ['init', '-q']);
  commitFiles(folder, { '.drone.yml': start + socket });
  git(folder, ['checkout', '-q', '-b', 'change']);
  commitFiles(folder, { '.drone.yml': start + mounting('b') + socket });
  const [told] = open(folder, 'docker-socket-volume', '--diff', 'main');
  expect(told?.fix).toContain('A comment counts once the change is merged');
  expect(told?.fix).not.toContain('pull requests');
  const [alone] = open(folder, 'docker-socket-volume', '--no-ignore');
  expect(alone?.fix).not.toContain('once the change is merged');
});
