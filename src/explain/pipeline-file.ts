import { ignoredConditionText } from '../analysis/ignored-conditions.ts';
import { ignoredKeyText, isLegacyKey, legacyKeyText, pathsOfPlugins } from '../analysis/ignored-keys.ts';
import { isPrivileged, isPrivilegedByItself, socketVolumes } from '../analysis/step-privilege.ts';
import { blocksOf, filters, matches } from '../drone/conditions.ts';
import { refusing } from '../drone/reach.ts';
import { releaseOf, type SecretUse, secretsOfPipeline, secretsOfStep } from '../drone/secret-use.ts';
import { isLength } from '../drone/substitution.ts';
import { trustNeedsOf } from '../drone/trust.ts';
import { type BuildVariable, controlOf, type VariableControl } from '../facts/build-variables.ts';
import type { Installation } from '../model/installation.ts';
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
} from '../model/pipeline-explanation.ts';
import { lineOf } from '../model/position.ts';
import { reachOf } from '../model/reach.ts';
import type { Location } from '../model/source.ts';
import { gradeTag } from '../model/tag.ts';
import type { Mask } from '../secrets/mask.ts';

/** What Drone makes of a pipeline file: who can run each of its steps, and with what. Secrets are masked. */
export function explainPipelineFile(stream: PipelineStream, installation: Installation, mask: Mask): ExplainedFile {
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
  const plugins = pathsOfPlugins(stream.pipelines);
  return [
    ...stream.unknownKeys.map((key) => ({
      line: lineOf(key.at),
      message: !stream.legacy && isLegacyKey(key) ? legacyKeyText(key) : ignoredKeyText(key, plugins),
    })),
    ...stream.duplicateKeys.map(({ value, at: place, taken }) => ({
      line: lineOf(place),
      message: taken
        ? `${taken} "${value}" is written twice, and both ${taken === 'step' ? 'run' : 'are taken'}`
        : `key "${value}" is written twice; this one counts`,
    })),
    ...ignoredConditions(stream),
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

/** Keys of conditions that nothing evaluates. The rows of a matrix share them. */
function ignoredConditions(stream: PipelineStream): ExplainedFile['ignored'] {
  const found = new Map<number, { line: number; message: string }>();
  for (const pipeline of stream.pipelines)
    for (const { kind, conditions, label } of blocksOf(pipeline)) {
      const owner = kind === 'trigger' ? `${label} of ${pipeline.label}` : label;
      for (const unknown of conditions.unknown)
        found.set(unknown.at.span.start, { line: lineOf(unknown.at), message: ignoredConditionText(unknown, owner) });
      for (const { name, keyAt } of conditions.conditions.values())
        if (name === 'paths' || (name === 'instance' && kind === 'trigger'))
          found.set(keyAt.span.start, { line: lineOf(keyAt), message: `"${name}" of ${owner} is never looked at` });
    }
  return [...found.values()];
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

function controlText(substitution: Substitution): string {
  const { name, events: reached, error } = substitution;
  if (error) return 'refused: the build fails';
  if (isLength(substitution)) return 'a number';
  const found = new Set([...reached].flatMap((event) => controlOf(name, event) ?? []));
  const worst = controls.find((control) => found.has(control));
  return worst === undefined ? 'nothing: no such variable' : controlTexts[worst];
}

function explainPipeline(pipeline: Pipeline, installation: Installation, mask: Mask): ExplainedPipeline {
  const needs = trustNeedsOf(pipeline).map(({ what, at }) => ({ what, line: lineOf(at) }));
  const isChecked = pipeline.type === 'docker' || pipeline.type === 'kubernetes';
  const unserved = whyUnserved(pipeline);
  return {
    name: mask.text(pipeline.name),
    line: lineOf(pipeline.at),
    type: mask.text(pipeline.type),
    platform: mask.text(`${pipeline.os.value}/${pipeline.arch.value}`),
    reach: explainReach(pipeline.reach, mask),
    conditions: conditionsOf(pipeline.trigger, mask),
    trust: {
      side: needs.length > 0 ? 'needs trust' : isChecked && unserved === undefined ? 'always' : 'not checked',
      needs,
    },
    unserved: unserved === undefined ? undefined : mask.text(unserved),
    secrets: secretsOfPipeline(pipeline).map((use) => explainSecret(use, pipeline.reach, mask)),
    clone: mask.text(cloneText(pipeline)),
    dependsOn: pipeline.dependsOn.map(({ value }) => mask.text(value)),
    node: [...pipeline.node].map(([key, { value }]) => mask.text(`${key}=${value}`)),
    notes: [...podNotes(pipeline), ...namedInVain(pipeline), ...notWaitedFor(pipeline)].map((note) => mask.text(note)),
    steps: stepsOf(pipeline).map((step) => explainStep(pipeline, step, installation, mask)),
  };
}

/** A stage waits for a runner of its kind and type (harness/drone scheduler/queue/queue.go). */
function whyUnserved({ documentKind, type }: Pipeline): string | undefined {
  if (documentKind.value !== 'pipeline')
    return `no runner takes kind "${documentKind.value}", so that it stays pending`;
  if (type === 'docker' || type === 'kubernetes' || hostTypes.has(type)) return undefined;
  return `no runner of type "${type}" is known; without one it stays pending`;
}

/** The clone step, which is in no list of steps. */
function cloneText({ clone, legacy }: Pipeline): string {
  const { disable, depth, skipVerify } = clone;
  if (disable?.value) return `${legacy ? 'by steps of its own' : 'left out'} (line ${lineOf(disable.at)})`;
  return [
    'by the runner, before all steps',
    ...(depth ? [`depth ${depth.value}`] : []),
    ...(skipVerify?.value ? [`no step verifies the certificate of the server (line ${lineOf(skipVerify.at)})`] : []),
  ].join(', ');
}

/**
 * What a pod asks of its cluster. The linter refuses none of it, except namespaces that DRONE_NAMESPACE_RULES reserves
 * for others (drone-runner-kube engine/linter/linter.go).
 */
function podNotes({ pod }: Pipeline): readonly string[] {
  if (!pod) return [];
  const asked: string[] = [];
  const ask = (what: string, at: Location | undefined): void => {
    if (at) asked.push(`${what} (line ${lineOf(at)})`);
  };
  ask(`service account "${pod.serviceAccountName?.value}"`, pod.serviceAccountName?.at);
  ask(`namespace "${pod.namespace?.value}"`, pod.namespace?.at);
  ask(`node "${pod.nodeName?.value}"`, pod.nodeName?.at);
  for (const [key, { value, at }] of pod.nodeSelector) ask(`nodes with ${key}=${value}`, at);
  ask('tolerations', pod.tolerations[0]?.at);
  for (const { hostnames, ip, at } of pod.hostAliases)
    ask(`${hostnames.map(({ value }) => value).join(', ')} at ${ip?.value ?? 'no address'}`, at);
  ask('name servers', pod.nameservers[0]?.at);
  return asked.length > 0 ? [`asks of its cluster, trusted or not: ${asked.join(', ')}`] : [];
}

/** Events that conditions name and other conditions keep out. */
function namedInVain(pipeline: Pipeline, step?: Step): readonly string[] {
  const { events: reached } = step ? step.reach : pipeline.reach;
  if (reached.size === 0) return [];
  const blocks = [
    ...(step ? [{ kind: 'when' as const, conditions: step.when }] : []),
    { kind: 'trigger' as const, conditions: pipeline.trigger },
  ];
  const named = blocks[0]?.conditions?.conditions.get('event')?.include ?? [];
  return named.flatMap(({ value, at }) => {
    const event = events.find((each) => each === value);
    if (event === undefined || reached.has(event)) return [];
    for (const block of blocks) {
      const condition = refusing(block, event);
      if (condition)
        return [`${event} is named (line ${lineOf(at)}), but "${condition.name}" of "${block.kind}" keeps it out`];
    }
    return [];
  });
}

/**
 * Pipelines that it depends on but does not wait for, because they do not start (harness/drone trigger/trigger.go:427).
 */
function notWaitedFor({ dependsOn, reach, stream }: Pipeline): readonly string[] {
  return dependsOn.flatMap(({ value, at }) => {
    const dependency = stream.pipelines.find(({ name }) => name === value);
    const missing = dependency ? [...reach.events].filter((event) => !dependency.reach.events.has(event)) : [];
    return missing.length > 0
      ? [`does not wait for "${value}" (line ${lineOf(at)}) on ${missing.join(', ')}: that does not start then`]
      : [];
  });
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
    reasonLine: reach.because ? lineOf(reach.because) : undefined,
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
    variable: use.by === 'image_pull_secrets' ? use.by : mask.text(use.variable),
    origin: use.origin,
    onPullRequest: reach.pullRequest ? releaseOf(use) : undefined,
  };
}

function explainStep(pipeline: Pipeline, step: Step, installation: Installation, mask: Mask): ExplainedStep {
  const image = imageOf(step, mask);
  return {
    name: mask.text(step.name),
    section: step.section,
    line: lineOf(pipeline.legacy ? step.nameAt : step.at),
    runs: step.hasCommands ? 'commands' : step.settings.length > 0 ? 'plugin' : 'image',
    image,
    reach: explainReach(step.reach, mask),
    conditions: conditionsOf(step.when, mask),
    privilege: privilegeOf(pipeline, step, installation, mask),
    trustNeeds: trustNeedsOf(pipeline)
      .filter((need) => need.step === step || (need.volume && mountsIt(step, need.volume.name)))
      .map(({ what, at }) => ({ what, line: lineOf(at) })),
    secrets: secretsOfStep(pipeline, step).map((use) => explainSecret(use, step.reach, mask)),
    notes: notesOf(pipeline, step).map((note) => mask.text(note)),
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

/**
 * Types whose steps run on a machine rather than in a container, and on which (drone-runner-exec, -ssh, -digitalocean,
 * -macstadium, -aws).
 */
const hostTypes: ReadonlyMap<string, string> = new Map([
  ['exec', 'on the machine of the runner itself'],
  ['ssh', 'on the machine itself that "server" names'],
  ['digitalocean', 'on the virtual machine itself, made for the pipeline'],
  ['macstadium', 'on the virtual machine itself, made for the pipeline'],
  ['vm', 'on the virtual machine itself, one of the pool'],
  ['aws', 'on the virtual machine itself, one of the pool'],
]);

function privilegeOf(
  pipeline: Pipeline,
  step: Step,
  installation: Installation,
  mask: Mask,
): ExplainedStep['privilege'] {
  const { type } = pipeline;
  // For type vm, the runner makes every container privileged (drone-runner-aws engine/compiler/compiler.go:336).
  if (type === 'vm' && (step.image || step.imageText)) return { level: 'privileged', why: 'privileged on the machine' };
  const machine = hostTypes.get(type);
  if (machine !== undefined) return { level: 'host', why: machine };
  const found: ExplainedStep['privilege'][] = [];
  if (isPrivileged(pipeline, step)) found.push({ level: 'privileged', why: 'privileged, as it asks' });
  else if (isPrivilegedByItself(pipeline, step, installation))
    found.push({ level: 'privileged', why: 'privileged, by the runner, for its image' });
  const sockets = new Set(socketVolumes(pipeline));
  const mounted = pipeline.volumes.filter(({ name, hostPath }) => hostPath && mountsIt(step, name));
  if (mounted.some((volume) => sockets.has(volume)))
    found.push({ level: 'engine', why: 'mounts the socket of the engine' });
  const paths = mounted.flatMap((volume) => (sockets.has(volume) ? [] : [`"${volume.hostPath?.value ?? ''}"`]));
  if (paths.length > 0) found.push({ level: 'host', why: mask.text(`mounts ${paths.join(', ')} of the host`) });
  const [worst] = found;
  return worst
    ? { level: worst.level, why: found.map(({ why }) => why).join('; ') }
    : { level: 'ordinary', why: 'ordinary container' };
}

function notesOf(pipeline: Pipeline, step: Step): readonly string[] {
  const notes: string[] = [];
  if (step.failure?.value.toLowerCase() === 'ignore') notes.push('its failure is ignored');
  if (step.detach?.value) notes.push('runs in the background, its result does not count');
  notes.push(...statusNotes(step));
  const user = step.user?.value.split(':')[0];
  if (user === 'root' || user === '0') notes.push('runs as root');
  notes.push(...settingNotes(pipeline, step));
  const nested = [...step.environment, ...step.settings].flatMap(({ nestedSecrets }) => nestedSecrets);
  for (const { value, at } of nested)
    notes.push(`"from_secret: ${value}" (line ${lineOf(at)}) stands in a list or mapping, where it stays as it is`);
  if (pipeline.type === 'docker')
    for (const { name } of step.mounts)
      if (name.value !== '' && !pipeline.volumes.some((volume) => volume.name === name.value))
        notes.push(`mounts nothing for "${name.value}" (line ${lineOf(name.at)}), which is no volume of the pipeline`);
  notes.push(...namedInVain(pipeline, step));
  return notes;
}

/** When a step runs, depending on the results before it (drone-runner-docker engine/compiler/util.go:19-36). */
function statusNotes({ when }: Step): readonly string[] {
  const status = when?.conditions.get('status');
  if (!filters(status)) return [];
  if (matches(status, 'failure'))
    return [matches(status, 'success') ? 'runs after a failure too' : 'runs only after a failure'];
  return matches(status, 'success') ? [] : ['its status is neither success nor failure: runs only after success'];
}

/** Settings beside commands. In the 0.8 format, every unknown key is a setting, including those of older releases. */
function settingNotes({ legacy }: Pipeline, { settings, hasCommands }: Step): readonly string[] {
  if (settings.length === 0 || !hasCommands) return [];
  if (!legacy) return ['its commands replace what the plugin would run'];
  const names = settings.map(({ name }) => `"${name.value}"`).join(', ');
  return [`${names} ${settings.length > 1 ? 'are no keys' : 'is no key'} of a step: only settings, for its commands`];
}
