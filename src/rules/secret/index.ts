import type { AnyRule } from '../../model/rule.ts';
import brokenSecretDocument from './broken-secret-document.ts';
import droneCredentialInStep from './drone-credential-in-step.ts';
import externalSecretOnPullRequest from './external-secret-on-pull-request.ts';
import forwardedCloneCredential from './forwarded-clone-credential.ts';
import hardcodedSecret from './hardcoded-secret.ts';
import inlineSecret from './inline-secret.ts';
import nestedSecretReference from './nested-secret-reference.ts';
import plaintextSecretDocument from './plaintext-secret-document.ts';
import printedSecret from './printed-secret.ts';
import reusedSecret from './reused-secret.ts';
import sampleSecret from './sample-secret.ts';
import secretInBuildArgument from './secret-in-build-argument.ts';
import secretOnPullRequest from './secret-on-pull-request.ts';
import secretSentOut from './secret-sent-out.ts';
import secretWithRepositoryCode from './secret-with-repository-code.ts';
import sshPasswordLogin from './ssh-password-login.ts';
import tracedSecret from './traced-secret.ts';
import widelySharedSecret from './widely-shared-secret.ts';

export default [
  brokenSecretDocument,
  droneCredentialInStep,
  externalSecretOnPullRequest,
  forwardedCloneCredential,
  hardcodedSecret,
  inlineSecret,
  nestedSecretReference,
  plaintextSecretDocument,
  printedSecret,
  reusedSecret,
  sampleSecret,
  secretInBuildArgument,
  secretOnPullRequest,
  secretSentOut,
  secretWithRepositoryCode,
  sshPasswordLogin,
  tracedSecret,
  widelySharedSecret,
] satisfies readonly AnyRule[];
