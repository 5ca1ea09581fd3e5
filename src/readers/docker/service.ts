import type { Container, Mount, Port } from '../../model/container.ts';
import { emptyReading, type Reading } from '../../model/reading.ts';
import { type Located, nameInPath, type Source } from '../../model/source.ts';
import { say } from '../../model/text.ts';
import { readComponent } from '../env/settings.ts';
import { secretsInLabels, secretsInWords } from '../secret-words.ts';
import {
  type Cursor,
  entriesOf,
  flag,
  locate,
  numberOf,
  positive,
  text,
  textOf,
  texts,
  under,
} from '../yaml/cursor.ts';
import { parseYaml } from '../yaml/parse.ts';
import { itemsOf, type MappingNode, type Node } from '../yaml/tree.ts';
import { environmentOf, healthcheckOf, labelsOf, mountTypes, namedSecrets, withoutPrefix } from './answer.ts';
import { parseImage } from './image.ts';

/**
 * A swarm service as the engine describes it, the text of a `docker-service://` source: the container that each of its
 * tasks runs (moby/moby api/types/swarm/service.go Service, container.go ContainerSpec).
 */
export function readService(source: Source): Reading {
  const { documents, problems } = parseYaml(source);
  const root = documents[0]?.root;
  // Half an answer would make settings in the missing half look unset.
  if (problems.length > 0) return { ...emptyReading, problems };
  const spec = under(root, 'Spec');
  if (root?.kind !== 'map' || under(spec, 'TaskTemplate', 'ContainerSpec')?.kind !== 'map') {
    const message = say`holds no swarm service that runs a container`;
    return { ...emptyReading, problems: [{ kind: 'empty', source: source.name, message, incomplete: true }] };
  }
  return serviceOf({ source, prefix: '' }, root);
}

const specPath = 'Spec.TaskTemplate.ContainerSpec';

/** Fields with free text: commands, checks, labels, options of the log driver. */
const freeText: readonly (readonly string[])[] = [
  ['Spec', 'Labels'],
  ...['Command', 'Args', 'Labels', 'Healthcheck'].map((key) => ['Spec', 'TaskTemplate', 'ContainerSpec', key]),
  ['Spec', 'TaskTemplate', 'LogDriver', 'Options'],
];

function serviceOf(cursor: Cursor, root: MappingNode): Reading {
  const spec = under(root, 'Spec');
  const task = under(spec, 'TaskTemplate');
  const own = under(task, 'ContainerSpec');
  const name = textOf(under(spec, 'Name')) ?? 'service';
  const at = locate(cursor, 'Spec.Name', under(spec, 'Name') ?? root);
  const asked = text(cursor, own, `${specPath}.Image`, 'Image');
  const image = asked && parseImage(asked.value);
  // `Command` takes the place of the entrypoint of the image, `Args` of its command.
  const entrypoint = texts(cursor, own, `${specPath}.Command`, 'Command');
  const command = texts(cursor, own, `${specPath}.Args`, 'Args');
  const variables = environmentOf(cursor, under(own, 'Env'), `${specPath}.Env`);
  const read = readComponent({ raw: variables, gaps: [], image, start: { entrypoint, command }, live: true });
  const labels = new Map([
    ...labelsOf(cursor, under(own, 'Labels'), `${specPath}.Labels`),
    ...labelsOf(cursor, under(spec, 'Labels'), 'Spec.Labels'),
  ]);
  const limits = under(task, 'Resources', 'Limits');
  const limitsPath = 'Spec.TaskTemplate.Resources.Limits';
  const cpus = positive(cursor, limits, `${limitsPath}.NanoCPUs`, 'NanoCPUs');
  const container: Container = {
    kind: 'container',
    owner: cursor.source.name,
    label: say`service "${name}"`,
    name,
    role: read.role,
    version: read.version,
    at,
    live: true,
    ...(asked && image ? { image: { value: image, at: asked.at } } : { imageText: asked }),
    environment: read.environment,
    mounts: mountsOf(cursor, own),
    ports: publishedPorts(cursor, spec),
    capAdd: texts(cursor, own, `${specPath}.CapabilityAdd`, 'CapabilityAdd').map(withoutPrefix),
    capDrop: texts(cursor, own, `${specPath}.CapabilityDrop`, 'CapabilityDrop').map(withoutPrefix),
    securityOpt: securityOptionsOf(cursor, under(own, 'Privileges')),
    devices: [],
    user: text(cursor, own, `${specPath}.User`, 'User'),
    readOnlyRoot: flag(cursor, own, `${specPath}.ReadOnly`, 'ReadOnly'),
    networks: networksOf(cursor, root, task),
    aliases: serviceNames(spec),
    command,
    entrypoint,
    labels,
    logDriver: text(cursor, under(task, 'LogDriver'), 'Spec.TaskTemplate.LogDriver.Name', 'Name'),
    logOptions: new Map(
      entriesOf(under(task, 'LogDriver', 'Options')).map(({ key, value }) => [key, textOf(value) ?? '']),
    ),
    restart: restartOf(cursor, under(task, 'RestartPolicy')),
    healthcheck: healthcheckOf(cursor, own, specPath),
    memoryLimit: positive(cursor, limits, `${limitsPath}.MemoryBytes`, 'MemoryBytes'),
    cpuLimit: cpus && { value: cpus.value / 1e9, at: cpus.at },
    pidsLimit: positive(cursor, limits, `${limitsPath}.Pids`, 'Pids'),
    project: labels.get('com.docker.stack.namespace')?.value,
    placement: placementOf(spec),
    gaps: [],
  };
  const check = texts(cursor, under(own, 'Healthcheck'), `${specPath}.Healthcheck.Test`, 'Test');
  return {
    ...emptyReading,
    containers: [container],
    secrets: [
      ...read.secrets,
      ...namedSecrets(cursor, root, freeText),
      ...[command, entrypoint, check].flatMap(secretsInWords),
      ...secretsInLabels(labels),
    ],
  };
}

function mountsOf(cursor: Cursor, own: Node | undefined): readonly Mount[] {
  const mounts = itemsOf(under(own, 'Mounts')).map((node): Mount => {
    const source = textOf(under(node, 'Source'));
    const target = textOf(under(node, 'Target'));
    const place = under(node, 'Source') ?? under(node, 'Target') ?? node;
    return {
      type: mountTypes[textOf(under(node, 'Type')) ?? ''] ?? 'other',
      source,
      target,
      readOnly: textOf(under(node, 'ReadOnly')) === 'true',
      propagation: textOf(under(node, 'BindOptions', 'Propagation')),
      at: locate(cursor, `${specPath}.Mounts[${nameInPath(target ?? '')}]`, place),
    };
  });
  for (const [kind, key, folder] of [
    ['Secrets', 'SecretName', '/run/secrets/'],
    ['Configs', 'ConfigName', '/'],
  ] as const)
    for (const node of itemsOf(under(own, kind))) {
      const file = textOf(under(node, 'File', 'Name')) ?? textOf(under(node, key));
      if (file === undefined) continue;
      const target = file.startsWith('/') ? file : folder + file;
      const place = under(node, key) ?? node;
      mounts.push({
        type: 'other',
        target,
        readOnly: true,
        at: locate(cursor, `${specPath}.${kind}[${nameInPath(file)}]`, place),
      });
    }
  return mounts;
}

/**
 * Published ports. In the mode `ingress` every node of the swarm listens on all addresses, in the mode `host` each node
 * with a task does.
 */
export function publishedPorts(cursor: Cursor, spec: Node | undefined, before = ''): readonly Port[] {
  return itemsOf(under(spec, 'EndpointSpec', 'Ports')).flatMap((node) => {
    const containerPort = textOf(under(node, 'TargetPort'));
    if (containerPort === undefined || !numberOf(under(node, 'TargetPort'))) return [];
    const protocol = textOf(under(node, 'Protocol')) ?? 'tcp';
    const published = under(node, 'PublishedPort');
    const hostPort = numberOf(published) ? textOf(published) : undefined;
    const place = (hostPort === undefined ? under(node, 'TargetPort') : published) ?? node;
    const at = locate(cursor, `${before}Spec.EndpointSpec.Ports[${containerPort}/${protocol}]`, place);
    return [{ hostAddress: '', hostPort, containerPort, protocol, at }];
  });
}

/** Constraints on the nodes where its tasks run. */
export function placementOf(spec: Node | undefined): readonly string[] {
  return itemsOf(under(spec, 'TaskTemplate', 'Placement', 'Constraints')).flatMap((item) => textOf(item) ?? []);
}

/** The names by which others on its networks reach a service, and each of its tasks (moby/moby libnetwork/service_common.go). */
export function serviceNames(spec: Node | undefined): readonly string[] {
  const name = textOf(under(spec, 'Name'));
  const lists = [under(spec, 'TaskTemplate', 'Networks'), under(spec, 'Networks')];
  const aliases = lists
    .flatMap(itemsOf)
    .flatMap((node) => itemsOf(under(node, 'Aliases')))
    .flatMap((alias) => textOf(alias) ?? []);
  return name === undefined ? aliases : [...new Set([name, `tasks.${name}`, ...aliases])];
}

/** Privileges in the words of `--security-opt`. */
function securityOptionsOf(cursor: Cursor, privileges: Node | undefined): readonly Located<string>[] {
  const found: Located<string>[] = [];
  const path = `${specPath}.Privileges`;
  const seccomp = text(cursor, under(privileges, 'Seccomp'), `${path}.Seccomp.Mode`, 'Mode');
  if (seccomp?.value === 'unconfined') found.push({ value: 'seccomp=unconfined', at: seccomp.at });
  const appArmor = text(cursor, under(privileges, 'AppArmor'), `${path}.AppArmor.Mode`, 'Mode');
  if (appArmor?.value === 'disabled') found.push({ value: 'apparmor=unconfined', at: appArmor.at });
  const noNew = flag(cursor, privileges, `${path}.NoNewPrivileges`, 'NoNewPrivileges');
  if (noNew?.value) found.push({ value: 'no-new-privileges', at: noNew.at });
  return found;
}

/** The engine writes the id of a network; the check notes its name beside. */
function networksOf(cursor: Cursor, root: MappingNode, task: Node | undefined): readonly Located<string>[] {
  const names = under(root, 'droneAudit', 'networks');
  const networks = new Map<string, Located<string>>();
  for (const [list, path] of [
    [under(task, 'Networks'), 'Spec.TaskTemplate.Networks'],
    [under(root, 'Spec', 'Networks'), 'Spec.Networks'],
  ] as const)
    for (const node of itemsOf(list)) {
      const target = text(cursor, node, path, 'Target');
      if (!target) continue;
      const value = textOf(under(names, target.value)) ?? target.value;
      networks.set(value, { value, at: { ...target.at, path: `${path}[${nameInPath(value)}]` } });
    }
  return [...networks.values()];
}

/** The restart policy of a service in the words of `--restart` (docker/compose pkg/compose/create.go getRestartPolicy). */
function restartOf(cursor: Cursor, policy: Node | undefined): Located<string> | undefined {
  const condition = text(cursor, policy, 'Spec.TaskTemplate.RestartPolicy.Condition', 'Condition');
  if (!condition) return undefined;
  const words: Readonly<Record<string, string>> = { any: 'always', none: 'no' };
  const value = words[condition.value] ?? condition.value;
  const count = numberOf(under(policy, 'MaxAttempts')) ?? 0;
  return { value: value === 'on-failure' && count > 0 ? `${value}:${count}` : value, at: condition.at };
}
