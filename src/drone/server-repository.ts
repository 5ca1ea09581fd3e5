import { groupedBy } from '../model/groups.ts';
import type { Installation } from '../model/installation.ts';
import { memoizePer } from '../model/memoize.ts';
import type { DroneEvent, Pipeline, PipelineStream, Reach, Step } from '../model/pipeline.ts';
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

/** The slug counts before what an address says. */
const bySlug = memoizePer(({ repositories }: Installation): ReadonlyMap<string, Repository> => {
  const reversed = repositories.toReversed();
  const named = (name: (each: Repository) => string | undefined): (readonly [string, Repository])[] =>
    reversed.flatMap((each) => {
      const slug = name(each)?.toLowerCase();
      return slug === undefined ? [] : [[slug, each] as const];
    });
  return new Map([...named(({ addressSlug }) => addressSlug), ...named(({ slug }) => slug)]);
});

/** What a clone of a repository may be called, by the address that it was made from; in lower case. */
export function slugsOf({ slug, addressSlug }: Pick<Repository, 'slug' | 'addressSlug'>): readonly string[] {
  const own = slug.toLowerCase();
  const inAddress = addressSlug?.toLowerCase() ?? own;
  return inAddress === own ? [own] : [own, inAddress];
}

/** The pipeline files in clones of a repository. */
export function streamsOf(repository: Repository, installation: Installation): readonly PipelineStream[] {
  return slugsOf(repository)
    .filter((slug) => bySlug(installation).get(slug)?.slug === repository.slug)
    .flatMap((slug) => streamsBySlug(installation).get(slug) ?? []);
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

/** What a server does not do with a pipeline file that it knows the repository of, and the setting that says so. */
export interface Exclusion {
  readonly by: Located<unknown>;
  readonly reason: Text;
  /** The same, as it goes on a message. */
  readonly aside: Text;
  /**
   * What is left: nothing, builds that somebody starts by hand, all but pull requests, pull requests of whoever may write to
   * the repository, or of whoever may read it.
   */
  readonly left: 'nothing' | 'by hand' | 'no pull requests' | 'of writers' | 'of readers';
}

/**
 * What keeps a pipeline file, or the pull requests of outsiders, from being built; the first of several. Undefined where nothing
 * is known to.
 *
 * That a repository is protected is none of them: the signature is compared for webhook builds only, an unsigned change of the
 * file waits for a person, who may approve it, and a pull request may still change everything that a signed file runs
 * (harness/drone trigger/trigger.go:266-276).
 */
export function exclusionOf(stream: PipelineStream, installation: Installation): Exclusion | undefined {
  const repository = repositoryOf(stream, installation);
  if (!repository) return undefined;
  return otherFile(repository, stream, installation) ?? inactivity(repository) ?? pullRequestsKeptOut(repository);
}

/**
 * Where the server reads another file than `.drone.yml`, it reads no other. Of those beside a usual one that is not said: they
 * may be what a config extension reads, or be loaded as templates.
 */
function otherFile(
  { configPath, label }: Repository,
  stream: PipelineStream,
  installation: Installation,
): Exclusion | undefined {
  if (isUsual(configPath) || isConfigurationOf(configPath, stream) || hasConfigExtension(installation))
    return undefined;
  return {
    by: configPath,
    reason: say`the server builds ${label} from "${configPath.value}"`,
    aside: say`Drone builds this repository from "${configPath.value}", not from this file`,
    left: 'nothing',
  };
}

/**
 * Webhooks and cron jobs of an inactive repository are dropped (harness/drone handler/web/hook.go:104, trigger/cron/cron.go:134).
 * Custom builds and promotions are not, but they need its owner (handler/api/repos/builds/create.go:57), whom a repository that
 * was never activated does not have.
 */
function inactivity({ active, userId, label }: Repository): Exclusion | undefined {
  if (active.value) return undefined;
  const hasOwner = userId !== undefined && userId.value > 0;
  return {
    by: active,
    reason: hasOwner
      ? say`${label} is not active: the server builds it only when somebody starts a build by hand`
      : say`${label} is not active: the server builds nothing of it`,
    aside: hasOwner
      ? say`the repository is not active in Drone, where its builds only start by hand`
      : say`the repository is not active in Drone`,
    left: hasOwner ? 'by hand' : 'nothing',
  };
}

/** In the order in which the server looks at it (harness/drone trigger/trigger.go:101-110). Outsiders see no private repository. */
function pullRequestsKeptOut(repository: Repository): Exclusion | undefined {
  const { ignorePullRequests, ignoreForks, private: isPrivate, label } = repository;
  if (ignorePullRequests.value)
    return {
      by: ignorePullRequests,
      reason: say`the server builds no pull requests of ${label}`,
      aside: say`the repository ignores pull requests for now`,
      left: 'no pull requests',
    };
  if (ignoreForks.value)
    return {
      by: ignoreForks,
      reason: say`the server builds no pull requests from forks of ${label}`,
      aside: say`the repository ignores pull requests from forks for now`,
      left: 'of writers',
    };
  if (isOutsideReach(repository))
    return {
      by: isPrivate,
      reason: say`outsiders do not see ${label}, which is private`,
      aside: say`the repository is private, so outsiders do not see it`,
      left: 'of readers',
    };
  return undefined;
}

/** Whose pull requests have a pipeline file built, as far as is known: those of forks too, those from within, or nobody's. */
export function pullRequestsOf(stream: PipelineStream, installation: Installation): 'forks' | 'writers' | 'nobody' {
  const left = exclusionOf(stream, installation)?.left;
  if (left === undefined || left === 'of readers') return 'forks';
  return left === 'of writers' ? 'writers' : 'nobody';
}

/** The pipelines that the server builds, as far as is known, each with the reach that it leaves them. */
export const builtPipelines = memoizePer((installation: Installation): readonly Pipeline[] => {
  const { repositories, streams, pipelines } = installation;
  if (repositories.length === 0) return pipelines;
  return streams.flatMap((stream) => {
    const left = exclusionOf(stream, installation)?.left;
    if (left === 'nothing' || left === 'by hand') return [];
    return left === 'no pull requests' ? withoutPullRequests(stream).pipelines : stream.pipelines;
  });
});

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

/**
 * Whether a file is the one that the server reads (`config_path`). Where nothing tells its path in the repository, by how its
 * name ends.
 */
export function isConfigurationOf(configPath: Repository['configPath'], { at }: PipelineStream): boolean {
  const path = pathOf(configPath);
  const { name, pathInRepository } = at.source;
  if (path === undefined) return false;
  return pathInRepository === undefined ? name === path || name.endsWith(`/${path}`) : pathInRepository === path;
}

const usualPath = '.drone.yml';

/** Whether the server reads `.drone.yml`; a repository that was never activated has no path (harness/drone handler/api/repos/enable.go:62). */
export function isUsual(configPath: Repository['configPath']): boolean {
  return pathOf(configPath) === usualPath;
}

/** The path without `.` and `..`, which an SCM resolves as in every URL; undefined for one that leads out of the repository. */
function pathOf({ value }: Repository['configPath']): string | undefined {
  const parts: string[] = [];
  for (const part of value.split('/')) {
    if (part === '..') {
      if (parts.pop() === undefined) return undefined;
    } else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.length === 0 ? usualPath : parts.join('/');
}

/** Whether the server asks an extension for pipeline files, which may come from anywhere (harness/drone plugin/config/global.go). */
export function hasConfigExtension({ settings }: Installation): boolean {
  return settings.some(({ role, variables }) => {
    const endpoint = variables.get('DRONE_YAML_ENDPOINT');
    return role === 'server' && endpoint !== undefined && endpoint.value !== '';
  });
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

/** The events of builds that somebody starts by hand; the server asks for no webhook there (harness/drone handler/api/repos/builds). */
const startedByHand: ReadonlySet<DroneEvent> = new Set<DroneEvent>(['custom', 'promote', 'rollback']);

/** Reach by builds that somebody starts by hand. */
export function reachByHand({ events }: Pick<Reach, 'events'>): Pick<Reach, 'events' | 'pullRequest'> {
  return { events: new Set([...events].filter((event) => startedByHand.has(event))), pullRequest: false };
}

/** Reach without pull requests. */
export function closedReach<T extends Pick<Reach, 'events' | 'pullRequest'>>(reach: T): T {
  if (!reach.events.has('pull_request') && !reach.pullRequest) return reach;
  return {
    ...reach,
    events: new Set([...reach.events].filter((event) => event !== 'pull_request')),
    pullRequest: false,
  };
}
