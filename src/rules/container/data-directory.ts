import { internalServices } from '../../facts/internal-services.ts';
import type { Container, Mount } from '../../model/container.ts';
import type { Installation } from '../../model/installation.ts';
import { shareHost } from '../../model/join.ts';
import { isWithin, serverData } from '../../model/server-data.ts';
import { isRunner } from '../../model/settings.ts';

/** Folders of the host in which a server or a database keeps its data. */
function dataFolders(container: Container): readonly Mount[] {
  const service = internalServices.get(container.image?.value.name.split('/').at(-1) ?? '');
  const own =
    service && service.kind !== 'registry' ? container.mounts.filter(({ target }) => target === service.data) : [];
  return [...serverData(container), ...own].filter(({ type }) => type === 'bind');
}

const owners = new WeakMap<Installation, readonly { readonly container: Container; readonly folder: Mount }[]>();

function ownersOf(installation: Installation): NonNullable<ReturnType<typeof owners.get>> {
  const known = owners.get(installation);
  if (known) return known;
  const found = installation.containers.flatMap((container) =>
    dataFolders(container).map((folder) => ({ container, folder })),
  );
  owners.set(installation, found);
  return found;
}

/**
 * The component whose data directory another container's mount of a host path shows, wholly or in a folder above it. What
 * runners, extensions and steps see of the server is the matter of `shared-data-volume`; databases that run twice share.
 */
export function ownerOfData(
  path: string,
  container: Container,
  installation: Installation,
): { readonly container: Container; readonly folder: Mount } | undefined {
  const isOfBuilds = isRunner(container.role) || container.role === 'extension' || container.role === 'step';
  return ownersOf(installation).find(
    ({ container: owner, folder }) =>
      owner !== container &&
      owner.owner !== container.owner &&
      !(isOfBuilds && owner.role === 'server') &&
      owner.image?.value.name !== container.image?.value.name &&
      folder.source !== undefined &&
      isWithin(folder.source, path) &&
      shareHost(owner.settings, container.settings),
  );
}
