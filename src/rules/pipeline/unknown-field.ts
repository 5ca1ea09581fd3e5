import { nearest } from '../../model/nearest.ts';
import type { PipelineStream } from '../../model/pipeline.ts';
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
  *judge({ unknownKeys, legacy }) {
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
      const { value, at, parent, candidates } = first;
      const meant = nearest(value, candidates);
      yield {
        at,
        subject: at.path,
        message: `"${value}" is no key of ${parent} and is ignored${meant === undefined ? '' : ` (did you mean "${meant}"?)`}`,
        ...severityOf(first, meant),
        related: others.map((other) => ({ at: other.at, message: `and in ${other.parent}` })),
      };
    }
  },
});

function severityOf({ value, at }: UnknownKey, meant: string | undefined): { severity?: Severity } {
  if (value === 'ports' && at.path.includes('.services[')) return { severity: 'info' };
  return weighty.has(meant ?? value) ? { severity: 'medium' } : {};
}
