import type { AnyRule } from '../../model/rule.ts';
import cachedMutableImage from './cached-mutable-image.ts';
import imageFromVariable from './image-from-variable.ts';
import imageOutsidePolicy from './image-outside-policy.ts';
import knownBadImage from './known-bad-image.ts';
import misspeltImage from './misspelt-image.ts';
import pullCredentialsOnPullRequest from './pull-credentials-on-pull-request.ts';
import unattestedRelease from './unattested-release.ts';
import unmaintainedImage from './unmaintained-image.ts';
import unpinnedImage from './unpinned-image.ts';

export default [
  cachedMutableImage,
  imageFromVariable,
  imageOutsidePolicy,
  knownBadImage,
  misspeltImage,
  pullCredentialsOnPullRequest,
  unattestedRelease,
  unmaintainedImage,
  unpinnedImage,
] satisfies readonly AnyRule[];
