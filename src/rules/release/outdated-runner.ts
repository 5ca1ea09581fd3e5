import { productOf } from '../../analysis/known-release.ts';
import { isOlderRelease } from '../../drone/release.ts';
import { serverOf } from '../../drone/topology.ts';
import { type Product, runners, server as serverProduct } from '../../facts/versions.ts';
import { type Container, describeImage } from '../../model/container.ts';
import type { Installation } from '../../model/installation.ts';
import { memoizePer } from '../../model/memoize.ts';
import { ownWords, type Remark, rule, say } from '../../model/rule.ts';
import { settingsOf } from '../../model/settings.ts';
import { dateOf, newestOf, versionGap } from './_outdated.ts';

export default rule({
  id: 'outdated-runner',
  on: 'container',
  severity: 'low',
  confidence: 'high',
  title: 'Runner is behind',
  why: 'The runner decides what a build may do. Older runners let automatically privileged plugins take volumes and variables, mask fewer secrets in the log, and do not know `DRONE_NETRC_CLONE_ONLY`.',
  fix: 'Use the newest release, `drone/drone-runner-docker:1.8.5`. Running builds stop with the runner: `drone queue pause` keeps new ones back, and `drone queue resume` starts them. From 1.6.3 on, the docker runner no longer gives privileges to plugins that mount volumes.',
  refs: [
    'drone-runners/drone-runner-docker CHANGELOG.md',
    'drone-runners/drone-runner-docker 3743412 (masking), 01bbc3a',
    'drone-runners/drone-runner-kube CHANGELOG.md',
  ],
  standards: { owasp: ['CICD-SEC-7'], cwe: ['CWE-1104'] },
  since: '0.1.0',
  *judge(container, { installation }) {
    const { image } = container;
    const product = productOf(container, runners);
    if (!image || !product) return;
    const { tag } = image.value;
    const gap = versionGap(tag, product);
    if (!gap) return;
    const age = isYearsBehindServer(container, product, installation)
      ? '; it is at least three years older than its server'
      : '';
    yield {
      at: image.at,
      subject: 'image',
      fills: { 'drone/drone-runner-docker:1.8.5': newestOf(container, product) },
      message: say`${describeImage(container)} ${gap.message}${ownWords(age)}`,
      severity: gap.severity || undefined,
      release: product.newest.version,
      related: otherVersions(container, product, installation),
    };
  },
});

function isYearsBehindServer(container: Container, product: Product, installation: Installation): boolean {
  const tag = serverOf(settingsOf(container), installation)?.container?.image?.value.tag;
  const own = Date.parse(dateOf(container.image?.value.tag, product) ?? '');
  const its = Date.parse(dateOf(tag, serverProduct) ?? '');
  return its - own >= 3 * 365 * 24 * 3600 * 1000;
}

/** The first container of each version of each product, what runs and what is declared apart. */
const versions = memoizePer(({ containers }: Installation) => {
  const found = new Map<string, Map<string, Container>>();
  for (const container of containers) {
    const product = productOf(container, runners);
    const tag = container.image?.value.tag;
    if (!product || tag === undefined) continue;
    const key = `${container.live} ${product.images[0]}`;
    const same = found.get(key) ?? new Map<string, Container>();
    found.set(key, same);
    if (same.size < 20 && !same.has(tag)) same.set(tag, container);
  }
  return found;
});

/** Runners of the same kind that are newer than this one. */
function otherVersions({ image, live }: Container, product: Product, installation: Installation): readonly Remark[] {
  const others = versions(installation).get(`${live} ${product.images[0]}`) ?? new Map<string, Container>();
  return [...others].flatMap(([tag, other]) =>
    other.image && isOlderRelease(image?.value.tag, tag)
      ? [{ at: other.image.at, message: say`${other.label} has a different version, "${tag}"` }]
      : [],
  );
}
