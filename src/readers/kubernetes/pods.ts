import { isComponent } from '../../facts/settings.ts';
import type { Container, Mount, Port } from '../../model/container.ts';
import { addTo } from '../../model/groups.ts';
import type { Remark } from '../../model/remark.ts';
import type { Role } from '../../model/role.ts';
import type { Located, Location } from '../../model/source.ts';
import { say, type Text } from '../../model/text.ts';
import { parseImage } from '../docker/image.ts';
import { readComponent } from '../env/settings.ts';
import { firstKeyOf, itemsOf, type Node } from '../yaml/tree.ts';
import { type Budget, readEnvironment } from './environment.ts';
import { isReference } from './marks.ts';
import type { Nearby } from './nearby.ts';
import type { FindObject, KeptObject } from './objects.ts';
import { readPolicies } from './policies.ts';
import { aliasesOf, type FindLinks, type FindServices, labelsOf, publishedBy, type ServicePort } from './services.ts';
import { below, entriesOf, flagOf, inBrackets, locatedIf, locatedIn, type Manifest, placeIn, textOf } from './tree.ts';

/** What the manifests of one audit say together. */
export interface Cluster {
  readonly find: FindObject;
  readonly services: FindServices;
  readonly links: FindLinks;
  /** Service accounts that state whether their token is mounted, by `namespace/name`. */
  readonly accounts: Nearby<Manifest>;
  readonly budget: Budget;
  /** Why a whole manifest is only partly known. */
  readonly gapsOf: (manifest: Manifest) => readonly Text[];
}

/** The containers of one workload, with what was learnt while reading it. */
export interface Pod {
  readonly manifest: Manifest;
  readonly containers: readonly Container[];
  readonly unknown: readonly Remark[];
  readonly secrets: readonly Location[];
  readonly used: readonly KeptObject[];
}

const templates: ReadonlyMap<string, readonly string[]> = new Map([
  ['Pod', []],
  ['PodTemplate', ['template']],
  ['Deployment', ['spec', 'template']],
  ['StatefulSet', ['spec', 'template']],
  ['DaemonSet', ['spec', 'template']],
  ['ReplicaSet', ['spec', 'template']],
  ['ReplicationController', ['spec', 'template']],
  ['Job', ['spec', 'template']],
  ['CronJob', ['spec', 'jobTemplate', 'spec', 'template']],
  // Argo Rollouts and OpenShift
  ['Rollout', ['spec', 'template']],
  ['DeploymentConfig', ['spec', 'template']],
]);

/** Reads a workload; undefined for kinds that start no pod. */
export function readPod(manifest: Manifest, cluster: Cluster): Pod | undefined {
  const keys = templates.get(manifest.kind);
  const template = keys && below(manifest.node, ...keys);
  const spec = below(template, 'spec');
  if (!template || !spec) return undefined;
  const labels = labelsOf(below(template, 'metadata', 'labels'));
  const services = cluster.services(manifest, labels);
  const builder: PodBuilder = {
    manifest,
    template,
    spec,
    labels,
    aliases: services.flatMap(aliasesOf),
    links: cluster.links(manifest),
    published: assignPorts(publishedBy(services), itemsOf(below(spec, 'containers'))),
    volumes: new Map(volumesOf(manifest, spec)),
    cluster,
    unknown: [],
    secrets: [],
    used: [],
  };
  const containers = [
    ...itemsOf(below(spec, 'initContainers')).map((node, index) =>
      readContainer(builder, 'initContainers', node, index),
    ),
    ...itemsOf(below(spec, 'containers')).map((node, index) => readContainer(builder, 'containers', node, index)),
  ];
  return { manifest, containers, unknown: builder.unknown, secrets: builder.secrets, used: builder.used };
}

interface PodBuilder {
  readonly manifest: Manifest;
  readonly template: Node;
  readonly spec: Node;
  readonly labels: ReadonlyMap<string, string>;
  readonly aliases: readonly string[];
  readonly links: readonly Located<string>[];
  readonly published: ReadonlyMap<Node, readonly Port[]>;
  readonly volumes: ReadonlyMap<string, VolumeSource>;
  readonly cluster: Cluster;
  readonly unknown: Remark[];
  readonly secrets: Location[];
  readonly used: KeptObject[];
}

function readContainer(
  pod: PodBuilder,
  section: 'containers' | 'initContainers',
  node: Node,
  index: number,
): Container {
  const { manifest, spec, cluster } = pod;
  const nameNode = below(node, 'name');
  const name = textOf(nameNode) ?? String(index);
  const path = inBrackets(`${manifest.path}.${section}`, name);
  const at = placeIn(manifest, nameNode ?? firstKeyOf(node), path);
  const label = say`container "${name}" of ${manifest.kind} "${manifest.name}"`;
  const owner = `${manifest.source.name}#${path}`;

  const imageNode = below(node, 'image');
  const imageText = textOf(imageNode);
  const image = imageText === undefined || isReference(imageText) ? undefined : parseImage(imageText);

  const environment = readEnvironment(manifest, node, path, cluster.find, cluster.budget);
  const gaps = [...cluster.gapsOf(manifest)];
  if (!imageNode) gaps.push(say`no image is written here; it may be a patch of another manifest`);
  else if (manifest.isPatch) gaps.push(say`it is a patch of another manifest`);
  for (const gap of gaps) pod.unknown.push({ at, message: gap });
  for (const unknown of [...environment.gaps, ...environment.unknown]) pod.unknown.push(unknown);
  for (const object of environment.used) pod.used.push(object);

  const entrypoint = listed(manifest, below(node, 'command'), `${path}.command`);
  const command = listed(manifest, below(node, 'args'), `${path}.args`);
  const read = readComponent({
    raw: environment.raw,
    gaps: [...gaps, ...environment.gaps.map((gap) => gap.message)],
    image,
    start: { command, entrypoint: entrypoint.length > 0 ? entrypoint : undefined },
    live: false,
  });
  for (const secret of read.secrets) pod.secrets.push(secret);

  const policyFile = read.environment.variables.get('DRONE_POLICY_FILE')?.value;
  const pull = below(node, 'imagePullPolicy');
  const probe = below(node, 'livenessProbe') ?? below(node, 'readinessProbe') ?? below(node, 'startupProbe');
  const restart = below(spec, 'restartPolicy');
  return {
    kind: 'container',
    owner,
    label,
    name,
    role: manifest.isPatch ? roleInPatch(read.role) : read.role,
    version: read.version,
    at,
    live: false,
    image: locatedIf(manifest, image, imageNode, `${path}.image`),
    imageText: image ? undefined : locatedIf(manifest, imageText, imageNode, `${path}.image`),
    tagFrom: imageNode && manifest.rendered?.defaultTags.get(imageNode),
    environment: read.environment,
    mounts: readMounts(pod, node, path),
    ports: [...declaredPorts(manifest, node, path), ...(pod.published.get(node) ?? [])],
    ...readSecurity(pod, node, name, path),
    ...readNamespaces(pod, path),
    ...readLimits(manifest, below(node, 'resources', 'limits'), path),
    ...(policyFile === undefined
      ? {}
      : { buildPolicies: readPolicies(policyFile, { manifest, spec, container: node, find: cluster.find }) }),
    ...readAccount(pod, path, imageNode && !manifest.isPatch ? at : undefined),
    devices: [],
    networks: [],
    aliases: pod.aliases,
    command,
    entrypoint,
    labels: new Map(
      entriesOf(below(pod.template, 'metadata', 'labels')).flatMap(({ key, value }) =>
        value.kind === 'scalar'
          ? [[key, locatedIn(manifest, value.text, value, inBrackets(`${path}.labels`, key))]]
          : [],
      ),
    ),
    logOptions: new Map(),
    restart: locatedIf(manifest, restarts.get(textOf(restart) ?? ''), restart, `${path}.restartPolicy`),
    healthcheck: locatedIf(manifest, true, probe, `${path}.probe`),
    serviceLinks: flagOf(below(spec, 'enableServiceLinks')) === false ? undefined : pod.links,
    pullPolicy: locatedIf(manifest, textOf(pull), pull, `${path}.imagePullPolicy`),
    project: manifest.namespace,
    gaps,
  };
}

/** A patch is part of the component that it is merged into, and none of its own. */
export function roleInPatch(role: Role): Role {
  return isComponent(role) ? 'unknown' : role;
}

const restarts: ReadonlyMap<string, string> = new Map([
  ['Always', 'always'],
  ['OnFailure', 'on-failure'],
  ['Never', 'no'],
]);

function listed(manifest: Manifest, node: Node | undefined, path: string): readonly Located<string>[] {
  return itemsOf(node).flatMap((item, index) =>
    item.kind === 'scalar' ? [locatedIn(manifest, item.text, item, inBrackets(path, String(index)))] : [],
  );
}

/** Confinement in Docker's words, so that one rule judges both. The container's context wins over the pod's. */
function readSecurity(
  pod: PodBuilder,
  node: Node,
  name: string,
  path: string,
): Pick<Container, 'privileged' | 'readOnlyRoot' | 'user' | 'capAdd' | 'capDrop' | 'securityOpt'> {
  const { manifest } = pod;
  const own = below(node, 'securityContext');
  const shared = below(pod.spec, 'securityContext');
  const either = (...keys: readonly string[]) => below(own, ...keys) ?? below(shared, ...keys);
  const place = <T>(value: T, where: Node, key: string) =>
    locatedIn(manifest, value, where, `${path}.securityContext.${key}`);

  const flagged = (key: string) =>
    locatedIf(manifest, flagOf(below(own, key)), below(own, key), `${path}.securityContext.${key}`);

  const user = either('runAsUser');
  const userText = textOf(user);
  const group = textOf(either('runAsGroup'));
  const nonRoot = either('runAsNonRoot');

  const options: Located<string>[] = [];
  const escalation = below(own, 'allowPrivilegeEscalation');
  if (escalation && flagOf(escalation) === false)
    options.push(place('no-new-privileges:true', escalation, 'allowPrivilegeEscalation'));
  for (const [field, option, profile] of [
    ['seccompProfile', 'seccomp', 'builtin'],
    ['appArmorProfile', 'apparmor', 'docker-default'],
  ] as const) {
    const type = either(field, 'type');
    const text = profileText(textOf(type), textOf(either(field, 'localhostProfile')), profile);
    if (type && text !== undefined) options.push(place(`${option}=${text}`, type, field));
  }
  for (const [annotation, option, profile] of [
    [`container.apparmor.security.beta.kubernetes.io/${name}`, 'apparmor', 'docker-default'],
    [`container.seccomp.security.alpha.kubernetes.io/${name}`, 'seccomp', 'builtin'],
    ['seccomp.security.alpha.kubernetes.io/pod', 'seccomp', 'builtin'],
  ] as const) {
    const value = below(pod.template, 'metadata', 'annotations', annotation);
    const text = textOf(value);
    if (!value || text === undefined || options.some((known) => known.value.startsWith(`${option}=`))) continue;
    const shown = text === 'unconfined' ? text : text.startsWith('localhost/') ? text.slice(10) : profile;
    options.push(locatedIn(manifest, `${option}=${shown}`, value, inBrackets(`${path}.annotations`, annotation)));
  }
  const seLinux = either('seLinuxOptions', 'type');
  const seLinuxType = textOf(seLinux);
  // Docker's `label=disable` runs as spc_t, the super privileged container.
  if (seLinux && seLinuxType !== undefined)
    options.push(
      place(seLinuxType === 'spc_t' ? 'label=disable' : `label=type:${seLinuxType}`, seLinux, 'seLinuxOptions'),
    );
  const procMount = below(own, 'procMount');
  if (procMount && textOf(procMount) === 'Unmasked')
    options.push(place('systempaths=unconfined', procMount, 'procMount'));

  return {
    privileged: flagged('privileged'),
    readOnlyRoot: flagged('readOnlyRootFilesystem'),
    user:
      user && userText !== undefined
        ? place(group === undefined ? userText : `${userText}:${group}`, user, 'runAsUser')
        : // With this set, the kubelet refuses to start as root, so it is another user, whatever the image says.
          nonRoot && flagOf(nonRoot)
          ? place('non-root', nonRoot, 'runAsNonRoot')
          : undefined,
    capAdd: listed(manifest, below(own, 'capabilities', 'add'), `${path}.securityContext.capabilities.add`),
    capDrop: listed(manifest, below(own, 'capabilities', 'drop'), `${path}.securityContext.capabilities.drop`),
    securityOpt: options,
  };
}

function profileText(type: string | undefined, local: string | undefined, builtIn: string): string | undefined {
  if (type === 'Unconfined') return 'unconfined';
  if (type === 'Localhost') return local;
  return type === 'RuntimeDefault' ? builtIn : undefined;
}

function readNamespaces(
  { manifest, spec }: PodBuilder,
  path: string,
): Pick<Container, 'networkMode' | 'pidMode' | 'ipcMode' | 'usernsMode' | 'runtime'> {
  const when = (key: string, flag: boolean, value: string): Located<string> | undefined => {
    const node = below(spec, key);
    return flagOf(node) === flag ? locatedIf(manifest, value, node, `${path}.${key}`) : undefined;
  };
  const runtime = below(spec, 'runtimeClassName');
  return {
    networkMode: when('hostNetwork', true, 'host'),
    pidMode: when('hostPID', true, 'host') ?? when('shareProcessNamespace', true, 'pod'),
    ipcMode: when('hostIPC', true, 'host'),
    usernsMode: when('hostUsers', false, 'private'),
    runtime: locatedIf(manifest, textOf(runtime), runtime, `${path}.runtimeClassName`),
  };
}

function readLimits(
  manifest: Manifest,
  limits: Node | undefined,
  path: string,
): Pick<Container, 'memoryLimit' | 'cpuLimit'> {
  const limit = (key: string): Located<number> | undefined =>
    locatedIf(manifest, quantity(textOf(below(limits, key))), below(limits, key), `${path}.limits.${key}`);
  return { memoryLimit: limit('memory'), cpuLimit: limit('cpu') };
}

const suffixes: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['n', 1e-9],
  ['u', 1e-6],
  ['m', 1e-3],
  ['k', 1e3],
  ['M', 1e6],
  ['G', 1e9],
  ['T', 1e12],
  ['P', 1e15],
  ['E', 1e18],
  ['Ki', 2 ** 10],
  ['Mi', 2 ** 20],
  ['Gi', 2 ** 30],
  ['Ti', 2 ** 40],
  ['Pi', 2 ** 50],
  ['Ei', 2 ** 60],
]);

/** A Kubernetes quantity (apimachinery pkg/api/resource/quantity.go): `500m`, `1.5`, `512Mi`, `1e3`. */
export function quantity(text: string | undefined): number | undefined {
  const [, number = '', suffix = ''] =
    /^\+?(\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})([eE][+-]?\d{1,3}|[numkMGTPE]|[KMGTPE]i)?$/.exec(text?.trim() ?? '') ?? [];
  if (number === '') return undefined;
  const exponent = /^[eE](.+)$/.exec(suffix)?.[1];
  const factor = exponent === undefined ? suffixes.get(suffix) : 10 ** Number(exponent);
  return factor === undefined ? undefined : Number(number) * factor;
}

/** `at` is the place of the container; absent for a patch, because the patched manifest may name the account. */
function readAccount(
  { manifest, spec, cluster }: PodBuilder,
  path: string,
  at: Location | undefined,
): Pick<Container, 'serviceAccount' | 'accountToken'> {
  // `serviceAccount` is the older name of `serviceAccountName`.
  const node = below(spec, 'serviceAccountName') ?? below(spec, 'serviceAccount');
  const name = textOf(node) ?? 'default';
  const found = cluster.accounts.find(`${manifest.namespace ?? ''}/${name}`, manifest.source);
  const account = found === 'ambiguous' ? undefined : found;
  const key = 'automountServiceAccountToken';
  const own = below(spec, key);
  const shared = below(account?.node, key);
  return {
    serviceAccount:
      locatedIf(manifest, name, node, `${path}.serviceAccountName`) ??
      (at && { value: name, at: { ...at, path: `${path}.serviceAccountName` } }),
    accountToken:
      locatedIf(manifest, flagOf(own), own, `${path}.${key}`) ??
      (account && locatedIf(account, flagOf(shared), shared, `${account.path}.${key}`)),
  };
}

/** A volume of the pod as its containers see it. */
interface VolumeSource {
  readonly type: Mount['type'];
  readonly source?: string;
  readonly node: Node;
}

function volumesOf(manifest: Manifest, spec: Node): [string, VolumeSource][] {
  const claims = itemsOf(below(manifest.node, 'spec', 'volumeClaimTemplates')).flatMap(
    (item): [string, VolumeSource][] => {
      const name = textOf(below(item, 'metadata', 'name'));
      return name === undefined ? [] : [[name, { type: 'volume', source: name, node: item }]];
    },
  );
  const volumes = itemsOf(below(spec, 'volumes')).flatMap((item): [string, VolumeSource][] => {
    const name = textOf(below(item, 'name'));
    return name === undefined ? [] : [[name, volumeSource(item)]];
  });
  return [...claims, ...volumes];
}

function volumeSource(item: Node): VolumeSource {
  const hostPath = below(item, 'hostPath', 'path');
  const path = textOf(hostPath);
  if (hostPath && path !== undefined) return { type: 'bind', source: path, node: hostPath };
  const claim = below(item, 'persistentVolumeClaim', 'claimName');
  const claimName = textOf(claim);
  if (claim && claimName !== undefined) return { type: 'volume', source: claimName, node: claim };
  const empty = entriesOf(item).find((entry) => entry.key === 'emptyDir');
  if (empty)
    return { type: textOf(below(empty.value, 'medium')) === 'Memory' ? 'tmpfs' : 'volume', node: empty.keyNode };
  return { type: 'other', node: firstKeyOf(item) };
}

const propagations: ReadonlyMap<string, string> = new Map([
  ['Bidirectional', 'rshared'],
  ['HostToContainer', 'rslave'],
  ['None', 'rprivate'],
]);

function readMounts(pod: PodBuilder, node: Node, path: string): readonly Mount[] {
  return itemsOf(below(node, 'volumeMounts')).map((item) => {
    const nameNode = below(item, 'name');
    const name = textOf(nameNode) ?? '';
    const volume = pod.volumes.get(name) ?? { type: 'other' as const, node: nameNode ?? firstKeyOf(item) };
    const target = textOf(below(item, 'mountPath'));
    const subPath = textOf(below(item, 'subPath'));
    const propagation = propagations.get(textOf(below(item, 'mountPropagation')) ?? '');
    const source =
      volume.type === 'bind' && volume.source !== undefined && subPath ? joined(volume.source, subPath) : volume.source;
    return {
      type: volume.type,
      source,
      target,
      subPath: volume.type === 'volume' && subPath && !isReference(subPath) ? subPath : undefined,
      readOnly: flagOf(below(item, 'readOnly')) === true,
      propagation,
      // The place where the host's path is written says most; two mounts of one volume differ by their path.
      at: placeIn(pod.manifest, volume.node, inBrackets(`${path}.volumeMounts`, target ?? name)),
    };
  });
}

function joined(folder: string, rest: string): string {
  return folder.endsWith('/') ? folder + rest : `${folder}/${rest}`;
}

function declaredPorts(manifest: Manifest, node: Node, path: string): readonly Port[] {
  return itemsOf(below(node, 'ports')).flatMap((item) => {
    const portNode = below(item, 'containerPort');
    const containerPort = textOf(portNode);
    if (!portNode || containerPort === undefined) return [];
    const protocol = (textOf(below(item, 'protocol')) ?? 'TCP').toLowerCase();
    const hostNode = below(item, 'hostPort');
    const hostPort = textOf(hostNode);
    const at = placeIn(manifest, hostNode ?? portNode, inBrackets(`${path}.ports`, containerPort));
    if (hostPort === undefined || hostPort === '0') return [{ containerPort, protocol, at }];
    return [{ hostAddress: textOf(below(item, 'hostIP')) ?? '', hostPort, containerPort, protocol, at }];
  });
}

/** Gives each port of a Service to the container that declares it, by name or number, or else to the first. */
function assignPorts(
  services: readonly ServicePort[],
  containers: readonly Node[],
): ReadonlyMap<Node, readonly Port[]> {
  const assigned = new Map<Node, Port[]>();
  const [first] = containers;
  if (!first || services.length === 0) return assigned;
  const declared = new Map<string, { readonly container: Node; readonly port: string }>();
  for (const container of containers)
    for (const item of itemsOf(below(container, 'ports'))) {
      const port = textOf(below(item, 'containerPort'));
      const name = textOf(below(item, 'name'));
      if (port === undefined) continue;
      if (!declared.has(port)) declared.set(port, { container, port });
      if (name !== undefined && !declared.has(name)) declared.set(name, { container, port });
    }
  for (const { target, port } of services) {
    const listener = declared.get(target) ?? { container: first, port: target };
    addTo(assigned, listener.container, { ...port, containerPort: listener.port });
  }
  return assigned;
}
