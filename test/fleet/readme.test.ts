import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { version } from '../../src/version.ts';
import { droneAudit, runBeside, runCommand, temporaryFolder, tool } from '../support/cli.ts';
import { hasGit } from '../support/git.ts';
import { mirrorEstate } from './estate.ts';

const page = readFileSync('examples/fleet/README.md', 'utf8');

/** The commands below a heading. */
function commandsOf(heading: string): readonly string[] {
  const section = page.split(/^## /m).find((each) => each.startsWith(`${heading}\n`)) ?? '';
  return [...section.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) => block.trimEnd().split('\n'));
}

/** A shell in a copy of an example, with the tool on its path, the mirrors, and a kubectl that notes what it is asked. */
function shellIn(example?: string) {
  const folder = temporaryFolder();
  const cwd = join(folder, 'here');
  if (example === undefined) mkdirSync(cwd);
  else cpSync(join('examples/fleet', example), cwd, { recursive: true });
  mkdirSync(join(folder, 'bin'));
  const program = (name: string, text: string) =>
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  program('drone-audit', `exec ${tool.join(' ')} "$@"`);
  program('kubectl', `echo "$*" >>${folder}/asked; [ "$*" != "create -f -" ] || cat >${folder}/created`);
  const mirrors = join(folder, 'mirrors');
  if (hasGit) mirrorEstate(mirrors, join(folder, 'workplace'));
  const run = (line: string) =>
    runBeside('sh', ['-c', line.replaceAll('/mirrors', mirrors)], {
      cwd,
      env: { PATH: `${join(folder, 'bin')}:${process.env.PATH}`, HOME: folder },
    });
  const whole = (from = cwd) => {
    const { status } = droneAudit(['scan', '--git', mirrors, '-o', join(folder, 'whole.json')], { cwd: from });
    return { status, report: readFileSync(join(folder, 'whole.json'), 'utf8') };
  };
  const file = (name: string): string => readFileSync(join(folder, name), 'utf8');
  return { run, whole, file, cwd };
}

const hasParallel = runCommand('parallel', ['--version']).stdout?.startsWith('GNU parallel') ?? false;

describe('examples/fleet/README.md', () => {
  it.skipIf(!hasGit)('spreads an audit over one machine as it says', async () => {
    const [spread = '', join = '', ...others] = commandsOf('One machine');
    const { run, whole, file } = shellIn();
    await run(spread);
    const { status, stderr } = await run(join);
    expect({ status, report: file('here/report.json'), others }, stderr).toEqual({ ...whole(), others: [] });
  });

  it.skipIf(!hasGit || !hasParallel)('spreads it by GNU parallel as it says (parallel)', async () => {
    const [spread = '', convert = '', ...others] = commandsOf('GNU parallel');
    const { run, whole, file, cwd } = shellIn('parallel');
    // This machine, without ssh.
    writeFileSync(join(cwd, 'hosts'), '4/:\n');
    const { status, stderr } = await run(spread);
    expect({ status, report: file('here/sunday/report.json'), others }, stderr).toEqual({ ...whole('/'), others: [] });
    expect((await run(convert)).status).toBe(status);
    expect(JSON.parse(file('here/sunday/report.sarif')).version).toBe('2.1.0');
  });

  it('asks kubectl for what there is, and starts the jobs that it speaks of', async () => {
    const { run, file, cwd } = shellIn('kubernetes');
    for (const line of commandsOf('Kubernetes')) expect(await run(line), line).toMatchObject({ status: 0, stderr: '' });
    const asked = file('asked');
    const named = [...asked.matchAll(/(?:-f|--from-file) (\S+\.yml)/g)].map(([, name = '']) => name);
    expect(named).toEqual(['setup.yml', 'cronjob.yml', 'jobs.yml']);
    for (const name of named) expect(existsSync(join(cwd, name)), name).toBe(true);
    for (const [, name] of asked.matchAll(/job\/(\S+)/g)) expect(file('created')).toContain(`name: ${name}\n`);
    expect(readFileSync(join(cwd, 'cronjob.yml'), 'utf8')).toContain('configMap: { name: fleet-jobs }');
  });
});

describe('examples/fleet', () => {
  const files = readdirSync('examples/fleet', { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const text = files.map((name) => readFileSync(name, 'utf8')).join('\n');

  test('has nothing but what is tested', () => {
    expect(files.sort()).toEqual([
      'examples/fleet/README.md',
      'examples/fleet/drone/.drone.yml',
      'examples/fleet/kubernetes/cronjob.yml',
      'examples/fleet/kubernetes/jobs.yml',
      'examples/fleet/kubernetes/setup.yml',
      'examples/fleet/parallel/audit-fleet.sh',
    ]);
  });

  test('names no host but examples', () => {
    const names = [...text.matchAll(/\b(?:[\w-]+\.)+(?:com|net|org|io)\b/g)].map(([name]) => name);
    // Kubernetes names its groups like hosts.
    const hosts = names.filter((name) => !/\.(?:k8s|kubernetes)\.io$/.test(name));
    expect([...new Set(hosts)].sort()).toEqual(['build-1.example.com', 'registry.example.com', 'storage.example.com']);
  });

  test('is of this version', () => {
    const versions = [...text.matchAll(/\/drone-audit(?:-shell)?:(\d+\.\d+\.\d+)/g)].map(([, found]) => found);
    expect(versions.length).toBeGreaterThan(0);
    expect([...new Set(versions)]).toEqual([version]);
  });
});
