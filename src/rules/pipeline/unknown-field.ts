import { type IgnoredKey, ignoredKeyText, isLegacyKey, meantBy, pathsOfPlugins } from '../../analysis/ignored-keys.ts';
import { missingTrigger } from '../../analysis/missing-trigger.ts';
import { addTo } from '../../model/groups.ts';
import { alsoAt, rule, type Severity } from '../../model/rule.ts';
import { say, textKey } from '../../model/text.ts';

/** Keys that restrict or grant: if one of them was meant, something the author relies on is missing. */
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

/** What is found next where only a branch is named: branch-without-event. */
const conditionsFix =
  'Correct the name or the indentation, or remove the key. Conditions that take effect now decide for all events: `branch` alone lets pull requests against that branch in, so name the events, too (`event: [push]`).';

export default rule({
  id: 'unknown-field',
  on: 'document',
  severity: 'low',
  confidence: 'high',
  title: 'Key is not known here and is ignored',
  why: 'Drone silently drops keys that it does not know in that place: misspelt ones, those of other tools, and those one level too high or too low. What they were meant to restrict is unrestricted.',
  fix: 'Correct the name or the indentation, or remove the key.',
  refs: [
    'https://docs.drone.io/pipeline/docker/syntax/',
    'drone/drone-yaml yaml/pipeline.go:19-154',
    'drone-runners/drone-runner-docker engine/resource/pipeline.go:24-153',
  ],
  standards: { owasp: ['CICD-SEC-1', 'CICD-SEC-7'] },
  since: '0.1.0',
  *judge({ unknownKeys, legacy, pipelines }, context) {
    const plugins = pathsOfPlugins(pipelines);
    // missing-trigger says of these what comes of it.
    const told = new Set(pipelines.flatMap((pipeline) => missingTrigger(pipeline, context)?.misspelt ?? []));
    const alike = new Map<string, IgnoredKey[]>();
    for (const key of unknownKeys) {
      if ((!legacy && isLegacyKey(key)) || told.has(key)) continue;
      const group = `${key.value}\n${textKey(key.parent).replace(/ ".*$/s, '')}`;
      addTo(alike, group, key);
    }
    for (const [first, ...others] of alike.values()) {
      if (!first) continue;
      const { at } = first;
      yield {
        at,
        subject: at.path,
        message: ignoredKeyText(first, plugins),
        ...severityOf(first),
        fix: /^(?:trigger|when)$/.test(meantBy(first) ?? first.value) ? conditionsFix : undefined,
        related: others.map((other) =>
          alsoAt(other.at, say`and in ${other.parent}`, {
            message: ignoredKeyText(other, plugins),
            severity: severityOf(other).severity ?? 'low',
          }),
        ),
      };
    }
  },
});

function severityOf(key: IgnoredKey): { severity?: Severity } {
  if (key.value === 'ports' && key.at.path.includes('.services[')) return { severity: 'info' };
  return weighty.has(meantBy(key) ?? key.value) ? { severity: 'medium' } : {};
}
