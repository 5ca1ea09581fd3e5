import { ageInDays } from '../../analysis/server-repository.ts';
import { type Hit, maxRelated, type Remark, type Text } from '../../model/rule.ts';
import type { Build, Repository } from '../../model/server.ts';

/** Days within which what a build has done is still to be looked into. */
const window = 90;

/** Builds of the last 90 days, the newest first; undefined where nothing tells the time of the answer, and there are any. */
export function recentOnes(builds: readonly Build[], repository: Repository): readonly Build[] | undefined {
  const ages = builds.map(({ created }) => ageInDays(created, repository));
  if (ages.includes(undefined)) return undefined;
  return builds
    .filter((_, index) => (ages[index] ?? 0) <= window)
    .toSorted((a, b) => b.created - a.created || b.number - a.number);
}

/** Further builds beside the one of a hit. */
export function othersOf(builds: readonly Build[], what: (build: Build) => Text): Pick<Hit, 'related'> {
  const related: readonly Remark[] = builds
    .slice(1, maxRelated + 1)
    .map((build) => ({ at: build.at, message: what(build) }));
  return { related };
}
