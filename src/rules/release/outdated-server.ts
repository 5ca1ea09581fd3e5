import { parseRelease } from '../../drone/release.ts';
import { asOf, server } from '../../facts/versions.ts';
import { describeImage } from '../../model/container.ts';
import { ownWords, rule, say } from '../../model/rule.ts';
import { newestOf, productOf, versionGap } from './_outdated.ts';

export default rule({
  id: 'outdated-server',
  on: 'container',
  severity: 'low',
  confidence: 'high',
  title: 'Drone server is behind',
  why: 'Drone publishes no advisories. Fixes arrive as updates of its libraries and its base image, and only in the newest 2.x; 1.x and 0.8 no longer get any.',
  fix: 'Use the newest release, `drone/drone:2.28.2`. Back up the database first: the first start of a new version changes its tables. Agents of 1.x do not talk to it: replace them by runners. An installation of 0.8 has to be set up anew, because its settings have other names.',
  refs: [
    'https://docs.drone.io/server/overview/',
    'harness/drone CHANGELOG.md',
    'harness/drone docker/Dockerfile.server.linux.amd64',
  ],
  standards: { owasp: ['CICD-SEC-7'], cwe: ['CWE-1104'], cisDocker: { version: '1.6.0', ids: ['4.4'] } },
  since: '0.1.0',
  *judge(container) {
    const { image, observed } = container;
    if (!image || !productOf(container, [server])) return;
    const { tag } = image.value;
    const gap = versionGap(tag, server);
    const what = describeImage(container);
    const fills = { 'drone/drone:2.28.2': newestOf(container, server) };
    // A release above all floors is not a finding, even where a later one is known.
    if (gap?.severity)
      yield {
        at: image.at,
        subject: 'image',
        fills,
        message: say`${what} ${gap.message}`,
        severity: gap.severity,
        release: server.newest.version,
      };
    else if (isLongAgo(observed?.imageCreated) && (parseRelease(tag ?? '')?.numbers.length ?? 0) < 2)
      yield {
        at: image.at,
        subject: 'image',
        fills,
        message: say`${what} was built on ${observed?.imageCreated?.slice(0, 10) ?? ''}, more than a year before ${ownWords(asOf)}`,
      };
  },
});

/** Whether a time is more than 365 days before the list of releases was made. */
function isLongAgo(created: string | undefined): boolean {
  const built = Date.parse(created ?? '');
  return built > 0 && Date.parse(asOf) - built > 365 * 24 * 3600 * 1000;
}
