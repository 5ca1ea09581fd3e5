import { hasSecretsOrDeploys, stepAssets } from '../../analysis/step-assets.ts';
import { blocksOf } from '../../drone/conditions.ts';
import { conditionAliases, conditionWords } from '../../facts/conditions.ts';
import { nearest } from '../../model/nearest.ts';
import { ownWords, rule, say } from '../../model/rule.ts';
import { isUnknownWord } from './_unknown-words.ts';

export default rule({
  id: 'unknown-event',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'high',
  title: 'Event, action or status does not exist',
  why: 'Drone compares these words exactly and never complains about one it does not know. Among the wanted words it never matches; among the excluded ones it excludes nothing.',
  fix: 'Write the word that the message suggests, or take it out. Drone knows the events `push`, `pull_request`, `tag`, `promote`, `rollback`, `cron` and `custom`, the actions `opened`, `synchronized` and `create`, and the statuses `success` and `failure`. Written right the word takes effect: what never ran for pull requests then does, with its secrets.',
  refs: [
    'https://docs.drone.io/pipeline/docker/syntax/trigger/#by-event',
    'harness/drone core/event.go',
    'harness/drone service/hook/parser/parse.go:270',
    'drone/go-scm scm/const.go:66-78',
    'harness/drone trigger/trigger.go:379-384',
  ],
  standards: { owasp: ['CICD-SEC-1'] },
  since: '0.1.0',
  cause: 'where decisive',
  *judge(pipeline, context) {
    const isAtStake = stepAssets(pipeline, context).some(hasSecretsOrDeploys);
    for (const { conditions, step, subject } of blocksOf(pipeline))
      for (const [name, words] of Object.entries(conditionWords)) {
        const condition = conditions.conditions.get(name);
        for (const side of ['include', 'exclude'] as const)
          for (const { value, at } of condition?.[side] ?? []) {
            if (!isUnknownWord(value, words)) continue;
            const alias = conditionAliases.get(value.toLowerCase());
            const meant = alias !== undefined && words.includes(alias) ? alias : nearest(value, words);
            const effect = side === 'include' ? 'it never matches' : 'it excludes nothing';
            yield {
              at,
              subject: `${name} of ${subject}`,
              message: say`${name} "${value}" does not exist: ${ownWords(effect)}${meant === undefined ? '' : say` (did you mean "${meant}"?)`}`,
              severity: side === 'exclude' && isAtStake ? 'high' : undefined,
              reach: (step ?? pipeline).reach,
            };
          }
      }
  },
});
