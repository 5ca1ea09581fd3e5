import { filesOf, isFile } from '../drone/running.ts';
import type { Container, Image, Mount, Port } from '../model/container.ts';
import type { Variable } from '../model/environment.ts';
import { isOnAllAddresses, isPublished } from '../model/ports.ts';
import type { Located, Location } from '../model/source.ts';
import { say, type Text } from '../model/text.ts';
import { chosenSecurityOptions } from './security-options.ts';

/** Something in which a running container is not what its file says. */
export interface Difference {
  /** What is so: `DRONE_RPC_SECRET has another value in the file`. */
  readonly message: Text;
  /**
   * `file`: Docker cannot change it in a container that exists, so the file is another than the one that it was made from.
   * `either`: it can be changed while the container is there too (`docker network connect`, `docker update`), which leaves
   * no trace that tells the two apart: Compose's hash of the service cannot be computed from its file alone.
   */
  readonly changed: 'file' | 'either';
  /** The running side lets more through than the file does. */
  readonly weaker: boolean;
  readonly live?: Location;
  readonly declared?: Location;
}

/** In what a running container differs from the service that it was made from. Only what both sides show is compared. */
export function differencesBetween(running: Container, declared: Container): readonly Difference[] {
  return [
    ...imageDifferences(running, declared),
    ...variableDifferences(running, declared),
    ...commandDifferences(running, declared),
    ...confinementDifferences(running, declared),
    ...deviceDifferences(running, declared),
    ...mountDifferences(running, declared),
    ...portDifferences(running, declared),
    ...networkDifferences(running, declared),
    ...limitDifferences(running, declared),
  ];
}

function* imageDifferences(running: Container, declared: Container): Iterable<Difference> {
  const [live, file] = [running.image, declared.image];
  if (!live || !file || declared.built) return;
  const places = { live: live.at, declared: file.at };
  const { repoDigests = [], repoTags } = running.observed ?? {};
  const { digest, tag = 'latest' } = file.value;
  // The image decides, not the words by which it was pulled.
  if (digest !== undefined && repoDigests.length > 0 && repositoryOf(live.value) === repositoryOf(file.value)) {
    if (!repoDigests.some((each) => each.endsWith(`@${digest}`)))
      yield {
        message: say`it runs another image than the digest in the file`,
        changed: 'file',
        weaker: false,
        ...places,
      };
  } else if (nameOf(live.value) !== nameOf(file.value)) {
    const message = say`it runs "${live.value.text}", and the file says "${file.value.text}"`;
    yield { message, changed: 'file', weaker: false, ...places };
  } else if (digest === undefined && repoTags && !repoTags.some((each) => leadsTo(each, file.value, tag)))
    // The engine lists the tags that lead to an image today: a newer one was pulled and took the tag, or it was removed.
    yield {
      message: say`"${file.value.text}" no longer leads to the image that it runs`,
      changed: 'file',
      weaker: false,
      ...places,
    };
}

function repositoryOf({ registry, name }: Image): string {
  return `${registry ?? ''}/${name}`;
}

function nameOf(image: Image): string {
  const { tag = 'latest', digest } = image;
  return `${repositoryOf(image)}:${digest === undefined ? tag : ''}`;
}

/** Whether a tag that the engine lists (`drone/drone:2`, of Podman `docker.io/drone/drone:2`) is that of an image. */
function leadsTo(listed: string, { registry = '', name }: Image, tag: string): boolean {
  const plain = listed.replace(/^(?:docker\.io\/)?(?:library\/)?/, '').replace(/^localhost\//, '');
  return plain === `${registry === '' ? '' : `${registry}/`}${name}:${tag}`;
}

/** Compose hands on the proxies of the docker client's configuration (docker/compose pkg/compose/create.go). */
const proxies = /^(?:https?|ftp|all|no)_proxy$/i;

function* variableDifferences(running: Container, declared: Container): Iterable<Difference> {
  const [live, file] = [running.environment, declared.environment];
  for (const [name, variable] of file.variables) {
    const other = live.variables.get(name) ?? running.imageEnvironment?.variables.get(name);
    if (other) {
      if (isSame(variable, other) === false)
        yield {
          message: say`${name} has another value in the file`,
          changed: 'file',
          // The running side still takes a secret that was replaced.
          weaker: (variable.secret ?? variable.parts) !== undefined,
          live: other.at,
          declared: variable.at,
        };
    } else if (live.complete && variable.origin !== 'unresolved' && variable.value !== '')
      yield { message: say`${name} is only in the file`, changed: 'file', weaker: false, declared: variable.keyAt };
  }
  if (!file.complete) return;
  for (const [name, variable] of live.variables) {
    const ofImage = running.imageEnvironment?.variables.get(name);
    const isFromImage = ofImage !== undefined && isSame(ofImage, variable) !== false;
    if (!file.variables.has(name) && !isFromImage && !proxies.test(name))
      yield { message: say`the file has no ${name}`, changed: 'file', weaker: false, live: variable.keyAt };
  }
}

/** Whether two variables have one value; undefined where one of them is not known. */
function isSame(one: Variable, other: Variable): boolean | undefined {
  if (one.secret && other.secret) return one.secret.identity === other.secret.identity;
  if (one.origin === 'unresolved' || one.value === undefined || other.value === undefined) return undefined;
  return one.value === other.value;
}

function* confinementDifferences(running: Container, declared: Container): Iterable<Difference> {
  const flags: readonly [Text, Located<boolean> | undefined, Located<boolean> | undefined, boolean][] = [
    [say`it is privileged`, running.privileged, declared.privileged, true],
    [say`its root is read-only`, running.readOnlyRoot, declared.readOnlyRoot, false],
  ];
  for (const [what, live, file, isWeak] of flags) {
    if (!live || live.value === (file?.value ?? false)) continue;
    yield {
      message: live.value ? say`${what}, which the file does not say` : say`the file says that ${what}`,
      changed: 'file',
      weaker: live.value === isWeak,
      live: live.at,
      declared: file?.at ?? declared.at,
    };
  }
  if (declared.user && running.user?.value !== declared.user.value)
    yield {
      message: say`the file has user "${declared.user.value}"`,
      changed: 'file',
      weaker: isRoot(running.user) && !isRoot(declared.user),
      live: running.user?.at,
      declared: declared.user.at,
    };
  const lists: readonly [Text, readonly Located<string>[], readonly Located<string>[], 'more' | 'less'][] = [
    [say`added capability`, running.capAdd, declared.capAdd, 'more'],
    [say`dropped capability`, running.capDrop, declared.capDrop, 'less'],
    [say`security option`, chosenSecurityOptions(running), declared.securityOpt, 'less'],
  ];
  for (const [what, live, file, more] of lists) {
    if (running.privileged?.value === true && more === 'less') continue;
    for (const each of live)
      if (!file.some((other) => normal(other.value) === normal(each.value)))
        yield {
          message: say`the file has no ${what} "${shown(each.value)}"`,
          changed: 'file',
          weaker: more === 'more' || /unconfined|disable/.test(each.value),
          live: each.at,
        };
    for (const each of file)
      if (![...live, ...running.securityOpt].some((other) => normal(other.value) === normal(each.value)))
        yield {
          message: say`only the file has ${what} "${shown(each.value)}"`,
          changed: 'file',
          weaker: more === 'less' && !/unconfined|disable/.test(each.value),
          declared: each.at,
        };
  }
  const modes: readonly [Text, Located<string> | undefined, Located<string> | undefined][] = [
    [say`the network`, running.networkMode, declared.networkMode],
    [say`the process ids`, running.pidMode, declared.pidMode],
    [say`the IPC objects`, running.ipcMode, declared.ipcMode],
    [say`the host name`, running.utsMode, declared.utsMode],
    [say`the user ids`, running.usernsMode, declared.usernsMode],
  ];
  for (const [what, live, file] of modes) {
    const [ofLive, ofFile] = [ownerOf(live), ownerOf(file)];
    if (ofLive === ofFile) continue;
    yield {
      message: ofLive
        ? say`the file does not give it ${what} of ${ofLive}`
        : say`only the file gives it ${what} of ${ofFile ?? ''}`,
      changed: 'file',
      weaker: ofLive !== undefined,
      live: live?.at,
      declared: file?.at,
    };
  }
}

/** Whose namespace a mode names, where it is not the container's own. */
function ownerOf(mode: Located<string> | undefined): 'the host' | 'another container' | undefined {
  if (mode?.value === 'host') return 'the host';
  return mode && /^(?:container|service):/.test(mode.value) ? 'another container' : undefined;
}

/** Words of a command that are known: no variable is left in them, and they are not masked. */
function knownWords(words: readonly Located<string>[]): string | undefined {
  const isKnown = words.every(({ value }) => !/\$[\w{]|\{\{/.test(value) && !value.includes('\u2022'));
  return isKnown ? JSON.stringify(words.map(({ value }) => value)) : undefined;
}

function* commandDifferences(running: Container, declared: Container): Iterable<Difference> {
  const { imageEntrypoint, imageCommand } = running.observed ?? {};
  const parts: readonly [Text, 'entrypoint' | 'command', readonly string[] | undefined][] = [
    [say`entrypoint`, 'entrypoint', imageEntrypoint],
    // An entrypoint takes the command of the image away.
    [say`command`, 'command', declared.entrypoint.length > 0 ? [] : imageCommand],
  ];
  for (const [what, key, ofImage] of parts) {
    const [live, file] = [knownWords(running[key]), knownWords(declared[key])];
    if (live === undefined || file === undefined || live === file) continue;
    if (declared[key].length > 0)
      yield {
        message: running[key].length > 0 ? say`the file has another ${what}` : say`only the file has its ${what}`,
        changed: 'file',
        weaker: false,
        live: running[key][0]?.at,
        declared: declared[key][0]?.at,
      };
    else if (ofImage && live !== JSON.stringify(ofImage) && running[key].length > 0)
      yield { message: say`the file has no such ${what}`, changed: 'file', weaker: false, live: running[key][0]?.at };
  }
}

function* deviceDifferences(running: Container, declared: Container): Iterable<Difference> {
  // Devices of drivers (`gpus`, CDI) are written in other ways than the engine tells them.
  const isPlain = ({ value }: Located<string>): boolean => /^\/|^[abc] /.test(value);
  const [live, file] = [running.devices.filter(isPlain), declared.devices.filter(isPlain)];
  if (declared.devices.some(({ value }) => value.includes('$'))) return;
  for (const each of live)
    if (!file.some((other) => deviceOf(other.value) === deviceOf(each.value)))
      yield { message: say`the file has no device "${each.value}"`, changed: 'file', weaker: true, live: each.at };
  for (const each of file)
    if (!live.some((other) => deviceOf(other.value) === deviceOf(each.value)))
      yield {
        message: say`only the file has device "${each.value}"`,
        changed: 'file',
        weaker: false,
        declared: each.at,
      };
}

/** `/dev/fuse` is `/dev/fuse:/dev/fuse:rwm` (docker/compose pkg/compose/create.go, docker/cli cli/command/container/opts.go). */
function deviceOf(text: string): string {
  if (!text.startsWith('/')) return text.trim().replace(/ +/g, ' ');
  const [source = '', second = source, third = 'rwm'] = text.split(':');
  const [target, rights] = second.startsWith('/') ? [second, third] : [source, second];
  return [source, target, [...rights].sort().join('')].join(':');
}

/** Without a user, that of the image runs it, which is mostly root. */
function isRoot(user: Located<string> | undefined): boolean {
  return user === undefined || /^(?:root|0)?(?::|$)/.test(user.value);
}

/** `no-new-privileges` and `no-new-privileges:true`, `CAP_SYS_ADMIN` and `sys_admin` are the same. */
function normal(option: string): string {
  if (isProfile(option)) return 'seccomp:profile';
  return option
    .toLowerCase()
    .replace(/^cap_/, '')
    .replace(/^([a-z-]+)=/, '$1:')
    .replace(/:true$/, '');
}

function* mountDifferences(running: Container, declared: Container): Iterable<Difference> {
  const byTarget = (mounts: readonly Mount[]): ReadonlyMap<string, Mount> =>
    new Map(mounts.flatMap((mount) => (mount.target === undefined ? [] : [[plainPath(mount.target), mount]])));
  const [live, file] = [byTarget(running.mounts), byTarget(declared.mounts)];
  for (const [target, mount] of live) {
    const other = file.get(target);
    // Volumes that the image asks for have no name.
    if (!other && mount.source !== undefined && !isOfCompose(target))
      yield {
        message: say`the file has no mount of "${mount.source}" at ${target}`,
        changed: 'file',
        weaker: true,
        live: mount.at,
      };
    if (!other) continue;
    const places = { live: mount.at, declared: other.at };
    if (mount.readOnly !== other.readOnly && isSameKind(mount, other))
      yield {
        message: mount.readOnly
          ? say`the file does not make ${target} read-only`
          : say`only the file makes ${target} read-only`,
        changed: 'file',
        weaker: !mount.readOnly,
        ...places,
      };
    if (isElsewhere(mount, other, running)) {
      const [source, inFile] = [folderIn(mount), folderIn(other)];
      yield {
        message: say`${target} is ${shownMount(mount)}, and ${shownMount(other)} in the file`,
        changed: 'file',
        // A folder of the host in place of a volume, or one that holds more.
        weaker:
          source !== undefined && (inFile === undefined || `${resolved(inFile, running)}/`.startsWith(`${source}/`)),
        ...places,
      };
    }
  }
  for (const [target, mount] of file)
    if (!live.has(target) && mount.type !== 'other' && mount.type !== 'tmpfs' && !isOfCompose(target))
      yield {
        message: say`only the file has a mount at ${target}`,
        changed: 'file',
        weaker: false,
        declared: mount.at,
      };
}

/** Where Compose puts secrets, by ways of its own. */
function isOfCompose(target: string): boolean {
  return target.startsWith('/run/secrets/');
}

/** Whether two mounts of one target are not of the same folder or volume, as far as both are known. */
function isElsewhere(live: Mount, file: Mount, running: Container): boolean {
  if (live.type === 'other' || file.type === 'other') return false;
  if (!isSameKind(live, file)) return true;
  const [source, inFile] = [folderIn(live), folderIn(file)];
  if (source !== undefined && inFile !== undefined) return !isSameFolder(source, inFile, running, file);
  const [name, ofFile] = [volumeIn(live), volumeIn(file)];
  return name !== undefined && ofFile !== undefined && !isSameVolume(name, ofFile, running);
}

/** A volume may be a folder of the host by its options, which the engine tells only to some. */
function isSameKind(one: Mount, other: Mount): boolean {
  const kindOf = ({ type, volume }: Mount): string => (volume === undefined ? type : 'volume');
  return kindOf(one) === kindOf(other);
}

function folderIn({ type, source, volume }: Mount): string | undefined {
  return type === 'bind' && volume === undefined && source !== undefined ? plainPath(source) : undefined;
}

function volumeIn({ type, source, volume }: Mount): string | undefined {
  return volume ?? (type === 'volume' ? source : undefined);
}

function shownMount(mount: Mount): Text {
  const source = volumeIn(mount) ?? mount.source;
  if (source === undefined)
    return mount.type === 'volume' ? say`a volume without a name` : say`a mount "${mount.type}"`;
  return folderIn(mount) === undefined ? say`the volume "${source}"` : say`"${source}"`;
}

/** A path of a file, of which the part before the folder of its project is known only to the container. */
function resolved(path: string, { labels }: Container): string {
  const project = labels.get('com.docker.compose.project.working_dir')?.value.replace(/\/$/, '');
  if (path.startsWith('/') || project === undefined || !project.startsWith('/')) return path;
  const steps = project.split('/');
  for (const step of path.split('/'))
    if (step === '..') steps.pop();
    else if (step !== '.' && step !== '') steps.push(step);
  return steps.join('/') || '/';
}

function isSameFolder(live: string, file: string, running: Container, { at }: Mount): boolean {
  // What a variable, a home folder or another system hides is not known.
  if (/[$~\\]|^[A-Za-z]:|\{\{/.test(file) || !live.startsWith('/')) return true;
  if (file.startsWith('/')) return live === file;
  const whole = resolved(file, running);
  if (live === whole) return true;
  // Files that are included or extended write paths from a folder of their own.
  if (whole !== file && filesOf(running).some((path) => isFile(path, at.source))) return false;
  const rest = file.split('/').filter((step) => step !== '.' && step !== '..');
  return rest.length === 0 || live.endsWith(`/${rest.join('/')}`);
}

/** Compose calls a volume by its project and key, unless it is external or has a name. */
function isSameVolume(live: string, file: string, { labels }: Container): boolean {
  if (/[${]/.test(file) || live === file) return true;
  const project = labels.get('com.docker.compose.project')?.value;
  return project === undefined ? live.endsWith(`_${file}`) : live === `${project}_${file}`;
}

/** Without a slash at its end; /var/run leads to /run, and Docker Desktop shows the host's folders below one of its own. */
function plainPath(path: string): string {
  return (
    path
      .replace(/^(?:\/host_mnt|\/run\/desktop\/mnt\/host)(?=\/)/, '')
      .replace(/\/$/, '')
      .replace(/^\/var\/run(?=\/|$)/, '/run') || '/'
  );
}

function* portDifferences(running: Container, declared: Container): Iterable<Difference> {
  const published = (ports: readonly Port[]): readonly Port[] => ports.filter((port) => port.hostAddress !== undefined);
  const [live, file] = [published(running.ports), published(declared.ports)];
  if (declared.ports.some(({ hostPort, containerPort }) => /[${]/.test(`${hostPort}${containerPort}`))) return;
  // A range of the host is for containers of one service, each of which gets one of them.
  const isAlike = (one: Port, other: Port): boolean =>
    one.protocol === other.protocol &&
    overlap(one.containerPort, other.containerPort) &&
    (one.hostPort === undefined || other.hostPort === undefined || overlap(one.hostPort, other.hostPort));
  for (const port of live) {
    const others = file.filter((other) => isAlike(port, other));
    const [other] = others;
    if (!other)
      yield {
        message: say`the file does not publish port ${port.containerPort}/${port.protocol}${portOf(port)}`,
        changed: 'file',
        weaker: isPublished(port),
        live: port.at,
      };
    else if (!others.some((each) => addressOf(each) === addressOf(port)))
      yield {
        message: say`the file publishes port ${port.containerPort}/${port.protocol} on ${addressOf(other)}, and the container on ${addressOf(port)}`,
        changed: 'file',
        weaker: isPublished(port) && !isPublished(other),
        live: port.at,
        declared: other.at,
      };
  }
  if (running.observed?.state !== 'running') return;
  for (const port of file)
    if (!live.some((other) => isAlike(port, other)))
      yield {
        message: say`only the file publishes port ${port.containerPort}/${port.protocol}${portOf(port)}`,
        changed: 'file',
        weaker: false,
        declared: port.at,
      };
}

/** Whether two ports or ranges (`8000-8010`) have one in common. */
function overlap(one: string, other: string): boolean {
  const [first = 0, last = first] = one.split('-').map(Number);
  const [start = 0, end = start] = other.split('-').map(Number);
  return first <= end && start <= last;
}

function* networkDifferences(running: Container, declared: Container): Iterable<Difference> {
  if (running.networks.length === 0 || declared.networkMode || declared.networks.length === 0) return;
  const isOne = (live: string, name: string): boolean => live === name || live.endsWith(`_${name.replace(/^.*_/, '')}`);
  for (const { value, at } of running.networks)
    if (!declared.networks.some((other) => isOne(value, other.value)))
      yield {
        message: say`the file does not have it on network "${value}"`,
        changed: 'either',
        weaker: true,
        live: at,
      };
  for (const { value, at } of declared.networks)
    if (!running.networks.some((other) => isOne(other.value, value)))
      yield {
        message: say`only the file has it on network "${value}"`,
        changed: 'either',
        weaker: false,
        declared: at,
      };
}

/** What `docker update` changes while a container runs. */
function* limitDifferences(running: Container, declared: Container): Iterable<Difference> {
  const limits: readonly [Text, Located<number> | undefined, Located<number> | undefined][] = [
    [say`memory limit`, running.memoryLimit, declared.memoryLimit],
    [say`CPU limit`, running.cpuLimit, declared.cpuLimit],
    [say`process limit`, running.pidsLimit, declared.pidsLimit],
  ];
  for (const [what, live, file] of limits) {
    // Engines set a limit of their own where the file has none.
    if (!file || live?.value === file.value) continue;
    yield {
      message: live ? say`the file has another ${what}` : say`only the file has a ${what}`,
      changed: 'either',
      weaker: !live || live.value > file.value,
      live: live?.at,
      declared: file.at,
    };
  }
}

/** On the port of the host, if that is known. */
function portOf({ hostPort }: Port): Text {
  return hostPort === undefined || hostPort === '' ? say`` : say` on ${hostPort} of the host`;
}

function addressOf(port: Port): string {
  return isOnAllAddresses(port) ? 'all addresses' : (port.hostAddress ?? '');
}

/** A profile that was read from a file is long, and the file that Compose names is another text for the same. */
function shown(option: string): string {
  return isProfile(option) ? 'seccomp=PROFILE' : option;
}

function isProfile(option: string): boolean {
  return /^seccomp[=:](?!unconfined$|builtin$)/.test(option);
}
