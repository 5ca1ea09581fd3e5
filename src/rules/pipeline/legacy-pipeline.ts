import { isLegacyKey, legacyKeys, legacyKeyText } from '../../analysis/ignored-keys.ts';
import { alsoAt, rule, say } from '../../model/rule.ts';

const inStep =
  'Convert the file, and read the result before you commit it. The last release of the command line tool that converts is 1.5.0; later ones do nothing:\n\n```sh\ndocker run --rm -v "$PWD:/src" -w /src drone/cli:1.5.0 convert --save .drone.yml\n```\n\nName secrets where they are used:\n\n```yaml step\nenvironment:\n  TOKEN:\n    from_secret: token\n```';

/** Of a whole file: what is to stand there once it is converted. */
const ofFile = inStep.replace('yaml step', 'yaml current');

export default rule({
  id: 'legacy-pipeline',
  on: 'document',
  severity: 'low',
  confidence: 'high',
  title: 'Format of Drone 0.8',
  why: 'Drone converts a file in the old format for each build. It cannot be signed, its matrix values are pasted in as text, and misspelt step keys become plugin settings. In a file in the new format the old keys are ignored: `secrets` gives a step nothing.',
  fix: inStep,
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
        message: say`this line makes Drone convert the whole file from the 0.8 format`,
        severity: 'medium',
        fix: ofFile,
      };
    if (legacy) return;
    for (const name of legacyKeys.keys()) {
      const [key, ...others] = unknownKeys.filter((each) => each.value === name && isLegacyKey(each));
      if (key)
        yield {
          at: key.at,
          subject: name,
          message: legacyKeyText(key),
          related: others.map((other) =>
            alsoAt(other.at, say`and in ${other.parent}`, { message: legacyKeyText(other) }),
          ),
        };
    }
  },
});
