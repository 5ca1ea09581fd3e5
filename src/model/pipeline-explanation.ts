import type { DroneEvent } from './pipeline.ts';
import type { Problem } from './report.ts';

/*
 * What `explain --file` tells about pipeline files: plain data, secrets masked, lines start at 1. Its schema is
 * schemas/pipeline-explanation.schema.json.
 */

export interface PipelineExplanation {
  readonly version: 1;
  readonly tool: { readonly name: 'drone-audit'; readonly version: string };
  readonly files: readonly ExplainedFile[];
  readonly problems: readonly Problem[];
}

export interface ExplainedFile {
  readonly file: string;
  /** Whether it is in a format from before 1.0: the server converts that of 0.8 and refuses older ones. */
  readonly legacy: boolean;
  readonly signed: boolean;
  readonly pipelines: readonly ExplainedPipeline[];
  /** `kind: secret` documents. */
  readonly secrets: readonly {
    readonly name: string;
    readonly line: number;
    readonly origin: 'encrypted' | 'external' | 'nothing';
    /** Steps and pipelines that name it. */
    readonly usedBy: readonly string[];
  }[];
  readonly refusals: readonly {
    readonly line: number;
    readonly message: string;
    /** `runner of an untrusted repository`: refused only there. */
    readonly by: 'server' | 'runner' | 'runner of an untrusted repository';
  }[];
  /** Parts of the text that Drone does not treat as what they look like. */
  readonly ignored: readonly { readonly line: number; readonly message: string }[];
  /** `${…}` that the runner replaces before it reads the file. */
  readonly substitutions: readonly {
    readonly line: number;
    readonly expression: string;
    readonly where: string;
    /** Who controls the text that is filled in, by the worst event that reaches the place. */
    readonly control: string;
  }[];
}

export interface ExplainedPipeline {
  readonly name: string;
  readonly line: number;
  readonly type: string;
  /** `linux/amd64`. */
  readonly platform: string;
  readonly reach: ExplainedReach;
  /** As written: `branch: main`, `event: not pull_request`. */
  readonly conditions: readonly string[];
  readonly trust: ExplainedTrust;
  /** Why no runner takes it; absent if one may. */
  readonly unserved?: string;
  /** Secrets of the pipeline as a whole. */
  readonly secrets: readonly ExplainedSecret[];
  /** How the repository gets into the workspace: `by the runner, before all steps`. */
  readonly clone: string;
  readonly dependsOn: readonly string[];
  /** Labels that it requires of the runner: `instance=large`. */
  readonly node: readonly string[];
  /** What a pod asks of its cluster, events that can never occur, pipelines that it does not wait for. */
  readonly notes: readonly string[];
  readonly steps: readonly ExplainedStep[];
}

export interface ExplainedReach {
  readonly events: readonly DroneEvent[];
  /** The weakest position that suffices to start it: `fork pull requests`. */
  readonly openTo: string;
  /** Who can cause which event. */
  readonly causes: readonly { readonly event: DroneEvent; readonly by: string }[];
  readonly reason: string;
  readonly reasonLine?: number;
}

export interface ExplainedTrust {
  /**
   * `needs trust`: runners refuse the pipeline in repositories that are not trusted; `always`: they run it everywhere;
   * `not checked`: a runner of this type ignores the flag.
   */
  readonly side: 'needs trust' | 'always' | 'not checked';
  readonly needs: readonly { readonly what: string; readonly line: number }[];
}

export interface ExplainedSecret {
  readonly name: string;
  readonly line: number;
  /** The variable or key that holds it. */
  readonly variable: string;
  readonly origin: 'stored' | 'encrypted' | 'external';
  /** Whether a pull request that gets here receives it; absent if none gets here. */
  readonly onPullRequest?: 'if flagged' | 'in private repositories' | 'if the extension agrees';
}

export interface ExplainedStep {
  readonly name: string;
  readonly section: 'steps' | 'services';
  readonly line: number;
  /** `plugin`: runs what the image starts; `commands`: runs commands in the file. */
  readonly runs: 'commands' | 'plugin' | 'image';
  readonly image?: {
    readonly text: string;
    readonly pinning: 'digest' | 'whole version' | 'part of a version' | 'floating' | 'variable';
  };
  readonly reach: ExplainedReach;
  readonly conditions: readonly string[];
  /** What it may do to the machine: `ordinary container`, `privileged, as it asks`. */
  readonly privilege: { readonly level: 'ordinary' | 'privileged' | 'engine' | 'host'; readonly why: string };
  readonly trustNeeds: readonly { readonly what: string; readonly line: number }[];
  readonly secrets: readonly ExplainedSecret[];
  /** `its failure is ignored`, `runs in the background`, runs after a failure, events that can never occur. */
  readonly notes: readonly string[];
}
