import { type PullRequestRelease, releaseToPullRequests } from '../../analysis/secret-release.ts';
import { secretNames } from '../../analysis/step-assets.ts';
import { type SecretUse, secretsOfStep } from '../../drone/secret-use.ts';
import { allSteps, type Step, subjectOf } from '../../model/pipeline.ts';
import { alsoAt, type Hit, rule, type Severity, say } from '../../model/rule.ts';
import { externalSecretsOf } from './_external-secrets.ts';

const ofTheSecret = `\`drone secret info --name api_key octocat/app\` shows whether the secret is released. \`drone secret update\` cannot take that back; remove the secret and add it again. Have the value at hand first, because Drone never gives it back:

\`\`\`sh
read -rs VALUE # paste it; nothing is shown
drone secret rm --name api_key octocat/app
printf %s "$VALUE" | drone secret add --name api_key --data @/dev/stdin octocat/app
\`\`\`

A secret of the organisation: \`drone orgsecret info\`, \`rm\` and \`add\`.`;

/** Of a step that is meant for pull requests and nothing else. */
const forThemAlone = `Take the secret out of the step, which runs for pull requests alone: a test or a dry run can do without it, or has no place there. Steps of pushes and tags keep theirs.

${ofTheSecret}`;

export default rule({
  id: 'secret-on-pull-request',
  on: 'pipeline',
  severity: 'low',
  confidence: 'medium',
  title: 'Step with a secret runs on pull requests',
  why: 'If the secret is released to pull requests, an edited pipeline can print it or send it away. If not, it is empty there, and the step fails or does something that nobody intended.',
  fix: `Keep the step off pull requests, and the secret too:

\`\`\`yaml conditions
event: [push, tag]
\`\`\`

${ofTheSecret}`,
  refs: [
    'https://docs.drone.io/secret/repository/',
    'harness/drone operator/manager/manager.go:335-348',
    'drone/runner-go secret/static.go:53',
    'drone/runner-go secret/encrypted.go:47',
  ],
  standards: { owasp: ['CICD-SEC-4', 'CICD-SEC-6'], cwe: ['CWE-522'] },
  since: '0.1.0',
  effort: 'minutes',
  *judge(pipeline, context) {
    for (const step of allSteps(pipeline)) {
      if (!step.reach.pullRequest) continue;
      const uses = secretsOfStep(pipeline, step).map((use) => ({
        use,
        release: releaseToPullRequests(use, pipeline, context),
      }));
      // external-secret-on-pull-request tells of what an extension is asked for, and of nothing else.
      const isAsked = ({ release }: Released): boolean => release === 'asked';
      yield* hitOf(
        step,
        uses.filter((use) => !isAsked(use)),
        subjectOf(step),
      );
      yield* hitOf(step, uses.filter(isAsked), externalSecretsOf(step));
    }
  },
});

interface Released {
  readonly use: SecretUse;
  readonly release: PullRequestRelease;
}

/** One hit for some secrets of a step, at the worst of them. */
function* hitOf(step: Step, uses: readonly Released[], subject: string): Iterable<Hit> {
  const { reach } = step;
  const [worst, ...others] = uses.toSorted((a, b) => order.indexOf(a.release) - order.indexOf(b.release));
  if (!worst) return;
  const verdictOn = (some: readonly [Released, ...Released[]]) => {
    const { severity, says } = verdicts[some[0].release];
    const names = [...new Set(some.map(({ use }) => use.name))];
    return {
      message: say`"${step.name}" runs on pull requests with ${secretNames(names)}: ${says}`,
      severity,
      fills: { api_key: some[0].use.name },
    };
  };
  yield {
    at: worst.use.at,
    subject,
    fix: reach.events.size === 1 ? forThemAlone : undefined,
    ...verdictOn([worst, ...others.filter(({ release }) => release === worst.release)]),
    reach,
    related: [
      ...(reach.because ? [{ at: reach.because, message: reach.reason }] : []),
      ...others.map((other) => alsoAt(other.use.at, say`secret "${other.use.name}"`, verdictOn([other]))),
    ],
  };
}

const order: readonly PullRequestRelease[] = ['flagged', 'private', 'asked', 'unknown', 'never'];

const verdicts: Readonly<Record<PullRequestRelease, { readonly severity: Severity; readonly says: string }>> = {
  flagged: { severity: 'high', says: 'released to them' },
  private: { severity: 'medium', says: 'released to those of private repositories' },
  asked: { severity: 'low', says: 'an extension decides whether they get it' },
  unknown: { severity: 'low', says: 'released to them if flagged so, otherwise empty' },
  never: { severity: 'info', says: 'empty there' },
};
