import type { AnyRule } from '../../model/rule.ts';
import broadScmScope from './broad-scm-scope.ts';
import cloneCredentialForPublicRepositories from './clone-credential-for-public-repositories.ts';
import cloneCredentialInEveryStep from './clone-credential-in-every-step.ts';
import plainHttpScm from './plain-http-scm.ts';
import sharedCloneCredential from './shared-clone-credential.ts';
import sharedWebhookSecret from './shared-webhook-secret.ts';
import unverifiedScmCertificate from './unverified-scm-certificate.ts';

export default [
  broadScmScope,
  cloneCredentialForPublicRepositories,
  cloneCredentialInEveryStep,
  plainHttpScm,
  sharedCloneCredential,
  sharedWebhookSecret,
  unverifiedScmCertificate,
] satisfies readonly AnyRule[];
