import type { FindingLink } from './finding-link.ts';
import type { DroneEvent } from './pipeline.ts';
import type { ReportedProblem } from './report.ts';
import type { Text } from './text.ts';

/*
 * What `explain --file` tells about pipeline files: plain data, secrets masked, lines start at 1. Its schema is
 * schemas/pipeline-explanation.schema.json.
 */

export interface PipelineExplanation {
  readonly version: 1;
  readonly tool: { readonly name: 'drone-audit'; readonly version: string };
  readonly files: readonly ExplainedFile[];
  readonly problems: readonly ReportedProblem[];
}

export interface ExplainedFile {
  readonly file: string;
  /** Whether it is in a format from before 1.0: the server converts that of 0.8 and refuses older ones. */
  readonly legacy: boolean;
  readonly signed: boolean;
  readonly pipelines: readonly ExplainedPipeline[];
  /** `kind: secret` documents. */
  readonly secrets: readonly {
    readonly name: Text;
    readonly line: number;
    readonly origin: 'encrypted' | 'external' | 'nothing';
    /** Steps and pipelines that name it. */
    readonly usedBy: readonly Text[];
  }[];
  readonly refusals: readonly {
    readonly line: number;
    readonly message: Text;
    /** `runner of an untrusted repository`: refused only there. */
    readonly by: 'server' | 'runner' | 'runner of an untrusted repository';
  }[];
  /** Parts of the text that Drone does not treat as what they look like. */
  readonly ignored: readonly { readonly line: number; readonly message: Text }[];
  /** `${…}` that the runner replaces before it reads the file. */
  readonly substitutions: readonly {
    readonly line: number;
    readonly expression: Text;
    readonly where: Text;
    /** Who controls the text that is filled in, by the worst event that reaches the place. */
    readonly control: Text;
  }[];
  /** What an audit finds in it, outside of its pipelines. */
  readonly findings: readonly FindingLink[];
}

export interface ExplainedPipeline {
  readonly name: Text;
  readonly line: number;
  readonly type: Text;
  /** `linux/amd64`. */
  readonly platform: Text;
  readonly reach: ExplainedReach;
  /** As written: `branch: main`, `event: not pull_request`. */
  readonly conditions: readonly Text[];
  readonly trust: {
    /**
     * `needs trust`: runners refuse the pipeline in repositories that are not trusted; `always`: they run it everywhere;
     * `not checked`: a runner of this type ignores the flag.
     */
    readonly side: 'needs trust' | 'always' | 'not checked';
    readonly needs: readonly { readonly what: Text; readonly line: number }[];
  };
  /** Why no runner takes it; absent if one may. */
  readonly unserved?: Text;
  /** Secrets of the pipeline as a whole. */
  readonly secrets: readonly ExplainedSecret[];
  /** How the repository gets into the workspace: `by the runner, before all steps`. */
  readonly clone: Text;
  readonly dependsOn: readonly Text[];
  /** Labels that it requires of the runner: `instance=large`. */
  readonly node: readonly Text[];
  /** What a pod asks of its cluster, events that can never occur, pipelines that it does not wait for. */
  readonly notes: readonly Text[];
  readonly steps: readonly ExplainedStep[];
  /** What an audit finds in it, outside of its steps. */
  readonly findings: readonly FindingLink[];
}

export interface ExplainedReach {
  readonly events: readonly DroneEvent[];
  /** The weakest position that suffices to start it: `fork pull requests`. */
  readonly openTo: Text;
  /** Who can cause which event. */
  readonly causes: readonly { readonly event: DroneEvent; readonly by: Text }[];
  readonly reason: Text;
  readonly reasonLine?: number;
}

export interface ExplainedSecret {
  readonly name: Text;
  readonly line: number;
  /** The variable or key that holds it. */
  readonly variable: Text;
  readonly origin: 'stored' | 'encrypted' | 'external';
  /** Whether a pull request that gets here receives it; absent if none gets here. */
  readonly onPullRequest?: 'if flagged' | 'in private repositories' | 'if the extension agrees';
}

export interface ExplainedStep {
  readonly name: Text;
  readonly section: 'steps' | 'services';
  readonly line: number;
  /** `plugin`: runs what the image starts; `commands`: runs commands in the file. */
  readonly runs: 'commands' | 'plugin' | 'image';
  readonly image?: {
    readonly text: Text;
    readonly pinning: 'digest' | 'whole version' | 'part of a version' | 'floating' | 'variable';
  };
  readonly reach: ExplainedReach;
  readonly conditions: readonly Text[];
  /** What it may do to the machine: `ordinary container`, `privileged, as it asks`. */
  readonly privilege: { readonly level: 'ordinary' | 'privileged' | 'engine' | 'host'; readonly why: Text };
  readonly trustNeeds: readonly { readonly what: Text; readonly line: number }[];
  readonly secrets: readonly ExplainedSecret[];
  /** `its failure is ignored`, `runs in the background`, runs after a failure, events that can never occur. */
  readonly notes: readonly Text[];
  /** What an audit finds in it. */
  readonly findings: readonly FindingLink[];
}
