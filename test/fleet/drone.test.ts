import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { droneAudit, node, runBeside, runCommand, temporaryFolder, tool } from '../support/cli.ts';
import { writeEstate } from './estate.ts';
import { objectStorage } from './storage.ts';

// examples/fleet/drone, run as the docker runner would: each pipeline in a workspace of its own, its steps one after another.

const file = 'examples/fleet/drone/.drone.yml';

interface Step {
  readonly name: string;
  readonly image: string;
  readonly commands: readonly string[];
  readonly environment?: Readonly<Record<string, string | { readonly from_secret: string }>>;
  readonly when?: { readonly status: readonly string[] };
}

interface Pipeline {
  readonly name: string;
  readonly depends_on?: readonly string[];
  readonly trigger: { readonly event: readonly string[]; readonly status?: readonly string[] };
  readonly clone: { readonly depth?: number; readonly disable?: boolean };
  readonly steps: readonly Step[];
}

const pipelines: readonly Pipeline[] = parseAllDocuments(readFileSync(file, 'utf8')).map((each) => each.toJS());
const report = pipelines.at(-1);
const parts = pipelines.slice(0, -1);
if (report === undefined) throw new Error(`${file} has no pipeline`);

describe('examples/fleet/drone', () => {
  it('fans out over as many shards as it says, and in again', () => {
    const shards = parts.map(({ steps }) => /--shard (\S+) .* -o (\S+) /.exec(steps[0]?.commands[0] ?? '')?.slice(1));
    expect(shards).toEqual(parts.map((_, index) => [`${index + 1}/${parts.length}`, `part-${index + 1}.json`]));
    expect(report.depends_on).toEqual(parts.map(({ name }) => name));
  });

  it('is started by nothing but its schedule, and joins what there is where a part failed', () => {
    for (const { trigger } of pipelines) expect(trigger).toMatchObject({ event: ['cron'], cron: ['fleet'] });
    expect(report.trigger.status).toEqual(['success', 'failure']);
  });

  it('gives secrets only to steps that read nothing of what is audited', () => {
    for (const { image, environment, commands } of pipelines.flatMap(({ steps }) => steps))
      expect(environment !== undefined, commands.join()).toBe(image.includes('/rclone:'));
  });

  it('has nothing that the tool could find, however small or unsure', () => {
    const all = ['--no-config', '--pedantic', '--min-severity', 'info', '--min-confidence', 'low', '--fail-on', 'info'];
    const { status, stdout } = droneAudit(['scan', file, ...all, '--format', 'json'], { cwd: resolve('.') });
    const { findings, problems, coverage } = JSON.parse(stdout);
    expect({ findings, problems, pipelines: coverage.pipelines, status }).toEqual({
      findings: [],
      problems: [],
      pipelines: 4,
      status: 0,
    });
  });

  const checker = runCommand('check-jsonschema', ['--version']).status === 0;
  test.skipIf(!checker).each(pipelines)('passes the schema drone-ci: $name (check-jsonschema)', (pipeline) => {
    // It takes one document at a time.
    const document = join(temporaryFolder(), 'pipeline.json');
    writeFileSync(document, JSON.stringify(pipeline));
    const { status, stdout } = runCommand('check-jsonschema', ['--builtin-schema', 'vendor.drone-ci', document]);
    expect(status, stdout).toBe(0);
  });

  const rclone = runCommand('rclone', ['version']).status === 0;
  describe.skipIf(!rclone)('with a storage (rclone)', () => {
    it('ends as the audit in one piece does, with the same report', async () => {
      const { build, objects, whole } = await installation();
      const { ended, log } = await build(pipelines);
      expect(Object.fromEntries(ended), log()).toEqual({ 'part-1': 0, 'part-2': 0, 'part-3': 0, report: whole.status });
      expect(whole.status).toBe(1);
      expect(objects.get('fleet-audit/7/report.json')?.toString()).toBe(whole.report);
    });

    it('names the part of a pipeline that failed', async () => {
      const { build, objects } = await installation();
      const broken = pipelines.map((each) =>
        each.name === 'part-2' ? { ...each, steps: [{ name: 'scan', image: 'lost', commands: ['exit 137'] }] } : each,
      );
      const { ended, log } = await build(broken);
      expect(Object.fromEntries(ended), log()).toEqual({ 'part-1': 0, 'part-2': 137, 'part-3': 0, report: 2 });
      expect(log()).toContain('drone-audit: part 2 of 3 is missing');
      expect([...objects.keys()]).toEqual(['fleet-audit/7/part-1.json', 'fleet-audit/7/part-3.json']);
    });
  });
});

/** A storage, a commit with the repositories, and the runner; `whole` is the audit in one piece. */
async function installation() {
  const folder = temporaryFolder();
  const { objects, endpoint } = await objectStorage('key-of-the-fleet');
  const secrets: Readonly<Record<string, string>> = { fleet_key_id: 'key-of-the-fleet', fleet_key: 'hunter2hunter2' };
  mkdirSync(join(folder, 'bin'));
  symlinkSync(node, join(folder, 'bin/node'));
  writeFileSync(join(folder, 'bin/drone-audit'), `#!/bin/sh\nexec ${tool.join(' ')} "$@"\n`, { mode: 0o755 });
  // What the image has at its root.
  const policy = join(folder, 'policy.yml');
  writeFileSync(policy, 'ignore: []\n');
  const lines: string[] = [];

  function clone(workspace: string): string {
    const path = join(folder, workspace);
    mkdirSync(path);
    writeEstate(join(path, 'repositories'));
    return path;
  }

  async function runStep(step: Step, cwd: string): Promise<number> {
    const variables = Object.entries(step.environment ?? {}).map(([name, value]) => {
      if (name.endsWith('_ENDPOINT')) return [name, endpoint];
      return [name, typeof value === 'string' ? value : (secrets[value.from_secret] ?? '')];
    });
    const commands = step.commands.map((each) => each.replaceAll('/policy.yml', policy));
    const { status, stdout, stderr } = await runBeside('sh', ['-ec', commands.join('\n')], {
      cwd,
      env: {
        PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
        DRONE_BUILD_NUMBER: '7',
        ...Object.fromEntries(variables),
      },
    });
    lines.push(stdout, stderr);
    return status;
  }

  /** Runs the pipelines in order; the status of one is that of its first step that fails. */
  async function build(list: readonly Pipeline[]) {
    const ended = new Map<string, number>();
    for (const { name, depends_on = [], trigger, clone: cloning, steps } of list) {
      const isFailed = depends_on.some((each) => ended.get(each) !== 0);
      if (isFailed && !trigger.status?.includes('failure')) continue;
      const path = join(folder, name);
      if (cloning.disable) mkdirSync(path);
      else clone(name);
      let status = 0;
      for (const step of steps) {
        if (status !== 0 && !step.when?.status.includes('failure')) continue;
        const of = await runStep(step, path);
        if (status === 0) status = of;
      }
      ended.set(name, status);
    }
    return { ended, log: () => lines.join('') };
  }

  const path = clone('whole');
  const { status } = droneAudit(['scan', 'repositories', '--policy', policy, '-o', 'report.json'], { cwd: path });
  return { build, objects, whole: { status, report: readFileSync(join(path, 'report.json'), 'utf8') } };
}

it('examples/fleet/drone is tested here as a whole', () => {
  expect(readdirSync('examples/fleet/drone')).toEqual(['.drone.yml']);
});
