import type { Installation } from '../model/installation.ts';
import type { Remark } from '../model/remark.ts';
import type { Repository } from '../model/server.ts';
import { type Location, originOf } from '../model/source.ts';
import { joinTexts, say, type Text } from '../model/text.ts';
import { isConfigurationOf, isUsual, slugsOf, streamsOf } from './server-repository.ts';

/** How many names are told; of the others, only how many there are. */
const maxNames = 20;

/**
 * What of an audit with a server has no counterpart: active repositories without a pipeline file of theirs, and pipeline
 * files of repositories that the server does not list.
 */
export function unmatchedClones(installation: Installation): readonly Remark[] {
  const { repositories, streams } = installation;
  const [known] = repositories;
  if (!known) return [];
  // A list of many is not about the first of them.
  const server = `${originOf(known.at.source.name)}/`;
  const listed = new Set(repositories.flatMap(slugsOf));
  const cloned = new Map<string, { readonly name: string; readonly at: Location }>();
  for (const { at } of streams) {
    const name = at.source.slug;
    if (name !== undefined && !cloned.has(name.toLowerCase())) cloned.set(name.toLowerCase(), { name, at });
  }
  const unseen = repositories
    .filter((repository) => repository.active.value && !isSeen(repository, installation))
    .map(({ slug, at, configPath }) => ({
      name: slug,
      at,
      more: isUsual(configPath) ? undefined : say` ("${configPath.value}")`,
    }));
  const unknown = [...cloned].filter(([slug]) => !listed.has(slug)).map(([, clone]) => clone);
  return [
    ...remarkOn(unseen, server, (count, names) =>
      count === 1
        ? say`the pipeline file of active repository ${names} is not part of this audit`
        : say`the pipeline files of ${count} active repositories are not part of this audit: ${names}`,
    ),
    ...remarkOn(unknown, server, (count, names) =>
      count === 1
        ? say`the server does not list the repository of this clone, ${names}, or does not show it to this account`
        : say`the server does not list the repositories of ${count} clones, or does not show them to this account: ${names}`,
    ),
  ];
}

/** Whether a file is part of the audit that the server reads for a repository. */
function isSeen(repository: Repository, installation: Installation): boolean {
  return streamsOf(repository, installation).some((stream) => isConfigurationOf(repository.configPath, stream));
}

function remarkOn(
  found: readonly { readonly name: string; readonly at: Location; readonly more?: Text }[],
  server: string,
  words: (count: number, names: Text) => Text,
): readonly Remark[] {
  const [first] = found;
  if (!first) return [];
  const names = found.slice(0, maxNames).map(({ name, more }) => say`"${name}"${more ?? ''}`);
  const more = found.length > maxNames ? say` and ${found.length - maxNames} more` : '';
  const message = words(found.length, say`${joinTexts(names, ', ')}${more}`);
  return [found.length === 1 ? { at: first.at, message } : { at: first.at, message, whole: server }];
}
