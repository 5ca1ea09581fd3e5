/*
 * What Kubernetes makes of a Job, as far as examples/fleet relies on it: indexes, retries and rules for exit codes
 * (kubernetes.io/docs/concepts/workloads/controllers/job). It waits for nothing between two tries. With the Jobs of the example it
 * ends as the Job controller of Kubernetes 1.34.4 does, index by index: without findings, with some, with some everywhere, with a
 * wrong option, and with an index that is killed once or always.
 */

interface Rule {
  readonly action: 'Ignore' | 'Count' | 'FailIndex' | 'FailJob';
  readonly onExitCodes?: {
    readonly containerName?: string;
    readonly operator: 'In' | 'NotIn';
    readonly values: readonly number[];
  };
  readonly onPodConditions?: readonly { readonly type: string; readonly status?: string }[];
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args: readonly string[];
  readonly workingDir: string;
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
}

export interface Job {
  readonly kind: 'Job';
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: {
    readonly completionMode?: 'Indexed';
    readonly completions?: number;
    readonly parallelism?: number;
    readonly backoffLimit?: number;
    readonly backoffLimitPerIndex?: number;
    readonly maxFailedIndexes?: number;
    readonly podFailurePolicy: { readonly rules: readonly Rule[] };
    readonly template: { readonly spec: { readonly containers: readonly [Container] } };
  };
}

/** How a pod ended: the status of its container, or that its node was drained. */
export type Ending = number | 'disrupted';

/** Starts the pod of an index for the nth time, from 1. */
export type Start = (container: Container, index: number, time: number) => Promise<Ending>;

export interface Outcome {
  /** The reason of the condition Failed; absent for a Job that is complete. */
  readonly failed?: 'FailedIndexes' | 'MaxFailedIndexesExceeded' | 'PodFailurePolicy' | 'BackoffLimitExceeded';
  readonly failedIndexes: readonly number[];
  /** How often the pod of each index was started. */
  readonly starts: readonly number[];
}

/** Runs an Indexed Job to its end. */
export async function runIndexedJob(job: Job, start: Start): Promise<Outcome> {
  const { completions = 1, parallelism = 1, backoffLimitPerIndex = 0, maxFailedIndexes = completions } = job.spec;
  const starts = Array.from({ length: completions }, () => 0);
  const failedIndexes: number[] = [];
  let failed: Outcome['failed'];
  let next = 0;

  async function runIndex(index: number): Promise<void> {
    for (let failures = 0; failed === undefined; ) {
      starts[index] = (starts[index] ?? 0) + 1;
      const action = await endOf(job, index, starts[index] ?? 0, start);
      if (action === 'Complete') return;
      if (action === 'FailJob') failed = 'PodFailurePolicy';
      if (action === 'Count') failures++;
      if (action === 'FailIndex' || failures > backoffLimitPerIndex) {
        failedIndexes.push(index);
        if (failedIndexes.length > maxFailedIndexes) failed = 'MaxFailedIndexesExceeded';
        return;
      }
    }
  }
  async function worker(): Promise<void> {
    while (next < completions && failed === undefined) await runIndex(next++);
  }
  await Promise.all(Array.from({ length: parallelism }, worker));
  if (failed === undefined && failedIndexes.length > 0) failed = 'FailedIndexes';
  return { failed, failedIndexes: failedIndexes.sort((a, b) => a - b), starts };
}

/** Runs a Job of one pod to its end. */
export async function runJob(job: Job, start: Start): Promise<Outcome> {
  const { backoffLimit = 6 } = job.spec;
  for (let time = 1, failures = 0; ; time++) {
    const action = await endOf(job, 0, time, start);
    if (action === 'Count') failures++;
    if (action === 'Complete') return { failedIndexes: [], starts: [time] };
    if (action === 'FailJob') return { failed: 'PodFailurePolicy', failedIndexes: [], starts: [time] };
    if (failures > backoffLimit) return { failed: 'BackoffLimitExceeded', failedIndexes: [], starts: [time] };
  }
}

async function endOf(job: Job, index: number, time: number, start: Start): Promise<Rule['action'] | 'Complete'> {
  const [container] = job.spec.template.spec.containers;
  const ending = await start(container, index, time);
  if (ending === 0) return 'Complete';
  const rule = job.spec.podFailurePolicy.rules.find((each) => matches(each, container, ending));
  return rule?.action ?? 'Count';
}

function matches({ onExitCodes, onPodConditions }: Rule, container: Container, ending: Ending): boolean {
  if (ending === 'disrupted') return onPodConditions?.some(({ type }) => type === 'DisruptionTarget') ?? false;
  if (onExitCodes === undefined) return false;
  if (onExitCodes.containerName !== undefined && onExitCodes.containerName !== container.name) return false;
  return onExitCodes.values.includes(ending) === (onExitCodes.operator === 'In');
}
