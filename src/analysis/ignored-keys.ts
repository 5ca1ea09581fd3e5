import { keyAliases } from '../facts/pipeline-keys.ts';
import { nearest } from '../model/nearest.ts';
import type { Pipeline, PipelineStream } from '../model/pipeline.ts';
import { say, type Text } from '../model/text.ts';

/** A key of a document that Drone ignores. */
export type IgnoredKey = PipelineStream['unknownKeys'][number];

/** Keys of the old format that people keep in new files, with what comes of it. */
export const legacyKeys: ReadonlyMap<string, Text> = new Map([
  ['secrets', say`it gets none of these secrets`],
  ['group', say`order is made by "depends_on"`],
  ['branches', say`branches are chosen by "trigger"`],
  ['matrix', say`there is one build, not one for each row`],
]);

/** Whether a key that is not known is one of the old format, at the place where it stood there. */
export function isLegacyKey({ value, at }: IgnoredKey): boolean {
  if (!legacyKeys.has(value)) return false;
  const isOfStep = /(?<=\.(?:steps|services)\[[^\]]*\])\.[a-z]+$/.test(at.path);
  const isOfFile = /^pipeline\[.*\](?:#\d+)?\.[a-z]+$/.test(at.path) && !/\.(?:steps|services)\[/.test(at.path);
  return value === 'group' ? isOfStep : value === 'secrets' ? isOfStep || isOfFile : isOfFile;
}

/** Says of a key of the old format in a new file what comes of it. */
export function legacyKeyText({ value, parent }: IgnoredKey): Text {
  return say`"${value}" of the old format is ignored in ${parent}: ${legacyKeys.get(value) ?? ''}`;
}

/**
 * Says that a key is ignored, and what should have been written, as far as it can be guessed: another name, another place
 * or another type of pipeline. `plugins` are the paths of steps without commands (`pathsOfPlugins`), whose unknown keys
 * were meant for their plugins.
 */
export function ignoredKeyText(key: IgnoredKey, plugins: ReadonlySet<string>): Text {
  const hint = hintFor(key, plugins);
  return say`"${key.value}" is not a key of ${key.parent} and is ignored${hint === undefined ? '' : say` (${hint})`}`;
}

function hintFor(key: IgnoredKey, plugins: ReadonlySet<string>): Text | undefined {
  const meant = meantBy(key);
  if (meant !== undefined) return say`did you mean "${meant}"?`;
  if (key.elsewhere !== undefined) return say`it is a key of ${key.elsewhere}`;
  if (plugins.has(key.at.path.slice(0, key.at.path.lastIndexOf('.'))) && key.candidates.includes('settings'))
    return say`what a plugin reads stands below "settings"`;
  return key.types && say`known to pipelines of type ${key.types.join(', ')}`;
}

/** The key of this place that was meant: by its name elsewhere, or by its spelling where no other place has the key. */
export function meantBy({ value, candidates, elsewhere }: IgnoredKey): string | undefined {
  const alias = keyAliases.get(value)?.find((name) => candidates.includes(name));
  return alias ?? (elsewhere === undefined ? nearest(value, candidates) : undefined);
}

/** Paths of the steps that run what their image starts. */
export function pathsOfPlugins(pipelines: readonly Pipeline[]): ReadonlySet<string> {
  const plugins = pipelines.flatMap(({ steps }) => steps.filter(({ hasCommands }) => !hasCommands));
  return new Set(plugins.map(({ at }) => at.path));
}
