import { droneName } from '../../analysis/known-release.ts';
import { olderThan, parseVersion } from '../../drone/version.ts';
import { componentImages } from '../../facts/images.ts';
import { endedImages, type Product, runners, server } from '../../facts/versions.ts';
import { describeImage, type Image } from '../../model/container.ts';
import type { Role } from '../../model/role.ts';
import { type Hit, rule, type Severity, say, type Text } from '../../model/rule.ts';

const runnerFix =
  'Use the current image, `drone/drone-runner-docker:1.8.5`. Runners need `DRONE_RPC_HOST`, `DRONE_RPC_PROTO` and `DRONE_RPC_SECRET`, the last as at the server, which has to be a current one too; the docker runner also `/var/run/docker.sock`, and the Kubernetes runner `DRONE_NAMESPACE_DEFAULT`, `DRONE_POLICY_FILE` and `DRONE_TMATE_ENABLED=false`. The exec runner is a program without an image.';

const serverFix =
  'Set the installation up from scratch with the current image, `drone/drone:2.28.2`: its settings have other names, and the agents of 0.8 do not talk to it. It runs no builds itself; a runner does (`drone/drone-runner-docker:1.8.5`), with the same `DRONE_RPC_SECRET` as the server.';

const renamedServerFix = 'Use the image that Drone publishes, `drone/drone:2.28.2`. It leaves builds to runners.';

export default rule({
  id: 'obsolete-drone-image',
  on: 'container',
  severity: 'medium',
  confidence: 'high',
  title: 'Image belongs to a Drone that ended',
  why: 'Drone 0.8 and the agent and controller of 1.x get no fixes, and a current server does not talk to them. A name that Drone never published fails to start, or starts whatever somebody else published under it, with the RPC secret in its environment.',
  fix: `${runnerFix} A server of 0.8 has to be set up from scratch with \`drone/drone:2.28.2\`, because its settings have other names.`,
  refs: [
    'https://docs.drone.io/runner/docker/installation/linux/',
    'harness/drone CHANGELOG.md 2.0.0',
    'drone-runners/drone-runner-docker docker/manifest.tmpl',
  ],
  standards: { owasp: ['CICD-SEC-3', 'CICD-SEC-7'], cwe: ['CWE-1104'] },
  supersedes: ['outdated-server', 'outdated-runner', 'unpinned-container-image'],
  since: '0.1.0',
  *judge(container) {
    const { image, built, role } = container;
    if (!image || role === 'step') return;
    const fault = faultOf(image.value, built);
    if (!fault) return;
    yield {
      at: image.at,
      subject: 'image',
      ...adviceFor(image.value, role),
      message: say`${describeImage(container)} ${fault.message}`,
      severity: fault.severity,
    };
  },
});

function faultOf(image: Image, built = false): { readonly message: Text; readonly severity: Severity } | undefined {
  const name = droneName(image);
  const successor = componentImages.get(name)?.successor;
  const instead = successor === undefined ? '' : `; "${successor}" is`;
  if (name === 'drone/drone' && olderThan(parseVersion(image.tag), [1]))
    return { message: say`is Drone 0.x, which reached its end of life in 2019`, severity: 'high' };
  if (endedImages.has(name))
    return {
      message: say`ended with Drone 2.0.0; "${successor ?? 'drone/drone-runner-docker'}" took its place`,
      severity: name === 'drone/agent' ? 'high' : 'medium',
    };
  // An image built here, or kept in a private registry, may have any name.
  if (built || image.registry !== undefined || componentImages.get(image.name)?.status !== 'invented') return undefined;
  return { message: say`is not an image that Drone publishes${instead}`, severity: 'medium' };
}

/** What to do instead, and which image that names. */
function adviceFor(image: Image, role: Role): Required<Pick<Hit, 'fix' | 'fills'>> {
  const successor = successorOf(image, role);
  if (successor?.product !== server)
    return { fix: runnerFix, fills: { 'drone/drone-runner-docker:1.8.5': successor?.image ?? '' } };
  const fix = droneName(image) === 'drone/drone' ? serverFix : renamedServerFix;
  return { fix, fills: { 'drone/drone:2.28.2': successor.image } };
}

/** What takes the place of an image, in its newest release. Before 0.8, the server's image was the agent's too. */
function successorOf(image: Image, role: Role): { product: Product; image: string } | undefined {
  const name = droneName(image);
  const own = name === 'drone/drone' ? (role === 'agent' ? 'drone/drone-runner-docker' : name) : '';
  const successor = componentImages.get(name)?.successor ?? own;
  const product = [server, ...runners].find(({ images }) => images.includes(successor));
  return product && { product, image: `${successor}:${product.newest.version}` };
}
