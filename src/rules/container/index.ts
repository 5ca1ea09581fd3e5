import type { AnyRule } from '../../model/rule.ts';
import dangerousCapability from './dangerous-capability.ts';
import dockerSocketMount from './docker-socket-mount.ts';
import exposedPort from './exposed-port.ts';
import hostDeviceMount from './host-device-mount.ts';
import hostNamespace from './host-namespace.ts';
import hostNetwork from './host-network.ts';
import hostPathMount from './host-path-mount.ts';
import permissiveSocketProxy from './permissive-socket-proxy.ts';
import plainDockerDaemon from './plain-docker-daemon.ts';
import privilegedContainer from './privileged-container.ts';
import securityProfileOff from './security-profile-off.ts';
import sharedMountPropagation from './shared-mount-propagation.ts';
import unhardenedContainer from './unhardened-container.ts';
import unkeptLogs from './unkept-logs.ts';
import unpinnedContainerImage from './unpinned-container-image.ts';

export default [
  dangerousCapability,
  dockerSocketMount,
  exposedPort,
  hostDeviceMount,
  hostNamespace,
  hostNetwork,
  hostPathMount,
  permissiveSocketProxy,
  plainDockerDaemon,
  privilegedContainer,
  securityProfileOff,
  sharedMountPropagation,
  unhardenedContainer,
  unkeptLogs,
  unpinnedContainerImage,
] satisfies readonly AnyRule[];
