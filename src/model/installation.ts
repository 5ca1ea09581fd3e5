import type { Container } from './container.ts';
import type { Ingress, ServiceAccountRights } from './kubernetes.ts';
import type { Pipeline, PipelineStream } from './pipeline.ts';
import type { Settings } from './settings.ts';
import type { Location } from './source.ts';
import type { Text } from './text.ts';

/** An account that configuration creates (live evidence adds more). */
export interface Account {
  readonly kind: 'account';
  readonly owner: string;
  readonly label: Text;
  readonly at: Location;
  readonly login: string;
  readonly admin: boolean;
  readonly machine: boolean;
  readonly live: boolean;
}

/** A secret of a repository or organisation, as the server lists it. */
export interface StoredSecret {
  readonly name: string;
  /** Whether builds of pull requests receive it. */
  readonly pullRequest: boolean;
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
  /** What the service accounts of the cluster may do. */
  readonly rights?: readonly ServiceAccountRights[];
  /** The secrets that a server holds for the repositories of this audit; absent if no server was asked. */
  readonly storedSecrets?: readonly StoredSecret[];
}

/** What rules judge, by the name in their `on`. */
export interface ArtifactOf {
  settings: Settings;
  container: Container;
  pipeline: Pipeline;
  document: PipelineStream;
  account: Account;
  installation: Installation;
}

export type ArtifactKind = keyof ArtifactOf;
export type Artifact = ArtifactOf[ArtifactKind];
