import { rule, say } from '../../model/rule.ts';
import { lineOf } from '../../model/source.ts';

/** Keys that decide what runs, when, and with what. */
const weighty: ReadonlySet<string> = new Set([
  'kind',
  'name',
  'type',
  'image',
  'privileged',
  'trigger',
  'when',
  'steps',
  'commands',
  'environment',
  'from_secret',
]);

export default rule({
  id: 'duplicate-key',
  on: 'document',
  severity: 'medium',
  confidence: 'high',
  title: 'Key is written twice',
  why: 'Drone accepts both silently: for strings and lists the last one wins, while mappings such as `trigger` are merged. A reviewer reads the first.',
  fix: 'Remove one of the two keys, or merge both into one mapping.',
  refs: ['https://yaml.org/spec/1.2.2/#3213-node-comparison', 'buildkite/yaml v2.1.0 decode.go mappingStruct'],
  standards: { owasp: ['CICD-SEC-1'] },
  since: '0.1.0',
  *judge({ duplicateKeys }) {
    for (const { value, at, first, equal, taken } of duplicateKeys) {
      // Steps with the same name both run; services with the same name are refused.
      if (taken) continue;
      const again = `"${value}" is already written in line ${lineOf(first)}`;
      yield {
        at,
        subject: `key ${at.path}`,
        message: equal ? say`${again}, with the same value` : say`${again}; this one counts, or is merged with it`,
        ...(equal ? { severity: 'low' } : weighty.has(value) ? { severity: 'high' } : {}),
        related: [{ at: first, message: say`written here first` }],
      };
    }
  },
});
