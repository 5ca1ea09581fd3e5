import { droneName, productOf } from '../../analysis/known-release.ts';
import { extensions } from '../../facts/versions.ts';
import { describeImage } from '../../model/container.ts';
import { rule, say } from '../../model/rule.ts';
import { newestOf, versionGap } from './_outdated.ts';

export default rule({
  id: 'outdated-extension',
  on: 'container',
  severity: 'low',
  confidence: 'high',
  title: 'Extension is behind',
  why: 'A secret extension decides which build gets which secret. Old releases cannot refuse builds of forks, and the copy behind a moving tag may be years old.',
  fix: 'Use the newest release, `drone/vault:1.3.0`, which refuses builds of forks with `DRONE_DISALLOW_FORKS=true`. Pin `drone/kubernetes-secrets` by digest; `docker buildx imagetools inspect drone/kubernetes-secrets:latest` prints it.',
  refs: ['https://docs.drone.io/secret/external/vault/', 'drone/drone-vault CHANGELOG.md', 'drone/charts 5a2ed94'],
  standards: { owasp: ['CICD-SEC-7', 'CICD-SEC-8'], cwe: ['CWE-1104'] },
  since: '0.1.0',
  *judge(container) {
    const { image, built, role } = container;
    if (!image || role === 'step') return;
    const { tag, digest } = image.value;
    const product = productOf(container, extensions);
    const gap = product && versionGap(tag, product);
    const isLatest = !built && digest === undefined && (tag === undefined || tag === 'latest');
    if (gap)
      yield {
        at: image.at,
        subject: 'image',
        fills: { 'drone/vault:1.3.0': newestOf(container, product) },
        message: say`${describeImage(container)} ${gap.message}`,
        severity: gap.severity || undefined,
        release: product.newest.version,
      };
    else if (droneName(image.value) === 'drone/kubernetes-secrets' && isLatest)
      yield {
        at: image.at,
        subject: 'image',
        message: say`${describeImage(container)} is whatever was newest when it was pulled`,
      };
  },
});
