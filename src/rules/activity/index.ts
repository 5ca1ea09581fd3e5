export { default as debugBuild } from './debug-build.ts';
export { default as forkBuildWithSecrets } from './fork-build-with-secrets.ts';
export { default as overdueStepContainer } from './overdue-step-container.ts';
export { default as secretInBuildLog } from './secret-in-build-log.ts';
export { default as unapprovedBuildsWaiting } from './unapproved-builds-waiting.ts';
export { default as unknownRunner } from './unknown-runner.ts';
