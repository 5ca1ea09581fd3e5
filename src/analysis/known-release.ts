import { isOlderRelease, parseRelease } from '../drone/release.ts';
import { extensions, type Product, runners, server } from '../facts/versions.ts';
import type { Container, Image } from '../model/container.ts';
import type { Installation } from '../model/installation.ts';
import { isRunner } from '../model/role.ts';
import type { Located } from '../model/rule.ts';

/** Name of an image without the folders that a mirror puts in front of it: `mirror/drone/drone` is `drone/drone`. */
export function droneName({ name }: Image): string {
  return name.split('/').slice(-2).join('/');
}

/** The product behind a component's image; a build step is never a product, whatever its image. */
export function productOf({ image, role }: Container, products: readonly Product[]): Product | undefined {
  if (!image || role === 'step') return undefined;
  const name = droneName(image.value);
  return products.find(({ images }) => images.includes(name));
}

export function serversOf({ containers }: Installation): readonly Container[] {
  return containers.filter(({ role }) => role === 'server');
}

/** The container of the server where one address was asked, and one container is a server. */
export function onlyServerOf(installation: Installation): Container | undefined {
  const asked = installation.endpoints.filter(({ role }) => role === 'server');
  const [only, ...others] = serversOf(installation);
  return asked.length === 1 && others.length === 0 ? only : undefined;
}

/**
 * The release that the only server which was asked gives for its own. Some releases give the one before (2.28.2 says 2.28.1),
 * which lies on the same side of every floor.
 */
export function reportedVersion(container: Container, installation: Installation): Located<string> | undefined {
  if (onlyServerOf(installation) !== container) return undefined;
  const [asked] = installation.endpoints.filter(({ role }) => role === 'server');
  return asked?.answers.get('/version')?.facts.get('version');
}

/** Rules that compare a release, with what they compare, and with which known releases. */
const comparing: ReadonlyMap<string, readonly [(container: Container) => boolean, readonly Product[]]> = new Map([
  // What has settings of Drone, and is not known, may be a server under another name.
  ['outdated-server', [({ role }) => role === 'server' || role === 'unknown', [server]]],
  ['outdated-runner', [({ role }) => isRunner(role) || role === 'autoscaler', runners]],
  ['outdated-extension', [({ role }) => role === 'extension', extensions]],
]);

/** The ids of these rules. */
export const comparingRules: readonly string[] = [...comparing.keys()];

/** Of how many containers that a rule compares with known releases the release is not known; 0 for other rules. */
export function unknownReleases(rule: string, installations: readonly Installation[]): number {
  const [isCompared, products] = comparing.get(rule) ?? [];
  if (!isCompared || !products) return 0;
  return installations.reduce(
    (sum, installation) =>
      sum +
      installation.containers.filter((each) => isCompared(each) && !isReleaseKnown(each, products, installation))
        .length,
    0,
  );
}

/** Whether the image is one whose releases are known, and its tag, or the server itself, says enough to compare it with the newest. */
function isReleaseKnown(container: Container, products: readonly Product[], installation: Installation): boolean {
  const product = productOf(container, products);
  if (!product) return false;
  const { version } = product.newest;
  const tag = container.image?.value.tag;
  return [tag, reportedVersion(container, installation)?.value].some(
    (each) => parseRelease(each ?? '')?.numbers.length === 3 || isOlderRelease(each, version),
  );
}
