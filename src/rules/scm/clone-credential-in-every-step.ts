import { isOn, isStoppedBy, whyUnknown } from '../../analysis/setting-state.ts';
import { serverOf } from '../../drone/topology.ts';
import type { Pipeline, Step } from '../../model/pipeline.ts';
import { rule, say } from '../../model/rule.ts';
import type { Site } from '../../model/site.ts';
import { gradeTag } from '../../model/tag.ts';

export default rule({
  id: 'clone-credential-in-every-step',
  on: 'settings',
  severity: 'medium',
  confidence: 'high',
  title: 'Every step receives the clone credential',
  why: 'In private repositories the SCM token of the person who activated the repository is in the environment of all steps and plugins (`DRONE_NETRC_PASSWORD`), pull requests included. Any image in a pipeline can read it and push with it.',
  fix: `On the runner:

\`\`\`
DRONE_NETRC_CLONE_ONLY=true
\`\`\`

Then only the built-in clone step gets it; clone steps of your own, and steps that push, need a credential from a secret. Docker runners read the variable from 1.5.0 on, Kubernetes runners from 1.0.0-beta.9 on.`,
  refs: [
    'https://docs.drone.io/runner/docker/configuration/reference/drone-netrc-clone-only/',
    'drone-runners/drone-runner-docker engine/compiler/compiler.go:260-292',
    'harness/drone service/netrc/netrc.go:53-90',
  ],
  standards: { owasp: ['CICD-SEC-5', 'CICD-SEC-6'], cwe: ['CWE-522'] },
  since: '0.1.0',
  *judge(settings, { installation, site }) {
    if (settings.role !== 'runner-docker' && settings.role !== 'runner-kube') return;
    const name = 'DRONE_NETRC_CLONE_ONLY';
    const isCloneOnly = isOn(settings, name);
    if (isCloneOnly || isStoppedBy(settings, name)) return;
    const at = settings.variables.get(name)?.at ?? settings.at;
    if (isCloneOnly === undefined) {
      yield { at, inconclusive: whyUnknown(settings, name) };
      return;
    }
    const server = serverOf(settings, installation);
    const always = server && isOn(server, 'DRONE_GIT_ALWAYS_AUTH') && server.variables.get('DRONE_GIT_ALWAYS_AUTH');
    const plugin = foreignPlugin(installation.pipelines, site);
    const related = [
      ...(always ? [{ at: always.at, message: say`public repositories are cloned with a credential too` }] : []),
      ...(plugin
        ? [{ at: plugin.at, message: say`"${plugin.value}" runs on pull requests and may change at any time` }]
        : []),
    ];
    yield {
      at,
      subject: name,
      message: say`${settings.label} gives the clone credential to every step${always ? say`, of public repositories too` : plugin ? say`, "${plugin.value}" on pull requests included` : ''}`,
      ...(related.length > 0 ? { severity: 'high', related } : {}),
    };
  },
});

/** A third-party plugin that is not pinned and runs on pull requests. */
function foreignPlugin(pipelines: readonly Pipeline[], site: Site): { at: Step['at']; value: string } | undefined {
  for (const { steps } of pipelines)
    for (const step of steps) {
      const { image, reach, hasCommands, command, entrypoint } = step;
      if (!image || !reach.pullRequest || hasCommands || command.length > 0 || entrypoint.length > 0) continue;
      const { name, registry, tag, digest, text } = image.value;
      if (digest !== undefined || gradeTag(tag) === 'full' || /^(?:plugins|drone)\//.test(name)) continue;
      if (site.images.includes(name) || (registry !== undefined && site.registries.includes(registry))) continue;
      return { at: image.at, value: text };
    }
  return undefined;
}
