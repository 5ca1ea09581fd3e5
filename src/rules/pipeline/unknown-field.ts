import { keyAliases } from '../../facts/pipeline-keys.ts';
import { nearest } from '../../model/nearest.ts';
import type { Pipeline, PipelineStream } from '../../model/pipeline.ts';
import { rule } from '../../model/rule.ts';
import type { Severity } from '../../model/severity.ts';
import { isLegacyKey } from './legacy-pipeline.ts';

type UnknownKey = PipelineStream['unknownKeys'][number];

/** Keys that restrict or give; where one of them is meant, something is missing that the author relies on. */
const weighty: ReadonlySet<string> = new Set([
  'trigger',
  'when',
  'event',
  'branch',
  'privileged',
  'from_secret',
  'environment',
  'depends_on',
  'failure',
  'exclude',
  'include',
]);

export default rule({
  id: 'unknown-field',
  on: 'document',
  severity: 'low',
  confidence: 'high',
  title: 'Key is not known here and is ignored',
  why: 'Drone drops keys that it does not know at their place, without a word: misspelt ones, those of other tools, and those one level too high or too low. What they should restrict is not restricted.',
  fix: 'Correct the name or the indentation, or remove the key.',
  refs: [
    'https://docs.drone.io/pipeline/docker/syntax/',
    'drone/drone-yaml yaml/pipeline.go:19-154',
    'drone-runners/drone-runner-docker engine/resource/pipeline.go:24-153',
  ],
  standards: { owasp: ['CICD-SEC-1', 'CICD-SEC-7'] },
  since: '0.1.0',
  *judge({ unknownKeys, legacy, pipelines }) {
    const plugins = pathsOfPlugins(pipelines);
    const alike = new Map<string, UnknownKey[]>();
    for (const key of unknownKeys) {
      if (!legacy && isLegacyKey(key)) continue;
      const group = `${key.value}\n${key.parent.replace(/ ".*$/s, '')}`;
      const known = alike.get(group);
      if (known) known.push(key);
      else alike.set(group, [key]);
    }
    for (const [first, ...others] of alike.values()) {
      if (!first) continue;
      const { value, at, parent } = first;
      const hint = hintFor(first, plugins);
      yield {
        at,
        subject: at.path,
        message: `"${value}" is no key of ${parent} and is ignored${hint === undefined ? '' : ` (${hint})`}`,
        ...severityOf(first),
        related: others.map((other) => ({ at: other.at, message: `and in ${other.parent}` })),
      };
    }
  },
});

function severityOf(key: UnknownKey): { severity?: Severity } {
  if (key.value === 'ports' && key.at.path.includes('.services[')) return { severity: 'info' };
  return weighty.has(meantBy(key) ?? key.value) ? { severity: 'medium' } : {};
}

/** The key of this place that was meant: by its name elsewhere, or by its spelling where no other place has the key. */
function meantBy({ value, candidates, elsewhere }: UnknownKey): string | undefined {
  const alias = keyAliases.get(value)?.find((name) => candidates.includes(name));
  return alias ?? (elsewhere === undefined ? nearest(value, candidates) : undefined);
}

/** Paths of the steps that run what their image starts. */
function pathsOfPlugins(pipelines: readonly Pipeline[]): ReadonlySet<string> {
  const plugins = pipelines.flatMap(({ steps }) => steps.filter(({ hasCommands }) => !hasCommands));
  return new Set(plugins.map(({ at }) => at.path));
}

/**
 * What should have been written, as far as it can be guessed: another name, another place or another type of pipeline.
 * `plugins` are the paths of steps without commands, whose unknown keys were meant for their plugins.
 */
export function hintFor(key: UnknownKey, plugins: ReadonlySet<string>): string | undefined {
  const meant = meantBy(key);
  if (meant !== undefined) return `did you mean "${meant}"?`;
  if (key.elsewhere !== undefined) return `it is a key of ${key.elsewhere}`;
  if (plugins.has(key.at.path.slice(0, key.at.path.lastIndexOf('.'))) && key.candidates.includes('settings'))
    return 'what a plugin reads stands below "settings"';
  return key.types && `known to pipelines of type ${key.types.join(', ')}`;
}
