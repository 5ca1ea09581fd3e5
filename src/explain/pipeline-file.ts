import { ignoredConditionText } from '../analysis/ignored-conditions.ts';
import { ignoredKeyText, isLegacyKey, legacyKeyText, pathsOfPlugins } from '../analysis/ignored-keys.ts';
import { isPrivileged, isPrivilegedByItself, socketVolumes } from '../analysis/step-privilege.ts';
import { blocksOf, filters, matches } from '../drone/conditions.ts';
import { refusing } from '../drone/reach.ts';
import { releaseOf, type SecretUse, secretsOfPipeline, secretsOfStep } from '../drone/secret-use.ts';
import { isLength } from '../drone/substitution.ts';
import { trustNeedsOf } from '../drone/trust.ts';
import { controlOf, type VariableControl } from '../facts/build-variables.ts';
import type { FindingLink } from '../model/finding-link.ts';
import { addTo } from '../model/groups.ts';
import type { Installation } from '../model/installation.ts';
import { ownersOf } from '../model/owners.ts';
import {
  allSteps,
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
import { reachOf } from '../model/reach.ts';
import type { Finding } from '../model/report.ts';
import { type Location, lineOf } from '../model/source.ts';
import { gradeTag } from '../model/tag.ts';
import { distinct, joinTexts, ownWords, say, type Text } from '../model/text.ts';
import type { Mask } from '../secrets/mask.ts';
import { linksOf } from './findings.ts';

/** What Drone makes of the pipeline files of an installation, with the findings of an audit of it. */
export function explainPipelineFiles(
  installation: Installation,
  mask: Mask,
  findings: readonly Finding[] = [],
): readonly ExplainedFile[] {
  return installation.streams.map((stream) => explainStream(stream, installation, mask, findings));
}

function explainStream(
  stream: PipelineStream,
  installation: Installation,
  mask: Mask,
  findings: readonly Finding[],
): ExplainedFile {
  const links = linksByOwner(stream, mask, findings);
  const pipelines = stream.pipelines.map((pipeline) => explainPipeline(pipeline, installation, links));
  return {
    findings: links.get(stream) ?? [],
    file: stream.source.name,
    legacy: stream.legacy,
    signed: stream.signatures.length > 0,
    pipelines,
    secrets: stream.secrets.map((document) => ({
      name: say`${document.name?.value ?? ''}`,
      line: lineOf(document.at),
      origin: document.data?.value ? 'encrypted' : document.path || document.externalName ? 'external' : 'nothing',
      usedBy: usersOf(stream, document.name?.value),
    })),
    refusals: [
      ...stream.refusals.map(({ at, message, by }) => ({ line: lineOf(at), message, by })),
      ...stream.trustRefusals.map(({ at, message }) => ({
        line: lineOf(at),
        message,
        by: 'runner of an untrusted repository' as const,
      })),
    ],
    ignored: ignoredOf(stream),
    substitutions: stream.substitutions.map((substitution) => ({
      line: lineOf(substitution.at),
      expression: say`${shownExpression(substitution, mask)}`,
      where: say`${whereOf(substitution)}`,
      control: controlText(substitution),
    })),
  };
}

type LinksByOwner = ReadonlyMap<PipelineStream | Pipeline | Step, readonly FindingLink[]>;

/** The findings in a file by what they are in: a step, else a pipeline, else the file. */
function linksByOwner(stream: PipelineStream, mask: Mask, findings: readonly Finding[]): LinksByOwner {
  const owners = new Map<string, Pipeline | Step>();
  for (const pipeline of stream.pipelines)
    for (const owner of [...allSteps(pipeline), pipeline]) {
      const path = mask.evidence(owner.at.path);
      if (!owners.has(path)) owners.set(path, owner);
    }
  const found = new Map<PipelineStream | Pipeline | Step, FindingLink[]>();
  for (const { link, path } of linksOf(findings))
    if (link.file === stream.source.name) addTo(found, ownersOf(path, owners).at(-1) ?? stream, link);
  return found;
}

/** An expression as it is written, without the fallback of a secret. */
function shownExpression({ expression, at }: Substitution, mask: Mask): string {
  const { source, span } = at;
  const isAsWritten = source.text.startsWith(expression, span.start);
  const shown = mask.source(source).text.slice(span.start, span.start + expression.length);
  return isAsWritten ? shown : expression;
}

function usersOf(stream: PipelineStream, name: string | undefined): readonly Text[] {
  const users = stream.pipelines.flatMap((pipeline) => [
    ...(secretsOfPipeline(pipeline).some((use) => use.name === name) ? [pipeline.label] : []),
    ...allSteps(pipeline).flatMap((step) =>
      secretsOfStep(pipeline, step).some((use) => use.name === name) ? [say`${kindOf(step)} "${step.name}"`] : [],
    ),
  ]);
  return distinct(users);
}

function kindOf({ section }: Step): Text {
  return ownWords(section === 'services' ? 'service' : 'step');
}

const losses = {
  'after separator': 'text after a separator is lost',
  'after terminator': 'what follows the line with "..." is lost',
  'long line': 'a line over 64 KiB is lost, with everything after it',
} as const;

function ignoredOf(stream: PipelineStream): ExplainedFile['ignored'] {
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
        ? say`${ownWords(taken)} "${value}" is written twice, and both ${taken === 'step' ? say`run` : say`are taken`}`
        : say`key "${value}" is written twice; this one counts`,
    })),
    ...ignoredConditions(stream),
    ...stream.lateMergeKeys.map(({ at: place, overrides }) => ({
      line: lineOf(place),
      message: say`"<<" overrides what precedes it: ${overrides.join(', ')}`,
    })),
    ...stream.lost.map(({ span, why }) => ({ line: at(stream, span.start), message: ownWords(losses[why]) })),
    ...stream.crons.map(({ at: place }) => ({
      line: lineOf(place),
      message: say`a document of kind cron has no effect`,
    })),
    ...stream.registries.map(({ at: place }) => ({
      line: lineOf(place),
      message: say`a document of kind registry has no effect`,
    })),
  ].sort((a, b) => a.line - b.line);
}

/** Keys of conditions that nothing evaluates. The rows of a matrix share them. */
function ignoredConditions(stream: PipelineStream): ExplainedFile['ignored'] {
  const found = new Map<number, { line: number; message: Text }>();
  for (const pipeline of stream.pipelines)
    for (const { kind, conditions, label } of blocksOf(pipeline)) {
      const owner = kind === 'trigger' ? say`${label} of ${pipeline.label}` : label;
      for (const unknown of conditions.unknown)
        found.set(unknown.at.span.start, { line: lineOf(unknown.at), message: ignoredConditionText(unknown, owner) });
      for (const { name, keyAt } of conditions.conditions.values())
        if (name === 'paths' || (name === 'instance' && kind === 'trigger'))
          found.set(keyAt.span.start, {
            line: lineOf(keyAt),
            message: say`"${ownWords(name)}" of ${owner} is never evaluated`,
          });
    }
  return [...found.values()];
}

function whereOf({ sink, steps, pipelines }: Substitution): Text {
  const [step] = steps;
  const owner = step ? say`${kindOf(step)} "${step.name}"` : (pipelines[0]?.label ?? say`the file`);
  return say`${ownWords(sink === 'other' ? 'value' : sink)} of ${owner}${steps.length > 1 ? say` and ${steps.length - 1} more` : ''}`;
}

/** From what anybody may write to what nobody may. */
const controls: readonly (readonly [VariableControl, Text])[] = [
  ['outsider text', say`text that anybody can write`],
  ['parameter', say`text from whoever starts the build`],
  ['ref name', say`name of a branch or tag`],
  ['account', say`name of an account`],
  ['file', say`text of this file`],
  ['number', say`a number`],
  ['credential', say`nothing: only steps have it`],
  ['fixed', say`nobody can choose it`],
];

function controlText(substitution: Substitution): Text {
  const { name, events: reached, error } = substitution;
  if (error) return say`refused: the build fails`;
  if (isLength(substitution)) return say`a number`;
  const found = new Set([...reached].flatMap((event) => controlOf(name, event) ?? []));
  const worst = controls.find(([control]) => found.has(control));
  return worst?.[1] ?? say`nothing: no such variable`;
}

function explainPipeline(pipeline: Pipeline, installation: Installation, links: LinksByOwner): ExplainedPipeline {
  const steps = allSteps(pipeline).map((step) => explainStep(pipeline, step, installation, links.get(step) ?? []));
  const needs = trustNeedsOf(pipeline).map(({ what, at }) => ({ what, line: lineOf(at) }));
  const isChecked = pipeline.type === 'docker' || pipeline.type === 'kubernetes';
  const unserved = whyUnserved(pipeline);
  return {
    name: say`${pipeline.name}`,
    line: lineOf(pipeline.at),
    type: say`${pipeline.type}`,
    platform: say`${pipeline.os.value}/${pipeline.arch.value}`,
    reach: explainReach(pipeline.reach),
    conditions: conditionsOf(pipeline.trigger),
    trust: {
      side: needs.length > 0 ? 'needs trust' : isChecked && unserved === undefined ? 'always' : 'not checked',
      needs,
    },
    unserved,
    secrets: secretsOfPipeline(pipeline).map((use) => explainSecret(use, pipeline.reach)),
    clone: cloneText(pipeline),
    dependsOn: pipeline.dependsOn.map(({ value }) => say`${value}`),
    node: [...pipeline.node].map(([key, { value }]) => say`${key}=${value}`),
    notes: [...podNotes(pipeline), ...namedInVain(pipeline), ...notWaitedFor(pipeline)],
    steps,
    findings: links.get(pipeline) ?? [],
  };
}

/** A stage waits for a runner of its kind and type (harness/drone scheduler/queue/queue.go). */
function whyUnserved({ documentKind, type }: Pipeline): Text | undefined {
  if (documentKind.value !== 'pipeline') return say`no runner takes kind "${documentKind.value}", so it stays pending`;
  if (type === 'docker' || type === 'kubernetes' || hostTypes.has(type)) return undefined;
  return say`no runner of type "${type}" is known; without one it stays pending`;
}

/** The clone step, which is in no list of steps. */
function cloneText({ clone, legacy }: Pipeline): Text {
  const { disable, depth, skipVerify } = clone;
  if (disable?.value) return say`${legacy ? say`by steps of its own` : say`left out`} (line ${lineOf(disable.at)})`;
  return joinTexts(
    [
      say`by the runner, before all steps`,
      ...(depth ? [say`depth ${depth.value}`] : []),
      ...(skipVerify?.value
        ? [say`no step verifies the certificate of the server (line ${lineOf(skipVerify.at)})`]
        : []),
    ],
    ', ',
  );
}

/**
 * What a pod asks of its cluster. The linter refuses none of it, except namespaces that DRONE_NAMESPACE_RULES reserves
 * for others (drone-runner-kube engine/linter/linter.go).
 */
function podNotes({ pod }: Pipeline): readonly Text[] {
  if (!pod) return [];
  const asked: Text[] = [];
  const ask = (what: Text, at: Location | undefined): void => {
    if (at) asked.push(say`${what} (line ${lineOf(at)})`);
  };
  ask(say`service account "${pod.serviceAccountName?.value ?? ''}"`, pod.serviceAccountName?.at);
  ask(say`namespace "${pod.namespace?.value ?? ''}"`, pod.namespace?.at);
  ask(say`node "${pod.nodeName?.value ?? ''}"`, pod.nodeName?.at);
  for (const [key, { value, at }] of pod.nodeSelector) ask(say`nodes with ${key}=${value}`, at);
  ask(say`tolerations`, pod.tolerations[0]?.at);
  for (const { hostnames, ip, at } of pod.hostAliases)
    ask(say`${hostnames.map(({ value }) => value).join(', ')} at ${ip?.value ?? 'no address'}`, at);
  ask(say`name servers`, pod.nameservers[0]?.at);
  return asked.length > 0 ? [say`asks of its cluster, trusted or not: ${joinTexts(asked, ', ')}`] : [];
}

/** Events that conditions name and other conditions keep out. */
function namedInVain(pipeline: Pipeline, step?: Step): readonly Text[] {
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
        return [
          say`${ownWords(event)} is named (line ${lineOf(at)}), but "${condition.name}" of "${ownWords(block.kind)}" keeps it out`,
        ];
    }
    return [];
  });
}

/** A dependency that does not start is no dependency (harness/drone trigger/trigger.go:427). */
function notWaitedFor({ dependsOn, reach, stream }: Pipeline): readonly Text[] {
  return dependsOn.flatMap(({ value, at }) => {
    const dependency = stream.pipelines.find(({ name }) => name === value);
    const missing = dependency ? [...reach.events].filter((event) => !dependency.reach.events.has(event)) : [];
    return missing.length > 0
      ? [say`does not wait for "${value}" (line ${lineOf(at)}) on ${missing.join(', ')}, which does not start then`]
      : [];
  });
}

/** Who can cause an event (harness/drone trigger/trigger.go, handler/api/api.go acl of builds and cron). */
const causes: Readonly<Record<DroneEvent, Text>> = {
  push: say`writers, by a push`,
  pull_request: say`anybody, by a pull request from a fork`,
  tag: say`writers, by a tag`,
  promote: say`writers, by promoting any build`,
  rollback: say`writers, by rolling back to any build`,
  cron: say`writers, by a cron job`,
  custom: say`writers, through the API on any commit`,
};

function explainReach(reach: Reach): ExplainedReach {
  const reached = events.filter((event) => reach.events.has(event));
  return {
    events: reached,
    openTo: reachOf(reach),
    causes: reached.map((event) => ({ event, by: causes[event] })),
    reason: reach.reason,
    reasonLine: reach.because ? lineOf(reach.because) : undefined,
  };
}

function conditionsOf(conditions: Conditions | undefined): readonly Text[] {
  return [...(conditions?.conditions.values() ?? [])].map((condition) => conditionText(condition));
}

function conditionText({ name, include, exclude, dropped }: Condition): Text {
  const list = (patterns: Condition['include']): string => patterns.map(({ value }) => value || '""').join(', ');
  const parts = [
    ...(include.length > 0 ? [list(include)] : []),
    ...(exclude.length > 0 ? [`not ${list(exclude)}`] : []),
    ...(include.length + exclude.length === 0 ? ['anything'] : []),
  ];
  return say`${name}: ${parts.join('; ')}${dropped ? say` (${ownWords(dropped)} is dropped)` : ''}`;
}

function explainSecret(use: SecretUse, reach: Reach): ExplainedSecret {
  return {
    name: say`${use.name}`,
    line: lineOf(use.at),
    variable: use.by === 'image_pull_secrets' ? say`image_pull_secrets` : say`${use.variable}`,
    origin: use.origin,
    onPullRequest: reach.pullRequest ? releaseOf(use) : undefined,
  };
}

function explainStep(
  pipeline: Pipeline,
  step: Step,
  installation: Installation,
  findings: readonly FindingLink[],
): ExplainedStep {
  const image = imageOf(step);
  return {
    name: say`${step.name}`,
    findings,
    section: step.section,
    line: lineOf(pipeline.legacy ? step.nameAt : step.at),
    runs: step.hasCommands ? 'commands' : step.settings.length > 0 ? 'plugin' : 'image',
    image,
    reach: explainReach(step.reach),
    conditions: conditionsOf(step.when),
    privilege: privilegeOf(pipeline, step, installation),
    trustNeeds: trustNeedsOf(pipeline)
      .filter((need) => need.step === step || (need.volume && mountsIt(step, need.volume.name)))
      .map(({ what, at }) => ({ what, line: lineOf(at) })),
    secrets: secretsOfStep(pipeline, step).map((use) => explainSecret(use, step.reach)),
    notes: notesOf(pipeline, step),
  };
}

function mountsIt(step: Step, volume: string): boolean {
  return step.mounts.some(({ name }) => name.value === volume);
}

const grades = { floating: 'floating', partial: 'part of a version', full: 'whole version' } as const;

function imageOf({ image, imageText }: Step): ExplainedStep['image'] {
  if (imageText) return { text: say`${imageText.value}`, pinning: 'variable' };
  if (!image) return undefined;
  const { text, tag, digest } = image.value;
  return { text: say`${text}`, pinning: digest === undefined ? grades[gradeTag(tag)] : 'digest' };
}

/** Types whose steps run on a machine, not in a container, and which (drone-runner-exec, -ssh, -digitalocean, -macstadium, -aws). */
const hostTypes: ReadonlyMap<string, Text> = new Map([
  ['exec', say`on the machine of the runner itself`],
  ['ssh', say`on the machine itself that "server" names`],
  ['digitalocean', say`on the virtual machine itself, made for the pipeline`],
  ['macstadium', say`on the virtual machine itself, made for the pipeline`],
  ['vm', say`on the virtual machine itself, one of the pool`],
  ['aws', say`on the virtual machine itself, one of the pool`],
]);

function privilegeOf(pipeline: Pipeline, step: Step, installation: Installation): ExplainedStep['privilege'] {
  const { type } = pipeline;
  // Of type vm the runner makes every container privileged (drone-runner-aws engine/compiler/compiler.go:336).
  if (type === 'vm' && (step.image || step.imageText))
    return { level: 'privileged', why: say`privileged on the machine` };
  const machine = hostTypes.get(type);
  if (machine !== undefined) return { level: 'host', why: machine };
  const found: ExplainedStep['privilege'][] = [];
  if (isPrivileged(pipeline, step)) found.push({ level: 'privileged', why: say`privileged, as it asks` });
  else if (isPrivilegedByItself(pipeline, step, installation))
    found.push({ level: 'privileged', why: say`privileged, by the runner, for its image` });
  const sockets = new Set(socketVolumes(pipeline));
  const mounted = pipeline.volumes.filter(({ name, hostPath }) => hostPath && mountsIt(step, name));
  if (mounted.some((volume) => sockets.has(volume)))
    found.push({ level: 'engine', why: say`mounts the socket of the engine` });
  const paths = mounted.flatMap((volume) => (sockets.has(volume) ? [] : [`"${volume.hostPath?.value ?? ''}"`]));
  if (paths.length > 0) found.push({ level: 'host', why: say`mounts ${paths.join(', ')} of the host` });
  const [worst] = found;
  return worst
    ? {
        level: worst.level,
        why: joinTexts(
          found.map(({ why }) => why),
          '; ',
        ),
      }
    : { level: 'ordinary', why: say`ordinary container` };
}

function notesOf(pipeline: Pipeline, step: Step): readonly Text[] {
  const notes: Text[] = [];
  if (step.failure?.value.toLowerCase() === 'ignore') notes.push(say`its failure is ignored`);
  if (step.detach?.value) notes.push(say`runs in the background, its result does not count`);
  notes.push(...statusNotes(step));
  const user = step.user?.value.split(':')[0];
  if (user === 'root' || user === '0') notes.push(say`runs as root`);
  notes.push(...settingNotes(pipeline, step));
  const nested = [...step.environment, ...step.settings].flatMap(({ nestedSecrets }) => nestedSecrets);
  for (const { value, at } of nested)
    notes.push(say`"from_secret: ${value}" (line ${lineOf(at)}) is in a list or mapping, where it is not resolved`);
  if (pipeline.type === 'docker')
    for (const { name } of step.mounts)
      if (name.value !== '' && !pipeline.volumes.some((volume) => volume.name === name.value))
        notes.push(
          say`mounts nothing for "${name.value}" (line ${lineOf(name.at)}), which is not a volume of the pipeline`,
        );
  notes.push(...namedInVain(pipeline, step));
  return notes;
}

/** When a step runs, depending on the results before it (drone-runner-docker engine/compiler/util.go:19-36). */
function statusNotes({ when }: Step): readonly Text[] {
  const status = when?.conditions.get('status');
  if (!filters(status)) return [];
  if (matches(status, 'failure'))
    return [matches(status, 'success') ? say`runs after a failure too` : say`runs only after a failure`];
  return matches(status, 'success') ? [] : [say`its status is neither success nor failure: runs only after success`];
}

/** Settings beside commands. In the 0.8 format, every unknown key is a setting, including those of older releases. */
function settingNotes({ legacy }: Pipeline, { settings, hasCommands }: Step): readonly Text[] {
  if (settings.length === 0 || !hasCommands) return [];
  if (!legacy) return [say`its commands replace what the plugin would run`];
  const names = settings.map(({ name }) => `"${name.value}"`).join(', ');
  return [
    say`${names} ${settings.length > 1 ? say`are not keys` : say`is not a key`} of a step, only settings for its commands`,
  ];
}
