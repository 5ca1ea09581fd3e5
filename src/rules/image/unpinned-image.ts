import { stepAssets } from '../../analysis/step-assets.ts';
import { hasPrivilege } from '../../analysis/step-privilege.ts';
import type { Image } from '../../model/container.ts';
import { addTo } from '../../model/groups.ts';
import { allSteps, type Pipeline, type Step } from '../../model/pipeline.ts';
import {
  alsoAt,
  type Context,
  type Located,
  ownWords,
  rule,
  type Severity,
  say,
  type Text,
  worstFirst,
} from '../../model/rule.ts';
import { gradeTag } from '../../model/tag.ts';

export default rule({
  id: 'unpinned-image',
  on: 'pipeline',
  severity: 'low',
  confidence: 'high',
  title: 'Image can change under the same name',
  why: 'Anyone who can push that tag can run code in your builds, with their secrets and their workspace. Only a digest always names the same image.',
  fix: 'Add the digest; keep the tag for people:\n\n```yaml step\nimage: registry.example.com/tools:1.4.2@sha256:...\n```\n\n`docker buildx imagetools inspect NAME:TAG` prints it. A pinned image gets no updates by itself: renew the digest regularly (Renovate does).',
  refs: [
    'https://docs.drone.io/pipeline/docker/syntax/images/',
    'https://docs.docker.com/reference/cli/docker/image/pull/#pull-an-image-by-digest-immutable-identifier',
  ],
  standards: { owasp: ['CICD-SEC-3'], cwe: ['CWE-829'] },
  since: '0.1.0',
  *judge(pipeline, context) {
    const byImage = new Map<string, Use[]>();
    for (const step of allSteps(pipeline)) {
      const { image } = step;
      if (!image || image.value.digest !== undefined) continue;
      addTo(byImage, image.value.text, { pipeline, step, image, severity: severityOf(pipeline, step, context) });
    }
    for (const [text, uses] of byImage) {
      const [worst, ...others] = uses.sort(worstFirst);
      if (!worst) continue;
      const { step, severity, image } = worst;
      const messageOf = (use: Use): Text =>
        say`image "${text}" ${ownWords(grades[gradeTag(image.value.tag)])}${gainOf(use, context)}`;
      yield {
        at: image.at,
        subject: `image ${text}`,
        oncePerFile: true,
        fills: { 'NAME:TAG': text, 'registry.example.com/tools:1.4.2': text },
        message: messageOf(worst),
        severity,
        reach: step.reach,
        related: others.map((other) =>
          alsoAt(other.image.at, say`used by "${other.step.name}"`, {
            message: messageOf(other),
            severity: other.severity,
            reach: other.step.reach,
          }),
        ),
        pedantic: severity === 'info' ? true : undefined,
      };
    }
  },
});

interface Use {
  readonly pipeline: Pipeline;
  readonly step: Step;
  readonly image: Located<Image>;
  readonly severity: Severity;
}

const grades = {
  floating: 'floats: any push to it changes what runs',
  partial: 'names only part of a version and moves with each release',
  full: 'has no digest: its tag can be moved',
} as const;

/** An image can do what its step can, and change what later steps find in the workspace. */
function severityOf(pipeline: Pipeline, step: Step, context: Context): Severity {
  const grade = gradeTag(step.image?.value.tag);
  if (grade === 'full') return 'info';
  if (grade === 'partial') return 'low';
  if (hasSecrets(step) || hasPrivilege(pipeline, step, context)) return 'high';
  return stepAssets(pipeline, context).length > 0 ? 'medium' : 'low';
}

function hasSecrets(step: Step): boolean {
  return [...step.environment, ...step.settings].some((value) => value.fromSecret !== undefined);
}

function gainOf({ pipeline, step, severity }: Use, context: Context): Text {
  if (severity === 'high')
    return hasPrivilege(pipeline, step, context)
      ? say`, and "${step.name}" controls the runner's host`
      : say`, and "${step.name}" holds secrets`;
  const [near] = severity === 'medium' ? stepAssets(pipeline, context) : [];
  return near && near.step !== step
    ? say`, and shares its workspace with "${near.step.name}", which ${near.what}`
    : say``;
}
