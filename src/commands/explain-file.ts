import { type BuildVariable, controlOf, type VariableControl } from '../facts/build-variables.ts';
import { gather } from '../gather.ts';
import { type Mask, maskFor } from '../mask.ts';
import type { Installation } from '../model/installation.ts';
import { nearest } from '../model/nearest.ts';
import {
  type Condition,
  type Conditions,
  type DroneEvent,
  events,
  type Pipeline,
  type PipelineStream,
  type Reach,
  type Step,
  type Substitution,
} from '../model/pipeline.ts';
import type {
  ExplainedFile,
  ExplainedPipeline,
  ExplainedReach,
  ExplainedSecret,
  ExplainedStep,
  PipelineExplanation,
} from '../model/pipeline-explanation.ts';
import { lineOf } from '../model/position.ts';
import { reachOf } from '../model/reach.ts';
import { releaseOf, type SecretUse, secretsOfPipeline, secretsOfStep } from '../model/secret-use.ts';
import { gradeTag } from '../model/tag.ts';
import { trustNeedsOf } from '../model/trust.ts';
import { UserError } from '../model/user-error.ts';
import { read } from '../read.ts';
import { pipelineJson, pipelineTable } from '../reporters/pipeline-table.ts';
import { isPrivileged, isPrivilegedByItself, socketVolumes } from '../rules/privilege/step-privilege.ts';
import { type Io, wantsColor } from './io.ts';

/** The options of `explain --file`, as the command line gives them. */
export interface ExplainFileOptions {
  readonly format: string;
  readonly color: 'auto' | 'always' | 'never';
}

/** Prints what Drone makes of a pipeline file; exit status 3 when it could not be looked at or understood. */
export async function explainFile(file: string, { format, color }: ExplainFileOptions, io: Io): Promise<number> {
  if (format !== 'text' && format !== 'json') throw new UserError(`unknown format "${format}"`, 'known: text, json');
  const isScript = /\.(?:star|starlark|script|jsonnet)$/i.test(file);
  const gathered = await gather({
    cwd: io.cwd,
    paths: [file],
    standardInput: io.readStandardInput,
    ...(isScript ? {} : { form: 'drone' }),
  });
  const sources = gathered.sources.filter(({ form }) => form === 'drone' || form === 'starlark' || form === 'jsonnet');
  const { installation, problems, unknown, secrets } = read(sources, gathered.lookup);
  const mask = maskFor(secrets);
  const explanation: PipelineExplanation = {
    version: 1,
    tool: { name: 'drone-audit', version: io.version },
    files: installation.streams.map((stream) => explainStream(stream, installation, mask)),
    problems: [
      ...gathered.problems,
      ...problems,
      ...unknown.map(({ at, message }) => ({
        kind: 'unsupported' as const,
        source: at.source.name,
        line: lineOf(at),
        message,
        incomplete: false,
      })),
    ].map((problem) => ({ ...problem, message: mask.text(problem.message) })),
  };
  const isNothing = explanation.files.length === 0;
  io.out(
    format === 'json'
      ? pipelineJson(explanation)
      : pipelineTable(explanation, { color: wantsColor(color, io), width: io.width }),
  );
  return isNothing || explanation.problems.some(({ incomplete }) => incomplete) ? 3 : 0;
}

function explainStream(stream: PipelineStream, installation: Installation, mask: Mask): ExplainedFile {
  const pipelines = stream.pipelines.map((pipeline) => explainPipeline(pipeline, installation, mask));
  return {
    file: stream.source.name,
    legacy: stream.legacy,
    signed: stream.signatures.length > 0,
    pipelines,
    secrets: stream.secrets.map((document) => ({
      name: mask.text(document.name?.value ?? ''),
      line: lineOf(document.at),
      origin: document.data?.value ? 'encrypted' : document.path || document.externalName ? 'external' : 'nothing',
      usedBy: usersOf(stream, document.name?.value).map((user) => mask.text(user)),
    })),
    refusals: [
      ...stream.refusals.map(({ at, message, by }) => ({ line: lineOf(at), message: mask.text(message), by })),
      ...stream.trustRefusals.map(({ at, message }) => ({
        line: lineOf(at),
        message: mask.text(message),
        by: 'runner of an untrusted repository' as const,
      })),
    ],
    ignored: ignoredOf(stream, mask),
    substitutions: stream.substitutions.map((substitution) => ({
      line: lineOf(substitution.at),
      expression: mask.text(substitution.expression),
      where: mask.text(whereOf(substitution)),
      control: controlText(substitution),
    })),
  };
}

function usersOf(stream: PipelineStream, name: string | undefined): readonly string[] {
  const users = stream.pipelines.flatMap((pipeline) => [
    ...(secretsOfPipeline(pipeline).some((use) => use.name === name) ? [pipeline.label] : []),
    ...stepsOf(pipeline).flatMap((step) =>
      secretsOfStep(pipeline, step).some((use) => use.name === name) ? [`${kindOf(step)} "${step.name}"`] : [],
    ),
  ]);
  return [...new Set(users)];
}

function stepsOf({ steps, services }: Pipeline): readonly Step[] {
  return [...steps, ...services];
}

function kindOf({ section }: Step): string {
  return section === 'services' ? 'service' : 'step';
}

const losses = {
  'after separator': 'text behind a separator is lost',
  'after terminator': 'what follows the line with "..." is lost',
  'long line': 'a line over 64 KiB is lost, and all that follows it',
} as const;

function ignoredOf(stream: PipelineStream, mask: Mask): ExplainedFile['ignored'] {
  const at = ({ source }: PipelineStream, start: number) => lineOf({ source, path: '', span: { start, end: start } });
  return [
    ...stream.unknownKeys.map(({ value, at: place, parent, candidates }) => {
      const meant = nearest(value, candidates);
      return {
        line: lineOf(place),
        message: `key "${value}" of ${parent} is ignored${meant === undefined ? '' : `; "${meant}" is known`}`,
      };
    }),
    ...stream.duplicateKeys.map(({ value, at: place }) => ({
      line: lineOf(place),
      message: `key "${value}" is written twice; this one counts`,
    })),
    ...stream.lateMergeKeys.map(({ at: place, overrides }) => ({
      line: lineOf(place),
      message: `"<<" overrides what stands before it: ${overrides.join(', ')}`,
    })),
    ...stream.lost.map(({ span, why }) => ({ line: at(stream, span.start), message: losses[why] })),
    ...stream.crons.map(({ at: place }) => ({ line: lineOf(place), message: 'a document of kind cron has no effect' })),
    ...stream.registries.map(({ at: place }) => ({
      line: lineOf(place),
      message: 'a document of kind registry has no effect',
    })),
  ]
    .map(({ line, message }) => ({ line, message: mask.text(message) }))
    .sort((a, b) => a.line - b.line);
}

function whereOf({ sink, steps, pipelines }: Substitution): string {
  const [step] = steps;
  const owner = step ? `${kindOf(step)} "${step.name}"` : (pipelines[0]?.label ?? 'the file');
  return `${sink === 'other' ? 'value' : sink} of ${owner}${steps.length > 1 ? ` and ${steps.length - 1} more` : ''}`;
}

/** From what anybody may write to what nobody may. */
const controls: readonly VariableControl[] = [
  'outsider text',
  'parameter',
  'ref name',
  'account',
  'file',
  'number',
  'credential',
  'fixed',
];

const controlTexts: Readonly<Record<BuildVariable['control'], string>> = {
  'outsider text': 'text that anybody can write',
  parameter: 'text of whoever starts the build',
  'ref name': 'name of a branch or tag',
  account: 'name of an account',
  file: 'text of this file',
  number: 'a number',
  credential: 'nothing: only steps have it',
  fixed: 'nobody can choose it',
};

function controlText({ name, events: reached, error, operator }: Substitution): string {
  if (error) return 'refused: the build fails';
  if (operator === '#') return 'a number';
  const found = new Set([...reached].flatMap((event) => controlOf(name, event) ?? []));
  const worst = controls.find((control) => found.has(control));
  return worst === undefined ? 'nothing: no such variable' : controlTexts[worst];
}

function explainPipeline(pipeline: Pipeline, installation: Installation, mask: Mask): ExplainedPipeline {
  const needs = trustNeedsOf(pipeline).map(({ what, at }) => ({ what, line: lineOf(at) }));
  const isChecked = pipeline.type === 'docker' || pipeline.type === 'kubernetes';
  return {
    name: mask.text(pipeline.name),
    line: lineOf(pipeline.at),
    type: mask.text(pipeline.type),
    platform: mask.text(`${pipeline.os.value}/${pipeline.arch.value}`),
    reach: explainReach(pipeline.reach, mask),
    conditions: conditionsOf(pipeline.trigger, mask),
    trust: { side: needs.length > 0 ? 'needs trust' : isChecked ? 'always' : 'not checked', needs },
    secrets: secretsOfPipeline(pipeline).map((use) => explainSecret(use, pipeline.reach, mask)),
    dependsOn: pipeline.dependsOn.map(({ value }) => mask.text(value)),
    node: [...pipeline.node].map(([key, { value }]) => mask.text(`${key}=${value}`)),
    steps: stepsOf(pipeline).map((step) => explainStep(pipeline, step, installation, mask)),
  };
}

/** Who can cause an event (harness/drone trigger/trigger.go, handler/api/api.go acl of builds and cron). */
const causes: Readonly<Record<DroneEvent, string>> = {
  push: 'writers, by a push',
  pull_request: 'anybody, by a pull request from a fork',
  tag: 'writers, by a tag',
  promote: 'writers, by promoting any build',
  rollback: 'writers, by rolling back to any build',
  cron: 'writers, by a cron job',
  custom: 'writers, through the API on any commit',
};

function explainReach(reach: Reach, mask: Mask): ExplainedReach {
  const reached = events.filter((event) => reach.events.has(event));
  return {
    events: reached,
    openTo: reachOf(reach),
    causes: reached.map((event) => ({ event, by: causes[event] })),
    reason: mask.text(reach.reason),
    ...(reach.because ? { reasonLine: lineOf(reach.because) } : {}),
  };
}

function conditionsOf(conditions: Conditions | undefined, mask: Mask): readonly string[] {
  return [...(conditions?.conditions.values() ?? [])].map((condition) => mask.text(conditionText(condition)));
}

function conditionText({ name, include, exclude, dropped }: Condition): string {
  const list = (patterns: Condition['include']): string => patterns.map(({ value }) => value || '""').join(', ');
  const parts = [
    ...(include.length > 0 ? [list(include)] : []),
    ...(exclude.length > 0 ? [`not ${list(exclude)}`] : []),
    ...(include.length + exclude.length === 0 ? ['anything'] : []),
  ];
  return `${name}: ${parts.join('; ')}${dropped ? ` (${dropped} is dropped)` : ''}`;
}

function explainSecret(use: SecretUse, reach: Reach, mask: Mask): ExplainedSecret {
  return {
    name: mask.text(use.name),
    line: lineOf(use.at),
    variable: mask.text(use.variable),
    origin: use.origin,
    ...(reach.pullRequest ? { onPullRequest: releaseOf(use) } : {}),
  };
}

function explainStep(pipeline: Pipeline, step: Step, installation: Installation, mask: Mask): ExplainedStep {
  const image = imageOf(step, mask);
  return {
    name: mask.text(step.name),
    section: step.section,
    line: lineOf(step.at),
    runs: step.hasCommands ? 'commands' : step.settings.length > 0 ? 'plugin' : 'image',
    ...(image ? { image } : {}),
    reach: explainReach(step.reach, mask),
    conditions: conditionsOf(step.when, mask),
    privilege: privilegeOf(pipeline, step, installation, mask),
    trustNeeds: trustNeedsOf(pipeline)
      .filter((need) => need.step === step || (need.volume && mountsIt(step, need.volume.name)))
      .map(({ what, at }) => ({ what, line: lineOf(at) })),
    secrets: secretsOfStep(pipeline, step).map((use) => explainSecret(use, step.reach, mask)),
    notes: notesOf(pipeline, step),
  };
}

function mountsIt(step: Step, volume: string): boolean {
  return step.mounts.some(({ name }) => name.value === volume);
}

const grades = { floating: 'floating', partial: 'part of a version', full: 'whole version' } as const;

function imageOf({ image, imageText }: Step, mask: Mask): ExplainedStep['image'] {
  if (imageText) return { text: mask.text(imageText.value), pinning: 'variable' };
  if (!image) return undefined;
  const { text, tag, digest } = image.value;
  return { text: mask.text(text), pinning: digest === undefined ? grades[gradeTag(tag)] : 'digest' };
}

/** Types whose steps run on the machine itself (drone-runner-exec, -ssh, -digitalocean, -macstadium, -aws). */
const hostTypes: ReadonlySet<string> = new Set(['exec', 'ssh', 'digitalocean', 'macstadium', 'vm', 'aws']);

function privilegeOf(
  pipeline: Pipeline,
  step: Step,
  installation: Installation,
  mask: Mask,
): ExplainedStep['privilege'] {
  const { type } = pipeline;
  // Of type vm the runner makes every container privileged (drone-runner-aws engine/compiler/compiler.go:336).
  if (type === 'vm' && (step.image || step.imageText)) return { level: 'privileged', why: 'privileged on the machine' };
  if (hostTypes.has(type)) return { level: 'host', why: 'on the machine itself' };
  if (isPrivileged(pipeline, step)) return { level: 'privileged', why: 'privileged, as it asks' };
  if (isPrivilegedByItself(pipeline, step, installation))
    return { level: 'privileged', why: 'privileged, by the runner, for its image' };
  if (socketVolumes(pipeline).some(({ name }) => mountsIt(step, name)))
    return { level: 'engine', why: 'mounts the socket of the engine' };
  const host = pipeline.volumes.find(({ name, hostPath }) => hostPath && mountsIt(step, name))?.hostPath;
  if (host) return { level: 'host', why: mask.text(`mounts "${host.value}" of the host`) };
  return { level: 'ordinary', why: 'ordinary container' };
}

function notesOf(pipeline: Pipeline, step: Step): readonly string[] {
  const notes: string[] = [];
  if (step.failure?.value.toLowerCase() === 'ignore') notes.push('its failure is ignored');
  if (step.detach?.value) notes.push('runs in the background, its result does not count');
  if (step.when?.conditions.get('status')?.include.some(({ value }) => value === 'failure'))
    notes.push('runs after a failure too');
  const user = step.user?.value.split(':')[0];
  if (user === 'root' || user === '0') notes.push('runs as root');
  if (step.settings.length > 0 && step.hasCommands) notes.push('its commands replace what the plugin would run');
  if (step.reach.events.size === 0 && pipeline.reach.events.size > 0) notes.push('no event gets here');
  return notes;
}
