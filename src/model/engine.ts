import type { Located, Location } from './source.ts';
import type { Text } from './text.ts';

/** A container engine as it describes itself, and what of its host could be looked at. */
export interface Host {
  readonly kind: 'host';
  readonly owner: string;
  readonly label: Text;
  readonly at: Location;
  readonly product: 'docker' | 'podman';
  /** As reported: `20.10.24+dfsg1`. */
  readonly version?: Located<string>;
  /** What it is a part of, as reported: `Docker Engine - Community`, `Docker Desktop 4.44.3 (202357)`; absent if it says nothing. */
  readonly platform?: Located<string>;
  /** `linux`, `windows` */
  readonly os?: Located<string>;
  /** Its parts as reported: `runc`, `containerd`, `BuildKit`. */
  readonly components: readonly { readonly name: string; readonly version: Located<string> }[];
  readonly rootless: boolean;
  /** `name=seccomp,profile=default`; absent if the engine did not report any. */
  readonly securityOptions?: readonly Located<string>[];
  /** Where the options stand, or the engine as a whole. */
  readonly securityAt: Location;
  readonly warnings: readonly Located<string>[];
  /** Networks of registries that are used without TLS: `127.0.0.0/8`. */
  readonly insecureNetworks: readonly Located<string>[];
  /** Registries that are used without TLS, by name. */
  readonly insecureRegistries: readonly Located<string>[];
  readonly liveRestore?: Located<boolean>;
  readonly experimental?: Located<boolean>;
  readonly storageDriver?: Located<string>;
  /** The folder of its data; that of a user namespace ends in `/UID.GID`. */
  readonly dataRoot?: Located<string>;
  /** Whether containers of the default bridge reach each other. */
  readonly bridgeTraffic?: Located<boolean>;
  /** `active` where the engine is a node of a swarm. */
  readonly swarm?: Located<string>;
  /** Addresses of a network at which it listens, as far as it or the way to it tells. */
  readonly listeners: readonly Listener[];
  /** The socket, where it is a file that the audit could look at. */
  readonly socket?: HostFile;
  /** Networks and volumes that pipelines left or use. */
  readonly stageResources: readonly StageResource[];
}

/** An address of a network at which an engine accepts requests. */
export interface Listener {
  /** `http://0.0.0.0:2375` */
  readonly address: Located<string>;
  /** Whether it demands a certificate of the client. */
  readonly verifiesClients: boolean;
  /** Who says so: the engine of itself, the audit that came in there, or a file that starts it. */
  readonly told: 'by the engine' | 'by its answer' | 'by a file';
}

/** Who may do what with a file or folder of the host. */
export interface HostFile {
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  /** Name or number of its owner. */
  readonly user: string;
  readonly group: string;
  readonly at: Location;
}

/** A network or volume that a runner made for a stage (drone-runner-docker engine/engine.go Setup). */
export interface StageResource {
  readonly kind: 'network' | 'volume';
  readonly name: string;
  readonly labels: ReadonlyMap<string, Located<string>>;
  readonly at: Location;
}

/** Lines of a container's log that tell something, each said once. */
export interface LogLine {
  /** What the program said, `cannot ping the remote server`. */
  readonly message: Located<string>;
  /** Fields that name no secret: `error`, `login`, `repo.namespace`, `build.number`; `token: present` in place of a value. */
  readonly fields: ReadonlyMap<string, Located<string>>;
  readonly count: number;
}

/** What was read of a container's log: its newest lines, of which only those that tell something are kept. */
export interface ContainerLog {
  readonly at: Location;
  /** How many lines were looked at. */
  readonly looked: number;
  /** In the order in which they were last said. */
  readonly lines: readonly LogLine[];
}
