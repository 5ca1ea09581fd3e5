import { ageInDays, dayOf } from '../../analysis/server-repository.ts';
import { rule, say } from '../../model/rule.ts';
import type { Build } from '../../model/server.ts';
import { othersOf } from './_recent.ts';

/** Days that an approval may take. */
const longest = 7;

export default rule({
  id: 'unapproved-builds-waiting',
  on: 'repository',
  severity: 'info',
  confidence: 'high',
  title: 'Builds wait for approval',
  why: 'A build waits as long as nobody approves or declines it. Where many wait, people approve them in bulk, and the one that needed a look gets none.',
  fix: `Look at the build, and decline it unless somebody wants it:

\`\`\`sh
drone build decline octocat/app 42 1
\`\`\`

The last number is that of the stage. A build that is pending although nobody has to approve it waits for a runner that does not exist.`,
  refs: ['https://docs.drone.io/signature/', 'harness/drone trigger/trigger.go:266', 'harness/drone core/status.go'],
  standards: { owasp: ['CICD-SEC-1'] },
  since: '0.1.0',
  *judge(repository) {
    const waiting = (repository.builds ?? []).filter(isWaiting);
    const old = waiting.filter(({ created }) => (ageInDays(created, repository) ?? 0) > longest);
    const [unknown] = waiting;
    if (unknown && ageInDays(unknown.created, repository) === undefined)
      yield { at: unknown.at, inconclusive: say`nothing tells when the server listed the builds` };
    const lost = (repository.builds ?? []).find((build) => !build.stages && build.finished === 0 && !isWaiting(build));
    if (lost) yield { at: lost.at, inconclusive: say`it is not known whether a stage of build ${lost.number} waits` };
    const first = old[0];
    if (!first) return;
    const count = old.length;
    yield {
      at: first.at,
      subject: 'waiting builds',
      message: say`${count === 1 ? say`build ${first.number} of ${repository.label} has` : say`${count} builds of ${repository.label} have`} waited for more than ${longest} days, ${count === 1 ? 'since' : 'the newest since'} ${dayOf(first.created)}`,
      fills: { 'octocat/app': repository.slug, '42': `${first.number}` },
      ...othersOf(old, ({ number, created }) => say`build ${number} has waited since ${dayOf(created)}`),
    };
  },
});

function isWaiting({ status, stages = [] }: Build): boolean {
  const states = [status, ...stages.map((stage) => stage.status)];
  return states.some((state) => state === 'blocked' || state === 'pending');
}
