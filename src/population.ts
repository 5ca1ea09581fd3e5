import { folderOf } from './model/file-name.ts';
import { groupedBy } from './model/groups.ts';
import type { Pipeline } from './model/pipeline.ts';
import { type Finding, isOld, type Origin, type Population } from './model/report.ts';
import { countBySeverity } from './model/severity.ts';
import { isAnswer, lineOf, originOf, type Source } from './model/source.ts';
import { say } from './model/text.ts';
import type { Mask } from './secrets/mask.ts';

/** An origin, with what tells it from others of the same name. */
export interface PlacedOrigin extends Origin {
  /** The folder of a repository. */
  readonly key: string;
  /** The first of its sources. */
  readonly first: string;
}

type Place = Pick<PlacedOrigin, 'name' | 'kind' | 'key' | 'first' | 'commit'>;

/** What was read and found, as far as it tells where things come from. */
export interface Read {
  readonly sources: readonly Source[];
  readonly pipelines: readonly Pipeline[];
  readonly findings: readonly Finding[];
  readonly maskOf: (source: string) => Mask;
  /** The folder of the repository with this root, and the commit that it is at, of another branch than HEAD with its name. */
  readonly repositoryAt: (root: string) => {
    readonly folder: string;
    readonly commit?: string;
    readonly branch?: string;
  };
}

export interface PlacedPopulation extends Population {
  readonly origins: Iterable<PlacedOrigin> & { readonly length: number };
}

/** All that was judged, by where it comes from. */
export function populationOf({ sources, pipelines, findings, maskOf, repositoryAt }: Read): PlacedPopulation {
  const slugs = new Map(sources.flatMap(({ repository, slug }) => (repository && slug ? [[repository, slug]] : [])));
  const known = new Map<string, Place>();
  const placeOf = (source: Source): Place => {
    const { name, repository } = source;
    const key = repository ?? (isAnswer(name) ? originOf(name) : folderOf(source));
    const there = known.get(key) ?? place(key, source);
    known.set(key, there);
    return there;
  };
  const place = (key: string, { name, repository }: Source): Place => {
    if (repository === undefined)
      return isAnswer(name)
        ? { name: key, kind: 'answers', key, first: name }
        : { name: key.replace(/\/$/, '') || '.', kind: 'folder', key, first: name };
    const { folder, commit, branch } = repositoryAt(repository);
    const slug = slugs.get(repository);
    const named = slug !== undefined && branch !== undefined ? `${slug}@${branch}` : slug;
    return { name: named ?? folder, kind: 'repository', key: folder, first: name, commit };
  };
  const judged = pipelines.filter(({ script }) => !script);
  const bySource = new Map(sources.map((source) => [source.name, placeOf(source)]));
  const ofPipelines = groupedBy(judged, ({ source }) => bySource.get(source.name));
  const ofFindings = groupedBy(findings, ({ at }) => bySource.get(at.source.name));
  const origins = [...groupedBy(sources, placeOf)].map(([place, of]) => {
    const found = ofFindings.get(place) ?? [];
    const open = found.filter(({ suppressed }) => !suppressed);
    const known = found.filter(isOld).length;
    return {
      ...place,
      files: of.length,
      pipelines: ofPipelines.get(place)?.length ?? 0,
      open: countBySeverity(open),
      suppressed: found.length - open.length - known,
      known,
    };
  });
  return {
    origins,
    repositories: origins.filter(({ kind }) => kind === 'repository').length,
    pipelines: judged.map(({ source, at, name, type }) => ({
      source: source.name,
      line: lineOf(at),
      name: maskOf(source.name).text(say`${name}`),
      type: maskOf(source.name).text(say`${type}`),
      origin: bySource.get(source.name)?.name ?? '',
    })),
  };
}
