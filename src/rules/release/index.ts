export { default as communityBuildLimits } from './community-build-limits.ts';
export { default as obsoleteDroneImage } from './obsolete-drone-image.ts';
export { default as otherProduct } from './other-product.ts';
export { default as outdatedExtension } from './outdated-extension.ts';
export { default as outdatedRunner } from './outdated-runner.ts';
export { default as outdatedServer } from './outdated-server.ts';
