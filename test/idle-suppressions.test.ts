import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { droneAudit, temporaryFolder } from './support/cli.ts';
import { writeFiles } from './support/git.ts';

const pipeline = `# drone-audit: ignore[privileged-step, host-volume] r
kind: pipeline
type: docker
name: d
steps:
- {name: a, image: "golang:1.22@sha256:aa", commands: [make]}
`;
const config = `ignore:
- {rule: privileged-step, path: .drone.yml, reason: r}
- {rule: privileged-step, path: deploy/.drone.yml, reason: r}
- {rule: privileged-step, path: "deploy/*.yml", reason: r}
- {rule: privileged-step, path: "**/.drone.yml", reason: r}
- {rule: privileged-step, path: "docker://drone", reason: r}
- {rule: privileged-step, reason: r}
severity:
- {rule: host-volume, path: deploy, to: low, reason: r}
accept:
- {path: deploy/.drone.yml, reason: r}
installation: [deploy/]
`;

function folder(): string {
  const cwd = temporaryFolder();
  writeFiles(cwd, {
    '.drone.yml': pipeline,
    'deploy/.drone.yml': pipeline.replace(/#.*\n/, ''),
    'drone-audit.yml': config,
  });
  return cwd;
}

/** The places of what is said to have no effect. */
function idle(cwd: string, ...args: string[]): readonly string[] {
  const { stdout } = droneAudit(['scan', '--format', 'json', ...args], { cwd });
  const { problems } = JSON.parse(stdout);
  return problems.flatMap(({ file, line, message }: { file: string; line: number; message: string }) =>
    message.includes('has no effect') ? [`${file}:${line}`] : [],
  );
}

const entries = (...lines: number[]): readonly string[] => lines.map((line) => `drone-audit.yml:${line}`);

it('only what was looked at is said to have no effect', () => {
  const cwd = folder();
  expect(idle(cwd, '.')).toEqual(['.drone.yml:1', ...entries(2, 3, 4, 5, 7, 9, 11)]);
  expect(idle(cwd, '.drone.yml')).toEqual(['.drone.yml:1', ...entries(2)]);
  expect(idle(cwd, 'deploy')).toEqual(entries(3, 4, 9, 11));
  expect(idle(cwd, '.', '--skip', 'host-volume')).toEqual(entries(2, 3, 4, 5, 7, 11));
  expect(idle(cwd, '.', '--rule', 'host-volume')).toEqual(entries(9, 11));
  writeFileSync(join(cwd, 'list'), '.drone.yml\ngone.yml\n');
  expect(idle(cwd, '--targets-from', 'list')).toEqual(['.drone.yml:1', ...entries(2)]);
});

it('what has no effect in a file of which something is missing is not said to', () => {
  const cwd = folder();
  const broken = `${pipeline}- [\n`;
  writeFileSync(join(cwd, '.drone.yml'), broken);
  expect(idle(cwd, '.')).toEqual(entries(3, 4, 9, 11));
});

it('the config of a repository means the same from a folder in it', () => {
  const cwd = folder();
  const unpinned = pipeline.replace(/#.*\n/, '').replace('@sha256:aa', '');
  const entry = (path: string): string => `ignore: [{rule: unpinned-image, path: "${path}", reason: r}]\n`;
  writeFiles(cwd, {
    '.git/HEAD': 'ref: refs/heads/main\n',
    'deploy/.drone.yml': unpinned,
    'deploy/a/.drone.yml': unpinned,
  });
  const here = join(cwd, 'deploy');
  const shown = (path: string, ...args: string[]): readonly string[] => {
    writeFileSync(join(cwd, 'drone-audit.yml'), path.startsWith('exclude') ? path : entry(path));
    const { stdout } = droneAudit(['scan', '--rule', 'unpinned-image', '--format', 'json', ...args], { cwd: here });
    return JSON.parse(stdout).findings.flatMap((each: { file: string; suppressed?: unknown }) =>
      each.suppressed ? [] : [each.file],
    );
  };
  expect(shown('gone')).toEqual(['.drone.yml', 'a/.drone.yml']);
  expect(shown('deploy/.drone.yml')).toEqual(['a/.drone.yml']);
  expect(shown('deploy/a')).toEqual(['.drone.yml']);
  expect(shown('exclude: [deploy/a]\n')).toEqual(['.drone.yml']);
  expect(shown('**/.drone.yml')).toEqual([]);
  expect(shown('**/.drone.yml', '..')).toEqual([]);
  expect(shown('a/.drone.yml')).toEqual(['.drone.yml', 'a/.drone.yml']);
});
