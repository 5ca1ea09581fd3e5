import { isOlderRelease } from '../../drone/release.ts';
import { engineFloors, isDistributionBuild, isVendorBuild } from '../../facts/engine-versions.ts';
import { asOf } from '../../facts/versions.ts';
import { ownWords, rule, say, worstFirst } from '../../model/rule.ts';

export default rule({
  id: 'outdated-docker-engine',
  on: 'host',
  severity: 'medium',
  confidence: 'medium',
  title: 'Docker engine no longer gets fixes',
  why: 'Steps run what others wrote, and the engine with its kernel is all that keeps them from the host. Escapes that are found from now on stay open in this release.',
  fix: `Update Docker from its own repository, when no build runs (\`drone queue pause\` keeps new ones back, and \`drone queue resume\` starts them):

\`\`\`sh
apt-get update && apt-get install docker-ce docker-ce-cli containerd.io
\`\`\`

A distribution that goes on mending an old release says so in its security tracker; accept the finding there, with the address.`,
  refs: [
    'https://docs.docker.com/engine/release-notes/',
    'https://github.com/moby/moby/blob/master/project/BRANCHES-AND-TAGS.md',
    'https://endoflife.date/docker-engine',
  ],
  standards: { owasp: ['CICD-SEC-7'], cwe: ['CWE-1104'] },
  since: '0.1.0',
  *judge({ label, product, version, platform }) {
    if (product !== 'docker' || !version) return;
    const [floor] = engineFloors.filter(({ below }) => isOlderRelease(version.value, below)).sort(worstFirst);
    if (!floor) return;
    const isMended = isDistributionBuild(version.value) || isVendorBuild(platform?.value ?? '');
    const doubt = floor.verified ? '' : ' (not verified)';
    const why = isMended
      ? say`its vendor may still backport fixes`
      : say`${floor.why} as of ${ownWords(asOf)}${ownWords(doubt)}`;
    yield {
      at: version.at,
      subject: 'version',
      message: say`${label} is ${version.value}, older than ${floor.below}: ${why}`,
      severity: isMended ? 'info' : floor.severity,
    };
  },
});
