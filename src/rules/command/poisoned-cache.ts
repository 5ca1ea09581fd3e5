import { isKeptFromPullRequests, releaseToPullRequests } from '../../analysis/secret-release.ts';
import { hasSecretsOrDeploys, secretsOf, stepAssets } from '../../analysis/step-assets.ts';
import { secretsOfStep } from '../../drone/secret-use.ts';
import { trustOf } from '../../drone/server-repository.ts';
import { outsiderKey, separatesPullRequests } from '../../facts/caches.ts';
import { memoizePer } from '../../model/memoize.ts';
import { type PipelineStream, subjectOf } from '../../model/pipeline.ts';
import { type Context, rule, say, trustSeverity } from '../../model/rule.ts';
import { type Cache, cachePluginOf, cachesOf, outlivesBuild } from './_caches.ts';

export default rule({
  id: 'poisoned-cache',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'medium',
  title: 'Pull requests can fill a cache that releases use',
  why: 'A pull request can leave changed dependencies or tools in the cache. The next build of the branch, or the release, takes them from there and runs them with access to its secrets.',
  fix: 'Let only pushes save the cache:\n\n```yaml conditions\nevent: [push]\n```\n\nPull requests may still restore, in a step of its own. Or give each kind of build a cache of its own, with `{{ .Build.Event }}` in the `cache_key` of all steps that save and restore it. A folder of the host can only be kept out of pull requests as a whole: mount it in a pipeline that they do not start.',
  refs: [
    'https://docs.drone.io/pipeline/docker/syntax/conditions/#by-event',
    'https://github.com/meltwater/drone-cache/blob/master/DOCS.md',
    'https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-09-Improper-Artifact-Integrity-Validation',
  ],
  standards: { owasp: ['CICD-SEC-4', 'CICD-SEC-9'], cwe: ['CWE-829', 'CWE-345'] },
  since: '0.1.0',
  *judge(pipeline, context) {
    for (const { cache, use } of poisonings(context)(pipeline.stream)) {
      const { step, store } = cache;
      if (cache.pipeline !== pipeline) continue;
      const release = releaseOfSaving(cache, context);
      const severity =
        release === 'withheld' ? 'low' : release === 'open' && hasAssets(use, context) ? 'high' : 'medium';
      const condition = release === 'withheld' ? say`, if its secrets are released to them` : '';
      yield {
        at: cache.at,
        subject: subjectOf(step),
        message: say`"${step.name}" saves ${store} for pull requests${condition}, and ${use.step === step ? say`uses it` : say`"${use.step.name}" uses it`} in other builds`,
        severity: cache.isVolume ? trustSeverity(trustOf(pipeline, context), severity) : severity,
        reach: step.reach,
        related: use.step === step ? [] : [{ at: use.at, message: say`"${use.step.name}" uses it` }],
      };
    }
  },
});

interface Poisoning {
  readonly cache: Cache;
  /** The step that restores from it; where there are several, one with something at stake. */
  readonly use: Cache;
}

/** How many caching steps of one file are compared with each other. */
const maxCaches = 300;

/** Stores of a file that pull requests fill. One store is one fault, reported at the first step that fills it. */
const poisonings = memoizePer((context: Context) =>
  memoizePer((stream: PipelineStream): readonly Poisoning[] => {
    const all = stream.pipelines.flatMap(cachesOf).slice(0, maxCaches);
    const reported = new Map<string, Poisoning>();
    for (const cache of all) {
      const { step, id, key } = cache;
      const isSaved = cache.saves && step.reach.pullRequest && outlivesBuild(cache) && !isNeverSaved(cache, context);
      if (!isSaved || reported.has(`${id} ${key}`)) continue;
      const uses = all.filter((other) => other.restores && isUsedBy(cache, other));
      const use = uses.find((other) => hasAssets(other, context)) ?? uses[0];
      if (use) reported.set(`${id} ${key}`, { cache, use });
    }
    return [...reported.values()];
  }),
);

/**
 * Whether a pull request has what the saving step needs: `open`, it needs no secret or only released ones; `withheld`, one
 * that Drone does not give to pull requests unless it is flagged (harness/drone operator/manager/manager.go:329).
 */
function releaseOfSaving({ pipeline, step, isVolume }: Cache, context: Context): 'open' | 'withheld' | 'unknown' {
  const uses = isVolume ? [] : secretsOfStep(pipeline, step);
  const releases = uses.map((use) => releaseToPullRequests(use, pipeline, context));
  if (releases.every((release) => release === 'flagged' || release === 'private')) return 'open';
  return uses.some((use, index) => use.origin === 'stored' && releases[index] === 'unknown') ? 'withheld' : 'unknown';
}

/** Whether the plugin is known to have no credential in pull requests. */
function isNeverSaved({ pipeline, step, isVolume }: Cache, context: Context): boolean {
  const secrets = isVolume ? [] : secretsOf(pipeline, step);
  return secrets.length > 0 && secrets.every((name) => isKeptFromPullRequests(name, pipeline, context));
}

/** Whether a step restores what a pull request saved: in other builds, from the same store, under the same key or one an outsider chooses. */
function isUsedBy(saved: Cache, other: Cache): boolean {
  const { events } = other.step.reach;
  if (other.id !== saved.id || !(['push', 'tag', 'promote', 'cron'] as const).some((event) => events.has(event)))
    return false;
  if (outsiderKey.test(saved.key)) return true;
  return !separatesPullRequests.test(saved.key) && (saved.isVolume || other.key === saved.key);
}

/** Whether the pipeline has secrets, or deploys or publishes, apart from the steps that handle its cache. */
function hasAssets({ pipeline }: Cache, context: Context): boolean {
  return stepAssets(pipeline, context).some((assets) => hasSecretsOrDeploys(assets) && !cachePluginOf(assets.step));
}
