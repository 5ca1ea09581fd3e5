import type { Image } from './container.ts';
import { memoizePer } from './memoize.ts';
import type { Located, Location, Source, Span } from './source.ts';
import type { Text } from './text.ts';

/** The events of Drone (harness/drone core/event.go). */
export const events = ['push', 'pull_request', 'tag', 'promote', 'rollback', 'cron', 'custom'] as const;
export type DroneEvent = (typeof events)[number];

/** One condition of `trigger` or `when`, as Drone decodes it: a wrong shape matches everything. */
export interface Condition {
  readonly name: string;
  readonly include: readonly Located<string>[];
  readonly exclude: readonly Located<string>[];
  /** The place of the condition's key. */
  readonly keyAt: Location;
  readonly at: Location;
  /** Set if the text has a shape that Drone drops, wholly or in part; what it drops matches everything. */
  readonly dropped?: 'null' | 'scalar include' | 'scalar exclude' | 'nested value' | 'unknown key';
}

export interface Conditions {
  readonly at: Location;
  readonly keyAt: Location;
  readonly conditions: ReadonlyMap<string, Condition>;
  /** Keys that are not conditions, with the place of the key, and where they would be known: `a step`. */
  readonly unknown: readonly (Located<string> & { readonly elsewhere?: string })[];
}

/** Which events start or reach something, and why. */
export interface Reach {
  readonly events: ReadonlySet<DroneEvent>;
  /** Whether a pull request gets here, from a fork or from within the repository. */
  readonly pullRequest: boolean;
  /** One sentence: `no event filter; "branch" names the base branch of a pull request`. */
  readonly reason: Text;
  /** The condition or block that decides it, for related places. */
  readonly because?: Location;
}

/** A value of `environment` or `settings`. */
export interface StepValue {
  readonly name: Located<string>;
  /** Scalar text; absent for secrets, lists and maps. */
  readonly text?: Located<string>;
  /** Name of the secret, if `from_secret` is resolved. */
  readonly fromSecret?: Located<string>;
  /** `from_secret` inside lists or maps, which the runner does not resolve. */
  readonly nestedSecrets: readonly Located<string>[];
  /** Every scalar inside it, in order, with its path. */
  readonly scalars: readonly Located<string>[];
  readonly at: Location;
}

export interface StepMount {
  /** Name of the pipeline volume. */
  readonly name: Located<string>;
  readonly path?: Located<string>;
  /** Kubernetes only. */
  readonly subPath?: Located<string>;
  readonly at: Location;
}

export interface Step {
  /** Where the step is written; a legacy clone section counts as steps. */
  readonly section: 'steps' | 'services';
  readonly name: string;
  readonly at: Location;
  readonly nameAt: Location;
  readonly image?: Located<Image>;
  readonly imageText?: Located<string>;
  readonly pull?: Located<string>;
  readonly privileged?: Located<boolean>;
  readonly commands: readonly Located<string>[];
  readonly command: readonly Located<string>[];
  readonly entrypoint: readonly Located<string>[];
  readonly hasCommands: boolean;
  readonly environment: readonly StepValue[];
  readonly settings: readonly StepValue[];
  readonly mounts: readonly StepMount[];
  readonly devices: readonly Located<string>[];
  readonly networkMode?: Located<string>;
  readonly dns: readonly Located<string>[];
  readonly dnsSearch: readonly Located<string>[];
  readonly extraHosts: readonly Located<string>[];
  readonly shmSize?: Located<string>;
  readonly memoryLimit?: Located<string>;
  readonly swapLimit?: Located<string>;
  readonly user?: Located<string>;
  /** Kubernetes only. */
  readonly group?: Located<string>;
  readonly shell?: Located<string>;
  readonly workingDirectory?: Located<string>;
  readonly failure?: Located<string>;
  readonly detach?: Located<boolean>;
  readonly dependsOn: readonly Located<string>[];
  readonly when?: Conditions;
  /** Events that reach this step, by the conditions of the pipeline and its own. */
  readonly reach: Reach;
}

export interface Volume {
  readonly name: string;
  readonly at: Location;
  readonly hostPath?: Located<string>;
  readonly temp?: { readonly medium?: Located<string>; readonly at: Location };
  readonly claim?: Located<string>;
  readonly configMap?: Located<string>;
  readonly secret?: Located<string>;
}

/** What only the kubernetes runner reads of a pipeline (drone-runner-kube engine/resource/pipeline.go:52). */
export interface PodSettings {
  readonly namespace?: Located<string>;
  readonly annotations: ReadonlyMap<string, Located<string>>;
  readonly labels: ReadonlyMap<string, Located<string>>;
  readonly serviceAccountName?: Located<string>;
  readonly nodeName?: Located<string>;
  readonly nodeSelector: ReadonlyMap<string, Located<string>>;
  readonly tolerations: readonly {
    readonly at: Location;
    readonly key?: Located<string>;
    readonly operator?: Located<string>;
    readonly value?: Located<string>;
    readonly effect?: Located<string>;
  }[];
  /** Names that resolve to an address of the author's choice. */
  readonly hostAliases: readonly {
    readonly at: Location;
    readonly ip?: Located<string>;
    readonly hostnames: readonly Located<string>[];
  }[];
  readonly nameservers: readonly Located<string>[];
  readonly searches: readonly Located<string>[];
  readonly dnsConfigAt?: Location;
}

/** One `kind: pipeline` document (or what Drone makes of a legacy file). */
export interface Pipeline {
  readonly kind: 'pipeline';
  readonly owner: string;
  readonly label: Text;
  readonly source: Source;
  /** Position in the stream, from 0. */
  readonly index: number;
  readonly name: string;
  readonly nameAt: Location;
  readonly at: Location;
  /** `docker` if absent. Drone accepts any text. */
  readonly type: string;
  readonly typeAt?: Location;
  /** The text of `kind`; anything but the known kinds becomes a stage that no runner serves. */
  readonly documentKind: Located<string>;
  readonly os: Located<string>;
  readonly arch: Located<string>;
  readonly steps: readonly Step[];
  readonly services: readonly Step[];
  readonly volumes: readonly Volume[];
  readonly trigger?: Conditions;
  readonly reach: Reach;
  readonly dependsOn: readonly Located<string>[];
  readonly node: ReadonlyMap<string, Located<string>>;
  readonly clone: {
    readonly disable?: Located<boolean>;
    readonly skipVerify?: Located<boolean>;
    readonly depth?: Located<string>;
    readonly retries?: Located<string>;
    readonly trace?: Located<boolean>;
  };
  readonly imagePullSecrets: readonly Located<string>[];
  readonly environment: readonly StepValue[];
  readonly workspace?: { readonly base?: Located<string>; readonly path?: Located<string> };
  readonly concurrencyLimit?: Located<string>;
  /** `server` of the types ssh (host, user, password, ssh_key) and digitalocean (image, region, size, user). */
  readonly server: readonly StepValue[];
  /** API token of the type digitalocean. */
  readonly token?: StepValue;
  /** `pool.use` of the type vm. */
  readonly pool?: Located<string>;
  /** Only for the type kubernetes. */
  readonly pod?: PodSettings;
  /** Written in the 0.8 format or an older one; locations are those in the legacy text. */
  readonly legacy: boolean;
  /** Set if the file is a program: the pipelines that it writes are not known, so it has no steps and no events. */
  readonly script?: Script;
  /** The file that the pipeline belongs to. */
  readonly stream: PipelineStream;
}

/** A program that writes pipelines. It is never run; this is what its text says by itself. */
export interface Script {
  readonly language: 'starlark' | 'jsonnet';
  /** Its strings and comments, in the order of the text. The place of a string excludes its quotes. */
  readonly texts: readonly ScriptText[];
  /** Conditions that depend on build text written by outsiders, in the order of the text. */
  readonly decisions: readonly {
    readonly at: Location;
    /** What is asked for, by Drone's name: `build.message`. */
    readonly name: string;
    /** Whether the code that depends on it refers to secrets. */
    readonly withSecrets: boolean;
  }[];
}

export interface ScriptText extends Located<string> {
  readonly kind: 'string' | 'comment';
  /** The key whose value is this string and nothing else. */
  readonly key?: string;
}

/** A `kind: secret` document. */
export interface SecretDocument {
  readonly name?: Located<string>;
  readonly at: Location;
  readonly data?: Located<string>;
  readonly path?: Located<string>;
  readonly externalName?: Located<string>;
  /** `get.key`, which Drone ignores. */
  readonly externalKey?: Located<string>;
}

/** What a `${…}` occurs in. `comment` means all text that no decoder sees. */
export type SubstitutionSink =
  | 'command'
  | 'setting'
  | 'image'
  | 'environment'
  | 'name'
  | 'condition'
  | 'comment'
  | 'key'
  | 'other';

/** One `${…}` that the runner replaces before it reads the file; `$${…}` and `$NAME` are not replaced. */
export interface Substitution {
  /** Name of the variable; empty if the expression is malformed before it. */
  readonly name: string;
  /** As written, from `${` on. */
  readonly expression: string;
  /** `:-`, `//`, `^^`, `#` (without arguments: the length) and so on. */
  readonly operator?: string;
  /** What follows the operator, as written. */
  readonly arguments?: readonly string[];
  /** The runner refuses the file because of it. */
  readonly error?: 'bad substitution';
  /** Only runners other than docker (since 1.7.0) and kubernetes refuse the file because of it. */
  readonly olderError?: 'bad substitution';
  /** Its path is that of the value or key that contains it. */
  readonly at: Location;
  readonly sink: SubstitutionSink;
  /** The server reads this place too, before anything is replaced, and sees the text as written. */
  readonly literalToServer: boolean;
  /** The pipelines of the document that contains it; empty outside documents and in documents of other kinds. */
  readonly pipelines: readonly Pipeline[];
  /** The steps whose value or lines contain it; several if they share a value. */
  readonly steps: readonly Step[];
  /**
   * Events that reach its steps, or else its pipelines, or else any pipeline of the file. The replacement itself
   * happens at every event of any pipeline of the file, because the whole text is processed each time.
   */
  readonly events: ReadonlySet<DroneEvent>;
}

/** The whole file: a stream of documents as Drone splits it. */
export interface PipelineStream {
  readonly kind: 'document';
  readonly owner: string;
  readonly label: Text;
  readonly source: Source;
  readonly at: Location;
  readonly pipelines: readonly Pipeline[];
  readonly secrets: readonly SecretDocument[];
  readonly signatures: readonly { readonly at: Location; readonly hmac?: Located<string> }[];
  readonly templates: readonly { readonly at: Location; readonly load?: Located<string> }[];
  /** `kind: registry` documents, which no longer have any effect. */
  readonly registries: readonly { readonly at: Location; readonly data: readonly StepValue[] }[];
  /** `kind: cron` documents, which have no effect. */
  readonly crons: readonly {
    readonly at: Location;
    readonly name?: Located<string>;
    readonly schedule?: Located<string>;
    readonly branch?: Located<string>;
    readonly target?: Located<string>;
  }[];
  readonly legacy: boolean;
  /** Parts of the text that Drone's splitter discards. */
  readonly lost: readonly { readonly span: Span; readonly why: 'after separator' | 'after terminator' | 'long line' }[];
  /** What Drone's decoders refuse, in its own words. */
  readonly refusals: readonly {
    readonly message: Text;
    readonly at: Location;
    readonly by: 'server' | 'runner';
    /** Whether the runner, too, would refuse this place for the same reason. */
    readonly alsoBy?: 'runner';
  }[];
  /** What the runner's linter refuses as long as the repository is not trusted, in its own words. */
  readonly trustRefusals: readonly { readonly message: Text; readonly at: Location }[];
  /** In the order of the text; those within others too. Not those in whose place the matrix of a converted file has put values. */
  readonly substitutions: readonly Substitution[];
  /** Keys that Drone ignores. */
  readonly unknownKeys: readonly (Located<string> & {
    readonly parent: Text;
    readonly candidates: readonly string[];
    /** Where in this document the key would be known: `"when" of a step`. */
    readonly elsewhere?: string;
    /** Types of pipelines that know it at this place. */
    readonly types?: readonly string[];
  })[];
  /** Keys that are written twice, at the second place. */
  readonly duplicateKeys: readonly (Located<string> & {
    readonly first: Location;
    /** Whether both have the same value. */
    readonly equal: boolean;
    /** Drone reads the mapping as a list, so both entries are taken, one after the other. */
    readonly taken?: 'step' | 'service';
  })[];
  readonly lateMergeKeys: readonly (Located<string> & { readonly overrides: readonly string[] })[];
}

/** Steps and services, in this order. */
export const allSteps = memoizePer(({ steps, services }: Pipeline): readonly Step[] => [...steps, ...services]);

/** The subject of findings about a step, which `supersedes` compares. */
export function subjectOf({ section, name }: Step): string {
  return `${section}[${name}]`;
}
