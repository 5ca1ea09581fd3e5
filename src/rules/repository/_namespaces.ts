import { buildsForks, buildsPullRequests } from '../../drone/server-repository.ts';
import { groupedBy } from '../../model/groups.ts';
import type { Installation } from '../../model/installation.ts';
import { memoizePer } from '../../model/memoize.ts';
import type { Repository } from '../../model/server.ts';

/** The repositories of a namespace: those whose builds get the secrets of the organisation of that name. */
export function ofNamespace(namespace: string, installation: Installation): readonly Repository[] {
  return byNamespace(installation).get(namespace) ?? [];
}

/** Those of a namespace whose pull requests are built, those of forks too, those open to forks of outsiders, and those that are not protected. */
export const doorsOf = memoizePer((repositories: readonly Repository[]) => {
  const building = repositories.filter(buildsPullRequests);
  return {
    building,
    forked: building.filter(buildsForks),
    open: building.filter((each) => buildsForks(each) && each.visibility.value !== 'private'),
    unprotected: repositories.filter((each) => each.active.value && !each.protected.value),
  };
});

const byNamespace = memoizePer(({ repositories }: Installation) =>
  groupedBy(repositories, ({ namespace }) => namespace),
);
