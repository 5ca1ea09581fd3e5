import { conditionWords } from '../src/facts/conditions.ts';
import { dockerPlatforms, goPlatforms } from '../src/facts/platforms.ts';
import { reservedNames } from '../src/readers/pipeline/lint.ts';
import { byteSize } from '../src/readers/pipeline/shapes.ts';

/*
 * What an editor should say of pipelines beyond Go's structs, and where it should be stricter than Drone, which takes
 * much that has no effect. Keys are names in Go: `Step.privileged`; a type in front (`docker Platform.os`) adds to what
 * holds for all. A note on something that no struct has fails the test that generates the schema.
 */

/** A piece of a JSON Schema. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** What is to be said of one key. */
export interface KeyNote {
  readonly description?: string;
  readonly deprecated?: true;
  /** In place of what the Go type takes. */
  readonly only?: JsonSchema;
  /** Beside what the Go type takes. */
  readonly also?: JsonSchema;
  /** A key that the program decodes only to refuse it, or for nothing. */
  readonly absent?: true;
}

const name: JsonSchema = { anyOf: [{ type: 'string', minLength: 1, maxLength: 100 }, { type: ['number', 'boolean'] }] };
const someText: JsonSchema = { type: 'string', minLength: 1 };
const absent: KeyNote = { absent: true };
const notTrusted = 'Runners refuse it in repositories that are not trusted.';
const ofContainer: KeyNote = {
  description:
    'Run by `/bin/sh -e` (PowerShell on windows) instead of what the image starts. `${NAME}` is replaced as text beforehand; `$NAME` is left to the shell.',
};

/** Notes on single keys. */
export const keyNotes: Readonly<Record<string, KeyNote>> = {
  'Pipeline.depends_on': {
    description: 'Pipelines further up. If the trigger of one does not match, this one does not wait for it.',
  },
  'Pipeline.deps': absent,
  'Pipeline.environment': {
    description: 'Variables for all steps. Only texts: the runner refuses a file with `from_secret` here.',
  },
  'Pipeline.image_pull_secrets': { description: 'Names of secrets that hold registry credentials.' },
  'Pipeline.node': {
    description:
      'Labels of the runner, which must have exactly these. Nothing stops a repository from asking for any runner.',
  },
  'Pipeline.platform': {
    description: 'Not checked. If no runner has this platform, the stage stays pending.',
  },
  'docker Pipeline.platform': {
    description: 'For pipelines of type docker, or without a type, the server refuses other systems and architectures.',
  },
  'kubernetes Pipeline.resources': {
    also: { properties: { limits: false } },
    description: 'Requests of the whole pod; limits are refused here.',
  },
  'Pipeline.steps': { also: { type: 'array', minItems: 1 } },
  'Pipeline.trigger': {
    description:
      'Evaluated by the server, as written. Without it, every event starts the pipeline, pull requests from forks included.',
  },

  'Platform.os': { only: { enum: goPlatforms.os } },
  'Platform.arch': { only: { enum: goPlatforms.arch } },
  'docker Platform.os': { only: { enum: dockerPlatforms.os } },
  'docker Platform.arch': { only: { enum: dockerPlatforms.arch } },

  'Conditions.event': { only: { $ref: '#/$defs/eventCondition' } },
  'Conditions.paths': { description: 'Never evaluated by Drone itself; conversion extensions may do so.' },
  'Conditions.status': { only: { $ref: '#/$defs/statusCondition' } },

  'docker Step.commands': ofContainer,
  'kubernetes Step.commands': ofContainer,
  'ssh Step.detach': absent,
  'digitalocean Step.detach': absent,
  'docker Step.devices': { description: notTrusted },
  'Step.failure': {
    only: { enum: ['ignore', 'fast', 'fast-fail', 'fail-fast', 'fail', 'always'] },
    description:
      '`ignore`: the build goes on as if the step had succeeded; `fast`, `fast-fail` and `fail-fast` stop it at once. Anything else silently means the default.',
  },
  'Step.image': { only: someText },
  'exec Step.image': absent,
  'Step.name': { only: name },
  'docker Step.network_mode': { description: notTrusted },
  'docker Step.privileged': { description: `Gives the container every right on the machine. ${notTrusted}` },
  'kubernetes Step.privileged': { description: `Gives the container every right on the node. ${notTrusted}` },
  'Step.pull': {
    only: { enum: ['always', 'if-not-exists', 'never', 'default'] },
    description:
      'When the image is pulled: `always`, `if-not-exists` or `never`, in upper or lower case. The default is `always` for `latest` and for no tag, otherwise `if-not-exists`.',
  },
  'Step.ports': {
    deprecated: true,
    description: 'The server checks its form, the runner ignores it: ports of services are not published.',
  },
  'Step.when': { description: 'Evaluated by the runner. A step that does not match is left out.' },

  'variable.from_secret': { only: someText },
  'variable.value': { only: { $ref: '#/$defs/textOrNothing' } },
  'ResourceObject.cpu': { description: 'Thousandths of a CPU, as a number: `100m` is refused.' },
  'Toleration.tolerationseconds': {
    description: 'Written as one lower-case word; `tolerationSeconds` and `toleration_seconds` are ignored.',
  },
  'docker Volume.name': { only: { ...someText, not: { enum: reservedNames('docker', 'volume') } } },
  'kubernetes Volume.name': { only: { ...someText, not: { enum: reservedNames('kubernetes', 'volume') } } },
  'vm Volume.name': { only: { ...someText, not: { enum: reservedNames('vm', 'volume') } } },
  'docker VolumeMount.name': { only: { type: 'string', not: { enum: reservedNames('docker', 'mount') } } },
  'kubernetes VolumeMount.name': { only: { type: 'string', not: { enum: reservedNames('kubernetes', 'mount') } } },
  'vm VolumeMount.name': { only: { type: 'string', not: { enum: reservedNames('vm', 'mount') } } },

  'Secret.name': { only: someText },
  'Secret.data': { only: someText },
  'Signature.hmac': { only: { type: 'string', pattern: '^[0-9a-f]{64}$' } },
  'TemplateArgs.load': { only: { type: 'string', pattern: '\\.(ya?ml|star|starlark|script|jsonnet)$' } },
};

const needsOne = (...keys: readonly string[]): readonly JsonSchema[] => keys.map((key) => ({ required: [key] }));
const needsPath: JsonSchema = { type: 'object', required: ['path'] };
const needsName: JsonSchema = { type: 'object', required: ['name'] };

/** Notes on whole structs. */
export const structNotes: Readonly<Record<string, JsonSchema>> = {
  Pipeline: { required: ['kind', 'type', 'steps'] },
  'docker Pipeline': { required: ['kind', 'steps'] },
  'ssh Pipeline': { required: ['kind', 'type', 'steps', 'server'] },
  'digitalocean Pipeline': { required: ['kind', 'type', 'steps', 'token'] },
  'ssh Server': { type: 'object', required: ['host', 'user'], anyOf: needsOne('password', 'ssh_key') },
  Step: { required: ['name'] },
  'docker Step': { required: ['name', 'image'] },
  'kubernetes Step': { required: ['name', 'image'] },
  Volume: { required: ['name'], oneOf: needsOne('temp', 'host') },
  'kubernetes Volume': { oneOf: needsOne('temp', 'host', 'claim', 'config_map', 'secret') },
  VolumeMount: { required: ['name', 'path'] },
  VolumeDevice: { required: ['name', 'path'] },
  VolumeEmptyDir: { type: 'object' },
  VolumeHostPath: needsPath,
  VolumeClaim: needsName,
  VolumeConfigMap: needsName,
  VolumeSecret: needsName,
  HostAlias: { required: ['ip', 'hostnames'] },
  variable: {
    description:
      'A value, or `from_secret` with the name of a secret. A secret that does not exist yields an empty string, without an error.',
    minProperties: 1,
  },
  Secret: { required: ['kind', 'name'], anyOf: needsOne('data', 'get') },
  SecretGet: { type: 'object', anyOf: needsOne('path', 'name') },
  Signature: { required: ['kind', 'hmac'] },
  TemplateArgs: { required: ['kind', 'load'] },
  Cron: { required: ['kind'], deprecated: true, description: 'Has no effect: cron jobs are created on the server.' },
  CronSpec: { type: 'object' },
  Registry: {
    required: ['kind', 'data'],
    deprecated: true,
    description: 'No longer has any effect; the server still checks its form.',
  },
};

/** A word of a list, or a pattern that may match some of them. */
function wordOrPattern(words: readonly string[] | undefined): JsonSchema {
  return { anyOf: [{ enum: words ?? [] }, { type: 'string', pattern: '[*?\\[{\\\\]' }] };
}

/** The three forms of a condition; Drone silently drops any other (drone/runner-go manifest/cond.go:78). */
function conditionOf(item: JsonSchema): JsonSchema {
  const items = { type: 'array', items: item, minItems: 1 };
  return {
    anyOf: [
      item,
      items,
      {
        type: 'object',
        properties: { include: items, exclude: items },
        additionalProperties: false,
        minProperties: 1,
      },
    ],
  };
}

const text: JsonSchema = { type: ['string', 'number', 'boolean'] };
const textOrNothing: JsonSchema = { type: ['string', 'number', 'boolean', 'null'] };

/** Definitions of the Go types that are not structs, and of the conditions with known words. */
export const ownDefinitions = {
  text: { description: 'A string. Numbers and booleans keep their spelling in the file.', ...text },
  textOrNothing,
  texts: { type: ['array', 'null'], items: text },
  textMap: { type: ['object', 'null'], additionalProperties: textOrNothing },
  bool: {
    description: 'A YAML 1.1 boolean: `true`, `yes`, `on`, `y` or their opposites. A quoted one is refused.',
    type: ['boolean', 'null'],
  },
  bytes: { anyOf: [{ type: ['integer', 'null'] }, { type: 'string', pattern: byteSize.source }] },
  parameter: {
    description:
      'A setting of the plugin, which receives it as `PLUGIN_NAME`. `from_secret` works only directly below the setting; deeper down it reaches the plugin as text.',
    not: { type: 'object', required: ['from_secret'], minProperties: 2 },
  },
  condition: conditionOf({ $ref: '#/$defs/text' }),
  event: wordOrPattern(conditionWords.event),
  eventCondition: conditionOf({ $ref: '#/$defs/event' }),
  status: wordOrPattern(conditionWords.status),
  statusCondition: conditionOf({ $ref: '#/$defs/status' }),
} satisfies Readonly<Record<string, JsonSchema>>;
