import { reachOfPipeline } from '../../drone/reach.ts';
import type { Pipeline, PipelineStream, PodSettings, SecretDocument, Volume } from '../../model/pipeline.ts';
import type { Located, Location } from '../../model/source.ts';
import { say } from '../../model/text.ts';
import type { MappingNode } from '../yaml/tree.ts';
import { readConditions } from './conditions.ts';
import { type Field, type Fields, fieldsOf, itemNames } from './fields.ts';
import { runnerShape, type Shape } from './shapes.ts';
import { readSteps } from './step.ts';
import {
  locate,
  plainValues,
  type Reader,
  stepValues,
  textField,
  textList,
  textMap,
  truthField,
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
  const text = (key: string): Located<string> | undefined => textField(reader, fields.get(key), `${path}.${key}`);
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
  const platform = fieldsOf(fields.get('platform')?.nodes ?? []);
  const target = (key: string, fallback: string): Located<string> => {
    const written = textField(reader, platform.get(key), `${path}.platform.${key}`);
    return written && written.value !== ''
      ? written
      : { value: fallback, at: { ...nameAt, path: `${path}.platform.${key}` } };
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
    dependsOn: textList(reader, fields.get('depends_on'), `${path}.depends_on`),
    node: textMap(reader, fields.get('node'), `${path}.node`),
    clone: readClone(reader, fields.get('clone'), `${path}.clone`),
    imagePullSecrets: textList(reader, known('image_pull_secrets'), `${path}.image_pull_secrets`),
    environment: plainValues(reader, known('environment'), `${path}.environment`),
    workspace: readWorkspace(reader, fields.get('workspace'), `${path}.workspace`),
    concurrencyLimit: textField(
      reader,
      fieldsOf(fields.get('concurrency')?.nodes ?? []).get('limit'),
      `${path}.concurrency.limit`,
    ),
    server: stepValues(reader, known('server'), `${path}.server`),
    token: valueField(reader, known('token'), `${path}.token`),
    pool: textField(reader, fieldsOf(known('pool')?.nodes ?? []).get('use'), `${path}.pool.use`),
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

function readClone(reader: Reader, field: Field | undefined, path: string): Pipeline['clone'] {
  const fields = fieldsOf(field?.nodes ?? []);
  return {
    disable: truthField(reader, fields.get('disable'), `${path}.disable`),
    skipVerify: truthField(reader, fields.get('skip_verify'), `${path}.skip_verify`),
    depth: textField(reader, fields.get('depth'), `${path}.depth`),
    retries: textField(reader, fields.get('retries'), `${path}.retries`),
    trace: truthField(reader, fields.get('trace'), `${path}.trace`),
  };
}

function readWorkspace(reader: Reader, field: Field | undefined, path: string): Pipeline['workspace'] | undefined {
  const fields = fieldsOf(field?.nodes ?? []);
  if (fields.size === 0) return undefined;
  return {
    base: textField(reader, fields.get('base'), `${path}.base`),
    path: textField(reader, fields.get('path'), `${path}.path`),
  };
}

function readVolumes(reader: Reader, field: Field | undefined, path: string): Volume[] {
  const list = field?.last;
  if (list?.kind !== 'seq') return [];
  const names = itemNames(list);
  return list.items.flatMap((node, index) =>
    node.kind === 'map' ? [readVolume(reader, node, `${path}[${names[index] ?? index}]`)] : [],
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
  const metadata = fieldsOf(fields.get('metadata')?.nodes ?? []);
  const dns = fields.get('dns_config');
  const dnsFields = fieldsOf(dns?.nodes ?? []);
  return {
    namespace: textField(reader, metadata.get('namespace'), `${path}.metadata.namespace`),
    annotations: textMap(reader, metadata.get('annotations'), `${path}.metadata.annotations`),
    labels: textMap(reader, metadata.get('labels'), `${path}.metadata.labels`),
    serviceAccountName: textField(reader, fields.get('service_account_name'), `${path}.service_account_name`),
    nodeName: textField(reader, fields.get('node_name'), `${path}.node_name`),
    nodeSelector: textMap(reader, fields.get('node_selector'), `${path}.node_selector`),
    tolerations: mappings(fields.get('tolerations')).map(({ node, index }) => {
      const at = `${path}.tolerations[${index}]`;
      const own = fieldsOf([node]);
      return {
        at: locate(reader, at, node),
        key: textField(reader, own.get('key'), `${at}.key`),
        operator: textField(reader, own.get('operator'), `${at}.operator`),
        value: textField(reader, own.get('value'), `${at}.value`),
        effect: textField(reader, own.get('effect'), `${at}.effect`),
      };
    }),
    hostAliases: mappings(fields.get('host_aliases')).map(({ node, index }) => {
      const at = `${path}.host_aliases[${index}]`;
      const own = fieldsOf([node]);
      return {
        at: locate(reader, at, node),
        ip: textField(reader, own.get('ip'), `${at}.ip`),
        hostnames: textList(reader, own.get('hostnames'), `${at}.hostnames`),
      };
    }),
    nameservers: textList(reader, dnsFields.get('nameservers'), `${path}.dns_config.nameservers`),
    searches: textList(reader, dnsFields.get('searches'), `${path}.dns_config.searches`),
    dnsConfigAt: dns && dnsFields.size > 0 ? locate(reader, `${path}.dns_config`, dns.keyNode) : undefined,
  };
}

function mappings(field: Field | undefined): { node: MappingNode; index: number }[] {
  const list = field?.last;
  if (list?.kind !== 'seq') return [];
  return list.items.flatMap((node, index) => (node.kind === 'map' ? [{ node, index }] : []));
}

export function readSecret(reader: Reader, { root, path }: Place): SecretDocument {
  const fields = fieldsOf([root]);
  const get = fieldsOf(fields.get('get')?.nodes ?? []);
  return {
    name: textField(reader, fields.get('name'), `${path}.name`),
    at: locate(reader, path, root),
    data: textField(reader, fields.get('data'), `${path}.data`),
    path: textField(reader, get.get('path'), `${path}.get.path`),
    externalName: textField(reader, get.get('name'), `${path}.get.name`),
    externalKey: textField(reader, get.get('key'), `${path}.get.key`),
  };
}

export function readCron(reader: Reader, { root, path }: Place): PipelineStream['crons'][number] {
  const fields = fieldsOf([root]);
  const spec = fieldsOf(fields.get('spec')?.nodes ?? []);
  const deployment = fieldsOf(spec.get('deployment')?.nodes ?? []);
  return {
    at: locate(reader, path, root),
    name: textField(reader, fields.get('name'), `${path}.name`),
    schedule: textField(reader, spec.get('schedule'), `${path}.spec.schedule`),
    branch: textField(reader, spec.get('branch'), `${path}.spec.branch`),
    target: textField(reader, deployment.get('target'), `${path}.spec.deployment.target`),
  };
}

export function readRegistry(reader: Reader, { root, path }: Place): PipelineStream['registries'][number] {
  return {
    at: locate(reader, path, root),
    data: plainValues(reader, fieldsOf([root]).get('data'), `${path}.data`),
  };
}
