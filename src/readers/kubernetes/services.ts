import type { Port } from '../../model/container.ts';
import { folderOf } from '../../model/file-name.ts';
import { addTo } from '../../model/groups.ts';
import type { Ingress } from '../../model/kubernetes.ts';
import type { Located } from '../../model/source.ts';
import { firstKeyOf, itemsOf, type Node } from '../yaml/tree.ts';
import { below, entriesOf, inBrackets, type Manifest, placeIn, textOf, textsOf } from './tree.ts';

/** How many Services are tried for one pod, and how many ports it gets from them; people have a handful. */
const maxServices = 1000;
const maxPorts = 200;

/** The Services that select a pod of a workload with such labels. */
export type FindServices = (workload: Manifest, labels: ReadonlyMap<string, string>) => readonly Manifest[];

/**
 * Indexes Services by one label of their selector, so that a pod is compared only with those that may select it. A Service
 * with pods in its own folder is not there for those of other folders: these are overlays, or other clusters.
 */
export function indexServices(manifests: readonly Manifest[]): FindServices {
  const byLabel = new Map<
    string,
    { service: Manifest; selector: ReadonlyMap<string, string>; isOfFolder: boolean }[]
  >();
  const labelsOfPods = podLabelsByFolder(manifests);
  for (const service of manifests) {
    if (service.kind !== 'Service') continue;
    const selector = labelsOf(below(service.node, 'spec', 'selector'));
    const first = selector.entries().next().value;
    if (!first) continue;
    const near = labelsOfPods.get(folderOf(service.source));
    const isOfFolder = near !== undefined && [...selector].every((label) => near.has(label.join('=')));
    addTo(byLabel, first.join('='), { service, selector, isOfFolder });
  }
  return ({ source, namespace }, labels) => {
    const found: Manifest[] = [];
    let tried = 0;
    for (const label of labels) {
      for (const { service, selector, isOfFolder } of byLabel.get(label.join('=')) ?? []) {
        if (tried++ >= maxServices) return found;
        const elsewhere = namespace !== undefined && service.namespace !== undefined && service.namespace !== namespace;
        if (elsewhere || (isOfFolder && folderOf(service.source) !== folderOf(source))) continue;
        if ([...selector].every(([key, value]) => labels.get(key) === value)) found.push(service);
      }
    }
    return found;
  };
}

/** The Services whose addresses Kubernetes puts into the environment of a workload's pods. */
export type FindLinks = (workload: Manifest) => readonly Located<string>[];

/**
 * Indexes Services by namespace and folder: those of other folders may be of another cluster. A headless Service and an
 * external name have no address to put anywhere (kubernetes pkg/kubelet/envvars/envvars.go).
 */
export function indexLinks(manifests: readonly Manifest[]): FindLinks {
  const byPlace = new Map<string, Located<string>[]>();
  const place = ({ namespace, source }: Manifest): string => `${namespace ?? ''} ${folderOf(source)}`;
  for (const service of manifests) {
    if (service.kind !== 'Service' || service.isPatch) continue;
    const spec = below(service.node, 'spec');
    if (textOf(below(spec, 'clusterIP')) === 'None' || textOf(below(spec, 'type')) === 'ExternalName') continue;
    const name = below(service.node, 'metadata', 'name');
    const at = placeIn(service, name ?? firstKeyOf(service.node), `${service.path}.name`);
    addTo(byPlace, place(service), { value: service.name, at });
  }
  return (workload) => (byPlace.get(place(workload)) ?? []).slice(0, maxServices);
}

/** The labels that workloads give their pods, by the folder of the workload. */
function podLabelsByFolder(manifests: readonly Manifest[]): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const { node, source } of manifests) {
    const labels = labelsOf(below(node, 'spec', 'template', 'metadata', 'labels'));
    const known = found.get(folderOf(source)) ?? new Set();
    for (const label of labels) known.add(label.join('='));
    if (known.size > 0) found.set(folderOf(source), known);
  }
  return found;
}

/** Labels or a selector as texts. */
export function labelsOf(node: Node | undefined): ReadonlyMap<string, string> {
  return new Map(entriesOf(node).flatMap(({ key, value }) => (value.kind === 'scalar' ? [[key, value.text]] : [])));
}

/** Names by which a Service is reached inside the cluster. */
export function aliasesOf(service: Manifest): readonly string[] {
  const { name, namespace } = service;
  if (namespace === undefined) return [name];
  return [name, `${name}.${namespace}`, `${name}.${namespace}.svc`, `${name}.${namespace}.svc.cluster.local`];
}

/** A port by which a Service admits traffic from outside; `target` is the port, or the name of the port, in the pod. */
export interface ServicePort {
  readonly target: string;
  readonly port: Omit<Port, 'containerPort'>;
}

/** Ports that Services publish on nodes, load balancers or addresses of their own. */
export function publishedBy(services: readonly Manifest[]): readonly ServicePort[] {
  const found: ServicePort[] = [];
  for (const service of services) {
    const spec = below(service.node, 'spec');
    const type = textOf(below(spec, 'type')) ?? 'ClusterIP';
    const addresses = textsOf(below(spec, 'externalIPs'));
    if (type !== 'NodePort' && type !== 'LoadBalancer' && addresses.length === 0) continue;
    for (const item of itemsOf(below(spec, 'ports'))) {
      const portNode = below(item, 'port');
      const port = textOf(portNode);
      if (!portNode || port === undefined) continue;
      const target = textOf(below(item, 'targetPort')) ?? port;
      const protocol = (textOf(below(item, 'protocol')) ?? 'TCP').toLowerCase();
      const nodePort = below(item, 'nodePort');
      const at = placeIn(service, nodePort ?? portNode, inBrackets(`${service.path}.ports`, port));
      const hostPort = type === 'LoadBalancer' ? port : textOf(nodePort);
      if (type === 'NodePort' || type === 'LoadBalancer')
        found.push({ target, port: { hostAddress: '', hostPort, protocol, at } });
      for (const address of addresses)
        found.push({ target, port: { hostAddress: address, hostPort: port, protocol, at } });
      if (found.length >= maxPorts) return found;
    }
  }
  return found;
}

/** The hosts of one Ingress; none for other kinds. */
export function readIngress(manifest: Manifest): readonly Ingress[] {
  if (manifest.kind !== 'Ingress') return [];
  const spec = below(manifest.node, 'spec');
  const secured = securedHosts(manifest);
  return itemsOf(below(spec, 'rules')).map((rule, index) => {
    const hostNode = below(rule, 'host');
    const host = textOf(hostNode) ?? '*';
    const backend = below(itemsOf(below(rule, 'http', 'paths'))[0], 'backend');
    // `serviceName` is the key in networking.k8s.io/v1beta1.
    const service = textOf(below(backend, 'service', 'name') ?? below(backend, 'serviceName'));
    return {
      host,
      tls: secured(host),
      service,
      namespace: manifest.namespace,
      at: placeIn(manifest, hostNode ?? rule, inBrackets(`${manifest.path}.rules`, hostNode ? host : String(index))),
    };
  });
}

/** Annotations that make controllers take a certificate from elsewhere. */
const certificateAnnotations: ReadonlySet<string> = new Set([
  'alb.ingress.kubernetes.io/certificate-arn',
  'ingress.gcp.kubernetes.io/pre-shared-cert',
  'networking.gke.io/managed-certificates',
  'appgw.ingress.kubernetes.io/appgw-ssl-certificate',
]);

function securedHosts(manifest: Manifest): (host: string) => boolean {
  const annotations = labelsOf(below(manifest.node, 'metadata', 'annotations'));
  const elsewhere =
    annotations.get('traefik.ingress.kubernetes.io/router.tls') === 'true' ||
    [...annotations.keys()].some((key) => certificateAnnotations.has(key));
  if (elsewhere) return () => true;
  const hosts = new Set<string>();
  for (const entry of itemsOf(below(manifest.node, 'spec', 'tls'))) {
    const named = textsOf(below(entry, 'hosts'));
    if (named.length === 0) return () => true;
    for (const host of named) hosts.add(host.toLowerCase());
  }
  return (host) => {
    const wanted = host.toLowerCase();
    return hosts.has(wanted) || hosts.has(wanted.replace(/^[^.]+/, '*'));
  };
}
