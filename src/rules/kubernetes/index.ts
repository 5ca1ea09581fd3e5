import type { AnyRule } from '../../model/rule.ts';
import chosenNamespace from './chosen-namespace.ts';
import chosenNode from './chosen-node.ts';
import chosenServiceAccount from './chosen-service-account.ts';
import kubernetesVolume from './kubernetes-volume.ts';
import memoryVolumeSpelling from './memory-volume-spelling.ts';
import missingKubernetesPolicy from './missing-kubernetes-policy.ts';
import powerfulRunnerAccount from './powerful-runner-account.ts';
import sharedKubernetesNamespace from './shared-kubernetes-namespace.ts';
import unmaskedEnvironmentExtension from './unmasked-environment-extension.ts';

export default [
  chosenNamespace,
  chosenNode,
  chosenServiceAccount,
  kubernetesVolume,
  memoryVolumeSpelling,
  missingKubernetesPolicy,
  powerfulRunnerAccount,
  sharedKubernetesNamespace,
  unmaskedEnvironmentExtension,
] satisfies readonly AnyRule[];
