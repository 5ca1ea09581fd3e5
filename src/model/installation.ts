import type { Container } from './container.ts';
import type { Host } from './engine.ts';
import type { Ingress, PodSecurity, ServiceAccountRights } from './kubernetes.ts';
import type { Pipeline, PipelineStream } from './pipeline.ts';
import type { ExtensionProbe } from './probe.ts';
import type { Endpoint, Repository, StoredSecret } from './server.ts';
import type { Settings } from './settings.ts';
import type { Located, Location } from './source.ts';
import type { Text } from './text.ts';

/** An account that configuration creates, or that a server lists. */
export interface Account {
  readonly kind: 'account';
  readonly owner: string;
  readonly label: Text;
  readonly at: Location;
  readonly login: string;
  readonly admin: boolean;
  readonly machine: boolean;
  readonly live: boolean;
  /** What only the server knows. */
  readonly listed?: ListedAccount;
}

/** An account as the server lists it (harness/drone core/user.go:31-48). */
export interface ListedAccount {
  readonly id: number;
  readonly email: string;
  readonly active: Located<boolean>;
  /** Seconds since 1970. */
  readonly created: number;
  /** Seconds since 1970; 0 if never, and always for machine accounts. */
  readonly lastLogin: Located<number>;
  /** Whether it is the account whose token the audit uses. */
  readonly isAsking?: true;
}

/** Everything in one audit, joined. */
export interface Installation {
  readonly kind: 'installation';
  readonly owner: string;
  readonly label: Text;
  readonly settings: readonly Settings[];
  readonly containers: readonly Container[];
  readonly pipelines: readonly Pipeline[];
  readonly streams: readonly PipelineStream[];
  readonly accounts: readonly Account[];
  /** Hosts from which an Ingress leads to Services of the cluster. */
  readonly ingresses?: readonly Ingress[];
  /** What namespaces of the cluster demand of their pods. */
  readonly podSecurity?: readonly PodSecurity[];
  /** What the service accounts of the cluster may do. */
  readonly rights?: readonly ServiceAccountRights[];
  readonly hosts: readonly Host[];
  readonly endpoints: readonly Endpoint[];
  readonly repositories: readonly Repository[];
  /** The secrets of whole organisations; absent if no server listed them. */
  readonly organizationSecrets?: readonly StoredSecret[];
  readonly probes: readonly ExtensionProbe[];
}

/** What rules judge, by the name in their `on`. */
export interface ArtifactOf {
  settings: Settings;
  container: Container;
  pipeline: Pipeline;
  document: PipelineStream;
  account: Account;
  host: Host;
  endpoint: Endpoint;
  repository: Repository;
  extension: ExtensionProbe;
  installation: Installation;
}

export type ArtifactKind = keyof ArtifactOf;
export type Artifact = ArtifactOf[ArtifactKind];
