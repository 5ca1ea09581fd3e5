import type { Mount } from '../../model/container.ts';
import { type Location, nameInPath } from '../../model/source.ts';
import { say, type Text } from '../../model/text.ts';
import { layersOf } from './merge.ts';
import { bindSource } from './paths.ts';
import { isUnknown } from './ports.ts';
import { type Mapping, placeOf, readBoolean, readScalar, type Scalar, shownText, type Value, valueAt } from './tree.ts';
import { isHostPath, splitVolume } from './volumes.ts';

const propagations: ReadonlySet<string> = new Set(['rprivate', 'private', 'rshared', 'shared', 'rslave', 'slave']);
const controlSocket = '/var/run/docker.sock';

/** What a service mounts, and what could not be understood of it. */
export interface Mounted {
  readonly mounts: readonly Mount[];
  readonly gaps: readonly Text[];
}

/** How long a chain of services that inherit mounts from each other may be; the rest is not followed. */
const maxRowLength = 100;
/** How many mounts all services of a project may inherit together. */
const maxInherited = 100_000;

/** Makes a reader for the mounts of a project's services. Each service is read once, however many inherit from it. */
export function mountReader(root: Mapping): (service: Value, path: string) => Mounted {
  const done = new Map<Value, Mounted>();
  let row = 0;
  let inherited = 0;
  const read = (service: Value, path: string): Mounted => {
    const cached = done.get(service);
    if (cached) return cached;
    if (row === maxRowLength || inherited > maxInherited)
      return { mounts: [], gaps: [say`too many mounts are inherited with volumes_from`] };
    row++;
    // Services that take volumes from each other in a circle inherit nothing from each other.
    done.set(service, { mounts: [], gaps: [] });
    const gaps: Text[] = [];
    const byTarget = new Map<string, Mount>();
    const others = inheritedMounts(service, root, path, gaps, read);
    inherited += others.length;
    const all = [...others, ...ownMounts(service, root, path, gaps)];
    for (const [index, mount] of all.entries()) byTarget.set(mount.target ?? `?${index}`, mount);
    const mounted = { mounts: [...byTarget.values()], gaps };
    done.set(service, mounted);
    row--;
    return mounted;
  };
  return read;
}

/** Volumes, tmpfs, secrets and configs of a service. Of mounts on the same target, the later one wins. */
function ownMounts(service: Value, root: Mapping, path: string, gaps: Text[]): readonly Mount[] {
  const mounts: Mount[] = [];
  const volumes = valueAt(service, 'volumes');
  for (const [index, item] of itemsOf(volumes).entries()) {
    const own = `${path}.volumes[${index}]`;
    const mount =
      item.kind === 'map'
        ? longMount(item, root, own)
        : item.kind === 'scalar'
          ? shortMount(item, root, own)
          : undefined;
    if (mount) mounts.push(mount);
    else gaps.push(say`volumes[${index}] is not understood`);
  }
  if (volumes && volumes.kind !== 'list') gaps.push(say`volumes is not a list`);
  for (const [index, item] of itemsOf(valueAt(service, 'tmpfs'), true).entries()) {
    if (item.kind !== 'scalar') continue;
    const own = `${path}.tmpfs[${index}]`;
    const { shown, at } = readScalar(item, own);
    const [target = '', options = ''] = shown.split(':');
    mounts.push({ type: 'tmpfs', target, readOnly: options.split(',').includes('ro'), at });
  }
  for (const kind of ['secrets', 'configs'] as const) {
    const folder = kind === 'secrets' ? '/run/secrets/' : '/';
    for (const [index, item] of itemsOf(valueAt(service, kind)).entries())
      for (const each of fileMount(item, valueAt(root, kind), folder, `${path}.${kind}[${index}]`)) mounts.push(each);
  }
  const socket = valueAt(service, 'use_api_socket');
  const wanted = readBoolean(socket, `${path}.use_api_socket`);
  if (wanted?.value)
    mounts.push({ type: 'bind', source: controlSocket, target: controlSocket, readOnly: false, at: wanted.at });

  return mounts;
}

/** Mounts of the services in `volumes_from`, with the place of that key. */
function inheritedMounts(
  service: Value,
  root: Mapping,
  path: string,
  gaps: Text[],
  read: (service: Value, path: string) => Mounted,
): readonly Mount[] {
  const services = valueAt(root, 'services');
  return itemsOf(valueAt(service, 'volumes_from')).flatMap((item, index) => {
    if (item.kind !== 'scalar') return [];
    const { shown, at } = readScalar(item, `${path}.volumes_from[${index}]`);
    const [name = '', mode = ''] = shown.split(':');
    const other = services?.kind === 'map' ? services.fields.get(name)?.value : undefined;
    if (!other) gaps.push(say`the mounts of volumes_from "${shown}" are not known`);
    const { mounts } = other ? read(other, `services[${nameInPath(name)}]`) : { mounts: [] };
    return mounts.map((mount) => ({ ...mount, readOnly: mount.readOnly || mode === 'ro', at }));
  });
}

function itemsOf(value: Value | undefined, alsoOne = false): readonly Value[] {
  if (!value) return [];
  return layersOf(value).flatMap((layer) => (layer.kind === 'list' ? layer.items : alsoOne ? [layer] : []));
}

function shortMount(item: Scalar, root: Mapping, path: string): Mount | undefined {
  const { shown, origin, at } = readScalar(item, path);
  // Only the environment knows this mount.
  if (origin === 'unresolved' && /^\$(?:\{[^{}]*\}|\w+)$/.test(shown)) return undefined;
  const volume = splitVolume(shown);
  if (!volume) return undefined;
  const { source, options } = volume;
  const propagation = options.find((option) => propagations.has(option));
  const common = {
    target: cleanTarget(volume.target),
    readOnly: options.includes('ro'),
    propagation,
    at,
  };
  if (source === undefined) return { type: 'volume', ...common };
  if (isUnknown(source)) return { type: isHostPath(source) ? 'bind' : 'other', ...common };
  if (isHostPath(source)) return bind(source, item.scope.folder, common);
  return namedVolume(source, root, common);
}

type Common = Pick<Mount, 'target' | 'readOnly' | 'propagation' | 'at'>;

function bind(source: string, folder: string, common: Common): Mount {
  const isPipe = /^[\\/]{2}\.[\\/]pipe[\\/]/.test(source);
  return { type: isPipe ? 'npipe' : 'bind', source: isPipe ? source : bindSource(folder, source), ...common };
}

/** A volume of the local driver may be a folder of the host under another name. */
function namedVolume(name: string, root: Mapping, common: Common): Mount {
  const volumes = valueAt(root, 'volumes');
  const definition = volumes?.kind === 'map' ? volumes.fields.get(name)?.value : undefined;
  const driverOptions = valueAt(definition, 'driver_opts');
  const device = valueAt(driverOptions, 'device');
  const isBind = /(?:^|,)r?bind(?:,|$)/.test(shownText(valueAt(driverOptions, 'o')) ?? '');
  if (isBind && device?.kind === 'scalar') {
    const { text } = readScalar(device, common.at.path);
    const mount: Mount = text === undefined ? { type: 'bind', ...common } : bind(text, device.scope.folder, common);
    return { ...mount, volume: shownText(valueAt(definition, 'name')) ?? name };
  }
  return { type: 'volume', source: shownText(valueAt(definition, 'name')) ?? name, ...common };
}

function longMount(item: Mapping, root: Mapping, path: string): Mount | undefined {
  const type = shownText(valueAt(item, 'type')) ?? 'volume';
  const target = shownText(valueAt(item, 'target'));
  const source = valueAt(item, 'source');
  const written = source?.kind === 'scalar' ? readScalar(source, path) : undefined;
  const propagation = shownText(valueAt(valueAt(item, 'bind'), 'propagation'));
  const common: Common = {
    target: target === undefined || isUnknown(target) ? undefined : cleanTarget(target),
    readOnly: readBoolean(valueAt(item, 'read_only'), path)?.value ?? false,
    propagation,
    // What is mounted matters, so its place is reported; the place of the mapping is used only if it names no source.
    at: written?.at ?? placeOf(item, path),
  };
  const known = written?.text;
  switch (type) {
    case 'bind':
      return known === undefined ? { type: 'bind', ...common } : bind(known, source?.scope.folder ?? '', common);
    case 'volume':
      return known === undefined ? { type: written ? 'other' : 'volume', ...common } : namedVolume(known, root, common);
    case 'tmpfs':
      return { type: 'tmpfs', ...common };
    case 'npipe':
      return { type: 'npipe', source: known, ...common };
    default:
      return { type: 'other', ...common };
  }
}

/** A secret or config is a file of the host, mounted read-only, unless it has another origin. */
function fileMount(item: Value, definitions: Value | undefined, folder: string, path: string): Mount[] {
  const named = item.kind === 'map' ? valueAt(item, 'source') : item;
  if (named?.kind !== 'scalar') return [];
  const { shown, at } = readScalar(named, path);
  const target = shownText(valueAt(item, 'target')) ?? shown;
  const absolute: string = target.startsWith('/') ? target : folder + target;
  const place: Location = item.kind === 'map' ? placeOf(item, path) : at;
  const common: Common = { target: absolute, readOnly: true, at: place };
  const file = definitions?.kind === 'map' ? valueAt(definitions.fields.get(shown)?.value, 'file') : undefined;
  const text = file?.kind === 'scalar' ? readScalar(file, path).text : undefined;
  return [text === undefined || !file ? { type: 'other', ...common } : bind(text, file.scope.folder, common)];
}

function cleanTarget(target: string): string {
  return target.startsWith('/') ? bindSource('', target) : target;
}
