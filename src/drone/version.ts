import { memoize } from '../model/memoize.ts';

/** As much of a version as is given: `2`, `2.24`, `2.24.0`. */
export type Version = readonly number[];

/** Reads the leading numbers of an image tag or version (`v2.24.0`, `2-alpine`); undefined if there are none. */
export function parseVersion(text: string | undefined): Version | undefined {
  return text === undefined ? undefined : versionOf(text);
}

const versionOf = memoize((text): Version | undefined => {
  const found = /^v?(\d{1,4})(?:\.(\d{1,4}))?(?:\.(\d{1,4}))?(?![\d.])/.exec(text);
  return found?.slice(1).flatMap((part) => (part === undefined ? [] : [Number(part)]));
});

/**
 * Whether a version is known to be older than another. Numbers that are not given float to the newest: `2` is not older
 * than 2.5.0, but `1` is older than 2.0.0.
 */
export function olderThan(version: Version | undefined, than: Version): boolean {
  if (!version) return false;
  for (const [i, wanted] of than.entries()) {
    const given = version[i];
    if (given === undefined) return false;
    if (given !== wanted) return given < wanted;
  }
  return false;
}
