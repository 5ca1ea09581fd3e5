import { isPrivilegedImage } from '../../analysis/step-privilege.ts';
import { rule, say } from '../../model/rule.ts';

const ofChart = `Remove \`privileged: true\`; no Drone component needs it. The Docker daemon of the chart \`drone-runner-docker\` does: use the Kubernetes runner in its place, or keep it on nodes that serve nothing else and accept it (\`# drone-audit: ignore[privileged-container] nodes of its own\`).`;

export default rule({
  id: 'privileged-container',
  on: 'container',
  severity: 'high',
  confidence: 'high',
  title: 'Container is privileged',
  why: 'A privileged container has all capabilities and all devices of the host, without seccomp or AppArmor: whoever takes over its process takes over the host. No Drone component needs it.',
  fix: `Remove \`privileged: true\`; no Drone component needs it. Docker in Docker does, even its rootless image, unless sysbox runs it:

\`\`\`yaml compose
runtime: sysbox-runc
\`\`\`

\`\`\`yaml kubernetes
runtimeClassName: sysbox-runc # of the pod
\`\`\`

\`\`\`sh docker-run
--runtime=sysbox-runc
\`\`\`

Where sysbox is not installed, drop the container and let the runner use a rootless engine on the host, or accept it on a host that serves nothing else (\`# drone-audit: ignore[privileged-container] host of its own\`). A build step: remove \`privileged\` from the pipeline, or the trusted flag from the repository.`,
  refs: [
    'https://docs.docker.com/engine/containers/run/#runtime-privilege-and-linux-capabilities',
    'https://github.com/nestybox/sysbox',
  ],
  standards: { owasp: ['CICD-SEC-5'], cisDocker: { version: '1.6.0', ids: ['5.5'] }, cwe: ['CWE-250'] },
  supersedes: ['dangerous-capability', 'security-profile-off'],
  needsRunning: true,
  since: '0.1.0',
  effort: 'hours',
  *judge(container, { installation }) {
    if (container.privileged?.value !== true) return;
    const event = container.environment.variables.get('DRONE_BUILD_EVENT')?.value;
    const isPullRequest = container.role === 'step' && event === 'pull_request';
    const image = container.image?.value;
    if (container.role === 'step' && !isPullRequest && image && isPrivilegedImage(image, installation)) return;
    const isSidecar = container.role === 'docker' || container.observed?.rootless === true;
    const { form } = container.privileged.at.source;
    yield {
      at: container.privileged.at,
      fills: form === 'docker-run' ? { 'privileged: true': '--privileged' } : undefined,
      fix: form === 'helm-values' ? ofChart : undefined,
      message: say`${container.label} is privileged${isPullRequest ? say` in a build of a pull request` : ''}`,
      ...(container.role === 'server' || isPullRequest
        ? { severity: 'critical' }
        : isSidecar
          ? { severity: 'medium' }
          : {}),
    };
  },
});
