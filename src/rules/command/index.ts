import type { AnyRule } from '../../model/rule.ts';
import cloneTlsCheckOff from './clone-tls-check-off.ts';
import ignoredGate from './ignored-gate.ts';
import looseFileRights from './loose-file-rights.ts';
import obfuscatedCommand from './obfuscated-command.ts';
import pluginTlsCheckOff from './plugin-tls-check-off.ts';
import poisonedCache from './poisoned-cache.ts';
import pushFromBuild from './push-from-build.ts';
import remoteScript from './remote-script.ts';
import remoteShell from './remote-shell.ts';
import submoduleWithCredential from './submodule-with-credential.ts';
import tlsCheckOff from './tls-check-off.ts';
import unlockedDependency from './unlocked-dependency.ts';
import unverifiedDownload from './unverified-download.ts';
import unverifiedSshHost from './unverified-ssh-host.ts';

export default [
  cloneTlsCheckOff,
  ignoredGate,
  looseFileRights,
  obfuscatedCommand,
  pluginTlsCheckOff,
  poisonedCache,
  pushFromBuild,
  remoteScript,
  remoteShell,
  submoduleWithCredential,
  tlsCheckOff,
  unlockedDependency,
  unverifiedDownload,
  unverifiedSshHost,
] satisfies readonly AnyRule[];
