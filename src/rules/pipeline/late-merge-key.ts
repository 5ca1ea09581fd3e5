import { rule, say } from '../../model/rule.ts';

/** Keys that decide what runs, when, and with what. */
const weighty: ReadonlySet<string> = new Set([
  'privileged',
  'image',
  'environment',
  'commands',
  'trigger',
  'when',
  'volumes',
]);

export default rule({
  id: 'late-merge-key',
  on: 'document',
  severity: 'low',
  confidence: 'high',
  title: 'Merge key overrides what stands before it',
  why: "By the YAML specification, and in every other tool, an explicit key wins over a merged one. In Drone's decoder the later one wins: a `<<` below the key replaces it.",
  fix: 'Put `<<` first:\n\n```yaml\nx-defaults: &defaults\n  image: golang:1.25.1@sha256:...\nsteps:\n  - <<: *defaults\n    name: build\n    commands: [make]\n```',
  refs: ['https://yaml.org/type/merge.html', 'buildkite/yaml v2.1.0 decode.go mappingStruct, merge'],
  standards: { owasp: ['CICD-SEC-1'] },
  since: '0.1.0',
  cause: 'where decisive',
  *judge({ lateMergeKeys }) {
    for (const { at, overrides } of lateMergeKeys) {
      const heavy = overrides.filter((key) => weighty.has(key));
      const shown = [...heavy, ...overrides.filter((key) => !weighty.has(key))].slice(0, 3).map((key) => `"${key}"`);
      yield {
        at,
        subject: at.path,
        message: say`this merge replaces ${shown.join(', ')}${overrides.length > 3 ? say` and ${overrides.length - 3} more` : ''} above it`,
        severity: heavy.length > 0 ? 'high' : undefined,
      };
    }
  },
});
