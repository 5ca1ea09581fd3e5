import { sharedHits } from '../../analysis/step-hits.ts';
import type { Pipeline, Step, Substitution } from '../../model/pipeline.ts';
import { type Hit, ownWords, rule, say, type Text } from '../../model/rule.ts';
import { hitOf, substitutionsByStep } from './_substitutions.ts';

export default rule({
  id: 'unsupported-substitution',
  on: 'pipeline',
  severity: 'low',
  confidence: 'high',
  title: '${...} form that stops the build',
  why: 'The runner replaces `${...}` in the whole text, comments included, and supports only some of the shell\'s forms. At any other it fails with "bad substitution", and every pipeline of the file fails before its first step.',
  fix: 'Leave the expression to the shell with a second dollar sign:\n\n```yaml step\ncommands:\n  - echo "$${NAME-default}"\n```\n\nFor variables of the build, Drone itself supports `${NAME:-default}`, `${NAME##prefix}`, `${NAME:0:8}` and `${NAME/old/new}`.',
  refs: [
    'https://docs.drone.io/pipeline/environment/substitution/',
    'drone/envsubst parse/parse.go',
    'drone/runner-go@d12a958 pipeline/runtime/runner.go:203',
  ],
  standards: {},
  since: '0.1.0',
  *judge(pipeline) {
    const hits: { readonly step: Step | undefined; readonly hit: Hit }[] = [];
    for (const [step, all] of substitutionsByStep(pipeline)) {
      const found = all.filter((each) => isRefused(each, pipeline));
      const hit = hitOf(pipeline, step, found, ([first]) => ({
        message: say`the runner refuses ${formOf(first)}${step ? say` in "${step.name}"` : ''}, and with it every build of this file`,
        fills: { 'NAME-': isName.test(first.name) ? `${first.name}-` : '' },
      }));
      if (hit) hits.push({ step, hit });
    }
    yield* sharedHits(hits, 'low');
  },
});

/** Runners of the other types are built with an older release of the grammar. */
function isRefused({ error, olderError }: Substitution, { type }: Pipeline): boolean {
  return error !== undefined || (olderError !== undefined && type !== 'docker' && type !== 'kubernetes');
}

const isName = /^[A-Za-z_]\w{0,59}$/;
const maxNameLength = 60;

/** The form, with the name at most: what follows it may be a secret. */
function formOf({ name: whole, expression, error }: Substitution): Text {
  const name = whole.slice(0, maxNameLength);
  if (name !== '') {
    const sign = expression[expression.indexOf(whole) + whole.length] ?? '';
    if (!error) return say`"\${${name}\u2026}" with an empty or mixed default`;
    if (sign === '}') return say`"\${${name}}"`;
    return /^[-+?@.[!]$/.test(sign) ? say`"\${${name}${sign}\u2026}"` : say`"\${${name}\u2026"`;
  }
  if (expression.startsWith('${{')) return say`"\${{\u2026}}"`;
  const next = expression[2] ?? '';
  if (next === '!' || next === '@' || next === '*') return say`"\${${ownWords(next)}\u2026}"`;
  return next === ' ' ? say`"\${ \u2026}" with a space` : say`"\${" without a name`;
}
