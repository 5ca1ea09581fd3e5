import type { Role, Settings } from './settings.ts';
import type { Located, Location } from './source.ts';
import { say, type Text } from './text.ts';

/** A parsed image name by the grammar of the distribution project. */
export interface Image {
  /** As written. */
  readonly text: string;
  /** Registry host with port; absent where Docker Hub is implied or named. */
  readonly registry?: string;
  /** Familiar name without registry, tag and digest: `drone/drone`, `alpine`. */
  readonly name: string;
  readonly tag?: string;
  /** `sha256:...` */
  readonly digest?: string;
}

/** A directory, file, volume or device made visible in a container. */
export interface Mount {
  readonly type: 'bind' | 'volume' | 'tmpfs' | 'npipe' | 'other';
  /** Host path or volume name; absent for anonymous volumes and unknown sources. */
  readonly source?: string;
  readonly target?: string;
  /** The folder of the volume that alone is mounted (`subPath` of Kubernetes); absent for all of it. */
  readonly subPath?: string;
  readonly readOnly: boolean;
  readonly propagation?: string;
  readonly at: Location;
}

/** A port of the container made reachable from outside it. */
export interface Port {
  /** Address on the host; empty means all of them. Absent when not published (only exposed). */
  readonly hostAddress?: string;
  /** Port on the host; absent for a random one, `8000-8010` for a range. */
  readonly hostPort?: string;
  readonly containerPort: string;
  readonly protocol: string;
  readonly at: Location;
}

/** A container as declared (compose, docker run, pod spec) or as the engine reports it. */
export interface Container {
  readonly kind: 'container';
  readonly owner: string;
  readonly label: Text;
  /** Service or container name. */
  readonly name: string;
  readonly role: Role;
  readonly at: Location;
  /** Whether this is what runs (or ran), not what is written. */
  readonly live: boolean;
  readonly image?: Located<Image>;
  /** The image text when it has no known name: `${IMAGE}`, a template mark. */
  readonly imageText?: Located<string>;
  /** Whether it is built where it runs, so that the image is only a name for what comes out. */
  readonly built?: true;
  /** What chose the tag where nobody wrote one: `the default of chart "drone" 0.6.5`. */
  readonly tagFrom?: string;
  readonly settings: Settings;
  readonly mounts: readonly Mount[];
  readonly ports: readonly Port[];
  readonly privileged?: Located<boolean>;
  readonly capAdd: readonly Located<string>[];
  readonly capDrop: readonly Located<string>[];
  readonly securityOpt: readonly Located<string>[];
  readonly devices: readonly Located<string>[];
  readonly user?: Located<string>;
  readonly readOnlyRoot?: Located<boolean>;
  readonly networkMode?: Located<string>;
  readonly pidMode?: Located<string>;
  readonly ipcMode?: Located<string>;
  readonly utsMode?: Located<string>;
  readonly usernsMode?: Located<string>;
  readonly networks: readonly Located<string>[];
  /** Names under which others on its networks reach it. */
  readonly aliases: readonly string[];
  readonly command: readonly Located<string>[];
  readonly entrypoint: readonly Located<string>[];
  readonly labels: ReadonlyMap<string, Located<string>>;
  readonly logDriver?: Located<string>;
  readonly logOptions: ReadonlyMap<string, string>;
  readonly restart?: Located<string>;
  readonly healthcheck?: Located<boolean>;
  /** Bytes. */
  readonly memoryLimit?: Located<number>;
  /** Whole CPUs. */
  readonly cpuLimit?: Located<number>;
  readonly pidsLimit?: Located<number>;
  /** Compose project, pod namespace and the like: containers of one group see each other by name. */
  readonly project?: string;
  /** Compose profiles that it belongs to; absent for a service that always starts. */
  readonly profiles?: readonly string[];
  /** Constraints that decide on which nodes of a swarm it runs: `node.role == manager`. */
  readonly placement?: readonly string[];
  /** Name of the pod's service account, `default` when it names none. Kubernetes only, like the two below. */
  readonly serviceAccount?: Located<string>;
  /** Whether the account's token is mounted; absent where nothing says so (it is mounted then). */
  readonly accountToken?: Located<boolean>;
  /** `Always`, `IfNotPresent`, `Never`. */
  readonly pullPolicy?: Located<string>;
  /** Facts only a running engine knows. */
  readonly observed?: Observed;
  /** The variables its image brings along, apart from what the operator set; only the engine knows them. */
  readonly imageSettings?: Settings;
  /** What could not be understood of it, one reason each. */
  readonly gaps: readonly Text[];
}

/** What the engine says of a container beyond its configuration. */
export interface Observed {
  readonly state: string;
  /** Process confinement profile of AppArmor; empty where the kernel has none. */
  readonly appArmorProfile?: string;
  readonly maskedPaths?: 'default' | 'none';
  readonly imageId?: string;
  readonly repoDigests: readonly string[];
  /** RFC 3339. */
  readonly created?: string;
  readonly finishedAt?: string;
  /** When the image was built, RFC 3339. */
  readonly imageCreated?: string;
  readonly rootless: boolean;
  readonly engineVersion?: string;
  /** `Info.SecurityOptions` of the engine: `name=seccomp,profile=default`; absent where it was not told. */
  readonly engineSecurityOptions?: readonly string[];
}

/** The image of a container for people, and what chose its tag where nobody wrote one: `image "drone/drone:2" of service "drone"`. */
export function describeImage({ image, imageText, label, tagFrom }: Container): Text {
  const text = image?.value.text ?? imageText?.value ?? '';
  return say`image "${text}" of ${label}${tagFrom === undefined ? '' : say` (${tagFrom})`}`;
}
