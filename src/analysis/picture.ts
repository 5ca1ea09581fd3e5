import { containersNamed, reaches } from '../drone/network.ts';
import { typesServedBy } from '../drone/runner-types.ts';
import { servicesOfRunning } from '../drone/running.ts';
import { scmNames, scmOf } from '../drone/scm.ts';
import { serverOf } from '../drone/topology.ts';
import type { Container } from '../model/container.ts';
import { addTo } from '../model/groups.ts';
import { exposesControlSocket } from '../model/host-paths.ts';
import { hostOf } from '../model/hosts.ts';
import type { Installation } from '../model/installation.ts';
import type { Picture, PictureEdge, PictureNode } from '../model/picture.ts';
import { allSteps, type Pipeline } from '../model/pipeline.ts';
import { isPublished } from '../model/ports.ts';
import { isRunner, type Role } from '../model/role.ts';
import { type Settings, setVariable } from '../model/settings.ts';
import { originOf } from '../model/source.ts';
import { ownWords, say, type Text } from '../model/text.ts';
import { databaseOf } from './database.ts';
import { calledExtensions } from './extensions.ts';

/** How many lines a part of the picture has, and how many pipelines are among them. */
const maxLines = 4;

/** Components that may use a container engine. */
const usersOfEngines: ReadonlySet<Role> = new Set(['runner-docker', 'agent', 'server', 'autoscaler', 'extension']);

/** An installation as a picture: only what the models say. */
export function pictureOf(installation: Installation): Picture {
  const canvas = new Canvas();
  draw(installation, canvas);
  return { nodes: canvas.nodes, edges: canvas.edges };
}

/** Collects parts under a key of their own, so that what was seen twice is drawn once. */
class Canvas {
  readonly nodes: PictureNode[] = [];
  readonly edges: PictureEdge[] = [];
  private readonly byKey = new Map<string, PictureNode>();
  private readonly known = new Set<string>();

  add(key: string, node: Omit<PictureNode, 'id'>): PictureNode {
    const there = this.byKey.get(key);
    const added = there
      ? { ...there, labels: [...there.labels, ...node.labels], seen: there.seen || node.seen }
      : { id: `n${this.nodes.length}`, ...node };
    if (there) this.nodes[this.nodes.indexOf(there)] = added;
    else this.nodes.push(added);
    this.byKey.set(key, added);
    return added;
  }

  lead(from: PictureNode, to: PictureNode, kind: PictureEdge['kind'], plain = false): void {
    const key = `${from.id} ${to.id} ${kind}`;
    if (this.known.has(key) || from.id === to.id) return;
    this.known.add(key);
    this.edges.push({ from: from.id, to: to.id, kind, ...(plain ? { plain } : {}) });
  }
}

function draw(installation: Installation, canvas: Canvas): void {
  const { settings, containers, owner } = installation;
  const declaredOf = servicesOfRunning(containers);
  const keyOf = ({ container, owner: own }: Pick<Settings, 'container' | 'owner'>): string =>
    container ? (declaredOf.get(container) ?? container).owner : own;
  const nodeOf = new Map<string, PictureNode>();
  const of = (each: Settings): PictureNode | undefined => nodeOf.get(keyOf(each));

  const add = (each: Settings, lane: PictureNode['lane'], kind: PictureNode['kind']): PictureNode => {
    const { at, label, container } = each;
    const node = canvas.add(keyOf(each), {
      lane,
      kind,
      source: at.source.name,
      name: container ? say`${container.name}` : label,
      lines: linesOf(each),
      labels: [label],
      sources: [],
      seen: true,
    });
    nodeOf.set(keyOf(each), node);
    return node;
  };

  for (const each of settings.filter(({ role }) => role === 'server')) {
    const server = add(each, 'server', 'server');
    const source = each.at.source.name;
    const scm = scmOf(each);
    if (scm)
      canvas.lead(
        canvas.add(`${owner} scm ${scm.provider}`, {
          ...{ lane: 'outside', kind: 'scm', source, labels: [], sources: [], seen: false },
          name: scmNames[scm.provider],
          lines: [say`accounts, repositories, events`],
        }),
        server,
        'events',
      );
    canvas.lead(server, canvas.add(`${keyOf(each)} database`, databaseNode(each)), 'sql');
  }
  for (const each of settings.filter(({ role }) => role === 'extension')) add(each, 'server', 'extension');
  for (const each of settings.filter(({ role }) => isRunner(role) || role === 'autoscaler')) {
    const runner = add(each, 'runner', 'runner');
    const server = serverOf(each, installation);
    const to = server && of(server);
    if (to) canvas.lead(runner, to, 'rpc', each.variables.get('DRONE_RPC_PROTO')?.value === 'http');
  }
  for (const each of settings)
    for (const { fact, endpoint } of calledExtensions(each)) {
      const caller = of(each);
      if (!caller || endpoint.value === undefined) continue;
      const host = hostOf(endpoint.value);
      const [named] = host && each.container ? containersNamed(host, each.container, installation) : [];
      const known = named && nodeOf.get((declaredOf.get(named) ?? named).owner);
      const node =
        known ??
        canvas.add(`${owner} extension ${host ?? fact.kind}`, {
          ...{
            lane: 'server',
            kind: 'extension',
            source: endpoint.at.source.name,
            labels: [],
            sources: [],
            seen: false,
          },
          name: say`${fact.kind}`,
          lines: host === undefined ? [] : [say`${host}`],
        });
      canvas.lead(caller, node, 'calls', endpoint.value.startsWith('http:'));
    }
  for (const container of containers.filter(({ role }) => role === 'proxy')) {
    const { owner: key, label, at, name } = declaredOf.get(container) ?? container;
    const proxy = canvas.add(key, {
      ...{ lane: 'server', kind: 'proxy', source: at.source.name, sources: [], seen: true },
      name: say`${name}`,
      labels: [label],
      lines: imageLines(container),
    });
    for (const each of settings)
      if (each.role === 'server' && each.container && reaches(container, each.container)) {
        const server = of(each);
        if (server) canvas.lead(proxy, server, 'proxied');
      }
  }
  drawBuilds(installation, canvas, of);
}

/** Builds by the type of their pipelines: which of several runners of a type takes one is decided when it runs. */
function drawBuilds(installation: Installation, canvas: Canvas, of: (each: Settings) => PictureNode | undefined): void {
  const { settings, pipelines, hosts, owner } = installation;
  const byType = new Map<string, Pipeline[]>();
  for (const pipeline of pipelines) if (!pipeline.script) addTo(byType, pipeline.type, pipeline);
  const builds = new Map<string, PictureNode>();
  for (const [type, ofType] of byType)
    builds.set(type, canvas.add(`${owner} builds ${type}`, buildsNode(type, ofType)));

  const engineOf = (each: Settings): PictureNode => {
    const { source } = each.at;
    const isCluster = each.role === 'runner-kube';
    const isDocker = usersOfEngines.has(each.role);
    const address = each.variables.get('DOCKER_HOST')?.value;
    const other = isDocker && address !== undefined ? hostOf(address) : undefined;
    const host = hosts.find(({ at }) => originOf(at.source.name) === originOf(source.name));
    // Manifests leave it to the cluster on which node a pod runs.
    const place = source.form === 'kubernetes' || source.form === 'helm-values' ? 'a node' : each.container?.project;
    const where = each.live ? originOf(source.name) : (place ?? source.name);
    return canvas.add(`${owner} engine ${isCluster} ${isDocker ? '' : each.role} ${other ?? where}`, {
      ...{ lane: 'host', kind: 'engine', source: source.name, sources: [], seen: host !== undefined },
      name: isCluster ? ownWords('Kubernetes') : isDocker ? ownWords('Container engine') : ownWords('Machine'),
      labels: host ? [host.label] : [],
      lines: [
        other === undefined ? say`of ${source.name.split('/').at(-1) ?? ''}` : say`at ${other}`,
        host?.rootless
          ? ownWords('rootless')
          : ownWords(isCluster ? 'runs the pods' : isDocker ? 'controls its host' : 'runs the builds'),
        ...(host ? [] : [ownWords('not asked')]),
      ],
    });
  };

  for (const each of settings) {
    const from = of(each);
    if (!from) continue;
    const types = typesServedBy(each);
    if (types.length > 0) {
      const engine = engineOf(each);
      canvas.lead(from, engine, usersOfEngines.has(each.role) ? 'socket' : 'runs on');
      for (const type of types) {
        const node = builds.get(type);
        if (!node) continue;
        canvas.lead(from, node, 'starts');
        canvas.lead(node, engine, 'runs on');
      }
    } else if (each.container && hasSocket(each.container)) canvas.lead(from, engineOf(each), 'socket');
  }
}

function hasSocket({ mounts }: Container): boolean {
  return mounts.some(({ source, type }) => type === 'bind' && source !== undefined && exposesControlSocket(source));
}

function buildsNode(type: string, pipelines: readonly Pipeline[]): Omit<PictureNode, 'id'> {
  const shown = pipelines.slice(0, pipelines.length > maxLines ? maxLines - 1 : maxLines);
  const more = pipelines.length - shown.length;
  return {
    ...{ lane: 'runner', kind: 'builds', source: pipelines[0]?.source.name ?? '', labels: [], seen: true },
    name: say`builds (${type})`,
    lines: [...shown.map(pipelineLine), ...(more > 0 ? [say`and ${more} more`] : [])],
    sources: [...new Set(pipelines.map(({ source }) => source.name))],
  };
}

function pipelineLine(pipeline: Pipeline): Text {
  const isPrivileged = allSteps(pipeline).some(({ privileged }) => privileged?.value === true);
  const folder = pipeline.source.name.split('/').at(-2);
  const name = say`${folder === undefined ? '' : `${folder}/`}${pipeline.name}`;
  return isPrivileged ? say`${name}, privileged` : name;
}

/** A server without a data source keeps SQLite in its data directory (harness/drone cmd/drone-server/config/config.go:480). */
function databaseNode(server: Settings): Omit<PictureNode, 'id'> {
  const database = databaseOf(server);
  const node = {
    lane: 'server',
    kind: 'database',
    source: server.at.source.name,
    labels: [],
    sources: [],
    seen: false,
  } as const;
  if (database)
    return {
      ...node,
      name: database.driver === 'postgres' ? ownWords('PostgreSQL') : ownWords('MySQL'),
      lines: [encryption(server)],
    };
  const isOther =
    setVariable(server, 'DRONE_DATABASE_DRIVER') !== undefined || setVariable(server, 'DRONE_DATABASE_DATASOURCE');
  const data = server.container?.mounts.find(({ target }) => target === '/data' || target === '/var/lib/drone');
  const where = data?.source === undefined ? [] : [say`${data.source}`];
  return { ...node, name: ownWords('database'), lines: [...(isOther ? [] : where), encryption(server)] };
}

function encryption(server: Settings): Text {
  if (setVariable(server, 'DRONE_DATABASE_SECRET')) return ownWords('secrets are encrypted');
  return server.complete ? ownWords('secrets in plain text') : ownWords('encryption not known');
}

function linesOf({ role, container, at, user }: Settings): readonly Text[] {
  if (!container) return [say`${role}`, say`${at.source.name}`, ...(user ? [say`user ${user.value}`] : [])];
  const ports = container.ports.filter(isPublished).flatMap(({ hostPort, containerPort }) => hostPort ?? containerPort);
  const isPrivileged = container.privileged?.value === true;
  return [
    ...imageLines(container),
    ...(ports.length > 0 ? [say`port ${ports.slice(0, 3).join(', ')}`] : []),
    ...(isPrivileged ? [ownWords('privileged')] : []),
  ];
}

function imageLines({ image, imageText }: Container): readonly Text[] {
  const [text = '', digest] = (image?.value.text ?? imageText?.value ?? '').split('@');
  if (text === '') return [];
  return digest === undefined ? [say`${text}`] : [say`${text}`, ownWords('by digest')];
}
