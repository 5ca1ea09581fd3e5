import type { AnyRule } from '../../model/rule.ts';
import obsoleteDroneImage from './obsolete-drone-image.ts';
import otherProduct from './other-product.ts';
import outdatedExtension from './outdated-extension.ts';
import outdatedRunner from './outdated-runner.ts';
import outdatedServer from './outdated-server.ts';

export default [
  obsoleteDroneImage,
  otherProduct,
  outdatedExtension,
  outdatedRunner,
  outdatedServer,
] satisfies readonly AnyRule[];
