import { rule, say } from '../../model/rule.ts';
import { askedOf, isUntold } from './_outcomes.ts';

export default rule({
  id: 'answer-for-unknown-secret',
  on: 'extension',
  severity: 'medium',
  confidence: 'high',
  title: 'Extension answers for a name that does not exist',
  why: 'A wildcard or default secret goes to whatever a pipeline asks for. Any repository, and any pull request that may ask, gets it under a name of its own choice.',
  fix: `Answer 404 for unknown names, or 204 without a body. In an extension on drone-go, \`Find\` returns an error for them: \`errors.New("secret not found")\`. A runner leaves the secret empty then, and the step goes on without it.`,
  refs: [
    'https://docs.drone.io/extensions/secret/',
    'drone/drone-go f9e4fe3 plugin/secret/handler.go:81-93',
    'drone/runner-go secret/external.go:65-86',
  ],
  standards: { owasp: ['CICD-SEC-6'] },
  since: '0.1.0',
  *judge(probe) {
    for (const asked of askedOf(probe, 'unknown')) {
      const { at, value } = asked.outcome.verdict;
      if (value === 'data')
        yield { at, message: say`${probe.label} gives a secret for a name that was made up for the probe` };
      else if (isUntold(asked))
        yield { at, inconclusive: say`its answer does not tell whether it has a secret for a name that was made up` };
    }
  },
});
