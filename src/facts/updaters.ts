/*
 * Programs that pull newer images and put containers made of them in the place of those that run, and how each is told what
 * to leave alone (containrrr/watchtower docs/arguments.md, docs/container-selection.md; pyouroboros/ouroboros wiki/Usage.md).
 */

/** Images of updaters, by the last part of their names: both were copied and forked under many owners. */
export const updaterImage = /(?:^|\/)(watchtower|ouroboros)$/;

export interface UpdaterFacts {
  /** The label by which a container takes part (`true`) or not (`false`). */
  readonly label: string;
  /** The label by which a container is only watched, where there is one. */
  readonly monitorLabel?: string;
  /** Switches with which only containers count that have the label, as variable and as option. */
  readonly labelled: readonly [variable: string, options: readonly string[]];
  /** Switches with which nothing is replaced. */
  readonly monitor: readonly [variable: string, options: readonly string[]];
  /** What names a group of containers, and their label. */
  readonly scope?: readonly [variable: string, options: readonly string[], label: string];
  /** Lists of containers to leave alone. */
  readonly except: readonly [variable: string, options: readonly string[]];
  /** Lists of the only containers that count, apart from words that are no option. */
  readonly only?: readonly [variable: string, options: readonly string[]];
  /** Options without a value. */
  readonly switches: ReadonlySet<string>;
}

export const updaters: ReadonlyMap<string, UpdaterFacts> = new Map<string, UpdaterFacts>([
  [
    'watchtower',
    {
      label: 'com.centurylinklabs.watchtower.enable',
      monitorLabel: 'com.centurylinklabs.watchtower.monitor-only',
      labelled: ['WATCHTOWER_LABEL_ENABLE', ['--label-enable', '-e']],
      monitor: ['WATCHTOWER_MONITOR_ONLY', ['--monitor-only', '-m']],
      scope: ['WATCHTOWER_SCOPE', ['--scope'], 'com.centurylinklabs.watchtower.scope'],
      except: ['WATCHTOWER_DISABLE_CONTAINERS', ['--disable-containers', '-x']],
      switches: new Set([
        ...['--cleanup', '-c', '--debug', '-d', '--trace', '--run-once', '-R', '--include-stopped', '-S'],
        ...['--include-restarting', '--revive-stopped', '--no-pull', '--no-restart', '--rolling-restart'],
        ...['--remove-volumes', '--no-startup-message', '--http-api-update', '--http-api-metrics', '--tlsverify', '-v'],
        ...['--label-enable', '-e', '--monitor-only', '-m', '--http-api-periodic-polls', '--label-take-precedence'],
      ]),
    },
  ],
  [
    'ouroboros',
    {
      label: 'com.ouroboros.enable',
      labelled: ['LABELS_ONLY', ['--labels-only', '-M']],
      monitor: ['DRY_RUN', ['--dry-run']],
      except: ['IGNORE', ['--ignore', '-n']],
      only: ['MONITOR', ['--monitor', '-m']],
      switches: new Set([
        '--self-update',
        '-u',
        '--cleanup',
        '-c',
        '--run-once',
        '-o',
        '--labels-only',
        '-M',
        '--label-enable',
        '-k',
        '--dry-run',
      ]),
    },
  ],
]);
