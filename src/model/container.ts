import type { ContainerLog, HostFile } from './engine.ts';
import type { Environment } from './environment.ts';
import type { BuildPolicy } from './kubernetes.ts';
import type { Role } from './role.ts';
import type { Located, Location } from './source.ts';
import { say, type Text } from './text.ts';

/** An image name, parsed by the grammar of the distribution project. */
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

/** A directory, file, volume or device that a container can see. */
export interface Mount {
  readonly type: 'bind' | 'volume' | 'tmpfs' | 'npipe' | 'other';
  /** Host path or volume name; absent for anonymous volumes and unknown sources. */
  readonly source?: string;
  readonly target?: string;
  /** The volume by whose options it is this folder of the host; absent if the folder is mounted itself. */
  readonly volume?: string;
  /** The only folder of the volume that is mounted (`subPath` of Kubernetes); absent if all of it is. */
  readonly subPath?: string;
  readonly readOnly: boolean;
  readonly propagation?: string;
  readonly at: Location;
}

/** A port of the container, and where it can be reached from outside. */
export interface Port {
  /** Address on the host; empty means all addresses. Absent if the port is not published but only exposed. */
  readonly hostAddress?: string;
  /** Port on the host, `8000-8010` for a range; absent for a random one. */
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
  /** Declared version of what runs in it, from its image tag: `2.24.0`, `1`; absent if unknown. */
  readonly version?: string;
  readonly at: Location;
  /** Whether this describes what runs (or ran) rather than what is written. */
  readonly live: boolean;
  readonly image?: Located<Image>;
  /** The text of the image if it cannot be parsed as a name: `${IMAGE}`, a template mark. */
  readonly imageText?: Located<string>;
  /** Whether it is built where it runs, so that the image is merely the name of the result. */
  readonly built?: true;
  /** What chose the tag if nobody wrote one: `the default of chart "drone" 0.6.5`. */
  readonly tagFrom?: string;
  readonly environment: Environment;
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
  /** The OCI runtime, `runc`, or the RuntimeClass of its pod. */
  readonly runtime?: Located<string>;
  readonly networks: readonly Located<string>[];
  /** Names by which others on its networks reach it. */
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
  /** Number of CPUs. */
  readonly cpuLimit?: Located<number>;
  readonly pidsLimit?: Located<number>;
  /** Compose project, pod namespace or the like: containers of one project reach each other by name. */
  readonly project?: string;
  /** Compose profiles that it belongs to; absent if it always starts. */
  readonly profiles?: readonly string[];
  /** Constraints on the swarm nodes where it runs: `node.role == manager`. */
  readonly placement?: readonly string[];
  /** Name of the pod's service account, `default` if it names none. Kubernetes only, like the next three. */
  readonly serviceAccount?: Located<string>;
  /** Whether the account's token is mounted; absent if nothing says so (Kubernetes then mounts it). */
  readonly accountToken?: Located<boolean>;
  /** What the file of DRONE_POLICY_FILE says, in its order; absent if it was not seen. */
  readonly buildPolicies?: readonly BuildPolicy[];
  /** Services whose addresses Kubernetes puts into its environment; absent if the pod does without them. */
  readonly serviceLinks?: readonly Located<string>[];
  /** `Always`, `IfNotPresent`, `Never`. */
  readonly pullPolicy?: Located<string>;
  /** Facts that only a running engine knows. */
  readonly observed?: Observed;
  /** What was read of its log, if that was asked for. */
  readonly log?: ContainerLog;
  /** The variables that its image brings along, apart from those that the operator set; only the engine knows them. */
  readonly imageEnvironment?: Environment;
  /** What could not be understood about it, one reason each. */
  readonly gaps: readonly Text[];
}

/** What the engine reports about a container beyond its configuration. */
export interface Observed {
  readonly state: string;
  /** The AppArmor profile of the process; empty if the kernel has none. */
  readonly appArmorProfile?: string;
  readonly maskedPaths?: 'default' | 'none';
  readonly imageId?: string;
  readonly repoDigests: readonly string[];
  /** Tags that lead to its image today; absent if the engine was not asked. */
  readonly repoTags?: readonly string[];
  /** What the image starts by itself; absent if the engine was not asked for it. */
  readonly imageEntrypoint?: readonly string[];
  readonly imageCommand?: readonly string[];
  /** RFC 3339. */
  readonly created?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  /** Folders and files of the host behind its mounts, as far as the audit could look at them. */
  readonly files: readonly HostFile[];
  /** When the image was built, RFC 3339. */
  readonly imageCreated?: string;
  /** Of a step: how many variables of its environment are named like secrets. */
  readonly secretVariables?: number;
  readonly rootless: boolean;
  readonly engineVersion?: string;
  /** `Info.SecurityOptions` of the engine: `name=seccomp,profile=default`; absent if the engine did not report it. */
  readonly engineSecurityOptions?: readonly string[];
}

/** The image of a container for people, and what chose its tag where nobody wrote one: `image "drone/drone:2" of service "drone"`. */
export function describeImage({ image, imageText, label, tagFrom }: Container): Text {
  const text = image?.value.text ?? imageText?.value ?? '';
  return say`image "${text}" of ${label}${tagFrom === undefined ? '' : say` (${tagFrom})`}`;
}

/** Whether a state of an engine (moby/moby container/state.go, libpod define/containerstate.go) means that nothing runs. */
export function isNotRunning(state: string): boolean {
  return /^(?:created|configured|initialized|exited|stopped|dead|removing)$/.test(state);
}

/** The names by which others may call a container, in lower case. */
export function namesOf({ name, aliases }: Pick<Container, 'name' | 'aliases'>): ReadonlySet<string> {
  return new Set([name, ...aliases].map((each) => each.toLowerCase()));
}

/** Whether a container is one of a pod. */
export function isPod({ at }: Container): boolean {
  return at.source.form === 'kubernetes' || at.source.form === 'helm-values';
}
