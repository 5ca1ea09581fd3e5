import { memoize } from '../model/memoize.ts';

const stages = ['alpha', 'beta', 'rc'] as const;

/** As much of a release as its tag names. */
export interface Release {
  readonly numbers: readonly number[];
  /** Kind and number of a pre-release: `beta`, 9. */
  readonly stage?: (typeof stages)[number];
  readonly step?: number;
}

/** Parses the release at the start of a tag; undefined if there is none (`latest`). */
export const parseRelease = memoize((text): Release | undefined => {
  const found = /^v?(\d{1,4})(?:\.(\d{1,4}))?(?:\.(\d{1,4}))?(?:-(alpha|beta|rc)(?:[.-]?(\d{1,4}))?)?(?![\d.])/.exec(
    text,
  );
  if (!found) return undefined;
  const [, major, minor, patch, word, step] = found;
  const numbers = [major, minor, patch].flatMap((part) => (part === undefined ? [] : [Number(part)]));
  const stage = stages.find((each) => each === word);
  return { numbers, stage: stage || undefined, step: step === undefined ? undefined : Number(step) };
});

/**
 * Whether a tag is known to name an older release than `than`, pre-releases included (`1.0.0-rc.4` is older than
 * `1.0.0-rc.5` and `1.0.0`). Numbers that are not given float to the newest: `1.8` is not older than `1.8.4`.
 */
export function isOlderRelease(tag: string | undefined, than: string): boolean {
  const given = parseRelease(tag ?? '');
  const wanted = parseRelease(than);
  if (!given || !wanted) return false;
  for (const [i, number] of wanted.numbers.entries()) {
    const own = given.numbers[i];
    if (own === undefined) return false;
    if (own !== number) return own < number;
  }
  if (given.stage === undefined) return false;
  if (wanted.stage === undefined) return true;
  if (given.stage !== wanted.stage) return stages.indexOf(given.stage) < stages.indexOf(wanted.stage);
  return given.step !== undefined && wanted.step !== undefined && given.step < wanted.step;
}
