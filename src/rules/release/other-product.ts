import { droneName } from '../../analysis/known-release.ts';
import { gitnessImages } from '../../facts/versions.ts';
import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'other-product',
  on: 'container',
  severity: 'info',
  confidence: 'high',
  title: 'This is not Drone',
  why: 'Gitness and Harness Open Source come from the same makers, and for a time were published as `drone/drone` with tags from 3 on. They are a different program with different settings: what these rules say about Drone does not apply to them.',
  fix: 'Leave Gitness out of the audit with `exclude`, or accept it with `# drone-audit: ignore[other-product] runs beside Drone` above the line. If you meant Drone, use `drone/drone:2.28.2`.\n\n```yaml\n# drone-audit.yml\nexclude: [gitness/**]\n```',
  refs: ['https://github.com/harness/harness', 'https://docs.drone.io/server/overview/'],
  standards: { owasp: ['CICD-SEC-7'] },
  since: '0.1.0',
  *judge({ image, label, role }) {
    if (!image || role === 'step') return;
    const name = droneName(image.value);
    const isRenamed = name === 'drone/drone' && /^v?3(?:$|[.-])/.test(image.value.tag ?? '');
    if (!isRenamed && !gitnessImages.has(name)) return;
    yield {
      at: image.at,
      subject: 'image',
      message: say`image "${image.value.text}" of ${label} is Gitness or Harness Open Source, not Drone`,
    };
  },
});
