import { isLegacyKey, legacyKeys, legacyKeyText } from '../../analysis/ignored-keys.ts';
import { rule } from '../../model/rule.ts';
import { say } from '../../model/text.ts';

export default rule({
  id: 'legacy-pipeline',
  on: 'document',
  severity: 'low',
  confidence: 'high',
  title: 'Format of Drone 0.8',
  why: 'A file of the old format is converted for each build. It cannot be signed, values of its matrix are pasted in as text, and misspelt keys of steps become settings of plugins. In a file of the new format the old keys are ignored: `secrets` gives a step nothing.',
  fix: 'Convert the file, and read the result before it is committed:\n\n```\ndrone convert --save .drone.yml\n```\n\nSecrets are named where they are used:\n\n```yaml\nenvironment:\n  TOKEN:\n    from_secret: token\n```',
  refs: [
    'https://docs.drone.io/yaml/convert/',
    'drone/drone-yaml yaml/converter/legacy/match.go:11',
    'harness/drone trigger/trigger.go:220',
  ],
  standards: { owasp: ['CICD-SEC-1'] },
  since: '0.1.0',
  *judge({ legacy, pipelines, unknownKeys, refusals }) {
    const [first] = pipelines;
    // Formats older than 0.8 are not converted but refused.
    if (legacy && first && !refusals.some(({ message }) => `${message}` === 'yaml: missing kind attribute'))
      yield {
        at: first.nameAt,
        subject: 'format',
        message: say`this line makes Drone convert the whole file from the format of 0.8`,
        severity: 'medium',
      };
    if (legacy) return;
    for (const name of legacyKeys.keys()) {
      const [key, ...others] = unknownKeys.filter((each) => each.value === name && isLegacyKey(each));
      if (key)
        yield {
          at: key.at,
          subject: name,
          message: legacyKeyText(key),
          related: others.map((other) => ({ at: other.at, message: say`and in ${other.parent}` })),
        };
    }
  },
});
