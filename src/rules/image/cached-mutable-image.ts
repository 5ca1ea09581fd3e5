import { secretsOf } from '../../analysis/step-assets.ts';
import { hasPrivilege } from '../../analysis/step-privilege.ts';
import { officialImages } from '../../facts/known-images.ts';
import { addTo } from '../../model/groups.ts';
import { exposesControlSocket } from '../../model/host-paths.ts';
import type { Installation } from '../../model/installation.ts';
import { itemsOf } from '../../model/location-within.ts';
import { memoizePer } from '../../model/memoize.ts';
import { allSteps, type Pipeline, type Step } from '../../model/pipeline.ts';
import { alsoAt, type Context, type Hit, ownWords, rule, type Severity, say, worstFirst } from '../../model/rule.ts';
import { gradeTag } from '../../model/tag.ts';

export default rule({
  id: 'cached-mutable-image',
  on: 'pipeline',
  severity: 'low',
  confidence: 'medium',
  title: 'Mutable image is taken from the local cache',
  why: 'All builds of a runner share its images. The one cached under this name may be months old, or planted by another build: anyone who can build images on the runner chooses what this step runs.',
  fix: 'Remove `pull`, or write:\n\n```yaml step\npull: always\n```\n\nTo keep the cache, pin the image by digest: then it can only be that one. An image that exists on the runner alone has to go to a registry first.',
  refs: [
    'https://docs.drone.io/pipeline/docker/syntax/images/',
    'drone-runners/drone-runner-docker engine/engine.go:243-269',
  ],
  standards: { owasp: ['CICD-SEC-3', 'CICD-SEC-9'], cwe: ['CWE-829'] },
  since: '0.1.0',
  *judge(pipeline, context) {
    // Files of the 0.8 format can only ask for a pull; anything else is added by the conversion.
    if (pipeline.legacy) return;
    const byImage = new Map<string, (Hit & { readonly severity: Severity })[]>();
    for (const step of allSteps(pipeline)) {
      const hit = hitOf(pipeline, step, context);
      if (!hit?.subject) continue;
      addTo(byImage, hit.subject, hit);
    }
    for (const hits of byImage.values()) {
      hits.sort(worstFirst);
      const [worst, ...others] = hits;
      if (worst)
        yield {
          ...worst,
          related: others.map(({ at, message, severity, reach }) => alsoAt(at, message, { message, severity, reach })),
        };
    }
  },
});

function hitOf(pipeline: Pipeline, step: Step, context: Context): (Hit & { severity: Severity }) | undefined {
  const image = step.image?.value;
  const pull = step.pull?.value.toLowerCase();
  if (!image || !step.pull || image.digest !== undefined) return undefined;
  const floats = gradeTag(image.tag) === 'floating';
  if (pull !== 'never' && !(pull === 'if-not-exists' && floats)) return undefined;
  const isLocal = pull === 'never' && image.registry === undefined && isLocalName(image.name);
  const holdsSecrets = secretsOf(pipeline, step).length > 0;
  const gain = holdsSecrets ? 'holds secrets' : "controls the runner's host";
  const isWorthwhile = holdsSecrets || hasPrivilege(pipeline, step, context);
  const isOpen = isLocal && socketForBuilds(context.installation);
  return {
    at: step.pull.at,
    subject: `image ${image.text}`,
    message: isOpen
      ? say`"${step.name}" takes "${image.text}" only from the runner's cache, where every build can put it`
      : say`"${step.name}" takes "${image.text}" from the runner's cache${isWorthwhile ? say`, and ${ownWords(gain)}` : ''}`,
    severity: isOpen ? 'high' : isWorthwhile ? 'medium' : 'low',
    reach: step.reach,
  };
}

/** A name without an owner that is not an official image: it exists on the machine alone. */
function isLocalName(name: string): boolean {
  return !name.includes('/') && !officialImages.has(name);
}

/** Whether a runner of this audit mounts its engine's socket into all steps. */
const socketForBuilds = memoizePer(({ settings }: Installation) =>
  settings.some(({ variables }) => {
    const volumes = variables.get('DRONE_RUNNER_VOLUMES');
    return volumes && itemsOf(volumes).some(({ text }) => exposesControlSocket(text.split(':')[0]?.trim() ?? ''));
  }),
);
