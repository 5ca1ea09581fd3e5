import { privilegedImages } from '../../facts/images.ts';
import type { Role } from '../../model/role.ts';
import { rule, say } from '../../model/rule.ts';
import { type PrivilegedItem, privilegedItems } from './_privileged-items.ts';

export default rule({
  id: 'extra-privileged-image',
  on: 'settings',
  severity: 'medium',
  confidence: 'high',
  title: 'More images run privileged for everyone',
  why: 'Every repository, trusted or not, may run the image privileged, with any tag ever pushed under that name. Whoever can push there, or finds a way to run commands in the image, is root on the runner host.',
  fix: 'Take the image out of `DRONE_RUNNER_PRIVILEGED_IMAGES`, and build with `plugins/kaniko`, which needs no privileges. If it must stay, limit the runner to the repositories that need it, and accept the finding with `# drone-audit: ignore[extra-privileged-image] for our own repositories only` above the line:\n\n```env\nDRONE_LIMIT_REPOS=your-organisation/*\n```\n\nThe runner then fails the builds of all other repositories that it takes: these need a runner of their own, chosen by labels. Tags and digests in the list are ignored, patterns match nothing, and built-in images need not be listed.',
  refs: [
    'https://docs.drone.io/runner/docker/configuration/reference/drone-runner-privileged-images/',
    'drone-runners/drone-runner-docker engine/compiler/compiler.go:39-46',
    'drone-runners/drone-runner-docker internal/docker/image/image.go:15-62',
  ],
  standards: { owasp: ['CICD-SEC-5'], cwe: ['CWE-250'] },
  needsRunning: true,
  since: '0.1.0',
  *judge(settings) {
    const seen = new Set<string>();
    for (const item of privilegedItems(settings)) {
      const redundant = redundancyOf(item, settings.role, seen.has(item.name));
      seen.add(item.name);
      if (item.isGeneral && redundant === undefined) continue;
      const { text, at, name } = item;
      yield {
        at,
        subject: `image ${text}`,
        message: redundant
          ? say`item "${text}" of DRONE_RUNNER_PRIVILEGED_IMAGES ${redundant}`
          : say`${settings.label} runs "${name}" privileged, with any tag, for every repository`,
        severity: redundant ? 'info' : undefined,
      };
    }
  },
});

function redundancyOf({ ineffective, name }: PrivilegedItem, role: Role, isRepeated: boolean): string | undefined {
  if (ineffective === 'pattern') return 'matches nothing: names are compared whole';
  if (ineffective === 'blank') return 'matches nothing: it contains a space, and items are not trimmed';
  if (privilegedImages.some((image) => image.name === name && (role !== 'runner-kube' || image.runners.includes(role))))
    return 'is built in';
  return isRepeated ? 'repeats another one: tags are ignored' : undefined;
}
