import { isOn, isStoppedBy, whyUnknown } from '../../analysis/setting-state.ts';
import { isTrusted } from '../../analysis/third-party.ts';
import { isPlugin } from '../../drone/deployment.ts';
import { builtPipelines } from '../../drone/server-repository.ts';
import { serverOf } from '../../drone/topology.ts';
import type { Image } from '../../model/container.ts';
import type { Installation } from '../../model/installation.ts';
import { memoizePer } from '../../model/memoize.ts';
import type { Pipeline, Step } from '../../model/pipeline.ts';
import { rule, say, type Text } from '../../model/rule.ts';
import type { Site } from '../../model/site.ts';
import { gradeTag } from '../../model/tag.ts';

export default rule({
  id: 'clone-credential-in-every-step',
  on: 'settings',
  severity: 'low',
  confidence: 'high',
  title: 'Every step receives the clone credential',
  why: 'In private repositories the SCM token of the person who activated the repository is in the environment of all steps and plugins (`DRONE_NETRC_PASSWORD`), pull requests included. Any image in a pipeline can read it and push with it.',
  fix: `Give the credential to the clone step only:

\`\`\`env
DRONE_NETRC_CLONE_ONLY=true
\`\`\`

Then only the built-in clone step gets it, which keeps it from plugins and later steps, not from whoever writes the pipeline file: that file can change what the clone step runs. Clone steps of your own, and steps that push, need a credential from a secret. Docker runners read the variable from 1.5.0 on, Kubernetes runners from 1.0.0-beta.9 on.`,
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
    const plugin = foreignPlugin(installation)(site);
    const isBad = plugin?.isLoose === true || Boolean(always);
    const related = [
      ...(always ? [{ at: always.at, message: say`public repositories are cloned with a credential too` }] : []),
      ...(plugin ? [{ at: plugin.at, message: plugin.what }] : []),
    ];
    const more = always
      ? say`, of public repositories too`
      : plugin
        ? say`, "${plugin.image}"${plugin.isLoose ? say` on pull requests` : ''} included`
        : '';
    yield {
      at,
      subject: name,
      message: say`${settings.label} gives the clone credential to every step${more}`,
      severity: isBad ? 'high' : plugin ? 'medium' : 'low',
      related,
    };
  },
});

interface ForeignPlugin {
  readonly at: Step['at'];
  readonly image: string;
  /** Whether it is not pinned and runs on pull requests. */
  readonly isLoose: boolean;
  readonly what: Text;
}

/** A third-party plugin, one that is not pinned and runs on pull requests before others. */
const foreignPlugin = memoizePer((installation: Installation) =>
  memoizePer((site: Site) => foreignPluginIn(builtPipelines(installation), site)),
);

function foreignPluginIn(pipelines: readonly Pipeline[], site: Site): ForeignPlugin | undefined {
  let found: ForeignPlugin | undefined;
  for (const { steps } of pipelines)
    for (const step of steps) {
      const { image, reach } = step;
      if (!image || !isPlugin(step) || !isForeign(image.value, site)) continue;
      const { tag, digest, text } = image.value;
      const isLoose = reach.pullRequest && digest === undefined && gradeTag(tag) !== 'full';
      const what = isLoose
        ? say`"${text}" runs on pull requests and may change at any time`
        : say`"${text}" is a plugin of others`;
      if (isLoose) return { at: image.at, image: text, isLoose, what };
      found ??= { at: image.at, image: text, isLoose, what };
    }
  return found;
}

function isForeign({ name, registry }: Image, site: Site): boolean {
  if (/^(?:plugins|drone)\//.test(name)) return false;
  return !isTrusted(name, site) && (registry === undefined || !site.registries.includes(registry));
}
