import type { AnyRule } from '../../model/rule.ts';
import missingRpcSecret from './missing-rpc-secret.ts';
import plainHttpRpc from './plain-http-rpc.ts';
import rpcDump from './rpc-dump.ts';
import rpcSecretMismatch from './rpc-secret-mismatch.ts';
import unverifiedRpcCertificate from './unverified-rpc-certificate.ts';
import weakRpcSecret from './weak-rpc-secret.ts';

export default [
  missingRpcSecret,
  plainHttpRpc,
  rpcDump,
  rpcSecretMismatch,
  unverifiedRpcCertificate,
  weakRpcSecret,
] satisfies readonly AnyRule[];
