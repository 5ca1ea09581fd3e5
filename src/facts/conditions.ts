/*
 * Words that conditions know (harness/drone core/event.go; drone/runner-go manifest/cond.go), and what people write
 * instead: the words of other CI systems, of the SCMs, and of Drone's own pages about the SCMs.
 */

/**
 * What the action of a pull request is: go-scm's own words (harness/drone service/hook/parser/parse.go:270, drone/go-scm
 * scm/const.go:66-78). No pull request carries the constants `open` and `sync` of core/hook.go.
 */
export const pullRequestActions: readonly string[] = ['opened', 'synchronized'];

/** What the action of a tag is (harness/drone service/hook/parser/parse.go:132). */
export const tagAction = 'create';

/** The values of conditions that take fixed words. */
export const conditionWords: Readonly<Record<string, readonly string[]>> = {
  event: ['push', 'pull_request', 'tag', 'promote', 'rollback', 'cron', 'custom'],
  action: [...pullRequestActions, tagAction],
  status: ['success', 'failure'],
};

/** What words from elsewhere are called in Drone. */
export const conditionAliases: ReadonlyMap<string, string> = new Map([
  ['pr', 'pull_request'],
  ['prs', 'pull_request'],
  ['pull-request', 'pull_request'],
  ['pull_requests', 'pull_request'],
  ['pull-requests', 'pull_request'],
  ['pullrequest', 'pull_request'],
  ['pull request', 'pull_request'],
  ['pull', 'pull_request'],
  ['merge_request', 'pull_request'],
  ['merge-request', 'pull_request'],
  ['mr', 'pull_request'],
  ['deployment', 'promote'],
  ['deploy', 'promote'],
  ['promotion', 'promote'],
  ['release', 'tag'],
  ['tags', 'tag'],
  ['manual', 'custom'],
  ['api', 'custom'],
  ['workflow_dispatch', 'custom'],
  ['schedule', 'cron'],
  ['scheduled', 'cron'],
  ['commit', 'push'],
  ['merge', 'push'],
  ['open', 'opened'],
  ['reopened', 'opened'],
  ['sync', 'synchronized'],
  ['synced', 'synchronized'],
  ['synchronize', 'synchronized'],
  ['created', 'create'],
  ['succeeded', 'success'],
  ['passed', 'success'],
  ['failed', 'failure'],
  ['error', 'failure'],
  ['fail', 'failure'],
]);

/** Conditions of `trigger` that Drone reads but never evaluates (harness/drone trigger/trigger.go:303-323, trigger/skip.go:40). */
export const ignoredInTrigger: readonly string[] = ['instance', 'paths'];
/** The same for `when` (drone-runners/drone-runner-docker engine/compiler/compiler.go:266-275). */
export const ignoredInWhen: readonly string[] = ['paths'];
/** Conditions that choose which builds run; the others choose whether they run after success or failure, or nothing at all. */
export const choosingConditions: readonly string[] = ['event', 'branch', 'ref', 'action', 'repo', 'target', 'cron'];
/**
 * Words in `when` of the formats before 1.0 that never chose which builds of a server run: `local` was for the command line,
 * the others named the outcome that 0.4 waited for (drone 0.8 yaml/constraint.go, 0.4 yaml/parser.go).
 */
export const harmlessLegacyConditions: readonly string[] = [
  'local',
  'success',
  'failure',
  'change',
  'changed',
  'matrix',
];

/** All conditions of `trigger` and `when`. */
export const conditionNames: readonly string[] = [...choosingConditions, 'status', 'instance', 'paths'];
