import { posix } from 'node:path';
import { trustNeedsOf } from '../../drone/trust.ts';
import { dockerPlatforms } from '../../facts/platforms.ts';
import type { Pipeline, Step } from '../../model/pipeline.ts';
import type { Remark } from '../../model/remark.ts';
import { ownWords, say } from '../../model/text.ts';
import { inPath } from './fields.ts';

/** What one of Drone's linters says, in its words. */
export type Verdict = Remark;

/** A pipeline with its name as written: to the server's linter, no name and `default` are different. */
export interface WrittenPipeline {
  readonly pipeline: Pipeline;
  readonly name: string;
}

/**
 * What the server's linter refuses when the hook arrives (drone/drone-yaml yaml/linter/config.go:35). The linter stops
 * at the first fault; here all are listed.
 */
export function lintStream(pipelines: readonly WrittenPipeline[]): Verdict[] {
  const verdicts: Verdict[] = [];
  const names = new Set<string>();
  for (const { pipeline, name } of pipelines) {
    if (names.has(name)) verdicts.push({ message: say`linter: duplicate pipeline names`, at: pipeline.nameAt });
    names.add(name);
    for (const dependency of pipeline.dependsOn) {
      if (!names.has(dependency.value))
        verdicts.push({ message: say`linter: invalid or unknown pipeline dependency`, at: dependency.at });
      else if (dependency.value === name)
        verdicts.push({ message: say`linter: pipeline cannot have a dependency on itself`, at: dependency.at });
    }
    if (pipeline.documentKind.value !== 'pipeline' || pipeline.type !== 'docker') continue;
    if (!dockerPlatforms.os.includes(pipeline.os.value))
      verdicts.push({ message: say`linter: unsupported os: ${inPath(pipeline.os.value)}`, at: pipeline.os.at });
    if (!dockerPlatforms.arch.includes(pipeline.arch.value))
      verdicts.push({
        message: say`linter: unsupported architecture: ${inPath(pipeline.arch.value)}`,
        at: pipeline.arch.at,
      });
  }
  return verdicts;
}

/** Types whose runners are known. */
type RunnerType = 'docker' | 'kubernetes' | 'exec' | 'ssh' | 'digitalocean' | 'macstadium' | 'vm';

const runnerTypes: readonly RunnerType[] = ['docker', 'kubernetes', 'exec', 'ssh', 'digitalocean', 'macstadium', 'vm'];

/** The longest name of a step, in bytes. */
const maxNameLength = 100;

/**
 * What the runner for a pipeline's type refuses: first its parser (engine/resource/parser.go), then its linter
 * (engine/linter/linter.go). These stop at the first fault; here all are listed, each place once. `untrusted`: only while
 * the repository is not trusted.
 */
export function lintPipeline(pipeline: Pipeline): Readonly<Record<'always' | 'untrusted', readonly Verdict[]>> {
  const always: Verdict[] = [];
  const untrusted: Verdict[] = [];
  const type = runnerTypes.find((known) => known === pipeline.type);
  if (!type || pipeline.documentKind.value !== 'pipeline') return { always, untrusted };
  lintServer(pipeline, type, always);
  const named = lintNames(pipeline, type, always);
  if (type === 'docker' || type === 'kubernetes' || type === 'vm') {
    lintSteps(pipeline, type, named, always);
    lintVolumes(pipeline, type, always);
  }
  for (const { what, at } of trustNeedsOf(pipeline))
    untrusted.push({ message: say`linter: untrusted repositories cannot ${what}`, at });
  return { always, untrusted };
}

function lintServer(pipeline: Pipeline, type: RunnerType, always: Verdict[]): void {
  const has = (name: string): boolean =>
    pipeline.server.some((value) => value.name.value === name && (value.fromSecret ?? value.text)?.value);
  const missing = (what: string): void => {
    always.push({ message: say`Linter: invalid or missing ${what}`, at: pipeline.nameAt });
  };
  if (type === 'ssh') {
    if (!has('host')) missing('server host');
    else if (!has('user')) missing('server user');
    else if (!has('password') && !has('ssh_key')) missing('server password or ssh_key');
  }
  if (type === 'digitalocean' && !(pipeline.token?.fromSecret ?? pipeline.token?.text)?.value) missing('API token');
}

/** Checks names of steps as the parsers of all runners do. Returns the steps already reported as duplicates. */
function lintNames(pipeline: Pipeline, type: RunnerType, always: Verdict[]): ReadonlySet<Step> {
  const word = type === 'vm' ? 'linter' : 'Linter';
  const names = new Set<string>();
  const duplicates = new Set<Step>();
  for (const step of pipeline.steps) {
    if (step.detach?.value && (type === 'ssh' || type === 'digitalocean'))
      always.push({ message: say`Linter: detached steps are not allowed`, at: step.detach.at });
    if (step.name === '')
      always.push({ message: say`${ownWords(word)}: invalid or missing step name`, at: step.nameAt });
    else if (hasLongName(step, type))
      always.push({ message: say`${ownWords(word)}: step name cannot exceed 100 characters`, at: step.nameAt });
    else if (names.has(step.name)) {
      duplicates.add(step);
      always.push({ message: say`${ownWords(word)}: duplicate step name`, at: step.nameAt });
    }
    names.add(step.name);
    const image = step.image ?? step.imageText;
    if (type === 'exec' && image)
      always.push({ message: say`Linter: cannot define images for an exec pipeline`, at: image.at });
  }
  return duplicates;
}

function hasLongName(step: Step, type: RunnerType): boolean {
  if (type === 'exec' || type === 'ssh' || type === 'digitalocean') return false;
  return step.name.length > maxNameLength || Buffer.byteLength(step.name, 'utf8') > maxNameLength;
}

function lintSteps(
  pipeline: Pipeline,
  type: 'docker' | 'kubernetes' | 'vm',
  named: ReadonlySet<Step>,
  always: Verdict[],
): void {
  const names = new Set(pipeline.clone.disable?.value ? [] : ['clone']);
  for (const step of [...pipeline.services, ...pipeline.steps]) {
    if (names.has(step.name) && !named.has(step))
      always.push({ message: say`linter: duplicate step names`, at: step.nameAt });
    names.add(step.name);
    if (type !== 'vm' && !step.image && !step.imageText)
      always.push({ message: say`linter: invalid or missing image`, at: step.nameAt });
    for (const mount of step.mounts) {
      if (reservedNames(type, 'mount').includes(mount.name.value))
        always.push({ message: say`linter: invalid volume name: ${mount.name.value}`, at: mount.name.at });
      if (mount.path && posix.normalize(mount.path.value).startsWith('/run/drone'))
        always.push({ message: say`linter: cannot mount volume at /run/drone`, at: mount.path.at });
    }
    for (const dependency of step.dependsOn) {
      const name = inPath(dependency.value);
      if (!names.has(dependency.value))
        always.push({
          message: say`linter: unknown step dependency detected: ${inPath(step.name)} references ${name}`,
          at: dependency.at,
        });
      else if (dependency.value === step.name)
        always.push({ message: say`linter: cyclical step dependency detected: ${name}`, at: dependency.at });
    }
  }
}

function lintVolumes(pipeline: Pipeline, type: 'docker' | 'kubernetes' | 'vm', always: Verdict[]): void {
  for (const volume of pipeline.volumes) {
    if (volume.name === '') always.push({ message: say`linter: missing volume name`, at: volume.at });
    else if (reservedNames(type, 'volume').includes(volume.name))
      always.push({ message: say`linter: invalid volume name: ${volume.name}`, at: volume.at });
  }
}

/** Names of volumes that the runner of a type reserves: `use` says whether one is declared or mounted. */
export function reservedNames(type: 'docker' | 'kubernetes' | 'vm', use: 'mount' | 'volume'): readonly string[] {
  const names = ['workspace', '_workspace', '_docker_socket'];
  if (type !== 'kubernetes') return names;
  return use === 'volume' ? [...names, '_status', '_addons'] : [...names, '_status'];
}
