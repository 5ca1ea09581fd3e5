import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { describe, expect, it, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { droneAudit, runBeside, runCommand, temporaryFolder, tool } from '../support/cli.ts';
import { hasGit } from '../support/git.ts';
import { mirrorEstate } from './estate.ts';
import { type Container, type Ending, type Job, runIndexedJob, runJob, type Start } from './job-controller.ts';

// examples/fleet/kubernetes, run as the Job controller and the kubelet would, as far as a machine without a cluster can.

const example = 'examples/fleet/kubernetes';

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

const manifestsIn = (text: string): Manifest[] => parseAllDocuments(text).map((document) => document.toJS());
const manifests = (name: string): Manifest[] => manifestsIn(readFileSync(join(example, name), 'utf8'));

/** What the CronJob starts: its command is run, with a kubectl that keeps what it is given. */
function started(): { scan: Job; merge: Job } {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'kubectl'), '#!/bin/sh\n[ "$*" = "create -f -" ] && cat\n', { mode: 0o755 });
  const { spec } = manifests('cronjob.yml').find(({ kind }) => kind === 'CronJob') as unknown as {
    spec: { jobTemplate: Job };
  };
  const [{ command = [], args }] = spec.jobTemplate.spec.template.spec.containers;
  const [program = '', ...first] = command;
  const script = args.map((each) => each.replaceAll('/jobs/', `${resolve(example)}/`));
  const { status, stdout, stderr } = runCommand(program, [...first, ...script], {
    env: { JOB: 'fleet-29384756', PATH: `${folder}:${process.env.PATH}` },
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const [scan, merge, ...others] = manifestsIn(stdout) as unknown as Job[];
  if (scan === undefined || merge === undefined || others.length > 0) throw new Error('two Jobs were expected');
  return { scan, merge };
}

/** A folder in place of the root of all containers, with the volumes in it, and what runs a container there. */
function cluster(beforeStart: (index: number, time: number) => Record<string, string> = () => ({})) {
  const folder = temporaryFolder();
  for (const name of ['mirrors', 'reports']) mkdirSync(join(folder, name));
  const log: string[] = [];
  const start: Start = async (container, index, time): Promise<Ending> => {
    const set = { JOB_COMPLETION_INDEX: String(index) };
    const [program, ...first] = tool;
    // The image has the tool as its entrypoint.
    const { status, stdout, stderr } = await runBeside(program, [...first, ...argumentsOf(container, set, folder)], {
      cwd: join(folder, container.workingDir),
      env: { ...set, ...beforeStart(index, time) },
    });
    log.push(`${stdout}${stderr}`);
    // The kubelet's status for one that was killed.
    return status === -1 ? 137 : status;
  };
  return { folder, log, start };
}

/** As the kubelet expands them; what is not below a mount is as in the image. */
function argumentsOf({ args, volumeMounts }: Container, set: Record<string, string>, folder: string): string[] {
  return args.map((each) =>
    volumeMounts.reduce(
      (argument, { name, mountPath }) => argument.replace(new RegExp(`^${mountPath}(?=/|$)`), join(folder, name)),
      each.replace(/\$\((\w+)\)/g, (whole, name) => set[name] ?? whole),
    ),
  );
}

describe('examples/fleet/kubernetes', () => {
  it('is tested here as a whole', () => {
    expect(readdirSync(example).sort()).toEqual(['cronjob.yml', 'jobs.yml', 'setup.yml']);
  });

  it('says how many parts there are in one voice', () => {
    const { scan, merge } = started();
    const [scanner] = scan.spec.template.spec.containers;
    const [merger] = merge.spec.template.spec.containers;
    expect(scan.spec).toMatchObject({ completions: 16, maxFailedIndexes: 16 });
    expect(scanner.args).toContain(`auto/${scan.spec.completions}`);
    const set = (index: number) => ({ JOB_COMPLETION_INDEX: String(index) });
    const written = Array.from({ length: 16 }, (_, index) => argumentsOf(scanner, set(index), '').at(-1));
    expect(argumentsOf(merger, {}, '').slice(1, -2)).toEqual(written);
  });

  it('names no run after another', () => {
    const { scan, merge } = started();
    expect([scan, merge].map(({ metadata }) => metadata.name)).toEqual(['fleet-29384756-scan', 'fleet-29384756-merge']);
    expect(JSON.stringify([scan, merge])).not.toContain('RUN');
  });

  it.skipIf(!hasGit)(
    'joins the parts of 16 indexes, one of which is killed, into the report of the whole',
    async () => {
      const { scan, merge } = started();
      const killed = { NODE_OPTIONS: `--require ${resolve('test/fleet/killed-at-rename.cjs')}` };
      const { folder, log, start } = cluster(
        (index, time): Record<string, string> => (index === 5 && time === 1 ? killed : {}),
      );
      mirrorEstate(join(folder, 'mirrors'), join(folder, 'workplace'));

      const outcome = await runIndexedJob(scan, start);
      expect(outcome.starts).toEqual(Array.from({ length: 16 }, (_, index) => (index === 5 ? 2 : 1)));
      // Those with findings, which were not tried again.
      expect(outcome.failed).toBe('FailedIndexes');
      expect(outcome.failedIndexes.length).toBeLessThan(16);

      const merged = await runJob(merge, start);
      const whole = droneAudit(['scan', '--git', 'mirrors', '-o', 'whole.json'], { cwd: folder });
      expect({ ...merged, status: whole.status }, log.join('')).toEqual({
        failed: 'PodFailurePolicy',
        failedIndexes: [],
        starts: [1],
        status: 1,
      });
      const report = (name: string) => readFileSync(join(folder, name), 'utf8');
      expect(report('reports/29384756.json')).toBe(report('whole.json'));
    },
  );

  it.skipIf(!hasGit)('waits with the merge while a part is missing, and names it', async () => {
    const { scan, merge } = started();
    const [scanner] = scan.spec.template.spec.containers;
    const { folder, log, start } = cluster();
    mirrorEstate(join(folder, 'mirrors'), join(folder, 'workplace'));
    await runIndexedJob(scan, async (container, index, time) => (index === 7 ? 137 : start(container, index, time)));
    log.length = 0;
    const outcome = await runJob(merge, async (container, index, time) => {
      // What the lost index writes in the end.
      if (time === 3) await start(scanner, 7, 1);
      return start(container, index, time);
    });
    expect(outcome).toMatchObject({ failed: 'PodFailurePolicy', starts: [3] });
    expect(log[0]).toContain('part-7.json');
    expect(readdirSync(join(folder, 'reports'))).toContain('29384756.json');
  });

  it('stops where every index would fail alike', async () => {
    const { scan } = started();
    const outcome = await runIndexedJob(scan, async () => 2);
    expect(outcome.failed).toBe('PodFailurePolicy');
    expect(outcome.starts.filter((times) => times > 0).length).toBeLessThanOrEqual(scan.spec.parallelism ?? 1);
  });

  it('takes a drained node for no failure, and gives up an index that keeps dying', async () => {
    const { scan } = started();
    const drained = await runIndexedJob(scan, async (_, _index, time) => (time <= 10 ? 'disrupted' : 0));
    expect(drained).toMatchObject({ failed: undefined, failedIndexes: [] });
    const dying = await runIndexedJob(scan, async (_, index) => (index === 0 ? 137 : 0));
    expect(dying).toMatchObject({ failed: 'FailedIndexes', failedIndexes: [0] });
    expect(dying.starts[0]).toBe(4);
  });
});

describe('the pods', () => {
  interface Template {
    readonly spec: { readonly containers: readonly [Container] };
  }
  const templates = [...manifests('jobs.yml'), ...manifests('cronjob.yml')].flatMap((manifest) => {
    const { spec } = manifest as { spec?: { template?: Template; jobTemplate?: { spec: { template: Template } } } };
    const template = spec?.template ?? spec?.jobTemplate?.spec.template;
    return template === undefined ? [] : [[manifest.metadata.name, template] as const];
  });

  it.each(templates)('of %s have what the level "restricted" asks for, and more', (name, { spec }) => {
    expect(spec).toMatchObject({
      automountServiceAccountToken: name === 'fleet',
      enableServiceLinks: false,
      securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          image: expect.stringMatching(/@sha256:[0-9a-f]{64}$/),
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
          resources: { requests: expect.anything(), limits: { cpu: expect.anything(), memory: expect.anything() } },
        },
      ],
    });
  });

  it('are three, and the mirrors are read only', () => {
    expect(templates.map(([name]) => name)).toEqual(['fleet-RUN-scan', 'fleet-RUN-merge', 'fleet']);
    expect(templates[0]?.[1].spec.containers[0].volumeMounts).toContainEqual({
      name: 'mirrors',
      mountPath: '/mirrors',
      readOnly: true,
    });
  });
});

// The package kubernetes-models has the schemas of Kubernetes, compiled, and types which know no other key.
const models = process.env.DRONE_AUDIT_TEST_KUBERNETES ?? '';

describe.skipIf(models === '')('the schemas of Kubernetes (DRONE_AUDIT_TEST_KUBERNETES=NODE_MODULES)', () => {
  const all = ['setup.yml', 'jobs.yml', 'cronjob.yml'].flatMap(manifests);

  test.each(all.map((each) => [`${each.kind} ${each.metadata.name}`, each] as const))(
    'hold for %s',
    async (_, each) => {
      expect(await faultsOf(each)).toEqual([]);
      expect(unknownKeysIn([each])).toEqual([]);
    },
  );

  it('would tell', async () => {
    const job = (spec: string) =>
      parse(
        `{ apiVersion: batch/v1, kind: Job, metadata: { name: x }, spec: { template: { spec: { containers: [] } }, ${spec} } }`,
      );
    expect(await faultsOf(job('completionMode: indexed'))).toEqual([expect.stringContaining('completionMode')]);
    expect(await faultsOf(job('completions: "16"'))).toEqual([expect.stringContaining('completions')]);
    expect(unknownKeysIn([job('backoffLimitPerindex: 3')]).join()).toContain('backoffLimitPerindex');
  });

  async function faultsOf(manifest: Manifest): Promise<string[]> {
    const folder = manifest.apiVersion;
    const module = await import(pathToFileURL(join(models, 'kubernetes-models', folder, 'index.js')).href);
    try {
      new module[manifest.kind](manifest).validate();
      return [];
    } catch (error) {
      return [String(error)];
    }
  }

  function unknownKeysIn(list: readonly Manifest[]): string[] {
    const folder = temporaryFolder();
    const file = join(folder, 'manifests.ts');
    writeFileSync(
      file,
      list
        .map(
          (each, index) =>
            `export const _${index}: import('kubernetes-models/${each.apiVersion}').I${each.kind} = ${JSON.stringify(each)};\n`,
        )
        .join(''),
    );
    const program = ts.createProgram([file], {
      noEmit: true,
      strict: true,
      skipLibCheck: true,
      types: [],
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      baseUrl: folder,
      paths: { '*': [join(models, '*')] },
    });
    return ts
      .getPreEmitDiagnostics(program)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  }
});
