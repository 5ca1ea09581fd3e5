import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { version } from '../src/version.ts';
import { docker, engineSocket, isEngineAsked, realEngine } from './checks/real-engine.ts';
import { mirrorEstate } from './fleet/estate.ts';
import { bareRoot } from './support/bare-root.ts';
import { droneAudit, runCommand } from './support/cli.ts';
import { hasGit } from './support/git.ts';

describe('Dockerfile', () => {
  const instructions =
    readFileSync('Dockerfile', 'utf8')
      .replaceAll('\\\n', '')
      .match(/^[A-Z]+ .*$/gm) ?? [];

  it('runs nothing while it is built, and is not root', () => {
    expect([...new Set(instructions.map((each) => each.split(' ')[0]))]).toEqual([
      'ARG',
      'FROM',
      'LABEL',
      'COPY',
      'ENV',
      'USER',
      'WORKDIR',
      'ENTRYPOINT',
    ]);
    expect(instructions).toContain('USER 65532:65532');
  });

  it('has a base by digest, and copies what the package of npm has', () => {
    expect(instructions[0]).toMatch(/^ARG BASE=[\w./-]+:[\w-]+@sha256:[0-9a-f]{64}$/);
    const { files }: { files: string[] } = JSON.parse(readFileSync('package.json', 'utf8'));
    const copied = instructions.flatMap((each) => /^COPY (\S+) \/drone-audit\//.exec(each)?.[1] ?? []);
    // Pages for people stay out, but for those that explain shows.
    const wanted = files.filter((name) => name !== 'man').map((name) => (name === 'docs' ? 'docs/rules' : name));
    expect(copied.filter((name) => name !== 'LICENSE').sort()).toEqual(wanted.sort());
  });
});

describe.skipIf(!isEngineAsked)('the image (DRONE_AUDIT_TEST_DOCKER=1)', () => {
  const engine = isEngineAsked ? realEngine() : undefined;
  const image = `drone-audit-image-${engine?.id}`;
  const base = `drone-audit-base-${engine?.id}`;
  const sources = join(engine?.folder ?? '', 'sources');
  const bounds = ['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--network', 'none'];
  const limited = ['run', '--rm', ...(engine?.labels ?? []), ...bounds];
  const mounted = ['--volume', `${sources}:/src:ro`];

  beforeAll(() => {
    if (engine === undefined) return;
    // In place of the base that no machine without a network can pull: this Node, where distroless has it, and its libraries.
    const root = join(engine.folder, 'base');
    bareRoot(root, { '/nodejs/bin/node': process.execPath });
    const archive = `${root}.tar`;
    execFileSync('tar', ['-cf', archive, '-C', root, '.']);
    docker('import', '--change', `LABEL ${engine.labels[1]}`, archive, base);
    const label = engine.labels[1] ?? '';
    runCommand('docker', ['build', '--build-arg', `BASE=${base}`, '--label', label, '--tag', image, resolve('.')], {
      env: { DOCKER_BUILDKIT: '0' },
    });
    cpSync('examples/careless', sources, { recursive: true });
  });
  afterAll(() => {
    // From the top: an image that another is built on cannot be removed.
    if (engine !== undefined) docker('rmi', '--force', image);
    engine?.remove();
  });

  it('has the tool, its pages and nothing of the workplace', () => {
    expect(runCommand('docker', [...limited, image, '--version'])).toEqual({
      status: 0,
      stdout: `${version}\n`,
      stderr: '',
    });
    expect(runCommand('docker', [...limited, image, 'explain', 'weak-rpc-secret']).stdout).toContain(
      'openssl rand -hex 32',
    );
    const container = docker('create', ...(engine?.labels ?? []), image).trim();
    docker('export', container, '--output', join(engine?.folder ?? '', 'image.tar'));
    const listed = execFileSync('tar', ['-tf', join(engine?.folder ?? '', 'image.tar')], { encoding: 'utf8' }).split(
      '\n',
    );
    const ours = listed.flatMap((name) => /^drone-audit\/([^/]+)\/?$/.exec(name)?.[1] ?? []);
    expect(ours.sort()).toEqual(['LICENSE', 'bin', 'dist', 'docs', 'package.json', 'schemas']);
    expect(listed).not.toContain('drone-audit/dist/meta.json');
    docker('rm', container);
  });

  it('audits a mounted folder without rights, and says the same as outside', () => {
    const inside = runCommand('docker', [...limited, ...mounted, image, 'scan', '--format', 'json']);
    const outside = droneAudit(['scan', '--format', 'json'], { cwd: sources });
    expect(inside.stdout).toBe(outside.stdout);
    expect(inside).toMatchObject({ status: 1, stderr: '' });
  });

  it('is a step of Drone: settings are options, and the entrypoint needs no arguments', () => {
    const step = (...variables: string[]) =>
      runCommand('docker', [...limited, ...mounted, ...variables.flatMap((each) => ['--env', each]), image]);
    expect(step('DRONE=true').status).toBe(1);
    expect(step('DRONE=true', 'PLUGIN_FAIL_ON=never').status).toBe(0);
    expect(step('DRONE=true', 'PLUGIN_FIAL_ON=low')).toMatchObject({ status: 2, stdout: '' });
    expect(step().stdout).toContain('Usage: drone-audit');
    const card = ['DRONE_CARD_PATH=/dev/stdout', 'PLUGIN_CARD_TEMPLATE=https://ci.example.com/card.json'];
    expect(step('DRONE=true', ...card)).toMatchObject({ status: 1, stderr: '' });
    expect(step('DRONE=true', ...card).stdout).toMatch(/^\u001b\]1338;[\w+/=]+\u001b\]0m\n$/m);
  });

  it.skipIf(!hasGit)('runs what the pods of examples/fleet/kubernetes run, and reads them the same', () => {
    const folder = engine?.folder ?? '';
    mirrorEstate(join(folder, 'mirrors'), join(folder, 'workplace'));
    mkdirSync(join(folder, 'reports'));
    // As fsGroup makes it.
    chmodSync(join(folder, 'reports'), 0o777);
    const manifest = readFileSync('examples/fleet/kubernetes/jobs.yml', 'utf8').replaceAll('RUN', 'first');
    const [scan, merge] = parseAllDocuments(manifest).map((each) => each.toJS().spec);
    const run = (job: typeof scan, index: number) => {
      const [{ args, volumeMounts, workingDir }] = job.template.spec.containers;
      const mounts = volumeMounts.flatMap(({ name, mountPath, readOnly }: Record<string, string | boolean>) => [
        '--volume',
        `${join(folder, String(name))}:${mountPath}${readOnly ? ':ro' : ''}`,
      ]);
      const expanded = args.map((each: string) => each.replace('$(JOB_COMPLETION_INDEX)', String(index)));
      const set = ['--env', `JOB_COMPLETION_INDEX=${index}`, '--workdir', workingDir];
      return runCommand('docker', [...limited, ...mounts, ...set, image, ...expanded]);
    };
    for (let index = 0; index < scan.completions; index++) expect([0, 1, 3]).toContain(run(scan, index).status);
    const whole = ['scan', '--git', 'mirrors', '-o', 'whole.json'];
    expect(run(merge, 0).status).toBe(droneAudit(whole, { cwd: folder }).status);
    const report = (name: string) => readFileSync(join(folder, name), 'utf8');
    expect(report('reports/first.json')).toBe(report('whole.json'));
  });

  it('says what to do where it may not write', () => {
    const { status, stderr } = runCommand('docker', [...limited, ...mounted, image, 'scan', '-o', 'report.sarif']);
    expect(status).toBe(1);
    expect(stderr).toContain('report.sarif');
  });

  it('asks an engine whose socket its user may use, and says that it could not where not', () => {
    const socket = ['--volume', `${engineSocket}:/var/run/docker.sock`];
    const group = ['--group-add', String(statSync(engineSocket).gid)];
    const ask = (...more: string[]) => {
      const { status, stdout } = runCommand('docker', [
        ...limited,
        ...socket,
        ...more,
        image,
        'scan',
        '--docker',
        '--format',
        'json',
      ]);
      return { status, report: JSON.parse(stdout) };
    };
    const { report } = ask(...group);
    expect(report.coverage.notAsked).not.toContain('the Docker Engine (--docker)');
    expect(report.sources.some(({ file }: { file: string }) => file.startsWith('docker-engine:'))).toBe(true);
    const refused = ask();
    expect(refused.status).toBe(3);
    expect(JSON.stringify(refused.report.problems)).toContain('may not be opened by this user');
  });
});
