export { default as broadScmScope } from './broad-scm-scope.ts';
export { default as cloneCredentialForPublicRepositories } from './clone-credential-for-public-repositories.ts';
export { default as cloneCredentialInEveryStep } from './clone-credential-in-every-step.ts';
export { default as missingScm } from './missing-scm.ts';
export { default as plainHttpScm } from './plain-http-scm.ts';
export { default as sharedCloneCredential } from './shared-clone-credential.ts';
export { default as sharedWebhookSecret } from './shared-webhook-secret.ts';
export { default as unverifiedScmCertificate } from './unverified-scm-certificate.ts';
