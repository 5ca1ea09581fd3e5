import { reachOfStep } from '../../drone/reach.ts';
import type { Conditions, Reach, Step, StepMount } from '../../model/pipeline.ts';
import { type Located, nameInPath } from '../../model/source.ts';
import { parseImage } from '../docker/image.ts';
import type { MappingNode, Node } from '../yaml/tree.ts';
import { readConditions } from './conditions.ts';
import { type Field, type Fields, fieldsOf, itemInPath, itemNames } from './fields.ts';
import { locate, type Reader, stepValues, structReader, textField } from './values.ts';

/** What a step inherits from its pipeline. */
export interface StepOwner {
  readonly path: string;
  readonly reach: Reach;
  readonly trigger: Conditions | undefined;
  /** Keys that the runner for this type reads; undefined, for all keys, if the type is unknown. */
  readonly keys: ReadonlySet<string> | undefined;
}

/** Reads `steps` or `services` of a 1.x pipeline. Items that are not mappings are left out (and refused). */
export function readSteps(
  reader: Reader,
  field: Field | undefined,
  section: Step['section'],
  owner: StepOwner,
): Step[] {
  const list = field?.last;
  if (list?.kind !== 'seq') return [];
  const steps: Step[] = [];
  for (const [index, item] of list.items.entries())
    if (item.kind === 'map')
      steps.push(readStep(reader, item, section, `${owner.path}.${section}[${itemInPath(list, index)}]`, owner));
  return steps;
}

function readStep(reader: Reader, node: MappingNode, section: Step['section'], path: string, owner: StepOwner): Step {
  const written = fieldsOf([node]);
  const { keys } = owner;
  const fields = keys === undefined ? written : new Map([...written].filter(([key]) => keys.has(key)));
  const { text, truth, list } = structReader(reader, fields, path);
  const at = locate(reader, path, node);
  const name = textField(reader, written.get('name'), `${path}.name`);
  const commands = list('commands');
  const when = readConditions(reader, fields.get('when'), `${path}.when`);
  return {
    section,
    name: name?.value ?? '',
    at,
    nameAt: name?.at ?? at,
    ...imageOf(text('image')),
    pull: text('pull'),
    privileged: truth('privileged'),
    commands,
    command: list('command'),
    entrypoint: list('entrypoint'),
    hasCommands: commands.length > 0,
    environment: stepValues(reader, fields.get('environment'), `${path}.environment`),
    settings: stepValues(reader, fields.get('settings'), `${path}.settings`),
    mounts: readMounts(reader, fields.get('volumes'), `${path}.volumes`),
    devices: readDevices(reader, fields.get('devices'), `${path}.devices`),
    networkMode: text('network_mode'),
    dns: list('dns'),
    dnsSearch: list('dns_search'),
    extraHosts: list('extra_hosts'),
    shmSize: text('shm_size'),
    memoryLimit: text('mem_limit'),
    swapLimit: text('memswap_limit'),
    user: text('user'),
    group: text('group'),
    shell: text('shell'),
    workingDirectory: text('working_dir'),
    failure: text('failure'),
    detach: truth('detach'),
    dependsOn: list('depends_on'),
    when,
    reach: reachOfStep(owner.reach, owner.trigger, when),
  };
}

/** An image as a step's fields hold it: parsed, or as text only. An empty name is no image. */
export function imageOf(text: Located<string> | undefined): Pick<Step, 'image' | 'imageText'> {
  if (!text || text.value === '') return {};
  const image = parseImage(text.value);
  return image ? { image: { value: image, at: text.at } } : { imageText: text };
}

function readMounts(reader: Reader, field: Field | undefined, path: string): StepMount[] {
  return items(field).map(({ fields, node, name }) => {
    const at = `${path}[${nameInPath(name)}]`;
    const place = locate(reader, at, node);
    const { text } = structReader(reader, fields, at);
    return { name: text('name') ?? { value: '', at: place }, path: text('path'), subPath: text('sub_path'), at: place };
  });
}

/** Devices by their path on the host, if given; otherwise by the name of the volume they come from. */
function readDevices(reader: Reader, field: Field | undefined, path: string): Located<string>[] {
  return items(field).map(({ fields, node, name }) => {
    const at = `${path}[${nameInPath(name)}]`;
    const { text } = structReader(reader, fields, at);
    return text('path') ?? text('name') ?? { value: '', at: locate(reader, at, node) };
  });
}

function items(field: Field | undefined): { fields: Fields; node: Node; name: string }[] {
  const list = field?.last;
  if (list?.kind !== 'seq') return [];
  const names = itemNames(list);
  return list.items.flatMap((node, index) =>
    node.kind === 'map' ? [{ fields: fieldsOf([node]), node, name: names[index] ?? String(index) }] : [],
  );
}
