import { stepNames } from '../../analysis/step-assets.ts';
import { deploymentsOf } from '../../drone/deployment.ts';
import { type SecretUse, secretsOfStep } from '../../drone/secret-use.ts';
import { gateNames } from '../../facts/deployment.ts';
import { addTo } from '../../model/groups.ts';
import { allSteps, type Pipeline, type Step } from '../../model/pipeline.ts';
import { alsoAt, rule, say } from '../../model/rule.ts';

export default rule({
  id: 'widely-shared-secret',
  on: 'pipeline',
  severity: 'info',
  confidence: 'medium',
  pedantic: true,
  title: 'Same secret goes to many steps',
  why: 'Every step that has the secret can leak it, and so can its image and all code that it starts. Steps that only build or test seldom need it.',
  fix: 'Give the secret only to the step that needs it. If many do, let one step fetch what they need and leave that in the workspace, without the secret.',
  refs: ['https://docs.drone.io/secret/', 'https://owasp.org/www-project-top-10-ci-cd-security-risks/'],
  standards: { owasp: ['CICD-SEC-6'] },
  since: '0.1.0',
  *judge(pipeline) {
    for (const [name, uses] of usesByName(pipeline)) {
      const steps = [...new Set(uses.map(({ step }) => step))];
      const tests = uses.filter(({ step }) => onlyTests(step));
      const isWide = steps.length > maxSteps;
      const [first, ...others] = isWide ? uses : tests;
      if (!first) continue;
      yield {
        at: first.use.at,
        subject: `secret ${name}`,
        message: isWide
          ? say`${steps.length} steps of this pipeline have secret "${name}": ${stepNames(steps)}`
          : say`secret "${name}" goes to ${stepNames([...new Set(tests.map(({ step }) => step))])}, which only tests`,
        reach: first.step.reach,
        related: others.map(({ use, step }) =>
          alsoAt(use.at, say`"${step.name}"`, { reach: step.reach, follows: true }),
        ),
      };
    }
  },
});

const maxSteps = 3;

function usesByName(pipeline: Pipeline): ReadonlyMap<string, readonly { use: SecretUse; step: Step }[]> {
  const byName = new Map<string, { use: SecretUse; step: Step }[]>();
  for (const step of allSteps(pipeline))
    for (const use of secretsOfStep(pipeline, step)) addTo(byName, use.name, { use, step });
  return byName;
}

/** Named after a test or check, with commands, and publishes nothing. */
function onlyTests(step: Step): boolean {
  return step.hasCommands && gateNames.test(step.name) && deploymentsOf(step).length === 0;
}
