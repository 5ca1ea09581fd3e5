import { groupedBy } from '../model/groups.ts';
import type { Installation } from '../model/installation.ts';
import { memoizePer } from '../model/memoize.ts';
import type { Pipeline, PipelineStream, Reach, Step } from '../model/pipeline.ts';
import type { Repository } from '../model/server.ts';
import type { Site, Trust } from '../model/site.ts';
import type { Located } from '../model/source.ts';
import { say, type Text } from '../model/text.ts';

/* What a server knows of the repository that a pipeline file lies in. */

/** The repository of a pipeline file as the server has it; undefined if no server was asked, or it has none by that name. */
export function repositoryOf({ at }: PipelineStream, installation: Installation): Repository | undefined {
  const { slug } = at.source;
  // Drone compares slugs without case (harness/drone store/repos/repos.go FindName).
  return slug === undefined ? undefined : bySlug(installation).get(slug.toLowerCase());
}

const bySlug = memoizePer(
  ({ repositories }: Installation): ReadonlyMap<string, Repository> =>
    new Map(repositories.toReversed().map((each) => [each.slug.toLowerCase(), each])),
);

/** The pipeline files in clones of a repository. */
export function streamsOf({ slug }: Repository, installation: Installation): readonly PipelineStream[] {
  return streamsBySlug(installation).get(slug.toLowerCase()) ?? [];
}

const streamsBySlug = memoizePer(({ streams }: Installation) =>
  groupedBy(streams, ({ at }) => at.source.slug?.toLowerCase()),
);

/** Whether a repository is trusted: what its server says, else what the site says of all. */
export function trustOf(
  { stream }: Pipeline,
  { site, installation }: { readonly site: Site; readonly installation: Installation },
): Trust {
  const repository = repositoryOf(stream, installation);
  if (!repository) return site.trust;
  return repository.trusted.value ? 'trusted' : 'untrusted';
}

/** Why pull requests are open to fewer people than a pipeline file lets in, with the setting that says so. */
export interface Exclusion {
  readonly by: Located<unknown>;
  readonly reason: Text;
  /** Who is left: nobody, whoever may write to the repository, or whoever may read it. */
  readonly left: 'nobody' | 'writers' | 'readers';
}

/**
 * What keeps the pull requests of outsiders from being built, in the order in which the server looks at it (harness/drone
 * trigger/trigger.go: ignore_pull_requests, ignore_forks). Outsiders do not see a private repository. That it is protected
 * keeps out no change of anything but the pipeline file.
 */
export function exclusionOf(repository: Repository): Exclusion | undefined {
  const { ignorePullRequests, ignoreForks, private: isPrivate } = repository;
  if (ignorePullRequests.value)
    return {
      by: ignorePullRequests,
      reason: say`the server builds no pull requests of ${repository.label}`,
      left: 'nobody',
    };
  if (ignoreForks.value)
    return {
      by: ignoreForks,
      reason: say`the server builds no pull requests from forks of ${repository.label}`,
      left: 'writers',
    };
  if (isOutsideReach(repository))
    return { by: isPrivate, reason: say`outsiders do not see ${repository.label}, which is private`, left: 'readers' };
  return undefined;
}

/** Whether outsiders see neither the repository at its SCM nor its builds. */
export function isOutsideReach({ private: isPrivate, visibility }: Repository): boolean {
  return isPrivate.value && visibility.value === 'private';
}

/** Whether pull requests start builds, those from within the repository at least. */
export function buildsPullRequests({ active, ignorePullRequests }: Repository): boolean {
  return active.value && !ignorePullRequests.value;
}

/** Whether pull requests from forks start builds. */
export function buildsForks(repository: Repository): boolean {
  return buildsPullRequests(repository) && !repository.ignoreForks.value;
}

/** Whether a file is the one that the server reads (`config_path`); its name tells only how it ends. */
export function isConfigurationOf({ value }: Repository['configPath'], { at }: PipelineStream): boolean {
  const path = value === '' ? '.drone.yml' : value.replace(/^(?:\.?\/)+/, '');
  const { name } = at.source;
  return name === path || name.endsWith(`/${path}`);
}

/** A copy of a pipeline file to which no pull request gets. */
export const withoutPullRequests = memoizePer((stream: PipelineStream): PipelineStream => {
  const copied: { -readonly [K in keyof PipelineStream]: PipelineStream[K] } = { ...stream };
  const pipelines = new Map<Pipeline, Pipeline>();
  const steps = new Map<Step, Step>();
  const closed = (step: Step): Step => {
    const copy = { ...step, reach: closedReach(step.reach) };
    steps.set(step, copy);
    return copy;
  };
  copied.pipelines = stream.pipelines.map((pipeline) => {
    const copy: Pipeline = {
      ...pipeline,
      reach: closedReach(pipeline.reach),
      steps: pipeline.steps.map(closed),
      services: pipeline.services.map(closed),
      stream: copied,
    };
    pipelines.set(pipeline, copy);
    return copy;
  });
  copied.substitutions = stream.substitutions.map((one) => ({
    ...one,
    pipelines: one.pipelines.map((each) => pipelines.get(each) ?? each),
    steps: one.steps.map((each) => steps.get(each) ?? each),
    events: closedReach({ events: one.events, pullRequest: true }).events,
  }));
  return copied;
});

/** Reach without pull requests. */
export function closedReach<T extends Pick<Reach, 'events' | 'pullRequest'>>(reach: T): T {
  if (!reach.events.has('pull_request') && !reach.pullRequest) return reach;
  return {
    ...reach,
    events: new Set([...reach.events].filter((event) => event !== 'pull_request')),
    pullRequest: false,
  };
}
