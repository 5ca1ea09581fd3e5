import { type Cache, cachePluginOf, cachesOf, isUsedBy, outlivesBuild } from '../../analysis/caches.ts';
import { isKeptFromPullRequests, releaseToPullRequests } from '../../analysis/secret-release.ts';
import { hasSecretsOrDeploys, secretsOf, stepAssets } from '../../analysis/step-assets.ts';
import { secretsOfStep } from '../../drone/secret-use.ts';
import { trustOf } from '../../drone/server-repository.ts';
import { groupedBy } from '../../model/groups.ts';
import { memoizePer } from '../../model/memoize.ts';
import { type Pipeline, type PipelineStream, subjectOf } from '../../model/pipeline.ts';
import {
  alsoAt,
  type Context,
  rule,
  type Severity,
  say,
  type Text,
  trustSeverity,
  worstFirst,
} from '../../model/rule.ts';

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
    for (const { savers, use, uses } of poisonings(context)(pipeline.stream)) {
      const [first, ...others] = savers;
      if (first.pipeline !== pipeline) continue;
      const { step } = first;
      const isOwn = (use: Cache): boolean => savers.some((saver) => saver.step === use.step);
      const foreign = uses.filter((use) => !isOwn(use));
      yield {
        at: first.at,
        subject: subjectOf(step),
        ...toldOf(first, use, context),
        reach: step.reach,
        related: [
          ...others.map((saver) =>
            alsoAt(saver.at, say`"${saver.step.name}" saves it too`, {
              ...toldOf(saver, use, context),
              reach: saver.step.reach,
              label: saver.pipeline.label,
            }),
          ),
          ...foreign.map((each) =>
            alsoAt(each.at, say`"${each.step.name}" uses it`, {
              ...toldOf(first, each, context),
              reach: step.reach,
              label: each.pipeline.label,
              follows: true,
            }),
          ),
        ],
      };
    }
  },
});

/** What is said of a step that saves a store, and of one that uses it. */
function toldOf(saver: Cache, use: Cache, context: Context): { readonly message: Text; readonly severity: Severity } {
  const { pipeline, step, store, isVolume } = saver;
  const release = releaseOfSaving(saver, context);
  const severity = release === 'withheld' ? 'low' : release === 'open' && hasAssets(use, context) ? 'high' : 'medium';
  const condition = release === 'withheld' ? say`, if its secrets are released to them` : '';
  return {
    message: say`"${step.name}" saves ${store} for pull requests${condition}, and ${use.step === step ? say`uses it` : say`"${use.step.name}" uses it`} in other builds`,
    severity: isVolume ? trustSeverity(trustOf(pipeline, context), severity) : severity,
  };
}

/** A store that pull requests fill. */
interface Poisoning {
  /** The steps that fill it, the worst first. */
  readonly savers: readonly [Cache, ...Cache[]];
  /** The step that restores from it; where there are several, one with something at stake. */
  readonly use: Cache;
  readonly uses: readonly Cache[];
}

/** How many caching steps of one file are compared with each other. */
const maxCaches = 300;

/** Stores of a file that pull requests fill. One store is one fault, reported at a step that fills it. */
const poisonings = memoizePer((context: Context) =>
  memoizePer((stream: PipelineStream): readonly Poisoning[] => {
    const all = stream.pipelines.flatMap(cachesOf).slice(0, maxCaches);
    const isSaved = (cache: Cache): boolean =>
      cache.saves && cache.step.reach.pullRequest && outlivesBuild(cache) && !isNeverSaved(cache, context);
    const byStore = groupedBy(all.filter(isSaved), ({ id, key }) => `${id} ${key}`);
    return [...byStore.values()].flatMap((saving) => {
      const uses = all.filter((other) => other.restores && saving[0] && isUsedBy(saving[0], other));
      const use = uses.find((each) => hasAssets(each, context)) ?? uses[0];
      if (!use) return [];
      const [first, ...others] = saving
        .map((saver) => ({ saver, severity: toldOf(saver, use, context).severity }))
        .sort(worstFirst)
        .map(({ saver }) => saver);
      return first ? [{ savers: [first, ...others], use, uses }] : [];
    });
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

/** Whether the pipeline has secrets, or deploys or publishes, apart from the steps that handle its cache. */
function hasAssets({ pipeline }: Cache, context: Context): boolean {
  return pipelinesWithAssets(context)(pipeline);
}

const pipelinesWithAssets = memoizePer((context: Context) =>
  memoizePer((pipeline: Pipeline) =>
    stepAssets(pipeline, context).some((assets) => hasSecretsOrDeploys(assets) && !cachePluginOf(assets.step)),
  ),
);
