import { takesRunnerSettings } from '../../analysis/embedded-runner.ts';
import { daemonImage, generalImages } from '../../facts/general-images.ts';
import { itemsOf } from '../../model/location-within.ts';
import type { Settings } from '../../model/settings.ts';
import type { Location } from '../../model/source.ts';

/** One item of DRONE_RUNNER_PRIVILEGED_IMAGES. */
export interface PrivilegedItem {
  readonly text: string;
  readonly at: Location;
  /** What is compared with a step's image: with its registry, without tag and digest. */
  readonly name: string;
  readonly registry?: string;
  /** Why it matches no image at all. */
  readonly ineffective?: 'blank' | 'pattern';
  /** Whether any program can be run in it, so that everyone gets its privilege. */
  readonly isGeneral: boolean;
}

/**
 * The items as the runner reads them (drone-runner-docker internal/docker/image/image.go:15-62): not trimmed, tag and
 * digest dropped, `docker.io/` and `library/` implied, compared whole. Text that is not an image name is compared as it is.
 */
export function privilegedItems(settings: Settings): readonly PrivilegedItem[] {
  const variable = settings.variables.get('DRONE_RUNNER_PRIVILEGED_IMAGES');
  if (!variable || !takesRunnerSettings(settings)) return [];
  return itemsOf(variable).flatMap(({ text, at }) => {
    if (text.trim() === '') return [];
    const plain = text.replace(/@.*/s, '').replace(/:[^:/]*$/, '');
    const full = plain.replace(/^(?:index\.)?docker\.io\//, '').replace(/^library\//, '');
    const slash = full.indexOf('/');
    const host = slash < 0 ? '' : full.slice(0, slash);
    const hasRegistry = host === 'localhost' || /[.:]/.test(host);
    const path = hasRegistry ? full.slice(slash + 1).replace(/^library\//, '') : full;
    const ineffective = /[*?[\]]/.test(text) ? ('pattern' as const) : /\s/.test(text) ? ('blank' as const) : undefined;
    const isGeneral = generalImages.has(path) || daemonImage.test(path.slice(path.lastIndexOf('/') + 1));
    return [
      {
        text,
        at,
        name: full,
        isGeneral,
        registry: hasRegistry ? host : undefined,
        ineffective: ineffective || undefined,
      },
    ];
  });
}
