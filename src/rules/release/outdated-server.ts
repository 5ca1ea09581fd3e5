import { isBuilder } from '../../analysis/embedded-runner.ts';
import { onlyServerOf, productOf, reportedVersion, serversOf } from '../../analysis/known-release.ts';
import { isOn } from '../../analysis/setting-state.ts';
import { parseRelease } from '../../drone/release.ts';
import { publicAddress } from '../../drone/topology.ts';
import { olderThan, parseVersion } from '../../drone/version.ts';
import { asOf, server } from '../../facts/versions.ts';
import { describeImage } from '../../model/container.ts';
import { ownWords, rule, say } from '../../model/rule.ts';
import { type Settings, settingsOf } from '../../model/settings.ts';
import { newestOf, versionGap } from './_outdated.ts';

const firstRunner = `Set up a docker runner first, and then use the newest release, \`drone/drone:2.28.2\`: this server runs the builds itself, and the new one leaves them to runners. Until one runs, all builds stay pending. Both need the same RPC secret; set on the server:

\`\`\`env
DRONE_RPC_SECRET=<output of: openssl rand -hex 32>
\`\`\`

The runner (\`drone/drone-runner-docker\`), better on another host, takes it with \`DRONE_RPC_HOST=ci.example.com\` and \`DRONE_RPC_PROTO=https\`. Back up the database before the upgrade: the first start of a new version changes its tables.`;

/** For a server of 1.x that starts the pods of builds itself; the scheduler ended with 2.0.0 (harness/drone CHANGELOG.md). */
const firstKubernetesRunner = firstRunner
  .replace('docker runner', 'Kubernetes runner')
  .replace('runs the builds itself', 'starts the pods of builds itself (`DRONE_KUBERNETES_ENABLED`)')
  .replace('(`drone/drone-runner-docker`), better on another host, takes', '(`drone/drone-runner-kube`) takes');

export default rule({
  id: 'outdated-server',
  on: 'container',
  severity: 'low',
  confidence: 'high',
  title: 'Drone server is behind',
  why: 'Fixes arrive only in the newest 2.x, as updates of its libraries and its base image; 1.x and 0.8 no longer get any. No advisory says which release mends which fault, because Drone publishes none: that a scanner knows no CVE of this server shows little.',
  fix: 'Use the newest release, `drone/drone:2.28.2`; `docker buildx imagetools inspect drone/drone:2.28.2` shows whether its image is published. Back up the database first: the first start of a new version changes its tables. Agents of 1.x do not talk to it: replace them by runners. A server before 1.5 runs the builds itself; a current one leaves them to runners, so set one up first, with the same `DRONE_RPC_SECRET`. An installation of 0.8 has to be set up anew, because its settings have other names.',
  refs: [
    'https://docs.drone.io/server/overview/',
    'harness/drone CHANGELOG.md',
    'harness/drone docker/Dockerfile.server.linux.amd64',
  ],
  standards: { owasp: ['CICD-SEC-7'], cwe: ['CWE-1104'], cisDocker: { version: '1.6.0', ids: ['4.4'] } },
  since: '0.1.0',
  *judge(container, { installation }) {
    const { image, observed } = container;
    if (!image || !productOf(container, [server])) return;
    const { tag } = image.value;
    // A tag such as "2" or "latest" tells no release; the server itself does.
    const tellsNothing = isVague(tag);
    const reported = tellsNothing ? reportedVersion(container, installation) : undefined;
    const gap = versionGap(reported?.value ?? tag, server);
    const what = describeImage(container);
    const settings = settingsOf(container);
    const fills = {
      'drone/drone:2.28.2': newestOf(container, server),
      'ci.example.com': (settings && publicAddress(settings)) ?? '',
    };
    // A release above all floors is not a finding, even where a later one is known.
    if (gap?.severity)
      yield {
        at: image.at,
        subject: 'image',
        fills,
        message: reported ? say`${what} runs ${reported.value}, which ${gap.message}` : say`${what} ${gap.message}`,
        severity: gap.severity,
        related: reported ? [{ at: reported.at, message: say`it says so itself` }] : undefined,
        release: server.newest.version,
        fix: settings && fixFor(settings),
      };
    else if (!reported && tellsNothing && isLongAgo(observed?.imageCreated))
      yield {
        at: image.at,
        subject: 'image',
        fills,
        message: say`${what} was built on ${observed?.imageCreated?.slice(0, 10) ?? ''}, more than a year before ${ownWords(asOf)}`,
      };
  },
  *judgeEndpoint(endpoint, { installation }) {
    const version = endpoint.role === 'server' ? endpoint.answers.get('/version')?.facts.get('version') : undefined;
    const gap = versionGap(version?.value, server);
    if (!version || !gap?.severity) return;
    const container = onlyServerOf(installation);
    const image = container && productOf(container, [server]) ? container.image : undefined;
    const tag = image?.value.tag;
    // Of a server whose image says as much, or too little, that is the finding.
    if (image && isVague(tag)) return;
    if (serversOf(installation).some((each) => isReportedAs(each.image?.value.tag, version.value))) return;
    yield {
      at: version.at,
      subject: 'version',
      message: say`${endpoint.label} runs ${version.value}, which ${gap.message}${image ? say`; "${image.value.text}" is written for it` : ''}`,
      severity: gap.severity,
      related: image ? [{ at: image.at, message: say`another release is named here` }] : undefined,
    };
  },
});

/** Whether a tag names no release: `2`, `latest`. */
function isVague(tag: string | undefined): boolean {
  return (parseRelease(tag ?? '')?.numbers.length ?? 0) < 2;
}

/** Whether a server of this tag gives this release for its own. */
function isReportedAs(tag: string | undefined, reported: string): boolean {
  const numbers = parseRelease(tag ?? '')?.numbers ?? [];
  const own = parseRelease(reported)?.numbers ?? [];
  const known = parseRelease(server.reportedAs?.get(numbers.join('.')) ?? '')?.numbers;
  return [numbers, known].some((each) => each?.every((number, index) => own[index] === number));
}

/** The fix for a server whose upgrade would leave nothing that builds. */
function fixFor(settings: Settings): string | undefined {
  if (!olderThan(parseVersion(settings.version), [2]) || isOn(settings, 'DRONE_AGENTS_DISABLED')) return undefined;
  const fix = isOn(settings, 'DRONE_KUBERNETES_ENABLED') ? firstKubernetesRunner : firstRunner;
  return fix === firstKubernetesRunner || isBuilder(settings) ? fix : undefined;
}

/** Whether a time is more than 365 days before the list of releases was made. */
function isLongAgo(created: string | undefined): boolean {
  const built = Date.parse(created ?? '');
  return built > 0 && Date.parse(asOf) - built > 365 * 24 * 3600 * 1000;
}
