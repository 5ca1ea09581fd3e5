import { internalNames, wellKnownHosts } from '../../facts/known-hosts.ts';
import type { Pipeline } from '../../model/pipeline.ts';
import { reachOf, trustSeverity } from '../../model/reach.ts';
import type { Hit } from '../../model/rule.ts';
import { rule } from '../../model/rule.ts';
import type { Severity } from '../../model/severity.ts';
import type { Located, Location } from '../../model/source.ts';

export default rule({
  id: 'name-override',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'medium',
  title: 'Step or pod overrides host names',
  why: 'Whoever answers for a name decides what a build downloads and where it sends its credentials. Names that are set in the pipeline can be changed by everyone who may change the pipeline; on Kubernetes no trusted repository is needed for it.',
  fix: "Remove it, and configure names where the runner's operator does: the DNS of the host, or `DRONE_DOCKER_CONFIG` and the cluster's DNS. A pipeline's own services are found by name without it.",
  refs: [
    'https://docs.drone.io/pipeline/docker/syntax/steps/',
    'drone-runners/drone-runner-docker engine/linter/linter.go:100-179',
    'drone-runners/drone-runner-kube engine/resource/pipeline.go:26-227',
  ],
  standards: { owasp: ['CICD-SEC-5'] },
  since: '0.1.0',
  *judge(pipeline, { site }) {
    for (const step of [...pipeline.steps, ...pipeline.services]) {
      const overrides = [
        ...step.extraHosts.map(hostEntry),
        ...step.dns.map((server) => nameServer(server, server.at)),
        ...step.dnsSearch.map(searchDomain),
      ];
      const hit = hitOf(overrides, `"${step.name}"`);
      if (hit)
        yield {
          ...hit,
          subject: `${step.section}[${step.name}]`,
          severity: trustSeverity(site.trust, hit.severity),
          reach: reachOf(step.reach),
        };
    }
    const hit = hitOf(overridesOfPod(pipeline), 'the pod');
    if (hit) yield { ...hit, subject: 'pod', reach: reachOf(pipeline.reach) };
  },
});

interface Override {
  readonly at: Location;
  readonly what: string;
  readonly severity: 'high' | 'medium' | 'low';
}

const order: readonly Severity[] = ['high', 'medium', 'low'];

/** One hit for all overrides of a step or pod, at the worst of them. */
function hitOf(overrides: readonly Override[], owner: string): (Hit & { severity: Severity }) | undefined {
  const [worst, ...others] = [...overrides].sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
  if (!worst) return undefined;
  return {
    at: worst.at,
    message: `${owner} ${worst.what}`,
    severity: worst.severity,
    related: others.map(({ at, what }) => ({ at, message: `it ${what}` })),
  };
}

function overridesOfPod({ pod }: Pipeline): readonly Override[] {
  if (!pod) return [];
  const aliases = pod.hostAliases.flatMap(({ at, ip, hostnames }) =>
    hostnames.map((name) => override(name.value, ip?.value ?? '', at)),
  );
  return [
    ...aliases,
    ...pod.nameservers.map((server) => nameServer(server, pod.dnsConfigAt ?? server.at)),
    ...pod.searches.map(searchDomain),
  ];
}

/** `name:address` of Docker, where the address may have colons too. */
function hostEntry({ value, at }: Located<string>): Override {
  const colon = value.search(/[:=]/);
  return override(colon < 0 ? value : value.slice(0, colon), colon < 0 ? '' : value.slice(colon + 1), at);
}

function override(name: string, address: string, at: Location): Override {
  const isPrivate = isPrivateAddress(address);
  const severity = wellKnownHosts.test(name) ? 'high' : isPrivate && internalNames.test(name) ? 'low' : 'medium';
  return {
    at,
    what: `resolves "${name}" to ${isPrivate ? 'a private address' : 'another address'} of its own`,
    severity,
  };
}

function nameServer({ value, at }: Located<string>, place: Location): Override {
  return { at: place === at ? at : place, what: `asks name server "${value}" for every name`, severity: 'medium' };
}

function searchDomain({ value, at }: Located<string>): Override {
  return { at, what: `looks up short names below "${value}"`, severity: internalNames.test(value) ? 'low' : 'medium' };
}

function isPrivateAddress(address: string): boolean {
  return (
    address === 'host-gateway' ||
    /^(?:10\.|127\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.)/.test(address) ||
    /^(?:::1$|f[cd][0-9a-f]{2}:|fe80:)/i.test(address)
  );
}
