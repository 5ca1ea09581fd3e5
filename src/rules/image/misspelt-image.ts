import { isTrusted } from '../../analysis/third-party.ts';
import { deploymentPlugins } from '../../facts/deployment.ts';
import { componentImages } from '../../facts/images.ts';
import { commonImages } from '../../facts/known-images.ts';
import { memoize } from '../../model/memoize.ts';
import { lettersFrom } from '../../model/nearest.ts';
import { rule, say } from '../../model/rule.ts';
import { hubName, imagesOf } from './_image-uses.ts';

export default rule({
  id: 'misspelt-image',
  on: 'pipeline',
  severity: 'high',
  confidence: 'medium',
  title: 'Image name is one letter away from a known one',
  why: 'Attackers register Docker Hub accounts whose names are one letter away from known ones, and wait for a slip. What is pulled then gets the workspace and the secrets of the step. A name that nobody has taken, or one without an owner, just makes the step fail.',
  fix: 'Use the name that the message suggests; the audit then knows what the image does. If this image really is the one you want, list it:\n\n```yaml\n# drone-audit.yml\nsite:\n  images: [octocat/tools]\n```',
  refs: ['https://docs.drone.io/pipeline/docker/syntax/images/', 'https://plugins.drone.io'],
  standards: { owasp: ['CICD-SEC-3'], cwe: ['CWE-829'] },
  supersedes: ['unpinned-image'],
  since: '0.1.0',
  effort: 'minutes',
  *judge(pipeline, { site }) {
    for (const { image, at, step, subject, related } of imagesOf(pipeline)) {
      const name = hubName(image);
      if (name === undefined || knownNames.has(name) || isTrusted(name, site) || isShort(name)) continue;
      const [meant, ...others] = namesNear(name);
      // One that is near two is as likely neither of them.
      if (meant === undefined || others.length > 0 || ownTools.has(name)) continue;
      const isOwned = name.includes('/');
      yield {
        at,
        subject,
        fills: { 'octocat/tools': name },
        message: say`image "${name}" is one letter away from "${meant}"${isOwned ? '' : ': there is no official image of this name, and nobody else can take it'}`,
        severity: isOwned ? 'high' : 'low',
        reach: step.reach,
        related,
      };
    }
  },
});

const knownNames: ReadonlySet<string> = new Set([
  ...commonImages,
  ...componentImages.keys(),
  ...[...deploymentPlugins.keys()].filter((name) => !name.split('/', 1)[0]?.includes('.')),
]);

/** The same images stand in many files. */
const namesNear = memoize((name) => lettersFrom(name, knownNames));

/** Tools whose names resemble those of official images, without being official images themselves. */
const ownTools: ReadonlySet<string> = new Set([
  'compose',
  'buildx',
  'helm',
  'git',
  'curl',
  'kubectl',
  'terraform',
  'packer',
  'ansible',
]);

/** Short words resemble each other by chance; what matters is the part that would be misspelt. */
function isShort(name: string): boolean {
  const slash = name.lastIndexOf('/');
  const owner = name.slice(0, Math.max(slash, 0));
  const last = name.slice(slash + 1);
  const shortest = 5;
  // `plugin/s3`: the owner differs, and it is long enough.
  return last.length < shortest && (owner.length < shortest || knownOwners.has(owner));
}

const knownOwners: ReadonlySet<string> = new Set(['plugins', 'drone']);
