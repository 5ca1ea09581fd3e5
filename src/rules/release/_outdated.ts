import { isOlderRelease } from '../../drone/release.ts';
import { asOf, type Product } from '../../facts/versions.ts';
import type { Container } from '../../model/container.ts';
import { type Severity, worstFirst } from '../../model/severity.ts';
import { ownWords, say, type Text } from '../../model/text.ts';

/** What a fix has in place of a sample: the image of a container, from where it comes, in the newest release. */
export function newestOf({ image }: Container, { newest }: Product): string {
  return `${(image?.value.text ?? '').replace(/@.*/s, '').replace(/:[^:/]*$/, '')}:${newest.version}`;
}

/** What a tag lacks, in the words of the worst floor; undefined for a tag that is new enough or names no release. */
function floorOf(tag: string | undefined, { floors }: Product): { severity: Severity; message: Text } | undefined {
  const [worst] = floors
    .filter(({ below }) => isOlderRelease(below.includes('-') ? tag : withoutStage(tag), below))
    .sort(worstFirst);
  if (!worst) return undefined;
  const doubt = worst.verified ? '' : ' (not verified)';
  return { severity: worst.severity, message: say`is older than ${worst.below}: ${worst.why}${ownWords(doubt)}` };
}

/** What is wrong with a tag, in words: what it lacks, else that a newer release is known; undefined for the newest ones. */
export function versionGap(
  tag: string | undefined,
  product: Product,
): { severity?: Severity; message: Text } | undefined {
  const { version, verified } = product.newest;
  // What a release list names is not always published as an image.
  const doubt = verified ? '' : ' (by lists of releases; its image was not looked at)';
  const floor = floorOf(tag, product);
  if (floor)
    return {
      ...floor,
      message: say`${floor.message}; the newest known in ${ownWords(asOf)} is ${version}${ownWords(doubt)}`,
    };
  return isOlderRelease(tag, version)
    ? { message: say`is older than ${version}, the newest known in ${ownWords(asOf)}${ownWords(doubt)}` }
    : undefined;
}

/** Date of a release, or of the newest known one of its line (`1.8`); undefined for `1`, `latest` and unknown ones. */
export function dateOf(tag: string | undefined, { releases }: Product): string | undefined {
  const version = /^v?(\d+\.\d+(?:\.\d+)?(?:-(?:beta|rc)\.\d+)?)/.exec(tag ?? '')?.[1];
  if (version === undefined || !releases) return undefined;
  const ofLine = [...releases].filter(([release]) => release.startsWith(`${version}.`)).map(([, date]) => date);
  return releases.get(version) ?? ofLine.sort().at(-1);
}

/** A release candidate of 1.0.0 counts as 1.0.0 where the floor names no candidates. */
function withoutStage(tag: string | undefined): string | undefined {
  return tag?.replace(/-(?:alpha|beta|rc)\b.*/s, '');
}
