import { extensions, runners, server } from '../../facts/versions.ts';
import { describeImage, type Image } from '../../model/container.ts';
import { isRunner } from '../../model/role.ts';
import { rule, say } from '../../model/rule.ts';
import { gradeTag } from '../../model/tag.ts';

export default rule({
  id: 'unpinned-container-image',
  on: 'container',
  severity: 'low',
  confidence: 'high',
  title: 'Component image is not pinned',
  why: 'The next pull may bring a different program, with access to all secrets of the installation.',
  fix: `Pin the image to a version and its digest:

\`\`\`yaml compose
image: drone/drone:2.28.2@sha256:...
\`\`\`

\`\`\`yaml kubernetes
image: drone/drone:2.28.2@sha256:...
\`\`\`

\`\`\`sh docker-run
drone/drone:2.28.2@sha256:...
\`\`\`

This prints the digest:

\`\`\`sh
docker buildx imagetools inspect drone/drone:2.28.2
\`\`\`

From then on updates come only when you change the line.`,
  refs: ['https://docs.docker.com/reference/cli/docker/image/pull/#pull-an-image-by-digest-immutable-identifier'],
  standards: { owasp: ['CICD-SEC-3'], cwe: ['CWE-829'] },
  since: '0.1.0',
  *judge(container) {
    const { role, image, built } = container;
    if (role !== 'server' && !isRunner(role) && role !== 'autoscaler' && role !== 'extension') return;
    // An image built here has a name of its owner's choosing, and nobody else pushes to it.
    if (!image || built || image.value.digest !== undefined) return;
    const { tag } = image.value;
    if (tag?.includes('$')) {
      yield { at: image.at, inconclusive: say`the tag of this image is not known` };
      return;
    }
    const grade = gradeTag(tag);
    const what = {
      floating: tag === undefined ? 'has no tag: whatever is newest runs' : 'floats: any push to it changes what runs',
      partial: 'names only part of a version and moves with each release',
      full: 'has no digest: its tag can be moved',
    }[grade];
    yield {
      at: image.at,
      subject: 'image',
      fills: { 'drone/drone:2.28.2': pinnable(image.value) },
      message: say`${describeImage(container)} ${what}`,
      ...(grade === 'floating' ? { severity: 'medium' } : grade === 'full' ? { severity: 'info', pedantic: true } : {}),
    };
  },
});

const newest: ReadonlyMap<string, string> = new Map(
  [server, ...runners, ...extensions].flatMap(({ images, newest: { version } }) =>
    images.map((name) => [name, version] as const),
  ),
);

/** The image with a version to pin: the newest one that its tag stands for, or else as it is written. */
function pinnable({ name, tag, text }: Image): string {
  const version = newest.get(name);
  const isMeant = tag === undefined || tag === 'latest' || version?.startsWith(`${tag}.`);
  return version !== undefined && isMeant ? `${tag ? text.slice(0, -tag.length - 1) : text}:${version}` : text;
}
