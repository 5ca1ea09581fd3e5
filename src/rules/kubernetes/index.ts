import type { AnyRule } from '../../model/rule.ts';
import missingKubernetesPolicy from './missing-kubernetes-policy.ts';
import powerfulRunnerAccount from './powerful-runner-account.ts';
import sharedKubernetesNamespace from './shared-kubernetes-namespace.ts';
import unmaskedEnvironmentExtension from './unmasked-environment-extension.ts';

export default [
  missingKubernetesPolicy,
  powerfulRunnerAccount,
  sharedKubernetesNamespace,
  unmaskedEnvironmentExtension,
] satisfies readonly AnyRule[];
