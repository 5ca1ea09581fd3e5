import { hasPrivilege } from '../../analysis/step-privilege.ts';
import { addTo } from '../../model/groups.ts';
import type { Installation } from '../../model/installation.ts';
import { allSteps, type Pipeline, type Step } from '../../model/pipeline.ts';
import { ownWords, rule, type Severity, say, type Text, worstFirst } from '../../model/rule.ts';
import { gradeTag } from '../../model/tag.ts';

export default rule({
  id: 'unpinned-image',
  on: 'pipeline',
  severity: 'low',
  confidence: 'high',
  title: 'Image can change under the same name',
  why: 'Anyone who can push that tag can run code in your builds, with their secrets and their workspace. Only a digest always names the same image.',
  fix: 'Add the digest; keep the tag for people:\n\n```yaml\nimage: registry.example.com/tools:1.4.2@sha256:...\n```\n\n`docker buildx imagetools inspect NAME:TAG` prints it.',
  refs: [
    'https://docs.drone.io/pipeline/docker/syntax/images/',
    'https://docs.docker.com/reference/cli/docker/image/pull/#pull-an-image-by-digest-immutable-identifier',
  ],
  standards: { owasp: ['CICD-SEC-3'], cwe: ['CWE-829'] },
  since: '0.1.0',
  *judge(pipeline, { installation }) {
    const byImage = new Map<string, { step: Step; severity: Severity }[]>();
    for (const step of allSteps(pipeline)) {
      const image = step.image?.value;
      if (!image || image.digest !== undefined) continue;
      const use = { step, severity: severityOf(pipeline, step, installation) };
      addTo(byImage, image.text, use);
    }
    for (const [text, uses] of byImage) {
      uses.sort(worstFirst);
      const [worst, ...others] = uses;
      if (!worst?.step.image) continue;
      const { step, severity } = worst;
      yield {
        at: worst.step.image.at,
        subject: `image ${text}`,
        oncePerFile: true,
        message: say`image "${text}" ${ownWords(grades[gradeTag(worst.step.image.value.tag)])}${gainOf(pipeline, step, installation, severity)}`,
        severity,
        reach: step.reach,
        related: others.flatMap((other) =>
          other.step.image ? [{ at: other.step.image.at, message: say`used by "${other.step.name}"` }] : [],
        ),
        pedantic: severity === 'info' ? true : undefined,
      };
    }
  },
});

const grades = {
  floating: 'floats: any push to it changes what runs',
  partial: 'names only part of a version and moves with each release',
  full: 'has no digest: its tag can be moved',
} as const;

function severityOf(pipeline: Pipeline, step: Step, installation: Installation): Severity {
  const grade = gradeTag(step.image?.value.tag);
  if (grade === 'full') return 'info';
  if (grade === 'partial') return 'low';
  return hasSecrets(step) || hasPrivilege(pipeline, step, installation) ? 'high' : 'medium';
}

function hasSecrets(step: Step): boolean {
  return [...step.environment, ...step.settings].some((value) => value.fromSecret !== undefined);
}

function gainOf(pipeline: Pipeline, step: Step, installation: Installation, severity: Severity): Text {
  if (severity !== 'high') return say``;
  return hasPrivilege(pipeline, step, installation)
    ? say`, and "${step.name}" controls the runner's host`
    : say`, and "${step.name}" holds secrets`;
}
