import type { AnyRule } from '../../model/rule.ts';
import runnerReachableByLabel from './runner-reachable-by-label.ts';
import serverAndRunnerTogether from './server-and-runner-together.ts';
import sharedDataVolume from './shared-data-volume.ts';
import unservedPipeline from './unserved-pipeline.ts';

export default [
  runnerReachableByLabel,
  serverAndRunnerTogether,
  sharedDataVolume,
  unservedPipeline,
] satisfies readonly AnyRule[];
