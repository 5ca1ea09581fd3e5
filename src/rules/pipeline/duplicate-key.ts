import { lineOf } from '../../model/position.ts';
import { rule } from '../../model/rule.ts';
import { say } from '../../model/text.ts';

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
  why: 'Drone takes both without a word: of texts and lists the last one counts, of mappings such as `trigger` the fields of both are mixed. Who reviews the file reads the first.',
  fix: 'Remove one of them, or put both into one mapping.',
  refs: ['https://yaml.org/spec/1.2.2/#3213-node-comparison', 'buildkite/yaml v2.1.0 decode.go mappingStruct'],
  standards: { owasp: ['CICD-SEC-1'] },
  since: '0.1.0',
  *judge({ duplicateKeys }) {
    for (const { value, at, first, equal, taken } of duplicateKeys) {
      // Both steps of one name run; services of one name are refused.
      if (taken) continue;
      const again = `"${value}" is written in line ${lineOf(first)} already`;
      yield {
        at,
        subject: `key ${at.path}`,
        message: equal
          ? say`${again}, with the same value`
          : say`${again}; what stands here counts, or is mixed with it`,
        ...(equal ? { severity: 'low' } : weighty.has(value) ? { severity: 'high' } : {}),
        related: [{ at: first, message: say`written here first` }],
      };
    }
  },
});
