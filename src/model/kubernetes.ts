import type { Located, Location } from './source.ts';

/** One rule of a Role or ClusterRole. `*` stands for everything, as Kubernetes takes it. */
export interface AccessRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  /** `pods`, `pods/exec`, `secrets`. */
  readonly resources: readonly string[];
  /** Only these objects; empty for all of them. */
  readonly resourceNames: readonly string[];
  readonly at: Location;
}

/** What one binding grants to one service account. An account with several bindings has several of these. */
export interface ServiceAccountRights {
  readonly account: {
    /** `*` if a group binds every account of the namespace or of the cluster. */
    readonly name: string;
    /** Absent if the manifest leaves it to the command line, and for all accounts of the cluster. */
    readonly namespace?: string;
    /** Set if its token is not mounted into pods that do not ask for it. */
    readonly isWithoutToken?: true;
    readonly at: Location;
  };
  readonly role: { readonly kind: 'Role' | 'ClusterRole'; readonly name: string };
  /** Empty if the role is not among the manifests (`cluster-admin`, `admin`, `edit` and `view` are built in). */
  readonly rules: readonly AccessRule[];
  /** Whether `rules` is everything that the role grants. */
  readonly complete: boolean;
  /** Bound by a ClusterRoleBinding: the rights apply in every namespace. */
  readonly clusterWide: boolean;
  /** Where the rights apply, if a RoleBinding says so. */
  readonly namespace?: string;
  /** The reference to the role in the binding; its value is the name of the binding. */
  readonly boundBy: Located<string>;
}

/** A policy of the Kubernetes runner, which is applied after all that a pipeline asks for. */
export interface BuildPolicy {
  /** Whether it is for builds that no other is for: the one named `default`. */
  readonly isDefault: boolean;
  /** Whether it has conditions, and is for the builds that meet them. */
  readonly isForSome: boolean;
  /** What it fixes; absent where the pipeline decides. */
  readonly namespace?: string;
  readonly serviceAccount?: string;
}

/** The level of the Pod Security Standards that a namespace holds its pods to. */
export interface PodSecurity {
  readonly namespace: string;
  readonly enforce: string;
  readonly at: Location;
}

/** One host that an Ingress serves. */
export interface Ingress {
  /** `*` if the rule names none. */
  readonly host: string;
  readonly tls: boolean;
  /** Name of the Service behind it. */
  readonly service?: string;
  readonly namespace?: string;
  readonly at: Location;
}
