import { reachOfPipeline } from '../../drone/reach.ts';
import type { Pipeline, PipelineStream, PodSettings, SecretDocument, Volume } from '../../model/pipeline.ts';
import type { Located, Location } from '../../model/source.ts';
import { say } from '../../model/text.ts';
import type { MappingNode } from '../yaml/tree.ts';
import { readConditions } from './conditions.ts';
import { type Field, type Fields, fieldsOf, itemInPath } from './fields.ts';
import { runnerShape, type Shape } from './shapes.ts';
import { readSteps } from './step.ts';
import {
  locate,
  plainValues,
  type Reader,
  type StructReader,
  stepValues,
  structReader,
  textField,
  textList,
  valueField,
} from './values.ts';

/** A document of the stream that is being read. */
export interface Place {
  readonly root: MappingNode;
  /** The beginning of its paths: `pipeline[build]`. */
  readonly path: string;
  /** Its name in paths. */
  readonly name: string;
  readonly index: number;
}

/** Reads a document as the pipeline that the server and the runner for its type make of it. */
export function readPipeline(reader: Reader, place: Place, stream: PipelineStream): Pipeline {
  const { root, path } = place;
  const fields = fieldsOf([root]);
  const at = locate(reader, path, root);
  const { text, list, map, struct } = structReader(reader, fields, path);
  const name = text('name');
  const kind = text('kind');
  const type = text('type');
  const typeName = type?.value || 'docker';
  const shape = runnerShape('pipeline', typeName);
  const known = (key: string): Field | undefined =>
    shape === undefined || shape.fields.has(key) ? fields.get(key) : undefined;
  const trigger = readConditions(reader, fields.get('trigger'), `${path}.trigger`);
  const reach = reachOfPipeline(trigger);
  const nameAt = name?.at ?? kind?.at ?? at;
  const target = (key: string, fallback: string): Located<string> => {
    const written = struct('platform').text(key);
    return written?.value ? written : { value: fallback, at: { ...nameAt, path: `${path}.platform.${key}` } };
  };
  const owner = { path, reach, trigger };
  return {
    kind: 'pipeline',
    owner: `${reader.source.name}#${path}`,
    label: say`pipeline "${place.name}"`,
    source: reader.source,
    index: place.index,
    name: name?.value || 'default',
    nameAt,
    at,
    type: typeName,
    typeAt: type?.at,
    // Without a kind, the server refuses the file; it is read as what was meant.
    documentKind: kind && kind.value !== '' ? kind : { value: 'pipeline', at },
    os: target('os', 'linux'),
    arch: target('arch', 'amd64'),
    steps: readSteps(reader, known('steps'), 'steps', { ...owner, keys: stepKeys(shape, 'steps') }),
    services: readSteps(reader, known('services'), 'services', { ...owner, keys: stepKeys(shape, 'services') }),
    volumes: readVolumes(reader, known('volumes'), `${path}.volumes`),
    trigger,
    reach,
    dependsOn: list('depends_on'),
    node: map('node'),
    clone: readClone(struct('clone')),
    imagePullSecrets: textList(reader, known('image_pull_secrets'), `${path}.image_pull_secrets`),
    environment: plainValues(reader, known('environment'), `${path}.environment`),
    workspace: readWorkspace(reader, fields.get('workspace'), `${path}.workspace`),
    concurrencyLimit: struct('concurrency').text('limit'),
    server: stepValues(reader, known('server'), `${path}.server`),
    token: valueField(reader, known('token'), `${path}.token`),
    pool: known('pool') && struct('pool').text('use'),
    pod: typeName === 'kubernetes' ? readPod(reader, fields, path) : undefined,
    legacy: false,
    stream,
  };
}

/** The keys of steps in a type; undefined if the type is unknown. */
function stepKeys(shape: Shape | undefined, section: string): ReadonlySet<string> | undefined {
  const list = shape?.is === 'struct' ? shape.fields.get(section) : undefined;
  if (list?.is !== 'list' || list.of.is !== 'struct') return undefined;
  return new Set(list.of.fields.keys());
}

function readClone({ text, truth }: StructReader): Pipeline['clone'] {
  return {
    disable: truth('disable'),
    skipVerify: truth('skip_verify'),
    depth: text('depth'),
    retries: text('retries'),
    trace: truth('trace'),
  };
}

export function readWorkspace(reader: Reader, field: Field | undefined, path: string): Pipeline['workspace'] {
  const fields = fieldsOf(field?.nodes ?? []);
  if (fields.size === 0) return undefined;
  const { text } = structReader(reader, fields, path);
  return { base: text('base'), path: text('path') };
}

function readVolumes(reader: Reader, field: Field | undefined, path: string): Volume[] {
  const list = field?.last;
  if (list?.kind !== 'seq') return [];
  return list.items.flatMap((node, index) =>
    node.kind === 'map' ? [readVolume(reader, node, `${path}[${itemInPath(list, index)}]`)] : [],
  );
}

function readVolume(reader: Reader, node: MappingNode, path: string): Volume {
  const fields = fieldsOf([node]);
  /** A kind of volume with its content, if it is given: null means no volume, an empty mapping means one. */
  const part = (key: string): { fields: Fields; at: Location } | undefined => {
    const field = fields.get(key);
    return field?.last.kind === 'map'
      ? { fields: fieldsOf(field.nodes), at: locate(reader, `${path}.${key}`, field.last) }
      : undefined;
  };
  const named = (key: string, inner: string): Located<string> | undefined => {
    const found = part(key);
    if (!found) return undefined;
    return textField(reader, found.fields.get(inner), `${path}.${key}.${inner}`) ?? { value: '', at: found.at };
  };
  const temp = part('temp');
  return {
    name: textField(reader, fields.get('name'), `${path}.name`)?.value ?? '',
    at: locate(reader, path, node),
    hostPath: named('host', 'path'),
    temp: temp && { medium: textField(reader, temp.fields.get('medium'), `${path}.temp.medium`), at: temp.at },
    claim: named('claim', 'name'),
    configMap: named('config_map', 'name'),
    secret: named('secret', 'name'),
  };
}

function readPod(reader: Reader, fields: Fields, path: string): PodSettings {
  const { text, map, struct } = structReader(reader, fields, path);
  const metadata = struct('metadata');
  const dns = fields.get('dns_config');
  return {
    namespace: metadata.text('namespace'),
    annotations: metadata.map('annotations'),
    labels: metadata.map('labels'),
    serviceAccountName: text('service_account_name'),
    nodeName: text('node_name'),
    nodeSelector: map('node_selector'),
    tolerations: structsOf(reader, fields.get('tolerations'), `${path}.tolerations`).map(({ at, own }) => ({
      at,
      key: own.text('key'),
      operator: own.text('operator'),
      value: own.text('value'),
      effect: own.text('effect'),
    })),
    hostAliases: structsOf(reader, fields.get('host_aliases'), `${path}.host_aliases`).map(({ at, own }) => ({
      at,
      ip: own.text('ip'),
      hostnames: own.list('hostnames'),
    })),
    nameservers: struct('dns_config').list('nameservers'),
    searches: struct('dns_config').list('searches'),
    dnsConfigAt: dns && fieldsOf(dns.nodes).size > 0 ? locate(reader, `${path}.dns_config`, dns.keyNode) : undefined,
  };
}

/** The structs in a list, with their places. */
function structsOf(
  reader: Reader,
  field: Field | undefined,
  path: string,
): { readonly at: Location; readonly own: StructReader }[] {
  const list = field?.last;
  if (list?.kind !== 'seq') return [];
  return list.items.flatMap((node, index) => {
    const here = `${path}[${index}]`;
    if (node.kind !== 'map') return [];
    return [{ at: locate(reader, here, node), own: structReader(reader, fieldsOf([node]), here) }];
  });
}

export function readSecret(reader: Reader, { root, path }: Place): SecretDocument {
  const { text, struct } = structReader(reader, fieldsOf([root]), path);
  const get = struct('get');
  return {
    name: text('name'),
    at: locate(reader, path, root),
    data: text('data'),
    path: get.text('path'),
    externalName: get.text('name'),
    externalKey: get.text('key'),
  };
}

export function readCron(reader: Reader, { root, path }: Place): PipelineStream['crons'][number] {
  const { text, struct } = structReader(reader, fieldsOf([root]), path);
  const spec = struct('spec');
  return {
    at: locate(reader, path, root),
    name: text('name'),
    schedule: spec.text('schedule'),
    branch: spec.text('branch'),
    target: spec.struct('deployment').text('target'),
  };
}

export function readRegistry(reader: Reader, { root, path }: Place): PipelineStream['registries'][number] {
  return {
    at: locate(reader, path, root),
    data: plainValues(reader, fieldsOf([root]).get('data'), `${path}.data`),
  };
}
