import { isScmPublic } from '../../analysis/public-scm.ts';
import { hasSecretsOrDeploys, stepAssets } from '../../analysis/step-assets.ts';
import { filters, includesPullRequestRef } from '../../drone/conditions.ts';
import type { Conditions } from '../../model/pipeline.ts';
import { alsoAt, rule, say } from '../../model/rule.ts';
import { branchFills } from './_fills.ts';
import { blocksNaming } from './_promotions.ts';

export default rule({
  id: 'promotion-of-any-ref',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'high',
  title: 'Any build can be promoted, also one of a pull request',
  why: "A promotion keeps the commit and ref of the promoted build. For a pull request's build it runs the pull request's code and its `.drone.yml`, now with all secrets, because the event is no longer a pull request. `branch` does not help: it is the branch the pull request targets.",
  fix: 'Promote only builds of what was merged, and let Drone ignore pull requests of forks where outsiders send them. An administrator of the repository does this; such pull requests are then not built at all:\n\n```sh\ndrone repo update --ignore-forks=true octocat/app\n```\n\nThis keeps honest mistakes out, and lowers the finding:\n\n```yaml refs\nref: [refs/heads/main, refs/tags/**]\n```\n\nThe file cannot hold more, since a promoted pull request brings its own. Accept what remains with `# drone-audit: ignore[promotion-of-any-ref] forks are ignored` above the line.',
  refs: [
    'https://docs.drone.io/promote/',
    'harness/drone handler/api/repos/builds/promote.go:63-85',
    'drone/runner-go secret/static.go:53',
  ],
  standards: { owasp: ['CICD-SEC-1', 'CICD-SEC-4'] },
  since: '0.1.0',
  *judge(pipeline, context) {
    const isPublic = isScmPublic(context);
    const isLimited = keepsPullRequestsOut(pipeline.trigger);
    const atStake = stepAssets(pipeline, context).filter(
      (assets) => hasSecretsOrDeploys(assets) && assets.step.reach.events.has('promote'),
    );
    const byStep = new Map(atStake.map((assets) => [assets.step, assets]));
    const open = blocksNaming(pipeline, ['promote']).filter(({ block }) => !block.step || byStep.has(block.step));
    const isHeld = (conditions: Conditions): boolean => isLimited || keepsPullRequestsOut(conditions);
    const [first, ...others] = [
      ...open.filter(({ block }) => !isHeld(block.conditions)),
      ...open.filter(({ block }) => isHeld(block.conditions)),
    ];
    if (!first) return;
    const toldOf = ({ block }: typeof first) => {
      const assets = block.step ? byStep.get(block.step) : atStake[0];
      if (!assets) return undefined;
      const isFree = !isHeld(block.conditions);
      const atRisk = say`where "${assets.step.name}" ${assets.what}`;
      return {
        message: isFree
          ? say`a build of a pull request can be promoted too: it then runs its own code ${atRisk}`
          : say`a promoted build of a pull request runs the pull request's own file, which can leave "ref" out: nothing holds it ${atRisk}`,
        severity: isFree ? (isPublic ? 'high' : 'medium') : 'low',
        fills: branchFills(pipeline.trigger, block.conditions),
        reach: (block.step ?? pipeline).reach,
      } as const;
    };
    const told = toldOf(first);
    if (!told) return;
    yield {
      at: first.name.at,
      subject: 'promotion',
      ...told,
      related: others.map((other) => alsoAt(other.name.at, say`so does ${other.block.label}`, toldOf(other))),
    };
  },
});

/** Whether `ref` names branches or tags alone. */
function keepsPullRequestsOut(conditions: Conditions | undefined): boolean {
  const ref = conditions?.conditions.get('ref');
  return filters(ref) && ref.include.length > 0 && !includesPullRequestRef(conditions);
}
