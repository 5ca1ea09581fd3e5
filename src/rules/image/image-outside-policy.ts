import type { Image } from '../../model/container.ts';
import { rule, say } from '../../model/rule.ts';
import type { Site } from '../../model/site.ts';
import { imagesOf } from './_image-uses.ts';

export default rule({
  id: 'image-outside-policy',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'high',
  title: 'Image is not on the allow list',
  why: 'A step gets the source, its secrets and often the company network. `drone-audit.yml` lists the registries, images and plugins that may have them, and this image is not among them.',
  fix: 'Use a copy in your own registry, or review the image and list it:\n\n```yaml\n# drone-audit.yml\nsite:\n  registries: [registry.example.com]\n  images: [octocat/tools]\n```\n\n`docker.io` as a registry stands for all of Docker Hub. What is listed under `plugins` may only be used as it is, without commands.',
  refs: ['https://docs.drone.io/pipeline/docker/syntax/images/', 'https://docs.drone.io/extensions/validation/'],
  standards: { owasp: ['CICD-SEC-3', 'CICD-SEC-8'] },
  since: '0.1.0',
  *judge(pipeline, { site }) {
    const hasList = site.registries.length > 0 || site.images.length > 0;
    if (!hasList && site.plugins.length === 0) return;
    for (const { image, at, step, subject, related, isPlugin } of imagesOf(pipeline)) {
      // Where only plugins are listed, other images are free.
      if (isAllowed(image, site) || (isPlugin ? site.plugins.includes(fullName(image)) : !hasList)) continue;
      yield {
        at,
        subject,
        fills: { 'registry.example.com': site.registries[0] ?? '', 'octocat/tools': fullName(image) },
        message: say`image "${fullName(image)}" is neither from a registry nor among the images that the site section lists`,
        reach: step.reach,
        related,
      };
    }
  },
});

function isAllowed(image: Image, { registries, images }: Site): boolean {
  const registry = image.registry ?? 'docker.io';
  return registries.some((known) => known.toLowerCase() === registry.toLowerCase()) || images.includes(fullName(image));
}

function fullName({ registry, name }: Image): string {
  return registry === undefined ? name : `${registry}/${name}`;
}
