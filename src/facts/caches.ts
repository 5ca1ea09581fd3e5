/*
 * Plugins that keep folders from one build to the next.
 */

/** A cache plugin: which settings make it save and restore, and which hold its key. */
export interface CachePlugin {
  readonly image: string;
  readonly save: readonly string[];
  readonly restore: readonly string[];
  readonly key: readonly string[];
  /** `mount`: into a volume of the step. `remote`: onto a server. */
  readonly store: 'mount' | 'remote';
  readonly source: string;
}

export const cachePlugins: readonly CachePlugin[] = [
  ...['meltwater/drone-cache', 'harness/drone-cache', 'plugins/cache', 'homerovalle/drone-cache'].map((image) => ({
    image,
    save: ['rebuild'],
    restore: ['restore'],
    key: ['cache_key', 'cache-key', 'remote_root', 'local_root'],
    store: 'remote' as const,
    source: 'https://github.com/meltwater/drone-cache/blob/master/DOCS.md',
  })),
  {
    image: 'drillster/drone-volume-cache',
    save: ['rebuild'],
    restore: ['restore'],
    key: ['cache_key'],
    store: 'mount',
    source: 'https://github.com/Drillster/drone-volume-cache',
  },
  ...[
    'plugins/s3-cache',
    'plugins/gcs-cache',
    'plugins/sftp-cache',
    'plugins/volume-cache',
    'jmccann/drone-s3-cache',
    'robertstettner/drone-s3-cache',
  ].map((image) => ({
    image,
    save: ['rebuild', 'save'],
    restore: ['restore'],
    key: ['path', 'filename', 'fallback_path', 'cache_key', 'root'],
    store: image.includes('volume') ? ('mount' as const) : ('remote' as const),
    source: 'https://plugins.drone.io/plugins/s3-cache',
  })),
];

/** Text by which a key differs between pull requests and everything else; nothing that outsiders write. */
export const separatesPullRequests =
  /(?:DRONE|CI)_(?:BUILD_EVENT|COMMIT_REF|PULL_REQUEST(?!_TITLE)|COMMIT_SHA|BUILD_NUMBER)|\.Build\.(?:Event|Number)|\.Commit\.(?:Ref|Sha|Pull)|\b(?:[Ee]vent|EVENT|[Pp]ull|PULL)\b/;

/** Text in a key that outsiders write. */
export const outsiderKey =
  /DRONE_COMMIT_MESSAGE|DRONE_PULL_REQUEST_TITLE|DRONE_SOURCE_BRANCH|DRONE_COMMIT_AUTHOR_(?:NAME|EMAIL)|\.Commit\.(?:Message|Author\.(?:Name|Email))/;
