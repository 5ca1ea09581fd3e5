import type { AnyRule } from '../../model/rule.ts';
import broadPrivilegedImage from './broad-privileged-image.ts';
import dindWithoutTls from './dind-without-tls.ts';
import dockerSocketVolume from './docker-socket-volume.ts';
import execPipeline from './exec-pipeline.ts';
import extraPrivilegedImage from './extra-privileged-image.ts';
import hostDevice from './host-device.ts';
import hostNetworkStep from './host-network-step.ts';
import hostVolume from './host-volume.ts';
import implicitlyPrivilegedStep from './implicitly-privileged-step.ts';
import nameOverride from './name-override.ts';
import pluginVolumesAllowed from './plugin-volumes-allowed.ts';
import privilegedStep from './privileged-step.ts';

export default [
  broadPrivilegedImage,
  dindWithoutTls,
  dockerSocketVolume,
  execPipeline,
  extraPrivilegedImage,
  hostDevice,
  hostNetworkStep,
  hostVolume,
  implicitlyPrivilegedStep,
  nameOverride,
  pluginVolumesAllowed,
  privilegedStep,
] satisfies readonly AnyRule[];
