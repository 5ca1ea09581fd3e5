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
   * `container`: it can be changed while the container is there (`docker network connect`, `docker update`), and was.
   */
  readonly changed: 'file' | 'container';
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
    ...confinementDifferences(running, declared),
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
  ];
  for (const [what, live, file] of modes) {
    const [isLive, isFile] = [live?.value === 'host', file?.value === 'host'];
    if (isLive === isFile) continue;
    yield {
      message: isLive
        ? say`the file does not give it ${what} of the host`
        : say`only the file gives it ${what} of the host`,
      changed: 'file',
      weaker: isLive,
      live: live?.at,
      declared: file?.at,
    };
  }
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
    if (mount.readOnly !== other.readOnly && mount.type === other.type)
      yield {
        message: mount.readOnly
          ? say`the file does not make ${target} read-only`
          : say`only the file makes ${target} read-only`,
        changed: 'file',
        weaker: !mount.readOnly,
        ...places,
      };
    if (isElsewhere(mount, other))
      yield {
        message: say`${target} is "${mount.source ?? ''}", and "${other.source ?? ''}" in the file`,
        changed: 'file',
        weaker: false,
        ...places,
      };
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

/** Whether two mounts of one target are of absolute host paths that differ; volumes and relative paths are renamed. */
function isElsewhere(live: Mount, file: Mount): boolean {
  if (live.type !== 'bind' || file.type !== 'bind' || !live.source || !file.source) return false;
  if (!/^\/[^$~]*$/.test(file.source) || !live.source.startsWith('/')) return false;
  return plainPath(live.source) !== plainPath(file.source);
}

/** Without a slash at its end; /var/run leads to /run. */
function plainPath(path: string): string {
  return path.replace(/\/$/, '').replace(/^\/var\/run(?=\/|$)/, '/run') || '/';
}

function* portDifferences(running: Container, declared: Container): Iterable<Difference> {
  const published = (ports: readonly Port[]): readonly Port[] => ports.filter((port) => port.hostAddress !== undefined);
  const [live, file] = [published(running.ports), published(declared.ports)];
  // Ranges are spread over the ports of the container.
  if (declared.ports.some(({ hostPort, containerPort }) => /-/.test(`${hostPort}${containerPort}`))) return;
  const isAlike = (one: Port, other: Port): boolean =>
    one.containerPort === other.containerPort &&
    one.protocol === other.protocol &&
    (one.hostPort === undefined || other.hostPort === undefined || one.hostPort === other.hostPort);
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

function* networkDifferences(running: Container, declared: Container): Iterable<Difference> {
  if (running.networks.length === 0 || declared.networkMode || declared.networks.length === 0) return;
  const isOne = (live: string, name: string): boolean => live === name || live.endsWith(`_${name.replace(/^.*_/, '')}`);
  for (const { value, at } of running.networks)
    if (!declared.networks.some((other) => isOne(value, other.value)))
      yield {
        message: say`the file does not have it on network "${value}"`,
        changed: 'container',
        weaker: true,
        live: at,
      };
  for (const { value, at } of declared.networks)
    if (!running.networks.some((other) => isOne(other.value, value)))
      yield {
        message: say`only the file has it on network "${value}"`,
        changed: 'container',
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
      changed: 'container',
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
