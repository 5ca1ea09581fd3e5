import { type BadImage, badImages } from '../../facts/image-faults.ts';
import { rule, say } from '../../model/rule.ts';
import { hubName, type ImageUse, imagesOf } from './_image-uses.ts';

export default rule({
  id: 'known-bad-image',
  on: 'pipeline',
  severity: 'high',
  confidence: 'medium',
  title: 'Image or version has a known problem',
  why: 'This version was used to steal secrets from builds, or gives them away. A step that ran it may have lost its own secrets and those of later steps in the same workspace.',
  fix: 'Use a version without the problem, by digest:\n\n```yaml step\nimage: octocat/tools:<version>@sha256:...\n```\n\nReplace every secret that builds with this version could see, and remove the old image from the runners.',
  refs: [
    'https://docs.drone.io/pipeline/docker/syntax/images/',
    'https://hub.docker.com/r/aquasec/trivy',
    'drone-plugins/drone-docker pull request 251',
  ],
  standards: { owasp: ['CICD-SEC-3'], cwe: ['CWE-1395'] },
  since: '0.1.0',
  effort: 'minutes',
  *judge(pipeline) {
    for (const use of imagesOf(pipeline)) {
      const found = badImages.find((bad) => isOf(use, bad));
      if (!found) continue;
      yield {
        at: use.at,
        subject: use.subject,
        fills: { 'octocat/tools': found.name },
        message: say`image "${use.image.text}" ${found.why}`,
        severity: found.severity,
        reach: use.step.reach,
        related: use.related,
      };
    }
  },
});

function isOf({ image, step }: ImageUse, { name, tags, digests = [], ifCached }: BadImage): boolean {
  if (hubName(image) !== name) return false;
  if (image.digest !== undefined) return digests.includes(image.digest);
  if (ifCached && !/^(?:never|if-not-exists)$/i.test(step.pull?.value ?? '')) return false;
  return tags?.test((image.tag ?? 'latest').replace(/^v(?=\d)/, '')) === true;
}
