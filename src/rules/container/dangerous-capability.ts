import {
  defaultCapabilities,
  hostCapabilities,
  strongCapabilities,
  takeoverCapabilities,
} from '../../facts/capabilities.ts';
import { alsoAt, rule, type Severity, say, worstFirst } from '../../model/rule.ts';

const ofStep = `Find out who made this container: a pipeline has no key for capabilities, and the runner adds none. Something else did, with the labels of a step:

\`\`\`sh
docker inspect --format '{{.Created}} {{json .Config.Labels}}' drone-NAME
docker logs --tail 50 drone-NAME
docker rm --force drone-NAME
\`\`\`

If nobody knows it, a build may have got to the engine: treat the host as taken over, and replace the secrets of all its builds.`;

export default rule({
  id: 'dangerous-capability',
  on: 'container',
  severity: 'high',
  confidence: 'high',
  title: 'Container has a dangerous capability',
  why: "With `SYS_ADMIN`, `SYS_MODULE`, `SYS_PTRACE` and the like, a process in the container becomes root on the host or reads its memory and files: capabilities are slices of root's power.",
  fix: `Remove \`SYS_ADMIN\` and whatever else is added: no Drone component needs more than Docker's default. This is the least that server and runners work with:

\`\`\`yaml compose
cap_drop: [ALL]
cap_add: [NET_BIND_SERVICE] # only where it listens below port 1024
\`\`\`

\`\`\`yaml kubernetes
securityContext:
  capabilities:
    drop: [ALL]
    add: [NET_BIND_SERVICE] # only where it listens below port 1024
\`\`\`

\`\`\`sh docker-run
--cap-drop=ALL --cap-add=NET_BIND_SERVICE
\`\`\`

With \`ALL\` dropped, root obeys file permissions too: the data directory has to belong to the user of the container.`,
  refs: [
    'https://docs.docker.com/engine/security/#linux-kernel-capabilities',
    'https://man7.org/linux/man-pages/man7/capabilities.7.html',
  ],
  standards: { owasp: ['CICD-SEC-5'], cisDocker: { version: '1.6.0', ids: ['5.4'] }, cwe: ['CWE-250'] },
  needsRunning: true,
  since: '0.1.0',
  effort: 'minutes',
  *judge({ capAdd, role, label, name }) {
    const added = capAdd
      .map(({ value, at }) => ({ name: value.toUpperCase().replace(/^CAP_/, ''), at }))
      .filter(({ name }) => !defaultCapabilities.has(name) && /^[A-Z_]+$/.test(name))
      .map((each) => ({ ...each, severity: severityOf(each.name, role === 'step') }));
    added.sort(worstFirst);
    const [worst, ...others] = added;
    if (!worst) return;
    const fillsOf = (capability: string) => ({ SYS_ADMIN: capability, 'drone-NAME': name });
    yield {
      at: worst.at,
      subject: 'capabilities',
      fix: role === 'step' ? ofStep : undefined,
      fills: fillsOf(worst.name),
      message: say`${label} has the capabilit${others.length > 0 ? say`ies` : say`y`} ${added.map(({ name }) => `"${name}"`).join(', ')} beyond the default`,
      severity: worst.severity,
      related: others.map((other) =>
        alsoAt(other.at, say`"${other.name}" is added too`, {
          message: say`${label} has the capability "${other.name}" beyond the default`,
          severity: other.severity,
          fills: fillsOf(other.name),
        }),
      ),
    };
  },
});

function severityOf(name: string, isStep: boolean): Severity {
  if (isStep && takeoverCapabilities.has(name)) return 'critical';
  if (hostCapabilities.has(name)) return 'high';
  return strongCapabilities.has(name) ? 'medium' : 'low';
}
