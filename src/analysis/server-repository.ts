import type { Installation } from '../model/installation.ts';
import type { Pipeline } from '../model/pipeline.ts';
import type { Repository, StoredSecret } from '../model/server.ts';

/** The repository of a pipeline as the server has it; undefined if no server was asked, or it has none by that name. */
export function repositoryOf({ stream }: Pipeline, { repositories }: Installation): Repository | undefined {
  const { slug } = stream.at.source;
  // Drone compares slugs without case (harness/drone store/repos/repos.go FindName).
  return slug === undefined ? undefined : repositories.find((each) => each.slug.toLowerCase() === slug.toLowerCase());
}

/** The secrets that a server holds for builds of a pipeline: its repository's, and those of the whole organisation. */
export function storedSecretsFor(pipeline: Pipeline, installation: Installation): readonly StoredSecret[] {
  const repository = repositoryOf(pipeline, installation);
  if (!repository) return [];
  const ofAll = installation.organizationSecrets?.filter(({ namespace }) => namespace === repository.namespace) ?? [];
  return [...(repository.secrets ?? []), ...ofAll];
}
