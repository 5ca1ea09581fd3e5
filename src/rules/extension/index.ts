import type { AnyRule } from '../../model/rule.ts';
import configChangesAfterValidation from './config-changes-after-validation.ts';
import missingBuildPolicy from './missing-build-policy.ts';
import missingExtensionToken from './missing-extension-token.ts';
import plainHttpExtension from './plain-http-extension.ts';
import publishedExtension from './published-extension.ts';
import secretExtensionOnServer from './secret-extension-on-server.ts';
import staticVaultToken from './static-vault-token.ts';
import unfilteredSecretExtension from './unfiltered-secret-extension.ts';
import unprotectedEventReceiver from './unprotected-event-receiver.ts';
import unverifiedExtensionCertificate from './unverified-extension-certificate.ts';
import weakExtensionToken from './weak-extension-token.ts';

export default [
  configChangesAfterValidation,
  missingBuildPolicy,
  missingExtensionToken,
  plainHttpExtension,
  publishedExtension,
  secretExtensionOnServer,
  staticVaultToken,
  unfilteredSecretExtension,
  unprotectedEventReceiver,
  unverifiedExtensionCertificate,
  weakExtensionToken,
] satisfies readonly AnyRule[];
