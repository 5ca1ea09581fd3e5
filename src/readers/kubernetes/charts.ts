import {
  type ChartFact,
  type ChartValue,
  droneChart,
  kubernetesSecretsChart,
  runnerDockerChart,
  runnerKubeChart,
  stableDroneChart,
  vaultSecretsChart,
} from '../../facts/charts.ts';
import type { Remark } from '../../model/remark.ts';
import type { Source, Span } from '../../model/source.ts';
import { say, type Text } from '../../model/text.ts';
import { goFloat, printed, scalarType } from '../compose/scalars.ts';
import { roleOf } from '../env/settings.ts';
import { type Entry, firstKeyOf, isNull, itemsOf, type MappingNode, type Node, type ScalarNode } from '../yaml/tree.ts';
import { isDroneSetting } from './names.ts';
import { below, entriesOf, entryOf, flagOf, inBrackets, type Manifest, type Rendered, textOf } from './tree.ts';

/*
 * What Drone's Helm charts make of their values. Each chart is rendered to the objects that matter to an audit, from
 * the written values merged over the chart's own; nodes keep their places.
 */

interface Chart extends ChartFact {
  readonly render: (values: Node, make: Make) => readonly Node[];
}

/** The values of one chart, and where they are written. */
export interface ChartValues {
  readonly source: Source;
  readonly values: Node;
  /** The key that holds the values, if there is one. */
  readonly key?: Node | undefined;
  /** The name of the chart, or of the key that holds its values; empty if there is none. */
  readonly hint: string;
  /** Path of the values; empty for a whole file. */
  readonly path: string;
  /** The name of the chart's objects, if known: the release, or the alias of a subchart. */
  readonly name?: string;
  readonly namespace?: string | undefined;
  /** Why there may be more values than these. */
  readonly gaps?: readonly Text[];
}

/** Renders the chart that the values belong to. If no chart is recognised, only `env` and `image` are read. */
export function readChart(given: ChartValues): { manifests: readonly Manifest[]; unknown: readonly Remark[] } {
  const { source, values, namespace } = given;
  const chart = chartOf(given) ?? unknownChart;
  const assumed = new Set<Node>();
  const left = new Set<string>();
  const span = given.key?.span ?? firstKeyOf(values).span;
  const merged = layOver(values, chart.defaults, { span, path: '', assumed, left }) ?? values;
  const paths = new Map<Node, string>();
  collectPaths(values, given.path, paths);
  const root: MappingNode = merged.kind === 'map' ? merged : { kind: 'map', entries: [], span };
  const defaultTags = new Map<Node, string>();
  const make = maker(root, chart, { span, assumed, paths, defaultTags }, given.name);
  const lacking = [...missingVariable(merged, chart), ...(given.gaps ?? [])];
  const prefix = given.path === '' ? '' : `${given.path}.`;
  const manifests = chart.render(make.values, make).map((node): Manifest => {
    const kind = textOf(below(node, 'kind')) ?? '';
    const name = textOf(below(node, 'metadata', 'name')) ?? '';
    const own = textOf(below(node, 'metadata', 'namespace')) ?? namespace;
    const path = `${prefix}${inBrackets(kind, name)}`;
    // What is missing is missing from the ConfigMap, so it affects only the container that uses it.
    const gaps = kind === 'ConfigMap' ? lacking : chart.gap === undefined ? [] : [chart.gap];
    const rendered: Rendered = { gaps, assumed, paths, defaultTags };
    return { source, node, kind, name, namespace: own, path, rendered };
  });
  if (left.size === 0) return { manifests, unknown: [] };
  const shown = `${[...left].slice(0, 12).join(', ')}${left.size > 12 ? ', …' : ''}`;
  const message = say`chart default of ${chart.name} ${chart.version} assumed: ${shown}`;
  return { manifests, unknown: [{ at: { source, path: given.path, span }, message }] };
}

function missingVariable(values: Node, { required }: Chart): readonly Text[] {
  if (required === undefined || itemsOf(below(values, 'extraSecretNamesForEnvFrom')).length > 0) return [];
  if (entriesOf(below(values, 'env')).some(({ key, value }) => key.toUpperCase() === required && !isNull(value)))
    return [];
  return [say`${required} is not among these values, so there are others elsewhere`];
}

function collectPaths(node: Node, path: string, paths: Map<Node, string>): void {
  if (paths.has(node)) return;
  paths.set(node, path);
  if (node.kind === 'map')
    for (const { key, keyNode, value } of node.entries) {
      const own = joinedPath(path, key);
      if (!paths.has(keyNode)) paths.set(keyNode, own);
      collectPaths(value, own, paths);
    }
  if (node.kind === 'seq')
    for (const [index, item] of node.items.entries()) collectPaths(item, inBrackets(path, String(index)), paths);
}

interface Overlay {
  /** That of the nearest written key. */
  readonly span: Span;
  readonly path: string;
  readonly assumed: Set<Node>;
  /** Paths of defaults that an audit judges. */
  readonly left: Set<string>;
}

const judged =
  /^(?:env\.|(?:image|dind|gc)\.(?:repository|tag)$|dind\.(?:commandArgs|securityContext\.privileged|enabled)$)/;

/** Values over defaults as Helm coalesces them: mappings merge, anything else replaces, null removes. */
function layOver(node: Node | undefined, defaults: ChartValue | undefined, overlay: Overlay): Node | undefined {
  if (node && isNull(node)) return undefined;
  if (defaults === undefined) return node;
  if (!node) return assume(defaults, overlay);
  if (node.kind !== 'map' || typeof defaults === 'string' || isList(defaults)) return node;
  const written = entriesOf(node);
  const keys = new Set(written.map((entry) => entry.key));
  const entries: Entry[] = [];
  for (const entry of written) {
    const path = joinedPath(overlay.path, entry.key);
    const value = layOver(entry.value, own(defaults, entry.key), { ...overlay, span: entry.keyNode.span, path });
    if (value) entries.push({ ...entry, value });
  }
  for (const [key, value] of Object.entries(defaults))
    if (!keys.has(key)) {
      const made = assume(value, { ...overlay, path: joinedPath(overlay.path, key) });
      entries.push({ key, keyNode: scalar(key, overlay.span), value: made });
    }
  return { kind: 'map', entries, span: node.span };
}

function isList(plain: ChartValue): plain is readonly ChartValue[] {
  return Array.isArray(plain);
}

function own(defaults: { readonly [key: string]: ChartValue }, key: string): ChartValue | undefined {
  return Object.hasOwn(defaults, key) ? defaults[key] : undefined;
}

function joinedPath(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function assume(plain: ChartValue, overlay: Overlay): Node {
  const made = assumeNode(plain, overlay);
  overlay.assumed.add(made);
  return made;
}

function assumeNode(plain: ChartValue, overlay: Overlay): Node {
  const { span } = overlay;
  if (typeof plain === 'string') {
    if (plain !== '' && judged.test(overlay.path)) overlay.left.add(overlay.path);
    return scalar(plain, span);
  }
  if (isList(plain)) return { kind: 'seq', items: plain.map((item) => assume(item, overlay)), span };
  const entries = Object.entries(plain).map(([key, value]) => ({
    key,
    keyNode: scalar(key, span),
    value: assume(value, { ...overlay, path: joinedPath(overlay.path, key) }),
  }));
  return { kind: 'map', entries, span };
}

function scalar(text: string, span: Span): ScalarNode {
  return { kind: 'scalar', text, style: 'double', span };
}

/** Builds the nodes of rendered objects. */
interface Make {
  readonly values: Node;
  readonly name: string;
  /** A mapping of the parts that exist. */
  readonly map: (parts: { readonly [key: string]: Node | undefined }) => MappingNode;
  readonly list: (...items: readonly (Node | undefined)[]) => Node;
  /** Text from the template itself. */
  readonly text: (text: string) => ScalarNode;
  /** The same, placed at a key of the values that it belongs to. */
  readonly named: (text: string, key: string) => ScalarNode;
  readonly object: (
    kind: string,
    name: string | Node,
    parts: { readonly [key: string]: Node | undefined },
    namespace?: Node,
  ) => Node;
  /** `env:` as `data` of a ConfigMap: names in upper case, values quoted. */
  readonly data: (env: Node | undefined) => Node;
  readonly image: (image: Node | undefined) => Node | undefined;
}

interface Nodes {
  readonly span: Span;
  readonly assumed: Set<Node>;
  readonly paths: Map<Node, string>;
  readonly defaultTags: Map<Node, string>;
}

function maker(values: MappingNode, chart: Chart, nodes: Nodes, known?: string): Make {
  const { span } = nodes;
  const text = (content: string) => scalar(content, span);
  const map: Make['map'] = (parts) => ({
    kind: 'map',
    entries: Object.entries(parts).flatMap(([key, value]) => (value ? [{ key, keyNode: text(key), value }] : [])),
    span,
  });
  return {
    values,
    name:
      textOf(below(values, 'fullnameOverride')) ||
      textOf(below(values, 'nameOverride')) ||
      known ||
      chart.name.replace(/^.*\//, ''),
    map,
    named: (content, key) => scalar(content, entryOf(values, key)?.keyNode.span ?? span),
    list: (...items) => ({ kind: 'seq', items: items.flatMap((item) => item ?? []), span }),
    text,
    object: (kind, name, parts, namespace) =>
      map({
        kind: text(kind),
        metadata: map({ name: typeof name === 'string' ? text(name) : name, namespace }),
        ...parts,
      }),
    data: (env) => ({
      kind: 'map',
      entries: entriesOf(env).flatMap(({ key, keyNode, value }) => {
        const quoted = asPrinted(value, nodes);
        return quoted ? [{ key: key.toUpperCase(), keyNode, value: quoted }] : [];
      }),
      span,
    }),
    image: (image) => imageOf(image, chart, nodes),
  };
}

const yes = /^(?:yes|Yes|YES|on|On|ON|True|TRUE)$/;
const no = /^(?:no|No|NO|off|Off|OFF|False|FALSE)$/;

/**
 * A value as a template prints it: YAML 1.1 booleans become `true` and `false`; every number is a float64, so that
 * 12345678 is `1.2345678e+07` (helm 3.22.0); null is left out.
 */
function asPrinted(value: Node, nodes: Nodes): Node | undefined {
  if (isNull(value)) return undefined;
  if (value.kind !== 'scalar' || value.style !== 'plain') return value;
  const isNumber = scalarType(value.text) === 'number';
  const number = isNumber ? goFloat(Number(printed(value.text))) : value.text;
  const text = yes.test(value.text) ? 'true' : no.test(value.text) ? 'false' : number;
  if (text === value.text) return value;
  const quoted = scalar(text, value.span);
  const path = nodes.paths.get(value);
  if (path !== undefined) nodes.paths.set(quoted, path);
  return quoted;
}

/** `registry/repository:tag`, placed at the tag if it is written, otherwise at the repository. */
function imageOf(image: Node | undefined, chart: Chart, nodes: Nodes): Node | undefined {
  const registry = below(image, 'registry');
  const repository = below(image, 'repository');
  const tag = below(image, 'tag');
  const name = textOf(repository);
  if (!repository || name === undefined || name === '') return undefined;
  // Older values include the registry in the repository.
  const host = /^[^/.:]*[.:][^/]*\//.test(name) ? '' : (textOf(registry) ?? '');
  const version = textOf(tag && asPrinted(tag, nodes)) ?? '';
  const written = [tag, repository].find((node) => node && !nodes.assumed.has(node));
  const node = scalar(`${host && `${host}/`}${name}${version && `:${version}`}`, (written ?? repository).span);
  const path = written && nodes.paths.get(written);
  if (path !== undefined) nodes.paths.set(node, path);
  if (!written) nodes.assumed.add(node);
  if (tag && version !== '' && nodes.assumed.has(tag))
    nodes.defaultTags.set(node, `the default of chart "${chart.name}" ${chart.version}`);
  return node;
}

function envFrom(make: Make, configMap: string): Node {
  const { values, map, named, list } = make;
  return list(
    map({ configMapRef: map({ name: named(configMap, 'env') }) }),
    ...itemsOf(below(values, 'extraSecretNamesForEnvFrom')).map((name) => map({ secretRef: map({ name }) })),
    ...itemsOf(below(values, 'envFrom')),
  );
}

function workload(make: Make, name: string, spec: { readonly [key: string]: Node | undefined }): Node {
  const { map, text, object } = make;
  const labels = map({ chart: text(name) });
  return object('Deployment', name, {
    spec: map({ template: map({ metadata: map({ labels }), spec: map(spec) }) }),
  });
}

function service(make: Make, name: string, port: Node | undefined): Node {
  const { values, map, text, list, object } = make;
  const settings = below(values, 'service');
  const ports = map({ port, targetPort: text('http'), nodePort: below(settings, 'nodePort') });
  return object('Service', name, {
    spec: map({ type: below(settings, 'type'), selector: map({ chart: text(name) }), ports: list(ports) }),
  });
}

function ingress(make: Make, name: string): readonly Node[] {
  const { values, map, text, list, object } = make;
  const settings = below(values, 'ingress');
  if (flagOf(below(settings, 'enabled')) !== true) return [];
  const backend = map({ service: map({ name: text(name) }) });
  const http = map({ paths: list(map({ backend })) });
  const rules = itemsOf(below(settings, 'hosts')).map((item) =>
    // The chart of Drone 1.x lists bare names.
    map({ host: item.kind === 'scalar' ? item : below(item, 'host'), http }),
  );
  const metadata = map({ name: text(name), annotations: below(settings, 'annotations') });
  const made = object('Ingress', name, { metadata, spec: map({ rules: list(...rules), tls: below(settings, 'tls') }) });
  return [made];
}

function accountName(make: Make): Node {
  const settings = below(make.values, 'serviceAccount');
  const name = below(settings, 'name');
  if (name && textOf(name) !== '') return name;
  return make.text(flagOf(below(settings, 'create')) === false ? 'default' : make.name);
}

function httpPort(make: Make, port: string): Node {
  return make.list(make.map({ name: make.text('http'), containerPort: make.text(port) }));
}

/** A container with all variables in a ConfigMap, as most charts have it; named `server` if nothing else is said. */
function simpleServer(make: Make, port: string, more: { readonly [key: string]: Node | undefined }): Node {
  const { values, map } = make;
  return map({
    name: make.named('server', 'env'),
    image: make.image(below(values, 'image')),
    imagePullPolicy: below(values, 'image', 'pullPolicy'),
    securityContext: below(values, 'securityContext'),
    resources: below(values, 'resources'),
    envFrom: envFrom(make, make.name),
    ports: httpPort(make, port),
    ...more,
  });
}

function configMap(make: Make): Node {
  return make.object('ConfigMap', make.name, { data: make.data(below(make.values, 'env')) });
}

const drone: Chart = {
  ...droneChart,
  render(values, make) {
    const { map, text, list } = make;
    const storage = below(values, 'persistentVolume');
    const claim = below(storage, 'existingClaim');
    const claimName = claim && textOf(claim) !== '' ? claim : text(make.name);
    const persistent = flagOf(below(storage, 'enabled')) === true;
    const probe = map({ httpGet: map({ path: text('/healthz') }) });
    const mount = map({ name: text('storage-volume'), mountPath: below(storage, 'mountPath') });
    const volume = map({
      name: text('storage-volume'),
      persistentVolumeClaim: persistent ? map({ claimName }) : undefined,
      emptyDir: persistent ? undefined : map({}),
    });
    const server = simpleServer(make, '80', {
      livenessProbe: probe,
      volumeMounts: list(mount, ...itemsOf(below(values, 'extraVolumeMounts'))),
    });
    return [
      configMap(make),
      workload(make, make.name, {
        serviceAccountName: accountName(make),
        automountServiceAccountToken: below(values, 'automountServiceAccountToken'),
        securityContext: below(values, 'podSecurityContext'),
        containers: list(server, ...itemsOf(below(values, 'extraContainers'))),
        volumes: list(...itemsOf(below(values, 'extraVolumes')), volume),
      }),
      service(make, make.name, below(values, 'service', 'port')),
      ...ingress(make, make.name),
    ];
  },
};

const runnerDocker: Chart = {
  ...runnerDockerChart,
  render(values, make) {
    const { map, text, list } = make;
    const probe = map({ exec: map({}) });
    const dockerHost = map({ name: text('DOCKER_HOST'), value: below(values, 'env', 'DOCKER_HOST') });
    const sidecar = (key: string, more: { readonly [key: string]: Node | undefined }) => {
      const settings = below(values, key);
      return map({
        name: make.named(key, key),
        image: make.image(settings),
        imagePullPolicy: below(settings, 'pullPolicy'),
        securityContext: below(settings, 'securityContext'),
        resources: below(settings, 'resources'),
        ...more,
      });
    };
    const dind = sidecar('dind', {
      command: below(values, 'dind', 'command'),
      args: below(values, 'dind', 'commandArgs'),
      livenessProbe: probe,
      volumeMounts: below(values, 'dind', 'extraVolumeMounts'),
    });
    const gcEnv = variables(make, below(values, 'gc', 'env'));
    const gc = flagOf(below(values, 'gc', 'enabled')) ? sidecar('gc', { env: list(dockerHost, ...gcEnv) }) : undefined;
    const fieldPath = map({ fieldPath: text('metadata.name') });
    const runnerName = map({ name: text('DRONE_RUNNER_NAME'), valueFrom: map({ fieldRef: fieldPath }) });
    const runner = simpleServer(make, '3000', {
      name: make.named('drone-runner-docker', 'env'),
      env: list(dockerHost, runnerName),
      livenessProbe: probe,
      volumeMounts: below(values, 'extraVolumeMounts'),
    });
    return [
      configMap(make),
      workload(make, make.name, {
        serviceAccountName: accountName(make),
        securityContext: below(values, 'podSecurityContext'),
        containers: list(dind, gc, runner),
        volumes: below(values, 'extraVolumes'),
      }),
      service(make, make.name, below(values, 'service', 'port')),
      ...ingress(make, make.name),
    ];
  },
};

/** A role in a namespace, bound to the chart's account. */
function boundRole(make: Make, namespace: Node, rules: Node): readonly Node[] {
  const { map, text, list, object, name } = make;
  return [
    object('Role', name, { rules }, namespace),
    object(
      'RoleBinding',
      name,
      {
        roleRef: map({ kind: text('Role'), name: text(name) }),
        subjects: list(map({ kind: text('ServiceAccount'), name: text(name) })),
      },
      namespace,
    ),
  ];
}

function accessRule(make: Make, resources: readonly string[], verbs: readonly string[], names?: Node): Node {
  const { map, text, list } = make;
  return map({
    apiGroups: list(text('')),
    resources: list(...resources.map(text)),
    verbs: list(...verbs.map(text)),
    resourceNames: names,
  });
}

const runnerKube: Chart = {
  ...runnerKubeChart,
  render(values, make) {
    const { list, text } = make;
    const server = simpleServer(make, '3000', { volumeMounts: below(values, 'extraVolumeMounts') });
    const rules = list(
      accessRule(make, ['secrets'], ['create', 'delete']),
      accessRule(make, ['pods', 'pods/log'], ['get', 'create', 'delete', 'list', 'watch', 'update']),
    );
    return [
      configMap(make),
      workload(make, make.name, {
        serviceAccountName: text(make.name),
        securityContext: below(values, 'podSecurityContext'),
        containers: list(server),
        volumes: below(values, 'extraVolumes'),
      }),
      service(make, make.name, below(values, 'service', 'port')),
      ...ingress(make, make.name),
      ...itemsOf(below(values, 'rbac', 'buildNamespaces')).flatMap((namespace) => boundRole(make, namespace, rules)),
    ];
  },
};

function secretsExtension(fact: ChartFact): Chart {
  return {
    ...fact,
    render(values, make) {
      const { list, text } = make;
      const namespace = below(values, 'rbac', 'secretNamespace');
      const names = below(values, 'rbac', 'restrictToSecrets');
      // Only the extension that reads Secrets of the cluster has templates for roles.
      const bound = fact === kubernetesSecretsChart && flagOf(below(values, 'rbac', 'enabled')) && namespace;
      return [
        configMap(make),
        workload(make, make.name, {
          serviceAccountName: text(make.name),
          securityContext: below(values, 'podSecurityContext'),
          containers: list(simpleServer(make, '3000', {})),
        }),
        service(make, make.name, below(values, 'service', 'port')),
        ...(bound ? boundRole(make, bound, list(accessRule(make, ['secrets'], ['get', 'watch'], names))) : []),
      ];
    },
  };
}

const kubernetesSecrets = secretsExtension(kubernetesSecretsChart);
const vaultSecrets = secretsExtension(vaultSecretsChart);

/** Each variable of a mapping as an item of `env`. */
function variables(make: Make, env: Node | undefined): readonly Node[] {
  const data = make.data(env);
  return entriesOf(data).map(({ keyNode, value }) => make.map({ name: keyNode, value }));
}

/** `server.envSecrets` names Secrets and those of their keys that become variables. */
function secretVariables(make: Make, envSecrets: Node | undefined): readonly Node[] {
  const { map } = make;
  return entriesOf(envSecrets).flatMap(({ keyNode, value }) =>
    itemsOf(value).map((key) => map({ name: key, valueFrom: map({ secretKeyRef: map({ name: keyNode, key }) }) })),
  );
}

const stableDrone: Chart = {
  ...stableDroneChart,
  render(values, make) {
    const { map, text, list } = make;
    const server = below(values, 'server');
    const shared = below(values, 'sharedSecret');
    const secret = map({ secretKeyRef: map({ name: text(make.name), key: text('secret') }) });
    const rpc = (name: string) =>
      shared ? map({ name: text(name), value: shared }) : map({ name: text(name), valueFrom: secret });
    const given = (name: string, ...path: readonly string[]): readonly Node[] => {
      const value = below(server, ...path);
      return value ? variables(make, map({ [name]: value })) : [];
    };
    const host = below(server, 'host');
    const protocol = below(server, 'protocol');
    const serverContainer = map({
      name: make.named('server', 'server'),
      image: make.image(below(values, 'images', 'server') ?? below(values, 'image')),
      securityContext: below(server, 'securityContext'),
      resources: below(server, 'resources'),
      env: list(
        host ? map({ name: text('DRONE_SERVER_HOST'), value: host }) : undefined,
        protocol ? map({ name: text('DRONE_SERVER_PROTO'), value: protocol }) : undefined,
        rpc('DRONE_RPC_SECRET'),
        ...given('DRONE_LOGS_DEBUG', 'logs', 'debug'),
        ...given('DRONE_LOGS_TRACE', 'logs', 'trace'),
        ...given('DRONE_DATABASE_DRIVER', 'database', 'driver'),
        ...given('DRONE_DATABASE_DATASOURCE', 'database', 'dataSource'),
        ...secretVariables(make, below(server, 'envSecrets')),
        ...variables(make, below(server, 'env')),
      ),
      ports: httpPort(make, '80'),
      livenessProbe: map({}),
    });
    const containers = [
      workload(make, `${make.name}-server`, {
        serviceAccountName: accountName(make),
        containers: list(serverContainer),
      }),
    ];
    const agent = below(values, 'agent');
    const inside = flagOf(below(values, 'dind', 'enabled')) === true;
    if (agent && flagOf(below(server, 'kubernetes', 'enabled')) !== true) {
      const dockerHost = map({ name: text('DOCKER_HOST'), value: text('tcp://localhost:2375') });
      const socket = text('/var/run/docker.sock');
      const agentContainer = map({
        name: make.named('agent', 'agent'),
        image: make.image(below(values, 'images', 'agent')),
        resources: below(agent, 'resources'),
        env: list(rpc('DRONE_SECRET'), inside ? dockerHost : undefined, ...variables(make, below(agent, 'env'))),
        securityContext: inside ? undefined : map({ privileged: text('true') }),
        volumeMounts: inside ? undefined : list(map({ name: text('docker-socket'), mountPath: socket })),
      });
      const dind = map({
        name: make.named('dind', 'dind'),
        image: make.image(below(values, 'images', 'dind')) ?? text('docker.io/library/docker:18.06.1-ce-dind'),
        env: list(...variables(make, below(values, 'dind', 'env'))),
        resources: below(values, 'dind', 'resources'),
        securityContext: map({ privileged: text('true') }),
      });
      const volume = map({ name: text('docker-socket'), hostPath: map({ path: socket }) });
      containers.push(
        workload(make, `${make.name}-agent`, {
          serviceAccountName: accountName(make),
          containers: list(agentContainer, inside ? dind : undefined),
          volumes: inside ? undefined : list(volume),
        }),
      );
    }
    return [
      ...containers,
      service(make, `${make.name}-server`, below(values, 'service', 'httpPort')),
      ...ingress(make, `${make.name}-server`),
    ];
  },
};

const unknownChart: Chart = {
  name: 'drone',
  version: '',
  gap: say`it is not known which chart these values are for`,
  defaults: {},
  render: (values, make) => [
    configMap(make),
    workload(make, make.name, {
      securityContext: below(values, 'podSecurityContext'),
      containers: make.list(simpleServer(make, '80', {})),
    }),
  ],
};

/** Longer names first, because each is searched for in file names. */
const charts: readonly Chart[] = [kubernetesSecrets, vaultSecrets, runnerDocker, runnerKube, drone];

const chartOfImage: ReadonlyMap<string, Chart> = new Map([
  ['drone', drone],
  ['drone-runner-docker', runnerDocker],
  ['drone-runner-kube', runnerKube],
  ['kubernetes-secrets', kubernetesSecrets],
  ['vault', vaultSecrets],
]);

function chartOf({ values, hint, source }: ChartValues): Chart | undefined {
  const repository = textOf(below(values, 'image', 'repository')) ?? '';
  if (isStable(values)) return stableDrone;
  const ofImage = chartOfImage.get(repository.slice(repository.lastIndexOf('/') + 1));
  if (ofImage && /drone/.test(repository)) return ofImage;
  const hinted = charts.find((chart) => chart.name === hint);
  if (hinted && hinted !== drone) return hinted;
  const names = new Set(entriesOf(below(values, 'env')).map((entry) => entry.key));
  const role = roleOf(undefined, undefined, names);
  if (role === 'server' || names.has('DRONE_SERVER_HOST')) return drone;
  if (below(values, 'dind') || below(values, 'gc')) return runnerDocker;
  if (role === 'runner-kube' || below(values, 'rbac', 'buildNamespaces')) return runnerKube;
  if (names.has('VAULT_ADDR') || names.has('VAULT_TOKEN')) return vaultSecrets;
  if (names.has('SECRET_KEY')) return kubernetesSecrets;
  const named = charts.find((chart) => chart !== drone && source.name.includes(chart.name));
  return named ?? hinted;
}

function isStable(values: Node): boolean {
  const server = below(values, 'server');
  const agent = below(values, 'agent');
  return (
    hasDroneEnvironment(server) ||
    hasDroneEnvironment(agent) ||
    /drone\/drone/.test(textOf(below(values, 'images', 'server', 'repository')) ?? '') ||
    (below(values, 'sourceControl', 'provider') !== undefined && server !== undefined)
  );
}

function hasDroneEnvironment(node: Node | undefined): boolean {
  return entriesOf(below(node, 'env')).some((entry) => isDroneSetting(entry.key.toUpperCase()));
}

/** The charts whose variables do not name Drone. */
const secretsCharts = /(?:^|\/)drone-(?:kubernetes|vault)-secrets(?=\/|$)/;

/** Whether a text holds the values of an extension for secrets: in the folder of its chart, below its name, or by their keys. */
export function looksLikeSecretsChart(text: string, name: string): boolean {
  if (!/^[ \t]*["']?env["']?[ \t]*:/m.test(text)) return false;
  if (/^[ \t]*["']?drone-(?:kubernetes|vault)-secrets["']?[ \t]*:/m.test(text)) return true;
  const isNamed = /(?:^|\/)values[^/]*\.ya?ml$/.test(name) && secretsCharts.test(name);
  return isNamed || (/\bSECRET_KEY\b/.test(text) && /\b(?:secretNamespace|restrictToSecrets)\b/.test(text));
}

function isOfSecretsChart(node: Node, hint: string, name: string): boolean {
  if (!below(node, 'env')) return false;
  if (secretsCharts.test(hint) || (hint === '' && secretsCharts.test(name))) return true;
  const names = new Set(entriesOf(below(node, 'env')).map((entry) => entry.key));
  const rights = below(node, 'rbac');
  return names.has('SECRET_KEY') && Boolean(below(rights, 'secretNamespace') ?? below(rights, 'restrictToSecrets'));
}

/** Whether a mapping holds the values of one of Drone's charts; `hint` is the key that holds it, `name` that of the file. */
export function isChartValues(node: Node, hint = '', name = ''): boolean {
  if (isOfSecretsChart(node, hint, name)) return true;
  if (hasDroneEnvironment(node) || isStable(node)) return true;
  const repository = textOf(below(node, 'image', 'repository')) ?? '';
  return /(?:^|\/)drone\/|(?:^|\/)drone-/.test(repository);
}

/** Whether values are for one of Drone's charts, judging by the chart's name or by the values. */
export function isForDrone(chart: string, values: Node): boolean {
  return charts.some((known) => known.name === chart) || isChartValues(values);
}
