export { default as automaticImageUpdates } from './automatic-image-updates.ts';
export { default as foreignDrone } from './foreign-drone.ts';
export { default as runnerReachableByLabel } from './runner-reachable-by-label.ts';
export { default as runningDiffersFromDeclared } from './running-differs-from-declared.ts';
export { default as serverAndRunnerTogether } from './server-and-runner-together.ts';
export { default as sharedDataVolume } from './shared-data-volume.ts';
export { default as unservedPipeline } from './unserved-pipeline.ts';
