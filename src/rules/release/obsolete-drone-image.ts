import { olderThan, parseVersion } from '../../drone/version.ts';
import { componentImages } from '../../facts/images.ts';
import { endedImages, runners, server } from '../../facts/versions.ts';
import { describeImage, type Image } from '../../model/container.ts';
import { rule, type Severity, say, type Text } from '../../model/rule.ts';
import { droneName } from './_outdated.ts';

export default rule({
  id: 'obsolete-drone-image',
  on: 'container',
  severity: 'medium',
  confidence: 'high',
  title: 'Image belongs to a Drone that ended',
  why: 'Drone 0.8 and the agent and controller of 1.x get no fixes, and a current server does not talk to them. A name that Drone never published fails to start, or starts whatever somebody else published under it, with the RPC secret in its environment.',
  fix: 'Use the current image, `drone/drone-runner-docker:1.8.5`. Runners need `DRONE_RPC_HOST`, `DRONE_RPC_PROTO` and `DRONE_RPC_SECRET`, the last as at the server; the docker runner also `/var/run/docker.sock`, and the Kubernetes runner `DRONE_NAMESPACE_DEFAULT`, `DRONE_POLICY_FILE` and `DRONE_TMATE_ENABLED=false`. The exec runner is a program without an image. An installation of 0.8 has to be set up anew, because its settings have other names.',
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
      fills: { 'drone/drone-runner-docker:1.8.5': successorOf(image.value) },
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

/** What takes the place of an image, in its newest release. */
function successorOf(image: Image): string {
  const name = droneName(image);
  const successor = componentImages.get(name)?.successor ?? (name === 'drone/drone' ? name : '');
  const product = [server, ...runners].find(({ images }) => images.includes(successor));
  return product ? `${successor}:${product.newest.version}` : '';
}
