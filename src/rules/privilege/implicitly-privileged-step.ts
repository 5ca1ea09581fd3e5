import { stepNames } from '../../analysis/step-assets.ts';
import { isPrivileged, isPrivilegedByItself } from '../../analysis/step-privilege.ts';
import { imageName, isDryRun } from '../../drone/deployment.ts';
import type { Image } from '../../model/container.ts';
import { addTo } from '../../model/groups.ts';
import { allSteps, type Pipeline, type Step } from '../../model/pipeline.ts';
import { alsoAt, type Hit, ownWords, rule, say, type Text } from '../../model/rule.ts';

export default rule({
  id: 'implicitly-privileged-step',
  on: 'pipeline',
  severity: 'low',
  confidence: 'high',
  title: 'Plugin runs privileged by itself',
  why: 'The runner gives these plugins the whole host, in every repository, trusted or not, whatever the tag; the built-in list cannot be switched off. On pull requests the author chooses the Dockerfile that this container builds, and can add such a step themselves where the file is not protected.',
  fix: "Build without privileges, with kaniko:\n\n```yaml step\nimage: plugins/kaniko:1.13.9@sha256:...\n```\n\n`dry_run` is called `no_push` there, and the daemon's own settings do not exist. Or keep the plugin, but off pull requests and pinned, and accept what remains with `# drone-audit: ignore[implicitly-privileged-step] builds merged code only` above its image:\n\n```yaml step\nimage: plugins/docker:21.3.4@sha256:...\nwhen:\n  event: [push, tag]\n```",
  refs: [
    'https://docs.drone.io/runner/docker/configuration/reference/drone-runner-privileged-images/',
    'drone-runners/drone-runner-docker engine/compiler/compiler.go:39-46',
    'drone-runners/drone-runner-docker engine/compiler/compiler.go:549-595',
    'drone-runners/drone-runner-aws engine/compiler/compiler.go:336',
  ],
  standards: { owasp: ['CICD-SEC-5'], cwe: ['CWE-250'] },
  since: '0.1.0',
  *judge(pipeline, { installation }) {
    const alike = new Map<string, Step[]>();
    for (const step of allSteps(pipeline)) {
      // privileged-step tells of the same privilege where it is asked for.
      if (isPrivileged(pipeline, step)) continue;
      if (!(pipeline.type === 'vm' ? step.image : isPrivilegedByItself(pipeline, step, installation))) continue;
      const key = `${imageName(step)} ${step.reach.pullRequest}`;
      addTo(alike, key, step);
    }
    for (const steps of alike.values()) yield* hitOf(pipeline, steps);
  },
});

/** One hit for the steps that have the same image and are equally open to pull requests. */
function* hitOf({ type }: Pipeline, steps: readonly Step[]): Iterable<Hit> {
  const [first, ...others] = steps;
  if (!first?.image) return;
  const { reach, section } = first;
  const isOpen = reach.pullRequest;
  const messageOf = (some: readonly Step[]): Text => {
    const who = say`${stepNames(some)} ${ownWords(some.length === 1 ? 'runs' : 'run')} "${imageName(first) ?? ''}"`;
    if (type === 'vm') return say`${who} privileged on the build machine, as all steps with an image do there`;
    const rehearsal = some.every(isDryRun) ? ' ("dry_run" or not)' : '';
    return say`${who}, which runs privileged without being asked${isOpen ? say`, for pull requests too${ownWords(rehearsal)}` : ''}`;
  };
  yield {
    at: first.image.at,
    subject: `${section}[${first.name}]`,
    message: messageOf(steps),
    fills: fillsOf(first.image.value),
    ...(type === 'vm' ? { severity: 'info' } : isOpen ? { severity: 'medium' } : {}),
    reach,
    related: [
      ...others.flatMap((step) => {
        const { image, name, reach: own } = step;
        if (!image) return [];
        const alone = { message: messageOf([step]), fills: fillsOf(image.value), reach: own };
        return [alsoAt(image.at, say`so does "${name}"`, alone)];
      }),
      ...(isOpen && reach.because ? [{ at: reach.because, message: reach.reason }] : []),
    ],
  };
}

/** The plugin itself, and the kaniko plugin for the same registry, in place of `plugins/docker` in the fix. */
function fillsOf({ name, registry, text }: Image): Readonly<Record<string, string>> {
  const [, kind] = registry === undefined ? (/^plugins\/(docker|acr|ecr|gar|gcr)$/.exec(name) ?? []) : [];
  if (kind === undefined) return { 'plugins/docker:21.3.4': text };
  const kaniko = kind === 'docker' ? 'plugins/kaniko' : `plugins/kaniko-${kind}`;
  return { 'plugins/docker:': `${name}:`, 'plugins/kaniko:': `${kaniko}:` };
}
