import { groupedBy } from '../../model/groups.ts';
import type { Installation } from '../../model/installation.ts';
import { memoizePer } from '../../model/memoize.ts';
import type { Repository } from '../../model/server.ts';

/** The repositories of a namespace: those whose builds get the secrets of the organisation of that name. */
export function ofNamespace(namespace: string, installation: Installation): readonly Repository[] {
  return byNamespace(installation).get(namespace) ?? [];
}

const byNamespace = memoizePer(({ repositories }: Installation) =>
  groupedBy(repositories, ({ namespace }) => namespace),
);
