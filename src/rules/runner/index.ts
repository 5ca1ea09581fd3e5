import type { AnyRule } from '../../model/rule.ts';
import controlPlaneNetworkForBuilds from './control-plane-network-for-builds.ts';
import debugShell from './debug-shell.ts';
import defaultBuildMachineAccess from './default-build-machine-access.ts';
import dockerSocketForBuilds from './docker-socket-for-builds.ts';
import execRunnerAsRoot from './exec-runner-as-root.ts';
import floatingCloneImage from './floating-clone-image.ts';
import globalRunnerSecrets from './global-runner-secrets.ts';
import hostPathForBuilds from './host-path-for-builds.ts';
import misusedRunnerEnvFile from './misused-runner-env-file.ts';
import nomadJobSecrets from './nomad-job-secrets.ts';
import secretInRunnerEnvironment from './secret-in-runner-environment.ts';
import sharedRegistryCredentials from './shared-registry-credentials.ts';
import unlimitedBuildResources from './unlimited-build-resources.ts';
import unrestrictedExecRunner from './unrestricted-exec-runner.ts';
import unrestrictedRunner from './unrestricted-runner.ts';

export default [
  controlPlaneNetworkForBuilds,
  debugShell,
  defaultBuildMachineAccess,
  dockerSocketForBuilds,
  execRunnerAsRoot,
  floatingCloneImage,
  globalRunnerSecrets,
  hostPathForBuilds,
  misusedRunnerEnvFile,
  nomadJobSecrets,
  secretInRunnerEnvironment,
  sharedRegistryCredentials,
  unlimitedBuildResources,
  unrestrictedExecRunner,
  unrestrictedRunner,
] satisfies readonly AnyRule[];
