import type { Container } from './container.ts';
import type { ContainerLog, Host } from './engine.ts';
import type { Account } from './installation.ts';
import type { Ingress, PodSecurity, ServiceAccountRights } from './kubernetes.ts';
import type { Pipeline, PipelineStream } from './pipeline.ts';
import type { ExtensionProbe } from './probe.ts';
import type { Remark } from './remark.ts';
import type { Problem } from './report.ts';
import type { Endpoint, Repository, StoredSecret } from './server.ts';
import type { Settings } from './settings.ts';
import type { Form, Location, SecretPlace, Source } from './source.ts';

/** What a reader made of one source. Containers carry their settings; `settings` holds those without a container. */
export interface Reading {
  readonly containers: readonly Container[];
  readonly settings: readonly Settings[];
  readonly streams: readonly PipelineStream[];
  readonly pipelines: readonly Pipeline[];
  readonly accounts: readonly Account[];
  readonly problems: readonly Problem[];
  /** What stayed unknown, for coverage. */
  readonly unknown: readonly Remark[];
  /** Places that hold secret text; every output masks them. */
  readonly secrets: readonly SecretPlace[];
  /** Further sources that were looked up while reading; they are not judged again on their own. */
  readonly consumed: readonly Source[];
  /** What the service accounts of the manifests may do. */
  readonly rights?: readonly ServiceAccountRights[];
  /** Hosts that reach Services from outside the cluster. */
  readonly ingresses?: readonly Ingress[];
  readonly podSecurity?: readonly PodSecurity[];
  readonly hosts?: readonly Host[];
  readonly endpoints?: readonly Endpoint[];
  readonly repositories?: readonly Repository[];
  readonly organizationSecrets?: readonly StoredSecret[];
  readonly probes?: readonly ExtensionProbe[];
  /** Logs, by the name of the source that holds their container. */
  readonly logs?: ReadonlyMap<string, ContainerLog>;
  /** Of a script: further places that were understood, though nothing was taken from them alone. */
  readonly understood?: readonly Location[];
}

/**
 * Fetches a file that another one names (env_file, extends, include): a source, or the problem that explains why not.
 * `path` is as written, relative to the folder of `from`.
 */
export type Lookup = (from: Source, path: string, form: Form) => Source | Problem;

export const emptyReading: Reading = {
  containers: [],
  settings: [],
  streams: [],
  pipelines: [],
  accounts: [],
  problems: [],
  unknown: [],
  secrets: [],
  consumed: [],
};
