import { unmaintainedImages } from '../../facts/image-faults.ts';
import { rule, say } from '../../model/rule.ts';
import { hubName, imagesOf } from './_image-uses.ts';

export default rule({
  id: 'unmaintained-image',
  on: 'pipeline',
  severity: 'low',
  confidence: 'medium',
  title: 'Image is no longer maintained',
  why: 'It gets no security fixes, and the account behind an abandoned name may pass to somebody else.',
  fix: 'Use the successor that the message names, pinned by digest.',
  refs: [
    'https://alpinelinux.org/releases/',
    'https://plugins.drone.io',
    'drone/drone-git docker/Dockerfile.linux.amd64',
  ],
  standards: { owasp: ['CICD-SEC-3'], cwe: ['CWE-1104'] },
  since: '0.1.0',
  *judge(pipeline) {
    for (const { image, at, step, subject, related } of imagesOf(pipeline)) {
      const name = hubName(image);
      const tag = (image.tag ?? '').replace(/^v(?=\d)/, '');
      const found = unmaintainedImages.find(
        (known) => known.name === name && (known.tags === undefined || known.tags.test(tag)),
      );
      if (!found) continue;
      yield {
        at,
        subject,
        message: say`image "${image.text}" ${found.why}; its successor is ${found.successor}`,
        reach: step.reach,
        related,
      };
    }
  },
});
