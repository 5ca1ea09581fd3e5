import { asOf, type Product } from '../../facts/versions.ts';
import type { Container, Image } from '../../model/container.ts';
import { isOlderRelease } from '../../model/release.ts';
import { type Severity, severities } from '../../model/severity.ts';

/** Name of an image without the folders that a mirror puts before it: `mirror/drone/drone` is `drone/drone`. */
export function droneName({ name }: Image): string {
  return name.split('/').slice(-2).join('/');
}

/** The product that a component's image is; steps of builds are none, whatever their image. */
export function productOf({ image, role }: Container, products: readonly Product[]): Product | undefined {
  if (!image || role === 'step') return undefined;
  const name = droneName(image.value);
  return products.find(({ images }) => images.includes(name));
}

/** What a tag lacks, as the worst floor says it; undefined for a tag that is new enough or names no release. */
export function floorOf(
  tag: string | undefined,
  { floors }: Product,
): { severity: Severity; message: string } | undefined {
  const [worst] = floors
    .filter(({ below }) => isOlderRelease(tag, below))
    .sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
  if (!worst) return undefined;
  const doubt = worst.verified ? '' : ' (not verified)';
  return { severity: worst.severity, message: `is older than ${worst.below}: ${worst.why}${doubt}` };
}

/** `2.28.2 is the newest that was known in 2026-11`, with a doubt where nobody saw it. */
export function newestOf({ newest: { version, verified } }: Product): string {
  return `${version} is the newest known in ${asOf}${verified ? '' : ' (not verified)'}`;
}

/** Date of a release, or of the newest known one of its line (`1.8`); undefined for `1`, `latest` and unknown ones. */
export function dateOf(tag: string | undefined, { releases }: Product): string | undefined {
  const version = /^v?(\d+\.\d+(?:\.\d+)?(?:-(?:beta|rc)\.\d+)?)/.exec(tag ?? '')?.[1];
  if (version === undefined || !releases) return undefined;
  const ofLine = [...releases].filter(([release]) => release.startsWith(`${version}.`)).map(([, date]) => date);
  return releases.get(version) ?? ofLine.sort().at(-1);
}
