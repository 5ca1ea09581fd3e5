import type { AnyRule } from '../../model/rule.ts';
import broadPrivilegedImage from './broad-privileged-image.ts';
import dockerSocketVolume from './docker-socket-volume.ts';
import extraPrivilegedImage from './extra-privileged-image.ts';
import pluginVolumesAllowed from './plugin-volumes-allowed.ts';
import privilegedStep from './privileged-step.ts';

export default [
  broadPrivilegedImage,
  dockerSocketVolume,
  extraPrivilegedImage,
  pluginVolumesAllowed,
  privilegedStep,
] satisfies readonly AnyRule[];
